package server

import (
	"strings"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

// sideGroups is the side bar of the workspace: what the actor's organisation and duties open. A duty that the actor
// does not hold does not appear.
func sideGroups(a market.Actor, n store.TodoCounts, path string) []view.SideGroup {
	groups := []view.SideGroup{{Items: []view.SideItem{{Label: "工作台", Href: "/work", Icon: "home"}}}}
	if a.OrgID != 0 {
		groups[0].Items = append(groups[0].Items,
			view.SideItem{Label: "技术需求", Href: "/work/needs", Icon: "doc", Count: n.Needs},
			view.SideItem{Label: "科技成果", Href: "/work/results", Icon: "star", Count: n.Results},
			view.SideItem{Label: "匹配推荐", Href: "/work/matches", Icon: "swap"})
	}
	if a.OrgFor(market.ScopeNegotiate) != 0 {
		groups[0].Items = append(groups[0].Items, view.SideItem{Label: "对接", Href: "/inquiries", Icon: "inbox", Count: n.Inquiries})
	}
	if a.OwnOrg() != 0 {
		groups[0].Items = append(groups[0].Items, view.SideItem{Label: "查看申请", Href: "/disclosures", Icon: "lock", Count: n.Disclosures})
	}
	if a.OrgID != 0 || !a.Staff() {
		groups[0].Items = append(groups[0].Items, view.SideItem{Label: "揭榜挂帅", Href: "/work/challenges", Icon: "flag", Count: n.Challenges})
	}
	if a.OrgFor(market.ScopeContract) != 0 {
		groups[0].Items = append(groups[0].Items, view.SideItem{Label: "合同", Href: "/contracts", Icon: "stamp", Count: n.Contracts})
	}
	if a.OrgFor(market.ScopePost) != 0 {
		groups[0].Items = append(groups[0].Items, view.SideItem{Label: "批量导入", Href: "/imports", Icon: "up"})
	}
	if a.OwnOrg() != 0 && a.OrgType.KeepsExperts() {
		groups[0].Items = append(groups[0].Items, view.SideItem{Label: "专家", Href: "/work/experts", Icon: "users"})
	}
	if a.OrgType == market.Agency && !a.ByMandate() {
		groups[0].Items = append(groups[0].Items, view.SideItem{Label: "委托单位", Href: "/clients", Icon: "org"})
	}
	if a.Has(market.Reviewer) {
		groups = append(groups, view.SideGroup{Head: "审核", Items: []view.SideItem{
			{Label: "审核队列", Href: "/review", Icon: "inbox", Count: n.Review}}})
		desk := &groups[len(groups)-1]
		desk.Items = append(desk.Items, view.SideItem{Label: "搜索词表", Href: lexiconPath, Icon: "search"})
		if n.Refused > 0 {
			desk.Items = append(desk.Items, view.SideItem{Label: "搜不到的内容", Href: "/review/refused", Icon: "search", Count: n.Refused})
		}
		if a.OrgFor(market.ScopePost) == 0 {
			desk.Items = append(desk.Items, view.SideItem{Label: "批量导入", Href: "/imports", Icon: "up"})
		}
		if a.OwnOrg() == 0 || !a.OrgType.KeepsExperts() {
			desk.Items = append(desk.Items, view.SideItem{Label: "专家库", Href: "/work/experts", Icon: "users"})
		}
	}
	if a.Has(market.Registrar) {
		groups = append(groups, view.SideGroup{Head: "登记", Items: []view.SideItem{
			{Label: "合同登记", Href: "/registry", Icon: "stamp", Count: n.Desk}}})
	}
	if a.Has(market.Statistician) || a.Has(market.Auditor) || a.Has(market.Registrar) {
		groups = append(groups, view.SideGroup{Head: "统计", Items: []view.SideItem{
			{Label: "成交额", Href: "/bureau/turnover", Icon: "chart"}, {Label: "月末关账", Href: "/bureau/month-ends", Icon: "check"}, {Label: "年度目标", Href: "/bureau/targets", Icon: "flag"}}})
		stats := &groups[len(groups)-1]
		if a.County == "" {
			stats.Items = append(stats.Items, view.SideItem{Label: "全国系统对账", Href: reconcilePath, Icon: "swap"}, view.SideItem{Label: "奖补测算", Href: rewardsPath, Icon: "star"})
		}
		if !a.Has(market.Registrar) {
			stats.Items = append(stats.Items, view.SideItem{Label: "合同登记", Href: "/registry", Icon: "stamp"})
		}
	}
	if a.Has(market.Auditor) {
		groups = append(groups, view.SideGroup{Head: "审计", Items: []view.SideItem{
			{Label: "审计日志", Href: "/audit", Icon: "shield"}, {Label: "每日锚点", Href: "/audit/anchors", Icon: "print"}, {Label: "保存期限", Href: "/admin/retention", Icon: "clock"}}})
	}
	if a.Has(market.Admin) {
		groups = append(groups, view.SideGroup{Head: "管理", Items: []view.SideItem{
			{Label: "账号", Href: "/admin/users", Icon: "users"}, {Label: "设置", Href: "/admin/settings", Icon: "gear"}, {Label: "保存期限", Href: "/admin/retention", Icon: "clock"}}})
	}
	groups = append(groups, personalGroup(a))
	markCurrent(groups, path)
	return groups
}

// personalGroup is the last group: the organisation's own affairs, which no agency sees to, and the person's.
func personalGroup(a market.Actor) view.SideGroup {
	var g view.SideGroup
	if a.OwnOrg() != 0 || a.OrgID == 0 && !a.Staff() {
		g.Items = append(g.Items, view.SideItem{Label: "单位与成员", Href: "/org", Icon: "users"})
	}
	if a.OwnOrg() != 0 {
		g.Items = append(g.Items, view.SideItem{Label: "委托代办", Href: "/mandates", Icon: "hand"})
	}
	g.Items = append(g.Items, view.SideItem{Label: "消息", Href: "/notices", Icon: "bell"}, view.SideItem{Label: "订阅", Href: "/searches", Icon: "rss"}, view.SideItem{Label: "账户", Href: "/account", Icon: "user"})
	return g
}

// markCurrent marks the entry with the longest address that the path lies under.
func markCurrent(groups []view.SideGroup, path string) {
	best, length := (*view.SideItem)(nil), 0
	for g := range groups {
		for i := range groups[g].Items {
			item := &groups[g].Items[i]
			if (path == item.Href || strings.HasPrefix(path, item.Href+"/")) && len(item.Href) > length {
				best, length = item, len(item.Href)
			}
		}
	}
	if best != nil {
		best.Current = true
	}
}
