package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"techmarket/internal/config"
	"techmarket/internal/mail"
	"techmarket/internal/server"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/internal/worker"
	"techmarket/migrations"
	"techmarket/search"
	"techmarket/search/embedded"
	"techmarket/search/meili"
)

// poolSize is how many database connections one process uses.
const poolSize = 20

// app is the running market.
type app struct {
	store   *store.Store
	service *service.Service
	engine  search.Engine
	worker  *worker.Worker
	server  *server.Server
	http    *http.Server
	listen  net.Listener
	log     *slog.Logger
}

// newApp starts everything but the listening: it refuses a schema that is behind and brings the index up to date, which
// open opens.
func newApp(ctx context.Context, cfg config.Config, open func(config.Config) (search.Engine, error), log *slog.Logger) (a *app, err error) {
	a = &app{log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close(ctx))
		}
	}()
	if a.store, err = store.Open(ctx, cfg.DSN, poolSize); err != nil {
		return a, err
	}
	if err = migrations.Check(ctx, a.store.DB()); err != nil {
		return a, err
	}
	if err = migrations.CheckRole(ctx, a.store.DB()); err != nil {
		return a, err
	}
	ref, err := a.store.Reference(ctx)
	if err != nil {
		return a, err
	}
	if a.service, err = service.New(a.store, ref, time.Now, log); err != nil {
		return a, err
	}
	if a.engine, err = open(cfg); err != nil {
		return a, fmt.Errorf("open the search index: %w", err)
	}
	office, err := mailOffice(cfg, log)
	if err != nil {
		return a, err
	}
	if a.worker, err = worker.Start(ctx, worker.Options{Store: a.store, Service: a.service, Search: a.engine, Shared: cfg.MeiliURL != "",
		Mail: office, DSN: cfg.DSN, Log: log}); err != nil {
		return a, err
	}
	a.server, err = server.New(ctx, server.Options{Store: a.store, Service: a.service, Search: a.engine, URL: cfg.URL, Secure: cfg.Secure,
		TrustedProxies: cfg.TrustedProxies, Now: time.Now, Log: log, Metrics: newMetrics(ctx, a.store)})
	return a, err
}

// openEngine opens the index on the search server where one is named, else that of this process.
func openEngine(cfg config.Config) (search.Engine, error) {
	if cfg.MeiliURL != "" {
		return meili.New(cfg.MeiliURL, cfg.MeiliKey, meili.Name)
	}
	return embedded.Open(filepath.Join(cfg.Data, "search"))
}

// mailOffice sends by SMTP where a server is named, else it writes files.
func mailOffice(cfg config.Config, log *slog.Logger) (*mail.Office, error) {
	if cfg.SMTP == nil {
		log.Info("mail is written into a folder: SMTP_URL is not set", "folder", cfg.MailFolder())
		return mail.Folder(server.SiteName, cfg.URL, cfg.MailFolder())
	}
	return mail.SMTP(server.SiteName, cfg.URL, cfg.SMTP, cfg.MailFrom, nil)
}

func newMetrics(ctx context.Context, st *store.Store) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	refused := prometheus.GaugeOpts{Name: "market_search_refused_listings", Help: "Public listings that the search engine would not take."}
	r.MustRegister(prometheus.NewGaugeFunc(refused, func() float64 {
		n, err := st.CountIndexRefusals(context.WithoutCancel(ctx))
		if err != nil {
			return math.NaN()
		}
		return float64(n)
	}))
	return r
}

// start listens and serves in the background; failed tells when serving ends by itself.
func (a *app) start(addr string) (failed <-chan error, err error) {
	if a.listen, err = net.Listen("tcp", addr); err != nil {
		return nil, err
	}
	a.http = &http.Server{Handler: a.server.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute,
		WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn)}
	ended := make(chan error, 1)
	go func() { ended <- a.http.Serve(a.listen) }()
	return ended, nil
}

// shutdownTime is how long requests and jobs under way may take at the end.
const shutdownTime = 15 * time.Second

// close ends everything that was started, in the reverse order.
func (a *app) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	var errs []error
	if a.http != nil {
		a.server.Drain()
		errs = append(errs, a.http.Shutdown(ctx))
	}
	if a.server != nil {
		a.server.Close()
	}
	if a.worker != nil {
		errs = append(errs, a.worker.Stop(ctx))
	}
	if a.engine != nil {
		errs = append(errs, a.engine.Close())
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	return errors.Join(errs...)
}

// withService runs fn with a store and a service on the database, for commands that serve nothing.
func withService(ctx context.Context, p program, dsn string, fn func(*store.Store, *service.Service) error) (err error) {
	st, err := store.Open(ctx, dsn, poolSize)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := migrations.Check(ctx, st.DB()); err != nil {
		return err
	}
	ref, err := st.Reference(ctx)
	if err != nil {
		return err
	}
	svc, err := service.New(st, ref, time.Now, p.log)
	if err != nil {
		return err
	}
	return fn(st, svc)
}
