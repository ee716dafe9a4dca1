package service_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// stall is a world with an organisation that posts, and those who may not touch what it posts.
type stall struct {
	*worldtest.World
	ctx      context.Context
	owner    market.Actor
	reviewer market.Actor
}

func newStall(t *testing.T) *stall {
	t.Helper()
	w := worldtest.New(t, 2026, time.November, 23)
	return &stall{World: w, ctx: t.Context(), owner: w.Org("永丰试验钙业有限公司", market.Enterprise, "360825"), reviewer: w.Person("审核员甲", market.Reviewer)}
}

func (s *stall) need() market.Need {
	deadline := market.DateOf(s.Now()).AddDate(0, 6, 0)
	return market.Need{
		Listing: market.Listing{Title: "重钙浆料研磨返粗与升温控制", Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"entrust"},
			SecrecyConfirmed: true, ContactName: "刘工", ContactPhone: "13800002046", Gated: "分散剂由某厂供应"},
		Problem: "研磨到 2 μm 以下时浆料升温返粗，换过两种分散剂都没有解决。", Deadline: &deadline,
		Indicators: []market.Indicator{{Name: "粒径 D97", Now: "4.8", Target: "≤2.5", Unit: "μm", Method: "激光粒度仪"}},
		Budget:     market.Price{Kind: market.PriceAmount, Min: decimal.NewNullDecimal(decimal.NewFromInt(900000))},
	}
}

func (s *stall) result() market.Result {
	return market.Result{
		Listing: market.Listing{Title: "纳米碳酸钙连续碳化技术", Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"licence"}, SecrecyConfirmed: true},
		Summary: "以微通道连续碳化制备纳米碳酸钙，一次粒径可调，省去二次打浆。", Problem: "间歇碳化批次差异大、能耗高", Advantage: "粒径分布更窄，吨电耗低三成",
		Economics: "吨成本降低 60 元", Stage: "pilot", PriceMethod: "negotiated", Price: market.Price{Kind: market.PriceOpen},
		IPs: []market.IP{{Type: "invention", Number: "ZL 2017 1 0601862.3", Title: "连续碳化工艺", Status: "granted"}}}
}

// post saves a complete draft of that kind.
func (s *stall) post(t *testing.T, kind market.Kind) int64 {
	t.Helper()
	var id int64
	var err error
	if kind == market.KindNeed {
		id, err = s.Service.CreateNeed(s.ctx, s.owner, s.need(), "")
	} else {
		id, err = s.Service.CreateResult(s.ctx, s.owner, s.result(), "")
	}
	must(t, err)
	return id
}

// put sets a listing's state as it would be stored, whatever way leads there.
func (s *stall) put(t *testing.T, id int64, state market.ListingState) {
	t.Helper()
	now := s.Now()
	codes, note := []string{}, ""
	if state == market.Returned {
		codes, note = []string{"N1"}, "请写明现值"
	}
	submitted := &now
	if state == market.Draft {
		submitted = nil
	}
	_, err := s.Store.DB().ExecContext(s.ctx, `UPDATE listings SET state = $2, submitted_at = $3, return_codes = $4, return_note = $5,
		published_at = $6, confirmed_at = $6, valid_until = $7 WHERE id = $1`, id, state, submitted, pq.StringArray(codes), note, now, now.AddDate(0, 6, 0))
	must(t, err)
}

// stored is what a refused act must leave as it was.
type stored struct {
	State   market.ListingState
	Version int
	Moves   int
}

func (s *stall) stored(t *testing.T, id int64) stored {
	t.Helper()
	var out stored
	err := s.Store.DB().QueryRowContext(s.ctx, `SELECT state, version, (SELECT count(*) FROM moves WHERE object_id = l.id AND object_kind = l.kind)
		FROM listings l WHERE id = $1`, id).Scan(&out.State, &out.Version, &out.Moves)
	must(t, err)
	return out
}

// listingMoves are all moves that people make, by the names the machine gives them.
func (s *stall) listingMoves(kind market.Kind) map[string]func(market.Actor, int64) error {
	v, ctx := s.Service, s.ctx
	return map[string]func(market.Actor, int64) error{
		"submit":   func(a market.Actor, id int64) error { return v.SubmitListing(ctx, a, kind, id) },
		"recall":   func(a market.Actor, id int64) error { return v.RecallListing(ctx, a, kind, id) },
		"confirm":  func(a market.Actor, id int64) error { return v.ConfirmListing(ctx, a, kind, id) },
		"withdraw": func(a market.Actor, id int64) error { return v.WithdrawListing(ctx, a, kind, id) },
		"close":    func(a market.Actor, id int64) error { return v.CloseListing(ctx, a, kind, id) },
		"publish": func(a market.Actor, id int64) error {
			return v.PublishListing(ctx, a, kind, id, s.Version("listings", id), market.Subject(kind).AllYes())
		},
		"return": func(a market.Actor, id int64) error {
			return v.ReturnListing(ctx, a, kind, id, s.Version("listings", id), []string{"N1"}, "请写明现值")
		},
	}
}

// TestListingMoves makes every move in every state: it succeeds exactly where the machine has an arrow, leaves one audit
// entry and one line of history, and changes nothing where it has none.
func TestListingMoves(t *testing.T) {
	t.Parallel()
	for _, kind := range []market.Kind{market.KindNeed, market.KindResult} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := newStall(t)
			for move, act := range s.listingMoves(kind) {
				actor := s.owner
				if move == "publish" || move == "return" {
					actor = s.reviewer
				}
				for _, state := range market.Listings.States {
					id := s.post(t, kind)
					s.put(t, id, state)
					s.checkMove(t, kind, id, move, func() error { return act(actor, id) })
				}
			}
		})
	}
}

func (s *stall) checkMove(t *testing.T, kind market.Kind, id int64, move string, act func() error) {
	t.Helper()
	before := s.stored(t, id)
	want, open := market.Listings.Next(before.State, move)
	err := act()
	after := s.stored(t, id)
	name := fmt.Sprintf("%s in %s", move, before.State)
	if open != nil {
		if !market.IsKind(err, market.Conflict) && !market.IsKind(err, market.NotFound) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
		if after != before {
			t.Errorf("%s was refused but changed %v to %v", name, before, after)
		}
		return
	}
	if err != nil || after.State != want || after.Moves != before.Moves+1 || after.Version != before.Version+1 {
		t.Errorf("%s: %v, %v became %v, want state %s", name, err, before, after, want)
	}
	if n := s.Audits(market.ListingAction(kind, move), id, "done"); n != 1 {
		t.Errorf("%s left %d audit entries", name, n)
	}
}

func TestOnlyTheRightPeopleMoveAListing(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	other := s.Org("吉水别家电子有限公司", market.Enterprise, "360822")
	ownReviewer := s.owner
	ownReviewer.Duties = []market.Duty{market.Reviewer}
	strangers := map[string]market.Actor{
		"visitor": {Via: market.ViaWeb}, "viewer": s.Member(s.owner, "只看的人", market.Viewer), "other organisation": other,
		"auditor": s.Person("审计员", market.Auditor), "registrar": s.Person("登记员", market.Registrar), "person": s.Person("无单位的人"),
	}
	from := map[string]market.ListingState{"submit": market.Draft, "recall": market.InReview, "confirm": market.Published, "withdraw": market.Published,
		"close": market.Published, "publish": market.InReview, "return": market.InReview}
	for move, act := range s.listingMoves(market.KindNeed) {
		who := strangers
		if move == "publish" || move == "return" {
			who = map[string]market.Actor{"owner": s.owner, "own reviewer": ownReviewer, "auditor": strangers["auditor"]}
		} else {
			who["reviewer"] = s.reviewer
		}
		id := s.post(t, market.KindNeed)
		s.put(t, id, from[move])
		before := s.stored(t, id)
		for name, actor := range who {
			err := act(actor, id)
			if e := market.AsError(err); e == nil || !slices.Contains([]market.ErrorKind{market.Unsigned, market.Denied, market.NotFound}, e.Kind) {
				t.Errorf("%s by %s: %v, want a refusal", move, name, err)
			}
		}
		if after := s.stored(t, id); after != before {
			t.Errorf("%s was refused but changed %v to %v", move, before, after)
		}
		if n := s.Audits(market.ListingAction(market.KindNeed, move), id, "refused"); n != len(who) {
			t.Errorf("%s: %d refusals noted, want %d", move, n, len(who))
		}
	}
}

func TestUnverifiedOrganisationWritesDraftsOnly(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	applicant := s.Applicant("新干待核验盐化有限公司", market.Enterprise, "360824")
	id, err := s.Service.CreateNeed(s.ctx, applicant, s.need(), "")
	must(t, err)
	wantKind(t, s.Service.SubmitListing(s.ctx, applicant, market.KindNeed, id), market.Denied)
	_, err = s.Service.CreateAndSubmitNeed(s.ctx, applicant, s.need(), "")
	wantKind(t, err, market.Denied)
	if got := s.stored(t, id); got.State != market.Draft {
		t.Errorf("state %s", got.State)
	}
}

func TestCreateAndSubmitIsOneAct(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	short := s.need()
	short.Indicators, short.Modes = nil, nil
	_, err := s.Service.CreateAndSubmitNeed(s.ctx, s.owner, short, "one")
	wantField(t, err, "indicators", "至少")
	wantField(t, err, "modes", "至少")
	var rows int
	must(t, s.Store.DB().QueryRowContext(s.ctx, `SELECT (SELECT count(*) FROM listings) + (SELECT count(*) FROM submissions)`).Scan(&rows))
	if rows != 0 {
		t.Fatalf("a refused form left %d rows", rows)
	}
	id, err := s.Service.CreateAndSubmitNeed(s.ctx, s.owner, s.need(), "one")
	must(t, err)
	if got := s.stored(t, id); got.State != market.InReview || got.Moves != 2 {
		t.Errorf("stored %v", got)
	}
	for _, action := range []market.Action{market.NeedCreate, market.NeedSubmit} {
		if n := s.Audits(action, id, "done"); n != 1 {
			t.Errorf("%d audit entries of %s", n, action)
		}
	}
	again, err := s.Service.CreateAndSubmitNeed(s.ctx, s.owner, s.need(), "one")
	must(t, err)
	if again != id {
		t.Errorf("the same form made %d and %d", id, again)
	}
}

func TestSameFormTwiceAtOnceMakesOneListing(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	ids := make([]int64, 6)
	var wait sync.WaitGroup
	for i := range ids {
		wait.Go(func() {
			id, err := s.Service.CreateResult(s.ctx, s.owner, s.result(), "same")
			if err != nil {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	wait.Wait()
	slices.Sort(ids)
	if distinct := slices.Compact(ids); len(distinct) != 1 || distinct[0] == 0 {
		t.Errorf("six posts of one form made %v", distinct)
	}
}

func TestEditOfAnOldVersionIsRefused(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	id := s.post(t, market.KindNeed)
	first, err := s.Store.Need(s.ctx, s.owner, id)
	must(t, err)
	first.Gated, _, err = s.Store.Gate(s.ctx, s.owner, id)
	must(t, err)
	second := first
	first.Title = "甲改的标题"
	must(t, s.Service.EditNeed(s.ctx, s.owner, first))
	second.Title = "乙改的标题"
	wantKind(t, s.Service.EditNeed(s.ctx, s.owner, second), market.Conflict)
	now, err := s.Store.Need(s.ctx, s.owner, id)
	must(t, err)
	gated, has, err := s.Store.Gate(s.ctx, s.owner, id)
	must(t, err)
	if now.Title != first.Title || gated != s.need().Gated || !has {
		t.Errorf("stored %q with gated %q", now.Title, gated)
	}
}

// TestEditByState: what is public is edited beside the public text, which stays; what waits or is closed is not edited.
func TestEditByState(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	for _, state := range market.Listings.States {
		id := s.post(t, market.KindResult)
		s.put(t, id, state)
		r, err := s.Store.Result(s.ctx, s.owner, id)
		must(t, err)
		r.Title = "改过的标题"
		err = s.Service.EditResult(s.ctx, s.owner, r)
		if (err == nil) != (state.Editable() || state.Public()) {
			t.Errorf("edit in %s: %v", state, err)
		}
		if err != nil {
			wantKind(t, err, market.Conflict)
		}
		if now, err := s.Store.Result(s.ctx, s.owner, id); err != nil || (now.Title == r.Title) != state.Editable() {
			t.Errorf("the text in %s is now %q, %v", state, now.Title, err)
		}
	}
}

func TestHiddenNameMustNotStandInTheText(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	n := s.need()
	n.HideOrg, n.Problem = true, "永丰试验钙业用两级立式搅拌磨湿法生产重钙浆料，升温返粗。"
	_, err := s.Service.CreateAndSubmitNeed(s.ctx, s.owner, n, "")
	wantField(t, err, "problem", "名称")
	n.HideOrg = false
	_, err = s.Service.CreateAndSubmitNeed(s.ctx, s.owner, n, "")
	must(t, err)
}

func TestConfirmationRenewsTheValidityAndExpiryEndsIt(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	id := s.post(t, market.KindNeed)
	must(t, s.Service.SubmitListing(s.ctx, s.owner, market.KindNeed, id))
	must(t, s.Service.PublishListing(s.ctx, s.reviewer, market.KindNeed, id, s.Version("listings", id), market.SubjectNeed.AllYes()))
	until := func() string {
		n, err := s.Store.Need(s.ctx, s.owner, id)
		must(t, err)
		return market.DateOf(*n.ValidUntil).Format(time.DateOnly)
	}
	if got := until(); got != "2027-05-23" {
		t.Errorf("valid until %s", got)
	}
	s.SetDay(2027, time.May, 23)
	if n, err := s.Service.ExpireListings(s.ctx, 10); err != nil || n != 0 {
		t.Fatalf("on its last day %d expired, %v", n, err)
	}
	must(t, s.Service.ConfirmListing(s.ctx, s.owner, market.KindNeed, id))
	if got := until(); got != "2027-11-23" {
		t.Errorf("after confirming valid until %s", got)
	}
	s.SetDay(2027, time.November, 24)
	if n, err := s.Service.ExpireListings(s.ctx, 10); err != nil || n != 1 {
		t.Fatalf("after its last day %d expired, %v", n, err)
	}
	if got := s.stored(t, id); got.State != market.Expired {
		t.Errorf("state %s", got.State)
	}
}

func TestDeleteDraft(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	id, twin := s.post(t, market.KindResult), s.post(t, market.KindResult)
	var importID int64
	must(t, s.Store.DB().QueryRowContext(s.ctx, `INSERT INTO imports (kind, org_id, user_id, file_name, state, rows_total, rows_valid, created_at)
		VALUES ('result', $1, $2, 'a.xlsx', 'checked', 1, 1, now()) RETURNING id`, s.owner.OrgID, s.owner.UserID).Scan(&importID))
	_, err := s.Store.DB().ExecContext(s.ctx, `INSERT INTO import_rows (import_id, row, title, cells, problems, valid, duplicate_of)
		VALUES ($1, 1, 'x', '{}', '[]', true, $2)`, importID, id)
	must(t, err)
	must(t, s.Service.DeleteDraft(s.ctx, s.owner, market.KindResult, id))
	_, err = s.Store.Result(s.ctx, s.owner, id)
	wantKind(t, err, market.NotFound)

	must(t, s.Service.SubmitListing(s.ctx, s.owner, market.KindResult, twin))
	must(t, s.Service.RecallListing(s.ctx, s.owner, market.KindResult, twin))
	wantKind(t, s.Service.DeleteDraft(s.ctx, s.owner, market.KindResult, twin), market.Conflict)
}

func TestWithdrawTellsRunningInquiries(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	other := s.Org("青原测试大学", market.University, "360803")
	id := s.Need(s.owner)
	_, err := s.Store.DB().ExecContext(s.ctx, `INSERT INTO inquiries (number, listing_id, from_org, to_org, state, turn_org, due_on, created_at, updated_at)
		VALUES ('DJ-1', $1, $2, $3, 'open', $3, now(), now(), now())`, id, other.OrgID, s.owner.OrgID)
	must(t, err)
	must(t, s.Service.WithdrawListing(s.ctx, s.owner, market.KindNeed, id))
	notices, _, err := s.Store.Notices(s.ctx, other, store.PageSlice(1, 1))
	must(t, err)
	if len(notices) != 1 || !strings.Contains(notices[0].Title, "不再公开") {
		t.Errorf("notices %v", notices)
	}
}

func TestMarkMatch(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	university, third := s.Org("青原测试大学", market.University, "360803"), s.Org("吉州第三方有限公司", market.Enterprise, "360802")
	need, result := s.Need(s.owner), s.Result(university)
	docs, err := s.Store.Documents(s.ctx, []int64{need})
	must(t, err)
	must(t, s.Service.SetMatches(s.ctx, docs[0], []store.Match{{NeedID: need, ResultID: result, Score: 0.8, Strength: "strong"}}))
	found, total, err := s.Store.OrgMatches(s.ctx, s.owner, store.MatchFilter{}, store.PageSlice(1, 10))
	must(t, err)
	if total != 1 || len(found) != 1 {
		t.Fatalf("%d suggestions", total)
	}
	no := false
	wantKind(t, s.Service.MarkMatch(s.ctx, third, found[0].ID, &no, ""), market.NotFound)
	wantKind(t, s.Service.MarkMatch(s.ctx, s.Member(s.owner, "只看的人", market.Viewer), found[0].ID, &no, ""), market.Denied)
	must(t, s.Service.MarkMatch(s.ctx, s.owner, found[0].ID, &no, ""))
	count := func(a market.Actor, said store.Said) int {
		_, n, err := s.Store.OrgMatches(s.ctx, a, store.MatchFilter{Said: said}, store.PageSlice(1, 10))
		must(t, err)
		return n
	}
	if count(s.owner, store.SaidOpen) != 0 || count(s.owner, store.SaidUnsuitable) != 1 || count(university, store.SaidOpen) != 1 {
		t.Error("a mark must hold for the side that made it, and for no other")
	}
	must(t, s.Service.MarkMatch(s.ctx, s.owner, found[0].ID, nil, ""))
	if count(s.owner, store.SaidOpen) != 1 {
		t.Error("a mark taken back must be gone")
	}
}

func TestBadInputIsNamedAndStoresNothing(t *testing.T) {
	t.Parallel()
	s := newStall(t)
	cases := map[string]struct {
		field, text string
		change      func(*market.Need)
	}{
		"broken UTF-8":    {"title", "编码", func(n *market.Need) { n.Title = "重钙\xff研磨" }},
		"long title":      {"title", "多了 4900 个字", func(n *market.Need) { n.Title = strings.Repeat("钙", 5000) }},
		"no title":        {"title", "请填写", func(n *market.Need) { n.Title = " 　" }},
		"negative amount": {"budget", "大于 0", func(n *market.Need) { n.Budget.Min = decimal.NewNullDecimal(decimal.NewFromInt(-1)) }},
		"14 digits": {"budget", "万亿", func(n *market.Need) {
			n.Budget.Min = decimal.NewNullDecimal(decimal.RequireFromString("12345678901234"))
		}},
		"tenth of a fen":    {"budget", "分", func(n *market.Need) { n.Budget.Min = decimal.NewNullDecimal(decimal.RequireFromString("1.001")) }},
		"other sub-market":  {"fields", "不属于", func(n *market.Need) { n.Fields = []string{"tea"} }},
		"unknown mode":      {"modes", "列表", func(n *market.Need) { n.Modes = []string{"gift"} }},
		"year before 1984":  {"deadline", "年份", func(n *market.Need) { d := time.Date(1900, 1, 1, 0, 0, 0, 0, market.Shanghai); n.Deadline = &d }},
		"too many rows":     {"indicators", "最多", func(n *market.Need) { n.Indicators = slices.Repeat(n.Indicators, 21) }},
		"indicator unnamed": {"indicators.0.name", "第 1 行", func(n *market.Need) { n.Indicators = []market.Indicator{{Target: "≤2"}} }},
	}
	for name, c := range cases {
		n := s.need()
		c.change(&n)
		_, err := s.Service.CreateNeed(s.ctx, s.owner, n, "")
		t.Run(name, func(t *testing.T) { wantField(t, err, c.field, c.text) })
	}
	r := s.result()
	r.IPs = []market.IP{{Type: "forged", Status: "granted"}, {Type: "invention", Number: "201710601862.4", Status: "granted"}}
	_, err := s.Service.CreateResult(s.ctx, s.owner, r, "")
	wantField(t, err, "ips.0.type", "第 1 行")
	wantField(t, err, "ips.1.number", "校验位")
	r = s.result()
	r.PriceMethod = "listed"
	_, err = s.Service.CreateResult(s.ctx, s.owner, r, "")
	wantField(t, err, "price", "挂牌")
	var rows int
	must(t, s.Store.DB().QueryRowContext(s.ctx, `SELECT count(*) FROM listings`).Scan(&rows))
	if rows != 0 {
		t.Errorf("%d listings after nothing but bad input", rows)
	}
	id, err := s.Service.CreateNeed(s.ctx, s.owner, s.need(), "not a key \x00\xff")
	if err != nil || id == 0 {
		t.Errorf("a malformed key must not matter: %v", err)
	}
}
