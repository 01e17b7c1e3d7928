"""Uploads: an archive is unpacked whole or not at all, and nothing leaves its folder."""

import io
import stat
import zipfile

import pytest

from cgid.data import archive
from cgid.data.archive import import_manifest, import_zip
from cgid.data.manifest import read_manifest
from cgid.data.params import ImportZipParams
from cgid.errors import InputError

GOOD = {"set/fake/a.png": b"aaaa", "set/real/b.jpg": b"bbbb"}


def pack(path, files, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    return path


def take_in(tmp_path, files=None, path=None):
    path = path or pack(tmp_path / "upload.zip", files)
    return import_zip(ImportZipParams(path, tmp_path / "up" / "x", tmp_path / "m" / "manifest.csv"))


def refused(tmp_path, words, files=None, path=None):
    with pytest.raises(InputError, match=words) as caught:
        take_in(tmp_path, files, path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "up" / "x").exists() and not list(
        (tmp_path / "up").glob(".*") if (tmp_path / "up").exists() else []
    )


def test_images_are_unpacked_and_listed_and_the_rest_is_counted(tmp_path):
    more = {"set/readme.txt": b"1", "set/real/inner.zip": b"2", "__MACOSX/set/real/._b.jpg": b"3"}
    result = take_in(tmp_path, GOOD | more)
    frame = read_manifest(tmp_path / "m" / "manifest.csv")
    assert frame["label"].tolist() == ["ai", "real"] and set(frame["source"]) == {"upload"}
    assert (tmp_path / "up" / "x" / "set" / "real" / "b.jpg").read_bytes() == b"bbbb"
    assert not list(tmp_path.rglob("inner.zip")) and result["ignored"] == {
        "files in the archive that are not images": 3
    }


def test_the_same_archive_again_goes_on_and_another_one_is_refused(tmp_path):
    first = take_in(tmp_path, GOOD)
    (tmp_path / "m" / "manifest.csv").unlink()
    assert take_in(tmp_path, path=tmp_path / "upload.zip") == first
    with pytest.raises(InputError, match="already has other contents"):
        take_in(tmp_path, path=pack(tmp_path / "other.zip", {"fake/z.png": b"z", "real/y.png": b"y"}))


@pytest.mark.parametrize("name", ["../evil.jpg", "a/../../evil.jpg", "/etc/evil.jpg", "C:\\evil.jpg", "..\\evil.jpg"])
def test_names_that_lead_out_are_refused(tmp_path, name):
    refused(tmp_path, "is outside the folder", GOOD | {name: b"x"})
    assert not list(tmp_path.rglob("evil.jpg"))


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("set/real/link.jpg")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    path = pack(tmp_path / "upload.zip", GOOD)
    with zipfile.ZipFile(path, "a") as bundle:
        bundle.writestr(link, "/etc/passwd")
    refused(tmp_path, "link or special file", path=path)


def test_encrypted_archives_are_told(tmp_path):
    data = bytearray(pack(tmp_path / "plain.zip", GOOD).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            data[at + offset] |= 1
    (tmp_path / "upload.zip").write_bytes(data)
    refused(tmp_path, "is encrypted", path=tmp_path / "upload.zip")


def test_bombs_are_refused_before_anything_is_written(tmp_path, monkeypatch):
    for name, value, words in (
        ("MAX_TOTAL_BYTES", 5, "unpacks to"),
        ("MAX_BYTES", 3, "at most 3 are unpacked"),
        ("MAX_FILES", 1, "holds 2 files"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(archive, name, value)
            refused(tmp_path, words, GOOD)
    monkeypatch.setattr(archive, "_MIN_RATIO_BYTES", 1000)
    path = pack(tmp_path / "b.zip", GOOD | {"set/real/c.bmp": bytes(5_000_000)}, zipfile.ZIP_DEFLATED)
    refused(tmp_path, "times its size", path=path)


def test_damaged_archives_leave_nothing_behind(tmp_path):
    data = bytearray(pack(tmp_path / "a.zip", GOOD).read_bytes())
    data[data.index(b"bbbb")] ^= 0xFF
    for name, content in (
        ("crc.zip", data),
        ("text.zip", b"no zip"),
        ("half.zip", data[: len(data) // 2]),
        ("e.zip", b""),
    ):
        (tmp_path / name).write_bytes(content)
        refused(tmp_path, f"{name}: is not a readable zip", path=tmp_path / name)


def test_clashing_names_missing_images_and_missing_layout_are_told(tmp_path):
    refused(tmp_path, "twice", GOOD | {"set/FAKE/A.png": b"x"})
    refused(tmp_path, "holds no images", {"a.txt": b"x"})
    refused(tmp_path, "upload.zip: no known layout", {"cats/a.png": b"x"})
    refused(tmp_path, "cannot be unpacked|is not a readable zip", GOOD | {"set/real/b.jpg/c.jpg": b"x"})
    with pytest.raises(InputError, match="no such archive"):
        take_in(tmp_path, path=tmp_path / "none.zip")


def test_random_bytes_in_the_directory_never_crash(tmp_path):
    import random

    clean = pack(tmp_path / "a.zip", GOOD).read_bytes()
    chance = random.Random(1)
    for _ in range(150):
        data = bytearray(clean)
        for _ in range(3):
            data[chance.randrange(len(data))] = chance.randrange(256)
        (tmp_path / "upload.zip").write_bytes(data)
        try:
            take_in(tmp_path, path=tmp_path / "upload.zip")
        except InputError:
            continue
        finally:
            archive.shutil.rmtree(tmp_path / "up", ignore_errors=True)


def test_an_uploaded_manifest_is_checked_and_written(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"x")
    text = f"filepath,label\n{tmp_path / 'a.jpg'},real\n/none/b.jpg,ai\n".encode()
    path = import_manifest(text, "mine.csv", tmp_path / "D")
    assert path == tmp_path / "D" / "manifest.csv" and len(read_manifest(path)) == 2
    relative = import_manifest(b"filepath,label\na.jpg,real\n", "r.csv", tmp_path / "E", base=tmp_path)
    assert read_manifest(relative)["path"].tolist() == [str(tmp_path / "a.jpg")]
    for data, words in (
        (b"filepath,label\nx.jpg,fake\n", "bad.csv line 2: label"),
        (b"filepath,label\nx.jpg,ai\n", "none of its 1"),
    ):
        with pytest.raises(InputError, match=words):
            import_manifest(io.BytesIO(data).read(), "bad.csv", tmp_path / "F")
    assert not (tmp_path / "F").exists()
