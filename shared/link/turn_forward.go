package link

import (
	"encoding/binary"
	"net"
	"net/netip"

	"github.com/pion/stun/v4"
)

const (
	channelHeader = 4 // number and length, 16 bits each (RFC 8656, section 12.4)
	stunHeader    = 20
)

// padded is n rounded up to a multiple of four.
func padded(n int) int { return (n + 3) &^ 3 }

// isChannelData tells the two kinds of packets apart (RFC 8656, section 12).
func isChannelData(b []byte) bool { return len(b) > 0 && b[0]>>6 == 1 }

// channelData cuts a packet to what its header says; nil when that is more than
// there is.
func channelData(b []byte) []byte {
	if len(b) < channelHeader {
		return nil
	}
	n := channelHeader + int(binary.BigEndian.Uint16(b[2:]))
	if n > len(b) {
		return nil
	}
	return b[:n]
}

// channelFrame appends data to the room for a header and fills in its length.
func channelFrame(header, data []byte) []byte {
	binary.BigEndian.PutUint16(header[2:], uint16(len(data)))
	return append(header, data...)
}

// carrier sends packets by UDP.
type carrier interface {
	carry(b []byte, to netip.AddrPort)
}

// carry is for all but the reader of the socket, which has batches.
func (t *TURN) carry(b []byte, to netip.AddrPort) {
	if _, err := t.socket.WriteToUDPAddrPort(b, to); err != nil {
		t.tally.Lost.Add(1)
	}
}

// turnSocket is the relay's socket as pion sees it: with requests only. What
// is relayed never gets that far.
type turnSocket struct {
	softSocket
	t       *TURN
	batches *turnBatches
}

// ReadFrom is net.PacketConn's. Only one goroutine of pion's calls it.
func (s turnSocket) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		in, from, err := s.batches.read()
		if err != nil {
			return 0, nil, err
		}
		switch client := (turnClient{addr: from}); {
		case isChannelData(in):
			s.t.forward(client, in, s.batches)
		case s.t.admit(client, in):
			return copy(b, in), net.UDPAddrFromAddrPort(from), nil
		}
	}
}

// forward relays one ChannelData of a client. It changes b.
func (t *TURN) forward(from turnClient, b []byte, by carrier) {
	frame := channelData(b)
	if frame == nil {
		t.tally.Malformed.Add(1)
		return
	}
	t.mu.RLock()
	s := t.clients[from]
	t.mu.RUnlock()
	if s == nil {
		t.tally.NoAddress.Add(1)
		return
	}
	number := binary.BigEndian.Uint16(frame)
	for _, c := range *s.channels.Load() {
		if c.number == number {
			t.pass(s, c.port, frame, by)
			return
		}
	}
	t.tally.NoChannel.Add(1)
}

// pass hands a frame of s to the relay address of its session at port. The
// frame's number is not set yet.
func (t *TURN) pass(s *seat, port uint16, frame []byte, by carrier) {
	now := t.now()
	s.used.Store(int64(now))
	t.mu.RLock()
	to := s.circle.seats[port]
	t.mu.RUnlock()
	n := len(frame) - channelHeader
	switch {
	case to == nil:
		t.tally.Elsewhere.Add(1)
	case !s.circle.rate.take(now, n):
		t.tally.SessionRate.Add(1)
	case !t.rate.take(now, n):
		t.tally.TotalRate.Add(1)
	case !to.give(s.port, frame, by):
		t.tally.NoPermission.Add(1)
	default:
		t.tally.Relayed.Add(1)
		t.tally.RelayedBytes.Add(uint64(n))
	}
}

// give sends a frame to the client of this seat, as coming from a relay address
// of its session, unless it hasn't opened its seat for it.
func (s *seat) give(from uint16, frame []byte, by carrier) bool {
	for _, c := range *s.channels.Load() {
		if c.port == from {
			binary.BigEndian.PutUint16(frame, c.number)
			s.send(frame, by)
			return true
		}
	}
	if !s.allowed.Load() {
		return false
	}
	m, err := stun.Build(
		stun.TransactionID, stun.NewType(stun.MethodData, stun.ClassIndication),
		peerAddress{stun.XORMappedAddress{IP: s.t.config.Public.AsSlice(), Port: int(from)}},
		stun.RawAttribute{Type: stun.AttrData, Value: frame[channelHeader:]},
	)
	if err == nil { // always
		s.send(m.Raw, by)
	}
	return true
}

// peerAddress is the attribute XOR-PEER-ADDRESS (RFC 8656, section 18.3).
type peerAddress struct{ stun.XORMappedAddress }

// AddTo is stun.Setter's.
func (p peerAddress) AddTo(m *stun.Message) error { return p.AddToAs(m, stun.AttrXORPeerAddress) }

// send gives the client what is finished.
func (s *seat) send(b []byte, by carrier) {
	if s.stream != nil {
		s.stream.put(b)
		return
	}
	by.carry(b, s.client.addr)
}

// admit says whether pion may see what is no ChannelData, and answers the rest.
//
// Whoever has no relay address yet may have forged its own. So only the two
// questions that a client begins with are answered, as shortly as they can be,
// and one source is answered so often only: nobody can be flooded by way of
// this relay.
func (t *TURN) admit(from turnClient, b []byte) bool {
	r := readRequest(b)
	if r == noRequest {
		t.tally.Malformed.Add(1)
		return false
	}
	t.mu.RLock()
	s := t.clients[from]
	t.mu.RUnlock()
	switch {
	case s != nil:
		s.used.Store(int64(t.now()))
		return true
	case r == seatedRequest:
		t.tally.NoAddress.Add(1)
		return false
	case !from.stream && !t.guard.admit(t.now(), from.addr.Addr()):
		t.tally.Flood.Add(1)
		return false
	case r == bindingRequest && !from.stream:
		t.tellAddress(from.addr, b)
		return false
	case r == unsignedRequest:
		t.tally.Unsigned.Add(1)
	}
	return true
}

// tellAddress answers a Binding request (RFC 8489, section 2) with nothing but
// the address.
func (t *TURN) tellAddress(client netip.AddrPort, b []byte) {
	m, err := stun.Build(
		stun.NewTransactionIDSetter([stun.TransactionIDSize]byte(b[8:stunHeader])), stun.BindingSuccess,
		&stun.XORMappedAddress{IP: client.Addr().AsSlice(), Port: int(client.Port())},
	)
	if err != nil {
		return // can't be
	}
	t.carry(m.Raw, client)
}

// turnRequest is what kind of message a client sends.
type turnRequest int

const (
	noRequest       turnRequest = iota // nothing that clients send to a relay
	bindingRequest                     // asks for its own address
	seatedRequest                      // of those who have a relay address
	signedRequest                      // for a relay address
	unsignedRequest                    // likewise, to get the challenge
)

// readRequest tells what b is, which must be one message, whole and nothing
// else. What is inside is pion's to check.
func readRequest(b []byte) turnRequest {
	if !stun.IsMessage(b) || b[0]>>6 != 0 || int(binary.BigEndian.Uint16(b[2:])) != len(b)-stunHeader {
		return noRequest
	}
	var kind stun.MessageType
	kind.ReadValue(binary.BigEndian.Uint16(b))
	switch kind {
	case stun.BindingRequest:
		return bindingRequest
	case stun.NewType(stun.MethodRefresh, stun.ClassRequest),
		stun.NewType(stun.MethodCreatePermission, stun.ClassRequest),
		stun.NewType(stun.MethodChannelBind, stun.ClassRequest),
		stun.NewType(stun.MethodSend, stun.ClassIndication):
		return seatedRequest
	case stun.NewType(stun.MethodAllocate, stun.ClassRequest):
		switch {
		case !has(b[stunHeader:], stun.AttrRequestedTransport):
			return noRequest
		case has(b[stunHeader:], stun.AttrMessageIntegrity):
			return signedRequest
		}
		return unsignedRequest
	}
	return noRequest
}

// has looks for an attribute (RFC 8489, section 14: type and length, 16 bits
// each, padded to four bytes).
func has(b []byte, attribute stun.AttrType) bool {
	for len(b) >= 4 {
		if stun.AttrType(binary.BigEndian.Uint16(b)) == attribute {
			return true
		}
		n := 4 + padded(int(binary.BigEndian.Uint16(b[2:])))
		if n > len(b) {
			return false
		}
		b = b[n:]
	}
	return false
}
