package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// storedOrg is an organisation as it now stands.
func storedOrg(t *testing.T, w *worldtest.World, id int64) market.Org {
	t.Helper()
	o, err := w.Store.Org(t.Context(), market.Actor{OrgID: id}, id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// verify passes an organisation as it now stands.
func verify(t *testing.T, w *worldtest.World, reviewer market.Actor, id int64) error {
	t.Helper()
	return w.Service.VerifyOrg(t.Context(), reviewer, id, storedOrg(t, w, id).Version, market.SubjectOrg.AllYes())
}

// orgActs are the verbs on an organisation by the machine's name of their move.
func orgActs(t *testing.T, w *worldtest.World, owner, reviewer market.Actor) map[string]func() error {
	id := owner.OrgID
	return map[string]func() error{
		"submit": func() error { return w.Service.EditOrg(t.Context(), owner, storedOrg(t, w, id)) },
		"verify": func() error { return verify(t, w, reviewer, id) },
		"reject": func() error {
			return w.Service.RejectOrg(t.Context(), reviewer, id, storedOrg(t, w, id).Version, "U2", "名称与执照不同")
		},
		"suspend": func() error {
			return w.Service.SuspendOrg(t.Context(), reviewer, id, storedOrg(t, w, id).Version, "核查中")
		},
		"resume": func() error { return w.Service.ResumeOrg(t.Context(), reviewer, id, storedOrg(t, w, id).Version) },
	}
}

// TestOrgMovesOverEveryState tries every verb in every state an organisation can be in.
func TestOrgMovesOverEveryState(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	ways := map[market.OrgState][]string{market.OrgPending: nil, market.OrgVerified: {"verify"}, market.OrgRejected: {"reject"}, market.OrgSuspended: {"verify", "suspend"}}
	actions := map[string]market.Action{"verify": market.OrgVerify, "reject": market.OrgReject, "suspend": market.OrgSuspend, "resume": market.OrgResume}
	for state, way := range ways {
		for _, move := range []string{"submit", "verify", "reject", "suspend", "resume"} {
			owner := w.Applicant(fmt.Sprintf("吉安%s%s有限公司", state, move), market.Enterprise, "360825")
			acts := orgActs(t, w, owner, reviewer)
			for _, step := range way {
				if err := acts[step](); err != nil {
					t.Fatal(err)
				}
			}
			done := w.Audits(actions[move], owner.OrgID, "done")
			want, wantErr := market.Orgs.Next(state, move)
			err := acts[move]()
			got := storedOrg(t, w, owner.OrgID).State
			if move == "submit" { // is part of an edit, which other states allow without it, but for the suspended
				wantErr = nil
				if state == market.OrgSuspended {
					wantErr = market.Errorf(market.Denied, "")
				}
			}
			if (err == nil) != (wantErr == nil) {
				t.Errorf("%s in %s: %v, want %v", move, state, err, wantErr)
			}
			if err != nil && !market.IsKind(err, market.AsError(wantErr).Kind) {
				t.Errorf("%s in %s: the error is %v", move, state, err)
			}
			if err == nil && got != want || err != nil && got != state {
				t.Errorf("%s in %s leads to %s (%v)", move, state, got, err)
			}
			if action, ok := actions[move]; ok && err == nil != (w.Audits(action, owner.OrgID, "done") == done+1) {
				t.Errorf("%s in %s: audit entries do not fit %v", move, state, err)
			}
		}
	}
}

func TestOnlyReviewersDecideOnOrgs(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Applicant("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	before := storedOrg(t, w, owner.OrgID)
	for _, duty := range []market.Duty{"", market.Registrar, market.Statistician, market.Auditor, market.Admin} {
		a := owner
		if duty != "" {
			a = w.Person("工作人员", duty)
		}
		refused := w.Audits(market.OrgVerify, owner.OrgID, "refused")
		if err := verify(t, w, a, owner.OrgID); !market.IsKind(err, market.Denied) {
			t.Errorf("%q verifies: %v", duty, err)
		}
		if n := w.Audits(market.OrgVerify, owner.OrgID, "refused"); n != refused+1 {
			t.Errorf("%q: the refusal is not in the audit", duty)
		}
	}
	if after := storedOrg(t, w, owner.OrgID); after.State != before.State || after.Version != before.Version {
		t.Errorf("changed to %+v", after)
	}
}

func TestReviewersDoNotDecideOnTheirOwn(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Applicant("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	inside := w.Member(owner, "兼职审核员", market.Viewer)
	if err := w.Service.AddDuty(t.Context(), market.Actor{Via: market.ViaCLI}, inside.UserID, market.Reviewer); err != nil {
		t.Fatal(err)
	}
	inside = w.Again(inside)
	if err := verify(t, w, inside, owner.OrgID); !market.IsKind(err, market.Denied) {
		t.Errorf("verifies the own organisation: %v", err)
	}
	inside.OrgID = 0 // acting for none does not help
	if err := verify(t, w, inside, owner.OrgID); !market.IsKind(err, market.Denied) {
		t.Errorf("verifies the own organisation as staff: %v", err)
	}
}

func TestDecisionOnWhatHasChanged(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	owner := w.Applicant("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	seen := storedOrg(t, w, owner.OrgID)
	changed := seen
	changed.Name = "永丰黑石岭钙业有限公司"
	if err := w.Service.EditOrg(t.Context(), owner, changed); err != nil {
		t.Fatal(err)
	}
	err := w.Service.VerifyOrg(t.Context(), reviewer, seen.ID, seen.Version, market.SubjectOrg.AllYes())
	if !market.IsKind(err, market.Conflict) || storedOrg(t, w, seen.ID).State != market.OrgPending {
		t.Errorf("verified what the reviewer did not see: %v", err)
	}
	err = w.Service.EditOrg(t.Context(), owner, seen)
	if !market.IsKind(err, market.Conflict) {
		t.Errorf("an edit from an older form: %v", err)
	}
}

func TestVerifyNeedsTheCheckList(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	owner := w.Applicant("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	ticks := market.SubjectOrg.AllYes()
	ticks["name"] = market.TickNo
	err := w.Service.VerifyOrg(t.Context(), reviewer, owner.OrgID, storedOrg(t, w, owner.OrgID).Version, ticks)
	wantField(t, err, "check.name", "不符")
	ticks["name"] = market.TickNA
	if err := w.Service.VerifyOrg(t.Context(), reviewer, owner.OrgID, storedOrg(t, w, owner.OrgID).Version, ticks); err != nil {
		t.Fatal(err)
	}
	moves, err := w.Store.Moves(t.Context(), market.Object{Kind: "org", ID: owner.OrgID})
	if err != nil {
		t.Fatal(err)
	}
	if last := moves[len(moves)-1]; last.Move != "verify" || !strings.Contains(last.Note, "3 项合格") || !strings.Contains(last.Note, "不适用：单位全称") {
		t.Errorf("the history says %+v", last)
	}
	if o := storedOrg(t, w, owner.OrgID); o.Reason != "" || o.VerifiedAt == nil {
		t.Errorf("verified as %+v", o)
	}
}

// sameCode makes two organisations that claim one code and wait in the queue.
func sameCode(t *testing.T, w *worldtest.World) (first, second market.Actor) {
	t.Helper()
	first = w.Applicant("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	second = w.Person("后来的人")
	o := storedOrg(t, w, first.OrgID)
	o.ID, o.Name = 0, "永丰白石岭钙业公司"
	if _, err := w.Service.CreateOrg(t.Context(), second, o, ""); err != nil {
		t.Fatalf("a second claim to the code: %v", err)
	}
	return first, w.Again(second)
}

func TestOneCodeTwoClaims(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	first, second := sameCode(t, w)
	if err := verify(t, w, reviewer, first.OrgID); err != nil {
		t.Fatal(err)
	}
	err := verify(t, w, reviewer, second.OrgID)
	if !market.IsKind(err, market.Conflict) || !strings.Contains(err.Error(), "同一信用代码") {
		t.Errorf("the second is verified: %v", err)
	}
	if s := storedOrg(t, w, second.OrgID).State; s != market.OrgPending {
		t.Errorf("the second is now %s", s)
	}
	o := storedOrg(t, w, first.OrgID)
	o.ID = 0
	_, err = w.Service.CreateOrg(t.Context(), w.Person("第三人"), o, "")
	wantField(t, err, "uscc", "2026-11-02 通过核验")

	if err := w.Service.SuspendOrg(t.Context(), reviewer, first.OrgID, storedOrg(t, w, first.OrgID).Version, "核查中"); err != nil {
		t.Fatal(err)
	}
	if err := verify(t, w, reviewer, second.OrgID); !market.IsKind(err, market.Conflict) {
		t.Errorf("verified while the first is suspended: %v", err)
	}
	_, err = w.Service.CreateOrg(t.Context(), w.Person("第四人"), o, "")
	wantField(t, err, "uscc", "通过核验")
}

func TestOneCodeTwoClaimsAtOnce(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	for range 3 {
		first, second := sameCode(t, w)
		reviewers := []market.Actor{w.Person("审核员甲", market.Reviewer), w.Person("审核员乙", market.Reviewer)}
		errs := repeated(2, func(i int) error {
			return verify(t, w, reviewers[i], []market.Actor{first, second}[i].OrgID)
		})
		if n := succeeded(t, errs, market.Conflict); n != 1 {
			t.Errorf("%d of two claims verified", n)
		}
	}
}

func TestCreateOrgOnce(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	model := storedOrg(t, w, w.Applicant("永丰白石岭钙业有限公司", market.Enterprise, "360825").OrgID)
	model.ID = 0
	person := w.Person("王五")
	ids := make([]int64, 4)
	errs := repeated(4, func(i int) (err error) {
		ids[i], err = w.Service.CreateOrg(t.Context(), person, model, "one-form")
		return err
	})
	if n := succeeded(t, errs, market.Denied); n != 4 || ids[0] != ids[3] {
		t.Errorf("one form posted four times: %v, %v", ids, errs)
	}
	person = w.Person("赵六")
	errs = repeated(4, func(i int) error {
		_, err := w.Service.CreateOrg(t.Context(), person, model, fmt.Sprintf("form-%d", i))
		return err
	})
	if n := succeeded(t, errs, market.Invalid); n != 1 {
		t.Errorf("one person has set up %d organisations of one code", n)
	}
	code, err := market.MakeUSCC("91360825MA0099001")
	if err != nil {
		t.Fatal(err)
	}
	model.USCC, model.Name = code, "永丰白石岭新材料有限公司"
	second, err := w.Service.CreateOrg(t.Context(), person, model, "another")
	if err != nil {
		t.Fatal(err)
	}
	if a := w.Again(market.Actor{UserID: person.UserID, OrgID: second}); a.OrgID != second || a.Role != market.Owner {
		t.Errorf("in the second organisation %+v", a)
	}
	if _, err := w.Service.CreateOrg(t.Context(), market.Actor{}, model, ""); !market.IsKind(err, market.Unsigned) {
		t.Errorf("a visitor: %v", err)
	}
}

func TestEditOrg(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	owner := w.Applicant("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	for _, role := range []market.Role{market.Editor, market.Viewer} {
		if err := w.Service.EditOrg(t.Context(), w.Member(owner, "成员", role), storedOrg(t, w, owner.OrgID)); !market.IsKind(err, market.Denied) {
			t.Errorf("%s edits: %v", role, err)
		}
	}
	other := w.Applicant("吉水文峰电路有限公司", market.Enterprise, "360822")
	if err := w.Service.EditOrg(t.Context(), other, storedOrg(t, w, owner.OrgID)); !market.IsKind(err, market.Denied) {
		t.Errorf("another owner edits: %v", err)
	}

	if err := w.Service.RejectOrg(t.Context(), reviewer, owner.OrgID, storedOrg(t, w, owner.OrgID).Version, "U2", "名称与执照不同"); err != nil {
		t.Fatal(err)
	}
	if o := storedOrg(t, w, owner.OrgID); o.Reason != "名称与执照不同" || *o.ReasonCode != "U2" {
		t.Errorf("returned as %+v", o)
	}
	o := storedOrg(t, w, owner.OrgID)
	o.Name = "永丰黑石岭钙业有限公司"
	if err := w.Service.EditOrg(t.Context(), owner, o); err != nil {
		t.Fatal(err)
	}
	if o = storedOrg(t, w, owner.OrgID); o.State != market.OrgPending || o.Reason != "" {
		t.Errorf("after the edit %+v", o)
	}
	notices, _, err := w.Store.Notices(t.Context(), reviewer, storePage)
	if err != nil || !strings.Contains(notices[0].Title, "永丰黑石岭") {
		t.Errorf("the reviewer is told %+v, %v", notices, err)
	}

	if err := verify(t, w, reviewer, o.ID); err != nil {
		t.Fatal(err)
	}
	o = storedOrg(t, w, owner.OrgID)
	o.About = "重质碳酸钙"
	if err := w.Service.EditOrg(t.Context(), owner, o); err != nil {
		t.Errorf("an open detail of a verified organisation: %v", err)
	}
	o = storedOrg(t, w, owner.OrgID)
	o.Name = "别的名称有限公司"
	wantField(t, w.Service.EditOrg(t.Context(), owner, o), "name", "已核验")
}

func TestRejectNeedsReasons(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	reviewer := w.Person("审核员", market.Reviewer)
	id := w.Applicant("永丰白石岭钙业有限公司", market.Enterprise, "360825").OrgID
	version := storedOrg(t, w, id).Version
	wantField(t, w.Service.RejectOrg(t.Context(), reviewer, id, version, "", "看不清"), "code", "请选择原因")
	wantField(t, w.Service.RejectOrg(t.Context(), reviewer, id, version, "N1", "看不清"), "code", "请选择原因")
	wantField(t, w.Service.RejectOrg(t.Context(), reviewer, id, version, "U1", " \n"), "note", "请写明")
	wantField(t, w.Service.RejectOrg(t.Context(), reviewer, id, version, "U1", strings.Repeat("长", 1001)), "note", "最多 1000")
}

func TestMembers(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	elsewhere := w.Org("吉水文峰电路有限公司", market.Enterprise, "360822")
	person := w.Member(owner, "王五", market.Editor)
	if err := w.Service.RemoveMember(t.Context(), person, owner.UserID); !market.IsKind(err, market.Denied) {
		t.Errorf("an editor removes the owner: %v", err)
	}
	if err := w.Service.RemoveMember(t.Context(), owner, elsewhere.UserID); !market.IsKind(err, market.NotFound) {
		t.Errorf("somebody of another organisation: %v", err)
	}
	if err := w.Service.RemoveMember(t.Context(), owner, owner.UserID); !market.IsKind(err, market.Conflict) {
		t.Errorf("the last owner leaves: %v", err)
	}
	if err := w.Service.RemoveMember(t.Context(), person, person.UserID); err != nil {
		t.Fatal(err)
	}
	if person = w.Again(market.Actor{UserID: person.UserID}); person.OrgID != 0 {
		t.Errorf("left, but acts for %d", person.OrgID)
	}
}

func TestMemberOfTwoOrganisations(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	first, second := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825"), w.Org("吉水文峰电路有限公司", market.Enterprise, "360822")
	err := w.Store.InTx(t.Context(), func(tx *store.Tx) error {
		return tx.AddMember(t.Context(), second.OrgID, first.UserID, market.Viewer, w.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	for org, role := range map[int64]market.Role{first.OrgID: market.Owner, second.OrgID: market.Viewer} {
		a, err := w.Service.SwitchActing(t.Context(), first, market.Acting{OrgID: org})
		if err != nil || a.OrgID != org || a.Role != role {
			t.Errorf("acts for %d as %+v, %v", org, a, err)
		}
		if last, err := w.Store.LastActing(t.Context(), first.UserID); err != nil || last.OrgID != org {
			t.Errorf("remembered %+v, %v", last, err)
		}
	}
	strange := w.Org("遂川茶业有限公司", market.Enterprise, "360827")
	if _, err := w.Service.SwitchActing(t.Context(), first, market.Acting{OrgID: strange.OrgID}); !market.IsKind(err, market.NotFound) {
		t.Errorf("acts for an organisation of others: %v", err)
	}
	if n := w.Audits(market.ActingSwitch, strange.OrgID, "refused"); n != 1 {
		t.Errorf("the attempt is noted %d times", n)
	}
	choices, err := w.Store.Choices(t.Context(), first.UserID, w.Now())
	if err != nil || len(choices) != 2 || choices[0].OrgID != first.OrgID || choices[1].OrgID != second.OrgID {
		t.Errorf("may act for %+v, %v", choices, err)
	}
}

func TestRolesAndTheirHistory(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	editor := w.Member(owner, "王五", market.Editor)
	if err := w.Service.SetRole(t.Context(), editor, editor.UserID, market.Owner); !market.IsKind(err, market.Denied) {
		t.Errorf("an editor makes themselves an owner: %v", err)
	}
	wantField(t, w.Service.SetRole(t.Context(), owner, editor.UserID, "king"), "role", "请选择角色")
	if err := w.Service.SetRole(t.Context(), owner, owner.UserID, market.Viewer); !market.IsKind(err, market.Conflict) {
		t.Errorf("the last owner steps down: %v", err)
	}
	if err := w.Service.SetRole(t.Context(), owner, editor.UserID, market.Viewer); err != nil {
		t.Fatal(err)
	}
	if err := w.Service.HandOver(t.Context(), owner, w.Person("外人").UserID); !market.IsKind(err, market.NotFound) {
		t.Errorf("handed over to somebody outside: %v", err)
	}
	if err := w.Service.HandOver(t.Context(), owner, editor.UserID); err != nil {
		t.Fatal(err)
	}
	if old, fresh := w.Again(owner), w.Again(editor); old.Role != market.Editor || fresh.Role != market.Owner {
		t.Errorf("after the hand-over %s and %s", old.Role, fresh.Role)
	}
	if err := w.Service.HandOver(t.Context(), owner, editor.UserID); !market.IsKind(err, market.Denied) {
		t.Errorf("who is an owner no more hands over: %v", err)
	}
	changes, err := w.Store.MemberMoves(t.Context(), w.Again(editor), 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range changes {
		got = append(got, fmt.Sprintf("%s %s %s>%s", m.Move, m.Name, m.From, m.To))
	}
	want := []string{"hand_over 王五 viewer>owner", "hand_over 永丰白石岭钙业有限公司的管理员 owner>editor", "role 王五 editor>viewer",
		"found 永丰白石岭钙业有限公司的管理员 >owner"}
	if !slices.Equal(got, want) {
		t.Errorf("the history is\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, err := w.Store.MemberMoves(t.Context(), w.Again(owner), 10); !market.IsKind(err, market.NotFound) {
		t.Errorf("an editor reads the history: %v", err)
	}
}

// TestOneOwnerStays lets owners give up their place at the same moment, in every way there is.
func TestOneOwnerStays(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	ways := map[string]func(a market.Actor, heir int64) error{
		"leave":     func(a market.Actor, _ int64) error { return w.Service.RemoveMember(t.Context(), a, a.UserID) },
		"step down": func(a market.Actor, _ int64) error { return w.Service.SetRole(t.Context(), a, a.UserID, market.Editor) },
		"hand over": func(a market.Actor, heir int64) error { return w.Service.HandOver(t.Context(), a, heir) },
	}
	for first, one := range ways {
		for second, other := range ways {
			for range 3 {
				owner := w.Org(fmt.Sprintf("永丰第%s单位", first+second), market.Enterprise, "360825")
				owners := []market.Actor{owner, w.Member(owner, "第二位", market.Owner)}
				heir := w.Member(owner, "接任的", market.Viewer).UserID
				repeated(2, func(i int) error {
					if i == 0 {
						return one(owners[0], heir)
					}
					return other(owners[1], heir)
				})
				if n, err := w.Store.CountOwners(t.Context(), owner.OrgID); err != nil || n < 1 {
					t.Errorf("%s and %s: %d owners are left, %v", first, second, n, err)
				}
			}
		}
	}
}

// TestTheLastPlaceIsTakenOnce hands the only owner's place over to two people at the same moment.
func TestTheLastPlaceIsTakenOnce(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	for range 8 {
		owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
		heirs := []int64{w.Member(owner, "甲", market.Editor).UserID, w.Member(owner, "乙", market.Viewer).UserID}
		errs := repeated(2, func(i int) error { return w.Service.HandOver(t.Context(), owner, heirs[i]) })
		if n := succeeded(t, errs, market.Denied); n != 1 {
			t.Errorf("%d of two hand-overs succeed", n)
		}
		if n, err := w.Store.CountOwners(t.Context(), owner.OrgID); err != nil || n != 1 {
			t.Errorf("%d owners, %v", n, err)
		}
		if old := w.Again(owner); old.Role != market.Editor {
			t.Errorf("the old owner is %s", old.Role)
		}
	}
}

func TestTwoOwnersDoNotBothLeave(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owners := []market.Actor{w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")}
	owners = append(owners, w.Member(owners[0], "第二位", market.Owner))
	errs := repeated(2, func(i int) error { return w.Service.RemoveMember(t.Context(), owners[i], owners[i].UserID) })
	if n := succeeded(t, errs, market.Conflict); n != 1 {
		t.Errorf("%d of two owners left", n)
	}
}
