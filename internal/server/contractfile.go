package server

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// contractPapers is the page on which the seller keeps the text of a contract and what belongs to it.
type contractPapers struct {
	view.Work
	Back   view.Link
	Path   string
	Wanted *view.Alert // papers that are still missing
	Rows   []paperRow
	Full   bool
	Key    string
	Upload string // id of a file that was uploaded already
	Fields []view.Field
}

func (contractPapers) Template() string { return "page/contract/files" }

// paperRow is a file of a contract, or the proof of a payment.
type paperRow struct {
	Href, Name, Use, Facts, Hash string
	Remove                       string // address of the form that removes it, empty where it stays
}

// contractPayments is the page on which the parties note what was paid.
type contractPayments struct {
	view.Work
	Back   view.Link
	Path   string
	State  market.ContractState
	Note   string
	Rows   []paymentRow
	Open   bool // payments are still taken
	Key    string
	Upload string
	Fields []view.Field
}

func (contractPayments) Template() string { return "page/contract/payments" }

// paymentRow is a payment with the form that voids it.
type paymentRow struct {
	paperRow
	Paid   string
	Amount string
	By     string
	Void   string      // why it is void
	Action string      // of the form, empty where the reader cannot void it
	Reason *view.Field // of that form
	Typed  bool        // the form came back
}

func papersPath(id int64) string { return contractPath(id) + "/files" }

func paymentsPath(id int64) string { return contractPath(id) + "/payments" }

// sentPaper is what was posted to one of the pages and not accepted.
type sentPaper struct {
	upload, key string
	form        func(string) string
	payment     int64 // whose form it was, 0 for a new one
	err         error
}

// value is what was typed into a field of the form for a new paper.
func (p sentPaper) value(field string) string {
	if p.form == nil || p.payment != 0 {
		return ""
	}
	return p.form(field)
}

func (s *Server) contractFiles(c echo.Context, a market.Actor) error {
	return s.showContractFiles(c, a, sentPaper{})
}

func (s *Server) showContractFiles(c echo.Context, a market.Actor, sent sentPaper) error {
	k, err := s.sellersContract(c, a)
	if err != nil {
		return err
	}
	work, err := s.work(c, a, "合同材料")
	if err != nil {
		return err
	}
	at := errorsOf(sent.err)
	page := contractPapers{Work: work, Back: view.Link{Label: "合同 " + k.Number, Href: contractPath(k.ID)}, Path: papersPath(k.ID), Full: len(k.Files) >= market.MaxContractFiles,
		Key: cmp.Or(sent.key, formKey()), Upload: sent.upload}
	page.Errors = errorSummary(sent.err)
	for _, f := range k.Files {
		row := fileRow(f)
		row.Remove = page.Path + "/" + f.ID + "/remove"
		page.Rows = append(page.Rows, row)
	}
	page.Wanted = wantedAlert(k)
	page.Fields = []view.Field{
		{Name: "use", Kind: view.KindSelect, Label: "这是什么", Options: selectOptions(market.ContractFileUses), Value: sent.value("use"), Error: at["use"]},
		{Name: "label", Label: "说明", Optional: true, Hint: "例：主合同 23 页，双方已盖章", Value: sent.value("label"), Error: at["label"]},
		uploadField(market.FileContract, "文件", "签署后的扫描件或电子合同。", sent.upload, at),
	}
	return s.renderStatus(c, pageStatus(sent.err), page)
}

// uploadField takes a PDF or picture; one that was uploaded already need not be chosen again.
func uploadField(purpose market.FilePurpose, label, hint, uploaded string, at fieldErrors) view.Field {
	f := view.Field{Name: string(purpose), Kind: view.KindFile, Label: label, Accept: ".pdf,.png,.jpg,.jpeg", Error: at[string(purpose)],
		Hint: fmt.Sprintf("%sPDF、PNG 或 JPG，不超过 %d MB。原样保存，页面上显示它的 SHA-256", hint, market.MaxFile>>20)}
	if uploaded != "" && f.Error == "" {
		f.OK = "文件已上传，不用再选"
	}
	return f
}

func fileRow(f market.ContractFile) paperRow {
	return paperRow{Href: "/files/" + f.ID, Name: cmp.Or(f.Label, f.Name), Use: f.UseName(),
		Facts: fmt.Sprintf("%s，%s，%s 上传", f.Name, view.FileSize(f.Size), view.Date(f.AddedAt)), Hash: f.Hash()}
}

// wantedPapers are the papers that the desk will ask for.
func wantedPapers(k store.Contract) []string {
	var out []string
	if !hasPaper(k, "text") && !(k.Government && hasPaper(k, "task")) {
		out = append(out, "签署的合同文本")
	}
	for _, problem := range k.CheckFiles(k.Files) {
		out = append(out, map[string]string{"foreign": "中文译本和中外文一致性声明", "government": "任务书或中标通知书"}[problem.Field])
	}
	if ip := (market.IP{Type: k.IPType}); ip.Patent() && !hasPaper(k, "right") {
		out = append(out, "专利等权利证明")
	}
	return out
}

// wantedAlert tells the seller which papers are missing, nil when none is.
func wantedAlert(k store.Contract) *view.Alert {
	wanted := wantedPapers(k)
	if len(wanted) == 0 {
		return nil
	}
	return &view.Alert{Kind: view.AlertWarn, Title: "还缺：" + strings.Join(wanted, "、"), Text: "登记机构会按登记规则要这些材料，先备齐可以少一次补正"}
}

func hasPaper(k store.Contract, use string) bool {
	for _, f := range k.Files {
		if f.Use == use {
			return true
		}
	}
	return false
}

// sellersContract is the contract of the address for its seller's editors, who may change it now.
func (s *Server) sellersContract(c echo.Context, a market.Actor) (store.Contract, error) {
	k, err := s.contractAt(c, a)
	switch {
	case err != nil:
		return k, err
	case !s.sells(a, k):
		return k, market.Errorf(market.Denied, "合同由卖方修改")
	case !k.State.Editable():
		return k, market.Errorf(market.Conflict, "合同现在是“%s”，不能修改。需要修改请联系登记机构退回补正", k.State.Name())
	}
	return k, nil
}

func (s *Server) contractFileAdd(c echo.Context, a market.Actor) error {
	k, err := s.sellersContract(c, a)
	if err != nil {
		return err
	}
	sent := sentPaper{key: c.FormValue("key"), form: c.FormValue}
	if sent.upload, sent.err = s.postedPaper(c, a, market.FileContract); sent.err == nil {
		sent.err = s.Service.AttachContractFile(c.Request().Context(), a, market.ContractFile{ID: sent.upload, ContractID: k.ID, Use: c.FormValue("use"), Label: c.FormValue("label")}, sent.key)
	}
	if market.IsKind(sent.err, market.Invalid) {
		return s.showContractFiles(c, a, sent)
	}
	if sent.err != nil {
		return sent.err
	}
	return s.done(c, papersPath(k.ID), "材料已添加")
}

func (s *Server) contractFileRemove(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.DetachContractFile(c.Request().Context(), a, id, c.Param("file")); err != nil {
		return err
	}
	return s.done(c, papersPath(id), "材料已移除")
}

func (s *Server) contractPayments(c echo.Context, a market.Actor) error {
	return s.showContractPayments(c, a, sentPaper{})
}

func (s *Server) showContractPayments(c echo.Context, a market.Actor, sent sentPaper) error {
	k, err := s.contractAt(c, a)
	if err != nil {
		return err
	}
	work, err := s.work(c, a, "付款凭证")
	if err != nil {
		return err
	}
	at := errorsOf(sent.err)
	page := contractPayments{Work: work, Back: view.Link{Label: "合同 " + k.Number, Href: contractPath(k.ID)}, Path: paymentsPath(k.ID), State: k.State, Note: paidNote(k),
		Open: k.State.Payable() && len(k.Payments) < market.MaxPayments, Key: cmp.Or(sent.key, formKey()), Upload: sent.upload}
	page.Errors = errorSummary(sent.err)
	for _, y := range k.Payments {
		row := payRow(y)
		if y.OrgID == a.OrgID && y.VoidedAt == nil && k.State.Payable() {
			row.Action = fmt.Sprintf("%s/%d/void", page.Path, y.ID)
			row.Reason = &view.Field{Name: "reason", ID: fmt.Sprintf("reason-%d", y.ID), Label: "作废原因", Hint: "双方和登记机构会看到"}
			if sent.payment == y.ID {
				row.Typed = true
				row.Reason.ID, row.Reason.Value, row.Reason.Error = "", sent.form("reason"), at["reason"]
			}
		}
		page.Rows = append(page.Rows, row)
	}
	if sent.payment != 0 {
		at = nil
	}
	page.Fields = []view.Field{
		{Name: "paid_on", Kind: view.KindDate, Label: "付款日期", Value: sent.value("paid_on"), Error: at["paid_on"]},
		{Name: "paid", Kind: view.KindMoney, Label: "付款金额", Value: sent.value("paid"), Unit: sent.value("paid_unit"), Error: at["paid"]},
		{Name: "note", Label: "说明", Optional: true, Hint: "例：第 1 期，合同生效款", Value: sent.value("note"), Error: at["note"]},
		uploadField(market.FilePayment, "凭证", "银行回单、发票等。", sent.upload, at),
	}
	return s.renderStatus(c, pageStatus(sent.err), page)
}

// paidNote says how much of the contract was paid.
func paidNote(k store.Contract) string {
	paid := market.Paid(k.Payments)
	switch {
	case len(k.Payments) == 0:
		return ""
	case k.AmountOpen:
		return "已付 " + market.FormatMoney(paid) + "（总额未定）"
	}
	return "已付 " + market.FormatMoney(paid) + "，占合同成交额 " + view.Pct(paid.Div(k.TotalAmount))
}

func payRow(y market.Payment) paymentRow {
	row := paymentRow{paperRow: paperRow{Href: "/files/" + y.FileID, Name: y.FileName, Facts: view.FileSize(y.FileSize), Hash: y.Hash()},
		Paid: view.Date(y.PaidOn), Amount: market.FormatYuan(y.Amount), By: y.OrgName + " " + view.Date(y.AddedAt) + " 登记"}
	row.Use = y.Note
	if y.VoidedAt != nil {
		row.Void = view.Date(*y.VoidedAt) + " 作废：" + y.VoidReason
	}
	return row
}

func (s *Server) contractPaymentAdd(c echo.Context, a market.Actor) error {
	k, err := s.contractAt(c, a)
	if err != nil {
		return err
	}
	var p market.Problems
	sent := sentPaper{key: c.FormValue("key"), form: c.FormValue}
	y := market.Payment{ContractID: k.ID, PaidOn: parseDate(&p, "paid_on", c.FormValue("paid_on")),
		Amount: parseMoney(&p, "paid", c.FormValue("paid"), c.FormValue("paid_unit")).Decimal, Note: c.FormValue("note")}
	y.FileID, sent.err = s.postedPaper(c, a, market.FilePayment)
	sent.upload = y.FileID
	switch {
	case sent.err != nil:
	case len(p) > 0:
		sent.err = merge(p, y.Check(s.Service.Today()).Err())
	default:
		sent.err = s.Service.AddPayment(c.Request().Context(), a, y, sent.key)
	}
	if market.IsKind(sent.err, market.Invalid) {
		return s.showContractPayments(c, a, sent)
	}
	if sent.err != nil {
		return sent.err
	}
	return s.done(c, paymentsPath(k.ID), "付款凭证已登记")
}

func (s *Server) contractPaymentVoid(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	payment, err := strconv.ParseInt(c.Param("payment"), 10, 64)
	if err != nil {
		return market.ErrNotFound
	}
	err = s.Service.VoidPayment(c.Request().Context(), a, id, payment, c.FormValue("reason"))
	if market.IsKind(err, market.Invalid) {
		return s.showContractPayments(c, a, sentPaper{payment: payment, form: c.FormValue, err: err})
	}
	if err != nil {
		return err
	}
	return s.done(c, paymentsPath(id), "这笔凭证已作废，记录保留")
}
