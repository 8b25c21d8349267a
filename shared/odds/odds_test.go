package odds

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// step is one thing written.
type step struct {
	kind byte // bit, raw, number, tree
	p    int
	v    uint32
	n    int
}

const kinds = 4

// steps makes of any bytes something to write.
func steps(b []byte) []step {
	var ss []step
	for ; len(b) >= 6; b = b[6:] {
		s := step{kind: b[0] % kinds, p: int(b[1] % 3), n: int(b[5]%32) + 1}
		s.v = uint32(b[2]) | uint32(b[3])<<8 | uint32(b[4])<<16 | uint32(b[5])<<24
		ss = append(ss, s)
	}
	return ss
}

// learnt is what both ends learn with.
type learnt struct {
	bits    [3]Prob
	numbers [3]Number
	trees   [3]Tree
}

func begin() *learnt {
	l := &learnt{}
	Init(l.bits[:])
	for i := range 3 {
		l.numbers[i].Init()
		Init(l.trees[i][:])
	}
	return l
}

func write(l *learnt, ss []step, out []byte) []byte {
	var e Encoder
	e.Reset(out)
	for _, s := range ss {
		switch s.kind {
		case 0:
			e.Bit(&l.bits[s.p], s.v&1 != 0)
		case 1:
			e.Raw(s.v, s.n)
		case 2:
			e.Number(&l.numbers[s.p], min(s.v>>(s.n-1), MaxNumber))
		case 3:
			e.Tree(&l.trees[s.p], s.v)
		}
	}
	return e.Close()
}

// read is what a Decoder makes of the message, as values.
func read(l *learnt, ss []step, in []byte) (vs []uint32, d Decoder) {
	d.Reset(in)
	for _, s := range ss {
		v := uint32(0)
		switch s.kind {
		case 0:
			if d.Bit(&l.bits[s.p]) {
				v = 1
			}
		case 1:
			v = d.Raw(s.n)
		case 2:
			v = d.Number(&l.numbers[s.p])
		case 3:
			v = d.Tree(&l.trees[s.p])
		}
		vs = append(vs, v)
	}
	return vs, d
}

func (s step) value() uint32 {
	switch s.kind {
	case 0:
		return s.v & 1
	case 1:
		return uint32(uint64(s.v) & (1<<s.n - 1))
	case 2:
		return min(s.v>>(s.n-1), MaxNumber)
	}
	return s.v & 255
}

// roundTrip writes two messages one after another, as what was learnt in the
// first counts in the second.
func roundTrip(t *testing.T, ss []step) {
	t.Helper()
	from, to := begin(), begin()
	half := len(ss) / 2
	out := []byte("kept")
	for _, part := range [][]step{ss[:half], ss[half:]} {
		start := len(out)
		out = write(from, part, out)
		vs, d := read(to, part, out[start:])
		for i, v := range vs {
			if v != part[i].value() {
				t.Fatalf("step %d %+v came back as %d", i, part[i], v)
			}
		}
		if d.Spent() {
			t.Fatal("the decoder says that it needed more than there was")
		}
	}
	if !bytes.HasPrefix(out, []byte("kept")) {
		t.Fatal("a carry went into what was there before")
	}
	if *from != *to {
		t.Fatal("the two ends learnt different things")
	}
}

func TestEverythingComesBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		b := make([]byte, 6*rng.IntN(400))
		bias := rng.IntN(256)
		for i := range b {
			if rng.IntN(256) >= bias {
				b[i] = byte(rng.Uint32())
			}
		}
		roundTrip(t, steps(b))
	}
}

// A run of what a sharp probability thinks impossible makes carries go far.
func TestCarriesGoThroughManyBytes(t *testing.T) {
	for n := range 300 {
		var ss []step
		for i := range n {
			ss = append(ss, step{kind: 0, v: uint32(i & 1), p: i & 1})
		}
		for i := range 3 * n {
			ss = append(ss, step{kind: 1, v: 1<<32 - 1, n: 32 - i&7})
		}
		ss = append(ss, step{kind: 0, p: 0, v: 1})
		roundTrip(t, ss)
	}
}

func TestWhatIsLikelyCostsLittle(t *testing.T) {
	var p [1]Prob
	Init(p[:])
	var e Encoder
	e.Reset(nil)
	for range 14000 {
		e.Bit(&p[0], true)
	}
	if n := len(e.Close()); n > 4 {
		t.Fatalf("14000 certain decisions took %d bytes", n)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	Init(p[:])
	e.Reset(nil)
	for range 80000 {
		e.Bit(&p[0], rng.IntN(10) == 0)
	}
	// The entropy is 0.469 bits, 4690 bytes.
	if n := len(e.Close()); n > 4690*105/100 {
		t.Fatalf("decisions of one in ten took %d bytes", n)
	}
}

func TestADecoderTellsThatAMessageWasCut(t *testing.T) {
	l := begin()
	var ss []step
	for i := range 200 {
		ss = append(ss, step{kind: 1, v: uint32(i)*0x9E3779B1 | 1, n: 32})
	}
	out := write(l, ss, nil)
	_, d := read(begin(), ss, out[:len(out)/2])
	if !d.Spent() {
		t.Fatal("half a message read as a whole one")
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("decisions, decisions and numbers"))
	f.Add(bytes.Repeat([]byte{0, 0, 1, 255, 255, 255}, 60))
	f.Fuzz(func(t *testing.T, b []byte) { roundTrip(t, steps(b)) })
}

// Any bytes are answered, with as many answers as were asked for, and the
// same ones each time.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte{}, []byte("000000111111222222333333"))
	f.Add([]byte{255, 255, 255, 255, 255}, []byte("200000200000200000"))
	f.Fuzz(func(t *testing.T, in, asked []byte) {
		ss := steps(asked)
		a, _ := read(begin(), ss, in)
		b, _ := read(begin(), ss, in)
		for i := range a {
			if a[i] != b[i] {
				t.Fatal("two answers to one question")
			}
			if ss[i].kind == 2 && a[i] > MaxNumber {
				t.Fatalf("number %d", a[i])
			}
		}
	})
}

func BenchmarkBit(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	bits := make([]bool, 1<<16)
	for i := range bits {
		bits[i] = rng.IntN(16) == 0
	}
	b.Run("encode", func(b *testing.B) {
		var ps [64]Prob
		Init(ps[:])
		var e Encoder
		var out []byte
		for b.Loop() {
			e.Reset(out[:0])
			for i, v := range bits {
				e.Bit(&ps[i&63], v)
			}
			out = e.Close()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(bits)), "ns/decision")
	})
	b.Run("decode", func(b *testing.B) {
		var ps [64]Prob
		Init(ps[:])
		var e Encoder
		e.Reset(nil)
		for i, v := range bits {
			e.Bit(&ps[i&63], v)
		}
		out := e.Close()
		for b.Loop() {
			Init(ps[:])
			var d Decoder
			d.Reset(out)
			for i := range bits {
				d.Bit(&ps[i&63])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(bits)), "ns/decision")
	})
}
