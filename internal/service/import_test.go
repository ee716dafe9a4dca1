package service_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// importDesk is a world with who imports and who reviews.
type importDesk struct {
	*worldtest.World
	ctx      context.Context
	owner    market.Actor
	reviewer market.Actor
}

func newImportDesk(t testing.TB) *importDesk {
	t.Helper()
	w := worldtest.New(t, 2026, 11, 23)
	return &importDesk{World: w, ctx: t.Context(), owner: w.Org("赣江理工大学（测试）", market.University, "360802"), reviewer: w.Person("审核员", market.Reviewer)}
}

var materials = market.ImportDefaults{Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"licence"}, Stage: "lab"}

var submitted = service.AcceptOptions{Submit: true, Secrecy: true, Similar: true}

// list makes a CSV file of rows.
func list(t testing.TB, rows ...[]string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// numbered is a list of n results.
func numbered(t testing.TB, n int) []byte {
	t.Helper()
	rows := [][]string{{"id", "title", "body"}}
	for i := range n {
		rows = append(rows, []string{strconv.Itoa(i + 1), fmt.Sprintf("碳酸钙改性成果之%d", i+1), "以偶联剂改性碳酸钙。"})
	}
	return list(t, rows...)
}

func (d *importDesk) checkFile(t testing.TB, kind market.Kind, data []byte) market.Import {
	t.Helper()
	id, err := d.Service.CheckImport(d.ctx, d.owner, service.ImportFile{Kind: kind, Name: "清单.csv", Data: data, Defaults: materials})
	if err != nil {
		t.Fatal(err)
	}
	return d.imported(t, id)
}

// run accepts an import and writes all of it.
func (d *importDesk) run(t testing.TB, a market.Actor, id int64, o service.AcceptOptions) {
	t.Helper()
	if err := d.Service.AcceptImport(d.ctx, a, id, o); err != nil {
		t.Fatal(err)
	}
	if err := d.Service.RunImport(d.ctx, id, ignore); err != nil {
		t.Fatal(err)
	}
}

func ignore(int, int) {}

func (d *importDesk) imported(t testing.TB, id int64) market.Import {
	t.Helper()
	imp, err := d.Store.Import(d.ctx, d.owner, id)
	if err != nil {
		t.Fatal(err)
	}
	return imp
}

func (d *importDesk) rows(t testing.TB, id int64) []market.ImportRow {
	t.Helper()
	rows, err := d.Store.ImportRows(d.ctx, id, store.ImportAll, store.PageSlice(1, 100))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func (d *importDesk) count(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := d.Store.DB().QueryRowContext(d.ctx, query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestImportWritesNothingBeforeItIsAccepted(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	imp := d.checkFile(t, market.KindResult, numbered(t, 3))
	if imp.State != market.ImportChecked || imp.RowsValid != 3 || imp.RowsBad() != 0 {
		t.Fatalf("checked as %+v", imp)
	}
	must(t, d.Service.RunImport(d.ctx, imp.ID, ignore)) // not accepted: left alone
	if n := d.count(t, `SELECT count(*) FROM listings`); n != 0 {
		t.Fatalf("%d listings before the import is accepted", n)
	}
	must(t, d.Service.DiscardImport(d.ctx, d.owner, imp.ID))
	wantKind(t, d.Service.AcceptImport(d.ctx, d.owner, imp.ID, service.AcceptOptions{}), market.Conflict)
	if n := d.count(t, `SELECT count(*) FROM import_rows`); n != 0 {
		t.Errorf("%d rows of a discarded import are kept", n)
	}
}

func TestImportFormPostedTwice(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	file := service.ImportFile{Kind: market.KindResult, Name: "清单.csv", Data: numbered(t, 3), Defaults: materials, Key: "once"}
	first, err := d.Service.CheckImport(d.ctx, d.owner, file)
	must(t, err)
	second, err := d.Service.CheckImport(d.ctx, d.owner, file)
	must(t, err)
	if first != second || d.count(t, `SELECT count(*) FROM imports`) != 1 {
		t.Errorf("imports %d and %d of one form", first, second)
	}
}

func TestImportBadFile(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	file := service.ImportFile{Kind: market.KindResult, Name: "清单.pdf", Data: []byte("%PDF"), Defaults: market.ImportDefaults{Submarket: "materials", Fields: []string{"led"}}}
	_, err := d.Service.CheckImport(d.ctx, d.owner, file)
	wantField(t, err, "file", "只能导入 .xlsx 和 .csv")
	wantField(t, err, "fields", "不属于所选的专业市场")
	if n := d.count(t, `SELECT count(*) FROM imports`); n != 0 {
		t.Errorf("%d imports of a file that can't be read", n)
	}
}

func TestImportAsDrafts(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	imp := d.checkFile(t, market.KindResult, list(t,
		[]string{"成果名称", "专业市场", "细分领域", "成熟度", "价格（万元）", "专利号", "合作方式", "完成人", "不公开的内容"},
		[]string{"纳米碳酸钙连续碳化技术", "先进材料", "碳酸钙先进材料", "中试", "35－50", "ZL 2017 1 0601862.3", "技术许可、作价入股", "李敏", "碳化温度窗口"},
		[]string{"坏的一行", "先进材料", "LED照明", "中试以上", "很贵", "201710601862.4", "白送", "", ""}))
	if imp.RowsValid != 1 || imp.RowsBad() != 1 {
		t.Fatalf("checked as %+v", imp)
	}
	d.run(t, d.owner, imp.ID, service.AcceptOptions{})
	rows := d.rows(t, imp.ID)
	r, err := d.Store.Result(d.ctx, d.owner, *rows[0].ListingID)
	must(t, err)
	if r.State != market.Draft || r.Stage != "pilot" || r.Price.Min.Decimal.String() != "350000" || r.Price.Max.Decimal.String() != "500000" ||
		len(r.IPs) != 1 || r.IPs[0] != (market.IP{Type: "invention", Number: "2017106018623", Status: "granted"}) ||
		strings.Join(r.Modes, " ") != "licence equity" || r.Region != "360802" || r.TechField != "materials" || *r.ImportID != imp.ID || r.SecrecyConfirmed {
		t.Errorf("became %+v", r)
	}
	if gate, _, err := d.Store.Gate(d.ctx, d.owner, r.ID); err != nil || gate != "碳化温度窗口" {
		t.Errorf("gated text is %q, %v", gate, err)
	}
	if moves, err := d.Store.Moves(d.ctx, market.Object{Kind: "result", ID: r.ID}); err != nil || len(moves) != 1 || moves[0].To != "draft" {
		t.Errorf("history %+v, %v", moves, err)
	}
	got := map[string]string{}
	for _, p := range rows[1].Problems {
		got[p.Column] = p.Value + "|" + p.Message
	}
	for column, want := range map[string]string{"细分领域": "LED照明|“LED照明”不在列表里，是不是“半导体照明（LED）”", "成熟度": "中试以上|“中试以上”认不出来", "价格（万元）": "很贵|金额应为数字",
		"专利号": "201710601862.4|“201710601862.4”：号码的校验位不对", "合作方式": "白送|“白送”不在列表里，请写：委托开发、"} {
		if !strings.HasPrefix(got[column], want) {
			t.Errorf("%s: %q, want %q", column, got[column], want)
		}
	}
}

func TestImportNeeds(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	imp := d.checkFile(t, market.KindNeed, list(t,
		[]string{"需求名称", "现状与瓶颈", "指标名", "现值", "要求", "单位", "检验方法", "预算（元）", "截止日期"},
		[]string{"重钙浆料研磨返粗与升温控制", "浆料升温返粗", "粒径 D97\n电耗", "4.8\n92", "≤2.5\n≤70", "μm\nkWh/t", "激光粒度仪", "800000", "2027年6月"},
		[]string{"过期的需求", "", "", "", "", "", "", "面议", "2025-12-31"}))
	if imp.RowsValid != 2 || imp.RowsGaps != 1 || imp.RowsBad() != 0 {
		t.Fatalf("checked as %+v: %+v", imp, d.rows(t, imp.ID))
	}
	d.run(t, d.owner, imp.ID, submitted)
	rows := d.rows(t, imp.ID)
	n, err := d.Store.Need(d.ctx, d.owner, *rows[0].ListingID)
	must(t, err)
	if n.State != market.InReview || !n.SecrecyConfirmed || n.Budget.Min.Decimal.String() != "800000" || n.Deadline.Format("2006-01-02") != "2027-06-30" ||
		len(n.Indicators) != 2 || n.Indicators[1] != (market.Indicator{Name: "电耗", Now: "92", Target: "≤70", Unit: "kWh/t"}) {
		t.Errorf("became %+v", n)
	}
	if p := rows[1].Problems; len(p) != 1 || p[0].Column != "截止日期" || p[0].Grade != market.GradeGap || !strings.Contains(p[0].Message, "不能早于今天") {
		t.Errorf("problems %+v", p)
	}
	if late, err := d.Store.Need(d.ctx, d.owner, *rows[1].ListingID); err != nil || late.State != market.Draft {
		t.Errorf("what lacks something became %+v, %v", late, err)
	}
	bare := []string{"需求名称", "专业市场"}
	lacking := d.bring(t, d.owner, market.KindNeed, bare, []string{"只有名称的需求", ""})
	wantField(t, d.Service.AcceptImport(d.ctx, d.owner, lacking.ID, submitted), "submit", "都缺必填的内容")
	d.run(t, d.owner, lacking.ID, service.AcceptOptions{})
}

// TestImportLooksAtSums: a sum ten thousand times the usual is to be looked at, and taken all the same.
func TestImportLooksAtSums(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	for range 5 {
		id := d.Need(d.owner)
		_, err := d.Store.DB().Exec(`UPDATE needs SET budget_kind = 'amount', budget_min = 500000 WHERE listing_id = $1`, id)
		must(t, err)
	}
	imp := d.checkFile(t, market.KindNeed, list(t, []string{"需求名称", "预算（万元）"}, []string{"写成了元", "500000"}, []string{"平常的", "50"}))
	rows := d.rows(t, imp.ID)
	if p := rows[0].Problems; imp.RowsValid != 2 || len(p) != 1 || p[0].Grade != market.GradeLook || p[0].Column != "预算（万元）" || !strings.Contains(p[0].Message, "请改单位") || len(rows[1].Problems) != 0 {
		t.Errorf("checked as %+v: %+v", imp, rows)
	}
}

func TestImportDuplicates(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	existing := d.Result(d.owner) // 纳米碳酸钙连续碳化技术
	other := d.Org("井冈山测试大学", market.University, "360881")
	theirs, err := d.Service.CheckImport(d.ctx, other, service.ImportFile{Kind: market.KindResult, Name: "甲.csv", Defaults: materials,
		Data: list(t, []string{"成果名称", "专利号"}, []string{"一种研磨机", "ZL201710601862.3"})})
	must(t, err)
	d.run(t, other, theirs, submitted)
	must(t, d.Service.PublishImport(d.ctx, d.reviewer, theirs))
	must(t, d.Service.ReviewImport(d.ctx, theirs))
	patented := int64(d.count(t, `SELECT id FROM listings WHERE org_id = $1`, other.OrgID))

	imp := d.checkFile(t, market.KindResult, list(t, []string{"编号", "成果名称", "专利号"},
		[]string{"1", "纳米　碳酸钙连续碳化技术。", ""},
		[]string{"2", "光伏组件", ""},
		[]string{"2", "光伏组件", ""},
		[]string{"3", "光伏组件", ""},
		[]string{"4", "一种光伏组件", ""},
		[]string{"5", "立式研磨设备", "2017106018623"},
		[]string{"6", "卧式研磨设备", "ZL 2017 1 0601862.3"}))
	want := []struct {
		is      market.Duplicate
		by      string
		listing int64
		row     int
	}{
		{market.DuplicateSame, "名称相同", existing, 0},
		{market.DuplicateNone, "", 0, 0},
		{market.DuplicateSame, "与第 3 行名称相同", 0, 3},
		{market.DuplicateSimilar, "与第 3 行名称相同，编号或专利号不同", 0, 3},
		{market.DuplicateSimilar, "与第 3 行名称相近，只差“一种”", 0, 3},
		{market.DuplicateSimilar, "别的单位已公开同一专利（2017 1 0601862.3）", patented, 0},
		{market.DuplicateSame, "与第 7 行专利号相同（2017 1 0601862.3）", 0, 7},
	}
	for i, row := range d.rows(t, imp.ID) {
		of := int64(0)
		if row.DuplicateOf != nil {
			of = *row.DuplicateOf
		}
		if row.Duplicate != want[i].is || row.DuplicateBy != want[i].by || of != want[i].listing || row.DuplicateRow != want[i].row {
			t.Errorf("row %d: %+v, want %+v", row.Row, row, want[i])
		}
	}
	d.run(t, d.owner, imp.ID, service.AcceptOptions{Similar: true})
	if n := d.count(t, `SELECT count(*) FROM listings WHERE import_id = $1`, imp.ID); n != 4 {
		t.Errorf("%d listings written, want 4: the one that is new and the three that may be", n)
	}
	again := d.checkFile(t, market.KindResult, list(t, []string{"编号", "成果名称"}, []string{"2", "光伏组件"}, []string{"9", "新的成果"}))
	if again.RowsValid != 1 || again.RowsSame != 1 {
		t.Errorf("the same list once more: %+v", again)
	}
}

// TestImportSimilar: titles that differ in one character, and long texts that are the same under another title, may be the
// same; numbers, series and other texts tell things apart.
func TestImportSimilar(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	d.Result(d.owner) // 纳米碳酸钙连续碳化技术
	long := strings.Repeat("以梳形偶联剂改性碳酸钙，吸油值降低三成，", 4)
	imp := d.checkFile(t, market.KindResult, list(t, []string{"成果名称", "成果简介"},
		[]string{"纳米碳酸钙的连续碳化技术", ""},
		[]string{"重质碳酸钙表面改性工艺", long},
		[]string{"重质碳酸钙表面改性工法", "另一段完全不同的文字，" + strings.Repeat("讲的是湿法研磨和分级设备，", 5)},
		[]string{"完全不同的名称", long + "。"},
		[]string{"立式搅拌磨第一代样机设计", ""},
		[]string{"立式搅拌磨第二代样机设计", ""},
		[]string{"立式搅拌磨 3 代样机设计", ""},
		[]string{"立式搅拌磨 4 代样机设计", ""}))
	want := []string{"名称只差一个字", "", "", "与第 3 行内容相同，名称不同", "", "", "", ""}
	for i, row := range d.rows(t, imp.ID) {
		if row.DuplicateBy != want[i] || (row.Duplicate == market.DuplicateSimilar) != (want[i] != "") {
			t.Errorf("row %d: %q (%s), want %q", row.Row, row.DuplicateBy, row.Duplicate, want[i])
		}
	}
}

// TestImportTwice has one file checked twice before either is accepted: the second finds the first's listings.
func TestImportTwice(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	both := []market.Import{d.checkFile(t, market.KindResult, numbered(t, 700)), d.checkFile(t, market.KindResult, numbered(t, 700))}
	done := make(chan error, len(both))
	for _, imp := range both {
		must(t, d.Service.AcceptImport(d.ctx, d.owner, imp.ID, service.AcceptOptions{}))
	}
	for _, imp := range both {
		go func() { done <- d.Service.RunImport(d.ctx, imp.ID, ignore) }()
	}
	for range both {
		must(t, <-done)
	}
	if n := d.count(t, `SELECT count(*) FROM listings`); n != 700 {
		t.Errorf("%d listings, want 700", n)
	}
	if n := d.count(t, `SELECT sum(rows_same) FROM imports`); n != 700 {
		t.Errorf("%d rows are noted as duplicates, want 700", n)
	}
	for _, imp := range both {
		if i := d.imported(t, imp.ID); i.RowsDone != i.RowsWanted() || i.State != market.ImportDone || i.RowsBad() != 0 {
			t.Errorf("ended as %+v", i)
		}
	}
}

func TestImportGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	imp := d.checkFile(t, market.KindResult, numbered(t, 1200))
	must(t, d.Service.AcceptImport(d.ctx, d.owner, imp.ID, service.AcceptOptions{}))
	dying, crash := context.WithCancel(d.ctx)
	defer crash()
	err := d.Service.RunImport(dying, imp.ID, func(done, total int) {
		if done != 500 || total != 1200 {
			t.Errorf("progress %d of %d after the first chunk", done, total)
		}
		crash()
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the crash gave %v", err)
	}
	if half := d.imported(t, imp.ID); half.State != market.ImportRunning || half.RowsDone != 500 {
		t.Fatalf("after the crash %+v", half)
	}
	must(t, d.Service.RunImport(d.ctx, imp.ID, ignore))
	must(t, d.Service.RunImport(d.ctx, imp.ID, ignore)) // once more does nothing
	for what, query := range map[string]string{
		"listings": `SELECT count(*) FROM listings WHERE import_id = $1`, "different titles": `SELECT count(DISTINCT title) FROM listings WHERE import_id = $1`,
		"numbers":                      `SELECT count(DISTINCT number) FROM listings WHERE import_id = $1`,
		"rows that know their listing": `SELECT count(*) FROM import_rows r JOIN listings l ON l.id = r.listing_id AND l.title = r.title WHERE r.import_id = $1`,
	} {
		if n := d.count(t, query, imp.ID); n != 1200 {
			t.Errorf("%d %s, want 1200", n, what)
		}
	}
	ended := d.imported(t, imp.ID)
	if ended.State != market.ImportDone || ended.RowsDone != 1200 || d.count(t, `SELECT count(*) FROM notices WHERE path = $1`, fmt.Sprintf("/imports/%d", imp.ID)) != 1 {
		t.Errorf("ended as %+v", ended)
	}
}

func TestImportFailsAndGoesOn(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	imp := d.checkFile(t, market.KindResult, numbered(t, 3))
	must(t, d.Service.AcceptImport(d.ctx, d.owner, imp.ID, submitted))
	must(t, d.Service.FailImport(d.ctx, imp.ID))
	if failed := d.imported(t, imp.ID); failed.State != market.ImportFailed || !strings.Contains(failed.Error, "写到第 0 项") {
		t.Fatalf("failed as %+v", failed)
	}
	d.run(t, d.owner, imp.ID, service.AcceptOptions{}) // goes on as it was accepted first
	if ended := d.imported(t, imp.ID); ended.State != market.ImportDone || !ended.Submit || d.count(t, `SELECT count(*) FROM listings WHERE state = 'in_review'`) != 3 {
		t.Errorf("ended as %+v", ended)
	}
}

func TestImportUndo(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	imp := d.checkFile(t, market.KindResult, numbered(t, 4))
	d.run(t, d.owner, imp.ID, submitted)
	rows := d.rows(t, imp.ID)
	recalled := *rows[1].ListingID
	must(t, d.Service.RecallListing(d.ctx, d.owner, market.KindResult, recalled))
	if again := d.checkFile(t, market.KindResult, numbered(t, 4)); again.RowsSame != 4 { // its rows point at the listings
		t.Fatalf("the same list once more: %+v", again)
	}
	wantKind(t, d.Service.DiscardImport(d.ctx, d.owner, imp.ID), market.Conflict)
	removed, kept, err := d.Service.UndoImport(d.ctx, d.owner, imp.ID)
	must(t, err)
	if removed != 3 || kept != 1 || d.count(t, `SELECT count(*) FROM listings`) != 1 || d.count(t, `SELECT listing_id FROM results`) != int(recalled) {
		t.Errorf("removed %d, kept %d", removed, kept)
	}
	if d.imported(t, imp.ID).State != market.ImportUndone {
		t.Error("the import does not say that it is undone")
	}
	_, _, err = d.Service.UndoImport(d.ctx, d.owner, imp.ID)
	wantKind(t, err, market.Conflict)
}

func TestImportUndoKeepsWhatIsPublic(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	imp := d.checkFile(t, market.KindResult, numbered(t, 4))
	d.run(t, d.owner, imp.ID, submitted)
	must(t, d.Service.PublishImport(d.ctx, d.reviewer, imp.ID))
	_, _, err := d.Service.UndoImport(d.ctx, d.owner, imp.ID)
	wantKind(t, err, market.Conflict) // the decision is being carried out
	must(t, d.Service.ReviewImport(d.ctx, imp.ID))
	_, _, err = d.Service.UndoImport(d.ctx, d.owner, imp.ID)
	wantKind(t, err, market.Conflict)
	if n := d.count(t, `SELECT count(*) FROM listings WHERE state = 'published'`); n != 4 {
		t.Errorf("%d listings are public, want 4", n)
	}
}

func TestImportUndoHasAnEnd(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	imp := d.checkFile(t, market.KindNeed, list(t, []string{"需求名称"}, []string{"重钙浆料研磨返粗"}))
	d.run(t, d.owner, imp.ID, service.AcceptOptions{})
	d.SetDay(2026, 12, 24)
	_, _, err := d.Service.UndoImport(d.ctx, d.owner, imp.ID)
	wantKind(t, err, market.Conflict)
	d.SetDay(2026, 12, 23)
	removed, kept, err := d.Service.UndoImport(d.ctx, d.owner, imp.ID)
	must(t, err)
	if removed != 1 || kept != 0 {
		t.Errorf("removed %d, kept %d", removed, kept)
	}
}

func TestImportAccess(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	s, file := d.Service, service.ImportFile{Kind: market.KindResult, Name: "清单.csv", Data: numbered(t, 2), Defaults: materials}
	viewer, stranger := d.Member(d.owner, "只读", market.Viewer), d.Org("别的单位有限公司", market.Enterprise, "360825")
	for _, a := range []market.Actor{viewer, d.reviewer} {
		_, err := s.CheckImport(d.ctx, a, file)
		wantKind(t, err, market.Denied)
	}
	imp := d.checkFile(t, market.KindResult, file.Data)
	read := func(a market.Actor) error { _, err := d.Store.Import(d.ctx, a, imp.ID); return err }
	undo := func(a market.Actor) error { _, _, err := s.UndoImport(d.ctx, a, imp.ID); return err }
	for name, err := range map[string]error{
		"read": read(stranger), "read by staff": read(d.reviewer), "undo": undo(stranger), "discard": s.DiscardImport(d.ctx, stranger, imp.ID),
		"accept": s.AcceptImport(d.ctx, stranger, imp.ID, submitted), "review before it is submitted": s.PublishImport(d.ctx, d.reviewer, imp.ID),
	} {
		if !market.IsKind(err, market.NotFound) {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
	wantField(t, s.AcceptImport(d.ctx, d.owner, imp.ID, service.AcceptOptions{Submit: true}), "secrecy", "国家秘密")
	waiting := d.Applicant("未核验单位有限公司", market.Enterprise, "360825")
	id, err := s.CheckImport(d.ctx, waiting, file)
	must(t, err)
	wantKind(t, s.AcceptImport(d.ctx, waiting, id, submitted), market.Denied)
	must(t, s.AcceptImport(d.ctx, waiting, id, service.AcceptOptions{}))

	d.run(t, d.owner, imp.ID, submitted)
	wantKind(t, s.AcceptImport(d.ctx, d.owner, imp.ID, submitted), market.Conflict)
	must(t, read(d.reviewer))
	wantKind(t, s.PublishImport(d.ctx, d.owner, imp.ID), market.Denied)
	if d.Audits(market.ImportPublish, imp.ID, "refused") != 2 {
		t.Error("of the two refused attempts to publish, not both left a trace")
	}
}

func TestImportReturned(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	imp := d.checkFile(t, market.KindResult, numbered(t, 2))
	d.run(t, d.owner, imp.ID, submitted)
	wantField(t, d.Service.ReturnImport(d.ctx, d.reviewer, imp.ID, nil, ""), "note", "请写明要改什么")
	must(t, d.Service.ReturnImport(d.ctx, d.reviewer, imp.ID, []string{"N2"}, "请补充成果简介"))
	wantKind(t, d.Service.PublishImport(d.ctx, d.reviewer, imp.ID), market.Conflict)
	must(t, d.Service.ReviewImport(d.ctx, imp.ID))
	if n := d.count(t, `SELECT count(*) FROM listings WHERE state = 'returned' AND return_note = '请补充成果简介' AND return_codes = '{N2}' AND import_id = $1`, imp.ID); n != 2 {
		t.Errorf("%d listings are returned, want 2", n)
	}
}

func TestImportReviewIsOneThing(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	imp := d.checkFile(t, market.KindResult, numbered(t, 1100))
	d.run(t, d.owner, imp.ID, submitted)
	if n := d.count(t, `SELECT count(*) FROM notices WHERE user_id = $1 AND path = $2`, d.reviewer.UserID, fmt.Sprintf("/review/imports/%d", imp.ID)); n != 1 {
		t.Errorf("%d notices for the reviewer, want 1", n)
	}
	waiting := func() int {
		t.Helper()
		todo, err := d.Store.TodoCounts(d.ctx, d.reviewer)
		must(t, err)
		return todo.Review
	}
	batches, err := d.Store.ImportsInReview(d.ctx, market.Actor{Duties: []market.Duty{market.Reviewer}})
	must(t, err)
	if n := waiting(); n != 1 || len(batches) != 1 || batches[0].ID != imp.ID {
		t.Errorf("the batch counts as %d in the queue, %d batches", n, len(batches))
	}
	recalled := *d.rows(t, imp.ID)[0].ListingID
	must(t, d.Service.RecallListing(d.ctx, d.owner, market.KindResult, recalled))
	must(t, d.Service.PublishImport(d.ctx, d.reviewer, imp.ID))
	must(t, d.Service.ReviewImport(d.ctx, imp.ID))
	for what, c := range map[string]struct {
		query string
		want  int
	}{
		"public listings":             {`SELECT count(*) FROM listings WHERE state = 'published' AND valid_until = '2027-11-23'`, 1099},
		"entries in the change log":   {`SELECT count(*) FROM listing_changes WHERE listing_id > 0`, 1100}, // and the recall
		"entries in the histories":    {`SELECT count(*) FROM moves WHERE move = 'publish' AND user_id IS NOT NULL`, 1099},
		"matching jobs of 50 at most": {`SELECT count(*) FROM river_job WHERE kind = 'match_listings' AND jsonb_array_length(args->'ids') <= 50`, 22},
	} {
		if n := d.count(t, c.query); n != c.want {
			t.Errorf("%d %s, want %d", n, what, c.want)
		}
	}
	must(t, d.Service.SubmitListing(d.ctx, d.owner, market.KindResult, recalled))
	if n := waiting(); n != 1 {
		t.Errorf("submitted again after the decision, it counts as %d in the queue", n)
	}
}
