# Sourced by ./run and ./test: what the machine must have, and how to get it. Libraries that it lacks are fetched into .cache, without
# root, and found there by LD_LIBRARY_PATH; the system and its package sources stay as they are.
# shellcheck shell=bash

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cache="$root/.cache"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

first_build_megabytes=4000
rebuild_megabytes=300
torch_symbol=GLIBCXX_3.4.32
debian_archive=http://deb.debian.org/debian
export torch_libraries="" # folder of the newer libstdc++, where the system's is too old
untried=()         # sentences for the end of ./test
explained=""

say() { printf '%s\n' "$*" >&2; }
fail() {
  explained=yes
  say "$*"
  exit 1
}

# A way out that nobody foresaw has a sentence too.
explain_exit() {
  [ "$1" = 0 ] || [ -n "$explained" ] || say "$(basename "$0") stopped with status $1 for a reason that it does not know; the messages above say more."
}
trap 'explain_exit $?' EXIT
trap 'fail "Stopped."' INT TERM

need_folder() {
  mkdir -p "$cache" 2>/dev/null
  { [ -d "$cache" ] && [ -w "$cache" ]; } || fail "The folder $root can't be written, and what is built and fetched is kept there; give it to the user $(id -un), or copy it elsewhere."
  # The SDK and its packages want a home.
  if [ ! -w "${HOME:-/nonexistent}" ]; then
    export HOME="$cache/home"
    mkdir -p "$HOME" || fail "The folder $HOME can't be made."
  fi
}

need_disk() { # megabytes
  local free
  free="$(df -Pm "$cache" 2>/dev/null | awk 'NR == 2 { print $4 }')"
  [ "${free:-$1}" -ge "$1" ] || fail "The disk of $root has $free MB left, and building needs $1 MB; make room, then run this again."
}

need_sdk() {
  command -v dotnet >/dev/null || fail "WebTrainer needs the .NET 10 SDK, and there is no 'dotnet' on this machine's PATH. Install it, then run this again."
  need_library libicuuc.so 'libicu[0-9]+' "dates and sorting of other languages"
  need_library libssl.so.3 'libssl3(t64)?' "encryption"
  (cd "$root" && dotnet --version >/dev/null 2>&1) || fail "WebTrainer needs the .NET 10 SDK; this machine has: $(cd / && dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | tr '\n' ' ')"
}

# Path of the system's own library; nothing where there is none.
system_library() { # beginning of its name
  PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | awk -v name="$1" 'index($1, name) == 1 && /x86-64/ { print $NF; exit }'
}

# A library of the .NET runtime. Its packages and images bring it, a bare system lacks it.
need_library() { # beginning of its name, pattern of its package, what for
  [ -z "$(system_library "$1")" ] || return 0
  local folder="$cache/libraries/${1%%.*}"
  if ! compgen -G "$folder/$1*" >/dev/null; then
    say "Fetching $1 ($3) into .cache."
    fetch_package "$2" "$folder" || fail "$1 is needed for $3, and fetching it did not work: $why Install the package, then run this again."
  fi
  export LD_LIBRARY_PATH="$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
}

older() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -1)" != "$2" ]; } # version than

# TorchSharp needs libstdc++ of GCC 13: Debian 13 and Ubuntu 24.04 have it, Debian 12 has not. The worker and its tests alone get another.
need_libstdcxx() {
  local system folder="$cache/libstdcxx" glibc mirror
  system="$(system_library libstdc++.so.6)"
  [ -n "$system" ] && grep -aq "$torch_symbol" "$system" && return
  need_folder # benchmarks begin here
  if [ ! -f "$folder/libstdc++.so.6" ]; then
    glibc="$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)"
    older "${glibc:-0}" 2.36 && fail "The training library needs Debian 12, Ubuntu 24.04 or a newer system; this one has version ${glibc:-0} of the C library, older than 2.36."
    say "This system's libstdc++ is too old for the training library; fetching Debian 13's into .cache, for the worker alone."
    rm -rf "$folder.new"
    for mirror in $(debian_mirrors); do
      fetch_package 'libstdc\+\+6' "$folder.new" "$(trixie_source "$mirror")" && break
    done
    [ -f "$folder.new/libstdc++.so.6" ] || fail "The training library needs Debian 13's libstdc++6, and fetching it did not work: $why"
    if older "$glibc" 2.38; then
      perl "$root/eng/loosen-libstdcxx.pl" "$folder.new/libstdc++.so.6" || fail "Debian 13's libstdc++6 can't be used with this system's C library; see the message above."
    fi
    LD_LIBRARY_PATH="$folder.new" apt-get --version >/dev/null || fail "Debian 13's libstdc++6 does not load on this system; see the message above."
    mv -T "$folder.new" "$folder" || fail "The folder $folder can't be written."
  fi
  torch_libraries="$folder"
  export Jobs__WorkerLibraries="$folder"
}

# The machine's own mirrors, however its sources are written, and Debian's address behind them.
debian_mirrors() {
  # shellcheck disable=SC2016 # apt fills these in
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null \
    | awk '$3 == "main" && $2 !~ /[-\/]/ && $1 !~ /^cdrom/ && $1 ~ /debian\/?$/ && !seen[$1]++ { print $1 }'
  echo "$debian_archive"
}

trixie_source() { # mirror
  local keys=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "deb $([ ! -f "$keys" ] || echo "[signed-by=$keys]") $1 trixie main"
}

# Puts the libraries of a Debian package into a folder, by an apt of its own: its lists, its cache and its sources are a folder in .cache.
# Says in $why what was wrong.
fetch_package() { # pattern of its name, folder, line of sources (the system's own where there is none)
  local work
  why="there is no apt-get on this system."
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
  why="the folder $cache can't be written."
  work="$(mktemp -d "$cache/apt.XXXXXX")" && mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/files" "$2" && : >"$work/status" || return 1
  local options=(
    -o Dir::State="$work" -o Dir::State::Lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives"
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=1
    -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o APT::Architecture=amd64
  )
  if [ -n "${3:-}" ]; then
    printf '%s\n' "$3" >"$work/sources.list"
    options+=(-o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null)
  fi
  if (
    cd "$work" || exit
    apt-get "${options[@]}" -qq update
    package="$(apt-cache "${options[@]}" pkgnames | grep -xE "$1" | sort -V | tail -1)"
    [ -n "$package" ] && apt-get "${options[@]}" -qq download "$package" && dpkg -x ./*.deb files || exit
    find files -path '*/x86_64-linux-gnu/*' -name '*.so*' -exec cp -a -t "$2" {} +
  ) >"$work/log" 2>&1; then
    rm -rf "$work"
    return 0
  fi
  grep -E '^(E|W|dpkg[^:]*|cp|find): ?' "$work/log" | head -3 >&2
  rm -rf "$work" "$2"
  why="Debian's packages can't be reached, or the disk is full."
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo -n "$@"; else return 1; fi
}

# Programs of Debian that tests alone use are installed where that can be, without starting a service; what can't be had is told at the end.
want_package() { # path (a pattern) or command, packages, what is not tried without it
  has_program "$1" && return
  say "Installing $2, for $3."
  # shellcheck disable=SC2086 # several packages
  [ "${WEBTRAINER_INSTALL:-yes}" = no ] || as_root sh "$root/eng/install-packages.sh" $2 >/dev/null 2>&1
  has_program "$1" && return
  untried+=("Not tried: $3, since $2 is not installed and could not be.")
  return 1
}

has_program() { command -v "$1" >/dev/null || compgen -G "$1" >/dev/null; }

# Builds once for the same sources.
build() { # name, solution, a file that it makes
  # The compiler is over before what the runtime learns of it pays.
  local -x DOTNET_TieredPGO=0
  local stamp="$cache/built-$1" sources
  # One after the other, where both commands are called at once.
  exec 9<"$cache" && flock 9
  sources="$(hash_of_sources)"
  if [ -f "$root/$3" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$sources" ]; then
    exec 9<&-
    return
  fi
  if [ -f "$root/$3" ]; then
    say "Building what has changed…"
    need_disk "$rebuild_megabytes"
  else
    say "Building (a few minutes the first time, since packages are fetched)…"
    need_disk "$first_build_megabytes"
  fi
  rm -f "$stamp"
  if ! (cd "$root" && dotnet build "$2" -c Release --nologo -v minimal -clp:NoSummary >&2 9<&-); then
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -n "${SSL_CERT_FILE:-}" ] || say "This system has no certificates of authorities (package ca-certificates), without which no packages can be fetched."
    fail "The build did not work; see the messages above."
  fi
  printf '%s' "$sources" >"$stamp" || fail "The folder $cache can't be written."
  exec 9<&-
}

hash_of_sources() {
  (cd "$root" && find src wwwroot tests e2e ./*.props ./*.json ./*.sln .editorconfig -name bin -prune -o -name obj -prune -o -type f -printf '%p %T@ %s\n' 2>/dev/null) | LC_ALL=C sort | sha256sum
}
