#!/usr/bin/env bash
# Checks the scripts: their syntax, ShellCheck, and that each way in which ./run and ./test end early says one plain sentence. Prints
# "ok …", "not ok …" and "not tried …" lines.
# shellcheck disable=SC2016 # what stand-ins do is not for this shell
set -uo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root" || exit
scripts=(run test .ci/run eng/*.sh samples/*.sh findings/*.sh)
lab="$(mktemp -d)"
trap 'rm -rf "$lab"' EXIT

for script in "${scripts[@]}"; do
  if said="$(bash -n "$script" 2>&1)"; then echo "ok $script can be read"; else echo "not ok $script: $said"; fi
done
if command -v shellcheck >/dev/null; then
  if said="$(shellcheck -x "${scripts[@]}" 2>&1)"; then echo "ok ShellCheck finds nothing"; else echo "not ok ShellCheck: $(grep -E '^In |SC[0-9]+' <<<"$said" | tr -s ' ' | tr '\n' ' ')"; fi
fi
if said="$(eng/draw-references.sh --check 2>&1)"; then echo "ok the picture of references is that of the projects"; else echo "not ok $said"; fi

# A machine of which parts can be taken: a checkout of the scripts alone, the system's small programs, and stand-ins for the rest.
stand_in() { # program, what it does
  rm -f "$lab/bin/$1" # a link to the system's own is never written through
  printf '#!/bin/bash\n%s\n' "$2" >"$lab/bin/$1" && chmod +x "$lab/bin/$1"
}
machine() {
  rm -rf "${lab:?}"/{bin,checkout,home}
  mkdir -p "$lab/bin" "$lab/home" "$lab/checkout/.cache" "$lab/checkout/src"
  cp -r run test eng "$lab/checkout/"
  local check
  for check in scripts style; do printf '#!/bin/bash\necho "ok nothing"\n' >"$lab/checkout/eng/check-$check.sh"; done
  local program
  for program in awk basename bash cat chmod cp cut date dirname find flock grep head id ln ls mkdir mktemp mv nproc perl printf readlink rm sed sh sha256sum sleep sort tail tee tr uniq; do
    ln -s "$(command -v "$program")" "$lab/bin/$program"
  done
  stand_in getconf 'echo glibc 2.36'
  stand_in df 'printf "x\nx 1 1 50000 1%% /\n"'
  library=$lab/libstdc++.so.6 && echo GLIBCXX_3.4.32 >"$library"
  stand_in ldconfig "printf '\tlibicuuc.so.72 (libc6,x86-64) => /x\n\tlibssl.so.3 (libc6,x86-64) => /x\n\tlibstdc++.so.6 (libc6,x86-64) => $library\n' | tr -d '\t'"
  # Builds what is asked for, and runs tests that pass.
  stand_in dotnet 'case "$1" in
    --version) echo 10.0.100 ;;
    --list-sdks) echo "8.0.1 [/usr/share/dotnet/sdk]" ;;
    build) for p in src/WebTrainer.Portal/bin/Release/net10.0/WebTrainer.Portal.dll tests/WebTrainer.Learning.Tests/bin/Release/net10.0/WebTrainer.Learning.Tests.dll; do mkdir -p "${p%/*}" && : >"$p"; done ;;
    *Portal.dll) echo "the portal was started with $*" ;;
    *) echo "   Tests  Total: 3, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 1s" ;;
  esac'
}
old_libstdcxx() { echo GLIBCXX_3.4.30 >"$library"; }
no_network() {
  stand_in apt-get 'case "$*" in *indextargets*) echo "http://mirror.invalid/debian/ bookworm main" ;; *) echo "W: Failed to fetch http://mirror.invalid/debian" >&2 ;; esac'
  stand_in apt-cache 'exit 0'
  stand_in dpkg 'exit 0'
}
no_root() { stand_in id 'case "$1" in -u) echo 1000 ;; *) echo somebody ;; esac'; }

# What a command says last must match, with the status, and nothing of the shell's own may be in it.
ends() { # case, status, pattern of the last line, command…
  local case="$1" wanted="$2" pattern="$3" said status last
  shift 3
  said="$(cd "$lab/checkout" && env -i PATH="$lab/bin" HOME="$lab/home" LANG=C.UTF-8 "$@" 2>&1 </dev/null)"
  status=$?
  last="$(tail -1 <<<"$said")"
  if [ "$status" != "$wanted" ]; then
    echo "not ok $case: status $status instead of $wanted; it said: ${said//$'\n'/ }"
  elif [[ ! $last =~ $pattern ]]; then
    echo "not ok $case: its last line is '$last'"
  elif grep -qE 'line [0-9]+:|unbound variable|command not found|syntax error' <<<"$said"; then
    echo "not ok $case: the shell itself complains: ${said//$'\n'/ }"
  else
    echo "ok $case"
  fi
}
says() { # the same, but the sentence may stand anywhere
  local case="$1" pattern="$2" said
  shift 2
  said="$(cd "$lab/checkout" && env -i PATH="$lab/bin" HOME="$lab/home" LANG=C.UTF-8 "$@" 2>&1 </dev/null)"
  if [[ $said =~ $pattern ]]; then echo "ok $case"; else echo "not ok $case: it said: ${said//$'\n'/ }"; fi
}

machine
ends "./run with all there" 0 'the portal was started with .*--Portal:Demo=true --urls http://127.0.0.1:1' ./run --demo --urls http://127.0.0.1:1
ends "./run again builds nothing" 0 'the portal was started' ./run
says "./run again says no word of building" '^Starting the portal…' ./run
ends "./test unit with all there" 0 '^47 passed, 0 failed$' ./test unit
ends "./test of a part that is none" 1 "^There is no part 'everything'\. Use: " ./test everything

for command in './run' './test unit'; do
  machine && rm "$lab/bin/dotnet"
  # shellcheck disable=SC2086 # a command and its argument
  ends "$command without the SDK" 1 "^WebTrainer needs the .NET 10 SDK, and there is no 'dotnet' .*\.$" $command
  machine && stand_in dotnet 'case "$1" in --list-sdks) echo "8.0.1 [/x]" ;; *) exit 1 ;; esac'
  # shellcheck disable=SC2086
  ends "$command with an old SDK" 1 '^WebTrainer needs the .NET 10 SDK; this machine has: 8\.0\.1' $command
  machine && rm -r "$lab/checkout/.cache" && : >"$lab/checkout/.cache"
  # shellcheck disable=SC2086
  ends "$command in a folder that can't be written" 1 "^The folder .* can't be written" $command
  machine && stand_in df 'printf "x\nx 1 1 10 99%% /\n"'
  # shellcheck disable=SC2086
  ends "$command on a full disk" 1 'has 10 MB left, and building needs .* make room' $command
  machine && stand_in dotnet 'case "$1" in build) echo "error CS0000"; exit 1 ;; *) exit 0 ;; esac'
  # shellcheck disable=SC2086
  ends "$command with sources that don't build" 1 '^The build did not work; see the messages above\.$' $command
  machine && stand_in ldconfig 'exit 0' && no_root
  # shellcheck disable=SC2086
  ends "$command without ICU and apt" 1 '^libicuuc.so is needed .* there is no apt-get on this system\. ' $command
  machine && stand_in ldconfig 'exit 0' && no_network
  # shellcheck disable=SC2086
  ends "$command without ICU and network" 1 "^libicuuc.so is needed .* Debian's packages can't be reached" $command
  machine && old_libstdcxx
  # shellcheck disable=SC2086
  ends "$command with an old libstdc++ and without apt" 1 "^The training library needs Debian 13's libstdc\+\+6, .* there is no apt-get" $command
  machine && old_libstdcxx && no_network && no_root
  # shellcheck disable=SC2086
  ends "$command with an old libstdc++, without root and network" 1 "^The training library needs Debian 13's libstdc\+\+6, .* can't be reached" $command
  machine && old_libstdcxx && stand_in getconf 'echo glibc 2.31'
  # shellcheck disable=SC2086
  ends "$command on a system that is too old" 1 'this one has version 2.31 of the C library' $command
done

machine && no_root
ends "./test unit without root" 0 '^47 passed, 0 failed$' ./test unit
says "./test unit without root says what was not tried" 'Not tried: checking the scripts by ShellCheck, since shellcheck is not installed and could not be\.' ./test unit
machine && stand_in dotnet 'case "$1" in --version) exit 0 ;; build) exit 0 ;; *Pipeline*) exit 134 ;; *) echo "   Total: 3, Errors: 0, Failed: 0, Skipped: 0" ;; esac'
ends "./test unit where a program dies" 1 '^44 passed, 1 failed$' ./test unit
machine && stand_in dotnet 'case "$1" in --version) exit 0 ;; build) exit 0 ;; *Pipeline*) printf "  A.B [FAIL]\n  because\n   Total: 3, Errors: 0, Failed: 1, Skipped: 1\n"; exit 1 ;; *) echo "   Total: 3, Errors: 0, Failed: 0, Skipped: 0" ;; esac'
ends "./test unit where a test fails" 1 '^45 passed, 1 failed, 1 skipped$' ./test unit
