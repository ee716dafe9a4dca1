package server

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/worldtest"
)

// clearSignals answers what a contract points to, as a registrar without a part in it.
func (s *testServer) clearSignals(contract int64) {
	s.t.Helper()
	if err := worldtest.ClearSignals(s.t.Context(), s.Store, s.Service, s.newUser(market.Registrar), contract); err != nil {
		s.t.Fatal(err)
	}
}

// contractID is the contract of an address.
func contractID(t testing.TB, at string) int64 {
	t.Helper()
	id, err := strconv.ParseInt(strings.TrimPrefix(at, "/contracts/"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestSignalPages: the registrar reads what fires with its evidence, answers it and can pass then; who reads and does not
// decide sees the answer; the parties see nothing of it.
func TestSignalPages(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	seller, desk, auditor := s.as(s.newOrg(market.University, market.OrgVerified)), s.as(s.newUser(market.Registrar)), s.as(s.newUser(market.Auditor))
	var at, twin string
	for _, address := range []*string{&twin, &at} {
		*address = draftContract(t, seller, "重钙超细研磨助剂体系技术开发")
		wantStatus(t, "submit", seller.post(*address+"/submit", nil), http.StatusSeeOther)
	}
	wantStatus(t, "accept", desk.post(at+"/accept", nil), http.StatusSeeOther)
	if note := desk.get("/registry").page(t).Find("td[data-l=说明]").Text(); strings.Count(note, "审查提示 1 条待核实") != 2 {
		t.Errorf("the queue says %q", note)
	}
	box := desk.get(at).page(t).Find("#signals")
	if text := box.Text(); !strings.Contains(text, "重复登记") || !strings.Contains(text, "题名相同 1 份") || !strings.Contains(text, "已查未触发：关联关系、") {
		t.Errorf("the box reads %s", text)
	}
	if box.Find("a[href='"+twin+"']").Length() != 1 || box.Find("form").Length() != 1 || desk.get(at).page(t).Find("form[action$='/pass']").Length() != 0 {
		t.Error("the box lacks the twin or its form, or the contract can be passed")
	}
	wantStatus(t, "pass before the answer", desk.post(at+"/pass", nil), http.StatusConflict)
	if seller.get(at).page(t).Find("#signals").Length() != 0 || auditor.get(at).page(t).Find("#signals form").Length() != 0 {
		t.Error("the seller sees the signals, or the auditor a form")
	}

	form := url.Values{"key": {box.Find("input[name=key]").AttrOr("value", "")}, "finding": {"ask"}, "note": {"与<b>前一份</b>是什么关系"}}
	wrong := desk.post(at+"/signals/duplicate", with(form, "finding", ""))
	if doc := wrong.page(t); wrong.status != http.StatusUnprocessableEntity || doc.Find("#signals #finding-error").Length() != 1 || doc.Find("#signals #note").Text() != "与<b>前一份</b>是什么关系" {
		t.Errorf("an answer without a finding: status %d", wrong.status)
	}
	wantStatus(t, "to another state of things", desk.post(at+"/signals/duplicate", with(form, "key", "1,999")), http.StatusConflict)
	wantStatus(t, "to no signal", desk.post(at+"/signals/nothing", form), http.StatusNotFound)
	wantStatus(t, "ask", desk.post(at+"/signals/duplicate", form), http.StatusSeeOther)
	if got := desk.get(at).page(t).Find("form[action$='/return'] textarea").Text(); got != "与<b>前一份</b>是什么关系" {
		t.Errorf("the words to the seller begin with %q", got)
	}
	wantStatus(t, "pass before the explanation", desk.post(at+"/pass", nil), http.StatusConflict)
	wantStatus(t, "answer", desk.post(at+"/signals/duplicate", with(with(form, "finding", "clear"), "note", "前一份由申请人撤回")), http.StatusSeeOther)
	if text := auditor.get(at).page(t).Find("#signals").Text(); !strings.Contains(text, "1 条，都已核实") || !strings.Contains(text, "前一份由申请人撤回") {
		t.Errorf("the auditor reads %s", text)
	}
	wantStatus(t, "pass", desk.post(at+"/pass", nil), http.StatusSeeOther)
}
