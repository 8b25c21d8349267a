#!/bin/sh
# The tests of the packages named, with the race detector:
#   race.sh ./broker/relay
set -eu

# What checkptr looks for in SQLite's C code, translated to Go, is not ours to
# mend, and takes a fifth of the time of the broker's tests.
tested() { go test -race -gcflags modernc.org/...=-d=checkptr=0 -timeout 15m "$@"; }

# Two timers of a synctest bubble that are due at once may run on two
# processors, and Go's race detector then gives both the same state and
# crashes (golang/go#78156; up to Go 1.26, no more in 1.27). One processor
# can't: packages with bubbles get one. What races is found by what is ordered
# before what, and so on one processor, too.
bubbles='' others=''
for package in "$@"; do
	if grep -qs testing/synctest "$package"/*_test.go; then
		bubbles="$bubbles $package"
	else
		others="$others $package"
	fi
done
[ -z "$bubbles" ] || tested -cpu 1 $bubbles
[ -z "$others" ] || tested $others
