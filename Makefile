# `make` lists the targets. Each one installs what it needs and repeats nothing that is already done.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
UPGRADE ?=

# Two at a time: what needs Python's packages beside what needs the page's. The failure of one does not hide the other's.
MAKEFLAGS += --jobs=2 --keep-going

PIP := .venv/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes
PYTEST := .venv/bin/python -m pytest --dist loadfile --no-loadscope-reorder
# Each lock covers Python 3.11 and later and every platform. It names extras, because older pips do not pin
# `coverage[toml]` by a line of `coverage`, and refuse to install once a newer coverage is out.
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version=3.11 --generate-hashes --no-strip-extras
FRONTEND_SOURCES := $(shell find frontend -path frontend/dist -prune -o -path frontend/screenshots -prune \
	-o -path frontend/test-results -prune -o -type f -print)

.DEFAULT_GOAL := help
.PHONY: help run static install check quick-tests page-tests test test-python test-page lint lint-python lint-page format lock
.DELETE_ON_ERROR:

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: static frontend/dist/index.html ## start the page and the API on http://localhost:8000 (PORT=…; HOST=0.0.0.0 for phones)
	@.venv/bin/python manage.py migrate --verbosity 0
	@address="$(HOST)"; \
	case "$$address" in 0.0.0.0 | "[::]") address=$$(.venv/bin/python deploy/own_address.py) ;; esac; \
	echo "Dogbreed: http://$$address:$(PORT)/   API: http://$$address:$(PORT)/api/   Stop with Ctrl-C."; \
	exec env DOGBREED_ALLOWED_HOSTS="$${DOGBREED_ALLOWED_HOSTS:-localhost,127.0.0.1,[::1],$$address}" \
		.venv/bin/gunicorn --config deploy/gunicorn.conf.py --bind "$(HOST):$(PORT)" dogbreed.wsgi

static: .make/serve ## collect the styles and scripts of the API's own pages
	@.venv/bin/python manage.py collectstatic --noinput --verbosity 0

install: .make/train ## install what training needs (PyTorch: several gigabytes)

check: lint quick-tests page-tests ## lint, types and the quick tests: no servers, no browser, no training (about 2 minutes)

quick-tests: .make/dev ## the quick tests of Python alone
	$(PYTEST) --numprocesses 2 --quiet -m "not slow"

page-tests: .make/node ## the tests of the page's parts
	npm test

test: test-python test-page ## everything, with coverage; needs Chromium, nginx and PostgreSQL

# Three processes for two cores: slow tests wait for servers, time limits and processes that they start.
test-python: static frontend/dist/index.html .make/dev lint-python ## style, types and all tests of Python, with coverage
	$(PYTEST) --numprocesses 3 --cov --cov-report=
	.venv/bin/python -m tests.coverage_by_room

# Its output comes in one piece, because it runs beside test-python.
test-page: static frontend/dist/index.html ## style, types and all tests of the page, in a real browser too
	@echo 'The page is being tested. What its tests say comes when they have ended: .make/test-page.log'
	@{ npm run check && npm run lint && npm test && npm run e2e; } >.make/test-page.log 2>&1; \
	code=$$?; cat .make/test-page.log; exit $$code

lint: lint-python lint-page ## style, types and import rules of both languages

lint-python: .make/dev ## those of Python
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports

lint-page: .make/node ## those of the page
	npm run check
	npm run lint

format: .make/dev .make/node ## format both languages
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	npm run format

lock: .make/dev ## write requirements/lock/ anew (UPGRADE=--upgrade takes newer versions)
	$(LOCK) $(UPGRADE) requirements/serve.txt requirements/train.txt requirements/dev.txt --output-file=requirements/lock/dev.txt
	$(LOCK) requirements/serve.txt requirements/train.txt --constraints=requirements/lock/dev.txt --output-file=requirements/lock/train.txt
	$(LOCK) requirements/serve.txt --constraints=requirements/lock/dev.txt --output-file=requirements/lock/serve.txt

# What is installed: one stamp for each list of packages.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed. Name one with: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

.make:
	@mkdir -p .make

.make/serve: requirements/lock/serve.txt .venv/bin/python | .make
	$(PIP) -r requirements/lock/serve.txt
	@touch $@

.make/train: requirements/lock/train.txt .make/serve | .make
	$(PIP) -r requirements/lock/train.txt
	@touch $@

.make/dev: requirements/lock/dev.txt .make/train | .make
	$(PIP) -r requirements/lock/dev.txt
	@touch $@

.make/node: package.json package-lock.json | .make
	@printf 'v20.19\n%s\n' "$$(node --version)" | sort -CV \
		|| { echo "Node 20.19 or newer is needed, with npm: https://nodejs.org"; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/index.html: .make/node $(FRONTEND_SOURCES)
	npm exec vite build frontend
	@touch $@
