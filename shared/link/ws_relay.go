package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/stun/v4"

	"handrail/shared/wire"
)

// webRelay is the address of a relay that is spoken to by WebSocket.
const webRelay = "wss"

// WebRelay is the URL for a wire.Relay that is spoken to by WebSocket, at the
// broker's web address host:port.
func WebRelay(hostPort string) string {
	u := url.URL{Scheme: webRelay, Host: hostPort, Path: PathTURN}
	return u.String()
}

// CheckRelay says what is wrong with the URL of a relay that somebody
// configured. Right are turn: and turns: URLs (RFC 7065), the latter over TCP.
func CheckRelay(address string) error {
	_, ok := parseRelay(address)
	if !ok || strings.HasPrefix(address, webRelay+":") || len(address) > wire.MaxCandidate {
		return errors.New("link: not a relay's address, such as turn:relay.example.org:3478?transport=udp")
	}
	return nil
}

// parseRelay reads what clients of this version can use: TURN over UDP, TCP,
// TLS, and by WebSocket. The last one's URI says TCP.
func parseRelay(address string) (*stun.URI, bool) {
	if strings.HasPrefix(address, webRelay+":") {
		return parseWebRelay(address)
	}
	if !hasPort(address) {
		return nil, false
	}
	u, err := stun.ParseURI(address)
	if err != nil || u.Host == "" || u.Port < 1 || u.Port > 0xffff {
		return nil, false
	}
	plain := u.Scheme == stun.SchemeTypeTURN && (u.Proto == stun.ProtoTypeUDP || u.Proto == stun.ProtoTypeTCP)
	sealed := u.Scheme == stun.SchemeTypeTURNS && u.Proto == stun.ProtoTypeTCP
	return u, plain || sealed
}

// hasPort says whether an address has a port, or has one when it is added: the
// parser of STUN's addresses adds one for ever to turn:[::1]1.
func hasPort(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if _, _, err = net.SplitHostPort(u.Opaque); err != nil {
		_, _, err = net.SplitHostPort(u.Opaque + ":1")
	}
	return err == nil
}

func parseWebRelay(address string) (*stun.URI, bool) {
	u, err := url.Parse(address)
	// Nothing but the path, or a broker could have us ask any server for anything.
	if err != nil || u.Hostname() == "" || u.User != nil || u.Path != PathTURN || u.RawQuery != "" || u.Fragment != "" {
		return nil, false
	}
	port := uint64(443)
	if text := u.Port(); text != "" {
		if port, err = strconv.ParseUint(text, 10, 16); err != nil || port == 0 {
			return nil, false
		}
	}
	return &stun.URI{Scheme: stun.SchemeTypeTURN, Proto: stun.ProtoTypeTCP, Host: u.Hostname(), Port: int(port)}, true
}

// iceServers makes of every relay what ICE needs of it: TURN, and STUN where
// it speaks UDP. over gets, for each that must be dialled in a special way, how
// (see relayDialer). A relay that we can't use may be for newer versions.
func iceServers(relays []wire.Relay, over map[string]string) []*stun.URI {
	var servers []*stun.URI
	for _, r := range relays[:min(len(relays), wire.MaxRelays)] {
		u, ok := parseRelay(r.URL)
		if !ok || r.User == "" || r.Password == "" {
			continue
		}
		if u.Proto == stun.ProtoTypeUDP {
			servers = append(servers, &stun.URI{
				Scheme: stun.SchemeTypeSTUN, Host: u.Host, Port: u.Port, Proto: stun.ProtoTypeUDP,
			})
		} else {
			over[net.JoinHostPort(u.Host, strconv.Itoa(u.Port))] = r.URL
		}
		u.Username, u.Password = r.User, r.Password
		servers = append(servers, u)
	}
	return servers
}

// relayDialer is how ICE opens streams to relays (its proxy dialer).
type relayDialer struct {
	ctx  context.Context // of the agent: what is open ends with it
	web  webDialer
	over map[string]string // URLs by host:port; written before the agent is made
}

// relayWait is how long opening a stream to a relay may take.
const relayWait = 10 * time.Second

// errOnce: a proxy, which does as it likes with addresses, needs no second
// connection for the other version of IP.
var errOnce = errors.New("link: once is enough through a proxy")

// Dial is ICE's. network is tcp4 or tcp6; addr is host:port of a relay.
func (d *relayDialer) Dial(network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(d.ctx, relayWait)
	defer cancel()
	address := d.over[addr]
	switch {
	case strings.HasPrefix(address, webRelay+":"):
		return d.dialWeb(ctx, network, address)
	case strings.HasPrefix(address, "turns:"):
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		c, err := (&tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, RootCAs: d.web.roots}}).DialContext(ctx, network, addr)
		return d.until(c, err)
	default:
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return d.until(c, err)
	}
}

// until closes c when the agent hangs up, whatever ICE does with it.
func (d *relayDialer) until(c net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, fmt.Errorf("dialling a relay: %w", err)
	}
	context.AfterFunc(d.ctx, func() { _ = c.Close() })
	return c, nil
}

func (d *relayDialer) dialWeb(ctx context.Context, network, address string) (net.Conn, error) {
	if d.web.proxied(address) {
		if network != "tcp4" {
			return nil, errOnce
		}
		network = "tcp" // for the proxy
	}
	ws, tcp, err := d.web.open(ctx, network, address, webTURN)
	if err != nil {
		return nil, err
	}
	return d.until(newStreamWeb(ws, tcpPort(tcp.LocalAddr()), tcpPort(tcp.RemoteAddr()), func() {}), nil)
}

// tcpPort is an address as ICE and TURN want to see those of a stream.
func tcpPort(a net.Addr) net.Addr {
	if t, ok := a.(*net.TCPAddr); ok {
		return t
	}
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(elsewhere.String()))
}

// streamWeb is a stream of bytes in the binary messages of a WebSocket: TURN
// over TCP (RFC 8656, section 2.1) knows itself where its messages begin.
type streamWeb struct {
	net.Conn      // of package websocket
	ws            *websocket.Conn
	local, remote net.Addr
	closed        func()
	hangUp        context.CancelFunc
}

func newStreamWeb(ws *websocket.Conn, local, remote net.Addr, closed func()) *streamWeb {
	ctx, hangUp := context.WithCancel(context.Background())
	return &streamWeb{
		Conn: websocket.NetConn(ctx, ws, websocket.MessageBinary), ws: ws,
		local: local, remote: remote, closed: sync.OnceFunc(closed), hangUp: hangUp,
	}
}

// streamIdle is how long nothing may come: a minute more than the life of a
// relay address that nobody refreshes (RFC 8656, section 3.2).
const streamIdle = 11 * time.Minute

// Read is net.Conn's.
func (s *streamWeb) Read(b []byte) (int, error) {
	_ = s.Conn.SetReadDeadline(time.Now().Add(streamIdle)) // always nil
	return s.Conn.Read(b)
}

// Write is net.Conn's. Who takes nothing for ten seconds is cut off.
func (s *streamWeb) Write(b []byte) (int, error) {
	_ = s.Conn.SetWriteDeadline(time.Now().Add(webStuck)) // always nil
	return s.Conn.Write(b)
}

// Close is net.Conn's. TURN needs no goodbye on this level.
func (s *streamWeb) Close() error {
	defer s.closed()
	s.hangUp()
	err := s.ws.CloseNow()
	_ = s.SetDeadline(time.Time{}) // stops timers
	return err
}

// LocalAddr is net.Conn's.
func (s *streamWeb) LocalAddr() net.Addr { return s.local }

// RemoteAddr is net.Conn's.
func (s *streamWeb) RemoteAddr() net.Addr { return s.remote }
