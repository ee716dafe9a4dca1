package sheet

import (
	"slices"
	"strings"

	"techmarket/internal/market"
)

// holding is what the cells of a column hold.
type holding int

const (
	words  holding = iota
	digits         // sums and numbers, whose digits all count
	dates
)

// column is a column of the template. key is the name of its field in market's checks where there is one.
type column struct {
	key     string
	main    bool     // names the thing: a list must have it
	name    string   // heading in the template
	also    []string // other headings it is known by
	holds   holding
	must    bool   // the template says so; only the title has no default
	note    string // how to fill it in
	example string
	width   float64
	choices func(*market.Reference) market.Codes // the drop-down of the template
}

var (
	submarkets   = func(r *market.Reference) market.Codes { return r.Submarkets }
	techFields   = func(r *market.Reference) market.Codes { return r.TechFields }
	counties     = func(r *market.Reference) market.Codes { return r.Regions.Counties() }
	ipTypes      = func(r *market.Reference) market.Codes { return r.IPTypes }
	ipStatuses   = func(*market.Reference) market.Codes { return market.IPStatuses }
	priceMethods = func(*market.Reference) market.Codes { return market.PriceMethods }
	fieldNames   = func(r *market.Reference) market.Codes {
		var out market.Codes
		for _, f := range r.Fields {
			out = append(out, market.Code{Code: f.Code, Name: f.Name})
		}
		return out
	}
	stageNames = func(*market.Reference) market.Codes {
		var out market.Codes
		for _, s := range market.Stages() {
			out = append(out, market.Code{Code: s.Code, Name: s.Name})
		}
		return out
	}
)

// shown are the two answers to whether a name is public.
var shown = market.Codes{{Code: "yes", Name: "公开"}, {Code: "no", Name: "不公开"}}

// The columns both lists have.
var (
	idColumn        = column{key: "id", name: "序号", also: []string{"编号", "id", "内部编号", "成果编号", "需求编号", "项目编号", "no"}, holds: digits, width: 8, note: "单位内部的编号，不公开，用来区分同名的行", example: "1"}
	submarketColumn = column{key: "submarket", name: "专业市场", also: []string{"所属专业市场", "子市场", "所属市场", "产业", "所属产业", "产业领域", "行业", "所属行业", "submarket"}, width: 16, note: "从列表中选；整份文件都一样时可以空着，在上传时统一选", choices: submarkets}
	fieldsColumn    = column{key: "fields", name: "细分领域", also: []string{"所属细分领域", "领域", "所属领域", "应用领域", "技术方向", "field", "fields"}, width: 22, note: "从列表中选；有几个时用顿号隔开，主要的写在前面", choices: fieldNames}
	techFieldColumn = column{key: "tech_field", name: "技术领域", also: []string{"所属技术领域", "tech_field"}, width: 22, note: "技术合同登记用的分类；空着就按专业市场自动选", choices: techFields}
	modesColumn     = column{key: "modes", name: "合作方式", also: []string{"转化方式", "拟转化方式", "交易方式", "意向合作方式", "modes"}, width: 22, note: "委托开发、合作开发、技术转让、技术许可、技术咨询、技术服务、作价入股；有几种时用顿号隔开", example: "技术许可、合作开发"}
	regionColumn    = column{key: "region", name: "所在地", also: []string{"所在区县", "区县", "县区", "地区", "所属地区", "region"}, width: 12, note: "空着就用本单位的所在地", choices: counties}
	hideColumn      = column{key: "hide_org", name: "单位名称是否公开", also: []string{"是否公开单位名称", "公开单位名称", "名称是否公开"}, width: 16, note: "公开或不公开；空着就是公开", choices: func(*market.Reference) market.Codes { return shown }}
	gatedColumn     = column{key: "gated", name: "不公开的内容", also: []string{"保密内容", "不公开内容", "gated"}, width: 30, note: "不公开、不进搜索，对接后由您决定是否提供；不要写国家秘密"}
	contactColumn   = column{key: "contact_name", name: "联系人", also: []string{"对接联系人", "联系人姓名", "contact"}, width: 12, note: "不公开，双方建立对接后才可见", example: "王老师"}
	phoneColumn     = column{key: "contact_phone", name: "联系电话", also: []string{"电话", "手机", "手机号", "联系方式", "联系人电话", "phone"}, holds: digits, width: 16, note: "不公开，双方建立对接后才可见", example: "0796-8220000"}
)

var resultColumns = []column{
	idColumn,
	{key: "title", main: true, name: "成果名称", also: []string{"题名", "标题", "名称", "成果题名", "成果标题", "科技成果名称", "技术名称", "成果", "项目名称", "专利名称", "发明名称", "title"}, must: true, width: 40,
		note: "必填，最多 100 个字。写“对象＋技术＋效果”", example: "超细重钙湿法研磨用梳形复合分散剂"},
	submarketColumn, fieldsColumn,
	{key: "summary", name: "成果简介", also: []string{"简介", "摘要", "内容", "成果介绍", "成果内容", "成果说明", "成果概述", "技术简介", "技术内容", "说明", "介绍", "body", "summary", "abstract"}, width: 50,
		note: "它是什么、怎么做到的，最多 3000 个字", example: "采用梳形聚羧酸盐与小分子磷酸盐复配，抑制湿法研磨中浆料的返粗和升温。"},
	{key: "problem", name: "解决的问题", also: []string{"解决的技术问题", "技术问题", "解决问题", "problem"}, width: 36, note: "企业现在的做法差在哪里", example: "研磨到 2 μm 以下时浆料升温返粗"},
	{key: "advantage", name: "优势", also: []string{"与现有方案相比的优势", "技术优势", "成果优势", "创新点", "主要创新点", "技术特点", "advantage"}, width: 36, note: "与现有方案相比，带上数", example: "同等细度下电耗降低 18%"},
	{key: "economics", name: "经济性", also: []string{"经济效益", "效益", "成本", "economics"}, width: 28, note: "成本或收益", example: "吨成本降低 60 元"},
	{key: "stage", name: "成熟度", also: []string{"技术成熟度", "成果成熟度", "阶段", "所处阶段", "成果阶段", "研发阶段", "trl", "技术就绪水平", "stage"}, width: 12, note: "研发、小试、样品、中试、量产，或写 TRL 6～7", example: "中试", choices: stageNames},
	{key: "evidence", name: "成熟度依据", also: []string{"技术成熟度依据", "成熟度说明", "技术就绪水平依据", "trl依据", "evidence"}, width: 28, note: "凭什么说到了这一步：试验规模、检测报告、用户证明，最多 1000 个字。公开", example: "2025 年在 3 吨/小时的中试线上连续运行 40 天"},
	modesColumn,
	{key: "price_method", name: "价格方式", also: []string{"定价方式", "交易价格方式", "price_method"}, width: 12, note: "空着就是协议定价", example: "协议定价", choices: priceMethods},
	{key: "price", name: "价格（万元）", also: []string{"报价", "转让价格", "意向价格", "拟交易价格", "转让费", "金额", "price"}, holds: digits, width: 14, note: "数字，或 10～20 这样的范围，或面议；列名里写元就按元", example: "60"},
	{key: "unit", name: "价格单位", also: []string{"金额单位", "单位元万元"}, width: 10, note: "列名里没有写单位时填元或万元"},
	{key: "patent", name: "专利号", also: []string{"专利号或申请号", "专利申请号", "申请号", "专利号申请号", "专利编号", "知识产权号", "知识产权编号", "授权号", "patent"}, holds: digits, width: 26,
		note: "专利号或申请号，会检查校验位；有几件时用分号隔开"},
	{key: "ip_type", name: "知识产权类型", also: []string{"专利类型", "知识产权", "知识产权形式"}, width: 16, note: "有专利号时可以空着", example: "技术秘密", choices: ipTypes},
	{key: "ip_status", name: "知识产权状态", also: []string{"专利状态", "法律状态", "授权情况", "专利法律状态"}, width: 12, note: "已授权、申请中、转让中、已失效", example: "已授权", choices: ipStatuses},
	{key: "ip_title", name: "知识产权名称", also: []string{"知识产权标题"}, width: 30, note: "有几件知识产权时每件一行（单元格内换行），号码、类型、状态、日期同样分行，没有的写“—”"},
	{key: "ip_filed", name: "申请日期", also: []string{"申请日", "专利申请日", "专利申请日期", "申请时间", "专利申请时间", "filed_on"}, holds: dates, width: 14, note: "例：2023-04-18。已授权的专利由此算出到期日"},
	{key: "ip_granted", name: "授权日期", also: []string{"授权日", "专利授权日", "授权公告日", "授权公告日期", "授权时间", "登记日期", "granted_on"}, holds: dates, width: 14, note: "授权公告或登记的日期；申请中的空着"},
	{key: "inventors", name: "完成人", also: []string{"发明人", "主要完成人", "成果完成人", "团队", "负责人", "项目负责人", "inventors"}, width: 20, note: "公开，用顿号隔开", example: "李敏、周建"},
	{key: "cases", name: "应用案例", also: []string{"应用情况", "推广应用情况", "cases"}, width: 28, note: "在哪里用过、效果如何"},
	regionColumn, techFieldColumn, hideColumn, gatedColumn, contactColumn, phoneColumn,
}

var needColumns = []column{
	idColumn,
	{key: "title", main: true, name: "需求名称", also: []string{"题名", "标题", "名称", "需求题名", "需求标题", "技术需求名称", "技术需求", "需求", "项目名称", "难题名称", "技术难题", "title"}, must: true, width: 40,
		note: "必填，最多 100 个字。写“对象＋问题＋目标”", example: "重钙浆料研磨返粗与升温控制"},
	submarketColumn, fieldsColumn,
	{key: "problem", name: "现状与瓶颈", also: []string{"现状", "内容", "需求内容", "需求描述", "需求说明", "需求简介", "描述", "难题描述", "拟解决的问题", "说明", "body", "problem"}, width: 50,
		note: "现在怎么做、卡在哪里、试过什么，最多 3000 个字", example: "湿法研磨到 2 μm 以下时浆料升温返粗，试过两种分散剂效果不明显。"},
	{key: "background", name: "背景", also: []string{"需求背景", "项目背景", "background"}, width: 28, note: "产线、产量、用在哪里"},
	{key: "ind_name", name: "指标名", also: []string{"指标", "技术指标", "考核指标"}, width: 16, note: "几项指标时每项一行（单元格内换行），后面四列同样分行", example: "粒径 D97"},
	{key: "ind_now", name: "现值", also: []string{"现有指标", "现状值"}, holds: words, width: 12, example: "4.8"},
	{key: "ind_target", name: "要求", also: []string{"要求达到", "目标值", "指标要求", "目标"}, holds: words, width: 12, note: "有指标名就要填", example: "≤2.5"},
	{key: "ind_unit", name: "单位", also: []string{"指标单位", "计量单位"}, width: 10, example: "μm"},
	{key: "ind_method", name: "检验方法", also: []string{"测试方法", "检测方法"}, width: 20, example: "激光粒度仪"},
	{key: "price", name: "预算（万元）", also: []string{"经费预算", "拟投入经费", "拟投入资金", "投入金额", "资金", "金额", "经费", "budget"}, holds: digits, width: 14, note: "数字，或 10～20 这样的范围，或面议；列名里写元就按元", example: "80"},
	{key: "unit", name: "预算单位", also: []string{"金额单位"}, width: 10, note: "列名里没有写单位时填元或万元"},
	{key: "deadline", name: "截止日期", also: []string{"截止时间", "期限", "完成期限", "有效期至", "deadline"}, holds: dates, width: 14, note: "例：2027-06-30", example: "2027-06-30"},
	modesColumn,
	{key: "ownership", name: "成果归属意向", also: []string{"成果归属", "知识产权归属", "ownership"}, width: 24},
	{key: "partner", name: "对合作方的要求", also: []string{"合作方要求", "意向合作方", "partner"}, width: 24},
	regionColumn, techFieldColumn, hideColumn, gatedColumn, contactColumn, phoneColumn,
}

var expertColumns = []column{
	idColumn,
	{key: "name", main: true, name: "姓名", also: []string{"专家姓名", "专家", "名字", "name"}, must: true, width: 12, note: "必填", example: "谢启明"},
	{key: "org", name: "所在单位", also: []string{"工作单位", "单位", "单位名称", "所属单位", "org"}, width: 30, note: "单位自己导入时不用填，都记在本单位名下", example: "永丰县碳酸钙产业协会"},
	{key: "title", name: "职称", also: []string{"专业技术职称", "技术职称", "职务职称", "职称职务", "title"}, width: 14, example: "高级工程师"},
	{key: "fields", name: "细分领域", also: []string{"领域", "所属领域", "研究领域", "fields"}, width: 30, note: "从列表中选；有几个时用顿号隔开，主要的写在前面。没有的不能公开", choices: fieldNames},
	techFieldColumn,
	{key: "expertise", name: "专长", also: []string{"研究方向", "擅长领域", "主要业绩", "个人简介", "简介", "expertise"}, width: 50, note: "能帮企业解决哪些问题，做过什么，最多 1000 个字", example: "碳酸钙湿法研磨，查找返粗、升温和能耗高的原因"},
	{key: "region", name: "所在地", also: []string{"所在区县", "区县", "县区", "地区", "region"}, width: 12, note: "空着就用本单位的所在地", choices: counties},
	{key: "phone", name: "电话", also: []string{"联系电话", "手机", "手机号", "联系方式", "phone"}, holds: digits, width: 16, note: "本人另外同意后才公开"},
	{key: "email", name: "邮箱", also: []string{"电子邮箱", "电子邮件", "邮件", "email"}, width: 24, note: "本人用这个邮箱的账号登录，可以自己同意或收回公开"},
	{key: "consent_on", name: "同意公开日期", also: []string{"同意公开", "同意日期", "同意书日期"}, holds: dates, width: 14, note: "本人签名的同意书上的日期，例：2026-05-06；空着就不公开"},
	{key: "contact_on", name: "同意公开联系方式日期", also: []string{"同意公开联系方式"}, holds: dates, width: 20, note: "同意书里另外写明的才填"},
}

var orgColumns = []column{
	idColumn,
	{key: "name", main: true, name: "单位名称", also: []string{"单位全称", "名称", "企业名称", "机构名称", "单位", "公司名称", "name"}, must: true, width: 36, note: "必填，与证照一致，不用简称", example: "吉水文峰电路有限公司"},
	{key: "uscc", name: "统一社会信用代码", also: []string{"信用代码", "社会信用代码", "统一信用代码", "uscc"}, holds: digits, must: true, width: 24, note: "必填，18 位，会检查校验位"},
	{key: "type", name: "单位类型", also: []string{"类型", "机构类型", "type"}, must: true, width: 14, note: "必填：企业、高校、科研院所、技术转移机构", example: "企业", choices: orgTypes},
	{key: "region", name: "所在地", also: []string{"所在区县", "区县", "县区", "地区", "region"}, must: true, width: 12, note: "必填，实际所在的区县；县区审核人员只能导入本县区的", choices: counties},
	{key: "park", name: "园区", also: []string{"所在园区", "开发区", "park"}, width: 20, choices: func(r *market.Reference) market.Codes { return r.Parks }},
	{key: "party_type", name: "单位性质", also: []string{"性质", "party_type"}, width: 18, choices: func(r *market.Reference) market.Codes { return r.PartyTypes }},
	{key: "industry", name: "行业门类", also: []string{"行业", "industry"}, width: 18, choices: func(r *market.Reference) market.Codes { return r.Industries }},
	{key: "scale", name: "企业规模", also: []string{"规模", "scale"}, width: 10, note: "大型、中型、小型、微型", choices: func(*market.Reference) market.Codes { return market.OrgScales }},
	{key: "legal_rep", name: "法定代表人", also: []string{"法人", "法人代表", "负责人"}, width: 12, note: "不公开"},
	{key: "address", name: "地址", also: []string{"单位地址", "详细地址", "注册地址", "address"}, width: 30, note: "不公开", example: "吉水县城西工业园"},
	{key: "about", name: "单位简介", also: []string{"简介", "主营业务", "经营范围", "about"}, width: 40, note: "最多 500 个字", example: "双面与多层线路板，2025 年投产。"},
}

func orgTypes(*market.Reference) market.Codes {
	var out market.Codes
	for _, t := range market.OrgTypes {
		out = append(out, market.Code{Code: string(t), Name: t.Name()})
	}
	return out
}

// columnsFor lists the columns of a kind in the order of the template.
func columnsFor(kind market.Kind) []column {
	switch kind {
	case market.KindNeed:
		return needColumns
	case market.KindExpert:
		return expertColumns
	case market.KindOrg:
		return orgColumns
	case market.KindNational:
		return nationalColumns
	}
	return resultColumns
}

// mainColumn is the column that names the things of a list.
func mainColumn(kind market.Kind) column {
	list := columnsFor(kind)
	return list[slices.IndexFunc(list, func(c column) bool { return c.main })]
}

// headingKey brings a heading to the form under which headings are compared: without what stands in brackets, without
// signs and blanks, folded. 成果名称*, ＊成果名称（必填） and 成果 名称 are the same.
func headingKey(heading string) string {
	var plain strings.Builder
	depth := 0
	for _, r := range heading {
		switch {
		case strings.ContainsRune("（([【", r):
			depth++
		case strings.ContainsRune("）)]】", r):
			depth = max(depth-1, 0)
		case depth == 0:
			plain.WriteRune(r)
		}
	}
	if key := market.TitleKey(plain.String()); key != "" {
		return key
	}
	return market.TitleKey(heading)
}

// headingUnit is the unit of money a heading names, "" when it names none.
func headingUnit(heading string) market.Unit {
	switch {
	case strings.Contains(heading, "万"):
		return market.WanYuan
	case strings.Contains(heading, "元"):
		return market.Yuan
	}
	return ""
}

// named reports whether the key is exactly one of the column's names, with or without the unit behind it.
func (c *column) named(key string) bool {
	if c.key == "price" {
		key = strings.TrimSuffix(strings.TrimSuffix(key, "万元"), "元")
	}
	return key == headingKey(c.name) || slices.ContainsFunc(c.also, func(n string) bool { return headingKey(n) == key })
}

// within is the length of the column's longest name that stands within the key; names under three characters are too
// common to count.
func (c *column) within(key string) int {
	longest := 0
	for _, name := range append([]string{c.name}, c.also...) {
		n := headingKey(name)
		if size := market.RuneLen(n); size >= 3 && size > longest && strings.Contains(key, n) {
			longest = size
		}
	}
	return longest
}

// isMain reports whether the heading is that of the main column.
func isMain(kind market.Kind, heading string) bool {
	main := mainColumn(kind)
	return main.named(headingKey(heading))
}

// columnsOf recognises headings: the nth of the result is the column of the nth heading, nil when it is none we know.
// Exact names go first; a heading that merely holds a name takes a column that is still free.
func columnsOf(kind market.Kind, headings []string) []*column {
	list := columnsFor(kind)
	out := make([]*column, len(headings))
	taken := map[string]bool{}
	for i, h := range headings {
		key := headingKey(h)
		for j := range list {
			if key != "" && !taken[list[j].key] && list[j].named(key) {
				out[i], taken[list[j].key] = &list[j], true
				break
			}
		}
	}
	for i, h := range headings {
		if out[i] != nil {
			continue
		}
		key, longest := headingKey(h), 0
		for j := range list {
			if n := list[j].within(key); n > longest && !taken[list[j].key] {
				out[i], longest = &list[j], n
			}
		}
		if out[i] != nil {
			taken[out[i].key] = true
		}
	}
	return out
}
