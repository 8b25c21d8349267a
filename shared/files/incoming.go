package files

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"handrail/shared/wire"
)

// maxPaths bounds the bytes of paths that one transfer has remembered: enough
// for MaxItems of them as they are, too few to fill a memory on purpose.
const maxPaths = 64 << 20

// maxTries bounds how many names in one folder may be the same to a disk.
const maxTries = 100

// Incoming is the receiver's side of one transfer: it believes nothing. Blocks
// go in, and what is to be done on the disk comes out. Only whole chunks whose
// sum is right come out.
type Incoming struct {
	id     uint32
	thing  Thing
	list   []Entry           // items complete, and the one that has begun
	folds  map[Sum]bool      // paths that are taken, as a disk would compare them
	names  map[string]string // folders as they are called over there, and here
	paths  int               // bytes of both
	size   uint64            // bytes of the files in list
	done   uint64            // bytes that are on the disk
	within bool              // the last of list has begun and is not complete
	path   string            // where the last of list goes
	sums   []Sum             // of its chunks that are on the disk
	fresh  bool              // nothing was said since GoOn
	chunk  []byte            // what has come of the current chunk
	want   wire.Chunk        // the current chunk; its Size is 0 while there is none
}

// NewIncoming makes the receiver's side of transfer id of a thing.
func NewIncoming(id uint32, t Thing) *Incoming {
	in := &Incoming{id: id, thing: t}
	in.Forget()
	return in
}

// Forget begins from nothing.
func (in *Incoming) Forget() {
	*in = Incoming{id: in.id, thing: in.thing, folds: map[Sum]bool{}, names: map[string]string{}, fresh: in.fresh, chunk: in.chunk[:0]}
}

// Restore takes in what is kept of an earlier try: items in their order, all
// complete but the last if within is set, and the last one's sums. False means
// that it doesn't fit, and that there is nothing now.
func (in *Incoming) Restore(list []Entry, within bool, sums []Sum) bool {
	in.Forget()
	if n := len(list); n == int(in.thing.Items) && !within {
		// It is all there. Whether it still is what is offered, the sender says:
		// it has to end the last file, or to name the last folder, once more.
		if within = !list[n-1].Folder; !within {
			list = list[:n-1]
		}
	}
	for i, e := range list {
		last := i == len(list)-1
		if _, err := in.add(e); err != nil {
			in.Forget()
			return false
		}
		if !last || !within {
			in.done += e.Size
		}
	}
	if in.within = within && len(list) > 0; in.within {
		e := list[len(list)-1]
		if e.Folder || uint32(len(sums)) > Chunks(e.Size) {
			in.Forget()
			return false
		}
		in.sums = append([]Sum(nil), sums...)
		in.done += min(uint64(len(sums))*wire.MaxChunk, e.Size)
	}
	return true
}

// GoOn is what the sender is to be told on a new connection. What was half a
// chunk is forgotten.
func (in *Incoming) GoOn() *wire.GoOn {
	in.want, in.chunk, in.fresh = wire.Chunk{}, in.chunk[:0], true
	at := Begun{Item: uint32(len(in.list))}
	if in.within {
		at = Begun{at.Item - 1, uint32(len(in.sums))}
	}
	return &wire.GoOn{ID: in.id, Item: at.Item, Chunks: at.Chunks, Sum: Trail(in.list, at, in.sums)}
}

// Done is how many bytes are on the disk.
func (in *Incoming) Done() uint64 { return in.done }

// Deed is what is to be done on the disk for a block that came.
type Deed struct {
	Anew  bool   // first forget everything that is there
	Begin bool   // an item begins, or begins anew
	Entry Entry  // of Begin, as it came
	Path  string // of Begin: where it goes, below the place of the thing, with slashes; "" is the thing itself
	Chunk []byte // add this to the item; valid until the next Take
	Sum   Sum    // of Chunk
	End   bool   // the item is complete
	All   bool   // and with it everything
}

// Take takes in a block. Its error is ErrWrong: what comes is not what was
// offered, and the transfer must end.
func (in *Incoming) Take(b wire.Bulk) (Deed, error) {
	switch b := b.(type) {
	case wire.Item:
		return in.item(b)
	case wire.Chunk:
		return Deed{}, in.announced(b)
	case wire.Piece:
		return in.piece(b.Data)
	case wire.ItemEnd:
		return in.itemEnd(b)
	}
	return Deed{}, wrong("a block of type %T", b)
}

func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrWrong, fmt.Sprintf(format, args...))
}

// item takes in the beginning of an item: the next one, the one that had begun,
// or, right after GoOn, the first because the sender has something else.
func (in *Incoming) item(b wire.Item) (Deed, error) {
	e := Entry{Path: b.Path, Size: b.Size, Modified: b.Modified, Folder: b.Folder, Executable: b.Executable}
	fresh := in.fresh
	in.fresh = false
	if in.want.Size > 0 {
		return Deed{}, wrong("an item within a chunk")
	}
	if in.within && fresh && int(b.Index) == len(in.list)-1 {
		return in.resume(e, b.From)
	}
	anew := fresh && b.Index == 0 && len(in.list) > 0
	if anew {
		in.Forget()
		in.fresh = false
	}
	switch {
	case in.within:
		return Deed{}, wrong("an item within item %d", len(in.list)-1)
	case int(b.Index) != len(in.list):
		return Deed{}, wrong("item %d after %d", b.Index, len(in.list))
	case b.From != 0:
		return Deed{}, wrong("item %d begins at chunk %d", b.Index, b.From)
	}
	path, err := in.add(e)
	if err != nil {
		return Deed{}, err
	}
	in.within = !e.Folder
	return Deed{Anew: anew, Begin: true, Entry: e, Path: path, All: e.Folder && in.complete()}, nil
}

// resume goes on with the item that has begun, or begins it anew.
func (in *Incoming) resume(e Entry, from uint32) (Deed, error) {
	had := in.list[len(in.list)-1]
	if int(from) == len(in.sums) && from > 0 {
		if e.Path != had.Path || e.Size != had.Size || e.Folder {
			return Deed{}, wrong("item %q goes on as %q", had.Path, e.Path)
		}
		in.list[len(in.list)-1].Modified = e.Modified // the same bytes, seen later
		return Deed{}, nil
	}
	if from != 0 {
		return Deed{}, wrong("item goes on at chunk %d of %d", from, len(in.sums))
	}
	if e != had { // over there it is another thing by now
		if len(in.list) != 1 {
			return Deed{}, wrong("item %q begins anew as %q", had.Path, e.Path)
		}
		in.Forget()
		in.fresh = false
		path, err := in.add(e)
		if err != nil {
			return Deed{}, err
		}
		in.within = !e.Folder
		return Deed{Anew: true, Begin: true, Entry: e, Path: path, All: e.Folder && in.complete()}, nil
	}
	in.done -= min(uint64(len(in.sums))*wire.MaxChunk, had.Size)
	in.sums = nil
	return Deed{Begin: true, Entry: had, Path: in.path}, nil
}

// complete says whether everything has come.
func (in *Incoming) complete() bool {
	return !in.within && len(in.list) == int(in.thing.Items) && in.size == in.thing.Size
}

// announced takes in what the next chunk will be.
func (in *Incoming) announced(b wire.Chunk) error {
	if !in.within || in.want.Size > 0 || in.fresh {
		return wrong("a chunk out of turn")
	}
	e, n := in.list[len(in.list)-1], uint32(len(in.sums))
	if n >= Chunks(e.Size) || b.Size != chunkSize(e.Size, n) {
		return wrong("chunk %d of %d bytes", n, b.Size)
	}
	in.want, in.chunk = b, in.chunk[:0]
	return nil
}

// piece adds to the current chunk.
func (in *Incoming) piece(data []byte) (Deed, error) {
	if left := int(in.want.Size) - len(in.chunk); len(data) > left {
		return Deed{}, wrong("%d bytes where %d are missing", len(data), left)
	}
	in.chunk = append(in.chunk, data...)
	if len(in.chunk) < int(in.want.Size) {
		return Deed{}, nil
	}
	if sha256.Sum256(in.chunk) != in.want.Sum {
		return Deed{}, wrong("chunk %d has another sum", len(in.sums))
	}
	d := Deed{Chunk: in.chunk, Sum: in.want.Sum}
	in.sums = append(in.sums, in.want.Sum)
	in.done += uint64(len(in.chunk))
	in.want = wire.Chunk{}
	return d, nil
}

// itemEnd takes in the end of an item.
func (in *Incoming) itemEnd(b wire.ItemEnd) (Deed, error) {
	if !in.within || in.want.Size > 0 || in.fresh {
		return Deed{}, wrong("an end out of turn")
	}
	if e := in.list[len(in.list)-1]; uint32(len(in.sums)) != Chunks(e.Size) {
		return Deed{}, wrong("an end after %d chunks", len(in.sums))
	}
	if sumOf(in.sums) != b.Sum {
		return Deed{}, wrong("an item with another sum")
	}
	in.within, in.sums = false, nil
	if len(in.list) == int(in.thing.Items) && !in.complete() {
		return Deed{}, wrong("%d bytes of %d", in.size, in.thing.Size)
	}
	return Deed{End: true, All: in.complete()}, nil
}

// add takes an item into the list and says where it goes.
func (in *Incoming) add(e Entry) (string, error) {
	switch {
	case len(in.list) >= int(in.thing.Items):
		return "", wrong("more items than %d", in.thing.Items)
	case e.Size > in.thing.Size-in.size:
		return "", wrong("more bytes than %d", in.thing.Size)
	case len(in.list) == 0 && e.Folder != in.thing.Folder:
		return "", wrong("a file for a folder, or the other way round")
	case e.Folder && e.Size != 0:
		return "", wrong("a folder with bytes")
	}
	path, err := in.place(e)
	if err != nil {
		return "", err
	}
	if in.paths += len(e.Path) + len(path); in.paths > maxPaths {
		return "", wrong("paths too long in all")
	}
	in.folds[fold(path)] = true
	if e.Folder {
		in.names[e.Path] = path
	}
	in.list, in.path = append(in.list, e), path
	in.size += e.Size
	return path, nil
}

// place says where an item goes: the thing itself at "", the others in the
// folder that was made for theirs, under a name that no other has.
func (in *Incoming) place(e Entry) (string, error) {
	names, err := parts(e.Path)
	switch {
	case err != nil:
		return "", wrong("%v", err)
	case len(in.list) == 0 && len(names) == 1:
		return "", nil
	}
	up, ok := in.names[strings.Join(names[:len(names)-1], "/")]
	if !ok || len(names) == 1 {
		return "", wrong("an item in no folder of the thing")
	}
	name := Clean(names[len(names)-1])
	for n := 1; n <= maxTries; n++ {
		path := join(up, Numbered(name, n))
		if !in.folds[fold(path)] {
			return path, nil
		}
	}
	return "", wrong("no name left")
}

// fold is a path as a disk would compare it that tells no upper from lower
// case, in little space.
func fold(path string) Sum { return sha256.Sum256([]byte(Fold(path))) }

func join(up, name string) string {
	if up == "" {
		return name
	}
	return up + "/" + name
}
