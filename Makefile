# Builds, runs and tests Clientele. `make help` lists the targets.
#
# Required: git, make, a C compiler and rustup. The targets install everything else they need: cargo
# tools into the build folder, npm packages into end2end/node_modules, system packages with apt when
# make runs as root on Debian or Ubuntu. Elsewhere make stops and lists what is missing. Anything
# installed already is left alone.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SILENT:
# Cargo uses all cores already, and the targets below are ordered: those that fail fast come first.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

export CARGO_TARGET_DIR ?= target
TOOLS := $(CARGO_TARGET_DIR)/tools
STEP := .ci/step

# Splits the browser's module and writes its bindings. Cargo decides whether it has to be compiled.
BUNDLE := $(TOOLS)/bundle/release/bundle
CARGO_DENY_VERSION := 0.20.2
CARGO_DENY_SHA256 := ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee
CARGO_DENY := $(TOOLS)/cargo-deny-$(CARGO_DENY_VERSION)/bin/cargo-deny
CARGO_SHEAR_VERSION := 1.14.0
CARGO_SHEAR_SHA256 := d31183d0ee4d3643b7313a4527c6092138bff60b3a1fd35c833a32ed61751ce6
CARGO_SHEAR := $(TOOLS)/cargo-shear-$(CARGO_SHEAR_VERSION)/bin/cargo-shear
CARGO_NEXTEST_VERSION := 0.9.148
CARGO_NEXTEST_SHA256 := 76d7faec7ba7e1f15f888268761bb1449309b1eb801ec5cbe9c04a5685f42968
# Any installed cargo-nextest is used; this version is installed if there is none.
CARGO_NEXTEST := $(or $(shell command -v cargo-nextest),$(TOOLS)/cargo-nextest-$(CARGO_NEXTEST_VERSION)/bin/cargo-nextest)
# SurrealDB's server, in the version of the client. No target installs it: it is published as a library, not as a program.
SURREAL_VERSION := $(shell awk '/^name = "surrealdb"$$/ { getline; gsub(/version = |"/, ""); print }' Cargo.lock)
SURREAL := $(TOOLS)/surreal-$(SURREAL_VERSION)/bin/surreal
# npm's tools, available after `.ci/need node-modules`
BIN := end2end/node_modules/.bin

SERVER := $(CARGO_TARGET_DIR)/release/clientele

# RocksDB, compiled outside of cargo: see .ci/rocksdb. The checksum in the name makes a changed recipe another library.
ifeq ($(shell uname -s),Linux)
ROCKSDB_VERSION := $(shell awk '/^name = "surrealdb-librocksdb-sys"$$/ { getline; gsub(/version = |"/, ""); print }' Cargo.lock)
export ROCKSDB_LIB_DIR := $(abspath $(CARGO_TARGET_DIR))/rocksdb-$(ROCKSDB_VERSION)-$(firstword $(shell cksum .ci/rocksdb))
export ROCKSDB_STATIC := 1
ROCKSDB := $(ROCKSDB_LIB_DIR)/librocksdb.a
endif

# Folder that the server serves. `make dev` builds into another one, in the dev profile.
SITE := dist
WASM_PROFILE := wasm
BROWSER := --package clientele-browser --target wasm32-unknown-unknown --profile $(WASM_PROFILE)
WASM := $(CARGO_TARGET_DIR)/wasm32-unknown-unknown/$(WASM_PROFILE:dev=debug)/clientele_browser.wasm
# WebAssembly features that rustc assumes; every browser has had them since 2022.
WASM_FEATURES := bulk-memory bulk-memory-opt call-indirect-overlong multivalue mutable-globals nontrapping-float-to-int \
    reference-types sign-ext

# `-Oz` makes smaller files that compress worse: with Brotli, the list page loads 1.6 kB more.
WASM_OPT := -Os --one-caller-inline-max-function-size=0 --low-memory-unused

# Leptos can hydrate a page in pieces, as their code arrives. This app hydrates at once, when the
# code of the visible parts has loaded (app/src/parts.rs), but each view still contains the code to
# hydrate in pieces, a quarter of the total. The bundler empties it: docs/decisions/0011. SNIP=0 leaves it in.
NEVER_CALLED := hydrate_async
SNIP := 1

## run: build what changed, then serve the demo on 127.0.0.1:3000 (ARGS="..." is passed on)
.PHONY: run
run: build
	exec $(SERVER) serve --demo $(ARGS)

## build: the server and the site it serves to browsers
.PHONY: build
build: $(SERVER) site

## dev: rebuild and restart on each change; the browser code is not optimised
# The server keeps the release profile: another one would compile the database again.
.PHONY: dev dev-serve
dev:
	.ci/need node-modules
	$(BIN)/nodemon --quiet --signal SIGTERM --watch src --watch app --watch server --watch style --watch public \
		--watch Cargo.toml --ext rs,toml,json,surql,css,js,svg --exec '$(MAKE_COMMAND) dev-serve'
dev-serve: export CARGO_INCREMENTAL := 1
# The previous server may still be closing its database.
dev-serve: AFTER_THE_LAST = $(if $(shell command -v flock),flock $(CARGO_TARGET_DIR)/dev.lock)
dev-serve:
	$(MAKE) build WASM_PROFILE=dev SITE=$(CARGO_TARGET_DIR)/dev-site
	exec $(AFTER_THE_LAST) $(SERVER) serve --demo --site-dir $(CARGO_TARGET_DIR)/dev-site $(ARGS)

## test: all checks, cheapest first; ends with the time of each step
.PHONY: test
test: export STEPS := $(abspath $(CARGO_TARGET_DIR))/steps
test:
	mkdir -p $(CARGO_TARGET_DIR)
	: >$(STEPS)
	$(MAKE) lock fmt counts unused deny lint-end2end clippy doc build-tests doctest nextest ws clippy-browser test-bundle crash end2end || \
		{ printf '\n'; cat $(STEPS); exit 1; }
	printf '\nAll passed.\n'
	cat $(STEPS)

## crash: break the server under load in four ways; no acknowledged write may be lost (ROUNDS=20, ARGS="--part kill")
# The databases are stored beside the binary, because /tmp is in memory on some machines.
ROUNDS := 20
crash: need-build $(SERVER)
	$(STEP) "crash" cargo run --locked --release --example crash -- --server $(SERVER) --rounds $(ROUNDS) $(ARGS)

# ---- The steps of `make test`, each a target of its own

.PHONY: lock fmt counts unused deny lint-end2end clippy clippy-browser doc build-tests doctest nextest ws test-bundle crash end2end

# Fails if Cargo.lock does not match Cargo.toml. No later command changes it.
lock: need-rust
	$(STEP) "Cargo.lock" cargo fetch --locked

fmt:
	$(STEP) "format" cargo fmt --all --check

counts:
	$(STEP) "doc comments, lengths" .ci/counts --check

unused: $(CARGO_SHEAR)
	$(STEP) "unused dependencies" $(CARGO_SHEAR) --deny-warnings --locked

deny: $(CARGO_DENY)
	$(STEP) "licences, bans, sources" $(CARGO_DENY) --workspace check bans licenses sources
	if timeout 60 $(CARGO_DENY) --log-level off fetch db >/dev/null 2>&1; then \
		$(STEP) "advisories" $(CARGO_DENY) --workspace check advisories; \
	else \
		$(STEP) "advisories" --skipped "the advisory database could not be fetched"; \
	fi

lint-end2end:
	.ci/need node-modules
	$(STEP) "types of the end-to-end tests" $(BIN)/tsc --project end2end
	$(STEP) "types of the scripts" $(BIN)/tsc --project end2end/tsconfig.scripts.json

# Here and below, commands cover the whole default workspace. Another selection of packages would
# select other features and compile the database again for each.
clippy: need-build
	$(STEP) "clippy" cargo clippy --locked --release --all-targets -- -D warnings

doc: need-build
	RUSTDOCFLAGS="-D warnings" $(STEP) "documentation" cargo doc --locked --release --no-deps --lib --document-private-items

build-tests: need-build $(SERVER) $(CARGO_NEXTEST)
	$(STEP) "build the tests" $(CARGO_NEXTEST) nextest run --locked --release --no-run

doctest: need-build
	$(STEP) "documentation tests" cargo test --locked --release --doc

nextest: need-build $(CARGO_NEXTEST)
	$(STEP) "tests" $(CARGO_NEXTEST) nextest run --locked --release

## ws: the store suite on a SurrealDB server, if `surreal` is on PATH or among the tools in the client's version
ws: need-build $(CARGO_NEXTEST)
	for surreal in $(abspath $(SURREAL)) $$(type -P surreal || true); do \
		if SURREAL_ONLINE_VERSION_CHECK=false $$surreal version 2>&1 | grep -Fqw $(SURREAL_VERSION); then \
			export CLIENTELE_TEST_SURREAL=$$surreal; \
			exec $(STEP) "store suite on a SurrealDB server" $(CARGO_NEXTEST) nextest run --locked --release \
				--run-ignored ignored-only --no-tests fail -E 'test(/^store::tests::.*::ws::/)'; \
		fi; \
	done; \
	$(STEP) "store suite on a SurrealDB server" --skipped "no surreal $(SURREAL_VERSION) on PATH or in $(dir $(SURREAL))"

clippy-browser: need-build
	$(STEP) "clippy, browser" cargo clippy --locked $(BROWSER) -- -D warnings

test-bundle: need-rust
	cd .ci/bundle && CARGO_TARGET_DIR=$(abspath $(TOOLS))/bundle ../../$(STEP) "tests of the bundler" cargo test --release --locked

## end2end: the browser tests alone (ARGS="filter.spec.ts --project hydrated" is passed on)
end2end: build
	.ci/need chromium node-modules
	cd end2end && CLIENTELE_BIN=$(abspath $(SERVER)) CLIENTELE_SITE_DIR=$(abspath $(SITE)) \
		../$(STEP) "end-to-end tests" node_modules/.bin/playwright test $(ARGS)

# ---- The server and the site

.PHONY: need-rust need-build FORCE
need-rust:
	.ci/need rust
need-build: need-rust $(ROCKSDB)
	.ci/need c++ libclang

# Cargo decides whether there is something to build. If it leaves the file unchanged, make rebuilds nothing from it.
$(SERVER): need-build FORCE
	$(STEP) "server" cargo build --locked --release

$(WASM): need-rust FORCE
	$(STEP) "browser, $(WASM_PROFILE) profile" cargo build --locked $(BROWSER)

.PHONY: site
site: $(SITE)/pkg/clientele_bg.wasm $(SITE)/pkg/clientele.css $(SITE)/licences.txt
	if [ -d public ]; then cp -R public/. $(SITE)/; fi
ifneq ($(WASM_PROFILE),dev)
	# One file instead of seven, which a page of another origin would have to find out about first.
	if .ci/need node-modules; then \
		$(BIN)/esbuild $(SITE)/embed.js --bundle --minify --format=esm --log-level=error --allow-overwrite --outfile=$(SITE)/embed.js; \
	fi
endif

# The module is split at the functions marked `wasm_split`: into the main module, for which
# wasm-bindgen generates the script, and parts that are loaded on demand.
SPLIT := $(CARGO_TARGET_DIR)/split-$(WASM_PROFILE)
$(SITE)/pkg/clientele_bg.wasm: $(WASM) $(BUNDLE)
	rm -rf $(SPLIT) $(@D)/*.wasm $(@D)/*.js $(@D)/snippets
	mkdir -p $(SPLIT) $(@D)
	$(STEP) "bundle" $(BUNDLE) $< $(SPLIT) $(@D) $(if $(filter 0 dev,$(SNIP) $(WASM_PROFILE)),,$(NEVER_CALLED))
ifneq ($(WASM_PROFILE),dev)
	if .ci/need node-modules; then \
		for module in $(@D)/*.wasm; do \
			$(STEP) "wasm-opt $${module##*/}" $(BIN)/wasm-opt $(WASM_OPT) $(addprefix --enable-,$(WASM_FEATURES)) $$module -o $$module; \
		done; \
		$(STEP) "esbuild" $(BIN)/esbuild $(@D)/*.js --minify --log-level=error --allow-overwrite --outdir=$(@D); \
	else \
		echo "What browsers load is larger than it could be. With Node.js: rm -r $(SITE), make build"; \
	fi
endif

$(SITE)/pkg/clientele.css: style/main.css $(wildcard style/*.css) .ci/css.awk
	mkdir -p $(@D)
	awk -f .ci/css.awk $< >$@

$(SITE)/licences.txt: Cargo.lock Cargo.toml app/Cargo.toml app/browser/Cargo.toml server/Cargo.toml rust-toolchain.toml .ci/licences
	.ci/need rust
	cargo fetch --locked
	$(STEP) "licences" .ci/licences $@

# ---- Tools

$(BUNDLE): need-rust FORCE
	cd .ci/bundle && CARGO_TARGET_DIR=$(abspath $(TOOLS))/bundle ../../$(STEP) "bundler" cargo build --release --locked

# Only on Linux; elsewhere cargo compiles RocksDB itself.
ifdef ROCKSDB
$(ROCKSDB):
	.ci/need rust c++
	cargo fetch --locked
	$(STEP) "RocksDB" .ci/rocksdb $(ROCKSDB_LIB_DIR)
endif

$(CARGO_DENY):
	$(STEP) "install cargo-deny $(CARGO_DENY_VERSION)" \
		.ci/tool $(TOOLS)/cargo-deny-$(CARGO_DENY_VERSION) cargo-deny $(CARGO_DENY_VERSION) $(CARGO_DENY_SHA256)

$(CARGO_SHEAR):
	$(STEP) "install cargo-shear $(CARGO_SHEAR_VERSION)" \
		.ci/tool $(TOOLS)/cargo-shear-$(CARGO_SHEAR_VERSION) cargo-shear $(CARGO_SHEAR_VERSION) $(CARGO_SHEAR_SHA256)

$(TOOLS)/cargo-nextest-$(CARGO_NEXTEST_VERSION)/bin/cargo-nextest:
	$(STEP) "install cargo-nextest $(CARGO_NEXTEST_VERSION)" \
		.ci/tool $(TOOLS)/cargo-nextest-$(CARGO_NEXTEST_VERSION) cargo-nextest $(CARGO_NEXTEST_VERSION) $(CARGO_NEXTEST_SHA256)

## help: this list
.PHONY: help
help:
	awk -F': ' '/^## / { sub(/^## /, ""); printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
