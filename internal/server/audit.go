package server

import (
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var auditPages = []view.Page{auditIndex{}, auditAnchors{}}

// auditIndex is the audit log: the state of the chains, a filter and the entries, the newest first.
type auditIndex struct {
	view.Work
	Chains  []chainBox
	Watch   []view.Link
	Quiet   bool // there is nothing to look at
	Fields  auditFields
	Lines   []auditLine
	Summary string
	Older   string
	Newest  string
	Export  string
	Empty   *view.Empty
}

func (auditIndex) Template() string { return "page/audit/index" }

// chainBox says how one of the logs stands.
type chainBox struct {
	State view.State
	Lines []string
	Hash  string
}

// auditFields are the controls of the filter with what was chosen.
type auditFields struct {
	From, To, Who, Object, Address, Outcome string
	Groups                                  []view.Option
}

// auditLine is an entry as the table shows it.
type auditLine struct {
	store.AuditLine
	Seq, Time, Who, Role, On string
	Does, Code               string
	About, Href              string
	Outcome                  view.State
	Short                    string // of the hash
	Bad                      bool
	Open                     bool
	Link, Same               string
	Full, Route              string
}

const auditPage = 50

func (s *Server) auditIndex(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	filter, wrong := readAuditFilter(c)
	if err := s.Service.ReadAudit(ctx, a); err != nil {
		return err
	}
	found, err := s.Store.AuditLines(ctx, a, filter, auditPage+1)
	if err != nil {
		return err
	}
	work, err := s.work(c, a, "审计日志")
	if err != nil {
		return err
	}
	values := auditValues(c)
	page := auditIndex{Work: work, Fields: s.auditFields(c), Export: "/audit.csv?" + values.Encode()}
	page.Errors = errorSummary(wrong)
	if err := s.addChains(c, a, &page); err != nil {
		return err
	}
	more := len(found) > auditPage
	found = found[:min(len(found), auditPage)]
	open, _ := strconv.ParseInt(c.QueryParam("open"), 10, 64)
	for _, line := range found {
		page.Lines = append(page.Lines, s.auditLine(line, values, open))
	}
	if more {
		last := found[len(found)-1]
		page.Older = auditPath(values, "before", fmt.Sprintf("%d.%d", last.At.UnixMicro(), last.ID))
	}
	if filter.BeforeID != 0 {
		page.Newest = "/audit?" + values.Encode()
	}
	page.Summary = fmt.Sprintf("本页 %d 条，新的在前。对象只记编号，不记内容；不公开的内容、联系人、密码不进日志", len(found))
	if len(found) == 0 {
		page.Empty = &view.Empty{Title: "没有符合条件的记录", Text: "放宽日期，或去掉人员、对象、结果等条件再看。", Actions: []view.Action{{Label: "看全部", Href: "/audit"}}}
	}
	return s.render(c, page)
}

// auditParameters are the parts of the address that make the filter.
var auditParameters = []string{"from", "to", "who", "user", "action", "object", "address", "outcome"}

func auditValues(c echo.Context) url.Values {
	out := url.Values{}
	for _, name := range auditParameters {
		if v := market.Normalize(c.QueryParam(name)); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

func auditPath(values url.Values, pairs ...string) string {
	v := url.Values{}
	for name := range values {
		v.Set(name, values.Get(name))
	}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "/audit?" + v.Encode()
}

// readAuditFilter reads the filter; a date that cannot be read is an error and does not limit.
func readAuditFilter(c echo.Context) (store.AuditFilter, error) {
	v := auditValues(c)
	var p market.Problems
	f := store.AuditFilter{Who: market.Truncate(v.Get("who"), 60), Group: v.Get("action"), Object: market.Truncate(v.Get("object"), 40), Address: market.Truncate(v.Get("address"), 60)}
	f.From, f.To = parseDate(&p, "from", v.Get("from")), parseDate(&p, "to", v.Get("to"))
	f.UserID = idValue(v.Get("user"))
	if outcome := v.Get("outcome"); outcome == "done" || outcome == "refused" {
		f.Outcome = outcome
	}
	at, id, ok := strings.Cut(c.QueryParam("before"), ".")
	if micro, err := strconv.ParseInt(at, 10, 64); ok && err == nil && idValue(id) != 0 {
		f.BeforeAt, f.BeforeID = time.UnixMicro(micro), idValue(id)
	}
	return f, p.Err()
}

func (s *Server) auditFields(c echo.Context) auditFields {
	v := auditValues(c)
	f := auditFields{From: v.Get("from"), To: v.Get("to"), Who: v.Get("who"), Object: v.Get("object"), Address: v.Get("address"), Outcome: v.Get("outcome")}
	f.Groups = []view.Option{{Value: "", Label: "全部动作"}}
	chosen := v.Get("action")
	for _, g := range market.ActionGroups {
		f.Groups = append(f.Groups, view.Option{Value: g.Code, Label: g.Name, Checked: g.Code == chosen})
	}
	if chosen != "" && !slices.ContainsFunc(f.Groups, func(o view.Option) bool { return o.Checked }) {
		f.Groups = append(f.Groups, view.Option{Value: chosen, Label: market.Action(chosen).Name(), Checked: true})
	}
	return f
}

// watchDays is how far back the box of what an auditor should look at goes.
const watchDays = 7

// addChains fills the boxes above the log.
func (s *Server) addChains(c echo.Context, a market.Actor, page *auditIndex) error {
	ctx := c.Request().Context()
	for _, log := range market.ChainLogs {
		state, err := s.Store.ChainState(ctx, log)
		if err != nil {
			return err
		}
		check, err := s.Store.LastChainCheck(ctx, log)
		if err != nil && !market.IsKind(err, market.NotFound) {
			return err
		}
		page.Chains = append(page.Chains, s.chainBox(state, check))
	}
	since := market.DateOf(s.Now()).AddDate(0, 0, 1-watchDays)
	watch, err := s.Store.AuditWatch(ctx, a, since)
	if err != nil {
		return err
	}
	from := since.Format(time.DateOnly)
	if watch.Refused > 0 {
		page.Watch = append(page.Watch, view.Link{Label: fmt.Sprintf("被拒绝的操作 %d 次", watch.Refused), Href: auditPath(nil, "outcome", "refused", "from", from)})
	}
	off := 0
	for _, at := range watch.Exports {
		if !s.officeHours(at) {
			off++
		}
	}
	if off > 0 {
		page.Watch = append(page.Watch, view.Link{Label: fmt.Sprintf("非工作时间导出 %d 次", off), Href: auditPath(nil, "action", "export", "from", from)})
	}
	page.Quiet = len(page.Watch) == 0
	return nil
}

// officeHours reports whether a moment is between eight and eighteen on a working day.
func (s *Server) officeHours(at time.Time) bool {
	local := at.In(market.Shanghai)
	return s.ref.Calendar.IsWorkday(local) && local.Hour() >= 8 && local.Hour() < 18
}

func (s *Server) chainBox(state store.ChainState, check store.ChainCheck) chainBox {
	box := chainBox{State: view.State{Shape: view.ShapeRun, Text: state.Log.Name() + "还没有校验"}, Hash: hex.EncodeToString(state.Head.Hash)}
	box.Lines = []string{fmt.Sprintf("已封存 %s 条，等待封存 %s 条", view.Num(int(state.Head.Seq)), view.Num(state.Unsealed))}
	switch {
	case check.At.IsZero():
		return box
	case check.Fault != "":
		box.State = view.State{Shape: view.ShapeStop, Text: state.Log.Name() + "有问题"}
		box.Lines = append(box.Lines, check.Fault)
	default:
		box.State = view.State{Shape: view.ShapeDone, Text: state.Log.Name() + "完整"}
	}
	box.Lines = append(box.Lines, fmt.Sprintf("上次校验 %s，查到第 %s 条，用时 %.1f 秒", view.DateTime(check.At), view.Num(int(check.Seq)), float64(check.Milliseconds)/1000))
	return box
}

func (s *Server) auditLine(l store.AuditLine, values url.Values, open int64) auditLine {
	out := auditLine{AuditLine: l, Seq: "待封存", Time: view.DateTimeSeconds(l.At), Who: l.UserName, Role: l.OrgName, Does: l.Action.Name(), Code: string(l.Action),
		Outcome: view.State{Shape: view.ShapeDone, Text: "成功"}, Open: l.ID == open, Full: hex.EncodeToString(l.Hash)}
	if l.Seq != nil {
		out.Seq, out.Short = view.Num(int(*l.Seq)), out.Full[:4]+"…"+out.Full[60:]
	}
	if l.Outcome == "refused" {
		out.Outcome, out.Bad = view.State{Shape: view.ShapeStop, Text: "拒绝"}, true
	}
	switch {
	case l.UserID == nil && l.Via == market.ViaJob:
		out.Who, out.Role = "系统", "定时任务"
	case l.UserID == nil && l.Via == market.ViaCLI:
		out.Who, out.Role = "系统", "命令行"
	case l.UserID == nil:
		out.Who, out.Role = "（未登录）", ""
	}
	if l.AgencyName != "" {
		out.On = market.OnBehalf(l.AgencyName, l.OrgName)
		out.Role = ""
	}
	out.About, out.Href = auditObject(l)
	out.Link = auditPath(values, "open", strconv.FormatInt(l.ID, 10)) + fmt.Sprintf("#e%d", l.ID)
	if l.UserID != nil {
		day := view.Date(l.At)
		out.Same = auditPath(nil, "user", strconv.FormatInt(*l.UserID, 10), "from", day, "to", day)
	}
	return out
}

// objectNames are the Chinese names of what entries are about.
var objectNames = map[string]string{"need": "需求", "result": "成果", "inquiry": "对接", "deal": "成交", "contract": "合同", "org": "单位", "user": "账号",
	"disclosure": "查看申请", "import": "导入批次", "match": "匹配", "weights": "匹配权重", "mandate": "委托", "token": "令牌", "turnover": "成交额", "audit": "审计日志", "chain": "日志链", "reward": "奖补方案", "demo": "演示数据"}

// objectPaths are the pages that auditors may open.
var objectPaths = map[string]string{"need": "/needs/", "result": "/results/", "inquiry": "/inquiries/", "contract": "/contracts/", "org": "/orgs/", "disclosure": "/disclosures/", "reward": "/bureau/rewards/"}

func auditObject(l store.AuditLine) (text, href string) {
	name := objectNames[l.ObjectKind]
	if name == "" {
		name = l.ObjectKind
	}
	if l.ObjectID == nil {
		return name, ""
	}
	if path, ok := objectPaths[l.ObjectKind]; ok {
		href = path + strconv.FormatInt(*l.ObjectID, 10)
	}
	if l.ObjectName != "" {
		return name + " " + l.ObjectName, href
	}
	return fmt.Sprintf("%s %d", name, *l.ObjectID), href
}

// auditExportMax is how many entries a file holds at the most: more is asked for by narrower dates.
const auditExportMax = 200_000

// auditCSV gives the filtered entries as a file, with each one's place and hash in the chain. It is written as it is read.
func (s *Server) auditCSV(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	if err := s.slowAddress(c, exportLimit); err != nil {
		return err
	}
	filter, err := readAuditFilter(c)
	if err != nil {
		return err
	}
	if err := s.Service.ReadAudit(ctx, a); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename*=UTF-8''%s`, url.PathEscape("审计日志_"+s.Now().In(market.Shanghai).Format("20060102_1504")+".csv")))
	h.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(http.StatusOK)
	if _, err := c.Response().Write([]byte("\ufeff")); err != nil {
		return err
	}
	w, rows := csv.NewWriter(c.Response()), 0
	w.UseCRLF = true
	if err := w.Write([]string{"链上序号", "记录", "时间", "人员", "单位", "代办机构", "动作", "动作代码", "对象", "结果", "途径", "来源地址", "请求", "说明", "本条哈希"}); err != nil {
		return err
	}
	for l, err := range s.Store.AuditExport(ctx, a, filter, auditExportMax) {
		if err != nil {
			return err
		}
		if err := w.Write(auditRecord(l)); err != nil {
			return err
		}
		rows++
	}
	if w.Flush(); w.Error() != nil {
		return w.Error()
	}
	return s.Service.ExportAudit(ctx, a, rows)
}

// auditRecord is an entry as a line of a file.
func auditRecord(l store.AuditLine) []string {
	seq := ""
	if l.Seq != nil {
		seq = strconv.FormatInt(*l.Seq, 10)
	}
	about, _ := auditObject(l)
	outcome := map[string]string{"done": "成功", "refused": "拒绝"}[l.Outcome]
	cells := []string{seq, strconv.FormatInt(l.ID, 10), l.At.In(market.Shanghai).Format("2006-01-02 15:04:05.000"), l.UserName, l.OrgName, l.AgencyName, l.Action.Name(), string(l.Action),
		about, outcome, string(l.Via), l.Address, l.RequestID, l.Detail, hex.EncodeToString(l.Hash)}
	for i := range cells {
		cells[i] = sheetText(cells[i])
	}
	return cells
}

// sheetText keeps a text from being taken for a formula.
func sheetText(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func (s *Server) auditVerify(c echo.Context, a market.Actor) error {
	if err := s.Service.AskVerify(c.Request().Context(), a); err != nil {
		return err
	}
	return s.done(c, "/audit", "已开始校验，结果几秒后显示在这一页，请刷新")
}

// auditAnchors is a sheet of the anchors, to be printed and kept elsewhere.
type auditAnchors struct {
	view.Print
	Printed time.Time
	Anchors []anchorLine
}

func (auditAnchors) Template() string { return "page/audit/anchors" }

// anchorLine is an anchor with its hash in pieces that can be compared by eye.
type anchorLine struct {
	Day, Log, Seq string
	Hash          string
}

const anchorsOnSheet = 62 // a month of both logs

func (s *Server) auditAnchors(c echo.Context, a market.Actor) error {
	anchors, err := s.Store.Anchors(c.Request().Context(), anchorsOnSheet)
	if err != nil {
		return err
	}
	page := auditAnchors{Printed: s.Now()}
	page.Base = s.base(c, a, "审计锚点")
	page.NoIndex = true
	page.Back = view.Link{Label: "审计日志", Href: "/audit"}
	page.Note = "每天一行，打印后由另一个部门保存。核对：market verify --against 文件"
	for _, x := range anchors {
		var groups []string
		for piece := range slices.Chunk([]byte(hex.EncodeToString(x.Hash)), 8) {
			groups = append(groups, string(piece))
		}
		page.Anchors = append(page.Anchors, anchorLine{x.Day.Format(time.DateOnly), x.Log.Name(), view.Num(int(x.Seq)), strings.Join(groups, " ")})
	}
	return s.render(c, page)
}
