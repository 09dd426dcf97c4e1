"""What every test starts from and leaves behind, and what tests that draw share."""

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import sklearn

BENCHMARKS = str(Path(__file__).parents[1] / "benchmarks")


@pytest.fixture(autouse=True)
def default_configuration():
    """Undo what a test sets with ``sklearn.set_config``."""
    with sklearn.config_context():
        yield


@pytest.fixture
def figures_and_settings():
    """Close what a test has drawn; no display may change matplotlib's settings."""
    import matplotlib
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    before = dict(matplotlib.rcParams)
    yield
    plt.close("all")
    assert dict(matplotlib.rcParams) == before


@pytest.fixture
def band_ends():
    """Lower and upper ends of a band, by place, from left to right."""

    def ends(band):
        (path,) = band.get_paths()
        x, y = path.vertices.T
        places = np.unique(x)
        return np.array([(y[x == at].min(), y[x == at].max()) for at in places])

    return ends


@pytest.fixture(scope="session")
def benchmarks():
    """Modules of benchmarks/, which no installation puts on the path."""
    sys.path.insert(0, BENCHMARKS)
    yield import_module
    sys.path.remove(BENCHMARKS)
