"""Losses and metrics of stated probabilities."""

from dl_techniques import losses, metrics
from tests.contract.loss_case import LossCase, chances, logits

LOGITS = {"from_logits": True}
BINARY = {"label": "binary", "classes": 1, "head": "sigmoid"}
CASES = [
    LossCase(losses.BrierScoreLoss, logits(3), LOGITS, classes=3),
    LossCase(losses.BrierScoreLoss, chances(1), **BINARY),
    LossCase(losses.SpiegelhalterZLoss, logits(3), LOGITS, classes=3, batch="whole"),
    LossCase(
        losses.SpiegelhalterZLoss,
        chances(1),
        {"use_squared": False, "weighting": "in_the_large"},
        batch="whole",
        **BINARY,
    ),
    LossCase(
        losses.CombinedCalibrationLoss,
        logits(3),
        {"alpha": 0.3, **LOGITS},
        classes=3,
        batch="whole",
    ),
    LossCase(metrics.BrierScoreMetric, logits(3), LOGITS, classes=3),
    LossCase(metrics.BrierScoreMetric, chances(1), **BINARY),
    LossCase(metrics.SpiegelhalterZMetric, logits(3), LOGITS, classes=3),
    LossCase(metrics.SpiegelhalterZMetric, chances(1), **BINARY),
]
