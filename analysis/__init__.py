"""Who is heard in a news article, who stands with whom, how a target is portrayed, which issues get space."""

from __future__ import annotations

import importlib

_HOMES = {
    "Annotation": "annotation",
    "Article": "article",
    "InputError": "errors",
    "annotate": "pipeline",
    "explore": "explorer",
    "read_article": "article",
    "read_articles": "article",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    """Import what is asked for when it is asked for: pandas and spaCy cost seconds that `import analysis` should not."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
