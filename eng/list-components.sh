#!/bin/bash
# Writes src/WebTrainer.Portal/Features/Compliance/Packs/components.json: what portal and worker are made of, with licences, from the lock
# files and the packages' own descriptions. Run it after a package was added or moved to another version.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
target=src/WebTrainer.Portal/Features/Compliance/Packs/components.json

license_of() { # path of a .nuspec
  local text
  text=$(tr '\n' ' ' <"$1")
  if [[ $text =~ \<license\ type=\"expression\"[^\>]*\>([^\<]+)\< ]]; then
    echo "${BASH_REMATCH[1]}"
  elif [[ $text =~ \<license\ type=\"file\"[^\>]*\>([^\<]+)\< ]]; then
    echo "In the package, ${BASH_REMATCH[1]}"
  elif [[ $text =~ \<licenseUrl\>([^\<]+)\< ]]; then
    echo "See ${BASH_REMATCH[1]}"
  else
    echo "Not stated"
  fi
}

{
  echo '['
  sed -n 's/^ \{6\}"\([^"]*\)": {$/\1/p; s/^ \{8\}"type": "\([A-Za-z]*\)",*$/type \1/p; s/^ \{8\}"resolved": "\([^"]*\)",*$/resolved \1/p' \
    src/WebTrainer.Portal/packages.lock.json src/WebTrainer.Worker/packages.lock.json |
    awk '$1 == "type" { type = $2; next } $1 == "resolved" { if (type != "Project") print name, $2; next } { name = $1 }' |
    LC_ALL=C sort -u | while read -r name version; do
    lower=$(tr '[:upper:]' '[:lower:]' <<<"$name")
    license=$(license_of "$packages/$lower/$version/$lower.nuspec" | sed 's/"/\\"/g')
    printf '  { "name": "%s", "version": "%s", "license": "%s", "purl": "pkg:nuget/%s@%s" },\n' "$name" "$version" "$license" "$name" "$version"
  done
  echo '  { "name": "uPlot", "version": "1.6.32", "license": "MIT", "purl": "pkg:npm/uplot@1.6.32" },'
  echo '  { "name": "Inter", "version": "as shipped", "license": "OFL-1.1" },'
  echo '  { "name": "Vazirmatn", "version": "as shipped", "license": "OFL-1.1" },'
  echo '  { "name": "GloVe", "version": "100-d", "license": "PDDL-1.0" }'
  echo ']'
} >"$target.new"
mv "$target.new" "$target"
