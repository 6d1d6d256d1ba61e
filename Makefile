# Run `make` to see what there is. Needs Python 3.11 or newer (with venv) and make; nothing else to run hallapp.

.DEFAULT_GOAL := help
.SILENT:

PORT ?= 8000
HALL_BASE_URL ?= http://127.0.0.1:$(PORT)
export PORT HALL_BASE_URL

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$p" && break; done)
VENV := .venv
PY := $(VENV)/bin/python
FLASK := $(PY) -m flask --app wsgi
PIP := $(PY) -m pip --quiet --disable-pip-version-check install
PYBABEL := $(PY) -m babel.messages.frontend --quiet
TRANSLATIONS := hallapp/translations
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

.PHONY: help run test test-fast test-nightly check audit bench chaos cluster image screenshots requirements messages

help: ## list these commands
	awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.installed ## install what is missing, fill an empty database with a demonstration, serve and work (PORT=8000)
	$(FLASK) hall setup --demo-if-empty
	echo "hallapp: http://127.0.0.1:$(PORT) (Ctrl+C stops it)"
	exec $(PY) -m hallapp.run

# Compiled tests are kept, whatever the environment says: compiling them takes each worker as long as 300 tests.
test test-fast test-nightly: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/.installed-dev ## run every test, on SQLite and on PostgreSQL and in a browser (ARGS="-k pass" for some)
	$(PY) -m pytest -n auto --dist worksteal $(ARGS)

test-fast: $(VENV)/.installed-dev ## run what the changed files can break first: on SQLite, no browser, in a minute
	$(PY) -m tests.fast $(ARGS)

test-nightly: $(VENV)/.installed-dev ## run every test on both databases, and search for counterexamples forty times as long
	HYPOTHESIS_PROFILE=nightly $(PY) -m pytest -n auto --dist worksteal --database=both $(ARGS)

check: $(VENV)/.installed-dev ## format, lint, types, templates, imports
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m djlint --quiet --lint templates
	$(VENV)/bin/lint-imports

audit: $(VENV)/.installed-dev ## look the pinned packages up among known vulnerabilities, where a service answers
	$(PY) -m tests.audit

chaos: $(VENV)/.installed-dev ## three desks on bad networks, in browsers too, for long (CHAOS_ROUNDS=100)
	CHAOS_ROUNDS=$${CHAOS_ROUNDS:-100} $(PY) -m pytest tests/desk/test_chaos.py tests/browser/test_chaos.py -q $(ARGS)

cluster: $(VENV)/.installed-dev ## show several machines that die one at a time: as root, with Patroni, etcd, HAProxy, PgBouncer of Debian
	$(PY) -m pytest -n0 -p no:randomly -s tests/cluster/check_*.py $(ARGS)

image: $(VENV)/.installed-dev ## build and run the image, and try the files of deploy/ with the real programs: as root, on Debian
	$(PY) -m pytest -n0 -p no:randomly -s tests/deploy/check_*.py $(ARGS)

bench: $(VENV)/.installed-dev ## measure bookings, arrivals, passes and reports against bare ones, on both databases
	$(PY) -m tests.bench $(ARGS)

screenshots: $(VENV)/.installed-dev ## take the pictures of the documentation again, from a demonstration hall
	$(PY) -m tests.browser.screenshots

# Releases without a wheel are left out: the image builds nothing.
requirements: $(VENV)/.installed-dev ## pin the whole tree again from the two .in files
	$(PY) -m uv pip compile --quiet --python-version 3.11 --universal --no-header --generate-hashes --only-binary :all: $(ARGS) \
		requirements.in -o requirements.txt
	$(PY) -m uv pip compile --quiet --python-version 3.11 --universal --no-header --generate-hashes $(ARGS) -c requirements.txt \
		requirements-dev.in -o requirements-dev.txt

messages: $(VENV)/.installed-dev ## collect the texts to translate, and compile the catalogues
	mkdir -p build
	$(PYBABEL) extract -F hallapp/babel.cfg -k N_ -k _l --no-location --sort-output --project hallapp -o build/messages.pot .
	for language in $$(ls $(TRANSLATIONS) | grep -v '^zh_Hant$$'); do \
		$(PYBABEL) update -i build/messages.pot -l $$language -d $(TRANSLATIONS) --no-fuzzy-matching --ignore-obsolete \
			--ignore-pot-creation-date; \
	done
	$(PY) -m tests.hant
	$(PYBABEL) compile -d $(TRANSLATIONS)

$(VENV)/bin/python:
	"$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo 'hallapp needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 names one' >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	echo "Installing what hallapp runs on…"
	$(PIP) -r requirements.txt
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(VENV)/bin/python
	echo "Installing what the tests need…"
	$(PIP) -r requirements-dev.txt
	touch $@
