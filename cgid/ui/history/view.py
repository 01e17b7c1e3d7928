"""The parts of the History page: search, a page of saved checks, selection, download and deletion."""

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

PER_PAGE = 12  # records on one page
OPENED = "record"  # in the address: the record that is open
CHOSEN = "history-chosen-"


def total() -> int | None:
    """The number of records; None, with the reason shown, if the database cannot be used."""
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.errors import InputError

    try:
        return store.count_analyses()
    except (InputError, SQLAlchemyError) as error:
        parts.problem(error)
        return None


def simulated_note() -> None:
    """A note if the current models were trained on the simulated demo images."""
    from cgid.runs.store import current

    runs = [current(kind) for kind in ("model_a", "model_b")]
    if any(run is not None and run.manifest.get("simulated") for run in runs):
        st.info(
            "The current models were trained on simulated demo images: their results for other images are a demonstration.",
            icon=":material/science:",
        )


def search() -> Search:
    """The search; it is part of the address."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="q", bind="query-params", placeholder="file name, note, or beginning of a sha256",
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
        days = st.date_input("Date range", value=(), key="history-days", width=240, format="YYYY-MM-DD")
        newest = st.toggle(
            "Latest result per image",
            key="once",
            bind="query-params",
            help="Shows each image once, with its newest result.",
        )
    zone = records.zone()
    days = days if isinstance(days, tuple) else (days,)
    since = datetime.combine(days[0], time(), zone).timestamp() if days else None
    until = datetime.combine(days[1] + timedelta(days=1), time(), zone).timestamp() if len(days) > 1 else None
    return Search(text, tuple(verdicts), since, until, newest)


def listing(query: Search, total: int) -> bool:
    """One page of the matching records, newest first; False if there are none."""
    matching = store.count_matching(query)
    if not matching:
        st.info("No record matches. Remove a word or a filter.", icon=":material/search_off:")
        return False
    pages, at = math.ceil(matching / PER_PAGE), 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(
            f"**{matching:,}** of {total:,} {_records(total)}"
            if matching != total
            else f"**{total:,}** {_records(total)}",
            width="content",
        )
        if pages > 1:
            at = int(st.number_input(f"Page (of {pages:,})", 1, pages, 1, key=f"history-page-{hash(query)}", width=140))
    rows = store.list_records(query, PER_PAGE, (at - 1) * PER_PAGE)
    for row in rows:
        _row(row)
    _chosen([row["id"] for row in rows])
    return True


def _records(count: int) -> str:
    return "record" if count == 1 else "records"


def _row(row: dict[str, Any]) -> None:
    coloured, title = records.verdict(row["verdict"])
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.checkbox(f"Select record {row['id']}", key=f"{CHOSEN}{row['id']}", label_visibility="collapsed", width=28)
        with st.container(width=84):
            small = keep.thumbnail_path(row["sha256"])
            url = load.thumbnail(small, 128) if small else None
            if url:
                st.image(url, alt=f"Thumbnail of record {row['id']}: {title}.", width=80)
            else:
                st.caption(":material/hide_image: no image stored")
        with st.container(gap="xsmall", width="stretch"):
            st.markdown(f"{coloured} {records.chance(row['probability_ai'])}".rstrip())
            st.markdown(records.name(row["file"]))
            times = f" · {row['times']} results for this image" if row["times"] > 1 else ""
            st.caption(f"{records.time_of(row['created'])} · record {row['id']}{times}")
            if row["note"]:
                st.caption(f":material/edit_note: {shared_text.literal(shared_text.short(row['note'], 160))}")
        st.button(
            "Open", key=f"open-{row['id']}", icon=":material/open_in_full:", on_click=open_record, args=(row["id"],)
        )


def open_record(id: int | None) -> None:
    """Show a record, None for the list; it is part of the address."""
    if id is None:
        st.query_params.pop(OPENED, None)
    else:
        st.query_params[OPENED] = str(id)


def _chosen(shown: list[int]) -> None:
    chosen = [id for id in shown if st.session_state.get(f"{CHOSEN}{id}")]
    with st.container(horizontal=True):
        st.button(
            "Select all on this page", icon=":material/select_all:", on_click=_choose, args=(shown, True),
            disabled=len(chosen) == len(shown),
        )  # fmt: skip
        st.button(
            "Clear selection", icon=":material/deselect:", on_click=_choose, args=(shown, False), disabled=not chosen
        )
        if chosen:
            delete(
                chosen,
                f"Delete the {len(chosen)} selected records" if len(chosen) > 1 else "Delete the selected record",
            )


def _choose(ids: list[int], selected: bool) -> None:
    for id in ids:
        st.session_state[f"{CHOSEN}{id}"] = selected


def delete(ids: list[int], label: str) -> None:
    """With a confirmation: a deleted record cannot be restored."""
    with st.popover(label, icon=":material/delete:"):
        them = "this record" if len(ids) == 1 else f"these {len(ids)} records"
        st.markdown(
            f"Delete {them}, with notes and thumbnails that no other record uses? **This cannot be undone.** "
            "Downloaded reports are not affected."
        )
        st.button(
            f"Delete {len(ids)} permanently" if len(ids) > 1 else "Delete permanently", type="primary", on_click=_forget, args=(ids,),
            key=f"forget-{ids[0]}-{len(ids)}",
        )  # fmt: skip


def _forget(ids: list[int] | None) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.errors import InputError

    try:
        gone = keep.delete_records(ids)
        keep.sweep()
    except (SQLAlchemyError, InputError, OSError) as error:
        st.session_state["history-problem"] = str(getattr(error, "orig", None) or error)
        return
    forget_records(ids)
    open_record(None)
    st.toast(f"{gone} deleted.", icon=":material/delete:")


def problem() -> None:
    """The error of the last action, shown once."""
    if message := st.session_state.pop("history-problem", None):
        parts.problem(message)


def downloads(query: Search) -> None:
    """The matching records, as a table and in full."""
    from cgid.records.report import write

    st.caption(
        f"The records that match the search, newest first. The table is a summary of at most {write.MAX_ROWS:,} records; "
        f"JSON lines contain complete records, at most {write.MAX_RECORDS:,}."
    )
    with st.container(horizontal=True):
        st.download_button(
            "Table (CSV)",
            lambda: write.records_csv(query),
            "cgid-records.csv",
            "text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        st.download_button(
            "Records (JSON lines)", lambda: write.records_json_lines(query), "cgid-records.jsonl", "application/x-ndjson",
            icon=":material/data_object:", on_click="ignore",
        )  # fmt: skip


def delete_all(total: int) -> None:
    st.caption(
        f"Deletes {'all ' if total > 1 else ''}{total:,} {_records(total)} with notes and thumbnails from this computer. "
        "These images also disappear from the label map; features and models derived from them remain."
    )
    sure = st.checkbox("I understand that this cannot be undone", key="history-sure")
    st.button(
        "Delete all records permanently",
        icon=":material/delete_forever:",
        disabled=not sure,
        on_click=_forget,
        args=(None,),
    )
