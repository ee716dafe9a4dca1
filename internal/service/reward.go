package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// rewardKeepers tells who keeps reward programmes.
const rewardKeepers = "奖补方案由市级统计岗位设定"

// requireRewards returns Denied unless the actor keeps reward programmes.
func (s *Service) requireRewards(ctx context.Context, a market.Actor, object market.Object) error {
	if err := s.requireDuty(ctx, a, market.Statistician, market.RewardSet, object); err != nil {
		return err
	}
	if a.County != "" {
		s.Refused(ctx, a, market.RewardSet, object)
		return market.Errorf(market.Denied, rewardKeepers)
	}
	return nil
}

// CreateReward sets up a reward programme. For statisticians of the whole city. key is the form's one-time key. Errors name the
// fields of market.RewardProgramme.
func (s *Service) CreateReward(ctx context.Context, a market.Actor, p market.RewardProgramme, key string) (int64, error) {
	object := market.Object{Kind: "reward"}
	if err := s.requireRewards(ctx, a, object); err != nil {
		return 0, err
	}
	if err := p.Check(s.ref).Err(); err != nil {
		return 0, err
	}
	var id int64
	err := s.write(ctx, a, market.RewardSet, object, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil {
			return err
		}
		if !fresh {
			id = existing
			return nil
		}
		p.ID, p.Version = 0, 1
		if id, err = w.AddReward(ctx, a, p, w.at); err != nil {
			return err
		}
		w.object.ID, w.detail = id, rewardDetail(p)
		return w.Fulfil(ctx, a, key, id)
	})
	return id, err
}

// EditReward writes another version of a reward programme; those before stay as its history. p.Version is the one that the actor
// saw. For statisticians of the whole city.
func (s *Service) EditReward(ctx context.Context, a market.Actor, p market.RewardProgramme) error {
	object := market.Object{Kind: "reward", ID: p.ID}
	if err := s.requireRewards(ctx, a, object); err != nil {
		return err
	}
	if err := p.Check(s.ref).Err(); err != nil {
		return err
	}
	return s.write(ctx, a, market.RewardSet, object, func(w *act) error {
		last, err := w.LockReward(ctx, a, p.ID)
		if err != nil {
			return err
		}
		if p.Version != last {
			return market.Errorf(market.Conflict, "您打开以后，别人改过这个方案。请看过最新的一版再改")
		}
		p.Version++
		w.detail = rewardDetail(p)
		_, err = w.AddReward(ctx, a, p, w.at)
		return err
	})
}

func rewardDetail(p market.RewardProgramme) string {
	return fmt.Sprintf("version=%d %s %s %s%%", p.Version, p.Party, p.Base, p.Percent)
}

// ExportReward notes that somebody takes the rewards of a year away as a file of so many rows. For those who read them.
func (s *Service) ExportReward(ctx context.Context, a market.Actor, id int64, year int, format string, rows int) error {
	return s.write(ctx, a, market.RewardExport, market.Object{Kind: "reward", ID: id}, func(w *act) error {
		w.detail = fmt.Sprintf("%s %d rows=%d", format, year, rows)
		return nil
	})
}
