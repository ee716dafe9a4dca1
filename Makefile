# make run    installs what is missing, builds, and serves a working market
# make test   installs what is missing, and runs all tests
# make build  makes bin/market
# make lint   gofmt, go vet, staticcheck
# make clean  removes what was built; the data in var/ stays

SHELL := /bin/bash

# Files of others by npm, and what is bundled from them and from our own.
NPM_STAMP := web/node_modules/.package-lock.json
CSS := web/static/app.css
WEB_SOURCES := $(shell find web/assets web/templates -type f 2>/dev/null) web/build.mjs

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Without it a checkout that belongs to another user than the one who builds,
# or a machine without git, would not build.
export GOFLAGS := $(GOFLAGS) -buildvcs=false

.PHONY: build run test assets lint clean

build: assets
	go build -o bin/market ./cmd/market

run:
	scripts/install.sh
	$(MAKE) --no-print-directory build
	bin/market dev

# One PostgreSQL for the whole run. -p bounds how many packages share it at once; the two that take longest come first, and the
# third fills the time in which they wait for a browser or a clock.
# Garbage is collected seldom: tests make much of it and keep little. go vet is `make lint`'s, and nobody debugs these binaries.
test:
	scripts/install.sh --test
	$(MAKE) --no-print-directory assets
	go build -o bin/withdb ./internal/devdb/withdb
	GOGC=400 bin/withdb go test -p 3 -vet=off -ldflags=-w -timeout 20m ./internal/server ./cmd/market ./...

# Go alone builds a market that works, but has no style and no charts.
assets:
	@if command -v npm >/dev/null; then \
		$(MAKE) --no-print-directory $(CSS); \
	else \
		echo 'npm is missing: the pages are built without styles and charts'; \
	fi

$(NPM_STAMP): web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

$(CSS): $(NPM_STAMP) $(WEB_SOURCES)
	cd web && npm run build
	@touch $@

lint:
	@unformatted=$$(find . -name '*.go' -not -path './web/node_modules/*' -print0 | xargs -0 gofmt -l) \
		&& if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...

clean:
	rm -rf bin web/node_modules
	find web/static -mindepth 1 -not -name .placeholder -delete
