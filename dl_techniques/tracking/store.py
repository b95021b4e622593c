"""The run store: every run, its numbers, its snapshots and its files.

One class, for it is one thing to its users; each method is a few lines over MLflow.
"""

import contextlib
import json
import shutil
import time
from collections.abc import Iterable
from typing import Any

from dl_techniques.recipes.identity import recipe_hash
from dl_techniques.recipes.schema import Recipe
from dl_techniques.tracking import client as mlflow_client
from dl_techniques.tracking import convert, journal, snapshots
from dl_techniques.tracking.convert import NOTE, PREFIX
from dl_techniques.tracking.files import RunFiles
from dl_techniques.tracking.parameters import parameters
from dl_techniques.tracking.pending import Pending
from dl_techniques.tracking.records import ENDED, MetricRow, RunRecord, Status
from dl_techniques.utils.files import locked, write_atomic
from dl_techniques.utils.validation import check

_PARAMETERS_PER_BATCH = 90
_MAX_REASON = 6000
_Snapshots = list[dict[str, Any]]  # inside the class `list` is the method


class RunStore(RunFiles):
    """A thin room over MLflow tracking; safe to use from several threads.

    `RunFiles` has the arguments and the places of files.
    """

    # --- one run

    def create(self, recipe: Recipe, *, status: Status = "queued") -> str:
        """Makes a run from `recipe` and returns its id."""
        client = self._open()
        from mlflow.entities import Param

        data = recipe.model_dump(mode="json")
        tags = {
            "mlflow.runName": recipe.name,
            PREFIX + "status": status,
            PREFIX + "hash": recipe_hash(recipe),
            PREFIX + "dataset": recipe.dataset.name,
            PREFIX + "epochs": str(recipe.training.epochs),
            PREFIX + "created": repr(time.time()),
            PREFIX + "color": str(self._next_color()),
        }
        if not self.local:
            tags[PREFIX + "home"] = self.place
        info = client.create_run(self._connection[1], tags=tags).info
        run_id = str(info.run_id)
        params = [Param(k, v) for k, v in parameters(data).items()]
        for start in range(0, len(params), _PARAMETERS_PER_BATCH):
            client.log_batch(run_id, params=params[start:][:_PARAMETERS_PER_BATCH])
        if status == "queued":
            client.update_run(run_id, convert.MLFLOW_STATUS[status])
        text = json.dumps(data, indent=1, allow_nan=False)
        self.run_dir(run_id).mkdir(parents=True, exist_ok=True)
        write_atomic(self.artifact_dir(run_id) / "recipe.json", text)
        if not self.local:
            client.log_text(run_id, text, "recipe.json")
        return run_id

    def get(self, run_id: str) -> RunRecord:
        """Returns the run; an unknown id raises `KeyError`."""
        client = self._open()
        from mlflow.exceptions import MlflowException

        try:
            run = client.get_run(run_id)
        except MlflowException as error:
            raise KeyError(f"there is no run {run_id}") from error
        if run.info.lifecycle_stage == "deleted":
            raise KeyError(f"run {run_id} was deleted")
        return convert.record(run, self._heartbeat_of(run_id))

    def made_here(self, record: RunRecord) -> bool:
        """Whether a run belongs to this home, not to another one on a shared store."""
        return self.local or record.fields.get("home") == self.place

    def list(
        self,
        *,
        status: str | None = None,
        dataset: str | None = None,
        text: str = "",
        limit: int = 200,
    ) -> tuple[RunRecord, ...]:
        """Returns the newest runs first; `text` is looked for in name, note, labels."""
        clauses = [
            f"tags.`{PREFIX}{key}` = '{value}'"
            for key, value in (("status", status), ("dataset", dataset))
            if value and "'" not in value
        ]
        client = self._open()
        found, token = [], None
        while True:
            page = client.search_runs(
                [self._connection[1]],
                " and ".join(clauses),
                max_results=limit if not text else 1000,
                order_by=["attributes.start_time DESC"],
                page_token=token,
            )
            records = (
                convert.record(r, self._heartbeat_of(r.info.run_id)) for r in page
            )
            found += [r for r in records if _mentions(r, text)]
            token = page.token
            if len(found) >= limit or not token:
                return tuple(found[:limit])

    def recipe(self, run_id: str) -> Recipe:
        """Returns the recipe of a run."""
        path = self.artifact_dir(run_id) / "recipe.json"
        if not path.exists() and not self.local:
            with contextlib.suppress(FileNotFoundError):
                self._bring(run_id, "recipe.json", path)
        if not path.exists():
            raise KeyError(f"there is no recipe of run {run_id}")
        return Recipe.model_validate_json(path.read_bytes())

    # --- writing

    def log(
        self,
        run_id: str,
        step: int,
        values: dict[str, float],
        *,
        epoch: int | None = None,
        hold: bool = False,
    ) -> None:
        """Appends values: to the journal now, to MLflow at most once a second.

        Args:
            run_id: The run.
            step: The epoch; for names that begin with "batch/" the batches so far.
            values: Value by name.
            epoch: The epoch that the values belong to; default `step`.
            hold: Whether MLflow waits for `flush`: a crash before the checkpoint
                then leaves nothing there that comes again.
        """
        when = time.time()
        values = {k: float(v) for k, v in values.items()}
        self.run_dir(run_id).mkdir(parents=True, exist_ok=True)
        journal.append(
            self._journal(run_id), step, values, when, step if epoch is None else epoch
        )
        pending = self._pending.setdefault(run_id, Pending(run_id))
        if pending.add(step, when, values) and not hold:
            pending.send(self._open())

    def flush(self, run_id: str) -> None:
        """Sends what `log` still holds back."""
        if run_id in self._pending:
            self._pending[run_id].send(self._open())

    def flush_due(self, run_id: str) -> None:
        """Sends what `log` holds back, if the last time was over a second ago."""
        pending = self._pending.get(run_id)
        if pending and pending.due:
            pending.send(self._open())

    def add_snapshot(self, run_id: str, epoch: int, json_text: str) -> None:
        """Adds the analysis of one epoch: strict JSON below 256 KB."""
        snapshots.add(self._snapshots(run_id), epoch, json_text)
        if not self.local:
            path = self._snapshots(run_id) / f"{epoch:06d}.json"
            self._open().log_artifact(run_id, str(path), "snapshots")

    def rewind(self, run_id: str, epoch: int) -> None:
        """Takes back what came after `epoch`, before a run goes on from there.

        What MLflow missed before a crash is sent again.
        """
        journal.rewind(self._journal(run_id), epoch)
        snapshots.rewind(self._snapshots(run_id), epoch)
        pending = self._pending[run_id] = Pending(run_id)
        for row in self.metrics_after(run_id)[0]:
            pending.add(row.step, row.time, row.values)
        pending.send(self._open())

    def set_status(self, run_id: str, status: Status, reason: str = "") -> None:
        """Sets the status and the reason for it; also the times of start and end."""
        client = self._open()
        from mlflow.entities import RunTag

        check(status in convert.MLFLOW_STATUS, "status", "a known status", status)
        self.flush(run_id)
        now = repr(time.time())
        tags = {"status": status, "reason": reason[:_MAX_REASON]}
        tags |= {"started": now} if status == "starting" else {}
        tags |= {"ended": now if status in ENDED else ""}
        client.log_batch(run_id, tags=[RunTag(PREFIX + k, v) for k, v in tags.items()])
        if status in ENDED:
            client.set_terminated(run_id, convert.MLFLOW_STATUS[status])
        else:
            client.update_run(run_id, convert.MLFLOW_STATUS[status])

    def set_fields(self, run_id: str, **fields: Any) -> None:
        """Sets fields of the record, for example `pid` and `device`."""
        client = self._open()
        from mlflow.entities import RunTag

        tags = [RunTag(PREFIX + k, str(v)) for k, v in fields.items()]
        client.log_batch(run_id, tags=tags)

    def heartbeat(self, run_id: str) -> None:
        """Says that the run is alive; call it about once a second."""
        path = self.run_dir(run_id) / "heartbeat"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        if not self.local and time.time() - self._beats.get(run_id, 0) > 10:
            self._beats[run_id] = time.time()
            self.set_fields(run_id, heartbeat=repr(time.time()))

    # --- a person's words

    def tag(self, run_id: str, labels: Iterable[str]) -> None:
        """Replaces the labels of a run."""
        clean = dict.fromkeys(t.replace(",", " ").strip() for t in labels)
        self.set_fields(run_id, labels=",".join(t for t in clean if t))

    def annotate(self, run_id: str, note: str) -> None:
        """Replaces the note; MLflow's page shows it as the description."""
        self._open().set_tag(run_id, NOTE, note)

    def rename(self, run_id: str, name: str) -> None:
        """Gives the run another name."""
        check(bool(name.strip()), "name", "not empty", name)
        self._open().update_run(run_id, name=name.strip())

    # --- reading what is new

    def metrics_after(
        self, run_id: str, cursor: int = 0
    ) -> tuple[tuple[MetricRow, ...], int]:
        """Returns the rows after `cursor` (0 is the start) and the new cursor.

        A row whose step came before replaces it: the run went on from a checkpoint.
        """
        path = self._journal(run_id)
        if path.exists() or (self.local and self.artifact_dir(run_id).exists()):
            return journal.read(path, cursor)
        return self._history(run_id, cursor)

    def snapshots_after(self, run_id: str, cursor: int = 0) -> tuple[_Snapshots, int]:
        """Returns the snapshots of epochs after `cursor`, and the newest epoch."""
        if not self.local and not self._journal(run_id).exists():
            self._bring_snapshots(run_id, cursor)
        return snapshots.read(self._snapshots(run_id), cursor)

    def delete(self, run_id: str) -> None:
        """Removes a run with everything it wrote; one that trains is refused."""
        record = self.get(run_id)
        if record.active and record.status != "queued":
            raise ValueError(f"run {record.name} is {record.status}: stop it first")
        mlflow_client.erase(self._open(), run_id)
        self._pending.pop(run_id, None)
        shutil.rmtree(self.artifact_dir(run_id).parent, ignore_errors=True)
        shutil.rmtree(self.run_dir(run_id), ignore_errors=True)

    # --- details

    def _bring_snapshots(self, run_id: str, cursor: int) -> None:
        folder, client = self._snapshots(run_id), self._open()
        for file in client.list_artifacts(run_id, "snapshots"):
            name = file.path.rpartition("/")[2]
            epoch = name.removesuffix(".json")
            known = not epoch.isdigit() or int(epoch) <= cursor
            if not known and not (folder / name).exists():
                self._bring(run_id, file.path, folder / name)

    def _next_color(self) -> int:
        path = self.home / "colors"
        with locked(self.home / "colors.lock"):
            number = int(path.read_text()) if path.exists() else 0
            write_atomic(path, str(number + 1))
        return number

    def _history(self, run_id: str, cursor: int) -> tuple[tuple[MetricRow, ...], int]:
        client = self._open()
        rows: dict[int, MetricRow] = {}
        for name in client.get_run(run_id).data.metrics:
            for point in client.get_metric_history(run_id, name):
                if point.timestamp > cursor and name != "epoch":
                    new = MetricRow(point.step, point.timestamp / 1000, {})
                    rows.setdefault(point.step, new).values[name] = point.value
        newest = max((int(r.time * 1000) for r in rows.values()), default=cursor)
        return tuple(rows[s] for s in sorted(rows)), newest


def _mentions(record: RunRecord, text: str) -> bool:
    words = " ".join((record.name, record.note, *record.tags, record.dataset))
    return text.lower() in words.lower()
