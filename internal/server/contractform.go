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
)

// contractForm is the page on which the seller draws up a contract.
type contractForm struct {
	view.Work
	Back     view.Link
	Heading  string
	Sub      []string
	Alert    *view.Alert // why it was sent back
	Action   string
	Key      string
	Deal     int64
	Version  int
	Seller   []view.Field
	Buyer    []view.Field
	Name     view.Field
	Codes    []view.Field
	Content  view.Field
	Amount   view.Field
	Rows     view.Rows
	Sum      view.Sum
	SumNote  string
	Payment  []view.Field
	Dates    []view.Field
	FromDeal []view.Fact
	Submit   string
}

func (contractForm) Template() string { return "page/contract/form" }

// contractInput is the form as it was typed; contract holds what could be read of it.
type contractInput struct {
	contract market.Contract
	total    string
	unit     string
	dates    map[string]string // by field
	rows     []deductionInput
	price    decimal.NullDecimal // of the deal
	doubt    string              // why the sum looks like a slip of 元 and 万元
	number   string              // of a stored contract
	deal     string              // number of the deal
}

type deductionInput struct{ kind, name, amount string }

// inputOf fills the form from a contract.
func inputOf(c market.Contract) contractInput {
	in := contractInput{contract: c, unit: string(market.WanYuan), dates: map[string]string{}, number: c.Number}
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
	return p
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
	if in.doubt, err = s.amountDoubt(c, a, *in); err != nil {
		return p, err
	}
	if in.doubt != "" && c.FormValue("total_amount_confirm") == "" {
		p.Add("total_amount", "%s", in.doubt)
	}
	slices.SortStableFunc(p, func(x, y market.FieldError) int { return cmp.Compare(formPlace(x.Field), formPlace(y.Field)) })
	return p, nil
}

// contractFields is the order of the form, to list what is wrong in.
var contractFields = []string{"title", "kind", "submarket", "tech_field", "ip_type", "plan_source", "content", "seller_name", "seller_uscc", "seller_type",
	"seller_region", "seller_park", "buyer_name", "buyer_uscc", "buyer_type", "buyer_region", "agency_name", "total_amount", "deductions", "payment_mode",
	"payment_note", "signed_on", "starts_on", "ends_on"}

func formPlace(field string) int {
	name, _, _ := strings.Cut(field, ".")
	return slices.Index(contractFields, name)
}

// largeSum is from where a sum without anything to compare it with is asked about.
var largeSum = decimal.NewFromInt(50_000_000)

// amountDoubt says why the sum may have been typed in the wrong unit, "" when nothing speaks for it.
func (s *Server) amountDoubt(c echo.Context, a market.Actor, in contractInput) (string, error) {
	sum, known, what := in.contract.TotalAmount, in.price, "成交记录"
	if !known.Valid {
		var err error
		if known, err = s.Store.ContractMedian(c.Request().Context(), a); err != nil {
			return "", err
		}
		what = "本单位已登记合同的中位数"
	}
	if meant, slip := market.UnitSlip(sum, known.Decimal); slip {
		return fmt.Sprintf("%s 与%s %s 相差约 1 万倍，可能把元和万元填混了。若是，应为 %s", market.FormatMoney(sum), what,
			market.FormatMoney(known.Decimal), market.FormatMoney(meant)), nil
	}
	if sum.GreaterThan(largeSum) && !sum.Equal(in.price.Decimal) {
		return fmt.Sprintf("%s 超过 5,000 万元，请核对数字和单位", market.FormatMoney(sum)), nil
	}
	return "", nil
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
	if c.FormValue("act") == "compute" {
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
	id, err := pathID(c)
	if err != nil {
		return contractInput{}, err
	}
	stored, err := s.Store.Contract(c.Request().Context(), a, id)
	if err != nil {
		return contractInput{}, err
	}
	if stored.Seller.OrgID == nil || *stored.Seller.OrgID != a.OrgID {
		return contractInput{}, market.Errorf(market.Denied, "合同由卖方修改")
	}
	if !stored.State.Editable() {
		return contractInput{}, market.Errorf(market.Conflict, "合同现在是“%s”，不能修改。需要修改请联系登记机构退回补正", stored.State.Name())
	}
	in := inputOf(stored.Contract)
	in.price, in.deal = stored.DealPrice, stored.DealNumber
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
	if c.FormValue("act") == "compute" {
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
	at, k := errorsOf(err), in.contract
	page := contractForm{Work: work, Back: view.Link{Label: "合同", Href: "/contracts"}, Heading: "起草合同", Action: "/contracts", Key: cmp.Or(c.FormValue("key"), formKey()),
		Version: k.Version, Submit: "保存草稿"}
	page.Errors = errorSummary(err)
	if k.Title != "" {
		page.Heading = "起草合同：" + k.Title
	}
	if k.ID != 0 {
		page.Back, page.Heading = view.Link{Label: "合同 " + in.number, Href: contractPath(k.ID)}, "修改合同："+k.Title
		page.Title, page.Action, page.Key = "修改合同", contractPath(k.ID)+"/edit", ""
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
	page.Codes, page.Seller, page.Buyer = s.codeFields(in, at), s.sellerFields(in, at), s.buyerFields(in, at)
	page.Content = view.Field{Name: "content", Kind: view.KindArea, Lines: 7, Label: "标的与验收", Optional: true, Hint: "技术内容、指标、期限、验收和归属，登记人员据此判断",
		Value: k.Content, Max: market.MaxText, Error: at["content"]}
	page.Amount, page.Rows = amountField(in, at), deductionRows(in, at)
	page.Sum, page.SumNote = contractSum(k)
	page.Payment, page.Dates = s.paymentFields(in, at), dateFields(in, at)
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

func (s *Server) sellerFields(in contractInput, at fieldErrors) []view.Field {
	k := in.contract
	return []view.Field{
		{Name: "seller_name", Label: "卖方（申请人）", Hint: "名称和代码按本单位核验的填写", Value: k.Seller.Name, Disabled: true, Error: at["seller_name"]},
		{Name: "seller_uscc", Kind: view.KindCode, Label: "统一社会信用代码", Value: string(k.Seller.USCC), Disabled: true, Error: at["seller_uscc"]},
		{Name: "seller_type", Kind: view.KindSelect, Label: "卖方性质", Options: selectOptions(s.ref.PartyTypes), Value: k.Seller.Type, Error: at["seller_type"]},
		{Name: "seller_region", Kind: view.KindSelect, Label: "卖方所在地", Options: selectOptions(regionCodes(s.ref.Regions)), Value: k.Seller.Region, Error: at["seller_region"]},
		{Name: "seller_park", Kind: view.KindSelect, Label: "卖方所在园区", Optional: true, Options: append([]view.Option{{Label: "不在园区"}}, options(s.ref.Parks)...),
			Value: k.SellerPark, Error: at["seller_park"]},
	}
}

func (s *Server) buyerFields(in contractInput, at fieldErrors) []view.Field {
	k := in.contract
	fixed := k.DealID != nil
	return []view.Field{
		{Name: "buyer_name", Label: "买方", Hint: buyerHint(fixed), Value: k.Buyer.Name, Disabled: fixed, Error: at["buyer_name"]},
		{Name: "buyer_uscc", Kind: view.KindCode, Label: "统一社会信用代码", Value: string(k.Buyer.USCC), Disabled: fixed, Error: at["buyer_uscc"]},
		{Name: "buyer_type", Kind: view.KindSelect, Label: "买方性质", Options: selectOptions(s.ref.PartyTypes), Value: k.Buyer.Type, Error: at["buyer_type"]},
		{Name: "buyer_region", Kind: view.KindSelect, Label: "买方所在地", Options: selectOptions(regionCodes(s.ref.Regions)), Value: k.Buyer.Region, Error: at["buyer_region"]},
		{Name: "agency_name", Label: "中介方", Optional: true, Hint: "促成交易的技术转移机构，写全称", Value: k.AgencyName, Error: at["agency_name"]},
		{Name: "related", Kind: view.KindCheck, Label: "双方是关联单位，这是关联交易", Value: checked(k.Related)},
	}
}

func buyerHint(fixed bool) string {
	if fixed {
		return "名称和代码按成交记录填写"
	}
	return "写全称，与合同一致"
}

func checked(on bool) string {
	if on {
		return "1"
	}
	return ""
}

// regionCodes are the places as choices.
func regionCodes(regions market.Regions) market.Codes {
	out := make(market.Codes, len(regions))
	for i, r := range regions {
		out[i] = market.Code{Code: r.Code, Name: r.Name}
	}
	return out
}

func (s *Server) codeFields(in contractInput, at fieldErrors) []view.Field {
	k := in.contract
	kinds := []view.Option{{Label: "请选择"}}
	for _, kind := range s.ref.ContractKinds {
		kinds = append(kinds, view.Option{Value: kind.Code, Label: kind.Name() + "（" + kind.Code + "）"})
	}
	return []view.Field{
		{Name: "kind", Kind: view.KindSelect, Label: "合同类别", Options: kinds, Value: k.Kind, Error: at["kind"]},
		{Name: "submarket", Kind: view.KindSelect, Label: "专业市场", Optional: true, Options: append([]view.Option{{Label: "不属于五个专业市场"}}, options(s.ref.Submarkets)...), Value: k.Submarket, Error: at["submarket"]},
		{Name: "tech_field", Kind: view.KindSelect, Label: "技术领域", Hint: "登记用的法定分类", Options: selectOptions(s.ref.TechFields), Value: k.TechField, Error: at["tech_field"]},
		{Name: "ip_type", Kind: view.KindSelect, Label: "知识产权", Options: selectOptions(s.ref.IPTypes), Value: k.IPType, Error: at["ip_type"]},
		{Name: "plan_source", Kind: view.KindSelect, Label: "计划来源", Options: selectOptions(s.ref.PlanSources), Value: k.PlanSource, Error: at["plan_source"]},
	}
}

func amountField(in contractInput, at fieldErrors) view.Field {
	f := view.Field{Kind: view.KindMoney, Name: "total_amount", Label: "合同成交额", Hint: "合同约定的全部价款", Value: in.total, Unit: in.unit, Error: at["total_amount"]}
	if in.price.Valid {
		f.Hint = "合同约定的全部价款。成交记录为 " + market.FormatMoney(in.price.Decimal) + "，改动须双方重新同意"
		if in.contract.TotalAmount.Equal(in.price.Decimal) {
			f.OK = "与成交记录一致"
		}
	}
	if in.doubt != "" {
		f.Confirm = "已核对，合同成交额就是 " + market.FormatMoney(in.contract.TotalAmount)
	}
	return f
}

func deductionRows(in contractInput, at fieldErrors) view.Rows {
	rows := view.Rows{Name: "deductions", Label: "扣除项", Title: "不属于技术的部分", Add: "加一项", Error: at["deductions"], Max: market.MaxRows,
		Hint: "购买设备、仪器、零部件、原材料等从成交额里扣除；合理数量的样品、图纸、软件载体不扣。没有就不填。",
		Cols: []view.RowCol{{Name: "kind", Label: "类别", Size: "s", Options: selectOptions(market.DeductionKinds)},
			{Name: "name", Label: "名称、数量", Size: "w", Max: 100}, {Name: "amount", Label: "金额（万元）", Size: "n", Decimal: true}}}
	for i, d := range in.rows {
		cell := func(col, value string) view.RowCell {
			message := at[fmt.Sprintf("deductions.%d.%s", i, col)]
			if rows.Error == "" {
				rows.Error = message
			}
			return view.RowCell{Value: value, Error: message}
		}
		rows.Lines = append(rows.Lines, view.RowLine{Cells: []view.RowCell{cell("kind", d.kind), cell("name", d.name), cell("amount", d.amount)}})
	}
	return rows
}

// contractSum is the way from 合同成交额 to 技术交易额, in yuan.
func contractSum(k market.Contract) (view.Sum, string) {
	tech := k.TotalAmount.Sub(k.Deducted())
	sum := view.Sum{Label: "从合同成交额到技术交易额，单位元",
		Lines: []view.SumLine{{Label: "合同成交额", Note: upper(k.TotalAmount), Value: market.FormatYuan(k.TotalAmount)}},
		Total: view.SumLine{Label: "技术交易额", Note: upper(tech), Value: market.FormatYuan(tech)}}
	for _, d := range k.Deductions {
		sum.Lines = append(sum.Lines, view.SumLine{Op: "−", Label: cmp.Or(market.DeductionKinds.Name(d.Kind), "未选类别") + "：" + cmp.Or(strings.TrimSpace(d.Name), "未写名称"),
			Value: market.FormatYuan(d.Amount)})
	}
	switch {
	case !k.TotalAmount.IsPositive():
		return sum, "填写合同成交额后算出"
	case !tech.IsPositive():
		return sum, "扣除项合计应小于合同成交额"
	}
	return sum, "占成交额 " + view.Pct(tech.Div(k.TotalAmount))
}

func upper(yuan decimal.Decimal) string {
	if !yuan.IsPositive() {
		return ""
	}
	return market.Uppercase(yuan)
}

func (s *Server) paymentFields(in contractInput, at fieldErrors) []view.Field {
	k := in.contract
	return []view.Field{
		{Name: "payment_mode", Kind: view.KindSelect, Label: "支付方式", Options: selectOptions(s.ref.PaymentModes), Value: k.PaymentMode, Error: at["payment_mode"]},
		{Name: "payment_note", Kind: view.KindArea, Lines: 3, Label: "付款约定", Optional: true, Hint: "各期的条件、日期和金额", Value: k.PaymentNote, Max: 1000, Error: at["payment_note"]},
	}
}

func dateFields(in contractInput, at fieldErrors) []view.Field {
	return []view.Field{
		{Name: "signed_on", Kind: view.KindDate, Label: "签订日期", Value: in.dates["signed_on"], Error: at["signed_on"]},
		{Name: "starts_on", Kind: view.KindDate, Label: "有效期起", Value: in.dates["starts_on"], Error: at["starts_on"]},
		{Name: "ends_on", Kind: view.KindDate, Label: "有效期止", Hint: "须在有效期内申请登记", Value: in.dates["ends_on"], Error: at["ends_on"]},
	}
}
