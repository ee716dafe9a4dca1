package demo

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/sheet"
)

// loadReconciliation has the statistician reconcile the last two months: the earlier one is closed, of the later one the
// export has been loaded and holds an example of every way in which the two sides differ.
func (l *loader) loadReconciliation(ctx context.Context) error {
	first := time.Date(l.today.Year(), l.today.Month(), 1, 0, 0, 0, 0, market.Shanghai)
	before, err := l.reconcile(ctx, first.AddDate(0, -2, 0), first.AddDate(0, -1, 8), len(exportChanges)) // nothing but what is here only
	if err != nil {
		return err
	}
	if err := l.closeReconciliation(ctx, before, first.AddDate(0, -1, 9)); err != nil {
		return err
	}
	last, err := l.reconcile(ctx, first.AddDate(0, -1, 0), l.now.Add(-30*time.Hour), 0)
	if err != nil {
		return err
	}
	return l.decideNational(ctx, last, l.now.Add(-28*time.Hour))
}

// decideNational decides a few differences of a month for the national side, which registrars are to work off.
func (l *loader) decideNational(ctx context.Context, period market.Reconciliation, at time.Time) error {
	statistician := market.Actor{UserID: l.staff["statistician@example.com"], Duties: []market.Duty{market.Statistician}}
	found, err := l.tx.ComparedHere(ctx, statistician, period.ID)
	if err != nil {
		return err
	}
	reasons := map[string]string{"signed_on": "合同末页的落款日期与全国一致，本市录入有误", "standing": "双方已解除合同，全国系统已经注销"}
	for _, d := range found.Comparison.Differences {
		if reasons[d.Field] == "" {
			continue
		}
		decision := market.ReconcileDecision{ReconcileKey: d.ReconcileKey, Title: d.Title, Ours: d.Ours, Theirs: d.Theirs, Choice: market.DecideNational, Reason: reasons[d.Field]}
		if err := l.tx.Decide(ctx, statistician, period.ID, decision, at); err != nil {
			return err
		}
	}
	return nil
}

// exportChanges make an export differ from what is here, one contract each.
var exportChanges = []func(*market.NationalRow){
	func(n *market.NationalRow) { n.Total = n.Total.Sub(decimal.NewFromInt(60_000)).Abs() },
	func(n *market.NationalRow) { n.Total, n.Tech = n.Total.Shift(-4).Round(2), decimal.NullDecimal{} }, // 元 for 万元
	func(n *market.NationalRow) { n.Tech = decimal.NewNullDecimal(n.Total) },
	func(n *market.NationalRow) {
		n.Kind = map[bool]string{true: "技术咨询", false: "技术服务"}[n.Kind == "技术服务"]
	},
	func(n *market.NationalRow) { day := n.SignedOn.AddDate(0, 0, -9); n.SignedOn = &day },
	func(n *market.NationalRow) { n.BuyerName = market.ShortName(n.BuyerName) },
	func(n *market.NationalRow) { n.Number = n.Number[:10] + "9" + n.Number[11:] },
	func(n *market.NationalRow) { n.Ended = true },
}

// hereOnly is how many contracts of a month the national system does not have.
const hereOnly = 2

// reconcile loads the export of a month on a day. skip leaves out so many of exportChanges.
func (l *loader) reconcile(ctx context.Context, month, at time.Time, skip int) (market.Reconciliation, error) {
	statistician := market.Actor{UserID: l.staff["statistician@example.com"], Duties: []market.Duty{market.Statistician}}
	period, err := market.ParsePeriod(month.Format("2006-01"), l.today)
	if err != nil {
		return period, err
	}
	if period, err = l.tx.OpenReconciliation(ctx, statistician, period, at); err != nil {
		return period, err
	}
	own, err := l.tx.ReconcileContracts(ctx, period, nil)
	if err != nil {
		return period, err
	}
	lines := exportLines(own, exportChanges[skip:])
	if skip == 0 {
		lines = append(lines, abroad(period, len(lines)))
	}
	f := market.NationalFile{ReconciliationID: period.ID, Name: "技术合同登记清单_" + period.Period + ".xlsx", Sheet: "全国系统导出", Headings: sheet.NationalHeadings(), RowsTotal: len(lines)}
	for _, c := range sheet.Choices(market.KindNational) {
		f.Columns = append(f.Columns, c.Code)
	}
	for i := range lines {
		lines[i].Row, lines[i].Cells = i+2, sheet.NationalCells(lines[i].NationalRow)
		f.Total = f.Total.Add(lines[i].Amount())
	}
	hash := sha256.Sum256(fmt.Append(nil, f.Name, f.Total))
	f.SHA256 = hash[:]
	id, err := l.tx.AddNationalFile(ctx, statistician, f, lines, at)
	if err != nil {
		return period, err
	}
	if err := l.tx.TakeNationalFile(ctx, id, at); err != nil {
		return period, err
	}
	found, err := l.tx.ComparedHere(ctx, statistician, period.ID)
	if err != nil {
		return period, err
	}
	return period, l.tx.SetReconcileGap(ctx, period.ID, found.Comparison.Gap())
}

// exportLines are our contracts as the national system has them: all but a few, some with changes, and the one that waits
// longest for its number with one.
func exportLines(own []market.OwnContract, changes []func(*market.NationalRow)) []market.NationalLine {
	var out []market.NationalLine
	left, waits := hereOnly, len(changes) > 0
	for i, o := range own {
		row := market.NationalRow{Number: o.Number, Title: o.Title, SellerName: o.SellerName, SellerUSCC: o.SellerUSCC, BuyerName: o.BuyerName, BuyerUSCC: o.BuyerUSCC, Kind: o.Kind,
			Total: o.Total, Tech: decimal.NewNullDecimal(o.Tech), SignedOn: &own[i].SignedOn, RegisteredOn: o.RegisteredOn}
		switch {
		case o.Number == "" && waits && o.State == market.ContractToRegister:
			on := o.SignedOn
			for _, other := range own {
				if other.RegisteredOn != nil && !other.RegisteredOn.Before(on) {
					on = *other.RegisteredOn
				}
			}
			row.Number, row.RegisteredOn, waits = fmt.Sprintf("%d360800700001", on.Year()), &on, false
		case o.RegisteredOn == nil || o.Ended():
			continue
		case left > 0:
			left--
			continue
		case len(changes) > 0:
			changes[0](&row)
			changes = changes[1:]
		}
		out = append(out, market.NationalLine{NationalRow: row})
	}
	return out
}

// abroad is a contract that nobody here has heard of.
func abroad(period market.Reconciliation, serial int) market.NationalLine {
	signed, registered := period.From.AddDate(0, 0, -6), period.From.AddDate(0, 0, 10)
	return market.NationalLine{NationalRow: market.NationalRow{Number: fmt.Sprintf("%d360800%06d", period.From.Year(), 800000+serial), Title: "铜箔表面处理添加剂技术许可",
		SellerName: "吉安云岭新材料研究所（演示）", BuyerName: "惠州石澜铜业有限公司（演示）", Kind: "技术许可", Total: decimal.NewFromInt(386_000), Tech: decimal.NewNullDecimal(decimal.NewFromInt(386_000)),
		SignedOn: &signed, RegisteredOn: &registered}}
}

// closeReconciliation decides what is left of a month and closes it.
func (l *loader) closeReconciliation(ctx context.Context, period market.Reconciliation, at time.Time) error {
	statistician := market.Actor{UserID: l.staff["statistician@example.com"], Duties: []market.Duty{market.Statistician}}
	found, err := l.tx.ComparedHere(ctx, statistician, period.ID)
	if err != nil {
		return err
	}
	for _, d := range found.Comparison.Differences {
		decision := market.ReconcileDecision{ReconcileKey: d.ReconcileKey, Title: d.Title, Ours: d.Ours, Theirs: d.Theirs, Choice: market.DecideOurs, Reason: "合同和登记档案齐全，全国系统漏报，已请补报"}
		if err := l.tx.Decide(ctx, statistician, period.ID, decision, at); err != nil {
			return err
		}
	}
	if found, err = l.tx.ComparedHere(ctx, statistician, period.ID); err != nil {
		return err
	}
	return l.tx.CloseReconciliation(ctx, statistician, period.ID, market.ReconcileStatement{Comparison: found.Comparison, Decisions: found.Decisions}, at)
}
