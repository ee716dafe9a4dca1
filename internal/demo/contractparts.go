package demo

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
)

// goals and classes are the 社会经济目标 and the 国民经济行业 that go with a sub-market.
var (
	goals   = map[string]string{"electronics": "industry", "biomedicine": "health", "equipment": "industry", "food": "agriculture", "materials": "industry", "": "society"}
	classes = map[string]string{"electronics": "39", "biomedicine": "27", "equipment": "35", "food": "14", "materials": "26", "": "65"}
)

var phases = []struct {
	milestone string
	percent   int64
	days      int // after signing
}{{"合同生效后 10 个工作日内", 30, 14}, {"中期报告双方签字后", 40, 150}, {"验收合格后", 30, 300}}

// addParts writes what of a contract stands in rows of its own and in the later columns, by its number so that the same
// contract always gets the same.
func (r *contractRows) addParts(c draft, mode string, signed time.Time) (columns []any) {
	kind, _ := r.ref.ContractKind(c.kind)
	var licence, invested, produced any
	royalty, open := "", false
	if kind.Licence() {
		licence = []string{"ordinary", "ordinary", "sole", "exclusive"}[c.id%4]
	}
	if kind.Transfer() {
		invested, produced = c.total.Mul(decimal.NewFromInt(2)).Round(-4), c.total.Mul(decimal.NewFromInt(9)).Round(-4)
	}
	if mode == "royalty_entry" {
		royalty, open = "除入门费外，按含税销售额的 2% 提成，自投产起 5 年，每年 3 月底前按审计后的账目结算", true
	}
	if mode == "instalments" {
		left := c.total
		for i, p := range phases {
			sum := c.total.Mul(decimal.NewFromInt(p.percent)).Div(decimal.NewFromInt(100)).Round(2)
			if i == len(phases)-1 {
				sum = left
			}
			left = left.Sub(sum)
			r.instalments = append(r.instalments, []any{c.id, i + 1, signed.AddDate(0, 0, p.days), p.milestone, sum})
		}
	}
	if (market.IP{Type: ipType(c.kind)}).Patent() {
		r.ips = append(r.ips, r.patent(c, signed))
	}
	r.parties = append(r.parties, r.partyRow(c, "seller", c.seller), r.partyRow(c, "buyer", c.buyer))
	return []any{goals[c.submarket], licence, invested, produced, !open, royalty}
}

// patent is an invention with a number whose check digit is right.
func (r *contractRows) patent(c draft, signed time.Time) []any {
	filed := signed.AddDate(-4, 0, 0)
	return []any{c.id, 1, "invention", string(market.MakePatentNumber(filed.Year(), '1', int(1000+c.id%9000000))), market.Truncate(c.title, 40), "granted", filed}
}

// partyRow is what the registration asks of a party. Names and numbers are invented.
func (r *contractRows) partyRow(c draft, side string, p party) []any {
	q := market.Party{Type: p.partyType}
	class, scale, traits := classes[c.submarket], "", pq.StringArray{}
	switch {
	case q.Firm():
		scale = []string{"small", "medium", "small", "micro", "large"}[(len(p.name)+int(p.uscc[12]))%5]
		if p.park == "jian-htz" {
			traits = append(traits, "hightech")
		}
	case q.Type == "022":
		class = "83"
	case q.Type == "021":
		class, traits = "73", append(traits, "research")
	default:
		class = "74"
	}
	seed := int(p.uscc[9]) + int(p.uscc[13])*7 + int(p.uscc[14])*31
	rep := cmp.Or(p.legalRep, demoName(seed))
	return []any{c.id, side, scale, class, traits, rep, r.ref.Regions.Name(p.reg) + fmt.Sprintf("科创路 %d 号", 1+seed%98), demoName(seed + 11), fmt.Sprintf("0796-8%06d", seed*37%1000000), ""}
}

// demoName is an invented person's name.
func demoName(seed int) string {
	return surnames[seed%len(surnames)] + givenNames[seed/3%len(givenNames)]
}

// loadContractPapers gives the contracts on the desk their signed texts, and one registered contract of the lime firm its
// proofs of payment.
func (r *contractRows) loadContractPapers(ctx context.Context) error {
	for _, d := range r.filed {
		if err := r.addPaper(ctx, d, "text", "主合同，双方已盖章", "合同文本.pdf"); err != nil {
			return err
		}
	}
	if r.paid == nil {
		return nil
	}
	share := r.paid.draft.total.Mul(decimal.NewFromInt(30)).Div(decimal.NewFromInt(100)).Round(2)
	file := r.fileID()
	a := market.Actor{UserID: r.paid.user, OrgID: r.paid.org}
	if err := r.tx.AddFile(ctx, a, market.File{ID: file, Purpose: market.FilePayment, Name: "银行回单.png", MediaType: "image/png"}, drawing(), r.now); err != nil {
		return err
	}
	_, err := r.tx.AddPayment(ctx, a, market.Payment{ContractID: r.paid.draft.id, PaidOn: r.paid.draft.day, Amount: share, Note: "第 1 期，合同生效款", FileID: file}, r.now)
	return err
}

// filedDraft is a contract with the organisation that files its papers.
type filedDraft struct {
	draft     draft
	user, org int64
}

func (r *contractRows) addPaper(ctx context.Context, d filedDraft, use, label, name string) error {
	file := r.fileID()
	a := market.Actor{UserID: d.user, OrgID: d.org}
	if err := r.tx.AddFile(ctx, a, market.File{ID: file, Purpose: market.FileContract, Name: name, MediaType: "application/pdf"}, report(), r.now); err != nil {
		return err
	}
	return r.tx.AddContractFile(ctx, market.ContractFile{ID: file, ContractID: d.draft.id, Use: use, Label: label}, r.now)
}
