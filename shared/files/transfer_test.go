package files

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"handrail/shared/wire"
)

// tree is a thing in memory: contents by position in list.
type tree struct {
	list []Entry
	data [][]byte
}

// plant makes a folder with files of these sizes, one of them in a folder
// within, or, of one size, a single file.
func plant(seed uint64, sizes ...int) tree {
	r := rand.New(rand.NewPCG(seed, 1))
	var t tree
	add := func(path string, size int, folder bool) {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		t.list = append(t.list, Entry{Path: path, Size: uint64(size), Modified: 1700000000, Folder: folder})
		t.data = append(t.data, b)
	}
	if len(sizes) == 1 {
		add("one.bin", sizes[0], false)
		return t
	}
	add("Photos", 0, true)
	for i, size := range sizes {
		if i == len(sizes)/2 {
			add("Photos/within", 0, true)
		}
		up := "Photos/"
		if i >= len(sizes)/2 {
			up = "Photos/within/"
		}
		add(fmt.Sprintf("%s%03d.jpg", up, i), size, false)
	}
	return t
}

func (t tree) thing() Thing {
	th := Thing{Items: uint32(len(t.list)), Folder: t.list[0].Folder}
	for _, e := range t.list {
		th.Size += e.Size
	}
	return th
}

// chunks reads the sums that Start wants.
func (t tree) sums(item int, chunks uint32) []Sum {
	var sums []Sum
	for n := range chunks {
		from := int(n) * wire.MaxChunk
		sums = append(sums, sha256.Sum256(t.data[item][from:min(from+wire.MaxChunk, len(t.data[item]))]))
	}
	return sums
}

// start lets the sender begin where the receiver wants.
func start(t *testing.T, o *Outgoing, from tree, g *wire.GoOn) {
	t.Helper()
	item, chunks, err := o.Checks(g)
	if err != nil {
		t.Fatal(err)
	}
	o.Start(g, from.sums(item, chunks))
}

// shelf is a disk in memory that does deeds.
type shelf struct {
	kept   []Entry
	within bool
	sums   []Sum
	paths  []string
	data   [][]byte
	bytes  int // written in all
	all    bool
}

func (s *shelf) do(t *testing.T, d Deed) {
	t.Helper()
	if d.Anew {
		*s = shelf{bytes: s.bytes}
	}
	if d.Begin {
		if s.within {
			s.kept, s.paths, s.data = s.kept[:len(s.kept)-1], s.paths[:len(s.paths)-1], s.data[:len(s.data)-1]
		}
		s.kept, s.paths, s.data = append(s.kept, d.Entry), append(s.paths, d.Path), append(s.data, nil)
		s.within, s.sums = !d.Entry.Folder, nil
	}
	if d.Chunk != nil {
		s.data[len(s.data)-1] = append(s.data[len(s.data)-1], d.Chunk...)
		s.sums = append(s.sums, d.Sum)
		s.bytes += len(d.Chunk)
	}
	if d.End {
		s.within = false
	}
	s.all = s.all || d.All
}

// run moves up to most blocks and gives how many there were.
func run(t *testing.T, o *Outgoing, from tree, in *Incoming, to *shelf, most int) (n int) {
	t.Helper()
	give := func(b wire.Bulk) bool {
		if n++; n > most {
			return false
		}
		d, err := in.Take(b)
		if err != nil {
			t.Fatal(err)
		}
		to.do(t, d)
		return true
	}
	for {
		w, ok := o.Next()
		switch {
		case !ok:
			return n
		case w.Say != nil:
			if !give(w.Say) {
				return n
			}
		default:
			data := from.data[w.Item][w.From:][:w.Size]
			if !give(o.Chunk(data)) {
				return n
			}
			for part := range slices.Chunk(data, 100<<10) {
				if !give(wire.Piece{ID: 1, Data: part}) {
					return n
				}
			}
		}
	}
}

func (s *shelf) same(t *testing.T, from tree) {
	t.Helper()
	if !s.all || len(s.data) != len(from.data) {
		t.Fatalf("%d of %d items, all is %v", len(s.data), len(from.data), s.all)
	}
	for i := range s.data {
		if !bytes.Equal(s.data[i], from.data[i]) {
			t.Errorf("item %d differs", i)
		}
		if want := strings.TrimPrefix(strings.TrimPrefix(from.list[i].Path, from.list[0].Path), "/"); s.paths[i] != want {
			t.Errorf("item %d is at %q, not %q", i, s.paths[i], want)
		}
	}
}

var shapes = map[string][]int{
	"a file":             {700_000},
	"an empty file":      {0},
	"exactly two chunks": {2 * wire.MaxChunk},
	"a folder":           {10, 0, wire.MaxChunk, 700_000, 1, 300_000},
}

// A break at every block: what arrived is not sent again, and what comes out
// is the same.
func TestC03ATransferGoesOnAfterABreakAnywhere(t *testing.T) {
	for name, sizes := range shapes {
		t.Run(name, func(t *testing.T) {
			from := plant(1, sizes...)
			whole := run(t, started(t, from), from, NewIncoming(1, from.thing()), new(shelf), 1<<30)
			for cut := range whole {
				in, to := NewIncoming(1, from.thing()), new(shelf)
				o := NewOutgoing(1, from.list)
				start(t, o, from, in.GoOn())
				run(t, o, from, in, to, cut)
				had := to.bytes
				start(t, o, from, in.GoOn()) // the same session, a new connection
				run(t, o, from, in, to, 1<<30)
				to.same(t, from)
				if to.bytes != int(from.thing().Size) || in.Done() != from.thing().Size {
					t.Fatalf("cut after %d blocks with %d bytes: %d were written", cut, had, to.bytes)
				}
			}
		})
	}
}

func started(t *testing.T, from tree) *Outgoing {
	o := NewOutgoing(1, from.list)
	o.Start(&wire.GoOn{ID: 1}, nil)
	return o
}

// A restart of both programs at every block: the kept part is gone on with.
func TestC03ATransferGoesOnInAnotherSession(t *testing.T) {
	for name, sizes := range shapes {
		t.Run(name, func(t *testing.T) {
			from := plant(1, sizes...)
			whole := run(t, started(t, from), from, NewIncoming(1, from.thing()), new(shelf), 1<<30)
			for cut := range whole + 1 {
				in, to := NewIncoming(1, from.thing()), new(shelf)
				in.GoOn()
				run(t, started(t, from), from, in, to, cut)
				in = NewIncoming(7, from.thing())
				if !in.Restore(to.kept, to.within, to.sums) {
					t.Fatal("what was kept doesn't fit")
				}
				to.all = false
				g := in.GoOn()
				n := len(to.kept)
				if n > 0 && !to.within && n == len(from.list) || to.within { // the last is gone into again
					n--
				}
				if int(g.Item) != n {
					t.Fatalf("goes on with %d after %d", g.Item, n)
				}
				if int(g.Item) < len(to.kept) && !to.within && !to.kept[g.Item].Folder {
					to.within = true
				}
				o := NewOutgoing(7, from.list)
				start(t, o, from, g)
				run(t, o, from, in, to, 1<<30)
				to.same(t, from)
				if to.bytes != int(from.thing().Size) {
					t.Fatalf("%d bytes were written", to.bytes)
				}
			}
		})
	}
}

func TestC03AChangedThingBeginsAnew(t *testing.T) {
	old := plant(1, shapes["a folder"]...)
	tests := []struct {
		name   string
		change func(*tree)
	}{
		{"other bytes in the file that was cut", func(n *tree) { n.data[5][0]++ }},
		{"an earlier file touched", func(n *tree) { n.list[3].Modified++ }},
		{"an earlier file renamed", func(n *tree) { n.list[1].Path = "Photos/x.jpg" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, to := NewIncoming(1, old.thing()), new(shelf)
			in.GoOn()
			for cut := 1; !(to.within && len(to.kept) == 6 && len(to.sums) == 2); cut++ { // in the middle of 003.jpg
				in, to = NewIncoming(1, old.thing()), new(shelf)
				in.GoOn()
				run(t, started(t, old), old, in, to, cut)
			}
			from := plant(1, shapes["a folder"]...)
			tt.change(&from)
			o := NewOutgoing(1, from.list)
			start(t, o, from, in.GoOn())
			run(t, o, from, in, to, 1<<30)
			to.same(t, from)
		})
	}
}

func TestC03APlaceThatIsNotThere(t *testing.T) {
	o := NewOutgoing(1, plant(1, 10).list)
	for _, g := range []wire.GoOn{{Item: 2}, {Item: 1, Chunks: 1}, {Chunks: 2}} {
		if _, _, err := o.Checks(&g); !errors.Is(err, ErrWrong) {
			t.Errorf("%+v: %v", g, err)
		}
	}
}

func TestC03WhatWasNotOfferedIsNotTaken(t *testing.T) {
	folder, file := Thing{Size: 100, Items: 4, Folder: true}, Thing{Size: 100, Items: 1}
	data := make([]byte, 100)
	sum := sha256.Sum256(data)
	top := wire.Item{ID: 1, Folder: true, Path: "x"}
	one := wire.Item{ID: 1, Size: 100, Path: "x"}
	tests := []struct {
		name  string
		thing Thing
		send  []wire.Bulk // the last one is refused
	}{
		{"up and away", folder, []wire.Bulk{top, wire.Item{Index: 1, Path: "x/../../y"}}},
		{"from the root", folder, []wire.Bulk{top, wire.Item{Index: 1, Path: "/etc/passwd"}}},
		{"in a folder that isn't", folder, []wire.Bulk{top, wire.Item{Index: 1, Path: "x/y/z"}}},
		{"beside the folder", folder, []wire.Bulk{top, wire.Item{Index: 1, Path: "y"}}},
		{"an empty name", folder, []wire.Bulk{top, wire.Item{Index: 1, Path: "x//y"}}},
		{"too deep", folder, []wire.Bulk{wire.Item{Folder: true, Path: strings.Repeat("x/", MaxDepth) + "x"}}},
		{"too many items", folder, []wire.Bulk{
			top,
			wire.Item{Index: 1, Folder: true, Path: "x/1"},
			wire.Item{Index: 2, Folder: true, Path: "x/2"},
			wire.Item{Index: 3, Size: 100, Path: "x/3"},
			wire.Chunk{Size: 100, Sum: sum},
			wire.Piece{Data: data},
			wire.ItemEnd{Sum: sumOf([]Sum{sum})},
			wire.Item{Index: 4, Path: "x/4"},
		}},
		{"items out of order", folder, []wire.Bulk{top, wire.Item{Index: 2, Path: "x/1"}}},
		{"an item within an item", folder, []wire.Bulk{top, wire.Item{Index: 1, Path: "x/1"}, wire.Item{Index: 2, Path: "x/2"}}},
		{"more bytes than said", folder, []wire.Bulk{top, wire.Item{Index: 1, Size: 101, Path: "x/1"}}},
		{"fewer bytes than said", file, []wire.Bulk{wire.Item{Size: 10, Path: "x"}, wire.Chunk{Size: 10, Sum: sha256.Sum256(data[:10])}, wire.Piece{Data: data[:10]}, wire.ItemEnd{Sum: sumOf([]Sum{sha256.Sum256(data[:10])})}}},
		{"a folder for a file", file, []wire.Bulk{top}},
		{"a file for a folder", folder, []wire.Bulk{one}},
		{"chunks that nobody has", file, []wire.Bulk{wire.Item{Size: 100, From: 1, Path: "x"}}},
		{"a chunk of another size", file, []wire.Bulk{one, wire.Chunk{Size: 99}}},
		{"a chunk within a chunk", file, []wire.Bulk{one, wire.Chunk{Size: 100}, wire.Chunk{Size: 100}}},
		{"a chunk too many", file, []wire.Bulk{one, wire.Chunk{Size: 100, Sum: sum}, wire.Piece{Data: data}, wire.Chunk{Size: 100}}},
		{"a piece without a chunk", file, []wire.Bulk{one, wire.Piece{Data: data}}},
		{"a piece too long", file, []wire.Bulk{one, wire.Chunk{Size: 100, Sum: sum}, wire.Piece{Data: make([]byte, 101)}}},
		{"other bytes than announced", file, []wire.Bulk{one, wire.Chunk{Size: 100}, wire.Piece{Data: data}}},
		{"an end too early", file, []wire.Bulk{one, wire.ItemEnd{Sum: sum}}},
		{"another sum of all", file, []wire.Bulk{one, wire.Chunk{Size: 100, Sum: sum}, wire.Piece{Data: data}, wire.ItemEnd{}}},
		{"a piece of a clipboard", file, []wire.Bulk{wire.ClipPiece{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := NewIncoming(1, tt.thing)
			in.GoOn()
			for i, b := range tt.send {
				_, err := in.Take(b)
				if last := i == len(tt.send)-1; last != errors.Is(err, ErrWrong) {
					t.Fatalf("block %d: %v", i, err)
				}
			}
		})
	}
}

func TestC03NamesThatADiskTakesForTheSame(t *testing.T) {
	in := NewIncoming(1, Thing{Size: 0, Items: 6, Folder: true})
	in.GoOn()
	var got []string
	for i, p := range []string{"X", "X/Read:Me", "X/Read?Me", "X/read_me", "X/Read:Me/a", "X/Read?Me/a"} {
		d, err := in.Take(wire.Item{Index: uint32(i), Folder: true, Path: p})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.Path)
	}
	want := []string{"", "Read_Me", "Read_Me (2)", "read_me (3)", "Read_Me/a", "Read_Me (2)/a"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestWeightIsTheBytesOfABlock(t *testing.T) {
	for _, b := range []wire.Bulk{
		wire.Item{ID: 300, Path: "x", Size: 9},
		wire.Chunk{ID: 1, Size: 2},
		wire.Piece{ID: 1 << 30, Data: make([]byte, 9)},
		wire.Piece{ID: 127, Data: []byte{1}},
		wire.ItemEnd{ID: 3},
		wire.ClipPiece{ID: 128, Data: []byte("x"), Last: true},
	} {
		if got, want := Weight(b), len(wire.AppendBulk(nil, b)); got != want {
			t.Errorf("%T weighs %d, not %d", b, got, want)
		}
	}
}

// FuzzIncoming lets a sender say whatever it likes, with and without truth in
// it, and holds what reaches the disk to what was offered.
func FuzzIncoming(f *testing.F) {
	f.Add([]byte{4, 100}, []byte{0, 0, 1, 1, 2, 2, 3, 0})
	f.Add([]byte{1, 50}, []byte{1, 0, 2, 50, 3, 50, 4, 0})
	f.Fuzz(func(t *testing.T, offer, script []byte) {
		if len(offer) < 2 || offer[0] == 0 {
			return
		}
		thing := Thing{Items: uint32(offer[0]), Size: uint64(offer[1]), Folder: offer[0] > 1}
		in, to := NewIncoming(1, thing), new(shelf)
		in.GoOn()
		paths, bytes := map[string]bool{}, uint64(0)
		for len(script) >= 2 {
			code, arg := script[0], script[1]
			script = script[2:]
			d, err := in.Take(fuzzBlock(in, code, arg))
			if err != nil {
				return
			}
			if d.Anew {
				paths, bytes = map[string]bool{}, 0
			}
			if d.Begin {
				again := to.within && !d.Anew
				if names, err := parts(d.Path); d.Path != "" && (err != nil || !clean(names)) || (d.Path == "") != (len(paths) == 0 || again && len(paths) == 1) {
					t.Fatalf("an item at %q", d.Path)
				}
				if paths[Fold(d.Path)] != again {
					t.Fatalf("%q twice", d.Path)
				}
				if again {
					bytes -= uint64(len(to.data[len(to.data)-1]))
				}
				paths[Fold(d.Path)] = true
			}
			to.do(t, d)
			if bytes += uint64(len(d.Chunk)); bytes > thing.Size || len(paths) > int(thing.Items) {
				t.Fatalf("%d bytes of %d items", bytes, len(paths))
			}
			if in.Done() != bytes {
				t.Fatalf("%d bytes done, %d written", in.Done(), bytes)
			}
			if d.All && (bytes != thing.Size || len(paths) != int(thing.Items)) {
				t.Fatalf("all of %+v with %d bytes, %d items", thing, bytes, len(paths))
			}
			if arg == 255 {
				in.GoOn()
			}
		}
	})
}

func clean(names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return n != Clean(n) && !strings.HasSuffix(n, ")") })
}

// fuzzBlock is a block that is likely to be taken, or not.
func fuzzBlock(in *Incoming, code, arg byte) wire.Bulk {
	data := make([]byte, int(arg)+1)
	path := []string{"x", "x/a", "x/b", "x/A", "x/a/c", "x/../y", "x/con", "x/a:b"}[arg%8]
	switch code % 8 {
	case 0:
		return wire.Item{Index: uint32(len(in.list)), Folder: true, Path: path}
	case 1:
		return wire.Item{Index: uint32(len(in.list)), Size: uint64(arg), Path: path}
	case 2:
		return wire.Item{Index: uint32(arg % 4), Size: uint64(arg % 2), From: uint32(arg % 3), Path: path}
	case 3:
		if in.within {
			data = make([]byte, in.list[len(in.list)-1].Size)
		}
		return wire.Chunk{Size: uint32(len(data)), Sum: sha256.Sum256(data)}
	case 4:
		return wire.Piece{Data: make([]byte, max(1, int(in.want.Size)-len(in.chunk)))}
	case 5:
		return wire.Piece{Data: data}
	case 6:
		if len(in.list) > 0 { // the item again, from the beginning
			e := in.list[len(in.list)-1]
			return wire.Item{Index: uint32(len(in.list) - 1), Size: e.Size, Path: e.Path, Folder: e.Folder}
		}
	}
	return wire.ItemEnd{Sum: sumOf(in.sums)}
}
