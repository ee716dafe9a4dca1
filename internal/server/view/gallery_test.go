package view

import (
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// gallery is a page that shows every component in every state.
type gallery struct {
	Base
	Half     decimal.Decimal
	Sum      decimal.Decimal
	Crumbs   []Link
	Actions  []Action
	Badges   []Badge
	Verified []Verified
	Fresh    []Fresh
	States   []State
	Stage    Stage
	By       By
	Terms    []string
	Chips    Chips
	Alerts   []Alert
	Flows    []Flow
	Steps    Steps
	Log      Log
	Dues     []Due
	Needs    []NeedCard
	Results  []ResultCard
	Hits     []NeedCard
	Preview  ResultCard
	Facets   Facets
	Seg      Seg
	Empty    Empty
	Pagers   []Pager
	Matches  []Match
	Gates    []Gate
	Org      OrgCard
	Fields   []Field
	Rows     []Rows
	Long     string
	Figures  []Figure
	Targets  []Target
	Quad     Quad
	Charts   []Chart
	Tabs     Tabs
	Table    Table
	Tick     Tick
	Diff     Diff
	Sums     Sum
}

func (gallery) Template() string { return "page/gallery" }

var galleryNow = time.Date(2026, 11, 23, 14, 20, 0, 0, market.Shanghai)

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func galleryBase() Base {
	return Base{
		Title: "组件", Description: "全部组件", Path: "/gallery?a=1&b=2", Nav: "needs",
		Search: Search{Kind: "need", Q: "重钙"},
		Flash:  []Alert{{Kind: AlertOK, Text: "需求已提交审核，编号 XQ-2026-0412", Urgent: true}},
		Errors: ErrorSummary{Items: []ErrorItem{
			{Field: "indicators-1-unit", Text: "指标第 2 行：填写单位"},
			{Field: "budget", Text: "预算：单位可能选错，请核对"},
			{Field: "due", Text: "截止日期：不能早于今天"},
		}},
		Now: galleryNow, Demo: true, HasCharts: true,
		Site:      Site{Name: "吉安科技大市场", Organiser: "吉安市科技主管部门", Hours: "工作日 8:30—12:00，14:30—17:30", Phone: "0796-0000000", ICP: "赣ICP备00000000号"},
		Canonical: "https://example.cn/gallery", Image: "https://example.cn/static/share.png",
	}
}

func newGallery() gallery {
	g := gallery{
		Base: galleryBase(), Half: dec("0.0984"), Sum: dec("1865000"), Stage: NewStage(4, 6, 7),
		Crumbs: []Link{{Label: "首页", Href: "/"}, {Label: "先进材料", Href: "/needs"}, {Label: "组件"}},
		Terms:  []string{"重质碳酸钙", "湿法研磨", "分散剂"},
		By:     By{Name: "黄启明", For: "由吉安科桥技术转移代永丰白石岭钙业"},
		Long:   "第一段。\n\n第二段，含 <标签>。",
		Empty:  Empty{Title: "没有同时满足这些条件的内容", Text: "去掉条件“量产（TRL 8～9）”后有 3 项。", Actions: []Action{{Label: "去掉“量产”，查看 3 项", Href: "/search", Style: StylePrimary}, {Label: "发布为技术需求", Href: "/needs/new"}}},
	}
	g.addMarks()
	g.addProgress()
	g.addListings()
	g.addFinding()
	g.addForm()
	g.addFigures()
	g.addRecords()
	return g
}

func (g *gallery) addMarks() {
	g.Actions = []Action{
		{Label: "提交审核", Href: "/needs/1/publish", Post: true, Style: StylePrimary, Fields: []Hidden{{Name: "version", Value: "3"}}},
		{Label: "保存草稿", Href: "/needs/1"},
		{Label: "撤回需求", Href: "/needs/1/withdraw", Post: true, Style: StyleDanger},
		{Label: "有用", Href: "/matches/1/useful", Post: true, Style: StyleText},
		{Label: "打印", Href: "/print", Small: true, Icon: "print", Key: "p"},
		{ID: "approve", Label: "通过，公开", Style: StylePrimary, Why: "还差 1 项没有核对：是否含技术秘密"},
	}
	g.Badges = []Badge{BadgeListed, BadgeNegotiated, BadgePublicity, BadgeAuction, BadgeSold, BadgeReturned, BadgeUnsold, BadgeChallenge}
	g.Verified = []Verified{VerifiedOrg(true), VerifiedOrg(false), VerifiedOn(galleryNow.AddDate(0, -8, 0)), {OK: true, Text: "材料已审核"}}
	g.Fresh = []Fresh{NewFresh(galleryNow, galleryNow), NewFresh(galleryNow, galleryNow.AddDate(0, 0, -1)), NewFresh(galleryNow, galleryNow.AddDate(0, 0, -20)), NewFresh(galleryNow, galleryNow.AddDate(0, -4, 0))}
	g.States = []State{{Text: "审核中", Note: "预计明天 17:30 前"}, {Shape: ShapeRun, Text: "洽谈中"}, {Shape: ShapeTodo, Text: "需确认有效"}, {Shape: ShapeDone, Text: "征集中"}, {Shape: ShapeStop, Text: "已退回", Note: "指标没有检验方法"}}
	g.Chips = Chips{Label: "已选条件", Items: []Chip{{Label: "永丰县", Href: "/search", On: true}, {Label: "碳酸钙", Href: "/search?q=1", Count: "22"}, {Label: "订阅这次搜索", Href: "/alerts", Icon: "bell"}}}
	g.Alerts = []Alert{
		{Title: "公示期间", Text: "价格、名称、受让方变动后重新计算 15 天。"},
		{Kind: AlertOK, Text: "需求已提交审核，编号 XQ-2026-0412。"},
		{Kind: AlertWarn, Text: "还有 1 个工作日，超过后对方会看到“未按时答复”。"},
		{Kind: AlertBad, Title: "没有保存", Text: "这条记录刚被同事修改过。", Link: &Link{Label: "查看差别后再保存", Href: "/diff"}},
	}
}

func (g *gallery) addProgress() {
	g.Flows = []Flow{
		{Label: "合同登记状态", Steps: []FlowStep{{Text: "已提交", Note: "11-09", Mark: FlowDone}, {Text: "已受理", Note: "11-10", Mark: FlowDone}, {Text: "复审", Note: "金额达 500 万元", Mark: FlowCurrent}, {Text: "待登记"}, {Text: "已登记"}}},
		{Label: "需求状态", Steps: []FlowStep{{Text: "草稿", Mark: FlowDone}, {Text: "已退回", Note: "指标没有单位", Mark: FlowStopped}, {Text: "已发布"}}},
	}
	g.Steps = Steps{Items: []Step{{Label: "问题", Href: "#k7", Done: true}, {Label: "指标", Current: true}, {Label: "预算与合作"}}}
	g.Log = Log{Items: []LogItem{
		{At: galleryNow, When: Ago(galleryNow, galleryNow), Text: "需求方确认有效", Now: true},
		{At: galleryNow.AddDate(0, 0, -1), When: "11-22 08:40", Text: "审核通过，公开发布", By: &By{Name: "王", For: "审核"}, Done: true},
		{When: "11-02 至 11-20", Text: "公告"},
	}}
	g.Dues = []Due{
		{Total: 5, Used: 2, Text: "还剩 3 个工作日", Note: "11 月 26 日 17:30 前答复", Block: true, Level: DueLevelFor(3)},
		{Total: 5, Used: 4, Text: "还剩 1 个工作日", Note: "11 月 24 日 17:30 前答复", Block: true, Level: DueLevelFor(1)},
		{Total: 5, Used: 5, Text: "逾期 2 个工作日", Note: "应于 11 月 19 日答复", Block: true, Level: DueLevelFor(-2)},
		{Total: 5, Used: 1, Text: "还剩 4 个工作日", Note: "11-27 止"},
		{Total: 5, Used: 4, Text: "还剩 1 个工作日", Level: DueSoon},
		{Total: 5, Used: 5, Text: "逾期 1 个工作日", Level: DueLate},
	}
}

func (g *gallery) addListings() {
	shift := &Shift{Name: "粒径 D97", Now: "4.8", Target: "≤ 2.5", Unit: "μm"}
	soon := &Badge{Text: "还剩 8 天", Tone: ToneAmber}
	g.Needs = []NeedCard{
		{ID: "n1", Href: "/needs/1", Title: Plain("重质碳酸钙湿法超细研磨：D97 降至 2.5 μm 并控制能耗"), Fields: []string{"碳酸钙先进材料"}, Place: "永丰县", Fresh: Published(galleryNow, galleryNow), Shift: shift, Shifts: 6, Budget: MoneyRange(dec("1200000"), dec("1800000")), Due: "2027-06-30", Org: Party{Name: "永丰白石岭钙业有限公司", Href: "/orgs/1", Verified: VerifiedOrg(true)}},
		{ID: "n2", Href: "/needs/2", Title: Plain("夏秋茶制取茶黄素的酶促氧化与纯化工艺放大"), Fields: []string{"制茶"}, Place: "遂川县", Badge: soon, Fresh: Published(galleryNow, galleryNow.AddDate(0, 0, -3)), Shift: &Shift{Name: "茶黄素纯度", Target: "≥ 80", Unit: "%"}, Shifts: 1, Budget: Negotiable, Org: Party{Name: "一家食品企业（名称未公开）", Verified: VerifiedOrg(true)}},
	}
	g.Results = []ResultCard{
		{ID: "r1", Href: "/results/1", Title: Plain("纳米碳酸钙连续碳化与原位表面改性技术"), Fields: []string{"碳酸钙先进材料"}, Fresh: g.Fresh[0], Stage: NewStage(4, 6, 7), Mode: BadgePublicity, Price: MoneyShort(dec("1860000")), IP: "专利 3 项", Org: Party{Name: "赣江理工大学", Href: "/orgs/2", Verified: VerifiedOrg(true)}},
		{ID: "r2", Href: "/results/2", Title: Plain("山茶油低温压榨与苯并[a]芘全程控制技术"), Fields: []string{"粮油与酒"}, Place: "青原区", Fresh: g.Fresh[3], Stage: NewStage(5, 0, 0), Mode: BadgeNegotiated, Price: Negotiable, Org: Party{Name: "青原农产品加工研究所", Verified: VerifiedOrg(false)}},
	}
	hit := g.Needs[0]
	hit.ID, hit.Title = "s1", Marked{{Text: "重质碳酸钙", Hit: true}, {Text: "湿法超细研磨：D97 降至 2.5 μm 并控制能耗"}}
	hit.Summary = Marked{{Text: "现有两级立式搅拌磨生产 95 级"}, {Text: "重钙", Hit: true}, {Text: "浆料，吨干粉电耗 265 kWh，浆料静置 24 小时黏度翻倍。希望通过介质级配、分散剂与分级闭路的组合改造达到造纸涂布级要求。"}}
	g.Hits = []NeedCard{hit}
	g.Preview = g.Results[0]
	g.Preview.ID, g.Preview.Live = "pv", true
	g.Matches = []Match{
		{ID: "m1", Strength: StrengthStrong, Title: "超细重钙湿法研磨用梳形复合分散剂及其制备方法", Href: "/results/3", Meta: "江右材料研究院，中试（TRL 6～7），挂牌 46 万元", OK: []string{"对应 2 项指标：浆料固含量 75%、黏度低于 300 mPa·s", "同一领域：碳酸钙先进材料"}, No: []string{"没有涉及电耗指标"}, Terms: g.Terms, Actions: []Action{{Label: "发起对接", Href: "/inquiries/new", Small: true}, {Label: "有用", Href: "/matches/1/useful", Post: true, Style: StyleText, Small: true}}},
		{ID: "m2", Strength: StrengthGood, Title: "立式搅拌磨介质级配", Href: "/results/4", OK: []string{"合作方式一致：委托开发"}, Said: "您标记为有用"},
		{ID: "m3", Strength: StrengthFair, Title: "纳米碳酸钙连续碳化", Href: "/results/5", OK: []string{"同一领域"}},
	}
	g.Gates = []Gate{
		{Text: "以下 2 份材料只向需求方同意的单位开放：", Items: []string{"现有产线工艺流程与设备清单（PDF，6 页）", "原矿化学成分（PDF，3 页）"}, Terms: "申请时须同意保密承诺第 3 版。查看带水印，每次打开都有记录，需求方可随时撤回。", Actions: []Action{{Label: "申请查看", Href: "/login"}}, Note: "需登录，单位已核验"},
		{Text: "以下 1 份材料只向需求方同意的单位开放：", Items: []string{"近 12 个月电耗与粒度记录（表格）"}, Terms: "保密承诺第 3 版。", State: &State{Shape: ShapeStop, Text: "已拒绝"}, Reason: "贵单位的用途没有写明"},
	}
	g.Org = OrgCard{Mono: "钙", Name: "永丰白石岭钙业有限公司", Href: "/orgs/1", Verified: VerifiedOn(galleryNow), Facts: []Fact{{Label: "信用代码", Text: "91360825MA35TQ4K54", Code: true}, {Label: "市场记录", Text: "发布 4 项，成交 2 项", Href: "/orgs/1#log"}}}
}

func (g *gallery) addFinding() {
	g.Facets = Facets{Action: "/search", Hidden: []Hidden{{Name: "q", Value: "重钙"}}, On: 2, Clear: "/search?q=重钙", Groups: []Facet{
		{Legend: "专业市场", Options: []FacetOption{{Name: "market", Value: "materials", Label: "先进材料", Count: "22", Checked: true}, {Name: "market", Value: "food", Label: "绿色食品", Count: "4"}},
			Rest: []FacetOption{{Name: "market", Value: "equipment", Label: "先进装备制造", Count: "1"}}},
		{Legend: "预算或价格（万元）", Range: &Range{MinName: "min", Min: "50", MaxName: "max"}},
	}}
	g.Seg = Seg{Label: "类型", Items: []SegItem{{Label: "全部 22", Href: "/search", Current: true}, {Label: "需求 8", Href: "/search?kind=need"}, {Label: "成果 14", Href: "/search?kind=result"}}}
	href := func(n int) string { return "/search?page=" + Num(n) }
	g.Pagers = []Pager{NewPager(5, 10, 1286, "项", href), NewPager(1, 10, 7, "件", href), NewPager(1, 10, 0, "件", href)}
}

func (g *gallery) addForm() {
	kinds := []Option{{Value: "equipment", Label: "设备"}, {Value: "material", Label: "原材料"}}
	modes := []Option{{Value: "entrust", Label: "委托开发"}, {Value: "licence", Label: "技术许可", Hint: "可排他"}, {Value: "equity", Label: "作价入股", Disabled: true}}
	g.Fields = []Field{
		{Name: "title", Label: "标题", Hint: "写“对象＋工艺＋要达到的效果”，不写公司名。", Max: 40, Value: "重质碳酸钙湿法超细研磨", Live: "title"},
		{Kind: KindArea, Name: "problem", Label: "现状与瓶颈", Max: 20, Lines: 3, Value: "合同标的不明确，请补充技术内容和验收指标的具体约定"},
		{Kind: KindSelect, Name: "market", Label: "专业市场", Value: "food", Options: []Option{{Value: "materials", Label: "先进材料"}, {Value: "food", Label: "绿色食品"}}},
		{Kind: KindChecks, Name: "mode", Label: "可接受的合作方式", Many: true, Values: []string{"entrust"}, Options: modes, Error: "至少选一种合作方式"},
		{Kind: KindRadios, Name: "anon", Label: "单位名称", Value: "1", Options: []Option{{Value: "0", Label: "公开"}, {Value: "1", Label: "只显示“一家先进材料企业”"}}},
		{Kind: KindRadios, Name: "decision", Label: "决定", Cards: true, Value: "return", Options: []Option{{Value: "pass", Label: "通过，公开", Hint: "马上公开，并通知匹配的单位"}, {Value: "return", Label: "退回修改", Hint: "须选原因；对方改好后仍由您审"}}},
		{Kind: KindMoney, Name: "budget", Label: "预算", Hint: "不确定可以选面议。", Value: "1,800,000", Error: "同领域需求的预算中位数为 95 万元。如果是 180 万元，请把单位改为“元”", Confirm: "金额和单位无误，继续使用"},
		{Kind: KindMoney, Name: "deposit", Label: "保证金", Unit: "元", Optional: true},
		{Kind: KindDate, Name: "due", Label: "截止日期", Value: "2026-06-30", Error: "截止日期不能早于今天（2026-11-23）"},
		{Kind: KindDate, Name: "from", Label: "委托开始", Optional: true},
		{Kind: KindFile, Name: "files", Label: "不公开的附件", Optional: true, Many: true, Hint: "PDF、图片或表格，每个不超过 20 MB。", Accept: ".pdf,.png,.jpg,.xlsx"},
		{Kind: KindNumber, Name: "months", Label: "期限", Unit: "个月", Value: "10"},
		{Kind: KindCode, Name: "patent", Label: "专利号", Value: "ZL 2017 1 0601862.3", OK: "校验通过：发明专利"},
		{Kind: KindPassword, Name: "password", Label: "密码", Value: "must-not-appear", Autocomplete: "current-password", Error: "手机号或密码不对，请重新输入密码"},
		{Kind: KindTel, Name: "phone", Label: "手机号", Autocomplete: "tel"},
		{Kind: KindEmail, Name: "email", Label: "邮箱", Optional: true},
		{Name: "park", Label: "园区", Optional: true, Options: []Option{{Value: "碳酸钙产业园"}}, Disabled: true},
		{Kind: KindCheck, Name: "agree", Label: "我已阅读并同意用户协议", Value: "1"},
	}
	g.Rows = []Rows{
		{Name: "indicators", Label: "指标", Title: "要达到的指标", Hint: "至少 1 行。", Error: "第 2 行还没有单位，例：kWh/t、%、μm",
			Cols:  []RowCol{{Name: "name", Label: "指标", Size: "w"}, {Name: "now", Label: "现值", Size: "n", Decimal: true}, {Name: "target", Label: "要求", Size: "n"}, {Name: "unit", Label: "单位", Size: "u"}, {Name: "method", Label: "检验方法", Size: "w", Placeholder: "标准号或办法"}},
			Lines: []RowLine{{Cells: []RowCell{{Value: "粒径 D97"}, {Value: "4.8"}, {Value: "≤ 2.5"}, {Value: "μm"}, {Value: "激光粒度仪"}}}, {Cells: []RowCell{{Value: "吨干粉电耗"}, {Value: "265"}, {Value: "≤ 190"}, {Error: "缺单位"}}}}},
		{Name: "deductions", Label: "扣除项", Add: "加一项", Spare: 1, Cols: []RowCol{{Name: "kind", Label: "类别", Size: "s", Options: kinds}, {Name: "name", Label: "名称、数量", Size: "w", Max: 60}, {Name: "amount", Label: "金额（万元）", Size: "n", Decimal: true}},
			Lines: []RowLine{{Cells: []RowCell{{Value: "material"}, {Value: "小试原料"}, {Value: "2.15"}}}}},
	}
}

func (g *gallery) addFigures() {
	g.Figures = []Figure{{Label: "同比", Num: "9.8", Unit: "%", Note: "上年同期 22.02 亿元", Trend: 1}, {Label: "合同数", Num: "1,286", Unit: "项", Href: "/turnover/contracts"}, {Label: "降幅", Num: "2.8", Unit: "%", Trend: -1}}
	g.Targets = []Target{{Done: dec("0.879"), Pace: dec("0.893"), Label: "完成全年目标 27.50 亿元的 87.9%，时序进度 89.3%"}, {Done: dec("1.2"), Pace: dec("0.5"), Word: "按日 50.0%", Label: "超额"}, {Done: dec("0.01"), Pace: dec("0.02"), Label: "年初"}}
	g.Quad = Quad{Label: "输出与吸纳", Cols: [2]string{"买方在吉安", "买方在市外"}, Note: "粗框两格相加为成交额。", Rows: [2]QuadRow{
		{Head: "卖方在吉安", Note: "输出 24.17 亿元", Cells: [2]QuadCell{{Label: "市内", Num: "10.11", Unit: "亿元", Count: Link{Label: "602 项", Href: "/turnover/contracts"}, Main: true}, {Label: "输出到市外", Num: "14.06", Unit: "亿元", Count: Link{Label: "684 项"}, Main: true}}},
		{Head: "卖方在市外", Cells: [2]QuadCell{{Label: "从市外吸纳", Num: "9.38", Unit: "亿元", Count: Link{Label: "417 项"}}, {Label: "双方都在市外", Num: "0.42", Unit: "亿元", Count: Link{Label: "9 项"}, Note: "经本市场促成"}}},
	}}
	year := func(name, value, target string, demo bool) TableRow {
		return TableRow{Demo: demo, Cells: []Cell{{Text: name, Short: name}, {Text: value, V: value, Href: "/turnover?year=" + name}, {Text: target, V: target}}}
	}
	month := func(name, a, b, c string, part bool) TableRow {
		return TableRow{Part: part, Cells: []Cell{{Text: name + " 月", Short: name}, {Text: a, V: a}, {Text: b, V: b}, {Text: c, V: c}}}
	}
	months := []TableRow{month("1", "1.02", "0.94", "1.10", false), month("2", "2.11", "1.86", "2.30", false), month("3", "4.36", "3.98", "4.70", true)}
	lines := func(a, b, c string) []Col {
		return []Col{{Label: "月份"}, {Label: a, Num: true}, {Label: b, Num: true}, {Label: c, Num: true}}
	}
	g.Charts = []Chart{
		{ID: "c1", Kind: ChartSeries, Title: "历年成交额与目标", Demo: true, Height: "l", Note: "斜纹为演示数据。", Link: &Link{Label: "目标的修订记录", Href: "/targets"}, Table: Table{Label: "历年成交额与目标", Caption: "单位：亿元", Cols: []Col{{Label: "年份"}, {Label: "成交额", Num: true}, {Label: "目标", Num: true}}, Rows: []TableRow{year("2024", "22.87", "22.60", true), year("2025", "25.46", "25.00", false), year("2026", "24.17", "27.50", false)}}},
		{ID: "c2", Kind: ChartCum, Title: "本年累计与目标时序", Height: "l", Table: Table{Label: "累计", Caption: "单位：亿元", Cols: lines("本年累计", "上年累计", "目标时序"), Rows: months}},
		{ID: "c3", Kind: ChartBars, Title: "按专业市场", Both: true, Height: "s", Table: Table{Label: "按专业市场", Cols: []Col{{Label: "专业市场"}, {Label: "成交额", Num: true}, {Label: "同比", Num: true, Wide: true}}, Rows: []TableRow{{Cells: []Cell{{Text: "电子信息"}, {Text: "9.86", V: "9.86"}, {Text: "+8.4%"}}}, {Cells: []Cell{{Text: "其他"}, {Text: "0.63", V: "0.63"}, {Text: "−3.5%"}}}}, Foot: []Cell{{Text: "合计"}, {Text: "10.49"}, {Text: "+9.8%"}}}},
		{ID: "c4", Kind: ChartMonths, Title: "各月成交额", Unit: "万元", Table: Table{Label: "各月", Cols: lines("本年", "上年", "目标时序"), Rows: months}},
	}
}

func (g *gallery) addRecords() {
	g.Tabs = Tabs{Label: "类型", Items: []Tab{{Label: "全部", Href: "/work/review", Count: "23", Current: true}, {Label: "单位", Href: "/work/review?kind=org", Count: "6"}, {Label: "已办结", Href: "/work/review?done=1"}}}
	g.Table = Table{Label: "审核待办", Caption: "审核待办，按剩余时间排序", Hidden: true, Class: "mk-dense mk-table--stack", Cols: []Col{{Label: "事项"}, {Label: "收到", Href: "?sort=at", Sort: "descending"}, {Label: "期限"}, {Label: "类型"}, {Label: "成交额", Unit: "万元", Num: true, Href: "?sort=amount"}, {Label: "占比", Wide: true}, {Label: "操作", Action: true}}, Rows: []TableRow{
		{Bad: true, Cells: []Cell{{Text: "公示异议：纳米碳酸钙", Href: "/work/review/1", Sub: "江右材料研究院"}, {Text: "11-13"}, {Due: &g.Dues[5]}, {Badge: &Badge{Text: "异议"}}, {Text: "186.00"}, {Bar: &Bar{Ratio: dec("1")}}, {Text: "办理", Href: "/work/review/1"}}},
		{Warn: true, Cells: []Cell{{Text: "重钙浆料研磨返粗与升温控制", Href: "/work/review/2"}, {Text: "11-20"}, {Due: &g.Dues[3]}, {State: &State{Shape: ShapeRun, Text: "初审"}}, {Text: "—"}, {Bar: &Bar{Ratio: dec("0.421")}}, {Text: "办理", Href: "/work/review/2"}}},
	}, Foot: []Cell{{Text: "合计"}, {}, {}, {}, {Text: "186.00"}, {}, {}}}
	yes := []Option{{Value: "yes", Label: "合格", Checked: true}, {Value: "no", Label: "不合格"}}
	g.Tick = Tick{Items: []TickItem{{Text: "问题具体，看得懂难在哪里", Basis: "已写现状、试过的办法", Mark: TickOK, Name: "t1", Choices: yes}, {Text: "公开部分不含技术秘密", Basis: "自动检查：出现“六偏磷酸钠 0.3%”", Mark: TickNo, Name: "t2", Choices: yes}, {Text: "价款 126.00 万元", Basis: "对方提出，等您", Mark: TickAsk}, {Text: "验收与归属"}}}
	g.Diff = Diff{Label: "修改对照", Rows: []DiffRow{{Label: "检验方法", New: []DiffPart{{Text: "激光粒度仪，GB/T 19077", Changed: true}}}, {Label: "指标 2", Old: []DiffPart{{Text: "能耗"}, {Text: "明显降低", Changed: true}}, New: []DiffPart{{Text: "吨产品电耗 "}, {Text: "152 → ≤ 128 kW·h", Changed: true}}}}}
	g.Sums = Sum{Label: "技术交易额的计算", Lines: []SumLine{{Label: "合同成交额", Value: "126.00"}, {Op: "−", Label: "设备", Note: "在线激光粒度仪 1 套", Value: "8.60"}}, Total: SumLine{Label: "技术交易额（万元）", Note: "壹佰壹拾柒万肆仟元整", Value: "117.40"}}
}
