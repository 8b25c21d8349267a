//go:build linux

package e2e

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// keeps puts a file of some bytes that don't compress onto a person's disk.
func (p *person) keeps(name string, size int) (path string) {
	p.t.Helper()
	path = filepath.Join(p.home, "desk", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	rng := rand.NewChaCha8([32]byte{byte(size), 7})
	block := make([]byte, 1<<20)
	for size > 0 {
		rng.Read(block)
		n := min(size, len(block))
		if _, err := f.Write(block[:n]); err != nil {
			p.t.Fatal(err)
		}
		size -= n
	}
	return path
}

// got is where something arrived on a person's disk.
func (p *person) got(name string) string {
	p.t.Helper()
	var found []string
	err := filepath.WalkDir(p.home, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == name && !strings.HasPrefix(path, filepath.Join(p.home, "desk")) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil || len(found) != 1 {
		p.t.Fatalf("%s has %q at %q, %v", p.who, name, found, err)
	}
	return found[0]
}

// sum tells files apart.
func sum(t testing.TB, path string) [sha256.Size]byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// arrived waits until both sides say so, and compares what was sent.
func arrived(from, to *person, path string) {
	from.t.Helper()
	name := filepath.Base(path)
	to.reads("lines", "“"+name+"”")
	to.wait(name+" on the disk", func() bool { return strings.Contains(to.fileLine(name), "Saved in") })
	from.wait(name+" to have arrived", func() bool { return strings.HasSuffix(from.fileLine(name), "Arrived.") })
	if sum(from.t, to.got(name)) != sum(from.t, path) {
		from.t.Errorf("what %s got of %s is something else", to.who, name)
	}
}

// fileLine is the line of the list about a file.
func (p *person) fileLine(name string) string {
	for line := range strings.Lines(p.read().Things["lines"].Text) {
		if strings.Contains(line, "“"+name+"”") {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return ""
}

// TestC03FilesGoBothWays sends files from the rep to the customer, who presses
// Save, and from the customer to the rep, who presses Take: by drag and drop
// onto the chat, in a window of its own as well.
func TestC03FilesGoBothWays(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	report := h.rep.keeps("Bericht für Maria (1).pdf", 3_000_000)
	h.rep.drops("entry", .5, -3, report)
	h.customer.see("allow")
	h.customer.photo("file-asked")
	h.rep.photo("file-waits")
	h.customer.click("allow")
	arrived(h.rep, h.customer, report)
	h.customer.photo("file-saved")
	h.rep.photo("file-arrived")

	log := h.customer.keeps("printer.log", 40_000)
	h.customer.drops("entry", .5, -2, log)
	h.rep.see("take-file")
	h.rep.photo("file-offered")
	h.rep.click("take-file")
	arrived(h.customer, h.rep, log)

	main := h.rep.read().Window
	h.rep.click("detach")
	h.rep.wait("a window of its own", func() bool { return h.rep.see("entry").Window != main })
	picture := h.rep.keeps("picture.png", 70_000)
	h.rep.drops("entry", .5, -3, picture)
	h.customer.click("allow")
	arrived(h.rep, h.customer, picture)

	// A program is warned of; no is no.
	tool := h.rep.keeps("tool.exe", 1000)
	h.rep.drops("entry", .5, -3, tool)
	h.customer.see("refuse")
	h.customer.photo("file-program")
	h.customer.click("refuse")
	h.rep.wait("the no", func() bool { return strings.HasSuffix(h.rep.fileLine("tool.exe"), "Maria did not take it.") })
	h.rep.photo("file-refused")
}

// TestC03AFolderFallsOnThePicture drops a folder onto the picture of the
// customer's screen, and has the customer drop one while the rep is in control,
// which needs a press of its own.
func TestC03AFolderFallsOnThePicture(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	h.grant("control")
	var files []string
	for _, name := range []string{"Treiber/lies mich.txt", "Treiber/x64/größe.bin", "Treiber/x64/leer"} {
		files = append(files, h.rep.keeps(name, 10_000*len(files)))
	}
	folder := filepath.Dir(files[0])
	h.rep.drops("viewer", .5, .5, folder)
	h.customer.click("allow")
	h.customer.wait("the folder", func() bool { return strings.Contains(h.customer.fileLine("Treiber"), "Saved in") })
	there := h.customer.got("Treiber")
	for _, file := range files {
		rel, _ := filepath.Rel(folder, file)
		want, _ := os.ReadFile(file)
		got, err := os.ReadFile(filepath.Join(there, rel))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes instead of %d, %v", rel, len(got), len(want), err)
		}
	}
	note := h.customer.keeps("note.txt", 99)
	h.customer.drops("entry", .5, -2, note)
	h.customer.see("send-drop")
	h.customer.photo("file-dropped")
	if h.rep.fileLine("note.txt") != "" {
		t.Error("offered before the customer pressed anything")
	}
	h.customer.click("send-drop")
	h.rep.click("take-file")
	arrived(h.customer, h.rep, note)
}

// sparse is a file of so many bytes that takes no room.
func (p *person) sparse(name string, size int64) string {
	p.t.Helper()
	path := p.keeps(name, 1)
	if err := os.Truncate(path, size); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// TestC03EitherSideCancels cancels half-way, from each side, and takes an
// offer back. Nothing stays on the disk.
func TestC03EitherSideCancels(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	under := func(p *person, name string) func() bool {
		return func() bool { return strings.Contains(p.fileLine(name), " of ") }
	}
	one := h.rep.sparse("one.img", 8<<30)
	h.rep.drops("entry", .5, -3, one)
	h.customer.click("allow")
	h.rep.wait("it to be under way", under(h.rep, "one.img"))
	h.rep.photo("file-going")
	h.customer.photo("file-going")
	h.customer.click("cancel-file")
	h.rep.wait("the end", func() bool { return strings.HasSuffix(h.rep.fileLine("one.img"), "Maria cancelled it.") })
	h.customer.wait("the end", func() bool { return strings.HasSuffix(h.customer.fileLine("one.img"), "You cancelled it.") })

	two := h.customer.sparse("two.img", 8<<30)
	h.customer.drops("entry", .5, -2, two)
	h.rep.click("take-file")
	h.customer.wait("it to be under way", under(h.customer, "two.img"))
	h.customer.click("cancel-file")
	h.rep.wait("the end", func() bool { return strings.HasSuffix(h.rep.fileLine("two.img"), "Maria cancelled it.") })

	three := h.rep.keeps("three.txt", 3)
	h.rep.drops("entry", .5, -3, three)
	h.customer.see("allow")
	h.rep.click("cancel-file")
	h.customer.gone("allow")
	h.customer.wait("it to be taken back", func() bool { return strings.HasSuffix(h.customer.fileLine("three.txt"), "Anna Weber took it back.") })
	for _, p := range []*person{h.rep, h.customer} {
		p.wait("nothing left of them", func() bool {
			left := 0
			_ = filepath.WalkDir(p.home, func(path string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() && !strings.HasPrefix(path, filepath.Join(p.home, "desk")) {
					if info, err := d.Info(); err == nil && info.Size() > 1<<20 {
						left++
					}
				}
				return nil
			})
			return left == 0
		})
	}
}

// TestC03AFileGoesOnAfterABreak stops the customer's program in the middle of a
// file, for longer than a connection lives.
func TestC03AFileGoesOnAfterABreak(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	file := h.rep.keeps("large.bin", 100_000_000)
	h.rep.drops("entry", .5, -3, file)
	h.customer.click("allow")
	h.rep.wait("it to be under way", func() bool { return strings.Contains(h.rep.fileLine("large.bin"), " of ") })
	h.customer.signal(syscall.SIGSTOP)
	h.rep.reads("way", "Connecting again")
	h.rep.wait("the file to wait", func() bool { return strings.Contains(h.rep.fileLine("large.bin"), "Waiting for the connection") })
	h.rep.photo("file-cut")
	h.customer.signal(syscall.SIGCONT)
	arrived(h.rep, h.customer, file)
	h.rep.reads("way", "Direct")
}

// done is how many megabytes of a file have arrived, by the card; 0 until they
// are some.
func (p *person) done(name string) (megabytes float64) {
	line := p.fileLine(name)
	if i := strings.LastIndex(line, ". "); i >= 0 {
		fmt.Sscanf(line[i+2:], "%f MB of", &megabytes)
	}
	return megabytes
}

// TestC03AFileGoesOnAfterARestart kills the customer's program in the middle of
// a file. In the next session the file is offered again, and what has arrived
// already is not sent once more.
func TestC03AFileGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	file := h.rep.keeps("large.bin", 300_000_000)
	h.rep.drops("entry", .5, -3, file)
	h.customer.click("allow")
	const half = 60
	h.customer.wait("some of it", func() bool { return h.customer.done("large.bin") > half })
	h.customer.kill(syscall.SIGKILL)

	h.customer.client(h.broker)
	h.customer.enter(h.rep.makeKey(), "Maria")
	h.rep.accepts("Maria")
	h.customer.reads("screen", "session")
	h.rep.drops("entry", .5, -3, file)
	h.customer.click("allow")
	h.rep.wait("it to go on", func() bool { return h.rep.done("large.bin") > 0 })
	if first := h.rep.done("large.bin"); first < half/2 {
		t.Errorf("it began anew: %v MB have arrived", first)
	}
	arrived(h.rep, h.customer, file)
}

// TestC03ALargeFileLeavesTheHandsFree controls the customer's desktop while a
// large file is on its way.
func TestC03ALargeFileLeavesTheHandsFree(t *testing.T) {
	t.Parallel()
	var notebook string
	h := begin(t, notes(&notebook))
	h.grant("control")
	file := h.rep.keeps("large.bin", 200_000_000)
	h.rep.drops("viewer", .5, .5, file)
	h.customer.click("allow")
	h.rep.wait("it to be under way", func() bool { return strings.Contains(h.rep.fileLine("large.bin"), " of ") })
	h.clickAt(300, 300)
	h.rep.types("while it is on its way")
	h.rep.keys("ctrl+s")
	h.rep.wait("the text in the customer's file", func() bool { return read(notebook) == "while it is on its way" })
	h.rep.photo("file-and-hands")
	arrived(h.rep, h.customer, file)
}
