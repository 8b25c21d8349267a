package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The bulk stream carries what is large and can wait: the bytes of files and of
// clipboards, in blocks of at most MaxBulk. Each side opens one. Its format is
// hand-written like the others': see hot.go.

// Limits of bulk.
const (
	MaxBulk  = 16 << 10  // bytes of one block; senders aim at 8 KiB
	MaxChunk = 256 << 10 // bytes of a chunk: all of a file's but the last have so many
	MaxPath  = 4096      // bytes of an item's path
	MaxItems = 200_000   // of one transfer
	MaxSize  = 1 << 50   // bytes of one transfer
	MaxClip  = 32 << 20  // bytes of one form on a clipboard
	MaxForms = 8         // in which a clipboard has something
)

// The first byte of a bulk block.
const (
	bulkItem    = 1
	bulkChunk   = 2
	bulkPiece   = 3
	bulkItemEnd = 4
	bulkClip    = 5
)

// Bulk is one block of the bulk stream.
type Bulk interface{ bulk() }

// Item begins an item of a transfer. Items are numbered from 0 in the order
// they are sent; a folder comes before what is in it. Path is relative to the
// offered thing's parent, with slashes, and not to be trusted.
type Item struct {
	ID         uint32 // of the Offer
	Index      uint32
	From       uint32 // chunks that the receiver has already
	Size       uint64 // bytes; 0 of a folder
	Modified   int64  // Unix seconds
	Folder     bool
	Executable bool
	Path       string
}

// Chunk announces the next piece of the current item: its Pieces follow.
type Chunk struct {
	ID   uint32
	Size uint32
	Sum  [32]byte // SHA-256
}

// Piece is the next bytes of the current chunk.
type Piece struct {
	ID   uint32
	Data []byte
}

// ItemEnd ends an item. Sum is the SHA-256 of the sums of all its chunks.
type ItemEnd struct {
	ID  uint32
	Sum [32]byte
}

// ClipPiece answers ClipWant. The last one ends the answer; with Failed there
// is nothing (any more), and what came before is to be thrown away.
type ClipPiece struct {
	ID     uint32 // of the ClipWant
	Last   bool
	Failed bool
	Data   []byte
}

func (Item) bulk()      {}
func (Chunk) bulk()     {}
func (Piece) bulk()     {}
func (ItemEnd) bulk()   {}
func (ClipPiece) bulk() {}

// AppendBulk adds the bytes of one block to b.
func AppendBulk(b []byte, v Bulk) []byte {
	switch v := v.(type) {
	case Item:
		b = binary.AppendUvarint(append(b, bulkItem), uint64(v.ID))
		b = binary.AppendUvarint(b, uint64(v.Index))
		b = binary.AppendUvarint(b, uint64(v.From))
		b = binary.AppendUvarint(b, v.Size)
		b = binary.AppendVarint(b, v.Modified)
		return appendText(append(b, flags(v.Folder, v.Executable)), v.Path)
	case Chunk:
		b = binary.AppendUvarint(append(b, bulkChunk), uint64(v.ID))
		return append(binary.AppendUvarint(b, uint64(v.Size)), v.Sum[:]...)
	case Piece:
		return append(binary.AppendUvarint(append(b, bulkPiece), uint64(v.ID)), v.Data...)
	case ItemEnd:
		return append(binary.AppendUvarint(append(b, bulkItemEnd), uint64(v.ID)), v.Sum[:]...)
	case ClipPiece:
		b = binary.AppendUvarint(append(b, bulkClip), uint64(v.ID))
		return append(append(b, flags(v.Last, v.Failed)), v.Data...)
	}
	panic(fmt.Sprintf("wire: bulk of type %T", v)) // the interface is closed: never from the network
}

// ParseBulk reads one block that fills b. Data is a part of b, not a copy. Its
// errors are ErrTooLong and ErrMalformed.
func ParseBulk(b []byte) (Bulk, error) {
	if len(b) > MaxBulk {
		return nil, ErrTooLong
	}
	var v Bulk
	r := reader{b: b}
	kind := r.byte(math.MaxUint8)
	id := uint32(r.uvarint(math.MaxUint32))
	if id == 0 {
		r.fail(errors.New("ids count from 1"))
	}
	switch kind {
	case bulkItem:
		v = r.item(id)
	case bulkChunk:
		c := Chunk{ID: id, Size: uint32(r.uvarint(MaxChunk))}
		if c.Size == 0 {
			r.fail(errors.New("an empty chunk"))
		}
		copy(c.Sum[:], r.take(len(c.Sum)))
		v = c
	case bulkPiece:
		p := Piece{ID: id, Data: r.take(len(r.b))}
		if len(p.Data) == 0 {
			r.fail(errors.New("an empty piece"))
		}
		v = p
	case bulkItemEnd:
		e := ItemEnd{ID: id}
		copy(e.Sum[:], r.take(len(e.Sum)))
		v = e
	case bulkClip:
		c := ClipPiece{ID: id}
		r.flags(&c.Last, &c.Failed)
		if c.Failed && !c.Last {
			r.fail(errors.New("a failure that is not the last word"))
		}
		c.Data = r.take(len(r.b))
		v = c
	default:
		r.fail(fmt.Errorf("bulk of type %d", kind))
	}
	if err := r.end("bulk"); err != nil {
		return nil, err
	}
	return v, nil
}

func (r *reader) item(id uint32) Item {
	v := Item{
		ID: id, Index: uint32(r.uvarint(MaxItems - 1)), From: uint32(r.uvarint(math.MaxUint32)), Size: r.uvarint(MaxSize),
	}
	v.Modified = r.moment()
	r.flags(&v.Folder, &v.Executable)
	v.Path = r.text(MaxPath)
	switch {
	case v.Path == "":
		r.fail(errors.New("an item without a name"))
	case v.Folder && (v.Size != 0 || v.From != 0):
		r.fail(errors.New("a folder with bytes"))
	case uint64(v.From)*MaxChunk > v.Size:
		r.fail(errors.New("more chunks than there are"))
	}
	return v
}
