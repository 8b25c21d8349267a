package remote

import (
	"image"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"handrail/shared/wire"
)

const (
	bumpZone = 24                     // pixels from an edge within which the picture moves under the pointer
	bumpStep = 14                     // pixels it moves by each tick: about 900 a second
	taps     = 400 * time.Millisecond // between two taps of the right Ctrl key
	dwell    = 400 * time.Millisecond // at the top edge until the toolbar comes
	stay     = 700 * time.Millisecond // off the toolbar until it goes

	rightCtrl = 0xE4 // USB HID usage, page 7
)

// handled takes what the rep does with mouse and keyboard.
func (m *Model) handled(now time.Time, e Event) {
	switch e := e.(type) {
	case Hover:
		m.follow(now, e.At)
		m.move()
	case Leave:
		m.hovering = false
		m.edgeFrom, m.hideFrom = time.Time{}, time.Time{}
	case Press:
		m.follow(now, e.At)
		m.tapping = false
		m.press(e)
	case Turn:
		m.turn(e)
	case Key:
		m.wayOut(now, e)
		m.key(e)
	case Locks:
		if m.s.Controls && m.s.Focused {
			m.send(wire.Locks{Seq: m.next(), Caps: e.Caps, Num: e.Num, Scroll: e.Scroll})
		}
	}
}

// follow notes where the rep's pointer is.
func (m *Model) follow(now time.Time, at image.Point) {
	if m.drag {
		m.pan = m.pan.Add(m.hover.Sub(at))
	}
	m.hover, m.hovering = at, true
	m.watchEdge(now)
}

// move takes the customer's pointer along, unless it is there already.
func (m *Model) move() {
	if !m.s.Controls || !m.s.Focused || m.s.Out.Empty() {
		return
	}
	x, y := m.s.toWire(m.hover)
	if m.pointed && m.pointer.Monitor == m.s.Monitor && m.pointer.X == x && m.pointer.Y == y {
		return
	}
	m.putPointer(x, y)
	m.send(wire.Move{After: m.seq, Monitor: m.s.Monitor, X: x, Y: y})
}

// putPointer notes where what is sent puts the customer's pointer.
func (m *Model) putPointer(x, y uint16) {
	m.pointed, m.pointer.Monitor, m.pointer.X, m.pointer.Y = true, m.s.Monitor, x, y
}

// press takes a button. One that went down goes up again wherever the pointer
// is; one that goes down outside the picture is none of the customer's.
func (m *Model) press(e Press) {
	if !m.s.Controls || !m.s.Focused {
		m.drag = e.Down && e.Button == 1 && m.s.Zoom == Actual
		return
	}
	if e.Button < 1 || e.Button > 5 || e.Down == m.buttons[e.Button] {
		return
	}
	if e.Down {
		if !e.At.In(m.s.Out) {
			return
		}
		m.loose = false
		m.buttons[e.Button] = true
	} else {
		delete(m.buttons, e.Button)
	}
	x, y := m.s.toWire(e.At)
	m.putPointer(x, y)
	m.send(wire.Button{Seq: m.next(), Button: e.Button, Down: e.Down, Monitor: m.s.Monitor, X: x, Y: y})
}

// turn gathers the wheel until it makes a 1/120 of a notch. Without control
// the wheel pans.
func (m *Model) turn(e Turn) {
	if !m.s.Controls || !m.s.Focused {
		m.pan = m.pan.Add(image.Pt(int(e.DX*48), int(e.DY*48)))
		return
	}
	if !e.At.In(m.s.Out) {
		return
	}
	var whole [2]int32
	for i, d := range [2]float64{e.DX, e.DY} {
		if math.IsNaN(d) || math.Abs(d) > 1000 {
			continue
		}
		m.turned[i] += d * 120
		whole[i] = int32(math.Trunc(m.turned[i]))
		m.turned[i] -= float64(whole[i])
	}
	if whole == [2]int32{} {
		return
	}
	x, y := m.s.toWire(e.At)
	m.putPointer(x, y)
	m.send(wire.Wheel{Seq: m.next(), DX: whole[0], DY: whole[1], Monitor: m.s.Monitor, X: x, Y: y})
}

// key takes a key. Ups and repeats count only for keys that went down here, so
// that the up of a key pressed elsewhere never arrives alone.
func (m *Model) key(e Key) {
	if !m.s.Controls || !m.s.Focused || e.Usage == 0 {
		return
	}
	held := m.keys[e.Usage]
	switch {
	case !e.Down && !held, e.Repeat && !held, e.Down && held && !e.Repeat:
		return
	case e.Down:
		m.keys[e.Usage] = true
	default:
		delete(m.keys, e.Usage)
	}
	text := e.Text
	if len(text) > wire.MaxKeyText || !utf8.ValidString(text) {
		text = ""
	}
	m.send(wire.Key{Seq: m.next(), Usage: e.Usage, Down: e.Down, Repeat: e.Repeat, Mods: e.Mods, Base: e.Base, Text: text})
}

// wayOut watches for two taps of the right Ctrl key alone, which give the
// keyboard back to the rep.
func (m *Model) wayOut(now time.Time, e Key) {
	switch {
	case e.Usage != rightCtrl:
		m.tapping, m.tapped = false, time.Time{}
	case e.Repeat:
		m.tapping = false
	case e.Down:
		m.tapping = true
	case m.tapping && !m.tapped.IsZero() && now.Sub(m.tapped) <= taps:
		m.loose, m.tapping, m.tapped = true, false, time.Time{}
	case m.tapping:
		m.tapping, m.tapped = false, now
	}
}

// release lets go of everything that is held at the customer.
func (m *Model) release() {
	if m.s.Controls && m.holding() {
		m.send(wire.Release{Seq: m.next()})
	}
	m.forget()
}

func (m *Model) holding() bool { return len(m.keys)+len(m.buttons) > 0 }

// forget drops what is held without a word to the customer's side.
func (m *Model) forget() {
	clear(m.keys)
	clear(m.buttons)
	m.turned, m.drag, m.tapping = [2]float64{}, false, false
}

// typeText sends a text in pieces that fit a message, none of which splits a
// character.
func (m *Model) typeText(text string) {
	if !m.s.Controls {
		return
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	for text != "" {
		n := min(len(text), wire.MaxTypedText)
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n--
		}
		m.send(wire.Typed{Seq: m.next(), Text: text[:n]})
		text = text[n:]
	}
}

// next counts an edge.
func (m *Model) next() uint64 {
	m.seq++
	return m.seq
}

func (m *Model) send(i wire.Input) { m.out = append(m.out, Send{Input: i}) }

// bumping is how far the picture moves with the next tick because the pointer
// is near an edge behind which there is more of it.
func (m *Model) bumping() image.Point {
	s := m.s
	if s.Zoom != Actual || !s.Controls || !m.hovering || s.Out.Empty() {
		return image.Point{}
	}
	if !m.hover.In(image.Rectangle{Max: s.View}) && len(m.buttons) == 0 {
		return image.Point{} // the view has become smaller meanwhile
	}
	var by image.Point
	if m.hover.X < bumpZone && s.Out.Min.X < 0 {
		by.X = -bumpStep
	} else if m.hover.X >= s.View.X-bumpZone && s.Out.Max.X > s.View.X {
		by.X = bumpStep
	}
	if m.hover.Y < bumpZone && s.Out.Min.Y < 0 {
		by.Y = -bumpStep
	} else if m.hover.Y >= s.View.Y-bumpZone && s.Out.Max.Y > s.View.Y {
		by.Y = bumpStep
	}
	return by
}

// tick moves the picture under a pointer that rests at its edge.
func (m *Model) tick(now time.Time) {
	if by := m.bumping(); by != (image.Point{}) {
		m.pan = clampPan(m.pan.Add(by), m.s.View, m.s.Picture)
		m.s.Out = actual(m.pan, m.s.View, m.s.Picture)
		m.move()
	}
	if !m.edgeFrom.IsZero() && now.Sub(m.edgeFrom) >= dwell {
		m.dwelt, m.edgeFrom = true, time.Time{}
	}
	if !m.hideFrom.IsZero() && now.Sub(m.hideFrom) >= stay {
		m.dwelt, m.hideFrom = false, time.Time{}
	}
}

// watchEdge notes since when the pointer is at the top edge in full screen, or
// away from a toolbar that was called by it.
func (m *Model) watchEdge(now time.Time) {
	atEdge := m.s.Full && m.hover.Y <= 1 && len(m.buttons) == 0
	switch {
	case !atEdge || m.dwelt:
		m.edgeFrom = time.Time{}
	case m.edgeFrom.IsZero():
		m.edgeFrom = now
	}
	switch {
	case !m.dwelt || atEdge:
		m.hideFrom = time.Time{}
	case m.hideFrom.IsZero():
		m.hideFrom = now
	}
}

// bar decides whether the toolbar shows: always in a window; in full screen
// when it was called or nothing is there to be covered.
func (m *Model) bar(time.Time) {
	m.s.Bar = !m.s.Full || m.dwelt || m.loose || m.s.Away || m.s.Out.Empty()
}
