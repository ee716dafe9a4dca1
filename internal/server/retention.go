package server

import (
	"fmt"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

var retentionPages = []view.Page{retentionIndex{}}

// retentionIndex is how long what is kept, and how much of it there is.
type retentionIndex struct {
	view.Work
	Lines []retentionLine
}

func (retentionIndex) Template() string { return "page/admin/retention" }

type retentionLine struct {
	Name, What, Basis, Since, After, From string
	Long                                  string
	Rows                                  string
	Oldest, Until                         string
	Older                                 []string
}

// retentionIndex shows the classes to administrators and auditors.
func (s *Server) retentionIndex(c echo.Context, a market.Actor) error {
	found, err := s.Store.Retention(c.Request().Context(), a, s.Service.Today())
	if err != nil {
		return err
	}
	page := retentionIndex{}
	if page.Work, err = s.work(c, a, "保存期限"); err != nil {
		return err
	}
	for _, r := range found {
		line := retentionLine{Name: r.Name, What: r.What, Basis: r.Basis, Since: r.Since, After: r.After, From: view.Date(r.ValidFrom), Long: retentionTime(r.RetentionClass), Rows: view.Num(r.Rows), Oldest: "—", Until: "—"}
		if r.Oldest != nil {
			line.Oldest = view.Date(*r.Oldest)
			line.Until = "不删除"
			if until := r.RetentionClass.Until(*r.Oldest); until != nil {
				line.Until = view.Date(*until)
			}
		}
		for _, o := range r.Older {
			line.Older = append(line.Older, fmt.Sprintf("%s 起：%s（%s）", view.Date(o.ValidFrom), retentionTime(o), o.Basis))
		}
		page.Lines = append(page.Lines, line)
	}
	return s.render(c, page)
}

// retentionTime is how long, in words.
func retentionTime(c market.RetentionClass) string {
	switch {
	case c.Months == nil:
		return "永久"
	case *c.Months%12 == 0:
		return fmt.Sprintf("%d 年", *c.Months/12)
	}
	return fmt.Sprintf("%d 个月", *c.Months)
}
