package service

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"techmarket/internal/market"
)

// passwordCost keeps a sign-in near 50 ms of one core and 19 MiB, the least that OWASP recommends for argon2id.
var passwordCost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// leastCost is the least that argon2id takes.
var leastCost = &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HashCheaply is for tests, which make many accounts: passwords are no longer made dear to guess.
func (s *Service) HashCheaply() { s.passwords = newHasher(leastCost) }

// hashWait is how long somebody waits for their turn before they are asked to come back.
const hashWait = 20 * time.Second

// hasher hashes and compares passwords, a few at a time and on half of the cores: what makes a hash dear to guess would
// otherwise let a stream of sign-ins take the machine for itself. Of one address there is one at a time, so that many tries
// from there wait for each other and not before everybody else's.
type hasher struct {
	cost  *argon2id.Params
	decoy string // is compared against when there is no such account, so that the answer takes as long
	turns chan struct{}
	wait  time.Duration
	mu    sync.Mutex
	lines map[string]*line
}

// line is where the tries of one address stand.
type line struct {
	turn   chan struct{}
	length int
}

func newHasher(cost *argon2id.Params) *hasher {
	decoy, err := argon2id.CreateHash("no such account", cost)
	if err != nil {
		panic(err) // only when the system has no randomness
	}
	return &hasher{cost: cost, decoy: decoy, turns: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), wait: hashWait, lines: map[string]*line{}}
}

// turn runs fn when it is the address's turn. Who waits too long gets a RateLimited error.
func (h *hasher) turn(ctx context.Context, address string, fn func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, h.wait, market.Errorf(market.RateLimited, "现在登录的人很多，请过一分钟再试"))
	defer cancel()
	address = market.Network(address)
	own := h.join(address)
	defer h.leave(address)
	for _, turn := range []chan struct{}{own.turn, h.turns} {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return fn()
}

func (h *hasher) join(address string) *line {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.lines[address]
	if l == nil {
		l = &line{turn: make(chan struct{}, 1)}
		h.lines[address] = l
	}
	l.length++
	return l
}

func (h *hasher) leave(address string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.lines[address]
	if l.length--; l.length == 0 {
		delete(h.lines, address)
	}
}

func (h *hasher) hash(ctx context.Context, address, password string) (hash string, err error) {
	err = h.turn(ctx, address, func() error {
		hash, err = argon2id.CreateHash(password, h.cost)
		return err
	})
	return hash, err
}

// fits reports whether the password is the one of the hash.
func (h *hasher) fits(ctx context.Context, address, password, hash string) (good bool, err error) {
	err = h.turn(ctx, address, func() error {
		good, err = argon2id.ComparePasswordAndHash(password, hash)
		return err
	})
	return good, err
}
