"""Settings of every test; they must be there before a backend is imported."""

import os

# Tests compile hundreds of small functions once: optimizing them takes longer than
# it saves.
if os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
    os.environ.setdefault(
        "XLA_FLAGS",
        "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true",
    )
