"""Which models compete on which tasks."""

from .class_models import MOST_ROWS, OURS_FOR_CLASSES, RIVALS_FOR_CLASSES
from .models import MODELS, OURS
from .table_models import OURS_ON_TABLES, RIVALS_ON_TABLES

ON_TABLES = {**OURS_ON_TABLES, **RIVALS_ON_TABLES}
FEW_ROWS = min(MOST_ROWS.values())  # on which all compete
FOR_CLASSES = {**OURS_FOR_CLASSES, **RIVALS_FOR_CLASSES}
SPECIAL = {
    "tables": ON_TABLES,
    "classes": FOR_CLASSES,
    "class_tables": FOR_CLASSES,
}


def models_of(suite):
    """By name, all that compete on a suite."""
    return SPECIAL.get(suite, MODELS)


def competes(task, name):
    """Whether a model of the task's suite is run on it."""
    if models_of(task.suite) is not FOR_CLASSES:
        return True
    if name in OURS_FOR_CLASSES:
        return name in task.ours
    return task.n <= MOST_ROWS.get(name, task.n)


def is_ours(name):
    """Whether a model is one of this library that the theory speaks for."""
    return name in OURS or name in OURS_ON_TABLES
