package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestBlocksComeOneByOne(t *testing.T) {
	var pipe bytes.Buffer
	long := bytes.Repeat([]byte("long "), 100)
	for _, b := range [][]byte{[]byte("one"), {}, long} {
		if err := WriteBlock(&pipe, b); err != nil {
			t.Fatal(err)
		}
	}
	r := bufio.NewReader(iotest.OneByteReader(&pipe))
	var buf []byte
	for _, want := range [][]byte{[]byte("one"), {}, long} {
		got, err := ReadBlock(r, buf, 500)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%q, %v", got, err)
		}
		buf = got
	}
	if _, err := ReadBlock(r, buf, 500); err != io.EOF {
		t.Errorf("after the last: %v", err)
	}
}

func TestABrokenBlockIsRefused(t *testing.T) {
	for text, want := range map[string]error{
		"":                         io.EOF,
		"\x80":                     io.ErrUnexpectedEOF,
		"\x05":                     io.ErrUnexpectedEOF,
		"\x05abc":                  io.ErrUnexpectedEOF,
		"\x81\x00a":                ErrMalformed,
		"\x09123456789":            ErrTooLong,
		"\xff\xff\xff\xff\xff\x7f": ErrTooLong,
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff": ErrMalformed,
	} {
		if b, err := ReadBlock(bytes.NewReader([]byte(text)), nil, 8); !errors.Is(err, want) || b != nil {
			t.Errorf("%q: %q, %v", text, b, err)
		}
	}
	if _, err := ReadBlock(bytes.NewReader([]byte{1, 1}), nil, -1); !errors.Is(err, ErrTooLong) {
		t.Errorf("a negative limit: %v", err)
	}
}

func TestABlockFitsInOneWrite(t *testing.T) {
	writes := 0
	w := writer(func(b []byte) (int, error) { writes++; return len(b), nil })
	if err := WriteBlock(w, make([]byte, 1000)); err != nil || writes != 1 {
		t.Errorf("%d writes, %v", writes, err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func TestStreamsSayWhatTheyAre(t *testing.T) {
	for k := StreamControl; k <= StreamBulk; k++ {
		got, err := ReadStreamKind(bytes.NewReader(AppendStreamKind(nil, k)))
		if err != nil || got != k {
			t.Errorf("%d: %d, %v", k, got, err)
		}
	}
	for text, want := range map[string]error{
		"\x00": ErrUnknownStream, "\x06": ErrUnknownStream, "\xff\x01": ErrUnknownStream,
		"\x81\x00": ErrMalformed, "": io.EOF, "\x81": io.ErrUnexpectedEOF,
	} {
		if _, err := ReadStreamKind(bytes.NewReader([]byte(text))); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
