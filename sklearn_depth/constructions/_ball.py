"""Output weights that make a ball of a random layer, without training."""

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._math._erf_ball import LARGE_BIAS, ball_balance, ball_profile
from sklearn_depth.features._sigmoid import SigmoidFeatures
from sklearn_depth.utils._constraints import POSITIVE
from sklearn_depth.utils._sklearn import validate_params

_PAPER = {"activation": "erf", "design": "iid", "hidden_scale": 0.5}
# Beyond, the profile is lost in the rounding of the two means that it is made of.
_REACH = 1e-3, 1e3


@validate_params(
    {
        "layer": [SigmoidFeatures],
        "radius": [POSITIVE],
        "shell": [POSITIVE, None],
        "initial_coef": ["array-like", None],
    }
)
def ball_weights(layer, radius, *, shell=None, initial_coef=None):
    r"""Output weights under which a random layer of erf units is a ball's indicator.

    .. math:: v_j = \begin{cases}
        a & j \le r/2, \; b_j > 0 \\
        -a \, \xi(\lambda) \, n_+ / n_- & j > r/2, \; b_j > 1 / \sqrt 2 \\
        0 & \text{else}
        \end{cases}
        \qquad \min(\max(\langle v, h(x) \rangle, 0), 1)
        \approx \mathbf{1}\{\|x - c\| \le \lambda \rho\}

    The explicit solution behind Safran and Lee's Theorem 9 [1]_, known before any data,
    to compare with the one that gradient descent finds. Here r is the width,
    :math:`n_+` and :math:`n_-` count the units kept in either half, c and :math:`\rho`
    are the layer's ``center_`` and ``radius_``, :math:`\lambda` is ``radius`` over
    :math:`\rho`.

    Parameters
    ----------
    layer : SigmoidFeatures
        A fitted layer with ``activation="erf", design="iid", hidden_scale=0.5``.
    radius : float
        Radius of the ball about the layer's centre, in the units of X.
    shell : float or None, default=None
        Distance from the sphere, in the units of X and at most ``radius``, from which
        on inwards the expected output is 1; it climbs from 0 on the sphere. None takes
        the paper's :math:`a = r^{-3/4}`.
    initial_coef : array-like of shape (n_hidden,), default=None
        Output weights that training starts from. Units whose weight here is zero or of
        another sign than in v are left out, as in the proof.

    Returns
    -------
    coef : ndarray of shape (n_hidden,)
        Output weights v, in the float type of the layer.

    Raises
    ------
    NotFittedError
        If the layer is not fitted.
    ValueError
        If the layer is not of the paper's design, too narrow to keep a unit in either
        half, or of a unit of length too far from ``radius``; if ``shell`` exceeds
        ``radius``; or if ``initial_coef`` is not one finite weight a unit.

    See Also
    --------
    sklearn_depth.features.SigmoidFeatures : The layer.
    sklearn_depth.FixedHiddenSigmoidRegressor : The same network, trained.
    sklearn_depth.datasets.make_ball_indicator : Data with such labels.

    Notes
    -----
    Given which units are kept, the expectation is exact:

    .. math:: \mathbb{E} \langle v, h(x) \rangle = a \, n_+ \, f_\xi(\|x - c\| / \rho),
        \qquad f_\xi(t) = \tfrac{2}{\pi} \arctan s
        - \xi \, \tfrac{4}{1 - \mathrm{erf}(1)} T(\sqrt 2, s),
        \quad s = (2 + t^2)^{-1/2}

    with Owen's function T; the two terms are the mean of a unit with b > 0 and with
    :math:`b > 1/\sqrt 2` (Proposition 21). The choice

    .. math:: \xi(\lambda) = \frac{1 - \mathrm{erf}(1)}{2 \pi} \,
        \frac{\arctan s_\lambda}{T(\sqrt 2, s_\lambda)}

    makes :math:`\lambda` the only zero: f is positive inside and negative outside. The
    paper takes :math:`\lambda` from [1, 2]; the same is true of every
    :math:`\lambda > 0`, though the slope at the sphere falls off like
    :math:`\lambda^{-4}` as the ball grows. The factor :math:`n_+ / n_-`, near
    :math:`1 / (1 - \mathrm{erf}(1)) = 6.4`, makes up for large biases being rarer:
    Proposition 21 is about conditional means, and with a factor of 1 the expectation
    would be positive everywhere.

    With :math:`a = r^{-3/4}` about r/4 units are kept in the first half, r/8 where
    ``initial_coef`` is given, so the expected output climbs to 1 over a shell of about
    :math:`4 r^{-1/4} / |f_\xi'(\lambda)|`. Theorem 9 lets r grow until little mass is
    left in that shell and far out, where f returns to zero. At
    :math:`\lambda = \sqrt 2` the slope is -0.0144 and the shell
    :math:`280 \, r^{-1/4}`, a tenth only from :math:`6 \cdot 10^{13}` units on; with a
    thousand the expected output stays below 0.04.

    A given ``shell`` leaves the deviations from the expectation. They are of size
    :math:`1.5 / \sqrt r` in units of f and so move the sphere by
    :math:`100 / \sqrt r`: a tenth takes a million units, where gradient descent on
    such a layer makes do with hundreds.

    References
    ----------
    .. [1] Itay Safran and Jason D. Lee (2022). Optimization-Based Separations for
       Neural Networks. arXiv:2112.02393, Theorem 9 and Proposition 21.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.constructions import ball_weights
    >>> from sklearn_depth.datasets import make_ball_indicator
    >>> from sklearn_depth.features import SigmoidFeatures
    >>> X, y = make_ball_indicator(
    ...     100, n_features=2, law="uniform", radius=1.4, random_state=0)
    >>> layer = SigmoidFeatures(200_000, design="iid", hidden_scale=0.5, radius=None,
    ...                         random_state=0).fit(X)
    >>> v = ball_weights(layer, 1.4, shell=0.2)
    >>> inside = np.clip(layer.transform(X) @ v, 0, 1)
    >>> print(f"squared error {np.mean((inside - y) ** 2):.2f}")
    squared error 0.03
    """
    _check_paper_layer(layer)
    ratio = _radius_in_units(layer, radius)
    if shell is not None and shell > radius:
        raise ValueError(
            f"shell={shell} must not exceed radius={radius}: the output has to reach 1 "
            "inside the ball. Give a thinner shell."
        )
    positive, large = _kept_units(layer, initial_coef)
    n_positive, n_large = positive.sum(), large.sum()
    xi = ball_balance(ratio)
    if shell is None:
        scale = len(positive) ** -0.75
    else:
        scale = 1 / (n_positive * ball_profile(ratio * (1 - shell / radius), xi))
    coef = np.zeros(len(positive), dtype=layer.hidden_coef_.dtype)
    coef[positive] = scale
    coef[large] = -scale * xi * n_positive / n_large
    return coef


def _check_paper_layer(layer):
    """Refuse layers whose units do not follow the law of the closed forms."""
    check_is_fitted(layer)
    given = layer.get_params()
    wrong = [name for name in _PAPER if given[name] != _PAPER[name]]
    if wrong:
        has = ", ".join(f"{name}={given[name]!r}" for name in wrong)
        needs = ", ".join(f"{name}={_PAPER[name]!r}" for name in wrong)
        raise ValueError(
            f"ball_weights works for the paper's units only, but the layer has {has}. "
            f"Fit one with {needs}."
        )


def _radius_in_units(layer, radius):
    """The radius lambda in units of the layer's own."""
    ratio = radius / layer.radius_
    if not _REACH[0] <= ratio <= _REACH[1]:
        raise ValueError(
            f"radius={radius} is {ratio:.3g} times the layer's radius_="
            f"{layer.radius_:.3g}; it must lie between {_REACH[0]:g} and {_REACH[1]:g} "
            "times, best between 1 and 2. Fit the layer with a radius near the ball's."
        )
    return ratio


def _kept_units(layer, initial_coef):
    """Masks of the units with positive weights, and of those with negative ones."""
    n_hidden = len(layer.hidden_coef_)
    bias = layer.hidden_intercept_ + layer.hidden_coef_ @ layer.center_
    first = np.arange(n_hidden) < n_hidden // 2
    positive, large = first & (bias > 0), ~first & (bias > LARGE_BIAS)
    if initial_coef is not None:
        initial_coef = _check_initial(initial_coef, n_hidden)
        positive &= initial_coef > 0
        large &= initial_coef < 0
    if not (positive.any() and large.any()):
        raise ValueError(
            f"The layer of {n_hidden} units keeps {positive.sum()} of its first half "
            f"and {large.sum()} of its second, and needs one of each. Widen it: some "
            "4 % of the units are kept in the second half, 2 % with initial_coef."
        )
    return positive, large


def _check_initial(initial_coef, n_hidden):
    initial_coef = check_array(initial_coef, ensure_2d=False, input_name="initial_coef")
    if initial_coef.shape != (n_hidden,):
        raise ValueError(
            f"initial_coef has shape {initial_coef.shape}, but the layer has "
            f"{n_hidden} units. Give one weight for each unit: shape ({n_hidden},)."
        )
    return initial_coef
