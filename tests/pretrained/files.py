"""Writes checkpoints as the public ones are laid out."""

import json
import struct

import numpy as np

from dl_techniques.pretrained.rules import table_of

_NAMES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "int64": "I64",
    "int32": "I32",
    "int8": "I8",
    "uint8": "U8",
    "bool": "BOOL",
}
BACK = {
    "id": lambda x: x,
    "flat": lambda x: x,
    "dense": lambda x: x.T,
    "conv": lambda x: x.transpose(3, 2, 0, 1),
    "convT": lambda x: x.transpose(3, 2, 0, 1),
    "patch": lambda x: x.transpose(3, 2, 0, 1),
    "dwconv": lambda x: x.transpose(2, 3, 0, 1),
    "heads_in": lambda x: x.reshape(len(x), -1).T if x.ndim == 3 else x.reshape(-1),
    "heads_out": lambda x: x.reshape(-1, x.shape[-1]).T,
    "pos_grid": lambda x: x,
    "pos_grid_antialias": lambda x: x[None],
    "reshape": lambda x: x.reshape(-1),
}


def write_safetensors(path, tensors, dtypes=None):
    """Writes arrays; `dtypes` renames stored types, for example to BF16."""
    header, blobs, end = {}, [], 0
    for name, value in tensors.items():
        blob = np.ascontiguousarray(value).tobytes()
        header[name] = {
            "dtype": (dtypes or {}).get(name, _NAMES[str(value.dtype)]),
            "shape": list(value.shape),
            "data_offsets": [end, end + len(blob)],
        }
        end += len(blob)
        blobs.append(blob)
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    return path


def as_checkpoint(model):
    """Returns a model's weights under the names and in the layout of its family."""
    table, tensors, thirds = table_of(type(model).__name__), {}, {}
    for variable, value in zip(model.weights, model.get_weights(), strict=True):
        rule, name = table.rule_of(variable.path)
        if rule.transform.endswith("_of_qkv"):
            kernel = value.ndim == 3
            flat = value.reshape(len(value), -1).T if kernel else value.reshape(-1)
            thirds.setdefault(name, {})[rule.transform] = flat
            continue
        tensors[name] = BACK[rule.transform](value)
    for name, parts in thirds.items():
        order = ("query_of_qkv", "key_of_qkv", "value_of_qkv")
        tensors[name] = np.concatenate([parts[p] for p in order])
    return tensors
