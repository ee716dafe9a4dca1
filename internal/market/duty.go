package market

import "slices"

// Duties are all duties in the order they are offered.
var Duties = []Duty{Reviewer, Registrar, Statistician, Auditor, Admin}

// Does says in a few words what the duty is for.
func (d Duty) Does() string {
	return map[Duty]string{Reviewer: "核验单位，审核需求、成果和批量导入", Registrar: "合同认定登记", Statistician: "看成交额和登记台账，导出",
		Auditor: "看全部内容和审计日志，不能改动", Admin: "账号和设置，不办业务"}[d]
}

// CheckDuties returns what is wrong with holding these duties for a county, "" for the whole city: 系统管理 and 审计 are
// never held by one person, the administrator does no business, and neither of the two is for one county alone. Problems
// name the fields duties and county.
func CheckDuties(ref *Reference, duties []Duty, county string) Problems {
	var p Problems
	for _, d := range duties {
		if d.Name() == "" {
			p.Add("duties", "没有这个岗位，请从列表中选择")
		}
	}
	auditor, admin := slices.Contains(duties, Auditor), slices.Contains(duties, Admin)
	if auditor && admin {
		p.Add("duties", "系统管理和审计不能由同一人担任，请去掉一个")
	}
	if county == "" {
		return p
	}
	switch {
	case ref.Regions.Counties().Name(county) == "":
		p.Add("county", "请从列表中选择县区")
	case auditor || admin:
		p.Add("county", "系统管理和审计面向全市，不能只管一个县区")
	case len(duties) == 0:
		p.Add("county", "没有岗位的账号不用选县区")
	}
	return p
}

// StaleDays is after how many days without a sign-in an account is listed as unused.
const StaleDays = 90

// UserState is whether an account can be used.
type UserState string

// The states of an account.
const (
	UserActive UserState = "active"
	UserLocked UserState = "locked" // by an administrator, until they unlock it
	UserClosed UserState = "closed" // for good
)

// UserStates names them.
var UserStates = Codes{{string(UserActive), "正常"}, {string(UserLocked), "已停用"}, {string(UserClosed), "已注销"}}
