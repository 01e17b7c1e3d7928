"""CIFAKE and GenImage in one step: known folders in, known counts out, nothing of the published test in training."""

import itertools
import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cgid.data.manifest import read_manifest
from cgid.data.params import PrepareParams
from cgid.data.prepare import prepare
from cgid.errors import InputError

CIFAKE = ("train/FAKE", "train/REAL", "test/FAKE", "test/REAL")


def picture(seed, size=32):
    """Noise of its own for each seed: no two look alike."""
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    return Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC)


def make(root, folders, each, start=0):
    """`each` different pictures in every folder."""
    seeds = itertools.count(start)
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
        for i in range(each):
            picture(next(seeds)).save(root / folder / f"{i:04d}.png")
    return root


def genimage(root, generators, each=10, start=0):
    return make(
        root, [f"{g}/{s}/{c}" for g in generators for s in ("train", "val") for c in ("ai", "nature")], each, start
    )


@pytest.fixture(scope="module")
def cifake(tmp_path_factory):
    return make(tmp_path_factory.mktemp("cifake") / "cifake", CIFAKE, 20)


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three generators, one of them named as GenImage's archives are."""
    return genimage(tmp_path_factory.mktemp("gen") / "genimage", ["Midjourney", "ADM", "imagenet_ai_0419_biggan"])


def run(root, output, **more):
    return prepare(PrepareParams(root=root, output_dir=output, workers=1, **more))


def read(folder, name):
    return read_manifest(folder / f"{name}.csv")


def labels(folder, name):
    return read(folder, name)["label"].value_counts().to_dict()


def test_cifake_keeps_its_test_and_carves_validation_out_of_train(cifake, tmp_path):
    summary = run(cifake, tmp_path)
    assert labels(tmp_path, "test") == {"real": 20, "ai": 20}
    assert labels(tmp_path, "val") == {"real": 2, "ai": 2} and labels(tmp_path, "train") == {"real": 18, "ai": 18}
    published = {p.resolve() for p in (cifake / "test").rglob("*.png")}
    assert {(tmp_path / f).resolve() for f in read(tmp_path, "test")["path"]} == published
    assert list(pd.read_csv(tmp_path / "train.csv").columns[:5]) == [
        "filepath",
        "label",
        "source",
        "generator",
        "split",
    ]
    assert len(read(tmp_path, "split")) == 80 and summary["found"] == 80 and summary["layout"] == "cifake"
    assert json.loads((tmp_path / "dataset_summary.json").read_text())["by_split"]["val"]["labels"] == {
        "ai": 2,
        "real": 2,
    }


def test_no_copy_or_look_alike_of_a_published_test_image_gets_into_training_even_where_the_caps_cut_it(tmp_path):
    root = make(tmp_path / "set", CIFAKE, 30)
    for i in range(12):  # copies byte by byte, and the same picture saved as JPEG
        shutil.copy(root / f"test/REAL/{i:04d}.png", root / f"train/REAL/copy{i}.png")
        picture(60 + i).save(root / f"train/FAKE/again{i}.jpg", quality=95)
    for caps in ({}, {"max_per_class": 5}):
        out = tmp_path / f"out{len(caps)}"
        run(root, out, **caps)
        learned = pd.concat([read(out, "train"), read(out, "val")])
        assert not learned["filepath"].str.contains("copy|again").any()
        tested = read(out, "manifest.cleaned")
        tested = tested[tested["split"] == "test"]
        assert len(tested) == 60 and not set(tested["group"]) & set(learned["group"])
        reasons = pd.read_csv(out / "kept.csv").set_index(["class", "split"])["why"]
        assert "same content as another" in reasons["real", "train"]
        assert "near-duplicate of an image of another split" in reasons["ai", "train"]


def test_caps_are_per_class_and_split_and_shared_evenly_by_generators(three, tmp_path):
    summary = run(three, tmp_path, max_per_class=6)
    for part in ("train", "test"):
        counts = read(tmp_path, part).groupby(["subset", "label"]).size()
        assert len(counts) == 6 and set(counts) == {2}
    assert summary["max_per_class"] == 6 and "over the cap per class" in summary["table_text"]
    capped = tmp_path / "capped"
    run(three, capped, max_per_generator=3)
    assert set(read(capped, "test").groupby(["subset", "label"]).size()) == {3}


def test_genimage_generators_get_plain_names_and_val_is_the_test(three, tmp_path):
    run(three, tmp_path)
    rows = read(tmp_path, "split")
    assert set(rows["generator"]) == {"", "ADM", "Midjourney", "biggan"} and set(rows["source"]) == {"genimage"}
    assert (rows.loc[rows["label"] == "real", "generator"] == "").all()
    assert rows.loc[rows["split"] == "test", "path"].str.contains("/val/").all()
    assert rows.loc[rows["split"] != "test", "path"].str.contains("/train/").all()


def test_a_held_out_generator_is_an_external_manifest_and_nowhere_else(three, tmp_path):
    summary = run(three, tmp_path, hold_out=("BigGAN,adm",))
    assert labels(tmp_path, "external_biggan") == labels(tmp_path, "external_ADM") == {"real": 10, "ai": 10}
    assert set(read(tmp_path, "external_ADM")["split"]) == {"external"}
    for part in ("train", "val", "test"):
        assert set(read(tmp_path, part)["subset"]) == {"Midjourney"}
    assert summary["external"]["biggan"]["rows"] == 20 and summary["not_opened"] == {"held_out": 40}
    run(three, tmp_path, hold_out=("ADM",))
    assert not (tmp_path / "external_biggan.csv").exists()


def test_a_generator_with_nothing_but_test_images_can_be_held_out(tmp_path):
    root = genimage(tmp_path / "set", ["ADM"])
    make(root, ["wukong/val/ai", "wukong/val/nature"], 5, start=500)
    with pytest.raises(InputError, match=r"`wukong/train/ai` is missing .*--hold-out wukong"):
        run(root, tmp_path / "out")
    run(root, tmp_path / "out", hold_out=("wukong",))
    assert labels(tmp_path / "out", "external_wukong") == {"real": 5, "ai": 5}


def test_balance_cuts_the_larger_class_of_each_generator(tmp_path):
    root = genimage(tmp_path / "set", ["ADM", "glide"])
    make(root, ["ADM/train/ai", "glide/val/nature"], 25, start=900)
    run(root, tmp_path / "a")
    for part in ("train", "val", "test"):
        counts = read(tmp_path / "a", part).groupby(["subset", "label"]).size().unstack()
        assert (counts["ai"] == counts["real"]).all()
    run(root, tmp_path / "b", balance=False)
    assert labels(tmp_path / "b", "test") == {"ai": 20, "real": 35}


def test_every_image_found_stands_in_the_table_of_what_was_kept(three, tmp_path):
    root = shutil.copytree(three, tmp_path / "set")
    (root / "ADM/train/ai/0000.png").write_bytes(b"no image")
    (root / "ADM/val/ai/0000.png").write_bytes((root / "ADM/val/nature/0000.png").read_bytes())
    summary = run(root, tmp_path / "out", max_per_class=4, hold_out=("Midjourney",))
    table = pd.read_csv(tmp_path / "out/kept.csv", keep_default_na=False)
    assert list(table) == ["source", "generator", "class", "split", "found", "kept", "dropped", "why"]
    assert table["found"].sum() == 120 and (table["found"] == table["kept"] + table["dropped"]).all()
    kept = table.groupby("split")["kept"].sum()
    assert kept["train"] == len(read(tmp_path / "out", "train")) and kept["external"] == 8
    assert "1 same content in both classes" in table["why"].str.cat() and "held-out" in table["why"].str.cat()
    assert summary["kept"] == table.to_dict("records")
    for line in table["why"][table["dropped"] > 0]:
        assert line
    assert "\n" not in summary["summary"] and len(summary["table_text"].splitlines()) == 1 + len(table)


def test_the_same_seed_gives_the_same_files_wherever_the_folder_lies(three, tmp_path):
    moved = shutil.copytree(three, tmp_path / "elsewhere" / "genimage")
    one, two, other = tmp_path / "one", tmp_path / "two", tmp_path / "other"
    for root, out, seed in ((three, one, 1), (moved, two, 1), (three, other, 2)):
        run(root, out, max_per_class=3, seed=seed)
    names = ("train", "val", "test")
    assert all(read(one, n)["sha256"].tolist() == read(two, n)["sha256"].tolist() for n in names)
    assert any(set(read(one, n)["sha256"]) != set(read(other, n)["sha256"]) for n in names)
    before = (one / "train.csv").read_bytes()
    run(three, one, max_per_class=3, seed=1)
    assert (one / "train.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("folders", "more", "words"),
    [
        (CIFAKE, {"layout": "genimage"}, r"its layout is \{fake,real\}, not that of GenImage"),
        (("a/0_real", "a/1_fake"), {}, "neither CIFAKE nor GenImage"),
        (CIFAKE[:3], {}, "`test/REAL` is missing or has no images"),
        (CIFAKE[:2], {}, "`test/FAKE` is missing"),
        (("train/FAKE", "test/FAKE"), {}, "no known layout with images of both classes"),
        (("A/train/ai", "A/train/nature", "A/val/ai", "A/val/nature", "B/train/ai"), {}, "1 images in a class folder"),
        (CIFAKE, {"hold_out": ("ADM",)}, "names no generators"),
        (CIFAKE, {"max_per_class": 0}, "max-per-class `0`"),
        (CIFAKE, {"val_percent": 0}, "val-percent `0`"),
        (CIFAKE, {}, "form only|no `(real|ai)` image is left in"),  # one training image of each class: no validation
        (tuple(f"{g}/{s}/{c}" for g in "AB" for s in ("train", "val") for c in ("ai", "nature")),
         {"hold_out": ("X",)}, "no such generator .* there are A, B"),
        (tuple(f"{g}/{s}/{c}" for g in "AB" for s in ("train", "val") for c in ("ai", "nature")),
         {"hold_out": ("a", "b")}, "all 2 generators are held out"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(folders, more, words, tmp_path):
    root = make(tmp_path / "set", folders, 1)
    with pytest.raises(InputError, match=words) as caught:
        run(root, tmp_path / "out", **more)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out" / "train.csv").exists()


def test_a_group_larger_than_the_cap_leaves_nothing_and_says_so(tmp_path):
    root = make(tmp_path / "set", CIFAKE, 6)
    for i in range(6):
        picture(7777).save(root / f"test/REAL/{i:04d}.png", dpi=(i + 1, i + 1))
    with pytest.raises(
        InputError,
        match=r"no `real` image is left in test \(4 over the cap .*, 2 in a group of near-duplicates that exceeds",
    ) as caught:
        run(root, tmp_path / "out", max_per_class=2)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="such names are not allowed there")
def test_odd_file_names_and_a_folder_reached_by_a_link_are_counted_as_any_other(tmp_path):
    root = make(tmp_path / "far" / "set", CIFAKE, 6)
    for i, name in enumerate((" a .png", 'b,"c.png', "d\n.png", "e\r.png", "f\\g.png", "h;ä%20#.png")):
        picture(800 + i).save(root / "train/REAL" / name, "PNG")
        (root / "train/FAKE" / name).write_bytes(b"damaged")
    (tmp_path / "link").symlink_to(root)
    run(tmp_path / "link", tmp_path / "out", balance=False)
    table = pd.read_csv(tmp_path / "out/kept.csv").groupby("class")[["found", "kept"]].sum()
    assert table["found"].to_dict() == {"ai": 18, "real": 18} and table["kept"].to_dict() == {"ai": 12, "real": 18}
    assert all(os.path.isfile(path) for path in read(tmp_path / "out", "split")["path"])


def test_a_validation_that_is_published_stays(tmp_path):
    root = make(tmp_path / "set", (*CIFAKE, "val/FAKE", "val/REAL"), 4)
    run(root, tmp_path / "out")
    assert labels(tmp_path / "out", "val") == labels(tmp_path / "out", "train") == {"ai": 4, "real": 4}
    assert read(tmp_path / "out", "val")["path"].str.contains("/val/").all()
