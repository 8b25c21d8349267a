//go:build linux

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/shared/xdisplay"
)

// places is what a program of ours tells about its window.
type places struct {
	Window uint32           `json:"window"`
	Things map[string]thing `json:"things"`
}

// thing is a named button, field or text that is visible now.
type thing struct {
	X, Y, W, H int
	Text       string `json:"text"`
	Off        bool   `json:"off"` // a disabled button
	Focus      bool   `json:"focus"`
	Window     uint32 `json:"window"`
}

// at is the rectangle of a thing in its window.
func (x thing) at() image.Rectangle { return image.Rect(x.X, x.Y, x.X+x.W, x.Y+x.H) }

// read is what the person's program shows now.
func (p *person) read() places {
	var all places
	b, err := os.ReadFile(p.places)
	if err == nil {
		_ = json.Unmarshal(b, &all) // it is replaced whole; a missing one is empty
	}
	return all
}

func (p *person) wait(what string, ok func() bool) {
	p.t.Helper()
	xdisplay.WaitFor(p.t, p.who+": "+what, ok)
}

// see waits until a thing is there and usable.
func (p *person) see(name string) thing {
	p.t.Helper()
	var found thing
	p.wait("see "+name, func() bool {
		x, ok := p.read().Things[name]
		found = x
		return ok && !x.Off
	})
	return found
}

// reads waits until a thing's text holds some words.
func (p *person) reads(name, words string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("read %q in %s", words, name), func() bool {
		return strings.Contains(p.read().Things[name].Text, words)
	})
}

// gone waits until a thing is not there any more.
func (p *person) gone(name string) {
	p.t.Helper()
	p.wait(name+" to go", func() bool {
		_, ok := p.read().Things[name]
		return !ok
	})
}

// click presses the left button in the middle of a thing.
func (p *person) click(name string) {
	p.t.Helper()
	p.settles()
	for {
		x := p.see(name)
		p.mouse(x, 0.5, 0.5)
		p.noticed()
		if p.see(name).at() == x.at() {
			break
		}
		// It has moved meanwhile, as things do when a remark comes or goes.
	}
	p.xdo("mousedown", "1", "sleep", "0.08", "mouseup", "1")
	p.clicked, p.taken = time.Now(), p.takesIn()
	if slices.Contains(fields, name) {
		// The window manager sees a click before the program does, a key not.
		p.wait(name+" to have the keyboard", func() bool { return p.read().Things[name].Focus })
	}
}

// fields are the things that are typed into.
var fields = []string{"code", "name", "entry", "enrol-code", "type-entry", "move-find", "move-note", "note-text", "tell-title", "tell-text", "transcript-find"}

// settles waits until the toolkit counts the last click as over. It waits for a
// second one, and forgets a button that is pressed when that wait ends.
func (p *person) settles() {
	p.t.Helper()
	if p.taken == nil {
		return
	}
	var at time.Time
	p.wait("the last click to be taken in", func() bool {
		select {
		case at = <-p.taken:
			return true
		default:
			return false
		}
	})
	p.taken = nil
	if rest := betweenClicks - time.Since(at); rest > 0 {
		p.xdo("sleep", fmt.Sprint(rest.Seconds()))
	}
}

// noticed waits until the program has taken in what the mouse did: the toolkit
// takes a press for one at the place where the pointer was when it drew last.
func (p *person) noticed() {
	p.t.Helper()
	notices := p.notices()
	p.wait("the program to notice", notices)
}

// notices says, when it is asked again and again, whether the program has taken
// in what the mouse has done by now: it did so between two times that it told its
// places.
func (p *person) notices() func() bool {
	last, told := p.told(), 0
	return func() bool {
		if now := p.told(); now != last {
			last = now
			told++
		}
		return told >= 2
	}
}

// takesIn gives the time at which the program has taken in what the mouse has
// done by now. It looks until the test ends: the program may end before.
func (p *person) takesIn() <-chan time.Time {
	taken, notices := make(chan time.Time, 1), p.notices()
	go func() {
		look := time.NewTicker(5 * time.Millisecond)
		defer look.Stop()
		for !notices() {
			select {
			case <-look.C:
			case <-p.t.Context().Done():
				return
			}
		}
		taken <- time.Now()
	}()
	return taken
}

// told is when the program last told its places, as a number that grows.
func (p *person) told() int64 {
	file, err := os.Stat(p.places)
	if err != nil {
		return 0
	}
	return file.ModTime().UnixNano()
}

// slowPress presses and lets go as slowly as a finger does: the toolkit reads
// the mouse 60 times a second.
var slowPress = []string{"sleep", "0.05", "mousedown", "1", "sleep", "0.08", "mouseup", "1", "sleep", "0.1"}

// betweenClicks is a little longer than the toolkit waits for a second click.
const betweenClicks = 350 * time.Millisecond

// mouse moves the pointer to a place in a thing, in parts of its size.
func (p *person) mouse(x thing, fx, fy float64) {
	p.t.Helper()
	p.xdo(p.to(x, fx, fy)...)
}

// to is what xdotool needs to move the pointer there. Its --sync would wait
// for ever where the pointer is there already.
func (p *person) to(x thing, fx, fy float64) []string {
	w := x.Window
	if w == 0 {
		w = p.read().Window
	}
	return []string{
		"mousemove", "--window", fmt.Sprint(w),
		strconv.Itoa(x.X + int(fx*float64(x.W))), strconv.Itoa(x.Y + int(fy*float64(x.H))),
	}
}

// types types into what has the focus.
func (p *person) types(text string) {
	p.t.Helper()
	p.xdo("type", "--delay", "30", text)
}

func (p *person) keys(chord ...string) {
	p.t.Helper()
	p.xdo(append([]string{"key"}, chord...)...)
}

func (p *person) xdo(args ...string) string {
	p.t.Helper()
	return p.screen.Run("xdotool", args...)
}

// photo saves a screenshot in the -out folder, if there is one.
func (p *person) photo(name string) {
	if *out == "" {
		return
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		p.t.Error(err)
		return
	}
	// After a failure the test's own context has ended.
	file := filepath.Join(*out, fmt.Sprintf("%s-%s.png", name, p.who))
	if err := p.screen.Command(context.Background(), "import", "-window", "root", file).Run(); err != nil {
		p.t.Errorf("taking a photo of %s's screen: %v", p.who, err)
	}
}

// look is what is on the person's display now.
func (p *person) look() image.Image {
	p.t.Helper()
	file := filepath.Join(p.home, "look.png")
	p.screen.Run("import", "-window", "root", file)
	f, err := os.Open(file)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		p.t.Fatal(err)
	}
	return m
}

// colour is one pixel of an image, as red, green and blue of 8 bits.
func colour(m image.Image, x, y int) [3]uint8 {
	c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
	return [3]uint8{c.R, c.G, c.B}
}

// closeWindow presses the button by which the window manager closes windows,
// at the right end of the title.
func (p *person) closeWindow() {
	p.t.Helper()
	var pressed time.Time
	p.wait("the window to close or to ask", func() bool {
		place := p.read()
		if _, asks := place.Things["stay"]; asks || len(p.processes()) == 0 {
			return true
		}
		// The window manager misses a press while it learns a new keyboard.
		if time.Since(pressed) > pressAgain {
			x, y := p.closeButton(place.Window)
			p.xdo(append([]string{"mousemove", strconv.Itoa(x), strconv.Itoa(y)}, slowPress...)...)
			pressed = time.Now()
		}
		return false
	})
}

// closeButton is where it is now: a nudged window moves for a while.
func (p *person) closeButton(window uint32) (x, y int) {
	at := p.origin(thing{Window: window})
	var wide int
	for line := range strings.Lines(p.screen.Run("xwininfo", "-id", fmt.Sprint(window))) {
		fmt.Sscanf(strings.TrimSpace(line), "Width: %d", &wide)
	}
	return at.X + wide - 10, at.Y - 10
}

// pressAgain is when a person presses a button again that did nothing.
const pressAgain = 5 * time.Second
