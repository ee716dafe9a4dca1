package market

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTicksPass(t *testing.T) {
	t.Parallel()
	for _, s := range Subjects {
		all := Ticks{}
		if _, err := all.Pass(s); err == nil || len(AsError(err).Fields) != len(s.Checks()) {
			t.Errorf("%s: an empty list gives %v", s, err)
		}
		for _, c := range s.Checks() {
			all[c.Code] = TickYes
		}
		if note, err := all.Pass(s); err != nil || !strings.Contains(note, "合格") {
			t.Errorf("%s: a full list gives %q, %v", s, note, err)
		}
		for _, c := range s.Checks() {
			for tick, want := range map[Tick]bool{TickYes: true, TickNA: true, TickNo: false, "": false, "maybe": false} {
				all[c.Code] = tick
				note, err := all.Pass(s)
				if (err == nil) != want {
					t.Errorf("%s, %s %q: %v", s, c.Code, tick, err)
				}
				if err != nil && AsError(err).Fields[0].Field != "check."+c.Code {
					t.Errorf("%s, %s %q: error at %s", s, c.Code, tick, AsError(err).Fields[0].Field)
				}
				if tick == TickNA && !strings.Contains(note, c.Text) {
					t.Errorf("%s: the note %q does not say what was not applicable", s, note)
				}
			}
			all[c.Code] = TickYes
		}
	}
}

func TestTicksFailed(t *testing.T) {
	t.Parallel()
	got := Ticks{"contact": TickNo, "secret": TickNo, "clear": TickNo, "terms": TickNA, "single": TickYes}.Failed(SubjectNeed)
	if !slices.Equal(got, []string{"N1", "N4"}) {
		t.Errorf("got %v", got)
	}
}

func TestReviewTerm(t *testing.T) {
	t.Parallel()
	ref := &Reference{
		Calendar: NewCalendar([]Holiday{{Day: time.Date(2026, 10, 1, 0, 0, 0, 0, Shanghai)}, {Day: time.Date(2026, 10, 2, 0, 0, 0, 0, Shanghai)}}),
		Parameters: []Parameter{
			{Key: "need_review_days", ValidFrom: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), Value: 1},
			{Key: "need_review_days", ValidFrom: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Value: 2},
		}}
	for _, c := range []struct {
		submitted string
		days      int
		due       string
	}{
		{"2026-09-29 23:30", 1, "2026-09-30"},
		{"2026-09-30 09:00", 1, "2026-10-05"}, // two holidays and a week-end
		{"2026-10-05 09:00", 2, "2026-10-07"}, // by the newer term
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.submitted, Shanghai)
		if err != nil {
			t.Fatal(err)
		}
		if days, due := ref.ReviewTerm(SubjectNeed, at); days != c.days || due.Format(time.DateOnly) != c.due {
			t.Errorf("submitted %s: %d days, due %s; want %d, %s", c.submitted, days, due.Format(time.DateOnly), c.days, c.due)
		}
	}
}

func TestContactIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"请打 13879012046 找老王":            "13879012046",
		"电话138 7901 2046":               "138 7901 2046",
		"座机 0796-8223456 转 3":           "0796-8223456",
		"写信到 wang.wu@example.com.cn 即可": "wang.wu@example.com.cn",
		"见 HTTPS://shop.example.com/a":  "HTTPS://shop.example.com",
		"官网www.example.cn":              "www.example.cn",
		"专利 ZL 2023 1 0458217.6":        "",
		"ZL202310458217.6":              "",
		"产量 13879012046.5 吨":            "",
		"粒径 4.6 μm，能耗 152 kW·h":         "",
		"":                              "",
	} {
		if got := ContactIn(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestUSCCCategoryName(t *testing.T) {
	t.Parallel()
	for code, want := range map[USCC]string{"91360825MA35TQ4K54": "企业", "52360802MJD294179C": "民办非企业单位", "Y1360802MJD294179C": "其他机构", "": "其他机构"} {
		if got := code.CategoryName(); got != want {
			t.Errorf("%s: got %s, want %s", code, got, want)
		}
	}
}

// TestOrgMachine walks every state and move of an organisation.
func TestOrgMachine(t *testing.T) {
	t.Parallel()
	open := map[OrgState]map[string]OrgState{
		OrgUnverified: {"submit": OrgPending},
		OrgPending:    {"verify": OrgVerified, "reject": OrgRejected},
		OrgVerified:   {"suspend": OrgSuspended},
		OrgRejected:   {"submit": OrgPending},
		OrgSuspended:  {"resume": OrgVerified},
	}
	for _, state := range Orgs.States {
		for _, move := range []string{"submit", "verify", "reject", "suspend", "resume", "delete", ""} {
			want, ok := open[state][move]
			got, err := Orgs.Next(state, move)
			switch {
			case ok && (err != nil || got != want):
				t.Errorf("%s in %s: %s, %v; want %s", move, state, got, err, want)
			case !ok && !IsKind(err, Conflict):
				t.Errorf("%s in %s: %s, %v; want a conflict", move, state, got, err)
			case !ok && !strings.Contains(err.Error(), state.Name()):
				t.Errorf("%s in %s: the message %q does not name the state", move, state, err)
			}
		}
	}
}

func TestOrgCannotRegisterAsBureau(t *testing.T) {
	t.Parallel()
	o := Org{Name: "吉安市某某局", Type: Bureau, USCC: "91350100M000100Y43"}
	if p := o.Check(&Reference{}); !p.Has("type") {
		t.Errorf("problems %v", p)
	}
}
