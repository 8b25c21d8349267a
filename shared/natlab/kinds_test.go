//go:build linux

package natlab

import "fmt"

// kind is how a home is connected.
type kind struct {
	name   string
	rules  string // nftables rules of its router
	public bool   // no address translation
	six    bool   // has IPv6, through a firewall that only lets answers in
	no4    bool   // has nothing else
	mtu    int    // of the line to the world, where nothing tells what is too long; 0 is 1500
	proxy  string // the way out is an HTTP proxy; what environment variable names it
	noUDP  bool   // nothing but TCP gets out
}

// masqueraded is a router that only lets answers in. It must drop what comes
// unasked: the kernel would otherwise remember it as a connection of its own
// and give the one from inside another port.
const masqueraded = `
table inet nat {
	chain out { type nat hook postrouting priority srcnat; meta nfproto ipv4 oifname "wan" %s }
	chain in { type filter hook input priority filter; iifname "wan" ct state new drop; }
	chain through { type filter hook forward priority filter; iifname "wan" ct state new drop; %s }
}`

// fullCone lets anybody in who knows the port that the inside has once used.
// Nftables has no such thing; with one machine inside, everything that comes
// goes to it.
const fullCone = `
table ip nat {
	chain out { type nat hook postrouting priority srcnat; oifname "wan" masquerade; }
	chain in { type nat hook prerouting priority dstnat; iifname "wan" meta l4proto udp dnat to 192.168.#.2; }
}`

var (
	public       = kind{name: "public", public: true}
	fullConeHome = kind{name: "full cone", rules: fullCone}
	restricted   = kind{name: "port-restricted", rules: fmt.Sprintf(masqueraded, "masquerade;", "")}
	symmetric    = kind{name: "symmetric", rules: fmt.Sprintf(masqueraded, "masquerade fully-random;", "")}
	noUDP        = kind{name: "UDP blocked", noUDP: true, rules: fmt.Sprintf(masqueraded, "masquerade;",
		`iifname "lan" meta l4proto udp drop;`)}
	only443 = kind{name: "only TCP 443", noUDP: true, rules: fmt.Sprintf(masqueraded, "masquerade;",
		`iifname "lan" meta l4proto != tcp drop; iifname "lan" tcp dport != 443 drop;`)}
	proxied = kind{name: "HTTP proxy", noUDP: true, proxy: "HTTPS_PROXY", rules: fmt.Sprintf(masqueraded, "masquerade;",
		`iifname "lan" drop;`)}
	small   = kind{name: "MTU 1280", mtu: 1280, rules: fmt.Sprintf(masqueraded, "masquerade;", "")}
	smallS  = kind{name: "symmetric, MTU 1280", mtu: 1280, rules: fmt.Sprintf(masqueraded, "masquerade fully-random;", "")}
	onlySix = kind{name: "IPv6 only", six: true, no4: true, rules: fmt.Sprintf(masqueraded, "masquerade;", "")}
	both    = kind{name: "symmetric and IPv6", six: true, rules: fmt.Sprintf(masqueraded, "masquerade fully-random;", "")}
)
