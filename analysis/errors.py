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
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(f"{where}: {what}. {remedy}")
