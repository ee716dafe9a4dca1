package service_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

const benchRows = 10_000

// bigWorkbook is a workbook of results with the columns people fill in most.
func bigWorkbook(b *testing.B) []byte {
	b.Helper()
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	set := func(row int, cells ...any) {
		if err := w.SetRow("A"+strconv.Itoa(row), cells); err != nil {
			b.Fatal(err)
		}
	}
	set(1, "序号", "成果名称", "专业市场", "细分领域", "成果简介", "成熟度", "合作方式", "价格（万元）", "专利号", "完成人")
	for i := range benchRows {
		set(i+2, i+1, fmt.Sprintf("碳酸钙表面改性成果之%d", i+1), "先进材料", "碳酸钙先进材料", "以梳形偶联剂改性碳酸钙，吸油值降低三成，分散时间缩短一半。", "中试", "技术许可、合作开发",
			20+i%100, string(market.MakePatentNumber(2020, '1', i+1)), "李敏、周建")
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// BenchmarkImport takes a workbook of 10,000 results in: read, checked, kept, and written in chunks.
func BenchmarkImport(b *testing.B) {
	data := bigWorkbook(b)
	for b.Loop() {
		b.StopTimer()
		d := newImportDesk(b)
		b.StartTimer()
		peak := watchHeap(b)
		start := time.Now()
		id, err := d.Service.CheckImport(d.ctx, d.owner, service.ImportFile{Kind: market.KindResult, Name: "清单.xlsx", Data: data})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/check")
		d.run(b, d.owner, id, submitted)
		b.ReportMetric(float64(peak()>>20), "MB-peak")
		if imp := d.imported(b, id); imp.RowsDone != benchRows {
			b.Fatalf("wrote %d rows", imp.RowsDone)
		}
	}
}

// watchHeap looks at the heap until the function it returns is called, which tells how large it has been beyond what it was.
func watchHeap(b *testing.B) func() uint64 {
	b.Helper()
	runtime.GC()
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse
	}
	before, peak, stop, done := inUse(), uint64(0), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-tick.C:
				peak = max(peak, inUse())
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		return max(peak, before) - before
	}
}

// BenchmarkImportBare is what BenchmarkImport can't do without: excelize goes through the rows, and COPY writes the same
// rows of the same tables.
func BenchmarkImportBare(b *testing.B) {
	data := bigWorkbook(b)
	for b.Loop() {
		b.StopTimer()
		d := newImportDesk(b)
		b.StartTimer()
		readBare(b, data)
		results := make([]market.Result, benchRows)
		for i := range results {
			results[i] = market.Result{Listing: market.Listing{Number: fmt.Sprintf("CG-2026-%04d", i+1), OrgID: d.owner.OrgID, State: market.InReview,
				Title: "碳酸钙表面改性成果", Submarket: "materials", TechField: "materials", Region: "360802", Fields: []string{"calcium"}, Modes: []string{"licence", "joint"}, SecrecyConfirmed: true},
				Summary: "以梳形偶联剂改性碳酸钙，吸油值降低三成，分散时间缩短一半。", Stage: "pilot", TRLMin: 6, TRLMax: 7, PriceMethod: "negotiated", Price: market.Price{Kind: market.PriceOpen},
				IPs: []market.IP{{Type: "invention", Number: string(market.MakePatentNumber(2020, '1', i+1)), Status: "pending"}}, Inventors: "李敏、周建"}
		}
		err := d.Store.InTx(d.ctx, func(tx *store.Tx) error {
			_, err := tx.CopyResults(d.ctx, d.owner, results, d.Now())
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func readBare(b *testing.B, data []byte) {
	b.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		b.Fatal(err)
	}
	rows, err := f.Rows("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for ; rows.Next(); n++ {
		if _, err := rows.Columns(); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Close(); err != nil || n != benchRows+1 {
		b.Fatalf("%d rows, %v", n, err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}
