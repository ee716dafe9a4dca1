package server

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var findPages = []view.Page{findIndex{}}

// findIndex is what a number, an organisation or a title led to in the workspace.
type findIndex struct {
	view.Work
	Table view.Table
	Empty *view.Empty
	Lead  string
}

func (findIndex) Template() string { return "page/find/index" }

// findShown is how much a search in the workspace shows: more is a reason to type more.
const findShown = 50

func (s *Server) findShow(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, findLimit); err != nil {
		return err
	}
	q := market.Truncate(market.Normalize(strings.ToValidUTF8(c.QueryParam("q"), "")), 60)
	if q == "" {
		return c.Redirect(http.StatusSeeOther, "/work")
	}
	hits, err := s.Store.Find(c.Request().Context(), a, q, findShown)
	if err != nil {
		return err
	}
	work, err := s.work(c, a, "查找“"+q+"”")
	if err != nil {
		return err
	}
	work.FindQ = q
	page := findIndex{Work: work, Lead: fmt.Sprintf("编号、单位或题名含“%s”的共 %d 件", q, len(hits))}
	if len(hits) == findShown {
		page.Lead = fmt.Sprintf("编号、单位或题名含“%s”的很多，下面是前 %d 件；多写几个字再查", q, findShown)
	}
	if len(hits) == 0 {
		page.Lead = ""
		page.Empty = &view.Empty{Title: "没有找到", Text: "这里只查您能办理的事项。公开的需求和成果请用首页的搜索。",
			Actions: []view.Action{{Label: "搜索公开的需求和成果", Href: searchHref(market.Conditions{Text: q})}}}
	}
	page.Table = view.Table{Label: "查找结果", Caption: "查找结果", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "事项"}, {Label: "类型"}, {Label: "单位"}, {Label: "状态"}}}
	for _, h := range hits {
		kind, path, state := hitWords(h)
		page.Table.Rows = append(page.Table.Rows, view.TableRow{Cells: []view.Cell{{Text: h.Title, Href: path, Sub: h.Number}, {Text: kind}, {Text: h.Who}, {Text: state}}})
	}
	return s.render(c, page)
}

// hitWords names a hit's kind and state and says where it leads.
func hitWords(h store.Hit) (kind, path, state string) {
	switch h.Kind {
	case "inquiry":
		return "对接", fmt.Sprintf("/inquiries/%d", h.ID), market.InquiryState(h.State).Name()
	case "contract":
		return "合同", fmt.Sprintf("/contracts/%d", h.ID), market.ContractState(h.State).Name()
	case "challenge":
		return "榜单", challengePath(h.ID), market.ChallengeState(h.State).Name()
	case "org":
		return "单位", fmt.Sprintf("/review/orgs/%d", h.ID), market.OrgState(h.State).Name()
	}
	listing := market.Kind(h.Kind)
	return market.Subject(listing).Name(), listingPath(listing, h.ID), market.ListingState(h.State).Name(listing)
}
