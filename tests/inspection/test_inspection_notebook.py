"""Displays in the notebook of a fresh kernel, each below its cell."""

import nbformat
from nbclient import NotebookClient

CELLS = [
    """
import matplotlib.pyplot as plt
import numpy as np
from sklearn_depth.inspection import (
    FeatureLearningDisplay, LinkFunctionDisplay, LossCurveDisplay, RadialProfileDisplay,
    VarianceSharesDisplay,
)
from sklearn_depth.studies import SampleComplexityDisplay, StudyResult
x = np.linspace(1, 2, 5)
""",
    "FeatureLearningDisplay(steps=x, loss=x, alignment=x / 2).plot();",
    """
bins = {"bin_projection": x, "bin_prediction": x}
LinkFunctionDisplay(projection=x, y=x, **bins).plot();
""",
    "RadialProfileDisplay(radii=x, value=x, standard_error=x, distances=x).plot();",
    "VarianceSharesDisplay(groups=np.array([[1, 1]]), shares=np.ones(1)).plot();",
    """
columns = {"estimator": ["a"] * 5, "n_samples": x, "repeat": [0] * 5, "mse": x}
result = StudyResult(columns, {"scoring": {"mse": "lower"}})
SampleComplexityDisplay.from_result(result);
""",
    "plt.plot(x, x);",
]


def test_each_cell_shows_its_figure(monkeypatch):
    """The first display in a kernel used to be the last figure that it showed."""
    monkeypatch.delenv("MPLBACKEND", raising=False)
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [
        [kind for output in cell.outputs for kind in output.get("data", ())]
        for cell in notebook.cells
    ]
    assert [kinds.count("image/png") for kinds in shown] == [0, 1, 1, 1, 1, 1, 1]
