package market

import "testing"

// TestRefusalsHaveTerms: a ground for refusing may be chosen while it holds, and keeps its name after that.
func TestRefusalsHaveTerms(t *testing.T) {
	t.Parallel()
	end := dated(2027, 1, 1)
	ref := &Reference{Refusals: Codes{{"R07", "非技术合同"}, {"R12", "超过合同有效期申请"}}, Terms: []CodeTerm{{"refusal_grounds", "R12", firstContractDay, &end}, {"removal_grounds", "R07", firstContractDay, &end}}}
	if got := ref.On(dated(2026, 12, 31)).Refusals; len(got) != 2 {
		t.Errorf("on its last day: %v", got)
	}
	if got := ref.On(end).Refusals; len(got) != 1 || got[0].Code != "R07" {
		t.Errorf("from its end: %v", got)
	}
	if ref.Refusals.Name("R12") == "" || ref.GroundName("R12") == "" {
		t.Error("what was chosen has lost its name")
	}
}
