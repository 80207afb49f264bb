# One command for each thing a person does with this project. `make` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
PYTHON ?= python3
ONLY ?=

.PHONY: help
help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Next: make lab PYTHON=python3.12" >&2; exit 3; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: install
install: .venv/installed ## the virtual environment with this package and its pinned dependencies

.PHONY: engine
engine: ## make sure that a Docker Engine answers; says what it installs first
	@images/engine.sh ensure

.PHONY: lab
lab: install engine ## from nothing to a priced answer: engine, images, bench, quick run
	@$(BIN)/orchestrator up
	@$(BIN)/orchestrator run --quick

.PHONY: down
down: install ## take the lab down again; images and runs stay
	@$(BIN)/orchestrator down

.PHONY: check
check: install ## what needs no engine: format, lint, types, floors, unit tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -m "not engine"

.PHONY: test
test: install ## every test there is, on a real engine
	@tests/run.sh

.PHONY: bench
bench: install engine ## the lab beside its peers: a table, and benchmarks/latest.json (ONLY=R6 for one row)
	@$(BIN)/python -m benchmarks $(ONLY)

.PHONY: dashboards
dashboards: install ## emit grafana/dashboards/*.json from grafana/dashboards.py
	$(BIN)/python grafana/dashboards.py --write

.PHONY: lock
lock: ## pin the dependencies anew: names, versions and hashes
	$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet "pip-tools>=7.5"
	.venv/lock/bin/pip-compile --quiet --upgrade --strip-extras --extra dev --generate-hashes --allow-unsafe \
		--no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock pyproject.toml
