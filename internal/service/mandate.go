package service

import (
	"context"
	"fmt"
	"time"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// GrantMandate lets a verified agency act for the organisation the actor owns, which must be verified too. It holds
// from its first day, without the agency's word; the agency is told and may end it. key is the form's one-time key.
// Errors name the form's fields.
func (s *Service) GrantMandate(ctx context.Context, a market.Actor, m market.Mandate, key string) (int64, error) {
	object := market.Object{Kind: "mandate"}
	err := a.RequireOwner()
	if err == nil && !a.Verified() {
		err = market.Errorf(market.Denied, "本单位通过核验后才能委托机构代办")
	}
	if err != nil {
		s.Refused(ctx, a, market.MandateGrant, object)
		return 0, err
	}
	m.ClientOrg, m.GrantedBy = a.OrgID, a.UserID
	p := m.Check(s.Today())
	if m.AgencyOrg == 0 {
		p.Add("agency", "请选择一家机构")
	}
	if err := s.checkAuthority(ctx, a, m, &p); err != nil {
		return 0, err
	}
	if m.AgencyOrg == a.OrgID {
		p.Add("agency", "不能委托本单位自己")
	}
	if err := p.Err(); err != nil {
		return 0, err
	}
	var id int64
	err = s.write(ctx, a, market.MandateGrant, object, func(w *act) error {
		existing, fresh, err := w.Claim(ctx, a, key, w.at)
		if err != nil || !fresh {
			id, w.object.ID = existing, existing
			return err
		}
		if _, err := w.LockAgency(ctx, m.AgencyOrg); err != nil {
			return orField(err, "agency", "只能委托已核验的技术转移机构，请重新选择")
		}
		m.GrantedAt = w.at
		if id, err = w.CreateMandate(ctx, m); err != nil {
			return err
		}
		w.object.ID, w.detail = id, fmt.Sprintf("agency %d", m.AgencyOrg)
		if err := w.moved(ctx, "grant", "", string(market.MandateActive), "", ""); err != nil {
			return err
		}
		title := fmt.Sprintf("%s委托本机构代办：%s，%s至 %s", a.OrgName, market.ScopeNames(m.Scopes), startText(m, s.Today()), m.EndsOn.Format(time.DateOnly))
		if err := w.NotifyOrg(ctx, m.AgencyOrg, title, "/clients", w.at); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, id)
	})
	return id, err
}

// checkAuthority wants the signed authority, uploaded by the actor for this.
func (s *Service) checkAuthority(ctx context.Context, a market.Actor, m market.Mandate, p *market.Problems) error {
	if m.Document == nil {
		p.Add("mandate", "请上传盖章的授权书，PDF 或图片")
		return nil
	}
	f, err := s.store.File(ctx, a, *m.Document)
	if market.IsKind(err, market.NotFound) || err == nil && (f.Purpose != market.FileMandate || f.UploadedBy != a.UserID) {
		p.Add("mandate", "授权书没有传到，请重新上传")
		return nil
	}
	return err
}

// startText says from when a mandate holds, "" when it does from today.
func startText(m market.Mandate, today time.Time) string {
	if !market.DateOf(m.StartsOn).After(today) {
		return ""
	}
	return m.StartsOn.Format(time.DateOnly) + " "
}

// orField is an Invalid error at a field where the thing was not found, else err.
func orField(err error, field, message string) error {
	if market.IsKind(err, market.NotFound) {
		return market.Problems{{Field: field, Message: message}}.Err()
	}
	return err
}

// RevokeMandate ends a mandate that the organisation the actor owns has granted. From the next request on the agency's
// people do nothing more in its name; what they have done stays. The reason is told to the agency and may be empty.
func (s *Service) RevokeMandate(ctx context.Context, a market.Actor, id int64, reason string) error {
	return s.endMandate(ctx, a, market.MandateRevoke, id, "revoke", reason)
}

// DeclineMandate ends a mandate that the agency the actor owns holds. See RevokeMandate.
func (s *Service) DeclineMandate(ctx context.Context, a market.Actor, id int64, reason string) error {
	return s.endMandate(ctx, a, market.MandateDecline, id, "decline", reason)
}

func (s *Service) endMandate(ctx context.Context, a market.Actor, action market.Action, id int64, move, reason string) error {
	object := market.Object{Kind: "mandate", ID: id}
	if err := a.RequireOwner(); err != nil {
		s.Refused(ctx, a, action, object)
		return err
	}
	reason = market.Normalize(reason)
	if market.RuneLen(reason) > market.MaxLine {
		return market.Problems{{Field: "reason", Message: "原因最多 200 个字"}}.Err()
	}
	return s.write(ctx, a, action, object, func(w *act) error {
		m, err := w.LockMandate(ctx, a, id)
		if err != nil {
			return err
		}
		if mine := map[string]int64{"revoke": m.ClientOrg, "decline": m.AgencyOrg}[move]; mine != a.OrgID {
			return market.ErrNotFound
		}
		return w.stopMandate(ctx, m, move, reason)
	})
}

// stopMandate ends a locked mandate and tells both sides.
func (w *act) stopMandate(ctx context.Context, m market.Mandate, move, reason string) error {
	to, err := market.Mandates.Next(m.State, move)
	if err != nil {
		return err
	}
	if err := w.EndMandate(ctx, m.ID, to, w.actor.UserID, reason, w.at); err != nil {
		return err
	}
	if err := w.moved(ctx, move, string(m.State), string(to), "", reason); err != nil {
		return err
	}
	client, err := w.OrgName(ctx, m.ClientOrg)
	if err != nil {
		return err
	}
	agency, err := w.OrgName(ctx, m.AgencyOrg)
	if err != nil {
		return err
	}
	client, agency = market.ShortName(client), market.ShortName(agency)
	forClient := map[string]string{"revoke": "已撤回对" + agency + "的委托", "decline": agency + "不再代办，委托已结束", "expire": "对" + agency + "的委托已到期"}[move]
	forAgency := map[string]string{"revoke": client + "撤回了委托，不能再代办", "decline": "已结束" + client + "的委托", "expire": client + "的委托已到期，不能再代办"}[move]
	if reason != "" {
		forClient, forAgency = forClient+"。原因："+reason, forAgency+"。原因："+reason
	}
	if err := w.NotifyOrg(ctx, m.ClientOrg, forClient, "/mandates", w.at); err != nil {
		return err
	}
	return w.NotifyOrg(ctx, m.AgencyOrg, forAgency, "/clients", w.at)
}

// expireBatch is how many mandates are looked for at once.
const expireBatch = 200

// EndMandates ends the mandates whose last day is over and tells both sides. It only keeps the books: a mandate counts
// up to its last day, whether this has run or not.
func (s *Service) EndMandates(ctx context.Context) error {
	ids, err := s.store.DueMandates(ctx, s.Today(), expireBatch)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.store.InTx(ctx, func(tx *store.Tx) error { return s.expireMandate(ctx, tx, id) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) expireMandate(ctx context.Context, tx *store.Tx, id int64) error {
	m, err := tx.LockAnyMandate(ctx, id)
	if err != nil || m.State != market.MandateActive {
		return err
	}
	w := &act{Tx: tx, service: s, actor: market.System(), action: market.MandateExpire, object: market.Object{Kind: "mandate", ID: id}, at: s.now()}
	if err := w.stopMandate(ctx, m, "expire", ""); err != nil {
		return err
	}
	return tx.Audit(ctx, w.at, w.actor, w.action, w.object, "done", "")
}
