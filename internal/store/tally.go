package store

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"github.com/lib/pq"

	"techmarket/internal/market"
)

// tally is what the entries of the ledger add up to for a query. It is never written anywhere: it comes from the ledger and
// goes with the process. As entries are only ever added, a tally that is kept needs no more than those written since.
type tally struct {
	months monthSums
	cells  map[tallyCell]market.Sum
	tables []map[tallyRow]market.Sum // one for each dimension of the query

	// Which entries it knows: those that the chain has through seq, and some that were not sealed yet.
	seq   int64
	loose []int64
}

// tallyCell is a field of seller by buyer, of the year of the query or the same period of the year to compare with.
type tallyCell struct {
	this, seller, buyer bool // seller and buyer are in the place asked for
}

// tallyRow is a value of a dimension, of the year of the query or the same period of the year to compare with.
type tallyRow struct {
	this bool
	code string
}

// fewEntries is up to how many new entries are added to a tally; beyond it everything is added up anew.
const fewEntries = 2000

// tally adds up the ledger for a query, or adds to known, which may be nil, what it does not have.
func (r Queries) tally(ctx context.Context, q market.TurnoverQuery, known *tally) (*tally, error) {
	head, err := r.ChainHead(ctx, market.LedgerLog)
	if err != nil {
		return nil, err
	}
	t := &tally{seq: head.Seq}
	if t.loose, err = r.looseEntries(ctx); err != nil {
		return nil, err
	}
	if known == nil || t.seq-known.seq > fewEntries {
		return t, r.addUp(ctx, q, t, nil)
	}
	fresh, err := r.entriesSince(ctx, known)
	if err != nil {
		return nil, err
	}
	if len(fresh) > 0 {
		if err := r.addUp(ctx, q, t, fresh); err != nil {
			return nil, err
		}
	}
	t.add(known, len(q.By))
	return t, nil
}

// looseEntries are the entries that the chain does not have yet.
func (r Queries) looseEntries(ctx context.Context) ([]int64, error) {
	ids := []int64{} // an array of no ids, which is not NULL
	err := r.all(ctx, &ids, `SELECT row_id FROM chain_pending WHERE log = 'ledger'`)
	return ids, err
}

// entriesSince are the entries that the tally does not know.
func (r Queries) entriesSince(ctx context.Context, known *tally) ([]int64, error) {
	var ids []int64
	err := r.all(ctx, &ids, `SELECT row_id FROM (SELECT row_id FROM chain WHERE log = 'ledger' AND seq > $1
		UNION ALL SELECT row_id FROM chain_pending WHERE log = 'ledger') x WHERE row_id <> ALL ($2)`, known.seq, pq.Array(known.loose))
	return ids, err
}

// addUp fills in the sums, of all entries or of those named only.
func (r Queries) addUp(ctx context.Context, q market.TurnoverQuery, t *tally, only []int64) (err error) {
	if t.months, err = r.ledgerMonths(ctx, q, only); err != nil {
		return err
	}
	if t.cells, err = r.ledgerCells(ctx, q, only); err != nil {
		return err
	}
	t.tables, err = r.ledgerTables(ctx, q, only)
	return err
}

// onlyThese adds the condition to be one of the entries named to the arguments of a query, when some are named.
func onlyThese(only []int64, args ...any) (string, []any) {
	if only == nil {
		return "", args
	}
	return fmt.Sprintf(` AND e.id = ANY ($%d)`, len(args)+1), append(args, pq.Array(only))
}

// add adds the sums of another tally of a query with so many dimensions, which stays as it is.
func (t *tally) add(o *tally, dimensions int) {
	t.months, t.cells = t.months.plus(o.months), plus(o.cells, t.cells)
	if t.tables == nil {
		t.tables = make([]map[tallyRow]market.Sum, dimensions)
	}
	for i := range t.tables {
		t.tables[i] = plus(o.tables[i], t.tables[i])
	}
}

// plus is a new map with the sums of both.
func plus[K comparable](a, b map[K]market.Sum) map[K]market.Sum {
	out := maps.Clone(a)
	if out == nil {
		out = map[K]market.Sum{}
	}
	for k, sum := range b {
		out[k] = out[k].Plus(sum)
	}
	return out
}

// plus is new sums of months, those of both.
func (m monthSums) plus(o monthSums) monthSums {
	out := monthSums{}
	for _, sums := range []monthSums{m, o} {
		for year, months := range sums {
			if out[year] == nil {
				out[year] = &[12]market.Sum{}
			}
			for i, sum := range months {
				out[year][i] = out[year][i].Plus(sum)
			}
		}
	}
	return out
}

// tallies keeps the tallies of the queries that were asked last.
type tallies struct {
	mu sync.Mutex
	of map[string]*tally
}

// manyTallies is how many queries tallies are kept for. A page asks one; days, years, places and bases make them many.
const manyTallies = 200

// key names a query.
func (*tallies) key(q market.TurnoverQuery) string {
	return fmt.Sprintf("%s %d %d %s %s %v", q.Basis, q.Year, q.Compared(), q.AsOf.Format("2006-01-02"), q.County, q.By)
}

// get returns the tally that is kept for a query, or nil. It is to be asked before the transaction that uses it begins, so that
// the transaction sees all entries that the tally has.
func (k *tallies) get(q market.TurnoverQuery) *tally {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of[k.key(q)]
}

func (k *tallies) keep(q market.TurnoverQuery, t *tally) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.of) >= manyTallies {
		clear(k.of)
	}
	k.of[k.key(q)] = t
}
