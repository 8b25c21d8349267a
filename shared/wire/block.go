package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// BlockReader is what streams are read through; a bufio.Reader is one.
type BlockReader interface {
	io.Reader
	io.ByteReader
}

// WriteBlock writes b with its length in front, in one call of w.Write.
func WriteBlock(w io.Writer, b []byte) error {
	head := binary.AppendUvarint(make([]byte, 0, len(b)+binary.MaxVarintLen32), uint64(len(b)))
	_, err := w.Write(append(head, b...))
	return err
}

// ReadBlock reads what WriteBlock wrote into buf, growing it when needed but
// never past limit bytes. ErrTooLong means the peer broke the limit; io.EOF
// that the stream ended between blocks, io.ErrUnexpectedEOF inside one.
func ReadBlock(r BlockReader, buf []byte, limit int) ([]byte, error) {
	n, err := readUvarint(r)
	if err != nil {
		return nil, err
	}
	if n > uint64(max(limit, 0)) {
		return nil, ErrTooLong
	}
	if uint64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err = io.ReadFull(r, buf); errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // a length was promised
	}
	if err != nil {
		return nil, err
	}
	return buf, nil
}

// AppendStreamKind adds the first bytes of a stream to b.
func AppendStreamKind(b []byte, k StreamKind) []byte {
	return binary.AppendUvarint(b, uint64(k))
}

// ReadStreamKind reads the first bytes of a stream. ErrUnknownStream means a
// kind of a newer version: stop reading that stream and go on.
func ReadStreamKind(r io.ByteReader) (StreamKind, error) {
	n, err := readUvarint(r)
	if err != nil {
		return 0, err
	}
	if n < uint64(StreamControl) || n > uint64(StreamBulk) {
		return 0, ErrUnknownStream
	}
	return StreamKind(n), nil
}

// readUvarint reads a number of at most 64 bits in its shortest form.
func readUvarint(r io.ByteReader) (uint64, error) {
	var b [binary.MaxVarintLen64]byte
	for i := range b {
		c, err := r.ReadByte()
		if i > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, err
		}
		if b[i] = c; c < 0x80 {
			break
		}
	}
	v, _, err := cutUvarint(b[:])
	return v, err
}

// cutUvarint reads a number off the front of b and gives the rest.
func cutUvarint(b []byte) (uint64, []byte, error) {
	v, n := binary.Uvarint(b)
	if n <= 0 || (n > 1 && b[n-1] == 0) { // cut short, more than 64 bits, or a shorter form exists
		return 0, nil, fmt.Errorf("%w: number", ErrMalformed)
	}
	return v, b[n:], nil
}
