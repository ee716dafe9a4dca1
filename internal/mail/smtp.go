package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// smtpTime is how long handing in one letter may take.
const smtpTime = 30 * time.Second

// SMTP is an office that hands letters in at server: smtps://user:password@host:465, which speaks TLS from the start, or
// smtp://host:587, which must offer STARTTLS unless it is on this machine. roots is nil outside tests.
func SMTP(site, home string, server *url.URL, from mail.Address, roots *tls.Config) (*Office, error) {
	client, err := smtpClient(home, server, roots)
	if err != nil {
		return nil, err
	}
	return &Office{site: site, url: home, from: from, send: func(ctx context.Context, msg *gomail.Msg) error {
		return sendError(client.DialAndSendWithContext(ctx, msg))
	}}, nil
}

func smtpClient(home string, server *url.URL, roots *tls.Config) (*gomail.Client, error) {
	policy, port := gomail.TLSMandatory, "587"
	if isLoopback(server.Hostname()) {
		policy = gomail.TLSOpportunistic
	}
	options := []gomail.Option{gomail.WithTimeout(smtpTime), gomail.WithTLSPolicy(policy)}
	if server.Scheme == "smtps" {
		port = "465"
		options = append(options, gomail.WithSSL())
	}
	number, err := strconv.Atoi(cmp.Or(server.Port(), port))
	if err != nil {
		return nil, err
	}
	options = append(options, gomail.WithPort(number))
	if u, err := url.Parse(home); err == nil && u.Hostname() != "" {
		options = append(options, gomail.WithHELO(u.Hostname()))
	}
	if roots != nil {
		options = append(options, gomail.WithTLSConfig(roots))
	}
	if server.User != nil {
		password, _ := server.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(server.User.Username()), gomail.WithPassword(password))
	}
	return gomail.NewClient(server.Hostname(), options...)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// sendError tells refusal for good from trouble that may pass, and leaves the address out: errors are logged.
func sendError(err error) error {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return err
	}
	if failed.Reason == gomail.ErrSMTPRcptTo && failed.ErrorCode() >= 500 {
		return fmt.Errorf("%w: code %d", ErrRefused, failed.ErrorCode())
	}
	return fmt.Errorf("hand in a letter: %s, code %d", failed.Reason, failed.ErrorCode())
}
