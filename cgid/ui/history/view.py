"""The parts of the History page: search, a page of kept checks, what is chosen, what leaves, what is never kept."""

from __future__ import annotations

import math
from datetime import datetime, time, timedelta
from typing import Any

import streamlit as st

from cgid.records import keep, store
from cgid.records.store import Search
from cgid.ui.shared import load, parts, records
from cgid.ui.shared import text as shared_text
from cgid.ui.shared.session import forget_records

EACH = 12  # records on one page
OPENED = "record"  # in the address: the record that is open
CHOSEN = "history-chosen-"


def total() -> int | None:
    """How many records there are; None, with the reason shown, where the database cannot be used."""
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.errors import InputError

    try:
        return store.count_analyses()
    except (InputError, SQLAlchemyError) as error:
        parts.problem(error)
        return None


def simulated_note() -> None:
    """Where the models of today learned from the simulated demo images."""
    from cgid.runs.store import current

    runs = [current(kind) for kind in ("model_a", "model_b")]
    if any(run is not None and run.manifest.get("simulated") for run in runs):
        st.info(
            "The current models learned from simulated demo images: what they say of other pictures is a demonstration.",
            icon=":material/science:",
        )


def search() -> Search:
    """What is looked for; it stands in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="q", bind="query-params", placeholder="file name, note, or how a sha256 begins",
            icon=":material/search:", max_chars=200, width=320,
        )  # fmt: skip
        titles = {kind: title for kind, (title, _, _) in shared_text.VERDICTS.items()}
        verdicts = st.multiselect(
            "Verdict",
            list(titles),
            format_func=titles.get,
            key="verdict",
            bind="query-params",
            placeholder="all",
            width=280,
        )
        days = st.date_input("From day to day", value=(), key="history-days", width=240, format="YYYY-MM-DD")
        newest = st.toggle(
            "Each picture once", key="once", bind="query-params", help="Of each picture the newest answer."
        )
    zone = records.zone()
    days = days if isinstance(days, tuple) else (days,)
    since = datetime.combine(days[0], time(), zone).timestamp() if days else None
    until = datetime.combine(days[1] + timedelta(days=1), time(), zone).timestamp() if len(days) > 1 else None
    return Search(text, tuple(verdicts), since, until, newest)


def listing(asked: Search, total: int) -> bool:
    """One page of what was found, newest first; False where that is nothing."""
    found = store.counted(asked)
    if not found:
        st.info("No record fits. Take a word or a filter away.", icon=":material/search_off:")
        return False
    pages, at = math.ceil(found / EACH), 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(
            f"**{found:,}** of {total:,} {_records(total)}" if found != total else f"**{total:,}** {_records(total)}",
            width="content",
        )
        if pages > 1:
            at = int(st.number_input(f"Page, of {pages:,}", 1, pages, 1, key=f"history-page-{hash(asked)}", width=140))
    rows = store.listed(asked, EACH, (at - 1) * EACH)
    for row in rows:
        _row(row)
    _chosen([row["id"] for row in rows])
    return True


def _records(count: int) -> str:
    return "record" if count == 1 else "records"


def _row(row: dict[str, Any]) -> None:
    coloured, title = records.verdict(row["verdict"])
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.checkbox(f"Choose record {row['id']}", key=f"{CHOSEN}{row['id']}", label_visibility="collapsed", width=28)
        with st.container(width=84):
            small = keep.kept(row["sha256"])
            url = load.thumbnail(small, 128) if small else None
            if url:
                st.image(url, alt=f"The picture of record {row['id']}: {title}.", width=80)
            else:
                st.caption(":material/hide_image: no picture kept")
        with st.container(gap="xsmall", width="stretch"):
            st.markdown(f"{coloured} {records.chance(row['probability_ai'])}".rstrip())
            st.markdown(records.name(row["file"]))
            times = f" · {row['times']} answers on this picture" if row["times"] > 1 else ""
            st.caption(f"{records.time_of(row['created'])} · record {row['id']}{times}")
            if row["note"]:
                st.caption(f":material/edit_note: {shared_text.literal(shared_text.short(row['note'], 160))}")
        st.button(
            "Open", key=f"open-{row['id']}", icon=":material/open_in_full:", on_click=open_record, args=(row["id"],)
        )


def open_record(id: int | None) -> None:
    """Show a record, None for the list; it stands in the address."""
    if id is None:
        st.query_params.pop(OPENED, None)
    else:
        st.query_params[OPENED] = str(id)


def _chosen(shown: list[int]) -> None:
    chosen = [id for id in shown if st.session_state.get(f"{CHOSEN}{id}")]
    with st.container(horizontal=True):
        st.button(
            "Choose all on this page", icon=":material/select_all:", on_click=_choose, args=(shown, True),
            disabled=len(chosen) == len(shown),
        )  # fmt: skip
        st.button("Choose none", icon=":material/deselect:", on_click=_choose, args=(shown, False), disabled=not chosen)
        if chosen:
            delete(chosen, f"Delete the {len(chosen)} chosen" if len(chosen) > 1 else "Delete the chosen one")


def _choose(ids: list[int], wanted: bool) -> None:
    for id in ids:
        st.session_state[f"{CHOSEN}{id}"] = wanted


def delete(ids: list[int], label: str) -> None:
    """Behind a second press: a deleted record cannot be brought back."""
    with st.popover(label, icon=":material/delete:"):
        them = "this record" if len(ids) == 1 else f"these {len(ids)} records"
        st.markdown(
            f"Delete {them}, with the note and the small picture that no other record needs? **This cannot be undone.** "
            "Reports you downloaded stay yours."
        )
        st.button(
            f"Delete {len(ids)} for good" if len(ids) > 1 else "Delete for good", type="primary", on_click=_forget, args=(ids,),
            key=f"forget-{ids[0]}-{len(ids)}",
        )  # fmt: skip


def _forget(ids: list[int] | None) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.errors import InputError

    try:
        gone = keep.forget(ids)
        keep.sweep()
    except (SQLAlchemyError, InputError, OSError) as error:
        st.session_state["history-problem"] = str(getattr(error, "orig", None) or error)
        return
    forget_records(ids)
    open_record(None)
    st.toast(f"{gone} deleted.", icon=":material/delete:")


def problem() -> None:
    """What a press could not do, said once."""
    if said := st.session_state.pop("history-problem", None):
        parts.problem(said)


def take_along(asked: Search) -> None:
    """What the search finds, as a table and as whole records."""
    from cgid.records.report import write

    st.caption(
        f"What the search above finds, newest first: the table has no answers in it and holds at most {write.MOST_ROWS:,} "
        f"records; JSON lines hold whole records, at most {write.MOST_RECORDS:,}."
    )
    with st.container(horizontal=True):
        st.download_button(
            "Table (CSV)",
            lambda: write.csv(asked),
            "cgid-records.csv",
            "text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        st.download_button(
            "Records (JSON lines)", lambda: write.json_lines(asked), "cgid-records.jsonl", "application/x-ndjson",
            icon=":material/data_object:", on_click="ignore",
        )  # fmt: skip


def delete_all(total: int) -> None:
    st.caption(
        f"Deletes {'all ' if total > 1 else ''}{total:,} {_records(total)}, notes and small pictures from this machine. "
        "The label map loses these images too; features and models made from them stay."
    )
    sure = st.checkbox("I know that this cannot be undone", key="history-sure")
    st.button(
        "Delete every record for good",
        icon=":material/delete_forever:",
        disabled=not sure,
        on_click=_forget,
        args=(None,),
    )
