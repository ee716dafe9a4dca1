package api

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// importItem is a list on its way in.
type importItem struct {
	ID         int64              `json:"id"`
	Kind       market.Kind        `json:"kind"`
	FileName   string             `json:"file_name"`
	Sheet      string             `json:"sheet"`
	State      market.ImportState `json:"state"`
	Columns    []importColumn     `json:"columns"`
	Total      int                `json:"rows_total"`
	Valid      int                `json:"rows_valid"`
	Gaps       int                `json:"rows_gaps"`
	Similar    int                `json:"rows_similar"`
	Same       int                `json:"rows_same"`
	Bad        int                `json:"rows_bad"`
	Hidden     int                `json:"rows_hidden"`
	Done       int                `json:"rows_done"`
	Submit     bool               `json:"submit"`
	Error      string             `json:"error"`
	CreatedAt  *string            `json:"created_at"`
	FinishedAt *string            `json:"finished_at"`
	UndoUntil  date               `json:"undo_until"`
}

// importColumn is a column of the file and what it is taken for.
type importColumn struct {
	Heading string `json:"heading"`
	As      string `json:"as"`
	Name    string `json:"name"`
}

func (api *API) importOf(i market.Import) importItem {
	out := importItem{ID: i.ID, Kind: i.Kind, FileName: i.FileName, Sheet: i.Sheet, State: i.State, Columns: []importColumn{}, Total: i.RowsTotal, Valid: i.RowsValid, Gaps: i.RowsGaps,
		Similar: i.RowsSimilar, Same: i.RowsSame, Bad: i.RowsBad(), Hidden: i.RowsHidden, Done: i.RowsDone, Submit: i.Submit, Error: i.Error,
		CreatedAt: stamp(&i.CreatedAt), FinishedAt: stamp(i.FinishedAt)}
	for _, c := range api.Service.ImportReader(i).Columns() {
		out.Columns = append(out.Columns, importColumn{c.Heading, c.Key, c.As})
	}
	if until, ok := i.UndoUntil(); ok {
		out.UndoUntil = dateOf(until)
	}
	return out
}

// ImportList answers GET /imports.
func (api *API) ImportList(c echo.Context, a market.Actor) error {
	slice, page := pageOf(c)
	found, total, err := api.Store.Imports(c.Request().Context(), a, slice)
	if err != nil {
		return err
	}
	items := make([]importItem, len(found))
	for i, imp := range found {
		items[i] = api.importOf(imp)
	}
	return writeList(c, items, total, slice, page)
}

// importBody is a file to check.
type importBody struct {
	Kind     market.Kind `json:"kind"`
	FileName string      `json:"file_name"`
	Content  string      `json:"content"` // base64
	Defaults struct {
		Submarket    string   `json:"submarket"`
		Fields       []string `json:"fields"`
		Modes        []string `json:"modes"`
		Stage        string   `json:"stage"`
		PriceMethod  string   `json:"price_method"`
		ContactName  string   `json:"contact_name"`
		ContactPhone string   `json:"contact_phone"`
	} `json:"defaults"`
}

// ImportCreate answers POST /imports: it checks a file and writes nothing.
func (api *API) ImportCreate(c echo.Context, a market.Actor) error {
	once, err := key(c, "import")
	if err != nil {
		return err
	}
	var in importBody
	if err := read(c, &in); err != nil {
		return err
	}
	content, err := base64.StdEncoding.DecodeString(in.Content)
	if err != nil {
		return market.Problems{{Field: "content", Message: "应为 base64 写的文件内容"}}.Err()
	}
	d := in.Defaults
	number, err := api.Service.CheckImport(c.Request().Context(), a, service.ImportFile{Kind: in.Kind, Name: market.CleanFileName(in.FileName), Data: content, Key: once,
		Defaults: market.ImportDefaults{Submarket: d.Submarket, Fields: d.Fields, Modes: d.Modes, Stage: d.Stage, PriceMethod: d.PriceMethod, ContactName: d.ContactName, ContactPhone: d.ContactPhone}})
	if err != nil {
		return err
	}
	created(c, "imports", number)
	return api.writeImport(c, a, http.StatusCreated, number)
}

func (api *API) writeImport(c echo.Context, a market.Actor, status int, number int64) error {
	imp, err := api.Store.OwnImport(c.Request().Context(), a, number)
	if err != nil {
		return err
	}
	return c.JSON(status, api.importOf(imp))
}

// ImportShow answers GET /imports/{id}.
func (api *API) ImportShow(c echo.Context, a market.Actor) error {
	number, err := id(c)
	if err != nil {
		return err
	}
	return api.writeImport(c, a, http.StatusOK, number)
}

// importRow is a row with what was found of it.
type importRow struct {
	Row          int                    `json:"row"`
	Title        string                 `json:"title"`
	Valid        bool                   `json:"valid"`
	Problems     []market.ImportProblem `json:"problems"`
	Duplicate    market.Duplicate       `json:"duplicate"`
	DuplicateBy  string                 `json:"duplicate_by"`
	DuplicateRow int                    `json:"duplicate_row"`
	MadeID       *int64                 `json:"made_id"`
}

// importParts are the parts of a list by their names here.
var importParts = map[string]store.ImportTab{"": store.ImportAll, "valid": store.ImportValid, "problems": store.ImportBad, "duplicates": store.ImportDuplicates}

// ImportRows answers GET /imports/{id}/rows?part=.
func (api *API) ImportRows(c echo.Context, a market.Actor) error {
	number, err := id(c)
	if err != nil {
		return err
	}
	part, ok := importParts[c.QueryParam("part")]
	if !ok {
		return market.Problems{{Field: "part", Message: "应为 valid、problems 或 duplicates"}}.Err()
	}
	ctx := c.Request().Context()
	imp, err := api.Store.OwnImport(ctx, a, number)
	if err != nil {
		return err
	}
	slice, page := pageOf(c)
	rows, err := api.Store.ImportRows(ctx, number, part, slice)
	if err != nil {
		return err
	}
	items := make([]importRow, len(rows))
	for i, r := range rows {
		items[i] = importRow{r.Row, r.Title, r.Valid(), nonNil(r.Problems), r.Duplicate, r.DuplicateBy, r.DuplicateRow, r.ListingID}
	}
	total := map[store.ImportTab]int{store.ImportAll: imp.RowsTotal, store.ImportValid: imp.RowsValid, store.ImportBad: imp.RowsBad(), store.ImportDuplicates: imp.RowsDuplicate()}[part]
	return writeList(c, items, total, slice, page)
}

// columnsBody says what each column of a file is.
type columnsBody struct {
	Columns []string `json:"columns"`
}

// columnsNamed gives what is wrong with columns the name that they have in the body.
func columnsNamed(err error) error {
	if e := market.AsError(err); e != nil && len(e.Fields) > 0 {
		return market.Problems{{Field: "columns", Message: e.Fields[0].Message}}.Err()
	}
	return err
}

// ImportColumns answers POST /imports/{id}/columns.
func (api *API) ImportColumns(c echo.Context, a market.Actor) error {
	var in columnsBody
	return api.importAct(c, a, &in, func(number int64) error {
		return columnsNamed(api.Service.RecheckImport(c.Request().Context(), a, number, in.Columns))
	})
}

// ImportAccept answers POST /imports/{id}/accept.
func (api *API) ImportAccept(c echo.Context, a market.Actor) error {
	in := struct {
		Submit  bool `json:"submit"`
		Similar bool `json:"similar"`
		Secrecy bool `json:"secrecy_confirmed"`
	}{}
	return api.importAct(c, a, &in, func(number int64) error {
		return api.Service.AcceptImport(c.Request().Context(), a, number, service.AcceptOptions{Submit: in.Submit, Similar: in.Similar, Secrecy: in.Secrecy})
	})
}

// ImportDiscard answers POST /imports/{id}/discard.
func (api *API) ImportDiscard(c echo.Context, a market.Actor) error {
	return api.importAct(c, a, &struct{}{}, func(number int64) error { return api.Service.DiscardImport(c.Request().Context(), a, number) })
}

// importAct answers an act with how the list stands.
func (api *API) importAct(c echo.Context, a market.Actor, in any, do func(id int64) error) error {
	return act(c, in, do, func(id int64) error { return api.writeImport(c, a, http.StatusOK, id) })
}

// ImportUndo answers POST /imports/{id}/undo.
func (api *API) ImportUndo(c echo.Context, a market.Actor) error {
	number, err := id(c)
	if err != nil {
		return err
	}
	if err := read(c, &struct{}{}); err != nil {
		return err
	}
	removed, kept, err := api.Service.UndoImport(c.Request().Context(), a, number)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		Removed int `json:"removed"`
		Kept    int `json:"kept"`
	}{removed, kept})
}

// Export answers with a list as a workbook, in the columns of its template.
func (api *API) Export(kind market.Kind) func(echo.Context, market.Actor) error {
	return func(c echo.Context, a market.Actor) error {
		var out bytes.Buffer
		if _, err := api.Service.Export(c.Request().Context(), a, kind, &out); err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": fmt.Sprintf("%ss.xlsx", kind)}))
		return c.Blob(http.StatusOK, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", out.Bytes())
	}
}
