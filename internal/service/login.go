package service

import (
	"context"
	"crypto/sha256"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// Limits of sign-in (等保 2.0: lock after failures).
const (
	maxLoginFailures = 5
	loginLock        = 15 * time.Minute
)

var errLogin = market.Errorf(market.Invalid, "邮箱或密码不对。连续输错 %d 次后，%d 分钟内不能登录", maxLoginFailures, int(loginLock.Minutes()))

func errLocked(until time.Time) error {
	return market.Errorf(market.Invalid, "连续 %d 次没有登录成功，为了安全，%s 前不能用这个邮箱登录。忘记密码的可以重设，重设后马上可以登录",
		maxLoginFailures, until.In(market.Shanghai).Format("15:04"))
}

var errCode = market.Errorf(market.Invalid, "动态码不对或已经用过。请等验证器显示下一个再输；连续输错 %d 次后，%d 分钟内不能登录", maxLoginFailures, int(loginLock.Minutes()))

// loginKey is how failed tries at an address are kept.
func loginKey(email string) []byte {
	sum := sha256.Sum256([]byte(email))
	return sum[:]
}

// Pass is a password that was right: with it a sign-in can start or, when the person has a second factor, be asked for
// its code. It is worth nothing once the password has changed.
type Pass struct {
	UserID     int64
	PasswordAt time.Time
	Second     bool
	Staff      bool
}

// Login checks an address and password. After five failures in a row the address is locked for 15 minutes; all answers are
// the same whether there is such an account or not.
func (s *Service) Login(ctx context.Context, a market.Actor, email, password string) (Pass, error) {
	email = NormalizeEmail(email)
	user, err := s.store.UserByEmail(ctx, email)
	if err != nil && !market.IsKind(err, market.NotFound) {
		return Pass{}, err
	}
	hash, active := user.PasswordHash, user.State == "active"
	if !active {
		hash = s.passwords.decoy
	}
	good, err := s.isPassword(ctx, a, password, hash)
	if err != nil {
		return Pass{}, err
	}
	try := loginTry{email: email, userID: user.ID, wrong: errLogin, fails: !good || !active, goesOn: user.Second}
	if err := s.countLogin(ctx, a, try); err != nil {
		return Pass{}, err
	}
	return s.pass(ctx, user)
}

func (s *Service) pass(ctx context.Context, user store.User) (Pass, error) {
	a, err := s.store.Actor(ctx, user.ID, 0)
	return Pass{UserID: user.ID, PasswordAt: user.PasswordAt, Second: user.Second, Staff: a.Staff()}, err
}

// loginTry is one try to sign in.
type loginTry struct {
	email  string
	userID int64 // 0: there is no such account
	wrong  error // what to say when it fails
	fails  bool
	goesOn bool // nobody is signed in by it yet: the failures before are not forgotten
	// use carries out what may be done once only, such as using up a code; market.ErrStale makes the try fail.
	use func(*store.Tx) error
}

// countLogin stores the outcome of a try under the lock of its address, so that parallel tries are all counted.
func (s *Service) countLogin(ctx context.Context, a market.Actor, try loginTry) error {
	var refusal error
	object := market.Object{Kind: "user", ID: try.userID}
	err := s.store.InTx(ctx, func(tx *store.Tx) error {
		refusal = nil
		now, key := s.now(), loginKey(try.email)
		stored, err := tx.LockLoginTry(ctx, key, now)
		if err != nil {
			return err
		}
		if stored.LockedUntil != nil && stored.LockedUntil.After(now) {
			refusal = errLocked(*stored.LockedUntil)
			return tx.Audit(ctx, now, a, market.UserLogin, object, "refused", "locked")
		}
		if !try.fails && try.use != nil {
			if err := try.use(tx); market.IsKind(err, market.Conflict) {
				try.fails = true
			} else if err != nil {
				return err
			}
		}
		if !try.fails {
			return s.loginGood(ctx, tx, a, try, now)
		}
		refusal = try.wrong
		stored.Failures++
		if err := tx.Audit(ctx, now, a, market.UserLogin, object, "refused", ""); err != nil {
			return err
		}
		if stored.Failures < maxLoginFailures {
			return tx.SetLoginTry(ctx, key, stored)
		}
		until := now.Add(loginLock)
		refusal = errLocked(until)
		if err := tx.SetLoginTry(ctx, key, store.LoginTry{LockedUntil: &until}); err != nil {
			return err
		}
		return tx.Audit(ctx, now, a, market.UserLock, object, "done", "")
	})
	if err != nil {
		return err
	}
	return refusal
}

func (s *Service) loginGood(ctx context.Context, tx *store.Tx, a market.Actor, try loginTry, now time.Time) error {
	if try.goesOn {
		return nil
	}
	a.UserID = try.userID
	if err := tx.ForgetLoginTry(ctx, loginKey(try.email)); err != nil {
		return err
	}
	return tx.Audit(ctx, now, a, market.UserLogin, market.Object{Kind: "user", ID: try.userID}, "done", "")
}

// LoginCode checks the code of the second factor, or a recovery code, of somebody whose password was right. Failures are
// counted together with those of the password. A pass that is worth nothing any more is Unsigned.
func (s *Service) LoginCode(ctx context.Context, a market.Actor, pass Pass, code string) (Pass, error) {
	user, err := s.store.User(ctx, pass.UserID)
	if err != nil {
		return pass, err
	}
	if user.State != "active" || !user.PasswordAt.Equal(pass.PasswordAt) {
		return pass, market.Errorf(market.Unsigned, "请重新登录")
	}
	err = s.countLogin(ctx, a, loginTry{email: user.Email, userID: user.ID, wrong: errCode, use: func(tx *store.Tx) error {
		return s.useCode(ctx, tx, user.ID, code)
	}})
	if err != nil {
		return pass, err
	}
	return s.pass(ctx, user)
}

// StartSignIn signs somebody in whose pass was right, and returns the id that their session carries. A pass that is worth
// nothing any more is Unsigned. The login itself is audited already.
func (s *Service) StartSignIn(ctx context.Context, a market.Actor, pass Pass, agent string) (id int64, err error) {
	err = s.store.InTx(ctx, func(tx *store.Tx) error {
		id, err = tx.StartSignIn(ctx, pass.UserID, pass.PasswordAt, market.Truncate(market.Normalize(agent), maxAgent), a.Address, s.now())
		return err
	})
	if market.IsKind(err, market.NotFound) {
		err = market.Errorf(market.Unsigned, "请重新登录")
	}
	return id, err
}

// maxAgent is how much of a browser's name is kept.
const maxAgent = 300

// PassOf is the pass of somebody who has just registered.
func (s *Service) PassOf(ctx context.Context, userID int64) (Pass, error) {
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return Pass{}, err
	}
	return s.pass(ctx, user)
}

// touchEvery is how exactly the last use of a sign-in is known: not every request writes.
const touchEvery = time.Minute

// SignedIn returns a sign-in that still lasts and notes its use; any other is market.ErrNotFound. It is asked at every
// request, so that a sign-in that has ended ends at once.
func (s *Service) SignedIn(ctx context.Context, id int64) (market.SignIn, error) {
	now := s.now()
	in, err := s.store.SignIn(ctx, id, now)
	if err != nil {
		return in, err
	}
	if !in.Alive(now) {
		return in, market.ErrNotFound
	}
	if now.Sub(in.SeenAt) >= touchEvery {
		err = s.store.TouchSignIn(ctx, id, now)
	}
	return in, err
}

// SignIns lists where the actor is signed in, the latest used first.
func (s *Service) SignIns(ctx context.Context, a market.Actor) ([]market.SignIn, error) {
	all, err := s.store.SignIns(ctx, a.UserID)
	var out []market.SignIn
	for _, in := range all {
		if in.Alive(s.now()) {
			out = append(out, in)
		}
	}
	return out, err
}

// EndSignIn signs the actor out at one place.
func (s *Service) EndSignIn(ctx context.Context, a market.Actor, id int64) error {
	return s.write(ctx, a, market.UserLogout, market.Object{Kind: "sign_in", ID: id}, func(w *act) error {
		return w.EndSignIn(ctx, a.UserID, id, w.at)
	})
}

// EndOtherSignIns signs the actor out everywhere but here.
func (s *Service) EndOtherSignIns(ctx context.Context, a market.Actor, here int64) (n int, err error) {
	err = s.write(ctx, a, market.UserLogout, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		w.detail = "others"
		n, err = w.EndSignIns(ctx, a.UserID, here, w.at)
		return err
	})
	return n, err
}

// TidySignIns drops sign-ins and failed tries that nothing asks for any more. For package worker only.
func (s *Service) TidySignIns(ctx context.Context) error {
	now := s.now()
	return s.store.InTx(ctx, func(tx *store.Tx) error {
		return tx.TidySignIns(ctx, now.Add(-market.UserLife), now.Add(-24*time.Hour))
	})
}
