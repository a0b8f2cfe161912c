"""Case lines, and the inputs that attest_golden_inputs drew for them, as torch tensors.

SPDX-License-Identifier: Apache-2.0
"""
import re
import subprocess

import numpy
import torch


def read_case(line):
    """'attn(sq=3,mask=causal-br&window(1,0,br))' -> ('attn', {'sq': '3', 'mask': ..})."""
    kind, inside = re.fullmatch(r"(\w+)\((.*)\)", line).groups()
    options = re.findall(r"(\w+)=((?:\([^()]*\)|[^,()])*)", re.sub(r"\b(gap|skew)\([^()]*\),?", "", inside))
    return kind, dict(options)


def draw(program, lines, folder):
    subprocess.run([program, folder], input="".join(line + "\n" for line in lines), text=True, check=True)


def tensor(path, dtype, shape):
    """The exact values of a file of bits, in float64."""
    if dtype == "bf16":  # the upper half of a float
        values = (numpy.fromfile(path, "<u2").astype("<u4") << 16).view("<f4")
    else:
        values = numpy.fromfile(path, {"f16": "<f2", "f32": "<f4"}[dtype])
    return torch.from_numpy(values.astype(numpy.float64).reshape(shape))


def mask_bytes(path, shape):
    return torch.from_numpy(numpy.fromfile(path, numpy.uint8).reshape(shape) != 0)
