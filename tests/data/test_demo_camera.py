"""The simulated camera: colours survive it, noise grows with light, EXIF agrees with itself."""

import io

import numpy as np
import pytest
from PIL import Image

from cgid.data.demo.camera import CAMERAS, LUMA, exif, expose, mosaic


def _flat(colour, side=64):
    return np.full((side, side, 3), colour, np.uint8)


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda c: c.name)
def test_every_sensor_pattern_keeps_red_red_and_blue_blue(camera):
    shot = expose(_flat((180, 60, 20)), camera, 100, True, np.random.default_rng(0))[8:-8, 8:-8]
    red, green, blue = shot.reshape(-1, 3).mean(axis=0)
    assert red > 140 and 40 < green < 65 and blue < 30


def test_mosaic_takes_the_channel_its_pattern_names():
    light = np.stack([np.full((2, 2), v, np.float32) for v in (1, 2, 3)], axis=2)
    assert mosaic(light, "RGGB").tolist() == [[1, 2], [2, 3]]
    assert mosaic(light, "GBRG").tolist() == [[2, 3], [1, 2]]


def test_noise_in_linear_light_grows_with_light_and_with_iso():
    def spread(level, iso):
        light = (expose(_flat((level,) * 3, 128), CAMERAS[2], iso, False, np.random.default_rng(1)) / 255.0) ** 2.2
        return light[4:-4, 4:-4].std()

    assert spread(200, 1600) > 1.5 * spread(60, 1600)
    assert spread(120, 3200) > 1.5 * spread(120, 200)


def test_monochrome_mode_gives_three_equal_channels():
    shot = expose(_flat((180, 60, 20)), CAMERAS[0], 800, False, np.random.default_rng(0)).astype(int)
    assert np.ptp(shot, axis=2).max() == 0
    assert LUMA.sum() == pytest.approx(1)


def test_exif_is_consistent_and_says_simulated():
    image = Image.new("RGB", (64, 64))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif(CAMERAS[1], 400, 64, np.random.default_rng(3)))
    tags = Image.open(io.BytesIO(buffer.getvalue())).getexif()
    detail = tags.get_ifd(0x8769)
    assert tags[0x010F] == "Simulated" and "Simulated" in tags[0x0110] and "Simulated" in detail[0xA434]
    assert tags[0x0132] == detail[0x9003] == detail[0x9004]
    assert detail[0x8827] == 400 and detail[0xA002] == 64
    assert CAMERAS[1].focal[0] <= detail[0x920A] <= CAMERAS[1].focal[1]
    assert 0 < detail[0x829A] < 1
