"""Whether transformers and peft load what the trainer wrote, and with which outputs.

    python loads.py JOB.json

JOB: {"checks": [{"kind": "lm" | "gguf" | "reward" | "adapter" | "reward adapter", "folder", "file"?, "base"?,
"rows": [[token ids]]}]}.
Prints, for each check, the logits of the last token of each row (lm, gguf, adapter) or the scores (the others), and what
its tokenizer makes of "text" where one is given.
"""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

answers = []
for check in json.load(open(sys.argv[1]))["checks"]:
    kind, folder = check["kind"], check["folder"]
    if kind == "reward":
        model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32)
    elif "adapter" in kind:
        from peft import PeftModel

        if kind == "adapter":
            base = AutoModelForCausalLM.from_pretrained(check["base"], dtype=torch.float32)
        else:
            base = AutoModelForSequenceClassification.from_pretrained(check["base"], num_labels=1, dtype=torch.float32)
        model = PeftModel.from_pretrained(base, folder)
    else:
        file = {"gguf_file": check["file"]} if kind == "gguf" else {}
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **file)
    model.eval()
    outputs = []
    with torch.no_grad():
        for row in check["rows"]:
            logits = model(input_ids=torch.tensor([row])).logits[0]
            outputs.append((logits if kind.startswith("reward") else logits[-1]).tolist())
    answer = {"outputs": outputs}
    if "text" in check:
        answer["ids"] = AutoTokenizer.from_pretrained(folder)(check["text"], add_special_tokens=False)["input_ids"]
    answers.append(answer)
print(json.dumps(answers))
