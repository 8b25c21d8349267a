package link

import (
	"errors"
	"time"

	"handrail/shared/wire"
	"handrail/shared/words"
)

// Problem is what a person is told about an error of this package.
func Problem(err error) words.Problem {
	switch {
	case errors.Is(err, ErrWrongBroker):
		return words.BrokerWrong
	case errors.Is(err, ErrVersion):
		return words.VersionTooOld
	case errors.Is(err, ErrNeverMet):
		return words.NeverMet
	case errors.Is(err, ErrWrongSecret):
		return words.BadKey
	case errors.Is(err, ErrNotVerified):
		return words.NotVerified
	}
	return words.BrokerAway
}

// Closed says why the other side closed the connection on purpose; 0 if it did
// not, or not yet.
func (p *Peer) Closed() wire.EndWhy {
	var closed *PeerClosed
	if errors.As(p.Err(), &closed) {
		return closed.Why
	}
	return 0
}

// Travels says whether packets go without a relay, and how long they take
// there and back.
func (p *Peer) Travels() (direct bool, rtt time.Duration) {
	path := p.Path()
	return path.Direct, path.RTT
}

// Round is the least, the newest and the mean time of a round trip, and how
// many bytes QUIC lets be on their way: see Stats.
func (p *Peer) Round() (least, latest, smoothed time.Duration, congestion uint64) {
	q := p.conn.ConnectionStats()
	return q.MinRTT, q.LatestRTT, q.SmoothedRTT, q.CongestionWindow
}
