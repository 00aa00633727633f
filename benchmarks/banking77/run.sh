#!/usr/bin/env bash
# Trains an adapter on banking77 from the shipped base, evaluates base and adapter, and prints a linear SVM beside them.
# Usage: benchmarks/banking77/run.sh FOLDER_WITH_CSV [RUN_FOLDER]
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
here=$repository/benchmarks/banking77
data=$1
out=${2:-$(mktemp -d)}
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=34359738368
dotnet build -c Release -v quiet "$repository/src/WebTrainer.Worker"
worker="dotnet $repository/src/WebTrainer.Worker/bin/Release/net10.0/WebTrainer.Worker.dll"
python3 "$here/prepare.py" "$data" "$repository/models/webtrainer-base-8m" "$out" \
    --method "$(cat "$here/method.json")" --training "$(cat "$here/training.json")"
began=$(date +%s)
$worker run "$out/train"
echo "adapter trained in $(($(date +%s) - began)) s; run folder $out"
$worker run "$out/evaluate"
python3 - "$out/evaluate/output/report.json" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
for model in report["models"]:
    general = "" if model["generalLoss"] is None else f", general loss {model['generalLoss']:.3f}"
    print(f"{model['name']}: {model['score']:.2%} (95 %: {model['scoreLow']:.2%} to {model['scoreHigh']:.2%}) of {report['rows']} test rows{general}, {model['seconds']:.0f} s")
PY
/usr/bin/python3 "$here/svm.py" "$data"
