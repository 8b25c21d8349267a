package look

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/shared/session"
	"handrail/shared/words"
)

// Timeline is the list that is chat and log of a session in one (C01). Only
// the lines in view exist as widgets and only they are measured, so that five
// thousand lines cost no more than fifty. It stays at the newest line while it
// is there, and says how many are new when it is not.
type Timeline struct {
	widget.BaseWidget
	speaker words.Speaker
	open    func(*url.URL)

	// OnFile is called when the person presses a button of a file's card.
	OnFile func(transfer uint32, act FileAct)
	// Home gets the focus when a button that has it goes away; nil is nobody.
	Home fyne.Focusable

	state  session.State
	left   map[uint32]time.Duration
	scale  float32
	text   float32 // size of text the heights were measured at
	width  float32
	height []float32 // by index into state.Lines; 0 is not measured yet
	tops   []float32 // where each line begins; one more than there are lines
	rows   map[int]*placed
	follow bool // the newest line is in view and stays so
	seen   int  // lines ever, when the newest was last in view
	busy   bool // placing: scrolling done by us is not the person's

	scroll *container.Scroll
	body   *body
	chip   *Button
	corner *fyne.Container
	tip    *Panel // the whole of a name that has no room
	told   *Text  // in it
	tipped fyne.CanvasObject
}

// placed is a line that exists as a widget.
type placed struct {
	row row
	obj fyne.CanvasObject
}

// NewTimeline makes an empty list. open is called when the person presses a
// link; nothing else opens one.
func NewTimeline(speaker words.Speaker, open func(*url.URL)) *Timeline {
	t := &Timeline{speaker: speaker, open: open, OnFile: func(uint32, FileAct) {}, scale: 1, follow: true, rows: map[int]*placed{}}
	t.body = &body{t: t}
	t.body.ExtendBaseWidget(t.body)
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.scrolled() }
	t.chip = NewButton("", Icon(assets.Down), widget.HighImportance, t.ToNewest)
	t.corner = container.NewHBox(t.chip)
	t.chip.Hide()
	t.told = Caption("")
	t.told.Wrapping = fyne.TextWrapBreak
	t.tip = NewPanel(Flush(t.told))
	t.tip.Radius, t.tip.Pad = 6, fyne.NewSize(8, 5)
	t.tip.Hide()
	t.ExtendBaseWidget(t)
	return t
}

// Set shows the lines of a session. left is by transfer how long it will still
// take, where that is known.
func (t *Timeline) Set(s session.State, left map[uint32]time.Duration) {
	if gone := s.Dropped - t.state.Dropped; gone != 0 || len(s.Lines) < len(t.state.Lines) {
		t.shift(gone)
	}
	t.state, t.left = s, left
	for len(t.height) < len(s.Lines) {
		t.height = append(t.height, 0)
	}
	t.place()
}

// shift forgets lines that fell off the front.
func (t *Timeline) shift(gone int) {
	if gone < 0 || gone > len(t.height) {
		gone = len(t.height)
	}
	rows := map[int]*placed{}
	for i, p := range t.rows {
		if i >= gone {
			rows[i-gone] = p
		}
	}
	if gone < len(t.tops) {
		base := t.tops[gone] - rowGap
		t.tops = append([]float32(nil), t.tops[gone:]...)
		for i := range t.tops {
			t.tops[i] -= base
		}
		t.scroll.Offset.Y = max(0, t.scroll.Offset.Y-base)
	}
	t.rows, t.height = rows, append([]float32(nil), t.height[gone:]...)
}

// SetScale changes the size of text: 1 is usual.
func (t *Timeline) SetScale(scale float32) {
	if t.scale != scale {
		t.scale = scale
		t.forget()
		t.place()
	}
}

// ToNewest goes to the newest line and stays there.
func (t *Timeline) ToNewest() {
	t.follow = true
	t.place()
}

// Page leafs by so many times what is in view, upwards if negative.
func (t *Timeline) Page(pages float32) {
	t.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: -pages * t.scroll.Size().Height}})
}

// Behind says how many lines have come since the newest was in view.
func (t *Timeline) Behind() int {
	if t.follow {
		return 0
	}
	return max(0, t.state.Dropped+len(t.state.Lines)-t.seen)
}

func (t *Timeline) forget() {
	t.hideTip()
	clear(t.height)
	t.rows = map[int]*placed{}
}

// showTip shows a text below what it is about, or above it at the list's end.
func (t *Timeline) showTip(text string, about fyne.CanvasObject) {
	t.tipped = about
	t.told.SetText(text)
	wide := max(min(natural(text, t.Theme().Size(theme.SizeNameCaptionText), fyne.TextStyle{}, t.Size().Width)+20, t.Size().Width-2*sideRoom), 60)
	t.tip.Resize(fyne.NewSize(wide, 0))
	h := t.tip.MinSize().Height
	t.tip.Resize(fyne.NewSize(wide, h))
	y := about.Position().Y - t.scroll.Offset.Y
	at := y + about.Size().Height + 2
	if at+h > t.Size().Height {
		at = max(y-h-2, 0)
	}
	t.tip.Move(fyne.NewPos(max(t.Size().Width-wide-sideRoom, 0)/2, at))
	t.tip.Show()
}

func (t *Timeline) hideTip() {
	if t.tipped != nil {
		t.tipped = nil
		t.tip.Hide()
	}
}

func (t *Timeline) scrolled() {
	if t.busy {
		return
	}
	t.hideTip()
	t.follow = t.scroll.Offset.Y >= t.total()-t.scroll.Size().Height-2
	t.place()
}

func (t *Timeline) total() float32 {
	if len(t.tops) == 0 {
		return 0
	}
	return t.tops[len(t.tops)-1]
}

// guess is the height of a line nobody has looked at yet.
func (t *Timeline) guess(i int) float32 {
	text := t.state.Lines[i].Text
	size := t.text * t.scale
	if t.state.Lines[i].Kind == session.LineTransfer {
		return 9 * size
	}
	perLine := max(10, t.width*0.7/(size*0.5))
	lines := 1 + float32(len(text))/perLine + float32(strings.Count(text, "\n"))
	return (1.4*lines + 1.4) * size
}

// sum works out where each line begins.
func (t *Timeline) sum() {
	t.tops = append(t.tops[:0], rowGap)
	y := float32(rowGap)
	for i := range t.state.Lines {
		h := t.height[i]
		if h == 0 {
			h = t.guess(i)
		}
		y += h + t.gapAfter(i)
		t.tops = append(t.tops, y)
	}
}

func (t *Timeline) gapAfter(i int) float32 {
	if i+1 < len(t.state.Lines) && !t.leads(i+1) {
		return sameGap
	}
	return rowGap
}

// leads says whether line i begins something: it is no message, or not soon
// after one of the same person.
func (t *Timeline) leads(i int) bool {
	l := t.state.Lines[i]
	if i == 0 || l.Kind != session.LineChat {
		return true
	}
	before := t.state.Lines[i-1]
	return before.Kind != session.LineChat || before.Mine != l.Mine || l.At.Sub(before.At) > together
}

// rowOf is what line i looks like.
func (t *Timeline) rowOf(i int) row {
	l := t.state.Lines[i]
	r := row{text: t.speaker.Line(l, t.state), time: t.speaker.Clock(l.At), lead: t.leads(i), scale: t.scale}
	r.mine = l.Mine
	if l.Kind == session.LineChat {
		r.chat, r.link = true, strings.Contains(strings.ToLower(l.Text), "http")
		r.pending = l.Mine && l.Seq > t.state.Acked
	} else {
		x, ok := words.Transfer(l.Transfer, t.state)
		if !ok {
			r.icon = iconOf(l)
			return r
		}
		r.file, r.mine = t.fileRowOf(x), x.Mine
	}
	if !r.mine {
		r.name = t.speaker.Peer(t.state)
		r.face = cmp.Or(t.state.Peer, r.name)
	}
	return r
}

// ensure makes the widget of line i and measures it.
func (t *Timeline) ensure(i int) {
	r := t.rowOf(i)
	p := t.rows[i]
	switch card, same := t.cardAt(p, r); {
	case p != nil && p.row == r:
	case same:
		card.set(r)
		p.row, t.height[i] = r, 0
	default:
		p = &placed{row: r, obj: newRow(r, t)}
		t.rows[i], t.height[i] = p, 0
	}
	if t.height[i] == 0 {
		p.obj.Resize(fyne.NewSize(t.width, p.obj.Size().Height))
		t.height[i] = max(p.obj.MinSize().Height, 1)
	}
}

// cardAt finds the card of a transfer that is there already, to be changed.
func (*Timeline) cardAt(p *placed, r row) (card *fileCard, same bool) {
	if p == nil || r.file.id == 0 || p.row.scale != r.scale || p.row.face != r.face {
		return nil, false
	}
	card, same = p.obj.(*fileCard)
	return card, same && card.r.file.id == r.file.id
}

// place decides which lines are in view and puts them there.
func (t *Timeline) place() {
	size := t.scroll.Size()
	if size.Width <= 0 || size.Height <= 0 || t.busy {
		return
	}
	t.busy = true
	defer func() { t.busy = false }()
	anchor, within := t.anchor()
	text := t.Theme().Size(theme.SizeNameText)
	if t.width != size.Width || t.text != text {
		t.width, t.text = size.Width, text
		t.forget()
	}
	t.sum()
	first, last := t.fill(anchor, within, size.Height)
	for i := range t.rows {
		if i < first || i > last {
			delete(t.rows, i)
		}
	}
	t.body.lay()
	// Fyne clamps the offset to the size the content has, so that comes first.
	t.body.Resize(fyne.NewSize(size.Width, max(t.total(), size.Height)))
	t.scroll.Refresh()
	if t.follow {
		t.seen = t.state.Dropped + len(t.state.Lines)
	}
	t.showChip()
}

// anchor is the line at the top of the view and how far it sticks out.
func (t *Timeline) anchor() (line int, within float32) {
	y := t.scroll.Offset.Y
	for i := range t.tops {
		if i+1 < len(t.tops) && t.tops[i+1] > y {
			return i, y - t.tops[i]
		}
	}
	return 0, 0
}

// fill measures the lines in view, sets the offset, and says which they are.
// What is measured above the anchor moves the offset, not what is in view.
func (t *Timeline) fill(anchor int, within, height float32) (first, last int) {
	n := len(t.state.Lines)
	if n == 0 {
		t.scroll.Offset.Y = 0
		return 0, -1
	}
	if t.follow {
		room := height
		first = n
		for first > 0 && room > 0 {
			first--
			t.ensure(first)
			room -= t.height[first] + t.gapAfter(first)
		}
		t.sum()
		t.scroll.Offset.Y = max(0, t.total()-height)
		return first, n - 1
	}
	ref, y := t.reference(min(anchor, n-1), within, height)
	t.ensure(ref)
	first, last = ref, ref
	for top := y; top > 0 && first > 0; {
		first--
		t.ensure(first)
		top -= t.height[first] + t.gapAfter(first)
	}
	for bottom := y + t.height[ref]; bottom < height && last+1 < n; {
		bottom += t.gapAfter(last)
		last++
		t.ensure(last)
		bottom += t.height[last]
	}
	t.sum()
	t.scroll.Offset.Y = min(max(0, t.tops[ref]-y), max(0, t.total()-height))
	return first, last
}

// reference is the line that must not move while others are measured: the
// first one in view whose height is known, else the one at the top. y is where
// in the view it begins.
func (t *Timeline) reference(anchor int, within, height float32) (line int, y float32) {
	y = -within
	for i := anchor; i < len(t.state.Lines) && y < height; i++ {
		if t.height[i] != 0 {
			return i, y
		}
		y += t.tops[i+1] - t.tops[i]
	}
	return anchor, -within
}

func (t *Timeline) showChip() {
	switch n := t.Behind(); {
	case t.follow || len(t.state.Lines) == 0:
		t.chip.Hide()
	case n > 0:
		t.chip.Set(t.speaker.Say(words.NewMessages, n), t.chip.Icon)
		t.chip.Show()
	default:
		t.chip.Set(t.speaker.Say(words.NewestLine), t.chip.Icon)
		t.chip.Show()
	}
	t.corner.Refresh()
}

// CreateRenderer is for Fyne.
func (t *Timeline) CreateRenderer() fyne.WidgetRenderer { return &timelineRenderer{t} }

type timelineRenderer struct{ t *Timeline }

func (r *timelineRenderer) MinSize() fyne.Size { return fyne.NewSize(200, 80) }

func (r *timelineRenderer) Layout(s fyne.Size) {
	t := r.t
	t.busy = true // the list lays itself out below; Fyne's clamping is not the person scrolling
	t.scroll.Resize(s)
	t.busy = false
	t.place()
	m := t.corner.MinSize()
	t.corner.Move(fyne.NewPos((s.Width-m.Width)/2, s.Height-m.Height-8))
	t.corner.Resize(m)
}

func (r *timelineRenderer) Refresh() {
	for _, p := range r.t.rows {
		p.obj.Refresh()
	}
	r.t.scroll.Refresh()
	r.t.chip.Refresh()
	r.Layout(r.t.Size())
}

func (r *timelineRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.scroll, r.t.corner, r.t.tip}
}
func (r *timelineRenderer) Destroy() {}

// body is what scrolls: as high as all lines, holding those in view.
type body struct {
	widget.BaseWidget
	t       *Timeline
	objects []fyne.CanvasObject
}

func (b *body) CreateRenderer() fyne.WidgetRenderer { return &bodyRenderer{b} }

// lay puts the lines in view where they belong.
func (b *body) lay() {
	b.objects = b.objects[:0:0]
	for i := range b.t.state.Lines {
		if p := b.t.rows[i]; p != nil {
			p.obj.Move(fyne.NewPos(0, b.t.tops[i]))
			p.obj.Resize(fyne.NewSize(b.t.width, b.t.height[i]))
			b.objects = append(b.objects, p.obj)
		}
	}
}

type bodyRenderer struct{ b *body }

func (r *bodyRenderer) MinSize() fyne.Size           { return fyne.NewSize(0, r.b.t.total()) }
func (r *bodyRenderer) Layout(fyne.Size)             {}
func (r *bodyRenderer) Refresh()                     { canvas.Refresh(r.b) }
func (r *bodyRenderer) Objects() []fyne.CanvasObject { return r.b.objects }
func (r *bodyRenderer) Destroy()                     {}
