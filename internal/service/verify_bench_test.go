package service_test

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"techmarket/internal/bench"
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
		if err != nil || len(r.Faults) > 0 || r.Seq < int64(n)*99/100 {
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

// fillLedger makes contracts with their entries, over seven years and all values of the dimensions, seals them, and
// closes the months of this year.
func fillLedger(b *testing.B, w *worldtest.World, n int) {
	owner := ownerOf(b, w.DSN)
	if err := bench.FillLedger(b.Context(), owner, n, w.Service.Today().Format(time.DateOnly)); err != nil {
		b.Fatal(err)
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
	if _, err := owner.ExecContext(b.Context(), `VACUUM ANALYZE`); err != nil {
		b.Fatal(err)
	}
	counter := w.Person("彭晓岚", market.Statistician)
	for m := range 10 {
		if err := w.Service.CloseMonth(b.Context(), counter, month(2026, time.Month(m+1))); err != nil {
			b.Fatal(err)
		}
	}
}
