package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// CreateNeed saves a new need as a draft of the actor's organisation and returns its id. key is the form's one-time
// key: the same form posted again returns the same need. Errors name the form's fields.
func (s *Service) CreateNeed(ctx context.Context, a market.Actor, n market.Need, key string) (int64, error) {
	return s.createNeed(ctx, a, n, key, false)
}

// CreateAndSubmitNeed is CreateNeed and SubmitListing in one act: where the need can't be submitted, nothing is saved.
func (s *Service) CreateAndSubmitNeed(ctx context.Context, a market.Actor, n market.Need, key string) (int64, error) {
	return s.createNeed(ctx, a, n, key, true)
}

func (s *Service) createNeed(ctx context.Context, a market.Actor, n market.Need, key string, submit bool) (int64, error) {
	if err := s.mayPost(ctx, a, market.KindNeed, 0, submit); err != nil {
		return 0, err
	}
	if err := s.checkNeed(a, &n, submit).Err(); err != nil {
		return 0, err
	}
	return s.createListing(ctx, a, market.KindNeed, key, submit, func(w *act, number string) (int64, error) {
		n.Number, n.OrgID = number, a.OrgID
		return w.CreateNeed(ctx, a, n, w.at)
	})
}

// CreateResult is CreateNeed for a result.
func (s *Service) CreateResult(ctx context.Context, a market.Actor, r market.Result, key string) (int64, error) {
	return s.createResult(ctx, a, r, key, false)
}

// CreateAndSubmitResult is CreateAndSubmitNeed for a result.
func (s *Service) CreateAndSubmitResult(ctx context.Context, a market.Actor, r market.Result, key string) (int64, error) {
	return s.createResult(ctx, a, r, key, true)
}

func (s *Service) createResult(ctx context.Context, a market.Actor, r market.Result, key string, submit bool) (int64, error) {
	if err := s.mayPost(ctx, a, market.KindResult, 0, submit); err != nil {
		return 0, err
	}
	if err := s.checkResult(a, &r, submit).Err(); err != nil {
		return 0, err
	}
	return s.createListing(ctx, a, market.KindResult, key, submit, func(w *act, number string) (int64, error) {
		r.Number, r.OrgID = number, a.OrgID
		return w.CreateResult(ctx, a, r, w.at)
	})
}

// NumberPrefix starts the numbers of needs and results.
var NumberPrefix = map[market.Kind]string{market.KindNeed: "XQ", market.KindResult: "CG"}

func (s *Service) createListing(ctx context.Context, a market.Actor, kind market.Kind, key string, submit bool, create func(*act, string) (int64, error)) (int64, error) {
	var id int64
	err := s.write(ctx, a, market.ListingAction(kind, "create"), market.Object{Kind: string(kind)}, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		number, err := w.NextNumber(ctx, NumberPrefix[kind], w.at.In(market.Shanghai).Year())
		if err != nil {
			return err
		}
		if id, err = create(w, number); err != nil {
			return err
		}
		w.object.ID = id
		if err := w.moved(ctx, "create", "", string(market.Draft), "", ""); err != nil {
			return err
		}
		if err := w.Fulfil(ctx, a, key, id); err != nil || !submit {
			return err
		}
		return w.thenSubmit(ctx, kind, id)
	})
	return id, err
}

// mayPost refuses, and notes the attempt, who may not save a listing or, with submit, hand it in. id is 0 for a new one.
func (s *Service) mayPost(ctx context.Context, a market.Actor, kind market.Kind, id int64, submit bool) error {
	err, move := a.RequireEditor(market.ScopePost), "edit"
	if submit {
		err, move = a.RequireVerified(market.ScopePost), "submit"
	}
	if id == 0 {
		move = "create"
	}
	if err != nil && a.SignedIn() {
		s.Refused(ctx, a, market.ListingAction(kind, move), market.Object{Kind: string(kind), ID: id})
	}
	return err
}

// checkNeed tidies the need's text and returns all that is wrong with it, as a draft or for its submission.
func (s *Service) checkNeed(a market.Actor, n *market.Need, submit bool) market.Problems {
	if submit {
		return s.CheckNeed(a, n)
	}
	return n.CheckDraft(s.ref)
}

// checkResult is checkNeed for a result.
func (s *Service) checkResult(a market.Actor, r *market.Result, submit bool) market.Problems {
	if submit {
		return s.CheckResult(a, r)
	}
	return r.CheckDraft(s.ref)
}

// EditNeed stores the text of a need; that of a public one waits beside it as an edit. n.Version is the one the form was filled in from.
func (s *Service) EditNeed(ctx context.Context, a market.Actor, n market.Need) error {
	return s.editNeed(ctx, a, n, false)
}

// EditAndSubmitNeed is EditNeed and SubmitListing in one act: where the need can't be submitted, it stays as it was.
func (s *Service) EditAndSubmitNeed(ctx context.Context, a market.Actor, n market.Need) error {
	return s.editNeed(ctx, a, n, true)
}

func (s *Service) editNeed(ctx context.Context, a market.Actor, n market.Need, submit bool) error {
	if err := s.mayPost(ctx, a, market.KindNeed, n.ID, submit); err != nil {
		return err
	}
	if err := s.checkNeed(a, &n, submit).Err(); err != nil {
		return err
	}
	return s.editListing(ctx, a, market.Text{Need: &n}, market.KindNeed, submit, func(w *act) error { return w.UpdateNeed(ctx, n, w.at) })
}

// EditResult is EditNeed for a result.
func (s *Service) EditResult(ctx context.Context, a market.Actor, r market.Result) error {
	return s.editResult(ctx, a, r, false)
}

// EditAndSubmitResult is EditAndSubmitNeed for a result.
func (s *Service) EditAndSubmitResult(ctx context.Context, a market.Actor, r market.Result) error {
	return s.editResult(ctx, a, r, true)
}

func (s *Service) editResult(ctx context.Context, a market.Actor, r market.Result, submit bool) error {
	if err := s.mayPost(ctx, a, market.KindResult, r.ID, submit); err != nil {
		return err
	}
	if err := s.checkResult(a, &r, submit).Err(); err != nil {
		return err
	}
	return s.editListing(ctx, a, market.Text{Result: &r}, market.KindResult, submit, func(w *act) error { return w.UpdateResult(ctx, r, w.at) })
}

// editListing stores the text of a listing; that of a public one is kept beside it until a reviewer has passed it.
func (s *Service) editListing(ctx context.Context, a market.Actor, text market.Text, kind market.Kind, submit bool, update func(*act) error) error {
	l := text.Listing()
	return s.write(ctx, a, market.ListingAction(kind, "edit"), market.Object{Kind: string(kind), ID: l.ID}, func(w *act) error {
		old, err := w.LockListing(ctx, a, kind, l.ID, false)
		if err != nil {
			return err
		}
		if old.State.Public() {
			return w.revise(ctx, old, l.Version, text, submit)
		}
		if old.Version != l.Version {
			return market.ErrStale
		}
		if !old.State.Editable() {
			return market.Errorf(market.Conflict, "这项%s现在是“%s”，不能修改。先撤回或收回，再修改", kindName(kind), old.State.Name(kind))
		}
		if err := update(w); err != nil || !submit {
			return err
		}
		return w.thenSubmit(ctx, kind, l.ID)
	})
}

// thenSubmit goes on from saving to submitting: saving gets its own audit entry here, submitting the one at the end.
func (w *act) thenSubmit(ctx context.Context, kind market.Kind, id int64) error {
	if err := w.Audit(ctx, w.at, w.actor, w.action, w.object, "done", ""); err != nil {
		return err
	}
	w.action = market.ListingAction(kind, "submit")
	l, err := w.LockListing(ctx, w.actor, kind, id, false)
	if err != nil {
		return err
	}
	return w.submit(ctx, l)
}

// SubmitListing hands a draft, or the edit of a public listing, to the reviewers. The organisation must be verified and
// the text complete.
func (s *Service) SubmitListing(ctx context.Context, a market.Actor, kind market.Kind, id int64) error {
	return s.ownListing(ctx, a, kind, id, market.ListingAction(kind, "submit"), a.RequireVerified(market.ScopePost), func(w *act, l market.Listing) error {
		if l.State.Public() {
			w.action = market.RevisionSubmit
			return w.submitRevision(ctx, l)
		}
		return w.submit(ctx, l)
	})
}

// ownListing locks a listing of the owner's for an act, which allowed refuses unless it is nil.
func (s *Service) ownListing(ctx context.Context, a market.Actor, kind market.Kind, id int64, action market.Action, allowed error,
	do func(*act, market.Listing) error) error {
	object := market.Object{Kind: string(kind), ID: id}
	if allowed != nil {
		s.Refused(ctx, a, action, object)
		return allowed
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		l, err := w.LockListing(ctx, a, kind, id, false)
		if err != nil {
			return err
		}
		return do(w, l)
	})
}

// submit moves a locked listing into the queue if what is stored is complete.
func (w *act) submit(ctx context.Context, l market.Listing) error {
	if !market.Listings.Can(l.State, "submit") {
		return wrongState(l)
	}
	text, err := ownText(ctx, w.Queries, w.actor, l.Kind, l.ID)
	if err != nil {
		return err
	}
	if err := w.checkComplete(ctx, text); err != nil {
		return err
	}
	if err := w.moveListing(ctx, l, "submit", nil, ""); err != nil {
		return err
	}
	region, err := w.OrgRegion(ctx, l.OrgID)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("待审核%s：%s", kindName(l.Kind), l.Title)
	return w.NotifyDuty(ctx, market.Reviewer, region, title, fmt.Sprintf("/review/listings/%d", l.ID), w.at)
}

// checkComplete applies the rules of a submission to a text of a listing.
func (w *act) checkComplete(ctx context.Context, t market.Text) error {
	var p market.Problems
	if t.Need != nil {
		p = w.service.CheckNeed(w.actor, t.Need)
	} else {
		p = w.service.CheckResult(w.actor, t.Result)
	}
	if err := p.Err(); err != nil {
		return err
	}
	return w.checkHidden(ctx, *t.Listing())
}

// CheckNeed tidies the text of a need of the actor's organisation and returns what keeps it from being submitted.
func (s *Service) CheckNeed(a market.Actor, n *market.Need) market.Problems {
	p := n.CheckSubmit(s.ref, s.Today(), n.ImportID != nil)
	if n.HideOrg {
		addNameShown(&p, n.ShowsName(a.OrgName))
	}
	return p
}

// CheckResult is CheckNeed for a result.
func (s *Service) CheckResult(a market.Actor, r *market.Result) market.Problems {
	p := r.CheckSubmit(s.ref, s.Today(), r.ImportID != nil)
	if r.HideOrg {
		addNameShown(&p, r.ShowsName(a.OrgName))
	}
	return p
}

const errNameShown = "写有本单位的名称，而您选择不公开名称。请改写，或公开名称"

func addNameShown(p *market.Problems, field string) {
	if field != "" {
		p.Add(field, errNameShown)
	}
}

// wrongState says that a move is not open in the listing's state.
func wrongState(l market.Listing) error {
	return market.Errorf(market.Conflict, "这项%s现在是“%s”，不能这样办理。请刷新后再看", kindName(l.Kind), l.State.Name(l.Kind))
}

// RecallListing takes a listing, or the edit of a public one, back from the queue to change it.
func (s *Service) RecallListing(ctx context.Context, a market.Actor, kind market.Kind, id int64) error {
	return s.ownListing(ctx, a, kind, id, market.ListingAction(kind, "recall"), a.RequireEditor(market.ScopePost), func(w *act, l market.Listing) error {
		if l.State.Public() {
			w.action = market.RevisionRecall
			return w.moveOwnRevision(ctx, l, "recall")
		}
		return w.moveListing(ctx, l, "recall", nil, "")
	})
}

// ConfirmListing says that a published listing still holds, and renews its validity. For editors of a verified
// organisation: it publishes for another term.
func (s *Service) ConfirmListing(ctx context.Context, a market.Actor, kind market.Kind, id int64) error {
	return s.ownListing(ctx, a, kind, id, market.ListingAction(kind, "confirm"), a.RequireVerified(market.ScopePost), func(w *act, l market.Listing) error {
		return w.moveListing(ctx, l, "confirm", nil, "")
	})
}

// WithdrawListing takes a published listing off the shelf; it can be changed and submitted again. Running inquiries go
// on and their other parties are told.
func (s *Service) WithdrawListing(ctx context.Context, a market.Actor, kind market.Kind, id int64) error {
	return s.takeOff(ctx, a, kind, id, "withdraw")
}

// CloseListing ends a listing for good; it stays as a record for its owner.
func (s *Service) CloseListing(ctx context.Context, a market.Actor, kind market.Kind, id int64) error {
	return s.takeOff(ctx, a, kind, id, "close")
}

// takeOff ends that a listing is public, and tells who has a running inquiry about it.
func (s *Service) takeOff(ctx context.Context, a market.Actor, kind market.Kind, id int64, move string) error {
	return s.ownListing(ctx, a, kind, id, market.ListingAction(kind, move), a.RequireEditor(market.ScopePost), func(w *act, l market.Listing) error {
		if err := w.moveListing(ctx, l, move, nil, ""); err != nil {
			return err
		}
		return w.tellInquirers(ctx, l)
	})
}

func (w *act) tellInquirers(ctx context.Context, l market.Listing) error {
	orgs, err := w.Inquirers(ctx, l.ID)
	if err != nil {
		return err
	}
	for _, i := range orgs {
		title := fmt.Sprintf("您对接的%s已不再公开：%s", kindName(l.Kind), l.Title)
		if err := w.NotifyOrg(ctx, i.OrgID, title, fmt.Sprintf("/inquiries/%d", i.InquiryID), w.at); err != nil {
			return err
		}
	}
	return nil
}

// DeleteDraft removes a draft that was never submitted.
func (s *Service) DeleteDraft(ctx context.Context, a market.Actor, kind market.Kind, id int64) error {
	return s.ownListing(ctx, a, kind, id, market.ListingAction(kind, "delete"), a.RequireEditor(market.ScopePost), func(w *act, l market.Listing) error {
		if l.State != market.Draft || l.SubmittedAt != nil {
			return market.Errorf(market.Conflict, "只能删除没有提交过的草稿")
		}
		return w.Tx.DeleteDraft(ctx, id)
	})
}

// PublishListing passes a submitted listing: it becomes searchable and its matches are computed. The check list must be
// complete, and version the one that the reviewer looked at. For reviewers, not for listings of their own organisation.
func (s *Service) PublishListing(ctx context.Context, a market.Actor, kind market.Kind, id int64, version int, ticks market.Ticks) error {
	note, err := ticks.Pass(market.Subject(kind))
	if err != nil {
		return err
	}
	return s.reviewListing(ctx, a, kind, id, version, "publish", nil, note)
}

// ReturnListing sends a submitted listing back with coded reasons and words that its owner will read. See PublishListing.
func (s *Service) ReturnListing(ctx context.Context, a market.Actor, kind market.Kind, id int64, version int, codes []string, note string) error {
	codes, err := s.checkReturn(codes, &note)
	if err != nil {
		return err
	}
	return s.reviewListing(ctx, a, kind, id, version, "return", codes, note)
}

func (s *Service) reviewListing(ctx context.Context, a market.Actor, kind market.Kind, id int64, version int, move string, codes []string, note string) error {
	action, object := market.ListingAction(kind, move), market.Object{Kind: string(kind), ID: id}
	if err := s.requireDuty(ctx, a, market.Reviewer, action, object); err != nil {
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		l, err := w.LockListing(ctx, a, kind, id, true)
		if err != nil {
			return err
		}
		if err := w.refuseOwn(ctx, object, l.OrgID); err != nil {
			return err
		}
		if move == "publish" {
			if err := w.requireVerifiedOwner(ctx, l.OrgID); err != nil {
				return err
			}
		}
		return w.decide(ctx, market.Subject(kind), id, func() error {
			kept := map[string]market.RevisionState{"publish": market.RevisionPublished, "return": market.RevisionReturned}[move]
			if err := w.keepText(ctx, l, kept, codes, note); err != nil {
				return err
			}
			if err := w.moveListing(ctx, l, move, codes, note); err != nil {
				return err
			}
			return sameVersion(l.Version, version)
		})
	})
}

// requireVerifiedOwner refuses to publish for an organisation that was stopped after it submitted.
func (w *act) requireVerifiedOwner(ctx context.Context, orgID int64) error {
	o, err := w.LockOrg(ctx, w.actor, orgID)
	if err != nil {
		return err
	}
	if o.State != market.OrgVerified {
		return market.Errorf(market.Conflict, "提交单位现在是“%s”，不能公开它的内容", o.State.Name())
	}
	return nil
}

// moveListing changes a listing's state with all that goes with it: history, notices, index and matches.
func (w *act) moveListing(ctx context.Context, l market.Listing, move string, codes []string, note string) error {
	to, err := market.Listings.Next(l.State, move)
	if err != nil {
		return wrongState(l)
	}
	m := store.ListingMove{ID: l.ID, From: l.State, To: to, At: w.at, Codes: codes}
	if to == market.Returned {
		m.Note = note
	}
	if to == market.Published {
		until := w.service.validUntil(l.Kind, w.at)
		m.ValidUntil = &until
	}
	if l.State.Public() && !to.Public() {
		if err := w.endRevision(ctx, l); err != nil {
			return err
		}
	}
	if err := w.MoveListing(ctx, m); err != nil {
		return err
	}
	if err := w.moved(ctx, move, string(l.State), string(to), strings.Join(codes, " "), note); err != nil {
		return err
	}
	path := fmt.Sprintf("/%ss/%d", l.Kind, l.ID)
	switch move {
	case "publish":
		if err := w.NotifyOrg(ctx, l.OrgID, fmt.Sprintf("%s已公开：%s", kindName(l.Kind), l.Title), path, w.at); err != nil {
			return err
		}
		return w.enqueue(ctx, MatchListings{IDs: []int64{l.ID}})
	case "confirm":
		if l.ConfirmedAt == nil || w.at.Sub(*l.ConfirmedAt) <= market.StaleAfter {
			return nil // nothing that matching looks at has changed
		}
		return w.enqueue(ctx, MatchListings{IDs: []int64{l.ID}})
	case "return":
		return w.NotifyOrg(ctx, l.OrgID, fmt.Sprintf("%s被退回修改：%s", kindName(l.Kind), l.Title), path+"/edit", w.at)
	case "expire":
		return w.NotifyOrg(ctx, l.OrgID, fmt.Sprintf("%s已过有效期，不再公开：%s", kindName(l.Kind), l.Title), path, w.at)
	}
	return nil
}

// validUntil is the last day a listing published or confirmed at that time is shown.
func (s *Service) validUntil(kind market.Kind, at time.Time) time.Time {
	day := market.DateOf(at)
	return day.AddDate(0, int(s.ref.Parameter(string(kind)+"_valid_months", day)), 0)
}

// ExpireListings takes listings off the shelf whose validity has ended, up to limit, and returns how many.
func (s *Service) ExpireListings(ctx context.Context, limit int) (int, error) {
	ids, err := s.store.DueListings(ctx, s.Today(), limit)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		err := s.store.InTx(ctx, func(tx *store.Tx) error {
			l, err := tx.LockAnyListing(ctx, id)
			if err != nil || l.State != market.Published {
				return err
			}
			w := &act{Tx: tx, service: s, actor: market.System(), object: market.Object{Kind: string(l.Kind), ID: id}, at: s.now()}
			if err := w.moveListing(ctx, l, "expire", nil, ""); err != nil {
				return err
			}
			return tx.Audit(ctx, w.at, w.actor, market.ListingAction(l.Kind, "expire"), w.object, "done", "")
		})
		if err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// MarkMatch stores 有用 or 不合适 for a suggestion of the actor's organisation; useful nil takes the word back.
func (s *Service) MarkMatch(ctx context.Context, a market.Actor, matchID int64, useful *bool, reason string) error {
	if err := a.RequireEditor(market.ScopePost); err != nil {
		return err
	}
	reason = market.Normalize(reason)
	if market.RuneLen(reason) > market.MaxLine {
		return market.Problems{{Field: "reason", Message: "原因最多 200 个字"}}.Err()
	}
	action := market.MatchMark
	if useful == nil {
		action = market.MatchUnmark
	}
	return s.write(ctx, a, action, market.Object{Kind: "match", ID: matchID}, func(w *act) error {
		return w.Tx.MarkMatch(ctx, a, matchID, useful, reason, w.at)
	})
}

func kindName(k market.Kind) string { return k.Name() }

// SetMatches stores the suggestions computed for a listing. It is the market's own work, done by package worker; what
// people see of it is in the listings' pages, so it leaves no audit entry.
func (s *Service) SetMatches(ctx context.Context, doc market.Document, found []store.Match) error {
	return s.store.InTx(ctx, func(tx *store.Tx) error { return tx.SetMatches(ctx, doc.Kind, doc.ID, found, s.now()) })
}
