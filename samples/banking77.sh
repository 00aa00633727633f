#!/usr/bin/env bash
# From two CSV files to a judged model, by the API alone: samples/banking77.sh train.csv test.csv
# WEBTRAINER          address of the portal                    (default http://127.0.0.1:5080)
# WEBTRAINER_TOKEN    access token of a lead or engineer       (needed)
# WEBTRAINER_APPROVER_TOKEN  token of another lead, who approves; without it the script waits for somebody to do so
# WEBTRAINER_PROJECT  id of a project; without it a new one is made
# WEBTRAINER_MODEL    what is tuned                        (default: an encoder if the server has one, else the shipped decoder)
# MAX_STEPS           ends the training earlier
set -euo pipefail
train=$1 test=$2 api="${WEBTRAINER:-http://127.0.0.1:5080}/api/v1"
: "${WEBTRAINER_TOKEN:?Make an access token at /account/tokens and put it into WEBTRAINER_TOKEN.}"

call() { # token method path [curl arguments]
  curl -sS --fail-with-body -X "$2" -H "Authorization: Bearer $1" "$api/$3" "${@:4}" || { echo " ($2 $3)" >&2; exit 1; }
}
get() { call "$WEBTRAINER_TOKEN" GET "$1"; }
post() { call "$WEBTRAINER_TOKEN" POST "$1" -H 'Content-Type: application/json' -d "$2"; }
field() { grep -oE "\"$1\": ?(\"[^\"]*\"|[0-9.eE+-]+)" | head -1 | sed -E 's/^[^:]*: ?"?//; s/"$//'; }

project=${WEBTRAINER_PROJECT:-$(post projects '{"name":"Banking77"}' | field id)}
p=projects/$project

import() { # file name -> dataset/versions/number and id
  local upload
  upload=$(call "$WEBTRAINER_TOKEN" POST "$p/uploads/file?name=$(basename "$1")" -H 'Content-Type: application/octet-stream' -T "$1" | field id)
  post "$p/datasets" "{\"name\":\"$2\",\"uploadId\":\"$upload\",\"mapping\":{\"shape\":\"label\",\"text\":\"text\",\"label\":\"category\",\"labelsAsWords\":true}}"
}
stamp=$(date +%s)
held=$(import "$test" "Banking77 test $stamp")
learn=$(import "$train" "Banking77 train $stamp")
dataset=$(field datasetId <<<"$learn")
split=$(post "$p/datasets/$dataset/versions/$(field number <<<"$learn")/split" "{\"validation\":0.05,\"testVersionId\":\"$(field id <<<"$held")\",\"dropLeaks\":true}")
version=$(post "$p/datasets/$dataset/versions/$(field number <<<"$split")/publish" '{}' | field id)

model=${WEBTRAINER_MODEL:-$(get "$p/models" | tr '{' '\n' | grep -q '"all-MiniLM-L6-v2"' && echo all-MiniLM-L6-v2 || echo webtrainer-base-8m)}
if [ "$model" = webtrainer-base-8m ]; then
  training='"epochs":8,"promptDropout":0.2,"contextTokens":128' method='{}'
else # an encoder, with the settings that the form of a new run proposes for labels
  training='"epochs":6,"learningRate":0.003,"schedule":"linear","warmupShare":0.1,"microBatch":64,"promptDropout":0.1,"contextTokens":128,"checkpointEverySteps":0'
  method='{"rank":16,"alpha":32,"targets":["all-linear"]}'
fi
run=$(post "$p/runs" "{\"name\":\"Banking77\",\"datasetVersionId\":\"$version\",\"baseModel\":\"$model\",\"method\":$method,\"training\":{$training${MAX_STEPS:+,\"maxSteps\":$MAX_STEPS}}}")
id=$(field id <<<"$run")
[ -z "${WEBTRAINER_APPROVER_TOKEN:-}" ] || call "$WEBTRAINER_APPROVER_TOKEN" POST "$p/runs/$id/approve" \
  -H 'Content-Type: application/json' -d "{\"specSha256\":\"$(field specSha256 <<<"$run")\"}"

until_done() { # path: waits for its end
  local state
  while :; do
    state=$(get "$1" | field status)
    case $state in completed) return ;; failed | stopped | rejected) echo "$1 $state: $(get "$1" | field failureCause)" >&2; exit 1 ;; esac
    sleep 1
  done
}
until_done "$p/runs/$id"
evaluation=$(post "$p/evaluations" "{\"runIds\":[\"$id\"]}" | field id)
until_done "$p/evaluations/$evaluation"
get "$p/evaluations/$evaluation" | tr '{' '\n' | grep '"score"' | while read -r line; do
  echo "accuracy of $(field name <<<"$line"): $(field score <<<"$line")"
done
