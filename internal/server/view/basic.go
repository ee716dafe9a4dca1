package view

// Tone is what a colour means; words always say the same.
type Tone string

const (
	ToneNone  Tone = ""
	ToneGreen Tone = "green" // act, done
	ToneAmber Tone = "amber" // a need, or time running out
	ToneBlue  Tone = "blue"  // notice
	ToneRed   Tone = "red"   // error, refusal, overdue
	ToneSolid Tone = "solid" // 揭榜挂帅
)

// Link is a word that leads somewhere.
type Link struct {
	Label string
	Href  string
}

// Hidden is a hidden input.
type Hidden struct {
	Name  string
	Value string
}

// Style is the look of an action.
type Style string

const (
	StyleLine    Style = "btn-line" // also when empty
	StylePrimary Style = "btn-primary"
	StyleDanger  Style = "btn-danger-line"
	StyleAmber   Style = "btn-amber" // on the dark ground only
	StyleText    Style = "btn-text"
)

// Action is a link, or a form with one button when Post is set. Why tells why
// it cannot be done now: the button stays in place, disabled, with the reason.
type Action struct {
	ID     string // needed with Why, unique on the page
	Label  string
	Href   string
	Post   bool
	Fields []Hidden
	Style  Style
	Small  bool
	Icon   string
	Why    string
	Key    string // one-key shortcut
}

// Class is the button's class attribute.
func (a Action) Class() string {
	class := "btn " + string(a.Style)
	if a.Style == "" {
		class = "btn " + string(StyleLine)
	}
	if a.Small {
		class += " btn-sm"
	}
	return class
}

// Alert is one sentence, an icon and a way out. Urgent is only for what the
// user just caused: a screen reader interrupts for it.
type Alert struct {
	Kind   AlertKind
	Title  string
	Text   string
	Link   *Link
	Urgent bool
}

// AlertKind is the meaning of an alert.
type AlertKind string

const (
	AlertInfo AlertKind = ""
	AlertOK   AlertKind = "ok"
	AlertWarn AlertKind = "warn"
	AlertBad  AlertKind = "bad"
)

// Icon is the name of the alert's icon.
func (a Alert) Icon() string {
	switch a.Kind {
	case AlertOK:
		return "check"
	case AlertWarn, AlertBad:
		return "alert"
	default:
		return "info"
	}
}

// Badge is a short word in a frame.
type Badge struct {
	Text string
	Tone Tone
}

// The price modes and what became of them.
var (
	BadgeListed     = Badge{Text: "挂牌"}
	BadgeNegotiated = Badge{Text: "协议定价"}
	BadgePublicity  = Badge{Text: "协议定价·公示中", Tone: ToneBlue}
	BadgeAuction    = Badge{Text: "网络竞价", Tone: ToneAmber}
	BadgeSold       = Badge{Text: "已成交", Tone: ToneGreen}
	BadgeReturned   = Badge{Text: "已退回", Tone: ToneRed}
	BadgeUnsold     = Badge{Text: "未成交", Tone: ToneRed}
	BadgeChallenge  = Badge{Text: "揭榜挂帅", Tone: ToneSolid}
)

// State is a state of a record: a shape and the word.
type State struct {
	Shape Shape
	Text  string
	Note  string // second line, such as the reason of a return
}

// Shape tells a state without colour.
type Shape string

const (
	ShapeWait Shape = ""     // empty ring: waits for somebody else
	ShapeRun  Shape = "run"  // half ring: under way
	ShapeTodo Shape = "todo" // diamond: the reader must act
	ShapeDone Shape = "done" // full disc
	ShapeStop Shape = "stop" // barred ring: returned, refused
)

// Fact is a row of a description list.
type Fact struct {
	Label string
	Text  string
	Href  string
	Code  bool // a code, which does not wrap
}

// By is who did something, and for whom.
type By struct {
	Name string
	For  string // such as 由吉安科桥技术转移代永丰白石岭钙业
}

// Empty is an empty state: what is missing, the likely reason, the next step.
type Empty struct {
	Title   string
	Text    string
	Actions []Action
}

// Step is one of several pages or long sections; Href leads back to a done one.
type Step struct {
	Label   string
	Href    string
	Done    bool
	Current bool
	Fault   bool   // something in it is wrong
	Missing string // names of the fields without which it is not done, with spaces between
}

// Steps is the way through a long form.
type Steps struct {
	Items []Step
}
