package market

import (
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Seal is a ledger entry's place in the chain, which nobody can make up before the entry is sealed. Papers of a registered
// contract carry that of its newest entry, so that whoever is shown the paper can check it.
type Seal struct {
	Kind        string    `db:"kind"` // of the entry, as EntryKinds names it
	EffectiveOn time.Time `db:"effective_on"`
	Seq         int64     `db:"seq"`
	Hash        []byte    `db:"hash"`
}

// sealCodeBytes is how much of a hash a paper's 核验码 holds: sixteen digits of base 16 can be typed, and not be guessed.
const sealCodeBytes = 8

// Code is the 核验码 as papers print it, in groups of four digits.
func (s Seal) Code() string {
	digits := s.plainCode()
	var groups []string
	for at := 0; at < len(digits); at += 4 {
		groups = append(groups, digits[at:at+4])
	}
	return strings.Join(groups, " ")
}

func (s Seal) plainCode() string { return hex.EncodeToString(s.Hash)[:2*sealCodeBytes] }

// Query is the part of an address that names a paper to be checked.
func (s Seal) Query(registrationNumber string) string {
	return "number=" + registrationNumber + "&code=" + s.plainCode()
}

// ParseSealCode reads a 核验码 that somebody typed: blanks, hyphens, width and case do not matter. The Invalid error says
// what is wrong.
func ParseSealCode(text string) (string, error) {
	code := strings.ToLower(compact(text))
	if code == "" {
		return "", Errorf(Invalid, "请填写核验码，它印在证明的左下角")
	}
	if raw, err := hex.DecodeString(code); err != nil || len(raw) != sealCodeBytes {
		return "", Errorf(Invalid, "核验码是 %d 位数字和字母 a—f，请对照证明核对", 2*sealCodeBytes)
	}
	return code, nil
}

// Sealed is what the holder of a paper may read of the contract that it is about. Amounts are yuan.
type Sealed struct {
	RegistrationNumber string          `db:"registration_number"`
	State              ContractState   `db:"state"`
	Title              string          `db:"title"`
	Kind               string          `db:"kind"`
	SellerName         string          `db:"seller_name"`
	BuyerName          string          `db:"buyer_name"`
	TotalAmount        decimal.Decimal `db:"total_amount"`
	AmountOpen         bool            `db:"amount_open"`
	TechAmount         decimal.Decimal `db:"tech_amount"`
	SignedOn           time.Time       `db:"signed_on"`
	RegisteredOn       time.Time       `db:"registered_on"`
	Demo               bool            `db:"demo"`
	Seals              []Seal          // of its entries, the oldest first
}

// Find returns the seal of which a paper has the code, and those that came after it: the paper is of the present state when
// there are none.
func (s Sealed) Find(code string) (seal Seal, later []Seal, found bool) {
	for i, seal := range s.Seals {
		if subtle.ConstantTimeCompare([]byte(seal.plainCode()), []byte(code)) == 1 {
			return seal, s.Seals[i+1:], true
		}
	}
	return Seal{}, nil, false
}
