package embedded_test

import (
	"errors"
	"slices"
	"testing"
	"unicode/utf8"

	"techmarket/internal/market"
	"techmarket/search"
	"techmarket/search/embedded"
)

// FuzzSearch has a listing of any text looked for by any text: nothing panics, and in a listing that holds the whole
// query something is marked.
func FuzzSearch(f *testing.F) {
	f.Add("重质碳酸钙湿法研磨", "用于 MiniLED 背光", "重钙 LED")
	f.Add("\xff𠮷钙😀é\u0301", "5G覆铜板 PH值", "ＰＨ值")
	f.Add("Mini-LED", "polymer 2.5", "polimer miniled")
	f.Add("碳酸钙", "", "tansuangai")
	e, err := embedded.Open(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := e.Close(); err != nil {
			f.Error(err)
		}
	})
	f.Fuzz(func(t *testing.T, title, body, q string) {
		if len(title)+len(body)+len(q) > 3000 {
			return
		}
		d := market.Document{ID: 1, Kind: market.KindResult, Title: title, Body: body}
		if err := e.Index(t.Context(), []market.Document{d}); err != nil {
			t.Fatal(err)
		}
		page, err := e.Search(t.Context(), search.Query{Text: q})
		if errors.Is(err, search.ErrNoText) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if page.Whole > page.Total || len(page.IDs) != page.Total || slices.ContainsFunc(page.IDs, func(id int64) bool { return id != 1 }) {
			t.Errorf("%q finds %v, total %d, whole %d", q, page.IDs, page.Total, page.Whole)
		}
		marked := search.Builtin().NewMarker(q, false)
		if page.Whole == 1 && len(page.Near) == 0 && utf8.ValidString(title+body) && !marked.Marks(title) && !marked.Marks(body) {
			t.Errorf("%q finds %q, %q, but nothing in them is marked", q, title, body)
		}
	})
}
