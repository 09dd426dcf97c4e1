"""What every test starts from and leaves behind: scikit-learn's own configuration."""

import pytest
import sklearn


@pytest.fixture(autouse=True)
def default_configuration():
    """Undo what a test sets with ``sklearn.set_config``."""
    with sklearn.config_context():
        yield
