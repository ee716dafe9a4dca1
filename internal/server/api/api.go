// Package api answers /api/v1 with JSON. It offers what the pages offer, under the same permissions: reads go through
// package store, writes through package service. openapi.json describes it and is held against it by tests.
package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

//go:embed openapi.json
var document []byte

// Document is the OpenAPI 3.1 description of the API.
func Document() []byte { return document }

// API holds what the calls need.
type API struct {
	Store   *store.Store
	Service *service.Service
	Ref     *market.Reference
	Now     func() time.Time
	// Find searches and browses exactly as the search page does.
	Find func(c echo.Context, a market.Actor, page store.Slice) (Found, error)
}

// Found is a page of listings that were searched or browsed for.
type Found struct {
	Cards  []store.ListingCard
	Total  int
	Facets map[string]map[string]int
}

// list is one page of anything.
type list[T any] struct {
	Items   []T `json:"items"`
	Total   int `json:"total"`
	Page    int `json:"page"`
	PerPage int `json:"per_page"`
}

const defaultPerPage = 20

// pageOf reads page and per_page; both are clamped to what is allowed.
func pageOf(c echo.Context) (store.Slice, int) {
	number := func(name string, fallback int) int {
		n, err := strconv.Atoi(c.QueryParam(name))
		if err != nil {
			return fallback
		}
		return n
	}
	page := min(max(number("page", 1), 1), 1_000_000)
	return store.PageSlice(page, number("per_page", defaultPerPage)), page
}

// writeList answers with a page; no items are an empty list, never null.
func writeList[T any](c echo.Context, items []T, total int, slice store.Slice, page int) error {
	if items == nil {
		items = []T{}
	}
	return c.JSON(http.StatusOK, list[T]{Items: items, Total: total, Page: page, PerPage: slice.Limit})
}

// read decodes the body into dest, which may hold values to keep where the body says nothing. Unknown names are
// refused: a misspelt one would be lost in silence.
func read(c echo.Context, dest any) error {
	body, err := io.ReadAll(c.Request().Body)
	if tooBig, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return market.Errorf(market.TooLarge, "提交的内容超过 %d MB", tooBig.Limit>>20)
	}
	if err != nil {
		return market.Errorf(market.Invalid, "请求体没有完整送到")
	}
	return decode(body, dest)
}

func decode(raw []byte, dest any) error {
	body := json.NewDecoder(bytes.NewReader(raw))
	body.DisallowUnknownFields()
	err := body.Decode(dest)
	if errors.Is(err, io.EOF) {
		return nil // an empty body says nothing
	}
	if err == nil && body.More() {
		err = errors.New("more than one value")
	}
	if err == nil {
		return nil
	}
	var p market.Problems
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		p.Add(wrong.Field, "类型不对，应为 %s", wrong.Type)
	} else if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		p.Add(strings.Trim(name, `"`), "没有这个字段")
	} else {
		return market.Errorf(market.Invalid, "请求体不是有效的 JSON")
	}
	return p.Err()
}

// id reads the id of the address.
func id(c echo.Context) (int64, error) {
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || n <= 0 {
		return 0, market.ErrNotFound
	}
	return n, nil
}

// date is a day, written 2027-06-30.
type date struct{ time.Time }

// MarshalJSON writes the day, or null for none.
func (d date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.In(market.Shanghai).Format(time.DateOnly) + `"`), nil
}

// UnmarshalJSON reads a day or null.
func (d *date) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil || text == "" {
		d.Time = time.Time{}
		return err
	}
	day, err := time.ParseInLocation(time.DateOnly, text, market.Shanghai)
	if err != nil {
		return &json.UnmarshalTypeError{Value: "string", Type: reflect.TypeFor[time.Time](), Field: "date"}
	}
	d.Time = day
	return nil
}

func dateOf(t *time.Time) date {
	if t == nil {
		return date{}
	}
	return date{market.DateOf(*t)}
}

func (d date) pointer() *time.Time {
	if d.IsZero() {
		return nil
	}
	return &d.Time
}

// price is a budget or an asking price in yuan.
type price struct {
	Kind market.PriceKind `json:"kind"`
	Min  *decimal.Decimal `json:"min"`
	Max  *decimal.Decimal `json:"max"`
}

func priceOf(p market.Price) price {
	out := price{Kind: p.Kind}
	if p.Min.Valid {
		out.Min = &p.Min.Decimal
	}
	if p.Max.Valid {
		out.Max = &p.Max.Decimal
	}
	return out
}

func (p price) market() market.Price {
	out := market.Price{Kind: p.Kind}
	if p.Min != nil {
		out.Min = decimal.NewNullDecimal(*p.Min)
	}
	if p.Max != nil {
		out.Max = decimal.NewNullDecimal(*p.Max)
	}
	return out
}

// orgRef names an organisation; null where its name is hidden from the reader.
type orgRef struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Verified bool   `json:"verified"`
	Demo     bool   `json:"demo"`
}

// OpenAPI answers with the description of the API.
func (api *API) OpenAPI(c echo.Context, _ market.Actor) error {
	return c.JSONBlob(http.StatusOK, document)
}
