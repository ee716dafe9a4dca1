package service_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

// editing is a market with a public need, its owner, a stranger and two reviewers.
type editing struct {
	*worldtest.World
	owner, stranger market.Actor
	reviewers       [2]market.Actor
	need            int64
}

func newEditing(t *testing.T) *editing {
	t.Helper()
	w := worldtest.New(t, 2026, time.November, 2)
	e := &editing{World: w, owner: w.Org("永丰白石岭钙业有限公司", market.Enterprise, "360825"), stranger: w.Org("吉水文峰电路有限公司", market.Enterprise, "360822"),
		reviewers: [2]market.Actor{w.Person("甲", market.Reviewer), w.Person("乙", market.Reviewer)}}
	e.need = w.Need(e.owner)
	return e
}

// form is the need as its owner's form holds it.
func (e *editing) form() market.Need {
	e.T.Helper()
	text, err := e.Service.EditedText(e.T.Context(), e.owner, market.KindNeed, e.need)
	if err != nil {
		e.T.Fatal(err)
	}
	return *text.Need
}

// public is the need as everybody reads it.
func (e *editing) public() market.Need {
	e.T.Helper()
	n, err := e.Store.Need(e.T.Context(), market.Actor{}, e.need)
	if err != nil {
		e.T.Fatal(err)
	}
	return n
}

// edit saves another title, and hands it in.
func (e *editing) edit(title string, submit bool) {
	e.T.Helper()
	n, act := e.form(), e.Service.EditNeed
	if n.Title = title; submit {
		act = e.Service.EditAndSubmitNeed
	}
	if err := act(e.T.Context(), e.owner, n); err != nil {
		e.T.Fatal(err)
	}
}

func (e *editing) last() market.Revision {
	e.T.Helper()
	v, err := e.Store.LastRevision(e.T.Context(), e.owner, e.need)
	if err != nil {
		e.T.Fatal(err)
	}
	return v
}

func (e *editing) publish(by market.Actor) error {
	v := e.last()
	return e.Service.PublishRevision(e.T.Context(), by, v.ID, v.Version, market.SubjectRevision.AllYes())
}

// TestRevision goes the whole way: what is public stays until a reviewer has passed the edit, and every text is kept.
func TestRevision(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	first := e.public()
	changes := e.changes()

	e.edit("第二稿", false)
	if e.public().Title != first.Title || e.form().Title != "第二稿" || e.changes() != changes {
		t.Error("a draft is public, or lost, or indexed")
	}
	stale := e.form()
	e.edit("第三稿", true)
	if e.public().Title != first.Title || e.last().State != market.RevisionInReview {
		t.Error("an edit that waits is public")
	}
	if err := e.Service.EditNeed(t.Context(), e.owner, stale); !market.IsKind(err, market.Conflict) {
		t.Errorf("edited in review: %v", err)
	}
	if err := e.Service.RecallListing(t.Context(), e.owner, market.KindNeed, e.need); err != nil {
		t.Fatal(err)
	}
	if err := e.Service.EditNeed(t.Context(), e.owner, stale); !market.IsKind(err, market.Conflict) {
		t.Errorf("a stale form is saved: %v", err)
	}
	if err := e.Service.SubmitListing(t.Context(), e.owner, market.KindNeed, e.need); err != nil {
		t.Fatal(err)
	}
	v := e.last()
	if err := e.Service.ReturnRevision(t.Context(), e.reviewers[0], v.ID, v.Version, []string{"N1"}, "请写清现值"); err != nil {
		t.Fatal(err)
	}
	if e.public().Title != first.Title || e.form().Title != "第三稿" || e.last().ReturnNote != "请写清现值" {
		t.Error("a return changed what is public, or lost what was written")
	}
	e.edit("第四稿", true)
	e.Advance(48 * time.Hour)
	if err := e.publish(e.reviewers[1]); err != nil {
		t.Fatal(err)
	}
	now := e.public()
	if now.Title != "第四稿" || now.Number != first.Number || now.State != market.Published || !now.ConfirmedAt.After(*first.ConfirmedAt) || !now.PublishedAt.Equal(*first.PublishedAt) {
		t.Errorf("published: %+v", now.Listing)
	}
	if e.changes() == changes {
		t.Error("the search index is not told")
	}
	list, err := e.Store.Revisions(t.Context(), e.owner, e.need)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, v := range list {
		kept = append(kept, v.Text.Need.Title+" "+string(v.State))
	}
	if want := []string{"第四稿 published", "第三稿 returned", first.Title + " published"}; !slices.Equal(kept, want) {
		t.Errorf("kept %q, want %q", kept, want)
	}
	for action, n := range map[market.Action]int{market.RevisionEdit: 3, market.RevisionSubmit: 3, market.RevisionRecall: 1, market.RevisionReturn: 1, market.RevisionPublish: 1} {
		if got := e.Audits(action, e.need, "done"); got != n {
			t.Errorf("%s: %d audit entries, want %d", action, got, n)
		}
	}
	if got := e.form(); got.Title != "第四稿" || got.Version != now.Version {
		t.Errorf("the next edit begins from %q", got.Title)
	}
}

// changes is how often the search indexes were told.
func (e *editing) changes() int {
	e.T.Helper()
	var n int
	if err := e.Store.DB().QueryRow(`SELECT count(*) FROM listing_changes`).Scan(&n); err != nil {
		e.T.Fatal(err)
	}
	return n
}

// TestRevisionOfAWithdrawnListing: an edit ends when its listing leaves the shelf, and the listing is edited itself.
func TestRevisionOfAWithdrawnListing(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	title := e.public().Title
	e.edit("改过的标题", true)
	id := e.last().ID
	if err := e.Service.WithdrawListing(t.Context(), e.owner, market.KindNeed, e.need); err != nil {
		t.Fatal(err)
	}
	if v := e.last(); v.ID != id || v.State != market.RevisionDiscarded || v.Open() {
		t.Errorf("the edit is %s", v.State)
	}
	if got := e.form().Title; got != title {
		t.Errorf("the form holds %q", got)
	}
	e.edit("直接修改", true)
	l := e.form()
	if err := e.Service.PublishListing(t.Context(), e.reviewers[0], market.KindNeed, e.need, l.Version, market.SubjectNeed.AllYes()); err != nil {
		t.Fatal(err)
	}
	if e.public().Title != "直接修改" || e.last().Text.Need.Title != "直接修改" {
		t.Error("the text that was published is not kept")
	}
	if err := e.Service.DiscardRevision(t.Context(), e.owner, market.KindNeed, e.need); !market.IsKind(err, market.Conflict) {
		t.Errorf("nothing to give up: %v", err)
	}
	e.edit("再改", false)
	if err := e.Service.DiscardRevision(t.Context(), e.owner, market.KindNeed, e.need); err != nil || e.form().Title != "直接修改" {
		t.Errorf("given up: %v, the form holds %q", err, e.form().Title)
	}
}

// TestRevisionIsNobodyElses: who may not, does not see or decide an edit.
func TestRevisionIsNobodyElses(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	e.edit("改过的标题", true)
	v := e.last()
	away := e.Officer("别县审核员", "360822", market.Reviewer)
	for name, a := range map[string]market.Actor{"visitor": {}, "stranger": e.stranger, "away": away, "registrar": e.Person("登记员", market.Registrar)} {
		if _, err := e.Store.Revision(t.Context(), a, v.ID); !market.IsKind(err, market.NotFound) {
			t.Errorf("%s reads the edit: %v", name, err)
		}
		if list, err := e.Store.Revisions(t.Context(), a, e.need); err != nil || len(list) != 0 {
			t.Errorf("%s reads %d edits, %v", name, len(list), err)
		}
		if err := e.publish(a); err == nil {
			t.Errorf("%s publishes the edit", name)
		}
		if n := e.form(); e.Service.EditNeed(t.Context(), a, n) == nil {
			t.Errorf("%s edits", name)
		}
	}
	own := e.Member(e.owner, "自己的审核员", market.Editor)
	if _, err := e.Store.DB().Exec(`INSERT INTO duties (user_id, duty) VALUES ($1, 'reviewer')`, own.UserID); err != nil {
		t.Fatal(err)
	}
	if err := e.publish(e.Again(own)); !market.IsKind(err, market.Denied) {
		t.Errorf("a member publishes the edit: %v", err)
	}
	_, totals, err := e.Store.ReviewQueue(t.Context(), e.reviewers[0], e.Ref, store.ReviewFilter{}, e.Service.Today(), storePage)
	if err != nil || totals.Edits != 1 {
		t.Errorf("%d edits wait, %v", totals.Edits, err)
	}
	if _, totals, err = e.Store.ReviewQueue(t.Context(), away, e.Ref, store.ReviewFilter{}, e.Service.Today(), storePage); err != nil || totals.Edits != 0 {
		t.Errorf("%d edits wait in another county, %v", totals.Edits, err)
	}
}

// TestRevisionDecidedOnce: of two reviewers who decide at once, one does.
func TestRevisionDecidedOnce(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	e.edit("改过的标题", true)
	v := e.last()
	var group sync.WaitGroup
	var errs [2]error
	group.Go(func() {
		errs[0] = e.Service.PublishRevision(t.Context(), e.reviewers[0], v.ID, v.Version, market.SubjectRevision.AllYes())
	})
	group.Go(func() {
		errs[1] = e.Service.ReturnRevision(t.Context(), e.reviewers[1], v.ID, v.Version, []string{"N1"}, "不清楚")
	})
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("both decided, or neither: %v, %v", errs[0], errs[1])
	}
	for _, err := range errs {
		if err != nil && !market.IsKind(err, market.Conflict) {
			t.Errorf("the later one is told %v", err)
		}
	}
	if _, err := e.Store.DB().Exec(`UPDATE listing_revisions SET content = '{}' WHERE id = $1`, v.ID); err == nil {
		t.Error("a decided text can be changed")
	}
}

// TestRevisionKeepsAHiddenName: an edit that hides the organisation's name is held to the same rules as a first text.
func TestRevisionKeepsAHiddenName(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	if _, err := e.Store.DB().Exec(`WITH f AS (INSERT INTO files (id, purpose, name, media_type, size, sha256, content, uploaded_by, created_at)
			VALUES ('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'listing', 'a.pdf', 'application/pdf', 1, '\x00', '\x00', $2, now()) RETURNING id)
		INSERT INTO listing_files (listing_id, file_id, use, label, position) SELECT $1, id, 'public', '检测报告', 1 FROM f`, e.need, e.owner.UserID); err != nil {
		t.Fatal(err)
	}
	n := e.form()
	n.HideOrg = true
	wantField(t, e.Service.EditAndSubmitNeed(t.Context(), e.owner, n), "hide_org", "公开文件")
	n.HideOrg, n.Problem = true, "永丰白石岭钙业用两级立式搅拌磨湿法生产重钙浆料，升温返粗。"
	wantField(t, e.Service.EditAndSubmitNeed(t.Context(), e.owner, n), "problem", "名称")
	if e.last().Open() {
		t.Error("what can't be handed in is kept")
	}
}

// TestRevisionOfOneWhoLeft: who handed an edit in does not decide about it as a reviewer later.
func TestRevisionOfOneWhoLeft(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	member := e.Member(e.owner, "后来的审核员", market.Editor)
	n := e.form()
	n.Title = "改过的标题"
	if err := e.Service.EditAndSubmitNeed(t.Context(), member, n); err != nil {
		t.Fatal(err)
	}
	if err := e.Service.RemoveMember(t.Context(), e.owner, member.UserID); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Store.DB().Exec(`INSERT INTO duties (user_id, duty) VALUES ($1, 'reviewer')`, member.UserID); err != nil {
		t.Fatal(err)
	}
	if err := e.publish(e.Again(market.Actor{UserID: member.UserID})); !market.IsKind(err, market.Denied) {
		t.Errorf("who handed it in publishes it: %v", err)
	}
}
