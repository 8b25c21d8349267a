package session

import (
	"time"

	"handrail/shared/wire"
)

// maxUnsent bounds what waits for the other side's Ack: enough for minutes of
// typing without a connection, small enough to forget about.
const maxUnsent = 512

// mail makes counted messages arrive exactly once and in order over any number
// of connections: what is not acknowledged is kept, and sent again on the next
// connection. (PROTOCOL.md, "Attach and resume".)
type mail struct {
	open     bool // the other side's Attach has come on this connection
	last     uint64
	acked    uint64
	kept     []wire.Packet // sent or waiting, Seq acked+1 … last
	received uint64
}

type taken int

const (
	fresh taken = iota
	again
	gap
)

func (m *mail) full() bool { return len(m.kept) >= maxUnsent }

// put keeps a message until it is acknowledged.
func (m *mail) put(body wire.Message) wire.Packet {
	m.last++
	p := wire.Packet{Seq: m.last, Body: body}
	m.kept = append(m.kept, p)
	return p
}

// stamp gives a packet the newest Ack.
func (m *mail) stamp(p wire.Packet) wire.Packet {
	p.Ack = m.received
	return p
}

// plain is a packet that may be lost with its connection.
func (m *mail) plain(body wire.Message) wire.Packet { return m.stamp(wire.Packet{Body: body}) }

// confirm forgets what the other side has. An Ack for what was never sent is
// ignored: it can only make this side forget less.
func (m *mail) confirm(ack uint64) {
	if ack <= m.acked || ack > m.last {
		return
	}
	m.kept = append([]wire.Packet(nil), m.kept[ack-m.acked:]...)
	m.acked = ack
}

// take counts a received message.
func (m *mail) take(seq uint64) taken {
	switch {
	case seq == m.received+1:
		m.received = seq
		return fresh
	case seq != 0 && seq <= m.received:
		return again
	}
	return gap
}

// post sends a counted message, or keeps it for the next connection.
func (s *Session) post(body wire.Message) uint64 {
	p := s.mail.put(body)
	if s.s.Linked && s.mail.open {
		s.do(Send{s.mail.stamp(p)})
	}
	return p.Seq
}

// link begins a connection: this side says what it has. It may take the place
// of one that still was: then nobody was without one for a moment.
func (s *Session) link(slice uint64) {
	s.s.Linked, s.s.CutSince = true, time.Time{}
	s.mail.open = false
	s.do(Send{s.mail.plain(&wire.Attach{
		Version: wire.Version, Name: s.cfg.Me, System: s.cfg.System, Received: s.mail.received, Slice: slice,
	})})
}

// attached hears what the other side has and sends the rest again.
func (s *Session) attached(a *wire.Attach) {
	if !s.s.Linked || s.mail.open {
		s.do(Drop{Reason: "a second Attach"})
		return
	}
	s.mail.open = true
	s.mail.confirm(a.Received)
	if a.Name != "" {
		s.called(a.Name)
	}
	s.s.PeerSystem = a.System
	for _, p := range s.mail.kept {
		s.do(Send{s.mail.stamp(p)})
	}
	if s.s.Granted != 0 && s.cfg.Role == wire.RoleCustomer {
		s.do(Share{What: s.s.Granted, Monitor: s.s.Monitor, From: a.Slice}) // consent outlives the connection
	}
}

// unlink is the loss of the connection. Nothing is shown or done without one.
func (s *Session) unlink(now, since time.Time) {
	if !s.s.Linked {
		return
	}
	if since.IsZero() || since.After(now) {
		since = now
	}
	s.s.Linked, s.s.CutSince, s.mail.open = false, since, false
	if s.s.Granted != 0 && s.cfg.Role == wire.RoleCustomer {
		s.do(Share{Pause: true})
	}
}
