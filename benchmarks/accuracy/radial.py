"""Targets that depend on a distance: balls under four laws, profiles, other centres."""

import numpy as np

from sklearn_depth.datasets import make_ball_indicator, make_radial

from .planted import Planted, planter

ball = planter("radial", "FixedHiddenSigmoid", make_ball_indicator)
profile = planter("radial", "RadialTwoLayer", make_radial)


def off_center(title, d, n, noise, away, **arguments):
    """The distance is from a point ``away`` from the middle of the data."""

    def make(n_samples, rng):
        X, _, truth = make_radial(
            n_samples, d, return_truth=True, random_state=rng, **arguments
        )
        center = rng.standard_normal(d)
        center *= away / np.linalg.norm(center)
        return X, truth.profile(np.linalg.norm(X - center, axis=1))

    return Planted("radial", "RadialTwoLayer, learn", title, d, n, noise, make)


CHOSEN_ON = [
    ball("ball, uniform norms", 20, 2000, 0.2, law="uniform"),
    ball("ball, Gaussian", 30, 3000, 0),
    profile("sin 3r", 20, 2000, 0, profile="sine"),
    profile("|r - 1|", 100, 2000, 0.5, profile="abs"),
    profile("cos 4r", 5, 2000, 0.5, profile="cosine"),
    off_center("sin 3r, centre .8 away", 20, 2000, 0, 0.8, profile="sine"),
]
REPORTED = [
    ball("ball, Gaussian", 50, 3000, 0),
    ball("ball, uniform norms", 50, 1500, 0.3, law="uniform"),
    ball("ball, two spheres", 15, 2000, 0, law="two_spheres"),
    ball("ball, Bessel", 10, 3000, 0, law="bessel"),
    profile("tent", 30, 1500, 0.2, profile="tent"),
    profile("|r - 1|", 10, 500, 0.3, profile="abs"),
    profile("sin 6r", 60, 1500, 0.3, profile="sine", frequency=6),
    profile("sin ωr² / ω, ω=10", 15, 3000, 0.1, profile="oscillation", frequency=10),
    profile("cos 4r, smoothed", 150, 1000, 1, profile="cosine", smoothness=0.1),
    off_center("tent, centre .5 away", 15, 2000, 0.2, 0.5, profile="tent"),
    off_center("cos 4r, centre 1 away", 40, 3000, 0.2, 1, profile="cosine"),
]
