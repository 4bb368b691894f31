# make demo    set up, train the spam classifier beside its baselines, classify a few messages
# make test    set up, lint, run the default tests (no network, no GPU, under 5 minutes)
# make setup   the set-up alone: .venv with pinned dependencies and .venv/bin/seqkit

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
KENLM := .venv/.kenlm

.PHONY: setup demo test test-slow lint clean

setup: $(READY)

# Once done, nothing is fetched again until what it depends on changes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "seqkit needs Python 3.11 or newer: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	touch $(READY)

# A peer that pip compiles: where that fails, the tests beside it are skipped.
$(KENLM): $(READY)
	-$(BIN)/python -m pip install --disable-pip-version-check --quiet kenlm==0.3.0
	touch $(KENLM)

demo: setup
	$(BIN)/seqkit train classify spam --out runs/demo
	$(BIN)/seqkit predict runs/demo \
		"WINNER!! You have been selected to receive a 900 pound prize, call 09061701461 now" \
		"Are we still meeting for lunch tomorrow?" \
		"Free entry to our weekly draw! Text WIN to 80086 to claim your tickets"

test: setup $(KENLM) lint
	$(BIN)/python -m pytest

test-slow: setup
	$(BIN)/python -m pytest -m "slow and not gpu and not browser"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

clean:
	rm -rf .venv runs build dist
