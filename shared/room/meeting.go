package room

import (
	"context"
	"sync"

	"handrail/shared/wire"
)

// Meeting is what it takes to make the connection of one epoch.
type Meeting struct {
	Role    wire.Role
	Session wire.SessionID
	Epoch   uint32
	Direct  bool // see Try
	Relays  []wire.Relay
	// Proof is how the two make sure of each other: by Secret, the half of the
	// session key that the broker never sees, or by words and, if there is one,
	// the rep's Certificate.
	Proof       wire.Proof
	Secret      string
	Certificate []byte
	// Resume takes the place of both in later epochs: what Peer.ResumeKey gave.
	Resume []byte
	// Signal sends to the other side through the broker, Signals is what
	// comes from there.
	Signal  func(wire.Signal) error
	Signals <-chan *wire.Signal
}

// Meetings are those of one session: they keep what one epoch leaves to the
// next, and what the broker brings for them, from before there is a room. Their
// methods may be called from any goroutine.
type Meetings struct {
	Mailbox *Mailbox

	mu     sync.Mutex
	relays []wire.Relay
	resume []byte
	newest Peer // nil: the two have never met
}

// NewMeetings are the meetings of a session that begins.
func NewMeetings(relays []wire.Relay) *Meetings {
	return &Meetings{Mailbox: NewMailbox(), relays: relays}
}

// SetRelays takes the relays of the epochs that follow: those that the broker
// has given last.
func (ms *Meetings) SetRelays(relays []wire.Relay) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	ms.relays = relays
}

// Door is where connections to the other side come from.
type Door struct {
	Meeting Meeting // what is the same in every epoch
	Meet    func(context.Context, Meeting) (Peer, error)
	Fatal   func(error) bool // whether an error of Meet is one that no further epoch can mend
	Doubt   func()           // has the connection to the broker be looked at
}

// By gives a room its Meet: through d.
func (ms *Meetings) By(d Door) Meet {
	return func(ctx context.Context, t Try) (Peer, error) {
		if t.Epoch > 1 && !t.Direct {
			d.Doubt() // what cut the session may have cut that, too
		}
		m := d.Meeting
		m.Epoch, m.Direct, m.Signals = t.Epoch, t.Direct, ms.Mailbox.Open(t)
		ms.mu.Lock()
		m.Relays, m.Resume = ms.relays, ms.resume
		ms.mu.Unlock()
		p, err := d.Meet(ctx, m)
		if err != nil {
			if d.Fatal(err) {
				err = ErrFatal{Err: err}
			}
			return nil, err
		}
		ms.mu.Lock()
		ms.resume, ms.newest = p.ResumeKey(), p
		ms.mu.Unlock()
		return p, nil
	}
}

// SeeOff waits until nothing is left of the newest connection, or until ctx
// ends, so that a program that ends afterwards does not swallow the last words.
// It is for after the room.
func (ms *Meetings) SeeOff(ctx context.Context) {
	ms.mu.Lock()
	p := ms.newest
	ms.mu.Unlock()
	if p == nil {
		return
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
	}
}
