package files

// Source is a thing on this machine's disk that is being sent. One goroutine
// at a time uses it.
type Source interface {
	// Entries are its items, a folder before what is in it.
	Entries() []Entry
	// Read fills p with what item has from a byte on. ErrChanged means
	// that it isn't what Entries said any more.
	Read(item int, p []byte, from int64) error
	Close()
}

// Sink is where a thing is written that is being received. One goroutine at a
// time uses it. Its errors are those of this package.
type Sink interface {
	// Kept is what is there of an earlier try, as Incoming.Restore takes
	// it.
	Kept() (list []Entry, within bool, sums []Sum)
	Anew() error
	Begin(e Entry, path string) error // an item, or the last one anew
	Chunk(data []byte, sum Sum) error // the next of that item
	End() error                       // of the item
	// Finish puts the thing in its place, which nothing had before.
	Finish() (place string, err error)
	// Close ends the use of the sink. Without keep nothing stays, unless Finish
	// was called.
	Close(keep bool)
}
