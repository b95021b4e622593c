"""What the name of a measured value tells about it."""

import re

_FALLING = {
    *("loss", "error", "mse", "rmse", "mae", "mape", "msle", "nll", "crps"),
    *("brier", "ece", "mce", "perplexity", "hinge", "divergence", "rel"),
}
_RISING = {
    *("acc", "accuracy", "auc", "f1", "fbeta", "precision", "recall", "sensitivity"),
    *("specificity", "r2", "iou", "dice", "kappa", "mcc"),
}


def best_mode(name: str) -> str:
    """Returns "min" or "max", whichever is better, and "" where the name is silent."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).replace("io_u", "iou")
    words = plain.split("_")
    falling = any(w in _FALLING or w.endswith(("loss", "error")) for w in words)
    rising = any(w in _RISING or w.endswith("accuracy") for w in words)
    if falling == rising:
        return ""
    return "min" if falling else "max"
