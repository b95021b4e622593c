"""Depth losses and metrics against float64 NumPy."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.losses import AffineInvariantLoss, FeatureAlignmentLoss
from dl_techniques.metrics import AbsoluteRelativeError, DepthAccuracy

RNG = np.random.default_rng(0)
Y = RNG.uniform(1, 6, (5, 4, 6, 1)).astype("float32")
D = (Y[..., 0] * RNG.uniform(0.6, 1.6, (5, 4, 6))).astype("float32")


def value(made, *given, **more):
    return ops.convert_to_numpy(made(*given, **more))


def normal(d):
    shifted = d - np.median(d)
    return shifted / abs(shifted).mean()


@pytest.mark.parametrize("inverse", [False, True])
def test_affine_invariant_loss_is_the_reference(inverse):
    loss = AffineInvariantLoss(inverse, reduction=None)
    target = Y.astype("float64")[..., 0]
    target = 1 / target if inverse else target
    want = [
        abs(normal(d) - normal(t)).mean()
        for d, t in zip(D.astype("float64"), target, strict=True)
    ]
    np.testing.assert_allclose(value(loss, Y, D), want, rtol=1e-5)


def test_scale_and_shift_cost_nothing_but_order_does():
    loss = AffineInvariantLoss(reduction=None)
    np.testing.assert_allclose(value(loss, Y, 3 * Y - 7), 0, atol=1e-5)
    np.testing.assert_allclose(
        value(loss, Y, 0.1 * D + 2), value(loss, Y, D), rtol=1e-3
    )
    assert (value(loss, Y, -Y) > 1).all()
    inverse = AffineInvariantLoss(inverse_target=True, reduction=None)
    np.testing.assert_allclose(value(inverse, Y, 5 / Y + 1), 0, atol=1e-4)


def test_feature_alignment_is_the_reference():
    y, p = RNG.normal(size=(2, 6, 3, 5, 4))
    p = y + 0.6 * p
    cosine = (y * p).sum(-1)
    cosine /= np.linalg.norm(y, axis=-1) * np.linalg.norm(p, axis=-1)
    assert 0.1 < (cosine > 0.85).mean() < 0.9
    want = np.where(cosine < 0.85, 1 - cosine, 0).mean((1, 2))
    loss = FeatureAlignmentLoss(reduction=None)
    got = value(loss, y.astype("float32"), p.astype("float32"))
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-6)
    assert (value(loss, y.astype("float32"), 7 * y.astype("float32")) == 0).all()


def aligned(y, d):
    lines = np.column_stack([d, np.ones_like(d)])
    return lines @ np.linalg.lstsq(lines, y, rcond=None)[0]


@pytest.mark.parametrize("align", [False, True])
def test_metrics_are_the_reference_and_skip_what_is_unknown(align):
    y, d = Y.astype("float64").reshape(5, -1), D.astype("float64").reshape(5, -1)
    y[1, :7] = 0
    d[:, 0] = -0.5
    known = y > 0
    fit = d.copy()
    if align:
        for i in range(5):
            fit[i][known[i]] = aligned(y[i][known[i]], d[i][known[i]])
    error = abs(fit - y)[known] / y[known]
    fit = np.maximum(fit[known], 1e-6)
    ratio = np.maximum(fit / y[known], y[known] / fit)
    given = y.astype("float32").reshape(Y.shape), d.astype("float32").reshape(D.shape)
    for metric, want in (
        (AbsoluteRelativeError(align), error.mean()),
        (DepthAccuracy(1.25, align), (ratio < 1.25).mean()),
        (DepthAccuracy(1.25**2, align), (ratio < 1.25**2).mean()),
    ):
        assert value(metric, *given) == pytest.approx(want, rel=1e-4), metric
    weights = np.array([0, 0, 1, 0, 2])
    weighted = AbsoluteRelativeError(align)
    weighted.update_state(*given, weights)
    alone = AbsoluteRelativeError(align)
    for i in (2, 4, 4):
        alone.update_state(given[0][i : i + 1], given[1][i : i + 1])
    assert value(weighted.result) == pytest.approx(value(alone.result), rel=1e-5)


def test_alignment_undoes_scale_and_shift():
    assert value(AbsoluteRelativeError(True), Y, 0.01 * Y - 3) < 1e-4
    assert value(DepthAccuracy(align=True), Y, 100 * Y + 9) == 1


def test_other_sizes_are_refused():
    for made in (AffineInvariantLoss(), AbsoluteRelativeError()):
        with pytest.raises(ValueError, match="`y_pred` must be of 24 places"):
            made(Y, D[:, :2])


@pytest.mark.parametrize(
    ("made", "argument", "wrong"),
    [
        (AffineInvariantLoss, "inverse_target", "yes"),
        (FeatureAlignmentLoss, "tolerance", 1.5),
        (AbsoluteRelativeError, "align", 2),
        (DepthAccuracy, "threshold", 1.0),
    ],
)
def test_illegal_arguments_are_named(made, argument, wrong):
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received"):
        made(**{argument: wrong})
