package server

import (
	"fmt"
	"slices"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

var renewalPages = []view.Page{renewalShow{}}

// renewalShow is what the link in a letter about the end of validity opens.
type renewalShow struct {
	view.Base
	Secret string
	Org    string
	Field  view.Field // the listings, nothing when there are none
}

func (renewalShow) Template() string { return "page/renewal/show" }

func (s *Server) renewalShow(c echo.Context, a market.Actor) error {
	return s.showRenewal(c, a, c.QueryParam("t"), nil, nil)
}

// showRenewal shows the listings, all ticked at first, later as they were.
func (s *Server) showRenewal(c echo.Context, a market.Actor, secret string, ticked []int64, err error) error {
	opened, loadErr := s.Service.Renewal(c.Request().Context(), secret)
	if loadErr != nil {
		return loadErr
	}
	page := renewalShow{Base: s.base(c, a, "确认仍然有效"), Secret: secret, Org: opened.Actor.OrgName}
	page.NoIndex = true
	page.Errors = errorSummary(err)
	page.Field = view.Field{Kind: view.KindChecks, Name: "ids", Label: "仍然有效的", Hint: "没有勾选的，到期自动停止公开", Cards: true, Error: errorsOf(err)["ids"]}
	for _, l := range opened.Listings {
		page.Field.Options = append(page.Field.Options, view.Option{Value: fmt.Sprint(l.ID), Label: l.Title,
			Hint: joinFacts(kindName(l.Kind)+" "+l.Number, "公开到 "+view.Date(l.ValidUntil)), Checked: err == nil || slices.Contains(ticked, l.ID)})
	}
	return s.renderStatus(c, formStatus(err), page)
}

func (s *Server) renewalDo(c echo.Context, a market.Actor) error {
	ids := formIDs(c, "ids")
	n, err := s.Service.Renew(c.Request().Context(), a, c.FormValue("t"), ids)
	if market.IsKind(err, market.Invalid) {
		return s.showRenewal(c, a, c.FormValue("t"), ids, err)
	}
	if err != nil {
		return err
	}
	next := "/"
	if a.SignedIn() {
		next = "/work"
	}
	return s.done(c, next, fmt.Sprintf("已确认 %d 项仍然有效，公开的有效期从今天重新计算", n))
}
