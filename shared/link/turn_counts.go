package link

import "sync/atomic"

// TURNCounts are a relay's numbers since its start, without anything personal.
type TURNCounts struct {
	Open, Sessions        int    // relay addresses now, and the sessions they belong to
	Relayed, RelayedBytes uint64 // packets, and what was in them

	// Packets that were not relayed, by the reason.
	Malformed    uint64 // not what a client of a relay says
	NoAddress    uint64 // of somebody without a relay address
	NoChannel    uint64 // through a channel that isn't bound
	NoPermission uint64 // to a side that hasn't opened its address for it
	Elsewhere    uint64 // to an address that isn't one of the session's; ICE tries some in every session
	SessionRate  uint64 // beyond the session's bytes a second
	TotalRate    uint64 // beyond all sessions' bytes a second
	Slow         uint64 // to a stream that takes less than is sent
	Lost         uint64 // refused by this computer's network

	// Requests that got no relay address, by the reason.
	Unsigned       uint64 // answered with a challenge, which every client starts with
	BadCredentials uint64 // made up, or signed with another secret
	Expired        uint64 // good once
	Ended          uint64 // of a session that goes on no more
	Full           uint64 // beyond the relay addresses altogether
	TooManyPeers   uint64 // names more addresses than a session can have
	Flood          uint64 // not answered, because one source asks too much
	Replaced       uint64 // relay addresses taken back, because the session wanted more than it may have
}

// Dropped are the packets and requests that a relay in good order, with honest
// clients, would have served.
func (c TURNCounts) Dropped() uint64 {
	return c.Malformed + c.NoAddress + c.NoChannel + c.NoPermission + c.SessionRate + c.TotalRate + c.Slow + c.Lost +
		c.BadCredentials + c.Expired + c.Ended + c.Full + c.TooManyPeers + c.Flood + c.Replaced
}

// turnTally is TURNCounts while it is counted.
type turnTally struct {
	Relayed, RelayedBytes                          atomic.Uint64
	Malformed, NoAddress, NoChannel, NoPermission  atomic.Uint64
	Elsewhere, SessionRate, TotalRate, Slow, Lost  atomic.Uint64
	Unsigned, BadCredentials, Expired, Ended, Full atomic.Uint64
	TooManyPeers, Flood, Replaced                  atomic.Uint64
}

// Counts are the numbers as they are now.
func (t *TURN) Counts() TURNCounts {
	t.mu.RLock()
	open, sessions := t.seats, len(t.circles)
	t.mu.RUnlock()
	c := &t.tally
	return TURNCounts{
		Open: open, Sessions: sessions, Relayed: c.Relayed.Load(), RelayedBytes: c.RelayedBytes.Load(),
		Malformed: c.Malformed.Load(), NoAddress: c.NoAddress.Load(), NoChannel: c.NoChannel.Load(),
		NoPermission: c.NoPermission.Load(), Elsewhere: c.Elsewhere.Load(), SessionRate: c.SessionRate.Load(),
		TotalRate: c.TotalRate.Load(), Slow: c.Slow.Load(), Lost: c.Lost.Load(),
		Unsigned: c.Unsigned.Load(), BadCredentials: c.BadCredentials.Load(), Expired: c.Expired.Load(),
		Ended: c.Ended.Load(), Full: c.Full.Load(), TooManyPeers: c.TooManyPeers.Load(),
		Flood: c.Flood.Load(), Replaced: c.Replaced.Load(),
	}
}
