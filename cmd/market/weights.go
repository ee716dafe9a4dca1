package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"techmarket/internal/market"
	"techmarket/internal/match"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/internal/worker"
)

// weightsUsage says what `market weights` does.
const weightsUsage = `usage: market weights VERB
  market weights list     list the versions of the weights of matching, how good each was, and which is in force
  market weights fit      fit a new version to the marks 有用 and 不合适 and evaluate it; it is not used yet
  market weights use N    put version N in force, 0 the program's own, and match everything anew`

// manageWeights carries out `market weights VERB` on MARKET_DSN, else on the private database of MARKET_DATA.
func manageWeights(ctx context.Context, p program, args []string) error {
	verb, number := "", 0
	if len(args) > 0 {
		verb = args[0]
	}
	switch {
	case len(args) == 1 && (verb == "list" || verb == "fit"):
	case len(args) == 2 && verb == "use":
		n, err := strconv.ParseInt(args[1], 10, 32)
		if err != nil || n < 0 {
			return fmt.Errorf("%w: a version is a number from 0 on", errUsage)
		}
		number = int(n)
	default:
		fmt.Fprintln(p.out, weightsUsage)
		return errUsage
	}
	return withDatabase(ctx, p, func(st *store.Store, svc *service.Service) error {
		switch verb {
		case "fit":
			return weightsFit(ctx, p.out, st, svc)
		case "use":
			if err := svc.UseMatchVersion(ctx, cli, number); err != nil {
				return err
			}
			fmt.Fprintf(p.out, "version %d is in force; what is public is being matched anew\n", number)
			return nil
		}
		return weightsList(ctx, p.out, st)
	})
}

func weightsFit(ctx context.Context, out io.Writer, st *store.Store, svc *service.Service) error {
	v, err := worker.Refit(ctx, cli, st, svc)
	if err != nil {
		return err
	}
	var a match.Adjustment
	if err := json.Unmarshal(v.Weights, &a); err != nil {
		return err
	}
	fmt.Fprintf(out, "version %d, of %d marks useful and %d unsuitable\n", v.ID, v.Useful, v.Unsuitable)
	fmt.Fprintf(out, "a useful pair comes before an unsuitable one: %.3f now, %.3f with it, on marks it was not fitted to\n", v.Before, v.After)
	for i, name := range match.FeatureNames {
		fmt.Fprintf(out, "  %-9s %+.3f\n", name, a.Weights[i])
	}
	if err := v.Usable(); err != nil {
		fmt.Fprintln(out, err)
		return nil
	}
	fmt.Fprintf(out, "to use it: market weights use %d; to go back: market weights use %d\n", v.ID, 0)
	return nil
}

func weightsList(ctx context.Context, out io.Writer, st *store.Store) error {
	versions, err := st.MatchVersions(ctx)
	if err != nil {
		return err
	}
	inForce, err := st.MatchVersionInForce(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "version\tmade\tuseful\tunsuitable\tbefore\tafter\t")
	for _, v := range versions {
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%.3f\t%.3f\t%s\n", v.ID, v.MadeAt.In(market.Shanghai).Format("2006-01-02 15:04"), v.Useful, v.Unsuitable, v.Before, v.After,
			stateOf(v, inForce.ID))
	}
	mark := ""
	if inForce.ID == 0 {
		mark = "in force"
	}
	fmt.Fprintf(w, "0\tthe program's own\t\t\t\t\t%s\n", mark)
	return w.Flush()
}

func stateOf(v market.MatchVersion, inForce int) string {
	switch {
	case v.ID == inForce:
		return "in force"
	case v.Usable() != nil:
		return "may not be used"
	}
	return ""
}
