"""Convolution and batch norm in float64 NumPy, padded alike on all sides."""

import numpy as np


def conv(x, kernel, stride=1, depthwise=False):
    """Convolves (B, H, W, C); a depthwise kernel is (k, k, C, 1)."""
    x, kernel = x.astype("float64"), np.asarray(kernel, "float64")
    size = kernel.shape[0]
    around = size // 2
    padded = np.pad(x, ((0, 0), (around, around), (around, around), (0, 0)))
    height, width = (-(-n // stride) for n in x.shape[1:3])
    out = np.zeros((x.shape[0], height, width, kernel.shape[2 if depthwise else 3]))
    for i in range(height):
        for j in range(width):
            top, left = i * stride, j * stride
            window = padded[:, top : top + size, left : left + size]
            if depthwise:
                out[:, i, j] = np.einsum("bklc,klc->bc", window, kernel[..., 0])
            else:
                out[:, i, j] = np.einsum("bklc,klcf->bf", window, kernel)
    return out


def norm(x, layer):
    """Applies the moving statistics of a batch norm."""
    gamma, beta, mean, variance = (np.asarray(w, "float64") for w in layer)
    return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta


def weights_of(layer):
    """Returns every weight by its path below the layer."""
    prefix = layer.path + "/"
    return {
        w.path.removeprefix(prefix): np.asarray(v)
        for w, v in zip(layer.weights, layer.get_weights(), strict=True)
    }


def stirred(layer, x, seed=0):
    """Builds the layer and gives every weight a value away from its start."""
    layer(x)
    rng = np.random.default_rng(seed)
    layer.set_weights([w + rng.uniform(0.1, 0.5, w.shape) for w in layer.get_weights()])
    return weights_of(layer)


def norm_at(weights, x, name):
    """Applies the batch norm of this name."""
    parts = ("gamma", "beta", "moving_mean", "moving_variance")
    return norm(x, [weights[f"{name}/{p}"] for p in parts])
