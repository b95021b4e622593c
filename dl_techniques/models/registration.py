"""Lets saved models be loaded by whoever imports the room, without loading Keras."""

import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def when_keras_is_there(register: Callable[[], None]) -> None:
    """Calls `register` now, or as soon as someone imports Keras."""
    if "keras" in sys.modules:
        register()
    else:
        sys.meta_path.insert(0, _Watch(register))


class _Watch(importlib.abc.MetaPathFinder):
    """Waits for the import of Keras; inert for every other module."""

    def __init__(self, register: Callable[[], None]) -> None:
        self.register = register

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != "keras":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec("keras")
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self.register()

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]  # this import's
        return spec
