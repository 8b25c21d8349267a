package e2e

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"

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
	Window     uint32 `json:"window"`
}

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
	x := p.see(name)
	p.mouse(x, 0.5, 0.5)
	p.xdo("click", "1")
}

// mouse moves the pointer to a place in a thing, in parts of its size.
func (p *person) mouse(x thing, fx, fy float64) {
	p.t.Helper()
	w := x.Window
	if w == 0 {
		w = p.read().Window
	}
	p.xdo("mousemove", "--sync", "--window", strconv.Itoa(int(w)),
		strconv.Itoa(x.X+int(fx*float64(x.W))), strconv.Itoa(x.Y+int(fy*float64(x.H))))
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
	p.screen.Run("import", "-window", "root", filepath.Join(*out, fmt.Sprintf("%s-%s.png", name, p.who)))
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
