"""The gallery of models, and a model in place of the layers."""

from dl_techniques import catalog
from dl_techniques.models import list_models, model_card
from dl_techniques.recipes import ModelSpec, Recipe, check, to_link
from dl_techniques.ui.model_gallery import SMALL, recipe_of


def test_gallery_shows_every_family(compute, page):
    app = page("models")
    families = {model_card(name)["family"] for name in list_models()}
    assert families == {s.value for s in app.subheader}


def test_small_variants_open_as_recipes_without_an_error():
    opened = 0
    for name in list_models(max_params=SMALL):
        card = model_card(name)
        entry = catalog.find("model", card["family"])
        recipe = recipe_of(entry, card) if entry else None
        if recipe is not None:
            assert check(recipe) == (), name
            opened += 1
    assert opened >= 12


def test_build_shows_a_model_and_goes_back_to_layers(compute, page):
    recipe = Recipe(model=ModelSpec(zoo="ConvNextV1", args={"variant": "lab8"}))
    app = page("build", m=to_link(recipe))
    assert app.selectbox(key="build-zoo").value == "ConvNextV1"
    app.selectbox(key="build-zoo").set_value("ResNet").run()
    assert not app.exception
    assert app.session_state["build"].recipe.model.zoo == "ResNet"
