package worker

import (
	"context"
	"errors"

	"github.com/riverqueue/river"

	"techmarket/internal/mail"
	"techmarket/internal/market"
	"techmarket/internal/service"
)

type mailWorker struct {
	river.WorkerDefaults[service.SendMail]
	w *Worker
}

// Work sends a letter. The secret of its one-time link is made here, so that it stands in no row and no log; a second try
// makes another one.
func (m *mailWorker) Work(ctx context.Context, job *river.Job[service.SendMail]) error {
	letter := job.Args.Letter
	path, secret := letter.Path, ""
	if letter.LinkID != 0 {
		link, made, err := m.w.Service.ArmLink(ctx, letter.LinkID)
		if market.IsKind(err, market.NotFound) {
			return river.JobCancel(errors.New("the link has ended"))
		}
		if err != nil {
			return err
		}
		path, secret = link.Purpose.Path(), made
	}
	err := m.w.Mail.Send(ctx, letter, path, secret)
	if !errors.Is(err, mail.ErrRefused) {
		return err
	}
	if err := m.w.Service.NoteRefusedMail(ctx, letter); err != nil {
		return err
	}
	return river.JobCancel(err)
}
