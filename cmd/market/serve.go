package main

import (
	"context"
	"errors"

	"techmarket/internal/config"
	"techmarket/internal/paper"
	"techmarket/migrations"
)

// serve runs the market until ctx ends. It refuses to start on a bad configuration or a schema that is behind.
func serve(ctx context.Context, p program, _ []string) error {
	cfg, err := config.Read(p.getenv, true)
	if err != nil {
		return err
	}
	return serveWith(ctx, p, cfg, func() {})
}

// serveWith runs the market; ready is called when it answers.
func serveWith(ctx context.Context, p program, cfg config.Config, ready func()) (err error) {
	a, err := newApp(ctx, cfg, openEngine, p.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close(ctx)) }()
	failed, err := a.start(cfg.Addr)
	if err != nil {
		return err
	}
	if err := paper.CanMark(); err != nil {
		p.log.Warn("gated files can't be given to anybody: copies bear their reader's name", "err", err)
	}
	p.log.Info("serving", "addr", a.listen.Addr().String(), "url", cfg.URL)
	ready()
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	}
}

// migrate brings the schema up to date and lets the application's role use it. The owner's connection is
// MARKET_OWNER_DSN.
func migrate(ctx context.Context, p program, _ []string) error {
	cfg, err := config.Read(p.getenv, false)
	if err != nil {
		return err
	}
	if cfg.OwnerDSN == "" {
		return errors.New("MARKET_OWNER_DSN is not set: name the PostgreSQL database and its owner")
	}
	if err := migrations.Up(ctx, cfg.OwnerDSN); err != nil || cfg.AppPassword == "" {
		return err
	}
	return migrations.SetAppPassword(ctx, cfg.OwnerDSN, cfg.AppPassword)
}
