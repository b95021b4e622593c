"""Cross-entropy with a second aim, and the metrics of entropy and information."""

from dl_techniques import losses, metrics
from tests.contract.loss_case import LossCase, chances, logits

BINARY = {"label": "binary", "classes": 1}
CASES = [
    LossCase(losses.LogitNormLoss, logits(3), classes=3),
    LossCase(losses.ConfidencePenaltyLoss, logits(3), {"beta": 0.3}, classes=3),
    LossCase(
        losses.ConfidencePenaltyLoss,
        chances(1),
        {"threshold": 0.5, "from_logits": False},
        head="sigmoid",
        **BINARY,
    ),
    LossCase(
        losses.GoodhartAwareLoss,
        logits(3),
        {"label_smoothing": 0.1, "mi_weight": 0.1},
        classes=3,
        batch="mixed",
    ),
    LossCase(
        losses.GoodhartAwareLoss,
        chances(3),
        {"from_logits": False},
        "chances",
        head="softmax",
        classes=3,
        batch="mixed",
    ),
    LossCase(losses.GoodhartAwareLoss, logits(1), batch="mixed", **BINARY),
    LossCase(metrics.PredictionEntropy, logits(3), classes=3),
    LossCase(
        metrics.PredictionEntropy,
        chances(1),
        {"from_logits": False},
        head="sigmoid",
        **BINARY,
    ),
    LossCase(metrics.PredictionMutualInformation, logits(3), classes=3),
    LossCase(metrics.PredictionMutualInformation, logits(1), **BINARY),
]
