package server

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
)

// nationalList is an export of the national system.
const nationalList = "登记编号,项目名称,合同成交额（元）\n2025360800000001,外地登记的合同,4321\n"

// TestReconciliationPages goes with a statistician from the export to the papers of a closed year: preview, decision at the
// line, letter, close, lists and statement.
func TestReconciliationPages(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	counter := s.as(s.newUser(market.Statistician))
	shows := func(path string, want ...string) {
		t.Helper()
		text := strings.Join(strings.Fields(counter.get(path).page(t).Find("main").Text()), "")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q: %s", path, w, text)
			}
		}
	}
	shows("/bureau/reconciliation", "还没有对过账")
	got := counter.upload("/bureau/reconciliation", url.Values{"period": {"2025"}, "key": {formKey()}}, "导出.csv", nationalList+"12,编号不对,5\n")
	file := got.location
	shows(file, "有问题的行", "3编号不对登记编号12登记编号应为", "2025360800000001外地登记的合同", "认出3列")
	if got = counter.post(file+"/take", url.Values{}); got.status != 303 {
		t.Fatalf("taking: status %d", got.status)
	}
	period := got.location
	shows(period, "导出里有1行有问题", "还有1项没有决定，暂不能关闭", "全国系统1项0.43", "−全国有、本市无1项0.43", "本市0项0.00", "整份合同")
	form := reconcileValues("", mxObject{file: "2025360800000001"})
	form.Set("decide.choice", market.DecideOurs)
	form.Set("decide.reason", "")
	if got = counter.post(period+"/decide", form); got.status != 422 || got.page(t).Find("#decide-0-reason[aria-invalid=true]").Length() != 1 {
		t.Errorf("a decision without a reason: status %d", got.status)
	}
	form.Set("decide.reason", "该合同登记在外地，属误录")
	if got = counter.post(period+"/decide", form); got.status != 303 {
		t.Fatalf("deciding: status %d", got.status)
	}
	shows(period+"?list=decided", "以本市为准", "该合同登记在外地，属误录", "已办结", "收回决定")
	shows(period+"/letter", "关于更正技术合同登记信息的函", "2025360800000001", "该合同登记在外地，属误录")
	shows(period+"/statement", "尚未关闭", "以本市为准")
	calls := s.caller(s.newUser(market.Auditor))
	calls.get("/reconciliations").is("items.0.period", "2025")
	calls.get("/reconciliations/"+period[strings.LastIndex(period, "/")+1:]).is("differences.0.choice", market.DecideOurs, "differences.0.effect", "-4321.00", "theirs.total", "4321.00")
	acts := s.caller(s.newUser(market.Statistician))
	at := "/reconciliations/" + period[strings.LastIndex(period, "/")+1:]
	decided := calls.get(at)
	acts.want(200, "POST", at+"/undo", map[string]any{"decision_id": decided.number("differences.0.decision_id")}).is("differences.0.state", market.DifferenceOpen, "differences.0.decision_id", 0)
	acts.want(409, "POST", at+"/close", nil)
	again := map[string]any{"number": "2025360800000001", "contract_id": 0, "field": market.WholeContract, "ours": "", "theirs": "4321.00", "choice": market.DecideOurs, "reason": ""}
	acts.want(422, "POST", at+"/decide", map[string]any{"decisions": []any{again}})
	again["reason"] = "该合同登记在外地，属误录"
	acts.want(200, "POST", at+"/decide", map[string]any{"decisions": []any{again}}).is("differences.0.choice", market.DecideOurs)
	again["theirs"] = "1.00"
	acts.want(409, "POST", at+"/decide", map[string]any{"decisions": []any{again}})
	calls.get("/retention").is("items.1.months", 120)
	if got = counter.post(period+"/close", url.Values{}); got.status != 303 {
		t.Fatalf("closing: status %d", got.status)
	}
	shows(period, "已关闭", "以后的变动进当月的调整")
	shows(period+"/statement", "2025年技术合同登记对账单", "关闭。合同成交额")
	if got = counter.get(period + "/lists.xlsx"); got.status != 200 || !strings.HasPrefix(got.body, "PK") {
		t.Errorf("the lists: status %d", got.status)
	}
	shows("/bureau/reconciliation", "2025年", "−0.43", "已关闭")
	if n := s.audits(market.ReconcileClose); n != 1 {
		t.Errorf("%d closings are in the audit", n)
	}
}

// nationalTitle is what the national system calls a contract that is to be corrected.
const nationalTitle = "全国系统里的名称"

// period makes a reconciliation that nobody has touched yet, or a file of one: "file" checked and not taken, "open" with a
// contract that only the national system has, "decided" with a decision to confirm or to take back, "letter" with one to
// write about, "pair" with two contracts that could be one of the export, "wait" with one that waits for its number, "correct"
// with one that is to be corrected, "done" with nothing left. file is what its form is about.
func (w *mxWorld) period(state string) mxObject {
	w.t.Helper()
	n := testSerial.Add(1)
	from, to := "1990-01-01", "1990-12-31"
	if state == "wait" || state == "pair" || state == "correct" {
		from, to = "2000-01-01", "2100-12-31" // a contract is registered in the period
	}
	id := w.number(`INSERT INTO reconciliations (period, from_on, to_on, opened_at) VALUES ($1, $2, $3, now()) RETURNING id`, fmt.Sprintf("%d-%02d", 1990+n/12%8000, n%12+1), from, to)
	file := w.number(`INSERT INTO national_files (reconciliation_id, name, sha256, headings, columns, state, taken_at, rows_total, rows_bad, total, user_id, created_at)
		VALUES ($1, '导出.csv', sha256($2::text::bytea), '{登记编号,合同成交额}', '{number,total}', $3::text, CASE WHEN $3 = 'taken' THEN now() END, 1, 0, 4321, $4, now()) RETURNING id`,
		id, fmt.Sprint(n), map[bool]string{true: "checked", false: "taken"}[state == "file"], w.strange.UserID)
	if state == "file" {
		w.addNational(file, "2025360800000001", "{}")
		return mxObject{id: file}
	}
	o := mxObject{id: id, file: fmt.Sprintf("2025%012d", n)}
	switch state {
	case "open", "letter":
		w.addNational(file, o.file, "{}")
	case "wait":
		o.file = fmt.Sprintf("%d%012d", w.Service.Today().Year(), n)
		w.addNational(file, o.file, w.ownTerms(w.contractIn("to_register", fields{"total_amount": 9_000_000 + n})))
	case "pair":
		other := w.contractIn("registered", fields{"total_amount": 9_000_000 + n})
		w.contractIn("registered", fields{"total_amount": 9_000_000 + n})
		w.addNational(file, o.file, w.ownTerms(other))
		o.file = fmt.Sprintf("%s %d", o.file, other)
	}
	switch state {
	case "correct":
		contract := w.contractIn("registered", fields{})
		o.file, o.version = fmt.Sprint(contract), int(w.number(`SELECT version FROM contracts WHERE id = $1`, contract))
		w.exec(`INSERT INTO national_rows (file_id, row, cells, data) SELECT $1, 2, '{}', jsonb_build_object('row', 2, 'number', registration_number, 'title', $3::text, 'total', total_amount, 'tech', NULL)
			FROM contracts WHERE id = $2`, file, contract, nationalTitle)
		w.exec(`INSERT INTO reconciliation_decisions (reconciliation_id, number, contract_id, field, title, ours, theirs, choice, reason, user_id, at)
			SELECT $1, registration_number, id, 'title', title, title, $3, 'national', '核对过原件', $4, now() FROM contracts WHERE id = $2`, id, contract, nationalTitle, w.strange.UserID)
	case "decided":
		o.file = fmt.Sprint(w.decision(id, o.file, "national"))
	case "letter":
		w.decision(id, o.file, "ours")
	}
	return o
}

func (w *mxWorld) decision(period int64, number, choice string) int64 {
	return w.number(`INSERT INTO reconciliation_decisions (reconciliation_id, number, contract_id, field, title, ours, theirs, choice, reason, user_id, at)
		VALUES ($1, $2, 0, 'contract', '外地登记的合同', '', '4321.00', $3, '核对过原件', $4, now()) RETURNING id`, period, number, choice, w.strange.UserID)
}

// addNational adds a row to a file: 4,321 yuan unless the JSON more says something else.
func (w *mxWorld) addNational(file int64, number, more string) {
	w.exec(`INSERT INTO national_rows (file_id, row, cells, data) VALUES ($1, 2, '{}', jsonb_build_object('row', 2, 'number', $2::text, 'title', '外地登记的合同', 'total', '4321', 'tech', NULL) || $3::jsonb)`, file, number, more)
}

// ownTerms are a contract's parties, date and amount as a row has them.
func (w *mxWorld) ownTerms(contract int64) string {
	w.t.Helper()
	var data string
	if err := w.Store.DB().QueryRowContext(w.t.Context(), `SELECT jsonb_build_object('seller_name', seller_name, 'seller_uscc', seller_uscc, 'buyer_name', buyer_name, 'buyer_uscc', buyer_uscc,
		'total', total_amount, 'signed_on', signed_on::text || 'T00:00:00+08:00', 'registered_on', coalesce(registered_on, signed_on)::text || 'T00:00:00+08:00') FROM contracts WHERE id = $1`, contract).Scan(&data); err != nil {
		w.t.Fatal(err)
	}
	return data
}

// reconcileValues is the form of an act on a period.
func reconcileValues(route string, o mxObject) url.Values {
	if strings.HasSuffix(route, "/columns") {
		return url.Values{"column": {"number", "total"}}
	}
	return url.Values{"decision": {o.file}, "match": {o.file}, "list": {market.ListThere}, "page": {"1"}, "decide.number": {o.file}, "decide.contract": {"0"}, "decide.field": {market.WholeContract},
		"decide.ours": {""}, "decide.theirs": {"4321.00"}, "decide.choice": {market.DecideBoth}, "decide.reason": {"该合同登记在外地"}}
}

// reconcileBody is the same for the API.
func reconcileBody(path string, o mxObject) map[string]any {
	number, contract, _ := strings.Cut(o.file, " ")
	switch path[strings.LastIndex(path, "/")+1:] {
	case "decide":
		return map[string]any{"decisions": []map[string]any{{"number": number, "contract_id": 0, "field": market.WholeContract, "ours": "", "theirs": "4321.00",
			"choice": market.DecideBoth, "reason": "该合同登记在外地"}}}
	case "change":
		return map[string]any{"proof": map[string]any{"file_name": "截图.png", "content": ""}}
	case "files":
		return map[string]any{"period": "2024", "file_name": "导出.csv", "content": []byte(nationalList)}
	case "columns":
		return map[string]any{"columns": []string{"number", "total"}}
	case "undo", "confirm":
		return map[string]any{"decision_id": json.Number(o.file)}
	case "pair":
		return map[string]any{"number": number, "contract_id": json.Number(contract)}
	case "register":
		return map[string]any{"number": number}
	}
	return map[string]any{}
}

var biReconcile = []biForm{
	{route: "POST /bureau/reconciliation", as: "statistician", page: "/bureau/reconciliation", fields: map[string]biField{"key": biAny, "file": biAny,
		"period": {{value: "", says: "月份或年份"}, {value: "十月", says: "月份或年份"}, {value: "2999-01", says: "还没有开始"}, {value: biBroken, says: "月份或年份"}, {value: biNumber, says: "月份或年份"}}}},
	{route: "POST /bureau/reconciliation/files/:id/columns", as: "statistician", on: "period file", page: "/bureau/reconciliation/files/:id", again: true, fields: map[string]biField{
		"column": biPlain("从列表中选择", "nothing", biBroken)}},
	{route: "POST /bureau/reconciliation/files/:id/take", as: "statistician", on: "period file", page: "/bureau/reconciliation/files/:id"},
	{route: "POST /bureau/reconciliation/files/:id/discard", as: "statistician", on: "period file", page: "/bureau/reconciliation/files/:id"},
	{route: "POST /bureau/reconciliation/:id/decide", as: "statistician", on: "period open", page: "/bureau/reconciliation/:id", again: true, fields: map[string]biField{
		"list": biAny, "page": biAny, "decide.number": biAny, "decide.contract": biAny, "decide.field": biAny,
		"decide.ours": biAny, "decide.theirs": biAny, "decide.choice": biOne("nothing", "以哪边为准"), "decide.reason": biLine(300).must("请写明依据")}},
	{route: "POST /bureau/reconciliation/:id/undo", as: "statistician", on: "period decided", fields: map[string]biField{"decision": biAny}},
	{route: "POST /bureau/reconciliation/:id/confirm", as: "registrar", on: "period decided", fields: map[string]biField{"decision": biAny}},
	{route: "POST /bureau/reconciliation/:id/pair", as: "statistician", on: "period pair", fields: map[string]biField{"match": biAny}},
	{route: "POST /bureau/reconciliation/:id/register", as: "registrar", on: "period wait", fields: map[string]biField{"match": biAny}},
	{route: "POST /bureau/reconciliation/:id/contracts/:contract/change", as: "registrar", on: "period correct", page: "/bureau/reconciliation/:id/contracts/:contract/change",
		fields: biUnion(biSame(biContract()), map[string]biField{"title": {{value: "", says: "请填写"}, {value: "另一个名称", says: "以全国为准"}}, "key": biAny, "version": biStale(), "contract": biAny, "contract_id": biAny,
			"why": biLine(500).must("请写明")})},
	{route: "POST /bureau/reconciliation/:id/close", as: "statistician", on: "period done", page: "/bureau/reconciliation/:id"},
}

// TestAPINationalExport goes with a statistician's token from the national system's export to a closed period: checked, its
// columns put right, loaded, the four lists, decided and closed.
func TestAPINationalExport(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	year := d.Service.Today().Year() - 1
	signed, registered := fmt.Sprintf("%d-03-03", year), fmt.Sprintf("%d-03-05", year)
	number := func() string { return fmt.Sprintf("%d3608%08d", year, testSerial.Add(1)) }
	body := contractBody().but("signed_on", signed, "starts_on", signed, "ends_on", d.Service.Today().AddDate(1, 0, 0).Format("2006-01-02"))
	same, differs, here, there := number(), number(), number(), number()
	for _, n := range []string{same, differs, here} {
		id := d.newContract(body, "submit", "accept")
		signals := d.registrar.get(path("contracts", id, "signals"))
		for i := range signals.len("items") { // signed long ago, and like one another
			d.registrar.act(path("contracts", id, "signals", signals.text(fmt.Sprintf("items.%d.signal", i))),
				jsonObject{"key": signals.text(fmt.Sprintf("items.%d.key", i)), "finding": market.SignalClear, "note": "核对过合同原件"})
		}
		d.registrar.act(path("contracts", id, "register"), jsonObject{"registration_number": n, "registered_on": registered})
	}
	text := "登记编号,项目名称,款项,登记日期\n" + same + ",重钙超细研磨助剂体系技术开发,1260000.50," + registered + "\n" + differs + ",重钙超细研磨助剂体系技术开发,1260000.05," + registered +
		"\n" + there + ",外地登记的合同,4321," + registered + "\n12,编号不对,5," + registered + "\n"
	export := jsonObject{"period": fmt.Sprint(year), "file_name": "导出.csv", "content": []byte(text)}
	for _, wrong := range []struct {
		body           jsonObject
		field, message string
	}{{export.but("period", "十月"), "period", "月份或年份"}, {export.but("file_name", "导出.doc"), "file", ""}, {export.but("content", "!"), "content", "base64"},
		{export.but("content", []byte("登记编号,项目名称,合同成交额（元）\n")), "file", "没有"}} {
		d.statistician.refused("POST", "/reconciliations/files", wrong.body, wrong.field, wrong.message)
	}
	d.statistician.want(413, "POST", "/reconciliations/files", export.but("content", strings.Repeat("A", 28<<20)))

	key := newKey()
	id := d.statistician.create("/reconciliations/files", export, "Idempotency-Key", key)
	if again := d.statistician.create("/reconciliations/files", export, "Idempotency-Key", key); again != id {
		t.Errorf("the same key made %d and %d", id, again)
	}
	d.statistician.want(200, "POST", "/reconciliations/files", export).is("id", id) // the very same file
	file := fmt.Sprintf("/reconciliations/files/%d", id)
	d.statistician.get(file).is("state", "checked", "rows_total", 4, "rows_valid", 0, "columns.0.as", "number", "columns.2.as", "")
	d.statistician.want(409, "POST", file+"/take", nil)
	d.statistician.refused("POST", file+"/columns", jsonObject{"columns": []string{"nothing"}}, "columns", "从列表中选择")
	d.statistician.act(file+"/columns", jsonObject{"columns": []string{"number", "title", "total", "registered_on"}}).is("rows_valid", 3, "rows_bad", 1, "total_amount", "2524321.55")
	d.auditor.get(file+"/rows?part=problems").is("total", 1, "items.0.row", 5, "items.0.problems.0.field", "number", "items.0.valid", false)
	d.auditor.get(file+"/rows?per_page=1&page=3").is("total", 4, "items.0.number", there, "items.0.total_amount", "4321.00", "items.0.tech_amount", nil, "items.0.registered_on", registered)
	d.auditor.refused("GET", file+"/rows?part=bad", nil, "part", "valid")
	taken := d.statistician.act(file+"/take", nil)
	taken.is("state", "taken")
	d.statistician.want(409, "POST", file+"/discard", nil)

	period := path("reconciliations", taken.number("reconciliation_id"))
	d.auditor.get(period+"/files").is("items.0.id", id, "items.1", nil)
	lists := d.auditor.get(period)
	lists.is("agree", 1, "there.count", 1, "here.count", 1, "differ.count", 1, "differ.total", "0.45", "unsynced.count", 0)
	decisions := map[string]jsonObject{} // by list
	for i := range lists.len("differences") {
		of := func(name string) any { return lists.at(fmt.Sprintf("differences.%d.%s", i, name)) }
		decisions[fmt.Sprint(of("list"))] = jsonObject{"number": of("number"), "contract_id": of("contract_id"), "field": of("field"), "ours": of("ours"), "theirs": of("theirs"),
			"choice": market.DecideNational, "reason": "核对过合同原件"}
	}
	decisions[market.ListThere]["choice"] = market.DecideOurs
	d.statistician.act(period+"/decide", jsonObject{"decisions": []any{decisions[market.ListThere], decisions[market.ListHere], decisions[market.ListDiffer]}})
	d.correct(period, decisions[market.ListDiffer]["contract_id"], decisions[market.ListHere]["contract_id"])
	decisions[market.ListHere]["choice"] = market.DecideOurs
	d.statistician.act(period+"/decide", jsonObject{"decisions": []any{decisions[market.ListHere]}})
	d.statistician.act(period+"/close", nil).is("closed_by", "测试员", "differences.0.state", market.DifferenceSettled, "differ.count", 0, "agree", 2)
	d.statistician.want(409, "POST", "/reconciliations/files", export.but("content", []byte(text+"\n")))
}

// correct has a registrar bring a contract to the national total, which another confirms, and looks at the pages on the way; gone is
// a contract that the national system does not have.
func (d *trade) correct(period string, contract, gone any) {
	d.t.Helper()
	clerk := d.newUser(market.Registrar)
	web, calls := d.as(clerk), d.caller(clerk)
	decided := web.get("/bureau" + strings.Replace(period, "reconciliations", "reconciliation", 1) + "?list=decided").page(d.t)
	at := func(label string) string {
		return decided.Find(`a:contains("`+label+`")`).First().AttrOr("href", "")
	}
	form := web.get(at("按全国更正")).page(d.t)
	if got := form.Find("input[name=total_amount]").AttrOr("value", ""); got != "126.000005" || form.Find(`#h-correction`).Length() != 1 || !strings.Contains(form.Find("textarea[name=why]").Text(), "合同成交额以全国为准") {
		d.t.Errorf("the form for the change has the total %q: %s", got, form.Find("main").Text())
	}
	removal := web.get(at("注销或撤销")).page(d.t)
	if got := removal.Find("#revoke-note").Text(); !strings.Contains(got, "以全国为准") || removal.Find("#h-correction").Length() != 1 || !strings.HasPrefix(at("注销或撤销"), fmt.Sprint("/contracts/", gone, "?")) {
		d.t.Errorf("the reason for the removal is %q", got)
	}
	body := jsonObject{"proof": jsonObject{"file_name": "截图.png", "content": []byte(picture(d.t))}}
	change := fmt.Sprintf("%s/contracts/%v/change", period, contract)
	calls.refused("POST", change, body.but("total_amount", "5000"), "total_amount", "以全国为准")
	proposed := calls.want(201, "POST", change, body)
	proposed.is("amendments.0.state", "second_review", "amendments.0.total_change", "-0.45", "total_amount", "1260000.50")
	calls.want(409, "POST", change, body)
	confirm := fmt.Sprintf("/contracts/%v/amendments/%d/confirm", contract, proposed.number("amendments.0.id"))
	calls.want(403, "POST", confirm, nil)
	d.second.act(confirm, nil).is("total_amount", "1260000.05")
	decided = web.get("/bureau" + strings.Replace(period, "reconciliations", "reconciliation", 1) + "?list=decided").page(d.t)
	if !strings.HasPrefix(at("看更正"), fmt.Sprintf("/contracts/%v/amendments/", contract)) || !strings.Contains(decided.Find("main").Text(), "由更正办结") {
		d.t.Errorf("the difference is not worked off by the change: %s", decided.Find("main").Text())
	}
	statement := web.get("/bureau" + strings.Replace(period, "reconciliations", "reconciliation", 1) + "/statement").page(d.t).Find("article").Text()
	if want := "核对过合同原件；由 " + d.Service.Today().Format(time.DateOnly) + " 提出的变更更正"; strings.Count(statement, want) != 1 {
		d.t.Errorf("the statement does not name the change once: %s", statement)
	}
	now := d.second.get(period)
	for i := range now.len("differences") {
		if line := fmt.Sprintf("differences.%d.", i); now.at(line+"state") == market.DifferenceToConfirm {
			d.second.act(period+"/confirm", jsonObject{"decision_id": now.number(line + "decision_id")})
		}
	}
}
