package market

import (
	"slices"
	"strings"
	"time"
)

// LexiconKind is what an entry of the lexicon is.
type LexiconKind string

// The kinds of entries.
const (
	LexiconSynonyms LexiconKind = "synonyms" // terms that mean the same: a search for one finds the others
	LexiconWord     LexiconKind = "word"     // a term that stays whole in key terms and is suggested while typing
)

// LexiconKinds names the kinds.
var LexiconKinds = Codes{{Code: string(LexiconSynonyms), Name: "同义词"}, {Code: string(LexiconWord), Name: "专业词"}}

// LexiconGeneral is the field of what every trade uses.
const LexiconGeneral = "general"

// LexiconEntry is what staff have added to the words that searches know. ID is the version that brought it.
type LexiconEntry struct {
	ID    int64       `json:"id"`
	Kind  LexiconKind `json:"kind"`
	Field string      `json:"field"` // a field's code, or LexiconGeneral
	Terms []string    `json:"terms"`
	Note  string      `json:"note"` // where it comes from
}

// Text is the entry's terms on one line.
func (e LexiconEntry) Text() string { return strings.Join(e.Terms, " = ") }

// LexiconMove is what a version did.
type LexiconMove string

// The moves.
const (
	LexiconAdd     LexiconMove = "add"
	LexiconEdit    LexiconMove = "edit"
	LexiconRemove  LexiconMove = "remove"
	LexiconRestore LexiconMove = "restore"
)

// LexiconMoves names the moves.
var LexiconMoves = Codes{{Code: string(LexiconAdd), Name: "增加"}, {Code: string(LexiconEdit), Name: "修改"}, {Code: string(LexiconRemove), Name: "去掉"}, {Code: string(LexiconRestore), Name: "恢复旧版"}}

// LexiconVersion is the whole list as it was from one change to the next. Versions count from 1; version 0, without entries,
// was before the first change.
type LexiconVersion struct {
	Number   int64
	Entries  []LexiconEntry
	Move     LexiconMove
	Note     string
	UserName string
	At       time.Time
}

// Entry returns an entry of the version.
func (v LexiconVersion) Entry(id int64) (LexiconEntry, bool) {
	i := slices.IndexFunc(v.Entries, func(e LexiconEntry) bool { return e.ID == id })
	if i < 0 {
		return LexiconEntry{}, false
	}
	return v.Entries[i], true
}

// LexiconChange is an entry that differs between two versions: Before or After is nil when it is not there.
type LexiconChange struct{ Before, After *LexiconEntry }

// Since lists what the version has changed against an earlier one.
func (v LexiconVersion) Since(before LexiconVersion) []LexiconChange {
	var out []LexiconChange
	for _, e := range v.Entries {
		switch old, found := before.Entry(e.ID); {
		case !found:
			out = append(out, LexiconChange{After: &e})
		case !old.Equal(e):
			out = append(out, LexiconChange{&old, &e})
		}
	}
	for _, old := range before.Entries {
		if _, found := v.Entry(old.ID); !found {
			out = append(out, LexiconChange{Before: &old})
		}
	}
	return out
}

// Equal reports whether two entries say the same.
func (e LexiconEntry) Equal(o LexiconEntry) bool {
	return e.Kind == o.Kind && e.Field == o.Field && e.Note == o.Note && slices.Equal(e.Terms, o.Terms)
}

// Bounds of the lexicon of staff.
const (
	MaxLexicon      = 1000 // entries
	MaxLexiconTerms = 12   // of a group
	MaxLexiconTerm  = 30   // characters
	MaxLexiconNote  = 200
)

// CheckLexiconEntry tidies an entry and returns what is wrong with it by itself. Problems name the fields kind, field, terms
// and note; whether a term is known already is asked of the lexicon. key is the form in which terms are compared.
func (r *Reference) CheckLexiconEntry(e *LexiconEntry, key func(string) string) Problems {
	var p Problems
	if LexiconKinds.Name(string(e.Kind)) == "" {
		p.Add("kind", "请选择同义词或专业词")
	}
	if e.Field != LexiconGeneral && r.FieldName(e.Field) == "" {
		p.Add("field", "请从列表中选择细分领域")
	}
	var err error
	e.Note, err = CleanText(e.Note)
	p.AddErr("note", err)
	switch e.Note = Normalize(e.Note); {
	case e.Note == "":
		p.Add("note", "请写明依据，如标准、教材或哪家单位提出")
	case RuneLen(e.Note) > MaxLexiconNote:
		p.Add("note", "最多 %d 个字", MaxLexiconNote)
	}
	e.checkTerms(&p, key)
	return p
}

func (e *LexiconEntry) checkTerms(p *Problems, key func(string) string) {
	terms, seen := []string{}, map[string]string{}
	for _, line := range e.Terms {
		text, err := CleanText(line)
		p.AddErr("terms", err)
		term := Normalize(text)
		if term == "" {
			continue
		}
		k := key(term)
		switch same := seen[k]; {
		case RuneLen(term) > MaxLexiconTerm:
			p.Add("terms", "“%s”太长，一个词最多 %d 个字", Truncate(term, MaxLexiconTerm), MaxLexiconTerm)
		case strings.ContainsAny(term, "=[]#"):
			p.Add("terms", "“%s”里有 =、[、] 或 #，请去掉", term)
		case RuneLen(k) < 2:
			p.Add("terms", "“%s”太短，至少两个字或字母", term)
		case same != "":
			p.Add("terms", "“%s”和“%s”搜索时是同一个词，请去掉一个", same, term)
		}
		seen[k] = term
		terms = append(terms, term)
	}
	e.Terms = terms
	switch {
	case e.Kind == LexiconSynonyms && len(terms) < 2:
		p.Add("terms", "请写两个以上意思相同的词，一行一个")
	case e.Kind == LexiconSynonyms && len(terms) > MaxLexiconTerms:
		p.Add("terms", "一组最多 %d 个词", MaxLexiconTerms)
	case e.Kind == LexiconWord && len(terms) != 1:
		p.Add("terms", "专业词一次写一个")
	}
}

// LexiconUse is a process of the market and the version of the lexicon by which it searches.
type LexiconUse struct {
	Process string    `db:"process"`
	Version int64     `db:"version"`
	Problem string    `db:"problem"` // why the newest is not in force there, "" when it is or nothing went wrong
	SeenAt  time.Time `db:"seen_at"`
}

// LexiconSilence is how long a process that searches is not heard of before it counts as ended.
const LexiconSilence = time.Minute
