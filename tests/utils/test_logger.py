import contextvars
import json
import logging
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from dl_techniques.utils import logger as log


@pytest.fixture(autouse=True)
def as_it_was():
    kept = list(log.logger.handlers), log.logger.level, log.logger.propagate
    yield
    for handler in log.logger.handlers:
        if handler not in kept[0]:
            handler.close()
    log.logger.handlers[:], log.logger.propagate = kept[0], kept[2]
    log.logger.setLevel(kept[1])


def lines(text):
    def refuse(word):
        raise ValueError(word)

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def test_import_leaves_the_root_logger_alone():
    code = (
        "import logging; from dl_techniques.utils.logger import logger; import sys; "
        "print(logging.getLogger().handlers, logger.level, logger.handlers, "
        "'keras' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[] 0 [<NullHandler (NOTSET)>] False"


def test_configuring_twice_writes_once(capsys):
    for _ in range(2):
        log.configure_logging(json=True)
    log.log_event("hello", n=1)
    (line,) = lines(capsys.readouterr().err)
    assert set(line) == {"ts", "level", "logger", "msg", "fields", "exc"}
    assert line["fields"] == {"n": 1}
    assert line["ts"].endswith("Z")
    assert line["exc"] is None


def test_level_and_unknown_level(capsys):
    log.configure_logging("WARNING", json=True)
    log.log_event("quiet")
    log.log_event("loud", level="ERROR")
    assert [v["msg"] for v in lines(capsys.readouterr().err)] == ["loud"]
    with pytest.raises(ValueError, match="level"):
        log.configure_logging("SHOUT")


def test_force_removes_the_handlers_of_others():
    other = logging.StreamHandler()
    log.logger.addHandler(other)
    log.configure_logging()
    assert other in log.logger.handlers
    log.configure_logging(force=True)
    assert other not in log.logger.handlers


class Broken:
    def __repr__(self):
        raise RuntimeError


def test_any_value_becomes_json(capsys):
    log.configure_logging(json=True)
    log.log_event(
        "values",
        scalar=np.float32(0.5),
        nan=float("nan"),
        count=np.int64(3),
        path=Path.home() / "data",
        dtype=np.dtype("float16"),
        long=list,
        array=np.arange(1000),
        nested={"a": (1, {2: np.inf})},
        broken=Broken(),
    )
    fields = lines(capsys.readouterr().err)[0]["fields"]
    assert fields["scalar"] == 0.5
    assert fields["nan"] is None
    assert fields["count"] == 3
    assert fields["path"].startswith("~")
    assert fields["dtype"] == "float16"
    assert len(fields["array"]) <= 200
    assert fields["nested"] == {"a": [1, {"2": None}]}
    assert "Broken" in fields["broken"]


def test_run_context_reaches_child_loggers_and_threads(capsys):
    log.configure_logging(json=True)
    with log.run_context("r1", model="small"):
        log.get_logger("training").info("step %d", 3)
        copied = contextvars.copy_context()
        thread = threading.Thread(target=lambda: copied.run(log.log_event, "inside"))
        thread.start()
        thread.join()
    log.log_event("after")
    first, second, third = lines(capsys.readouterr().err)
    assert first["logger"] == "dl_techniques.training"
    assert first["msg"] == "step 3"
    assert first["fields"] == second["fields"] == {"run_id": "r1", "model": "small"}
    assert third["fields"] == {}


def test_timed_logs_status_and_raises_again(capsys):
    log.configure_logging(json=True)

    @log.timed("work", part="a")
    def work(fail):
        if fail:
            raise KeyError("gone")

    work(False)
    with pytest.raises(KeyError):
        work(True)
    good, bad = (v["fields"] for v in lines(capsys.readouterr().err))
    assert (good["status"], bad["status"]) == ("ok", "failed")
    assert good["part"] == "a"
    assert bad["error"] == "KeyError"
    assert good["duration_s"] >= 0


def test_file_and_traceback_hide_the_home_folder(tmp_path, capsys):
    path = tmp_path / "logs" / "app.log"
    log.configure_logging(json=True, path=path)
    try:
        raise ValueError(f"no file {Path.home() / 'x'}")
    except ValueError:
        log.get_logger("a").exception("broken")
    (line,) = lines(path.read_text())
    assert "ValueError: no file ~" in line["exc"]
    log.configure_logging(rich_tracebacks=True)
    secret = 41
    try:
        raise ValueError("again")
    except ValueError:
        log.logger.exception("text", exc_info=True)
    assert f"secret = {secret}" in capsys.readouterr().err


def test_sink_keeps_the_last_events():
    sink = log.EventSink(3)
    log.logger.addHandler(sink)
    log.logger.setLevel("INFO")
    for i in range(5):
        log.log_event(f"e{i}", i=i)
    assert [e.message for e in sink.since()] == ["e2", "e3", "e4"]
    last = sink.since()[-1]
    assert last.fields == {"i": 4}
    assert sink.since(last.id) == ()


def test_callback_writes_readable_lines(tmp_path):
    import keras

    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    path = tmp_path / "run" / "log.jsonl"
    callback = log.StructuredLogCallback(path, every_batches=2, batch_size=4)
    seen = []

    class Reader(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(len(path.read_text().splitlines()))

    x = np.full((16, 2), np.nan, np.float32)
    model.fit(x, x[:, :1], 4, 2, verbose=0, callbacks=[callback, Reader()])
    found = lines(path.read_text())
    assert seen == [3, 6]
    assert [v["event"] for v in found] == ["batch_end", "batch_end", "epoch_end"] * 2
    end = found[-1]
    assert end["epoch"] == 2
    assert end["logs"]["loss"] is None
    assert end["lr"] == pytest.approx(0.01)
    assert end["samples_per_s"] > 0
    again = log.StructuredLogCallback(**callback.get_config())
    assert again.get_config() == callback.get_config()
