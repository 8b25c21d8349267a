package files

import (
	"crypto/sha256"
	"slices"

	"handrail/shared/wire"
)

// Outgoing is the sender's side of one transfer. It waits until it is told by
// Start where to begin; then Next says what is to be done, one thing after the
// other, over and over until Done.
type Outgoing struct {
	id      uint32
	list    []Entry
	started bool
	said    bool // the current item has been announced
	at      Begun
	sums    []Sum // of the current item's chunks, those skipped included
}

// NewOutgoing makes the sender's side of transfer id.
func NewOutgoing(id uint32, list []Entry) *Outgoing { return &Outgoing{id: id, list: list} }

// Work is the next thing to do: say a block, or read a chunk and hand it to
// Chunk.
type Work struct {
	Say  wire.Bulk // nil: read
	Item int
	From int64 // bytes of the item before the chunk
	Size int   // bytes of the chunk
}

// Checks is how much of which item has to be read before Start can tell
// whether the receiver has the same: chunks from its beginning. ErrWrong means
// that there is no such place.
func (o *Outgoing) Checks(g *wire.GoOn) (item int, chunks uint32, err error) {
	if uint64(g.Item) > uint64(len(o.list)) {
		return 0, 0, ErrWrong
	}
	if g.Chunks == 0 {
		return int(g.Item), 0, nil
	}
	if int(g.Item) == len(o.list) || g.Chunks > Chunks(o.list[g.Item].Size) {
		return 0, 0, ErrWrong
	}
	return int(g.Item), g.Chunks, nil
}

// Start begins where the receiver says, if the sums of the chunks it has, as
// they were read here, make it the same place; else with the first item.
func (o *Outgoing) Start(g *wire.GoOn, sums []Sum) {
	at := Begun{g.Item, g.Chunks}
	if !slices.Equal(Trail(o.list, at, sums), g.Sum) {
		at, sums = Begun{}, nil
	}
	o.at, o.started, o.said, o.sums = at, true, false, slices.Clone(sums)
}

// Stop waits for the next Start.
func (o *Outgoing) Stop() { o.started = false }

// Next is what to do now; false while there is nothing to do: before Start,
// and when everything has been said.
func (o *Outgoing) Next() (Work, bool) {
	if !o.started || int(o.at.Item) >= len(o.list) {
		return Work{}, false
	}
	e := o.list[o.at.Item]
	switch {
	case !o.said:
		o.said = true
		item := wire.Item{
			ID: o.id, Index: o.at.Item, From: o.at.Chunks, Size: e.Size, Modified: e.Modified,
			Folder: e.Folder, Executable: e.Executable, Path: e.Path,
		}
		if e.Folder {
			o.next()
		}
		return Work{Say: item}, true
	case o.at.Chunks == Chunks(e.Size):
		end := wire.ItemEnd{ID: o.id, Sum: sumOf(o.sums)}
		o.next()
		return Work{Say: end}, true
	}
	return Work{
		Item: int(o.at.Item), From: int64(o.at.Chunks) * wire.MaxChunk, Size: int(chunkSize(e.Size, o.at.Chunks)),
	}, true
}

func (o *Outgoing) next() { o.at, o.said, o.sums = Begun{Item: o.at.Item + 1}, false, nil }

// Chunk takes the bytes that Next asked for and gives the block that announces
// them. Their pieces are to follow.
func (o *Outgoing) Chunk(data []byte) wire.Chunk {
	sum := sha256.Sum256(data)
	o.sums = append(o.sums, sum)
	o.at.Chunks++
	return wire.Chunk{ID: o.id, Size: uint32(len(data)), Sum: sum}
}

// Done says that everything has been said.
func (o *Outgoing) Done() bool { return o.started && int(o.at.Item) >= len(o.list) }

// Behind is how many bytes of files come before the place that is sent now.
func (o *Outgoing) Behind() (n uint64) {
	for _, e := range o.list[:min(int(o.at.Item), len(o.list))] {
		n += e.Size
	}
	if int(o.at.Item) < len(o.list) {
		n += min(uint64(o.at.Chunks)*wire.MaxChunk, o.list[o.at.Item].Size)
	}
	return n
}
