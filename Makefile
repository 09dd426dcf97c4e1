# Every target sets up what it needs, in a virtual environment of the project's own.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

.PHONY: demo test check docs bench clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# One stamp for each set of extras, renewed when the requirements change.
$(VENV)/.extra-%: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable ".[$*]"
	@touch $@

demo: $(VENV)/.extra-plot
	$(BIN)/python examples/plot_separation.py

test: $(VENV)/.extra-test
	$(THREADS) $(BIN)/python -m pytest
	$(THREADS) SCIPY_ARRAY_API=1 $(BIN)/python -m pytest tests/test_common.py

check: $(VENV)/.extra-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python docs/check_docstrings.py

docs: $(VENV)/.extra-docs
	$(BIN)/sphinx-build -W -b html docs docs/_build/html

bench: $(VENV)/.extra-bench
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) docs/_build docs/generated examples/output
