package room

import (
	"sync"

	"handrail/shared/wire"
)

// maxSignals bounds what one epoch may bring: ICE needs about ten.
const maxSignals = 64

// Mailbox sorts the other side's signals by epoch, so that a late one of an
// old connection never disturbs a new one.
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
	if s.Epoch < m.newest || s.Epoch > m.newest+1000 {
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

// Open gives the signals of one epoch.
func (m *Mailbox) Open(epoch uint32) <-chan *wire.Signal {
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch > m.newest {
		m.renewLocked(epoch)
	}
	return m.box
}

// Called tells that the other side, or a rest that is over, began an epoch.
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

// call begins an epoch from this side.
func (m *Mailbox) call(epoch uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.callLocked(epoch)
}

// callLocked leaves only the newest call in the channel.
func (m *Mailbox) callLocked(epoch uint32) {
	select {
	case <-m.called:
	default:
	}
	m.called <- epoch
}
