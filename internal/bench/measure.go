package bench

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Way is one way to answer a question, of which Ask carries out the i-th. Ways of one table are asked the same.
type Way struct {
	Name string
	Ask  func(ctx context.Context, i int) error
}

// Timing is how long a way took.
type Timing struct {
	Way      string
	P50, P95 time.Duration
}

// warmUp is the share of questions that are asked before any is timed.
const warmUp = 5

// Measure asks every way the same questions, one after another.
func Measure(ctx context.Context, ways []Way, questions int) ([]Timing, error) {
	timings := make([]Timing, len(ways))
	for i, way := range ways {
		for q := range questions / warmUp {
			if err := way.Ask(ctx, q); err != nil {
				return nil, fmt.Errorf("%s: %w", way.Name, err)
			}
		}
		took := make([]time.Duration, questions)
		for q := range questions {
			start := time.Now()
			if err := way.Ask(ctx, q); err != nil {
				return nil, fmt.Errorf("%s: %w", way.Name, err)
			}
			took[q] = time.Since(start)
		}
		slices.Sort(took)
		timings[i] = Timing{way.Name, took[questions/2], took[min(questions-1, int(math.Ceil(.95*float64(questions))))]}
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

// PeakMemory is the most memory that this process has held so far; Linux only.
func PeakMemory() (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if figure, found := strings.CutPrefix(line, "VmHWM:"); found {
			kilobytes, err := strconv.ParseInt(strings.Fields(figure)[0], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("no peak memory in /proc/self/status")
}
