# Every target sets up what it needs, in a virtual environment of the project's own.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES = $(shell find sklearn_depth -name '*.py')
# One BLAS thread a process: tests run on two, and threads only fight over the cores.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

.PHONY: demo test test-oldest test-no-torch fuzz check docs site dist release bench \
	bench-full clean

demo: $(VENV)/.extra-plot
	$(BIN)/python examples/separation.py

# Only scikit-learn's checks of array API input need SciPy's support of it.
test: $(VENV)/.extra-test
	$(ONE_THREAD) $(BIN)/python -m pytest -k "not array_api"
	$(ONE_THREAD) SCIPY_ARRAY_API=1 $(BIN)/python -m pytest -n 0 -k array_api tests/test_common.py

# The lower bounds of pyproject.toml, installed as they stand.
test-oldest: .venv-oldest/.ready
	$(ONE_THREAD) .venv-oldest/bin/python -m pytest -n 0 tests/bounds.py
	$(ONE_THREAD) SCIPY_ARRAY_API=1 .venv-oldest/bin/python -m pytest

# Only the networks that torch trains may need it.
test-no-torch: .venv-no-torch/.ready
	$(ONE_THREAD) .venv-no-torch/bin/python -m pytest -n 0 tests/no_torch.py

# Random data for every estimator, of which FUZZ inputs each, the same ones every time;
# and scikit-learn's checks of the defaults.
FUZZ ?= 200
fuzz: $(VENV)/.extra-test
	$(ONE_THREAD) SKLEARN_DEPTH_FUZZ=$(FUZZ) $(BIN)/python -m pytest -n 0 tests_fuzz

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

# The sdist and the wheel, and the wheel in an environment without the sources, which
# borrows what it depends on.
dist: $(VENV)/.extra-release
	rm -rf dist .venv-dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/twine check --strict dist/*
	$(PYTHON) -m venv --without-pip .venv-dist
	$(BIN)/python -m pip --disable-pip-version-check --python .venv-dist/bin/python \
		install --quiet --no-deps dist/*.whl
	cd .venv-dist && PYTHONPATH=$$(../$(BIN)/python -c $(SITE_PACKAGES)) \
		bin/python -P ../tests/installed.py

SITE_PACKAGES := "import sysconfig; print(sysconfig.get_path('purelib'))"

# From a clean tree whose three places agree on the version: see CONTRIBUTING.md.
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' sklearn_depth/__init__.py)
release: dist
	test -z "$$(git status --porcelain)"
	grep -qx "$(VERSION)" CHANGES.md
	grep -qx "version: $(VERSION)" CITATION.cff
	git tag --annotate --message "Release $(VERSION)" v$(VERSION)
	$(BIN)/twine upload dist/*

# A small size, whose tables git ignores, and the one of the page.
bench: $(VENV)/.extra-bench
	$(BIN)/python benchmarks/run.py --quick accuracy classes scale speed report

bench-full: $(VENV)/.extra-bench
	$(BIN)/python benchmarks/run.py accuracy classes scale speed report

clean:
	rm -rf $(VENV) .venv-oldest .venv-no-torch .venv-dist dist docs/_build docs/generated examples/output

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp for each extra, renewed when the requirements change.
$(VENV)/.extra-%: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip --disable-pip-version-check install --quiet \
		--constraint constraints.txt --editable ".[$*]"
	@touch $@

.venv-oldest/.ready: pyproject.toml tests/bounds.py
	$(PYTHON) -m venv --clear .venv-oldest
	$(PYTHON) tests/bounds.py oldest > .venv-oldest/requirements.txt
	.venv-oldest/bin/python -m pip --disable-pip-version-check install --quiet \
		--requirement .venv-oldest/requirements.txt --editable .
	@touch $@

.venv-no-torch/.ready: pyproject.toml constraints.txt tests/bounds.py
	$(PYTHON) -m venv --clear .venv-no-torch
	$(PYTHON) tests/bounds.py no-torch > .venv-no-torch/requirements.txt
	.venv-no-torch/bin/python -m pip --disable-pip-version-check install --quiet \
		--constraint constraints.txt --requirement .venv-no-torch/requirements.txt
	.venv-no-torch/bin/python -m pip --disable-pip-version-check install --quiet \
		--no-deps --editable .
	@touch $@
