package worker

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
	"techmarket/search"
	"techmarket/search/embedded"
)

// shared returns a file of the shared data, or skips the test where there is none.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	dir := os.Getenv("MARKET_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no %s: set MARKET_SHARED to the folder of the shared data", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// paper is a journal paper, which stands in for a result with a full text.
type paper struct {
	Title    string `json:"title"`
	Abstract string `json:"abstract"`
	Keywords string `json:"keywords"`
}

func papers(t testing.TB) []paper {
	t.Helper()
	var out []paper
	for line := range strings.Lines(string(shared(t, "papers.jsonl"))) {
		var p paper
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// patent is the number and the title of a patent.
type patent struct{ number, title string }

func patents(t testing.TB) []patent {
	t.Helper()
	data := bytes.TrimPrefix(shared(t, "patent_titles.csv"), []byte("\xEF\xBB\xBF"))
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]patent, len(records)-1)
	for i, r := range records[1:] {
		out[i] = patent{number: r[0], title: r[1]}
	}
	return out
}

// plain writes the plain form of a list.
func plain(t testing.TB, rows [][]string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(append([][]string{{"id", "title", "body"}}, rows...)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// patience is for thousands of listings on a slow machine.
const patience = 3 * time.Minute

// bring imports a list, submits it, passes it as a whole and waits until it is public. It returns how many listings
// were written.
func bring(t *testing.T, w *worldtest.World, owner, reviewer market.Actor, data []byte, defaults market.ImportDefaults) int {
	t.Helper()
	ctx := t.Context()
	id, err := w.Service.CheckImport(ctx, owner, service.ImportFile{Kind: market.KindResult, Name: "清单.csv", Data: data, Defaults: defaults})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Service.AcceptImport(ctx, owner, id, service.AcceptOptions{Submit: true, Similar: true, Secrecy: true}); err != nil {
		t.Fatal(err)
	}
	read := func() market.Import {
		imp, err := w.Store.Import(ctx, owner, id)
		if err != nil {
			t.Fatal(err)
		}
		return imp
	}
	within(t, patience, "the rows are written", func() bool { return read().State == market.ImportDone })
	if err := w.Service.PublishImport(ctx, reviewer, id); err != nil {
		t.Fatal(err)
	}
	within(t, patience, "the batch is public", func() bool { return read().ReviewedAt != nil })
	return read().RowsDone
}

// TestSharedDataGoesInAndIsFound takes 2,000 papers and 9,740 patents through the import, as a person would, and then
// looks for them and matches needs with them.
func TestSharedDataGoesInAndIsFound(t *testing.T) {
	t.Parallel()
	texts, titles := papers(t), patents(t)
	w, firm, institute := world(t)
	university, reviewer := w.Org("赣江理工大学（测试）", market.University, "360802"), w.Person("审核员", market.Reviewer)
	engine, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	background, err := Start(t.Context(), Options{Store: w.Store, Service: w.Service, Search: engine, Mail: office(t), DSN: w.DSN, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(background.Stop(context.Background()), engine.Close()); err != nil {
			t.Error(err)
		}
	})

	// Needs first, so that each result finds its own when it is published.
	wanted := []int{3, 400, 801, 1207, 1999}
	needs := make([]int64, len(wanted))
	for i, n := range wanted {
		needs[i] = needLike(t, w, firm, reviewer, texts[n])
	}
	var rows [][]string
	for i, p := range texts {
		rows = append(rows, []string{strconv.Itoa(i + 1), p.Title, p.Abstract})
	}
	if n := bring(t, w, university, reviewer, plain(t, rows), market.ImportDefaults{Submarket: "materials", Fields: []string{"frontier"}, Modes: []string{"licence"}, Stage: "lab"}); n != len(texts) {
		t.Errorf("%d papers went in, want %d", n, len(texts))
	}
	rows = nil
	for _, p := range titles {
		rows = append(rows, []string{p.number, p.title, ""})
	}
	if n := bring(t, w, institute, reviewer, plain(t, rows), market.ImportDefaults{Submarket: "equipment", Fields: []string{"smart"}, Modes: []string{"transfer"}}); n != len(titles) {
		t.Errorf("%d patents went in, want %d", n, len(titles))
	}

	if err := background.follower.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := engine.Count(t.Context()); err != nil || n != len(texts)+len(titles)+len(needs) {
		t.Errorf("%d listings in the index, %v; want %d", n, err, len(texts)+len(titles)+len(needs))
	}
	for i := 0; i < len(texts); i += 100 {
		knownItem(t, w, engine, texts[i].Title)
	}
	for i := 0; i < len(titles); i += 500 {
		knownItem(t, w, engine, titles[i].title)
	}
	for i, n := range wanted {
		within(t, patience, "the need is matched with “"+texts[n].Title+"”", func() bool { return matched(t, w, firm, needs[i], texts[n].Title) })
	}
}

// needLike publishes a need for what a paper is about.
func needLike(t *testing.T, w *worldtest.World, firm, reviewer market.Actor, p paper) int64 {
	t.Helper()
	ctx, deadline := t.Context(), w.Now().AddDate(0, 6, 0)
	words := strings.ReplaceAll(p.Keywords, "_", "、")
	id, err := w.Service.CreateAndSubmitNeed(ctx, firm, market.Need{
		Listing: market.Listing{Title: market.Truncate("寻求"+words+"方面的技术", market.MaxTitle), Submarket: "materials", Fields: []string{"frontier"}, Modes: []string{"licence"}, SecrecyConfirmed: true},
		Problem: "现有办法达不到要求，希望找到这方面的成熟成果：" + words, Deadline: &deadline, Budget: market.Price{Kind: market.PriceOpen},
		Indicators: []market.Indicator{{Name: "试验验证", Target: "通过"}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Service.PublishListing(ctx, reviewer, market.KindNeed, id, w.Version("listings", id), market.SubjectNeed.AllYes()); err != nil {
		t.Fatal(err)
	}
	return id
}

// knownItem wants a title to find its listing among the first three.
func knownItem(t *testing.T, w *worldtest.World, engine search.Engine, title string) {
	t.Helper()
	page, err := engine.Search(t.Context(), search.Query{Text: title, Kind: market.KindResult, Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	docs, err := w.Store.Documents(t.Context(), page.IDs)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(docs, func(d market.Document) bool { return market.TitleKey(d.Title) == market.TitleKey(title) }) {
		t.Errorf("“%s” does not find itself", title)
	}
}

// matched reports whether the need's suggestions hold the result of that title.
func matched(t *testing.T, w *worldtest.World, a market.Actor, need int64, title string) bool {
	t.Helper()
	found, _, err := w.Store.Matches(t.Context(), a, market.KindNeed, need, store.PageSlice(1, store.MaxPage))
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int64, len(found))
	for i, m := range found {
		ids[i] = m.ResultID
	}
	docs, err := w.Store.Documents(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(docs, func(d market.Document) bool { return market.TitleKey(d.Title) == market.TitleKey(title) })
}

// TestImportJobFailsForGood has every try of an import's job fail: only after the last its people are told, and then
// they can go on.
func TestImportJobFailsForGood(t *testing.T) {
	t.Parallel()
	w, firm, _ := world(t)
	ctx := t.Context()
	id, err := w.Service.CheckImport(ctx, firm, service.ImportFile{Kind: market.KindNeed, Name: "a.csv", Data: plain(t, [][]string{{"1", "重钙研磨", ""}}),
		Defaults: market.ImportDefaults{Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"entrust"}}})
	if err != nil {
		t.Fatal(err)
	}
	accept := func() {
		t.Helper()
		if err := w.Service.AcceptImport(ctx, firm, id, service.AcceptOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	try := func(attempt int) (market.ImportState, error) {
		t.Helper()
		job := &river.Job[service.RunImport]{JobRow: &rivertype.JobRow{Attempt: attempt, MaxAttempts: 5}, Args: service.RunImport{ImportID: id}}
		worked := (&runImportWorker{w: &Worker{Options: Options{Service: w.Service}}}).Work(ctx, job)
		imp, err := w.Store.Import(ctx, firm, id)
		if err != nil {
			t.Fatal(err)
		}
		return imp.State, worked
	}
	owner, err := sql.Open("postgres", dbtest.Owner(t, w.DSN))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	rename := func(from, to string) {
		t.Helper()
		if _, err := owner.ExecContext(ctx, `ALTER TABLE `+from+` RENAME TO `+to); err != nil {
			t.Fatal(err)
		}
	}
	accept()
	rename("needs", "needs_gone")
	if state, err := try(4); err == nil || state != market.ImportRunning {
		t.Errorf("before the last try it is %s, %v", state, err)
	}
	if state, err := try(5); err == nil || state != market.ImportFailed {
		t.Errorf("after the last try it is %s, %v", state, err)
	}
	rename("needs_gone", "needs")
	accept()
	if state, err := try(1); err != nil || state != market.ImportDone {
		t.Errorf("gone on with, it is %s, %v", state, err)
	}
}
