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
	called chan uint32

	mu      sync.Mutex
	newest  uint32
	box     chan *wire.Signal // of the newest epoch
	dropped uint64
}

// NewMailbox is a mailbox for a session that begins.
func NewMailbox() *Mailbox {
	return &Mailbox{called: make(chan uint32, 1), newest: 1, box: make(chan *wire.Signal, maxSignals)}
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
		m.callLocked(s.Epoch)
	}
	select {
	case m.box <- s:
	default:
		m.dropped++
	}
}

// Open gives the signals of one epoch. It is nil when the other side is
// further already: then nothing comes for that epoch any more, and whoever
// waits for it must not take what belongs to the newer one.
func (m *Mailbox) Open(epoch uint32) <-chan *wire.Signal {
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch < m.newest {
		return nil
	}
	if epoch > m.newest {
		m.renewLocked(epoch)
	}
	return m.box
}

// Called tells the newest epoch that the other side began.
func (m *Mailbox) Called() <-chan uint32 { return m.called }

// Dropped counts the signals that were late or too many.
func (m *Mailbox) Dropped() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dropped
}

func (m *Mailbox) renewLocked(epoch uint32) {
	m.newest, m.box = epoch, make(chan *wire.Signal, maxSignals)
}

// callLocked leaves only the newest call in the channel.
func (m *Mailbox) callLocked(epoch uint32) {
	select {
	case <-m.called:
	default:
	}
	m.called <- epoch // has room: nobody else writes
}
