package service_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/worldtest"
)

// TestLexicon adds, changes and takes out words, puts an earlier version back, and tries what is not allowed.
func TestLexicon(t *testing.T) {
	t.Parallel()
	e := worldtest.New(t, 2026, time.November, 2)
	ctx := t.Context()
	reviewer, local, admin := e.Person("审核员", market.Reviewer), e.Officer("永丰审核员", "360825", market.Reviewer), e.Person("管理员", market.Admin)
	version := func() market.LexiconVersion {
		t.Helper()
		number, err := e.Store.LatestLexicon(ctx)
		if err != nil {
			t.Fatal(err)
		}
		v, err := e.Store.LexiconVersion(ctx, number)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	form := func(terms ...string) service.LexiconForm {
		return service.LexiconForm{Version: version().Number, LexiconEntry: market.LexiconEntry{Kind: market.LexiconSynonyms, Field: "calcium", Note: "企业提出", Terms: terms}}
	}
	for _, a := range []market.Actor{local, admin} {
		if err := e.Service.AddLexiconEntry(ctx, a, form("老虎粉", "方解石细粉")); !market.IsKind(err, market.Denied) {
			t.Errorf("%s adds a word: %v", a.UserName, err)
		}
	}
	if err := e.Service.AddLexiconEntry(ctx, reviewer, form(" 老虎粉 ", "", "方解石细粉")); err != nil {
		t.Fatal(err)
	}
	first := version()
	if first.Number != 1 || len(first.Entries) != 1 || !slices.Equal(first.Entries[0].Terms, []string{"老虎粉", "方解石细粉"}) || first.Entries[0].ID != 1 || first.UserName != "审核员" {
		t.Fatalf("the first version is %+v", first)
	}
	for _, c := range []struct {
		what  string
		form  service.LexiconForm
		field string
	}{
		{"one term", form("老虎粉"), "terms"},
		{"one term in two widths", form("MLCC8", "ＭＬＣＣ８"), "terms"},
		{"a group of the files", form("重钙", "重质碳酸钙"), "terms"},
		{"a group of staff", form("方解石细粉", "老虎粉"), "terms"},
		{"a term of the files in another group", form("重钙", "白垩细粉"), "anyway"},
		{"a term of staff in another group", form("老虎粉", "白垩细粉"), "anyway"},
		{"too many", form(strings.Split("甲甲 乙乙 丙丙 丁丁 戊戊 己己 庚庚 辛辛 壬壬 癸癸 子子 丑丑 寅寅", " ")...), "terms"},
	} {
		var failed *market.Error
		if err := e.Service.AddLexiconEntry(ctx, reviewer, c.form); !errors.As(err, &failed) || len(failed.Fields) != 1 || failed.Fields[0].Field != c.field {
			t.Errorf("%s: %v, want a problem of %s", c.what, err, c.field)
		}
	}
	word := form("老虎粉")
	word.Kind = market.LexiconWord
	if err := e.Service.AddLexiconEntry(ctx, reviewer, word); !market.IsKind(err, market.Invalid) {
		t.Errorf("a word that is known already: %v", err)
	}
	meant := form("老虎粉", "白垩细粉")
	meant.Anyway = true
	if err := e.Service.AddLexiconEntry(ctx, reviewer, meant); err != nil {
		t.Fatal(err)
	}
	edit := form("老虎粉", "方解石细粉", "方解粉")
	edit.ID = 1
	edit.Anyway = true
	stale := edit
	stale.Version = 1
	if err := e.Service.EditLexiconEntry(ctx, reviewer, stale); !market.IsKind(err, market.Conflict) {
		t.Errorf("a change of an older version: %v", err)
	}
	if err := e.Service.EditLexiconEntry(ctx, reviewer, edit); err != nil {
		t.Fatal(err)
	}
	third := version()
	if changes := third.Since(first); len(changes) != 2 || changes[0].Before == nil || len(changes[0].After.Terms) != 3 || changes[1].Before != nil {
		t.Errorf("changes since the first version: %+v", changes)
	}
	edit.Version = third.Number
	if err := e.Service.EditLexiconEntry(ctx, reviewer, edit); !market.IsKind(err, market.Conflict) {
		t.Errorf("no change: %v", err)
	}
	if err := e.Service.RemoveLexiconEntry(ctx, reviewer, third.Number, 2, " "); !market.IsKind(err, market.Invalid) {
		t.Errorf("take out without a reason: %v", err)
	}
	if err := e.Service.RemoveLexiconEntry(ctx, reviewer, third.Number, 99, "错"); !market.IsKind(err, market.NotFound) {
		t.Errorf("take out what is not there: %v", err)
	}
	if err := e.Service.RemoveLexiconEntry(ctx, reviewer, third.Number, 2, "意思不同"); err != nil {
		t.Fatal(err)
	}
	if err := e.Service.RestoreLexicon(ctx, reviewer, 4, 4, "现在"); !market.IsKind(err, market.Conflict) {
		t.Errorf("put the newest back: %v", err)
	}
	if err := e.Service.RestoreLexicon(ctx, local, 4, 1, "误改"); !market.IsKind(err, market.Denied) {
		t.Errorf("a county's reviewer puts a version back: %v", err)
	}
	if err := e.Service.RestoreLexicon(ctx, reviewer, 4, 1, "误改"); err != nil {
		t.Fatal(err)
	}
	last := version()
	if last.Number != 5 || len(last.Since(first)) != 0 || last.Move != market.LexiconRestore {
		t.Errorf("version %d differs from the first by %+v", last.Number, last.Since(first))
	}
	if _, err := e.Store.DB().Exec(`UPDATE lexicon_versions SET note = ''`); err == nil {
		t.Error("a version can be changed")
	}
}
