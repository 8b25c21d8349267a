package disk

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"time"

	"handrail/shared/files"
	"handrail/shared/wire"
)

const (
	journalName    = "journal"
	journalVersion = 1
	maxRecord      = 64 << 10 // bytes of a line: a path twice, escaped
)

// errBusy means that a part is being worked on.
var errBusy = errors.New("disk: somebody is at it")

// journal says what of a thing is on the disk: one record a line, the first
// about the thing, each written after what it is about. The file is locked
// while somebody is at the thing.
type journal struct{ f *os.File }

// record is one line.
type record struct {
	Thing *head  `json:"thing,omitempty"`
	Item  *item  `json:"item,omitempty"` // begins, or begins anew if it is the last one
	Sum   []byte `json:"sum,omitempty"`  // of the next chunk
	End   bool   `json:"end,omitempty"`  // of the item
}

// head is what an offer has to be the same in.
type head struct {
	Version int    `json:"version"`
	Name    string `json:"name"`
	Size    uint64 `json:"size"`
	Items   uint32 `json:"items"`
	Folder  bool   `json:"folder"`
}

type item struct {
	files.Entry
	Place string // below data
}

// kept is what a journal finds.
type kept struct {
	list   []files.Entry
	open   bool        // the last is not complete
	sums   []files.Sum // of the last
	paths  string      // where the last is
	within int64       // bytes of the last
	bytes  uint64      // of all
}

func headOf(t files.Thing) head {
	return head{journalVersion, t.Name, t.Size, t.Items, t.Folder}
}

// openJournal takes a journal for this program alone. One about something else
// is cleared.
func openJournal(root *os.Root, name string, t files.Thing) (*journal, error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if !lock(f) {
		_ = f.Close()
		return nil, errBusy
	}
	mine, err := f.Stat()
	if now, err2 := root.Stat(name); err != nil || err2 != nil || !os.SameFile(mine, now) { // removed by who had the lock
		_ = f.Close()
		return nil, errBusy
	}
	j := &journal{f}
	var first record
	line, _ := bufio.NewReader(io.LimitReader(f, maxRecord)).ReadBytes('\n')
	if json.Unmarshal(line, &first) != nil || first.Thing == nil || *first.Thing != headOf(t) {
		if err := j.clear(t); err != nil {
			_ = f.Close()
			return nil, err
		}
	}
	return j, nil
}

// clear leaves nothing but what the thing is.
func (j *journal) clear(t files.Thing) error {
	if err := j.f.Truncate(0); err != nil {
		return err
	}
	h := headOf(t)
	return j.add(record{Thing: &h})
}

// add writes a record behind the others.
func (j *journal) add(r record) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := j.f.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	_, err = j.f.Write(append(b, '\n'))
	return err
}

func (j *journal) close() { _ = j.f.Close() } // written through; a torn line is noticed

// remove takes a thing's folder away. Where an open file can't be removed, the
// folder has to wait for its close.
func (j *journal) remove(root *os.Root, dir string) {
	_ = root.RemoveAll(path.Join(dir, "data"))
	_ = root.Remove(path.Join(dir, journalName))
	j.close()
	_ = root.RemoveAll(dir)
}

// replay reads a journal against what is on the disk. From the first record on
// that isn't true it is cut off. Its error is the cause of ctx's end, or
// files.ErrUnwritable.
func (j *journal) replay(ctx context.Context, open func(string) (*os.File, error)) (kept, error) {
	p := player{open: open}
	defer p.close()
	if _, err := j.f.Seek(0, io.SeekStart); err != nil {
		return kept{}, unwritable("reading a journal", err)
	}
	lines := bufio.NewReaderSize(j.f, maxRecord)
	good := int64(0)
	for {
		if ctx.Err() != nil {
			return kept{}, context.Cause(ctx)
		}
		line, err := lines.ReadSlice('\n')
		if err != nil {
			break // the end, or a torn or endless line
		}
		var r record
		if json.Unmarshal(bytes.TrimSpace(line), &r) != nil || !p.play(r) {
			break
		}
		good += int64(len(line))
	}
	if err := j.f.Truncate(good); err != nil {
		return kept{}, unwritable("shortening a journal", err)
	}
	return p.kept, nil
}

// player compares records with the disk, one after the other.
type player struct {
	kept
	open  func(string) (*os.File, error)
	file  *os.File
	chunk []byte
}

func (p *player) close() {
	if p.file != nil {
		_ = p.file.Close() // only read
		p.file = nil
	}
}

// play says whether a record is true.
func (p *player) play(r record) bool {
	switch {
	case r.Thing != nil:
		return len(p.list) == 0
	case r.Item != nil:
		return p.begin(*r.Item)
	case r.Sum != nil:
		return p.sum(r.Sum)
	case r.End:
		ok := len(p.list) > 0 && !p.list[len(p.list)-1].Folder && uint64(p.within) == p.list[len(p.list)-1].Size
		p.kept.open = p.kept.open && !ok
		return ok
	}
	return false
}

func (p *player) begin(it item) bool {
	anew := len(p.list) > 0 && it.Place == p.paths // the last one
	if !anew && p.kept.open {
		return false
	}
	f, err := p.open(it.Place)
	if err != nil {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() != it.Folder || !it.Folder && !info.Mode().IsRegular() {
		_ = f.Close()
		return false
	}
	p.close()
	p.file = f
	if anew {
		p.list = p.list[:len(p.list)-1]
		p.bytes -= uint64(p.within)
	}
	p.list, p.paths = append(p.list, it.Entry), it.Place
	p.kept.open, p.sums, p.within = !it.Folder, nil, 0
	return true
}

// sum compares the next chunk of the item with its sum.
func (p *player) sum(sum []byte) bool {
	if !p.kept.open || len(sum) != sha256.Size {
		return false
	}
	e := p.list[len(p.list)-1]
	n := min(e.Size-min(uint64(p.within), e.Size), wire.MaxChunk)
	if p.chunk == nil {
		p.chunk = make([]byte, wire.MaxChunk)
	}
	if n == 0 {
		return false
	}
	if _, err := p.file.ReadAt(p.chunk[:n], p.within); err != nil {
		return false
	}
	is := sha256.Sum256(p.chunk[:n])
	if !bytes.Equal(is[:], sum) {
		return false
	}
	p.sums = append(p.sums, is)
	p.within += int64(n)
	p.bytes += n
	return true
}

// part is a thing in the attic that nobody is at.
type part struct {
	dir   string
	at    time.Time
	bytes int64
}

// tidy removes what has been kept for too long, and the oldest of what is more
// than so many bytes.
func (d *Disk) tidy(root *os.Root, most int64) {
	entries, err := fs.ReadDir(root.FS(), attic)
	if err != nil {
		return
	}
	var parts []part
	for _, e := range entries {
		p := part{dir: path.Join(attic, e.Name())}
		if info, err := e.Info(); err == nil {
			p.at = info.ModTime()
		}
		_ = fs.WalkDir(root.FS(), p.dir, func(name string, e fs.DirEntry, err error) error {
			if err != nil {
				return nil // what can't be seen counts as nothing
			}
			if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
				p.bytes += info.Size()
				if path.Base(name) == journalName && path.Dir(name) == p.dir {
					p.at = info.ModTime()
				}
			}
			return nil
		})
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b part) int { return b.at.Compare(a.at) }) // the newest first
	total := int64(0)
	for i, p := range parts {
		if total += p.bytes; total > most || i >= keptParts || d.now().Sub(p.at) > keptFor {
			d.discard(root, p)
			total -= p.bytes
		}
	}
}

// discard removes a part, unless somebody is at it.
func (d *Disk) discard(root *os.Root, p part) {
	f, err := root.OpenFile(path.Join(p.dir, journalName), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) && d.now().Sub(p.at) > keptFor {
		_ = root.RemoveAll(p.dir) // never came to a journal
		return
	}
	if err != nil {
		return
	}
	if !lock(f) {
		_ = f.Close()
		return
	}
	(&journal{f}).remove(root, p.dir)
}

// room says whether so many bytes fit on the disk. What is kept of other
// transfers has to give way.
func (d *Disk) room(root *os.Root, need uint64) error {
	for try := range 2 {
		have, err := d.free(d.folder)
		if err != nil || have >= need+spare { // where it can't be asked, writing tells
			return nil
		}
		if try == 0 {
			d.tidy(root, 0)
		}
	}
	return files.ErrFull
}
