"""What a person did that cgid cannot work with, in one sentence they can act on."""


class InputError(ValueError):
    """Bad input. The message is one clear sentence: file, place, remedy. Shown as it is; the command line exits 2."""
