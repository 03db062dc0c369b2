# What people type. Everything else stands behind these names: `make run` and `make test` set up a fresh Debian 12 machine with Swift.

.PHONY: help setup build run test sanitize fuzz bench manifests reference image artefacts control-plane node azure-emulator format lint clean

IMAGE ?= dbmmo:$(shell scripts/version)

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | column -t -s "$$(printf '\t')"

setup: ## install the Debian packages that are missing
	@scripts/setup

build: setup ## the debug build
	swift build --product dbmmo

run: setup ## build, make development certificates, serve, and answer the samples
	@scripts/run

test: setup ## every test, the end-to-end tests against a real control plane included
	@scripts/test

sanitize: setup ## the tests under the address and the thread sanitizer, and the server watched for leaks
	@scripts/sanitize

fuzz: setup ## feed webhooks and reader with made-up input, FUZZ_SECONDS (60) for each of the three targets
	@Fuzzing/run

bench: setup ## measure the release build against nginx, and its parts by themselves; see docs/performance.md
	@scripts/bench

manifests: build ## check the installation, the alerts and the dashboard: they render, and a real API server accepts them
	@scripts/check-manifests

reference: setup ## write the tables of docs/api.md anew, after a change of the custom resource definition
	DBMMO_WRITE_REFERENCE=1 swift test --filter APIReferenceTests

image: ## build the container image IMAGE (dbmmo:VERSION), with docker or what CONTAINER_ENGINE names; see docs/image.md
	@scripts/build-image $(IMAGE)

artefacts: setup ## what a release consists of, into dist/, for the image IMAGE
	@scripts/build-artefacts $(IMAGE) dist

control-plane: setup ## start a real control plane; prints what to export, and how to stop it
	@scripts/control-plane start

node: setup ## start a control plane with a node on which pods run; prints how to use it, and how to stop it. Needs root
	@scripts/control-plane start --node

azure-emulator: setup ## run an Azure for tests; prints how to point a DBMMOMySQL at it, and what can be made to go wrong
	@swift run --quiet azure-emulator

format: ## lay out all sources
	swift format --in-place --recursive --parallel Package.swift Sources Tests Fuzzing/Package.swift Fuzzing/Sources Benchmarks/Package.swift Benchmarks/Sources

lint: ## check the layout of all sources
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Fuzzing/Package.swift Fuzzing/Sources Benchmarks/Package.swift Benchmarks/Sources

clean: ## remove what was built; not the cached control plane
	rm -rf .build .build-address .build-thread dist
