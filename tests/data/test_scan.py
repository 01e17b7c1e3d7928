"""Folders as people have them become manifests; everything else gets one sentence."""

import os
from pathlib import Path

import pytest

from cgid.data.manifest import read_manifest
from cgid.data.params import ScanParams
from cgid.data.scan import list_images, scan
from cgid.errors import InputError

SHARED = Path(os.environ.get("CGID_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


def make(root, *files):
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


def rows(listing, root):
    return {
        os.path.relpath(r.path, root): (r.label, r.source, r.generator, r.split) for r in listing.frame.itertuples()
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            ("train/FAKE/a.jpg", "train/REAL/b.jpg", "test/FAKE/c.jpg", "test/REAL/d.jpg"),
            [("ai", "", "train"), ("real", "", "train"), ("ai", "", "test"), ("real", "", "test")],
        ),
        (
            ("Midjourney/train/ai/a.png", "Midjourney/val/nature/b.JPEG", "sd15/val/ai/c.png", "sd15/val/nature/d.png"),
            [("ai", "Midjourney", "train"), ("real", "", "val"), ("ai", "sd15", "val"), ("real", "", "val")],
        ),
        (("AI/sdxl/a.webp", "Real/b.jpg"), [("ai", "sdxl", ""), ("real", "", "")]),
        (("0_real/a.png", "1_fake/b.png"), [("real", "", ""), ("ai", "", "")]),
        (("Au/a.tif", "Sp/b.jpg"), [("real", "", ""), ("ai", "", "")]),
        (("fake/val/a.jpg", "real/train/b.jpg"), [("ai", "", "val"), ("real", "", "train")]),
        (("train/real/a.jpg", "test/fake/b.jpg"), [("real", "", "train"), ("ai", "", "test")]),
    ],
)
def test_known_layouts(tmp_path, files, expected):
    root = make(tmp_path / "set", *files)
    found = rows(list_images(root), root)
    assert found == {f: (label, "set", generator, split) for f, (label, generator, split) in zip(files, expected)}


def test_frames_of_one_video_and_its_forgery_share_a_group(tmp_path):
    root = make(
        tmp_path / "ffpp",
        "original_sequences/youtube/c23/images/004/0001.png",
        "manipulated_sequences/FaceSwap/c23/images/004_982/0001.png",
    )
    frame = list_images(root).frame.set_index("label")
    assert frame.loc["real", "group"] == frame.loc["ai", "group"] == "ffpp/video:004"
    assert frame.loc["ai", "generator"] == "FaceSwap" and frame.loc["real", "generator"] == ""


def test_root_may_lie_above_the_layout_and_the_data_set_names_the_source(tmp_path):
    make(tmp_path / "top" / "mine", "fake/a.jpg", "real/b.jpg")
    assert set(list_images(tmp_path / "top").frame["source"]) == {"mine"}
    assert set(list_images(tmp_path / "top", source="named").frame["source"]) == {"named"}


def test_several_data_sets_in_one_root_become_several_sources(tmp_path):
    make(tmp_path, "one/fake/a.jpg", "one/real/b.jpg", "two/x/0_real/c.jpg", "two/x/1_fake/d.jpg", "three/fake/e.jpg")
    listing = list_images(tmp_path)
    assert set(listing.frame["source"]) == {"one", "two/x"}
    assert listing.ignored == {"images in a class folder without its counterpart": 1}


def test_other_files_are_counted_not_listed(tmp_path):
    make(tmp_path, "fake/a.jpg", "real/b.jpg", "real/notes.txt", "real/inner.zip", "mask/c.png", "real/.hidden.jpg")
    listing = list_images(tmp_path)
    assert len(listing.frame) == 2
    assert listing.ignored == {"images outside a class folder": 1, "files ending in .txt": 1, "files ending in .zip": 1}


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_that_loop_or_lead_out_do_not_hang(tmp_path):
    root = make(tmp_path / "set", "fake/a.jpg", "real/b.jpg")
    (root / "real" / "loop").symlink_to(root)
    (root / "fake" / "disk").symlink_to("/")
    (root / "fake" / "gone.jpg").symlink_to(root / "nowhere.jpg")
    (root / "fake" / "self.jpg").symlink_to(root / "fake" / "self.jpg")
    os.mkfifo(root / "fake" / "pipe.jpg")
    listing = list_images(root)
    assert len(listing.frame) == 2
    assert listing.ignored["links to folders"] == 2 and listing.ignored["broken links and special files"] == 3


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_names_that_are_no_text_are_counted(tmp_path):
    root = make(tmp_path, "fake/a.jpg", "real/b.jpg")
    try:
        Path(os.fsdecode(os.fsencode(root) + b"/fake/\xff.jpg")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes text only")
    assert list_images(root).ignored == {"names that are not UTF-8": 1}


def test_videos_are_sent_to_the_specialists(tmp_path):
    make(
        tmp_path / "f", "original_sequences/youtube/c23/videos/1.mp4", "manipulated_sequences/FaceSwap/c23/videos/2.mp4"
    )
    make(tmp_path / "d", "part_0/metadata.json", "part_0/a.mp4", "part_1/metadata.json")
    for folder, layout in (("f", "FaceForensics\\+\\+"), ("d", "DFDC")):
        with pytest.raises(InputError, match=f"{layout}.*video specialists"):
            list_images(tmp_path / folder)


def test_no_layout_says_what_was_looked_for(tmp_path):
    make(tmp_path / "set", "cats/a.jpg", "nature/b.jpg")
    with pytest.raises(InputError, match="looked for `fake` \\+ `real`") as caught:
        list_images(tmp_path / "set")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="no such folder"):
        list_images(tmp_path / "nowhere")
    with pytest.raises(InputError, match="is a file"):
        list_images(tmp_path / "set" / "cats" / "a.jpg")


def test_scan_writes_a_manifest_that_reads_back(tmp_path):
    root = make(tmp_path / "set", "fake/a.jpg", "real/b.jpg", "real/c.png")
    result = scan(ScanParams(root, tmp_path / "m.csv"))
    frame = read_manifest(tmp_path / "m.csv")
    assert frame["filepath"].tolist() == ["set/fake/a.jpg", "set/real/b.jpg", "set/real/c.png"]
    assert result["labels"] == {"real": 2, "ai": 1} and "3 images (2 real, 1 AI)" in result["summary"]


@pytest.mark.real
@pytest.mark.parametrize(("name", "count"), [("photo_ai", 440), ("faces_forged", 1500)])
def test_real_folders_as_they_are(name, count):
    if not (SHARED / name).is_dir():
        pytest.skip("the real images are not here")
    frame = list_images(SHARED / name).frame
    assert len(frame) == count and (frame["label"] == "ai").sum() == count // 2
