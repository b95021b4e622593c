import subprocess
import sys

import pytest

from dl_techniques import models
from dl_techniques.models import registry


def test_models_are_listed_by_task_and_size():
    names = registry.list_models()
    assert "convnext_v1_tiny" in names
    small = registry.list_models("image classification", max_params=20_000)
    assert "convnext_v1_lab8" in small
    assert set(small) < set(names)
    assert all(registry.model_card(n)["params"] <= 20_000 for n in small)
    with pytest.raises(ValueError, match=r"`task` must be one of .*Received: task='x'"):
        registry.list_models("x")


def test_a_card_says_what_a_gallery_shows():
    card = registry.model_card("convnext_v1_tiny")
    assert card["params"] == 28_589_128
    assert card["params_without_top"] == 27_820_128
    assert card["input"] == [224, 224, 3]
    assert card["task"] == "image classification"
    assert "2201.03545" in card["paper"]
    assert card["licence"] == "Apache-2.0"
    assert card["hub"][0] == "timm/convnext_tiny.fb_in1k"
    card["input"].append(0)
    assert registry.model_card("convnext_v1_tiny")["input"] == [224, 224, 3]


def test_unknown_names_are_answered_with_close_ones():
    with pytest.raises(ValueError, match=r"Did you mean convnext_v1_tiny"):
        registry.create_model("convnext_v1_tinny")


def test_create_model_passes_arguments_on():
    model = registry.create_model("convnext_v1_lab8", classes=3)
    assert model.output_shape == (None, 3)
    assert model.name == "convnext_v1_lab8"


def test_every_public_name_exists():
    assert [n for n in models.__all__ if not hasattr(models, n)] == []
    with pytest.raises(AttributeError, match="NoSuchModel"):
        _ = models.NoSuchModel


def test_reading_the_registry_loads_no_backend():
    code = (
        "import sys; import dl_techniques.catalog as c;"
        "from dl_techniques.models.registry import list_models;"
        "assert list_models() and c.entries('model');"
        "sys.exit(bool({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
