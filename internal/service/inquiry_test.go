package service_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// talks is a market with organisations that talk: the buyer has a need, the seller a result.
type talks struct {
	*service.Service
	st            *store.Store
	clock         *atomic.Pointer[time.Time]
	buyer, seller market.Actor
	third         market.Actor // of an organisation that is no party
	serial        int
}

// wednesday is an ordinary working day: 2026-11-11, 10:00 in Shanghai.
var wednesday = time.Date(2026, 11, 11, 10, 0, 0, 0, market.Shanghai)

func newTalks(t *testing.T) *talks {
	t.Helper()
	st, err := store.Open(t.Context(), dbtest.New(t), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	ref, err := st.Reference(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k := &talks{st: st, clock: new(atomic.Pointer[time.Time])}
	k.at(wednesday)
	if k.Service, err = service.New(st, ref, func() time.Time { return *k.clock.Load() }, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	k.HashCheaply()
	k.buyer = k.newOrg(t, "永丰石灰厂有限公司", market.Enterprise)
	k.seller = k.newOrg(t, "赣江材料研究院", market.Institute)
	k.third = k.newOrg(t, "泰和乌鸡食品有限公司", market.Enterprise)
	return k
}

func (k *talks) at(now time.Time) { k.clock.Store(&now) }

// newOrg adds a verified organisation with one owner and returns that person.
func (k *talks) newOrg(t *testing.T, name string, kind market.OrgType) market.Actor {
	t.Helper()
	k.serial++
	var org, user int64
	k.row(t, &org, `INSERT INTO orgs (uscc, name, type, region, state, verified_at, created_at)
		VALUES ($1, $2, $3, '360825', 'verified', $4, $4) RETURNING id`, fmt.Sprintf("%018d", k.serial), name, kind, wednesday)
	k.row(t, &user, `INSERT INTO users (email, name, phone, password_hash, created_at, email_confirmed_at) VALUES ($1, $2, $3, '', $4, $4) RETURNING id`,
		fmt.Sprintf("owner%d@example.com", k.serial), "经办人"+name, fmt.Sprintf("1390796000%d", k.serial), wednesday)
	k.exec(t, `INSERT INTO members (org_id, user_id, role, created_at) VALUES ($1, $2, 'owner', $3)`, org, user, wednesday)
	a, err := k.st.Actor(t.Context(), user, org)
	if err != nil {
		t.Fatal(err)
	}
	a.Via = market.ViaWeb
	return a
}

// listing adds a published need or result with a contact.
func (k *talks) listing(t *testing.T, a market.Actor, kind market.Kind, hidden bool) int64 {
	t.Helper()
	k.serial++
	var id int64
	k.row(t, &id, `INSERT INTO listings (kind, number, org_id, state, title, submarket, hide_org, contact_name, contact_phone, submitted_at, published_at,
			confirmed_at, valid_until, created_at, updated_at)
		VALUES ($1, $2, $3, 'published', $4, 'materials', $5, '联系人甲', '13607960000', $6, $6, $6, '2027-05-01', $6, $6) RETURNING id`,
		kind, fmt.Sprintf("L-%d", k.serial), a.OrgID, fmt.Sprintf("第 %d 项内容", k.serial), hidden, wednesday)
	k.exec(t, `INSERT INTO `+string(kind)+`s (listing_id) VALUES ($1)`, id)
	return id
}

func (k *talks) row(t *testing.T, dest any, query string, args ...any) {
	t.Helper()
	if err := k.st.DB().QueryRowContext(t.Context(), query, args...).Scan(dest); err != nil {
		t.Fatal(err)
	}
}

func (k *talks) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := k.st.DB().ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

const opening = "我们的助剂在搅拌磨上做到 D97 2.3 μm，想了解贵司进料"

// open has the seller write about a new need of the buyer, with a new result of its own.
func (k *talks) open(t *testing.T, hidden bool) int64 {
	t.Helper()
	need, result := k.listing(t, k.buyer, market.KindNeed, hidden), k.listing(t, k.seller, market.KindResult, false)
	id, err := k.OpenInquiry(t.Context(), k.seller, need, result, opening, "")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (k *talks) answer(t *testing.T, a market.Actor, id int64, code string) {
	t.Helper()
	if err := k.AnswerInquiry(t.Context(), a, id, market.Reply{Code: code, Body: "请看附上的数据", Reason: "暂缓"}); err != nil {
		t.Fatal(err)
	}
}

func (k *talks) get(t *testing.T, a market.Actor, id int64) store.Inquiry {
	t.Helper()
	i, err := k.st.Inquiry(t.Context(), a, id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (k *talks) terms(t *testing.T, id int64) map[string]store.InquiryTerm {
	t.Helper()
	list, err := k.st.InquiryTerms(t.Context(), k.buyer, id)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]store.InquiryTerm{}
	for _, term := range list {
		out[term.Term] = term
	}
	return out
}

func price(yuan int64) market.InquiryTerm {
	return market.InquiryTerm{Term: "price", Amount: decimal.NewNullDecimal(decimal.NewFromInt(yuan))}
}

func sixTerms(yuan int64) []market.InquiryTerm {
	return []market.InquiryTerm{{Term: "kind", Value: "D1"}, {Term: "indicators", Value: "D97 ≤ 2.5 μm"}, {Term: "period", Value: "10 个月"},
		price(yuan), {Term: "payment", Value: "签约 30%，验收 70%"}, {Term: "acceptance", Value: "72 h 取样"}}
}

// propose puts terms on the table in the name of a, from the newest version.
func (k *talks) propose(t *testing.T, a market.Actor, id int64, terms ...market.InquiryTerm) {
	t.Helper()
	if err := k.ProposeTerms(t.Context(), a, id, k.get(t, a, id).Version, terms); err != nil {
		t.Fatal(err)
	}
}

// agreeBut has a agree to all terms except those named.
func (k *talks) agreeBut(t *testing.T, a market.Actor, id int64, except ...string) {
	t.Helper()
	var ids []int64
	for name, term := range k.terms(t, id) {
		if !slices.Contains(except, name) {
			ids = append(ids, term.ID)
		}
	}
	if err := k.AgreeTerms(t.Context(), a, id, ids); err != nil {
		t.Fatal(err)
	}
}

// bring opens an inquiry and brings it to a state. In negotiations everything but the price is agreed.
func (k *talks) bring(t *testing.T, state market.InquiryState) int64 {
	t.Helper()
	id := k.open(t, false)
	switch state {
	case market.InquiryOpen:
		return id
	case market.InquiryDeclined:
		k.answer(t, k.buyer, id, "unsuitable")
		return id
	case market.InquiryLapsed:
		k.lapse(t)
		return id
	}
	k.answer(t, k.buyer, id, "interested")
	if state == market.InquiryAnswered {
		return id
	}
	k.propose(t, k.seller, id, sixTerms(1_260_000)...)
	k.agreeBut(t, k.buyer, id, "price")
	if state == market.InquiryNegotiating {
		return id
	}
	k.agreeBut(t, k.buyer, id, "kind", "indicators", "period", "payment", "acceptance")
	if _, err := k.AgreeInquiry(t.Context(), k.seller, id, k.get(t, k.seller, id).Version); err != nil {
		t.Fatal(err)
	}
	return id
}

// lapse lets four weeks go by.
func (k *talks) lapse(t *testing.T) {
	t.Helper()
	k.at(k.clock.Load().AddDate(0, 0, 28))
	if _, err := k.TendInquiries(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
}

func wantConflict(t *testing.T, err error, part string) {
	t.Helper()
	if !market.IsKind(err, market.Conflict) || !strings.Contains(err.Error(), part) {
		t.Errorf("got %v, want a conflict about %q", err, part)
	}
}

// Every move in every state: carried out exactly where the machine has an arrow, and otherwise nothing is changed.
func TestInquiryEveryMoveInEveryState(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	ctx := t.Context()
	moves := map[string]func(id int64) error{
		"answer": func(id int64) error {
			i := k.get(t, k.buyer, id)
			who := k.buyer
			if i.TurnOrg != nil && *i.TurnOrg == k.seller.OrgID {
				who = k.seller
			}
			return k.AnswerInquiry(ctx, who, id, market.Reply{Code: "interested"})
		},
		"propose": func(id int64) error {
			return k.ProposeTerms(ctx, k.buyer, id, k.get(t, k.buyer, id).Version, []market.InquiryTerm{price(990_000)})
		},
		"agree_term": func(id int64) error { return k.AgreeTerms(ctx, k.buyer, id, []int64{k.terms(t, id)["price"].ID}) },
		"agree": func(id int64) error {
			if k.get(t, k.buyer, id).State == market.InquiryNegotiating {
				k.agreeBut(t, k.buyer, id, "kind", "indicators", "period", "payment", "acceptance")
			}
			_, err := k.AgreeInquiry(ctx, k.buyer, id, k.get(t, k.buyer, id).Version)
			return err
		},
		"decline": func(id int64) error { return k.DeclineInquiry(ctx, k.seller, id, "暂缓", "") },
		"lapse": func(int64) error {
			k.lapse(t)
			return nil
		},
	}
	for _, state := range market.Inquiries.States {
		for move, act := range moves {
			id := k.bring(t, state)
			before := k.get(t, k.buyer, id)
			if before.State != state {
				t.Fatalf("brought to %s, want %s", before.State, state)
			}
			err := act(id)
			after := k.get(t, k.buyer, id)
			want, refused := market.Inquiries.Next(state, move)
			if refused == nil {
				if err != nil || after.State != want {
					t.Errorf("%s by %s: %s, %v, want %s", state, move, after.State, err, want)
				}
				continue
			}
			if move != "lapse" && !market.IsKind(err, market.Conflict) {
				t.Errorf("%s by %s: %v, want a conflict", state, move, err)
			}
			if after.State != state || after.Version != before.Version {
				t.Errorf("%s by %s changed the inquiry though it was refused", state, move)
			}
		}
	}
}

// Every act passes the turn with the whole response time, or leaves both as they are.
func TestInquiryTurnAndClock(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	ctx := t.Context()
	id := k.open(t, false)
	check := func(act string, whose market.Actor, due string) {
		t.Helper()
		i := k.get(t, k.buyer, id)
		if i.TurnOrg == nil || *i.TurnOrg != whose.OrgID || i.DueOn.Format(time.DateOnly) != due {
			t.Errorf("after %s: %+v, want the turn of %s until %s", act, i.Inquiry, whose.OrgName, due)
		}
	}
	check("opening on a Wednesday", k.buyer, "2026-11-18")
	wantConflict(t, k.AnswerInquiry(ctx, k.seller, id, market.Reply{Code: "interested"}), "轮到对方")
	wantConflict(t, k.ProposeTerms(ctx, k.buyer, id, 1, sixTerms(1)), "等待答复")

	k.at(wednesday.AddDate(0, 0, 1))
	k.answer(t, k.buyer, id, "more")
	check("answering on Thursday", k.seller, "2026-11-19")
	wantConflict(t, k.AnswerInquiry(ctx, k.buyer, id, market.Reply{Code: "interested"}), "轮到对方")

	k.at(wednesday.AddDate(0, 0, 2))
	k.propose(t, k.seller, id, sixTerms(1_400_000)...)
	check("proposing on Friday", k.buyer, "2026-11-20")

	k.at(wednesday.AddDate(0, 0, 5))
	k.agreeBut(t, k.buyer, id, "price")
	check("agreeing to all but the price", k.buyer, "2026-11-20")
	k.propose(t, k.buyer, id, price(1_200_000))
	check("proposing another price on Monday", k.seller, "2026-11-23")

	k.at(wednesday.AddDate(0, 0, 6))
	k.propose(t, k.buyer, id, price(1_250_000))
	check("proposing again out of turn", k.seller, "2026-11-24")
	if err := k.ProposeTerms(ctx, k.buyer, id, k.get(t, k.buyer, id).Version, []market.InquiryTerm{price(1_250_000)}); !market.IsKind(err, market.Invalid) {
		t.Errorf("proposing what is on the table: %v", err)
	}
	k.agreeBut(t, k.seller, id, "kind", "indicators", "period", "payment", "acceptance")
	check("agreeing to the last", k.buyer, "2026-11-24")
	if got := k.terms(t, id)["price"].PreviousAmount.Decimal; !got.Equal(decimal.NewFromInt(1_200_000)) {
		t.Errorf("the price before was %s", got)
	}
}

// A reminder goes out once when two working days are left and once when the day has passed; a new turn starts over;
// after ten more working days the inquiry is closed. Each leaves an audit entry.
func TestInquiryReminders(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	id := k.open(t, true)
	tend := func(day int, buyer, seller, audits int) {
		t.Helper()
		k.at(wednesday.AddDate(0, 0, day))
		for range 2 { // the second time nothing is left to do
			if _, err := k.TendInquiries(t.Context(), 10); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			a    market.Actor
			want int
		}{{k.buyer, buyer}, {k.seller, seller}} {
			notices, n, err := k.st.Notices(t.Context(), c.a, store.Slice{Limit: 20})
			if err != nil || n != c.want {
				t.Errorf("day %d: %s has %d notices (%v), want %d: %v", day, c.a.OrgName, n, err, c.want, notices)
			}
			for _, notice := range notices {
				if c.a.OrgID == k.seller.OrgID && strings.Contains(notice.Title, k.buyer.OrgName) {
					t.Errorf("a notice gives the hidden name away: %s", notice.Title)
				}
			}
		}
		var n int
		k.row(t, &n, `SELECT count(*) FROM audit_entries WHERE object_kind = 'inquiry' AND object_id = $1 AND via = 'job'`, id)
		if n != audits {
			t.Errorf("day %d: %d audit entries of jobs, want %d", day, n, audits)
		}
	}
	tend(2, 1, 0, 0) // Friday: the opening alone
	tend(5, 2, 0, 1) // Monday, two days left
	tend(7, 2, 0, 1) // Wednesday, the last day
	tend(8, 3, 1, 2) // Thursday: overdue, both hear of it
	tend(10, 3, 1, 2)
	k.answer(t, k.buyer, id, "interested")
	k.at(wednesday.AddDate(0, 0, 12))
	tend(12, 3, 2, 2) // the answer; the turn is the seller's until 27 November
	tend(14, 3, 3, 3) // two days left
	tend(19, 4, 4, 4) // overdue
	tend(30, 4, 4, 4) // 11 December, the tenth working day after it
	if state := k.get(t, k.buyer, id).State; state != market.InquiryAnswered {
		t.Errorf("closed too early: %s", state)
	}
	tend(33, 5, 5, 5)
	i := k.get(t, k.buyer, id)
	if i.State != market.InquiryLapsed || i.TurnOrg != nil || i.DueOn != nil {
		t.Errorf("after the last day: %+v", i.Inquiry)
	}
	tend(60, 5, 5, 5)
}

// While one side changes a term and the other agrees to the old text, exactly one of the two comes through.
func TestInquiryNobodyAgreesToUnseenText(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	agreed := 0
	for round := range 12 {
		id := k.bring(t, market.InquiryNegotiating)
		seen, version := k.terms(t, id)["price"], k.get(t, k.seller, id).Version
		var proposing, agreeing error
		race(
			func() {
				proposing = k.ProposeTerms(t.Context(), k.seller, id, version, []market.InquiryTerm{price(int64(9_000_000 + round))})
			},
			func() { agreeing = k.AgreeTerms(t.Context(), k.buyer, id, []int64{seen.ID}) })
		now := k.terms(t, id)["price"]
		switch {
		case proposing == nil && agreeing != nil:
			wantConflict(t, agreeing, "刚被修改")
			if now.ID == seen.ID || now.AgreedAt != nil {
				t.Errorf("round %d: the new price counts as agreed", round)
			}
			_, err := k.AgreeInquiry(t.Context(), k.buyer, id, k.get(t, k.buyer, id).Version)
			wantConflict(t, err, "价款")
		case agreeing == nil && proposing != nil:
			agreed++
			wantConflict(t, proposing, "刚被")
			if now.ID != seen.ID || now.AgreedAt == nil {
				t.Errorf("round %d: agreed, but %+v is on the table", round, now)
			}
		default:
			t.Errorf("round %d: proposing %v, agreeing %v", round, proposing, agreeing)
		}
	}
	t.Logf("the consent came first %d times of 12", agreed)
}

func race(acts ...func()) {
	var start, done sync.WaitGroup
	start.Add(1)
	for _, act := range acts {
		done.Go(func() {
			start.Wait()
			act()
		})
	}
	start.Done()
	done.Wait()
}

func TestInquiryTwoProposalsAtOnce(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	id := k.bring(t, market.InquiryAnswered)
	version := k.get(t, k.buyer, id).Version
	errs := make([]error, 2)
	race(
		func() {
			errs[0] = k.ProposeTerms(t.Context(), k.seller, id, version, []market.InquiryTerm{price(1_400_000)})
		},
		func() {
			errs[1] = k.ProposeTerms(t.Context(), k.buyer, id, version, []market.InquiryTerm{price(900_000)})
		})
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("both or none came through: %v", errs)
	}
	winner := k.seller
	if errs[1] == nil {
		winner = k.buyer
	}
	if got := k.terms(t, id)["price"]; got.ProposedOrg != winner.OrgID {
		t.Errorf("%+v is on the table, want the proposal of %s", got, winner.OrgName)
	}
}

func TestInquiryAgreeingTwiceMakesOneDeal(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	id := k.bring(t, market.InquiryNegotiating)
	k.agreeBut(t, k.buyer, id, "kind", "indicators", "period", "payment", "acceptance")
	version := k.get(t, k.buyer, id).Version
	if _, err := k.AgreeInquiry(t.Context(), k.buyer, id, version-1); !market.IsKind(err, market.Conflict) {
		t.Errorf("agreeing from an older page: %v", err)
	}
	deals, errs := make([]int64, 2), make([]error, 2)
	race(
		func() { deals[0], errs[0] = k.AgreeInquiry(t.Context(), k.buyer, id, version) },
		func() { deals[1], errs[1] = k.AgreeInquiry(t.Context(), k.seller, id, version) })
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("both or none came through: %v", errs)
	}
	d, err := k.st.Deal(t.Context(), k.buyer, max(deals[0], deals[1]))
	if err != nil {
		t.Fatal(err)
	}
	if d.SellerOrg != k.seller.OrgID || d.BuyerOrg != k.buyer.OrgID || d.Number != "CJ-2026-0001" || !d.Price.Equal(decimal.NewFromInt(1_260_000)) ||
		d.Kind != "D1" || d.Acceptance != "72 h 取样" || d.NeedID == nil || d.ResultID == nil || d.Title == "" {
		t.Errorf("deal %+v", d)
	}
	for _, a := range []market.Actor{k.buyer, k.seller} {
		notices, _, err := k.st.Notices(t.Context(), a, store.Slice{Limit: 1})
		if err != nil || len(notices) == 0 || !strings.Contains(notices[0].Title, d.Number) {
			t.Errorf("%s heard %v (%v)", a.OrgName, notices, err)
		}
	}
}

// The two organisations write to each other about the same pair at the same moment: one inquiry comes about.
func TestInquiryOneAtATime(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	ctx := t.Context()
	need, result := k.listing(t, k.buyer, market.KindNeed, false), k.listing(t, k.seller, market.KindResult, false)
	errs := make([]error, 3)
	race(
		func() { _, errs[0] = k.OpenInquiry(ctx, k.seller, need, result, opening, "") },
		func() { _, errs[1] = k.OpenInquiry(ctx, k.buyer, result, need, opening, "") },
		func() { _, errs[2] = k.OpenInquiry(ctx, k.seller, need, result, opening, "") })
	opened := 0
	for _, err := range errs {
		if err == nil {
			opened++
		} else {
			wantConflict(t, err, "正在进行")
		}
	}
	if opened != 1 {
		t.Errorf("%d inquiries opened: %v", opened, errs)
	}
	if _, err := k.OpenInquiry(ctx, k.third, need, 0, opening, ""); err != nil {
		t.Errorf("a third organisation writes about the same need: %v", err)
	}
	running, err := k.st.RunningInquiry(ctx, k.seller, need)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.DeclineInquiry(ctx, k.seller, running, "暂缓", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := k.OpenInquiry(ctx, k.seller, need, result, opening, ""); err != nil {
		t.Errorf("opening again after the first ended: %v", err)
	}
}

func TestInquiryOpeningIsRefused(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	ctx := t.Context()
	need, own := k.listing(t, k.buyer, market.KindNeed, false), k.listing(t, k.seller, market.KindNeed, false)
	result, foreign := k.listing(t, k.seller, market.KindResult, false), k.listing(t, k.third, market.KindResult, false)
	draft := k.listing(t, k.seller, market.KindResult, false)
	k.exec(t, `UPDATE listings SET state = 'draft' WHERE id = $1`, draft)
	pending, viewer := k.seller, k.seller
	pending.OrgState, viewer.Role = market.OrgPending, market.Viewer
	for name, c := range map[string]struct {
		who           market.Actor
		listing, with int64
		body          string
		kind          market.ErrorKind
		part          string
	}{
		"visitor":               {market.Actor{Via: market.ViaWeb}, need, 0, opening, market.Unsigned, "登录"},
		"not verified":          {pending, need, 0, opening, market.Denied, "核验"},
		"viewer":                {viewer, need, 0, opening, market.Denied, "只能查看"},
		"own listing":           {k.seller, own, 0, opening, market.Conflict, "本单位"},
		"no such listing":       {k.seller, 999, 0, opening, market.NotFound, ""},
		"somebody's draft":      {k.buyer, draft, 0, opening, market.NotFound, ""},
		"too short":             {k.seller, need, 0, " 你好 ", market.Invalid, "body"},
		"broken text":           {k.seller, need, 0, "\xff一二三四五六七八九十", market.Invalid, "body"},
		"with a foreign result": {k.seller, need, foreign, opening, market.Invalid, "with"},
		"with the same kind":    {k.seller, need, own, opening, market.Invalid, "with"},
		"with a draft":          {k.seller, need, draft, opening, market.Invalid, "with"},
	} {
		_, err := k.OpenInquiry(ctx, c.who, c.listing, c.with, c.body, "")
		if !market.IsKind(err, c.kind) || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s: %v", name, err)
		}
	}
	k.exec(t, `UPDATE listings SET state = 'matched' WHERE id = $1`, need)
	_, err := k.OpenInquiry(ctx, k.seller, need, result, opening, "")
	wantConflict(t, err, "已匹配")
	k.exec(t, `UPDATE listings SET state = 'published' WHERE id = $1`, need)
	k.exec(t, `UPDATE orgs SET state = 'suspended' WHERE id = $1`, k.buyer.OrgID)
	_, err = k.OpenInquiry(ctx, k.seller, need, result, opening, "")
	wantConflict(t, err, "对方单位")
	var n int
	if k.row(t, &n, `SELECT count(*) FROM inquiries`); n != 0 {
		t.Errorf("%d inquiries came about", n)
	}
}

func TestInquiryFormPostedTwiceOpensOne(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	need := k.listing(t, k.buyer, market.KindNeed, false)
	first, err := k.OpenInquiry(t.Context(), k.seller, need, 0, opening, "form-key")
	if err != nil {
		t.Fatal(err)
	}
	second, err := k.OpenInquiry(t.Context(), k.seller, need, 0, opening, "form-key")
	if err != nil || second != first {
		t.Errorf("posting again gives %d (%v), want %d", second, err, first)
	}
}

// Names and contacts stay hidden until the receiver takes the inquiry up, and contacts are hidden again when the talks
// end without a deal.
func TestInquiryHidesNamesAndContacts(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	ctx := t.Context()
	contact := func(a market.Actor, id int64) store.Contact {
		c, err := k.st.InquiryContact(ctx, a, id)
		if err != nil && !market.IsKind(err, market.NotFound) {
			t.Fatal(err)
		}
		return c
	}
	people := func(a market.Actor, id int64) string {
		messages, err := k.st.InquiryMessages(ctx, a, id)
		if err != nil {
			t.Fatal(err)
		}
		var names strings.Builder
		for _, m := range messages {
			names.WriteString(m.UserName)
		}
		return names.String()
	}
	id := k.open(t, true)
	seen := k.get(t, k.seller, id)
	if seen.ToName != "" || seen.ToOrg != 0 || *seen.TurnOrg != 0 || !seen.ToHidden {
		t.Errorf("the hidden receiver shows: %+v", seen)
	}
	list, _, err := k.st.Inquiries(ctx, k.seller, store.InquiryWaiting, store.Slice{Limit: 10})
	if err != nil || len(list) != 1 || list[0].ToName != "" || list[0].ToOrg != 0 {
		t.Errorf("the list shows the hidden receiver: %+v (%v)", list, err)
	}
	if own := k.get(t, k.buyer, id); own.ToName != k.buyer.OrgName || own.FromName != k.seller.OrgName || own.ToHidden {
		t.Errorf("the receiver sees %+v", own)
	}
	if contact(k.seller, id) != (store.Contact{}) || contact(k.buyer, id) != (store.Contact{}) || people(k.buyer, id) != "" {
		t.Error("contacts or people show before the first answer")
	}

	k.answer(t, k.buyer, id, "more")
	if seen := k.get(t, k.seller, id); seen.ToName != k.buyer.OrgName || seen.ToOrg != k.buyer.OrgID || !seen.Accepted {
		t.Errorf("after the answer: %+v", seen)
	}
	if got := contact(k.seller, id); got != (store.Contact{Name: "联系人甲", Phone: "13607960000"}) {
		t.Errorf("contact of the need: %+v", got)
	}
	if got := people(k.seller, id); got != k.seller.UserName+k.buyer.UserName {
		t.Errorf("people after the answer: %s", got)
	}
	for _, stranger := range []market.Actor{k.third, {}, staff(market.Reviewer)} {
		if contact(stranger, id) != (store.Contact{}) {
			t.Errorf("%+v sees a contact", stranger)
		}
	}
	if err := k.DeclineInquiry(ctx, k.seller, id, "暂缓", ""); err != nil {
		t.Fatal(err)
	}
	if contact(k.seller, id) != (store.Contact{}) {
		t.Error("the contact still shows after the talks ended")
	}

	refused := k.open(t, true)
	k.answer(t, k.buyer, refused, "unsuitable")
	if seen := k.get(t, k.seller, refused); seen.ToName != "" || seen.State != market.InquiryDeclined || seen.DeclineReason != "暂缓" {
		t.Errorf("a receiver that declined at once shows: %+v", seen)
	}

	alone := k.listing(t, k.buyer, market.KindNeed, false)
	id, err = k.OpenInquiry(ctx, k.seller, alone, 0, opening, "")
	if err != nil {
		t.Fatal(err)
	}
	k.answer(t, k.buyer, id, "interested")
	if got := contact(k.buyer, id); got.Name != k.seller.UserName || got.Phone == "" {
		t.Errorf("without a listing the writer is the contact, got %+v", got)
	}
}

func staff(d market.Duty) market.Actor {
	return market.Actor{UserID: 1, Duties: []market.Duty{d}, Via: market.ViaWeb}
}

// Parties read and write, reviewers and auditors read, nobody else knows of it.
func TestInquiryVisibleSet(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	ctx := t.Context()
	id := k.bring(t, market.InquiryNegotiating)
	for name, c := range map[string]struct {
		who  market.Actor
		sees bool
	}{
		"writer": {k.seller, true}, "receiver": {k.buyer, true}, "reviewer": {staff(market.Reviewer), true}, "auditor": {staff(market.Auditor), true},
		"third": {k.third, false}, "visitor": {market.Actor{}, false}, "registrar": {staff(market.Registrar), false}, "admin": {staff(market.Admin), false},
	} {
		i, err := k.st.Inquiry(ctx, c.who, id)
		messages, err2 := k.st.InquiryMessages(ctx, c.who, id)
		terms, err3 := k.st.InquiryTerms(ctx, c.who, id)
		if err2 != nil || err3 != nil {
			t.Fatal(err2, err3)
		}
		if c.sees && (err != nil || i.ID != id || len(messages) != 2 || len(terms) != 6) {
			t.Errorf("%s sees %d messages, %d terms (%v)", name, len(messages), len(terms), err)
		}
		if !c.sees && (!market.IsKind(err, market.NotFound) || len(messages)+len(terms) != 0) {
			t.Errorf("%s sees an inquiry that is not theirs (%v)", name, err)
		}
	}
	version, term := k.get(t, k.buyer, id).Version, k.terms(t, id)["price"].ID
	reply := market.Reply{Code: "interested"}
	viewer := k.buyer
	viewer.Role = market.Viewer
	for name, c := range map[string]struct {
		who  market.Actor
		kind market.ErrorKind
	}{"third": {k.third, market.NotFound}, "viewer": {viewer, market.Denied}, "reviewer": {staff(market.Reviewer), market.Denied}} {
		_, agree := k.AgreeInquiry(ctx, c.who, id, version)
		for act, err := range map[string]error{
			"answer": k.AnswerInquiry(ctx, c.who, id, reply), "decline": k.DeclineInquiry(ctx, c.who, id, "暂缓", ""),
			"propose":    k.ProposeTerms(ctx, c.who, id, version, []market.InquiryTerm{price(5)}),
			"agree_term": k.AgreeTerms(ctx, c.who, id, []int64{term}), "agree": agree,
		} {
			if !market.IsKind(err, c.kind) {
				t.Errorf("%s by %s: %v", act, name, err)
			}
		}
	}
	wantConflict(t, k.AgreeTerms(ctx, k.seller, id, []int64{term}), "由对方同意")
	wantConflict(t, k.AgreeTerms(ctx, k.buyer, id, []int64{term, 999}), "刚被修改")
	if k.get(t, k.buyer, id).Version != version || k.terms(t, id)["price"].AgreedAt != nil {
		t.Error("a refused act changed the inquiry")
	}
	var refused int
	if k.row(t, &refused, `SELECT count(*) FROM audit_entries WHERE object_kind = 'inquiry' AND outcome = 'refused'`); refused != 15 {
		t.Errorf("%d refused attempts are on record, want 15", refused)
	}
}

// An organisation that is suspended ends its talks but makes no deal.
func TestInquirySuspendedOrganisation(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	id := k.bring(t, market.InquiryNegotiating)
	k.agreeBut(t, k.buyer, id, "kind", "indicators", "period", "payment", "acceptance")
	k.exec(t, `UPDATE orgs SET state = 'suspended' WHERE id = $1`, k.seller.OrgID)
	suspended := k.seller
	suspended.OrgState = market.OrgSuspended
	version := k.get(t, k.buyer, id).Version
	if _, err := k.AgreeInquiry(t.Context(), suspended, id, version); !market.IsKind(err, market.Denied) {
		t.Errorf("the suspended side concludes: %v", err)
	}
	_, err := k.AgreeInquiry(t.Context(), k.buyer, id, version)
	wantConflict(t, err, "对方单位")
	if err := k.DeclineInquiry(t.Context(), suspended, id, "暂缓", ""); err != nil {
		t.Errorf("the suspended side can't end the talks: %v", err)
	}
}

// While a party is suspended the clock stands still: no reminder, no end. Then the whole term starts anew, unless the
// other party is suspended still.
func TestInquiryClockUnderSuspension(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	id := k.bring(t, market.InquiryOpen)
	halt := func(a market.Actor, state market.OrgState) {
		k.exec(t, `UPDATE orgs SET state = $2 WHERE id = $1`, a.OrgID, state)
	}
	reviewer := staffOf(t, k)
	resume := func(a market.Actor) {
		o, err := k.st.Org(t.Context(), reviewer, a.OrgID)
		if err == nil {
			err = k.ResumeOrg(t.Context(), reviewer, a.OrgID, o.Version)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	halt(k.seller, market.OrgSuspended)
	halt(k.buyer, market.OrgSuspended)
	k.at(wednesday.AddDate(0, 2, 0))
	if n, err := k.TendInquiries(t.Context(), 10); err != nil || n != 0 || k.get(t, k.buyer, id).State != market.InquiryOpen {
		t.Errorf("tended %d under suspension, %v", n, err)
	}
	old := *k.get(t, k.buyer, id).DueOn
	resume(k.buyer)
	if due := *k.get(t, k.buyer, id).DueOn; !due.Equal(old) {
		t.Errorf("due on %s while the other party is suspended", due)
	}
	resume(k.seller)
	want := market.DateOf(k.Reference().AnswerBy(wednesday.AddDate(0, 2, 0)))
	if due := market.DateOf(*k.get(t, k.buyer, id).DueOn); !due.Equal(want) {
		t.Errorf("resumed, it is due on %s, want %s", due, want)
	}
	if _, err := k.TendInquiries(t.Context(), 10); err != nil || k.get(t, k.buyer, id).State != market.InquiryOpen {
		t.Errorf("ended right after the resumption: %v", err)
	}
}

// staffOf is a stored reviewer.
func staffOf(t *testing.T, k *talks) market.Actor {
	t.Helper()
	var user int64
	k.row(t, &user, `INSERT INTO users (email, name, password_hash, created_at, email_confirmed_at) VALUES ('reviewer@example.com', '审核员', '', $1, $1) RETURNING id`, wednesday)
	k.exec(t, `INSERT INTO duties (user_id, duty) VALUES ($1, 'reviewer')`, user)
	a, err := k.st.Actor(t.Context(), user, 0)
	if err != nil {
		t.Fatal(err)
	}
	a.Via = market.ViaWeb
	return a
}

// Each organisation finds its inquiries in the list they belong to.
func TestInquiryLists(t *testing.T) {
	t.Parallel()
	k := newTalks(t)
	for _, state := range []market.InquiryState{market.InquiryLapsed, market.InquiryOpen, market.InquiryAnswered, market.InquiryAgreed, market.InquiryDeclined} {
		k.bring(t, state)
	}
	for tab, c := range map[store.InquiryTab]struct {
		buyer, seller []market.InquiryState
	}{
		store.InquiryTodo:    {[]market.InquiryState{market.InquiryOpen}, []market.InquiryState{market.InquiryAnswered}},
		store.InquiryWaiting: {[]market.InquiryState{market.InquiryAnswered}, []market.InquiryState{market.InquiryOpen}},
		store.InquiryAgreed:  {[]market.InquiryState{market.InquiryAgreed}, []market.InquiryState{market.InquiryAgreed}},
		store.InquiryEnded: {[]market.InquiryState{market.InquiryDeclined, market.InquiryLapsed},
			[]market.InquiryState{market.InquiryDeclined, market.InquiryLapsed}},
	} {
		k.wantList(t, k.buyer, tab, c.buyer)
		k.wantList(t, k.seller, tab, c.seller)
		k.wantList(t, k.third, tab, nil)
	}
	if _, _, err := k.st.Inquiries(t.Context(), k.buyer, "all", store.Slice{Limit: 10}); !market.IsKind(err, market.NotFound) {
		t.Errorf("a list there is not: %v", err)
	}
}

func (k *talks) wantList(t *testing.T, a market.Actor, tab store.InquiryTab, want []market.InquiryState) {
	t.Helper()
	found, counts, err := k.st.Inquiries(t.Context(), a, tab, store.Slice{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	states := make([]market.InquiryState, len(found))
	for n, i := range found {
		states[n] = i.State
	}
	slices.Sort(states)
	if !slices.Equal(states, want) && len(states)+len(want) > 0 || counts.Of(tab) != len(want) {
		t.Errorf("%s finds %v (%d) in %s, want %v", a.OrgName, states, counts.Of(tab), tab, want)
	}
}
