"""Where a measurement runs, as people choose it on the Features page."""

from __future__ import annotations

import socket

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from cgid.compute.limits import executor_at
from cgid.errors import InputError
from cgid.jobs import store
from cgid.settings import settings
from cgid.ui.features.view import CLUSTER, HERE
from page_driver import open_page


@pytest.fixture(autouse=True)
def data_set(monkeypatch):
    monkeypatch.setattr("cgid.jobs.processes.ensure_supervisor", lambda: None)
    monkeypatch.setattr("cgid.jobs.submit.ensure_supervisor", lambda: None)
    folder = settings().manifests / "mine"
    folder.mkdir(parents=True)
    row = {"filepath": "a.png", "label": "real", "source": "s", "generator": "", "split": "train"}
    pd.DataFrame([row]).to_csv(folder / "split.csv", index=False)


def where(app: AppTest):
    return next(b for b in app.button_group if b.label == "Run on")


def measure(app: AppTest) -> AppTest:
    return next(b for b in app.button if b.label == "Extract").click().run()


def executors() -> list[str]:
    return [job.params["executor"] for job in store.list_jobs(kind="extract")]


def test_this_machine_is_the_default():
    app = measure(open_page("features"))
    assert not app.exception and not app.error
    assert executors() == ["local"]


def test_a_cluster_that_answers_is_used(monkeypatch):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        monkeypatch.setenv("CGID_EXECUTOR", f"dask://{address}")
        app = open_page("features")
        assert where(app).value == CLUSTER
        app = measure(app)
    assert not app.exception and not app.error
    assert executors() == [f"dask://{address}"]


@pytest.mark.parametrize("address", ["", "10.0.0.5", "two words:8786", "h:99999", "127.0.0.1:1", "[x](http://a):1"])
def test_a_bad_address_is_one_sentence_and_no_job(address):
    app = open_page("features")
    where(app).set_value(CLUSTER).run()
    box = next(t for t in app.text_input if t.label == "Address of the scheduler")
    app = measure(box.set_value(address).run())
    assert next(t for t in app.text_input if t.label == box.label).value == address
    assert not app.exception and len(app.error) == 1 and not executors()
    where(app).set_value(HERE).run()
    assert not measure(app).error and executors() == ["local"]


@pytest.mark.parametrize("text", ["10.0.0.5:8786", "tcp://10.0.0.5:8786", " dask://10.0.0.5:8786/ "])
def test_addresses_are_read_as_people_write_them(text):
    assert executor_at(text) == "dask://10.0.0.5:8786"
    assert executor_at("[::1]:8786") == "dask://[::1]:8786"
    with pytest.raises(InputError, match="write HOST:PORT"):
        executor_at("http://10.0.0.5:8786")
