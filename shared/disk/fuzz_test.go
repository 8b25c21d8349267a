package disk

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"handrail/shared/files"
	"handrail/shared/wire"
)

// FuzzReplay lets a journal say anything about a disk that has one file of
// three chunks, and one folder: what is found to be kept is there.
func FuzzReplay(f *testing.F) {
	data := bytes.Repeat([]byte("abc"), wire.MaxChunk)[:2*wire.MaxChunk+100]
	var sums [][]byte
	for from := 0; from < len(data); from += wire.MaxChunk {
		sum := sha256.Sum256(data[from:min(from+wire.MaxChunk, len(data))])
		sums = append(sums, sum[:])
	}
	var good []byte
	for _, r := range []record{
		{Thing: &head{Version: journalVersion, Name: "F", Size: uint64(len(data)), Items: 2, Folder: true}},
		{Item: &item{Entry: files.Entry{Path: "F", Folder: true}}},
		{Item: &item{Entry: files.Entry{Path: "F/x", Size: uint64(len(data))}, Place: "x"}},
		{Sum: sums[0]},
		{Sum: sums[1]},
		{Sum: sums[2]},
		{End: true},
	} {
		b, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		good = append(append(good, b...), '\n')
	}
	f.Add(good)
	f.Add(good[:len(good)-20])
	dir := f.TempDir()
	for _, err := range []error{os.Mkdir(filepath.Join(dir, "data"), 0o755), os.WriteFile(filepath.Join(dir, "data", "x"), data, 0o644)} {
		if err != nil {
			f.Fatal(err)
		}
	}
	root, err := os.OpenRoot(filepath.Join(dir, "data"))
	if err != nil {
		f.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, journalName))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		must(t, file.Truncate(0))
		_, err := file.WriteAt(text, 0)
		must(t, err)
		j := &journal{file}
		open := func(p string) (*os.File, error) { return root.Open(filepath.Join(".", p)) }
		k, err := j.replay(t.Context(), open)
		must(t, err)
		if int(k.within) > len(data) || len(k.sums) > len(sums) || k.open && len(k.list) == 0 {
			t.Fatalf("kept %+v", k)
		}
		for i, s := range k.sums {
			e := k.list[len(k.list)-1]
			from := i * wire.MaxChunk
			part := data[from:min(from+wire.MaxChunk, len(data), int(min(e.Size, 1<<40)))]
			if s != sha256.Sum256(part) {
				t.Fatalf("chunk %d is not there", i)
			}
		}
		again, err := j.replay(t.Context(), open) // what was cut off leaves what is true
		must(t, err)
		if len(again.list) != len(k.list) || again.within != k.within || again.open != k.open || again.bytes != k.bytes {
			t.Fatalf("first %+v, then %+v", k, again)
		}
	})
}
