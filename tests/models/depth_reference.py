"""Depth Anything in float64 NumPy, one picture at a time, from named weights."""

import numpy as np
from scipy.signal import correlate2d
from scipy.special import erf


def weights_of(model):
    pairs = zip(model.weights, model.get_weights(), strict=True)
    return {v.path: w.astype("float64") for v, w in pairs}


def norm(x, w, name):
    centred = x - x.mean(-1, keepdims=True)
    scale = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-6)
    return centred / scale * w[f"{name}/gamma"] + w[f"{name}/beta"]


def attention(x, w, name):
    q, k, v = (
        np.einsum("td,dhe->hte", x, w[f"{name}/{p}/kernel"])
        + w[f"{name}/{p}/bias"][:, None]
        for p in ("query", "key", "value")
    )
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
    weight = np.exp(scores - scores.max(-1, keepdims=True))
    weight /= weight.sum(-1, keepdims=True)
    out = f"{name}/attention_output"
    y = np.einsum("hte,hed->td", weight @ v, w[f"{out}/kernel"])
    return y + w[f"{out}/bias"]


def mlp(x, w, name):
    h = x @ w[f"{name}/fc1/kernel"] + w[f"{name}/fc1/bias"]
    h = h * (1 + erf(h / np.sqrt(2))) / 2
    return h @ w[f"{name}/fc2/kernel"] + w[f"{name}/fc2/bias"]


def cubic(column, n_out, a=-0.75):
    """Resizes (n, ...) to (n_out, ...): four samples a place, the ends repeated."""
    n = len(column)
    out = np.zeros((n_out, *column.shape[1:]))
    for i in range(n_out):
        place = (i + 0.5) * n / n_out - 0.5
        for j in range(int(np.floor(place)) - 1, int(np.floor(place)) + 3):
            d = abs(place - j)
            near = (a + 2) * d**3 - (a + 3) * d**2 + 1
            far = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
            out[i] += (near if d <= 1 else far) * column[min(max(j, 0), n - 1)]
    return out


def linear(x, rows, columns):
    """Resizes (h, w, c) so that the corners keep their places."""
    for axis, n in ((0, rows), (1, columns)):
        places = np.linspace(0, x.shape[axis] - 1, n)
        known = np.arange(x.shape[axis])
        x = np.apply_along_axis(
            lambda v, p=places, k=known: np.interp(p, k, v), axis, x
        )
    return x


def conv(x, w, name, stride=1):
    kernel = w[f"{name}/kernel"]
    size = kernel.shape[0] // 2
    x = np.pad(x, ((size, size), (size, size), (0, 0)))
    y = sum(
        np.stack(
            [
                correlate2d(x[..., i], kernel[..., i, o], "valid")
                for o in range(kernel.shape[-1])
            ],
            -1,
        )
        for i in range(x.shape[-1])
    )
    return y[::stride, ::stride] + w.get(f"{name}/bias", 0)


def grow(x, w, name):
    """Transposed convolution whose kernel is as large as its step."""
    kernel = w[f"{name}/kernel"]  # (k, k, out, in)
    k = len(kernel)
    y = np.einsum("hwi,aboi->hawbo", x, kernel)
    y = y.reshape(k * x.shape[0], k * x.shape[1], -1)
    return y + w[f"{name}/bias"]


def backbone(image, w, patch, depth, taps):
    h, v = image.shape[0] // patch, image.shape[1] // patch
    tiles = image.reshape(h, patch, v, patch, -1).transpose(0, 2, 1, 3, 4)
    kernel = w["backbone/patch_embed/projection/kernel"]
    x = np.einsum("hvabc,abcd->hvd", tiles, kernel).reshape(h * v, -1)
    x = x + w["backbone/patch_embed/projection/bias"]
    table = w["backbone/position_embedding/position_embedding"]
    side = int(np.sqrt(len(table) - 1))
    grid = cubic(table[1:].reshape(side, side, -1), h)
    grid = cubic(grid.swapaxes(0, 1), v).swapaxes(0, 1)
    x = x + grid.reshape(h * v, -1)
    x = np.concatenate([w["backbone/class_token/token"][0] + table[:1], x])
    found = []
    for i in range(depth):
        name = f"backbone/blocks_{i}"
        y = attention(norm(x, w, f"{name}_norm1"), w, f"{name}_attention")
        x = x + w[f"{name}_attention_scale/gamma"] * y
        y = mlp(norm(x, w, f"{name}_norm2"), w, f"{name}_mlp")
        x = x + w[f"{name}_mlp_scale/gamma"] * y
        if i + 1 in taps:
            found.append(norm(x, w, "backbone/norm")[1:].reshape(h, v, -1))
    return found


def unit(x, w, name):
    y = conv(np.maximum(x, 0), w, f"{name}/conv_1")
    return x + conv(np.maximum(y, 0), w, f"{name}/conv_2")


def fused(maps, w, dpt="dpt/"):
    x = [conv(m, w, f"{dpt}project_{i}") for i, m in enumerate(maps)]
    x = [
        grow(x[0], w, f"{dpt}upsample_0"),
        grow(x[1], w, f"{dpt}upsample_1"),
        x[2],
        conv(x[3], w, f"{dpt}downsample", stride=2),
    ]
    x = [conv(m, w, f"{dpt}conv_{i}") for i, m in enumerate(x)]
    done = []
    for k in range(4):
        name, y = f"{dpt}fusion_{k}", x[3 - k]
        if k:
            y = done[-1] + unit(y, w, f"{name}/unit_1")
        y = unit(y, w, f"{name}/unit_2")
        size = x[2 - k].shape[:2] if k < 3 else [2 * n for n in y.shape[:2]]
        done.append(conv(linear(y, *size), w, f"{name}/project"))
    return done


def depth(maps, w, patch, dpt="dpt/"):
    """Returns what the last activation sees."""
    y = conv(fused(maps, w, dpt)[-1], w, f"{dpt}head_conv_1")
    y = linear(y, patch * maps[0].shape[0], patch * maps[0].shape[1])
    y = conv(np.maximum(conv(y, w, f"{dpt}head_conv_2"), 0), w, f"{dpt}head_conv_3")
    return y[..., 0]
