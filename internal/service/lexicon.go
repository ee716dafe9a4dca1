package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"techmarket/internal/market"
	"techmarket/search"
)

// LexiconForm is a change of one entry as somebody has filled it in.
type LexiconForm struct {
	Version int64 // of the list that it was filled in from
	market.LexiconEntry
	Anyway bool // although a term stands in another group already
}

// Errors of the lexicon.
var (
	errLexiconMoved = market.Errorf(market.Conflict, "您打开以后，别人改过词表。请看过现在的词表再改")
	errLexiconSame  = market.Errorf(market.Conflict, "没有改动，不用保存")
)

// CheckLexicon tells what is wrong with a change, as saving it would, and tidies the entry.
func (s *Service) CheckLexicon(ctx context.Context, f *LexiconForm) error {
	now, err := s.store.LexiconVersion(ctx, f.Version)
	if market.IsKind(err, market.NotFound) {
		return errLexiconMoved
	}
	if err != nil {
		return err
	}
	return s.checkLexicon(now, f)
}

func (s *Service) checkLexicon(now market.LexiconVersion, f *LexiconForm) error {
	p := s.ref.CheckLexiconEntry(&f.LexiconEntry, search.TermKey)
	if f.ID == 0 && len(now.Entries) >= market.MaxLexicon {
		p.Add("terms", "词表最多 %d 条，请先去掉不用的", market.MaxLexicon)
	}
	if !p.Has("terms") {
		checkKnown(&p, search.NewLexicon(now.Number, now.Entries), f)
	}
	return p.Err()
}

// checkKnown tells which terms stand in the lexicon already: a word twice is of no use, a term in several groups is to be
// meant.
func checkKnown(p *market.Problems, known *search.Lexicon, f *LexiconForm) {
	for _, term := range f.Terms {
		for _, other := range known.Holding(term, f.ID) {
			name := strings.Join(other, "＝")
			switch {
			case f.Kind == market.LexiconWord:
				p.Add("terms", "“%s”词表里已经有了（%s），不用再加", term, name)
			case len(other) > 1 && holdsAll(other, f.Terms):
				p.Add("terms", "这些词已经在一组里了（%s），不用再加", name)
			case len(other) > 1 && !f.Anyway:
				p.Add("anyway", "“%s”已经在另一组里（%s），两组不会合并。要给那一组加词，请把它的词都写上；看过以后勾选这一项再保存", term, name)
			}
		}
	}
}

// holdsAll reports whether a group holds all of the terms.
func holdsAll(group, terms []string) bool {
	return !slices.ContainsFunc(terms, func(term string) bool {
		return !slices.ContainsFunc(group, func(t string) bool { return search.TermKey(t) == search.TermKey(term) })
	})
}

// AddLexiconEntry adds an entry to the words that searches know. For reviewers of the whole city. Problems name the fields
// kind, field, terms, note and anyway.
func (s *Service) AddLexiconEntry(ctx context.Context, a market.Actor, f LexiconForm) error {
	return s.changeLexicon(ctx, a, market.LexiconAddAct, f.Version, func(now, next *market.LexiconVersion) error {
		f.ID = 0
		if err := s.checkLexicon(*now, &f); err != nil {
			return err
		}
		f.LexiconEntry.ID = next.Number
		next.Move, next.Note, next.Entries = market.LexiconAdd, f.Note, append(next.Entries, f.LexiconEntry)
		return nil
	})
}

// EditLexiconEntry changes an entry. For reviewers of the whole city.
func (s *Service) EditLexiconEntry(ctx context.Context, a market.Actor, f LexiconForm) error {
	return s.changeLexicon(ctx, a, market.LexiconEditAct, f.Version, func(now, next *market.LexiconVersion) error {
		before, found := now.Entry(f.ID)
		if !found {
			return market.ErrNotFound
		}
		f.Kind = before.Kind
		if err := s.checkLexicon(*now, &f); err != nil {
			return err
		}
		if f.Equal(before) {
			return errLexiconSame
		}
		i := slices.IndexFunc(next.Entries, func(e market.LexiconEntry) bool { return e.ID == f.ID })
		next.Move, next.Note, next.Entries[i] = market.LexiconEdit, f.Note, f.LexiconEntry
		return nil
	})
}

// RemoveLexiconEntry takes an entry out. For reviewers of the whole city.
func (s *Service) RemoveLexiconEntry(ctx context.Context, a market.Actor, version, id int64, note string) error {
	return s.changeLexicon(ctx, a, market.LexiconRemoveAct, version, func(now, next *market.LexiconVersion) error {
		if _, found := now.Entry(id); !found {
			return market.ErrNotFound
		}
		next.Move, next.Note = market.LexiconRemove, note
		next.Entries = slices.DeleteFunc(next.Entries, func(e market.LexiconEntry) bool { return e.ID == id })
		return checkLexiconNote(&next.Note)
	})
}

// RestoreLexicon puts the list of an earlier version back, as a new version. For reviewers of the whole city.
func (s *Service) RestoreLexicon(ctx context.Context, a market.Actor, version, number int64, note string) error {
	return s.changeLexicon(ctx, a, market.LexiconRestoreAct, version, func(now, next *market.LexiconVersion) error {
		old, err := s.store.LexiconVersion(ctx, number)
		if err != nil {
			return err
		}
		if len(now.Since(old)) == 0 {
			return market.Errorf(market.Conflict, "这一版和现在的词表一样，不用恢复")
		}
		next.Move, next.Note, next.Entries = market.LexiconRestore, note, old.Entries
		return checkLexiconNote(&next.Note)
	})
}

// checkLexiconNote tidies the reason of a change.
func checkLexiconNote(note *string) error {
	var p market.Problems
	text, err := market.CleanText(*note)
	p.AddErr("note", err)
	*note = market.Normalize(text)
	if *note == "" {
		p.Add("note", "请写明原因")
	}
	if market.RuneLen(*note) > market.MaxLexiconNote {
		p.Add("note", "最多 %d 个字", market.MaxLexiconNote)
	}
	return p.Err()
}

// changeLexicon makes the next version of the list. Searches go by it within a moment, in every process.
func (s *Service) changeLexicon(ctx context.Context, a market.Actor, action market.Action, version int64, change func(now, next *market.LexiconVersion) error) error {
	object := market.Object{Kind: "lexicon"}
	if err := s.requireDuty(ctx, a, market.Reviewer, action, object); err != nil {
		return err
	}
	if a.County != "" {
		s.Refused(ctx, a, action, object)
		return market.Errorf(market.Denied, "词表全市共用，由全市的审核人员修改。请把要加的词告诉他们")
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		now, err := w.LockLexicon(ctx)
		if err != nil {
			return err
		}
		if now.Number != version {
			return errLexiconMoved
		}
		next := market.LexiconVersion{Number: now.Number + 1, Entries: slices.Clone(now.Entries), At: w.at}
		if err := change(&now, &next); err != nil {
			return err
		}
		w.detail = fmt.Sprintf("version %d", next.Number)
		return w.AddLexiconVersion(ctx, a, next)
	})
}
