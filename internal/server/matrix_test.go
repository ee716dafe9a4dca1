package server

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
	"techmarket/internal/service"
)

// The people of the matrix, one account each: a guest, a user without organisation, the owners of an organisation that
// waits for verification, of a suspended one, of an agency and of another verified one, the owner, editor and viewer of
// a verified organisation, one person for each duty, one who reviews, registers and counts for the county of all these
// organisations and one who does so for another county, and four who act for a client of their agency, one under a mandate
// for everything and three under mandates for one part.
const (
	mxNobody    = ""
	mxOutside   = "guest user"
	mxTraders   = "owner editor other agency"
	mxEditors   = mxTraders + " unverified suspended"
	mxMembers   = mxEditors + " viewer"
	mxStaff     = "reviewer registrar statistician auditor admin local away"
	mxAgents    = "agent posting talking drafting" // of agencies: with a mandate for everything, and for one part only
	mxPeople    = "user " + mxMembers + " " + mxAgents + " " + mxStaff
	mxEverybody = "guest " + mxPeople
	mxReaders   = "reviewer auditor local"               // of listings, organisations and inquiries
	mxDesk      = "registrar statistician auditor local" // readers of contracts
	mxOwners    = "owner other agency unverified suspended"
	mxNotAsked  = "-"

	mxCityDesk   = "registrar statistician auditor" // of the whole city
	mxReviewers  = "reviewer local"
	mxExperts    = "other " + mxReviewers // keep experts
	mxRegistrars = "registrar local"

	mxSeers       = mxMembers + " " + mxAgents // of an organisation's own listings
	mxImporters   = mxMembers + " agent posting"
	mxPosters     = mxEditors + " agent posting"
	mxPublishers  = mxTraders + " agent posting"
	mxTalkers     = mxMembers + " agent talking" // read inquiries
	mxNegotiators = mxEditors + " agent talking"
	mxDealers     = mxTraders + " agent talking"
	mxDrafters    = mxMembers + " agent drafting" // read contracts
	mxContractors = mxEditors + " agent drafting"
	mxSellers     = mxTraders + " agent drafting"
)

// mxLine says who may call a route. Where the route is about an object, the object named by on is asked for twice: once it
// is of organisations that none of the people belongs to, and once of the asker's own organisation.
type mxLine struct {
	route   string
	on      string
	foreign string // who may, when the object is of strangers or there is none
	own     string // who may, when it is their own organisation's
}

var matrix = slices.Concat(mxSite, mxListingLines("need"), mxListingLines("result"), mxTrade, mxChallenges, mxAPI, mxLast)

var mxSite = []mxLine{
	{"GET /", "", mxEverybody, ""},
	{"GET /search", "", mxEverybody, ""},
	{"GET /search/suggest", "", mxEverybody, ""},
	{"GET /turnover", "", mxEverybody, ""},
	{"GET /turnover/contracts", "", mxEverybody, ""},
	{"GET /turnover.xlsx", "", mxEverybody, ""},
	{"GET /turnover.csv", "", mxEverybody, ""},
	{"GET /bureau/turnover", "", mxDesk + " away", ""},
	{"GET /bureau/turnover/contracts", "", mxDesk + " away", ""},
	{"GET /verify", "", mxEverybody, ""},
	{"GET /incentives", "", mxEverybody, ""},
	{"GET /guide", "", mxEverybody, ""},
	{"GET /about/privacy", "", mxEverybody, ""},
	{"GET /about/terms", "", mxEverybody, ""},
	{"GET /about/accessibility", "", mxEverybody, ""},
	{"GET /about/api", "", mxEverybody, ""},
	{"POST /preferences", "", mxEverybody, ""},
	{"GET /register", "", mxEverybody, ""},
	{"POST /register", "", mxEverybody, ""},
	{"GET /login", "", mxEverybody, ""},
	{"GET /login/code", "", mxEverybody, ""}, // leads who has not given a password to the sign-in page
	{"POST /login/code", "", mxEverybody, ""},
	{"GET /reset", "", mxEverybody, ""},
	{"POST /reset", "", mxEverybody, ""},
	{"GET /reset/password", "reset", mxEverybody, mxNotAsked},
	{"POST /reset/password", "reset", mxEverybody, mxNotAsked},
	{"GET /confirm", "confirm", mxEverybody, mxNotAsked},
	{"GET /confirm/address", "address", mxEverybody, mxNotAsked},
	{"GET /renew", "renew", mxEverybody, mxNotAsked},
	{"POST /renew", "renew", mxEverybody, mxNotAsked},
	{"POST /confirm", "confirm", mxEverybody, mxNotAsked},
	{"GET /invitation", "invite", mxEverybody, mxNotAsked},
	{"POST /invitation/decline", "invite", mxEverybody, mxNotAsked},
	{"POST /confirm/address", "address", mxEverybody, mxNotAsked},

	{"GET /searches", "", mxPeople, ""},
	{"POST /searches", "", mxPeople, ""},
	{"POST /searches/:id", "search", mxNobody, mxPeople},
	{"POST /searches/:id/delete", "search", mxNobody, mxPeople},
	{"GET /searches/quiet", "quiet", mxEverybody, mxNotAsked},
	{"POST /searches/quiet", "quiet", mxEverybody, mxNotAsked},
	{"GET /account", "", mxPeople, ""},
	{"POST /account", "", mxPeople, ""},
	{"POST /account/email", "", mxPeople, ""},
	{"GET /account/password", "", mxPeople, ""},
	{"GET /account/security", "", mxPeople, ""},
	{"GET /account/second", "", mxPeople, ""},
	{"POST /account/sign-ins/:id/end", "sign-in", mxNobody, mxPeople},
	{"GET /account/privacy", "", mxPeople, ""},
	{"POST /account/privacy", "", mxPeople, ""},
	{"GET /account/policies", "", mxPeople, ""}, // leads on those who have agreed
	{"POST /account/policies", "", mxPeople, ""},
	{"GET /account/export.json", "", mxPeople, ""},
	{"GET /account/close", "", mxPeople, ""},
	{"POST /account/tokens", "", mxPeople, ""},
	{"POST /account/tokens/:id/revoke", "token", mxNobody, mxPeople},
	{"GET /work", "", mxPeople, ""},
	{"GET /work/find", "", mxPeople, ""},
	{"GET /work/needs", "", mxSeers, ""},
	{"GET /work/results", "", mxSeers, ""},
	{"GET /work/matches", "", mxSeers, ""},
	{"POST /matches/:id/mark", "match", mxNobody, mxPosters},
	{"GET /notices", "", mxPeople, ""},
	{"POST /notices/read", "", mxPeople, ""},

	{"GET /org/new", "", mxPeople, ""},
	{"GET /org", "", cut(mxPeople, strings.Fields(mxAgents)...), ""}, // leads those without one to the form
	{"POST /org/edit", "", "owner other agency unverified", ""},
	{"GET /org/changes/new", "", "owner other agency", ""},
	{"POST /org/changes", "", "owner other agency", ""},
	{"POST /org/changes/:id/withdraw", "change", mxNobody, "owner other agency"},
	{"POST /org/invitations", "", mxOwners, ""},
	{"POST /org/invitations/:id/resend", "invitation", mxNobody, mxOwners},
	{"POST /org/invitations/:id/withdraw", "invitation", mxNobody, mxOwners},
	{"POST /org/members/:id/role", "member", mxNobody, mxOwners},
	{"POST /org/members/:id/remove", "member", mxNobody, mxOwners},
	{"GET /acting", "", mxPeople, ""},
	{"POST /acting", "", mxPeople, ""},
	{"GET /mandates", "", mxMembers, ""},
	{"GET /mandates/new", "", mxOwners, ""},
	{"POST /mandates", "", "owner other agency", ""},
	{"POST /mandates/:id/revoke", "mandate", mxNobody, mxOwners},
	{"POST /mandates/:id/revoke", "held mandate", mxNobody, mxNobody},
	{"POST /mandates/:id/decline", "held mandate", mxNobody, mxOwners},
	{"POST /mandates/:id/decline", "mandate", mxNobody, mxNobody},
	{"GET /clients", "", mxMembers, ""},
	{"GET /files/:id", "licence", mxReaders, mxMembers},
	{"GET /orgs/:id", "org verified", mxEverybody, mxNotAsked},
	{"GET /orgs/:id", "org pending", mxReaders, mxNotAsked},
	{"GET /orgs/:id", "org", mxNotAsked, mxSeers},

	{"GET /experts", "", mxEverybody, ""},
	{"GET /institutes", "", mxEverybody, ""},
	{"GET /agencies", "", mxEverybody, ""},
	{"GET /work/experts", "", mxExperts + " away", ""},
	{"GET /experts/new", "", mxExperts + " away", ""},
	{"GET /work/experts.xlsx", "", mxExperts + " away", ""},
	{"GET /work/needs.xlsx", "", mxPosters, ""},
	{"GET /work/results.xlsx", "", mxPosters, ""},
	{"GET /review/orgs.xlsx", "", mxReviewers + " away", ""},
	{"POST /experts", "", mxExperts + " away", ""},
	{"GET /experts/:id", "expert public", mxEverybody, mxSeers},
	{"GET /experts/:id", "expert draft", mxReaders, mxMembers},
	{"GET /experts/:id/edit", "expert draft", mxReviewers, "other"},
	{"GET /experts/:id/edit", "expert public", mxReviewers, "other"},
	{"POST /experts/:id", "expert draft", mxReviewers, "other"},
	{"POST /experts/:id/publish", "expert draft", mxReviewers, "other"},
	{"POST /experts/:id/withdraw", "expert public", mxReviewers, "other"},
	{"POST /experts/:id/delete", "expert draft", mxReviewers, "other"},
	{"POST /account/experts/:id/agree", "expert draft", mxNobody, mxNobody},
	{"POST /account/experts/:id/agree", "about draft", mxNobody, mxSeers},
	{"POST /account/experts/:id/revoke", "expert public", mxNobody, mxNobody},
	{"POST /account/experts/:id/revoke", "about public", mxNobody, mxSeers},

	{"GET /review", "", mxReviewers + " away", ""},
	{"GET /review/refused", "", mxReviewers + " away", ""},
	{"POST /review/refused/:id/retry", "refused need", mxReviewers, mxNotAsked},
	{"GET /review/lexicon", "", mxReviewers + " away", ""},
	{"POST /review/lexicon", "", "reviewer", ""},
	{"GET /review/lexicon/new", "", "reviewer", ""},
	{"GET /review/lexicon/versions", "", mxReviewers + " away", ""},
	{"GET /review/lexicon/versions/:id", "lexicon", mxReviewers + " away", mxNotAsked},
	{"POST /review/lexicon/versions/:id/restore", "lexicon old", "reviewer", mxNotAsked},
	{"GET /review/lexicon.txt", "", mxReviewers + " away", ""},
	{"GET /review/lexicon/:id", "lexicon", "reviewer", mxNotAsked},
	{"POST /review/lexicon/:id", "lexicon", "reviewer", mxNotAsked},
	{"POST /review/lexicon/:id/remove", "lexicon", "reviewer", mxNotAsked},
	{"GET /review/orgs/:id", "org pending", mxReviewers, mxNotAsked},
	{"POST /review/orgs/:id/claim", "org pending", mxReviewers, mxNotAsked},
	{"POST /review/orgs/:id/release", "org pending", mxReviewers, mxNotAsked},
	{"POST /review/changes/:id/claim", "change", mxReviewers, mxNobody},
	{"POST /review/changes/:id/release", "change", mxReviewers, mxNobody},
	{"POST /review/listings/:id/claim", "need in_review", mxReviewers, mxNobody},
	{"POST /review/listings/:id/claim", "result published", mxNobody, mxNobody},
	{"POST /review/listings/:id/release", "result in_review", mxReviewers, mxNobody},
	{"POST /review/revisions/:id/claim", "revision in_review", mxReviewers, mxNobody},
	{"POST /review/revisions/:id/release", "revision in_review", mxReviewers, mxNobody},
	{"POST /review/orgs/:id/verify", "org pending", mxReviewers, mxNotAsked},
	{"POST /review/orgs/:id/reject", "org pending", mxReviewers, mxNotAsked},
	{"POST /review/orgs/:id/suspend", "org verified", mxReviewers, mxNotAsked},
	{"POST /review/orgs/:id/resume", "org suspended", mxReviewers, mxNotAsked},
	{"POST /review/orgs/:id/verify", "org", mxNotAsked, mxNobody},
	{"GET /review/changes/:id", "change", mxReviewers, mxNobody},
	{"POST /review/changes/:id/verify", "change", mxReviewers, mxNobody},
	{"POST /review/changes/:id/return", "change", mxReviewers, mxNobody},
	{"POST /review/orgs/:id/resume", "org", mxNotAsked, mxNobody},
	{"GET /review/listings/:id", "need in_review", mxReviewers, mxNobody},
	{"GET /review/listings/:id", "result in_review", mxReviewers, mxNobody},
	{"GET /review/revisions/:id", "revision in_review", mxReviewers, mxNobody},
	{"GET /review/revisions/:id", "revision draft", mxNobody, mxNobody},
	{"POST /review/revisions/:id/publish", "revision in_review", mxReviewers, mxNobody},
	{"POST /review/revisions/:id/return", "revision in_review", mxReviewers, mxNobody},
}

// mxListingLines are the lines of needs, and those of results, which are the same.
func mxListingLines(kind string) []mxLine {
	at := "/" + kind + "s"
	draft, waiting, public := kind+" draft", kind+" in_review", kind+" published"
	return []mxLine{
		{"GET " + at, "", mxEverybody, ""},
		{"GET " + at + "/new", "", cut(mxPeople, "viewer", "talking", "drafting"), ""}, // leads those without organisation to its form
		{"POST " + at, "", mxPosters, ""},
		{"GET " + at + "/:id", public, mxEverybody, mxSeers},
		{"GET " + at + "/:id", waiting, mxReaders, mxSeers},
		{"GET " + at + "/:id", draft, mxNobody, mxSeers},
		{"GET " + at + "/:id/edit", draft, mxNobody, mxPosters},
		{"GET " + at + "/:id/edit", public, mxNobody, mxPosters},
		{"POST " + at + "/:id", draft, mxNobody, mxPosters},
		{"POST " + at + "/:id", public, mxNobody, mxPosters},
		{"POST " + at + "/:id/submit", "edited " + kind + " draft", mxNobody, mxPublishers},
		{"POST " + at + "/:id/recall", "edited " + kind + " in_review", mxNobody, mxPosters},
		{"POST " + at + "/:id/discard", "edited " + kind + " draft", mxNobody, mxPosters},
		{"GET " + at + "/:id/revisions", "edited " + kind + " in_review", mxReaders, mxSeers},
		{"POST " + at + "/:id/submit", draft, mxNobody, mxPublishers},
		{"POST " + at + "/:id/recall", waiting, mxNobody, mxPosters},
		{"POST " + at + "/:id/confirm", public, mxNobody, mxPublishers},
		{"POST " + at + "/:id/withdraw", public, mxNobody, mxPosters},
		{"POST " + at + "/:id/close", public, mxNobody, mxPosters},
		{"POST " + at + "/:id/delete", draft, mxNobody, mxPosters},
		{"POST " + at + "/:id/publish", waiting, mxReviewers, mxNobody},
		{"POST " + at + "/:id/publish", draft, mxNobody, mxNobody},
		{"POST " + at + "/:id/return", waiting, mxReviewers, mxNobody},
	}
}

var mxTrade = []mxLine{
	{"GET /inquiries", "", mxTalkers, ""},
	{"GET /inquiries/new", "need published", mxDealers, mxNotAsked},
	{"GET /inquiries/new", "need draft", mxNobody, mxNotAsked},
	{"POST /inquiries", "need published", mxDealers, mxNotAsked},
	{"POST /inquiries", "need draft", mxNobody, mxNotAsked},
	{"GET /inquiries/:id", "inquiry open", mxReaders, mxTalkers},
	{"POST /inquiries/:id/answer", "inquiry open", mxNobody, mxDealers},
	{"POST /inquiries/:id/propose", "inquiry answered", mxNobody, mxDealers},
	{"POST /inquiries/:id/agree-terms", "inquiry negotiating", mxNobody, mxDealers},
	{"POST /inquiries/:id/agree", "inquiry settled", mxNobody, mxDealers},
	{"POST /inquiries/:id/decline", "inquiry open", mxNobody, mxNegotiators},
	{"POST /deals/:id/fall", "deal agreed", mxNobody, mxNegotiators},

	{"GET /disclosures", "", mxMembers, ""},
	{"GET /disclosures/new", "need gated", mxTraders, mxNotAsked},
	{"GET /disclosures/new", "need draft", mxNobody, mxNotAsked},
	{"POST /disclosures", "need gated", mxTraders, mxNotAsked},
	{"POST /disclosures", "need draft", mxNobody, mxNotAsked},
	{"GET /disclosures/:id", "disclosure requested", "auditor", mxMembers},
	{"GET /disclosures/:id", "sent disclosure granted", "auditor", mxMembers},
	{"POST /disclosures/:id/grant", "disclosure requested", mxNobody, mxTraders},
	{"POST /disclosures/:id/grant", "sent disclosure requested", mxNobody, mxNobody},
	{"POST /disclosures/:id/refuse", "disclosure requested", mxNobody, mxEditors},
	{"POST /disclosures/:id/revoke", "disclosure granted", mxNobody, mxEditors},
	{"POST /disclosures/:id/revoke", "sent disclosure granted", mxNobody, mxNobody},
	{"POST /disclosures/:id/pledge", "sent disclosure granted", mxNobody, mxTraders + " viewer"},
	{"POST /disclosures/:id/pledge", "sent disclosure requested", mxNobody, mxNobody},

	{"GET /disclosures/:id/files/:file", "opened", mxNobody, mxTraders + " viewer"},

	{"GET /listings/:id/files", "attached draft", mxNobody, mxPosters},
	{"POST /listings/:id/files", "attached draft", mxNobody, mxPosters},
	{"POST /listings/:id/files/:file", "attached draft", mxNobody, mxPosters},
	{"POST /listings/:id/files/:file/raise", "attached draft", mxNobody, mxPosters},
	{"POST /listings/:id/files/:file/remove", "attached draft", mxNobody, mxPosters},
	{"GET /pictures/:id", "picture published", mxEverybody, mxSeers},
	{"GET /pictures/:id", "picture in_review", mxReaders, mxSeers},
	{"GET /pictures/:id", "picture draft", mxNobody, mxSeers},
	{"GET /pictures/:id", "gated published", mxNobody, mxNobody}, // never shown by a browser
	{"GET /attachments/:id", "public published", mxEverybody, mxSeers},
	{"GET /attachments/:id", "gated published", "reviewer local", mxSeers},
	{"GET /attachments/:id", "gated in_review", "reviewer local", mxSeers},
	{"GET /attachments/:id", "gated draft", mxNobody, mxSeers},

	{"GET /contracts", "", mxDrafters, ""},
	{"GET /contracts/new", "", mxSellers, ""},
	{"POST /contracts", "", mxSellers, ""},
	{"GET /contracts/:id", "contract draft", "auditor", mxDrafters},
	{"GET /contracts/:id", "contract submitted", mxDesk, mxDrafters},
	{"GET /contracts/:id", "bought contract draft", "auditor", mxNobody},
	{"GET /contracts/:id", "bought contract submitted", mxDesk, mxDrafters},
	{"GET /contracts/:id/print", "contract draft", "auditor", mxDrafters},
	{"GET /contracts/:id/print", "contract submitted", mxDesk, mxDrafters},
	{"GET /contracts/:id/text", "contract draft", "auditor", mxDrafters},
	{"GET /contracts/:id/text.pdf", "contract draft", "auditor", mxDrafters},
	{"GET /contracts/:id/print.pdf", "contract draft", "auditor", mxDrafters},
	{"GET /contracts/:id/copy", "contract draft", "auditor", mxDrafters},
	{"GET /contracts/:id/national.xlsx", "contract draft", "auditor", mxDrafters},
	{"GET /contracts/:id/copy", "contract submitted", mxDesk, mxDrafters},
	{"GET /contracts/:id/certificate", "contract registered", mxDesk, mxDrafters},
	{"GET /contracts/:id/certificate.pdf", "contract registered", mxDesk, mxDrafters},
	{"GET /contracts/:id/notice", "removed contract registered", mxDesk, mxDrafters},
	{"GET /contracts/:id/notice.pdf", "removed contract registered", mxDesk, mxDrafters},
	{"GET /contracts/:id/edit", "contract draft", mxNobody, mxContractors},
	{"GET /contracts/:id/edit", "bought contract submitted", mxNobody, mxNobody},
	{"POST /contracts/:id/edit", "contract draft", mxNobody, mxContractors},
	{"POST /contracts/:id/edit", "contract supplement", mxNobody, mxContractors},
	{"POST /contracts/:id/edit", "bought contract submitted", mxNobody, mxNobody},
	{"GET /contracts/:id/files", "contract draft", mxNobody, mxContractors},
	{"GET /contracts/:id/files", "bought contract submitted", mxNobody, mxNobody},
	{"POST /contracts/:id/files", "contract draft", mxNobody, mxContractors},
	{"POST /contracts/:id/files", "bought contract submitted", mxNobody, mxNobody},
	{"POST /contracts/:id/files/:file/remove", "filed contract draft", mxNobody, mxContractors},
	{"GET /contracts/:id/payments", "contract registered", mxNobody, mxContractors},
	{"GET /contracts/:id/payments", "bought contract submitted", mxNobody, mxContractors},
	{"POST /contracts/:id/payments", "contract registered", mxNobody, mxContractors},
	{"POST /contracts/:id/payments", "bought contract submitted", mxNobody, mxContractors},
	{"POST /contracts/:id/payments/:payment/void", "paid contract registered", mxNobody, mxContractors},
	{"POST /contracts/:id/submit", "contract draft", mxNobody, mxSellers},
	{"POST /contracts/:id/withdraw", "contract submitted", mxNobody, mxContractors},
	{"POST /contracts/:id/withdraw", "bought contract submitted", mxNobody, mxNobody},
	{"POST /contracts/:id/accept", "contract submitted", mxRegistrars, mxNobody},
	{"POST /contracts/:id/accept", "contract draft", mxNobody, mxNobody},
	{"POST /contracts/:id/return", "contract accepted", mxRegistrars, mxNobody},
	{"POST /contracts/:id/pass", "contract accepted", mxRegistrars, mxNobody},
	{"POST /contracts/:id/confirm", "contract second_review", mxRegistrars, mxNobody},
	{"POST /contracts/:id/register", "contract to_register", mxRegistrars, mxNobody},
	{"POST /contracts/:id/refuse", "contract accepted", mxRegistrars, mxNobody},
	{"POST /contracts/:id/cancel", "contract registered", mxRegistrars, mxNobody},
	{"POST /contracts/:id/revoke", "contract registered", mxRegistrars, mxNobody},
	{"POST /contracts/:id/signals/:signal", "signalled contract accepted", mxRegistrars, mxNobody},
	{"GET /contracts/:id/change", "contract registered", mxNobody, mxContractors},
	{"GET /contracts/:id/change", "bought contract submitted", mxNobody, mxNobody},
	{"POST /contracts/:id/change", "contract registered", mxNobody, mxSellers},
	{"GET /contracts/:id/supplement", "royalty contract registered", mxNobody, mxContractors},
	{"POST /contracts/:id/supplement", "royalty contract registered", mxNobody, mxSellers},
	{"GET /contracts/:id/versions/:number", "contract registered", mxDesk, mxDrafters},
	{"GET /contracts/:id/amendments/:amendment", "amended contract registered", mxDesk, mxDrafters},
	{"POST /contracts/:id/amendments/:amendment/withdraw", "amended contract registered", mxNobody, mxContractors},
	{"POST /contracts/:id/amendments/:amendment/pass", "twice contract registered", mxRegistrars, mxNobody},
	{"POST /contracts/:id/amendments/:amendment/confirm", "amended contract registered", mxRegistrars, mxNobody},
	{"POST /contracts/:id/amendments/:amendment/refuse", "amended contract registered", mxRegistrars, mxNobody},
	{"GET /contracts/:id/objections/new", "contract registered", mxRegistrars, mxNobody},
	{"POST /contracts/:id/objections", "contract registered", mxRegistrars, mxNobody},
	{"GET /contracts/:id/objections/:objection", "objected contract registered", mxDesk, mxDrafters},
	{"GET /contracts/:id/objections/:objection/reply", "answered contract registered", mxDesk, mxNobody},
	{"GET /contracts/:id/objections/:objection/reply.pdf", "answered contract registered", mxDesk, mxNobody},
	{"POST /contracts/:id/objections/:objection/propose", "objected contract registered", mxRegistrars, mxNobody},
	{"POST /contracts/:id/objections/:objection/return", "proposed contract registered", mxRegistrars, mxNobody},
	{"POST /contracts/:id/objections/:objection/confirm", "proposed contract registered", mxRegistrars, mxNobody},
	{"POST /contracts/:id/objections/:objection/withdraw", "objected contract registered", mxRegistrars, mxNobody},
	{"GET /registry", "", mxDesk + " away", ""},
	{"GET /registry/samples", "", mxDesk + " away", ""},
	{"POST /registry/samples", "sample", "registrar statistician local away", mxNotAsked}, // after a registration, so that there is something to draw
	{"GET /registry/samples/:id", "sample", mxCityDesk, mxNotAsked},
	{"GET /registry/samples/:id/print", "sample", mxCityDesk, mxNotAsked},
	{"POST /registry/samples/:id/contracts/:contract", "sample", "registrar statistician", mxNotAsked},

	{"GET /audit", "", "auditor", ""},
	{"GET /audit.csv", "", "auditor", ""},
	{"GET /audit/anchors", "", "auditor", ""},
	{"POST /audit/verify", "", "auditor", ""},

	{"GET /admin/users", "", "admin", ""},
	{"GET /admin/users/new", "", "admin", ""},
	{"POST /admin/users", "", "admin", ""},
	{"GET /admin/users/:id", "account", "admin", mxNotAsked},
	{"POST /admin/users/:id/duties", "account", "admin", mxNotAsked},
	{"POST /admin/users/:id/lock", "account", "admin", mxNotAsked},
	{"POST /admin/users/:id/unlock", "account locked", "admin", mxNotAsked},
	{"POST /admin/users/:id/second", "account", "admin", mxNotAsked},
	{"POST /admin/users/:id/sign-out", "account", "admin", mxNotAsked},
	{"POST /admin/users/:id/start", "account", "admin", mxNotAsked},
	{"POST /admin/users/:id/close", "account", "admin", mxNotAsked},
	{"GET /bureau/month-ends", "", mxDesk + " away", ""},
	{"POST /bureau/month-ends", "month open", "statistician", mxNotAsked},
	{"GET /bureau/month-ends/:id", "month closed", mxDesk + " away", mxNotAsked},
	{"GET /bureau/month-ends/:id/export.xlsx", "month closed", mxDesk + " away", mxNotAsked},
	{"GET /bureau/targets", "", mxDesk + " away", ""},
	{"POST /bureau/targets", "", "statistician", ""}, // officers of a county read its targets
	{"GET /bureau/rewards", "", mxCityDesk, ""},      // a party's year cannot be cut by counties
	{"POST /bureau/rewards", "", "statistician", ""},
	{"GET /bureau/rewards/new", "", "statistician", ""},
	{"GET /bureau/rewards/:id", "reward", mxCityDesk, mxNotAsked},
	{"POST /bureau/rewards/:id", "reward", "statistician", mxNotAsked},
	{"GET /bureau/rewards/:id/edit", "reward", "statistician", mxNotAsked},
	{"GET /bureau/rewards/:id/rewards.xlsx", "reward", mxCityDesk, mxNotAsked},
	{"GET /bureau/rewards/:id/rewards.csv", "reward", mxCityDesk, mxNotAsked},
	{"GET /bureau/reconciliation", "", mxCityDesk, ""}, // an export cannot be cut by counties
	{"POST /bureau/reconciliation", "", "statistician", ""},
	{"GET /bureau/reconciliation/template.xlsx", "", mxDesk + " away", ""},
	{"GET /bureau/reconciliation/files/:id", "period file", mxCityDesk, mxNotAsked},
	{"GET /bureau/reconciliation/files/:id/export.xlsx", "period file", mxCityDesk, mxNotAsked},
	{"POST /bureau/reconciliation/files/:id/columns", "period file", "statistician", mxNotAsked},
	{"POST /bureau/reconciliation/files/:id/take", "period file", "statistician", mxNotAsked},
	{"POST /bureau/reconciliation/files/:id/discard", "period file", "statistician", mxNotAsked},
	{"GET /bureau/reconciliation/:id", "period open", mxCityDesk, mxNotAsked},
	{"GET /bureau/reconciliation/:id/lists.xlsx", "period open", mxCityDesk, mxNotAsked},
	{"GET /bureau/reconciliation/:id/statement", "period open", mxCityDesk, mxNotAsked},
	{"GET /bureau/reconciliation/:id/letter", "period letter", mxCityDesk, mxNotAsked},
	{"POST /bureau/reconciliation/:id/decide", "period open", "statistician", mxNotAsked},
	{"POST /bureau/reconciliation/:id/undo", "period decided", "statistician", mxNotAsked},
	{"POST /bureau/reconciliation/:id/confirm", "period decided", "registrar statistician", mxNotAsked},
	{"POST /bureau/reconciliation/:id/pair", "period pair", "statistician", mxNotAsked},
	{"POST /bureau/reconciliation/:id/register", "period wait", "registrar", mxNotAsked},
	{"POST /bureau/reconciliation/:id/close", "period done", "statistician", mxNotAsked},
	{"GET /bureau/reconciliation/:id/contracts/:contract/change", "period correct", "registrar", mxNotAsked},
	{"POST /bureau/reconciliation/:id/contracts/:contract/change", "period correct", "registrar", mxNotAsked},
	{"GET /admin/retention", "", "admin auditor", ""},
	{"GET /admin/settings", "", "admin", ""},
	{"POST /admin/settings", "", "admin", ""},

	{"GET /imports", "", cut(mxPeople, "talking", "drafting"), ""}, // leads those without organisation to its form
	{"GET /imports/new", "", mxPosters + " " + mxReviewers + " away", ""},
	{"POST /imports", "", mxPosters, ""}, // of results; TestImportByBureau says who imports what else
	{"GET /imports/template.xlsx", "", mxPeople, ""},
	{"GET /imports/:id", "import checked", mxNobody, mxImporters},
	{"GET /imports/:id", "import in_review", mxNobody, mxImporters},
	{"GET /imports/:id/marked.xlsx", "import checked", mxNobody, mxImporters},
	{"POST /imports/:id/columns", "import checked", mxNobody, mxPosters},
	{"POST /imports/:id/columns", "import in_review", mxNobody, mxNotAsked},
	{"POST /imports/:id/accept", "import checked", mxNobody, mxPosters},
	{"POST /imports/:id/discard", "import checked", mxNobody, mxPosters},
	{"POST /imports/:id/undo", "import in_review", mxNobody, mxPosters},
	{"GET /imports/:id", "list org checked", mxReviewers, mxNotAsked},
	{"GET /imports/:id", "list expert checked", mxNobody, mxMembers},
	{"GET /imports/:id/marked.xlsx", "list org checked", mxReviewers, mxNotAsked},
	{"POST /imports/:id/accept", "list org checked", mxReviewers, mxNotAsked},
	{"POST /imports/:id/accept", "list expert checked", mxNobody, "other"},
	{"POST /imports/:id/discard", "list org checked", mxReviewers, mxNotAsked},
	{"POST /imports/:id/discard", "list expert checked", mxNobody, "other"},
	{"POST /imports/:id/undo", "list org done", mxReviewers, mxNotAsked},
	{"POST /imports/:id/undo", "list expert done", mxNobody, "other"},
	{"GET /review/imports/:id", "import in_review", mxReviewers, mxNobody},
	{"GET /review/imports/:id", "import checked", mxNobody, mxNobody},
	{"POST /review/imports/:id/publish", "import in_review", mxReviewers, mxNobody},
	{"POST /review/imports/:id/return", "import in_review", mxReviewers, mxNobody},
}

var mxAPI = slices.Concat([]mxLine{
	{"GET /api/v1/openapi.json", "", mxEverybody, ""},
	{"GET /api/v1/search", "", mxEverybody, ""},
	{"GET /api/v1/turnover", "", mxEverybody, ""},
	{"GET /api/v1/turnover/contracts", "", mxEverybody, ""},
	{"GET /api/v1/incentives", "", mxEverybody, ""},
	{"GET /api/v1/month-ends", "", mxDesk + " away", ""},
	{"POST /api/v1/month-ends", "month open", "statistician", mxNotAsked},
	{"GET /api/v1/month-ends/:id", "month closed", mxDesk + " away", mxNotAsked},
	{"GET /api/v1/reconciliations", "", mxDesk + " away", ""}, // those of a county find none
	{"GET /api/v1/reconciliations/:id", "period letter", mxCityDesk, mxNotAsked},
	{"GET /api/v1/reconciliations/:id/lists.xlsx", "period open", mxCityDesk, mxNotAsked},
	{"GET /api/v1/reconciliations/:id/files", "period letter", mxCityDesk, mxNotAsked},
	{"POST /api/v1/reconciliations/files", "", "statistician", ""},
	{"GET /api/v1/reconciliations/files/:id", "period file", mxCityDesk, mxNotAsked},
	{"GET /api/v1/reconciliations/files/:id/rows", "period file", mxCityDesk, mxNotAsked},
	{"POST /api/v1/reconciliations/files/:id/columns", "period file", "statistician", mxNotAsked},
	{"POST /api/v1/reconciliations/files/:id/take", "period file", "statistician", mxNotAsked},
	{"POST /api/v1/reconciliations/files/:id/discard", "period file", "statistician", mxNotAsked},
	{"POST /api/v1/reconciliations/:id/decide", "period open", "statistician", mxNotAsked},
	{"POST /api/v1/reconciliations/:id/undo", "period decided", "statistician", mxNotAsked},
	{"POST /api/v1/reconciliations/:id/confirm", "period decided", "registrar statistician", mxNotAsked},
	{"POST /api/v1/reconciliations/:id/pair", "period pair", "statistician", mxNotAsked},
	{"POST /api/v1/reconciliations/:id/register", "period wait", "registrar", mxNotAsked},
	{"POST /api/v1/reconciliations/:id/close", "period done", "statistician", mxNotAsked},
	{"POST /api/v1/reconciliations/:id/contracts/:contract/change", "period correct", "registrar", mxNotAsked},
	{"GET /api/v1/retention", "", "admin auditor", ""},
	{"GET /api/v1/targets", "", mxDesk + " away", ""},
	{"POST /api/v1/targets", "", "statistician", ""},
	{"GET /api/v1/rewards", "", mxDesk + " away", ""}, // those of a county find none
	{"POST /api/v1/rewards", "", "statistician", ""},
	{"GET /api/v1/rewards/:id", "reward", mxCityDesk, mxNotAsked},
	{"GET /api/v1/rewards/:id/contracts", "reward", mxCityDesk, mxNotAsked},
	{"POST /api/v1/rewards/:id", "reward", "statistician", mxNotAsked},
	{"GET /api/v1/acting", "", mxPeople, ""},
	{"GET /api/v1/searches", "", mxPeople, ""},
	{"POST /api/v1/searches", "", mxPeople, ""},
	{"PATCH /api/v1/searches/:id", "search", mxNobody, mxPeople},
	{"DELETE /api/v1/searches/:id", "search", mxNobody, mxPeople},
	{"GET /api/v1/matches", "", mxSeers, ""},
	{"POST /api/v1/matches/:id/mark", "match", mxNobody, mxPosters},

	{"GET /api/v1/listings/:id/files", "attached draft", mxNobody, mxPosters},
	{"POST /api/v1/listings/:id/files", "attached draft", mxNobody, mxPosters},
	{"PATCH /api/v1/listings/:id/files/:file", "attached draft", mxNobody, mxPosters},
	{"POST /api/v1/listings/:id/files/:file/raise", "attached draft", mxNobody, mxPosters},
	{"DELETE /api/v1/listings/:id/files/:file", "attached draft", mxNobody, mxPosters},
	{"GET /api/v1/review", "", mxReviewers + " away", ""},
	{"POST /api/v1/review/claim", "need in_review", mxReviewers, mxNobody},
	{"POST /api/v1/review/release", "need in_review", mxReviewers, mxNobody},
	{"POST /api/v1/revisions/:id/publish", "revision in_review", mxReviewers, mxNobody},
	{"POST /api/v1/revisions/:id/return", "revision in_review", mxReviewers, mxNobody},
	{"GET /api/v1/experts", "", mxEverybody, ""},
	{"GET /api/v1/experts/:id", "expert public", mxEverybody, mxNotAsked},
	{"GET /api/v1/experts/:id", "expert draft", mxNobody, mxNobody},
	{"GET /api/v1/institutes", "", mxEverybody, ""},
	{"GET /api/v1/agencies", "", mxEverybody, ""},
	{"GET /api/v1/imports", "", mxSeers + " " + mxReviewers + " away", ""},
	{"POST /api/v1/imports", "", mxPosters, ""},
	{"GET /api/v1/imports/:id", "import checked", mxNobody, mxImporters},
	{"GET /api/v1/imports/:id", "list org checked", mxReviewers, mxNotAsked},
	{"GET /api/v1/imports/:id/rows", "import checked", mxNobody, mxImporters},
	{"POST /api/v1/imports/:id/columns", "import checked", mxNobody, mxPosters},
	{"POST /api/v1/imports/:id/accept", "import checked", mxNobody, mxPosters},
	{"POST /api/v1/imports/:id/accept", "list org checked", mxReviewers, mxNotAsked},
	{"POST /api/v1/imports/:id/discard", "import checked", mxNobody, mxPosters},
	{"POST /api/v1/imports/:id/undo", "import in_review", mxNobody, mxPosters},
	{"GET /api/v1/needs.xlsx", "", mxPosters, ""},
	{"GET /api/v1/results.xlsx", "", mxPosters, ""},
	{"GET /api/v1/experts.xlsx", "", mxExperts + " away", ""},
	{"GET /api/v1/orgs.xlsx", "", mxReviewers + " away", ""},

	{"GET /api/v1/inquiries", "", mxTalkers, ""},
	{"POST /api/v1/inquiries", "need published", mxDealers, mxNotAsked},
	{"POST /api/v1/inquiries", "need draft", mxNobody, mxNotAsked},
	{"GET /api/v1/inquiries/:id", "inquiry open", mxReaders, mxTalkers},
	{"POST /api/v1/inquiries/:id/answer", "inquiry open", mxNobody, mxDealers},
	{"POST /api/v1/inquiries/:id/propose", "inquiry answered", mxNobody, mxDealers},
	{"POST /api/v1/inquiries/:id/agree-terms", "inquiry negotiating", mxNobody, mxDealers},
	{"POST /api/v1/inquiries/:id/agree", "inquiry settled", mxNobody, mxDealers},
	{"POST /api/v1/inquiries/:id/decline", "inquiry open", mxNobody, mxNegotiators},
	{"POST /api/v1/deals/:id/fall", "deal agreed", mxNobody, mxNegotiators},

	{"GET /api/v1/disclosures", "", mxMembers, ""},
	{"POST /api/v1/disclosures", "need gated", mxTraders, mxNotAsked},
	{"POST /api/v1/disclosures", "need draft", mxNobody, mxNotAsked},
	{"GET /api/v1/disclosures/:id", "disclosure requested", "auditor", mxMembers},
	{"GET /api/v1/disclosures/:id", "sent disclosure granted", "auditor", mxMembers},
	{"POST /api/v1/disclosures/:id/grant", "disclosure requested", mxNobody, mxTraders},
	{"POST /api/v1/disclosures/:id/grant", "sent disclosure requested", mxNobody, mxNobody},
	{"POST /api/v1/disclosures/:id/refuse", "disclosure requested", mxNobody, mxEditors},
	{"POST /api/v1/disclosures/:id/revoke", "disclosure granted", mxNobody, mxEditors},
	{"POST /api/v1/disclosures/:id/pledge", "sent disclosure granted", mxNobody, mxTraders + " viewer"},
	{"POST /api/v1/disclosures/:id/pledge", "sent disclosure requested", mxNobody, mxNobody},
	{"GET /api/v1/disclosures/:id/content", "opened", mxNobody, mxTraders + " viewer"},
	{"GET /api/v1/disclosures/:id/content", "disclosure granted", mxNobody, mxNobody},
	{"GET /api/v1/disclosures/:id/files/:file", "opened", mxNobody, mxTraders + " viewer"},

	{"GET /api/v1/challenges", "", mxEverybody, ""},
	{"GET /api/v1/challenges/:id", "challenge open", mxEverybody, mxSeers},
	{"GET /api/v1/challenges/:id", "challenge in_review", mxReaders, mxSeers},
	{"GET /api/v1/challenges/:id", "challenge draft", mxNobody, mxSeers},
	{"POST /api/v1/challenges", "", mxPosters, ""},
	{"PATCH /api/v1/challenges/:id", "challenge draft", mxNobody, mxPosters},
	{"DELETE /api/v1/challenges/:id", "challenge draft", mxNobody, mxPosters},
	{"POST /api/v1/challenges/:id/submit", "challenge draft", mxNobody, mxPublishers},
	{"POST /api/v1/challenges/:id/recall", "challenge in_review", mxNobody, mxPosters},
	{"POST /api/v1/challenges/:id/publish", "challenge in_review", mxReviewers, mxNobody},
	{"POST /api/v1/challenges/:id/return", "challenge in_review", mxReviewers, mxNobody},
	{"POST /api/v1/challenges/:id/cancel", "challenge open", mxReviewers, mxNobody},
	{"POST /api/v1/challenges/:id/remand", "challenge publicity", mxReviewers, mxNobody},
	{"POST /api/v1/challenges/:id/questions", "challenge open", mxDealers, mxNotAsked},
	{"POST /api/v1/challenges/:id/questions/:question/answer", "challenge open", mxNobody, mxPublishers},
	{"GET /api/v1/challenges/:id/judging", "challenge open", mxNobody, mxImporters},
	{"GET /api/v1/challenges/:id/judging", "judged open invited", mxNobody, mxSeers},
	{"POST /api/v1/challenges/:id/judging/accept", "judged open invited", mxNobody, mxSeers},
	{"POST /api/v1/challenges/:id/judging/decline", "judged open invited", mxNobody, mxSeers},
	{"POST /api/v1/challenges/:id/judges", "challenge open", mxNobody, mxPublishers},
	{"DELETE /api/v1/challenges/:id/judges/:user", "named open", mxNobody, mxPosters},
	{"POST /api/v1/challenges/:id/decide", "scored judging", mxNobody, mxPublishers},
	{"GET /api/v1/proposals/:id", "offer judging", mxNobody, mxImporters},
	{"GET /api/v1/proposals/:id", "graded open", mxNobody, mxNobody},
	{"POST /api/v1/proposals/:id/score", "graded judging", mxNobody, mxSeers},
	{"POST /api/v1/proposals/:id/score", "offer judging", mxNobody, mxNobody},
	{"GET /api/v1/challenges/:id/proposal", "bid open", mxNobody, mxTalkers},
	{"POST /api/v1/challenges/:id/proposal", "bid open", mxDealers, mxDealers},
	{"POST /api/v1/challenges/:id/proposal", "challenge draft", mxNobody, mxNobody},
	{"POST /api/v1/challenges/:id/proposal/withdraw", "bid open", mxNobody, mxNegotiators},
	{"GET /api/v1/proposals", "", mxTalkers, ""},
	{"POST /api/v1/deals/:id/fall", "won deal", mxNobody, mxNegotiators},

	{"GET /api/v1/contracts", "", mxPeople, ""}, // a list of one's own, which may be empty; the desk's for its people
	{"POST /api/v1/contracts", "", mxSellers, ""},
	{"GET /api/v1/contracts/:id", "contract draft", "auditor", mxDrafters},
	{"GET /api/v1/contracts/:id", "contract submitted", mxDesk, mxDrafters},
	{"GET /api/v1/contracts/:id", "bought contract draft", "auditor", mxNobody},
	{"GET /api/v1/contracts/:id/incentives", "contract submitted", mxDesk, mxDrafters},
	{"GET /api/v1/contracts/:id/signals", "contract submitted", mxDesk, mxNobody},
	{"POST /api/v1/contracts/:id/signals/:signal", "signalled contract accepted", mxRegistrars, mxNobody},
	{"GET /api/v1/samples", "", mxDesk + " away", ""},
	{"POST /api/v1/samples", "sample", "registrar statistician local away", mxNotAsked},
	{"GET /api/v1/samples/:id", "sample", mxCityDesk, mxNotAsked},
	{"POST /api/v1/samples/:id/contracts/:contract", "sample", "registrar statistician", mxNotAsked},
	{"GET /api/v1/contracts/:id/rewards", "contract submitted", mxDesk, mxDrafters},
	{"PATCH /api/v1/contracts/:id", "contract draft", mxNobody, mxContractors},
	{"PATCH /api/v1/contracts/:id", "bought contract submitted", mxNobody, mxNobody},
	{"GET /api/v1/contracts/:id/text.pdf", "contract draft", "auditor", mxDrafters},
	{"GET /api/v1/contracts/:id/print.pdf", "contract draft", "auditor", mxDrafters},
	{"GET /api/v1/contracts/:id/national.xlsx", "contract draft", "auditor", mxDrafters},
	{"GET /api/v1/contracts/:id/certificate.pdf", "contract registered", mxDesk, mxDrafters},
	{"GET /api/v1/contracts/:id/notice.pdf", "removed contract registered", mxDesk, mxDrafters},
	{"POST /api/v1/contracts/:id/files", "contract draft", mxNobody, mxContractors},
	{"GET /api/v1/contracts/:id/files/:file", "filed contract submitted", mxDesk, mxDrafters},
	{"DELETE /api/v1/contracts/:id/files/:file", "filed contract draft", mxNobody, mxContractors},
	{"POST /api/v1/contracts/:id/payments", "contract registered", mxNobody, mxContractors},
	{"POST /api/v1/contracts/:id/payments/:payment/void", "paid contract registered", mxNobody, mxContractors},
	{"POST /api/v1/contracts/:id/submit", "contract draft", mxNobody, mxSellers},
	{"POST /api/v1/contracts/:id/withdraw", "contract submitted", mxNobody, mxContractors},
	{"POST /api/v1/contracts/:id/accept", "contract submitted", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/return", "contract accepted", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/pass", "contract accepted", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/confirm", "contract second_review", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/register", "contract to_register", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/refuse", "contract accepted", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/cancel", "contract registered", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/revoke", "contract registered", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/change", "contract registered", mxNobody, mxSellers},
	{"POST /api/v1/contracts/:id/supplement", "royalty contract registered", mxNobody, mxSellers},
	{"POST /api/v1/contracts/:id/amendments/:amendment/withdraw", "amended contract registered", mxNobody, mxContractors},
	{"POST /api/v1/contracts/:id/amendments/:amendment/pass", "twice contract registered", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/amendments/:amendment/confirm", "amended contract registered", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/amendments/:amendment/refuse", "amended contract registered", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/objections", "contract registered", mxRegistrars, mxNobody},
	{"GET /api/v1/contracts/:id/objections/:objection/reply.pdf", "answered contract registered", mxDesk, mxNobody},
	{"POST /api/v1/contracts/:id/objections/:objection/propose", "objected contract registered", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/objections/:objection/return", "proposed contract registered", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/objections/:objection/confirm", "proposed contract registered", mxRegistrars, mxNobody},
	{"POST /api/v1/contracts/:id/objections/:objection/withdraw", "objected contract registered", mxRegistrars, mxNobody},
}, mxAPIListingLines("need"), mxAPIListingLines("result"))

func mxAPIListingLines(kind string) []mxLine {
	at := "/api/v1/" + kind + "s"
	draft, waiting, public := kind+" draft", kind+" in_review", kind+" published"
	return []mxLine{
		{"GET " + at, "", mxEverybody, ""},
		{"POST " + at, "", mxPosters, ""},
		{"GET " + at + "/:id", public, mxEverybody, mxSeers},
		{"GET " + at + "/:id", waiting, mxReaders, mxSeers},
		{"GET " + at + "/:id", draft, mxNobody, mxSeers},
		{"PATCH " + at + "/:id", draft, mxNobody, mxPosters},
		{"PATCH " + at + "/:id", public, mxNobody, mxPosters},
		{"POST " + at + "/:id/discard", "edited " + kind + " in_review", mxNobody, mxPosters},
		{"POST " + at + "/:id/submit", draft, mxNobody, mxPublishers},
		{"POST " + at + "/:id/recall", waiting, mxNobody, mxPosters},
		{"POST " + at + "/:id/confirm", public, mxNobody, mxPublishers},
		{"POST " + at + "/:id/withdraw", public, mxNobody, mxPosters},
		{"POST " + at + "/:id/close", public, mxNobody, mxPosters},
		{"DELETE " + at + "/:id", draft, mxNobody, mxPosters},
		{"POST " + at + "/:id/publish", waiting, mxReviewers, mxNobody},
		{"POST " + at + "/:id/return", waiting, mxReviewers, mxNobody},
		{"POST " + at + "/:id/recall", waiting, mxNobody, mxPosters},
		{"POST " + at + "/:id/confirm", public, mxNobody, mxPublishers},
		{"POST " + at + "/:id/close", public, mxNobody, mxPosters},
		{"DELETE " + at + "/:id", draft, mxNobody, mxPosters},
		{"GET " + at + "/:id/matches", public, mxEverybody, mxSeers},
		{"GET " + at + "/:id/matches", draft, mxNobody, mxSeers},
		{"GET " + at + "/:id/revisions", "edited " + kind + " in_review", mxReaders, mxSeers},
	}
}

// mxLast change who the people are, or sign them out.
var mxLast = []mxLine{
	{"POST /account/email/resend", "", mxPeople, ""},
	{"POST /account/sign-ins/end-others", "", mxPeople, ""},
	{"POST /account/second", "", mxPeople, ""},
	{"POST /account/second/off", "", cut(mxPeople, strings.Fields(mxStaff)...), ""},
	{"POST /account/password", "", mxPeople, ""},
	{"POST /login", "", mxEverybody, ""},
	{"POST /org/members/:id/hand-over", "member", mxNobody, mxOwners},
	{"POST /invitation/accept", "invite", mxPeople, mxNotAsked},
	{"POST /org", "", mxPeople, ""},
	{"POST /logout", "", mxPeople, ""},
	{"POST /account/close", "", mxNobody, ""}, // everybody is signed out here: TestPrivacyPages and TestClosingAnAccount say who may
}

// cut is a list of people without some.
func cut(who string, without ...string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(who), func(name string) bool { return slices.Contains(without, name) }), " ")
}

func TestMatrixNamesEveryRoute(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	lines := map[string]bool{}
	for _, line := range matrix {
		lines[line.route] = true
		for _, name := range strings.Fields(line.foreign + " " + line.own) {
			if name != mxNotAsked && !slices.Contains(strings.Fields(mxEverybody), name) {
				t.Errorf("%s: nobody is called %s", line.route, name)
			}
		}
	}
	routes := map[string]bool{}
	for _, r := range slices.Concat(s.routes(), s.apiRoutes()) {
		routes[r.method+" "+r.path] = true
	}
	for _, route := range slices.Sorted(maps.Keys(routes)) {
		if !lines[route] {
			t.Errorf("the route %s has no line in the matrix", route)
		}
	}
	for _, route := range slices.Sorted(maps.Keys(lines)) {
		if !routes[route] {
			t.Errorf("the line %s has no route", route)
		}
	}
}

// TestMatrix asks for every route as everybody. Who may not is turned away and leaves nothing behind; who may gets an
// answer, and on each line the request that others were refused succeeds for somebody, so that the refusals are no
// accident of a bad form.
func TestMatrix(t *testing.T) {
	t.Parallel()
	w := newMatrixWorld(t)
	for _, line := range matrix {
		if line.foreign != mxNotAsked {
			w.check(line, false)
		}
		if line.own != mxNotAsked && line.on != "" {
			w.check(line, true)
		}
	}
}

// mxList is a list to import.
const mxList = "id,title,body\n7,含氟废水两级除氟药剂,以改性聚合铝与钙盐两级投加，出水氟离子低于每升 1.5 毫克，药耗比石灰法低四成。\n"

// mxPerson is somebody with a browser and, except for the guest, a token.
type mxPerson struct {
	name  string
	actor market.Actor
	web   *client
	token string
}

// mxWorld is a market with the people of the matrix and things of strangers to copy.
type mxWorld struct {
	*talk
	people   []mxPerson
	strange  market.Actor // owner of an organisation that nobody else belongs to
	stranger market.Actor // owner of another such
	inquiry  int64
	contract int64
	batch    int64
	spare    int64 // an agency that nobody of the people belongs to
}

func newMatrixWorld(t testing.TB, with ...func(*Options)) *mxWorld {
	t.Helper()
	w := &mxWorld{talk: newTalk(t, false, with...)}
	w.inquiry = lastID(t, w.open())
	w.contract = lastID(t, draftContract(t, w.seller, "重钙超细研磨助剂体系技术开发"))
	w.strange = w.ownerOf(w.need)
	w.stranger = w.ownerOf(w.result)
	var err error
	if w.batch, err = w.Service.CheckImport(t.Context(), w.strange, service.ImportFile{Kind: market.KindResult, Name: "成果.csv", Data: []byte(mxList),
		Defaults: market.ImportDefaults{Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"licence"}}}); err != nil {
		t.Fatal(err)
	}
	owner := w.newOrg(market.Enterprise, market.OrgVerified)
	w.spare = w.newOrg(market.Agency, market.OrgVerified).OrgID
	for name, a := range map[string]market.Actor{
		"guest": {}, "user": w.newUser(), "owner": owner, "editor": w.newMember(owner.OrgID, market.Editor), "viewer": w.newMember(owner.OrgID, market.Viewer),
		"unverified": w.newOrg(market.Enterprise, market.OrgPending), "suspended": w.newOrg(market.Enterprise, market.OrgSuspended),
		"other": w.newOrg(market.University, market.OrgVerified), "agency": w.newOrg(market.Agency, market.OrgVerified),
		"reviewer": w.newUser(market.Reviewer), "registrar": w.newUser(market.Registrar), "statistician": w.newUser(market.Statistician),
		"auditor": w.newUser(market.Auditor), "admin": w.newUser(market.Admin),
		"local": w.newOfficer("360825"), "away": w.newOfficer("360822"),
		"agent": w.newAgent(market.Scopes...), "posting": w.newAgent(market.ScopePost), "talking": w.newAgent(market.ScopeNegotiate),
		"drafting": w.newAgent(market.ScopeContract),
	} {
		p := mxPerson{name: name, actor: a, web: w.as(a)}
		if a.ByMandate() {
			p.web.post("/acting", url.Values{"to": {actingText(a.Acting())}})
		}
		if a.SignedIn() {
			if p.token, err = w.Service.CreateToken(t.Context(), a, "核对", ""); err != nil {
				t.Fatal(err)
			}
			w.ask(p, "GET /api/v1/search", mxObject{}) // notes the token's first use, which is not to look like a change later
		}
		w.people = append(w.people, p)
	}
	w.watch()
	slices.SortFunc(w.people, func(x, y mxPerson) int { return cmp.Compare(x.name, y.name) })
	return w
}

func (w *mxWorld) person(name string) mxPerson {
	return w.people[slices.IndexFunc(w.people, func(p mxPerson) bool { return p.name == name })]
}

// lastID is the id at the end of an address.
func lastID(t testing.TB, path string) int64 {
	t.Helper()
	var id int64
	if _, err := fmt.Sscan(path[strings.LastIndex(path, "/")+1:], &id); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return id
}

func (w *mxWorld) ownerOf(listing int64) market.Actor {
	w.t.Helper()
	return w.actor(w.number(`SELECT m.user_id FROM listings l JOIN members m USING (org_id) WHERE l.id = $1`, listing))
}

// number runs a query that answers with one number.
func (w *mxWorld) number(query string, args ...any) int64 {
	w.t.Helper()
	var n int64
	if err := w.Store.DB().QueryRowContext(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// check asks for a line's route as everybody, first as those who may not.
func (w *mxWorld) check(line mxLine, own bool) {
	w.t.Helper()
	what, may := line.route, strings.Fields(line.foreign)
	if own {
		may = strings.Fields(line.own)
	}
	if line.on != "" {
		what += map[bool]string{false: " of strangers: ", true: " of one's own: "}[own] + line.on
	}
	var refused, allowed []mxVisit
	var strange mxObject // one serves all who may not touch it
	if !own {
		strange = w.object(line.on, false, market.Actor{})
	}
	for _, p := range w.people {
		switch {
		case own && !owns(p.actor, line.on):
		case slices.Contains(may, p.name):
			allowed = append(allowed, mxVisit{p, w.object(line.on, own, p.actor)})
		case own:
			refused = append(refused, mxVisit{p, w.object(line.on, true, p.actor)})
		default:
			refused = append(refused, mxVisit{p, strange})
		}
	}
	w.forgetLimits()
	before := w.writes()
	reading := strings.HasPrefix(line.route, "GET ")
	last := w.lastEntry()
	answers := w.askAll(line.route, refused, true)
	noted := w.noted(last)
	for i, got := range answers {
		p := refused[i]
		if !turnedAway(got) {
			w.t.Errorf("%s: %s is answered with status %d %s", what, p.name, got.status, got.location)
		}
		attempt := got.status == http.StatusForbidden || got.status == http.StatusNotFound && !reading
		if attempt && p.actor.SignedIn() && !noted[mxNote{p.actor.UserID, "refused"}] {
			w.t.Errorf("%s: that %s was turned away is not in the audit", what, p.name)
		}
	}
	w.unchanged(what, "who may not", before)
	succeeded := len(allowed) == 0
	last = w.lastEntry()
	answers = w.askAll(line.route, allowed, reading)
	noted = w.noted(last)
	if len(noted) == 0 && slices.Contains(mxDoors, line.route) {
		w.t.Errorf("%s is not in the audit", what)
	}
	for i, got := range answers {
		p := allowed[i]
		if !reading && got.status < 400 && !noted[mxNote{p.actor.UserID, "done"}] && !slices.Contains(slices.Concat(mxDoors, mxNotAudited), line.route) {
			w.t.Errorf("%s: what %s did is not in the audit", what, p.name)
		}
		if got.status >= 500 || got.status == http.StatusTooManyRequests || turnedAway(got) {
			w.t.Errorf("%s: %s, who may, is answered with status %d %s", what, p.name, got.status, got.location)
		}
		succeeded = succeeded || got.status < 400
	}
	if !succeeded {
		w.t.Errorf("%s: it succeeds for nobody", what)
	}
	if reading {
		w.unchanged(what, "reading", before)
	}
}

// mxNotAudited are the forms that change nothing but the browser that sends them or what its owner has read, and the second
// step of signing in, which nobody here has begun: TestSecondFactorAtSignIn says what it leaves.
var mxNotAudited = []string{"POST /preferences", "POST /notices/read", "POST /login/code"}

// mxDoors are the forms in which people who are not signed in say, or show by a link, who they are: the entry names the
// account, if there is one.
var mxDoors = []string{"POST /login", "POST /register", "POST /reset", "POST /renew", "POST /searches/quiet"}

// lastEntry is where the audit stands.
func (w *mxWorld) lastEntry() int64 {
	w.t.Helper()
	return w.number(`SELECT coalesce(max(id), 0) FROM audit_entries`)
}

// mxNote is an outcome in the audit, and whose; 0 is a visitor.
type mxNote struct {
	user    int64
	outcome string
}

// noted is what the audit has since the last entry.
func (w *mxWorld) noted(last int64) map[mxNote]bool {
	w.t.Helper()
	rows, err := w.Store.DB().QueryContext(w.t.Context(), `SELECT DISTINCT coalesce(user_id, 0), outcome FROM audit_entries WHERE id > $1`, last)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	out := map[mxNote]bool{}
	for rows.Next() {
		var n mxNote
		if err := rows.Scan(&n.user, &n.outcome); err != nil {
			w.t.Fatal(err)
		}
		out[n] = true
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// mxVisit is somebody and the thing they ask for.
type mxVisit struct {
	mxPerson
	object mxObject
}

// askAll sends the requests of several people, at once where none comes in the way of another.
func (w *mxWorld) askAll(route string, visits []mxVisit, atOnce bool) []answer {
	w.t.Helper()
	answers := make([]answer, len(visits))
	var all sync.WaitGroup
	for i, v := range visits {
		all.Go(func() { answers[i] = w.ask(v.mxPerson, route, v.object) })
		if !atOnce {
			all.Wait()
		}
	}
	all.Wait()
	return answers
}

// forgetLimits lets everybody try again: how often a thing may be done is not the matter here.
func (w *mxWorld) forgetLimits() {
	w.limits.mu.Lock()
	defer w.limits.mu.Unlock()
	clear(w.limits.byKey)
	if _, err := w.Store.DB().Exec(`DELETE FROM login_tries`); err != nil {
		w.t.Fatal(err)
	}
}

// owns reports whether there is such a thing of the person's own.
func owns(a market.Actor, on string) bool {
	return a.OrgID != 0 || (on == "token" || on == "sign-in" || on == "search") && a.SignedIn()
}

// turnedAway reports whether an answer is a refusal.
func turnedAway(got answer) bool {
	switch got.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return true
	case http.StatusSeeOther:
		return strings.HasPrefix(got.location, "/login?next=")
	}
	return false
}

// mxNotCompared are the tables in which a refusal, or reading, may leave something; an upload is nobody else's matter until it
// is used.
const mxNotCompared = "audit_entries disclosure_reads sessions sign_ins login_tries listing_views chain_pending files"

// watch has every table that is compared note each row that is written and differs from what it was. What is rolled back is not
// noted.
func (w *mxWorld) watch() {
	w.t.Helper()
	db, err := sql.Open("postgres", dbtest.Owner(w.t, w.dsn))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	const all = `CREATE SCHEMA watched;
		CREATE TABLE watched.writes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
		CREATE FUNCTION watched.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
			'BEGIN IF TG_OP <> ''UPDATE'' OR NEW IS DISTINCT FROM OLD THEN INSERT INTO watched.writes (name) VALUES (TG_TABLE_NAME); END IF; RETURN NULL; END';
		GRANT USAGE ON SCHEMA watched TO PUBLIC;
		GRANT SELECT ON watched.writes TO PUBLIC;`
	const each = `SELECT string_agg(format('CREATE TRIGGER watched AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION watched.note()', tablename), ';')
		FROM pg_tables WHERE schemaname = 'public' AND NOT tablename = ANY (string_to_array($1, ' '))`
	var triggers string
	if err := db.QueryRowContext(w.t.Context(), each, mxNotCompared).Scan(&triggers); err != nil {
		w.t.Fatal(err)
	}
	if _, err := db.ExecContext(w.t.Context(), all+triggers); err != nil {
		w.t.Fatal(err)
	}
}

// writes is where the writing of rows stands.
func (w *mxWorld) writes() int64 {
	w.t.Helper()
	return w.number(`SELECT coalesce(max(id), 0) FROM watched.writes`)
}

// unchanged wants no row written since then.
func (w *mxWorld) unchanged(what, who string, since int64) {
	w.t.Helper()
	if w.writes() == since {
		return
	}
	var tables string
	if err := w.Store.DB().QueryRowContext(w.t.Context(), `SELECT string_agg(DISTINCT name, ', ') FROM watched.writes WHERE id > $1`, since).Scan(&tables); err != nil {
		w.t.Fatal(err)
	}
	w.t.Errorf("%s: %s wrote to the tables %s", what, who, tables)
}

// mxObject is what a request is about.
type mxObject struct {
	name    string // of a file, which has no number
	file    string // of a listing or disclosure
	id      int64
	secret  string // of a one-time link
	version int
	terms   []int64 // of an inquiry
}

// object makes a fresh thing as a line names it, of the actor's own or of strangers.
func (w *mxWorld) object(on string, own bool, a market.Actor) mxObject {
	w.t.Helper()
	org, user := w.strange.OrgID, w.strange.UserID
	if own {
		org, user = a.OrgID, a.UserID
	}
	if o, found := w.challengeObject(on, own, a); found {
		return o
	}
	noun, state, _ := strings.Cut(on, " ")
	switch noun {
	case "need", "result":
		if state == "gated" {
			return mxObject{id: w.gatedNeed(org)}
		}
		return mxObject{id: w.listing(market.Kind(noun), market.ListingState(state), org), version: 1}
	case "edited":
		kind, state, _ := strings.Cut(state, " ")
		listing, _ := w.edited(market.Kind(kind), state, org)
		return mxObject{id: listing, version: 1}
	case "lexicon":
		number := w.lexiconEntry()
		if state == "old" {
			w.lexiconEntry()
		}
		return mxObject{id: number, version: int(w.latestLexicon()) + 1}
	case "refused":
		id := w.listing(market.Kind(state), market.Published, org)
		w.exec(`INSERT INTO index_refusals (listing_id, reason, since, tried_at) VALUES ($1, '太长', now(), now())`, id)
		return mxObject{id: id}
	case "revision":
		_, id := w.edited(market.KindNeed, state, org)
		return mxObject{id: id, version: 2}
	case "attached":
		id, file := w.attached(market.UsePublic, market.ListingState(state), org)
		return mxObject{id: id, file: file}
	case "picture", "public", "gated":
		_, file := w.attached(market.FileUse(noun), market.ListingState(state), org)
		return mxObject{name: file}
	case "opened":
		return w.opened(own, a)
	case "org":
		if state == "" {
			return mxObject{id: org, version: int(w.number(`SELECT version FROM orgs WHERE id = $1`, org))}
		}
		return mxObject{id: w.copy("orgs", "id", org, fields{"uscc": testUSCC(w.t), "name": fmt.Sprintf("第 %d 家单位", testSerial.Add(1)), "state": state, "submitted_at": w.Now(),
			"version": 1}), version: 1}
	case "change":
		return mxObject{id: w.changeOf(org, user)}
	case "account":
		return mxObject{id: w.copy("users", "id", w.strange.UserID, fields{"email": fmt.Sprintf("new%d@test.example", testSerial.Add(1)), "state": cmp.Or(state, "active"),
			"must_change_password": true, "otp_secret": testSecond})}
	case "period":
		return w.period(state)
	case "reward":
		return mxObject{id: w.rewardProgramme(), version: 1}
	case "month":
		if state == "open" {
			return mxObject{name: w.nextMonth()}
		}
		return w.monthEnd()
	case "search":
		return mxObject{id: w.savedSearch(user)}
	case "quiet":
		return w.quiet()
	case "renew":
		return w.renewal()
	case "confirm", "address", "reset":
		return w.link(market.LinkPurpose(noun))
	case "sign-in":
		return mxObject{id: w.number(`INSERT INTO sign_ins (user_id, agent, address, created_at, seen_at) VALUES ($1, '', '', now(), now()) RETURNING id`, user)}
	case "token":
		return mxObject{id: w.number(`INSERT INTO tokens (user_id, hash, name, created_at) VALUES ($1, $2, '旧', now()) RETURNING id`, user, service.TokenHash(formKey()))}
	case "member":
		return mxObject{id: w.number(`INSERT INTO members (org_id, user_id, role, created_at) VALUES ($1, $2, 'viewer', now()) RETURNING user_id`, org, w.newcomer())}
	case "import":
		but := fields{"org_id": org, "state": state}
		if state == "in_review" {
			but["state"], but["submit"], but["secrecy_confirmed"], but["finished_at"] = "done", true, true, w.Now()
		}
		id := w.copy("imports", "id", w.batch, but)
		w.copy("import_rows", "import_id", w.batch, fields{"import_id": id})
		return mxObject{id: id}
	case "expert":
		return mxObject{id: w.expertIn(market.ExpertState(state), org), version: 1}
	case "about": // an expert of strangers, with the address of the account when it is "own"
		id := w.expertIn(market.ExpertState(state), w.strange.OrgID)
		if own {
			w.exec(`UPDATE experts SET email = $2, consent_on = CASE WHEN state = 'public' THEN consent_on END, consent_by = CASE WHEN state = 'public' THEN 'paper' ELSE '' END
				WHERE id = $1`, id, w.emailOf(a))
		}
		return mxObject{id: id, version: 1}
	case "list": // of experts or organisations
		kind, state, _ := strings.Cut(state, " ")
		but := fields{"kind": kind, "state": state, "org_id": org, "rows_valid": 1}
		if kind == "org" {
			but["org_id"], but["region"] = nil, "360825"
		}
		if state == "done" {
			but["finished_at"] = w.Now()
		}
		return mxObject{id: w.copy("imports", "id", w.batch, but)}
	case "match":
		need := w.listing(market.KindNeed, market.Published, org)
		return mxObject{id: w.number(`INSERT INTO matches (need_id, result_id, score, strength, reasons, terms, computed_at)
			VALUES ($1, $2, 0.9, 'strong', '[]', '{}', now()) RETURNING id`, need, w.result)}
	case "invite":
		return w.invite(a)
	case "invitation":
		return mxObject{id: w.number(`INSERT INTO invitations (org_id, email, role, invited_by, created_at, sent_at, expires_at)
			VALUES ($1, $2, 'viewer', $3, now(), now(), now() + interval '7 days') RETURNING id`, org, fmt.Sprintf("new%d@test.example", testSerial.Add(1)), user)}
	case "mandate":
		return mxObject{id: w.mandate(org, w.copy("orgs", "id", w.spare, fields{"uscc": testUSCC(w.t)}))}
	case "held":
		return mxObject{id: w.mandate(w.copy("orgs", "id", w.spare, fields{"uscc": testUSCC(w.t)}), org)}
	case "inquiry":
		return w.inquiryIn(state, org)
	case "licence":
		return mxObject{name: w.licenceOf(org)}
	case "deal":
		return mxObject{id: w.dealWith(org)}
	case "disclosure":
		return mxObject{id: w.disclosureIn(state, w.gatedNeed(org), w.stranger.OrgID)}
	case "sent":
		return mxObject{id: w.disclosureIn(strings.TrimPrefix(state, "disclosure "), w.gatedNeed(w.stranger.OrgID), org)}
	case "contract":
		id := w.contractIn(state, fields{"seller_org": org})
		return mxObject{id: id, version: int(w.number(`SELECT version FROM contracts WHERE id = $1`, id))}
	case "sample":
		return w.sampleOfOne()
	case "signalled":
		return w.signalledContract(w.contractIn(strings.TrimPrefix(state, "contract "), fields{"seller_org": org, "related": true}))
	case "filed":
		return w.filedContract(w.contractIn(strings.TrimPrefix(state, "contract "), fields{"seller_org": org}), user)
	case "paid":
		return w.paidContract(w.contractIn(strings.TrimPrefix(state, "contract "), fields{"seller_org": org}), org, user)
	case "objected", "proposed", "answered":
		id := w.contractIn(strings.TrimPrefix(state, "contract "), fields{"seller_org": org})
		return w.objectedContract(id, noun)
	case "removed":
		id := w.contractIn(strings.TrimPrefix(state, "contract "), fields{"seller_org": org})
		if err := w.Service.RevokeContract(w.t.Context(), w.person("registrar").actor, id, market.Removal{Ground: "X03", Benefits: "none", Note: "重复登记"}); err != nil {
			w.t.Fatal(err)
		}
		return mxObject{id: id}
	case "royalty":
		return mxObject{id: w.contractIn(strings.TrimPrefix(state, "contract "), fields{"seller_org": org, "payment_mode": "royalty", "amount_fixed": false}), version: 1}
	case "amended", "twice":
		id := w.contractIn(strings.TrimPrefix(state, "contract "), fields{"seller_org": org, "payment_mode": "royalty", "amount_fixed": false})
		return w.amendedContract(id, user, noun == "twice")
	case "bought":
		return mxObject{id: w.contractIn(strings.TrimPrefix(state, "contract "), fields{"seller_org": w.stranger.OrgID, "buyer_org": org}), version: 1}
	}
	return mxObject{}
}

// expertIn is an expert of the organisation who has agreed, as long as the organisation may have its entries public.
func (w *mxWorld) expertIn(state market.ExpertState, org int64) int64 {
	return w.number(`INSERT INTO experts (org_id, name, fields, expertise, region, state, consent_on, consent_by, created_at, updated_at)
		VALUES ($1, '谢启明', '{calcium}', '碳酸钙湿法研磨', '360825', $2, current_date - 400, 'paper', now(), now()) RETURNING id`, org, state)
}

// expertValues is the form of an expert filled in rightly.
func expertValues() url.Values {
	return url.Values{"name": {"谢启明"}, "org": {"永丰县碳酸钙产业协会"}, "title": {"高级工程师"}, "fields": {"calcium"}, "tech_field": {"materials"}, "expertise": {"碳酸钙湿法研磨"},
		"region": {"360825"}, "phone": {"0796-8220000"}, "email": {"xie@example.com"}, "consent_on": {"2026-05-06"}, "contact_on": {"2026-05-06"}}
}

// link is a one-time link of a newcomer, as the mail brings it.
func (w *mxWorld) link(purpose market.LinkPurpose) mxObject {
	w.t.Helper()
	user, secret := w.newcomer(), formKey()
	w.number(`INSERT INTO links (purpose, user_id, email, hash, created_at, expires_at) SELECT $1, id, CASE WHEN $1::text = 'address' THEN 'moved.' ELSE '' END || email, $3, now(), now() + interval '1 hour'
		FROM users WHERE id = $2 RETURNING id`, purpose, user, service.TokenHash(secret))
	return mxObject{secret: secret}
}

// renewal is a link to renew a listing of strangers that ends soon.
func (w *mxWorld) renewal() mxObject {
	w.t.Helper()
	listing, secret := w.listing(market.KindNeed, market.Published, w.strange.OrgID), formKey()
	w.exec(`UPDATE listings SET valid_until = $2 WHERE id = $1`, listing, w.Now().AddDate(0, 0, 5))
	w.number(`INSERT INTO links (purpose, user_id, subject_id, email, hash, created_at, expires_at) SELECT 'renew', id, $2, email, $3, now(), now() + interval '1 hour'
		FROM users WHERE id = $1 RETURNING id`, w.strange.UserID, w.strange.OrgID, service.TokenHash(secret))
	return mxObject{id: listing, secret: secret}
}

// savedSearch is one of a person's.
func (w *mxWorld) savedSearch(user int64) int64 {
	w.t.Helper()
	return w.number(`INSERT INTO saved_searches (user_id, name, query, often, created_at, since) VALUES ($1, '重钙', $2, 'once', now(), now()) RETURNING id`,
		user, fmt.Sprintf("q=%d", testSerial.Add(1)))
}

// quiet is a link to end the alerts of a stranger's saved search.
func (w *mxWorld) quiet() mxObject {
	w.t.Helper()
	saved, secret := w.savedSearch(w.strange.UserID), formKey()
	w.number(`INSERT INTO links (purpose, user_id, subject_id, email, hash, created_at, expires_at) SELECT 'quiet', id, $2, email, $3, now(), now() + interval '1 hour'
		FROM users WHERE id = $1 RETURNING id`, w.strange.UserID, saved, service.TokenHash(secret))
	return mxObject{id: saved, secret: secret}
}

// invite is the link of an invitation of strangers to a person, or to somebody without an account.
func (w *mxWorld) invite(a market.Actor) mxObject {
	w.t.Helper()
	email, secret := fmt.Sprintf("new%d@test.example", testSerial.Add(1)), formKey()
	if a.SignedIn() {
		email = w.emailOf(a)
	}
	w.exec(`UPDATE invitations SET state = 'withdrawn', answered_at = now() WHERE email = $1 AND state = 'open'`, email)
	w.number(`WITH i AS (INSERT INTO invitations (org_id, email, role, invited_by, created_at, sent_at, expires_at)
			VALUES ($1, $2, 'viewer', $3, now(), now(), now() + interval '7 days') RETURNING id, email)
		INSERT INTO links (purpose, subject_id, email, hash, created_at, expires_at) SELECT 'invite', id, email, $4, now(), now() + interval '7 days' FROM i RETURNING id`,
		w.strange.OrgID, email, w.strange.UserID, service.TokenHash(secret))
	return mxObject{secret: secret}
}

// fields are columns that a copy has otherwise.
type fields map[string]any

// copy adds a row like one that is there and returns its id; key is the column that tells which.
func (w *mxWorld) copy(table, key string, from int64, but fields) int64 {
	w.t.Helper()
	raw, err := json.Marshal(but)
	if err != nil {
		w.t.Fatal(err)
	}
	id := ""
	if key == "id" || table == "inquiry_messages" {
		id = ` || jsonb_build_object('id', nextval(pg_get_serial_sequence('` + table + `', 'id')))`
	}
	return w.number(`INSERT INTO `+table+` OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(r, $2::jsonb`+id+`)).* FROM `+table+` r WHERE `+key+` = $1
		RETURNING `+key, from, string(raw))
}

// mandate lets an agency act for a client.
func (w *mxWorld) mandate(client, agency int64) int64 {
	return w.number(`INSERT INTO mandates (client_org, agency_org, scopes, starts_on, ends_on, granted_by, granted_at)
		VALUES ($1, $2, '{post}', current_date - 1, current_date + 30, $3, now()) RETURNING id`, client, agency, w.strange.UserID)
}

// newcomer is an account that belongs to no organisation.
func (w *mxWorld) newcomer() int64 {
	return w.copy("users", "id", w.strange.UserID, fields{"email": fmt.Sprintf("new%d@test.example", testSerial.Add(1))})
}

// listing is a complete need or result in that state.
func (w *mxWorld) listing(kind market.Kind, state market.ListingState, org int64) int64 {
	w.t.Helper()
	from, table := w.need, "needs"
	if kind == market.KindResult {
		from, table = w.result, "results"
	}
	but := fields{"org_id": org, "state": state, "version": 1, "number": fmt.Sprintf("MX-%d", testSerial.Add(1))}
	if state == market.Draft {
		but["submitted_at"], but["published_at"], but["confirmed_at"], but["valid_until"] = nil, nil, nil, nil
	}
	id := w.copy("listings", "id", from, but)
	w.copy(table, "listing_id", from, fields{"listing_id": id})
	w.copy("listing_fields", "listing_id", from, fields{"listing_id": id})
	if kind == market.KindNeed {
		w.copy("need_indicators", "listing_id", from, fields{"listing_id": id})
	}
	return id
}

// inquiryIn is an inquiry about a need of the organisation, whose turn it is.
func (w *mxWorld) inquiryIn(state string, org int64) mxObject {
	w.t.Helper()
	stored := strings.Replace(state, "settled", "negotiating", 1)
	o := mxObject{version: 1}
	o.id = w.copy("inquiries", "id", w.inquiry, fields{"listing_id": w.listing(market.KindNeed, market.Published, org), "number": fmt.Sprintf("MX-%d", testSerial.Add(1)),
		"to_org": org, "turn_org": org, "state": stored, "version": 1})
	w.copy("inquiry_messages", "inquiry_id", w.inquiry, fields{"inquiry_id": o.id})
	if stored != "negotiating" {
		return o
	}
	values := map[string]string{"kind": "D1", "price": "1260000"}
	for _, term := range market.TermNames {
		o.terms = append(o.terms, w.number(`INSERT INTO inquiry_terms (inquiry_id, term, value, amount, proposed_org, proposed_by, proposed_at, agreed_by, agreed_at)
			VALUES ($1, $2::text, $3, CASE WHEN $2 = 'price' THEN 1260000 END, $4, $5::bigint, now(), CASE WHEN $6 THEN $5 END, CASE WHEN $6 THEN now() END) RETURNING id`,
			o.id, term.Code, cmp.Or(values[term.Code], "按双方商定"), w.stranger.OrgID, w.stranger.UserID, state == "settled"))
	}
	return o
}

// licenceOf is the file of an organisation's licence.
func (w *mxWorld) licenceOf(org int64) string {
	w.t.Helper()
	var id string
	err := w.Store.DB().QueryRowContext(w.t.Context(), `WITH f AS (INSERT INTO files (id, purpose, name, media_type, size, sha256, content, uploaded_by, created_at)
			VALUES ($2, 'licence', '执照.pdf', 'application/pdf', 8, sha256('%PDF-1.7'), '%PDF-1.7', $3, now()) RETURNING id)
		UPDATE orgs SET licence_file = coalesce(licence_file, (SELECT id FROM f)) WHERE id = $1 RETURNING licence_file`, org, strings.ToLower(formKey()), w.stranger.UserID).Scan(&id)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// changeOf is the request of an organisation to change its name that waits; there is one at a time.
func (w *mxWorld) changeOf(org, user int64) int64 {
	w.t.Helper()
	licence := w.licenceOf(org)
	return w.number(`WITH old AS (SELECT id FROM org_changes WHERE org_id = $1 AND state = 'pending'), new AS (
			INSERT INTO org_changes (org_id, name, uscc, type, licence_file, old_name, old_uscc, old_type, requested_by, requested_at)
			SELECT id, name || '（更名）', uscc, type, $3, name, uscc, type, $2, now() FROM orgs WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM old) RETURNING id)
		SELECT id FROM old UNION ALL SELECT id FROM new`, org, user, licence)
}

// edited is a public listing of the organisation and an edit of it in that state.
func (w *mxWorld) edited(kind market.Kind, state string, org int64) (listing, id int64) {
	w.t.Helper()
	listing = w.listing(kind, market.Published, org)
	text, err := w.Service.PublicText(w.t.Context(), market.Actor{OrgID: org}, kind, listing)
	if err != nil {
		w.t.Fatal(err)
	}
	text.Listing().SecrecyConfirmed = true
	content, err := json.Marshal(text)
	if err != nil {
		w.t.Fatal(err)
	}
	return listing, w.number(`INSERT INTO listing_revisions (listing_id, edit, state, content, version, updated_at, submitted_at)
		VALUES ($1, true, $2, $3, 2, now(), CASE WHEN $2 = 'in_review' THEN now() END) RETURNING id`, listing, state, string(content))
}

// gatedNeed is a public need that has more behind its gate.
func (w *mxWorld) gatedNeed(org int64) int64 {
	w.t.Helper()
	return w.number(`INSERT INTO listing_gates (listing_id, detail) VALUES ($1, '分散剂的牌号和加量') RETURNING listing_id`, w.listing(market.KindNeed, market.Published, org))
}

// disclosureIn is a request of the organisation in that state to read what is behind the listing's gate.
func (w *mxWorld) disclosureIn(state string, listing, org int64) int64 {
	w.t.Helper()
	return w.number(`INSERT INTO disclosures (listing_id, org_id, state, purpose, requested_by, requested_at, answered_at)
		VALUES ($1, $2, $3::text, '评估研磨工艺能否达到指标', $4, now(), CASE WHEN $3 <> 'requested' THEN now() END) RETURNING id`, listing, org, state, w.stranger.UserID)
}

// attached is a need with two files, of which the second has that use.
func (w *mxWorld) attached(use market.FileUse, state market.ListingState, org int64) (need int64, file string) {
	w.t.Helper()
	need = w.listing(market.KindNeed, state, org)
	for n, u := range []market.FileUse{market.UsePicture, use} {
		file = w.upload(w.stranger)
		w.exec(`INSERT INTO listing_files (file_id, listing_id, position, use, label, width, height, small)
			SELECT id, $2, $3, $4, '中试线', 64, 48, content FROM files WHERE id = $1`, file, need, n+1, u)
	}
	return need, file
}

// opened is a gated file that strangers have opened to the actor's organisation, or to others, and the actor has pledged.
func (w *mxWorld) opened(own bool, a market.Actor) mxObject {
	w.t.Helper()
	owner, reader := w.stranger.OrgID, a.OrgID
	if !own {
		owner, reader = w.strange.OrgID, w.stranger.OrgID
	}
	need, file := w.attached(market.UseGated, market.Published, owner)
	o := mxObject{id: w.disclosureIn("granted", need, reader), file: file}
	if a.SignedIn() {
		w.exec(`INSERT INTO disclosure_pledges (disclosure_id, user_id, version, user_name, org_name, address, at) VALUES ($1, $2, '2026-1', '甲', '乙', '', now())`, o.id, a.UserID)
	}
	return o
}

// dealWith is an agreed deal in which the organisation buys.
func (w *mxWorld) dealWith(org int64) int64 {
	w.t.Helper()
	need := w.listing(market.KindNeed, market.Published, org)
	inquiry := w.copy("inquiries", "id", w.inquiry, fields{"listing_id": need, "number": fmt.Sprintf("MX-%d", testSerial.Add(1)),
		"to_org": org, "turn_org": nil, "due_on": nil, "state": "agreed", "version": 1})
	w.copy("inquiry_messages", "inquiry_id", w.inquiry, fields{"inquiry_id": inquiry})
	return w.number(`INSERT INTO deals (number, inquiry_id, need_id, trade_mode, seller_org, buyer_org, title, kind, indicators, period, price, payment, acceptance, agreed_at)
		VALUES ($1, $2, $3, 'inquiry', $4, $5, '重钙超细研磨', 'D1', 'D97 ≤ 2.5 μm', '10 个月', 1260000, '验收后一次付清', '72 h 取样', now()) RETURNING id`,
		fmt.Sprintf("MX-%d", testSerial.Add(1)), inquiry, need, w.stranger.OrgID, org)
}

// contractIn is a contract in that state, which only the desk can bring about.
func (w *mxWorld) contractIn(state string, but fields) int64 {
	w.t.Helper()
	today := market.DateOf(w.Now()).Format(time.DateOnly)
	but["state"], but["number"], but["version"] = state, fmt.Sprintf("MX-%d", testSerial.Add(1)), 1
	if state != "draft" {
		but["submitted_at"] = w.Now()
	}
	switch state {
	case "supplement":
		but["reason_code"], but["reason"] = "R06", "请补盖印章"
	case "accepted", "second_review", "to_register", "registered":
		but["accepted_on"], but["due_on"], but["first_reviewer"] = today, today, w.strange.UserID
	}
	if state == "registered" {
		but["state"] = "to_register"
	}
	id := w.copy("contracts", "id", w.contract, but)
	w.copy("contract_parties", "contract_id", w.contract, fields{"contract_id": id})
	if state == "accepted" && but["related"] == nil || state == "second_review" {
		w.clearSignals(id)
	}
	if state != "registered" {
		return id
	}
	number := fmt.Sprintf("%d%012d", w.Service.Today().Year(), testSerial.Add(1))
	if err := w.Service.RegisterContract(w.t.Context(), w.person("registrar").actor, id, number, w.Service.Today()); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// sampleOfOne is a sample of the city's with one contract, which a stranger registered.
func (w *mxWorld) sampleOfOne() mxObject {
	w.t.Helper()
	sample := w.number(`INSERT INTO samples (region, from_on, to_on, strata, size, seed, through, population, population_hash, user_id, at)
		VALUES ('360800', current_date, current_date, 'none', 1, 'seed', 0, 1, sha256(''), $1, now()) RETURNING id`, w.strange.UserID)
	contract := w.contractIn("registered", fields{"seller_org": w.strange.OrgID})
	w.seal(market.LedgerLog)
	w.exec(`INSERT INTO sample_contracts (sample_id, position, contract_id, stratum) VALUES ($1, 1, $2, '')`, sample, contract)
	return mxObject{id: sample, file: fmt.Sprint(contract)}
}

// signalledContract names a signal of a contract.
func (w *mxWorld) signalledContract(id int64) mxObject {
	w.t.Helper()
	check, err := w.Store.SignalCheck(w.t.Context(), w.person("registrar").actor, w.Service.Today(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	related := check.Find(market.SignalRelated)
	return mxObject{id: id, version: 1, file: related.Kind, secret: related.Key}
}

// filedContract puts a file to a contract.
func (w *mxWorld) filedContract(id, user int64) mxObject {
	w.t.Helper()
	file := w.stray(market.FileContract, user)
	w.exec(`INSERT INTO contract_files (file_id, contract_id, use, added_at) VALUES ($1, $2, 'text', now())`, file, id)
	return mxObject{id: id, version: 1, file: file}
}

// paidContract notes a payment of an organisation under a contract.
func (w *mxWorld) paidContract(id, org, user int64) mxObject {
	w.t.Helper()
	payment := w.number(`INSERT INTO contract_payments (contract_id, paid_on, amount, file_id, org_id, user_id, added_at)
		VALUES ($1, current_date - 1, 1000, $2, $3, $4, now()) RETURNING id`, id, w.stray(market.FilePayment, user), org, user)
	return mxObject{id: id, version: 1, file: fmt.Sprint(payment)}
}

// amendedContract asks for a supplement, which two must look at or one.
func (w *mxWorld) amendedContract(id, user int64, two bool) mxObject {
	w.t.Helper()
	amendment := w.number(`INSERT INTO contract_amendments (contract_id, kind, why, obtained_on, total_amount, tech_amount, file_id, two, asked_at, due_on)
		VALUES ($1, 'supplement', '上半年提成', current_date, 1000, 1000, $2, $3, now(), current_date + 20) RETURNING id`, id, w.stray(market.FileContract, user), two)
	return mxObject{id: id, version: 1, file: fmt.Sprint(amendment)}
}

// objectedContract records an objection to a registered contract, which somebody has proposed to answer or two have answered.
func (w *mxWorld) objectedContract(id int64, how string) mxObject {
	w.t.Helper()
	desk := w.person("registrar").actor
	objection := w.number(`INSERT INTO contract_objections (contract_id, objector, name, letter_number, letter_on, body, file_id, registered, received_at, due_on)
		VALUES ($1, 'tax', '国家税务总局吉安市税务局', '吉税函〔2026〕41 号', current_date, '标的疑似设备买卖', $2, true, now(), current_date + 30) RETURNING id`, id, w.stray(market.FileContract, desk.UserID))
	if how != "objected" {
		w.exec(`UPDATE contract_objections SET state = 'proposed', outcome = 'upheld', reason = '标的有技术内容', first_reviewer = $2 WHERE id = $1`, objection, w.strange.UserID)
	}
	if how == "answered" {
		w.exec(`UPDATE contract_objections SET state = 'decided', second_reviewer = $2, decided_at = now() WHERE id = $1`, objection, desk.UserID)
	}
	return mxObject{id: id, version: 1, file: fmt.Sprint(objection)}
}

// nextMonth is the month that can be closed next. The ledger begins two years ago.
func (w *mxWorld) nextMonth() string {
	w.t.Helper()
	if w.number(`SELECT count(*) FROM ledger_entries WHERE effective_on < current_date - 700`) == 0 {
		contract := w.contractIn("registered", fields{"seller_org": w.strange.OrgID})
		w.exec(`INSERT INTO ledger_entries (contract_id, kind, effective_on, contracts, total_amount, tech_amount, seller_in_city, buyer_in_city, seller_region, buyer_region,
				contract_kind, tech_field, seller_type, buyer_type, ip_type, trade_mode, has_agency, at)
			SELECT id, 'supplement', current_date - 730, 0, total_amount, tech_amount, true, false, '360825', '360100', kind, tech_field, seller_type, buyer_type, ip_type, trade_mode, false,
				now() - interval '730 days' FROM contracts WHERE id = $1`, contract)
	}
	w.seal(market.LedgerLog)
	first, closed, err := w.Store.LedgerSpan(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	months := market.ClosableMonths(first, closed, w.Service.Today())
	return months[len(months)-1].Format("2006-01")
}

// seal adds all that waits to a log's chain: transactions of other tests on the same server make a sealer wait.
func (s *testServer) seal(log market.ChainLog) {
	s.t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; {
		if _, err := s.Store.Seal(s.t.Context(), log, 1000); err != nil {
			s.t.Fatal(err)
		}
		state, err := s.Store.ChainState(s.t.Context(), log)
		if err != nil {
			s.t.Fatal(err)
		}
		if state.Unsealed == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%d rows were never sealed", state.Unsealed)
		}
	}
}

// monthEnd is a closed month.
func (w *mxWorld) monthEnd() mxObject {
	w.t.Helper()
	if w.number(`SELECT count(*) FROM month_ends`) == 0 {
		if err := w.Service.CloseMonth(w.t.Context(), w.person("statistician").actor, market.ParseMonth(w.nextMonth())); err != nil {
			w.t.Fatal(err)
		}
	}
	ends, err := w.Store.MonthEnds(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return mxObject{name: ends[0].Month.Format("2006-01")}
}

// stray is a file that somebody has uploaded for that purpose, without an entry in the audit.
func (w *mxWorld) stray(purpose market.FilePurpose, user int64) string {
	w.t.Helper()
	id := strings.ToLower(formKey())
	w.exec(`INSERT INTO files (id, purpose, name, media_type, size, sha256, content, uploaded_by, created_at)
		VALUES ($1, $2, '合同.pdf', 'application/pdf', 8, sha256('%PDF-1.7'), '%PDF-1.7', $3, now())`, id, purpose, user)
	return id
}

// ask sends a request of a route about an object, by browser or, for the API, by token.
func (w *mxWorld) ask(p mxPerson, route string, o mxObject) answer {
	w.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	at := strings.NewReplacer(":id", cmp.Or(o.name, fmt.Sprint(o.id)), ":file", o.file, ":question", o.file, ":user", o.file, ":payment", o.file, ":amendment", o.file, ":objection", o.file, ":signal", o.file, ":contract", o.file, ":number", "1").Replace(path)
	switch {
	case strings.HasPrefix(path, "/api/"):
		body := mxBody(route, o)
		if _, ok := body["content"]; ok && (strings.HasSuffix(route, ":id/files") || strings.HasSuffix(route, "/payments")) {
			body["content"] = []byte(picture(w.t))
		}
		if letter, ok := body["letter"].(map[string]any); ok {
			letter["content"] = []byte(picture(w.t))
		}
		if proof, ok := body["proof"].(map[string]any); ok {
			proof["content"] = []byte(picture(w.t))
		}
		if strings.HasSuffix(route, "/targets") && body != nil {
			body["last"] = w.number(lastTarget)
		}
		if strings.HasSuffix(route, "/judges") {
			body["email"] = w.email(w.stranger.UserID)
		}
		return w.call(p, method, at, body)
	case method == http.MethodGet && o.secret != "":
		return p.web.get(at + "?t=" + o.secret)
	case method == http.MethodGet && at == path && o.id != 0:
		return p.web.get(path + fmt.Sprintf("?listing=%d", o.id))
	case route == "GET /imports/template.xlsx":
		return p.web.get(at + "?kind=result")
	case method == http.MethodGet:
		return p.web.get(at)
	case route == "POST /login":
		got := p.web.post(at, w.form(route, p, o))
		if got.location == "/login/code" {
			w.setSecond(p.actor.UserID)
			got = p.web.post(got.location, url.Values{"code": {testCode(w.t)}})
		}
		return got
	case route == "POST /bureau/reconciliation":
		return p.web.upload(at, url.Values{"period": {"2025"}, "key": {formKey()}}, "导出.csv", nationalList)
	case route == "POST /imports":
		return p.web.upload(at, url.Values{"kind": {"result"}, "key": {formKey()}}, "成果.csv", mxList)
	case p.name == "guest":
		return w.visitor().post(at, w.form(route, p, o)) // registering would make the guest somebody
	}
	return p.web.post(at, w.form(route, p, o))
}

// call sends a request to the API.
func (w *mxWorld) call(p mxPerson, method, path string, body any) answer {
	w.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.http.URL+path, strings.NewReader(string(raw)))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	if p.actor.OrgID != 0 {
		req.Header.Set(actingHeader, fmt.Sprint(p.actor.OrgID))
	}
	return w.visitor().do(req)
}

// form is one that serves every route: the fields of all forms of the site, filled in rightly.
func (w *mxWorld) form(route string, p mxPerson, o mxObject) url.Values {
	form := contractValues("重钙超细研磨助剂体系技术开发")
	for _, more := range []url.Values{needForm(), resultForm(), {
		"t": {o.secret}, "key": {formKey()}, "version": {fmt.Sprint(o.version)}, "listing": {fmt.Sprint(o.id)}, "ids": {fmt.Sprint(o.id)}, "useful": {"yes"}, "up_to": {"1"}, "back": {"/work"},
		"name": {"测试员"}, "email": {fmt.Sprintf("new%d@test.example", testSerial.Add(1))}, "password": {testPassword}, "agreed": {"1"}, "token_name": {"每晚同步"}, "email_password": {testPassword}, "second_password": {testPassword}, "close_password": {testPassword}, "recommend": {"1"}, "query": {fmt.Sprintf("q=重钙%d", testSerial.Add(1))}, "often": {"weekly"},
		"uscc": {string(testUSCC(w.t))}, "type": {"enterprise"}, "region": {"360825"}, "legal_rep": {"王一"}, "role": {"viewer"},
		"codes": {"N1"}, "code": {"R06"}, "note": {"请按意见修改后再来"}, "answer": {"interested"}, "body": {"可以取样试验，想了解进料和能耗"}, "reason": {"暂缓"}, "fall_reason": {"资金没有落实"},
		"purpose": {"评估研磨工艺能否达到指标"}, "pledge": {"1"},
		"indicators": {"D97 ≤ 2.5 μm"}, "period": {"10 个月"}, "payment": {"验收后一次付清"}, "acceptance": {"72 h 取样"}, "price": {"126"}, "price_unit": {"万元"},
		"instalments.milestone": {"合同生效后", "验收合格后"}, "instalments.due_on": {"", w.Service.Today().AddDate(0, 10, 0).Format(time.DateOnly)}, "instalments.amount": {"26", "100"},
		"number": {fmt.Sprintf("%d%012d", w.Service.Today().Year(), testSerial.Add(1))}, "registered_on": {w.Service.Today().Format(time.DateOnly)},
	}} {
		maps.Copy(form, more)
	}
	for _, id := range o.terms {
		form.Add("term", fmt.Sprint(id))
	}
	for _, subject := range market.Subjects {
		for _, check := range subject.Checks() {
			form.Set("check."+check.Code, string(market.TickYes))
		}
	}
	if strings.Contains(route, "/bureau/reconciliation/") && !strings.HasSuffix(route, "/change") {
		return reconcileValues(route, o)
	}
	if strings.Contains(route, "/challenges") || strings.Contains(route, "/proposals") {
		maps.Copy(form, w.challengeValues(o))
	}
	switch route {
	case "POST /challenges/:id/judges":
		form.Set("email", w.email(w.stranger.UserID))
	case "POST /imports/:id/columns":
		form["column"] = []string{"id", "title", "summary"}
	case "POST /experts", "POST /experts/:id":
		maps.Copy(form, expertValues())
	case "POST /disclosures/:id/pledge":
		form.Set("version", "2026-1")
	case "POST /listings/:id/files", "POST /listings/:id/files/:file":
		form.Set("label", "中试线研磨段照片")
		form.Set("use", "public")
		if p.actor.SignedIn() {
			form.Set("listing_id", w.upload(p.actor))
		}
	case "POST /bureau/reconciliation/:id/contracts/:contract/change":
		maps.Copy(form, url.Values{"title": {nationalTitle}, "why": {"与全国系统对账，项目名称以全国为准"}})
		if p.actor.SignedIn() {
			form.Set("contract_id", w.stray(market.FileContract, p.actor.UserID))
		}
	case "POST /contracts/:id/change", "POST /contracts/:id/supplement":
		maps.Copy(form, url.Values{"why": {"双方签订了补充协议"}, "obtained_on": {w.Service.Today().Format(time.DateOnly)}, "tech_amount": {"100"}, "tech_amount_unit": {"万元"}})
		if p.actor.SignedIn() {
			form.Set("contract_id", w.stray(market.FileContract, p.actor.UserID))
		}
	case "POST /registry/samples":
		form = url.Values{"from": {w.Service.Today().Format(time.DateOnly)}, "to": {w.Service.Today().Format(time.DateOnly)}, "strata": {"kind"}, "size": {"1"}, "key": {formKey()}}
	case "POST /registry/samples/:id/contracts/:contract":
		form = url.Values{"finding": {"problem"}, "note": {"缺少付款凭证"}}
	case "POST /contracts/:id/signals/:signal":
		maps.Copy(form, url.Values{"key": {o.secret}, "finding": {"clear"}, "note": {"价款有评估报告"}})
	case "POST /contracts/:id/objections":
		maps.Copy(form, url.Values{"objector": {"tax"}, "name": {"国家税务总局吉安市税务局"}, "letter_number": {"吉税函〔2026〕41 号"}, "letter_on": {w.Service.Today().Format(time.DateOnly)},
			"body": {"标的疑似设备买卖，请重新核定"}})
		if p.actor.SignedIn() {
			form.Set("contract_id", w.stray(market.FileContract, p.actor.UserID))
		}
	case "POST /contracts/:id/objections/:objection/propose":
		maps.Copy(form, url.Values{"outcome": {"revoked"}, "ground": {"X01"}, "benefits": {"none"}})
	case "POST /contracts/:id/cancel", "POST /contracts/:id/revoke":
		form.Set("ground", map[bool]string{true: "Z01", false: "X03"}[strings.HasSuffix(route, "cancel")])
		form.Set("benefits", "none")
	case "POST /contracts/:id/files", "POST /contracts/:id/payments":
		maps.Copy(form, url.Values{"use": {"text"}, "label": {"主合同"}, "paid": {"2"}, "paid_unit": {"万元"}, "note": {"第 1 期"}, "paid_on": {w.Service.Today().Format(time.DateOnly)}})
		if p.actor.SignedIn() {
			form.Set("contract_id", w.stray(market.FileContract, p.actor.UserID))
			form.Set("proof_id", w.stray(market.FilePayment, p.actor.UserID))
		}
	case "POST /review/orgs/:id/reject", "POST /review/changes/:id/return":
		form.Set("codes", "U1")
	case "POST /org/edit":
		form.Set("version", fmt.Sprint(w.number(`SELECT coalesce(max(version), 0) FROM orgs WHERE id = $1`, p.actor.OrgID)))
	case "POST /account/email/resend":
		if p.actor.SignedIn() {
			w.number(`UPDATE users SET email_confirmed_at = NULL WHERE id = $1 RETURNING id`, p.actor.UserID)
		}
	case "POST /admin/users", "POST /admin/users/:id/duties":
		form.Set("duties", "reviewer")
		form.Set("county", "360825")
	case "POST /admin/settings":
		maps.Copy(form, w.settingsForm())
	case "POST /bureau/month-ends":
		form = url.Values{"month": {o.name}}
	case "POST /bureau/targets":
		form = url.Values{"version": {fmt.Sprint(w.number(lastTarget))}, "year": {"2027"}, "region": {market.City}, "basis": {"output"}, "amount": {"302500"},
			"amount_unit": {"万元"}, "status": {"proposed"}, "source": {"按上年目标增长 10% 拟定"}}
	case "POST /bureau/rewards", "POST /bureau/rewards/:id":
		maps.Copy(form, rewardValues())
	case "POST /review/lexicon":
		maps.Copy(form, w.lexiconForm())
	case "POST /review/lexicon/:id":
		maps.Copy(form, w.lexiconForm())
	case "POST /acting":
		form.Set("to", actingText(p.actor.Acting()))
	case "POST /mandates":
		if p.actor.SignedIn() {
			form.Set("mandate_id", w.authority(p.actor))
		}
		form.Set("agency", fmt.Sprint(w.spare))
		form["scopes"] = []string{"post", "contract"}
		form.Set("starts_on", w.Service.Today().Format(time.DateOnly))
		form.Set("ends_on", w.Now().AddDate(0, 6, 0).In(market.Shanghai).Format(time.DateOnly))
	case "POST /account/second":
		if p.actor.Staff() {
			w.setSecond(p.actor.UserID)
		}
		secret := strings.ReplaceAll(p.web.get("/account/second").page(w.t).Find(".mk-setup .mk-secret").Text(), " ", "")
		code, err := service.CodeAt(secret, time.Now())
		if err != nil {
			w.t.Fatal(err)
		}
		form.Set("code", code)
		form.Set("old_code", testCode(w.t))
	case "POST /account/second/off":
		if p.actor.SignedIn() && !p.actor.Staff() {
			w.setSecond(p.actor.UserID)
		}
		form.Set("old_code", testCode(w.t))
	case "POST /account/password":
		form.Set("old_password", testPassword)
		form.Set("password", mxNewPassword)
	case "POST /login":
		form.Set("password", mxNewPassword)
		form.Set("email", w.email(cmp.Or(p.actor.UserID, w.strange.UserID)))
	case "POST /org/changes":
		form.Set("name", fmt.Sprintf("第 %d 家单位", testSerial.Add(1)))
		if p.actor.SignedIn() {
			form.Set("licence_id", w.licence(p.actor))
		}
	case "POST /org":
		form.Set("name", fmt.Sprintf("第 %d 家单位", testSerial.Add(1)))
	}
	return form
}

const lastTarget = `SELECT coalesce(max(id), 0) FROM targets`

// settingsForm is the form of the settings, with another organiser each time.
func (w *mxWorld) settingsForm() url.Values {
	return url.Values{"version": {fmt.Sprint(w.number(`SELECT coalesce(max(id), 0) + 1 FROM setting_changes`))}, "organiser": {fmt.Sprintf("吉安市第 %d 局", testSerial.Add(1))},
		"hours": {"工作日 8:30—12:00，14:30—17:30"}, "phone": {"0796-8234567"}, "icp": {"赣ICP备12345678号-1"}, "police": {"赣公网安备 36080202000123号"}, "site_code": {"3608000012"}}
}

func (w *mxWorld) latestLexicon() int64 {
	w.t.Helper()
	return w.number(`SELECT coalesce(max(number), 0) FROM lexicon_versions`)
}

// lexiconForm is the form of a new group of synonyms.
func (w *mxWorld) lexiconForm() url.Values {
	n := testSerial.Add(1)
	return url.Values{"version": {fmt.Sprint(w.latestLexicon() + 1)}, "kind": {"synonyms"}, "field": {"calcium"}, "note": {"行业标准"}, "terms": {fmt.Sprintf("试词%d\r\n别称%d", n, n)}}
}

// lexiconEntry adds a group of synonyms and returns its number.
func (w *mxWorld) lexiconEntry() int64 {
	w.t.Helper()
	n, before := testSerial.Add(1), w.latestLexicon()
	entry := market.LexiconEntry{Kind: market.LexiconSynonyms, Field: "calcium", Note: "行业标准", Terms: []string{fmt.Sprintf("原词%d", n), fmt.Sprintf("旧称%d", n)}}
	if err := w.Service.AddLexiconEntry(w.t.Context(), w.person("reviewer").actor, service.LexiconForm{Version: before, LexiconEntry: entry}); err != nil {
		w.t.Fatal(err)
	}
	return before + 1
}

// mxNewPassword is what everybody changes their password to.
const mxNewPassword = "另一句长一点的话 2027"

func (w *mxWorld) email(user int64) string {
	w.t.Helper()
	var email string
	if err := w.Store.DB().QueryRowContext(w.t.Context(), `SELECT email FROM users WHERE id = $1`, user).Scan(&email); err != nil {
		w.t.Fatal(err)
	}
	return email
}

// mxBody is the JSON that a call of the API takes.
func mxBody(route string, o mxObject) map[string]any {
	method, path, _ := strings.Cut(route, " /api/v1")
	if method == http.MethodDelete {
		return nil
	}
	if strings.HasPrefix(path, "/reconciliations") {
		return reconcileBody(path, o)
	}
	today := market.DateOf(time.Now())
	ends := today.AddDate(1, 0, 0).Format(time.DateOnly)
	switch act := path[strings.LastIndex(path, "/")+1:]; act {
	case "month-ends":
		return map[string]any{"month": o.name}
	case "targets":
		return map[string]any{"year": 2027, "region": market.City, "basis": "output", "amount": "3025000000", "status": "proposed", "source": "按上年目标增长 10% 拟定", "last": o.id}
	case "rewards":
		return rewardBody()
	case "claim", "release":
		return map[string]any{"subject": "need", "id": o.id}
	case "disclosures":
		return map[string]any{"listing_id": o.id, "purpose": "评估研磨工艺能否达到指标"}
	case "pledge":
		return map[string]any{"version": "2026-1", "pledge": true}
	case "needs", "results":
		return map[string]any{"title": "重钙浆料研磨返粗与升温控制", "submarket": "materials"}
	case "contracts":
		return map[string]any{"title": "重钙超细研磨助剂体系技术开发", "kind": "D1", "tech_field": "materials", "ip_type": "none", "plan_source": "none",
			"seller":       map[string]any{"type": "022"},
			"buyer":        map[string]any{"name": "江西市场外有限公司", "uscc": "91350100M000100Y43", "type": "150", "region": "360100"},
			"total_amount": "1260000", "payment_mode": "lump", "signed_on": today.Format(time.DateOnly), "starts_on": today.Format(time.DateOnly), "ends_on": ends}
	case "imports":
		return map[string]any{"kind": "result", "file_name": "成果.csv", "content": []byte(mxList)}
	case "columns":
		return map[string]any{"columns": []string{"id", "title", "summary"}}
	case "accept":
		if strings.HasPrefix(path, "/challenges") {
			return map[string]any{"declared": true}
		}
		if strings.HasPrefix(path, "/imports") {
			return map[string]any{"similar": true}
		}
	case "inquiries":
		return map[string]any{"listing_id": o.id, "body": "可以取样试验，想了解进料和能耗"}
	case "searches":
		return map[string]any{"query": fmt.Sprintf("q=重钙%d", testSerial.Add(1))}
	case ":id":
		if strings.HasPrefix(path, "/searches") {
			return map[string]any{"often": "once"}
		}
		if strings.HasPrefix(path, "/rewards") {
			body := rewardBody()
			body["version"] = o.version
			return body
		}
		return map[string]any{"title": "改过的标题"}
	case "challenges":
		return map[string]any{"title": "重钙浆料研磨返粗与升温控制", "submarket": "materials", "fields": []string{"calcium"}}
	case "remand":
		return map[string]any{"note": "评语不完整，请重新决定"}
	case "questions":
		return map[string]any{"question": "来料的水分大约是多少"}
	case "judges":
		return map[string]any{"email": "judge@test.example"}
	case "score":
		return map[string]any{"scores": []int{80, 90}, "comments": []string{"路线可行", "团队有经验"}}
	case "decide":
		return map[string]any{"outcome": "按评审总分决定，第一名中榜", "awarded": []json.Number{json.Number(o.file)}, "reasons": []map[string]any{{"proposal": json.Number(o.file), "reason": "总分第一"}}}
	case "objections":
		return map[string]any{"objector": "finance", "name": "吉安市财政局", "letter_number": "无", "letter_on": today.Format(time.DateOnly), "body": "标的疑似设备买卖",
			"letter": map[string]any{"file_name": "来函.png", "content": ""}}
	case "withdraw":
		if strings.Contains(path, "/objections/") {
			return map[string]any{"note": "来函撤回"}
		}
	case "void":
		return map[string]any{"reason": "金额填错"}
	case "samples":
		return map[string]any{"from": today.Format(time.DateOnly), "to": today.Format(time.DateOnly), "strata": "county", "size": 1}
	case ":contract":
		return map[string]any{"finding": "clear"}
	case ":signal":
		return map[string]any{"key": o.secret, "finding": "clear", "note": "价款有评估报告"}
	case "change":
		return map[string]any{"title": "改过的题名", "economic_goal": "industry", "why": "双方签订了补充协议", "proof": map[string]any{"file_name": "协议.png", "content": ""}}
	case "supplement":
		return map[string]any{"obtained_on": today.Format(time.DateOnly), "total_amount": "1000", "why": "上半年提成", "proof": map[string]any{"file_name": "结算单.png", "content": ""}}
	case "payments":
		return map[string]any{"file_name": "回单.png", "content": "", "paid_on": today.Format(time.DateOnly), "amount": "20000"}
	case "files":
		if strings.HasPrefix(path, "/contracts") {
			return map[string]any{"file_name": "合同.png", "content": "", "use": "text"}
		}
		return map[string]any{"file_name": "照片.png", "content": "", "label": "中试线研磨段照片", "use": "public"}
	case ":file":
		return map[string]any{"label": "中试线研磨段照片", "use": "gated"}
	case "answer":
		if strings.HasPrefix(path, "/challenges") {
			return map[string]any{"answer": "约百分之一"}
		}
		return map[string]any{"answer": "interested", "body": "可以取样"}
	case "decline":
		if strings.HasPrefix(path, "/challenges") {
			break
		}
		return map[string]any{"reason": "暂缓"}
	case "proposal":
		return map[string]any{"version": o.version, "answers": []string{"两段研磨", "五人团队"}, "team": "五人", "plan": "分三步", "period": "10 个月", "price": 900000}
	case "fall":
		return map[string]any{"fall_reason": "资金没有落实"}
	case "mark":
		return map[string]any{"useful": true}
	case "propose":
		if strings.Contains(path, "/objections/") {
			return map[string]any{"outcome": "upheld", "note": "标的有技术内容"}
		}
		return map[string]any{"version": o.version, "terms": []map[string]any{{"term": "period", "value": "10 个月"}}}
	case "agree-terms":
		return map[string]any{"term_ids": o.terms}
	case "agree", "publish":
		return map[string]any{"version": o.version}
	case "return":
		if strings.Contains(path, "/objections/") {
			return map[string]any{"note": "理由不够"}
		}
		if strings.HasPrefix(path, "/contracts") {
			return map[string]any{"code": "R06", "note": "请补盖印章"}
		}
		return map[string]any{"version": o.version, "codes": []string{"N1"}, "note": "请写清楚"}
	case "refuse", "revoke":
		if strings.HasPrefix(path, "/disclosures") {
			return map[string]any{"reason": "暂缓"}
		}
		if act == "revoke" {
			return map[string]any{"ground": "X03", "benefits": "unknown", "note": "重复登记"}
		}
		return map[string]any{"code": "R07", "note": "不是技术合同"}
	case "register":
		return map[string]any{"registration_number": fmt.Sprintf("%d%012d", today.Year(), testSerial.Add(1))}
	case "cancel":
		if strings.HasPrefix(path, "/challenges") {
			return map[string]any{"note": "双方解除"}
		}
		return map[string]any{"ground": "Z01", "benefits": "none", "note": "双方解除"}
	}
	return map[string]any{}
}
