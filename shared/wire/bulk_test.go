package wire

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestBulkComesBackAsItWas(t *testing.T) {
	blocks := []Bulk{
		Item{ID: 1, Path: strings.Repeat("p", MaxPath), Size: MaxSize, From: 1 << 31, Modified: 1 << 62},
		Item{ID: 1, Index: MaxItems - 1, Folder: true, Path: "f", Modified: -1 << 62},
		Chunk{ID: 1 << 31, Size: 1},
		ClipPiece{ID: 1, Last: true, Failed: true, Data: []byte{}},
		Piece{ID: 1, Data: make([]byte, 8<<10)},
	}
	for _, v := range sampleBulk() {
		blocks = append(blocks, v)
	}
	for _, v := range blocks {
		got, err := ParseBulk(AppendBulk(nil, v))
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%+v came back as %+v, %v", v, got, err)
		}
	}
}

func TestImpossibleBulkIsRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":                    {},
		"a type of its own":          {9, 1},
		"id 0":                       AppendBulk(nil, Piece{Data: []byte{1}}),
		"an empty piece":             AppendBulk(nil, Piece{ID: 1}),
		"an empty chunk":             AppendBulk(nil, Chunk{ID: 1}),
		"a chunk past the limit":     AppendBulk(nil, Chunk{ID: 1, Size: MaxChunk + 1}),
		"half a sum":                 AppendBulk(nil, Chunk{ID: 1, Size: 1})[:20],
		"a sum and more":             append(AppendBulk(nil, ItemEnd{ID: 1}), 0),
		"an item without a name":     AppendBulk(nil, Item{ID: 1}),
		"a folder with bytes":        AppendBulk(nil, Item{ID: 1, Path: "f", Folder: true, Size: 1}),
		"a path that is no text":     AppendBulk(nil, Item{ID: 1, Path: "\xff"}),
		"a path past the limit":      AppendBulk(nil, Item{ID: 1, Path: strings.Repeat("p", MaxPath+1)}),
		"an item past the last":      AppendBulk(nil, Item{ID: 1, Path: "f", Index: MaxItems}),
		"more chunks than there are": AppendBulk(nil, Item{ID: 1, Path: "f", From: 3, Size: 2 * MaxChunk}),
		"a failure that goes on":     AppendBulk(nil, ClipPiece{ID: 1, Failed: true}),
	} {
		if v, err := ParseBulk(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
	if _, err := ParseBulk(bytes.Repeat([]byte{3}, MaxBulk+1)); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}

func FuzzBulk(f *testing.F) {
	for _, v := range sampleBulk() {
		f.Add(AppendBulk(nil, v))
	}
	spelledOnce(f, ParseBulk, AppendBulk)
}
