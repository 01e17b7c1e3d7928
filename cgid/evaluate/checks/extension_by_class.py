"""Does the file name's extension give the class away (the classic: photographs as .jpg, generated images as .png)?"""

from pathlib import PurePosixPath

import numpy as np

from cgid.evaluate.check import Audited, Check, Outcome, by_category


class ExtensionByClass(Check):
    code = "extension_by_class"
    title = "Extension by class"
    remedy = "Save both classes in the same format, through the same encoder, before anything is extracted or trained."

    def run(self, audited: Audited) -> Outcome:
        """Cross-validated table of extensions against classes."""
        names = audited.text("filename")
        names = audited.text("filepath") if names is None else names
        if names is None:
            return Outcome("not_applicable", "The table has no file names.")
        suffixes = [PurePosixPath(n.replace("\\", "/")).suffix.lower().lstrip(".") or "none" for n in names]
        return by_category(audited, np.array(suffixes, dtype=object), "file extension")


CHECK = ExtensionByClass()
