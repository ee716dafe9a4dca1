package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/shopspring/decimal"

	"techmarket/internal/chromium"
	"techmarket/internal/market"
	"techmarket/internal/service"
)

const journeyPassword = "一句话当密码 2026"

// TestJourneyFromNeedToTurnover drives the whole main job in a browser, as five roles on a fresh database: a firm and a
// university register, confirm their address by the mail they get, are verified and post; both are found and matched; they talk, agree and draw up a contract; the
// bureau registers it; and the turnover is higher by exactly its amount.
func TestJourneyFromNeedToTurnover(t *testing.T) {
	t.Parallel()
	m := startMarket(t, false)
	chrome := newChrome(t)
	m.staff(t, "reviewer@market.test", market.Reviewer)
	m.staff(t, "registrar@market.test", market.Registrar)
	before := m.turnover(t)

	firm := chrome.tab(t, m.url)
	firm.register("firm@firm.test", "曾晓雯")
	firm.confirm(m, "firm@firm.test")
	firm.newOrg("永丰试验钙业有限公司", "enterprise", "91360825MA35TQ001", "360825", "150")
	school := chrome.tab(t, m.url)
	school.register("school@school.test", "周启明")
	school.confirm(m, "school@school.test")
	school.newOrg("吉安试验理工大学", "university", "12360800410277001", "360802", "022")

	reviewer := chrome.tab(t, m.url)
	reviewer.firstSignIn("reviewer@market.test")
	for range 2 {
		reviewer.passNext("通过核验")
	}

	firm.open("/needs/new")
	firm.fill(fields{"submarket": "materials"}) // first: it decides which fields are offered
	firm.fill(fields{"title": "重质碳酸钙湿法研磨细度提高到 D97 2.5 μm", "fields": "calcium",
		"problem": "两级搅拌磨湿法生产重质碳酸钙浆料，D97 停在 4.8 μm，再磨黏度急升、电耗过高，已试过换介质和两种分散剂，仍不稳定。",
		"modes":   "entrust", "budget": "150", "deadline": market.DateOf(time.Now()).AddDate(0, 6, 0).Format(time.DateOnly), "secrecy": "1",
		"indicators.name": "粒径 D97", "indicators.now": "4.8", "indicators.target": "≤ 2.5", "indicators.unit": "μm", "indicators.method": "激光粒度仪"})
	firm.press("提交审核")
	school.open("/results/new")
	school.fill(fields{"submarket": "materials"}) // first: it decides which fields are offered
	school.fill(fields{"title": "超细重质碳酸钙湿法研磨用梳形分散剂", "fields": "calcium",
		"summary": "用于重质碳酸钙湿法超细研磨的梳形共聚物分散剂，固含量 75% 的浆料黏度低，研磨到 D97 2.3 μm 仍可泵送。",
		"problem": "重质碳酸钙湿法研磨到细粒级时浆料黏度急升、电耗过高。", "advantage": "与聚丙烯酸钠相比黏度降低一半，吨电耗下降 18%。",
		"economics": "吨浆料分散剂成本增加 9 元，电费减少 26 元。", "stage": "pilot", "modes": "entrust", "price_method": "negotiated", "secrecy": "1"})
	school.press("提交审核")
	for range 2 {
		reviewer.passNext("通过，公开")
	}

	visitor := chrome.tab(t, m.url)
	visitor.eventually("/search?q=重钙", "重质碳酸钙湿法研磨细度")
	visitor.eventually("/search?q=分散剂&kind=result", "梳形分散剂")
	visitor.eventually("/needs", "永丰试验钙业有限公司")

	school.eventually("/work/matches", "重质碳酸钙湿法研磨细度")
	school.follow("发起对接")
	school.fill(fields{"body": "我们的分散剂在 50 L 搅拌磨上做到 D97 2.3 μm，想了解贵司进料粒径和单机容积。"})
	school.press("发起对接")
	inquiry := school.path()

	firm.open("/inquiries")
	firm.open(inquiry)
	firm.fill(fields{"answer": "interested", "body": "进料 D97 45 μm，1500 L 搅拌磨 3 台串联，可以安排取样。"})
	firm.press("发送答复")
	school.open(inquiry)
	school.unfold()
	school.fill(fields{"kind": "D1", "indicators": "D97 ≤ 2.5 μm，激光粒度仪", "period": "合同生效起 10 个月", "price": "126",
		"payment": "签约 30%，中试合格 40%，验收 30%", "acceptance": "连续 72 h 取样合格；成果双方共有"})
	school.press("提出条件")
	firm.open(inquiry)
	firm.pressLike("同意", "合作方式")
	firm.unfold()
	firm.press("确认达成")

	school.open(inquiry)
	school.follow("起草合同")
	school.goByStep()
	today := time.Now().In(market.Shanghai)
	school.fill(fields{"tech_field": "materials", "ip_type": "secret", "payment_mode": "instalments", "signed_on": today.AddDate(0, 0, -2).Format(time.DateOnly),
		"starts_on": today.AddDate(0, 0, -1).Format(time.DateOnly), "ends_on": today.AddDate(1, 0, 0).Format(time.DateOnly),
		"deductions.kind": "equipment", "deductions.name": "取样设备 1 套", "deductions.amount": "8.6", "economic_goal": "industry",
		"instalments.milestone": "验收合格后", "instalments.amount": "126", "seller_industry": "83", "seller_legal_rep": "梁述平", "seller_address": "学苑路 28 号", "seller_phone": "0796-8224217",
		"buyer_scale": "medium", "buyer_industry": "30", "buyer_legal_rep": "白石岭", "buyer_address": "科技路 1 号", "buyer_phone": "0796-8816035"})
	school.press("保存草稿")
	contract := school.path()
	school.pressLike("提交", "")

	registrar := chrome.tab(t, m.url)
	registrar.firstSignIn("registrar@market.test")
	registrar.open("/registry")
	registrar.open(contract)
	registrar.press("受理")
	registrar.press("初审通过")
	registrar.open(contract)
	registrar.fill(fields{"number": fmt.Sprintf("%d360800000117", today.Year()), "registered_on": today.Format(time.DateOnly)})
	registrar.press("确认登记")

	if got, want := m.turnover(t).Sub(before), decimal.RequireFromString("1260000"); !got.Equal(want) {
		t.Errorf("the turnover grew by %s yuan, want %s", got, want)
	}
	visitor.eventually("/turnover", "126.00")
}

// goByStep goes through the form of a contract on a phone: it shows one step at a time, keeps what was typed, says which are
// filled in, opens the step of what is wrong, and leaves nothing out on paper.
func (b *tab) goByStep() {
	b.t.Helper()
	want := func(what, steps, marks string) {
		b.t.Helper()
		const shown = `[...document.querySelectorAll("[data-step]")].filter(e => e.offsetParent).map(e => e.id.slice(5)).join(" ")`
		const marked = `[...document.querySelectorAll(".mk-steps li")].map(e => e.className || "open").join(" ")`
		b.until(fmt.Sprintf("%s: the steps %s, marked %s", what, steps, marks), shown+` + "|" + `+marked+` === "`+steps+"|"+marks+`" ? "yes" : ""`)
		if wide := b.eval(overflowScript); wide != "" {
			b.t.Errorf("%s: %s", what, wide)
		}
	}
	link := func(words string) { b.do("the link "+words, chromedp.Click(`//main//a[contains(., "`+words+`")]`)) }
	b.do("a phone", chromedp.EmulateViewport(390, 844))
	want("at first", "subject", "open done open open open")
	b.asksForLicenceMode()
	b.fill(fields{"title": "重质碳酸钙湿法研磨分散剂委托开发"})
	link("下一步：当事人")
	want("after the first", "parties", "open done open open open")
	link("签订与有效期")
	b.fill(fields{"signed_on": "2026-01-05", "starts_on": "2026-01-05", "ends_on": "2027-01-05"})
	want("with dates", "dates", "open done open open done")
	medium := func(name string) {
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name}); err != nil {
			b.t.Fatal(err)
		}
	}
	medium("print")
	want("on paper", "subject parties details money dates", "open done open open done")
	medium("")
	b.pressTooEarly("保存草稿")
	want("what is wrong", "money", "open done open fault done")
	link("上一步")
	want("back", "details", "open done open fault done")
	link("请选择支付方式")
	want("what is wrong, from elsewhere", "money", "open done open fault done")
	if at := b.eval(`document.activeElement.name`); at != "payment_mode" {
		b.t.Errorf("the summary leads to %q", at)
	}
	if got := b.eval(`document.querySelector("[name=title]").value`); got != "重质碳酸钙湿法研磨分散剂委托开发" {
		b.t.Errorf("on the way the title became %q", got)
	}
	b.do("a desktop", chromedp.EmulateViewport(1280, 900))
}

// asksForLicenceMode chooses a kind of licence, of which alone the 许可方式 is asked for, and goes back to the kind before.
func (b *tab) asksForLicenceMode() {
	b.t.Helper()
	choose := func(kind, asked string) {
		b.until("kind "+kind+", with a licence mode "+asked, `(() => {
			const select = document.querySelector("[name=kind]"), mode = document.querySelector("[name=licence_mode]");
			select.value = "`+kind+`";
			select.dispatchEvent(new Event("change", {bubbles: true}));
			return String(Boolean(mode.offsetParent) && !mode.disabled) === "`+asked+`" ? "yes" : "";
		})()`)
	}
	before := b.eval(`document.querySelector("[name=kind]").value`)
	choose("L1", "true")
	choose(before, "false")
}

// staff makes an account with a duty.
func (r *running) staff(t *testing.T, email string, duty market.Duty) {
	t.Helper()
	_, err := r.service.CreateUser(t.Context(), market.Actor{Via: market.ViaCLI}, service.NewUser{Email: email, Name: "工作人员", Password: journeyPassword, Duties: []market.Duty{duty}, Initial: true})
	if err != nil {
		t.Fatal(err)
	}
}

// firstSignIn is the first day of a member of the staff: a password of their own, the second factor, the policies.
func (b *tab) firstSignIn(email string) {
	b.t.Helper()
	b.signIn(email)
	b.fill(fields{"old_password": journeyPassword, "password": journeyPassword + "，我自己的"})
	b.press("修改密码")
	code, err := service.CodeAt(strings.ReplaceAll(b.eval(`document.querySelector(".mk-setup .mk-secret").innerText`), " ", ""), time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	b.fill(fields{"code": code})
	b.press("开启两步验证")
	b.follow("已保存，继续")
	b.fill(fields{"agreed": "1"})
	b.press("同意，继续")
}

// turnover is this year's figure as the public API gives it.
func (r *running) turnover(t *testing.T) decimal.Decimal {
	t.Helper()
	status, body := r.browser(t).get("/api/v1/turnover")
	var out struct {
		Amount decimal.Decimal `json:"amount"`
	}
	if err := json.Unmarshal([]byte(body), &out); status != 200 || err != nil {
		t.Fatalf("turnover: status %d, %v", status, err)
	}
	return out.Amount
}

// chrome is a running Chromium.
type chrome struct{ allocator context.Context }

// newChrome starts Chromium; without it the test is skipped, and says so.
func newChrome(t *testing.T) *chrome {
	t.Helper()
	allocator, stop, err := chromium.Start(context.Background(), chromedp.WindowSize(1280, 900))
	if errors.Is(err, chromium.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return &chrome{allocator}
}

// tab is one person's own browser.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
}

func (c *chrome) tab(t *testing.T, base string) *tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(c.allocator)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return &tab{t, ctx, base}
}

const stepTime = 30 * time.Second

func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, stepTime)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v\n%s", what, err, b.text())
	}
}

func (b *tab) eval(js string) string {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, stepTime)
	defer stop()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[string](js))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return out
}

// evalAsync is eval for a script that answers with a promise.
func (b *tab) evalAsync(js string) string {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, stepTime)
	defer stop()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return out
}

// text is what the page says, for the message of a failure.
func (b *tab) text() string {
	ctx, stop := context.WithTimeout(b.ctx, 5*time.Second)
	defer stop()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + "\n" + document.querySelector("main").innerText`))
	return errors.Join(err, errors.New(out)).Error()
}

func (b *tab) open(path string) {
	b.t.Helper()
	b.do("open "+path, chromedp.Navigate(b.base+path), chromedp.WaitReady("main"))
}

func (b *tab) path() string { return b.eval(`location.pathname`) }

// fields are form values by name. A box or radio is ticked where its value is the one given; of repeated names the first
// is filled.
type fields map[string]string

const fillScript = `(values => {
  for (const [name, value] of Object.entries(values)) {
    const all = [...document.querySelectorAll('main [name="' + name + '"]')].filter(e => e.type !== "hidden");
    if (!all.length) return "no field " + name;
    const first = all[0];
    if (first.type === "radio" || first.type === "checkbox") {
      const box = all.find(e => e.value === value);
      if (!box) return "no choice " + name + "=" + value;
      if (!box.checked) box.click();
      continue;
    }
    first.value = value;
    if (first.value !== value) return "cannot set " + name + "=" + value;
    first.dispatchEvent(new Event("input", {bubbles: true}));
    first.dispatchEvent(new Event("change", {bubbles: true}));
  }
  return "";
})(%s)`

func (b *tab) fill(values fields) {
	b.t.Helper()
	data, err := json.Marshal(values)
	if err != nil {
		b.t.Fatal(err)
	}
	if wrong := b.eval(fmt.Sprintf(fillScript, data)); wrong != "" {
		b.t.Fatalf("%s\n%s", wrong, b.text())
	}
}

// press clicks the button of that name and waits for the page that answers.
func (b *tab) press(name string) {
	b.t.Helper()
	b.click(`//main//button[normalize-space()="` + name + `"]`)
}

// pressLike clicks the first button whose name begins so and holds the other word.
func (b *tab) pressLike(begins, holds string) {
	b.t.Helper()
	b.click(`(//main//button[starts-with(normalize-space(), "` + begins + `") and contains(., "` + holds + `")])[1]`)
}

// follow clicks the first link of that name.
func (b *tab) follow(name string) {
	b.t.Helper()
	b.click(`(//main//a[normalize-space()="` + name + `"])[1]`)
}

// unfold opens everything that is folded away.
func (b *tab) unfold() {
	b.t.Helper()
	b.eval(`document.querySelectorAll("main details").forEach(d => { d.open = true }), ""`)
}

// pressTooEarly clicks a button whose form is not complete.
func (b *tab) pressTooEarly(name string) {
	b.t.Helper()
	b.answer(`//main//button[normalize-space()="` + name + `"]`)
}

func (b *tab) click(xpath string) {
	b.t.Helper()
	b.answer(xpath)
	if problems := b.eval(`[...document.querySelectorAll(".mk-summary")].map(e => e.innerText).join("\n")`); problems != "" {
		b.t.Fatalf("%s was not accepted:\n%s", xpath, b.text())
	}
}

// answer clicks and waits for the page that answers.
func (b *tab) answer(xpath string) {
	b.t.Helper()
	b.eval(`window.before = true, ""`)
	b.do("click "+xpath, chromedp.Click(xpath))
	b.until("the answer to "+xpath, `(!window.before && document.readyState === "complete") ? "yes" : ""`)
}

// until asks the page again and again until the script gives a word; the page may be changing under it.
func (b *tab) until(what, js string) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, stepTime)
	defer stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if out, err := chromedp.Run(ctx, chromedp.Evaluate[string](js)); err == nil && out != "" {
			return
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("%s did not come\n%s", what, b.text())
		case <-again.C:
		}
	}
}

// eventually opens the page until it says the words: index and matches follow a change within moments.
func (b *tab) eventually(path, words string) {
	b.t.Helper()
	again := time.NewTicker(200 * time.Millisecond) // a page costs more than what it waits for
	defer again.Stop()
	for deadline := time.Now().Add(stepTime); ; <-again.C {
		b.open(path)
		if strings.Contains(b.text(), words) {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s never said %q:\n%s", path, words, b.text())
		}
	}
}

func (b *tab) register(email, name string) {
	b.t.Helper()
	b.open("/register")
	b.fill(fields{"email": email, "name": name, "password": journeyPassword, "agreed": "1"})
	b.press("注册，去登记单位")
}

// confirm follows the link of the mail that the address got.
func (b *tab) confirm(m *running, email string) {
	b.t.Helper()
	b.open(m.linkInMail(b.t, email))
	b.press("确认邮箱")
}

func (b *tab) signIn(email string) {
	b.t.Helper()
	b.open("/login")
	b.fill(fields{"email": email, "password": journeyPassword})
	b.press("登录")
}

// newOrg registers an organisation; body is its code without the check character.
func (b *tab) newOrg(name, kind, body, county, partyType string) {
	b.t.Helper()
	code, err := market.MakeUSCC(body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.open("/org/new")
	b.fill(fields{"type": kind, "uscc": string(code), "name": name, "region": county, "party_type": partyType})
	b.press("提交核验")
}

// passNext opens the first item of the review queue, ticks the whole check list and passes it.
func (b *tab) passNext(button string) {
	b.t.Helper()
	b.open("/review")
	b.click(`(//main//a[contains(@href, "/review/orgs/") or contains(@href, "/review/listings/")])[1]`)
	b.eval(`document.querySelectorAll('main input[name^="check."][value="yes"]').forEach(i => i.click()), ""`)
	b.eval(`document.querySelectorAll('main input[name="choice"]').forEach((i, n) => { if (n === 0) i.click() }), ""`)
	b.press(button)
}
