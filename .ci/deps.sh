#!/bin/sh
# Sees that the Debian packages for one purpose are there:
#   deps.sh build   what compiling the three programs needs
#   deps.sh run     a display to run on, for the demo
#   deps.sh test    the same for the tests, a relay of another make, a database, and a browser
#   deps.sh bench   the programs that are recorded and measured, and TigerVNC and ffmpeg to measure against
#   deps.sh rdp     FreeRDP to measure against
#   deps.sh relay   a relay of another make, to measure against
#   deps.sh lab     network namespaces and address translation, for the NAT lab
# Installs what is missing if it may; otherwise says exactly what to install.
set -eu

build="gcc libc6-dev pkg-config libgl-dev libx11-dev libxrandr-dev libxi-dev libxcursor-dev libxinerama-dev libxxf86vm-dev libxtst-dev"
run="xvfb openbox xdotool xterm mousepad xclip imagemagick x11-utils x11-xserver-utils x11-xkb-utils xkb-data xinput procps dbus-x11 pulseaudio pulseaudio-utils fonts-dejavu-core fonts-noto-cjk fonts-noto-color-emoji libgl1-mesa-dri"
bench="xvfb openbox tint2 xterm geany pcmanfm chromium libreoffice-writer libreoffice-calc libreoffice-gtk3 ffmpeg xdotool wmctrl imagemagick x11-apps x11-utils x11-xserver-utils plasma-workspace-wallpapers lomiri-wallpapers-20.04 opencv-doc tigervnc-standalone-server dbus-x11 procps fonts-dejavu-core fonts-liberation"

case "${1:-}" in
build) want=$build ;;
run) want="$build $run" ;;
test) want="$build $run coturn postgresql chromium" ;;
bench) want=$bench ;;
relay) want=coturn ;;
lab) want="iproute2 nftables" ;;
rdp) # FreeRDP's packages carry its version
	want="freerdp3-shadow-x11 freerdp3-x11"
	apt-cache show freerdp3-shadow-x11 >/dev/null 2>&1 || want="freerdp2-shadow-x11 freerdp2-x11" ;;
*) echo "usage: deps.sh build|run|test|bench|rdp|relay|lab" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
	echo "This is not Debian or Ubuntu: the packages that correspond to these must be there:" >&2
	echo "  $want" >&2
	exit 0
fi

missing=""
for p in $want; do
	case $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) in
	*"install ok installed") ;;
	*) missing="$missing $p" ;;
	esac
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then
	as=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
	as="sudo -n"
else
	echo "These packages are missing. Install them, then run the command again:" >&2
	echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
	exit 1
fi
echo "Installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as apt-get -o DPkg::Lock::Timeout=300 update &&
	DEBIAN_FRONTEND=noninteractive $as apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing; } >"$log" 2>&1; then
	cat "$log" >&2
	exit 1
fi
