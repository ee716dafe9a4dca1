package service_test

import (
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// invited is the secret of the newest invitation that was sent, as the mail brings it.
func invited(t *testing.T, w *worldtest.World) string {
	t.Helper()
	var id int64
	if err := w.Store.DB().QueryRow(`SELECT id FROM links WHERE purpose = 'invite' ORDER BY id DESC LIMIT 1`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	_, secret, err := w.Service.ArmLink(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestInviteMember(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	person := w.Person("王五")
	for email, says := range map[string]string{"": "请填写邮箱", "wang": "写法不对", w.Email(owner): "已经是本单位的成员"} {
		wantField(t, w.Service.InviteMember(t.Context(), owner, email, market.Editor, ""), "email", says)
	}
	wantField(t, w.Service.InviteMember(t.Context(), owner, w.Email(person), "king", ""), "role", "请选择角色")
	if err := w.Service.InviteMember(t.Context(), w.Member(owner, "编辑", market.Editor), w.Email(person), market.Viewer, ""); !market.IsKind(err, market.Denied) {
		t.Errorf("an editor invites: %v", err)
	}
	errs := repeated(4, func(int) error {
		return w.Service.InviteMember(t.Context(), owner, strings.ToUpper(w.Email(person)), market.Editor, "one-form")
	})
	if n := succeeded(t, errs, market.Conflict); n != 4 {
		t.Errorf("one form posted four times: %v", errs)
	}
	wantField(t, w.Service.InviteMember(t.Context(), owner, w.Email(person), market.Editor, "another"), "email", "已经邀请过")
	open, err := w.Store.OpenInvitations(t.Context(), owner)
	if err != nil || len(open) != 1 || open[0].Email != w.Email(person) || open[0].Role != market.Editor {
		t.Fatalf("open %+v, %v", open, err)
	}
	if other, err := w.Store.OpenInvitations(t.Context(), w.Org("吉水文峰电路有限公司", market.Enterprise, "360822")); err != nil || len(other) != 0 {
		t.Errorf("another owner sees %+v, %v", other, err)
	}

	secret := invited(t, w)
	if i, err := w.Service.Invitation(t.Context(), secret); err != nil || i.OrgName != owner.OrgName || i.Inviter != owner.UserName {
		t.Errorf("the page shows %+v, %v", i, err)
	}
	stranger := w.Person("外人")
	if _, err := w.Service.AcceptInvitation(t.Context(), stranger, secret); !market.IsKind(err, market.Conflict) || !strings.Contains(err.Error(), w.Email(stranger)) {
		t.Errorf("another account accepts: %v", err)
	}
	if _, err := w.Service.AcceptInvitation(t.Context(), market.Actor{}, secret); !market.IsKind(err, market.Unsigned) {
		t.Errorf("a visitor accepts: %v", err)
	}
	errs = repeated(3, func(int) error {
		_, err := w.Service.AcceptInvitation(t.Context(), person, secret)
		return err
	})
	if n := succeeded(t, errs, market.NotFound); n != 1 {
		t.Errorf("accepted %d times: %v", n, errs)
	}
	if p := w.Again(person); p.OrgID != owner.OrgID || p.Role != market.Editor {
		t.Errorf("joined as %+v", p)
	}
	if last, err := w.Store.LastActing(t.Context(), person.UserID); err != nil || last.OrgID != owner.OrgID {
		t.Errorf("acts for %+v, %v", last, err)
	}
	if open, err := w.Store.OpenInvitations(t.Context(), owner); err != nil || len(open) != 0 {
		t.Errorf("still open %+v, %v", open, err)
	}
	notices, _, err := w.Store.Notices(t.Context(), owner, storePage)
	if err != nil || !strings.Contains(notices[0].Title, "王五接受了邀请") {
		t.Errorf("the owner is told %+v, %v", notices, err)
	}
}

func TestInvitationEnds(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	owner := w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825")
	person := w.Person("王五")
	invite := func() (store.Invitation, string) {
		t.Helper()
		if err := w.Service.InviteMember(t.Context(), owner, w.Email(person), market.Viewer, ""); err != nil {
			t.Fatal(err)
		}
		open, err := w.Store.OpenInvitations(t.Context(), owner)
		if err != nil || len(open) != 1 {
			t.Fatalf("open %+v, %v", open, err)
		}
		return open[0], invited(t, w)
	}
	dead := func(what, secret string) {
		t.Helper()
		if _, err := w.Service.Invitation(t.Context(), secret); !market.IsKind(err, market.NotFound) {
			t.Errorf("%s: the page opens, %v", what, err)
		}
		if _, err := w.Service.AcceptInvitation(t.Context(), person, secret); !market.IsKind(err, market.NotFound) {
			t.Errorf("%s: accepted, %v", what, err)
		}
	}
	i, secret := invite()
	if err := w.Service.WithdrawInvitation(t.Context(), owner, i.ID); err != nil {
		t.Fatal(err)
	}
	dead("withdrawn", secret)
	if err := w.Service.ResendInvitation(t.Context(), owner, i.ID); !market.IsKind(err, market.Conflict) {
		t.Errorf("a withdrawn one is sent again: %v", err)
	}

	i, first := invite()
	w.SetDay(2026, time.November, 8)
	if err := w.Service.ResendInvitation(t.Context(), owner, i.ID); err != nil {
		t.Fatal(err)
	}
	dead("sent again", first)
	second := invited(t, w)
	w.SetDay(2026, time.November, 14)
	if _, err := w.Service.Invitation(t.Context(), second); err != nil {
		t.Errorf("the new link on its sixth day: %v", err)
	}
	w.SetDay(2026, time.November, 16)
	dead("after seven days", second)
	if err := w.Service.WithdrawInvitation(t.Context(), owner, i.ID); err != nil {
		t.Errorf("one that has run out is withdrawn: %v", err)
	}

	_, secret = invite()
	if err := w.Service.DeclineInvitation(t.Context(), market.Actor{Via: market.ViaWeb}, secret); err != nil {
		t.Fatal(err)
	}
	dead("declined", secret)
	for name, a := range map[string]market.Actor{"another owner": w.Org("吉水文峰电路有限公司", market.Enterprise, "360822")} {
		if err := w.Service.WithdrawInvitation(t.Context(), a, i.ID); !market.IsKind(err, market.NotFound) {
			t.Errorf("%s withdraws: %v", name, err)
		}
	}
}
