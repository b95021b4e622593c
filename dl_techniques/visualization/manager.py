"""Names, styles, saves and lists figures.

One class: whatever is drawn, saved or listed is named by the same settings.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from dl_techniques.utils.validation import check, check_int
from dl_techniques.visualization import _export, _files, _registry
from dl_techniques.visualization._classic import ClassicPlots
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.config import PlotConfig, check_formats
from dl_techniques.visualization.theme import Theme


class VisualizationManager(ClassicPlots):
    """A folder of figures.

    Nothing is made on disk until the first figure is saved.

    Args:
        output_dir: The folder.
        experiment_name: Name of a folder inside it.
        theme: Look of the figures.
        formats: Of saved files: html, json; png, svg and pdf need kaleido.
        timestamp_dirs: Whether figures go to a new folder viz_YYYYmmdd_HHMMSS.
        color_map: Colours of models; by default in the order in which they come.
        config: All of theme and formats, and sizes; instead of them.
    """

    def __init__(
        self,
        output_dir: str | Path = "visualizations",
        *,
        experiment_name: str | None = None,
        theme: Theme | str = "light",
        formats: Sequence[str] = ("html",),
        timestamp_dirs: bool = False,
        color_map: ColorMap | None = None,
        config: PlotConfig | None = None,
    ) -> None:
        self.config = config or PlotConfig(theme, formats=tuple(formats))
        self.color_map = color_map or ColorMap(palette=self.config.palette)
        self.timestamp_dirs = timestamp_dirs
        root = Path(output_dir).absolute()
        if experiment_name:
            root /= _files.slug(experiment_name, "experiment_name")
        self._base, self._root = root, None if timestamp_dirs else root
        self._own: dict[str, dict[str, Callable[..., go.Figure]]] = {}

    @property
    def output_dir(self) -> Path:
        """The folder of the figures; a dated one is made on first use."""
        if self._root is None:
            now = datetime.now(UTC).astimezone()
            name = f"viz_{now:%Y%m%d_%H%M%S}"
            for i in range(1, 10_000):
                path = self._base / (name if i == 1 else f"{name}_{i}")
                try:
                    path.mkdir(parents=True)
                except FileExistsError:
                    continue
                self._root = path
                break
        assert self._root is not None  # noqa: S101  # for the type checker
        return self._root

    def register(
        self, result_type: type | str, kind: str, fn: Callable[..., go.Figure]
    ) -> None:
        """Adds a figure function of a result type to this manager."""
        _registry.add(self._own, result_type, kind, fn)

    def available(self, result: Any = None) -> Any:
        """Returns the kinds of figures of a result, or by type those of all results."""
        table = _registry.known(self._own)
        if result is None:
            return table
        names = [n for n in _registry.types_of(result) if n in table]
        return tuple(dict.fromkeys(k for n in names for k in table[n]))

    def render(self, result: Any, kind: str | None = None, **options: Any) -> go.Figure:
        """Draws a result, or results by model name.

        Args:
            result: What an analysis returned.
            kind: Which of its figures; the first one by default.
            options: Go to the figure function.

        Raises:
            KeyError: If the kind is not known for this result.
            TypeError: If no figure is known for it.
        """
        return self._drawn(result, kind, options)[1]

    def _drawn(
        self, result: Any, kind: str | None, options: Mapping[str, Any]
    ) -> tuple[str, go.Figure]:
        chosen, function = _registry.find(result, kind, self._own)
        accepted = inspect.signature(function).parameters
        usual: dict[str, Any] = {"theme": self.config.theme}
        usual["height"] = self.config.height
        if _registry.several(result):
            self.color_map = self.color_map.extended(map(str, result))
            usual["colors"] = self.color_map
        usual = {k: v for k, v in usual.items() if k in accepted}
        figure = function(result, **{**usual, **options})
        self._size(figure)
        return chosen, figure

    def _size(self, figure: go.Figure) -> None:
        if self.config.width:
            figure.layout.width = self.config.width
        if self.config.font_size:
            figure.layout.font.size = self.config.font_size
            figure.layout.title.font.size = self.config.font_size + 3
        if self.config.title_size:
            figure.layout.title.font.size = self.config.title_size

    def save(
        self,
        fig_or_result: Any,
        name: str,
        *,
        subdir: str | None = None,
        formats: Sequence[str] | None = None,
        kind: str | None = None,
        **options: Any,
    ) -> list[Path]:
        """Writes a figure, or the figure of a result; returns the absolute paths.

        A file is replaced only by a figure of the same name.

        Args:
            fig_or_result: A figure, or what `render` takes.
            name: Made safe for a file name.
            subdir: Folder inside the manager's.
            formats: Instead of the manager's.
            kind: Goes to `render`.
            options: Go to `render`.

        Raises:
            MissingExporterError: If a format needs kaleido and it is missing; nothing
                is written then.
            ValueError: If name or subdir would leave the folder.
        """
        wanted = tuple(formats or self.config.formats)
        check_formats(wanted)
        _export.require(wanted)
        _files.folder(self._base, subdir)
        _files.slug(name)
        figure, drawn = fig_or_result, kind or "figure"
        if not isinstance(fig_or_result, go.Figure):
            drawn, figure = self._drawn(fig_or_result, kind, options)
        root = self.output_dir
        where = _files.folder(root, subdir)
        stem = _files.free_name(root, where, name)
        script = _export.script_from(root, where)
        scale = self.config.scale
        data = {f: _export.encoded(figure, f, stem, script, scale) for f in wanted}
        flags = list(getattr(fig_or_result, "flags", ()))
        title = str(figure.layout.title.text or "")
        return self._write(root, where / stem, name, data, (drawn, title, flags))

    def _write(
        self,
        root: Path,
        stem: Path,
        name: str,
        data: Mapping[str, bytes | str],
        about: tuple[str, str, list[str]],
    ) -> list[Path]:
        if "html" in data:
            _export.shared_script(root)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        paths, records = [], []
        for form, content in data.items():
            path = stem.with_name(f"{stem.name}.{form}")
            _files.write(path, content)
            paths.append(path)
            record = {"name": name, "kind": about[0], "created": now}
            record["file"] = path.relative_to(root).as_posix()
            records.append({**record, "title": about[1], "flags": about[2]})
        _files.merge_index(root, records)
        return paths

    def dashboard(
        self,
        figures: Mapping[str, go.Figure],
        columns: int = 2,
        name: str = "dashboard",
    ) -> Path:
        """Writes one page of figures by title; works without the internet.

        Raises:
            ValueError: If there is no figure.
        """
        check(len(figures) > 0, "figures", "one figure or more", dict(figures))
        check_int("columns", columns)
        root = self.output_dir
        stem = _files.free_name(root, root, name)
        drawn = {str(k): self._figure(v) for k, v in figures.items()}
        script = _export.script_from(root, root)
        text = _export.page(drawn, name, columns, script, self.config.theme)
        about = ("dashboard", name, list[str]())
        return self._write(root, root / stem, name, {"html": text}, about)[0]

    def _figure(self, value: Any) -> go.Figure:
        return value if isinstance(value, go.Figure) else self.render(value)

    def report(self, report: Any, name: str = "report") -> Path:
        """Writes an `AnalysisReport` as one self-contained page."""
        from dl_techniques.visualization.report import report_html

        root = self.output_dir
        stem = _files.free_name(root, root, name)
        text = report_html(report, theme=self.config.theme)
        about = ("report", name, [str(f) for f in getattr(report, "flags", ())])
        return self._write(root, root / stem, name, {"html": text}, about)[0]

    def index(self) -> list[dict[str, Any]]:
        """Returns a record a saved file: name, kind, file, created, title, flags."""
        return [] if self._root is None else _files.read_index(self._root)
