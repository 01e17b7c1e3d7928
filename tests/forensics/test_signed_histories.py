"""Credentials really signed here, by certificates of a minute: chains, hostile words, changed pixels, strange assertions."""

from __future__ import annotations

import io
import json
from functools import cache

import pytest

from cgid.forensics.evidence.evidence import Material, all_kinds
from cgid.forensics.provenance.summary import provenance
from cgid.forensics.samples import embed
from cgid.forensics.verdict import decide
from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials
from cgid.schema import RuleResult
from sample_files import jpeg

TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
NASTY = "<script>x</script> [l](http://e.example) \u202egpj \x1b[2J"


@cache
def chain() -> tuple[bytes, bytes]:
    return embed._chain()


def signed(data: bytes, title: str, *actions: dict, parent: bytes = b"", more: tuple[dict, ...] = ()) -> bytes:
    """`data` as a JPEG with credentials; parent: the signed JPEG it was made from."""
    import c2pa

    assertions = [{"label": "c2pa.actions", "data": {"actions": list(actions)}}, *more]
    claim = {
        "claim_generator_info": [{"name": NASTY}],
        "title": title,
        "format": "image/jpeg",
        "assertions": assertions,
    }
    quiet = {"builder": {"thumbnail": {"enabled": False}}, "verify": {"verify_after_sign": False}}
    out = io.BytesIO()
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, *chain(), None)
    with (
        c2pa.Context(c2pa.Settings.from_dict(quiet)) as context,
        c2pa.Builder(json.dumps(claim), context=context) as builder,
        c2pa.Signer.from_info(info) as signer,
    ):
        if parent:
            used = {"title": "the first", "relationship": "parentOf"}
            builder.add_ingredient(json.dumps(used), "image/jpeg", io.BytesIO(parent))
        builder.sign(signer, "image/jpeg", io.BytesIO(data), out)
    return out.getvalue()


def said(data: bytes) -> dict:
    return provenance(ImageFile.from_bytes(data, "a.jpg"))


def created(kind: str) -> dict:
    return {"action": "c2pa.created", "digitalSourceType": TYPES + kind, "softwareAgent": {"name": NASTY}}


@cache
def generated() -> bytes:
    return signed(jpeg(), NASTY, created("trainedAlgorithmicMedia"))


@cache
def edited() -> bytes:
    return signed(jpeg(), "the second", {"action": "c2pa.cropped"}, parent=generated())


def test_a_story_of_two_accounts_is_told_from_its_beginning() -> None:
    found = said(edited())
    first, second = found["timeline"]
    assert (first["made_by"], second["made_by"], second["newest"]) == ("ai", "", True)
    assert second["ingredients"][0]["entry"] == 0 and second["ingredients"][0]["use"] == "the image it was derived from"
    assert "cropped" in [a["words"] for a in second["actions"]]
    assert found["declares"] == "ai", "a crop of what AI made is made by AI"


def test_hostile_words_in_signed_credentials_are_plain_in_all_that_is_told() -> None:
    whole = json.dumps(said(generated()), ensure_ascii=False)
    assert whole.isprintable() and "\u202e" not in whole and "\x1b" not in whole


def test_a_watermark_that_the_credentials_speak_of_is_told_as_their_word() -> None:
    step = {"action": "c2pa.edited", "description": "Added imperceptible SynthID watermark"}
    image = ImageFile.from_bytes(signed(jpeg(), "t", created("trainedAlgorithmicMedia"), step), "a.jpg")
    piece = all_kinds()["watermark"].find(Material(image, {"provenance": provenance(image)}))[0]
    assert "SynthID" in piece.sentence and "cannot be decoded here" in piece.sentence
    assert piece.points_to == "neither"


def test_a_changed_picture_is_told_and_its_declaration_does_not_count() -> None:
    data = bytearray(edited())
    data[data.rindex(b"\xff\xda") + 20] ^= 1
    found = said(bytes(data))
    assert (found["declares"], found["timeline"][-1]["does_not_fit"]) == ("", ["data_hash"])
    assert found["timeline"][0]["fits"], "the first account was not touched"
    assert decide(found, None, None, RuleResult()).verdict == "inconclusive"


def test_with_the_signers_root_on_the_list_both_accounts_are_trusted(tmp_path, monkeypatch) -> None:
    path = tmp_path / "anchors.pem"
    certificates, _ = chain()
    path.write_bytes(b"-----BEGIN" + certificates.split(b"-----BEGIN")[-1])
    monkeypatch.setenv("CGID_TRUST_LIST", str(path))
    found = said(edited())
    assert [e["trusted"] for e in found["timeline"]] == [True, True]
    assert all("trust list" in e["trust"] for e in found["timeline"])


@pytest.mark.parametrize("strange", [5, "text", None, [1, "a", None, {}], {"a": [1]}])
def test_assertions_of_a_strangers_own_making_cost_nothing(strange: object) -> None:
    more = ({"label": "org.strange", "data": {"actions": strange, "digitalSourceType": strange, "author": strange}},)
    image = ImageFile.from_bytes(signed(jpeg(), "t", created("digitalCapture"), more=more), "a.jpg")
    assert image.cached(content_credentials.read).captured
    assert provenance(image)["timeline"][0]["made_by"] == "camera"
