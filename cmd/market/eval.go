package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"techmarket/internal/eval"
	"techmarket/search"
)

const evalUsage = `usage: market eval match --needs FILE --results FILE --labels FILE [--scores OUT] [--retrieve OUT] [--engine embedded|meili]
       market eval search --docs FILE --queries FILE [--engine embedded|meili]
  Files are CSV in UTF-8, the columns named in the first line:
    needs, results, docs  id,title,body
    labels                need_id,result_id,grade    1 does not fit, 4 fits strongly
    queries               query,id
  meili is measured on the server of MEILI_URL, with a key in MEILI_KEY that may make indexes there.`

// evaluate measures matching or search on files whose answers are known, in an index that is thrown away.
func evaluate(ctx context.Context, p program, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "match":
			return evalMatch(ctx, p, args[1:])
		case "search":
			return evalSearch(ctx, p, args[1:])
		}
	}
	fmt.Fprintln(p.out, evalUsage)
	return fmt.Errorf("%w: market eval match|search", errUsage)
}

// evalFlags makes flags of which those in the map need a value.
func evalFlags(p program, name string, needed map[string]*string) (flags *flag.FlagSet, engine *string) {
	flags = flag.NewFlagSet("market eval "+name, flag.ContinueOnError)
	flags.SetOutput(p.out)
	flags.Usage = func() { fmt.Fprintln(p.out, evalUsage) }
	for flagName, value := range needed {
		flags.StringVar(value, flagName, "", "")
	}
	return flags, flags.String("engine", engineEmbedded, "")
}

func parseEval(flags *flag.FlagSet, args []string, needed map[string]*string, engine *string) error {
	if err := flags.Parse(args); err != nil {
		return errUsage
	}
	var missing []string
	for name, value := range needed {
		if *value == "" {
			missing = append(missing, "--"+name)
		}
	}
	switch {
	case len(missing) > 0:
		return fmt.Errorf("%w: %s: missing %s", errUsage, flags.Name(), strings.Join(missing, ", "))
	case flags.NArg() > 0:
		return fmt.Errorf("%w: %s: what is %q?", errUsage, flags.Name(), flags.Arg(0))
	case *engine != engineEmbedded && *engine != engineMeili:
		return fmt.Errorf("%w: %s: there is no engine %q; there are %s and %s", errUsage, flags.Name(), *engine, engineEmbedded, engineMeili)
	}
	return nil
}

func evalMatch(ctx context.Context, p program, args []string) error {
	var needs, results, labels string
	needed := map[string]*string{"needs": &needs, "results": &results, "labels": &labels}
	flags, engine := evalFlags(p, "match", needed)
	scores := flags.String("scores", "", "")
	retrieved := flags.String("retrieve", "", "")
	if err := parseEval(flags, args, needed, engine); err != nil {
		return err
	}
	pairs, err := eval.ReadPairs(needs, results, labels)
	if err != nil {
		return err
	}
	start := time.Now()
	var report eval.MatchReport
	err = withThrowawayIndex(ctx, p, *engine, func(e search.Engine) error {
		report, err = eval.Match(ctx, e, pairs)
		return err
	})
	if err != nil {
		return err
	}
	if err := errors.Join(writeScores(*scores, pairs, report), writeRetrieved(*retrieved, pairs, report)); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%d needs, %d results, %d labels, %.1f s\n", len(pairs.Needs), len(pairs.Results), len(pairs.Labels), time.Since(start).Seconds())
	fmt.Fprintf(p.out, "nDCG@10    %.3f\nAUC        %.3f\nSpearman   %.3f\n", report.Quality.NDCG, report.Quality.AUC, report.Quality.Spearman)
	for _, n := range eval.RecallPlaces {
		fmt.Fprintf(p.out, "recall@%-3d %.3f\n", n, report.Recall[n])
	}
	return nil
}

func evalSearch(ctx context.Context, p program, args []string) error {
	var docs, queries string
	needed := map[string]*string{"docs": &docs, "queries": &queries}
	flags, engine := evalFlags(p, "search", needed)
	if err := parseEval(flags, args, needed, engine); err != nil {
		return err
	}
	known, err := eval.ReadKnown(docs, queries)
	if err != nil {
		return err
	}
	start := time.Now()
	var found eval.Finding
	err = withThrowawayIndex(ctx, p, *engine, func(e search.Engine) error {
		found, err = eval.Search(ctx, e, known)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%d documents, %d queries, %.1f s\n", len(known.Docs), len(known.Queries), time.Since(start).Seconds())
	fmt.Fprintf(p.out, "MRR        %.3f\nrecall@20  %.3f\n", found.MRR(), found.Recall())
	return nil
}

func writeScores(name string, p eval.Pairs, report eval.MatchReport) error {
	return writeTable(name, []string{"need_id", "result_id", "score"}, func(add func(...string)) {
		for i, l := range p.Labels {
			add(l.Need, l.Result, formatScore(report.Scores[i]))
		}
	})
}

func writeRetrieved(name string, p eval.Pairs, report eval.MatchReport) error {
	return writeTable(name, []string{"need_id", "rank", "result_id", "score"}, func(add func(...string)) {
		for i, list := range report.Retrieved {
			for rank, h := range list {
				add(p.Needs[i].ID, strconv.Itoa(rank+1), h.Result, formatScore(h.Score))
			}
		}
	})
}

func formatScore(score float64) string { return strconv.FormatFloat(score, 'g', -1, 64) }

// writeTable writes a CSV file; without a name it writes nothing.
func writeTable(name string, header []string, rows func(add func(...string))) (err error) {
	if name == "" {
		return nil
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := csv.NewWriter(f)
	add := func(row ...string) { err = errors.Join(err, w.Write(row)) }
	add(header...)
	rows(add)
	w.Flush()
	return errors.Join(err, w.Error())
}
