# The few commands of this project. `make run` and `make test` are all a new user needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PACKAGES := collectors nlp store analysis monitor dashboard

.PHONY: run test lint browser live bench help
help:  ## Show the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /	/'

.venv/run.stamp: pyproject.toml constraints.txt
	@echo "インストールしています（初回は数分かかります）/ Installing, a few minutes the first time …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

.venv/browser.stamp: .venv/dev.stamp
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[browser]'
	@touch $@

run: .venv/run.stamp  ## Start the monitor and the dashboard (the demo, where there is no hibiki.toml)
	@$(BIN)/hibiki up

test: .venv/dev.stamp  ## The test suite: no internet, no credentials
	$(BIN)/python -m pytest -n 4 --dist loadfile

lint: .venv/dev.stamp  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

browser: .venv/browser.stamp  ## Walk the dashboard in headless Chromium; screenshots land in screenshots/
	$(BIN)/python -m pytest tests/browser

live: .venv/dev.stamp  ## Collectors against real servers: Bluesky on this machine (Node.js, PostgreSQL, Redis), Mastodon and Misskey where HIBIKI_LIVE_… says
	$(BIN)/python -m tests.live.fediverse
	$(BIN)/python -m tests.live.bluesky
	$(BIN)/python -m tests.live.lexicons

bench: .venv/dev.stamp  ## The benchmarks, each a table
	$(BIN)/python -m bench.rounds
	$(BIN)/python -m bench.collect
	$(BIN)/python -m bench.nlp
	$(BIN)/python -m bench.adapt
	$(BIN)/python -m bench.store
	$(BIN)/python -m bench.dashboard
