"""Bars of a fitted polynomial, against sums of its squared coefficients."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_depth import HermitePolynomialRegressor
from sklearn_depth.inspection import VarianceSharesDisplay

pytestmark = pytest.mark.usefixtures("figures_and_settings")

rng = np.random.default_rng(0)
X = rng.standard_normal((300, 4))
y = X[:, 0] * X[:, 1] + (X[:, 2] ** 3 - 3 * X[:, 2]) / np.sqrt(6) + X[:, 3] / 2
y += 0.3 * rng.standard_normal(300)
Y = np.column_stack([y, np.prod(X[:, :3], axis=1), X[:, 0]])
DEGREES = np.arange(1, 5)


@pytest.fixture(scope="module")
def model():
    return HermitePolynomialRegressor(4).fit(X, y)


@pytest.fixture(scope="module")
def several():
    return HermitePolynomialRegressor(3).fit(X, Y)


def shares_by_hand(powers, coef):
    """(n_joined, n_degrees), from the coefficients."""
    joined, degrees = np.count_nonzero(powers, axis=1), powers.sum(axis=1)
    squares = np.zeros((joined.max(), degrees.max()))
    np.add.at(squares, (joined - 1, degrees - 1), coef**2)
    return squares / squares.sum()


def heights(display):
    return np.array([[bar.get_height() for bar in bars] for bars in display.bars_])


def labels(display):
    (legend,) = display.legends_
    return [text.get_text() for text in legend.get_texts()]


@pytest.mark.parametrize("solver", ["primal", "dual"])
def test_bars_are_shares_of_the_squared_coefficients(solver):
    model = HermitePolynomialRegressor(4, solver=solver).fit(X, y)
    display = VarianceSharesDisplay.from_estimator(model)
    expected = shares_by_hand(model.features_.powers_, model.coef_)
    np.testing.assert_allclose(heights(display), expected, atol=1e-9)
    np.testing.assert_array_equal(display.shares, model.variance_shares_)
    np.testing.assert_array_equal(display.groups, model.groups_)


def test_they_are_stacked_by_degree(model):
    display = VarianceSharesDisplay.from_estimator(model)
    starts = np.array([[bar.get_y() for bar in bars] for bars in display.bars_])
    tops = np.cumsum(heights(display), axis=0)
    np.testing.assert_array_equal(starts[0], 0)
    np.testing.assert_allclose(starts[1:], tops[:-1])
    assert tops[-1].sum() == pytest.approx(1)
    for bars in display.bars_:
        middles = [bar.get_x() + bar.get_width() / 2 for bar in bars]
        np.testing.assert_allclose(middles, DEGREES)


def test_labels_colours_and_ticks(model):
    display = VarianceSharesDisplay.from_estimator(model)
    words = ["one feature", "two features", "three features", "four features"]
    assert labels(display) == words
    assert [bars.get_label() for bars in display.bars_] == words
    colours = [bars.patches[0].get_facecolor() for bars in display.bars_]
    assert len(set(colours)) == 4
    shown = [handle.get_facecolor() for handle in display.legends_[0].legend_handles]
    assert shown == colours
    assert display.ax_.get_xlabel() == "degree"
    assert display.ax_.get_ylabel() == "share of explained variance"
    display.figure_.canvas.draw()
    ticks = display.ax_.get_xticks()
    np.testing.assert_array_equal(ticks, np.round(ticks))


def test_a_colour_is_of_one_number_of_columns(model):
    """In all figures, whatever other numbers there are."""
    all_of_them = VarianceSharesDisplay.from_estimator(model)
    few = HermitePolynomialRegressor(2, max_interaction=1).fit(X, y)
    alone = VarianceSharesDisplay.from_estimator(few)
    assert labels(alone) == ["one feature"]
    first, *_ = all_of_them.bars_
    assert alone.bars_[0].patches[0].get_facecolor() == first.patches[0].get_facecolor()
    pairs = VarianceSharesDisplay(groups=[[2, 2], [4, 12]], shares=[0.5, 0.5]).plot()
    assert labels(pairs) == ["two features", "12 features"]
    assert (
        pairs.bars_[0].patches[0].get_facecolor()
        == all_of_them.bars_[1].patches[0].get_facecolor()
    )


def test_each_target_has_its_own_bars(several):
    for target in range(3):
        display = VarianceSharesDisplay.from_estimator(several, target=target)
        coef = several.coef_[target]
        expected = shares_by_hand(several.features_.powers_, coef)
        np.testing.assert_allclose(heights(display), expected, atol=1e-9)
    product = VarianceSharesDisplay.from_estimator(several, target=np.int64(1))
    assert heights(product)[2, 2] > 0.95


def test_one_target_needs_no_number(model):
    expected = VarianceSharesDisplay.from_estimator(model).shares
    for fitted in (model, HermitePolynomialRegressor(4).fit(X, y[:, None])):
        for target in (None, 0):
            display = VarianceSharesDisplay.from_estimator(fitted, target=target)
            np.testing.assert_allclose(display.shares, expected)


def test_products_that_are_not_listed_have_bars(monkeypatch, model):
    monkeypatch.setattr("sklearn_depth._hermite._groups.MOST_LISTED", 10)
    unlisted = HermitePolynomialRegressor(4, solver="dual").fit(X, y)
    assert not hasattr(unlisted, "coef_")
    display = VarianceSharesDisplay.from_estimator(unlisted)
    np.testing.assert_allclose(display.shares, model.variance_shares_, atol=1e-5)


def test_keywords_are_of_all_bars(model):
    display = VarianceSharesDisplay.from_estimator(
        model, bar_kwargs={"width": 0.4, "ec": "white", "lw": 1}
    )
    bars = [bar for group in display.bars_ for bar in group]
    np.testing.assert_allclose([bar.get_width() for bar in bars], 0.4)
    assert {bar.get_edgecolor() for bar in bars} == {(1, 1, 1, 1)}
    assert {bar.get_linewidth() for bar in bars} == {1}


@pytest.mark.parametrize("size", [(3, 2.2), (6.4, 4.8)])
@pytest.mark.parametrize("layout", [None, "constrained"])
@pytest.mark.parametrize("target", [0, 1, 2])
def test_the_legend_of_a_given_panel_covers_no_bar(several, target, layout, size):
    """Bars of height one at degree 3, below the legend, among them."""
    figure, panel = plt.subplots(figsize=size, layout=layout)
    display = VarianceSharesDisplay.from_estimator(several, target=target, ax=panel)
    assert display.ax_ is panel
    assert display.figure_ is figure
    assert plt.get_fignums() == [figure.number]
    panel.set_title("Written later,\nin two lines")
    figure.canvas.draw()
    box = display.legends_[0].get_window_extent()
    bars = [bar.get_window_extent() for group in display.bars_ for bar in group]
    assert not [bar for bar in bars if bar.height > 0 and bar.overlaps(box)]
    inside = panel.get_window_extent()
    assert inside.x0 <= box.x0
    assert box.y1 <= inside.y1


def test_room_stays_on_panels_that_share_an_axis(several):
    figure, panels = plt.subplots(1, 3, sharey=True, figsize=(9, 3))
    displays = [
        VarianceSharesDisplay.from_estimator(several, target=target, ax=panels[place])
        for place, target in enumerate((1, 2, 0))
    ]
    figure.canvas.draw()
    for display in displays:
        box = display.legends_[0].get_window_extent()
        bars = [bar.get_window_extent() for group in display.bars_ for bar in group]
        assert not [bar for bar in bars if bar.height > 0 and bar.overlaps(box)]


def test_the_legend_of_its_own_figure_stands_above(model):
    display = VarianceSharesDisplay.from_estimator(model)
    display.figure_.canvas.draw()
    box = display.legends_[0].get_window_extent()
    assert box.y0 >= display.ax_.get_window_extent().y1
    assert display.figure_.bbox.y1 >= box.y1


def test_what_has_no_shares_is_refused(model, several):
    draw = VarianceSharesDisplay.from_estimator
    with pytest.raises(ValueError, match="Ridge has no groups of products"):
        draw(Ridge().fit(X, y))
    with pytest.raises(ValueError, match="of a pipeline its last step"):
        draw(make_pipeline(StandardScaler(), model))
    with pytest.raises(NotFittedError, match="HermitePolynomialRegressor"):
        draw(HermitePolynomialRegressor())
    with pytest.raises(
        ValueError, match=r"alpha='loo'.*Fit it with alpha=\"evidence\""
    ):
        draw(HermitePolynomialRegressor(2, alpha="loo").fit(X, y))
    with pytest.raises(ValueError, match=r"to 3 targets.*a number from 0 to 2"):
        draw(several)
    for target in (3, -1, 0.5, "y"):
        with pytest.raises(ValueError, match=f"target={target}, .* was fitted to 3"):
            draw(several, target=target)
    with pytest.raises(ValueError, match="fit of target 0 is constant"):
        draw(HermitePolynomialRegressor(2).fit(X, np.ones(300)))
    assert plt.get_fignums() == []


def test_bars_are_not_drawn_over_bars(model):
    display = VarianceSharesDisplay.from_estimator(model)
    with pytest.raises(ValueError, match="ax has some already"):
        display.plot(display.ax_)
    display.ax_.clear()
    display.plot(display.ax_)
