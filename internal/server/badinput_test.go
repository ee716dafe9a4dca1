package server

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

	"techmarket/internal/market"
)

// A bad input to a field, and what the form says at it.
type biWrong struct {
	value string
	says  string // part of the message at the field
	at    string // the field that has the message, when it is another one
	plain bool   // the field is no control that a person fills in: the page says it in a sentence
	with  url.Values
}

// biField is what is wrong for a field of its kind. A field without anything takes all, or is ignored.
type biField []biWrong

// Values that no field may be harmed by.
const (
	biBroken = "重钙\xff\xfe研磨\x00"
	biScript = `"'><script>alert(1)</script><img src=x onerror=alert(2)>`
	biNumber = "-99999999999999999999"
)

var (
	biLong    = strings.Repeat("长", 5000)
	biHostile = []string{biBroken, biScript + biLong}
	biAny     = biField{}
)

// line is one line of text that may be left empty.
func biLine(max int) biField {
	return biField{{value: biBroken, says: "编码不对"}, {value: biLong, says: fmt.Sprintf("最多 %d 个字", max)}}
}

// must adds to a text that it may not be empty.
func (f biField) must(says string) biField {
	return append(biField{{value: "", says: says}, {value: " \n　\u200b", says: says}}, f...)
}

// when puts other values beside each bad one.
func (f biField) when(pairs ...string) biField {
	out := slices.Clone(f)
	for i := range out {
		out[i].with = url.Values{}
		for n := 0; n < len(pairs); n += 2 {
			out[i].with.Set(pairs[n], pairs[n+1])
		}
	}
	return out
}

func biOne(value, says string) biField { return biField{{value: value, says: says}} }

// biPlain is a hidden field: what is wrong with it is said in a sentence.
func biPlain(says string, values ...string) biField {
	var f biField
	for _, value := range values {
		f = append(f, biWrong{value: value, says: says, plain: true})
	}
	return f
}

// biChoice is a choice among what is listed.
func biChoice(says string) biField {
	return biField{{value: "nothing", says: says}, {value: "\xff\x00", says: says}}
}

func biMoney() biField {
	return biField{{value: "-5", says: "负数"}, {value: "12345678901234", says: "1 万亿元"}, {value: "八点六\xff", says: "应为数字"}, {value: "1e900000000", says: "应为数字"}}
}

// biDate is a date of a contract or listing.
func biDate() biField {
	return biField{{value: "1983-12-31", says: "年份不对"}, {value: "0000-00-00", says: "认不出来"}, {value: "2027-02-30", says: "认不出来"}, {value: biBroken, says: "认不出来"}}
}

// biUSCC has a wrong check digit, too few, letters that no code has.
func biUSCC() biField {
	return biField{{value: "91350100M000100Y34", says: "校验位"}, {value: "9135", says: "18 位"}, {value: "", says: "请填写"}, {value: biBroken, says: "18 位"}}
}

func biStale() biField {
	return biPlain("改过", "0", "99", biNumber)
}

// biForm is a form of the site: who fills it in, on which page it stands, and each of its fields.
type biForm struct {
	route  string
	as     string // of the matrix; "new" is an account of today, "new owner" one with a verified organisation
	on     string // the object, as the matrix names it
	page   string // the address of the page; :id is the object's. Empty: not looked at
	fields map[string]biField
	again  bool // carried out twice it is done twice, and rightly so
}

var biForms = slices.Concat(biSite, biOrg, biReview, biAdmin, biListings("need"), biListings("result"), biFiles, biTrade, biChallenges, biContracts, biImports, biExperts, biReconcile)

var biDuties = map[string]biField{"duties": biChoice("没有这个岗位"), "county": biChoice("请从列表中选择县区")}

// withDuties adds the fields of duties to those of a form.
func withDuties(fields map[string]biField) map[string]biField {
	maps.Copy(fields, biDuties)
	return fields
}

// withLexicon adds the fields of an entry of the lexicon to those of a form.
func withLexicon(fields map[string]biField) map[string]biField {
	maps.Copy(fields, map[string]biField{"version": biStale(), "field": biChoice("请从列表中选择细分领域"), "note": biLine(market.MaxLexiconNote).must("请写明依据"),
		"terms": {{value: "", says: "两个以上"}, {value: "只有一个", says: "两个以上"}, {value: "甲\n乙丙", says: "太短"}, {value: "ＬＥＤ灯\nled灯", says: "同一个词"},
			{value: "重钙=GCC\n石粉", says: "请去掉"}, {value: "重钙\n重质碳酸钙", says: "已经在一组里"}, {value: biBroken, says: "编码不对"}, {value: biLong + "\n" + biLong + "长", says: "太长"}}})
	return fields
}

// withReward adds the fields of a reward programme to those of a form.
func withReward(fields map[string]biField) map[string]biField {
	cap := func() biField { return append(biMoney(), biOne("0", "大于 0")...) }
	maps.Copy(fields, map[string]biField{"name": biLine(60).must("请填写名称"), "party": biChoice("请选择"), "base": biChoice("请选择"), "basis": biLine(200).must("请写明依据"), "why": biLine(200).must("为什么"),
		"percent":      {{value: "", says: "应为数字"}, {value: "0", says: "大于 0"}, {value: "100.1", says: "不超过 100"}, {value: "2.50001", says: "4 位小数"}, {value: "1e9", says: "应为数字"}, {value: biBroken, says: "应为数字"}},
		"contract_cap": cap(), "contract_cap_unit": biAny, "year_cap": cap(), "year_cap_unit": biAny, "least": cap(), "least_unit": biAny,
		"kinds": biChoice("请从列表中选择"), "conditions": biChoice("请从列表中选择"), "from": append(biDate(), biOne("", "请填写")...), "to": append(biDate(), biOne("", "请填写")...)})
	return fields
}

var biAdmin = []biForm{
	{route: "POST /admin/users", as: "admin", page: "/admin/users/new", fields: withDuties(map[string]biField{"key": biAny, "email": biEmail, "name": biLine(30).must("请填写姓名")})},
	{route: "POST /admin/users/:id/duties", as: "admin", on: "account", page: "/admin/users/:id", fields: withDuties(map[string]biField{"note": biLine(1000).must("请写明原因")})},
	{route: "POST /admin/users/:id/lock", as: "admin", on: "account", page: "/admin/users/:id", fields: map[string]biField{"note": biLine(1000).must("请写明原因")}},
	{route: "POST /admin/users/:id/unlock", as: "admin", on: "account locked", page: "/admin/users/:id"},
	{route: "POST /admin/users/:id/second", as: "admin", on: "account", page: "/admin/users/:id"},
	{route: "POST /admin/users/:id/sign-out", as: "admin", on: "account", again: true},
	{route: "POST /admin/users/:id/start", as: "admin", on: "account", again: true},
	{route: "POST /admin/users/:id/close", as: "admin", on: "account", page: "/admin/users/:id", fields: map[string]biField{"note": biLine(1000).must("请写明原因")}},
	{route: "POST /bureau/month-ends", as: "statistician", on: "month open", page: "/bureau/month-ends", fields: map[string]biField{"month": {{value: "", says: "请选择"}, {value: "2026-13", says: "请选择"},
		{value: biBroken, says: "请选择"}, {value: biNumber, says: "请选择"}, {value: "2999-01", says: "还没有结束"}, {value: "1999-01", says: "更早的月份"}}}},
	{route: "POST /bureau/targets", as: "statistician", page: "/bureau/targets", fields: map[string]biField{"version": biStale(), "year": biField{{value: "2020", says: "2021 到"}, {value: "", says: "2021 到"}, {value: biBroken, says: "2021 到"}, {value: biNumber, says: "2021 到"}},
		"region": biChoice("请选择"), "basis": biPlain("请选择口径", "nothing"), "amount": append(biMoney(), biOne("", "请填写目标")...), "amount_unit": biAny, "status": biChoice("请选择"),
		"approver": biLine(100).when("status", "approved").must("请写明核定单位").when("status", "approved"), "source": biLine(200).must("请写明依据")}},
	{route: "POST /bureau/rewards", as: "statistician", page: "/bureau/rewards/new", fields: withReward(map[string]biField{"key": biAny})},
	{route: "POST /bureau/rewards/:id", as: "statistician", on: "reward", page: "/bureau/rewards/:id/edit", fields: withReward(map[string]biField{"version": biStale()})},
	{route: "POST /admin/settings", as: "admin", page: "/admin/settings", fields: map[string]biField{"version": biStale(),
		"organiser": biLine(60).must("请填写主办单位"), "hours": biLine(60).must("请填写服务时间"), "phone": biLine(60), "icp": biLine(60), "police": biLine(60), "site_code": biLine(60)}},
}

var biPassword = biField{{value: "短", says: "至少 10 位"}, {value: biLong, says: "最多 128 位"}, {value: strings.Repeat("a", 20), says: "重复"}, {value: "", says: "至少 10 位"}}

var biEmail = biField{{value: "", says: "请填写邮箱"}, {value: "a@b", says: "写法不对"}, {value: biBroken, says: "写法不对"}, {value: biLong + "@example.com", says: "写法不对"},
	{value: "a@example.com\r\nBcc: b@example.com", says: "写法不对"}, {value: "<script>@example.com", says: "写法不对"}}

var biOldPassword = biField{{value: "x", says: "现在的密码不对"}, {value: biLong, says: "现在的密码不对"}, {value: biBroken, says: "现在的密码不对"}}

var biSite = []biForm{
	{route: "POST /preferences", as: "guest", page: "/", fields: map[string]biField{"back": biAny}},
	{route: "POST /register", as: "guest", page: "/register", fields: map[string]biField{
		"email": biEmail,
		"name":  biLine(30).must("请填写姓名"), "phone": biLine(30), "password": biPassword, "agreed": biOne("", "请先阅读并同意")}},
	{route: "POST /confirm", as: "guest", on: "confirm", page: "/confirm?t=:secret", fields: map[string]biField{"t": biPlain("链接", "", "x", biBroken, biLong)}},
	{route: "POST /invitation/accept", as: "new", on: "invite", page: "/invitation?t=:secret", fields: map[string]biField{"t": biPlain("邀请", "", "x", biBroken, biLong)}},
	{route: "POST /invitation/decline", as: "guest", on: "invite", page: "/invitation?t=:secret", fields: map[string]biField{"t": biPlain("邀请", "", "x", biBroken, biLong)}},
	{route: "POST /renew", as: "guest", on: "renew", page: "/renew?t=:secret", fields: map[string]biField{"t": biPlain("链接", "", "x", biBroken, biLong), "ids": biChoice("请至少勾选一项")}},
	{route: "POST /confirm/address", as: "guest", on: "address", page: "/confirm/address?t=:secret", fields: map[string]biField{"t": biPlain("链接", "", "x", biBroken, biLong)}},
	{route: "POST /searches", as: "new", page: "/search?q=%E9%87%8D%E9%92%99", fields: map[string]biField{"query": slices.Concat(biPlain("没有收到搜索的条件", "%zz", "q=%"), biPlain("最多 100 个字", "q="+biLong))}},
	{route: "POST /searches/:id", as: "editor", on: "search", page: "/searches", fields: map[string]biField{"name": biLine(market.MaxSearchName).must("请填写名称"), "often": biChoice("请选择")}},
	{route: "POST /searches/:id/delete", as: "editor", on: "search", page: "/searches"},
	{route: "POST /searches/quiet", as: "guest", on: "quiet", page: "/searches/quiet?t=:secret", fields: map[string]biField{"t": biPlain("链接", "", "x", biBroken, biLong), "ids": biChoice("请至少勾选一项")}},
	{route: "POST /login", as: "guest", page: "/login", again: true, fields: map[string]biField{
		"email":    {{value: biBroken, says: "重新输入密码", at: "password"}, {value: biLong, says: "重新输入密码", at: "password"}, {value: "", says: "重新输入密码", at: "password"}},
		"password": {{value: "x", says: "重新输入密码"}, {value: biLong, says: "重新输入密码"}, {value: biBroken, says: "重新输入密码"}}}},
	{route: "POST /account", as: "editor", page: "/account", fields: map[string]biField{"name": biLine(30).must("请填写姓名"), "phone": biLine(30)}},
	{route: "POST /account/tokens", as: "editor", page: "/account", fields: map[string]biField{"key": biAny,
		"token_name": {{value: " ", says: "请写明用在哪里"}, {value: biLong, says: "最多 40 个字"}, {value: biBroken, says: "编码不对"}}}},
	{route: "POST /account/tokens/:id/revoke", as: "editor", on: "token", page: "/account"},
	{route: "POST /account/password", as: "new", page: "/account/password", fields: map[string]biField{"username": biAny,
		"old_password": biOldPassword, "password": biPassword}},
	{route: "POST /account/email", as: "new", page: "/account", again: true, fields: map[string]biField{"email": biEmail, "email_password": biOldPassword}},
	{route: "POST /account/email/resend", as: "new", page: "/account", again: true},
	{route: "POST /login/code", as: "guest", again: true, fields: map[string]biField{"code": biAny, "next": biAny}},
	{route: "POST /reset", as: "guest", page: "/reset", again: true, fields: map[string]biField{"email": biEmail}},
	{route: "POST /reset/password", as: "guest", on: "reset", page: "/reset/password?t=:secret", fields: map[string]biField{"username": biAny,
		"t": biPlain("链接", "", "x", biBroken, biLong), "password": biPassword}},
	{route: "POST /account/second", as: "new", page: "/account/second", fields: map[string]biField{
		"code": {{value: "", says: "动态码不对"}, {value: "12345", says: "动态码不对"}, {value: biBroken, says: "动态码不对"}, {value: biLong, says: "动态码不对"}}}},
	{route: "POST /account/second/off", as: "new", page: "/account/second", fields: map[string]biField{"second_password": biOldPassword,
		"old_code": {{value: "", says: "动态码或恢复码不对"}, {value: "12345", says: "动态码或恢复码不对"}, {value: biBroken, says: "动态码或恢复码不对"}, {value: biLong, says: "动态码或恢复码不对"}}}},
	{route: "POST /account/sign-ins/:id/end", as: "editor", on: "sign-in", page: "/account/security"},
	{route: "POST /account/sign-ins/end-others", as: "new", again: true},
	{route: "POST /account/privacy", as: "new", page: "/account/privacy", fields: map[string]biField{"recommend": biAny, "alerts": biAny, "contact": biAny}},
	{route: "POST /account/policies", as: "new", fields: map[string]biField{"agreed": biAny}},
	{route: "POST /account/close", as: "new", page: "/account/close", fields: map[string]biField{"close_password": biOldPassword}},
	{route: "POST /logout", as: "new", page: "/account"},
	{route: "POST /notices/read", as: "seller", page: "/notices", fields: map[string]biField{"up_to": biPlain("没有选中消息", "", "x", biNumber)}},
	{route: "POST /acting", as: "agent", page: "/acting", fields: map[string]biField{"next": biAny, "to": biPlain("没有选中单位", "", "x", "0", biNumber)}},
}

func biDetails() map[string]biField {
	return map[string]biField{"region": biChoice("请选择"), "industry": biChoice("列表"), "scale": biChoice("列表"), "licence": biAny, "licence_id": biAny, "park": biChoice("从列表中选择"), "party_type": biChoice("从列表中选择"), "legal_rep": biLine(30), "address": biLine(100), "about": biLine(500)}
}

func biIdentity() map[string]biField {
	return map[string]biField{"type": biChoice("请选择"), "uscc": biUSCC(), "name": biLine(60).must("请填写")}
}

// biUnion puts the fields of parts of a form together.
func biUnion(parts ...map[string]biField) map[string]biField {
	out := map[string]biField{}
	for _, part := range parts {
		maps.Copy(out, part)
	}
	return out
}

var biOrg = []biForm{
	{route: "POST /org", as: "new", page: "/org/new", fields: biUnion(biIdentity(), biDetails(), map[string]biField{"key": biAny})},
	{route: "POST /org/edit", as: "unverified", page: "/org", fields: biUnion(biIdentity(), biDetails(), map[string]biField{"version": biStale()})},
	{route: "POST /org/changes", as: "new owner", page: "/org/changes/new", fields: biUnion(biIdentity(), map[string]biField{"key": biAny, "licence": biAny, "licence_id": biAny,
		"note": biLine(market.MaxChangeNote)})},
	{route: "POST /org/changes/:id/withdraw", as: "new owner", on: "change", page: "/org"},
	{route: "POST /org/invitations", as: "owner", page: "/org", fields: map[string]biField{"key": biAny, "email": biEmail, "role": biChoice("请选择")}},
	{route: "POST /org/invitations/:id/resend", as: "owner", on: "invitation", page: "/org", again: true},
	{route: "POST /org/invitations/:id/withdraw", as: "owner", on: "invitation", page: "/org"},
	{route: "POST /org/members/:id/role", as: "owner", on: "member", page: "/org", fields: map[string]biField{"role": biPlain("请选择角色", "", "king", biBroken)}},
	{route: "POST /org/members/:id/remove", as: "owner", on: "member", page: "/org"},
	{route: "POST /org/members/:id/hand-over", as: "new owner", on: "member", page: "/org"},
	{route: "POST /mandates", as: "owner", page: "/mandates/new", fields: map[string]biField{"key": biAny, "q": biAny, "mandate": biAny, "mandate_id": biAny, "agency": biChoice("请选择"),
		"scopes":    biChoice("请至少选择一项"),
		"starts_on": {{value: "", says: "请填写"}, {value: "1983-12-31", says: "不能早于今天"}, {value: biBroken, says: "认不出来"}},
		"ends_on":   {{value: "", says: "请填写"}, {value: "1983-12-31", says: "不能早于"}, {value: "2999-01-01", says: "最长"}, {value: biBroken, says: "认不出来"}}}},
	{route: "POST /mandates/:id/revoke", as: "owner", on: "mandate", page: "/mandates"},
	{route: "POST /mandates/:id/decline", as: "agency", on: "held mandate", page: "/clients"},
}

// biDecision is the form of a reviewer's decision: one form with two buttons. A request of change has no version: it is
// never edited.
func biDecision(subject market.Subject, pass bool) map[string]biField {
	fields := biDecided(subject, pass)
	if subject != market.SubjectOrgChange {
		fields["version"] = biStale()
	}
	return fields
}

func biDecided(subject market.Subject, pass bool) map[string]biField {
	fields := map[string]biField{"filter": biAny, "choice": biAny, "codes": biAny, "note": biAny}
	for _, check := range subject.Checks() {
		fields["check."+check.Code] = biAny
		if pass {
			fields["check."+check.Code] = biField{{value: "", says: "还没有核对"}, {value: "maybe", says: "还没有核对"}, {value: "no", says: "不符"}}
		}
	}
	if !pass {
		fields["codes"] = biField{{value: "", says: "选择"}, {value: "nothing", says: "选择"}, {value: biBroken, says: "选择"}}
		fields["note"] = biLine(1000).must("请写")
	}
	return fields
}

var biReview = []biForm{
	{route: "POST /review/lexicon", as: "reviewer", page: "/review/lexicon/new", fields: withLexicon(map[string]biField{"kind": biChoice("请选择")})},
	{route: "POST /review/lexicon/:id", as: "reviewer", on: "lexicon", page: "/review/lexicon/:id", fields: withLexicon(map[string]biField{})},
	{route: "POST /review/lexicon/:id/remove", as: "reviewer", on: "lexicon", page: "/review/lexicon/:id", fields: map[string]biField{"version": biStale(), "note": biLine(market.MaxLexiconNote).must("请写明原因")}},
	{route: "POST /review/lexicon/versions/:id/restore", as: "reviewer", on: "lexicon old", page: "/review/lexicon/versions/:id", fields: map[string]biField{"version": biStale(), "note": biLine(market.MaxLexiconNote).must("请写明原因")}},
	{route: "POST /review/refused/:id/retry", as: "reviewer", on: "refused need", page: "/review/refused", again: true},
	{route: "POST /review/orgs/:id/claim", as: "reviewer", on: "org pending", page: "/review/orgs/:id", again: true, fields: map[string]biField{"filter": biAny}},
	{route: "POST /review/orgs/:id/release", as: "reviewer", on: "org pending", again: true, fields: map[string]biField{"filter": biAny}},
	{route: "POST /review/changes/:id/claim", as: "reviewer", on: "change", page: "/review/changes/:id", again: true, fields: map[string]biField{"filter": biAny}},
	{route: "POST /review/changes/:id/release", as: "reviewer", on: "change", again: true, fields: map[string]biField{"filter": biAny}},
	{route: "POST /review/listings/:id/claim", as: "reviewer", on: "need in_review", page: "/review/listings/:id", again: true, fields: map[string]biField{"filter": biAny}},
	{route: "POST /review/listings/:id/release", as: "reviewer", on: "need in_review", again: true, fields: map[string]biField{"filter": biAny}},
	{route: "POST /review/revisions/:id/claim", as: "reviewer", on: "revision in_review", page: "/review/revisions/:id", again: true, fields: map[string]biField{"filter": biAny}},
	{route: "POST /review/revisions/:id/release", as: "reviewer", on: "revision in_review", again: true, fields: map[string]biField{"filter": biAny}},
	{route: "POST /review/challenges/:id/claim", as: "reviewer", on: "challenge in_review", page: "/review/challenges/:id", again: true, fields: map[string]biField{"filter": biAny}},
	{route: "POST /review/challenges/:id/release", as: "reviewer", on: "challenge in_review", again: true, fields: map[string]biField{"filter": biAny}},
	{route: "POST /review/orgs/:id/verify", as: "reviewer", on: "org pending", page: "/review/orgs/:id", fields: biDecision(market.SubjectOrg, true)},
	{route: "POST /review/orgs/:id/reject", as: "reviewer", on: "org pending", page: "/review/orgs/:id", fields: biDecision(market.SubjectOrg, false)},
	{route: "POST /review/orgs/:id/suspend", as: "reviewer", on: "org verified", page: "/review/orgs/:id", fields: map[string]biField{"version": biStale(), "note": biLine(1000).must("请写")}},
	{route: "POST /review/orgs/:id/resume", as: "reviewer", on: "org suspended", page: "/review/orgs/:id", fields: map[string]biField{"version": biStale()}},
	{route: "POST /review/changes/:id/verify", as: "reviewer", on: "change", page: "/review/changes/:id", fields: biDecision(market.SubjectOrgChange, true)},
	{route: "POST /review/revisions/:id/publish", as: "reviewer", on: "revision in_review", page: "/review/revisions/:id", fields: biDecision(market.SubjectRevision, true)},
	{route: "POST /review/revisions/:id/return", as: "reviewer", on: "revision in_review", page: "/review/revisions/:id", fields: biDecision(market.SubjectRevision, false)},
	{route: "POST /review/changes/:id/return", as: "reviewer", on: "change", page: "/review/changes/:id", fields: biDecision(market.SubjectOrgChange, false)},
	{route: "POST /review/imports/:id/publish", as: "reviewer", on: "import in_review", page: "/review/imports/:id"},
	{route: "POST /review/imports/:id/return", as: "reviewer", on: "import in_review", page: "/review/imports/:id", fields: map[string]biField{
		"codes": {{value: "", says: "选择"}, {value: "nothing", says: "列表"}}, "note": biLine(1000).must("请写")}},
}

// biListings are the forms about needs, and those about results.
func biListings(kind string) []biForm {
	at := "/" + kind + "s"
	common := map[string]biField{"title": biLine(100).must("请填写标题"), "submarket": biChoice("列表"), "fields": {{value: "nothing", says: "列表"}},
		"modes": biChoice("列表"), "secrecy": biOne("", "国家秘密").when("act", "submit"), "hide_org": biAny, "gated": biLine(3000), "region": biChoice("列表"), "tech_field": biChoice("列表"),
		"contact_name": biLine(30), "contact_phone": biLine(30)}
	more := map[string]biField{"problem": biLine(3000), "background": biLine(3000), "deadline": biDate(), "ownership": biLine(500), "partner": biLine(1000),
		"budget": biMoney(), "budget_unit": biAny, "budget_max": biMoney(), "budget_max_unit": biAny,
		"indicators.name": biLine(60), "indicators.now": biLine(40), "indicators.target": biLine(40), "indicators.unit": biLine(20), "indicators.method": biLine(100)}
	if kind == "result" {
		more = map[string]biField{"summary": biLine(3000), "problem": biLine(3000), "advantage": biLine(3000), "economics": biLine(3000), "stage": biChoice("列表"),
			"price_method": biChoice("请选择"), "price": biMoney(), "price_unit": biAny, "price_max": biMoney(), "price_max_unit": biAny,
			"ips.type": biChoice("类型"), "ips.title": biLine(200), "trl_min": biField{{value: "0", says: "TRL", at: "stage"}, {value: biNumber, says: "TRL", at: "stage"}, {value: "x", says: "TRL", at: "stage"}}, "trl_max": biField{{value: "12", says: "TRL", at: "stage"}}, "cases": biLine(3000), "inventors": biLine(200), "ips.number": {{value: "ZL 2017 1 0601862.4", says: "校验位"}}, "ips.status": biChoice("状态"),
			"ips.filed_on": biDate(), "ips.granted_on": biDate(), "evidence": biLine(1000)}
	}
	subject := market.Subject(kind)
	return []biForm{
		{route: "POST " + at, as: "owner", page: at + "/new", fields: biUnion(common, more, map[string]biField{"key": biAny})},
		{route: "POST " + at + "/:id", as: "owner", on: kind + " draft", page: at + "/:id/edit", fields: biUnion(common, more, map[string]biField{"version": biStale()})},
		{route: "POST " + at + "/:id/submit", as: "owner", on: kind + " draft", page: at + "/:id"},
		{route: "POST " + at + "/:id/recall", as: "owner", on: kind + " in_review", page: at + "/:id"},
		{route: "POST " + at + "/:id/discard", as: "owner", on: "edited " + kind + " draft", page: at + "/:id"},
		{route: "POST " + at + "/:id/confirm", as: "owner", on: kind + " published", page: at + "/:id", again: true},
		{route: "POST " + at + "/:id/withdraw", as: "owner", on: kind + " published", page: at + "/:id"},
		{route: "POST " + at + "/:id/close", as: "owner", on: kind + " published", page: at + "/:id"},
		{route: "POST " + at + "/:id/delete", as: "owner", on: kind + " draft", page: at + "/:id"},
		{route: "POST " + at + "/:id/publish", as: "reviewer", on: kind + " in_review", page: "/review/listings/:id", fields: biDecision(subject, true)},
		{route: "POST " + at + "/:id/return", as: "reviewer", on: kind + " in_review", page: "/review/listings/:id", fields: biDecision(subject, false)},
	}
}

var biMessage = biLine(market.MaxMessage)

var biTrade = []biForm{
	{route: "POST /matches/:id/mark", as: "owner", on: "match", page: "/work/matches", fields: map[string]biField{"back": biAny, "useful": biPlain("请选择", "", "maybe", biBroken)}},
	{route: "POST /inquiries", as: "owner", on: "need published", page: "/inquiries/new?listing=:id", fields: map[string]biField{"key": biAny, "listing": biPlain("没有", "", "x", biNumber), "with": biAny,
		"body": biMessage.must("至少 10 个字")}},
	{route: "POST /inquiries/:id/answer", as: "owner", on: "inquiry open", page: "/inquiries/:id", fields: map[string]biField{"answer": biChoice("请选择").when("reason", ""),
		"reason": biChoice("请选择").when("answer", "unsuitable"), "body": biMessage}},
	{route: "POST /inquiries/:id/propose", as: "owner", on: "inquiry answered", page: "/inquiries/:id", fields: map[string]biField{"version": biStale(), "kind": biChoice("请选择"),
		"indicators": biLine(1000), "period": biLine(1000), "payment": biLine(1000), "acceptance": biLine(1000), "price": biMoney(), "price_unit": biAny}},
	{route: "POST /inquiries/:id/agree-terms", as: "owner", on: "inquiry negotiating", page: "/inquiries/:id", fields: map[string]biField{"term": biPlain("刚被修改过", "", "x", biNumber)}},
	{route: "POST /inquiries/:id/agree", as: "owner", on: "inquiry settled", page: "/inquiries/:id", fields: map[string]biField{"version": biStale()}},
	{route: "POST /inquiries/:id/decline", as: "stranger", on: "inquiry open", page: "/inquiries/:id", fields: map[string]biField{"reason": biChoice("请选择"), "body": biMessage.when("reason", "其他")}},
	{route: "POST /deals/:id/fall", as: "owner", on: "deal agreed", page: "/inquiries/:inquiry", fields: map[string]biField{"fall_reason": biLine(market.MaxFallReason).must("请写明")}},
	{route: "POST /disclosures", as: "owner", on: "need gated", page: "/disclosures/new?listing=:id", fields: map[string]biField{"key": biAny, "listing": biPlain("没有", "", "x", biNumber),
		"purpose": biLine(market.MaxDisclosureText).must("请写")}},
	{route: "POST /disclosures/:id/grant", as: "owner", on: "disclosure requested", page: "/disclosures/:id"},
	{route: "POST /disclosures/:id/refuse", as: "owner", on: "disclosure requested", page: "/disclosures/:id", fields: map[string]biField{"reason": biLine(market.MaxDisclosureText).must("请写")}},
	{route: "POST /disclosures/:id/revoke", as: "owner", on: "disclosure granted", page: "/disclosures/:id", fields: map[string]biField{"reason": biLine(market.MaxDisclosureText).must("请写")}},
	{route: "POST /disclosures/:id/pledge", as: "owner", on: "sent disclosure granted", page: "/disclosures/:id", fields: map[string]biField{"pledge": biOne("", "同意"), "version": biPlain("承诺", "", "2020-1", biBroken)}},
}

var biLabel = biLine(100).must("请写明这是什么")

var biFiles = []biForm{
	{route: "POST /listings/:id/files", as: "owner", on: "attached draft", page: "/listings/:id/files", fields: map[string]biField{"key": biAny, "listing": biAny, "listing_id": biAny,
		"label": biLabel, "use": biChoice("请选择")}},
	{route: "POST /listings/:id/files/:file", as: "owner", on: "attached draft", page: "/listings/:id/files", fields: map[string]biField{"label": biLabel, "use": biChoice("请选择")}},
	{route: "POST /listings/:id/files/:file/raise", as: "owner", on: "attached draft", page: "/listings/:id/files"},
	{route: "POST /listings/:id/files/:file/remove", as: "owner", on: "attached draft", page: "/listings/:id/files"},
}

func biChallenge() map[string]biField {
	return map[string]biField{"title": biLine(100).must("请填写标题"), "submarket": biChoice("列表"), "fields": {{value: "nothing", says: "列表"}}, "problem": biLine(3000), "requirements": biLine(1000),
		"indicators.name": biLine(60), "indicators.now": biLine(40), "indicators.target": biLine(40), "indicators.unit": biLine(20), "indicators.method": biLine(100),
		"award": biMoney(), "award_unit": biAny, "payment": biLine(500), "contract_kind": biChoice("列表"), "awards": biField{{value: "0", says: "1 到 5"}, {value: biNumber, says: "1 到 5"}, {value: "x", says: "1 到 5"}},
		"deadline": biDate(), "criteria.name": biLine(30).must("名称"), "criteria.detail": biLine(200), "criteria.weight": {{value: "101", says: "1 到 100"}, {value: "-1", says: "1 到 100"}, {value: "x", says: "1 到 100"}},
		"contact_name": biLine(30), "contact_phone": biLine(30), "secrecy": biOne("", "国家秘密").when("act", "submit")}
}

var biScore = biField{{value: "", says: "0 到 100"}, {value: "101", says: "0 到 100"}, {value: biNumber, says: "0 到 100"}, {value: "x", says: "0 到 100"}}

var biChallenges = []biForm{
	{route: "POST /challenges", as: "owner", page: "/challenges/new", fields: biUnion(biChallenge(), map[string]biField{"key": biAny})},
	{route: "POST /challenges/:id", as: "owner", on: "challenge draft", page: "/challenges/:id/edit", fields: biUnion(biChallenge(), map[string]biField{"version": biStale()})},
	{route: "POST /challenges/:id/submit", as: "owner", on: "challenge draft", page: "/challenges/:id"},
	{route: "POST /challenges/:id/recall", as: "owner", on: "challenge in_review", page: "/challenges/:id"},
	{route: "POST /challenges/:id/delete", as: "owner", on: "challenge draft", page: "/challenges/:id"},
	{route: "POST /challenges/:id/publish", as: "reviewer", on: "challenge in_review", page: "/review/challenges/:id", fields: biDecision(market.SubjectChallenge, true)},
	{route: "POST /challenges/:id/return", as: "reviewer", on: "challenge in_review", page: "/review/challenges/:id", fields: biDecision(market.SubjectChallenge, false)},
	{route: "POST /challenges/:id/cancel", as: "reviewer", on: "challenge open", page: "/challenges/:id", fields: map[string]biField{"note": biLine(1000).must("请写")}},
	{route: "POST /challenges/:id/remand", as: "reviewer", on: "challenge publicity", page: "/challenges/:id", fields: map[string]biField{"note": biLine(1000).must("请写")}},
	{route: "POST /challenges/:id/questions", as: "stranger", on: "challenge open", page: "/challenges/:id", fields: map[string]biField{"key": biAny,
		"question": append(biLine(market.MaxQuestion).must("至少 5 个字"), biOne("请打 13800002046 说明来料情况", "请去掉")...)}},
	{route: "POST /challenges/:id/questions/:question/answer", as: "owner", on: "challenge open", page: "/challenges/:id", fields: map[string]biField{"answer": biLine(market.MaxAnswer).must("请填写答复")}},
	{route: "POST /challenges/:id/proposal", as: "owner", on: "bid open", page: "/challenges/:id/proposal", fields: map[string]biField{"version": biStale(), "answer.0": biLine(3000).must("请就"),
		"answer.1": biLine(3000).must("请就"), "team": biLine(3000).must("请写明"), "plan": biLine(3000).must("请写明"), "period": biLine(100).must("请写明"), "proposal": biAny,
		"price": append(biMoney(), biOne("300", "不能高于榜金")...), "price_unit": biAny}},
	{route: "POST /challenges/:id/proposal/withdraw", as: "owner", on: "bid open", page: "/challenges/:id/proposal"},
	{route: "POST /challenges/:id/judging/accept", as: "owner", on: "judged open invited", page: "/challenges/:id/judging", fields: map[string]biField{"declared": biOne("", "声明")}},
	{route: "POST /challenges/:id/judging/decline", as: "owner", on: "judged open invited", page: "/challenges/:id/judging"},
	{route: "POST /challenges/:id/judges", as: "owner", on: "challenge open", page: "/challenges/:id/judging", fields: map[string]biField{"email": append(biEmail[:len(biEmail):len(biEmail)], biOne("nobody@test.example", "还没有可用的账号")...)}},
	{route: "POST /challenges/:id/judges/:user/remove", as: "owner", on: "named open", page: "/challenges/:id/judging"},
	{route: "POST /challenges/:id/decide", as: "owner", on: "scored judging", page: "/challenges/:id/judging", fields: map[string]biField{"version": biStale(), "awarded": biOne("nothing", "重新勾选"), "proposal": biAny,
		"reason": biLine(market.MaxReason).must("请写明理由"), "outcome": biLine(market.MaxReason).must("至少 10 个字")}},
	{route: "POST /proposals/:id/score", as: "owner", on: "graded judging", page: "/proposals/:id", fields: map[string]biField{"score.0": biScore, "score.1": biScore,
		"comment.0": biLine(500).must("评语"), "comment.1": biLine(500).must("评语")}},
}

// biSides are the details of both parties: choices, short lines and the address. The two forms have the same rules, so that
// only one of them is tried with all that is wrong.
func biSides(choice, line, address biField) map[string]biField {
	out := map[string]biField{}
	for _, side := range []string{"seller_", "buyer_"} {
		for _, name := range []string{"scale", "industry", "traits"} {
			out[side+name] = choice
		}
		for _, name := range []string{"legal_rep", "contact", "phone"} {
			out[side+name] = line
		}
		out[side+"address"], out[side+"postcode"] = address, biOne("33009", "6 位")
	}
	return out
}

func biContract() map[string]biField {
	return biUnion(map[string]biField{"title": biLine(100).must("请填写"), "kind": biChoice("请选择"), "submarket": biChoice("列表"), "tech_field": biChoice("请选择"), "ip_type": biChoice("请选择"),
		"plan_source": biChoice("请选择"), "content": biLine(3000), "seller_type": biChoice("请选择"), "seller_region": biChoice("请选择"), "seller_park": biChoice("园区"),
		"buyer_name": biLine(60).must("请填写"), "buyer_uscc": biUSCC(), "buyer_type": biChoice("请选择"), "buyer_region": biChoice("请选择"), "agency_name": biLine(60),
		"total_amount": biMoney(), "total_amount_unit": biAny, "deductions.kind": biChoice("还没有选类别"), "deductions.name": biLine(100), "deductions.amount": biMoney(),
		"payment_mode": biChoice("请选择"), "payment_note": biLine(1000), "related": biAny, "signed_on": biDate(), "starts_on": biDate(), "ends_on": biDate(),
		"licence_mode": biChoice("列表"), "economic_goal": biChoice("列表"), "foreign": biAny, "government": biAny, "amount_open": biOne("1", "提成支付"), "royalty": biLine(500),
		"added_investment": append(biMoney(), biOne("1.2345678", "精确到分")...), "added_investment_unit": biAny, "added_output": biMoney(), "added_output_unit": biAny,
		"ips.type": biChoice("类型"), "ips.title": biLine(200), "ips.number": {{value: "ZL 2017 1 0601862.4", says: "校验位"}}, "ips.status": biChoice("状态"), "ips.filed_on": biDate(),
		"instalments.milestone": biLine(100), "instalments.due_on": biDate(), "instalments.amount": biMoney()}, biSides(biChoice("列表"), biLine(30), biLine(100)))
}

// biSame are fields whose errors another form of the same fields has shown.
func biSame(fields map[string]biField) map[string]biField {
	out := map[string]biField{}
	for name := range fields {
		out[name] = biAny
	}
	return out
}

var biDesk = map[string]biField{"code": biChoice("请选择"), "note": biLine(1000)}

// biSampleDay is a day of a sample: what has been.
var biSampleDay = biField{{value: "", says: "请填写"}, {value: "1983-12-31", says: "须在"}, {value: "2999-01-01", says: "须在"}, {value: "2027-02-30", says: "认不出来"}, {value: biBroken, says: "认不出来"}}

var biRemoval = map[string]biField{"ground": biChoice("请选择"), "benefits": biChoice("请选择"), "note": biLine(1000).must("请写")}

var biContracts = []biForm{
	{route: "POST /contracts", as: "owner", page: "/contracts/new", fields: biUnion(biContract(), map[string]biField{"key": biAny})},
	{route: "POST /contracts/:id/edit", as: "owner", on: "contract draft", page: "/contracts/:id/edit", fields: biUnion(biContract(), biSides(biAny, biAny, biAny), map[string]biField{"version": biStale()})},
	{route: "POST /contracts/:id/files", as: "owner", on: "contract draft", page: "/contracts/:id/files", fields: map[string]biField{"key": biAny, "contract": biAny, "contract_id": biAny,
		"use": biChoice("请选择"), "label": biLine(100)}},
	{route: "POST /contracts/:id/files/:file/remove", as: "owner", on: "filed contract draft", page: "/contracts/:id/files"},
	{route: "POST /contracts/:id/payments", as: "owner", on: "contract registered", page: "/contracts/:id/payments", fields: map[string]biField{"key": biAny, "proof": biAny, "proof_id": biAny, "note": biLine(100),
		"paid": append(biMoney(), biOne("0", "请填写付款金额")...), "paid_unit": biAny, "paid_on": {{value: "", says: "请填写"}, {value: "1983-12-31", says: "年份不对"}, {value: "2999-01-01", says: "不能晚于"}, {value: biBroken, says: "认不出来"}}}},
	{route: "POST /contracts/:id/payments/:payment/void", as: "owner", on: "paid contract registered", page: "/contracts/:id/payments", fields: map[string]biField{"reason": biLine(200).must("请写明")}},
	{route: "POST /contracts/:id/submit", as: "owner", on: "contract draft", page: "/contracts/:id"},
	{route: "POST /contracts/:id/withdraw", as: "owner", on: "contract submitted", page: "/contracts/:id"},
	{route: "POST /contracts/:id/accept", as: "registrar", on: "contract submitted", page: "/contracts/:id"},
	{route: "POST /contracts/:id/return", as: "registrar", on: "contract accepted", page: "/contracts/:id", fields: biDesk},
	{route: "POST /contracts/:id/pass", as: "registrar", on: "contract accepted", page: "/contracts/:id"},
	{route: "POST /contracts/:id/confirm", as: "registrar", on: "contract second_review", page: "/contracts/:id"},
	{route: "POST /contracts/:id/register", as: "registrar", on: "contract to_register", page: "/contracts/:id", fields: map[string]biField{
		"number": {{value: "", says: "请填写"}, {value: "12345", says: "位"}, {value: biBroken, says: "位"}}, "registered_on": append(biDate()[1:],
			biField{{value: "1983-12-31", says: "不能早于"}, {value: "2999-01-01", says: "不能晚于"}}.when("number_confirm", "1")...)}},
	{route: "POST /contracts/:id/refuse", as: "registrar", on: "contract accepted", page: "/contracts/:id", fields: biDesk},
	{route: "POST /contracts/:id/cancel", as: "registrar", on: "contract registered", page: "/contracts/:id", fields: biRemoval},
	{route: "POST /contracts/:id/revoke", as: "registrar", on: "contract registered", page: "/contracts/:id", fields: biRemoval},
	{route: "POST /contracts/:id/signals/:signal", as: "registrar", on: "signalled contract accepted", page: "/contracts/:id", fields: map[string]biField{"key": biAny, "finding": biChoice("请选择"),
		"note": biLine(500).must("请写明")}},
	{route: "POST /registry/samples", as: "registrar", on: "sample", page: "/registry/samples", fields: map[string]biField{"key": biAny, "from": biSampleDay, "to": biSampleDay, "strata": biChoice("请选择"),
		"size": {{value: "", says: "1 到 200"}, {value: "0", says: "1 到 200"}, {value: "201", says: "1 到 200"}, {value: "-3", says: "1 到 200"}, {value: "五份", says: "1 到 200"}, {value: biBroken, says: "1 到 200"}}}},
	{route: "POST /registry/samples/:id/contracts/:contract", as: "registrar", on: "sample", page: "/registry/samples/:id", fields: map[string]biField{"finding": biChoice("请选择"),
		"note": biLine(1000).must("请写明")}},
	{route: "POST /contracts/:id/change", as: "owner", on: "contract registered", page: "/contracts/:id/change", fields: biUnion(biSame(biContract()), map[string]biField{"title": biLine(100).must("请填写"),
		"key": biAny, "version": biStale(), "contract": biAny, "contract_id": biAny, "why": biLine(500).must("请写明")})},
	{route: "POST /contracts/:id/supplement", as: "owner", on: "royalty contract registered", page: "/contracts/:id/supplement", fields: map[string]biField{"key": biAny, "contract": biAny, "contract_id": biAny,
		"why": biLine(500).must("请写明"), "final": biAny, "total_amount": append(biMoney(), biOne("0", "请填写")...), "total_amount_unit": biAny, "tech_amount": append(biMoney(), biOne("999999", "不能超过")...),
		"tech_amount_unit": biAny, "obtained_on": {{value: "", says: "请填写"}, {value: "1983-12-31", says: "不能早于"}, {value: "2999-01-01", says: "不能晚于"}, {value: biBroken, says: "认不出来"}}}},
	{route: "POST /contracts/:id/objections", as: "registrar", on: "contract registered", page: "/contracts/:id/objections/new", fields: map[string]biField{"key": biAny, "contract": biAny, "contract_id": biAny,
		"objector": biChoice("请选择"), "name": biLine(60).must("请填写"), "letter_number": biLine(60).must("请填写"), "body": biLine(2000).must("请写明"),
		"letter_on": {{value: "", says: "请填写"}, {value: "1983-12-31", says: "不能早于"}, {value: "2999-01-01", says: "不能晚于"}, {value: biBroken, says: "认不出来"}}}},
	{route: "POST /contracts/:id/objections/:objection/propose", as: "registrar", on: "objected contract registered", page: "/contracts/:id/objections/:objection",
		fields: biUnion(biRemoval, map[string]biField{"outcome": biChoice("请选择")})},
	{route: "POST /contracts/:id/objections/:objection/return", as: "registrar", on: "proposed contract registered", page: "/contracts/:id/objections/:objection", fields: map[string]biField{"note": biLine(1000).must("请写明")}},
	{route: "POST /contracts/:id/objections/:objection/confirm", as: "registrar", on: "proposed contract registered", page: "/contracts/:id/objections/:objection"},
	{route: "POST /contracts/:id/objections/:objection/withdraw", as: "registrar", on: "objected contract registered", page: "/contracts/:id/objections/:objection", fields: map[string]biField{"note": biLine(1000).must("请写明")}},
	{route: "POST /contracts/:id/amendments/:amendment/withdraw", as: "owner", on: "amended contract registered", page: "/contracts/:id/amendments/:amendment"},
	{route: "POST /contracts/:id/amendments/:amendment/pass", as: "registrar", on: "twice contract registered", page: "/contracts/:id/amendments/:amendment"},
	{route: "POST /contracts/:id/amendments/:amendment/confirm", as: "registrar", on: "amended contract registered", page: "/contracts/:id/amendments/:amendment"},
	{route: "POST /contracts/:id/amendments/:amendment/refuse", as: "registrar", on: "amended contract registered", page: "/contracts/:id/amendments/:amendment", fields: biDesk},
}

var biImports = []biForm{
	{route: "POST /imports", as: "owner", page: "/imports/new?kind=result", fields: map[string]biField{"kind": biPlain("成果还是需求", "", "nothing", biBroken), "key": biAny, "file": biAny,
		"submarket": biChoice("列表"), "fields": biOne("nothing", "列表"), "modes": biChoice("列表"), "stage": biChoice("列表"), "price_method": biChoice("列表"),
		"contact_name": biLine(30), "contact_phone": biLine(30)}},
	{route: "POST /imports/:id/columns", as: "owner", on: "import checked", page: "/imports/:id", again: true, fields: map[string]biField{
		"column": biPlain("从列表中选择", "nothing", biBroken)}},
	{route: "POST /imports/:id/accept", as: "owner", on: "import checked", page: "/imports/:id", fields: map[string]biField{"submit": biAny, "secrecy": biOne("", "国家秘密").when("submit", "1")}},
	{route: "POST /audit/verify", as: "auditor", page: "/audit", again: true},
	{route: "POST /imports/:id/discard", as: "owner", on: "import checked", page: "/imports/:id"},
	{route: "POST /imports/:id/undo", as: "owner", on: "import in_review"}, // its page offers it for what was written; here nothing was
}

func biExpert() map[string]biField {
	day := biField{{value: "1983-12-31", says: "年份不对"}, {value: "2999-01-01", says: "不能晚于今天"}, {value: "2027-02-30", says: "认不出来"}, {value: biBroken, says: "认不出来"}}
	return map[string]biField{"name": biLine(30).must("请填写专家姓名"), "title": biLine(30), "fields": biOne("nothing", "列表"), "tech_field": biChoice("列表"), "expertise": biLine(1000),
		"region": biChoice("请选择所在地"), "phone": biLine(30), "email": biEmail[1:], "consent_on": day, "contact_on": day}
}

var biExperts = []biForm{
	{route: "POST /experts", as: "reviewer", page: "/experts/new", fields: biUnion(biExpert(), map[string]biField{"key": biAny, "org": biLine(60).must("请填写专家所在的单位")})},
	{route: "POST /experts/:id", as: "other", on: "expert draft", page: "/experts/:id/edit", fields: biUnion(biExpert(), map[string]biField{"version": biStale()})},
	{route: "POST /experts/:id/publish", as: "other", on: "expert draft", page: "/experts/:id"},
	{route: "POST /experts/:id/withdraw", as: "other", on: "expert public", page: "/experts/:id"},
	{route: "POST /experts/:id/delete", as: "other", on: "expert draft", page: "/experts/:id"},
	{route: "POST /account/experts/:id/agree", as: "other", on: "about draft", page: "/account/privacy", fields: map[string]biField{"contact": biAny}, again: true},
	{route: "POST /account/experts/:id/revoke", as: "other", on: "about public", page: "/account/privacy"},
}

// TestBadInputNamesEveryForm: a form that posts has its line here.
func TestBadInputNamesEveryForm(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	lines := map[string]bool{}
	for _, f := range biForms {
		lines[f.route] = true
	}
	for _, r := range s.routes() {
		if route := r.method + " " + r.path; r.method == http.MethodPost && !lines[route] {
			t.Errorf("the form of %s has no line", route)
		} else {
			delete(lines, route)
		}
	}
	for route := range lines {
		t.Errorf("the line of %s has no form", route)
	}
}

// TestBadInput fills every form of the site wrongly, field by field. Each time the answer says so at the field, keeps what
// was typed, shows nothing as markup, and nothing has changed. Filled in rightly the form is carried out, and once.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := &biWorld{mxWorld: newMatrixWorld(t)}
	for _, f := range biForms {
		t.Run(f.route, func(t *testing.T) { w.check(t, f) })
	}
}

type biWorld struct {
	*mxWorld
}

// biTry is a form in the hands of somebody.
type biTry struct {
	biForm
	w      *biWorld
	t      *testing.T
	person mxPerson
	object mxObject
	path   string // where it posts
	page   string // where it stands
	good   url.Values
}

// try makes the object of a form and finds the form on its page.
func (w *biWorld) try(t *testing.T, f biForm) *biTry {
	t.Helper()
	w.talk.t, w.testServer.t = t, t
	try := &biTry{biForm: f, w: w, t: t, person: w.poster(f.as)}
	own, of := !slices.Contains(strings.Fields(mxStaff), f.as) && f.on != "need gated" && f.route != "POST /inquiries", try.person.actor
	if f.as == "stranger" {
		of = w.person("owner").actor
	}
	try.object = w.object(f.on, own, of)
	_, path, _ := strings.Cut(f.route, " ")
	try.path = strings.NewReplacer(":id", fmt.Sprint(try.object.id), ":file", try.object.file, ":question", try.object.file, ":user", try.object.file, ":payment", try.object.file, ":amendment", try.object.file, ":objection", try.object.file, ":signal", try.object.file, ":contract", try.object.file).Replace(path)
	try.page = strings.NewReplacer(":id", fmt.Sprint(try.object.id), ":amendment", try.object.file, ":objection", try.object.file, ":contract", try.object.file).Replace(f.page)
	try.page = strings.Replace(try.page, ":secret", try.object.secret, 1)
	if before, after, found := strings.Cut(try.page, ":inquiry"); found {
		try.page = fmt.Sprint(before, w.number(`SELECT inquiry_id FROM deals WHERE id = $1`, try.object.id), after)
	}
	all := w.form(f.route, try.person, try.object)
	if f.route == "POST /login" {
		all.Set("email", w.emailOf(w.newUser()))
		all.Set("password", testPassword)
	}
	maps.Copy(all, biSet(w, f, try))
	try.good = url.Values{}
	for name := range f.fields {
		if values, ok := all[name]; ok {
			try.good[name] = values
		}
	}
	return try
}

// biSet are the values that a form needs beside those of the matrix.
func biSet(w *biWorld, f biForm, try *biTry) url.Values {
	switch f.route {
	case "POST /needs", "POST /needs/:id":
		return needForm()
	case "POST /results", "POST /results/:id":
		return resultForm()
	case "POST /acting":
		return url.Values{"to": {actingText(market.Acting{OrgID: try.person.actor.AgencyID})}}
	case "POST /mandates":
		return url.Values{"agency": {fmt.Sprint(w.newOrg(market.Agency, market.OrgVerified).OrgID)}}
	case "POST /org/edit":
		return url.Values{"uscc": {string(testUSCC(w.t))}, "name": {fmt.Sprintf("吉安改名 %d", testSerial.Add(1))}}
	case "POST /imports":
		return url.Values{"kind": {"result"}, "file": nil}
	case "POST /bureau/reconciliation":
		return url.Values{"period": {"2025"}, "file": nil}
	case "POST /review/orgs/:id/verify", "POST /review/changes/:id/verify":
		return url.Values{"codes": {"U1"}}
	case "POST /notices/read":
		return url.Values{"up_to": {"1"}}
	case "POST /inquiries/:id/answer":
		return url.Values{"reason": {""}}
	case "POST /inquiries/:id/decline":
		return url.Values{"reason": {"其他"}}
	}
	return nil
}

// poster is who fills a form in.
func (w *biWorld) poster(name string) mxPerson {
	var a market.Actor
	switch name {
	case "guest":
		return mxPerson{name: name, web: w.visitor()}
	case "new":
		a = w.newUser()
	case "new owner":
		a = w.newOrg(market.Enterprise, market.OrgVerified)
	case "seller":
		return mxPerson{name: name, actor: w.stranger, web: w.talk.seller}
	case "stranger":
		return mxPerson{name: name, actor: w.stranger, web: w.as(w.stranger)}
	default:
		return w.person(name)
	}
	return mxPerson{name: name, actor: a, web: w.as(a)}
}

// post sends the form with some values otherwise.
func (b *biTry) post(form url.Values) answer {
	b.t.Helper()
	b.w.forgetLimits()
	web := *b.person.web
	web.t = b.t
	if b.as == "guest" { // not signed in by what was carried out before
		web.Jar = b.w.visitor().Jar
	}
	switch b.route {
	case "POST /imports":
		return web.upload(b.path, form, "成果.csv", mxList)
	case "POST /bureau/reconciliation":
		return web.upload(b.path, form, "导出.csv", nationalList)
	}
	return web.post(b.path, form)
}

func (b *biTry) get(path string) answer {
	b.t.Helper()
	web := *b.person.web
	web.t = b.t
	return web.get(path)
}

// but is the good form with another value of a field; of several rows the first one filled in.
func (b *biTry) but(field, value string, with url.Values) url.Values {
	form := maps.Clone(b.good)
	maps.Copy(form, with)
	values := slices.Clone(form[field])
	i := slices.IndexFunc(values, func(v string) bool { return v != "" })
	if i < 0 {
		values, i = append(values, ""), len(values)
	}
	values[i] = value
	form[field] = values
	return form
}

func (w *biWorld) check(t *testing.T, f biForm) {
	b := w.try(t, f)
	if f.page != "" {
		b.checkPage()
	}
	before := b.w.writes()
	for _, field := range slices.Sorted(maps.Keys(f.fields)) {
		for _, wrong := range f.fields[field] {
			b.checkWrong(field, wrong)
		}
	}
	b.checkWhole()
	b.unchanged("bad input", before)
	for _, field := range slices.Sorted(maps.Keys(f.fields)) {
		b = b.checkHostile(field)
	}
	b.checkTwice()
}

func (b *biTry) unchanged(what string, since int64) {
	b.t.Helper()
	b.w.unchanged(b.route, what, since)
}

// form finds the form among those of a page.
func (b *biTry) form(doc *goquery.Document) *goquery.Selection {
	form := doc.Find(fmt.Sprintf(`form[method=post][action=%q]`, b.path))
	if form.Length() == 0 {
		form = doc.Find(fmt.Sprintf(`button[formaction=%q]`, b.path)).Closest("form")
	}
	return form.First()
}

// checkPage holds the fields of the line against the form's controls.
func (b *biTry) checkPage() {
	b.t.Helper()
	got := b.get(b.page)
	b.checkHTML("the page", got)
	form := b.form(got.page(b.t))
	if got.status != http.StatusOK || form.Length() != 1 {
		b.t.Fatalf("GET %s: status %d, %d forms to %s", b.page, got.status, form.Length(), b.path)
	}
	names := map[string]bool{}
	for _, control := range form.Find("input[name], select[name], textarea[name]").Not("[disabled]").EachIter() {
		names[control.AttrOr("name", "")] = true
	}
	delete(names, actingField)
	for name := range names {
		if _, ok := b.fields[name]; !ok {
			b.t.Errorf("the field %s of the form is not tried", name)
		}
	}
	for name := range b.fields {
		if !names[name] {
			b.t.Errorf("the form has no field %s", name)
		}
	}
}

// checkWrong fills in one field wrongly.
func (b *biTry) checkWrong(field string, wrong biWrong) {
	b.t.Helper()
	what := fmt.Sprintf("%s = %.30q", field, wrong.value)
	form := b.but(field, wrong.value, wrong.with)
	got := b.post(form)
	b.checkHTML(what, got)
	doc := got.page(b.t)
	if wrong.plain {
		if got.status < 400 || got.status >= 500 || !strings.Contains(doc.Find("main").Text(), wrong.says) {
			b.t.Errorf("%s: status %d, want one that says %q: %s", what, got.status, wrong.says, b.mainText(doc))
		}
	} else {
		at := cmp.Or(wrong.at, field)
		if message := fieldMessage(doc, b.form(doc), at); got.status != http.StatusUnprocessableEntity || !strings.Contains(message, wrong.says) {
			b.t.Errorf("%s: status %d, at %s %q, want %q; the summary: %s", what, got.status, at, message, wrong.says, summaryText(doc))
		}
	}
	if !wrong.plain || b.form(doc).Length() > 0 {
		b.checkKept(what, doc, field, form)
	}
}

func (b *biTry) mainText(doc *goquery.Document) string {
	return market.Truncate(strings.Join(strings.Fields(doc.Find("main").Text()), " "), 200)
}

func summaryText(doc *goquery.Document) string {
	return strings.Join(strings.Fields(doc.Find(".mk-summary").Text()), " ")
}

// fieldMessage is what a page says at a control of a form, "" unless the control is marked and described by the message,
// itself or by its group, and reached from the summary.
func fieldMessage(doc *goquery.Document, form *goquery.Selection, name string) string {
	control := form.Find(fmt.Sprintf(`[name=%q]`, name))
	if marked := control.Filter("[aria-invalid=true]"); marked.Length() > 0 {
		control = marked
	}
	control = control.First()
	ids := strings.Fields(control.AttrOr("aria-describedby", ""))
	if len(ids) > 0 && !control.Is("[aria-invalid=true]") {
		return ""
	}
	for _, group := range control.ParentsFiltered("fieldset, [role=group], [role=radiogroup]").EachIter() {
		ids = append(ids, strings.Fields(group.AttrOr("aria-describedby", ""))...)
	}
	for _, id := range ids {
		message := doc.Find(fmt.Sprintf(`[id=%q]`, id)).Filter(".mk-err")
		if message.Length() == 1 && reached(doc, control, message) {
			return message.Text()
		}
	}
	return ""
}

// reached reports whether the summary leads to the control, or into the box that holds control and message.
func reached(doc *goquery.Document, control, message *goquery.Selection) bool {
	for _, link := range doc.Find(".mk-summary a").EachIter() {
		target := doc.Find(fmt.Sprintf(`[id=%q]`, strings.TrimPrefix(link.AttrOr("href", ""), "#")))
		box := target.Closest(".mk-field, li")
		if target.Length() == 1 && (target.IsSelection(control) || box.HasSelection(control).Length() > 0 && box.HasSelection(message).Length() > 0) {
			return true
		}
	}
	return false
}

// checkKept wants every other field of the form as it was posted.
func (b *biTry) checkKept(what string, doc *goquery.Document, wrong string, posted url.Values) {
	b.t.Helper()
	form := b.form(doc)
	if form.Length() == 0 {
		b.t.Errorf("%s: the form is gone", what)
		return
	}
	for name, values := range posted {
		if _, ours := b.fields[name]; !ours {
			continue
		}
		controls := form.Find(fmt.Sprintf(`[name=%q]`, name))
		if controls.Is("[type=password]") {
			if controls.AttrOr("value", "") != "" {
				b.t.Errorf("%s: the password comes back", what)
			}
			continue
		}
		if controls.Is("[disabled], [type=file]") || controls.Is("[type=hidden]") || name == "pledge" { // a pledge is made anew
			continue
		}
		for _, value := range values {
			chosen := controls.Is("select, [type=radio], [type=checkbox]")
			if value == "" || name == wrong && (chosen || !utf8.ValidString(value)) {
				continue
			}
			if !slices.ContainsFunc(shownValues(controls), func(shown string) bool { return sameText(shown, value) }) {
				b.t.Errorf("%s: what was typed into %s is gone: %.40q", what, name, value)
			}
		}
	}
}

func sameText(a, b string) bool {
	plain := func(s string) string {
		return strings.NewReplacer(" ", "", "ZL", "", "CN", "", ".", "").Replace(strings.ToUpper(market.Normalize(s))) // a patent's number is tidied
	}
	return plain(a) == plain(b)
}

// shownValues are the values that controls of one name would post.
func shownValues(controls *goquery.Selection) []string {
	var out []string
	for _, c := range controls.EachIter() {
		switch {
		case c.Is("textarea"):
			out = append(out, c.Text())
		case c.Is("select"):
			for _, option := range c.Find("option[selected]").EachIter() {
				out = append(out, option.AttrOr("value", option.Text()))
			}
		case c.Is("[type=radio], [type=checkbox]"):
			if _, on := c.Attr("checked"); on {
				out = append(out, c.AttrOr("value", ""))
			}
		default:
			out = append(out, c.AttrOr("value", ""))
		}
	}
	return out
}

// checkHTML wants an answer that is no failure of the server and in which nothing typed became markup.
func (b *biTry) checkHTML(what string, got answer) {
	b.t.Helper()
	if got.status >= 500 || got.status == http.StatusTooManyRequests {
		b.t.Errorf("%s: status %d", what, got.status)
	}
	if !utf8.ValidString(got.body) {
		b.t.Errorf("%s: the page is not UTF-8", what)
	}
	if doc := got.page(b.t); doc.Find("script:not([src]), style, [style], [onerror], [onclick], [onload], img[src=x]").Length() > 0 || strings.Contains(got.body, "<script>alert") {
		b.t.Errorf("%s: markup that was typed is in the page", what)
	}
}

// checkWhole sends what is no form of the site at all: one cut short, one of 50 MB.
func (b *biTry) checkWhole() {
	b.t.Helper()
	for name, c := range map[string]struct {
		kind   string
		body   string
		status int
	}{
		"a broken escape":    {"application/x-www-form-urlencoded", "a=%zz&" + b.good.Encode(), http.StatusUnprocessableEntity},
		"a semicolon":        {"application/x-www-form-urlencoded", "a=1;b=2", http.StatusUnprocessableEntity},
		"no boundary":        {"multipart/form-data", "x", http.StatusUnprocessableEntity},
		"parts cut short":    {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n重钙", http.StatusUnprocessableEntity},
		"more than its size": {"application/x-www-form-urlencoded", "a=" + strings.Repeat("x", maxBody), http.StatusRequestEntityTooLarge},
	} {
		if _, path, _ := strings.Cut(b.route, " "); name == "more than its size" && bodyLimit(path) > maxBody {
			continue
		}
		got := b.send(c.kind, strings.NewReader(c.body))
		b.checkHTML(name, got)
		if doc := got.page(b.t); got.status != c.status || doc.Find("main h1").Text() == "" || doc.Find("main a").Length() == 0 {
			b.t.Errorf("%s: status %d, want %d with a way on: %s", name, got.status, c.status, b.mainText(doc))
		}
	}
	body, header := bigUpload(50 << 20)
	got := b.send(header, body)
	if got.status != http.StatusRequestEntityTooLarge || !strings.Contains(got.body, "没有保存") {
		b.t.Errorf("50 MB: status %d", got.status)
	}
}

// bigUpload is a form with a file of that many bytes, which is made while it is sent.
func bigUpload(size int64) (io.Reader, string) {
	var head strings.Builder
	parts := multipart.NewWriter(&head)
	_, _ = parts.CreateFormFile("file", "大.csv") // a Builder takes everything
	tail := "\r\n--" + parts.Boundary() + "--\r\n"
	return io.MultiReader(strings.NewReader(head.String()), io.LimitReader(zeros{}, size), strings.NewReader(tail)), parts.FormDataContentType()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func (b *biTry) send(contentType string, body io.Reader) answer {
	b.t.Helper()
	b.w.forgetLimits()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.w.http.URL+b.path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	web := *b.person.web
	web.t = b.t
	if b.as == "guest" {
		web.Jar = b.w.visitor().Jar
	}
	return web.do(req)
}

// checkHostile posts values that must not harm, whether the field takes them or not. What was carried out is looked at,
// and another object taken for the next.
func (b *biTry) checkHostile(field string) *biTry {
	b.t.Helper()
	for _, value := range biHostile {
		if slices.ContainsFunc(b.fields[field], func(w biWrong) bool { return w.value == value }) {
			continue
		}
		what := fmt.Sprintf("%s = %.30q", field, value)
		before := b.w.writes()
		got := b.post(b.but(field, value, nil))
		b.checkHTML(what, got)
		if got.status >= 400 {
			b.unchanged(what, before)
			continue
		}
		if got.status == http.StatusSeeOther {
			if !strings.HasPrefix(got.location, "/") || strings.HasPrefix(got.location, "//") {
				b.t.Errorf("%s leads to %s", what, got.location)
			}
			b.checkHTML(what+", the page after it", b.get(got.location))
		}
		b = b.w.try(b.t, b.biForm)
	}
	return b
}

// checkTwice posts the form filled in rightly, and once more.
func (b *biTry) checkTwice() {
	b.t.Helper()
	if got := b.post(b.good); got.status >= 400 {
		b.t.Fatalf("filled in rightly: status %d: %s %s", got.status, summaryText(got.page(b.t)), b.mainText(got.page(b.t)))
	}
	before := b.w.writes()
	got := b.post(b.good)
	b.checkHTML("posted twice", got)
	if !b.again {
		b.unchanged("posting twice", before)
	}
}
