"""One model under analysis, with what several sections share."""

import contextlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import keras
import numpy as np

from dl_techniques.analysis._answers import Answers, answers
from dl_techniques.analysis._arrays import rng
from dl_techniques.analysis._capture_pass import Keeper, batches
from dl_techniques.analysis._layer_choice import chosen_layers
from dl_techniques.analysis._output_kind import answer_of, last_layer, output_kind
from dl_techniques.analysis._recording import as_array
from dl_techniques.analysis._samples import Samples, is_nest, taken
from dl_techniques.analysis.analysis_config import AnalysisConfig

Array = np.ndarray[Any, Any]
_MOST_BYTES = 256 * 2**20


class Subject:
    """A model, its samples, and its answers computed once.

    Args:
        name: Of the model.
        model: The model.
        samples: Shared by all models.
        config: Of the analysis.
        history: Values an epoch.
        logits: Rows of logits given by the caller, or whether the outputs are some.

    Attributes:
        end: Time (of `time.perf_counter`) after which no further batch is begun.
    """

    def __init__(
        self,
        name: str,
        model: Any,
        samples: Samples,
        config: AnalysisConfig,
        history: dict[str, list[float]] | None,
        logits: Any = None,
    ) -> None:
        self.name, self.model, self.samples = name, model, samples
        self.config, self.history, self._logits = config, history, logits
        self.end = np.inf

    @property
    def x(self) -> Any:
        """The inputs."""
        return self.samples.x

    @cached_property
    def y(self) -> Any:
        """Labels or targets of the first output."""
        y = self.samples.y
        if y is None:
            raise ValueError("this section needs labels: `y` is None")
        while is_nest(y):
            y = next(iter(y.values())) if isinstance(y, Mapping) else y[0]
        return np.asarray(y)

    @cached_property
    def outputs(self) -> Array:
        """The model's answer for every sample."""
        size = self.config.batch_size
        with unharmed(self.model):
            found = self.model.predict(self.x, batch_size=size, verbose=0)
        first = as_array(answer_of(self.model, found))
        if first is None:
            raise ValueError("the model's output is not made of real numbers")
        return first

    @cached_property
    def answers(self) -> Answers:
        """The answers as probabilities or numbers."""
        given = self._logits
        if given is not None and not isinstance(given, bool):
            rows = np.asarray(given)[self.samples.rows]
            return answers(
                "binary_logits" if rows.ndim == 1 else "logits", rows, self.y
            )
        kind = self.config.output
        outputs = self.outputs
        if kind == "auto":
            width = outputs.shape[-1] if outputs.ndim > 1 else 1
            kind = output_kind(self.model, self.y, width)
            if isinstance(given, bool):
                plain = {"logits": "softmax", "binary_logits": "sigmoid"}
                swap = plain if not given else {v: k for k, v in plain.items()}
                kind = swap.get(kind, kind)
        return answers(kind, outputs, self.y, last_layer(self.model))

    @property
    def classifies(self) -> bool:
        """Whether the answers are probabilities of classes."""
        return self.answers.kind in ("multiclass", "binary", "multilabel")

    def probabilities(self) -> Answers:
        """Returns the answers of a classifier.

        Raises:
            NotForNumbers: The model predicts numbers.
        """
        if not self.classifies:
            raise NotForNumbers
        return self.answers

    @cached_property
    def layers(self) -> dict[str, Any]:
        """The layers that are read."""
        return chosen_layers(self.model, self.config.layers)

    @cached_property
    def features(self) -> tuple[dict[str, Array], Array]:
        """Outputs of the layers, positions averaged, and the samples they are of."""
        n = len(self.samples.rows)
        rows = np.arange(n)
        if n > self.config.cka_samples:
            chosen = rng(self.config.seed).choice(n, self.config.cka_samples, False)
            rows = np.sort(chosen)
        keeper = Keeper(len(rows), _MOST_BYTES, "mean", self.config.seed)
        size = min(self.config.batch_size, 64)
        done = 0
        mine = taken(self.x, rows)
        for part, found in batches(self.model, self.layers, mine, size, self.end):
            keeper.add(part, found)
            done = part.stop
        return keeper.arrays(), rows[:done]


@contextlib.contextmanager
def unharmed(model: Any) -> Iterator[None]:
    """Puts weights back after an error: Keras on JAX leaves them empty then."""
    if keras.backend.backend() != "jax":
        yield
        return
    kept = [*model.variables, *getattr(model, "metrics_variables", ())]
    before = [(v, np.array(keras.ops.convert_to_numpy(v))) for v in kept]
    try:
        yield
    except BaseException:
        for variable, value in before:
            variable.assign(value)
        raise


class NotForNumbers(Exception):  # noqa: N818  # a section does not apply: no error
    """The section is about classes and the model predicts numbers."""

    def __str__(self) -> str:
        return "the model predicts numbers, not classes"
