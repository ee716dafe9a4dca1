package service

import (
	"context"
	"strings"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// maxLinksADay is how many mails with a link of one purpose a person may ask for in a day.
const maxLinksADay = 5

// sendConfirmation sends the mail that asks to confirm the address of an account.
func (w *act) sendConfirmation(ctx context.Context, u store.User) error {
	return w.sendLink(ctx, market.Link{Purpose: market.LinkConfirm, UserID: &u.ID, Email: u.Email}, market.Letter{Kind: market.LetterConfirm, Name: u.Name})
}

// tooManyLinks is a RateLimited error when the user has asked for as many mails of that purpose today as there may be.
func (w *act) tooManyLinks(ctx context.Context, purpose market.LinkPurpose, userID int64) error {
	n, err := w.CountLinks(ctx, purpose, userID, w.at.Add(-24*time.Hour))
	if err == nil && n >= maxLinksADay {
		return market.Errorf(market.RateLimited, "24 小时内最多发 %d 封。请先看看垃圾邮件箱，明天再试", maxLinksADay)
	}
	return err
}

// ResendConfirmation sends the actor's confirmation mail again and returns where to. The links sent before end. An address
// that is confirmed already is a Conflict; more than five mails a day are RateLimited.
func (s *Service) ResendConfirmation(ctx context.Context, a market.Actor) (email string, err error) {
	if !a.SignedIn() {
		return "", market.Errorf(market.Unsigned, "请先登录")
	}
	err = s.write(ctx, a, market.UserConfirmAsk, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		u, err := w.LockUser(ctx, a.UserID)
		if err != nil {
			return err
		}
		if u.EmailConfirmedAt != nil {
			return market.Errorf(market.Conflict, "邮箱已经确认过，不用再确认")
		}
		if err := w.tooManyLinks(ctx, market.LinkConfirm, u.ID); err != nil {
			return err
		}
		email = u.Email
		return w.sendConfirmation(ctx, u)
	})
	return email, err
}

// ConfirmEmail confirms the address that a link was sent to. Anybody who has the secret may, signed in or not. A link that
// is not good any more is market.ErrLink.
func (s *Service) ConfirmEmail(ctx context.Context, a market.Actor, secret string) error {
	return s.write(ctx, a, market.UserConfirm, market.Object{Kind: "user"}, func(w *act) error {
		link, err := w.useLink(ctx, market.LinkConfirm, secret)
		if err != nil {
			return err
		}
		w.object.ID = *link.UserID
		return w.ConfirmEmail(ctx, *link.UserID, link.Email, w.at)
	})
}

// AskAddress sends a mail to another address, whose link moves the actor's account there. The actor must know the account's
// password. Errors name the form's fields.
func (s *Service) AskAddress(ctx context.Context, a market.Actor, email, password string) error {
	if !a.SignedIn() {
		return market.Errorf(market.Unsigned, "请先登录")
	}
	user, err := s.store.User(ctx, a.UserID)
	if err != nil {
		return err
	}
	var p market.Problems
	email = NormalizeEmail(email)
	checkEmail(&p, email)
	if email == user.Email {
		p.Add("email", "新邮箱和现在的相同")
	}
	if err := s.checkOwnPassword(ctx, a, &p, "email_password", password, user.PasswordHash); err != nil {
		return err
	}
	if err := p.Err(); err != nil {
		return err
	}
	return s.write(ctx, a, market.UserAddressAsk, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		u, err := w.LockUser(ctx, a.UserID)
		if err != nil {
			return err
		}
		if _, err := w.UserByEmail(ctx, email); err == nil {
			return market.Problems{{Field: "email", Message: "这个邮箱已被另一个账号使用"}}.Err()
		} else if !market.IsKind(err, market.NotFound) {
			return err
		}
		if err := w.tooManyLinks(ctx, market.LinkAddress, u.ID); err != nil {
			return err
		}
		return w.sendLink(ctx, market.Link{Purpose: market.LinkAddress, UserID: &u.ID, Email: email}, market.Letter{Kind: market.LetterAddress, Name: u.Name})
	})
}

// MoveAddress moves an account to the address that a link was sent to, confirms it, and tells the old one. A link that is
// not good any more is market.ErrLink; an address taken meanwhile is a Conflict.
func (s *Service) MoveAddress(ctx context.Context, a market.Actor, secret string) error {
	return s.write(ctx, a, market.UserAddress, market.Object{Kind: "user"}, func(w *act) error {
		link, err := w.useLink(ctx, market.LinkAddress, secret)
		if err != nil {
			return err
		}
		w.object.ID = *link.UserID
		old, err := w.LockUser(ctx, *link.UserID)
		if err != nil {
			return err
		}
		if err := w.SetEmail(ctx, old.ID, link.Email, w.at); err != nil {
			return err
		}
		for _, purpose := range []market.LinkPurpose{market.LinkConfirm, market.LinkReset} { // sent to the old address
			if err := w.EndLinks(ctx, purpose, &old.ID, nil, w.at); err != nil {
				return err
			}
		}
		return w.sendMail(ctx, market.Letter{Kind: market.LetterMoved, To: old.Email, Name: old.Name, Note: maskEmail(link.Email), At: w.at, Path: "/"})
	})
}

// maskEmail shows enough of an address for its owner to know it: w***@example.com.
func maskEmail(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	return string([]rune(local)[:1]) + "***@" + domain
}
