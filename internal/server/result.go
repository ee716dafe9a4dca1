package server

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// resultShow is the page of a result.
type resultShow struct {
	listingShow
	Result market.Result
	Stage  view.Stage
	IPs    view.Table
}

func (resultShow) Template() string { return "page/result/show" }

func (s *Server) resultShow(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	r, err := s.Store.Result(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	common, err := s.listing(c, a, r.Listing, r.Summary)
	if err != nil {
		return err
	}
	s.countView(c.Request(), a, r.Listing)
	mode := priceMode(r.PriceMethod)
	page := resultShow{listingShow: common, Result: r, Stage: stageOf(r.Stage, r.TRLMin, r.TRLMax), IPs: s.ipTable(r.IPs, s.Service.Today())}
	page.PriceLabel, page.PriceMode, page.Price, page.PriceWord = "价格", &mode, resultPrice(r.Price), priceWord(r.Price)
	page.Conditions = appendFact(page.Conditions, "完成人", r.Inventors)
	return s.render(c, page)
}

// resultPrice is a price with its decimals, as prices are written; a range or 面议 as in lists.
func resultPrice(p market.Price) view.MoneyText {
	if p.Kind == market.PriceAmount && p.Min.Valid {
		return view.Money(p.Min.Decimal)
	}
	return priceText(p)
}

// ipTable lists the rights. There are columns for dates when any right has one.
func (s *Server) ipTable(ips []market.IP, today time.Time) view.Table {
	t := view.Table{Label: "知识产权清单", Caption: "知识产权清单", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "名称"}, {Label: "号码", Nowrap: true}, {Label: "状态", Nowrap: true}}}
	dated := slices.ContainsFunc(ips, func(ip market.IP) bool { return ip.FiledOn != nil || ip.GrantedOn != nil })
	if dated {
		t.Cols = append(t.Cols, view.Col{Label: "申请日期", Nowrap: true}, view.Col{Label: "授权日期", Nowrap: true}, view.Col{Label: "到期日期", Nowrap: true})
	}
	for _, ip := range ips {
		row := []view.Cell{{Text: ip.Title, Sub: s.ref.IPTypes.Name(ip.Type)}, {Text: dash(ipNumber(ip))}, {Text: market.IPStatuses.Name(ip.Status)}}
		if ip.Title == "" {
			row[0] = view.Cell{Text: s.ref.IPTypes.Name(ip.Type)}
		}
		if dated {
			row = append(row, dayCell(ip.FiledOn), dayCell(ip.GrantedOn), expiryCell(ip, today))
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: row})
	}
	return t
}

func ipNumber(ip market.IP) string {
	if ip.Patent() {
		return market.PatentNumber(ip.Number).Display(ip.Status == "granted")
	}
	return ip.Number
}

func dayCell(day *time.Time) view.Cell {
	if day == nil {
		return view.Cell{Text: dash("")}
	}
	return view.Cell{Text: view.Date(*day)}
}

// expiryCell is the day on which a patent ends, with a mark when it has.
func expiryCell(ip market.IP, today time.Time) view.Cell {
	out := dayCell(ip.ExpiresOn())
	if ip.Expired(today) {
		out.Text += " "
		out.Badge = &view.Badge{Text: "已过期", Tone: view.ToneRed}
	}
	return out
}

// ipWords is a right with its dates in words.
func (s *Server) ipWords(ip market.IP) string {
	out := strings.Join(strings.Fields(strings.Join([]string{s.ref.IPTypes.Name(ip.Type), ipNumber(ip), ip.Title, market.IPStatuses.Name(ip.Status)}, " ")), " ")
	for _, d := range []struct {
		label string
		day   *time.Time
	}{{"申请日期", ip.FiledOn}, {"授权日期", ip.GrantedOn}, {"到期日期", ip.ExpiresOn()}} {
		if d.day != nil {
			out += "，" + d.label + " " + view.Date(*d.day)
		}
	}
	return out
}

// dash stands for what is not there.
func dash(text string) string {
	if text == "" {
		return "—"
	}
	return text
}

// resultInput is what was typed into the form of a result.
type resultInput struct {
	listingInput
	Summary     string
	Problem     string
	Advantage   string
	Economics   string
	Stage       string
	TRLMin      string
	TRLMax      string
	PriceMethod string
	Evidence    string
	IPs         []ipInput
	Inventors   string
	Cases       string
}

// ipInput is a right as it was typed.
type ipInput struct {
	Type, Title, Number, Status, FiledOn, GrantedOn string
}

// blank reports whether the row is one that nobody filled in.
func (in ipInput) blank() bool {
	return in.Type == "" && market.Normalize(in.Title+in.Number+in.FiledOn+in.GrantedOn) == ""
}

func typedIP(ip market.IP) ipInput {
	in := ipInput{Type: ip.Type, Title: ip.Title, Number: ip.Number, Status: ip.Status}
	if ip.FiledOn != nil {
		in.FiledOn = view.Date(*ip.FiledOn)
	}
	if ip.GrantedOn != nil {
		in.GrantedOn = view.Date(*ip.GrantedOn)
	}
	return in
}

func typedIPs(ips []market.IP) []ipInput {
	var out []ipInput
	for _, ip := range ips {
		out = append(out, typedIP(ip))
	}
	return out
}

// ip is the right of the row with that name. A date that can't be read is told, and is a day of no year, so that the check
// does not take its row for an empty one.
func (in ipInput) ip(p *market.Problems, at string) market.IP {
	date := func(field, text string) *time.Time {
		if market.Normalize(text) == "" {
			return nil
		}
		day := parseDate(p, at+field, text)
		return &day
	}
	return market.IP{Type: in.Type, Title: in.Title, Number: in.Number, Status: in.Status, FiledOn: date("filed_on", in.FiledOn), GrantedOn: date("granted_on", in.GrantedOn)}
}

func postedResult(c echo.Context) (resultInput, error) {
	common, err := postedListing(c, "price")
	in := resultInput{listingInput: common, Summary: c.FormValue("summary"), Problem: c.FormValue("problem"), Advantage: c.FormValue("advantage"),
		Economics: c.FormValue("economics"), Stage: c.FormValue("stage"), TRLMin: c.FormValue("trl_min"), TRLMax: c.FormValue("trl_max"),
		PriceMethod: c.FormValue("price_method"), Inventors: c.FormValue("inventors"), Cases: c.FormValue("cases"), Evidence: c.FormValue("evidence")}
	for _, row := range rowValues(c, "ips", "type", "title", "number", "status", "filed_on", "granted_on") {
		if ip := (ipInput{row[0], row[1], row[2], row[3], row[4], row[5]}); !ip.blank() {
			in.IPs = append(in.IPs, ip)
		}
	}
	return in, err
}

func typedResult(r market.Result) resultInput {
	in := resultInput{listingInput: typedListing(r.Listing, r.Price), Summary: r.Summary, Problem: r.Problem, Advantage: r.Advantage,
		Economics: r.Economics, Stage: r.Stage, PriceMethod: r.PriceMethod, IPs: typedIPs(r.IPs), Inventors: r.Inventors, Cases: r.Cases, Evidence: r.Evidence}
	if r.TRLMin != 0 {
		in.TRLMin, in.TRLMax = strconv.Itoa(r.TRLMin), strconv.Itoa(r.TRLMax)
	}
	return in
}

// result is what was typed as the domain takes it, with what could not be read.
func (in resultInput) result() (market.Result, market.Problems) {
	var p market.Problems
	r := market.Result{Listing: in.listing(), Summary: in.Summary, Problem: in.Problem, Advantage: in.Advantage, Economics: in.Economics,
		Stage: in.Stage, PriceMethod: in.PriceMethod, Inventors: in.Inventors, Cases: in.Cases, Evidence: in.Evidence}
	for i, ip := range in.IPs {
		r.IPs = append(r.IPs, ip.ip(&p, fmt.Sprintf("ips.%d.", i)))
	}
	r.Price = price(&p, "price", in.Low, in.High)
	r.TRLMin, r.TRLMax = trl(&p, in.TRLMin), trl(&p, in.TRLMax)
	return r, p
}

// trl reads a technology readiness level; "" is not stated.
func trl(p *market.Problems, text string) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 9 {
		p.Add("stage", "TRL 应在 1 到 9 之间")
	}
	return n
}

func (s *Server) resultNew(c echo.Context, a market.Actor) error {
	if a.OrgID == 0 {
		return s.redirectToOrg(c, "科技成果")
	}
	if err := a.RequireEditor(market.ScopePost); err != nil {
		return err
	}
	in := resultInput{listingInput: listingInput{Key: formKey(), ContactName: a.UserName}, PriceMethod: "negotiated"}
	return s.showResultForm(c, a, in, nil)
}

func (s *Server) resultCreate(c echo.Context, a market.Actor) error {
	return s.saveResult(c, a, 0)
}

func (s *Server) resultEdit(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	r, err := s.ownResult(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	return s.showResultForm(c, a, typedResult(r), nil)
}

// ownResult loads what the form of a result shows: of a public one its edit, if there is one.
func (s *Server) ownResult(ctx context.Context, a market.Actor, id int64) (market.Result, error) {
	text, err := s.Service.EditedText(ctx, a, market.KindResult, id)
	if err != nil {
		return market.Result{}, err
	}
	return *text.Result, mustOwn(a, text.Result.Listing)
}

func (s *Server) resultUpdate(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.saveResult(c, a, id)
}

// saveResult stores a posted form, and submits it when that button was pressed. id is 0 for a new result.
func (s *Server) saveResult(c echo.Context, a market.Actor, id int64) error {
	in, err := postedResult(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	in.ID = id
	r, problems := in.result()
	if id != 0 {
		old, err := s.Store.Result(ctx, a, id)
		if err != nil {
			return err
		}
		if a.OrgID != old.OrgID {
			return market.ErrNotFound
		}
		r.ImportID, in.number, in.state = old.ImportID, old.Number, old.State
	}
	if err := s.slip(ctx, &problems, &in.listingInput, "price", r.Price, s.Store.PriceMedian); err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.showResultForm(c, a, in, merge(problems, s.checkResult(a, r, in.submitted).Err()))
	}
	id, err = s.writeResult(ctx, a, r, in)
	if market.AsError(err) != nil && !market.IsKind(err, market.NotFound) {
		in.stale = market.IsKind(err, market.Conflict)
		return s.showResultForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	if keepsItself(c) {
		stored, err := s.Store.Result(ctx, a, id)
		if err != nil {
			return err
		}
		return s.kept(c, stored.Listing)
	}
	return s.saved(c, a, market.KindResult, id, in.submitted)
}

func (s *Server) checkResult(a market.Actor, r market.Result, submit bool) market.Problems {
	if submit {
		return s.Service.CheckResult(a, &r)
	}
	return r.CheckDraft(s.ref)
}

func (s *Server) writeResult(ctx context.Context, a market.Actor, r market.Result, in resultInput) (int64, error) {
	switch {
	case r.ID == 0 && in.submitted:
		return s.Service.CreateAndSubmitResult(ctx, a, r, in.Key)
	case r.ID == 0:
		return s.Service.CreateResult(ctx, a, r, in.Key)
	case in.submitted:
		return r.ID, s.Service.EditAndSubmitResult(ctx, a, r)
	}
	return r.ID, s.Service.EditResult(ctx, a, r)
}

// resultSubmit hands in a stored draft; what is missing is shown in its form.
func (s *Server) resultSubmit(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.Service.SubmitListing(ctx, a, market.KindResult, id)
	if market.IsKind(err, market.Invalid) {
		r, loadErr := s.ownResult(ctx, a, id)
		if loadErr != nil {
			return loadErr
		}
		return s.showResultForm(c, a, typedResult(r), err)
	}
	if err != nil {
		return err
	}
	return s.saved(c, a, market.KindResult, id, true)
}

// resultSteps is the way through the form of a result, with its fields in order.
var resultSteps = []formStep{
	{"成果", "#s1", []string{"title", "submarket", "fields", "summary", "problem", "advantage", "economics", "cases"}},
	{"成熟度与知识产权", "#s2", []string{"stage", "evidence", "ips", "inventors"}},
	{"价格与合作", "#s3", []string{"price_method", "price", "price_max", "modes", "region", "tech_field"}},
	{"公开范围", "#s4", []string{"gated", "contact_name", "contact_phone", "secrecy"}},
}

func (s *Server) showResultForm(c echo.Context, a market.Actor, in resultInput, err error) error {
	r, _ := in.result()
	missing := s.Service.CheckResult(a, &r)
	err = inFormOrder(err, resultSteps)
	at := errorsOf(err)
	page := s.formPage(c, a, market.KindResult, in.listingInput, err)
	page.Lead = "写清楚“解决什么问题、比现在的办法好多少、做到了哪一步”，企业才看得懂。约 5 分钟，随时可以保存草稿。"
	page.Sections = []formSection{s.resultWhat(in, at), s.resultStage(in, at), s.resultTerms(in, at),
		s.publicSection(a, in.listingInput, at, "四、公开范围", "关键参数、配方、未公开的试验数据等。不公开、不进搜索；对接后由您决定是否提供给对方")}
	page.Steps = stepsOf(missing, resultSteps)
	page.ResultCard = s.resultPreview(a, r)
	page.Checks = resultChecks(r, missing)
	return s.renderForm(c, page, err)
}

func (s *Server) resultWhat(in resultInput, at fieldErrors) formSection {
	return formSection{ID: "s1", Title: "一、成果", Parts: []formPart{
		titleField(in.listingInput, at, "写“对象＋技术＋效果”，不写项目编号。例：超细重钙湿法研磨用梳形复合分散剂"),
		s.submarketField(in.listingInput, at), s.fieldsField(in.listingInput, at),
		textField("summary", "成果简介", "它是什么、怎么做到的。不要写秘密，秘密放在第四部分。", in.Summary, at, 5, false),
		textField("problem", "解决的问题", "企业现在的做法差在哪里", in.Problem, at, 4, false),
		textField("advantage", "与现有方案相比的优势", "带上数：快多少、省多少、达到什么指标", in.Advantage, at, 4, false),
		textField("economics", "经济性", "成本或收益，例：吨成本降低 60 元，改造投入约 80 万元", in.Economics, at, 2, false),
		textField("cases", "应用案例", "在哪里用过、效果如何；没有可以不填", in.Cases, at, 2, true),
	}}
}

func (s *Server) resultStage(in resultInput, at fieldErrors) formSection {
	var stages, levels []view.Option
	for _, st := range market.Stages() {
		stages = append(stages, view.Option{Value: st.Code, Label: st.Name, Hint: "TRL " + view.NewStage(st.Step, 0, 0).TRL})
	}
	levels = append(levels, view.Option{Label: "按阶段"})
	for n := range 9 {
		level := strconv.Itoa(n + 1)
		levels = append(levels, view.Option{Value: level, Label: "TRL " + level})
	}
	rows := view.Rows{Name: "ips", Label: "知识产权", Title: "知识产权", Hint: "专利填专利号或申请号，会检查校验位；填了申请日期就能算出到期日。没有就不填。", Error: rowsError(at, "ips"), Max: market.MaxRows, Two: true,
		Cols: []view.RowCol{{Name: "type", Label: "类型", Size: "s", Options: selectOptions(s.ref.IPTypes)}, {Name: "title", Label: "名称", Size: "w"},
			{Name: "number", Label: "号码", Size: "c", Placeholder: "例：202310458217.6"}, {Name: "status", Label: "状态", Size: "s", Options: selectOptions(market.IPStatuses)},
			{Name: "filed_on", Label: "申请日期", Size: "d", Placeholder: "年-月-日"}, {Name: "granted_on", Label: "授权日期", Size: "d", Placeholder: "年-月-日"}}}
	for i, ip := range in.IPs {
		cell := func(column, value string) view.RowCell {
			return view.RowCell{Value: value, Error: at[fmt.Sprintf("ips.%d.%s", i, column)]}
		}
		rows.Lines = append(rows.Lines, view.RowLine{Cells: []view.RowCell{cell("type", ip.Type), cell("title", ip.Title), cell("number", ip.Number), cell("status", ip.Status),
			cell("filed_on", ip.FiledOn), cell("granted_on", ip.GrantedOn)}})
	}
	return formSection{ID: "s2", Title: "二、成熟度与知识产权", Parts: []formPart{
		part(view.Field{Name: "stage", Kind: view.KindRadios, Label: "成熟度", Options: stages, Value: in.Stage, Error: at["stage"]}),
		part(view.Field{Name: "trl_min", Kind: view.KindSelect, Label: "技术就绪水平，最低", Optional: true, Options: levels, Value: in.TRLMin}),
		part(view.Field{Name: "trl_max", Kind: view.KindSelect, Label: "技术就绪水平，最高", Optional: true, Options: levels, Value: in.TRLMax}),
		part(view.Field{Name: "evidence", Kind: view.KindArea, Label: "成熟度依据", Hint: "凭什么说到了这一步。例：2025 年在 3 吨/小时的中试线上连续运行 40 天，有第三方检测报告", Optional: true,
			Value: in.Evidence, Error: at["evidence"], Max: market.MaxEvidence, Lines: 3}),
		{Rows: &rows},
		part(view.Field{Name: "inventors", Label: "完成人", Hint: "公开。用顿号隔开", Optional: true, Value: in.Inventors, Error: at["inventors"]}),
	}}
}

func (s *Server) resultTerms(in resultInput, at fieldErrors) formSection {
	hints := map[string]string{"negotiated": "与对方商定价格", "listed": "公开报价，须写明价格", "auction": "多家竞价；竞价另行安排"}
	methods := options(market.PriceMethods)
	for i := range methods {
		methods[i].Hint = hints[methods[i].Value]
	}
	parts := []formPart{
		part(view.Field{Name: "price_method", Kind: view.KindRadios, Cards: true, Label: "价格方式", Options: methods, Value: in.PriceMethod, Error: at["price_method"]}),
		part(view.Field{Name: "price", Kind: view.KindMoney, Label: "价格", Hint: "不填就写“面议”。有范围时，这里填下限。",
			Value: in.Low.Text, Unit: in.Low.Unit, Error: at["price"], Confirm: in.confirmText()}),
		part(view.Field{Name: "price_max", Kind: view.KindMoney, Label: "价格上限", Optional: true, Hint: "有范围时填", Value: in.High.Text, Unit: in.High.Unit, Error: at["price_max"]}),
		modesField(in.listingInput, at, "合作方式"),
	}
	return formSection{ID: "s3", Title: "三、价格与合作", Parts: append(parts, s.placeFields(in.listingInput, at)...)}
}

// resultPreview is the card as it will look in public, from what is in the form.
func (s *Server) resultPreview(a market.Actor, r market.Result) *view.ResultCard {
	card := store.ListingCard{Kind: market.KindResult, State: market.Published, Title: r.Title, Submarket: r.Submarket, Region: r.Region, Fields: r.Fields,
		OrgType: a.OrgType, OrgVerified: a.Verified(), Stage: r.Stage, TRLMin: r.TRLMin, TRLMax: r.TRLMax, PriceMethod: r.PriceMethod,
		PriceKind: r.Price.Kind, PriceMin: r.Price.Min, PriceMax: r.Price.Max}
	for _, ip := range r.IPs {
		if ip.Patent() {
			card.PatentCount++
		} else if ip.Type != "none" {
			card.OtherIPCount++
		}
	}
	if !r.HideOrg {
		card.OrgName = a.OrgName
	}
	out := s.resultCard(card, "")
	previewCard(&out.ID, &out.Title, &out.Fresh)
	out.Href, out.Live = "#title", true
	return &out
}

// resultChecks says what the result still lacks, and what would make it match better.
func resultChecks(r market.Result, missing market.Problems) view.Tick {
	items := []view.TickItem{
		check(missing, "title", "标题已填"),
		check(missing, "submarket", "已选专业市场"),
		check(missing, "fields", "已选细分领域"),
		check(missing, "summary", "有成果简介"),
		check(missing, "problem", "写明解决的问题"),
		check(missing, "advantage", "写明优势"),
		check(missing, "economics", "写明经济性"),
		check(missing, "stage", "已选成熟度"),
		check(missing, "modes", "已选合作方式"),
		check(missing, "secrecy", "已确认不含秘密"),
	}
	if r.Evidence == "" {
		items = append(items, view.TickItem{Text: "没有成熟度依据；写明试验规模、检测报告，企业更放心", Mark: view.TickAsk})
	}
	if len(r.IPs) == 0 {
		items = append(items, view.TickItem{Text: "没有知识产权；有专利的写上号码，企业更放心", Mark: view.TickAsk})
	}
	return view.Tick{Items: items}
}
