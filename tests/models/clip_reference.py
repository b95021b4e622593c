"""The towers of both CLIP models in float64 NumPy."""

import math

import numpy as np
from keras import ops


def weights_of(model):
    return {v.path: ops.convert_to_numpy(v).astype("float64") for v in model.weights}


def rms(x, scale, epsilon=1e-6):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + epsilon) * scale


def layer_norm(x, gamma, beta, epsilon=1e-5):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + epsilon) * gamma + beta


def turned(x, angles):
    """Turns the pairs (2 i, 2 i + 1) of (batch, time, heads, d) by (time, i)."""
    x = x.copy()
    for i in range(angles.shape[1]):
        c, s = (f(angles[:, i])[:, None] for f in (np.cos, np.sin))
        a, b = x[..., 2 * i].copy(), x[..., 2 * i + 1].copy()
        x[..., 2 * i], x[..., 2 * i + 1] = a * c - b * s, a * s + b * c
    return x


def sequence_angles(length, width):
    speeds = 10000.0 ** (-np.arange(0, width, 2) / width)
    return np.arange(length)[:, None] * speeds


def grid_angles(side, width):
    """The class token, then rows in the first half of the pairs, columns after."""
    angles = np.zeros((1 + side * side, width // 2))
    half = sequence_angles(side, width // 2)
    for place in range(side * side):
        angles[1 + place] = np.concatenate([half[place // side], half[place % side]])
    return angles


def attention(x, w, name, causal, angles=None):
    q, k, v = (
        np.einsum("btd,dhe->bthe", x, w[f"{name}/{part}/kernel"])
        + w.get(f"{name}/{part}/bias", 0.0)
        for part in ("query", "key", "value")
    )
    if angles is not None:
        q, k = turned(q, angles), turned(k, angles)
    groups = q.shape[2] // k.shape[2]
    k, v = np.repeat(k, groups, 2), np.repeat(v, groups, 2)
    scores = np.einsum("bthe,bshe->bhts", q, k) / math.sqrt(q.shape[-1])
    if causal:
        later = np.triu(np.ones(scores.shape[-2:], bool), 1)
        scores = np.where(later, -np.inf, scores)
    p = np.exp(scores - scores.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    y = np.einsum("bhts,bshe->bthe", p, v)
    y = np.einsum("bthe,hed->btd", y, w[f"{name}/attention_output/kernel"])
    return y + w.get(f"{name}/attention_output/bias", 0.0)


def silu(x):
    return x / (1 + np.exp(-x))


def modern_blocks(x, w, tower, layers, causal, angles):
    for i in range(layers):
        name = f"{tower}_blocks_{i}"
        y = rms(x, w[f"{name}_norm1/scale"])
        x = x + attention(y, w, f"{name}_attention", causal, angles)
        y = rms(x, w[f"{name}_norm2/scale"])
        gate, up, down = (
            w[f"{name}_ffn/{part}_proj/kernel"] for part in ("gate", "up", "down")
        )
        x = x + (silu(y @ gate) * (y @ up)) @ down
    return rms(x, w[f"{tower}_norm/scale"])


def openai_blocks(x, w, tower, layers, causal, act):
    def normed(x, name):
        return layer_norm(x, w[f"{name}/gamma"], w[f"{name}/beta"])

    for i in range(layers):
        name = f"{tower}_blocks_{i}"
        x = x + attention(normed(x, f"{name}_norm1"), w, f"{name}_attention", causal)
        y = normed(x, f"{name}_norm2")
        y = act(y @ w[f"{name}_mlp/fc1/kernel"] + w[f"{name}_mlp/fc1/bias"])
        x = x + y @ w[f"{name}_mlp/fc2/kernel"] + w[f"{name}_mlp/fc2/bias"]
    return x


def patches(x, w):
    kernel = w["vision_patch_embed/projection/kernel"]
    p, side = kernel.shape[0], x.shape[1] // kernel.shape[0]
    x = x.reshape(len(x), side, p, side, p, -1)
    x = np.einsum("bipjqc,pqcd->bijd", x, kernel).reshape(len(x), side * side, -1)
    token = np.repeat(w["vision_class_token/token"], len(x), 0)
    return np.concatenate([token, x], axis=1)


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def joined(image, text, w, highest=4.6052):
    u = unit(image @ w["vision_projection/kernel"])
    v = unit(text @ w["text_projection/kernel"])
    factor = np.exp(min(w["logits/logit_scale"], highest))
    logits = factor * u @ v.T
    return {
        "image_features": u,
        "text_features": v,
        "logits_per_image": logits,
        "logits_per_text": logits.T,
        "logit_scale": factor,
    }


def modern(model, images, ids):
    own, w = model.get_config(), weights_of(model)
    side = own["image_size"] // own["patch_size"]

    def width(tower):
        head = own[f"{tower}_width"] // own[f"{tower}_heads"]
        return 2 * int(head * own["rope_fraction"] / 2)

    angles = sequence_angles(1 + side * side, width("vision"))
    if own["vision_rope"] == "2d":
        angles = grid_angles(side, width("vision"))
    x = patches(images.astype("float64"), w)
    x = modern_blocks(x, w, "vision", own["vision_layers"], False, angles)
    t = w["text_token_embedding/embeddings"][ids]
    angles = sequence_angles(ids.shape[1], width("text"))
    t = modern_blocks(t, w, "text", own["text_layers"], True, angles)
    last = [
        max((i for i, n in enumerate(row) if n != own["pad_token_id"]), default=0)
        for row in ids
    ]
    return joined(x[:, 0], t[np.arange(len(ids)), last], w)


def openai(model, images, ids, ends):
    own, w = model.get_config(), weights_of(model)

    def act(x):
        if own["hidden_act"] == "quick_gelu":
            return x / (1 + np.exp(-1.702 * x))
        return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2

    def normed(x, name):
        return layer_norm(x, w[f"{name}/gamma"], w[f"{name}/beta"])

    x = patches(images.astype("float64"), w)
    x = x + w["vision_position_embedding/position_embedding"]
    x = normed(x, "vision_pre_norm")
    x = openai_blocks(x, w, "vision", own["vision_layers"], False, act)
    t = w["text_token_embedding/embeddings"][ids]
    t = t + w["text_position_embedding/position_embedding"]
    t = openai_blocks(t, w, "text", own["text_layers"], True, act)
    t = normed(t, "text_final_norm")[np.arange(len(ids)), ends]
    return joined(normed(x[:, 0], "vision_post_norm"), t, w)
