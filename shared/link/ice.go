package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"

	"handrail/shared/wire"
)

// icePackets lets QUIC run over an ICE connection. ICE knows where packets go,
// so both addresses are made up and never change: QUIC must not see a path.
type icePackets struct{ *ice.Conn }

// elsewhere stands for the other side (an address of RFC 5737, never used).
var elsewhere = &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1}

// ReadFrom is net.PacketConn's. A packet too long for b is none of QUIC's.
func (p icePackets) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, err := p.Read(b)
		if errors.Is(err, io.ErrShortBuffer) {
			continue
		}
		return n, elsewhere, err
	}
}

// WriteTo is net.PacketConn's. When ICE has no path at the moment, the packet
// is lost, as packets are: an error would end the QUIC connection.
func (p icePackets) WriteTo(b []byte, _ net.Addr) (int, error) {
	if _, err := p.Write(b); errors.Is(err, ice.ErrClosed) {
		return 0, err
	}
	return len(b), nil
}

// LocalAddr is net.PacketConn's.
func (icePackets) LocalAddr() net.Addr { return elsewhere }

// SetReadBuffer and SetWriteBuffer keep quic-go from complaining that it can't
// enlarge the buffers of a socket there isn't.
func (icePackets) SetReadBuffer(int) error { return nil }

// SetWriteBuffer is like SetReadBuffer.
func (icePackets) SetWriteBuffer(int) error { return nil }

// iceAgent is an ICE agent as the underlay of a Peer.
type iceAgent struct {
	*ice.Agent
	hangUp context.CancelFunc // ends what its dialer has opened, or still opens
}

// newAgent makes the agent of a meeting. mDNS names would hide local addresses
// from the other side, which is no stranger here, and send multicast around
// the office: neither is wanted.
func newAgent(m Meeting) (iceAgent, error) {
	ctx, hangUp := context.WithCancel(context.Background())
	dial := &relayDialer{ctx: ctx, web: webDialer{pin: m.Pin, proxy: m.Proxy}, over: make(map[string]string)}
	servers := iceServers(m.Relays, dial.over)
	kinds := []ice.CandidateType{
		ice.CandidateTypeHost, ice.CandidateTypeServerReflexive, ice.CandidateTypeRelay,
	}
	switch {
	case m.Direct:
		kinds = kinds[:2]
	case m.RelayOnly:
		kinds = kinds[2:]
	}
	relayWait := waitRelay
	if m.Resume != nil {
		relayWait = waitRelayAgain
	}
	options := []ice.AgentOption{
		ice.WithUrls(servers),
		ice.WithCandidateTypes(kinds),
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4, ice.NetworkTypeUDP6}),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithDisableActiveTCP(),
		ice.WithRemoteIPFilter(func(ip net.IP) bool {
			a, ok := netip.AddrFromSlice(ip)
			return ok && mayTry(a.Unmap(), m.Loopback)
		}),
		ice.WithCheckInterval(checkEvery),
		ice.WithMaxBindingRequests(checks),
		ice.WithHostAcceptanceMinWait(waitHost),
		ice.WithSrflxAcceptanceMinWait(waitReflexive),
		ice.WithPrflxAcceptanceMinWait(waitReflexive),
		ice.WithRelayAcceptanceMinWait(relayWait),
		ice.WithProxyDialer(dial),
		// A path that is silent may come back; when to give it up is for the
		// session to say.
		ice.WithFailedTimeout(0),
		// pion logs addresses, which are nobody's business.
		ice.WithLoggerFactory(silent),
	}
	if m.Loopback {
		options = append(options, ice.WithIncludeLoopback())
	}
	agent, err := ice.NewAgentWithOptions(options...)
	if err != nil {
		hangUp()
		return iceAgent{}, fmt.Errorf("making an ICE agent: %w", err)
	}
	return iceAgent{agent, hangUp}, nil
}

var silent = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}

// path is underlay's.
func (a iceAgent) path() Path {
	pair, err := a.GetSelectedCandidatePair()
	if err != nil || pair == nil {
		return Path{}
	}
	p := Path{Direct: pair.Local.Type() != ice.CandidateTypeRelay, Local: placeOfCandidate(pair.Local), Remote: placeOfCandidate(pair.Remote)}
	// A remote relay may be known by its packets before it is by its signal.
	remotes, err := a.GetRemoteCandidates()
	for _, c := range remotes {
		if err == nil && c.Type() == ice.CandidateTypeRelay && placeOfCandidate(c) == p.Remote {
			p.Direct = false
		}
	}
	return p
}

// close is underlay's; it waits for the agent's goroutines.
func (a iceAgent) close() {
	a.hangUp()
	_ = a.GracefulClose() // always nil
}

func placeOfCandidate(c ice.Candidate) netip.AddrPort {
	a, err := netip.ParseAddr(c.Address())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(c.Port()))
}

var errCandidate = errors.New("link: not an address to try")

// parseCandidate reads a candidate of the other side (RFC 8839, section 5.1),
// who must not make us send packets just anywhere.
func parseCandidate(text string, loopback bool) (ice.Candidate, error) {
	if len(text) > wire.MaxCandidate {
		return nil, errCandidate
	}
	c, err := ice.UnmarshalCandidate(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCandidate, err)
	}
	switch c.Type() {
	case ice.CandidateTypeHost, ice.CandidateTypeServerReflexive, ice.CandidateTypeRelay:
	default:
		return nil, errCandidate
	}
	a, err := netip.ParseAddr(c.Address()) // an address: names would be looked up
	if err != nil || !c.NetworkType().IsUDP() || c.Port() < 1 || c.Port() > 0xffff || !mayTry(a.Unmap(), loopback) {
		return nil, errCandidate
	}
	return c, nil
}

// mayTry says whether a can be another machine. Link-local IPv4 addresses
// belong to nobody we know, but in clouds to the machine's own secrets.
func mayTry(a netip.Addr, loopback bool) bool {
	if a.IsLoopback() {
		return loopback
	}
	broadcast := a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && !broadcast && (a.Is6() || !a.IsLinkLocalUnicast())
}
