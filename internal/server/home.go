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

// homePage is the first page: what the market is, the search box, the five sub-markets and the turnover.
type homePage struct {
	view.Base
	Hot     []view.Link
	Ledger  *homeLedger
	Counted string // when the counts below were taken
	Needs   int
	Results int
	Tiles   []homeTile
	Newest  []view.NeedCard
	Offers  []view.ResultCard

	Challenges []challengeCard // that are open, the next to close first
}

func (homePage) Template() string { return "page/home" }

// homeLedger is the turnover of the year on the first page.
type homeLedger struct {
	Year   int
	Num    string
	Target *view.Target
	Text   string
	Basis  string
}

// homeTile is a sub-market with its live counts.
type homeTile struct {
	Icon, Name, Href, Fields string
	Needs, Results           int
}

// homeListings is how many of the newest of each kind the first page shows.
const homeListings = 4

// homeChallenges is how many of the open challenges it shows.
const homeChallenges = 2

// hotWords are short searches that show a newcomer what can be typed; each finds something in the plan's five fields.
var hotWords = []string{"碳酸钙", "高频线路板", "夏秋茶", "齿轮泵", "山茶油"}

func (s *Server) homeShow(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	page := homePage{Base: s.base(c, a, "")}
	page.HideSearch = true
	page.Description = "企业技术需求与高校院所科技成果对接、定价、签约的公共平台。"
	page.Counted = view.Ago(s.Now(), s.Now())
	for _, w := range hotWords {
		page.Hot = append(page.Hot, view.Link{Label: w, Href: searchHref(market.Conditions{Text: w})})
	}
	counts, err := s.Store.ShelfCounts(ctx)
	if err != nil {
		return err
	}
	for _, n := range counts {
		page.Needs, page.Results = page.Needs+n.Needs, page.Results+n.Results
		page.Tiles = append(page.Tiles, homeTile{Icon: n.Submarket, Name: s.ref.Submarkets.Name(n.Submarket), Href: searchHref(market.Conditions{Submarkets: []string{n.Submarket}}),
			Fields: fieldsLine(s.ref.FieldsOf(n.Submarket)), Needs: n.Needs, Results: n.Results})
	}
	if page.Ledger, err = s.homeLedger(ctx); err != nil {
		return err
	}
	for _, kind := range []market.Kind{market.KindNeed, market.KindResult} {
		cards, err := s.Store.NewestListings(ctx, a, kind, homeListings)
		if err != nil {
			return err
		}
		for _, card := range cards {
			card.Text = ""
			if kind == market.KindNeed {
				page.Newest = append(page.Newest, s.needCard(card, ""))
			} else {
				page.Offers = append(page.Offers, s.resultCard(card, ""))
			}
		}
	}
	open, _, err := s.Store.Challenges(ctx, store.ChallengeFilter{States: []market.ChallengeState{market.ChallengeOpen}}, store.PageSlice(1, homeChallenges))
	if err != nil {
		return err
	}
	for _, card := range open {
		page.Challenges = append(page.Challenges, s.challengeCard(card))
	}
	return s.render(c, page)
}

func (s *Server) homeLedger(ctx context.Context) (*homeLedger, error) {
	y, err := s.Store.YearToDate(ctx, s.Service.Today())
	if err != nil {
		return nil, err
	}
	l := &homeLedger{Year: y.AsOf.Year(), Num: market.FormatYi(y.Sum.Total), Text: "共 " + view.Num(y.Sum.Count) + " 项",
		Basis: "卖方在吉安，按登记日期，截至 " + view.DateCN(y.AsOf) + "。"}
	if y.Target == nil {
		return l, nil
	}
	target := market.FormatYi(y.Target.Amount)
	done, pace := view.Pct(y.Done().Decimal), view.Pct(y.Pace.Share)
	l.Text = fmt.Sprintf("目标 %s 亿元（%s），已完成 %s，共 %s 项", target, market.TargetStatuses.Name(y.Target.Status), done, view.Num(y.Sum.Count))
	l.Target = &view.Target{Done: y.Done().Decimal, Pace: y.Pace.Share, Word: "时序 " + pace,
		Label: fmt.Sprintf("完成全年目标 %s 亿元的 %s，时序进度为 %s", target, done, pace)}
	return l, nil
}

// fieldsLine names the first fields of a sub-market: 半导体照明、触控显示等 5 个领域.
func fieldsLine(fields market.Codes) string {
	names := make([]string, 0, 3)
	for _, f := range fields[:min(3, len(fields))] {
		name, _, _ := strings.Cut(f.Name, "（")
		names = append(names, name)
	}
	return fmt.Sprintf("%s等 %d 个领域", strings.Join(names, "、"), len(fields))
}

// textPage is a page of fixed words, such as the guide.
type textPage struct {
	view.Base
	template string
	Days     map[string]int // limits, by parameter
	BaseURL  string
}

func (p textPage) Template() string { return p.template }

// textPages declares them; the handlers below fill them.
var textPages = []view.Page{
	textPage{template: "page/guide"}, textPage{template: "page/about/accessibility"}, textPage{template: "page/about/api"},
}

// textShow makes the handler of a page of fixed words.
func (s *Server) textShow(template, title, nav string) handler {
	return func(c echo.Context, a market.Actor) error {
		page := textPage{Base: s.base(c, a, title), template: template, BaseURL: s.URL, Days: map[string]int{}}
		page.Nav = nav
		for _, key := range []string{"need_review_days", "result_review_days", "org_review_days", "inquiry_response_days", "registration_days", "registration_days_large", "challenge_publicity_days"} {
			page.Days[key] = int(s.ref.Parameter(key, s.Service.Today()))
		}
		return s.render(c, page)
	}
}
