package service_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

const freshPassword = "清明时节雨纷纷又是春"

// letters are the mails that wait to be sent, oldest first; they stay in the queue.
func letters(t *testing.T, w *worldtest.World) []market.Letter {
	t.Helper()
	var raw []byte
	if err := w.Store.DB().QueryRowContext(t.Context(), `SELECT coalesce(jsonb_agg(args ORDER BY id), '[]') FROM river_job WHERE kind = 'send_mail'`).Scan(&raw); err != nil {
		t.Fatal(err)
	}
	var out []market.Letter
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// lastLetter is the mail queued last, which is of that kind, with the secret of its link.
func lastLetter(t *testing.T, w *worldtest.World, kind market.LetterKind) (market.Letter, string) {
	t.Helper()
	all := letters(t, w)
	if len(all) == 0 || all[len(all)-1].Kind != kind {
		t.Fatalf("letters %+v, want the last of kind %s", all, kind)
	}
	l := all[len(all)-1]
	if l.LinkID == 0 {
		return l, ""
	}
	_, secret, err := w.Service.ArmLink(t.Context(), l.LinkID)
	if err != nil {
		t.Fatal(err)
	}
	return l, secret
}

// signIn signs somebody in who has no second factor.
func signIn(t *testing.T, w *worldtest.World, a market.Actor, password string) int64 {
	t.Helper()
	pass, err := w.Service.Login(t.Context(), web, w.Email(a), password)
	if err != nil {
		t.Fatal(err)
	}
	id, err := w.Service.StartSignIn(t.Context(), web, pass, "test")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// lasts wants the sign-in to last, or not.
func lasts(t *testing.T, w *worldtest.World, what string, id int64, want bool) {
	t.Helper()
	_, err := w.Service.SignedIn(t.Context(), id)
	if (err == nil) != want || err != nil && !market.IsKind(err, market.NotFound) {
		t.Errorf("%s: %v, lasts should be %v", what, err, want)
	}
}

func TestSignInsEnd(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person, staff := w.Person("王五"), w.Person("工作人员", market.Reviewer)
	of, ofStaff := signIn(t, w, person, worldtest.Password), signIn(t, w, staff, worldtest.Password)
	w.Advance(29 * time.Minute)
	lasts(t, w, "staff after 29 minutes", ofStaff, true)
	w.Advance(29 * time.Minute)
	lasts(t, w, "staff, 29 minutes after the last click", ofStaff, true)
	w.Advance(31 * time.Minute)
	lasts(t, w, "staff, 31 minutes after the last click", ofStaff, false)
	lasts(t, w, "a person after an hour and a half", of, true)
	ofStaff = signIn(t, w, staff, worldtest.Password)
	for range 24 {
		w.Advance(29 * time.Minute)
		lasts(t, w, "staff at work", ofStaff, true)
	}
	w.Advance(29 * time.Minute)
	lasts(t, w, "staff after twelve hours", ofStaff, false)
	for range 4 {
		w.Advance(6 * 24 * time.Hour)
		lasts(t, w, "a person each week", of, true)
	}
	w.Advance(6 * 24 * time.Hour)
	lasts(t, w, "a person after thirty days", of, false)
	of = signIn(t, w, person, worldtest.Password)
	w.Advance(7 * 24 * time.Hour)
	lasts(t, w, "a person after a week away", of, false)
	if err := w.Service.TidySignIns(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := w.Store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM sign_ins WHERE ended_at IS NULL`).Scan(&left); err != nil || left != 1 {
		t.Errorf("%d sign-ins are open after tidying, %v; want the one of this month", left, err)
	}
}

func TestSignInsEndWithWhatOpenedThem(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	for what, act := range map[string]func(market.Actor, int64) error{
		"ended by the person": func(a market.Actor, id int64) error { return w.Service.EndSignIn(t.Context(), a, id) },
		"all others ended": func(a market.Actor, _ int64) error {
			_, err := w.Service.EndOtherSignIns(t.Context(), a, 0)
			return err
		},
		"another password": func(a market.Actor, _ int64) error {
			return w.Service.ChangePassword(t.Context(), a, 0, worldtest.Password, freshPassword)
		},
		"a duty": func(a market.Actor, _ int64) error {
			return w.Service.AddDuty(t.Context(), market.Actor{Via: market.ViaCLI}, a.UserID, market.Statistician)
		},
		"a password by an administrator": func(a market.Actor, _ int64) error {
			return w.Service.SetInitialPassword(t.Context(), market.Actor{Via: market.ViaCLI}, a.UserID, freshPassword)
		},
		"locked": func(a market.Actor, _ int64) error {
			_, err := w.Store.DB().ExecContext(t.Context(), `UPDATE users SET state = 'locked' WHERE id = $1`, a.UserID)
			return err
		},
		"closed": func(a market.Actor, _ int64) error { return w.Service.CloseAccount(t.Context(), a, worldtest.Password) },
	} {
		person, other := w.Person("王五"), w.Person("赵六")
		id, stranger := signIn(t, w, person, worldtest.Password), signIn(t, w, other, worldtest.Password)
		if err := w.Service.EndSignIn(t.Context(), other, id); !market.IsKind(err, market.NotFound) {
			t.Errorf("%s: somebody else ends it: %v", what, err)
		}
		if err := act(person, id); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		lasts(t, w, what, id, false)
		lasts(t, w, what+", somebody else", stranger, true)
	}
}

// TestOldPassStartsNothing signs in with a password that is changed between the password and the sign-in.
func TestOldPassStartsNothing(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	pass, err := w.Service.Login(t.Context(), web, w.Email(person), worldtest.Password)
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(time.Second)
	if err := w.Service.ChangePassword(t.Context(), person, 0, worldtest.Password, freshPassword); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Service.StartSignIn(t.Context(), web, pass, ""); !market.IsKind(err, market.Unsigned) {
		t.Errorf("a sign-in with the old password: %v", err)
	}
	if _, err := w.Service.LoginCode(t.Context(), web, pass, "123456"); !market.IsKind(err, market.Unsigned) {
		t.Errorf("a code after the old password: %v", err)
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 2, 10, 0, 0, 0, market.Shanghai)
	old := now.AddDate(0, 0, -180)
	for _, c := range []struct {
		in   market.SignIn
		want market.Hold
	}{
		{market.SignIn{PasswordAt: old}, market.HoldNone},
		{market.SignIn{PasswordAt: old, MustChange: true, PoliciesPending: true}, market.HoldPassword},
		{market.SignIn{PasswordAt: old, PoliciesPending: true}, market.HoldPolicies},
		{market.SignIn{PasswordAt: old, Staff: true, Second: true}, market.HoldPassword},
		{market.SignIn{PasswordAt: old.Add(time.Hour), Staff: true, Second: true}, market.HoldNone},
		{market.SignIn{PasswordAt: now, Staff: true, PoliciesPending: true}, market.HoldSecond},
		{market.SignIn{PasswordAt: now, Staff: true, Second: true, PoliciesPending: true}, market.HoldPolicies},
	} {
		if got := c.in.Hold(now); got != c.want {
			t.Errorf("%+v is held by %q, want %q", c.in, got, c.want)
		}
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	email := w.Email(person)
	in := signIn(t, w, person, worldtest.Password)
	token, err := w.Service.CreateToken(t.Context(), person, "夜间同步", "")
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		_, err := w.Service.Login(t.Context(), web, email, "wrong password")
		wantKind(t, err, market.Invalid)
	}
	before := len(letters(t, w))
	if err := w.Service.AskReset(t.Context(), web, "nobody@example.com"); err != nil {
		t.Errorf("an address without account: %v", err)
	}
	if n := len(letters(t, w)); n != before {
		t.Errorf("%d letters to nobody", n-before)
	}
	if err := w.Service.AskReset(t.Context(), web, strings.ToUpper(email)); err != nil {
		t.Fatal(err)
	}
	letter, secret := lastLetter(t, w, market.LetterReset)
	if letter.To != email || letter.At.Sub(w.Now()) != 30*time.Minute {
		t.Errorf("the letter is %+v", letter)
	}
	wantField(t, w.Service.ResetPassword(t.Context(), web, secret, "short"), "password", "至少 10 位")
	wantField(t, w.Service.ResetPassword(t.Context(), web, secret, "password123456"), "password", "太常见")
	wantKind(t, w.Service.ResetPassword(t.Context(), web, "x"+secret, freshPassword), market.NotFound)
	if err := w.Service.ResetPassword(t.Context(), web, secret, freshPassword); err != nil {
		t.Fatal(err)
	}
	lastLetter(t, w, market.LetterPassword)
	lasts(t, w, "a sign-in from before", in, false)
	if _, err := w.Store.UserOfToken(t.Context(), service.TokenHash(token), w.Now()); !market.IsKind(err, market.NotFound) {
		t.Errorf("a token from before: %v", err)
	}
	wantKind(t, w.Service.ResetPassword(t.Context(), web, secret, freshPassword+"二"), market.NotFound)
	signIn(t, w, person, freshPassword) // the lock is lifted

	if err := w.Service.AskReset(t.Context(), web, email); err != nil {
		t.Fatal(err)
	}
	_, late := lastLetter(t, w, market.LetterReset)
	w.Advance(30 * time.Minute)
	wantKind(t, w.Service.ResetPassword(t.Context(), web, late, freshPassword), market.NotFound)
}

func TestResetsAreFewAndSilent(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	email := w.Email(w.Person("王五"))
	before := len(letters(t, w))
	for range 7 {
		if err := w.Service.AskReset(t.Context(), web, email); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(letters(t, w)) - before; n != 5 {
		t.Errorf("%d letters in a day", n)
	}
}

// TestResetLinkRaces follows one link many times at once.
func TestResetLinkRaces(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	if err := w.Service.AskReset(t.Context(), web, w.Email(person)); err != nil {
		t.Fatal(err)
	}
	_, secret := lastLetter(t, w, market.LetterReset)
	errs := repeated(8, func(i int) error {
		return w.Service.ResetPassword(t.Context(), web, secret, freshPassword+strings.Repeat("又", i+1))
	})
	if n := succeeded(t, errs, market.NotFound); n != 1 {
		t.Errorf("the link worked %d times", n)
	}
	if n := w.Audits(market.UserReset, person.UserID, "done"); n != 1 {
		t.Errorf("%d resets in the audit", n)
	}
}

func TestInitialPassword(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	admin, other := w.Person("管理员", market.Admin), w.Person("王五")
	for _, a := range []market.Actor{{}, other, w.Person("审核员", market.Reviewer)} {
		if err := w.Service.SetInitialPassword(t.Context(), a, other.UserID, freshPassword); err == nil {
			t.Errorf("%+v sets a password", a)
		}
	}
	wantKind(t, w.Service.SetInitialPassword(t.Context(), admin, admin.UserID, freshPassword), market.Denied)
	if err := w.Service.SetInitialPassword(t.Context(), admin, other.UserID, freshPassword); err != nil {
		t.Fatal(err)
	}
	id := signIn(t, w, other, freshPassword)
	in, err := w.Service.SignedIn(t.Context(), id)
	if err != nil || in.Hold(w.Now()) != market.HoldPassword {
		t.Fatalf("%+v, %v", in, err)
	}
	if err := w.Service.ChangePassword(t.Context(), other, id, freshPassword, worldtest.Password); err != nil {
		t.Fatal(err)
	}
	if in, err := w.Service.SignedIn(t.Context(), id); err != nil || in.Hold(w.Now()) != market.HoldNone {
		t.Errorf("after the change: %+v, %v", in, err)
	}
}

func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	for password, common := range map[string]bool{
		"1234567890": true, "Password123": true, "qwertyuiop": true, "123456789abc": true, "woaini5201314": true, "1qaz2wsx3edc4rfv": true, "admin123456": true,
		"Passw0rd!@#": true, "correct horse battery": false, "井冈翠竹1234567890": false, "qwertyuiop 甲": false,
	} {
		_, err := w.Service.Register(t.Context(), web, service.Registration{Email: "someone@example.com", Name: "", Password: password, Agreed: true})
		found := slices.ContainsFunc(market.AsError(err).Fields, func(f market.FieldError) bool { return f.Field == "password" })
		if found != common {
			t.Errorf("%q: refused %v, want %v", password, found, common)
		}
	}
}

// authenticator is a person's telephone with the secret of their second factor.
type authenticator struct {
	t      *testing.T
	w      *worldtest.World
	secret string
}

func newAuthenticator(t *testing.T, w *worldtest.World) authenticator {
	t.Helper()
	key, err := service.SecondKey("市场", "user@example.com", "")
	if err != nil {
		t.Fatal(err)
	}
	return authenticator{t, w, key.Secret()}
}

// code is what it shows so long from now.
func (a authenticator) code(later time.Duration) string {
	a.t.Helper()
	code, err := service.CodeAt(a.secret, a.w.Now().Add(later))
	if err != nil {
		a.t.Fatal(err)
	}
	return code
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	email := w.Email(person)
	here, there := signIn(t, w, person, worldtest.Password), signIn(t, w, person, worldtest.Password)
	phone := newAuthenticator(t, w)
	_, err := w.Service.SetSecond(t.Context(), person, here, service.SecondForm{Secret: phone.secret, Code: phone.code(5 * time.Minute)})
	wantField(t, err, "code", "动态码不对")
	codes, err := w.Service.SetSecond(t.Context(), person, here, service.SecondForm{Secret: phone.secret, Code: phone.code(0)})
	if err != nil || len(codes) != 10 {
		t.Fatalf("%d codes, %v", len(codes), err)
	}
	lastLetter(t, w, market.LetterSecond)
	lasts(t, w, "here", here, true)
	lasts(t, w, "elsewhere", there, false)

	login := func(code string) error {
		t.Helper()
		pass, err := w.Service.Login(t.Context(), web, email, worldtest.Password)
		if err != nil {
			return err
		}
		if !pass.Second {
			t.Fatal("the password alone is enough")
		}
		_, err = w.Service.LoginCode(t.Context(), web, pass, code)
		return err
	}
	wantKind(t, login(phone.code(0)), market.Invalid) // used when it was set up
	w.Advance(time.Minute)
	if err := login(phone.code(0)[:3] + " " + phone.code(0)[3:]); err != nil {
		t.Errorf("the next code: %v", err)
	}
	wantKind(t, login(phone.code(0)), market.Invalid)
	wantKind(t, login(phone.code(-30*time.Second)), market.Invalid) // older than one that was used
	if err := login(phone.code(30 * time.Second)); err != nil {
		t.Errorf("the code of a clock that is fast: %v", err)
	}
	wantKind(t, login(""), market.Invalid)
	if err := login(strings.ToLower(codes[0])); err != nil {
		t.Errorf("a recovery code: %v", err)
	}
	wantKind(t, login(codes[0]), market.Invalid)
	if second, err := w.Store.Second(t.Context(), person.UserID); err != nil || second.Codes != 9 {
		t.Errorf("%+v, %v", second, err)
	}
	if n := w.Audits(market.UserLogin, person.UserID, "done"); n != 2+3 {
		t.Errorf("%d sign-ins in the audit, want 5: a password alone is none", n)
	}
}

// TestCodesAreLockedLikePasswords: a password that is right does not start the count anew.
func TestCodesAreLockedLikePasswords(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	phone := newAuthenticator(t, w)
	if _, err := w.Service.SetSecond(t.Context(), person, 0, service.SecondForm{Secret: phone.secret, Code: phone.code(0)}); err != nil {
		t.Fatal(err)
	}
	w.Advance(time.Minute)
	for try := range 5 {
		pass, err := w.Service.Login(t.Context(), web, w.Email(person), worldtest.Password)
		if err != nil {
			t.Fatalf("password %d: %v", try, err)
		}
		_, err = w.Service.LoginCode(t.Context(), web, pass, "000000")
		wantKind(t, err, market.Invalid)
	}
	_, err := w.Service.Login(t.Context(), web, w.Email(person), worldtest.Password)
	wantKind(t, err, market.Invalid)
	if n := w.Audits(market.UserLock, person.UserID, "done"); n != 1 {
		t.Errorf("locked %d times", n)
	}
}

// TestCodesRace uses one recovery code, and one code of the authenticator, many times at once.
func TestCodesRace(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person := w.Person("王五")
	phone := newAuthenticator(t, w)
	codes, err := w.Service.SetSecond(t.Context(), person, 0, service.SecondForm{Secret: phone.secret, Code: phone.code(0)})
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(time.Minute)
	for _, code := range []string{codes[3], phone.code(0)} {
		pass, err := w.Service.Login(t.Context(), web, w.Email(person), worldtest.Password)
		if err != nil {
			t.Fatal(err)
		}
		errs := repeated(4, func(int) error {
			_, err := w.Service.LoginCode(t.Context(), web, pass, code)
			return err
		})
		if n := succeeded(t, errs, market.Invalid); n != 1 {
			t.Errorf("%s worked %d times", code, n)
		}
		if err := w.Store.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.SQL().ExecContext(t.Context(), `DELETE FROM login_tries`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReplacingAndDroppingTheSecondFactor(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 2)
	person, staff, admin := w.Person("王五"), w.Person("审核员", market.Reviewer), w.Person("管理员", market.Admin)
	phones := map[int64]authenticator{}
	for _, a := range []market.Actor{person, staff} {
		phones[a.UserID] = newAuthenticator(t, w)
		if _, err := w.Service.SetSecond(t.Context(), a, 0, service.SecondForm{Secret: phones[a.UserID].secret, Code: phones[a.UserID].code(0)}); err != nil {
			t.Fatal(err)
		}
	}
	w.Advance(time.Minute)
	old, fresh := phones[person.UserID], newAuthenticator(t, w)
	form := service.SecondForm{Secret: fresh.secret, Code: fresh.code(0)}
	_, err := w.Service.SetSecond(t.Context(), person, 0, form)
	wantField(t, err, "second_password", "不对")
	form.Password = worldtest.Password
	_, err = w.Service.SetSecond(t.Context(), person, 0, form)
	wantField(t, err, "old_code", "不对")
	form.Old = old.code(0)
	codes, err := w.Service.SetSecond(t.Context(), person, 0, form)
	if err != nil {
		t.Fatal(err)
	}
	wantField(t, w.Service.DropSecond(t.Context(), person, worldtest.Password, old.code(30*time.Second)), "old_code", "不对")
	if err := w.Service.DropSecond(t.Context(), person, worldtest.Password, codes[9]); err != nil {
		t.Errorf("switching off: %v", err)
	}
	signIn(t, w, person, worldtest.Password)
	wantKind(t, w.Service.DropSecond(t.Context(), staff, worldtest.Password, phones[staff.UserID].code(0)), market.Denied)

	in, err := w.Service.Login(t.Context(), web, w.Email(staff), worldtest.Password)
	if err != nil || !in.Second || !in.Staff {
		t.Fatalf("%+v, %v", in, err)
	}
	for _, a := range []market.Actor{{}, person, staff} {
		if err := w.Service.ResetSecond(t.Context(), a, staff.UserID); err == nil {
			t.Errorf("%+v takes away a second factor", a)
		}
	}
	if err := w.Service.ResetSecond(t.Context(), admin, staff.UserID); err != nil {
		t.Fatal(err)
	}
	id := signIn(t, w, staff, worldtest.Password)
	if in, err := w.Service.SignedIn(t.Context(), id); err != nil || in.Hold(w.Now()) != market.HoldSecond {
		t.Errorf("staff without a second factor: %+v, %v", in, err)
	}
	wantKind(t, w.Service.ResetSecond(t.Context(), admin, staff.UserID), market.Conflict)
}
