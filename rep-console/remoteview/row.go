package remoteview

import (
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"handrail/rep-console/remote"
	"handrail/shared/look"
)

// row sets the tools side by side, then what is said, then route and way out.
// Where room is short tools keep their pictures alone, the most used last, and
// where it is shorter still some go into a menu.
type row struct{ b *bar }

const (
	toolWidth = 34 // of a tool without words
	toolGap   = 4
	sayWidth  = 210 // what is said wants at least this much, in two lines
	fewest    = 2   // tools that are always there
)

// label writes on the tools what they do, where there is room for it.
func (b *bar) label() {
	crowded := false
	for _, t := range b.all {
		text, icon := "", t.Icon
		if t.spoken {
			text = b.v.speak.Say(t.says())
		}
		if t.Button == b.zoom {
			icon = b.zooms[0]
			if b.s.Zoom != remote.Fit {
				icon = b.zooms[1]
			}
		}
		t.Set(text, icon)
		seen(t.Button, !t.gone)
		crowded = crowded || t.gone
	}
	seen(b.more, crowded)
}

// fit finds out which tools there is room for, and for whose words.
func (b *bar) fit(room float32) {
	left := room - float32(len(b.all))*(toolWidth+toolGap)
	if left < 0 {
		left -= toolWidth + toolGap // for the menu
	}
	for rank := len(b.all); rank > 0; rank-- {
		t := b.ranked(rank)
		t.spoken, t.gone = false, left < 0 && rank > fewest
		if t.gone {
			left += toolWidth + toolGap
		}
	}
	left -= sayWidth
	for rank := 1; rank <= len(b.all); rank++ {
		t := b.ranked(rank)
		left -= b.width(t.Button, b.v.speak.Say(t.says())) - toolWidth
		if left < 0 || t.gone {
			break
		}
		t.spoken = true
	}
}

// ranked is the tool with a rank.
func (b *bar) ranked(rank int) *tool {
	i := slices.IndexFunc(b.all, func(t *tool) bool { return t.rank == rank })
	return b.all[i]
}

func (r *row) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize((fewest+1)*(toolWidth+toolGap), r.b.leave.MinSize().Height)
}

func (r *row) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	b := r.b
	right := s.Width
	for _, o := range []fyne.CanvasObject{b.leave, b.route} {
		if o.Visible() {
			size := o.MinSize()
			right -= size.Width + toolGap
			o.Move(fyne.NewPos(right+toolGap, (s.Height-size.Height)/2))
			o.Resize(size)
		}
	}
	b.fit(right)
	b.label()
	x := float32(0)
	for _, t := range append(b.buttons(), b.more) {
		if !t.Visible() {
			continue
		}
		w := b.width(t, t.Text)
		t.Move(fyne.NewPos(x, 0))
		t.Resize(fyne.NewSize(w, s.Height))
		x += w + toolGap
	}
	b.saidAt, b.saidIn = fyne.NewPos(x, 0), fyne.NewSize(max(right-x, 0), s.Height)
	b.say()
}

// say sets what is said into its place, in two lines where one is too short.
func (b *bar) say() {
	at, room := b.saidAt, b.saidIn
	text := fyne.MeasureText(b.said.Text, theme.Size(b.said.SizeName), b.said.TextStyle)
	inner := room.Width - 2*theme.InnerPadding()
	lines := fyne.TextWrapOff
	if text.Width > inner && text.Width < 1.8*inner { // words don't break in the middle
		lines = fyne.TextWrapWord
	}
	cut := fyne.TextTruncateEllipsis
	if lines != fyne.TextWrapOff {
		cut = fyne.TextTruncateOff
	}
	if b.said.Wrapping != lines || b.said.Truncation != cut {
		b.said.Wrapping, b.said.Truncation = lines, cut
		b.said.Refresh()
	}
	b.said.Resize(fyne.NewSize(room.Width, room.Height))
	high := b.said.MinSize().Height
	b.said.Move(at.AddXY(0, float32(math.Floor(float64(room.Height-high)/2))))
	b.said.Resize(fyne.NewSize(room.Width, high))
}

func (b *bar) buttons() (list []*look.Button) {
	for _, t := range b.all {
		list = append(list, t.Button)
	}
	return list
}

// width is what a tool needs for a text beside its picture.
func (b *bar) width(t *look.Button, text string) float32 {
	if text == "" {
		return toolWidth
	}
	return toolWidth + 2*toolGap + fyne.MeasureText(text, t.Theme().Size(theme.SizeNameText), fyne.TextStyle{Bold: true}).Width
}
