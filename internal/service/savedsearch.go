package service

import (
	"context"
	"fmt"
	"slices"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// SaveSearch keeps a search for the actor: the same conditions once, and not more than they may have. known is what it
// finds now, nil when that is too much to keep. It returns the search's id, and whether it is new. Errors name the fields
// query, name and often.
func (s *Service) SaveSearch(ctx context.Context, a market.Actor, c market.Conditions, name string, often market.Often, known []int64) (id int64, fresh bool, err error) {
	if !a.SignedIn() {
		return 0, false, market.Errorf(market.Unsigned, "请先登录")
	}
	p := market.CheckSavedSearch(&name, often)
	if market.RuneLen(c.Text) > market.MaxSavedText {
		p.Add("query", "订阅的搜索词最多 %d 个字，请缩短后再订阅", market.MaxSavedText)
	}
	if err := p.Err(); err != nil {
		return 0, false, err
	}
	err = s.write(ctx, a, market.SearchSave, market.Object{Kind: "search"}, func(w *act) error {
		if _, err := w.LockUser(ctx, a.UserID); err != nil {
			return err
		}
		saved, err := w.SavedSearches(ctx, a)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(saved, func(x market.SavedSearch) bool { return x.Query == c.Query() }); i >= 0 {
			id = saved[i].ID
			w.object.ID, w.detail = id, "already"
			return nil
		}
		if len(saved) >= market.MaxSearches {
			return market.Problems{{Field: "query", Message: fmt.Sprintf("最多订阅 %d 个搜索，请先删除不再需要的", market.MaxSearches)}}.Err()
		}
		fresh = true
		id, err = w.CreateSavedSearch(ctx, market.SavedSearch{UserID: a.UserID, Name: name, Query: c.Query(), Often: often, CreatedAt: w.at}, known)
		w.object.ID = id
		return err
	})
	return id, fresh, err
}

// EditSavedSearch changes the name of one of the actor's own searches and when they are told of it. One that was not told of
// before starts anew: known is what it finds now, nil when that is too much to keep. Errors name the fields name and often.
func (s *Service) EditSavedSearch(ctx context.Context, a market.Actor, id int64, name string, often market.Often, known []int64) error {
	if err := market.CheckSavedSearch(&name, often).Err(); err != nil {
		return err
	}
	return s.write(ctx, a, market.SearchEdit, market.Object{Kind: "search", ID: id}, func(w *act) error {
		old, err := w.SavedSearch(ctx, a, id)
		if err != nil {
			return err
		}
		w.detail = string(often)
		if old.Often == market.OftenNever || often == market.OftenNever {
			if err := w.RestartSavedSearch(ctx, id, known, w.at); err != nil {
				return err
			}
		}
		return w.EditSavedSearch(ctx, a, id, name, often)
	})
}

// DeleteSavedSearch removes one of the actor's own searches.
func (s *Service) DeleteSavedSearch(ctx context.Context, a market.Actor, id int64) error {
	return s.write(ctx, a, market.SearchDelete, market.Object{Kind: "search", ID: id}, func(w *act) error {
		return w.DeleteSavedSearch(ctx, a, id)
	})
}

// NoteSearchHits notes what a saved search has found among listings that changed. It is the market's own work, done by
// package worker; telling of it is audited.
func (s *Service) NoteSearchHits(ctx context.Context, searchID int64, listings []int64) error {
	return s.store.InTx(ctx, func(tx *store.Tx) error { return tx.AddSearchHits(ctx, searchID, listings, s.now()) })
}

// NoteSearchPosition notes up to where saved searches were held against the change log. For package worker only.
func (s *Service) NoteSearchPosition(ctx context.Context, seq int64) error {
	return s.store.InTx(ctx, func(tx *store.Tx) error { return tx.SetSearchPosition(ctx, seq) })
}
