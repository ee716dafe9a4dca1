package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

// showOrgReview shows an organisation to a reviewer, with the form as it was filled in.
func (s *Server) showOrgReview(c echo.Context, a market.Actor, id int64, form reviewForm, err error) error {
	ctx := c.Request().Context()
	o, loadErr := s.Store.Org(ctx, a, id)
	if loadErr != nil {
		return loadErr
	}
	if !a.Reaches(o.Region, market.Reviewer) {
		return market.ErrNotFound
	}
	others, loadErr := s.rivals(ctx, a, o.USCC, o.ID)
	if loadErr != nil {
		return loadErr
	}
	own, loadErr := s.Store.Interested(ctx, a.UserID, market.Object{Kind: "org", ID: o.ID}, o.ID)
	if loadErr != nil {
		return loadErr
	}
	page, loadErr := s.reviewPageOf(c, a, market.SubjectOrg, id, o.Name, form, err)
	if loadErr != nil {
		return loadErr
	}
	page.Party, page.Sub = view.Party{}, []string{o.Type.Name(), s.orgPlace(o)}
	page.Demo, page.State = o.Demo, orgState(o.State)
	page.Notes = s.orgWarnings(o, others)
	page.Content = s.orgContent(o)
	if page.Content.Private, loadErr = s.withLicence(ctx, a, o, page.Content.Private); loadErr != nil {
		return loadErr
	}
	if page.Rivals, loadErr = s.compareClaims(ctx, a, o, others.seen); loadErr != nil {
		return loadErr
	}
	page.ChecksOf = "核对单：单位"
	switch o.State {
	case market.OrgPending:
		due := s.reviewDue(market.SubjectOrg, *o.SubmittedAt)
		page.Due = &due
		page.Checks = tickList(market.SubjectOrg, form.ticks, s.orgFindings(o, others), errorsOf(err))
		page.Decide = s.orgDecision(o, own, form, err)
	case market.OrgVerified, market.OrgSuspended:
		page.Halt = orgHalt(o, form, err)
		record, loadErr := s.orgRecordFacts(ctx, id)
		if loadErr != nil {
			return loadErr
		}
		page.Org, page.OrgRef = record, view.Link{Label: "公开页", Href: orgPath(id)}
	}
	return s.renderReview(c, a, page, id, err)
}

// orgWarnings are what a reviewer must look at before anything else.
func (s *Server) orgWarnings(o market.Org, others rivals) []view.Alert {
	var notes []view.Alert
	for _, other := range others.seen {
		text := fmt.Sprintf("“%s”也用这个信用代码，现在是“%s”。两家只能有一家通过核验，请核对证照", other.Name, other.standing())
		notes = append(notes, view.Alert{Kind: view.AlertWarn, Title: "同一代码有别的单位登记", Text: text,
			Link: &view.Link{Label: "看这家单位", Href: other.path()}})
	}
	if others.elsewhere > 0 {
		notes = append(notes, view.Alert{Kind: view.AlertWarn, Title: "同一代码在别的县区也有登记",
			Text: fmt.Sprintf("别的县区还有 %d 家单位用这个信用代码。只能有一家通过核验，决定前请与市级审核人员核对", others.elsewhere)})
	}
	if !o.USCC.FitsOrgType(o.Type) {
		notes = append(notes, view.Alert{Kind: view.AlertWarn, Title: "单位类型与代码不常见",
			Text: fmt.Sprintf("代码属%s，单位选的是“%s”。请对照证照核对类型", o.USCC.CategoryName(), o.Type.Name())})
	}
	if !o.USCC.InnerValid() {
		notes = append(notes, view.Alert{Kind: view.AlertWarn, Title: "代码里的主体标识码校验不符",
			Text: "第 9～17 位不符合 GB 11714 的校验。早年发放的代码有这种情况，不能据此退回，请逐位对照证照"})
	}
	return notes
}

// withLicence adds the licence to what only reviewers see.
func (s *Server) withLicence(ctx context.Context, a market.Actor, o market.Org, facts []view.Fact) ([]view.Fact, error) {
	return s.withPaper(ctx, a, facts, "证照", o.Licence)
}

// withPaper adds a file that may be missing.
func (s *Server) withPaper(ctx context.Context, a market.Actor, facts []view.Fact, label string, id *string) ([]view.Fact, error) {
	if id == nil {
		return append(facts, view.Fact{Label: label, Text: "没有上传"}), nil
	}
	f, err := s.Store.File(ctx, a, *id)
	if err != nil {
		return nil, err
	}
	return append(facts, view.Fact{Label: label, Text: fmt.Sprintf("%s（%s，%s 上传）", f.Name, view.FileSize(f.Size), view.Date(f.CreatedAt)), Href: "/files/" + f.ID}), nil
}

func (s *Server) orgContent(o market.Org) reviewContent {
	facts := []view.Fact{{Label: "单位全称", Text: o.Name}, {Label: "类型", Text: o.Type.Name()}, {Label: "所在地", Text: s.orgPlace(o)},
		{Label: "统一社会信用代码", Text: o.USCC.Grouped(), Code: true}}
	content := reviewContent{Heading: "公众将看到", Note: "核验后按原样公开", Facts: facts, Private: []view.Fact{
		{Label: "法定代表人", Text: dash(o.LegalRep)}, {Label: "地址", Text: dash(o.Address)},
		{Label: "单位性质", Text: dash(s.ref.PartyTypes.Name(pointed(o.PartyType)))}, {Label: "行业门类", Text: dash(s.ref.Industries.Name(pointed(o.Industry)))},
		{Label: "企业规模", Text: dash(market.OrgScales.Name(pointed(o.Scale)))}}}
	if o.State == market.OrgVerified {
		content.Note, content.Preview = "按公开页的内容", orgPath(o.ID)
	}
	if o.About != "" {
		content.Texts = []reviewText{{"单位简介", o.About}}
	}
	return content
}

// orgFindings are what the market itself found, line by line of the check list.
func (s *Server) orgFindings(o market.Org, others rivals) map[string]evidence {
	found := map[string]evidence{
		"code":  foundOK("校验位相符，%s，登记地%s", o.USCC.CategoryName(), dash(s.placeOfCode(o.USCC))),
		"name":  toAsk("请对照证照逐字核对：%s", o.Name),
		"place": toAsk("填报：%s，%s", o.Type.Name(), s.orgPlace(o)),
	}
	if !o.USCC.InnerValid() {
		found["code"] = toAsk("末位校验相符，第 9～17 位的内部校验不符，请逐位对照证照")
	}
	if division := o.USCC.DivisionCode(); o.USCC.FitsOrgType(o.Type) && division == o.Region {
		found["place"] = foundOK("类型与代码相称，所在地与登记地同为%s", s.ref.Regions.Name(o.Region))
	}
	found["single"] = foundOK("没有别的单位登记这个代码")
	if len(others.seen)+others.elsewhere > 0 {
		var names []string
		if others.elsewhere > 0 {
			names = append(names, fmt.Sprintf("别的县区的 %d 家单位", others.elsewhere))
		}
		for _, other := range others.seen {
			names = append(names, other.Name+"（"+other.standing()+"）")
		}
		found["single"] = foundNo("同一代码还有：%s", strings.Join(names, "、"))
	}
	return found
}

func (s *Server) orgDecision(o market.Org, own bool, form reviewForm, err error) *reviewDecision {
	path := reviewPath(market.SubjectOrg, o.ID)
	d := &reviewDecision{Pass: path + "/verify", Return: path + "/reject", PassWord: "通过核验", BackWord: "退回", Version: o.Version,
		ThenPass: "单位收到通知，可以提交需求和成果；公开页显示“已核验”和今天的日期。同一代码的另一家登记（如有）收到通知，不能再通过。",
		ThenBack: "单位收到上面的原因，改好后再次提交，重新计时。"}
	if own {
		d.Why = "您在这家单位或代办它的机构，由其他审核人员办理"
	}
	d.Choice.Options = []view.Option{
		{Value: "pass", Label: "通过核验", Hint: "核对单须全部合格或不适用"},
		{Value: "back", Label: "退回", Hint: "须选原因，写明要改什么"},
	}
	decisionFields(d, s.ref.OrgReturn, false, form, err)
	return d
}

func orgHalt(o market.Org, form reviewForm, err error) *reviewHalt {
	path := reviewPath(market.SubjectOrg, o.ID)
	if o.State == market.OrgSuspended {
		return &reviewHalt{Action: path + "/resume", Resume: true, Version: o.Version}
	}
	return &reviewHalt{Action: path + "/suspend", Version: o.Version, Note: view.Field{Kind: view.KindArea, Name: "note", Label: "暂停的原因",
		Hint: "单位会看到原文", Lines: 3, Max: 1000, Value: form.note, Error: errorsOf(err)["note"]}}
}

// orgRecordFacts sums up what an organisation has done on the market.
func (s *Server) orgRecordFacts(ctx context.Context, id int64) ([]view.Fact, error) {
	record, err := s.Store.OrgRecord(ctx, id)
	return []view.Fact{
		{Label: "公开", Text: fmt.Sprintf("需求 %d 项，成果 %d 项", record.Needs, record.Results)},
		{Label: "合作", Text: fmt.Sprintf("达成 %d 项，登记合同 %d 项", record.Deals, record.Contracts)},
	}, err
}
