package files

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"

	"handrail/shared/wire"
)

// Errors of those who read and write files, as Why tells them to both sides.
var (
	ErrUnreadable = errors.New("files: can't be read")
	ErrChanged    = errors.New("files: changed while it was sent")
	ErrFull       = errors.New("files: no space")
	ErrUnwritable = errors.New("files: can't be written")
	ErrWrong      = errors.New("files: not what was offered")
	ErrTooMuch    = errors.New("files: more than one transfer takes") // never crosses: it is not offered
)

// Why is the reason that the other side and the two people are told for an
// error; def for one that is none of this package's.
func Why(err error, def wire.HaltWhy) wire.HaltWhy {
	switch {
	case errors.Is(err, ErrUnreadable):
		return wire.HaltUnreadable
	case errors.Is(err, ErrChanged):
		return wire.HaltChanged
	case errors.Is(err, ErrFull), errors.Is(err, ErrTooMuch):
		return wire.HaltFull
	case errors.Is(err, ErrUnwritable):
		return wire.HaltUnwritable
	case errors.Is(err, ErrWrong):
		return wire.HaltWrong
	}
	return def
}

// Sum is a SHA-256.
type Sum = [sha256.Size]byte

// Thing is what can be offered: a file, or a folder with all that is in it.
type Thing struct {
	Place   string // on this machine's disk
	Name    string
	Size    uint64 // bytes of all files
	Items   uint32 // files and folders, the thing itself included
	Folder  bool
	Skipped int // links, devices and what else is no file
}

// Entry is one item of a thing: the thing itself, or something in it. Its path
// begins with the thing's name.
type Entry struct {
	Path       string // with slashes, as it is called where it comes from
	Size       uint64
	Modified   int64 // Unix seconds
	Folder     bool
	Executable bool
}

// Chunks is how many chunks a file of so many bytes has.
func Chunks(size uint64) uint32 { return uint32((size + wire.MaxChunk - 1) / wire.MaxChunk) }

// chunkSize is how many bytes chunk n of a file has, counted from 0.
func chunkSize(size uint64, n uint32) uint32 {
	return uint32(min(size-uint64(n)*wire.MaxChunk, wire.MaxChunk))
}

// Begun is how far into a thing's items a transfer has come: Item and Chunks
// are as in wire.GoOn.
type Begun struct {
	Item   uint32
	Chunks uint32
}

// trail makes the Sum of wire.GoOn: it tells whether what a receiver has is
// what this sender would have sent. Of items that are complete it takes what
// names and dates them, of the one in the middle the sums of its chunks.
type trail struct{ h hash.Hash }

func newTrail() trail { return trail{sha256.New()} }

// pass takes in an item that is complete.
func (t trail) pass(e Entry) { t.entry(e, true) }

func (t trail) entry(e Entry, whole bool) {
	var b []byte
	b = binary.AppendUvarint(b, e.Size)
	if whole {
		b = binary.AppendVarint(b, e.Modified)
	}
	folder := byte(0)
	if e.Folder {
		folder = 1
	}
	b = binary.AppendUvarint(append(b, folder), uint64(len(e.Path)))
	t.h.Write(append(b, e.Path...))
}

// at is the sum at a place within item e, after chunks with these sums. The
// trail ends with it.
func (t trail) at(e Entry, sums []Sum) []byte {
	if len(sums) > 0 {
		t.entry(e, false)
		for _, s := range sums {
			t.h.Write(s[:])
		}
	}
	return t.h.Sum(nil)
}

// Trail is the Sum of wire.GoOn for who has items list[:at.Item] and of the
// next one the chunks with these sums; nil if that is nothing.
func Trail(list []Entry, at Begun, sums []Sum) []byte {
	if at.Item == 0 && at.Chunks == 0 {
		return nil
	}
	t := newTrail()
	for _, e := range list[:at.Item] {
		t.pass(e)
	}
	var e Entry
	if at.Chunks > 0 {
		e = list[at.Item]
	}
	return t.at(e, sums)
}

// sumOf is the sum of sums that ends an item.
func sumOf(sums []Sum) Sum {
	h := sha256.New()
	for _, s := range sums {
		h.Write(s[:])
	}
	return Sum(h.Sum(nil))
}

// Weight is how many bytes a block of bulk has: what both ends count of it.
func Weight(b wire.Bulk) int {
	switch b := b.(type) {
	case wire.Piece:
		return 1 + uvarint(b.ID) + len(b.Data)
	case wire.ClipPiece:
		return 2 + uvarint(b.ID) + len(b.Data)
	}
	return len(wire.AppendBulk(nil, b))
}

// uvarint is how many bytes a number has in its shortest form.
func uvarint(v uint32) (n int) {
	for n = 1; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}
