# Two commands, each does all its set-up on a fresh machine that has Python 3.11 or newer:
#
#   make demo   the digit classifier trains; a function's graph, program and gradient are shown
#   make test   lint, types, and the whole test suite
#
# Beside them: make docs (run the documentation's code again and rewrite what it prints, and the
# generated tables), make bench (the benchmarks), make clean.

VENV ?= .venv
BIN  := $(VENV)/bin

# The first interpreter that is new enough; `make PYTHON=/path/to/python test` overrides it.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# NumPy's matrix products would start a thread a core in each of the two test processes.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: demo test docs bench clean
.DEFAULT_GOAL := test

demo: $(VENV)/.demo
	$(BIN)/python examples/digits.py
	$(BIN)/python examples/inspect_graph.py

# All three run even when one fails; pytest comes last, so that its summary closes the output.
test: $(VENV)/.dev
	@status=0; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/pytest -n 2 || status=1; \
	exit $$status

docs: $(VENV)/.dev
	$(BIN)/python -m tools.docs --write

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/run.py --write benchmarks/results.md

# Stamps: installed again only when pyproject.toml has changed. `dev` includes `demo`.
$(VENV)/.demo $(VENV)/.dev: $(VENV)/.%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$*]'
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'graphc needs Python 3.11 or newer; none was found (set PYTHON=)'; exit 1; }
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
