package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"techmarket/internal/market"
)

func orgValues(code market.USCC) url.Values {
	return url.Values{"type": {"enterprise"}, "uscc": {string(code)}, "name": {"永丰白石岭钙业有限公司"}, "region": {"360825"}, "key": {"form-1"}}
}

func TestOrgRegistration(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.as(s.newUser())
	if got := c.get("/org"); got.status != http.StatusSeeOther || got.location != "/org/new" {
		t.Errorf("without an organisation: status %d to %s", got.status, got.location)
	}
	for text, typed := range map[string]string{
		"代码应为 18 位，现在是 11 位":        "91360825MA3",
		"代码的校验位不对，通常是其中一位输错":        "91360825MA35TQ4K58",
		"不应有字母 I、O、S、V、Z，第 13 位是 O": "91360825MA35OQ4K54",
		"请填写统一社会信用代码":               "",
		"第 1 位应为 1～9、A、N 或 Y，现在是 0": "01360825MA35TQ4K54",
	} {
		form := orgValues(market.USCC(typed))
		got := c.post("/org", form)
		wantMessage(t, typed, got, http.StatusUnprocessableEntity, text)
		page := got.page(t)
		if v, _ := page.Find("#name").Attr("value"); v != "永丰白石岭钙业有限公司" {
			t.Errorf("%s: the name is lost", typed)
		}
		if page.Find(`.mk-summary a[href="#uscc"]`).Length() != 1 {
			t.Errorf("%s: the summary does not lead to the code", typed)
		}
	}

	check := c.get("/org/new?uscc=" + url.QueryEscape("５2 360802-mjd294179c") + "&type=enterprise&name=x")
	wantMessage(t, "check of a code", check, http.StatusOK, "校验通过：民办非企业单位，登记地吉安市吉州区")
	wantMessage(t, "check of a code", check, http.StatusOK, "转人工核验")
	if v, _ := check.page(t).Find(`#region option[selected]`).Attr("value"); v != "360802" {
		t.Errorf("the county is %q", v)
	}
	wantMessage(t, "check of a bad code", c.get("/org/new?uscc=9136"), http.StatusUnprocessableEntity, "代码应为 18 位")

	noPlace := orgValues(testUSCC(t))
	noPlace.Del("region")
	got := c.post("/org", noPlace)
	wantMessage(t, "no county", got, http.StatusUnprocessableEntity, "已按信用代码选为永丰县")
	if v, _ := got.page(t).Find(`#region option[selected]`).Attr("value"); v != "360825" {
		t.Errorf("the county is %q", v)
	}
	noPlace.Set("uscc", "91350100M000100Y43")
	wantMessage(t, "a code from elsewhere", c.post("/org", noPlace), http.StatusUnprocessableEntity, "请选择实际所在区县")
	bureau := orgValues(testUSCC(t))
	bureau.Set("type", "bureau")
	wantMessage(t, "a bureau", c.post("/org", bureau), http.StatusUnprocessableEntity, "请选择单位类型")

	good := orgValues(testUSCC(t))
	for range 2 { // the button pressed twice
		if got := c.post("/org", good); got.status != http.StatusSeeOther || got.location != "/org" {
			t.Fatalf("status %d to %s: %s", got.status, got.location, got.page(t).Find(".mk-summary").Text())
		}
	}
	wantMessage(t, "own page", c.get("/org"), http.StatusOK, "正在核验")
	good.Set("key", "form-2")
	wantMessage(t, "the same code again", c.post("/org", good), http.StatusUnprocessableEntity, "已经用这个代码登记过")
	var orgs int
	if err := s.Store.DB().QueryRow(`SELECT count(*) FROM orgs`).Scan(&orgs); err != nil || orgs != 1 {
		t.Errorf("%d organisations, %v", orgs, err)
	}
}

func TestOrgOfVerifiedCode(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	o, err := s.Store.Org(t.Context(), owner, owner.OrgID)
	if err != nil {
		t.Fatal(err)
	}
	wantMessage(t, "the code again", s.as(s.newUser()).post("/org", orgValues(o.USCC)), http.StatusUnprocessableEntity, "通过核验，不能重复登记")
}

func TestOwnOrgPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	rejected := s.newOrg(market.Enterprise, market.OrgRejected)
	c := s.as(rejected)
	page := c.get("/org")
	wantMessage(t, "returned", page, http.StatusOK, "核验被退回：信用代码与证照不符")
	wantMessage(t, "returned", page, http.StatusOK, "代码与证照不符。改好后保存")

	form := orgValues(testUSCC(t))
	form.Set("version", strconv.Itoa(s.version("orgs", rejected.OrgID)-1))
	wantMessage(t, "an older form", c.post("/org/edit", form), http.StatusConflict, "刚被别人修改过")
	form.Set("version", strconv.Itoa(s.version("orgs", rejected.OrgID)))
	form.Set("name", "短")
	got := c.post("/org/edit", form)
	wantMessage(t, "a short name", got, http.StatusUnprocessableEntity, "4～60 个字")
	if v, _ := got.page(t).Find("#name").Attr("value"); v != "短" {
		t.Errorf("the name is %q", v)
	}
	form.Set("name", "永丰青石岭钙业有限公司")
	if got := c.post("/org/edit", form); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	wantMessage(t, "submitted again", c.get("/org"), http.StatusOK, "再次提交核验")
	if a := s.actor(rejected.UserID); a.OrgState != market.OrgPending || a.OrgName != "永丰青石岭钙业有限公司" {
		t.Errorf("now %+v", a)
	}

	verified := s.newOrg(market.Enterprise, market.OrgVerified)
	c = s.as(verified)
	edit := url.Values{"version": {strconv.Itoa(s.version("orgs", verified.OrgID))}, "region": {"360821"}, "about": {"重质碳酸钙"}, "name": {"别的名称有限公司"}}
	if got := c.post("/org/edit", edit); got.status != http.StatusSeeOther {
		t.Errorf("details of a verified organisation: status %d", got.status)
	}
	if a := s.actor(verified.UserID); a.OrgState != market.OrgVerified || a.OrgName != verified.OrgName {
		t.Errorf("now %+v", a)
	}
	for _, role := range []market.Role{market.Editor, market.Viewer} {
		member := s.as(s.newMember(verified.OrgID, role))
		own := member.get("/org")
		if own.status != http.StatusOK || own.page(t).Find(`form[action="/org/edit"], form[action="/org/invitations"]`).Length() != 0 {
			t.Errorf("%s: status %d, or a form that is not theirs", role, own.status)
		}
		if got := member.post("/org/edit", edit); got.status != http.StatusForbidden {
			t.Errorf("%s edits: status %d", role, got.status)
		}
	}
}

func TestMembersPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	person := s.newUser()
	c := s.as(owner)
	if got := c.post("/org/invitations", url.Values{"email": {s.emailOf(person)}, "role": {"viewer"}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	wantMessage(t, "the open invitation", c.get("/org"), http.StatusOK, "等待答复的邀请")
	letter, path := s.letter(market.LetterInvite)
	if letter.To != s.emailOf(person) || letter.By != owner.UserName || letter.Org != owner.OrgName || letter.Role != "查看" {
		t.Errorf("the letter is %+v", letter)
	}
	wantMessage(t, "another account", c.get(path), http.StatusOK, "与受邀的邮箱不同")
	joining := s.as(person)
	wantMessage(t, "the invited", joining.get(path), http.StatusOK, "接受邀请")
	if got := joining.post("/invitation/accept", url.Values{"t": {path[strings.Index(path, "=")+1:]}}); got.status != http.StatusSeeOther || got.location != "/work" {
		t.Fatalf("status %d to %s", got.status, got.location)
	}
	wantMessage(t, "the workbench", joining.get("/work"), http.StatusOK, owner.OrgName)
	wantMessage(t, "the list", c.get("/org"), http.StatusOK, s.emailOf(person))
	member := s.as(person)
	wantMessage(t, "the member's own page", member.get("/org"), http.StatusOK, owner.OrgName)
	if got := member.post(fmt.Sprintf("/org/members/%d/remove", owner.UserID), nil); got.status != http.StatusForbidden {
		t.Errorf("a viewer removes the owner: status %d", got.status)
	}
	wantMessage(t, "the last owner leaves", c.post(fmt.Sprintf("/org/members/%d/remove", owner.UserID), nil), http.StatusConflict, "至少要有一位管理员")
	if got := c.post(fmt.Sprintf("/org/members/%d/remove", person.UserID), nil); got.status != http.StatusSeeOther {
		t.Errorf("status %d", got.status)
	}
	if got := member.get("/org"); got.location != "/org/new" {
		t.Errorf("after leaving: to %q", got.location)
	}
}

// TestInvitedPersonRegisters goes from the mail to the workbench of the organisation, with no account at the start.
func TestInvitedPersonRegisters(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	if got := s.as(owner).post("/org/invitations", url.Values{"email": {"wang@example.com"}, "role": {"editor"}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	_, path := s.letter(market.LetterInvite)
	c := s.visitor()
	register, _ := c.get(path).page(t).Find("a.btn-primary").Attr("href")
	page := c.get(register).page(t)
	if email, _ := page.Find("#email").Attr("value"); email != "wang@example.com" {
		t.Errorf("the address is filled in as %q", email)
	}
	next, _ := page.Find(`input[name="next"]`).Attr("value")
	got := c.post("/register", url.Values{"email": {"wang@example.com"}, "name": {"王五"}, "password": {testPassword}, "agreed": {"1"}, "next": {next}})
	if got.status != http.StatusSeeOther || got.location != path {
		t.Fatalf("status %d to %s, want %s", got.status, got.location, path)
	}
	if letters := s.letters(); len(letters) != 0 {
		t.Errorf("the address is to be confirmed once more: %+v", letters)
	}
	if got := c.post("/invitation/accept", url.Values{"t": {path[strings.Index(path, "=")+1:]}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	if got := c.post("/needs", needForm()); got.status != http.StatusSeeOther || s.needs(owner.OrgID) != 1 {
		t.Errorf("the new member saves a need: status %d", got.status)
	}

	other := s.visitor()
	if got := s.as(owner).post("/org/invitations", url.Values{"email": {"zhao@example.com"}, "role": {"editor"}}); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	_, path = s.letter(market.LetterInvite)
	got = other.post("/register", url.Values{"email": {"elsewhere@example.com"}, "name": {"赵六"}, "password": {testPassword}, "agreed": {"1"}, "next": {path}})
	if got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	s.letter(market.LetterConfirm) // another address is confirmed as ever
	wantMessage(t, "another address", other.post("/invitation/accept", url.Values{"t": {path[strings.Index(path, "=")+1:]}}), http.StatusConflict, "您登录的账号是 elsewhere@example.com")
}

func TestPublicOrgPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	reviewer := s.newUser(market.Reviewer)
	shown := s.waiting(owner, "看得见的需求", false)
	hidden := s.waiting(owner, "不公开名称的需求", true)
	for _, id := range []int64{shown, hidden} {
		if err := s.Service.PublishListing(t.Context(), reviewer, market.KindNeed, id, s.version("listings", id), market.SubjectNeed.AllYes()); err != nil {
			t.Fatal(err)
		}
	}
	path := orgPath(owner.OrgID)
	page := s.visitor().get(path)
	wantMessage(t, "public page", page, http.StatusOK, owner.OrgName)
	wantMessage(t, "public page", page, http.StatusOK, "看得见的需求")
	if strings.Contains(page.body, "不公开名称的需求") {
		t.Error("a need with a hidden name stands on its organisation's page")
	}
	if n := page.page(t).Find(".mk-card--need").Length(); n != 1 {
		t.Errorf("%d needs", n)
	}
	if page.page(t).Find(`a[href^="/review/"]`).Length() != 0 || s.as(reviewer).get(path).page(t).Find(`a[href^="/review/"]`).Length() != 1 {
		t.Error("the link to the review is for reviewers")
	}
	wantMessage(t, "no results", s.visitor().get(path+"?kind=result"), http.StatusOK, "现在没有公开的成果")
	wantMessage(t, "odd query", s.visitor().get(path+"?kind=<x>&page=-3"), http.StatusOK, "看得见的需求")

	c := s.as(reviewer)
	halt := url.Values{"version": {strconv.Itoa(s.version("orgs", owner.OrgID))}, "note": {"核查中"}}
	if got := c.post(fmt.Sprintf("/review/orgs/%d/suspend", owner.OrgID), halt); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	suspended := s.visitor().get(path)
	wantMessage(t, "suspended", suspended, http.StatusOK, "已暂停")
	if strings.Contains(suspended.body, "看得见的需求") || strings.Contains(suspended.body, "核查中") {
		t.Error("a suspended organisation still shows its needs, or why it is suspended")
	}
	for path, want := range map[string]int{"/orgs/999999": 404, "/orgs/x": 404, "/orgs/0": 404,
		orgPath(s.newOrg(market.Enterprise, market.OrgPending).OrgID): 404} {
		if got := s.visitor().get(path); got.status != want {
			t.Errorf("%s: status %d, want %d", path, got.status, want)
		}
	}
}

func TestSuspensionHoldsFromTheNextRequest(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	owner := s.newOrg(market.Enterprise, market.OrgVerified)
	id := s.waiting(owner, "要撤回再提交的需求", false)
	c := s.as(owner)
	if got := c.post(fmt.Sprintf("/needs/%d/recall", id), nil); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	reviewer := s.newUser(market.Reviewer)
	if err := s.Service.SuspendOrg(t.Context(), reviewer, owner.OrgID, s.version("orgs", owner.OrgID), "核查中"); err != nil {
		t.Fatal(err)
	}
	wantMessage(t, "submit", c.post(fmt.Sprintf("/needs/%d/submit", id), nil), http.StatusForbidden, "本单位已被暂停")
	wantMessage(t, "own page", c.get("/org"), http.StatusOK, "本单位已被暂停")
	if got := c.post("/org/edit", orgValues(testUSCC(t))); got.status != http.StatusForbidden {
		t.Errorf("edit: status %d", got.status)
	}
	if err := s.Service.ResumeOrg(t.Context(), reviewer, owner.OrgID, s.version("orgs", owner.OrgID)); err != nil {
		t.Fatal(err)
	}
	if got := c.post(fmt.Sprintf("/needs/%d/submit", id), nil); got.status != http.StatusSeeOther {
		t.Errorf("after the end of the suspension: status %d", got.status)
	}
}
