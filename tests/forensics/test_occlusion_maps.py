"""Where Model A looked is one of the maps of a checked image, and appears on the Check page once a model is promoted."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
from PIL import Image

from cgid.forensics.maps import OCCLUSION_KEY, OCCLUSION_TITLE, all_maps, maps
from cgid.imaging.image_file import ImageFile
from cgid.runs.store import set_current
from cgid.settings import settings
from page_driver import open_page, text
from planted_network import planted_run


def picture() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def promoted() -> None:
    weight = np.zeros((16, 16))
    weight[:4, :4] = 1
    set_current(planted_run(settings().runs / "model_a" / "planted", weight))


def test_without_a_model_there_is_no_such_map_and_with_one_it_is_the_last():
    assert OCCLUSION_KEY not in all_maps()
    promoted()
    assert list(all_maps())[-1] == OCCLUSION_KEY
    drawn = maps(ImageFile.from_bytes(picture(), "a.png"), [OCCLUSION_KEY])[OCCLUSION_KEY]
    assert drawn.shape == (192, 256, 3) and drawn.dtype == np.uint8


def test_the_check_page_shows_it_with_how_to_read_it_and_what_it_cannot_show():
    app = open_page("check")
    app.file_uploader(key="check-upload-0").upload("a.png", picture(), "image/png").run()
    assert not app.exception and OCCLUSION_TITLE not in text(app)
    promoted()
    app.run()
    assert not app.exception
    assert OCCLUSION_TITLE in text(app) and text(app).index("Model A gives") < text(app).index(OCCLUSION_TITLE)
    assert "Orange" in text(app) and "not where an image was altered" in text(app)


def test_the_map_comes_without_torch(tmp_path):
    promoted()
    (tmp_path / "a.png").write_bytes(picture())
    code = (
        "import sys; from cgid.imaging.image_file import ImageFile; from cgid.forensics.maps import maps; "
        "drawn = maps(ImageFile.open(sys.argv[1])); "
        f"print({OCCLUSION_KEY!r} in drawn, *[m for m in ('torch', 'pandas', 'streamlit') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.png")], capture_output=True, text=True)
    assert done.stdout.split() == ["True"], done.stderr
