package server

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
)

// rewardValues is a programme for buyers of this year, as the form sends it.
func rewardValues(change ...string) url.Values {
	year := market.DateOf(time.Now()).Year()
	form := url.Values{"name": {"引进技术补助"}, "party": {"buyer"}, "base": {"tech"}, "percent": {"2.5"}, "contract_cap": {"2"}, "contract_cap_unit": {"万元"}, "year_cap": {"3"}, "year_cap_unit": {"万元"},
		"least": {"0.01"}, "least_unit": {"万元"}, "kinds": {"D"}, "conditions": {"unrelated"}, "from": {fmt.Sprintf("%d-01-01", year)}, "to": {fmt.Sprintf("%d-12-31", year)},
		"basis": {"吉市府办字〔2026〕1 号"}, "why": {"按文件设立"}}
	for i := 0; i < len(change); i += 2 {
		form[change[i]] = strings.Fields(change[i+1])
	}
	return form
}

// rewardBody is the same for the API.
func rewardBody() map[string]any {
	year := market.DateOf(time.Now()).Year()
	return map[string]any{"name": "引进技术补助", "party": "buyer", "base": "tech", "percent": "2.5", "contract_cap": "20000", "year_cap": 30000, "kinds": []string{"D"}, "conditions": []string{"unrelated"},
		"from": fmt.Sprintf("%d-01-01", year), "to": fmt.Sprintf("%d-12-31", year), "basis": "吉市府办字〔2026〕1 号", "why": "按文件设立"}
}

// rewardProgramme sets a programme up and returns its number.
func (w *mxWorld) rewardProgramme() int64 {
	w.t.Helper()
	year := w.Service.Today().Year()
	id, err := w.Service.CreateReward(w.t.Context(), w.person("statistician").actor, market.RewardProgramme{Name: "引进技术补助", Party: "buyer", Base: "tech", Percent: decimal.NewFromInt(2),
		From: time.Date(year, 1, 1, 0, 0, 0, 0, market.Shanghai), To: time.Date(year, 12, 31, 0, 0, 0, 0, market.Shanghai), Basis: "文件", Why: "设立"}, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// TestRewards: a programme is set up and changed; what it gives stands on its page, in its files and on the contracts' pages,
// the same everywhere; a party reads its own side alone; no version is ever changed.
func TestRewards(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner, firm := s.newOrg(market.University, market.OrgVerified), s.newOrg(market.Enterprise, market.OrgVerified)
	seller, desk, counter := s.as(owner), s.as(s.newUser(market.Registrar)), s.as(s.newUser(market.Statistician))
	var code string
	if err := s.Store.DB().QueryRow(`SELECT uscc FROM orgs WHERE id = $1`, firm.OrgID).Scan(&code); err != nil {
		t.Fatal(err)
	}
	day := market.DateOf(time.Now())
	ofFirm := map[string]string{"buyer_uscc": code, "buyer_region": "360825", "buyer_name": firm.OrgName}
	first := s.registerOn(seller, desk, "研磨助剂一期", ofFirm, day)  // 1,174,000 of technology
	second := s.registerOn(seller, desk, "研磨助剂二期", ofFirm, day) // has what the year leaves
	gone := s.registerOn(seller, desk, "研磨助剂三期", ofFirm, day)
	s.registerOn(seller, desk, "卖到市外的", nil, day) // its buyer is not of the city
	wantStatus(t, "revoke", desk.post(gone+"/revoke", url.Values{"ground": {"X03"}, "benefits": {"none"}, "note": {"重复登记"}}), 303)

	made := counter.post("/bureau/rewards", rewardValues())
	if made.status != 303 {
		t.Fatalf("set up: status %d, %s", made.status, made.page(t).Find(".mk-summary").Text())
	}
	words := func(got answer) string { return strings.Join(strings.Fields(got.page(t).Find("main").Text()), "") }
	text := words(counter.get(made.location))
	for _, want := range []string{"3.00万元", "合30,000.00元", "超过单份上限，取20,000.00元", "本年已算20,000.00元，上限30,000.00元，余10,000.00元", "已达单位年度上限", "计入2不计入1", "第1版"} {
		if !strings.Contains(text, want) {
			t.Errorf("the programme's page has no %q: %s", want, text)
		}
	}
	if text := words(counter.get(made.location + "?out=1")); !strings.Contains(text, "研磨助剂三期") || !strings.Contains(text, "合同已撤销") || strings.Contains(text, "卖到市外的") {
		t.Errorf("what does not count: %s", text)
	}

	// The files add up to the same.
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(counter.get(made.location+"/rewards.csv").body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 5 || rows[4][12] != "30000.00" || rows[1][12] != "20000.00" || rows[2][12] != "10000.00" || rows[3][12] != "0.00" || rows[4][11] != "2348000.00" {
		t.Errorf("CSV %v: %v", rows, err)
	}
	book, err := excelize.OpenReader(strings.NewReader(counter.get(made.location + "/rewards.xlsx").body))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{"按单位合计!E2": "30,000.00", "按单位合计!E3": "30,000.00", "明细!K5": "30,000.00", "明细!K3": "10,000.00"} {
		sheet, at, _ := strings.Cut(cell, "!")
		if got, err := book.GetCellValue(sheet, at); err != nil || got != want {
			t.Errorf("%s is %q, %v", cell, got, err)
		}
	}
	if n := s.audits(market.RewardExport); n != 2 {
		t.Errorf("%d exports are in the audit", n)
	}

	// The contract's page: the buyer and the desk read the working, the seller is given nothing.
	buyer := s.as(firm)
	for who, c := range map[string]*client{"buyer": buyer, "desk": desk} {
		if text := words(c.get(second)); !strings.Contains(text, "测算10,000.00元") || !strings.Contains(text, "1,174,000.00×2.5%=29,350.00元") || !strings.Contains(text, "不发放") {
			t.Errorf("the %s reads %s", who, text)
		}
	}
	if text := words(seller.get(second)); strings.Contains(text, "奖补测算") {
		t.Error("the seller reads the buyer's rewards")
	}
	if text := words(s.as(s.newOfficer("360825")).get(first)); strings.Contains(text, "奖补测算") {
		t.Error("an officer of a county reads rewards")
	}
	call := s.caller(firm)
	call.get(first+"/rewards").is("items.0.reward.amount", "20000.00", "items.0.programme.percent", "2.5", "items.0.reward.steps.2.label", "单份上限")
	s.caller(owner).get(first+"/rewards").is("items", []any{})

	// Another version; the one before stays, and may be looked at.
	changed := rewardValues("percent", "1", "contract_cap", "", "year_cap", "", "why", "比例调低")
	changed.Set("version", "1")
	wantStatus(t, "change", counter.post(made.location, changed), 303)
	stale := counter.post(made.location, changed)
	if stale.status != 409 || !strings.Contains(stale.body, "别人改过这个方案") || stale.page(t).Find("#percent").AttrOr("value", "") != "1" {
		t.Errorf("a stale form: status %d", stale.status)
	}
	if text := words(counter.get(made.location)); !strings.Contains(text, "合23,480.00元") || !strings.Contains(text, "比例调低") || !strings.Contains(text, "按文件设立") {
		t.Errorf("the second version: %s", text)
	}
	if text := words(counter.get(made.location + "?version=1")); !strings.Contains(text, "按第1版的规则测算") || !strings.Contains(text, "合30,000.00元") {
		t.Errorf("by the first version: %s", text)
	}
	if _, err := s.Store.DB().Exec(`UPDATE reward_versions SET percent = 3`); err == nil {
		t.Error("a version can be changed afterwards")
	}
	if n := s.audits(market.RewardSet); n != 2 {
		t.Errorf("%d changes are in the audit", n)
	}
	list := s.caller(s.newUser(market.Auditor)).get(strings.Replace(made.location, "/bureau", "", 1) + "/contracts?per_page=2&page=2")
	list.is("total", 3, "items.0.title", "研磨助剂三期", "items.0.excluded", "合同已撤销", "items.0.amount", "0.00")
}

// TestRewardAPI: programmes are set up, changed and read as on the pages.
func TestRewardAPI(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	counter := s.caller(s.newUser(market.Statistician))
	id := counter.create("/rewards", rewardBody(), "Idempotency-Key", "once")
	if again := counter.create("/rewards", rewardBody(), "Idempotency-Key", "once"); again != id {
		t.Errorf("posted twice it makes %d and %d", id, again)
	}
	counter.get("/rewards").is("items.0.rule", "市内买方按技术交易额的 2.5% 计算；单份不超过 2.00\u00a0万元；同一单位每年不超过 3.00\u00a0万元；只限技术开发合同；双方有关联关系的不计")
	body := rewardBody()
	body["version"], body["percent"], body["why"] = 1, 3.25, "提高"
	counter.act(path("rewards", id), body).is("version", 2, "percent", "3.25", "versions.1.percent", "2.5", "total.amount", "0.00", "parties", []any{})
	counter.want(409, "POST", path("rewards", id), body)
	body["version"] = 2
	for field, value := range map[string]any{"percent": "1e9", "kinds": []string{"X"}, "conditions": []string{"free"}, "from": "昨天", "least": "-1", "party": "state", "why": ""} {
		wrong := jsonObject{}
		for k, v := range body {
			wrong[k] = v
		}
		wrong[field] = value
		counter.refused("POST", path("rewards", id), wrong, field, "")
	}
	counter.get(path("rewards", id, "contracts")+"?per_page=5").is("items", []any{}, "total", 0, "per_page", 5)
	counter.refused("GET", path("rewards", id)+"?year=1999", nil, "year", "没有这一年")
}
