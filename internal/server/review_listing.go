package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/search"
)

// Of similarTried published listings that the title finds, at most similarShown are named whose titles resemble it by
// similarFrom or more.
const (
	similarTried = 20
	similarShown = 3
	similarFrom  = 0.4
)

// reviewed is a need or a result under review in the words of the page.
type reviewed struct {
	market.Listing
	content  reviewContent
	findings map[string]evidence
}

// showListingReview shows a need or a result to a reviewer, with the form as it was filled in.
func (s *Server) showListingReview(c echo.Context, a market.Actor, kind market.Kind, id int64, form reviewForm, err error) error {
	ctx := c.Request().Context()
	text, loadErr := s.Service.PublicText(ctx, a, kind, id)
	if loadErr != nil {
		return loadErr
	}
	page, loadErr := s.listingReviewPage(c, a, market.Subject(kind), id, text, form, err)
	if loadErr != nil {
		return loadErr
	}
	l := *text.Listing()
	if l.State == market.InReview {
		if page.Similar, loadErr = s.similar(ctx, a, l); loadErr != nil {
			return loadErr
		}
		if page.Changes, loadErr = s.sinceReview(ctx, a, text); loadErr != nil {
			return loadErr
		}
		page.findings["single"] = similarFinding(page.Similar)
		due := s.reviewDue(market.Subject(kind), *l.SubmittedAt)
		page.Due = &due
		page.ChecksOf = "核对单：" + market.Subject(kind).Name()
		page.Checks = tickList(market.Subject(kind), form.ticks, page.findings, errorsOf(err))
		page.Decide = s.listingDecision(l, page.Own, form, err)
	}
	return s.renderReview(c, a, page, id, err)
}

// sinceReview is what changed since a reviewer decided about the listing last.
func (s *Server) sinceReview(ctx context.Context, a market.Actor, text market.Text) ([]view.Change, error) {
	last, err := s.Store.LastRevision(ctx, a, text.Listing().ID)
	if market.IsKind(err, market.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.changes(last.Text, text, true), nil
}

// listingReviewPage fills what the review of a listing and of an edit of one have in common. subject and id are of what is
// decided on, text is as the public would read it.
func (s *Server) listingReviewPage(c echo.Context, a market.Actor, subject market.Subject, id int64, text market.Text, form reviewForm, err error) (reviewShow, error) {
	ctx := c.Request().Context()
	l, loadErr := s.reviewedText(ctx, a, text)
	if loadErr != nil {
		return reviewShow{}, loadErr
	}
	o, loadErr := s.Store.Org(ctx, a, l.OrgID)
	if loadErr != nil {
		return reviewShow{}, loadErr
	}
	if !a.Reaches(o.Region, market.Reviewer) {
		return reviewShow{}, market.ErrNotFound
	}
	object := market.Object{Kind: string(l.Kind), ID: l.ID}
	own, loadErr := s.Store.Interested(ctx, a.UserID, object, o.ID)
	if loadErr != nil {
		return reviewShow{}, loadErr
	}
	page, loadErr := s.reviewPageOf(c, a, subject, id, l.Title, form, err)
	if loadErr != nil {
		return page, loadErr
	}
	moves, loadErr := s.Store.Moves(ctx, object)
	if loadErr != nil {
		return page, loadErr
	}
	page.History = s.reviewLog(moves, subject)
	page.Own, page.findings = own, l.findings
	page.Party = view.Party{Name: o.Name, Href: reviewPath(market.SubjectOrg, o.ID), Verified: view.VerifiedOrg(o.State == market.OrgVerified)}
	page.Sub, page.Demo = []string{s.ref.Regions.Name(l.Region), l.Number}, o.Demo
	page.State = view.State{Text: l.State.Name(l.Kind)}
	page.Content = l.content
	if l.HideOrg {
		page.Content.Private = append(page.Content.Private, view.Fact{Label: "单位名称", Text: "不公开，公众看到“" + s.hiddenName(l.Submarket, o.Type) + "”"})
	}
	if page.Org, loadErr = s.orgRecordFacts(ctx, o.ID); loadErr != nil {
		return page, loadErr
	}
	page.Org = append([]view.Fact{{Label: "信用代码", Text: string(o.USCC), Code: true}}, page.Org...)
	page.OrgRef = view.Link{Label: o.Name, Href: orgPath(o.ID)}
	if o.State != market.OrgVerified {
		page.Notes = []view.Alert{{Kind: view.AlertWarn, Title: "提交单位" + o.State.Name(), Text: "单位没有通过核验或已被暂停，它的内容不能公开"}}
	}
	return page, nil
}

func (s *Server) listingDecision(l market.Listing, own bool, form reviewForm, err error) *reviewDecision {
	path := listingPath(l.Kind, l.ID)
	other := market.Subject(l.Kind.Other()).Name()
	d := &reviewDecision{Pass: path + "/publish", Return: path + "/return", PassWord: "通过，公开", BackWord: "退回修改", Version: l.Version,
		ThenPass: fmt.Sprintf("马上公开并可搜索到，有效期 %d 个月；系统随即匹配%s；提交单位收到通知。",
			int(s.ref.Parameter(string(l.Kind)+"_valid_months", s.Service.Today())), other),
		ThenBack: "提交单位收到原因和您的话；改好后再次提交，回到队列，重新计时。"}
	if own {
		d.Why = "这是您所在单位提交或您经手的，由其他审核人员办理"
	}
	d.Choice.Options = []view.Option{
		{Value: "pass", Label: "通过，公开", Hint: "核对单须全部合格或不适用"},
		{Value: "back", Label: "退回修改", Hint: "须选原因，写明要改什么"},
	}
	decisionFields(d, s.ref.ListingReturn, true, form, err)
	return d
}

// reviewedText puts a need or a result into the words of the page, with all that a reviewer may see of it.
func (s *Server) reviewedText(ctx context.Context, a market.Actor, text market.Text) (reviewed, error) {
	var l reviewed
	var err error
	if text.Need != nil {
		l, err = s.reviewedNeed(ctx, *text.Need)
	} else {
		l, err = s.reviewedResult(*text.Result)
	}
	if err != nil {
		return reviewed{}, err
	}
	l.content.Heading, l.content.Note, l.content.Preview = "公众将看到", "按公开页的内容", listingPath(l.Kind, l.ID)
	l.content.Gated = l.Gated
	files, err := s.Store.ListingFiles(ctx, a, l.ID)
	if err != nil {
		return reviewed{}, err
	}
	for _, f := range files {
		l.content.Files = append(l.content.Files, s.fileItem(f))
	}
	l.content.Private = []view.Fact{{Label: "联系人", Text: dash(joinFacts(l.ContactName, l.ContactPhone))}}
	l.findings["state"] = foundNo("没有勾选承诺")
	if l.SecrecyConfirmed {
		l.findings["state"] = foundOK("提交人已承诺")
	}
	l.findings["secret"] = toAsk("请看公开部分有没有配方、参数、图纸编号")
	l.findings["field"] = foundOK("%s：%s", dash(s.ref.Submarkets.Name(l.Submarket)), strings.Join(s.fieldNames(l.Fields), "、"))
	l.findings["contact"] = contactFinding(l.content)
	return l, nil
}

func (s *Server) reviewedNeed(ctx context.Context, n market.Need) (reviewed, error) {
	median, err := s.Store.BudgetMedian(ctx, n.Submarket)
	if err != nil {
		return reviewed{}, err
	}
	l := reviewed{Listing: n.Listing, findings: map[string]evidence{}}
	l.content.Facts = append(s.listingFacts(n.Listing), view.Fact{Label: "预算", Text: priceText(n.Budget).String()}, view.Fact{Label: "截止日期", Text: dateOrDash(n)})
	if n.Ownership != "" {
		l.content.Facts = append(l.content.Facts, view.Fact{Label: "成果归属", Text: n.Ownership})
	}
	l.content.Texts = texts(reviewText{"要解决的问题", n.Problem}, reviewText{"背景", n.Background}, reviewText{"对合作方的要求", n.Partner})
	l.content.Table = indicatorTable(n.Indicators)
	l.findings["clear"] = lengthFinding("要解决的问题", n.Problem)
	l.findings["measures"] = indicatorFinding(n.Indicators)
	terms := fmt.Sprintf("预算 %s，截止 %s", priceText(n.Budget), dateOrDash(n))
	if median.Valid {
		terms += fmt.Sprintf("；同一专业市场公开需求的预算中位数 %s", market.FormatMoney(median.Decimal))
	}
	l.findings["terms"] = toAsk("%s", terms)
	return l, nil
}

func dateOrDash(n market.Need) string {
	if n.Deadline == nil {
		return "—"
	}
	return view.Date(*n.Deadline)
}

func (s *Server) reviewedResult(r market.Result) (reviewed, error) {
	l := reviewed{Listing: r.Listing, findings: map[string]evidence{}}
	stage := stageText(r)
	price := market.PriceMethods.Name(r.PriceMethod) + "，" + resultPrice(r.Price).String()
	l.content.Facts = append(s.listingFacts(r.Listing), view.Fact{Label: "成熟度", Text: stage}, view.Fact{Label: "价格", Text: price})
	if r.Inventors != "" {
		l.content.Facts = append(l.content.Facts, view.Fact{Label: "完成人", Text: r.Inventors})
	}
	l.content.Texts = texts(reviewText{"成果简介", r.Summary}, reviewText{"解决的问题", r.Problem}, reviewText{"与现有方案相比的优势", r.Advantage},
		reviewText{"经济性", r.Economics}, reviewText{"成熟度依据", r.Evidence}, reviewText{"应用案例", r.Cases})
	if len(r.IPs) > 0 {
		rights := s.ipTable(r.IPs, s.Service.Today())
		l.content.Table = &rights
	}
	l.findings["clear"] = lengthFinding("成果简介", r.Summary)
	l.findings["measures"] = toAsk("优势 %d 个字，经济性 %d 个字", market.RuneLen(r.Advantage), market.RuneLen(r.Economics))
	l.findings["stage"] = stageFinding(r, stage)
	l.findings["rights"] = rightsFinding(r.IPs, s.Service.Today())
	l.findings["terms"] = toAsk("%s", price)
	return l, nil
}

// listingFacts are the facts that needs and results have in common.
func (s *Server) listingFacts(l market.Listing) []view.Fact {
	var modes []string
	for _, m := range l.Modes {
		modes = append(modes, market.Modes.Name(m))
	}
	return []view.Fact{
		{Label: "专业市场", Text: dash(s.ref.Submarkets.Name(l.Submarket))},
		{Label: "细分领域", Text: dash(strings.Join(s.fieldNames(l.Fields), "、"))},
		{Label: "所在地", Text: dash(s.ref.Regions.Name(l.Region))},
		{Label: "合作方式", Text: dash(strings.Join(modes, "、"))},
	}
}

// texts keeps the texts that are not empty.
func texts(all ...reviewText) []reviewText {
	var out []reviewText
	for _, t := range all {
		if t.Text != "" {
			out = append(out, t)
		}
	}
	return out
}

func indicatorTable(rows []market.Indicator) *view.Table {
	if len(rows) == 0 {
		return nil
	}
	t := &view.Table{Label: "指标", Class: "mk-dense mk-table--stack", Cols: []view.Col{{Label: "指标"}, {Label: "现值", Num: true}, {Label: "要求", Num: true}, {Label: "单位"}, {Label: "检验方法"}}}
	for _, r := range rows {
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: r.Name}, {Text: dash(r.Now)}, {Text: r.Target}, {Text: dash(r.Unit)}, {Text: dash(r.Method)}}})
	}
	return t
}

func lengthFinding(label, text string) evidence {
	if n := market.RuneLen(text); n > 0 {
		return toAsk("“%s” %d 个字", label, n)
	}
	return foundNo("没有写“%s”", label)
}

// indicatorFinding names the first row that is not complete.
func indicatorFinding(rows []market.Indicator) evidence {
	if len(rows) == 0 {
		return foundNo("没有指标")
	}
	for i, r := range rows {
		for _, part := range []struct{ label, value string }{{"现值", r.Now}, {"单位", r.Unit}, {"检验方法", r.Method}} {
			if part.value == "" {
				return foundNo("第 %d 行没有%s", i+1, part.label)
			}
		}
	}
	return foundOK("%d 项指标，现值、要求、单位、检验方法齐全", len(rows))
}

func stageFinding(r market.Result, stage string) evidence {
	has := func(label, text string) string {
		if text == "" {
			return "没有写" + label
		}
		return "写了" + label
	}
	return toAsk("%s；%s，%s", stage, has("依据", r.Evidence), has("应用案例", r.Cases))
}

func rightsFinding(ips []market.IP, today time.Time) evidence {
	patents, others, expired := 0, 0, 0
	for _, ip := range ips {
		switch {
		case ip.Patent():
			patents++
		case ip.Type != "none":
			others++
		}
		if ip.Expired(today) {
			expired++
		}
	}
	if expired > 0 {
		return foundNo("%s，其中 %d 项专利已过期，状态应为已失效", ipText(patents, others), expired)
	}
	if text := ipText(patents, others); text != "" {
		return toAsk("%s，专利编号的校验位相符", text)
	}
	return toAsk("没有列出知识产权")
}

// contactFinding looks for ways around the market in what the public will see.
func contactFinding(content reviewContent) evidence {
	for _, t := range content.Texts {
		if found := market.ContactIn(t.Text); found != "" {
			return foundNo("“%s”里有“%s”", t.Label, found)
		}
	}
	return foundOK("自动检查没有发现")
}

// similar names published listings of the same kind whose titles are much like this one's.
func (s *Server) similar(ctx context.Context, a market.Actor, l market.Listing) ([]view.Link, error) {
	found, err := s.Search.Search(ctx, search.Query{Text: l.Title, Kind: l.Kind, Limit: similarTried})
	if errors.Is(err, search.ErrNoText) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cards, err := s.Store.ListingCards(ctx, a, found.IDs)
	if err != nil {
		return nil, err
	}
	var links []view.Link
	for _, card := range cards {
		if card.ID != l.ID && resemblance(l.Title, card.Title) >= similarFrom && len(links) < similarShown {
			links = append(links, view.Link{Label: joinFacts(card.Title, card.OrgName), Href: listingPath(card.Kind, card.ID)})
		}
	}
	return links, nil
}

// resemblance is the share of pairs of neighbouring characters that two titles have in common, from 0 to 1.
func resemblance(a, b string) float64 {
	pairs := func(text string) map[string]bool {
		runes, set := []rune(strings.Map(market.FoldRune, text)), map[string]bool{}
		for i := range len(runes) - 1 {
			set[string(runes[i:i+2])] = true
		}
		return set
	}
	left, right, common := pairs(a), pairs(b), 0
	for pair := range left {
		if right[pair] {
			common++
		}
	}
	return 2 * float64(common) / max(float64(len(left)+len(right)), 1)
}

func similarFinding(links []view.Link) evidence {
	if len(links) == 0 {
		return foundOK("没有找到相近的公开内容")
	}
	return toAsk("找到 %d 项相近的公开内容，列在核对单下面", len(links))
}
