"""`cgid.check` says what `cgid check --json` says, and shows a stranger's text harmlessly."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import cgid
from cgid.cli.main import main
from cgid.imaging.image_file import ImageFile
from cgid.runs.store import set_current
from cgid.settings import settings
from planted_network import planted_run

HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m"


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "<b>bold.png"
    noise = np.random.default_rng(1).integers(0, 255, (96, 128, 3), np.uint8)
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", f"a cat {HOSTILE}\nSteps: 20, Sampler: Euler, Model: {HOSTILE}")
    Image.fromarray(noise).save(path, pnginfo=info)
    return path


@pytest.fixture
def model_a():
    run = planted_run(settings().runs / "model_a" / "planted", np.full((8, 8), 0.05, np.float32))
    set_current(run)
    return run


def printed(capsys, *words) -> list[dict]:
    main(["check", *map(str, words), "--json", "--no-record"])
    return json.loads(capsys.readouterr().out)


def test_it_is_the_object_of_the_command(picture, model_a, tmp_path, capsys):
    (tmp_path / "no.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    files = [picture, tmp_path / "no.jpg", tmp_path / "missing.jpg"]
    told = printed(capsys, *files)
    results = [cgid.check(str(f)) for f in files]
    assert [r.to_dict() for r in results] == told
    assert [r.verdict for r in results][1:] == ["unreadable", "unreadable"] and results[1].error
    assert results[0].model_a.run == "planted" and results[0].evidence
    assert cgid.check(picture, model_a="none").to_dict() == printed(capsys, picture, "--model-a", "none")[0]
    assert cgid.check(picture, model_a=model_a).to_dict() == printed(capsys, picture, "--model-a", model_a)[0]


def test_bytes_and_opened_images_are_images_too(picture):
    by_path, data = cgid.check(picture), picture.read_bytes()
    for image in (data, ImageFile.from_bytes(data, "x.png")):
        found = cgid.check(image)
        differs = {c for c, value in found.features.items() if value != by_path.features[c]}
        assert (found.sha256, found.verdict) == (by_path.sha256, by_path.verdict)
        if isinstance(image, bytes):  # they have no name, so its extension fits nothing
            differs -= {
                "container_extension_matches_format",
                "rule_forensic_score",
                "rule_fired_count",
                "rule_heaviest",
            }
        assert not differs
    assert cgid.check(b"none of it").verdict == "unreadable"
    assert cgid.check(picture, evidence=False).evidence == []


def test_nothing_is_recorded(picture):
    from cgid.records.store import count_analyses

    cgid.check(picture)
    assert count_analyses() == 0


def test_foreign_text_is_escaped_in_a_notebook(picture):
    found = cgid.check(picture)
    shown = found._repr_html_()
    assert "<script" not in shown and "<b>bold" not in shown and "\u202e" not in shown and "\x1b" not in shown
    assert "&lt;b&gt;bold" in shown
    assert list(found.frame()["strength"]) == sorted(found.frame()["strength"], reverse=True)


def test_the_figure_is_the_scale_of_the_page(picture, model_a):
    assert "layer" in cgid.check(picture).plot().to_dict()
    with pytest.raises(cgid.InputError, match="no model gave a probability"):
        cgid.check(picture, model_a="none").plot()


def test_what_is_no_image_and_what_is_no_model(picture):
    with pytest.raises(cgid.InputError, match="not int"):
        cgid.check(7)
    with pytest.raises(cgid.InputError, match="There is no Model A run 'nobody'"):
        cgid.check(picture, model_a="nobody")
