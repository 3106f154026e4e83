# Shorthand for commands that stand in README.md and .ci/run; nothing needs make.
BIN ?= .venv/bin
UV ?= uv
ORDERS ?= 5000

.DEFAULT_GOAL := help
.PHONY: help demo test coverage-vendor docs lint format types lock sandbox history bench ci

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{ printf "  %-16s %s\n", $$1, $$2 }'

$(BIN)/pytest:
	python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]'

demo: $(BIN)/pytest ## sync both sources of a seeded shop into warehouse/demo.duckdb and ask it something
	$(BIN)/stitchhouse demo

test: $(BIN)/pytest ## all tests, one worker per core
	$(BIN)/pytest -n auto

coverage-vendor: $(BIN)/pytest ## what is declared and served of all that both vendors document
	$(BIN)/python -m tests.coverage

docs: $(BIN)/pytest ## write what README.md and warehouse/README.md say of datasets and tables, from the declarations
	$(BIN)/python -m tests.generated

lint: $(BIN)/pytest ## ruff: rules and format, changing nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(BIN)/pytest ## ruff: mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(BIN)/pytest ## mypy, strict
	$(BIN)/mypy

lock: ## make requirements.lock again, of the newest allowed versions (needs uv)
	$(UV) pip compile pyproject.toml --universal --python-version 3.11 --extra all --extra dev --upgrade \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet --output-file requirements.lock

sandbox: $(BIN)/pytest ## both APIs on 127.0.0.1 over a seeded shop; ORDERS=5000
	$(BIN)/stitchhouse sandbox --orders $(ORDERS)

history: $(BIN)/pytest ## both APIs over a shop made of real transactions; FILE=transactions.csv or .parquet
	@test -n "$(FILE)" || { echo "say which: make history FILE=transactions.csv"; exit 64; }
	$(BIN)/stitchhouse sandbox --history "$(FILE)"

bench: $(BIN)/pytest ## load real orders, check every figure, print time and memory; FILE=transactions.csv or .parquet
	@test -n "$(FILE)" || { echo "say which: make bench FILE=transactions.csv"; exit 64; }
	$(BIN)/python -m bench.history "$(FILE)"

ci: ## what CI runs, in a fresh clone of the last commit
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && git clone --quiet . "$$dir/stitchhouse" && \
		cd "$$dir/stitchhouse" && CI=true .ci/run
