package demo

import (
	"context"

	"techmarket/internal/market"
)

// loadLexicon has the reviewer add an English name and a word of the makers of circuit boards.
func (l *loader) loadLexicon(ctx context.Context) error {
	reviewer := market.Actor{UserID: l.staff["reviewer@example.com"]}
	names := market.LexiconEntry{ID: 1, Kind: market.LexiconSynonyms, Field: "pcb", Terms: []string{"背钻", "back drill"}, Note: "线路板企业的图纸上写英文"}
	word := market.LexiconEntry{ID: 2, Kind: market.LexiconWord, Field: "pcb", Terms: []string{"残桩"}, Note: "吉水的线路板企业提出"}
	for i, entries := range [][]market.LexiconEntry{{names}, {names, word}} {
		last := entries[len(entries)-1]
		v := market.LexiconVersion{Number: int64(i + 1), Entries: entries, Move: market.LexiconAdd, Note: last.Note, At: l.now.AddDate(0, 0, i-2)}
		if err := l.tx.AddLexiconVersion(ctx, reviewer, v); err != nil {
			return err
		}
	}
	return nil
}
