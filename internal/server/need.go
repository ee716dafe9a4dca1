package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// needShow is the page of a need.
type needShow struct {
	listingShow
	Need market.Need
}

func (needShow) Template() string { return "page/need/show" }

func (s *Server) needShow(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	n, err := s.Store.Need(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	common, err := s.listing(c, a, n.Listing, n.Problem)
	if err != nil {
		return err
	}
	s.countView(c.Request(), a, n.Listing)
	page := needShow{listingShow: common, Need: n}
	page.PriceLabel, page.Price, page.PriceWord = "预算", priceText(n.Budget), priceWord(n.Budget)
	page.Facts = append(s.deadlineFacts(n), page.Facts...)
	page.Conditions = appendFact(page.Conditions, "成果归属", n.Ownership)
	page.Conditions = appendFact(page.Conditions, "对合作方要求", n.Partner)
	return s.render(c, page)
}

// priceWord is a single sum in capital numerals.
func priceWord(p market.Price) string {
	if p.Kind != market.PriceAmount || !p.Min.Valid {
		return ""
	}
	return market.Uppercase(p.Min.Decimal)
}

func (s *Server) deadlineFacts(n market.Need) []view.Fact {
	if n.Deadline == nil {
		return nil
	}
	text := view.Date(*n.Deadline)
	switch left := s.daysLeft(*n.Deadline); {
	case n.State != market.Published:
	case left < 0:
		text += "，已过"
	default:
		text += "，" + leftText(left)
	}
	return []view.Fact{{Label: "截止", Text: text}}
}

// appendFact adds a fact that is stated.
func appendFact(facts []view.Fact, label, text string) []view.Fact {
	if text == "" {
		return facts
	}
	return append(facts, view.Fact{Label: label, Text: text})
}

// needInput is what was typed into the form of a need.
type needInput struct {
	listingInput
	Problem    string
	Background string
	Indicators []market.Indicator
	Deadline   string
	Ownership  string
	Partner    string
}

func postedNeed(c echo.Context) (needInput, error) {
	common, err := postedListing(c, "budget")
	in := needInput{listingInput: common, Problem: c.FormValue("problem"), Background: c.FormValue("background"),
		Deadline: c.FormValue("deadline"), Ownership: c.FormValue("ownership"), Partner: c.FormValue("partner"), Indicators: postedIndicators(c)}
	return in, err
}

func postedIndicators(c echo.Context) []market.Indicator {
	var out []market.Indicator
	for _, row := range rowValues(c, "indicators", "name", "now", "target", "unit", "method") {
		out = append(out, market.Indicator{Name: row[0], Now: row[1], Target: row[2], Unit: row[3], Method: row[4]})
	}
	return out
}

func typedNeed(n market.Need) needInput {
	in := needInput{listingInput: typedListing(n.Listing, n.Budget), Problem: n.Problem, Background: n.Background,
		Indicators: n.Indicators, Ownership: n.Ownership, Partner: n.Partner}
	if n.Deadline != nil {
		in.Deadline = view.Date(*n.Deadline)
	}
	return in
}

// need is what was typed as the domain takes it, with what could not be read.
func (in needInput) need() (market.Need, market.Problems) {
	var p market.Problems
	n := market.Need{Listing: in.listing(), Problem: in.Problem, Background: in.Background,
		Indicators: append([]market.Indicator(nil), in.Indicators...), Ownership: in.Ownership, Partner: in.Partner}
	n.Budget = price(&p, "budget", in.Low, in.High)
	n.Deadline = datePointer(parseDate(&p, "deadline", in.Deadline))
	return n, p
}

func (s *Server) needNew(c echo.Context, a market.Actor) error {
	if a.OrgID == 0 {
		return s.redirectToOrg(c, "技术需求")
	}
	if err := a.RequireEditor(market.ScopePost); err != nil {
		return err
	}
	begun := func(name string, most int) string { // what somebody looked for in vain
		return market.Truncate(market.Normalize(strings.ToValidUTF8(c.QueryParam(name), "")), most)
	}
	return s.showNeedForm(c, a, needInput{Problem: begun("problem", market.MaxText),
		listingInput: listingInput{Key: formKey(), Title: begun("title", market.MaxTitle), ContactName: a.UserName}}, nil)
}

func (s *Server) needCreate(c echo.Context, a market.Actor) error {
	return s.saveNeed(c, a, 0)
}

func (s *Server) needEdit(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	n, err := s.ownNeed(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	return s.showNeedForm(c, a, typedNeed(n), nil)
}

// ownNeed loads what the form of a need shows: of a public one its edit, if there is one.
func (s *Server) ownNeed(ctx context.Context, a market.Actor, id int64) (market.Need, error) {
	text, err := s.Service.EditedText(ctx, a, market.KindNeed, id)
	if err != nil {
		return market.Need{}, err
	}
	return *text.Need, mustOwn(a, text.Need.Listing)
}

func (s *Server) needUpdate(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.saveNeed(c, a, id)
}

// saveNeed stores a posted form, and submits it when that button was pressed. id is 0 for a new need.
func (s *Server) saveNeed(c echo.Context, a market.Actor, id int64) error {
	in, err := postedNeed(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	in.ID = id
	n, problems := in.need()
	if id != 0 {
		old, err := s.Store.Need(ctx, a, id)
		if err != nil {
			return err
		}
		if a.OrgID != old.OrgID {
			return market.ErrNotFound
		}
		n.ImportID, in.number, in.state = old.ImportID, old.Number, old.State
	}
	if err := s.slip(ctx, &problems, &in.listingInput, "budget", n.Budget, s.Store.BudgetMedian); err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.showNeedForm(c, a, in, merge(problems, s.checkNeed(a, n, in.submitted).Err()))
	}
	id, err = s.writeNeed(ctx, a, n, in)
	if market.AsError(err) != nil && !market.IsKind(err, market.NotFound) {
		in.stale = market.IsKind(err, market.Conflict)
		return s.showNeedForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	if keepsItself(c) {
		stored, err := s.Store.Need(ctx, a, id)
		if err != nil {
			return err
		}
		return s.kept(c, stored.Listing)
	}
	return s.saved(c, a, market.KindNeed, id, in.submitted)
}

func (s *Server) checkNeed(a market.Actor, n market.Need, submit bool) market.Problems {
	if submit {
		return s.Service.CheckNeed(a, &n)
	}
	return n.CheckDraft(s.ref)
}

func (s *Server) writeNeed(ctx context.Context, a market.Actor, n market.Need, in needInput) (int64, error) {
	switch {
	case n.ID == 0 && in.submitted:
		return s.Service.CreateAndSubmitNeed(ctx, a, n, in.Key)
	case n.ID == 0:
		return s.Service.CreateNeed(ctx, a, n, in.Key)
	case in.submitted:
		return n.ID, s.Service.EditAndSubmitNeed(ctx, a, n)
	}
	return n.ID, s.Service.EditNeed(ctx, a, n)
}

// saved goes on to the page of what was saved.
func (s *Server) saved(c echo.Context, a market.Actor, kind market.Kind, id int64, submitted bool) error {
	cards, err := s.Store.ListingCards(c.Request().Context(), a, []int64{id})
	if err != nil {
		return err
	}
	if len(cards) == 0 { // posted again after the draft was deleted
		return market.ErrNotFound
	}
	message := fmt.Sprintf("草稿已保存，编号 %s", cards[0].Number)
	if cards[0].State.Public() {
		message = "修改已保存，还没有提交；公开的内容不变"
	}
	if submitted {
		message = submittedText(cards[0])
	}
	return s.done(c, listingPath(kind, id), message)
}

// needSubmit hands in a stored draft; what is missing is shown in its form.
func (s *Server) needSubmit(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.Service.SubmitListing(ctx, a, market.KindNeed, id)
	if market.IsKind(err, market.Invalid) {
		n, loadErr := s.ownNeed(ctx, a, id)
		if loadErr != nil {
			return loadErr
		}
		return s.showNeedForm(c, a, typedNeed(n), err)
	}
	if err != nil {
		return err
	}
	return s.saved(c, a, market.KindNeed, id, true)
}

// needSteps is the way through the form of a need, with its fields in order.
var needSteps = []formStep{
	{"问题", "#s1", []string{"title", "submarket", "fields", "problem", "background"}},
	{"指标", "#s2", []string{"indicators"}},
	{"预算与合作", "#s3", []string{"budget", "budget_max", "deadline", "modes", "ownership", "partner", "region", "tech_field"}},
	{"公开范围", "#s4", []string{"gated", "contact_name", "contact_phone", "secrecy"}},
}

func (s *Server) showNeedForm(c echo.Context, a market.Actor, in needInput, err error) error {
	n, _ := in.need()
	missing := s.Service.CheckNeed(a, &n)
	in.Indicators = n.Indicators
	err = inFormOrder(err, needSteps)
	at := errorsOf(err)
	page := s.formPage(c, a, market.KindNeed, in.listingInput, err)
	page.Lead = "写清楚“现在多少、要做到多少、怎么检验”，匹配才准。约 5 分钟，随时可以保存草稿。"
	page.Sections = []formSection{s.needProblem(in, at), needIndicators(in, at), s.needTerms(in, at),
		s.publicSection(a, in.listingInput, at, "四、公开范围", "配方、设备型号、客户名称等。不公开、不进搜索；对接后由您决定是否提供给对方")}
	page.Steps = stepsOf(missing, needSteps)
	page.NeedCard = s.needPreview(a, n)
	page.Checks = needChecks(n, missing)
	return s.renderForm(c, page, err)
}

func (s *Server) needProblem(in needInput, at fieldErrors) formSection {
	return formSection{ID: "s1", Title: "一、问题", Parts: []formPart{
		titleField(in.listingInput, at, "写“对象＋工艺＋要达到的效果”，不写公司名。例：碳氢树脂高频板压合翘曲控制到 0.5% 以内"),
		s.submarketField(in.listingInput, at), s.fieldsField(in.listingInput, at), {Examples: s.examples()},
		textField("problem", "现状与瓶颈", "现在怎么做、卡在哪里、试过什么。不要写配方等秘密，秘密放在第四部分。", in.Problem, at, 6, false),
		textField("background", "背景", "用在什么产品上、规模多大，帮助对方判断", in.Background, at, 3, true),
	}}
}

func needIndicators(in needInput, at fieldErrors) formSection {
	rows := view.Rows{Name: "indicators", Label: "指标", Error: rowsError(at, "indicators"), Max: market.MaxRows, Cols: []view.RowCol{
		{Name: "name", Label: "指标", Size: "w", Placeholder: "例：粒径 D97"}, {Name: "now", Label: "现值", Size: "n"},
		{Name: "target", Label: "要求", Size: "n"}, {Name: "unit", Label: "单位", Size: "u"},
		{Name: "method", Label: "检验方法", Size: "w", Placeholder: "标准号或办法"}}}
	for i, v := range in.Indicators {
		cell := func(column, value string) view.RowCell {
			return view.RowCell{Value: value, Error: at[fmt.Sprintf("indicators.%d.%s", i, column)]}
		}
		rows.Lines = append(rows.Lines, view.RowLine{Cells: []view.RowCell{cell("name", v.Name), cell("now", v.Now),
			cell("target", v.Target), cell("unit", v.Unit), cell("method", v.Method)}})
	}
	return formSection{ID: "s2", Title: "二、要达到的指标", Hint: "至少 1 行。成果方按这些行逐项答复，也写进合同的验收条款。", Parts: []formPart{{Rows: &rows}}}
}

func (s *Server) needTerms(in needInput, at fieldErrors) formSection {
	parts := []formPart{
		part(view.Field{Name: "budget", Kind: view.KindMoney, Label: "预算", Hint: "不确定可以不填，公开时写“面议”。有范围时，这里填下限。金额用于匹配，不作为报价。",
			Value: in.Low.Text, Unit: in.Low.Unit, Error: at["budget"], Confirm: in.confirmText()}),
		part(view.Field{Name: "budget_max", Kind: view.KindMoney, Label: "预算上限", Optional: true, Hint: "有范围时填", Value: in.High.Text, Unit: in.High.Unit, Error: at["budget_max"]}),
		part(view.Field{Name: "deadline", Kind: view.KindDate, Label: "截止日期", Hint: "希望在哪天以前解决", Value: in.Deadline, Error: at["deadline"]}),
		modesField(in.listingInput, at, "可接受的合作方式"),
		part(view.Field{Name: "ownership", Label: "成果归属意向", Optional: true, Placeholder: "例：专利双方共有", Value: in.Ownership, Error: at["ownership"]}),
		part(view.Field{Name: "partner", Kind: view.KindArea, Lines: 2, Label: "对合作方的要求", Optional: true, Value: in.Partner, Error: at["partner"]}),
	}
	return formSection{ID: "s3", Title: "三、预算与合作", Parts: append(parts, s.placeFields(in.listingInput, at)...)}
}

// rowsError is the message of an editor of rows: its own, or that of its first wrong row.
func rowsError(at fieldErrors, name string) string {
	if at[name] != "" {
		return at[name]
	}
	for i := range market.MaxRows {
		for _, column := range []string{"name", "now", "target", "unit", "method", "type", "title", "number", "status", "filed_on", "granted_on", "detail", "weight", "kind", "amount", "milestone", "due_on"} {
			if text := at[fmt.Sprintf("%s.%d.%s", name, i, column)]; text != "" {
				return text
			}
		}
	}
	return ""
}

// needPreview is the card as it will look in public, from what is in the form.
func (s *Server) needPreview(a market.Actor, n market.Need) *view.NeedCard {
	card := store.ListingCard{Kind: market.KindNeed, State: market.Published, Title: n.Title, Submarket: n.Submarket, Region: n.Region, Fields: n.Fields,
		OrgType: a.OrgType, OrgVerified: a.Verified(), Deadline: n.Deadline, IndicatorCount: len(n.Indicators),
		PriceKind: n.Budget.Kind, PriceMin: n.Budget.Min, PriceMax: n.Budget.Max}
	if len(n.Indicators) > 0 {
		first := n.Indicators[0]
		card.IndName, card.IndNow, card.IndTarget, card.IndUnit = first.Name, first.Now, first.Target, first.Unit
	}
	if !n.HideOrg {
		card.OrgName = a.OrgName
	}
	out := s.needCard(card, "")
	previewCard(&out.ID, &out.Title, &out.Fresh)
	out.Href, out.Live = "#title", true
	return &out
}

func previewCard(id *string, title *view.Marked, fresh *view.Fresh) {
	*id, *fresh = "preview", view.Fresh{Text: "预览"}
	if len(*title) == 0 {
		*title = view.Plain("（未填）")
	}
}

// needChecks says what the need still lacks, and what would make it match better.
func needChecks(n market.Need, missing market.Problems) view.Tick {
	items := []view.TickItem{
		check(missing, "title", "标题已填"),
		check(missing, "submarket", "已选专业市场"),
		check(missing, "fields", "已选细分领域"),
		check(missing, "problem", "写明了现状与瓶颈"),
		check(missing, "indicators", fmt.Sprintf("有 %d 项指标", len(n.Indicators))),
		check(missing, "deadline", "有截止日期"),
		check(missing, "modes", "已选合作方式"),
		check(missing, "secrecy", "已确认不含秘密"),
	}
	for i, row := range n.Indicators {
		if row.Method == "" {
			items = append(items, view.TickItem{Text: fmt.Sprintf("第 %d 项指标没有检验方法，建议补上", i+1), Mark: view.TickAsk})
			break
		}
	}
	if n.Budget.Kind == market.PriceOpen {
		items = append(items, view.TickItem{Text: "没有预算，公开时写“面议”；有预算匹配更准", Mark: view.TickAsk})
	}
	return view.Tick{Items: items}
}
