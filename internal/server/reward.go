package server

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

var rewardPages = []view.Page{rewardIndex{}, rewardShow{}, rewardForm{}}

const rewardsPath = "/bureau/rewards"

func rewardPath(id int64) string { return fmt.Sprintf("%s/%d", rewardsPath, id) }

// rewardsOfCity refuses officers of a county: a party's year cannot be cut by counties.
func rewardsOfCity(a market.Actor) error {
	if a.County != "" {
		return market.Errorf(market.Denied, "奖补测算按单位全年合计，由市级岗位查看和设定")
	}
	return nil
}

// keepsRewards reports whether the actor sets programmes up and changes them.
func keepsRewards(a market.Actor) bool { return a.Has(market.Statistician) && a.County == "" }

// rewardIndex lists the programmes.
type rewardIndex struct {
	view.Work
	Note    string
	Actions []view.Action
	Lines   []rewardLine
	Empty   view.Empty
}

func (rewardIndex) Template() string { return "page/reward/index" }

type rewardLine struct {
	Name, Href string
	For        string
	Rule       string
	Basis      string
	Term       string
	State      view.State
	Demo       bool
}

func (s *Server) rewardIndex(c echo.Context, a market.Actor) error {
	if err := rewardsOfCity(a); err != nil {
		return err
	}
	found, err := s.Store.RewardProgrammes(c.Request().Context(), a)
	if err != nil {
		return err
	}
	page := rewardIndex{Note: market.RewardNote, Empty: view.Empty{Title: "还没有奖补方案", Text: "把文件里的对象、比例、上限和条件设成方案，按登记的合同测算每份、每家单位可以得到多少。"}}
	if page.Work, err = s.work(c, a, "奖补测算"); err != nil {
		return err
	}
	if keepsRewards(a) {
		page.Actions = []view.Action{{Label: "设立方案", Href: rewardsPath + "/new", Icon: "plus", Small: true, Style: view.StylePrimary}}
	}
	for _, p := range found {
		page.Lines = append(page.Lines, rewardLine{Name: p.Name, Href: rewardPath(p.ID), For: market.RewardParties.Name(p.Party), Rule: p.Rule(s.ref), Basis: p.Basis,
			Term: termOf(p), State: s.rewardState(p), Demo: p.Demo})
	}
	return s.render(c, page)
}

func termOf(p market.RewardProgramme) string { return view.Date(p.From) + " 至 " + view.Date(p.To) }

func (s *Server) rewardState(p market.RewardProgramme) view.State {
	word := p.State(s.Service.Today())
	return view.State{Text: word, Shape: map[string]view.Shape{"进行中": view.ShapeRun, "已结束": view.ShapeDone}[word]}
}

// rewardShow is a programme with what it gives in a year.
type rewardShow struct {
	view.Work
	Programme market.RewardProgramme
	State     view.State
	Sub       []string
	Actions   []view.Action
	Notice    *view.Alert // the rules are not those that hold
	Facts     []view.Fact
	Years     view.Seg
	Figures   []view.Figure
	Parties   view.Table
	More      string // parties that the page leaves to the files
	Tabs      view.Tabs
	Table     view.Table
	Pager     view.Pager
	Empty     *view.Empty
	Versions  view.Table
	Note      string
}

func (rewardShow) Template() string { return "page/reward/show" }

// rewardYear is a programme by one of its versions, and what it gives in the year of the address.
type rewardYear struct {
	programme market.RewardProgramme
	versions  []market.RewardProgramme
	year      int
	rewards   []market.Reward
}

// rewardYear reads what the address asks for: the latest version and the latest year, unless it names others.
func (s *Server) rewardYear(c echo.Context, a market.Actor) (rewardYear, error) {
	id, err := pathID(c)
	if err != nil {
		return rewardYear{}, err
	}
	if err := rewardsOfCity(a); err != nil {
		return rewardYear{}, err
	}
	ctx := c.Request().Context()
	y := rewardYear{}
	if y.versions, err = s.Store.RewardVersions(ctx, a, id); err != nil {
		return y, err
	}
	y.programme = y.versions[0]
	for _, v := range y.versions {
		if strconv.Itoa(v.Version) == c.QueryParam("version") {
			y.programme = v
		}
	}
	years := y.programme.Years(s.Service.Today())
	y.year = years[0]
	for _, year := range years {
		if strconv.Itoa(year) == c.QueryParam("year") {
			y.year = year
		}
	}
	found, err := s.Store.RewardContracts(ctx, a, y.programme, y.year)
	y.rewards = y.programme.Rewards(s.ref, found)
	return y, err
}

// current reports whether the rules are those that hold.
func (y rewardYear) current() bool { return y.programme.Version == y.versions[0].Version }

// path is the address of the programme in a year, with these values beside.
func (y rewardYear) path(at string, year int, pairs ...string) string {
	v := url.Values{"year": {strconv.Itoa(year)}}
	if !y.current() {
		v.Set("version", strconv.Itoa(y.programme.Version))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return rewardPath(y.programme.ID) + at + "?" + v.Encode()
}

func (s *Server) rewardShow(c echo.Context, a market.Actor) error {
	y, err := s.rewardYear(c, a)
	if err != nil {
		return err
	}
	p := y.programme
	page := rewardShow{Programme: p, State: s.rewardState(p), Note: market.RewardNote, Facts: s.rewardFacts(p), Sub: []string{market.RewardParties.Name(p.Party), termOf(p)},
		Actions: []view.Action{{Label: "下载 Excel", Href: y.path("/rewards.xlsx", y.year), Icon: "down", Small: true}, {Label: "CSV", Href: y.path("/rewards.csv", y.year), Small: true}}}
	if page.Work, err = s.work(c, a, p.Name); err != nil {
		return err
	}
	markCurrent(page.SideGroups, rewardsPath)
	if keepsRewards(a) && y.current() {
		page.Actions = append(page.Actions, view.Action{Label: "修改方案", Href: rewardPath(p.ID) + "/edit", Icon: "edit", Small: true})
	}
	if !y.current() {
		page.Notice = &view.Alert{Kind: view.AlertWarn, Title: fmt.Sprintf("按第 %d 版的规则测算", p.Version), Text: "现行的是第 " + strconv.Itoa(y.versions[0].Version) + " 版。",
			Link: &view.Link{Label: "看现行的", Href: rewardPath(p.ID)}}
	}
	page.Years = view.Seg{Label: "年度"}
	for _, year := range p.Years(s.Service.Today()) {
		page.Years.Items = append(page.Years.Items, view.SegItem{Label: fmt.Sprintf("%d 年", year), Href: y.path("", year), Current: year == y.year})
	}
	page.Versions = versionTable(y.versions, p.Version)
	s.addRewards(a, &page, y, pageNumber(c), c.QueryParam("out") == "1")
	return s.render(c, page)
}

func (s *Server) rewardFacts(p market.RewardProgramme) []view.Fact {
	limit := func(sum decimal.NullDecimal) string {
		if !sum.Valid {
			return "不限"
		}
		return market.FormatMoney(sum.Decimal)
	}
	who := "在市内的" + market.RewardParties.Name(p.Party)
	if p.Party == "agency" {
		who = "合同写明的中介方"
	}
	facts := []view.Fact{{Label: "对象", Text: who}, {Label: "计算", Text: market.RewardBases.Name(p.Base) + " × " + p.Percent.String() + "%"}, {Label: "单份上限", Text: limit(p.ContractCap)},
		{Label: "单位年度上限", Text: limit(p.YearCap)}, {Label: "起点", Text: limit(p.Least)}, {Label: "合同类别", Text: cmp.Or(p.KindNames(s.ref), "全部")}}
	if conditions := p.Conditions(); len(conditions) > 0 {
		facts = append(facts, view.Fact{Label: "条件", Text: strings.Join(conditions, "；")})
	}
	return append(facts, view.Fact{Label: "登记日期", Text: termOf(p)}, view.Fact{Label: "依据", Text: p.Basis})
}

// addRewards puts the sums and a page of the contracts on the page: those that count, or with out those that do not.
func (s *Server) addRewards(a market.Actor, page *rewardShow, y rewardYear, number int, out bool) {
	var shown []market.Reward
	for _, r := range y.rewards {
		if (r.Out != "") == out {
			shown = append(shown, r)
		}
	}
	parties, all := y.programme.RewardTotals(y.rewards)
	not := len(y.rewards) - all.Count
	page.Figures = []view.Figure{{Label: fmt.Sprintf("%d 年测算合计", y.year), Num: market.FormatWan(all.Amount), Unit: "万元", Note: "合 " + market.FormatYuan(all.Amount) + " 元"},
		{Label: "计入", Num: view.Num(all.Count), Unit: "份", Note: "基数合计 " + market.FormatWan(all.Base) + " 万元"},
		{Label: market.RewardParties.Name(y.programme.Party), Num: view.Num(len(parties)), Unit: "家"}, {Label: "不计入", Num: view.Num(not), Unit: "份", Href: y.path("", y.year, "out", "1")}}
	page.Parties = partyRewards(parties, all)
	if more := len(parties) - workPage; more > 0 {
		page.More = fmt.Sprintf("上面是金额最大的 %d 家，另有 %d 家见下载的文件；合计是全部单位的。", workPage, more)
	}
	page.Tabs = view.Tabs{Label: "计入与否", Items: []view.Tab{{Label: "计入", Href: y.path("", y.year), Count: view.Num(all.Count), Current: !out},
		{Label: "不计入", Href: y.path("", y.year, "out", "1"), Count: view.Num(not), Current: out}}}
	page.Pager = view.NewPager(number, workPage, len(shown), "份", func(n int) string {
		if out {
			return y.path("", y.year, "out", "1", "page", strconv.Itoa(n))
		}
		return y.path("", y.year, "page", strconv.Itoa(n))
	})
	if len(shown) == 0 {
		page.Empty = &view.Empty{Title: "没有合同", Text: "这一年在方案期间内登记的合同里没有这样的。"}
		return
	}
	page.Table = rewardTable(a, shown[page.Pager.From-1:page.Pager.To], out, all)
}

func partyRewards(parties []market.RewardTotal, all market.RewardTotal) view.Table {
	t := view.Table{Label: "按单位合计", Caption: "按单位合计，金额大的在前", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "单位"}, {Label: "计入", Unit: "份", Num: true}, {Label: "基数", Unit: "元", Num: true}, {Label: "金额", Unit: "元", Num: true}, {Label: "说明"}}}
	for _, p := range parties[:min(len(parties), workPage)] {
		note := ""
		if p.Full {
			note = "已达单位年度上限"
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: p.Party.Name, Sub: string(p.Party.Code)}, {Text: view.Num(p.Count)}, {Text: market.FormatYuan(p.Base)},
			{Text: market.FormatYuan(p.Amount)}, {Text: dash(note)}}})
	}
	t.Foot = []view.Cell{{Text: "合计"}, {Text: view.Num(all.Count)}, {Text: market.FormatYuan(all.Base)}, {Text: market.FormatYuan(all.Amount)}, {}}
	return t
}

func rewardTable(a market.Actor, rewards []market.Reward, out bool, all market.RewardTotal) view.Table {
	t := view.Table{Label: "合同", Caption: "合同，按登记先后", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "合同"}, {Label: "单位"}, {Label: "登记", Nowrap: true}, {Label: "怎么算的"}, {Label: "金额", Unit: "元", Num: true}},
		Foot: []view.Cell{{Text: "合计（全部）"}, {}, {}, {Text: "基数 " + market.FormatYuan(all.Base)}, {Text: market.FormatYuan(all.Amount)}}}
	if out {
		t.Cols, t.Foot = t.Cols[:4], nil
		t.Cols[3].Label = "为什么不计"
	}
	for _, r := range rewards {
		row := view.TableRow{Cells: []view.Cell{{Text: r.Title, Sub: r.Number}, {Text: r.Party.Name}, {Text: view.Date(r.RegisteredOn)}, {Text: r.Working()}}}
		if deskOf(a, r.Seller.Region) {
			row.Cells[0].Href = contractPath(r.ID)
		}
		if !out {
			row.Cells = append(row.Cells, view.Cell{Text: market.FormatYuan(r.Amount)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func versionTable(versions []market.RewardProgramme, shown int) view.Table {
	t := view.Table{Label: "各版", Caption: "方案的各版，新的在前", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "版本"}, {Label: "原因"}, {Label: "谁"}, {Label: "时间", Nowrap: true}}}
	for i, v := range versions {
		cell := view.Cell{Text: fmt.Sprintf("第 %d 版", v.Version), Href: rewardPath(v.ID)}
		if i > 0 {
			cell.Href += fmt.Sprintf("?version=%d", v.Version)
		}
		if v.Version == shown {
			cell.Sub = "正在看"
		}
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{cell, {Text: v.Why}, {Text: cmp.Or(v.UserName, "系统")}, {Text: view.DateTime(v.At)}}})
	}
	return t
}

// rewardForm sets a programme up, or makes another version of it.
type rewardForm struct {
	view.Work
	Heading string
	Back    view.Link
	Action  string
	Key     string
	Version int
	What    []view.Field
	Sums    []view.Field
	When    []view.Field
	Effect  string
}

func (rewardForm) Template() string { return "page/reward/form" }

// rewardInput is the form as it was typed.
type rewardInput struct {
	market.RewardProgramme
	percent, from, to string
	caps              map[string]moneyInput
	key               string
}

func (s *Server) rewardNew(c echo.Context, a market.Actor) error {
	if err := rewardsOfCity(a); err != nil {
		return err
	}
	today := s.Service.Today()
	in := rewardInput{key: formKey(), from: fmt.Sprintf("%d-01-01", today.Year()), to: fmt.Sprintf("%d-12-31", today.Year()), caps: map[string]moneyInput{},
		RewardProgramme: market.RewardProgramme{Base: "tech", Unrelated: true, Paid: true}}
	return s.showRewardForm(c, a, in, nil)
}

func (s *Server) rewardEdit(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := rewardsOfCity(a); err != nil {
		return err
	}
	versions, err := s.Store.RewardVersions(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	p := versions[0]
	in := rewardInput{RewardProgramme: p, percent: p.Percent.String(), from: view.Date(p.From), to: view.Date(p.To),
		caps: map[string]moneyInput{"contract_cap": typedMoney(p.ContractCap), "year_cap": typedMoney(p.YearCap), "least": typedMoney(p.Least)}}
	in.Why = ""
	return s.showRewardForm(c, a, in, nil)
}

// postedReward reads the form, with everything that is wrong with it.
func (s *Server) postedReward(c echo.Context) (rewardInput, error) {
	var problems market.Problems
	posted := c.Request().PostForm
	in := rewardInput{percent: c.FormValue("percent"), from: c.FormValue("from"), to: c.FormValue("to"), key: c.FormValue("key"), caps: map[string]moneyInput{}}
	in.Name, in.Party, in.Base, in.Kinds, in.Basis, in.Why = c.FormValue("name"), c.FormValue("party"), c.FormValue("base"), posted["kinds"], c.FormValue("basis"), c.FormValue("why")
	in.Require(&problems, posted["conditions"])
	var err error
	if in.Percent, err = market.ParsePercent(in.percent); err != nil {
		problems.AddErr("percent", err)
	}
	for name, sum := range map[string]*decimal.NullDecimal{"contract_cap": &in.ContractCap, "year_cap": &in.YearCap, "least": &in.Least} {
		in.caps[name] = postedMoney(c, name)
		*sum = parseMoney(&problems, name, in.caps[name].Text, in.caps[name].Unit)
	}
	in.From, in.To = parseDate(&problems, "from", in.from), parseDate(&problems, "to", in.to)
	checked := in.RewardProgramme
	for _, p := range checked.Check(s.ref) {
		if !problems.Has(p.Field) {
			problems.Add(p.Field, "%s", p.Message)
		}
	}
	return in, problems.Err()
}

func (s *Server) rewardCreate(c echo.Context, a market.Actor) error {
	in, err := s.postedReward(c)
	var id int64
	if err == nil {
		id, err = s.Service.CreateReward(c.Request().Context(), a, in.RewardProgramme, in.key)
	}
	if market.IsKind(err, market.Invalid) && keepsRewards(a) {
		return s.showRewardForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, rewardPath(id), "方案已设立，下面是按它测算的结果")
}

func (s *Server) rewardUpdate(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	in, err := s.postedReward(c)
	in.ID, in.Version = id, formVersion(c)
	if err == nil {
		err = s.Service.EditReward(c.Request().Context(), a, in.RewardProgramme)
	}
	if (market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict)) && keepsRewards(a) {
		return s.showRewardForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, rewardPath(id), "新的一版已保存，测算按它重算；原来的各版留在下面")
}

func (s *Server) showRewardForm(c echo.Context, a market.Actor, in rewardInput, failed error) error {
	page := rewardForm{Heading: "设立奖补方案", Back: view.Link{Label: "奖补测算", Href: rewardsPath}, Action: rewardsPath, Key: in.key,
		Effect: "马上可以看到测算结果；方案期间内登记的合同，当事人在合同页上看到自己一方的测算。"}
	if in.ID != 0 {
		versions, err := s.Store.RewardVersions(c.Request().Context(), a, in.ID)
		if err != nil {
			return err
		}
		page.Heading, page.Action, page.Version = "修改奖补方案", rewardPath(in.ID), in.Version
		page.Back = view.Link{Label: versions[0].Name, Href: page.Action}
		page.Effect = "保存成新的一版，测算马上按它重算；以前各版和修改原因都留着，可以打开看。"
		if market.IsKind(failed, market.Conflict) {
			page.Version = versions[0].Version
		}
	}
	var err error
	if page.Work, err = s.work(c, a, page.Heading); err != nil {
		return err
	}
	markCurrent(page.SideGroups, rewardsPath)
	page.Errors = failure(failed)
	s.rewardFields(&page, in, errorsOf(failed))
	return s.renderStatus(c, errorStatus(failed), page)
}

func (s *Server) rewardFields(page *rewardForm, in rewardInput, at fieldErrors) {
	money := func(name, label, hint string) view.Field {
		return view.Field{Kind: view.KindMoney, Name: name, Label: label, Hint: hint, Optional: true, Value: in.caps[name].Text, Unit: in.caps[name].Unit, Error: at[name]}
	}
	page.What = []view.Field{
		{Name: "name", Label: "名称", Value: in.Name, Error: at["name"], Max: 60, Autocomplete: "off"},
		{Name: "party", Kind: view.KindRadios, Label: "奖补对象", Options: options(market.RewardParties), Value: in.Party, Error: at["party"]},
		{Name: "basis", Label: "依据", Hint: "文件名称和文号", Value: in.Basis, Error: at["basis"], Max: 200, Autocomplete: "off"},
		{Name: "kinds", Kind: view.KindChecks, Label: "合同类别", Hint: "不选就是全部", Optional: true, Many: true, Options: options(market.ByKind.Codes(s.ref)), Values: in.Kinds, Error: at["kinds"]},
		{Name: "conditions", Kind: view.KindChecks, Label: "条件", Optional: true, Many: true, Options: options(market.RewardConditions), Values: in.Required(), Error: at["conditions"]}}
	page.Sums = []view.Field{
		{Name: "base", Kind: view.KindRadios, Label: "计算基数", Options: options(market.RewardBases), Value: in.Base, Error: at["base"]},
		{Name: "percent", Kind: view.KindNumber, Label: "比例", Unit: "%", Value: in.percent, Error: at["percent"]},
		money("contract_cap", "单份上限", "一份合同最多多少"), money("year_cap", "单位年度上限", "同一单位一年合计最多多少"), money("least", "起点", "基数低于它的不计")}
	page.When = []view.Field{
		{Name: "from", Kind: view.KindDate, Label: "登记日期起", Value: in.from, Error: at["from"]},
		{Name: "to", Kind: view.KindDate, Label: "登记日期止", Hint: "这两天都算在内", Value: in.to, Error: at["to"]},
		{Name: "why", Kind: view.KindArea, Lines: 2, Label: "设立或修改的原因", Value: in.Why, Error: at["why"], Max: 200}}
}

// rewardXLSX and rewardCSV give the rewards of a year as a file; that they were taken is audited.
func (s *Server) rewardXLSX(c echo.Context, a market.Actor) error {
	x, err := s.rewardExport(c, a)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := x.XLSX(&buf); err != nil {
		return err
	}
	return s.sendRewards(c, a, x, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", buf.Bytes())
}

func (s *Server) rewardCSV(c echo.Context, a market.Actor) error {
	x, err := s.rewardExport(c, a)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if _, err := x.CSV(&buf); err != nil {
		return err
	}
	return s.sendRewards(c, a, x, "csv", "text/csv; charset=utf-8", buf.Bytes())
}

func (s *Server) rewardExport(c echo.Context, a market.Actor) (sheet.RewardExport, error) {
	if err := s.slowAddress(c, exportLimit); err != nil {
		return sheet.RewardExport{}, err
	}
	y, err := s.rewardYear(c, a)
	return sheet.RewardExport{Programme: y.programme, Year: y.year, AsOf: s.Service.Today(), Rewards: y.rewards, Ref: s.ref, Demo: s.demo}, err
}

func (s *Server) sendRewards(c echo.Context, a market.Actor, x sheet.RewardExport, extension, contentType string, content []byte) error {
	if err := s.Service.ExportReward(c.Request().Context(), a, x.Programme.ID, x.Year, extension, len(x.Rewards)); err != nil {
		return err
	}
	return save(c, x.FileName(extension), contentType, content)
}

// rewardRow is what a programme gives for the contract of the page.
type rewardRow struct {
	Name, Href string
	For        string
	Demo       bool
	Out        string
	Amount     string
	Steps      []view.Fact
}

// rewardRows are what the reader sees of a contract's rewards.
func (s *Server) rewardRows(c echo.Context, a market.Actor, k store.Contract) ([]rewardRow, error) {
	found, err := s.Store.ContractRewards(c.Request().Context(), a, s.ref, k.Contract)
	var out []rewardRow
	for _, x := range found {
		p := x.Programme
		row := rewardRow{Name: p.Name, For: market.RewardParties.Name(p.Party), Demo: p.Demo, Out: x.Reward.Out, Amount: market.FormatYuan(x.Reward.Amount)}
		if deskOf(a, k.Seller.Region) && rewardsOfCity(a) == nil {
			row.Href = rewardPath(p.ID) + fmt.Sprintf("?year=%d", k.RegisteredOn.Year())
		}
		for _, step := range x.Reward.Steps {
			row.Steps = append(row.Steps, view.Fact{Label: step.Label, Text: step.Text})
		}
		row.Steps = append(row.Steps, view.Fact{Label: "依据", Text: p.Basis})
		out = append(out, row)
	}
	return out, err
}
