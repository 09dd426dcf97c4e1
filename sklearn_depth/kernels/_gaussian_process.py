"""The kernels in scikit-learn's Gaussian processes."""

import numpy as np
from sklearn.gaussian_process.kernels import Kernel

from sklearn_depth.kernels._by_name import kernel_diagonal, kernel_function


class GaussianProcessKernel(Kernel):
    r"""A kernel of this package for scikit-learn's Gaussian processes.

    It has no hyperparameters of its own: products with ``ConstantKernel`` and sums with
    ``WhiteKernel`` bring a variance and noise that are fitted.

    Parameters
    ----------
    metric : str or callable, default="nngp"
        A name in ``KERNEL_FUNCTIONS``: "arc_cosine", "biased_ntk", "dual_activation",
        "hermite", "nngp" or "ntk"; or that function itself.
    metric_params : dict or None, default=None
        Keyword arguments of the kernel's function.

    See Also
    --------
    sklearn.gaussian_process.GaussianProcessRegressor : Uses it.
    sklearn_depth.KernelRidge : Point predictions with the same kernels.

    Notes
    -----
    With "nngp" a Gaussian process is the limit in width of Bayesian networks [1]_: the
    posterior under independent Gaussian weights.

    References
    ----------
    .. [1] Jaehoon Lee, Yasaman Bahri, Roman Novak, Samuel S. Schoenholz, Jeffrey
       Pennington and Jascha Sohl-Dickstein (2018). Deep Neural Networks as Gaussian
       Processes. arXiv:1711.00165.

    Examples
    --------
    >>> from sklearn.gaussian_process import GaussianProcessRegressor
    >>> from sklearn.gaussian_process.kernels import ConstantKernel, WhiteKernel
    >>> from sklearn_depth.datasets import make_random_network
    >>> from sklearn_depth.kernels import GaussianProcessKernel
    >>> X, y = make_random_network(300, 5, noise=0.1, random_state=0)
    >>> network = GaussianProcessKernel("nngp", {"activation": "erf"})
    >>> kernel = ConstantKernel() * network + WhiteKernel(0.01)
    >>> model = GaussianProcessRegressor(kernel, random_state=0).fit(X[:200], y[:200])
    >>> print(f"{model.score(X[200:], y[200:]):.2f}")
    0.99
    """

    def __init__(self, metric="nngp", metric_params=None):
        self.metric = metric
        self.metric_params = metric_params

    def __call__(self, X, Y=None, eval_gradient=False):
        """Compute the kernel matrix.

        Parameters
        ----------
        X : array-like of shape (n_samples_X, n_features)
            Samples.
        Y : array-like of shape (n_samples_Y, n_features), default=None
            Other samples; None stands for X.
        eval_gradient : bool, default=False
            Whether to return the gradient in the hyperparameters too; only without Y.

        Returns
        -------
        K : ndarray of shape (n_samples_X, n_samples_Y)
            The kernel matrix, in float64.
        K_gradient : ndarray of shape (n_samples_X, n_samples_X, 0)
            Only if ``eval_gradient``: there are no hyperparameters.
        """
        if eval_gradient and Y is not None:
            raise ValueError("The gradient is that of K(X, X). Leave Y out.")
        function = kernel_function(self.metric)
        kernel = function(_as_double(X), _as_double(Y), **(self.metric_params or {}))
        return (kernel, np.empty((*kernel.shape, 0))) if eval_gradient else kernel

    def diag(self, X):
        """Compute K(x, x) of every sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        diagonal : ndarray of shape (n_samples,)
            The values, without the matrix.
        """
        return kernel_diagonal(_as_double(X), self.metric, **(self.metric_params or {}))

    def is_stationary(self):
        """Say whether the kernel depends on differences of samples alone.

        Returns
        -------
        stationary : bool
            False: it depends on angles and norms.
        """
        return False

    def __repr__(self):
        """Show the parameters."""
        metric = getattr(self.metric, "__name__", self.metric)
        return f"GaussianProcessKernel({metric!r}, {self.metric_params!r})"


def _as_double(rows):
    """In float64, which the Cholesky factor of a kernel matrix needs."""
    return None if rows is None else np.asarray(rows, dtype=np.float64)
