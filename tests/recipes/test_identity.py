"""Hash, difference and flat form."""

from dl_techniques.recipes import Recipe, TrainingSpec, diff, flatten, recipe_hash
from dl_techniques.recipes.identity import Change
from tests.recipes.info import layer, recipe


def test_hash_ignores_the_name_and_the_kind_of_number():
    a = recipe(layer("GaussianNoise", stddev=1))
    b = recipe(layer("GaussianNoise", stddev=1.0), name="other")
    assert recipe_hash(a) == recipe_hash(b)


def test_hash_sees_everything_else():
    base = recipe(layer("Dense", units=3))
    others = [
        recipe(layer("Dense", units=4)),
        recipe(layer("Dense", units=3, use_bias=True)),
        recipe(layer("Dense", units=3), training=TrainingSpec(seed=1)),
        recipe({"layer": "Dense", "args": {"units": 3}, "muted": True}),
    ]
    assert len({recipe_hash(r) for r in (base, *others)}) == 5


def test_hash_is_the_same_in_every_process():
    assert recipe_hash(Recipe()) == "2430f1a2ad2982d0"


def test_diff_names_the_fields():
    a = recipe(layer("Dense", units=3), training=TrainingSpec(epochs=2))
    b = recipe(
        layer("Dense", units=5), layer("Flatten"), training=TrainingSpec(epochs=2)
    )
    assert diff(a, b) == (
        Change("model.stack.0.args.units", 3, 5),
        Change("model.stack.1.layer", None, "Flatten"),
    )
    assert diff(a, a) == ()


def test_flatten_gives_texts():
    flat = flatten(recipe({"residual": [layer("Dense", units=3)]}))
    assert flat["model.stack.0.residual.0.args.units"] == "3"
    assert flat["dataset.name"] == "digits"
    assert flat["optimizer.learning_rate"] == "0.001"
    assert all(isinstance(v, str) for v in flat.values())
