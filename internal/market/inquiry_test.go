package market

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// Every pair of a state and a move, so that an arrow added or lost is noticed.
func TestInquiryMoves(t *testing.T) {
	t.Parallel()
	want := map[string]InquiryState{
		"open answer": InquiryAnswered, "open decline": InquiryDeclined, "open lapse": InquiryLapsed,
		"answered answer": InquiryAnswered, "answered propose": InquiryNegotiating, "answered decline": InquiryDeclined, "answered lapse": InquiryLapsed,
		"negotiating answer": InquiryNegotiating, "negotiating propose": InquiryNegotiating, "negotiating agree_term": InquiryNegotiating,
		"negotiating agree": InquiryAgreed, "negotiating decline": InquiryDeclined, "negotiating lapse": InquiryLapsed,
	}
	for _, state := range Inquiries.States {
		if Inquiries.Names[state] == "" {
			t.Errorf("%s has no name", state)
		}
		for _, move := range []string{"answer", "propose", "agree_term", "agree", "decline", "lapse"} {
			next, err := Inquiries.Next(state, move)
			expected, open := want[string(state)+" "+move]
			if open && (err != nil || next != expected) {
				t.Errorf("%s by %s leads to %s (%v), want %s", state, move, next, err, expected)
			}
			if !open && !IsKind(err, Conflict) {
				t.Errorf("%s by %s: %v, want a conflict", state, move, err)
			}
		}
	}
}

func TestReplyCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reply Reply
		field string // where the problem is, "" when there is none
	}{
		"interested without words":     {Reply{Code: "interested"}, ""},
		"interested drops the reason":  {Reply{Code: "interested", Reason: "暂缓"}, ""},
		"more says what":               {Reply{Code: "more", Body: "请补充吨耗"}, ""},
		"more without words":           {Reply{Code: "more", Body: " \n "}, "body"},
		"unsuitable with a reason":     {Reply{Code: "unsuitable", Reason: "暂缓"}, ""},
		"unsuitable without a reason":  {Reply{Code: "unsuitable", Body: "不需要了"}, "reason"},
		"unsuitable, invented reason":  {Reply{Code: "unsuitable", Reason: "不想谈"}, "reason"},
		"another reason with words":    {Reply{Code: "unsuitable", Reason: "其他", Body: "设备已停产"}, ""},
		"another reason without words": {Reply{Code: "unsuitable", Reason: "其他"}, "body"},
		"no choice":                    {Reply{Body: "好的"}, "answer"},
		"invented choice":              {Reply{Code: "yes", Body: "好的"}, "answer"},
		"broken text":                  {Reply{Code: "more", Body: "\xff\xfe"}, "body"},
		"too long":                     {Reply{Code: "interested", Body: strings.Repeat("长", MaxMessage+1)}, "body"},
		"as long as allowed":           {Reply{Code: "interested", Body: strings.Repeat("长", MaxMessage)}, ""},
	} {
		p := c.reply.Check()
		if c.field == "" && p.Err() != nil || c.field != "" && !p.Has(c.field) {
			t.Errorf("%s: %v, want a problem at %q", name, p, c.field)
		}
		if c.reply.Code == "interested" && c.reply.Reason != "" {
			t.Errorf("%s: keeps the reason %q", name, c.reply.Reason)
		}
	}
}

func TestCheckTerm(t *testing.T) {
	t.Parallel()
	ref := &Reference{ContractKinds: []ContractKind{{Code: "D1", Kind: "技术开发", SubKind: "委托开发"}}}
	price := func(s string) InquiryTerm {
		return InquiryTerm{Term: "price", Value: "ignored", Amount: decimal.NewNullDecimal(decimal.RequireFromString(s))}
	}
	for name, c := range map[string]struct {
		term InquiryTerm
		good bool
	}{
		"kind":               {InquiryTerm{Term: "kind", Value: "D1"}, true},
		"no such kind":       {InquiryTerm{Term: "kind", Value: "Z9"}, false},
		"price":              {price("1260000.50"), true},
		"no price":           {InquiryTerm{Term: "price"}, false},
		"zero":               {price("0"), false},
		"negative":           {price("-5"), false},
		"fourteen digits":    {price("12345678901234"), false},
		"largest price":      {price("999999999999.99"), true},
		"part of a fen":      {price("1.001"), false},
		"period":             {InquiryTerm{Term: "period", Value: "  10 个月 "}, true},
		"blank period":       {InquiryTerm{Term: "period", Value: " "}, false},
		"too long":           {InquiryTerm{Term: "payment", Value: strings.Repeat("付", MaxTerm+1)}, false},
		"no such term":       {InquiryTerm{Term: "colour", Value: "red"}, false},
		"amount of a period": {InquiryTerm{Term: "period", Value: "10 个月", Amount: decimal.NewNullDecimal(decimal.New(1, 0))}, true},
	} {
		p := c.term.CheckTerm(ref)
		if (p.Err() == nil) != c.good {
			t.Errorf("%s: %v", name, p)
		}
		if c.term.Term == "price" && c.term.Value != "" || c.term.Term != "price" && c.term.Amount.Valid {
			t.Errorf("%s keeps both a text and a sum", name)
		}
	}
}

// The answer is due on Friday 2026-09-18; the tenth working day after it is Friday 9 October.
func TestInquiryClock(t *testing.T) {
	t.Parallel()
	due := date(2026, 9, 18)
	i := Inquiry{DueOn: &due}
	for _, c := range []struct {
		today time.Time
		want  ClockStep
	}{
		{date(2026, 9, 14), ClockCalm}, {date(2026, 9, 15), ClockCalm}, {date(2026, 9, 16), ClockSoon}, {date(2026, 9, 18), ClockSoon},
		{date(2026, 9, 19), ClockLate}, {date(2026, 9, 20), ClockLate}, {date(2026, 9, 28), ClockLate}, {date(2026, 10, 8), ClockLate},
		{date(2026, 10, 9), ClockLate}, {date(2026, 10, 10), ClockLapse},
	} {
		if got := i.Clock(calendar(), c.today); got != c.want {
			t.Errorf("on %s the clock says %q, want %q (%d working days)", c.today.Format(time.DateOnly), got, c.want, calendar().WorkdaysBetween(due, c.today))
		}
	}
	if got := (Inquiry{}).Clock(calendar(), due); got != ClockCalm {
		t.Errorf("an ended inquiry's clock says %q", got)
	}
}

func TestMissingTerms(t *testing.T) {
	t.Parallel()
	at := date(2026, 9, 1)
	var terms []InquiryTerm
	for _, name := range TermNames {
		terms = append(terms, InquiryTerm{Term: name.Code, AgreedAt: &at})
	}
	if missing := MissingTerms(terms); missing != nil {
		t.Errorf("all agreed, yet missing %v", missing)
	}
	terms[3].AgreedAt = nil
	if missing := MissingTerms(terms[:5]); !slices.Equal(missing, []string{"价款", "验收与归属"}) {
		t.Errorf("missing %v, want the price and what is not on the table", missing)
	}
}

func TestNewDealSellerOwnsTheResult(t *testing.T) {
	t.Parallel()
	other := int64(20)
	terms := []InquiryTerm{{Term: "kind", Value: "D1"}, {Term: "price", Amount: decimal.NewNullDecimal(decimal.New(126, 4))}, {Term: "indicators", Value: "a"},
		{Term: "period", Value: "b"}, {Term: "payment", Value: "c"}, {Term: "acceptance", Value: "d"}}
	aboutNeed := NewDeal(Inquiry{ID: 7, ListingID: 10, ListingKind: KindNeed, OtherListingID: &other, FromOrg: 1, ToOrg: 2, Title: "需求题名"}, terms, date(2026, 9, 1))
	if aboutNeed.SellerOrg != 1 || aboutNeed.BuyerOrg != 2 || *aboutNeed.NeedID != 10 || *aboutNeed.ResultID != 20 || *aboutNeed.InquiryID != 7 {
		t.Errorf("about a need: %+v", aboutNeed)
	}
	if aboutNeed.Kind != "D1" || !aboutNeed.Price.Equal(decimal.New(126, 4)) || aboutNeed.Indicators+aboutNeed.Period+aboutNeed.Payment+aboutNeed.Acceptance != "abcd" {
		t.Errorf("terms are not copied: %+v", aboutNeed)
	}
	aboutResult := NewDeal(Inquiry{ListingID: 10, ListingKind: KindResult, FromOrg: 1, ToOrg: 2}, terms, date(2026, 9, 1))
	if aboutResult.SellerOrg != 2 || aboutResult.BuyerOrg != 1 || *aboutResult.ResultID != 10 || aboutResult.NeedID != nil {
		t.Errorf("about a result: %+v", aboutResult)
	}
}
