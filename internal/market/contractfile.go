package market

import (
	"encoding/hex"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// ContractFileUses say what a file is that a seller puts to a contract.
var ContractFileUses = Codes{{"text", "签署的合同文本"}, {"chinese", "中文译本"}, {"consistency", "中外文一致性声明"}, {"task", "任务书或中标通知书"},
	{"right", "专利等权利证明"}, {"other", "其他附件"}}

var allFileUses = append(slices.Clone(ContractFileUses), Code{FileOfAmendment, "变更、补充的证明"})

// FileOfAmendment is the use of a proof that came with a change or a supplement.
const FileOfAmendment = "amendment"

// UseName says what the file is.
func (f ContractFile) UseName() string { return allFileUses.Name(f.Use) }

// MaxContractFiles is how many files a contract has at most.
const MaxContractFiles = 30

// ContractFile is a file of a contract.
type ContractFile struct {
	ID         string    `db:"file_id"`
	ContractID int64     `db:"contract_id"`
	Use        string    `db:"use"`
	Label      string    `db:"label"`
	Name       string    `db:"name"`
	MediaType  string    `db:"media_type"`
	Size       int       `db:"size"`
	SHA256     []byte    `db:"sha256"`
	AddedAt    time.Time `db:"added_at"`
}

// Hash is the SHA-256 of the file in hexadecimal digits.
func (f ContractFile) Hash() string { return hex.EncodeToString(f.SHA256) }

// Check returns what is wrong with use and label, and tidies the label in place.
func (f *ContractFile) Check() Problems {
	var p Problems
	if ContractFileUses.Name(f.Use) == "" {
		p.Add("use", "请选择这是什么材料")
	}
	checkLine(&p, "label", "说明", &f.Label, maxFileLabel)
	return p
}

// CheckFiles returns which papers of its form the contract still lacks: a text in a foreign language needs a Chinese copy
// and a statement that the two agree, a government's project its task book (技术合同认定登记规则). The fields are those of the
// form.
func (c Contract) CheckFiles(files []ContractFile) Problems {
	has := map[string]bool{}
	for _, f := range files {
		has[f.Use] = true
	}
	var p Problems
	if c.Foreign && !(has["chinese"] && has["consistency"]) {
		p.Add("foreign", "外文合同须附中文译本和中外文一致性声明。请先在合同页的“材料”里上传")
	}
	if c.Government && !has["task"] {
		p.Add("government", "政府科技项目须附任务书或中标通知书。请先在合同页的“材料”里上传")
	}
	return p
}

// Payment is money that was paid under a contract, with its proof. Yuan.
type Payment struct {
	ID         int64           `db:"id"`
	ContractID int64           `db:"contract_id"`
	PaidOn     time.Time       `db:"paid_on"`
	Amount     decimal.Decimal `db:"amount"`
	Note       string          `db:"note"`
	FileID     string          `db:"file_id"`
	FileName   string          `db:"file_name"`
	FileSize   int             `db:"file_size"`
	SHA256     []byte          `db:"sha256"`
	OrgID      int64           `db:"org_id"` // who entered it
	OrgName    string          `db:"org_name"`
	AddedAt    time.Time       `db:"added_at"`
	VoidedAt   *time.Time      `db:"voided_at"`
	VoidReason string          `db:"void_reason"`
}

// Hash is the SHA-256 of the proof in hexadecimal digits.
func (y Payment) Hash() string { return hex.EncodeToString(y.SHA256) }

// MaxPayments is how many payments a contract has at most.
const MaxPayments = 200

// Check returns what is wrong with the payment.
func (y *Payment) Check(today time.Time) Problems {
	var p Problems
	switch {
	case y.PaidOn.IsZero():
		p.Add("paid_on", "请填写付款日期，例：%s", today.Format(time.DateOnly))
	case y.PaidOn.Before(firstContractDay):
		p.Add("paid_on", "付款日期的年份不对，请核对")
	case y.PaidOn.After(today):
		p.Add("paid_on", "付款日期不能晚于今天（%s）", today.Format(time.DateOnly))
	}
	if !y.Amount.IsPositive() {
		p.Add("paid", "请填写付款金额")
	}
	checkSum(&p, "paid", "付款金额", y.Amount)
	checkLine(&p, "note", "说明", &y.Note, 100)
	return p
}

// Payable reports whether payments are still noted for a contract in this state: also after the registration.
func (s ContractState) Payable() bool { return s.Open() || s == ContractRegistered }

// Paid is the sum of the payments that are not voided.
func Paid(payments []Payment) decimal.Decimal {
	sum := decimal.Zero
	for _, y := range payments {
		if y.VoidedAt == nil {
			sum = sum.Add(y.Amount)
		}
	}
	return sum
}

// CheckVoidReason tidies why a payment is void.
func CheckVoidReason(p *Problems, reason *string) {
	checkText(p, "reason", "作废原因", reason, 200)
	if *reason == "" {
		p.Add("reason", "请写明为什么作废，例：金额填错，另行登记")
	}
}
