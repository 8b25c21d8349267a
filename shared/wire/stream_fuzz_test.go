package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// FuzzBlocks: what is read from a stream is what was written, whatever pieces
// it comes in; no more than the limit is believed or asked for memory; and
// there is one way to write it.
func FuzzBlocks(f *testing.F) {
	f.Add([]byte{3, 1, 2, 3, 0, 1, 9}, 10, byte(0))
	f.Add([]byte{0x80, 1}, 1000, byte(1))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 1<<20, byte(2))
	f.Add([]byte{5, 1, 2}, -1, byte(3))
	f.Fuzz(func(t *testing.T, stream []byte, limit int, how byte) {
		limit = min(limit, 1<<20)
		var in io.Reader = bytes.NewReader(stream)
		switch how % 4 {
		case 1:
			in = iotest.OneByteReader(in)
		case 2:
			in = iotest.HalfReader(in)
		case 3:
			in = iotest.DataErrReader(in)
		}
		r := bufio.NewReader(in)
		var written bytes.Buffer
		var buf []byte
		for {
			b, err := ReadBlock(r, buf, limit)
			if err != nil {
				rest := stream[written.Len():]
				switch {
				case errors.Is(err, io.EOF) == (len(rest) > 0):
					t.Fatalf("%x is left, and %v", rest, err)
				case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, ErrTooLong), errors.Is(err, ErrMalformed):
					return
				}
				t.Fatal(err)
			}
			if len(b) > max(limit, 0) || cap(b) > max(limit, 0) {
				t.Fatalf("%d bytes, room for %d, limit %d", len(b), cap(b), limit)
			}
			if err := WriteBlock(&written, b); err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(stream, written.Bytes()) {
				t.Fatalf("two spellings: %x of %x", written.Bytes(), stream)
			}
			buf = b
		}
	})
}

// FuzzStreamKind: a stream's first bytes are a kind there is, in its one
// spelling, or an error; nothing behind them is read.
func FuzzStreamKind(f *testing.F) {
	for k := StreamControl; k <= StreamBulk; k++ {
		f.Add(AppendStreamKind(nil, k))
	}
	f.Add([]byte{0x81, 0})
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		k, err := ReadStreamKind(r)
		head := b[:len(b)-r.Len()]
		if err == nil && (k < StreamControl || k > StreamBulk || !bytes.Equal(AppendStreamKind(nil, k), head)) {
			t.Fatalf("read %d from %x", k, head)
		}
		known := errors.Is(err, ErrUnknownStream) || errors.Is(err, ErrMalformed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && (!known || k != 0) {
			t.Fatalf("%x: %d, %v", b, k, err)
		}
	})
}

// FuzzPlaces: every packet that is taken has a place, counted ones only
// between the two ends, and no client says what is the broker's to say.
func FuzzPlaces(f *testing.F) {
	for _, p := range samples() {
		b, err := Append(nil, p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse(b)
		if err != nil {
			return
		}
		k := p.Body.Kind()
		may := func(plane Plane, from Role) bool { return MayCome(k, plane, from) }
		clients := may(ControlPlane, RoleCustomer) || may(ControlPlane, RoleRep)
		ends := may(SessionPlane, RoleCustomer) || may(SessionPlane, RoleRep)
		switch {
		case !clients && !ends && !may(ControlPlane, RoleBroker):
			t.Fatalf("%v has no place", k)
		case may(SessionPlane, RoleBroker):
			t.Fatalf("the broker may say %v in a session", k)
		case may(ControlPlane, 0) || may(SessionPlane, 0) || may(0, RoleRep):
			t.Fatalf("nobody may say %v nowhere", k)
		case Counted(k) && (clients || may(ControlPlane, RoleBroker)):
			t.Fatalf("%v is counted, and not only between the ends", k)
		case Counted(k) != (p.Seq != 0):
			t.Fatalf("%v with seq %d", k, p.Seq)
		}
	})
}
