"""Credentials in a file beside the picture: read with it, checked against it, and said to lie there."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path

import pytest

from cgid.cli import main
from cgid.forensics.provenance.summary import provenance
from cgid.forensics.samples import embed
from cgid.imaging.image_file import ImageFile
from cgid.metadata import c2pa_sidecar
from sample_files import jpeg, png


@cache
def manifest() -> bytes:
    """Credentials of `jpeg()` that declare AI, kept apart from it."""
    import c2pa

    made = {"action": "c2pa.created", "digitalSourceType": embed.AI}
    claim = {"title": "apart", "assertions": [{"label": "c2pa.actions", "data": {"actions": [made]}}]}
    quiet = {"builder": {"thumbnail": {"enabled": False}}, "verify": {"verify_after_sign": False}}
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, *embed._chain(), None)
    with (
        c2pa.Context(c2pa.Settings.from_dict(quiet)) as context,
        c2pa.Builder(json.dumps(claim), context=context) as builder,
        c2pa.Signer.from_info(info) as signer,
    ):
        builder.set_no_embed()
        return bytes(builder.sign(signer, "image/jpeg", io.BytesIO(jpeg()), io.BytesIO()))


def said(folder: Path, data: bytes, beside: bytes | None, name: str = "a.c2pa") -> dict:
    (folder / "a.jpg").write_bytes(data)
    if beside is not None:
        (folder / name).write_bytes(beside)
    return provenance(c2pa_sidecar.open_with_sidecar(folder / "a.jpg"))


@pytest.mark.parametrize("name", ["a.c2pa", "a.jpg.c2pa"])
def test_credentials_beside_the_picture_are_read_and_said_to_lie_there(tmp_path, name) -> None:
    found = said(tmp_path, jpeg(), manifest(), name)
    assert (found["declares"], found["sidecar"]) == ("ai", name)
    assert found["credentials"]["fits_picture"] and found["timeline"][0]["title"] == "apart"
    assert any("in a sidecar file" in s for s in found["statements"])


def test_credentials_of_another_picture_do_not_fit(tmp_path) -> None:
    found = said(tmp_path, jpeg(side=48), manifest())
    assert (found["declares"], found["credentials"]["does_not_fit"]) == ("", ["data_hash"])


@pytest.mark.parametrize("beside", [None, b"", b"nonsense", manifest, b"\0" * 5000])
def test_anything_else_beside_it_ends_in_a_sentence_or_nothing(tmp_path, beside) -> None:
    found = said(tmp_path, jpeg(), beside()[:200] if callable(beside) else beside)
    assert found["declares"] == ""
    assert found["credentials"] is None or found["credentials"]["unreadable"]


def test_what_lies_in_the_picture_comes_first(tmp_path) -> None:
    own = embed.sign_as_ai(jpeg(), "image/jpeg", "inside")
    found = said(tmp_path, own, manifest())
    assert (found["sidecar"], found["timeline"][0]["title"]) == ("", "inside")


def test_the_command_reads_it(tmp_path, capsys) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg())
    (tmp_path / "a.c2pa").write_bytes(manifest())
    assert main.main(["check", "--no-record", "--json", str(tmp_path / "a.jpg")]) == 0
    found = json.loads(capsys.readouterr().out)[0]
    assert (found["verdict"], found["file"]) == ("declared_ai", str(tmp_path / "a.jpg"))


def test_among_files_that_come_together_credentials_find_their_picture_by_name() -> None:
    assert c2pa_sidecar.pair_sidecars(["a.c2pa", "a.jpg", "b.png"]) == {1: 0}
    assert c2pa_sidecar.pair_sidecars(["a.jpg", "a.jpg.c2pa", "a.png"]) == {0: 1}
    assert c2pa_sidecar.pair_sidecars(["a.jpg", "a.png", "a.c2pa"]) == {}  # whose, nobody can tell
    assert c2pa_sidecar.pair_sidecars(["a.jpg", "a.c2pa", "a.jpg.c2pa"]) == {0: 2}
    assert c2pa_sidecar.pair_sidecars(["A.C2PA", "a.jpg"]) == {1: 0}
    assert c2pa_sidecar.pair_sidecars([]) == c2pa_sidecar.pair_sidecars(["x.C2PA"]) == {}


def test_a_picture_that_came_with_credentials_is_read_with_them(tmp_path) -> None:
    from cgid.ui.check import intake

    (with_them,), notes = intake._accept([("a.c2pa", manifest()), ("a.jpg", jpeg())], "upload")
    said = provenance(with_them.image)
    assert (said["declares"], said["sidecar"], notes) == ("ai", "a.c2pa", [])
    (without,), notes = intake._accept([("b.c2pa", manifest()), ("a.jpg", jpeg())], "upload")
    assert provenance(without.image)["declares"] == "" and "belong to an image" in notes[0]
    assert without.name == "a.jpg" != with_them.name and with_them.name.endswith("a.jpg")
    assert intake._accept([("b.c2pa", manifest())], "upload")[0] == []


def test_a_folder_is_judged_as_its_files_are(tmp_path) -> None:
    from cgid.forensics.model_choice import Choice
    from cgid.records.check_folder import _check_chunk

    (tmp_path / "a.jpg").write_bytes(jpeg())
    (tmp_path / "a.c2pa").write_bytes(manifest())
    (answer,) = _check_chunk(Choice("none", "none"), False, [("a.jpg", str(tmp_path / "a.jpg"))])
    assert (answer["verdict"], answer["provenance"]["sidecar"]) == ("declared_ai", "a.c2pa")


def test_a_picture_without_a_sidecar_is_as_ever(tmp_path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    assert provenance(c2pa_sidecar.open_with_sidecar(tmp_path / "a.png")) == provenance(
        ImageFile.open(tmp_path / "a.png")
    )
