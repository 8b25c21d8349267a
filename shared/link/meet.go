package link

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/pion/ice/v4"
	"github.com/quic-go/quic-go"

	"handrail/shared/wire"
)

// Meeting is what Meet needs to know.
type Meeting struct {
	Role    wire.Role
	Session wire.SessionID
	Epoch   uint32 // counts the transports of the session from 1
	Relays  []wire.Relay

	// Proof is how the two make sure of each other: by Secret, or without one by
	// words that they compare and by the rep's Certificate.
	Proof  wire.Proof
	Secret string // of the session key
	// Certificate is the rep's, nil for none, and Key the console's, which it is
	// for. Organisation is the organisation's public key, nil where a program
	// doesn't know it. A customer's program that does wants a certificate, and a
	// rep's shows none that isn't good. A session with a key needs none, because
	// its secret has come from the rep to the customer without the broker.
	Certificate  []byte
	Key          ed25519.PrivateKey
	Organisation ed25519.PublicKey
	// Resume takes the place of all of these in later epochs: the ResumeKey of
	// any earlier Peer of the session.
	Resume []byte

	// Signal takes what the other side's Meet must get through Signals; it may
	// be called several times before Meet returns.
	// What it could not take, Meet says again.
	Signal func(wire.Signal) error
	// Signals are the other side's, in order. Meet ignores those of other
	// sessions and epochs, and what comes after it has returned is not needed.
	Signals <-chan *wire.Signal

	Pin   string // of the broker, see Address: for a relay reached by WebSocket
	Proxy Proxy  // see Dialer

	Loopback  bool // both sides may be on this machine: use its loopback addresses, too
	RelayOnly bool // tell the other side no address but a relay's
	// Direct leaves relays out, on both sides: Meet fails rather than coming
	// back with a connection that is relayed.
	Direct bool
}

const (
	meetWait = 6 * time.Second // until there is a connection, proof not included

	// How long ICE waits for a better kind of path once one of this kind
	// works. pion would wait two seconds before it takes a relay.
	waitHost      = 0
	waitReflexive = 50 * time.Millisecond
	waitRelay     = 300 * time.Millisecond
	// A session that has begun waits for its picture, and what begins relayed
	// becomes direct later (package room).
	waitRelayAgain = 100 * time.Millisecond

	// checkEvery is how often ICE tries what has not worked yet. The first packet
	// is lost in the other's NAT, so the second decides how long it takes; pion
	// would wait 200 ms. RFC 8445, section 14.2, has 50.
	checkEvery = 50 * time.Millisecond
	// checks is how often a pair of addresses is tried: as long as a meeting
	// lasts, because the other side may begin that much later. pion would give
	// a pair up for good after seven tries.
	checks = uint16(meetWait/checkEvery) + 1

	signalBatch = 8
	// signalAgain is how often what the other side may have missed is said
	// again: the broker keeps nothing for who is away.
	signalAgain = 200 * time.Millisecond
	// poorWait is how long a path is waited for when no relay could be had
	// although there is one: a broker that has just been started may have one in
	// the next epoch.
	poorWait = 2 * time.Second
)

var (
	errRelayed = errors.New("the only path is relayed")
	errPoor    = errors.New("no relay could be had")
)

// Meet connects to the other side of a session and has the two prove themselves
// to each other. Its errors are ErrWrongSecret, which counts as a try whatever
// else happened, ErrNotVerified, which ends the session, ErrNeverMet,
// ErrVersion, and ctx's. When Meet returns, ctx has done its duty.
func Meet(ctx context.Context, m Meeting) (*Peer, error) {
	deadline, cancel := context.WithTimeoutCause(ctx, meetWait, fmt.Errorf("not met within %v", meetWait))
	defer cancel()
	r, err := newRendezvous(m)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNeverMet, err)
	}
	carrier, err := r.connect(deadline)
	if err != nil {
		r.agent.close()
		return nil, neverMet(ctx, err)
	}
	peer, err := greet(ctx, deadline, carrier, elsewhere, m, r.agent)
	if err != nil {
		return nil, neverMet(ctx, err)
	}
	return peer, nil
}

// neverMet keeps the errors a caller knows and makes ErrNeverMet of the rest.
func neverMet(ctx context.Context, err error) error {
	switch {
	case final(err), errors.Is(err, ErrVersion):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w: %w", ErrNeverMet, err)
}

// greet makes the inner QUIC connection over carrier, which may be anything
// that carries packets, and has both sides prove themselves. It owns under and
// closes it when it fails.
func greet(ctx, deadline context.Context, carrier net.PacketConn, remote net.Addr, m Meeting, under underlay) (*Peer, error) {
	transport := &quic.Transport{Conn: carrier}
	under = wrapped{under, transport}
	conn, err := shakeHands(deadline, transport, remote, m.Role)
	if err != nil {
		under.close()
		return nil, err
	}
	stream, r, found, err := prove(ctx, conn, m)
	if err != nil {
		code := codeDone
		switch {
		case errors.Is(err, ErrWrongSecret):
			code = codeWrongSecret
		case errors.Is(err, ErrNotVerified):
			code = codeEnd + quic.ApplicationErrorCode(wire.EndNotVerified)
		}
		_ = conn.CloseWithError(code, "") // always nil
		under.close()
		return nil, fmt.Errorf("proving the connection: %w", err)
	}
	return newPeer(m.Role, conn, stream, r, found, under), nil
}

// shakeHands dials, as the rep, or takes the one connection, as the customer.
func shakeHands(ctx context.Context, transport *quic.Transport, remote net.Addr, role wire.Role) (*quic.Conn, error) {
	tls, err := peerTLS()
	if err != nil {
		return nil, err
	}
	if role == wire.RoleRep {
		conn, err := transport.Dial(ctx, remote, tls, peerConfig(role))
		if err != nil && errors.Is(whyNot(err), ErrVersion) {
			return nil, whyNot(err)
		}
		return conn, err
	}
	l, err := transport.Listen(tls, peerConfig(role))
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.Close() }() // accepted connections live on
	return l.Accept(ctx)
}

// wrapped is an underlay with the QUIC transport that runs over it.
type wrapped struct {
	underlay
	transport *quic.Transport
}

func (w wrapped) close() {
	_ = w.transport.Close() // closing what is closing
	w.underlay.close()
}

// rendezvous is the part of Meet before QUIC: who can reach whom, and how.
type rendezvous struct {
	m     Meeting
	agent iceAgent
	local chan string // our candidates; "" is the end of them

	said wire.Signal      // everything the other side must have heard
	owed bool             // something of it may have got lost
	at   time.Time        // when it was last said
	poor <-chan time.Time // until it is too late for a path without a relay of ours
	deaf error            // why the last signal could not be sent

	conn  *ice.Conn // once the other side's credentials are known
	early []ice.Candidate
	known map[string]bool // candidates of the other side
}

func newRendezvous(m Meeting) (*rendezvous, error) {
	// Room for every candidate there can be, so that pion never waits for us.
	r := &rendezvous{m: m, local: make(chan string, 2*wire.MaxCandidates), known: map[string]bool{}}
	var err error
	r.agent, err = newAgent(m)
	if err != nil {
		return nil, err
	}
	err = r.agent.OnCandidate(func(c ice.Candidate) {
		text := ""
		if c != nil {
			text = c.Marshal()
		}
		select {
		case r.local <- text:
		default: // more than the other side would take
		}
	})
	if err == nil {
		err = r.agent.GatherCandidates()
	}
	if err != nil {
		r.agent.close()
		return nil, fmt.Errorf("gathering addresses: %w", err)
	}
	return r, nil
}

// connect exchanges signals until ICE has found a path.
func (r *rendezvous) connect(ctx context.Context) (icePackets, error) {
	user, password, err := r.agent.GetLocalUserCredentials()
	if err != nil {
		return icePackets{}, err
	}
	r.said = wire.Signal{User: user, Password: password}
	r.sayAgain()
	again := time.NewTicker(signalAgain)
	defer again.Stop()
	var found chan error // nil until there is something to wait for
	signals := r.m.Signals
	for {
		select {
		case s, ok := <-signals:
			if !ok {
				signals = nil
				continue
			}
			began, err := r.hear(s)
			if err != nil {
				return icePackets{}, err
			}
			if r.owed {
				r.sayAgain()
			}
			if began {
				found = make(chan error, 1)
				go func() { found <- r.agent.AwaitConnect(ctx) }()
			}
		case text := <-r.local:
			r.tell(text)
		case <-again.C:
			if r.conn == nil || r.owed {
				r.sayAgain()
			}
		case <-r.poor:
			return icePackets{}, r.noPath(errPoor)
		case err := <-found:
			if err == nil && r.m.Direct && !r.agent.path().Direct {
				err = errRelayed
			}
			if err != nil {
				return icePackets{}, r.noPath(err)
			}
			return icePackets{r.conn}, nil
		case <-ctx.Done():
			return icePackets{}, r.noPath(context.Cause(ctx))
		}
	}
}

func (r *rendezvous) noPath(err error) error {
	if r.deaf != nil {
		err = fmt.Errorf("%w, and sending a signal: %w", err, r.deaf)
	}
	return fmt.Errorf("no path, %d addresses there: %w", len(r.known), err)
}

// sayAgain says everything, unless it has just been said: two who have heard
// each other twice must not go on for ever.
func (r *rendezvous) sayAgain() {
	if time.Since(r.at) < signalAgain/2 {
		return
	}
	r.at, r.owed = time.Now(), false
	r.signal(r.said)
}

// signal tells the other side something, or owes it.
func (r *rendezvous) signal(s wire.Signal) {
	s.Session, s.Epoch, s.Direct = r.m.Session, r.m.Epoch, r.m.Direct
	if r.deaf = r.m.Signal(s); r.deaf != nil {
		r.owed = true
	}
}

// tell sends a candidate and those that are ready by now.
func (r *rendezvous) tell(text string) {
	var s wire.Signal
	for {
		switch {
		case text == "":
			s.Done, r.said.Done = true, true
			r.lament()
		case len(r.said.Candidates) < wire.MaxCandidates: // more than that nobody takes
			s.Candidates = append(s.Candidates, text)
			r.said.Candidates = append(r.said.Candidates, text)
		}
		if s.Done || len(s.Candidates) == signalBatch {
			r.signal(s)
			return
		}
		select {
		case text = <-r.local:
		default:
			r.signal(s)
			return
		}
	}
}

// lament sets a limit when there should have been a relay and is none.
func (r *rendezvous) lament() {
	relayed := func(c string) bool { return strings.Contains(c, " typ relay") }
	if !r.m.Direct && len(r.m.Relays) > 0 && !slices.ContainsFunc(r.said.Candidates, relayed) {
		r.poor = time.After(poorWait)
	}
}

// hear takes a signal of the other side; began is true for the one that lets
// ICE begin. A candidate we don't like is skipped, it may be of a newer version.
func (r *rendezvous) hear(s *wire.Signal) (began bool, err error) {
	if s == nil || s.Session != r.m.Session || s.Epoch != r.m.Epoch {
		return false, nil
	}
	if r.conn != nil && s.User != "" {
		r.owed = true // who repeats it has not heard us
	}
	for _, text := range s.Candidates {
		if r.known[text] {
			continue
		}
		if len(r.known) == wire.MaxCandidates {
			break
		}
		r.known[text] = true
		c, err := parseCandidate(text, r.m.Loopback)
		if err == nil && !(r.m.Direct && c.Type() == ice.CandidateTypeRelay) {
			r.early = append(r.early, c)
		}
	}
	if r.conn == nil && s.User != "" && s.Password != "" {
		if r.m.Role == wire.RoleRep {
			r.conn, err = r.agent.StartDial(s.User, s.Password)
		} else {
			r.conn, err = r.agent.StartAccept(s.User, s.Password)
		}
		if err != nil {
			return false, fmt.Errorf("starting ICE: %w", err)
		}
		began = true
	}
	if r.conn == nil {
		return false, nil // candidates before credentials wait
	}
	for _, c := range r.early {
		if err := r.agent.AddRemoteCandidate(c); err != nil {
			return began, fmt.Errorf("adding an address: %w", err)
		}
	}
	r.early = nil
	return began, nil
}
