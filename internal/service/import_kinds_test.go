package service_test

import (
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// bring checks a list that somebody brings, and reads the batch as they see it.
func (d *importDesk) bring(t *testing.T, a market.Actor, kind market.Kind, rows ...[]string) market.Import {
	t.Helper()
	id, err := d.Service.CheckImport(d.ctx, a, service.ImportFile{Kind: kind, Name: "清单.csv", Data: list(t, rows...)})
	must(t, err)
	imp, err := d.Store.OwnImport(d.ctx, a, id)
	must(t, err)
	return imp
}

func usccOf(t *testing.T, body string) string {
	t.Helper()
	code, err := market.MakeUSCC(body)
	must(t, err)
	return string(code)
}

// TestImportByBureau: a reviewer brings organisations, which are public nowhere and nobody's until somebody registers with the
// code; a county's reviewer only those of the county.
func TestImportByBureau(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	local, away := d.Officer("永丰审核", "360825", market.Reviewer), d.Officer("吉水审核", "360822", market.Reviewer)
	known, err := d.Store.Org(d.ctx, d.owner, d.owner.OrgID)
	must(t, err)
	fresh, second := usccOf(t, "91360825MA0000011"), usccOf(t, "91360825MA0000022")
	rows := [][]string{{"企业名称", "统一社会信用代码", "类型", "所在地", "规模", "简介"},
		{"永丰测试钙业有限公司", fresh[:8] + "　" + strings.ToLower(fresh[8:]), "企业", "永丰", "小型", "重钙"},
		{"永丰测试粉体有限公司", second, "公司", "永丰县", "", ""},
		{"吉水测试电路有限公司", usccOf(t, "91360822MA0000033"), "企业", "吉水县", "", ""},
		{"永丰代码错的有限公司", "91350100M000100Y34", "企业", "永丰县", "", ""},
		{"又一家赣江理工", string(known.USCC), "高校", "永丰县", "", ""},
		{"永丰测试钙业公司", fresh, "企业", "永丰县", "", ""},
		{"永丰测试粉体有限公司", usccOf(t, "91360825MA0000044"), "企业", "永丰县", "", ""}}
	for _, a := range []market.Actor{d.owner, d.Person("登记", market.Registrar), d.Person("审计", market.Auditor)} {
		_, err := d.Service.CheckImport(d.ctx, a, service.ImportFile{Kind: market.KindOrg, Name: "单位.csv", Data: list(t, rows...)})
		wantKind(t, err, market.Denied)
	}
	imp := d.bring(t, local, market.KindOrg, rows...)
	if imp.RowsTotal != 7 || imp.RowsValid != 2 || imp.RowsSame != 2 || imp.RowsSimilar != 1 || imp.RowsBad() != 2 {
		t.Fatalf("checked as %+v: %+v", imp, d.rows(t, imp.ID))
	}
	for i, want := range map[int]string{2: "不在您办理的县区", 3: "校验位"} {
		if p := d.rows(t, imp.ID)[i].Problems; len(p) != 1 || !strings.Contains(p[0].Message, want) {
			t.Errorf("row %d: %+v, want %s", i, p, want)
		}
	}
	for _, a := range []market.Actor{away, d.owner} {
		_, err := d.Store.OwnImport(d.ctx, a, imp.ID)
		wantKind(t, err, market.NotFound)
		wantKind(t, d.Service.AcceptImport(d.ctx, a, imp.ID, service.AcceptOptions{}), market.NotFound)
	}
	d.run(t, local, imp.ID, service.AcceptOptions{Similar: true, Submit: true})
	orgs := map[string]int64{}
	for _, row := range d.rows(t, imp.ID) {
		if row.ListingID != nil {
			orgs[row.Title] = *row.ListingID
		}
	}
	if len(orgs) != 2 || d.count(t, `SELECT count(*) FROM orgs WHERE import_id = $1 AND state = 'unverified'`, imp.ID) != 3 {
		t.Fatalf("written: %v", orgs)
	}
	id := orgs["永丰测试钙业有限公司"]
	for a, sees := range map[*market.Actor]bool{{}: false, &d.owner: false, &away: false, &local: true, &d.reviewer: true} {
		if _, err := d.Store.Org(d.ctx, *a, id); (err == nil) != sees {
			t.Errorf("%s sees it: %v", a.UserName, err)
		}
	}
	if n := d.count(t, `SELECT count(*) FROM notices WHERE user_id = $1 AND title LIKE '批量导入完成：写入 3 家单位%'`, local.UserID); n != 1 {
		t.Errorf("%d notices to who brought it", n)
	}
	founder := d.Person("新来的")
	got, err := d.Service.CreateOrg(d.ctx, founder, market.Org{Name: "永丰测试钙业有限公司", USCC: market.USCC(fresh), Type: market.Enterprise, Region: "360825", About: "自己写的"}, "")
	must(t, err)
	claimed, err := d.Store.Org(d.ctx, d.Again(founder), got)
	must(t, err)
	if got != id || claimed.State != market.OrgPending || claimed.About != "自己写的" || d.Again(founder).Role != market.Owner {
		t.Errorf("registered as %d, want %d: %+v", got, id, claimed)
	}
	removed, kept, err := d.Service.UndoImport(d.ctx, local, imp.ID)
	must(t, err)
	if removed != 2 || kept != 1 || d.count(t, `SELECT count(*) FROM orgs WHERE import_id = $1`, imp.ID) != 1 {
		t.Errorf("undone: removed %d, kept %d", removed, kept)
	}
}

// TestImportExperts: a university brings its own experts, the bureau those of others; only who has agreed becomes public.
func TestImportExperts(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	firm := d.Org("永丰某厂有限公司", market.Enterprise, "360825")
	rows := [][]string{{"姓名", "工作单位", "技术职称", "领域", "研究方向", "联系电话", "邮箱", "同意公开日期", "同意公开联系方式"},
		{"谢启明", "材料学院", "教授", "碳酸钙先进材料、前沿先进材料", "碳酸钙湿法研磨", "07968220001", "Xie@Example.com", "2026年5月6日", "2026/5/6"},
		{"刘文静", "材料学院", "教授", "碳酸钙先进材料", "碳酸钙湿法研磨", "", "", "", ""},
		{"李没写专长", "材料学院", "", "碳酸钙先进材料", "", "", "", "20260506", ""},
		{"王明天", "材料学院", "", "碳酸钙先进材料", "湿法研磨工艺", "", "", "2027-01-01", ""},
		{"谢启明", "材料学院", "教授", "碳酸钙先进材料", "又一次", "", "", "", ""}}
	_, err := d.Service.CheckImport(d.ctx, firm, service.ImportFile{Kind: market.KindExpert, Name: "专家.csv", Data: list(t, rows...)})
	wantKind(t, err, market.Denied)
	imp := d.bring(t, d.owner, market.KindExpert, rows...)
	if imp.RowsValid != 3 || imp.RowsSame != 1 || imp.RowsBad() != 1 {
		t.Fatalf("checked as %+v: %+v", imp, d.rows(t, imp.ID))
	}
	viewer := d.Member(d.owner, "只读", market.Viewer)
	wantKind(t, d.Service.AcceptImport(d.ctx, viewer, imp.ID, service.AcceptOptions{}), market.Denied)
	_, err = d.Store.OwnImport(d.ctx, d.reviewer, imp.ID)
	wantKind(t, err, market.NotFound)
	d.run(t, d.owner, imp.ID, service.AcceptOptions{Submit: true})
	found, total, err := d.Store.Experts(d.ctx, store.Directory{}, store.PageSlice(1, 20))
	must(t, err)
	if total != 1 || found[0].Name != "谢启明" || found[0].OrgID != d.owner.OrgID || found[0].OrgName != "赣江理工大学（测试）" || found[0].Phone != "07968220001" ||
		found[0].Email != "xie@example.com" || len(found[0].Fields) != 2 || found[0].ConsentBy != market.ConsentPaper || found[0].Region != "360802" {
		t.Errorf("public are %+v", found)
	}
	if kept, n, err := d.Store.KeptExperts(d.ctx, d.owner, market.ExpertDraft, "", store.PageSlice(1, 20)); err != nil || n != 2 {
		t.Errorf("not public are %+v, %v", kept, err)
	}

	bureau := d.bring(t, d.reviewer, market.KindExpert, []string{"姓名", "单位", "领域", "专长", "所在地", "同意公开"},
		[]string{"谢启明", "赣江理工大学（测试）", "碳酸钙先进材料", "碳酸钙湿法研磨", "吉州区", "2026-05-06"},
		[]string{"谢启明", "永丰县碳酸钙产业协会", "碳酸钙先进材料", "碳酸钙湿法研磨", "永丰县", "2026-05-06"},
		[]string{"聂恩光", "赣江理工大学（测试）", "碳酸钙先进材料", "碳酸钙湿法研磨", "吉州区", ""},
		[]string{"没写单位", "", "碳酸钙先进材料", "碳酸钙湿法研磨", "永丰县", ""})
	if bureau.RowsValid != 1 || bureau.RowsSame != 1 || bureau.RowsSimilar != 1 || bureau.RowsBad() != 1 {
		t.Fatalf("checked as %+v: %+v", bureau, d.rows(t, bureau.ID))
	}
	d.run(t, d.reviewer, bureau.ID, service.AcceptOptions{Submit: true, Similar: true})
	if n := d.count(t, `SELECT count(*) FROM experts WHERE name = '聂恩光' AND org_id = $1 AND org_name = ''`, d.owner.OrgID); n != 1 {
		t.Error("an expert of a verified university is not the university's")
	}
	if _, total, err := d.Store.Experts(d.ctx, store.Directory{}, store.PageSlice(1, 20)); err != nil || total != 2 {
		t.Errorf("%d are public, want 2: %v", total, err)
	}
	removed, kept, err := d.Service.UndoImport(d.ctx, d.owner, imp.ID)
	must(t, err)
	if removed != 3 || kept != 0 {
		t.Errorf("undone: removed %d, kept %d", removed, kept)
	}
	if d.Audits(market.ExpertCreate, imp.ID, "done") != 1 {
		t.Error("the writing left no trace")
	}
}
