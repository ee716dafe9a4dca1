package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// What a proposal is marked with.
const (
	sealText = "封存文字标记甲"
	sealFile = "封存文件名标记乙"
	sealBody = "SEALED-CONTENT-BING"
)

var sealMarks = []string{sealText, sealFile, sealBody}

// sealWorld is a market with everybody of the matrix, a challenge of the owner's firm, a judge, and a marked proposal of the
// university.
type sealWorld struct {
	*mxWorld
	log             *syncBuffer
	challenge       int64
	proposal        int64
	file            string
	judge, proposer mxPerson
}

func newSealWorld(t *testing.T) *sealWorld {
	t.Helper()
	w := &sealWorld{log: &syncBuffer{}}
	w.mxWorld = newMatrixWorld(t, func(o *Options) {
		o.Log = slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	w.judge, w.proposer = w.person("user"), w.person("other")
	w.challenge = w.challengeIn("open", w.person("owner").actor.OrgID)
	w.judgeOf(w.challenge, w.judge.actor.UserID, "accepted")
	got := w.proposer.web.uploadAs("proposal", proposalPath(w.challenge), w.sealForm(0), sealFile+".pdf", testPDF(sealBody))
	if got.status != http.StatusSeeOther {
		t.Fatalf("hand in: status %d: %s", got.status, summaryText(got.page(t)))
	}
	w.proposal = w.number(`SELECT id FROM proposals WHERE challenge_id = $1`, w.challenge)
	if err := w.Store.DB().QueryRowContext(t.Context(), `SELECT file_id FROM proposal_files WHERE proposal_id = $1`, w.proposal).Scan(&w.file); err != nil {
		t.Fatal(err)
	}
	// An attempt of somebody who may not leaves its trace where it is sealed too.
	w.person("viewer").web.post(proposalPath(w.challenge), w.sealForm(0))
	return w
}

func (w *sealWorld) sealForm(version int) url.Values {
	return url.Values{"version": {fmt.Sprint(version)}, "answer.0": {sealText + "，两段研磨"}, "answer.1": {"五人"}, "team": {sealText}, "plan": {sealText}, "period": {"10 个月"}, "price": {"93.17"}, "price_unit": {"万元"}}
}

// places are the addresses at which something of a proposal could show.
func (w *sealWorld) places() []string {
	path := challengePath(w.challenge)
	return []string{"/", "/challenges", path, path + "/judging", path + "/proposal", fmt.Sprintf("/proposals/%d", w.proposal), "/files/" + w.file, "/work", "/work/challenges", "/notices",
		"/work/find?q=" + url.QueryEscape(sealText), "/search?q=" + url.QueryEscape(sealText), "/audit", "/audit.csv", "/audit?action=challenge", "/review", "/account/export.json", "/turnover"}
}

var sealCalls = []string{"/challenges", "/challenges/%d", "/challenges/%d/proposal", "/proposals", "/search?q=" + sealText}

// seen is everything that a person gets at those places.
func (w *sealWorld) seen(p mxPerson) map[string]answer {
	w.t.Helper()
	w.forgetLimits()
	out := map[string]answer{}
	for _, path := range w.places() {
		out[path] = p.web.get(path)
	}
	for _, call := range sealCalls {
		path := "/api/v1" + call
		if strings.Contains(call, "%d") {
			path = fmt.Sprintf("/api/v1"+call, w.challenge)
		}
		out[path] = w.call(p, http.MethodGet, path, nil)
	}
	return out
}

// TestSealedEverywhere: before the deadline nobody but the proposer's own people reads a word of a proposal, that there is
// one, or whose it is, on any page, in the API, the audit, notices, letters, jobs and logs. Afterwards the poster and the
// judge read it, and still nobody else.
func TestSealedEverywhere(t *testing.T) {
	t.Parallel()
	w := newSealWorld(t)
	if got := w.proposer.web.get(proposalPath(w.challenge)); !strings.Contains(got.body, sealText) || !strings.Contains(got.body, sealFile) {
		t.Errorf("the proposer reads neither its words nor its file: status %d", got.status)
	}
	w.sealed("before the deadline")
	for _, p := range w.people {
		p.web.get(fmt.Sprintf("/proposals/%d", w.proposal+1000)) // there is none
	}
	if n := w.number(`SELECT count(*) FROM audit_entries WHERE object_id = $1 AND object_kind = 'proposal'`, w.proposal+1000); n != 0 {
		t.Errorf("%d entries tell where there is no proposal, and by their absence where there is one", n)
	}
	w.exec(`UPDATE challenges SET deadline = now() - interval '1 second' WHERE id = $1`, w.challenge)
	w.sealed("after the deadline, before the market has closed it")
	if _, err := w.Service.TendChallenges(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	readers := map[string]bool{w.judge.name: true, w.proposer.name: true}
	for _, name := range strings.Fields(mxImporters) {
		if w.person(name).actor.OrgID == w.person("owner").actor.OrgID {
			readers[name] = true
		}
	}
	for _, p := range w.people {
		reads := p.web.get(fmt.Sprintf("/proposals/%d", w.proposal))
		file := p.web.get("/files/" + w.file)
		if p.name == w.proposer.name {
			continue // reads it at its own address
		}
		if (reads.status == http.StatusOK && strings.Contains(reads.body, sealText)) != readers[p.name] || (file.status == http.StatusOK) != readers[p.name] {
			t.Errorf("after the deadline %s: the proposal %d, the file %d", p.name, reads.status, file.status)
		}
		if !readers[p.name] {
			w.unmarked("after the deadline", p)
		}
	}
	if got := w.person("guest").web.get(challengePath(w.challenge)); !strings.Contains(got.body, "1 份") {
		t.Error("after the deadline the public does not read how many proposals there are")
	}
	if got := w.person("auditor").web.get("/audit?action=challenge&outcome=done"); !strings.Contains(got.body, "提交方案") {
		t.Error("after the deadline the audit does not show that a proposal was handed in")
	}
}

// sealed looks everywhere as everybody but the proposer.
func (w *sealWorld) sealed(when string) {
	w.t.Helper()
	for _, p := range w.people {
		if p.name == w.proposer.name {
			continue
		}
		got := w.unmarked(when, p)
		for _, path := range []string{fmt.Sprintf("/proposals/%d", w.proposal), "/files/" + w.file} {
			if status := got[path].status; status == http.StatusOK {
				w.t.Errorf("%s: %s opens %s", when, p.name, path)
			}
		}
		page := got[challengePath(w.challenge)].body
		if strings.Contains(page, "收到方案") || strings.Contains(page, w.proposer.actor.OrgName) || strings.Contains(got[challengePath(w.challenge)+"/judging"].body, w.proposer.actor.OrgName) {
			w.t.Errorf("%s: %s learns on the challenge's pages who has handed in, or that somebody has", when, p.name)
		}
		if body := got[fmt.Sprintf("/api/v1/challenges/%d", w.challenge)].body; !strings.Contains(body, `"proposals":null`) {
			w.t.Errorf("%s: the API tells %s a number of proposals: %.200s", when, p.name, body)
		}
	}
	for _, path := range []string{"/audit", "/audit.csv", "/audit?action=challenge"} {
		if body := w.person("auditor").web.get(path).body; strings.Contains(body, "提交方案") || strings.Contains(body, "proposal") {
			w.t.Errorf("%s: %s tells the auditor of proposals", when, path)
		}
	}
	for what, query := range map[string]string{
		"notices to others": `SELECT count(*) FROM notices n WHERE n.path LIKE '%/proposal%' AND NOT EXISTS (SELECT 1 FROM members m WHERE m.user_id = n.user_id AND m.org_id = $2) AND $1 <> ''`,
		"notices":           `SELECT count(*) FROM notices WHERE title LIKE $1 AND $2 > 0`, "jobs": `SELECT count(*) FROM river_job WHERE args::text LIKE $1 AND $2 > 0`,
		"the audit": `SELECT count(*) FROM audit_entries WHERE detail LIKE $1 AND $2 > 0`, "histories": `SELECT count(*) FROM moves WHERE note LIKE $1 AND $2 > 0`,
	} {
		for _, mark := range sealMarks {
			if n := w.number(query, "%"+mark+"%", w.proposer.actor.OrgID); n != 0 {
				w.t.Errorf("%s: %d rows of %s", when, n, what)
			}
		}
	}
	for _, mark := range sealMarks {
		if strings.Contains(w.log.String(), mark) {
			w.t.Errorf("%s: %s is in the log", when, mark)
		}
	}
}

// unmarked wants none of the marks in anything that a person gets, but where they have typed them.
func (w *sealWorld) unmarked(when string, p mxPerson) map[string]answer {
	w.t.Helper()
	got := w.seen(p)
	for path, a := range got {
		if a.status >= 500 || a.status == http.StatusTooManyRequests {
			w.t.Errorf("%s: %s as %s: status %d", when, path, p.name, a.status)
		}
		body := a.body
		if strings.Contains(path, "?q=") {
			body = strings.ReplaceAll(body, sealText, "") // what was looked for is said again
			if strings.Contains(body, fmt.Sprintf("/challenges/%d", w.challenge)) {
				w.t.Errorf("%s: %s as %s finds the challenge by what a proposal says", when, path, p.name)
			}
		}
		for _, mark := range append([]string{"93.17"}, sealMarks...) {
			if strings.Contains(body, mark) {
				w.t.Errorf("%s: %s as %s shows %s", when, path, p.name, mark)
			}
		}
	}
	return got
}

// TestProposalForm: files stay until their box is cleared, and what was typed and uploaded comes back when something is wrong.
func TestProposalForm(t *testing.T) {
	t.Parallel()
	w := newSealWorld(t)
	path := proposalPath(w.challenge)
	form := w.sealForm(1)
	form.Set("team", "")
	form.Set("files", w.file)
	got := w.proposer.web.uploadAs("proposal", path, form, "第二份.pdf", testPDF("two"))
	doc := got.page(t)
	if got.status != http.StatusUnprocessableEntity || doc.Find(`input[name="files"][checked]`).Length() != 2 || !strings.Contains(doc.Find(`[name="plan"]`).Text(), sealText) {
		t.Fatalf("without a team: status %d, %d files kept", got.status, doc.Find(`input[name="files"][checked]`).Length())
	}
	second, _ := doc.Find(`input[name="files"]`).Last().Attr("value")
	form.Set("team", "五人")
	form["files"] = []string{second}
	if got := w.proposer.web.post(path, form); got.status != http.StatusSeeOther {
		t.Fatalf("with the second file only: status %d: %s", got.status, summaryText(got.page(t)))
	}
	own, err := w.Store.OwnProposal(t.Context(), w.proposer.actor, w.challenge)
	if err != nil || len(own.Files) != 1 || own.Files[0] != second || own.Version != 2 {
		t.Errorf("stored are %v of version %d, %v", own.Files, own.Version, err)
	}
	form = w.sealForm(2)
	form["files"] = []string{w.attachmentOf(w.proposalIn(w.challengeIn("open", w.strange.OrgID), w.stranger.OrgID))}
	if got := w.proposer.web.post(path, form); got.status != http.StatusUnprocessableEntity {
		t.Errorf("with somebody else's file: status %d", got.status)
	}
	form["files"] = []string{w.attachmentOf(w.proposalIn(w.challengeIn("open", w.strange.OrgID), w.proposer.actor.OrgID))}
	if got := w.proposer.web.post(path, form); got.status != http.StatusUnprocessableEntity || !strings.Contains(summaryText(got.page(t)), "别的方案") {
		t.Errorf("with a file of another proposal of one's own: status %d", got.status)
	}
	got = w.proposer.web.uploadAs("proposal", path, w.sealForm(2), "方案.exe", "MZ")
	if doc := got.page(t); got.status != http.StatusUnprocessableEntity || fieldMessage(doc, doc.Find("form[enctype]"), "proposal") == "" {
		t.Errorf("a program: status %d: %s", got.status, summaryText(doc))
	}
	if got := w.proposer.web.post(path, w.sealForm(1)); got.status != http.StatusConflict || !strings.Contains(got.body, "打开最新内容") {
		t.Errorf("an old form: status %d", got.status)
	}
}

// TestChallengeOverTheAPI: everybody reads what is public, an organisation its own proposal, which it hands in, changes and
// takes back.
func TestChallengeOverTheAPI(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	w := &mxWorld{talk: &talk{testServer: d.testServer, t: t}, strange: d.buyerActor, stranger: d.sellerActor}
	id := int(w.challengeIn("open", d.buyerActor.OrgID))
	at := path("challenges", id, "proposal")
	d.guest.get("/challenges").is("total", 1, "items.0.id", id, "items.0.award", "2000000.00", "items.0.org.name", d.buyerActor.OrgName)
	d.guest.get("/challenges?state=judging").is("total", 0)
	d.guest.refused("GET", "/challenges?state=draft", nil, "state", "open")
	d.guest.get(path("challenges", id)).is("criteria.0.weight", 60, "indicators.0.name", "粒径 D97", "proposals", nil, "questions.0", nil, "state", "open")
	body := jsonObject{"answers": []string{"两段研磨", "五人"}, "team": "五人", "plan": "三步", "period": "10 个月", "price": "900000"}
	d.seller.want(http.StatusNotFound, "GET", at, nil)
	d.seller.want(http.StatusOK, "POST", at, body).is("state", "submitted", "price", "900000.00", "version", 1)
	body["price"] = 9_000_000
	body["version"] = 1
	d.seller.refused("POST", at, body, "price", "榜金")
	body["price"] = 880000
	d.seller.want(http.StatusOK, "POST", at, body).is("version", 2, "price", "880000.00")
	d.seller.want(http.StatusConflict, "POST", at, body)
	d.seller.get("/proposals").is("total", 1, "items.0.challenge_id", id, "items.0.state", "submitted")
	d.buyer.want(http.StatusNotFound, "GET", at, nil)
	d.buyer.get("/proposals").is("total", 0)
	d.seller.want(http.StatusOK, "POST", path("challenges", id, "proposal", "withdraw"), nil).is("state", "withdrawn")
	w.exec(`UPDATE challenges SET deadline = $2 WHERE id = $1`, id, time.Now().Add(-time.Second))
	d.seller.want(http.StatusConflict, "POST", at, body)
	if _, err := w.Service.TendChallenges(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	d.guest.get(path("challenges", id)).is("state", "judging", "proposals", 0)
	if got := d.seller.get(at).at("reason"); got != "" {
		t.Errorf("before the decision the reason is %v", got)
	}
}
