#!/usr/bin/python3
"""export_layer.py PROGRAM: layer_h1.onnx and layer_h8.onnx, as torch.onnx writes the layer.

SPDX-License-Identifier: Apache-2.0

PROGRAM is attest_golden_inputs, which draws the weights. Needs Debian's python3-torch and
python3-onnx. The case that a file holds the weights of stands in the model's doc_string.
"""
import math
import os
import sys
import tempfile

import onnx
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../golden"))
from drawn import draw, read_case, tensor  # noqa: E402

# d / h is a power of four, so that dividing by its root is multiplying by a float.
LAYERS = {
    "layer_h1": "layer(b=2,s=9,d=16,dtype=f32,mask=causal-br&padding(9,6),seed=0x6f6e6e78)",
    "layer_h8": "layer(b=2,s=7,d=32,h=8,mask=bool,seed=0x78)",
}


class Layer(torch.nn.Module):
    def __init__(self, width, heads, rows, fill):
        super().__init__()
        self.project = torch.nn.Linear(width, 3 * width)
        self.output = torch.nn.Linear(width, width)
        self.width, self.heads, self.rows, self.fill = width, heads, rows, fill

    def forward(self, x, mask):
        q, k, v = self.project(x).split(self.width, dim=-1)
        if self.heads > 1:
            apart = (-1, self.rows, self.heads, self.width // self.heads)
            q, k, v = (t.reshape(apart).transpose(1, 2) for t in (q, k, v))
        scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(self.width // self.heads)
        scores = torch.where(mask == 0, self.fill, scores)
        o = torch.matmul(torch.softmax(scores, dim=-1), v)
        if self.heads > 1:
            o = o.transpose(1, 2).reshape(-1, self.rows, self.width)
        return self.output(o)


def export(path, line, folder):
    case = read_case(line)[1]
    batch, rows, width, heads = int(case.get("b", 1)), int(case["s"]), int(case["d"]), int(case.get("h", 1))
    dtype = case.get("dtype", "f16")
    module = Layer(width, heads, rows, torch.tensor(float(case.get("fill", "-1000"))))
    drawn = {
        "project.weight": tensor(f"{folder}/w_qkv", dtype, (3 * width, width)),
        "project.bias": tensor(f"{folder}/b_qkv", dtype, (3 * width,)),
        "output.weight": tensor(f"{folder}/w_out", dtype, (width, width)),
        "output.bias": tensor(f"{folder}/b_out", dtype, (width,)),
    }
    module.load_state_dict(drawn)  # float32 holds every dtype exactly
    x = torch.zeros(batch, rows, width)
    mask = torch.ones((batch, rows, rows) if heads == 1 else (batch, 1, rows, rows))
    torch.onnx.export(module, (x, mask), path, opset_version=17, input_names=["x", "mask"], output_names=["y"])
    model = onnx.load(path)
    model.doc_string = line
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    print(path, model.ir_version, [node.op_type for node in model.graph.node])


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        draw(program, LAYERS.values(), folder)
        for n, (name, line) in enumerate(LAYERS.items()):
            export(f"{HERE}/{name}.onnx", line, f"{folder}/{n}")


if __name__ == "__main__":
    main(*sys.argv[1:])
