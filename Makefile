# Two commands matter: `make demo` shows the service at work, `make check` checks everything.
# Both need git, make and Python 3.11 or newer; what else they need they fetch into .venv, and say so.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
export PYTHON
VENV := .venv
BIN := $(VENV)/bin
# Two workers: the machine this is checked on has two cores, and the server journeys do not like a crowd.
WORKERS ?= 2
# Branch coverage, in percent: the whole, and the pure rules.
COVERAGE_MIN ?= 95
RULES_COVERAGE_MIN ?= 100
# Passed on to the verb: make demo ARGS="--dir out"
ARGS ?=
UV := uv==0.13.9

export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Forbidden to keep what is compiled, Python would compile the service and the tests anew for every process the checks start.
unexport PYTHONDONTWRITEBYTECODE

PYTEST := .ci/in_memory.sh $(BIN)/pytest -n $(WORKERS) --dist loadfile --cov --cov-report= -q

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

# ---- installing -------------------------------------------------------------------------------------------------------

$(VENV)/.installed: requirements.lock pyproject.toml .ci/venv.sh
	@.ci/venv.sh $(VENV)
	@touch $@

.PHONY: venv
venv: $(VENV)/.installed ## installs everything locked into .venv

.PHONY: debian
debian: ## installs the Debian packages the checks need (as root or with sudo), or says which are missing
	@.ci/debian.sh check

tests/web/node_modules/.package-lock.json: tests/web/package-lock.json | debian
	@echo "== installing axe-core (npm, integrity checked) for the checks of the console's pages"
	@npm ci --ignore-scripts --no-audit --no-fund --silent --prefix tests/web

# ---- showing ----------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: $(VENV)/.installed ## a fortnight of reports from thirty agencies, on this machine alone
	@.ci/debian.sh demo
	@$(BIN)/cchc demo $(ARGS)

# ---- checking ---------------------------------------------------------------------------------------------------------

.PHONY: check
check: $(VENV)/.installed debian tests/web/node_modules/.package-lock.json ## everything: format, lint, types, arrows, dependencies, licences, tests, coverage
	@$(MAKE) --no-print-directory -j $(WORKERS) -O format-check lint types arrows dependencies licences
	@$(MAKE) --no-print-directory test coverage
	@echo "== check: all good"

.PHONY: format
format: $(VENV)/.installed ## writes the format and the fixes that are safe
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: format-check
format-check: $(VENV)/.installed
	@echo "== format"
	@$(BIN)/ruff format --check .

.PHONY: lint
lint: $(VENV)/.installed ## ruff, all rules minus a short list with reasons
	@echo "== lint"
	@$(BIN)/ruff check .

.PHONY: types
types: $(VENV)/.installed ## mypy, strict
	@echo "== types"
	@$(BIN)/mypy

.PHONY: arrows
arrows: $(VENV)/.installed ## which room may import which
	@echo "== arrows"
	@$(BIN)/lint-imports

.PHONY: dependencies
dependencies: $(VENV)/.installed ## every import declared, nothing declared in vain
	@echo "== dependencies"
	@$(BIN)/deptry .

.PHONY: licences
licences: $(VENV)/.installed ## no GPL or AGPL among the locked packages
	@echo "== licences"
	@$(BIN)/python .ci/licences.py requirements.lock

.PHONY: test
test: test-fast test-slow ## all tests, the quick ones first

.PHONY: test-fast
test-fast: $(VENV)/.installed
	@echo "== tests, quick"
	@rm -f .coverage .coverage.*
	@$(PYTEST) -m "not slow"

.PHONY: test-slow
test-slow: $(VENV)/.installed
	@echo "== tests, slow"
	@$(PYTEST) -m slow --cov-append

.PHONY: coverage
coverage: $(VENV)/.installed ## of the tests run last
	@echo "== coverage of intake/rules: at least $(RULES_COVERAGE_MIN) %"
	@$(BIN)/coverage report --include='intake/rules/*' --skip-covered --show-missing --fail-under=$(RULES_COVERAGE_MIN)
	@echo "== coverage: at least $(COVERAGE_MIN) %"
	@$(BIN)/coverage report --skip-covered --show-missing --fail-under=$(COVERAGE_MIN)

.PHONY: soak
soak: $(VENV)/.installed ## kills and faults until stopped, on both databases; prints the tally (ARGS="--minutes 60 --backlog 10000")
	@PYTHONPATH=. $(BIN)/python -m tests.faults.soak $(ARGS)

.PHONY: mutants
mutants: $(VENV)/.installed ## a line of the service broken on purpose for every cell of the fault matrix: its test must fail (ARGS="F16 F23")
	@PYTHONPATH=. $(BIN)/python -m tests.faults.mutations $(ARGS)

# ---- measuring --------------------------------------------------------------------------------------------------------

.venv-bench/.installed: bench/requirements.txt
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet -r bench/requirements.txt
	@touch $@

MAILS ?= 200000
.PHONY: bench
bench: $(VENV)/.installed .venv-bench/.installed debian ## the figures of bench/RESULTS.md, the pages over 200,000 mails last: half an hour on a quiet machine (MAILS=1000000)
	@failed=0; for figure in phrases reading formats latency fetching memory; do \
		echo "== $$figure"; $(BIN)/python -m bench.$$figure || failed=1; done; \
	echo "== pages"; $(BIN)/python -m bench.pages --mails $(MAILS) || failed=1; exit $$failed

.PHONY: accuracy
accuracy: $(VENV)/.installed .venv-bench/.installed debian ## what is read of 700 generated reports against what they state, by format and layout, beside markitdown and kreuzberg (a stopped run: ARGS=--resume)
	@.ci/debian.sh accuracy
	@$(BIN)/python -m bench.accuracy --workers $(WORKERS) $(ARGS)

.PHONY: hostile
hostile: $(VENV)/.installed debian ## the score over the hostile corpus: every file as EXPECT.tsv says, in time, within memory, harmless
	@$(BIN)/python -m tests.hostile.score

.PHONY: year
year: $(VENV)/.installed ## a simulated year of 200 agencies through the real service, beside the oracle: ten minutes on two quiet cores
	@$(BIN)/python -m bench.year $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/.installed debian ## spoiled mails and documents for ten minutes, more with ARGS="--seconds 3600"; prints what was tried and found
	@$(BIN)/python -m tests.fuzz.run $(ARGS)

# ---- keeping ----------------------------------------------------------------------------------------------------------

.PHONY: lock
lock: ## writes requirements.lock anew: pinned, with hashes, without any index address
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet '$(UV)'
	@$(BIN)/uv pip compile pyproject.toml --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--universal --python-version 3.11 --extra build --extra demo --extra test --output-file requirements.lock

.PHONY: docs
docs: $(VENV)/.installed ## writes docs/forms.md from the form files
	@$(BIN)/python .ci/forms_doc.py

.PHONY: clean
clean: ## removes .venv and everything generated
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* dist build
