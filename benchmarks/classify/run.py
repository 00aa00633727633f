#!/usr/bin/env python3
"""Tunes an encoder on labelled sets and holds it against two linear models, side by side in one run.

    benchmarks/classify/run.py ENCODER [SET ...]      ENCODER: folder of all-MiniLM-L6-v2; sets: all by default

Each set is trained and judged by the worker as the portal would start it (settings of RunDefaults for encoders), and the linear model of
the evaluation and scikit-learn's linear SVM learn from the same rows. Needs the built worker and, for the SVM, python3-sklearn.
Writes one line a set, and all of it as JSON to artifacts/classify.json.
"""
import csv, glob, hashlib, json, math, os, pathlib, random, subprocess, sys, tempfile, time, uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
WORKER = ROOT / "src/WebTrainer.Worker/bin/Release/net10.0/WebTrainer.Worker.dll"
SEED = 42


def split(rows, test_share):
    random.Random(SEED).shuffle(rows)
    test = round(len(rows) * test_share)
    return rows[test:], rows[:test]


def banking77():
    def read(name):
        with open(DATA / "banking77" / name, newline="", encoding="utf-8") as file:
            return [(row["text"], row["category"].replace("_", " ")) for row in csv.DictReader(file)]
    return read("train.csv"), read("test.csv")


def sms_spam():
    rows = [line.rstrip("\n").split("\t", 1) for line in open(DATA / "sms_spam" / "sms.tsv", encoding="utf-8")]
    return split([(text, label) for label, text in rows], 0.2)


def legalbench_cuad():
    rows = []
    for path in sorted(glob.glob(str(DATA / "legalbench_cuad" / "**" / "*.tsv"), recursive=True)):
        task = os.path.basename(os.path.dirname(path)) if os.path.basename(path) == "train.tsv" else os.path.splitext(os.path.basename(path))[0]
        question = task.replace("cuad_", "").replace("_train", "").replace("_", " ")
        with open(path, newline="", encoding="utf-8") as file:
            rows += [(f"{question}: {row['text']}", row["answer"]) for row in csv.DictReader(file, delimiter="\t")]
    return split(rows, 0.35)


def pubmedqa():
    folder = DATA / "pubmedqa"
    rows = json.load(open(next(p for p in folder.iterdir() if p.name.startswith("ori_pqal")), encoding="utf-8"))
    test_ids = json.load(open(folder / "test_ground_truth.json", encoding="utf-8"))
    text = lambda row: row["QUESTION"] + "\n" + " ".join(row["CONTEXTS"])
    both = {True: [], False: []}
    for key, row in rows.items():
        both[key in test_ids].append((text(row), row["final_decision"]))
    return both[False], both[True]


def shop_messages():
    with open(ROOT / "src/WebTrainer.Portal/Features/Demo/shop-messages.csv", newline="", encoding="utf-8") as file:
        return split([(row["text"], row["topic"]) for row in csv.DictReader(file)], 0.25)


# name: rows, tokens that are read of a text
SETS = {
    "banking77": (banking77, 128), "legalbench_cuad": (legalbench_cuad, 256), "sms_spam": (sms_spam, 128), "pubmedqa": (pubmedqa, 512), "shop_messages": (shop_messages, 128),
}


def training_of(rows, tokens, labels):
    """As RunDefaults proposes it for an encoder."""
    many = rows > 2000
    batch = 64 if many else 32
    epochs = min(20, max(6, math.ceil(200 * batch / rows)))
    while batch > 1 and batch * tokens > 8192:
        batch //= 2
    return {
        "learningRate": 5e-4 if labels <= 5 else 3e-3 if many else 2e-3, "schedule": "linear", "warmupShare": 0.1, "epochs": epochs, "microBatch": batch, "accumulation": (64 if many else 32) // batch,
        "promptDropout": 0.1, "contextTokens": tokens, "checkpointEverySteps": 0,
        "patience": 3 if labels <= 5 else 0,
    }


def write_rows(path, rows, prefix):
    lines = [json.dumps({"id": f"{prefix}{i}", "messages": [{"role": "user", "content": text}, {"role": "assistant", "content": label}]}, ensure_ascii=False) + "\n" for i, (text, label) in enumerate(rows)]
    data = "".join(lines).encode()
    path.write_bytes(data)
    return {"path": str(path), "sha256": hashlib.sha256(data).hexdigest(), "rows": len(rows)}


def run_worker(folder, spec):
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text(json.dumps(spec))
    environment = dict(os.environ, MALLOC_MMAP_MAX_="0", MALLOC_TRIM_THRESHOLD_="34359738368")
    ended = subprocess.run(["dotnet", str(WORKER), "run", str(folder)], env=environment, capture_output=True, text=True)
    if ended.returncode != 0:
        sys.exit(f"The worker failed: {ended.stderr[-2000:]}")
    return [json.loads(line) for line in open(folder / "events.jsonl", encoding="utf-8")]


def svm(train, test):
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_pipeline, make_union
        from sklearn.svm import LinearSVC
    except ImportError:
        return None, None
    begun = time.time()
    model = make_pipeline(make_union(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)), LinearSVC())
    model.fit([text for text, _ in train], [label for _, label in train])
    right = sum(given == label for given, (_, label) in zip(model.predict([text for text, _ in test]), test))
    return right / len(test), time.time() - begun


def measure(name, encoder, scratch):
    read, tokens = SETS[name]
    train, test = read()
    folder = scratch / name
    folder.mkdir()
    labels = sorted({label for _, label in train + test})
    # Judged on the way and kept from both models of the evaluation, as the portal does: where labels are few, the validation rows say when to end.
    held = random.Random(SEED + 1).sample(train, max(20, len(train) // 10))
    kept = [row for row in train if row not in held]
    data = {"train": write_rows(folder / "train.jsonl", kept, "t"), "validation": write_rows(folder / "validation.jsonl", held, "v"), "test": write_rows(folder / "test.jsonl", test, "x"), "labels": labels}
    spec = {
        "version": 1, "runId": str(uuid.uuid4()), "kind": "train", "baseModel": str(encoder), "data": data, "seed": SEED, "classifier": {"dropout": 0.1},
        "method": {"method": "LoRA", "rank": 16, "alpha": 32, "targets": ["all-linear"]},
        "training": training_of(len(kept), tokens, len(labels)),
    }
    begun = time.time()
    events = run_worker(folder / "run", spec)
    trained = time.time() - begun
    speeds = [event["tokensPerSecond"] for event in events if event["type"] == "step"]
    run_worker(folder / "judged", dict(spec, kind="evaluate", runId=str(uuid.uuid4()), evaluation={"adapters": [{"name": "tuned", "path": str(folder / "run/output/adapter")}], "performance": True}))
    report = json.load(open(folder / "judged/output/report.json", encoding="utf-8"))
    models = {model["name"]: model for model in report["models"]}
    linear = next(model for model in report["models"] if model["name"].startswith("linear"))
    against = {c["first"]: c for c in report["comparisons"] if c["second"] == "tuned"}
    svm_score, svm_seconds = svm(train, test)
    interval = lambda model: [round(100 * model[key], 1) for key in ("score", "scoreLow", "scoreHigh")]
    return {
        "set": name, "train": len(kept), "validation": len(held), "test": len(test), "labels": len(labels),
        "base": interval(models["base"]) if "base" in models else None, "tuned": interval(models["tuned"]), "linear": interval(linear),
        "svm": None if svm_score is None else round(100 * svm_score, 1), "svmSeconds": svm_seconds,
        "leadOverLinear": against.get(linear["name"]), "leadOverBase": against.get("base"),
        "trainingSeconds": round(trained, 1), "tokensPerSecond": round(sorted(speeds)[len(speeds) // 2]), "calibrationError": models["tuned"].get("calibration", {}).get("error"),
        "speed": report["speeds"],
    }


def main():
    encoder, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:] or list(SETS)
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            result = measure(name, encoder, pathlib.Path(scratch))
            results.append(result)
            lead = result["leadOverLinear"]
            print(f"{name}: base {result['base']}, tuned {result['tuned']} in {result['trainingSeconds']} s ({result['tokensPerSecond']} tokens/s), "
                  f"linear {result['linear']}, SVM {result['svm']}, lead {100 * lead['difference']:.1f} points (p {lead['pValue']:.2g})" if lead else result, flush=True)
    (ROOT / "artifacts").mkdir(exist_ok=True)
    (ROOT / "artifacts/classify.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
