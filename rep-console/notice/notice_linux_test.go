package notice

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// soon is how long a test waits for what must come.
const soon = 20 * time.Second

// bus starts a session bus of the test's own.
func bus(t *testing.T) {
	t.Helper()
	address := "unix:path=" + filepath.Join(t.TempDir(), "bus")
	cmd := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1", "--address="+address)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting dbus-daemon (is its package installed?): %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // says that it was killed
	})
	if _, err := out.Read(make([]byte, 1)); err != nil { // it listens
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
}

// screen shows notifications, as a desktop does.
type screen struct {
	conn *dbus.Conn
	can  []string

	mu    sync.Mutex
	last  uint32
	shown chan call
}

type call struct {
	id                   uint32
	app, title, text     string
	actions              []string
	suppresses, replaces bool
}

func newScreen(t *testing.T, can ...string) *screen {
	t.Helper()
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &screen{conn: conn, can: can, shown: make(chan call, 64)}
	if err := conn.Export(s, path, service); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(service, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *screen) GetCapabilities() ([]string, *dbus.Error) { return append([]string{}, s.can...), nil }

func (s *screen) Notify(app string, replaces uint32, _, title, text string, actions []string, hints map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	quiet, _ := hints["suppress-sound"].Value().(bool)
	s.shown <- call{s.last, app, title, text, actions, quiet, replaces != 0}
	return s.last, nil
}

func (s *screen) say(t *testing.T, signal string, args ...any) {
	t.Helper()
	if err := s.conn.Emit(path, signal, args...); err != nil {
		t.Fatal(err)
	}
}

func running(t *testing.T) *Board {
	t.Helper()
	b := New()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return b
}

func come[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(soon):
		t.Fatalf("%s does not come", what)
		panic("unreachable")
	}
}

func TestK02ANotificationIsAnsweredByItsButtons(t *testing.T) {
	rows := []struct {
		name    string
		signals func(s *screen, t *testing.T, id uint32)
		want    string
	}{
		{"a button", func(s *screen, t *testing.T, id uint32) { s.say(t, invoked, id, "accept") }, "accept"},
		{"the notification itself", func(s *screen, t *testing.T, id uint32) { s.say(t, invoked, id, "default") }, ""},
		{"nonsense before it", func(s *screen, t *testing.T, id uint32) {
			s.say(t, invoked, "x")
			s.say(t, invoked, "x", 7)
			s.say(t, invoked, id+100, "accept")
			s.say(t, service+".ActivationToken", id, "accept")
			s.say(t, invoked, id, "show")
		}, "show"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			bus(t)
			s := newScreen(t, "actions")
			pressed := make(chan string, 8)
			if err := running(t).Show(Notice{
				Title: "Maria is waiting", Text: "In: Printers", Buttons: []Button{{"accept", "Accept"}, {"show", "Show"}},
				Pressed: func(name string) { pressed <- name },
			}); err != nil {
				t.Fatal(err)
			}
			n := come(t, "the notification", s.shown)
			if n.title != "Maria is waiting" || n.text != "In: Printers" || n.app != "Handrail" || !n.suppresses || n.replaces {
				t.Errorf("shown: %+v", n)
			}
			if want := []string{"default", "", "accept", "Accept", "show", "Show"}; !slices.Equal(n.actions, want) {
				t.Errorf("buttons %q", n.actions)
			}
			r.signals(s, t, n.id)
			if got := come(t, "the answer", pressed); got != r.want {
				t.Errorf("pressed %q", got)
			}
			if len(pressed) > 0 {
				t.Errorf("pressed again: %q", <-pressed)
			}
		})
	}
}

func TestK02ANameIsNeverReadAsMarkup(t *testing.T) {
	for markup, want := range map[bool]string{false: `<a href="x">`, true: "&lt;a href=&#34;x&#34;&gt;"} {
		bus(t)
		var can []string
		if markup {
			can = []string{"body-markup"}
		}
		s := newScreen(t, can...)
		if err := running(t).Show(Notice{Title: "t", Text: `<a href="x">`}); err != nil {
			t.Fatal(err)
		}
		if n := come(t, "the notification", s.shown); n.text != want {
			t.Errorf("markup %v: shown as %q", markup, n.text)
		}
	}
}

func TestK02WithoutADesktopNothingHappensAndOneThatComesLaterIsFound(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	b := running(t)
	if err := b.Show(Notice{Title: "lost"}); err != nil {
		t.Fatal(err)
	}
	bus(t)
	s := newScreen(t)
	// The first may have been lost or found the bus that came meanwhile.
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(soon); ; {
		if err := b.Show(Notice{Title: "found"}); err != nil {
			t.Fatal(err)
		}
		select {
		case n := <-s.shown:
			if !strings.Contains("lost found", n.title) {
				t.Errorf("shown: %+v", n)
			}
			return
		case <-tick.C:
		case <-limit:
			t.Fatal("the desktop that came later is not found")
		}
	}
}

func TestNoticesThatNobodyTakesAreDroppedAndCounted(t *testing.T) {
	b := New()
	for range 3 * waiting {
		if err := b.Show(Notice{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.dropped.Load(); n != 2*waiting {
		t.Errorf("%d dropped", n)
	}
}
