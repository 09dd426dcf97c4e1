"""What regressor and classifier share: the map, its centre, and the network."""

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_array, check_is_fitted

from sklearn_depth._base import FeatureMapModel
from sklearn_depth._solvers.radial._center import geometric_median
from sklearn_depth._solvers.radial._learned_center import learn_center
from sklearn_depth.features import RadialFeatures
from sklearn_depth.features._direction_means import network_weights
from sklearn_depth.utils._sklearn import StrOptions, store_fit
from sklearn_depth.utils._threads import one_blas_thread
from sklearn_depth.utils._validation import columns_of


def is_finite(model):
    """Whether the network has, or will have, a finite number of units."""
    fitted = getattr(model, "features_", None)
    if (model.n_projections if fitted is None else fitted.directions_) is None:
        raise AttributeError(
            "as_network needs a network of finite width; n_projections=None is the "
            "limit of infinite width. Set n_projections, to 10000 say, and fit again."
        )
    return True


def check_radii(radii):
    """Validate distances: one axis, none negative."""
    radii = check_array(radii, ensure_2d=False, dtype=np.float64, input_name="radii")
    if radii.ndim != 1 or radii.min() < 0:
        raise ValueError(
            f"radii must be one-dimensional and not negative; got the shape "
            f"{radii.shape} and the minimum {radii.min()}."
        )
    return radii


class RadialNet(FeatureMapModel):
    """A head on means of hinges over directions, about a centre.

    A subclass has ``_head(features, samples)``, the fitted head.
    """

    _parameter_constraints: dict = {
        **RadialFeatures._parameter_constraints,
        "center": [StrOptions({"median", "mean", "origin", "learn"}), "array-like"],
    }

    def _fit_samples(self, samples, seen):
        samples = samples.merged()
        with one_blas_thread():  # products are small, or in threads of their own
            features = self._fit_map(self._find_center(samples), samples, seen)
            head = self._head(features, samples)
        return store_fit(self, seen | head | {"features_": features})

    def _fit_map(self, center, samples, seen):
        return RadialFeatures(
            self.n_projections,
            n_knots=self.n_knots,
            center=center,
            random_state=self.random_state,
        )._fit_samples(samples, columns_of(seen))

    def _find_center(self, samples):
        """What the map is to take for its centre."""
        if not (isinstance(self.center, str) and self.center == "learn"):
            return self.center
        return learn_center(samples, geometric_median(samples))

    @available_if(is_finite)
    def as_network(self):
        r"""Write the model as an explicit network with one hidden layer.

        .. math:: f(x) = \sum_i a_i\, \mathrm{relu}(\langle W_i, x\rangle + b_i)

        Two units, for both signs, stand for a direction and a knot; the last unit is
        constant, for the intercept. Features that were constant in the training samples
        have weights of zero. It is ``predict`` as far out as the outermost training
        sample, ``features_.extremes_[1]``; beyond, where that stays, the network goes
        on.

        Returns
        -------
        W : ndarray of shape (n_hidden, n_features)
            Hidden weights, ``n_hidden = 2 * n_projections * n_knots + 1``.
        b : ndarray of shape (n_hidden,)
            Hidden biases.
        a : ndarray of shape (n_hidden,) or (n_hidden, n_targets)
            Outer weights.

        Raises
        ------
        MemoryError
            If the weights do not fit into memory.
        """
        check_is_fitted(self)
        found = self.features_
        W, b, a = network_weights(
            found.directions_,
            found.knots_,
            self.coef_.T,
            self.intercept_,
            found.center_,
        )
        if self._held_columns_ is not None:
            held = ~np.isnan(self._held_columns_)
            b += W[:, held] @ self._held_columns_[held]
            W[:, held] = 0
        return W, b, a
