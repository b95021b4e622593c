import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dl_techniques.pretrained import read_tensors

# torch.save of one tensor of each type, two of them views of one storage
FIXTURE = Path(__file__).parent / "archive.pt"


def test_a_stored_archive_is_read_without_torch():
    tensors = {n: t.read() for n, t in read_tensors(FIXTURE).items()}
    base = np.arange(6, dtype="float32").reshape(2, 3)
    np.testing.assert_array_equal(tensors["float"], base)
    np.testing.assert_array_equal(tensors["transposed"], base.T)
    np.testing.assert_array_equal(tensors["row"], base[1])
    np.testing.assert_array_equal(tensors["double"], base.astype("float64") / 3)
    np.testing.assert_array_equal(tensors["half"], base / 2)
    np.testing.assert_array_equal(tensors["bfloat16"], base / 2)
    np.testing.assert_array_equal(tensors["parameter"], -base)
    np.testing.assert_array_equal(tensors["long"], [1, -2])
    np.testing.assert_array_equal(tensors["int"], [3, -4])
    np.testing.assert_array_equal(tensors["byte"], [5, 255])
    np.testing.assert_array_equal(tensors["bool"], [True, False])
    assert tensors["bfloat16"].dtype == np.float32


class Evil:
    def __reduce__(self):
        import os

        return os.system, ("true",)


def test_code_in_an_archive_is_refused(tmp_path):
    path = tmp_path / "evil.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("evil/data.pkl", pickle.dumps({"x": Evil()}))
    with pytest.raises(ValueError, match=r"refused: it names (posix|nt|os)\.system"):
        read_tensors(path)


def test_other_files_and_damage_are_refused(tmp_path):
    path = tmp_path / "old.bin"
    path.write_bytes(pickle.dumps({"x": 1}))
    with pytest.raises(ValueError, match="no zip archive"):
        read_tensors(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(ValueError, match="no torch archive"):
        read_tensors(path)
    with (
        zipfile.ZipFile(FIXTURE) as whole,
        zipfile.ZipFile(path, "w") as archive,
    ):
        for name in whole.namelist():
            data = whole.read(name)
            archive.writestr(name, data[:-1] if "/data/" in name else data)
    with pytest.raises(ValueError, match="damaged at"):
        read_tensors(path)
