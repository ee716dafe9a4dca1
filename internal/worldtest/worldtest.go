// Package worldtest gives a test a small market of its own: a database, a service whose clock the test sets, and people,
// organisations, deals and contracts to act on.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
package worldtest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// Password is the password of every person made by World.Person.
const Password = "correct horse battery"

// World is a market of one test.
type World struct {
	T       testing.TB
	Store   *store.Store
	Service *service.Service
	Ref     *market.Reference
	DSN     string // of its database

	mu     sync.Mutex
	now    time.Time
	serial int
}

// New makes an empty market whose clock stands at ten in the morning of that day.
func New(t testing.TB, year int, month time.Month, day int) *World {
	t.Helper()
	w := &World{T: t, now: time.Date(year, month, day, 10, 0, 0, 0, market.Shanghai)}
	var err error
	w.DSN = dbtest.New(t)
	if w.Store, err = store.Open(t.Context(), w.DSN, 8); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.check(w.Store.Close()) })
	w.Ref, err = w.Store.Reference(t.Context())
	w.check(err)
	w.Service, err = service.New(w.Store, w.Ref, w.Now, slog.New(slog.DiscardHandler))
	w.check(err)
	w.Service.HashCheaply()
	return w
}

func (w *World) check(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Now is the world's clock.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// SetDay moves the clock to ten in the morning of that day.
func (w *World) SetDay(year int, month time.Month, day int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = time.Date(year, month, day, 10, 0, 0, 0, market.Shanghai)
}

// Advance moves the clock on.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// next is a number that no other thing of this world has.
func (w *World) next() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serial++
	return w.serial
}

// Email is the address of a person made by World.Person.
func (w *World) Email(a market.Actor) string {
	w.T.Helper()
	var email string
	w.check(w.Store.DB().QueryRowContext(w.T.Context(), `SELECT email FROM users WHERE id = $1`, a.UserID).Scan(&email))
	return email
}

// Person makes a person with an account whose address is confirmed, no organisation and these duties.
func (w *World) Person(name string, duties ...market.Duty) market.Actor {
	w.T.Helper()
	id, err := w.Service.Register(w.T.Context(), market.Actor{Via: market.ViaWeb}, service.Registration{
		Email: fmt.Sprintf("user%d@example.com", w.next()), Name: name, Password: Password, Agreed: true})
	w.check(err)
	w.tx(func(ctx context.Context, tx *store.Tx) error {
		user, err := tx.User(ctx, id)
		if err != nil {
			return err
		}
		if err := tx.ConfirmEmail(ctx, id, user.Email, w.Now()); err != nil {
			return err
		}
		for _, d := range duties {
			if err := tx.AddDuty(ctx, id, d); err != nil {
				return err
			}
		}
		return nil
	})
	return w.Again(market.Actor{UserID: id})
}

// Officer makes a person with duties for one county.
func (w *World) Officer(name, county string, duties ...market.Duty) market.Actor {
	w.T.Helper()
	p := w.Person(name, duties...)
	w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.SetCounty(ctx, p.UserID, county) })
	return w.Again(p)
}

// Again is the actor as it now stands in the database.
func (w *World) Again(a market.Actor) market.Actor {
	w.T.Helper()
	fresh, err := w.Store.Actor(w.T.Context(), a.UserID, a.OrgID)
	w.check(err)
	fresh.Via = market.ViaWeb
	return fresh
}

func (w *World) tx(fn func(context.Context, *store.Tx) error) {
	w.T.Helper()
	ctx := w.T.Context()
	w.check(w.Store.InTx(ctx, func(tx *store.Tx) error { return fn(ctx, tx) }))
}

// Version is the stored version of a row of orgs or listings, as the page of a reviewer who looks at it now carries it.
func (w *World) Version(table string, id int64) int {
	w.T.Helper()
	var n int
	w.check(w.Store.DB().QueryRowContext(w.T.Context(), `SELECT version FROM `+table+` WHERE id = $1`, id).Scan(&n))
	return n
}

// Applicant makes an organisation that waits for verification, and returns its owner.
func (w *World) Applicant(name string, kind market.OrgType, region string) market.Actor {
	w.T.Helper()
	owner := w.Person(name + "的管理员")
	party, prefix := "150", "91"
	if kind == market.University {
		party, prefix = "022", "12"
	}
	code, err := market.MakeUSCC(fmt.Sprintf("%s%sMA%07d", prefix, region, w.next()))
	w.check(err)
	_, err = w.Service.CreateOrg(w.T.Context(), owner, market.Org{Name: name, USCC: code, Type: kind, PartyType: &party, Region: region}, "")
	w.check(err)
	return w.Again(owner)
}

// Org makes a verified organisation and returns its owner.
func (w *World) Org(name string, kind market.OrgType, region string) market.Actor {
	w.T.Helper()
	owner := w.Applicant(name, kind, region)
	w.check(w.Service.VerifyOrg(w.T.Context(), w.Person("审核员", market.Reviewer), owner.OrgID, w.Version("orgs", owner.OrgID), market.SubjectOrg.AllYes()))
	return w.Again(owner)
}

// Member adds a person to the organisation that the actor acts for.
func (w *World) Member(of market.Actor, name string, role market.Role) market.Actor {
	w.T.Helper()
	p := w.Person(name)
	w.tx(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddMember(ctx, of.OrgID, p.UserID, role, w.Now())
	})
	return w.Again(p)
}

// Result publishes a result of the organisation and returns its id.
func (w *World) Result(owner market.Actor) int64 {
	w.T.Helper()
	id, err := w.Service.CreateResult(w.T.Context(), owner, market.Result{
		Listing: market.Listing{Title: "纳米碳酸钙连续碳化技术", Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"licence"}, SecrecyConfirmed: true},
		Summary: strings.Repeat("以微通道连续碳化制备纳米碳酸钙，", 3), Problem: "间歇碳化批次差异大、能耗高", Advantage: "粒径分布更窄，吨电耗低三成",
		Economics: "吨成本降低 60 元", Stage: "pilot", PriceMethod: "negotiated", Price: market.Price{Kind: market.PriceOpen},
		IPs: []market.IP{{Type: "secret", Title: "连续碳化工艺", Status: "granted"}}}, "")
	w.check(err)
	w.publish(owner, market.KindResult, id)
	return id
}

// Need publishes a need of the organisation and returns its id.
func (w *World) Need(owner market.Actor) int64 {
	w.T.Helper()
	deadline := w.Now().AddDate(0, 6, 0)
	id, err := w.Service.CreateNeed(w.T.Context(), owner, market.Need{
		Listing: market.Listing{Title: "重钙浆料研磨返粗与升温控制", Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"entrust"}, SecrecyConfirmed: true},
		Problem: strings.Repeat("研磨到 2 μm 以下时浆料升温返粗，", 3), Deadline: &deadline,
		Indicators: []market.Indicator{{Name: "粒径 D97", Now: "4.8", Target: "≤2.5", Unit: "μm", Method: "激光粒度仪"}},
		Budget:     market.Price{Kind: market.PriceOpen}}, "")
	w.check(err)
	w.publish(owner, market.KindNeed, id)
	return id
}

func (w *World) publish(owner market.Actor, kind market.Kind, id int64) {
	w.T.Helper()
	w.check(w.Service.SubmitListing(w.T.Context(), owner, kind, id))
	w.check(w.Service.PublishListing(w.T.Context(), w.Person("审核员", market.Reviewer), kind, id, w.Version("listings", id), market.Subject(kind).AllYes()))
}

// Draft is a whole challenge that was not saved yet, with weights of 60 and 40.
func (w *World) Draft() market.Challenge {
	deadline := market.ChallengeDeadline(w.Now().AddDate(0, 0, 20))
	return market.Challenge{Title: fmt.Sprintf("重钙浆料研磨返粗与升温控制（%d）", w.next()), Submarket: "materials", Fields: []string{"calcium"},
		Problem:    strings.Repeat("研磨到 2 μm 以下时浆料升温返粗，", 3),
		Indicators: []market.Indicator{{Name: "粒径 D97", Now: "4.8", Target: "≤2.5", Unit: "μm", Method: "激光粒度仪"}},
		Award:      decimal.NewNullDecimal(decimal.NewFromInt(1_000_000)), Payment: "签约付 30%，验收付 70%", ContractKind: "D1", Awards: 1, Deadline: &deadline,
		Criteria:         []market.Criterion{{Name: "技术路线", Detail: "可行、先进", Weight: 60}, {Name: "团队与保障", Weight: 40}},
		SecrecyConfirmed: true, ContactName: "王工", ContactPhone: "13800000000"}
}

// Challenge saves a whole challenge of the organisation as a draft and returns its id.
func (w *World) Challenge(poster market.Actor) int64 {
	w.T.Helper()
	id, err := w.Service.CreateChallenge(w.T.Context(), poster, w.Draft(), "", false)
	w.check(err)
	return id
}

// Proposal is a whole first proposal for a challenge made by World.Draft, with a marker in its words.
func (w *World) Proposal(challenge int64, marker string) market.Proposal {
	return market.Proposal{ChallengeID: challenge, Answers: []string{"两段研磨，" + marker, "五人团队，" + marker}, Team: marker + "等五人", Plan: "小试、中试、量产，" + marker,
		Period: "签约后 10 个月", Price: decimal.NewNullDecimal(decimal.NewFromInt(900_000))}
}

// Deal makes a deal between two organisations about these listings, nil for none, and returns its id.
func (w *World) Deal(seller, buyer market.Actor, needID, resultID *int64, price int64) int64 {
	w.T.Helper()
	var id int64
	w.tx(func(ctx context.Context, tx *store.Tx) (err error) {
		id, err = tx.CreateDeal(ctx, market.Deal{Number: fmt.Sprintf("CJ-%d-%04d", w.Service.Today().Year(), w.next()), NeedID: needID, ResultID: resultID,
			TradeMode: "inquiry", SellerOrg: seller.OrgID, BuyerOrg: buyer.OrgID, State: market.DealAgreed, Title: "纳米碳酸钙连续碳化技术许可", Kind: "L2",
			Indicators: "粒径 D97 ≤ 2.5 μm", Period: "生效起 10 个月", Price: decimal.NewFromInt(price), Payment: "签约付 30%，验收付 70%",
			Acceptance: "72 小时连续运行取样合格", AgreedAt: w.Now()})
		return err
	})
	return id
}

// Contract is a contract outside any deal, ready to be created by a seller and submitted: the total in yuan, nothing to
// deduct, signed on the world's day.
func (w *World) Contract(total int64) market.Contract {
	today := market.DateOf(w.Now())
	return market.Contract{
		Title: fmt.Sprintf("碳酸钙表面改性技术开发（%d）", w.next()), Kind: "D1", Submarket: "materials", TechField: "materials", IPType: "none", PlanSource: "none",
		EconomicGoal: "industry",
		Seller:       market.Party{Type: "022", Region: "360802", Industry: "83", LegalRep: "梁述平", Address: "吉安市青原区学苑路 28 号", Contact: "孔令仪", Phone: "0796-8224217"},
		Buyer: market.Party{Name: "江西市场外有限公司", USCC: "91350100M000100Y43", Type: "150", Region: "360100", Scale: "medium", Industry: "26", LegalRep: "宋文彬",
			Address: "南昌市高新大道 9 号", Contact: "曾庆年", Phone: "0791-8816035"},
		TotalAmount: decimal.NewFromInt(total), PaymentMode: "lump", SignedOn: today, StartsOn: today, EndsOn: today.AddDate(2, 0, 0),
	}
}

// Number is a 合同登记编号 of that year that no other contract of this world has.
func (w *World) Number() string {
	return fmt.Sprintf("%d360800%06d", w.Service.Today().Year(), w.next())
}

// Audits counts the audit entries of an action on an object with that outcome.
func (w *World) Audits(action market.Action, objectID int64, outcome string) int {
	w.T.Helper()
	var n int
	err := w.Store.DB().QueryRowContext(w.T.Context(), `SELECT count(*) FROM audit_entries WHERE action = $1 AND object_id = $2 AND outcome = $3`,
		action, objectID, outcome).Scan(&n)
	w.check(err)
	return n
}

// Clear answers every open signal of a contract on the desk, as a registrar who found nothing wrong.
func (w *World) Clear(registrar market.Actor, contract int64) {
	w.T.Helper()
	w.check(ClearSignals(w.T.Context(), w.Store, w.Service, registrar, contract))
}

// ClearSignals is Clear without a world.
func ClearSignals(ctx context.Context, st *store.Store, svc *service.Service, registrar market.Actor, contract int64) error {
	check, err := st.SignalCheck(ctx, registrar, svc.Today(), contract)
	if err != nil {
		return err
	}
	for _, s := range check.Signals {
		if !s.Open() {
			continue
		}
		if err := svc.AnswerSignal(ctx, registrar, contract, market.SignalAnswer{Kind: s.Kind, Key: s.Key, Finding: market.SignalClear, Note: "看过合同文本"}); err != nil {
			return err
		}
	}
	return nil
}
