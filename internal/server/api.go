package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/api"
	"techmarket/internal/store"
)

// newAPI gives the API what it needs; it searches exactly as the search page does.
func (s *Server) newAPI() *api.API {
	return &api.API{Store: s.Store, Service: s.Service, Ref: s.ref, Now: s.Now, Find: s.findForAPI}
}

func (s *Server) findForAPI(c echo.Context, a market.Actor, page store.Slice) (api.Found, error) {
	f := s.readFinding(c)
	if f.text != "" {
		if err := s.limits.allow("search "+c.RealIP(), searchEvery, searchBurst); err != nil {
			return api.Found{}, err
		}
	}
	f.page = page.Offset/page.Limit + 1
	res, err := s.find(c.Request().Context(), a, f, page.Limit)
	return api.Found{Cards: res.cards, Total: res.total, Facets: res.facets}, err
}

// apiRoutes is every call of the JSON API.
func (s *Server) apiRoutes() []route {
	const get, post, patch = http.MethodGet, http.MethodPost, http.MethodPatch
	x, need, result := s.newAPI(), market.KindNeed, market.KindResult
	return []route{
		{get, "/api/v1/openapi.json", public, x.OpenAPI},
		{get, "/api/v1/search", public, x.Search},
		{get, "/api/v1/turnover", public, x.TurnoverShow},

		{get, "/api/v1/needs", public, x.NeedList},
		{post, "/api/v1/needs", editor, x.NeedCreate},
		{get, "/api/v1/needs/:id", public, x.NeedShow},
		{patch, "/api/v1/needs/:id", editor, x.NeedEdit},
		{post, "/api/v1/needs/:id/submit", verified, x.Submit(need)},
		{post, "/api/v1/needs/:id/publish", reviewer, x.Publish(need)},
		{post, "/api/v1/needs/:id/return", reviewer, x.Return(need)},
		{post, "/api/v1/needs/:id/withdraw", editor, x.Withdraw(need)},
		{get, "/api/v1/needs/:id/matches", public, x.Matches(need)},

		{get, "/api/v1/results", public, x.ResultList},
		{post, "/api/v1/results", editor, x.ResultCreate},
		{get, "/api/v1/results/:id", public, x.ResultShow},
		{patch, "/api/v1/results/:id", editor, x.ResultEdit},
		{post, "/api/v1/results/:id/submit", verified, x.Submit(result)},
		{post, "/api/v1/results/:id/publish", reviewer, x.Publish(result)},
		{post, "/api/v1/results/:id/return", reviewer, x.Return(result)},
		{post, "/api/v1/results/:id/withdraw", editor, x.Withdraw(result)},
		{get, "/api/v1/results/:id/matches", public, x.Matches(result)},

		{get, "/api/v1/inquiries", member, x.InquiryList},
		{post, "/api/v1/inquiries", verified, x.InquiryCreate},
		{get, "/api/v1/inquiries/:id", signedIn, x.InquiryShow},
		{post, "/api/v1/inquiries/:id/answer", editor, x.InquiryAnswer},
		{post, "/api/v1/inquiries/:id/propose", editor, x.InquiryPropose},
		{post, "/api/v1/inquiries/:id/agree-terms", editor, x.InquiryAgreeTerms},
		{post, "/api/v1/inquiries/:id/agree", editor, x.InquiryAgree},
		{post, "/api/v1/inquiries/:id/decline", editor, x.InquiryDecline},

		{get, "/api/v1/contracts", signedIn, x.ContractList},
		{post, "/api/v1/contracts", editor, x.ContractCreate},
		{get, "/api/v1/contracts/:id", signedIn, x.ContractShow},
		{patch, "/api/v1/contracts/:id", editor, x.ContractEdit},
		{post, "/api/v1/contracts/:id/submit", editor, x.ContractSubmit},
		{post, "/api/v1/contracts/:id/withdraw", editor, x.ContractWithdraw},
		{post, "/api/v1/contracts/:id/accept", registrar, x.ContractAccept},
		{post, "/api/v1/contracts/:id/return", registrar, x.ContractReturn},
		{post, "/api/v1/contracts/:id/pass", registrar, x.ContractPass},
		{post, "/api/v1/contracts/:id/confirm", registrar, x.ContractConfirm},
		{post, "/api/v1/contracts/:id/register", registrar, x.ContractRegister},
		{post, "/api/v1/contracts/:id/refuse", registrar, x.ContractRefuse},
		{post, "/api/v1/contracts/:id/cancel", registrar, x.ContractCancel},
		{post, "/api/v1/contracts/:id/revoke", registrar, x.ContractRevoke},
	}
}
