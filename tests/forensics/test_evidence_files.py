"""What a file says as evidence: each piece in words, weighed, with what could fool it; text of a stranger stays text."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image

from cgid.features.group import extract
from cgid.features.registry import select_groups
from cgid.forensics.evidence.evidence import POINTS, Evidence, Material, all_kinds
from cgid.forensics.maps import all_maps
from cgid.forensics.provenance.summary import provenance
from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials
from cgid.metadata.content_credentials import Credentials
from sample_files import chunk, itxt, jpeg, png

KINDS = ("camera", "credentials", "generator", "jpeg", "oddities", "silence", "texts", "thumbnail", "trailing")
KINDS += ("watermark",)
A1111 = "a duck\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 77, Model: duckling"


def evidence(data: bytes, groups: str = "", name: str = "a") -> dict[str, Evidence]:
    """{key: piece} of the kinds tested here."""
    image = ImageFile.from_bytes(data, name)
    values = extract(image, select_groups(groups))[0] if groups else {}
    features = {k: None if math.isnan(v) else v for k, v in values.items()}
    material = Material(image, {"provenance": provenance(image), "features": features})
    found = {piece.key: piece for kind in KINDS for piece in all_kinds()[kind].find(material)}
    for piece in found.values():
        assert piece.points_to in POINTS and 0 <= piece.strength <= 1
        assert piece.title and piece.sentence.endswith(".") and piece.limitations.endswith(".")
        assert set(piece.maps) <= set(all_maps())
        for text in (piece.title, piece.sentence, piece.number, *(t for row in piece.rows for t in row)):
            assert text.isprintable() and len(text) <= 1000
    return found


def signed(monkeypatch: pytest.MonkeyPatch, **fields) -> dict[str, Evidence]:
    monkeypatch.setattr(content_credentials, "read", lambda image: Credentials(**fields))
    return evidence(png())


@pytest.mark.parametrize(
    ("fields", "points_to", "least", "most"),
    [
        ({"declares": "ai", "issuer": "Maker"}, "ai", 1, 1),
        ({"declares": "ai", "codes": ("signingCredential.expired", "signingCredential.untrusted")}, "ai", 1, 1),
        ({"declares": "ai", "codes": ("claimSignature.mismatch",)}, "edited", 0.8, 0.95),
        ({"codes": ("assertion.dataHash.mismatch",)}, "edited", 0.8, 0.95),
        ({"captured": True, "trusted": True}, "real", 0.7, 0.9),
        ({"captured": True}, "real", 0.2, 0.5),
        ({"software_created": True}, "neither", 0.2, 0.5),
        ({"unreadable": "bad box"}, "neither", 0.1, 0.3),
    ],
)
def test_credentials_are_weighed_by_what_they_say_and_whether_they_fit(
    fields: dict, points_to: str, least: float, most: float, monkeypatch
) -> None:
    piece = signed(monkeypatch, **fields)["credentials"]
    assert piece.points_to == points_to
    assert least <= piece.strength <= most


def test_credentials_out_of_force_are_never_called_tampered(monkeypatch) -> None:
    piece = signed(monkeypatch, declares="ai", codes=("signingCredential.expired",))["credentials"]
    words = " ".join((piece.sentence, piece.limitations, *(text for row in piece.rows for text in row))).lower()
    assert not any(accusing in words.replace("no sign of tampering", "") for accusing in ("tamper", "forg", "alter"))


def test_broken_credentials_of_an_ingredient_are_told_apart(monkeypatch) -> None:
    found = signed(monkeypatch, ingredient_codes=("claimSignature.mismatch",))
    assert found["credentials"].points_to == "neither"
    assert "those of this file are not affected" in found["credentials.ingredients"].sentence


def test_a_generators_own_fields_decide_and_bring_its_settings() -> None:
    piece = evidence(png(itxt("parameters", A1111)))["generator.1"]
    assert (piece.strength, piece.points_to) == (1, "ai")
    assert {"prompt": "a duck", "model": "duckling", "seed": "77"}.items() <= dict(piece.rows).items()


def test_two_fields_of_one_generator_are_one_piece() -> None:
    found = evidence(png(itxt("workflow", '{"last_node_id": 1}'), itxt("prompt", '{"1": {"class_type": "x"}}')))
    assert [key for key in found if key.startswith("generator")] == ["generator.1"]
    assert [text for label, text in found["generator.1"].rows if label == "Found in"] == [
        "PNG text field “workflow”",
        "PNG text field “prompt”",
    ]


def camera(make: str, model: str, **more: object) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = make, model
    inner = exif.get_ifd(0x8769)
    inner |= {0x829A: 1 / 125, 0x829D: 2.8, 0x8827: 200, 0x920A: 50.0, 0x9003: "2020:01:02 03:04:05"} | more
    return exif


def test_a_camera_is_weak_evidence_with_its_facts() -> None:
    piece = evidence(jpeg(exif=camera("Canon", "Canon EOS 5D")))["camera"]
    assert (piece.points_to, piece.strength < 0.3) == ("real", True)
    assert "anyone can write that" in piece.sentence
    rows = dict(piece.rows)
    assert rows["Camera"] == "Canon EOS 5D"
    assert rows["Exposure"] == "1/125 s, f/2.8, ISO 200"
    assert rows["Taken"] == "2020-01-02 03:04:05"


def test_the_camera_of_a_video_game_is_no_camera() -> None:
    assert evidence(jpeg(exif=camera("Polyphony Digital Inc.", "Gran Turismo 5")))["camera"].points_to == "neither"


def with_thumbnail(same: bool) -> bytes:
    random = np.random.default_rng(3)
    shapes = [np.kron(random.integers(0, 255, (6, 8, 3)), np.ones((40, 40, 1))).astype(np.uint8) for _ in range(2)]
    buffer = io.BytesIO()
    Image.fromarray(shapes[0 if same else 1]).resize((160, 120)).save(buffer, "JPEG", quality=80)
    small = buffer.getvalue()
    # Two directories (TIFF 6.0; EXIF 2.32, 4.5.8): orientation in the first, the thumbnail's place in the second.
    first = b"\x01\0" + b"\x12\x01\x03\0\1\0\0\0\1\0\0\0" + b"\x1a\0\0\0"
    second = b"\x02\0" + b"\x01\x02\x04\0\1\0\0\0\x38\0\0\0" + b"\x02\x02\x04\0\1\0\0\0"
    second += len(small).to_bytes(4, "little") + b"\0\0\0\0"
    block = b"II*\0\x08\0\0\0" + first + second + small
    buffer = io.BytesIO()
    Image.fromarray(shapes[0]).save(buffer, "JPEG", exif=b"Exif\0\0" + block)
    return buffer.getvalue()


def test_a_thumbnail_of_another_picture_points_to_an_edit() -> None:
    piece = evidence(with_thumbnail(same=False))["thumbnail"]
    assert piece.points_to == "edited" and piece.strength > 0.5
    piece = evidence(with_thumbnail(same=True))["thumbnail"]
    assert piece.points_to == "neither" and piece.strength < 0.1


def test_the_jpegs_tables_are_told_in_words() -> None:
    piece = evidence(jpeg(), "jpeg_structure")["jpeg.tables"]
    assert piece.sentence.startswith("It was saved as JPEG at quality 90, colour 4:2:0, with the reference encoder's")


def test_a_picture_saved_twice_is_told_with_its_former_quality() -> None:
    random = np.random.default_rng(5)
    rough = random.normal(128, 40, (256, 256, 3)).cumsum(0).cumsum(1)
    pixels = (128 + 60 * np.sin(rough / 9000) + random.normal(0, 9, rough.shape)).clip(0, 255).astype(np.uint8)
    first, second = io.BytesIO(), io.BytesIO()
    Image.fromarray(pixels).save(first, "JPEG", quality=60)
    Image.open(first).save(second, "PNG")
    piece = evidence(second.getvalue(), "jpeg_history")["jpeg.history"]
    assert piece.sentence == "The image was a JPEG at quality about 60 before it was saved as PNG."
    assert "jpeg.history" not in evidence(first.getvalue(), "jpeg_structure,jpeg_history")


def test_a_generators_watermark_names_whose() -> None:
    image = ImageFile.from_bytes(png(), "a")
    values = {"watermark_detected": 1.0, "watermark_confidence": 46 / 48, "watermark_payload": 3.0}
    piece = all_kinds()["watermark"].find(Material(image, {"features": values}))[0]
    assert "Stable Diffusion XL" in piece.sentence and "46 of its 48 bits" in piece.sentence
    assert all_kinds()["watermark"].find(Material(image, {"features": {"watermark_detected": 0.0}})) == []


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        (b"\0" * 50, "zeros"),
        (b"\0\0\0\x18ftypmp42" + bytes(9), "video"),
        (b"PK\x03\x04" + bytes(9), "ZIP"),
        (b"\xff\xd8\xff\xe0 more", "JPEG"),
        (b"hello there, world", "text"),
        (bytes(range(128, 255)), "data of unknown type"),
    ],
)
def test_appended_data_is_named_by_how_it_begins(tail: bytes, words: str) -> None:
    assert words in evidence(jpeg(after=tail))["trailing"].sentence


def test_a_marker_appended_counts_for_nothing_and_that_is_said() -> None:
    found = evidence(jpeg(after=b"Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 1"))
    assert "these are not counted" in found["trailing"].sentence
    assert not [key for key in found if key.startswith("generator")]


def test_an_editors_history_is_listed() -> None:
    packet = (
        b'<x xmlns:s="u"><li s:action="saved" s:softwareAgent="Adobe Photoshop CC" s:when="2020-01-01"/>'
        b'<li s:action="saved" s:softwareAgent="Adobe Photoshop CC" s:when="2020-01-02"/></x>'
    )
    piece = evidence(jpeg((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)))["oddities.editor"]
    assert piece.points_to == "edited" and "2 steps" in piece.sentence
    assert ("Step 2", "saved, Adobe Photoshop CC, 2020-01-02") in piece.rows


def test_a_silent_file_is_told_to_be_ordinary() -> None:
    assert evidence(png())["silence"].strength < 0.05
    assert "silence" not in evidence(png(itxt("Title", "x")))


def test_texts_of_somebodys_own_are_quoted_and_weigh_nothing() -> None:
    piece = evidence(jpeg((0xFE, b"Made with Midjourney"), exif=camera("Canon", "EOS")))["texts"]
    assert piece.rows == (("JPEG comment: comment", "Made with Midjourney"),)
    assert piece.strength < 0.05 and piece.points_to == "neither"
    assert "texts" not in evidence(png(itxt("parameters", A1111)))


def test_a_remote_manifest_is_not_fetched_and_that_is_said() -> None:
    packet = b'<x xmlns:d="u" d:provenance="https://example.org/a.c2pa"/>'
    found = evidence(jpeg((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)))
    assert "not fetched" in found["credentials.elsewhere"].sentence


def test_a_broken_store_says_so_and_accuses_nobody() -> None:
    piece = evidence(png(chunk(b"caBX", b"\0\0\0\x10jumb" + bytes(30))))["credentials"]
    assert piece.points_to == "neither" and "cannot be read" in piece.sentence
