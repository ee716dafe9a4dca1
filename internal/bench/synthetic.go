// Package bench makes a market of any size out of nothing and measures how long the ways to search it take. The same
// size gives the same market.
package bench

import (
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/demo"
	"techmarket/internal/market"
)

const (
	bodyRunes   = 620    // on average
	rareWords   = 20_000 // made up, the first far more common than the last
	wordsPerGap = 3      // clauses between two of them
)

// maker puts listings together from the clauses of the demonstration, so that they read like real ones, with made-up
// words between, so that they are not all alike.
type maker struct {
	random  *rand.Rand
	common  *rand.Zipf
	docs    []market.Document
	clauses []string
	words   []string
	ref     *market.Reference
}

func newMaker(ref *market.Reference) (*maker, error) {
	docs, err := demo.Documents()
	if err != nil {
		return nil, err
	}
	m := &maker{random: rand.New(rand.NewPCG(11, 13)), docs: docs, ref: ref}
	m.common = rand.NewZipf(m.random, 1.1, 10, rareWords-1)
	var ideographs []rune
	for _, d := range docs {
		m.clauses = append(m.clauses, strings.FieldsFunc(d.Body, func(r rune) bool { return strings.ContainsRune("，。；\n", r) })...)
		for _, r := range d.Title {
			if market.ClassOf(r) == market.RuneIdeograph {
				ideographs = append(ideographs, r)
			}
		}
	}
	for range rareWords {
		m.words = append(m.words, string([]rune{one(m.random, ideographs), one(m.random, ideographs), one(m.random, ideographs)}))
	}
	return m, nil
}

func one[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

// Listings makes n published listings, needs and results by turns, without ids.
func Listings(ref *market.Reference, n int) (iter.Seq[market.Document], error) {
	m, err := newMaker(ref)
	if err != nil {
		return nil, err
	}
	return func(yield func(market.Document) bool) {
		for i := range n {
			if !yield(m.listing(i)) {
				return
			}
		}
	}, nil
}

// firstDay is when the first listing was published.
var firstDay = time.Date(2026, 1, 5, 1, 0, 0, 0, time.UTC)

func (m *maker) listing(i int) market.Document {
	base := one(m.random, m.docs)
	d := market.Document{
		Kind: market.KindNeed, Title: m.title(), Body: m.body(), Submarket: base.Submarket, Fields: base.Fields,
		County: one(m.random, m.ref.Regions).Code, Modes: []string{one(m.random, market.Modes).Code}, Verified: true,
		PriceMin: decimal.NewFromInt(int64(1+m.random.IntN(500)) * 10_000), PublishedAt: firstDay.Add(time.Duration(i) * time.Second),
	}
	d.ConfirmedAt, d.ValidUntil = d.PublishedAt, d.PublishedAt.AddDate(1, 0, 0)
	if i%2 == 1 {
		d.Kind, d.Stage = market.KindResult, one(m.random, market.Stages()).Code
	}
	return d
}

func (m *maker) word() string { return m.words[m.common.Uint64()] }

// title joins the first half of one title to the second of another.
func (m *maker) title() string {
	a, b := []rune(one(m.random, m.docs).Title), []rune(one(m.random, m.docs).Title)
	return string(a[:len(a)/2]) + m.word() + string(b[len(b)/2:])
}

func (m *maker) body() string {
	size := bodyRunes/2 + m.random.IntN(bodyRunes)
	var b strings.Builder
	for i := 0; b.Len() < 3*size; i++ { // an ideograph has three bytes
		b.WriteString(one(m.random, m.clauses))
		if i%wordsPerGap == 0 {
			b.WriteString(m.word())
		}
		b.WriteString("，")
	}
	return b.String()
}
