"""
A table and a figure for a paper
================================

A study ends in a table of exponents and a figure. Both go into a paper as they are: the
table as LaTeX, the figure as wide as a column of text and in its fonts.
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
from sklearn_depth.studies import sample_complexity_curve, scaling_exponent

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
exponents, needed = scaling_exponent(result, 0.3)

# %%
# The table, by pandas. The intervals are of repeats drawn again.

frame = exponents.to_frame().set_index("estimator").round(2)
interval = frame.exponent_low.map("{:.2f}".format) + "--"
table = frame[["exponent"]].assign(
    interval=interval + frame.exponent_high.map("{:.2f}".format)
)
table.columns = ["exponent $k$", r"90\,\% interval"]
latex = table.style.format(precision=2).to_latex(
    hrules=True, caption=r"Samples needed, $n \sim d^k$.", label="tab:exponents"
)
print(latex)

# %%
# The figure is 3.25 inches wide, as a column of many journals is, so that LaTeX does
# not scale it and 8 points stay 8 points. ``fonttype: 42`` embeds TrueType fonts, which
# some journals ask for. Save it with ``figure.savefig("exponents.pdf")``.

paper = {"font.family": "serif", "mathtext.fontset": "cm", "font.size": 8}
with plt.rc_context(paper | {"pdf.fonttype": 42, "lines.markersize": 4}):
    figure, ax = plt.subplots(figsize=(3.25, 2.3), layout="constrained")
    for name, marker in zip(estimators, "os", strict=True):
        rows = needed.select(estimator=name).columns
        k = frame.exponent[name]
        label = f"{name}, $d^{{{k:.1f}}}$"
        ax.loglog(rows["n_features"], rows["n_samples"], marker + "-", label=label)
    ax.set(xlabel="dimension $d$", ylabel="samples needed $n$")
    ax.set_xticks([4, 8, 16], [4, 8, 16])
    ax.minorticks_off()
    ax.legend(frameon=False)
    plt.show()
