"""Manifests are written by people and programs: each mistake gets one line that names the place and the remedy."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.data.manifest import LABELS, missing_files, parse_manifest, read_manifest, write_manifest
from cgid.errors import InputError

HEADER = "filepath,label,source,generator,split\n"


def read(tmp_path, content):
    path = tmp_path / "M.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_manifest(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEADER + "a.jpg,real,,,\nb.jpg,fake1,,,\n", "M.csv line 3: label `fake1` is not one of real, ai"),
        (HEADER + "a.jpg,Real,,,\n", "label `Real`"),
        (HEADER + "a.jpg,real,,,dev\n", "M.csv line 2: split `dev`"),
        ("filepath,source\na.jpg,x\n", "M.csv line 1: column `label` is missing"),
        ("label,source\nreal,x\n", "column `filepath` is missing"),
        (HEADER + "a.jpg,real,,,\n,ai,,,\n", "M.csv line 3: `filepath` is empty"),
        (HEADER + "a.jpg,real,,,\n./a.jpg,real,,,\n", "M.csv line 3: `./a.jpg` is listed already on line 2;"),
        (HEADER + "a.jpg,real,,,\na.jpg,ai,,,\n", "line 2 with the label `real`"),
        (HEADER + "a.jpg,real\n", "M.csv line 2: has 2 cells where the header has 5"),
        (HEADER.replace(",", ";") + "a.jpg;real;;;\n", "separated by semicolons"),
        (HEADER.replace(",", "\t") + "a.jpg\treal\t\t\t\n", "separated by tabs"),
        (HEADER.encode() + b"a\xff\xfe.jpg,real,,,\n", "M.csv line 2: is not UTF-8 text"),
        (HEADER.encode() + b"x.jpg,real,,,\na\0.jpg,real,,,\n", "M.csv line 3: holds a NUL byte"),
        (HEADER.encode("utf-16"), "UTF-16"),
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        (HEADER, "lists no images"),
        ("filepath,label,label\na,real,ai\n", "column `label` occurs twice"),
        (HEADER + '"a.jpg,real,,,\n', "not readable as CSV"),
    ],
)
def test_each_mistake_is_one_clear_line(tmp_path, content, words):
    with pytest.raises(InputError) as caught:
        read(tmp_path, content)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_problems_are_told_at_once_and_many_are_counted(tmp_path):
    rows = "".join(f"{i}.jpg,bad,,,\n" for i in range(30))
    with pytest.raises(InputError) as caught:
        read(tmp_path, HEADER + rows)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21 and lines[0].startswith("M.csv line 2:") and lines[-1] == "M.csv: and 10 more."


def test_line_numbers_count_lines_of_the_file_not_rows(tmp_path):
    with pytest.raises(InputError, match=r"M\.csv line 5: label"):
        read(tmp_path, HEADER + '"two\nlines.jpg",real,,,\n\nc.jpg,wrong,,,\n')


def test_no_such_manifest_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(InputError, match="there is no such manifest"):
        read_manifest(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder"):
        read_manifest(tmp_path)


def test_minimal_manifest_with_byte_order_mark_and_numeric_labels_is_read(tmp_path):
    frame = read(tmp_path, "\ufefffilepath,label\r\na.jpg,0\r\nsub/b.jpg,1\r\n")
    assert frame["label"].tolist() == ["real", "ai"] and LABELS == {"real": 0, "ai": 1}
    assert frame["path"].tolist() == [str(tmp_path / "a.jpg"), str(tmp_path / "sub" / "b.jpg")]
    assert frame["split"].tolist() == ["", ""]


def test_windows_paths_find_the_images_beside_the_manifest(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "y.jpg").write_bytes(b"1")
    frame = read(tmp_path, HEADER + "D:\\sets\\x\\y.jpg,real,,,\nx\\z.jpg,ai,,,\n\\\\nas\\share\\x\\w.jpg,ai,,,\n")
    assert frame["path"][0] == str(tmp_path / "x" / "y.jpg")
    assert frame["path"][1] == str(tmp_path / "x" / "z.jpg")
    assert missing_files(frame) == frame["path"].tolist()[1:]


def test_a_climbing_windows_tail_stays_below_the_manifest(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"1")
    frame = read(inner, HEADER + "C:\\a\\..\\..\\secret.jpg,real,,,\n")
    assert frame["path"][0] == str(inner / "secret.jpg")


def test_what_is_written_is_relative_nearby_and_reads_back(tmp_path):
    frame = pd.DataFrame(
        {"path": [str(tmp_path / "data" / "demo" / "a b,c.jpg"), "/elsewhere/far/d.png"], "label": ["ai", "real"]}
    ).assign(extra=["1", "2"])
    out = tmp_path / "data" / "manifests" / "D" / "manifest.csv"
    write_manifest(frame, out)
    assert out.read_text().startswith("filepath,label,source,generator,split,extra\n")
    assert '"../../demo/a b,c.jpg",ai' in out.read_text() and "/elsewhere/far/d.png,real" in out.read_text()
    back = read_manifest(out)
    assert back["path"].tolist() == frame["path"].tolist() and back["extra"].tolist() == ["1", "2"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: (HEADER + t).encode()))
def test_any_bytes_give_rows_or_a_clear_error(tmp_path_factory, data):
    try:
        frame = parse_manifest(data, "M.csv", tmp_path_factory.getbasetemp())
    except InputError as error:
        assert all(line.startswith("M.csv") for line in str(error).splitlines()[:1])
    else:
        assert set(frame["label"]) <= set(LABELS)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_characters="\0\\/~:", exclude_categories=["Cs"]), min_size=1), unique=True)
)
def test_any_file_name_survives_a_round_trip(tmp_path_factory, names):
    folder = tmp_path_factory.getbasetemp() / "names"
    paths = [str(folder / n) for n in names if n.strip() and n not in (".", "..")]
    if not paths:
        return
    write_manifest(pd.DataFrame({"path": paths, "label": "ai"}), folder / "m.csv")
    assert read_manifest(folder / "m.csv")["path"].tolist() == paths
