package server

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// matchPages are the pages of suggestions.
var matchPages = []view.Page{matchIndex{}}

// pairCards loads both sides of the suggestions, as far as the actor may see them.
func (s *Server) pairCards(ctx context.Context, a market.Actor, matches []store.Match) (map[int64]store.ListingCard, error) {
	ids := make([]int64, 0, 2*len(matches))
	for _, m := range matches {
		ids = append(ids, m.NeedID, m.ResultID)
	}
	cards, err := s.Store.ListingCards(ctx, a, ids)
	byID := make(map[int64]store.ListingCard, len(cards))
	for _, card := range cards {
		byID[card.ID] = card
	}
	return byID, err
}

// otherSide is the listing that a suggestion offers to one of that kind.
func otherSide(m store.Match, kind market.Kind) int64 {
	if kind == market.KindNeed {
		return m.ResultID
	}
	return m.NeedID
}

// matchView is a suggestion with its reasons. Who owns one of its sides may open an inquiry from it and say what it is
// worth. back is where the marks lead back to.
func (s *Server) matchView(a market.Actor, m store.Match, other store.ListingCard, cards map[int64]store.ListingCard, back string) view.Match {
	out := view.Match{
		ID: fmt.Sprintf("match-%d", m.ID), Strength: strength(m.Strength), Title: other.Title,
		Href: listingPath(other.Kind, other.ID), Meta: s.matchMeta(other), Terms: m.Terms,
	}
	for _, reason := range m.Reasons {
		if reason.OK {
			out.OK = append(out.OK, reason.Text)
		} else {
			out.No = append(out.No, reason.Text)
		}
	}
	own, foreign, mine := ownSide(a, m, cards)
	if !mine {
		return out
	}
	if a.May(market.ScopeNegotiate) && a.Verified() {
		act := inquiryAction(a, foreign.ID, own.ID)
		act.Style, act.Small, act.Icon = view.StyleLine, true, ""
		out.Actions = append(out.Actions, act)
	}
	if a.May(market.ScopePost) {
		out.Said = saidText(m.Useful)
		out.Actions = append(out.Actions, markActions(m, back)...)
	}
	return out
}

// ownSide finds which side of the suggestion belongs to the actor's organisation; with both, or none, mine is false.
func ownSide(a market.Actor, m store.Match, cards map[int64]store.ListingCard) (own, foreign store.ListingCard, mine bool) {
	need, result := cards[m.NeedID], cards[m.ResultID]
	ownsNeed, ownsResult := a.OrgID != 0 && need.OrgID == a.OrgID, a.OrgID != 0 && result.OrgID == a.OrgID
	switch {
	case ownsNeed == ownsResult:
		return own, foreign, false
	case ownsNeed:
		return need, result, true
	}
	return result, need, true
}

func strength(code string) view.Strength {
	switch code {
	case "strong":
		return view.StrengthStrong
	case "good":
		return view.StrengthGood
	}
	return view.StrengthFair
}

// matchMeta says who offers what: 江右材料研究院，中试 TRL 6～7，挂牌 46 万元.
func (s *Server) matchMeta(c store.ListingCard) string {
	parts := []string{s.cardParty(c).Name}
	price := priceText(market.Price{Kind: c.PriceKind, Min: c.PriceMin, Max: c.PriceMax}).String()
	if c.Kind == market.KindNeed {
		return strings.Join(append(parts, s.ref.Regions.Name(c.Region), "预算 "+price), "，")
	}
	if stage := stageOf(c.Stage, c.TRLMin, c.TRLMax); stage.TRL != "" {
		parts = append(parts, fmt.Sprintf("%s（TRL %s）", stage.Label, stage.TRL))
	}
	return strings.Join(append(parts, priceMode(c.PriceMethod).Text+" "+price), "，")
}

func saidText(useful *bool) string {
	switch {
	case useful == nil:
		return ""
	case *useful:
		return "您标为有用"
	}
	return "您标为不合适"
}

// markActions let the owner's side say what the suggestion is worth, or take its word back.
func markActions(m store.Match, back string) []view.Action {
	mark := func(label, useful string) view.Action {
		return view.Action{Label: label, Href: fmt.Sprintf("/matches/%d/mark", m.ID), Post: true, Style: view.StyleText, Small: true,
			Fields: []view.Hidden{{Name: "useful", Value: useful}, {Name: "back", Value: back}}}
	}
	if m.Useful != nil {
		return []view.Action{mark("改回", "undo")}
	}
	return []view.Action{mark("有用", "yes"), mark("不合适", "no")}
}

// matchMark stores the owner's word on a suggestion.
func (s *Server) matchMark(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	yes, no := true, false
	useful, known := map[string]*bool{"yes": &yes, "no": &no, "undo": nil}[c.FormValue("useful")]
	if !known {
		return market.Errorf(market.Invalid, "请选择“有用”或“不合适”")
	}
	if err := s.Service.MarkMatch(c.Request().Context(), a, id, useful, c.FormValue("reason")); err != nil {
		return err
	}
	message := map[string]string{"yes": "已记为有用", "no": "已记为不合适，工作台不再推荐它", "undo": "已改回未评价"}[c.FormValue("useful")]
	return s.done(c, localPath(c.FormValue("back"), "/work/matches"), message)
}

// matchIndex lists the suggestions for the organisation's own listings.
type matchIndex struct {
	view.Work
	Seg     view.Seg
	Only    *view.Chips // when the list is about one listing
	Matches []ownMatch
	Pager   view.Pager
	Empty   view.Empty
	Total   int
}

func (matchIndex) Template() string { return "page/match/index" }

// ownMatch is a suggestion with the own listing it is for.
type ownMatch struct {
	For   string
	Own   view.Link
	Match view.Match
}

// workPage is how many lines a work list shows.
const workPage = 50

// matchList shows all suggestions for the organisation's listings, or those of one of them.
func (s *Server) matchList(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	work, err := s.work(c, a, "匹配推荐")
	if err != nil {
		return err
	}
	f := matchFilter(c)
	number := pageNumber(c)
	found, total, err := s.Store.OrgMatches(ctx, a, f, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := matchIndex{Work: work, Total: total, Seg: matchSeg(f),
		Pager: view.NewPager(number, workPage, total, "项", func(n int) string { return matchPath(f, n) }),
		Empty: emptyMatches(a, f)}
	if page.Matches, err = s.ownMatches(ctx, a, found, page.Path); err != nil {
		return err
	}
	if f.ListingID != 0 {
		if page.Only, err = s.onlyChip(ctx, a, f); err != nil {
			return err
		}
	}
	return s.render(c, page)
}

func emptyMatches(a market.Actor, f store.MatchFilter) view.Empty {
	if f.Said != store.SaidOpen {
		return view.Empty{Title: "没有这样标过的推荐", Actions: []view.Action{{Label: "看全部推荐", Href: "/work/matches"}}}
	}
	if a.NoRecommend {
		return view.Empty{Title: "您已关闭匹配推荐", Text: "打开后，系统按单位公开的需求和成果找出可能合适的对方。", Actions: []view.Action{{Label: "打开推荐", Href: "/account/privacy"}}}
	}
	e := view.Empty{Title: "还没有匹配推荐", Text: "公开需求或成果后，系统会找出可能合适的对方，并写明理由；有新内容公开时会再找。"}
	if a.May(market.ScopePost) {
		e.Actions = []view.Action{{Label: "发布技术需求", Href: "/needs/new"}, {Label: "发布科技成果", Href: "/results/new"}}
	}
	return e
}

func matchFilter(c echo.Context) store.MatchFilter {
	f := store.MatchFilter{Said: store.Said(c.QueryParam("said"))}
	if f.Said != store.SaidUseful && f.Said != store.SaidUnsuitable {
		f.Said = store.SaidOpen
	}
	if id, err := strconv.ParseInt(c.QueryParam("listing"), 10, 64); err == nil && id > 0 {
		f.ListingID = id
	}
	return f
}

func matchPath(f store.MatchFilter, page int) string {
	q := url.Values{}
	if f.ListingID != 0 {
		q.Set("listing", strconv.FormatInt(f.ListingID, 10))
	}
	if f.Said != "" {
		q.Set("said", string(f.Said))
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/work/matches"
	}
	return "/work/matches?" + q.Encode()
}

func matchSeg(f store.MatchFilter) view.Seg {
	seg := view.Seg{Label: "按评价查看"}
	for _, choice := range []struct {
		said  store.Said
		label string
	}{{store.SaidOpen, "推荐"}, {store.SaidUseful, "标为有用"}, {store.SaidUnsuitable, "标为不合适"}} {
		to := store.MatchFilter{ListingID: f.ListingID, Said: choice.said}
		seg.Items = append(seg.Items, view.SegItem{Label: choice.label, Href: matchPath(to, 1), Current: f.Said == choice.said})
	}
	return seg
}

// onlyChip names the one listing the list is narrowed to.
func (s *Server) onlyChip(ctx context.Context, a market.Actor, f store.MatchFilter) (*view.Chips, error) {
	cards, err := s.Store.ListingCards(ctx, a, []int64{f.ListingID})
	if err != nil || len(cards) == 0 || cards[0].OrgID != a.OrgID {
		return nil, err
	}
	return &view.Chips{Label: "条件", Items: []view.Chip{{Label: cards[0].Title, On: true, Href: matchPath(store.MatchFilter{Said: f.Said}, 1)}}}, nil
}

// ownMatches words suggestions for the owner's workbench.
func (s *Server) ownMatches(ctx context.Context, a market.Actor, found []store.Match, back string) ([]ownMatch, error) {
	cards, err := s.pairCards(ctx, a, found)
	if err != nil {
		return nil, err
	}
	out := make([]ownMatch, 0, len(found))
	for _, m := range found {
		own, other, mine := ownSide(a, m, cards)
		if !mine {
			continue
		}
		out = append(out, ownMatch{For: "给您的" + kindName(own.Kind), Own: view.Link{Label: own.Title, Href: listingPath(own.Kind, own.ID)},
			Match: s.matchView(a, m, other, cards, back)})
	}
	return out, nil
}
