package search

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed dictionary.txt
var dictionaryFile string

// Dictionary returns the technical terms that stay whole as key terms: those of
// dictionary.txt and of synonyms.txt. The list is made once: callers may not
// change it.
var Dictionary = sync.OnceValue(readDictionary)

func readDictionary() []string {
	var list []string
	for line := range strings.Lines(dictionaryFile) {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "[") {
			list = append(list, strings.Fields(line)...)
		}
	}
	for _, g := range Groups() {
		list = append(list, g.Terms...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
