PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
JOBS   ?= 2
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.PHONY: help setup run test lint types contract unit floors bench samples lock clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The lock names every package; pip's resolver must not choose among newer ones where extras ask for the same package.
$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "chiptrail needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

setup: $(VENV)/.ready  ## make the virtual environment in .venv from the lock file

run: setup  ## read the bundled samples and write an evidence set (offline)
	$(BIN)/chiptrail run corpus/samples --out outputs/sets/samples

test: lint types contract unit  ## everything a change must pass

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

contract: setup
	$(BIN)/lint-imports --no-cache

unit: setup
	$(BIN)/pytest -n $(JOBS)

floors: setup  ## accuracy against the gold facts, where the folder with them is beside the checkout
	$(BIN)/python benchmarks/floors.py

bench: setup  ## pages a second beside other readers, on the PDFs of ../shared/corpus
	$(BIN)/python benchmarks/reading.py

samples: setup  ## write the bundled samples again from their script
	$(BIN)/python corpus/samples/build.py

lock:  ## resolve requirements.lock anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --all-extras pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info outputs/sets/*
