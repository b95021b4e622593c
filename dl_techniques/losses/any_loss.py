"""Classification metrics as losses: the AnyLoss family.

One file for the family: its members differ by one formula each.
"""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.any_loss_base import AnyLoss, Counts, mean_of_present
from dl_techniques.losses.approximation import ApproximationFunction
from dl_techniques.losses.batch_loss import BatchLoss
from dl_techniques.utils.validation import check, check_number

__all__ = [
    "AccuracyLoss",
    "AnyLoss",
    "ApproximationFunction",
    "BalancedAccuracyLoss",
    "CohenKappaLoss",
    "F1Loss",
    "FBetaLoss",
    "GeometricMeanLoss",
    "IoULoss",
    "MCCLoss",
    "PrecisionLoss",
    "RecallLoss",
    "SpecificityLoss",
    "WeightedAnyLoss",
    "WeightedCrossEntropyWithAnyLoss",
    "YoudenJLoss",
]
_register = keras.saving.register_keras_serializable(package="dl_techniques")


@_register
class AccuracyLoss(AnyLoss):
    """One minus soft accuracy: (TP + TN) / all.

    Of C > 2 exclusive classes it is sum(y a) / all, whatever `average` says.
    """

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        return self.div(tp + tn, tn + fp + fn + tp)

    def batch_score(self, counts: Counts, *, exclusive: bool) -> Any:
        if not exclusive:
            return super().batch_score(counts, exclusive=exclusive)
        hits = ops.sum(counts[3])
        return self.div(hits, sum(c[0] for c in counts))


@_register
class PrecisionLoss(AnyLoss):
    """One minus soft precision: TP / (TP + FP)."""

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        return self.div(tp, tp + fp)


@_register
class RecallLoss(AnyLoss):
    """One minus soft recall: TP / (TP + FN)."""

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        return self.div(tp, tp + fn)


@_register
class SpecificityLoss(AnyLoss):
    """One minus soft specificity: TN / (TN + FP)."""

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        return self.div(tn, tn + fp)


@_register
class FBetaLoss(AnyLoss):
    """One minus soft F-beta.

        F = (1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP)

    Args:
        beta: b, above 0; recall counts b times as much as precision.
    """

    def __init__(self, beta: float = 1.0, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        check_number("beta", beta, 0, low_open=True)
        self.beta = beta

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        b2 = self.beta**2
        return self.div((1 + b2) * tp, (1 + b2) * tp + b2 * fn + fp)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta": self.beta}


@_register
class F1Loss(AnyLoss):
    """One minus soft F1: 2 TP / (2 TP + FN + FP)."""

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        return self.div(2 * tp, 2 * tp + fn + fp)


@_register
class BalancedAccuracyLoss(AnyLoss):
    """One minus the mean of soft recall and specificity.

    Of C > 2 exclusive classes it is one minus the mean recall of the classes present,
    whatever `average` says.
    """

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        return (self.div(tp, tp + fn) + self.div(tn, tn + fp)) / 2

    def batch_score(self, counts: Counts, *, exclusive: bool) -> Any:
        if not exclusive:
            return super().batch_score(counts, exclusive=exclusive)
        support = counts[3] + counts[2]
        return mean_of_present(self.div(counts[3], support), support)


@_register
class GeometricMeanLoss(AnyLoss):
    """One minus sqrt(recall specificity + epsilon)."""

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        product = self.div(tp, tp + fn) * self.div(tn, tn + fp)
        return ops.minimum(ops.sqrt(product + self.epsilon), 1.0)


@_register
class YoudenJLoss(AnyLoss):
    """One minus Youden's J, recall + specificity - 1; in [0, 2]."""

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        return self.div(tp, tp + fn) + self.div(tn, tn + fp) - 1


@_register
class MCCLoss(AnyLoss):
    """One minus Matthews' correlation; in [0, 2].

        MCC = (TP TN - FP FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN))

    Of several classes each is held against the rest.
    """

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
        return (tp * tn - fp * fn) / ops.sqrt(product + self.epsilon)


@_register
class CohenKappaLoss(AnyLoss):
    """One minus Cohen's kappa; in [0, 2].

        kappa = 2 (TP TN - FP FN) / ((TP + FP)(FP + TN) + (TP + FN)(FN + TN))

    Of several classes each is held against the rest.
    """

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        chance = (tp + fp) * (fp + tn) + (tp + fn) * (fn + tn)
        return self.div(2 * (tp * tn - fp * fn), chance)


@_register
class IoULoss(AnyLoss):
    """One minus soft intersection over union: TP / (TP + FP + FN)."""

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        return self.div(tp, tp + fp + fn)


_PARTS: dict[str, type[AnyLoss]] = {
    "accuracy": AccuracyLoss,
    "precision": PrecisionLoss,
    "recall": RecallLoss,
    "specificity": SpecificityLoss,
    "f1": F1Loss,
    "fbeta": FBetaLoss,
    "balanced_accuracy": BalancedAccuracyLoss,
    "geometric_mean": GeometricMeanLoss,
    "youden_j": YoudenJLoss,
    "mcc": MCCLoss,
    "cohen_kappa": CohenKappaLoss,
    "iou": IoULoss,
}
SCORE_NAMES = tuple(_PARTS)


@_register
class WeightedAnyLoss(AnyLoss):
    """One minus the weighted mean of several scores.

        loss = 1 - sum_k v_k score_k / sum_k v_k

    Args:
        weights: Score -> weight v, at least 0 and not all 0. A score is named
            "accuracy", "precision", "recall", "specificity", "f1", "fbeta",
            "balanced_accuracy", "geometric_mean", "youden_j", "mcc", "cohen_kappa",
            "iou", or by its class, "F1Loss".

    Raises:
        ValueError: No weight above 0, a negative one, or an unknown name.
    """

    def __init__(self, weights: dict[str, float], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = _PARTS | {cls.__name__: cls for cls in _PARTS.values()}
        check(isinstance(weights, dict), "weights", "a mapping of scores", weights)
        for part, weight in weights.items():
            names = "named by one of " + ", ".join(_PARTS)
            check(part in known, "weights", names, part)
            check_number("weights", weight, 0)
        check(sum(weights.values()) > 0, "weights", "above 0 somewhere", weights)
        self.weights = dict(weights)
        common = {k: v for k, v in super().get_config().items() if k != "name"}
        self._parts = [(known[part](**common), w) for part, w in weights.items()]

    def batch_score(self, counts: Counts, *, exclusive: bool) -> Any:
        scores = (
            weight * part.batch_score(counts, exclusive=exclusive)
            for part, weight in self._parts
        )
        return sum(scores) / sum(self.weights.values())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weights": self.weights}


@_register
class WeightedCrossEntropyWithAnyLoss(BatchLoss):
    """Mixes a metric with cross-entropy: alpha anyloss + (1 - alpha) CE.

    Cross-entropy, the weighted mean of the rows, is binary for one column and for
    each label of a multi-label loss, else categorical.

    Args:
        anyloss: A loss of this family.
        alpha: In [0, 1].
        from_logits: None takes that of `anyloss`; another value is refused.

    Raises:
        ValueError: `alpha` outside [0, 1], or `from_logits` unlike that of `anyloss`.
        TypeError: `anyloss` is not an `AnyLoss`.
    """

    def __init__(
        self,
        anyloss: AnyLoss,
        alpha: float = 0.5,
        from_logits: bool | None = None,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        if isinstance(anyloss, dict):
            anyloss = keras.saving.deserialize_keras_object(anyloss)
        if not isinstance(anyloss, AnyLoss):
            received = type(anyloss).__name__
            raise TypeError(f"`anyloss` must be an AnyLoss. Received: {received}")
        check_number("alpha", alpha, 0, high=1)
        agree = from_logits in (None, anyloss.from_logits)
        rule = f"None or that of `anyloss`, {anyloss.from_logits}"
        check(agree, "from_logits", rule, from_logits)
        self.anyloss = anyloss
        self.alpha = alpha
        self.from_logits = anyloss.from_logits

    def batch_value(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
        metric = self.anyloss.batch_value(y_true, y_pred, sample_weight)
        entropy = self.anyloss.mean_cross_entropy(y_true, y_pred, sample_weight)
        return self.alpha * metric + (1 - self.alpha) * entropy

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "anyloss": keras.saving.serialize_keras_object(self.anyloss),
            "alpha": self.alpha,
            "from_logits": self.from_logits,
        }
