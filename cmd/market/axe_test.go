package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// axeRules are the rules of axe-core that every page keeps.
const axeRules = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`

// axeScript answers with one line for each finding of those rules, empty when there is none.
const axeScript = `(async () => {
  const found = await axe.run(document, {runOnly: ` + axeRules + `, resultTypes: ["violations"]});
  return found.violations.flatMap(v => v.nodes.map(n => v.id + " at " + n.target.join(" ") + ": " + n.failureSummary.split("\n").slice(1).join(";"))).join("\n");
})()`

// overflowScript names what makes a page wider than its window, apart from what scrolls in a frame of its own. What is
// wider only by hidden text in a frame has no name here.
const overflowScript = `(() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return "";
  const framed = e => e.closest(".mk-tablewrap, .mk-tabs, .mk-side, pre");
  const worst = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > wide + 1 && !framed(e)).slice(0, 3);
  return document.documentElement.scrollWidth + " px wide: " + worst.map(e => e.tagName.toLowerCase() + "." + e.className).join(", ");
})()`

// looks are the ways a page is looked at with axe-core: wide and light, narrow and dark. A rule that a page breaks in one
// theme or at one width alone is found, unless it takes the other two together.
var looks = []struct {
	width int64
	theme string
}{{1280, "light"}, {390, "dark"}}

// overflowWidths are the other widths at which pages are looked at for scrolling sideways.
var overflowWidths = []int64{320, 640, 1000}

// walked is what a role saw, and its browser.
type walked struct {
	who   string
	as    *browser
	pages []string
}

// lookAtEachShape opens one of the pages of each shape as the first role that saw it, on a desktop and on a phone, and wants
// no finding of axe-core, nothing that makes the page scroll sideways, and no error in the console: neither of a
// script nor of the content security policy.
func lookAtEachShape(t *testing.T, roles []walked) {
	axe, err := os.ReadFile(filepath.Join("..", "..", "web", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Skipf("axe-core is not installed; `make test` installs it: %v", err)
	}
	chrome := newChrome(t)
	seen := map[string]bool{}
	for _, role := range roles {
		var fresh []string
		for _, path := range role.pages {
			if seen[path] || seen[shape(path)] && !slices.Contains(starts, path) {
				continue
			}
			seen[shape(path)], seen[path] = true, true
			if path == "/work" { // everybody's is another
				delete(seen, path)
			}
			fresh = append(fresh, path)
		}
		if len(fresh) == 0 {
			continue
		}
		person := chrome.tab(t, role.as.base)
		person.comeAs(role.as)
		for _, path := range fresh {
			person.look(path, string(axe), role.who)
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d shapes of pages were found", len(seen))
	}
}

// comeAs lets the tab go on as the person that a client has signed in as.
func (b *tab) comeAs(client *browser) {
	b.t.Helper()
	home, err := url.Parse(b.base)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range client.Jar.Cookies(home) {
		if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: b.base}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// look opens a page and reports what is wrong with it.
func (b *tab) look(path, axe, who string) {
	b.t.Helper()
	listening, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	console := chromedp.Console(listening)
	b.do("widen", chromedp.EmulateViewport(looks[0].width, 900))
	b.open(path)
	if got := b.eval(`decodeURI(location.pathname + location.search)`); got != path {
		b.t.Errorf("%s as %s leads to %s", path, who, got)
	}
	b.eval(`document.querySelectorAll(".mk-away").forEach(step => step.classList.remove("mk-away")), ""`) // the steps of a form, all at once
	b.eval(axe + `; ""`)
	report := func(how, found string) {
		for line := range strings.Lines(found) {
			b.t.Errorf("%s as %s, %s: %s", path, who, how, strings.TrimSpace(line))
		}
	}
	for _, l := range looks {
		b.do("resize", chromedp.EmulateViewport(l.width, 900))
		b.eval(`document.documentElement.dataset.bsTheme = "` + l.theme + `"`)
		report(fmt.Sprintf("%d px, %s", l.width, l.theme), b.evalAsync(axeScript)+b.eval(overflowScript))
	}
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
