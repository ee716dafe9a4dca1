package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// inquiryItem is a 对接 in a list. To is null while the receiver's name is hidden from the reader.
type inquiryItem struct {
	ID             int64               `json:"id"`
	Number         string              `json:"number"`
	State          market.InquiryState `json:"state"`
	Title          string              `json:"title"` // of the listing
	ListingID      int64               `json:"listing_id"`
	OtherListingID *int64              `json:"other_listing_id"`
	From           party               `json:"from"`
	To             *party              `json:"to"`
	Turn           *string             `json:"turn"` // who has to act: from or to, null once it has ended
	DueOn          date                `json:"due_on"`
	DeclineReason  string              `json:"decline_reason"`
	AgreedTerms    int                 `json:"agreed_terms"`
	DealID         *int64              `json:"deal_id"`
	DealNumber     string              `json:"deal_number"`
	DealState      market.DealState    `json:"deal_state"`
	FallReason     string              `json:"fall_reason"`
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
	out := inquiryItem{ID: i.ID, Number: i.Number, State: i.State, Title: i.Title, ListingID: i.ListingID, OtherListingID: i.OtherListingID,
		From: party{i.FromOrg, i.FromName}, Turn: turnOf(i), DueOn: optionalDate(i.DueOn), DeclineReason: i.DeclineReason, AgreedTerms: i.Agreed,
		DealID: i.DealID, DealNumber: i.DealNumber, DealState: i.DealState, FallReason: i.FallReason, Version: i.Version, CreatedAt: stamp(&i.CreatedAt), UpdatedAt: stamp(&i.UpdatedAt)}
	if !i.ToHidden {
		out.To = &party{i.ToOrg, i.ToName}
	}
	return out
}

func turnOf(i store.Inquiry) *string {
	if i.TurnOrg == nil {
		return nil
	}
	side := "to"
	if *i.TurnOrg == i.FromOrg {
		side = "from"
	}
	return &side
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
	ID       int64  `json:"id"`
	Term     string `json:"term"`
	Value    string `json:"value"`
	Amount   amount `json:"amount"`
	FromSide bool   `json:"from_side"` // proposed by the organisation that opened the inquiry
	Agreed   bool   `json:"agreed"`
}

// contact is how to reach the other party.
type contact struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

// InquiryList answers GET /inquiries?tab=todo|waiting|agreed|ended.
func (api *API) InquiryList(c echo.Context, a market.Actor) error {
	tab := store.InquiryTab(c.QueryParam("tab"))
	if tab == "" {
		tab = store.InquiryTodo
	}
	if !slices.Contains([]store.InquiryTab{store.InquiryTodo, store.InquiryWaiting, store.InquiryAgreed, store.InquiryEnded}, tab) {
		return market.Problems{{Field: "tab", Message: "应为 todo、waiting、agreed 或 ended"}}.Err()
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

// InquiryShow answers GET /inquiries/{id}. That somebody of the staff read it is noted, as on the page.
func (api *API) InquiryShow(c echo.Context, a market.Actor) error {
	inquiry, err := id(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	i, err := api.Store.Inquiry(ctx, a, inquiry)
	if err != nil {
		return err
	}
	if !i.Party(a.OrgID) {
		if err := api.Service.ReadInquiry(ctx, a, inquiry); err != nil {
			return err
		}
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
	other, err := api.contactOf(ctx, a, id)
	if err != nil {
		return err
	}
	out := struct {
		inquiryItem
		Messages []messageItem `json:"messages"`
		Terms    []termItem    `json:"terms"`
		Contact  *contact      `json:"contact"` // of the other party
	}{inquiryOf(i), make([]messageItem, 0, len(messages)), make([]termItem, 0, len(terms)), other}
	for _, m := range messages {
		out.Messages = append(out.Messages, messageItem{m.ID, m.FromSide, m.Answer, m.Body, stamp(&m.At)})
	}
	for _, t := range terms {
		out.Terms = append(out.Terms, termItem{ID: t.ID, Term: t.Term, Value: t.Value, Amount: optionalAmount(t.Amount),
			FromSide: t.ProposedOrg == i.FromOrg, Agreed: t.AgreedAt != nil})
	}
	return c.JSON(status, out)
}

// contactOf is the other party's contact, nil for whom and as long as it is not shown.
func (api *API) contactOf(ctx context.Context, a market.Actor, id int64) (*contact, error) {
	found, err := api.Store.InquiryContact(ctx, a, id)
	if market.IsKind(err, market.NotFound) {
		return nil, nil
	}
	return &contact{found.Name, found.Phone}, err
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
	if in.ListingID <= 0 {
		return market.Problems{{Field: "listing_id", Message: "请写明要对接的需求或成果"}}.Err()
	}
	once, err := key(c, "inquiry")
	if err != nil {
		return err
	}
	inquiry, err := api.Service.OpenInquiry(c.Request().Context(), a, in.ListingID, in.OtherListingID, in.Body, once)
	if err != nil {
		return err
	}
	created(c, "inquiries", inquiry)
	return api.writeInquiry(c, a, inquiry, http.StatusCreated)
}

// inquiryAct answers an act with the inquiry as it stands then.
func (api *API) inquiryAct(c echo.Context, a market.Actor, in any, do func(id int64) error) error {
	return act(c, in, do, func(id int64) error { return api.writeInquiry(c, a, id, http.StatusOK) })
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

// DealFall answers POST /deals/{id}/fall with the inquiry or the challenge that the deal came from.
func (api *API) DealFall(c echo.Context, a market.Actor) error {
	deal, err := id(c)
	if err != nil {
		return err
	}
	var in struct {
		Reason string `json:"fall_reason"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	write := func(c echo.Context, a market.Actor, id int64) error {
		return api.writeChallenge(c, a, id, http.StatusOK)
	}
	from, err := api.Store.ChallengeOfDeal(ctx, a, deal)
	if market.IsKind(err, market.NotFound) {
		write = func(c echo.Context, a market.Actor, id int64) error { return api.writeInquiry(c, a, id, http.StatusOK) }
		from, err = api.Store.InquiryOfDeal(ctx, a, deal)
	}
	if err != nil {
		return err
	}
	if err := api.Service.FallDeal(ctx, a, deal, in.Reason); err != nil {
		return err
	}
	return write(c, a, from)
}

// needVersion refuses an act on terms that does not say which version of the inquiry the caller has seen.
func needVersion(version int) error {
	if version <= 0 {
		return market.Problems{{Field: "version", Message: "请写明您看到的版本，即这次对接的 version"}}.Err()
	}
	return nil
}

// InquiryPropose answers POST /inquiries/{id}/propose.
func (api *API) InquiryPropose(c echo.Context, a market.Actor) error {
	var in struct {
		Version int `json:"version"`
		Terms   []struct {
			Term   string `json:"term"`
			Value  string `json:"value"`
			Amount amount `json:"amount"`
		} `json:"terms"`
	}
	return api.inquiryAct(c, a, &in, func(id int64) error {
		if err := needVersion(in.Version); err != nil {
			return err
		}
		if len(in.Terms) == 0 {
			return market.Problems{{Field: "terms", Message: "请至少提出一项条件"}}.Err()
		}
		var p market.Problems
		terms, codes := make([]market.InquiryTerm, len(in.Terms)), make([]string, len(in.Terms))
		for i, t := range in.Terms {
			terms[i] = market.InquiryTerm{Term: t.Term, Value: t.Value, Amount: t.Amount.yuan(&p, fmt.Sprintf("terms.%d.amount", i))}
			codes[i] = t.Term
		}
		if err := p.Err(); err != nil {
			return err
		}
		return termFields(codes, api.Service.ProposeTerms(c.Request().Context(), a, id, in.Version, terms))
	})
}

// termFields names the rows of the body instead of their terms.
func termFields(codes []string, err error) error {
	e := market.AsError(err)
	if e == nil {
		return err
	}
	named := *e
	named.Fields = slices.Clone(e.Fields)
	for n, f := range named.Fields {
		i := slices.Index(codes, f.Field)
		switch {
		case i < 0:
		case market.TermNames.Name(f.Field) == "":
			named.Fields[n].Field = fmt.Sprintf("terms.%d.term", i)
		case f.Field == "price":
			named.Fields[n].Field = fmt.Sprintf("terms.%d.amount", i)
		default:
			named.Fields[n].Field = fmt.Sprintf("terms.%d.value", i)
		}
	}
	return &named
}

// InquiryAgreeTerms answers POST /inquiries/{id}/agree-terms.
func (api *API) InquiryAgreeTerms(c echo.Context, a market.Actor) error {
	var in struct {
		TermIDs []int64 `json:"term_ids"`
	}
	return api.inquiryAct(c, a, &in, func(id int64) error {
		if len(in.TermIDs) == 0 {
			return market.Problems{{Field: "term_ids", Message: "请写明同意哪些条件"}}.Err()
		}
		return api.Service.AgreeTerms(c.Request().Context(), a, id, in.TermIDs)
	})
}

// InquiryAgree answers POST /inquiries/{id}/agree: the deal is made.
func (api *API) InquiryAgree(c echo.Context, a market.Actor) error {
	var in struct {
		Version int `json:"version"`
	}
	return api.inquiryAct(c, a, &in, func(id int64) error {
		if err := needVersion(in.Version); err != nil {
			return err
		}
		_, err := api.Service.AgreeInquiry(c.Request().Context(), a, id, in.Version)
		return err
	})
}
