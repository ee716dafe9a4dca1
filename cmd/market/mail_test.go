package main

import (
	"bytes"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"
)

var pathInLetter = regexp.MustCompile(`http://market\.test(/\S*\?t=\S+)`)

// linkInMail waits for a letter to the address that holds a one-time link, and returns the link's path.
func (r *running) linkInMail(t *testing.T, to string) string {
	t.Helper()
	for ends := time.Now().Add(stepTime); time.Now().Before(ends); time.Sleep(20 * time.Millisecond) {
		names, err := filepath.Glob(filepath.Join(r.mail, "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if path := linkIn(raw, to); path != "" {
				return path
			}
		}
	}
	t.Fatalf("no mail with a link came to %s", to)
	return ""
}

// letterAbout waits for a letter to the address that holds the words.
func (r *running) letterAbout(t *testing.T, to, words string) {
	t.Helper()
	for ends := time.Now().Add(stepTime); time.Now().Before(ends); time.Sleep(20 * time.Millisecond) {
		names, err := filepath.Glob(filepath.Join(r.mail, "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(letterText(raw, to), words) {
				return
			}
		}
	}
	t.Fatalf("no mail about %q came to %s", words, to)
}

// linkIn is the path of the link in a letter, empty when the letter is another one or half written.
func linkIn(raw []byte, to string) string {
	if found := pathInLetter.FindStringSubmatch(letterText(raw, to)); found != nil {
		return found[1]
	}
	return ""
}

// letterText is what a letter to the address says, empty when the letter is another one or half written.
func letterText(raw []byte, to string) string {
	head, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return ""
	}
	address, err := mail.ParseAddress(head.Header.Get("To"))
	if err != nil || address.Address != to {
		return ""
	}
	msg, err := gomail.EMLToMsgFromReader(bytes.NewReader(raw))
	if err != nil || len(msg.GetParts()) == 0 {
		return ""
	}
	text, err := msg.GetParts()[0].GetContent()
	if err != nil {
		return ""
	}
	return string(text)
}
