package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"techmarket/internal/market"
)

const (
	site   = "吉安科技大市场"
	home   = "https://market.example"
	secret = "GEHEIMNIS"
)

// letter is one that every kind of letter can be written from.
func letter(kind market.LetterKind) market.Letter {
	return market.Letter{Kind: kind, To: "wang@example.com", Name: "王五", By: "李四", Org: "永丰试验钙业有限公司", Role: "编辑", Note: "改用新密码",
		At: time.Date(2026, 11, 27, 6, 30, 0, 0, time.UTC)}
}

func TestEveryLetterHasWords(t *testing.T) {
	t.Parallel()
	for _, kind := range market.Letters {
		subject, text, err := render(words{Letter: letter(kind), Site: site, Home: home, URL: home + "/somewhere?t=" + secret})
		if err != nil {
			t.Error(err)
			continue
		}
		if subject == "" || strings.ContainsAny(subject, "\n{") {
			t.Errorf("%s: the subject is %q", kind, subject)
		}
		for _, want := range []string{"王五，您好", site, "\n" + home + "/somewhere?t=" + secret + "\n", "您收到这封邮件，是因为", "2026 年 11 月 27 日 14:30"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", kind, want, text)
			}
		}
		for line := range strings.SplitSeq(text, "\n") {
			if at := strings.Index(line, "http"); at >= 0 && !strings.HasPrefix(line[at:], home) {
				t.Errorf("%s leads elsewhere: %s", kind, line)
			}
		}
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "mail")
	o, err := Folder(site, home, folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Send(t.Context(), letter(market.LetterConfirm), "/confirm", secret); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(folder + "/*.eml")
	if err != nil || len(found) != 1 {
		t.Fatalf("files %v, %v", found, err)
	}
	info, err := os.Stat(found[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: the file holds a one-time link", info.Mode(), err)
	}
	raw, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if id := msg.Header.Get("Message-ID"); !strings.HasSuffix(id, "@localhost>") || host != "localhost" && strings.Contains(id, host) {
		t.Errorf("the message id is %q", id)
	}
}

func TestNamesAreNoHTML(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := page.Execute(&out, paragraphs("主题", "<b>王五</b>，您好：\n第二行\n\n"+home+"/confirm?t="+secret+"\n\n再见")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"&lt;b&gt;王五", "您好：<br>第二行", `<a href="` + home + "/confirm?t=" + secret + `">`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, out.String())
		}
	}
}

// post is a mail server of one test.
type post struct {
	mu       sync.Mutex
	received []string // the messages
	from     string
	answer   *smtp.SMTPError // to the recipient, nil takes it
	user     string
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &postSession{p}, nil }

type postSession struct{ *post }

func (s *postSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *postSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "geheim" {
			return smtp.ErrAuthFailed
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.user = user
		return nil
	}), nil
}

func (s *postSession) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from = from
	return nil
}

func (s *postSession) Rcpt(string, *smtp.RcptOptions) error {
	if s.answer != nil {
		return s.answer
	}
	return nil
}

func (s *postSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = append(s.received, string(body))
	return err
}

func (s *postSession) Reset()        {}
func (s *postSession) Logout() error { return nil }

// serve starts the server on a free port, with TLS from the start when config is given, and returns its address.
func (p *post) serve(t *testing.T, config *tls.Config) string {
	t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		listen = tls.NewListener(listen, config)
	}
	server := smtp.NewServer(p)
	server.Domain, server.AllowInsecureAuth = "mail.test", true
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listen) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return listen.Addr().String()
}

func office(t *testing.T, server string, roots *tls.Config) *Office {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	o, err := SMTP(site, home, u, mail.Address{Name: site, Address: "market@example.gov.cn"}, roots)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestSMTPOnThisMachine(t *testing.T) {
	t.Parallel()
	p := &post{}
	o := office(t, "smtp://"+p.serve(t, nil), nil)
	if err := o.Send(t.Context(), letter(market.LetterReset), "/reset/password", secret); err != nil {
		t.Fatal(err)
	}
	if len(p.received) != 1 || p.from != "market@example.gov.cn" {
		t.Fatalf("%d messages from %s", len(p.received), p.from)
	}
	for _, want := range []string{"multipart/alternative", "Auto-Submitted: auto-generated", "To: <wang@example.com>", "text/plain", "text/html"} {
		if !strings.Contains(p.received[0], want) {
			t.Errorf("the message lacks %q:\n%s", want, p.received[0])
		}
	}
}

func TestSMTPRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer *smtp.SMTPError
		final  bool
	}{
		{&smtp.SMTPError{Code: 550, Message: "no such mailbox wang@example.com"}, true},
		{&smtp.SMTPError{Code: 451, Message: "wang@example.com: try again later"}, false},
	} {
		p := &post{answer: c.answer}
		err := office(t, "smtp://"+p.serve(t, nil), nil).Send(t.Context(), letter(market.LetterReset), "/reset/password", secret)
		if err == nil || errors.Is(err, ErrRefused) != c.final {
			t.Errorf("code %d: %v", c.answer.Code, err)
		}
		if err != nil && (strings.Contains(err.Error(), "wang") || strings.Contains(err.Error(), secret)) {
			t.Errorf("the error tells too much: %v", err)
		}
	}
	gone := office(t, "smtp://127.0.0.1:1", nil)
	if err := gone.Send(t.Context(), letter(market.LetterReset), "/reset/password", secret); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("no server: %v", err)
	}
}

// TestSMTPS hands in over TLS with a password, and refuses a server whose certificate it cannot check.
func TestSMTPS(t *testing.T) {
	t.Parallel()
	web := httptest.NewUnstartedServer(nil) // for its certificate
	web.StartTLS()
	defer web.Close()
	p := &post{}
	at := p.serve(t, &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12})
	known := x509.NewCertPool()
	known.AddCert(web.Certificate())
	roots := &tls.Config{RootCAs: known, ServerName: "example.com", MinVersion: tls.VersionTLS12}
	if err := office(t, "smtps://post:geheim@"+at, roots).Send(t.Context(), letter(market.LetterReset), "/reset/password", secret); err != nil {
		t.Fatal(err)
	}
	if p.user != "post" || len(p.received) != 1 {
		t.Errorf("user %q, %d messages", p.user, len(p.received))
	}
	for name, o := range map[string]*Office{
		"an unknown certificate": office(t, "smtps://post:geheim@"+at, nil), "a wrong password": office(t, "smtps://post:falsch@"+at, roots),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if err := o.Send(ctx, letter(market.LetterReset), "/reset/password", secret); err == nil || errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "falsch") {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}
