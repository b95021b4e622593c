"""The names and shapes of every public checkpoint, against the built models."""

import pytest

from dl_techniques.pretrained.listings import listings, proof

FAMILIES = ("CLIPOpenAI", "ConvNextV1", "ConvNextV2", "MobileNetV4", "ResNet", "ViT")
LISTED = [entry for entry in listings() if entry.family in FAMILIES]


def test_every_listing_of_these_families_is_there():
    assert len(LISTED) == 31


@pytest.mark.parametrize("entry", LISTED, ids=lambda e: e.name)
def test_a_public_checkpoint_fits(entry):
    report = proof(entry)
    assert report.fits, report.problems()
    assert all(n.endswith("num_batches_tracked") for n in report.ignored)
    assert report.skipped == ()
