package server

import (
	"fmt"
	"strings"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// summaryRunes is how much of a listing's text a card shows.
const summaryRunes = 90

// soonDays is when a card begins to count the days to a need's deadline.
const soonDays = 14

// needCard is a need as lists, searches and matches show it. q marks what was looked for; "" marks nothing.
func (s *Server) needCard(c store.ListingCard, q string) view.NeedCard {
	card := view.NeedCard{
		ID: fmt.Sprintf("need-%d", c.ID), Href: listingPath(market.KindNeed, c.ID),
		Title: s.marked(c.Title, q, 0), Summary: s.marked(c.Text, q, summaryRunes),
		Fields: s.fieldNames(c.Fields), Place: s.ref.Regions.Name(c.Region),
		Fresh: s.fresh(c.ConfirmedAt), Shifts: c.IndicatorCount,
		Budget: priceText(market.Price{Kind: c.PriceKind, Min: c.PriceMin, Max: c.PriceMax}),
		Org:    s.cardParty(c),
	}
	if c.IndName != "" {
		card.Shift = &view.Shift{Name: c.IndName, Now: c.IndNow, Target: c.IndTarget, Unit: c.IndUnit}
	}
	if c.Deadline != nil {
		card.Due = view.Date(*c.Deadline)
	}
	card.Badge = s.cardBadge(c)
	return card
}

// resultCard is needCard for a result.
func (s *Server) resultCard(c store.ListingCard, q string) view.ResultCard {
	return view.ResultCard{
		ID: fmt.Sprintf("result-%d", c.ID), Href: listingPath(market.KindResult, c.ID),
		Title: s.marked(c.Title, q, 0), Summary: s.marked(c.Text, q, summaryRunes),
		Fields: s.fieldNames(c.Fields), Place: s.ref.Regions.Name(c.Region),
		Badge: s.cardBadge(c), Fresh: s.fresh(c.ConfirmedAt),
		Stage: stageOf(c.Stage, c.TRLMin, c.TRLMax), Mode: priceMode(c.PriceMethod),
		Price: priceText(market.Price{Kind: c.PriceKind, Min: c.PriceMin, Max: c.PriceMax}),
		IP:    ipText(c.PatentCount, c.OtherIPCount),
		Org:   s.cardParty(c),
	}
}

// listingPath is the address of a need or a result.
func listingPath(kind market.Kind, id int64) string { return fmt.Sprintf("/%ss/%d", kind, id) }

// marked shows at most max characters of a text, 0 all of it, with what q found in it.
func (s *Server) marked(text, q string, max int) view.Marked {
	if text == "" {
		return nil
	}
	if q == "" {
		if max > 0 {
			text = market.Truncate(strings.Join(strings.Fields(text), " "), max)
		}
		return view.Plain(text)
	}
	segments := s.Search.Lexicon().NewMarker(q, false).Highlight(text, max)
	out := make(view.Marked, len(segments))
	for i, segment := range segments {
		out[i] = view.Segment(segment)
	}
	return out
}

func (s *Server) fieldNames(codes []string) []string {
	names := make([]string, 0, len(codes))
	for _, code := range codes {
		names = append(names, s.ref.FieldName(code))
	}
	return names
}

// fresh words how long ago the owner said that a listing holds; nothing before its publication.
func (s *Server) fresh(confirmed *time.Time) view.Fresh {
	if confirmed == nil {
		return view.Fresh{}
	}
	return view.NewFresh(s.Now(), *confirmed)
}

// cardBadge is the one thing a card must say of its listing: that it is taken or, of a need, that its time runs out.
func (s *Server) cardBadge(c store.ListingCard) *view.Badge {
	switch {
	case c.State == market.Matched:
		return &view.Badge{Text: c.State.Name(c.Kind), Tone: view.ToneGreen}
	case c.State != market.Published:
		return &view.Badge{Text: c.State.Name(c.Kind)}
	case c.Deadline == nil:
		return nil
	}
	switch left := s.daysLeft(*c.Deadline); {
	case left < 0:
		return &view.Badge{Text: "已过截止日期", Tone: view.ToneAmber}
	case left <= soonDays:
		return &view.Badge{Text: leftText(left), Tone: view.ToneAmber}
	}
	return nil
}

// daysLeft counts the days from today to a date, negative when it is over.
func (s *Server) daysLeft(day time.Time) int {
	return int(market.DateOf(day).Sub(market.DateOf(s.Now())).Hours()+12) / 24
}

func leftText(days int) string {
	if days == 0 {
		return "今天截止"
	}
	return fmt.Sprintf("还剩 %d 天", days)
}

// cardParty is the owner as this reader may see it.
func (s *Server) cardParty(c store.ListingCard) view.Party {
	party := view.Party{Name: c.OrgName, Verified: view.VerifiedOrg(c.OrgVerified), Demo: c.Demo}
	if c.OrgID != 0 {
		party.Href = fmt.Sprintf("/orgs/%d", c.OrgID)
	}
	if c.OrgName == "" {
		party.Name = s.hiddenName(c.Submarket, c.OrgType)
	}
	return party
}

// hiddenName stands for an organisation that does not show its name: 一家先进材料企业（名称未公开）.
func (s *Server) hiddenName(submarket string, kind market.OrgType) string {
	return unnamed(s.ref.Submarkets.Name(submarket), kind) + "（名称未公开）"
}

// unnamed is 一家先进材料企业 or 一所高校.
func unnamed(submarket string, kind market.OrgType) string {
	switch kind {
	case market.Enterprise:
		return "一家" + submarket + "企业"
	case market.University:
		return "一所高校"
	}
	return "一家" + kind.Name()
}

// priceText is a budget or price for lists: without decimals of zero, and a word where no figure is given.
func priceText(p market.Price) view.MoneyText {
	switch {
	case p.Kind == market.PriceRange && p.Min.Valid && p.Max.Valid:
		return view.MoneyRange(p.Min.Decimal, p.Max.Decimal)
	case p.Kind == market.PriceAmount && p.Min.Valid:
		return view.MoneyShort(p.Min.Decimal)
	}
	return view.Negotiable
}

// stageOf describes the code of a stage; a listing may leave it out.
func stageOf(code string, trlMin, trlMax int) view.Stage {
	stage, ok := market.StageByCode(code)
	if !ok {
		return view.Stage{Label: "未说明"}
	}
	return view.NewStage(stage.Step, trlMin, trlMax)
}

func priceMode(method string) view.Badge {
	switch method {
	case "listed":
		return view.BadgeListed
	case "auction":
		return view.BadgeAuction
	}
	return view.BadgeNegotiated
}

// ipText sums up intellectual property: 专利 3 项，其他 1 项.
func ipText(patents, others int) string {
	switch {
	case patents > 0 && others > 0:
		return fmt.Sprintf("专利\u00a0%d\u00a0项，其他\u00a0%d\u00a0项", patents, others)
	case patents > 0:
		return fmt.Sprintf("专利\u00a0%d\u00a0项", patents)
	case others > 0:
		return fmt.Sprintf("%d\u00a0项", others)
	}
	return ""
}
