// Command shoot takes the screenshots of the user guide from a running market with demonstration data:
//
//	make run                  # in one terminal
//	go run ./docs/shoot       # in another; writes docs/img
//
// With -path it takes a single picture instead, for looking at a page while working on it.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image/jpeg"
	"image/png"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"techmarket/internal/chromium"
	"techmarket/internal/demo"
	"techmarket/internal/service"
)

// shot is one picture: who looks at which page, how wide.
type shot struct {
	name, account, path string
	width               int
	follow              string // selectors of the links that are the way from that page to the picture's, "" for that page itself
}

const (
	desktop = 1280
	phone   = 390
	screens = 1800 // of a page on a phone the guide shows no more: the whole would be a ribbon
	quality = 72   // of a JPEG
	then    = " then "

	withoutCode = "password only: "
)

// guide lists the pictures of the user guide.
var guide = []shot{
	{"home", "", "/", desktop, ""},
	{"search", "", "/search?q=碳酸钙", desktop, ""},
	{"turnover", "", "/turnover", desktop, ""},
	{"experts", "", "/experts", desktop, ""},
	{"challenges", "", "/challenges", desktop, ""},
	{"challenge", "", "/challenges?state=open", desktop, "h3 a"},
	{"challenge-new", "enterprise@example.com", "/challenges/new", desktop, ""},
	{"challenge-judging", "enterprise@example.com", "/work/challenges", desktop, `main a[href$="/judging"]`},
	{"proposal", "university@example.com", "/work/challenges", desktop, `main a[href$="/proposal"]`},
	{"work-experts", "university@example.com", "/work/experts", desktop, ""},
	{"register", "", "/register", desktop, ""},
	{"org-new", "broker@example.com", "/org/new", desktop, ""},
	{"org-change", "enterprise@example.com", "/org/changes/new", desktop, ""},
	{"work-enterprise", "enterprise@example.com", "/work", desktop, ""},
	{"need-new", "enterprise@example.com", "/needs/new", desktop, ""},
	{"need-phone", "enterprise@example.com", "/work/needs", phone, `main a[href$="/edit"]`},
	{"listing-files", "enterprise@example.com", "/work/needs", desktop, `main a[href$="/edit"]` + then + `main a[href$="/files"]`},
	{"searches", "enterprise@example.com", "/searches", desktop, ""},
	{"inquiries", "enterprise@example.com", "/inquiries", desktop, ""},
	{"members", "agency@example.com", "/org", desktop, ""},
	{"mandates", "enterprise@example.com", "/mandates", desktop, ""},
	{"mandate-new", "enterprise@example.com", "/mandates/new", desktop, ""},
	{"clients", "agency@example.com", "/clients", desktop, ""},
	{"acting-for", "broker@example.com", "/inquiries", desktop, ""},
	{"agency", "enterprise@example.com", "/mandates", desktop, `main a[href^="/orgs/"]`},
	{"imports", "university@example.com", "/imports/new?kind=result", desktop, ""},
	{"reset", "", "/reset", desktop, ""},
	{"second", "enterprise@example.com", "/account/second", desktop, ""},
	{"security", "enterprise@example.com", "/account/security", desktop, ""},
	{"privacy", "enterprise@example.com", "/account/privacy", desktop, ""},
	{"review", "reviewer@example.com", "/review", desktop, ""},
	{"review-org", "reviewer@example.com", "/review?type=org", desktop, "tbody a"},
	{"contract", "org13@example.com", "/contracts?state=todo", desktop, `th a[href^="/contracts/"]`},
	{"incentives", "", "/incentives", desktop, ""},
	{"lexicon", "reviewer@example.com", "/review/lexicon", desktop, ""},
	{"registry", "registrar@example.com", "/registry", desktop, ""},
	{"signals", "registrar@example.com", "/registry?state=second_review", desktop, "tbody th a"},
	{"sample", "statistician@example.com", "/registry/samples", desktop, "tbody th a"},
	{"amendment", "registrar@example.com", "/registry?state=amendments", desktop, "tbody th a"},
	{"objection", "registrar@example.com", "/registry?state=objections", desktop, "tbody th a"},
	{"audit", "auditor@example.com", "/audit", desktop, ""},
	{"admin-users", "admin@example.com", "/admin/users", desktop, ""},
	{"admin-user", "admin@example.com", "/admin/users?q=county", desktop, "tbody a"},
	{"settings", "admin@example.com", "/admin/settings", desktop, ""},
	{"login-code", withoutCode + "registrar2@example.com", "/login/code", desktop, ""},
	{"bureau-targets", "statistician@example.com", "/bureau/targets", desktop, ""},
	{"reward", "statistician@example.com", "/bureau/rewards", desktop, "tbody th a"},
	{"reconciliation", "statistician@example.com", "/bureau/reconciliation", desktop, ""},
	{"reconciliation-period", "statistician@example.com", "/bureau/reconciliation", desktop, "tbody th a"},
	{"correction", "registrar@example.com", "/bureau/reconciliation", desktop, "tbody th a" + then + `a[href*="list=decided"]` + then + `main a[href$="/change"]`},
	{"month-ends", "statistician@example.com", "/bureau/month-ends", desktop, ""},
	{"month-end", "statistician@example.com", "/bureau/month-ends", desktop, "tbody th a"},
	{"bureau-turnover", "statistician@example.com", "/bureau/turnover", desktop, ""},
}

func main() {
	base := flag.String("url", "http://127.0.0.1:8080", "address of the market")
	out := flag.String("out", "docs/img", "folder of the pictures, or with -path the file")
	path := flag.String("path", "", "take this page only")
	account := flag.String("account", "", "with -path: who looks, empty for a visitor")
	width := flag.Int("width", desktop, "with -path: how wide")
	flag.Parse()
	shots := guide
	if *path != "" {
		shots = []shot{{account: *account, path: *path, width: *width}}
	}
	if err := run(*base, *out, shots); err != nil {
		log.Fatal(err)
	}
}

func run(base, out string, shots []shot) error {
	allocator, stop, err := chromium.Start(context.Background(), chromedp.Flag("hide-scrollbars", true))
	if err != nil {
		return err
	}
	defer stop()
	people := &browsers{allocator: allocator, base: base, open: map[string]context.Context{}}
	defer people.close()
	for _, s := range shots {
		picture, err := people.take(s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.path, err)
		}
		file := out
		if s.name != "" {
			file = filepath.Join(out, s.name+".jpg")
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, picture, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// browsers holds one browser for each person: a code of the second factor is good once in half a minute, so nobody signs
// in for every picture.
type browsers struct {
	allocator context.Context
	base      string
	open      map[string]context.Context
	closers   []context.CancelFunc
}

func (b *browsers) close() {
	for _, closer := range b.closers {
		closer()
	}
}

// of is the browser of an account, signed in; "" is a visitor.
func (b *browsers) of(account string) (context.Context, error) {
	if ctx := b.open[account]; ctx != nil {
		return ctx, nil
	}
	ctx, closer := chromedp.NewContext(b.allocator)
	b.closers = append(b.closers, closer)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		return nil, err
	}
	b.open[account] = ctx
	if account == "" {
		return ctx, nil
	}
	return ctx, signIn(ctx, b.base, account)
}

// follow goes where links lead, one after the other.
func follow(ctx context.Context, selectors string) error {
	for selector := range strings.SplitSeq(selectors, then) {
		href, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q).href`, selector)))
		if err != nil {
			return err
		}
		if err := chromedp.Do(ctx, chromedp.Navigate(href), chromedp.WaitVisible("main")); err != nil {
			return err
		}
	}
	return nil
}

// signIn signs a browser in. withoutCode before an account stops at the second factor.
func signIn(ctx context.Context, base, account string) error {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	account, half := strings.CutPrefix(account, withoutCode)
	if err := chromedp.Do(ctx, chromedp.Navigate(base+"/login"), chromedp.SendKeys("#email", account), chromedp.SendKeys("#password", demo.Password),
		chromedp.Submit("#password"), chromedp.WaitVisible(".mk-wmain, #code")); err != nil {
		return err
	}
	asked, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelector("#code") !== null`))
	if err != nil || !asked || half {
		return err
	}
	code, err := service.CodeAt(demo.Second, time.Now())
	if err != nil {
		return err
	}
	return chromedp.Do(ctx, chromedp.SendKeys("#code", code), chromedp.Submit("#code"), chromedp.WaitVisible(".mk-wmain"))
}

func (b *browsers) take(s shot) ([]byte, error) {
	ctx, err := b.of(s.account)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(s.width), 900), chromedp.Navigate(b.base+s.path), chromedp.WaitVisible("main")); err != nil {
		return nil, err
	}
	if s.follow != "" {
		if err := follow(ctx, s.follow); err != nil {
			return nil, err
		}
	}
	if s.name != "" && s.width == phone {
		return firstScreens(ctx)
	}
	return chromedp.Run(ctx, chromedp.FullScreenshot(quality))
}

// firstScreens is a picture of the beginning of a page.
func firstScreens(ctx context.Context) ([]byte, error) {
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(phone, screens)); err != nil {
		return nil, err
	}
	taken, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return nil, err
	}
	picture, err := png.Decode(bytes.NewReader(taken))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}
