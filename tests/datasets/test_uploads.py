import hashlib
import io
import os
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from dl_techniques.datasets import (
    DatasetError,
    dataset_info,
    delete_upload,
    load_dataset,
    preview,
    store_upload,
    upload_infos,
)
from dl_techniques.datasets.readers import limits


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def png(size=(16, 12), mode="RGB", seed=0, kind="PNG"):
    rng = np.random.default_rng(seed)
    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(file, kind)
    return file.getvalue()


def archive(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return file.getvalue()


def pictures(**kwargs):
    return {f"top/{c}/{i}.png": png(seed=i, **kwargs) for c in "ab" for i in range(6)}


def csv(n=40):
    rows = [f"{i},{i % 3},{'red' if i % 2 else 'blue'},{'yn'[i % 2]}" for i in range(n)]
    return "\n".join(["size,count,colour,label", *rows]).encode()


def refused(words, name, content, home, **kwargs):
    with pytest.raises(DatasetError, match=words) as caught:
        store_upload(name, content, home, **kwargs)
    assert "\n" not in str(caught.value)
    assert not list(home.rglob("*.npy"))


def test_a_table_becomes_features_and_classes(tmp_path):
    stored = store_upload("C:\\me\\my table.csv", csv(), tmp_path)
    assert stored.filename == "my table.csv"
    data = load_dataset(stored.name, home=tmp_path, standardise=False)
    names = ("size", "count", "colour=blue", "colour=red")
    assert data.info.feature_names == names
    assert data.class_names == ("n", "y")
    both = np.concatenate([data.x_train, data.x_test])
    y = np.concatenate([data.y_train, data.y_test])
    np.testing.assert_array_equal(both[:, 3], both[:, 0] % 2)
    np.testing.assert_array_equal(both[:, 2] + both[:, 3], 1)
    np.testing.assert_array_equal(y, both[:, 0] % 2 == 0)
    assert dataset_info(stored.name, tmp_path) == data.info == stored.info
    assert preview(data).columns == names


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_separators_line_ends_and_quotes_are_found(separator, tmp_path):
    head = separator.join(['"a, really"', "b", "class"])
    rows = [separator.join([str(i / 2), str(i), "uv"[i % 2]]) for i in range(20)]
    stored = store_upload("t.tsv", "\r\n".join([head, *rows]).encode(), tmp_path)
    assert stored.info.feature_names == ("a, really", "b")
    assert stored.info.n_samples == 20


def test_numbers_become_a_regression_where_they_are_measures(tmp_path):
    text = "a,target\n" + "\n".join(f"{i},{i * 0.5 + 0.25}" for i in range(60))
    stored = store_upload("t.csv", text.encode(), tmp_path)
    assert (stored.info.task, stored.info.n_outputs) == ("regression", 1)
    data = load_dataset(stored.name, home=tmp_path)
    assert data.y_train.shape == (48, 1)
    back = data.y_test * data.y_scale + data.y_mean
    assert set(np.round(back[:, 0] % 1, 3)) <= {0.25, 0.75}


def test_parquet_equals_csv(tmp_path):
    frame = pd.read_csv(io.BytesIO(csv()))
    frame.index = pd.Index(range(5, 45), name=None)
    file = tmp_path / "t.parquet"
    frame.to_parquet(file)
    ours = load_dataset(store_upload("t.parquet", file, tmp_path).name, home=tmp_path)
    same = load_dataset(store_upload("t.csv", csv(), tmp_path).name, home=tmp_path)
    assert ours.info.feature_names == same.info.feature_names
    np.testing.assert_array_equal(ours.x_train, same.x_train)
    np.testing.assert_array_equal(ours.y_test, same.y_test)


def test_npz_keeps_its_test_set_and_scales_bytes(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (30, 9, 9), dtype=np.uint8)
    y = np.arange(30) % 3
    content = npz(x_train=x[:21], y_train=y[:21], x_test=x[21:], y_test=y[21:])
    stored = store_upload("a.npz", content, tmp_path)
    assert (stored.info.kind, stored.info.input_shape) == ("image", (9, 9, 1))
    data = load_dataset(stored.name, home=tmp_path, train_size=0.7, standardise=False)
    own = np.sort(x[21:].ravel())
    np.testing.assert_allclose(np.sort(data.x_test.ravel()) * 255, own, atol=1e-3)


def test_npz_takes_sequences_one_hot_and_texts(tmp_path):
    x = np.random.default_rng(0).normal(size=(12, 5, 2))
    hot = store_upload("a.npz", npz(x=x, y=np.eye(3)[np.arange(12) % 3]), tmp_path)
    assert (hot.info.kind, hot.info.num_classes) == ("sequence", 3)
    words = np.array(["no", "yes"])[np.arange(12) % 2]
    text = store_upload("a.npz", npz(x=x, y=words), tmp_path)
    assert text.info.class_names == ("no", "yes")
    assert text.name != hot.name


def test_pictures_are_read_by_folder(tmp_path):
    members = pictures()
    members |= {"top/readme.txt": b"hi", "__MACOSX/top/a/._0.png": b"junk"}
    stored = store_upload("p.zip", archive(members), tmp_path)
    assert stored.info.class_names == ("a", "b")
    assert stored.info.input_shape == (12, 16, 3)
    assert "1 files are no pictures" in stored.notes[0]
    data = load_dataset(stored.name, home=tmp_path, standardise=False)
    first = np.asarray(Image.open(io.BytesIO(members["top/a/0.png"]))) / 255
    both = np.concatenate([data.x_train, data.x_test])
    assert abs(both - first).max((1, 2, 3)).min() < 1e-6
    scaled = store_upload("p.zip", archive(members), tmp_path, image_size=8)
    assert scaled.info.input_shape == (8, 8, 3)
    grey = archive({**pictures(mode="L"), "top/b/9.jpg": png((90, 70), "L", 1, "JPEG")})
    assert store_upload("g.zip", grey, tmp_path).info.input_shape == (64, 64, 1)


def test_the_same_file_is_kept_once_and_can_be_deleted(tmp_path):
    first, second = (store_upload("t.csv", csv(), tmp_path) for _ in range(2))
    other = store_upload("t.csv", csv(), tmp_path, label_column="colour")
    assert first == second != other
    assert {u.name for u in upload_infos(tmp_path)} == {first.name, other.name}
    delete_upload(first.name, tmp_path)
    assert [u.name for u in upload_infos(tmp_path)] == [other.name]
    with pytest.raises(DatasetError, match=r"no upload .* upload its file again"):
        load_dataset(first.name, home=tmp_path)


def test_the_home_folder_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("DLT_HOME", str(tmp_path))
    stored = store_upload("t.csv", csv())
    assert load_dataset(stored.name).num_classes == 2
    assert os.listdir(tmp_path) == ["uploads"]
    assert upload_infos()[0] == stored


@pytest.mark.parametrize(
    "name",
    ["upload:../../etc", "upload:", "upload:/etc/passwd", "upload:" + "g" * 16],
)
def test_no_name_leads_out_of_the_folder(name, tmp_path):
    with pytest.raises(DatasetError, match="16 hexadecimal"):
        load_dataset(name, home=tmp_path)
    with pytest.raises(DatasetError, match="16 hexadecimal"):
        dataset_info(name, tmp_path)
    with pytest.raises(DatasetError, match="16 hexadecimal"):
        delete_upload(name, tmp_path)


def test_damaged_stored_uploads_are_said_in_words(tmp_path):
    stored = store_upload("t.csv", csv(), tmp_path)
    folder = tmp_path / "uploads" / stored.name.removeprefix("upload:")
    (folder / "x.npy").write_bytes(b"\x93NUMPY junk")
    with pytest.raises(DatasetError, match="damaged"):
        load_dataset(stored.name, home=tmp_path)
    (folder / "x.npy").unlink()
    with pytest.raises(DatasetError, match="lost its arrays"):
        load_dataset(stored.name, home=tmp_path)
    (folder / "upload.json").write_text("[]")
    with pytest.raises(DatasetError, match="damaged"):
        load_dataset(stored.name, home=tmp_path)
    assert upload_infos(tmp_path) == ()


def table(rows, head="a,label"):
    return "\n".join([head, *rows]).encode()


BAD_TABLES = {
    "t.csv is empty": b"",
    "is empty": b" \n ",
    "has no rows": b"a,label\n",
    "no column|which column holds the labels": table(["1,2", "2,3"], "a,b"),
    "needs a label column and at least one other": table(["1", "2"], "label"),
    "single value, 'u'": table(["1,u", "2,u"]),
    "class 'v' only once": table(["1,u", "2,u", "3,v"]),
    r"column 'a' has 2 empty or NaN cells, the first in data row 2": table(
        ["1,u", ",u", "nan,v", "4,v"]
    ),
    "column 'label' has 1 empty": table(["1,u", "2,u", "3,", "4,v"]),
    "column 'a' holds 40 different texts": table([f"w{i},{i % 2}" for i in range(40)]),
    "column 'a' holds an infinite number": table(["1,u", "inf,u", "3,v", "4,v"]),
    "column 'a' holds numbers too large": table(["1,u", "1e300,u", "3,v", "4,v"]),
    "column 'a' holds a text of more than": table(
        ["x" * 300 + ",u", "b,u", "b,v", "b,v"]
    ),
    "column 'label' holds 1100 different texts": table(
        [f"1,c{i}" for i in range(1100)]
    ),
    "first line must name the columns": table(["1,2", "3,4"], "5.1,0"),
    "two columns called 'a'": table(["1,2,u"], "a,a,label"),
    "no readable CSV": table(["1,u", "2,u,9,9", "3,v"]),
    "holds binary data": b"a,label\n\x00\x01,u",
    "first line of more than": b"a" * (2**20 + 9),
    "columns; at most": ("x," * 2500 + "label\n1").encode(),
}


@pytest.mark.parametrize("words", BAD_TABLES)
def test_hostile_tables_are_refused(words, tmp_path):
    refused(words, "t.csv", BAD_TABLES[words], tmp_path)


def test_oversized_tables_are_refused_before_they_are_parsed(tmp_path, monkeypatch):
    monkeypatch.setattr(pd, "read_csv", None)
    refused("rows; at most", "t.csv", b"a,label\n" + b"1,2\n" * 1_000_002, tmp_path)
    wide = b",".join([b"x"] * 1999 + [b"label"]) + b"\n" * 30_000
    refused("cells; at most", "t.csv", wide, tmp_path)


def test_a_missing_label_column_gets_a_suggestion(tmp_path):
    words = "no column called 'colr'. Did you mean colour"
    refused(words, "t.csv", csv(), tmp_path, label_column="colr")
    words = "no regression can predict"
    refused(words, "t.csv", csv(), tmp_path, task="regression")


def parquet(frame):
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


def test_hostile_parquet_files_are_refused(tmp_path):
    good = parquet(pd.DataFrame({"a": range(40), "label": [0, 1] * 20}))
    refused("damaged Parquet", "t.parquet", good[:-100], tmp_path)
    refused("damaged Parquet", "t.parquet", b"PAR1" + b"\xff" * 50 + b"PAR1", tmp_path)
    huge = good[:-8] + b"\xff\xff\xff\x7fPAR1"
    refused("damaged Parquet", "t.parquet", huge, tmp_path)
    nested = pd.DataFrame({"a": [[1], [2]], "label": [0, 1]})
    refused("column 'a' holds list", "t.parquet", parquet(nested), tmp_path)
    missing = pd.DataFrame({"a": [1, None, 2, 3], "label": [0, 0, 1, 1]})
    refused("column 'a' has 1 empty", "t.parquet", parquet(missing), tmp_path)
    dates = pd.DataFrame({"a": pd.date_range("2020", periods=30), "y": [0, 1] * 15})
    refused("column 'a' holds 30 different", "t.parquet", parquet(dates), tmp_path)


@pytest.mark.parametrize("keep_type", [True, False])
def test_a_repeated_long_text_is_never_written_out(keep_type, tmp_path):
    """100,000 rows of the same megabyte are small in the file, not in memory."""
    column = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(100_000, np.int32)), ["x" * 2**20]
    )
    labels = pa.array(np.arange(100_000) % 2)
    file = io.BytesIO()
    pq.write_table(
        pa.table({"a": column, "y": labels}),
        file,
        store_schema=keep_type,
        dictionary_pagesize_limit=2**22,
    )
    assert len(file.getvalue()) < 2**22
    refused("text of more than 200", "t.parquet", file.getvalue(), tmp_path)


def header(shape, descr="'<f4'", claim=None, version=1, body=b""):
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    size = (len(text) if claim is None else claim).to_bytes(2 * version, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + body


LABELS = header("(4,)", "'<i4'", body=np.arange(4, dtype="<i4").tobytes())
BAD_ARRAYS = {
    "claims a header of 2147483647 bytes": header("(4,)", claim=2**31 - 1, version=2),
    r"claims \d+ bytes of data and has 8": header("(2000000000, 9)", body=b"\0" * 8),
    "damaged header": header("(4,) + (2,)"),
    "claims 32 bytes of data and has 31": header("(4, 2)", body=b"\0" * 31),
    "pickled Python objects": header("(4,)", "'|O'", body=b"\0" * 32),
    "which is not numbers": header("(4,)", "'<c8'", body=b"\0" * 32),
    "empty or illegal shape": header("(0, 3)"),
    "illegal shape": header("(-4, -2)", body=b"\0" * 32),
    "not a NumPy array": b"hello, this is text",
    "2 to 4 dimensions": header("(4,)", body=b"\0" * 16),
    "holds NaN": header("(4, 1)", body=np.full(4, np.nan, "<f4").tobytes()),
}


@pytest.mark.parametrize("words", BAD_ARRAYS)
def test_hostile_arrays_are_refused(words, tmp_path):
    content = archive({"x.npy": BAD_ARRAYS[words], "y.npy": LABELS})
    refused(words, "a.npz", content, tmp_path)


def test_arrays_that_do_not_fit_are_refused(tmp_path):
    x = np.ones((8, 3))
    refused("needs an array called x", "a.npz", npz(z=x, y=x), tmp_path)
    refused("needs an array called y", "a.npz", npz(x=x), tmp_path)
    refused("7 labels for 8 samples", "a.npz", npz(x=x, y=np.arange(7) % 2), tmp_path)
    refused("single value, '1'", "a.npz", npz(x=x, y=np.ones(8)), tmp_path)
    refused("one label a sample", "a.npz", npz(x=x, y=x), tmp_path)
    refused("1 to 4", "a.npz", npz(x=np.ones((4, 2, 2, 9)), y=[0, 0, 1, 1]), tmp_path)
    pickled = npz(x=x, y=np.array([{"a": 1}] * 8, dtype=object))
    refused("pickled Python objects", "a.npz", pickled, tmp_path)
    half = npz(x_train=x, y_train=np.arange(8) % 2, x_test=x)
    refused("no 'y_test'", "a.npz", half, tmp_path)
    new = npz(x_train=x, y_train=[0, 1] * 4, x_test=x, y_test=[2] * 8)
    refused("a class that training lacks", "a.npz", new, tmp_path)


@pytest.mark.parametrize(
    "path",
    ["../a.png", "a/../../b.png", "/etc/a.png", "C:/a.png", "a\\..\\b.png"],
)
def test_paths_that_lead_out_are_refused(path, tmp_path):
    content = archive({**pictures(), path: png()})
    refused("unsafe path", "p.zip", content, tmp_path)
    refused("unsafe path", "p.npz", content, tmp_path)


def test_links_and_locked_members_are_refused(tmp_path):
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = 0o120777 << 16
    refused("link or device", "p.zip", archive({link: b"/etc/passwd"}), tmp_path)
    content = bytearray(archive({"a/1.png": png()}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + offset] |= 1
    refused("encrypted", "p.zip", bytes(content), tmp_path)


def test_zip_bombs_are_refused(tmp_path, monkeypatch):
    bomb = archive({"a/1.bmp": bytes(20 * 2**20)})
    refused("times its size", "p.zip", bomb, tmp_path)
    many = archive({f"a/{i}.png": b"" for i in range(limits.MAX_FILES + 1)})
    refused("holds 20001 files", "p.zip", many, tmp_path)
    monkeypatch.setattr("dl_techniques.datasets.readers.archive.MAX_UNPACKED", 2**20)
    noise = np.random.default_rng(0).bytes(2**19)
    large = archive({f"a/{i}.png": noise for i in range(3)})
    refused("unpacks to 2 MB; at most", "p.zip", large, tmp_path)


def test_a_member_that_lies_about_its_size_is_refused(tmp_path):
    content = bytearray(
        archive({"x.npy": header("(4, 2)", body=bytes(32)), "y.npy": LABELS})
    )
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.find(mark) + offset
        content[start : start + 4] = (10**6).to_bytes(4, "little")
    refused("cut short|damaged", "a.npz", bytes(content), tmp_path)


@pytest.mark.parametrize("cut", [30, 200, 1500])
def test_truncated_archives_are_refused(cut, tmp_path):
    noise = np.random.default_rng(0).normal(size=(9, 99))
    refused("damaged|truncated", "p.zip", archive(pictures())[:-cut], tmp_path)
    refused("damaged|truncated", "p.npz", npz(x=noise, y=[1])[:-cut], tmp_path)


def test_mangled_files_are_refused_or_read_but_never_crash(tmp_path):
    rng = np.random.default_rng(7)
    files = {
        "a.npz": npz(x=rng.normal(size=(12, 4)), y=np.arange(12) % 3),
        "a.zip": archive(pictures()),
        "a.csv": csv(),
        "a.parquet": parquet(pd.read_csv(io.BytesIO(csv()))),
    }
    refusals = 0
    for name, content in files.items():
        for _ in range(150):
            mangled = bytearray(content)
            for place in rng.integers(0, len(content) - 40, 3):
                mangled[place] = rng.integers(256)
            place = len(content) - rng.integers(1, 400)
            del mangled[place : place + rng.integers(0, 4)]
            try:
                store_upload(name, bytes(mangled), tmp_path)
            except DatasetError:
                refusals += 1
    assert refusals > 300


def test_bad_pictures_are_refused(tmp_path):
    small, large = pictures(), png((4000, 7000), "L", 0)
    refused(
        "4000 x 7000 pixels; at most",
        "p.zip",
        archive({**small, "a/x.png": large}),
        tmp_path,
    )
    giant = bytearray(png())
    giant[16:24] = (60_000).to_bytes(4, "big") * 2
    refused(
        "too many pixels|no readable|pixels; at most",
        "p.zip",
        archive({**small, "a/x.png": bytes(giant)}),
        tmp_path,
    )
    refused(
        "'a/x.png' is no readable picture",
        "p.zip",
        archive({**small, "a/x.png": b"text"}),
        tmp_path,
    )
    refused(
        "'a/x.png' is no readable picture",
        "p.zip",
        archive({**small, "a/x.png": png((64, 64))[:-3000]}),
        tmp_path,
    )
    refused(
        "lies in no class folder", "p.zip", archive({**small, "x.png": png()}), tmp_path
    )
    refused("holds no pictures", "p.zip", archive({"a/b.txt": b"x"}), tmp_path)
    one = {k: v for k, v in small.items() if "/a/" in k}
    refused("the folders has a single value, 'a'", "p.zip", archive(one), tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.exe", b"MZ", "must end in .csv"),
        ("t", b"a,b", "must end in"),
        ("t.csv", archive({"a": b"b"}), "is called .csv but holds zip"),
        ("t.zip", csv(), "is called .zip but holds text"),
        ("t.npz", b"PAR1 PAR1", "holds parquet"),
        ("t.npz", header("(4,)"), "a single NumPy array"),
        ("t.parquet", csv(), "is called .parquet but holds text"),
        ("t.zip", b"", "is empty"),
        ("t.zip", b"PK\x05\x06", "damaged or truncated"),
    ],
)
def test_content_must_agree_with_the_ending(name, content, words, tmp_path):
    refused(words, name, content, tmp_path)


def test_size_and_settings_are_checked_first(tmp_path, monkeypatch):
    monkeypatch.setattr("dl_techniques.datasets.uploads.MAX_BYTES", 2**20)
    large = tmp_path / "large.csv"
    large.write_bytes(b"a" * (2**20 + 1))
    refused("at most 1 MB", "large.csv", large, tmp_path)
    refused("at most 1 MB", "t.csv", large.read_bytes(), tmp_path)
    refused("cannot be read", "t.csv", tmp_path / "none.csv", tmp_path)
    refused("`task` must be", "t.csv", csv(), tmp_path, task="guess")
    refused("`image_size` must be 8", "t.zip", b"PK", tmp_path, image_size=4)


def test_the_name_is_a_digest_of_the_content(tmp_path):
    stored = store_upload("t.csv", csv(), tmp_path)
    settings = b'["csv", null, "auto", null]'
    digest = hashlib.sha256(settings + b"\0" + csv()).hexdigest()
    assert stored.name == f"upload:{digest[:16]}"
