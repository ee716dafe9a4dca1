// Package config reads the market's settings from the environment, once, at start.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
)

// Config is the validated configuration.
type Config struct {
	Addr           string         // MARKET_ADDR: where to listen
	Data           string         // MARKET_DATA: folder for indexes and, in `market dev`, the database; absolute
	DSN            string         // MARKET_DSN: PostgreSQL, as the application's role; empty only in `market dev`
	OwnerDSN       string         // MARKET_OWNER_DSN: the same database for `market migrate`, as its owner
	AppPassword    string         // MARKET_APP_PASSWORD: what `market migrate` makes the application role's password
	URL            string         // MARKET_URL: the address people use, without a final slash
	TrustedProxies []netip.Prefix // MARKET_TRUSTED_PROXIES: whose X-Forwarded-For is believed
	Secure         bool           // MARKET_URL is https: cookies are Secure and HSTS is sent
	SMTP           *url.URL       // SMTP_URL: where mail is handed in; nil writes it into MailFolder
	MailFrom       mail.Address   // SMTP_FROM: the sender of mail
	MeiliURL       string         // MEILI_URL: the search server; empty searches in an index of this process
	MeiliKey       string         // MEILI_KEY: the key to our indexes on it
}

// Read reads the configuration through getenv (os.Getenv outside tests). needDSN is false for `market dev`, which
// brings its own database. The error names every bad value.
func Read(getenv func(string) string, needDSN bool) (Config, error) {
	c := Config{
		Addr: orDefault(getenv("MARKET_ADDR"), "127.0.0.1:8080"),
		DSN:  getenv("MARKET_DSN"), OwnerDSN: getenv("MARKET_OWNER_DSN"), AppPassword: getenv("MARKET_APP_PASSWORD"),
	}
	var problems []error
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		problems = append(problems, fmt.Errorf("MARKET_ADDR %q is not host:port", c.Addr))
	}
	data, err := filepath.Abs(orDefault(getenv("MARKET_DATA"), "var"))
	if err != nil {
		problems = append(problems, fmt.Errorf("MARKET_DATA: %w", err))
	}
	c.Data = data
	if c.DSN == "" && needDSN {
		problems = append(problems, errors.New("MARKET_DSN is not set: name the PostgreSQL database"))
	}
	c.URL = strings.TrimRight(orDefault(getenv("MARKET_URL"), "http://"+c.Addr), "/")
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		problems = append(problems, fmt.Errorf("MARKET_URL %q is not an http or https address", c.URL))
	}
	c.Secure = strings.HasPrefix(c.URL, "https://")
	problems = append(problems, c.readMeili(getenv("MEILI_URL"), getenv("MEILI_KEY"))...)
	problems = append(problems, c.readMail(getenv("SMTP_URL"), getenv("SMTP_FROM"))...)
	for _, s := range strings.FieldsFunc(getenv("MARKET_TRUSTED_PROXIES"), func(r rune) bool { return r == ',' || r == ' ' }) {
		prefix, err := netip.ParsePrefix(s)
		if err != nil {
			problems = append(problems, fmt.Errorf("MARKET_TRUSTED_PROXIES: %q is not an address range such as 10.0.0.0/8", s))
			continue
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix)
	}
	return c, errors.Join(problems...)
}

// MailFolder is where mail is written when there is no server for it.
func (c Config) MailFolder() string { return filepath.Join(c.Data, "mail") }

// readMeili checks the settings of the search server.
func (c *Config) readMeili(server, key string) (problems []error) {
	if server == "" {
		return nil
	}
	if u, err := url.Parse(server); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		problems = append(problems, errors.New("MEILI_URL is not an http or https address"))
	}
	if key == "" {
		problems = append(problems, errors.New("MEILI_KEY is not set: MEILI_URL needs the key that `market searchkey` makes"))
	}
	c.MeiliURL, c.MeiliKey = strings.TrimRight(server, "/"), key
	return problems
}

// readMail checks the settings of mail. SMTP_URL holds a password and is not repeated.
func (c *Config) readMail(server, from string) (problems []error) {
	if server == "" {
		return nil
	}
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		problems = append(problems, errors.New("SMTP_URL is not an address such as smtps://user:password@mail.example.cn:465"))
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		problems = append(problems, fmt.Errorf("SMTP_FROM %q is not an address such as market@example.gov.cn: SMTP_URL needs a sender", from))
		return problems
	}
	c.SMTP, c.MailFrom = u, *sender
	return problems
}

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
