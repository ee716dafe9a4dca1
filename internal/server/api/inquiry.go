package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// inquiryItem is a 对接 in a list. To is null while the receiver's name is hidden from the reader.
type inquiryItem struct {
	ID             int64               `json:"id"`
	Number         string              `json:"number"`
	State          market.InquiryState `json:"state"`
	ListingID      int64               `json:"listing_id"`
	OtherListingID *int64              `json:"other_listing_id"`
	From           party               `json:"from"`
	To             *party              `json:"to"`
	TurnOrg        *int64              `json:"turn_org"`
	DueOn          date                `json:"due_on"`
	DeclineReason  string              `json:"decline_reason"`
	AgreedTerms    int                 `json:"agreed_terms"`
	DealID         *int64              `json:"deal_id"`
	Version        int                 `json:"version"`
	CreatedAt      *string             `json:"created_at"`
	UpdatedAt      *string             `json:"updated_at"`
}

// party is an organisation that takes part.
type party struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func inquiryOf(i store.Inquiry) inquiryItem {
	out := inquiryItem{ID: i.ID, Number: i.Number, State: i.State, ListingID: i.ListingID, OtherListingID: i.OtherListingID,
		From: party{i.FromOrg, i.FromName}, TurnOrg: i.TurnOrg, DueOn: dateOf(i.DueOn), DeclineReason: i.DeclineReason, AgreedTerms: i.Agreed,
		DealID: i.DealID, Version: i.Version, CreatedAt: stamp(&i.CreatedAt), UpdatedAt: stamp(&i.UpdatedAt)}
	if !i.ToHidden {
		out.To = &party{i.ToOrg, i.ToName}
	}
	return out
}

// messageItem is one message of an inquiry.
type messageItem struct {
	ID     int64   `json:"id"`
	From   bool    `json:"from_side"` // by the organisation that opened the inquiry
	Answer string  `json:"answer"`
	Body   string  `json:"body"`
	At     *string `json:"at"`
}

// termItem is a term on the table.
type termItem struct {
	ID       int64            `json:"id"`
	Term     string           `json:"term"`
	Value    string           `json:"value"`
	Amount   *decimal.Decimal `json:"amount"`
	FromSide bool             `json:"from_side"` // proposed by the organisation that opened the inquiry
	Agreed   bool             `json:"agreed"`
}

// InquiryList answers GET /inquiries?tab=todo|waiting|agreed|ended.
func (api *API) InquiryList(c echo.Context, a market.Actor) error {
	tab := store.InquiryTab(c.QueryParam("tab"))
	if tab == "" {
		tab = store.InquiryTodo
	}
	slice, page := pageOf(c)
	found, counts, err := api.Store.Inquiries(c.Request().Context(), a, tab, slice)
	if err != nil {
		return err
	}
	items := make([]inquiryItem, len(found))
	for i, x := range found {
		items[i] = inquiryOf(x)
	}
	return writeList(c, items, counts.Of(tab), slice, page)
}

// InquiryShow answers GET /inquiries/{id}.
func (api *API) InquiryShow(c echo.Context, a market.Actor) error {
	inquiry, err := id(c)
	if err != nil {
		return err
	}
	return api.writeInquiry(c, a, inquiry, http.StatusOK)
}

func (api *API) writeInquiry(c echo.Context, a market.Actor, id int64, status int) error {
	ctx := c.Request().Context()
	i, err := api.Store.Inquiry(ctx, a, id)
	if err != nil {
		return err
	}
	messages, err := api.Store.InquiryMessages(ctx, a, id)
	if err != nil {
		return err
	}
	terms, err := api.Store.InquiryTerms(ctx, a, id)
	if err != nil {
		return err
	}
	out := struct {
		inquiryItem
		Messages []messageItem `json:"messages"`
		Terms    []termItem    `json:"terms"`
	}{inquiryOf(i), make([]messageItem, 0, len(messages)), make([]termItem, 0, len(terms))}
	for _, m := range messages {
		out.Messages = append(out.Messages, messageItem{m.ID, m.FromSide, m.Answer, m.Body, stamp(&m.At)})
	}
	for _, t := range terms {
		item := termItem{ID: t.ID, Term: t.Term, Value: t.Value, FromSide: t.ProposedOrg == i.FromOrg, Agreed: t.AgreedAt != nil}
		if t.Amount.Valid {
			item.Amount = &t.Amount.Decimal
		}
		out.Terms = append(out.Terms, item)
	}
	return c.JSON(status, out)
}

// InquiryCreate answers POST /inquiries.
func (api *API) InquiryCreate(c echo.Context, a market.Actor) error {
	var in struct {
		ListingID      int64  `json:"listing_id"`
		OtherListingID int64  `json:"other_listing_id"`
		Body           string `json:"body"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	inquiry, err := api.Service.OpenInquiry(c.Request().Context(), a, in.ListingID, in.OtherListingID, in.Body, c.Request().Header.Get("Idempotency-Key"))
	if err != nil {
		return err
	}
	return api.writeInquiry(c, a, inquiry, http.StatusCreated)
}

// inquiryAct reads the id and the body, acts, and answers with the inquiry as it stands then.
func (api *API) inquiryAct(c echo.Context, a market.Actor, in any, act func(id int64) error) error {
	inquiry, err := id(c)
	if err != nil {
		return err
	}
	if err := read(c, in); err != nil {
		return err
	}
	if err := act(inquiry); err != nil {
		return err
	}
	return api.writeInquiry(c, a, inquiry, http.StatusOK)
}

// InquiryAnswer answers POST /inquiries/{id}/answer.
func (api *API) InquiryAnswer(c echo.Context, a market.Actor) error {
	var in struct {
		Answer string `json:"answer"`
		Reason string `json:"reason"`
		Body   string `json:"body"`
	}
	return api.inquiryAct(c, a, &in, func(id int64) error {
		return api.Service.AnswerInquiry(c.Request().Context(), a, id, market.Reply{Code: in.Answer, Reason: in.Reason, Body: in.Body})
	})
}

// InquiryDecline answers POST /inquiries/{id}/decline.
func (api *API) InquiryDecline(c echo.Context, a market.Actor) error {
	var in struct {
		Reason string `json:"reason"`
		Body   string `json:"body"`
	}
	return api.inquiryAct(c, a, &in, func(id int64) error {
		return api.Service.DeclineInquiry(c.Request().Context(), a, id, in.Reason, in.Body)
	})
}

// InquiryPropose answers POST /inquiries/{id}/propose.
func (api *API) InquiryPropose(c echo.Context, a market.Actor) error {
	var in struct {
		Version int `json:"version"`
		Terms   []struct {
			Term   string           `json:"term"`
			Value  string           `json:"value"`
			Amount *decimal.Decimal `json:"amount"`
		} `json:"terms"`
	}
	return api.inquiryAct(c, a, &in, func(id int64) error {
		terms := make([]market.InquiryTerm, len(in.Terms))
		for i, t := range in.Terms {
			terms[i] = market.InquiryTerm{Term: t.Term, Value: t.Value}
			if t.Amount != nil {
				terms[i].Amount = decimal.NewNullDecimal(*t.Amount)
			}
		}
		return api.Service.ProposeTerms(c.Request().Context(), a, id, in.Version, terms)
	})
}

// InquiryAgreeTerms answers POST /inquiries/{id}/agree-terms.
func (api *API) InquiryAgreeTerms(c echo.Context, a market.Actor) error {
	var in struct {
		TermIDs []int64 `json:"term_ids"`
	}
	return api.inquiryAct(c, a, &in, func(id int64) error {
		return api.Service.AgreeTerms(c.Request().Context(), a, id, in.TermIDs)
	})
}

// InquiryAgree answers POST /inquiries/{id}/agree: the deal is made.
func (api *API) InquiryAgree(c echo.Context, a market.Actor) error {
	var in struct {
		Version int `json:"version"`
	}
	return api.inquiryAct(c, a, &in, func(id int64) error {
		_, err := api.Service.AgreeInquiry(c.Request().Context(), a, id, in.Version)
		return err
	})
}
