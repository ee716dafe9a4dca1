package server

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

var adminPages = []view.Page{adminUsers{}, adminUserNew{}, adminUser{}}

// adminUsers lists the accounts.
type adminUsers struct {
	view.Work
	Sub     []string
	Tabs    view.Tabs
	Text    string
	Filters []view.Field
	Rows    []adminUserRow
	Clear   string
	Empty   view.Empty
	Pager   view.Pager
}

func (adminUsers) Template() string { return "page/admin/users" }

// adminUserRow is an account in the list.
type adminUserRow struct {
	store.Account
	Duties string
	State  view.State
	Last   string
	Warn   bool
}

// adminUserQuery are the conditions of the list as the address has them.
func adminUserQuery(c echo.Context) url.Values {
	out := url.Values{}
	for _, name := range []string{"tab", "q", "duty", "county", "state", "stale"} {
		if v := market.Truncate(market.Normalize(c.QueryParam(name)), 60); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

// accountFilter reads the conditions; what is no condition is left out. The first tab is of the bureau's staff.
func (s *Server) accountFilter(q url.Values) store.AccountFilter {
	f := store.AccountFilter{Text: q.Get("q"), Duty: q.Get("duty"), County: q.Get("county"), State: market.UserState(q.Get("state"))}
	if market.Duty(f.Duty).Name() == "" {
		f.Duty = ""
	}
	if f.Duty == "" && q.Get("tab") != "all" {
		f.Duty = "staff"
	}
	if f.County != market.City && s.ref.Regions.Counties().Name(f.County) == "" {
		f.County = ""
	}
	if market.UserStates.Name(string(f.State)) == "" {
		f.State = ""
	}
	if q.Get("stale") == "1" {
		f.Stale = s.staleSince()
	}
	return f
}

// staleSince is the time before which the last sign-in of an account makes it one that is not used.
func (s *Server) staleSince() time.Time { return s.Now().AddDate(0, 0, -market.StaleDays) }

func (s *Server) adminUsers(c echo.Context, a market.Actor) error {
	q, number := adminUserQuery(c), pageNumber(c)
	f := s.accountFilter(q)
	accounts, total, err := s.Store.Accounts(c.Request().Context(), a, f, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := adminUsers{Text: f.Text, Sub: []string{view.Num(total) + " 个账号"}, Filters: s.accountFilters(f)}
	if page.Work, err = s.work(c, a, "账号"); err != nil {
		return err
	}
	all := q.Get("tab") == "all"
	page.Tabs = view.Tabs{Label: "哪些账号", Items: []view.Tab{{Label: "工作人员", Href: "/admin/users", Current: !all}, {Label: "全部账号", Href: "/admin/users?tab=all", Current: all}}}
	for _, u := range accounts {
		page.Rows = append(page.Rows, s.adminUserRow(u))
	}
	page.Clear = page.Tabs.Items[0].Href
	if all {
		page.Clear = page.Tabs.Items[1].Href
	}
	page.Empty = view.Empty{Title: "没有符合条件的账号", Text: "换个写法，或者去掉岗位、县区、状态等条件再看", Actions: []view.Action{{Label: "清除条件", Href: page.Clear}}}
	page.Pager = view.NewPager(number, workPage, total, "个", func(n int) string {
		return "/admin/users" + pageQuery(q, n)
	})
	return s.render(c, page)
}

func (s *Server) accountFilters(f store.AccountFilter) []view.Field {
	var duties market.Codes
	for _, d := range market.Duties {
		duties = append(duties, market.Code{Code: string(d), Name: d.Name()})
	}
	counties := append(market.Codes{{Code: market.City, Name: "全市"}}, s.ref.Regions.Counties()...)
	stale := ""
	if !f.Stale.IsZero() {
		stale = "1"
	}
	unused := market.Codes{{Code: "1", Name: fmt.Sprintf("%d 天没有登录", market.StaleDays)}}
	return []view.Field{
		{Kind: view.KindSelect, Name: "duty", Label: "岗位", Value: f.Duty, Options: openOptions(duties, "不限")},
		{Kind: view.KindSelect, Name: "county", Label: "管哪里", Value: f.County, Options: openOptions(counties, "不限")},
		{Kind: view.KindSelect, Name: "state", Label: "状态", Value: string(f.State), Options: openOptions(market.UserStates, "不限")},
		{Kind: view.KindSelect, Name: "stale", Label: "最近登录", Value: stale, Options: openOptions(unused, "不限")},
	}
}

func (s *Server) adminUserRow(u store.Account) adminUserRow {
	row := adminUserRow{Account: u, Duties: s.dutiesAt(u.Duties(), u.County), State: userState(u.State), Last: "没有登录过"}
	if u.SignedInAt != nil {
		row.Last = view.Date(*u.SignedInAt)
	}
	row.Warn = s.unused(u)
	return row
}

// unused reports whether nobody has signed in to an open account for long.
func (s *Server) unused(u store.Account) bool {
	last := u.CreatedAt
	if u.SignedInAt != nil {
		last = *u.SignedInAt
	}
	return u.State == market.UserActive && last.Before(s.staleSince())
}

func userState(state market.UserState) view.State {
	st := view.State{Text: market.UserStates.Name(string(state)), Shape: view.ShapeDone}
	if state != market.UserActive {
		st.Shape = view.ShapeStop
	}
	return st
}

// dutiesAt names duties and the place they are for.
func (s *Server) dutiesAt(duties []market.Duty, county string) string {
	if len(duties) == 0 {
		return "—"
	}
	names := make([]string, len(duties))
	for i, d := range duties {
		names[i] = d.Name()
	}
	return strings.Join(names, "、") + "（" + cmp.Or(s.ref.Regions.Name(county), "全市") + "）"
}

// adminUserNew is the form of a new staff account.
type adminUserNew struct {
	view.Work
	Fields []view.Field
	Key    string
}

func (adminUserNew) Template() string { return "page/admin/new" }

// dutyInput is what was chosen on a form of duties.
type dutyInput struct {
	duties []string
	county string
}

func dutiesOf(codes []string) []market.Duty {
	var out []market.Duty
	for _, code := range codes {
		out = append(out, market.Duty(code))
	}
	return out
}

func readDuties(c echo.Context) dutyInput {
	return dutyInput{duties: c.Request().Form["duties"], county: c.FormValue("county")}
}

// fields are the choices of duties and of the county they are for.
func (in dutyInput) fields(s *Server, at fieldErrors) []view.Field {
	duties := view.Field{Kind: view.KindChecks, Name: "duties", Label: "岗位", Hint: "可以兼任；系统管理和审计不能由同一人担任", Values: in.duties, Error: at["duties"]}
	for _, d := range market.Duties {
		duties.Options = append(duties.Options, view.Option{Value: string(d), Label: d.Name(), Hint: d.Does()})
	}
	return []view.Field{duties, {Kind: view.KindSelect, Name: "county", Label: "管哪里", Hint: "选了县区，就只看到和办理这个县区的单位、内容和合同。系统管理和审计面向全市",
		Value: in.county, Options: openOptions(s.ref.Regions.Counties(), "全市"), Error: at["county"]}}
}

func (s *Server) adminUserNew(c echo.Context, a market.Actor) error {
	return s.showAdminUserForm(c, a, dutyInput{}, formKey(), nil)
}

func (s *Server) adminUserCreate(c echo.Context, a market.Actor) error {
	in, key := readDuties(c), c.FormValue("key")
	form := service.StaffForm{Email: c.FormValue("email"), Name: c.FormValue("name"), Duties: dutiesOf(in.duties), County: in.county}
	id, err := s.Service.CreateStaff(c.Request().Context(), a, form, key)
	if market.IsKind(err, market.Invalid) {
		return s.showAdminUserForm(c, a, in, key, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, adminUserPath(id), "账号已建好，设置密码的邮件已发出，3 天内有效")
}

func (s *Server) showAdminUserForm(c echo.Context, a market.Actor, in dutyInput, key string, failed error) error {
	page := adminUserNew{Key: key}
	var err error
	if page.Work, err = s.work(c, a, "新建工作人员账号"); err != nil {
		return err
	}
	page.Errors = failure(failed)
	at := errorsOf(failed)
	page.Fields = append([]view.Field{
		{Name: "email", Kind: view.KindEmail, Label: "邮箱", Hint: "登录名。设置密码的邮件发到这里，一人一个，不要用共用邮箱", Value: c.FormValue("email"), Error: at["email"], Autocomplete: "off"},
		{Name: "name", Label: "姓名", Hint: "办理记录里的名字，请写本人姓名", Value: c.FormValue("name"), Error: at["name"], Autocomplete: "off"},
	}, in.fields(s, at)...)
	return s.renderStatus(c, errorStatus(failed), page)
}

func adminUserPath(id int64) string { return fmt.Sprintf("/admin/users/%d", id) }

// adminUser is one account: what is known of it, what can be done, and its history.
type adminUser struct {
	view.Work
	ID      int64
	Name    string
	Email   string
	State   view.State
	Notices []view.Alert
	Facts   []view.Fact
	Self    bool // the administrator's own, which somebody else sees to
	Duties  []view.Field
	Lock    *adminReason
	Close   *adminReason
	Asks    []view.Ask
	Log     view.Log
}

func (adminUser) Template() string { return "page/admin/user" }

// adminReason is a form that takes something away and asks why.
type adminReason struct {
	Action, Title, Then, Button string
	Note                        view.Field
	Open                        bool
}

// adminForm is a form of the page of an account that was not accepted.
type adminForm struct {
	act    string // duties, lock or close
	duties dutyInput
	note   string
	err    error
}

func (s *Server) adminUserShow(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return s.showAdminUser(c, a, id, adminForm{})
}

// adminAct carries out a form of the page of an account; what can be mended comes back with the page.
func (s *Server) adminAct(c echo.Context, a market.Actor, act, message string, do func(ctx context.Context, id int64, note string) error) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	form := adminForm{act: act, duties: readDuties(c), note: c.FormValue("note")}
	form.err = do(c.Request().Context(), id, form.note)
	if market.IsKind(form.err, market.Invalid) || market.IsKind(form.err, market.Conflict) || market.IsKind(form.err, market.RateLimited) {
		return s.showAdminUser(c, a, id, form)
	}
	if form.err != nil {
		return form.err
	}
	return s.done(c, adminUserPath(id), message)
}

func (s *Server) adminUserDuties(c echo.Context, a market.Actor) error {
	in := readDuties(c)
	return s.adminAct(c, a, "duties", "岗位已调整，本人会收到通知，需要重新登录", func(ctx context.Context, id int64, note string) error {
		return s.Service.SetDuties(ctx, a, id, dutiesOf(in.duties), in.county, note)
	})
}

func (s *Server) adminUserLock(c echo.Context, a market.Actor) error {
	return s.adminAct(c, a, "lock", "账号已停用，已有的登录全部退出", func(ctx context.Context, id int64, note string) error {
		return s.Service.LockUser(ctx, a, id, note)
	})
}

func (s *Server) adminUserUnlock(c echo.Context, a market.Actor) error {
	return s.adminAct(c, a, "unlock", "账号已恢复，可以登录", func(ctx context.Context, id int64, _ string) error { return s.Service.UnlockUser(ctx, a, id) })
}

func (s *Server) adminUserSecond(c echo.Context, a market.Actor) error {
	return s.adminAct(c, a, "second", "两步验证已取消，工作人员下次登录时重新设置", func(ctx context.Context, id int64, _ string) error { return s.Service.ResetSecond(ctx, a, id) })
}

func (s *Server) adminUserSignOut(c echo.Context, a market.Actor) error {
	return s.adminAct(c, a, "sign-out", "全部登录已退出", func(ctx context.Context, id int64, _ string) error {
		_, err := s.Service.SignOutUser(ctx, a, id)
		return err
	})
}

func (s *Server) adminUserStart(c echo.Context, a market.Actor) error {
	return s.adminAct(c, a, "start", "设置密码的邮件已再次发出，原来的链接作废", func(ctx context.Context, id int64, _ string) error { return s.Service.SendStart(ctx, a, id) })
}

func (s *Server) adminUserClose(c echo.Context, a market.Actor) error {
	return s.adminAct(c, a, "close", "账号已注销", func(ctx context.Context, id int64, note string) error { return s.Service.CloseUser(ctx, a, id, note) })
}

func (s *Server) showAdminUser(c echo.Context, a market.Actor, id int64, form adminForm) error {
	ctx := c.Request().Context()
	u, err := s.Store.Account(ctx, a, id)
	if err != nil {
		return err
	}
	moves, err := s.Store.Moves(ctx, market.Object{Kind: "user", ID: id})
	if err != nil {
		return err
	}
	link, err := s.Store.LatestLink(ctx, market.LinkStart, id)
	if err != nil && !market.IsKind(err, market.NotFound) {
		return err
	}
	page := adminUser{ID: id, Name: u.Name, Email: u.Email, State: userState(u.State), Self: id == a.UserID, Log: s.accountLog(moves, true), Facts: s.accountFacts(u)}
	if page.Work, err = s.work(c, a, u.Name); err != nil {
		return err
	}
	page.Errors = failure(form.err)
	s.addAccountNotices(&page, u, link)
	if !page.Self && u.State != market.UserClosed {
		held, err := s.Service.LoginLocked(ctx, u.Email)
		if err != nil {
			return err
		}
		s.addAccountActs(&page, u, s.pendingStart(u, link), held, form)
	}
	return s.renderStatus(c, errorStatus(form.err), page)
}

func (s *Server) accountFacts(u store.Account) []view.Fact {
	row := s.adminUserRow(u)
	second := "没有开启"
	if u.Second {
		second = "已开启"
	}
	facts := []view.Fact{{Label: "岗位", Text: row.Duties}, {Label: "单位", Text: dash(u.OrgName)}, {Label: "邮箱", Text: u.Email}}
	if u.State == market.UserClosed {
		return facts[:2]
	}
	return append(facts, view.Fact{Label: "建立", Text: view.Date(u.CreatedAt)}, view.Fact{Label: "最近登录", Text: row.Last},
		view.Fact{Label: "两步验证", Text: second})
}

// addAccountNotices tells what an administrator should see to.
func (s *Server) addAccountNotices(page *adminUser, u store.Account, link market.Link) {
	warn := func(title, text string) {
		page.Notices = append(page.Notices, view.Alert{Kind: view.AlertWarn, Title: title, Text: text})
	}
	if u.Refused {
		warn("邮箱收不到邮件", "对方的邮件服务器拒收。请核对邮箱；写错的，注销这个账号后重新建")
	}
	switch {
	case s.pendingStart(u, link) && link.ExpiresAt.Before(s.Now()):
		warn("还没有设置密码", "设置密码的链接已过期，请重新发送")
	case s.pendingStart(u, link):
		warn("还没有设置密码", "邮件里的链接在 "+view.DateTime(link.ExpiresAt)+" 前有效")
	case s.unused(u):
		warn(fmt.Sprintf("超过 %d 天没有登录", market.StaleDays), "不再使用的账号请停用；离开岗位的，请去掉岗位或注销")
	}
}

// pendingStart reports whether the owner of an account that an administrator made has not set a password yet.
func (s *Server) pendingStart(u store.Account, link market.Link) bool {
	return link.ID != 0 && link.UsedAt == nil && u.SignedInAt == nil && u.State == market.UserActive
}

// addAccountActs adds what an administrator can do about an account of somebody else. pending tells that its owner has not
// set a password yet, held that the address is kept out after failed tries.
func (s *Server) addAccountActs(page *adminUser, u store.Account, pending, held bool, form adminForm) {
	path, at := adminUserPath(u.ID), errorsOf(form.err)
	in, note := dutyInput{county: u.County}, view.Field{Name: "note", Kind: view.KindArea, Label: "原因", Hint: "本人会看到原文", Lines: 2, Max: 1000}
	for _, d := range u.Duties() {
		in.duties = append(in.duties, string(d))
	}
	reason := func(act string) view.Field {
		f := note
		f.ID = act + "-note"
		if form.act == act {
			f.ID, f.Value, f.Error = "", form.note, at["note"]
		}
		return f
	}
	dutyErrors := fieldErrors{}
	if form.act == "duties" {
		in, dutyErrors = form.duties, at
	}
	page.Duties = append(in.fields(s, dutyErrors), reason("duties"))
	ask := func(act, label, button, text string, danger bool) {
		page.Asks = append(page.Asks, view.Ask{Label: label, Button: button, Text: text, Href: path + "/" + act, Danger: danger})
	}
	if pending {
		ask("start", "重新发送设置密码的邮件", "重新发送", "原来的链接作废，新的 3 天内有效。", false)
	}
	if u.State == market.UserLocked {
		ask("unlock", "恢复账号", "恢复", "恢复后可以登录，岗位和单位照旧。", false)
	} else if held {
		ask("unlock", "解除登录锁定", "解除", "连续输错密码被暂时锁定的，解除后马上可以再试。", false)
	}
	if u.State == market.UserActive {
		page.Lock = &adminReason{Action: path + "/lock", Title: "停用账号", Button: "停用", Note: reason("lock"), Open: form.act == "lock",
			Then: "马上退出全部登录，不能再登录，接口令牌也不能用。岗位和单位保留，可以随时恢复。"}
	}
	if u.SignIns > 0 {
		ask("sign-out", "退出全部登录", "全部退出", fmt.Sprintf("%d 处登录马上退出，没有保存的内容会丢失。本人可以重新登录。", u.SignIns), true)
	}
	if u.Second {
		ask("second", "取消两步验证", "取消两步验证", "本人丢了手机又没有恢复码时使用，请先当面核实身份。工作人员下次登录时须重新设置。", true)
	}
	page.Close = &adminReason{Action: path + "/close", Title: "注销账号", Button: "注销", Note: reason("close"), Open: form.act == "close",
		Then: "不能恢复。姓名、邮箱等个人信息删除，岗位取消，退出所在单位；办理记录保留，写作“已注销用户”。"}
}

// accountMoves word the history of an account.
var accountMoves = map[string]string{"create": "建立账号", "duties": "调整岗位", "lock": "停用账号", "unlock": "恢复账号", "second": "取消两步验证", "sign_out": "退出全部登录", "close": "注销账号"}

// accountLog is the history of an account, newest first. by tells who did it: the owner reads of the administrator as one.
func (s *Server) accountLog(moves []market.Move, by bool) view.Log {
	var log view.Log
	for _, m := range slices.Backward(moves) {
		text := accountMoves[m.Move]
		if words := s.dutyChange(m.Code); words != "" {
			text += "：" + words
		}
		if m.Note != "" {
			text += "。" + m.Note
		}
		item := view.LogItem{At: m.At, When: view.DateTime(m.At), Text: text, Done: len(log.Items) > 0, Now: len(log.Items) == 0}
		if by {
			item.By = &view.By{Name: cmp.Or(m.UserName, "命令行")}
		}
		log.Items = append(log.Items, item)
	}
	return log
}

// dutyChange words a change such as +reviewer -registrar @360825.
func (s *Server) dutyChange(code string) string {
	var parts []string
	for _, part := range strings.Fields(code) {
		switch value := part[1:]; part[0] {
		case '+':
			parts = append(parts, "增加"+market.Duty(value).Name())
		case '-':
			parts = append(parts, "去掉"+market.Duty(value).Name())
		case '@':
			place := s.ref.Regions.Name(value)
			if value == market.City {
				place = "全市"
			}
			parts = append(parts, "管"+place)
		}
	}
	return strings.Join(parts, "，")
}
