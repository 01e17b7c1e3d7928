"""What a file says of itself, told in sentences that are fit to be shown."""

from __future__ import annotations

import io

import pytest
from PIL import Image, PngImagePlugin

from cgid.forensics.provenance import credentials
from cgid.forensics.provenance.summary import provenance
from cgid.imaging.image_file import ImageFile
from cgid.metadata.content_credentials import Credentials


def png(**texts: str) -> ImageFile:
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_itxt(key, text)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=info)
    return ImageFile.from_bytes(buffer.getvalue(), "a.png")


def test_a_silent_file_declares_nothing() -> None:
    said = provenance(png())
    assert (said["declares"], said["by"], said["statements"], said["credentials"]) == ("", "", [], None)


def test_a_generators_field_declares_ai() -> None:
    said = provenance(png(workflow='{"last_node_id": 1}'))
    assert said["declares"] == "ai"
    assert said["by"] == "Its PNG text field “workflow” contains data that ComfyUI writes into its images."


def test_text_of_a_hostile_file_is_cut_and_cleaned() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Evil\x1b[31m\n" + "x" * 5000
    exif[0x0110] = "<script>"
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", exif=exif)
    said = provenance(ImageFile.from_bytes(buffer.getvalue(), "a.jpg"))
    for text in (*said["camera"].values(), *said["statements"]):
        assert len(text) <= 200
        assert text.isprintable()


def test_how_it_was_made_is_told_and_a_hostile_prompt_is_cut() -> None:
    plain = "a duck\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 77, Model: duckling"
    said = provenance(png(parameters=plain))
    assert "Generator settings in the file: prompt “a duck”, model “duckling”, seed “77”." in said["statements"]
    assert said["traces"][0]["settings"]["seed"] == "77"
    hostile = "\x1b[31m\u202e" + "<script>" * 500 + plain
    said = provenance(png(parameters=hostile))
    shown = [*said["statements"], *said["traces"][0]["settings"].values()]
    assert all(text.isprintable() and len(text) <= 1000 for text in shown)
    assert any(
        s.startswith("Generator settings in the file: ") and s.endswith("seed “77”.") for s in said["statements"]
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Credentials(codes=("claimSignature.mismatch",)), "the signature does not match the signed content"),
        (Credentials(codes=("assertion.dataHash.mismatch",)), "bytes are not those that were signed"),
        (Credentials(codes=("assertion.hashedURI.mismatch",)), "an assertion was changed or removed"),
        (Credentials(ingredient_codes=("claimSignature.mismatch",)), "those of this file are not affected"),
        (Credentials(captured=True, issuer="Maker", trusted=True), "Maker, who is on the trust list"),
        (Credentials(software_created=True), "not a camera or a trained AI"),
        (Credentials(codes=("signingCredential.expired",)), "no sign of tampering"),
        (Credentials(unreadable="bad box"), "cannot be read (bad box)"),
    ],
)
def test_each_state_of_credentials_has_its_words(found: Credentials, words: str) -> None:
    assert any(words in s for s in credentials.statements(found))


def test_a_signers_long_name_does_not_push_the_warning_out() -> None:
    made = Credentials(issuer="Trusted Authority " * 50, generator="x" * 900, agents=("y" * 900,), declares="ai")
    said = credentials.declaration(made)
    assert len(said) <= 200
    assert said.endswith("who cannot be verified here).")


@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "declares", "words"),
    [
        ("phone_vs_ai/fake/my_building_front_chatgpt.png", "ai", "signed by OpenAI, who cannot be verified here"),
        ("phone_vs_ai/fake/Gemini_Generated_Image_122dic122dic122d.png", "ai", "Google LLC"),
        ("public-testfiles/adobe-20220124-CA.jpg", "", "match the image and declare no AI"),
        ("public-testfiles/adobe-20220124-E-dat-CA.jpg", "", "do not match the image"),
        ("public-testfiles/adobe-20220124-E-uri-CIE-sig-CA.jpg", "", "an earlier version"),
        ("c2pa-python/fixtures/files-for-reading-tests/cloud.jpg", "", "not fetched"),
    ],
)
def test_real_credentials_in_words(shared_data, path: str, declares: str, words: str) -> None:
    said = provenance(ImageFile.open(shared_data / "c2pa_and_metadata" / path))
    assert said["declares"] == declares
    assert any(words in s for s in said["statements"])
    assert not any("tamper" in s and "no sign" not in s for s in said["statements"])


@pytest.mark.real
def test_broken_credentials_that_name_ai_do_not_declare_it(shared_data) -> None:
    data = (shared_data / "c2pa_and_metadata/phone_vs_ai/fake/my_building_front_chatgpt.png").read_bytes()
    image = Image.open(io.BytesIO(data)).convert("RGB").resize((200, 300))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    clean = buffer.getvalue()
    at = data.index(b"caBX") - 4
    chunk = data[at : at + 12 + int.from_bytes(data[at : at + 4], "big")]
    moved = clean[:33] + chunk + clean[33:]
    said = provenance(ImageFile.from_bytes(moved, "a.png"))
    assert said["declares"] == ""
    assert said["credentials"]["fits_picture"] is False
    assert any("do not count" in s for s in said["statements"])
