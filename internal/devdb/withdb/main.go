// Command withdb runs a command with a private PostgreSQL for tests, whose
// address the command finds in TEST_PG_DSN, and ends with the command's exit
// status. `make test` runs all tests with one server this way; `bin/withdb bash`
// gives a shell in which failed tests leave their databases to look at.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"techmarket/internal/devdb"
	"techmarket/internal/devdb/dbtest"
)

const (
	// patience is how long an interrupted command may take to end.
	patience    = 20 * time.Second
	stopTimeout = 10 * time.Second
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: withdb COMMAND [ARGUMENT]...")
		os.Exit(2)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	err := run(ctx, os.Args[1:])
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "withdb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, command []string) (err error) {
	server, err := devdb.StartTemp(ctx, dbtest.Options())
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		err = errors.Join(err, server.Stop(ctx))
	}()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), dbtest.EnvDSN+"="+server.DSN("postgres"))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	return cmd.Run()
}
