package server

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"techmarket/internal/market"
)

// mxChallenges say who may what about challenges. A "bid" is a challenge of strangers with a proposal of one's own
// organisation, a "judged" one is to be judged by oneself, a "named" one by somebody else; "offer" and "graded" are a proposal
// for a challenge of one's own organisation, and one that oneself has to judge.
var mxChallenges = []mxLine{
	{"GET /challenges", "", mxEverybody, ""},
	{"GET /challenges/new", "", cut(mxPeople, "viewer", "talking", "drafting"), ""}, // leads those without organisation to its form
	{"POST /challenges", "", mxPosters, ""},
	{"GET /challenges/:id", "challenge open", mxEverybody, mxSeers},
	{"GET /challenges/:id", "challenge judging", mxEverybody, mxSeers},
	{"GET /challenges/:id", "challenge in_review", mxReaders, mxSeers},
	{"GET /challenges/:id", "challenge draft", mxNobody, mxSeers},
	{"GET /challenges/:id/edit", "challenge draft", mxNobody, mxPosters},
	{"POST /challenges/:id", "challenge draft", mxNobody, mxPosters},
	{"POST /challenges/:id/submit", "challenge draft", mxNobody, mxPublishers},
	{"POST /challenges/:id/recall", "challenge in_review", mxNobody, mxPosters},
	{"POST /challenges/:id/delete", "challenge draft", mxNobody, mxPosters},
	{"GET /review/challenges/:id", "challenge in_review", mxReviewers, mxNobody},
	{"GET /review/challenges/:id", "challenge draft", mxNobody, mxNobody},
	{"POST /review/challenges/:id/claim", "challenge in_review", mxReviewers, mxNobody},
	{"POST /review/challenges/:id/release", "challenge in_review", mxReviewers, mxNobody},
	{"POST /challenges/:id/publish", "challenge in_review", mxReviewers, mxNobody},
	{"POST /challenges/:id/publish", "challenge draft", mxNobody, mxNobody},
	{"POST /challenges/:id/return", "challenge in_review", mxReviewers, mxNobody},
	{"POST /challenges/:id/cancel", "challenge open", mxReviewers, mxNobody},
	{"POST /challenges/:id/cancel", "challenge draft", mxNobody, mxNobody},
	{"POST /challenges/:id/remand", "challenge publicity", mxReviewers, mxNobody},
	{"POST /challenges/:id/questions", "challenge open", mxDealers, mxNotAsked},
	{"POST /challenges/:id/questions", "challenge draft", mxNobody, mxNotAsked},
	{"POST /challenges/:id/questions/:question/answer", "challenge open", mxNobody, mxPublishers},
	{"GET /challenges/:id/proposal", "bid open", mxDealers, mxTalkers},     // others may hand in their own
	{"GET /challenges/:id/proposal", "bid judging", mxNotAsked, mxTalkers}, // others are told that it is over
	{"GET /challenges/:id/proposal", "challenge draft", mxNobody, mxNobody},
	{"POST /challenges/:id/proposal", "bid open", mxDealers, mxDealers},
	{"POST /challenges/:id/proposal", "challenge draft", mxNobody, mxNobody},
	{"POST /challenges/:id/proposal/withdraw", "bid open", mxNobody, mxNegotiators},
	{"GET /files/:id", "attachment open", mxNobody, mxTalkers},
	{"GET /files/:id", "asked attachment open", mxNobody, mxNobody},
	{"GET /files/:id", "asked attachment judging", mxNobody, mxImporters},
	{"GET /challenges/:id/judging", "challenge open", mxNobody, mxImporters},
	{"GET /challenges/:id/judging", "bid judging", mxNobody, mxNobody},
	{"GET /challenges/:id/judging", "judged open invited", mxNobody, mxSeers},
	{"GET /challenges/:id/judging", "judged judging removed", mxNobody, mxNobody},
	{"POST /challenges/:id/judging/accept", "judged open invited", mxNobody, mxSeers},
	{"POST /challenges/:id/judging/decline", "judged open invited", mxNobody, mxSeers},
	{"POST /challenges/:id/judges", "challenge open", mxNobody, mxPublishers},
	{"POST /challenges/:id/judges/:user/remove", "named open", mxNobody, mxPosters},
	{"POST /challenges/:id/decide", "scored judging", mxNobody, mxPublishers},
	{"GET /proposals/:id", "offer open", mxNobody, mxNobody}, // sealed, also for its poster
	{"GET /proposals/:id", "offer judging", mxNobody, mxImporters},
	{"GET /proposals/:id", "graded open", mxNobody, mxNobody},
	{"GET /proposals/:id", "graded judging", mxNobody, mxSeers},
	{"POST /proposals/:id/score", "graded open", mxNobody, mxNobody},
	{"POST /proposals/:id/score", "graded judging", mxNobody, mxSeers},
	{"POST /proposals/:id/score", "offer judging", mxNobody, mxNobody}, // its poster reads it, and judges it not
	{"POST /deals/:id/fall", "won deal", mxNobody, mxNegotiators},
	{"GET /work/challenges", "", mxPeople, ""},
}

// challengeObject is a thing about challenges as a line names it. It answers false for a name that is of something else.
func (w *mxWorld) challengeObject(on string, own bool, a market.Actor) (mxObject, bool) {
	w.t.Helper()
	org, user := w.strange.OrgID, w.strange.UserID
	if own {
		org, user = a.OrgID, a.UserID
	}
	noun, rest, _ := strings.Cut(on, " ")
	state, more, _ := strings.Cut(rest, " ")
	o := mxObject{version: 1}
	switch noun {
	case "challenge":
		o.id = w.challengeIn(state, org)
		if state == "open" {
			o.file = fmt.Sprint(w.number(`INSERT INTO challenge_questions (challenge_id, org_id, asked_by, question, asked_at) VALUES ($1, $2, $3, '来料的水分大约是多少', now()) RETURNING id`,
				o.id, w.stranger.OrgID, w.stranger.UserID))
		}
	case "bid":
		o.id = w.challengeIn(state, w.stranger.OrgID)
		w.proposalIn(o.id, org)
	case "attachment":
		o.name = w.attachmentOf(w.proposalIn(w.challengeIn(state, w.stranger.OrgID), org))
	case "asked":
		o.name = w.attachmentOf(w.proposalIn(w.challengeIn(more, org), w.stranger.OrgID))
	case "judged":
		o.id = w.challengeIn(state, w.stranger.OrgID)
		w.judgeOf(o.id, user, more)
	case "named":
		o.id = w.challengeIn(state, org)
		o.file = fmt.Sprint(w.judgeOf(o.id, w.newcomer(), "accepted"))
	case "scored":
		o.id = w.challengeIn(state, org)
		o.file = fmt.Sprint(w.proposalIn(o.id, w.stranger.OrgID))
		w.exec(`INSERT INTO challenge_scores (proposal_id, user_id, position, score, comment, at) SELECT $1::bigint, $2::bigint, n, 80, '可行', now() FROM generate_series(1, 2) n`,
			o.file, w.judgeOf(o.id, w.newcomer(), "accepted"))
	case "offer":
		o.id = w.proposalIn(w.challengeIn(state, org), w.stranger.OrgID)
	case "graded":
		challenge := w.challengeIn(state, w.stranger.OrgID)
		w.judgeOf(challenge, user, "accepted")
		o.id = w.proposalIn(challenge, w.spare)
	case "won":
		o.id = w.number(`INSERT INTO deals (number, challenge_id, trade_mode, seller_org, buyer_org, title, kind, indicators, period, price, payment, acceptance, agreed_at)
			VALUES ($1, $2, 'challenge', $3, $4, '重钙超细研磨', 'D1', 'D97 ≤ 2.5 μm', '10 个月', 1260000, '验收后一次付清', '72 h 取样', now()) RETURNING id`,
			fmt.Sprintf("MX-%d", testSerial.Add(1)), w.challengeIn("awarded", org), w.stranger.OrgID, org)
	default:
		return o, false
	}
	return o, true
}

// challengeIn is a whole challenge of the organisation in that state.
func (w *mxWorld) challengeIn(state string, org int64) int64 {
	w.t.Helper()
	deadline := market.ChallengeDeadline(w.Now().AddDate(0, 0, 20))
	var submitted, published, opened, until any
	outcome := ""
	if state != "draft" {
		submitted = w.Now()
	}
	if state != "draft" && state != "in_review" {
		published = w.Now()
	}
	if slices.Contains([]string{"judging", "publicity", "awarded"}, state) {
		deadline, opened = w.Now().AddDate(0, 0, -2), w.Now()
	}
	if state == "publicity" || state == "awarded" {
		outcome, until = "按评审总分决定", w.Now().AddDate(0, 0, 5)
	}
	id := w.number(`INSERT INTO challenges (number, org_id, state, title, submarket, fields, problem, award, payment, contract_kind, awards, deadline, secrecy_confirmed, contact_name,
			submitted_at, published_at, opened_at, publicity_until, outcome, created_at, updated_at)
		VALUES ($1, $2, $3, '重钙浆料研磨返粗与升温控制', 'materials', '{calcium}', '研磨到 2 μm 以下时浆料升温返粗，试过换介质和分散剂都不稳定', 2000000, '签约付三成，验收付七成', 'D1', 1, $4, true, '王工',
			$5, $6, $7, $8, $9, now(), now()) RETURNING id`, fmt.Sprintf("MX-%d", testSerial.Add(1)), org, state, deadline, submitted, published, opened, until, outcome)
	w.exec(`INSERT INTO challenge_criteria (challenge_id, position, name, detail, weight) VALUES ($1, 1, '技术路线', '可行', 60), ($1, 2, '团队与保障', '', 40)`, id)
	w.exec(`INSERT INTO challenge_indicators (challenge_id, position, name, now_value, target_value, unit, method) VALUES ($1, 1, '粒径 D97', '4.8', '≤2.5', 'μm', '激光粒度仪')`, id)
	return id
}

// proposalIn is a proposal of the organisation for a challenge.
func (w *mxWorld) proposalIn(challenge, org int64) int64 {
	return w.number(`INSERT INTO proposals (challenge_id, org_id, answers, team, plan, period, price, submitted_by, submitted_at, updated_at)
		VALUES ($1, $2, '{两段研磨,五人团队}', '五人', '分三步', '10 个月', 900000, $3, now(), now()) RETURNING id`, challenge, org, w.stranger.UserID)
}

// attachmentOf is a file of a proposal.
func (w *mxWorld) attachmentOf(proposal int64) string {
	id := w.paper(w.newUser(), market.FileProposal, "路线图.pdf")
	w.exec(`INSERT INTO proposal_files (proposal_id, file_id, position) VALUES ($1, $2, 1)`, proposal, id)
	return id
}

// judgeOf names a person to judge.
func (w *mxWorld) judgeOf(challenge, user int64, state string) int64 {
	return w.number(`INSERT INTO challenge_judges (challenge_id, user_id, state, invited_by, invited_at, answered_at) VALUES ($1, $2, $3, $4, now(), now()) RETURNING user_id`,
		challenge, user, state, w.strange.UserID)
}

// challengeValues are the fields of all forms about challenges, filled in rightly.
func (w *mxWorld) challengeValues(o mxObject) url.Values {
	form := url.Values{"award": {"200"}, "award_unit": {"万元"}, "awards": {"1"}, "contract_kind": {"D1"}, "deadline": {w.Now().AddDate(0, 0, 30).In(market.Shanghai).Format("2006-01-02")},
		"payment": {"签约付三成，验收付七成"}, "requirements": {"有工业化案例"}, "criteria.name": {"技术路线", "团队与保障"}, "criteria.detail": {"可行", ""}, "criteria.weight": {"60", "40"},
		"question": {"来料的水分大约是多少"}, "answer": {"百分之三以下"}, "declared": {"1"}, "answer.0": {"两段研磨"}, "answer.1": {"五人团队"}, "team": {"五人"}, "plan": {"分三步"},
		"score.0": {"80"}, "score.1": {"70"}, "comment.0": {"可行"}, "comment.1": {"扎实"}, "outcome": {"按评审总分和可行性决定如上"}, "awarded": {o.file}, "proposal": {o.file}, "reason": {"总分第一"}}
	return form
}
