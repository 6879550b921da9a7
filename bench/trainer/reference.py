"""The same transformer, loss and optimiser in plain PyTorch: what src/trainer is timed against.

Reads one JSON object a line from stdin and answers each with one on stdout:
  {"op": "open", "weights": FILE.safetensors, "config": {...}, "head": "lm" | "scalar", "adapter": {...} | null,
   "threads": N, "mode": "eager" | "fused" | "compile"}
  {"op": "time", "rows": B, "length": T, "steps": N, "learning_rate": X, "cpu": bool}                    -> milliseconds of each step
"""

import json
import struct
import sys
import time

import numpy
import torch
import torch.nn.functional as F


def read_safetensors(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        body = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        array = numpy.frombuffer(body[start:end], dtype=numpy.float32).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.copy())
    return tensors


def rotate(x, cos, sin):
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class Model(torch.nn.Module):
    def __init__(self, tensors, config, head, adapter):
        super().__init__()
        self.config, self.head, self.adapter = config, head, adapter
        self.names = {name: name.replace(".", "__") for name in tensors}
        for name, tensor in tensors.items():
            trained = adapter is None or "lora_" in name or name == "score.weight"
            self.register_parameter(self.names[name], torch.nn.Parameter(tensor, requires_grad=trained))
        half = config["headDim"] // 2
        frequencies = config["ropeTheta"] ** (-torch.arange(half, dtype=torch.float32) / half)
        angles = torch.outer(torch.arange(config["maxPositions"], dtype=torch.float32), frequencies)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def weight(self, name):
        return getattr(self, name.replace(".", "__"))

    def norm(self, x, name):
        variance = x.pow(2).mean(-1, keepdim=True)
        return x * torch.rsqrt(variance + self.config["rmsNormEps"]) * self.weight(name)

    def project(self, x, block, path):
        name = f"{block}.{path}"
        y = F.linear(x, self.weight(f"{name}.weight"))
        if self.adapter and path.split(".")[-1] in self.adapter["targets"]:
            low = F.linear(x, self.weight(f"{name}.lora_A.weight"))
            y = y + F.linear(low, self.weight(f"{name}.lora_B.weight")) * (self.adapter["alpha"] / self.adapter["rank"])
        return y

    def forward(self, ids, rows, columns, targets):
        config = self.config
        heads, shared, width = config["heads"], config["keyValueHeads"], config["headDim"]
        count, length = ids.shape
        cos, sin = self.cos[:length], self.sin[:length]
        x = F.embedding(ids, self.weight("model.embed_tokens.weight"))
        for layer in range(config["layers"]):
            block = f"model.layers.{layer}"
            normal = self.norm(x, f"{block}.input_layernorm.weight")
            split = lambda y, n: y.view(count, length, n, width).transpose(1, 2)
            q = rotate(split(self.project(normal, block, "self_attn.q_proj"), heads), cos, sin)
            k = rotate(split(self.project(normal, block, "self_attn.k_proj"), shared), cos, sin)
            v = split(self.project(normal, block, "self_attn.v_proj"), shared)
            attended = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=heads != shared)
            attended = attended.transpose(1, 2).reshape(count, length, heads * width)
            x = x + self.project(attended, block, "self_attn.o_proj")
            inner = self.norm(x, f"{block}.post_attention_layernorm.weight")
            gate = F.silu(self.project(inner, block, "mlp.gate_proj"))
            x = x + self.project(gate * self.project(inner, block, "mlp.up_proj"), block, "mlp.down_proj")
        picked = self.norm(x[rows, columns], "model.norm.weight")
        if self.head == "scalar":
            return F.linear(picked, self.weight("score.weight")).squeeze(-1)
        table = "model.embed_tokens.weight" if config["tieWordEmbeddings"] else "lm_head.weight"
        logits = F.linear(picked, self.weight(table))
        return -F.cross_entropy(logits, targets, reduction="none")


def tensors_of(batch, head):
    length = max(len(row["tokens"]) for row in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    rows, columns, targets = [], [], []
    for i, row in enumerate(batch):
        ids[i, : len(row["tokens"])] = torch.tensor(row["tokens"])
        for n, wanted in enumerate(row["mask"]):
            if wanted:
                rows.append(i)
                columns.append(n - (head == "lm"))
                targets.append(row["tokens"][n])
    return ids, torch.tensor(rows), torch.tensor(columns), torch.tensor(targets)


class Session:
    def __init__(self, request):
        torch.set_num_threads(request["threads"])
        self.head, mode = request["head"], request["mode"]
        self.model = Model(read_safetensors(request["weights"]), request["config"], self.head, request["adapter"])
        self.trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(self.trained, weight_decay=0.0, fused=mode != "eager")
        self.run = torch.compile(self.model) if mode == "compile" else self.model

    def step(self, tensors, learning_rate):
        loss = -self.run(*tensors).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate
        self.optimiser.step()
        return loss.item()

    def time(self, rows, length, steps, learning_rate, cpu):
        vocabulary = self.model.config["vocabSize"]
        durations = []
        clock = time.process_time if cpu else time.perf_counter
        for _ in range(steps):
            tokens = torch.randint(vocabulary, (rows, length)).tolist()
            batch = [{"tokens": row, "mask": [0] + [1] * (length - 1)} for row in tokens]
            tensors = tensors_of(batch, self.head)
            start = clock()
            self.step(tensors, learning_rate)
            durations.append((clock() - start) * 1000)
        return durations


session = None
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "open":
        session = Session(request)
        answer = {"torch": torch.__version__, "trained": sum(p.numel() for p in session.trained)}
    else:
        del request["op"]
        answer = {"ms": session.time(**request)}
    print(json.dumps({"answer": answer}), flush=True)
