"""A widget that shows HTML of ours and tells what was clicked in it: what the explorer is made of."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

_TEMPLATES = Path(__file__).parent / "templates"


class Panel(anywidget.AnyWidget):
    """A region of HTML in which what bears `data-sentence` or `data-pick` can be picked.

    Attributes
    ----------
    html, label, role : str
        What it shows, what a screen reader calls it, and what it is: a region, or a status that is read out when it changes.
    marked : list of str
        Sentences, or marks of a figure, that stand out; where `dims`, the others step back.
    chosen : str
        The one to look at: where `dims`, it is scrolled to.
    clicked : dict
        What was picked last: sentence or pick, and article.
    """

    _esm = _TEMPLATES / "explorer.js"
    _css = _TEMPLATES / "explorer.css"
    html = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    role = traitlets.Unicode("region").tag(sync=True)
    marked = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    dims = traitlets.Bool(False).tag(sync=True)
    clicked = traitlets.Dict().tag(sync=True)

    def set(self, **values: object) -> None:
        """Change several attributes in one message."""
        with self.hold_sync():
            for name, value in values.items():
                setattr(self, name, value)
