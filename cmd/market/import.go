package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

// importKinds are the words for what a list holds.
var importKinds = map[string]market.Kind{"results": market.KindResult, "needs": market.KindNeed}

// maxReported is how many problems the report lists.
const maxReported = 50

// importOptions are the flags of `market import`.
type importOptions struct {
	org, submarket, fields, modes, stage, priceMethod string
	submit, skipSimilar, yes                          bool
}

func importFlags(out io.Writer, o *importOptions) *flag.FlagSet {
	f := flag.NewFlagSet("market import results|needs FILE", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&o.org, "org", "", "`USCC` of the verified organisation the list belongs to")
	f.StringVar(&o.submarket, "submarket", "", "专业市场 of rows that don't say: code or name")
	f.StringVar(&o.fields, "field", "", "细分领域 of rows that don't say, several joined by commas")
	f.StringVar(&o.modes, "modes", "", "合作方式 of rows that don't say, several joined by commas")
	f.StringVar(&o.stage, "stage", "", "成熟度 of results that don't say")
	f.StringVar(&o.priceMethod, "price-method", "", "价格方式 of results that don't say")
	f.BoolVar(&o.submit, "submit", false, "submit for review; states that the list holds no state secret and no work secret")
	f.BoolVar(&o.skipSimilar, "skip-similar", false, "leave out rows that are perhaps duplicates")
	f.BoolVar(&o.yes, "yes", false, "write the valid rows; without it the list is only checked")
	return f
}

// importList checks a list, reports what it found and, with --yes, writes the valid rows. It acts as the organisation's
// owner, through the door of the command line.
func importList(ctx context.Context, p program, args []string) error {
	var o importOptions
	flags := importFlags(p.out, &o)
	words, err := parseMixed(flags, args)
	if err != nil {
		return errUsage
	}
	if len(words) != 2 || !importKinds[words[0]].Valid() || o.org == "" {
		flags.Usage()
		return fmt.Errorf("%w: market import results|needs FILE --org USCC", errUsage)
	}
	data, err := os.ReadFile(words[1])
	if err != nil {
		return err
	}
	return withDatabase(ctx, p, func(st *store.Store, svc *service.Service) error {
		a, err := ownerOf(ctx, st, o.org)
		if err != nil {
			return err
		}
		file := service.ImportFile{Kind: importKinds[words[0]], Name: filepath.Base(words[1]), Data: data, Defaults: o.defaults(svc.Reference())}
		return runImport(ctx, p, st, svc, a, file, o)
	})
}

// ownerOf is the actor who imports: the owner of the organisation with that code.
func ownerOf(ctx context.Context, st *store.Store, uscc string) (market.Actor, error) {
	code, err := market.ParseUSCC(uscc)
	if err != nil {
		return market.Actor{}, err
	}
	org, err := st.VerifiedOrgWithCode(ctx, code)
	if err != nil {
		return market.Actor{}, fmt.Errorf("no verified organisation has the code %s: %w", code, err)
	}
	owner, err := st.OrgOwner(ctx, org.ID)
	if err != nil {
		return market.Actor{}, fmt.Errorf("%s has no owner: %w", org.Name, err)
	}
	a, err := st.Actor(ctx, owner, org.ID)
	a.Via = market.ViaCLI
	return a, err
}

// defaults turns the flags into codes; what is neither code nor name stays as it is, and the check says so.
func (o importOptions) defaults(ref *market.Reference) market.ImportDefaults {
	code := func(list market.Codes, text string) string {
		for _, c := range list {
			if c.Name == text {
				return c.Code
			}
		}
		return text
	}
	several := func(list market.Codes, text string) []string {
		var out []string
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '，' }) {
			out = append(out, code(list, strings.TrimSpace(part)))
		}
		return out
	}
	var fields, stages market.Codes
	for _, f := range ref.Fields {
		fields = append(fields, market.Code{Code: f.Code, Name: f.Name})
	}
	for _, s := range market.Stages() {
		stages = append(stages, market.Code{Code: s.Code, Name: s.Name})
	}
	return market.ImportDefaults{Submarket: code(ref.Submarkets, o.submarket), Fields: several(fields, o.fields), Modes: several(market.Modes, o.modes),
		Stage: code(stages, o.stage), PriceMethod: code(market.PriceMethods, o.priceMethod)}
}

func runImport(ctx context.Context, p program, st *store.Store, svc *service.Service, a market.Actor, file service.ImportFile, o importOptions) error {
	id, err := svc.CheckImport(ctx, a, file)
	if err != nil {
		return err
	}
	imp, err := st.Import(ctx, a, id)
	if err != nil {
		return err
	}
	if err := report(ctx, p.out, st, imp); err != nil {
		return err
	}
	imp.Similar = !o.skipSimilar
	if !o.yes || imp.RowsWanted() == 0 {
		fmt.Fprintln(p.out, "没有写入任何一行。加上 --yes 写入可以导入的行。")
		return svc.DiscardImport(ctx, a, id)
	}
	if err := svc.AcceptImport(ctx, a, id, service.AcceptOptions{Submit: o.submit, Secrecy: o.submit, Similar: imp.Similar}); err != nil {
		return err
	}
	if err := svc.RunImport(ctx, id, func(done, total int) { fmt.Fprintf(p.out, "\r写入 %d / %d", done, total) }); err != nil {
		return err
	}
	if imp, err = st.Import(ctx, a, id); err != nil {
		return err
	}
	what := "留作草稿"
	if imp.Submit {
		what = "已提交审核"
	}
	fmt.Fprintf(p.out, "\r写入 %d 项，%s。第 %d 号导入，%d 天内可以整批撤销。\n", imp.RowsDone, what, id, market.ImportUndoDays)
	return nil
}

// report writes what the check found.
func report(ctx context.Context, out io.Writer, st *store.Store, imp market.Import) error {
	fmt.Fprintf(out, "%s：%d 行，可以导入 %d，需要修改 %d，重复 %d，疑似重复 %d\n", imp.FileName, imp.RowsTotal, imp.RowsValid, imp.RowsBad(), imp.RowsSame, imp.RowsSimilar)
	listed := 0
	for _, tab := range []store.ImportTab{store.ImportBad, store.ImportDuplicates} {
		for row, err := range st.AllImportRows(ctx, imp.ID, tab) {
			if err != nil {
				return err
			}
			if listed++; listed > maxReported {
				fmt.Fprintf(out, "  …其余 %d 行从略\n", imp.RowsBad()+imp.RowsDuplicate()-maxReported)
				return nil
			}
			fmt.Fprintf(out, "  第 %d 行 %s：%s\n", row.Row, market.Truncate(row.Title, 30), sheet.Remark(row))
		}
	}
	return nil
}
