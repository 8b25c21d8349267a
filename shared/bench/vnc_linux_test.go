package bench

import (
	"bufio"
	"fmt"
	"image"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds waiting for another program.
const patience = 20 * time.Second

// vnc is a running Xtigervnc. Handrail is measured on the same X server, with
// no viewer connected then.
type vnc struct {
	t       testing.TB
	display string
	addr    string
	pid     int
}

// startVNC starts one that ends with t.
func startVNC(t testing.TB, size image.Point) *vnc {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xtigervnc", "-displayfd", "3", "-geometry", fmt.Sprintf("%dx%d", size.X, size.Y), "-depth", "24",
		"-SecurityTypes", "None", "-localhost", "yes", "-AlwaysShared", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	startTied(t, cmd)
	w.Close()
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xtigervnc gave no display number: %v", err)
	}
	number, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return &vnc{
		t: t, display: fmt.Sprintf(":%d", number), pid: cmd.Process.Pid,
		addr: fmt.Sprintf("127.0.0.1:%d", 5900+number), // its rule
	}
}

// drawn is what it costs to have frames drawn with nobody watching.
type drawn struct {
	server spread        // for each frame that changes, the first left out
	beside time.Duration // in this process, on other threads than the one that draws
}

// drawing draws all frames.
func (v *vnc) drawing(p *player, file string) (d drawn) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	others := func() time.Duration { return processorTime(v.t, unix.CLOCK_PROCESS_CPUTIME_ID) - threadTime(v.t) }
	each(v.t, file, func(i int, f Frame) bool {
		if i == 0 {
			p.show(whole(f))
			d.beside = -others()
			return true
		}
		if len(f.Damage) == 0 {
			return true
		}
		p.prepare(f)
		before := serverTime(v.t, v.pid)
		p.draw(f.Damage)
		d.server = append(d.server, serverTime(v.t, v.pid)-before)
		return true
	})
	d.beside += others()
	return d
}

// watch shows the frames in lockstep: the next one is drawn when the viewer
// has exactly the last one. As real viewers do, ours always waits for an
// update.
func (v *vnc) watch(p *player, file string, encoding int32, without drawn) *vncRun {
	conn, err := net.Dial("tcp", v.addr)
	if err != nil {
		v.t.Fatal(err)
	}
	defer conn.Close()
	viewer, err := dialVNC(conn, encoding)
	if err != nil {
		v.t.Fatal(err)
	}
	run := &vncRun{}
	each(v.t, file, func(i int, f Frame) bool {
		if i == 0 {
			f = whole(f)
		}
		if len(f.Damage) == 0 {
			return true
		}
		viewer.ask(i > 0)
		p.prepare(f)
		before := serverTime(v.t, v.pid)
		p.draw(f.Damage)
		done := time.Now()
		var took time.Duration
		for same := false; !same; same = sameIn(viewer.pic, f.Image, f.Damage) {
			viewer.ask(true)
			if err := viewer.update(time.Now().Add(patience)); err != nil {
				v.t.Fatalf("frame %d: %v", i, err)
			}
			took = time.Since(done)
		}
		if i == 0 {
			run.First = viewer.received()
			return true
		}
		cost := serverTime(v.t, v.pid) - before
		if n := len(run.CPU); n < len(without.server) {
			cost -= without.server[n]
		}
		run.CPU = append(run.CPU, max(cost, 0))
		run.Latency = append(run.Latency, took)
		return true
	})
	run.Bytes = viewer.received() - run.First
	return run
}

// rest is the share of a core that the server needs while a viewer waits and
// nothing changes, and the bytes it sends.
func (v *vnc) rest(p *player, f Frame, long time.Duration) (core float64, bytes int64) {
	conn, err := net.Dial("tcp", v.addr)
	if err != nil {
		v.t.Fatal(err)
	}
	defer conn.Close()
	viewer, err := dialVNC(conn, encTight)
	if err != nil {
		v.t.Fatal(err)
	}
	p.show(whole(f))
	viewer.ask(false)
	for settled := time.Now().Add(time.Second); time.Now().Before(settled); viewer.ask(true) {
		if err := viewer.update(settled); err != nil {
			break // no more of them
		}
	}
	sent, before, begin := viewer.received(), serverTime(v.t, v.pid), time.Now()
	time.Sleep(long)
	return float64(serverTime(v.t, v.pid)-before) / float64(time.Since(begin)), viewer.raw.n - sent
}
