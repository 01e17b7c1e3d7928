"""Cleaning: what stays is usable, what goes is listed with its reason, what looks alike is grouped."""

import os
import shutil
import struct
import zlib
from pathlib import Path

import imagehash
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cgid.data import clean as cleaning
from cgid.data.clean import clean
from cgid.data.manifest import read_manifest, write_manifest
from cgid.data.near_duplicates import assign_groups
from cgid.data.params import CleanParams
from cgid.data.probe import inspect_file, inspect_files
from cgid.errors import InputError
from cgid.files import sha256_of

SHARED = Path(os.environ.get("CGID_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


def picture(seed, size=(96, 80)):
    """Smooth random picture: as different from another seed's as photographs are."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def png_header(width, height):
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory):
    """A folder with every kind of trouble, cleaned once."""
    root = tmp_path_factory.mktemp("mixed")
    rows = []

    def add(name, label, **more):
        rows.append({"path": str(root / name), "label": label, "source": "s", **more})

    for i in range(4):
        picture(i).save(root / f"good{i}.png")
        add(f"good{i}.png", "real" if i % 2 else "ai", note=f"n{i}")
    picture(0).resize((120, 100)).save(root / "alike.jpg", quality=80)
    add("alike.jpg", "real")
    shutil.copy(root / "good1.png", root / "copy.png")
    add("copy.png", "real")
    picture(9).save(root / "both.png")
    shutil.copy(root / "both.png", root / "both2.png")
    add("both.png", "real")
    add("both2.png", "ai")
    (root / "text.jpg").write_text("this is no picture")
    (root / "empty.jpg").write_bytes(b"")
    (root / "huge.png").write_bytes(png_header(50_000, 50_000))
    picture(5).save(root / "cut.jpg")
    (root / "cut.jpg").write_bytes((root / "cut.jpg").read_bytes()[:400])
    for name in ("text.jpg", "empty.jpg", "huge.png", "cut.jpg", "gone.jpg"):
        add(name, "ai")
    manifest, output = root / "manifest.csv", root / "manifest.cleaned.csv"
    write_manifest(pd.DataFrame(rows).fillna(""), manifest)
    seen = []
    result = clean(CleanParams(manifest, output, workers=1), lambda done, total, note="": seen.append((done, total)))
    dropped = pd.read_csv(root / "dropped.csv", keep_default_na=False).set_index("filepath")
    return result, read_manifest(output).set_index("filepath"), dropped, seen, root


def test_everything_usable_stays_in_order_with_its_columns(cleaned):
    result, kept, _, seen, _ = cleaned
    assert kept.index.tolist() == ["good0.png", "good1.png", "good2.png", "good3.png", "alike.jpg"]
    assert kept["note"].tolist() == ["n0", "n1", "n2", "n3", ""]
    assert result["kept"] == 5 and result["rows"] == 13 and seen[-1] == (13, 13)


def test_every_other_image_is_listed_with_its_reason(cleaned):
    result, _, dropped, _, _ = cleaned
    assert dropped["reason"].to_dict() == {
        "copy.png": "exact_duplicate",
        "both.png": "conflicting_label",
        "both2.png": "conflicting_label",
        "text.jpg": "unreadable",
        "empty.jpg": "unreadable",
        "huge.png": "unreadable",
        "cut.jpg": "unreadable",
        "gone.jpg": "missing",
    }
    assert "good1.png" in dropped.loc["copy.png", "detail"]
    assert "50000 x 50000" in dropped.loc["huge.png", "detail"]
    assert "0 bytes" in dropped.loc["empty.jpg", "detail"]
    assert "not an image" in dropped.loc["text.jpg", "detail"]
    assert "both.png (real), both2.png (ai)" in dropped.loc["both.png", "detail"]
    assert result["dropped"] == {"unreadable": 4, "conflicting_label": 2, "exact_duplicate": 1, "missing": 1}
    assert "Selected 5 of 13" in result["summary"]


def test_what_is_recorded_is_what_the_file_is(cleaned):
    _, kept, _, _, root = cleaned
    row = kept.loc["alike.jpg"]
    assert (row["width"], row["height"], row["format"]) == (120, 100, "JPEG")
    assert row["bytes"] == (root / "alike.jpg").stat().st_size and row["sha256"] == sha256_of(root / "alike.jpg")
    assert row["phash"] == str(imagehash.phash(Image.open(root / "alike.jpg")))


def test_pictures_that_look_alike_share_a_group_and_others_do_not(cleaned):
    _, kept, _, _, _ = cleaned
    assert kept.loc["good0.png", "group"] == kept.loc["alike.jpg", "group"]
    assert kept["group"].nunique() == 4
    assert (kept["near_duplicate_group"] != "").sum() == 2


def test_cleaning_the_cleaned_manifest_changes_nothing(cleaned):
    _, kept, _, _, root = cleaned
    again = root / "again" / "manifest.csv"
    clean(CleanParams(root / "manifest.cleaned.csv", again, workers=1))
    assert read_manifest(again)["group"].tolist() == kept["group"].tolist()


def test_a_killed_run_reads_on_where_it_was_and_a_lost_process_costs_one_file(tmp_path, monkeypatch):
    for i in range(6):
        picture(i).save(tmp_path / f"{i}.png")
    rows = [{"path": str(tmp_path / f"{i}.png"), "label": "real" if i % 2 else "ai"} for i in range(6)]
    write_manifest(pd.DataFrame(rows), tmp_path / "m.csv")
    wanted = CleanParams(tmp_path / "m.csv", tmp_path / "out.csv")
    read = []

    def here(function, chunks, **_):
        for index, chunk in enumerate(chunks):
            if len(read) == 2 and len(chunk) == 2:
                raise KeyboardInterrupt
            read.extend(chunk)
            yield index, RuntimeError("process died") if str(tmp_path / "4.png") in chunk else function(chunk)

    monkeypatch.setattr(cleaning, "map_chunks", here)
    monkeypatch.setattr(cleaning, "_CHUNK", 2)
    with pytest.raises(KeyboardInterrupt):
        clean(wanted)
    (tmp_path / ".out.csv.probes").open("a").write('\n["torn')
    monkeypatch.setattr(cleaning, "_CHUNK", 3)
    result = clean(wanted)
    assert sorted({path[-5:] for path in read[:2]}) == ["0.png", "1.png"]
    assert not {"0.png", "1.png"} & {path[-5:] for path in read[2:]}
    assert result["kept"] == 5 and "process died" in (tmp_path / "dropped.csv").read_text()
    assert not (tmp_path / ".out.csv.probes").exists()


def test_nothing_usable_is_an_error_and_the_reasons_are_there(tmp_path):
    write_manifest(pd.DataFrame({"path": [str(tmp_path / "a.jpg")], "label": ["ai"]}), tmp_path / "m.csv")
    with pytest.raises(InputError, match=r"none of its 1 images is usable; see .*dropped\.csv"):
        clean(CleanParams(tmp_path / "m.csv", tmp_path / "out.csv", workers=1))
    assert "missing" in (tmp_path / "dropped.csv").read_text()


def frame(*rows):
    return pd.DataFrame(rows, columns=["sha256", "phash", "group"])


def test_the_manifests_own_groups_are_united_with_what_looks_alike():
    table = frame(
        ("a1", "00000000000000ff", "photo1"),
        ("b2", "00000000000000fe", "photo2"),
        ("c3", "ffffffff00000000", "photo2"),
        ("d4", "0f0f0f0f0f0f0f0f", ""),
        ("", "", ""),
    )
    groups, alike = assign_groups(table)
    assert groups == ["photo1", "photo1", "photo1", "nd-d4", ""]
    assert alike == ["nd-a1", "nd-a1", "", "", ""]


def test_flat_pictures_are_not_chained_into_one_group(tmp_path):
    table = frame(*((f"{i:04x}", "", "") for i in range(50)))
    assert len(set(assign_groups(table)[0])) == 50
    for i, colour in enumerate(("white", "black", "#808080")):
        Image.new("RGB", (64, 64), colour).save(tmp_path / f"{i}.png")
    assert [p.phash for p in inspect_files([str(tmp_path / f"{i}.png") for i in range(3)])] == ["", "", ""]


def test_names_of_groups_do_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(1)
    table = frame(*((f"{i:04x}", f"{i // 3 * 0x1111111111111:016x}", "") for i in range(60)))
    shuffled = table.iloc[rng.permutation(60)].reset_index(drop=True)
    one = dict(zip(table["sha256"], assign_groups(table)[0]))
    assert dict(zip(shuffled["sha256"], assign_groups(shuffled)[0])) == one


def test_exotic_but_valid_images_pass(tmp_path):
    base = picture(3)
    turned = base.getexif()
    turned[0x0112] = 6
    base.save(tmp_path / "plain.jpg", quality=95)
    base.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.jpg", exif=turned, quality=95)
    base.convert("CMYK").save(tmp_path / "cmyk.jpg")
    base.convert("P").save(tmp_path / "palette.gif", save_all=True, append_images=[base.convert("P")])
    base.convert("RGBA").save(tmp_path / "alpha.webp")
    Image.fromarray(np.asarray(base.convert("L"), np.uint16) * 257).save(tmp_path / "deep.png")
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.bmp")
    names = ("plain.jpg", "turned.jpg", "cmyk.jpg", "palette.gif", "alpha.webp", "deep.png", "dot.bmp")
    probes = {name: inspect_file(str(tmp_path / name)) for name in names}
    assert {p.problem for p in probes.values()} == {""}
    hashes = [int(probes[n].phash, 16) for n in ("plain.jpg", "turned.jpg", "deep.png")]
    assert max((hashes[0] ^ h).bit_count() for h in hashes) <= 5


@pytest.mark.skipif(os.name == "nt", reason="no pipes there")
def test_a_pipe_and_a_folder_do_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", tmp_path):
        assert inspect_file(str(path)).problem == f"{path} cannot be read: it is not a regular file."


@pytest.mark.real
def test_every_hostile_file_ends_in_a_value_or_a_reason():
    files = sorted(str(p) for p in (SHARED / "malformed").rglob("*") if p.is_file())
    if not files:
        pytest.skip("the real images are not here")
    for result in inspect_files(files):
        assert bool(result.reason) != bool(result.sha256)
        assert not result.reason or result.problem
