package server

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
	"techmarket/internal/store"
)

var settingPages = []view.Page{settingIndex{}}

// readSettings takes over the names that differ by place as they now are.
func (s *Server) readSettings(ctx context.Context) error {
	values, err := s.Store.Settings(ctx)
	if err == nil {
		s.settings.Store(&values)
	}
	return err
}

// setting is the value of a setting.
func (s *Server) setting(code string) string { return (*s.settings.Load())[code] }

// freshSettings reads the settings before each request, so that a change is seen at once on every copy of the
// application. Where that fails the request goes on with the last ones.
func (s *Server) freshSettings(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := s.readSettings(c.Request().Context()); err != nil {
			s.Log.ErrorContext(c.Request().Context(), "read the settings", "err", err)
		}
		return next(c)
	}
}

// settingIndex is the form of the settings with what was changed before.
type settingIndex struct {
	view.Work
	Fields  []view.Field
	Version int64
	Changes []settingChange
	Pager   view.Pager
}

func (settingIndex) Template() string { return "page/admin/settings" }

// settingChange is a line of the history.
type settingChange struct {
	Name, Before, After, By string
	At                      time.Time
}

func (s *Server) settingIndex(c echo.Context, a market.Actor) error {
	return s.showSettings(c, a, s.setting, nil)
}

func (s *Server) settingEdit(c echo.Context, a market.Actor) error {
	values := map[string]string{}
	for _, set := range market.Settings {
		values[set.Code] = c.FormValue(set.Code)
	}
	version, err := strconv.ParseInt(c.FormValue("version"), 10, 64)
	if err != nil {
		version = -1
	}
	err = s.Service.EditSettings(c.Request().Context(), a, version, values)
	if market.IsKind(err, market.Invalid) || market.IsKind(err, market.Conflict) {
		return s.showSettings(c, a, c.FormValue, err)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/admin/settings", "设置已保存，所有页面马上按新的显示")
}

func (s *Server) showSettings(c echo.Context, a market.Actor, value func(string) string, failed error) error {
	ctx, number := c.Request().Context(), pageNumber(c)
	changes, total, err := s.Store.SettingChanges(ctx, a, store.PageSlice(number, workPage))
	if err != nil {
		return err
	}
	page := settingIndex{Pager: view.NewPager(number, workPage, total, "条", func(n int) string { return fmt.Sprintf("/admin/settings?page=%d", n) })}
	if page.Work, err = s.work(c, a, "设置"); err != nil {
		return err
	}
	if page.Version, err = s.Store.SettingsVersion(ctx); err != nil {
		return err
	}
	page.Errors = failure(failed)
	at := errorsOf(failed)
	for _, set := range market.Settings {
		page.Fields = append(page.Fields, view.Field{Name: set.Code, Label: set.Name, Hint: set.Help(), Value: value(set.Code), Optional: !set.Must, Error: at[set.Code], Autocomplete: "off"})
	}
	for _, x := range changes {
		page.Changes = append(page.Changes, settingChange{market.SettingName(x.Key), dash(x.Before), dash(x.After), x.UserName, x.At})
	}
	return s.renderStatus(c, errorStatus(failed), page)
}
