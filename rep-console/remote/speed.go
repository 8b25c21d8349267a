package remote

import "time"

// Speed is how the way of the pictures went in the last second in which there
// were any, in means: what a picture costs at each of its stations.
type Speed struct {
	Capture time.Duration // from a change on the customer's screen until its pixels are there
	Encode  time.Duration
	Queue   time.Duration // waiting until the connection takes it
	Network time.Duration // there and back
	Decode  time.Duration
	Present time.Duration // until the X server or the graphics card has it

	Strained bool // the connection is so far behind that the customer's side sends less
	Pictures int  // a second
	Bits     int  // a second
}

// Stations are the times in the order of the way, and of the Bottlenecks.
func (s Speed) Stations() [6]time.Duration {
	return [6]time.Duration{s.Capture, s.Encode, s.Queue, s.Network, s.Decode, s.Present}
}

// Bottleneck is what makes the pictures late or few.
type Bottleneck uint8

// The Bottlenecks, those of a station in the order of Stations.
const (
	Still Bottleneck = iota // no pictures: nothing changes there
	Even                    // none
	AtCapture
	AtEncode
	AtQueue
	AtNetwork
	AtDecode
	AtPresent
)

const (
	// unnoticed is how late a picture may be that still seems to come at once.
	unnoticed = 100 * time.Millisecond
	// smooth is how long a computer may need for each picture of a movement
	// that seems smooth: 30 of them a second.
	smooth = 33 * time.Millisecond
	// paced is how long the figures of a second are shown when none follow.
	paced = 2500 * time.Millisecond
)

// Bottleneck names the station at which most of the time goes, if the time is
// long enough to be noticed: in all, or at one of the computers in each
// picture. A strained connection is the bottleneck whatever its times are: they
// are short because less is sent.
func (s Speed) Bottleneck() Bottleneck {
	if s.Pictures <= 0 {
		return Still
	}
	var all, most, busy time.Duration
	at := AtCapture
	for i, t := range s.Stations() {
		b := AtCapture + Bottleneck(i)
		all += t
		if t > most {
			most, at = t, b
		}
		if b != AtQueue && b != AtNetwork {
			busy = max(busy, t)
		}
	}
	switch {
	case s.Strained && busy <= smooth:
		return AtQueue
	case all <= unnoticed && busy <= smooth:
		return Even
	}
	return at
}

// pace takes the newest figures in.
func (m *Model) pace(now time.Time, s Speed) {
	m.s.Speed, m.paced = s, now
}

// fade makes the figures say that nothing moves when none have come for long.
func (m *Model) fade(now time.Time) {
	if m.s.Speed.Pictures > 0 && now.Sub(m.paced) > paced {
		m.s.Speed = Speed{Network: m.s.Speed.Network}
	}
}
