# Every target sets up what it needs, in a virtual environment of the project's own.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES = $(shell git ls-files 'sklearn_depth/*.py')
# One BLAS thread a process: tests run on two, and threads only fight over the cores.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

.PHONY: demo test check docs site bench bench-full clean

demo: $(VENV)/.extra-plot
	$(BIN)/python examples/plot_separation.py

# With SciPy's array API support, which some of scikit-learn's checks need, and without.
test: $(VENV)/.extra-test
	$(ONE_THREAD) SCIPY_ARRAY_API=1 $(BIN)/python -m pytest
	$(ONE_THREAD) $(BIN)/python -m pytest tests/test_common.py -k "not array_api"

check: $(VENV)/.extra-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python -m numpydoc lint $(SOURCES)

docs: $(VENV)/.extra-docs
	$(BIN)/sphinx-build -W -b html docs docs/_build/html

# In a real browser: Debian's packages chromium and chromium-driver, or CHROMIUM and
# CHROMEDRIVER set to their paths. Screenshots go to docs/_build/screenshots.
site: docs $(VENV)/.extra-site
	$(BIN)/python -m pytest -n 0 tests_site

# A small size, whose tables git ignores, and the one of the page.
bench: $(VENV)/.extra-bench
	$(BIN)/python benchmarks/run.py --quick accuracy speed report

bench-full: $(VENV)/.extra-bench
	$(BIN)/python benchmarks/run.py accuracy speed report

clean:
	rm -rf $(VENV) docs/_build docs/generated examples/output

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp for each extra, renewed when the requirements change.
$(VENV)/.extra-%: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip --disable-pip-version-check install --quiet \
		--constraint constraints.txt --editable ".[$*]"
	@touch $@
