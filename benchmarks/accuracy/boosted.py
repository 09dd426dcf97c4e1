"""Boosted ensembles of trees, with their defaults, one thread and the seed."""

from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)


def boosting(seed, n, d):
    return HistGradientBoostingRegressor(random_state=seed)


def boosting_classifier(seed, n, d):
    return HistGradientBoostingClassifier(random_state=seed)


def catboost(seed, n, d):
    from catboost import CatBoostRegressor

    return CatBoostRegressor(**_catboost(seed))


def catboost_classifier(seed, n, d):
    from catboost import CatBoostClassifier

    return CatBoostClassifier(**_catboost(seed))


def _catboost(seed):
    return {
        "random_seed": seed,
        "thread_count": 1,
        "verbose": 0,
        "allow_writing_files": False,
    }


def lightgbm(seed, n, d):
    from lightgbm import LGBMRegressor

    return LGBMRegressor(random_state=seed, n_jobs=1, verbose=-1)


def lightgbm_classifier(seed, n, d):
    from lightgbm import LGBMClassifier

    return LGBMClassifier(random_state=seed, n_jobs=1, verbose=-1)


def xgboost(seed, n, d):
    from xgboost import XGBRegressor

    return XGBRegressor(random_state=seed, n_jobs=1)


def xgboost_classifier(seed, n, d):
    from xgboost import XGBClassifier

    return XGBClassifier(random_state=seed, n_jobs=1)


ENSEMBLES = {
    "HistGradientBoosting": boosting,
    "LightGBM": lightgbm,
    "XGBoost": xgboost,
    "CatBoost": catboost,
}
ENSEMBLES_FOR_CLASSES = {
    "HistGradientBoosting": boosting_classifier,
    "LightGBM": lightgbm_classifier,
    "XGBoost": xgboost_classifier,
    "CatBoost": catboost_classifier,
}
