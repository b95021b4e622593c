import subprocess
import sys

FORBIDDEN = ("keras", "tensorflow", "torch", "jax", "streamlit", "mlflow", "matplotlib")
MODULES = (
    *("activations", "architecture", "calibration", "comparison", "confidence", "data"),
    *(
        "live",
        "manager",
        "pictures",
        "representations",
        "spectra",
        "training",
        "weights",
    ),
)


def test_figures_need_plotly_and_numpy_only():
    wanted = ", ".join(f"dl_techniques.visualization.{m}" for m in MODULES)
    code = (
        f"import {wanted}; import sys, time; "
        f"print([m for m in {FORBIDDEN} if m in sys.modules], time.process_time() < 3)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[] True"  # 1.5 s on an idle machine
