package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"techmarket/internal/devdb"
	"techmarket/internal/devdb/dbtest"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// userRun runs `market user` with those settings and returns what it prints.
func userRun(t *testing.T, env map[string]string, in string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	p := program{in: strings.NewReader(in), out: &out, getenv: func(key string) string { return env[key] }, log: slog.New(slog.DiscardHandler)}
	err := run(t.Context(), p, append([]string{"user"}, args...))
	return out.String(), err
}

func TestUserCommand(t *testing.T) {
	t.Parallel()
	dsn := dbtest.New(t)
	env := map[string]string{"MARKET_DSN": dsn}
	out, err := userRun(t, env, "清明时节雨纷纷又是春\r\nsecond line\n", "add", "Hu@Example.com", "--duty", "reviewer", "胡志远", "--password-stdin", "--duty=registrar")
	if err != nil || strings.Contains(out, "password") {
		t.Fatalf("add: %q, %v", out, err)
	}
	if out, err = userRun(t, env, "", "add", "kang@example.com", "康立新"); err != nil || !strings.Contains(out, "password: ") {
		t.Fatalf("add with a made password: %q, %v", out, err)
	}
	_, made, _ := strings.Cut(strings.TrimSpace(out), "password: ")
	if _, err := userRun(t, env, "", "duty", "KANG@example.com", "admin"); err != nil {
		t.Errorf("duty: %v", err)
	}
	token, err := userRun(t, env, "", "token", "hu@example.com")
	if err != nil || !strings.HasPrefix(token, "jakj_") {
		t.Errorf("token: %q, %v", token, err)
	}
	list, err := userRun(t, env, "", "list")
	for _, want := range []string{"hu@example.com", "registrar,reviewer", "胡志远", "kang@example.com", "admin"} {
		if err != nil || !strings.Contains(list, want) {
			t.Errorf("list has no %s: %s, %v", want, list, err)
		}
	}

	p := program{out: io.Discard, getenv: os.Getenv, log: slog.New(slog.DiscardHandler)}
	err = withService(t.Context(), p, dsn, func(st *store.Store, svc *service.Service) error {
		for email, password := range map[string]string{"hu@example.com": "清明时节雨纷纷又是春", "kang@example.com": made} {
			if _, err := svc.Login(t.Context(), market.Actor{Via: market.ViaWeb}, email, password); err != nil {
				t.Errorf("sign-in of %s: %v", email, err)
			}
		}
		id, err := st.UserOfToken(t.Context(), service.TokenHash(strings.TrimSpace(token)), svc.Today())
		if err != nil {
			return err
		}
		a, err := st.Actor(t.Context(), id, 0)
		if err == nil && !a.Has(market.Reviewer) {
			t.Errorf("the token is of %+v", a)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}

	if out, err := userRun(t, env, "", "password", "kang@example.com"); err != nil || !strings.HasPrefix(out, "password: ") || strings.Contains(out, made) {
		t.Errorf("a new password: %q, %v", out, err)
	}

	for _, args := range [][]string{
		{"password"}, {"password", "nobody@example.com"}, {"second", "hu@example.com"}, {"code", "hu@example.com"}, {"second"}, {"code"},
		nil, {"nonsense"}, {"add"}, {"add", "a@example.com"}, {"add", "a@example.com", "甲", "乙"}, {"add", "a@example.com", "甲", "--duty", "king"},
		{"add", "a@example.com", "甲", "--nonsense"}, {"add", "hu@example.com", "又一个"}, {"duty", "hu@example.com"}, {"duty", "hu@example.com", "king"},
		{"duty", "nobody@example.com", "reviewer"}, {"duty", "kang@example.com", "auditor"}, {"token"}, {"token", "nobody@example.com"}, {"list", "all"},
	} {
		if out, err := userRun(t, env, "", args...); err == nil {
			t.Errorf("market user %v: accepted: %s", args, out)
		}
	}
	if _, err := userRun(t, env, "short\n", "add", "b@example.com", "乙", "--password-stdin"); !market.IsKind(err, market.Invalid) {
		t.Errorf("a short password: %v", err)
	}
}

func TestUserCommandOnPrivateDatabase(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	env := map[string]string{"MARKET_DATA": data}
	if _, err := userRun(t, env, "", "add", "hu@example.com", "胡志远"); err != nil {
		t.Fatalf("while no market runs: %v", err)
	}
	db, err := devdb.Start(t.Context(), filepath.Join(data, "db"), devdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if list, err := userRun(t, env, "", "list"); err != nil || !strings.Contains(list, "hu@example.com") {
		t.Errorf("while the database runs: %q, %v", list, err)
	}
}
