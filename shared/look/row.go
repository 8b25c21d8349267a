package look

import (
	"net/url"
	"sort"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// Measures of the list, in Fyne's units at the usual size of text.
const (
	rowGap     = 8   // between two lines
	sameGap    = 3   // between two messages of one person
	sideRoom   = 10  // from the edge of the list
	discSize   = 28  // of a person's disc
	bubblePad  = 9   // round the text of a bubble
	bubbleMost = .84 // of the width there is
	together   = 3 * time.Minute
)

// row is all that a line of the list looks like: two equal rows look the same.
type row struct {
	text, name, time string
	face             string      // whose disc it is; name may be cut
	icon             assets.Icon // of a log line
	chat, mine       bool
	lead             bool    // first of several messages of one person
	pending          bool    // not at the other side yet
	link             bool    // its text has links
	file             fileRow // of a file's line
	scale            float32
}

func (r row) caption() fyne.ThemeSizeName { return Times(theme.SizeNameCaptionText, r.scale) }
func (r row) body() fyne.ThemeSizeName    { return Times(theme.SizeNameText, r.scale) }

// iconOf is the picture in front of a log line.
func iconOf(l session.Line) assets.Icon {
	switch l.Kind {
	case session.LineAccepted:
		return assets.Person
	case session.LineNudge:
		return assets.Bell
	case session.LineAsked:
		return assets.Info
	case session.LineAnswered:
		if l.Verdict == wire.Allowed {
			return assets.Check
		}
		return assets.Cross
	case session.LineSharing:
		if l.What == 0 {
			return assets.Stop
		}
		return assets.Screen
	case session.LineWithdrawn:
		return assets.Stop
	case session.LineTransfer:
		return assets.File
	case session.LineKept:
		return assets.Note
	case session.LineVerified:
		return assets.Check
	case session.LineDenied:
		return assets.Cross
	}
	return assets.Leave
}

// newRow draws a row of a list.
func newRow(r row, t *Timeline) fyne.CanvasObject {
	switch {
	case r.chat:
		return newBubble(r, t.open)
	case r.file.id != 0:
		return newFileCard(r, t)
	}
	full := r.time + "  " + r.text // behind the text it would often be alone on a line
	n := &logRow{
		r: r, full: full,
		text: NewText(full, ColorMuted, r.caption(), fyne.TextStyle{}, fyne.TextAlignLeading),
		icon: widget.NewIcon(IconIn(r.icon, ColorMuted)),
	}
	n.ExtendBaseWidget(n)
	return n
}

// logRow is a small line in the middle.
type logRow struct {
	widget.BaseWidget
	r    row
	text *Text
	icon *widget.Icon
	full string
}

func (n *logRow) CreateRenderer() fyne.WidgetRenderer { return &logRenderer{n} }

type logRenderer struct{ n *logRow }

// arrange places icon and text for a width and gives the height that needs.
func (r *logRenderer) arrange(width float32) float32 {
	size := r.n.Theme().Size(r.n.r.caption())
	edge := size * 1.25
	room := max(width-4*sideRoom-edge-gap, 40)
	wide := min(natural(r.n.full, size, fyne.TextStyle{}, room)+2, room)
	left := (width - wide - edge - gap) / 2
	r.n.icon.Move(fyne.NewPos(left, 0))
	r.n.icon.Resize(fyne.NewSquareSize(edge))
	return max(edge, snug(r.n.text, left+edge+gap, 0, wide))
}

func (r *logRenderer) Layout(s fyne.Size) { r.arrange(s.Width) }

func (r *logRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, r.arrange(r.n.Size().Width))
}

func (r *logRenderer) Refresh() {
	r.n.text.Refresh()
	r.n.icon.Refresh()
}

func (r *logRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.n.icon, r.n.text}
}
func (r *logRenderer) Destroy() {}

// natural is how wide text would like to be, up to room.
func natural(text string, size float32, style fyne.TextStyle, room float32) float32 {
	if float32(utf8.RuneCountInString(text))*size*0.3 > room { // wider than that for certain
		return room
	}
	widest, from := float32(0), 0
	for i := 0; i <= len(text); i++ {
		if i == len(text) || text[i] == '\n' {
			widest = max(widest, fyne.MeasureText(text[from:i], size, style).Width)
			from = i + 1
		}
	}
	return min(widest, room)
}

// clip cuts text to a width, with an ellipsis.
func clip(text string, size float32, style fyne.TextStyle, most float32) string {
	if fyne.MeasureText(text, size, style).Width <= most {
		return text
	}
	letters := []rune(text)
	n := sort.Search(len(letters), func(n int) bool { // the first that is too long
		return fyne.MeasureText(string(letters[:n])+"…", size, style).Width > most
	})
	return string(letters[:max(n-1, 0)]) + "…"
}

// signature says who and when, in so much room; of one's own only when.
func (r row) signature(size float32, style fyne.TextStyle, room float32) string {
	if r.mine {
		return r.time
	}
	rest := "  " + r.time
	return clip(r.name, size, style, room-fyne.MeasureText(rest, size, style).Width) + rest
}

// bubble is a message: who and when above it, the text in it, its links below.
type bubble struct {
	widget.BaseWidget
	r     row
	disc  *Avatar // of the other person, at the first of several messages
	head  *canvas.Text
	mark  *widget.Icon
	back  *canvas.Rectangle
	text  *widget.Label
	links []*Link
}

func newBubble(r row, open func(*url.URL)) *bubble {
	b := &bubble{r: r, head: canvas.NewText("", nil), back: canvas.NewRectangle(nil), text: widget.NewLabel(r.text)}
	b.text.Wrapping, b.text.Selectable, b.text.SizeName = fyne.TextWrapWord, true, r.body()
	b.back.CornerRadius = 10
	switch {
	case r.mine:
		b.head.Text = r.time
		mark := assets.Sent
		if r.pending {
			mark = assets.Clock
		}
		b.mark = widget.NewIcon(IconIn(mark, ColorMuted))
	case r.lead:
		b.disc = NewAvatar(r.face, discSize)
	}
	if r.link {
		for _, u := range Links(r.text) {
			b.links = append(b.links, newLink(LinkLabel(u), assets.Link, r.scale, func() { open(u) }))
		}
	}
	b.ExtendBaseWidget(b)
	return b
}

func (b *bubble) CreateRenderer() fyne.WidgetRenderer {
	r := &bubbleRenderer{b: b, objects: []fyne.CanvasObject{b.back, b.head, b.text}}
	if b.disc != nil {
		r.objects = append(r.objects, b.disc)
	}
	if b.mark != nil {
		r.objects = append(r.objects, b.mark)
	}
	for _, l := range b.links {
		r.objects = append(r.objects, l)
	}
	r.paint()
	return r
}

type bubbleRenderer struct {
	b       *bubble
	objects []fyne.CanvasObject
}

func (r *bubbleRenderer) paint() {
	b, th, v := r.b, r.b.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	b.head.Color, b.head.TextSize = th.Color(ColorMuted, v), th.Size(b.r.caption())
	if b.r.mine {
		b.back.FillColor = th.Color(ColorMine, v)
		return
	}
	b.back.FillColor = th.Color(ColorTheirs, v)
	b.back.StrokeColor, b.back.StrokeWidth = th.Color(ColorEdge, v), 1
}

// arrange places everything for a width and gives the height that needs.
func (r *bubbleRenderer) arrange(width float32) float32 {
	b, th := r.b, r.b.Theme()
	caption, size := th.Size(b.r.caption()), th.Size(b.r.body())
	left := float32(sideRoom)
	if !b.r.mine {
		left += discSize + 8
	}
	room := max((width-left-sideRoom)*bubbleMost-2*bubblePad, 60)
	wide := natural(b.r.text, size, fyne.TextStyle{}, room) + 2
	for _, l := range b.links {
		wide = max(wide, min(natural(l.text.String(), size, fyne.TextStyle{}, room)+th.Size(theme.SizeNameInlineIcon)*b.r.scale+gap+2, room))
	}
	x, y := left, float32(0)
	if b.r.mine {
		x = width - sideRoom - wide - 2*bubblePad
	}
	if b.r.lead || b.r.mine {
		y = r.header(width, x, wide, caption)
	}
	if b.disc != nil {
		b.disc.Move(fyne.NewPos(sideRoom, y))
		b.disc.Resize(fyne.NewSquareSize(discSize))
	}
	top := y
	y += bubblePad
	y += snug(b.text, x+bubblePad, y, wide)
	for _, l := range b.links {
		y += 6
		l.Move(fyne.NewPos(x+bubblePad, y))
		l.Resize(fyne.NewSize(wide, l.Size().Height))
		lh := l.MinSize().Height
		l.Resize(fyne.NewSize(wide, lh))
		y += lh
	}
	y += bubblePad
	b.back.Move(fyne.NewPos(x, top))
	b.back.Resize(fyne.NewSize(wide+2*bubblePad, y-top))
	return y
}

// header places name, time and the mark of delivery, and gives their height. A
// message of one's own that is not the first of several has only its mark.
func (r *bubbleRenderer) header(width, x, wide, caption float32) float32 {
	b := r.b
	if !b.r.mine {
		b.head.Text = b.r.signature(caption, b.head.TextStyle, width-x-2-sideRoom)
		b.head.Move(fyne.NewPos(x+2, 0))
		b.head.Resize(b.head.MinSize())
		return b.head.MinSize().Height + 2
	}
	edge := caption * 1.2
	if !b.r.lead {
		b.head.Hide()
		b.mark.Move(fyne.NewPos(x-edge-4, bubblePad))
		b.mark.Resize(fyne.NewSquareSize(edge))
		return 0
	}
	m := b.head.MinSize()
	right := width - sideRoom - 2
	b.mark.Move(fyne.NewPos(right-edge, (m.Height-edge)/2))
	b.mark.Resize(fyne.NewSquareSize(edge))
	b.head.Move(fyne.NewPos(right-edge-4-m.Width, 0))
	b.head.Resize(m)
	return m.Height + 2
}

func (r *bubbleRenderer) Layout(s fyne.Size) { r.arrange(s.Width) }

func (r *bubbleRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, r.arrange(r.b.Size().Width))
}

func (r *bubbleRenderer) Refresh() {
	r.paint()
	for _, o := range r.objects {
		o.Refresh()
	}
	r.arrange(r.b.Size().Width)
}

func (r *bubbleRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *bubbleRenderer) Destroy()                     {}
