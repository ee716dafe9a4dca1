package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/search"
)

var lexiconPages = []view.Page{lexiconIndex{}, lexiconForm{}, lexiconVersions{}, lexiconVersion{}}

const lexiconPath = "/review/lexicon"

func lexiconEntryPath(id int64) string { return fmt.Sprintf("%s/%d", lexiconPath, id) }

func lexiconVersionPath(number int64) string {
	return fmt.Sprintf("%s/versions/%d", lexiconPath, number)
}

// keepsLexicon reports whether the actor may change the words, which are the same in the whole city.
func keepsLexicon(a market.Actor) bool { return a.Has(market.Reviewer) && a.County == "" }

// lexiconRow is an entry in a list.
type lexiconRow struct {
	Text, Kind, Field, Note string
	Href                    string // where it is changed, "" for who may not
}

// lexiconIndex lists what staff have added to the words that searches know.
type lexiconIndex struct {
	view.Work
	Version int64
	State   view.Alert
	Text    string
	Rows    []lexiconRow
	Base    []lexiconRow // of the files, what holds the text
	Keeper  bool
	Empty   view.Empty
}

func (lexiconIndex) Template() string { return "page/lexicon/index" }

// baseShown is how many groups of the files a look-up shows.
const baseShown = 20

func (s *Server) lexiconIndex(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	now, err := s.latestLexicon(ctx)
	if err != nil {
		return err
	}
	text := market.Truncate(market.Normalize(strings.ToValidUTF8(c.QueryParam("q"), "")), market.MaxLexiconTerm)
	page := lexiconIndex{Version: now.Number, Text: text, Keeper: keepsLexicon(a)}
	if page.Work, err = s.work(c, a, "搜索词表"); err != nil {
		return err
	}
	if page.State, err = s.lexiconState(ctx, now.Number); err != nil {
		return err
	}
	for _, e := range slices.Backward(now.Entries) {
		if text == "" || holdsTerm(e.Terms, text) {
			page.Rows = append(page.Rows, s.lexiconRow(a, e))
		}
	}
	for _, g := range search.Groups() {
		if text != "" && len(page.Base) < baseShown && holdsTerm(g.Terms, text) {
			page.Base = append(page.Base, lexiconRow{Text: strings.Join(g.Terms, " = "), Field: s.lexiconField(g.Field)})
		}
	}
	page.Empty = view.Empty{Title: "还没有增加过词", Text: "基础词表已有 " + view.Num(len(search.Groups())) + " 组同义词。企业常用而搜不到的别名、简称、俗称，可以加在这里"}
	if text != "" {
		page.Empty = view.Empty{Title: "增加的词里没有“" + text + "”", Actions: []view.Action{{Label: "看全部", Href: lexiconPath}}}
	}
	return s.render(c, page)
}

func holdsTerm(terms []string, text string) bool {
	key := search.TermKey(text)
	return slices.ContainsFunc(terms, func(t string) bool { return strings.Contains(search.TermKey(t), key) })
}

func (s *Server) latestLexicon(ctx context.Context) (market.LexiconVersion, error) {
	number, err := s.Store.LatestLexicon(ctx)
	if err != nil {
		return market.LexiconVersion{}, err
	}
	return s.Store.LexiconVersion(ctx, number)
}

func (s *Server) lexiconField(code string) string {
	return cmp.Or(s.ref.FieldName(code), "各行业通用")
}

func (s *Server) lexiconRow(a market.Actor, e market.LexiconEntry) lexiconRow {
	row := lexiconRow{Text: e.Text(), Kind: market.LexiconKinds.Name(string(e.Kind)), Field: s.lexiconField(e.Field), Note: e.Note}
	if keepsLexicon(a) {
		row.Href = lexiconEntryPath(e.ID)
	}
	return row
}

// lexiconState says whether searches go by the newest version, in every process.
func (s *Server) lexiconState(ctx context.Context, newest int64) (view.Alert, error) {
	// What a process says of itself bears the time of the machine, as this does.
	uses, err := s.Store.LexiconUses(ctx, time.Now().Add(-market.LexiconSilence))
	if err != nil {
		return view.Alert{}, err
	}
	behind, problem := 0, ""
	for _, u := range uses {
		if u.Version != newest {
			behind++
			problem = cmp.Or(problem, u.Problem)
		}
	}
	switch {
	case problem != "":
		return view.Alert{Kind: view.AlertWarn, Title: fmt.Sprintf("第 %d 版没有生效，搜索还按原来的词表", newest), Text: "正在自动重试。原因：" + problem}, nil
	case behind > 0:
		return view.Alert{Kind: view.AlertInfo, Title: fmt.Sprintf("第 %d 版正在生效", newest), Text: fmt.Sprintf("%d 个服务程序中还有 %d 个没有换上，通常几秒钟。刷新本页查看", len(uses), behind)}, nil
	case len(uses) == 0:
		return view.Alert{Kind: view.AlertWarn, Title: "后台程序没有应答", Text: "看不到词表是否已生效，请告诉系统维护人员"}, nil
	case newest == 0:
		return view.Alert{Kind: view.AlertInfo, Title: "搜索按基础词表", Text: "还没有增加过词"}, nil
	}
	return view.Alert{Kind: view.AlertOK, Title: fmt.Sprintf("第 %d 版已生效", newest), Text: fmt.Sprintf("%d 个服务程序都按这一版搜索", len(uses))}, nil
}

// lexiconForm adds or changes an entry.
type lexiconForm struct {
	view.Work
	ID     int64 // 0 for a new one
	Next   int64 // the version that saving makes
	Action string
	Fields []view.Field
	Effect *lexiconEffect
	Remove *view.Field // the reason for taking it out
	Open   bool        // of the form that takes it out
}

func (lexiconForm) Template() string { return "page/lexicon/form" }

// lexiconEffect says what a change would find.
type lexiconEffect struct {
	Down bool // searching by words is limited for now
	Rows []effectOf
}

// effectOf is what a search for a term finds now and would find then.
type effectOf struct {
	Term, Href string
	Now, Then  string
	Differs    bool
	Also       string // what would be looked for too
}

func (s *Server) lexiconNew(c echo.Context, a market.Actor) error {
	number, err := s.Store.LatestLexicon(c.Request().Context())
	if err != nil {
		return err
	}
	f := service.LexiconForm{Version: number, LexiconEntry: market.LexiconEntry{Kind: market.LexiconSynonyms, Field: market.LexiconGeneral}}
	return s.showLexiconForm(c, a, lexiconTry{LexiconForm: f})
}

func (s *Server) lexiconEntry(c echo.Context, a market.Actor) error {
	f, err := s.lexiconOf(c)
	if err != nil {
		return err
	}
	return s.showLexiconForm(c, a, lexiconTry{LexiconForm: f})
}

// lexiconOf is the form of the entry that the address names, filled in as the entry is.
func (s *Server) lexiconOf(c echo.Context) (service.LexiconForm, error) {
	id, err := pathID(c)
	if err != nil {
		return service.LexiconForm{}, err
	}
	now, err := s.latestLexicon(c.Request().Context())
	if err != nil {
		return service.LexiconForm{}, err
	}
	entry, found := now.Entry(id)
	if !found {
		return service.LexiconForm{}, market.ErrNotFound
	}
	return service.LexiconForm{Version: now.Number, LexiconEntry: entry}, nil
}

// readLexicon reads the form of an entry.
func readLexicon(c echo.Context, id int64) service.LexiconForm {
	return service.LexiconForm{Version: lexiconFormVersion(c), Anyway: c.FormValue("anyway") != "", LexiconEntry: market.LexiconEntry{
		ID: id, Kind: market.LexiconKind(c.FormValue("kind")), Field: c.FormValue("field"), Note: c.FormValue("note"),
		Terms: strings.Split(strings.ReplaceAll(c.FormValue("terms"), "\r\n", "\n"), "\n")}}
}

// lexiconFormVersion is the version of the list that a form was filled in from. The form names the one that it will make.
func lexiconFormVersion(c echo.Context) int64 { return int64(formVersion(c)) - 1 }

func (s *Server) lexiconAdd(c echo.Context, a market.Actor) error {
	return s.saveLexicon(c, a, readLexicon(c, 0), s.Service.AddLexiconEntry)
}

func (s *Server) lexiconEdit(c echo.Context, a market.Actor) error {
	now, err := s.lexiconOf(c)
	if err != nil {
		return err
	}
	f := readLexicon(c, now.ID)
	f.Kind = now.Kind
	return s.saveLexicon(c, a, f, s.Service.EditLexiconEntry)
}

// saveLexicon saves a form or, when that was asked for, shows what it would find.
func (s *Server) saveLexicon(c echo.Context, a market.Actor, f service.LexiconForm, save func(context.Context, market.Actor, service.LexiconForm) error) error {
	ctx := c.Request().Context()
	if c.FormValue("act") == "preview" {
		tried := f
		err := s.Service.CheckLexicon(ctx, &tried)
		if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
			return s.showLexiconForm(c, a, lexiconTry{LexiconForm: f, err: err})
		}
		if err != nil {
			return err
		}
		effect, err := s.lexiconEffect(ctx, tried)
		if err != nil {
			return err
		}
		return s.showLexiconForm(c, a, lexiconTry{LexiconForm: f, effect: effect})
	}
	err := save(ctx, a, f)
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showLexiconForm(c, a, lexiconTry{LexiconForm: f, err: err})
	}
	if err != nil {
		return err
	}
	return s.done(c, lexiconPath, "词表已保存，通常几秒钟后搜索就按新的词表")
}

// lexiconTry is a form of an entry as it is shown: new, with its effect, or with what is wrong with it.
type lexiconTry struct {
	service.LexiconForm
	effect   *lexiconEffect
	removing bool // it is not saved but taken out
	err      error
}

func (s *Server) showLexiconForm(c echo.Context, a market.Actor, try lexiconTry) error {
	if !keepsLexicon(a) {
		return market.Errorf(market.Denied, "词表全市共用，由全市的审核人员修改。请把要加的词告诉他们")
	}
	page := lexiconForm{ID: try.ID, Next: try.Version + 1, Action: lexiconPath, Effect: try.effect, Open: try.removing}
	title, at := "增加搜索词", errorsOf(try.err)
	if try.ID != 0 {
		page.Action, title = lexiconEntryPath(try.ID), "修改搜索词"
		page.Remove = &view.Field{Name: "note", ID: "remove-note", Label: "原因", Hint: "留在版本记录里", Max: market.MaxLexiconNote, Autocomplete: "off"}
	}
	if try.removing {
		page.Remove.ID, page.Remove.Value, page.Remove.Error = "", c.FormValue("note"), at["note"]
		at = fieldErrors{}
	}
	var err error
	if page.Work, err = s.work(c, a, title); err != nil {
		return err
	}
	page.Errors = failure(try.err)
	page.Fields = s.lexiconFields(try, at)
	return s.renderStatus(c, errorStatus(try.err), page)
}

func (s *Server) lexiconFields(f lexiconTry, at fieldErrors) []view.Field {
	fields := market.Codes{{Code: market.LexiconGeneral, Name: s.lexiconField(market.LexiconGeneral)}}
	for _, x := range s.ref.Fields {
		fields = append(fields, market.Code{Code: x.Code, Name: x.Name})
	}
	kind := view.Field{Name: "kind", Kind: view.KindRadios, Label: "类型", Value: string(f.Kind), Error: at["kind"], Options: []view.Option{
		{Value: string(market.LexiconSynonyms), Label: "同义词", Hint: "搜其中一个，其余的也会找到"},
		{Value: string(market.LexiconWord), Label: "专业词", Hint: "输入时提示，拼音能搜到，匹配理由里不拆开"}}}
	out := []view.Field{
		{Name: "terms", Kind: view.KindArea, Label: "词语", Hint: "一行一个。只写同一样东西的不同叫法，不写上下位、原料与制品", Lines: 4, Value: strings.Join(f.Terms, "\n"), Error: at["terms"]},
		{Name: "field", Kind: view.KindSelect, Label: "细分领域", Value: f.Field, Options: options(fields), Error: at["field"]},
		{Name: "note", Label: "依据", Hint: "标准、教材，或者哪家单位提出", Value: f.Note, Max: market.MaxLexiconNote, Error: at["note"], Autocomplete: "off"},
	}
	if f.ID == 0 {
		out = append([]view.Field{kind}, out...)
	}
	if f.removing {
		out[len(out)-1].ID = "entry-note"
	}
	if at["anyway"] != "" || f.Anyway {
		anyway := view.Field{Name: "anyway", Kind: view.KindCheck, Label: "看过了，仍然保存", Optional: true, Error: at["anyway"]}
		if f.Anyway {
			anyway.Value = "1"
		}
		out = append(out, anyway)
	}
	return out
}

// lexiconEffect compares what searches find now with what they would find after a change.
func (s *Server) lexiconEffect(ctx context.Context, f service.LexiconForm) (*lexiconEffect, error) {
	now, err := s.Store.LexiconVersion(ctx, f.Version)
	if err != nil {
		return nil, err
	}
	then := slices.DeleteFunc(slices.Clone(now.Entries), func(e market.LexiconEntry) bool { return e.ID == f.ID })
	before, _ := now.Entry(f.ID)
	terms := slices.Clone(f.Terms)
	for _, t := range before.Terms {
		if !slices.Contains(terms, t) {
			terms = append(terms, t)
		}
	}
	lexicons := []*search.Lexicon{search.NewLexicon(now.Number, now.Entries), search.NewLexicon(now.Number, append(then, f.LexiconEntry))}
	effect := &lexiconEffect{}
	for _, term := range terms {
		var counts []int
		var also []string
		for _, l := range lexicons {
			answer, err := s.Search.Search(ctx, search.Query{Text: term, Lexicon: l, Limit: 1})
			if errors.Is(err, search.ErrUnavailable) {
				return &lexiconEffect{Down: true}, nil
			}
			if err != nil {
				return nil, err
			}
			counts, also = append(counts, answer.Whole), answer.Also
		}
		effect.Rows = append(effect.Rows, effectOf{Term: term, Now: view.Num(counts[0]), Then: view.Num(counts[1]), Differs: counts[1] != counts[0],
			Also: dash(strings.Join(also, "、")), Href: searchHref(market.Conditions{Text: term})})
	}
	return effect, nil
}

func (s *Server) lexiconRemove(c echo.Context, a market.Actor) error {
	f, err := s.lexiconOf(c)
	if err != nil {
		return err
	}
	err = s.Service.RemoveLexiconEntry(c.Request().Context(), a, lexiconFormVersion(c), f.ID, c.FormValue("note"))
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showLexiconForm(c, a, lexiconTry{LexiconForm: f, removing: true, err: err})
	}
	if err != nil {
		return err
	}
	return s.done(c, lexiconPath, "已去掉，通常几秒钟后搜索就按新的词表。要找回，在版本记录里恢复")
}

// lexiconVersions lists the versions with what each has changed.
type lexiconVersions struct {
	view.Work
	Rows  []lexiconVersionRow
	Empty view.Empty
	Pager view.Pager
}

func (lexiconVersions) Template() string { return "page/lexicon/versions" }

// lexiconVersionRow is a version in the list.
type lexiconVersionRow struct {
	market.LexiconVersion
	Name    string // of the move
	Href    string
	Changes []string
}

func (s *Server) lexiconVersions(c echo.Context, a market.Actor) error {
	number := pageNumber(c)
	slice := store.PageSlice(number, workPage)
	slice.Limit++ // the last one is compared with the one before
	list, total, err := s.Store.LexiconVersions(c.Request().Context(), slice)
	if err != nil {
		return err
	}
	page := lexiconVersions{Empty: view.Empty{Title: "还没有版本", Text: "每次增加、修改或去掉词，都会记成一版"}}
	if page.Work, err = s.work(c, a, "搜索词表的版本"); err != nil {
		return err
	}
	for i, v := range list[:min(len(list), workPage)] {
		before := market.LexiconVersion{}
		if i+1 < len(list) {
			before = list[i+1]
		}
		page.Rows = append(page.Rows, lexiconVersionRow{LexiconVersion: v, Name: market.LexiconMoves.Name(string(v.Move)), Href: lexiconVersionPath(v.Number), Changes: lexiconChanges(v.Since(before))})
	}
	page.Pager = view.NewPager(number, workPage, total, "版", func(n int) string { return fmt.Sprintf("%s/versions?page=%d", lexiconPath, n) })
	return s.render(c, page)
}

// changesShown is how many entries a line of the versions names.
const changesShown = 5

// lexiconChanges words what a version has changed.
func lexiconChanges(list []market.LexiconChange) []string {
	var out []string
	for i, x := range list {
		switch {
		case i == changesShown:
			return append(out, fmt.Sprintf("还有 %d 条", len(list)-changesShown))
		case x.Before == nil:
			out = append(out, "增加 "+x.After.Text())
		case x.After == nil:
			out = append(out, "去掉 "+x.Before.Text())
		case x.Before.Text() != x.After.Text():
			out = append(out, "把 "+x.Before.Text()+" 改为 "+x.After.Text())
		default:
			out = append(out, "改了 "+x.After.Text()+" 的领域或依据")
		}
	}
	return out
}

// lexiconVersion is one version, which can be put back.
type lexiconVersion struct {
	view.Work
	Number  int64
	Newest  int64
	Next    int64 // the version that putting it back makes
	Facts   []view.Fact
	Rows    []lexiconRow
	Restore *view.Field // the reason; nil when there is nothing to put back
	Then    []string    // what that would change
}

func (lexiconVersion) Template() string { return "page/lexicon/version" }

func (s *Server) lexiconVersion(c echo.Context, a market.Actor) error {
	return s.showLexiconVersion(c, a, nil)
}

func (s *Server) lexiconRestore(c echo.Context, a market.Actor) error {
	number, err := pathID(c)
	if err != nil {
		return err
	}
	err = s.Service.RestoreLexicon(c.Request().Context(), a, lexiconFormVersion(c), number, c.FormValue("note"))
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showLexiconVersion(c, a, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, lexiconPath, fmt.Sprintf("已恢复成第 %d 版的词表，通常几秒钟后搜索就按它", number))
}

func (s *Server) showLexiconVersion(c echo.Context, a market.Actor, failed error) error {
	ctx := c.Request().Context()
	number, err := pathID(c)
	if err != nil {
		return err
	}
	v, err := s.Store.LexiconVersion(ctx, number)
	if err != nil {
		return err
	}
	now, err := s.latestLexicon(ctx)
	if err != nil {
		return err
	}
	page := lexiconVersion{Number: number, Newest: now.Number, Next: now.Number + 1, Then: lexiconChanges(v.Since(now))}
	if page.Work, err = s.work(c, a, fmt.Sprintf("搜索词表第 %d 版", number)); err != nil {
		return err
	}
	page.Errors = failure(failed)
	page.Facts = []view.Fact{{Label: "改动", Text: market.LexiconMoves.Name(string(v.Move))}, {Label: "依据或原因", Text: v.Note}, {Label: "谁", Text: v.UserName}, {Label: "时间", Text: view.DateTime(v.At)}}
	for _, e := range v.Entries {
		page.Rows = append(page.Rows, s.lexiconRow(market.Actor{}, e))
	}
	if len(page.Then) > 0 && keepsLexicon(a) {
		page.Restore = &view.Field{Name: "note", Label: "原因", Hint: "留在版本记录里", Max: market.MaxLexiconNote, Value: c.FormValue("note"), Error: errorsOf(failed)["note"]}
	}
	return s.renderStatus(c, errorStatus(failed), page)
}

// lexiconExport is what staff have added, in the form of the files that it may go into.
func (s *Server) lexiconExport(c echo.Context, _ market.Actor) error {
	now, err := s.latestLexicon(c.Request().Context())
	if err != nil {
		return err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "# 搜索词表第 %d 版，%d 条\n", now.Number, len(now.Entries))
	write := func(file string, kind market.LexiconKind) {
		fmt.Fprintf(&text, "\n# %s\n", file)
		field := ""
		for _, e := range sortedByField(now.Entries) {
			if e.Kind != kind {
				continue
			}
			if e.Field != field {
				field = e.Field
				fmt.Fprintf(&text, "[%s]\n", field)
			}
			fmt.Fprintf(&text, "# %s\n%s\n", e.Note, strings.Join(e.Terms, "="))
		}
	}
	write("synonyms.txt", market.LexiconSynonyms)
	write("dictionary.txt", market.LexiconWord)
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="lexicon.txt"`)
	return c.String(http.StatusOK, text.String())
}

func sortedByField(entries []market.LexiconEntry) []market.LexiconEntry {
	return slices.SortedStableFunc(slices.Values(entries), func(a, b market.LexiconEntry) int { return cmp.Compare(a.Field, b.Field) })
}
