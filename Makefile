# Shorthand for commands that stand in README.md and .ci/run; nothing needs make.
BIN ?= .venv/bin
UV ?= uv
ORDERS ?= 5000

.DEFAULT_GOAL := help
.PHONY: help demo test simulate torture planted kills faults coverage-vendor docs lint format types lock sandbox history bench verify-trials ci

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{ printf "  %-16s %s\n", $$1, $$2 }'

$(BIN)/pytest:
	python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]'

demo: $(BIN)/pytest ## sync both sources of a seeded shop into warehouse/demo.duckdb and ask it something
	$(BIN)/stitchhouse demo

test: $(BIN)/pytest ## all tests, one worker per core
	$(BIN)/pytest -n auto

simulate: $(BIN)/pytest ## our walks and naive ones against a simulated source that changes; SEEDS=1000 schedules per plan
	$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),1000)

torture: $(BIN)/pytest ## change and faults through the whole pipeline, by seed; SCHEDULES=300
	$(BIN)/python -m tests.torture --schedules $(or $(SCHEDULES),300)

planted: $(BIN)/pytest ## thirty bugs, planted one at a time: which of our tests finds each
	$(BIN)/python -m tests.planted

kills: $(BIN)/pytest ## syncs killed at random moments and named points, then compared with the source; KILLS=1000 SEED=1
	$(BIN)/python -m tests.kills --kills $(or $(KILLS),1000) --seed $(or $(SEED),1)

faults: $(BIN)/pytest ## every request of a sync goes wrong once in every way; EVERY=20 takes a twentieth of the cases
	$(BIN)/python -m tests.nth_fault --every $(or $(EVERY),1) --seed $(or $(SEED),1)

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

verify-trials: $(BIN)/pytest ## one wrong row in 100,000, time and again: does verify name it; TRIALS=100
	$(BIN)/python -m bench.verify --trials $(or $(TRIALS),100)

ci: ## what CI runs, in a fresh clone of the last commit
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && git clone --quiet . "$$dir/stitchhouse" && \
		cd "$$dir/stitchhouse" && CI=true .ci/run
