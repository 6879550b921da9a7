"""TRL's own losses on given log-probabilities.

    python trl_losses.py FOLDER CASES.json

FOLDER is a small model (the trainers insist on one); it is not asked: a stand-in answers with logits over two tokens
whose log-softmax at token 0 is the log-probability that the case gives. Prints one list of losses for each algorithm.
"""

import json
import sys
import tempfile
from types import SimpleNamespace

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, KTOConfig, KTOTrainer

folder, cases_path = sys.argv[1:]
cases = json.load(open(cases_path))
tokenizer = AutoTokenizer.from_pretrained(folder)
scratch = tempfile.mkdtemp()
common = dict(output_dir=scratch, use_cpu=True, report_to="none", bf16=False, gradient_checkpointing=False)


def fresh():
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def pad(rows):
    longest = max(map(len, rows))
    return torch.tensor([row + [0.0] * (longest - len(row)) for row in rows], dtype=torch.float64)


class Given(torch.nn.Module):
    """Answers with the log-probabilities of its rows; the first token of each row is the prompt."""

    def __init__(self, rows):
        super().__init__()
        logps = pad(rows)
        logits = torch.stack((logps, torch.log1p(-logps.exp().clamp(max=1 - 1e-12))), dim=-1)
        self.logits = torch.cat((logits, torch.zeros(len(rows), 1, 2, dtype=torch.float64)), dim=1)

    def forward(self, **_):
        return SimpleNamespace(logits=self.logits, aux_loss=None)


def inputs_of(rows):
    lengths = torch.tensor([len(row) for row in rows])
    longest = int(lengths.max())
    completion = (torch.arange(longest + 1)[None] <= lengths[:, None]).long()
    attention = completion.clone()
    completion[:, 0] = 0
    return {"input_ids": torch.zeros(len(rows), longest + 1, dtype=torch.long), "attention_mask": attention, "completion_mask": completion}


def dpo(case):
    data = Dataset.from_list([{"prompt": "a", "chosen": " b", "rejected": " c"}] * 2)
    args = DPOConfig(**common, beta=case["beta"], loss_type=[case["loss"]], label_smoothing=case["labelSmoothing"])
    trainer = DPOTrainer(model=fresh(), ref_model=fresh(), args=args, train_dataset=data, processing_class=tokenizer)
    policy = case["policy"]["chosen"] + case["policy"]["rejected"]
    trainer.ref_model = Given(case["reference"]["chosen"] + case["reference"]["rejected"])
    return trainer._compute_loss(Given(policy), inputs_of(policy), False).item()


def kto(case):
    data = Dataset.from_list([{"prompt": "a", "completion": " b", "label": i % 2 == 0} for i in range(4)])
    args = KTOConfig(**common, beta=case["beta"], desirable_weight=case["desirableWeight"], undesirable_weight=case["undesirableWeight"], per_device_train_batch_size=4)
    trainer = KTOTrainer(model=fresh(), ref_model=fresh(), args=args, train_dataset=data, processing_class=tokenizer)
    policy, reference = Given(case["policy"]), Given(case["reference"])
    trainer.ref_model = reference
    sums = {id(policy): case["mismatched"]["policy"], id(reference): case["mismatched"]["reference"]}
    trainer._compute_kl_logps = lambda model, batch: pad(sums[id(model)]).sum(-1)
    inputs = inputs_of(case["policy"]) | {"label": torch.tensor(case["desirable"])}
    return trainer._compute_loss(policy, inputs, False).item()


def grpo(case):
    data = Dataset.from_list([{"prompt": "a"}] * 4)
    kind = {"sequence": "grpo", "token": "bnpo", "constant": "dr_grpo"}[case["average"]]
    args = GRPOConfig(
        **common, beta=case["beta"], epsilon=case["epsilon"], loss_type=kind, num_generations=2,
        use_bias_correction_kl=False,  # the paper's divergence, not weighted by the ratio
        per_device_train_batch_size=2, max_completion_length=case["maxTokens"],
    )
    trainer = GRPOTrainer(model=fresh(), reward_funcs=lambda completions, **_: [0.0] * len(completions), args=args, train_dataset=data, processing_class=tokenizer)
    trainer.current_gradient_accumulation_steps = 1
    logps = pad(case["policy"])
    lengths = torch.tensor([len(row) for row in case["policy"]])
    mask = (torch.arange(logps.shape[1])[None] < lengths[:, None]).long()
    trainer._get_per_token_logps_and_entropies = lambda *_, **__: (logps, torch.zeros_like(logps), None)
    ids = torch.zeros_like(mask)
    inputs = {
        "prompt_ids": ids[:, :1], "prompt_mask": mask[:, :1], "completion_ids": ids, "completion_mask": mask,
        "advantages": torch.tensor(case["advantages"], dtype=torch.float64),
        "old_per_token_logps": pad(case["old"]), "ref_per_token_logps": pad(case["reference"]),
        "num_items_in_batch": mask.sum(),
    }
    return trainer._compute_loss(trainer.model, inputs).item()


print(json.dumps({name: [globals()[name](case) for case in cases[name]] for name in cases}))
