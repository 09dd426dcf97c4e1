"""Every example of the gallery states a claim, is short, and draws a figure alone."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("plot_*.py"))
each_example = pytest.mark.parametrize(
    "path", EXAMPLES, ids=[path.stem for path in EXAMPLES]
)
PRINTED_INCHES, LEAST_POINTS = 6.5, 6  # the text of a page, and what can be read on it


def test_gallery_has_twenty_examples_or_more():
    assert len(EXAMPLES) >= 20


@each_example
def test_example_is_short_with_a_title_and_cells(path):
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) < 80
    assert lines[0] == '"""' and set(lines[2]) == {"="}
    assert len(lines[2]) == len(lines[1])
    assert lines.count("# %%") >= 2
    assert "__file__" not in text


@each_example
@pytest.mark.usefixtures("figures_and_settings")
def test_example_runs_alone_and_draws(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plt, "show", lambda: None)
    code = compile(path.read_text(encoding="utf-8"), path.name, "exec")
    exec(code, {"__name__": "__main__"})
    figures = [plt.figure(number) for number in plt.get_fignums()]
    assert figures
    for figure in figures:
        check_figure(figure)


def check_figure(figure):
    """Something is drawn, in letters that can be read where a page holds the figure."""
    figure.canvas.draw()
    assert np.asarray(figure.canvas.buffer_rgba()).std() > 2
    shrunk = min(1, PRINTED_INCHES / figure.get_figwidth())
    letters = [text for text in figure.findobj(Text) if text.get_text().strip()]
    assert min(text.get_fontsize() for text in letters) * shrunk >= LEAST_POINTS
