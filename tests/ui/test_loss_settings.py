"""Settings of a loss that holds another loss stand inside one popover."""

from streamlit.testing.v1 import AppTest


def draw():
    import streamlit as st

    from dl_techniques import catalog
    from dl_techniques.ui import build_fields

    entry = catalog.get("loss", "WeightedCrossEntropyWithAnyLoss")
    inner = {"name": "FBetaLoss", "args": {"beta": 2.0}}
    with st.popover("Settings of the loss"):
        for argument in entry.arguments:
            build_fields.field(
                argument, {"anyloss": inner}, "loss.args", entry.name, nested=True
            )


def test_inner_loss_is_offered_with_its_own_settings():
    app = AppTest.from_function(draw).run(timeout=60)
    assert not app.exception
    (picker,) = (box for box in app.selectbox if box.label == "anyloss")
    assert picker.value == "FBetaLoss"
    assert "MCCLoss" in picker.options
    assert "BrierScoreLoss" not in picker.options
    assert 2.0 in [number.value for number in app.number_input]
