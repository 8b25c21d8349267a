package remoteview

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/remote"
	"handrail/shared/look"
	"handrail/shared/words"
)

// meter is the speed panel, which stands between the picture and the toolbar:
// what makes the pictures late in a sentence, and the time they need at each
// station of their way.
type meter struct {
	v       *View
	stripe  *look.Panel
	verdict *widget.Label
	cells   []*figure
}

// figure is a name and a number under it.
type figure struct {
	name, number *widget.Label
}

func newMeter(v *View) *meter {
	m := &meter{v: v, verdict: widget.NewLabel("")}
	m.verdict.TextStyle.Bold = true
	m.verdict.Truncation = fyne.TextTruncateEllipsis
	var all []fyne.CanvasObject
	for _, x := range []words.Sentence{
		words.SpeedCapture, words.SpeedEncode, words.SpeedQueue, words.SpeedNetwork, words.SpeedDecode, words.SpeedPresent,
		words.SpeedPictures, words.SpeedData,
	} {
		f := &figure{name: widget.NewLabel(v.speak.Say(x)), number: widget.NewLabel("")}
		f.name.SizeName, f.name.Importance = theme.SizeNameCaptionText, widget.LowImportance
		m.cells = append(m.cells, f)
		all = append(all, f.name, f.number)
	}
	m.stripe = look.NewStripe(container.New(&table{m: m}, append(all, m.verdict)...), look.ColorSurface)
	m.stripe.Pad = fyne.NewSize(8, 2)
	m.stripe.Hide()
	return m
}

// show draws a State.
func (m *meter) show(s remote.State) {
	seen(m.stripe, s.Meter)
	if !s.Meter {
		return
	}
	at := s.Speed.Bottleneck()
	verdict := m.says(s.Speed, at)
	if s.Away {
		verdict = m.v.speak.Say(words.RemoteCut)
	}
	put(m.verdict, verdict, widget.MediumImportance)
	for i, t := range s.Speed.Stations() {
		importance := widget.MediumImportance
		if at == remote.AtCapture+remote.Bottleneck(i) {
			importance = widget.WarningImportance
		}
		text := "–"
		if at != remote.Still || t > 0 {
			text = m.time(t)
		}
		put(m.cells[i].number, text, importance)
	}
	say := m.v.speak.Say
	put(m.cells[6].number, say(words.SpeedPerSecond, s.Speed.Pictures), widget.MediumImportance)
	data := say(words.SpeedKilobits, (s.Speed.Bits+999)/1000)
	if s.Speed.Bits >= 1e6 {
		data = say(words.SpeedMegabits, float64(s.Speed.Bits)/1e6)
	}
	put(m.cells[7].number, data, widget.MediumImportance)
}

// put changes a label only if it differs.
func put(l *widget.Label, text string, i widget.Importance) {
	if l.Text != text || l.Importance != i {
		l.Text, l.Importance = text, i
		l.Refresh()
	}
}

// time writes a time: those that matter without tenths.
func (m *meter) time(t time.Duration) string {
	if t >= 10*time.Millisecond {
		return m.v.speak.Say(words.SpeedLongTime, (t+time.Millisecond/2)/time.Millisecond)
	}
	return m.v.speak.Say(words.SpeedTime, float64(t)/float64(time.Millisecond))
}

// says names the bottleneck.
func (m *meter) says(s remote.Speed, at remote.Bottleneck) string {
	say := m.v.speak.Say
	switch at {
	case remote.Even:
		return say(words.SpeedEven)
	case remote.AtCapture:
		return say(words.SpeedSlowCapture)
	case remote.AtEncode:
		return say(words.SpeedSlowEncode)
	case remote.AtQueue:
		return say(words.SpeedSlowQueue)
	case remote.AtNetwork:
		return say(words.SpeedSlowNetwork, (s.Network+time.Millisecond/2)/time.Millisecond)
	case remote.AtDecode:
		return say(words.SpeedSlowDecode)
	case remote.AtPresent:
		return say(words.SpeedSlowPresent)
	}
	return say(words.SpeedStill)
}

// table sets the figures side by side in as many rows as they need, below what
// is said.
type table struct{ m *meter }

const cellWidth = 92 // "Pictures", and "999 kbit/s"

// columns is how many figures stand side by side; rows are even.
func (t *table) columns(width float32) int {
	n := len(t.m.cells)
	fit := max(1, min(n, int(width/cellWidth)))
	rows := (n + fit - 1) / fit
	return (n + rows - 1) / rows
}

// heights are those of the three kinds of lines. What a Label wants holds its
// padding twice, in which the lines overlap.
func (t *table) heights() (verdict, name, number float32) {
	c := t.m.cells[0]
	pad := t.m.verdict.Theme().Size(theme.SizeNameInnerPadding)
	return t.m.verdict.MinSize().Height, c.name.MinSize().Height - pad, c.number.MinSize().Height - pad
}

func (t *table) high(width float32) float32 {
	columns := t.columns(width)
	rows := (len(t.m.cells) + columns - 1) / columns
	verdict, name, number := t.heights()
	return verdict + float32(rows)*(name+number)
}

func (t *table) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(cellWidth, 0) }

func (t *table) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	verdict, name, number := t.heights()
	t.m.verdict.Move(fyne.Position{})
	t.m.verdict.Resize(fyne.NewSize(s.Width, verdict))
	columns := t.columns(s.Width)
	wide := float32(math.Floor(float64(min(s.Width/float32(columns), 2*cellWidth))))
	pad := t.m.verdict.Theme().Size(theme.SizeNameInnerPadding)
	for i, c := range t.m.cells {
		at := fyne.NewPos(float32(i%columns)*wide, verdict-pad+float32(i/columns)*(name+number))
		c.name.Move(at)
		c.name.Resize(fyne.NewSize(wide, name+pad))
		c.number.Move(at.AddXY(0, name-pad/2))
		c.number.Resize(fyne.NewSize(wide, number+pad))
	}
}

// high is how high the panel is at a width; 0 when it is not shown.
func (m *meter) high(width float32) float32 {
	if !m.stripe.Visible() {
		return 0
	}
	t := &table{m: m}
	return t.high(width-2*m.stripe.Pad.Width) + 2*m.stripe.Pad.Height
}

// shortcut shows the panel and hides it, where keys don't go to the customer.
func (m *meter) shortcut(c fyne.Canvas) {
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyI, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { m.flip() })
}

// flip shows the panel or hides it.
func (m *meter) flip() {
	m.v.mu.Lock()
	on := m.v.state.Meter
	m.v.mu.Unlock()
	m.v.act.Do(remote.SetMeter{On: !on})
}
