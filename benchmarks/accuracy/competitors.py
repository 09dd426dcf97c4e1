"""Which models compete on which tasks."""

from .class_models import MOST_ROWS as MOST_ROWS_FOR_CLASSES
from .class_models import OURS_FOR_CLASSES, RIVALS_FOR_CLASSES
from .models import MODELS, MOST_ROWS, OURS
from .table_models import OURS_ON_TABLES, RIVALS_ON_TABLES

ON_TABLES = {**OURS_ON_TABLES, **RIVALS_ON_TABLES}
FOR_CLASSES = {**OURS_FOR_CLASSES, **RIVALS_FOR_CLASSES}
SPECIAL = {
    "tables": ON_TABLES,
    "classes": FOR_CLASSES,
    "class_tables": FOR_CLASSES,
}


def models_of(suite):
    """By name, all that compete on a suite."""
    return SPECIAL.get(suite, MODELS)


def most_rows(suite):
    """By name, on how many rows of the suite slow models compete."""
    return MOST_ROWS_FOR_CLASSES if models_of(suite) is FOR_CLASSES else MOST_ROWS


def few_rows(suite):
    """On how many rows all models compete."""
    return min(most_rows(suite).values())


def competes(task, name):
    """Whether a model of the task's suite is run on it."""
    if models_of(task.suite) is FOR_CLASSES and name in OURS_FOR_CLASSES:
        return name in task.ours
    return task.n <= most_rows(task.suite).get(name, task.n)


def is_ours(name):
    """Whether a model is one of this library that the theory speaks for."""
    return name in OURS or name in OURS_ON_TABLES
