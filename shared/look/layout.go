package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// Sized gives an object a size of its own, at the usual size of text: it grows
// with the text around it.
func Sized(o fyne.CanvasObject, s fyne.Size) fyne.CanvasObject {
	return container.New(fixed{size: s, grows: true}, o)
}

type fixed struct {
	size  fyne.Size
	grows bool
}

// usualText is the size of text at scale 1.
const usualText = 14

func (f fixed) MinSize([]fyne.CanvasObject) fyne.Size {
	if !f.grows {
		return f.size
	}
	times := theme.TextSize() / usualText
	return fyne.NewSize(f.size.Width*times, f.size.Height*times)
}

func (f fixed) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	size := f.MinSize(nil)
	for _, o := range objects {
		o.Move(fyne.NewPos((s.Width-size.Width)/2, (s.Height-size.Height)/2))
		o.Resize(size)
	}
}

// Atleast says how small a window may get, whatever is in it. What then has no
// room must scroll.
func Atleast(min fyne.Size, o fyne.CanvasObject) *fyne.Container {
	return container.New(atleast{min}, o)
}

type atleast struct{ min fyne.Size }

func (a atleast) MinSize([]fyne.CanvasObject) fyne.Size { return a.min }

func (a atleast) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(s)
	}
}

// Scrolling is as high as what is in it, and scrolls when it gets less.
func Scrolling(o fyne.CanvasObject) *fyne.Container {
	return container.New(scrolling{o}, container.NewVScroll(o))
}

type scrolling struct{ content fyne.CanvasObject }

func (s scrolling) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := objects[0].Size().Width
	return fyne.NewSize(s.content.MinSize().Width, high(s.content, width))
}

func (s scrolling) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size)
}

// Wide stretches over the width there is but never beyond most units, and
// stays in the middle: forms don't grow across a big window.
func Wide(o fyne.CanvasObject, most float32) fyne.CanvasObject {
	return container.New(wide{most}, o)
}

type wide struct{ most float32 }

func (w wide) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	return m
}

func (w wide) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	width := min(s.Width, w.most)
	for _, o := range objects {
		o.Move(fyne.NewPos((s.Width-width)/2, 0))
		o.Resize(fyne.NewSize(width, s.Height))
	}
}

// Rows puts objects under each other with gap units between them. Unlike
// Fyne's box it gives wrapping text its width before it asks for its height.
func Rows(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&column{gap: gap}, objects...)
}

// Column is Rows in which one object takes all the height that is left. Where
// too little is left even without it, the squeezed one gets less than it needs;
// it may be nil.
func Column(gap float32, stretched, squeezed fyne.CanvasObject, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&column{gap: gap, stretched: stretched, squeezed: squeezed}, objects...)
}

type column struct {
	gap, width          float32
	stretched, squeezed fyne.CanvasObject
}

// high is how high o has to be when it is as wide as given.
func high(o fyne.CanvasObject, width float32) float32 {
	if width > 0 && o.Size().Width != width {
		o.Resize(fyne.NewSize(width, o.Size().Height))
	}
	return o.MinSize().Height
}

func (c *column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if m.Height > 0 {
			m.Height += c.gap
		}
		m.Height += high(o, c.width)
		m.Width = max(m.Width, o.MinSize().Width)
	}
	return m
}

func (c *column) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	c.width = s.Width
	spare := s.Height - c.MinSize(objects).Height
	lacks := -spare
	if c.stretched != nil && c.stretched.Visible() {
		lacks -= high(c.stretched, s.Width)
	}
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := high(o, s.Width)
		switch {
		case o == c.stretched && spare >= -h:
			h += spare
		case o == c.stretched:
			h = 0
		case o == c.squeezed && lacks > 0:
			h = max(h-lacks, 0)
		}
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(s.Width, h))
		y += h + c.gap
	}
}

// Beside puts side to the right of main if main keeps at least so many times
// the size of text, else below it: large text and narrow windows need the
// room.
func Beside(main, side fyne.CanvasObject, times float32) *fyne.Container {
	return container.New(&beside{times: times}, main, side)
}

type beside struct{ times, width float32 }

// besideGap is the room between the two.
const besideGap = 8

func (b *beside) fits(o []fyne.CanvasObject) bool {
	return b.width == 0 || b.width-o[1].MinSize().Width-besideGap >= b.times*theme.TextSize()
}

func (b *beside) MinSize(o []fyne.CanvasObject) fyne.Size {
	side := o[1].MinSize()
	if !o[1].Visible() {
		return fyne.NewSize(o[0].MinSize().Width, high(o[0], b.width))
	}
	if b.fits(o) {
		return fyne.NewSize(max(o[0].MinSize().Width, side.Width), max(high(o[0], b.width-side.Width-besideGap), side.Height))
	}
	return fyne.NewSize(max(o[0].MinSize().Width, side.Width), high(o[0], b.width)+besideGap+side.Height)
}

func (b *beside) Layout(o []fyne.CanvasObject, s fyne.Size) {
	b.width = s.Width
	side := o[1].MinSize()
	o[1].Resize(side)
	switch {
	case !o[1].Visible():
		o[0].Move(fyne.NewPos(0, 0))
		o[0].Resize(s)
	case b.fits(o):
		width := s.Width - side.Width - besideGap
		h := high(o[0], width)
		o[0].Move(fyne.NewPos(0, (s.Height-h)/2))
		o[0].Resize(fyne.NewSize(width, h))
		o[1].Move(fyne.NewPos(s.Width-side.Width, (s.Height-side.Height)/2))
	default:
		h := high(o[0], s.Width)
		o[0].Move(fyne.NewPos(0, 0))
		o[0].Resize(fyne.NewSize(s.Width, h))
		o[1].Move(fyne.NewPos(s.Width-side.Width, h+besideGap))
	}
}

// Pair puts two buttons side by side, equally wide, or under each other where
// that is too narrow for them.
func Pair(a, b fyne.CanvasObject) *fyne.Container { return container.New(&pair{}, a, b) }

type pair struct{ width float32 }

func (p *pair) each(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize().Max(o[1].MinSize()) }

func (p *pair) fits(o []fyne.CanvasObject) bool {
	return p.width == 0 || 2*p.each(o).Width+besideGap <= p.width
}

func (p *pair) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := p.each(o)
	if !p.fits(o) {
		m.Height = 2*m.Height + besideGap
	}
	return m
}

func (p *pair) Layout(o []fyne.CanvasObject, s fyne.Size) {
	p.width = s.Width
	m := p.each(o)
	o[0].Move(fyne.NewPos(0, 0))
	if p.fits(o) {
		half := fyne.NewSize((s.Width-besideGap)/2, m.Height)
		o[0].Resize(half)
		o[1].Resize(half)
		o[1].Move(fyne.NewPos(half.Width+besideGap, 0))
		return
	}
	m.Width = s.Width
	o[0].Resize(m)
	o[1].Resize(m)
	o[1].Move(fyne.NewPos(0, m.Height+besideGap))
}

// Leading puts an icon in front of something that may be several lines high;
// the icon stays at the first.
func Leading(icon, o fyne.CanvasObject) *fyne.Container { return container.New(&leading{}, icon, o) }

type leading struct{ width float32 }

func (l *leading) MinSize(o []fyne.CanvasObject) fyne.Size {
	icon := o[0].MinSize()
	h := high(o[1], max(l.width-icon.Width-besideGap, 0))
	return fyne.NewSize(icon.Width+besideGap+o[1].MinSize().Width, max(h, icon.Height))
}

func (l *leading) Layout(o []fyne.CanvasObject, s fyne.Size) {
	l.width = s.Width
	icon := o[0].MinSize()
	h := high(o[1], s.Width-icon.Width-besideGap)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(icon)
	y := float32(0)
	if h < s.Height { // one line beside a larger icon
		y = (s.Height - h) / 2
	}
	o[1].Move(fyne.NewPos(icon.Width+besideGap, y))
	o[1].Resize(fyne.NewSize(s.Width-icon.Width-besideGap, h))
}
