#!/bin/sh
# Prints the packages of the kinds named, read from the map in ARCHITECTURE.md:
#   rooms.sh view main
for kind in "$@"; do
	sed -n '/^```map$/,/^```$/p' ARCHITECTURE.md | awk -v kind="$kind" '$1 == kind { sub(":$", "", $2); print "./" $2 }'
done
