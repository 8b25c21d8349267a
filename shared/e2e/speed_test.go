//go:build linux

package e2e

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
)

// delays are how long things took.
type delays []time.Duration

func (d delays) report(b *testing.B, name string) {
	b.Helper()
	slices.Sort(d)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(d[len(d)/2]), name+"-p50-ms")
	b.ReportMetric(ms(d[len(d)*95/100]), name+"-p95-ms")
	b.ReportMetric(0, "ns/op")
}

// ticks is the processor time a process has used, in hundredths of a second.
func ticks(b *testing.B, pid int) int {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		b.Fatal(err)
	}
	f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return user + system
}

// effort measures what the programs use, in percent of one core.
type effort struct {
	b     *testing.B
	since time.Time
	pids  map[string]int
	begin map[string]int
	rests []string
}

// effort begins to measure. From then until report the programs don't tell
// where their buttons are, which costs more than being idle.
func (h helped) effort(b *testing.B) effort {
	b.Helper()
	e := effort{
		b: b, begin: map[string]int{},
		pids: map[string]int{"customer": h.customer.pid(), "rep": h.rep.pid()},
	}
	for _, p := range []*person{h.customer, h.rep} {
		rest := p.places + ".rest"
		if err := os.WriteFile(rest, nil, 0o600); err != nil {
			b.Fatal(err)
		}
		e.rests = append(e.rests, rest)
	}
	e.since = time.Now()
	for who, pid := range e.pids {
		e.begin[who] = ticks(b, pid)
	}
	return e
}

func (e effort) report() {
	e.b.Helper()
	took := time.Since(e.since).Seconds()
	for who, pid := range e.pids {
		e.b.ReportMetric(float64(ticks(e.b, pid)-e.begin[who])/took, who+"-cpu-%")
	}
	for _, file := range e.rests {
		if err := os.Remove(file); err != nil {
			e.b.Error(err)
		}
	}
	e.b.ReportMetric(0, "ns/op")
}

// spot is a part of a display that somebody looks at.
type spot struct {
	*eye
	r    image.Rectangle
	last []byte
}

// changed says whether the spot has changed since the last look.
func (s *spot) changed() bool {
	now := s.part(s.r)
	if bytes.Equal(now, s.last) {
		return false
	}
	s.last = now
	return true
}

// mapped is where the rep sees a place of the customer's desktop.
func (h helped) mapped(x, y int) image.Point {
	v := h.rep.see("viewer")
	size := h.customer.look().Bounds()
	return h.rep.origin(v).Add(image.Pt(x*v.W/size.Dx(), y*v.H/size.Dy()))
}

// BenchmarkSession is a session of two people at screens of 1920×1080, measured
// from outside: on the two displays, and by the processor time of the programs.
//
//	go test -run '^$' -bench Session -benchtime 10x ./shared/e2e
//
// For the scenes that go on by themselves one turn is a second.
func BenchmarkSession(b *testing.B) {
	const wide, high = 1920, 1080
	size := fmt.Sprintf("%dx%d", wide, high)
	var lines string
	h := helped{broker: startBroker(b)}
	h.rep, h.customer = sit(b, "rep", size), sit(b, "customer", size)
	h.customer.screen.Run("xsetroot", "-solid", "#204060")
	terminal(&lines)(h.customer)
	h.rep.work(h.broker)
	h.customer.client(h.broker)
	key := h.rep.makeKey()
	idle := func(b *testing.B) {
		e := h.effort(b)
		for b.Loop() {
			time.Sleep(time.Second)
		}
		e.report()
	}
	b.Run("idle, before", idle)
	b.Run("key to knock", func(b *testing.B) {
		var all delays
		for b.Loop() {
			h.customer.enter(key, "Maria")
			entered := h.customer.clicked
			h.rep.see("accept")
			all = append(all, time.Since(entered))
			h.rep.click("decline")
			h.customer.click("again")
			key = h.rep.makeKey()
		}
		all.report(b, "entered-to-knock") // to a tenth of a second: so often the programs tell
	})
	h.customer.enter(key, "Maria")
	h.rep.click("accept")
	h.customer.reads("screen", "session")
	b.Run("idle, talking", idle)
	b.Run("allowed", h.allowed)
	h.grant("control")
	h.rep.wait("the customer's screen", h.same)
	h.clickAt(200, 200)
	for _, view := range []string{"window", "full screen"} {
		if view == "full screen" {
			h.rep.click("full")
			h.rep.wait("full screen", func() bool { return h.rep.read().Things["viewer"].W == wide })
			h.clickAt(200, 200)
		}
		b.Run(view, func(b *testing.B) { h.scenes(b, idle) })
	}
}

// allowed measures from the customer's finger leaving Allow to the first
// picture at the rep's.
func (h helped) allowed(b *testing.B) {
	h.grant("view")
	h.rep.wait("the customer's screen", h.same)
	here, at := openEye(b, h.rep.screen), h.mapped(1500, 1000)
	desktop := here.colour(at)
	stop := func() {
		h.customer.click("stop")
		h.rep.gone("viewer")
		here.until("the picture to go", func() bool { return here.colour(at) != desktop })
	}
	stop()
	var all delays
	for b.Loop() {
		h.rep.click("ask-view")
		h.customer.click("allow")
		all = append(all, here.until("the first picture", func() bool { return here.colour(at) == desktop }))
		stop()
	}
	all.report(b, "allowed-to-sight")
}

func (h helped) scenes(b *testing.B, idle func(*testing.B)) {
	there, here := openEye(b, h.customer.screen), openEye(b, h.rep.screen)
	b.Run("idle", idle)
	b.Run("typed", func(b *testing.B) {
		const a, enter = 38, 36
		at := h.mapped(20, 60)
		r := image.Rectangle{Min: at, Max: at.Add(image.Pt(360, 200))}
		var all delays
		for i := 0; b.Loop(); i++ {
			before := here.part(r)
			here.tap([]byte{a, enter}[i/40%2*(i%40/39)])
			all = append(all, here.until("a letter", func() bool { return !bytes.Equal(here.part(r), before) }))
		}
		all.report(b, "key-to-sight")
	})
	for name, r := range map[string]image.Rectangle{
		"200x200": image.Rect(900, 500, 1100, 700), "1600x900": image.Rect(10, 120, 1610, 1020),
	} {
		b.Run("drawn "+name, func(b *testing.B) {
			there.canvas(r)
			defer xproto.DestroyWindow(there.conn, there.window)
			mid := r.Min.Add(r.Max).Div(2)
			at := h.mapped(mid.X, mid.Y)
			here.until("the canvas", func() bool { return here.colour(at) == [3]int{} })
			var all delays
			for i := 1; b.Loop(); i++ {
				want := [3]int{i * 37 % 256, i * 101 % 256, i * 59 % 256}
				there.fill(uint32(want[0] | want[1]<<8 | want[2]<<16))
				all = append(all, here.until("what was drawn", func() bool { return here.colour(at) == want }))
			}
			all.report(b, "drawn-to-sight")
		})
	}
	b.Run("terminal", func(b *testing.B) {
		file := filepath.Join(b.TempDir(), "print.sh")
		if err := os.WriteFile(file, []byte(printing), 0o600); err != nil {
			b.Fatal(err)
		}
		defer h.beside(b, "xterm", "-geometry", "180x60+10+120", "-title", "busy", "-e", "sh", file)()
		h.watch(b, there, here)
	})
	b.Run("scrolling", func(b *testing.B) {
		file := filepath.Join(b.TempDir(), "busy.txt")
		var text strings.Builder
		for i := range uint32(4000) { // no line is like another
			fmt.Fprintf(&text, "%d %s\n", i, strings.Repeat(fmt.Sprintf("%08x says a page of text ", i*2654435761), int(i%5+1)))
		}
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			b.Fatal(err)
		}
		defer h.beside(b, "dbus-run-session", "--", "mousepad", "--disable-server", file)()
		h.customer.xdo("search", "--onlyvisible", "--name", "busy", "windowmove", "10", "120", "windowsize", "1600", "900")
		h.customer.xdo("mousemove", "800", "600")
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			there.turn(stop)
		}()
		defer func() { close(stop); <-stopped }()
		h.watch(b, there, here)
	})
}

// printing is a program that prints four lines 60 times a second.
const printing = `i=0
while :; do
	i=$((i+1))
	echo "$i $i $i the quick brown fox jumps over the lazy dog $i $i"
	[ $((i%4)) = 0 ] && sleep 0.015
done
`

// beside starts a program on the customer's desktop whose window is called
// busy, until the function it returns is called.
func (h helped) beside(b *testing.B, name string, args ...string) (end func()) {
	b.Helper()
	cmd := h.customer.screen.Spawn(name, args...)
	seen := func() bool {
		out, _ := h.customer.screen.Command(b.Context(), "xdotool", "search", "--onlyvisible", "--name", "busy").Output()
		return len(out) > 0
	}
	h.customer.wait("the program", seen)
	return func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		h.customer.wait("the program to go", func() bool { return !seen() })
	}
}

// watch counts the pictures that the rep sees in a second, beside those that
// the customer sees, and what they cost.
func (h helped) watch(b *testing.B, there, here *eye) {
	b.Helper()
	r := image.Rect(200, 500, 400, 540)
	theirs, ours := &spot{eye: there, r: r}, &spot{eye: here, r: image.Rectangle{Min: h.mapped(r.Min.X, r.Min.Y), Max: h.mapped(r.Max.X, r.Max.Y)}}
	for seen := 0; seen < 20; {
		here.until("the program", ours.changed)
		seen++
	}
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	e, drawn, shown := h.effort(b), 0, 0
	for b.Loop() {
		for end := time.Now().Add(time.Second); time.Now().Before(end); <-tick.C {
			if theirs.changed() {
				drawn++
			}
			if ours.changed() {
				shown++
			}
		}
	}
	e.report()
	b.ReportMetric(float64(drawn)/float64(b.N), "drawn/s")
	b.ReportMetric(float64(shown)/float64(b.N), "shown/s")
}
