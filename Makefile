# The same words everywhere: README, CI and hooks call these.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: install run test lint bench lock

install: .venv/installed

.venv/installed: requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

test: install
	$(BIN)/pytest
