package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

func revisionPath(id int64) string { return fmt.Sprintf("/review/revisions/%d", id) }

func listingPath(l market.Listing) string { return fmt.Sprintf("/%ss/%d", l.Kind, l.ID) }

// EditedText is what the owner's form of a listing shows: the open edit of a public one, else its own text, with the
// gated part. Its version is the one that the form posts back.
func (s *Service) EditedText(ctx context.Context, a market.Actor, kind market.Kind, id int64) (market.Text, error) {
	text, err := ownText(ctx, s.store.Queries, a, kind, id)
	if err != nil || !text.Listing().State.Public() {
		return text, err
	}
	last, err := s.store.LastRevision(ctx, a, id)
	switch {
	case market.IsKind(err, market.NotFound):
		return text, nil
	case err != nil:
		return text, err
	case last.Open():
		text = last.Text.Of(*text.Listing())
		text.Listing().Version = last.Version
	}
	return text, nil
}

// PublicText is the text of a listing as it stands, with its gated part where the actor may read that.
func (s *Service) PublicText(ctx context.Context, a market.Actor, kind market.Kind, id int64) (market.Text, error) {
	return ownText(ctx, s.store.Queries, a, kind, id)
}

// ownText reads a listing that the actor may see, with its gated part where the actor may read that.
func ownText(ctx context.Context, r store.Queries, a market.Actor, kind market.Kind, id int64) (market.Text, error) {
	gated, _, err := r.Gate(ctx, a, id)
	if err != nil {
		return market.Text{}, err
	}
	var text market.Text
	if kind == market.KindNeed {
		n, err := r.Need(ctx, a, id)
		if err != nil {
			return text, err
		}
		text.Need = &n
	} else {
		x, err := r.Result(ctx, a, id)
		if err != nil {
			return text, err
		}
		text.Result = &x
	}
	text.Listing().Gated = gated
	return text, nil
}

// revise keeps an edit of a public listing beside it. version is that of the form.
func (w *act) revise(ctx context.Context, l market.Listing, version int, text market.Text, submit bool) error {
	w.action = market.RevisionEdit
	last, err := w.LastRevision(ctx, w.actor, l.ID)
	if err != nil && !market.IsKind(err, market.NotFound) {
		return err
	}
	text = text.Of(l)
	switch {
	case last.Open() && last.State == market.RevisionInReview:
		return market.Errorf(market.Conflict, "这次修改正在审核。要再改，请先取回")
	case last.Open() && last.State == market.RevisionDraft:
		err = w.SaveRevision(ctx, w.actor, last.ID, version, text, w.at)
	case version != l.Version && !(last.Open() && version == last.Version):
		err = market.ErrStale
	default:
		err = w.beginRevision(ctx, l, last, text)
	}
	if err != nil || !submit {
		return err
	}
	if err := w.Audit(ctx, w.at, w.actor, w.action, w.object, "done", ""); err != nil {
		return err
	}
	w.action = market.RevisionSubmit
	return w.submitRevision(ctx, l)
}

// beginRevision adds an edit. What is public is kept first, unless it is kept already.
func (w *act) beginRevision(ctx context.Context, l market.Listing, last market.Revision, text market.Text) error {
	if last.ID == 0 || !last.Edit && last.State == market.RevisionReturned {
		if err := w.keepText(ctx, l, market.RevisionPublished, nil, ""); err != nil {
			return err
		}
	}
	_, err := w.AddRevision(ctx, market.Revision{ListingID: l.ID, Edit: true, State: market.RevisionDraft, Text: text,
		Version: max(l.Version, last.Version) + 1, WrittenBy: &w.actor.UserID, UpdatedAt: w.at}, w.actor.AgencyID, nil)
	return err
}

// keepText keeps the present text of a listing as one that was published or sent back. One that was published before
// texts were kept has the time of its publication, and nobody as its reviewer.
func (w *act) keepText(ctx context.Context, l market.Listing, state market.RevisionState, codes []string, note string) error {
	text, err := ownText(ctx, w.Queries, w.actor, l.Kind, l.ID)
	if err != nil {
		return err
	}
	user, agency, err := w.LastSubmitter(ctx, w.object)
	if err != nil {
		return err
	}
	v := market.Revision{ListingID: l.ID, State: state, Text: text, Version: l.Version, UpdatedAt: l.UpdatedAt, SubmittedAt: l.SubmittedAt, DecidedAt: &w.at,
		ReturnCodes: codes, ReturnNote: note}
	if user != 0 {
		v.WrittenBy = &user
	}
	decided := &w.actor.UserID
	if l.State.Public() {
		v.DecidedAt, decided = l.PublishedAt, nil
	}
	_, err = w.AddRevision(ctx, v, agency, decided)
	return err
}

// submitRevision hands in the edit that the owner works on.
func (w *act) submitRevision(ctx context.Context, l market.Listing) error {
	v, err := w.openRevision(ctx, l, "submit")
	if err != nil {
		return err
	}
	if err := w.checkComplete(ctx, v.Text.Of(l)); err != nil {
		return err
	}
	if err := w.moveRevision(ctx, v, "submit", nil, ""); err != nil {
		return err
	}
	region, err := w.OrgRegion(ctx, l.OrgID)
	if err != nil {
		return err
	}
	return w.NotifyDuty(ctx, market.Reviewer, region, fmt.Sprintf("待审核的修改：%s", v.Text.Listing().Title), revisionPath(v.ID), w.at)
}

// openRevision is the edit of a locked listing with which the owner may do that.
func (w *act) openRevision(ctx context.Context, l market.Listing, move string) (market.Revision, error) {
	v, err := w.LastRevision(ctx, w.actor, l.ID)
	if market.IsKind(err, market.NotFound) || err == nil && !market.Revisions.Can(v.State, move) {
		err = market.Errorf(market.Conflict, "没有可以这样办理的修改，请刷新后再看")
	}
	return v, err
}

func (w *act) moveRevision(ctx context.Context, v market.Revision, move string, codes []string, note string) error {
	to, err := market.Revisions.Next(v.State, move)
	if err != nil {
		return err
	}
	m := store.RevisionMove{ID: v.ID, From: v.State, To: to, At: w.at, Codes: codes}
	if to == market.RevisionReturned {
		m.Note = note
	}
	if err := w.MoveRevision(ctx, w.actor, m); err != nil {
		return err
	}
	return w.moved(ctx, "revision_"+move, string(v.State), string(to), strings.Join(codes, " "), note)
}

// DiscardRevision gives an edit of a public listing up; what is public stays.
func (s *Service) DiscardRevision(ctx context.Context, a market.Actor, kind market.Kind, id int64) error {
	return s.ownListing(ctx, a, kind, id, market.RevisionDiscard, a.RequireEditor(market.ScopePost), func(w *act, l market.Listing) error {
		return w.moveOwnRevision(ctx, l, "discard")
	})
}

// moveOwnRevision carries out a move of the owner's on the edit of a locked listing.
func (w *act) moveOwnRevision(ctx context.Context, l market.Listing, move string) error {
	v, err := w.openRevision(ctx, l, move)
	if err != nil {
		return err
	}
	return w.moveRevision(ctx, v, move, nil, "")
}

// endRevision gives up an edit that is open when its listing leaves the shelf: from then on the listing itself is edited.
func (w *act) endRevision(ctx context.Context, l market.Listing) error {
	v, err := w.OpenRevision(ctx, l.ID)
	if market.IsKind(err, market.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return w.moveRevision(ctx, v, "discard", nil, "")
}

// PublishRevision lets an edit take the place of the public text, which is searched and matched anew at once; the owner has
// thereby said that it holds. version is the one that the reviewer looked at. For reviewers, not for listings of their own
// organisation.
func (s *Service) PublishRevision(ctx context.Context, a market.Actor, id int64, version int, ticks market.Ticks) error {
	note, err := ticks.Pass(market.SubjectRevision)
	if err != nil {
		return err
	}
	return s.reviewRevision(ctx, a, market.RevisionPublish, id, version, func(w *act, l market.Listing, v market.Revision) error {
		if err := w.requireVerifiedOwner(ctx, l.OrgID); err != nil {
			return err
		}
		if err := w.moveRevision(ctx, v, "publish", nil, note); err != nil {
			return err
		}
		if err := w.applyText(ctx, v.Text.Of(l)); err != nil {
			return err
		}
		if err := w.showAnew(ctx, l); err != nil {
			return err
		}
		return w.NotifyOrg(ctx, l.OrgID, fmt.Sprintf("%s的修改已公开：%s", kindName(l.Kind), v.Text.Listing().Title), listingPath(l), w.at)
	})
}

func (w *act) applyText(ctx context.Context, t market.Text) error {
	if t.Need != nil {
		return w.UpdateNeed(ctx, *t.Need, w.at)
	}
	return w.UpdateResult(ctx, *t.Result, w.at)
}

// showAnew renews the validity of a listing on the shelf and has it searched and matched anew.
func (w *act) showAnew(ctx context.Context, l market.Listing) error {
	if l.State != market.Published {
		return w.ListingChanged(ctx, l.ID)
	}
	until := w.service.validUntil(l.Kind, w.at)
	if err := w.MoveListing(ctx, store.ListingMove{ID: l.ID, From: market.Published, To: market.Published, At: w.at, ValidUntil: &until}); err != nil {
		return err
	}
	return w.enqueue(ctx, MatchListings{IDs: []int64{l.ID}})
}

// ReturnRevision sends an edit back with coded reasons and words that its owner will read; what is public stays. See
// PublishRevision.
func (s *Service) ReturnRevision(ctx context.Context, a market.Actor, id int64, version int, codes []string, note string) error {
	codes, err := s.checkReturn(codes, &note)
	if err != nil {
		return err
	}
	return s.reviewRevision(ctx, a, market.RevisionReturn, id, version, func(w *act, l market.Listing, v market.Revision) error {
		if err := w.moveRevision(ctx, v, "return", codes, note); err != nil {
			return err
		}
		return w.NotifyOrg(ctx, l.OrgID, fmt.Sprintf("%s的修改被退回，公开页没有变：%s", kindName(l.Kind), l.Title), listingPath(l)+"/edit", w.at)
	})
}

// reviewRevision locks the listing of an edit for a reviewer's move, and then reads the edit as it now is.
func (s *Service) reviewRevision(ctx context.Context, a market.Actor, action market.Action, id int64, version int,
	move func(*act, market.Listing, market.Revision) error) error {
	if err := s.requireDuty(ctx, a, market.Reviewer, action, market.Object{Kind: "revision", ID: id}); err != nil {
		return err
	}
	v, err := s.store.Revision(ctx, a, id)
	if err != nil {
		s.Refused(ctx, a, action, market.Object{Kind: "revision", ID: id})
		return err
	}
	kind := v.Text.Listing().Kind
	return s.write(ctx, a, action, market.Object{Kind: string(kind), ID: v.ListingID}, func(w *act) error {
		l, err := w.LockListing(ctx, a, kind, v.ListingID, true)
		if err != nil {
			return err
		}
		if v, err = w.Revision(ctx, a, id); err != nil {
			return err
		}
		if err := w.refuseOwn(ctx, w.object, l.OrgID); err != nil {
			return err
		}
		return w.decide(ctx, market.SubjectRevision, id, func() error {
			if err := move(w, l, v); err != nil {
				return err
			}
			return sameVersion(v.Version, version)
		})
	})
}

// checkReturn tidies the reasons and the words of a return of a listing's text.
func (s *Service) checkReturn(codes []string, note *string) ([]string, error) {
	var p market.Problems
	if len(codes) == 0 {
		p.Add("codes", "请至少选择一个退回原因")
	}
	for _, c := range codes {
		if s.ref.ListingReturn.Name(c) == "" {
			p.Add("codes", "请从列表中选择退回原因")
		}
	}
	if err := checkNote(note, "请写明要改什么，提交人会看到"); err != nil {
		p = append(p, market.AsError(err).Fields...)
	}
	slices.Sort(codes)
	return slices.Compact(codes), p.Err()
}
