# Sourced by ./run and ./test: what the machine must have, and how to get it where that is possible.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

need_sdk() {
  command -v dotnet >/dev/null || fail "WebTrainer needs the .NET 10 SDK, and there is no 'dotnet' on this machine's PATH. Install it, then run this again."
  (cd "$root" && dotnet --version >/dev/null 2>&1) || fail "WebTrainer needs the .NET 10 SDK; this machine has: $(cd / && dotnet --list-sdks | cut -d' ' -f1 | tr '\n' ' ')"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

# libtorch needs GLIBCXX_3.4.32 (GCC 13): Debian 13 and Ubuntu 24.04 have it, Debian 12 has not.
has_new_libstdcxx() {
  local library
  library="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | awk '/libstdc\+\+\.so\.6 .*x86-64/ { print $NF; exit }')"
  [ -n "$library" ] && grep -aq GLIBCXX_3.4.32 "$library"
}

need_libstdcxx() {
  has_new_libstdcxx && return
  grep -q '^VERSION_CODENAME=bookworm' /etc/os-release || fail "The training library needs libstdc++ of GCC 13 or newer (GLIBCXX_3.4.32), which this system lacks. Update libstdc++6."
  say "Debian 12's libstdc++ is too old for the training library; installing libstdc++6 of Debian 13 beside it."
  local mirror
  mirror="$(grep -hoE '^(URIs: |deb )\S+' /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | awk '{ print $2; exit }')"
  [ -n "$mirror" ] || fail "No Debian mirror is set up on this machine; install libstdc++6 of Debian 13 by hand."
  as_root tee /etc/apt/sources.list.d/trixie.sources >/dev/null <<SOURCES || fail "Installing libstdc++6 needs root. Run this once as root."
Types: deb
URIs: $mirror
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  # Low priority: nothing else of Debian 13 comes in by itself.
  printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' | as_root tee /etc/apt/preferences.d/trixie >/dev/null
  as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -t trixie libstdc++6 >/dev/null
  has_new_libstdcxx || fail "Installing libstdc++6 of Debian 13 did not work; see the messages above."
}

need_package() { # command package what-for
  command -v "$1" >/dev/null && return
  say "Installing $2 ($3)."
  as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2" >/dev/null || fail "Installing $2 did not work; it is needed for $3."
}

# ICU for other languages' dates and sorting; the SDK's images have it, bare systems may not.
need_icu() {
  PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q libicuuc && return
  say "Installing ICU (dates and sorting of other languages)."
  as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$(apt-cache pkgnames libicu | grep -E '^libicu[0-9]+$' | sort -V | tail -1)" >/dev/null \
    || fail "WebTrainer needs the ICU library; install libicu."
}
