"""The encoder of the teachers: larger than the one that is shipped, and too large to be."""

from __future__ import annotations

import io
import tempfile
import zipfile
from importlib.metadata import files
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import MPNetModel

from analysis import reader
from analysis.training import TEACHER_WHEELS
from analysis.training.encoder import DEVICE

NAME = "all-mpnet-base-v2"
# The encoder's own names of the pieces that frame a text, hide a word or fill a row.
_SPELLING = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>", "[MASK]": "<mask>"}


def load_large() -> tuple[MPNetModel, np.ndarray]:
    """all-mpnet-base-v2 (Apache-2.0) as five wheels carry it, and its number for each piece of the small encoder's vocabulary."""
    pieces = (file.locate() for part in TEACHER_WHEELS for file in files(part) if f"{NAME}.zip." in file.name)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(Path(piece).read_bytes() for piece in pieces)))
    with tempfile.TemporaryDirectory() as folder:
        for name in ("config.json", "model.safetensors", "vocab.txt"):
            archive.extract(f"{NAME}/{name}", folder)
        home = Path(folder) / NAME
        spelled = (home / "vocab.txt").read_text(encoding="utf-8").splitlines()
        encoder = MPNetModel.from_pretrained(home, add_pooling_layer=False, attention_probs_dropout_prob=0.0)
    number = {piece: n for n, piece in enumerate(spelled)}
    vocabulary = sorted(reader.load_tokenizer().get_vocab().items(), key=lambda entry: entry[1])
    return encoder, np.array([number[_SPELLING.get(piece, piece)] for piece, _ in vocabulary])


class LargeEncoder(nn.Module):
    """The large encoder on the word pieces of the small one; the vectors of the pieces are not learned."""

    def __init__(self):
        super().__init__()
        self.mpnet, numbers = load_large()
        self.register_buffer("numbers", torch.tensor(numbers))
        words = self.mpnet.embeddings.word_embeddings.weight.requires_grad_(False)
        self.size, self.spread = words.shape[1], words.std().item()
        find_bias = self.mpnet.encoder.compute_position_bias
        # In single precision, the bias would take the attention of all layers there: a fifth more time.
        self.mpnet.encoder.compute_position_bias = lambda states: find_bias(states).to(_precision())

    def forward(self, ids: torch.Tensor, more: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """States (rows, pieces, size) of pieces (rows, pieces), to the vectors of which something is added, where `there` is 1."""
        words = self.mpnet.embeddings.word_embeddings(self.numbers[ids])
        return self.mpnet(inputs_embeds=words + more, attention_mask=there).last_hidden_state


def _precision() -> torch.dtype:
    return torch.get_autocast_dtype(DEVICE.type) if torch.is_autocast_enabled(DEVICE.type) else torch.float32
