package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/sim"
	"handrail/shared/wire"
)

// journey is a session of two rooms over connections of this package, on a
// simulated network: through a slow relay at first, directly when that is
// possible.
type journey struct {
	t       *testing.T
	network *sim.Network
	rep     *traveller
	cust    *traveller
	none    bool // there is no direct way
}

// traveller is one side, with a host as both programs have it.
type traveller struct {
	j     *journey
	role  wire.Role
	other *traveller
	box   *room.Mailbox
	room  *room.Room

	mu     sync.Mutex
	resume []byte
	peer   *Peer
	state  session.State
	gone   int         // Disconnected
	paused int         // effects Share that stop what is shared
	ended  <-chan bool // of what listens to the peer
	heard  []uint64    // edges, as they came
	ways   []bool      // direct or not, of each connection
	group  sync.WaitGroup
}

// told is the underlay of a connection that knows whether it is relayed.
type told struct {
	net.PacketConn
	direct bool
}

func (w told) path() Path { return Path{Direct: w.direct} }
func (w told) close()     { _ = w.PacketConn.Close() }

func (v *traveller) meet(ctx context.Context, t room.Try) (room.Peer, error) {
	v.box.Open(t)
	v.other.box.Deliver(&wire.Signal{Epoch: t.Epoch, Direct: t.Direct, User: "u"})
	deadline, cancel := context.WithTimeout(ctx, meetWait)
	defer cancel()
	v.j.rep.mu.Lock()
	none := v.j.none
	v.j.rep.mu.Unlock()
	if t.Direct && none {
		<-deadline.Done()
		return nil, ErrNeverMet
	}
	link := sim.Link{Rate: 5_000_000, Delay: 60 * time.Millisecond, Loss: 0.03}
	if t.Direct {
		link = sim.Link{Delay: 5 * time.Millisecond, Loss: 0.03}
	}
	at := func(role wire.Role) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(role)}), uint16(1000+t.Epoch))
	}
	socket := v.j.network.Join(at(v.role), link)
	v.mu.Lock()
	m := Meeting{Role: v.role, Secret: "507264", Resume: v.resume}
	v.mu.Unlock()
	if v.role == wire.RoleRep {
		time.Sleep(150 * time.Millisecond) // until the signal is there
	}
	p, err := greet(ctx, deadline, socket, net.UDPAddrFromAddrPort(at(v.other.role)), m, told{socket, t.Direct})
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.resume = p.ResumeKey()
	return p, nil
}

func (v *traveller) Connected(p room.Peer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.peer = p.(*Peer)
	v.ways = append(v.ways, v.peer.Path().Direct)
	done := v.peer.Done()
	v.group.Go(func() { <-done }) // the bubble's time goes on until then
	if v.role == wire.RoleCustomer {
		before, ended, peer := v.ended, make(chan bool, 1), v.peer
		v.ended = ended
		v.group.Go(func() { ended <- v.listen(peer, before) })
	}
}

func (v *traveller) listen(p *Peer, before <-chan bool) bool {
	if before != nil && !<-before {
		v.j.t.Error("the input of a connection that was replaced came to no end")
	}
	for {
		in, err := p.ReceiveInput(context.Background())
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		v.mu.Lock()
		v.heard = append(v.heard, wire.Edge(in))
		v.mu.Unlock()
	}
}

func (v *traveller) Disconnected() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.peer = nil
	v.gone++
}

func (v *traveller) Share(f session.Share) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if f.What == 0 {
		v.paused++
	}
}

func (v *traveller) Changed(s session.State) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.state = s
}

func (*traveller) Seen() uint64        { return 0 }
func (*traveller) Look(wire.Profile)   {}
func (*traveller) Gate(bool)           {}
func (*traveller) Nudged()             {}
func (*traveller) Notice()             {}
func (*traveller) Presented(uint64)    {}
func (*traveller) Refresh()            {}
func (*traveller) Pace(wire.Pace)      {}
func (*traveller) Heard(wire.Message)  {}
func (*traveller) Move(session.Effect) {}

// says gives the other's lines.
func (v *traveller) reads() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var lines []string
	for _, l := range v.state.Lines {
		if l.Kind == session.LineChat && !l.Mine {
			lines = append(lines, l.Text)
		}
	}
	return lines
}

// hits sends an edge by the connection there is.
func (v *traveller) hits(seq uint64) {
	v.mu.Lock()
	p := v.peer
	v.mu.Unlock()
	if err := p.SendInput(wire.Key{Seq: seq, Usage: 4, Down: seq%2 == 1}); err != nil {
		v.j.t.Errorf("edge %d: %v", seq, err)
	}
}

// TestZ06UpgradeLosesNothing: somebody types and talks while a relayed session
// becomes direct, on networks that lose packets. Every key and every line
// arrives once and in order, and nothing that is shared is interrupted.
func TestZ06UpgradeLosesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		j := &journey{t: t, network: sim.NewNetwork(11), none: true}
		side := func(c session.Config) *traveller {
			v := &traveller{j: j, role: c.Role, box: room.NewMailbox()}
			v.room = room.New(room.Config{Session: c, Meet: v.meet, Host: v, Mailbox: v.box})
			return v
		}
		j.rep = side(session.Config{Role: wire.RoleRep, Me: "Anna"})
		j.cust = side(session.Config{Role: wire.RoleCustomer, Me: "Maria", CanControl: true})
		j.rep.other, j.cust.other = j.cust, j.rep
		ctx, cancel := context.WithCancel(t.Context())
		var both sync.WaitGroup
		for _, v := range []*traveller{j.cust, j.rep} {
			both.Go(func() { _ = v.room.Run(ctx) }) // its error is only that ctx ended
		}
		time.Sleep(2 * time.Second)
		j.rep.room.Do(session.Accept{})
		j.rep.room.Do(session.Ask{What: wire.Control})
		time.Sleep(time.Second)
		j.cust.room.Do(session.Reply{ID: 1, Allow: true})
		time.Sleep(time.Second)

		const edges = 3000 // one every 20 ms, for a minute
		var said []string
		for seq := range uint64(edges) {
			j.rep.hits(seq + 1)
			if seq%50 == 0 {
				said = append(said, fmt.Sprint("line ", seq))
				j.rep.room.Do(session.Say{Text: said[len(said)-1]})
				j.cust.room.Do(session.Say{Text: said[len(said)-1]})
			}
			if seq == edges/2 {
				j.rep.mu.Lock()
				j.none = false
				j.rep.mu.Unlock()
			}
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		for _, v := range []*traveller{j.cust, j.rep} {
			if got := v.reads(); !slices.Equal(got, said) {
				t.Errorf("role %d reads %q", v.role, got)
			}
			v.mu.Lock()
			if !slices.Equal(v.ways, []bool{false, true}) || v.gone > 0 || v.paused > 0 || v.state.Granted != wire.View|wire.Control {
				t.Errorf("role %d: ways %v, %d times without, %d pauses, granted %d", v.role, v.ways, v.gone, v.paused, v.state.Granted)
			}
			v.mu.Unlock()
		}
		j.cust.mu.Lock()
		for i, seq := range j.cust.heard {
			if seq != uint64(i)+1 {
				t.Errorf("edge %d after %d", seq, i)
				break
			}
		}
		if n := len(j.cust.heard); n != edges {
			t.Errorf("%d of %d edges came", n, edges)
		}
		j.cust.mu.Unlock()
		cancel()
		both.Wait()
		j.rep.group.Wait()
		j.cust.group.Wait()
	})
}
