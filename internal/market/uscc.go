package market

import "strings"

// USCC is a 统一社会信用代码 of GB 32100-2015. ParseUSCC makes valid ones; the methods of any other value never panic.
type USCC string

// usccAlphabet holds the 31 characters of GB 32100-2015 in the order of their values.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// usccWeights are the weights of the first 17 characters, 3^i mod 31.
var usccWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// ParseUSCC checks a code against the form and check character of GB 32100-2015. Full-width and lower-case characters,
// blanks and hyphens are accepted and put right. The Invalid error says in Chinese what is wrong.
func ParseUSCC(s string) (USCC, error) {
	s = compact(s)
	if s == "" {
		return "", Errorf(Invalid, "请填写统一社会信用代码")
	}
	if n := RuneLen(s); n != 18 {
		return "", Errorf(Invalid, "代码应为 18 位，现在是 %d 位", n)
	}
	if err := checkUSCCForm(s); err != nil {
		return "", err
	}
	if s[17] != usccCheck(s) {
		return "", Errorf(Invalid, "代码的校验位不对，通常是其中一位输错")
	}
	return USCC(s), nil
}

// MakeUSCC completes the first 17 characters with the check character of GB 32100-2015. Input is treated as by
// ParseUSCC. The inner check character of GB 11714, the 17th, is the caller's: see InnerValid.
func MakeUSCC(first17 string) (USCC, error) {
	s := compact(first17)
	if n := RuneLen(s); n != 17 {
		return "", Errorf(Invalid, "代码的前段应为 17 位，现在是 %d 位", n)
	}
	if err := checkUSCCForm(s); err != nil {
		return "", err
	}
	return USCC(s + string(usccCheck(s))), nil
}

// checkUSCCForm checks the characters of a code, with or without its check character.
func checkUSCCForm(s string) error {
	for i, r := range []rune(s) {
		switch {
		case strings.ContainsRune("IOSVZ", r):
			return Errorf(Invalid, "不应有字母 I、O、S、V、Z，第 %d 位是 %c", i+1, r)
		case !strings.ContainsRune(usccAlphabet, r):
			return Errorf(Invalid, "代码只有数字和大写字母，第 %d 位不是", i+1)
		case i == 0 && !strings.ContainsRune("123456789ANY", r):
			return Errorf(Invalid, "第 1 位应为 1～9、A、N 或 Y，现在是 %c", r)
		case 1 <= i && i <= 7 && r > '9':
			return Errorf(Invalid, "第 2～8 位应为数字，第 %d 位是 %c", i+1, r)
		}
	}
	return nil
}

// usccCheck computes the check character from the first 17 characters of a code of correct form.
func usccCheck(s string) byte {
	sum := 0
	for i, w := range usccWeights {
		sum += strings.IndexByte(usccAlphabet, s[i]) * w
	}
	return usccAlphabet[(31-sum%31)%31]
}

// Grouped returns the code in its four parts, "91 350100 M000100Y4 3", for typing and reading aloud.
func (c USCC) Grouped() string {
	if len(c) != 18 {
		return string(c)
	}
	return string(c[:2] + " " + c[2:8] + " " + c[8:17] + " " + c[17:])
}

// DivisionCode returns positions 3 to 8, the GB/T 2260 code of the registering authority's place, "" when the code is
// not 18 long. It need not be the place of the organisation.
func (c USCC) DivisionCode() string {
	if len(c) != 18 {
		return ""
	}
	return string(c[2:8])
}

// Category returns the first two characters, registration department and kind: "91" is an enterprise. It is "" when
// the code is not 18 long.
func (c USCC) Category() string {
	if len(c) != 18 {
		return ""
	}
	return string(c[:2])
}

// usccCategories names the registration kinds of GB 32100-2015, table 2.
var usccCategories = map[string]string{
	"11": "机关", "12": "事业单位", "13": "群众团体", "19": "机构编制部门登记的其他机构",
	"51": "社会团体", "52": "民办非企业单位", "53": "基金会", "59": "民政部门登记的其他机构",
	"91": "企业", "92": "个体工商户", "93": "农民专业合作社",
	"N1": "组级集体经济组织", "N2": "村级集体经济组织", "N3": "乡镇级集体经济组织",
}

// CategoryName returns the name of the registration kind, 其他机构 for one that is rare.
func (c USCC) CategoryName() string {
	if name, ok := usccCategories[c.Category()]; ok {
		return name
	}
	return "其他机构"
}

// InnerValid reports whether positions 9 to 17, the organisation code, carry the check character of GB 11714. Real
// codes that fail exist: warn, never reject.
func (c USCC) InnerValid() bool {
	if len(c) != 18 {
		return false
	}
	sum := 0
	for i, w := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += innerValue(c[8+i]) * w
	}
	return c[16] == "0X987654321"[sum%11]
}

// innerValue is the value of a character in GB 11714: digits as they are, A=10 to Z=35.
func innerValue(b byte) int {
	if b >= 'A' {
		return int(b-'A') + 10
	}
	return int(b - '0')
}

// FitsOrgType reports whether the registration kind is one that such an organisation normally has. When it is not, a
// person must look at the organisation's papers.
func (c USCC) FitsOrgType(t OrgType) bool {
	switch c.Category() {
	case "91", "92", "93": // enterprises, sole traders, farmers' cooperatives
		return t == Enterprise || t == Agency
	case "12", "52": // public institutions; private non-profit ones
		return t == University || t == Institute || t == Agency
	case "51": // associations
		return t == Agency
	case "11": // state bodies
		return t == Bureau
	}
	return false
}
