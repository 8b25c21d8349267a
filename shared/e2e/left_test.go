//go:build linux

package e2e

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// nothingLeft waits until nothing of the person's program is there any more
// but what it remembers: no process, no window, no mark on the screen, no key
// or button held, no shared memory, no temporary file. pid was its number.
func (p *person) nothingLeft(pid int) {
	p.t.Helper()
	p.wait("every process to end", func() bool { return len(p.processes()) == 0 })
	p.wait("every window to go", func() bool { return slices.Equal(p.windows(), p.before) })
	p.wait("every key to be let go", func() bool { return p.held() == "" })
	p.wait("shared memory to be given back", func() bool { return !sharesMemory(pid) })
	for _, dir := range []string{p.temp, p.home} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (dir == p.temp || strings.Contains(d.Name(), "tmp")) {
				p.t.Errorf("%s's program left %s behind", p.who, path)
			}
			return err
		})
		if err != nil {
			p.t.Error(err)
		}
	}
}

// processes are those that the person's program has started, and itself.
func (p *person) processes() (pids []string) {
	mark := []byte("HANDRAIL_PLACES=" + p.places + "\x00")
	all, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range all {
		env, _ := os.ReadFile(file) // others' can't be read, and are none of ours
		if bytes.Contains(env, mark) {
			pids = append(pids, filepath.Base(filepath.Dir(file)))
		}
	}
	return pids
}

// windows are those on top of the person's desktop, whoever's they are.
func (p *person) windows() (ids []string) {
	p.t.Helper()
	for line := range strings.Lines(p.screen.Run("xwininfo", "-root", "-children")) {
		if id, _, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(id, "0x") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// marks counts the windows of the program that stand on the desktop itself:
// the frame round what is shared, and the bar (C11).
func (p *person) marks(pid int) int {
	out, _ := p.screen.Command(p.t.Context(), "xdotool", "search", "--onlyvisible", "--maxdepth", "1",
		"--pid", fmt.Sprint(pid)).Output() // it fails where there is none
	return len(strings.Fields(string(out)))
}

// The devices of an X server that injected input comes from, as xinput counts.
const testPointer, testKeyboard = "4", "5"

// held are the keys and buttons that programs hold down on the person's
// display.
func (p *person) held() string {
	p.t.Helper()
	var down []string
	for _, device := range []string{testPointer, testKeyboard} {
		for f := range strings.FieldsSeq(p.screen.Run("xinput", "query-state", device)) {
			if strings.HasSuffix(f, "=down") {
				down = append(down, f)
			}
		}
	}
	return strings.Join(down, " ")
}

// sharesMemory says whether a segment of shared memory that a process made is
// still there.
func sharesMemory(pid int) bool {
	list, _ := os.ReadFile("/proc/sysvipc/shm")
	for line := range strings.Lines(string(list)) {
		// key shmid perms size cpid lpid nattch …
		if f := strings.Fields(line); len(f) > 4 && f[4] == fmt.Sprint(pid) {
			return true
		}
	}
	return false
}
