"""Settings of format matching for the whole set: crop, qualities, distance of two samples, one file size."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy.stats import chisquare, ks_2samp

from cgid.errors import InputError
from cgid.format_matching.image import ImageMatcher, _crop_start, padded
from cgid.format_matching.plan import FileInfo, common_side, real_qualities
from cgid.format_matching.record import ks_distance
from cgid.imaging.image_file import ImageFile
from cgid.imaging.jpeg_encode import encode
from format_matching_cases import picture


def test_largest_gap_of_two_samples_by_hand():
    assert ks_distance([1, 2, 3, 4], [3, 4, 5, 6]) == 0.5  # up to 2: half of the first, none of the second
    assert ks_distance([5], [5]) == 0


def test_fill_bytes_bring_a_jpeg_to_a_size_and_change_no_pixel():
    pixels = np.asarray(picture(3))
    small = encode(pixels, 80)
    for size in (len(small), len(small) + 1, len(small) + 100_003):
        large = padded(small, size)
        assert len(large) == size and large.endswith(b"\xff\xd9")
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(large))), np.asarray(Image.open(io.BytesIO(small))))
        assert np.array_equal(*(cv2.imdecode(np.frombuffer(d, np.uint8), 1) for d in (small, large)))
        assert padded(large, size + 5) == padded(small, size + 5)  # again, as after a kill
    with pytest.raises(ValueError, match="more than"):
        padded(small, len(small) - 1)


def test_the_crop_is_what_most_images_of_both_classes_hold():
    real, ai = np.array([103] * 9 + [20]), np.full(10, 260)
    assert common_side([real, ai], 0) == 96  # nine of ten real ones have 96 and 7 to move
    assert common_side([real, ai], 16) == 16
    with pytest.raises(InputError, match="multiple of 8"):
        common_side([real, ai], 20)
    with pytest.raises(InputError, match="smaller --size"):
        common_side([real, ai], 128)
    with pytest.raises(InputError, match="smaller than 15"):
        common_side([np.array([7, 7]), ai], 0)


def test_real_files_without_tables_do_not_count():
    looks = [FileInfo(quality=90, subsampling="4:2:0"), FileInfo(), FileInfo(quality=75, subsampling="4:4:4")]
    assert real_qualities(looks) == ((75, "4:4:4"), (90, "4:2:0"))


def test_both_classes_draw_their_quality_from_one_distribution(tmp_path):
    one = ImageMatcher(str(tmp_path), tuple((q, "4:2:0") for q in range(70, 97)), 16, 7)
    drawn = {}
    for name in ("JPEG", "PNG"):
        buffers = []
        for i in range(300):
            buffer = io.BytesIO()
            Image.new("RGB", (24, 24), (i % 256, i // 256, 9)).save(buffer, name)
            buffers.append(ImageFile.from_bytes(buffer.getvalue(), f"{i}"))
        drawn[name] = [one._matched(image)[1]["quality"] for image in buffers]
    found = ks_distance(drawn["JPEG"], drawn["PNG"])
    reference = ks_2samp(drawn["JPEG"], drawn["PNG"])
    assert found == pytest.approx(reference.statistic) and reference.pvalue > 0.01
    assert set(drawn["JPEG"]) == set(range(70, 97))


def test_every_place_within_a_block_is_as_likely_however_large_the_image():
    for room in (7, 8, 13, 300):
        draw = np.random.default_rng(5)
        places = np.array([_crop_start(draw, room) for _ in range(4000)])
        assert places.min() == 0 and places.max() <= room
        assert chisquare(np.bincount(places % 8, minlength=8)).pvalue > 0.001
