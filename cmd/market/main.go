// Command market runs 吉安科技大市场 and its housekeeping.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// command is one verb of the command line.
type command struct {
	name, usage string
	run         func(ctx context.Context, p program, args []string) error
}

// program is the outside world of a command.
type program struct {
	in     io.Reader
	out    io.Writer
	getenv func(string) string
	log    *slog.Logger
}

func commands() []command {
	return []command{
		{"serve", "serve                     run the market against MARKET_DSN", serve},
		{"dev", "dev                       run the market with a private PostgreSQL and demonstration data", dev},
		{"demo", "demo                      fill the empty market of MARKET_DSN with demonstration data", loadDemo},
		{"migrate", "migrate                   bring the schema of MARKET_OWNER_DSN up to date", migrate},
		{"searchkey", "searchkey                 make the application's key on the search server of MEILI_URL, by MEILI_MASTER_KEY, and print it", searchKey},
		{"import", "import KIND FILE          check a list of results or needs and, with --yes, write it", importList},
		{"verify", "verify                    check the hash chains of audit and ledger; --anchors prints the daily anchors, --against FILE checks kept ones", verify},
		{"user", "user VERB                 manage accounts, duties and API tokens", manageUsers},
		{"weights", "weights VERB              fit the weights of matching to people's marks, list the versions, put one in force", manageWeights},
		{"eval", "eval match|search         measure matching or search on files whose answers are known", evaluate},
		{"bench", "bench search|match|both|turnover  measure how long search, matching or figures take in a made-up market", benchmark},
	}
}

// errUsage says that the command line was not understood.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := program{in: os.Stdin, out: os.Stdout, getenv: os.Getenv, log: slog.New(slog.NewJSONHandler(os.Stderr, nil))}
	if err := run(ctx, p, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "market:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, p program, args []string) error {
	if len(args) > 0 {
		for _, c := range commands() {
			if c.name == args[0] {
				return c.run(ctx, p, args[1:])
			}
		}
	}
	fmt.Fprintln(p.out, "usage: market COMMAND")
	for _, c := range commands() {
		fmt.Fprintln(p.out, "  market", c.usage)
	}
	if len(args) == 0 || args[0] == "help" {
		return nil
	}
	return fmt.Errorf("%w: no such command: %s", errUsage, args[0])
}
