package server

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// judgingShow is the page on which a challenge is judged and decided, for its poster and for those who are named to judge.
type judgingShow struct {
	view.Work
	About     view.Link
	Number    string
	State     view.State
	Deadline  string
	Notes     []view.Alert
	Answer    *judgeAnswer // of who was named and has not answered
	Decline   *view.Ask    // of who was named and has not answered
	Sealed    string       // why there are no proposals to be seen yet
	Proposals *view.Table
	Judges    *judgePanel // for the poster
	Decision  *awardForm
	Outcome   *challengeOutcome
}

func (judgingShow) Template() string { return "page/challenge/judging" }

// judgeAnswer accepts to judge, with the declaration.
type judgeAnswer struct {
	Action   string
	Declared view.Field
}

// judgePanel is who judges, with the form that names another.
type judgePanel struct {
	Rows   []judgeRow
	Action string
	Email  *view.Field // nil when nobody may be named now
}

// judgeRow is somebody named to judge.
type judgeRow struct {
	store.Judge
	Word   view.State
	Scores string
	Remove *view.Ask
}

// awardForm is the poster's decision.
type awardForm struct {
	Action  string
	Version int
	Why     string // why it can't be made yet
	Rows    []awardRow
	Error   string // about the choice of those awarded
	Outcome view.Field
	Then    string
}

// awardRow is a proposal in the decision.
type awardRow struct {
	ID     int64
	Name   string
	Facts  string
	Chosen bool
	Reason view.Field
}

// judgingInput is what was typed into a form of the page, and why it was not accepted.
type judgingInput struct {
	email    string
	decision *market.Decision
	err      error
}

// decided reports whether the reader has come back from the form of the decision.
func (in judgingInput) decided() bool { return in.decision != nil }

func judgingPath(challenge int64) string { return challengePath(challenge) + "/judging" }

func (s *Server) judgingShow(c echo.Context, a market.Actor) error {
	return s.showJudging(c, a, judgingInput{})
}

func (s *Server) showJudging(c echo.Context, a market.Actor, in judgingInput) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	ch, judge, poster, err := s.Store.Judging(ctx, a, id)
	if err != nil {
		return err
	}
	page := judgingShow{About: view.Link{Label: ch.Title, Href: challengePath(id)}, Number: ch.Number, State: challengeState(ch.State), Deadline: s.challengeEnd(ch.Challenge)}
	if page.Work, err = s.work(c, a, "评审与决定"); err != nil {
		return err
	}
	markCurrent(page.SideGroups, "/work/challenges")
	page.Errors = failure(in.err)
	if ch.State == market.ChallengeJudging && ch.Official != "" {
		page.Notes = append(page.Notes, view.Alert{Kind: view.AlertWarn, Title: "主管部门退回了公示的结果，请重新决定", Text: ch.Official})
	}
	addJudge(&page, ch.Challenge, judge, errorsOf(in.err)["declared"])
	proposals, err := s.Store.OpenProposals(ctx, a, id)
	if err != nil {
		return err
	}
	page.Sealed = sealedText(ch.Challenge, judge, poster, len(proposals))
	if len(proposals) > 0 {
		page.Proposals = s.proposalTable(proposals, poster)
	}
	if poster {
		if page.Judges, err = s.judgePanel(ctx, a, ch.Challenge, len(proposals), in); err != nil {
			return err
		}
		page.Decision = s.awardForm(a, ch.Challenge, proposals, in)
	}
	if ch.State.Decided() {
		outcome, err := s.Store.Outcome(ctx, ch.Challenge)
		if err != nil {
			return err
		}
		page.Outcome = challengeResult(ch.Challenge, outcome)
	}
	return s.renderStatus(c, errorStatus(in.err), page)
}

// challengeState words a state for its poster's people.
func challengeState(state market.ChallengeState) view.State {
	shape := map[market.ChallengeState]view.Shape{market.ChallengeDraft: view.ShapeTodo, market.ChallengeReturned: view.ShapeStop, market.ChallengeOpen: view.ShapeRun,
		market.ChallengeJudging: view.ShapeTodo, market.ChallengePublicity: view.ShapeRun, market.ChallengeAwarded: view.ShapeDone, market.ChallengeUnawarded: view.ShapeStop,
		market.ChallengeCancelled: view.ShapeStop}[state]
	return view.State{Shape: shape, Text: state.Name()}
}

// addJudge shows somebody who was named where they stand, and the forms to answer with.
func addJudge(page *judgingShow, c market.Challenge, state market.JudgeState, problem string) {
	open := c.State == market.ChallengeOpen || c.State == market.ChallengeJudging
	switch {
	case state == market.JudgeInvited && open:
		page.Answer = &judgeAnswer{Action: judgingPath(c.ID) + "/accept", Declared: view.Field{Kind: view.KindCheck, Name: "declared", Error: problem,
			Label: "我声明：我和可能揭榜的单位没有利害关系；发现有的，立即说明并回避；评审内容不外传"}}
		page.Decline = &view.Ask{Label: "谢绝", Href: judgingPath(c.ID) + "/decline", Button: "谢绝评审", Text: "谢绝后，发榜单位会收到消息，可以另请别人。"}
	case state == market.JudgeDeclined:
		page.Notes = append(page.Notes, view.Alert{Text: "您谢绝了这次评审。"})
	case state == market.JudgeExcluded:
		page.Notes = append(page.Notes, view.Alert{Kind: view.AlertWarn, Text: "您所在或代办的单位提出了方案，按规定回避，看不到方案。"})
	}
}

// sealedText says why the reader sees no proposals, "" when they see some.
func sealedText(c market.Challenge, judge market.JudgeState, poster bool, seen int) string {
	switch {
	case seen > 0:
		return ""
	case c.State == market.ChallengeOpen:
		return "截止以前，方案对所有人保密，这里也看不到有没有、有几份。截止后自动启封。"
	case c.State == market.ChallengeCancelled:
		return "榜单已终止，方案没有启封的不再启封。"
	case judge == market.JudgeInvited && !poster:
		return "接受评审后，才能看到方案。"
	case poster || judge == market.JudgeAccepted:
		return "截止时没有收到方案。"
	}
	return "方案只有发榜单位和评审能看。"
}

// proposalTable lists the proposals with what the reader may know of their scores.
func (s *Server) proposalTable(proposals []store.OpenProposal, poster bool) *view.Table {
	t := &view.Table{Label: "收到的方案", Caption: "收到的方案，按提交的先后", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "揭榜单位"}, {Label: "报价"}, {Label: "完成时间"}, {Label: "评审总分", Unit: "满分 100", Num: true}, {Label: "进展"}}}
	for _, p := range proposals {
		word := view.State{Text: fmt.Sprintf("%d／%d 位已打分", p.Scored, p.Needed)}
		if p.Complete() {
			word.Shape = view.ShapeDone
		}
		if !poster {
			word = view.State{Shape: view.ShapeTodo, Text: "等您打分"}
			if p.Own {
				word = view.State{Shape: view.ShapeDone, Text: "您已打分"}
			}
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: p.OrgName, Href: fmt.Sprintf("/proposals/%d", p.ID)}, {Text: view.Money(p.Price.Decimal).String()}, {Text: p.Period},
			{Text: totalText(p.Total.Valid, p.Total.Decimal.StringFixed(2))}, {State: &word}}})
	}
	return t
}

func (s *Server) judgePanel(ctx context.Context, a market.Actor, c market.Challenge, proposals int, in judgingInput) (*judgePanel, error) {
	judges, err := s.Store.ChallengeJudges(ctx, a, c.ID)
	if err != nil {
		return nil, err
	}
	panel := &judgePanel{Action: challengePath(c.ID) + "/judges"}
	open := (c.State == market.ChallengeOpen || c.State == market.ChallengeJudging) && a.RequireEditor(market.ScopePost) == nil
	for _, j := range judges {
		row := judgeRow{Judge: j, Word: judgeState(j.State)}
		if j.State == market.JudgeAccepted && c.OpenedAt != nil {
			row.Scores = fmt.Sprintf("已评 %d／%d 份", j.Scored, proposals)
		}
		if open && market.Judges.Can(j.State, "remove") {
			row.Remove = &view.Ask{Label: "取消" + j.Name + "的评审", Href: fmt.Sprintf("%s/%d/remove", panel.Action, j.UserID), Danger: true, Button: "取消" + j.Name + "的评审", Text: "取消后，" + j.Name + "看不到方案，打过的分不再计入。本人会收到消息。"}
		}
		panel.Rows = append(panel.Rows, row)
	}
	if open && a.RequireVerified(market.ScopePost) == nil {
		panel.Email = &view.Field{Kind: view.KindEmail, Name: "email", Label: "评审的邮箱", Hint: "对方要有本市场的账号。接受前须声明没有利害关系；所在单位提出了方案的，自动回避", Value: in.email, Error: errorsOf(in.err)["email"]}
	}
	return panel, nil
}

func judgeState(state market.JudgeState) view.State {
	shape := map[market.JudgeState]view.Shape{market.JudgeAccepted: view.ShapeDone, market.JudgeDeclined: view.ShapeStop, market.JudgeExcluded: view.ShapeStop, market.JudgeRemoved: view.ShapeStop}[state]
	return view.State{Shape: shape, Text: state.Name()}
}

// awardForm is there while the poster may decide, with the reason while it is too early.
func (s *Server) awardForm(a market.Actor, c market.Challenge, proposals []store.OpenProposal, in judgingInput) *awardForm {
	if c.State != market.ChallengeJudging || a.RequireEditor(market.ScopePost) != nil {
		return nil
	}
	at := errorsOf(in.err)
	form := &awardForm{Action: challengePath(c.ID) + "/decide", Version: c.Version, Error: at["awarded"],
		Outcome: view.Field{Kind: view.KindArea, Name: "outcome", Label: "决定的理由", Hint: "所有人会看到。不要写未中榜单位的名称和方案内容", Lines: 4, Max: market.MaxReason, Error: at["outcome"]},
		Then: fmt.Sprintf("结果马上公示 %d 天，各提出方案的单位收到结果和您写的理由。公示期内主管部门可以退回；期满自动生效，中榜的生成成交记录，由中榜单位起草合同。",
			int(s.ref.Parameter("challenge_publicity_days", s.Service.Today())))}
	if in.decided() {
		form.Outcome.Value = in.decision.Outcome
	}
	if err := a.RequireVerified(market.ScopePost); err != nil {
		form.Why = market.AsError(err).Message
	}
	for _, p := range proposals {
		if !p.Complete() {
			form.Why = "每位评审给每份方案打完分以后，才能决定。没有评审的，先邀请评审；迟迟不评的，可以取消。"
		}
		row := awardRow{ID: p.ID, Name: p.OrgName, Facts: fmt.Sprintf("总分 %s　报价 %s", totalText(p.Total.Valid, p.Total.Decimal.StringFixed(2)), view.Money(p.Price.Decimal)),
			Reason: view.Field{Kind: view.KindArea, Name: "reason", ID: fmt.Sprintf("reason-%d", p.ID), Label: "给" + p.OrgName + "的理由", Hint: "只有这家单位看到", Lines: 2, Max: market.MaxReason, Error: at[fmt.Sprintf("reason.%d", p.ID)]}}
		if in.decided() {
			row.Chosen, row.Reason.Value = slices.Contains(in.decision.Awarded, p.ID), in.decision.Reasons[p.ID]
		}
		form.Rows = append(form.Rows, row)
	}
	return form
}

// judgingDone goes back to the page after an act, or shows it again with what was typed and what is wrong.
func (s *Server) judgingDone(c echo.Context, a market.Actor, in judgingInput, message string) error {
	if market.IsKind(in.err, market.Invalid) || market.IsKind(in.err, market.Conflict) {
		return s.showJudging(c, a, in)
	}
	if in.err != nil {
		return in.err
	}
	return s.done(c, "/challenges/"+c.Param("id")+"/judging", message)
}

func (s *Server) judgeName(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	in := judgingInput{email: c.FormValue("email")}
	in.err = s.Service.NameJudge(c.Request().Context(), a, id, in.email)
	return s.judgingDone(c, a, in, "已邀请，对方会收到消息和邮件")
}

func (s *Server) judgeRemove(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	in := judgingInput{}
	in.err = s.Service.RemoveJudge(c.Request().Context(), a, id, idValue(c.Param("user")))
	return s.judgingDone(c, a, in, "已取消，对方会收到消息")
}

func (s *Server) judgingAccept(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	in := judgingInput{}
	in.err = s.Service.AcceptJudging(c.Request().Context(), a, id, c.FormValue("declared") != "")
	return s.judgingDone(c, a, in, "已接受评审")
}

func (s *Server) judgingDecline(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	in := judgingInput{}
	in.err = s.Service.DeclineJudging(c.Request().Context(), a, id)
	return s.judgingDone(c, a, in, "已谢绝评审")
}

func (s *Server) challengeDecide(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	in := judgingInput{decision: postedDecision(c)}
	in.err = s.Service.DecideChallenge(c.Request().Context(), a, id, formVersion(c), *in.decision)
	return s.judgingDone(c, a, in, "结果已开始公示，各提出方案的单位会收到结果和理由")
}

func postedDecision(c echo.Context) *market.Decision {
	d := &market.Decision{Outcome: c.FormValue("outcome"), Reasons: map[int64]string{}}
	form := c.Request().PostForm
	for i, value := range form["proposal"][:min(len(form["proposal"]), len(form["reason"]))] { // the nth of both belong together
		d.Reasons[idValue(value)] = form["reason"][i]
	}
	for _, value := range form["awarded"] {
		d.Awarded = append(d.Awarded, idValue(value))
	}
	return d
}

// proposalShow is an unsealed proposal for the poster and the judges.
type proposalShow struct {
	view.Work
	About   view.Link
	Heading string
	Chosen  bool
	Content *proposalText
	Sheets  *view.Table // what the judges gave
	Total   string
	Score   *scoreForm // of a judge who has not scored
	Note    string
}

func (proposalShow) Template() string { return "page/proposal/show" }

// scoreForm is a judge's score and comment for each criterion.
type scoreForm struct {
	Action string
	Fields []view.Field
}

func (s *Server) proposalShow(c echo.Context, a market.Actor) error {
	return s.showProposal(c, a, nil, nil, nil)
}

// showProposal shows the proposal with the scores as they were typed.
func (s *Server) showProposal(c echo.Context, a market.Actor, scores, comments []string, err error) error {
	id, idErr := pathID(c)
	if idErr != nil {
		return idErr
	}
	ctx := c.Request().Context()
	p, loadErr := s.Service.ReadProposal(ctx, a, id)
	if loadErr != nil {
		return loadErr
	}
	ch, judge, poster, loadErr := s.Store.Judging(ctx, a, p.ChallengeID)
	if loadErr != nil {
		return loadErr
	}
	files, loadErr := s.Store.ProposalFiles(ctx, p.Files)
	if loadErr != nil {
		return loadErr
	}
	sheets, loadErr := s.Store.ScoreSheets(ctx, a, id)
	if loadErr != nil {
		return loadErr
	}
	page := proposalShow{About: view.Link{Label: "评审：" + ch.Title, Href: judgingPath(ch.ID)}, Heading: p.OrgName + "的方案", Chosen: p.Chosen && ch.State.Decided(),
		Content: s.proposalText(ch.Challenge, p.Proposal, files), Sheets: sheetTable(ch.Criteria, sheets), Total: totalText(p.Total.Valid, p.Total.Decimal.StringFixed(2))}
	if page.Work, loadErr = s.work(c, a, page.Heading); loadErr != nil {
		return loadErr
	}
	markCurrent(page.SideGroups, "/work/challenges")
	page.Errors = failure(err)
	switch {
	case judge == market.JudgeAccepted && !p.Own && ch.State == market.ChallengeJudging:
		page.Score = newScoreForm(ch.Criteria, id, scores, comments, err)
		page.Note = "您提交以前，看不到别人的打分；提交后不能改。"
	case poster && len(sheets) == 0:
		page.Note = "还没有评审打分。"
	}
	return s.renderStatus(c, errorStatus(err), page)
}

// sheetTable shows the scores with the weights and the sum that the market has worked out.
func sheetTable(criteria []market.Criterion, sheets []store.ScoreSheet) *view.Table {
	if len(sheets) == 0 {
		return nil
	}
	t := &view.Table{Label: "评审打分", Caption: "各位评审的打分和评语", Hidden: true, Class: "mk-dense mk-table--stack", Cols: []view.Col{{Label: "评审"}, {Label: "标准"}, {Label: "权重", Num: true}, {Label: "得分", Num: true}, {Label: "评语"}}}
	for _, sheet := range sheets {
		for i, criterion := range criteria {
			t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: sheet.Name}, {Text: criterion.Name}, {Text: fmt.Sprintf("%d%%", criterion.Weight)}, {Text: strconv.Itoa(sheet.Scores[i])}, {Text: sheet.Comments[i]}}})
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: sheet.Name}, {Text: "加权总分"}, {Text: "100%"}, {Text: market.WeightedTotal(criteria, sheet.Scores).StringFixed(2)}, {Text: "—"}}})
	}
	return t
}

func newScoreForm(criteria []market.Criterion, id int64, scores, comments []string, err error) *scoreForm {
	at := errorsOf(err)
	form := &scoreForm{Action: fmt.Sprintf("/proposals/%d/score", id)}
	for i, criterion := range criteria {
		score, comment := fmt.Sprintf("score.%d", i), fmt.Sprintf("comment.%d", i)
		points := view.Field{Kind: view.KindNumber, Name: score, ID: fmt.Sprintf("score-%d", i), Label: fmt.Sprintf("%s（权重 %d%%）", criterion.Name, criterion.Weight),
			Hint: joinFacts(criterion.Detail, "0 到 100 的整数"), Unit: "分", Error: at[score]}
		words := view.Field{Kind: view.KindArea, Name: comment, ID: fmt.Sprintf("comment-%d", i), Label: "评语：" + criterion.Name, Hint: "发榜单位和其他评审会看到", Lines: 2, Max: 500, Error: at[comment]}
		if i < len(scores) {
			points.Value, words.Value = scores[i], comments[i]
		}
		form.Fields = append(form.Fields, points, words)
	}
	return form
}

func (s *Server) proposalScore(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	p, err := s.Store.OpenProposal(ctx, a, id)
	if err != nil {
		return err
	}
	ch, err := s.Store.Challenge(ctx, a, p.ChallengeID)
	if err != nil {
		return err
	}
	var typed, comments []string
	var scores []int
	for i := range ch.Criteria {
		score := c.FormValue(fmt.Sprintf("score.%d", i))
		typed, comments, scores = append(typed, score), append(comments, c.FormValue(fmt.Sprintf("comment.%d", i))), append(scores, market.ParseWhole(score))
	}
	err = s.Service.ScoreProposal(ctx, a, id, scores, slices.Clone(comments)) // which tidies them
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showProposal(c, a, typed, comments, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, judgingPath(ch.ID), "打分已提交")
}
