package server

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/print"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var samplePages = []view.Page{sampleIndex{}, sampleShow{}}

const samplesPath = "/registry/samples"

func samplePath(id int64) string { return fmt.Sprintf("%s/%d", samplesPath, id) }

// mayCheck reports whether the actor draws samples and writes findings.
func mayCheck(a market.Actor) bool { return a.Has(market.Registrar) || a.Has(market.Statistician) }

// sampleIndex lists the draws and makes one.
type sampleIndex struct {
	view.Work
	Fields []view.Field // nil for who only reads
	Key    string
	Table  view.Table
	Pager  view.Pager
	Empty  view.Empty
}

func (sampleIndex) Template() string { return "page/contract/samples" }

// sampleInput is the form of a draw as it was typed.
type sampleInput struct {
	from, to, strata, size, key string
}

func (s *Server) sampleIndex(c echo.Context, a market.Actor) error {
	today := s.Service.Today()
	last := market.MonthOf(today).AddDate(0, 0, -1)
	return s.showSamples(c, a, sampleInput{from: view.Date(market.MonthOf(last)), to: view.Date(last), strata: "none", size: "20", key: formKey()}, nil)
}

func (s *Server) showSamples(c echo.Context, a market.Actor, in sampleInput, failed error) error {
	number := pageNumber(c)
	found, total, err := s.Store.Samples(c.Request().Context(), a, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := sampleIndex{Key: in.key, Table: s.samplesTable(found), Empty: view.Empty{Title: "还没有抽过样", Text: "从一段时间内登记的合同里随机抽取若干份，逐份核对档案，结论记在这里。"},
		Pager: view.NewPager(number, workPage, total, "次", func(n int) string { return fmt.Sprintf("%s?page=%d", samplesPath, n) })}
	if page.Work, err = s.work(c, a, "抽查样本"); err != nil {
		return err
	}
	page.Errors = errorSummary(failed)
	if mayCheck(a) {
		page.Fields = sampleFields(in, errorsOf(failed))
	}
	return s.renderStatus(c, formStatus(failed), page)
}

func sampleFields(in sampleInput, at fieldErrors) []view.Field {
	strata := view.Field{Kind: view.KindRadios, Name: "strata", Label: "怎样分层", Value: in.strata, Error: at["strata"]}
	for _, x := range market.SampleStrata {
		strata.Options = append(strata.Options, view.Option{Value: x.Code, Label: x.Name})
	}
	return []view.Field{{Kind: view.KindDate, Name: "from", Label: "登记日期起", Value: in.from, Error: at["from"]},
		{Kind: view.KindDate, Name: "to", Label: "登记日期止", Value: in.to, Error: at["to"]}, strata,
		{Kind: view.KindNumber, Name: "size", Label: "抽取份数", Unit: "份", Value: in.size, Error: at["size"], Hint: fmt.Sprintf("最多 %d 份", market.MaxSample)}}
}

func (s *Server) samplesTable(found []market.Sample) view.Table {
	t := view.Table{Label: "抽查样本", Caption: "抽过的样，新的在前", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "范围"}, {Label: "总体", Unit: "份", Num: true}, {Label: "抽取", Unit: "份", Num: true}, {Label: "已查", Unit: "份", Num: true}, {Label: "有问题", Unit: "份", Num: true}, {Label: "抽取人"}}}
	for _, x := range found {
		t.Rows = append(t.Rows, view.TableRow{Cells: []view.Cell{{Text: s.sampleName(x), Href: samplePath(x.ID), Sub: market.SampleStrata.Name(x.Strata)}, {Text: view.Num(x.Population)},
			{Text: view.Num(x.Size)}, {Text: view.Num(x.Checked)}, {Text: view.Num(x.Problems)}, {Text: x.UserName, Sub: view.DateTime(x.At)}}})
	}
	return t
}

// sampleName says what a sample is of.
func (s *Server) sampleName(x market.Sample) string {
	return s.ref.Regions.Name(x.Region) + " " + view.Date(x.From) + " 至 " + view.Date(x.To) + " 登记的合同"
}

func (s *Server) sampleDraw(c echo.Context, a market.Actor) error {
	in := sampleInput{from: c.FormValue("from"), to: c.FormValue("to"), strata: c.FormValue("strata"), size: c.FormValue("size"), key: c.FormValue("key")}
	var p market.Problems
	x := market.Sample{From: parseDate(&p, "from", in.from), To: parseDate(&p, "to", in.to), Strata: in.strata}
	x.Size, _ = strconv.Atoi(strings.TrimSpace(market.Normalize(in.size))) // what is no number is 0, which is refused
	err := p.Err()
	var id int64
	if err == nil {
		id, err = s.Service.DrawSample(c.Request().Context(), a, x, in.key)
	}
	if market.IsKind(err, market.Invalid) {
		return s.showSamples(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, samplePath(id), "样本已抽取，不能更改")
}

// sampleShow is a draw: how it was made, whether it can be made again, its contracts and what was found.
type sampleShow struct {
	view.Work
	Back    view.Link
	Sub     []string
	Actions []view.Action
	Facts   []view.Fact
	Method  string
	Hash    string
	Repeat  view.Alert
	Rows    []sampleRow
}

func (sampleShow) Template() string { return "page/contract/sample" }

// sampleRow is a contract that was drawn.
type sampleRow struct {
	Href, Title, Line string
	State             view.State
	Findings          []signalAnswer
	Form              *signalForm
	Barred            bool
}

func (s *Server) sampleShow(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.showSample(c, a, id, contractAct{}, nil)
}

func (s *Server) showSample(c echo.Context, a market.Actor, id int64, posted contractAct, failed error) error {
	ctx := c.Request().Context()
	x, err := s.Store.Sample(ctx, a, id)
	if err != nil {
		return err
	}
	drawn, err := s.Store.Sampled(ctx, a, id)
	if err != nil {
		return err
	}
	again, err := s.Service.RepeatSample(ctx, x, drawn)
	if err != nil {
		return err
	}
	page := sampleShow{Back: view.Link{Label: "抽查样本", Href: samplesPath}, Method: market.SampleMethod,
		Actions: []view.Action{{Label: "打印清单", Href: samplePath(id) + "/print", Icon: "print", Small: true}},
		Sub:     []string{fmt.Sprintf("抽取 %d 份，已查 %d 份，有问题 %d 份", x.Size, x.Checked, x.Problems), x.UserName + " " + view.DateTime(x.At) + " 抽取"}}
	if page.Work, err = s.work(c, a, s.sampleName(x)); err != nil {
		return err
	}
	markCurrent(page.SideGroups, samplesPath)
	page.Errors = errorSummary(failed)
	page.Facts = []view.Fact{{Label: "总体", Text: fmt.Sprintf("%d 份", x.Population)}, {Label: "分层", Text: market.SampleStrata.Name(x.Strata)}, {Label: "种子", Text: x.Seed, Code: true},
		{Label: "账本截至", Text: fmt.Sprintf("第 %d 条", x.Through)}}
	page.Hash = hex.EncodeToString(x.Hash)
	page.Repeat = view.Alert{Kind: view.AlertOK, Title: "按种子重算，结果一致", Text: fmt.Sprintf("刚才按账本重新列出总体 %d 份，清单哈希相同；用同一种子重抽，抽中的 %d 份和顺序都相同。", again.Population, x.Size)}
	if !again.Same {
		page.Repeat = view.Alert{Kind: view.AlertBad, Title: "按种子重算，结果不一致", Text: fmt.Sprintf("现在列出的总体是 %d 份，当时是 %d 份；清单哈希或者抽中的合同与当时不同。请审计人员校验账本。", again.Population, x.Population)}
	}
	b := panelBuilder{posted: posted, at: errorsOf(failed)}
	for _, k := range drawn {
		page.Rows = append(page.Rows, s.sampleRow(a, b, x, k))
	}
	return s.renderStatus(c, formStatus(failed), page)
}

func findingMove(contract int64) string { return fmt.Sprintf("finding-%d", contract) }

func (s *Server) sampleRow(a market.Actor, b panelBuilder, x market.Sample, k store.SampledContract) sampleRow {
	row := sampleRow{Href: contractPath(k.ContractID), Title: fmt.Sprintf("%d. %s", k.Position, k.Title), Line: joined(k.Number, k.RegistrationNumber, k.SellerName+" → "+k.BuyerName,
		market.FormatMoney(k.Total), view.Date(k.RegisteredOn)+" 登记", k.State.Name(), s.stratumName(x, k.Stratum)), State: view.State{Shape: view.ShapeTodo, Text: "待查"}}
	for i, f := range k.Findings {
		row.Findings = append(row.Findings, signalAnswer{Finding: market.SampleFindings.Name(f.Finding), By: f.UserName + " " + view.DateTime(f.At), Note: f.Note})
		if i == 0 {
			row.State = view.State{Shape: view.ShapeDone, Text: row.Findings[0].Finding}
			if f.Finding == "problem" {
				row.State.Shape = view.ShapeStop
			}
		}
	}
	if !mayCheck(a) {
		return row
	}
	if row.Barred = k.Barred; k.Barred {
		return row
	}
	move := findingMove(k.ContractID)
	row.Form = &signalForm{Action: fmt.Sprintf("%s/contracts/%d", samplePath(x.ID), k.ContractID), Fold: "填写结论", Open: b.posted.move == move}
	if len(k.Findings) > 0 {
		row.Form.Fold = "改填结论"
	}
	finding := view.Field{Kind: view.KindRadios, Name: "finding", Label: "抽查结论"}
	for _, f := range market.SampleFindings {
		finding.Options = append(finding.Options, view.Option{Value: f.Code, Label: f.Name})
	}
	row.Form.Fields = []view.Field{b.field(move, finding), b.field(move, view.Field{Kind: view.KindArea, Name: "note", Lines: 2, Label: "情况", Hint: "有问题的写明是什么问题", Max: 1000})}
	return row
}

// stratumName is the stratum of a contract as people read it.
func (s *Server) stratumName(x market.Sample, stratum string) string {
	if x.Strata == "county" {
		return s.ref.Regions.Name(stratum)
	}
	return stratum
}

func (s *Server) sampleFind(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	contract, err := strconv.ParseInt(c.Param("contract"), 10, 64)
	if err != nil {
		return market.ErrNotFound
	}
	err = s.Service.FindSample(c.Request().Context(), a, id, market.SampleFinding{ContractID: contract, Finding: c.FormValue("finding"), Note: c.FormValue("note")})
	if market.IsKind(err, market.Invalid) {
		return s.showSample(c, a, id, contractAct{move: findingMove(contract), form: c.FormValue}, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, samplePath(id), "抽查结论已记录")
}

// samplePrint is the list of a sample on A4.
func (s *Server) samplePrint(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	x, err := s.Store.Sample(ctx, a, id)
	if err != nil {
		return err
	}
	drawn, err := s.Store.Sampled(ctx, a, id)
	if err != nil {
		return err
	}
	paper := s.samplePaper(x, drawn)
	page := contractPaper{Print: view.Print{Base: s.base(c, a, paper.Title), Back: view.Link{Label: "返回样本", Href: samplePath(id)}, Note: "A4 纵向；屏幕上看到的就是打印稿"}, Paper: paper}
	page.NoIndex = true
	return s.render(c, page)
}

func (s *Server) samplePaper(x market.Sample, drawn []store.SampledContract) print.Paper {
	paper := print.Paper{Title: "技术合同登记抽查清单", Top: []string{s.sampleName(x), fmt.Sprintf("总体 %d 份，抽取 %d 份", x.Population, x.Size)}}
	list := print.Block{Rows: []print.Row{{{Text: "受理号", Head: true}, {Text: "合同", Head: true}, {Text: "登记日期", Head: true}, {Text: "抽查结论", Head: true}}}}
	for _, k := range drawn {
		found := ""
		if len(k.Findings) > 0 {
			f := k.Findings[0]
			found = strings.TrimSpace(market.SampleFindings.Name(f.Finding) + " " + f.Note + "（" + f.UserName + " " + view.Date(f.At) + "）")
		}
		list.Rows = append(list.Rows, print.Row{{Text: k.Number, Head: true}, {Text: k.Title + "；" + k.SellerName + " → " + k.BuyerName + "；" + market.FormatMoney(k.Total)}, {Text: view.Date(k.RegisteredOn)}, {Text: found}})
	}
	paper.Blocks = []print.Block{list, {Heading: "怎样抽的", Text: []string{market.SampleMethod, "种子 " + x.Seed + "；账本截至第 " + fmt.Sprint(x.Through) + " 条；" + market.SampleStrata.Name(x.Strata) + "。",
		"总体清单哈希（SHA-256）" + hex.EncodeToString(x.Hash), x.UserName + " 于 " + view.DateTime(x.At) + " 抽取。"}}}
	return paper
}
