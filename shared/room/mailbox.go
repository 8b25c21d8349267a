package room

import (
	"sync"

	"handrail/shared/wire"
)

const (
	// maxSignals bounds what one epoch may bring: ICE needs about ten.
	maxSignals = 64
	// maxJump bounds how far the other side may be ahead. One epoch a second
	// may fail while a broker is away, and session.LostAfter ends that.
	maxJump = 1000
)

// Mailbox sorts the other side's signals by epoch, so that a late one of an
// old connection never disturbs a new one. Its methods may be called from any
// goroutine.
type Mailbox struct {
	called chan Try

	mu      sync.Mutex
	newest  uint32
	direct  bool              // newest was begun here to be direct
	box     chan *wire.Signal // of the newest epoch
	dropped uint64
}

// NewMailbox is a mailbox for a session that begins.
func NewMailbox() *Mailbox {
	return &Mailbox{called: make(chan Try, 1), newest: 1, box: make(chan *wire.Signal, maxSignals)}
}

// Deliver takes a signal from the other side. Signals of older epochs are
// thrown away, and so is what is too much.
func (m *Mailbox) Deliver(s *wire.Signal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.Epoch < m.newest || s.Epoch-m.newest > maxJump {
		m.dropped++
		return
	}
	if s.Epoch > m.newest {
		m.renewLocked(s.Epoch)
		m.callLocked(Try{s.Epoch, s.Direct})
	} else if m.direct && !s.Direct && s.User != "" {
		// Both began it at the same time, and the other side needs more than a
		// direct way: any.
		m.renewLocked(s.Epoch + 1)
		m.callLocked(Try{Epoch: s.Epoch + 1})
		return
	}
	select {
	case m.box <- s:
	default:
		m.dropped++
	}
}

// Open gives the signals of an epoch that begins here. It is nil when the other side is
// further already: then nothing comes for that epoch any more, and whoever
// waits for it must not take what belongs to the newer one.
func (m *Mailbox) Open(t Try) <-chan *wire.Signal {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t.Epoch < m.newest {
		return nil
	}
	if t.Epoch > m.newest {
		m.renewLocked(t.Epoch)
		m.direct = t.Direct
	}
	return m.box
}

// Called tells the newest epoch that the other side began.
func (m *Mailbox) Called() <-chan Try { return m.called }

// Dropped counts the signals that were late or too many.
func (m *Mailbox) Dropped() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dropped
}

func (m *Mailbox) renewLocked(epoch uint32) {
	m.newest, m.direct, m.box = epoch, false, make(chan *wire.Signal, maxSignals)
}

// callLocked leaves only the newest call in the channel.
func (m *Mailbox) callLocked(t Try) {
	select {
	case <-m.called:
	default:
	}
	m.called <- t // has room: nobody else writes
}
