package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

func TestEveryKindComesBackAsItWas(t *testing.T) {
	seen := map[Kind]bool{}
	for _, p := range samples() {
		seen[p.Body.Kind()] = true
		b, err := Append([]byte("before"), p)
		if err != nil {
			t.Fatalf("%v: %v", p.Body.Kind(), err)
		}
		got, err := Parse(b[len("before"):])
		if err != nil {
			t.Fatalf("%v: %v", p.Body.Kind(), err)
		}
		if !reflect.DeepEqual(got, p) {
			t.Errorf("%v came back as\n%+v\nnot\n%+v", p.Body.Kind(), got.Body, p.Body)
		}
	}
	for k := range Kind(1 << 10) {
		if m := fresh(k); m != nil && (!seen[k] || m.Kind() != k) {
			t.Errorf("kind %d: sample %v, makes a %v", k, seen[k], m.Kind())
		}
	}
}

func TestEmptyFieldsAreLeftOut(t *testing.T) {
	for _, p := range []Packet{
		{Body: &Signal{Epoch: 1}},
		{Body: &Problem{Code: 999}},
		{Seq: 1, Body: &Sharing{Why: SharingStopped}},
	} {
		b, err := Append(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Parse(b); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%x: %+v, %v", b, got.Body, err)
		}
		if len(b) > 26 {
			t.Errorf("%v has %d bytes", p.Body.Kind(), len(b))
		}
	}
}

func TestACutPacketIsMalformed(t *testing.T) {
	for _, p := range samples() {
		b, err := Append(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		for n := range b {
			if _, err := Parse(b[:n]); !errors.Is(err, ErrMalformed) {
				t.Fatalf("%v cut after %d of %d bytes: %v", p.Body.Kind(), n, len(b), err)
			}
		}
		if _, err := Parse(append(b, 0)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%v with a byte more: %v", p.Body.Kind(), err)
		}
	}
}

// body makes the bytes of a packet around a body given in hexadecimal.
func body(t *testing.T, k Kind, seq uint64, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	head, err := enc.Marshal([]any{k, seq, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	return append(head[:len(head)-1], raw...)
}

func TestThereIsOneSpelling(t *testing.T) {
	id := strings.Repeat("00", 16)
	tests := []struct {
		name string
		kind Kind
		body string
		ok   bool
	}{
		{"as Append spells it", KindChat, "a2 01 6178 02 01", true},
		{"long form of a number", KindChat, "a2 01 6178 02 1801", false},
		{"long form of a key", KindChat, "a2 01 6178 1802 01", false},
		{"long form of a length", KindChat, "a2 01 780178 02 01", false},
		{"keys the other way round", KindChat, "a2 02 01 01 6178", false},
		{"a key twice", KindChat, "a3 01 6178 02 01 02 01", false},
		{"a field missing", KindChat, "a1 01 6178", false},
		{"indefinite length", KindChat, "bf 01 6178 02 01 ff", false},
		{"a float for a number", KindChat, "a2 01 6178 02 f93c00", false},
		{"a tag", KindChat, "a2 01 6178 02 c101", false},
		{"bytes for text", KindChat, "a2 01 4178 02 01", false},
		{"not UTF-8", KindChat, "a2 01 61ff 02 01", false},
		{"null for a field", KindChat, "a2 01 6178 02 f6", false},
		{"keys as text", KindChat, "a2 6131 6178 6132 01", false},
		{"the Go name of a field", KindChat, "a2 6454657874 6178 624174 01", false},
		{"a list for a map", KindChat, "82 6178 01", false},
		{"nothing for a map", KindNudge, "a0", true},
		{"null for a map", KindNudge, "f6", false},
		{"undefined for a map", KindNudge, "f7", false},
		{"an empty field that is to be left out", KindSharing, "a3 01 00 02 02 04 00", false},
		{"an empty list that is to be left out", KindSharing, "a3 01 00 02 02 03 80", false},
		{"false that is to be left out", KindSignal, "a3 01 50" + id + "02 01 06 f4", false},
		{"a short session", KindSignal, "a2 01 4f" + id[2:] + "02 01", false},
		{"a long session", KindSignal, "a2 01 51" + id + "00 02 01", false},
		{"a session as a list", KindSignal, "a2 01 90" + id + "02 01", false},
		{"an unknown field", KindChat, "a3 01 6178 02 01 09 820102", true},
		{"an unknown field between", KindSharing, "a3 01 00 02 02 18ff a0", true},
		{"an unknown field out of its place", KindChat, "a3 01 6178 09 01 02 01", false},
		{"an unknown field by a long number", KindChat, "a3 01 6178 02 01 1809 01", false},
		{"an unknown field by a name", KindChat, "a3 01 6178 02 01 6161 01", false},
		{"an unknown field by a negative number", KindChat, "a3 01 6178 02 01 20 01", false},
		{"an unknown field with a tag in it", KindChat, "a3 01 6178 02 01 09 c101", false},
		{"an unknown field hiding a misspelling", KindChat, "a3 01 6178 02 1801 09 01", false},
		{
			"an unknown field of a monitor", KindSharing,
			"a3 01 01 02 01 03 81 a6 01 01 03 00 04 00 05 01 06 01 09 f5", true,
		},
		{
			"a misspelling inside a monitor", KindSharing,
			"a3 01 01 02 01 03 81 a6 01 01 03 00 04 00 05 01 06 1801 09 f5", false,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			seq := uint64(0)
			if Counted(tt.kind) {
				seq = 1
			}
			p, err := Parse(body(t, tt.kind, seq, tt.body))
			if tt.ok && err != nil {
				t.Fatal(err)
			}
			if !tt.ok && !errors.Is(err, ErrMalformed) {
				t.Fatalf("accepted as %+v, %v", p.Body, err)
			}
		})
	}
}

func TestTheEnvelopeHasOneSpelling(t *testing.T) {
	for text, want := range map[string]error{
		"84 18 4a 00 00 a0":       nil, // Ack
		"84 19 00 4a 00 00 a0":    ErrMalformed,
		"84 18 4a 18 00 00 a0":    ErrMalformed,
		"85 18 4a 00 00 a0 00":    ErrMalformed,
		"83 18 4a 00 00":          ErrMalformed,
		"84 18 4a 00 00":          ErrMalformed,
		"84 20 00 00 a0":          ErrMalformed,
		"84 1a 00 01 00 00 00 00": ErrMalformed, // a kind of 17 bits
		"84 18 4a 01 00 a0":       ErrMalformed, // Ack isn't counted
		"84 18 42 00 00 a0":       ErrMalformed, // Chat is
		"84 01 00 01 a0":          ErrMalformed, // Hello has no ack
		"84 19 03 e7 05 02 a0":    ErrUnknownKind,
		"84 19 03 e7 05 02 f5":    ErrUnknownKind,
		"84 19 03 e7 05 02":       ErrMalformed,
		"a0":                      ErrMalformed,
		"":                        ErrMalformed,
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(b); !errors.Is(err, want) {
			t.Errorf("%s: %v, not %v", text, err, want)
		}
	}
}

func TestAnUnknownKindStillCounts(t *testing.T) {
	p, err := Parse([]byte{0x84, 0x19, 0x03, 0xe7, 5, 2, 0xa0})
	var unknown UnknownKind
	if !errors.As(err, &unknown) || unknown.Number != 999 || p.Seq != 5 || p.Ack != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestNothingPastTheLimitIsRead(t *testing.T) {
	if _, err := Parse(make([]byte, MaxMessage+1)); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
	full := Packet{Body: &SignedIn{Name: strings.Repeat("n", MaxName), Keys: make([]KeyMade, MaxKeys)}}
	for i := range full.Body.(*SignedIn).Keys {
		full.Body.(*SignedIn).Keys[i] = KeyMade{Number: "123456"}
	}
	if _, err := Append(nil, full); err != nil {
		t.Error(err)
	}
}

// carriesUnknown says whether a packet has fields that its struct doesn't.
func carriesUnknown(t *testing.T, b []byte, m Message) bool {
	strict, err := cbor.DecOptions{ExtraReturnErrors: cbor.ExtraDecErrorUnknownField}.DecMode()
	if err != nil {
		t.Fatal(err)
	}
	var e envelope
	if err := strict.Unmarshal(b, &e); err != nil {
		t.Fatal(err)
	}
	var unknown *cbor.UnknownFieldError
	return errors.As(strict.Unmarshal(e.Body, fresh(m.Kind())), &unknown)
}

func FuzzPacket(f *testing.F) {
	for _, p := range samples() {
		b, err := Append(nil, p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{0x84, 0x18, 0x42, 1, 0, 0xa3, 1, 0x61, 0x78, 2, 1, 9, 0xf5})
	f.Fuzz(func(t *testing.T, b []byte) {
		before := slices.Clone(b)
		p, err := Parse(b)
		if !bytes.Equal(b, before) {
			t.Fatal("Parse wrote into its argument")
		}
		if err != nil {
			return
		}
		again, err := Append(nil, p)
		if err != nil {
			t.Fatalf("accepted %x, but can't write it: %v", b, err)
		}
		if !bytes.Equal(again, b) && !carriesUnknown(t, b, p.Body) {
			t.Fatalf("two spellings:\n%x\n%x", b, again)
		}
		q, err := Parse(again)
		if err != nil || !reflect.DeepEqual(p, q) {
			t.Fatalf("%+v became %+v, %v", p.Body, q.Body, err)
		}
	})
}
