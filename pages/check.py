"""One image, one question: is it AI-generated, how certain is that, and why?"""

import streamlit as st

from cgid.ui import shell
from cgid.ui.check import answer, folder, intake, models, scheduling, several, stability
from cgid.ui.check.record import record
from cgid.ui.check.section import all_sections, requested_section
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts

PAGE = {
    "title": "Check an image",
    "question": "Is this picture AI-generated? How certain is the result, and what is the evidence?",
    "icon": ":material/image_search:",
    "section": "Analyse",
    "order": 2,
}

shell.page(__file__)

subjects = intake.choose()
if not subjects:
    folder.show()
    scheduling.begin()
    st.stop()

# In the order of the page; they are filled in another order, so that the answer comes first.
table, head, holds, body, foot = (st.container() for _ in range(5))
with foot:
    choice = models.choose()


def check_of(subject: Subject) -> dict:
    """The result by the models chosen here, saved as a record."""
    result = answer.check_of(subject, choice)
    record(subject, result)
    return result


with table:
    subject = several.choose_one(subjects, check_of) if len(subjects) > 1 else subjects[0]
result = answer.check_of(subject, choice)
with head:
    answer.show(subject, result)
record(subject, result)
if result["verdict"] == "unreadable":
    with body:
        parts.nothing(
            "This file cannot be read as an image. Try the original or another format. Its structure is shown below."
        )
        all_sections()["file"].show(subject, result)
    st.stop()

sections = all_sections()
labels = {name: f"{section.icon} {section.title}" for name, section in sections.items()}
if tab := labels.get(requested_section()):
    st.session_state["part"] = tab
with body:
    tabs = st.tabs(list(labels.values()), key="part", on_change="rerun")
for tab, section in zip(tabs, sections.values()):
    if tab.open:
        with tab:
            section.show(subject, result)
with holds:
    stability.show(subject, result, choice)
