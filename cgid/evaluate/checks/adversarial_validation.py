"""Can training images be told from test images? Then a test figure says little about one of them."""

import numpy as np
import pandas as pd

from cgid.evaluate.check import Audited, Check, Outcome
from cgid.evaluate.probes import probe


class AdversarialValidation(Check):
    code = "adversarial_validation"
    title = "Train against test"
    remedy = "Split again at random by group, unless the test set is meant to come from elsewhere."

    def run(self, audited: Audited) -> Outcome:
        """AUC of a small model that guesses the split from the features; 0.5 is wanted."""
        split = audited.text("split")
        if split is None or not {"train", "test"} <= set(split) or not audited.columns:
            return Outcome("not_applicable", "The table has no train and test rows to compare.")
        rows = np.isin(split, ["train", "test"])
        part = audited.frame.loc[rows, list(audited.columns)].apply(pd.to_numeric, errors="coerce")
        codes = np.unique(audited.codes[rows], return_inverse=True)[1]
        found = probe(part.to_numpy(dtype=float), (split[rows] == "test").astype(int), codes, draws=200)
        auc = found["auc"]
        if auc["value"] is None:
            return Outcome("not_applicable", "Too few independent images in train or test to ask.")
        if (auc["low"] or 0) > 0.6:
            text = f"Test images differ from training images (AUC {auc['value']:.2f}, 0.5 is wanted)."
            return Outcome("warning", text, {"auc": auc})
        return Outcome("passed", f"Training and test images look alike (AUC {auc['value']:.2f}).", {"auc": auc})


CHECK = AdversarialValidation()
