package service_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// pairing is a market in which matches are set by hand: a firm's needs on one side, an institute's results on the other.
type pairing struct {
	*worldtest.World
	t               *testing.T
	firm, institute market.Actor // owners
	need            int64
	found           []store.Match // what fits the need now
}

func newPairing(t *testing.T) *pairing {
	t.Helper()
	w := worldtest.New(t, 2026, time.November, 24) // a Tuesday
	p := &pairing{World: w, t: t, firm: w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825"), institute: w.Org("青原江右材料研究院", market.Institute, "360803")}
	p.need = w.Need(p.firm)
	return p
}

// fits has a result fit the need so well from now on, and computes anew.
func (p *pairing) fits(result int64, strength string) {
	p.t.Helper()
	p.found = slices.DeleteFunc(p.found, func(m store.Match) bool { return m.ResultID == result })
	score := map[string]float64{"strong": 0.8, "good": 0.6, "fair": 0.4}[strength]
	p.found = append(p.found, store.Match{NeedID: p.need, ResultID: result, Score: score, Strength: strength, Terms: []string{"碳酸钙"},
		Reasons: []store.MatchReason{{OK: true, Code: "terms", Text: "都涉及碳酸钙"}, {Code: "price", Text: "价格高于预算"}}})
	p.compute(p.found...)
}

func (p *pairing) compute(found ...store.Match) {
	p.t.Helper()
	must(p.t, p.Service.SetMatches(p.t.Context(), market.Document{ID: p.need, Kind: market.KindNeed}, found))
}

// tell does what the job does every minute, twice, some minutes later.
func (p *pairing) tell(after time.Duration) {
	p.t.Helper()
	p.Advance(after)
	for range 2 {
		_, err := p.Service.Tell(p.t.Context(), 100)
		must(p.t, err)
	}
}

// notes are the notices of a person about matches, the oldest first.
func (p *pairing) notes(a market.Actor) []string {
	p.t.Helper()
	list, _, err := p.Store.Notices(p.t.Context(), a, store.PageSlice(1, store.MaxPage))
	must(p.t, err)
	var out []string
	for _, n := range slices.Backward(list) {
		if strings.HasPrefix(n.Title, "有新的匹配") {
			out = append(out, n.Title+" "+n.Path)
		}
	}
	return out
}

// letters are the letters of alerts to a person, the oldest first.
func (p *pairing) letters(a market.Actor) []market.Letter {
	p.t.Helper()
	rows, err := p.Store.DB().Query(`SELECT args FROM river_job WHERE kind = 'send_mail' AND args->>'kind' = 'alert' AND args->>'to' = $1 ORDER BY id`, p.Email(a))
	must(p.t, err)
	var out []market.Letter
	for rows.Next() {
		var raw []byte
		var l market.Letter
		must(p.t, rows.Scan(&raw))
		must(p.t, json.Unmarshal(raw, &l))
		out = append(out, l)
	}
	must(p.t, rows.Err())
	return out
}

// told wants a person to have been told so many times, by notice and by mail, the last time in words with says.
func (p *pairing) told(what string, a market.Actor, n int, says string) {
	p.t.Helper()
	notes := p.notes(a)
	if len(notes) != n || n > 0 && !strings.Contains(notes[n-1], says) {
		p.t.Errorf("%s: told %d times, want %d, the last with %q: %q", what, len(notes), n, says, notes)
	}
	if letters := p.letters(a); len(letters) != n {
		p.t.Errorf("%s: %d letters, want %d", what, len(letters), n)
	}
}

func (p *pairing) waiting(a market.Actor) int {
	p.t.Helper()
	var n int
	must(p.t, p.Store.DB().QueryRow(`SELECT count(*) FROM match_alerts WHERE user_id = $1`, a.UserID).Scan(&n))
	return n
}

func (p *pairing) withdraw(result int64) {
	p.t.Helper()
	must(p.t, p.Service.WithdrawListing(p.t.Context(), p.institute, market.KindResult, result))
}

func (p *pairing) publish(result int64) {
	p.t.Helper()
	must(p.t, p.Service.SubmitListing(p.t.Context(), p.institute, market.KindResult, result))
	must(p.t, p.Service.PublishListing(p.t.Context(), p.Person("审核员", market.Reviewer), market.KindResult, result, p.Version("listings", result), market.SubjectResult.AllYes()))
}

// TestMatchesAreToldOnce follows pairs through computations: strong ones are told minutes later in one message, good ones on
// Monday, fair ones never, and none twice, whatever becomes of it.
func TestMatchesAreToldOnce(t *testing.T) {
	t.Parallel()
	p := newPairing(t)
	editor, viewer := p.Member(p.firm, "编辑", market.Editor), p.Member(p.firm, "查看", market.Viewer)
	first, second, good, fair := p.Result(p.institute), p.Result(p.institute), p.Result(p.institute), p.Result(p.institute)
	p.fits(first, "strong")
	p.fits(fair, "fair")
	p.tell(time.Minute)
	p.told("while more may come", p.firm, 0, "")
	p.fits(second, "strong")
	p.fits(good, "good")
	p.tell(market.GatherMatches)
	for _, a := range []market.Actor{p.firm, editor} {
		p.told("two strong ones", a, 1, fmt.Sprintf("给需求“重钙浆料研磨返粗与升温控制”找到 2 项匹配强 /work/matches?listing=%d", p.need))
	}
	p.told("a viewer", viewer, 0, "")
	p.told("the other side", p.institute, 1, "给本单位公开的内容找到 2 项匹配强 /work/matches")
	letter := p.letters(p.firm)[0]
	text := letter.Sections[0].Items[0].Text
	if len(letter.Sections) != 1 || len(letter.Sections[0].Items) != 3 || !strings.Contains(text, "合适：都涉及碳酸钙\n要留意：价格高于预算") || strings.Contains(text, "0.8") {
		t.Errorf("the letter says %+v", letter)
	}
	if n := p.Audits(market.MatchTell, p.firm.UserID, "done"); n != 1 {
		t.Errorf("%d entries in the audit, want one", n)
	}

	p.compute(p.found...)
	p.compute()
	p.compute(p.found...)
	p.withdraw(first)
	p.publish(first)
	p.compute(p.found...)
	p.tell(market.GatherMatches)
	p.told("computed anew, dropped, found again, published again", p.firm, 1, "")

	p.SetDay(2026, time.November, 29)
	p.tell(market.GatherMatches)
	p.told("on Sunday", p.firm, 1, "")
	p.SetDay(2026, time.November, 30)
	p.tell(0)
	p.told("on Monday", p.firm, 2, fmt.Sprintf("找到匹配较强的成果“纳米碳酸钙连续碳化技术” /results/%d", good))
	p.fits(good, "strong")
	p.tell(market.GatherMatches)
	p.told("what was good becomes strong", p.firm, 2, "")
	p.fits(fair, "strong")
	p.tell(market.GatherMatches)
	p.told("what was fair becomes strong", p.firm, 3, fmt.Sprintf("/results/%d", fair))
	last := p.Result(p.institute)
	p.fits(last, "good")
	p.fits(last, "strong")
	p.tell(market.GatherMatches)
	p.told("what waited for Monday becomes strong", p.firm, 4, fmt.Sprintf("/results/%d", last))
	if n := p.waiting(p.firm); n != 0 {
		t.Errorf("%d pairs wait still", n)
	}
}

// TestWhatIsNotTold marks, inquires, withdraws and suspends while pairs wait.
func TestWhatIsNotTold(t *testing.T) {
	t.Parallel()
	p := newPairing(t)
	ctx := t.Context()
	marked, unsuitable, asked, gone, plain := p.Result(p.institute), p.Result(p.institute), p.Result(p.institute), p.Result(p.institute), p.Result(p.institute)
	for _, result := range []int64{marked, unsuitable, asked, gone, plain} {
		p.fits(result, "strong")
	}
	matchOf := func(result int64) (id int64) {
		t.Helper()
		must(t, p.Store.DB().QueryRow(`SELECT id FROM matches WHERE need_id = $1 AND result_id = $2`, p.need, result).Scan(&id))
		return id
	}
	yes, no := true, false
	must(t, p.Service.MarkMatch(ctx, p.firm, matchOf(marked), &yes, ""))
	must(t, p.Service.MarkMatch(ctx, p.institute, matchOf(unsuitable), &no, ""))
	_, err := p.Service.OpenInquiry(ctx, p.firm, asked, p.need, strings.Repeat("想了解贵院的成果能否用于重钙研磨，", 3), "")
	must(t, err)
	p.withdraw(gone)
	p.tell(market.GatherMatches)
	p.told("the firm", p.firm, 1, fmt.Sprintf("/results/%d", plain))
	p.told("the institute, which has not marked one of them", p.institute, 1, "2 项匹配强")
	p.publish(gone)
	p.tell(0)
	p.told("what was withdrawn is public again", p.firm, 2, fmt.Sprintf("/results/%d", gone))

	last := p.Result(p.institute)
	p.fits(last, "strong")
	reviewer := p.Person("审核员", market.Reviewer)
	must(t, p.Service.SuspendOrg(ctx, reviewer, p.institute.OrgID, p.Version("orgs", p.institute.OrgID), "资料不实"))
	p.tell(market.GatherMatches)
	p.told("a suspended organisation's listing", p.firm, 2, "")
	p.told("its own people", p.institute, 2, "")
	must(t, p.Service.ResumeOrg(ctx, reviewer, p.institute.OrgID, p.Version("orgs", p.institute.OrgID)))
	p.tell(0)
	p.told("it goes on", p.firm, 3, fmt.Sprintf("/results/%d", last))
}

// TestMatchesAreNotToldTo the people who want none, cannot sign in or have not shown that the address is theirs.
func TestMatchesAreNotToldTo(t *testing.T) {
	t.Parallel()
	p := newPairing(t)
	ctx := t.Context()
	one := p.Result(p.institute)
	locked, pending, off, quiet := p.Member(p.firm, "停用", market.Editor), p.Member(p.firm, "未确认", market.Editor), p.Member(p.firm, "关闭推荐", market.Editor), p.Member(p.firm, "关闭提醒", market.Editor)
	if _, err := p.Store.DB().Exec(`UPDATE users SET email_confirmed_at = NULL WHERE id = $1`, pending.UserID); err != nil {
		t.Fatal(err)
	}
	p.fits(one, "strong")
	must(t, p.Service.LockUser(ctx, p.Person("管理员", market.Admin), locked.UserID, "长期不用"))
	must(t, p.Service.Choose(ctx, off, market.Choices{Alerts: true}))
	must(t, p.Service.Choose(ctx, quiet, market.Choices{Recommend: true}))
	everybody := []market.Actor{locked, pending, off, quiet}
	wantNothing := func(what string) {
		t.Helper()
		p.tell(market.GatherMatches)
		for _, a := range everybody {
			p.told(what+", "+a.UserName, a, 0, "")
		}
	}
	wantNothing("found before it was closed")
	if n := p.waiting(off) + p.waiting(quiet); n != 0 {
		t.Errorf("%d pairs are remembered of those who want none", n)
	}
	p.told("who wants it", p.firm, 1, "")
	meanwhile := p.Result(p.institute)
	p.fits(meanwhile, "strong")
	everybody = everybody[1:]
	for _, a := range []market.Actor{off, quiet} {
		must(t, p.Service.Choose(ctx, a, market.Choices{Recommend: true, Alerts: true}))
	}
	p.compute(p.found...)
	wantNothing("found while it was closed")
	p.fits(p.Result(p.institute), "strong")
	p.tell(market.GatherMatches)
	p.told("found since", off, 1, "")
	p.told("found since", quiet, 1, "")
	p.told("still not confirmed", pending, 0, "")
	var consents int
	must(t, p.Store.DB().QueryRow(`SELECT count(*) FROM consents WHERE user_id = $1 AND kind = 'alerts'`, quiet.UserID).Scan(&consents))
	if consents != 2 {
		t.Errorf("%d consents are kept, want one taken back and one given", consents)
	}
}

// TestWeeklyLetterEndsMatches puts what a saved search and the matching found into one letter, whose link ends the matches
// alone without signing in.
func TestWeeklyLetterEndsMatches(t *testing.T) {
	t.Parallel()
	p := newPairing(t)
	ctx := t.Context()
	search, _, err := p.Service.SaveSearch(ctx, p.firm, market.Conditions{Kind: market.KindResult}, "成果", market.OftenWeekly, []int64{})
	must(t, err)
	p.Advance(time.Second)
	result := p.Result(p.institute)
	must(t, p.Service.NoteSearchHits(ctx, search, []int64{result}))
	p.fits(result, "good")
	p.SetDay(2026, time.November, 30)
	p.tell(0)
	p.told("both", p.firm, 1, "匹配较强")
	letter := p.letters(p.firm)[0]
	if len(letter.Sections) != 2 || letter.Sections[0].Title != "订阅" || letter.Sections[1].Title != "匹配" || !strings.HasPrefix(letter.Note, "订阅的搜索有新内容：") {
		t.Fatalf("the letter says %+v", letter)
	}
	_, secret, err := p.Service.ArmLink(ctx, letter.LinkID)
	must(t, err)
	if _, alerts, err := p.Service.Quieting(ctx, secret); err != nil || !alerts.Matches || len(alerts.Searches) != 1 {
		t.Fatalf("%+v, %v", alerts, err)
	}
	p.fits(p.Result(p.institute), "strong")
	guest := market.Actor{Via: market.ViaWeb, Address: "192.0.2.7"}
	_, err = p.Service.Quiet(ctx, guest, secret, nil, false)
	wantField(t, err, "ids", "至少勾选一项")
	if n, err := p.Service.Quiet(ctx, guest, secret, nil, true); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	_, err = p.Service.Quiet(ctx, guest, secret, nil, true)
	wantKind(t, err, market.NotFound)
	p.tell(market.GatherMatches)
	p.told("after the link", p.firm, 1, "")
	if n := p.waiting(p.firm); n != 0 {
		t.Errorf("%d pairs are remembered", n)
	}
	user, err := p.Store.User(ctx, p.firm.UserID)
	if err != nil || user.Alerts || !user.Recommend {
		t.Errorf("%+v, %v: the suggestions stay", user.Choices, err)
	}
	saved, err := p.Store.SavedSearches(ctx, p.firm)
	if err != nil || saved[0].Often != market.OftenWeekly {
		t.Errorf("%+v, %v", saved, err)
	}
}

// TestAgencyIsToldForItsClient tells an agency that may negotiate, says for whom, and ends with the mandate.
func TestAgencyIsToldForItsClient(t *testing.T) {
	t.Parallel()
	h := newHouse(t, market.ScopeNegotiate)
	p := &pairing{World: h.World, t: t, firm: h.client, institute: h.Org("青原江右材料研究院", market.Institute, "360803")}
	p.need = h.Need(h.client)
	p.fits(p.Result(p.institute), "strong")
	p.tell(market.GatherMatches)
	p.told("the client", h.client, 1, "有新的匹配：给")
	p.told("the agency", h.agency, 1, "有新的匹配（由吉安科桥技术转移代永丰白石岭钙业）：给")
	p.fits(p.Result(p.institute), "strong")
	must(t, h.Service.RevokeMandate(t.Context(), h.client, h.id, "自己办"))
	p.tell(market.GatherMatches)
	p.told("the client", h.client, 2, "")
	p.told("the mandate has ended", h.agency, 1, "")
	if n := p.waiting(h.agency); n != 0 {
		t.Errorf("%d pairs wait for the agency still", n)
	}
	if _, err := h.grant(market.ScopePost, market.ScopeContract); err != nil {
		t.Fatal(err)
	}
	p.fits(p.Result(p.institute), "strong")
	p.tell(market.GatherMatches)
	p.told("without the scope", h.agency, 1, "")
}

// TestWhatIsMatchedAnew counts the computations that each act asks for: those of the listings that it touches.
func TestWhatIsMatchedAnew(t *testing.T) {
	t.Parallel()
	p := newPairing(t)
	ctx := t.Context()
	result := p.Result(p.institute)
	jobs := func() (n int) {
		t.Helper()
		must(t, p.Store.DB().QueryRow(`SELECT coalesce(sum(jsonb_array_length(args->'ids')), 0) FROM river_job WHERE kind = 'match_listings'`).Scan(&n))
		return n
	}
	reviewer := p.Person("审核员", market.Reviewer)
	version := func() int { return p.Version("orgs", p.institute.OrgID) }
	before := jobs()
	for _, step := range []struct {
		what string
		do   func() error
		want int
	}{
		{"confirmed the same day", func() error { return p.Service.ConfirmListing(ctx, p.institute, market.KindResult, result) }, 0},
		{"confirmed when it was stale", func() error {
			p.Advance(market.StaleAfter + time.Hour)
			return p.Service.ConfirmListing(ctx, p.institute, market.KindResult, result)
		}, 1},
		{"its owner is suspended", func() error { return p.Service.SuspendOrg(ctx, reviewer, p.institute.OrgID, version(), "资料不实") }, 0},
		{"its owner goes on", func() error { return p.Service.ResumeOrg(ctx, reviewer, p.institute.OrgID, version()) }, 1},
		{"withdrawn", func() error { return p.Service.WithdrawListing(ctx, p.institute, market.KindResult, result) }, 0},
		{"published again", func() error { p.publish(result); return nil }, 1},
	} {
		must(t, step.do())
		if n := jobs() - before; n != step.want {
			t.Errorf("%s: %d listings are matched anew, want %d", step.what, n, step.want)
		}
		before = jobs()
	}
}
