package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// Tell tells up to limit people what their saved searches and the matching of their organisations' listings have found: at
// once, or on Monday what was found in the week, all in one letter. It returns how many people had something waiting.
func (s *Service) Tell(ctx context.Context, limit int) (int, error) {
	now := s.now()
	digest := market.LastDigest(now)
	people, err := s.store.PeopleToTell(ctx, digest, limit)
	if err != nil {
		return 0, err
	}
	matched, err := s.store.MatchPeopleToTell(ctx, digest, now.Add(-market.GatherMatches), limit)
	if err != nil {
		return 0, err
	}
	for _, user := range matched {
		if !slices.Contains(people, user) {
			people = append(people, user)
		}
	}
	for _, user := range people {
		if err := s.tell(ctx, user); err != nil {
			return 0, err
		}
	}
	return len(people), nil
}

func (s *Service) tell(ctx context.Context, userID int64) error {
	return s.write(ctx, market.System(), market.SearchTell, market.Object{Kind: "user", ID: userID}, func(w *act) error {
		user, err := w.LockUser(ctx, userID)
		if err != nil {
			return err
		}
		hits, err := w.TakeSearchHits(ctx, userID, market.LastDigest(w.at), w.at)
		if err != nil {
			return err
		}
		matches, err := w.TakeMatchAlerts(ctx, userID, market.LastDigest(w.at), w.at)
		if err != nil {
			return err
		}
		if err := w.noteTold(ctx, len(hits), len(matches)); err != nil || len(hits)+len(matches) == 0 {
			return err
		}
		var notes []string
		var sections []market.LetterSection
		if len(hits) > 0 {
			note, err := w.tellHits(ctx, userID, hits)
			if err != nil {
				return err
			}
			notes, sections = append(notes, note), append(sections, hitSection(hits))
		}
		if len(matches) > 0 {
			note, err := w.tellMatches(ctx, userID, matches)
			if err != nil {
				return err
			}
			notes, sections = append(notes, note), append(sections, matchSection(matches))
		}
		if user.EmailConfirmedAt == nil || user.MailRefusedAt != nil {
			return nil
		}
		link := market.Link{Purpose: market.LinkQuiet, UserID: &userID, Email: user.Email}
		return w.sendLink(ctx, link, market.Letter{Kind: market.LetterAlert, Name: user.Name, Note: strings.Join(notes, "；"), Sections: sections})
	})
}

// noteTold writes what was told into the audit: saved searches and matches are acts of their own.
func (w *act) noteTold(ctx context.Context, hits, matches int) error {
	switch {
	case matches == 0:
		w.detail = fmt.Sprintf("%d listings", hits)
	case hits == 0:
		w.action, w.detail = market.MatchTell, fmt.Sprintf("%d matches", matches)
	default:
		w.detail = fmt.Sprintf("%d listings", hits)
		return w.Audit(ctx, w.at, w.actor, market.MatchTell, w.object, "done", fmt.Sprintf("%d matches", matches))
	}
	return nil
}

// tellHits notifies a person of what their saved searches have found, and returns the words.
func (w *act) tellHits(ctx context.Context, userID int64, hits []store.SearchHit) (string, error) {
	var searches []int64
	for _, h := range hits {
		if !slices.Contains(searches, h.SearchID) {
			searches = append(searches, h.SearchID)
		}
	}
	if err := w.SearchesTold(ctx, searches, w.at); err != nil {
		return "", err
	}
	note, path := hitWords(hits, len(searches))
	note = "订阅的搜索有新内容：" + note
	return note, w.NotifyUser(ctx, userID, note, path, w.at)
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

// maxLetterItems is how many listings a section of a letter names; the rest are counted.
const maxLetterItems = 20

func hitSection(hits []store.SearchHit) market.LetterSection {
	section := market.LetterSection{Title: "订阅"}
	for _, h := range hits[:min(len(hits), maxLetterItems)] {
		section.Items = append(section.Items, market.LetterItem{Text: fmt.Sprintf("%s：%s（订阅“%s”）", h.Kind.Name(), h.Title, h.SearchName), Path: fmt.Sprintf("/%ss/%d", h.Kind, h.ListingID)})
	}
	section.Items = append(section.Items, restItem(len(hits)-len(section.Items), "登录后可以查看和修改全部订阅：", "/searches"))
	return section
}

// restItem ends a section: how many it does not name, and where all of them are.
func restItem(rest int, text, path string) market.LetterItem {
	if rest > 0 {
		text = fmt.Sprintf("另有 %d 项。", rest) + text
	}
	return market.LetterItem{Text: text, Path: path}
}

// tellMatches notifies a person of matches, once for each organisation whose affairs they see to, and returns the words for
// all of them.
func (w *act) tellMatches(ctx context.Context, userID int64, matches []store.MatchAlert) (string, error) {
	byOrg := map[int64][]store.MatchAlert{}
	var orgs []int64
	for _, m := range matches {
		if byOrg[m.OrgID] == nil {
			orgs = append(orgs, m.OrgID)
		}
		byOrg[m.OrgID] = append(byOrg[m.OrgID], m)
	}
	for _, org := range orgs {
		mine := byOrg[org]
		note, path := matchWords(mine)
		if err := w.NotifyOf(ctx, userID, ownOrg(mine[0]), note, path, w.at); err != nil {
			return "", err
		}
	}
	if len(orgs) == 1 {
		note, _ := matchWords(matches)
		return note, nil
	}
	return fmt.Sprintf("有新的匹配：%d 家单位，%s", len(orgs), countWords(matches)), nil
}

// ownOrg is the organisation that a match is told for, 0 when the person sees to it by mandate: then the words name it.
func ownOrg(m store.MatchAlert) int64 {
	if m.AgencyName != "" {
		return 0
	}
	return m.OrgID
}

// matchWords says what matches were found for one organisation, and which page shows them. Who acts by mandate reads for
// whom, and is led to where they choose it.
func matchWords(matches []store.MatchAlert) (note, path string) {
	first, whose := matches[0], "本单位"
	if first.AgencyName != "" {
		whose = "该单位"
	}
	switch single := sameOwn(matches); {
	case len(matches) == 1:
		note = fmt.Sprintf("给%s“%s”找到%s的%s“%s”", first.OwnKind.Name(), first.OwnTitle, strengthName(first.Strength), first.OtherKind.Name(), first.OtherTitle)
		path = fmt.Sprintf("/%ss/%d", first.OtherKind, first.OtherID)
	case single:
		note = fmt.Sprintf("给%s“%s”找到%s", first.OwnKind.Name(), first.OwnTitle, countWords(matches))
		path = fmt.Sprintf("/work/matches?listing=%d", first.OwnID)
	default:
		note, path = "给"+whose+"公开的内容找到"+countWords(matches), "/work/matches"
	}
	if first.AgencyName == "" {
		return "有新的匹配：" + note, path
	}
	if len(matches) > 1 {
		path = "/acting"
	}
	return fmt.Sprintf("有新的匹配（%s）：%s", market.OnBehalf(first.AgencyName, first.OrgName), note), path
}

func sameOwn(matches []store.MatchAlert) bool {
	return !slices.ContainsFunc(matches, func(m store.MatchAlert) bool { return m.OwnID != matches[0].OwnID })
}

// countWords counts matches by strength: 2 项匹配强，3 项匹配较强.
func countWords(matches []store.MatchAlert) string {
	var parts []string
	for _, strength := range []string{"strong", "good"} {
		n := 0
		for _, m := range matches {
			if m.Strength == strength {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf(" %d 项%s", n, strengthName(strength)))
		}
	}
	return strings.Join(parts, "、")
}

func strengthName(strength string) string {
	if strength == "strong" {
		return "匹配强"
	}
	return "匹配较强"
}

func matchSection(matches []store.MatchAlert) market.LetterSection {
	section := market.LetterSection{Title: "匹配"}
	for _, m := range matches[:min(len(matches), maxLetterItems)] {
		section.Items = append(section.Items, market.LetterItem{Text: matchText(m), Path: fmt.Sprintf("/%ss/%d", m.OtherKind, m.OtherID)})
	}
	section.Items = append(section.Items, restItem(len(matches)-len(section.Items), "登录后可以在工作台看全部匹配，标有用或不合适：", "/work/matches"))
	return section
}

// matchText says what fits what, for whom, and why.
func matchText(m store.MatchAlert) string {
	text := fmt.Sprintf("%s：%s“%s”，给%s“%s”", strengthName(m.Strength), m.OtherKind.Name(), m.OtherTitle, m.OwnKind.Name(), m.OwnTitle)
	if m.AgencyName != "" {
		text += "（" + market.OnBehalf(m.AgencyName, m.OrgName) + "）"
	}
	var fits, not []string
	for _, r := range m.Reasons {
		if r.OK {
			fits = append(fits, r.Text)
		} else {
			not = append(not, r.Text)
		}
	}
	if len(fits) > 0 {
		text += "\n合适：" + strings.Join(fits, "；")
	}
	if len(not) > 0 {
		text += "\n要留意：" + strings.Join(not, "；")
	}
	return text
}

// Alerts is what a person is told of: the saved searches that tell, and whether new matches are told.
type Alerts struct {
	Searches []market.SavedSearch
	Matches  bool
}

// Quieting returns what the link with that secret may stop telling of, without using it up. A link that is not good any more
// is market.ErrLink.
func (s *Service) Quieting(ctx context.Context, secret string) (market.Actor, Alerts, error) {
	link, err := s.Link(ctx, market.LinkQuiet, secret)
	if err != nil {
		return market.Actor{}, Alerts{}, err
	}
	a, err := s.Actor(ctx, *link.UserID, market.Acting{})
	if market.IsKind(err, market.NotFound) {
		return a, Alerts{}, market.ErrLink
	}
	if err != nil {
		return a, Alerts{}, err
	}
	user, err := s.store.User(ctx, a.UserID)
	if err != nil {
		return a, Alerts{}, err
	}
	all, err := s.store.SavedSearches(ctx, a)
	searches := slices.DeleteFunc(all, func(x market.SavedSearch) bool { return x.Often == market.OftenNever })
	return a, Alerts{Searches: searches, Matches: user.Told() && a.OrgID != 0}, err
}

// Quiet uses up a link and stops telling of those of its person's searches, and with matches of new matches. by is who opened
// the link: whoever has it may use it. It returns how many were stopped. Errors name the field ids.
func (s *Service) Quiet(ctx context.Context, by market.Actor, secret string, ids []int64, matches bool) (int, error) {
	a, alerts, err := s.Quieting(ctx, secret)
	if err != nil {
		return 0, err
	}
	searches := slices.DeleteFunc(alerts.Searches, func(x market.SavedSearch) bool { return !slices.Contains(ids, x.ID) })
	stopped := len(searches)
	matches = matches && alerts.Matches
	if matches {
		stopped++
	}
	if stopped == 0 {
		return 0, market.Problems{{Field: "ids", Message: "请至少勾选一项"}}.Err()
	}
	a.Via, a.Address, a.RequestID = by.Via, by.Address, by.RequestID
	err = s.write(ctx, a, market.SearchQuiet, market.Object{Kind: "user", ID: a.UserID}, func(w *act) error {
		link, err := w.useLink(ctx, market.LinkQuiet, secret)
		if err != nil {
			return err
		}
		w.detail = fmt.Sprintf("link %d, %d searches, matches %t", link.ID, len(searches), matches)
		for _, x := range searches {
			if err := w.QuietSavedSearch(ctx, a.UserID, x.ID); err != nil {
				return err
			}
		}
		if !matches {
			return nil
		}
		return w.quietMatches(ctx)
	})
	return stopped, err
}

// quietMatches ends the telling of matches for the actor.
func (w *act) quietMatches(ctx context.Context) error {
	u, err := w.LockUser(ctx, w.actor.UserID)
	if err != nil {
		return err
	}
	choices := u.Choices
	choices.Alerts = false
	return w.choose(ctx, u, choices)
}
