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
const maxOfAKind = 6

// entries stand on every page of the site, also for who acts for a client that did not mandate it: they are told why not.
var entries = []string{"/needs/new", "/results/new", "/challenges/new", "/imports"}

// TestEveryPageCompletesForEveryRole follows the links that each role sees, from the first page and the workbench, and
// wants every page whole.
func TestEveryPageCompletesForEveryRole(t *testing.T) {
	t.Parallel()
	m := startMarket(t, true)
	roles := []string{""}
	for _, a := range demo.Accounts {
		roles = append(roles, a.Email)
	}
	for _, email := range roles {
		t.Run("as "+email, func(t *testing.T) {
			t.Parallel()
			walk(t, m.signedIn(t, email))
		})
	}
}

func walk(t *testing.T, b *browser) {
	queue := []string{"/", "/needs", "/results", "/turnover", "/guide", "/login", "/work", "/notices", "/account"}
	seen, shapes := map[string]bool{}, map[string]int{}
	for opened := 0; len(queue) > 0 && opened < maxWalk; {
		path := queue[0]
		queue = queue[1:]
		if seen[path] || shapes[shape(path)] >= maxOfAKind {
			continue
		}
		seen[path] = true
		shapes[shape(path)]++
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
			if status == http.StatusForbidden && slices.Contains(entries, path) {
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
		queue = append(queue, pageLinks(t, path, body)...)
	}
	if len(seen) < 12 {
		t.Errorf("only %d pages were walked", len(seen))
	}
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
