package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// root is the top of the project, seen from this package's folder.
const root = "../.."

const module = "handrail"

// room is one line of the map: a package, its kind, and what it may import.
type room struct {
	path, kind string
	may        []string // own packages, and names from the doors block
}

// plan is the map of ARCHITECTURE.md.
type plan struct {
	rooms map[string]room
	doors map[string][]string // name → prefixes of import paths
}

// readPlan reads the fenced blocks `map` and `doors`.
func readPlan(t *testing.T) plan {
	t.Helper()
	text, err := os.ReadFile(root + "/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	p := plan{rooms: map[string]room{}, doors: map[string][]string{}}
	block := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			block = strings.TrimPrefix(line, "```")
		case line == "" || strings.HasPrefix(line, "#"):
		case block == "map":
			p.addRoom(t, line)
		case block == "doors":
			name, paths, ok := strings.Cut(line, ":")
			if !ok {
				t.Fatalf("a door without paths: %q", line)
			}
			p.doors[strings.TrimSpace(name)] = strings.Fields(paths)
		}
	}
	if len(p.rooms) == 0 || len(p.doors) == 0 {
		t.Fatal("ARCHITECTURE.md has no map or no doors block")
	}
	return p
}

// addRoom reads `kind path : imports | what it is for`.
func (p plan) addRoom(t *testing.T, line string) {
	t.Helper()
	head, purpose, ok := strings.Cut(line, "|")
	left, may, ok2 := strings.Cut(head, ":")
	f := strings.Fields(left)
	if !ok || !ok2 || len(f) != 2 || strings.TrimSpace(purpose) == "" {
		t.Fatalf("not `kind path : imports | purpose`: %q", line)
	}
	if !slices.Contains([]string{"pure", "door", "worker", "view", "main", "test"}, f[0]) {
		t.Fatalf("no such kind: %q", line)
	}
	p.rooms[f[1]] = room{path: f[1], kind: f[0], may: strings.Fields(may)}
}

// listed is what `go list` says about one package.
type listed struct {
	ImportPath, Dir string
	GoFiles         []string
	CgoFiles        []string
	Imports         []string
	Error           *struct{ Err string }
	Standard        bool
}

// list asks the go command for all packages as one system sees them. It reads
// sources only: no compiler is needed, cgo or not.
func list(t *testing.T, goos string) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-tags", "x11,migrated_fynedo", "-json=ImportPath,Dir,GoFiles,CgoFiles,Imports,Error", "./...")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list for %s: %v\n%s", goos, err, stderr.Bytes())
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
}

// name is a package's path inside the project, or "" for foreign ones.
func name(importPath string) string {
	n, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return ""
	}
	return n
}

// harmless only read and write text, whatever their names begin with.
var harmless = []string{"log/slog", "net/url"}

// impure is what pure packages may not import from the standard library, with
// what lies below. log/slog is allowed: a secret must be able to say how it
// looks in a log.
var impure = []string{"net", "os", "syscall", "unsafe", "runtime", "sync", "context", "log", "plugin", "testing"}

func TestEveryImportIsOnTheMap(t *testing.T) {
	p := readPlan(t)
	seen := map[string]bool{}
	used := map[string]bool{} // "room imports name", for each name on the map
	for _, goos := range []string{"linux", "windows", "darwin"} {
		for _, l := range list(t, goos) {
			if len(l.GoFiles)+len(l.CgoFiles) == 0 {
				continue
			}
			r, ok := p.rooms[name(l.ImportPath)]
			if !ok {
				t.Errorf("%s: %s is not on the map of ARCHITECTURE.md", goos, l.ImportPath)
				continue
			}
			seen[r.path] = true
			for _, i := range l.Imports {
				used[r.path+" "+p.called(i)] = true
				if why := p.wrong(r, i); why != "" {
					t.Errorf("%s: %s (%s) imports %s: %s", goos, r.path, r.kind, i, why)
				}
			}
		}
	}
	for path := range p.rooms {
		if !seen[path] {
			t.Errorf("%s is on the map and not in the house", path)
		}
	}
	for _, r := range p.rooms {
		for _, m := range r.may {
			if m != everything && !used[r.path+" "+m] {
				t.Errorf("the map lets %s import %s, and it does not", r.path, m)
			}
		}
	}
}

// called is what the map calls an imported path: an own package, or a door.
func (p plan) called(i string) string {
	if own := name(i); own != "" {
		return own
	}
	for door, prefixes := range p.doors {
		for _, prefix := range prefixes {
			if i == prefix || strings.HasPrefix(i, prefix+"/") {
				return door
			}
		}
	}
	return ""
}

// wrong says what is wrong with room r importing path i, "" for nothing.
func (p plan) wrong(r room, i string) string {
	if own := name(i); own != "" {
		if slices.Contains(r.may, own) || slices.Contains(r.may, everything) && meets(r.path, own) {
			return ""
		}
		return "the map does not say so"
	}
	if first, _, _ := strings.Cut(i, "/"); !strings.Contains(first, ".") {
		if r.kind == "pure" && !slices.Contains(harmless, i) && slices.ContainsFunc(impure, func(x string) bool { return i == x || strings.HasPrefix(i, x+"/") }) {
			return "pure packages touch no machine"
		}
		return ""
	}
	for _, m := range r.may {
		if m == everything {
			return ""
		}
		for _, prefix := range p.doors[m] {
			if i == prefix || strings.HasPrefix(i, prefix+"/") {
				return ""
			}
		}
	}
	return "no door of this room leads there"
}

// TestTheMapKeepsTheRules holds the map itself to the rules of the house.
func TestTheMapKeepsTheRules(t *testing.T) {
	p := readPlan(t)
	for _, r := range p.rooms {
		if strings.Count(r.path, "/") > 1 {
			t.Errorf("%s is deeper than top/package", r.path)
		}
		for _, m := range r.may {
			if m == everything && r.kind == "main" {
				continue
			}
			to, own := p.rooms[m]
			if _, isDoor := p.doors[m]; !own && !isDoor {
				t.Errorf("%s may import %s, which is neither a room nor a door", r.path, m)
				continue
			}
			if own {
				if why := misplaced(r, to); why != "" {
					t.Errorf("%s (%s) → %s (%s): %s", r.path, r.kind, to.path, to.kind, why)
				}
			}
		}
	}
}

// everything stands for all that a program's main may join: shared and its own
// tree.
const everything = "*"

// meets says whether two rooms may know of each other at all.
func meets(from, to string) bool {
	top := func(path string) string { first, _, _ := strings.Cut(path, "/"); return first }
	return top(to) == "shared" || top(to) == "assets" || top(to) == top(from)
}

// misplaced says why a room of one kind may not lead to one of another.
func misplaced(from, to room) string {
	if !meets(from.path, to.path) {
		return "the three programs meet only in shared"
	}
	allowed := map[string][]string{
		"pure":   {"pure"},
		"door":   {"pure", "door"},
		"worker": {"pure", "worker"},
		"view":   {"pure", "view"},
		"main":   {"pure", "door", "worker", "view", "test"},
		"test":   {"pure", "door", "worker", "test"},
	}
	if !slices.Contains(allowed[from.kind], to.kind) {
		return fmt.Sprintf("a %s knows no %s", from.kind, to.kind)
	}
	return ""
}
