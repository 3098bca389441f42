# `make run` starts the product, `make test` checks all of it. Both do only what is not yet done.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1

MAKEFLAGS += --jobs=2  # what Python needs and what the page needs is installed side by side

PIP := .venv/bin/python -m pip install --disable-pip-version-check
FRONTEND_SOURCES := $(shell find frontend -path frontend/dist -prune -o -path frontend/screenshots -prune \
	-o -path frontend/test-results -prune -o -type f -print)

.PHONY: run install test lint format
.DELETE_ON_ERROR:

run: .make/serve frontend/dist/index.html ## the page and the API on http://localhost:8000
	@.venv/bin/python manage.py migrate --verbosity 0
	@.venv/bin/python manage.py collectstatic --noinput --verbosity 0
	@echo "Dogbreed: http://$(HOST):$(PORT)/   API: http://$(HOST):$(PORT)/api/   Stop with Ctrl-C."
	@exec .venv/bin/gunicorn --config deploy/gunicorn.conf.py --bind $(HOST):$(PORT) dogbreed.wsgi

install: .make/serve .make/train ## everything that training needs (PyTorch: some gigabytes)

test: .make/serve .make/train .make/dev frontend/dist/index.html lint
	.venv/bin/python manage.py collectstatic --noinput --verbosity 0
	.venv/bin/python -m pytest --numprocesses 2 --dist loadfile
	npm test
	npm run e2e

lint: .make/dev .make/node
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	npm run check

format: .make/dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# What is installed, one stamp for each list of packages.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

.make:
	@mkdir -p .make

.make/serve: requirements/serve.txt .venv/bin/python | .make
	$(PIP) -r requirements/serve.txt
	@touch $@

.make/train: requirements/train.txt .make/serve | .make
	$(PIP) -r requirements.txt
	@touch $@

.make/dev: requirements/dev.txt .make/train | .make
	$(PIP) -r requirements/dev.txt
	@touch $@

.make/node: package.json package-lock.json | .make
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' \
		|| { echo "Node 20 or newer is needed, with npm: https://nodejs.org"; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/index.html: .make/node $(FRONTEND_SOURCES)
	npm run build
	@touch $@
