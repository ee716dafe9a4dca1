package service

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// UploadFile keeps a file that a form was sent with and returns it. It belongs to its uploader until what it is for is
// saved. For every person with an account. Pictures of listings are drawn anew. An Invalid error names the field that the purpose is called by.
func (s *Service) UploadFile(ctx context.Context, a market.Actor, purpose market.FilePurpose, name string, content []byte) (market.File, error) {
	if !a.SignedIn() {
		return market.File{}, market.Errorf(market.Unsigned, "请先登录")
	}
	f := market.File{ID: strings.ToLower(rand.Text()), Purpose: purpose, Name: market.CleanFileName(name)}
	var err error
	if f.MediaType, err = market.CheckFile(string(purpose), f.Name, content); err != nil {
		return market.File{}, err
	}
	if purpose == market.FileListing {
		if content, err = cleanUpload(string(purpose), f.MediaType, content); err != nil {
			return market.File{}, err
		}
	}
	object := market.Object{Kind: "file"}
	if purpose == market.FileProposal {
		object.Kind = "proposal" // the audit keeps it back until the deadline
	}
	err = s.write(ctx, a, market.FileUpload, object, func(w *act) error {
		w.detail = fmt.Sprintf("%s, %d bytes", purpose, len(content))
		return w.AddFile(ctx, a, f, content, w.at)
	})
	return f, err
}

// ReadFile returns a file that the actor may read. That staff read it is noted.
func (s *Service) ReadFile(ctx context.Context, a market.Actor, id string) (market.File, []byte, error) {
	f, err := s.store.File(ctx, a, id)
	if err != nil {
		return f, nil, err
	}
	content, err := s.store.FileContent(ctx, a, id)
	if err != nil || !a.Staff() {
		return f, content, err
	}
	return f, content, s.write(ctx, a, market.FileRead, market.Object{Kind: "file"}, func(w *act) error {
		w.detail = f.ID
		return nil
	})
}

// CleanFiles is the hourly job that removes uploads which were never used.
type CleanFiles struct{}

// Kind names the job.
func (CleanFiles) Kind() string { return "clean_files" }

// strayTime is how long an upload waits for its form.
const strayTime = 24 * time.Hour

// CleanFiles removes uploads which were never used. For the worker.
func (s *Service) CleanFiles(ctx context.Context) error {
	return s.store.InTx(ctx, func(tx *store.Tx) error { return tx.RemoveStrayFiles(ctx, s.now().Add(-strayTime)) })
}
