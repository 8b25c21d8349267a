#!/bin/sh
# Cross-builds the three programs for Windows. The window toolkit's C code takes
# about ten minutes of CPU time the first time, so this is a task of its own.
set -eu
command -v x86_64-w64-mingw32-gcc >/dev/null || {
	echo "Install the cross compiler first: sudo apt-get install gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64" >&2
	exit 1
}
export GOOS=windows GOARCH=amd64 CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc CXX=x86_64-w64-mingw32-g++
mkdir -p dist/windows
CGO_ENABLED=0 go build -trimpath -ldflags "$*" -o dist/windows/ ./broker
for p in customer-client rep-console; do
	go build -trimpath -tags migrated_fynedo -ldflags "$* -H windowsgui" -o dist/windows/ "./$p"
done
ls -l dist/windows
