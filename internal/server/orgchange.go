package server

import (
	"fmt"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

var orgChangePages = []view.Page{orgChangeNew{}}

// orgChangeNew is the form that asks for another name, code or type of a verified organisation.
type orgChangeNew struct {
	view.Work
	Name    string
	Fields  []view.Field
	Notes   []view.Alert // what a check of the code found
	Key     string
	Licence string // id of the file that was uploaded already
}

func (orgChangeNew) Template() string { return "page/org/change" }

func (s *Server) orgChangeNew(c echo.Context, a market.Actor) error {
	o, err := s.Store.Org(c.Request().Context(), a, a.OrgID)
	if err != nil {
		return err
	}
	if o.State != market.OrgVerified {
		return market.Errorf(market.Denied, "单位通过核验以后才用变更申请，现在是“%s”", o.State.Name())
	}
	return s.showChangeForm(c, a, market.OrgChange{Name: o.Name, USCC: o.USCC, Type: o.Type}, formKey(), nil)
}

func (s *Server) orgChangeCreate(c echo.Context, a market.Actor) error {
	if err := readForm(c); err != nil {
		return err
	}
	change := market.OrgChange{Name: c.FormValue("name"), USCC: market.USCC(c.FormValue("uscc")), Type: market.OrgType(c.FormValue("type")), Note: c.FormValue("note")}
	key := c.FormValue("key")
	var err error
	if change.Licence, err = s.postedPaper(c, a, market.FileLicence); err == nil {
		_, err = s.Service.RequestOrgChange(c.Request().Context(), a, change, key)
	}
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showChangeForm(c, a, change, key, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/org", "变更申请已提交。核验通过以前，仍按原资料办理")
}

func (s *Server) orgChangeWithdraw(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.WithdrawOrgChange(c.Request().Context(), a, id); err != nil {
		return s.ownOrgAgain(c, a, ownOrgForm{err: err})
	}
	return s.done(c, "/org", "变更申请已撤回，资料没有改动")
}

func (s *Server) showChangeForm(c echo.Context, a market.Actor, change market.OrgChange, key string, failed error) error {
	now, err := s.Store.Org(c.Request().Context(), a, a.OrgID)
	if err != nil {
		return err
	}
	page := orgChangeNew{Name: now.Name, Key: key, Licence: change.Licence}
	if page.Work, err = s.work(c, a, "变更名称、代码或类型"); err != nil {
		return err
	}
	markCurrent(page.SideGroups, "/org")
	page.Errors = failure(failed)
	at := errorsOf(failed)
	typed := market.Org{Name: change.Name, USCC: change.USCC, Type: change.Type, Licence: nonEmpty(change.Licence)}
	page.Notes = codeNotes(typed)
	page.Fields = s.orgIdentityFields(typed, at)
	for i, present := range []string{now.Type.Name(), now.USCC.Grouped(), now.Name} {
		page.Fields[i].Hint = "现在是：" + present
	}
	licence := s.licenceField(c, a, typed, at)
	licence.Label, licence.Optional = "变更后的营业执照或法人证书", false
	licence.Hint = fmt.Sprintf("PDF 或图片，不超过 %d MB，不公开。工作人员对照它核验", market.MaxFile>>20)
	page.Fields = append(page.Fields, licence, view.Field{Name: "note", Kind: view.KindArea, Label: "变更说明", Optional: true,
		Hint: "例：经市场监管部门核准更名。工作人员会看到", Lines: 3, Max: market.MaxChangeNote, Value: change.Note, Error: at["note"]})
	return s.renderStatus(c, errorStatus(failed), page)
}

// changeNotice tells the people of an organisation where its newest request stands, with the button that takes it back.
// Both are nil when there is nothing to tell.
func (s *Server) changeNotice(c echo.Context, a market.Actor, o market.Org) (*view.Alert, *view.Ask, error) {
	change, err := s.Store.LastOrgChange(c.Request().Context(), a, o.ID)
	if market.IsKind(err, market.NotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	switch change.State {
	case market.OrgChangePending:
		alert := &view.Alert{Title: "变更正在核验", Text: fmt.Sprintf("%s申请：%s。核验通过以前，仍按原资料办理和公开", view.DateCN(change.RequestedAt), changeWords(change))}
		if a.Role != market.Owner || o.State != market.OrgVerified {
			return alert, nil, nil
		}
		return alert, &view.Ask{Label: "撤回变更申请", Button: "撤回变更申请", Href: fmt.Sprintf("/org/changes/%d/withdraw", change.ID),
			Text: "撤回后不再核验，单位资料不变；以后可以重新申请。"}, nil
	case market.OrgChangeReturned:
		return &view.Alert{Kind: view.AlertWarn, Title: "变更被退回：" + s.ref.OrgReturn.Name(pointed(change.ReasonCode)),
			Text: fmt.Sprintf("申请的是：%s。%s。单位仍按原资料办理，改好后可以重新申请", changeWords(change), change.Reason)}, nil, nil
	}
	return nil, nil, nil
}

// changeWords names what a request would make of the organisation.
func changeWords(c market.OrgChange) string {
	text := ""
	for _, line := range changeSides(c) {
		if !line.changed() {
			continue
		}
		if text != "" {
			text += "，"
		}
		text += line.label + "改为“" + line.after + "”"
	}
	return text
}

// changeSide is a line of a request: what was verified, and what it is to be.
type changeSide struct{ label, before, after string }

func (s changeSide) changed() bool { return s.before != s.after }

func changeSides(c market.OrgChange) []changeSide {
	return []changeSide{{"名称", c.OldName, c.Name}, {"信用代码", c.OldUSCC.Grouped(), c.USCC.Grouped()}, {"类型", c.OldType.Name(), c.Type.Name()}}
}
