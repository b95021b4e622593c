"""The legal ranges that all spline layers share."""

from typing import Any

from dl_techniques.utils.validation import check, check_int, check_number


def check_spline_arguments(
    grid_size: Any,
    spline_order: Any,
    grid_range: Any,
    scale_noise: Any,
    grid_eps: Any,
) -> None:
    """Raises `ValueError` naming the first argument that is out of range."""
    check_int("grid_size", grid_size)
    check_int("spline_order", spline_order)
    rule = "two numbers, the first below the second"
    pair = isinstance(grid_range, list | tuple) and len(grid_range) == 2
    check(pair and grid_range[0] < grid_range[1], "grid_range", rule, grid_range)
    check_number("scale_noise", scale_noise, 0)
    check_number("grid_eps", grid_eps, 0, high=1)
