package server

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"techmarket/internal/market"
	"techmarket/web"
)

// route is a line of the route table: the access document of the site.
type route struct {
	method string
	path   string
	access access
	handle handler
}

// routes is every page and form of the site. What a person may do with a single object is decided beside its noun.
func (s *Server) routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/", public, s.homeShow},
		{get, "/search", public, s.searchShow},
		{get, "/search/suggest", public, s.searchSuggest},
		{get, "/needs", public, s.needList},
		{get, "/results", public, s.resultList},
		{get, "/turnover", public, s.turnoverShow},
		{get, "/turnover/contracts", public, s.turnoverContracts},
		{get, "/turnover.xlsx", public, s.turnoverXLSX},
		{get, "/turnover.csv", public, s.turnoverCSV},
		{get, "/bureau/turnover", registry, s.bureauTurnover},
		{get, "/bureau/turnover/contracts", registry, s.bureauTurnoverContracts},
		{get, "/bureau/month-ends", registry, s.monthEndIndex},
		{post, "/bureau/month-ends", statistician, s.monthEndClose},
		{get, "/bureau/month-ends/:id", registry, s.monthEndShow},
		{get, "/bureau/targets", registry, s.targetIndex},
		{post, "/bureau/targets", statistician, s.targetSet},
		{get, "/guide", public, s.textShow("page/guide", "办事指南", "guide")},
		{get, "/about/privacy", public, s.policyShow(market.ConsentPrivacy)},
		{get, "/about/terms", public, s.policyShow(market.ConsentTerms)},
		{get, "/about/accessibility", public, s.textShow("page/about/accessibility", "无障碍说明", "")},
		{get, "/about/api", public, s.textShow("page/about/api", "数据接口", "")},
		{post, "/preferences", public, s.preferencesSave},

		{get, "/register", public, s.userNew},
		{post, "/register", public, s.userCreate},
		{get, "/login", public, s.sessionNew},
		{post, "/login", public, s.sessionCreate},
		{get, "/login/code", public, s.codeNew},
		{post, "/login/code", public, s.codeCreate},
		{post, "/logout", signedIn, s.sessionDelete},
		{get, "/reset", public, s.resetNew},
		{post, "/reset", public, s.resetCreate},
		{get, "/reset/password", public, s.resetShow},
		{post, "/reset/password", public, s.resetDo},
		{get, "/confirm", public, s.confirmShow},
		{post, "/confirm", public, s.confirmEmail},
		{get, "/confirm/address", public, s.confirmAddressShow},
		{post, "/confirm/address", public, s.confirmAddress},

		{get, "/renew", public, s.renewalShow},
		{post, "/renew", public, s.renewalDo},

		{get, "/searches", signedIn, s.savedSearchIndex},
		{post, "/searches", signedIn, s.savedSearchCreate},
		{post, "/searches/:id", signedIn, s.savedSearchEdit},
		{post, "/searches/:id/delete", signedIn, s.savedSearchDelete},
		{get, "/searches/quiet", public, s.quietShow},
		{post, "/searches/quiet", public, s.quietDo},

		{get, "/account", signedIn, s.accountShow},
		{post, "/account", signedIn, s.accountEdit},
		{get, "/account/password", signedIn, s.passwordShow},
		{post, "/account/password", signedIn, s.passwordChange},
		{get, "/account/security", signedIn, s.securityShow},
		{get, "/account/second", signedIn, s.secondShow},
		{post, "/account/second", signedIn, s.secondSet},
		{post, "/account/second/off", signedIn, s.secondDrop},
		{post, "/account/sign-ins/:id/end", signedIn, s.signInEnd},
		{post, "/account/sign-ins/end-others", signedIn, s.signInEndOthers},
		{get, "/account/privacy", signedIn, s.privacyShow},
		{post, "/account/privacy", signedIn, s.privacyEdit},
		{get, "/account/policies", signedIn, s.policiesShow},
		{post, "/account/policies", signedIn, s.policiesAgree},
		{get, "/account/export.json", signedIn, s.personExport},
		{get, "/account/close", signedIn, s.closeShow},
		{post, "/account/close", signedIn, s.closeDo},
		{post, "/account/email", signedIn, s.emailChange},
		{post, "/account/email/resend", signedIn, s.emailResend},
		{post, "/account/tokens", signedIn, s.tokenCreate},
		{post, "/account/tokens/:id/revoke", signedIn, s.tokenRevoke},

		{get, "/org/new", signedIn, s.orgNew},
		{post, "/org", signedIn, s.orgCreate},
		{get, "/org", signedIn, s.orgOwn},
		{post, "/org/edit", owner, s.orgEdit},
		{get, "/org/changes/new", owner, s.orgChangeNew},
		{post, "/org/changes", owner, s.orgChangeCreate},
		{post, "/org/changes/:id/withdraw", owner, s.orgChangeWithdraw},
		{post, "/org/invitations", owner, s.invitationCreate},
		{post, "/org/invitations/:id/resend", owner, s.invitationResend},
		{post, "/org/invitations/:id/withdraw", owner, s.invitationWithdraw},
		{get, "/invitation", public, s.invitationShow},
		{post, "/invitation/accept", signedIn, s.invitationAccept},
		{post, "/invitation/decline", public, s.invitationDecline},
		{post, "/org/members/:id/role", owner, s.memberRole},
		{post, "/org/members/:id/hand-over", owner, s.memberHandOver},
		{post, "/org/members/:id/remove", own, s.memberRemove},
		{get, "/acting", signedIn, s.actingIndex},
		{post, "/acting", signedIn, s.actingSwitch},
		{get, "/mandates", own, s.mandateIndex},
		{get, "/mandates/new", owner, s.mandateNew},
		{post, "/mandates", owner, s.mandateGrant},
		{post, "/mandates/:id/revoke", owner, s.mandateRevoke},
		{post, "/mandates/:id/decline", owner, s.mandateDecline},
		{get, "/clients", own, s.clientIndex},
		{get, "/orgs/:id", public, s.orgShow},
		{get, "/files/:id", signedIn, s.fileShow},

		{get, "/experts", public, s.expertList},
		{get, "/institutes", public, s.instituteList},
		{get, "/agencies", public, s.agencyList},
		{get, "/experts/new", expertKeeper, s.expertNew},
		{post, "/experts", expertKeeper, s.expertCreate},
		{get, "/experts/:id", public, s.expertShow},
		{get, "/experts/:id/edit", expertKeeper, s.expertEdit},
		{post, "/experts/:id", expertKeeper, s.expertUpdate},
		{post, "/experts/:id/publish", expertKeeper, s.expertMove(s.Service.PublishExpert, "已公开")},
		{post, "/experts/:id/withdraw", expertKeeper, s.expertMove(s.Service.WithdrawExpert, "已撤下，不再公开")},
		{post, "/experts/:id/delete", expertKeeper, s.expertDelete},
		{post, "/account/experts/:id/agree", signedIn, s.expertAgree},
		{post, "/account/experts/:id/revoke", signedIn, s.expertRevoke},
		{get, "/work/experts", expertReader, s.expertDesk},
		{get, "/work/needs.xlsx", importer, s.slowly(listLimit, s.listExport(market.KindNeed))},
		{get, "/work/results.xlsx", importer, s.slowly(listLimit, s.listExport(market.KindResult))},
		{get, "/work/experts.xlsx", expertKeeper, s.slowly(listLimit, s.listExport(market.KindExpert))},
		{get, "/review/orgs.xlsx", reviewer, s.slowly(listLimit, s.listExport(market.KindOrg))},

		{get, "/review", reviewer, s.reviewIndex},
		{get, "/review/refused", reviewer, s.indexRefusals},
		{post, "/review/refused/:id/retry", reviewer, s.indexRetry},
		{get, "/review/lexicon", reviewer, s.lexiconIndex},
		{post, "/review/lexicon", reviewer, s.lexiconAdd},
		{get, "/review/lexicon/new", reviewer, s.lexiconNew},
		{get, "/review/lexicon/versions", reviewer, s.lexiconVersions},
		{get, "/review/lexicon/versions/:id", reviewer, s.lexiconVersion},
		{post, "/review/lexicon/versions/:id/restore", reviewer, s.lexiconRestore},
		{get, "/review/lexicon.txt", reviewer, s.lexiconExport},
		{get, "/review/lexicon/:id", reviewer, s.lexiconEntry},
		{post, "/review/lexicon/:id", reviewer, s.lexiconEdit},
		{post, "/review/lexicon/:id/remove", reviewer, s.lexiconRemove},
		{get, "/review/orgs/:id", reviewer, s.reviewOrg},
		{get, "/review/changes/:id", reviewer, s.reviewChange},
		{get, "/review/listings/:id", reviewer, s.reviewListing},
		{get, "/review/revisions/:id", reviewer, s.reviewRevision},
		{post, "/review/orgs/:id/claim", reviewer, s.reviewTake(market.SubjectOrg)},
		{post, "/review/orgs/:id/release", reviewer, s.reviewRelease(market.SubjectOrg)},
		{post, "/review/changes/:id/claim", reviewer, s.reviewTake(market.SubjectOrgChange)},
		{post, "/review/changes/:id/release", reviewer, s.reviewRelease(market.SubjectOrgChange)},
		{post, "/review/listings/:id/claim", reviewer, s.reviewTake("")},
		{post, "/review/listings/:id/release", reviewer, s.reviewRelease("")},
		{post, "/review/revisions/:id/claim", reviewer, s.reviewTake(market.SubjectRevision)},
		{post, "/review/revisions/:id/release", reviewer, s.reviewRelease(market.SubjectRevision)},
		{post, "/review/challenges/:id/claim", reviewer, s.reviewTake(market.SubjectChallenge)},
		{post, "/review/challenges/:id/release", reviewer, s.reviewRelease(market.SubjectChallenge)},
		{post, "/review/orgs/:id/verify", reviewer, s.orgVerify},
		{post, "/review/orgs/:id/reject", reviewer, s.orgReject},
		{post, "/review/orgs/:id/suspend", reviewer, s.orgSuspend},
		{post, "/review/orgs/:id/resume", reviewer, s.orgResume},
		{post, "/review/changes/:id/verify", reviewer, s.orgChangeVerify},
		{post, "/review/changes/:id/return", reviewer, s.orgChangeReturn},
		{post, "/review/revisions/:id/publish", reviewer, s.revisionPublish},
		{post, "/review/revisions/:id/return", reviewer, s.revisionReturn},
		{post, "/needs/:id/publish", reviewer, s.needPublish},
		{post, "/needs/:id/return", reviewer, s.needReturn},
		{post, "/results/:id/publish", reviewer, s.resultPublish},
		{post, "/results/:id/return", reviewer, s.resultReturn},

		{get, "/inquiries", inquiryReader, s.inquiryIndex},
		{post, "/inquiries", trader, s.inquiryCreate},
		{get, "/inquiries/new", trader, s.inquiryNew},
		{get, "/inquiries/:id", signedIn, s.inquiryShow},
		{post, "/inquiries/:id/answer", negotiator, s.inquiryAnswer},
		{post, "/inquiries/:id/propose", negotiator, s.inquiryPropose},
		{post, "/inquiries/:id/agree-terms", negotiator, s.inquiryAgreeTerms},
		{post, "/inquiries/:id/agree", negotiator, s.inquiryAgree},
		{post, "/inquiries/:id/decline", negotiator, s.inquiryDecline},
		{post, "/deals/:id/fall", negotiator, s.dealFall},

		{get, "/disclosures", own, s.disclosureIndex},
		{post, "/disclosures", ownVerified, s.disclosureCreate},
		{get, "/disclosures/new", ownVerified, s.disclosureNew},
		{get, "/disclosures/:id", signedIn, s.disclosureShow},
		{post, "/disclosures/:id/grant", ownEditor, s.disclosureGrant},
		{post, "/disclosures/:id/refuse", ownEditor, s.disclosureNo(s.Service.RefuseDisclosure, "已拒绝，对方会看到理由")},
		{post, "/disclosures/:id/revoke", ownEditor, s.disclosureNo(s.Service.RevokeDisclosure, "已撤回，对方从现在起不能再看，会看到理由")},
		{post, "/disclosures/:id/pledge", own, s.disclosurePledge},
		{get, "/disclosures/:id/files/:file", own, s.slowMark(s.disclosureFile)},

		{get, "/challenges", public, s.challengeIndex},
		{get, "/challenges/new", signedIn, s.challengeNew},
		{post, "/challenges", poster, s.challengeCreate},
		{get, "/challenges/:id", public, s.challengeShow},
		{get, "/challenges/:id/edit", poster, s.challengeEdit},
		{post, "/challenges/:id", poster, s.challengeUpdate},
		{post, "/challenges/:id/submit", publisher, s.challengeSubmit},
		{post, "/challenges/:id/recall", poster, s.challengeRecall},
		{post, "/challenges/:id/delete", poster, s.challengeDelete},
		{get, "/review/challenges/:id", reviewer, s.reviewChallenge},
		{post, "/challenges/:id/publish", reviewer, s.challengePublish},
		{post, "/challenges/:id/return", reviewer, s.challengeReturn},
		{post, "/challenges/:id/cancel", reviewer, s.challengeOfficial("cancel", s.Service.CancelChallenge, "榜单已终止，理由显示在页面上")},
		{post, "/challenges/:id/remand", reviewer, s.challengeOfficial("remand", s.Service.RemandChallenge, "公示的结果已退回，发榜单位重新决定")},
		{post, "/challenges/:id/questions", trader, s.challengeAsk},
		{post, "/challenges/:id/questions/:question/answer", publisher, s.challengeAnswer},
		{get, "/challenges/:id/proposal", inquiryReader, s.proposalEdit},
		{post, "/challenges/:id/proposal", trader, s.proposalSave},
		{post, "/challenges/:id/proposal/withdraw", negotiator, s.proposalWithdraw},
		{get, "/challenges/:id/judging", signedIn, s.judgingShow},
		{post, "/challenges/:id/judging/accept", signedIn, s.judgingAccept},
		{post, "/challenges/:id/judging/decline", signedIn, s.judgingDecline},
		{post, "/challenges/:id/judges", publisher, s.judgeName},
		{post, "/challenges/:id/judges/:user/remove", poster, s.judgeRemove},
		{post, "/challenges/:id/decide", publisher, s.challengeDecide},
		{get, "/proposals/:id", signedIn, s.proposalShow},
		{post, "/proposals/:id/score", signedIn, s.proposalScore},
		{get, "/work/challenges", signedIn, s.workChallenges},

		{get, "/contracts", contractReader, s.contractList},
		{get, "/contracts/new", contractor, s.contractNew},
		{post, "/contracts", contractor, s.contractCreate},
		{get, "/contracts/:id", signedIn, s.contractShow},
		{get, "/contracts/:id/text", signedIn, s.contractPaper(paperText)},
		{get, "/contracts/:id/text.pdf", signedIn, s.contractPDF(paperText)},
		{get, "/contracts/:id/print", signedIn, s.contractPaper(paperForm)},
		{get, "/contracts/:id/print.pdf", signedIn, s.contractPDF(paperForm)},
		{get, "/contracts/:id/certificate", signedIn, s.contractPaper(paperCertificate)},
		{get, "/contracts/:id/certificate.pdf", signedIn, s.contractPDF(paperCertificate)},
		{get, "/contracts/:id/copy", signedIn, s.contractCopy},
		{get, "/contracts/:id/national.xlsx", signedIn, s.contractNational},
		{get, "/contracts/:id/edit", contractor, s.contractEdit},
		{post, "/contracts/:id/edit", contractor, s.contractUpdate},
		{get, "/contracts/:id/files", contractor, s.contractFiles},
		{post, "/contracts/:id/files", contractor, s.contractFileAdd},
		{post, "/contracts/:id/files/:file/remove", contractor, s.contractFileRemove},
		{get, "/contracts/:id/payments", contractor, s.contractPayments},
		{post, "/contracts/:id/payments", contractor, s.contractPaymentAdd},
		{post, "/contracts/:id/payments/:payment/void", contractor, s.contractPaymentVoid},
		{post, "/contracts/:id/submit", contractor, s.contractSubmit},
		{post, "/contracts/:id/withdraw", contractor, s.contractWithdraw},
		{post, "/contracts/:id/accept", registrar, s.contractAccept},
		{post, "/contracts/:id/return", registrar, s.contractReturn},
		{post, "/contracts/:id/pass", registrar, s.contractPass},
		{post, "/contracts/:id/confirm", registrar, s.contractConfirm},
		{post, "/contracts/:id/register", registrar, s.contractRegister},
		{post, "/contracts/:id/refuse", registrar, s.contractRefuse},
		{post, "/contracts/:id/cancel", registrar, s.contractCancel},
		{post, "/contracts/:id/revoke", registrar, s.contractRevoke},
		{get, "/registry", registry, s.registryDesk},

		{get, "/audit", auditor, s.auditIndex},
		{get, "/audit.csv", auditor, s.auditCSV},
		{get, "/audit/anchors", auditor, s.auditAnchors},
		{post, "/audit/verify", auditor, s.auditVerify},

		{get, "/admin/users", admin, s.adminUsers},
		{post, "/admin/users", admin, s.adminUserCreate},
		{get, "/admin/users/new", admin, s.adminUserNew},
		{get, "/admin/users/:id", admin, s.adminUserShow},
		{post, "/admin/users/:id/duties", admin, s.adminUserDuties},
		{post, "/admin/users/:id/lock", admin, s.adminUserLock},
		{post, "/admin/users/:id/unlock", admin, s.adminUserUnlock},
		{post, "/admin/users/:id/second", admin, s.adminUserSecond},
		{post, "/admin/users/:id/sign-out", admin, s.adminUserSignOut},
		{post, "/admin/users/:id/start", admin, s.adminUserStart},
		{post, "/admin/users/:id/close", admin, s.adminUserClose},
		{get, "/admin/settings", admin, s.settingIndex},
		{post, "/admin/settings", admin, s.settingEdit},

		{get, "/needs/new", signedIn, s.needNew},
		{post, "/needs", poster, s.needCreate},
		{get, "/needs/:id", public, s.needShow},
		{get, "/needs/:id/edit", poster, s.needEdit},
		{post, "/needs/:id", poster, s.needUpdate},
		{post, "/needs/:id/submit", publisher, s.needSubmit},
		{post, "/needs/:id/recall", poster, s.listingRecall(market.KindNeed)},
		{post, "/needs/:id/confirm", publisher, s.listingConfirm(market.KindNeed)},
		{post, "/needs/:id/withdraw", poster, s.listingWithdraw(market.KindNeed)},
		{post, "/needs/:id/close", poster, s.listingClose(market.KindNeed)},
		{post, "/needs/:id/discard", poster, s.listingDiscard(market.KindNeed)},
		{get, "/needs/:id/revisions", signedIn, s.revisionList(market.KindNeed)},
		{post, "/needs/:id/delete", poster, s.listingDelete(market.KindNeed)},
		{get, "/listings/:id/files", poster, s.listingFiles},
		{post, "/listings/:id/files", poster, s.listingFileAdd},
		{post, "/listings/:id/files/:file", poster, s.listingFileChange},
		{post, "/listings/:id/files/:file/raise", poster, s.listingFileRaise},
		{post, "/listings/:id/files/:file/remove", poster, s.listingFileRemove},
		{get, "/pictures/:id", public, s.pictureShow},
		{get, "/attachments/:id", public, s.attachmentShow},
		{get, "/results/new", signedIn, s.resultNew},
		{post, "/results", poster, s.resultCreate},
		{get, "/results/:id", public, s.resultShow},
		{get, "/results/:id/edit", poster, s.resultEdit},
		{post, "/results/:id", poster, s.resultUpdate},
		{post, "/results/:id/submit", publisher, s.resultSubmit},
		{post, "/results/:id/recall", poster, s.listingRecall(market.KindResult)},
		{post, "/results/:id/confirm", publisher, s.listingConfirm(market.KindResult)},
		{post, "/results/:id/withdraw", poster, s.listingWithdraw(market.KindResult)},
		{post, "/results/:id/close", poster, s.listingClose(market.KindResult)},
		{post, "/results/:id/discard", poster, s.listingDiscard(market.KindResult)},
		{get, "/results/:id/revisions", signedIn, s.revisionList(market.KindResult)},
		{post, "/results/:id/delete", poster, s.listingDelete(market.KindResult)},

		{get, "/imports", signedIn, s.importList},
		{get, "/imports/new", importer, s.importNew},
		{post, "/imports", importer, s.importCreate},
		{get, "/imports/template.xlsx", signedIn, s.importTemplate},
		{get, "/imports/:id", importReader, s.importShow},
		{get, "/imports/:id/marked.xlsx", importReader, s.importMarked},
		{post, "/imports/:id/columns", importer, s.importColumns},
		{post, "/imports/:id/accept", importer, s.importAccept},
		{post, "/imports/:id/discard", importer, s.importDiscard},
		{post, "/imports/:id/undo", importer, s.importUndo},
		{get, "/review/imports/:id", reviewer, s.importReview},
		{post, "/review/imports/:id/publish", reviewer, s.importPublish},
		{post, "/review/imports/:id/return", reviewer, s.importReturn},

		{get, "/work", signedIn, s.workHome},
		{get, "/work/find", signedIn, s.findShow},
		{get, "/work/needs", member, s.workNeeds},
		{get, "/work/results", member, s.workResults},
		{get, "/work/matches", member, s.matchList},
		{post, "/matches/:id/mark", poster, s.matchMark},
		{get, "/notices", signedIn, s.noticeList},
		{post, "/notices/read", signedIn, s.noticeRead},
	}
}

// formLimits are the routes that take more than an ordinary form.
var formLimits = map[string]int64{"/imports": importBody, "/api/v1/imports": importBody * 4 / 3, "/org": paperBody, "/org/edit": paperBody, "/org/changes": paperBody, "/mandates": paperBody,
	"/listings/:id/files": paperBody, "/api/v1/listings/:id/files": paperBody * 4 / 3, "/challenges/:id/proposal": proposalBody,
	"/contracts/:id/files": paperBody, "/contracts/:id/payments": paperBody, "/api/v1/contracts/:id/files": paperBody * 4 / 3, "/api/v1/contracts/:id/payments": paperBody * 4 / 3}

func (s *Server) addRoutes(e *echo.Echo) {
	e.GET("/healthz", s.health)
	e.GET("/readyz", s.readiness)
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{})), s.localOnly)
	e.GET("/static/*", echo.WrapHandler(web.Handler()), onlyAssets, middleware.Gzip())

	sameOrigin := s.sameOrigin()
	sessions := echo.WrapMiddleware(s.sessions.LoadAndSave)
	for _, r := range s.routes() {
		handle := r.handle
		if r.method == http.MethodPost {
			handle = withForm(handle)
		}
		e.Add(r.method, r.path, s.guard(r.access, s.webActor, handle), s.limitBody(bodyLimit(r.path)), sameOrigin, sessions, s.freshSettings)
	}
	for _, r := range s.apiRoutes() {
		e.Add(r.method, r.path, s.guard(r.access, s.apiActor, r.handle), s.limitBody(bodyLimit(r.path)))
	}
	e.RouteNotFound("/*", s.guard(public, s.webActor, s.noRoute), sessions, s.freshSettings)
}

func bodyLimit(path string) int64 {
	if limit, ok := formLimits[path]; ok {
		return limit
	}
	return maxBody
}
