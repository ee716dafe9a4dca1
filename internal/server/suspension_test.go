package server

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/worker"
	"techmarket/search"
)

// halting is a market in which one organisation is suspended and resumed while others look on. Its listings and those of
// another are called by words that stand nowhere else.
type halting struct {
	*talk
	halted, partner, bystander market.Actor // owners
	reviewer                   market.Actor
	result                     int64 // of the other organisation
	index                      *worker.Follower
}

func newHalting(t *testing.T) *halting {
	t.Helper()
	var engine search.Engine
	h := &halting{talk: newTalk(t, false, func(o *Options) { engine = o.Search })}
	h.index = worker.NewFollower(h.Store, engine, slog.New(slog.DiscardHandler))
	h.halted, h.partner, h.bystander, h.reviewer = h.ownerOf(h.need), h.ownerOf(h.talk.result), h.newOrg(market.Enterprise, market.OrgVerified), h.newUser(market.Reviewer)
	h.result = h.talk.result
	h.exec(`UPDATE listings SET title = '旋流器磨损监测' WHERE id = $1`, h.need)
	h.exec(`INSERT INTO listing_changes (listing_id) SELECT id FROM listings`)
	h.exec(`INSERT INTO matches (need_id, result_id, score, strength, reasons, terms, computed_at) VALUES ($1, $2, 0.9, 'strong', '[]', '{}', now())`, h.need, h.result)
	h.exec(`INSERT INTO listing_gates (listing_id, detail) VALUES ($1, '分散剂的牌号和加量')`, h.need)
	h.catchUp()
	return h
}

func (h *halting) ownerOf(listing int64) market.Actor {
	h.t.Helper()
	var user int64
	if err := h.Store.DB().QueryRowContext(h.t.Context(), `SELECT m.user_id FROM listings l JOIN members m USING (org_id) WHERE l.id = $1`, listing).Scan(&user); err != nil {
		h.t.Fatal(err)
	}
	return h.actor(user)
}

func (h *halting) catchUp() {
	h.t.Helper()
	if err := h.index.CatchUp(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *halting) move(act func() error) {
	h.t.Helper()
	if err := act(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *halting) suspend() {
	h.t.Helper()
	h.move(func() error {
		return h.Service.SuspendOrg(h.t.Context(), h.reviewer, h.halted.OrgID, h.version("orgs", h.halted.OrgID), "核查中")
	})
}

func (h *halting) resume() {
	h.t.Helper()
	h.move(func() error {
		return h.Service.ResumeOrg(h.t.Context(), h.reviewer, h.halted.OrgID, h.version("orgs", h.halted.OrgID))
	})
}

// places are where the need of the organisation may be met. A page that is not found shows nothing.
func (h *halting) places() map[string]string {
	id := fmt.Sprint(h.need)
	return map[string]string{"home": "/", "list": "/needs", "search": "/search?q=" + url.QueryEscape("旋流器磨损"), "suggestions": "/search/suggest?q=" + url.QueryEscape("旋流器"),
		"page": "/needs/" + id, "organisation": orgPath(h.halted.OrgID), "api list": "/api/v1/needs", "api search": "/api/v1/search?q=" + url.QueryEscape("旋流器磨损"),
		"api page": "/api/v1/needs/" + id, "matches": "/work/matches", "api matches": "/api/v1/matches", "find": "/work/find?q=" + url.QueryEscape("旋流器")}
}

// visible lists, for every reader, where the need is met: its title in the page, or in the API's answer.
func (h *halting) visible(readers map[string]func(string) answer) []string {
	h.t.Helper()
	var out []string
	for reader, get := range readers {
		for place, path := range h.places() {
			got := get(path)
			if got.status >= 500 {
				h.t.Errorf("%s at %s: status %d", reader, place, got.status)
			}
			body := got.body
			if strings.HasPrefix(path, "/api/") && json.Valid([]byte(body)) {
				body = unescaped(h.t, body)
			}
			if got.status == http.StatusOK && strings.Contains(strings.NewReplacer("<mark>", "", "</mark>", "").Replace(body), "旋流器磨损监测") {
				out = append(out, reader+" "+place)
			}
		}
	}
	slices.Sort(out)
	return out
}

// unescaped is JSON with its text as people read it.
func unescaped(t testing.TB, body string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(value)
}

// readers are people by their browsers and, for the API, by a token.
func (h *halting) readers() map[string]func(string) answer {
	h.t.Helper()
	out := map[string]func(string) answer{}
	for name, a := range map[string]market.Actor{"visitor": {}, "halted": h.halted, "partner": h.partner, "bystander": h.bystander, "reviewer": h.reviewer} {
		web, token := h.as(a), ""
		if a.SignedIn() {
			var err error
			if token, err = h.Service.CreateToken(h.t.Context(), a, "核对", ""); err != nil {
				h.t.Fatal(err)
			}
		}
		out[name] = func(path string) answer {
			if !strings.HasPrefix(path, "/api/") {
				return web.get(path)
			}
			req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.http.URL+path, nil)
			if err != nil {
				h.t.Fatal(err)
			}
			if token != "" {
				req.Header.Set("Authorization", "Bearer "+token)
			}
			return h.visitor().do(req)
		}
	}
	return out
}

// TestSuspensionTakesListingsAwayAtOnce holds the exact set of who meets a listing where, before, under and after a
// suspension, the first time before the index has heard of it.
func TestSuspensionTakesListingsAwayAtOnce(t *testing.T) {
	t.Parallel()
	h := newHalting(t)
	readers := h.readers()
	public := h.visible(readers)
	for _, must := range []string{"visitor home", "visitor list", "visitor search", "visitor suggestions", "visitor page", "visitor organisation", "visitor api list",
		"visitor api search", "visitor api page", "partner matches", "partner api matches", "halted page", "reviewer find"} {
		if !slices.Contains(public, must) {
			t.Errorf("before: %s does not show it", must)
		}
	}
	h.suspend()
	// Its own people and reviewers still read it, to see and to settle what it is about; nobody else meets it, not even
	// while the index still finds it.
	want := []string{"halted api page", "halted find", "halted matches", "halted page", "reviewer api page", "reviewer find", "reviewer page"}
	stale := append(slices.Clone(want), "halted api search", "halted search", "reviewer api search", "reviewer search")
	slices.Sort(stale)
	if got := h.visible(readers); !slices.Equal(got, stale) {
		t.Errorf("under suspension, the index not yet told, it is met at\n%v, want\n%v", got, stale)
	}
	h.catchUp()
	if got := h.visible(readers); !slices.Equal(got, want) {
		t.Errorf("under suspension it is met at\n%v, want\n%v", got, want)
	}
	h.resume()
	h.catchUp()
	if got := h.visible(readers); !slices.Equal(got, public) {
		t.Errorf("after it it is met at\n%v, want\n%v", got, public)
	}
}

// TestSuspensionStopsActsAtOnce: from the next request on nobody acts for the organisation or with it, by browser or token.
func TestSuspensionStopsActsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHalting(t)
	token, err := h.Service.CreateToken(t.Context(), h.halted, "核对", "")
	if err != nil {
		t.Fatal(err)
	}
	agent := h.mandate(h.halted, h.newOrg(market.Agency, market.OrgVerified), market.Scopes...)
	halted, agency, partner := h.as(h.halted), h.as(agent), h.as(h.partner)
	agency.post("/acting", url.Values{"to": {actingText(agent.Acting())}})
	if got := agency.get("/work/needs"); !strings.Contains(got.body, "旋流器磨损监测") {
		t.Fatal("the agency does not act for the organisation")
	}
	h.suspend()
	need := fmt.Sprintf("/needs/%d", h.need)
	for name, got := range map[string]answer{
		"confirms":          halted.post(need+"/confirm", nil),
		"opens an inquiry":  halted.post("/inquiries", url.Values{"listing": {fmt.Sprint(h.result)}, "key": {formKey()}, "body": {"想了解固含量和黏度，可以取样吗"}}),
		"draws a contract":  halted.post("/contracts", contractValues("重钙超细研磨助剂体系技术开发")),
		"edits its details": halted.post("/org/edit", orgValues(testUSCC(t))),
		"asks for a change": halted.post("/org/changes", orgValues(testUSCC(t))),
		"is written to":     partner.post("/inquiries", url.Values{"listing": {fmt.Sprint(h.need)}, "key": {formKey()}, "body": {"想了解固含量和黏度，可以取样吗"}}),
		"is asked for more": partner.post("/disclosures", url.Values{"listing": {fmt.Sprint(h.need)}, "key": {formKey()}, "purpose": {"评估研磨工艺能否达到指标"}}),
	} {
		if got.status != http.StatusForbidden && got.status != http.StatusNotFound && got.status != http.StatusConflict {
			t.Errorf("%s: status %d", name, got.status)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.http.URL+"/api/v1"+need+"/confirm", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if got := h.visitor().do(req); got.status != http.StatusForbidden {
		t.Errorf("by token: status %d", got.status)
	}
	if got := agency.get("/work/needs"); strings.Contains(got.body, "旋流器磨损监测") {
		t.Error("the agency goes on acting for it")
	}
	for table, want := range map[string]int{"inquiries": 0, "disclosures": 0, "contracts": 0, "org_changes": 0} {
		if n := h.rows(table); n != want {
			t.Errorf("%d rows in %s", n, table)
		}
	}
}

// TestSuspensionTellsWhereTalksStand: the other party is told, without being told who or why, and both read it on the page.
func TestSuspensionTellsWhereTalksStand(t *testing.T) {
	t.Parallel()
	h := newHalting(t)
	path := h.open()
	h.exec(`UPDATE listings SET hide_org = true WHERE id = $1`, h.need)
	halted, partner, reviewer := h.as(h.halted), h.as(h.partner), h.as(h.reviewer)
	if got := partner.get(path); strings.Contains(text(got.page(t)), "停在这里") {
		t.Fatal("the talks stand still before the suspension")
	}
	h.suspend()
	told := partner.get("/notices")
	if !strings.Contains(told.body, "对方单位目前不能办理") || strings.Contains(told.body, h.halted.OrgName) || strings.Contains(told.body, "核查中") {
		t.Errorf("the other party is told %s", text(told.page(t)))
	}
	if got := h.as(h.bystander).get("/notices"); strings.Contains(got.body, "目前不能办理") {
		t.Error("who does not talk with it is told")
	}
	page := partner.get(path)
	wantText(t, page, "对方单位目前不能办理，对接停在这里", "结束这次对接")
	if strings.Contains(page.body, "暂停") || strings.Contains(page.body, h.halted.OrgName) || strings.Contains(page.body, "还剩 5 个工作日") {
		t.Error("the other party reads why, of whom, or a clock that stands still")
	}
	own := halted.get(path)
	wantText(t, own, "本单位已被暂停，对接停在这里")
	if doc := own.page(t); doc.Find(fmt.Sprintf(`form[action="%s/answer"]`, path)).Length() != 0 || doc.Find(fmt.Sprintf(`form[action="%s/decline"]`, path)).Length() != 1 {
		t.Error("the suspended side is offered what it may not do, or not the way out")
	}
	wantText(t, reviewer.get(path), "有一方单位已被暂停")
	h.resume()
	if got := partner.get("/notices"); !strings.Contains(got.body, "对接可以继续") {
		t.Error("the other party is not told that it goes on")
	}
	wantText(t, halted.get("/notices"), "本单位已恢复")
	wantText(t, halted.get(path), "轮到您答复", "还剩 5 个工作日")
}
