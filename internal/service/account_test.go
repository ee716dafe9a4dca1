package service_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/worldtest"
)

// TestStaffAccount goes from a new account to its closing: nobody but its owner ever knows the password, and each act of
// the administrator ends or opens what it says.
func TestStaffAccount(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	ctx, admin := t.Context(), w.Person("管理员", market.Admin)
	form := service.StaffForm{Email: "new@example.com", Name: "新同事", Duties: []market.Duty{market.Reviewer, market.Registrar}, County: "360825"}
	id, err := w.Service.CreateStaff(ctx, admin, form, "k1")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.Service.CreateStaff(ctx, admin, form, "k1"); err != nil || again != id {
		t.Errorf("the form posted twice: %d, %v", again, err)
	}
	_, err = w.Service.CreateStaff(ctx, admin, form, "k2")
	wantField(t, err, "email", "已经有账号")
	fresh := w.Again(market.Actor{UserID: id})
	if fresh.County != "360825" || !fresh.Has(market.Reviewer) || !fresh.Has(market.Registrar) || len(fresh.Duties) != 2 {
		t.Errorf("the account is %+v", fresh)
	}

	secret := startSecret(t, w, id)
	if err := w.Service.SendStart(ctx, admin, id); err != nil {
		t.Fatal(err)
	}
	const password = "清明时节雨纷纷又是春"
	if err := w.Service.ResetPassword(ctx, web, secret, password); !market.IsKind(err, market.NotFound) {
		t.Errorf("the link before the last one: %v", err)
	}
	if err := w.Service.ResetPassword(ctx, web, startSecret(t, w, id), password); err != nil {
		t.Fatal(err)
	}
	signIn := func() int64 {
		t.Helper()
		pass, err := w.Service.Login(ctx, web, form.Email, password)
		if err != nil {
			t.Fatal(err)
		}
		at, err := w.Service.StartSignIn(ctx, web, pass, "")
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	ended := func(what string, at int64) {
		t.Helper()
		if _, err := w.Service.SignedIn(ctx, at); !market.IsKind(err, market.NotFound) {
			t.Errorf("%s: the sign-in goes on: %v", what, err)
		}
	}
	at := signIn()
	wantKind(t, w.Service.SendStart(ctx, admin, id), market.Conflict)

	if err := w.Service.SetDuties(ctx, admin, id, []market.Duty{market.Auditor}, "", "转岗"); err != nil {
		t.Fatal(err)
	}
	ended("other duties", at)
	if fresh = w.Again(fresh); fresh.County != "" || !slices.Equal(fresh.Duties, []market.Duty{market.Auditor}) {
		t.Errorf("the account is %+v", fresh)
	}
	wantKind(t, w.Service.SetDuties(ctx, admin, id, []market.Duty{market.Auditor}, "", "没有改动"), market.Conflict)
	wantField(t, w.Service.SetDuties(ctx, admin, id, []market.Duty{market.Auditor, market.Admin}, "", "兼任"), "duties", "")
	wantField(t, w.Service.SetDuties(ctx, admin, id, []market.Duty{market.Auditor}, "360825", "只管一县"), "county", "")
	wantField(t, w.Service.SetDuties(ctx, admin, id, []market.Duty{market.Reviewer}, "", " "), "note", "原因")

	at = signIn()
	if n, err := w.Service.SignOutUser(ctx, admin, id); err != nil || n != 1 {
		t.Errorf("%d signed out, %v", n, err)
	}
	ended("signed out", at)

	at = signIn()
	if err := w.Service.LockUser(ctx, admin, id, "休假"); err != nil {
		t.Fatal(err)
	}
	ended("locked", at)
	if _, err := w.Service.Login(ctx, web, form.Email, password); err == nil {
		t.Error("a locked account signs in")
	}
	wantKind(t, w.Service.LockUser(ctx, admin, id, "再来一次"), market.Conflict)
	if err := w.Service.UnlockUser(ctx, admin, id); err != nil {
		t.Fatal(err)
	}
	at = signIn()
	if err := w.Service.CloseUser(ctx, admin, id, "离职"); err != nil {
		t.Fatal(err)
	}
	ended("closed", at)
	wantKind(t, w.Service.UnlockUser(ctx, admin, id), market.Conflict)
	for action, n := range map[market.Action]int{market.UserCreate: 2, market.UserStart: 1, market.UserDuties: 1, market.UserSignOut: 1, market.UserLock: 1, market.UserUnlock: 1, market.UserClose: 1} {
		if got := w.Audits(action, id, "done"); got != n {
			t.Errorf("%s: %d audit entries, want %d", action, got, n)
		}
	}
}

// startSecret arms the newest link to the first password and returns its secret, as sending the letter does.
func startSecret(t *testing.T, w *worldtest.World, user int64) string {
	t.Helper()
	var id int64
	if err := w.Store.DB().QueryRow(`SELECT id FROM links WHERE purpose = 'start' AND user_id = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT 1`, user).Scan(&id); err != nil {
		t.Fatal(err)
	}
	_, secret, err := w.Service.ArmLink(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// TestAccountsAreForAdministrators: nobody else administers accounts, and no administrator their own.
func TestAccountsAreForAdministrators(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	ctx, admin, other := t.Context(), w.Person("管理员", market.Admin), w.Person("审核员", market.Reviewer)
	acts := map[string]func(a market.Actor, id int64) error{
		"duties": func(a market.Actor, id int64) error {
			return w.Service.SetDuties(ctx, a, id, []market.Duty{market.Statistician}, "", "调整")
		},
		"lock":     func(a market.Actor, id int64) error { return w.Service.LockUser(ctx, a, id, "停用") },
		"unlock":   func(a market.Actor, id int64) error { return w.Service.UnlockUser(ctx, a, id) },
		"close":    func(a market.Actor, id int64) error { return w.Service.CloseUser(ctx, a, id, "注销") },
		"sign-out": func(a market.Actor, id int64) error { _, err := w.Service.SignOutUser(ctx, a, id); return err },
		"start":    func(a market.Actor, id int64) error { return w.Service.SendStart(ctx, a, id) },
		"second":   func(a market.Actor, id int64) error { return w.Service.ResetSecond(ctx, a, id) },
	}
	for name, act := range acts {
		for who, a := range map[string]market.Actor{"a visitor": {}, "a reviewer": other, "an auditor": w.Person("审计员", market.Auditor)} {
			if err := act(a, admin.UserID); !market.IsKind(err, market.Denied) && !market.IsKind(err, market.Unsigned) {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
		if err := act(admin, admin.UserID); err == nil {
			t.Errorf("%s on one's own account", name)
		}
	}
	if _, err := w.Service.CreateStaff(ctx, other, service.StaffForm{}, ""); !market.IsKind(err, market.Denied) {
		t.Errorf("a reviewer makes an account: %v", err)
	}
}

// TestOneAdministratorStays: two administrators who lock each other, or take each other's duty, at once leave one.
func TestOneAdministratorStays(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(*worldtest.World, market.Actor, market.Actor) error{
		"lock": func(w *worldtest.World, a, b market.Actor) error {
			return w.Service.LockUser(w.T.Context(), a, b.UserID, "停用")
		},
		"duties": func(w *worldtest.World, a, b market.Actor) error {
			return w.Service.SetDuties(w.T.Context(), a, b.UserID, []market.Duty{market.Reviewer}, "", "调整")
		},
		"close": func(w *worldtest.World, a, b market.Actor) error {
			return w.Service.CloseUser(w.T.Context(), a, b.UserID, "注销")
		},
	} {
		w := worldtest.New(t, 2026, time.November, 2)
		two := []market.Actor{w.Person("甲", market.Admin), w.Person("乙", market.Admin)}
		errs := repeated(2, func(i int) error { return act(w, two[i], two[1-i]) })
		var left int
		if err := w.Store.DB().QueryRow(`SELECT count(*) FROM duties d JOIN users u ON u.id = d.user_id WHERE d.duty = 'admin' AND u.state = 'active'`).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left != 1 || (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("%s: %d administrators are left; %v, %v", name, left, errs[0], errs[1])
		}
	}
}

// TestSettings: they are changed with a history, by one at a time.
func TestSettings(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	ctx, admin := t.Context(), w.Person("管理员", market.Admin)
	now, err := w.Store.Settings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	version := func() int64 {
		t.Helper()
		v, err := w.Store.SettingsVersion(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	values := maps.Clone(now)
	values["organiser"], values["phone"] = "永丰县科技局", "0796-2511234"
	seen := version()
	errs := repeated(2, func(int) error { return w.Service.EditSettings(ctx, admin, seen, maps.Clone(values)) })
	if n := succeeded(t, errs, market.Conflict); n != 1 {
		t.Errorf("%d of two saved from the same version", n)
	}
	wantKind(t, w.Service.EditSettings(ctx, admin, version(), maps.Clone(values)), market.Conflict) // nothing changed
	wrong := maps.Clone(values)
	wrong["organiser"] = " "
	wantField(t, w.Service.EditSettings(ctx, admin, version(), wrong), "organiser", "请填写")
	wantKind(t, w.Service.EditSettings(ctx, w.Person("审核员", market.Reviewer), version(), values), market.Denied)
	after, err := w.Store.Settings(ctx)
	if err != nil || after["organiser"] != "永丰县科技局" || after["phone"] != "0796-2511234" || after["hours"] != now["hours"] {
		t.Errorf("the settings are %v, %v", after, err)
	}
	changes, total, err := w.Store.SettingChanges(ctx, admin, storePage)
	if err != nil || total != 2 || len(changes) != 2 {
		t.Errorf("%d changes are kept, %v", total, err)
	}
}
