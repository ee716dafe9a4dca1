package worker

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
	"techmarket/search"
	"techmarket/search/embedded"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// index is a search index that follows the market of one test, as each replica has one.
type index struct {
	*Follower
	engine *embedded.Engine
}

func newIndex(t *testing.T, st *store.Store, dir string) *index {
	t.Helper()
	engine, err := embedded.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &index{NewFollower(st, engine, slog.New(slog.DiscardHandler)), engine}
}

func (x *index) catchUp(t *testing.T) {
	t.Helper()
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// finds wants the listing among what the words find, or not.
func (x *index) finds(t *testing.T, text string, id int64, want bool) {
	t.Helper()
	page, err := x.engine.Search(t.Context(), search.Query{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(page.IDs, id) != want {
		t.Errorf("%q finds %v; %d among them should be %v", text, page.IDs, id, want)
	}
}

// world is a market with a firm and an institute.
func world(t *testing.T) (w *worldtest.World, firm, institute market.Actor) {
	t.Helper()
	w = worldtest.New(t, 2026, 11, 23)
	return w, w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825"), w.Org("青原江右材料研究院", market.Institute, "360803")
}

// wordOf is a word that finds the listing: its whole title.
func wordOf(t *testing.T, w *worldtest.World, id int64) string {
	t.Helper()
	docs, err := w.Store.Documents(t.Context(), []int64{id})
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d documents of %d, %v", len(docs), id, err)
	}
	return docs[0].Title
}

func TestFollowerKeepsTheIndexEqualToTheMarket(t *testing.T) {
	t.Parallel()
	w, firm, _ := world(t)
	x := newIndex(t, w.Store, t.TempDir())
	x.catchUp(t) // an empty market
	need := w.Need(firm)
	x.catchUp(t)
	title := wordOf(t, w, need)
	x.finds(t, title, need, true)
	if err := w.Service.WithdrawListing(t.Context(), firm, market.KindNeed, need); err != nil {
		t.Fatal(err)
	}
	x.catchUp(t)
	x.finds(t, title, need, false)
}

func TestEveryReplicaFollowsByItself(t *testing.T) {
	t.Parallel()
	w, firm, _ := world(t)
	one, two := newIndex(t, w.Store, t.TempDir()), newIndex(t, w.Store, t.TempDir())
	one.catchUp(t)
	two.catchUp(t)
	need := w.Need(firm)
	title := wordOf(t, w, need)
	one.catchUp(t)
	one.finds(t, title, need, true)
	two.finds(t, title, need, false)
	two.catchUp(t)
	two.finds(t, title, need, true)
}

// TestLateCommitIsNotSkipped has a transaction write to the change log first and commit last: what committed meanwhile
// is indexed at once, and the late one is not passed over.
func TestLateCommitIsNotSkipped(t *testing.T) {
	t.Parallel()
	w, firm, institute := world(t)
	ctx := t.Context()
	x := newIndex(t, w.Store, t.TempDir())
	need := w.Need(firm)
	x.catchUp(t)
	title := wordOf(t, w, need)

	written, finish, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- w.Store.InTx(ctx, func(tx *store.Tx) error {
			if err := tx.ListingChanged(ctx, need); err != nil {
				return err
			}
			close(written)
			<-finish
			return tx.MoveListing(ctx, store.ListingMove{ID: need, From: market.Published, To: market.Withdrawn, At: w.Now()})
		})
	}()
	<-written
	result := w.Result(institute)
	x.catchUp(t)
	x.finds(t, wordOf(t, w, result), result, true)
	x.finds(t, title, need, true)
	close(finish)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	x.catchUp(t)
	x.finds(t, title, need, false)
}

func TestLostIndexIsRebuilt(t *testing.T) {
	t.Parallel()
	w, firm, _ := world(t)
	need := w.Need(firm)
	title := wordOf(t, w, need)
	dir := t.TempDir()
	x := newIndex(t, w.Store, dir)
	x.catchUp(t)
	if err := x.engine.Close(); err != nil {
		t.Fatal(err)
	}
	again := newIndex(t, w.Store, dir)
	again.finds(t, title, need, true) // kept over a restart
	if err := again.engine.Close(); err != nil {
		t.Fatal(err)
	}
	lost := newIndex(t, w.Store, t.TempDir())
	lost.catchUp(t)
	lost.finds(t, title, need, true)
}

// TestWorkerFollowsAndMatches starts the whole background work: a published change is found without anybody asking for
// it, and its matches are computed both ways.
func TestWorkerFollowsAndMatches(t *testing.T) {
	t.Parallel()
	w, firm, institute := world(t)
	engine, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	background, err := Start(t.Context(), Options{Store: w.Store, Service: w.Service, Search: engine, Mail: office(t), DSN: w.DSN, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := background.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	need, result := w.Need(firm), grinding(t, w, institute)
	title := wordOf(t, w, need)
	eventually(t, "the need is found", func() bool {
		page, err := engine.Search(t.Context(), search.Query{Text: title, Kind: market.KindNeed})
		return err == nil && len(page.IDs) == 1
	})
	eventually(t, "need and result are matched", func() bool {
		matches, _, err := w.Store.Matches(t.Context(), firm, market.KindNeed, need, store.PageSlice(1, 10))
		return err == nil && len(matches) == 1 && matches[0].ResultID == result && len(matches[0].Reasons) > 0
	})
}

// grinding publishes a result that answers the world's need in other words.
func grinding(t *testing.T, w *worldtest.World, owner market.Actor) int64 {
	t.Helper()
	r := market.Result{
		Listing: market.Listing{Title: "重钙浆料湿法研磨控温与防返粗分散剂", Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"entrust"}, SecrecyConfirmed: true},
		Summary: "重钙浆料研磨到 2 μm 以下仍不返粗的梳形分散剂，配合夹套控温，浆料升温不超过 15 ℃。",
		Problem: "重钙浆料研磨升温后返粗。", Advantage: "粒径 D97 稳定在 2.4 μm，返粗不超过 0.1 μm。",
		Economics: "吨浆料电费减少 26 元", Stage: "pilot", PriceMethod: "negotiated", Price: market.Price{Kind: market.PriceOpen}}
	id, err := w.Service.CreateAndSubmitResult(t.Context(), owner, r, "")
	if err != nil {
		t.Fatal(err)
	}
	reviewer := w.Person("审核员", market.Reviewer)
	if err := w.Service.PublishListing(t.Context(), reviewer, market.KindResult, id, w.Version("listings", id), market.SubjectResult.AllYes()); err != nil {
		t.Fatal(err)
	}
	return id
}

// eventually asks until it holds: what is waited for is done in the background.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	within(t, 20*time.Second, what, holds)
}

// within is eventually with another end.
func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); <-again.C {
		if holds() {
			return
		}
	}
	t.Fatalf("%s: not within %s", what, limit)
}
