package worker

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"techmarket/internal/mail"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/worldtest"
	"techmarket/search/embedded"
)

// office writes the letters of a test into a folder that nobody looks at.
func office(t *testing.T) *mail.Office {
	t.Helper()
	return officeIn(t, t.TempDir())
}

func officeIn(t *testing.T, folder string) *mail.Office {
	t.Helper()
	o, err := mail.Folder("吉安科技大市场", "https://market.example", folder)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

var secretInLetter = regexp.MustCompile(`https://market\.example/confirm\?t=(\S+)`)

// TestLettersAreSent registers somebody, waits for the mail, and follows its link. The secret is in the mail and nowhere
// else.
func TestLettersAreSent(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t, 2026, 11, 23)
	folder := t.TempDir()
	engine, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	background, err := Start(t.Context(), Options{Store: w.Store, Service: w.Service, Search: engine, Mail: officeIn(t, folder), DSN: w.DSN, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := background.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	id, err := w.Service.Register(t.Context(), market.Actor{Via: market.ViaWeb}, service.Registration{Email: "wang@example.com", Name: "王五", Password: worldtest.Password, Agreed: true})
	if err != nil {
		t.Fatal(err)
	}
	secret := ""
	for ends := time.Now().Add(30 * time.Second); secret == ""; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(ends) {
			t.Fatal("no letter came")
		}
		if found := secretInLetter.FindStringSubmatch(letterText(t, folder)); found != nil {
			secret = found[1]
		}
	}
	if a, err := w.Store.Actor(t.Context(), id, 0); err != nil || !a.EmailPending {
		t.Errorf("before the link: %+v, %v", a, err)
	}
	var stored int
	if err := w.Store.DB().QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM river_job j WHERE position($1 IN j::text) > 0) +
		(SELECT count(*) FROM links l WHERE position($1 IN l::text) > 0) + (SELECT count(*) FROM audit_entries e WHERE position($1 IN e::text) > 0)`, secret).Scan(&stored); err != nil || stored != 0 {
		t.Errorf("the secret stands in %d rows, %v", stored, err)
	}
	if err := w.Service.ConfirmEmail(t.Context(), market.Actor{}, secret+"x"); !market.IsKind(err, market.NotFound) {
		t.Errorf("a wrong secret: %v", err)
	}
	if err := w.Service.ConfirmEmail(t.Context(), market.Actor{Via: market.ViaWeb}, secret); err != nil {
		t.Fatal(err)
	}
	if a, err := w.Store.Actor(t.Context(), id, 0); err != nil || a.EmailPending {
		t.Errorf("after the link: %+v, %v", a, err)
	}
	if err := w.Service.ConfirmEmail(t.Context(), market.Actor{Via: market.ViaWeb}, secret); !market.IsKind(err, market.NotFound) {
		t.Errorf("the link again: %v", err)
	}
}

// letterText is the text of all letters in the folder.
func letterText(t *testing.T, folder string) string {
	t.Helper()
	names, err := filepath.Glob(folder + "/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		msg, err := gomail.EMLToMsgFromReader(f)
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err != nil {
			continue // half written
		}
		for _, part := range msg.GetParts() {
			text, err := part.GetContent()
			if err != nil {
				t.Fatal(err)
			}
			out.Write(text)
		}
	}
	return out.String()
}
