package service

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

const (
	codePeriod    = 30 // seconds that a code is shown
	recoveryCodes = 10
)

// base32Secret is how secrets are written, as authenticators take them.
var base32Secret = base32.StdEncoding.WithPadding(base32.NoPadding)

// SecondKey is the key of a second factor that is to be set up: its secret, the address that a QR code holds, and a picture
// of it. Without a secret a new one is made. site names the market in the person's authenticator.
func SecondKey(site, email, secret string) (*otp.Key, error) {
	raw, err := base32Secret.DecodeString(secret)
	if err != nil {
		return nil, err
	}
	return totp.Generate(totp.GenerateOpts{Issuer: site, AccountName: email, Period: codePeriod, Secret: raw})
}

// stepAt is the number of the code that is shown at that time.
func stepAt(at time.Time) int64 { return at.Unix() / codePeriod }

// stepOf is the step whose code it is: the present one, or the one before or after, since clocks differ. 0 is none.
func stepOf(secret, code string, at time.Time) int64 {
	now := stepAt(at)
	for _, step := range []int64{now, now - 1, now + 1} {
		good, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && good {
			return step
		}
	}
	return 0
}

// CodeAt is the code that an authenticator with that secret shows at that time: for tests and for demonstration accounts.
func CodeAt(secret string, at time.Time) (string, error) {
	return totp.GenerateCode(secret, at)
}

// plainCode is a code as it is compared: people type blanks and hyphens.
func plainCode(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(market.Normalize(code)))
}

// useCode uses up a code of the person's second factor or one of their recovery codes; a wrong or used one is
// market.ErrStale. Of two at once, one succeeds.
func (s *Service) useCode(ctx context.Context, tx *store.Tx, userID int64, code string) error {
	code = plainCode(code)
	if len(code) != otp.DigitsSix.Length() {
		return tx.UseRecoveryCode(ctx, userID, secretHash(code), s.now())
	}
	second, err := tx.Second(ctx, userID)
	if err != nil {
		return err
	}
	step := stepOf(second.Secret, code, s.now())
	if second.Secret == "" || step == 0 {
		return market.ErrStale
	}
	return tx.UseStep(ctx, userID, step)
}

// SecondForm is the form that sets up a second factor or replaces it.
type SecondForm struct {
	Secret   string // of the new one, as SecondKey made it
	Code     string // that the authenticator now shows
	Password string // where there is one already
	Old      string // code or recovery code of the one there is
}

// SetSecond sets up the actor's second factor, when they have shown that their authenticator has it, and returns ten
// recovery codes, which are shown once. Who has one already must know the password and a code of it. The other sign-ins
// end; here is the one that stays. Errors name the form's fields.
func (s *Service) SetSecond(ctx context.Context, a market.Actor, here int64, form SecondForm) (codes []string, err error) {
	if !a.SignedIn() {
		return nil, market.Errorf(market.Unsigned, "请先登录")
	}
	user, err := s.store.User(ctx, a.UserID)
	if err != nil {
		return nil, err
	}
	step := stepOf(form.Secret, plainCode(form.Code), s.now())
	if form.Secret == "" || step == 0 {
		return nil, market.Problems{{Field: "code", Message: "动态码不对。请输入验证器现在显示的 6 位数字；手机时间要准"}}.Err()
	}
	if user.Second {
		if err := s.checkSecondOwner(ctx, a, user, form.Password, form.Old); err != nil {
			return nil, err
		}
	}
	var hashes [][]byte
	for range recoveryCodes {
		code := rand.Text()[:12]
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:])
		hashes = append(hashes, secretHash(code))
	}
	err = s.write(ctx, a, market.UserSecond, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		u, err := w.LockUser(ctx, a.UserID)
		if err != nil {
			return err
		}
		if u.Second != user.Second {
			return market.ErrStale
		}
		if err := w.SetSecond(ctx, u.ID, form.Secret, step, hashes); err != nil {
			return err
		}
		if _, err := w.EndSignIns(ctx, u.ID, here, w.at); err != nil {
			return err
		}
		return w.sendMail(ctx, market.Letter{Kind: market.LetterSecond, To: u.Email, Name: u.Name, Note: "设置了两步验证，登录时要输入验证器的动态码", At: w.at, Path: "/account/security"})
	})
	return codes, err
}

// checkSecondOwner wants the password and a code of somebody who has a second factor. Failures count like those of
// signing in.
func (s *Service) checkSecondOwner(ctx context.Context, a market.Actor, user store.User, password, code string) error {
	var p market.Problems
	if err := s.checkOwnPassword(ctx, a, &p, "second_password", password, user.PasswordHash); err != nil {
		return err
	}
	if err := p.Err(); err != nil {
		return err
	}
	wrong := market.Problems{{Field: "old_code", Message: "动态码或恢复码不对，或已经用过"}}.Err()
	return s.countLogin(ctx, a, loginTry{email: user.Email, userID: user.ID, wrong: wrong, goesOn: true, use: func(tx *store.Tx) error {
		return s.useCode(ctx, tx, user.ID, code)
	}})
}

// DropSecond takes away the actor's second factor, with the password and a code of it. Staff may not. Errors name the
// form's fields.
func (s *Service) DropSecond(ctx context.Context, a market.Actor, password, code string) error {
	object := market.Object{Kind: "user", ID: a.UserID}
	switch {
	case !a.SignedIn():
		return market.Errorf(market.Unsigned, "请先登录")
	case a.Staff():
		s.Refused(ctx, a, market.UserSecondDrop, object)
		return market.Errorf(market.Denied, "工作人员必须使用两步验证，不能关闭。换手机的可以重新设置")
	}
	user, err := s.store.User(ctx, a.UserID)
	if err != nil {
		return err
	}
	if !user.Second {
		return market.Errorf(market.Conflict, "两步验证没有开启")
	}
	if err := s.checkSecondOwner(ctx, a, user, password, code); err != nil {
		return err
	}
	return s.write(ctx, a, market.UserSecondDrop, object, func(w *act) error {
		return w.dropSecond(ctx, user, "关闭了两步验证")
	})
}

// ResetSecond takes away the second factor of somebody who has lost it and ends their sign-ins; staff must set up another
// one at the next sign-in. For administrators, on others, and the command line.
func (s *Service) ResetSecond(ctx context.Context, a market.Actor, userID int64) error {
	if err := s.requireAdmin(ctx, a, market.UserSecondReset, userID); err != nil {
		return err
	}
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return err
	}
	if !user.Second {
		return market.Errorf(market.Conflict, "这个账号没有开启两步验证")
	}
	return s.write(ctx, a, market.UserSecondReset, market.Object{Kind: "user", ID: userID}, func(w *act) error {
		if err := w.stillAdmin(ctx); err != nil {
			return err
		}
		if err := w.moved(ctx, "second", user.State, user.State, "", ""); err != nil {
			return err
		}
		if err := w.NotifyUser(ctx, userID, "您的账号有变动：两步验证已由管理员取消", "/account/security", w.at); err != nil {
			return err
		}
		if _, err := w.EndSignIns(ctx, userID, 0, w.at); err != nil {
			return err
		}
		return w.dropSecond(ctx, user, "的两步验证已由管理员取消")
	})
}

func (w *act) dropSecond(ctx context.Context, u store.User, what string) error {
	if err := w.SetSecond(ctx, u.ID, "", 0, nil); err != nil {
		return err
	}
	return w.sendMail(ctx, market.Letter{Kind: market.LetterSecond, To: u.Email, Name: u.Name, Note: what, At: w.at, Path: "/account/security"})
}
