package view

import (
	"strings"
	"time"
)

// Base is what every page of the public site tells its layout. A page struct
// embeds it; handlers fill it in one place for all pages.
type Base struct {
	Title       string // of this page, without the site's name
	Description string // one sentence for search engines and shared links
	Path        string // of the request with its query, where a preference returns to
	Nav         string // current entry of the main menu: needs, results, challenges, directories, turnover or guide
	User        *UserBox
	Search      Search
	HideSearch  bool // the home page has the box in its hero
	Flash       []Alert
	Errors      ErrorSummary
	Theme       string // light (also when empty) or dark
	LargeType   bool
	Now         time.Time
	Demo        bool // the data is invented; the foot of the page says so
	Site        Site
	Canonical   string // absolute address
	Image       string // absolute address of the picture of a shared link
	HasCharts   bool
	NoIndex     bool
}

// Site holds the names that differ by place.
type Site struct {
	Name      string
	Organiser string
	Hours     string
	Phone     string
	ICP       string // filing number of the web site, empty when there is none
	Police    string // filing number with the public security organ
	Code      string // of a government web site
}

// HourParts are the opening hours in pieces that must not break.
func (s Site) HourParts() []string { return strings.Split(s.Hours, "，") }

// UserBox is the signed-in person as the head of the page shows them.
type UserBox struct {
	Name    string
	Org     string // short name
	Mono    string // one character
	Unread  int    // notices
	For     string // for whom they act, short, when they may act for several
	Several bool   // they may act for several organisations
}

// Search is the state of the search box.
type Search struct {
	Kind string // "", need or result
	Q    string
}

func (Base) layout() string { return "base" }

// FullTitle is the text of the title element.
func (b Base) FullTitle() string {
	title := b.Title + "｜" + b.Site.Name
	if b.Title == "" {
		title = b.Site.Name
	}
	if len(b.Errors.Items) > 0 {
		return "错误：" + title
	}
	return title
}

// ThemeName is the value of data-bs-theme.
func (b Base) ThemeName() string {
	if b.Theme == "dark" {
		return "dark"
	}
	return "light"
}

// Work is a page of the workspace.
type Work struct {
	Base
	SideOrg    string // whose affairs these are
	SideRole   string // such as 企业 · 编辑, or 由某机构代办
	SideGroups []SideGroup
	FindQ      string // what was looked for in the workspace
	NoKeys     bool   // the person turned single-key shortcuts off
}

// SideGroup is one duty's entries; the first group usually has no heading.
type SideGroup struct {
	Head  string
	Items []SideItem
}

// SideItem is an entry of the side bar. Count is how many wait for this person
// to act, not how many there are.
type SideItem struct {
	Label   string
	Href    string
	Icon    string
	Count   int
	Current bool
}

func (Work) layout() string { return "work" }

// Print is a sheet of A4 on the screen and on paper.
type Print struct {
	Base
	Back Link   // where the sheet was opened from
	Note string // what the bar above the sheet says, never printed
	PDF  string // address of the same sheet as a file, empty when there is none
}

func (Print) layout() string { return "print" }
