package service

import (
	"context"
	"strings"

	"techmarket/internal/market"
)

const (
	minPassword = 10
	maxPassword = 128
)

func checkPassword(p *market.Problems, field, password, email string) {
	local, _, _ := strings.Cut(email, "@")
	switch n := market.RuneLen(password); {
	case n < minPassword:
		p.Add(field, "密码至少 %d 位，可以用一句话", minPassword)
	case n > maxPassword:
		p.Add(field, "密码最多 %d 位", maxPassword)
	case len(local) > 3 && strings.Contains(strings.ToLower(password), local):
		p.Add(field, "密码里不要含邮箱名")
	case strings.Count(password, password[:1]) == len(password):
		p.Add(field, "密码不能只用一个字符重复")
	case commonPassword(password):
		p.Add(field, "这个密码太常见，容易被猜中。可以用一句只有您知道的话")
	}
}

// commonParts are what the most used passwords of ten characters or more are made of, after the public lists of leaked
// ones: runs on the keyboard and a few words. A password that is nothing but such parts is refused.
var commonParts = []string{"1234567890", "0987654321", "0123456789", "9876543210", "123456789", "987654321", "12345678", "87654321", "1234567", "123456",
	"654321", "12345", "1234", "123", "321", "qwertyuiop", "qwertyui", "qwerty", "asdfghjkl", "zxcvbnm", "1qaz2wsx", "3edc4rfv", "qazwsx", "1q2w3e4r5t", "1q2w3e4r",
	"147258369", "789456123", "147258", "password", "passw0rd", "p@ssw0rd", "p@ssword", "welcome", "letmein", "iloveyou", "woaini", "admin", "administrator", "abcdefg",
	"abcdef", "abc", "a1b2c3d4", "5201314", "520", "1314", "666666", "888888", "111111", "000000", "666", "888", "000", "111", "test", "user", "root", "jian", "keji", "!", "@", "#", ".", "a", "q"}

// commonPassword reports whether the password is put together from common parts only.
func commonPassword(password string) bool {
	text := strings.ToLower(password)
	reached := make([]bool, len(text)+1) // reached[i]: the first i bytes are common parts
	reached[0] = true
	for i := range text {
		if !reached[i] {
			continue
		}
		for _, part := range commonParts {
			if strings.HasPrefix(text[i:], part) {
				reached[i+len(part)] = true
			}
		}
	}
	return reached[len(text)]
}

// isPassword reports whether the password is the one of the hash.
func (s *Service) isPassword(ctx context.Context, a market.Actor, password, hash string) (bool, error) {
	if market.RuneLen(password) > maxPassword {
		return false, nil
	}
	return s.passwords.fits(ctx, a.Address, password, hash)
}

// checkOwnPassword notes at the field when the password is not the one of the hash.
func (s *Service) checkOwnPassword(ctx context.Context, a market.Actor, p *market.Problems, field, password, hash string) error {
	good, err := s.isPassword(ctx, a, password, hash)
	if err == nil && !good {
		p.Add(field, "现在的密码不对")
	}
	return err
}

// ChangePassword replaces the actor's own password, which they must know, and ends their other sign-ins; here is the one
// that stays, 0 for none. Errors name the form's fields.
func (s *Service) ChangePassword(ctx context.Context, a market.Actor, here int64, old, fresh string) error {
	if !a.SignedIn() {
		return market.Errorf(market.Unsigned, "请先登录")
	}
	user, err := s.store.User(ctx, a.UserID)
	if err != nil {
		return err
	}
	var p market.Problems
	if err := s.checkOwnPassword(ctx, a, &p, "old_password", old, user.PasswordHash); err != nil {
		return err
	}
	checkPassword(&p, "password", fresh, user.Email)
	if old == fresh {
		p.Add("password", "新密码和现在的密码相同")
	}
	if err := p.Err(); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, a.Address, fresh)
	if err != nil {
		return err
	}
	return s.write(ctx, a, market.UserPassword, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		u, err := w.LockUser(ctx, a.UserID)
		if err != nil {
			return err
		}
		if u.PasswordHash != user.PasswordHash {
			return market.ErrStale
		}
		if err := w.setPassword(ctx, u.ID, hash, false, here); err != nil {
			return err
		}
		return w.sendMail(ctx, market.Letter{Kind: market.LetterPassword, To: u.Email, Name: u.Name, Note: "的密码已修改，其他设备上的登录已退出", At: w.at, Path: "/reset"})
	})
}

// setPassword stores a password and ends what was opened with the old one: sign-ins but one, and links that would set
// another.
func (w *act) setPassword(ctx context.Context, userID int64, hash string, initial bool, here int64) error {
	if err := w.SetPassword(ctx, userID, hash, initial, w.at); err != nil {
		return err
	}
	for _, purpose := range []market.LinkPurpose{market.LinkReset, market.LinkStart} {
		if err := w.EndLinks(ctx, purpose, &userID, nil, w.at); err != nil {
			return err
		}
	}
	_, err := w.EndSignIns(ctx, userID, here, w.at)
	return err
}

// AskReset sends a mail with which a new password can be set, when there is an account with that address. The answer does
// not tell whether there is. Errors name the form's field.
func (s *Service) AskReset(ctx context.Context, a market.Actor, email string) error {
	var p market.Problems
	email = NormalizeEmail(email)
	checkEmail(&p, email)
	if err := p.Err(); err != nil {
		return err
	}
	user, err := s.store.UserByEmail(ctx, email)
	if market.IsKind(err, market.NotFound) || err == nil && user.State != "active" {
		s.Refused(ctx, a, market.UserResetAsk, market.Object{Kind: "user", ID: user.ID})
		return nil
	}
	if err != nil {
		return err
	}
	err = s.write(ctx, a, market.UserResetAsk, market.Object{Kind: "user", ID: user.ID}, func(w *act) error {
		u, err := w.LockUser(ctx, user.ID)
		if err != nil {
			return err
		}
		if err := w.tooManyLinks(ctx, market.LinkReset, u.ID); err != nil {
			return err
		}
		return w.sendLink(ctx, market.Link{Purpose: market.LinkReset, UserID: &u.ID, Email: u.Email}, market.Letter{Kind: market.LetterReset, Name: u.Name})
	})
	if market.IsKind(err, market.RateLimited) {
		return nil // to say so would tell that there is an account
	}
	return err
}

// PasswordLink returns the live link with that secret by which a password can be set: of somebody who has asked for it, or
// of the owner of a new account. Any other is market.ErrLink.
func (s *Service) PasswordLink(ctx context.Context, secret string) (market.Link, error) {
	link, err := s.Link(ctx, market.LinkReset, secret)
	if market.IsKind(err, market.NotFound) {
		return s.Link(ctx, market.LinkStart, secret)
	}
	return link, err
}

// ResetPassword sets a new password with the secret of a mail, ends all sign-ins and tokens of the account, lifts its lock
// and tells its owner. The address counts as confirmed. A link that is not good any more is market.ErrLink; of two at once,
// one succeeds. Errors name the form's fields.
func (s *Service) ResetPassword(ctx context.Context, a market.Actor, secret, fresh string) error {
	link, err := s.PasswordLink(ctx, secret)
	if err != nil {
		return err
	}
	var p market.Problems
	checkPassword(&p, "password", fresh, link.Email)
	if err := p.Err(); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, a.Address, fresh)
	if err != nil {
		return err
	}
	return s.write(ctx, a, market.UserReset, market.Object{Kind: "user", ID: *link.UserID}, func(w *act) error {
		link, err := w.useLink(ctx, link.Purpose, secret)
		if err != nil {
			return err
		}
		u, err := w.LockUser(ctx, *link.UserID)
		if err != nil {
			return err
		}
		if err := w.setPassword(ctx, u.ID, hash, false, 0); err != nil {
			return err
		}
		if err := w.RevokeTokens(ctx, u.ID, w.at); err != nil {
			return err
		}
		if err := w.ForgetLoginTry(ctx, loginKey(u.Email)); err != nil {
			return err
		}
		if err := w.ConfirmEmail(ctx, u.ID, link.Email, w.at); err != nil {
			return err
		}
		return w.sendMail(ctx, market.Letter{Kind: market.LetterPassword, To: u.Email, Name: u.Name, Note: "的密码已重设，已有的登录已退出，接口令牌已停用", At: w.at, Path: "/reset"})
	})
}

// SetInitialPassword gives an account a password that its owner must change after signing in, ends its sign-ins and lifts
// its lock. For the command line and administrators.
func (s *Service) SetInitialPassword(ctx context.Context, a market.Actor, userID int64, password string) error {
	if err := s.requireAdmin(ctx, a, market.UserPassword, userID); err != nil {
		return err
	}
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return err
	}
	var p market.Problems
	checkPassword(&p, "password", password, user.Email)
	if err := p.Err(); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, a.Address, password)
	if err != nil {
		return err
	}
	return s.write(ctx, a, market.UserPassword, market.Object{Kind: "user", ID: userID}, func(w *act) error {
		w.detail = "initial"
		if err := w.setPassword(ctx, userID, hash, true, 0); err != nil {
			return err
		}
		if err := w.ForgetLoginTry(ctx, loginKey(user.Email)); err != nil {
			return err
		}
		return w.sendMail(ctx, market.Letter{Kind: market.LetterPassword, To: user.Email, Name: user.Name, Note: "的密码已由管理员重设，首次登录时请改成自己的", At: w.at, Path: "/login"})
	})
}

// requireAdmin refuses, and notes the attempt, unless the actor is the command line or holds the duty 系统管理 and does not
// act on their own account.
func (s *Service) requireAdmin(ctx context.Context, a market.Actor, action market.Action, userID int64) error {
	if a.Via == market.ViaCLI && !a.SignedIn() {
		return nil
	}
	object := market.Object{Kind: "user", ID: userID}
	if err := s.requireDuty(ctx, a, market.Admin, action, object); err != nil {
		return err
	}
	if userID == a.UserID {
		s.Refused(ctx, a, action, object)
		return market.Errorf(market.Denied, "自己的账号请在“账户”里办理")
	}
	return nil
}
