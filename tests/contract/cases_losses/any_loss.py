"""Metrics as losses."""

from dl_techniques import losses
from tests.contract.loss_case import LossCase, chances, logits

SCORES = (
    losses.AccuracyLoss,
    losses.PrecisionLoss,
    losses.RecallLoss,
    losses.SpecificityLoss,
    losses.F1Loss,
    losses.BalancedAccuracyLoss,
    losses.GeometricMeanLoss,
    losses.YoudenJLoss,
    losses.MCCLoss,
    losses.CohenKappaLoss,
    losses.IoULoss,
)
FACE = {"classes": 3, "batch": "whole"}
LOGITS = {"amplifying_scale": 10.0, "from_logits": True}
MIXED = losses.WeightedCrossEntropyWithAnyLoss
CASES = [
    *(LossCase(cls, logits(3), LOGITS, **FACE) for cls in SCORES),
    LossCase(losses.FBetaLoss, logits(3), {"beta": 2.0, **LOGITS}, **FACE),
    LossCase(
        losses.F1Loss,
        chances(3),
        {"average": "weighted", "amplifying_scale": 10.0, "ce_weight": 0.1},
        "chances",
        head="softmax",
        **FACE,
    ),
    LossCase(
        losses.F1Loss,
        chances(1),
        {"amplifying_scale": 10.0},
        "binary",
        head="sigmoid",
        classes=1,
        batch="whole",
    ),
    LossCase(losses.MCCLoss, logits(2), LOGITS, "pair", classes=2, batch="whole"),
    LossCase(
        losses.WeightedAnyLoss,
        logits(3),
        {"weights": {"f1": 1.0, "mcc": 0.5}, **LOGITS},
        **FACE,
    ),
    LossCase(
        MIXED, logits(3), {"anyloss": losses.F1Loss(**LOGITS), "alpha": 0.3}, **FACE
    ),
]
