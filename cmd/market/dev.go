package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"techmarket/internal/config"
	"techmarket/internal/demo"
	"techmarket/internal/devdb"
	"techmarket/migrations"
)

// devDatabase is the name of the database in the private PostgreSQL.
const devDatabase = "market"

// dev runs the market on a private PostgreSQL below MARKET_DATA and stops it at the end.
func dev(ctx context.Context, p program, _ []string) error {
	cfg, err := config.Read(p.getenv, false)
	if err != nil {
		return err
	}
	return withDevDatabase(ctx, p, &cfg, func() error {
		if err := loadDemoInto(ctx, p, cfg.DSN); err != nil && !errors.Is(err, demo.ErrNotEmpty) {
			return err
		}
		return serveWith(ctx, p, cfg, func() { printWelcome(p, cfg) })
	})
}

// withDevDatabase runs fn while the private database of cfg.Data is up and migrated, and sets cfg.DSN.
func withDevDatabase(ctx context.Context, p program, cfg *config.Config, fn func() error) (err error) {
	db, err := devdb.Start(ctx, filepath.Join(cfg.Data, "db"), devdb.Options{Fsync: true, Logger: p.log})
	if err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		err = errors.Join(err, db.Stop(stop))
	}()
	if err := db.CreateDatabase(ctx, devDatabase); err != nil {
		return err
	}
	owner := db.DSN(devDatabase)
	if err := migrations.Up(ctx, owner); err != nil {
		return err
	}
	if cfg.DSN, err = devdb.As(owner, migrations.AppRole); err != nil {
		return err
	}
	return fn()
}

func printWelcome(p program, cfg config.Config) {
	fmt.Fprintf(p.out, "\n  吉安科技大市场  %s\n\n", cfg.URL)
	if cfg.SMTP == nil {
		fmt.Fprintf(p.out, "  邮件写在 %s\n\n", cfg.MailFolder())
	}
	printAccounts(p)
}
