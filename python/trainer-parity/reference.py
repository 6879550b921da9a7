"""The trainer's mathematics once more in plain PyTorch: same weights, same batches, the losses of every step.

    python reference.py JOB.json

JOB: {"folder", "algorithm": "sft" | "dpo" | "reward", "beta", "steps": [{"learningRate", "rows": [{"tokens", "mask"}]}]};
rows of pairs come as chosen, rejected, chosen, rejected. Prints {"losses": [...]}.
"""

import json
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

torch.manual_seed(0)


def rms_norm(x, weight, epsilon):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * weight


def rotate(x, cos, sin):
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin


def hidden_states(config, weights, ids):
    heads, kv_heads, size = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]
    rows, length = ids.shape
    frequencies = config["rope_theta"] ** (-torch.arange(0, size, 2, dtype=torch.float32) / size)
    angles = torch.outer(torch.arange(length, dtype=torch.float32), frequencies).repeat(1, 2)
    cos, sin = angles.cos(), angles.sin()
    x = weights["model.embed_tokens.weight"][ids]
    for layer in range(config["num_hidden_layers"]):
        get = lambda name: weights[f"model.layers.{layer}.{name}.weight"]
        h = rms_norm(x, get("input_layernorm"), config["rms_norm_eps"])
        q = (h @ get("self_attn.q_proj").T).view(rows, length, heads, size).transpose(1, 2)
        k = (h @ get("self_attn.k_proj").T).view(rows, length, kv_heads, size).transpose(1, 2)
        v = (h @ get("self_attn.v_proj").T).view(rows, length, kv_heads, size).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        k, v = (t.repeat_interleave(heads // kv_heads, dim=1) for t in (k, v))
        scores = q @ k.transpose(-1, -2) / size**0.5
        scores = scores.masked_fill(torch.ones(length, length).triu(1).bool(), float("-inf"))
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(rows, length, heads * size)
        x = x + mixed @ get("self_attn.o_proj").T
        h = rms_norm(x, get("post_attention_layernorm"), config["rms_norm_eps"])
        x = x + (F.silu(h @ get("mlp.gate_proj").T) * (h @ get("mlp.up_proj").T)) @ get("mlp.down_proj").T
    return rms_norm(x, weights["model.norm.weight"], config["rms_norm_eps"])


def padded(rows):
    longest = max(len(row["tokens"]) for row in rows)
    fill = lambda values: values + [0] * (longest - len(values))
    ids = torch.tensor([fill(row["tokens"]) for row in rows])
    mask = torch.tensor([fill(row["mask"]) for row in rows], dtype=torch.float32)
    return ids, mask


def token_logps(config, weights, rows):
    """Log-probabilities of the masked tokens, 0 elsewhere, [rows, length - 1], and the mask."""
    ids, mask = padded(rows)
    logits = hidden_states(config, weights, ids) @ weights["model.embed_tokens.weight"].T
    logps = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)
    return logps * mask[:, 1:], mask[:, 1:]


def loss_of(job, config, weights, frozen, rows):
    if job["algorithm"] == "sft":
        logps, mask = token_logps(config, weights, rows)
        return -logps.sum() / mask.sum()
    if job["algorithm"] == "dpo":
        sums = token_logps(config, weights, rows)[0].sum(-1)
        with torch.no_grad():
            fixed = token_logps(config, frozen, rows)[0].sum(-1)
        gains = sums - fixed
        return -F.logsigmoid(job["beta"] * (gains[0::2] - gains[1::2])).mean()
    ids, _ = padded(rows)
    last = torch.tensor([len(row["tokens"]) - 1 for row in rows])
    scores = (hidden_states(config, weights, ids) @ weights["score.weight"].T).squeeze(-1)[torch.arange(len(rows)), last]
    return -F.logsigmoid(scores[0::2] - scores[1::2]).mean()


def main():
    job = json.load(open(sys.argv[1]))
    config = json.load(open(f"{job['folder']}/config.json"))
    frozen = load_file(f"{job['folder']}/model.safetensors")
    if job["algorithm"] == "reward":
        frozen["score.weight"] = torch.zeros(1, config["hidden_size"])
    weights = {name: tensor.clone().requires_grad_(True) for name, tensor in frozen.items()}
    optimiser = torch.optim.AdamW(weights.values(), lr=0.0, weight_decay=0.0)
    losses = []
    for step in job["steps"]:
        optimiser.param_groups[0]["lr"] = step["learningRate"]
        optimiser.zero_grad()
        loss = loss_of(job, config, weights, frozen, step["rows"])
        loss.backward()
        torch.nn.utils.clip_grad_norm_([w for w in weights.values() if w.grad is not None], 1.0)
        optimiser.step()
        losses.append(loss.item())
    print(json.dumps({"losses": losses}))


main()
