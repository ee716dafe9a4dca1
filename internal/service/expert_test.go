package service_test

import (
	"context"
	"slices"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

func anExpert(name string) market.Expert {
	return market.Expert{Name: name, OrgName: "永丰县碳酸钙产业协会", Title: "高级工程师", Fields: []string{"calcium"}, Expertise: "碳酸钙湿法研磨", Region: "360825", Phone: "0796-8220000", Email: "xie@example.com"}
}

func agreed(w *worldtest.World, e market.Expert, contact bool) market.Expert {
	day := market.DateOf(w.Now()).AddDate(0, -1, 0)
	e.ConsentOn = &day
	if contact {
		e.ContactOn = &day
	}
	return e
}

// TestExpertsShown: exactly those are public who have agreed, of an organisation that is verified or of none; a county's
// reviewer keeps those of the county, an organisation its own.
func TestExpertsShown(t *testing.T) {
	t.Parallel()
	w, ctx := worldtest.New(t, 2026, 11, 23), t.Context()
	reviewer, local, away := w.Person("审核员", market.Reviewer), w.Officer("永丰审核", "360825", market.Reviewer), w.Officer("吉水审核", "360822", market.Reviewer)
	school := w.Org("吉安测试大学", market.University, "360802")
	firm := w.Org("永丰某厂有限公司", market.Enterprise, "360825")
	add := func(a market.Actor, e market.Expert) int64 {
		t.Helper()
		id, err := w.Service.CreateExpert(ctx, a, e, "")
		must(t, err)
		return id
	}
	e := anExpert("甲")
	_, err := w.Service.CreateExpert(ctx, firm, e, "")
	wantKind(t, err, market.Denied)
	_, err = w.Service.CreateExpert(ctx, away, e, "")
	wantField(t, err, "region", "吉水县")
	open := add(reviewer, agreed(w, anExpert("公开的"), true))
	quiet := add(local, agreed(w, anExpert("不留电话的"), false))
	silent := add(local, anExpert("没有同意的"))
	of := agreed(w, anExpert("大学的"), false)
	of.Region = "360802"
	own := add(school, of)
	named := anExpert("主管部门代记的")
	named.OrgName, named.Region = "吉安测试大学", "360802"
	byBureau := add(reviewer, agreed(w, named, false))
	for a, ids := range map[*market.Actor][]int64{&local: {open, quiet}, &school: {own, byBureau}} {
		for _, id := range ids {
			must(t, w.Service.PublishExpert(ctx, *a, id))
		}
	}
	wantField(t, w.Service.PublishExpert(ctx, local, silent), "consent_on", "本人同意")
	public := func() []int64 {
		t.Helper()
		found, total, err := w.Store.Experts(ctx, store.Directory{}, store.PageSlice(1, 20))
		must(t, err)
		var ids []int64
		for _, e := range found {
			ids = append(ids, e.ID)
		}
		if total != len(ids) {
			t.Errorf("%d of %d", len(ids), total)
		}
		slices.Sort(ids)
		return ids
	}
	if got := public(); !slices.Equal(got, []int64{open, quiet, own, byBureau}) {
		t.Errorf("public are %v", got)
	}
	for name, c := range map[string]struct {
		a    market.Actor
		want []int64
	}{"school": {school, []int64{own, byBureau}}, "firm": {firm, nil}, "local": {local, []int64{open, quiet, silent}}, "away": {away, nil},
		"reviewer": {reviewer, []int64{open, quiet, silent, own, byBureau}}, "auditor": {w.Person("审计", market.Auditor), nil}} {
		kept, _, err := w.Store.KeptExperts(ctx, c.a, "", "", store.PageSlice(1, 20))
		must(t, err)
		var ids []int64
		for _, e := range kept {
			ids = append(ids, e.ID)
		}
		slices.Sort(ids)
		if !slices.Equal(ids, c.want) {
			t.Errorf("%s keeps %v, want %v", name, ids, c.want)
		}
	}
	for id, phone := range map[int64]string{open: "0796-8220000", quiet: "", own: ""} {
		if e, err := w.Store.Expert(ctx, market.Actor{}, id); err != nil || e.Phone != phone || (e.Email == "") != (phone == "") {
			t.Errorf("expert %d is shown to a visitor as %+v, %v", id, e, err)
		}
	}
	_, err = w.Store.Expert(ctx, firm, silent)
	wantKind(t, err, market.NotFound)
	for _, a := range []market.Actor{away, firm, w.Member(school, "只看", market.Viewer)} {
		if err := w.Service.WithdrawExpert(ctx, a, own); !market.IsKind(err, market.NotFound) && !market.IsKind(err, market.Denied) {
			t.Errorf("withdrawn by %s: %v", a.UserName, err)
		}
	}
	must(t, w.Service.SuspendOrg(ctx, reviewer, school.OrgID, w.Version("orgs", school.OrgID), "核查"))
	if got := public(); !slices.Equal(got, []int64{open, quiet}) {
		t.Errorf("with the school suspended public are %v", got)
	}
	wantKind(t, w.Service.DeleteExpert(ctx, local, open), market.Conflict)
	must(t, w.Service.WithdrawExpert(ctx, local, open))
	must(t, w.Service.DeleteExpert(ctx, local, open))
	_, err = w.Store.Expert(ctx, local, open)
	wantKind(t, err, market.NotFound)
}

// TestExpertDecides: the person whose confirmed address an entry bears agrees and takes it back, and nobody else does.
func TestExpertDecides(t *testing.T) {
	t.Parallel()
	w, ctx := worldtest.New(t, 2026, 11, 23), t.Context()
	school, person, other := w.Org("吉安测试大学", market.University, "360802"), w.Person("谢启明"), w.Person("别人")
	e := agreed(w, anExpert("谢启明"), true)
	e.Email, e.Region = w.Email(person), "360802"
	id, err := w.Service.CreateExpert(ctx, school, e, "")
	must(t, err)
	must(t, w.Service.PublishExpert(ctx, school, id))
	read := func() market.Expert {
		t.Helper()
		e, err := w.Store.Expert(ctx, school, id)
		must(t, err)
		return e
	}
	for _, act := range []func(context.Context, market.Actor, int64) error{w.Service.RevokeExpert,
		func(ctx context.Context, a market.Actor, id int64) error {
			return w.Service.AgreeExpert(ctx, a, id, true)
		}} {
		wantKind(t, act(ctx, other, id), market.NotFound)
		wantKind(t, act(ctx, school, id), market.NotFound)
	}
	must(t, w.Service.RevokeExpert(ctx, person, id))
	if e := read(); e.State != market.ExpertWithdrawn || e.ConsentOn != nil || e.ContactOn != nil || e.RevokedOn == nil {
		t.Fatalf("taken back: %+v", e)
	}
	wantKind(t, w.Service.RevokeExpert(ctx, person, id), market.Conflict)
	wantField(t, w.Service.PublishExpert(ctx, school, id), "consent_on", "本人同意")
	old := read()
	paper := market.DateOf(w.Now()).AddDate(0, -1, 0)
	old.ConsentOn = &paper
	wantField(t, w.Service.EditExpert(ctx, school, old), "consent_on", "收回同意")

	must(t, w.Service.AgreeExpert(ctx, person, id, false))
	must(t, w.Service.PublishExpert(ctx, school, id))
	if e := read(); e.ConsentBy != market.ConsentAccount || e.ContactOn != nil || !e.ConsentOn.Equal(market.DateOf(w.Now())) {
		t.Errorf("agreed: %+v", e)
	}
	changed := read()
	changed.ContactOn, changed.Title = changed.ConsentOn, "教授"
	must(t, w.Service.EditExpert(ctx, school, changed))
	if e := read(); e.ContactOn != nil || e.Title != "教授" {
		t.Errorf("what was agreed to was changed by another: %+v", e)
	}
	changed = read()
	changed.Email = "else@example.com"
	wantField(t, w.Service.EditExpert(ctx, school, changed), "email", "不能改")
	if n := w.Audits(market.ExpertAgree, id, "done") + w.Audits(market.ExpertRevoke, id, "done"); n != 2 {
		t.Errorf("%d entries in the audit, want 2", n)
	}
	must(t, w.Service.CloseAccount(ctx, person, worldtest.Password))
	if e := read(); e.State != market.ExpertWithdrawn || e.ConsentOn != nil {
		t.Errorf("with the account closed: %+v", e)
	}
}

// TestDirectories: what the directories count and how they are narrowed.
func TestDirectories(t *testing.T) {
	t.Parallel()
	w, ctx := worldtest.New(t, 2026, 11, 23), t.Context()
	school := w.Org("吉安测试大学", market.University, "360802")
	w.Org("永丰测试研究院", market.Institute, "360825")
	agency, firm := w.Org("吉安某技术转移有限公司", market.Agency, "360802"), w.Org("永丰某厂有限公司", market.Enterprise, "360825")
	w.Applicant("还没核验的大学", market.University, "360802")
	w.Result(school)
	w.Deal(school, firm, nil, nil, 1000)
	e := agreed(w, anExpert("大学的"), false)
	e.Region = "360802"
	id, err := w.Service.CreateExpert(ctx, school, e, "")
	must(t, err)
	must(t, w.Service.PublishExpert(ctx, school, id))
	page := store.PageSlice(1, 20)
	names := func(d store.Directory) []string {
		t.Helper()
		found, total, err := w.Store.Institutions(ctx, d, page)
		must(t, err)
		var out []string
		for _, o := range found {
			out = append(out, o.Name)
			if o.ID == school.OrgID && (o.Results != 1 || o.Deals != 1 || o.Experts != 1) {
				t.Errorf("the school counts as %+v", o)
			}
		}
		if total != len(out) {
			t.Errorf("%d of %d", len(out), total)
		}
		return out
	}
	for _, c := range []struct {
		d    store.Directory
		want []string
	}{{store.Directory{}, []string{"吉安测试大学", "永丰测试研究院"}}, {store.Directory{Text: "研究"}, []string{"永丰测试研究院"}}, {store.Directory{County: "360802"}, []string{"吉安测试大学"}},
		{store.Directory{Submarket: "materials"}, []string{"吉安测试大学"}}, {store.Directory{Submarket: "food"}, nil}, {store.Directory{Text: "%"}, nil}} {
		if got := names(c.d); !slices.Equal(got, c.want) {
			t.Errorf("%+v finds %v, want %v", c.d, got, c.want)
		}
	}
	for d, want := range map[store.Directory]int{{}: 1, {Text: "研磨"}: 1, {Text: "测试大学"}: 1, {County: "360825"}: 0, {Submarket: "materials"}: 1, {Submarket: "electronics"}: 0} {
		if _, total, err := w.Store.Experts(ctx, d, page); err != nil || total != want {
			t.Errorf("%+v finds %d experts, %v; want %d", d, total, err, want)
		}
	}
	document := (&house{World: w}).authority(firm)
	_, err = w.Service.GrantMandate(ctx, firm, market.Mandate{AgencyOrg: agency.OrgID, Scopes: market.Scopes, StartsOn: w.Service.Today(), EndsOn: w.Service.Today().AddDate(0, 6, 0), Document: document}, "")
	must(t, err)
	must(t, w.Service.EditProfile(ctx, agency, agency.UserName, "13879600021"))
	must(t, w.Service.Choose(ctx, agency, market.Choices{Recommend: true, Alerts: true, Contact: true}))
	found, total, err := w.Store.AgencyEntries(ctx, store.Directory{}, w.Now(), page)
	must(t, err)
	if total != 1 || found[0].Mandates != 1 || found[0].Deals != 0 || !slices.Equal(found[0].People, []string{agency.UserName}) {
		t.Errorf("agencies: %+v", found)
	}
}
