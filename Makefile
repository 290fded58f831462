# RTSP Viewer. `make` lists the targets.

SHELL := /bin/sh
export CGO_ENABLED ?= 0
GO_FILES := $(shell find . -name '*.go' -not -path './web/node_modules/*')
WEB_FILES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*')

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

.PHONY: demo
demo: ## six simulated cameras and the gateway, ready to look at; Ctrl-C ends everything
	@scripts/prepare.sh run
	@$(MAKE) --no-print-directory build
	@exec bin/fakecam demo --gateway bin/rtsp-viewer

.PHONY: run
run: ## the gateway alone, on its defaults, data in ./data
	@scripts/prepare.sh run
	@$(MAKE) --no-print-directory build
	@exec bin/rtsp-viewer serve

.PHONY: build
build: bin/rtsp-viewer bin/fakecam ## bin/rtsp-viewer and bin/fakecam

bin/rtsp-viewer: $(GO_FILES) go.mod go.sum web/dist/index.html
	@echo "Building bin/rtsp-viewer"
	@go build -trimpath -o $@ ./cmd/rtsp-viewer

bin/fakecam: $(GO_FILES) go.mod go.sum
	@echo "Building bin/fakecam"
	@go build -trimpath -o $@ ./cmd/fakecam

.PHONY: web
web: web/dist/index.html ## the web app into web/dist, which the gateway embeds

web/node_modules/.package-lock.json: web/package-lock.json
	@scripts/prepare.sh build
	@echo "Installing the web app's packages"
	@scripts/npm-ci.sh
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_FILES)
	@echo "Building the web app"
	@cd web && npm run --silent build

.PHONY: test
test: ## install what the tests need and run every test
	@scripts/prepare.sh test
	@$(MAKE) --no-print-directory build check test-web
	@$(MAKE) --no-print-directory -j2 race test-live
	@$(MAKE) --no-print-directory -j2 test-pages test-go

.PHONY: check
check: web/node_modules/.package-lock.json ## formatting, vet, types and lint
	@echo "Checking formats, types and lint"
	@unformatted=$$(gofmt -l $(GO_FILES)); [ -z "$$unformatted" ] || { echo "not gofmt-ed: $$unformatted"; exit 1; }
	@go vet ./...
	@cd web && npm run --silent check

.PHONY: test-web
test-web: web/node_modules/.package-lock.json ## the web app's unit tests
	@cd web && npm test --silent

.PHONY: race
race: # compiles what test-go needs, on what the cameras' tests leave of the processor
	@CGO_ENABLED=1 nice -n 19 go test -race -run '^$$' -exec true ./... >/dev/null

.PHONY: test-browser
test-browser: test-live test-pages ## the app in Chromium, on the plain programs and simulated cameras

.PHONY: test-live
test-live: build # what watches cameras, and judges how they look: alone
	@cd web && npm run --silent e2e -- --project live

.PHONY: test-pages
test-pages: build # forms and lists, which judge no picture: beside test-go, which mostly waits for cameras
	@cd web && npm run --silent e2e -- --project pages

.PHONY: test-go
test-go: build ## Go tests with the race detector, and without it what counts allocations
	@CGO_ENABLED=1 go test -race -timeout 15m -p 3 ./cmd/rtsp-viewer ./... # the longest first; most of it waits for cameras
	@go test -count=1 -run WhatAFrameCosts ./relay/peer

.PHONY: bench
bench: build ## measure all promises, into docs/performance.md; MEDIAMTX=path compares with it; as root also over bad networks
	@go build -trimpath -o bin/bench ./cmd/bench
	@cd web && npm run --silent build:bench
	@exec bin/bench --document docs/performance.md

.PHONY: schema
schema: ## renew what is made of the routes and codes: the web app's types, the page of errors
	@go test ./api -count=1 -run 'TestSchemaIsFresh|TestCodesAreTold' -args -renew
	@cd web && RENEW=1 npx vitest run test/codes.test.ts

.PHONY: clean
clean: ## remove what was built
	@rm -rf bin web/dist/assets web/dist/index.html web/node_modules
