"""
A figure and a table for a paper
================================

A study ends in a figure and a table of exponents. Both go into a paper as they are: the
figure as wide as a column of text and in its fonts, the table as LaTeX.
"""

# %%
# How does the number of samples that a learner needs grow with the dimension? The
# target is a parabola along one direction. A polynomial of degree 2 has to tell it from
# all others, of which there are about d² / 2.

from functools import partial

import matplotlib.pyplot as plt
import numpy as np

from sklearn_depth import HermitePolynomialRegressor, KernelRidge
from sklearn_depth.datasets import make_single_index
from sklearn_depth.studies import ScalingExponentDisplay, sample_complexity_curve

estimators = {
    "polynomial": HermitePolynomialRegressor(2, alpha="gcv"),
    "kernel ridge": KernelRidge("loo", kernel="rbf", fit_intercept=True),
}
result = sample_complexity_curve(
    estimators,
    partial(make_single_index, link="he2", noise=0.1, return_truth=True),
    train_sizes=lambda d: np.unique(np.geomspace(d, 4 * d**2, 10).astype(int)),
    n_features=[4, 8, 16],
    n_repeats=4,
    n_test=300,
    random_state=0,
)

# %%
# The figure is 3.3 inches wide, as a column of many journals is, so that LaTeX need not
# scale it and 8 points stay 8 points. ``fonttype: 42`` embeds TrueType fonts, which
# some journals ask for. Save it with ``display.figure_.savefig("exponents.pdf")``.

paper = {"font.family": "serif", "mathtext.fontset": "cm", "pdf.fonttype": 42}
with plt.rc_context(paper):
    display = ScalingExponentDisplay.from_result(result, target=0.3)
    plt.show()

# %%
# The table, with intervals at 90 % in brackets.

print(display.exponents.to_latex(["estimator", "exponent"]))
