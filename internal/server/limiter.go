package server

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"techmarket/internal/market"
)

// How often one address may search. A whole office may share an address, so the limit is far above what people do: it
// only keeps one client from taking the machine for itself.
const (
	searchEvery  = 5 * time.Millisecond
	searchBurst  = 400
	suggestEvery = 5 * time.Millisecond
	suggestBurst = 400
)

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

// limiterIdle is how long a key is remembered after its last use.
const limiterIdle = 10 * time.Minute

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
		entry = &limited{Limiter: rate.NewLimiter(rate.Every(every), burst)}
		l.byKey[key] = entry
	}
	entry.used = now
	if !entry.AllowN(now, 1) {
		return market.Errorf(market.RateLimited, "操作太频繁，请过一会儿再试")
	}
	return nil
}
