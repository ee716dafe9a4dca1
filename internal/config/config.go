// Package config reads the market's settings from the environment, once, at start.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
)

// Config is the validated configuration.
type Config struct {
	Addr           string         // MARKET_ADDR: where to listen
	Data           string         // MARKET_DATA: folder for indexes and, in `market dev`, the database; absolute
	DSN            string         // MARKET_DSN: PostgreSQL; empty only in `market dev`
	URL            string         // MARKET_URL: the address people use, without a final slash
	TrustedProxies []netip.Prefix // MARKET_TRUSTED_PROXIES: whose X-Forwarded-For is believed
	Secure         bool           // MARKET_URL is https: cookies are Secure and HSTS is sent
}

// Read reads the configuration through getenv (os.Getenv outside tests). needDSN is false for `market dev`, which
// brings its own database. The error names every bad value.
func Read(getenv func(string) string, needDSN bool) (Config, error) {
	c := Config{
		Addr: orDefault(getenv("MARKET_ADDR"), "127.0.0.1:8080"),
		DSN:  getenv("MARKET_DSN"),
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

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
