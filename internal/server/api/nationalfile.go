package api

import (
	"encoding/base64"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/service"
)

// nationalFile is an export of the national system on its way into a period.
type nationalFile struct {
	ID        int64          `json:"id"`
	PeriodID  int64          `json:"reconciliation_id"`
	FileName  string         `json:"file_name"`
	Sheet     string         `json:"sheet"`
	State     string         `json:"state"`
	Columns   []importColumn `json:"columns"`
	Total     int            `json:"rows_total"`
	Valid     int            `json:"rows_valid"`
	Bad       int            `json:"rows_bad"`
	Hidden    int            `json:"rows_hidden"`
	Sum       amount         `json:"total_amount"` // of the valid rows
	Uploader  string         `json:"uploaded_by"`
	CreatedAt *string        `json:"created_at"`
	TakenAt   *string        `json:"taken_at"`
}

func (api *API) nationalFileOf(f market.NationalFile) (nationalFile, error) {
	out := nationalFile{ID: f.ID, PeriodID: f.ReconciliationID, FileName: f.Name, Sheet: f.Sheet, State: f.State, Columns: []importColumn{}, Total: f.RowsTotal,
		Valid: f.RowsTotal - f.RowsBad, Bad: f.RowsBad, Hidden: f.RowsHidden, Sum: amountOf(f.Total), Uploader: f.UserName, CreatedAt: stamp(&f.CreatedAt), TakenAt: stamp(f.TakenAt)}
	reader, err := api.Service.NationalReader(f)
	if err != nil {
		return out, err
	}
	for _, c := range reader.Columns() {
		out.Columns = append(out.Columns, importColumn{c.Heading, c.Key, c.As})
	}
	return out, nil
}

// NationalFileList answers GET /reconciliations/{id}/files: the exports of a period but those given up, the latest first.
func (api *API) NationalFileList(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	period, err := id(c)
	if err != nil {
		return err
	}
	if _, err := api.Store.Reconciliation(ctx, a, period); err != nil {
		return err
	}
	found, err := api.Store.NationalFiles(ctx, a, period)
	if err != nil {
		return err
	}
	out := make([]nationalFile, len(found))
	for i, f := range found {
		if out[i], err = api.nationalFileOf(f); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, struct {
		Items []nationalFile `json:"items"`
	}{out})
}

// NationalFileCreate answers POST /reconciliations/files: it checks an export for a period and compares nothing. The very
// file that the period has already is answered with 200.
func (api *API) NationalFileCreate(c echo.Context, a market.Actor) error {
	once, err := key(c, "national-file")
	if err != nil {
		return err
	}
	var in struct {
		Period   string `json:"period"`
		FileName string `json:"file_name"`
		Content  string `json:"content"` // base64
	}
	if err := read(c, &in); err != nil {
		return err
	}
	content, err := base64.StdEncoding.DecodeString(in.Content)
	if err != nil {
		return market.Problems{{Field: "content", Message: "应为 base64 写的文件内容"}}.Err()
	}
	number, known, err := api.Service.CheckNational(c.Request().Context(), a, service.NationalUpload{Period: in.Period, Name: market.CleanFileName(in.FileName), Data: content, Key: once})
	if err != nil {
		return err
	}
	created(c, "reconciliations/files", number)
	status := http.StatusCreated
	if known {
		status = http.StatusOK
	}
	return api.writeNationalFile(c, a, status, number)
}

// NationalFileShow answers GET /reconciliations/files/{id}.
func (api *API) NationalFileShow(c echo.Context, a market.Actor) error {
	number, err := id(c)
	if err != nil {
		return err
	}
	return api.writeNationalFile(c, a, http.StatusOK, number)
}

func (api *API) writeNationalFile(c echo.Context, a market.Actor, status int, number int64) error {
	found, err := api.Store.NationalFile(c.Request().Context(), a, number)
	if err != nil {
		return err
	}
	out, err := api.nationalFileOf(found)
	if err != nil {
		return err
	}
	return c.JSON(status, out)
}

// nationalRow is a row of an export as it was read, with what is wrong with it.
type nationalRow struct {
	Row          int                    `json:"row"` // as the spreadsheet counts
	Valid        bool                   `json:"valid"`
	Number       string                 `json:"number"`
	Title        string                 `json:"title"`
	SellerName   string                 `json:"seller_name"`
	SellerUSCC   market.USCC            `json:"seller_uscc"`
	BuyerName    string                 `json:"buyer_name"`
	BuyerUSCC    market.USCC            `json:"buyer_uscc"`
	Kind         string                 `json:"kind"`
	Total        amount                 `json:"total_amount"` // null when it could not be read
	Tech         amount                 `json:"tech_amount"`
	SignedOn     date                   `json:"signed_on"`
	RegisteredOn date                   `json:"registered_on"`
	Ended        bool                   `json:"ended"`
	Problems     []market.ImportProblem `json:"problems"`
}

func nationalRowOf(l market.NationalLine) nationalRow {
	return nationalRow{Row: l.Row, Valid: len(l.Problems) == 0, Number: l.Number, Title: l.Title, SellerName: l.SellerName, SellerUSCC: l.SellerUSCC, BuyerName: l.BuyerName,
		BuyerUSCC: l.BuyerUSCC, Kind: l.Kind, Total: optionalAmount(decimal.NullDecimal{Decimal: l.Total, Valid: !l.Total.IsZero()}), Tech: optionalAmount(l.Tech), SignedOn: optionalDate(l.SignedOn), RegisteredOn: optionalDate(l.RegisteredOn),
		Ended: l.Ended, Problems: nonNil(l.Problems)}
}

// NationalFileRows answers GET /reconciliations/files/{id}/rows?part=.
func (api *API) NationalFileRows(c echo.Context, a market.Actor) error {
	number, err := id(c)
	if err != nil {
		return err
	}
	part := c.QueryParam("part")
	if part != "" && part != "valid" && part != "problems" {
		return market.Problems{{Field: "part", Message: "应为 valid 或 problems"}}.Err()
	}
	ctx := c.Request().Context()
	if _, err := api.Store.NationalFile(ctx, a, number); err != nil {
		return err
	}
	lines, err := api.Store.NationalLines(ctx, number)
	if err != nil {
		return err
	}
	rows := []nationalRow{}
	for _, l := range lines {
		if r := nationalRowOf(l); part == "" || r.Valid == (part == "valid") {
			rows = append(rows, r)
		}
	}
	slice, page := pageOf(c)
	from := min(slice.Offset, len(rows))
	return writeList(c, rows[from:min(from+slice.Limit, len(rows))], len(rows), slice, page)
}

// nationalFileAct answers an act with how the file stands.
func (api *API) nationalFileAct(c echo.Context, a market.Actor, in any, do func(id int64) error) error {
	return act(c, in, do, func(id int64) error { return api.writeNationalFile(c, a, http.StatusOK, id) })
}

// NationalFileColumns answers POST /reconciliations/files/{id}/columns.
func (api *API) NationalFileColumns(c echo.Context, a market.Actor) error {
	var in columnsBody
	return api.nationalFileAct(c, a, &in, func(number int64) error {
		return columnsNamed(api.Service.RecheckNational(c.Request().Context(), a, number, in.Columns))
	})
}

// NationalFileTake answers POST /reconciliations/files/{id}/take.
func (api *API) NationalFileTake(c echo.Context, a market.Actor) error {
	return api.nationalFileAct(c, a, &struct{}{}, func(number int64) error { return api.Service.TakeNational(c.Request().Context(), a, number) })
}

// NationalFileDiscard answers POST /reconciliations/files/{id}/discard.
func (api *API) NationalFileDiscard(c echo.Context, a market.Actor) error {
	return api.nationalFileAct(c, a, &struct{}{}, func(number int64) error { return api.Service.DiscardNational(c.Request().Context(), a, number) })
}
