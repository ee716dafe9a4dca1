package server

import (
	"context"
	"net/url"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
	"techmarket/search"
)

const (
	nearTried = 12 // terms whose listings are counted
	nearShown = 4
)

// missed says what to do where no listing fulfils the whole finding: take the condition away whose removal finds most, look
// for a near term or in a near field, or post the problem as a need. What holds a part of the words stays below it.
func (s *Server) missed(ctx context.Context, a market.Actor, f finding, res found, page *searchIndex) error {
	empty, err := s.withoutOne(ctx, a, f)
	if err != nil {
		return err
	}
	if res.total > 0 && len(empty.Actions) == 0 {
		empty.Title = "没有包含全部词语的内容"
		empty.Text = "下面的只包含部分词语。也可以换一个说法，或者把要解决的问题写成需求，由院所来找您。"
	}
	empty.Actions = append(empty.Actions, view.Action{Label: "发布为技术需求", Href: needFrom(f.Text)})
	page.Empty = &empty
	field, err := s.nearTerms(ctx, f, &page.Near)
	if err != nil || res.total > 0 {
		return err
	}
	near := store.Browse{Kind: market.KindResult}
	page.Latest = "最新成果"
	if field != "" {
		near.Fields, page.Latest = []string{field}, s.ref.FieldName(field)+"领域的最新成果"
	}
	newest, _, err := s.Store.BrowseListings(ctx, a, near, store.PageSlice(1, 3))
	page.Newest = s.searchItems(newest, "")
	return err
}

// withoutOne is the message of an empty list, with the way to what is found without one of the conditions.
func (s *Server) withoutOne(ctx context.Context, a market.Actor, f finding) (view.Empty, error) {
	best, most := chip{}, 0
	for _, c := range s.conditions(f) {
		c.without.page = 1
		res, err := s.find(ctx, a, c.without, 1)
		if err != nil {
			return view.Empty{}, err
		}
		if res.whole > most {
			best, most = c, res.whole
		}
	}
	if most == 0 {
		return view.Empty{Title: "没有找到", Text: "换一个说法，或用更短的词再试。也可以把要解决的问题写成需求，由院所来找您。"}, nil
	}
	return view.Empty{Title: "没有同时满足这些条件的内容",
		Text:    "去掉条件“" + best.label + "”后有 " + view.Num(most) + " 项。也可以把要解决的问题写成需求，由院所来找您。",
		Actions: []view.Action{{Label: "去掉“" + best.label + "”，查看 " + view.Num(most) + " 项", Href: best.without.href(), Style: view.StylePrimary}}}, nil
}

// needFrom is the address of a new need that begins with the words looked for: as its title or, where they are too long for
// one, as the problem.
func needFrom(text string) string {
	field := "title"
	if market.RuneLen(text) > market.MaxTitle {
		field = "problem"
	}
	return "/needs/new?" + url.Values{field: {text}}.Encode()
}

// nearTerms adds the terms near the words that find something, and the field in which most of that is; it returns the field.
func (s *Server) nearTerms(ctx context.Context, f finding, chips *view.Chips) (string, error) {
	chips.Label = "相近的词"
	perField := map[string]int{}
	for _, term := range s.Search.Lexicon().Nearby(f.Text, nearTried) {
		answer, err := s.Search.Search(ctx, search.Query{Text: term, Kind: f.Kind, Limit: 1})
		if err != nil {
			return "", err
		}
		if answer.Whole == 0 {
			continue
		}
		chips.Items = append(chips.Items, view.Chip{Label: term, Count: view.Num(answer.Whole), Href: searchHref(market.Conditions{Text: term, Kind: f.Kind})})
		for field, n := range answer.Facets[search.FacetField] {
			perField[field] += n
		}
		if len(chips.Items) == nearShown {
			break
		}
	}
	field, most := "", 0
	for _, x := range s.ref.Fields {
		if perField[x.Code] > most {
			field, most = x.Code, perField[x.Code]
		}
	}
	if field == "" {
		return "", nil
	}
	counts, err := s.Store.CountInFields(ctx, f.Kind, []string{field})
	chips.Items = append(chips.Items, view.Chip{Label: s.ref.FieldName(field) + "（领域）", Count: view.Num(counts[field]),
		Href: searchHref(market.Conditions{Kind: f.Kind, Fields: []string{field}})})
	return field, err
}
