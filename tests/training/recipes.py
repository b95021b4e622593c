"""Small recipes that the tests of this folder train."""

from dl_techniques.recipes import Recipe


def mlp(epochs=3, *, stack=None, analysis=False, **training):
    layers = stack or [
        {"layer": "Flatten"},
        {"layer": "Dense", "args": {"units": 16, "activation": "relu"}},
        {"layer": "Dropout", "args": {"rate": 0.1}},
    ]
    return Recipe.model_validate(
        {
            "name": "mlp",
            "dataset": {"name": "digits", "max_samples": 400},
            "model": {"stack": layers},
            "training": {"epochs": epochs, **training},
            "analysis": {"enabled": analysis},
        }
    )


def numbers(store, run_id):
    """What must be equal in equal runs."""
    return {
        row.step: {k: v for k, v in row.values.items() if k != "epoch_seconds"}
        for row in store.metrics_after(run_id)[0]
        if "loss" in row.values
    }
