package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"techmarket/internal/demo"
)

// axeRules are the rules of axe-core that every page keeps.
const axeRules = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`

// themeRules are those that a theme can break.
const themeRules = `{type: "rule", values: ["color-contrast"]}`

// axeScript answers with one line for each finding of those rules, empty when there is none.
const axeScript = `(async rules => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  return found.violations.flatMap(v => v.nodes.map(n => v.id + " at " + n.target.join(" ") + ": " + n.failureSummary.split("\n").slice(1).join(";"))).join("\n");
})(%s)`

// overflowScript names what makes a page wider than its window, apart from what scrolls in a frame of its own. What is
// wider only by hidden text in a frame has no name here.
const overflowScript = `(() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return "";
  const framed = e => e.closest(".mk-tablewrap, .mk-tabs, .mk-side, pre");
  const worst = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > wide + 1 && !framed(e)).slice(0, 3);
  return document.documentElement.scrollWidth + " px wide: " + worst.map(e => e.tagName.toLowerCase() + "." + e.className).join(", ");
})()`

// The widths at which pages are looked at. axe runs at the two that are drawn.
var (
	axeWidths      = []int64{1280, 390}
	overflowWidths = []int64{320, 640, 1000}
)

// TestPagesAreAccessible opens a page of each shape as the first role that sees it, on a desktop and on a phone, light and
// dark, and wants no finding of axe-core, nothing that makes the page scroll sideways, and no error in the
// console: neither of a script nor of the content security policy.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(filepath.Join("..", "..", "web", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Skipf("axe-core is not installed; `make test` installs it: %v", err)
	}
	chrome := newChrome(t)
	m := startMarket(t, true)
	seen := map[string]bool{}
	for _, email := range append([]string{""}, accountEmails()...) {
		pages := firstOfEachShape(t, m.signedIn(t, email))
		var fresh []string
		for _, path := range pages {
			if path != "/work" && seen[shape(path)] && !slices.Contains(axeStarts, path) || seen[path] {
				continue
			}
			seen[shape(path)], seen[path] = true, path != "/work"
			fresh = append(fresh, path)
		}
		if len(fresh) == 0 {
			continue
		}
		person := chrome.tab(t, m.url)
		if email != "" {
			person.open("/login")
			person.fill(fields{"email": email, "password": demo.Password})
			person.press("登录")
		}
		for _, path := range fresh {
			person.look(path, string(axe), who(email))
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d shapes of pages were found", len(seen))
	}
}

func accountEmails() []string {
	var out []string
	for _, a := range demo.Accounts {
		out = append(out, a.Email)
	}
	return out
}

func who(email string) string {
	if email == "" {
		return "a visitor"
	}
	return email
}

// look opens a page and reports what is wrong with it.
func (b *tab) look(path, axe, who string) {
	b.t.Helper()
	listening, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	console := chromedp.Console(listening)
	b.do("widen", chromedp.EmulateViewport(axeWidths[0], 900))
	b.open(path)
	b.eval(axe + `; ""`)
	report := func(how, found string) {
		for line := range strings.Lines(found) {
			b.t.Errorf("%s as %s, %s: %s", path, who, how, strings.TrimSpace(line))
		}
	}
	for _, width := range axeWidths {
		b.do("resize", chromedp.EmulateViewport(width, 900))
		report(fmt.Sprintf("%d px", width), b.evalAsync(fmt.Sprintf(axeScript, axeRules))+b.eval(overflowScript))
	}
	b.eval(`document.documentElement.dataset.bsTheme = "dark"`)
	report("dark", b.evalAsync(fmt.Sprintf(axeScript, themeRules)))
	for _, width := range overflowWidths {
		b.do("resize", chromedp.EmulateViewport(width, 900))
		report(fmt.Sprintf("%d px", width), b.eval(overflowScript))
	}
	b.eval(`console.log("` + lastWord + `"), ""`)
	for m, err := range console {
		if err != nil {
			b.t.Fatalf("%s as %s: read the console: %v", path, who, err)
		}
		if m.Text == lastWord {
			return
		}
		if m.IsException() || m.Type == chromedp.ConsoleError {
			report("console", m.String()+" "+m.URL)
		}
	}
}

// lastWord ends what a page has written to the console.
const lastWord = "looked at"

// axeStarts are where the crawl begins; those that have the shape of another page show it in another state: the demonstration's
// challenge that may be decided, the one that is open, and a proposal that waits for the university's scores.
var axeStarts = []string{"/", "/work", "/login", "/register", "/org/new", "/search?q=碳酸钙", "/search?q=没有这样的词组", "/needs/new", "/results/new", "/imports/new?kind=result",
	"/challenges/1", "/challenges/2/judging", "/challenges/5/judging", "/proposals/7"}

// firstOfEachShape follows the links from the starts and returns them, as far as they are pages, with a page of each other
// shape.
func firstOfEachShape(t *testing.T, b *browser) []string {
	t.Helper()
	queue, seen := slices.Clone(axeStarts), map[string]bool{}
	var out []string
	for n := 0; n < len(queue); n++ {
		path := queue[n]
		if n >= len(axeStarts) && seen[shape(path)] {
			continue
		}
		seen[shape(path)] = true
		status, body := b.get(path)
		if status != http.StatusOK || !strings.Contains(body, "<html") {
			continue
		}
		out = append(out, path)
		queue = append(queue, pageLinks(t, path, body)...)
	}
	return out
}
