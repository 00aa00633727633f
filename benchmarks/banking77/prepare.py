#!/usr/bin/env python3
"""Writes banking77's csv files as dataset rows and the specs of a training and an evaluation run."""
import argparse, csv, hashlib, json, pathlib, random, uuid


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        # Labels as words: the base knows them from running text, and one token a word leaves less to guess than one a syllable.
        return [(row["text"], row["category"].replace("_", " ")) for row in csv.DictReader(file)]


def write(path, prefix, pairs):
    with open(path, "w", encoding="utf-8") as file:
        for number, (text, label) in enumerate(pairs):
            messages = [{"role": "user", "content": text}, {"role": "assistant", "content": label}]
            file.write(json.dumps({"id": f"{prefix}{number}", "messages": messages}, ensure_ascii=False) + "\n")
    return {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "rows": len(pairs)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path, help="folder with train.csv and test.csv")
    parser.add_argument("base", type=pathlib.Path, help="folder of the base model")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--validation", type=int, default=0, help="training rows set aside for validation")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--method", default="{}", help="JSON over the default method")
    parser.add_argument("--training", default="{}", help="JSON over the default training settings")
    options = parser.parse_args()
    out = options.out.resolve()
    train, test = rows(options.data / "train.csv"), rows(options.data / "test.csv")
    labels = sorted({label for _, label in train})
    random.Random(options.seed).shuffle(train)
    for name in ("train", "evaluate"):
        (out / name).mkdir(parents=True, exist_ok=True)
    held, train = train[:options.validation], train[options.validation:]
    data = {"train": write(out / "train.jsonl", "t", train), "test": write(out / "test.jsonl", "e", test), "labels": labels}
    if held:
        data["validation"] = write(out / "validation.jsonl", "v", held)
    general = options.base / "heldout.txt"
    if general.exists():
        content = general.read_bytes()
        data["general"] = {"path": str(general.resolve()), "sha256": hashlib.sha256(content).hexdigest(), "rows": content.count(b"\n")}
    common = {"version": 1, "baseModel": str(options.base.resolve()), "data": data, "seed": options.seed}
    specs = {
        "train": {"kind": "train", "method": json.loads(options.method), "training": json.loads(options.training)},
        "evaluate": {"kind": "evaluate", "evaluation": {"adapters": [{"name": "banking77", "path": str(out / "train/output/adapter")}]}},
    }
    for name, spec in specs.items():
        (out / name / "spec.json").write_text(json.dumps({"runId": str(uuid.uuid4()), **common, **spec}, indent=2))


main()
