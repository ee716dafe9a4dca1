// Package api answers /api/v1 with JSON. It offers what the pages offer, under the same permissions: reads go through
// package store, writes through package service. openapi.json describes it and is held against it by tests.
package api

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

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
	// SaveSearch and EditSearch keep and change a saved search exactly as the pages do.
	SaveSearch func(ctx context.Context, a market.Actor, c market.Conditions, name string, often market.Often) (id int64, fresh bool, err error)
	EditSearch func(ctx context.Context, a market.Actor, id int64, name string, often market.Often) error
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
	return c.JSON(http.StatusOK, list[T]{Items: nonNil(items), Total: total, Page: page, PerPage: slice.Limit})
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
	if !utf8.Valid(raw) {
		return brokenText(raw)
	}
	body := json.NewDecoder(bytes.NewReader(raw))
	body.DisallowUnknownFields()
	err := body.Decode(dest)
	if errors.Is(err, io.EOF) {
		return nil // an empty body says nothing
	}
	if err == nil {
		if _, err = body.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return market.Errorf(market.Invalid, "请求体应只有一个 JSON 对象")
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrongType(wrong)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return market.Problems{{Field: strings.Trim(name, `"`), Message: "没有这个字段"}}.Err()
	}
	return market.Errorf(market.Invalid, "请求体不是有效的 JSON")
}

// brokenText names the fields that are not UTF-8. The decoder would store a replacement character in their place.
func brokenText(raw []byte) error {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return market.Errorf(market.Invalid, "请求体不是有效的 JSON")
	}
	var p market.Problems
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !utf8.Valid(fields[name]) {
			p.Add(name, "文字编码不对，请用 UTF-8 重新输入")
		}
	}
	if len(p) == 0 {
		return market.Errorf(market.Invalid, "请求体的文字编码不对，请用 UTF-8 重新输入")
	}
	return p.Err()
}

// kindNames says what a field takes.
var kindNames = map[reflect.Kind]string{reflect.String: "文字", reflect.Int: "整数", reflect.Int64: "整数", reflect.Bool: " true 或 false",
	reflect.Slice: "列表", reflect.Struct: "对象", reflect.Map: "对象"}

func wrongType(e *json.UnmarshalTypeError) error {
	name := kindNames[e.Type.Kind()]
	if e.Type == reflect.TypeFor[amount]() {
		name = "数字或十进制文字"
	}
	field := slices.DeleteFunc(strings.Split(e.Field, "."), func(part string) bool { return slices.Contains(embedded, part) })
	if e.Field == "" || len(field) == 0 {
		return market.Errorf(market.Invalid, "请求体应为 JSON 对象")
	}
	return market.Problems{{Field: strings.Join(field, "."), Message: "类型不对，应为" + name}}.Err()
}

// embedded are the types whose fields stand in a body directly. The decoder names them in its errors all the same.
var embedded = []string{"common", "needBody", "resultBody", "contractBody", "contractInput", "partyDetails", "upload", "rewardText", "removalBody"}

// fieldNames are the names that this API gives to what the rules call by the names of the pages' forms.
var fieldNames = map[string]string{"region": "county", "secrecy": "secrecy_confirmed", "with": "other_listing_id", "number": "registration_number",
	"foreign": "foreign_text", "amount_open": "amount_fixed", "contract": "content", "proof": "content", "paid": "amount", "seller_park": "seller_park"}

// Named gives the fields of h's errors their names in the API.
func Named(h func(echo.Context, market.Actor) error) func(echo.Context, market.Actor) error {
	return func(c echo.Context, a market.Actor) error {
		err := h(c, a)
		e := market.AsError(err)
		if e == nil || len(e.Fields) == 0 {
			return err
		}
		named := *e
		named.Fields = slices.Clone(e.Fields)
		for i, f := range named.Fields {
			if name, ok := fieldNames[f.Field]; ok {
				named.Fields[i].Field = name
			} else if detail, ok := strings.CutPrefix(f.Field, "seller_"); ok {
				named.Fields[i].Field = "seller." + detail
			} else if detail, ok := strings.CutPrefix(f.Field, "buyer_"); ok {
				named.Fields[i].Field = "buyer." + detail
			} else if check, ok := strings.CutPrefix(f.Field, "check."); ok {
				named.Fields[i].Field = "checks." + check
			}
		}
		return &named
	}
}

const keyHeader = "Idempotency-Key"

var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,50}$`)

// key reads the one-time key of a call that creates a noun; "" when there is none. A key serves one noun of one person.
func key(c echo.Context, noun string) (string, error) {
	text := c.Request().Header.Get(keyHeader)
	if text == "" {
		return "", nil
	}
	if !keyForm.MatchString(text) {
		return "", market.Problems{{Field: keyHeader, Message: "应为 1 到 50 个字母、数字、连字符或下划线"}}.Err()
	}
	return "api-" + noun + "-" + text, nil
}

// act reads the id of the address and the body, acts, and answers by write with how the thing stands then.
func act(c echo.Context, in any, do, write func(id int64) error) error {
	number, err := id(c)
	if err != nil {
		return err
	}
	if err := read(c, in); err != nil {
		return err
	}
	if err := do(number); err != nil {
		return err
	}
	return write(number)
}

// created says where the new thing is.
func created(c echo.Context, nouns string, id int64) {
	c.Response().Header().Set(echo.HeaderLocation, fmt.Sprintf("/api/v1/%s/%d", nouns, id))
}

// id reads the id of the address.
func id(c echo.Context) (int64, error) {
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || n <= 0 {
		return 0, market.ErrNotFound
	}
	return n, nil
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
