#!/usr/bin/env bash
# Checks that the C# is written in the one dialect: laid out as CSharpier lays it out, comments within the line's width, one name for a
# token. Braces, usings and namespaces are checked by each build; with "ci" dotnet format looks at them too, as it changes them.
# Prints "ok …", "not ok …" and "not tried …" lines.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
export LC_ALL=C.UTF-8 # a letter of two bytes is one column
columns=140
lines_shown=5
token_names='cancellationToken|stoppingToken|ended|enough|portalStops' # the framework's own name, and what ends a part of a work

few() { head -"$lines_shown" | tr '\n' ' '; }
sources() { git ls-files -z --cached --others --exclude-standard '*.cs' ':!*/Migrations/*' | while IFS= read -rd '' file; do [ -f "$file" ] && printf '%s\0' "$file"; done; }

if dotnet tool restore >/dev/null 2>&1; then
  if said="$(dotnet csharpier check . 2>&1)"; then echo "ok all C# is laid out as CSharpier does it"; else echo "not ok layout, mend it by 'dotnet csharpier format .': $(grep -E '^Error|Warn' <<<"$said" | few)"; fi
else
  echo "not tried the layout of C#: CSharpier could not be installed"
fi

long="$(sources | xargs -0 grep -nE "^.{$((columns + 1)),}$" | grep -E '^[^:]*:[0-9]+: *//' | cut -d: -f1,2)"
if [ -z "$long" ]; then echo "ok no comment is wider than $columns columns"; else echo "not ok comments are wider than $columns columns: $(few <<<"$long")"; fi

named="$(sources | xargs -0 grep -nE '\bCancellationToken [a-z][A-Za-z]*' | grep -vE "\bCancellationToken ($token_names)\b")"
if [ -z "$named" ]; then echo "ok tokens are named cancellationToken"; else echo "not ok tokens have other names: $(few <<<"$named")"; fi

# What the SDK itself brings differs by its patch; all else is the same on each machine.
locked() { sed '/"Microsoft.AspNetCore.App.Internal.Assets"/,/}/d'; }
moved="$(git ls-files '*packages.lock.json' | while IFS= read -r file; do [ "$(git show "HEAD:$file" 2>/dev/null | locked)" = "$(locked <"$file")" ] || echo "$file"; done)"
if [ -z "$moved" ]; then echo "ok packages are those of the lock files"; else echo "not ok restoring changed lock files that are not committed: $(few <<<"$moved")"; fi

if [ "${1:-}" = ci ]; then
  if said="$(dotnet format style WebTrainer.sln --no-restore --verify-no-changes --severity warn 2>&1)"; then echo "ok dotnet format would change nothing"; else echo "not ok dotnet format would change: $(grep -E ': (error|warning) ' <<<"$said" | few)"; fi
fi
