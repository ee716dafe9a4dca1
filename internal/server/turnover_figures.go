package server

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/sheet"
)

// figures makes the parts of the turnover pages from one result, so that all of them agree.
type figures struct {
	market.Turnover
	place string
	links turnoverLinks
	demo  bool
	today time.Time
	unit  scale // of the year's tables
}

// figures shows the turnover; numbers lead to the list at path, within the page when anchor is set.
func (s *Server) figures(t market.Turnover, path, anchor string) figures {
	largest := decimal.Max(t.Amount(), t.LastYear.Amount(t.Query.Basis))
	return figures{Turnover: t, place: t.Query.Place(s.ref), links: turnoverLinks{path: path, anchor: anchor, values: turnoverValues(t.Query)}, demo: s.demo,
		today: s.Service.Today(), unit: scaleFor(largest)}
}

// scale is the one unit of a table.
type scale struct {
	name  string
	shift int32
}

var (
	inYi  = scale{"亿元", -8}
	inWan = scale{"万元", -4}
)

// scaleFor is 亿元 for tables whose largest sum reaches one, else 万元.
func scaleFor(largest decimal.Decimal) scale {
	if largest.GreaterThanOrEqual(decimal.New(1, 8)) {
		return inYi
	}
	return inWan
}

// text is the sum in the unit, without its name.
func (u scale) text(yuan decimal.Decimal) string {
	return view.NumDecimal(yuan.Shift(u.shift).Round(2), 2)
}

// plain is the sum for a chart.
func (u scale) plain(yuan decimal.Decimal) string { return yuan.Shift(u.shift).StringFixed(2) }

func (f figures) amount(s market.Sum) decimal.Decimal { return s.Amount(f.Query.Basis) }

func (f figures) money(yuan decimal.Decimal) string { return market.FormatMoney(yuan) }

// amountName is what the amounts are.
func (f figures) amountName() string {
	if f.Query.Basis == market.BasisOutputTech {
		return "技术交易额"
	}
	return "成交额"
}

func (f figures) period() string { return periodWords(f.Query) }

// periodWords is 2026 年截至 11 月 22 日; a year that was over is told with the day of the query.
func periodWords(q market.TurnoverQuery) string {
	if q.AsOf.Year() > q.Year {
		return fmt.Sprintf("%d 年（按 %s的账本）", q.Year, view.DateFullCN(q.AsOf))
	}
	return fmt.Sprintf("%d 年截至 %s", q.Year, view.DateCN(q.Through()))
}

// lastLinks leads to the contracts of the same period of the year to compare with, as they were known on the same day.
func (f figures) lastLinks() turnoverLinks {
	l := f.lastYearLinks()
	l.values.Set("to", f.Query.LastThrough().Format(time.DateOnly))
	return l
}

// lastYearLinks leads to the contracts of the whole year to compare with.
func (f figures) lastYearLinks() turnoverLinks {
	l := f.links.without("against")
	l.values.Set("year", strconv.Itoa(f.Query.Compared()))
	return l
}

// notices are what the reader must know before the first number.
func (f figures) notices() []view.Alert {
	var out []view.Alert
	if f.demo {
		out = append(out, view.Alert{Title: "本页为演示数据。",
			Text: "2019、2020 年的实际数和 2025 年目标取自公开规划；其余年份的成交额均为虚构，图中以斜纹表示。"})
	}
	for _, y := range f.Years {
		if y.Year == f.Query.Year && y.Published {
			out = append(out, view.Alert{Kind: view.AlertWarn, Text: fmt.Sprintf("%d 年在本市场开办之前，没有逐份合同，只有公开数 %s（%s）。", y.Year, f.money(f.amount(y.Sum)), y.Source)})
		}
	}
	return out
}

// turnoverHead is the figure with its target.
type turnoverHead struct {
	Label  string
	Num    string
	Unit   string
	Href   string
	Exact  string // the same in 万元, when shown in 亿元
	Target *view.Target
	Note   string
	Badge  *view.Badge // the standing of the target
}

func (f figures) head() turnoverHead {
	num, unit := market.FormatMoneyParts(f.Amount())
	h := turnoverHead{Label: fmt.Sprintf("%d 年%s", f.Query.Year, f.Query.Basis.Name()), Num: num, Unit: unit, Href: f.links.to()}
	if unit == inYi.name {
		h.Exact = market.FormatWan(f.Amount()) + "\u00a0万元"
	}
	if f.Target == nil {
		h.Note = "这一口径没有设目标。"
		return h
	}
	done := f.Done().Decimal
	h.Target = &view.Target{Done: done, Pace: f.Pace.Share,
		Label: fmt.Sprintf("完成全年目标 %s 的 %s，时序进度 %s（%s）", f.money(f.Target.Amount), view.Pct(done), view.Pct(f.Pace.Share), f.Pace.Label())}
	if f.Target.Status == "proposed" || f.Target.Status == "interpolated" {
		h.Badge = &view.Badge{Text: market.TargetStatuses.Name(f.Target.Status), Tone: view.ToneAmber}
	}
	h.Note = fmt.Sprintf("目标 %s，完成 %s，%s；%s。", f.money(f.Target.Amount), view.Pct(done), f.paceWords(), f.leftWords())
	return h
}

// paceWords compares the figure with where the year should be.
func (f figures) paceWords() string {
	gap := f.Amount().Sub(f.Target.Amount.Mul(f.Pace.Share)).Round(2)
	switch {
	case f.Over():
		return "全年已结束"
	case gap.IsNegative():
		return "比时序进度少 " + f.money(gap.Neg())
	}
	return "比时序进度多 " + f.money(gap)
}

func (f figures) leftWords() string {
	left := f.Target.Amount.Sub(f.Amount())
	if !left.IsPositive() {
		return "超过目标 " + f.money(left.Neg())
	}
	days := int(time.Date(f.Query.Year, 12, 31, 0, 0, 0, 0, market.Shanghai).Sub(f.Query.Through()).Hours() / 24)
	if days == 0 {
		return "距目标差 " + f.money(left)
	}
	return fmt.Sprintf("距目标还差 %s，剩 %d 天", f.money(left), days)
}

// traded is the part of the figure that came about through the market.
func (f figures) traded() market.Sum {
	sum := market.Sum{}
	for _, r := range f.Table(market.ByTradeMode).Rows {
		if r.Code != "none" {
			sum = sum.Plus(r.Sum)
		}
	}
	return sum
}

// growthName is 同比, or what the growth is over when it is not that over the year before.
func (f figures) growthName() string {
	if f.Query.Against == 0 {
		return "同比"
	}
	return fmt.Sprintf("较 %d 年", f.Query.Against)
}

func (f figures) tiles() []view.Figure {
	growth := view.Figure{Label: f.growthName(), Num: "—", Note: f.Query.LastName() + "同期 " + f.money(f.amount(f.Last)), Href: f.lastLinks().to()}
	if g := f.Growth(); g.Valid {
		growth.Num, growth.Unit, growth.Trend = percent(decimal.NewNullDecimal(g.Decimal.Abs())), "%", g.Decimal.Sign()
	}
	tech := view.Money(f.Sum.Tech)
	traded := view.Money(f.amount(f.traded()))
	return []view.Figure{growth,
		{Label: "合同数", Num: view.Num(f.Sum.Count), Unit: "项", Note: f.Query.LastName() + "同期 " + view.Num(f.Last.Count) + " 项", Href: f.links.to()},
		{Label: "技术交易额", Num: tech.Num, Unit: tech.Unit, Note: "占成交额 " + ratioOrDash(f.Sum.TechShare()), Href: f.links.to("basis", string(f.techBasis()))},
		{Label: "经本市场促成", Num: traded.Num, Unit: traded.Unit, Note: "对接、挂牌、竞价、揭榜合计", Href: f.links.to("traded", "1")}}
}

// techBasis lists the same contracts by 技术交易额 where there is such a basis.
func (f figures) techBasis() market.Basis {
	if f.Query.Basis == market.BasisOutput {
		return market.BasisOutputTech
	}
	return f.Query.Basis
}

// ratioOrDash is a ratio as a percentage, — where there is none.
func ratioOrDash(r decimal.NullDecimal) string {
	if !r.Valid {
		return "—"
	}
	return view.Pct(r.Decimal)
}

// andTarget is the words where there is a target, and nothing where there is none.
func (f figures) andTarget(words string) string {
	if f.Target == nil {
		return ""
	}
	return words
}

// series is the years since the first published figure, with their targets.
func (f figures) series() view.Chart {
	c := view.Chart{ID: "series", Kind: view.ChartSeries, Title: "历年" + f.amountName() + f.andTarget("与目标"), Height: "l", Demo: f.demo,
		Table: view.Table{Label: "历年成交额与目标", Caption: "单位：亿元；增速为百分数",
			Cols: []view.Col{{Label: "年份"}, {Label: f.amountName(), Num: true}, {Label: "目标", Num: true}, {Label: "增速", Num: true}, {Label: "来源"}}}}
	before := decimal.Zero
	for _, y := range f.Years {
		amount := f.amount(y.Sum)
		name, growth := strconv.Itoa(y.Year), signed(market.GrowthRatio(amount, before))
		row := view.TableRow{Demo: f.demo && !y.Published, Part: y.Part}
		label := view.Cell{Text: name, Short: name}
		if y.Part {
			growth = "—"
			label = view.Cell{Text: name + "（至 " + view.MonthDay(f.Query.AsOf) + "）", Short: name + "*"}
		}
		value := view.Cell{Text: inYi.text(amount), V: inYi.plain(amount)}
		if !y.Published {
			value.Href = f.links.to("year", name)
		}
		row.Cells = []view.Cell{label, value, targetCell(y.Target), {Text: growth}, {Text: f.sourceWords(y)}}
		c.Table.Rows = append(c.Table.Rows, row)
		before = amount
	}
	c.Note = f.seriesNote()
	return c
}

func targetCell(t *market.Target) view.Cell {
	if t == nil {
		return view.Cell{Text: "—"}
	}
	return view.Cell{Text: inYi.text(t.Amount), V: inYi.plain(t.Amount)}
}

// sourceWords tells where a year's figure and its target come from.
func (f figures) sourceWords(y market.TurnoverYear) string {
	words := "登记账本"
	switch {
	case y.Published:
		words = "公开规划"
	case f.demo:
		words = "演示"
	}
	if y.Target != nil {
		words += "；目标" + market.TargetStatuses.Name(y.Target.Status)
	}
	return words
}

// seriesNote says what is invented, estimated or not over.
func (f figures) seriesNote() string {
	var notes []string
	if f.demo {
		notes = append(notes, "斜纹为演示数据。")
	}
	if years := f.yearsWith("interpolated"); years != "" {
		notes = append(notes, years+"年目标为插值。")
	}
	if years := f.yearsWith("proposed"); years != "" {
		notes = append(notes, years+"年目标为拟定，待核定。")
	}
	if last := f.Years[len(f.Years)-1]; last.Part {
		notes = append(notes, fmt.Sprintf("* %d 年截至 %s。", last.Year, view.DateCN(f.Query.AsOf)))
	}
	return strings.Join(notes, "")
}

// yearsWith names the years whose target has that standing: 2021～2024 or 2026.
func (f figures) yearsWith(status string) string {
	first, last := 0, 0
	for _, y := range f.Years {
		if y.Target == nil || y.Target.Status != status {
			continue
		}
		if first == 0 {
			first = y.Year
		}
		last = y.Year
	}
	switch {
	case first == 0:
		return ""
	case first == last:
		return strconv.Itoa(first) + " "
	}
	return fmt.Sprintf("%d～%d ", first, last)
}

// monthName is the month's name in a table; the one that is not over tells its last day.
func (f figures) monthName(m market.TurnoverMonth) string {
	if m.Begun && !m.Whole {
		return fmt.Sprintf("%d 月（至 %d 日）", m.Month, f.Query.Through().Day())
	}
	return fmt.Sprintf("%d 月", m.Month)
}

// monthTable is a chart of months: this year, the year before, and the target's path.
func (f figures) monthTable(kind view.ChartKind, id, title string, heads [3]string) view.Chart {
	c := view.Chart{ID: id, Kind: kind, Title: title, Height: "l", Demo: f.demo, Unit: f.unit.name,
		Table: view.Table{Label: title, Caption: "单位：" + f.unit.name, Cols: []view.Col{{Label: "月份"}, {Label: heads[0], Num: true}, {Label: heads[1], Num: true}}}}
	if f.Target != nil {
		c.Table.Cols = append(c.Table.Cols, view.Col{Label: heads[2], Num: true})
	}
	return c
}

// addMonth adds a line; this is left out of a month that has not begun. The numbers lead to the contracts that the pair picks.
func (f figures) addMonth(c *view.Chart, m market.TurnoverMonth, this, last, target decimal.Decimal, pair func(year int) (name, value string)) {
	now := view.Cell{Text: "—"}
	if m.Begun {
		now = view.Cell{Text: f.unit.text(this), V: f.unit.plain(this), Href: f.links.to(pair(f.Query.Year))}
	}
	short := fmt.Sprintf("%d月", m.Month)
	if c.Kind == view.ChartMonths { // every month is named, also where it is narrow
		short = strconv.Itoa(m.Month)
	}
	row := view.TableRow{Part: m.Begun && !m.Whole, Demo: f.demo, Cells: []view.Cell{{Text: f.monthName(m), Short: short}, now,
		{Text: f.unit.text(last), V: f.unit.plain(last), Href: f.lastYearLinks().to(pair(f.Query.Compared()))}}}
	if f.Target != nil {
		row.Cells = append(row.Cells, view.Cell{Text: f.unit.text(target), V: f.unit.plain(target)})
	}
	c.Table.Rows = append(c.Table.Rows, row)
}

// cumulative is the year's way to its target.
func (f figures) cumulative() view.Chart {
	c := f.monthTable(view.ChartCum, "cumulative", "本年累计"+f.andTarget("与目标时序"), [3]string{"本年累计", f.Query.LastName() + "累计", "目标时序"})
	var this, last, target decimal.Decimal
	for _, m := range f.Months {
		this, last, target = this.Add(f.amount(m.This)), last.Add(f.amount(m.Last)), target.Add(m.Target.Decimal)
		f.addMonth(&c, m, this, last, target, func(year int) (string, string) {
			return "to", time.Date(year, time.Month(m.Month)+1, 0, 0, 0, 0, 0, market.Shanghai).Format(time.DateOnly)
		})
	}
	c.Note = f.monthNote()
	return c
}

// months is the turnover of each month.
func (f figures) months() view.Chart {
	c := f.monthTable(view.ChartMonths, "months", "各月"+f.amountName(), [3]string{"本年", f.Query.LastName(), "目标时序"})
	for _, m := range f.Months {
		f.addMonth(&c, m, f.amount(m.This), f.amount(m.Last), m.Target.Decimal, func(int) (string, string) { return "month", strconv.Itoa(m.Month) })
	}
	c.Note = f.monthNote()
	return c
}

func (f figures) monthNote() string {
	note := ""
	if !f.Over() {
		note = fmt.Sprintf("本年 %d 月到 %d 日，%s为全月。", f.Query.Through().Month(), f.Query.Through().Day(), f.Query.LastName())
	}
	if f.Target == nil {
		return note
	}
	if f.Pace.ByDays {
		return note + "目标时序按日历天数分配：前三年没有完整的各月数据。"
	}
	return note + "目标时序按近三年各月占比分配，不按天平均。"
}

// quad is seller by buyer; the cells that make up the figure are marked.
func (f figures) quad() view.Quad {
	county, outside, inside := f.Query.County != "", "市外", "市内"
	if county {
		outside, inside = "县区外", "县区内"
	}
	q := view.Quad{Label: "输出与吸纳", Cols: [2]string{"买方在" + f.place, "买方在" + outside},
		Rows: [2]view.QuadRow{{Head: "卖方在" + f.place}, {Head: "卖方在" + outside}}}
	absorbed := f.Query.Basis == market.BasisAbsorbed
	for seller := range 2 {
		for buyer := range 2 {
			cell, sum := market.CellAt(seller, buyer), f.Cells[seller][buyer]
			m := view.Money(f.amount(sum))
			q.Rows[seller].Cells[buyer] = view.QuadCell{Label: cell.Name(county), Num: m.Num, Unit: m.Unit,
				Count: view.Link{Label: view.Num(sum.Count) + " 项", Href: f.links.to("cell", string(cell))},
				Main:  absorbed && buyer == 0 || !absorbed && seller == 0}
		}
	}
	out, in := f.amount(f.output()), f.amount(f.absorbed())
	q.Rows[0].Note, q.Rows[1].Note = "输出 "+f.money(out), "不计入成交额"
	if absorbed {
		q.Rows[1].Note = ""
	}
	q.Note = fmt.Sprintf("粗框两格相加为%s。吸纳合计 %s（%s %s，%s %s）；从%[5]s吸纳的合同在卖方所在地登记，不计入输出。",
		f.Query.Basis.Name(), f.money(in), inside, f.money(f.amount(f.Cells[0][0])), outside, f.money(f.amount(f.Cells[1][0])))
	return q
}

func (f figures) output() market.Sum   { return f.Cells[0][0].Plus(f.Cells[0][1]) }
func (f figures) absorbed() market.Sum { return f.Cells[0][0].Plus(f.Cells[1][0]) }

// bars is the figure split by a dimension, largest first and 其他 last.
func (f figures) bars(d market.Dimension, title, note string) view.Chart {
	rows := f.sorted(d)
	c := view.Chart{ID: "by-" + string(d), Kind: view.ChartBars, Title: title, Height: "s", Demo: f.demo, Unit: f.unit.name, Note: note,
		Table: view.Table{Label: title, Class: "mk-table--lines mk-dense--keep", Caption: fmt.Sprintf("单位：%s；%s和技术交易额占比为百分数", f.unit.name, f.growthName()),
			Cols: []view.Col{{Label: d.Name()}, {Label: f.amountName(), Num: true}, {Label: "项数", Num: true}, {Label: "技术占比", Num: true, Wide: true}, {Label: f.growthName(), Num: true}},
			Foot: []view.Cell{{Text: "合计"}, {Text: f.unit.text(f.Amount()), Href: f.links.to()}, {Text: view.Num(f.Sum.Count), Href: f.links.to()}, {Text: percent(f.Sum.TechShare())}, {Text: signed(f.Growth())}}}}
	if len(rows) > 8 {
		c.Height = "xl"
	}
	for _, r := range rows {
		if r.Code == market.OtherCode && r.Sum.Count == 0 && f.amount(r.Sum).IsZero() && f.amount(r.Last).IsZero() {
			continue
		}
		c.Table.Rows = append(c.Table.Rows, view.TableRow{Demo: f.demo, Cells: []view.Cell{{Text: r.Name},
			{Text: f.unit.text(f.amount(r.Sum)), V: f.unit.plain(f.amount(r.Sum)), Href: f.links.to(string(d), r.Code)},
			{Text: view.Num(r.Sum.Count), Href: f.links.to(string(d), r.Code)}, {Text: percent(r.Sum.TechShare())}, {Text: signed(market.GrowthRatio(f.amount(r.Sum), f.amount(r.Last)))}}})
	}
	return c
}

// sorted are the rows of a dimension, largest first and 其他 last.
func (f figures) sorted(d market.Dimension) []market.TurnoverRow {
	rows := slices.Clone(f.Table(d).Rows)
	slices.SortStableFunc(rows, func(a, b market.TurnoverRow) int {
		if (a.Code == market.OtherCode) != (b.Code == market.OtherCode) {
			if a.Code == market.OtherCode {
				return 1
			}
			return -1
		}
		return f.amount(b.Sum).Cmp(f.amount(a.Sum))
	})
	return rows
}

func (f figures) countyNote() string {
	side := "卖方"
	if f.Query.Basis == market.BasisAbsorbed {
		side = "买方"
	}
	return "按" + side + "所在县区；园区的合同计入所在县区。"
}

// turnoverNote is a line of the notes under the figures.
type turnoverNote struct {
	Text string
	Link *view.Link
}

// notes tell what the figures are, as of when, and where the targets come from.
func (f figures) notes() []turnoverNote {
	notes := []turnoverNote{
		{Text: "口径：" + f.Query.Basis.Rule(f.place) + "。年份按登记日期，不按签订日期。"},
		{Text: fmt.Sprintf("时点：按 %s当天结束时的账本计算，账本末条 #%s。选过去任一天，整页按那一天的账本重算。", view.DateFullCN(f.Query.AsOf), view.Num(f.LastEntry))},
		{Text: sheet.Rounding},
		{Text: "注销、撤销的合同自注销、撤销之日以负数计入，以前的月份不改动。" + f.adjustedWords()},
		{Text: "合同登记在全国技术合同管理与服务系统办理，登记编号由该系统给出。"},
	}
	if len(f.Adjustments) > 0 {
		notes[3].Link = &view.Link{Label: "看这些调整", Href: f.links.to("adjusted", "1")}
	}
	if f.Target != nil {
		notes = append(notes, turnoverNote{Text: fmt.Sprintf("时序进度 %s：%s。", view.Pct(f.Pace.Share), f.Pace.Label())})
	}
	return append(notes, f.targetNotes()...)
}

func (f figures) adjustedWords() string {
	if len(f.Adjustments) == 0 {
		return fmt.Sprintf("%s没有调整。", f.period())
	}
	return fmt.Sprintf("%s调整 %d 笔，合计 %s 万元，已计入。", f.period(), len(f.Adjustments), market.FormatWan(f.amount(f.Adjusted)))
}

// targetNotes name the source of every target, years of one source together.
func (f figures) targetNotes() []turnoverNote {
	var sources []string
	years := map[string][]string{}
	for _, y := range f.Years {
		if y.Target == nil {
			continue
		}
		source := fmt.Sprintf("（%s）：%s。", market.TargetStatuses.Name(y.Target.Status), y.Target.Source)
		if years[source] == nil {
			sources = append(sources, source)
		}
		years[source] = append(years[source], strconv.Itoa(y.Year))
	}
	var notes []turnoverNote
	for _, source := range sources {
		notes = append(notes, turnoverNote{Text: strings.Join(years[source], "、") + " 年目标" + source})
	}
	return notes
}

// keep is the address parts with one more value, for the tabs of a page.
func keep(values url.Values, name, value string) url.Values {
	out := url.Values{}
	for n, v := range values {
		out[n] = v
	}
	out.Set(name, value)
	return out
}
