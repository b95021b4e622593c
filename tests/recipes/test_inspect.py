"""Shapes, weights and operations of a stack."""

import time

import pytest

from dl_techniques.recipes import Recipe, build_model, inspect_stack
from dl_techniques.recipes.flops import model_flops
from tests.recipes.info import IMAGE, SEQUENCE, TOKENS, VECTOR, layer, recipe

CONV = layer("Conv2D", filters=4, kernel_size=3, padding="same")


def rows(recipe_, info=IMAGE):
    return {r.path: r for r in inspect_stack(recipe_, info).rows}


def test_rows_name_every_node_and_add_up():
    spec = recipe(
        CONV,
        {"residual": [layer("Conv2D", filters=8, kernel_size=1)]},
        {"repeat": [layer("Dense", units=8, use_bias=False)], "times": 3},
    )
    report = inspect_stack(spec, IMAGE)
    found = {r.path: r for r in report.rows}
    assert list(found) == [
        "0",
        "1",
        "1.residual.0",
        "2",
        "2.repeat.0",
        "head_pool",
        "head",
    ]
    assert found["1"].output_shape == (8, 8, 8)
    assert found["1"].parameters == 2 * (4 * 8 + 8)  # branch and projection
    assert found["2.repeat.0"].parameters == found["2"].parameters == 3 * 64
    assert report.total_parameters == build_model(spec, IMAGE).count_params()
    assert report.ok
    assert inspect_stack(Recipe()).ok


@pytest.mark.parametrize(
    ("node", "info", "flops"),
    [
        (layer("Dense", units=5), VECTOR, 2 * 6 * 5),
        (layer("Dense", units=5), SEQUENCE, 2 * 5 * 4 * 5),
        (CONV, IMAGE, 2 * 9 * 4 * 64),
        (layer("Conv2D", filters=4, kernel_size=2, strides=2), IMAGE, 2 * 4 * 4 * 16),
        (layer("DepthwiseConv2D", kernel_size=3), IMAGE, 2 * 9 * 36),
        (
            layer("SeparableConv1D", filters=2, kernel_size=3, padding="same"),
            SEQUENCE,
            2 * 5 * (3 * 4 + 4 * 2),
        ),
        (layer("LSTM", units=3), SEQUENCE, 2 * 5 * 4 * 3 * (4 + 3)),
        (
            layer("MultiHeadAttention", num_heads=2, key_dim=3),
            SEQUENCE,
            2 * (5 * 4 * 4 * 6 + 2 * 25 * 6),
        ),
        (
            layer(
                "GroupQueryAttention",
                head_dim=2,
                num_query_heads=4,
                num_key_value_heads=2,
            ),
            SEQUENCE,
            2 * (5 * 4 * 2 * (2 * 4 + 2 * 2) + 25 * 4 * (2 + 2)),
        ),
        (
            layer("DifferentialMultiHeadAttention", num_heads=1),
            SEQUENCE,
            2 * (5 * 4 * 16 + 25 * (2 * 2 + 4)),
        ),
        (
            layer("TransformerEncoderBlock", num_heads=2, mlp_dim=3),
            SEQUENCE,
            2 * (5 * 4 * 16 + 25 * 2 * (2 + 2) + 5 * 2 * 4 * 3),
        ),
        (layer("Embedding", input_dim=17, output_dim=8), TOKENS, 0),
        (layer("BatchNormalization"), IMAGE, 0),
    ],
)
def test_operations_are_two_a_multiply_add(node, info, flops):
    assert rows(recipe(node), info)["0"].flops == flops
    built = build_model(recipe(node), info)
    assert model_flops(built) == inspect_stack(recipe(node), info).total_flops


def test_the_row_of_the_broken_layer_has_error_and_repair():
    spec = recipe(layer("Flatten"), CONV, layer("Flatten"))
    report = inspect_stack(spec, IMAGE)
    flat, conv, last, *_ = report.rows
    assert not report.ok
    assert flat.output_shape == (64,)
    assert "takes an image" in conv.error
    assert conv.repair["op"] == "remove"
    assert last.output_shape is None
    assert last.error is None


def test_a_model_too_large_is_told_without_building_it():
    start = time.perf_counter()
    units = layer("Dense", units=65_536)
    found = rows(recipe(layer("Flatten"), units, units))
    assert "weights" in found["2"].error
    assert time.perf_counter() - start < 2


def test_unknown_data_and_layers_are_told():
    assert inspect_stack(Recipe(dataset={"name": "nothing"})).problems[0].where == (
        "dataset.name"
    )
    assert "no layer" in rows(recipe(layer("Dens")))["0"].error


def test_muted_nodes_are_rows_without_a_shape():
    found = rows(recipe({"layer": "Flatten", "muted": True}))
    assert found["0"].muted
    assert found["0"].output_shape is None


def test_inspecting_is_quick():
    spec = recipe(CONV, *({"residual": [CONV]} for _ in range(10)))
    inspect_stack(spec, IMAGE)
    start = time.perf_counter()
    inspect_stack(spec, IMAGE)
    assert time.perf_counter() - start < 1
