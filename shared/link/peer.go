package link

import (
	"bufio"
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/wire"
)

// Peer is one connection of the session plane, end to end: an epoch of its
// session. Its methods may be called from any goroutine.
type Peer struct {
	role   wire.Role
	conn   *quic.Conn
	talk   *talk
	proven proven
	under  underlay
	born   time.Time
	heard  atomic.Int64 // when something came from the other side: Unix nanoseconds
	heart  atomic.Int64 // the same: nanoseconds since born, by the monotonic clock

	flyers   *flyers
	edges    *outbox // rep only
	lastEdge atomic.Uint64
	pictures *line // customer only
	cursors  *line // customer only
	bulk     *line

	inputs  *inputBox         // customer only
	slices  chan wire.Slice   // rep only
	shapes  chan wire.Cursor  // rep only
	pointer chan wire.Pointer // rep only, holds the newest
	parcels chan wire.Bulk
	stale   atomic.Uint64 // datagrams from the other side that were late, wrong or replaced

	done chan struct{} // closed by run
	err  error         // written before done closes
}

// underlay is what carries the connection's packets.
type underlay interface {
	path() Path
	close()
}

// Path is how packets go at the moment.
type Path struct {
	Direct        bool          // without a relay
	RTT           time.Duration // smoothed
	Local, Remote netip.AddrPort
}

// Stats are the numbers a sender needs to keep its delay small: see
// quic.ConnectionStats for their exact meaning.
type Stats struct {
	Sent, Received, Lost            uint64 // bytes of QUIC packets
	PacketsSent, PacketsLost        uint64
	MinRTT, LatestRTT, SmoothedRTT  time.Duration
	Window                          uint64 // bytes QUIC lets be in flight
	InputsDropped, DatagramsDropped uint64 // here, in queues: late or replaced by newer ones
}

const (
	heartbeat     = 500 * time.Millisecond
	peerIdle      = 30 * time.Second // an epoch that comes back earlier simply goes on
	peerWindow    = 1 << 20          // bytes of one stream that may wait unread
	heardSlices   = 8
	heardCursors  = 8
	heardBulk     = 8
	customerOpens = 3 // pictures, cursor and bulk
	repOpens      = 2 // input and bulk
	spareStreams  = 6 // of newer versions, which are refused one by one
	pointerPlaces = 1

	// Urgencies of streams (RFC 9218): what hands and words do goes first.
	urgencyControl  = 0
	urgencyInput    = 0
	urgencyCursor   = 1
	urgencyPictures = 5
	urgencyBulk     = 7
)

// peerConfig is both ends' configuration on the session plane.
func peerConfig(role wire.Role) *quic.Config {
	c := &quic.Config{
		InitialPacketSize:          packetSize,
		HandshakeIdleTimeout:       handshakeIdle,
		MaxIdleTimeout:             peerIdle,
		MaxStreamReceiveWindow:     peerWindow,
		MaxConnectionReceiveWindow: 2 * peerWindow,
		MaxIncomingStreams:         -1,
		MaxIncomingUniStreams:      customerOpens + spareStreams,
		EnableDatagrams:            true,
	}
	if role == wire.RoleCustomer {
		c.MaxIncomingStreams = 1
		c.MaxIncomingUniStreams = repOpens + spareStreams
	}
	return c
}

// newPeer takes over an authenticated connection. r reads from stream.
func newPeer(role wire.Role, conn *quic.Conn, stream *quic.Stream, r *bufio.Reader, found proven, under underlay) *Peer {
	other := wire.RoleRep
	if role == wire.RoleRep {
		other = wire.RoleCustomer
	}
	p := &Peer{
		role: role, conn: conn, proven: found, under: under, born: time.Now(),
		flyers: newFlyers(), bulk: newLine(conn, wire.StreamBulk, urgencyBulk),
		parcels: make(chan wire.Bulk, heardBulk), done: make(chan struct{}),
	}
	p.talk = newTalk(conn, func(k wire.Kind) bool { return wire.MayCome(k, wire.SessionPlane, other) }, p.touch)
	if role == wire.RoleRep {
		p.edges = newOutbox()
		p.slices = make(chan wire.Slice, heardSlices)
		p.shapes = make(chan wire.Cursor, heardCursors)
		p.pointer = make(chan wire.Pointer, pointerPlaces)
	} else {
		p.inputs = newInputBox()
		p.talk.settle = p.settle
		p.pictures = newLine(conn, wire.StreamPictures, urgencyPictures)
		p.cursors = newLine(conn, wire.StreamCursor, urgencyCursor)
	}
	p.touch()
	go p.run(stream, r)
	return p
}

// run owns the connection until it ends.
func (p *Peer) run(stream *quic.Stream, r *bufio.Reader) {
	defer close(p.done)
	ctx := p.conn.Context()
	var parts sync.WaitGroup
	parts.Go(func() { p.flyers.run(ctx, p.conn.SendDatagram) })
	parts.Go(func() { p.beat(ctx) })
	parts.Go(func() { p.catch(ctx) })
	parts.Go(func() { p.admit(ctx, &parts) })
	if p.edges != nil {
		parts.Go(func() { p.writeEdges(ctx) })
	}
	stream.SetPriority(urgencyControl, false)
	p.talk.run(stream, r)
	parts.Wait()
	p.err = ended(context.Cause(ctx))
	p.under.close()
}

// beat lets the other side hear that we are there.
func (p *Peer) beat(ctx context.Context) {
	t := time.NewTicker(heartbeat)
	defer t.Stop()
	for {
		p.flyers.addBeat()
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *Peer) touch() {
	now := time.Now()
	p.heard.Store(now.UnixNano())
	p.heart.Store(int64(now.Sub(p.born)))
}

// Silent says how long nothing has been heard from the other side, whose
// heartbeats come every 500 ms. A machine that sleeps stops one clock and not
// the other, and people set one clock and not the other: the longer time counts.
func (p *Peer) Silent(now time.Time) time.Duration {
	return max(0, now.Sub(time.Unix(0, p.heard.Load())), now.Sub(p.born)-time.Duration(p.heart.Load()))
}

// settle waits, before the customer's side says goodbye to a rep who leaves,
// until everything the rep's hands did has come: the end of that stream may
// have got lost on the way and have to come again.
func (p *Peer) settle() {
	late := time.NewTimer(goodbye / 2)
	defer late.Stop()
	select {
	case <-p.inputs.ended:
	case <-late.C:
	case <-p.conn.Context().Done():
	}
}

// Send queues a packet of the control stream and returns at once; see
// Control.Send.
func (p *Peer) Send(packet wire.Packet) error { return p.talk.send(packet) }

// Receive waits for the next packet; see Control.Receive. With a
// wire.UnknownKind the packet's Seq and Ack count.
func (p *Peer) Receive(ctx context.Context) (wire.Packet, error) {
	return p.talk.receive(ctx, p.last)
}

// last waits for the end and tells why.
func (p *Peer) last() error {
	<-p.done
	return p.err
}

// over is the error of a call that ended with ctx or with the connection.
func (p *Peer) over(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return p.last()
}

// Path is how packets go at the moment.
func (p *Peer) Path() Path {
	path := p.under.path()
	path.RTT = p.conn.ConnectionStats().SmoothedRTT
	return path
}

// Stats are the connection's numbers at the moment.
func (p *Peer) Stats() Stats {
	q := p.conn.ConnectionStats()
	s := Stats{
		Sent: q.BytesSent, Received: q.BytesReceived, Lost: q.BytesLost,
		PacketsSent: q.PacketsSent, PacketsLost: q.PacketsLost,
		MinRTT: q.MinRTT, LatestRTT: q.LatestRTT, SmoothedRTT: q.SmoothedRTT,
		Window:           q.CongestionWindow,
		DatagramsDropped: p.flyers.dropped() + p.stale.Load(),
	}
	if p.inputs != nil {
		s.InputsDropped = p.inputs.dropped()
	}
	return s
}

// Exporter derives 32 bytes that only the two ends of this connection have.
func (p *Peer) Exporter(label string) ([]byte, error) { return export(p.conn, label) }

// ResumeKey is what Meeting.Resume of the session's next epochs takes. It is
// secret.
func (p *Peer) ResumeKey() []byte { return append([]byte(nil), p.proven.resume...) }

// Close sends the packets and edges that are queued, tells the other side why
// (0: the session goes on, by another connection), and returns at once; Done
// closes within about a second.
func (p *Peer) Close(why wire.EndWhy) {
	if p.edges != nil {
		p.edges.finish()
	}
	p.talk.leave(codeEnd+quic.ApplicationErrorCode(why), "")
}

// Done closes when the connection has ended and nothing of it is left.
func (p *Peer) Done() <-chan struct{} { return p.done }

// Err says, after Done, why the connection ended: *PeerClosed, ErrLost,
// ErrClosed. Before, it is nil.
func (p *Peer) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}
