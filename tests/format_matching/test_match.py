"""Format matching: both classes become equal in everything but pixel content, without access to the label."""

import io
import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cgid.data.manifest import read_manifest, write_manifest
from cgid.errors import InputError
from cgid.fileformat import jpeg, quantisation_tables
from cgid.files import sha256_of
from cgid.format_matching import match
from cgid.format_matching.image import ImageMatcher, MatchedImage
from cgid.format_matching.match import match_formats
from cgid.format_matching.params import MatchFormatsParams
from cgid.imaging.image_file import ImageFile
from cgid.jobs.kind import kind_named
from format_matching_cases import leaky, picture


def contents(folder):
    """{path below the folder: bytes} of the matched images."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted((folder / "images").rglob("*.*"))}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A set matched by method (d), once."""
    root = tmp_path_factory.mktemp("match")
    manifest = leaky(root / "set")
    result = match_formats(MatchFormatsParams(manifest, root / "out", "matched", workers=2))
    return manifest, root / "out", result


def test_pixels_are_those_that_pillow_writes_at_the_sampled_quality_and_position(done):
    _, out, _ = done
    table = pd.read_csv(out / "treatment_images.csv")
    assert len(table) == 16 and (table["left"] % 8).nunique() > 3
    for row in table.itertuples():
        image = Image.open(out / row.original).convert("RGB")
        if row.original.endswith(".png"):  # it gets the JPEG life that a photograph had
            first = next(s for q, s in [(row.first_quality, "4:2:2")])
            buffer = io.BytesIO()
            image.save(buffer, "JPEG", quality=int(row.first_quality), subsampling=first)
            whole = np.asarray(Image.open(buffer).convert("RGB"))
        else:
            assert pd.isna(row.first_quality)
            whole = np.asarray(image)
        buffer, between = io.BytesIO(), io.BytesIO()
        cut = np.ascontiguousarray(whole[row.top : row.top + 56, row.left : row.left + 56])
        Image.fromarray(cut).save(between, "JPEG", quality=row.second_quality, subsampling="4:2:2")
        Image.open(between).save(buffer, "JPEG", quality=row.quality, subsampling="4:2:0")
        matched = np.asarray(Image.open(out / row.filepath))
        assert np.array_equal(matched, np.asarray(Image.open(buffer)))
        tables = jpeg.read_jpeg((out / row.filepath).read_bytes())
        assert quantisation_tables.nearest_quality(tables.luma_table) == (row.quality, 0.0)


def test_every_file_is_of_the_same_make_size_name_and_time(done):
    _, out, _ = done
    files = [out / p for p in read_manifest(out / "manifest.csv")["filepath"]]
    assert len({f.stat().st_size for f in files}) == 1 and len({f.stat().st_mtime_ns for f in files}) == 1
    assert {f.suffix for f in files} == {".jpg"} and not any("photo" in f.name or "render" in f.name for f in files)
    shapes = set()
    for file in files:
        data = file.read_bytes()
        image, found = Image.open(file), jpeg.read_jpeg(data)
        assert not image.getexif() and set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert found.has_end and found.end == len(data) and not found.problem
        markers = tuple((s.marker, len(s.payload)) for s in found.segments)
        shapes.add((markers, found.subsampling, found.restart_interval, tuple(found.huffman), image.size))
    assert len(shapes) == 1


def test_container_and_provenance_columns_are_equal_but_for_the_sampled_quality(done):
    from cgid.features.groups import container, metadata

    _, out, _ = done
    rows = [ImageFile.open(out / p) for p in read_manifest(out / "manifest.csv")["filepath"]]
    for group in (container, metadata):
        values = pd.DataFrame([group.compute(image) for image in rows])
        assert (values.nunique(dropna=False) == 1).all(), values.nunique(dropna=False)


def test_rows_keep_what_they_are_and_describe_the_new_file(done):
    manifest, out, result = done
    before, after = read_manifest(manifest), read_manifest(out / "manifest.csv")
    for column in ("label", "source", "generator", "split", "group", "note"):
        assert before[column].tolist() == after[column].tolist()
    assert all(not f.startswith("/") for f in after["filepath"])
    assert after["sha256"].tolist() == [sha256_of(p) for p in after["path"]]
    assert set(after["width"]) == set(after["height"]) == {result["side"]} == {56}
    assert after["bytes"].tolist() == [os.path.getsize(p) for p in after["path"]]
    for split in ("train", "val", "test"):
        own = read_manifest(out / f"{split}.csv")
        assert own["note"].tolist() == before[before["split"] == split]["note"].tolist()


def test_swapping_the_labels_changes_no_byte_where_the_qualities_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(match, "real_qualities", lambda real: ((80, "4:2:0"), (85, "4:2:2"), (90, "4:4:4")))
    for name, swap in (("a", False), ("b", True)):
        match_formats(
            MatchFormatsParams(leaky(tmp_path / name, 6, swap), tmp_path / f"out_{name}", "matched", workers=1)
        )
    assert contents(tmp_path / "out_a") == contents(tmp_path / "out_b")
    times = [{p.stat().st_mtime for p in (tmp_path / f"out_{n}").rglob("*.jpg")} for n in "ab"]
    assert times[0] == times[1] and len(times[0]) == 1


def test_swapped_labels_draw_from_the_other_sides_qualities(tmp_path):
    match_formats(MatchFormatsParams(leaky(tmp_path / "a", 6, swap=True), tmp_path / "out", "matched", workers=1))
    found = json.loads((tmp_path / "out" / "treatment.json").read_text())
    assert found["fallback"] and found["real_files"] == {"with_quality": 0, "without_quality": 6}
    assert "No real file has a known JPEG quality" in found["sentences"][1]
    assert set(found["real_qualities"]) == {str(q) for q in range(75, 96)}


def test_seed_decides_and_the_number_of_workers_does_not(tmp_path):
    manifest = leaky(tmp_path / "set", 6)
    for name, seed, workers in (("one", 1, 1), ("two", 1, 2), ("other", 2, 1)):
        match_formats(MatchFormatsParams(manifest, tmp_path / name, "matched", seed=seed, workers=workers))
    one, two, other = (contents(tmp_path / n) for n in ("one", "two", "other"))
    assert one == two and one.keys() == other.keys() and one != other


def test_only_the_ai_side_or_both_as_jpeg(tmp_path):
    manifest = leaky(tmp_path / "set", 4)
    before = read_manifest(manifest)
    originals = {p: (sha256_of(p), os.stat(p).st_mtime_ns) for p in before["path"]}
    for name, method in (("b", "ai-jpeg"), ("c", "both-jpeg")):
        match_formats(MatchFormatsParams(manifest, tmp_path / name, method, workers=1))
        after = read_manifest(tmp_path / name / "manifest.csv")
        for old, new, label in zip(before["path"], after["path"], before["label"]):
            image = Image.open(new)
            if name == "b" and label == "real":
                assert sha256_of(old) == sha256_of(new)
                continue
            buffer = io.BytesIO()
            Image.open(old).convert("RGB").save(buffer, "JPEG", quality=96, subsampling="4:2:0")
            assert np.array_equal(np.asarray(image), np.asarray(Image.open(buffer))) and not image.getexif()
    assert originals == {p: (sha256_of(p), os.stat(p).st_mtime_ns) for p in originals}


def test_killed_and_run_again_it_writes_nothing_twice(tmp_path, monkeypatch):
    manifest = leaky(tmp_path / "set", 20)
    whole = match_formats(MatchFormatsParams(manifest, tmp_path / "whole", "matched", workers=1))

    def stop(done, total, note=""):
        if note == "images matched":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        match_formats(MatchFormatsParams(manifest, tmp_path / "out", "matched", workers=1), stop)
    assert not (tmp_path / "out" / "treatment.json").exists()
    written = {p: p.stat().st_ino for p in (tmp_path / "out" / "images").rglob("*.jpg")}
    logged = (tmp_path / "out" / ".treated.jsonl").read_text().count("\n")
    assert 0 < logged < 40
    with open(tmp_path / "out" / ".treated.jsonl", "a") as file:
        file.write('\n["images/torn')
    asked = []
    real = ImageMatcher.__call__

    def counting(self, tasks):
        asked.extend(tasks)
        return real(self, tasks)

    monkeypatch.setattr(match, "map_chunks", lambda f, chunks, workers: enumerate(map(f, chunks)))
    monkeypatch.setattr(ImageMatcher, "__call__", counting)
    again = match_formats(MatchFormatsParams(manifest, tmp_path / "out", "matched", workers=1))
    assert len(asked) == 40 - logged and written
    assert contents(tmp_path / "out") == contents(tmp_path / "whole") and again["padded_to"] == whole["padded_to"]
    asked.clear()
    match_formats(MatchFormatsParams(manifest, tmp_path / "out", "matched", workers=1))
    assert not asked


def test_another_method_in_the_same_folder_replaces_the_first(tmp_path):
    manifest, out = leaky(tmp_path / "set", 4), tmp_path / "out"
    match_formats(MatchFormatsParams(manifest, out, "ai-jpeg", workers=1))
    (out / "images" / "mine.txt").write_text("not yours")
    match_formats(MatchFormatsParams(manifest, out, "matched", workers=1))
    listed = {str(out / f) for f in read_manifest(out / "manifest.csv")["filepath"]}
    assert {str(p) for p in (out / "images").rglob("*.*")} == listed | {str(out / "images" / "mine.txt")}


def test_broken_small_and_strange_files_are_listed_and_the_rest_goes_on(tmp_path):
    manifest = leaky(tmp_path / "set", 12)
    frame = read_manifest(manifest).drop(columns="filepath")
    folder = tmp_path / "set"
    hostile = folder / "=cmd|' <b>x&amp;\n`é.jpg"
    shutil.copy(frame["path"][0], hostile)  # the same content under a hostile name
    picture(50, (20, 20)).save(folder / "small.png")
    (folder / "text.jpg").write_text("no picture")
    (folder / "cut.jpg").write_bytes((folder / "photo_2.jpg").read_bytes()[:700])
    os.mkfifo(folder / "pipe.jpg")
    picture(51).convert("CMYK").save(folder / "cmyk.jpg", quality=88)
    Image.fromarray(np.arange(80 * 80, dtype=np.uint16).reshape(80, 80)).save(folder / "deep.png")
    picture(52).convert("P").save(folder / "palette.gif")
    new = ["small.png", "text.jpg", "cut.jpg", "pipe.jpg", "gone.jpg", "cmyk.jpg", "deep.png", "palette.gif"]
    paths = [str(hostile), *(str(folder / n) for n in new)]
    more = pd.DataFrame({"path": paths, "label": ["real"] * 6 + ["ai"] * 3, "split": "train"})
    write_manifest(pd.concat([frame, more.fillna("")], ignore_index=True).fillna(""), manifest)
    result = match_formats(MatchFormatsParams(manifest, tmp_path / "out", "matched", workers=1))
    dropped = pd.read_csv(tmp_path / "out" / "dropped.csv")
    reasons = {os.path.basename(p): r for p, r in zip(dropped["filepath"], dropped["reason"])}
    assert reasons == {"small.png": "too_small", "text.jpg": "unreadable", "cut.jpg": "unreadable", "pipe.jpg": "unreadable", "gone.jpg": "missing"}  # fmt: skip
    assert result["kept"] == 28 and result["dropped"]["too_small"] == {"real": 1, "ai": 0}
    after = read_manifest(tmp_path / "out" / "manifest.csv")
    assert after["path"].is_unique and all(f.replace("/", "").replace(".", "").isalnum() or "_2" in f for f in after["filepath"])  # fmt: skip


def test_bad_settings_end_in_one_sentence(tmp_path):
    manifest = leaky(tmp_path / "set", 4)
    for more, words in (({"quality": 0}, "--quality"), ({"size": 12}, "--size"), ({"size": 800}, "smaller --size"), ({"seed": -1}, "--seed")):  # fmt: skip
        with pytest.raises(InputError, match=words):
            match_formats(MatchFormatsParams(manifest, tmp_path / "out", "matched", workers=1, **more))
    frame = read_manifest(manifest).drop(columns="filepath")
    write_manifest(frame[frame["label"] == "ai"], manifest)
    with pytest.raises(InputError, match="no real image"):
        match_formats(MatchFormatsParams(manifest, tmp_path / "out", "matched", workers=1))
    match_formats(MatchFormatsParams(leaky(tmp_path / "b", 4), tmp_path / "first", "both-jpeg", workers=1))
    with pytest.raises(InputError, match="another --output-dir"):
        match_formats(MatchFormatsParams(tmp_path / "first" / "manifest.csv", tmp_path / "first", "matched", workers=1))


def test_an_image_that_ends_its_process_costs_only_itself(tmp_path, monkeypatch):
    def deadly(function, chunks, workers):
        for number, chunk in enumerate(chunks):
            fatal = isinstance(function, ImageMatcher) and any("photo_0" in task.path for task in chunk)
            yield number, RuntimeError("killed") if fatal else function(chunk)

    monkeypatch.setattr(match, "map_chunks", deadly)
    result = match_formats(MatchFormatsParams(leaky(tmp_path / "set", 6), tmp_path / "out", "matched", workers=1))
    assert result["kept"] == 11 and "ended the process: killed" in (tmp_path / "out" / "dropped.csv").read_text()


def test_a_job_knows_its_images(tmp_path):
    kind = kind_named("data-treat")
    params = MatchFormatsParams(leaky(tmp_path / "set", 4), tmp_path / "out", "matched")
    before = kind.fingerprint(params)
    picture(99).save(tmp_path / "set" / "render_1.png")
    assert kind.fingerprint(params) != before and kind.command == ("data", "match-formats")
    assert MatchedImage().problem == ""
