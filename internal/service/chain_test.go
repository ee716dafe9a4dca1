package service_test

import (
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
	"techmarket/internal/worldtest"
)

// chained is a world with some audited acts and two registered contracts, all sealed, and a superuser.
type chained struct {
	*desk
	owner *sql.DB
}

func newChained(t *testing.T) *chained {
	t.Helper()
	d := newDesk(t)
	for range 2 {
		d.bring(t, market.ContractRegistered)
	}
	c := &chained{d, ownerOf(t, d.DSN)}
	c.seal(t)
	return c
}

// ownerOf is a connection as the superuser.
func ownerOf(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	owner, err := sql.Open("postgres", dbtest.Owner(t, dsn))
	must(t, err)
	t.Cleanup(func() { must(t, owner.Close()) })
	return owner
}

func (c *chained) seal(t *testing.T) {
	t.Helper()
	for _, log := range market.ChainLogs {
		sealAll(t, c.World, log)
	}
}

// sealAll seals until nothing waits: transactions of other tests on the same server make a sealer wait.
func sealAll(t *testing.T, w *worldtest.World, log market.ChainLog) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; {
		_, err := w.Store.Seal(t.Context(), log, 1000)
		must(t, err)
		state, err := w.Store.ChainState(t.Context(), log)
		must(t, err)
		if state.Unsealed == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d rows were never sealed", state.Unsealed)
		}
	}
}

func (c *chained) faults(t *testing.T, log market.ChainLog, kept ...market.Anchor) []string {
	t.Helper()
	r, err := c.Service.VerifyChain(c.ctx, log, kept)
	must(t, err)
	return r.Faults
}

// tamper runs SQL as the superuser, past the triggers.
func (c *chained) tamper(t *testing.T, statement string) {
	t.Helper()
	conn, err := c.owner.Conn(c.ctx)
	must(t, err)
	defer conn.Close()
	for _, s := range []string{`SET session_replication_role TO replica`, statement} {
		if _, err := conn.ExecContext(c.ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestVerifyNamesTampering(t *testing.T) {
	t.Parallel()
	const third = `(SELECT row_id FROM chain WHERE log = 'audit' AND seq = 3)`
	for name, c := range map[string]struct {
		log       market.ChainLog
		statement string
		want      string
	}{
		"nothing":              {market.AuditLog, `SELECT 1`, ""},
		"changed row":          {market.AuditLog, `UPDATE audit_entries SET outcome = 'refused' WHERE id = ` + third, "（链上第 3 条）与封存时不同"},
		"emptied column":       {market.AuditLog, `UPDATE audit_entries SET user_id = NULL WHERE id = (SELECT row_id FROM chain JOIN audit_entries a ON a.id = row_id WHERE log = 'audit' AND a.user_id IS NOT NULL ORDER BY seq LIMIT 1)`, "与封存时不同"},
		"missing row":          {market.AuditLog, `DELETE FROM audit_entries WHERE id = ` + third, "（链上第 3 条）不见了"},
		"missing row and link": {market.AuditLog, `WITH gone AS (DELETE FROM chain WHERE log = 'audit' AND seq = 3 RETURNING row_id) DELETE FROM audit_entries WHERE id IN (SELECT row_id FROM gone)`, "链上第 3 条不见了"},
		"missing link, renumbered": {market.AuditLog, `DELETE FROM chain WHERE log = 'audit' AND seq = 3;
			UPDATE chain SET seq = seq + 1000000 WHERE log = 'audit' AND seq > 3; UPDATE chain SET seq = seq - 1000001 WHERE log = 'audit' AND seq > 3`, "链上第 3 条"},
		"swapped rows": {market.AuditLog, `UPDATE audit_entries a SET action = b.action, at = b.at FROM audit_entries b WHERE a.id IN (2, 3) AND b.id = 5 - a.id`, "与封存时不同"},
		"swapped links": {market.AuditLog, `UPDATE chain SET seq = seq + 1000000 WHERE log = 'audit' AND seq IN (3, 4);
			UPDATE chain SET seq = 1000007 - seq WHERE log = 'audit' AND seq > 1000000`, "（链上第 3 条）与封存时不同"},
		"changed hash":           {market.AuditLog, `UPDATE chain SET hash = sha256('x') WHERE log = 'audit' AND seq = 3`, "（链上第 3 条）与封存时不同"},
		"inserted past triggers": {market.AuditLog, `INSERT INTO audit_entries (at, action, outcome, via) VALUES (now(), 'user.login', 'done', 'web')`, "绕过系统插入"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newChained(t)
			w.tamper(t, c.statement)
			switch got := strings.Join(w.faults(t, c.log), "\n"); {
			case c.want == "" && got != "":
				t.Errorf("an untouched log: %s", got)
			case !strings.Contains(got, c.want):
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestVerifyNamesLateEntries: a row that a superuser adds for a time long past joins the chain, and stands out there.
func TestVerifyNamesLateEntries(t *testing.T) {
	t.Parallel()
	c := newChained(t)
	_, err := c.owner.ExecContext(c.ctx, `INSERT INTO audit_entries (at, action, outcome, via) VALUES ($1, 'org.verify', 'done', 'web')`, c.Now().AddDate(0, 0, -3))
	must(t, err)
	c.seal(t)
	if got := strings.Join(c.faults(t, market.AuditLog), "\n"); !strings.Contains(got, "补插") {
		t.Errorf("got %q", got)
	}
}

// TestAnchors: an anchor kept elsewhere shows a tail that was cut off, and a log that was written anew.
func TestAnchors(t *testing.T) {
	t.Parallel()
	c := newChained(t)
	must(t, c.Service.AnchorChains(c.ctx))
	must(t, c.Service.AnchorChains(c.ctx)) // the hourly job again
	anchors, err := c.Store.Anchors(c.ctx, 10)
	must(t, err)
	if len(anchors) != 2 || anchors[0].Day.Format(time.DateOnly) != "2026-11-22" {
		t.Fatalf("anchors %+v", anchors)
	}
	kept, err := market.ParseAnchor(anchors[0].Line())
	must(t, err)
	if kept.Line() != anchors[0].Line() {
		t.Errorf("%q was read as %q", anchors[0].Line(), kept.Line())
	}
	if got := c.faults(t, market.AuditLog, kept); len(got) != 0 {
		t.Errorf("untouched: %v", got)
	}

	c.tamper(t, `DELETE FROM chain_anchors`)
	c.tamper(t, `WITH gone AS (DELETE FROM chain WHERE log = 'audit' AND seq = (SELECT max(seq) FROM chain WHERE log = 'audit') RETURNING row_id)
		DELETE FROM audit_entries WHERE id IN (SELECT row_id FROM gone)`)
	if got := c.faults(t, market.AuditLog); len(got) != 0 {
		t.Errorf("a cut tail cannot be seen without the anchor: %v", got)
	}
	if got := strings.Join(c.faults(t, market.AuditLog, kept), "\n"); !strings.Contains(got, "末尾被截去") {
		t.Errorf("cut tail: %q", got)
	}
	forged := kept
	forged.Seq--
	if got := strings.Join(c.faults(t, market.AuditLog, forged), "\n"); !strings.Contains(got, "整段改写") {
		t.Errorf("log written anew: %q", got)
	}
}

// TestAppRoleCannotChangeLogs tries as the role that the application has.
func TestAppRoleCannotChangeLogs(t *testing.T) {
	t.Parallel()
	c := newChained(t)
	must(t, c.Service.AnchorChains(c.ctx))
	for _, table := range []string{"audit_entries", "ledger_entries", "moves", "chain", "chain_anchors"} {
		for _, statement := range []string{`UPDATE ` + table + ` SET at = at`, `DELETE FROM ` + table, `TRUNCATE ` + table + ` CASCADE`,
			`ALTER TABLE ` + table + ` DISABLE TRIGGER ALL`, `DROP TABLE ` + table} {
			if table == "chain" {
				statement = strings.Replace(statement, "at = at", "seq = seq", 1)
			}
			_, err := c.Store.DB().ExecContext(c.ctx, statement)
			var refused *pq.Error
			if !errors.As(err, &refused) || refused.Code != "42501" {
				t.Errorf("%s: %v, want permission denied", statement, err)
			}
		}
	}
	if got := c.faults(t, market.AuditLog); len(got) != 0 {
		t.Errorf("after the tries: %v", got)
	}
}

// TestSealersRace lets several processes seal while rows are written: the chain has each row once and no gap.
func TestSealersRace(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 23)
	people := []market.Actor{w.Person("甲"), w.Person("乙"), w.Person("丙")}
	var writers, sealers sync.WaitGroup
	done := make(chan struct{})
	for _, p := range people {
		writers.Go(func() {
			for range 20 {
				if err := w.Service.EditProfile(t.Context(), p, p.UserName, "13800000000"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		sealers.Go(func() {
			for {
				if _, err := w.Store.Seal(t.Context(), market.AuditLog, 7); err != nil {
					t.Error(err)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(done)
	sealers.Wait()
	sealAll(t, w, market.AuditLog)
	var rows int64
	must(t, w.Store.DB().QueryRow(`SELECT count(*) FROM audit_entries`).Scan(&rows))
	r, err := w.Service.VerifyChain(t.Context(), market.AuditLog, nil)
	must(t, err)
	if len(r.Faults) > 0 || r.Seq != rows || r.Unsealed != 0 {
		t.Errorf("%d rows, report %+v", rows, r)
	}
}

// TestSealWaitsForOlderTransactions: a row is not sealed while one that may come before it is still being written.
func TestSealWaitsForOlderTransactions(t *testing.T) {
	t.Parallel()
	c := newChained(t)
	slow, err := c.owner.BeginTx(c.ctx, nil)
	must(t, err)
	_, err = slow.ExecContext(c.ctx, `INSERT INTO audit_entries (at, action, outcome, via) VALUES ($1, 'slow', 'done', 'web')`, c.Now())
	must(t, err)
	must(t, c.Service.EditProfile(c.ctx, c.seller, "快的人", ""))
	_, err = c.Store.Seal(c.ctx, market.AuditLog, 100)
	must(t, err)
	r, err := c.Service.VerifyChain(c.ctx, market.AuditLog, nil)
	must(t, err)
	if r.Unsealed != 1 || len(r.Faults) > 0 {
		t.Errorf("while the slow one runs: %+v", r)
	}
	must(t, slow.Commit())
	c.seal(t)
	after, err := c.Service.VerifyChain(c.ctx, market.AuditLog, nil)
	must(t, err)
	if after.Unsealed != 0 || len(after.Faults) > 0 || after.Seq != r.Seq+2 {
		t.Errorf("afterwards: %+v", after)
	}
}
