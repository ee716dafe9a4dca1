package service

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// Registration is the form of a new account.
type Registration struct {
	Email    string
	Name     string
	Phone    string
	Password string
	Agreed   bool

	Invitation string // secret of the invitation that led here, "" for none
}

// Register creates an account for a visitor, sends a mail to confirm its address, and returns its id. Who registers from
// an invitation with the address it was sent to has confirmed it by that. Errors name the form's fields.
func (s *Service) Register(ctx context.Context, a market.Actor, form Registration) (int64, error) {
	user, err := s.checkRegistration(ctx, a, form)
	if err != nil {
		return 0, err
	}
	var id int64
	err = s.write(ctx, a, market.UserRegister, market.Object{Kind: "user"}, func(w *act) error {
		user.CreatedAt = w.at
		if id, err = w.CreateUser(ctx, user, false); err != nil {
			return err
		}
		w.object.ID = id
		user.ID = id
		if err := w.agree(ctx, id); err != nil {
			return err
		}
		if invited, err := w.invitedAt(ctx, form.Invitation, user.Email); err != nil {
			return err
		} else if invited {
			return w.ConfirmEmail(ctx, id, user.Email, w.at)
		}
		return w.sendConfirmation(ctx, user)
	})
	return id, err
}

func (s *Service) checkRegistration(ctx context.Context, a market.Actor, form Registration) (store.User, error) {
	var p market.Problems
	u := store.User{Email: NormalizeEmail(form.Email), Name: form.Name, Phone: form.Phone}
	checkEmail(&p, u.Email)
	market.CheckPerson(&p, &u.Name, &u.Phone)
	checkPassword(&p, "password", form.Password, u.Email)
	if !form.Agreed {
		p.Add("agreed", "请先阅读并同意用户协议和个人信息保护说明")
	}
	if err := p.Err(); err != nil {
		return store.User{}, err
	}
	hash, err := s.passwords.hash(ctx, a.Address, form.Password)
	u.PasswordHash = hash
	return u, err
}

func checkEmail(p *market.Problems, email string) {
	if email == "" {
		p.Add("email", "请填写邮箱，例：name@example.com")
	} else if !market.ValidEmail(email) {
		p.Add("email", "邮箱的写法不对，例：name@example.com")
	}
}

// NormalizeEmail is the form in which addresses are stored and looked up.
func NormalizeEmail(s string) string {
	return strings.ToLower(strings.ReplaceAll(market.Normalize(s), " ", ""))
}

// EditProfile stores the actor's own name and phone. Errors name the form's fields.
func (s *Service) EditProfile(ctx context.Context, a market.Actor, name, phone string) error {
	if !a.SignedIn() {
		return market.Errorf(market.Unsigned, "请先登录")
	}
	var p market.Problems
	market.CheckPerson(&p, &name, &phone)
	if err := p.Err(); err != nil {
		return err
	}
	return s.write(ctx, a, market.UserEdit, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		return w.SetProfile(ctx, a.UserID, name, phone)
	})
}

// NewUser is an account made by the command line or the demonstration data.
type NewUser struct {
	Email, Name, Phone, Password string
	Duties                       []market.Duty
	OrgID                        int64 // 0: none
	Role                         market.Role
	Initial                      bool // the person must choose a password of their own
	Demo                         bool
}

// CreateUser makes an account without the registration form; its address counts as confirmed. For the command line and the demonstration data.
func (s *Service) CreateUser(ctx context.Context, a market.Actor, n NewUser) (int64, error) {
	user, err := s.checkRegistration(ctx, a, Registration{Email: n.Email, Name: n.Name, Phone: n.Phone, Password: n.Password, Agreed: true})
	if err != nil {
		return 0, err
	}
	var id int64
	err = s.write(ctx, a, market.UserRegister, market.Object{Kind: "user"}, func(w *act) error {
		user.CreatedAt, user.EmailConfirmedAt, user.MustChange = w.at, &w.at, n.Initial
		if id, err = w.CreateUser(ctx, user, n.Demo); err != nil {
			return err
		}
		w.object.ID = id
		for _, d := range n.Duties {
			if d.Name() == "" {
				return market.Errorf(market.Invalid, "没有“%s”这个岗位", string(d))
			}
			if err := w.AddDuty(ctx, id, d); err != nil {
				return err
			}
		}
		if n.OrgID == 0 {
			return nil
		}
		return w.AddMember(ctx, n.OrgID, id, n.Role, w.at)
	})
	return id, err
}

// AddDuty gives a person a bureau duty and ends their sign-ins. For the command line. 系统管理 and 审计 are refused to one person.
func (s *Service) AddDuty(ctx context.Context, a market.Actor, userID int64, duty market.Duty) error {
	if duty.Name() == "" {
		return market.Errorf(market.Invalid, "没有“%s”这个岗位", string(duty))
	}
	return s.write(ctx, a, market.UserDuties, market.Object{Kind: "user", ID: userID}, func(w *act) error {
		w.detail = string(duty)
		if err := w.AddDuty(ctx, userID, duty); err != nil {
			return err
		}
		if err := w.moved(ctx, "duties", string(market.UserActive), string(market.UserActive), "+"+w.detail, ""); err != nil {
			return err
		}
		_, err := w.EndSignIns(ctx, userID, 0, w.at)
		return err
	})
}

// tokenPrefix lets a leaked token be recognised for what it is.
const tokenPrefix = "jakj_"

// maxTokens is how many living tokens a person may have.
const maxTokens = 20

// CreateToken makes a personal API token for the actor. The secret is returned once and only its hash is kept: the same
// form posted again is a Conflict. key is the form's one-time key. Errors name the form's fields.
func (s *Service) CreateToken(ctx context.Context, a market.Actor, name, key string) (string, error) {
	if !a.SignedIn() {
		return "", market.Errorf(market.Unsigned, "请先登录")
	}
	var p market.Problems
	market.CheckTokenName(&p, &name)
	if err := p.Err(); err != nil {
		return "", err
	}
	secret := tokenPrefix + rand.Text()
	err := s.write(ctx, a, market.TokenCreate, market.Object{Kind: "token"}, func(w *act) error {
		if _, fresh, err := w.Claim(ctx, a, key, w.at); err != nil {
			return err
		} else if !fresh {
			return market.Errorf(market.Conflict, "这个令牌已经建好，密钥只显示一次。没有记下时，请停用它再建一个")
		}
		living, err := w.Tokens(ctx, a.UserID)
		if err != nil {
			return err
		}
		if len(living) >= maxTokens {
			return market.Problems{{Field: "token_name", Message: "令牌最多 20 个，请先停用不再使用的"}}.Err()
		}
		if w.object.ID, err = w.CreateToken(ctx, a.UserID, secretHash(secret), name, w.at); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, w.object.ID)
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// RevokeToken ends one of the actor's own tokens at once.
func (s *Service) RevokeToken(ctx context.Context, a market.Actor, id int64) error {
	return s.write(ctx, a, market.TokenRevoke, market.Object{Kind: "token", ID: id}, func(w *act) error {
		return w.RevokeToken(ctx, a.UserID, id, w.at)
	})
}

// TokenHash is how an API token is kept.
func TokenHash(secret string) []byte { return secretHash(secret) }

// secretHash is how secrets of our own making are kept. They are random and long, so a plain hash serves.
func secretHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// ReadNotices marks the actor's notices up to that id as read. It is a reader's own bookkeeping and is not audited.
func (s *Service) ReadNotices(ctx context.Context, a market.Actor, upTo int64) error {
	return s.store.InTx(ctx, func(tx *store.Tx) error { return tx.ReadNotices(ctx, a, upTo, s.now()) })
}
