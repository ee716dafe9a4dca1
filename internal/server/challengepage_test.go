package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"techmarket/internal/market"
)

// newContests is a market with two verified firms, of whom challenges are made.
func newContests(t *testing.T) *mxWorld {
	t.Helper()
	s := newTestServer(t)
	return &mxWorld{talk: &talk{testServer: s, t: t}, strange: s.newOrg(market.Enterprise, market.OrgVerified), stranger: s.newOrg(market.University, market.OrgVerified)}
}

// TestChallengeOfASuspendedFirm: it is public nowhere from the same moment on; who has handed in a proposal still reads it.
func TestChallengeOfASuspendedFirm(t *testing.T) {
	t.Parallel()
	w := newContests(t)
	id := w.challengeIn("open", w.strange.OrgID)
	w.proposalIn(id, w.stranger.OrgID)
	shown := func() map[string]bool {
		out := map[string]bool{}
		for _, path := range []string{"/", "/challenges", challengePath(id), "/api/v1/challenges", fmt.Sprintf("/api/v1/challenges/%d", id)} {
			got := w.visitor().get(path)
			out[path] = got.status == http.StatusOK && strings.Contains(got.body, "重钙浆料研磨返粗与升温控制")
		}
		return out
	}
	for path, is := range shown() {
		if !is {
			t.Errorf("%s does not show an open challenge", path)
		}
	}
	if err := w.Service.SuspendOrg(t.Context(), w.newUser(market.Reviewer), w.strange.OrgID, w.version("orgs", w.strange.OrgID), "核查中"); err != nil {
		t.Fatal(err)
	}
	for path, is := range shown() {
		if is {
			t.Errorf("%s shows a challenge of a suspended firm", path)
		}
	}
	proposer := w.as(w.stranger)
	if got := proposer.get(challengePath(id)); got.status != http.StatusOK || !strings.Contains(got.body, "已被暂停") {
		t.Errorf("the proposer reads its challenge with status %d", got.status)
	}
	if got := proposer.get(proposalPath(id)); got.status != http.StatusOK || !strings.Contains(got.body, "五人团队") {
		t.Errorf("the proposer reads its proposal with status %d", got.status)
	}
	if got := w.as(w.newOrg(market.Institute, market.OrgVerified)).get(proposalPath(id)); got.status != http.StatusNotFound {
		t.Errorf("another would propose: status %d", got.status)
	}
}

// TestChallengeWords: who asks is named to nobody, an official decision stands on the page for ever, and the workspace finds a
// challenge by its number.
func TestChallengeWords(t *testing.T) {
	t.Parallel()
	w := newContests(t)
	id := w.challengeIn("open", w.strange.OrgID)
	poster, asker, guest := w.as(w.strange), w.as(w.stranger), w.visitor()
	if got := asker.post(challengePath(id)+"/questions", url.Values{"question": {"进料水分大约多少"}, "key": {formKey()}}); got.status != http.StatusSeeOther {
		t.Fatalf("ask: status %d", got.status)
	}
	for name, c := range map[string]*client{"the poster": poster, "a visitor": guest, "a reviewer": w.as(w.newUser(market.Reviewer))} {
		got := c.get(challengePath(id))
		if !strings.Contains(got.body, "进料水分大约多少") || strings.Contains(got.body, w.stranger.OrgName) {
			t.Errorf("%s does not read the question, or reads who asked", name)
		}
	}
	number := w.text(`SELECT number FROM challenges WHERE id = $1`, id)
	if got := poster.get("/work/find?q=" + number); !strings.Contains(got.body, challengePath(id)) {
		t.Error("the poster does not find its challenge by its number")
	}
	if got := asker.get("/work/find?q=" + number); strings.Contains(got.body, challengePath(id)) {
		t.Error("others find it in their workspace")
	}
	if got := poster.get("/work"); !strings.Contains(got.body, "答复榜单提问") {
		t.Error("the open question is no task of the poster's")
	}
	if got := w.as(w.newUser(market.Reviewer)).post(challengePath(id)+"/cancel", url.Values{"note": {"发榜单位破产"}}); got.status != http.StatusSeeOther {
		t.Fatalf("cancel: status %d", got.status)
	}
	if got := guest.get(challengePath(id)); !strings.Contains(got.body, "主管部门决定终止这项榜单") || !strings.Contains(got.body, "发榜单位破产") {
		t.Error("the reason of the official decision is not on the page")
	}
	if got := guest.get("/challenges?state=over"); !strings.Contains(got.body, number) {
		t.Error("the list of those that are over does not name it")
	}
}

// TestChallengeFromANeed: the form begins with the need's words, unless the need hides whose it is.
func TestChallengeFromANeed(t *testing.T) {
	t.Parallel()
	w := newContests(t)
	talk := &mxWorld{talk: newTalk(t, false)}
	firm := talk.as(talk.ownerOf(talk.need))
	page := fmt.Sprintf("/challenges/new?need=%d", talk.need)
	if got := firm.get(listingPath(market.KindNeed, talk.need)); got.page(t).Find(fmt.Sprintf(`a[href=%q]`, page)).Length() != 1 {
		t.Error("the page of the need does not lead to the form")
	}
	doc := firm.get(page).page(t)
	if title := doc.Find(`[name="title"]`).AttrOr("value", ""); title == "" || doc.Find(`[name="need"]`).AttrOr("value", "") != fmt.Sprint(talk.need) || doc.Find(`[name="indicators.name"]`).AttrOr("value", "") == "" {
		t.Errorf("the form begins with %q", title)
	}
	if got := w.as(w.strange).get(page); got.status != http.StatusNotFound {
		t.Errorf("somebody else's need: status %d", got.status)
	}
	talk.exec(`UPDATE listings SET hide_org = true WHERE id = $1`, talk.need)
	if got := firm.get(page); got.status != http.StatusConflict || !strings.Contains(got.body, "没有公开单位名称") {
		t.Errorf("a need that hides its firm: status %d", got.status)
	}
}

func (w *mxWorld) text(query string, args ...any) string {
	w.t.Helper()
	var out string
	if err := w.Store.DB().QueryRowContext(w.t.Context(), query, args...).Scan(&out); err != nil {
		w.t.Fatal(err)
	}
	return out
}
