"""Expands quantised blocks with llama.cpp's own Python package.

    python blocks.py JOB.json

JOB: {"blocks": [{"type": ggml number, "hex": bytes}]}. Prints the numbers of each.
"""

import json
import sys

import numpy
from gguf import GGMLQuantizationType
from gguf.quants import dequantize

answers = []
for block in json.load(open(sys.argv[1]))["blocks"]:
    stored = numpy.frombuffer(bytes.fromhex(block["hex"]), dtype=numpy.uint8)
    answers.append(dequantize(stored, GGMLQuantizationType(block["type"])).astype(float).ravel().tolist())
print(json.dumps(answers))
