// Package mail writes the market's letters and hands them in: to a mail server by SMTP, or as files into a folder where
// there is no server.
package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	gomail "github.com/wneessen/go-mail"

	"techmarket/internal/market"
)

// ErrRefused says that the server will never take mail for the address: trying again is of no use.
var ErrRefused = errors.New("the address takes no mail")

//go:embed letters
var files embed.FS

var (
	texts = template.Must(template.New("").Funcs(template.FuncMap{"moment": moment}).ParseFS(files, "letters/*.txt"))
	page  = htmltemplate.Must(htmltemplate.ParseFS(files, "letters/page.html"))
)

// moment writes a time as letters say it.
func moment(t time.Time) string { return t.In(market.Shanghai).Format("2006 年 1 月 2 日 15:04") }

// Office sends letters in the market's name.
type Office struct {
	site string       // the market's name
	url  string       // the address people use, without a final slash
	from mail.Address // the sender
	send func(context.Context, *gomail.Msg) error
}

// words is what the text of a letter is made with.
type words struct {
	market.Letter
	Site string
	Home string
	URL  string // where the letter leads, absolute
}

// Send writes the letter and hands it in. secret is that of its one-time link, empty when it has none. ErrRefused means
// that the address takes no mail; after any other error it may be tried again. Errors hold no address and no secret.
func (o *Office) Send(ctx context.Context, l market.Letter, path, secret string) error {
	msg, err := o.write(l, path, secret)
	if err != nil {
		return err
	}
	return o.send(ctx, msg)
}

func (o *Office) write(l market.Letter, path, secret string) (*gomail.Msg, error) {
	w := words{Letter: l, Site: o.site, Home: o.url, URL: o.url + path}
	if secret != "" {
		w.URL += "?t=" + secret
	}
	subject, text, err := render(w)
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := page.Execute(&html, paragraphs(subject, text)); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg()
	msg.FromMailAddress(&o.from)
	if err := msg.To(l.To); err != nil {
		return nil, fmt.Errorf("%w: not an address", ErrRefused)
	}
	_, domain, _ := strings.Cut(o.from.Address, "@")
	msg.SetMessageIDWithValue(rand.Text() + "@" + domain) // the library would name this machine
	msg.SetDate()
	msg.Subject(subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no out-of-office answers
	msg.SetBodyString(gomail.TypeTextPlain, text)
	msg.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return msg, nil
}

// render makes the subject and the text of a letter. The first line of its file is the subject.
func render(w words) (subject, text string, err error) {
	var out strings.Builder
	if err := texts.ExecuteTemplate(&out, string(w.Kind)+".txt", w); err != nil {
		return "", "", fmt.Errorf("write the letter %s: %w", w.Kind, err)
	}
	subject, text, _ = strings.Cut(out.String(), "\n")
	var foot strings.Builder
	if err := texts.ExecuteTemplate(&foot, "foot.txt", w); err != nil {
		return "", "", fmt.Errorf("write the foot of a letter: %w", err)
	}
	return strings.TrimSpace(subject), strings.TrimSpace(text) + "\n\n" + foot.String(), nil
}

// htmlPage is a letter for readers that show HTML: the same paragraphs, addresses as links.
type htmlPage struct {
	Subject string
	Parts   []htmlPart
}

type htmlPart struct {
	Lines []string
	Link  string // the paragraph is an address
}

func paragraphs(subject, text string) htmlPage {
	p := htmlPage{Subject: subject}
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(part, "http") && !strings.ContainsAny(part, " \n") {
			p.Parts = append(p.Parts, htmlPart{Link: part})
			continue
		}
		p.Parts = append(p.Parts, htmlPart{Lines: strings.Split(part, "\n")})
	}
	return p
}

// Folder is an office that writes each letter as a file of its own into the folder, for development and for places
// without a mail server. Letters may hold one-time links: only the owner of the folder can read them.
func Folder(site, url, folder string) (*Office, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	o := &Office{site: site, url: url, from: mail.Address{Name: site, Address: "market@localhost"}}
	o.send = func(_ context.Context, msg *gomail.Msg) error {
		var out bytes.Buffer
		if _, err := msg.WriteTo(&out); err != nil {
			return err
		}
		name := time.Now().UTC().Format("20060102T150405.000000000") + ".eml"
		return os.WriteFile(filepath.Join(folder, name), out.Bytes(), 0o600)
	}
	return o, nil
}
