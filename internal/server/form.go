package server

import (
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

// fieldErrors gives each form field its message.
type fieldErrors map[string]string

// errorsOf returns the field messages of an Invalid error.
func errorsOf(err error) fieldErrors {
	out := fieldErrors{}
	if e := market.AsError(err); e != nil {
		for _, f := range e.Fields {
			out[f.Field] = f.Message
		}
	}
	return out
}

// errorSummary is the list at the head of a form that was not accepted. It links to the fields: rows are named
// "indicators.1.unit" in messages and have the id "indicators-1-unit".
func errorSummary(err error) view.ErrorSummary {
	e := market.AsError(err)
	if e == nil {
		return view.ErrorSummary{}
	}
	sum := view.ErrorSummary{Title: e.Message}
	for _, f := range e.Fields {
		sum.Items = append(sum.Items, view.ErrorItem{Field: strings.ReplaceAll(f.Field, ".", "-"), Text: f.Message})
	}
	return sum
}

// options turns a code list into choices.
func options(list market.Codes) []view.Option {
	out := make([]view.Option, len(list))
	for i, c := range list {
		out[i] = view.Option{Value: c.Code, Label: c.Name}
	}
	return out
}

// selectOptions is options with a first, empty choice.
func selectOptions(list market.Codes) []view.Option {
	return append([]view.Option{{Value: "", Label: "请选择"}}, options(list)...)
}

// pathID reads the id of the address; what is not an id names nothing.
func pathID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, market.ErrNotFound
	}
	return id, nil
}

// pageNumber reads ?page=, 1 when absent or odd.
func pageNumber(c echo.Context) int {
	n, err := strconv.Atoi(c.QueryParam("page"))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, 1_000_000)
}

// formVersion reads the version a form was filled in from. Without one it is -1, which never fits.
func formVersion(c echo.Context) int {
	n, err := strconv.Atoi(c.FormValue("version"))
	if err != nil || n < 1 {
		return -1
	}
	return n
}

// parseDate reads a date as people write it: 2027-06-30, 2027/6/30, 2027.6.30 or 2027年6月30日. Empty gives zero.
func parseDate(p *market.Problems, field, text string) time.Time {
	text = strings.ReplaceAll(market.Normalize(text), " ", "")
	if text == "" {
		return time.Time{}
	}
	plain := strings.TrimSuffix(strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(text), "-")
	day, err := time.ParseInLocation("2006-1-2", plain, market.Shanghai)
	if err != nil {
		p.Add(field, "日期“%s”认不出来，请写成 2027-06-30", market.Truncate(text, 20))
		return time.Time{}
	}
	return day
}

// parseMoney reads an amount in the unit chosen beside it. Empty gives an invalid NullDecimal.
func parseMoney(p *market.Problems, field, text, unit string) decimal.NullDecimal {
	if market.Normalize(text) == "" {
		return decimal.NullDecimal{}
	}
	u := market.WanYuan
	if unit == string(market.Yuan) {
		u = market.Yuan
	}
	amount, err := market.ParseMoney(text, u)
	if err != nil {
		p.AddErr(field, err)
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(amount)
}

// datePointer is nil for the zero date.
func datePointer(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// formIDs reads ticked ids. What is no number is no id of anything.
func formIDs(c echo.Context, name string) []int64 {
	var ids []int64
	for _, text := range c.Request().PostForm[name] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
