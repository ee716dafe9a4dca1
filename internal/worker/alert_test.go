package worker

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
	"techmarket/internal/worldtest"
	"techmarket/search/embedded"
)

// watch is the part of a worker that holds saved searches against what has changed, run by hand.
type watch struct {
	*worldtest.World
	t      *testing.T
	worker *Worker
}

func newWatch(t *testing.T, w *worldtest.World) *watch {
	t.Helper()
	engine, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	log := slog.New(slog.DiscardHandler)
	return &watch{w, t, &Worker{Options: Options{Store: w.Store, Service: w.Service, Search: engine, Log: log}, follower: NewFollower(w.Store, engine, log)}}
}

// run works the job until it has seen all changes: one is final only when no older transaction of the whole server, which
// other tests use too, is still under way.
func (x *watch) run() {
	x.T.Helper()
	within(x.t, patience, "the changes are final", func() bool {
		var all bool
		err := x.Store.DB().QueryRow(`SELECT NOT EXISTS (SELECT FROM listing_changes WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()))`).Scan(&all)
		if err != nil {
			x.t.Fatal(err)
		}
		return all
	})
	within(x.t, patience, "the log is followed to its end", func() bool {
		if err := (&alertWorker{w: x.worker}).Work(context.Background(), nil); err != nil {
			x.t.Fatal(err)
		}
		var all bool
		err := x.Store.DB().QueryRow(`SELECT (SELECT seq FROM search_position) >= (SELECT coalesce(max(seq), 0) FROM listing_changes)`).Scan(&all)
		return err == nil && all
	})
}

// save keeps a search of a person that knows those listings, a second later.
func (x *watch) save(a market.Actor, c market.Conditions, often market.Often, known []int64) int64 {
	x.T.Helper()
	x.Advance(time.Second)
	id, fresh, err := x.Service.SaveSearch(x.T.Context(), a, c, "我的订阅", often, known)
	if err != nil || !fresh {
		x.T.Fatal(fresh, err)
	}
	x.Advance(time.Second)
	return id
}

// told is what the notices of a person about saved searches say, the oldest first.
func (x *watch) told(a market.Actor) []string {
	x.T.Helper()
	list, _, err := x.Store.Notices(x.T.Context(), a, store.PageSlice(1, store.MaxPage))
	if err != nil {
		x.T.Fatal(err)
	}
	var out []string
	for _, n := range slices.Backward(list) {
		if strings.HasPrefix(n.Title, "订阅的搜索有新内容") {
			out = append(out, n.Title+" "+n.Path)
		}
	}
	return out
}

// want runs the job twice and wants the person to have been told so many times.
func (x *watch) want(what string, a market.Actor, n int, says ...string) {
	x.T.Helper()
	x.run()
	x.run()
	told := x.told(a)
	if len(told) != n || n > 0 && len(says) > 0 && !strings.Contains(told[n-1], says[0]) {
		x.T.Errorf("%s: told %d times, want %d, the last with %q: %q", what, len(told), n, says, told)
	}
	letters := 0
	err := x.Store.DB().QueryRow(`SELECT count(*) FROM river_job WHERE kind = 'send_mail' AND args->>'kind' = 'alert' AND args->>'to' = $1`, x.Email(a)).Scan(&letters)
	if err != nil || letters != n {
		x.T.Errorf("%s: %d letters, want %d, %v", what, letters, n, err)
	}
}

// TestSavedSearchTellsOnce publishes, edits and renews: only what newly fits is told, once, and not to who owns it.
func TestSavedSearchTellsOnce(t *testing.T) {
	t.Parallel()
	w, firm, institute := world(t)
	x, reader, colleague := newWatch(t, w), w.Person("读者"), w.Member(firm, "同事", market.Viewer)
	old := w.Need(firm)
	x.save(reader, market.Conditions{Text: "重钙 研磨"}, market.OftenOnce, []int64{old})
	x.save(reader, market.Conditions{Text: "脐橙"}, market.OftenOnce, []int64{})
	x.save(colleague, market.Conditions{Kind: market.KindNeed}, market.OftenOnce, []int64{})
	x.want("before anything is new", reader, 0)

	if err := w.Service.ConfirmListing(t.Context(), firm, market.KindNeed, old); err != nil {
		t.Fatal(err)
	}
	x.want("what was known is renewed", reader, 0)
	need := w.Need(firm)
	x.want("a new one", reader, 1, fmt.Sprintf(" /needs/%d", need))
	x.want("its owner's colleague", colleague, 0)
	if err := w.Service.ConfirmListing(t.Context(), firm, market.KindNeed, need); err != nil {
		t.Fatal(err)
	}
	x.want("it is renewed", reader, 1)

	x.save(reader, market.Conditions{Fields: []string{"calcium"}, Kind: market.KindResult}, market.OftenOnce, nil)
	grinding(t, w, institute)
	x.want("what two searches find", reader, 2)
	x.save(reader, market.Conditions{Kind: market.KindResult}, market.OftenOnce, nil)
	w.Need(firm)
	w.Result(institute)
	x.want("several at once in one message", reader, 3, "等 2 个订阅，2 项 /searches")

	last := w.Need(firm)
	if err := w.Service.WithdrawListing(t.Context(), firm, market.KindNeed, last); err != nil {
		t.Fatal(err)
	}
	x.want("what is withdrawn before anybody looked", reader, 3)
	x.Advance(time.Second)
	if err := w.Service.SubmitListing(t.Context(), firm, market.KindNeed, last); err != nil {
		t.Fatal(err)
	}
	if err := w.Service.PublishListing(t.Context(), w.Person("审核员", market.Reviewer), market.KindNeed, last, w.Version("listings", last), market.SubjectNeed.AllYes()); err != nil {
		t.Fatal(err)
	}
	x.want("and published after all", reader, 4, fmt.Sprintf(" /needs/%d", last))
}

// TestSavedSearchOfTooMuch has not kept what it found: then only what is published later is new.
func TestSavedSearchOfTooMuch(t *testing.T) {
	t.Parallel()
	w, firm, _ := world(t)
	x, reader := newWatch(t, w), w.Person("读者")
	old := w.Need(firm)
	x.save(reader, market.Conditions{}, market.OftenOnce, nil)
	if err := w.Service.ConfirmListing(t.Context(), firm, market.KindNeed, old); err != nil {
		t.Fatal(err)
	}
	x.want("an old one is renewed", reader, 0)
	w.Need(firm)
	x.want("a new one", reader, 1)
}

// TestWeeklyAndQuiet collects for a week; the letter's link ends it without signing in, and turning it on again starts anew.
func TestWeeklyAndQuiet(t *testing.T) {
	t.Parallel()
	w, firm, _ := world(t) // a Monday at ten
	x, reader := newWatch(t, w), w.Person("读者")
	id := x.save(reader, market.Conditions{Kind: market.KindNeed}, market.OftenWeekly, []int64{})
	w.Need(firm)
	w.Need(firm)
	gone := w.Need(firm)
	x.want("on the day", reader, 0)
	if err := w.Service.WithdrawListing(t.Context(), firm, market.KindNeed, gone); err != nil {
		t.Fatal(err)
	}
	w.SetDay(2026, 11, 29)
	x.want("on Sunday", reader, 0)
	w.SetDay(2026, 11, 30)
	x.want("on Monday", reader, 1, "2 项 /search?kind=need&sort=newest")

	w.Need(firm)
	x.run()
	w.SetDay(2026, 12, 7)
	x.want("on the next Monday", reader, 2)
	var links []int64
	rows, err := w.Store.DB().Query(`SELECT id FROM links WHERE purpose = 'quiet' AND ended_at IS NULL ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var link int64
		if err := rows.Scan(&link); err != nil {
			t.Fatal(err)
		}
		links = append(links, link)
	}
	if err := rows.Err(); err != nil || len(links) != 2 {
		t.Fatalf("%d links are good, %v; each letter has its own", len(links), err)
	}
	_, secret, err := w.Service.ArmLink(t.Context(), links[0])
	if err != nil {
		t.Fatal(err)
	}
	w.Need(firm)
	x.run()
	if n, err := w.Service.Quiet(t.Context(), market.Actor{Via: market.ViaWeb}, secret, []int64{id}, false); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if _, err := w.Service.Quiet(t.Context(), market.Actor{Via: market.ViaWeb}, secret, []int64{id}, false); err == nil {
		t.Error("the link serves twice")
	}
	w.Need(firm)
	x.run()
	w.SetDay(2026, 12, 14)
	x.want("after the link", reader, 2)
	if err := w.Service.EditSavedSearch(t.Context(), reader, id, "又要", market.OftenOnce, nil); err != nil {
		t.Fatal(err)
	}
	x.want("what was published meanwhile", reader, 2)
	w.Advance(time.Second)
	w.Need(firm)
	x.want("on again", reader, 3, "又要")
}

// TestNobodyIsToldInVain: who is locked out gets nothing, and a listing of a suspended organisation is told to nobody.
func TestNobodyIsToldInVain(t *testing.T) {
	t.Parallel()
	w, firm, institute := world(t)
	x, reader, locked, reviewer := newWatch(t, w), w.Person("读者"), w.Person("停用的人"), w.Person("审核员", market.Reviewer)
	for _, a := range []market.Actor{reader, locked} {
		x.save(a, market.Conditions{}, market.OftenOnce, []int64{})
	}
	admin := w.Person("管理员", market.Admin)
	w.Need(firm)
	if err := w.Service.LockUser(t.Context(), admin, locked.UserID, "长期不用"); err != nil {
		t.Fatal(err)
	}
	x.want("who is locked out", locked, 0)
	x.want("who is not", reader, 1)
	w.Result(institute)
	if err := w.Service.SuspendOrg(t.Context(), reviewer, institute.OrgID, w.Version("orgs", institute.OrgID), "资料不实"); err != nil {
		t.Fatal(err)
	}
	x.want("a suspended owner", reader, 1)
}
