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

var proposalPages = []view.Page{proposalForm{}, judgingShow{}, proposalShow{}}

// proposalForm is the page of an organisation's own proposal: a form until the deadline, then to be read.
type proposalForm struct {
	view.Work
	About    view.Link
	Number   string
	State    view.State
	Deadline string
	Notes    []view.Alert
	Form     *proposalFields // nil when nothing may be changed
	Content  *proposalText   // else
	Withdraw *view.Ask
	Facts    []view.Fact // of the challenge
}

func (proposalForm) Template() string { return "page/proposal/edit" }

// proposalFields is the form. Files are those uploaded before; one whose box is cleared is taken off.
type proposalFields struct {
	Action  string
	Version int
	Answers []view.Field
	Terms   []view.Field
	Files   view.Field
	Upload  view.Field
	Button  string
}

// proposalText is a proposal to be read.
type proposalText struct {
	Texts []reviewText
	Facts []view.Fact
	Files []view.FileItem
}

// proposalInput is what was typed into the form of a proposal.
type proposalInput struct {
	Version int
	Answers []string
	Team    string
	Plan    string
	Period  string
	Price   moneyInput
	Files   []string
}

// proposalBody is the most that the form takes at once: two files of the largest size.
const proposalBody = 2*market.MaxFile + 1<<20

func proposalPath(challenge int64) string { return challengePath(challenge) + "/proposal" }

func typedProposal(p market.Proposal) proposalInput {
	return proposalInput{Version: p.Version, Answers: p.Answers, Team: p.Team, Plan: p.Plan, Period: p.Period, Price: typedMoney(p.Price), Files: p.Files}
}

// postedProposal reads the form and keeps the files that were sent with it.
func (s *Server) postedProposal(c echo.Context, a market.Actor, criteria int) (proposalInput, error) {
	form, err := c.FormParams()
	if err != nil {
		return proposalInput{}, err
	}
	in := proposalInput{Team: c.FormValue("team"), Plan: c.FormValue("plan"), Period: c.FormValue("period"), Price: postedMoney(c, "price"),
		Files: form["files"][:min(len(form["files"]), 2*market.MaxProposalFiles)]}
	in.Version, _ = strconv.Atoi(c.FormValue("version")) // anything but the stored one is stale
	for i := range criteria {
		in.Answers = append(in.Answers, c.FormValue(fmt.Sprintf("answer.%d", i)))
	}
	uploaded, err := s.postedAttachments(c, a)
	in.Files = append(in.Files, uploaded...)
	return in, err
}

// postedAttachments keeps the files of a form and returns their ids.
func (s *Server) postedAttachments(c echo.Context, a market.Actor) ([]string, error) {
	const field = string(market.FileProposal)
	form := c.Request().MultipartForm
	if form == nil {
		return nil, nil
	}
	var ids []string
	for _, header := range form.File[field] {
		if header.Filename == "" && header.Size == 0 {
			continue
		}
		if len(ids) == market.MaxProposalFiles {
			return ids, market.Problems{{Field: field, Message: fmt.Sprintf("附件最多 %d 个", market.MaxProposalFiles)}}.Err()
		}
		if err := s.slowPerson(a, uploadLimit); err != nil {
			return ids, err
		}
		name, content, err := readUpload(header)
		if err != nil {
			return ids, err
		}
		f, err := s.Service.UploadFile(c.Request().Context(), a, market.FileProposal, name, content)
		if err != nil {
			return ids, err
		}
		ids = append(ids, f.ID)
	}
	return ids, nil
}

func (in proposalInput) proposal(challenge int64) (market.Proposal, market.Problems) {
	var p market.Problems
	out := market.Proposal{ChallengeID: challenge, Version: in.Version, Answers: slices.Clone(in.Answers), Team: in.Team, Plan: in.Plan, Period: in.Period, Files: in.Files}
	out.Price = parseMoney(&p, "price", in.Price.Text, in.Price.Unit)
	return out, p
}

// proposalEdit shows the proposal of the actor's organisation, as a form while it may be changed.
func (s *Server) proposalEdit(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.showProposalForm(c, a, id, nil, nil)
}

// proposalSave hands in the proposal or changes it.
func (s *Server) proposalSave(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	ch, err := s.Store.Challenge(ctx, a, id)
	if err == nil && !ch.State.Public() {
		err = market.ErrNotFound
	}
	if err != nil {
		return err
	}
	in, err := s.postedProposal(c, a, len(ch.Criteria))
	if err == nil {
		p, problems := in.proposal(id)
		if err = problems.Err(); err != nil {
			err = merge(problems, p.Check(&ch.Challenge).Err())
		} else {
			err = s.Service.SaveProposal(ctx, a, p)
		}
	}
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showProposalForm(c, a, id, &in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, proposalPath(id), "方案已提交。截止前对所有人保密，可以修改、撤回")
}

func (s *Server) proposalWithdraw(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	err = s.Service.WithdrawProposal(c.Request().Context(), a, id)
	if market.IsKind(err, market.Conflict) {
		return s.showProposalForm(c, a, id, nil, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, proposalPath(id), "方案已撤回。截止前可以再提交")
}

// showProposalForm shows the page with what was typed, nil for what is stored.
func (s *Server) showProposalForm(c echo.Context, a market.Actor, id int64, in *proposalInput, err error) error {
	ctx := c.Request().Context()
	ch, loadErr := s.Store.Challenge(ctx, a, id)
	if loadErr == nil && !ch.State.Public() {
		loadErr = market.ErrNotFound
	}
	if loadErr != nil {
		return loadErr
	}
	own, loadErr := s.Store.OwnProposal(ctx, a, id)
	running := ch.Running(s.Now())
	switch {
	case market.IsKind(loadErr, market.NotFound) && ch.OrgID == a.OrgID:
		return market.Errorf(market.Conflict, "这是本单位的榜单，不能自己揭榜")
	case market.IsKind(loadErr, market.NotFound) && !running:
		return market.Errorf(market.Conflict, "榜单已经截止，本单位没有提交方案")
	case loadErr != nil && !market.IsKind(loadErr, market.NotFound):
		return loadErr
	}
	page := proposalForm{About: view.Link{Label: ch.Title, Href: challengePath(id)}, Number: ch.Number, Deadline: s.challengeEnd(ch.Challenge), State: proposalState(own)}
	var workErr error
	if page.Work, workErr = s.work(c, a, "本单位的方案"); workErr != nil {
		return workErr
	}
	markCurrent(page.SideGroups, "/work/challenges")
	page.Facts = []view.Fact{{Label: "发榜单位", Text: ch.OrgName}, {Label: "榜金", Text: view.Money(ch.Award.Decimal).String()}, {Label: "支付方式", Text: ch.Payment}}
	page.Facts = appendFact(page.Facts, "对揭榜方的要求", ch.Requirements)
	page.Notes = proposalNotes(own, ch.Challenge, running)
	files, loadErr := s.Store.ProposalFiles(ctx, own.Files)
	if loadErr != nil {
		return loadErr
	}
	denied := a.RequireVerified(market.ScopeNegotiate)
	switch {
	case running && denied == nil:
		typed := typedProposal(own)
		if in != nil {
			typed = *in
		}
		if page.Form, loadErr = s.proposalFields(ctx, a, ch.Challenge, own, typed, err); loadErr != nil {
			return loadErr
		}
	case own.ID != 0:
		page.Content = s.proposalText(ch.Challenge, own, files)
	default:
		return denied
	}
	if running && own.State == market.ProposalSubmitted && a.RequireEditor(market.ScopeNegotiate) == nil {
		page.Withdraw = &view.Ask{Label: "撤回方案", Href: proposalPath(id) + "/withdraw", Danger: true, Button: "撤回方案",
			Text: "撤回后不参加评审。内容还在，截止前可以改好再提交。"}
	}
	page.Errors = failure(err)
	if running && market.IsKind(err, market.Conflict) {
		page.Notes = append(page.Notes, view.Alert{Kind: view.AlertWarn, Text: "您填写的内容还在下面，没有覆盖别人的修改。", Link: &view.Link{Label: "打开最新内容再改", Href: proposalPath(id)}})
	}
	return s.renderStatus(c, errorStatus(err), page)
}

// proposalState words where a proposal stands for its proposer.
func proposalState(p market.Proposal) view.State {
	switch p.State {
	case market.ProposalSubmitted:
		return view.State{Shape: view.ShapeDone, Text: p.State.Name()}
	case market.ProposalAwarded:
		return view.State{Shape: view.ShapeDone, Text: p.State.Name()}
	case market.ProposalWithdrawn, market.ProposalUnawarded, market.ProposalReleased:
		return view.State{Shape: view.ShapeStop, Text: p.State.Name()}
	}
	return view.State{Shape: view.ShapeTodo, Text: "还没有提交"}
}

// proposalNotes tells the proposer what is, and what will be: the result with its reason first.
func proposalNotes(p market.Proposal, c market.Challenge, running bool) []view.Alert {
	link := &view.Link{Label: "看榜单", Href: challengePath(c.ID)}
	switch {
	case p.State == market.ProposalAwarded:
		return []view.Alert{{Kind: view.AlertOK, Title: "中榜", Text: "理由：" + p.Reason, Link: link}}
	case p.State == market.ProposalUnawarded:
		return []view.Alert{{Kind: view.AlertWarn, Title: "未中榜", Text: "理由：" + p.Reason, Link: link}}
	case p.State == market.ProposalReleased:
		return []view.Alert{{Kind: view.AlertBad, Title: "榜单已由主管部门决定终止，方案不再评审", Text: c.Official, Link: link}}
	case c.State == market.ChallengePublicity && p.Reason != "":
		return []view.Alert{{Title: "结果正在公示", Text: "发榜单位对本方案的说明：" + p.Reason, Link: link}}
	case p.State == market.ProposalWithdrawn && running:
		return []view.Alert{{Kind: view.AlertWarn, Text: "方案已撤回，不参加评审。截止前改好可以再提交。"}}
	case running:
		return []view.Alert{{Text: "截止前，方案对所有人保密：发榜单位、评审、工作人员都看不到内容、份数和是谁提交的。"}}
	case p.State == market.ProposalSubmitted:
		return []view.Alert{{Text: "榜单已截止，方案正在评审，不能再修改或撤回。"}}
	}
	return nil
}

func (s *Server) proposalFields(ctx context.Context, a market.Actor, c market.Challenge, own market.Proposal, in proposalInput, err error) (*proposalFields, error) {
	at := errorsOf(err)
	form := &proposalFields{Action: proposalPath(c.ID), Version: in.Version, Button: "提交方案"}
	if own.State == market.ProposalSubmitted {
		form.Button = "保存修改"
	}
	for i, criterion := range c.Criteria {
		name, value := fmt.Sprintf("answer.%d", i), ""
		if i < len(in.Answers) {
			value = in.Answers[i]
		}
		form.Answers = append(form.Answers, view.Field{Kind: view.KindArea, Name: name, ID: fmt.Sprintf("answer-%d", i), Label: fmt.Sprintf("%s（权重 %d%%）", criterion.Name, criterion.Weight),
			Hint: criterion.Detail, Value: value, Error: at[name], Lines: 5, Max: market.MaxText})
	}
	form.Terms = []view.Field{
		{Kind: view.KindArea, Name: "team", Label: "团队", Hint: "谁来做、做过什么", Value: in.Team, Error: at["team"], Lines: 3, Max: market.MaxText},
		{Kind: view.KindArea, Name: "plan", Label: "进度安排", Hint: "分几步、各到什么时候、交什么", Value: in.Plan, Error: at["plan"], Lines: 3, Max: market.MaxText},
		{Name: "period", Label: "完成时间", Placeholder: "例：签约后 10 个月", Value: in.Period, Error: at["period"]},
		{Kind: view.KindMoney, Name: "price", Label: "报价", Hint: "不高于榜金 " + view.Money(c.Award.Decimal).String() + "。中榜后按它签合同", Value: in.Price.Text, Unit: in.Price.Unit, Error: at["price"]},
	}
	form.Upload = view.Field{Kind: view.KindFile, Name: string(market.FileProposal), Label: "添加附件", Optional: true, Many: true, Accept: ".pdf,.png,.jpg,.jpeg", Error: at["proposal"],
		Hint: fmt.Sprintf("PDF、PNG 或 JPG，每个不超过 %d MB，一次最多传 %d MB，总共最多 %d 个", market.MaxFile>>20, 2*market.MaxFile>>20, market.MaxProposalFiles)}
	form.Files = view.Field{Kind: view.KindChecks, Name: "files", Label: "已有的附件", Hint: "取消勾选，保存后移除", Values: in.Files}
	for _, id := range in.Files {
		f, err := s.Store.File(ctx, a, id)
		if market.IsKind(err, market.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		form.Files.Options = append(form.Files.Options, view.Option{Value: f.ID, Label: f.Name + "，" + view.FileSize(f.Size)})
	}
	return form, nil
}

// proposalText is a proposal in the order of the form.
func (s *Server) proposalText(c market.Challenge, p market.Proposal, files []store.ProposalFile) *proposalText {
	out := &proposalText{Facts: []view.Fact{{Label: "报价", Text: view.Money(p.Price.Decimal).String()}, {Label: "完成时间", Text: p.Period}, {Label: "提交时间", Text: view.DateTime(p.SubmittedAt)}}}
	for i, criterion := range c.Criteria {
		if i < len(p.Answers) {
			out.Texts = append(out.Texts, reviewText{fmt.Sprintf("%s（权重 %d%%）", criterion.Name, criterion.Weight), p.Answers[i]})
		}
	}
	out.Texts = append(out.Texts, reviewText{"团队", p.Team}, reviewText{"进度安排", p.Plan})
	for _, f := range files {
		out.Files = append(out.Files, view.FileItem{Label: f.Name, Href: "/files/" + f.ID, Facts: view.FileSize(f.Size)})
	}
	return out
}
