package devdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The ways a postmaster is told to stop; both end all sessions at once.
const (
	fastShutdown      = syscall.SIGINT  // with a checkpoint
	immediateShutdown = syscall.SIGQUIT // without: the next start recovers
)

// leftoverPatience is how long a leftover server may take for its checkpoint.
const leftoverPatience = 30 * time.Second

// child is a program started by this process.
type child struct {
	process *os.Process
	exited  chan struct{} // closed at its end
	err     error         // to be read after that
}

// spawn starts cmd. Its parent-death signal belongs to the thread that starts
// it and not to the process, so that thread is kept until the program has ended.
func spawn(cmd *exec.Cmd) (*child, error) {
	c := &child{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		c.err = cmd.Wait()
		close(c.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	c.process = cmd.Process
	return c, nil
}

// stop asks for a fast shutdown, for an immediate one when ctx ends, and waits.
func (c *child) stop(ctx context.Context) error {
	if err := c.signal(fastShutdown); err != nil {
		return err
	}
	select {
	case <-c.exited:
		return c.err
	case <-ctx.Done():
	}
	err := c.signal(immediateShutdown)
	<-c.exited
	return err
}

func (c *child) signal(signal os.Signal) error {
	err := c.process.Signal(signal)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// stopLeftover ends the server that an earlier process left behind on data, if
// any. The caller holds the lock of the folder, so nobody else uses it.
func stopLeftover(ctx context.Context, data string) error {
	pidFile := filepath.Join(data, "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 {
		return fmt.Errorf("%s: %q is no process id", pidFile, first)
	}
	if serves(pid, data) {
		if err := stopProcess(ctx, pid, data); err != nil {
			return err
		}
	}
	if _, err := os.Stat(procFolder(pid)); err != nil {
		return nil // PostgreSQL itself replaces the file of a process that is gone
	}
	// The number belongs to another program by now, or to a killed server whose
	// parent has not asked for it yet. PostgreSQL would take either for a live
	// server.
	err = os.Remove(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func stopProcess(ctx context.Context, pid int, data string) error {
	patience := time.After(leftoverPatience)
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	signal := fastShutdown
	for serves(pid, data) {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the server left behind as process %d: %w", pid, err)
		}
		select {
		case <-ticker.C:
		case <-patience:
			signal = immediateShutdown
		case <-ctx.Done():
			return fmt.Errorf("the server left behind as process %d does not stop: %w", pid, ctx.Err())
		}
	}
	return nil
}

// serves tells whether the process is a postmaster that was started on data.
// The ended process of a parent that never asked for it has no arguments.
func serves(pid int, data string) bool {
	text, err := os.ReadFile(filepath.Join(procFolder(pid), "cmdline"))
	if err != nil {
		return false
	}
	args := strings.Split(string(text), "\x00")
	at := slices.Index(args, "-D")
	return filepath.Base(args[0]) == "postgres" && at >= 0 && at+1 < len(args) && args[at+1] == data
}

func procFolder(pid int) string { return filepath.Join("/proc", strconv.Itoa(pid)) }
