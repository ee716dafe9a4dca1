package service

import (
	"context"
	"crypto/rand"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// sendMail queues a letter, which is sent only if the act is committed.
func (w *act) sendMail(ctx context.Context, l market.Letter) error {
	return w.enqueue(ctx, SendMail{Letter: l})
}

// sendLink makes a one-time link, good from now for as long as its purpose allows, and queues the letter that carries it.
// Earlier links of the same purpose for the same user and subject end, unless there may be several. link says purpose, user, subject and address.
func (w *act) sendLink(ctx context.Context, link market.Link, l market.Letter) error {
	link.CreatedAt, link.ExpiresAt = w.at, w.at.Add(link.Purpose.Life())
	id, err := w.CreateLink(ctx, link)
	if err != nil {
		return err
	}
	l.To, l.At, l.LinkID = link.Email, link.ExpiresAt, id
	return w.sendMail(ctx, l)
}

// useLink uses up the link with that secret; market.ErrLink when it is not good any more. Of two at once, one succeeds.
func (w *act) useLink(ctx context.Context, purpose market.LinkPurpose, secret string) (market.Link, error) {
	return w.UseLink(ctx, purpose, secretHash(secret), w.at)
}

// Link returns the live link with that secret, without using it up: for the page that asks before it does. Any other is
// market.ErrLink.
func (s *Service) Link(ctx context.Context, purpose market.LinkPurpose, secret string) (market.Link, error) {
	return s.store.LiveLink(ctx, purpose, secretHash(secret), s.now())
}

// ArmLink makes the secret of a link that is about to be sent, and keeps only its hash. A link that has ended meanwhile is
// market.ErrLink. For package worker only.
func (s *Service) ArmLink(ctx context.Context, id int64) (link market.Link, secret string, err error) {
	secret = rand.Text()
	err = s.store.InTx(ctx, func(tx *store.Tx) error {
		link, err = tx.ArmLink(ctx, id, secretHash(secret), s.now())
		return err
	})
	return link, secret, err
}

// NoteRefusedMail notes that the letter's address takes no mail, so that its owner is told where they look. For package
// worker only.
func (s *Service) NoteRefusedMail(ctx context.Context, l market.Letter) error {
	return s.store.InTx(ctx, func(tx *store.Tx) error {
		if l.LinkID != 0 {
			if err := tx.RefuseLink(ctx, l.LinkID, s.now()); err != nil {
				return err
			}
		}
		return tx.SetMailRefused(ctx, l.To, s.now())
	})
}
