"""Capsules: groups of channels whose length says how sure they are."""

from dl_techniques.layers.capsules.capsule_block import CapsuleBlock
from dl_techniques.layers.capsules.capsule_length import CapsuleLength
from dl_techniques.layers.capsules.primary_capsule import PrimaryCapsule
from dl_techniques.layers.capsules.routing_capsule import RoutingCapsule
from dl_techniques.layers.capsules.squash import Squash, squash

__all__ = [
    "CapsuleBlock",
    "CapsuleLength",
    "PrimaryCapsule",
    "RoutingCapsule",
    "Squash",
    "squash",
]
