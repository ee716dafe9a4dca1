package service_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// paper uploads a licence as the actor.
func paper(t *testing.T, w *worldtest.World, a market.Actor) string {
	t.Helper()
	f, err := w.Service.UploadFile(t.Context(), a, market.FileLicence, "执照.pdf", []byte("%PDF-1.7\n%%EOF"))
	if err != nil {
		t.Fatal(err)
	}
	return f.ID
}

// newCode is a valid code of that kind that nobody has.
func newCode(t *testing.T, prefix string, n int) market.USCC {
	t.Helper()
	code, err := market.MakeUSCC(fmt.Sprintf("%sMA9%06d", prefix, n))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// renaming is a request for another name of the organisation as it stands.
func renaming(t *testing.T, w *worldtest.World, owner market.Actor, name string) market.OrgChange {
	t.Helper()
	o := storedOrg(t, w, owner.OrgID)
	return market.OrgChange{Name: name, USCC: o.USCC, Type: o.Type, Licence: paper(t, w, owner)}
}

func request(t *testing.T, w *worldtest.World, owner market.Actor, c market.OrgChange) int64 {
	t.Helper()
	id, err := w.Service.RequestOrgChange(t.Context(), owner, c, "")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func titles(t *testing.T, w *worldtest.World, a market.Actor) string {
	t.Helper()
	notices, _, err := w.Store.Notices(t.Context(), a, storePage)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range notices {
		out = append(out, n.Title)
	}
	return strings.Join(out, "\n")
}

func TestOrgChangeTakesEffectWithTheDecision(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	before := storedOrg(t, w, owner.OrgID)
	need := w.Need(owner)
	c := renaming(t, w, owner, "永丰黑石岭新材料有限公司")
	c.USCC, c.Note = newCode(t, "91360825", 1), "更名并换领执照"
	w.SetDay(2026, time.November, 9)
	id := request(t, w, owner, c)

	if now := storedOrg(t, w, owner.OrgID); !reflect.DeepEqual(now, before) {
		t.Errorf("while it waits the organisation is %+v, want %+v", now, before)
	}
	if !strings.Contains(titles(t, w, reviewer), "待核验的单位变更：永丰白石岭") {
		t.Error("the reviewer is not told")
	}
	w.SetDay(2026, time.November, 11)
	ticks := market.SubjectOrgChange.AllYes()
	ticks["same"] = market.TickNo
	wantField(t, w.Service.VerifyOrgChange(t.Context(), reviewer, id, ticks), "check.same", "不符")
	written, err := w.Store.Changes(t.Context(), 0, 1000) // all: which are final depends on what other tests have open
	if err != nil || len(written) == 0 {
		t.Fatal(written, err)
	}
	last := written[len(written)-1].Seq
	if err := w.Service.VerifyOrgChange(t.Context(), reviewer, id, market.SubjectOrgChange.AllYes()); err != nil {
		t.Fatal(err)
	}
	now := storedOrg(t, w, owner.OrgID)
	if now.Name != c.Name || now.USCC != c.USCC || *now.Licence != c.Licence || now.State != market.OrgVerified || !market.DateOf(*now.VerifiedAt).Equal(w.Service.Today()) {
		t.Errorf("decided, the organisation is %+v", now)
	}
	if changes, err := w.Store.Changes(t.Context(), last, 10); err != nil || len(changes) != 1 || changes[0].ListingID != need {
		t.Errorf("indexed anew: %+v, %v", changes, err)
	}
	moves, err := w.Store.Moves(t.Context(), market.Object{Kind: "org", ID: owner.OrgID})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range moves[2:] {
		got = append(got, m.Move+" "+m.UserName+" "+m.Note)
	}
	sides := fmt.Sprintf("代码：%s → %s；名称：永丰白石岭钙业有限公司 → 永丰黑石岭新材料有限公司。", before.USCC, c.USCC)
	want := []string{"change_request " + owner.UserName + " " + sides + "更名并换领执照", "change_verify 审核员 " + sides + "核对单 5 项合格"}
	if !slices.Equal(got, want) {
		t.Errorf("the history is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := w.Audits(market.OrgChangeVerify, id, "done"); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	if !strings.Contains(titles(t, w, owner), "单位变更已通过核验") {
		t.Error("the owner is not told")
	}
}

// TestOrgChangeMoves tries every verb in every state of a request.
func TestOrgChangeMoves(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	verbs := func(owner market.Actor, id int64) map[string]func() error {
		return map[string]func() error{
			"verify": func() error {
				return w.Service.VerifyOrgChange(t.Context(), reviewer, id, market.SubjectOrgChange.AllYes())
			},
			"return": func() error {
				return w.Service.ReturnOrgChange(t.Context(), reviewer, id, "U2", "名称与执照不同")
			},
			"withdraw": func() error { return w.Service.WithdrawOrgChange(t.Context(), owner, id) },
		}
	}
	ways := map[market.OrgChangeState]string{market.OrgChangePending: "", market.OrgChangeApplied: "verify", market.OrgChangeReturned: "return", market.OrgChangeWithdrawn: "withdraw"}
	if len(ways) != len(market.OrgChanges.States) {
		t.Fatal("a state is not tried")
	}
	for state, way := range ways {
		for move := range verbs(market.Actor{}, 0) {
			owner := w.Org(fmt.Sprintf("吉安%s%s有限公司", state, move), market.Enterprise, "360825")
			old := storedOrg(t, w, owner.OrgID).Name
			id := request(t, w, owner, renaming(t, w, owner, "改过的名称有限公司"))
			acts := verbs(owner, id)
			if way != "" {
				if err := acts[way](); err != nil {
					t.Fatal(err)
				}
			}
			want, wantErr := market.OrgChanges.Next(state, move)
			err := acts[move]()
			c, loadErr := w.Store.OrgChange(t.Context(), owner, id)
			if loadErr != nil || c.State != want || (err == nil) != (wantErr == nil) || err != nil && !market.IsKind(err, market.Conflict) {
				t.Errorf("%s in %s: %v leads to %s, want %s; %v", move, state, err, c.State, want, loadErr)
			}
			name := storedOrg(t, w, owner.OrgID).Name
			if changed := name != old; changed != (c.State == market.OrgChangeApplied) {
				t.Errorf("%s in %s: the name is %s", move, state, name)
			}
		}
	}
}

func TestOrgChangeAsksForWhatItNeeds(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner, other := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825"), w.Org("吉水文峰电路有限公司", market.Enterprise, "360822")
	good := renaming(t, w, owner, "永丰黑石岭钙业有限公司")
	for name, c := range map[string]struct {
		change      func(*market.OrgChange)
		field, says string
	}{
		"nothing changed":     {func(c *market.OrgChange) { c.Name = "永丰白石岭钙业有限公司" }, "name", "都没有变"},
		"no licence":          {func(c *market.OrgChange) { c.Licence = "" }, "licence", "请上传变更后"},
		"another's licence":   {func(c *market.OrgChange) { c.Licence = paper(t, w, other) }, "licence", "没有传到"},
		"no licence at all":   {func(c *market.OrgChange) { c.Licence = "../../etc/passwd" }, "licence", "没有传到"},
		"a wrong code":        {func(c *market.OrgChange) { c.USCC = "91350100M000100Y34" }, "uscc", "校验位"},
		"a bureau":            {func(c *market.OrgChange) { c.Type = market.Bureau }, "type", "请选择"},
		"another's code":      {func(c *market.OrgChange) { c.USCC = storedOrg(t, w, other.OrgID).USCC }, "uscc", "已有别的单位"},
		"a name of two signs": {func(c *market.OrgChange) { c.Name = "永丰" }, "name", "4～60"},
		"a long note":         {func(c *market.OrgChange) { c.Note = strings.Repeat("长", 501) }, "note", "最多 500"},
	} {
		change := good
		c.change(&change)
		_, err := w.Service.RequestOrgChange(t.Context(), owner, change, "")
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		wantField(t, err, c.field, c.says)
	}
	id := request(t, w, owner, good)
	if _, err := w.Service.RequestOrgChange(t.Context(), owner, renaming(t, w, owner, "第三个名称有限公司"), ""); !market.IsKind(err, market.Conflict) {
		t.Errorf("a second request: %v", err)
	}
	if err := w.Service.VerifyOrgChange(t.Context(), w.Person("审核员", market.Reviewer), id, market.SubjectOrgChange.AllYes()); err != nil {
		t.Fatal(err)
	}
	again := good
	again.Name = "再改一次名称有限公司"
	_, err := w.Service.RequestOrgChange(t.Context(), owner, again, "")
	wantField(t, err, "licence", "原来的证照")
}

// TestWhoMayChangeAnOrg: exactly the owner asks and takes back, exactly a reviewer from outside decides.
func TestWhoMayChangeAnOrg(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	c := renaming(t, w, owner, "永丰黑石岭钙业有限公司")
	inside := w.Member(owner, "兼职审核员", market.Owner)
	if err := w.Service.AddDuty(t.Context(), market.Actor{Via: market.ViaCLI}, inside.UserID, market.Reviewer); err != nil {
		t.Fatal(err)
	}
	inside = w.Again(inside)
	other := w.Org("吉水文峰电路有限公司", market.Enterprise, "360822")
	waiting := w.Applicant("遂川茶业有限公司", market.Enterprise, "360827")
	people := map[string]market.Actor{"visitor": {}, "editor": w.Member(owner, "编辑", market.Editor), "viewer": w.Member(owner, "查看", market.Viewer),
		"reviewer": w.Person("审核员", market.Reviewer), "auditor": w.Person("审计员", market.Auditor), "registrar": w.Person("登记员", market.Registrar),
		"admin": w.Person("管理员", market.Admin), "statistician": w.Person("统计员", market.Statistician), "waiting": waiting}
	for name, a := range people {
		if _, err := w.Service.RequestOrgChange(t.Context(), a, c, ""); !market.IsKind(err, market.Denied) && !market.IsKind(err, market.Unsigned) {
			t.Errorf("%s asks: %v", name, err)
		}
	}
	id := request(t, w, owner, c)
	people["other"], people["inside"], people["owner"] = other, inside, owner
	sees, decides := []string{}, []string{}
	for name, a := range people {
		if _, err := w.Store.OrgChange(t.Context(), a, id); err == nil {
			sees = append(sees, name)
		} else if !market.IsKind(err, market.NotFound) {
			t.Error(err)
		}
		if _, err := w.Store.File(t.Context(), a, c.Licence); (err == nil) != slices.Contains([]string{"owner", "inside", "editor", "viewer", "reviewer", "auditor"}, name) {
			t.Errorf("%s reads the licence: %v", name, err)
		}
		if name == "reviewer" {
			continue
		}
		if err := w.Service.ReturnOrgChange(t.Context(), a, id, "U2", "名称与执照不同"); err == nil {
			decides = append(decides, name)
		}
		if err := w.Service.VerifyOrgChange(t.Context(), a, id, market.SubjectOrgChange.AllYes()); err == nil {
			decides = append(decides, name)
		}
		if name != "owner" && name != "inside" {
			if err := w.Service.WithdrawOrgChange(t.Context(), a, id); err == nil {
				t.Errorf("%s takes it back", name)
			}
		}
	}
	slices.Sort(sees)
	if want := []string{"auditor", "editor", "inside", "owner", "reviewer", "viewer"}; !slices.Equal(sees, want) {
		t.Errorf("seen by %v, want %v", sees, want)
	}
	if len(decides) > 0 {
		t.Errorf("decided by %v", decides)
	}
	if n := w.Audits(market.OrgChangeVerify, id, "refused"); n == 0 {
		t.Error("refusals are not in the audit")
	}
	if err := w.Service.WithdrawOrgChange(t.Context(), owner, id); err != nil {
		t.Fatal(err)
	}
}

// TestOrgChangeUnderSuspension: a request waits until the organisation is resumed.
func TestOrgChangeUnderSuspension(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	id := request(t, w, owner, renaming(t, w, owner, "永丰黑石岭钙业有限公司"))
	queued := func() int {
		_, totals, err := w.Store.ReviewQueue(t.Context(), reviewer, w.Ref, store.ReviewFilter{}, w.Service.Today(), storePage)
		if err != nil {
			t.Fatal(err)
		}
		return totals.Changes
	}
	if n := queued(); n != 1 {
		t.Errorf("%d changes wait, want 1", n)
	}
	if err := w.Service.SuspendOrg(t.Context(), reviewer, owner.OrgID, storedOrg(t, w, owner.OrgID).Version, "核查中"); err != nil {
		t.Fatal(err)
	}
	if n := queued(); n != 0 {
		t.Errorf("%d changes of a suspended organisation wait", n)
	}
	if err := w.Service.VerifyOrgChange(t.Context(), reviewer, id, market.SubjectOrgChange.AllYes()); !market.IsKind(err, market.Conflict) {
		t.Errorf("decided under suspension: %v", err)
	}
	for _, a := range []market.Actor{owner, w.Again(owner)} {
		if err := w.Service.WithdrawOrgChange(t.Context(), a, id); err == nil {
			t.Error("taken back under suspension")
		}
	}
	if err := w.Service.ResumeOrg(t.Context(), reviewer, owner.OrgID, storedOrg(t, w, owner.OrgID).Version); err != nil {
		t.Fatal(err)
	}
	if err := w.Service.VerifyOrgChange(t.Context(), reviewer, id, market.SubjectOrgChange.AllYes()); err != nil || queued() != 0 {
		t.Errorf("decided after it: %v", err)
	}
}

func TestAgencyWithMandatesStaysAnAgency(t *testing.T) {
	t.Parallel()
	h := newHouse(t, market.ScopePost)
	reviewer := h.Person("审核员", market.Reviewer)
	c := renaming(t, h.World, h.agency, storedOrg(t, h.World, h.agency.OrgID).Name)
	c.Type = market.Enterprise
	_, err := h.Service.RequestOrgChange(t.Context(), h.agency, c, "")
	wantField(t, err, "type", "1 份受托代办")
	if err := h.Service.RevokeMandate(t.Context(), h.client, h.id, ""); err != nil {
		t.Fatal(err)
	}
	id := request(t, h.World, h.agency, c)
	if h.id, err = h.grant(market.ScopePost); err != nil {
		t.Fatal(err)
	}
	err = h.Service.VerifyOrgChange(t.Context(), reviewer, id, market.SubjectOrgChange.AllYes())
	if !market.IsKind(err, market.Conflict) || !strings.Contains(err.Error(), "1 份受托代办") {
		t.Errorf("decided although a client relies on it: %v", err)
	}
	if err := h.Service.RevokeMandate(t.Context(), h.client, h.id, ""); err != nil {
		t.Fatal(err)
	}
	if err := h.Service.VerifyOrgChange(t.Context(), reviewer, id, market.SubjectOrgChange.AllYes()); err != nil {
		t.Error(err)
	}
	if _, err := h.grant(market.ScopePost); err == nil {
		t.Error("what is no agency any more is given a mandate")
	}
}

// TestOneRequestOneDecision lets everybody act on a request at once.
func TestOneRequestOneDecision(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewers := []market.Actor{w.Person("审核员甲", market.Reviewer), w.Person("审核员乙", market.Reviewer)}
	for n := range 4 {
		owner := w.Org(fmt.Sprintf("永丰第 %d 钙业有限公司", n), market.Enterprise, "360825")
		c := renaming(t, w, owner, "永丰黑石岭钙业有限公司")
		ids := make([]int64, 3)
		errs := repeated(3, func(i int) (err error) {
			ids[i], err = w.Service.RequestOrgChange(t.Context(), owner, c, "")
			return err
		})
		if n := succeeded(t, errs, market.Conflict); n != 1 {
			t.Errorf("%d of three requests wait", n)
		}
		id := slices.Max(ids)
		errs = repeated(3, func(i int) error {
			switch i {
			case 0:
				return w.Service.VerifyOrgChange(t.Context(), reviewers[0], id, market.SubjectOrgChange.AllYes())
			case 1:
				return w.Service.ReturnOrgChange(t.Context(), reviewers[1], id, "U2", "名称与执照不同")
			}
			return w.Service.WithdrawOrgChange(t.Context(), owner, id)
		})
		if n := succeeded(t, errs, market.Conflict); n != 1 {
			t.Errorf("%d of three decisions hold", n)
		}
	}
}

// TestOneCodeClaimedAndChangedTo verifies a claim and a change to the same code at once.
func TestOneCodeClaimedAndChangedTo(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewers := []market.Actor{w.Person("审核员甲", market.Reviewer), w.Person("审核员乙", market.Reviewer)}
	for n := range 4 {
		claimant := w.Applicant("永丰白石岭钙业有限公司", market.Enterprise, "360825")
		holder := w.Org(fmt.Sprintf("吉水第 %d 电路有限公司", n), market.Enterprise, "360822")
		c := renaming(t, w, holder, storedOrg(t, w, holder.OrgID).Name)
		c.USCC = storedOrg(t, w, claimant.OrgID).USCC
		id := request(t, w, holder, c)
		errs := repeated(2, func(i int) error {
			if i == 0 {
				return verify(t, w, reviewers[0], claimant.OrgID)
			}
			return w.Service.VerifyOrgChange(t.Context(), reviewers[1], id, market.SubjectOrgChange.AllYes())
		})
		if n := succeeded(t, errs, market.Conflict); n != 1 {
			t.Errorf("%d of a claim and a change hold", n)
		}
		loser := holder
		if errs[0] != nil {
			loser = claimant
		}
		if !strings.Contains(titles(t, w, loser), "同一信用代码的另一家登记已通过核验") {
			t.Error("who lost is not told")
		}
	}
}

// TestOtherClaimIsTold: who else claims the code is told once, without names, also who was returned; nobody else is.
func TestOtherClaimIsTold(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	first, second := sameCode(t, w)
	bystander := w.Applicant("吉水文峰电路有限公司", market.Enterprise, "360822")
	if err := verify(t, w, reviewer, first.OrgID); err != nil {
		t.Fatal(err)
	}
	const told = "同一信用代码的另一家登记已通过核验"
	if got := titles(t, w, second); strings.Count(got, told) != 1 || strings.Contains(got, "白石岭") {
		t.Errorf("the other claim is told %q", got)
	}
	for _, a := range []market.Actor{first, bystander} {
		if got := titles(t, w, a); strings.Contains(got, told) {
			t.Errorf("%s is told %q", a.OrgName, got)
		}
	}
}
