package service_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// house is a client and an agency, with a mandate from one to the other.
type house struct {
	*worldtest.World
	client, agency market.Actor // owners
	id             int64        // of the mandate
}

func newHouse(t *testing.T, scopes ...market.Scope) *house {
	t.Helper()
	w := worldtest.New(t, 2026, time.November, 2)
	h := &house{World: w, client: w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825"), agency: w.Org("吉安科桥技术转移有限公司", market.Agency, "360802")}
	id, err := h.grant(scopes...)
	if err != nil {
		t.Fatal(err)
	}
	h.id = id
	return h
}

// grant gives a mandate from the world's day for a month.
func (h *house) grant(scopes ...market.Scope) (int64, error) {
	return h.Service.GrantMandate(h.T.Context(), h.client, market.Mandate{AgencyOrg: h.agency.OrgID, Scopes: scopes, StartsOn: h.Now(), EndsOn: h.Now().AddDate(0, 1, 0),
		Document: h.authority(h.client)}, "")
}

// authority is an uploaded file with the signed authority for a mandate.
func (h *house) authority(by market.Actor) *string {
	h.T.Helper()
	f, err := h.Service.UploadFile(h.T.Context(), by, market.FileMandate, "授权书.pdf", []byte("%PDF-1.7\n%%EOF\n"))
	if err != nil {
		h.T.Fatal(err)
	}
	return &f.ID
}

// agent is somebody of the agency as they act for the client now.
func (h *house) agent(of market.Actor) (market.Actor, error) {
	a, err := h.Service.Actor(h.T.Context(), of.UserID, market.Acting{OrgID: h.client.OrgID, AgencyID: h.agency.OrgID})
	a.Via = market.ViaWeb
	return a, err
}

func TestGrantMandate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, market.ScopePost)
	today := market.DateOf(h.Now())
	good := market.Mandate{AgencyOrg: h.agency.OrgID, Scopes: []market.Scope{market.ScopePost}, StartsOn: today, EndsOn: today, Document: h.authority(h.client)}
	for _, bad := range []struct {
		field, message string
		change         func(*market.Mandate)
	}{
		{"agency", "请选择一家机构", func(m *market.Mandate) { m.AgencyOrg = 0 }},
		{"agency", "不能委托本单位自己", func(m *market.Mandate) { m.AgencyOrg = h.client.OrgID }},
		{"agency", "只能委托已核验的技术转移机构", func(m *market.Mandate) {
			m.AgencyOrg = h.Org("吉水文峰电路有限公司", market.Enterprise, "360822").OrgID
		}},
		{"agency", "只能委托已核验的技术转移机构", func(m *market.Mandate) {
			m.AgencyOrg = h.Applicant("吉安赣源技术经纪有限公司", market.Agency, "360803").OrgID
		}},
		{"agency", "只能委托已核验的技术转移机构", func(m *market.Mandate) { m.AgencyOrg = 999_999 }},
		{"mandate", "请上传盖章的授权书", func(m *market.Mandate) { m.Document = nil }},
		{"mandate", "没有传到", func(m *market.Mandate) { m.Document = new("x") }},
		{"mandate", "没有传到", func(m *market.Mandate) { m.Document = h.authority(h.agency) }},
		{"mandate", "已经用过", func(m *market.Mandate) {
			m.AgencyOrg = h.Org("吉安赣源技术经纪有限公司", market.Agency, "360803").OrgID
			if err := h.Store.DB().QueryRow(`SELECT document_file FROM mandates WHERE id = $1`, h.id).Scan(&m.Document); err != nil {
				t.Fatal(err)
			}
		}},
		{"scopes", "至少选择一项", func(m *market.Mandate) { m.Scopes = nil }},
		{"scopes", "至少选择一项", func(m *market.Mandate) { m.Scopes = []market.Scope{"members"} }},
		{"starts_on", "请填写开始日期", func(m *market.Mandate) { m.StartsOn = time.Time{} }},
		{"starts_on", "不能早于今天", func(m *market.Mandate) { m.StartsOn = today.AddDate(0, 0, -1) }},
		{"ends_on", "请填写结束日期", func(m *market.Mandate) { m.EndsOn = time.Time{} }},
		{"ends_on", "不能早于开始日期", func(m *market.Mandate) { m.StartsOn = today.AddDate(0, 0, 1) }},
		{"ends_on", "最长 3 年", func(m *market.Mandate) { m.EndsOn = today.AddDate(3, 0, 1) }},
	} {
		m := good
		bad.change(&m)
		_, err := h.Service.GrantMandate(t.Context(), h.client, m, "")
		wantField(t, err, bad.field, bad.message)
	}
	if _, err := h.Service.GrantMandate(t.Context(), h.client, good, ""); !market.IsKind(err, market.Conflict) {
		t.Errorf("a second mandate to the same agency: %v", err)
	}
	for name, a := range map[string]market.Actor{"an editor": h.Member(h.client, "编辑", market.Editor), "somebody of a waiting organisation": h.Applicant("遂川茶业有限公司", market.Enterprise, "360827")} {
		if _, err := h.Service.GrantMandate(t.Context(), a, good, ""); !market.IsKind(err, market.Denied) {
			t.Errorf("%s grants: %v", name, err)
		}
	}
	agent, err := h.agent(h.agency)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Service.GrantMandate(t.Context(), agent, good, ""); !market.IsKind(err, market.Denied) {
		t.Errorf("the agency grants in the client's name: %v", err)
	}
}

func TestOneFormOneMandate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, market.ScopePost)
	other := h.Org("吉安赣源技术经纪有限公司", market.Agency, "360803")
	m := market.Mandate{AgencyOrg: other.OrgID, Scopes: []market.Scope{market.ScopePost}, StartsOn: h.Now(), EndsOn: h.Now(), Document: h.authority(h.client)}
	ids := make([]int64, 4)
	errs := repeated(4, func(i int) (err error) {
		ids[i], err = h.Service.GrantMandate(t.Context(), h.client, m, "one-form")
		return err
	})
	if n := succeeded(t, errs, market.Conflict); n != 4 || ids[0] != ids[3] {
		t.Errorf("one form posted four times: %v, %v", ids, errs)
	}
}

// TestMandateStopsAtOnce ends a mandate in every way there is, and wants the agency's people out at their next request.
func TestMandateStopsAtOnce(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*house, market.Actor) error{
		"revoked": func(h *house, _ market.Actor) error {
			return h.Service.RevokeMandate(h.T.Context(), h.client, h.id, "改由自己办")
		},
		"declined": func(h *house, _ market.Actor) error {
			return h.Service.DeclineMandate(h.T.Context(), h.agency, h.id, "")
		},
		"over": func(h *house, _ market.Actor) error {
			h.SetDay(2026, time.December, 3)
			return nil
		},
		"the client suspended": func(h *house, _ market.Actor) error { return h.suspend(h.client.OrgID) },
		"the agency suspended": func(h *house, _ market.Actor) error { return h.suspend(h.agency.OrgID) },
		"the person removed":   func(h *house, p market.Actor) error { return h.Service.RemoveMember(h.T.Context(), h.agency, p.UserID) },
		"the person a viewer": func(h *house, p market.Actor) error {
			return h.Service.SetRole(h.T.Context(), h.agency, p.UserID, market.Viewer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, market.Scopes...)
			person := h.Member(h.agency, "黄启明", market.Editor)
			a, err := h.agent(person)
			if err != nil || a.OrgID != h.client.OrgID || a.Role != market.Editor || a.On() != "由吉安科桥技术转移代永丰白石岭钙业" {
				t.Fatalf("before: %+v, %v", a, err)
			}
			if err := stop(h, person); err != nil {
				t.Fatal(err)
			}
			if _, err := h.agent(person); !market.IsKind(err, market.NotFound) {
				t.Errorf("afterwards the person still acts for the client: %v", err)
			}
			choices, err := h.Store.Choices(t.Context(), person.UserID, h.Now())
			if err != nil || slices.ContainsFunc(choices, func(c store.Choice) bool { return c.OrgID == h.client.OrgID }) {
				t.Errorf("and may choose among %+v, %v", choices, err)
			}
		})
	}
}

func (h *house) suspend(org int64) error {
	return h.Service.SuspendOrg(h.T.Context(), h.Person("审核员", market.Reviewer), org, h.Version("orgs", org), "核查中")
}

func TestMandateDates(t *testing.T) {
	t.Parallel()
	h := newHouse(t, market.ScopePost)
	if err := h.Service.RevokeMandate(t.Context(), h.client, h.id, ""); err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return time.Date(2026, time.November, n, 0, 0, 0, 0, market.Shanghai) }
	id, err := h.Service.GrantMandate(t.Context(), h.client, market.Mandate{AgencyOrg: h.agency.OrgID, Scopes: []market.Scope{market.ScopePost}, StartsOn: day(5), EndsOn: day(9), Document: h.authority(h.client)}, "")
	if err != nil {
		t.Fatal(err)
	}
	for n := 2; n <= 12; n++ {
		h.SetDay(2026, time.November, n)
		_, err := h.agent(h.agency)
		if acts := err == nil; acts != (n >= 5 && n <= 9) {
			t.Errorf("on day %d the agency acts: %t, %v", n, acts, err)
		}
		if err := h.Service.EndMandates(t.Context()); err != nil {
			t.Fatal(err)
		}
		m, err := h.Store.Mandate(t.Context(), h.client, id)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]market.MandateState{true: market.MandateActive, false: market.MandateEnded}[n <= 9]; m.State != want {
			t.Errorf("on day %d the mandate is %s", n, m.State)
		}
	}
	if n := h.Audits(market.MandateExpire, id, "done"); n != 1 {
		t.Errorf("its end is noted %d times", n)
	}
	if err := h.Service.RevokeMandate(t.Context(), h.client, id, ""); !market.IsKind(err, market.Conflict) {
		t.Errorf("an ended mandate is revoked: %v", err)
	}
}

func TestMandatesAreSeenByBothSides(t *testing.T) {
	t.Parallel()
	h := newHouse(t, market.Scopes...)
	agent, err := h.agent(h.agency)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		a    market.Actor
		sees bool
	}{
		"the client": {h.client, true}, "its viewer": {h.Member(h.client, "查看", market.Viewer), true}, "the agency": {h.agency, true},
		"an auditor": {h.Person("审计", market.Auditor), true}, "a reviewer": {h.Person("审核", market.Reviewer), false},
		"another": {h.Org("吉水文峰电路有限公司", market.Enterprise, "360822"), false}, "the agency in the client's name": {agent, false}, "a visitor": {market.Actor{}, false},
	} {
		m, err := h.Store.Mandate(t.Context(), h.client, h.id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Store.File(t.Context(), c.a, *m.Document); (err == nil) != c.sees {
			t.Errorf("%s reads the authority: %v", name, err)
		}
		_, err = h.Store.Mandate(t.Context(), c.a, h.id)
		if sees := err == nil; sees != c.sees {
			t.Errorf("%s sees the mandate: %t, %v", name, sees, err)
		}
	}
	if err := h.Service.RevokeMandate(t.Context(), h.agency, h.id, ""); !market.IsKind(err, market.NotFound) {
		t.Errorf("the agency revokes: %v", err)
	}
	if err := h.Service.DeclineMandate(t.Context(), h.client, h.id, ""); !market.IsKind(err, market.NotFound) {
		t.Errorf("the client declines: %v", err)
	}
	errs := repeated(2, func(i int) error {
		if i == 0 {
			return h.Service.RevokeMandate(t.Context(), h.client, h.id, "")
		}
		return h.Service.DeclineMandate(t.Context(), h.agency, h.id, "")
	})
	if n := succeeded(t, errs, market.Conflict); n != 1 {
		t.Errorf("%d of two ends at once succeed", n)
	}
}

// TestAgencyActsWithinItsScope lets agencies with one scope each do what belongs to every scope.
func TestAgencyActsWithinItsScope(t *testing.T) {
	t.Parallel()
	for _, scope := range market.Scopes {
		t.Run(string(scope), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, scope)
			need := h.Need(h.client)
			result := h.Result(h.Org("庐陵学院", market.University, "360802"))
			a, err := h.agent(h.agency)
			if err != nil {
				t.Fatal(err)
			}
			for _, try := range []struct {
				scope market.Scope
				what  string
				do    func(context.Context) error
			}{
				{market.ScopePost, "post", func(ctx context.Context) error {
					_, err := h.Service.CreateNeed(ctx, a, market.Need{Listing: market.Listing{Title: "石灰窑尾气余热用于湿法碳酸钙干燥"}, Budget: market.Price{Kind: market.PriceOpen}}, "")
					return err
				}},
				{market.ScopePost, "withdraw", func(ctx context.Context) error { return h.Service.WithdrawListing(ctx, a, market.KindNeed, need) }},
				{market.ScopeNegotiate, "open an inquiry", func(ctx context.Context) error {
					_, err := h.Service.OpenInquiry(ctx, a, result, 0, "想了解助剂用量和取样条件，能否先寄样品", "")
					return err
				}},
				{market.ScopeContract, "draft", func(ctx context.Context) error {
					_, err := h.Service.CreateContract(ctx, a, h.Contract(1_260_000), "")
					return err
				}},
			} {
				err := try.do(t.Context())
				if try.scope == scope && err != nil {
					t.Errorf("%s within the scope: %v", try.what, err)
				}
				if try.scope != scope && !market.IsKind(err, market.Denied) {
					t.Errorf("%s outside the scope: %v", try.what, err)
				}
			}
			if _, _, err := h.Store.Inquiries(t.Context(), a, store.InquiryWaiting, storePage); err != nil {
				t.Fatal(err)
			}
			for name, own := range map[string]error{
				"edits the organisation":  h.Service.EditOrg(t.Context(), a, storedOrg(t, h.World, h.client.OrgID)),
				"adds a member":           h.Service.InviteMember(t.Context(), a, h.Email(h.agency), market.Owner, ""),
				"removes a member":        h.Service.RemoveMember(t.Context(), a, h.client.UserID),
				"leaves":                  h.Service.RemoveMember(t.Context(), a, a.UserID),
				"takes the owner's place": h.Service.SetRole(t.Context(), a, a.UserID, market.Owner),
				"revokes the mandate":     h.Service.RevokeMandate(t.Context(), a, h.id, ""),
			} {
				if !market.IsKind(own, market.Denied) {
					t.Errorf("the agency %s: %v", name, own)
				}
			}
			if members, err := h.Store.Members(t.Context(), a); err != nil || len(members) != 0 {
				t.Errorf("the agency reads the members %+v, %v", members, err)
			}
		})
	}
}

// TestEveryActIsStamped follows a client's affairs from the need to the contract, all done by its agency.
func TestEveryActIsStamped(t *testing.T) {
	t.Parallel()
	h := newHouse(t, market.Scopes...)
	const stamp = "由吉安科桥技术转移代永丰白石岭钙业"
	person := h.Member(h.agency, "黄启明", market.Editor)
	a, err := h.agent(person)
	if err != nil {
		t.Fatal(err)
	}
	need := h.Need(a)
	seller := h.Org("庐陵学院", market.University, "360802")
	inquiry, err := h.Service.OpenInquiry(t.Context(), seller, need, 0, "做过相近的工作，想了解进料粒度和取样条件", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Service.AnswerInquiry(t.Context(), a, inquiry, market.Reply{Code: "interested", Body: "可以取样"}); err != nil {
		t.Fatal(err)
	}
	contract, err := h.Service.CreateContract(t.Context(), a, h.Contract(1_260_000), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range []market.Object{{Kind: "need", ID: need}, {Kind: "inquiry", ID: inquiry}, {Kind: "contract", ID: contract}} {
		moves, err := h.Store.Moves(t.Context(), object)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range moves {
			if m.OrgID == nil || *m.OrgID != h.client.OrgID {
				if m.On() != "" {
					t.Errorf("%s of the %s is stamped %s", m.Move, object.Kind, m.On())
				}
				continue
			}
			if m.On() != stamp || m.UserName != "黄启明" {
				t.Errorf("%s of the %s is by %s, %s", m.Move, object.Kind, m.UserName, m.On())
			}
		}
	}
	messages, err := h.Store.InquiryMessages(t.Context(), seller, inquiry)
	if err != nil || len(messages) != 2 || messages[0].On != "" || messages[1].On != stamp {
		t.Errorf("the other party reads %+v, %v", messages, err)
	}
	var audited, unstamped int
	err = h.Store.DB().QueryRow(`SELECT count(*), count(*) FILTER (WHERE agency_id IS NULL) FROM audit_entries WHERE user_id = $1 AND org_id = $2`,
		person.UserID, h.client.OrgID).Scan(&audited, &unstamped)
	if err != nil || audited < 4 || unstamped != 0 {
		t.Errorf("%d audit entries, %d of them without the agency, %v", audited, unstamped, err)
	}
	notices, _, err := h.Store.Notices(t.Context(), h.client, storePage)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, n := range notices {
		if strings.HasPrefix(n.Title, "吉安科桥技术转移代本单位") {
			told = append(told, strings.TrimPrefix(n.Title[:strings.Index(n.Title, "：")], "吉安科桥技术转移代本单位"))
		}
	}
	if want := []string{"起草了合同", "答复了对接", "提交了需求"}; !slices.Equal(told, want) {
		t.Errorf("the client is told %q, want %q", told, want)
	}
	record, err := h.Store.AgencyRecord(t.Context(), h.agency.OrgID, h.Now())
	if err != nil || record.Mandates != 1 || record.Deals != 0 {
		t.Errorf("the agency's record is %+v, %v", record, err)
	}
	people := func() int {
		people, err := h.Store.AgencyPeople(t.Context(), h.agency.OrgID)
		if err != nil {
			t.Fatal(err)
		}
		return len(people)
	}
	if n := people(); n != 0 {
		t.Errorf("%d people of the agency are shown who have not agreed", n)
	}
	agree := func(a market.Actor) {
		if err := h.Service.EditProfile(t.Context(), a, a.UserName, "13879600021"); err != nil {
			t.Fatal(err)
		}
		if err := h.Service.Choose(t.Context(), a, market.Choices{Recommend: true, Alerts: true, Contact: true}); err != nil {
			t.Fatal(err)
		}
	}
	agree(h.agency)
	agree(h.client)
	agree(h.Member(h.agency, "看看", market.Viewer))
	if n := people(); n != 1 {
		t.Errorf("%d people of the agency are shown, want its owner", n)
	}
}
