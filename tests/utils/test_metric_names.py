import pytest

from dl_techniques.utils.metric_names import best_mode


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("val_loss", "min"),
        ("mean_absolute_error", "min"),
        ("val_mae", "min"),
        ("brier_score", "min"),
        ("abs_rel", "min"),
        ("clip_accuracy", "max"),
        ("val_r2_score", "max"),
        ("f1_score", "max"),
        ("mean_io_u", "max"),
        ("clip_recall_at_5", "max"),
        ("SparseTopKCategoricalAccuracy", "max"),
        ("learning_rate", ""),
        ("epoch_seconds", ""),
        ("prediction_entropy", ""),
    ],
)
def test_a_name_tells_which_way_is_better(name, mode):
    assert best_mode(name) == mode
