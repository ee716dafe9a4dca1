package search

import (
	_ "embed"
	"strings"
)

//go:embed dictionary.txt
var dictionaryFile string

// fileWords returns the words of dictionary.txt.
func fileWords() []string {
	var list []string
	for line := range strings.Lines(dictionaryFile) {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "[") {
			list = append(list, strings.Fields(line)...)
		}
	}
	return list
}
