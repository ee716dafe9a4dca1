package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Way is one way to answer a question, of which Ask carries out the i-th. Ways of one table are asked the same. Before, which
// may be nil, comes ahead of each question and is not timed.
type Way struct {
	Name   string
	Ask    func(ctx context.Context, i int) error
	Before func(ctx context.Context) error
}

// Timing is how long a way took.
type Timing struct {
	Way      string
	P50, P95 time.Duration
}

// warmUp says that one question in so many is asked once before any is timed.
const warmUp = 5

// Measure asks every way the same questions, all ways one question after the other, so that what else the machine does
// meanwhile is the same for all.
func Measure(ctx context.Context, ways []Way, questions int) ([]Timing, error) {
	took := make([][]time.Duration, len(ways))
	for q := -questions / warmUp; q < questions; q++ {
		for i, way := range ways {
			if way.Before != nil {
				if err := way.Before(ctx); err != nil {
					return nil, fmt.Errorf("%s: %w", way.Name, err)
				}
			}
			start := time.Now()
			if err := way.Ask(ctx, max(q, -q)); err != nil {
				return nil, fmt.Errorf("%s: %w", way.Name, err)
			}
			if q >= 0 {
				took[i] = append(took[i], time.Since(start))
			}
		}
	}
	timings := make([]Timing, len(ways))
	for i, way := range ways {
		slices.Sort(took[i])
		timings[i] = Timing{way.Name, took[i][questions/2], took[i][questions*95/100]}
	}
	return timings, nil
}

// FolderSize is the size of all files below a folder.
func FolderSize(dir string) (int64, error) {
	var size int64
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			size += info.Size()
		}
		return err
	})
	return size, err
}

// Memory watches how much memory this process takes; Linux only.
type Memory struct {
	stop chan struct{}
	done chan struct{}
	peak atomic.Int64
}

const memoryPause = 50 * time.Millisecond

// WatchMemory looks again and again until Stop.
func WatchMemory() *Memory {
	m := &Memory{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(m.done)
		pause := time.NewTicker(memoryPause)
		defer pause.Stop()
		for {
			if now, err := OwnMemory(); err == nil && now > m.peak.Load() {
				m.peak.Store(now)
			}
			select {
			case <-m.stop:
				return
			case <-pause.C:
			}
		}
	}()
	return m
}

// Peak is the most that was seen since the last call. Files that are mapped into memory are not counted: the system
// takes them back when it needs the room.
func (m *Memory) Peak() int64 { return m.peak.Swap(0) }

// Stop ends the watch.
func (m *Memory) Stop() {
	close(m.stop)
	<-m.done
}

// OwnMemory is what this process holds in memory now, without mapped files.
func OwnMemory() (int64, error) { return memory("RssAnon:") }

// PeakMemory is the most memory that this process has held so far, with the mapped files that were in memory.
func PeakMemory() (int64, error) { return memory("VmHWM:") }

func memory(name string) (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if figure, found := strings.CutPrefix(line, name); found {
			kilobytes, err := strconv.ParseInt(strings.Fields(figure)[0], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("no %s in /proc/self/status", name)
}
