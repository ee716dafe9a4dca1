package worker

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/search"
)

// TestLexiconReachesEveryProcess adds words while two processes run on one database: each searches by them within a moment
// and says so; one that starts later does from the start; a list that can't be read leaves the words as they were, is told
// and mends itself with the next version.
func TestLexiconReachesEveryProcess(t *testing.T) {
	t.Parallel()
	w, _, _ := world(t)
	ctx := t.Context()
	reviewer := w.Person("审核员", market.Reviewer)
	start := func() (search.Engine, func()) {
		engine := newServerIndex(t).Engine
		background, err := Start(ctx, Options{Store: w.Store, Service: w.Service, Search: engine, Mail: office(t), DSN: w.DSN, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		stop := func() {
			if err := background.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		}
		return engine, stop
	}
	add := func(version int64, terms ...string) {
		t.Helper()
		entry := market.LexiconEntry{Kind: market.LexiconSynonyms, Field: "calcium", Note: "企业提出", Terms: terms}
		if err := w.Service.AddLexiconEntry(ctx, reviewer, service.LexiconForm{Version: version, LexiconEntry: entry}); err != nil {
			t.Fatal(err)
		}
	}
	uses := func() []market.LexiconUse {
		t.Helper()
		list, err := w.Store.LexiconUses(ctx, time.Now().Add(-market.LexiconSilence))
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	allAt := func(version int64, processes int) func() bool {
		return func() bool {
			list := uses()
			return len(list) == processes && !slices.ContainsFunc(list, func(u market.LexiconUse) bool { return u.Version != version || u.Problem != "" })
		}
	}
	also := func(e search.Engine, word string) []string { return search.Also(e.Lexicon().ParseQuery(word, false)) }
	first, stopFirst := start()
	second, stopSecond := start()
	defer stopSecond()
	add(0, "老虎粉", "方解石细粉")
	eventually(t, "both processes search by version 1", allAt(1, 2))
	for _, e := range []search.Engine{first, second} {
		if got := also(e, "老虎粉"); !slices.Equal(got, []string{"方解石细粉"}) {
			t.Errorf("老虎粉 is searched for as %v too", got)
		}
	}
	stopFirst()
	eventually(t, "a process that ended is not waited for", allAt(1, 1))
	if _, err := w.Store.DB().Exec(`INSERT INTO lexicon_versions (number, entries, move, note, user_id, at) VALUES (2, '"broken"', 'add', '', $1, now())`, reviewer.UserID); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the process says that it can't take the version over", func() bool {
		list := uses()
		return len(list) == 1 && list[0].Version == 1 && list[0].Problem != ""
	})
	if got := also(second, "老虎粉"); !slices.Equal(got, []string{"方解石细粉"}) {
		t.Errorf("after a list that can't be read, 老虎粉 is searched for as %v too", got)
	}
	if _, err := w.Store.DB().Exec(`INSERT INTO lexicon_versions (number, entries, move, note, user_id, at) VALUES (3, '[]', 'restore', '', $1, now())`, reviewer.UserID); err != nil {
		t.Fatal(err)
	}
	eventually(t, "version 3 is in force", allAt(3, 1))
	if got := also(second, "老虎粉"); len(got) != 0 {
		t.Errorf("after it was taken out, 老虎粉 is searched for as %v too", got)
	}
	third, stopThird := start()
	defer stopThird()
	if third.Lexicon().Version() != 3 {
		t.Errorf("a process starts with version %d", third.Lexicon().Version())
	}
}
