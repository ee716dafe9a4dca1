package sheet

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"techmarket/internal/market"
)

// Record is a thing as the columns of its template hold it, by their keys.
type Record map[string]string

// Export writes a list in the columns of the kind's template, so that it can be imported again, and returns how many rows it
// wrote. Everything is text: nothing becomes a formula, and numbers keep their digits.
func Export(w io.Writer, kind market.Kind, records iter.Seq2[Record, error]) (n int, err error) {
	b := newBook(listSheet[kind])
	defer func() { err = errors.Join(err, b.file.Close()) }()
	b.styles()
	if b.err != nil {
		return 0, b.err
	}
	out, err := b.file.NewStreamWriter(b.sheet)
	if err != nil {
		return 0, err
	}
	columns := columnsFor(kind)
	var head []any
	for i, c := range columns {
		if err := out.SetColWidth(i+1, i+1, c.width); err != nil {
			return 0, err
		}
		style := b.head
		if c.must {
			style = b.must
		}
		head = append(head, excelize.Cell{Value: c.name, StyleID: style})
	}
	if err := errors.Join(out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}), out.SetRow("A1", head)); err != nil {
		return 0, err
	}
	for record, err := range records {
		if err != nil {
			return n, err
		}
		n++
		record["id"] = fmt.Sprint(n)
		cells := make([]any, len(columns))
		for i, c := range columns {
			cells[i] = record[c.key]
		}
		if err := out.SetRow(cell(1, n+1), cells); err != nil {
			return n, err
		}
	}
	if err := out.Flush(); err != nil {
		return n, err
	}
	_, err = b.file.WriteTo(w)
	return n, err
}

// separated stands between the names of a cell: some names hold a 、 themselves.
const separated = "；"

// listingRecord is what needs and results have in common.
func listingRecord(l market.Listing, ref *market.Reference) Record {
	hidden := ""
	if l.HideOrg {
		hidden = shown.Name("no")
	}
	return Record{"title": l.Title, "submarket": ref.Submarkets.Name(l.Submarket), "fields": names(l.Fields, ref.FieldName), "tech_field": ref.TechFields.Name(l.TechField),
		"modes": names(l.Modes, market.Modes.Name), "region": ref.Regions.Name(l.Region), "hide_org": hidden, "gated": l.Gated,
		"contact_name": l.ContactName, "contact_phone": l.ContactPhone}
}

func names(codes []string, name func(string) string) string {
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = name(code)
	}
	return strings.Join(out, separated)
}

// NeedRecord is a need with its gated detail.
func NeedRecord(n market.Need, ref *market.Reference) Record {
	r := listingRecord(n.Listing, ref)
	r["problem"], r["background"], r["ownership"], r["partner"] = n.Problem, n.Background, n.Ownership, n.Partner
	r["price"], r["deadline"] = priceCell(n.Budget), dateCell(n.Deadline)
	for key, part := range map[string]func(market.Indicator) string{
		"ind_name": func(i market.Indicator) string { return i.Name }, "ind_now": func(i market.Indicator) string { return i.Now },
		"ind_target": func(i market.Indicator) string { return i.Target }, "ind_unit": func(i market.Indicator) string { return i.Unit },
		"ind_method": func(i market.Indicator) string { return i.Method }} {
		r[key] = linesCell(n.Indicators, part)
	}
	return r
}

// linesCell writes a line for each thing, with a sign where one has nothing.
func linesCell[T any](things []T, part func(T) string) string {
	out := make([]string, len(things))
	for i, thing := range things {
		if out[i] = part(thing); out[i] == "" {
			out[i] = gap
		}
	}
	return strings.Join(out, "\n")
}

// ResultRecord is a result with its gated detail.
func ResultRecord(res market.Result, ref *market.Reference) Record {
	r := listingRecord(res.Listing, ref)
	r["summary"], r["problem"], r["advantage"], r["economics"], r["inventors"], r["cases"] = res.Summary, res.Problem, res.Advantage, res.Economics, res.Inventors, res.Cases
	r["evidence"] = res.Evidence
	r["stage"], r["price_method"], r["price"] = stageCell(res), market.PriceMethods.Name(res.PriceMethod), priceCell(res.Price)
	var ips []market.IP
	for _, ip := range res.IPs {
		if ip.Type != "none" || ip.Number+ip.Title != "" { // says that there is none
			ips = append(ips, ip)
		}
	}
	r["patent"] = linesCell(ips, func(ip market.IP) string { return ip.Number })
	r["ip_type"] = linesCell(ips, func(ip market.IP) string { return ref.IPTypes.Name(ip.Type) })
	r["ip_status"] = linesCell(ips, func(ip market.IP) string { return market.IPStatuses.Name(ip.Status) })
	r["ip_filed"] = linesCell(ips, func(ip market.IP) string { return dateCell(ip.FiledOn) })
	r["ip_granted"] = linesCell(ips, func(ip market.IP) string { return dateCell(ip.GrantedOn) })
	r["ip_title"] = linesCell(ips, func(ip market.IP) string { return ip.Title })
	return r
}

// stageCell names a stage, with its levels where they are not those that the stage has by itself.
func stageCell(r market.Result) string {
	stage, ok := market.StageByCode(r.Stage)
	switch {
	case !ok:
		return ""
	case r.TRLMin == stage.TRLMin && r.TRLMax == stage.TRLMax:
		return stage.Name
	}
	return fmt.Sprintf("%s TRL %d～%d", stage.Name, r.TRLMin, r.TRLMax)
}

// priceCell is a sum in 万元, to the 分.
func priceCell(p market.Price) string {
	wan := func(d decimal.NullDecimal) string { return d.Decimal.Shift(-4).String() }
	switch {
	case p.Kind == market.PriceRange && p.Min.Valid && p.Max.Valid:
		return wan(p.Min) + "～" + wan(p.Max)
	case p.Kind == market.PriceAmount && p.Min.Valid:
		return wan(p.Min)
	}
	return "面议"
}

func dateCell(t *time.Time) string {
	if t == nil {
		return ""
	}
	return market.DateOf(*t).Format(time.DateOnly)
}

// ExpertRecord is an expert. Only a consent on paper goes into a file: what a person agreed to in the account stays there.
func ExpertRecord(e market.Expert, ref *market.Reference) Record {
	r := Record{"name": e.Name, "org": e.OrgName, "title": e.Title, "fields": names(e.Fields, ref.FieldName), "tech_field": ref.TechFields.Name(e.TechField),
		"expertise": e.Expertise, "region": ref.Regions.Name(e.Region), "phone": e.Phone, "email": e.Email}
	if e.ConsentBy == market.ConsentPaper {
		r["consent_on"], r["contact_on"] = dateCell(e.ConsentOn), dateCell(e.ContactOn)
	}
	return r
}

// OrgRecord is an organisation.
func OrgRecord(o market.Org, ref *market.Reference) Record {
	name := func(list market.Codes, code *string) string {
		if code == nil {
			return ""
		}
		return list.Name(*code)
	}
	return Record{"name": o.Name, "uscc": string(o.USCC), "type": o.Type.Name(), "region": ref.Regions.Name(o.Region), "park": name(ref.Parks, o.Park),
		"party_type": name(ref.PartyTypes, o.PartyType), "industry": name(ref.Industries, o.Industry), "scale": name(market.OrgScales, o.Scale),
		"legal_rep": o.LegalRep, "address": o.Address, "about": o.About}
}
