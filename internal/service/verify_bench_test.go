package service_test

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/worldtest"
)

// BenchmarkVerifyLedger checks a ledger of LEDGER_ENTRIES entries (20,000 unless set) with its chain, month ends and figures. It
// reports the time per million entries, how much of it this process was at work itself, and the most memory it had.
func BenchmarkVerifyLedger(b *testing.B) {
	n := 20_000
	if text := os.Getenv("LEDGER_ENTRIES"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	w := worldtest.New(b, 2026, time.November, 23)
	fillLedger(b, w, n)
	runtime.GC()
	for b.Loop() {
		before, start := cpu(b), time.Now()
		r, err := w.Service.VerifyChain(b.Context(), market.LedgerLog, nil)
		if err != nil || len(r.Faults) > 0 || r.Seq < int64(n) {
			b.Fatal(r, err)
		}
		million := float64(n) / 1e6
		b.ReportMetric(time.Since(start).Seconds()/million, "s/million")
		b.ReportMetric((cpu(b)-before).Seconds()/million, "own-s/million")
		b.ReportMetric(float64(r.Figures), "figures")
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapSys)/1e6, "heap-MB")
}

// cpu is the processor's time that this process has used.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fillLedger copies one contract and its entry n times, over seven years and all values of the dimensions, seals them, and
// closes the months of this year.
func fillLedger(b *testing.B, w *worldtest.World, n int) {
	seller := w.Org("赣江理工大学（测试）", market.University, "360802")
	id, err := w.Service.CreateContract(b.Context(), seller, w.Contract(500_000), "")
	if err != nil {
		b.Fatal(err)
	}
	owner := ownerOf(b, w.DSN)
	owner.SetMaxOpenConns(1) // the temporary tables are of one connection
	for _, statement := range []string{
		`SET session_replication_role TO replica`,
		`CREATE TEMP TABLE codes AS SELECT (SELECT array_agg(code ORDER BY code) FROM regions WHERE kind <> 'city') AS regions, (SELECT array_agg(code) FROM parks) AS parks,
			(SELECT array_agg(code) FROM submarkets) AS submarkets, (SELECT array_agg(code) FROM contract_kinds) AS kinds, (SELECT array_agg(code) FROM tech_fields) AS fields,
			(SELECT array_agg(code) FROM party_types) AS parties, (SELECT array_agg(code) FROM ip_types) AS ips`,
		`CREATE TEMP TABLE drawn AS SELECT i, date '2020-01-01' + (i::bigint * 2500 / ` + strconv.Itoa(n) + `)::int AS day,
			regions[1 + (hashint4(i) & 1023) % 26] AS seller, regions[1 + (hashint4(i + 7) & 1023) % 26] AS buyer, parks[1 + (hashint4(i + 1) & 1023) % (cardinality(parks) * 2)] AS park,
			submarkets[1 + (hashint4(i + 2) & 1023) % 7] AS submarket, kinds[1 + (hashint4(i + 3) & 1023) % cardinality(kinds)] AS kind, fields[1 + (hashint4(i + 4) & 1023) % cardinality(fields)] AS field,
			parties[1 + (hashint4(i + 5) & 1023) % cardinality(parties)] AS sold, parties[1 + (hashint4(i + 6) & 1023) % cardinality(parties)] AS bought,
			ips[1 + (hashint4(i + 8) & 1023) % cardinality(ips)] AS ip, (hashint4(i + 9) & 1048575) * 100 + 1000 AS amount FROM codes, generate_series(1, ` + strconv.Itoa(n) + `) i`,
		`INSERT INTO ledger_entries (contract_id, kind, effective_on, contracts, total_amount, tech_amount, seller_in_city, buyer_in_city, seller_region, buyer_region, seller_park, submarket,
				contract_kind, tech_field, seller_type, buyer_type, ip_type, trade_mode, has_agency, at)
			SELECT ` + strconv.FormatInt(id, 10) + ` + i, 'registered', d.day, 1, d.amount, d.amount, s.in_city, y.in_city, d.seller, d.buyer, d.park, d.submarket, d.kind, d.field, d.sold, d.bought, d.ip,
				CASE WHEN i % 4 = 0 THEN 'inquiry' ELSE 'none' END, i % 5 = 0, d.day + time '15:00' FROM drawn d JOIN regions s ON s.code = d.seller JOIN regions y ON y.code = d.buyer ORDER BY i`,
		`INSERT INTO chain_pending (log, row_id) SELECT 'ledger', id FROM ledger_entries`,
	} {
		if _, err := owner.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(statement, err)
		}
	}
	for {
		sealed, err := w.Store.Seal(b.Context(), market.LedgerLog, 50_000)
		if err != nil {
			b.Fatal(err)
		}
		if sealed == 0 {
			break
		}
	}
	if _, err := owner.ExecContext(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
	counter := w.Person("彭晓岚", market.Statistician)
	for m := range 10 {
		if err := w.Service.CloseMonth(b.Context(), counter, month(2026, time.Month(m+1))); err != nil {
			b.Fatal(err)
		}
	}
}
