#!/bin/sh
# The NAT lab, where the machine allows it: natlab.sh [flags of the test]
# It needs root, network namespaces and nftables, which it installs if it may.
set -eu
if [ "$(uname)" != Linux ] || [ "$(id -u)" != 0 ]; then
	echo "The NAT lab needs root on Linux; left out."
	exit 0
fi
sh .ci/deps.sh lab || { echo "The NAT lab needs ip and nft; left out."; exit 0; }
try=handrail-try-$$
trap 'ip netns del $try 2>/dev/null || true' EXIT
if ! { ip netns add $try && ip netns exec $try nft add table inet try; } 2>/dev/null; then
	echo "This machine allows no network namespaces or no nftables in them: the NAT lab is left out."
	exit 0
fi
go test -count 1 -timeout 15m -parallel 3 -v ./shared/natlab "$@"
