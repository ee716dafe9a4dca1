package view

import (
	"bytes"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/PuerkitoBio/goquery"

	"techmarket/web"
)

// workPage and printPage show the two other layouts.
type workPage struct{ Work }

func (workPage) Template() string { return "page/work" }

type printPage struct{ Print }

func (printPage) Template() string { return "page/print" }

// shared holds the layouts and partials of the site, and the given pages.
func shared(t *testing.T, pages map[string]string) fs.FS {
	t.Helper()
	tree := fstest.MapFS{}
	for _, folder := range []string{"layout", "partial"} {
		names, err := fs.Glob(web.Templates(), folder+"/*.html")
		if err != nil || len(names) == 0 {
			t.Fatalf("no templates in %s: %v", folder, err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(web.Templates(), name)
			if err != nil {
				t.Fatal(err)
			}
			tree[name] = &fstest.MapFile{Data: data}
		}
	}
	for name, content := range pages {
		tree["page/"+name+".html"] = &fstest.MapFile{Data: []byte(content)}
	}
	return tree
}

func render(t *testing.T, page Page, pages map[string]string) string {
	t.Helper()
	engine, err := New(shared(t, pages), []Page{page})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := engine.Render(&out, page); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func renderGallery(t *testing.T) string {
	t.Helper()
	return render(t, newGallery(), map[string]string{"gallery": readFile(t, "testdata/gallery.html")})
}

func newWork() workPage {
	base := galleryBase()
	base.User = &UserBox{Name: "曾晓雯", Org: "白石岭钙业", Mono: "永", Unread: 3}
	return workPage{Work{Base: base, SideOrg: "永丰白石岭钙业有限公司", SideRole: "企业 · 编辑", SideGroups: []SideGroup{
		{Items: []SideItem{{Label: "工作台", Href: "/work", Icon: "home", Current: true}, {Label: "对接", Href: "/work/inquiries", Icon: "inbox", Count: 2}}},
		{Head: "审核", Items: []SideItem{{Label: "待办", Href: "/work/review", Icon: "check"}}},
		{Items: []SideItem{{Label: "单位与成员", Href: "/work/org", Icon: "users"}}},
	}}}
}

const workBody = `<div class="mk-whead"><div class="mk-whead__t"><h1>工作台</h1></div></div>`

func TestEveryPageIsSound(t *testing.T) {
	t.Parallel()
	guest, dark := newGallery(), newGallery()
	guest.Errors, guest.Flash = ErrorSummary{}, nil
	dark.Theme, dark.LargeType, dark.User = "dark", true, newWork().User
	source := map[string]string{"gallery": readFile(t, "testdata/gallery.html")}
	pages := map[string]string{
		"gallery": renderGallery(t),
		"guest":   render(t, guest, source),
		"dark":    render(t, dark, source),
		"work":    render(t, newWork(), map[string]string{"work": workBody}),
		"print":   render(t, printPage{Print{Base: galleryBase(), Back: Link{Label: "返回合同", Href: "/work"}, Note: "A4 纵向", PDF: "/x.pdf"}}, map[string]string{"print": `<article class="mk-sheet"><h1>登记表</h1></article>`}),
	}
	for name, html := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
			if err != nil {
				t.Fatal(err)
			}
			checkTags(t, html)
			checkPolicy(t, doc)
			checkReferences(t, doc)
			checkLabels(t, doc)
			checkHeadings(t, doc)
		})
	}
}

var tag = regexp.MustCompile(`<(/?)([a-zA-Z][a-zA-Z0-9]*)\b((?:[^>"']|"[^"]*"|'[^']*')*?)(/?)>`)

// checkTags reports elements that are not closed in order, which a browser
// would mend silently and differently.
func checkTags(t *testing.T, html string) {
	t.Helper()
	void := map[string]bool{"meta": true, "link": true, "input": true, "br": true, "img": true, "hr": true, "col": true}
	var open []string
	for _, m := range tag.FindAllStringSubmatch(html, -1) {
		name := strings.ToLower(m[2])
		switch {
		case void[name] || m[4] == "/":
		case m[1] == "":
			open = append(open, name)
		case len(open) == 0 || open[len(open)-1] != name:
			t.Fatalf("</%s> closes %v", name, open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("not closed: %v", open)
	}
	if strings.Contains(html, "ZgotmplZ") || strings.Contains(html, "<no value>") || strings.Contains(html, "must-not-appear") {
		t.Error("a value that html/template refused, a missing one, or a password in the page")
	}
}

// checkPolicy holds what the Content-Security-Policy forbids.
func checkPolicy(t *testing.T, doc *goquery.Document) {
	t.Helper()
	if n := doc.Find("[style], style, script:not([src])").Length(); n > 0 {
		t.Errorf("%d inline styles or scripts", n)
	}
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, attribute := range s.Nodes[0].Attr {
			if strings.HasPrefix(attribute.Key, "on") {
				t.Errorf("inline handler %s", attribute.Key)
			}
		}
	})
}

// checkReferences holds that ids are unique and that what names an id finds it.
func checkReferences(t *testing.T, doc *goquery.Document) {
	t.Helper()
	ids := map[string]int{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) { ids[s.AttrOr("id", "")]++ })
	for id, count := range ids {
		if id == "" || count > 1 {
			t.Errorf("id %q is used %d times", id, count)
		}
	}
	for _, attribute := range []string{"aria-labelledby", "aria-describedby", "for", "list", "data-counter"} {
		doc.Find("[" + attribute + "]").Each(func(_ int, s *goquery.Selection) {
			for id := range strings.FieldsSeq(s.AttrOr(attribute, "")) {
				if ids[id] == 0 {
					t.Errorf("%s of <%s> names %q, which does not exist", attribute, goquery.NodeName(s), id)
				}
			}
		})
	}
	doc.Find(".mk-summary a").Each(func(_ int, s *goquery.Selection) {
		if id := strings.TrimPrefix(s.AttrOr("href", ""), "#"); ids[id] == 0 {
			t.Errorf("the error summary leads to %q, which does not exist", id)
		}
	})
}

// checkLabels holds that every control and every link has a name.
func checkLabels(t *testing.T, doc *goquery.Document) {
	t.Helper()
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		labelled := s.AttrOr("aria-label", "") != "" || s.Closest("label").Length() > 0 ||
			(id != "" && doc.Find(`label[for="`+id+`"]`).Length() > 0)
		if !labelled {
			t.Errorf("control %s %q has no label", goquery.NodeName(s), s.AttrOr("name", ""))
		}
	})
	doc.Find("a, button").Each(func(_ int, s *goquery.Selection) {
		inTemplate := s.ParentsFiltered("template").Length() > 0
		if !inTemplate && strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
			t.Errorf("a nameless <%s>", goquery.NodeName(s))
		}
	})
	doc.Find("fieldset").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.Find("legend").First().Text()) == "" {
			t.Error("a fieldset without a legend")
		}
	})
}

// checkHeadings holds one h1, and no level left out.
func checkHeadings(t *testing.T, doc *goquery.Document) {
	t.Helper()
	if n := doc.Find("h1").Length(); n != 1 {
		t.Errorf("%d headings of the first level", n)
	}
	before := 0
	doc.Find("main h1, main h2, main h3, main h4").Each(func(_ int, s *goquery.Selection) {
		level := int(goquery.NodeName(s)[1] - '0')
		if level > before+1 {
			t.Errorf("heading %q jumps from level %d to %d", s.Text(), before, level)
		}
		before = level
	})
}

func TestGalleryContent(t *testing.T) {
	t.Parallel()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(renderGallery(t)))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ selector, want string }{
		{"title", "错误：组件｜吉安科技大市场"},
		{".mk-summary h2", "有 3 处需要修改，其余内容已保留"},
		{"#problem-count", "已超出 5 字"},
		{"#title-count", "11／40 字"},
		{"#deposit-read", "输入后在此显示大写金额"},
		{"select#market option[selected]", "绿色食品"},
		{"#s1 mark", "重质碳酸钙"},
		{".mk-card--need .mk-num", "120～180"},
		{".mk-card--need .mk-more", "等 6 项"},
		{".mk-target text", "时序 89.3%"},
		{".mk-pager p", "第 41～50 项，共 1,286 项"},
		{".mk-nav [aria-current]", "技术需求"},
		{"[role=alert] p", "需求已提交审核，编号 XQ-2026-0412"},
		{".mk-blocked__why", "还差 1 项没有核对：是否含技术秘密"},
	}
	for _, c := range cases {
		if got := strings.TrimSpace(doc.Find(c.selector).First().Text()); got != c.want {
			t.Errorf("%s: got %q, want %q", c.selector, got, c.want)
		}
	}
	attributes := []struct{ selector, name, want string }{
		{".mk-target__bar", "width", "87.9%"},
		{".mk-target__pace line", "x1", "89.3%"},
		{"#budget", "aria-describedby", "budget-hint budget-error budget-read"},
		{"#budget", "aria-invalid", "true"},
		{"#indicators-1-unit", "aria-describedby", "indicators-error"},
		{"#indicators-3-unit", "aria-label", "第 4 行单位"},
		{"input[name=back]", "value", "/gallery?a=1&b=2"},
		{"time", "datetime", "2026-11-23"},
	}
	for _, c := range attributes {
		if got := doc.Find(c.selector).First().AttrOr(c.name, ""); got != c.want {
			t.Errorf("%s of %s: got %q, want %q", c.name, c.selector, got, c.want)
		}
	}
	if n := doc.Find(`[name="indicators.unit"]`).Length(); n != 4 {
		t.Errorf("%d lines of indicators, want the 2 filled and 2 empty ones", n)
	}
}

func TestLayoutFollowsTheEmbeddedStruct(t *testing.T) {
	t.Parallel()
	html := render(t, newWork(), map[string]string{"work": workBody})
	for _, want := range []string{`class="mk-work"`, "永丰白石岭钙业有限公司", `aria-current="page"`, "3<span class=\"visually-hidden\"> 条未读"} {
		if !strings.Contains(html, want) {
			t.Errorf("the workspace lacks %q", want)
		}
	}
	if strings.Contains(html, "mk-footer") {
		t.Error("the workspace has the public footer")
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		pages map[string]string
		page  Page
		want  string
	}{
		{"a page without a file", nil, workPage{}, "page/work.html"},
		{"a file without a page", map[string]string{"work": workBody, "stray": "x"}, workPage{}, "page/stray.html is not declared"},
		{"a broken template", map[string]string{"work": "{{if}}"}, workPage{}, "page/work.html"},
		{"an unknown partial", map[string]string{"work": `{{if .Title}}{{template "nothing" .}}{{end}}`}, workPage{}, "no such template: nothing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := New(shared(t, c.pages), []Page{c.page})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestRenderWritesNothingWhenItFails(t *testing.T) {
	t.Parallel()
	engine, err := New(shared(t, map[string]string{"work": `<h1>{{icon "no-such-icon"}}</h1>`}), []Page{workPage{}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := engine.Render(&out, workPage{}); err == nil || out.Len() > 0 {
		t.Errorf("error %v with %d bytes written", err, out.Len())
	}
	if err := engine.Render(&out, printPage{}); err == nil {
		t.Error("an undeclared page was rendered")
	}
}

// TestTemplateSources looks at every template of the site, also those that no
// test renders here.
func TestTemplateSources(t *testing.T) {
	t.Parallel()
	inline := regexp.MustCompile(`(?i)\sstyle=|<style|\son[a-z]+=|<script(?:\s[^>]*)?>[^<]`)
	icons := regexp.MustCompile(`\bicon "([^"]+)"`)
	err := fs.WalkDir(web.Templates(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(web.Templates(), name)
		if err != nil {
			return err
		}
		if found := inline.Find(data); found != nil {
			t.Errorf("%s: inline style or script: %q", name, found)
		}
		for _, m := range icons.FindAllSubmatch(data, -1) {
			if !web.HasIcon(string(m[1])) {
				t.Errorf("%s: no icon %q in web/assets/icons.json", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
