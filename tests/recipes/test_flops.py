"""Operations of layers whose weights do not tell them."""

import pytest

from dl_techniques import layers
from dl_techniques.recipes.flops import layer_flops

PLACES, KEYS = 4 * 6, 2 * 3


@pytest.mark.parametrize(
    ("layer", "shape", "products"),
    [
        (
            layers.NonLocalAttention(5, subsample=2),
            (None, 4, 6, 8),
            PLACES * (4 * 8 * 5 + 2 * KEYS * 5),
        ),
        (
            layers.NonLocalAttention(5, "gaussian"),
            (None, 4, 6, 8),
            PLACES * (2 * 8 * 5 + PLACES * (8 + 5)),
        ),
        (
            layers.NonLocalAttention(5, "concatenation"),
            (None, 7, 8),
            7 * (4 * 8 * 5 + 10 + 7 * 6),
        ),
        (
            layers.HopfieldAttention(2, 3, value_dim=4, update_steps_max=2),
            (None, 7, 8),
            7 * 8 * 2 * (3 + 3 + 4 + 4) + 49 * 2 * (3 * 3 + 2 * 3 + 4),
        ),
        (
            layers.SparseAttention(2, 3),
            (None, 7, 8),
            7 * 8 * 2 * 12 + 49 * 2 * 6,
        ),
        (layers.CapsuleBlock(4, 5, 1), (None, 6, 2), 6 * 4 * 5 * 2 + 6 * 4 * 5),
        (layers.ComplexDense(5), (None, 6), 4 * 3 * 5),
        (layers.ComplexDense(5, real_input=True), (None, 6), 2 * 6 * 5),
        (
            layers.ComplexConv2D(5, padding="valid"),
            (None, 4, 6, 6),
            4 * 2 * 4 * 9 * 3 * 5,
        ),
        (
            layers.PrimaryCapsule(2, 3, kernel_size=3, strides=1),
            (None, 4, 6, 5),
            2 * 4 * 9 * 5 * 6,
        ),
        (
            layers.RoutingCapsule(4, 5, 3),
            (None, 6, 2),
            6 * 4 * 5 * 2 + 5 * 6 * 4 * 5,
        ),
    ],
    ids=lambda v: getattr(v, "name", None),
)
def test_products_are_counted(layer, shape, products):
    layer.build(shape)
    after = layer.compute_output_shape(shape)
    assert layer_flops(layer, shape, after) == 2 * products
