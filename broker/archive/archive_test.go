package archive

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"
)

const passphrase = "correct horse battery staple"

func made(t *testing.T, dump string) []byte {
	t.Helper()
	var b bytes.Buffer
	err := Write(&b, passphrase, map[string][]byte{"broker.key": []byte("secret\n")}, func(w io.Writer) error {
		_, err := io.WriteString(w, dump)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestA05AnArchiveGivesBackWhatWentIn(t *testing.T) {
	dump := strings.Repeat("{\"line\":1}\n", 100_000)
	b := made(t, dump)
	if bytes.Contains(b, []byte("secret")) || len(b) > len(dump)/10 {
		t.Errorf("%d bytes, sealed and packed", len(b))
	}
	files, rest, err := Read(bytes.NewReader(b), passphrase)
	if err != nil || !maps.EqualFunc(files, map[string][]byte{"broker.key": []byte("secret\n")}, bytes.Equal) {
		t.Fatal(files, err)
	}
	got, err := io.ReadAll(rest)
	if err := errors.Join(err, rest.Close()); err != nil || string(got) != dump {
		t.Errorf("%d bytes of %d, %v", len(got), len(dump), err)
	}
}

func TestA05ADumpThatFailsFailsTheArchive(t *testing.T) {
	broken := errors.New("broken")
	err := Write(io.Discard, passphrase, nil, func(io.Writer) error { return broken })
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestA05ADamagedArchiveIsNoArchive(t *testing.T) {
	b := made(t, strings.Repeat("line\n", 1000))
	read := func(b []byte, passphrase string) error {
		_, rest, err := Read(bytes.NewReader(b), passphrase)
		if err != nil {
			return err
		}
		_, err = io.ReadAll(rest)
		return errors.Join(err, rest.Close())
	}
	if err := read(b, "wrong"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	for name, bad := range map[string][]byte{
		"nothing":      {},
		"another file": []byte("PK\x03\x04 this is something else"),
		"cut off":      b[:len(b)-1],
		"half":         b[:len(b)/2],
		"a bit":        append(bytes.Clone(b[:len(b)-20]), append([]byte{b[len(b)-20] ^ 1}, b[len(b)-19:]...)...),
	} {
		if err := read(bad, passphrase); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}
