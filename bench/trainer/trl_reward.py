"""TRL's RewardTrainer with LoRA on preference pairs, to be timed beside ours.

{"op": "run", "folder": DIR, "file": GGUF, "data": FILE.jsonl, "threads": N, "steps": N} -> seconds of each step
"""

import json
import sys
import tempfile
import time

import torch
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForSequenceClassification, AutoTokenizer, TrainerCallback
from trl import RewardConfig, RewardTrainer


class Clock(TrainerCallback):
    def __init__(self):
        self.seconds = []

    def on_step_begin(self, *_, **__):
        self.start = time.perf_counter()

    def on_step_end(self, *_, **__):
        self.seconds.append(time.perf_counter() - self.start)


for line in sys.stdin:
    request = json.loads(line)
    torch.set_num_threads(request["threads"])
    where = {"gguf_file": request["file"]}
    tokenizer = AutoTokenizer.from_pretrained(request["folder"], **where)
    model = AutoModelForSequenceClassification.from_pretrained(
        request["folder"], num_labels=1, dtype=torch.float32, **where
    )
    model.config.pad_token_id = tokenizer.pad_token_id
    # The numbers were expanded to float32 on opening; the trainer refuses what still says where they came from.
    model.is_quantized = False
    clock = Clock()
    with tempfile.TemporaryDirectory() as out:
        trainer = RewardTrainer(
            model=model,
            args=RewardConfig(
                output_dir=out,
                per_device_train_batch_size=4,
                gradient_accumulation_steps=4,
                max_steps=request["steps"],
                max_length=256,
                learning_rate=2e-4,
                gradient_checkpointing=False,
                use_cpu=True,
                bf16=False,
                logging_strategy="no",
                report_to=[],
                save_strategy="no",
                seed=1,
            ),
            train_dataset=load_dataset("json", data_files=request["data"], split="train"),
            processing_class=tokenizer,
            peft_config=LoraConfig(r=16, lora_alpha=32, target_modules=["q_proj", "v_proj"], task_type="SEQ_CLS"),
            callbacks=[clock],
        )
        trainer.train()
    print(json.dumps({"answer": clock.seconds}), flush=True)
