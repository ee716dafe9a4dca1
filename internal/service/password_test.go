package service

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"techmarket/internal/market"
)

// TestFewPasswordsAtATime: of many at once only a few are hashed, of one address one, and all get their turn.
func TestFewPasswordsAtATime(t *testing.T) {
	t.Parallel()
	h := newHasher(leastCost)
	h.turns, h.wait = make(chan struct{}, 2), time.Minute
	var all sync.WaitGroup
	var everybody atomic.Int32
	addresses := make([]atomic.Int32, 5)
	for i := range 50 {
		all.Go(func() {
			own := &addresses[i%len(addresses)]
			err := h.turn(t.Context(), fmt.Sprint("203.0.113.", i%len(addresses)), func() error {
				if n := everybody.Add(1); n > 2 {
					t.Errorf("%d at once", n)
				}
				if n := own.Add(1); n > 1 {
					t.Errorf("%d of one address at once", n)
				}
				runtime.Gosched()
				own.Add(-1)
				everybody.Add(-1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(h.lines) != 0 || len(h.turns) != 0 {
		t.Errorf("%d lines and %d turns are left over", len(h.lines), len(h.turns))
	}
}

// TestNobodyWaitsBehindAnAddress: while one address keeps its turn and has others waiting, another one is served.
func TestNobodyWaitsBehindAnAddress(t *testing.T) {
	t.Parallel()
	h := newHasher(leastCost)
	h.turns, h.wait = make(chan struct{}, 2), time.Minute
	held, done := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			err := h.turn(t.Context(), fmt.Sprintf("2001:db8::%d", i), func() error { // all of one network
				select {
				case <-held:
				default:
					close(held)
					<-done
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	<-held
	if good, err := h.fits(t.Context(), "203.0.113.1", "no such account", h.decoy); err != nil || !good {
		t.Errorf("somebody else: %v %v", good, err)
	}
	close(done)
	all.Wait()
}

func TestWhoWaitsTooLongIsTold(t *testing.T) {
	t.Parallel()
	h := newHasher(leastCost)
	h.turns, h.wait = make(chan struct{}, 1), time.Millisecond
	h.turns <- struct{}{}
	if _, err := h.hash(t.Context(), "", "x"); !market.IsKind(err, market.RateLimited) {
		t.Errorf("no turn: %v", err)
	}
	h.wait = time.Minute
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.fits(gone, "", "x", h.decoy); !errors.Is(err, context.Canceled) {
		t.Errorf("gone away: %v", err)
	}
	if len(h.lines) != 0 {
		t.Errorf("%d lines are left over", len(h.lines))
	}
}
