"""The spectra of a model's layers as one result with a table and a summary.

One file: the table and the summary are made of what one record says of a weight.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dl_techniques.analysis._arrays import NAN
from dl_techniques.analysis._marchenko_pastur import MPFit
from dl_techniques.analysis._power_law_fit import PowerLawFit
from dl_techniques.analysis._randomized import RandomizedSpectrum
from dl_techniques.analysis._spectral_metrics import SpectralMetrics, VectorLocalization
from dl_techniques.analysis._spectral_tails import DetX
from dl_techniques.analysis._spectrum import Spectrum
from dl_techniques.analysis.results import AnalysisResult

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class LayerSpectrum(AnalysisResult):
    """Everything known about the spectrum of one weight.

    Attributes:
        layer_id: Place of the layer in the model.
        name: Name of the layer.
        path: Unique path, see `WeightMatrix`.
        variable: Name of the variable.
        layer_type: Class name of the layer.
        kind: See `WeightMatrix`.
        scale: Factor on the matrices that is already in the eigenvalues.
        n_parameters: Number of entries.
        spectrum: Eigenvalues.
        fit: Power-law fit.
        metrics: Scalars.
        mp: Marchenko-Pastur fit when asked for.
        randomized: Spectrum after shuffling when asked for.
        detx: The det X = 1 tail when asked for.
        vectors: Localisation of the leading singular vectors when asked for.
        n_fingers: Values dropped by `clip_fingers`.
        raw_alpha: alpha before dropping; NaN unless asked for.
    """

    layer_id: int
    name: str
    path: str
    variable: str
    layer_type: str
    kind: str
    scale: float
    n_parameters: int
    spectrum: Spectrum
    fit: PowerLawFit
    metrics: SpectralMetrics
    mp: MPFit | None = None
    randomized: RandomizedSpectrum | None = None
    detx: DetX | None = None
    vectors: VectorLocalization | None = None
    n_fingers: int = 0
    raw_alpha: float = NAN

    def row(self) -> dict[str, Any]:
        """Returns the columns of weightwatcher 0.7.7, with our values."""
        s, f = self.spectrum, self.fit
        narrow = s.values < 1e-6
        row = {
            "layer_id": self.layer_id,
            "name": self.name,
            "longname": self.path,
            "layer_type": self.layer_type.lower(),
            "N": s.n_long,
            "M": s.n_short,
            "rf": s.receptive_field,
            "Q": s.n_long / s.n_short,
            "num_evals": len(s.values),
            **{k: getattr(f, k) for k in ("alpha", "xmin", "xmax", "D", "sigma")},
            "num_pl_spikes": f.num_pl_spikes,
            "status": f.status,
            "warning": f.quality if f.quality.endswith("-trained") else "",
            **{k: getattr(self.metrics, k) for k in _METRICS},
            "lambda_max": s.lambda_max,
            "rank_loss": s.rank_loss,
            "weak_rank_loss": int(narrow.sum()) if s.complete else NAN,
            "has_esd": bool(len(s.values)),
            "matrix_rank_float64": s.rank_float64,
        }
        return row | self._optional()

    def own_row(self) -> dict[str, Any]:
        """Returns what weightwatcher does not have."""
        m, f = self.metrics, self.fit
        return {
            "path": self.path,
            "verdict": f.verdict,
            "reported_alpha": f.reported_alpha,
            "quality": f.quality,
            "K": f.K,
            "z": f.z,
            "p": f.p,
            "effective_rank": m.effective_rank,
            "gini": m.gini,
            "dominance": m.dominance,
            "participation_ratio": m.participation_ratio,
            "scale": self.scale,
            "params": self.n_parameters,
        }

    def _optional(self) -> dict[str, Any]:
        row: dict[str, Any] = {}
        if not np.isnan(self.raw_alpha):
            row |= {"num_fingers": self.n_fingers, "raw_alpha": self.raw_alpha}
        if self.mp is not None:
            row |= _bulk(self.mp, "")
        if self.randomized is not None:
            names = ("max_rand_eval", "rand_distance", "ww_softrank", "ww_maxdist")
            row |= {k: getattr(self.randomized, k) for k in (*names, "num_traps")}
            row |= _bulk(self.randomized.mp, "rand_")
        if self.detx is not None:
            unit = self.spectrum.values.mean()
            row |= {
                "detX_num": self.detx.num,
                "num_ERG_spikes": self.detx.num,
                "ERG_gap": self.detx.num - self.fit.num_pl_spikes,
                "detX_val": self.detx.value,
                "detX_val_unrescaled": self.detx.value / unit if unit else NAN,
            }
        return row


_METRICS = (
    "alpha_weighted",
    "log_alpha_norm",
    "log_norm",
    "norm",
    "spectral_norm",
    "log_spectral_norm",
    "sv_max",
    "sv_min",
    "stable_rank",
    "matrix_rank",
    "entropy",
)
_SUMMARY = (
    "log_norm",
    "alpha",
    "alpha_weighted",
    "log_alpha_norm",
    "log_spectral_norm",
    "stable_rank",
    "mp_softrank",
)
_NEED_ALPHA = ("alpha", "alpha_weighted", "log_alpha_norm")


def _bulk(mp: MPFit, prefix: str) -> dict[str, Any]:
    return {
        f"{prefix}num_spikes": mp.num_spikes,
        f"{prefix}sigma_mp": mp.sigma,
        f"{prefix}mp_softrank": mp.mp_softrank,
        f"{prefix}bulk_min": mp.bulk_min,
        f"{prefix}bulk_max": mp.bulk_max,
        f"{prefix}W_scale": mp.w_scale,
    }


@dataclass(frozen=True, slots=True, eq=False)
class SpectralReport(AnalysisResult):
    """The spectra of a model.

    Attributes:
        layers: One entry a weight, in model order.
        skipped: Path and reason of weights that were not analysed.
    """

    layers: tuple[LayerSpectrum, ...]
    skipped: tuple[tuple[str, str], ...] = ()

    def to_frame(
        self, compat: Literal["weightwatcher"] | None = None
    ) -> "pd.DataFrame":
        """Returns a row a weight; `compat` keeps to weightwatcher's column names."""
        import pandas as pd

        if compat == "weightwatcher":
            return pd.DataFrame([layer.row() for layer in self.layers])
        return pd.DataFrame([layer.row() | layer.own_row() for layer in self.layers])

    def summary(self, *, include_rejected: bool = False) -> dict[str, float]:
        """Returns means over the layers where a value is defined.

        Rejected power-law fits are left out of the alpha means unless
        `include_rejected`, and counted.
        """
        rows = [layer.row() for layer in self.layers]
        trusted = [
            layer.fit.verdict not in ("rejected", "undefined") for layer in self.layers
        ]
        found: dict[str, float] = {}
        for name in _SUMMARY:
            ok = [name not in _NEED_ALPHA or t or include_rejected for t in trusted]
            values = [r.get(name, NAN) for r, o in zip(rows, ok, strict=True) if o]
            if name != "mp_softrank" or any("mp_softrank" in r for r in rows):
                found[name] = _mean(values)
        alphas = [
            (r["alpha"], layer.n_parameters)
            for r, layer, t in zip(rows, self.layers, trusted, strict=True)
            if (t or include_rejected) and np.isfinite(r["alpha"])
        ]
        value = [a for a, _ in alphas]
        found["median_alpha"] = float(np.median(value)) if value else NAN
        weighted = np.average(value, weights=[n for _, n in alphas]) if value else NAN
        found["params_weighted_alpha"] = float(weighted)
        found["n_layers"] = len(rows)
        found["n_reliable"] = sum(trusted)
        verdicts = [layer.fit.verdict for layer in self.layers]
        found["n_rejected"] = verdicts.count("rejected")
        return found


def _mean(values: list[float]) -> float:
    finite = [v for v in values if np.isfinite(v)]
    return float(np.mean(finite)) if finite else NAN
