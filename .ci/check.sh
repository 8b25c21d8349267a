#!/bin/sh
# Everything that reads the code without running it. Silent where all is well.
set -eu
export LANG=C.UTF-8
tags=x11,migrated_fynedo
tool() { name=$1; shift; go tool -modfile=.ci/tools.mod "$name" "$@"; }

plain=$(sh .ci/rooms.sh pure door worker test | grep -vx ./shared/robot) # no cgo anywhere
views=$(sh .ci/rooms.sh view)
mains=$(sh .ci/rooms.sh main)

echo "· formatting"
dirty=$(tool gofumpt -l $(git ls-files '*.go' | xargs -n1 dirname | sort -u))
[ -z "$dirty" ] || { echo "gofumpt would change:"; echo "$dirty"; exit 1; }

echo "· go vet"
go vet -tags $tags $plain $views $mains ./shared/robot
for os in windows darwin; do
	echo "· go vet for $os"
	GOOS=$os CGO_ENABLED=0 go vet $plain
done
GOOS=windows CGO_ENABLED=0 go vet -tags migrated_fynedo $views

echo "· go fix"
fixes=$(go fix -tags $tags -diff ./... 2>&1) || true
[ -z "$fixes" ] || { echo "$fixes"; exit 1; }

echo "· staticcheck"
# What it keeps names files by their whole path, under a key that with -trimpath is the same in every
# checkout: one clone's findings would be told of another's files, and the matrix could not be joined.
export STATICCHECK_CACHE="$PWD/dist/staticcheck"
tool staticcheck -matrix $plain <<-EOF
	linux: CGO_ENABLED=0 GOOS=linux
	windows: CGO_ENABLED=0 GOOS=windows
	darwin: CGO_ENABLED=0 GOOS=darwin
EOF
tool staticcheck -matrix $views <<-EOF
	linux: CGO_ENABLED=0 GOOS=linux -tags=ci,migrated_fynedo
	windows: CGO_ENABLED=0 GOOS=windows -tags=migrated_fynedo
EOF
tool staticcheck -tags $tags $mains ./shared/robot
