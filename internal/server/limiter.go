package server

import (
	"fmt"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"techmarket/internal/market"
)

// limit is how often something may be done: burst times at once, and once more every so often.
type limit struct {
	act   string
	every time.Duration
	burst int
}

// How often one address may do what costs the machine dear, or lets somebody guess. A school, a park or a whole office sits
// behind one address: a class of fifty that signs in, registers or searches when the lesson begins must not notice, nor two
// thousand people who sign in within a quarter of an hour. One client that tries two hundred times a second is held to two
// guesses a second all the same, and an account is locked after five.
var (
	loginLimit    = limit{"login", 500 * time.Millisecond, 100}
	registerLimit = limit{"register", 5 * time.Second, 60}
	resetLimit    = limit{"reset", 5 * time.Second, 60} // each mailbox has a limit of its own besides
	searchLimit   = limit{"search", 5 * time.Millisecond, 400}
	suggestLimit  = limit{"suggest", 5 * time.Millisecond, 400}
	exportLimit   = limit{"export", 2 * time.Second, 60}

	paperCheckLimit = limit{"paper check", 2 * time.Second, 60}
)

// How often one person may, wherever they are.
var (
	passwordLimit = limit{"password", 3 * time.Minute, 5} // knows the account's own password
	secondLimit   = limit{"second", 20 * time.Second, 10}
	ownDataLimit  = limit{"own data", 10 * time.Minute, 5}
	memberLimit   = limit{"member", time.Minute, 10} // sends a mail to any address
	listLimit     = limit{"list", time.Minute, 10}   // a whole list as a file
	uploadLimit   = limit{"upload", 10 * time.Second, 20}
	markLimit     = limit{"mark", 5 * time.Second, 20}
	paperLimit    = limit{"paper", 2 * time.Second, 30}
	findLimit     = limit{"find", 100 * time.Millisecond, 60}
)

// slowAddress takes one try of the limit for the address that asks. It returns a RateLimited error when there is none left.
func (s *Server) slowAddress(c echo.Context, l limit) error {
	return s.limits.allow(l.act+" "+market.Network(c.RealIP()), l.every, l.burst)
}

// slowPerson takes one try of the limit for the person who asks.
func (s *Server) slowPerson(a market.Actor, l limit) error {
	return s.limits.allow(fmt.Sprintf("%s %d", l.act, a.UserID), l.every, l.burst)
}

// limiter slows down callers by key, such as an address. It is kept in memory: each replica counts its own.
type limiter struct {
	now   func() time.Time
	mu    sync.Mutex
	byKey map[string]*limited
	swept time.Time
}

type limited struct {
	*rate.Limiter
	used time.Time
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, byKey: map[string]*limited{}, swept: now()}
}

// What is remembered: a key for so long after its last use, and so many keys. Whoever has that many addresses is not held
// by a limit for each, so that all may start anew.
const (
	limiterIdle = 10 * time.Minute
	limiterKeys = 100_000
)

// allow takes one try of the key, which has burst tries and gets a new one every interval. It returns a RateLimited
// error when there is none left.
func (l *limiter) allow(key string, every time.Duration, burst int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Sub(l.swept) > limiterIdle {
		for k, v := range l.byKey {
			if now.Sub(v.used) > limiterIdle {
				delete(l.byKey, k)
			}
		}
		l.swept = now
	}
	entry := l.byKey[key]
	if entry == nil {
		if len(l.byKey) >= limiterKeys {
			clear(l.byKey)
		}
		entry = &limited{Limiter: rate.NewLimiter(rate.Every(every), burst)}
		l.byKey[key] = entry
	}
	entry.used = now
	if !entry.AllowN(now, 1) {
		return market.Errorf(market.RateLimited, "操作太频繁，请过一会儿再试")
	}
	return nil
}
