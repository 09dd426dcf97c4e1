"""What tests that draw share."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

matplotlib.use("agg")


@pytest.fixture
def figures_and_settings():
    """Close what a test has drawn; no display may change matplotlib's settings."""
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
