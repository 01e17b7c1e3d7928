"""Every registered group keeps its word: a new file in groups/ is tested by being there."""

import math

import numpy as np
import pytest

from cgid.features.group import extract
from cgid.features.registry import all_groups, select_groups
from cgid.imaging.image_file import ImageFile
from synthetic_images import MODES, SIZES, encoded, in_mode, photo

GROUPS = list(all_groups())
PICTURES = {f"{w}x{h}": (encoded(photo(w, h)), f"{w}x{h}.png") for w, h in SIZES}
PICTURES |= {mode.replace(";", ""): in_mode(mode) for mode in MODES}
PICTURES["jpeg"] = (encoded(photo(200, 120), "JPEG", quality=85), "picture.jpg")
PICTURES["flat"] = (encoded(np.full((64, 64, 3), 127, np.uint8)), "flat.png")
LONGEST_SIDE = 1024


@pytest.fixture(scope="module", params=PICTURES, ids=str)
def picture(request):
    return PICTURES[request.param]


@pytest.mark.parametrize("key", GROUPS)
def test_it_gives_every_column_finite_or_missing_and_the_same_again(key, picture):
    groups = select_groups([key])
    values, problems = extract(ImageFile.from_bytes(*picture), groups)
    group = groups[key]
    assert problems == {}
    assert {c for g in groups.values() for c in g.columns} == set(values)
    assert not any(math.isinf(v) for v in values.values())
    own = [values[c] for c in group.columns if c != group.missing_column]
    assert values[group.missing_column] == float(all(math.isnan(v) for v in own))
    again, _ = extract(ImageFile.from_bytes(*picture), groups)
    assert np.array_equal(list(values.values()), list(again.values()), equal_nan=True)


@pytest.mark.parametrize("key", GROUPS)
def test_it_computes_only_features_it_names(key):
    group = select_groups([key])[key]
    image = ImageFile.from_bytes(*PICTURES["jpeg"])
    earlier, _ = extract(image, {k: g for k, g in select_groups([key]).items() if k != key})
    found = group.compute(image, earlier) if group.after else group.compute(image)
    assert set(found) <= {f.name for f in group.features}


@pytest.mark.parametrize("key", GROUPS)
def test_it_says_what_it_means_and_where_it_comes_from(key):
    group = all_groups()[key]
    assert group.title and group.meaning and group.cite and group.version >= 1
    for feature in group.features:
        assert feature.title and feature.meaning, feature.name
    assert len({f.name for f in group.features}) == len(group.features)


@pytest.mark.parametrize("key", [k for k, g in all_groups().items() if g.maps])
def test_its_maps_are_pictures_with_a_legend(key, picture):
    for drawn in all_groups()[key].maps:
        made = drawn.draw(ImageFile.from_bytes(*picture))
        assert made.dtype == np.uint8 and made.ndim in (2, 3) and min(made.shape) >= 1
        assert max(made.shape[:2]) <= LONGEST_SIDE and (made.ndim == 2 or made.shape[2] == 3)
        assert drawn.title and drawn.legend


def test_a_map_of_a_large_picture_stays_within_bounds():
    large = ImageFile.from_bytes(encoded(photo(2300, 1100), "JPEG", quality=90), "large.jpg")
    for group in all_groups().values():
        for drawn in group.maps:
            assert max(drawn.draw(large).shape[:2]) <= LONGEST_SIDE


@pytest.mark.parametrize("size", [(48, 48), (210, 300)])
def test_values_do_not_depend_on_where_arrays_lie_in_memory(size):
    """Some libraries sum in another order when an array starts elsewhere: then two runs give two tables."""
    data, random, kept, seen = encoded(photo(*size)), np.random.default_rng(0), [], []
    for _ in range(6):
        kept += [np.empty(n, np.uint8) for n in random.integers(1, 5000, 3)]
        seen.append(extract(ImageFile.from_bytes(data, "x.png"), all_groups())[0])
    differing = {c for values in seen for c in values if not np.array_equal(values[c], seen[0][c], equal_nan=True)}
    assert not differing
