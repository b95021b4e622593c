"""Losses and metrics over all pairs of a batch."""

from dl_techniques import losses, metrics
from tests.contract.loss_case import LossCase


def similarities(rng, size):
    """Targets that nobody reads, and square logits."""
    z = rng.normal(size=(size, size)).astype("float32")
    return rng.normal(size=(size,)).astype("float32"), z


ORDER = {"order_of_samples_does_not_matter": "columns have to be permuted with rows"}
SQUARE = {
    "unequal_batches_give_the_value_of_all_data": "more pairs are a harder task",
    "weights_count_samples": "a repeated pair is also a second wrong answer",
}
CASES = [
    LossCase(losses.CLIPContrastiveLoss, similarities, batch="mixed", excused=ORDER),
    LossCase(
        losses.CLIPContrastiveLoss,
        similarities,
        {
            "temperature": 0.5,
            "label_smoothing": 0.1,
            "loss_weight_i2t": 0.3,
            "loss_weight_t2i": 0.7,
        },
        "smooth",
        batch="mixed",
        excused=ORDER,
    ),
    LossCase(losses.SigLIPLoss, similarities, batch="mixed", excused=ORDER),
    LossCase(metrics.CLIPAccuracy, similarities, {"top_k": 2}, excused=SQUARE),
    LossCase(metrics.CLIPRecallAtK, similarities, {"k": 3}, excused=SQUARE),
]
