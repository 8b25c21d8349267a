//go:build linux

package e2e

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// helped is a session that has begun: a rep, a customer, a broker.
type helped struct {
	broker        *brokerRun
	rep, customer *person
}

// begin brings a rep and a customer together by a session key, up to the rep's
// Accept. On the customer's desktop is what before puts there.
func begin(t testing.TB, before func(customer *person)) helped {
	t.Helper()
	h := helped{broker: startBroker(t)}
	h.rep = sit(t, "rep", "1400x900")
	h.customer = sit(t, "customer", "1280x800")
	if before != nil {
		before(h.customer)
	}
	h.rep.work(h.broker)
	h.customer.open("customer-client", "--site", h.broker.site(), "--data", filepath.Join(h.customer.home, "client"))
	h.customer.enter(h.rep.makeKey(), "Maria")
	h.rep.click("accept")
	h.customer.reads("screen", "session")
	return h
}

// work opens a console for a new rep and signs in.
func (p *person) work(b *brokerRun) {
	p.t.Helper()
	p.enrols(b, "Anna Weber")
}

// enrols is work for a rep of this name.
func (p *person) enrols(b *brokerRun, name string) {
	p.t.Helper()
	code := b.tell("enrol", "--name", name)
	p.open("rep-console", "--site", b.site(), "--data", filepath.Join(p.home, "console"))
	p.click("enrol-code")
	p.types(code)
	p.click("enrol")
	p.see("new-key")
}

// makeKey makes a session key and reads it.
func (p *person) makeKey() string {
	p.t.Helper()
	before := p.clipboard()
	p.click("new-key")
	key := before
	p.wait("a new key on the clipboard", func() bool {
		p.click("copy-key")
		key = p.clipboard()
		return key != before && strings.Contains(key, "·")
	})
	return key
}

// enter types a session key and a name into the customer's form.
func (p *person) enter(key, name string) {
	p.t.Helper()
	p.click("code")
	p.keys("ctrl+a", "Delete")
	p.types(strings.Map(digits, key))
	p.click("name")
	p.keys("ctrl+a", "Delete")
	p.types(name)
	p.click("connect")
}

func digits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// grant has the rep ask for something and the customer allow it.
func (h helped) grant(what string) {
	h.rep.t.Helper()
	h.rep.click("ask-" + what)
	h.customer.click("allow")
	h.customer.see("stop")
	h.rep.see("viewer")
}

// notes is an editor with an empty file on the customer's desktop.
func notes(file *string) func(*person) {
	return func(p *person) {
		p.t.Helper()
		*file = filepath.Join(p.home, "notes.txt")
		if err := os.WriteFile(*file, nil, 0o600); err != nil {
			p.t.Fatal(err)
		}
		p.screen.Spawn("dbus-run-session", "--", "mousepad", "--disable-server", *file)
		p.wait("the editor", func() bool {
			out, _ := p.screen.Command(p.t.Context(), "xdotool", "search", "--onlyvisible", "--name", "notes.txt").Output()
			return len(out) > 0
		})
		p.xdo("search", "--onlyvisible", "--name", "notes.txt", "windowmove", "20", "60", "windowsize", "700", "600")
	}
}

// at is where a place of the customer's desktop is in the rep's picture.
func (h helped) at(x, y int) (fx, fy float64) {
	b := h.customer.look().Bounds()
	return float64(x) / float64(b.Dx()), float64(y) / float64(b.Dy())
}

// clickAt clicks in the rep's picture where the customer's desktop has x, y, and
// waits until the customer's pointer is there. The first click into the
// picture takes the keyboard along.
func (h helped) clickAt(x, y int) {
	h.rep.t.Helper()
	fx, fy := h.at(x, y)
	h.rep.mouse(h.rep.see("viewer"), fx, fy)
	h.rep.xdo(slowPress...)
	h.customer.wait(fmt.Sprintf("the pointer at %d,%d", x, y), func() bool {
		px, py := h.customer.pointer()
		return near(px, x) && near(py, y)
	})
}

func near(a, b int) bool { return a-b <= 2 && b-a <= 2 }

// TestX04MainJob is what Handrail is for, once through, from the session key
// to goodbye. With -out it is the demo.
func TestX04MainJob(t *testing.T) {
	var file string
	h := begin(t, notes(&file))
	rep, customer := h.rep, h.customer
	entered := time.Now()
	customer.reads("lines", "")

	rep.says("Good morning, how can I help?")
	customer.reads("lines", "Good morning, how can I help?")
	customer.says("My notes are gone.")
	rep.reads("lines", "My notes are gone.")
	rep.photo("1-chat")
	customer.photo("1-chat")

	rep.click("ask-control")
	customer.see("allow")
	customer.photo("2-the-question")
	customer.click("allow")
	rep.see("viewer")
	customer.reads("banner", "Anna Weber")
	rep.wait("the customer's screen", func() bool { return h.same() })
	t.Logf("from Accept to the first picture, with two people clicking: %v", time.Since(entered).Round(time.Millisecond))
	rep.photo("3-control")
	customer.photo("3-control")

	h.clickAt(300, 300)
	rep.screen.Run("setxkbmap", "de")
	const text = "Gr\u00fc\u00dfe: \u00e4\u00f6\u00fc {[~@|]} \\ 100 %"
	rep.types(text)
	rep.keys("ctrl+s")
	rep.wait("the text in the customer's file", func() bool { return read(file) == text })
	rep.wait("the same picture on both sides", func() bool { return h.same() })
	rep.photo("4-typed")

	rep.click("nudge")
	customer.reads("lines", "attention")
	customer.wait("the window in front", customer.inFront)

	customer.click("stop")
	customer.gone("stop")
	rep.gone("viewer")
	rep.keys("x", "ctrl+s")
	if got := read(file); got != text {
		t.Errorf("after STOP SHARING %q reached the customer's editor", got)
	}
	rep.photo("5-stopped")
	customer.photo("5-stopped")

	customer.closeWindow()
	customer.click("leave")
	customer.ended()
	rep.reads("lines", "ended")
	rep.photo("6-over")
	h.transcript()
	rep.kill(syscall.SIGTERM)
}

// transcript leaves what both read in the -out folder.
func (h helped) transcript() {
	if *out == "" {
		return
	}
	text := h.rep.read().Things["lines"].Text
	if err := os.WriteFile(filepath.Join(*out, "transcript.txt"), []byte(text), 0o644); err != nil {
		h.rep.t.Error(err)
	}
}

func read(file string) string {
	b, _ := os.ReadFile(file) // a missing file reads as empty
	return strings.TrimSuffix(string(b), "\n")
}

// same compares the rep's picture with the customer's screen, at its scale:
// alike is a mean difference below a few levels of brightness.
func (h helped) same() bool {
	place, ok := h.rep.read().Things["viewer"]
	if !ok {
		return false
	}
	theirs, ours := h.customer.look(), h.rep.look()
	origin := h.rep.origin(place)
	size := theirs.Bounds().Size()
	sum, n := 0, 0
	for y := 4; y < place.H; y += 7 {
		for x := 4; x < place.W; x += 7 {
			a := colour(ours, origin.X+x, origin.Y+y)
			b := colour(theirs, x*size.X/place.W, y*size.Y/place.H)
			for i := range a {
				d := int(a[i]) - int(b[i])
				sum += max(d, -d)
				n++
			}
		}
	}
	return n > 0 && sum/n < 12
}

// origin is where a thing is on the person's display.
func (p *person) origin(x thing) image.Point {
	p.t.Helper()
	w := x.Window
	if w == 0 {
		w = p.read().Window
	}
	var at image.Point
	for line := range strings.Lines(p.screen.Run("xwininfo", "-id", fmt.Sprint(w))) {
		fmt.Sscanf(strings.TrimSpace(line), "Absolute upper-left X: %d", &at.X)
		fmt.Sscanf(strings.TrimSpace(line), "Absolute upper-left Y: %d", &at.Y)
	}
	return at.Add(image.Pt(x.X, x.Y))
}

// pointer is where the person's pointer is.
func (p *person) pointer() (x, y int) {
	for line := range strings.Lines(p.xdo("getmouselocation", "--shell")) {
		fmt.Sscanf(line, "X=%d", &x)
		fmt.Sscanf(line, "Y=%d", &y)
	}
	return x, y
}

// inFront says whether the program's window has the focus.
func (p *person) inFront() bool {
	active, _ := p.screen.Command(p.t.Context(), "xdotool", "getactivewindow").Output() // fails where there is none
	return strings.TrimSpace(string(active)) == fmt.Sprint(p.read().Window)
}

// says writes a line of chat.
func (p *person) says(text string) {
	p.t.Helper()
	p.click("entry")
	p.types(text)
	p.keys("Return")
}

// clipboard is what was copied last.
func (p *person) clipboard() string {
	b, _ := p.screen.Command(p.t.Context(), "xclip", "-o", "-selection", "clipboard").Output()
	return string(b)
}
