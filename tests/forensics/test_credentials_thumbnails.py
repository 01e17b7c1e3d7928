"""Small pictures in credentials: shown where they are pictures of a thumbnail's size, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from cgid.forensics.provenance.history import MAX_THUMBNAILS, THUMBNAIL_SIDE, decode_thumbnail, thumbnails
from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials
from sample_files import jpeg, png


def test_a_picture_of_a_thumbnails_size_is_decoded_and_nothing_else() -> None:
    assert decode_thumbnail(jpeg(side=300)).shape == (THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3)
    assert decode_thumbnail(png(side=20)).shape == (20, 20, 3)
    for data in (b"", b"nonsense", jpeg()[:100], b"GIF89a" + bytes(20), png(side=2100)):
        assert decode_thumbnail(data) is None


def test_a_picture_without_credentials_has_none() -> None:
    assert thumbnails(ImageFile.from_bytes(png(), "a.png")) == []


def test_no_more_are_fetched_than_will_be_shown(monkeypatch) -> None:
    used = [{"title": "a", "thumbnail": {"identifier": f"i{n}"}} for n in range(50)]
    one = {"ingredients": used, "thumbnail": {"identifier": "own"}}
    store = {
        "active_manifest": "0",
        "manifests": {str(n): one | {"thumbnail": {"identifier": str(n)}} for n in range(90)},
    }
    asked: list[str] = []
    monkeypatch.setattr(content_credentials, "manifest_store", lambda image: store)
    monkeypatch.setattr(content_credentials, "resources", lambda image, names: asked.extend(names) or {"0": png()})
    found = thumbnails(ImageFile.from_bytes(png(), "a.png"))
    assert len(asked) == MAX_THUMBNAILS and asked[0] == "0"
    assert found[-1].own is not None and found[0].own is None


@pytest.mark.parametrize("name", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/", "self#jumbf=/c2pa/x", ""])
def test_only_what_lies_in_the_store_is_given(name: str) -> None:
    from cgid.forensics.samples import embed

    image = ImageFile.from_bytes(embed.sign_as_ai(jpeg(), "image/jpeg", "t"), "a.jpg")
    assert content_credentials.resources(image, [name]) == {}


@pytest.mark.real
def test_public_files_keep_what_every_account_looked_like(shared_data) -> None:
    path = shared_data / "c2pa_and_metadata/public-testfiles/adobe-20220124-CACAICAICICA.jpg"
    found = thumbnails(ImageFile.open(path))
    assert [len(one.ingredients) for one in found] == [1, 2, 1, 2]
    assert all(one.own is not None for one in found)
    newest = found[-1]
    assert newest.ingredients[0] is not None and not np.array_equal(newest.own, newest.ingredients[0])
