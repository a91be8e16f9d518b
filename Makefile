# Two commands for everybody: `make run` starts the server, `make test` checks everything.
# Both make an environment of their own in .venv and install what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := bench/.venv
# What Python compiled is kept, whatever was asked for elsewhere: the tests start it many times.
unexport PYTHONDONTWRITEBYTECODE
# What an installed environment was made from.
SOURCES := setup.py pyproject.toml

.PHONY: run test lint unit nightly mutants docs guard bench bench-report clean

run: $(VENV)/installed
	$(BIN)/twistd --nodaemon --pidfile= pytlas $(ARGS)

# Files of tests are handed out in the order of tests/conftest.py.
test: lint
	$(BIN)/python -m bench.guard
	$(BIN)/python -m pytest --quiet --numprocesses 3 --dist loadfile --no-loadscope-reorder \
		--cov --own-coverage --cov-report=term:skip-covered $(ARGS)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# The fast part: nothing here starts a process.
unit: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m "not service" $(ARGS)

nightly mutants docs: $(VENV)/installed-dev
	$(BIN)/tox -e $@

# Whether the hot paths became dearer; `--store` writes down what they cost.
guard: $(VENV)/installed-dev
	$(BIN)/python -m bench.guard $(ARGS)

# Compares with other servers: docs/explanation/performance.md. They live in an environment of
# their own, with ours beside them.
bench: $(BENCH)/installed
	$(BENCH)/bin/python -m bench $(ARGS)

# The newest run as plots and tables of the documentation.
bench-report: $(BENCH)/installed
	$(BENCH)/bin/python -m bench.report $(ARGS)

$(BENCH)/installed: $(SOURCES) bench/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --editable . \
		--requirement bench/requirements.txt
	touch $@

$(VENV)/installed: $(SOURCES)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

# Not by way of the one above, which would resolve and install all twice.
$(VENV)/installed-dev: $(SOURCES)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $(VENV)/installed $@

clean:
	rm -rf $(VENV) $(BENCH) .tox .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist src/*.egg-info
