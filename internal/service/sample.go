package service

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// requireClerk is for registrars and statisticians.
func (s *Service) requireClerk(ctx context.Context, a market.Actor, action market.Action, object market.Object) error {
	if a.Has(market.Statistician) && a.SignedIn() {
		return nil
	}
	return s.requireDuty(ctx, a, market.Registrar, action, object)
}

// DrawSample draws a sample of the contracts that were registered in some days, with a seed made here, and returns its id. Those
// of a county draw from its contracts. key is the form's one-time key. For registrars and statisticians. Errors name the fields
// from, to, strata and size.
func (s *Service) DrawSample(ctx context.Context, a market.Actor, x market.Sample, key string) (int64, error) {
	object := market.Object{Kind: "sample"}
	if err := s.requireClerk(ctx, a, market.SampleDraw, object); err != nil {
		return 0, err
	}
	if err := x.Check(s.Today()).Err(); err != nil {
		return 0, err
	}
	if _, err := s.store.Seal(ctx, market.LedgerLog, sealBefore); err != nil {
		return 0, err
	}
	x.Region, x.Seed = a.Reach(market.Registrar, market.Statistician), rand.Text()
	var id int64
	err := s.write(ctx, a, market.SampleDraw, object, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		end, err := w.ChainHead(ctx, market.LedgerLog)
		if err != nil {
			return err
		}
		x.Through = end.Seq
		units, err := w.SamplePopulation(ctx, x)
		if err != nil {
			return err
		}
		if len(units) < x.Size {
			return market.Problems{{Field: "size", Message: fmt.Sprintf("这些天登记的合同只有 %d 份，请减少份数或放宽日期", len(units))}}.Err()
		}
		x.Population, x.Hash = len(units), market.PopulationHash(units)
		if id, err = w.AddSample(ctx, a, x, market.Draw(x.Seed, x.Size, units), w.at); err != nil {
			return err
		}
		w.object.ID, w.detail = id, fmt.Sprintf("%d of %d, seed %s", x.Size, x.Population, x.Seed)
		return w.Fulfil(ctx, a, key, id)
	})
	return id, err
}

// SampleRepeated is a draw that was made again from its seed.
type SampleRepeated struct {
	Population int
	Hash       []byte
	Same       bool // the population's hash and the contracts drawn are those that were kept
}

// RepeatSample draws a sample again from its seed and what the ledger says up to the same entry. For those who read the sample,
// which the caller has done.
func (s *Service) RepeatSample(ctx context.Context, x market.Sample, kept []store.SampledContract) (SampleRepeated, error) {
	units, err := s.store.SamplePopulation(ctx, x)
	if err != nil {
		return SampleRepeated{}, err
	}
	out := SampleRepeated{Population: len(units), Hash: market.PopulationHash(units)}
	was := make([]market.SampleUnit, len(kept))
	for i, k := range kept {
		was[i] = k.SampleUnit
	}
	out.Same = bytes.Equal(out.Hash, x.Hash) && slices.Equal(was, market.Draw(x.Seed, x.Size, units))
	return out, nil
}

// FindSample notes what a spot check of a contract of the sample found; of several findings the newest counts. For registrars
// and statisticians, but not for who reviewed the contract or has a part in it. Errors name the fields finding and note.
func (s *Service) FindSample(ctx context.Context, a market.Actor, sample int64, f market.SampleFinding) error {
	object := market.Object{Kind: "sample", ID: sample}
	if err := s.requireClerk(ctx, a, market.SampleFind, object); err != nil {
		return err
	}
	return s.write(ctx, a, market.SampleFind, object, func(w *act) error {
		if _, err := w.Sample(ctx, a, sample); err != nil {
			return err
		}
		drawn, err := w.Sampled(ctx, a, sample)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(drawn, func(k store.SampledContract) bool { return k.ContractID == f.ContractID })
		switch {
		case i < 0:
			return market.ErrNotFound
		case drawn[i].Barred:
			return market.Errorf(market.Denied, "这份合同由您经手或审查，或者您所在的单位是它的一方，抽查结论须由其他人填写")
		}
		if err := f.Check().Err(); err != nil {
			return err
		}
		if found := drawn[i].Findings; len(found) > 0 && found[0].Finding == f.Finding && found[0].Note == f.Note && found[0].UserID == a.UserID {
			return nil // the same form again
		}
		w.detail = fmt.Sprintf("contract %d %s", f.ContractID, f.Finding)
		return w.AddSampleFinding(ctx, a, sample, f, w.at)
	})
}
