package service_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// auditRows is what some years of a busy market leave in the audit.
const auditRows = 1_000_000

// BenchmarkAudit fills the audit and seals it, then measures the check of the whole chain against reading the same rows
// and hashing them bare, and each filter of the viewer against its newest page without any.
func BenchmarkAudit(b *testing.B) {
	w := worldtest.New(b, 2026, time.November, 2)
	auditor := w.Person("审计员", market.Auditor)
	fillAudit(b, w)
	start := time.Now()
	for {
		n, err := w.Store.Seal(b.Context(), market.AuditLog, 10_000)
		if err != nil {
			b.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	b.Logf("%d entries sealed in %s", auditRows, time.Since(start).Round(time.Second))

	var bare time.Duration
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			begin := time.Now()
			hashBare(b, w)
			bare = time.Since(begin)
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			begin := time.Now()
			report, err := w.Service.VerifyChain(b.Context(), market.AuditLog, nil)
			if err != nil || len(report.Faults) > 0 || report.Seq < auditRows {
				b.Fatalf("%+v, %v", report, err)
			}
			if bare > 0 {
				b.ReportMetric(float64(time.Since(begin))/float64(bare), "x-bare")
			}
		}
	})
	for _, c := range []struct {
		name   string
		filter store.AuditFilter
	}{
		{"all", store.AuditFilter{}}, {"person", store.AuditFilter{UserID: 7}}, {"who", store.AuditFilter{Who: "第 7 人"}},
		{"group", store.AuditFilter{Group: "contract"}}, {"address", store.AuditFilter{Address: "10.0.0.7"}}, {"refused", store.AuditFilter{Outcome: "refused"}},
		{"day", store.AuditFilter{From: w.Now().AddDate(1, 0, 0), To: w.Now().AddDate(1, 0, 0)}},
		{"deep", store.AuditFilter{BeforeAt: w.Now().AddDate(1, 0, 0), BeforeID: 1 << 40}},
		{"refused of a person in a group", store.AuditFilter{UserID: 7, Outcome: "refused", Group: "need.edit"}},
	} {
		b.Run("page/"+c.name, func(b *testing.B) {
			for b.Loop() {
				if lines, err := w.Store.AuditLines(b.Context(), auditor, c.filter, 50); err != nil || len(lines) == 0 {
					b.Fatalf("%d lines, %v", len(lines), err)
				}
			}
		})
	}
}

// fillAudit makes entries of 1,000 people over four years.
func fillAudit(b *testing.B, w *worldtest.World) {
	b.Helper()
	exec := func(query string, args ...any) {
		if _, err := w.Store.DB().Exec(query, args...); err != nil {
			b.Fatal(err)
		}
	}
	exec(`INSERT INTO users (email, name, password_hash, created_at) SELECT 'p' || n || '@bench.example', '第 ' || n || ' 人', '', now() FROM generate_series(1, 1000) n`)
	exec(`INSERT INTO audit_entries (at, action, outcome, user_id, object_kind, object_id, via, address, request_id, detail)
		SELECT $1::timestamptz + (n * interval '2 minutes'),
			(ARRAY['user.login', 'need.edit', 'contract.submit', 'inquiry.open', 'disclosure.read'])[1 + n % 5], CASE WHEN n % 51 = 0 THEN 'refused' ELSE 'done' END,
			2 + n % 997, 'need', 1 + n % 5000, 'web', '10.0.' || (n / 1000) % 4 || '.' || n % 250, 'R' || n, ''
		FROM generate_series(1, $2::int) n`, w.Now(), auditRows)
	exec(`ANALYZE`)
}

// hashBare reads every entry as text, in the order of the chain, and hashes each with the hash before it.
func hashBare(b *testing.B, w *worldtest.World) {
	b.Helper()
	rows, err := w.Store.DB().QueryContext(b.Context(), `SELECT e::text FROM chain c JOIN audit_entries e ON e.id = c.row_id WHERE c.log = 'audit' ORDER BY c.seq`)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var hash [sha256.Size]byte
	for rows.Next() {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			b.Fatal(err)
		}
		hash = sha256.Sum256(append(hash[:], text...))
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}
