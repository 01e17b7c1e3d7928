"""The learning curve says on whose images the epoch was chosen, where that was not val."""

from __future__ import annotations

from cgid.files import write_json
from cgid.settings import settings
from page_driver import open_page, text


def run(name: str, **more) -> None:
    epochs = [{"epoch": i, "train_loss": 0.7 / i, "val_loss": 0.7, "val_auc": 0.5, "seconds": 1.0} for i in (1, 2)]
    manifest = {"kind": "model_a", "run_id": name, "metrics": {}, "history": epochs}
    write_json(settings().runs / "model_a" / name / "run_manifest.json", manifest | more)


def test_a_held_out_source_is_named_under_the_curve_and_stays_text():
    said = "the epoch was chosen on 3 real and 4 AI images of *there*, which the network was never trained on"
    run("held", early_stop_source={"sources": ["*there*"], "words": said})
    run("usual")
    assert "The epoch was chosen on 3 real and 4 AI images of \\*there\\*" in text(
        open_page("train", curve="model_a/held")
    )
    assert "The epoch was chosen" not in text(open_page("train", curve="model_a/usual"))
