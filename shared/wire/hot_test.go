package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

func TestInputComesBackAsItWas(t *testing.T) {
	events := []Input{
		Key{Seq: math.MaxUint64, Usage: MaxUsage, Text: strings.Repeat("x", MaxKeyText), Base: 0x10ffff, Mods: allMods},
		Key{Seq: 1},
		Typed{Seq: 1, Text: strings.Repeat("y", MaxTypedText)},
		Typed{Seq: 1},
		Wheel{Seq: 1, DX: MaxWheel, DY: -MaxWheel},
		Locks{Seq: 1, Num: true},
		Move{After: 0, Monitor: MaxMonitors, X: math.MaxUint16},
	}
	for _, in := range sampleInputs() {
		events = append(events, in)
	}
	for _, in := range events {
		got, err := ParseInput(AppendInput(nil, in))
		if err != nil || got != in {
			t.Errorf("%+v came back as %+v, %v", in, got, err)
		}
	}
}

func TestSlicesCursorsAndPointersComeBack(t *testing.T) {
	for _, s := range []Slice{sampleSlice(), {Seq: 1, Frame: 1, Data: []byte{}}} {
		if got, err := ParseSlice(AppendSlice(nil, s)); err != nil || !reflect.DeepEqual(got, s) {
			t.Errorf("%+v came back as %+v, %v", s, got, err)
		}
	}
	for _, c := range []Cursor{sampleCursor(), {}, {ID: 5}, {ID: 5, W: 32, H: 32, HotX: 3}, {ID: 1, W: MaxSide, H: MaxSide, Pix: make([]byte, MaxSide*MaxSide*4)}} {
		if got, err := ParseCursor(AppendCursor(nil, c)); err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%+v came back as %+v, %v", c, got, err)
		}
	}
	for _, p := range []Pointer{samplePointer(), {}} {
		if got, err := ParsePointer(AppendPointer(nil, p)); err != nil || got != p {
			t.Errorf("%+v came back as %+v, %v", p, got, err)
		}
	}
}

func TestSlicesAreNotCopied(t *testing.T) {
	b := AppendSlice(nil, sampleSlice())
	s, err := ParseSlice(b)
	if err != nil {
		t.Fatal(err)
	}
	if unsafe.SliceData(s.Data) != &b[len(b)-len(s.Data)] {
		t.Error("Data lies elsewhere")
	}
	if n := testing.AllocsPerRun(10, func() { _, _ = ParseSlice(b) }); n != 0 {
		t.Errorf("%v allocations a slice", n)
	}
}

func TestACutEventIsMalformed(t *testing.T) {
	parse := map[string]struct {
		b []byte
		f func([]byte) error
	}{
		"cursor":  {AppendCursor(nil, sampleCursor()), func(b []byte) error { _, err := ParseCursor(b); return err }},
		"pointer": {AppendPointer(nil, samplePointer()), func(b []byte) error { _, err := ParsePointer(b); return err }},
		// A slice's data may end anywhere: how long it is says the block.
		"slice": {AppendSlice(nil, Slice{Seq: 1, Frame: 300, Input: 5}), func(b []byte) error { _, err := ParseSlice(b); return err }},
	}
	for name, in := range sampleInputs() {
		p := parse[name]
		p.b, p.f = AppendInput(nil, in), func(b []byte) error { _, err := ParseInput(b); return err }
		parse[name] = p
	}
	for name, p := range parse {
		if err := p.f(p.b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for n := range p.b {
			if err := p.f(p.b[:n]); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s cut after %d of %d bytes: %v", name, n, len(p.b), err)
			}
		}
		if err := p.f(append(bytes.Clone(p.b), 0)); name != "slice" && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s with a byte more: %v", name, err)
		}
	}
}

func TestImpossibleInputIsRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"a type of its own":       {8, 1},
		"no type":                 {0, 1},
		"edge 0":                  {inputRelease, 0},
		"a long form":             {inputRelease, 0x81, 0x00},
		"more than 64 bits":       append([]byte{inputRelease}, bytes.Repeat([]byte{0xff}, 9)...),
		"past 64 bits":            append(append([]byte{inputRelease}, bytes.Repeat([]byte{0xff}, 9)...), 2),
		"no end of a number":      append([]byte{inputRelease}, bytes.Repeat([]byte{0x80}, 20)...),
		"an unknown flag":         {inputLocks, 1, 8},
		"button 0":                {inputButton, 1, 0, 1, 0, 0, 0},
		"button 6":                {inputButton, 1, 6, 1, 0, 0, 0},
		"monitor 17":              {inputButton, 1, 1, 1, 17, 0, 0},
		"a place outside":         {inputMove, 0, 0, 0x80, 0x80, 0x04, 0},
		"a repeated release":      AppendInput(nil, Key{Seq: 1, Repeat: true}),
		"a usage of another page": AppendInput(nil, Key{Seq: 1, Usage: MaxUsage + 1}),
		"unknown modifiers":       AppendInput(nil, Key{Seq: 1, Mods: allMods + 1}),
		"half a surrogate pair":   AppendInput(nil, Key{Seq: 1, Base: 0xd800}),
		"past Unicode":            AppendInput(nil, Key{Seq: 1, Base: 0x110000}),
		"text that is none":       AppendInput(nil, Typed{Seq: 1, Text: "\xff"}),
		"text past the limit":     AppendInput(nil, Typed{Seq: 1, Text: strings.Repeat("x", MaxTypedText+1)}),
		"key text past the limit": AppendInput(nil, Key{Seq: 1, Text: strings.Repeat("x", MaxKeyText+1)}),
		"a wheel that flies off":  AppendInput(nil, Wheel{Seq: 1, DY: MaxWheel + 1}),
		"and the other way":       AppendInput(nil, Wheel{Seq: 1, DX: math.MinInt32}),
	} {
		if in, err := ParseInput(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
	}
	if _, err := ParseInput(make([]byte, MaxInput+1)); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}

func TestImpossiblePicturesAreRefused(t *testing.T) {
	side := binary.AppendUvarint(nil, MaxSide+1)
	for name, b := range map[string][]byte{
		"slice 0":             {0, 0, 1, 0},
		"frame 0":             {0, 1, 0, 0},
		"an unknown flag":     {2, 1, 1, 0},
		"long form of a zero": {0, 1, 1, 0x80, 0x00},
	} {
		if s, err := ParseSlice(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("slice, %s: %+v, %v", name, s, err)
		}
	}
	for name, b := range map[string][]byte{
		"pixels without size":  {1, 5, 0, 0, 0, 0},
		"too few pixels":       {1, 5, 1, 1, 0, 0, 1, 2, 3},
		"too many pixels":      {1, 5, 1, 1, 0, 0, 1, 2, 3, 4, 5},
		"pixels of no one":     {1, 0, 1, 1, 0, 0, 1, 2, 3, 4},
		"hidden with a size":   {0, 0, 1, 0, 0, 0},
		"too wide":             append(append([]byte{0, 5}, side...), 1, 0, 0),
		"pixels not announced": {0, 5, 1, 1, 0, 0, 1, 2, 3, 4},
	} {
		if c, err := ParseCursor(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("cursor, %s: %+v, %v", name, c, err)
		}
	}
	if _, err := ParseSlice(make([]byte, MaxSlice+1)); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
	if _, err := ParseCursor(make([]byte, MaxCursor+1)); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}

// spelledOnce holds a decoder to the one spelling.
func spelledOnce[T any](f *testing.F, parse func([]byte) (T, error), add func([]byte, T) []byte) {
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		v, err := parse(b)
		if !bytes.Equal(b, before) {
			t.Fatal("wrote into its argument")
		}
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLong) {
				t.Fatal(err)
			}
			return
		}
		if again := add(nil, v); !bytes.Equal(again, b) {
			t.Fatalf("two spellings of %+v:\n%x\n%x", v, b, again)
		}
	})
}

func FuzzInput(f *testing.F) {
	for _, in := range sampleInputs() {
		f.Add(AppendInput(nil, in))
	}
	spelledOnce(f, ParseInput, AppendInput)
}

func FuzzSlice(f *testing.F) {
	f.Add(AppendSlice(nil, sampleSlice()))
	spelledOnce(f, ParseSlice, AppendSlice)
}

func FuzzCursor(f *testing.F) {
	f.Add(AppendCursor(nil, sampleCursor()))
	f.Add(AppendCursor(nil, Cursor{}))
	spelledOnce(f, ParseCursor, AppendCursor)
}

func FuzzPointer(f *testing.F) {
	f.Add(AppendPointer(nil, samplePointer()))
	spelledOnce(f, ParsePointer, AppendPointer)
}
