"""Rendered scenes: depth by geometry, not by the renderer's own formulas."""

import numpy as np
import pytest

from dl_techniques.datasets import dataset_info, load_dataset
from dl_techniques.datasets.previews import preview
from dl_techniques.datasets.scenes import FAR, rays, render


def load(**options):
    return load_dataset(
        "depth_shapes", options={"n": 200, **options}, standardise=False
    )


def test_every_pixel_has_a_distance_in_its_own_unit():
    for standardise in (False, True):
        data = load_dataset(
            "depth_shapes", options={"n": 60}, standardise=standardise, train_size=0.5
        )
        assert data.x_train.shape == (30, 32, 32, 3)
        assert data.y_train.shape == data.y_test.shape == (30, 32, 32, 1)
        assert data.y_train.dtype == np.float32
        assert 0 < data.y_train.min() < 2 < data.y_train.max() <= FAR
        assert data.y_scale == 1
    info = dataset_info("depth_shapes")
    assert info.target_shape == data.y_train.shape[1:]
    assert (info.task, info.n_outputs) == ("regression", 1)


def test_the_floor_is_a_plane_and_the_wall_is_flat():
    drawn = render(40, 1, 0.0, np.random.default_rng(0))
    depth, ray = drawn.depth[..., 0].astype(np.float64), rays().astype(np.float64)
    for z in depth:
        wall = z[0, 0]  # a corner above the horizon sees the wall or a thing
        height = z[-1] * ray[-1, :, 1]  # how far below the camera the lowest row is
        floor = np.median(height)
        expected = np.minimum(floor / np.maximum(ray[..., 1], 1e-9), wall)
        empty = abs(z - expected) < 1e-4
        assert empty.mean() > 0.35
        assert (z <= expected + 1e-3).mean() > 0.99 or z.max() > wall


def test_balls_are_round_in_space():
    drawn = render(300, 1, 0.0, np.random.default_rng(1))
    depth = drawn.depth[..., 0].astype(np.float64)
    point = depth[..., None] * rays().astype(np.float64)
    found = 0
    for z, p, image in zip(depth, point, drawn.images, strict=True):
        vivid = np.ptp(image, axis=-1) > 0.2
        if vivid.sum() < 60 or np.ptp(z[vivid]) < 0.05:
            continue
        q = p[vivid]
        lines = np.column_stack([2 * q, np.ones(len(q))])
        answer, residual, rank, _ = np.linalg.lstsq(lines, (q**2).sum(1), rcond=None)
        if rank < 4 or residual[0] / len(q) > 1e-6:
            continue  # a board
        radius = np.sqrt(answer[3] + (answer[:3] ** 2).sum())
        assert 0.29 < radius < 0.81
        found += 1
    assert found > 20


def test_fog_takes_colour_from_what_is_far():
    clear, dim = (render(50, 2, fog, np.random.default_rng(2)) for fog in (0.0, 1.0))
    np.testing.assert_array_equal(clear.depth, dim.depth)
    far = clear.depth[..., 0] > 7.5
    assert np.ptp(dim.images[far], axis=-1).max() < 0.1
    near = clear.depth[..., 0] < 1.5
    np.testing.assert_allclose(dim.images[near], clear.images[near], atol=1e-5)


def test_the_same_seed_draws_the_same_scenes():
    np.testing.assert_array_equal(load().x_train, load().x_train)
    other = load_dataset("depth_shapes", options={"n": 200}, seed=1, standardise=False)
    assert abs(other.y_train - load().y_train).max() > 0.1


def test_a_preview_has_pictures_and_mean_depths():
    data = load()
    shown = preview(data, 5)
    assert shown.images.shape == (5, 32, 32, 3)
    assert shown.labels.shape == (5,)
    means = data.y_train.mean((1, 2, 3))
    assert all(np.isclose(means, label, atol=1e-4).any() for label in shown.labels)


@pytest.mark.parametrize("option", ["n", "things", "fog", "noise"])
def test_options_are_checked(option):
    with pytest.raises(ValueError, match=f"`{option}` must be"):
        load(**{option: -1})
