package server

import "techmarket/internal/market"

// needExample is a need written well, to learn from.
type needExample struct {
	Submarket  string // code
	Name       string // of the sub-market
	Title      string
	Problem    string
	Indicators []market.Indicator
}

// needExamples has one for each sub-market. They are invented.
var needExamples = []needExample{
	{Submarket: "electronics", Title: "碳氢树脂高频板压合翘曲控制到 0.5% 以内",
		Problem:    "六层碳氢板压合后翘曲 1.1%，贴片时偏位，良率 86%。调过升温速率和压力曲线，也换过半固化片，翘曲只降到 0.9%。",
		Indicators: []market.Indicator{{Name: "翘曲度", Now: "1.1", Target: "≤ 0.5", Unit: "%", Method: "IPC-TM-650 2.4.22"}, {Name: "贴片良率", Now: "86", Target: "≥ 97", Unit: "%", Method: "连续 3 批统计"}}},
	{Submarket: "biomedicine", Title: "车前子多糖提取率提高到 12% 以上且不增加乙醇用量",
		Problem:    "水提醇沉一次得率 7.8%，收率批间差 1.5 个百分点。试过超声辅助，得率到 9%，但滤液黏度高、离心堵网。",
		Indicators: []market.Indicator{{Name: "多糖得率", Now: "7.8", Target: "≥ 12", Unit: "%", Method: "苯酚硫酸法"}, {Name: "乙醇单耗", Now: "6.5", Target: "≤ 6.5", Unit: "L/kg", Method: "投料记录"}}},
	{Submarket: "equipment", Title: "薄壁铝合金壳体铣削变形控制到 0.03 mm",
		Problem:    "壁厚 1.2 mm 的壳体精铣后平面度 0.08 mm，靠人工校形，每件 25 分钟。换过真空夹具和刀具，变形仍在 0.06 mm。",
		Indicators: []market.Indicator{{Name: "平面度", Now: "0.08", Target: "≤ 0.03", Unit: "mm", Method: "三坐标测量"}, {Name: "单件加工时间", Now: "42", Target: "≤ 25", Unit: "min", Method: "连续 50 件平均"}}},
	{Submarket: "food", Title: "井冈蜜柚果汁苦味降低且冷藏 60 天不返苦",
		Problem:    "鲜榨 3 天后柠檬苦素升到 9 mg/L，明显发苦。试过树脂吸附，苦味降了，维生素 C 也损失四成。",
		Indicators: []market.Indicator{{Name: "柠檬苦素（冷藏 60 天）", Now: "9", Target: "≤ 4", Unit: "mg/L", Method: "高效液相色谱"}, {Name: "维生素 C 保留率", Now: "60", Target: "≥ 85", Unit: "%", Method: "GB 5009.86"}}},
	{Submarket: "materials", Title: "重质碳酸钙湿法研磨 D97 降至 2.5 μm 并控制能耗",
		Problem:    "两段搅拌磨出料 D97 停在 4.8 μm，再磨浆料升温到 75 ℃ 后返粗。换过两种分散剂和 0.8 mm 锆珠，电耗升到 210 kWh/t。",
		Indicators: []market.Indicator{{Name: "粒径 D97", Now: "4.8", Target: "≤ 2.5", Unit: "μm", Method: "激光粒度仪，GB/T 19077"}, {Name: "吨电耗", Now: "210", Target: "≤ 160", Unit: "kWh/t", Method: "电表连续 72 h"}}},
}

// examples are those of the sub-markets that there are, with their names.
func (s *Server) examples() []needExample {
	var out []needExample
	for _, e := range needExamples {
		if e.Name = s.ref.Submarkets.Name(e.Submarket); e.Name != "" {
			out = append(out, e)
		}
	}
	return out
}
