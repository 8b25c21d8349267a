package assets

import (
	"encoding/binary"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// named reads the constants of type Icon out of the source, so that none can
// be forgotten here.
func named(t *testing.T) map[Icon]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "assets.go", nil, 0)
	if err != nil {
		t.Fatalf("reading assets.go: %v", err)
	}
	found := map[Icon]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := v.Type.(*ast.Ident); ok && of.Name == "Icon" {
			name, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatalf("%s: %v", v.Names[0], err)
			}
			found[Icon(name)] = true
		}
		return true
	})
	return found
}

func TestEveryIconIsThereAndEveryFileHasAName(t *testing.T) {
	names := named(t)
	if len(names) == 0 {
		t.Fatal("no names found")
	}
	for name := range names {
		if len(name.SVG()) == 0 {
			t.Errorf("no picture %q", name)
		}
	}
	files, err := icons.ReadDir("icons")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !names[Icon(strings.TrimSuffix(f.Name(), ".svg"))] {
			t.Errorf("%s has no name", f.Name())
		}
	}
}

// The theme recolours by fill alone, so a stroke would stay black in the dark.
func TestIconsAreDrawnByFillAlone(t *testing.T) {
	for name := range named(t) {
		if strings.Contains(string(name.SVG()), "stroke") {
			t.Errorf("%s has a stroke", name)
		}
	}
}

func TestChimeIsAWaveOfItsOwnLength(t *testing.T) {
	b := Chime()
	if len(b) < 44 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		t.Fatal("not a WAV file")
	}
	if n := binary.LittleEndian.Uint32(b[4:]); int(n)+8 != len(b) {
		t.Errorf("says it has %d bytes, has %d", n+8, len(b))
	}
	if rate := binary.LittleEndian.Uint32(b[24:]); rate != 22050 {
		t.Errorf("%d samples a second", rate)
	}
}

func TestAnUnknownIconHasNoPicture(t *testing.T) {
	if Icon("../assets").SVG() != nil {
		t.Error("found something")
	}
}
