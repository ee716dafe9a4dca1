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

// TellSearches tells up to limit people what their saved searches have found: at once, or on Monday what was found in the
// week. It returns how many people had something waiting.
func (s *Service) TellSearches(ctx context.Context, limit int) (int, error) {
	people, err := s.store.PeopleToTell(ctx, market.LastDigest(s.now()), limit)
	if err != nil {
		return 0, err
	}
	for _, user := range people {
		if err := s.tellSearches(ctx, user); err != nil {
			return 0, err
		}
	}
	return len(people), nil
}

// maxLetterItems is how many listings a letter names; the rest are counted.
const maxLetterItems = 20

func (s *Service) tellSearches(ctx context.Context, userID int64) error {
	return s.write(ctx, market.System(), market.SearchTell, market.Object{Kind: "user", ID: userID}, func(w *act) error {
		user, err := w.LockUser(ctx, userID)
		if err != nil {
			return err
		}
		hits, err := w.TakeSearchHits(ctx, userID, market.LastDigest(w.at), w.at)
		w.detail = fmt.Sprintf("%d listings", len(hits))
		if err != nil || len(hits) == 0 {
			return err
		}
		var searches []int64
		for _, h := range hits {
			if !slices.Contains(searches, h.SearchID) {
				searches = append(searches, h.SearchID)
			}
		}
		if err := w.SearchesTold(ctx, searches, w.at); err != nil {
			return err
		}
		note, path := hitWords(hits, len(searches))
		if err := w.NotifyUser(ctx, userID, "订阅的搜索有新内容："+note, path, w.at); err != nil {
			return err
		}
		if user.EmailConfirmedAt == nil || user.MailRefusedAt != nil {
			return nil
		}
		// Each letter has a link of its own: a new one does not end those in earlier letters.
		link := market.Link{Purpose: market.LinkQuiet, UserID: &userID, SubjectID: &hits[0].ID, Email: user.Email}
		return w.sendLink(ctx, link, market.Letter{Kind: market.LetterAlert, Name: user.Name, Note: note, Items: letterItems(hits)})
	})
}

// hitWords says what was found, and which page shows it.
func hitWords(hits []store.SearchHit, searches int) (note, path string) {
	first := hits[0]
	switch {
	case len(hits) == 1:
		return fmt.Sprintf("“%s”，“%s”", first.SearchName, first.Title), fmt.Sprintf("/%ss/%d", first.Kind, first.ListingID)
	case searches == 1:
		return fmt.Sprintf("“%s”，%d 项", first.SearchName, len(hits)), "/search?" + first.Query + "&sort=newest"
	}
	return fmt.Sprintf("“%s”等 %d 个订阅，%d 项", first.SearchName, searches, len(hits)), "/searches"
}

func letterItems(hits []store.SearchHit) []market.LetterItem {
	var items []market.LetterItem
	for _, h := range hits[:min(len(hits), maxLetterItems)] {
		items = append(items, market.LetterItem{Text: fmt.Sprintf("%s：%s（订阅“%s”）", market.Subject(h.Kind).Name(), h.Title, h.SearchName), Path: fmt.Sprintf("/%ss/%d", h.Kind, h.ListingID)})
	}
	if rest := len(hits) - len(items); rest > 0 {
		items = append(items, market.LetterItem{Text: fmt.Sprintf("另有 %d 项，请看全部订阅", rest), Path: "/searches"})
	}
	return items
}

// Quieting returns the searches that the link with that secret may stop telling of, without using it up. A link that is not
// good any more is market.ErrLink.
func (s *Service) Quieting(ctx context.Context, secret string) (market.Actor, []market.SavedSearch, error) {
	link, err := s.Link(ctx, market.LinkQuiet, secret)
	if err != nil {
		return market.Actor{}, nil, err
	}
	a, err := s.Actor(ctx, *link.UserID, market.Acting{})
	if market.IsKind(err, market.NotFound) {
		return a, nil, market.ErrLink
	}
	if err != nil {
		return a, nil, err
	}
	all, err := s.store.SavedSearches(ctx, a)
	return a, slices.DeleteFunc(all, func(x market.SavedSearch) bool { return x.Often == market.OftenNever }), err
}

// Quiet uses up a link and stops telling of those of its person's searches. by is who opened the link: whoever has it may
// use it. It returns how many were stopped. Errors name the field ids.
func (s *Service) Quiet(ctx context.Context, by market.Actor, secret string, ids []int64) (int, error) {
	a, searches, err := s.Quieting(ctx, secret)
	if err != nil {
		return 0, err
	}
	searches = slices.DeleteFunc(searches, func(x market.SavedSearch) bool { return !slices.Contains(ids, x.ID) })
	if len(searches) == 0 {
		return 0, market.Problems{{Field: "ids", Message: "请至少勾选一项"}}.Err()
	}
	a.Via, a.Address, a.RequestID = by.Via, by.Address, by.RequestID
	err = s.write(ctx, a, market.SearchQuiet, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		link, err := w.useLink(ctx, market.LinkQuiet, secret)
		if err != nil {
			return err
		}
		w.detail = fmt.Sprintf("link %d, %d searches", link.ID, len(searches))
		for _, x := range searches {
			if err := w.QuietSavedSearch(ctx, a.UserID, x.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return len(searches), err
}
