package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"techmarket/internal/demo"
)

// maxWalk bounds the pages that one role walks, so that long lists of the same page do not take all the time.
const maxWalk = 220

// maxOfAKind is how many pages of one shape, such as /needs/:id, a walk opens.
const maxOfAKind = 5

// entries stand on every page of the site, also for who acts for a client that did not mandate it: they are told why not.
var entries = []string{"/needs/new", "/results/new", "/challenges/new", "/imports"}

// starts are where each walk begins. Not all of them are for everybody. Those that have the shape of another page show it in
// another state: the demonstration's challenge that may be decided, the one that is open, and a proposal that waits for the
// university's scores.
var starts = []string{"/", "/work", "/needs", "/results", "/turnover", "/guide", "/notices", "/account", "/login", "/register", "/org/new",
	"/search?q=碳酸钙", "/search?q=没有这样的词组", "/needs/new", "/results/new", "/imports/new?kind=result",
	"/challenges/1", "/challenges/2/judging", "/challenges/5/judging", "/proposals/7"}

// TestPages follows the links that each role sees and wants every page whole; then it looks at a page of each shape in a
// browser, as the first role that sees it.
func TestPages(t *testing.T) {
	t.Parallel()
	m := startMarket(t, true)
	roles := []walked{{who: "a visitor", as: m.signedIn(t, "")}}
	for _, a := range demo.Accounts {
		roles = append(roles, walked{who: a.Email, as: m.signedIn(t, a.Email)})
	}
	t.Run("walk", func(t *testing.T) {
		for i, role := range roles {
			t.Run("as "+role.who, func(t *testing.T) {
				t.Parallel()
				roles[i].pages = walk(t, role.as)
			})
		}
	})
	t.Run("look", func(t *testing.T) { lookAtEachShape(t, roles) })
}

// link is the address of a page, and its shape.
type link struct{ path, shape string }

// walk opens pages, those of a new shape first, and returns them in the order it did.
func walk(t *testing.T, b *browser) []string {
	var queue []link
	queued := map[string]bool{}
	add := func(paths []string) {
		for _, path := range paths {
			if !queued[path] {
				queued[path] = true
				queue = append(queue, link{path, shape(path)})
			}
		}
	}
	add(starts)
	shapes := map[string]int{}
	var whole []string
	opened := 0
	for len(queue) > 0 && opened < maxWalk {
		next := max(0, slices.IndexFunc(queue, func(l link) bool { return shapes[l.shape] == 0 }))
		path, kind := queue[next].path, queue[next].shape
		queue = slices.Delete(queue, next, next+1)
		start := slices.Contains(starts, path)
		if shapes[kind] >= maxOfAKind && !start {
			continue
		}
		shapes[kind]++
		opened++
		status, body := b.get(path)
		switch status {
		case http.StatusOK:
		case http.StatusSeeOther, http.StatusFound:
			continue
		case http.StatusTooManyRequests:
			if !strings.Contains(path, ".xlsx") && !strings.Contains(path, ".csv") {
				t.Errorf("%s: status %d", path, status)
			}
			continue // all these roles share an address, and files are made for one client at a time
		case http.StatusForbidden, http.StatusNotFound:
			if start || status == http.StatusForbidden && slices.Contains(entries, kind) {
				continue
			}
			t.Errorf("%s: status %d, although a page links to it", path, status)
			continue
		default:
			t.Errorf("%s: status %d", path, status)
			continue
		}
		if !strings.Contains(body, "<html") {
			continue // a download
		}
		if !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
			t.Errorf("%s: the page is cut off", path)
		}
		whole = append(whole, path)
		add(pageLinks(t, path, body))
	}
	if opened < 12 {
		t.Errorf("only %d pages were walked", opened)
	}
	return whole
}

// pageLinks returns the links of a page that lead to this site, without fragments.
func pageLinks(t *testing.T, path, body string) []string {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if doc.Find("h1").Length() != 1 {
		t.Errorf("%s: %d headings of the first level", path, doc.Find("h1").Length())
	}
	if doc.Find("[style]").Length() > 0 {
		t.Errorf("%s: inline style", path)
	}
	base, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	doc.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
		href, _ := a.Attr("href")
		target, err := base.Parse(href)
		if err != nil {
			t.Errorf("%s: bad link %q", path, href)
			return
		}
		if target.Host != "" || target.Scheme != "" {
			return
		}
		target.Fragment = ""
		out = append(out, target.RequestURI())
	})
	return out
}

// shape is a path with its numbers and its query's values taken out.
func shape(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	parts := strings.Split(u.Path, "/")
	for i, p := range parts {
		if p != "" && strings.Trim(p, "0123456789") == "" {
			parts[i] = ":id"
		}
	}
	return strings.Join(parts, "/")
}
