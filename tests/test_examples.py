"""Every example of the gallery states a claim, is short, and makes its figure."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("plot_*.py"))
# The demonstration tunes ten models on four tasks in a minute and a half; `make demo`
# runs it.
SHORT = [path for path in EXAMPLES if path.stem != "plot_separation"]


def names(paths):
    return [path.stem for path in paths]


def test_gallery_has_twelve_examples_or_more():
    assert len(EXAMPLES) >= 12


@pytest.mark.parametrize("path", EXAMPLES, ids=names(EXAMPLES))
def test_example_is_short_and_has_a_title(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) < 80
    assert lines[0] == '"""' and set(lines[2]) == {"="}
    assert len(lines[2]) == len(lines[1])


@pytest.mark.parametrize("path", SHORT, ids=names(SHORT))
def test_example_makes_one_figure_without_a_warning(path, tmp_path):
    copy = tmp_path / path.name
    copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    environment = os.environ | {"MPLBACKEND": "agg"}
    command = [sys.executable, "-W", "error", copy.name]
    subprocess.run(
        command, cwd=tmp_path, env=environment, check=True, capture_output=True
    )
    (figure,) = (tmp_path / "output").iterdir()
    pixels = matplotlib.image.imread(figure)
    assert pixels.std() > 0.01
