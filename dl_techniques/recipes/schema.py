"""The recipe: everything that defines a run, as frozen data.

One file: a recipe is read from top to bottom, and every part is a few fields.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

VERSION: Literal[1] = 1
Json = Any  # anything that JSON can hold


class Part(BaseModel):
    """Base of every part: frozen, and unknown fields are kept out by `load`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DatasetSpec(Part):
    """Which data, and how it is cut and disturbed.

    Attributes:
        name: Name in `dl_techniques.datasets`.
        options: The data set's own knobs, for example `noise` of the moons.
        train_size: Fraction of the samples used for training.
        max_samples: Cap on the number of samples before the split.
        label_noise: Fraction of training labels replaced by another class.
        imbalance: Ratio of the rarest to the commonest class in training; 1 is even.
        standardise: Whether features get mean 0 and deviation 1 (from training data).
        seed: Seed of split, subsampling and noise.
    """

    name: str = "digits"
    options: dict[str, Json] = Field(default_factory=dict)
    train_size: float = Field(0.8, gt=0, lt=1)
    max_samples: int | None = Field(None, ge=10)
    label_noise: float = Field(0.0, ge=0, lt=1)
    imbalance: float = Field(1.0, gt=0, le=1)
    standardise: bool = True
    seed: int = Field(0, ge=0, lt=2**31)


class Component(Part):
    """A loss, regularizer, initializer, constraint, schedule or metric by name."""

    name: str
    args: dict[str, Json] = Field(default_factory=dict)


class LayerSpec(Part):
    """One layer of the stack.

    `args` holds JSON values; a regularizer, initializer, constraint or activation is
    a name or `{"name": ..., "args": {...}}`.
    """

    layer: str
    args: dict[str, Json] = Field(default_factory=dict)
    name: str | None = Field(None, pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")
    muted: bool = False


class ResidualSpec(Part):
    """A branch added to its input; the input is projected when shapes differ."""

    residual: tuple["Node", ...]
    name: str | None = Field(None, pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")
    muted: bool = False


class RepeatSpec(Part):
    """A group of layers written once and built `times` times, weights not shared."""

    repeat: tuple["Node", ...]
    times: int = Field(2, ge=1, le=64)
    name: str | None = Field(None, pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")
    muted: bool = False


def _node_kind(value: Any) -> str | None:
    for key in ("layer", "residual", "repeat"):
        present = key in value if isinstance(value, dict) else hasattr(value, key)
        if present:
            return key
    return None


Node = Annotated[
    Annotated[LayerSpec, Tag("layer")]
    | Annotated[ResidualSpec, Tag("residual")]
    | Annotated[RepeatSpec, Tag("repeat")],
    Discriminator(_node_kind),
]


class ModelSpec(Part):
    """A stack of layers, or a named model of the zoo.

    Attributes:
        stack: The layers between input and head, in order.
        head: "auto" appends what the data set needs: pooling or flattening and a Dense
            with one output a class (logits) or a target; "none" leaves the stack as it
            is, and its last layer must have the right shape.
        zoo: Name of a model in the catalog; the stack must then be empty.
        args: Arguments of the zoo model.
    """

    stack: tuple[Node, ...] = ()
    head: Literal["auto", "none"] = "auto"
    zoo: str | None = None
    args: dict[str, Json] = Field(default_factory=dict)


class OptimizerSpec(Part):
    """The optimizer and its learning rate.

    Attributes:
        name: Name in the catalog.
        learning_rate: Peak learning rate, above 0.
        args: Further arguments, for example `weight_decay`.
        schedule: A schedule of the catalog; its own arguments except the learning
            rate. Step counts are given as fractions of the run by `*_fraction`
            arguments or as numbers of steps.
        warmup_fraction: Part of the run spent on linear warm-up, in [0, 1).
    """

    name: str = "Adam"
    learning_rate: float = Field(1e-3, gt=0, le=100)
    args: dict[str, Json] = Field(default_factory=dict)
    schedule: Component | None = None
    warmup_fraction: float = Field(0.0, ge=0, lt=1)


class EarlyStopping(Part):
    """Ends a run when the watched value has not improved for `patience` epochs."""

    monitor: str = "val_loss"
    patience: int = Field(5, ge=1)
    min_delta: float = Field(0.0, ge=0)
    restore_best: bool = True


class TrainingSpec(Part):
    """How the run is carried out.

    Attributes:
        epochs: Passes over the training data.
        batch_size: Samples a step.
        seed: Seed of weights, shuffling and dropout.
        precision: Keras dtype policy.
        jit: "auto" lets Keras decide.
        backend: Keras backend of the compute process.
        device: "auto" is the GPU where there is one.
        steps_per_execution: "auto" times the first steps of small models.
        early_stopping: None trains all epochs.
    """

    epochs: int = Field(20, ge=1, le=10_000)
    batch_size: int = Field(32, ge=1, le=65_536)
    seed: int = Field(0, ge=0, lt=2**31)
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = "float32"
    jit: Literal["auto", "on", "off"] = "auto"
    backend: Literal["tensorflow", "jax", "torch"] = "tensorflow"
    device: str = Field("auto", pattern=r"^(auto|cpu|gpu(:\d+)?)$")
    steps_per_execution: int | Literal["auto"] = "auto"
    early_stopping: EarlyStopping | None = None


class AnalysisSpec(Part):
    """What the live analysis looks at.

    Attributes:
        enabled: Whether the run is analysed while it trains.
        every: Epochs between two snapshots.
        spectra_every: Epochs between two sets of weight spectra.
        max_samples: Held-out samples used for a snapshot.
        budget: Largest share of the training time spent on analysis.
        n_bins: Bins of the reliability diagram.
        sections: What is computed.
        pictures: Whether what a model itself makes is shown: the densities of a
            mixture, the images of a decoder.
    """

    enabled: bool = True
    every: int = Field(1, ge=1)
    spectra_every: int = Field(1, ge=1)
    max_samples: int = Field(256, ge=16, le=10_000)
    budget: float = Field(0.05, gt=0, le=1)
    n_bins: int = Field(10, ge=2, le=100)
    sections: tuple[
        Literal["calibration", "confidence", "weights", "activations", "spectra"], ...
    ] = ("calibration", "confidence", "weights", "activations", "spectra")
    pictures: bool = True


class Recipe(Part):
    """Everything that defines a run; the same recipe and seed give the same numbers."""

    version: Literal[1] = VERSION
    name: str = Field("untitled", min_length=1, max_length=120)
    dataset: DatasetSpec = DatasetSpec()
    model: ModelSpec = ModelSpec()
    loss: Component | None = None
    metrics: tuple[Component, ...] = ()
    optimizer: OptimizerSpec = OptimizerSpec()
    training: TrainingSpec = TrainingSpec()
    analysis: AnalysisSpec = AnalysisSpec()


ResidualSpec.model_rebuild()
RepeatSpec.model_rebuild()
ModelSpec.model_rebuild()
Recipe.model_rebuild()
