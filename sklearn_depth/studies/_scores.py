"""What a study scores its fits by, and which way is better."""

from sklearn.metrics import get_scorer

from sklearn_depth.metrics import normalized_mse

# Ours that scikit-learn has no name for. Lower is better, where its scorers are higher.
ERRORS = {"normalized_mse": normalized_mse}


def named_scorers(scoring):
    """{name: scorer} of a name, a callable, a list of names or a dict."""
    if callable(scoring):
        scoring = {"score": scoring}
    elif isinstance(scoring, str):
        scoring = [scoring]
    if not isinstance(scoring, dict):
        scoring = {name: name for name in scoring}
    if not scoring:
        raise ValueError("scoring is empty. Name a scorer.")
    if not all(isinstance(name, str) for name in scoring):
        raise ValueError(
            f"scoring names its scores {list(scoring)}, not all of which are strings. "
            "Pass callables in a dict, by name."
        )
    return {name: scorer_of(scorer) for name, scorer in scoring.items()}


def scorer_of(scorer):
    if callable(scorer):
        return scorer
    try:
        return ErrorScorer(scorer) if str(scorer) in ERRORS else get_scorer(str(scorer))
    except ValueError as error:
        raise ValueError(
            f"scoring has {scorer!r}, which is neither one of {list(ERRORS)} nor of "
            "sklearn.metrics.get_scorer_names()."
        ) from error


class ErrorScorer:
    """An error by name, called as a scorer is."""

    def __init__(self, name):
        self.name = name

    def __call__(self, estimator, X, y):
        return ERRORS[self.name](y, estimator.predict(X))


def directions(scorers):
    """Which scores are better, "lower" or "higher", by name."""
    return {
        name: "lower" if isinstance(scorer, ErrorScorer) else "higher"
        for name, scorer in scorers.items()
    }


def chosen_score(result, score):
    """The column of scores that is meant: the only one where none is named."""
    scores = list(result.config.get("scoring", ()))
    if not scores:
        raise ValueError(
            "The result does not say which of its columns are scores. Its config needs "
            "an entry such as {'scoring': {'mse': 'lower'}}."
        )
    if score is None and len(scores) == 1:
        return scores[0]
    if score not in scores:
        raise ValueError(f"score={score!r} is not one of the scores {scores}.")
    return score
