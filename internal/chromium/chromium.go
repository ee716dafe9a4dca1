// Package chromium starts the Chromium of this machine without a window, for the tests of journeys and the guides' pictures.
package chromium

import (
	"context"
	"errors"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// names are the commands of Chromium, the one that takes least first: scripts/install.sh looks for the same.
var names = []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// ErrMissing says that the machine has no Chromium.
var ErrMissing = errors.New("no Chromium on this machine: `make test` installs it")

// Start starts Chromium. The context is where tabs are opened in (chromedp.NewContext); stop ends it.
func Start(ctx context.Context, options ...chromedp.ExecAllocatorOption) (allocator context.Context, stop context.CancelFunc, err error) {
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		own := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true)}
		allocator, stop = chromedp.NewExecAllocator(ctx, append(append(chromedp.DefaultExecAllocatorOptions[:], own...), options...)...)
		return allocator, stop, nil
	}
	return nil, nil, ErrMissing
}
