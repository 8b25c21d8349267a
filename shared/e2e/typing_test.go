//go:build linux

package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"handrail/shared/xdisplay"
)

// layouts are the customer's keyboards, as setxkbmap takes them.
var layouts = [][]string{
	{"us"}, {"de"}, {"fr"}, {"es"}, {"cz"}, {"tr"}, {"ru"}, {"us,ru"}, {"gr"}, {"us", "-variant", "dvorak"},
}

// texts have something from everywhere.
const (
	allScripts = "Zoë naïve Größe Ελλάδα Привет 世界 漢字 🙂🚀"
	allASCII   = "the quick brown fox; \\ | ~ @ # { } [ ] < > ? / ' \" ` ^ & * ( ) _ + - = 0123456789 %"
)

// terminal is an xterm on the customer's desktop that puts every line it gets
// into a file.
func terminal(file *string) func(*person) {
	return func(p *person) {
		p.t.Helper()
		*file = filepath.Join(p.home, "lines.txt")
		p.screen.Spawn("xterm", "-u8", "-geometry", "90x20+20+60", "-title", "lines", "-e", "bash", "-c", "cat >"+*file)
		p.wait("the terminal", func() bool {
			out, _ := p.screen.Command(p.t.Context(), "xdotool", "search", "--onlyvisible", "--name", "^lines$").Output()
			return len(out) > 0
		})
	}
}

// TestS07WhatTheRepTypesArrives types from the console, by keys and by the tool
// that types a text, into a real program on the customer's display, on ten
// keyboard layouts of the customer's.
func TestS07WhatTheRepTypesArrives(t *testing.T) {
	t.Parallel()
	var file string
	h := begin(t, terminal(&file))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the customer's program got:\n%s", read(file))
		}
	})
	h.grant("control")
	h.clickAt(200, 200)
	want, before := "", ""
	for _, layout := range layouts {
		name := strings.Join(layout, " ")
		h.customer.screen.Run("setxkbmap", layout...)
		before = h.customer.keymap()
		h.rep.types(allASCII)
		h.rep.keys("Return")
		want += allASCII + "\n"
		h.customer.wait("what was typed on "+name, func() bool { return read(file)+"\n" == want })

		h.rep.tool(allScripts)
		h.clickAt(200, 200)
		h.rep.keys("Return")
		want += allScripts + "\n"
		h.customer.wait("the text on "+name, func() bool { return read(file)+"\n" == want })
	}
	h.rep.photo("typed-on-all-layouts")
	h.customer.closeWindow()
	h.customer.click("leave")
	h.customer.ended()
	if h.customer.keymap() != before {
		t.Error("the customer's keyboard is not as it was")
	}
}

// tool types a text with the console's tool for that, pasting it there.
func (p *person) tool(text string) {
	p.t.Helper()
	p.click("type-text")
	p.see("type-entry")
	cmd := p.screen.Command(p.t.Context(), "xclip", "-i", "-selection", "clipboard")
	cmd.Stdin = strings.NewReader(text)
	if err := cmd.Run(); err != nil {
		p.t.Fatal(err)
	}
	p.click("type-entry")
	p.keys("ctrl+a", "ctrl+v")
	p.click("type-now")
	p.gone("type-entry")
}

// keymap is what every key makes, and which modifiers there are.
func (p *person) keymap() string {
	return p.screen.Run("xmodmap", "-pke") + p.screen.Run("xmodmap", "-pm")
}

// TestC09TheRepCannotPressHandrailsOwnButtons aims real clicks and keys of a
// rep in control at the customer's own Handrail windows: nothing arrives. What
// is beside them works, before and after.
func TestC09TheRepCannotPressHandrailsOwnButtons(t *testing.T) {
	t.Parallel()
	var file string
	h := begin(t, terminal(&file))
	h.grant("control")
	h.clickAt(200, 200)
	h.rep.types("before")
	h.rep.keys("Return")
	h.customer.wait("the line before", func() bool { return read(file) == "before" })

	stop := h.customer.see("stop")
	at := h.customer.origin(stop)
	for _, p := range [][2]int{
		{at.X + stop.W/2, at.Y + stop.H/2}, // STOP SHARING
		{at.X + stop.W/2, at.Y - 12},       // near the window's upper edge
		h.barStop(),                        // Stop on the bar
	} {
		fx, fy := h.at(p[0], p[1])
		h.rep.mouse(h.rep.see("viewer"), fx, fy)
		h.rep.xdo(slowPress...)
		h.rep.types("x")
	}
	entry := h.customer.see("entry")
	at = h.customer.origin(entry)
	fx, fy := h.at(at.X+20, at.Y+20)
	h.rep.mouse(h.rep.see("viewer"), fx, fy)
	h.rep.xdo(slowPress...)
	h.rep.types("written by the rep")
	h.rep.keys("Return")

	// The terminal still has the customer's keyboard, so what the rep typed
	// went there or nowhere; a line of chat it can't have become.
	h.clickAt(200, 200)
	h.rep.keys("ctrl+u")
	h.rep.types("after")
	h.rep.keys("Return")
	h.customer.wait("the line after", func() bool { return strings.HasSuffix(read(file), "\nafter") })
	h.customer.see("stop")
	if lines := h.customer.read().Things["lines"].Text; strings.Contains(lines, "rep\n") || strings.Contains(lines, "stopped") {
		t.Errorf("the rep used the customer's window:\n%s", lines)
	}

	// And the customer's own click works at once.
	h.customer.click("stop")
	h.rep.gone("viewer")
}

// barStop is the middle of the bar's button: the bar is centred at the top and
// its button is at the right end.
func (h helped) barStop() [2]int {
	h.rep.t.Helper()
	m := h.customer.look()
	y := 24
	orange := colour(m, 1, 400)
	right := 0
	for x := m.Bounds().Dx() - 10; x > m.Bounds().Dx()/2; x-- {
		if colour(m, x, y) == orange {
			right = x
			break
		}
	}
	if right == 0 {
		h.rep.t.Fatal("no bar at the top of the customer's screen")
	}
	return [2]int{right - 30, y}
}

// TestS04MonitorsAndResolution changes the customer's monitors in a session.
func TestS04MonitorsAndResolution(t *testing.T) {
	t.Parallel()
	h := begin(t, func(p *person) {
		p.screen.Run("xsetroot", "-solid", "#204060")
	})
	h.grant("view")
	xdisplay.WaitFor(t, "the customer's screen", h.same)

	output := strings.Fields(h.customer.screen.Run("xrandr", "--listmonitors"))
	name := output[len(output)-1]
	h.customer.screen.Run("xrandr", "--setmonitor", "left", "640/170x800/210+0+0", name)
	h.customer.screen.Run("xrandr", "--setmonitor", "right", "640/170x800/210+640+0", "none")
	h.rep.click("monitors")
	h.rep.keys("Down", "Down", "Return")
	h.rep.wait("the first monitor alone", func() bool {
		v := h.rep.read().Things["viewer"]
		return v.H > 0 && near(v.H*640/800, v.W)
	})
	h.rep.photo("one-of-two-monitors")

	h.customer.screen.Run("xrandr", "--delmonitor", "right")
	h.customer.screen.Run("xrandr", "--delmonitor", "left")
	h.customer.screen.Run("xrandr", "--newmode", "1024x768", "65", "1024", "1048", "1184", "1344", "768", "771", "777", "806")
	h.customer.screen.Run("xrandr", "--addmode", "screen", "1024x768")
	h.customer.screen.Run("xrandr", "--output", "screen", "--mode", "1024x768")
	h.rep.wait("a picture of the new shape", func() bool {
		v := h.rep.read().Things["viewer"]
		return v.H > 0 && near(v.W*768/1024, v.H)
	})
	xdisplay.WaitFor(t, "the customer's screen after the change", h.same)
}
