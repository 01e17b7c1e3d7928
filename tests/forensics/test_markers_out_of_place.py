"""A camera's photograph does not become AI by words put where no generator puts them; the same words in place do."""

from __future__ import annotations

import zlib

import pytest
from PIL import Image

from cgid.forensics.evidence.evidence import Evidence, Material, all_kinds
from cgid.forensics.provenance.summary import provenance
from cgid.forensics.verdict import decide
from cgid.imaging.image_file import ImageFile
from cgid.schema import RuleResult
from sample_files import chunk, itxt, jpeg, png

WORDS = (
    b"AI generated!",  # thirteen bytes that turned a public detector
    b"Made with Midjourney",
    b"Stable Diffusion XL",
    b"trainedAlgorithmicMedia",
    b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    b"c2pa.created by OpenAI DALL-E",
)
A1111 = b"a duck\nNegative prompt: cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: m"
NOTHING = Evidence("", "", "", 0.0, "neither", "")
PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><d xmlns:i="u" i:DigitalSourceType="http://cv.iptc.org/newscodes/'
    b'digitalsourcetype/trainedAlgorithmicMedia"/></x:xmpmeta>'
)
XMP = b"http://ns.adobe.com/xap/1.0/\0"


def photo(comment: bytes = b"") -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "NIKON CORPORATION", "NIKON D800"
    if comment:
        exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + comment
    return exif


PLACES = {
    "after the end": lambda words: jpeg(exif=photo(), after=words),
    "a comment segment": lambda words: jpeg((0xFE, words), exif=photo()),
    "an unknown segment": lambda words: jpeg((0xEA, words), exif=photo()),
    "EXIF's user comment": lambda words: jpeg(exif=photo(words)),
    "a credentials segment of words": lambda words: jpeg((0xEB, words), exif=photo()),
    "a credentials segment without credentials": lambda words: jpeg(
        (0xEB, b"JP\0\1\0\0\0\1\0\0\0\x40jumb" + b"c2pa" + words.ljust(80)), exif=photo()
    ),
    "text under another name": lambda words: png(itxt("Note", words.decode())),
    "a title": lambda words: png(itxt("Title", words.decode())),
    "an unknown chunk": lambda words: png(chunk(b"teSt", words)),
    "after the end of a PNG": lambda words: png(after=chunk(b"tEXt", b"parameters\0" + words)),
}


def declared(data: bytes) -> tuple[str, str]:
    """(verdict without any model, the strongest evidence's direction)."""
    image = ImageFile.from_bytes(data, "photo")
    said = provenance(image)
    material = Material(image, {"provenance": said, "features": {}})
    kinds = ("camera", "credentials", "generator", "oddities", "trailing", "texts", "silence")
    pieces = [piece for kind in kinds for piece in all_kinds()[kind].find(material)]
    return decide(said, None, None, RuleResult()).verdict, max(
        pieces, key=lambda p: p.strength, default=NOTHING
    ).points_to


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("words", WORDS)
def test_words_out_of_place_do_not_make_a_photograph_ai(place: str, words: bytes) -> None:
    verdict, points_to = declared(PLACES[place](words))
    assert (verdict, points_to == "ai") == ("inconclusive", False)


@pytest.mark.parametrize(
    "data",
    [
        jpeg(exif=photo(), after=A1111),
        jpeg((0xEA, A1111), exif=photo()),
        jpeg(exif=photo(), after=XMP + PACKET),
        jpeg((0xFE, XMP + PACKET), exif=photo()),
        jpeg((0xE2, XMP + PACKET), exif=photo()),
        jpeg((0xED, PACKET), exif=photo()),
        png(itxt("Note", A1111.decode())),
        png(itxt("XMP", PACKET.decode())),
        png(after=itxt("parameters", A1111.decode())),
        png(chunk(b"zTXt", b"Note\0\0" + zlib.compress(A1111))),
    ],
)
def test_a_generators_whole_text_counts_nowhere_but_in_its_place(data: bytes) -> None:
    assert declared(data)[0] == "inconclusive"


@pytest.mark.parametrize(
    "data",
    [
        png(itxt("parameters", A1111.decode())),
        jpeg(exif=photo(A1111)),
        jpeg((0xE1, XMP + PACKET), exif=photo()),
        png(itxt("XML:com.adobe.xmp", PACKET.decode())),
    ],
)
def test_the_same_texts_in_their_place_declare_ai(data: bytes) -> None:
    assert declared(data) == ("declared_ai", "ai")
