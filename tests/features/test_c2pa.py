"""Content credentials of the C2PA project's public files: integrity and trust are told apart."""

from __future__ import annotations

import io
import math

import pytest
from PIL import Image

from cgid.features.content_credentials import Credentials, read
from cgid.features.groups.c2pa import GROUP, score
from cgid.features.image import ImageFile

FOLDER = "c2pa_and_metadata"


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    return buffer.getvalue()


def test_absence_is_zero_counts_and_missing_judgements() -> None:
    values = GROUP.compute(ImageFile.from_bytes(png(), "a.png"))
    assert (values["present"], values["ai_assertion_count"], values["ai_flag"]) == (0, 0, 0)
    assert all(math.isnan(values[k]) for k in ("signature_valid", "hashes_match", "integrity", "trusted", "score"))


def test_the_words_alone_are_no_credentials() -> None:
    values = GROUP.compute(ImageFile.from_bytes(png() + b"jumb c2pa trainedAlgorithmicMedia", "a.png"))
    assert (values["present"], values["ai_flag"]) == (0, 0)


@pytest.mark.parametrize(
    "code",
    ["signingCredential.untrusted", "signingCredential.expired", "timeStamp.mismatch", "assertion.action.malformed"],
)
def test_trust_and_wording_never_read_as_tampering(code: str) -> None:
    assert Credentials(codes=(code,)).intact


@pytest.mark.parametrize(
    "code",
    ["claimSignature.mismatch", "assertion.dataHash.mismatch", "assertion.hashedURI.mismatch", "assertion.missing"],
)
def test_bytes_that_do_not_fit_read_as_broken(code: str) -> None:
    broken = Credentials(codes=(code,))
    assert not broken.intact
    assert not Credentials(ingredient_codes=(code,)).intact
    assert Credentials(ingredient_codes=(code,)).active_intact
    assert score(broken) == 0.4


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "signature", "hashes", "intact"),
    [
        ("C", 1, 1, 1),
        ("CA", 1, 1, 1),
        ("CACAICAICICA", 1, 1, 1),
        ("CIE-sig-CA", 1, 1, 1),
        ("E-sig-CA", 0, 1, 0),
        ("E-dat-CA", 1, 0, 0),
        ("E-uri-CA", 1, 0, 0),
        ("E-clm-CAICAI", 1, 0, 0),
        ("E-uri-CIE-sig-CA", 1, 1, 0),
        ("XCA", 1, 0, 0),
    ],
)
def test_planted_errors_of_the_public_files(
    shared_data, name: str, signature: float, hashes: float, intact: float
) -> None:
    image = ImageFile.open(shared_data / FOLDER / "public-testfiles" / f"adobe-20220124-{name}.jpg")
    values = GROUP.compute(image)
    assert (values["signature_valid"], values["hashes_match"], values["integrity"]) == (signature, hashes, intact)
    assert (values["trusted"], values["ai_flag"]) == (0, 0)


@pytest.mark.real
@pytest.mark.parametrize("name", ["A", "I"])
def test_files_without_credentials(shared_data, name: str) -> None:
    assert read(ImageFile.open(shared_data / FOLDER / "public-testfiles" / f"adobe-20220124-{name}.jpg")) is None


@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "issuer"),
    [
        ("phone_vs_ai/fake/Gemini_Generated_Image_122dic122dic122d.png", "Google LLC"),
        ("phone_vs_ai/fake/my_building_front_chatgpt.png", "OpenAI"),
        ("humanOrAi/portrait-photorealistic-AI-01.png", "OpenAI"),
    ],
)
def test_generators_declare_ai_intact_and_untrusted(shared_data, path: str, issuer: str) -> None:
    found = read(ImageFile.open(shared_data / FOLDER / path))
    assert (found.declares, found.intact, found.trusted, found.issuer) == ("ai", True, False, issuer)


@pytest.mark.real
def test_a_change_of_one_byte_in_the_picture_breaks_integrity(shared_data) -> None:
    data = bytearray((shared_data / FOLDER / "phone_vs_ai/fake/my_building_front_chatgpt.png").read_bytes())
    data += b"appended"
    found = read(ImageFile.from_bytes(bytes(data), "a.png"))
    assert found is None or not found.hashes_match


@pytest.mark.real
def test_a_remote_manifest_is_not_fetched(shared_data, monkeypatch) -> None:
    import socket

    monkeypatch.setattr(socket, "socket", lambda *a, **k: pytest.fail("opened a socket"))
    path = shared_data / FOLDER / "c2pa-python/fixtures/files-for-reading-tests/cloud.jpg"
    assert GROUP.compute(ImageFile.open(path))["present"] == 0
