package codec

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"hash"
	"os"
	"strings"
	"testing"
	"time"

	"handrail/shared/bench"
	"handrail/shared/frame"
)

var update = flag.Bool("update", false, "write testdata/streams.txt anew")

// Every machine makes the same bytes of the same pictures, and the same
// pictures of them: testdata/streams.txt holds the hashes. They change when the
// format does, or what the encoder chooses; the first needs a new version in
// FORMAT.md.
func TestStreamsAreThoseOfTheGoldenFile(t *testing.T) {
	t.Parallel()
	const path = "testdata/streams.txt"
	var all strings.Builder
	fmt.Fprintf(&all, "version %d\n", version)
	for _, profile := range []Profile{Automatic, Bits8, Exact} {
		for _, scene := range bench.Scenes() {
			g := newGolden(t, profile)
			for f := range bench.Desktop(scene, 256, 160, 12) {
				g.e.Damage(f.Damage...)
				g.now = start().Add(f.At)
				g.send(f.Image)
			}
			fmt.Fprintf(&all, "%s %d %s\n", scene, profile, g.end())
		}
		g := newGolden(t, profile)
		m := newDesk(99, 250, 180)
		for range 25 {
			m.step()
			g.e.Damage(m.damage...)
			g.now = g.now.Add(time.Duration(m.rng.IntN(60)) * time.Millisecond)
			g.send(m.Image)
		}
		fmt.Fprintf(&all, "desk %d %s\n", profile, g.end())
	}
	if *update {
		if err := os.WriteFile(path, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for got := range strings.Lines(all.String()) {
		if !strings.Contains(string(want), got) {
			t.Errorf("%s doesn't say: %s", path, got)
		}
	}
	if strings.Count(all.String(), "\n") != strings.Count(string(want), "\n") {
		t.Errorf("%s has other streams", path)
	}
}

// golden is a pair whose stream is hashed.
type golden struct {
	*pair
	hash hash.Hash
	last frame.Image
}

func newGolden(t *testing.T, profile Profile) *golden {
	return &golden{pair: newPair(t, profile), hash: sha256.New()}
}

// send sends all that there is to send, and hashes it.
func (g *golden) send(pic frame.Image) {
	g.last = pic
	for (g.owed() || g.e.w != pic.W) && g.slice(pic) {
		g.hash.Write(binary.AppendUvarint(nil, uint64(len(g.buf))))
		g.hash.Write(g.buf)
	}
}

// end lets the picture rest, and tells what the stream came to.
func (g *golden) end() string {
	for range 4 {
		g.now = g.now.Add(200 * time.Millisecond)
		g.send(g.last)
	}
	picture := sha256.Sum256(defined(g.d.Image()))
	return fmt.Sprintf("%d slices %d bytes %x picture %x", g.slices, g.bytes, g.hash.Sum(nil)[:16], picture[:16])
}

// A stream that was stored when this version of the format was new is read as
// it was then, whatever encoders do since. It is written anew only if it is
// missing, which a new version is the reason for.
func TestAStoredStreamIsReadAsEver(t *testing.T) {
	const path, picture = "testdata/everything.slices", "testdata/everything.sha256"
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) && *update {
		for _, s := range stream(t) {
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
		err = os.WriteFile(path, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	d := NewDecoder(small(), nil)
	sum, filmed := sha256.New(), false
	for len(b) > 0 {
		size, n := binary.Uvarint(b)
		filmed = filmed || b[n]&flagFilm != 0
		if _, err := d.Decode(b[n:][:size]); err != nil {
			t.Fatal(err)
		}
		b = b[n+int(size):]
		sum.Write(defined(d.Image()))
	}
	var fresh control
	fresh.reset()
	s, first := d.strands[0], newStrand()
	for name, never := range map[string]bool{
		"a move":            d.control.moves == fresh.moves,
		"tiles to remember": d.control.gap == fresh.gap,
		"a remembered tile": s.ops.age == first.ops.age,
		"a photograph":      s.ops.refine == first.ops.refine,
		"a film":            !filmed,
		"a colour far away": s.model.odds.known == first.model.odds.known,
	} {
		if never {
			t.Errorf("there is nothing of %s in it", name)
		}
	}
	got := fmt.Sprintf("%x\n", sum.Sum(nil))
	if *update {
		if err := os.WriteFile(picture, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(picture); err != nil || got != string(want) {
		t.Errorf("the pictures are %s, and %s then: %v", got, want, err)
	}
}

// defined is m without its undefined bytes.
func defined(m frame.Image) []byte {
	m = m.Clone()
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 0
	}
	return m.Pix
}
