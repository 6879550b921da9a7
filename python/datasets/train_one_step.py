"""Trains one step of a TRL trainer on each dataset folder of ours, unchanged. Prints what it loaded and the loss.

    train_one_step.py TRAINER FOLDER ...    (reward, dpo, kto, sft)
"""
import json
import sys
import tempfile

import torch
from datasets import load_dataset
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
    PreTrainedTokenizerFast,
    set_seed,
)
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

trainer_of = {
    "reward": (LlamaForSequenceClassification, RewardConfig, RewardTrainer),
    "dpo": (LlamaForCausalLM, DPOConfig, DPOTrainer),
    "kto": (LlamaForCausalLM, KTOConfig, KTOTrainer),
    "sft": (LlamaForCausalLM, SFTConfig, SFTTrainer),
}


def texts(value):
    return [value] if isinstance(value, str) else [message["content"] for message in value]


def tokenizer_for(train):
    """The smallest that knows these texts; with a template, as conversational rows need one."""
    words = Tokenizer(models.WordLevel(unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    columns = [name for name in ("prompt", "chosen", "rejected", "completion") if name in train.column_names]
    words.train_from_iterator(
        (text for row in train for name in columns for text in texts(row[name])),
        trainers.WordLevelTrainer(vocab_size=2000, special_tokens=["<unk>", "<pad>", "<s>", "</s>"]),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="<unk>", pad_token="<pad>", bos_token="<s>", eos_token="</s>"
    )
    tokenizer.chat_template = (
        "{% for message in messages %}{{ message['role'] }} : {{ message['content'] }} </s> {% endfor %}"
        "{% if add_generation_prompt %}assistant : {% endif %}"
    )
    return tokenizer


def train_one_step(kind, folder):
    set_seed(1)
    rows = load_dataset(folder)
    train = rows["train"]
    tokenizer = tokenizer_for(train)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=512,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        num_labels=1,
    )
    Model, Config, Trainer = trainer_of[kind]
    with tempfile.TemporaryDirectory() as out:
        settings = Config(
            output_dir=out,
            max_steps=1,
            per_device_train_batch_size=4,
            max_length=256,
            report_to=[],
            use_cpu=True,
            save_strategy="no",
            logging_steps=1,
            disable_tqdm=True,
        )
        # From a folder: DPO and KTO open the model a second time, as the reference.
        Model(config).save_pretrained(f"{out}/model")
        model = Model.from_pretrained(f"{out}/model")
        trainer = Trainer(model=model, args=settings, train_dataset=train, processing_class=tokenizer)
        result = trainer.train()
    assert torch.isfinite(torch.tensor(result.training_loss))
    return {
        "splits": {name: split.num_rows for name, split in rows.items()},
        "steps": trainer.state.global_step,
        "loss": result.training_loss,
    }


asked = sys.argv[1:]
print(json.dumps([train_one_step(kind, folder) for kind, folder in zip(asked[::2], asked[1::2])]))
