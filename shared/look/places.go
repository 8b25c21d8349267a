package look

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Place is where a named thing of a window is, in the window's pixels. Who
// tests the programs finds buttons and fields by it.
type Place struct {
	X, Y, W, H int
	Text       string `json:"text,omitempty"`
	Off        bool   `json:"off,omitempty"`    // it can't be used now
	Focus      bool   `json:"focus,omitempty"`  // it has the keyboard
	Window     uint32 `json:"window,omitempty"` // in which it is, on X11
}

// Seen says where an object is; ok is false when nobody can see it.
func Seen(o fyne.CanvasObject) (place Place, ok bool) {
	driver := fyne.CurrentApp().Driver()
	canvas := driver.CanvasForObject(o)
	if canvas == nil || !o.Visible() || o.Size().IsZero() {
		return Place{}, false
	}
	at, scale := driver.AbsolutePositionForObject(o), canvas.Scale()
	if at.IsZero() && o.Size() != canvas.Size() {
		return Place{}, false // it was taken out of the window: Fyne has no other answer
	}
	px := func(x float32) int { return int(x*scale + 0.5) }
	place = Place{X: px(at.X), Y: px(at.Y), W: px(o.Size().Width), H: px(o.Size().Height), Window: windowOf(canvas)}
	place.Focus = canvas.Focused() != nil && any(canvas.Focused()) == any(o)
	switch o := o.(type) {
	case *Button:
		place.Text, place.Off = o.Text, o.Disabled()
	case *Text:
		place.Text = o.String()
	case *widget.Label:
		place.Text = o.Text
	case fyne.Disableable:
		place.Off = o.Disabled()
	}
	return place, true
}

// windowOf is the number of the native window that shows a canvas.
func windowOf(c fyne.Canvas) uint32 {
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if w.Canvas() == c {
			return Handle(w)
		}
	}
	return 0
}

// Places finds what can be seen of named objects.
func Places(objects map[string]fyne.CanvasObject) map[string]Place {
	seen := map[string]Place{}
	for name, o := range objects {
		if p, ok := Seen(o); ok {
			seen[name] = p
		}
	}
	return seen
}

// WritePlaces puts the places of a window's things into a file, in one step.
func WritePlaces(file string, window uint32, things map[string]Place) error {
	b, err := json.Marshal(struct {
		Window uint32           `json:"window"`
		Things map[string]Place `json:"things"`
	}{window, things})
	if err != nil {
		return err
	}
	next := filepath.Join(filepath.Dir(file), ".places")
	return errors.Join(os.WriteFile(next, b, 0o600), os.Rename(next, file))
}

// TellPlaces keeps the file named by HANDRAIL_PLACES up to date until ctx ends.
// Between two times that it is written the program takes in what the mouse did.
// Without that variable, which only tests set, it does nothing, and it rests
// while there is a file of that name with .rest at its end. It is for a
// goroutine of its own; things is called on Fyne's.
func TellPlaces(ctx context.Context, window func() uint32, things func() map[string]Place) {
	file := os.Getenv("HANDRAIL_PLACES")
	if file == "" {
		return
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := os.Stat(file + ".rest"); err == nil {
			continue // a test measures what the program itself costs
		}
		told := make(chan struct{})
		fyne.Do(func() { // The toolkit moves things right after it has read mouse and keyboard.
			(&fyne.Animation{Tick: func(float32) {
				defer close(told)
				if err := WritePlaces(file, window(), things()); err != nil {
					slog.Warn("telling where things are", "err", err)
				}
			}}).Start()
		})
		select {
		case <-told:
		case <-ctx.Done():
			return
		}
	}
}
