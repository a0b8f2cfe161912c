#!/usr/bin/python3
"""make_golden.py PROGRAM: attention.ndjson and layer.ndjson, the cases of cases.txt as torch computes them.

SPDX-License-Identifier: Apache-2.0

PROGRAM is attest_golden_inputs, which draws the inputs; nothing else here is ours: torch on the CPU,
in float64, with masks built below. Needs Debian's python3-torch. Run it where the cases, or the way
inputs are drawn, change.

A line of the output is {"case", "o", "lse"} or {"case", "y"}. Of a tensor with more than `most`
elements only those at n * elements // most are kept, for n below `most`.
"""
import json
import math
import os
import sys
import tempfile

import numpy
import torch
from drawn import draw, mask_bytes, read_case, tensor

HERE = os.path.dirname(os.path.abspath(__file__))
MOST_O, MOST_LSE, MOST_Y = 383, 127, 509  # primes, so that the kept places do not share a column


def kept_keys(mask, batch, rows, keys):
    """[batch, 1, rows, keys]; all of a mask but its drawn part."""
    i = torch.arange(rows).view(1, 1, rows, 1)
    j = torch.arange(keys).view(1, 1, 1, keys)
    parts = [part for part in mask.split("&") if part not in ("", "none")]
    lengths = torch.full((batch,), keys)
    for part in parts:
        if part.startswith("padding("):
            lengths = torch.tensor([int(n) for n in part[8:-1].split(",")])
    lengths = lengths.view(batch, 1, 1, 1)
    kept = (j < lengths).expand(batch, 1, rows, keys)
    for part in parts:
        name, _, inside = part.rstrip(")").partition("(")
        if name.startswith("causal"):
            kept = kept & (j <= i + (lengths - rows if name == "causal-br" else 0))
        elif name == "window":
            left, right, side = inside.split(",")
            middle = i + (lengths - rows if side == "br" else 0)
            if int(left) >= 0:
                kept = kept & (middle - int(left) <= j)
            if int(right) >= 0:
                kept = kept & (j <= middle + int(right))
        elif name not in ("padding", "bool"):
            raise ValueError(f"mask {part}")
    return kept


def attention(case, folder):
    def number(key, default):
        return int(case.get(key, default))

    batch, heads, rows, width = number("b", 1), number("hq", 1), number("sq", None), number("d", 64)
    heads_kv, keys, width_v = number("hkv", heads), number("skv", rows), number("dv", width)
    dtype, mask = case.get("dtype", "f16"), case.get("mask", "")
    q = tensor(f"{folder}/q", dtype, (batch, heads, rows, width))
    k = tensor(f"{folder}/k", dtype, (batch, heads_kv, keys, width))
    v = tensor(f"{folder}/v", dtype, (batch, heads_kv, keys, width_v))
    kept = kept_keys(mask, batch, rows, keys)
    if "bool" in mask.split("&"):
        kept = kept & mask_bytes(f"{folder}/keep", (batch, 1, rows, keys))
    fill = float(numpy.float32(case.get("fill", "-inf")))
    if math.isinf(fill):  # such keys may hold NaN, and have no part in the result
        used = kept.any(dim=2).unsqueeze(-1)
        k, v = torch.where(used, k, 0.0), torch.where(used, v, 0.0)
    k, v = (t.repeat_interleave(heads // heads_kv, dim=1) for t in (k, v))
    scale = float(numpy.float32(case.get("scale", 1 / math.sqrt(width))))
    scores = (torch.matmul(q, k.transpose(-2, -1)) * scale).masked_fill(~kept, fill)
    if keys == 0:
        return {"o": torch.zeros_like(q[..., :width_v]), "lse": torch.full((batch, heads, rows), -math.inf)}
    has_keys = (scores > -math.inf).any(dim=-1)
    weights = torch.where(has_keys.unsqueeze(-1), torch.softmax(scores, dim=-1), 0.0)
    return {"o": torch.matmul(weights, v), "lse": torch.logsumexp(scores, dim=-1)}


def layer(case, folder):
    batch, rows, width, heads = int(case.get("b", 1)), int(case["s"]), int(case["d"]), int(case.get("h", 1))
    dtype, mask = case.get("dtype", "f16"), case.get("mask", "")
    x = tensor(f"{folder}/x", dtype, (batch, rows, width))
    w_qkv = tensor(f"{folder}/w_qkv", dtype, (3 * width, width))
    b_qkv = tensor(f"{folder}/b_qkv", dtype, (3 * width,))
    w_out = tensor(f"{folder}/w_out", dtype, (width, width))
    b_out = tensor(f"{folder}/b_out", dtype, (width,))
    operand = mask_bytes(f"{folder}/mask", (batch, 1, rows, rows))
    kept = kept_keys(mask, batch, rows, rows)
    if "bool" in mask.split("&"):
        kept = kept & operand
    if not torch.equal(kept, operand):
        raise ValueError("the mask operand is not what the case says")
    projected = torch.nn.functional.linear(x, w_qkv, b_qkv)
    q, k, v = (t.view(batch, rows, heads, -1).transpose(1, 2) for t in projected.chunk(3, dim=-1))
    scale = float(numpy.float32(1 / math.sqrt(width // heads)))
    scores = torch.matmul(q, k.transpose(-2, -1)) * scale
    scores = scores.masked_fill(operand == 0, float(numpy.float32(case.get("fill", "-1000"))))
    o = torch.matmul(torch.softmax(scores, dim=-1), v).transpose(1, 2).reshape(batch, rows, width)
    return {"y": torch.nn.functional.linear(o, w_out, b_out)}


def kept_places(values, most):
    flat = values.flatten().tolist()
    count = min(len(flat), most)
    # JSON has no infinity; repr of a float, which json writes, reads back to the same bits.
    picked = [flat[n * len(flat) // count] for n in range(count)]
    return [str(value) if math.isinf(value) else value for value in picked]


def main(program):
    torch.set_num_threads(1)
    with open(f"{HERE}/cases.txt", encoding="ascii") as file:
        lines = file.read().split()
    most = {"o": MOST_O, "lse": MOST_LSE, "y": MOST_Y}
    computed = {"attn": (attention, "attention"), "layer": (layer, "layer")}
    texts = {kind: json.dumps({"torch": torch.__version__}) + "\n" for kind in computed}
    with tempfile.TemporaryDirectory() as folder:
        draw(program, lines, folder)
        for n, line in enumerate(lines):
            kind, case = read_case(line)
            tensors = computed[kind][0](case, f"{folder}/{n}")
            kept = {name: kept_places(values, most[name]) for name, values in tensors.items()}
            texts[kind] += json.dumps({"case": line, **kept}, allow_nan=False) + "\n"
    for kind, text in texts.items():
        with open(f"{HERE}/{computed[kind][1]}.ndjson", "w", encoding="ascii") as file:
            file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
