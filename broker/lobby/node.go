package lobby

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"handrail/shared/wire"
)

// Several brokers may share one database. They never talk to each other: each
// key and each visit is at home at one of them, whose lobby alone decides about
// it. What a broker has that has died is taken over by another.

// NodeID names a broker from one start to its end.
type NodeID [16]byte

// Node is a broker among those that share a database.
type Node struct {
	ID      NodeID
	Address string // host:port where programs reach it
	Started time.Time
	Lost    bool // it has not been heard of for so long that others may take over
}

// Errors of those who share a database.
var (
	// ErrFenced: others have taken over what this node had. It may not act any
	// more.
	ErrFenced = errors.New("lobby: taken for dead by the other brokers")
	// ErrDoubt: what was asked for may have been done or not; the answer is lost.
	ErrDoubt = errors.New("lobby: the store's answer is lost")
	// ErrSameAddress: another broker serves at the same address.
	ErrSameAddress = errors.New("lobby: another broker has this address")
	// ErrTooMany: there are as many brokers as there are parts of the numbers.
	ErrTooMany = errors.New("lobby: too many brokers")
)

// Parts is how many brokers can share a database.
const Parts = 32

// Share is the part of all numbers and codes that one broker gives out, so that
// no two brokers ever give out the same. Which ones are in it can't be told
// without the secret, so one seen number helps nobody to guess another. The
// zero Share has all.
type Share struct {
	Secret [32]byte
	Part   int
	Of     int
}

// Has says whether a number or a code is in the share.
func (s Share) Has(number string) bool { return s.Of == 0 || s.PartOf(number) == s.Part }

// PartOf is the part that a number or a code is in.
func (s Share) PartOf(number string) int {
	sum := sha256.Sum256(append(s.Secret[:], number...))
	return int(binary.BigEndian.Uint32(sum[:]) % uint32(s.Of))
}

// Sought is what some broker has, by one of its names.
type Sought struct {
	Number  string // of a key
	Code    string // of a visit
	Session wire.SessionID
}

// Whereabouts is the broker that has what was sought.
type Whereabouts struct {
	Known   bool   // some broker has it
	Home    NodeID // that one
	Address string // where it is reached; empty while nobody has taken it over yet
}
