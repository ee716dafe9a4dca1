package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

// challengeForm is the page on which a challenge is written.
type challengeForm struct {
	view.Base
	Heading  string
	Steps    view.Steps
	Notes    []view.Alert
	Action   string
	Key      string // of a new one
	Version  int    // of one that is edited
	NeedID   int64  // that a new one starts from
	Sections []formSection
	Submit   view.Action // as a button of the form, or the reason why not yet
	Note     string
	Back     view.Link
	Checks   view.Tick
	Weights  int // their sum
}

func (challengeForm) Template() string { return "page/challenge/edit" }

// challengeInput is what was typed into the form of a challenge.
type challengeInput struct {
	ID, NeedID   int64
	Version      int
	Key          string
	Title        string
	Submarket    string
	Fields       []string
	Problem      string
	Requirements string
	Indicators   []market.Indicator
	Award        moneyInput
	Payment      string
	ContractKind string
	Awards       string
	Deadline     string
	Criteria     [][]string // name, detail, weight
	Secrecy      bool
	ContactName  string
	ContactPhone string
	submitted    bool
	stale        bool
	number       string
}

func postedChallenge(c echo.Context) (challengeInput, error) {
	form, err := c.FormParams()
	if err != nil {
		return challengeInput{}, err
	}
	in := challengeInput{Version: formVersion(c), Key: c.FormValue("key"), NeedID: idValue(c.FormValue("need")), Title: c.FormValue("title"), Submarket: c.FormValue("submarket"),
		Fields: form["fields"], Problem: c.FormValue("problem"), Requirements: c.FormValue("requirements"), Award: postedMoney(c, "award"), Payment: c.FormValue("payment"),
		ContractKind: c.FormValue("contract_kind"), Awards: c.FormValue("awards"), Deadline: c.FormValue("deadline"), Secrecy: c.FormValue("secrecy") != "",
		ContactName: c.FormValue("contact_name"), ContactPhone: c.FormValue("contact_phone"), submitted: c.FormValue("act") == "submit",
		Criteria: rowValues(c, "criteria", "name", "detail", "weight"), Indicators: postedIndicators(c)}
	return in, nil
}

func typedChallenge(c market.Challenge) challengeInput {
	in := challengeInput{ID: c.ID, Version: c.Version, Title: c.Title, Submarket: c.Submarket, Fields: c.Fields, Problem: c.Problem, Requirements: c.Requirements,
		Indicators: c.Indicators, Award: typedMoney(c.Award), Payment: c.Payment, ContractKind: c.ContractKind, Awards: strconv.Itoa(c.Awards), Secrecy: c.SecrecyConfirmed,
		ContactName: c.ContactName, ContactPhone: c.ContactPhone, number: c.Number}
	if c.Deadline != nil {
		in.Deadline = view.Date(*c.Deadline)
	}
	for _, row := range c.Criteria {
		in.Criteria = append(in.Criteria, []string{row.Name, row.Detail, strconv.Itoa(row.Weight)})
	}
	return in
}

// challenge is what was typed as the domain takes it, with what could not be read.
func (in challengeInput) challenge() (market.Challenge, market.Problems) {
	var p market.Problems
	c := market.Challenge{ID: in.ID, Version: in.Version, Title: in.Title, Submarket: in.Submarket, Fields: slices.Clone(in.Fields), Problem: in.Problem,
		Requirements: in.Requirements, Indicators: slices.Clone(in.Indicators), Payment: in.Payment, ContractKind: in.ContractKind, Awards: market.ParseWhole(in.Awards),
		SecrecyConfirmed: in.Secrecy, ContactName: in.ContactName, ContactPhone: in.ContactPhone}
	c.Award = parseMoney(&p, "award", in.Award.Text, in.Award.Unit)
	if day := parseDate(&p, "deadline", in.Deadline); !day.IsZero() {
		c.Deadline = new(market.ChallengeDeadline(day))
	}
	for _, row := range in.Criteria {
		if !blankCriterion(row) {
			c.Criteria = append(c.Criteria, market.Criterion{Name: row[0], Detail: row[1], Weight: market.ParseWhole(row[2])})
		}
	}
	if in.NeedID != 0 {
		c.NeedID = &in.NeedID
	}
	return c, p
}

// blankCriterion reports whether nothing was typed into a row, so that the domain leaves it out.
func blankCriterion(row []string) bool { return market.Normalize(row[0]+row[1]+row[2]) == "" }

// challengeNew shows the empty form, or one filled in from an own published need.
func (s *Server) challengeNew(c echo.Context, a market.Actor) error {
	if a.OrgID == 0 {
		return s.redirectToOrg(c, "榜单")
	}
	if err := a.RequireEditor(market.ScopePost); err != nil {
		return err
	}
	in := challengeInput{Key: formKey(), Awards: "1", ContactName: a.UserName}
	if id := idValue(c.QueryParam("need")); id != 0 {
		n, err := s.Service.NeedToChallenge(c.Request().Context(), a, id)
		if err != nil {
			return err
		}
		in.NeedID, in.Title, in.Submarket, in.Fields, in.Problem, in.Requirements, in.Indicators = n.ID, n.Title, n.Submarket, n.Fields, n.Problem, n.Partner, n.Indicators
		in.ContactName, in.ContactPhone = cmp.Or(n.ContactName, in.ContactName), n.ContactPhone
		if n.Budget.Kind == market.PriceAmount {
			in.Award = typedMoney(n.Budget.Min)
		}
	}
	return s.showChallengeForm(c, a, in, nil)
}

func (s *Server) challengeCreate(c echo.Context, a market.Actor) error {
	return s.saveChallenge(c, a, 0)
}

func (s *Server) challengeEdit(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ch, err := s.ownChallenge(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	if !ch.State.Editable() {
		return market.Errorf(market.Conflict, "这项榜单现在是“%s”，不能修改", ch.State.Name())
	}
	return s.showChallengeForm(c, a, typedChallenge(ch), nil)
}

// ownChallenge is a challenge of the organisation that the actor posts for.
func (s *Server) ownChallenge(ctx context.Context, a market.Actor, id int64) (market.Challenge, error) {
	ch, err := s.Store.Challenge(ctx, a, id)
	if err == nil && ch.OrgID != a.OrgFor(market.ScopePost) {
		err = market.ErrNotFound
	}
	return ch.Challenge, err
}

func (s *Server) challengeUpdate(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.saveChallenge(c, a, id)
}

// saveChallenge stores a posted form, and submits it when that button was pressed. id is 0 for a new challenge.
func (s *Server) saveChallenge(c echo.Context, a market.Actor, id int64) error {
	in, err := postedChallenge(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	in.ID = id
	if id != 0 {
		old, err := s.ownChallenge(ctx, a, id)
		if err != nil {
			return err
		}
		in.number = old.Number
	}
	ch, problems := in.challenge()
	if len(problems) > 0 {
		return s.showChallengeForm(c, a, in, merge(problems, s.Service.CheckChallenge(&ch, in.submitted).Err()))
	}
	if id == 0 {
		id, err = s.Service.CreateChallenge(ctx, a, ch, in.Key, in.submitted)
	} else {
		err = s.Service.EditChallenge(ctx, a, ch, in.submitted)
	}
	if market.AsError(err) != nil && !market.IsKind(err, market.NotFound) {
		in.stale = market.IsKind(err, market.Conflict)
		return s.showChallengeForm(c, a, in, err)
	}
	if err != nil {
		return err
	}
	return s.challengeSaved(c, a, id, in.submitted)
}

func (s *Server) challengeSaved(c echo.Context, a market.Actor, id int64, submitted bool) error {
	ch, err := s.Store.Challenge(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	message := "草稿已保存，编号 " + ch.Number
	if submitted {
		message = fmt.Sprintf("榜单已提交审核，编号 %s，一般 %s", ch.Number, s.reviewTime(market.KindResult))
	}
	return s.done(c, challengePath(id), message)
}

// challengeSubmit hands in a stored draft; what is missing is shown in its form.
func (s *Server) challengeSubmit(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.Service.SubmitChallenge(ctx, a, id)
	if market.IsKind(err, market.Invalid) {
		ch, loadErr := s.ownChallenge(ctx, a, id)
		if loadErr != nil {
			return loadErr
		}
		return s.showChallengeForm(c, a, typedChallenge(ch), err)
	}
	if err != nil {
		return err
	}
	return s.challengeSaved(c, a, id, true)
}

// challengeSteps is the way through the form of a challenge, with its fields in order.
var challengeSteps = []formStep{
	{"难题", "#s1", []string{"title", "submarket", "fields", "problem", "indicators"}},
	{"榜金与期限", "#s2", []string{"award", "payment", "contract_kind", "awards", "deadline"}},
	{"评审标准", "#s3", []string{"criteria", "requirements"}},
	{"联系与确认", "#s4", []string{"contact_name", "contact_phone", "secrecy"}},
}

func (s *Server) showChallengeForm(c echo.Context, a market.Actor, in challengeInput, err error) error {
	ch, _ := in.challenge()
	missing := s.Service.CheckChallenge(&ch, true)
	in.Indicators = ch.Indicators
	in.Criteria = slices.DeleteFunc(in.Criteria, blankCriterion)
	err = inFormOrder(err, challengeSteps)
	at := errorsOf(err)
	page := challengeForm{Base: s.base(c, a, "发布榜单"), Heading: "发布榜单", Action: "/challenges", Key: in.Key, NeedID: in.NeedID, Version: in.Version,
		Back: view.Link{Label: "不保存，返回", Href: "/work/challenges"}, Steps: stepsOf(missing, challengeSteps), Checks: challengeChecks(ch, missing),
		Note:   fmt.Sprintf("审核一般 %s；保存的草稿只有本单位能看到", s.reviewTime(market.KindResult)),
		Submit: view.Action{ID: "submit", Label: "提交审核", Style: view.StylePrimary}}
	if in.ID != 0 {
		page.Title, page.Action, page.Back.Href = "修改榜单", challengePath(in.ID), challengePath(in.ID)
		page.Heading = "修改榜单 " + in.number
	}
	page.Nav, page.NoIndex = "challenges", true
	for _, row := range ch.Criteria {
		page.Weights += max(row.Weight, 0)
	}
	page.Sections = []formSection{s.challengeProblem(in, at), s.challengeAward(in, at), challengeRules(in, at, page.Weights), challengeContact(in, at)}
	if denied := a.RequireVerified(market.ScopePost); denied != nil {
		page.Submit.Why = market.AsError(denied).Message
		page.Notes = append(page.Notes, view.Alert{Kind: view.AlertWarn, Text: "可以先写好并保存草稿。" + page.Submit.Why + "。"})
	}
	if e := market.AsError(err); e != nil {
		page.Errors = errorSummary(err)
		if len(e.Fields) == 0 {
			page.Errors = view.ErrorSummary{Title: "没有保存，您填写的内容还在", Items: []view.ErrorItem{{Text: e.Message}}}
		}
		if in.stale && in.ID != 0 {
			page.Notes = append(page.Notes, view.Alert{Kind: view.AlertWarn, Text: "您填写的内容还在下面，没有覆盖别人的修改。",
				Link: &view.Link{Label: "打开最新内容再改", Href: challengePath(in.ID) + "/edit"}})
		}
		return s.renderStatus(c, statusOf(e), page)
	}
	return s.render(c, page)
}

func (s *Server) challengeProblem(in challengeInput, at fieldErrors) formSection {
	groups := s.fieldGroups(in.Fields, at["fields"], false)
	rows := needIndicators(needInput{Indicators: in.Indicators}, at)
	indicators := rows.Parts[0]
	indicators.Rows.Title, indicators.Rows.Hint = "要达到的指标", "至少 1 行。揭榜方按它提方案，中榜后写进合同的验收条款。"
	return formSection{ID: "s1", Title: "一、难题", Parts: []formPart{
		part(view.Field{Name: "title", Label: "标题", Hint: "写“对象＋工艺＋要达到的效果”。例：碳氢树脂高频板压合翘曲控制到 0.5% 以内", Value: in.Title, Error: at["title"], Max: market.MaxTitle}),
		part(view.Field{Name: "submarket", Kind: view.KindSelect, Label: "专业市场", Options: selectOptions(s.ref.Submarkets), Value: in.Submarket, Error: at["submarket"]}),
		{Groups: &groups},
		textField("problem", "现状与瓶颈", "现在怎么做、卡在哪里、试过什么。全部公开，不要写配方等秘密和联系方式。", in.Problem, at, 6, false),
		indicators,
	}}
}

func (s *Server) challengeAward(in challengeInput, at fieldErrors) formSection {
	kinds := []view.Option{{Label: "请选择"}}
	for _, k := range s.ref.ContractKinds {
		kinds = append(kinds, view.Option{Value: k.Code, Label: k.Name()})
	}
	counts := make([]view.Option, market.MaxAwards)
	for i := range counts {
		counts[i] = view.Option{Value: strconv.Itoa(i + 1), Label: fmt.Sprintf("最多 %d 家", i+1)}
	}
	return formSection{ID: "s2", Title: "二、榜金与期限", Hint: "公开后到截止都不能修改、不能撤回，请想好再提交。", Parts: []formPart{
		part(view.Field{Name: "award", Kind: view.KindMoney, Label: "榜金", Hint: "一家中榜最多付多少。揭榜方在这个数以内报价。", Value: in.Award.Text, Unit: in.Award.Unit, Error: at["award"]}),
		part(view.Field{Name: "payment", Kind: view.KindArea, Lines: 2, Label: "榜金怎么付", Placeholder: "例：签约付 30%，中试验收付 40%，量产验收付 30%", Value: in.Payment, Error: at["payment"]}),
		part(view.Field{Name: "contract_kind", Kind: view.KindSelect, Label: "中榜后签哪类合同", Options: kinds, Value: in.ContractKind, Error: at["contract_kind"]}),
		part(view.Field{Name: "awards", Kind: view.KindSelect, Label: "几家中榜", Options: counts, Value: in.Awards, Error: at["awards"]}),
		part(view.Field{Name: "deadline", Kind: view.KindDate, Label: "截止日期", Hint: fmt.Sprintf("当天 17:00 截止，至少在 %d 天以后。截止前所有方案对任何人保密。", market.MinChallengeDays), Value: in.Deadline, Error: at["deadline"]}),
	}}
}

func challengeRules(in challengeInput, at fieldErrors, weights int) formSection {
	rows := view.Rows{Name: "criteria", Label: "评审标准", Title: "评审标准和权重", Error: rowsError(at, "criteria"), Max: market.MaxCriteria,
		Hint: fmt.Sprintf("权重是百分数，合计应是 100，现在是 %d。公开后评审只按它打分，每项 0 到 100 分。", weights), Cols: []view.RowCol{
			{Name: "name", Label: "标准", Size: "w", Placeholder: "例：技术路线"}, {Name: "detail", Label: "说明", Size: "w", Placeholder: "怎样算好"},
			{Name: "weight", Label: "权重", Size: "u", Decimal: true}}}
	for i, v := range in.Criteria {
		line := view.RowLine{}
		for n, column := range []string{"name", "detail", "weight"} {
			line.Cells = append(line.Cells, view.RowCell{Value: v[n], Error: at[fmt.Sprintf("criteria.%d.%s", i, column)]})
		}
		rows.Lines = append(rows.Lines, line)
	}
	return formSection{ID: "s3", Title: "三、评审标准", Parts: []formPart{{Rows: &rows},
		part(view.Field{Name: "requirements", Kind: view.KindArea, Lines: 3, Label: "对揭榜方的要求", Optional: true, Hint: "资质、设备、经验等。不能限定地区、规模或指定某一家。",
			Value: in.Requirements, Error: at["requirements"], Max: 1000}),
	}}
}

func challengeContact(in challengeInput, at fieldErrors) formSection {
	secrecy := ""
	if in.Secrecy {
		secrecy = "1"
	}
	return formSection{ID: "s4", Title: "四、联系与确认", Parts: []formPart{
		part(view.Field{Name: "contact_name", Label: "联系人", Hint: "不公开，定榜后中榜单位可见。截止前的问题都在公开的问答里答复", Optional: true, Value: in.ContactName, Error: at["contact_name"], Autocomplete: "name"}),
		part(view.Field{Name: "contact_phone", Kind: view.KindTel, Label: "联系电话", Hint: "不公开，定榜后中榜单位可见", Optional: true, Value: in.ContactPhone, Error: at["contact_phone"], Autocomplete: "tel"}),
		part(view.Field{Name: "secrecy", Kind: view.KindCheck, Label: "我确认：以上内容不含国家秘密、工作秘密", Value: secrecy, Error: at["secrecy"]}),
	}}
}

// challengeChecks says what the challenge still lacks.
func challengeChecks(c market.Challenge, missing market.Problems) view.Tick {
	return view.Tick{Items: []view.TickItem{
		check(missing, "title", "标题已填"),
		check(missing, "submarket", "已选专业市场"),
		check(missing, "fields", "已选细分领域"),
		check(missing, "problem", "写明了现状与瓶颈"),
		check(missing, "indicators", fmt.Sprintf("有 %d 项指标", len(c.Indicators))),
		check(missing, "award", "有榜金"),
		check(missing, "payment", "写明了怎么付"),
		check(missing, "contract_kind", "已选合同类别"),
		check(missing, "deadline", "有截止日期"),
		check(missing, "criteria", fmt.Sprintf("%d 项评审标准，权重合计 100", len(c.Criteria))),
		check(missing, "secrecy", "已确认不含秘密"),
	}}
}
