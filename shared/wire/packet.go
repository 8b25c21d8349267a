package wire

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// envelope is what a Packet looks like in CBOR (RFC 8949): an array of four.
type envelope struct {
	_    struct{} `cbor:",toarray"`
	Kind Kind
	Seq  uint64
	Ack  uint64
	Body cbor.RawMessage
}

// enc writes the deterministic encoding of RFC 8949 section 4.2.1.
var enc = mustMode(cbor.EncOptions{
	Sort:        cbor.SortCoreDeterministic,
	IndefLength: cbor.IndefLengthForbidden,
	TagsMd:      cbor.TagsForbidden,
}.EncMode())

// dec is as strict as the library can be. It ignores fields it doesn't know,
// because that is how the format grows; same takes care of the rest.
var dec = mustMode(cbor.DecOptions{
	DupMapKey:         cbor.DupMapKeyEnforcedAPF,
	IndefLength:       cbor.IndefLengthForbidden,
	TagsMd:            cbor.TagsForbidden,
	MaxNestedLevels:   8,
	MaxArrayElements:  256,
	MaxMapPairs:       64,
	UTF8:              cbor.UTF8RejectInvalid,
	FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
}.DecMode())

func mustMode[M any](m M, err error) M {
	if err != nil {
		panic(err) // the options above are constants: this is a typing mistake
	}
	return m
}

var (
	errSpelling = errors.New("not the one spelling of this message")
	errCount    = errors.New("counted and uncounted messages mixed up")
)

// Append adds the bytes of p, without a length, to b. It refuses what Parse
// would refuse, so that a mistake shows up where it was made.
func Append(b []byte, p Packet) ([]byte, error) {
	if p.Body == nil {
		return b, fmt.Errorf("%w: no body", ErrMalformed)
	}
	if err := p.check(); err != nil {
		return b, err
	}
	out, err := encode(p)
	if err != nil {
		return b, err
	}
	if len(out) > MaxMessage {
		return b, ErrTooLong
	}
	return append(b, out...), nil
}

func encode(p Packet) ([]byte, error) {
	body, err := enc.Marshal(p.Body)
	if err != nil {
		return nil, fmt.Errorf("wire: encoding %v: %w", p.Body.Kind(), err)
	}
	out, err := enc.Marshal(envelope{Kind: p.Body.Kind(), Seq: p.Seq, Ack: p.Ack, Body: body})
	if err != nil {
		return nil, fmt.Errorf("wire: encoding envelope: %w", err)
	}
	return out, nil
}

// Parse reads one packet that fills b. Its errors are ErrTooLong, ErrMalformed
// and UnknownKind; with UnknownKind the Packet has its Seq and Ack.
func Parse(b []byte) (Packet, error) {
	if len(b) > MaxMessage {
		return Packet{}, ErrTooLong
	}
	var e envelope
	if err := dec.Unmarshal(b, &e); err != nil {
		return Packet{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if again, err := enc.Marshal(e); err != nil || !bytes.Equal(again, b) {
		return Packet{}, fmt.Errorf("%w: envelope: %w", ErrMalformed, errSpelling)
	}
	m := fresh(e.Kind)
	if m == nil {
		return Packet{Seq: e.Seq, Ack: e.Ack}, UnknownKind{e.Kind}
	}
	if err := dec.Unmarshal(e.Body, m); err != nil {
		return Packet{}, fmt.Errorf("%w: %v: %w", ErrMalformed, e.Kind, err)
	}
	p := Packet{Seq: e.Seq, Ack: e.Ack, Body: m}
	if err := p.check(); err != nil {
		return Packet{}, err
	}
	if err := same(m, e.Body); err != nil {
		return Packet{}, fmt.Errorf("%w: %v: %w", ErrMalformed, e.Kind, err)
	}
	return p, nil
}

// check says what is wrong with a packet's values.
func (p Packet) check() error {
	k := p.Body.Kind()
	if Counted(k) != (p.Seq != 0) || (p.Ack != 0 && !rowOf(k).session()) {
		return fmt.Errorf("%w: %v: %w", ErrMalformed, k, errCount)
	}
	if err := p.Body.check(); err != nil {
		return fmt.Errorf("%w: %v: %w", ErrMalformed, k, err)
	}
	return nil
}

// same makes sure that raw is how m is spelled, apart from unknown fields.
// Decoders take many spellings for the same values (long forms of short
// numbers, null for nothing, empty fields that should be left out): all of
// them would give a middleman ways to make messages that differ and mean the
// same.
func same(m Message, raw []byte) error {
	again, err := enc.Marshal(m)
	if err != nil {
		return err
	}
	if bytes.Equal(again, raw) {
		return nil
	}
	pruned, err := prune(reflect.TypeOf(m).Elem(), raw)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, pruned) {
		return errSpelling
	}
	return nil
}

// prune gives raw, the encoding of a value of type t, without the fields that
// t doesn't have.
func prune(t reflect.Type, raw []byte) ([]byte, error) {
	switch {
	case t.Kind() == reflect.Struct:
		return pruneFields(t, raw)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		var list []cbor.RawMessage
		if err := dec.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
		for i := range list {
			one, err := prune(t.Elem(), list[i])
			if err != nil {
				return nil, err
			}
			list[i] = one
		}
		return enc.Marshal(list)
	}
	return raw, nil
}

func pruneFields(t reflect.Type, raw []byte) ([]byte, error) {
	var all map[uint64]cbor.RawMessage
	if err := dec.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	// Unknown fields too must stand in their place with their shortest number.
	again, err := enc.Marshal(all)
	if err != nil {
		return nil, err
	}
	if all == nil || !bytes.Equal(again, raw) {
		return nil, errSpelling
	}
	known := make(map[uint64]cbor.RawMessage, len(all))
	for f := range t.Fields() {
		number, err := strconv.ParseUint(strings.Split(f.Tag.Get("cbor"), ",")[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("field %s has no number", f.Name)
		}
		v, ok := all[number]
		if !ok {
			continue
		}
		if known[number], err = prune(f.Type, v); err != nil {
			return nil, err
		}
	}
	return enc.Marshal(known)
}
