"""Training: runs, their control and the processes they live in; loads no backend."""

from dl_techniques.training.control import Action, Control, request
from dl_techniques.training.devices import Machine, default_slots, machine
from dl_techniques.training.executor import Compute
from dl_techniques.training.questions import QuestionError
from dl_techniques.training.run import run_recipe, train_here

__all__ = [
    "Action",
    "Compute",
    "Control",
    "Machine",
    "QuestionError",
    "default_slots",
    "machine",
    "request",
    "run_recipe",
    "train_here",
]
