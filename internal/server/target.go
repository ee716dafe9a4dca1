package server

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var targetPages = []view.Page{targetIndex{}}

// targetIndex is the targets of one basis: those that hold, the form that sets one, and their history.
type targetIndex struct {
	view.Work
	Bases   view.Seg
	Years   []targetYear
	Fields  []view.Field // nil for who may not set one
	Basis   string
	Last    int64
	History []targetLine
	Pager   view.Pager
}

func (targetIndex) Template() string { return "page/bureau/targets" }

// targetYear is a year with the city's target and those of its counties.
type targetYear struct {
	Year     int
	City     *targetLine
	Growth   string // against the year before, "—" without one
	Counties []targetLine
	Sum      string // what the counties' targets add up to, and how far that is from the city's
	Open     bool
}

// targetLine is a target, or a word on one.
type targetLine struct {
	Year     int
	Place    string
	Amount   string // 万元
	Share    string // of the city's
	Status   view.Badge
	Approver string
	Source   string
	By       string
	At       time.Time
}

// targetInput is the form as it was typed.
type targetInput struct {
	entry  market.TargetEntry
	year   string
	amount moneyInput
}

func (s *Server) targetIndex(c echo.Context, a market.Actor) error {
	basis := targetBasis(c.QueryParam("basis"))
	in := targetInput{entry: market.TargetEntry{Region: market.City, Basis: basis, Status: "proposed"}, amount: moneyInput{Unit: string(market.WanYuan)}}
	return s.showTargets(c, a, in, nil)
}

func targetBasis(code string) market.Basis {
	if b := market.Basis(code); b.Name() != "" {
		return b
	}
	return market.BasisOutput
}

func targetsPath(b market.Basis) string { return "/bureau/targets?basis=" + string(b) }

func (s *Server) targetSet(c echo.Context, a market.Actor) error {
	var p market.Problems
	in := targetInput{year: c.FormValue("year"), amount: postedMoney(c, "amount"), entry: market.TargetEntry{Region: c.FormValue("region"),
		Basis: market.Basis(c.FormValue("basis")), Status: c.FormValue("status"), Approver: c.FormValue("approver"), Source: c.FormValue("source")}}
	year, err := strconv.Atoi(market.Normalize(in.year))
	if err != nil {
		year = 0
	}
	in.entry.Year, in.entry.Amount = year, parseMoney(&p, "amount", in.amount.Text, in.amount.Unit).Decimal
	last, err := strconv.ParseInt(c.FormValue("version"), 10, 64)
	if err != nil {
		last = -1
	}
	err = p.Err()
	if err == nil {
		err = s.Service.SetTarget(c.Request().Context(), a, in.entry, last)
	}
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showTargets(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, targetsPath(in.entry.Basis), fmt.Sprintf("%d 年%s的目标已设为 %s", year, s.placeName(in.entry.Region), market.FormatMoney(in.entry.Amount)))
}

// placeName is what a place is called beside its targets.
func (s *Server) placeName(region string) string {
	if region == market.City {
		return "全市"
	}
	return s.ref.Regions.Name(region)
}

func (s *Server) showTargets(c echo.Context, a market.Actor, in targetInput, failed error) error {
	ctx, number := c.Request().Context(), pageNumber(c)
	basis := targetBasis(string(in.entry.Basis))
	targets, err := s.Store.Targets(ctx, a, basis)
	if err != nil {
		return err
	}
	history, total, err := s.Store.TargetHistory(ctx, a, basis, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := targetIndex{Basis: string(basis), Years: s.targetYears(targets),
		Pager: view.NewPager(number, workPage, total, "条", func(n int) string { return fmt.Sprintf("%s&page=%d", targetsPath(basis), n) })}
	if page.Work, err = s.work(c, a, "年度目标"); err != nil {
		return err
	}
	if page.Last, err = s.Store.LastTarget(ctx); err != nil {
		return err
	}
	page.Bases = basisSeg(basis, func(b string) string { return targetsPath(market.Basis(b)) })
	for _, e := range history {
		page.History = append(page.History, s.targetLine(e))
	}
	page.Errors = failure(failed)
	if a.Has(market.Statistician) && a.County == "" {
		if failed == nil {
			s.begin(&in, c.QueryParams(), targets)
		}
		page.Fields = s.targetFields(in, errorsOf(failed))
	}
	return s.renderStatus(c, errorStatus(failed), page)
}

// begin fills the form in with the year after the last that has a target, grown by the plan's rate, or with what a link asks for.
func (s *Server) begin(in *targetInput, asked url.Values, targets []market.TargetEntry) {
	if year := asked.Get("year"); year != "" {
		in.year, in.entry.Region = market.Truncate(year, 4), asked.Get("region")
		return
	}
	if len(targets) == 0 || targets[0].Region != market.City {
		return
	}
	last := targets[0]
	in.year = strconv.Itoa(last.Year + 1)
	in.amount = typedMoney(decimal.NewNullDecimal(last.Grown()))
	in.entry.Source = fmt.Sprintf("按 %d 年目标增长 %s%% 拟定，待核定", last.Year, market.TargetGrowth.Shift(2))
}

func (s *Server) targetFields(in targetInput, at fieldErrors) []view.Field {
	places := append([]view.Option{{Value: market.City, Label: "全市"}}, options(s.ref.Regions.Counties())...)
	return []view.Field{
		{Name: "year", Label: "年度", Value: in.year, Error: at["year"], Autocomplete: "off"},
		{Name: "region", Kind: view.KindSelect, Label: "范围", Options: places, Value: in.entry.Region, Error: at["region"]},
		{Name: "amount", Kind: view.KindMoney, Label: "目标", Hint: "各县（市、区）的目标分别设定，合计与全市目标的差会列出", Value: in.amount.Text, Unit: in.amount.Unit, Error: at["amount"]},
		{Name: "status", Kind: view.KindRadios, Label: "状态", Options: options(market.SetTargetStatuses), Value: in.entry.Status, Error: at["status"]},
		{Name: "approver", Label: "核定单位和文号", Hint: "已核定的才填", Optional: true, Value: in.entry.Approver, Error: at["approver"], Autocomplete: "off"},
		{Name: "source", Label: "依据或修改原因", Hint: "显示在成交额页面的说明里", Value: in.entry.Source, Error: at["source"], Max: 200, Autocomplete: "off"},
	}
}

func (s *Server) targetLine(e market.TargetEntry) targetLine {
	l := targetLine{Year: e.Year, Place: s.placeName(e.Region), Amount: market.FormatWan(e.Amount), Approver: dash(e.Approver), Source: e.Source, By: e.UserName, At: e.At,
		Status: view.Badge{Text: market.TargetStatuses.Name(e.Status), Tone: view.ToneGreen}}
	if e.Status == "proposed" || e.Status == "interpolated" {
		l.Status.Tone = view.ToneAmber
	}
	if l.By == "" {
		l.By = "系统"
	}
	return l
}

// targetYears gathers the targets by year. The last one with targets of counties is open.
func (s *Server) targetYears(targets []market.TargetEntry) []targetYear {
	city := map[int]market.TargetEntry{}
	for _, e := range targets {
		if e.Region == market.City {
			city[e.Year] = e
		}
	}
	var out []targetYear
	counties := map[int]decimal.Decimal{}
	for _, e := range targets {
		if len(out) == 0 || out[len(out)-1].Year != e.Year {
			out = append(out, targetYear{Year: e.Year, Growth: "—"})
		}
		y := &out[len(out)-1]
		line := s.targetLine(e)
		whole := city[e.Year]
		if e.Region == market.City {
			if before, ok := city[e.Year-1]; ok {
				y.Growth = signed(market.GrowthRatio(e.Amount, before.Amount)) + "%"
			}
			y.City = &line
			continue
		}
		line.Share = "—"
		if y.City != nil {
			line.Share = view.Pct(e.Amount.Div(whole.Amount))
		}
		counties[e.Year] = counties[e.Year].Add(e.Amount)
		y.Counties = append(y.Counties, line)
		y.Sum = countySum(counties[e.Year], whole.Amount, len(y.Counties))
	}
	for i := range out {
		if len(out[i].Counties) > 0 {
			out[i].Open = true
			break
		}
	}
	return out
}

// countySum says what the counties' targets add up to. city is zero where the city has none.
func countySum(sum, city decimal.Decimal, counties int) string {
	text := fmt.Sprintf("%d 个县（市、区）合计 %s 万元", counties, market.FormatWan(sum))
	switch gap := city.Sub(sum); {
	case city.IsZero():
		return text + "，全市还没有目标"
	case gap.IsZero():
		return text + "，与全市目标一致"
	case gap.IsPositive():
		return text + "，比全市目标少 " + market.FormatWan(gap) + " 万元"
	default:
		return text + "，比全市目标多 " + market.FormatWan(gap.Neg()) + " 万元"
	}
}
