"""Generation by transformers with its cache, to be timed beside ours.

{"op": "open", "folder": DIR, "file": GGUF, "threads": N} -> the name of the class
{"op": "generate", "prompt": [ids], "rows": N, "tokens": N, "sample": bool, "cpu": bool} -> seconds
"""

import json
import sys
import time

import torch
from transformers import AutoModelForCausalLM

model = None
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "open":
        torch.set_num_threads(request["threads"])
        model = AutoModelForCausalLM.from_pretrained(request["folder"], gguf_file=request["file"], dtype=torch.float32)
        answer = type(model).__name__
    else:
        ids = torch.tensor([request["prompt"]] * request["rows"])
        count = request["tokens"]
        clock = time.process_time if request["cpu"] else time.perf_counter
        start = clock()
        with torch.inference_mode():
            model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                min_new_tokens=count,
                max_new_tokens=count,
                do_sample=request["sample"],
                temperature=1.0 if request["sample"] else None,
                top_k=0 if request["sample"] else None,
                pad_token_id=0,
            )
        answer = clock() - start
    print(json.dumps({"answer": answer}), flush=True)
