"""What `make dist` has built: a complete sdist, and a wheel that works on its own."""

import inspect
import subprocess
import sys
import tarfile
from importlib.metadata import metadata
from pathlib import Path

import numpy as np
from sklearn.base import is_classifier

import sklearn_depth

ROOT = Path(__file__).parents[1]
LEFT_OUT = (".ci/", ".github/")
X = np.random.default_rng(0).standard_normal((200, 4))
height = X[:, 0] ** 2 + X[:, 1]


def check_wheel():
    """The wheel is what was imported, and every estimator fits and predicts."""
    assert Path(sklearn_depth.__file__).is_relative_to(sys.prefix)
    assert metadata("sklearn-depth")["Version"] == sklearn_depth.__version__
    for name in sklearn_depth.__all__:
        make = getattr(sklearn_depth, name)
        if inspect.isclass(make):
            y = height > 1 if is_classifier(make()) else height
            assert make().fit(X, y).predict(X).shape == y.shape, name


def check_sdist():
    """The sdist has every file that git tracks, so that its tests can run."""
    (path,) = (ROOT / "dist").glob("*.tar.gz")
    with tarfile.open(path) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    tracked = [name for name in listed.stdout.split("\n") if name]
    missing = {name for name in tracked if not name.startswith(LEFT_OUT)} - packed
    assert tracked and not missing, sorted(missing)


if __name__ == "__main__":
    check_wheel()
    check_sdist()
