"""Sums that do not add up: of other products or scalings."""


def check_basis(parameters, features, whose):
    """Refuse to add rows of other products than the parameters say."""
    theirs = features.get_params()
    for name, value in parameters.items():
        if theirs[name] != value:
            raise ValueError(
                f"{name} is {value!r}, but {theirs[name]!r} in {whose}: sums of "
                "different products cannot be added. Call fit to start again."
            )


def check_scaling(ours, theirs):
    """Refuse maps that scale columns differently."""
    if (ours.mean_ != theirs.mean_).any() or (ours.scale_ != theirs.scale_).any():
        raise ValueError(
            "The regressors scale their columns differently: their products are "
            "not the same. Scale the columns beforehand and set scaling=None."
        )
