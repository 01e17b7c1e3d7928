"""The demo sets as a person finds them: whole, repeatable, one with the format trap and one without."""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cgid.data.demo import autoencoder, build, make
from cgid.data.demo.plan import PHOTOS, load, plan_images, random_crop
from cgid.data.params import DemoDataParams
from cgid.errors import InputError
from cgid.progress import silent

COUNT, SIZE = 24, 64


def _here(function, chunks, *, executor="local", workers=0):
    """In this process, with short trainings: the seam itself has tests of its own."""
    yield from ((index, function(chunk)) for index, chunk in enumerate(chunks))


@pytest.fixture(scope="module")
def quick():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "map_chunks", _here)
        patch.setattr(autoencoder.train, "__defaults__", (4,))
        patch.setattr(make, "TRAINING_CROPS", 8)
        yield patch


@pytest.fixture(scope="module")
def demo(quick, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    build.build(DemoDataParams(folder, COUNT, SIZE), silent)
    return folder


def _rows(folder: Path) -> list[dict[str, str]]:
    with open(folder / "manifest.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("version", make.VERSIONS)
def test_a_version_holds_half_real_half_ai_of_three_kinds_and_lists_every_file(demo, version):
    rows = _rows(demo / version)
    assert tuple(rows[0]) == build.COLUMNS
    assert Counter(r["label"] for r in rows) == {"real": COUNT // 2, "ai": COUNT // 2}
    assert {r["generator"] for r in rows if r["label"] == "ai"} == {"sim_transposed", "sim_nearest", "sim_render"}
    assert {r["source"] for r in rows} == {f"demo_{version}"} and {r["simulated"] for r in rows} == {"1"}
    images = {p.relative_to(demo / version).as_posix() for p in (demo / version).rglob("*.[jp][pn]g")}
    assert images == {r["filepath"] for r in rows}
    for row in rows:
        with Image.open(demo / version / row["filepath"]) as image:
            assert image.size == (SIZE, SIZE) and image.mode == "RGB"
    assert "Simulated" in json.loads((demo / version / build.CARD_FILE).read_text())["about"]


def test_auto_encoded_copies_share_the_group_of_their_photograph_and_renders_stand_alone(demo):
    groups = defaultdict(set)
    for row in _rows(demo / "matched"):
        groups[row["generator"].partition("camera")[0]].add(row["group"])
    photographs = {f"photo_{p.group}" for p in PHOTOS}
    assert groups["demo_"] | groups["sim_transposed"] | groups["sim_nearest"] <= photographs
    assert not groups["sim_render"] & photographs and len(groups["sim_render"]) == COUNT // 6


def test_leaky_is_the_trap_and_matched_is_not(demo):
    for row in _rows(demo / "leaky"):
        with Image.open(demo / "leaky" / row["filepath"]) as image:
            real = row["label"] == "real"
            assert image.format == ("JPEG" if real else "PNG") and bool(image.getexif()) == real
    for row in _rows(demo / "matched"):
        with Image.open(demo / "matched" / row["filepath"]) as image:
            assert image.format == "JPEG" and not image.getexif()
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_both_sides_draw_jpeg_qualities_alike_and_the_same_share_of_grey():
    shots = plan_images(800, 256, 2026)
    sides = {label: [s for s in shots if s.label == label] for label in ("real", "ai")}
    quality = {label: np.sort([s.quality for s in side]) for label, side in sides.items()}
    assert np.abs(quality["real"] - quality["ai"]).max() <= 3 and quality["real"].min() < 82 < 94 < quality["ai"].max()
    grey = {label: np.mean([not s.colour for s in side]) for label, side in sides.items()}
    assert abs(grey["real"] - grey["ai"]) < 0.05


def test_the_same_seed_gives_the_same_files_and_another_seed_others(demo, quick, tmp_path):
    build.build(DemoDataParams(tmp_path / "again", COUNT, SIZE), silent)
    build.build(DemoDataParams(tmp_path / "other", COUNT, SIZE, seed=7), silent)
    first, again, other = (_content(d / "matched") for d in (demo, tmp_path / "again", tmp_path / "other"))
    assert first == again
    assert not {v for k, v in first.items() if k.endswith(".jpg")} & set(other.values())


def test_a_finished_version_is_kept_and_a_missing_one_made_again(demo, quick, tmp_path):
    params = DemoDataParams(tmp_path, COUNT, SIZE)
    build.build(params, silent)
    before = _content(tmp_path / "leaky")
    kept = (tmp_path / "matched" / "manifest.csv").stat().st_mtime_ns
    import shutil

    shutil.rmtree(tmp_path / "leaky")
    assert build.build(params, silent)["made"] == ["leaky"]
    assert _content(tmp_path / "leaky") == before
    assert (tmp_path / "matched" / "manifest.csv").stat().st_mtime_ns == kept
    assert build.build(params, silent)["made"] == []


def test_a_build_that_ends_half_way_leaves_nothing_half_made(quick, tmp_path):
    def stop(done, total, note=""):
        if done > 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build.build(DemoDataParams(tmp_path, COUNT, SIZE), stop)
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == []
    (tmp_path / ".building-1" / "leaky").mkdir(parents=True)  # what a kill leaves
    build.build(DemoDataParams(tmp_path, COUNT, SIZE), silent)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == ["leaky", "matched"]


def test_a_folder_with_something_else_is_refused_and_untouched(demo, tmp_path):
    (tmp_path / "leaky").mkdir()
    (tmp_path / "leaky" / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="not built by the demo"):
        build.build(DemoDataParams(tmp_path, COUNT, SIZE), silent)
    assert (tmp_path / "leaky" / "mine.txt").read_text() == "keep"
    with pytest.raises(InputError, match=f"count {COUNT}, not 30"):
        build.build(DemoDataParams(demo, 30, SIZE), silent)


@pytest.mark.parametrize(("count", "size", "word"), [(4, 64, "at least 12"), (24, 4000, "from 32 to 288")])
def test_impossible_wishes_are_refused_in_one_sentence(tmp_path, count, size, word):
    with pytest.raises(InputError, match=word):
        build.build(DemoDataParams(tmp_path, count, size), silent)


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda p: p.file)
def test_every_source_photograph_is_installed_and_its_crops_are_never_scaled_up(photo):
    pixels = load(photo)
    assert min(pixels.shape[:2]) >= 280 and (np.ptp(pixels.astype(int), axis=2).max() > 0) == photo.colour
    assert random_crop(photo, 64, np.random.default_rng(0)).shape == (64, 64, 3)


def test_real_processes_make_the_same_files(tmp_path):
    """Through the seam, as a job does it."""
    from cgid.compute.map import map_chunks

    shots = tuple(s for s in plan_images(24, 64, 1) if s.maker in ("real", "sim_render"))[:6]
    results = []
    for name in ("a", "b"):
        task = make.Batch(shots, 64, 1, tmp_path / name, make.VERSIONS)
        [(_, result)] = map_chunks(make.run_task, [task], workers=1)
        results.append((result, _content(tmp_path / name)))
    assert results[0] == results[1] and len(results[0][1]) == 12
