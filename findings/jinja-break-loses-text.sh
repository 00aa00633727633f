#!/usr/bin/env bash
# @huggingface/jinja: break and continue take back what the same pass of the loop has already written.
#
# Guess: as in Jinja2 (with its extension loopcontrols, which chat templates are rendered with), text in front of {% break %} or {% continue %} stays.
# Seen (@huggingface/jinja 0.5.11): of "a1" and "b" per pass, a break in the second pass gives "a1b", Jinja2 3.1.6 gives "a1ba2"; continue gives "a1ba3b", Jinja2 "a1ba2a3b".
# What we do: chat templates are rendered by code of our own, held to Jinja2's output on small templates of one construct each.
#
# Needs Node and a source of npm packages. Ends with 0 while the library does this, with 1 when it has changed.
set -euo pipefail
version="${1:-0.5.11}"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --no-audit --no-fund --silent "@huggingface/jinja@$version"
cat >try.js <<'END'
import { Template } from "@huggingface/jinja";

const loop = word => new Template(`{% for x in [1, 2, 3] %}a{{ x }}{% if x == 2 %}{% ${word} %}{% endif %}b{% endfor %}`).render({});
const seen = [loop("break"), loop("continue")];
console.log(`break:    ${seen[0]}, with Jinja2 a1ba2`);
console.log(`continue: ${seen[1]}, with Jinja2 a1ba2a3b`);
process.exit(seen[0] === "a1b" && seen[1] === "a1ba3b" ? 0 : 1);
END
node try.js
