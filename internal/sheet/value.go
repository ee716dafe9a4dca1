package sheet

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// index is a code list as its names are looked up: by market.TitleKey.
type index struct {
	list  market.Codes
	codes map[string]string
}

// newIndex takes the words beside the names of a column; what stands in brackets may be left out of a name.
func newIndex(key string, list market.Codes) index {
	x := index{list: list, codes: map[string]string{}}
	for code, words := range codeWords[key] {
		for _, w := range words {
			x.codes[w] = code
		}
	}
	for _, c := range list {
		for _, name := range []string{headingKey(c.Name), market.TitleKey(c.Code), market.TitleKey(c.Name)} {
			x.codes[name] = c.Code
		}
	}
	return x
}

func (x index) find(text string) (code string, ok bool) {
	code, ok = x.codes[market.TitleKey(text)]
	if !ok {
		code, ok = x.codes[headingKey(text)]
	}
	return code, ok
}

// code reads a cell that names one code of the column's list.
func (r *row) code(key string) string { return r.codeOf(key, r.text(key)) }

// codeOf reads a text of the column as a code of its list.
func (r *row) codeOf(key, text string) string {
	if text = market.Normalize(text); text == "" {
		return ""
	}
	code, ok := r.lists[key].find(text)
	if !ok {
		r.unknown(key, text)
	}
	return code
}

// codeWords are other words for codes.
var codeWords = map[string]map[string][]string{
	"submarket": {"electronics": {"电子信息产业", "电子"}, "biomedicine": {"生物医药", "生物医药产业", "大健康", "医药"}, "equipment": {"装备制造", "装备制造产业", "先进装备"},
		"food": {"绿色食品产业", "食品", "农产品加工"}, "materials": {"新材料", "先进材料产业", "材料"}},
	"modes": {"entrust": {"委托", "技术开发"}, "joint": {"合作", "联合开发", "合作研发", "产学研合作"}, "transfer": {"转让", "专利转让", "专利权转让"},
		"licence": {"许可", "专利许可", "许可使用", "专利实施许可"}, "consult": {"咨询"}, "service": {"服务"}, "equity": {"入股", "技术入股", "作价投资", "技术作价入股"}},
	"price_method": {"negotiated": {"协议", "协商", "面议", "协商定价"}, "listed": {"挂牌交易", "挂牌转让"}, "auction": {"竞价", "拍卖", "公开竞价"}},
	"ip_type":      {"invention": {"发明"}, "utility": {"实用新型"}, "design": {"外观设计"}, "software": {"软件著作权", "软著"}, "secret": {"专有技术", "技术诀窍"}, "none": {"无", "没有"}},
	"type":         {"enterprise": {"公司", "民营企业", "国有企业"}, "university": {"大学", "学院", "高等院校"}, "institute": {"科研机构", "研究所", "研究院"}, "agency": {"中介机构", "服务机构", "技术转移"}},
	"ip_status":    {"granted": {"授权", "有效", "有权", "已获授权"}, "pending": {"申请", "审中", "实审", "实质审查", "公开", "受理", "在审"}, "lapsed": {"失效", "无效", "终止", "无权"}},
}

// codes reads a cell that names several codes of the column's list.
func (r *row) codes(key string) []string {
	text := market.Normalize(r.text(key))
	if text == "" {
		return nil
	}
	if code, ok := r.lists[key].find(text); ok { // a name may hold the sign that others are divided by
		return []string{code}
	}
	var out []string
	add := func(name string) bool {
		code, ok := r.lists[key].find(name)
		if ok && !slices.Contains(out, code) {
			out = append(out, code)
		}
		return ok
	}
	for part := range strings.FieldsFuncSeq(r.text(key), isBreak) { // some names hold a 、 themselves
		if add(part) {
			continue
		}
		for _, name := range split(part) {
			if !add(name) {
				r.unknown(key, name)
			}
		}
	}
	return out
}

// isBreak tells the signs that stand between names and in none.
func isBreak(c rune) bool { return c == '；' || c == ';' || c == '\n' || c == '\r' }

// split cuts a list at the signs between its names.
func split(text string) []string {
	var out []string
	for _, name := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("、，,；;／/|\n\r\t", c) }) {
		if name = market.Normalize(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// maxListed is up to how many names a message lists all there are.
const maxListed = 9

// unknown notes a name that is not on the list, with the one that was probably meant or the names to choose from.
func (r *row) unknown(key, text string) {
	list := r.lists[key].list
	text = market.Truncate(text, 20)
	switch near := nearest(list, text); {
	case near != "":
		r.problems.Add(key, "“%s”不在列表里，是不是“%s”？请改成列表里的名称", text, near)
	case len(list) <= maxListed:
		names := make([]string, len(list))
		for i, c := range list {
			names[i] = c.Name
		}
		r.problems.Add(key, "“%s”不在列表里，请写：%s", text, strings.Join(names, "、"))
	default:
		r.problems.Add(key, "“%s”不在列表里，请按模板里的列表填写", text)
	}
}

// nearest is the name that shares most pairs of neighbouring characters with the text, "" when none shares any.
func nearest(list market.Codes, text string) string {
	best, most := "", 0
	pairs := pairsOf(text)
	for _, c := range list {
		n := 0
		for pair := range pairsOf(c.Name) {
			if pairs[pair] {
				n++
			}
		}
		if n > most {
			best, most = c.Name, n
		}
	}
	return best
}

func pairsOf(text string) map[string]bool {
	key := []rune(market.TitleKey(text))
	out := map[string]bool{}
	for i := 0; i+1 < len(key); i++ {
		out[string(key[i:i+2])] = true
	}
	return out
}

// region reads a place: its name, its name without 县, 区 or 市, or an address that ends with it.
func (r *row) region() string {
	text := market.Normalize(r.text("region"))
	if text == "" {
		return ""
	}
	found, end := "", -1
	for _, place := range r.ref.Regions {
		short := strings.TrimRight(place.Name, "县区市省")
		for _, name := range []string{place.Name, short} {
			if text == name || text == place.Code {
				return place.Code
			}
		}
		if at := strings.LastIndex(text, place.Name); at > end {
			found, end = place.Code, at
		}
	}
	if found == "" {
		r.problems.Add("region", "“%s”认不出来，请写区县或省市的名称，例：永丰县", market.Truncate(text, 20))
	}
	return found
}

// date reads a date as people write it. A month means its last day.
func (r *row) date(key string) *time.Time { return r.dateOf(key, r.text(key)) }

// dateOf reads a text of the column as a date.
func (r *row) dateOf(key, text string) *time.Time {
	text = strings.ReplaceAll(market.Normalize(text), " ", "")
	if text == "" || slices.Contains(noDate, text) {
		return nil
	}
	plain := strings.TrimRight(strings.NewReplacer("年", "-", "月", "-", "日", "", "号", "", "/", "-", ".", "-").Replace(text), "-")
	if clock := clockTail.FindStringIndex(plain); clock != nil {
		plain = plain[:clock[0]]
	}
	for _, layout := range []string{"2006-1-2", "20060102"} {
		if day, err := time.ParseInLocation(layout, plain, market.Shanghai); err == nil {
			return &day
		}
	}
	if n, err := number(plain); err == nil && len(plain) == 5 { // a day of Excel's calendar that lost its format
		if day, err := time.ParseInLocation(time.DateOnly, dateOfSerial(plain, n, false), market.Shanghai); err == nil {
			return &day
		}
	}
	if month, err := time.ParseInLocation("2006-1", plain, market.Shanghai); err == nil {
		day := month.AddDate(0, 1, -1)
		return &day
	}
	r.problems.Add(key, "日期“%s”认不出来，请写成 2027-06-30", market.Truncate(text, 20))
	return nil
}

// noDate are ways to say that there is no deadline.
var noDate = []string{"长期", "不限", "无", "长期有效", "-", "—", "/"}

// clockTail is the time of day that some programs put behind a date; blanks are gone already.
var clockTail = regexp.MustCompile(`(?:T)?\d{2}:\d{2}(?::\d{2})?(?:Z|\.\d+)?$`)

// openPrice are ways to say 面议.
var openPrice = []string{"", "面议", "价格面议", "协商", "协商定价", "双方协商", "待定", "另议", "电议", "可议", "不限", "无", "-", "—", "/"}

// between is what stands between the two sums of a range.
var between = regexp.MustCompile(`^(.*\d[^\d]*?)(?:-|—|–|~|～|〜|至|到)+(.*\d.*)$`)

// price reads a budget or an asking price.
func (r *row) price() market.Price {
	text := strings.ReplaceAll(market.Normalize(r.text("price")), " ", "")
	if slices.Contains(openPrice, text) {
		return market.Price{Kind: market.PriceOpen}
	}
	unit := r.unit
	if own := headingUnit(r.text("unit")); own != "" {
		unit = own
	}
	text = strings.TrimLeft(strings.NewReplacer("人民币", "", "RMB", "", "¥", "", "￥", "").Replace(text), "约")
	if m := between.FindStringSubmatch(text); m != nil {
		high := r.sum(m[2], unit)
		if own := headingUnit(m[2]); own != "" {
			unit = own // 10～20 万元
		}
		return market.Price{Kind: market.PriceRange, Min: r.sum(m[1], unit), Max: high}
	}
	return market.Price{Kind: market.PriceAmount, Min: r.sum(text, unit)}
}

// sum reads one sum. One that names no unit where the heading has none is a question, not a guess.
func (r *row) sum(text string, unit market.Unit) decimal.NullDecimal {
	if unit == "" && !strings.ContainsAny(text, "元万亿") {
		yuan, err := market.ParseMoney(text, market.Yuan)
		if err == nil {
			r.problems.Add("price", "没有写单位：若为元，是 %s；若为万元，是 %s。请在列名里写明，例：价格（万元）", market.FormatMoney(yuan), market.FormatMoney(yuan.Shift(4)))
			return decimal.NullDecimal{}
		}
	}
	yuan, err := market.ParseMoney(text, unit)
	if err != nil {
		r.problems.AddErr("price", err)
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(yuan)
}
