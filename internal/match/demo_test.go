package match

import (
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// demoFile is what the tests need of a file of demonstration listings.
type demoFile struct {
	Submarket string
	Needs     []demoNeed
	Results   []demoResult
}

type demoNeed struct {
	Title, Field, Problem, Background, Partner string
	Also, Modes                                []string
	Indicators                                 []struct{ Name, Target, Unit string }
	BudgetKind                                 string `json:"budget_kind"`
	BudgetMin                                  string `json:"budget_min"`
	BudgetMax                                  string `json:"budget_max"`
}

type demoResult struct {
	Title, Field, Summary, Problem, Advantage, Economics, Cases, Stage string
	Also, Modes                                                        []string
	TRLMin                                                             int    `json:"trl_min"`
	TRLMax                                                             int    `json:"trl_max"`
	PriceKind                                                          string `json:"price_kind"`
	PriceMin                                                           string `json:"price_min"`
	PriceMax                                                           string `json:"price_max"`
}

func (n demoNeed) document(id int64, submarket string) market.Document {
	var indicators []string
	for _, i := range n.Indicators {
		indicators = append(indicators, i.Name+" "+i.Target+" "+i.Unit)
	}
	return market.Document{
		ID: id, Kind: market.KindNeed, Title: n.Title, Submarket: submarket,
		Body:   strings.Join([]string{n.Problem, n.Background, strings.Join(indicators, "\n"), n.Partner}, "\n"),
		Fields: append([]string{n.Field}, n.Also...), Modes: n.Modes,
		PriceOpen: n.BudgetKind == "open", PriceMin: tenThousands(n.BudgetMin), PriceMax: tenThousands(n.BudgetMax),
	}
}

func (r demoResult) document(id int64, submarket string) market.Document {
	return market.Document{
		ID: id, Kind: market.KindResult, Title: r.Title, Submarket: submarket,
		Body:   strings.Join([]string{r.Summary, r.Problem, r.Advantage, r.Economics, r.Cases}, "\n"),
		Fields: append([]string{r.Field}, r.Also...), Modes: r.Modes,
		Stage: r.Stage, TRLMin: r.TRLMin, TRLMax: r.TRLMax,
		PriceOpen: r.PriceKind == "open", PriceMin: tenThousands(r.PriceMin), PriceMax: tenThousands(r.PriceMax),
	}
}

func tenThousands(figure string) decimal.Decimal {
	if figure == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(figure).Shift(4)
}

// demoDocuments returns the demonstration listings.
func demoDocuments(t testing.TB) (needs, results []market.Document) {
	t.Helper()
	needs, results, err := readDemo()
	if err != nil {
		t.Fatal(err)
	}
	return needs, results
}

func readDemo() (needs, results []market.Document, err error) {
	files, err := filepath.Glob(filepath.Join("..", "demo", "data", "*.json"))
	if err != nil || len(files) == 0 {
		return nil, nil, fmt.Errorf("no demonstration listings: %w", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		var f demoFile
		if err := json.Unmarshal(text, &f); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, n := range f.Needs {
			needs = append(needs, n.document(int64(len(needs)+1), f.Submarket))
		}
		for _, r := range f.Results {
			results = append(results, r.document(int64(len(results)+10_001), f.Submarket))
		}
	}
	return needs, results, nil
}

// demoModel is learned from the demonstration listings once for all tests.
var demoModel = sync.OnceValue(func() *Model {
	needs, results, err := readDemo()
	if err != nil {
		panic(err)
	}
	return NewModel(documents(needs, results), demoNames)
})

var demoNames = Names{
	Submarkets: map[string]string{"materials": "先进材料", "food": "绿色食品", "electronics": "电子信息"},
	Fields:     map[string]string{"calcium": "碳酸钙先进材料", "film": "先进膜材料"},
	Stages:     map[string]string{"lab": "小试", "sample": "样品", "pilot": "中试", "mass": "量产"},
	Modes:      map[string]string{"entrust": "委托开发", "licence": "技术许可", "transfer": "技术转让"},
}

func documents(lists ...[]market.Document) iter.Seq[market.Document] {
	return func(yield func(market.Document) bool) {
		for _, list := range lists {
			for _, d := range list {
				if !yield(d) {
					return
				}
			}
		}
	}
}
