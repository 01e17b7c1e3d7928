"""Does the file's real format give the class away, whatever its name says?"""

import numpy as np

from cgid.evaluate.check import Audited, Check, Outcome, by_category


class FormatByClass(Check):
    code = "format_by_class"
    title = "Format by class"
    remedy = "Save both classes in the same format, through the same encoder, before anything is extracted or trained."

    def run(self, audited: Audited) -> Outcome:
        """Cross-validated table of formats against classes."""
        formats = audited.text("format")
        if formats is None and "container_format_code" in audited.frame:
            formats = audited.frame["container_format_code"].astype(str).to_numpy()
        if formats is None:
            return Outcome("not_applicable", "The table does not say which format the files have.")
        return by_category(audited, np.asarray(formats, dtype=object), "file format")


CHECK = FormatByClass()
