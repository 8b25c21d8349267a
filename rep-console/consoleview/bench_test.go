package consoleview

import (
	"image/color"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// bench is a rep's place in a test: the view in a window, and what the rep did there.
type bench struct {
	*testing.T
	v       *View
	w       fyne.Window
	did     []console.Event
	viewers map[wire.SessionID]fyne.CanvasObject
	opened  []string
	folders []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.Theme{})
	b := &bench{T: t, viewers: map[wire.SessionID]fyne.CanvasObject{}}
	b.v = New(Actions{
		Do: func(e console.Event) { b.did = append(b.did, e) },
		Viewer: func(id wire.SessionID) fyne.CanvasObject {
			if b.viewers[id] == nil {
				viewer := canvas.NewRectangle(color.Black)
				viewer.SetMinSize(fyne.NewSize(900, 600)) // wants more than there may be
				b.viewers[id] = viewer
			}
			return b.viewers[id]
		},
		Open: func(u *url.URL) { b.opened = append(b.opened, u.String()) },
		Show: func(place string) { b.folders = append(b.folders, place) },
	}, words.Speaker{})
	b.w = test.NewTempWindow(t, nil)
	b.v.Fill(b.w)
	b.w.Resize(fyne.NewSize(1280, 800))
	return b
}

// showing is a bench that shows a state.
func showing(t *testing.T, s console.State) *bench {
	t.Helper()
	b := newBench(t)
	b.v.Show(s)
	b.did = nil
	return b
}

// events gives and forgets what the rep did, without the moves of the focus
// and that anything was done at all.
func (b *bench) events() []console.Event {
	did := slices.DeleteFunc(b.did, func(e console.Event) bool {
		switch e.(type) {
		case console.Focus, console.Used:
			return true
		}
		return false
	})
	b.did = nil
	return did
}

func (b *bench) want(what string, events ...console.Event) {
	b.Helper()
	if got := b.events(); !reflect.DeepEqual(got, events) && len(got)+len(events) > 0 {
		b.Errorf("%s: did %#v, want %#v", what, got, events)
	}
}

// find gives the first thing in sight, in the order of drawing, that fits.
func (b *bench) find(what string, fits func(fyne.CanvasObject) bool) fyne.CanvasObject {
	b.Helper()
	if o := find(b.w.Content(), fits); o != nil {
		return o
	}
	b.Fatalf("there is no %s", what)
	return nil
}

func find(o fyne.CanvasObject, fits func(fyne.CanvasObject) bool) fyne.CanvasObject {
	if !o.Visible() {
		return nil
	}
	if fits(o) {
		return o
	}
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	for _, i := range inside {
		if found := find(i, fits); found != nil {
			return found
		}
	}
	return nil
}

// textOf is what stands on something that can be pressed.
func textOf(o fyne.CanvasObject) string {
	switch o := o.(type) {
	case *tool:
		return o.Text
	case *look.Button:
		return o.Text
	}
	return ""
}

// press taps the button with a text.
func (b *bench) press(x words.Sentence) {
	b.Helper()
	text := b.v.say(x)
	test.Tap(b.find("button "+text, func(o fyne.CanvasObject) bool { return textOf(o) == text }).(fyne.Tappable))
}

// pressHint taps the button whose hint begins so.
func (b *bench) pressHint(x words.Sentence) {
	b.Helper()
	hint := b.v.say(x)
	test.Tap(b.find("button with the hint "+hint, func(o fyne.CanvasObject) bool {
		t, ok := o.(*tool)
		return ok && strings.HasPrefix(t.Hint, hint)
	}).(fyne.Tappable))
}

// reads says whether a text can be seen.
func (b *bench) reads(text string) bool {
	return find(b.w.Content(), func(o fyne.CanvasObject) bool {
		switch o := o.(type) {
		case *canvas.Text:
			return strings.Contains(o.Text, text)
		case interface{ String() string }:
			return strings.Contains(o.String(), text)
		}
		return false
	}) != nil
}

func (b *bench) write(keys string) { test.Type(b.w.Canvas().Focused(), keys) }
