//go:build linux

package e2e

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"handrail/shared/postgres"
	"handrail/shared/xdisplay"
)

var (
	out   = flag.String("out", "", "folder for screenshots and a transcript")
	built = flag.String("programs", "", "folder of programs to play with, instead of building them")
)

// programs are the three programs, built once for all tests.
var programs struct {
	once sync.Once
	dir  string
	err  error
}

// server has the database that several brokers share.
var server *postgres.Server

func TestMain(m *testing.M) {
	code := postgres.Main(m, func(s *postgres.Server) { server = s })
	if programs.dir != "" {
		os.RemoveAll(programs.dir)
	}
	os.Exit(code)
}

// program is the path of a freshly built program.
func program(t testing.TB, name string) string {
	t.Helper()
	if *built != "" {
		return filepath.Join(*built, name)
	}
	programs.once.Do(func() {
		programs.dir, programs.err = os.MkdirTemp("", "handrail-e2e-")
		if programs.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-trimpath", "-tags", "x11,migrated_fynedo", "-ldflags", "-s -w",
			"-o", programs.dir, "./broker", "./customer-client", "./rep-console")
		cmd.Dir = "../.."
		if b, err := cmd.CombinedOutput(); err != nil {
			programs.err = fmt.Errorf("building the programs: %w\n%s", err, b)
		}
	})
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	return filepath.Join(programs.dir, name)
}

// brokerRun is a broker that can be killed and started again where it was.
type brokerRun struct {
	t                    testing.TB
	data                 string
	control, turn, https string   // addresses; the same after a restart
	temp                 string   // its folder for temporary files
	env                  []string // of its own
	cmd                  *exec.Cmd
	log                  *os.File
}

// startBroker starts a broker with a fresh data folder on ports of its own.
func startBroker(t testing.TB) *brokerRun {
	t.Helper()
	b := newBroker(t)
	b.start()
	return b
}

// newBroker is a broker that has not been started.
func newBroker(t testing.TB, env ...string) *brokerRun {
	t.Helper()
	b := &brokerRun{
		t: t, data: filepath.Join(t.TempDir(), "broker"), temp: t.TempDir(), control: "127.0.0.1:0", turn: "127.0.0.1:0", env: env,
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "broker.log"))
	if err != nil {
		t.Fatal(err)
	}
	b.log = log
	t.Cleanup(func() {
		b.kill()
		if left, err := os.ReadDir(b.temp); err != nil || len(left) != 0 {
			t.Errorf("the broker left %v behind, %v", left, err)
		}
		b.showLog()
		log.Close()
	})
	return b
}

func (b *brokerRun) start() {
	b.t.Helper()
	b.cmd = exec.Command(program(b.t, "broker"), "run", "--data", b.data, "--name", "Example Ltd",
		"--listen", b.control, "--turn", b.turn, "--public", "127.0.0.1")
	b.cmd.Env = append(append(os.Environ(), "TMPDIR="+b.temp), b.env...)
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	b.cmd.Stderr = b.log
	stdout, err := b.cmd.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "ready ") {
			continue
		}
		for _, f := range strings.Fields(lines.Text())[1:] {
			name, value, _ := strings.Cut(f, "=")
			switch name {
			case "control":
				b.control = value
			case "turn":
				b.turn = value
			case "https":
				b.https = value
			}
		}
		return
	}
	b.showLog()
	b.t.Fatal("the broker did not get ready")
}

// kill ends the broker as a power cut would.
func (b *brokerRun) kill() { b.end(syscall.SIGKILL) }

// end ends the broker with a signal; good says that it calls this its work.
func (b *brokerRun) end(s syscall.Signal) (good bool) {
	if b.cmd != nil {
		_ = b.cmd.Process.Signal(s)
		good = b.cmd.Wait() == nil
		b.cmd = nil
	}
	return good
}

func (b *brokerRun) showLog() {
	if b.t.Failed() {
		text, _ := os.ReadFile(b.log.Name())
		b.t.Logf("the broker's log:\n%s", text)
	}
}

// tell runs one of the broker's commands beside the running broker.
func (b *brokerRun) tell(args ...string) string {
	b.t.Helper()
	return b.offline(append([]string{args[0], "--data", b.data}, args[1:]...)...)
}

// offline runs one of the broker's commands that need no broker.
func (b *brokerRun) offline(args ...string) string {
	b.t.Helper()
	cmd := exec.Command(program(b.t, "broker"), args...)
	cmd.Env = append(os.Environ(), b.env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		b.t.Fatalf("broker %v: %v\n%s", args, err, stderr.String())
	}
	return strings.TrimSpace(string(text))
}

// site writes the site file that clients of this broker get.
func (b *brokerRun) site() string {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "site.json")
	if err := os.WriteFile(path, []byte(b.tell("site")), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// person is somebody at a display of their own with one of the programs.
type person struct {
	t      testing.TB
	who    string
	screen *xdisplay.Display
	cmd    *exec.Cmd
	log    *os.File
	places string
	home   string
	temp   string   // the program's folder for temporary files
	before []string // the windows that were there before the program

	clicked time.Time        // the last time
	taken   <-chan time.Time // when the program took that in; nil: long ago
}

// sit gives a person a display with a window manager.
func sit(t testing.TB, who, size string) *person {
	t.Helper()
	d := xdisplay.Start(t, size)
	d.Openbox()
	p := &person{t: t, who: who, screen: d, home: t.TempDir(), temp: t.TempDir()}
	p.places = filepath.Join(p.home, "places.json")
	p.pretendBrowser()
	var err error
	if p.log, err = os.Create(filepath.Join(p.home, "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			p.photo("failed")
			text, _ := os.ReadFile(p.log.Name())
			t.Logf("%s's log:\n%s", who, text)
			text, _ = os.ReadFile(p.places)
			t.Logf("%s's window:\n%s", who, text)
		}
		p.kill(syscall.SIGKILL)
		p.log.Close()
	})
	return p
}

// open starts a program of ours and waits for its window.
func (p *person) open(name string, args ...string) {
	p.t.Helper()
	_ = os.Remove(p.places)
	p.before = p.windows()
	p.cmd = p.screen.Command(context.Background(), program(p.t, name), args...)
	p.cmd.Env = append(p.cmd.Env, "HANDRAIL_PLACES="+p.places, "HOME="+p.home, "XDG_CONFIG_HOME="+p.home, "TMPDIR="+p.temp,
		"PATH="+p.home+":"+os.Getenv("PATH"), "XDG_RUNTIME_DIR="+p.home, "PULSE_SERVER=unix:"+p.home+"/no-sound", "DBUS_SESSION_BUS_ADDRESS=unix:path="+p.home+"/no-bus")
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.wait("a window", func() bool { return p.read().Window != 0 && p.inFront() })
}

// kill ends the person's program with a signal and waits for its end.
func (p *person) kill(s syscall.Signal) {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(s)
	_ = p.cmd.Wait()
	p.cmd = nil
}

// ended waits until the program has ended by itself.
func (p *person) ended() {
	p.t.Helper()
	done := make(chan struct{})
	cmd := p.cmd
	go func() { _ = cmd.Wait(); close(done) }()
	select {
	case <-done:
		p.cmd = nil
	case <-time.After(30 * time.Second):
		p.t.Fatalf("%s's program does not end", p.who)
	}
}
