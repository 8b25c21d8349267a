package look

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Place is where a named thing of a window is, in the window's pixels. Who
// tests the programs finds buttons and fields by it.
type Place struct {
	X, Y, W, H int
	Text       string `json:"text,omitempty"`
	Off        bool   `json:"off,omitempty"`    // it can't be used now
	Window     uint32 `json:"window,omitempty"` // another window than the main one
}

// Seen says where an object is; ok is false when nobody can see it.
func Seen(o fyne.CanvasObject) (place Place, ok bool) {
	driver := fyne.CurrentApp().Driver()
	canvas := driver.CanvasForObject(o)
	if canvas == nil || !o.Visible() || o.Size().IsZero() {
		return Place{}, false
	}
	at, scale := driver.AbsolutePositionForObject(o), canvas.Scale()
	px := func(x float32) int { return int(x*scale + 0.5) }
	place = Place{X: px(at.X), Y: px(at.Y), W: px(o.Size().Width), H: px(o.Size().Height)}
	switch o := o.(type) {
	case *widget.Button:
		place.Text, place.Off = o.Text, o.Disabled()
	case *widget.Label:
		place.Text = o.Text
	case fyne.Disableable:
		place.Off = o.Disabled()
	}
	return place, true
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
