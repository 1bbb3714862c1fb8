"""What goes wrong for a person to put right: said in one line, without a traceback."""


class InputError(ValueError):
    """Input that cannot be used: a missing file, a broken row, a codebook with a wrong key.

    Parameters
    ----------
    what : str
        What is wrong.
    where : str
        The file, and the line, column or key in it.
    remedy : str
        What to do about it.
    """

    def __init__(self, what: str, where: str, remedy: str):
        self.what, self.where, self.remedy = map(writable, (what, where, remedy))
        super().__init__(f"{self.where}: {self.what}. {self.remedy}")

    def __reduce__(self):
        return type(self), (self.what, self.where, self.remedy)


def writable(text: str) -> str:
    """Text that a file can hold: bytes of a file's name that are no UTF-8, and halves of surrogate pairs, become “?”."""
    return text.encode("utf-8", "replace").decode("utf-8")
