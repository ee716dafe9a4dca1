package market

import (
	"regexp"
	"time"
)

// Setting is a name that differs by place, such as who runs the market.
type Setting struct {
	Code, Name, Hint string
	Must             bool
	form             *regexp.Regexp // nil takes any line
	example          string
}

// Settings are all of them in the order they are offered.
var Settings = []Setting{
	{Code: "organiser", Name: "主办单位", Hint: "页脚、工作台和信件里的名称", Must: true},
	{Code: "hours", Name: "服务时间", Hint: "最后一个时刻也是审核当天截止的时刻", Must: true, form: regexp.MustCompile(`\d{1,2}:\d{2}—\d{1,2}:\d{2}$`), example: "工作日 8:30—12:00，14:30—17:30"},
	{Code: "phone", Name: "咨询电话", form: regexp.MustCompile(`^[0-9+\-转、 ]{7,40}$`), example: "0796-8234567"},
	{Code: "icp", Name: "ICP 备案号", form: regexp.MustCompile(`^\p{Han}ICP[备证][0-9]{4,12}号(-[0-9]{1,3})?$`), example: "赣ICP备12345678号-1"},
	{Code: "police", Name: "公安备案号", form: regexp.MustCompile(`^\p{Han}公网安备 ?[0-9]{10,16}号$`), example: "赣公网安备 36080202000123号"},
	{Code: "site_code", Name: "政府网站标识码", form: regexp.MustCompile(`^[0-9A-Za-z]{10}$`), example: "3608000012"},
}

// SettingName names a setting, "" when there is none of that code.
func SettingName(code string) string {
	for _, s := range Settings {
		if s.Code == code {
			return s.Name
		}
	}
	return ""
}

var hourDash = regexp.MustCompile(`(\d) ?(?:-|–|~|－|～|至) ?(\d)`)

// CheckSettings tidies the values and returns what is wrong with them. Problems name the fields by the settings' codes.
func CheckSettings(values map[string]string) Problems {
	var p Problems
	for _, s := range Settings {
		text, err := CleanText(values[s.Code])
		p.AddErr(s.Code, err)
		value := Normalize(text)
		if s.Code == "hours" {
			value = hourDash.ReplaceAllString(value, "$1—$2")
		}
		values[s.Code] = value
		switch {
		case err != nil:
		case value == "" && s.Must:
			p.Add(s.Code, "请填写%s", s.Name)
		case RuneLen(value) > maxSetting:
			p.Add(s.Code, "最多 %d 个字", maxSetting)
		case value != "" && s.form != nil && !s.form.MatchString(value):
			p.Add(s.Code, "%s的写法不对，例：%s", s.Name, s.example)
		}
	}
	return p
}

const maxSetting = 60

// SettingChange is one change of a setting.
type SettingChange struct {
	ID       int64     `db:"id"`
	Key      string    `db:"key"`
	Before   string    `db:"before"`
	After    string    `db:"after"`
	UserName string    `db:"user_name"`
	At       time.Time `db:"at"`
}

// Help says under the field what it is for and how it is written.
func (s Setting) Help() string {
	switch {
	case s.example == "":
		return s.Hint
	case s.Hint == "":
		return "例：" + s.example
	}
	return s.Hint + "。例：" + s.example
}
