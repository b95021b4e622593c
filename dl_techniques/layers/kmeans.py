"""Soft k-means as a layer.

Longer than most files: several outputs and losses of its own share its centres.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from dl_techniques.layers import prototypes
from dl_techniques.layers.explain import Explained
from dl_techniques.losses.clustering_loss import ClusteringLoss
from dl_techniques.utils.validation import (
    check,
    check_choice,
    check_int,
    check_number,
    check_seed,
)

Shape = tuple[int | None, ...]
OUTPUT_MODES = ("assignments", "mixture", "distances", "both")
UPDATES = ("ema", "gradient")
DEAD = 1e-6
LARGEST_HALF = 65504.0  # of float16: far vectors have finite squared distances


@keras.saving.register_keras_serializable(package="dl_techniques")
class KMeansLayer(Explained, keras.layers.Layer):
    """Assigns each vector softly to the nearest of K learned centroids.

        q = softmax(-||x - c_k||^2 / temperature)

    With "ema" each training call moves every centroid that has a weight of at least
    1e-6 in the batch:

        move_k = mean_q(x) - c_k + repulsion_strength * push_k
        push_k = sum_j max(0, min_distance - ||c_k - c_j||) (c_k - c_j) / ||c_k - c_j||
        v = momentum * v + (1 - momentum) * move,  c = c + centroid_lr * v

    Args:
        n_clusters: K.
        temperature: Softness of the assignment, above 0; near 0 it is hard.
        momentum: Share of the last move that is kept, in [0, 1).
        centroid_lr: Step of the moves, in (0, 1].
        repulsion_strength: Push between close centroids, at least 0; with "gradient"
            the weight of the loss `mean_{i != j} max(0, min_distance - dist)^2`.
        min_distance: Distance below which centroids repel, above 0.
        output_mode: "assignments" q, "mixture" q @ centroids, "distances" (Euclidean),
            or "both", the pair of q and the squared distances that `ClusteringLoss`
            takes.
        update: "ema", or "gradient" for centroids trained by the loss alone.
        cluster_axis: The axis of features, not the batch axis.
        seed: Fixes the start of the centroids, standard normal.
        add_clustering_loss: Whether `ClusteringLoss` of q and the squared distances is
            added to the model's loss.
        clustering_weight: Weight of that loss, at least 0.

    Shapes:
        `(batch, ..., features)` -> `(batch, ..., K)`, features again for "mixture".

    Weights:
        `centroids` (K, features), trained with "gradient" only; `centroid_momentum`
        (K, features), with "ema" only.

    Raises:
        ValueError: If an argument is out of range; at build, if the rank is below 2 or
            the number of features unknown.

    Source: MacQueen (1967), 5th Berkeley Symposium, 281-297, in the soft form of
    Bezdek (1981); masked positions move nothing.
    """

    def __init__(
        self,
        n_clusters: int,
        temperature: float = 0.1,
        momentum: float = 0.9,
        centroid_lr: float = 0.1,
        repulsion_strength: float = 0.1,
        min_distance: float = 1.0,
        output_mode: str = "assignments",
        update: str = "ema",
        cluster_axis: int = -1,
        seed: int | None = None,
        add_clustering_loss: bool = False,
        clustering_weight: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("n_clusters", n_clusters)
        check_number("temperature", temperature, 0, low_open=True)
        check_number("momentum", momentum, 0, high=1, high_open=True)
        check_number("centroid_lr", centroid_lr, 0, low_open=True, high=1)
        check_number("repulsion_strength", repulsion_strength, 0)
        check_number("min_distance", min_distance, 0, low_open=True)
        check_choice("output_mode", output_mode, OUTPUT_MODES)
        check_choice("update", update, UPDATES)
        check_int("cluster_axis", cluster_axis, -8)
        check(cluster_axis != 0, "cluster_axis", "not the batch axis", cluster_axis)
        check_seed(seed)
        check_number("clustering_weight", clustering_weight, 0)
        self.n_clusters = n_clusters
        self.temperature = temperature
        self.momentum = momentum
        self.centroid_lr = centroid_lr
        self.repulsion_strength = repulsion_strength
        self.min_distance = min_distance
        self.output_mode = output_mode
        self.update = update
        self.cluster_axis = cluster_axis
        self.seed = seed
        self.add_clustering_loss = add_clustering_loss
        self.clustering_weight = clustering_weight
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        width = prototypes.known_width(input_shape, self.cluster_axis)
        shape = (self.n_clusters, width)
        self.centroids = self.add_weight(
            name="centroids",
            shape=shape,
            initializer=keras.initializers.RandomNormal(stddev=1.0, seed=self.seed),
            trainable=self.update == "gradient",
            autocast=False,  # float16 would stop slow moves
        )
        if self.update == "ema":
            self.centroid_momentum = self.add_weight(
                name="centroid_momentum",
                shape=shape,
                initializer="zeros",
                trainable=False,
                autocast=False,
            )

    def call(
        self,
        inputs: keras.KerasTensor,
        training: bool | None = None,
        mask: Any = None,
    ) -> Any:
        axis = self.cluster_axis
        x = ops.moveaxis(prototypes.at_least_float32(inputs), axis, -1)
        centroids = ops.convert_to_tensor(self.centroids)
        squares = prototypes.squared_distances(x, centroids)
        q = ops.softmax(-squares / self.temperature, axis=-1)
        outputs = self._outputs(q, squares, centroids)
        if self.add_clustering_loss:
            loss = ClusteringLoss()(squares, q, _of_rows(mask, q))
            self.add_loss(self.clustering_weight * loss)
        if self.update == "gradient":
            self._repel(centroids)
        elif training and self.trainable:
            self._move(x, q, centroids, mask)
        outputs = [ops.moveaxis(y, -1, axis) for y in outputs]
        outputs = [ops.cast(y, self.compute_dtype) for y in outputs]
        return tuple(outputs) if self.output_mode == "both" else outputs[0]

    def _outputs(self, q: Any, squares: Any, centroids: Any) -> list[Any]:
        if self.output_mode == "distances":
            return [prototypes.distances(squares)]
        if self.output_mode == "mixture":
            return [ops.matmul(q, centroids)]
        if self.output_mode == "both":
            if self.compute_dtype == "float16":
                squares = ops.minimum(squares, LARGEST_HALF)
            return [q, squares]
        return [q]

    def _repel(self, centroids: Any) -> None:
        if self.repulsion_strength:
            push = prototypes.repulsion(centroids, self.min_distance)
            self.add_loss(self.repulsion_strength * push)

    def _move(self, x: Any, q: Any, centroids: Any, mask: Any) -> None:
        """Does one step of the moving means."""
        mask = _of_rows(mask, q)
        if mask is not None:
            q = q * ops.cast(ops.expand_dims(mask, -1), q.dtype)
        x = ops.stop_gradient(ops.reshape(x, (-1, x.shape[-1])))
        q = ops.stop_gradient(ops.reshape(q, (-1, self.n_clusters)))
        weight = ops.expand_dims(ops.sum(q, axis=0), -1)
        mean = ops.matmul(ops.transpose(q), x) / ops.maximum(weight, DEAD)
        move = mean - centroids + self.repulsion_strength * self._push(centroids)
        kept = ops.convert_to_tensor(self.centroid_momentum)
        speed = self.momentum * kept + (1 - self.momentum) * move
        alive = weight >= DEAD
        self.centroid_momentum.assign(ops.where(alive, speed, kept))
        moved = ops.where(alive, centroids + self.centroid_lr * speed, centroids)
        self.centroids.assign(moved)

    def _push(self, centroids: Any) -> Any:
        """Returns the push on each centroid, away from those too close."""
        gaps = prototypes.crowding(centroids, self.min_distance)
        squares = prototypes.squared_distances(centroids, centroids)
        share = gaps / prototypes.distances(ops.maximum(squares, 1e-12))
        total = ops.sum(share, axis=-1, keepdims=True)
        return total * centroids - ops.matmul(share, centroids)

    def adapt(self, x: ArrayLike, seed: int = 0) -> None:
        """Puts the centroids where the data are, by k-means, and stops their motion.

        Args:
            x: Inputs of the layer, at least as many vectors as there are clusters.
            seed: Decides the start of k-means.
        """
        data = np.asarray(x, dtype=np.float64)
        if not self.built:
            self.build(data.shape)
        data = np.moveaxis(data, self.cluster_axis, -1)
        data = data.reshape(-1, data.shape[-1])
        self.centroids.assign(prototypes.k_means(data, self.n_clusters, seed))
        if self.update == "ema":
            self.centroid_momentum.assign(np.zeros(self.centroid_momentum.shape))

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        """Adds the centroids and each vector's assignments, features last."""
        x = ops.moveaxis(prototypes.at_least_float32(inputs[0]), self.cluster_axis, -1)
        centroids = ops.convert_to_tensor(self.centroids)
        squares = prototypes.squared_distances(x, centroids)
        q = ops.softmax(-squares / self.temperature, axis=-1)
        return {"centroids": centroids, "assignments": q}

    def compute_output_shape(self, input_shape: Shape) -> Any:
        shape = list(input_shape)
        shape[self.cluster_axis] = self.n_clusters
        if self.output_mode == "both":
            return tuple(shape), tuple(shape)
        return tuple(input_shape if self.output_mode == "mixture" else shape)

    def get_config(self) -> dict[str, Any]:
        plain = (
            *("n_clusters", "temperature", "momentum", "centroid_lr"),
            *("repulsion_strength", "min_distance", "output_mode", "update"),
            *("cluster_axis", "seed", "add_clustering_loss", "clustering_weight"),
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in plain}}


def _of_rows(mask: Any, q: Any) -> Any:
    """Returns the mask if it has one value a vector, else None."""
    fits = mask is not None and len(mask.shape) == len(q.shape) - 1
    return mask if fits else None
