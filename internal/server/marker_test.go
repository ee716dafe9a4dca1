package server

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/worker"
	"techmarket/search/embedded"
)

// Markers are planted in everything that is not for everybody, and then looked for everywhere.
const (
	markText    = "不公开文字标记甲"
	markLabel   = "不公开说明标记乙"
	markFile    = "不公开文件名标记丙"
	markContent = "CONTENT-MARKER-DING"
	markContact = "联系人标记戊"
	markPhone   = "13900077001"
	markOrg     = "隐名标记己"
	markLegal   = "法人标记庚"
)

// secretMarks are for nobody but the owner, reviewers of its county, and whom the gate was opened to.
var secretMarks = []string{markText, markLabel, markFile, markContent, markContact, markPhone, markLegal}

// gateWorld is a market with a need and a result of one organisation that hides its name, all of it marked, and two that
// do not: one that may read what is gated and one that may not.
type gateWorld struct {
	*testServer
	owner, reader, stranger market.Actor
	need, result            int64
	disclosure              int64
	gated, shown, titles    []string // ids of files; titles of the listings
	folder                  string   // of the index
	log                     *syncBuffer
}

// syncBuffer is a log that many write to.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func newGateWorld(t *testing.T) *gateWorld {
	t.Helper()
	w := &gateWorld{folder: t.TempDir(), log: &syncBuffer{}}
	engine, err := embedded.Open(w.folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	w.testServer = newTestServer(t, func(o *Options) {
		o.Log = slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.Search = engine
		if o.Service, err = service.New(o.Store, must1(o.Store.Reference(t.Context()))(t), o.Now, o.Log); err != nil {
			t.Fatal(err)
		}
		o.Service.HashCheaply()
	})
	w.owner, w.reader, w.stranger = w.newOrg(market.Enterprise, market.OrgVerified), w.newOrg(market.University, market.OrgVerified), w.newOrg(market.Enterprise, market.OrgVerified)
	w.sql(`UPDATE orgs SET name = $2, legal_rep = $3 WHERE id = $1`, w.owner.OrgID, "吉安"+markOrg+"材料有限公司", markLegal)
	w.owner = w.actor(w.owner.UserID)
	secret := []string{"gated", markText + "，第一行\n第二行", "contact_name", markContact, "contact_phone", markPhone, "hide_org", "1"}
	w.need = w.publish(market.KindNeed, filled(needForm(), append(secret, "title", "超细重钙研磨升温返粗")...))
	w.result = w.publish(market.KindResult, filled(resultForm(), append(secret, "title", "微通道碳化超细重钙")...))
	w.titles = []string{"超细重钙研磨升温返粗", "微通道碳化超细重钙"}
	if err := worker.NewFollower(w.Store, engine, w.Log).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.match()
	w.open()
	return w
}

func must1[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *gateWorld) sql(query string, args ...any) {
	w.t.Helper()
	if _, err := w.Store.DB().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

// publish brings a listing with its files onto the shelf, all by the forms of the site.
func (w *gateWorld) publish(kind market.Kind, form url.Values) int64 {
	w.t.Helper()
	owner := w.as(w.owner)
	id := owner.postListing(kind, form)
	path := fmt.Sprintf("/listings/%d/files", id)
	for _, f := range []struct{ use, label, name, content string }{
		{"gated", markLabel, markFile + ".pdf", testPDF(markContent)},
		{"gated", markLabel, markFile + ".png", pictureWith(w.t, markContent)},
		{"picture", "中试线照片", markOrg + ".png", pictureWith(w.t, markOrg)},
	} {
		got := owner.uploadAs("listing", path, url.Values{"key": {formKey()}, "use": {f.use}, "label": {f.label}}, f.name, f.content)
		if got.status != http.StatusSeeOther {
			w.t.Fatalf("%s: status %d: %s", f.name, got.status, got.page(w.t).Find(".mk-summary").Text())
		}
	}
	files, err := w.Store.ListingFiles(w.t.Context(), w.owner, id)
	if err != nil || len(files) != 3 {
		w.t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		if f.Use == market.UseGated {
			w.gated = append(w.gated, f.ID)
		} else {
			w.shown = append(w.shown, f.ID)
		}
	}
	if got := owner.post(fmt.Sprintf("/%ss/%d/submit", kind, id), nil); got.status != http.StatusSeeOther {
		w.t.Fatalf("submitting: status %d %s", got.status, got.page(w.t).Find(".mk-summary").Text())
	}
	if err := w.Service.PublishListing(w.t.Context(), w.newUser(market.Reviewer), kind, id, w.version("listings", id), market.Subject(kind).AllYes()); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// match suggests the result to the need of somebody else and the other way round, so that pages show both.
func (w *gateWorld) match() {
	w.t.Helper()
	other := w.waiting(w.stranger, "重钙浆料返粗", false)
	if err := w.Service.PublishListing(w.t.Context(), w.newUser(market.Reviewer), market.KindNeed, other, w.version("listings", other), market.Subject(market.KindNeed).AllYes()); err != nil {
		w.t.Fatal(err)
	}
	for _, need := range []int64{w.need, other} {
		w.sql(`INSERT INTO matches (need_id, result_id, score, strength, reasons, terms, computed_at) VALUES ($1, $2, 0.9, 'strong', '[]', '{}', now())`, need, w.result)
	}
}

// open asks for what is gated, opens it and reads all of it.
func (w *gateWorld) open() {
	w.t.Helper()
	ctx := w.t.Context()
	id, err := w.Service.RequestDisclosure(ctx, w.reader, w.need, "评估两段研磨工艺能否达到指标", "")
	if err == nil {
		err = w.Service.GrantDisclosure(ctx, w.owner, id)
	}
	if err == nil {
		err = w.Service.PledgeDisclosure(ctx, w.reader, id, "2026-1", true)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.disclosure = id
	reader := w.as(w.reader)
	page := reader.get(disclosurePath(id))
	if !strings.Contains(page.body, markText) || !strings.Contains(page.body, markLabel) || !strings.Contains(page.body, w.reader.OrgName) {
		w.t.Fatal("the reader does not read what was opened, under a mark")
	}
	links := page.page(w.t).Find(".mk-marked .mk-files a")
	if links.Length() != 2 {
		w.t.Fatalf("%d files were opened", links.Length())
	}
	for _, link := range links.EachIter() {
		got := reader.get(link.AttrOr("href", ""))
		if got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment;") || got.header.Get("Cache-Control") != "no-store" {
			w.t.Errorf("the reader's copy: status %d, %v", got.status, got.header)
		}
	}
}

// testPDF is a PDF of one page that holds the text.
func testPDF(text string) string {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>", "(" + text + ")"}
	var out strings.Builder
	out.WriteString("%PDF-1.7\n")
	var at []int
	for i, body := range objects {
		at = append(at, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&out, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return out.String()
}

// pictureWith is a PNG with a text in its metadata.
func pictureWith(t testing.TB, text string) string {
	t.Helper()
	const head = 8 + 25 // signature and IHDR
	plain := picture(t)
	return plain[:head] + pngChunk("tEXt", "Author\x00"+text) + plain[head:]
}

func pngChunk(kind, data string) string {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(out, kind+data...)
	return string(binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(kind+data))))
}

// walk reads every page that a person comes to by links, and gives each to see.
func (w *gateWorld) walk(c *client, see func(path string, got answer)) {
	w.t.Helper()
	todo := []string{"/", "/needs", "/results", "/work", "/notices", "/disclosures", "/disclosures?box=sent", "/inquiries", "/search?q=" + url.QueryEscape("超细重钙"), "/search/suggest?q=" + url.QueryEscape("超细"),
		"/account/export.json", "/turnover.csv", "/audit", "/audit.csv", "/review", "/robots.txt", "/sitemap.xml", "/feed.xml", disclosurePath(w.disclosure)}
	for _, mark := range append(slices.Clone(secretMarks), markOrg) {
		todo = append(todo, "/search?q="+url.QueryEscape(mark), "/search/suggest?q="+url.QueryEscape(mark), "/api/v1/search?q="+url.QueryEscape(mark))
	}
	for _, kind := range []string{"needs", "results"} {
		todo = append(todo, "/api/v1/"+kind)
		for _, id := range []int64{w.need, w.result} {
			todo = append(todo, fmt.Sprintf("/api/v1/%s/%d", kind, id), fmt.Sprintf("/api/v1/%s/%d/matches", kind, id))
		}
	}
	for _, id := range slices.Concat(w.gated, w.shown) {
		todo = append(todo, "/attachments/"+id, "/pictures/"+id, "/pictures/"+id+"?size=small", "/files/"+id, fmt.Sprintf("%s/files/%s", disclosurePath(w.disclosure), id))
	}
	seen := map[string]bool{}
	for len(todo) > 0 && len(seen) < 250 {
		path := todo[0]
		todo = todo[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		w.forget()
		got := c.get(path)
		see(path, got)
		if !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, link := range got.page(w.t).Find("a[href], img[src]").EachIter() {
			to, _, _ := strings.Cut(link.AttrOr("href", link.AttrOr("src", "")), "#")
			if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/static") {
				todo = append(todo, to)
			}
		}
	}
}

func (w *gateWorld) forget() {
	w.limits.mu.Lock()
	defer w.limits.mu.Unlock()
	clear(w.limits.byKey)
}

// asked takes out of a page what the person has asked for: a page says what was looked for, and keeps the address.
func asked(path string, body string) string {
	u, err := url.Parse(path)
	if err != nil {
		return body
	}
	for _, name := range []string{"q", "title"} {
		if typed := u.Query().Get(name); typed != "" {
			body = strings.NewReplacer(typed, "", url.QueryEscape(typed), "").Replace(body)
		}
	}
	if next := u.Query().Get("next"); next != "" { // where signing in leads back to
		return asked(next, body)
	}
	return body
}

// TestGatedIsNowhere: what is gated, contacts and the details of the owner reach nobody but whom they are for.
func TestGatedIsNowhere(t *testing.T) {
	t.Parallel()
	w := newGateWorld(t)
	for who, c := range map[string]*client{"guest": w.visitor(), "somebody without organisation": w.as(w.newUser()), "another organisation": w.as(w.stranger),
		"registrar": w.as(w.newUser(market.Registrar)), "statistician": w.as(w.newUser(market.Statistician)), "admin": w.as(w.newUser(market.Admin))} {
		pages := 0
		w.walk(c, func(path string, got answer) {
			if got.status == http.StatusOK {
				pages++
			}
			for _, mark := range secretMarks {
				if answered := asked(path, fmt.Sprint(got.header, got.body)); strings.Contains(answered, mark) || strings.Contains(answered, url.PathEscape(mark)) {
					t.Errorf("%s reads %s at %s", who, mark, path)
				}
			}
		})
		if pages < 20 {
			t.Errorf("%s saw only %d pages", who, pages)
		}
	}
	auditor := w.as(w.newUser(market.Auditor))
	w.walk(auditor, func(path string, got answer) {
		for _, mark := range []string{markText, markLabel, markFile, markContent} {
			if strings.Contains(asked(path, got.body), mark) {
				t.Errorf("the auditor reads %s at %s", mark, path)
			}
		}
	})
	for _, path := range []string{"/account/export.json", "/notices", "/work"} {
		if got := w.as(w.reader).get(path); got.status != http.StatusOK || strings.Contains(got.body, markText) || strings.Contains(got.body, markFile) {
			t.Errorf("the reader's %s: status %d", path, got.status)
		}
	}
}

// TestSharedPicture: a public listing's first picture is that of its link when it is shared, and stands in the JSON without the
// name it was uploaded under; what is gated is in neither, and a draft has no picture for others.
func TestSharedPicture(t *testing.T) {
	t.Parallel()
	w := newGateWorld(t)
	visitor := w.visitor()
	for i, path := range []string{fmt.Sprintf("/needs/%d", w.need), fmt.Sprintf("/results/%d", w.result)} {
		want := "/pictures/" + w.shown[i]
		image := visitor.get(path).page(t).Find("meta[property='og:image']").AttrOr("content", "")
		if image != w.URL+want {
			t.Errorf("%s is shared with %q", path, image)
		}
		if got := visitor.get(strings.TrimPrefix(image, w.URL)); got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "image/") {
			t.Errorf("%s: status %d, %v", image, got.status, got.header)
		}
		var listing struct {
			Pictures []struct {
				Path  string
				Small string `json:"small_path"`
				Label string
			}
			Files []struct{}
		}
		if err := json.Unmarshal([]byte(visitor.get("/api/v1"+path).body), &listing); err != nil {
			t.Fatal(err)
		}
		if len(listing.Pictures) != 1 || listing.Pictures[0].Path != want || listing.Pictures[0].Label != "中试线照片" || len(listing.Files) != 0 {
			t.Errorf("the JSON of %s: %+v", path, listing)
		} else if got := visitor.get(listing.Pictures[0].Small); got.status != http.StatusOK {
			t.Errorf("the small picture: status %d", got.status)
		}
		owner := w.as(w.owner)
		if got := owner.post(path+"/withdraw", nil); got.status != http.StatusSeeOther {
			t.Fatalf("status %d", got.status)
		}
		if image := owner.get(path).page(t).Find("meta[property='og:image']"); image.Length() != 0 {
			t.Errorf("what is not public is shared with a picture")
		}
		if got := visitor.get(want); got.status != http.StatusNotFound {
			t.Errorf("the picture of what was withdrawn: status %d", got.status)
		}
	}
}

// gateTables are where the markers are kept, and the texts of the past, which are read by who reads the listing's own; in
// every other table there is none.
var gateTables = map[string][]string{
	markText: {"listing_gates", "listing_revisions"}, markLabel: {"listing_files"}, markFile: {"files"}, markContent: {},
	markContact: {"listings", "listing_revisions"}, markPhone: {"listings", "listing_revisions"}, markLegal: {"orgs"},
}

// TestGatedIsKeptInOnePlace: no notice, letter, job, audit entry, history, log or index holds what is gated.
func TestGatedIsKeptInOnePlace(t *testing.T) {
	t.Parallel()
	w := newGateWorld(t)
	w.walk(w.visitor(), func(string, answer) {})
	var tables []string
	rows, err := w.Store.DB().QueryContext(t.Context(), `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Close(); err != nil || len(tables) < 40 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	for _, table := range tables {
		for _, mark := range secretMarks {
			var n int
			if err := w.Store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM `+table+` x WHERE strpos(x::text, $1) > 0`, mark).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if want := slices.Contains(gateTables[mark], table); want != (n > 0) {
				t.Errorf("%d rows of %s hold %s", n, table, mark)
			}
		}
	}
	for _, mark := range append(slices.Clone(secretMarks), markOrg) {
		if strings.Contains(w.log.String(), mark) {
			t.Errorf("the log holds %s", mark)
		}
		if err := filepath.WalkDir(w.folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if bytes.Contains(content, []byte(mark)) {
				t.Errorf("%s in the index holds %s", d.Name(), mark)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for doc, err := range w.Store.AllDocuments(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, mark := range append(slices.Clone(secretMarks), markOrg) {
			if strings.Contains(fmt.Sprintf("%+v", doc), mark) {
				t.Errorf("what is indexed of %d holds %s", doc.ID, mark)
			}
		}
	}
}

// TestHiddenNameIsNowhere: an organisation that hides its name is named beside its listings to nobody but reviewers and
// auditors. Its own page says who it is, and nothing of those listings.
func TestHiddenNameIsNowhere(t *testing.T) {
	t.Parallel()
	w := newGateWorld(t)
	var uscc string
	if err := w.Store.DB().QueryRowContext(t.Context(), `SELECT uscc FROM orgs WHERE id = $1`, w.owner.OrgID).Scan(&uscc); err != nil {
		t.Fatal(err)
	}
	page := fmt.Sprintf("/orgs/%d", w.owner.OrgID)
	for who, c := range map[string]*client{"guest": w.visitor(), "another organisation": w.as(w.stranger), "the reader": w.as(w.reader), "registrar": w.as(w.newUser(market.Registrar))} {
		found := 0
		w.walk(c, func(path string, got answer) {
			body := asked(path, got.body)
			for _, title := range w.titles {
				if strings.Contains(body, title) {
					found++
				}
			}
			named := strings.Contains(body, markOrg) || strings.Contains(body, uscc) || strings.Contains(body, page+`"`) || strings.Contains(fmt.Sprint(got.header), markOrg)
			if path == page {
				for _, title := range w.titles {
					if strings.Contains(body, title) {
						t.Errorf("%s: the organisation's own page shows its listing", who)
					}
				}
			} else if named {
				t.Errorf("%s reads whose it is at %s", who, path)
			}
		})
		if found < 4 {
			t.Errorf("%s found the listings on only %d pages", who, found)
		}
	}
	for _, id := range w.shown { // the picture that is public is there, and drawn anew
		got := w.visitor().get("/pictures/" + id)
		if got.status != http.StatusOK || got.header.Get("Content-Type") != "image/png" || strings.Contains(got.body, markOrg) || got.header.Get("Content-Disposition") != "" {
			t.Errorf("the picture: status %d, %v", got.status, got.header)
		}
	}
	if got := w.visitor().get(fmt.Sprintf("/needs/%d", w.need)); got.page(t).Find(`img[alt="中试线照片"]`).Length() != 1 || !strings.Contains(got.body, "名称未公开") {
		t.Error("the page does not show the picture and that the name is hidden")
	}
}

// TestHiddenNameKeepsPDFsBack: while the name is hidden no PDF is public, whatever was chosen before.
func TestHiddenNameKeepsPDFsBack(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	a := s.newOrg(market.Enterprise, market.OrgVerified)
	owner := s.as(a)
	id := owner.postListing(market.KindNeed, needForm())
	path := listingFilesPath(id)
	if got := owner.uploadAs("listing", path, url.Values{"key": {formKey()}, "use": {"public"}, "label": {"检测报告"}}, "报告.pdf", testPDF("x")); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	files, err := s.Store.ListingFiles(t.Context(), a, id)
	if err != nil || len(files) != 1 || files[0].Pages != 1 {
		t.Fatalf("%+v, %v", files, err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	show := func(want int) {
		t.Helper()
		if got := s.visitor().get("/attachments/" + files[0].ID); got.status != want {
			t.Errorf("a visitor: status %d, want %d", got.status, want)
		}
	}
	must(s.Service.SubmitListing(t.Context(), a, market.KindNeed, id))
	show(http.StatusNotFound)
	must(s.Service.PublishListing(t.Context(), s.newUser(market.Reviewer), market.KindNeed, id, s.version("listings", id), market.Subject(market.KindNeed).AllYes()))
	show(http.StatusOK)
	api := fmt.Sprintf("/api/v1/needs/%d", id)
	if got := s.visitor().get(api); !strings.Contains(got.body, `"path":"/attachments/`+files[0].ID+`"`) || !strings.Contains(got.body, `"label":"检测报告"`) {
		t.Errorf("the JSON does not name the public file: %s", got.body)
	}
	if got := owner.get(path); got.status != http.StatusConflict { // what is public is not changed behind the reviewer's back
		t.Errorf("the page of files of a public listing: status %d", got.status)
	}
	must(s.Service.WithdrawListing(t.Context(), a, market.KindNeed, id))
	show(http.StatusNotFound)
	form := filled(needForm(), "hide_org", "1", "version", fmt.Sprint(s.version("listings", id)), "act", "submit")
	got := owner.post(fmt.Sprintf("/needs/%d", id), form)
	if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "里面可能写有本单位名称") {
		t.Errorf("submitting with a public PDF: status %d", got.status)
	}
	if _, err := s.Store.DB().ExecContext(t.Context(), `UPDATE listings SET hide_org = true, state = 'published' WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	show(http.StatusNotFound)
	if got := s.visitor().get(fmt.Sprintf("/needs/%d", id)); strings.Contains(got.body, "检测报告") {
		t.Error("the page names the file")
	}
	if got := s.visitor().get(api); got.status != http.StatusOK || strings.Contains(got.body, "检测报告") || strings.Contains(got.body, files[0].ID) {
		t.Errorf("the JSON names the file, status %d", got.status)
	}
}

// TestDisclosedFiles: a gated file is given under a mark to who has pledged, as long as it is open; each reading is on record.
func TestDisclosedFiles(t *testing.T) {
	t.Parallel()
	w := newGateWorld(t)
	ctx := t.Context()
	files, err := w.Store.GatedFiles(ctx, w.reader, w.disclosure)
	if err != nil || len(files) != 2 {
		t.Fatalf("%+v, %v", files, err)
	}
	for _, f := range files {
		own, plain, err := w.Service.ReadListingFile(ctx, w.owner, f.ID)
		if err != nil || own.MediaType != f.MediaType {
			t.Fatalf("the owner: %+v, %v", own, err)
		}
		copied, marked, err := w.Service.ReadDisclosedFile(ctx, w.reader, w.disclosure, f.ID)
		if err != nil || bytes.Equal(plain, marked) {
			t.Fatalf("the reader's copy is unmarked: %v", err)
		}
		if mediaType, err := market.CheckFile("x", copied.Name, marked); err != nil || mediaType != copied.MediaType {
			t.Errorf("the copy %s is %s: %v", copied.Name, mediaType, err)
		}
	}
	colleague := w.newMember(w.reader.OrgID, market.Viewer)
	if _, _, err := w.Service.ReadDisclosedFile(ctx, colleague, w.disclosure, files[0].ID); !market.IsKind(err, market.Denied) {
		t.Errorf("a colleague without pledge: %v", err)
	}
	other := w.gated[slices.IndexFunc(w.gated, func(id string) bool { return id != files[0].ID && id != files[1].ID })]
	for name, c := range map[string]struct {
		a    market.Actor
		file string
	}{"a file of another listing": {w.reader, other}, "a public one": {w.reader, w.shown[0]}, "somebody else": {w.stranger, files[0].ID}, "the owner": {w.owner, files[0].ID}} {
		if _, _, err := w.Service.ReadDisclosedFile(ctx, c.a, w.disclosure, c.file); err == nil {
			t.Errorf("%s is given", name)
		}
	}
	reads, err := w.Store.DisclosureReads(ctx, w.disclosure, 20)
	if err != nil || len(reads) != 5 { // one text and two files when it was opened, two files here
		t.Errorf("%d readings on record: %v", len(reads), err)
	}
	if err := w.Service.RevokeDisclosure(ctx, w.owner, w.disclosure, "合作暂停"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Service.ReadDisclosedFile(ctx, w.reader, w.disclosure, files[0].ID); !market.IsKind(err, market.NotFound) {
		t.Errorf("after it was taken back: %v", err)
	}
	if got := w.as(w.reader).get(fmt.Sprintf("%s/files/%s", disclosurePath(w.disclosure), files[0].ID)); got.status != http.StatusNotFound {
		t.Errorf("the page after it was taken back: status %d", got.status)
	}
}
