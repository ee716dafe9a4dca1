package server

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
	"techmarket/search"
)

var savedSearchPages = []view.Page{savedSearchIndex{}, quietShow{}}

// savedSearchIndex lists a person's saved searches.
type savedSearchIndex struct {
	view.Work
	Max   int
	Rows  []savedSearchRow
	Empty view.Empty
}

// savedSearchRow is one of them, with the forms that change and delete it.
type savedSearchRow struct {
	Name   string
	Href   string // what it finds, the newest first
	About  string // its conditions
	Often  string
	ToldAt *time.Time
	Edit   string // address of the form
	Fields []view.Field
	Open   bool // what was typed has a mistake
	Delete view.Ask
}

func (savedSearchIndex) Template() string { return "page/saved/index" }

// savedSearchForm is what was typed for one search, and what is wrong with it.
type savedSearchForm struct {
	id    int64
	name  string
	often string
	err   error
}

func savedSearchPath(id int64) string { return fmt.Sprintf("/searches/%d", id) }

func (s *Server) savedSearchIndex(c echo.Context, a market.Actor) error {
	return s.showSavedSearches(c, a, savedSearchForm{})
}

func (s *Server) showSavedSearches(c echo.Context, a market.Actor, form savedSearchForm) error {
	saved, err := s.Store.SavedSearches(c.Request().Context(), a)
	if err != nil {
		return err
	}
	w, err := s.work(c, a, "订阅")
	if err != nil {
		return err
	}
	page := savedSearchIndex{Work: w, Max: market.MaxSearches, Empty: view.Empty{Title: "还没有订阅", Text: "搜索后点“订阅这次搜索”，有符合条件的新内容时会告诉您。",
		Actions: []view.Action{{Label: "去搜索", Href: "/search", Style: view.StylePrimary}}}}
	page.Errors = savedSearchErrors(form)
	for _, x := range saved {
		page.Rows = append(page.Rows, s.savedSearchRow(x, form))
	}
	return s.renderStatus(c, formStatus(form.err), page)
}

// savedSearchErrors links each message to the control of the row that was sent.
func savedSearchErrors(form savedSearchForm) view.ErrorSummary {
	sum := errorSummary(form.err)
	for i, item := range sum.Items {
		if item.Field == "query" {
			sum.Items[i].Field = ""
			continue
		}
		sum.Items[i].Field = fmt.Sprintf("%s-%d", item.Field, form.id)
	}
	return sum
}

func (s *Server) savedSearchRow(x market.SavedSearch, form savedSearchForm) savedSearchRow {
	conditions := s.savedConditions(x)
	row := savedSearchRow{Name: x.Name, Href: finding{Conditions: conditions, sort: "newest"}.href(), About: s.searchName(conditions), Often: market.Oftens.Name(string(x.Often)), ToldAt: x.ToldAt,
		Edit: savedSearchPath(x.ID), Delete: view.Ask{Label: "删除", Button: "删除订阅", Danger: true,
			Text: fmt.Sprintf("删除“%s”，不再提醒。搜索本身不受影响，以后可以重新订阅。", x.Name), Href: savedSearchPath(x.ID) + "/delete"}}
	name, often, at := x.Name, string(x.Often), fieldErrors{}
	if form.err != nil && form.id == x.ID {
		name, often, at, row.Open = form.name, form.often, errorsOf(form.err), true
	}
	row.Fields = []view.Field{
		{Name: "name", ID: fmt.Sprintf("name-%d", x.ID), Label: "名称", Value: name, Error: at["name"], Autocomplete: "off"},
		{Name: "often", ID: fmt.Sprintf("often-%d", x.ID), Kind: view.KindSelect, Label: "什么时候提醒", Value: often, Options: options(market.Oftens), Error: at["often"]},
	}
	return row
}

// savedConditions reads the conditions of a saved search.
func (s *Server) savedConditions(x market.SavedSearch) market.Conditions {
	v, err := url.ParseQuery(x.Query)
	if err != nil {
		return market.Conditions{} // only what Conditions.Query wrote is kept
	}
	return s.ref.Conditions(v)
}

// searchName says what a search asks for.
func (s *Server) searchName(c market.Conditions) string {
	var parts []string
	if c.Text != "" {
		parts = append(parts, c.Text)
	}
	if c.Literal {
		parts = append(parts, "只查原词")
	}
	if c.Kind != "" {
		parts = append(parts, kindName(c.Kind))
	}
	for _, chip := range s.conditions(finding{Conditions: c}) {
		parts = append(parts, chip.label)
	}
	if len(parts) == 0 {
		return "全部需求与成果"
	}
	return strings.Join(parts, "、")
}

// savedSearchCreate keeps the search that somebody looks at. They are told of it once a week until they say otherwise.
func (s *Server) savedSearchCreate(c echo.Context, a market.Actor) error {
	v, err := url.ParseQuery(c.FormValue("query"))
	if err != nil || !c.Request().PostForm.Has("query") {
		return market.Errorf(market.Invalid, "没有收到搜索的条件，请回到搜索页再点一次")
	}
	_, fresh, err := s.saveSearch(c.Request().Context(), a, s.ref.Conditions(v), "", market.OftenWeekly)
	if market.IsKind(err, market.Invalid) {
		return s.showSavedSearches(c, a, savedSearchForm{err: err})
	}
	if err != nil {
		return err
	}
	if !fresh {
		return s.done(c, "/searches", "这次搜索已经订阅过")
	}
	return s.done(c, "/searches", "已订阅，每周一早上汇总告诉您。在这里可以改名，或改成马上提醒")
}

// saveSearch keeps a search; without a name it is called by its conditions.
func (s *Server) saveSearch(ctx context.Context, a market.Actor, conditions market.Conditions, name string, often market.Often) (int64, bool, error) {
	if name == "" {
		name = market.Truncate(s.searchName(conditions), market.MaxSearchName)
	}
	known, err := s.foundNow(ctx, conditions)
	if err != nil {
		return 0, false, err
	}
	return s.Service.SaveSearch(ctx, a, conditions, name, often, known)
}

// foundNow is what a search finds now, nil when that is too much to keep.
func (s *Server) foundNow(ctx context.Context, c market.Conditions) ([]int64, error) {
	answer, err := s.Search.Search(ctx, s.textQuery(c, "", store.Slice{Limit: market.MaxKnownListings}))
	if errors.Is(err, search.ErrNoText) {
		ids, err := s.Store.BrowseIDs(ctx, s.browseOf(c, ""), market.MaxKnownListings+1)
		if err != nil || len(ids) > market.MaxKnownListings {
			return nil, err
		}
		return ids, nil
	}
	if err != nil || answer.Whole > market.MaxKnownListings {
		return nil, err
	}
	return append([]int64{}, answer.IDs[:answer.Whole]...), nil
}

func (s *Server) savedSearchEdit(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	form := savedSearchForm{id: id, name: c.FormValue("name"), often: c.FormValue("often")}
	form.err = s.editSavedSearch(c.Request().Context(), a, id, form.name, market.Often(form.often))
	if market.IsKind(form.err, market.Invalid) {
		return s.showSavedSearches(c, a, form)
	}
	if form.err != nil {
		return form.err
	}
	return s.done(c, "/searches", "订阅已保存")
}

func (s *Server) editSavedSearch(ctx context.Context, a market.Actor, id int64, name string, often market.Often) error {
	saved, err := s.Store.SavedSearch(ctx, a, id)
	if market.IsKind(err, market.NotFound) {
		s.Service.Refused(ctx, a, market.SearchEdit, market.Object{Kind: "search", ID: id})
	}
	if err != nil {
		return err
	}
	var known []int64
	if saved.Often == market.OftenNever {
		if known, err = s.foundNow(ctx, s.savedConditions(saved)); err != nil {
			return err
		}
	}
	return s.Service.EditSavedSearch(ctx, a, id, name, often, known)
}

func (s *Server) savedSearchDelete(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := s.Service.DeleteSavedSearch(c.Request().Context(), a, id); err != nil {
		return err
	}
	return s.done(c, "/searches", "订阅已删除，不再提醒")
}

// saveOffer is the button on the search page that keeps the search.
type saveOffer struct {
	Label string
	Post  bool // a form posts Query; else it is a link
	Query string
	Href  string
}

// offerSaving offers to keep the search; to a visitor after signing in. A very long text is not offered.
func (s *Server) offerSaving(ctx context.Context, a market.Actor, f finding) (*saveOffer, error) {
	if market.RuneLen(f.Text) > market.MaxSavedText {
		return nil, nil
	}
	if !a.SignedIn() {
		return &saveOffer{Label: "订阅这次搜索", Href: loginPath(f.href())}, nil
	}
	_, err := s.Store.SavedSearchOf(ctx, a, f.Query())
	if market.IsKind(err, market.NotFound) {
		return &saveOffer{Label: "订阅这次搜索", Post: true, Query: f.Query()}, nil
	}
	return &saveOffer{Label: "已订阅", Href: "/searches"}, err
}

// quietShow is what the link in a letter of alerts opens.
type quietShow struct {
	view.Base
	Secret string
	Field  view.Field // what is told, nothing when nothing is any more
}

func (quietShow) Template() string { return "page/saved/quiet" }

// quietMatches is the value of the box that stands for new matches, beside the ids of saved searches.
const quietMatches = "matches"

func (s *Server) quietShow(c echo.Context, a market.Actor) error {
	return s.showQuiet(c, a, c.QueryParam("t"), nil, nil)
}

// showQuiet shows what is told, all ticked at first, later as they were.
func (s *Server) showQuiet(c echo.Context, a market.Actor, secret string, ticked []string, err error) error {
	_, alerts, loadErr := s.Service.Quieting(c.Request().Context(), secret)
	if loadErr != nil {
		return loadErr
	}
	page := quietShow{Base: s.base(c, a, "停止提醒"), Secret: secret}
	page.NoIndex = true
	page.Errors = errorSummary(err)
	page.Field = view.Field{Kind: view.KindChecks, Name: "ids", Label: "不再提醒的内容", Hint: "订阅和工作台的推荐都留着，登录后可以重新打开提醒", Cards: true, Error: errorsOf(err)["ids"]}
	add := func(value, label, hint string) {
		page.Field.Options = append(page.Field.Options, view.Option{Value: value, Label: label, Hint: hint, Checked: err == nil || slices.Contains(ticked, value)})
	}
	if alerts.Matches {
		add(quietMatches, "匹配提醒", "匹配强的马上提醒，匹配较强的每周一早上汇总")
	}
	for _, x := range alerts.Searches {
		add(strconv.FormatInt(x.ID, 10), "订阅“"+x.Name+"”", market.Oftens.Name(string(x.Often)))
	}
	return s.renderStatus(c, formStatus(err), page)
}

func (s *Server) quietDo(c echo.Context, a market.Actor) error {
	ticked := c.Request().PostForm["ids"]
	n, err := s.Service.Quiet(c.Request().Context(), a, c.FormValue("t"), formIDs(c, "ids"), slices.Contains(ticked, quietMatches))
	if market.IsKind(err, market.Invalid) {
		return s.showQuiet(c, a, c.FormValue("t"), ticked, err)
	}
	if err != nil {
		return err
	}
	next := "/"
	if a.SignedIn() {
		next = "/searches"
	}
	return s.done(c, next, fmt.Sprintf("已停止 %d 项提醒", n))
}
