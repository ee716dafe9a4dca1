package config

import (
	"strings"
	"testing"
)

func env(values map[string]string) func(string) string {
	return func(key string) string { return values[key] }
}

func TestReadDefaults(t *testing.T) {
	t.Parallel()
	c, err := Read(env(nil), false)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || c.URL != "http://127.0.0.1:8080" || c.Secure || !strings.HasSuffix(c.Data, "/var") {
		t.Errorf("defaults: %+v", c)
	}
}

func TestReadNamesEveryBadValue(t *testing.T) {
	t.Parallel()
	_, err := Read(env(map[string]string{"MARKET_ADDR": "8080", "MARKET_URL": "market.example", "MARKET_TRUSTED_PROXIES": "10.0.0.1",
		"SMTP_URL": "https://user:geheim@mail.example", "SMTP_FROM": "nobody", "MEILI_URL": "search:7700"}), true)
	if err == nil {
		t.Fatal("bad values were accepted")
	}
	for _, name := range []string{"MARKET_ADDR", "MARKET_URL", "MARKET_TRUSTED_PROXIES", "MARKET_DSN", "SMTP_URL", "SMTP_FROM", "MEILI_URL", "MEILI_KEY"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %q", name, err)
		}
	}
}

func TestReadMail(t *testing.T) {
	t.Parallel()
	c, err := Read(env(map[string]string{"SMTP_URL": "smtps://user:geheim@mail.example:465", "SMTP_FROM": "科技大市场 <market@example.gov.cn>"}), false)
	if err != nil || c.SMTP.Hostname() != "mail.example" || c.MailFrom.Address != "market@example.gov.cn" {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := Read(env(map[string]string{"SMTP_URL": "smtps://user:geheim@mail.example:a", "SMTP_FROM": ""}), false); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("a bad address tells its password: %v", err)
	}
}

func TestReadSearchServer(t *testing.T) {
	t.Parallel()
	c, err := Read(env(map[string]string{"MEILI_URL": "http://search:7700/", "MEILI_KEY": "k"}), false)
	if err != nil || c.MeiliURL != "http://search:7700" || c.MeiliKey != "k" {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestReadProxies(t *testing.T) {
	t.Parallel()
	c, err := Read(env(map[string]string{"MARKET_URL": "https://market.example/", "MARKET_TRUSTED_PROXIES": "10.0.0.0/8, ::1/128"}), false)
	if err != nil || len(c.TrustedProxies) != 2 || !c.Secure || c.URL != "https://market.example" {
		t.Errorf("got %+v, %v", c, err)
	}
}
