#!/bin/sh
# Checks the tools that a target needs and installs the Debian packages that are missing.
#
#   scripts/prepare.sh build    Go, Node.js and npm
#   scripts/prepare.sh run      the same, and FFmpeg
#   scripts/prepare.sh test     the same, and what the tests drive: Chromium, PostgreSQL, GStreamer, a C compiler, network namespaces
#
# Versions are checked before anything is installed. Without root it prints the one command that installs everything, and ends.
set -eu

least_go=1.26
least_node=20.19

# older A B: whether version A is older than B.
older() {
	[ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

faults=0
fault() {
	echo "$1" >&2
	faults=1
}

if ! command -v go >/dev/null 2>&1; then
	fault "Go $least_go or newer is needed and there is none: get it from https://go.dev/dl/ and put its bin folder on PATH."
else
	have=$(go env GOVERSION | sed 's/^go//')
	older "$have" "$least_go" && fault "Go $least_go or newer is needed, this is $have: get it from https://go.dev/dl/ and put its bin folder before the old one on PATH."
fi
if ! command -v node >/dev/null 2>&1; then
	fault "Node.js $least_node or newer is needed and there is none: get it from https://nodejs.org/ or your distribution."
else
	have=$(node --version | sed 's/^v//')
	older "$have" "$least_node" && fault "Node.js $least_node or newer is needed, this is $have: get it from https://nodejs.org/."
fi
command -v npm >/dev/null 2>&1 || fault "npm is needed and there is none: it comes with Node.js; on Debian: apt-get install npm."
[ "$faults" = 0 ] || exit 1

packages=""
# need PROGRAM PACKAGE: remembers the package if the program is not on PATH.
need() {
	command -v "$1" >/dev/null 2>&1 || packages="$packages $2"
}

PATH=$PATH:/usr/sbin:/sbin
case "${1:-build}" in
build) ;;
run) need ffmpeg ffmpeg ;;
test)
	need ffmpeg ffmpeg
	need gcc gcc
	[ -e /usr/include/stdlib.h ] || packages="$packages libc6-dev"
	need chromium chromium
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages="$packages postgresql"
	need ip iproute2
	need nft nftables
	need setpriv util-linux
	# GStreamer's RTSP server, against which the probe is held: 60 MB with all that it needs.
	/usr/bin/python3 -c 'import gi' 2>/dev/null || packages="$packages python3-gi"
	ls /usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib >/dev/null 2>&1 || packages="$packages gir1.2-gst-rtsp-server-1.0"
	;;
*)
	echo "scripts/prepare.sh: build, run or test, not '$1'" >&2
	exit 2
	;;
esac
[ -n "$packages" ] || exit 0

install="apt-get install -y --no-install-recommends$packages"
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "Missing:$packages. Install them, then run make again:" >&2
	echo "  sudo $install" >&2
	exit 1
fi
echo "Installing what is missing:$packages"
export DEBIAN_FRONTEND=noninteractive
# The lists of a new machine may be empty or old; a package that they lack is looked for once more after an update.
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $packages >/dev/null 2>&1 || {
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends $packages >/dev/null
}
