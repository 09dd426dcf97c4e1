"""A panel for each data set of a study."""


def datasets_of(result):
    """The data sets in the order of the table, or None alone where it names none."""
    if "dataset" not in result.columns:
        return [None]
    return list(dict.fromkeys(result.columns["dataset"].tolist()))


def of_dataset(result, dataset):
    """The part of a table that is of a data set."""
    return result if dataset is None else result.select(dataset=dataset)
