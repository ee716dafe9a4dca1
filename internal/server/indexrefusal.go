package server

import (
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var indexRefusalPages = []view.Page{indexRefusals{}}

// indexRefusals lists the published listings that the search engine would not take.
type indexRefusals struct {
	view.Work
	Rows  []refusedRow
	Empty view.Empty
	Pager view.Pager
}

func (indexRefusals) Template() string { return "page/review/refused" }

// refusedRow is such a listing in the list.
type refusedRow struct {
	market.IndexRefusal
	Name   string // of its kind
	Href   string
	Reason string
}

func (s *Server) indexRefusals(c echo.Context, a market.Actor) error {
	number := pageNumber(c)
	list, total, err := s.Store.IndexRefusals(c.Request().Context(), a, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := indexRefusals{Empty: view.Empty{Title: "公开的内容都能搜到", Text: "搜索引擎拒收的内容会列在这里：不会反复重试，也不影响其他内容"}}
	if page.Work, err = s.work(c, a, "搜不到的内容"); err != nil {
		return err
	}
	for _, x := range list {
		page.Rows = append(page.Rows, refusedRow{IndexRefusal: x, Name: market.Subject(x.Kind).Name(), Href: listingPath(x.Kind, x.ListingID),
			Reason: strings.TrimPrefix(x.Reason, "search: refused: ")})
	}
	page.Pager = view.NewPager(number, workPage, total, "项", func(n int) string { return fmt.Sprintf("/review/refused?page=%d", n) })
	return s.render(c, page)
}

func (s *Server) indexRetry(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.RetryIndexing(c.Request().Context(), a, id); err != nil {
		return err
	}
	return s.done(c, "/review/refused", "已重新提交给搜索引擎，通常几秒钟有结果：收下了，这一项就从列表里消失；还是拒收，这里会显示新的原因")
}
