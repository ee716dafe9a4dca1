package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// agreedDeal is a deal from an inquiry, for the contracts that follow from it.
type agreedDeal struct {
	id           int64
	need, result listed
	kind         string
	price        decimal.Decimal
	agreedAt     time.Time
}

// inquiryStates is how far each of a round of inquiries has come.
var inquiryStates = []market.InquiryState{
	market.InquiryOpen, market.InquiryAgreed, market.InquiryNegotiating, market.InquiryAnswered, market.InquiryOpen, market.InquiryDeclined,
	market.InquiryAgreed, market.InquiryNegotiating, market.InquiryOpen, market.InquiryLapsed, market.InquiryAgreed, market.InquiryAnswered,
	market.InquiryDeclined, market.InquiryNegotiating,
}

const maxInquiries = 56

func (l *loader) loadInquiries(ctx context.Context, all []listed) error {
	pairs := l.pairs(all)
	ids, err := l.tx.TakeIDs(ctx, "inquiries", len(pairs))
	if err != nil {
		return err
	}
	if _, err := l.tx.TakeNumbers(ctx, "DJ", l.today.Year(), len(pairs)); err != nil {
		return err
	}
	rows := &inquiryRows{loader: l}
	for i, p := range pairs {
		rows.add(ids[i], i, p[0], p[1])
	}
	if err := rows.write(ctx); err != nil {
		return err
	}
	l.deals = rows.agreed
	return nil
}

// pairs finds needs and results of one field and different organisations, the printed accounts' first.
func (l *loader) pairs(all []listed) [][2]listed {
	var first, rest [][2]listed
	used := map[int64]bool{}
	for _, n := range all {
		if n.kind != market.KindNeed || n.state != market.Published {
			continue
		}
		for _, r := range all {
			if r.kind != market.KindResult || r.state != market.Published || r.field != n.field || r.org == n.org || used[r.id] {
				continue
			}
			used[r.id] = true
			if l.orgs[n.org].text.Name == "永丰白石岭钙业有限公司" {
				first = append(first, [2]listed{n, r})
			} else {
				rest = append(rest, [2]listed{n, r})
			}
			break
		}
	}
	return append(first, rest...)[:min(len(first)+len(rest), maxInquiries)]
}

type inquiryRows struct {
	*loader
	inquiries, messages, terms, deals, moves [][]any
	agreed                                   []agreedDeal
}

var openings = []string{
	"贵司的难题与我们做过的工作接近：“%s”。想了解现有设备型号、日处理量和取样条件，以判断能否直接放大。",
	"看到贵方发布的内容，我们的“%s”在相近条件下做过验证，可先寄样对比。请问能否提供一批代表性原料？",
	"我们愿意就“%s”提供方案。请告知希望的合作方式和时间安排，我们可以在两周内给出初步方案与报价。",
	"就“%s”有几点想确认：现场工况、检验由谁做、验收取几批样。确认后可安排技术人员到现场。",
}

var replies = []string{
	"可以。原料和工况说明已整理好，方便时安排取样；检验按标题所列指标，委托第三方做。",
	"欢迎到现场看一看。我们最关心连续运行的稳定性，请在方案里写明放大依据。",
	"同意先做小样。样品下周寄出，费用由我方承担，结果请附原始数据。",
}

var follow = []string{
	"样品已测完，主要指标达到要求，报告随后发来。价款与付款已写进右侧条件，请看是否合适。",
	"方案按连续运行 72 小时验收，未达标部分按比例扣尾款。请确认期限和归属。",
}

// add writes one inquiry: the result's owner has written to the need's poster, or the other way round.
func (r *inquiryRows) add(id int64, i int, need, result listed) {
	state := inquiryStates[i%len(inquiryStates)]
	about, other := need, result
	if i%3 == 2 {
		about, other = result, need
	}
	from, to := r.orgs[other.org], r.orgs[about.org]
	age := 3 + i%4
	if !state.Running() {
		age = 20 + i%60
	}
	opened := r.workHour(age)
	x := &talk{inquiryRows: r, id: id, from: from, to: to, at: opened}
	x.say(from, "", fmt.Sprintf(openings[i%len(openings)], result.title))
	x.move("open", "", market.InquiryOpen, from)
	turn, reason := to, ""
	switch state {
	case market.InquiryAnswered:
		x.say(to, []string{"interested", "more"}[i%2], replies[i%len(replies)])
		x.move("answer", market.InquiryOpen, market.InquiryAnswered, to)
		turn = from
	case market.InquiryNegotiating:
		x.say(to, "interested", replies[i%len(replies)])
		x.move("answer", market.InquiryOpen, market.InquiryAnswered, to)
		x.say(from, "interested", follow[i%len(follow)])
		x.move("propose", market.InquiryAnswered, market.InquiryNegotiating, from)
		r.addTerms(x, i, need, result, from, 3)
	case market.InquiryAgreed:
		x.say(to, "interested", replies[i%len(replies)])
		x.move("answer", market.InquiryOpen, market.InquiryAnswered, to)
		x.say(from, "interested", follow[i%len(follow)])
		x.move("propose", market.InquiryAnswered, market.InquiryNegotiating, from)
		kind, price := r.addTerms(x, i, need, result, from, 6)
		x.move("agree", market.InquiryNegotiating, market.InquiryAgreed, to)
		r.addDeal(x, need, result, kind, price)
	case market.InquiryDeclined:
		reason = market.DeclineReasons[i%(len(market.DeclineReasons)-1)]
		x.say(to, "unsuitable", "谢谢关注。"+reason+"，这次先不继续，以后有合适的再联系。")
		x.move("decline", market.InquiryOpen, market.InquiryDeclined, to)
	case market.InquiryLapsed:
		x.at = r.workHour(2)
		x.moveBy("lapse", market.InquiryOpen, market.InquiryLapsed, nil, nil, nil)
	}
	var turnOrg, dueOn any
	if state.Running() {
		turnOrg, dueOn = turn.id, r.ref.Calendar.AddWorkdays(market.DateOf(x.at), int(r.ref.Parameter("inquiry_response_days", r.today)))
	}
	r.inquiries = append(r.inquiries, []any{id, store.FormatNumber("DJ", r.today.Year(), i+1), about.id, other.id, from.id, to.id, state, turnOrg, dueOn,
		reason, from.user, opened, x.at})
}

// talk is an inquiry while it is being written.
type talk struct {
	*inquiryRows
	id       int64
	from, to org
	at       time.Time
}

func (x *talk) say(o org, answer, body string) {
	user, agency := x.hand(o)
	x.messages = append(x.messages, []any{x.id, o.id, agency, user, answer, body, x.at})
}

func (x *talk) move(move string, from, to market.InquiryState, by org) {
	user, agency := x.hand(by)
	x.moveBy(move, from, to, user, by.id, agency)
	if later := x.at.Add(26 * time.Hour); later.Before(x.now) {
		x.at = later
	}
}

func (x *talk) moveBy(move string, from, to market.InquiryState, user, orgID, agency any) {
	x.moves = append(x.moves, []any{"inquiry", x.id, move, from, to, user, orgID, agency, x.at, "", ""})
}

// hand is who acts for an organisation: its broker, but for every fourth inquiry.
func (x *talk) hand(o org) (user, agency any) {
	if o.broker == 0 || x.id%4 == 0 {
		return o.user, nil
	}
	return o.broker, o.agency
}

// largeDeal is the one deal whose contract needs a second review; addOnDesk draws it up.
const largeDeal = 5

var largePrice = decimal.NewFromInt(8_600_000)

// addTerms puts the terms on the table; the first agreed of them carry the other side's word.
func (r *inquiryRows) addTerms(x *talk, i int, need, result listed, by org, agreed int) (kind string, price decimal.Decimal) {
	kind = []string{"D1", "L1", "S1", "D2"}[i%4]
	price = dealPrice(need, result, i)
	if len(r.agreed) == largeDeal {
		price = largePrice
	}
	values := map[string]string{
		"kind": kind, "indicators": "以需求所列指标为准，第三方检测合格", "period": fmt.Sprintf("合同生效起 %d 个月", 6+i%7),
		"price": "", "payment": "签约付 30%，样机或中试合格付 40%，验收付 30%", "acceptance": "连续运行 72 小时取样；成果归属按合同约定，卖方可用于教学科研",
	}
	for n, term := range market.TermNames {
		amount, agreedBy, agreedAt := decimal.NullDecimal{}, any(nil), any(nil)
		if term.Code == "price" {
			amount = decimal.NewNullDecimal(price)
		}
		if n < agreed {
			agreedBy, agreedAt = x.to.user, x.at
			if by.id == x.to.id {
				agreedBy = x.from.user
			}
		}
		r.terms = append(r.terms, []any{x.id, term.Code, values[term.Code], amount, by.id, by.user, x.at, agreedBy, agreedAt})
	}
	return kind, price
}

// dealPrice is what the listings ask or offer, else a usual sum.
func dealPrice(need, result listed, i int) decimal.Decimal {
	for _, p := range []decimal.Decimal{need.price, result.price} {
		if p.IsPositive() {
			return p
		}
	}
	return decimal.NewFromInt(int64(28+i*3) * 10000)
}

func (r *inquiryRows) addDeal(x *talk, need, result listed, kind string, price decimal.Decimal) {
	r.agreed = append(r.agreed, agreedDeal{need: need, result: result, kind: kind, price: price, agreedAt: x.at})
	r.deals = append(r.deals, []any{nil, "", x.id, need.id, result.id, "inquiry", r.orgs[result.org].id, r.orgs[need.org].id, market.DealAgreed, result.title, kind,
		"以需求所列指标为准，第三方检测合格", "合同生效起 10 个月", price, "签约付 30%，样机或中试合格付 40%，验收付 30%",
		"连续运行 72 小时取样；成果归属按合同约定，卖方可用于教学科研", x.at})
}

func (r *inquiryRows) write(ctx context.Context) error {
	ids, err := r.tx.TakeIDs(ctx, "deals", len(r.deals))
	if err != nil {
		return err
	}
	if _, err := r.tx.TakeNumbers(ctx, "CJ", r.today.Year(), len(r.deals)); err != nil {
		return err
	}
	for i := range r.deals {
		r.deals[i][0], r.deals[i][1] = ids[i], store.FormatNumber("CJ", r.today.Year(), i+1)
		r.agreed[i].id = ids[i]
	}
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"inquiries", []string{"id", "number", "listing_id", "other_listing_id", "from_org", "to_org", "state", "turn_org", "due_on", "decline_reason",
			"created_by", "created_at", "updated_at"}, r.inquiries},
		{"inquiry_messages", []string{"inquiry_id", "org_id", "agency_id", "user_id", "answer", "body", "at"}, r.messages},
		{"inquiry_terms", []string{"inquiry_id", "term", "value", "amount", "proposed_org", "proposed_by", "proposed_at", "agreed_by", "agreed_at"}, r.terms},
		{"deals", []string{"id", "number", "inquiry_id", "need_id", "result_id", "trade_mode", "seller_org", "buyer_org", "state", "title", "kind",
			"indicators", "period", "price", "payment", "acceptance", "agreed_at"}, r.deals},
		{"moves", []string{"object_kind", "object_id", "move", "from_state", "to_state", "user_id", "org_id", "agency_id", "at", "code", "note"}, r.moves},
	} {
		if err := r.tx.Copy(ctx, t.table, t.columns, t.rows); err != nil {
			return fmt.Errorf("%s: %w", t.table, err)
		}
	}
	return nil
}
