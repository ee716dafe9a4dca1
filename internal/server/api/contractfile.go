package api

import (
	"encoding/base64"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
)

// contractFile is a file of a contract, without its content.
type contractFile struct {
	ID        string  `json:"id"`
	Use       string  `json:"use"`
	Label     string  `json:"label"`
	Name      string  `json:"name"`
	MediaType string  `json:"media_type"`
	Size      int     `json:"size"`
	SHA256    string  `json:"sha256"`
	AddedAt   *string `json:"added_at"`
}

func contractFilesOf(files []market.ContractFile) []contractFile {
	out := make([]contractFile, len(files))
	for i, f := range files {
		out[i] = contractFile{f.ID, f.Use, f.Label, f.Name, f.MediaType, f.Size, f.Hash(), stamp(&f.AddedAt)}
	}
	return out
}

// payment is money that was paid under a contract.
type payment struct {
	ID         int64   `json:"id"`
	PaidOn     date    `json:"paid_on"`
	Amount     amount  `json:"amount"`
	Note       string  `json:"note"`
	FileID     string  `json:"file_id"`
	FileName   string  `json:"file_name"`
	SHA256     string  `json:"sha256"`
	OrgName    string  `json:"org_name"`
	AddedAt    *string `json:"added_at"`
	VoidedAt   *string `json:"voided_at"`
	VoidReason string  `json:"void_reason"`
}

func paymentsOf(list []market.Payment) []payment {
	out := make([]payment, len(list))
	for i, y := range list {
		out[i] = payment{y.ID, dateOf(y.PaidOn), amountOf(y.Amount), y.Note, y.FileID, y.FileName, y.Hash(), y.OrgName, stamp(&y.AddedAt), stamp(y.VoidedAt), y.VoidReason}
	}
	return out
}

// upload is a file in a body.
type upload struct {
	FileName string `json:"file_name"`
	Content  string `json:"content"` // base64
}

// keep stores the file for that purpose and returns its id.
func (u upload) keep(api *API, c echo.Context, a market.Actor, purpose market.FilePurpose) (string, error) {
	content, err := base64.StdEncoding.DecodeString(u.Content)
	if err != nil || len(content) == 0 {
		return "", market.Problems{{Field: "content", Message: "应为 base64 写的文件内容"}}.Err()
	}
	f, err := api.Service.UploadFile(c.Request().Context(), a, purpose, u.FileName, content)
	return f.ID, err
}

// ContractFileAdd answers POST /contracts/{id}/files.
func (api *API) ContractFileAdd(c echo.Context, a market.Actor) error {
	var in struct {
		upload
		Use   string `json:"use"`
		Label string `json:"label"`
	}
	return api.contractPaper(c, a, "contract-file", &in, func(contract int64, once string) error {
		file, err := in.keep(api, c, a, market.FileContract)
		if err != nil {
			return err
		}
		return api.Service.AttachContractFile(c.Request().Context(), a, market.ContractFile{ID: file, ContractID: contract, Use: in.Use, Label: in.Label}, once)
	})
}

// contractPaper answers an act that adds to a contract with the contract as it stands then.
func (api *API) contractPaper(c echo.Context, a market.Actor, noun string, in any, do func(contract int64, once string) error) error {
	contract, err := id(c)
	if err != nil {
		return err
	}
	once, err := key(c, noun)
	if err != nil {
		return err
	}
	if err := read(c, in); err != nil {
		return err
	}
	if _, err := api.Store.Contract(c.Request().Context(), a, contract); err != nil {
		return err
	}
	if err := do(contract, once); err != nil {
		return err
	}
	return api.writeContract(c, a, contract, http.StatusCreated)
}

// ContractFileShow answers GET /contracts/{id}/files/{file}: the content of a file or of the proof of a payment.
func (api *API) ContractFileShow(c echo.Context, a market.Actor) error {
	contract, err := id(c)
	if err != nil {
		return err
	}
	ctx, file := c.Request().Context(), c.Param("file")
	k, err := api.Store.Contract(ctx, a, contract)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(k.Files, func(f market.ContractFile) bool { return f.ID == file }) && !slices.ContainsFunc(k.Payments, func(y market.Payment) bool { return y.FileID == file }) {
		return market.ErrNotFound
	}
	f, content, err := api.Service.ReadFile(ctx, a, file)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, f.MediaType, content)
}

// ContractFileRemove answers DELETE /contracts/{id}/files/{file}.
func (api *API) ContractFileRemove(c echo.Context, a market.Actor) error {
	return api.contractAct(c, a, &struct{}{}, func(id int64) error {
		return api.Service.DetachContractFile(c.Request().Context(), a, id, c.Param("file"))
	})
}

// PaymentAdd answers POST /contracts/{id}/payments.
func (api *API) PaymentAdd(c echo.Context, a market.Actor) error {
	var in struct {
		upload
		PaidOn date   `json:"paid_on"`
		Amount amount `json:"amount"`
		Note   string `json:"note"`
	}
	return api.contractPaper(c, a, "payment", &in, func(contract int64, once string) error {
		var p market.Problems
		y := market.Payment{ContractID: contract, PaidOn: in.PaidOn.day(&p, "paid_on"), Amount: in.Amount.yuan(&p, "paid").Decimal, Note: in.Note}
		if err := p.Err(); err != nil {
			return err
		}
		var err error
		if y.FileID, err = in.keep(api, c, a, market.FilePayment); err != nil {
			return err
		}
		return api.Service.AddPayment(c.Request().Context(), a, y, once)
	})
}

// PaymentVoid answers POST /contracts/{id}/payments/{payment}/void.
func (api *API) PaymentVoid(c echo.Context, a market.Actor) error {
	var in struct {
		Reason string `json:"reason"`
	}
	return api.contractAct(c, a, &in, func(contract int64) error {
		payment, err := strconv.ParseInt(c.Param("payment"), 10, 64)
		if err != nil {
			return market.ErrNotFound
		}
		return api.Service.VoidPayment(c.Request().Context(), a, contract, payment, in.Reason)
	})
}
