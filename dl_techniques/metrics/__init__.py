"""Metrics that go with the losses."""

from dl_techniques.metrics.capsule_accuracy import CapsuleAccuracy
from dl_techniques.metrics.clip_accuracy import CLIPAccuracy
from dl_techniques.metrics.clip_recall_at_k import CLIPRecallAtK

__all__ = [
    "CLIPAccuracy",
    "CLIPRecallAtK",
    "CapsuleAccuracy",
]
