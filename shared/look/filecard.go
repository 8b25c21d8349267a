package look

import (
	"sort"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// FileAct is what a person does with a transfer, on its card.
type FileAct int

const (
	TakeFile   FileAct = iota // let it come
	RefuseFile                // or not
	CancelFile                // end it, or take the offer back
	ShowFile                  // show where it was saved
	fileActs
)

// fileRow is all that a transfer looks like in the list.
type fileRow struct {
	id             uint32 // 0: the row is none
	folder         bool
	name, size     string
	status, advice string
	tone           tone
	bar            bool
	done           float32 // of the bar, 0…1
	acts           [fileActs]words.Sentence
}

// tone is whether something goes well.
type tone int

const (
	toneWaits tone = iota
	toneGoes       // the bar says so
	toneCut
	toneGood
	toneNo  // it was not wanted
	toneBad // it failed
)

// fileRowOf says what a transfer looks like to whoever st belongs to.
func (t *Timeline) fileRowOf(x session.Transfer) fileRow {
	st := t.state
	f := fileRow{id: x.ID, folder: x.Folder, name: words.ShownName(x.Name, longestName), size: t.speaker.FileSize(x)}
	f.status, f.advice = t.speaker.FileStatus(x, st, t.left[x.ID])
	over := st.Stage == session.Over
	switch x.Stage {
	case session.TransferArrived:
		f.tone = toneGood
		if !x.Mine && x.Place != "" {
			f.acts[ShowFile] = words.ButtonOpen
		}
	case session.TransferRefused:
		f.tone = toneNo
	case session.TransferHalted:
		f.tone = toneBad
		if x.Why == wire.HaltCancelled {
			f.tone = toneNo
		}
	case session.TransferGoing:
		f.tone, f.bar = toneGoes, !over
		if !st.Linked {
			f.tone = toneCut
		}
		if x.Size > 0 {
			f.done = float32(float64(min(x.Done, x.Size)) / float64(x.Size))
		}
	}
	switch {
	case over && x.Open():
		f.tone = toneNo
	case over:
	case x.Stage == session.TransferGoing:
		f.acts[CancelFile] = words.ButtonCancel
	case x.Stage == session.TransferOffered && x.Mine:
		f.acts[CancelFile] = words.ButtonUndo
	case x.Stage == session.TransferOffered && st.Role == wire.RoleRep:
		f.acts[TakeFile], f.acts[RefuseFile] = words.ButtonTake, words.ButtonNotTake
	}
	return f
}

// longestName is how many letters of a file's name the list knows. What of
// them there is room for it shows; the rest when the pointer is on it.
const longestName = 255

// Measures of a card, in Fyne's units at the usual size of text.
const (
	cardMost  = 300 // width
	cardIcon  = 30
	cardBar   = 6 // height of what shows how far it is
	cardLines = 2 // of the name
)

// fileCard is a transfer in the list: who and when above it; what it is, how
// far, and what can be done with it, in it. It stays the same widget while the
// transfer goes on, so that a button keeps the focus.
type fileCard struct {
	widget.BaseWidget
	r    row
	t    *Timeline
	disc *Avatar
	head *canvas.Text
	back *canvas.Rectangle

	icon    *widget.Icon
	name    *Text
	size    *Text
	track   *canvas.Rectangle
	bar     *canvas.Rectangle
	mark    *widget.Icon
	status  *Text
	advice  *Text
	buttons [fileActs]*Button
	placed  [fileActs]fyne.CanvasObject // the buttons, in the size of the list's text
	cut     bool                        // not all of the name is shown
}

func newFileCard(r row, t *Timeline) *fileCard {
	text := func(in fyne.ThemeColorName, size fyne.ThemeSizeName, bold bool) *Text {
		return NewText("", in, size, fyne.TextStyle{Bold: bold}, fyne.TextAlignLeading)
	}
	c := &fileCard{
		t: t, head: canvas.NewText("", nil), back: canvas.NewRectangle(nil),
		icon: widget.NewIcon(nil), mark: widget.NewIcon(nil), track: canvas.NewRectangle(nil), bar: canvas.NewRectangle(nil),
		name: text("", r.body(), true), size: text(ColorMuted, r.caption(), false),
		status: text("", r.caption(), false), advice: text(ColorMuted, r.caption(), false),
	}
	c.name.Wrapping = fyne.TextWrapBreak
	c.back.CornerRadius = 10
	if !r.mine {
		c.disc = NewAvatar(r.face, discSize)
	}
	for act := range fileActs {
		importance := widget.MediumImportance
		if act == TakeFile {
			importance = widget.HighImportance
		}
		b := NewButton("", nil, importance, func() { c.t.OnFile(c.r.file.id, act) })
		b.Hide()
		c.buttons[act], c.placed[act] = b, b
		if r.scale != 1 {
			c.placed[act] = container.NewThemeOverride(b, Theme{Scale: r.scale})
		}
	}
	c.set(r)
	c.ExtendBaseWidget(c)
	return c
}

// set shows the transfer as it is now.
func (c *fileCard) set(r row) {
	c.r = r
	f := r.file
	icon := assets.File
	if f.folder {
		icon = assets.Folder
	}
	c.icon.SetResource(IconIn(icon, theme.ColorNamePrimary))
	c.size.SetText(f.size)
	c.status.SetText(f.status)
	c.advice.SetText(f.advice)
	mark, in := assets.Clock, ColorMuted
	switch f.tone {
	case toneGoes:
		mark = ""
	case toneCut:
		mark = assets.Unlinked
	case toneGood:
		mark, in = assets.Check, theme.ColorNameSuccess
	case toneNo:
		mark = assets.Cross
	case toneBad:
		mark, in = assets.Warning, theme.ColorNameError
	}
	if mark == "" {
		c.mark.Hide()
	} else {
		c.mark.SetResource(IconIn(mark, in))
		c.mark.Show()
	}
	for act, b := range c.buttons {
		text := f.acts[act]
		if text == "" {
			c.letGo(b)
			b.Hide()
			continue
		}
		b.Set(c.t.speaker.Say(text), nil)
		b.Show()
	}
}

// letGo gives the focus back to where people write, before what has it goes.
func (c *fileCard) letGo(b *Button) {
	canvas := fyne.CurrentApp().Driver().CanvasForObject(b)
	if canvas == nil || !b.Visible() || canvas.Focused() != fyne.Focusable(b) {
		return
	}
	if c.t.Home != nil {
		canvas.Focus(c.t.Home)
	} else {
		canvas.Unfocus()
	}
}

// AccessibilityLabel says the whole name, and how far it is.
func (c *fileCard) AccessibilityLabel() string { return c.r.text }

// MouseIn shows the whole name where not all of it has room.
func (c *fileCard) MouseIn(*desktop.MouseEvent) {
	if c.cut {
		c.t.showTip(c.r.file.name, c)
	}
}
func (c *fileCard) MouseMoved(*desktop.MouseEvent) {}
func (c *fileCard) MouseOut()                      { c.t.hideTip() }

func (c *fileCard) CreateRenderer() fyne.WidgetRenderer {
	r := &cardRenderer{c: c, objects: []fyne.CanvasObject{
		c.back, c.head, c.icon, c.name, c.size, c.track, c.bar, c.mark, c.status, c.advice,
	}}
	if c.disc != nil {
		r.objects = append(r.objects, c.disc)
	}
	for _, b := range c.placed {
		r.objects = append(r.objects, b)
	}
	r.paint()
	return r
}

type cardRenderer struct {
	c       *fileCard
	objects []fyne.CanvasObject
}

func (r *cardRenderer) paint() {
	c, th, v := r.c, r.c.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	c.head.Color, c.head.TextSize = th.Color(ColorMuted, v), th.Size(c.r.caption())
	c.back.FillColor = th.Color(ColorSurface, v)
	c.back.StrokeColor, c.back.StrokeWidth = th.Color(ColorEdge, v), 1
	c.track.FillColor, c.bar.FillColor = th.Color(ColorEdge, v), th.Color(theme.ColorNamePrimary, v)
}

// arrange places everything for a width and gives the height that needs.
func (r *cardRenderer) arrange(width float32) float32 {
	c, th := r.c, r.c.Theme()
	caption, scale := th.Size(c.r.caption()), th.Size(c.r.body())/usualText
	left := float32(sideRoom)
	if c.disc != nil {
		left += discSize + 8
	}
	wide := max(min(width-left-sideRoom-2*bubblePad, cardMost*scale), 60)
	x := left
	if c.r.mine {
		x = max(width-sideRoom-wide-2*bubblePad, left)
	}
	y := r.header(width, x, wide, caption)
	if c.disc != nil {
		c.disc.Move(fyne.NewPos(sideRoom, y))
		c.disc.Resize(fyne.NewSquareSize(discSize))
	}
	top := y
	in := x + bubblePad
	y = r.what(in, y+bubblePad, wide, scale)
	y = r.howFar(in, y, wide, scale)
	y = r.choices(in, y, wide)
	y += bubblePad
	c.back.Move(fyne.NewPos(x, top))
	c.back.Resize(fyne.NewSize(wide+2*bubblePad, y-top))
	return y
}

// header places who and when.
func (r *cardRenderer) header(width, x, wide, caption float32) float32 {
	h := r.c.head
	h.Text = r.c.r.signature(caption, h.TextStyle, width-x-2-sideRoom)
	m := h.MinSize()
	at := x + 2
	if r.c.r.mine {
		at = x + wide + 2*bubblePad - 2 - m.Width
	}
	h.Move(fyne.NewPos(at, 0))
	h.Resize(m)
	return m.Height + 2
}

// what places the icon, the name and the size.
func (r *cardRenderer) what(x, y, wide, scale float32) float32 {
	c := r.c
	edge := cardIcon * scale
	c.icon.Move(fyne.NewPos(x, y))
	c.icon.Resize(fyne.NewSquareSize(edge))
	room := max(wide-edge-gap, 40)
	size := c.Theme().Size(c.r.body())
	name := shorten(c.r.file.name, size, room*cardLines*0.94)
	c.cut = name != c.r.file.name
	c.name.SetText(name)
	h := snug(c.name, x+edge+gap, y, room)
	h += 2 + snug(c.size, x+edge+gap, y+h+2, room)
	return y + max(h, edge)
}

// howFar places the bar, how the transfer is, and what to do if it failed.
func (r *cardRenderer) howFar(x, y, wide, scale float32) float32 {
	c, f := r.c, r.c.r.file
	if f.bar {
		y += 8
		high := cardBar * scale
		for _, b := range []*canvas.Rectangle{c.track, c.bar} {
			b.CornerRadius = high / 2
			b.Move(fyne.NewPos(x, y))
			b.Show()
		}
		c.track.Resize(fyne.NewSize(wide, high))
		c.bar.Resize(fyne.NewSize(max(wide*f.done, high), high))
		y += high
	} else {
		c.track.Hide()
		c.bar.Hide()
	}
	if f.bar && f.done == 0 {
		c.bar.Hide()
	}
	y += 6
	edge := c.Theme().Size(c.r.caption()) * 1.25
	left := float32(0)
	if c.mark.Visible() {
		c.mark.Move(fyne.NewPos(x, y))
		c.mark.Resize(fyne.NewSquareSize(edge))
		left = edge + gap
	}
	y += max(edge, snug(c.status, x+left, y, max(wide-left, 40)))
	if f.advice == "" {
		c.advice.Hide()
		return y
	}
	c.advice.Show()
	return y + 4 + snug(c.advice, x, y+4, wide)
}

// choices places the buttons, as many beside each other as there is room for.
func (r *cardRenderer) choices(x, y, wide float32) float32 {
	at, high := x, float32(0)
	for act, b := range r.c.placed {
		if !r.c.buttons[act].Visible() {
			continue
		}
		m := b.MinSize()
		if high == 0 {
			y += 8
		} else if at+m.Width > x+wide {
			at, y = x, y+high+6
		}
		b.Move(fyne.NewPos(at, y))
		b.Resize(m)
		at, high = at+m.Width+8, max(high, m.Height)
	}
	return y + high
}

// shorten cuts a name in its middle until it is no wider than most.
func shorten(name string, size, most float32) string {
	style := fyne.TextStyle{Bold: true}
	if fyne.MeasureText(name, size, style).Width <= most {
		return name
	}
	const least = 12
	n := sort.Search(utf8.RuneCountInString(name), func(n int) bool { // the first that is too long
		return n > least && fyne.MeasureText(words.ShownName(name, n), size, style).Width > most
	})
	return words.ShownName(name, max(n-1, least))
}

func (r *cardRenderer) Layout(s fyne.Size) { r.arrange(s.Width) }

func (r *cardRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, r.arrange(r.c.Size().Width))
}

func (r *cardRenderer) Refresh() {
	r.paint()
	for _, o := range r.objects {
		o.Refresh()
	}
	r.arrange(r.c.Size().Width)
}

func (r *cardRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *cardRenderer) Destroy()                     {}

// FilePlaces are the buttons of the cards in view by name, for tests that use
// the windows as people do: of two transfers with the same button, the newer.
func (t *Timeline) FilePlaces() map[string]fyne.CanvasObject {
	names := [fileActs]string{TakeFile: "take-file", RefuseFile: "refuse-file", CancelFile: "cancel-file", ShowFile: "show-file"}
	all := map[string]fyne.CanvasObject{}
	for i := range t.state.Lines {
		p := t.rows[i]
		if p == nil {
			continue
		}
		card, ok := p.obj.(*fileCard)
		for act := range fileActs {
			if ok && card.buttons[act].Visible() {
				all[names[act]] = card.buttons[act]
			}
		}
	}
	return all
}
