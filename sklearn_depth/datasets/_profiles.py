"""Profiles: functions of the norm, each with a closed form of its smooth version.

``profile(r, smoothness=s)`` is the mean of the profile over r + s Z, Z ~ N(0, 1), where
the profile's formula also stands at negative arguments; at s = 0 it is the profile.
"""

from functools import partial

import numpy as np
from scipy.special import ndtr


def tent(r, *, smoothness=0.0):
    """max(0, 1 - r), of Safran, Eldan and Shamir's Theorem 5."""
    if smoothness == 0:
        return np.maximum(0, 1 - r)
    u = _deviations_below_one(r, smoothness)
    with np.errstate(over="ignore"):
        density = np.exp(-u * u / 2) / np.sqrt(2 * np.pi)
    return smoothness * density + (1 - r) * ndtr(u)


def distance_to_sphere(r, *, smoothness=0.0):
    """|r - 1|."""
    return (r - 1) + 2 * tent(r, smoothness=smoothness)


def sine(r, *, frequency, smoothness=0.0):
    """sin(frequency r)."""
    return _damping(frequency, smoothness) * np.sin(frequency * r)


def cosine(r, *, frequency, smoothness=0.0):
    """cos(frequency r)."""
    return _damping(frequency, smoothness) * np.cos(frequency * r)


def oscillation(r, *, frequency, smoothness=0.0):
    """sin(frequency r²) / frequency, of Safran, Eldan and Shamir's Theorem 4.

    With w the frequency, the mean is that of the imaginary part of exp(iw (r + sZ)²),
    ``(1 - 2iws²)^(-1/2) exp(iwr² / (1 - 2iws²))``, here by modulus and angle.
    """
    tangent = 2 * frequency * smoothness * smoothness
    angle, cos = np.arctan(tangent), 1 / np.hypot(1, tangent)
    phase = frequency * cos * cos * r**2
    damping = np.exp(-frequency * cos * np.sin(angle) * r**2)
    return np.sqrt(cos) * damping * np.sin(phase + angle / 2) / frequency


def ball(r, *, smoothness=0.0):
    """1 where r <= 1, else 0."""
    if smoothness == 0:
        return np.heaviside(1 - r, 1.0)
    return ndtr(_deviations_below_one(r, smoothness))


def _deviations_below_one(r, smoothness):
    """(1 - r) / s, infinite where s is that small."""
    with np.errstate(over="ignore"):
        return (1 - r) / smoothness


def _damping(frequency, smoothness):
    """The characteristic function of s Z."""
    deviation = frequency * smoothness
    return np.exp(-deviation * deviation / 2)


PROFILES = {
    "tent": tent,
    "abs": distance_to_sphere,
    "sine": sine,
    "cosine": cosine,
    "oscillation": oscillation,
    "ball": ball,
}


def _default_frequencies(n_features):
    return {
        "sine": 3.0,
        "cosine": 4.0,
        "oscillation": 2 * np.pi * float(n_features) ** 3,
    }


def bind_profile(profile, n_features, frequency, smoothness):
    """The profile as a function of r alone, from a name or a callable."""
    defaults = _default_frequencies(n_features)
    named = isinstance(profile, str)
    if frequency is not None and not (named and profile in defaults):
        raise ValueError(
            f"frequency={frequency:g}, but {_described(profile)} has no frequency; "
            f"{', '.join(map(repr, defaults))} have one. Leave frequency None, or use "
            "one of them."
        )
    if not named:
        if smoothness != 0:
            raise ValueError(
                f"smoothness={smoothness:g}, but {_described(profile)} has no closed "
                f"form of its smooth version; {', '.join(map(repr, PROFILES))} have "
                "one. Pass a smooth function and smoothness=0, or use one of them."
            )
        return profile
    parameters = {"smoothness": float(smoothness)}
    if profile in defaults:
        chosen = defaults[profile] if frequency is None else frequency
        parameters["frequency"] = float(chosen)
    return partial(PROFILES[profile], **parameters)


def _described(profile):
    return f"profile={profile!r}" if isinstance(profile, str) else "a callable profile"
