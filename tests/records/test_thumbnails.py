"""A small picture is kept by content once, wherever a name points, and nothing is kept of what cannot be read."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from cgid.records.keep import THUMBNAIL_SIDE, save_thumbnail, thumbnail_path
from cgid.settings import settings


def png(width: int, height: int, mode: str = "RGB") -> tuple[bytes, str]:
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), 90, np.uint8)).convert(mode).save(buffer, "PNG")
    return buffer.getvalue(), hashlib.sha256(buffer.getvalue()).hexdigest()


@pytest.mark.parametrize(
    ("width", "height", "mode"), [(900, 300, "RGB"), (1, 1, "RGB"), (40, 3000, "P"), (50, 50, "L")]
)
def test_any_picture_becomes_a_small_one_of_its_shape(width, height, mode):
    data, sha256 = png(width, height, mode)
    assert thumbnail_path(sha256) is None
    path = save_thumbnail(sha256, data, "../../a.png")
    assert path == thumbnail_path(sha256) and settings().artifacts in path.parents
    with Image.open(path) as small:
        assert (
            max(small.size) <= THUMBNAIL_SIDE
            and abs(small.size[0] / small.size[1] - width / height) < 0.5 * width / height
        )
    before = path.stat().st_mtime_ns
    assert save_thumbnail(sha256, data, "b.png") == path and path.stat().st_mtime_ns == before


def test_what_is_no_picture_or_no_sha256_leaves_no_file():
    assert save_thumbnail("a" * 64, b"not a picture", "a.png") is None and thumbnail_path("a" * 64) is None
    assert save_thumbnail("../../../x", png(4, 4)[0], "a.png") is None and thumbnail_path("") is None
    assert not list(settings().home.rglob("*.webp"))


def test_the_page_keeps_one_of_what_it_checked(tmp_path):
    from streamlit.testing.v1 import AppTest

    from cgid.records import store
    from cgid.settings import REPOSITORY

    data, sha256 = png(40, 30)
    (tmp_path / "a.png").write_bytes(data)
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
    app.session_state["examined"] = str(tmp_path / "a.png")
    app.switch_page("pages/check.py").run()
    assert not app.exception and thumbnail_path(sha256) and store.count_analyses() == 1
