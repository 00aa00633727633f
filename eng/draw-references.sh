#!/usr/bin/env bash
# Draws which library uses which, from the projects themselves: the picture that begins with graph TD in docs/architecture.md.
#   eng/draw-references.sh           prints it
#   eng/draw-references.sh --check   is it in the document as it is?
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
document=docs/architecture.md

draw() {
  echo 'graph TD'
  local project name used
  for project in src/*/*.csproj; do
    name="$(basename "$project" .csproj)"
    while read -r used; do
      [ -z "$used" ] || echo "  ${name#WebTrainer.} --> ${used#WebTrainer.}"
    done < <(sed -nE 's/.*<ProjectReference Include="[^"]*\/([^"\/]+)\.csproj".*/\1/p' "$project" | sort)
  done
}

if [ "${1:-}" != --check ]; then
  draw
elif [ "$(draw)" != "$(awk '/^graph TD$/ { inside = 1 } /^```$/ { inside = 0 } inside' "$document")" ]; then
  echo "The picture of references in $document is not what the projects say. Put there what eng/draw-references.sh prints." >&2
  exit 1
fi
