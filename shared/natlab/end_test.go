//go:build linux

package natlab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"handrail/shared/site"
)

// patience is for a loaded machine; nothing waits that long in vain.
const patience = 60 * time.Second

// program is the broker as it is shipped, built once.
var program string

// broker is the broker's process in a lab.
type broker struct {
	l    *lab
	data string
	cmd  *exec.Cmd
	log  *os.File
	site string // the file that clients get
}

// startBroker starts the broker where everybody in the lab can reach it.
func startBroker(l *lab) *broker {
	l.t.Helper()
	b := &broker{l: l, data: filepath.Join(l.t.TempDir(), "broker")}
	var err error
	if b.log, err = os.Create(filepath.Join(l.t.TempDir(), "broker.log")); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		b.kill()
		if text, _ := os.ReadFile(b.log.Name()); l.t.Failed() {
			l.t.Logf("the broker's log:\n%s", text)
		}
		_ = b.log.Close()
	})
	b.start()
	b.site = filepath.Join(l.t.TempDir(), "site.json")
	if err := os.WriteFile(b.site, []byte(b.tell("site")), 0o600); err != nil {
		l.t.Fatal(err)
	}
	return b
}

func (b *broker) start() {
	b.l.t.Helper()
	public := brokerIP + ":443"
	if b.l.homes[0].kind.no4 || b.l.homes[1].kind.no4 {
		public = "[" + brokerIP6 + "]:443"
	}
	b.cmd = b.l.command("broker", program, "run", "--data", b.data, "--listen", ":443", "--turn", ":3478", "--public", public, "--verbose")
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	b.cmd.Stderr = b.log
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		b.l.t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		b.l.t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "ready ") {
			return
		}
	}
	b.l.t.Fatal("the broker did not get ready")
}

// kill ends the broker as a power cut would.
func (b *broker) kill() {
	if b.cmd != nil {
		_ = b.cmd.Process.Kill()
		_ = b.cmd.Wait() // it was killed
		b.cmd = nil
	}
}

// tell runs one of the broker's commands beside the running broker.
func (b *broker) tell(args ...string) string {
	b.l.t.Helper()
	cmd := exec.Command(program, append([]string{args[0], "--data", b.data}, args[1:]...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		b.l.t.Fatalf("broker %v: %v\n%s", args, err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// end is one of the two ends, in a process of its own.
type end struct {
	l    *lab
	home *home
	cmd  *exec.Cmd
	say  *json.Encoder
	log  *os.File

	mu    sync.Mutex // guards the following
	told  []report
	taken int // of told, how many were waited for
	more  chan struct{}
}

// startEnd starts the test binary as an end, in its home.
func startEnd(b *broker, h *home, first order) *end {
	l := b.l
	l.t.Helper()
	where, err := site.Read(b.site)
	if err != nil {
		l.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		l.t.Fatal(err)
	}
	e := &end{l: l, home: h, more: make(chan struct{}, 1)}
	if e.log, err = os.Create(filepath.Join(l.t.TempDir(), h.end()+".log")); err != nil {
		l.t.Fatal(err)
	}
	e.cmd = l.command(h.end(), self)
	role := map[int]string{0: asRep, 1: asCustomer}[h.n]
	e.cmd.Env = append(os.Environ(), labRole+"="+role)
	if h.kind.proxy != "" {
		e.cmd.Env = append(e.cmd.Env, h.kind.proxy+"=http://"+h.lan(1)+":"+proxyPort)
	}
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	e.cmd.Stderr = e.log
	in, err := e.cmd.StdinPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	var reader sync.WaitGroup
	reader.Go(func() { e.listen(json.NewDecoder(out)) })
	l.t.Cleanup(func() {
		_ = in.Close() // which is the order to end
		late := time.AfterFunc(patience, func() { _ = e.cmd.Process.Kill() })
		reader.Wait()
		if err := e.cmd.Wait(); err != nil {
			l.t.Errorf("%s: %v", role, err)
		}
		late.Stop()
		if text, _ := os.ReadFile(e.log.Name()); l.t.Failed() {
			l.t.Logf("%s's log:\n%s\nand reports:\n%s", role, text, e.all())
		}
		_ = e.log.Close()
	})
	e.say = json.NewEncoder(in)
	first.Site, first.Data = where, l.t.TempDir()
	e.tell(first)
	return e
}

// tell gives an order.
func (e *end) tell(o order) {
	e.l.t.Helper()
	if err := e.say.Encode(o); err != nil {
		e.l.t.Fatalf("%s takes no orders: %v", e.home.end(), err)
	}
}

// listen takes reports until the process ends.
func (e *end) listen(d *json.Decoder) {
	for {
		var r report
		if d.Decode(&r) != nil {
			return
		}
		e.mu.Lock()
		e.told = append(e.told, r)
		e.mu.Unlock()
		select {
		case e.more <- struct{}{}:
		default:
		}
	}
}

// hear waits for the next report of a kind; those before it are passed over.
func (e *end) hear(what string) report {
	e.l.t.Helper()
	ctx, cancel := context.WithTimeout(e.l.t.Context(), patience)
	defer cancel()
	for {
		e.mu.Lock()
		for e.taken < len(e.told) {
			r := e.told[e.taken]
			e.taken++
			if r.What == what {
				e.mu.Unlock()
				return r
			}
		}
		e.mu.Unlock()
		select {
		case <-e.more:
		case <-ctx.Done():
			e.l.t.Fatalf("%s never told %q; it told:\n%s", e.home.end(), what, e.all())
		}
	}
}

// ask gives an order and waits for the report that answers it.
func (e *end) ask(what string) report {
	e.l.t.Helper()
	e.tell(order{Do: what})
	return e.hear(what)
}

func (e *end) all() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var b strings.Builder
	for _, r := range e.told {
		fmt.Fprintf(&b, "%s %s %+v\n", r.At.Format("15:04:05.000"), r.What, r)
	}
	return b.String()
}

// startProxy runs an HTTP proxy on the home's router.
func startProxy(h *home) {
	self, err := os.Executable()
	if err != nil {
		h.l.t.Fatal(err)
	}
	cmd := h.l.command(h.nat(), self)
	cmd.Env = append(os.Environ(), labRole+"="+asProxy, labProxy+"="+h.lan(1)+":"+proxyPort)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		h.l.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		h.l.t.Fatal(err)
	}
	h.l.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	if !bufio.NewScanner(out).Scan() { // it says when it is there
		h.l.t.Fatal("no proxy")
	}
}

func testMain(m *testing.M) (int, error) {
	sweep()
	dir, err := os.MkdirTemp("", "handrail-natlab")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "broker")
	build := exec.Command("go", "build", "-o", program, "./broker")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("building the broker: %w\n%s", err, out)
	}
	code := m.Run()
	return code, tell(code == 0)
}
