# make run | test | test-browser | test-all | test-backends | check | format | bench | lock | clean
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
BENCHMARKS := $(wildcard benchmarks/*.py)

.PHONY: run test test-browser test-all test-backends check format bench lock clean

run: .venv/.run
	$(BIN)/python -m dl_techniques serve

test: .venv/.test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow and not browser"

test-browser: .venv/.test
	$(BIN)/python -m pytest -m browser tests/browser

test-all: .venv/.test .venv/.backends
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup
	$(MAKE) test-backends

test-backends: .venv/.test .venv/.backends
	JAX_DISABLE_MOST_OPTIMIZATIONS=1 KERAS_BACKEND=jax $(BIN)/python -m pytest -n $(WORKERS) tests/contract -m "not slow"
	KERAS_BACKEND=torch $(BIN)/python -m pytest -n $(WORKERS) tests/contract -m "not slow"
	$(BIN)/python -m pytest tests/contract/test_backends_agree.py

check: .venv/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.test .venv/.backends
	for script in $(BENCHMARKS); do echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script || exit 1; done

lock: .venv/.test
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile -q --upgrade --no-header --no-annotate pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --upgrade --no-header --no-annotate --extra test -c requirements.txt pyproject.toml -o requirements-test.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "dl_techniques needs Python 3.11 or newer: make run PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/.test: requirements.txt requirements-test.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch .venv/.run $@

.venv/.backends: requirements-backends.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-backends.txt
	touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build dist *.egg-info
