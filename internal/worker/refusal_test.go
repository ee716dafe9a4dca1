package worker

import (
	"context"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/search"
)

// pickyIndex is an index that will not take the documents whose titles hold a word.
type pickyIndex struct {
	search.Engine
	word   string
	offers atomic.Int32 // of such documents
}

func (p *pickyIndex) taken(docs []market.Document) (fine []market.Document, err error) {
	var refused []search.Refusal
	for _, d := range docs {
		if strings.Contains(d.Title, p.word) {
			p.offers.Add(1)
			refused = append(refused, search.Refusal{ID: d.ID, Reason: "too strange"})
		} else {
			fine = append(fine, d)
		}
	}
	return fine, search.Refused(refused)
}

func (p *pickyIndex) Index(ctx context.Context, docs []market.Document) error {
	fine, refused := p.taken(docs)
	if err := p.Engine.Index(ctx, fine); err != nil {
		return err
	}
	return refused
}

func (p *pickyIndex) Rebuild(ctx context.Context, position int64, docs iter.Seq2[market.Document, error]) error {
	var all []market.Document
	for d, err := range docs {
		if err != nil {
			return err
		}
		all = append(all, d)
	}
	fine, refused := p.taken(all)
	err := p.Engine.Rebuild(ctx, position, func(yield func(market.Document, error) bool) {
		for _, d := range fine {
			if !yield(d, nil) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return refused
}

// TestRefusedListingIsSetAside publishes a listing among others that the engine will not take: the others are found, it is
// not tried for ever, staff see it, and it is tried again when they ask, when it changes and when the index is rebuilt.
func TestRefusedListingIsSetAside(t *testing.T) {
	t.Parallel()
	w, firm, _ := world(t)
	reviewer, away := w.Person("审核员", market.Reviewer), w.Officer("安福审核员", "360829", market.Reviewer)
	good, bad := w.Need(firm), w.Need(firm)
	picky := &pickyIndex{Engine: newServerIndex(t).Engine, word: "毒"}
	f := NewFollower(w.Store, picky, slog.New(slog.DiscardHandler))
	rename := func(title string) {
		t.Helper()
		if _, err := w.Store.DB().Exec(`UPDATE listings SET title = $2 WHERE id = $1`, bad, title); err != nil {
			t.Fatal(err)
		}
		if err := w.Store.InTx(t.Context(), func(tx *store.Tx) error { return tx.ListingChanged(t.Context(), bad, good) }); err != nil {
			t.Fatal(err)
		}
	}
	found := func() []int64 {
		t.Helper()
		var ids []int64
		for _, id := range []int64{good, bad} {
			page, err := picky.Search(t.Context(), search.Query{Text: wordOf(t, w, id), Among: []int64{id}})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, page.IDs...)
		}
		return ids
	}
	set := func() []market.IndexRefusal {
		t.Helper()
		if err := f.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, _, err := w.Store.IndexRefusals(t.Context(), reviewer, store.Slice{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	// A rebuild may be followed by changes that are not final, so that a listing may be offered once more than was asked.
	tries := 0
	expect := func(what string, refused bool, ids ...int64) {
		t.Helper()
		list := set()
		if refused != (len(list) == 1) || refused && (list[0].ListingID != bad || list[0].Tries <= tries || list[0].Reason != "too strange") {
			t.Errorf("%s: set aside %+v after %d tries", what, list, tries)
		}
		if refused && len(list) == 1 {
			tries = list[0].Tries
		}
		if got := found(); !slices.Equal(got, ids) {
			t.Errorf("%s: found %v, want %v", what, got, ids)
		}
	}
	expect("while all is well", false, good, bad)
	rename("毒丸")
	expect("once it is refused", true, good)
	offers := picky.offers.Load()
	if set(); picky.offers.Load() != offers {
		t.Error("the engine is offered again what it has refused")
	}
	if err := w.Service.RetryIndexing(t.Context(), away, bad); !market.IsKind(err, market.NotFound) {
		t.Errorf("another county's reviewer tries again: %v", err)
	}
	if list, n, err := w.Store.IndexRefusals(t.Context(), away, store.Slice{Limit: 10}); err != nil || n != 0 || len(list) != 0 {
		t.Errorf("another county's reviewer sees %v, %d, %v", list, n, err)
	}
	if err := w.Service.RetryIndexing(t.Context(), reviewer, bad); err != nil {
		t.Fatal(err)
	}
	expect("tried again", true, good)
	if err := picky.SetPosition(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	expect("rebuilt", true, good)
	rename("解药")
	expect("mended", false, good, bad)
	if err := w.Service.RetryIndexing(t.Context(), reviewer, bad); !market.IsKind(err, market.NotFound) {
		t.Errorf("try again what is not set aside: %v", err)
	}
}
