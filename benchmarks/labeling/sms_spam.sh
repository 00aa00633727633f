#!/usr/bin/env bash
# Labels messages by ten rules without looking at a label, tunes the shipped base on the sure ones, and judges it on held-out messages;
# beside it the same run from the right labels of all messages.
# Usage: benchmarks/labeling/sms_spam.sh SMS.tsv [FOLDER]
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
data=$(realpath "$1")
out=${2:-$(mktemp -d)}
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=34359738368
dotnet build -c Release -v quiet "$repository/src/WebTrainer.Worker"
dotnet build -c Release -v quiet "$repository/benchmarks/labeling"
worker="dotnet $repository/src/WebTrainer.Worker/bin/Release/net10.0/WebTrainer.Worker.dll"
dotnet "$repository/benchmarks/labeling/bin/Release/net10.0/LabelingBenchmarks.dll" weak "$data" "$repository/benchmarks/labeling/sms-functions.json" "$out"
for labels in weak known; do
    python3 "$repository/benchmarks/banking77/prepare.py" "$out/$labels" "$repository/models/webtrainer-base-8m" "$out/$labels/run" \
        --method "$(cat "$repository/benchmarks/banking77/method.json")" --training '{"learningRate": 0.001, "epochs": 3, "microBatch": 32, "samples": 0}'
    began=$(date +%s)
    $worker run "$out/$labels/run/train"
    echo "from $labels labels: tuned in $(($(date +%s) - began)) s"
    $worker run "$out/$labels/run/evaluate"
    python3 - "$out/$labels/run/evaluate/output" <<'PY'
import json, pathlib, sys
output = pathlib.Path(sys.argv[1])
models = json.load(open(output / "report.json"))["models"]
rows = [json.loads(line) for line in open(output / "examples.jsonl", encoding="utf-8")]
for place, model in enumerate(models):
    said = [(row["expected"].strip() == "spam", row["answers"][place]["text"].strip() == "spam") for row in rows]
    both, given, true = sum(a and b for a, b in said), sum(b for _, b in said), sum(a for a, _ in said)
    print(f"  {model['name']}: F1 of spam {2 * both / (given + true):.4f}, right {model['score']:.2%}, on {len(rows)} held-out messages")
PY
done
