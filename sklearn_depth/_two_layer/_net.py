"""What regressor and classifier share: the layers that are learned, and their use."""

from functools import partial
from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import FeatureLearner
from sklearn_depth._solvers.two_layer._competition import competing_kinds
from sklearn_depth._solvers.two_layer._lost import what_is_lost
from sklearn_depth._solvers.two_layer._mixture import alone
from sklearn_depth._solvers.two_layer._search import learn_layers
from sklearn_depth._solvers.two_layer._subspace import gap, principal_directions
from sklearn_depth._two_layer._all_rows import fit_dask, fit_subsample
from sklearn_depth.features import LearnedReLUFeatures
from sklearn_depth.features._learned import (
    inputs_of,
    layer_of,
    learned_map,
    search_of,
)
from sklearn_depth.utils._callbacks import FitProgress, with_callbacks
from sklearn_depth.utils._dask import is_dask
from sklearn_depth.utils._random import separate_generator
from sklearn_depth.utils._sklearn import fit_context, store_fit
from sklearn_depth.utils._validation import check_output
from sklearn_depth.utils._warnings import warn_caller


class TwoLayerGDNet(FeatureLearner):
    """Layers of several kinds, learned from targets and mixed under one head.

    A subclass has ``_fit_head(layer, samples)``, ``_mix(learned, kinds)``,
    ``_head_attributes(head, samples)``, ``_share(weights, samples)`` of a kind of
    layer, ``_unit(samples)``, which outputs are to be divided by, and ``_without_X``,
    what is predicted without X. It may search and fit more than once.
    """

    @with_callbacks
    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Learn the first layer, then fit the head.

        Parameters
        ----------
        X : array-like, memory map, Dask array or Dask data frame of shape \
                (n_samples, n_features)
            Training data. Blocks of a Dask collection are summed where they lie, and y
            and sample_weight may be Dask's too.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets; for a classifier labels, of shape (n_samples,).
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated samples. Where the
            penalty is chosen, their unit does not matter.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If entries of X or y are too large or too small to be squared, if torch
            finds no ``device="cuda"``, if a regressor of ``alpha="loo"`` meets more
            samples than the subsample has, or if there is one class only, in all
            samples or in the subsample.

        Warns
        -----
        UserWarning
            If no direction stands out of the noise: the labels of the first step show
            none, y has no linear trend, and no head on the way, or with one step none
            on the layer, is better than the mean by its estimated error. It says how
            many targets are far out, if any are.
        """
        given = X, y, sample_weight
        if is_dask(X):
            return fit_dask(self, given)
        samples, seen = self._validated(*given)
        if self.subsample is not None and len(y) > self.subsample:
            return fit_subsample(self, samples, seen, given)
        return self._learn(samples, seen, given)

    def _search(self, samples, learn, kinds):
        """Layers by ``learn(samples)``."""
        return learn(samples)

    def _fit_alone(self, layer, samples):
        """A head, and the samples as it was fitted to them."""
        return self._fit_head(layer, samples), samples

    def _learn(self, samples, seen, given):
        """Learn the layers, then fit the heads; ``given`` are X, y and weights."""
        kinds, progress = self._competing_kinds(), FitProgress(self, None, *given)
        learned, losses = self._learn_layers(samples, kinds, seen, progress)
        network = self._network(learned, kinds, seen)
        return self._store(network, learned, losses, progress)

    def _learn_layers(self, samples, kinds, seen, progress):
        """What the search comes to, and the errors of its steps."""
        losses = []

        def report(learned):
            losses.append(learned.error)
            made = partial(self._network, learned, kinds, seen)
            return progress.iteration(made, learned.step)

        def learn(samples):
            losses.clear()
            rng = separate_generator(self.random_state)
            return learn_layers(samples, search_of(self), kinds, rng, report)

        return self._search(samples.distinct(), learn, kinds), losses

    def _store(self, network, learned, losses, progress):
        """End the fit."""
        progress.end(lambda: network)
        lost = what_is_lost(learned, self._without_X)
        if lost:
            warn_caller(lost)
        return store_fit(self, network | {"loss_curve_": losses})

    def transfer(self, X, y, sample_weight=None):
        """Fit a new head to other targets or labels, on the layer that was learned.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data of the new task.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Its targets; for a classifier its labels, of classes of its own.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated samples. Where the
            penalty is chosen, their unit does not matter.

        Returns
        -------
        model : object
            A new estimator with the same ``features_``, whose head is ridge or logistic
            regression on units and inputs. This one does not change.
        """
        check_is_fitted(self)
        samples, seen = self._validated(X, y, sample_weight, reset=False)
        held = {"_held_columns_": self._held_columns_}  # the layer has seen no other
        samples = samples.at(inputs_of(self.features_).of(samples.X)).distinct()
        layer = layer_of(self.features_)
        head, samples = self._fit_alone(layer, samples)
        found = alone(layer, head)
        covariance = self._gradient_covariance(self.features_, found, samples)
        network = self._attributes(
            self.features_, found, ["transferred"], samples, covariance
        )
        return store_fit(clone(self), seen | held | network | {"loss_curve_": []})

    def _learned(self, X):
        inputs = inputs_of(self.features_).standardised(X)
        with np.errstate(over="ignore", invalid="ignore"):  # said by the check
            projection = inputs @ self.subspace_.T
            return check_output(projection.astype(X.dtype, copy=False), X)

    @property
    def _n_features_out(self):
        return len(self.subspace_)

    def _competing_kinds(self):
        """The kinds of layers that are learned."""
        return competing_kinds(
            self.layers,
            compared=self.linear_part == "ridge" and isinstance(self.alpha, str),
            given_rank=isinstance(self.n_directions, Integral),
        )

    def _network(self, learned, kinds, seen):
        """Fit the heads and mix them; all that predictions follow from."""
        return self._network_of(learned, *self._mix(learned, kinds), seen)

    def _network_of(self, learned, found, mixture, seen):
        features, samples = self._map_of(learned, mixture, seen), learned.samples
        covariance = self._gradient_covariance(features, mixture, samples)
        return seen | self._attributes(features, mixture, found, samples, covariance)

    def _map_of(self, learned, mixture, seen):
        """The units of a mixture as a map."""
        parameters = {
            name: getattr(self, name)
            for name in LearnedReLUFeatures._parameter_constraints
        }
        return learned_map(parameters, seen, learned, mixture.layer)

    def _attributes(self, features, mixture, kinds, samples, covariance):
        """The fitted state; covariance is that of :meth:`_gradient_covariance`."""
        spectrum, directions = principal_directions(covariance)
        fixed = isinstance(self.n_directions, Integral)
        rank = self.n_directions if fixed else gap(spectrum)
        squares = np.diagonal(covariance)
        shares = zip(kinds, mixture.weights, strict=True)
        head = self._head_attributes(mixture.head, samples)
        return head | {
            "features_": features,
            "n_units_": len(mixture.layer),
            "layer_shares_": {
                kind: self._share(share, samples) for kind, share in shares
            },
            "feature_importances_": squares / (squares.sum() or 1),
            "subspace_spectrum_": spectrum,
            "subspace_": directions[:rank],
        }

    def _gradient_covariance(self, features, mixture, samples):
        """That of the derivatives of the fit along the standardised features."""
        coef, whitening = mixture.head.coef / self._unit(samples), features.whitening_
        covariance = layer_of(features).gradient_covariance(samples, coef)
        return whitening @ covariance @ whitening
