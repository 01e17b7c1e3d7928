"""One image, one question: is it AI-made, how sure is that, and why?"""

import streamlit as st

from cgid.ui import shell
from cgid.ui.check import answer, folder, intake, models, scheduling, several, stability
from cgid.ui.check.record import record
from cgid.ui.check.section import all_sections, asked_for
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts

PAGE = {
    "title": "Check an image",
    "question": "Is this picture AI-made? How sure is that, and what speaks for and against it?",
    "icon": ":material/image_search:",
    "section": "Look",
    "order": 2,
}

shell.page(__file__)

subjects = intake.choose()
if not subjects:
    folder.show()
    scheduling.begin()
    st.stop()

# From top to bottom; they are filled in another order, so that the answer waits for nothing.
table, head, holds, body, foot = (st.container() for _ in range(5))
with foot:
    choice = models.choose()


def check_of(subject: Subject) -> dict:
    """Judged by the models chosen here, and kept as a record."""
    judged = answer.check_of(subject, choice)
    record(subject, judged)
    return judged


with table:
    subject = several.choose_one(subjects, check_of) if len(subjects) > 1 else subjects[0]
found = answer.check_of(subject, choice)
with head:
    answer.show(subject, found)
record(subject, found)
if found["verdict"] == "unreadable":
    with body:
        parts.nothing(
            "No picture can be judged that cannot be read: try the original, or another format. The file itself:"
        )
        all_sections()["file"].show(subject, found)
    st.stop()

sections = all_sections()
labels = {name: f"{section.icon} {section.title}" for name, section in sections.items()}
if asked := labels.get(asked_for()):
    st.session_state["part"] = asked
with body:
    tabs = st.tabs(list(labels.values()), key="part", on_change="rerun")
for tab, section in zip(tabs, sections.values()):
    if tab.open:
        with tab:
            section.show(subject, found)
with holds:
    stability.show(subject, found, choice)
