package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"techmarket/internal/market"
)

const smallPDF = "%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n"

func licenceForm(t *testing.T) url.Values {
	t.Helper()
	return url.Values{"key": {formKey()}, "type": {"enterprise"}, "uscc": {string(testUSCC(t))}, "name": {fmt.Sprintf("吉安执照%d号公司", testSerial.Add(1))}, "region": {"360825"},
		"industry": {"C"}, "scale": {"small"}}
}

// TestLicence: an organisation registers with its licence; its people and reviewers save it, nobody else finds it.
func TestLicence(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	person := s.newUser()
	applicant := s.as(person)
	if got := applicant.uploadAs("licence", "/org", licenceForm(t), `..\执照 "正本".pdf`, smallPDF); got.status != http.StatusSeeOther {
		t.Fatalf("registering: status %d", got.status)
	}
	var file string
	var org int64
	if err := s.Store.DB().QueryRow(`SELECT id, licence_file FROM orgs WHERE licence_file IS NOT NULL`).Scan(&org, &file); err != nil {
		t.Fatal(err)
	}
	path := "/files/" + file
	reviewer := s.as(s.newUser(market.Reviewer))
	if page := reviewer.get(fmt.Sprintf("/review/orgs/%d", org)); !strings.Contains(page.body, path) || !strings.Contains(page.body, "制造业") || !strings.Contains(page.body, "小型") {
		t.Error("the reviewer does not see licence, industry and size")
	}
	for who, c := range map[string]*client{"applicant": applicant, "reviewer": reviewer} {
		got := c.get(path)
		disposition := got.header.Get("Content-Disposition")
		if got.status != http.StatusOK || got.body != smallPDF || !strings.HasPrefix(disposition, "attachment;") || strings.Contains(disposition, `\`) ||
			got.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: status %d, %q, headers %v", who, got.status, got.body, got.header)
		}
	}
	for who, c := range map[string]*client{"another organisation": s.as(s.newOrg(market.Enterprise, market.OrgVerified)), "registrar": s.as(s.newUser(market.Registrar))} {
		if got := c.get(path); got.status != http.StatusNotFound {
			t.Errorf("%s: status %d", who, got.status)
		}
	}
	for _, odd := range []string{"/files/%ff%00", "/files/..%2f..%2fetc", "/files/" + strings.Repeat("a", 26), "/files/1"} {
		if got := applicant.get(odd); got.status != http.StatusNotFound {
			t.Errorf("%s: status %d", odd, got.status)
		}
	}
	if got := s.visitor().get(path); got.status != http.StatusSeeOther {
		t.Errorf("a visitor: status %d", got.status)
	}
	if n := s.audits(market.FileRead); n != 1 {
		t.Errorf("%d readings by staff in the audit, want 1", n)
	}
}

// TestLicenceIsKept: a form that is wrong elsewhere keeps the file, so that nobody uploads it twice.
func TestLicenceIsKept(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	applicant := s.as(s.newUser())
	form := licenceForm(t)
	form.Set("region", "")
	got := applicant.uploadAs("licence", "/org", form, "执照.pdf", smallPDF)
	kept, _ := got.page(t).Find(`input[name="licence_id"]`).Attr("value")
	if got.status != http.StatusUnprocessableEntity || kept == "" || !strings.Contains(got.body, "已上传：执照.pdf") {
		t.Fatalf("status %d, kept %q", got.status, kept)
	}
	form.Set("region", "360825")
	form.Set("licence_id", kept)
	if got := applicant.post("/org", form); got.status != http.StatusSeeOther {
		t.Fatalf("again: status %d", got.status)
	}
	var stored string
	if err := s.Store.DB().QueryRow(`SELECT licence_file FROM orgs WHERE name = $1`, form.Get("name")).Scan(&stored); err != nil || stored != kept {
		t.Errorf("stored %q, want %q: %v", stored, kept, err)
	}

	thief := s.as(s.newUser())
	stolen := licenceForm(t)
	stolen.Set("licence_id", kept)
	if got := thief.post("/org", stolen); got.status != http.StatusSeeOther {
		t.Fatalf("somebody else: status %d", got.status)
	}
	var none *string
	if err := s.Store.DB().QueryRow(`SELECT licence_file FROM orgs WHERE name = $1`, stolen.Get("name")).Scan(&none); err != nil || none != nil {
		t.Errorf("another person's file was taken: %v %v", none, err)
	}
}

func TestBadLicence(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	applicant := s.as(s.newUser())
	for name, c := range map[string]struct{ file, content, says string }{
		"script":  {"执照.pdf", "<script>alert(1)</script>", "只收 PDF、PNG、JPG 文件"},
		"program": {"执照.pdf.exe", smallPDF, "内容却不是"},
		"empty":   {"执照.pdf", "", "文件是空的"},
	} {
		got := applicant.uploadAs("licence", "/org", licenceForm(t), c.file, c.content)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.page(t).Find("#licence-error").Text(), c.says) {
			t.Errorf("%s: status %d, %q", name, got.status, got.page(t).Find("#licence-error").Text())
		}
	}
	if got := applicant.uploadAs("licence", "/org", licenceForm(t), "大.pdf", "%PDF-"+strings.Repeat("x", 12<<20)); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: status %d", got.status)
	}
	if n := s.rows("files"); n != 0 {
		t.Errorf("%d files were kept", n)
	}
}
