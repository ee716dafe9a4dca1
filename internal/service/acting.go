package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
)

// Actor is the user as they act for an organisation of their own or, under a mandate in force today, for a client of
// their agency. The zero to is their own organisation, the earliest joined. What is not open to them is
// market.ErrNotFound.
func (s *Service) Actor(ctx context.Context, userID int64, to market.Acting) (market.Actor, error) {
	if to.AgencyID != 0 {
		return s.store.MandateActor(ctx, userID, to, s.now())
	}
	a, err := s.store.Actor(ctx, userID, to.OrgID)
	if err == nil && to.OrgID != 0 && a.OrgID != to.OrgID {
		err = market.ErrNotFound
	}
	return a, err
}

// SwitchActing remembers for whom the user acts from now on and returns the new actor. What is not open to them is
// market.ErrNotFound.
func (s *Service) SwitchActing(ctx context.Context, a market.Actor, to market.Acting) (market.Actor, error) {
	next, err := s.Actor(ctx, a.UserID, to)
	if err != nil {
		if market.IsKind(err, market.NotFound) {
			s.Refused(ctx, a, market.ActingSwitch, market.Object{Kind: "org", ID: to.OrgID})
		}
		return a, err
	}
	next.Via, next.Address, next.RequestID = a.Via, a.Address, a.RequestID
	return next, s.write(ctx, next, market.ActingSwitch, market.Object{Kind: "org", ID: to.OrgID}, func(w *act) error {
		return w.SetLastActing(ctx, a.UserID, next.Acting())
	})
}

// clientActs words what an agency has done, for its client.
var clientActs = map[market.Action]string{
	market.NeedSubmit: "提交了需求", market.NeedRecall: "收回了需求", market.NeedConfirm: "确认了需求有效", market.NeedWithdraw: "撤回了需求", market.NeedClose: "关闭了需求",
	market.ResultSubmit: "提交了成果", market.ResultRecall: "收回了成果", market.ResultConfirm: "确认了成果有效", market.ResultWithdraw: "撤回了成果", market.ResultClose: "关闭了成果",
	market.ImportAccept: "批量导入", market.ImportUndo: "撤销了批量导入",
	market.InquiryOpenAct: "发起了对接", market.InquiryAnswer: "答复了对接", market.InquiryPropose: "在对接中提出了条件", market.InquiryAgreeTerm: "在对接中同意了条件",
	market.InquiryAgree: "确认达成", market.InquiryDecline: "结束了对接",
	market.ChallengeSubmit: "提交了榜单", market.ChallengeRecall: "收回了榜单", market.ChallengeJudge: "邀请了评审", market.ChallengeUnjudge: "取消了评审", market.ChallengeDecide: "决定了榜单结果",
	market.ContractCreate: "起草了合同", market.ContractSubmit: "提交了合同登记申请", market.ContractWithdraw: "撤回了合同",
}

// tellClient tells a client what its agency has done in its name. Drafts that nobody else sees yet are not told.
func (w *act) tellClient(ctx context.Context) error {
	did := clientActs[w.action]
	if !w.actor.ByMandate() || did == "" {
		return nil
	}
	title, err := w.ObjectTitle(ctx, w.object)
	if err != nil {
		return err
	}
	path := fmt.Sprintf("/%s/%d", map[string]string{"need": "needs", "result": "results", "inquiry": "inquiries", "contract": "contracts", "import": "imports", "challenge": "challenges"}[w.object.Kind], w.object.ID)
	return w.NotifyOrg(ctx, w.actor.OrgID, fmt.Sprintf("%s代本单位%s：%s", market.ShortName(w.actor.AgencyName), did, title), path, w.at)
}
