package remoteview

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/remote"
)

// holder is what the window shows: the screen and the toolbar, which stands
// below it in a window and above it in full screen, where the pointer calls it
// at the upper edge; and the speed panel between the two.
type holder struct {
	widget.BaseWidget
	v     *View
	full  bool
	bar   bool
	meter bool
}

func newHolder(v *View) *holder {
	h := &holder{v: v, bar: true}
	h.ExtendBaseWidget(h)
	return h
}

// arrange puts the toolbar where the State wants it.
func (h *holder) arrange(s remote.State) {
	if s.Full == h.full && s.Bar == h.bar && s.Meter == h.meter {
		return
	}
	h.full, h.bar, h.meter = s.Full, s.Bar, s.Meter
	if h.bar {
		h.v.bar.stripe.Show()
	} else {
		h.v.bar.stripe.Hide()
	}
	h.Refresh()
	h.v.look() // the painter is where the screen is
}

// Show is for Fyne. The native painter must not wait for the next look.
func (h *holder) Show() {
	h.BaseWidget.Show()
	h.v.look()
}

// Hide is for Fyne.
func (h *holder) Hide() {
	h.BaseWidget.Hide()
	h.v.look()
}

// Enter gives the keyboard to the picture, as a click into it does.
func (h *holder) Enter() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(h.v.screen); c != nil && h.Visible() {
		c.Focus(h.v.screen)
	}
}

// CreateRenderer is for Fyne.
func (h *holder) CreateRenderer() fyne.WidgetRenderer {
	return &holderRenderer{h: h, objects: []fyne.CanvasObject{h.v.screen, h.v.meter.stripe, h.v.bar.stripe}}
}

type holderRenderer struct {
	h       *holder
	objects []fyne.CanvasObject
}

func (r *holderRenderer) MinSize() fyne.Size {
	return fyne.NewSize(320, 200).Max(fyne.NewSize(r.h.v.bar.stripe.MinSize().Width, 0))
}

func (r *holderRenderer) Layout(s fyne.Size) {
	v := r.h.v
	var tools float32
	if r.h.bar {
		tools = v.bar.stripe.MinSize().Height
	}
	speed := v.meter.high(s.Width)
	high := s.Height - tools - speed
	at := []fyne.CanvasObject{v.screen, v.meter.stripe, v.bar.stripe} // from the top
	highs := []float32{high, speed, tools}
	if r.h.full {
		slices.Reverse(at)
		slices.Reverse(highs)
	}
	var y float32
	for i, o := range at {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(s.Width, highs[i]))
		y += highs[i]
	}
	v.lookSoon() // not now: what is around the view may still be moving
}

func (r *holderRenderer) Refresh() {
	r.Layout(r.h.Size())
	r.h.v.screen.Refresh()
	r.h.v.meter.stripe.Refresh()
	r.h.v.bar.stripe.Refresh()
}

func (r *holderRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *holderRenderer) Destroy()                     {}
