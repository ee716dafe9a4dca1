package match

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"techmarket/internal/market"
)

// explain adds the shared terms and the reasons to a match.
func (m *Model) explain(match *Match, need, result market.Document, terms []string, now time.Time) {
	match.Terms = terms
	reasons := []Reason{
		termsReason(match.Terms),
		m.tradeReason(need, result),
		priceReason(need, result),
		m.modeReason(need, result),
		m.stageReason(result),
		freshReason("需求", need, now),
		freshReason("成果", result, now),
	}
	reasons = slices.DeleteFunc(reasons, func(r Reason) bool { return r.Text == "" })
	slices.SortStableFunc(reasons, func(a, b Reason) int {
		switch {
		case a.OK == b.OK:
			return 0
		case a.OK:
			return -1
		}
		return 1
	})
	match.Reasons = reasons
}

func termsReason(terms []string) Reason {
	if len(terms) == 0 {
		return Reason{true, "wording", "描述的技术内容相近"}
	}
	return Reason{true, "terms", "都涉及" + strings.Join(terms, "、")}
}

func (m *Model) tradeReason(need, result market.Document) Reason {
	names := m.named(m.names.Fields, shared(need.Fields, result.Fields))
	if names != "" {
		return Reason{true, "field", "同一领域：" + names}
	}
	own, other := m.names.Submarkets[need.Submarket], m.names.Submarkets[result.Submarket]
	switch {
	case own == "" || other == "":
		return Reason{}
	case own == other:
		return Reason{true, "submarket", "同属" + own + "，细分领域不同"}
	}
	return Reason{false, "submarket", "分属" + own + "和" + other}
}

// named lists the names of codes.
func (m *Model) named(names map[string]string, codes []string) string {
	var list []string
	for _, code := range codes {
		if name := names[code]; name != "" {
			list = append(list, name)
		}
	}
	return strings.Join(list, "、")
}

func priceReason(need, result market.Document) Reason {
	switch priceFit(need, result) {
	case fitWithin:
		return Reason{true, "price", "价格在预算以内"}
	case fitPartly:
		return Reason{true, "price", "最低价在预算以内"}
	case fitAbove:
		return Reason{false, "price", "价格高于预算"}
	case fitFarAbove:
		return Reason{false, "price", "价格超过预算一倍以上"}
	}
	return Reason{}
}

func (m *Model) modeReason(need, result market.Document) Reason {
	both := m.named(m.names.Modes, shared(need.Modes, result.Modes))
	wanted, offered := m.named(m.names.Modes, need.Modes), m.named(m.names.Modes, result.Modes)
	switch {
	case both != "":
		return Reason{true, "mode", "合作方式一致：" + both}
	case wanted == "" || offered == "":
		return Reason{}
	}
	return Reason{false, "mode", "合作方式不同：需求希望" + wanted + "，成果提供" + offered}
}

func (m *Model) stageReason(result market.Document) Reason {
	name := m.names.Stages[result.Stage]
	if name == "" {
		return Reason{}
	}
	text := "成熟度为" + name + levels(result)
	if result.Stage == "pilot" || result.Stage == "mass" {
		return Reason{true, "stage", text}
	}
	return Reason{false, "stage", text + "，尚需放大验证"}
}

// levels writes the technology readiness levels.
func levels(d market.Document) string {
	switch {
	case d.TRLMin == 0:
		return ""
	case d.TRLMax <= d.TRLMin:
		return fmt.Sprintf("（TRL %d）", d.TRLMin)
	}
	return fmt.Sprintf("（TRL %d～%d）", d.TRLMin, d.TRLMax)
}

func freshReason(what string, d market.Document, now time.Time) Reason {
	if !isStale(d, now) {
		return Reason{}
	}
	return Reason{false, "fresh", what + "超过半年未确认"}
}
