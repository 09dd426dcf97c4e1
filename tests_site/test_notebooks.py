"""Every notebook of the gallery runs on its own, in an empty folder."""

import nbformat
import pytest
from conftest import SITE
from nbclient import NotebookClient

NOTEBOOKS = sorted(SITE.glob("_downloads/*/plot_*.ipynb"))


def test_gallery_has_notebooks(site):
    assert len(NOTEBOOKS) >= 20


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebook_runs_and_draws(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    assert sum(cell.cell_type == "markdown" for cell in notebook.cells) >= 2
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert any("image/png" in out.get("data", {}) for out in outputs)
