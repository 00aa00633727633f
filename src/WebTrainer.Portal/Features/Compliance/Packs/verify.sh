#!/bin/bash
# Checks an evidence pack with openssl and sha256sum alone:
#   1. no file was changed, added or taken away, and the server's key has signed the list of them;
#   2. the settings that ran are those that were approved;
#   3. the server's key has signed the head of its audit log, and each act in audit/ is in the log of that head (RFC 6962).
# Usage: ./verify.sh [public.pem]   with the server's public key from elsewhere; without it the pack's own is taken.
set -euo pipefail
cd "$(dirname "$0")"
key=${1:-public.pem}

fail() { echo "FAILED: $1" >&2; exit 1; }
hash() { sha256sum | cut -d' ' -f1; }
bytes() { printf '%b' "$(sed 's/../\\x&/g' <<<"$1")"; }
node() { { printf '\x01'; bytes "$1"; bytes "$2"; } | hash; }

openssl dgst -sha256 -verify "$key" -signature manifest.sig manifest.txt >/dev/null 2>&1 || fail "manifest.txt is not signed by $key."
sha256sum --quiet --strict -c manifest.txt || fail "a file is not the one that was signed."
listed=$(cut -c67- manifest.txt | sort)
there=$(find . -type f ! -name manifest.txt ! -name manifest.sig -printf '%P\n' | sort)
[ "$listed" = "$there" ] || fail "files were added or taken away: $(comm -3 <(echo "$listed") <(echo "$there") | tr -d '\t' | tr '\n' ' ')"
echo "ok  $(wc -l <manifest.txt) files are those that the server has signed"

while IFS=$'\t' read -r approved file; do
  [ "$(sha256sum <"$file" | cut -d' ' -f1)" = "$approved" ] || fail "$file is not what was approved ($approved)."
  echo "ok  $file is what was approved"
done <approved.tsv

openssl dgst -sha256 -verify "$key" -signature audit/head.sig audit/head.txt >/dev/null 2>&1 || fail "audit/head.txt is not signed by $key."
size=$(sed -n 2p audit/head.txt)
root=$(sed -n 4p audit/head.txt)
echo "ok  the head of an audit log of $size entries is signed"

count=0
while IFS=$'\t' read -r id index path; do
  here=$({ printf '\x00'; bytes "$(hash <"audit/entries/$id.bin")"; } | hash)
  last=$((size - 1))
  for neighbour in $path; do
    if ((index % 2 == 1 || index == last)); then
      here=$(node "$neighbour" "$here")
      while ((index % 2 == 0 && index != 0)); do
        index=$((index / 2))
        last=$((last / 2))
      done
    else
      here=$(node "$here" "$neighbour")
    fi
    index=$((index / 2))
    last=$((last / 2))
  done
  [ "$here" = "$root" ] && [ "$last" = 0 ] || fail "entry $id is not in the audit log of this head."
  count=$((count + 1))
done <audit/entries.tsv
echo "ok  $count acts are in that log"
echo "The pack is whole, and its key is $(openssl pkey -pubin -in "$key" -outform DER 2>/dev/null | sha256sum | cut -c1-16): compare that with the server's."
