package market

// Kind says which of the two listings a document is or, of a list that is imported, what its rows are.
type Kind string

// The two kinds of listing. The values are stored, indexed and shown in URLs.
const (
	KindNeed   Kind = "need"   // 技术需求
	KindResult Kind = "result" // 科技成果
)

// The kinds of lists that are imported beside those of listings.
const (
	KindExpert Kind = "expert" // 专家
	KindOrg    Kind = "org"    // 单位
)

// KindNational is the list that the national system exports: it is compared, never imported.
const KindNational Kind = "national"

// ImportKinds lists the kinds of which there are lists.
var ImportKinds = []Kind{KindResult, KindNeed, KindExpert, KindOrg}

// ImportKinds lists the kinds of which the actor imports lists: needs and results of the organisation acted for, experts of
// its own or, for a reviewer, of the bureau, and for a reviewer organisations.
func (a Actor) ImportKinds() []Kind {
	var out []Kind
	if a.May(ScopePost) {
		out = append(out, KindResult, KindNeed)
	}
	if _, err := a.ExpertOwner(); err == nil {
		out = append(out, KindExpert)
	}
	if a.Has(Reviewer) {
		out = append(out, KindOrg)
	}
	return out
}

// RequireImport returns Denied unless the actor imports lists of the kind.
func (a Actor) RequireImport(k Kind) error {
	switch k {
	case KindExpert:
		_, err := a.ExpertOwner()
		return err
	case KindOrg:
		return a.RequireDuty(Reviewer)
	}
	return a.RequireEditor(ScopePost)
}

// Valid reports whether k is one of the two kinds of listing.
func (k Kind) Valid() bool { return k == KindNeed || k == KindResult }

// Other returns the kind that k is matched with.
func (k Kind) Other() Kind {
	if k == KindNeed {
		return KindResult
	}
	return KindNeed
}

// Name is the Chinese name of what a list of the kind holds.
func (k Kind) Name() string {
	return map[Kind]string{KindNeed: "需求", KindResult: "成果", KindExpert: "专家", KindOrg: "单位"}[k]
}

// FullName is Name as headings have it.
func (k Kind) FullName() string {
	return map[Kind]string{KindNeed: "技术需求", KindResult: "科技成果", KindExpert: "专家", KindOrg: "单位"}[k]
}

// Unit is the word that things of the kind are counted with.
func (k Kind) Unit() string {
	return map[Kind]string{KindNeed: "项", KindResult: "项", KindExpert: "位", KindOrg: "家"}[k]
}
