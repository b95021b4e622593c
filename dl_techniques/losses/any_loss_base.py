"""Base of losses that are a classification metric of a soft confusion matrix."""

from typing import Any

from keras import ops

from dl_techniques.losses.approximation import soft_argmax, soft_step
from dl_techniques.losses.batch_loss import BatchLoss
from dl_techniques.losses.targets import (
    aligned,
    cross_entropy,
    mean_over_rows,
    probabilities,
    row_weights,
)
from dl_techniques.utils.validation import check_choice, check_number

AVERAGES = ("macro", "micro", "weighted")
FORMS = ("softmax", "sigmoid")
Counts = tuple[Any, Any, Any, Any]


class AnyLoss(BatchLoss):
    """One minus a metric of the soft confusion matrix of a batch.

        TP = sum w y a,  FN = sum w y (1 - a),  FP = sum w (1 - y) a,
        TN = sum w (1 - y) (1 - a),  loss = 1 - score(TN, FP, FN, TP)

    a is the amplified probability: sigmoid(L (p - 1/2)) for yes-or-no answers,
    softmax(L p / 2) over more than two classes. Subclasses implement `score`. The
    value depends on the batch size, and its mean over batches is not the metric of
    the epoch; a batch with few positives makes it jump.

    Args:
        amplifying_scale: L, above 0. From L (p - 1/2) = 17 on a certain answer has no
            slope in float32: lower L or give `ce_weight` where training stalls.
        from_logits: Whether predictions are logits: softmax of C > 1 columns, sigmoid
            of one.
        average: Over the classes of C > 2: "macro" is the mean of the scores of the
            classes present, "micro" the score of summed counts, "weighted" the mean
            by class frequency.
        multiclass: "softmax" amplifies towards the largest probability, "sigmoid"
            asks of each class whether p > 1/2; a new network then has no slope.
        multi_label: Whether a sample may have several classes.
        epsilon: Added to denominators, in (0, 0.1).
        ce_weight: Cross-entropy added times this, at least 0.
        reduction: "sum_over_batch_size" or "none"; the value is a scalar.

    Shapes:
        y (B, C) rows, (B,) or (B, 1) class numbers; predictions (B, C) or (B,). Two
        one-hot columns are read as one, the second.

    Raises:
        ValueError: An argument outside its range, or shapes that do not match.

    Source: Han, Moniz, Chawla (2024), arXiv:2405.14745, section 3. The softmax form
    extends it to several classes: for p and 1 - p both are equal.
    """

    def __init__(
        self,
        amplifying_scale: float = 73.0,
        from_logits: bool = False,
        average: str = "macro",
        multiclass: str = "softmax",
        multi_label: bool = False,
        epsilon: float = 1e-7,
        ce_weight: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        check_number("amplifying_scale", amplifying_scale, 0, low_open=True)
        check_choice("average", average, AVERAGES)
        check_choice("multiclass", multiclass, FORMS)
        bounds = {"low_open": True, "high": 0.1, "high_open": True}
        check_number("epsilon", epsilon, 0, **bounds)
        check_number("ce_weight", ce_weight, 0)
        self.amplifying_scale = amplifying_scale
        self.from_logits = from_logits
        self.average = average
        self.multiclass = multiclass
        self.multi_label = multi_label
        self.epsilon = epsilon
        self.ce_weight = ce_weight

    def score(self, tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
        """Returns the metric of each class; counts are (classes,) or scalars."""
        raise NotImplementedError(f"{type(self).__name__} must define `score`")

    def soft_confusion(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> Counts:
        """Returns TN, FP, FN and TP of each class, (classes,); (1,) when binary."""
        y, z = aligned(y_true, y_pred)
        p = probabilities(z, self.from_logits, self.multi_label)
        w = ops.reshape(row_weights(sample_weight, y), (-1, 1))
        y, p = (ops.reshape(t, (-1, t.shape[-1])) for t in (y, p))
        if y.shape[-1] == 2 and not self.multi_label:
            y, p = y[:, 1:], p[:, 1:]
        if self._exclusive(y) and self.multiclass == "softmax":
            a = soft_argmax(p, self.amplifying_scale)
        else:
            a = soft_step(p, self.amplifying_scale)
        pairs = (1 - y, 1 - a), (1 - y, a), (y, 1 - a), (y, a)
        tn, fp, fn, tp = (ops.sum(w * u * v, axis=0) for u, v in pairs)
        return tn, fp, fn, tp

    def batch_value(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
        counts = self.soft_confusion(y_true, y_pred, sample_weight)
        loss = 1 - self.batch_score(counts, exclusive=self._exclusive(counts[0]))
        if not self.ce_weight:
            return loss
        entropy = self.mean_cross_entropy(y_true, y_pred, sample_weight)
        return loss + self.ce_weight * entropy

    def mean_cross_entropy(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
        """Returns the weighted mean of the rows' cross-entropy."""
        y, z = aligned(y_true, y_pred)
        values = cross_entropy(y, z, self.from_logits, self.multi_label)
        return mean_over_rows(values, row_weights(sample_weight, y))

    def batch_score(self, counts: Counts, *, exclusive: bool) -> Any:
        """Averages the classes' scores; `exclusive` classes rule each other out."""
        tn, fp, fn, tp = counts
        if self.average == "micro":
            return self.score(*(ops.sum(c) for c in counts))
        scores, support = self.score(tn, fp, fn, tp), tp + fn
        if self.average == "weighted" and scores.shape[0] > 1:
            return self.div(ops.sum(support * scores), ops.sum(support))
        return mean_of_present(scores, support)

    def div(self, a: Any, b: Any) -> Any:
        """Returns a / (b + epsilon)."""
        return a / (b + self.epsilon)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "amplifying_scale": self.amplifying_scale,
            "from_logits": self.from_logits,
            "average": self.average,
            "multiclass": self.multiclass,
            "multi_label": self.multi_label,
            "epsilon": self.epsilon,
            "ce_weight": self.ce_weight,
        }

    def _exclusive(self, per_class: Any) -> bool:
        return per_class.shape[-1] > 1 and not self.multi_label


def mean_of_present(scores: Any, support: Any) -> Any:
    """Returns the mean score of classes with support; of all, when none has any."""
    if scores.shape[0] == 1:
        return scores[0]
    present = ops.cast(support > 0, scores.dtype)
    count = ops.sum(present)
    mean = ops.sum(present * scores) / ops.maximum(count, 1.0)
    return ops.where(count > 0, mean, ops.mean(scores))
