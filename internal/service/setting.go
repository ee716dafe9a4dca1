package service

import (
	"context"
	"strings"

	"techmarket/internal/market"
)

// EditSettings stores the names that differ by place; version is the one that the form was filled in from. Everybody sees
// them from the next request on. For administrators. Errors name the fields by the settings' codes.
func (s *Service) EditSettings(ctx context.Context, a market.Actor, version int64, values map[string]string) error {
	object := market.Object{Kind: "setting"}
	if err := s.requireDuty(ctx, a, market.Admin, market.SettingEdit, object); err != nil {
		return err
	}
	if err := market.CheckSettings(values).Err(); err != nil {
		return err
	}
	return s.write(ctx, a, market.SettingEdit, object, func(w *act) error {
		now, err := w.LockSettings(ctx)
		if err != nil {
			return err
		}
		if last, err := w.SettingsVersion(ctx); err != nil {
			return err
		} else if last != version {
			return market.Errorf(market.Conflict, "您打开以后，别人改过设置。请看过下面的变动再保存")
		}
		var changed []string
		for _, set := range market.Settings {
			if values[set.Code] == now[set.Code] {
				continue
			}
			if err := w.SetSetting(ctx, a, set.Code, now[set.Code], values[set.Code], w.at); err != nil {
				return err
			}
			changed = append(changed, set.Code)
		}
		if changed == nil {
			return market.Errorf(market.Conflict, "没有改动，不用保存")
		}
		w.detail = strings.Join(changed, " ")
		return nil
	})
}
