package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// FuzzLocalPath: what a browser makes of an address to go on to stays here.
func FuzzLocalPath(f *testing.F) {
	for _, next := range foreign {
		f.Add(next)
	}
	for _, next := range []string{"/", "/work", "/needs?q=%E9%92%99&page=2", "/search?q=a//b", "/needs/12#terms"} {
		f.Add(next)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := localPath(next, "/fallback")
		// Browsers drop tabs and line ends, and read \ as /.
		read := strings.NewReplacer("\t", "", "\r", "", "\n", "", "\\", "/").Replace(strings.TrimFunc(got, func(r rune) bool { return r <= ' ' }))
		if !strings.HasPrefix(read, "/") || strings.HasPrefix(read, "//") || strings.ContainsAny(got, "\x00\r\n") {
			t.Errorf("%q leads to %q", next, got)
		}
	})
}

// fuzzLog keeps what the site logged of its failures: what a fuzzed test logs may not come from elsewhere.
type fuzzLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *fuzzLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *fuzzLog) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.buf.Reset()
	return l.buf.String()
}

func (l *fuzzLog) option(o *Options) {
	o.Log = slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelError}))
}

func (l *fuzzLog) check(t *testing.T, what string, got answer) {
	t.Helper()
	if got.status >= http.StatusInternalServerError || got.status < 200 {
		t.Errorf("%s: status %d\n%s", what, got.status, l.take())
	}
	if !utf8.ValidString(got.body) && strings.HasPrefix(got.header.Get("Content-Type"), "text/html") || strings.Contains(got.body, "<script>alert") {
		t.Errorf("%s: the page holds what it was given: %.500q", what, got.body)
	}
}

const fuzzBoundary = "xxBoundaryxx"

// multipartOf is a form as a browser sends it with a file.
func multipartOf(form url.Values) string {
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	err := parts.SetBoundary(fuzzBoundary)
	for name, values := range form {
		for _, value := range values {
			if err == nil {
				err = parts.WriteField(name, value)
			}
		}
	}
	if err == nil {
		err = parts.Close()
	}
	if err != nil {
		panic(err) // a Buffer takes everything
	}
	return body.String()
}

// FuzzForms sends any body to the forms of the site, as whoever may fill them in.
func FuzzForms(f *testing.F) {
	var logs fuzzLog
	w := &biWorld{mxWorld: newMatrixWorld(f, logs.option)}
	tries := map[int]*biTry{}
	for i, form := range biForms {
		if form.route == "POST /logout" {
			continue
		}
		body := w.form(form.route, w.person("owner"), mxObject{version: 1})
		f.Add(uint(i), false, body.Encode())
		f.Add(uint(i), true, multipartOf(body))
	}
	f.Add(uint(0), false, "a=%zz;b&&=&%ff=%00")
	f.Add(uint(1), true, "--"+fuzzBoundary+"\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../x\x00.csv\"\r\n\r\nx")
	f.Fuzz(func(t *testing.T, n uint, parts bool, body string) {
		i := int(n % uint(len(biForms)))
		form := biForms[i]
		if form.route == "POST /logout" {
			return
		}
		b := tries[i]
		if b == nil {
			b = w.try(t, form)
		}
		b.t = t
		kind := "application/x-www-form-urlencoded"
		if parts {
			kind = "multipart/form-data; boundary=" + fuzzBoundary
		}
		got := b.send(kind, strings.NewReader(body))
		logs.check(t, form.route, got)
		if got.status < 400 { // another object for the next body
			b = nil
		}
		tries[i] = b
	})
}

// FuzzUploadName sends a list under any name.
func FuzzUploadName(f *testing.F) {
	var logs fuzzLog
	s := newTestServer(f, logs.option)
	person := s.as(s.newOrg("enterprise", "verified"))
	for _, name := range []string{"成果.csv", "../../etc/passwd.csv", "..\\x.csv", "\xff\xfe.csv", "a\x00b.csv", strings.Repeat("长", 300) + ".csv", ".csv", "", "..", "<script>alert(1)</script>.csv", "a\u202evsc.exe", "x.xlsx"} {
		f.Add(name, mxList)
	}
	f.Add("x.xlsx", "PK\x03\x04")
	f.Fuzz(func(t *testing.T, name, content string) {
		c := *person
		c.t = t
		s.limits.mu.Lock()
		clear(s.limits.byKey)
		s.limits.mu.Unlock()
		var body bytes.Buffer
		parts := multipart.NewWriter(&body)
		c.must(parts.WriteField("kind", "result"))
		head := textproto.MIMEHeader{}
		head.Set("Content-Disposition", `form-data; name="file"; filename="`+strings.NewReplacer("\r", "", "\n", "", `"`, `\"`).Replace(name)+`"`)
		file, err := parts.CreatePart(head)
		c.must(err)
		_, err = io.WriteString(file, content)
		c.must(err)
		c.must(parts.Close())
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+"/imports", &body)
		c.must(err)
		req.Header.Set("Content-Type", parts.FormDataContentType())
		got := c.do(req)
		logs.check(t, fmt.Sprintf("%q", name), got)
		if got.status == http.StatusSeeOther {
			logs.check(t, got.location, c.get(got.location))
			marked := c.get(got.location + "/marked.xlsx")
			logs.check(t, "the rows to mend", marked)
			if header := marked.header.Get("Content-Disposition"); marked.status == http.StatusOK && !strings.HasPrefix(header, "attachment;") {
				t.Errorf("%q is sent as %q", name, header)
			}
		}
	})
}

// FuzzQueries asks for any page and any read of the API with any query.
func FuzzQueries(f *testing.F) {
	var logs fuzzLog
	w := newMatrixWorld(f, logs.option)
	var paths []string
	for _, r := range append(w.routes(), w.apiRoutes()...) {
		if r.method == http.MethodGet {
			paths = append(paths, strings.ReplaceAll(r.path, ":id", "1"))
		}
	}
	for i := range paths {
		f.Add(uint(i), "q=碳酸钙&page=2&sort=new&kind=need&submarket=materials&field=calcium&min=1&max=9&county=360825&verified=1&mode=licence&stage=pilot")
		f.Add(uint(i), "q=%ff%00&page=-1&year=99999999999&as_of=x&by=&cell=in&month=13&tab=%ff&listing=-1&next=//evil&t=%00&q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
	}
	f.Add(uint(1), "q=%zz;&&q=**~\"(+-&q="+strings.Repeat("重钙", 500))
	f.Fuzz(func(t *testing.T, n uint, raw string) {
		w.talk.t, w.testServer.t = t, t
		w.forgetLimits()
		path := paths[n%uint(len(paths))]
		for _, name := range []string{"owner", "auditor"} {
			p := w.person(name)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.http.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.URL.RawQuery = strings.Map(func(r rune) rune { // else it is no request
				if r <= ' ' || r == 0x7f || r == '#' {
					return -1
				}
				return r
			}, raw)
			if strings.HasPrefix(path, "/api/") {
				req.Header.Set("Authorization", "Bearer "+p.token)
			}
			web := *p.web
			web.t = t
			logs.check(t, name+" "+path, web.do(req))
		}
	})
}

// FuzzJSON sends any body to the writes of the API.
func FuzzJSON(f *testing.F) {
	var logs fuzzLog
	w := newMatrixWorld(f, logs.option)
	var lines []mxLine
	for _, line := range mxAPI {
		if !strings.HasPrefix(line.route, "GET ") && line.own != mxNobody {
			lines = append(lines, line)
		}
	}
	for i, line := range lines {
		raw, err := json.Marshal(mxBody(line.route, mxObject{id: 1, version: 1, terms: []int64{1}}))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint(i), string(raw))
	}
	for _, body := range []jsonObject{needBody(), resultBody(), contractBody()} {
		raw, err := json.Marshal(body)
		if err != nil {
			f.Fatal(err)
		}
		for i := range lines {
			f.Add(uint(i), string(raw))
		}
	}
	for _, body := range []string{"", "{", "null", "[]", `{"title":null}`, "{\"title\":\"\xff\\u0000\"}", `{"total_amount":1e999999}`, `{"version":99999999999999999999}`, `{"listing_id":-1,"term_ids":[null]}`} {
		f.Add(uint(0), body)
	}
	objects := map[int]mxObject{}
	f.Fuzz(func(t *testing.T, n uint, body string) {
		w.talk.t, w.testServer.t = t, t
		w.forgetLimits()
		i := int(n % uint(len(lines)))
		p := w.person("owner")
		o, ok := objects[i]
		if !ok {
			o = w.object(lines[i].on, lines[i].own != mxNotAsked, p.actor)
		}
		method, path, _ := strings.Cut(lines[i].route, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, w.http.URL+strings.Replace(path, ":id", fmt.Sprint(o.id), 1), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+p.token)
		got := w.visitor().do(req)
		logs.check(t, lines[i].route, got)
		objects[i] = o
		if got.status < 400 {
			delete(objects, i)
		}
	})
}
