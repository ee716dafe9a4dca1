package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// county is what one county has of each thing that staff read.
type county struct {
	owner, applicant                market.Actor
	waiting, hidden, contract, deal int64
}

// newCounty fills a county: an organisation with a need in review, a public one under a hidden name, a contract on the
// desk and a deal, and another that waits for verification.
func newCounty(t *testing.T, w *worldtest.World, name, region string, buyer market.Actor) county {
	t.Helper()
	c := county{owner: w.Org(name+"钙业（测试）", market.Enterprise, region), applicant: w.Applicant(name+"电路（测试）", market.Enterprise, region)}
	deadline := w.Now().AddDate(0, 6, 0)
	need := market.Need{Listing: market.Listing{Title: name + "浆料返粗", Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"entrust"}, SecrecyConfirmed: true, Gated: name + "的配方"},
		Problem: strings.Repeat("研磨到 2 μm 以下时浆料升温返粗，", 3), Deadline: &deadline, Budget: market.Price{Kind: market.PriceOpen},
		Indicators: []market.Indicator{{Name: "粒径 D97", Now: "4.8", Target: "≤2.5", Unit: "μm", Method: "激光粒度仪"}}}
	c.waiting = submit(t, w, c.owner, need)
	need.Title, need.HideOrg = name+"匿名需求", true
	c.hidden = submit(t, w, c.owner, need)
	ok(t, w.Service.PublishListing(t.Context(), w.Person("市级审核", market.Reviewer), market.KindNeed, c.hidden, w.Version("listings", c.hidden), market.SubjectNeed.AllYes()))
	contract := w.Contract(300_000)
	contract.Seller.Region = region
	var err error
	c.contract, err = w.Service.CreateContract(t.Context(), c.owner, contract, "")
	ok(t, err)
	ok(t, w.Service.SubmitContract(t.Context(), c.owner, c.contract))
	c.deal = w.Deal(c.owner, buyer, nil, nil, 500_000)
	return c
}

func submit(t *testing.T, w *worldtest.World, owner market.Actor, n market.Need) int64 {
	t.Helper()
	id, err := w.Service.CreateNeed(t.Context(), owner, n, "")
	ok(t, err)
	ok(t, w.Service.SubmitListing(t.Context(), owner, market.KindNeed, id))
	return id
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// seen are the things of a county that the actor finds, in a fixed order.
func (c county) seen(t *testing.T, w *worldtest.World, a market.Actor) []string {
	t.Helper()
	ctx, st := t.Context(), w.Store
	var out []string
	add := func(name string, found bool, err error) {
		if err != nil && !market.IsKind(err, market.NotFound) {
			t.Fatal(name, err)
		}
		if err == nil && found {
			out = append(out, name)
		}
	}
	_, err := st.Need(ctx, a, c.waiting)
	add("need in review", true, err)
	cards, err := st.ListingCards(ctx, a, []int64{c.waiting})
	add("its card", len(cards) == 1, err)
	detail, _, err := st.Gate(ctx, a, c.waiting)
	add("its gated part", detail != "", err)
	hidden, err := st.Need(ctx, a, c.hidden)
	add("hidden name", hidden.OrgID == c.owner.OrgID, err)
	browsed, _, err := st.BrowseListings(ctx, a, store.Browse{}, store.PageSlice(1, 50))
	add("hidden name on a card", slices.ContainsFunc(browsed, func(l store.ListingCard) bool { return l.ID == c.hidden && l.OrgName != "" }), err)
	_, err = st.Org(ctx, a, c.applicant.OrgID)
	add("pending organisation", true, err)
	queue, _, err := st.ReviewQueue(ctx, a, w.Ref, store.ReviewFilter{}, w.Service.Today(), store.PageSlice(1, 50))
	queued := func(subject market.Subject, id int64) bool {
		return slices.ContainsFunc(queue, func(i store.ReviewItem) bool { return i.Subject == subject && i.ID == id })
	}
	add("queued need", queued(market.SubjectNeed, c.waiting), err)
	add("queued org", queued(market.SubjectOrg, c.applicant.OrgID), err)
	_, err = st.Contract(ctx, a, c.contract)
	add("contract", true, err)
	desk, err := st.DeskContracts(ctx, a, store.DeskFilter{}, []market.ContractState{market.ContractSubmitted}, store.PageSlice(1, 50))
	add("contract on the desk", slices.ContainsFunc(desk, func(k store.ContractCard) bool { return k.ID == c.contract }), err)
	_, err = st.DeskPlace(ctx, a, c.contract)
	add("its place", true, err)
	_, err = st.Deal(ctx, a, c.deal)
	add("deal", true, err)
	hits, err := st.Find(ctx, a, c.owner.OrgName, 50)
	for _, kind := range []string{"need", "contract", "org"} {
		add("found "+kind, slices.ContainsFunc(hits, func(h store.Hit) bool { return h.Kind == kind }), err)
	}
	return out
}

// everything is what a county's own officer finds.
var everything = []string{"need in review", "its card", "its gated part", "hidden name", "hidden name on a card", "pending organisation", "queued need", "queued org",
	"contract", "contract on the desk", "its place", "deal", "found need", "found contract", "found org"}

func TestStaffSeeTheirCounty(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	buyer := w.Org("赣江理工大学（测试）", market.University, "360802")
	north, south := newCounty(t, w, "永丰", "360825", buyer), newCounty(t, w, "吉水", "360822", buyer)
	duties := []market.Duty{market.Reviewer, market.Registrar, market.Statistician}
	public := []string(nil)
	for _, x := range []struct {
		actor        market.Actor
		north, south []string
		waiting      int // in the queue and on the desk together
	}{
		{w.Officer("永丰专员", "360825", duties...), everything, public, 3},
		{w.Officer("吉水专员", "360822", duties...), public, everything, 3},
		{w.Officer("泰和专员", "360826", duties...), public, public, 0},
		{w.Person("市级人员", duties...), everything, everything, 6},
		{w.Person("路人"), public, public, 0},
	} {
		for name, c := range map[string]struct {
			of   county
			want []string
		}{"永丰": {north, x.north}, "吉水": {south, x.south}} {
			if got := c.of.seen(t, w, x.actor); !slices.Equal(got, c.want) {
				t.Errorf("%s finds in %s:\n got %v\nwant %v", x.actor.UserName, name, got, c.want)
			}
		}
		n, err := w.Store.TodoCounts(t.Context(), x.actor)
		ok(t, err)
		q, err := w.Store.Queues(t.Context(), x.actor)
		ok(t, err)
		if n.Review+n.Desk != x.waiting || q.Needs+q.Results+q.Orgs+q.Submitted != x.waiting {
			t.Errorf("%s: %+v and %+v wait, want %d", x.actor.UserName, n, q, x.waiting)
		}
	}
}

// Outside the county of an officer there is nothing to decide on: every attempt finds nothing and changes nothing.
func TestStaffDecideInTheirCounty(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	c := newCounty(t, w, "永丰", "360825", w.Org("赣江理工大学（测试）", market.University, "360802"))
	duties := []market.Duty{market.Reviewer, market.Registrar}
	other, own := w.Officer("吉水专员", "360822", duties...), w.Officer("永丰专员", "360825", duties...)
	ctx, s := t.Context(), w.Service
	for _, act := range []struct {
		name string
		do   func(a market.Actor) error
	}{
		{"verify", func(a market.Actor) error {
			return s.VerifyOrg(ctx, a, c.applicant.OrgID, w.Version("orgs", c.applicant.OrgID), market.SubjectOrg.AllYes())
		}},
		{"suspend", func(a market.Actor) error {
			return s.SuspendOrg(ctx, a, c.applicant.OrgID, w.Version("orgs", c.applicant.OrgID), "查证")
		}},
		{"publish", func(a market.Actor) error {
			return s.PublishListing(ctx, a, market.KindNeed, c.waiting, w.Version("listings", c.waiting), market.SubjectNeed.AllYes())
		}},
		{"accept", func(a market.Actor) error { return s.AcceptContract(ctx, a, c.contract) }},
		{"pass", func(a market.Actor) error { return s.PassContract(ctx, a, c.contract) }},
	} {
		if err := act.do(other); !market.IsKind(err, market.NotFound) {
			t.Errorf("%s by an officer of another county: %v", act.name, err)
		}
		if err := act.do(own); err != nil {
			t.Errorf("%s by the county's officer: %v", act.name, err)
		}
	}
}

// A notice goes to the officers of the county and to those of the city; what is late, to the county's alone where it has
// any.
func TestStaffAreToldOfTheirCounty(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	city, north, south := w.Person("市级审核", market.Reviewer), w.Officer("永丰专员", "360825", market.Reviewer), w.Officer("吉水专员", "360822", market.Reviewer)
	slow, other := w.Org("永丰钙业（测试）", market.Enterprise, "360825"), w.Org("泰和陶瓷（测试）", market.Enterprise, "360826")
	from := w.Org("赣江理工大学（测试）", market.University, "360802")
	ask := func(owner market.Actor) {
		t.Helper()
		_, err := w.Service.OpenInquiry(t.Context(), from, w.Need(owner), 0, "我们做过类似的研磨工艺，想了解现在的设备和产量，可以先做小样。", "")
		ok(t, err)
	}
	ask(slow)
	ask(other)
	count := func(a market.Actor, prefix string) int {
		t.Helper()
		notices, _, err := w.Store.Notices(t.Context(), a, store.PageSlice(1, 50))
		ok(t, err)
		return len(slices.DeleteFunc(notices, func(n store.Notice) bool { return !strings.HasPrefix(n.Title, prefix) }))
	}
	for name, n := range map[string][2]int{"city": {count(city, "待审核需求"), 2}, "north": {count(north, "待审核需求"), 1}, "south": {count(south, "待审核需求"), 0}} {
		if n[0] != n[1] {
			t.Errorf("%s was told of %d needs, want %d", name, n[0], n[1])
		}
	}
	w.SetDay(2026, time.November, 11)
	if _, err := w.Service.TendInquiries(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string][2]int{"city": {count(city, "请督促"), 1}, "north": {count(north, "请督促"), 1}, "south": {count(south, "请督促"), 0}} {
		if n[0] != n[1] {
			t.Errorf("%s was told of %d late answers, want %d", name, n[0], n[1])
		}
	}
}

// An inquiry between two counties is read by the officers of both, but a name that the owner hides only by the owner's.
func TestInquiryBetweenCounties(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	from := w.Org("吉水科技（测试）", market.Enterprise, "360822")
	c := newCounty(t, w, "永丰", "360825", from)
	id, err := w.Service.OpenInquiry(t.Context(), from, c.hidden, 0, "我们做过类似的研磨工艺，想了解现在的设备和产量，可以先做小样。", "")
	ok(t, err)
	for _, x := range []struct {
		actor       market.Actor
		sees, names bool
	}{
		{w.Person("市级审核", market.Reviewer), true, true}, {w.Officer("永丰专员", "360825", market.Reviewer), true, true},
		{w.Officer("吉水专员", "360822", market.Reviewer), true, false}, {w.Officer("泰和专员", "360826", market.Reviewer), false, false},
		{w.Officer("永丰登记", "360825", market.Registrar), false, false}, {w.Person("审计员", market.Auditor), true, true},
	} {
		i, err := w.Store.Inquiry(t.Context(), x.actor, id)
		if (err == nil) != x.sees || err == nil && (i.ToName != "") != x.names {
			t.Errorf("%s: %q, %v", x.actor.UserName, i.ToName, err)
		}
	}
}

// Audit and administration are for the whole city, whichever is set first.
func TestCityDutiesHaveNoCounty(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	for _, d := range []market.Duty{market.Auditor, market.Admin} {
		p := w.Person(d.Name(), d)
		if err := w.Store.InTx(t.Context(), func(tx *store.Tx) error { return tx.SetCounty(t.Context(), p.UserID, "360825") }); !market.IsKind(err, market.Denied) {
			t.Errorf("a county for %s: %v", d, err)
		}
		officer := w.Officer("专员", "360825", market.Reviewer)
		if err := w.Store.InTx(t.Context(), func(tx *store.Tx) error { return tx.AddDuty(t.Context(), officer.UserID, d) }); !market.IsKind(err, market.Denied) {
			t.Errorf("%s for a county's officer: %v", d, err)
		}
	}
}

// Who entered something, belongs to the organisation it is of, or to an agency that acts for it, decides about it under no
// duty; anybody else may.
func TestWhoHasAPartDoesNotDecide(t *testing.T) {
	t.Parallel()
	h := newHouse(t, market.ScopePost, market.ScopeContract)
	w, ctx, s := h.World, t.Context(), h.Service
	staff := func(a market.Actor) market.Actor {
		t.Helper()
		ok(t, w.Store.InTx(ctx, func(tx *store.Tx) error {
			for _, d := range []market.Duty{market.Reviewer, market.Registrar} {
				if err := tx.AddDuty(ctx, a.UserID, d); err != nil {
					return err
				}
			}
			return nil
		}))
		return w.Again(a)
	}
	agent, err := h.agent(h.agency)
	ok(t, err)
	deadline := w.Now().AddDate(0, 6, 0)
	need := submit(t, w, agent, market.Need{Listing: market.Listing{Title: "浆料返粗", Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"entrust"}, SecrecyConfirmed: true},
		Problem: strings.Repeat("研磨到 2 μm 以下时浆料升温返粗，", 3), Deadline: &deadline, Budget: market.Price{Kind: market.PriceOpen},
		Indicators: []market.Indicator{{Name: "粒径 D97", Now: "4.8", Target: "≤2.5", Unit: "μm", Method: "激光粒度仪"}}})
	contract, err := s.CreateContract(ctx, agent, w.Contract(300_000), "")
	ok(t, err)
	ok(t, s.SubmitContract(ctx, agent, contract))
	batch, err := s.CheckImport(ctx, agent, importFile(t))
	ok(t, err)
	ok(t, s.AcceptImport(ctx, agent, batch, submitted))
	ok(t, s.RunImport(ctx, batch, func(int, int) {}))
	left := w.Member(h.client, "经手人，已离开", market.Editor)
	if _, err := w.Store.DB().ExecContext(ctx, `WITH gone AS (DELETE FROM members WHERE user_id = $1), mine AS (UPDATE imports SET user_id = $1 WHERE id = $2), deal AS (UPDATE contracts SET created_by = $1 WHERE id = $3)
		INSERT INTO moves (object_kind, object_id, move, from_state, to_state, user_id, org_id, at) VALUES ('need', $4, 'submit', 'draft', 'in_review', $1, $5, now())`,
		left.UserID, batch, contract, need, h.client.OrgID); err != nil {
		t.Fatal(err)
	}
	acts := []struct {
		name string
		do   func(a market.Actor) error
	}{
		{"return the need", func(a market.Actor) error {
			return s.ReturnListing(ctx, a, market.KindNeed, need, w.Version("listings", need), []string{"N1"}, "请写清楚")
		}},
		{"accept the contract", func(a market.Actor) error { return s.AcceptContract(ctx, a, contract) }},
		{"return the batch", func(a market.Actor) error { return s.ReturnImport(ctx, a, batch, []string{"N1"}, "请写清楚") }},
	}
	parts := []market.Actor{staff(h.client), staff(w.Member(h.client, "查看员", market.Viewer)), staff(h.agency), staff(w.Member(h.agency, "机构查看员", market.Viewer)), staff(left)}
	suspend := func(a market.Actor) error {
		return s.SuspendOrg(ctx, a, h.client.OrgID, w.Version("orgs", h.client.OrgID), "查证")
	}
	for _, a := range parts {
		for _, act := range acts {
			if err := act.do(a); !market.IsKind(err, market.Denied) {
				t.Errorf("%s by %s: %v", act.name, a.UserName, err)
			}
		}
		if err := suspend(a); a.UserID != left.UserID && !market.IsKind(err, market.Denied) {
			t.Errorf("suspend the organisation by %s: %v", a.UserName, err)
		}
	}
	ok(t, s.RevokeMandate(ctx, w.Again(h.client), h.id, "不再委托"))
	for _, act := range acts { // what the agency did itself stays out of its reach
		if err := act.do(w.Again(h.agency)); !market.IsKind(err, market.Denied) {
			t.Errorf("%s by the agency after its mandate: %v", act.name, err)
		}
	}
	stranger := w.Person("别的审核员", market.Reviewer, market.Registrar)
	for _, act := range acts {
		if err := act.do(stranger); err != nil {
			t.Errorf("%s by a stranger: %v", act.name, err)
		}
	}
}

func importFile(t *testing.T) service.ImportFile {
	t.Helper()
	return service.ImportFile{Kind: market.KindResult, Name: "清单.csv", Data: numbered(t, 2), Defaults: materials}
}
