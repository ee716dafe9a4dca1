package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
)

// contractForm is the page on which the seller draws up a contract.
type contractForm struct {
	view.Work
	Back       view.Link
	Heading    string
	Sub        []string
	Steps      view.Steps
	Alert      *view.Alert // why it was sent back
	Action     string
	Key        string
	Deal       int64
	Version    int
	Seller     []view.Field
	Buyer      []view.Field
	More       []view.Field // the two parties' further details, the seller's first
	Name       view.Field
	Codes      []view.Field
	Special    []view.Field
	Content    view.Field
	IPType     view.Field
	IPs        view.Rows
	Amount     view.Field
	Open       view.Field
	Rows       view.Rows
	Sum        view.Sum
	SumNote    string
	Expected   []view.Field // what the technology is expected to bring
	Payment    []view.Field
	Plan       view.Rows
	PlanNote   string
	TotalSlip  *slip
	PlanSlips  []slip
	Dates      []view.Field
	FromDeal   []view.Fact
	Conditions []kindConditions
	Submit     string
	Note       string       // beside the button
	Change     []view.Field // why a registered contract is to change, and what proves it
	Upload     string       // id of the proof when it was uploaded already
	Correction *correctionBox
}

func (contractForm) Template() string { return "page/contract/form" }

// slip is a sum that was probably typed in the wrong unit, with the button that puts it right.
type slip struct {
	Text, Label, Act string
	sum              decimal.Decimal // what was probably meant, in yuan
}

// kindConditions are the conditions of a kind of contract; Codes are the sub-kinds' they are shown for.
type kindConditions struct {
	Name, Codes string
	Points      []string
	Open        bool
}

// contractInput is the form as it was typed; contract holds what could be read of it.
type contractInput struct {
	contract    market.Contract
	total       string
	unit        string
	investment  moneyInput
	output      moneyInput
	dates       map[string]string // by field
	rows        []deductionInput
	ips         []ipInput
	instalments []instalmentInput
	price       decimal.NullDecimal // of the deal
	doubt       string              // why the sum looks like a slip of 元 and 万元
	meant       decimal.NullDecimal // what was probably meant
	number      string              // of a stored contract
	deal        string              // number of the deal
	change      *changeInput        // of a registered contract that is to change
	correction  *service.Correction // of one that is to say what the national system says
	worked      bool                // the sums were worked out again
}

type deductionInput struct{ kind, name, amount string }

type instalmentInput struct{ milestone, due, amount string }

// inputOf fills the form from a contract.
func inputOf(c market.Contract) contractInput {
	in := contractInput{contract: c, unit: string(market.WanYuan), dates: map[string]string{}, number: c.Number, ips: typedIPs(c.IPs),
		investment: typedMoney(c.AddedInvestment), output: typedMoney(c.AddedOutput)}
	if c.TotalAmount.IsPositive() {
		in.total = wanText(c.TotalAmount)
	}
	for field, day := range map[string]time.Time{"signed_on": c.SignedOn, "starts_on": c.StartsOn, "ends_on": c.EndsOn} {
		if !day.IsZero() {
			in.dates[field] = view.Date(day)
		}
	}
	for _, d := range c.Deductions {
		in.rows = append(in.rows, deductionInput{d.Kind, d.Name, wanText(d.Amount)})
	}
	for _, n := range c.Instalments {
		row := instalmentInput{milestone: n.Milestone, amount: wanText(n.Amount)}
		if n.DueOn != nil {
			row.due = view.Date(*n.DueOn)
		}
		in.instalments = append(in.instalments, row)
	}
	return in
}

// wanText is a sum in 万元 for an input: exact, with at least two decimals.
func wanText(yuan decimal.Decimal) string {
	wan := yuan.Shift(-4)
	if wan.Equal(wan.Round(2)) {
		return wan.StringFixed(2)
	}
	return wan.String()
}

// read takes what was posted. The identity of parties that the market knows stays as it was.
func (in *contractInput) read(c echo.Context) market.Problems {
	var p market.Problems
	form := &in.contract
	form.Title, form.Kind = c.FormValue("title"), c.FormValue("kind")
	form.Submarket, form.TechField, form.IPType = c.FormValue("submarket"), c.FormValue("tech_field"), c.FormValue("ip_type")
	form.PlanSource, form.PaymentMode = c.FormValue("plan_source"), c.FormValue("payment_mode")
	form.PaymentNote, form.Content = c.FormValue("payment_note"), c.FormValue("content")
	form.EconomicGoal, form.LicenceMode, form.Royalty = c.FormValue("economic_goal"), c.FormValue("licence_mode"), c.FormValue("royalty")
	form.AmountOpen, form.Foreign, form.Government = c.FormValue("amount_open") != "", c.FormValue("foreign") != "", c.FormValue("government") != ""
	in.investment, in.output = postedMoney(c, "added_investment"), postedMoney(c, "added_output")
	form.AddedInvestment = parseMoney(&p, "added_investment", in.investment.Text, in.investment.Unit)
	form.AddedOutput = parseMoney(&p, "added_output", in.output.Text, in.output.Unit)
	readDetails(c, "seller", &form.Seller)
	readDetails(c, "buyer", &form.Buyer)
	form.AgencyName, form.Related = c.FormValue("agency_name"), c.FormValue("related") != ""
	form.Seller.Type, form.Seller.Region, form.SellerPark = c.FormValue("seller_type"), c.FormValue("seller_region"), c.FormValue("seller_park")
	form.Buyer.Type, form.Buyer.Region = c.FormValue("buyer_type"), c.FormValue("buyer_region")
	if form.DealID == nil {
		form.Buyer.Name, form.Buyer.USCC = c.FormValue("buyer_name"), market.USCC(c.FormValue("buyer_uscc"))
	}
	in.total, in.unit = c.FormValue("total_amount"), c.FormValue("total_amount_unit")
	form.TotalAmount = parseMoney(&p, "total_amount", in.total, in.unit).Decimal
	for field, day := range map[string]*time.Time{"signed_on": &form.SignedOn, "starts_on": &form.StartsOn, "ends_on": &form.EndsOn} {
		in.dates[field] = c.FormValue(field)
		*day = parseDate(&p, field, in.dates[field])
	}
	in.readRows(c, &p)
	in.readRights(c, &p)
	in.readInstalments(c, &p)
	return p
}

// readDetails takes what was posted of a party's further details.
func readDetails(c echo.Context, side string, q *market.Party) {
	value := func(name string) string { return c.FormValue(side + "_" + name) }
	q.Scale, q.Industry, q.Traits = value("scale"), value("industry"), c.Request().PostForm[side+"_traits"]
	q.LegalRep, q.Address, q.Contact, q.Phone, q.Postcode = value("legal_rep"), value("address"), value("contact"), value("phone"), value("postcode")
}

func (in *contractInput) readRights(c echo.Context, p *market.Problems) {
	in.ips, in.contract.IPs = nil, nil
	for _, row := range rowValues(c, "ips", "type", "title", "number", "status", "filed_on") {
		ip := ipInput{Type: row[0], Title: row[1], Number: row[2], Status: row[3], FiledOn: row[4]}
		if ip.blank() {
			continue
		}
		in.contract.IPs = append(in.contract.IPs, ip.ip(p, fmt.Sprintf("ips.%d.", len(in.ips))))
		in.ips = append(in.ips, ip)
	}
}

func (in *contractInput) readInstalments(c echo.Context, p *market.Problems) {
	in.instalments, in.contract.Instalments = nil, nil
	for _, row := range rowValues(c, "instalments", "milestone", "due_on", "amount") {
		typed := instalmentInput{row[0], row[1], row[2]}
		if market.Normalize(typed.milestone+typed.due+typed.amount) == "" {
			continue
		}
		at := fmt.Sprintf("instalments.%d.", len(in.instalments))
		in.contract.Instalments = append(in.contract.Instalments, market.Instalment{Milestone: typed.milestone,
			DueOn: datePointer(parseDate(p, at+"due_on", typed.due)), Amount: parseMoney(p, at+"amount", typed.amount, string(market.WanYuan)).Decimal})
		in.instalments = append(in.instalments, typed)
	}
}

func (in *contractInput) readRows(c echo.Context, p *market.Problems) {
	in.rows, in.contract.Deductions = nil, nil
	values := c.Request().PostForm
	kinds, names, amounts := values["deductions.kind"], values["deductions.name"], values["deductions.amount"]
	for i := range min(len(kinds), len(names), len(amounts), 2*market.MaxRows) {
		row := deductionInput{kinds[i], names[i], amounts[i]}
		if market.Normalize(row.name) == "" && market.Normalize(row.amount) == "" {
			continue
		}
		amount := parseMoney(p, fmt.Sprintf("deductions.%d.amount", len(in.rows)), row.amount, string(market.WanYuan)).Decimal
		in.rows = append(in.rows, row)
		in.contract.Deductions = append(in.contract.Deductions, market.Deduction{Kind: row.kind, Name: row.name, Amount: amount})
	}
}

// checkContract adds to the problems of reading the form those of the contract, and asks about a sum that looks like a
// slip of 元 and 万元 unless the box beside it is ticked.
func (s *Server) checkContract(c echo.Context, a market.Actor, in *contractInput, p market.Problems) (market.Problems, error) {
	for _, f := range in.contract.Check(s.ref, s.Service.Today()) {
		p.Add(f.Field, "%s", f.Message)
	}
	var err error
	if in.doubt, in.meant, err = s.amountDoubt(c, a, *in); err != nil {
		return p, err
	}
	if in.doubt != "" && c.FormValue("total_amount_confirm") == "" {
		p.Add("total_amount", "%s", in.doubt)
	}
	return p, nil
}

// contractSteps is the way through the form.
var contractSteps = []formStep{
	{"项目", "#step-subject", []string{"title", "kind", "licence_mode", "submarket", "tech_field", "economic_goal", "plan_source", "content", "foreign", "government", "ip_type", "ips"}},
	{"当事人", "#step-parties", []string{"seller_name", "seller_uscc", "seller_type", "seller_region", "seller_park", "buyer_name", "buyer_uscc", "buyer_type", "buyer_region", "agency_name"}},
	{"单位情况", "#step-details", []string{"seller_scale", "seller_industry", "seller_traits", "seller_legal_rep", "seller_address", "seller_contact", "seller_phone", "seller_postcode",
		"buyer_scale", "buyer_industry", "buyer_traits", "buyer_legal_rep", "buyer_address", "buyer_contact", "buyer_phone", "buyer_postcode"}},
	{"金额与付款", stepMoney, []string{"total_amount", "amount_open", "deductions", "added_investment", "added_output", "payment_mode", "royalty", "instalments", "payment_note"}},
	{"签订与有效期", "#step-dates", []string{"signed_on", "starts_on", "ends_on"}},
}

const stepMoney = "#step-money"

// stepChange comes first where a registered contract is to change.
var stepChange = formStep{"为什么变更", "#step-change", []string{"why", string(market.FileContract)}}

// steps are those of this form.
func (in contractInput) steps() []formStep {
	if in.change == nil {
		return contractSteps
	}
	first := stepChange
	if in.correction != nil {
		first.label = "为什么更正"
	}
	return slices.Concat([]formStep{first}, contractSteps)
}

// missing is what the form lacks for the contract to be handed in.
func (in contractInput) missing(ref *market.Reference, today time.Time) market.Problems {
	p := in.contract.CheckSubmit(ref, today)
	if in.change != nil && market.Normalize(in.change.why) == "" {
		p.Add("why", "请写明")
	}
	if in.change != nil && in.change.upload == "" {
		p.Add(string(market.FileContract), "请上传")
	}
	return p
}

// way is the way through the form and where on it the reader stands: where the first fault is, at the sums after they were
// worked out again, else where something is still missing.
func (in contractInput) way(missing market.Problems, err error) view.Steps {
	var faults market.Problems
	if e := market.AsError(err); e != nil {
		faults = e.Fields
	}
	list := in.steps()
	steps := stepsOf(missing, list)
	at := -1
	for i, item := range list {
		steps.Items[i].Fault = len(item.of(faults)) > 0
		if at < 0 && (steps.Items[i].Fault || in.worked && item.href == stepMoney) {
			at = i
		}
	}
	if at >= 0 {
		for i := range steps.Items {
			steps.Items[i].Current = i == at
		}
	}
	return steps
}

// largeSum is from where a sum without anything to compare it with is asked about.
var largeSum = decimal.NewFromInt(50_000_000)

// amountDoubt says why the sum may have been typed in the wrong unit, "" when nothing speaks for it, and what was meant
// where that can be told.
func (s *Server) amountDoubt(c echo.Context, a market.Actor, in contractInput) (string, decimal.NullDecimal, error) {
	sum, known, what := in.contract.TotalAmount, in.price, "成交记录"
	if !known.Valid {
		var err error
		if known, err = s.Store.ContractMedian(c.Request().Context(), a); err != nil {
			return "", decimal.NullDecimal{}, err
		}
		what = "本单位已登记合同的中位数"
	}
	if meant, slip := market.UnitSlip(sum, known.Decimal); slip {
		return fmt.Sprintf("%s 与%s %s 相差约 1 万倍，可能把元和万元填混了。若是，应为 %s", market.FormatMoney(sum), what,
			market.FormatMoney(known.Decimal), market.FormatMoney(meant)), decimal.NewNullDecimal(meant), nil
	}
	if sum.GreaterThan(largeSum) && !sum.Equal(in.price.Decimal) {
		return fmt.Sprintf("%s 超过 5,000 万元，请核对数字和单位", market.FormatMoney(sum)), decimal.NullDecimal{}, nil
	}
	return "", decimal.NullDecimal{}, nil
}

const (
	actCompute = "compute"
	actMend    = "mend." // with what to mend: total_amount or the number of an instalment
)

// totalSlip offers to put a sum right that was typed in the wrong unit.
func (in contractInput) totalSlip() *slip {
	if !in.meant.Valid {
		return nil
	}
	meant := market.FormatMoney(in.meant.Decimal)
	return &slip{in.doubt + "。", "改为 " + meant, actMend + "total_amount", in.meant.Decimal}
}

// planSlips offers to put instalments right that are some 10,000 times what is left of the total for them, or a 10,000th.
func (in contractInput) planSlips() []slip {
	c := in.contract
	if c.AmountOpen || !c.TotalAmount.IsPositive() || c.Scheduled().Equal(c.TotalAmount) {
		return nil
	}
	var out []slip
	for i, n := range c.Instalments {
		left := c.TotalAmount.Sub(c.Scheduled()).Add(n.Amount)
		if !left.IsPositive() {
			left = c.TotalAmount.Div(decimal.NewFromInt(int64(len(c.Instalments))))
		}
		meant, is := market.UnitSlip(n.Amount, left)
		if !is {
			continue
		}
		out = append(out, slip{fmt.Sprintf("第 %d 期 %s 与其余各期相差约 1 万倍，可能把元和万元填混了。", i+1, market.FormatMoney(n.Amount)),
			"第 " + fmt.Sprint(i+1) + " 期改为 " + market.FormatMoney(meant), actMend + fmt.Sprint(i), meant})
	}
	return out
}

// asked carries out what a button of the form other than 保存 asks for, and reports whether there was such a button.
func (in *contractInput) asked(act string) bool {
	what, mend := strings.CutPrefix(act, actMend)
	in.worked = mend || act == actCompute
	if !mend {
		return in.worked
	}
	if total := in.totalSlip(); total != nil && total.Act == act {
		in.contract.TotalAmount, in.total, in.unit = total.sum, wanText(total.sum), string(market.WanYuan)
		in.doubt, in.meant = "", decimal.NullDecimal{}
		return true
	}
	for _, p := range in.planSlips() {
		if i, err := strconv.Atoi(what); err == nil && p.Act == act {
			in.contract.Instalments[i].Amount, in.instalments[i].amount = p.sum, wanText(p.sum)
		}
	}
	return true
}

func (s *Server) contractNew(c echo.Context, a market.Actor) error {
	deal, err := dealID(c.QueryParam("deal"))
	if err != nil {
		return err
	}
	in, err := s.newContractInput(c, a, deal)
	if err != nil {
		return err
	}
	return s.showContractForm(c, a, in, nil)
}

// dealID reads the deal a contract is drawn up from, 0 for none.
func dealID(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, market.ErrNotFound
	}
	return id, nil
}

func (s *Server) newContractInput(c echo.Context, a market.Actor, deal int64) (contractInput, error) {
	ctx := c.Request().Context()
	draft, err := s.Service.NewContract(ctx, a, deal)
	if err != nil {
		return contractInput{}, err
	}
	in := inputOf(draft)
	if draft.DealID == nil {
		return in, nil
	}
	d, err := s.Store.Deal(ctx, a, deal)
	in.price, in.deal = decimal.NewNullDecimal(d.Price), d.Number
	return in, err
}

func (s *Server) contractCreate(c echo.Context, a market.Actor) error {
	deal, err := dealID(c.FormValue("deal"))
	if err != nil {
		return err
	}
	in, err := s.newContractInput(c, a, deal)
	if err != nil {
		return err
	}
	problems, err := s.checkContract(c, a, &in, in.read(c))
	if err != nil {
		return err
	}
	if in.asked(c.FormValue("act")) {
		return s.showContractForm(c, a, in, nil)
	}
	if err := problems.Err(); err != nil {
		return s.showContractForm(c, a, in, err)
	}
	id, err := s.Service.CreateContract(c.Request().Context(), a, in.contract, c.FormValue("key"))
	if market.IsKind(err, market.Invalid) {
		return s.showContractForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, contractPath(id), "合同草稿已保存。核对后提交登记申请")
}

func (s *Server) contractEdit(c echo.Context, a market.Actor) error {
	in, err := s.storedInput(c, a)
	if err != nil {
		return err
	}
	return s.showContractForm(c, a, in, nil)
}

// storedInput fills the form from a contract that its seller may change now.
func (s *Server) storedInput(c echo.Context, a market.Actor) (contractInput, error) {
	k, err := s.sellersContract(c, a)
	if err != nil {
		return contractInput{}, err
	}
	in := inputOf(k.Contract)
	in.price, in.deal = k.DealPrice, k.DealNumber
	return in, nil
}

func (s *Server) contractUpdate(c echo.Context, a market.Actor) error {
	in, err := s.storedInput(c, a)
	if err != nil {
		return err
	}
	problems, err := s.checkContract(c, a, &in, in.read(c))
	if err != nil {
		return err
	}
	in.contract.Version = formVersion(c)
	if in.asked(c.FormValue("act")) {
		return s.showContractForm(c, a, in, nil)
	}
	if err := problems.Err(); err != nil {
		return s.showContractForm(c, a, in, err)
	}
	err = s.Service.EditContract(c.Request().Context(), a, in.contract)
	if market.IsKind(err, market.Invalid) || errors.Is(err, market.ErrStale) {
		return s.showContractForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, contractPath(in.contract.ID), "合同草稿已保存。核对后提交登记申请")
}

func (s *Server) showContractForm(c echo.Context, a market.Actor, in contractInput, err error) error {
	work, werr := s.work(c, a, "起草合同")
	if werr != nil {
		return werr
	}
	ordered := inFormOrder(err, in.steps())
	at, k := errorsOf(ordered), in.contract
	page := contractForm{Work: work, Back: view.Link{Label: "合同", Href: "/contracts"}, Heading: "起草合同", Action: "/contracts", Key: cmp.Or(c.FormValue("key"), formKey()),
		Version: k.Version, Submit: "保存草稿", Note: "保存后核对，上传材料，再提交登记申请"}
	page.Errors = errorSummary(ordered)
	if k.Title != "" {
		page.Heading = "起草合同：" + k.Title
	}
	if k.ID != 0 {
		page.Back, page.Heading = view.Link{Label: "合同 " + in.number, Href: contractPath(k.ID)}, "修改合同："+k.Title
		page.Title, page.Action, page.Key = "修改合同", contractPath(k.ID)+"/edit", ""
	}
	if in.change != nil {
		page.asChange(c, in, at)
	}
	if in.correction != nil {
		page.asCorrection(in)
		markCurrent(page.SideGroups, reconcilePath)
	}
	if k.DealID != nil {
		page.Deal = *k.DealID
		page.FromDeal = s.dealFacts(c, a, *k.DealID)
		page.Sub = append(page.Sub, "来自成交 "+in.deal)
	}
	if k.State == market.ContractSupplement {
		page.Alert = &view.Alert{Kind: view.AlertWarn, Title: "退回补正：" + s.groundName(k.ReasonCode), Text: k.Reason}
	}
	page.Name = view.Field{Name: "title", Label: "项目名称", Hint: "与合同文本一致", Value: k.Title, Max: market.MaxTitle, Error: at["title"]}
	ref := s.ref.On(s.Service.Today())
	f := contractFieldset{ref: ref, in: in, at: at}
	page.Codes, page.Special, page.IPs = f.codes(), f.special(), f.rights()
	page.Seller, page.Buyer, page.More = f.seller(), f.buyer(), append(f.details("seller", "卖方", k.Seller), f.details("buyer", "买方", k.Buyer)...)
	page.IPType = f.choice("ip_type", "知识产权", "合同主要涉及的一种", ref.IPTypes, k.IPType)
	page.Content = view.Field{Name: "content", Kind: view.KindArea, Lines: 7, Label: "标的与验收", Optional: true, Hint: "技术内容、指标、期限、验收和归属，登记人员据此判断",
		Value: k.Content, Max: market.MaxText, Error: at["content"]}
	page.Amount, page.Open, page.Rows, page.Expected = f.amount(), f.open(), f.deductions(), f.expected()
	page.Sum, page.SumNote = contractSum(k)
	page.Payment, page.Plan, page.PlanNote, page.Dates = f.payment(), f.plan(), f.planNote(), f.dates()
	page.TotalSlip, page.PlanSlips = in.totalSlip(), in.planSlips()
	page.Conditions = conditionsOf(ref, k.Kind)
	page.Steps = in.way(in.missing(ref, s.Service.Today()), err)
	status := formStatus(err)
	if errors.Is(err, market.ErrStale) {
		status = http.StatusConflict
		page.Errors = view.ErrorSummary{Title: market.ErrStale.Message, Items: []view.ErrorItem{{Text: "您填写的内容还在下面，没有保存。先在另一个窗口打开合同核对，再重新修改"}}}
	}
	return s.renderStatus(c, status, page)
}

// dealFacts are the terms agreed on, to draw the contract up by. A deal that cannot be read shows none.
func (s *Server) dealFacts(c echo.Context, a market.Actor, id int64) []view.Fact {
	d, err := s.Store.Deal(c.Request().Context(), a, id)
	if err != nil {
		s.Log.ErrorContext(c.Request().Context(), "read a deal", "id", id, "err", err)
		return nil
	}
	kind, _ := s.ref.ContractKind(d.Kind)
	return []view.Fact{{Label: "成交编号", Text: d.Number, Code: true}, {Label: "达成", Text: view.Date(d.AgreedAt)}, {Label: "合作方式", Text: kind.Name()},
		{Label: "价款", Text: market.FormatMoney(d.Price)}, {Label: "付款", Text: d.Payment}, {Label: "指标", Text: d.Indicators},
		{Label: "期限", Text: d.Period}, {Label: "验收与归属", Text: d.Acceptance}}
}
