package service

import (
	"context"
	"fmt"
	"slices"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"golang.org/x/sync/errgroup"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// AnchorChains is the hourly job that notes, once a day has ended, where the chains stand.
type AnchorChains struct{}

// Kind names the job.
func (AnchorChains) Kind() string { return "anchor_chains" }

// AnchorChains notes the present heads as those of yesterday, unless that is done. For the worker.
func (s *Service) AnchorChains(ctx context.Context) error {
	yesterday := s.Today().AddDate(0, 0, -1)
	return s.store.InTx(ctx, func(tx *store.Tx) error { return tx.AddAnchors(ctx, yesterday, s.now()) })
}

// VerifyChains is the daily job, also asked for by auditors, that goes through the chains and keeps what it found.
type VerifyChains struct{}

// Kind names the job.
func (VerifyChains) Kind() string { return "verify_chains" }

// InsertOpts lets one such job wait at a time: asking twice is asking once.
func (VerifyChains) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByState: []rivertype.JobState{rivertype.JobStateAvailable,
		rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}}}
}

// AskVerify queues a check of the chains. For auditors.
func (s *Service) AskVerify(ctx context.Context, a market.Actor) error {
	object := market.Object{Kind: "chain"}
	if err := a.RequireDuty(market.Auditor); err != nil {
		s.Refused(ctx, a, market.AuditVerify, object)
		return err
	}
	return s.write(ctx, a, market.AuditVerify, object, func(w *act) error { return w.enqueue(ctx, VerifyChains{}) })
}

// CheckChains goes through every chain and keeps the outcome. For the worker.
func (s *Service) CheckChains(ctx context.Context) error {
	for _, log := range market.ChainLogs {
		start := s.now()
		r, err := s.VerifyChain(ctx, log, nil)
		if err != nil {
			return err
		}
		c := store.ChainCheck{At: s.now(), Seq: r.Seq, Milliseconds: int(s.now().Sub(start).Milliseconds())}
		if len(r.Faults) > 0 {
			c.Fault = r.Faults[0]
			s.log.ErrorContext(ctx, "a log is not as it was written", "log", log, "fault", c.Fault)
		}
		if err := s.store.InTx(ctx, func(tx *store.Tx) error { return tx.AddChainCheck(ctx, log, c) }); err != nil {
			return err
		}
	}
	return nil
}

// ReadAudit notes that an auditor looked at the log. Everybody else is refused.
func (s *Service) ReadAudit(ctx context.Context, a market.Actor) error {
	return s.auditRead(ctx, a, market.AuditRead, "")
}

// ExportAudit notes that an auditor took that many entries of the log as a file. Everybody else is refused.
func (s *Service) ExportAudit(ctx context.Context, a market.Actor, rows int) error {
	return s.auditRead(ctx, a, market.AuditExport, fmt.Sprintf("csv, %d rows", rows))
}

func (s *Service) auditRead(ctx context.Context, a market.Actor, action market.Action, detail string) error {
	object := market.Object{Kind: "audit"}
	if err := a.RequireDuty(market.Auditor); err != nil {
		s.Refused(ctx, a, action, object)
		return err
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		w.detail = detail
		return nil
	})
}

// strayLimit is how many rows outside a chain a report names.
const strayLimit = 20

// ChainReport is what the check of one log found.
type ChainReport struct {
	Log      market.ChainLog
	Seq      int64 // entries that were right, from the beginning
	Hash     []byte
	Unsealed int

	MonthEnds int // closed months, and
	Figures   int // answers of the pages' queries, that were held against the ledger

	Faults []string // the first difference in the chain, the first in the figures, then rows outside the chain
}

// verifyViews is how many connections the check of a log reads on at once.
const verifyViews = 2

// VerifyChain checks a log from its beginning: every row, its place and its hash, the anchors that the database keeps and
// those given, which were kept elsewhere. Of the ledger it also adds all figures up again and holds the month ends and what
// the pages say against that. All is read from one state of the database. For the command line.
func (s *Service) VerifyChain(ctx context.Context, log market.ChainLog, kept []market.Anchor) (ChainReport, error) {
	r := ChainReport{Log: log}
	err := s.store.Snapshots(ctx, verifyViews, func(views []store.Queries) error {
		anchors, err := views[0].Anchors(ctx, 1_000_000)
		if err != nil {
			return err
		}
		var figures *market.LedgerCheck
		if log == market.LedgerLog {
			if figures, err = s.ledgerCheck(ctx, views[0], &r); err != nil {
				return err
			}
		}
		if err := r.follow(ctx, views, market.NewChainCheck(log, append(anchors, kept...)), figures); err != nil {
			return err
		}
		if figures != nil {
			if err := s.checkFigures(ctx, views, figures, &r); err != nil {
				return err
			}
		}
		return r.outside(ctx, views[0])
	})
	return r, err
}

// follow goes along the chain. figures, nil for the audit, take every row, also behind the first that is wrong.
func (r *ChainReport) follow(ctx context.Context, views []store.Queries, check *market.ChainCheck, figures *market.LedgerCheck) error {
	fault := ""
	for e, err := range store.Chain(ctx, views, r.Log) {
		if err != nil {
			return err
		}
		if fault == "" {
			fault = check.Next(e)
		}
		if fault != "" && figures == nil {
			break
		}
		if figures != nil {
			if err := figures.Take(e.Seq, e.Row, e.Hash); err != nil {
				return err
			}
		}
	}
	if fault == "" {
		fault = check.End()
	}
	if fault != "" {
		r.Faults = append(r.Faults, fault)
	}
	r.Seq, r.Hash = check.Seq, check.Hash
	return nil
}

// ledgerCheck begins the check of the figures with the months that were closed.
func (s *Service) ledgerCheck(ctx context.Context, q store.Queries, r *ChainReport) (*market.LedgerCheck, error) {
	ends, err := q.MonthEnds(ctx)
	if err != nil {
		return nil, err
	}
	frozen, err := q.MonthFigures(ctx)
	if err != nil {
		return nil, err
	}
	closes, err := q.MonthCloses(ctx)
	if err != nil {
		return nil, err
	}
	r.MonthEnds = len(ends)
	return market.NewLedgerCheck(s.ref, s.Today(), ends, frozen, closes), nil
}

// checkFigures adds the rows that wait for the sealer, and holds what the pages' queries say against the rows.
func (s *Service) checkFigures(ctx context.Context, views []store.Queries, figures *market.LedgerCheck, r *ChainReport) error {
	figures.End()
	pending, err := views[0].PendingRows(ctx, market.LedgerLog)
	if err != nil {
		return err
	}
	for _, e := range pending {
		if err := figures.Take(0, e.Row, nil); err != nil {
			return err
		}
	}
	for queries := range slices.Chunk(figures.Queries(), len(views)) {
		if figures.Fault() != "" {
			break
		}
		answers, err := s.turnovers(ctx, views, queries)
		if err != nil {
			return err
		}
		for _, t := range answers {
			figures.Compare(t)
		}
		r.Figures += len(answers)
	}
	if fault := figures.Fault(); fault != "" {
		r.Faults = append(r.Faults, fault)
	}
	return nil
}

// turnovers asks as many questions as there are views, at the same time.
func (s *Service) turnovers(ctx context.Context, views []store.Queries, queries []market.TurnoverQuery) ([]market.Turnover, error) {
	answers := make([]market.Turnover, len(queries))
	var asking errgroup.Group
	for i, q := range queries {
		asking.Go(func() (err error) {
			answers[i], err = views[i].Turnover(ctx, market.Actor{}, s.ref, q)
			return err
		})
	}
	return answers, asking.Wait()
}

// outside names rows that are neither in the chain nor waiting for it.
func (r *ChainReport) outside(ctx context.Context, q store.Queries) error {
	state, err := q.ChainState(ctx, r.Log)
	if err != nil {
		return err
	}
	r.Unsealed = state.Unsealed
	inserted, gone, err := q.Strays(ctx, r.Log, strayLimit)
	for _, id := range inserted {
		r.Faults = append(r.Faults, fmt.Sprintf("记录 %d 不在链上，也没有等待封存：它是绕过系统插入的", id))
	}
	for _, id := range gone {
		r.Faults = append(r.Faults, fmt.Sprintf("记录 %d 还没有封存就不见了", id))
	}
	return err
}
