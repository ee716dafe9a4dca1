package market

import "time"

// ConsentKind is what a person agrees to.
type ConsentKind string

// The kinds. The first two are policies, which have versions; the others are choices of the person.
const (
	ConsentPrivacy   ConsentKind = "privacy"   // 个人信息保护说明
	ConsentTerms     ConsentKind = "terms"     // 用户协议
	ConsentContact   ConsentKind = "contact"   // name and phone may stand on public pages
	ConsentRecommend ConsentKind = "recommend" // matches are suggested
	ConsentAlerts    ConsentKind = "alerts"    // new matches are told by notice and mail
)

// Name is the Chinese name of what is agreed to.
func (k ConsentKind) Name() string {
	return map[ConsentKind]string{ConsentPrivacy: "个人信息保护说明", ConsentTerms: "用户协议", ConsentContact: "公开显示姓名和手机", ConsentRecommend: "匹配推荐", ConsentAlerts: "匹配提醒"}[k]
}

// Choices are what a person decides about their data.
type Choices struct {
	Recommend bool `db:"recommend"`      // matches are suggested
	Alerts    bool `db:"match_alerts"`   // new ones are told, as long as they are suggested
	Contact   bool `db:"contact_public"` // name and phone may stand on public pages
}

// Told reports whether the person is told of new matches.
func (c Choices) Told() bool { return c.Recommend && c.Alerts }

// Policy is a version of a text that people agree to. In its body a line that begins with # is a heading.
type Policy struct {
	Kind      ConsentKind `db:"kind"`
	Version   string      `db:"version"`
	ValidFrom time.Time   `db:"valid_from"`
	Changes   string      `db:"changes"` // what is new against the version before
	Body      string      `db:"body"`
}

// Consent is one thing that a person agreed to or took back.
type Consent struct {
	Kind    ConsentKind `db:"kind"`
	Version string      `db:"version"` // of a policy
	Given   bool        `db:"given"`
	At      time.Time   `db:"at"`
	Address string      `db:"address"`
}
