package main

import (
	"context"
	"errors"
	"fmt"

	"techmarket/search/meili"
)

// searchKey makes the application's key on the search server of MEILI_URL, with the server's master key, and prints it.
// The master key is for this command alone.
func searchKey(ctx context.Context, p program, args []string) error {
	server, master := p.getenv("MEILI_URL"), p.getenv("MEILI_MASTER_KEY")
	switch {
	case len(args) > 0:
		return fmt.Errorf("%w: market searchkey takes no argument", errUsage)
	case server == "" || master == "":
		return errors.New("MEILI_URL and MEILI_MASTER_KEY are not set: name the search server and its master key")
	}
	key, err := meili.MakeKey(ctx, server, master)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, key)
	return nil
}
