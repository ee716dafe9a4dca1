package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

func amendmentPath(contract, id int64) string {
	return fmt.Sprintf("%s/amendments/%d", contractPath(contract), id)
}

// changeInput is what the form for a change asks beside the contract.
type changeInput struct{ why, upload string }

// asChange makes the form of a contract that of a change.
func (page *contractForm) asChange(c echo.Context, in contractInput, at fieldErrors) {
	page.Title, page.Heading, page.Action = "申请变更", "申请变更："+in.contract.Title, contractPath(in.contract.ID)+"/change"
	page.Key, page.Upload = cmp.Or(c.FormValue("key"), formKey()), in.change.upload
	page.Submit, page.Note = "提交变更申请", "登记机构重新核定以前，仍按原登记办理"
	page.Change = []view.Field{
		{Name: "why", Kind: view.KindArea, Lines: 3, Label: "变更的原因", Hint: "例：双方于 2027-03-05 签订补充协议，增加一条中试线，价款相应增加", Value: in.change.why, Max: 500, Error: at["why"]},
		uploadField(market.FileContract, "变更协议等证明", "双方签署的补充协议、名称变更核准等。", in.change.upload, at),
	}
}

// changeSource is the registered contract of the address, for the form by which its seller asks to change it.
func (s *Server) changeSource(c echo.Context, a market.Actor) (contractInput, error) {
	k, err := s.amendable(c, a, market.AmendChange)
	in := inputOf(k.Contract)
	in.price, in.deal, in.change = k.DealPrice, k.DealNumber, &changeInput{}
	return in, err
}

// amendable is the contract of the address for its seller's editors, when it takes that kind of amendment now.
func (s *Server) amendable(c echo.Context, a market.Actor, kind market.AmendmentKind) (store.Contract, error) {
	k, err := s.contractAt(c, a)
	switch {
	case err != nil:
		return k, err
	case !s.sells(a, k):
		return k, market.Errorf(market.Denied, "%s由卖方申请", kind.Name())
	}
	if open := k.OpenAmendment(); open != nil && c.Request().Method == http.MethodGet {
		return k, market.Errorf(market.Conflict, "这份合同有一项%s正在办理。请等它办完，或者先撤回它", open.Kind.Name())
	}
	return k, kind.Takes(k.Contract)
}

func (s *Server) changeNew(c echo.Context, a market.Actor) error {
	in, err := s.changeSource(c, a)
	if err != nil {
		return err
	}
	return s.showContractForm(c, a, in, nil)
}

func (s *Server) changeAsk(c echo.Context, a market.Actor) error {
	in, err := s.changeSource(c, a)
	if err != nil {
		return err
	}
	return s.askChange(c, a, in, "变更申请已提交，登记机构会重新核定", func(k market.Contract, x market.Amendment) (int64, error) {
		return s.Service.AskChange(c.Request().Context(), a, k, x, c.FormValue("key"))
	})
}

// askChange reads the form of a change over what it was filled in with, and asks for it.
func (s *Server) askChange(c echo.Context, a market.Actor, in contractInput, done string, ask func(market.Contract, market.Amendment) (int64, error)) error {
	if err := readForm(c); err != nil {
		return err
	}
	in.change.why = c.FormValue("why")
	upload, uploadErr := s.postedPaper(c, a, market.FileContract)
	if uploadErr != nil && !market.IsKind(uploadErr, market.Invalid) {
		return uploadErr
	}
	in.change.upload = upload
	problems, err := s.checkContract(c, a, &in, in.read(c))
	if err != nil {
		return err
	}
	in.contract.Version = formVersion(c)
	if in.asked(c.FormValue("act")) {
		return s.showContractForm(c, a, in, nil)
	}
	if err := merge(problems, uploadErr); err != nil {
		return s.showContractForm(c, a, in, err)
	}
	id, err := ask(in.contract, market.Amendment{Why: in.change.why, FileID: upload})
	if market.IsKind(err, market.Invalid) || errors.Is(err, market.ErrStale) {
		return s.showContractForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, amendmentPath(in.contract.ID, id), done)
}

// supplementForm is the page on which the seller asks to add what a royalty has brought.
type supplementForm struct {
	view.Work
	C      store.Contract
	Back   view.Link
	Action string
	Key    string
	Upload string
	Fields []view.Field
	Facts  []view.Fact
}

func (supplementForm) Template() string { return "page/contract/supplement" }

func (s *Server) supplementNew(c echo.Context, a market.Actor) error {
	k, err := s.amendable(c, a, market.AmendSupplement)
	if err != nil {
		return err
	}
	return s.showSupplement(c, a, k, "", nil)
}

func (s *Server) showSupplement(c echo.Context, a market.Actor, k store.Contract, upload string, failed error) error {
	work, err := s.work(c, a, "申请提成补充")
	if err != nil {
		return err
	}
	page := supplementForm{Work: work, C: k, Back: view.Link{Label: "合同 " + k.Number, Href: contractPath(k.ID)}, Action: contractPath(k.ID) + "/supplement",
		Key: cmp.Or(c.FormValue("key"), formKey()), Upload: upload, Facts: amountFacts(k)}
	at := errorsOf(failed)
	page.Errors = errorSummary(failed)
	page.Fields = []view.Field{
		{Name: "obtained_on", Kind: view.KindDate, Label: "结算日期", Value: c.FormValue("obtained_on"), Error: at["obtained_on"]},
		{Name: "total_amount", Kind: view.KindMoney, Label: "本期实际取得的金额", Value: c.FormValue("total_amount"), Unit: c.FormValue("total_amount_unit"), Error: at["total_amount"]},
		{Name: "tech_amount", Kind: view.KindMoney, Label: "其中的技术交易额", Optional: true, Hint: "扣除设备、材料等非技术费用以后的数；不填就是全部", Value: c.FormValue("tech_amount"),
			Unit: c.FormValue("tech_amount_unit"), Error: at["tech_amount"]},
		{Name: "why", Kind: view.KindArea, Lines: 3, Label: "哪一期，怎么算的", Hint: "例：2027 年上半年，含税销售额 820 万元的 3%", Value: c.FormValue("why"), Max: 500, Error: at["why"]},
		{Name: "final", Kind: view.KindCheck, Label: "总额已定，以后不再补充", Hint: "提成期满或者双方结清时勾选；确认后不能再补充", Value: c.FormValue("final")},
		uploadField(market.FileContract, "结算单和收款凭证", "双方确认的结算单、银行回单、发票。", upload, at),
	}
	return s.renderStatus(c, formStatus(failed), page)
}

// amountFacts are the amounts of a royalty: what was registered, and what was added since.
func amountFacts(k store.Contract) []view.Fact {
	return []view.Fact{{Label: "登记的合同成交额", Text: market.FormatMoney(k.TotalAmount)}, {Label: "已确认的补充", Text: market.FormatMoney(k.Supplemented())},
		{Label: "合计", Text: market.FormatMoney(k.TotalAmount.Add(k.Supplemented()))}}
}

func (s *Server) supplementAsk(c echo.Context, a market.Actor) error {
	k, err := s.amendable(c, a, market.AmendSupplement)
	if err != nil {
		return err
	}
	if err := readForm(c); err != nil {
		return err
	}
	var p market.Problems
	x := market.Amendment{ContractID: k.ID, Kind: market.AmendSupplement, Why: c.FormValue("why"), ObtainedOn: datePointer(parseDate(&p, "obtained_on", c.FormValue("obtained_on"))), Final: c.FormValue("final") != "",
		Total: parseMoney(&p, "total_amount", c.FormValue("total_amount"), c.FormValue("total_amount_unit")).Decimal}
	tech := parseMoney(&p, "tech_amount", c.FormValue("tech_amount"), c.FormValue("tech_amount_unit"))
	if x.Tech = tech.Decimal; !tech.Valid {
		x.Tech = x.Total
	}
	var failed error
	x.FileID, failed = s.postedPaper(c, a, market.FileContract)
	upload := x.FileID
	switch {
	case failed != nil:
	case len(p) > 0:
		failed = merge(p, x.Check(k.Contract, s.Service.Today()).Err())
	default:
		x.ID, failed = s.Service.AskSupplement(c.Request().Context(), a, x, c.FormValue("key"))
	}
	if market.IsKind(failed, market.Invalid) {
		return s.showSupplement(c, a, k, upload, failed)
	}
	if failed != nil {
		return failed
	}
	return s.done(c, amendmentPath(k.ID, x.ID), "补充申请已提交，登记机构确认后计入成交额")
}

// amendmentPage is a change or a supplement for the parties and for the desk.
type amendmentPage struct {
	view.Work
	X          store.Amendment
	Back       view.Link
	Heading    string
	Sub        []string
	Period     *view.Link // of reconciliation, for who reads it
	State      view.State
	Alert      *view.Alert
	Due        *view.Due
	Changes    []view.Change
	EffectHead string
	Effect     []view.Fact
	Proof      paperRow
	Panel      decidePanel
}

func (amendmentPage) Template() string { return "page/contract/amendment" }

// amendmentOf is the amendment of the address with its contract.
func (s *Server) amendmentOf(c echo.Context, a market.Actor) (store.Contract, store.Amendment, error) {
	k, err := s.contractAt(c, a)
	if err != nil {
		return k, store.Amendment{}, err
	}
	for _, x := range k.Amendments {
		if fmt.Sprint(x.ID) == c.Param("amendment") {
			return k, x, nil
		}
	}
	return k, store.Amendment{}, market.ErrNotFound
}

func (s *Server) amendmentShow(c echo.Context, a market.Actor) error {
	return s.showAmendment(c, a, contractAct{}, nil)
}

func (s *Server) showAmendment(c echo.Context, a market.Actor, posted contractAct, failed error) error {
	k, x, err := s.amendmentOf(c, a)
	if err != nil {
		return err
	}
	staff, interested, err := s.deskReader(c, a, k)
	if err != nil {
		return err
	}
	work, err := s.work(c, a, x.Kind.Name())
	if err != nil {
		return err
	}
	page := amendmentPage{Work: work, X: x, Back: view.Link{Label: "合同 " + k.Number, Href: contractPath(k.ID)}, Heading: x.Kind.Name() + "：" + k.Title,
		Sub: []string{"登记编号 " + k.RegistrationNumber, view.Date(x.AskedAt) + " 申请"}, State: s.amendmentState(a, k, x.Amendment), EffectHead: "对成交额的影响"}
	if staff {
		markCurrent(page.SideGroups, "/registry")
	}
	page.Errors = errorSummary(failed)
	if x.State.Open() {
		due := s.contractDue(market.DateOf(x.AskedAt), x.DueOn)
		page.Due = &due
	}
	if x.State == market.AmendmentRefused {
		page.Alert = &view.Alert{Kind: view.AlertBad, Title: "未同意" + x.Kind.Name() + "：" + s.groundName(x.ReasonCode), Text: x.Reason}
	}
	if x.ReconciliationID != nil {
		page.Sub[1] = view.Date(x.AskedAt) + " 由登记机构提出，按" + market.PeriodName(x.Period) + "与全国系统的对账"
		if staff && a.County == "" {
			page.Period = &view.Link{Label: "看这一期对账", Href: listPath(*x.ReconciliationID, tabDecided)}
		}
	}
	if x.Kind == market.AmendChange {
		page.Changes = s.versionChanges(*x.Before, *x.Proposed)
	}
	page.Effect = amendmentEffect(s.ref, x.Amendment)
	page.Proof = paperRow{Href: "/files/" + x.FileID, Name: x.FileName, Facts: view.FileSize(x.FileSize), Hash: x.FileHash}
	b := amendmentPanel{panelBuilder{s: s, k: k, posted: posted, at: errorsOf(failed), base: amendmentPath(k.ID, x.ID)}, x}
	page.Panel = b.panel(a, interested, staff)
	return s.renderStatus(c, formStatus(failed), page)
}

// versionChanges compares two versions of a contract.
func (s *Server) versionChanges(before, after market.Contract) []view.Change {
	var out []view.Change
	for _, d := range market.ContractDiff(s.ref, before, after) {
		if change, ok := view.NewChange(d.Label, d.Before, d.After); ok {
			out = append(out, change)
		}
	}
	return out
}

// amendmentEffect says what the amendment does, or did, to the turnover.
func amendmentEffect(ref *market.Reference, x market.Amendment) []view.Fact {
	facts := []view.Fact{{Label: "合同成交额", Text: byHowMuch(x.TotalBy())}, {Label: "技术交易额", Text: byHowMuch(x.TechBy())}}
	if x.Kind == market.AmendSupplement {
		facts = append([]view.Fact{{Label: "结算日期", Text: view.Date(*x.ObtainedOn)}}, facts...)
		if x.Final {
			facts = append(facts, view.Fact{Label: "总额", Text: "已定，以后不再补充"})
		}
	}
	if x.Moves(ref) {
		facts = append(facts, view.Fact{Label: "统计口径", Text: "有变动：先按原口径全部冲回，再按新口径全部计入"})
	}
	if x.State == market.AmendmentConfirmed {
		return append(facts, view.Fact{Label: "计入", Text: view.Date(*x.DecidedAt) + " 作为调整记入账本，原登记不改"})
	}
	return facts
}

// byHowMuch is a sum with its sign, in yuan.
func byHowMuch(yuan decimal.Decimal) string {
	switch {
	case yuan.IsZero():
		return "不变"
	case yuan.IsNegative():
		return "减少 " + market.FormatYuan(yuan.Neg()) + " 元"
	}
	return "增加 " + market.FormatYuan(yuan) + " 元"
}

// amendmentState shows where an amendment stands: a diamond where the reader has to act.
func (s *Server) amendmentState(a market.Actor, k store.Contract, x market.Amendment) view.State {
	return amendmentShape(x.State, a.Reaches(k.Seller.Region, market.Registrar) && !firstOf(a, x.State, x.FirstReviewer))
}

// firstOf reports whether the actor made the first review of an amendment that now needs the second.
func firstOf(a market.Actor, state market.AmendmentState, first *int64) bool {
	return state == market.AmendmentSecondReview && first != nil && *first == a.UserID
}

func amendmentShape(state market.AmendmentState, todo bool) view.State {
	st := view.State{Text: market.Amendments.Names[state], Shape: view.ShapeStop}
	switch {
	case state.Open() && todo:
		st.Shape = view.ShapeTodo
	case state.Open():
		st.Shape = view.ShapeRun
	case state == market.AmendmentConfirmed:
		st.Shape = view.ShapeDone
	}
	return st
}

// amendmentPanel makes the column in which the reader acts on an amendment.
type amendmentPanel struct {
	panelBuilder
	x store.Amendment
}

func (b amendmentPanel) panel(a market.Actor, interested, staff bool) decidePanel {
	registrar := a.Reaches(b.k.Seller.Region, market.Registrar)
	switch {
	case !b.x.State.Open():
		return b.result(staff)
	case b.s.sells(a, b.k) && b.x.ReconciliationID != nil:
		p := b.result(staff)
		p.Lead = "登记机构按全国系统的登记提出更正，复审以后生效。有不同意见请联系登记机构。"
		return p
	case b.s.sells(a, b.k) && a.May(market.ScopeContract):
		p := b.result(staff)
		p.Lead = "登记机构审核以前可以撤回；审核期间仍按原登记办理。"
		p.Decisions = []decision{b.fold(b.decide("withdraw", "撤回这项申请", "申请终止，登记内容不变；需要时重新申请。"), "withdraw", "撤回申请", view.StyleDanger)}
		return p
	case registrar && interested:
		return decidePanel{Title: "审核", Blocked: "这份合同由您经手，或者您所在的单位是它的一方或代办机构，须由其他登记人员办理。"}
	case registrar && firstOf(a, b.x.State, b.x.FirstReviewer) && b.x.ReconciliationID != nil:
		return decidePanel{Title: "复审", Blocked: "这项更正由您提出，复审须由另一位登记人员办理。", Decisions: []decision{b.refused()}}
	case registrar && firstOf(a, b.x.State, b.x.FirstReviewer):
		return decidePanel{Title: "复审", Blocked: "您是这项申请的初审人，复审须由另一位登记人员办理。"}
	case registrar:
		return b.review()
	}
	return b.result(staff)
}

func (b amendmentPanel) review() decidePanel {
	effect := "成交额" + byHowMuch(b.x.TotalBy()) + "，按今天记入账本，不可修改；双方收到通知。"
	if b.x.Kind == market.AmendChange {
		effect = "合同成为新的一版，原来各版仍可查；" + effect
	}
	switch {
	case b.x.Two && b.x.State == market.AmendmentOpen:
		return decidePanel{Title: "初审", Lead: "变更前后的技术交易额有一个达到 " + market.FormatMoney(b.s.twoFrom()) + "，须由两人审查。",
			Decisions: []decision{b.decide("pass", "初审通过，转复审", "由另一位登记人员复审；其他登记人员收到通知。"), b.refused()}}
	case b.x.Two:
		return decidePanel{Title: "复审", Lead: "初审人：" + b.x.FirstName + "。", Decisions: []decision{b.decide("confirm", "复审通过，确认"+b.x.Kind.Name(), effect), b.refused()}}
	}
	return decidePanel{Title: "审核", Decisions: []decision{b.decide("confirm", "确认"+b.x.Kind.Name(), effect), b.refused()}}
}

func (b amendmentPanel) refused() decision {
	d := b.decide("refuse", "不同意"+b.x.Kind.Name(), "登记内容不变，双方收到理由；卖方可以重新申请。")
	d.Fields = []view.Field{
		b.field("refuse", view.Field{Kind: view.KindSelect, Name: "code", Label: "情形", Options: b.grounds()}),
		b.field("refuse", view.Field{Kind: view.KindArea, Name: "note", Lines: 4, Label: "理由（双方会看到）", Max: 1000})}
	return b.fold(d, "refuse", "不同意", view.StyleDanger)
}

// result says how the amendment stands to whom cannot act. The desk's people are named to the desk.
func (b amendmentPanel) result(staff bool) decidePanel {
	p := decidePanel{Title: "办理情况", Facts: []view.Fact{{Label: "状态", Text: market.Amendments.Names[b.x.State]}, {Label: "申请", Text: view.Date(b.x.AskedAt)}}}
	if b.x.DecidedAt != nil {
		p.Facts = append(p.Facts, view.Fact{Label: "办结", Text: view.Date(*b.x.DecidedAt)})
	}
	if names := strings.TrimSpace(b.x.FirstName + " " + b.x.SecondName); staff && names != "" {
		p.Facts = append(p.Facts, view.Fact{Label: "审查人", Text: names})
	}
	return p
}

// amendmentMove carries out a move on the amendment of the address. What the form got wrong is shown on its page.
func (s *Server) amendmentMove(c echo.Context, a market.Actor, move, done string, do func(contract, id int64) error) error {
	contract, err := pathID(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.Param("amendment"), 10, 64)
	if err != nil {
		return market.ErrNotFound
	}
	err = do(contract, id)
	if market.IsKind(err, market.Invalid) {
		return s.showAmendment(c, a, contractAct{move: move, form: c.FormValue}, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, amendmentPath(contract, id), done)
}

func (s *Server) amendmentWithdraw(c echo.Context, a market.Actor) error {
	return s.amendmentMove(c, a, "withdraw", "申请已撤回，登记内容不变", func(contract, id int64) error {
		return s.Service.WithdrawAmendment(c.Request().Context(), a, contract, id)
	})
}

func (s *Server) amendmentPass(c echo.Context, a market.Actor) error {
	return s.amendmentMove(c, a, "pass", "初审已通过，转复审", func(contract, id int64) error {
		return s.Service.PassAmendment(c.Request().Context(), a, contract, id)
	})
}

func (s *Server) amendmentConfirm(c echo.Context, a market.Actor) error {
	return s.amendmentMove(c, a, "confirm", "已确认，账本已记入", func(contract, id int64) error {
		return s.Service.ConfirmAmendment(c.Request().Context(), a, contract, id)
	})
}

func (s *Server) amendmentRefuse(c echo.Context, a market.Actor) error {
	return s.amendmentMove(c, a, "refuse", "已决定不同意，双方会收到理由", func(contract, id int64) error {
		return s.Service.RefuseAmendment(c.Request().Context(), a, contract, id, c.FormValue("code"), c.FormValue("note"))
	})
}

// versionPage is a version of a registered contract.
type versionPage struct {
	view.Work
	Back    view.Link
	Heading string
	Sub     []string
	Changes []view.Change
	Lines   view.Table
}

func (versionPage) Template() string { return "page/contract/version" }

func (s *Server) contractVersion(c echo.Context, a market.Actor) error {
	k, err := s.contractAt(c, a)
	if err != nil {
		return err
	}
	versions := k.Versions()
	number, err := strconv.Atoi(c.Param("number"))
	if err != nil || number < 1 || number > len(versions) {
		return market.ErrNotFound
	}
	v := versions[number-1]
	work, err := s.work(c, a, versionName(number))
	if err != nil {
		return err
	}
	page := versionPage{Work: work, Back: view.Link{Label: "合同 " + k.Number, Href: contractPath(k.ID)}, Heading: versionName(number) + "：" + v.Contract.Title,
		Sub: []string{"登记编号 " + k.RegistrationNumber, fmt.Sprintf("共 %d 版，这一版从 %s 起", len(versions), view.Date(v.Since))}}
	if deskOf(a, k.Seller.Region) {
		markCurrent(page.SideGroups, "/registry")
	}
	if number > 1 {
		page.Changes = s.versionChanges(versions[number-2].Contract, v.Contract)
	}
	page.Lines = view.Table{Label: "登记的内容", Caption: "登记的内容", Hidden: true, Class: "mk-dense mk-table--stack", Cols: []view.Col{{Label: "项目"}, {Label: "内容"}}}
	for _, line := range v.Contract.Lines(s.ref) {
		page.Lines.Rows = append(page.Lines.Rows, view.TableRow{Cells: []view.Cell{{Text: line.Label}, {Text: dash(line.Text)}}})
	}
	return s.render(c, page)
}

func versionName(number int) string { return fmt.Sprintf("第 %d 版", number) }

// amendedBox is the part of a contract's page about changes and supplements.
type amendedBox struct {
	Note     string
	List     view.Table
	Versions view.Table
}

// amendedPart lists what was asked of a contract since its registration, nil when nothing was.
func (s *Server) amendedPart(a market.Actor, k store.Contract) *amendedBox {
	if len(k.Amendments) == 0 {
		return nil
	}
	box := amendedBox{List: view.Table{Label: "变更与补充", Caption: "变更与补充", Hidden: true, Class: "mk-dense mk-table--stack",
		Cols: []view.Col{{Label: "申请"}, {Label: "合同成交额", Num: true}, {Label: "技术交易额", Num: true}, {Label: "状态"}}}}
	for _, x := range k.Amendments {
		st := s.amendmentState(a, k, x.Amendment)
		box.List.Rows = append(box.List.Rows, view.TableRow{Cells: []view.Cell{{Text: x.Kind.Name() + " " + view.Date(x.AskedAt), Href: amendmentPath(k.ID, x.ID), Sub: market.Truncate(x.Why, 40)},
			{Text: byHowMuch(x.TotalBy())}, {Text: byHowMuch(x.TechBy())}, {State: &st}}})
	}
	if added := k.Supplemented(); added.IsPositive() {
		box.Note = fmt.Sprintf("登记 %s，补充 %s，合计 %s", market.FormatMoney(k.TotalAmount), market.FormatMoney(added), market.FormatMoney(k.TotalAmount.Add(added)))
	}
	if versions := k.Versions(); len(versions) > 1 {
		box.Versions = view.Table{Label: "登记的各版", Caption: "登记的各版", Hidden: true, Class: "mk-dense mk-table--stack",
			Cols: []view.Col{{Label: "版本"}, {Label: "起"}, {Label: "合同成交额", Unit: "元", Num: true}}}
		for _, v := range versions {
			box.Versions.Rows = append(box.Versions.Rows, view.TableRow{Cells: []view.Cell{{Text: versionName(v.Number), Href: fmt.Sprintf("%s/versions/%d", contractPath(k.ID), v.Number)},
				{Text: view.Date(v.Since)}, {Text: market.FormatYuan(v.Contract.TotalAmount)}}})
		}
	}
	return &box
}

// amendActions are what the seller may ask of a registered contract.
func (s *Server) amendActions(a market.Actor, k store.Contract) []view.Action {
	if !s.sells(a, k) || !a.May(market.ScopeContract) || k.OpenAmendment() != nil || market.AmendChange.Takes(k.Contract) != nil {
		return nil
	}
	acts := []view.Action{{Label: "申请变更", Href: contractPath(k.ID) + "/change", Icon: "edit", Small: true}}
	if market.AmendSupplement.Takes(k.Contract) == nil {
		acts = append(acts, view.Action{Label: "补充提成", Href: contractPath(k.ID) + "/supplement", Icon: "plus", Small: true})
	}
	return acts
}

// amendmentsTab is the name of the desk's view of changes and supplements.
const amendmentsTab = "amendments"

// amendmentLines are the lines of that view.
func (s *Server) amendmentLines(a market.Actor, cards []store.AmendmentCard) []deskLine {
	out := make([]deskLine, len(cards))
	for i, x := range cards {
		due := s.contractDue(market.DateOf(x.AskedAt), market.DateOf(x.DueOn))
		due.Total, due.Used = 0, 0
		second := firstOf(a, x.State, x.FirstReviewer)
		out[i] = deskLine{Href: amendmentPath(x.ContractID, x.ID), Title: x.Title, Number: x.Number, Parties: x.SellerName + " → " + x.BuyerName, Kind: x.Kind.Name(), SubKind: x.Kind.Name(),
			Tech: "—", Arrived: view.Date(x.AskedAt), Due: view.Cell{Due: &due, Sub: view.MonthDay(x.DueOn) + " 前办结"}, State: amendmentShape(x.State, a.Has(market.Registrar) && !second),
			Note: market.Truncate(x.Why, 30), Verb: "查看", Bad: due.Level == view.DueLate, Warn: due.Level == view.DueSoon}
		if a.Has(market.Registrar) && !second {
			out[i].Verb = "办理"
		}
		if second {
			out[i].Note = "您是初审人，须由另一人复审"
		}
	}
	return out
}
