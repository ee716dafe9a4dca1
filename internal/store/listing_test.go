package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// exec runs a statement that sets up a test.
func exec(t *testing.T, w *worldtest.World, query string, args ...any) {
	t.Helper()
	_, err := w.Store.DB().ExecContext(t.Context(), query, args...)
	must(t, err)
}

// shelf puts one need of the owner into every state and returns their ids.
func shelf(t *testing.T, w *worldtest.World, owner market.Actor) map[market.ListingState]int64 {
	t.Helper()
	ids := map[market.ListingState]int64{}
	for _, state := range market.Listings.States {
		ids[state] = w.Need(owner)
		exec(t, w, `UPDATE listings SET state = $2, return_codes = $3, return_note = 'x' WHERE id = $1`, ids[state], state, pq.StringArray{"N1"})
	}
	return ids
}

// TestWhoSeesAListing holds the exact set of states each reader sees, on the page and as a card.
func TestWhoSeesAListing(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 23)
	owner, other, party := w.Org("永丰甲钙业有限公司", market.Enterprise, "360825"), w.Org("吉水乙电子有限公司", market.Enterprise, "360822"), w.Org("青原丙大学", market.University, "360803")
	ids := shelf(t, w, owner)
	for _, id := range ids {
		exec(t, w, `INSERT INTO inquiries (number, listing_id, from_org, to_org, state, turn_org, due_on, created_at, updated_at)
			VALUES ($1::text, $1::bigint, $2, $3, 'open', $3, now(), now(), now())`, id, party.OrgID, owner.OrgID)
	}
	public := []market.ListingState{market.Matched, market.Published}
	beyondDraft := []market.ListingState{market.Closed, market.Expired, market.InReview, market.Matched, market.Published, market.Returned, market.Withdrawn}
	all := slices.Sorted(slices.Values(market.Listings.States))
	for name, c := range map[string]struct {
		actor market.Actor
		want  []market.ListingState
	}{
		"visitor":            {market.Actor{}, public},
		"person":             {w.Person("路人"), public},
		"owner":              {owner, all},
		"viewer":             {w.Member(owner, "只看的人", market.Viewer), all},
		"other organisation": {other, public},
		"inquirer":           {party, all},
		"reviewer":           {w.Person("审核", market.Reviewer), beyondDraft},
		"auditor":            {w.Person("审计", market.Auditor), beyondDraft},
		"registrar":          {w.Person("登记", market.Registrar), public},
		"statistician":       {w.Person("统计", market.Statistician), public},
		"admin":              {w.Person("管理", market.Admin), public},
	} {
		var pages, cards []market.ListingState
		for state, id := range ids {
			if _, err := w.Store.Need(t.Context(), c.actor, id); err == nil {
				pages = append(pages, state)
			} else if !market.IsKind(err, market.NotFound) {
				t.Fatal(err)
			}
			found, err := w.Store.ListingCards(t.Context(), c.actor, []int64{id})
			must(t, err)
			if len(found) == 1 {
				cards = append(cards, state)
			}
		}
		slices.Sort(pages)
		slices.Sort(cards)
		if !slices.Equal(pages, c.want) || !slices.Equal(cards, c.want) {
			t.Errorf("%s: pages %v, cards %v, want %v", name, pages, cards, c.want)
		}
	}
}

// TestHiddenOwnerIsNowhere looks for the owner of a listing without a name in everything that strangers can read.
func TestHiddenOwnerIsNowhere(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 23)
	owner, other := w.Org("永丰甲钙业有限公司", market.Enterprise, "360825"), w.Org("青原丙大学", market.University, "360803")
	id := w.Need(owner)
	exec(t, w, `UPDATE listings SET hide_org = true, contact_name = '刘工', contact_phone = '13800002046' WHERE id = $1`, id)
	for name, a := range map[string]market.Actor{"visitor": {}, "other organisation": other, "statistician": w.Person("统计", market.Statistician)} {
		n, err := w.Store.Need(t.Context(), a, id)
		must(t, err)
		if n.OrgID != 0 || n.ContactName != "" || n.ContactPhone != "" || n.Gated != "" {
			t.Errorf("%s reads %+v", name, n.Listing)
		}
		cards, err := w.Store.ListingCards(t.Context(), a, []int64{id})
		must(t, err)
		newest, err := w.Store.NewestListings(t.Context(), a, market.KindNeed, 5)
		must(t, err)
		for _, card := range append(cards, newest...) {
			if card.OrgID != 0 || card.OrgName != "" {
				t.Errorf("%s: card of %q", name, card.OrgName)
			}
		}
	}
	docs, err := w.Store.Documents(t.Context(), []int64{id})
	must(t, err)
	if len(docs) != 1 || docs[0].OrgName != "" || strings.Contains(docs[0].Body, "甲钙业") {
		t.Errorf("documents %+v", docs)
	}
	record, err := w.Store.OrgRecord(t.Context(), owner.OrgID)
	must(t, err)
	if record.Needs != 0 {
		t.Error("a hidden need counts in its owner's record")
	}
	for name, a := range map[string]market.Actor{"owner": owner, "reviewer": w.Person("审核", market.Reviewer)} {
		cards, err := w.Store.ListingCards(t.Context(), a, []int64{id})
		must(t, err)
		if len(cards) != 1 || cards[0].OrgName != owner.OrgName {
			t.Errorf("%s: cards %+v", name, cards)
		}
	}
}

func TestGatedTextIsForItsOwnersAndReviewers(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 23)
	owner, other := w.Org("永丰甲钙业有限公司", market.Enterprise, "360825"), w.Org("青原丙大学", market.University, "360803")
	id := w.Need(owner)
	exec(t, w, `INSERT INTO listing_gates (listing_id, detail) VALUES ($1, '秘密配方')`, id)
	for name, c := range map[string]struct {
		actor market.Actor
		want  string
	}{"visitor": {market.Actor{}, ""}, "other": {other, ""}, "owner": {owner, "秘密配方"}, "reviewer": {w.Person("审核", market.Reviewer), "秘密配方"}, "admin": {w.Person("管理", market.Admin), ""}} {
		detail, has, err := w.Store.Gate(t.Context(), c.actor, id)
		must(t, err)
		if detail != c.want || !has {
			t.Errorf("%s reads %q, %v", name, detail, has)
		}
	}
	docs, err := w.Store.Documents(t.Context(), []int64{id})
	must(t, err)
	if strings.Contains(docs[0].Body, "秘密配方") {
		t.Error("gated text is in the search document")
	}
}

// pair stores a suggestion.
func pair(t *testing.T, w *worldtest.World, need, result int64, score float64) {
	t.Helper()
	exec(t, w, `INSERT INTO matches (need_id, result_id, score, strength, reasons, terms, computed_at) VALUES ($1, $2, $3, 'good', '[]', '{}', now())`, need, result, score)
}

func TestMatchesOfferOnlyWhatIsPublicAndForeign(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 23)
	firm, school, gone := w.Org("永丰甲钙业有限公司", market.Enterprise, "360825"), w.Org("青原丙大学", market.University, "360803"), w.Org("吉州丁研究所", market.Institute, "360802")
	need := w.Need(firm)
	best, second, own, withdrawn, suspended := w.Result(school), w.Result(school), w.Result(firm), w.Result(school), w.Result(gone)
	for i, result := range []int64{own, withdrawn, suspended, best, second} {
		pair(t, w, need, result, 0.9-float64(i)/10)
	}
	exec(t, w, `UPDATE listings SET state = 'withdrawn' WHERE id = $1`, withdrawn)
	exec(t, w, `UPDATE orgs SET state = 'suspended' WHERE id = $1`, gone.OrgID)
	want := []int64{best, second}
	check := func(name string, found []store.Match, total int, err error) {
		t.Helper()
		must(t, err)
		var got []int64
		for _, m := range found {
			got = append(got, m.ResultID)
		}
		if !slices.Equal(got, want) || total != len(want) {
			t.Errorf("%s: %v of %d, want %v", name, got, total, want)
		}
	}
	found, total, err := w.Store.Matches(t.Context(), market.Actor{}, market.KindNeed, need, store.PageSlice(1, 10))
	check("of the need", found, total, err)
	found, total, err = w.Store.OrgMatches(t.Context(), firm, store.MatchFilter{}, store.PageSlice(1, 10))
	check("of the firm", found, total, err)
	found, total, err = w.Store.OrgMatches(t.Context(), school, store.MatchFilter{}, store.PageSlice(1, 10))
	check("of the school", found, total, err)
	found, total, err = w.Store.OrgMatches(t.Context(), firm, store.MatchFilter{ListingID: need}, store.PageSlice(1, 10))
	check("of the need for the firm", found, total, err)
	want = nil
	found, total, err = w.Store.OrgMatches(t.Context(), firm, store.MatchFilter{ListingID: best}, store.PageSlice(1, 10))
	check("of a foreign result", found, total, err)
	rows, _, err := w.Store.OwnListings(t.Context(), firm, market.KindNeed, "", store.PageSlice(1, 10))
	must(t, err)
	if len(rows) != 1 || rows[0].Matches != 2 {
		t.Errorf("own list %+v", rows)
	}
}

func TestSuspendedOrganisationLeavesTheSearch(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 23)
	owner := w.Org("永丰甲钙业有限公司", market.Enterprise, "360825")
	id := w.Need(owner)
	must(t, w.Service.SuspendOrg(t.Context(), w.Person("审核", market.Reviewer), owner.OrgID, w.Version("orgs", owner.OrgID), "核查中"))
	docs, err := w.Store.Documents(t.Context(), []int64{id})
	must(t, err)
	newest, err := w.Store.NewestListings(t.Context(), market.Actor{}, market.KindNeed, 5)
	must(t, err)
	browsed, total, err := w.Store.BrowseListings(t.Context(), market.Actor{}, store.Browse{}, store.PageSlice(1, 10))
	must(t, err)
	if len(docs)+len(newest)+len(browsed)+total != 0 {
		t.Errorf("documents %d, newest %d, browsed %d of %d", len(docs), len(newest), len(browsed), total)
	}
}

func TestWorkbenchCounts(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, time.November, 23)
	firm, school := w.Org("永丰甲钙业有限公司", market.Enterprise, "360825"), w.Org("青原丙大学", market.University, "360803")
	need, hidden := w.Need(firm), w.Need(firm)
	exec(t, w, `UPDATE listings SET hide_org = true WHERE id = $1`, hidden)
	exec(t, w, `UPDATE listings SET valid_until = '2026-12-01' WHERE id = $1`, hidden)
	for i, listing := range []int64{need, hidden} {
		exec(t, w, `INSERT INTO inquiries (number, listing_id, from_org, to_org, state, turn_org, due_on, created_at, updated_at)
			VALUES ($1::text, $2, $3, $4, 'open', $4, date '2026-11-25' + $5::int, now(), now())`, listing, listing, school.OrgID, firm.OrgID, i)
		must(t, w.Store.CountView(t.Context(), listing, market.DateOf(w.Now())))
	}
	mine, total, err := w.Store.Turns(t.Context(), firm, true, 10)
	must(t, err)
	if total != 2 || len(mine) != 2 || mine[0].ListingID != need || mine[0].OtherName != school.OrgName {
		t.Errorf("turns of the firm: %d, %+v", total, mine)
	}
	theirs, total, err := w.Store.Turns(t.Context(), school, false, 10)
	must(t, err)
	if total != 2 || theirs[0].OtherName != firm.OrgName || theirs[1].OtherName != "" {
		t.Errorf("the school waits for %d, %+v: the hidden name must be empty", total, theirs)
	}
	if _, total, err = w.Store.Turns(t.Context(), school, true, 10); err != nil || total != 0 {
		t.Errorf("turns of the school: %d, %v", total, err)
	}
	effect, err := w.Store.Effect(t.Context(), firm)
	must(t, err)
	if effect != (store.Effect{Listings: 2, Views: 2, Inquiries: 2}) {
		t.Errorf("effect %+v", effect)
	}
	ending, total, err := w.Store.ListingsToConfirm(t.Context(), firm, market.KindNeed, time.Date(2026, 12, 23, 0, 0, 0, 0, market.Shanghai), store.PageSlice(1, 10))
	must(t, err)
	if total != 1 || ending[0].ID != hidden {
		t.Errorf("to confirm: %+v", ending)
	}
	counts, err := w.Store.OwnCounts(t.Context(), firm, market.KindNeed)
	must(t, err)
	if len(counts) != 1 || counts[market.Published] != 2 {
		t.Errorf("counts %v", counts)
	}
	queues, err := w.Store.Queues(t.Context(), firm)
	must(t, err)
	if queues != (store.Queues{}) {
		t.Errorf("a firm sees the bureau's queues: %+v", queues)
	}
}
