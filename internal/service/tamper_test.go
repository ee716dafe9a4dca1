package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
)

// TestVerifyNamesTamperedLedger changes the ledger, its chain and the month ends in every way as the superuser, past the
// triggers. Each is found, and the message names the entry or the figure.
func TestVerifyNamesTamperedLedger(t *testing.T) {
	t.Parallel()
	w := newClosed(t)
	for _, c := range []struct{ name, statement, want string }{
		{"nothing", `SELECT 1`, ""},
		{"an amount", `UPDATE ledger_entries SET total_amount = total_amount + 0.01 WHERE id = 2`, "记录 2（链上第 2 条）与封存时不同"},
		{"a date", `UPDATE ledger_entries SET effective_on = effective_on - 1 WHERE id = 2`, "记录 2（链上第 2 条）与封存时不同"},
		{"a dimension", `UPDATE ledger_entries SET submarket = 'food' WHERE id = 3`, "记录 3（链上第 3 条）与封存时不同"},
		{"a place", `UPDATE ledger_entries SET seller_region = '360825' WHERE id = 3`, "记录 3（链上第 3 条）与封存时不同"},
		{"the moment it was written", `UPDATE ledger_entries SET at = at - interval '40 days' WHERE id = 4`, "记录 4（链上第 4 条）与封存时不同"},
		{"the first is deleted", `DELETE FROM ledger_entries WHERE id = 1`, "记录 1（链上第 1 条）不见了"},
		{"one in the middle is deleted", `DELETE FROM ledger_entries WHERE id = 2`, "记录 2（链上第 2 条）不见了"},
		{"the last is deleted", `DELETE FROM ledger_entries WHERE id = 4`, "记录 4（链上第 4 条）不见了"},
		{"one is deleted with its link", `DELETE FROM chain WHERE log = 'ledger' AND seq = 2; DELETE FROM ledger_entries WHERE id = 2`, "链上第 2 条不见了"},
		{"the end is cut off behind the last close", `DELETE FROM chain WHERE log = 'ledger' AND seq = 4; DELETE FROM ledger_entries WHERE id = 4`, "末尾被截去：2026-11-02 的锚记着第 4 条"},
		{"the end is cut off before the last close", `DELETE FROM chain WHERE log = 'ledger' AND seq > 2; DELETE FROM ledger_entries WHERE id > 2; DELETE FROM chain_anchors`, "2026-10 的快照记着账本链第 3 条"},
		{"one is inserted in between", `UPDATE chain SET seq = seq + 1000 WHERE log = 'ledger' AND seq > 2; UPDATE chain SET seq = seq - 999 WHERE log = 'ledger' AND seq > 1000; ` + forge + `;
			INSERT INTO chain (log, seq, row_id, hash) SELECT 'ledger', 3, max(id), sha256('x') FROM ledger_entries`, "（链上第 3 条）与封存时不同"},
		{"one is appended past the triggers", forge, "不在链上，也没有等待封存：它是绕过系统插入的"},
		{"two are swapped", `UPDATE ledger_entries a SET total_amount = b.total_amount, effective_on = b.effective_on, at = b.at FROM ledger_entries b WHERE a.id IN (2, 3) AND b.id = 5 - a.id`, "记录 2（链上第 2 条）与封存时不同"},
		{"two links are swapped", `UPDATE chain SET seq = seq + 1000 WHERE log = 'ledger' AND seq IN (2, 3); UPDATE chain SET seq = 1005 - seq WHERE log = 'ledger' AND seq > 1000`, "（链上第 2 条）与封存时不同"},
		{"a hash", `UPDATE chain SET hash = sha256('x') WHERE log = 'ledger' AND seq = 3`, "（链上第 3 条）与封存时不同"},
		{"the triggers are off for a while", `SET session_replication_role TO origin; ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_append_only;
			UPDATE ledger_entries SET total_amount = 999999 WHERE id = 1; ALTER TABLE ledger_entries ENABLE TRIGGER ledger_entries_append_only`, "记录 1（链上第 1 条）与封存时不同"},
		{"all is written anew after an anchor", rewrite, "链上第 4 条与 2026-11-02 的锚不同：这一天以前的记录被整段改写过"},
		{"all is written anew, the anchors too", rewrite + `; DELETE FROM chain_anchors`, "2026-09 的快照记着账本链第 2 条和它的链值，链上不是这样"},
		{"a frozen amount", `UPDATE month_end_figures SET total_amount = total_amount - 1 WHERE month = '2026-10-01' AND basis = 'output' AND dimension = 'kind'`, "2026-10 的快照·输出成交额·合同类别·"},
		{"a frozen year to date", `UPDATE month_end_figures SET year_tech_amount = 0 WHERE month = '2026-10-01' AND basis = 'output' AND dimension = 'all'`, "2026-10 的快照·输出成交额合计·本年累计：账本逐条相加技术交易额是 1300000.00 元，查到的是 0.00 元；这个数从链上第 1 条起"},
		{"a frozen row is moved", `UPDATE month_end_figures SET code = 'food' WHERE month = '2026-09-01' AND dimension = 'submarket'`, "2026-09 的快照·输出成交额·专业市场·"},
		{"a frozen row is deleted", `DELETE FROM month_end_figures WHERE month = '2026-09-01' AND dimension = 'county'`, "2026-09 的快照·输出成交额·县区·"},
		{"the entry of a close", `UPDATE month_ends SET seq = 2 WHERE month = '2026-10-01'`, "2026-10 的快照与审计日志里的关账记录不同"},
		{"the last close is deleted", `DELETE FROM month_end_figures WHERE month = '2026-10-01'; DELETE FROM month_ends WHERE month = '2026-10-01'`, "审计日志记着 2026-10 已关账"},
		{"a close is deleted in the middle", `DELETE FROM month_end_figures WHERE month = '2026-09-01'; DELETE FROM month_ends WHERE month = '2026-09-01'`, "审计日志记着 2026-09 已关账"},
		{"a close is made up", `INSERT INTO month_ends (month, seq, hash, at) SELECT '2026-11-01', seq, hash, now() FROM chain WHERE log = 'ledger' AND seq = 4`, "2026-11 的快照与审计日志里的关账记录不同"},
		{"the query of the pages is deceived", `UPDATE regions SET kind = 'prefecture' WHERE code = '360802'`, "2026 年吉安输出成交额·县区·吉州区：账本逐条相加是 4 项，查到的是 0 项；这个数从链上第 1 条起"},
	} {
		t.Run(c.name, func(t *testing.T) { // one world: each is undone
			undo := w.tamperFor(t, c.statement)
			got := strings.Join(w.faults(t, market.LedgerLog), "\n")
			undo()
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := w.faults(t, market.LedgerLog); len(got) != 0 {
		t.Errorf("after all: %v", got)
	}
}

// forge is an entry that copies another one's columns.
const forge = `INSERT INTO ledger_entries (contract_id, kind, effective_on, contracts, total_amount, tech_amount, seller_in_city, buyer_in_city, seller_region, buyer_region,
	contract_kind, tech_field, seller_type, buyer_type, ip_type, trade_mode, has_agency, at)
	SELECT contract_id, 'supplement', effective_on, 0, 1000, 1000, seller_in_city, buyer_in_city, seller_region, buyer_region, contract_kind, tech_field, seller_type, buyer_type, ip_type,
		trade_mode, has_agency, at FROM ledger_entries WHERE id = 3`

// rewrite changes an amount and seals the whole ledger again, as somebody does who knows how.
const rewrite = `SET TimeZone TO 'UTC'; UPDATE ledger_entries SET total_amount = total_amount + 5000 WHERE id = 2;
	DO $$ DECLARE before bytea := ''; c record; BEGIN
		FOR c IN SELECT k.seq, jsonb_strip_nulls(to_jsonb(r))::text AS row FROM chain k JOIN ledger_entries r ON r.id = k.row_id WHERE k.log = 'ledger' ORDER BY k.seq LOOP
			before := sha256(before || 'ledger'::bytea || '\x00'::bytea || int8send(c.seq) || convert_to(c.row, 'UTF8'));
			UPDATE chain SET hash = before WHERE log = 'ledger' AND seq = c.seq;
		END LOOP;
	END $$`

// newClosed is a world with four entries in the ledger, of which September and October were closed before the last.
func newClosed(t *testing.T) *chained {
	t.Helper()
	c := &chained{desk: newDesk(t)}
	c.owner = ownerOf(t, c.DSN)
	counter := c.Person("彭晓岚", market.Statistician)
	c.SetDay(2026, time.September, 10)
	c.registerOn(t, 500_000, c.Now())
	c.SetDay(2026, time.October, 12)
	c.registerOn(t, 800_000, c.Now())
	c.SetDay(2026, time.November, 2)
	c.seal(t)
	must(t, c.Service.CloseMonth(c.ctx, counter, month(2026, 9)))
	c.registerOn(t, 300_000, c.Now())
	c.seal(t)
	must(t, c.Service.CloseMonth(c.ctx, counter, month(2026, 10)))
	c.SetDay(2026, time.November, 3)
	c.registerOn(t, 200_000, time.Date(2026, 10, 30, 0, 0, 0, 0, market.Shanghai))
	c.seal(t)
	must(t, c.Service.AnchorChains(c.ctx))
	return c
}

// tamperFor runs SQL as the superuser, past the triggers, and returns what puts the tables back as they were.
func (c *chained) tamperFor(t *testing.T, statement string) (undo func()) {
	t.Helper()
	tables := []string{"ledger_entries", "chain", "chain_pending", "chain_anchors", "month_ends", "month_end_figures", "regions"}
	var save, restore string
	for _, table := range tables {
		save += fmt.Sprintf(`CREATE TABLE kept.%[1]s AS TABLE public.%[1]s;`, table)
		restore += fmt.Sprintf(`DELETE FROM public.%[1]s; INSERT INTO public.%[1]s OVERRIDING SYSTEM VALUE TABLE kept.%[1]s;`, table)
	}
	c.tamper(t, `CREATE SCHEMA kept;`+save)
	c.tamper(t, statement)
	return func() { c.tamper(t, restore+`DROP SCHEMA kept CASCADE`) }
}
