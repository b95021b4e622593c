import pytest

from dl_techniques.training import Compute


@pytest.fixture(scope="session")
def compute(tmp_path_factory):
    """One warm compute side for every test of the session."""
    compute = Compute(tmp_path_factory.mktemp("compute"), slots=1)
    compute.warm()
    yield compute
    compute.close()
