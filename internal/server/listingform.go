package server

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

// listingForm is the page on which a need or a result is written.
type listingForm struct {
	view.Base
	Heading  string
	Lead     string
	Steps    view.Steps
	Notes    []view.Alert
	Action   string // where the form posts
	Key      string // of a new one
	Version  int    // of one that is edited
	Sections []formSection
	Submit   view.Action // as a button of the form, or the reason why not yet
	Note     string
	Back     view.Link
	Public   bool        // the text of what is public, whose pictures and files stay as they are
	Keeps    bool        // the form saves itself: it is of a draft
	Kind     market.Kind // with Noun: of what there may be similar ones
	Noun     string
	Files    string // address of the page of pictures and files, "" while there is no draft yet

	NeedCard   *view.NeedCard
	ResultCard *view.ResultCard
	Checks     view.Tick
}

func (listingForm) Template() string { return "page/listing/edit" }

// formSection is a part of the form with its heading.
type formSection struct {
	ID    string
	Title string
	Hint  string
	Parts []formPart
}

// formPart is one of: a field, an editor of rows, the fields of all sub-markets, examples.
type formPart struct {
	Field    *view.Field
	Rows     *view.Rows
	Groups   *fieldGroups
	Examples []needExample
}

// fieldGroups are the 细分领域 of every sub-market. A script leaves only those of the sub-market chosen; without one all
// are there, and the server checks that they fit.
type fieldGroups struct {
	Error  string
	All    bool // the form has no choice of a sub-market
	Groups []fieldGroup
}

// fieldGroup is one sub-market's.
type fieldGroup struct {
	Submarket string
	Field     view.Field
}

func part(f view.Field) formPart { return formPart{Field: &f} }

// moneyInput is a sum as it was typed.
type moneyInput struct {
	Text string
	Unit string // 万元 or 元
}

func postedMoney(c echo.Context, name string) moneyInput {
	return moneyInput{Text: c.FormValue(name), Unit: c.FormValue(name + "_unit")}
}

// typedMoney shows a stored sum in a form again: in 万元, or in 元 where that would need many decimals.
func typedMoney(d decimal.NullDecimal) moneyInput {
	if !d.Valid {
		return moneyInput{Unit: string(market.WanYuan)}
	}
	if wan := d.Decimal.Shift(-4); wan.Equal(wan.Round(2)) {
		return moneyInput{Text: wan.String(), Unit: string(market.WanYuan)}
	}
	return moneyInput{Text: d.Decimal.String(), Unit: string(market.Yuan)}
}

// price reads a sum, or a range when both are typed, or 面议 when neither is.
func price(p *market.Problems, name string, low, high moneyInput) market.Price {
	out := market.Price{Kind: market.PriceOpen, Min: parseMoney(p, name, low.Text, low.Unit), Max: parseMoney(p, name+"_max", high.Text, high.Unit)}
	switch {
	case out.Min.Valid && out.Max.Valid:
		out.Kind = market.PriceRange
	case out.Min.Valid:
		out.Kind = market.PriceAmount
	case out.Max.Valid:
		p.Add(name+"_max", "只填了上限。只有一个数时填在上面，有范围时两个都填")
	}
	return out
}

// listingInput is what was typed into the fields that both forms have.
type listingInput struct {
	ID               int64
	Version          int
	Key              string
	Title            string
	Submarket        string
	Fields           []string
	TechField        string
	Region           string
	Modes            []string
	HideOrg          bool
	Secrecy          bool
	ContactName      string
	ContactPhone     string
	Gated            string
	Low, High        moneyInput
	MoneyConfirmed   bool
	unusual          bool                // the sum looks like a slip of the unit
	submitted, stale bool                // what the post asked for, what became of it
	number           string              // of one that is edited
	state            market.ListingState // its state
}

// postedListing reads the common fields of a posted form.
func postedListing(c echo.Context, money string) (listingInput, error) {
	form, err := c.FormParams()
	if err != nil {
		return listingInput{}, err
	}
	return listingInput{
		Version: formVersion(c), Key: c.FormValue("key"), Title: c.FormValue("title"), Submarket: c.FormValue("submarket"),
		Fields: form["fields"], TechField: c.FormValue("tech_field"), Region: c.FormValue("region"), Modes: form["modes"],
		HideOrg: c.FormValue("hide_org") == "1", Secrecy: c.FormValue("secrecy") != "",
		ContactName: c.FormValue("contact_name"), ContactPhone: c.FormValue("contact_phone"), Gated: c.FormValue("gated"),
		Low: postedMoney(c, money), High: postedMoney(c, money+"_max"), MoneyConfirmed: c.FormValue(money+"_confirm") != "",
		submitted: c.FormValue("act") == "submit",
	}, nil
}

// typedListing shows a stored listing in its form.
func typedListing(l market.Listing, p market.Price) listingInput {
	return listingInput{
		ID: l.ID, Version: l.Version, Title: l.Title, Submarket: l.Submarket, Fields: l.Fields, TechField: l.TechField, Region: l.Region,
		Modes: l.Modes, HideOrg: l.HideOrg, Secrecy: l.SecrecyConfirmed, ContactName: l.ContactName, ContactPhone: l.ContactPhone,
		Gated: l.Gated, Low: typedMoney(p.Min), High: typedMoney(p.Max), number: l.Number, state: l.State,
	}
}

// listing is the common part as the domain takes it.
func (in listingInput) listing() market.Listing {
	return market.Listing{
		ID: in.ID, Version: in.Version, Title: in.Title, Submarket: in.Submarket, Fields: slices.Clone(in.Fields), TechField: in.TechField,
		Region: in.Region, Modes: slices.Clone(in.Modes), HideOrg: in.HideOrg, SecrecyConfirmed: in.Secrecy,
		ContactName: in.ContactName, ContactPhone: in.ContactPhone, Gated: in.Gated,
	}
}

// maxPostedRows is how many rows of a form are read; that there are too many is noticed well before.
const maxPostedRows = 5 * market.MaxRows

// rowValues reads the columns of posted rows: the nth values belong together.
func rowValues(c echo.Context, name string, columns ...string) [][]string {
	var rows [][]string
	form := c.Request().PostForm
	for i, column := range columns {
		values := form[name+"."+column]
		for n, value := range values[:min(len(values), maxPostedRows)] {
			if n == len(rows) {
				rows = append(rows, make([]string, len(columns)))
			}
			rows[n][i] = value
		}
	}
	return rows
}

// merge adds the problems of a check to those of reading, each field once.
func merge(p market.Problems, err error) error {
	if e := market.AsError(err); e != nil && e.Kind == market.Invalid {
		for _, f := range e.Fields {
			p.Add(f.Field, "%s", f.Message)
		}
	}
	return p.Err()
}

// slip warns of a sum that looks like 元 typed as 万元, or the reverse, beside what is usual; the user may insist.
func (s *Server) slip(ctx context.Context, p *market.Problems, in *listingInput, field string, amount market.Price,
	median func(context.Context, string) (decimal.NullDecimal, error)) error {
	if !in.submitted || in.MoneyConfirmed || !amount.Min.Valid || s.ref.Submarkets.Name(in.Submarket) == "" {
		return nil
	}
	usual, err := median(ctx, in.Submarket)
	if err != nil || !usual.Valid {
		return err
	}
	meant, slipped := market.UnitSlip(amount.Min.Decimal, usual.Decimal)
	if !slipped {
		return nil
	}
	in.unusual = true
	p.Add(field, "同一专业市场的中位数是 %s，这里是 %s。如果是 %s，请改单位", view.MoneyShort(usual.Decimal), view.MoneyShort(amount.Min.Decimal), view.MoneyShort(meant))
	return nil
}

// confirmText is the sentence to tick when an unusual sum is meant.
func (in listingInput) confirmText() string {
	if in.unusual || in.MoneyConfirmed {
		return "金额和单位无误，继续使用"
	}
	return ""
}

// formPage fills what the forms of both kinds share. err is why the form comes back.
func (s *Server) formPage(c echo.Context, a market.Actor, kind market.Kind, in listingInput, err error) listingForm {
	noun := fullKindName(kind)
	page := listingForm{Base: s.base(c, a, "发布"+noun), Heading: "发布" + noun, Action: "/" + string(kind) + "s", Key: in.Key, Version: in.Version,
		Back: view.Link{Label: "不保存，返回", Href: "/work/" + string(kind) + "s"}}
	if in.ID != 0 {
		page.Title = "修改" + noun
		page.Heading, page.Action = page.Title+" "+in.number, listingPath(kind, in.ID)
		page.Back.Href = listingPath(kind, in.ID)
		if !in.state.Public() {
			page.Files = listingFilesPath(in.ID)
		}
	}
	page.Nav, page.NoIndex = string(kind)+"s", true
	page.Keeps, page.Kind, page.Noun = in.ID == 0 || in.state == market.Draft, kind, kindName(kind)
	page.Note = fmt.Sprintf("审核一般 %s；保存的草稿只有本单位能看到", s.reviewTime(kind))
	if page.Public = in.state.Public(); page.Public {
		page.Note = fmt.Sprintf("审核一般 %s；通过以前，公开的仍是原来的内容", s.reviewTime(kind))
		page.Notes = append(page.Notes, view.Alert{Text: "您改的是已经公开的内容。保存和提交都不会马上改动公开页，审核通过后才换成新的。图片和文件在撤回以后才能改。",
			Link: &view.Link{Label: "看历次内容", Href: listingPath(kind, in.ID) + "/revisions"}})
	}
	page.Submit = view.Action{ID: "submit", Label: "提交审核", Style: view.StylePrimary}
	if denied := a.RequireVerified(market.ScopePost); denied != nil {
		page.Submit.Why = market.AsError(denied).Message
		page.Notes = append(page.Notes, view.Alert{Kind: view.AlertWarn, Text: "可以先写好并保存草稿。" + page.Submit.Why + "。",
			Link: &view.Link{Label: "看核验进度", Href: "/org"}})
	}
	if e := market.AsError(err); e != nil {
		page.Errors = errorSummary(err)
		if len(e.Fields) == 0 {
			page.Errors = view.ErrorSummary{Title: "没有保存，您填写的内容还在", Items: []view.ErrorItem{{Text: e.Message}}}
		}
		if in.stale {
			page.Notes = append(page.Notes, view.Alert{Kind: view.AlertWarn, Text: "您填写的内容还在下面，没有覆盖别人的修改。",
				Link: &view.Link{Label: "打开最新内容再改", Href: listingPath(kind, in.ID) + "/edit"}})
		}
	}
	return page
}

// draftAnswer tells a form that keeps itself what became of it. Path and Version are those of the draft as it is stored now;
// without a path it was not.
type draftAnswer struct {
	Path    string `json:"path,omitempty"`
	Version int    `json:"version,omitempty"`
	Message string `json:"message"`
}

// keepsItself reports whether a post is by a form that keeps itself, not by a person who pressed a button.
func keepsItself(c echo.Context) bool {
	return c.Request().Method == http.MethodPost && c.Request().Header.Get(echo.HeaderAccept) == echo.MIMEApplicationJSON && c.FormValue("act") == "draft"
}

// kept answers a form that keeps itself.
func (s *Server) kept(c echo.Context, l market.Listing) error {
	return c.JSON(http.StatusOK, draftAnswer{Path: listingPath(l.Kind, l.ID), Version: l.Version, Message: "草稿已自动保存，" + view.DateTime(s.Now())})
}

// renderForm answers with the form, with the status of what went wrong.
func (s *Server) renderForm(c echo.Context, page listingForm, err error) error {
	status := formStatus(err)
	if e := market.AsError(err); e != nil {
		status = statusOf(e)
		if keepsItself(c) {
			message := e.Message
			if len(e.Fields) > 0 {
				message = e.Fields[0].Message
			}
			return c.JSON(status, draftAnswer{Message: message})
		}
	}
	return s.renderStatus(c, status, page)
}

// titleField, submarketField and so on are the fields that both forms have.
func titleField(in listingInput, at fieldErrors, hint string) formPart {
	return part(view.Field{Name: "title", Label: "标题", Hint: hint, Value: in.Title, Error: at["title"], Max: market.MaxTitle, Live: "title"})
}

func (s *Server) submarketField(in listingInput, at fieldErrors) formPart {
	return part(view.Field{Name: "submarket", Kind: view.KindSelect, Label: "专业市场", Options: selectOptions(s.ref.Submarkets), Value: in.Submarket, Error: at["submarket"]})
}

func (s *Server) fieldsField(in listingInput, at fieldErrors) formPart {
	groups := s.fieldGroups(in.Fields, at["fields"], false)
	return formPart{Groups: &groups}
}

// fieldGroups are the choices of 细分领域 with those chosen.
func (s *Server) fieldGroups(chosen []string, problem string, optional bool) fieldGroups {
	groups := fieldGroups{Error: problem}
	for _, m := range s.ref.Submarkets {
		f := view.Field{Name: "fields", ID: "fields-" + m.Code, Kind: view.KindChecks, Many: true, Optional: optional, Label: "细分领域：" + m.Name,
			Options: options(s.ref.FieldsOf(m.Code)), Values: chosen}
		groups.Groups = append(groups.Groups, fieldGroup{Submarket: m.Code, Field: f})
	}
	return groups
}

func (s *Server) placeFields(in listingInput, at fieldErrors) []formPart {
	region := append([]view.Option{{Label: "本单位的所在地"}}, options(s.places())...)
	tech := append([]view.Option{{Label: "按专业市场自动选"}}, options(s.ref.TechFields)...)
	return []formPart{
		part(view.Field{Name: "region", Kind: view.KindSelect, Label: "所在地", Optional: true, Options: region, Value: in.Region, Error: at["region"]}),
		part(view.Field{Name: "tech_field", Kind: view.KindSelect, Label: "技术领域", Hint: "技术合同登记用的分类", Optional: true, Options: tech, Value: in.TechField, Error: at["tech_field"]}),
	}
}

func modesField(in listingInput, at fieldErrors, label string) formPart {
	return part(view.Field{Name: "modes", Kind: view.KindChecks, Many: true, Label: label, Options: options(market.Modes), Values: in.Modes, Error: at["modes"]})
}

func textField(name, label, hint, value string, at fieldErrors, lines int, optional bool) formPart {
	return part(view.Field{Name: name, Kind: view.KindArea, Label: label, Hint: hint, Value: value, Error: at[name], Max: market.MaxText, Lines: lines, Optional: optional})
}

// publicSection is the last part of both forms: what is public, what is not, and the statement on secrets.
func (s *Server) publicSection(a market.Actor, in listingInput, at fieldErrors, title, gateHint string) formSection {
	hide, secrecy := "0", ""
	if in.HideOrg {
		hide = "1"
	}
	if in.Secrecy {
		secrecy = "1"
	}
	shown := unnamed(s.ref.Submarkets.Name(in.Submarket), a.OrgType)
	return formSection{ID: "s4", Title: title, Parts: []formPart{
		part(view.Field{Name: "hide_org", Kind: view.KindRadios, Label: "单位名称", Value: hide,
			Options: []view.Option{{Value: "0", Label: "公开"}, {Value: "1", Label: "只显示“" + shown + "”"}}}),
		textField("gated", "不公开的内容", gateHint, in.Gated, at, 4, true),
		part(view.Field{Name: "contact_name", Label: "对接联系人", Hint: "不公开，双方建立对接后才可见", Optional: true, Value: in.ContactName, Error: at["contact_name"], Autocomplete: "name"}),
		part(view.Field{Name: "contact_phone", Kind: view.KindTel, Label: "联系电话", Hint: "不公开，双方建立对接后才可见", Optional: true, Value: in.ContactPhone, Error: at["contact_phone"], Autocomplete: "tel"}),
		part(view.Field{Name: "secrecy", Kind: view.KindCheck, Label: "我确认：以上内容不含国家秘密、工作秘密", Value: secrecy, Error: at["secrecy"]}),
	}}
}

// formStep is one entry of the way through the form and the fields that must be right for it to be done.
type formStep struct {
	label  string
	href   string
	fields []string
}

// stepsOf leads to the sections. A section with nothing missing is done, the first other one is where to go on.
func stepsOf(missing market.Problems, list []formStep) view.Steps {
	var steps view.Steps
	found := false
	for _, item := range list {
		step := view.Step{Label: item.label, Href: item.href, Missing: strings.Join(item.of(missing), " ")}
		step.Done = step.Missing == ""
		step.Current = !step.Done && !found
		steps.Items = append(steps.Items, step)
		found = found || !step.Done
	}
	return steps
}

// of names the step's fields that have a message.
func (item formStep) of(problems market.Problems) []string {
	var names []string
	for _, f := range problems {
		if field, _, _ := strings.Cut(f.Field, "."); slices.Contains(item.fields, field) && !slices.Contains(names, field) {
			names = append(names, field)
		}
	}
	return names
}

// inFormOrder sorts the messages of an error as the form has the fields; err stays as it is when it has none.
func inFormOrder(err error, list []formStep) error {
	e := market.AsError(err)
	if e == nil {
		return err
	}
	var order []string
	for _, step := range list {
		order = append(order, step.fields...)
	}
	place := func(f market.FieldError) int {
		field, _, _ := strings.Cut(f.Field, ".")
		return slices.Index(order, field)
	}
	fields := slices.Clone(e.Fields)
	slices.SortStableFunc(fields, func(x, y market.FieldError) int { return cmp.Compare(place(x), place(y)) })
	return &market.Error{Kind: e.Kind, Message: e.Message, Fields: fields}
}

// check is a line of the list beside the form: what is there, or what is missing.
func check(missing market.Problems, field, good string) view.TickItem {
	for _, m := range missing {
		if m.Field == field {
			return view.TickItem{Text: m.Message, Mark: view.TickAsk}
		}
	}
	return view.TickItem{Text: good, Mark: view.TickOK}
}
