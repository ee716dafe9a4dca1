package service_test

import (
	"strings"
	"testing"

	"techmarket/internal/market"
)

const gatedDetail = "分散剂牌号 FX-77，加量千分之三"

// disclosureWorld is a need with something behind its gate, its owner and an organisation that wants to read it.
func disclosureWorld(t *testing.T) (d *desk, need int64) {
	t.Helper()
	d = newDesk(t)
	need = d.Need(d.buyer)
	if _, err := d.Store.DB().ExecContext(d.ctx, `INSERT INTO listing_gates (listing_id, detail) VALUES ($1, $2)`, need, gatedDetail); err != nil {
		t.Fatal(err)
	}
	return d, need
}

func TestDisclosure(t *testing.T) {
	t.Parallel()
	d, need := disclosureWorld(t)
	s, ctx, purpose := d.Service, d.ctx, "评估两段研磨工艺能否达到指标"

	_, err := s.RequestDisclosure(ctx, d.seller, need, "想看看", "")
	wantField(t, err, "purpose", "至少 10 个字")
	_, err = s.RequestDisclosure(ctx, d.buyer, need, purpose, "")
	wantKind(t, err, market.Conflict) // one's own
	_, err = s.RequestDisclosure(ctx, d.seller, d.Need(d.buyer), purpose, "")
	wantKind(t, err, market.Conflict) // nothing is gated

	id, err := s.RequestDisclosure(ctx, d.seller, need, purpose, "once")
	must(t, err)
	again, err := s.RequestDisclosure(ctx, d.seller, need, purpose, "once")
	must(t, err)
	if again != id {
		t.Errorf("the form posted twice made %d and %d", id, again)
	}
	_, err = s.RequestDisclosure(ctx, d.seller, need, purpose, "other")
	wantKind(t, err, market.Conflict)

	_, err = s.ReadDisclosure(ctx, d.seller, id)
	wantKind(t, err, market.NotFound) // not open
	wantKind(t, s.PledgeDisclosure(ctx, d.seller, id, "2026-1", true), market.NotFound)
	wantKind(t, s.GrantDisclosure(ctx, d.seller, id), market.NotFound)
	must(t, s.GrantDisclosure(ctx, d.buyer, id))
	wantKind(t, s.GrantDisclosure(ctx, d.buyer, id), market.Conflict)

	wantField(t, s.PledgeDisclosure(ctx, d.seller, id, "2026-1", false), "pledge", "同意保密承诺")
	wantKind(t, s.PledgeDisclosure(ctx, d.seller, id, "2019-1", true), market.Conflict)
	_, err = s.ReadDisclosure(ctx, d.seller, id)
	wantKind(t, err, market.Denied) // no pledge
	must(t, s.PledgeDisclosure(ctx, d.seller, id, "2026-1", true))
	text, err := s.ReadDisclosure(ctx, d.seller, id)
	must(t, err)
	if text != gatedDetail {
		t.Errorf("read %q", text)
	}
	colleague := d.Member(d.seller, "同事", market.Viewer)
	_, err = s.ReadDisclosure(ctx, colleague, id)
	wantKind(t, err, market.Denied) // each person pledges
	if n := d.Audits(market.DisclosureReadAct, id, "done"); n != 1 {
		t.Errorf("%d readings in the audit, want 1", n)
	}
	reads, err := d.Store.DisclosureReads(ctx, id, 10)
	must(t, err)
	if len(reads) != 1 || reads[0].Pledge != "2026-1" || !strings.Contains(reads[0].UserName, "管理员") {
		t.Errorf("the owner sees the readings %+v", reads)
	}

	wantField(t, s.RevokeDisclosure(ctx, d.buyer, id, ""), "reason", "请写明理由")
	must(t, s.RevokeDisclosure(ctx, d.buyer, id, "合作暂停"))
	_, err = s.ReadDisclosure(ctx, d.seller, id)
	wantKind(t, err, market.NotFound)

	second, err := s.RequestDisclosure(ctx, d.seller, need, purpose, "third")
	must(t, err)
	must(t, s.RefuseDisclosure(ctx, d.buyer, second, "已经选定合作方"))
	wantKind(t, s.RevokeDisclosure(ctx, d.buyer, second, "再撤一次"), market.Conflict)
}

// TestDisclosureSuspended: people of a suspended organisation read nothing any more, whatever was opened to them.
func TestDisclosureSuspended(t *testing.T) {
	t.Parallel()
	d, need := disclosureWorld(t)
	id, err := d.Service.RequestDisclosure(d.ctx, d.seller, need, "评估两段研磨工艺能否达到指标", "")
	must(t, err)
	must(t, d.Service.GrantDisclosure(d.ctx, d.buyer, id))
	must(t, d.Service.PledgeDisclosure(d.ctx, d.seller, id, "2026-1", true))
	must(t, d.Service.SuspendOrg(d.ctx, d.Person("审核员", market.Reviewer), d.seller.OrgID, d.Version("orgs", d.seller.OrgID), "核查中"))
	_, err = d.Service.ReadDisclosure(d.ctx, d.Again(d.seller), id)
	wantKind(t, err, market.Denied)
}

func TestDisclosureMachine(t *testing.T) {
	t.Parallel()
	want := map[string]market.DisclosureState{"requested grant": market.DisclosureGranted, "requested refuse": market.DisclosureRefused,
		"granted revoke": market.DisclosureRevoked}
	for _, from := range market.Disclosures.States {
		for _, move := range []string{"grant", "refuse", "revoke", "request"} {
			to, err := market.Disclosures.Next(from, move)
			if next, ok := want[string(from)+" "+move]; ok != (err == nil) || ok && to != next {
				t.Errorf("%s from %s leads to %s, %v", move, from, to, err)
			}
		}
	}
}
