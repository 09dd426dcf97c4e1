"""Drawing which degrees and interactions a polynomial uses."""

from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._hermite import HermitePolynomialRegressor
from sklearn_depth.inspection._drawing import COLOURS, panels, whole_numbers
from sklearn_depth.inspection._legends import draw_legends, make_room
from sklearn_depth.utils._optional import check_installed
from sklearn_depth.utils._sklearn import merge_style

_WORDS = "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"
# Where the axis goes on, for the legend, there are no shares.
_TICKS = 0, 0.25, 0.5, 0.75, 1


class VarianceSharesDisplay:
    r"""Shares of the explained variance, by degree and number of features joined.

    .. math:: \text{share}(s, m) =
        \frac{\sum_{\alpha: |\alpha| = s, \, \|\alpha\|_0 = m} c_\alpha^2}
        {\sum_\alpha c_\alpha^2}

    as stacked bars: one bar for each degree s, one colour for each number m of features
    that a product joins. Here c are the coefficients of a polynomial in orthonormal
    Hermite products, so that the bars add up to one.

    Parameters
    ----------
    groups : ndarray of shape (n_groups, 2)
        Degree and number of features joined of each group of products.
    shares : ndarray of shape (n_groups,)
        The share of each group.

    Attributes
    ----------
    bars_ : list of matplotlib BarContainer
        The bars of each number of features joined, growing; a container has one bar for
        each degree, growing.
    legends_ : list of matplotlib Legend
        What is which.
    ax_ : matplotlib Axes
        The axes drawn on.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    sklearn_depth.HermitePolynomialRegressor : The polynomial.
    LinkFunctionDisplay : A function of a learned projection.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> import numpy as np
    >>> from sklearn_depth import HermitePolynomialRegressor
    >>> from sklearn_depth.inspection import VarianceSharesDisplay
    >>> X = np.random.default_rng(0).standard_normal((400, 4))
    >>> y = X[:, 0] + X[:, 1] * X[:, 2]
    >>> model = HermitePolynomialRegressor(2).fit(X, y)
    >>> display = VarianceSharesDisplay.from_estimator(model)
    >>> display.groups
    array([[1, 1],
           [2, 1],
           [2, 2]])
    >>> [round(float(share), 1) for share in display.shares]
    [0.5, 0.0, 0.5]
    """

    def __init__(self, *, groups, shares):
        self.groups = groups
        self.shares = shares

    @classmethod
    def from_estimator(cls, estimator, *, target=None, ax=None, bar_kwargs=None):
        """Draw what a fitted polynomial uses.

        Parameters
        ----------
        estimator : HermitePolynomialRegressor
            A fitted one, with ``alpha="evidence"``.
        target : int or None, default=None
            Number of the target, from 0; None takes the only one.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; see :meth:`plot`.
        bar_kwargs : dict or None, default=None
            Keywords of all bars.

        Returns
        -------
        display : VarianceSharesDisplay
            The drawing.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If it is no polynomial, was fitted with another ``alpha``, has no such
            target, or is constant.
        """
        check_installed("matplotlib", f"{cls.__name__}.from_estimator")
        shares = _shares(estimator, target)
        display = cls(groups=estimator.groups_, shares=shares)
        return display.plot(ax, bar_kwargs=bar_kwargs)

    def plot(self, ax=None, *, bar_kwargs=None):
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on, without bars; the legend is inside, above the bars. None
            makes a figure for a column of a page, 3.3 by 2.6 inches, with the legend
            above, where a title would be.
        bar_kwargs : dict or None, default=None
            Keywords of matplotlib's ``bar`` for all bars.

        Returns
        -------
        display : VarianceSharesDisplay
            This object.

        Raises
        ------
        ValueError
            If the axes have bars already.
        """
        with panels(self, ax) as (panel,):
            _check_empty(panel)
            self.bars_ = self._draw_bars(panel, bar_kwargs or {})
            whole_numbers(panel.xaxis)
            panel.set_yticks(_TICKS)
            panel.set(xlabel="degree", ylabel="share of explained variance")
            entries = [(bars.patches[0], bars.get_label()) for bars in self.bars_]
            self.legends_ = draw_legends(
                panel, [entries], alone=ax is None, at_top=True
            )
            make_room(panel, self.legends_ if ax is not None else [], self._tallest())
        self.ax_, self.figure_ = panel, panel.figure
        return self

    def _draw_bars(self, panel, chosen):
        """Those of each number of features, on top of those of fewer."""
        degrees, joined = np.asarray(self.groups).T
        shares = np.asarray(self.shares)
        places = np.unique(degrees)
        below, drawn = np.zeros(len(places)), []
        for m in np.unique(joined).tolist():
            group = joined == m
            heights = np.zeros(len(places))
            heights[np.searchsorted(places, degrees[group])] = shares[group]
            colour = COLOURS[(m - 1) % len(COLOURS)]
            look = {"color": colour, "width": 0.7, "label": _columns(m)}
            look = merge_style(look, chosen)
            drawn.append(panel.bar(places, heights, bottom=below, **look))
            below += heights
        return drawn

    def _tallest(self):
        return np.max(np.bincount(np.asarray(self.groups)[:, 0], self.shares))


def _shares(estimator, target):
    """Of the groups of one target."""
    name = type(estimator).__name__
    if not isinstance(estimator, HermitePolynomialRegressor):
        raise ValueError(
            f"{name} has no groups of products. Pass a fitted "
            "HermitePolynomialRegressor; of a pipeline its last step, of a search "
            "best_estimator_."
        )
    check_is_fitted(estimator)
    if not hasattr(estimator, "variance_shares_"):
        raise ValueError(
            f"{name} was fitted with alpha={estimator.alpha!r}, which gives no "
            'variances of groups. Fit it with alpha="evidence".'
        )
    shares = np.atleast_2d(estimator.variance_shares_)
    if target is None and len(shares) > 1:
        raise ValueError(
            f"{name} was fitted to {len(shares)} targets, and one is drawn at a time. "
            f"Pass target, a number from 0 to {len(shares) - 1}."
        )
    target = 0 if target is None else target
    if not isinstance(target, Integral) or not 0 <= target < len(shares):
        raise ValueError(
            f"target={target}, and {name} was fitted to {len(shares)}, counted from 0. "
            "Pass the number of one."
        )
    if np.isnan(shares[target]).any():
        raise ValueError(
            f"The fit of target {target} is constant and explains no variance. Fit to "
            "a target that varies with the features."
        )
    return shares[target]


def _check_empty(panel):
    from matplotlib.container import BarContainer

    if any(isinstance(drawn, BarContainer) for drawn in panel.containers):
        raise ValueError(
            "VarianceSharesDisplay.plot draws bars, and ax has some already, which "
            "they would hide. Pass other axes, or call ax.clear() first."
        )


def _columns(n_columns):
    """The number of features in words."""
    word = _WORDS[n_columns - 1] if n_columns <= len(_WORDS) else n_columns
    return f"{word} feature" if n_columns == 1 else f"{word} features"
