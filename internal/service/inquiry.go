package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// OpenInquiry writes to the owner of a published listing and returns the inquiry's id. otherID is the own published
// listing of the other kind that the writer offers or asks with, 0 for none. For editors of verified organisations;
// one inquiry at a time runs between two organisations about a listing. The owner has to answer within the response
// time. key is the form's one-time key. Errors name the fields with and body.
func (s *Service) OpenInquiry(ctx context.Context, a market.Actor, listingID, otherID int64, body, key string) (int64, error) {
	object := market.Object{Kind: "inquiry"}
	if err := a.RequireVerified(market.ScopeNegotiate); err != nil {
		s.Refused(ctx, a, market.InquiryOpenAct, object)
		return 0, err
	}
	if err := market.CheckOpening(&body).Err(); err != nil {
		return 0, err
	}
	var id int64
	err := s.write(ctx, a, market.InquiryOpenAct, object, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		i, err := w.newInquiry(ctx, listingID, otherID)
		if err != nil {
			return err
		}
		if id, err = w.CreateInquiry(ctx, a, i, body, w.at); err != nil {
			return err
		}
		w.object.ID = id
		if err := w.moved(ctx, "open", "", string(market.InquiryOpen), "", ""); err != nil {
			return err
		}
		title := fmt.Sprintf("收到对接，请在 %s前答复：%s", dayAfter(*i.DueOn), i.Title)
		if err := w.NotifyOrg(ctx, i.ToOrg, title, inquiryPath(id), w.at); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, id)
	})
	return id, err
}

// newInquiry checks what the inquiry is about and prepares it. Both listings are locked, in the order of their ids, so
// that two organisations that write to each other about the same pair at the same moment get one inquiry.
func (w *act) newInquiry(ctx context.Context, listingID, otherID int64) (market.Inquiry, error) {
	about, other, err := w.lockPair(ctx, listingID, otherID)
	if err != nil {
		return market.Inquiry{}, err
	}
	if err := w.checkOpen(ctx, about); err != nil {
		return market.Inquiry{}, err
	}
	i := market.Inquiry{ListingID: about.ID, FromOrg: w.actor.OrgID, ToOrg: about.OrgID, TurnOrg: &about.OrgID, Title: about.Title}
	if otherID != 0 {
		if err := checkOffer(w.actor, about, other); err != nil {
			return market.Inquiry{}, err
		}
		i.OtherListingID = &other.ID
	}
	due := w.service.ref.AnswerBy(w.at)
	i.DueOn = &due
	i.Number, err = w.NextNumber(ctx, "DJ", w.at.In(market.Shanghai).Year())
	return i, err
}

func (w *act) lockPair(ctx context.Context, listingID, otherID int64) (about, other market.Listing, err error) {
	if otherID != 0 && otherID < listingID {
		if other, err = w.LockAnyListing(ctx, otherID); err != nil {
			return about, other, err
		}
	}
	if about, err = w.LockAnyListing(ctx, listingID); err != nil {
		return about, other, err
	}
	if otherID > listingID {
		other, err = w.LockAnyListing(ctx, otherID)
	}
	return about, other, err
}

// checkOpen says why nobody, or not this organisation, can open an inquiry about a listing now.
func (w *act) checkOpen(ctx context.Context, about market.Listing) error {
	noun := kindName(about.Kind)
	switch {
	case about.OrgID == w.actor.OrgID:
		return market.Errorf(market.Conflict, "这是本单位的%s，不能向自己发起对接", noun)
	case about.State == market.Matched:
		return market.Errorf(market.Conflict, "这项%s已匹配，不再接受新的对接", noun)
	case about.State != market.Published:
		return market.ErrNotFound
	}
	if verified, err := w.LockVerifiedOrg(ctx, about.OrgID); err != nil || !verified {
		return orConflict(err, "对方单位目前不能办理对接，请以后再试")
	}
	if _, err := w.RunningInquiry(ctx, w.actor, about.ID); !market.IsKind(err, market.NotFound) {
		return orConflict(err, "就这项%s，您与对方的对接正在进行，请到原来的对接里继续", noun)
	}
	return nil
}

// checkOffer says why a listing cannot stand beside the one an inquiry is about.
func checkOffer(a market.Actor, about, other market.Listing) error {
	noun := kindName(about.Kind.Other())
	switch {
	case other.OrgID != a.OrgID || other.Kind != about.Kind.Other():
		return market.Problems{{Field: "with", Message: "请从列表中选择本单位的" + noun}}.Err()
	case other.State != market.Published:
		return market.Problems{{Field: "with", Message: "这项" + noun + "没有公开，不能用来对接"}}.Err()
	}
	return nil
}

// orConflict is err, or a Conflict with that message when there is no err.
func orConflict(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return market.Errorf(market.Conflict, format, args...)
}

// AnswerInquiry answers the other party. Only the party whose turn it is answers; then it is the other's turn. 不合适
// ends the inquiry. Errors name the fields answer, reason and body.
func (s *Service) AnswerInquiry(ctx context.Context, a market.Actor, id int64, reply market.Reply) error {
	if err := reply.Check().Err(); err != nil {
		return err
	}
	action := market.InquiryAnswer
	if reply.Code == "unsuitable" {
		action = market.InquiryDecline
	}
	return s.inquiryAct(ctx, a, action, id, func(w *act, i market.Inquiry) error {
		if _, err := market.Inquiries.Next(i.State, "answer"); err != nil {
			return err
		}
		if *i.TurnOrg != a.OrgID {
			return market.Errorf(market.Conflict, "现在轮到对方答复。这次填写的内容没有发出")
		}
		if action == market.InquiryDecline {
			return w.declineInquiry(ctx, i, reply)
		}
		if err := w.AddInquiryMessage(ctx, a, id, reply.Code, reply.Body, w.at); err != nil {
			return err
		}
		if err := w.moveInquiry(ctx, i, "answer", reply.Code, w.turnOf(i.Other(a.OrgID))); err != nil {
			return err
		}
		return w.tellOther(ctx, i, "对接有了答复，%s：%s", market.Answers.Name(reply.Code), i.Title)
	})
}

// DeclineInquiry ends an inquiry that is under way, whoever's turn it is: its writer withdraws it, or its receiver does
// not go on. The other party reads the reason. Errors name the fields reason and body.
func (s *Service) DeclineInquiry(ctx context.Context, a market.Actor, id int64, reason, body string) error {
	reply := market.Reply{Code: "unsuitable", Reason: reason, Body: body}
	if err := reply.Check().Err(); err != nil {
		return err
	}
	return s.inquiryAct(ctx, a, market.InquiryDecline, id, func(w *act, i market.Inquiry) error {
		return w.declineInquiry(ctx, i, reply)
	})
}

func (w *act) declineInquiry(ctx context.Context, i market.Inquiry, reply market.Reply) error {
	i.DeclineReason = reply.Reason
	if err := w.moveInquiry(ctx, i, "decline", "", turn{}); err != nil {
		return err
	}
	if err := w.AddInquiryMessage(ctx, w.actor, i.ID, reply.Code, reply.Body, w.at); err != nil {
		return err
	}
	return w.tellOther(ctx, i, "对接没有达成，原因：%s（%s）", reply.Reason, i.Title)
}

// ProposeTerms puts terms on the table or changes them; either party may. version is that of the inquiry the form was
// filled in from. Terms that say what is on the table already are left out. What is proposed anew is agreed by nobody
// yet, and it is the other party's turn. Errors name the terms.
func (s *Service) ProposeTerms(ctx context.Context, a market.Actor, id int64, version int, terms []market.InquiryTerm) error {
	if err := s.checkTerms(terms); err != nil {
		return err
	}
	return s.inquiryAct(ctx, a, market.InquiryPropose, id, func(w *act, i market.Inquiry) error {
		if i.Version != version {
			return market.ErrStale
		}
		current, err := w.CurrentTerms(ctx, id)
		if err != nil {
			return err
		}
		changed := changedTerms(current, terms)
		if len(changed) == 0 {
			return &market.Error{Kind: market.Invalid, Message: "没有改动。改一项再提出，或同意对方提出的条件"}
		}
		for _, t := range changed {
			t.InquiryID = id
			if err := w.AddTerm(ctx, a, t, w.at); err != nil {
				return err
			}
		}
		if err := w.moveInquiry(ctx, i, "propose", termCodes(changed), w.turnOf(i.Other(a.OrgID))); err != nil {
			return err
		}
		return w.tellOther(ctx, i, "对方提出条件，%s：%s", TermList(termCodes(changed)), i.Title)
	})
}

func (s *Service) checkTerms(terms []market.InquiryTerm) error {
	var p market.Problems
	seen := map[string]bool{}
	for n := range terms {
		p = append(p, terms[n].CheckTerm(s.ref)...)
		if seen[terms[n].Term] {
			p.Add(terms[n].Term, "一次只能提出一个%s", market.TermNames.Name(terms[n].Term))
		}
		seen[terms[n].Term] = true
	}
	return p.Err()
}

// changedTerms returns the proposals that differ from what is on the table.
func changedTerms(current, proposed []market.InquiryTerm) []market.InquiryTerm {
	var changed []market.InquiryTerm
	for _, t := range proposed {
		same := false
		for _, c := range current {
			same = same || t.Same(c)
		}
		if !same {
			changed = append(changed, t)
		}
	}
	return changed
}

func termCodes(terms []market.InquiryTerm) string {
	codes := make([]string, len(terms))
	for n, t := range terms {
		codes[n] = t.Term
	}
	return strings.Join(codes, " ")
}

// TermList names the terms of codes parted by blanks, as the history keeps them: 价款、付款.
func TermList(codes string) string {
	names := strings.Fields(codes)
	for n, code := range names {
		names[n] = market.TermNames.Name(code)
	}
	return strings.Join(names, "、")
}

// AgreeTerms consents to proposals of the other party, by their ids as the actor saw them. One that has been replaced
// since is a Conflict and nothing is agreed. When nothing more waits for the actor's side, the turn passes.
func (s *Service) AgreeTerms(ctx context.Context, a market.Actor, id int64, termIDs []int64) error {
	return s.inquiryAct(ctx, a, market.InquiryAgreeTerm, id, func(w *act, i market.Inquiry) error {
		if _, err := market.Inquiries.Next(i.State, "agree_term"); err != nil {
			return err
		}
		current, err := w.CurrentTerms(ctx, id)
		if err != nil {
			return err
		}
		agreed, err := w.agreeTerms(ctx, current, termIDs)
		if err != nil {
			return err
		}
		next := turn{i.TurnOrg, i.DueOn}
		if *i.TurnOrg == a.OrgID && !waits(current, a.OrgID) {
			next = w.turnOf(i.Other(a.OrgID))
		}
		if err := w.moveInquiry(ctx, i, "agree_term", termCodes(agreed), next); err != nil {
			return err
		}
		return w.tellOther(ctx, i, "对方同意了%s：%s", TermList(termCodes(agreed)), i.Title)
	})
}

// agreeTerms stores the consent and marks it in current.
func (w *act) agreeTerms(ctx context.Context, current []market.InquiryTerm, termIDs []int64) ([]market.InquiryTerm, error) {
	var agreed []market.InquiryTerm
	for _, id := range termIDs {
		t := termByID(current, id)
		switch {
		case t == nil:
			return nil, market.Errorf(market.Conflict, "有条件刚被修改过，没有同意任何一项。请看过最新内容再同意")
		case t.ProposedOrg == w.actor.OrgID:
			return nil, market.Errorf(market.Conflict, "%s是本单位提出的，由对方同意", market.TermNames.Name(t.Term))
		case t.AgreedAt != nil:
			continue
		}
		if err := w.AgreeTerm(ctx, w.actor, id, w.at); err != nil {
			return nil, err
		}
		t.AgreedAt = &w.at
		agreed = append(agreed, *t)
	}
	if len(agreed) == 0 {
		return nil, market.Errorf(market.Conflict, "没有等您同意的条件。可能同事已经同意，请刷新后再看")
	}
	return agreed, nil
}

func termByID(terms []market.InquiryTerm, id int64) *market.InquiryTerm {
	for n := range terms {
		if terms[n].ID == id {
			return &terms[n]
		}
	}
	return nil
}

func waits(terms []market.InquiryTerm, org int64) bool {
	for _, t := range terms {
		if t.WaitsFor(org) {
			return true
		}
	}
	return false
}

// AgreeInquiry concludes an inquiry all of whose terms are agreed: a deal with a copy of the terms comes about, whose
// id is returned. Either party may, while both organisations are verified. version is that of the inquiry the actor
// saw. The listings stay public until the contract is registered.
func (s *Service) AgreeInquiry(ctx context.Context, a market.Actor, id int64, version int) (int64, error) {
	var dealID int64
	err := s.inquiryAct(ctx, a, market.InquiryAgree, id, func(w *act, i market.Inquiry) error {
		if _, err := market.Inquiries.Next(i.State, "agree"); err != nil {
			return err
		}
		if i.Version != version {
			return market.ErrStale
		}
		terms, err := w.CurrentTerms(ctx, id)
		if err != nil {
			return err
		}
		if missing := market.MissingTerms(terms); len(missing) > 0 {
			return market.Errorf(market.Conflict, "%s还没有双方同意，不能达成", strings.Join(missing, "、"))
		}
		if verified, err := w.LockVerifiedOrg(ctx, i.Other(a.OrgID)); err != nil || !verified {
			return orConflict(err, "对方单位目前不能办理，请以后再试")
		}
		if err := w.moveInquiry(ctx, i, "agree", "", turn{}); err != nil {
			return err
		}
		dealID, err = w.createDeal(ctx, i, terms)
		return err
	})
	return dealID, err
}

func (w *act) createDeal(ctx context.Context, i market.Inquiry, terms []market.InquiryTerm) (int64, error) {
	deal := market.NewDeal(i, terms, w.at)
	var err error
	if deal.Number, err = w.NextNumber(ctx, "CJ", w.at.In(market.Shanghai).Year()); err != nil {
		return 0, err
	}
	id, err := w.CreateDeal(ctx, deal)
	if err != nil {
		return 0, err
	}
	for _, org := range []int64{i.FromOrg, i.ToOrg} {
		if err := w.NotifyOrg(ctx, org, fmt.Sprintf("已达成，成交编号 %s：%s", deal.Number, i.Title), inquiryPath(i.ID), w.at); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// ReadInquiry notes that somebody of the staff, who is no party, read an inquiry.
func (s *Service) ReadInquiry(ctx context.Context, a market.Actor, id int64) error {
	return s.write(ctx, a, market.InquiryRead, market.Object{Kind: "inquiry", ID: id}, func(*act) error { return nil })
}

// inquiryAct carries out an act of one of the parties of an inquiry. To end one an organisation need not be verified.
func (s *Service) inquiryAct(ctx context.Context, a market.Actor, action market.Action, id int64, fn func(*act, market.Inquiry) error) error {
	object := market.Object{Kind: "inquiry", ID: id}
	allowed := a.RequireVerified(market.ScopeNegotiate)
	if action == market.InquiryDecline {
		allowed = a.RequireEditor(market.ScopeNegotiate)
	}
	if allowed != nil {
		s.Refused(ctx, a, action, object)
		return allowed
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		i, err := w.LockInquiry(ctx, a, id)
		if err != nil {
			return err
		}
		return fn(w, i)
	})
}

// turn is who has to act next and until when; empty when the inquiry has ended.
type turn struct {
	org *int64
	due *time.Time
}

// turnOf gives the turn to an organisation, with the whole response time.
func (w *act) turnOf(org int64) turn {
	due := w.service.ref.AnswerBy(w.at)
	return turn{&org, &due}
}

// moveInquiry changes an inquiry's state and clock and adds the move to its history.
func (w *act) moveInquiry(ctx context.Context, i market.Inquiry, move, code string, next turn) error {
	to, err := market.Inquiries.Next(i.State, move)
	if err != nil {
		return err
	}
	err = w.MoveInquiry(ctx, store.InquiryMove{ID: i.ID, Version: i.Version, From: i.State, To: to,
		TurnOrg: next.org, DueOn: next.due, DeclineReason: i.DeclineReason, At: w.at})
	if err != nil {
		return err
	}
	return w.moved(ctx, move, string(i.State), string(to), code, i.DeclineReason)
}

// tellOther sends a notice to the party that the actor does not belong to. It names nobody: a name may be hidden.
func (w *act) tellOther(ctx context.Context, i market.Inquiry, format string, args ...any) error {
	return w.NotifyOrg(ctx, i.Other(w.actor.OrgID), fmt.Sprintf(format, args...), inquiryPath(i.ID), w.at)
}

func inquiryPath(id int64) string { return fmt.Sprintf("/inquiries/%d", id) }

// dayAfter words the end of a day in a sentence: 11 月 27 日 24:00.
func dayAfter(day time.Time) string { return market.DateOf(day).Format("1 月 2 日 24:00 ") }

// TendInquiries reminds of answers that are due, tells the county's officers of those that are late, and closes inquiries that nobody answered, up to limit, and returns how
// many it looked at. Each reminder is sent once; a new turn starts over.
func (s *Service) TendInquiries(ctx context.Context, limit int) (int, error) {
	today := s.Today()
	lapse := today
	for s.ref.Calendar.WorkdaysBetween(today, lapse) >= -market.LapseDays {
		lapse = lapse.AddDate(0, 0, -1)
	}
	ids, err := s.store.DueInquiries(ctx, s.ref.Calendar.AddWorkdays(today, market.RemindDays), today, lapse, limit)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := s.store.InTx(ctx, func(tx *store.Tx) error { return s.tendInquiry(ctx, tx, id) }); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// tendInquiry does what the clock has come to, if an answer has not come meanwhile.
func (s *Service) tendInquiry(ctx context.Context, tx *store.Tx, id int64) error {
	i, err := tx.LockAnyInquiry(ctx, id)
	if err != nil {
		return err
	}
	w := &act{Tx: tx, service: s, actor: market.System(), action: market.InquiryRemind, object: market.Object{Kind: "inquiry", ID: id}, at: s.now()}
	switch step := i.Clock(s.ref.Calendar, w.at); {
	case step == market.ClockLapse:
		w.action = market.InquiryLapse
		err = w.lapseInquiry(ctx, i)
	case step == i.Reminded || step == market.ClockCalm:
		return nil
	default:
		w.detail = string(step)
		err = w.remind(ctx, i, step)
	}
	if err != nil {
		return err
	}
	return tx.Audit(ctx, w.at, w.actor, w.action, w.object, "done", w.detail)
}

func (w *act) lapseInquiry(ctx context.Context, i market.Inquiry) error {
	if err := w.moveInquiry(ctx, i, "lapse", "", turn{}); err != nil {
		return err
	}
	for _, org := range []int64{i.FromOrg, i.ToOrg} {
		if err := w.NotifyOrg(ctx, org, fmt.Sprintf("对接逾期没有答复，已关闭：%s", i.Title), inquiryPath(i.ID), w.at); err != nil {
			return err
		}
	}
	return nil
}

func (w *act) remind(ctx context.Context, i market.Inquiry, step market.ClockStep) error {
	if err := w.SetReminded(ctx, i.ID, step); err != nil {
		return err
	}
	path, slow := inquiryPath(i.ID), *i.TurnOrg
	if step == market.ClockSoon {
		return w.NotifyOrg(ctx, slow, fmt.Sprintf("请在 %s前答复对接：%s", dayAfter(*i.DueOn), i.Title), path, w.at)
	}
	if err := w.NotifyOrg(ctx, slow, fmt.Sprintf("对接已逾期，请尽快答复：%s", i.Title), path, w.at); err != nil {
		return err
	}
	if err := w.NotifyOrg(ctx, i.Other(slow), fmt.Sprintf("对方逾期没有答复：%s", i.Title), path, w.at); err != nil {
		return err
	}
	return w.Escalate(ctx, market.Reviewer, slow, fmt.Sprintf("请督促：对接逾期没有答复：%s", i.Title), path, w.at)
}
