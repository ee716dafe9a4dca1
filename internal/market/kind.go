package market

// Kind says which of the two listings a document is.
type Kind string

// The two kinds of listing. The values are stored, indexed and shown in URLs.
const (
	KindNeed   Kind = "need"   // 技术需求
	KindResult Kind = "result" // 科技成果
)

// Valid reports whether k is one of the two kinds.
func (k Kind) Valid() bool { return k == KindNeed || k == KindResult }

// Other returns the kind that k is matched with.
func (k Kind) Other() Kind {
	if k == KindNeed {
		return KindResult
	}
	return KindNeed
}
