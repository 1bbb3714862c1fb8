"""A corpus of any size without annotating anew: the tables of a few annotations, under other keys, outlets and months."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from analysis.annotation import STAGES, Annotation, to_arrow
from analysis.corpus import MANIFEST, Corpus, open_corpus

OUTLETS = ("Harbour Gazette", "The Meridian", "Northern Ledger")
MONTHS = 12


def copy_into_corpus(annotations: Sequence[Annotation], number: int, folder: Path) -> Corpus:
    """A corpus of so many articles, `article-0` the first, each a copy of one of the annotations."""
    for place, name in enumerate(STAGES):
        for outlet_number, outlet in enumerate(OUTLETS):
            for month in range(1, MONTHS + 1):
                keys = [n for n in range(number) if (n % len(OUTLETS), n // len(OUTLETS) % MONTHS + 1) == (outlet_number, month)]
                frames = [_copy(annotations[n % len(annotations)], name, n, outlet, month) for n in keys]
                if frames and sum(map(len, frames)):
                    path = folder / name / f"outlet={outlet}" / f"month=2025-{month:02d}" / f"{place:08d}.parquet"
                    path.parent.mkdir(parents=True)
                    table = to_arrow(name, pd.concat(frames, ignore_index=True))
                    pq.write_table(table.drop_columns([column for column in ("outlet",) if column in table.column_names]), path)
    (folder / MANIFEST).write_text("{}", encoding="utf-8")
    return open_corpus(folder)


def _copy(annotation: Annotation, name: str, number: int, outlet: str, month: int) -> pd.DataFrame:
    frame = getattr(annotation, name).assign(article=f"article-{number}")
    if name != "articles":
        return frame
    return frame.assign(outlet=outlet, published=pd.Timestamp(2025, month, 1 + number % 28, tz="UTC"), title=f"Title {number}", url=None)
