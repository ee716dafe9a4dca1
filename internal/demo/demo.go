// Package demo fills an empty market with demonstration data: invented organisations, needs, results, inquiries and
// contracts. Every organisation is marked, so that pages show 演示 beside it. The same day and the same program give
// the same data.
package demo

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/alexedwards/argon2id"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// ErrNotEmpty says that the market already has organisations: demonstration data is never mixed with real data.
var ErrNotEmpty = errors.New("the market is not empty: demonstration data goes only into an empty one")

// Password is the password of every demonstration account.
const Password = "yanshi-2026-jian"

// Second is the secret of the second factor of every demonstration account of the staff. It guards nothing: it is printed,
// like the password, so that signing in goes the same way as with real accounts.
const Second = "YANSHIJIANKEJIDASHICHANG22MARKET"

// Account is a demonstration account, as printed at the start.
type Account struct {
	Email, Role, Name string
}

// Accounts lists one account for each role.
var Accounts = []Account{
	{"enterprise@example.com", "企业", "永丰白石岭钙业有限公司"},
	{"university@example.com", "高校院所", "发布成果、批量导入"},
	{"agency@example.com", "技术转移机构", agency},
	{brokerEmail, "技术经纪人", "科桥的编辑，代永丰白石岭钙业办理"},
	{"reviewer@example.com", "审核", "单位、需求、成果"},
	{countyEmail, "审核（县区）", "只办永丰县的单位、需求、成果"},
	{"registrar@example.com", "登记", "初审、录编号"},
	{"registrar2@example.com", "登记（复审）", "500 万元以上的第二人"},
	{"statistician@example.com", "统计", "成交额、目标"},
	{"auditor@example.com", "审计", "只读"},
	{"admin@example.com", "系统管理", "账号与设置"},
}

// The reviewer of one county.
const (
	countyEmail = "county@example.com"
	county      = "360825" // 永丰县
)

var staffDuties = map[string]market.Duty{
	"reviewer@example.com": market.Reviewer, countyEmail: market.Reviewer, "registrar@example.com": market.Registrar, "registrar2@example.com": market.Registrar,
	"statistician@example.com": market.Statistician, "auditor@example.com": market.Auditor, "admin@example.com": market.Admin,
}

var staffNames = map[string]string{
	"reviewer@example.com": "胡志远", countyEmail: "郭永春", "registrar@example.com": "刘文静", "registrar2@example.com": "曾宪平",
	"statistician@example.com": "彭晓岚", "auditor@example.com": "邹国梁", "admin@example.com": "康立新",
}

// loader holds what one load needs throughout.
type loader struct {
	tx    *store.Tx
	ref   *market.Reference
	rnd   *rand.Rand
	now   time.Time
	today time.Time
	hash  string           // of the one password
	staff map[string]int64 // by e-mail
	orgs  []org
	byOrg map[string]int // index in orgs by name

	verified int          // so many of orgs are verified
	deals    []agreedDeal // for the contracts that follow
}

// Load fills the market in one transaction and queues the matching of what it published.
func Load(ctx context.Context, st *store.Store, svc *service.Service, now time.Time) error {
	orgTexts, needs, results, err := readTexts()
	if err != nil {
		return err
	}
	var published []int64
	var counter, seller, registrar market.Actor
	err = st.InTx(ctx, func(tx *store.Tx) error {
		empty, err := tx.LockEmpty(ctx)
		if err != nil {
			return err
		}
		if !empty {
			return ErrNotEmpty
		}
		l := &loader{tx: tx, ref: svc.Reference(), rnd: rand.New(rand.NewPCG(3608, 2026)), now: now, today: market.DateOf(now),
			staff: map[string]int64{}, byOrg: map[string]int{}}
		if err := l.loadPeople(ctx, orgTexts); err != nil {
			return err
		}
		if err := l.loadMandates(ctx); err != nil {
			return err
		}
		listed, err := l.loadListings(ctx, needs, results)
		if err != nil {
			return err
		}
		for _, x := range listed {
			if x.state == market.Published {
				published = append(published, x.id)
			}
		}
		if err := l.loadFiles(ctx, listed); err != nil {
			return err
		}
		if err := l.loadExperts(ctx, results); err != nil {
			return err
		}
		if err := l.loadInquiries(ctx, listed); err != nil {
			return err
		}
		if err := l.loadContracts(ctx, listed); err != nil {
			return err
		}
		if err := l.loadReconciliation(ctx); err != nil {
			return err
		}
		if err := l.loadChallenges(ctx); err != nil {
			return err
		}
		if err := l.loadRewards(ctx); err != nil {
			return err
		}
		if err := l.loadLexicon(ctx); err != nil {
			return err
		}
		registrar = market.Actor{UserID: l.staff["registrar@example.com"], Duties: []market.Duty{market.Registrar}, Via: market.ViaCLI}
		seller = l.university()
		counter = market.Actor{UserID: l.staff["statistician@example.com"], Duties: []market.Duty{market.Statistician}, Via: market.ViaCLI}
		return l.loadSearches(ctx)
	})
	if err != nil {
		return err
	}
	if err := amendContracts(ctx, st, svc, seller, registrar); err != nil {
		return err
	}
	if err := objectToContracts(ctx, st, svc, seller, registrar); err != nil {
		return err
	}
	if err := closeMonths(ctx, st, svc, counter, now); err != nil {
		return err
	}
	return svc.FinishDemo(ctx, published)
}

// hashPassword makes the one hash that all demonstration accounts share: hashing eighty times would take seconds.
func hashPassword() (string, error) {
	return argon2id.CreateHash(Password, &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32})
}

// pick returns one of the list.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// workHour is a moment in office hours of that many days ago, never in the future.
func (l *loader) workHour(daysAgo int) time.Time {
	at := l.today.AddDate(0, 0, -daysAgo).Add(8*time.Hour + 30*time.Minute + time.Duration(l.rnd.IntN(9*60))*time.Minute)
	if at.After(l.now) {
		return l.now.Add(-time.Duration(1+l.rnd.IntN(50)) * time.Minute)
	}
	return at
}
