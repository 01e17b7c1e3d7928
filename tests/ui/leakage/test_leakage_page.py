"""The Leakage page: verdict and gate in words, counts by class, look-alikes, the pair, and names that stay text."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cgid.audit.params import AuditParams
from cgid.audit.run import audit
from cgid.settings import settings
from page_driver import open_page, text

HOSTILE = "noise_[x](http://a.b) <b>$q$ `y`"


@pytest.fixture
def audited(tmp_path):
    random, n = np.random.default_rng(0), 400
    label = np.arange(n) // 2 % 2
    folder = settings().features / "mine"
    folder.mkdir(parents=True)
    pictures = []
    for i in range(4):
        pictures.append(tmp_path / f"{i}.png")
        Image.new("RGB", (16, 16), (i * 40, 0, 0)).save(pictures[-1])
    first = random.normal(size=n)
    frame = pd.DataFrame(
        {
            "record_id": [f"{i:064x}" for i in range(n)],
            "filepath": [str(pictures[i % 4]) for i in range(n)],
            "filename": [f"{i}.{'png' if y else 'jpg'}" for i, y in enumerate(label)],
            "label": np.where(label == 1, "ai", "real"),
            "split": np.where(np.arange(n) < 300, "train", "test"),
            "phash": [f"{h:016x}" for h in random.integers(2**40, 2**60, n)],
            "container_is_png": label * 1.0,
            "metadata_first": first,
            "metadata_second": np.abs(random.normal(size=n)) * np.sign(first) * np.where(label == 1, 1, -1),
            "container_width": 256.0,
            "container_height": 256.0,
            HOSTILE: random.normal(size=n),
        }
    ).astype({HOSTILE: object})
    frame.loc[350, "phash"] = frame.loc[2, "phash"]
    frame.loc[16, HOSTILE] = "abc"
    frame.to_csv(folder / "features.csv", index=False)
    audit(AuditParams(folder / "features.csv", settings().audits / "mine", bootstrap=20))


def test_the_page_says_what_leaks_what_the_gate_would_do_and_shows_the_pairs(audited):
    app = open_page("leakage", audit="mine")
    words = text(app)
    assert "The label leaks" in words.replace("\\", "")
    assert "A gate of 0.60 would refuse this data: container 1.00" in words.replace("\\", "")
    assert "Distance: 0 of 64 bits" in words
    headings = [s.value for s in app.subheader]
    expected = [
        *("Features that predict the label on their own", "Feature families", "Data set checks"),
        *(
            "Format, size and quality by class",
            "Near-duplicates across splits",
            "Two features that leak the label together",
        ),
        *("One feature in detail", "Download"),
    ]
    assert [h for h in headings if h in expected] == expected
    (pair,) = [s for s in app.selectbox if s.label == "Pair"]
    assert pair.options[0] == "metadata_first and metadata_second"
    assert "Row 17" in words.replace("\\", "")


def test_a_feature_with_a_hostile_name_and_a_cell_of_text_is_shown(audited):
    app = open_page("leakage", audit="mine")
    box = next(s for s in app.selectbox if s.label == "Feature")
    box.select(HOSTILE).run()
    assert not app.exception
    assert "](http" not in "\n".join(m.value for m in app.markdown)


def test_an_audit_of_an_earlier_version_is_shown_without_tables(audited):
    from cgid.files import read_json, write_json

    path = settings().audits / "mine" / "feature_leakage_summary.json"
    old = read_json(path)
    kept = {k: v for k, v in old.items() if k not in ("severity_counts", "families")}
    write_json(path, kept | {"dataset_checks": [{"code": "size_by_class", "result": "passed", "details": {}}]})
    headings = [s.value for s in open_page("leakage", audit="mine").subheader]
    assert "Near-duplicates across splits" not in headings and "Format, size and quality by class" not in headings
