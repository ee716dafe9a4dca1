package demo

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"techmarket/internal/market"
)

//go:embed data/*.json
var data embed.FS

// texts is what the files of data/ hold: invented organisations and what they ask and offer.
type texts struct {
	Submarket string       `json:"submarket"`
	Orgs      []orgText    `json:"orgs"`
	Needs     []needText   `json:"needs"`
	Results   []resultText `json:"results"`
}

type orgText struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	County   string `json:"county"`
	Park     string `json:"park"`
	LegalRep string `json:"legal_rep"`
	About    string `json:"about"`
}

type indicatorText struct {
	Name   string `json:"name"`
	Now    string `json:"now"`
	Target string `json:"target"`
	Unit   string `json:"unit"`
	Method string `json:"method"`
}

type needText struct {
	Field          string          `json:"field"`
	Also           []string        `json:"also"`
	Org            string          `json:"org"`
	HideOrg        bool            `json:"hide_org"`
	Title          string          `json:"title"`
	Problem        string          `json:"problem"`
	Background     string          `json:"background"`
	Indicators     []indicatorText `json:"indicators"`
	BudgetKind     string          `json:"budget_kind"`
	BudgetMin      string          `json:"budget_min"` // 万元
	BudgetMax      string          `json:"budget_max"`
	DeadlineMonths int             `json:"deadline_months"`
	Modes          []string        `json:"modes"`
	Ownership      string          `json:"ownership"`
	Partner        string          `json:"partner"`
	Gated          string          `json:"gated"`
	submarket      string
}

type ipText struct {
	Type   string `json:"type"`
	Status string `json:"status"`
	Year   int    `json:"year"`
	Title  string `json:"title"`
}

type resultText struct {
	Field       string   `json:"field"`
	Also        []string `json:"also"`
	Org         string   `json:"org"`
	Title       string   `json:"title"`
	Summary     string   `json:"summary"`
	Problem     string   `json:"problem"`
	Advantage   string   `json:"advantage"`
	Economics   string   `json:"economics"`
	Stage       string   `json:"stage"`
	TRLMin      int      `json:"trl_min"`
	TRLMax      int      `json:"trl_max"`
	Evidence    string   `json:"evidence"`
	IPs         []ipText `json:"ips"`
	Modes       []string `json:"modes"`
	PriceMethod string   `json:"price_method"`
	PriceKind   string   `json:"price_kind"`
	PriceMin    string   `json:"price_min"` // 万元
	PriceMax    string   `json:"price_max"`
	Inventors   []string `json:"inventors"`
	Cases       string   `json:"cases"`
	Gated       string   `json:"gated"`
	submarket   string
}

// readTexts reads all files. Needs and results are dealt out field by field, so that the newest on the shelf are of
// all fields.
func readTexts() (orgs []orgText, needs []needText, results []resultText, err error) {
	files, err := fs.Glob(data, "data/*.json")
	if err != nil {
		return nil, nil, nil, err
	}
	for _, name := range files {
		content, err := data.ReadFile(name)
		if err != nil {
			return nil, nil, nil, err
		}
		var t texts
		if err := json.Unmarshal(content, &t); err != nil {
			return nil, nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		orgs = append(orgs, t.Orgs...)
		for _, n := range t.Needs {
			n.submarket = t.Submarket
			needs = append(needs, n)
		}
		for _, r := range t.Results {
			r.submarket = t.Submarket
			results = append(results, r)
		}
	}
	return orgs, dealOut(needs, func(n needText) string { return n.Field }), dealOut(results, func(r resultText) string { return r.Field }), nil
}

// dealOut puts the first of every field before the second of any.
func dealOut[T any](list []T, field func(T) string) []T {
	type place struct {
		round, index int
	}
	count := map[string]int{}
	order := make([]place, len(list))
	for i, item := range list {
		order[i] = place{count[field(item)], i}
		count[field(item)]++
	}
	slices.SortStableFunc(order, func(a, b place) int { return a.round - b.round })
	out := make([]T, len(list))
	for i, p := range order {
		out[i] = list[p.index]
	}
	return out
}

func fields(main string, also []string) []string {
	out := []string{main}
	for _, f := range also {
		if f != main && f != "" && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

func joinNames(names []string) string { return strings.Join(names, "、") }

// Documents returns the public texts of the demonstration's needs and results, for tests and measurements that need
// texts as the market has them.
func Documents() ([]market.Document, error) {
	_, needs, results, err := readTexts()
	if err != nil {
		return nil, err
	}
	var docs []market.Document
	for _, n := range needs {
		docs = append(docs, market.Document{Kind: market.KindNeed, Title: n.Title, Body: strings.Join([]string{n.Problem, n.Background, n.Partner}, "\n"),
			Submarket: n.submarket, Fields: fields(n.Field, n.Also)})
	}
	for _, r := range results {
		docs = append(docs, market.Document{Kind: market.KindResult, Title: r.Title, Body: strings.Join([]string{r.Summary, r.Problem, r.Advantage, r.Economics, r.Cases}, "\n"),
			Submarket: r.submarket, Fields: fields(r.Field, r.Also), Stage: r.Stage})
	}
	return docs, nil
}
