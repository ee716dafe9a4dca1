package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"techmarket/internal/market"
	"techmarket/internal/worldtest"
)

// TestJourneysOfTheDesk drives two days at the bureau in a browser. The registrar's morning: from the queue to a contract with a
// signal, which is answered and goes to a second person; one is refused, one is registered, with the number that the national export
// has for it. The statistician's month end: last month is reconciled with the export and closed, its snapshot taken away and printed.
func TestJourneysOfTheDesk(t *testing.T) {
	t.Parallel()
	today := market.DateOf(time.Now())
	last := market.MonthOf(today).AddDate(0, -1, 0)
	w := worldtest.New(t, last.Year(), last.Month(), 10)
	seller := w.Org("赣江理工大学（测试）", market.University, "360802")
	clerk := w.Person("值班登记员", market.Registrar)
	create := func(c market.Contract, acts ...func(int64) error) int64 {
		t.Helper()
		id, err := w.Service.CreateContract(t.Context(), seller, c, "")
		for _, act := range append([]func(int64) error{func(id int64) error { return w.Service.SubmitContract(t.Context(), seller, id) }}, acts...) {
			if err == nil {
				err = act(id)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	number := w.Number()
	registered := create(w.Contract(420_000), func(id int64) error { return w.Service.AcceptContract(t.Context(), clerk, id) },
		func(id int64) error { return w.Service.RegisterContract(t.Context(), clerk, id, number, w.Now()) })
	w.SetDay(today.Year(), today.Month(), today.Day())
	large := w.Contract(8_600_000)
	large.Related = true
	large.Title = "锂电正极材料连续烧结成套技术开发"
	plain, sent := w.Contract(300_000), w.Contract(560_000)
	plain.Title, sent.Title = "重钙粉体包装线委托运行", "超细重钙分级机改造技术开发"
	toRefuse, toPass, toRegister := create(plain), create(large), create(sent)

	m := startMarketOn(t, map[string]string{"MARKET_DSN": w.DSN}, openEngine)
	chrome := newChrome(t)
	m.staff(t, "first@market.test", market.Registrar)
	m.staff(t, "counter@market.test", market.Statistician)
	folder := t.TempDir()

	counter := chrome.tab(t, m.url)
	counter.firstSignIn("counter@market.test")
	thisMonth := counter.reconcile(folder, today.Format("2006-01"), nationalRow(fmt.Sprintf("%d36080000001234", today.Year())[:16], sent, seller, today))

	first := chrome.tab(t, m.url)
	first.firstSignIn("first@market.test")
	first.open("/registry")
	first.follow(large.Title)
	first.press("受理")
	first.open(fmt.Sprintf("/contracts/%d", toPass))
	if text := first.text(); !strings.Contains(text, "还有 1 条审查提示没有核实") {
		t.Errorf("the signal does not stand in the way: %s", text)
	}
	first.fill(fields{"finding": "clear", "note": "双方为同一集团的两家独立法人，价格经评估，合同真实"})
	first.press("记录核实结果")
	first.press("初审通过，转复审")
	first.open(fmt.Sprintf("/contracts/%d", toRefuse))
	first.press("受理")
	first.open(fmt.Sprintf("/contracts/%d", toRefuse))
	first.unfold()
	first.eval(`(() => { const f = document.querySelector('form[action$="/refuse"]'); f.querySelector("[name=code]").value = "R07"; f.querySelector("[name=note]").value = "内容是设备代运行，没有技术开发"; return ""; })()`)
	first.press("不予登记")
	first.open(fmt.Sprintf("/contracts/%d", toRegister))
	first.press("受理")
	first.open(fmt.Sprintf("/contracts/%d", toRegister))
	first.press("初审通过")
	first.open(thisMonth)
	first.pressLike("登记：编号", "")
	for id, want := range map[int64]string{toPass: "复审中", toRefuse: "不予登记", toRegister: "已登记"} {
		first.open(fmt.Sprintf("/contracts/%d", id))
		if !strings.Contains(first.text(), want) {
			t.Errorf("contract %d is not %s: %s", id, want, first.text())
		}
	}

	before, err := w.Store.Contract(t.Context(), seller, registered)
	if err != nil {
		t.Fatal(err)
	}
	period := counter.reconcile(folder, last.Format("2006-01"), nationalRow(number, before.Contract, seller, *before.RegisteredOn))
	counter.press("关闭本期")
	counter.open("/bureau/month-ends")
	counter.fill(fields{"month": last.Format("2006-01")})
	counter.press("关账")
	end := counter.path()
	if text := counter.text(); !strings.Contains(text, "42.00") {
		t.Errorf("the closed month reads %s", text)
	}
	if book := counter.download(end + "/export.xlsx"); !bytes.HasPrefix(book, []byte("PK")) {
		t.Errorf("the export begins with %q", book[:min(20, len(book))])
	}
	counter.open(period + "/statement")
	if text := counter.text(); !strings.Contains(text, "技术合同登记对账单") || !strings.Contains(text, "42.00") {
		t.Errorf("the statement reads %s", text)
	}
}

// nationalRow is a contract as the national system's export has it.
func nationalRow(number string, c market.Contract, seller market.Actor, registered time.Time) string {
	return strings.Join([]string{number, c.Title, c.TotalAmount.String(), seller.OrgName, c.Buyer.Name, string(c.Buyer.USCC), c.SignedOn.Format(time.DateOnly), registered.Format(time.DateOnly)}, ",")
}

// reconcile brings an export of one row for a period, and is where its comparison stands.
func (b *tab) reconcile(folder, period, row string) string {
	b.t.Helper()
	file := filepath.Join(folder, period+".csv")
	if err := os.WriteFile(file, []byte("登记编号,项目名称,合同成交额（元）,卖方名称,买方名称,买方统一社会信用代码,签订日期,登记日期\n"+row+"\n"), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.open("/bureau/reconciliation")
	b.fill(fields{"period": period})
	b.do("choose the file", chromedp.SetUploadFiles("#file", []string{file}))
	b.press("上传并检查")
	b.press("载入并比对")
	return b.path()
}
