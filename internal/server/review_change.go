package server

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

func (s *Server) reviewChange(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.showChangeReview(c, a, id, s.queryForm(c), nil)
}

func (s *Server) orgChangeVerify(c echo.Context, a market.Actor) error {
	return s.decideChange(c, a, false, func(id int64, f reviewForm) (string, error) {
		return "单位变更已生效", s.Service.VerifyOrgChange(c.Request().Context(), a, id, f.ticks)
	})
}

func (s *Server) orgChangeReturn(c echo.Context, a market.Actor) error {
	return s.decideChange(c, a, true, func(id int64, f reviewForm) (string, error) {
		return "变更申请已退回，单位资料没有改动", s.Service.ReturnOrgChange(c.Request().Context(), a, id, f.code(), f.note)
	})
}

func (s *Server) decideChange(c echo.Context, a market.Actor, back bool, act func(int64, reviewForm) (string, error)) error {
	return s.decide(c, a, market.SubjectOrgChange, back, act, func(id int64, f reviewForm, err error) error { return s.showChangeReview(c, a, id, f, err) })
}

// showChangeReview shows a request to a reviewer: what was verified beside what it is to be.
func (s *Server) showChangeReview(c echo.Context, a market.Actor, id int64, form reviewForm, err error) error {
	ctx := c.Request().Context()
	change, loadErr := s.Store.OrgChange(ctx, a, id)
	if loadErr != nil {
		return loadErr
	}
	o, loadErr := s.Store.Org(ctx, a, change.OrgID)
	if loadErr != nil {
		return loadErr
	}
	if !a.Reaches(o.Region, market.Reviewer) {
		return market.ErrNotFound
	}
	others, loadErr := s.rivals(ctx, a, change.USCC, o.ID)
	if loadErr != nil {
		return loadErr
	}
	own, loadErr := s.Store.Interested(ctx, a.UserID, market.Object{Kind: string(market.SubjectOrg), ID: o.ID}, o.ID)
	if loadErr != nil {
		return loadErr
	}
	page, loadErr := s.reviewPageOf(c, a, market.SubjectOrgChange, id, change.OldName, form, err)
	if loadErr != nil {
		return loadErr
	}
	moves, loadErr := s.Store.Moves(ctx, market.Object{Kind: string(market.SubjectOrg), ID: o.ID})
	if loadErr != nil {
		return loadErr
	}
	page.History = s.reviewLog(moves, market.SubjectOrg)
	page.Sub, page.Demo, page.State = []string{s.orgPlace(o)}, o.Demo, changeState(change.State)
	page.Org, page.OrgRef = []view.Fact{{Label: "现在", Text: o.State.Name()}}, view.Link{Label: "单位的核验页", Href: reviewPath(market.SubjectOrg, o.ID)}
	if page.Content, loadErr = s.changeContent(ctx, a, o, change); loadErr != nil {
		return loadErr
	}
	if change.State == market.OrgChangePending {
		s.fillChangeDecision(&page, o, change, others, own, form, err)
	}
	return s.renderReview(c, a, page, id, err)
}

func changeState(state market.OrgChangeState) view.State {
	shape := map[market.OrgChangeState]view.Shape{market.OrgChangePending: view.ShapeWait, market.OrgChangeApplied: view.ShapeDone,
		market.OrgChangeReturned: view.ShapeStop, market.OrgChangeWithdrawn: view.ShapeStop}[state]
	return view.State{Shape: shape, Text: market.OrgChanges.Names[state]}
}

// changeContent is both sides of a request, with its papers.
func (s *Server) changeContent(ctx context.Context, a market.Actor, o market.Org, change market.OrgChange) (reviewContent, error) {
	table := view.Table{Label: "变更前后", Caption: "变更前后", Hidden: true, Cols: []view.Col{{Label: "项目"}, {Label: "已核验的"}, {Label: "申请改为"}}}
	for _, side := range changeSides(change) {
		after := view.Cell{Text: side.after}
		if !side.changed() {
			after = view.Cell{Text: "不变"}
		}
		table.Rows = append(table.Rows, view.TableRow{Warn: side.changed(), Cells: []view.Cell{{Text: side.label}, {Text: side.before}, after}})
	}
	content := reviewContent{Heading: "申请变更", Note: "通过后公开页改用新的内容", Table: &table,
		Facts: []view.Fact{{Label: "申请时间", Text: view.DateTime(change.RequestedAt)}, {Label: "所在地", Text: s.orgPlace(o)}}}
	var err error
	if content.Private, err = s.withPaper(ctx, a, nil, "变更后的证照", &change.Licence); err != nil {
		return content, err
	}
	if content.Private, err = s.withPaper(ctx, a, content.Private, "原来的证照", change.OldLicence); err != nil {
		return content, err
	}
	if change.Note != "" {
		content.Texts = []reviewText{{"变更说明", change.Note}}
	}
	return content, nil
}

func (s *Server) fillChangeDecision(page *reviewShow, o market.Org, change market.OrgChange, others rivals, own bool, form reviewForm, err error) {
	page.ChecksOf = "核对单：单位变更"
	due := s.reviewDue(market.SubjectOrgChange, change.RequestedAt)
	page.Due = &due
	after := o
	after.Name, after.USCC, after.Type = change.Name, change.USCC, change.Type
	page.Notes = s.orgWarnings(after, others)
	if o.State != market.OrgVerified {
		page.Notes = append(page.Notes, view.Alert{Kind: view.AlertWarn, Title: "单位现在是“" + o.State.Name() + "”", Text: "变更不能办理，恢复以后再办"})
	}
	page.Checks = tickList(market.SubjectOrgChange, form.ticks, s.changeFindings(after, change, others), errorsOf(err))
	path := reviewPath(market.SubjectOrgChange, change.ID)
	d := &reviewDecision{Pass: path + "/verify", Return: path + "/return", PassWord: "通过变更", BackWord: "退回",
		ThenPass: "名称、代码和类型改为新的，核验日期更新为今天；已签的合同保留签订时的名称。单位收到通知。",
		ThenBack: "单位仍按原来核验的资料办理，收到上面的原因，可以重新申请。"}
	if own {
		d.Why = "您在这家单位或代办它的机构，由其他审核人员办理"
	}
	d.Choice.Options = []view.Option{
		{Value: "pass", Label: "通过变更", Hint: "核对单须全部合格或不适用"},
		{Value: "back", Label: "退回", Hint: "须选原因，写明要改什么"},
	}
	decisionFields(d, s.ref.OrgReturn, false, form, err)
	page.Decide = d
}

// changeFindings are what the market itself found, line by line of the check list. after is the organisation as it would be.
func (s *Server) changeFindings(after market.Org, change market.OrgChange, others rivals) map[string]evidence {
	found := s.orgFindings(after, others)
	found["type"] = toAsk("填报：%s", after.Type.Name())
	if after.USCC.FitsOrgType(after.Type) {
		found["type"] = foundOK("类型与代码相称：%s", after.Type.Name())
	}
	if change.USCC == change.OldUSCC {
		found["same"] = foundOK("信用代码没有变")
	} else {
		found["same"] = toAsk("信用代码由 %s 改为 %s，请看变更说明和证照", change.OldUSCC, change.USCC)
	}
	return found
}

// rival is another organisation that claims a code, or asks to change to it.
type rival struct {
	market.Org
	change int64 // the request, 0 for a claim
}

// standing says what the other has to do with the code.
func (r rival) standing() string {
	if r.change != 0 {
		return "申请改用这个代码"
	}
	return r.State.Name()
}

func (r rival) path() string {
	if r.change != 0 {
		return reviewPath(market.SubjectOrgChange, r.change)
	}
	return reviewPath(market.SubjectOrg, r.ID)
}

// rivals are the others that claim a code or ask for it.
type rivals struct {
	seen      []rival
	elsewhere int // in counties that the reviewer does not see
}

// rivals finds the others that claim a code or ask for it. For reviewers.
func (s *Server) rivals(ctx context.Context, a market.Actor, code market.USCC, except int64) (rivals, error) {
	claims, err := s.Store.OrgsWithCode(ctx, a, code, except)
	if err != nil {
		return rivals{}, err
	}
	changes, err := s.Store.OrgChangesToCode(ctx, a, code, except)
	if err != nil {
		return rivals{}, err
	}
	var out rivals
	for _, o := range claims {
		out.seen = append(out.seen, rival{Org: o})
	}
	for _, c := range changes {
		out.seen = append(out.seen, rival{Org: market.Org{ID: c.OrgID, Name: c.Name, USCC: c.USCC, Type: c.Type, State: market.OrgVerified}, change: c.ID})
	}
	all, err := s.Store.CountClaims(ctx, code, except)
	out.elsewhere = all - len(out.seen)
	return out, err
}

// compareClaims puts an organisation beside the others that claim its code, nil when there are none. Lines that differ
// are marked.
func (s *Server) compareClaims(ctx context.Context, a market.Actor, o market.Org, rivals []rival) (*view.Table, error) {
	if len(rivals) == 0 {
		return nil, nil
	}
	claims := [][]view.Cell{}
	for i, r := range append([]rival{{Org: o}}, rivals...) {
		cells, err := s.claimCells(ctx, a, r)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			cells[0].Href = r.path()
		}
		claims = append(claims, cells)
	}
	table := &view.Table{Label: "同一代码的登记", Caption: "同一代码的登记", Hidden: true, Cols: []view.Col{{Label: "项目"}, {Label: "本件"}}}
	for n := range rivals {
		table.Cols = append(table.Cols, view.Col{Label: fmt.Sprintf("另一家（%d）", n+1)})
	}
	for line, label := range claimLines {
		row := view.TableRow{Cells: []view.Cell{{Text: label}}}
		for _, cells := range claims {
			row.Cells = append(row.Cells, cells[line])
			row.Warn = row.Warn || cells[line].Text != claims[0][line].Text
		}
		table.Rows = append(table.Rows, row)
	}
	return table, nil
}

// claimLines are what claims to one code are compared by, as claimCells gives them.
var claimLines = []string{"单位全称", "现在", "类型", "所在地", "法定代表人", "地址", "证照", "提交", "以前退回"}

func (s *Server) claimCells(ctx context.Context, a market.Actor, r rival) ([]view.Cell, error) {
	o := r.Org
	if r.change != 0 {
		full, err := s.Store.Org(ctx, a, o.ID)
		if err != nil {
			return nil, err
		}
		full.Name, full.Type = o.Name, o.Type
		o = full
	}
	moves, err := s.Store.Moves(ctx, market.Object{Kind: string(market.SubjectOrg), ID: o.ID})
	if err != nil {
		return nil, err
	}
	returned := 0
	for _, m := range moves {
		if m.Move == "reject" || m.Move == "change_return" {
			returned++
		}
	}
	paper, err := s.withLicence(ctx, a, o, nil)
	if err != nil {
		return nil, err
	}
	submitted := "—"
	if o.SubmittedAt != nil {
		submitted = view.DateTime(*o.SubmittedAt)
	}
	return []view.Cell{{Text: o.Name}, {Text: r.standing()}, {Text: o.Type.Name()}, {Text: s.orgPlace(o)}, {Text: dash(o.LegalRep)}, {Text: dash(o.Address)},
		{Text: paper[0].Text, Href: paper[0].Href}, {Text: submitted}, {Text: fmt.Sprintf("%d 次", returned)}}, nil
}
