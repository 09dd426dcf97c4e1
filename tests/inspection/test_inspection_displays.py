"""What displays of a single fit draw, against projections and profiles by hand."""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.legend import Legend
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_depth import (
    FixedHiddenSigmoidRegressor,
    RadialTwoLayerRegressor,
    ReLUNetworkClassifier,
    ReLUNetworkRegressor,
    ThreeLayerFeatureRegressor,
    TwoLayerGDRegressor,
)
from sklearn_depth.datasets import (
    make_multi_index,
    make_multi_index_labels,
    make_quadratic_feature,
    make_radial,
    make_single_index,
)
from sklearn_depth.inspection import (
    FeatureLearningDisplay,
    LinkFunctionDisplay,
    LossCurveDisplay,
    RadialProfileDisplay,
    VarianceSharesDisplay,
)
from sklearn_depth.inspection._watch import gradient_covariance
from sklearn_depth.metrics import normalized_mse, subspace_alignment_score
from sklearn_depth.studies import SampleComplexityDisplay, StudyResult
from sklearn_depth.utils._callbacks import CallbackSupportMixin, with_callbacks

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
        with pytest.raises(ValueError, match="0 is constant on the 400 samples"):
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
        with pytest.raises(ValueError, match=r"X has 3 features, .* was fitted on 10"):
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


class Constant(RegressorMixin, CallbackSupportMixin, BaseEstimator):
    """Takes callbacks and tells them of nothing."""

    @with_callbacks
    def fit(self, X, y):
        self._init_callback_context().call_on_fit_task_begin(estimator=self)
        self._callback_fit_ctx.call_on_fit_task_end(estimator=self)
        return self


class TestFeatureLearning:
    @pytest.mark.parametrize("held_out", [False, True])
    def test_losses_and_alignments_of_models_by_hand(self, planted, held_out):
        X, y, truth = planted
        rows, targets = truth.sample(300, random_state=1) if held_out else (X, y)
        kept = {"X_val": rows, "y_val": targets} if held_out else {}
        display = FeatureLearningDisplay.from_estimator(
            NET, X, y, truth.directions, **kept
        )
        models = fitted_after_each_step(NET, X, y)
        losses = [normalized_mse(targets, net.predict(rows)) for net in models]
        alignments = [
            subspace_alignment_score(
                truth.directions, (net.subspace_ / X.std(axis=0))[:2]
            )
            for net in models
        ]
        upper, lower = display.lines_
        np.testing.assert_array_equal(upper.get_xdata(), 1 + np.arange(len(models)))
        np.testing.assert_allclose(upper.get_ydata(), losses)
        np.testing.assert_allclose(lower.get_ydata(), alignments)
        label = "held-out loss" if held_out else "training loss"
        assert display.axes_[0].get_ylabel() == label
        assert display.chance_line_.get_ydata()[0] == 2 / 12

    def test_steps_have_names_where_these_change(self, planted):
        X, y, truth = planted
        display = FeatureLearningDisplay.from_estimator(NET, X, y, truth.directions)
        assert display.tasks[:2] == ["random layer", "gradient step"]
        lower = display.axes_[1]
        written = [text.get_text() for text in lower.texts]
        names = list(dict.fromkeys(display.tasks))
        assert [word for word in written if word != "chance"] == names
        places = [text.xy[0] for text in lower.texts if text.get_text() in names]
        assert places == [1 + display.tasks.index(name) for name in names]
        display.plot(display.axes_, name="again")
        assert [text.get_text() for text in lower.texts] == ["chance"]

    @pytest.mark.parametrize("every", [3, 100])
    def test_some_steps_and_the_last(self, planted, every):
        X, y, truth = planted
        draw = partial(FeatureLearningDisplay.from_estimator, NET, X, y)
        all_of_them, some = draw(truth.directions), draw(truth.directions, every=every)
        last = len(all_of_them.steps)
        expected = sorted({*range(every, last + 1, every), last})
        assert some.steps.tolist() == expected
        places = np.array(expected) - 1
        np.testing.assert_array_equal(some.loss, all_of_them.loss[places])
        assert some.tasks == [all_of_them.tasks[k] for k in places]

    @pytest.mark.parametrize(
        "net",
        [
            ReLUNetworkRegressor((50,), max_epochs=15, random_state=0),
            FixedHiddenSigmoidRegressor(60, alpha=1e-3, tie=1, random_state=0),
            ThreeLayerFeatureRegressor(random_state=0),
        ],
        ids=lambda net: type(net).__name__,
    )
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_every_net_with_callbacks(self, planted, net):
        X, y, truth = planted
        display = FeatureLearningDisplay.from_estimator(
            net, X, y, truth.directions, every=5
        )
        model = clone(net).fit(X, y)
        assert display.loss[-1] == pytest.approx(normalized_mse(y, model.predict(X)))
        assert display.loss[-1] < display.loss[0]
        assert display.name == type(net).__name__
        assert set(display.tasks) == {"iteration"}

    def test_classifiers_have_log_losses_over_that_of_shares(self):
        X, y, truth = make_multi_index_labels(600, 6, return_truth=True, random_state=0)
        net = ReLUNetworkClassifier((50,), max_epochs=15, random_state=0)
        display = FeatureLearningDisplay.from_estimator(
            net, X, np.where(y, "yes", "no"), truth.directions, every=15
        )
        p = np.mean(y)
        loss = log_loss(y, clone(net).fit(X, y).predict_proba(X))
        entropy = -p * np.log(p) - (1 - p) * np.log(1 - p)
        assert display.loss[-1] == pytest.approx(loss / entropy)
        assert display.alignment[-1] > 0.9

    def test_gradients_by_differences_are_those_of_a_linear_fit(self):
        model = Ridge().fit(X, y)
        expected = 100 * np.outer(model.coef_, model.coef_)
        np.testing.assert_allclose(gradient_covariance(model, X), expected, rtol=1e-8)
        constant = np.c_[X, np.ones(len(X))]
        of_constant = gradient_covariance(Ridge().fit(constant, y), constant)
        assert not of_constant[3].any() and not of_constant[:, 3].any()

    def test_without_directions_there_is_the_loss_alone(self, planted):
        X, y, _ = planted
        display = FeatureLearningDisplay.from_estimator(NET, X, y, every=5)
        assert display.alignment is None and display.chance_line_ is None
        (panel,), (line,) = display.axes_, display.lines_
        assert panel.get_xlabel() == "step"
        np.testing.assert_array_equal(line.get_ydata(), display.loss)

    def test_alignment_is_that_in_the_columns_of_X(self, planted):
        X, y, truth = planted
        scale = np.geomspace(0.1, 10, 12)
        plain, scaled = (
            FeatureLearningDisplay.from_estimator(NET, rows, y, directions, every=99)
            for rows, directions in (
                (X, truth.directions),
                (X * scale, truth.directions / scale),
            )
        )
        assert plain.alignment[-1] > 0.95
        assert scaled.alignment[-1] > 0.9

    def test_estimators_stay_as_they_are(self, planted):
        X, y, truth = planted
        net = TwoLayerGDRegressor(50, n_feature_steps=2)
        FeatureLearningDisplay.from_estimator(net, X, y, truth.directions)
        assert (
            net.get_params() == TwoLayerGDRegressor(50, n_feature_steps=2).get_params()
        )
        assert vars(net).keys() == net.get_params().keys()

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
        assert labels == ["step"] * 2

    def test_what_has_no_steps_is_refused(self, planted):
        X, y, truth = planted
        draw = partial(FeatureLearningDisplay.from_estimator, NET, X, y)
        with pytest.raises(ValueError, match="Ridge takes no callbacks"):
            FeatureLearningDisplay.from_estimator(Ridge(), X, y, truth.directions)
        with pytest.raises(ValueError, match="Constant told of no step"):
            FeatureLearningDisplay.from_estimator(Constant(), X, y)
        with pytest.raises(ValueError, match=r"Pipeline told .* Pass that part"):
            FeatureLearningDisplay.from_estimator(make_pipeline(NET), X, y)
        for every in (0, 1.5, None):
            with pytest.raises(ValueError, match=r"every=.* must be a whole number"):
                draw(truth.directions, every=every)
        with pytest.raises(ValueError, match="have 5 features, and X has 12"):
            draw(truth.directions[:, :5])
        with pytest.raises(ValueError, match="y_val is missing"):
            draw(truth.directions, X_val=X)
        with pytest.raises(ValueError, match="draws on 2 axes, and ax has 1"):
            draw(truth.directions, every=99, ax=plt.figure().subplots())


class Recorder:
    """Keeps the model after each step."""

    def __init__(self):
        self.models = []

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        if context.task_name != "fit":
            self.models.append(fitted_estimator)


def fitted_after_each_step(estimator, X, y):
    recorder = Recorder()
    clone(estimator).set_callbacks(recorder).fit(X, y)
    return recorder.models


class TestLossCurve:
    def test_losses_are_those_of_the_fit(self, planted):
        X, y, _ = planted
        net = clone(NET).fit(X, y)
        display = LossCurveDisplay.from_estimator(net)
        (line,) = display.lines_
        np.testing.assert_array_equal(line.get_ydata(), net.loss_curve_)
        np.testing.assert_array_equal(
            line.get_xdata(), 1 + np.arange(len(net.loss_curve_))
        )
        assert display.ax_.get_yscale() == "log"
        assert line.get_label() == "TwoLayerGDRegressor"

    def test_losses_of_rows_set_aside_are_dashed(self, planted):
        X, y, _ = planted
        net = ReLUNetworkRegressor(
            (20,), early_stopping=True, max_epochs=5, random_state=0
        )
        display = LossCurveDisplay.from_estimator(net.fit(X, y), name="net")
        train, held = display.lines_
        np.testing.assert_array_equal(held.get_ydata(), net.validation_loss_curve_)
        assert (train.get_linestyle(), held.get_linestyle()) == ("-", "--")
        assert train.get_color() == held.get_color()
        texts = [text.get_text() for text in display.legends_[0].get_texts()]
        assert texts == ["net", "net, set aside"]
        two = LossCurveDisplay(loss=[1.0, 0.5], name="two").plot(display.ax_)
        assert two.lines_[0].get_color() != train.get_color()

    def test_targets_with_losses_of_their_own(self, planted):
        X, y, _ = planted
        net = ThreeLayerFeatureRegressor(random_state=0).fit(X, np.c_[y, y**2])
        display = LossCurveDisplay.from_estimator(net, target=1)
        np.testing.assert_array_equal(display.loss, net.loss_curve_[1])
        for target in (None, 2, -1):
            with pytest.raises(ValueError, match="losses of 2 targets, and target="):
                LossCurveDisplay.from_estimator(net, target=target)

    def test_fits_without_losses_are_refused(self, planted):
        X, y, _ = planted
        with pytest.raises(ValueError, match="Ridge has kept no losses"):
            LossCurveDisplay.from_estimator(Ridge().fit(X, y))
        with pytest.raises(NotFittedError):
            LossCurveDisplay.from_estimator(NET)
        net = clone(NET).fit(X, y)
        with pytest.raises(ValueError, match="target=1, and all targets share"):
            LossCurveDisplay.from_estimator(net, target=1)

    def test_an_exact_fit_has_no_logarithm(self):
        display = LossCurveDisplay(loss=[1.0, 0.0]).plot()
        assert display.ax_.get_yscale() == "linear"


WITH_LINES = ["complexity", "link", "radial", "features", "losses"]
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
        "losses": (LossCurveDisplay(loss=[1.0, 0.1]).plot, 1),
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
