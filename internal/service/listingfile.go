package service

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"techmarket/internal/market"
	"techmarket/internal/paper"
)

// MarkText is what copies of gated content bear: who reads it, for whom, and when.
func (s *Service) MarkText(a market.Actor) string {
	return fmt.Sprintf("%s　%s　%s", a.UserName, a.OrgName, s.now().In(market.Shanghai).Format("2006-01-02 15:04"))
}

// cleanUpload draws a picture anew, and refuses a PDF that no mark could be put on. It returns the content to keep.
func cleanUpload(field, mediaType string, content []byte) ([]byte, error) {
	var err error
	if mediaType == paper.PDF {
		_, err = paper.Pages(content)
	} else {
		content, err = paper.Clean(mediaType, content)
	}
	if errors.Is(err, paper.ErrUnreadable) {
		err = market.Problems{{Field: field, Message: "文件打不开、加了密码或图片太大。请另存为不加密的 PDF，或缩小图片后再上传"}}.Err()
	}
	return content, err
}

// AttachFile adds an uploaded picture or file to a need or a result that may be edited. f.ID is the upload's. key is the
// form's one-time key. For whoever may post for the listing's organisation. Errors name the fields listing, use and label.
func (s *Service) AttachFile(ctx context.Context, a market.Actor, f market.ListingFile, key string) error {
	return s.changeFiles(ctx, a, market.FileAttach, f.ListingID, func(w *act) error {
		if _, fresh, err := w.Claim(ctx, a, key, w.at); err != nil || !fresh {
			return err
		}
		there, err := w.ListingFiles(ctx, a, f.ListingID)
		if err != nil {
			return err
		}
		if len(there) >= market.MaxListingFiles {
			return market.Errorf(market.Conflict, "最多 %d 个图片和文件，请先移除不用的", market.MaxListingFiles)
		}
		up, content, err := w.UploadedFor(ctx, a, f.ID)
		if market.IsKind(err, market.NotFound) {
			problems := f.Check()
			problems.Add("listing", "请选择文件")
			return problems.Err()
		}
		if err != nil {
			return err
		}
		f.Name, f.MediaType = up.Name, up.MediaType
		if err := f.Check().Err(); err != nil {
			return err
		}
		small, err := measure(&f, content)
		if err != nil {
			return err
		}
		w.detail = fmt.Sprintf("%s %s", f.Use, f.ID)
		if err := w.AddListingFile(ctx, f, small); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, f.ListingID)
	})
}

// measure finds out how large a picture is and makes its thumbnail, or counts the pages of a PDF.
func measure(f *market.ListingFile, content []byte) (small []byte, err error) {
	if !f.Picture() {
		f.Pages, err = paper.Pages(content)
		return nil, err
	}
	small, size, err := paper.Small(f.MediaType, content)
	f.Width, f.Height = size.X, size.Y
	return small, err
}

// ChangeFile says anew what a file of a listing shows and for whom it is. See AttachFile.
func (s *Service) ChangeFile(ctx context.Context, a market.Actor, f market.ListingFile) error {
	return s.changeFiles(ctx, a, market.FileChange, f.ListingID, func(w *act) error {
		old, err := w.fileOf(ctx, f)
		if err != nil {
			return err
		}
		old.Use, old.Label = f.Use, f.Label
		if err := old.Check().Err(); err != nil {
			return err
		}
		w.detail = fmt.Sprintf("%s %s", old.Use, old.ID)
		return w.ChangeListingFile(ctx, old)
	})
}

// RaiseFile lets a file of a listing change places with the one before. See AttachFile.
func (s *Service) RaiseFile(ctx context.Context, a market.Actor, listing int64, file string) error {
	return s.changeFiles(ctx, a, market.FileChange, listing, func(w *act) error {
		if _, err := w.fileOf(ctx, market.ListingFile{ListingID: listing, ID: file}); err != nil {
			return err
		}
		w.detail = "order " + file
		return w.RaiseListingFile(ctx, listing, file)
	})
}

// DetachFile removes a file of a listing for good. See AttachFile.
func (s *Service) DetachFile(ctx context.Context, a market.Actor, listing int64, file string) error {
	return s.changeFiles(ctx, a, market.FileDetach, listing, func(w *act) error {
		w.detail = file
		return w.RemoveListingFile(ctx, listing, file)
	})
}

// fileOf is the file of that listing.
func (w *act) fileOf(ctx context.Context, f market.ListingFile) (market.ListingFile, error) {
	found, err := w.ListingFile(ctx, w.actor, f.ID)
	if err == nil && found.ListingID != f.ListingID {
		err = market.ErrNotFound
	}
	return found, err
}

// changeFiles carries out a change of the files of a listing that may be edited. What a reviewer has read or the public
// sees stays as it is.
func (s *Service) changeFiles(ctx context.Context, a market.Actor, action market.Action, listing int64, change func(*act) error) error {
	object := market.Object{Kind: "listing", ID: listing}
	if err := a.RequireEditor(market.ScopePost); err != nil {
		s.Refused(ctx, a, action, object)
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		l, err := w.LockOwnListing(ctx, a, listing)
		if err != nil {
			return err
		}
		w.object.Kind = string(l.Kind)
		if !l.State.Editable() {
			return market.Errorf(market.Conflict, "这项%s现在是“%s”，不能改图片和文件。先撤回或收回，再修改", kindName(l.Kind), l.State.Name(l.Kind))
		}
		return change(w)
	})
}

// ReadListingFile returns a picture or a file of a listing that the actor may read. That staff read what is gated is noted.
func (s *Service) ReadListingFile(ctx context.Context, a market.Actor, id string) (market.ListingFile, []byte, error) {
	f, err := s.store.ListingFile(ctx, a, id)
	if err != nil {
		return f, nil, err
	}
	content, err := s.store.ListingFileContent(ctx, a, id)
	if err != nil || f.Use != market.UseGated || !a.Staff() {
		return f, content, err
	}
	return f, content, s.write(ctx, a, market.FileRead, market.Object{Kind: "file"}, func(w *act) error {
		w.detail = f.ID
		return nil
	})
}

// ReadDisclosedFile returns a gated file to a member of the organisation it was opened to, who has accepted the current
// pledge. The copy bears their name, their organisation and the time; it is a JPEG or a PDF. Every reading is on record.
// Without the pledge it is a Denied error.
func (s *Service) ReadDisclosedFile(ctx context.Context, a market.Actor, id int64, file string) (market.ListingFile, []byte, error) {
	var f market.ListingFile
	if err := s.mayRead(ctx, a, market.DisclosureReadAct, id); err != nil {
		return f, nil, err
	}
	if err := paper.CanMark(); err != nil {
		return f, nil, fmt.Errorf("gated files are not given without a mark: %w", err)
	}
	var content []byte
	err := s.write(ctx, a, market.DisclosureReadAct, market.Object{Kind: "disclosure", ID: id}, func(w *act) error {
		pledge, err := w.requirePledge(ctx, id)
		if err != nil {
			return err
		}
		w.detail = "pledge " + pledge + ", file " + file
		f, content, err = w.DisclosedFile(ctx, a, id, file, w.at)
		return err
	})
	if err != nil {
		return f, nil, err
	}
	marked, err := paper.Mark(f.MediaType, content, s.MarkText(a))
	if f.Picture() {
		f.MediaType, f.Name = paper.JPEG, strings.TrimSuffix(f.Name, path.Ext(f.Name))+".jpg"
	}
	return f, marked, err
}

// requirePledge returns the version of the current pledge, which the actor must have accepted for this disclosure. One that
// is not open to the actor is not found.
func (w *act) requirePledge(ctx context.Context, id int64) (string, error) {
	if _, err := w.grantedTo(ctx, id); err != nil {
		return "", err
	}
	pledge, err := w.CurrentPledge(ctx, w.at)
	if err != nil {
		return "", err
	}
	done, err := w.Pledged(ctx, w.actor, id, pledge.Version)
	if err == nil && !done {
		err = market.Errorf(market.Denied, "请先阅读并同意保密承诺")
	}
	return pledge.Version, err
}

// checkHidden refuses to submit a listing that hides its organisation's name while its public files may give it away.
func (w *act) checkHidden(ctx context.Context, l market.Listing) error {
	if !l.HideOrg {
		return nil
	}
	files, err := w.ListingFiles(ctx, w.actor, l.ID)
	if err != nil {
		return err
	}
	return market.CheckHidden(files, w.actor.OrgName).Err()
}
