package room

import "handrail/shared/wire"

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
	// Resume takes the place of both in later epochs: what Peer.Resume gave.
	Resume []byte
	// Signal sends to the other side through the broker, Signals is what
	// comes from there.
	Signal  func(wire.Signal) error
	Signals <-chan *wire.Signal
}
