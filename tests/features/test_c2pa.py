"""Content credentials of the C2PA project's public files: integrity and trust are told apart."""

from __future__ import annotations

import io
import math
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from cgid.features.groups.c2pa import GROUP, score
from cgid.imaging.image_file import ImageFile
from cgid.metadata.content_credentials import Credentials, read

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
    [
        "signingCredential.untrusted",
        "signingCredential.expired",
        "claimSignature.outsideValidity",
        "timeStamp.mismatch",
        "assertion.action.malformed",
    ],
)
def test_trust_and_wording_never_read_as_tampering(code: str) -> None:
    assert Credentials(codes=(code,)).intact


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("claimSignature.mismatch", "signature"),
        ("claim.missing", "signature"),
        ("assertion.dataHash.mismatch", "data_hash"),
        ("assertion.boxesHash.mismatch", "data_hash"),
        ("claim.hardBindings.missing", "data_hash"),
        ("assertion.hashedURI.mismatch", "assertion"),
        ("assertion.missing", "assertion"),
        ("assertion.undeclared", "assertion"),
    ],
)
def test_what_does_not_fit_is_told_by_kind(code: str, kind: str) -> None:
    broken = Credentials(codes=(code,))
    assert (broken.kinds, broken.intact) == ({kind}, False)
    assert score(broken) == 0.4


def test_an_ingredients_error_is_no_error_of_the_file() -> None:
    for made in (
        Credentials(ingredient_codes=("claimSignature.mismatch",)),
        Credentials(codes=("ingredient.manifest.missing",)),
    ):
        assert (made.intact, made.broken_ingredients, score(made)) == (True, 1, 0)
    assert Credentials(ingredient_codes=("signingCredential.untrusted",)).broken_ingredients == 0


FITS, SIGNATURE, DATA, URI = (1, 1, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0)
NONE = None
# Name -> (signature, picture, statements fit), broken ingredients. As the data card lists them.
PUBLIC = {
    "adobe-20220124-A.jpg": NONE,
    "adobe-20220124-I.jpg": NONE,
    **{
        f"adobe-20220124-{name}.jpg": (FITS, 0)
        for name in (
            *("C", "CA", "CACA", "CACAICAICICA", "CAI", "CAIAIIICAICIICAIICICA", "CAICA", "CAICAI", "CI", "CICA"),
            *("CICACACA", "CII"),
        )
    },
    "adobe-20220124-CIE-sig-CA.jpg": (FITS, 1),
    "adobe-20220124-E-uri-CIE-sig-CA.jpg": (FITS, 2),
    "adobe-20220124-E-sig-CA.jpg": (SIGNATURE, 0),
    "adobe-20220124-E-dat-CA.jpg": (DATA, 0),
    "adobe-20220124-XCA.jpg": (DATA, 0),
    "adobe-20220124-XCI.jpg": (DATA, 0),
    "adobe-20220124-E-uri-CA.jpg": (URI, 0),
    "adobe-20220124-E-clm-CAICAI.jpg": (URI, 2),
    "nikon-20221019-building.jpeg": (FITS, 0),
    "truepic-20230212-camera.jpg": (DATA, 0),
}
LIBRARY = {
    "CA.jpg": (FITS, 0),
    "CA_ct.jpg": (FITS, 0),
    "CACAE-uri-CA.jpg": (FITS, 1),
    "CIE-sig-CA.jpg": (FITS, 1),
    "E-sig-CA.jpg": (SIGNATURE, 0),
    "XCA.jpg": (DATA, 0),
    "boxhash.jpg": (FITS, 0),
    "legacy_ingredient_hash.jpg": (FITS, 0),
    "cloud.jpg": NONE,
}


@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "expected"),
    [(f"public-testfiles/{n}", e) for n, e in PUBLIC.items()]
    + [(f"c2pa-python/fixtures/files-for-reading-tests/{n}", e) for n, e in LIBRARY.items()],
    ids=[*PUBLIC, *(f"library-{n}" for n in LIBRARY)],
)
def test_every_public_file_reads_as_the_data_card_says(shared_data, path: str, expected) -> None:
    values = GROUP.compute(ImageFile.open(shared_data / FOLDER / path))
    assert values["present"] == float(expected is not None)
    if expected is None:
        return
    fits, broken_ingredients = expected
    assert (values["signature_valid"], values["data_hash_valid"], values["assertions_valid"]) == fits
    assert values["integrity"] == float(fits == FITS)
    assert values["hashes_match"] == float(fits[1] and fits[2])
    assert values["ingredient_failure_count"] == broken_ingredients
    assert values["trusted"] == values["ai_flag"] == values["partly_ai_flag"] == 0


@pytest.mark.real
def test_every_public_file_is_in_the_table(shared_data) -> None:
    assert {p.name for p in (shared_data / FOLDER / "public-testfiles").iterdir()} == set(PUBLIC)


@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "issuer", "maker"),
    [
        ("phone_vs_ai/fake/Gemini_Generated_Image_122dic122dic122d.png", "Google LLC", "Google C2PA Core Generator"),
        ("phone_vs_ai/fake/my_building_front_chatgpt.png", "OpenAI", "ChatGPT"),
        ("humanOrAi/portrait-photorealistic-AI-01.png", "OpenAI", "ChatGPT"),
    ],
)
def test_generators_declare_ai_intact_and_untrusted(shared_data, path: str, issuer: str, maker: str) -> None:
    found = read(ImageFile.open(shared_data / FOLDER / path))
    assert (found.declares, found.intact, found.trusted, found.issuer) == ("ai", True, False, issuer)
    assert found.generator.startswith(maker)
    assert found.broken_ingredients == 0
    assert "trainedAlgorithmicMedia" in found.source_types
    assert maker != "ChatGPT" or "GPT-4o" in found.agents


@pytest.mark.real
def test_bytes_appended_to_a_signed_picture_never_read_as_fitting(shared_data) -> None:
    data = (shared_data / FOLDER / "phone_vs_ai/fake/my_building_front_chatgpt.png").read_bytes() + b"appended"
    found = read(ImageFile.from_bytes(data, "a.png"))
    assert found is None or not found.data_hash_valid


@pytest.mark.real
def test_damaged_credentials_end_in_values_or_as_unreadable(shared_data) -> None:
    whole = (shared_data / FOLDER / "c2pa-python/fixtures/files-for-reading-tests/CA.jpg").read_bytes()
    start = whole.index(b"jumb")
    random = np.random.default_rng(0)
    for _ in range(40):
        data = bytearray(whole)
        for at in random.integers(start, start + 20_000, 5):
            data[at] ^= int(random.integers(1, 256))
        values = GROUP.compute(ImageFile.from_bytes(bytes(data), "a.jpg"))
        assert values["present"] in (0, 1)
        assert values["integrity"] != 1


@pytest.mark.real
def test_a_remote_manifest_is_not_fetched(shared_data, monkeypatch) -> None:
    import socket

    monkeypatch.setattr(socket, "socket", lambda *a, **k: pytest.fail("opened a socket"))
    path = shared_data / FOLDER / "c2pa-python/fixtures/files-for-reading-tests/cloud.jpg"
    assert GROUP.compute(ImageFile.open(path))["present"] == 0


def test_the_library_is_not_loaded_for_a_file_without_credentials() -> None:
    code = """
import io, sys
from PIL import Image
from cgid.features.groups.c2pa import GROUP
from cgid.imaging.image_file import ImageFile
for kind in ("JPEG", "PNG", "WEBP"):
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, kind)
    GROUP.compute(ImageFile.from_bytes(file.getvalue() + b"jumb c2pa" * (kind != "WEBP"), "a"))
assert "c2pa" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
