"""What displays of a single fit draw, against projections and profiles by hand."""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.legend import Legend
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_depth import (
    RadialTwoLayerRegressor,
    ThreeLayerFeatureRegressor,
    TwoLayerGDRegressor,
)
from sklearn_depth.datasets import (
    make_multi_index,
    make_quadratic_feature,
    make_radial,
    make_single_index,
)
from sklearn_depth.inspection import (
    FeatureLearningDisplay,
    LinkFunctionDisplay,
    RadialProfileDisplay,
    VarianceSharesDisplay,
)
from sklearn_depth.metrics import normalized_mse, subspace_alignment_score
from sklearn_depth.studies import SampleComplexityDisplay, StudyResult

pytestmark = pytest.mark.usefixtures("figures_and_settings")

TWO = StudyResult(
    {
        "estimator": ["a"] * 2,
        "n_samples": [10, 100],
        "repeat": [0] * 2,
        "mse": [1, 0.1],
    },
    {"scoring": {"mse": "lower"}},
)


class Linear(TransformerMixin, RegressorMixin, BaseEstimator):
    """Projects onto the first two columns, the first with another sign and scale."""

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def transform(self, X):
        return np.array([5 - 3 * X[:, 0], X[:, 1]]).T

    def predict(self, X):
        return np.exp(X[:, 0])


rng = np.random.default_rng(0)
X = rng.standard_normal((400, 3))
z = (X[:, 0] - X[:, 0].mean()) / X[:, 0].std()
y = z + 0.1 * rng.standard_normal(400)


class TestLinkFunction:
    def test_projections_are_standardised_and_rise_with_the_target(self):
        model = Linear().fit(X, y)
        display = LinkFunctionDisplay.from_estimator(model, X, y)
        np.testing.assert_allclose(display.projection, z)
        np.testing.assert_allclose(display.scatter_.get_offsets(), np.c_[z, y])
        falling = LinkFunctionDisplay.from_estimator(model, X, -y)
        np.testing.assert_allclose(falling.projection, -z)

    def test_the_true_link_says_where_a_direction_points(self):
        display = LinkFunctionDisplay.from_estimator(
            Linear().fit(X, y), X, y, link=lambda p: -p
        )
        np.testing.assert_allclose(display.projection, -z)
        p, value = display.link_line_.get_data()
        np.testing.assert_array_equal(value, -p)
        assert (p.min(), p.max()) == (
            display.projection.min(),
            display.projection.max(),
        )

    def test_the_line_goes_through_means_of_bins(self):
        display = LinkFunctionDisplay.from_estimator(Linear().fit(X, y), X, y, n_bins=4)
        bounds = np.sort([np.median(z), (z.min() + z.max()) / 2])
        bins = [z < bounds[0], (z >= bounds[0]) & (z < bounds[1]), z >= bounds[1]]
        expected = [[z[rows].mean(), np.exp(X[rows, 0]).mean()] for rows in bins]
        np.testing.assert_allclose(display.line_.get_xydata(), expected)

    def test_subsamples_are_of_one_seed_and_leave_the_line(self):
        model = Linear().fit(X, y)
        draw = partial(LinkFunctionDisplay.from_estimator, model, X, y)
        some, again, other = (
            draw(subsample=50, random_state=seed) for seed in (0, 0, 1)
        )
        assert len(some.scatter_.get_offsets()) == 50
        np.testing.assert_array_equal(some.y, again.y)
        assert not np.array_equal(some.y, other.y)
        assert set(some.y) <= set(y)
        np.testing.assert_array_equal(
            some.line_.get_xydata(), draw(subsample=None).line_.get_xydata()
        )

    def test_two_layers_learn_a_cubic_link(self):
        X, y, truth = make_single_index(
            1500, 15, link="he3", noise=0.2, return_truth=True, random_state=0
        )
        model = make_pipeline(
            StandardScaler(), TwoLayerGDRegressor(200, random_state=0)
        )
        model.fit(X, y)
        display = LinkFunctionDisplay.from_estimator(model, X, y, link=truth.link)
        p, value = display.line_.get_data()
        within = abs(p) < 2
        assert within.sum() > 20
        assert np.max(abs(value - truth.link(p))[within]) < 0.3

    def test_three_layers_learn_a_quadratic_feature(self):
        X, y, truth = make_quadratic_feature(
            1000, 6, noise=0.1, return_truth=True, random_state=0
        )
        model = ThreeLayerFeatureRegressor().fit(X, y)
        display = LinkFunctionDisplay.from_estimator(
            model, X, y, link=truth.link, name="three layers"
        )
        assert display.line_.get_label() == "three layers"
        p, value = display.line_.get_data()
        assert np.sqrt(np.mean((value - truth.link(p)) ** 2)) < 0.15

    def test_keywords_and_names(self):
        draw = partial(LinkFunctionDisplay.from_estimator, Linear().fit(X, y), X, y)
        display = draw(curve_kwargs={"c": "red"}, scatter_kwargs={"alpha": 0.3})
        assert display.line_.get_color() == "red"
        assert display.line_.get_label() == "Linear"
        assert display.scatter_.get_alpha() == 0.3
        assert display.plot(name="mine").line_.get_label() == "mine"
        assert draw(direction=1).ax_.get_xlabel() == "learned feature 2, standardised"

    def test_what_has_no_direction_is_refused(self):
        draw = LinkFunctionDisplay.from_estimator
        with pytest.raises(ValueError, match="Ridge has no transform: it learns no"):
            draw(Ridge().fit(X, y), X, y)
        with pytest.raises(NotFittedError, match="TwoLayerGDRegressor"):
            draw(TwoLayerGDRegressor(), X, y)
        model = Linear().fit(X, y)
        with pytest.raises(ValueError, match="direction=2, and Linear has learned 2"):
            draw(model, X, y, direction=2)
        with pytest.raises(ValueError, match="Pass the number of one"):
            draw(model, X, y, direction=np.ones(2))
        with pytest.raises(ValueError, match=r"y has the shape \(400, 2\)"):
            draw(model, X, np.c_[y, y])
        with pytest.raises(ValueError, match="0 is constant on the 400 rows"):
            draw(model, 0 * X, y)
        assert plt.get_fignums() == []


@pytest.fixture(scope="module")
def radial():
    X, y, truth = make_radial(
        400, 10, profile="sine", noise=0.2, return_truth=True, random_state=0
    )
    shifted = X + np.arange(10)
    return shifted, y, truth, RadialTwoLayerRegressor(center="learn").fit(shifted, y)


class TestRadialProfile:
    def test_the_profile_its_errors_and_distances(self, radial, band_ends):
        X, y, truth, model = radial
        display = RadialProfileDisplay.from_estimator(
            model, X, y, profile=truth.profile
        )
        distances = np.sqrt(((X - model.features_.center_) ** 2).sum(axis=1))
        offsets = display.scatter_.get_offsets()
        np.testing.assert_allclose(offsets, np.c_[distances, y])
        radii, value = display.line_.get_data()
        assert (radii[0], radii[-1]) == pytest.approx(
            (distances.min(), distances.max())
        )
        found = model.profile(radii)
        np.testing.assert_array_equal(value, found.value)
        ends = band_ends(display.band_)
        np.testing.assert_allclose(ends[:, 1] - ends[:, 0], 4 * found.standard_error)
        np.testing.assert_allclose(ends.mean(axis=1), value)
        np.testing.assert_array_equal(
            display.profile_line_.get_ydata(), np.sin(3 * radii)
        )
        assert display.rug_ is None

    def test_a_rug_without_targets(self, radial):
        X, _, _, model = radial
        display = RadialProfileDisplay.from_estimator(model, X, subsample=30)
        assert display.scatter_ is None
        assert display.profile_line_ is None
        distances = np.linalg.norm(X - model.features_.center_, axis=1)
        drawn = display.rug_.get_xdata()
        assert len(drawn) == 30
        assert np.isin(drawn, distances).all()
        heights = display.rug_.get_transform().transform(display.rug_.get_xydata())
        assert (
            heights[:, 1] < display.ax_.bbox.y0 + 0.1 * display.ax_.bbox.height
        ).all()

    def test_keywords_and_names(self, radial):
        X, y, _, model = radial
        display = RadialProfileDisplay.from_estimator(
            model, X, y, curve_kwargs={"color": "red"}, scatter_kwargs={"s": 9}
        )
        assert display.line_.get_label() == "RadialTwoLayerRegressor"
        assert display.band_.get_facecolor()[0] == pytest.approx([1, 0, 0, 0.2])
        assert display.scatter_.get_sizes() == [9]
        assert display.plot(name="radial").line_.get_label() == "radial"

    def test_no_band_where_errors_are_infinite(self):
        radii = np.linspace(0, 1, 5)
        display = RadialProfileDisplay(
            radii=radii,
            value=radii,
            standard_error=np.inf * (radii + 1),
            distances=radii,
        )
        with pytest.warns(UserWarning, match="no degree of freedom") as said:
            display.plot()
        assert said[0].filename == __file__
        assert display.band_ is None

    def test_what_has_no_profile_is_refused(self, radial):
        X, y, _, model = radial
        draw = RadialProfileDisplay.from_estimator
        with pytest.raises(ValueError, match="Ridge has no profile"):
            draw(Ridge().fit(X, y), X)
        with pytest.raises(NotFittedError, match="RadialTwoLayerRegressor"):
            draw(RadialTwoLayerRegressor(), X)
        with pytest.raises(ValueError, match=r"X has 3 columns, .* was fitted on 10"):
            draw(model, X[:, :3])
        several = RadialTwoLayerRegressor().fit(X, np.c_[y, y])
        with pytest.raises(ValueError, match=r"profile has the shape \(400, 2\)"):
            draw(several, X)
        assert plt.get_fignums() == []


@pytest.fixture(scope="module")
def planted():
    return make_multi_index(
        400, 12, n_directions=2, link="product", return_truth=True, random_state=0
    )


NET = TwoLayerGDRegressor(100, random_state=0)


class TestFeatureLearning:
    @pytest.mark.parametrize("held_out", [False, True])
    def test_losses_and_alignments_of_fits_by_hand(self, planted, held_out):
        X, y, truth = planted
        rows, targets = truth.sample(300, random_state=1) if held_out else (X, y)
        kept = {"X_val": rows, "y_val": targets} if held_out else {}
        display = FeatureLearningDisplay.from_estimator(
            NET, X, y, truth.directions, steps=[2, 0, 1], **kept
        )
        losses, alignments = [], []
        for k in range(3):
            net = TwoLayerGDRegressor(100, n_feature_steps=k, random_state=0).fit(X, y)
            losses.append(normalized_mse(targets, net.predict(rows)))
            learned = (net.subspace_ / X.std(axis=0))[:2]
            alignments.append(subspace_alignment_score(truth.directions, learned))
        upper, lower = display.lines_
        np.testing.assert_array_equal(upper.get_xdata(), [0, 1, 2])
        np.testing.assert_allclose(upper.get_ydata(), losses)
        np.testing.assert_allclose(lower.get_ydata(), alignments)
        label = "held-out loss" if held_out else "training loss"
        assert display.axes_[0].get_ylabel() == label
        assert display.chance_line_.get_ydata()[0] == 2 / 12

    def test_alignment_is_that_in_the_columns_of_X(self, planted):
        X, y, truth = planted
        scale = np.geomspace(0.1, 10, 12)
        plain, scaled = (
            FeatureLearningDisplay.from_estimator(NET, rows, y, directions, steps=[4])
            for rows, directions in (
                (X, truth.directions),
                (X * scale, truth.directions / scale),
            )
        )
        assert plain.alignment[0] > 0.95
        assert scaled.alignment[0] > 0.9

    def test_only_as_many_directions_as_were_planted_count(self, planted):
        X, y, truth = planted
        net = TwoLayerGDRegressor(100, n_directions=5, random_state=0)
        display = FeatureLearningDisplay.from_estimator(
            net, X, y, truth.directions, steps=[3]
        )
        assert display.alignment[0] > 0.9  # five directions would have at most 2 / 5

    def test_estimators_stay_as_they_are(self, planted):
        X, y, truth = planted
        net = TwoLayerGDRegressor(50, n_feature_steps=7)
        FeatureLearningDisplay.from_estimator(net, X, y, truth.directions, steps=[0])
        assert (
            net.get_params() == TwoLayerGDRegressor(50, n_feature_steps=7).get_params()
        )
        assert not hasattr(net, "subspace_")

    def test_another_display_on_the_same_panels(self):
        data = {"steps": [0, 1], "loss": [1.0, 0.1], "alignment": [0.1, 1]}
        one = FeatureLearningDisplay(**data, chance=0.1, name="one").plot()
        two = FeatureLearningDisplay(**data, chance=0.1, name="two").plot(one.axes_)
        assert plt.get_fignums() == [one.figure_.number]
        assert one.lines_[0].get_color() != two.lines_[0].get_color()
        assert two.chance_line_ is one.chance_line_
        texts = [text.get_text() for text in two.legends_[0].get_texts()]
        assert texts == ["one", "two"]
        assert [text.get_text() for text in two.axes_[1].texts] == ["chance"]

    def test_scales_and_keywords(self):
        data = {"steps": [0, 1], "alignment": [0.1, 1]}
        display = FeatureLearningDisplay(**data, loss=[1.0, 0.1])
        display.plot(curve_kwargs={"c": "red"}, name="mine")
        assert {line.get_color() for line in display.lines_} == {"red"}
        assert {line.get_label() for line in display.lines_} == {"mine"}
        assert [panel.get_yscale() for panel in display.axes_] == ["log", "linear"]
        assert display.chance_line_ is None
        exact = FeatureLearningDisplay(**data, loss=[1.0, 0.0]).plot()
        assert exact.axes_[0].get_yscale() == "linear"
        _, beside = plt.subplots(1, 2)
        labels = [panel.get_xlabel() for panel in display.plot(beside).axes_]
        assert labels == ["feature steps"] * 2

    def test_what_has_no_steps_is_refused(self, planted):
        X, y, truth = planted
        draw = partial(FeatureLearningDisplay.from_estimator, NET, X, y)
        with pytest.raises(ValueError, match="Ridge has no n_feature_steps"):
            FeatureLearningDisplay.from_estimator(Ridge(), X, y, truth.directions)
        for steps in ([], [-1], [0.5], 3):
            with pytest.raises(ValueError, match="steps must be a list"):
                draw(truth.directions, steps=steps)
        with pytest.raises(ValueError, match="directions have 5 columns, and X has 12"):
            draw(truth.directions[:, :5])
        with pytest.raises(ValueError, match="y_val is missing"):
            draw(truth.directions, X_val=X)
        with pytest.raises(ValueError, match="draws on 2 axes, and ax has 1"):
            draw(truth.directions, steps=[0], ax=plt.figure().subplots())


WITH_LINES = ["complexity", "link", "radial", "features"]
each_display = pytest.mark.parametrize("which", [*WITH_LINES, "shares"])


def drawings(radial):
    """Each display as a function of ``ax``."""
    X_radial, y_radial, _, model = radial
    steps = FeatureLearningDisplay(steps=[0, 1], loss=[1.0, 0.1], alignment=[0.1, 1])
    linear = Linear().fit(X, y)
    shares = VarianceSharesDisplay(
        groups=np.array([[1, 1], [2, 1], [2, 2]]), shares=np.array([0.1, 0.2, 0.7])
    )
    return {
        "complexity": (SampleComplexityDisplay(TWO).plot, 1),
        "link": (partial(LinkFunctionDisplay.from_estimator, linear, X, y), 1),
        "radial": (
            partial(RadialProfileDisplay.from_estimator, model, X_radial, y_radial),
            1,
        ),
        "features": (steps.plot, 2),
        "shares": (shares.plot, 1),
    }


@each_display
def test_a_given_panel_is_drawn_on_and_no_figure_made(which, radial):
    draw, n_panels = drawings(radial)[which]
    figure, panels = plt.subplots(1, 2, layout="constrained")
    before = plt.get_fignums()
    display = draw(ax=panels[0] if n_panels == 1 else panels)
    assert plt.get_fignums() == before
    assert display.figure_ is figure


@each_display
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("layout", [None, "constrained"])
def test_legends_do_not_lie_over_titles(which, when, layout, radial):
    draw, n_panels = drawings(radial)[which]
    figure, panels = plt.subplots(2, 2, layout=layout)
    given = panels[1] if n_panels == 2 else panels[1, 0]

    def write_titles():
        figure.suptitle("All of them")
        for panel in panels.flat:
            panel.set_title("One of them\nin two lines")

    if when == "before":
        write_titles()
    display = draw(ax=given)
    if when == "after":
        write_titles()
    figure.canvas.draw()
    texts = [figure._suptitle, *(panel.title for panel in panels.flat)]
    (legend,) = display.legends_
    box = legend.get_window_extent()
    assert not [t for t in texts if t.get_window_extent().overlaps(box)]
    (home,) = [panel for panel in panels.flat if legend in panel.get_children()]
    inside = home.get_window_extent()
    assert inside.x0 <= box.x0 < box.x1 <= inside.x1
    assert box.y1 <= inside.y1


@pytest.mark.parametrize("which", WITH_LINES)
@pytest.mark.parametrize("own", [False, True])
def test_two_results_on_one_panel_keep_both_names_and_looks(which, own, radial):
    draw, n_panels = drawings(radial)[which]
    axes = None if own else plt.subplots(n_panels, squeeze=False)[1][:, 0]
    looks = []
    for name in ("first", "second"):
        display = draw(ax=axes, name=name)
        axes = display.axes_ if n_panels == 2 else display.ax_
        lines = display.line_ if hasattr(display, "line_") else display.lines_
        looks += {(line.get_color(), line.get_marker()) for line in np.ravel(lines)}
    assert len(set(looks)) == len(looks) == 2
    assert plt.get_fignums() == [display.figure_.number]
    texts = [t.get_text() for legend in display.legends_ for t in legend.get_texts()]
    assert {"first", "second"} <= set(texts)
    assert len(set(texts)) == len(texts)
    figure = display.figure_
    figure.canvas.draw()
    boxes = [legend.get_window_extent() for legend in display.legends_]
    assert all(figure.bbox.x0 <= b.x0 and b.x1 <= figure.bbox.x1 for b in boxes)
    panel = np.ravel(axes)[0]
    shown = [child for child in panel.get_children() if isinstance(child, Legend)]
    assert set(shown) == set(display.legends_)


def test_names_of_the_users_own_are_kept():
    panel = plt.figure().subplots()
    panel.plot([0, 1], [1, 2], label="theirs")
    panel.legend()
    display = FeatureLearningDisplay(steps=[0, 1], loss=[1.0, 0.1], alignment=[0.1, 1])
    display.plot([panel, plt.figure().subplots()], name="ours")
    texts = [text.get_text() for text in display.legends_[0].get_texts()]
    assert texts == ["theirs", "ours"]


@each_display
def test_a_figure_of_its_own_is_one_column_wide(which, radial):
    draw, _ = drawings(radial)[which]
    display = draw()
    assert plt.get_fignums() == [display.figure_.number]
    assert display.figure_.get_size_inches()[0] == 3.3
    display.figure_.canvas.draw()
