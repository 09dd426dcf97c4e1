"""What regressor and classifier share: the basis, and one fit."""

from sklearn.base import is_regressor

from sklearn_depth._base import FeatureMapModel
from sklearn_depth.features import HermiteFeatures
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._dask import is_dask
from sklearn_depth.utils._sklearn import StrOptions, fit_context, store_fit


class HermiteNet(FeatureMapModel):
    """A head on Hermite products up to a degree that is given or chosen.

    A subclass has ``_found(samples, seen)``, the fitted attributes beside ``seen``. A
    regressor has ``_fit_dask`` too.
    """

    _parameter_constraints: dict = {
        **HermiteFeatures._parameter_constraints,
        "degree": [POSITIVE_INTEGER, StrOptions({"auto"})],
    }

    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Fit the coefficients.

        Parameters
        ----------
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Training data. A regressor sums the blocks of a Dask collection where they
            lie, and y and sample_weight may be Dask's too; a classifier takes none.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets, or labels of shape (n_samples,).
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        MemoryError
            Before anything is allocated, if the products, or the kernel matrices of
            the rows, do not fit into memory.
        ValueError
            If the features or targets overflow, or a Dask array meets
            ``solver="dual"`` or ``alpha="loo"``, or a classifier one class only.
        TypeError
            If X is a Dask collection other than an array or a data frame of numbers.
        """
        if is_dask(X) and is_regressor(self):
            return self._fit_dask(X, y, sample_weight)
        samples, seen = self._validated(X, y, sample_weight)
        return store_fit(self, seen | self._found(samples.merged(), seen))

    def _basis(self, degree):
        return HermiteFeatures(
            degree=degree,
            truncation=self.truncation,
            max_interaction=self.max_interaction,
            scaling=self.scaling,
        )
