package service

import (
	"context"
	"fmt"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// AttachContractFile adds an uploaded file to a contract that may be edited. f.ID is the upload's. key is the form's one-time
// key. For the seller's editors. Errors name the fields contract, use and label.
func (s *Service) AttachContractFile(ctx context.Context, a market.Actor, f market.ContractFile, key string) error {
	return s.ownContract(ctx, a, market.ContractAttach, f.ContractID, func(w *act, c *market.Contract) error {
		if _, fresh, err := w.Claim(ctx, a, key, w.at); err != nil || !fresh {
			return err
		}
		if err := editablePapers(c); err != nil {
			return err
		}
		there, err := w.LockContractFiles(ctx, c.ID)
		if err != nil {
			return err
		}
		if len(there) >= market.MaxContractFiles {
			return market.Errorf(market.Conflict, "材料最多 %d 个文件，请先移除不用的", market.MaxContractFiles)
		}
		problems := f.Check()
		if err := w.takeUpload(ctx, f.ID, market.FileContract, &problems); err != nil {
			return err
		}
		if err := problems.Err(); err != nil {
			return err
		}
		w.detail = fmt.Sprintf("%s %s", f.Use, f.ID)
		if err := w.AddContractFile(ctx, f, w.at); err != nil {
			return err
		}
		return w.Fulfil(ctx, a, key, c.ID)
	})
}

// editablePapers refuses to change the papers of a contract that the desk has or that is decided.
func editablePapers(c *market.Contract) error {
	if c.State.Editable() {
		return nil
	}
	return market.Errorf(market.Conflict, "合同现在是“%s”，不能改材料。需要改请联系登记机构退回补正", c.State.Name())
}

// takeUpload locks the file that the actor has uploaded for that purpose. That there is none is a problem of the field that
// is called by the purpose.
func (w *act) takeUpload(ctx context.Context, id string, purpose market.FilePurpose, p *market.Problems) error {
	_, err := w.TakeUpload(ctx, w.actor, id, purpose)
	if market.IsKind(err, market.NotFound) {
		p.Add(string(purpose), "请选择文件")
		return nil
	}
	return err
}

// DetachContractFile takes a file out of a contract that may be edited: for good before the contract was first handed in, and
// out of sight after that, since it is under retention. For the seller's editors.
func (s *Service) DetachContractFile(ctx context.Context, a market.Actor, contract int64, file string) error {
	return s.ownContract(ctx, a, market.ContractDetach, contract, func(w *act, c *market.Contract) error {
		if err := editablePapers(c); err != nil {
			return err
		}
		w.detail = file
		return w.RemoveContractFile(ctx, contract, file, w.at)
	})
}

// AddPayment notes money that was paid under a contract, with an uploaded proof, also after the registration. y.FileID is
// the upload's. key is the form's one-time key. For the editors of either party. Errors name the fields paid_on, paid, note
// and proof.
func (s *Service) AddPayment(ctx context.Context, a market.Actor, y market.Payment, key string) error {
	return s.payment(ctx, a, market.ContractPay, y.ContractID, func(w *act, paid []market.Payment) error {
		if _, fresh, err := w.Claim(ctx, a, key, w.at); err != nil || !fresh {
			return err
		}
		if len(paid) >= market.MaxPayments {
			return market.Errorf(market.Conflict, "付款凭证最多 %d 笔", market.MaxPayments)
		}
		problems := y.Check(market.DateOf(w.at))
		if err := w.takeUpload(ctx, y.FileID, market.FilePayment, &problems); err != nil {
			return err
		}
		if err := problems.Err(); err != nil {
			return err
		}
		id, err := w.Tx.AddPayment(ctx, a, y, w.at)
		if err != nil {
			return err
		}
		w.detail = fmt.Sprintf("payment %d", id)
		return w.Fulfil(ctx, a, key, y.ContractID)
	})
}

// VoidPayment marks a payment that the actor's organisation has entered as wrong, with a reason that both parties and the
// desk see. It stays readable. For the editors of either party. Errors name the field reason.
func (s *Service) VoidPayment(ctx context.Context, a market.Actor, contract, id int64, reason string) error {
	return s.payment(ctx, a, market.ContractVoidPay, contract, func(w *act, paid []market.Payment) error {
		y, err := paymentOf(a, paid, id)
		if err != nil {
			return err
		}
		if y.VoidedAt != nil {
			return market.Errorf(market.Conflict, "这笔凭证已经作废")
		}
		var p market.Problems
		if market.CheckVoidReason(&p, &reason); len(p) > 0 {
			return p.Err()
		}
		w.detail = fmt.Sprintf("payment %d", id)
		return w.Tx.VoidPayment(ctx, a, contract, id, reason, w.at)
	})
}

// paymentOf is the payment of that id, if the actor's organisation has entered it.
func paymentOf(a market.Actor, paid []market.Payment, id int64) (market.Payment, error) {
	for _, y := range paid {
		switch {
		case y.ID != id:
		case y.OrgID != a.OrgID:
			return y, market.Errorf(market.Denied, "这笔凭证是对方登记的，由对方作废")
		default:
			return y, nil
		}
	}
	return market.Payment{}, market.ErrNotFound
}

// payment carries out an act of either party's editors about what was paid.
func (s *Service) payment(ctx context.Context, a market.Actor, action market.Action, contract int64, fn func(*act, []market.Payment) error) error {
	if err := a.RequireEditor(market.ScopeContract); err != nil {
		s.Refused(ctx, a, action, contractObject(contract))
		return err
	}
	return s.write(ctx, a, action, contractObject(contract), func(w *act) error {
		c, paid, err := w.LockPaidContract(ctx, a, contract)
		if err != nil {
			return err
		}
		if !c.State.Payable() {
			return market.Errorf(market.Conflict, "合同现在是“%s”，不再登记付款", c.State.Name())
		}
		return fn(w, paid)
	})
}

// ExportContract returns a contract that the actor may read, to be given as a file, and notes it.
func (s *Service) ExportContract(ctx context.Context, a market.Actor, id int64) (store.Contract, error) {
	var c store.Contract
	err := s.write(ctx, a, market.ContractExport, contractObject(id), func(w *act) (err error) {
		c, err = w.Contract(ctx, a, id)
		return err
	})
	return c, err
}
