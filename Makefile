# The same words everywhere: README, CI and hooks call these.
#   make run      the whole product, on http://localhost:8000 (CRM_PORT=8080 make run)
#   make test     all tests, with servers of their own (ARGS="tests/partners -k stage")
#   make fuzz     the API asked by schemathesis as each role, the long form
#   make faults   reports by mail under kill -9, the long form
#   make install  the environment only: everything that run, test and lint need
PYTHON ?= python3
BIN = .venv/bin
# The lock is complete: nothing is resolved anew, so a release of today changes no installation.
PIP = $(BIN)/python -m pip --disable-pip-version-check -qq install --require-hashes --no-deps
ARGS ?=

# Where decisions are made; `make coverage` asks for more of it, up to every line and branch
# (crm/decisions/0150-what-counts-as-inside.md).
INSIDE = */operations/*,*/operations.py,*/queries/*,*/queries.py,*/models/*,*/models.py,$\
  partners/*.py,partners/usage/*.py,partners/ai/*.py,deals/*.py,crm/figures/*,crm/watch/*.py,$\
  crm/core/*.py,crm/rates/*.py,crm/accounts/handover.py,crm/accounts/policy.py,$\
  crm/accounts/profiles.py,crm/accounts/roles.py,crm/accounts/tokens.py,crm/journal/values.py,$\
  crm/journal/visibility.py,crm/reports/comparison.py,crm/reports/links.py,crm/reports/schedule.py,$\
  crm/reports/wanted.py,crm/reports/weeks.py,crm/webhooks/retries.py,crm/webhooks/signing.py

# An environment as production has it; nothing is connected to, the key is made up each time.
AS_PRODUCTION = CRM_ENVIRONMENT=production ALLOWED_HOSTS=crm.company.example \
  PUBLIC_URL=https://crm.company.example EMAIL_URL=smtps://crm:secret@mail.internal:465 \
  DATABASE_URL=postgresql://crm:secret@db.internal/crm REDIS_URL=rediss://:secret@broker.internal/0 \
  SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(60))")

# Models are compared with migration files; that no database answers to tell which were applied
# is no finding here.
NO_HISTORY = -W "ignore:Got an error checking a consistent migration history:RuntimeWarning"

.PHONY: install run test test-long coverage lint faults fuzz bench lock clean-state

# `run` needs the product's own dependencies alone; all else the development tools as well.
install: .venv/installed-dev

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing dependencies, once (about a minute) …"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing dependencies and development tools, once (a minute or two) …"
	@$(PIP) -r requirements-dev.txt
	@touch .venv/installed $@

# What `make bench` measures the product against comes on top.
.venv/installed-bench: requirements-bench.txt | .venv/installed-dev
	@echo "Installing what is measured beside the product …"
	@$(PIP) -r requirements-bench.txt
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	  { echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3.12 run"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "The module venv is needed (Debian: apt-get install python3-venv)."; exit 1; }

run: .venv/installed
	@$(BIN)/python manage.py up $(ARGS)

test: install
	$(BIN)/python -m pytest -n auto -p no:randomly -m "not long" $(ARGS)

# What takes minutes: whole products killed and started again.
test-long: install
	$(BIN)/python -m pytest -n auto -m long $(ARGS)

# All tests, measured; the measure has to reach this. Slower, so it is not part of `make test`.
coverage: install
	$(BIN)/python -m pytest -n auto --cov --cov-report= $(ARGS)
	$(BIN)/coverage report --fail-under=95
	$(BIN)/coverage report --fail-under=98 --include='$(INSIDE)'

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --check --lint --quiet templates crm partners deals
	$(BIN)/codespell .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy .
	$(BIN)/python manage.py check --fail-level WARNING
	$(AS_PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python $(NO_HISTORY) manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py texts --check

# 1,000 reports under 500 kills, pauses and cuts; about ten minutes.
faults: install
	REPORTS_FAULTS=full $(BIN)/python -m pytest -p no:randomly -s tests/faults/test_reports_delivery.py $(ARGS)

# schemathesis with every phase and check, as each role; half an hour and more.
fuzz: install
	$(BIN)/python -m pytest -p no:randomly -m long tests/security/test_fuzz.py $(ARGS)

bench: .venv/installed-bench
	$(BIN)/python -m tests.bench $(ARGS)

# Exact versions with hashes for every platform; no index is named, the machine's own is used.
lock: install
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --group bench -c requirements-dev.txt pyproject.toml -o requirements-bench.txt

clean-state: .venv/installed
	@$(BIN)/python manage.py clean_state $(ARGS)
