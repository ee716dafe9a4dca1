package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"techmarket/search"
	"techmarket/search/embedded"
	"techmarket/search/meili"
)

// The engines that measuring knows.
const (
	engineEmbedded = "embedded"
	engineMeili    = "meili"
)

// throwawayPrefix begins the names of indexes on a search server that are there only while something is measured.
const throwawayPrefix = "measure-"

// dropTime is how long a search server may take to delete a throw-away index.
const dropTime = time.Minute

// withThrowawayIndex gives use an empty engine, of which nothing is left afterwards, also when ctx ends meanwhile.
func withThrowawayIndex(ctx context.Context, p program, engine string, use func(search.Engine) error) error {
	if engine == engineMeili {
		return withThrowawayServerIndex(ctx, p, func(e *meili.Engine) error { return use(e) })
	}
	return withThrowawayFolder(use)
}

func throwawayName() string { return throwawayPrefix + strings.ToLower(rand.Text()) }

func withThrowawayFolder(use func(search.Engine) error) (err error) {
	dir, err := os.MkdirTemp("", "market-eval-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	e, err := embedded.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return use(e)
}

func withThrowawayServerIndex(ctx context.Context, p program, use func(*meili.Engine) error) (err error) {
	server, key := p.getenv("MEILI_URL"), p.getenv("MEILI_KEY")
	if server == "" || key == "" {
		return errors.New("MEILI_URL and MEILI_KEY are not set: name a Meilisearch server and a key that may make indexes on it, such as its master key")
	}
	e, err := meili.New(server, key, throwawayName())
	if err != nil {
		return err
	}
	defer func() {
		drop, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTime)
		defer cancel()
		err = errors.Join(err, e.Drop(drop))
	}()
	if err := e.Prepare(ctx); err != nil {
		return fmt.Errorf("make an index on the server of MEILI_URL, for which MEILI_KEY must be a key that may make any, such as its master key: %w", err)
	}
	return use(e)
}
