"""Every name that the package promises is there."""

import dl_techniques.analysis as analysis


def test_every_promised_name_loads():
    for name in analysis.__all__:
        assert getattr(analysis, name) is not None
