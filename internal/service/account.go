package service

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// adminAct carries out an act of an administrator on somebody else's account, with its reason in the account's history.
// Such acts are done one after the other and the actor's own duty is read again: of two administrators who act at once,
// the second finds what the first has done.
func (s *Service) adminAct(ctx context.Context, a market.Actor, action market.Action, userID int64, fn func(*act, store.User) error) error {
	if err := s.requireAdmin(ctx, a, action, userID); err != nil {
		return err
	}
	return s.write(ctx, a, action, market.Object{Kind: "user", ID: userID}, func(w *act) error {
		if err := w.stillAdmin(ctx); err != nil {
			return err
		}
		u, err := w.User(ctx, userID)
		if err != nil {
			return err
		}
		if u.State == string(market.UserClosed) {
			return errClosed
		}
		return fn(w, u)
	})
}

// stillAdmin keeps everybody's duties as they are and refuses who is no administrator any more.
func (w *act) stillAdmin(ctx context.Context) error {
	if err := w.LockDuties(ctx); err != nil || !w.actor.SignedIn() {
		return err
	}
	held, err := w.Duties(ctx, w.actor.UserID)
	if err == nil && !slices.Contains(held, market.Admin) {
		err = market.Errorf(market.Denied, "您已不担任系统管理，没有办理。请刷新后再看")
	}
	return err
}

// keepAdmin refuses what would leave the market without an active administrator.
func (w *act) keepAdmin(ctx context.Context) error {
	n, err := w.CountAdmins(ctx)
	if err == nil && n == 0 {
		err = market.Errorf(market.Conflict, "至少要有一位能登录的系统管理员。请先让另一位同事担任，再办理")
	}
	return err
}

// changed adds to the account's history and tells its owner by notice and mail. what goes on after 您的账号：.
func (w *act) changed(ctx context.Context, u store.User, move, to, code, reason, what string) error {
	if err := w.moved(ctx, move, u.State, to, code, reason); err != nil {
		return err
	}
	if reason != "" {
		what += "。原因：" + reason
	}
	if err := w.NotifyUser(ctx, u.ID, "您的账号有变动："+what, "/account/security", w.at); err != nil {
		return err
	}
	return w.sendMail(ctx, market.Letter{Kind: market.LetterAccount, To: u.Email, Name: u.Name, By: w.by(), Note: what, At: w.at, Path: "/account/security"})
}

// by names who acts, in a letter.
func (w *act) by() string { return "系统管理员" + w.actor.UserName }

// StaffForm is the form of a new account of the bureau's staff.
type StaffForm struct {
	Email, Name string
	Duties      []market.Duty
	County      string
}

// CreateStaff makes an account with duties and sends its owner a link to set the password: nobody else ever knows it. For
// administrators. key is the form's one-time key. Errors name the form's fields.
func (s *Service) CreateStaff(ctx context.Context, a market.Actor, form StaffForm, key string) (id int64, err error) {
	if err := s.requireAdmin(ctx, a, market.UserCreate, 0); err != nil {
		return 0, err
	}
	p := market.CheckDuties(s.ref, form.Duties, form.County)
	if len(form.Duties) == 0 {
		p = append(market.Problems{{Field: "duties", Message: "请至少选择一个岗位"}}, slices.DeleteFunc(p, func(e market.FieldError) bool { return e.Field == "duties" })...)
	}
	u := store.User{Email: NormalizeEmail(form.Email), Name: form.Name, MustChange: true}
	checkEmail(&p, u.Email)
	market.CheckPerson(&p, &u.Name, &u.Phone)
	if err := p.Err(); err != nil {
		return 0, err
	}
	if u.PasswordHash, err = s.passwords.hash(ctx, a.Address, rand.Text()); err != nil {
		return 0, err
	}
	err = s.write(ctx, a, market.UserCreate, market.Object{Kind: "user"}, func(w *act) error {
		old, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = old, old
			return err
		}
		if err := w.stillAdmin(ctx); err != nil {
			return err
		}
		u.CreatedAt = w.at
		if id, err = w.CreateUser(ctx, u, false); market.IsKind(err, market.Invalid) {
			return market.Problems{{Field: "email", Message: "这个邮箱已经有账号。请在账号列表里找到它，直接调整岗位"}}.Err()
		} else if err != nil {
			return err
		}
		u.ID, u.State, w.object.ID = id, string(market.UserActive), id
		if err := w.SetDuties(ctx, id, form.Duties, form.County); err != nil {
			return err
		}
		w.detail = dutyCode(nil, form.Duties, "", form.County)
		if err := w.moved(ctx, "create", "", u.State, w.detail, ""); err != nil {
			return err
		}
		if err := w.sendStart(ctx, u, form.Duties, form.County); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, id)
	})
	return id, err
}

// sendStart sends the link with which the owner of a new account sets its first password.
func (w *act) sendStart(ctx context.Context, u store.User, duties []market.Duty, county string) error {
	return w.sendLink(ctx, market.Link{Purpose: market.LinkStart, UserID: &u.ID, Email: u.Email},
		market.Letter{Kind: market.LetterStart, Name: u.Name, By: w.by(), Role: w.service.dutyWords(duties, county)})
}

// SendStart sends the link of a new account again. For administrators. An account whose owner has signed in already is a
// Conflict; more than five a day are RateLimited.
func (s *Service) SendStart(ctx context.Context, a market.Actor, userID int64) error {
	return s.adminAct(ctx, a, market.UserStart, userID, func(w *act, u store.User) error {
		if !u.MustChange || u.State != string(market.UserActive) {
			return market.Errorf(market.Conflict, "这个账号已经设置过密码。忘记密码的，请本人在登录页点“忘记密码”")
		}
		if err := w.tooManyLinks(ctx, market.LinkStart, u.ID); err != nil {
			return err
		}
		account, err := w.Account(ctx, a, u.ID)
		if err != nil {
			return err
		}
		return w.sendStart(ctx, u, account.Duties(), account.County)
	})
}

// dutyWords names duties and their place: 审核、登记（永丰县）.
func (s *Service) dutyWords(duties []market.Duty, county string) string {
	names := make([]string, len(duties))
	for i, d := range duties {
		names[i] = d.Name()
	}
	words := cmp.Or(strings.Join(names, "、"), "没有岗位")
	if county != "" {
		words += "（" + s.ref.Regions.Name(county) + "）"
	}
	return words
}

// dutyCode is a change of duties in the words of histories: +reviewer -registrar @360825.
func dutyCode(old, fresh []market.Duty, oldCounty, county string) string {
	var parts []string
	for _, d := range market.Duties {
		switch had, has := slices.Contains(old, d), slices.Contains(fresh, d); {
		case has && !had:
			parts = append(parts, "+"+string(d))
		case had && !has:
			parts = append(parts, "-"+string(d))
		}
	}
	if county != oldCounty {
		parts = append(parts, "@"+cmp.Or(county, market.City))
	}
	return strings.Join(parts, " ")
}

// SetDuties gives somebody exactly these duties, for a county or, when it is "", the city, and ends their sign-ins. One
// administrator must stay. For administrators, never on themselves. Errors name the fields duties, county and note.
func (s *Service) SetDuties(ctx context.Context, a market.Actor, userID int64, duties []market.Duty, county, reason string) error {
	p := market.CheckDuties(s.ref, duties, county)
	if err := checkNote(&reason, "请写明原因，本人会看到"); err != nil {
		p = append(p, market.AsError(err).Fields...)
	}
	if err := p.Err(); err != nil {
		return cmp.Or(s.requireAdmin(ctx, a, market.UserDuties, userID), err)
	}
	return s.adminAct(ctx, a, market.UserDuties, userID, func(w *act, u store.User) error {
		held, err := w.Account(ctx, a, userID)
		if err != nil {
			return err
		}
		if w.detail = dutyCode(held.Duties(), duties, held.County, county); w.detail == "" {
			return market.Errorf(market.Conflict, "岗位没有改动，不用保存")
		}
		if err := w.Tx.SetDuties(ctx, userID, duties, county); err != nil {
			return err
		}
		if err := w.keepAdmin(ctx); err != nil {
			return err
		}
		if _, err := w.EndSignIns(ctx, userID, 0, w.at); err != nil {
			return err
		}
		return w.changed(ctx, u, "duties", u.State, w.detail, reason, "岗位现在是"+s.dutyWords(duties, county))
	})
}

// LockUser keeps somebody out until they are unlocked: sign-ins end and tokens do not open anything. One administrator must
// stay. For administrators, never on themselves. Errors name the field note.
func (s *Service) LockUser(ctx context.Context, a market.Actor, userID int64, reason string) error {
	if err := checkNote(&reason, "请写明原因，本人会看到"); err != nil {
		return cmp.Or(s.requireAdmin(ctx, a, market.UserLock, userID), err)
	}
	return s.adminAct(ctx, a, market.UserLock, userID, func(w *act, u store.User) error {
		w.detail = "admin"
		if u.State == string(market.UserLocked) {
			return market.Errorf(market.Conflict, "账号已经停用")
		}
		if err := w.SetUserState(ctx, userID, market.UserActive, market.UserLocked); err != nil {
			return err
		}
		if err := w.keepAdmin(ctx); err != nil {
			return err
		}
		if _, err := w.EndSignIns(ctx, userID, 0, w.at); err != nil {
			return err
		}
		return w.changed(ctx, u, "lock", string(market.UserLocked), "", reason, "已停用，现在不能登录")
	})
}

// UnlockUser lets somebody in again, also who is kept out for a while after failed tries. For administrators.
func (s *Service) UnlockUser(ctx context.Context, a market.Actor, userID int64) error {
	return s.adminAct(ctx, a, market.UserUnlock, userID, func(w *act, u store.User) error {
		until, err := w.LoginLock(ctx, loginKey(u.Email))
		if err != nil {
			return err
		}
		locked := u.State == string(market.UserLocked)
		if !locked && (until == nil || !until.After(w.at)) {
			return market.Errorf(market.Conflict, "账号没有停用")
		}
		if locked {
			if err := w.SetUserState(ctx, userID, market.UserLocked, market.UserActive); err != nil {
				return err
			}
		}
		if err := w.ForgetLoginTry(ctx, loginKey(u.Email)); err != nil {
			return err
		}
		return w.changed(ctx, u, "unlock", string(market.UserActive), "", "", "已恢复，可以登录")
	})
}

// LoginLocked reports whether an address is kept out for a while after failed tries.
func (s *Service) LoginLocked(ctx context.Context, email string) (bool, error) {
	until, err := s.store.LoginLock(ctx, loginKey(email))
	return until != nil && until.After(s.now()), err
}

// SignOutUser ends all sign-ins of somebody and returns how many there were. For administrators.
func (s *Service) SignOutUser(ctx context.Context, a market.Actor, userID int64) (n int, err error) {
	err = s.adminAct(ctx, a, market.UserSignOut, userID, func(w *act, u store.User) error {
		if n, err = w.EndSignIns(ctx, userID, 0, w.at); err != nil {
			return err
		}
		w.detail = fmt.Sprintf("%d sign-ins", n)
		return w.changed(ctx, u, "sign_out", u.State, "", "", "全部登录已退出")
	})
	return n, err
}

// CloseUser closes somebody's account for good, as CloseAccount does, and takes their duties away. One administrator must
// stay. For administrators, never on themselves. Errors name the field note.
func (s *Service) CloseUser(ctx context.Context, a market.Actor, userID int64, reason string) error {
	if err := checkNote(&reason, "请写明原因，会留在账号的经过里"); err != nil {
		return cmp.Or(s.requireAdmin(ctx, a, market.UserClose, userID), err)
	}
	return s.adminAct(ctx, a, market.UserClose, userID, func(w *act, u store.User) error {
		if err := w.Tx.SetDuties(ctx, userID, nil, ""); err != nil {
			return err
		}
		if err := w.closeAccount(ctx, userID); err != nil {
			return err
		}
		if err := w.keepAdmin(ctx); err != nil {
			return err
		}
		return w.moved(ctx, "close", u.State, string(market.UserClosed), "", reason)
	})
}
