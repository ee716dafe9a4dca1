package service_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/worldtest"
)

var web = market.Actor{Via: market.ViaWeb}

// repeated runs fn n times at once and returns the errors.
func repeated(n int, fn func(i int) error) []error {
	acts := make([]func() error, n)
	for i := range n {
		acts[i] = func() error { return fn(i) }
	}
	return together(acts...)
}

// succeeded counts the calls that gave no error; any error that is not of that kind fails the test.
func succeeded(t *testing.T, errs []error, others market.ErrorKind) int {
	t.Helper()
	n := 0
	for _, err := range errs {
		switch {
		case err == nil:
			n++
		case !market.IsKind(err, others):
			t.Errorf("unexpected error: %v", err)
		}
	}
	return n
}

func TestRegister(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	good := service.Registration{Email: " Wang.Wu@Example.com ", Name: "王五", Phone: "138 7901 2046", Password: "清明时节雨纷纷又是春", Agreed: true}
	id, err := w.Service.Register(t.Context(), web, good)
	if err != nil {
		t.Fatal(err)
	}
	user, err := w.Store.User(t.Context(), id)
	if err != nil || user.Email != "wang.wu@example.com" || strings.Contains(user.PasswordHash, "清明") {
		t.Errorf("stored %+v, %v", user, err)
	}
	for name, c := range map[string]struct {
		change      func(*service.Registration)
		field, part string
	}{
		"used":                    {func(*service.Registration) {}, "email", "已经注册过"},
		"no address":              {func(r *service.Registration) { r.Email = "" }, "email", "请填写邮箱"},
		"half an address":         {func(r *service.Registration) { r.Email = "wang@" }, "email", "写法不对"},
		"a name with the address": {func(r *service.Registration) { r.Email = "Wang <w@example.com>" }, "email", "写法不对"},
		"two addresses":           {func(r *service.Registration) { r.Email = "a@example.com,b@example.com" }, "email", "写法不对"},
		"no name":                 {func(r *service.Registration) { r.Name = "\u200b " }, "name", "请填写姓名"},
		"long name":               {func(r *service.Registration) { r.Name = strings.Repeat("长", 31) }, "name", "最多 30"},
		"short password":          {func(r *service.Registration) { r.Password = "short9999" }, "password", "至少 10 位"},
		"long password":           {func(r *service.Registration) { r.Password = strings.Repeat("密码", 65) }, "password", "最多 128 位"},
		"repeated":                {func(r *service.Registration) { r.Password = "aaaaaaaaaaaa" }, "password", "重复"},
		"the address":             {func(r *service.Registration) { r.Password = "my-wang.wu-2026" }, "password", "邮箱名"},
		"not agreed":              {func(r *service.Registration) { r.Agreed = false }, "agreed", "同意"},
	} {
		form := good
		c.change(&form)
		_, err := w.Service.Register(t.Context(), web, form)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		wantField(t, err, c.field, c.part)
	}
}

func TestRegisterRace(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	errs := repeated(5, func(int) error {
		_, err := w.Service.Register(t.Context(), web, service.Registration{Email: "same@example.com", Name: "王五", Password: "清明时节雨纷纷又是春", Agreed: true})
		return err
	})
	if n := succeeded(t, errs, market.Invalid); n != 1 {
		t.Errorf("%d accounts of one address", n)
	}
}

func TestLoginLocksAfterFiveFailures(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	email := w.Email(person)
	login := func(password string) error {
		pass, err := w.Service.Login(t.Context(), web, email, password)
		if err == nil && pass.UserID != person.UserID {
			t.Errorf("signed in as %d", pass.UserID)
		}
		return err
	}
	for range 4 {
		if err := login("wrong password"); !market.IsKind(err, market.Invalid) {
			t.Fatal(err)
		}
	}
	if err := login(worldtest.Password); err != nil {
		t.Fatalf("after four failures: %v", err)
	}
	for range 5 { // the count began anew
		if err := login("wrong password"); !market.IsKind(err, market.Invalid) {
			t.Fatal(err)
		}
	}
	locked := login(worldtest.Password)
	if !market.IsKind(locked, market.Invalid) {
		t.Fatalf("after five failures: %v", locked)
	}
	if !strings.Contains(locked.Error(), "连续 5 次没有登录成功") || !strings.Contains(locked.Error(), "10:15 前") {
		t.Errorf("the lock is told as %q", locked)
	}
	if n := w.Audits(market.UserLock, person.UserID, "done"); n != 1 {
		t.Errorf("%d locks in the audit", n)
	}
	if n := w.Audits(market.UserLogin, person.UserID, "refused"); n != 10 {
		t.Errorf("%d refused sign-ins in the audit, want 10", n)
	}
	w.SetDay(2026, time.November, 3)
	if err := login(worldtest.Password); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}

// TestLoginTellsNothing wants the same words, try by try, of an address with an account and of one without.
func TestLoginTellsNothing(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	email := w.Email(w.Person("王五"))
	for try := range 8 {
		_, known := w.Service.Login(t.Context(), web, email, "wrong password")
		_, unknown := w.Service.Login(t.Context(), web, "Nobody@example.com", "wrong password")
		if known == nil || unknown == nil || known.Error() != unknown.Error() {
			t.Errorf("try %d: an account says %v, none says %v", try+1, known, unknown)
		}
	}
	var kept int
	if err := w.Store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM login_tries t WHERE position('nobody' IN t::text) > 0`).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("%d rows keep the address of a stranger, %v", kept, err)
	}
}

func TestLoginCountsRacingTries(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	email := w.Email(person)
	errs := repeated(12, func(int) error {
		_, err := w.Service.Login(t.Context(), web, email, "wrong password")
		return err
	})
	if n := succeeded(t, errs, market.Invalid); n != 0 {
		t.Errorf("%d wrong passwords passed", n)
	}
	if _, err := w.Service.Login(t.Context(), web, email, worldtest.Password); !market.IsKind(err, market.Invalid) {
		t.Errorf("not locked after 12 tries at once: %v", err)
	}
	if n := w.Audits(market.UserLock, person.UserID, "done"); n != 1 {
		t.Errorf("locked %d times", n)
	}
}

func TestLoginOfClosedAccount(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	email := w.Email(person)
	if _, err := w.Store.DB().ExecContext(t.Context(), `UPDATE users SET state = 'closed' WHERE id = $1`, person.UserID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Service.Login(t.Context(), web, email, worldtest.Password); !market.IsKind(err, market.Invalid) {
		t.Errorf("sign-in: %v", err)
	}
	if _, err := w.Store.Actor(t.Context(), person.UserID, 0); !market.IsKind(err, market.NotFound) {
		t.Errorf("actor: %v", err)
	}
}

func TestDutiesStayApart(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	cli := market.Actor{Via: market.ViaCLI}
	for range 5 {
		person := w.Person("王五")
		duties := []market.Duty{market.Admin, market.Auditor}
		errs := repeated(2, func(i int) error { return w.Service.AddDuty(t.Context(), cli, person.UserID, duties[i]) })
		if n := succeeded(t, errs, market.Denied); n != 1 {
			t.Errorf("%d of two duties that stay apart", n)
		}
		if err := w.Service.AddDuty(t.Context(), cli, person.UserID, market.Reviewer); err != nil {
			t.Errorf("a duty beside them: %v", err)
		}
		if got := w.Again(person); len(got.Duties) != 2 {
			t.Errorf("duties %v", got.Duties)
		}
	}
	if err := w.Service.AddDuty(t.Context(), cli, w.Person("王五").UserID, "king"); !market.IsKind(err, market.Invalid) {
		t.Errorf("a duty that there is none: %v", err)
	}
	_, err := w.Service.CreateUser(t.Context(), cli, service.NewUser{Email: "both@example.com", Name: "王五", Password: worldtest.Password,
		Duties: []market.Duty{market.Admin, market.Auditor}})
	if !market.IsKind(err, market.Denied) {
		t.Errorf("a new account with both: %v", err)
	}
	if _, err := w.Store.UserByEmail(t.Context(), "both@example.com"); !market.IsKind(err, market.NotFound) {
		t.Errorf("the refused account is there: %v", err)
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	wantField(t, w.Service.ChangePassword(t.Context(), person, 0, "wrong password", "清明时节雨纷纷又是春"), "old_password", "不对")
	wantField(t, w.Service.ChangePassword(t.Context(), person, 0, worldtest.Password, "short"), "password", "至少 10 位")
	wantField(t, w.Service.ChangePassword(t.Context(), person, 0, worldtest.Password, worldtest.Password), "password", "相同")
	if err := w.Service.ChangePassword(t.Context(), person, 0, worldtest.Password, "清明时节雨纷纷又是春"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Service.Login(t.Context(), web, w.Email(person), worldtest.Password); err == nil {
		t.Error("the old password still works")
	}
	if _, err := w.Service.Login(t.Context(), web, w.Email(person), "清明时节雨纷纷又是春"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if err := w.Service.ChangePassword(t.Context(), market.Actor{}, 0, "", ""); !market.IsKind(err, market.Unsigned) {
		t.Errorf("a visitor: %v", err)
	}
}

func TestEditProfile(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	if err := w.Service.EditProfile(t.Context(), person, "王　小五", " 0796-8223456 "); err != nil {
		t.Fatal(err)
	}
	if user, err := w.Store.User(t.Context(), person.UserID); err != nil || user.Name != "王 小五" || user.Phone != "0796-8223456" {
		t.Errorf("%+v, %v", user, err)
	}
	wantField(t, w.Service.EditProfile(t.Context(), person, " ", ""), "name", "请填写姓名")
	wantField(t, w.Service.EditProfile(t.Context(), person, "王五", strings.Repeat("1", 31)), "phone", "最多")
	if n := w.Audits(market.UserEdit, person.UserID, "done"); n != 1 {
		t.Errorf("%d edits in the audit", n)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person, other := w.Person("王五"), w.Person("赵六")
	secret, err := w.Service.CreateToken(t.Context(), person, "夜间同步", "key-1")
	if err != nil || !strings.HasPrefix(secret, "jakj_") {
		t.Fatalf("%q, %v", secret, err)
	}
	if again, err := w.Service.CreateToken(t.Context(), person, "夜间同步", "key-1"); !market.IsKind(err, market.Conflict) || again != "" {
		t.Errorf("the same form again: %q, %v", again, err)
	}
	owner := func() (int64, error) { return w.Store.UserOfToken(t.Context(), service.TokenHash(secret), w.Now()) }
	if id, err := owner(); err != nil || id != person.UserID {
		t.Errorf("the token is of %d, %v", id, err)
	}
	tokens, err := w.Store.Tokens(t.Context(), person.UserID)
	if err != nil || len(tokens) != 1 || tokens[0].LastUsedAt == nil {
		t.Fatalf("tokens %+v, %v", tokens, err)
	}
	if err := w.Service.RevokeToken(t.Context(), other, tokens[0].ID); !errors.Is(err, market.ErrNotFound) {
		t.Errorf("another person's token: %v", err)
	}
	if err := w.Service.RevokeToken(t.Context(), person, tokens[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := owner(); !market.IsKind(err, market.NotFound) {
		t.Errorf("after its end: %v", err)
	}
	if err := w.Service.RevokeToken(t.Context(), person, tokens[0].ID); !errors.Is(err, market.ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
	_, err = w.Service.CreateToken(t.Context(), person, " ", "")
	wantField(t, err, "token_name", "用在哪里")
	for i := range 20 {
		if _, err := w.Service.CreateToken(t.Context(), other, fmt.Sprintf("第 %d 个", i), ""); err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.Service.CreateToken(t.Context(), other, "再来一个", "")
	wantField(t, err, "token_name", "最多 20 个")
}
