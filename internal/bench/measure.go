package bench

import (
	"context"
	"fmt"
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

// warmUp says that one question in so many is asked once before any is timed.
const warmUp = 5

// Measure asks every way the same questions, all ways one question after the other, so that what else the machine does
// meanwhile is the same for all.
func Measure(ctx context.Context, ways []Way, questions int) ([]Timing, error) {
	took := make([][]time.Duration, len(ways))
	for q := -questions / warmUp; q < questions; q++ {
		for i, way := range ways {
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
