// Package chain makes a log in which nothing can be changed, taken out or put
// in between without being noticed (row A04): each entry holds the hash of the
// one before. Who keeps the newest hash elsewhere notices a log that was
// rewritten as a whole, too.
package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"time"
)

// Hash is what an entry is known by.
type Hash [sha256.Size]byte

// Entry is one act. What it says is for people and programs alike: Actor,
// Act and Subject are short names, Detail is JSON. Personal data belongs into
// rows of its own, which Subject points at: they can be erased and the chain
// still holds.
type Entry struct {
	Seq     uint64 // from 1, without gaps
	At      time.Time
	Actor   string // who did it
	Act     string // such as "rep.revoke"
	Subject string // to what
	Detail  []byte
	Prev    Hash // of the entry before; of the first one zero
	Hash    Hash
}

// label keeps these hashes from meaning anything elsewhere.
const label = "handrail audit entry v1"

// Next makes the entry after last, which is the zero Entry for the first.
func Next(last, e Entry) Entry {
	e.Seq, e.Prev = last.Seq+1, last.Hash
	e.At = e.At.Truncate(time.Microsecond).UTC()
	e.Hash = e.sum()
	return e
}

// sum is SHA-256 over the label and all fields, each text behind its length,
// numbers as eight bytes, the highest first.
func (e Entry) sum() Hash {
	h := sha256.New()
	text(h, []byte(label))
	number(h, e.Seq)
	number(h, uint64(e.At.UnixMicro()))
	for _, f := range [][]byte{[]byte(e.Actor), []byte(e.Act), []byte(e.Subject), e.Detail, e.Prev[:]} {
		text(h, f)
	}
	return Hash(h.Sum(nil))
}

func number(h hash.Hash, v uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], v)
	h.Write(b[:]) // never fails
}

func text(h hash.Hash, b []byte) {
	number(h, uint64(len(b)))
	h.Write(b)
}

// ErrBroken marks a chain that does not hold.
var ErrBroken = errors.New("chain: the log was changed")

// Verifier checks entries one after the other.
type Verifier struct{ last Entry }

// Add checks the next entry. Its errors are ErrBroken and say where.
func (v *Verifier) Add(e Entry) error {
	switch {
	case e.Seq != v.last.Seq+1:
		return fmt.Errorf("%w: entry %d comes after entry %d", ErrBroken, e.Seq, v.last.Seq)
	case e.Prev != v.last.Hash:
		return fmt.Errorf("%w: entry %d does not follow from entry %d", ErrBroken, e.Seq, v.last.Seq)
	case e.Hash != e.sum():
		return fmt.Errorf("%w: entry %d is not as it was written", ErrBroken, e.Seq)
	}
	v.last = e
	return nil
}

// End checks that the chain ends as somebody noted elsewhere.
func (v *Verifier) End(seq uint64, head Hash) error {
	if v.last.Seq != seq || v.last.Hash != head {
		return fmt.Errorf("%w: it ends with entry %d, not with the entry %d that was noted", ErrBroken, v.last.Seq, seq)
	}
	return nil
}

// Head is the newest entry's number and hash.
func (v *Verifier) Head() (uint64, Hash) { return v.last.Seq, v.last.Hash }
