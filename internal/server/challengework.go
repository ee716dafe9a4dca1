package server

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// workChallenges is what a person has to do with challenges: those of their organisation, the proposals it has handed in,
// and those they judge.
type workChallenges struct {
	view.Work
	Actions []view.Action
	Boxes   []challengeBox
	Empty   view.Empty
	Pager   view.Pager // of the own challenges
}

func (workChallenges) Template() string { return "page/work/challenges" }

// challengeBox is one of the lists. One without rows is left out.
type challengeBox struct {
	ID, Title string
	Table     view.Table
}

// proposalsShown is how many proposals, and how many challenges to judge, the page lists.
const proposalsShown = 100

func (s *Server) workChallenges(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	work, err := s.work(c, a, "揭榜挂帅")
	if err != nil {
		return err
	}
	page := workChallenges{Work: work, Empty: view.Empty{Title: "还没有榜单、方案和评审", Text: "把难题和榜金公布出来，或者给公开的榜单提方案。", Actions: []view.Action{{Label: "看公开的榜单", Href: "/challenges"}}}}
	if a.May(market.ScopePost) {
		page.Actions = []view.Action{{Label: "发布榜单", Href: "/challenges/new", Style: view.StylePrimary, Icon: "plus"}}
	}
	number := pageNumber(c)
	own, total, err := s.Store.OwnChallenges(ctx, a, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page.Pager = view.NewPager(number, workPage, total, "项", func(n int) string { return tabPath("/work/challenges", "", n) })
	proposals, err := s.Store.OwnProposals(ctx, a, proposalsShown)
	if err != nil {
		return err
	}
	judged, err := s.Store.JudgedChallenges(ctx, a, proposalsShown)
	if err != nil {
		return err
	}
	for _, box := range []challengeBox{{"own", "我的榜单", s.ownChallengeTable(own)}, {"proposals", "我的方案", s.ownProposalTable(proposals)}, {"judging", "请我评审", s.judgedTable(judged)}} {
		if len(box.Table.Rows) > 0 {
			page.Boxes = append(page.Boxes, box)
		}
	}
	return s.render(c, page)
}

func listTable(label string, cols ...view.Col) view.Table {
	return view.Table{Label: label, Caption: label, Hidden: true, Class: "mk-dense mk-table--stack", Cols: cols}
}

func (s *Server) ownChallengeTable(own []store.ChallengeCard) view.Table {
	t := listTable("我的榜单", view.Col{Label: "榜单"}, view.Col{Label: "榜金"}, view.Col{Label: "截止"}, view.Col{Label: "状态"}, view.Col{Label: "要办的事"})
	for _, c := range own {
		award := "—"
		if c.Award.Valid {
			award = view.MoneyShort(c.Award.Decimal).String()
		}
		todo := view.Cell{Text: "—"}
		switch {
		case c.State == market.ChallengeOpen && c.Unanswered > 0:
			todo = view.Cell{Text: fmt.Sprintf("答复 %d 个提问", c.Unanswered), Href: challengePath(c.ID) + "#questions"}
		case c.State == market.ChallengeOpen:
			todo = view.Cell{Text: "定好评审", Href: judgingPath(c.ID)}
		case c.State == market.ChallengeJudging:
			todo = view.Cell{Text: "评审与决定", Href: judgingPath(c.ID)}
		case c.State.Editable():
			todo = view.Cell{Text: "修改后提交", Href: challengePath(c.ID) + "/edit"}
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: c.Title, Href: challengePath(c.ID), Sub: c.Number}, {Text: award},
			{Text: s.challengeEnd(market.Challenge{State: c.State, Deadline: c.Deadline})}, {State: new(challengeState(c.State))}, todo}})
	}
	return t
}

func (s *Server) ownProposalTable(proposals []store.OwnProposalCard) view.Table {
	t := listTable("我的方案", view.Col{Label: "榜单"}, view.Col{Label: "报价"}, view.Col{Label: "截止"}, view.Col{Label: "榜单状态"}, view.Col{Label: "方案"})
	for _, p := range proposals {
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: p.Title, Href: proposalPath(p.ChallengeID), Sub: joinFacts(p.Number, p.OrgName)}, {Text: view.MoneyShort(p.Price).String()},
			{Text: s.challengeEnd(market.Challenge{State: p.Challenge, Deadline: &p.Deadline})}, {Text: p.Challenge.Name()}, {State: new(proposalState(market.Proposal{State: p.State}))}}})
	}
	return t
}

func (s *Server) judgedTable(judged []store.JudgedChallenge) view.Table {
	t := listTable("请我评审", view.Col{Label: "榜单"}, view.Col{Label: "截止"}, view.Col{Label: "榜单状态"}, view.Col{Label: "评审"}, view.Col{Label: "要办的事"})
	for _, j := range judged {
		todo := view.Cell{Text: "—"}
		if text := judgingTodo(j); text != "" {
			todo = view.Cell{Text: text, Href: judgingPath(j.ChallengeID)}
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: j.Title, Href: judgingPath(j.ChallengeID), Sub: joinFacts(j.Number, j.OrgName)},
			{Text: s.challengeEnd(market.Challenge{State: j.Challenge, Deadline: &j.Deadline})}, {Text: j.Challenge.Name()}, {State: new(judgeState(j.State))}, todo}})
	}
	return t
}

// judgingTodo is what a judge has to do now, "" when nothing.
func judgingTodo(j store.JudgedChallenge) string {
	switch {
	case j.State == market.JudgeInvited && (j.Challenge == market.ChallengeOpen || j.Challenge == market.ChallengeJudging):
		return "答复邀请"
	case j.State == market.JudgeAccepted && j.Challenge == market.ChallengeJudging && j.Left > 0:
		return fmt.Sprintf("评审 %d 份方案", j.Left)
	}
	return ""
}

// challengeTasks are the challenges of the organisation that wait for it, and those that the person has to judge.
func (s *Server) challengeTasks(ctx context.Context, a market.Actor) ([]task, error) {
	own, _, err := s.Store.OwnChallenges(ctx, a, store.PageSlice(1, tasksShown))
	if err != nil {
		return nil, err
	}
	var out []task
	for _, c := range own {
		path := challengePath(c.ID)
		switch {
		case c.State == market.ChallengeReturned:
			out = append(out, task{Title: "修改被退回的榜单：" + c.Title, Href: path, Note: c.Number, When: "改好后再提交", Act: view.Action{Label: "去修改", Href: path + "/edit", Small: true}})
		case c.State == market.ChallengeOpen && c.Unanswered > 0:
			out = append(out, task{Title: "答复榜单提问：" + c.Title, Href: path + "#questions", Note: fmt.Sprintf("%d 个问题，%s", c.Unanswered, c.Number), at: *c.Deadline,
				When: view.MonthDay(*c.Deadline) + " 截止前", Act: view.Action{Label: "去答复", Href: path + "#questions", Small: true}})
		case c.State == market.ChallengeJudging:
			out = append(out, task{Title: "评审与决定：" + c.Title, Href: judgingPath(c.ID), Note: c.Number, When: "已截止", Act: view.Action{Label: "去办", Href: judgingPath(c.ID), Small: true}})
		}
	}
	judged, err := s.Store.JudgedChallenges(ctx, a, tasksShown)
	for _, j := range judged {
		if text := judgingTodo(j); text != "" {
			out = append(out, task{Title: text + "：" + j.Title, Href: judgingPath(j.ChallengeID), Note: joinFacts(j.Number, j.OrgName), When: "请您评审", Act: view.Action{Label: "去办", Href: judgingPath(j.ChallengeID), Small: true}})
		}
	}
	return out, err
}
