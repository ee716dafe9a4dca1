package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"

	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// errTampered says that a log is not what was written.
var errTampered = errors.New("the logs are not as they were written")

// anchorsPrinted is how many anchors `market verify --anchors` prints: a year's of both logs.
const anchorsPrinted = 732

// verify checks the chained logs, and all figures against the ledger, and names what is wrong; with --anchors it prints the anchors instead.
func verify(ctx context.Context, p program, args []string) error {
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(p.out)
	print := flags.Bool("anchors", false, "print the daily anchors, to be kept elsewhere")
	file := flags.String("against", "", "file of anchors that were kept elsewhere, a line each")
	if err := flags.Parse(args); err != nil {
		return errors.Join(errUsage, err)
	}
	var kept []market.Anchor
	if *file != "" {
		var err error
		if kept, err = readAnchors(*file); err != nil {
			return err
		}
	}
	return withDatabase(ctx, p, func(st *store.Store, svc *service.Service) error {
		if *print {
			return printAnchors(ctx, p, st)
		}
		return verifyChains(ctx, p, svc, kept)
	})
}

func readAnchors(name string) (anchors []market.Anchor, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if lines.Text() == "" {
			continue
		}
		a, err := market.ParseAnchor(lines.Text())
		if err != nil {
			return nil, err
		}
		anchors = append(anchors, a)
	}
	return anchors, lines.Err()
}

func printAnchors(ctx context.Context, p program, st *store.Store) error {
	anchors, err := st.Anchors(ctx, anchorsPrinted)
	if err != nil {
		return err
	}
	for _, a := range anchors {
		fmt.Fprintln(p.out, a.Line())
	}
	return nil
}

func verifyChains(ctx context.Context, p program, svc *service.Service, kept []market.Anchor) error {
	faulty := false
	for _, log := range market.ChainLogs {
		r, err := svc.VerifyChain(ctx, log, kept)
		if err != nil {
			return err
		}
		if len(r.Faults) == 0 {
			fmt.Fprintf(p.out, "%s：%d 条，链完整，最新链值 %s；等待封存 %d 条\n", log.Name(), r.Seq, hex.EncodeToString(r.Hash), r.Unsealed)
			if log == market.LedgerLog {
				fmt.Fprintf(p.out, "  月末快照 %d 个、成交额页面的 %d 组数字与账本逐条相加一致\n", r.MonthEnds, r.Figures)
			}
			continue
		}
		faulty = true
		fmt.Fprintf(p.out, "%s：有问题。前 %d 条无误；等待封存 %d 条\n", log.Name(), r.Seq, r.Unsealed)
		for _, fault := range r.Faults {
			fmt.Fprintln(p.out, "  "+fault)
		}
	}
	if faulty {
		return errTampered
	}
	return nil
}
