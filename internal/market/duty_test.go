package market

import (
	"slices"
	"testing"
)

func TestCheckDuties(t *testing.T) {
	t.Parallel()
	ref := &Reference{Regions: Regions{{Code: "360825", Name: "永丰县", Kind: "county", InCity: true}, {Code: "360100", Name: "南昌市", Kind: "city"}}}
	for n := range 1 << len(Duties) { // every set of duties
		var held []Duty
		for i, d := range Duties {
			if n&(1<<i) != 0 {
				held = append(held, d)
			}
		}
		both := slices.Contains(held, Auditor) && slices.Contains(held, Admin)
		city := slices.Contains(held, Auditor) || slices.Contains(held, Admin)
		if p := CheckDuties(ref, held, ""); p.Has("duties") != both || p.Has("county") {
			t.Errorf("%v: %v", held, p)
		}
		if p := CheckDuties(ref, held, "360825"); p.Has("duties") != both || p.Has("county") != (city || len(held) == 0) {
			t.Errorf("%v for a county: %v", held, p)
		}
	}
	if p := CheckDuties(ref, []Duty{Reviewer}, "360100"); !p.Has("county") {
		t.Error("a place that is no county of the city is accepted")
	}
	if p := CheckDuties(ref, []Duty{"chief"}, ""); !p.Has("duties") {
		t.Error("a duty that there is not is accepted")
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	county, city := Actor{Duties: []Duty{Reviewer}, County: "360825"}, Actor{Duties: []Duty{Reviewer}}
	for _, c := range []struct {
		a      Actor
		duty   Duty
		region string
		want   bool
	}{
		{county, Reviewer, "360825", true}, {county, Reviewer, "360822", false}, {county, Reviewer, City, false}, {county, Reviewer, "", false},
		{county, Registrar, "360825", false}, {city, Reviewer, "360825", true}, {city, Reviewer, "", true}, {city, Registrar, "360825", false},
		{Actor{County: "360825"}, Reviewer, "360825", false}, {Actor{}, Reviewer, "", false},
	} {
		if got := c.a.Reaches(c.region, c.duty); got != c.want {
			t.Errorf("%+v as %s in %q: %v", c.a, c.duty, c.region, got)
		}
	}
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	good := map[string]string{"organiser": "吉安市科学技术局", "hours": "工作日 8:30—12:00，14:30—17:30", "phone": "0796-8234567", "icp": "赣ICP备12345678号-1",
		"police": "赣公网安备 36080202000123号", "site_code": "3608000012"}
	if p := CheckSettings(good); len(p) > 0 {
		t.Error(p)
	}
	for _, s := range Settings {
		for value, wrong := range map[string]bool{"": s.Code == "organiser" || s.Code == "hours", "随便写": s.Code != "organiser"} {
			in := map[string]string{}
			for k, v := range good {
				in[k] = v
			}
			in[s.Code] = value
			if p := CheckSettings(in); p.Has(s.Code) != wrong || len(p) > 1 {
				t.Errorf("%s = %q: %v", s.Code, value, p)
			}
		}
	}
	tidy := map[string]string{"organiser": " 吉安市科学技术局 ", "hours": "工作日 9:00-17:00", "phone": "０７９６－８２３４５６７"}
	if p := CheckSettings(tidy); len(p) > 0 || tidy["organiser"] != "吉安市科学技术局" || tidy["hours"] != "工作日 9:00—17:00" || tidy["phone"] != "0796-8234567" {
		t.Errorf("%q: %v", tidy, p)
	}
}
