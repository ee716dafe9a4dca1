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
	return &api.API{Store: s.Store, Service: s.Service, Ref: s.ref, Now: s.Now, Find: s.findForAPI,
		SaveSearch: s.saveSearch, EditSearch: s.editSavedSearch}
}

func (s *Server) findForAPI(c echo.Context, a market.Actor, page store.Slice) (api.Found, error) {
	f := s.readFinding(c)
	if f.Text != "" {
		if err := s.slowAddress(c, searchLimit); err != nil {
			return api.Found{}, err
		}
	}
	f.page = page.Offset/page.Limit + 1
	res, err := s.find(c.Request().Context(), a, f, page.Limit)
	return api.Found{Cards: res.cards, Total: res.total, Facets: res.facets}, err
}

// apiRoutes is every call of the JSON API.
func (s *Server) apiRoutes() []route {
	const get, post, patch, del = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
	x, do, need, result := s.newAPI(), s.Service, market.KindNeed, market.KindResult
	routes := []route{
		{get, "/api/v1/openapi.json", public, x.OpenAPI},
		{get, "/api/v1/search", public, x.Search},
		{get, "/api/v1/turnover", public, x.TurnoverShow},
		{get, "/api/v1/turnover/contracts", public, x.TurnoverContracts},
		{get, "/api/v1/incentives", public, x.IncentiveList},
		{get, "/api/v1/month-ends", registry, x.MonthEndList},
		{post, "/api/v1/month-ends", statistician, x.MonthEndClose},
		{get, "/api/v1/month-ends/:id", registry, x.MonthEndShow},
		{get, "/api/v1/reconciliations", registry, x.ReconciliationList},
		{get, "/api/v1/reconciliations/:id", registry, x.ReconciliationShow},
		{get, "/api/v1/reconciliations/:id/lists.xlsx", registry, s.reconcileLists},
		{get, "/api/v1/reconciliations/:id/files", registry, x.NationalFileList},
		{post, "/api/v1/reconciliations/files", statistician, s.slowly(uploadLimit, x.NationalFileCreate)},
		{get, "/api/v1/reconciliations/files/:id", registry, x.NationalFileShow},
		{get, "/api/v1/reconciliations/files/:id/rows", registry, x.NationalFileRows},
		{post, "/api/v1/reconciliations/files/:id/columns", statistician, x.NationalFileColumns},
		{post, "/api/v1/reconciliations/files/:id/take", statistician, x.NationalFileTake},
		{post, "/api/v1/reconciliations/files/:id/discard", statistician, x.NationalFileDiscard},
		{post, "/api/v1/reconciliations/:id/decide", statistician, x.ReconciliationDecide},
		{post, "/api/v1/reconciliations/:id/undo", statistician, x.ReconciliationUndo},
		{post, "/api/v1/reconciliations/:id/confirm", clerk, x.ReconciliationConfirm},
		{post, "/api/v1/reconciliations/:id/pair", statistician, x.ReconciliationPair},
		{post, "/api/v1/reconciliations/:id/register", registrar, x.ReconciliationRegister},
		{post, "/api/v1/reconciliations/:id/close", statistician, x.ReconciliationClose},
		{post, "/api/v1/reconciliations/:id/contracts/:contract/change", registrar, s.slowly(uploadLimit, x.ReconciliationCorrect)},
		{get, "/api/v1/retention", keeper, x.RetentionList},
		{get, "/api/v1/targets", registry, x.TargetList},
		{post, "/api/v1/targets", statistician, x.TargetSet},
		{get, "/api/v1/rewards", registry, x.RewardList},
		{post, "/api/v1/rewards", statistician, x.RewardCreate},
		{get, "/api/v1/rewards/:id", registry, x.RewardShow},
		{post, "/api/v1/rewards/:id", statistician, x.RewardEdit},
		{get, "/api/v1/rewards/:id/contracts", registry, x.RewardContracts},
		{get, "/api/v1/acting", signedIn, x.ActingList},
		{get, "/api/v1/searches", signedIn, x.SavedSearchList},
		{post, "/api/v1/searches", signedIn, x.SavedSearchCreate},
		{patch, "/api/v1/searches/:id", signedIn, x.SavedSearchEdit},
		{del, "/api/v1/searches/:id", signedIn, x.SavedSearchDelete},
		{get, "/api/v1/matches", member, x.OwnMatches},
		{post, "/api/v1/matches/:id/mark", poster, x.MatchMark},

		{get, "/api/v1/needs", public, x.NeedList},
		{post, "/api/v1/needs", poster, x.NeedCreate},
		{get, "/api/v1/needs/:id", public, x.NeedShow},
		{patch, "/api/v1/needs/:id", poster, x.NeedEdit},
		{post, "/api/v1/needs/:id/submit", publisher, x.Move(need, do.SubmitListing)},
		{post, "/api/v1/needs/:id/publish", reviewer, x.Publish(need)},
		{post, "/api/v1/needs/:id/return", reviewer, x.Return(need)},
		{post, "/api/v1/needs/:id/recall", poster, x.Move(need, do.RecallListing)},
		{post, "/api/v1/needs/:id/discard", poster, x.Move(need, do.DiscardRevision)},
		{post, "/api/v1/needs/:id/confirm", publisher, x.Move(need, do.ConfirmListing)},
		{post, "/api/v1/needs/:id/withdraw", poster, x.Move(need, do.WithdrawListing)},
		{post, "/api/v1/needs/:id/close", poster, x.Move(need, do.CloseListing)},
		{del, "/api/v1/needs/:id", poster, x.Delete(need)},
		{get, "/api/v1/needs/:id/matches", public, x.Matches(need)},

		{get, "/api/v1/results", public, x.ResultList},
		{post, "/api/v1/results", poster, x.ResultCreate},
		{get, "/api/v1/results/:id", public, x.ResultShow},
		{patch, "/api/v1/results/:id", poster, x.ResultEdit},
		{post, "/api/v1/results/:id/submit", publisher, x.Move(result, do.SubmitListing)},
		{post, "/api/v1/results/:id/publish", reviewer, x.Publish(result)},
		{post, "/api/v1/results/:id/return", reviewer, x.Return(result)},
		{post, "/api/v1/results/:id/recall", poster, x.Move(result, do.RecallListing)},
		{post, "/api/v1/results/:id/discard", poster, x.Move(result, do.DiscardRevision)},
		{post, "/api/v1/results/:id/confirm", publisher, x.Move(result, do.ConfirmListing)},
		{post, "/api/v1/results/:id/withdraw", poster, x.Move(result, do.WithdrawListing)},
		{post, "/api/v1/results/:id/close", poster, x.Move(result, do.CloseListing)},
		{del, "/api/v1/results/:id", poster, x.Delete(result)},
		{get, "/api/v1/results/:id/matches", public, x.Matches(result)},

		{get, "/api/v1/listings/:id/files", poster, x.ListingFiles},
		{post, "/api/v1/listings/:id/files", poster, s.slowly(uploadLimit, x.FileAdd)},
		{patch, "/api/v1/listings/:id/files/:file", poster, x.FileChange},
		{post, "/api/v1/listings/:id/files/:file/raise", poster, x.FileRaise},
		{del, "/api/v1/listings/:id/files/:file", poster, x.FileRemove},

		{get, "/api/v1/review", reviewer, x.ReviewList},
		{post, "/api/v1/review/claim", reviewer, x.ReviewClaim},
		{post, "/api/v1/review/release", reviewer, x.ReviewRelease},
		{get, "/api/v1/needs/:id/revisions", signedIn, x.Revisions(need)},
		{get, "/api/v1/results/:id/revisions", signedIn, x.Revisions(result)},
		{post, "/api/v1/revisions/:id/publish", reviewer, x.RevisionPublish},
		{post, "/api/v1/revisions/:id/return", reviewer, x.RevisionReturn},

		{get, "/api/v1/experts", public, x.ExpertList},
		{get, "/api/v1/experts/:id", public, x.ExpertShow},
		{get, "/api/v1/institutes", public, x.InstitutionList},
		{get, "/api/v1/agencies", public, x.AgencyList},

		{get, "/api/v1/imports", importReader, x.ImportList},
		{post, "/api/v1/imports", importer, s.slowly(uploadLimit, x.ImportCreate)},
		{get, "/api/v1/imports/:id", importReader, x.ImportShow},
		{get, "/api/v1/imports/:id/rows", importReader, x.ImportRows},
		{post, "/api/v1/imports/:id/columns", importer, x.ImportColumns},
		{post, "/api/v1/imports/:id/accept", importer, x.ImportAccept},
		{post, "/api/v1/imports/:id/discard", importer, x.ImportDiscard},
		{post, "/api/v1/imports/:id/undo", importer, x.ImportUndo},
		{get, "/api/v1/needs.xlsx", importer, s.slowly(listLimit, x.Export(need))},
		{get, "/api/v1/results.xlsx", importer, s.slowly(listLimit, x.Export(result))},
		{get, "/api/v1/experts.xlsx", expertKeeper, s.slowly(listLimit, x.Export(market.KindExpert))},
		{get, "/api/v1/orgs.xlsx", reviewer, s.slowly(listLimit, x.Export(market.KindOrg))},

		{get, "/api/v1/inquiries", inquiryReader, x.InquiryList},
		{post, "/api/v1/inquiries", trader, x.InquiryCreate},
		{get, "/api/v1/inquiries/:id", signedIn, x.InquiryShow},
		{post, "/api/v1/inquiries/:id/answer", negotiator, x.InquiryAnswer},
		{post, "/api/v1/inquiries/:id/propose", negotiator, x.InquiryPropose},
		{post, "/api/v1/inquiries/:id/agree-terms", negotiator, x.InquiryAgreeTerms},
		{post, "/api/v1/inquiries/:id/agree", negotiator, x.InquiryAgree},
		{post, "/api/v1/inquiries/:id/decline", negotiator, x.InquiryDecline},
		{post, "/api/v1/deals/:id/fall", negotiator, x.DealFall},

		{get, "/api/v1/disclosures", own, x.DisclosureList},
		{post, "/api/v1/disclosures", ownVerified, x.DisclosureRequest},
		{get, "/api/v1/disclosures/:id", signedIn, x.DisclosureShow},
		{post, "/api/v1/disclosures/:id/grant", ownEditor, x.DisclosureGrant},
		{post, "/api/v1/disclosures/:id/refuse", ownEditor, x.DisclosureNo(do.RefuseDisclosure)},
		{post, "/api/v1/disclosures/:id/revoke", ownEditor, x.DisclosureNo(do.RevokeDisclosure)},
		{post, "/api/v1/disclosures/:id/pledge", own, x.DisclosurePledge},
		{get, "/api/v1/disclosures/:id/content", own, x.DisclosureRead},
		{get, "/api/v1/disclosures/:id/files/:file", own, s.slowMark(x.DisclosureFile)},

		{get, "/api/v1/challenges", public, x.ChallengeList},
		{get, "/api/v1/challenges/:id", public, x.ChallengeShow},
		{post, "/api/v1/challenges", poster, x.ChallengeCreate},
		{patch, "/api/v1/challenges/:id", poster, x.ChallengeEdit},
		{del, "/api/v1/challenges/:id", poster, x.ChallengeDelete},
		{post, "/api/v1/challenges/:id/submit", publisher, x.ChallengeMove(do.SubmitChallenge)},
		{post, "/api/v1/challenges/:id/recall", poster, x.ChallengeMove(do.RecallChallenge)},
		{post, "/api/v1/challenges/:id/publish", reviewer, x.ChallengePublish},
		{post, "/api/v1/challenges/:id/return", reviewer, x.ChallengeReturn},
		{post, "/api/v1/challenges/:id/cancel", reviewer, x.ChallengeOfficial(do.CancelChallenge)},
		{post, "/api/v1/challenges/:id/remand", reviewer, x.ChallengeOfficial(do.RemandChallenge)},
		{post, "/api/v1/challenges/:id/questions", trader, x.QuestionAsk},
		{post, "/api/v1/challenges/:id/questions/:question/answer", publisher, x.QuestionAnswer},
		{get, "/api/v1/challenges/:id/judging", signedIn, x.JudgingShow},
		{post, "/api/v1/challenges/:id/judging/accept", signedIn, x.JudgingAccept},
		{post, "/api/v1/challenges/:id/judging/decline", signedIn, x.JudgingDecline},
		{post, "/api/v1/challenges/:id/judges", publisher, x.JudgeName},
		{del, "/api/v1/challenges/:id/judges/:user", poster, x.JudgeRemove},
		{post, "/api/v1/challenges/:id/decide", publisher, x.ChallengeDecide},
		{get, "/api/v1/proposals/:id", signedIn, x.OpenProposalShow},
		{post, "/api/v1/proposals/:id/score", signedIn, x.ProposalScore},
		{get, "/api/v1/challenges/:id/proposal", inquiryReader, x.ProposalShow},
		{post, "/api/v1/challenges/:id/proposal", trader, x.ProposalSave},
		{post, "/api/v1/challenges/:id/proposal/withdraw", negotiator, x.ProposalWithdraw},
		{get, "/api/v1/proposals", inquiryReader, x.ProposalList},

		{get, "/api/v1/contracts", signedIn, x.ContractList},
		{post, "/api/v1/contracts", contractor, x.ContractCreate},
		{get, "/api/v1/contracts/:id", signedIn, x.ContractShow},
		{get, "/api/v1/contracts/:id/incentives", signedIn, x.ContractIncentives},
		{get, "/api/v1/contracts/:id/signals", registry, x.ContractSignals},
		{post, "/api/v1/contracts/:id/signals/:signal", registrar, x.ContractSignal},
		{get, "/api/v1/samples", registry, x.SampleList},
		{post, "/api/v1/samples", clerk, x.SampleDraw},
		{get, "/api/v1/samples/:id", registry, x.SampleShow},
		{post, "/api/v1/samples/:id/contracts/:contract", clerk, x.SampleFind},
		{get, "/api/v1/contracts/:id/rewards", signedIn, x.ContractRewards},
		{patch, "/api/v1/contracts/:id", contractor, x.ContractEdit},
		{get, "/api/v1/contracts/:id/text.pdf", signedIn, s.contractPDF(paperText)},
		{get, "/api/v1/contracts/:id/print.pdf", signedIn, s.contractPDF(paperForm)},
		{get, "/api/v1/contracts/:id/certificate.pdf", signedIn, s.contractPDF(paperCertificate)},
		{get, "/api/v1/contracts/:id/notice.pdf", signedIn, s.contractPDF(paperNotice)},
		{get, "/api/v1/contracts/:id/national.xlsx", signedIn, s.contractNational},
		{post, "/api/v1/contracts/:id/files", contractor, s.slowly(uploadLimit, x.ContractFileAdd)},
		{get, "/api/v1/contracts/:id/files/:file", signedIn, x.ContractFileShow},
		{del, "/api/v1/contracts/:id/files/:file", contractor, x.ContractFileRemove},
		{post, "/api/v1/contracts/:id/payments", contractor, s.slowly(uploadLimit, x.PaymentAdd)},
		{post, "/api/v1/contracts/:id/payments/:payment/void", contractor, x.PaymentVoid},
		{post, "/api/v1/contracts/:id/submit", contractor, x.ContractSubmit},
		{post, "/api/v1/contracts/:id/withdraw", contractor, x.ContractWithdraw},
		{post, "/api/v1/contracts/:id/accept", registrar, x.ContractAccept},
		{post, "/api/v1/contracts/:id/return", registrar, x.ContractReturn},
		{post, "/api/v1/contracts/:id/pass", registrar, x.ContractPass},
		{post, "/api/v1/contracts/:id/confirm", registrar, x.ContractConfirm},
		{post, "/api/v1/contracts/:id/register", registrar, x.ContractRegister},
		{post, "/api/v1/contracts/:id/refuse", registrar, x.ContractRefuse},
		{post, "/api/v1/contracts/:id/cancel", registrar, x.ContractCancel},
		{post, "/api/v1/contracts/:id/revoke", registrar, x.ContractRevoke},
		{post, "/api/v1/contracts/:id/change", contractor, s.slowly(uploadLimit, x.ContractChange)},
		{post, "/api/v1/contracts/:id/supplement", contractor, s.slowly(uploadLimit, x.ContractSupplement)},
		{post, "/api/v1/contracts/:id/amendments/:amendment/withdraw", contractor, x.AmendmentWithdraw},
		{post, "/api/v1/contracts/:id/amendments/:amendment/pass", registrar, x.AmendmentPass},
		{post, "/api/v1/contracts/:id/amendments/:amendment/confirm", registrar, x.AmendmentConfirm},
		{post, "/api/v1/contracts/:id/amendments/:amendment/refuse", registrar, x.AmendmentRefuse},
		{post, "/api/v1/contracts/:id/objections", registrar, x.ObjectionRecord},
		{post, "/api/v1/contracts/:id/objections/:objection/propose", registrar, x.ObjectionPropose},
		{post, "/api/v1/contracts/:id/objections/:objection/return", registrar, x.ObjectionReturn},
		{post, "/api/v1/contracts/:id/objections/:objection/confirm", registrar, x.ObjectionConfirm},
		{post, "/api/v1/contracts/:id/objections/:objection/withdraw", registrar, x.ObjectionWithdraw},
		{get, "/api/v1/contracts/:id/objections/:objection/reply.pdf", registry, s.contractPDF(paperReply)},
	}
	for i := range routes {
		routes[i].handle = api.Named(routes[i].handle)
	}
	return routes
}

// slowly is h as often as the limit lets one person.
func (s *Server) slowly(l limit, h handler) handler {
	return func(c echo.Context, a market.Actor) error {
		if err := s.slowPerson(a, l); err != nil {
			return err
		}
		return h(c, a)
	}
}
