package server

import (
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

func (s *Server) reviewChallenge(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.showChallengeReview(c, a, id, s.queryForm(c), nil)
}

func (s *Server) challengePublish(c echo.Context, a market.Actor) error {
	return s.decideChallengeReview(c, a, false, func(id int64, f reviewForm) (string, error) {
		return "榜单已公开", s.Service.PublishChallenge(c.Request().Context(), a, id, f.version, f.ticks)
	})
}

func (s *Server) challengeReturn(c echo.Context, a market.Actor) error {
	return s.decideChallengeReview(c, a, true, func(id int64, f reviewForm) (string, error) {
		return "榜单已退回修改", s.Service.ReturnChallenge(c.Request().Context(), a, id, f.version, f.codes, f.note)
	})
}

func (s *Server) decideChallengeReview(c echo.Context, a market.Actor, back bool, act func(int64, reviewForm) (string, error)) error {
	return s.decide(c, a, market.SubjectChallenge, back, act, func(id int64, f reviewForm, err error) error { return s.showChallengeReview(c, a, id, f, err) })
}

// showChallengeReview shows a challenge to a reviewer, with the form as it was filled in.
func (s *Server) showChallengeReview(c echo.Context, a market.Actor, id int64, form reviewForm, err error) error {
	ctx := c.Request().Context()
	ch, loadErr := s.Store.Challenge(ctx, a, id)
	if loadErr == nil && (!a.Reaches(ch.Region, market.Reviewer) || ch.State == market.ChallengeDraft) {
		loadErr = market.ErrNotFound
	}
	if loadErr != nil {
		return loadErr
	}
	page, loadErr := s.reviewPageOf(c, a, market.SubjectChallenge, id, ch.Title, form, err)
	if loadErr != nil {
		return loadErr
	}
	o, loadErr := s.Store.Org(ctx, a, ch.OrgID)
	if loadErr != nil {
		return loadErr
	}
	if page.Own, loadErr = s.Store.Interested(ctx, a.UserID, market.Object{Kind: "challenge", ID: id}, o.ID); loadErr != nil {
		return loadErr
	}
	page.Party = view.Party{Name: o.Name, Href: reviewPath(market.SubjectOrg, o.ID), Verified: view.VerifiedOrg(o.State == market.OrgVerified)}
	page.Sub, page.Demo, page.State = []string{s.ref.Regions.Name(o.Region), ch.Number}, o.Demo, challengeState(ch.State)
	page.Content = s.challengeContent(ch.Challenge)
	if page.Org, loadErr = s.orgRecordFacts(ctx, o.ID); loadErr != nil {
		return loadErr
	}
	page.Org, page.OrgRef = append([]view.Fact{{Label: "信用代码", Text: string(o.USCC), Code: true}}, page.Org...), view.Link{Label: o.Name, Href: orgPath(o.ID)}
	if o.State != market.OrgVerified {
		page.Notes = []view.Alert{{Kind: view.AlertWarn, Title: "提交单位" + o.State.Name(), Text: "单位没有通过核验或已被暂停，它的内容不能公开"}}
	}
	if ch.State == market.ChallengeInReview {
		s.fillChallengeDecision(&page, ch, form, err)
	}
	return s.renderReview(c, a, page, id, err)
}

// challengeContent is a challenge in the words of the page of a review.
func (s *Server) challengeContent(c market.Challenge) reviewContent {
	content := reviewContent{Heading: "公众将看到", Note: "公开后到截止不能修改、不能撤回", Preview: challengePath(c.ID), Table: indicatorTable(c.Indicators), Facts: []view.Fact{
		{Label: "专业市场", Text: dash(s.ref.Submarkets.Name(c.Submarket))}, {Label: "细分领域", Text: dash(strings.Join(s.fieldNames(c.Fields), "、"))}}}
	content.Facts = append(content.Facts, s.challengeTerms(c)...)
	content.Texts = texts(reviewText{"要解决的问题", c.Problem}, reviewText{"对揭榜方的要求", c.Requirements})
	var criteria []string
	for _, row := range c.Criteria {
		criteria = append(criteria, joinFacts(fmt.Sprintf("%s %d%%", row.Name, row.Weight), row.Detail))
	}
	content.Texts = append(content.Texts, texts(reviewText{"评审标准", strings.Join(criteria, "\n")})...)
	content.Private = []view.Fact{{Label: "联系人", Text: dash(joinFacts(c.ContactName, c.ContactPhone))}}
	return content
}

// challengeTerms are what the award is and how it is given.
func (s *Server) challengeTerms(c market.Challenge) []view.Fact {
	var facts []view.Fact
	if c.Award.Valid {
		facts = append(facts, view.Fact{Label: "榜金", Text: view.Money(c.Award.Decimal).String()})
	}
	facts = appendFact(facts, "支付方式", c.Payment)
	facts = append(facts, view.Fact{Label: "中榜", Text: fmt.Sprintf("最多 %d 家", c.Awards)})
	if kind, ok := s.ref.ContractKind(c.ContractKind); ok {
		facts = append(facts, view.Fact{Label: "签订合同", Text: kind.Name()})
	}
	return append(facts, view.Fact{Label: "截止", Text: s.challengeEnd(c)})
}

func (s *Server) fillChallengeDecision(page *reviewShow, c store.Challenge, form reviewForm, err error) {
	due := s.reviewDue(market.SubjectChallenge, *c.SubmittedAt)
	page.Due, page.ChecksOf = &due, "核对单：榜单"
	sum := 0
	for _, row := range c.Criteria {
		sum += row.Weight
	}
	found := map[string]evidence{"clear": lengthFinding("要解决的问题", c.Problem), "measures": indicatorFinding(c.Indicators), "state": foundNo("没有勾选承诺"),
		"terms":    toAsk("榜金 %s，%s 截止", view.Money(c.Award.Decimal), view.DateTime(*c.Deadline)),
		"criteria": toAsk("%d 项，权重合计 %d", len(c.Criteria), sum), "fair": toAsk("请看“对揭榜方的要求”"),
		"secret": toAsk("请看公开部分有没有配方、参数、图纸编号"), "contact": contactFinding(page.Content),
		"field": foundOK("%s：%s", dash(s.ref.Submarkets.Name(c.Submarket)), strings.Join(s.fieldNames(c.Fields), "、"))}
	if c.SecrecyConfirmed {
		found["state"] = foundOK("提交人已承诺")
	}
	page.Checks = tickList(market.SubjectChallenge, form.ticks, found, errorsOf(err))
	path := challengePath(c.ID)
	d := &reviewDecision{Pass: path + "/publish", Return: path + "/return", PassWord: "通过，公开发榜", BackWord: "退回修改", Version: c.Version,
		ThenPass: "马上公开并接受方案。截止前提交单位不能修改、不能撤回，只有主管部门能决定终止；提交单位收到通知。",
		ThenBack: "提交单位收到原因和您的话；改好后再次提交，回到队列，重新计时。"}
	if page.Own {
		d.Why = "这是您所在单位提交或您经手的，由其他审核人员办理"
	}
	d.Choice.Options = []view.Option{
		{Value: "pass", Label: "通过，公开发榜", Hint: "核对单须全部合格或不适用"},
		{Value: "back", Label: "退回修改", Hint: "须选原因，写明要改什么"},
	}
	decisionFields(d, s.ref.ListingReturn, true, form, err)
	page.Decide = d
}
