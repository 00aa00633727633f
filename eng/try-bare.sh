#!/usr/bin/env bash
# Proves both commands in a bare Debian: ./run until it answers, and ./test unit. Prints "ok …", "not ok …" and "not tried …" lines.
#   try-bare.sh <bookworm|trixie>
# The system is made by debootstrap once and kept in ~/.cache/webtrainer. It sees the checkout, what is built of it, the SDK and fetched
# packages; what it changes lies in memory and is gone at the end.
set -uo pipefail
release="$1"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
case "$release" in bookworm) name="Debian 12" ;; *) name="Debian 13" ;; esac
start_seconds=600
port=$((20000 + RANDOM % 20000))

not_tried() {
  echo "not tried ./run and ./test unit in a bare $name: $*"
  exit 0
}
ok() { echo "ok $name: $*"; }
not_ok() { echo "not ok $name: $*"; }

[ "$(id -u)" = 0 ] || not_tried "that needs root."
command -v debootstrap >/dev/null || sh "$root/eng/install-packages.sh" debootstrap >/dev/null 2>&1
PATH="$PATH:/usr/sbin"
command -v debootstrap >/dev/null || not_tried "debootstrap is not installed and could not be."
mirror="$(apt-get indextargets --format "\$(REPO_URI) \$(COMPONENT)" 'Created-By: Packages' 2>/dev/null | awk '$2 == "main" && $1 ~ /^https?:.*debian\/?$/ { print $1; exit }')"

base="${XDG_CACHE_HOME:-$HOME/.cache}/webtrainer/$release"
if [ ! -d "$base" ]; then
  making="$base.making.$$"
  mkdir -p "$making" || not_tried "the folder $making can't be made."
  debootstrap --variant=minbase "$release" "$making" "${mirror:-http://deb.debian.org/debian}" >"$making.log" 2>&1 || {
    tail -3 "$making.log"
    rm -rf "$making" "$making.log"
    not_tried "debootstrap could not make it."
  }
  rm -f "$making.log" "$making"/var/cache/apt/archives/*.deb
  mv -T "$making" "$base" 2>/dev/null || rm -rf "$making"
fi

# Everything is mounted in a name space of its own, so that nothing of it is left behind.
if [ -z "${WEBTRAINER_BARE:-}" ]; then
  unshare --mount --propagation private true 2>/dev/null || not_tried "file systems can't be mounted here."
  exec env WEBTRAINER_BARE=yes unshare --mount --propagation private bash "${BASH_SOURCE[0]}" "$release"
fi

work="$(mktemp -d)"
trap 'rmdir "$work" 2>/dev/null' EXIT
mount -t tmpfs tmpfs "$work" || not_tried "file systems can't be mounted here."
mkdir "$work/system" "$work/system-work" "$work/checkout" "$work/checkout-work" "$work/root"
overlay() { mount -t overlay overlay -o "lowerdir=$1,upperdir=$work/$2,workdir=$work/$2-work" "$3"; }
overlay "$base" system "$work/root" || not_tried "file systems can't be laid over each other here."
inside="$work/root"
sdk="$(dirname "$(readlink -f "$(command -v dotnet)")")"
packages="${NUGET_PACKAGES:-$HOME/.nuget/packages}" # at the same place inside, since what is built names it
mkdir -p "$inside$root" "$inside/usr/share/dotnet" "$inside$packages"
overlay "$root" checkout "$inside$root" || not_tried "file systems can't be laid over each other here."
mount --bind "$sdk" "$inside/usr/share/dotnet"
mount --bind "$packages" "$inside$packages"
[[ "$mirror" != https:* ]] || mount --bind /etc/ssl "$inside/etc/ssl"
[ ! -d "$root/../shared" ] || { mkdir -p "$inside$root/../shared" && mount --bind "$root/../shared" "$inside$root/../shared"; }
mount -t proc proc "$inside/proc"
mount --rbind /dev "$inside/dev"
cp -L /etc/resolv.conf /etc/hosts "$inside/etc/" 2>/dev/null
ln -s ../share/dotnet/dotnet "$inside/usr/bin/dotnet"
# As after a clone: nothing set up, nothing known as built.
rm -rf "$inside${root:?}/.cache" "$inside$root/data"

in_root() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$HOME" ${NUGET_PACKAGES:+"NUGET_PACKAGES=$NUGET_PACKAGES"} LANG=C.UTF-8 http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" no_proxy="${no_proxy:-}" chroot "$inside" bash -c "cd '$root' && $1"; }
state_of_apt() { in_root 'sha256sum /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/preferences.d/* 2>/dev/null; dpkg -l | sha256sum'; }

before="$(state_of_apt)"
in_root "exec ./run --urls http://127.0.0.1:$port" >"$work/run.log" 2>&1 &
started=$!
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3 && grep -q healthy <&3) 2>/dev/null; }
for ((second = 0; second < start_seconds; second++)); do
  answers || { kill -0 "$started" 2>/dev/null && sleep 1 && continue; }
  break
done
if answers; then ok "./run answers after $second s"; else not_ok "./run did not answer in $second s: $(tail -5 "$work/run.log" | tr '\n' ' ')"; fi
second_try="$(in_root "./run --urls http://127.0.0.1:$port" 2>&1)"
status=$?
if [ "$status" = 1 ] && [[ "$(tail -1 <<<"$second_try")" == *"can't be used: address already in use."*--urls* ]]; then ok "a taken port is told"; else not_ok "a taken port ends with $status: $(tail -3 <<<"$second_try" | tr '\n' ' ')"; fi
if [ "$(state_of_apt)" = "$before" ]; then ok "./run leaves packages and their sources as they are"; else not_ok "./run changed the system's packages or sources"; fi
kill "$started" 2>/dev/null
wait "$started" 2>/dev/null

# What the tests install is tried outside: it would be fetched anew each time.
in_root 'WEBTRAINER_INSTALL=no ./test unit' >"$work/test.log" 2>&1
status=$?
last="$(tail -1 "$work/test.log")"
if [ "$status" = 0 ] && grep -q '^Steps: build scripts style Learning' "$work/test.log"; then
  ok "./test unit: $last"
else
  not_ok "./test unit ended with $status: $last $( (grep -A20 '^What failed' "$work/test.log" || tail -5 "$work/test.log") | tr '\n' ' ')"
fi
