"""`promote` says in words what became current, and what was before."""

from cgid.files import sha256_of, write_json
from cgid.progress import silent
from cgid.runs import store
from cgid.runs.params import PromoteParams
from cgid.runs.store import promote


def test_promotion_tells_what_is_current_and_what_was_before(tmp_path, monkeypatch):
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    results = []
    for name in ("first", "second"):
        folder = tmp_path / "artifacts" / "runs" / "model_b" / name
        folder.mkdir(parents=True)
        (folder / "model_b.json").write_text("{}")
        weights = {"file": "model_b.json", "sha256": sha256_of(folder / "model_b.json")}
        write_json(folder / "run_manifest.json", {"kind": "model_b", "weights": weights})
        results.append(promote(PromoteParams(folder), silent))
    assert [r["before"] for r in results] == [None, "first"]
    assert results[1]["summary"] == "Model B is now second."
    assert store.current("model_b").id == "second"
