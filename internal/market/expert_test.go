package market

import (
	"testing"
	"time"
)

func TestExpertConsent(t *testing.T) {
	t.Parallel()
	day := func(month time.Month, d int) *time.Time {
		at := time.Date(2026, month, d, 0, 0, 0, 0, Shanghai)
		return &at
	}
	today := *day(11, 23)
	for name, c := range map[string]struct {
		consent, contact, revoked *time.Time
		by                        ConsentForm
		phone                     string
		field, wantBy             string
	}{
		"none":                      {wantBy: ""},
		"on paper":                  {consent: day(5, 6), wantBy: "paper"},
		"with contact":              {consent: day(5, 6), contact: day(5, 6), phone: "0796-8220000", wantBy: "paper"},
		"contact alone":             {contact: day(5, 6), phone: "0796-8220000", field: "consent_on"},
		"contact without a way":     {consent: day(5, 6), contact: day(5, 6), field: "contact_on", wantBy: "paper"},
		"tomorrow":                  {consent: day(11, 24), field: "consent_on", wantBy: "paper"},
		"contact tomorrow":          {consent: day(5, 6), contact: day(11, 24), phone: "1", field: "contact_on", wantBy: "paper"},
		"paper from before":         {consent: day(5, 6), revoked: day(6, 1), field: "consent_on", wantBy: "paper"},
		"paper of the same day":     {consent: day(6, 1), revoked: day(6, 1), field: "consent_on", wantBy: "paper"},
		"paper from after":          {consent: day(6, 2), revoked: day(6, 1), wantBy: "paper"},
		"own account, the same day": {consent: day(6, 1), revoked: day(6, 1), by: ConsentAccount, wantBy: "account"},
	} {
		e := Expert{Name: "谢启明", OrgName: "吉安学院", Region: "360825", Phone: c.phone, ConsentOn: c.consent, ContactOn: c.contact, RevokedOn: c.revoked, ConsentBy: c.by}
		var p Problems
		e.checkConsent(&p, today)
		if c.field == "" && len(p) > 0 || c.field != "" && (len(p) != 1 || p[0].Field != c.field) || string(e.ConsentBy) != c.wantBy {
			t.Errorf("%s: %+v, by %q", name, p, e.ConsentBy)
		}
	}
}

func TestExpertMoves(t *testing.T) {
	t.Parallel()
	want := map[string]ExpertState{"publish draft": ExpertPublic, "publish withdrawn": ExpertPublic, "withdraw public": ExpertWithdrawn}
	for _, move := range []string{"publish", "withdraw"} {
		for _, from := range Experts.States {
			to, err := Experts.Next(from, move)
			if wanted, ok := want[move+" "+string(from)]; ok != (err == nil) || ok && to != wanted {
				t.Errorf("%s %s leads to %s, %v", move, from, to, err)
			}
		}
	}
	for state, erasable := range map[ExpertState]bool{ExpertDraft: true, ExpertPublic: false, ExpertWithdrawn: true} {
		if state.Erasable() != erasable {
			t.Errorf("%s: erasable is %t", state, state.Erasable())
		}
	}
}

func TestExpertOwner(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a     Actor
		owner int64
		ok    bool
	}{
		"visitor":              {a: Actor{}},
		"editor of university": {a: Actor{UserID: 1, OrgID: 7, OrgType: University, Role: Editor}, owner: 7, ok: true},
		"viewer of institute":  {a: Actor{UserID: 1, OrgID: 7, OrgType: Institute, Role: Viewer}},
		"owner of enterprise":  {a: Actor{UserID: 1, OrgID: 7, OrgType: Enterprise, Role: Owner}},
		"agency for a client":  {a: Actor{UserID: 1, OrgID: 7, OrgType: University, Role: Editor, AgencyID: 9, Scopes: Scopes}},
		"reviewer":             {a: Actor{UserID: 1, Duties: []Duty{Reviewer}}, ok: true},
		"registrar":            {a: Actor{UserID: 1, Duties: []Duty{Registrar}}},
	} {
		if owner, err := c.a.ExpertOwner(); c.ok != (err == nil) || c.ok && owner != c.owner {
			t.Errorf("%s: %d, %v", name, owner, err)
		}
	}
}
