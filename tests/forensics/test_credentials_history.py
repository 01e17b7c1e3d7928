"""The history in content credentials: every account in order, whether it holds, who signed it, what was done."""

from __future__ import annotations

import pytest

from cgid.forensics.provenance import history
from cgid.forensics.provenance.credentials import describe_action, merge_repeats
from cgid.forensics.provenance.history import MAX_ACTIONS, MAX_ENTRIES, timeline
from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials
from sample_files import png

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def of(store: object, monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """The timeline of a store as the library would report it."""
    monkeypatch.setattr(content_credentials, "manifest_store", lambda image: store)
    return timeline(ImageFile.from_bytes(png(), "a.png"))


def manifest(*below: str, **more) -> dict:
    return {"title": "t", "ingredients": [{"title": b, "active_manifest": b} for b in below], **more}


def failing(label: str, code: str) -> dict:
    return {"code": code, "url": f"self#jumbf=/c2pa/{label}/c2pa.signature"}


def test_ingredients_come_before_what_was_made_of_them(monkeypatch) -> None:
    chain = {"c": manifest("a", "b"), "a": manifest(), "b": manifest("a")}
    found = of({"active_manifest": "c", "manifests": chain}, monkeypatch)
    assert [[i["entry"] for i in e["ingredients"]] for e in found] == [[], [0], [0, 1]]
    assert [e["newest"] for e in found] == [False, False, True]


def test_an_account_that_nothing_leads_to_is_kept_and_marked(monkeypatch) -> None:
    found = of({"active_manifest": "b", "manifests": {"z": manifest(), "b": manifest("gone")}}, monkeypatch)
    assert [e["linked"] for e in found] == [False, True]
    assert found[1]["ingredients"][0]["missing"]


def test_manifests_that_name_each_other_in_a_circle_end(monkeypatch) -> None:
    found = of({"active_manifest": "a", "manifests": {"a": manifest("b"), "b": manifest("a")}}, monkeypatch)
    assert len(found) == 2


def test_a_failure_belongs_to_the_manifest_it_names(monkeypatch) -> None:
    noted = manifest("old")
    noted["ingredients"][0]["validation_status"] = [failing("old", "assertion.hashedURI.mismatch")]
    store = {"active_manifest": "new", "manifests": {"new": noted, "old": manifest()}}
    old, new = of(store, monkeypatch)
    assert (old["fits"], old["does_not_fit"], old["noted"]) == (False, ["assertion"], True)
    assert new["fits"] and new["integrity"].startswith("Valid: ")
    store["validation_results"] = {"activeManifest": {"failure": [failing("new", "claimSignature.mismatch")]}}
    assert [e["fits"] for e in of(store, monkeypatch)] == [False, False]


def test_an_unknown_or_expired_signer_is_no_failure(monkeypatch) -> None:
    codes = ("signingCredential.untrusted", "signingCredential.expired", "timeStamp.mismatch")
    results = {"activeManifest": {"failure": [failing("m", c) for c in codes]}}
    only = of({"active_manifest": "m", "manifests": {"m": manifest()}, "validation_results": results}, monkeypatch)[0]
    assert only["fits"] and only["expired"] and not only["trusted"]
    assert "no sign of tampering" in only["trust"]


def test_a_signer_on_the_list_is_told(monkeypatch) -> None:
    results = {"activeManifest": {"success": [failing("m", "signingCredential.trusted")]}}
    only = of({"active_manifest": "m", "manifests": {"m": manifest()}, "validation_results": results}, monkeypatch)[0]
    assert only["trusted"] and only["trust"] == "The signer is on the trust list."


def test_who_made_it_is_told_from_creation_and_steps(monkeypatch) -> None:
    def made(action: str, kind: str) -> str:
        said = [{"label": "c2pa.actions", "data": {"actions": [{"action": action, "digitalSourceType": kind}]}}]
        return of({"active_manifest": "m", "manifests": {"m": manifest(assertions=said)}}, monkeypatch)[0]["made_by"]

    assert made("c2pa.created", AI) == "ai"
    assert made("c2pa.edited", AI) == "partly_ai"
    assert made("c2pa.created", AI.replace("trainedAlgorithmicMedia", "digitalCapture")) == "camera"
    assert made("c2pa.created", AI.replace("trainedAlgorithmicMedia", "digitalArt")) == "software"
    assert made("c2pa.created", "nonsense") == ""


def test_lists_are_bounded_and_the_newest_are_kept(monkeypatch) -> None:
    many = {str(n): manifest(*([str(n - 1)] if n else [])) for n in range(2000)}
    many["1999"]["assertions"] = [{"label": "c2pa.actions", "data": {"actions": [{"action": "c2pa.edited"}] * 99}}]
    found = of({"active_manifest": "1999", "manifests": many}, monkeypatch)
    assert len(found) == MAX_ENTRIES and found[-1]["newest"]
    assert len(found[-1]["actions"]) == MAX_ACTIONS and found[-1]["more_actions"] == 99 - MAX_ACTIONS


def test_steps_alike_are_told_once() -> None:
    assert merge_repeats(["opened", "placed", "placed", "opened"]) == ["opened", "placed (2 times)", "opened"]


@pytest.mark.parametrize("store", [None, "cannot be read", {}, {"manifests": 3}, {"manifests": {"a": 4, "b": {}}}])
def test_anything_else_ends_in_a_list(store: object, monkeypatch) -> None:
    assert isinstance(of(store, monkeypatch), list)


@pytest.mark.parametrize("wrong", [5, "text", [1, "a", None], {"a": 1}, None])
def test_fields_of_the_wrong_kind_say_nothing(wrong: object, monkeypatch) -> None:
    odd = dict.fromkeys(("title", "signature_info", "claim_generator_info"), wrong)
    odd["assertions"] = [
        {"label": "stds.schema-org.CreativeWork", "data": wrong},
        {"label": "stds.schema-org.CreativeWork", "data": {"author": wrong}},
        {"label": "org.strange", "data": {"actions": wrong, "digitalSourceType": wrong}},
    ]
    assert len(of({"active_manifest": "m", "manifests": {"m": odd}, "validation_results": wrong}, monkeypatch)) == 1
    assert describe_action({"action": wrong, "softwareAgent": wrong, "parameters": wrong, "when": wrong})["by"] in (
        "",
        "text",
    )


@pytest.mark.real
def test_the_whole_chain_of_a_public_file_is_told(shared_data) -> None:
    path = shared_data / "c2pa_and_metadata/public-testfiles/adobe-20220124-CACAICAICICA.jpg"
    found = timeline(ImageFile.open(path))
    assert [e["title"] for e in found] == ["CA.jpg", "CAICA.jpg", "CICA.jpg", "CACAICAICICA.jpg"]
    assert [i["entry"] for i in found[3]["ingredients"]] == [1, 2]
    assert found[0]["signed_at"].startswith("2023-01-24T14:48:56")
    assert [a["words"] for a in found[3]["actions"]][:2] == ["opened", "colours adjusted"]


@pytest.mark.real
def test_a_planted_error_is_shown_where_it_was_planted(shared_data) -> None:
    folder = shared_data / "c2pa_and_metadata/c2pa-python/fixtures/files-for-reading-tests"
    old, middle, new = history.timeline(ImageFile.open(folder / "CACAE-uri-CA.jpg"))
    assert (old["does_not_fit"], old["noted"]) == (["assertion"], True)
    assert middle["fits"] and new["fits"]
