// Package remote knows one watched screen as the rep's window shows it: where
// the picture lies in the view, which place on the customer's desktop is under
// the pointer, and what of the rep's mouse and keyboard goes out. It decides;
// a view feeds it events, a painter shows its Scene, and its owner carries out
// the effects.
//
//	for _, f := range model.Step(now, remote.Hover{At: p}) {
//		switch f := f.(type) {
//		case remote.Send:
//			line.Send(f.Input)
//		case remote.Hold:
//			keyboard.Hold(f.On)
//		}
//	}
//	view.Show(model.State())
//
// A view's points are device pixels counted from the top left corner of the
// area in which the picture is shown.
package remote

import (
	"image"
	"time"

	"handrail/shared/wire"
)

// Zoom is how large the picture is shown.
type Zoom uint8

const (
	Fit    Zoom = iota // as large as the view allows, whole
	Actual             // pixel by pixel, panned
)

// State is what a view shows. Show it after every Step; it is cheap to compare.
type State struct {
	Granted  wire.Permission // what the customer allows now
	Asked    wire.Permission // what the rep has asked for and waits for
	Stopped  bool            // it was shared and is not any more
	Monitors []wire.Monitor  // never changed in place
	Monitor  uint8           // the one shown; 0 is all
	Profile  wire.Profile    // what the rep chose pictures to look like

	Away   bool          // the connection is interrupted
	Direct bool          // the machines talk without a relay
	RTT    time.Duration // there and back; 0 is not known

	Meter bool // the rep wants to see the Speed
	Speed Speed

	Zoom Zoom
	Full bool // full screen
	Bar  bool // the toolbar is shown

	View    image.Point     // size of the area, device pixels
	Picture image.Point     // size of the customer's picture; zero before the first
	Out     image.Rectangle // where the picture lies in the view; larger than it when panned

	Controls bool // mouse and keyboard go to the customer
	Focused  bool
	Capture  bool // the rep wants system keys too while in control
	Captured bool // the keyboard is held now
	Loose    bool // the rep has taken the keyboard back, until the next click
	Ticking  bool // Tick wants to come about every 16 ms

	Ghost      image.Point // where the customer's own pointer is, in the view
	GhostShown bool
}

// Scene is the part of the State that a painter needs, with the view's place.
type Scene struct {
	Place      image.Rectangle // the view in its window, device pixels
	Out        image.Rectangle // see State
	Shown      bool            // false while something else lies over the picture
	Follow     bool            // the local pointer takes the customer's shape
	Ghost      image.Point
	GhostShown bool
}

// Scene places the view at at in its window. Hidden says that something of the
// window lies over the picture.
func (s State) Scene(at image.Point, hidden bool) Scene {
	return Scene{
		Place:      image.Rectangle{Min: at, Max: at.Add(s.View)},
		Out:        s.Out,
		Shown:      !hidden && s.Granted.Has(wire.View) && !s.Out.Empty() && s.View.X > 0 && s.View.Y > 0,
		Follow:     s.Controls,
		Ghost:      s.Ghost,
		GhostShown: s.GhostShown,
	}
}

// Model is one watched screen. It belongs to one goroutine at a time.
type Model struct {
	s   State
	out []Effect // gathered during one Step

	pan image.Point // of the picture's pixels left of and above the view

	seq     uint64          // of the last edge sent
	keys    map[uint16]bool // usages held at the customer
	buttons map[uint8]bool  // buttons held at the customer
	turned  [2]float64      // what is left of the wheel, in 1/120 of a notch
	owed    bool            // something was held when the connection broke

	hover    image.Point  // where the rep's pointer is
	hovering bool         // it is over the view
	drag     bool         // the left button pans
	pointer  wire.Pointer // the customer's, as the customer or the rep last moved it
	pointed  bool         // pointer is known

	loose    bool      // the keyboard is the rep's own until the next click
	tapped   time.Time // when the right Ctrl key was tapped alone
	tapping  bool      // it is down, and nothing else has come since
	edgeFrom time.Time // since when the pointer rests at the top edge
	hideFrom time.Time // since when it is away from the toolbar
	dwelt    bool      // the toolbar was called by resting there

	paced time.Time // when Speed came
}

// New makes the model of a screen that is not shared yet.
func New() *Model {
	m := &Model{keys: map[uint16]bool{}, buttons: map[uint8]bool{}}
	m.s.Capture, m.s.Bar = true, true
	return m
}

// State is what to show now.
func (m *Model) State() State { return m.s }

// Step takes one event and says what must be done about it, in this order.
func (m *Model) Step(now time.Time, e Event) []Effect {
	m.out = nil
	switch e := e.(type) {
	case Session, Link, Picture, Pointer:
		m.heard(e)
	case Hover, Leave, Press, Turn, Key, Locks:
		m.handled(now, e)
	case Lost:
		m.release()
		m.loose = true
	case Special:
		m.special(e)
	case TypeText:
		m.typeText(e.Text)
	case Focus:
		m.s.Focused = e.On
		m.loose = false
		if !e.On {
			m.release()
		}
	case Resize:
		m.s.View = e.Size
	case SetZoom:
		m.s.Zoom = e.Zoom
	case SetFull:
		m.s.Full, m.dwelt = e.On, false
	case SetCapture:
		m.s.Capture, m.loose = e.On, false
	case SetMeter:
		m.s.Meter = e.On
	case Pace:
		m.pace(now, Speed(e))
	case PanBy:
		m.pan = m.pan.Add(e.By)
	case Tick:
		m.tick(now)
		m.fade(now)
	}
	m.settle(now)
	return m.out
}

// heard takes what comes from the customer's side.
func (m *Model) heard(e Event) {
	switch e := e.(type) {
	case Session:
		before := m.s.Granted
		m.s.Granted, m.s.Asked = e.Granted, e.Asked
		m.s.Monitors, m.s.Monitor, m.s.Profile = e.Monitors, e.Monitor, e.Profile
		m.s.Stopped = !e.Granted.Has(wire.View) && (m.s.Stopped || before.Has(wire.View))
		if !e.Granted.Has(wire.View) {
			m.s.Picture, m.pointed = image.Point{}, false
		}
		if !e.Granted.Has(wire.Control) {
			m.forget() // the customer's side has let go of everything
		}
	case Link:
		back := m.s.Away && !e.Away
		m.s.Away, m.s.Direct, m.s.RTT = e.Away, e.Direct, e.RTT
		if e.Away && m.holding() {
			m.owed = true
			m.forget()
		}
		if back && m.owed && m.s.Granted.Has(wire.Control) {
			m.owed = false
			m.send(wire.Release{Seq: m.next()})
		}
	case Picture:
		m.s.Picture = e.Size
	case Pointer:
		if !m.pointed || e.Seq > m.pointer.Seq {
			m.pointer, m.pointed = wire.Pointer(e), true
		}
	}
}

// settle works out everything that follows from the rest.
func (m *Model) settle(now time.Time) {
	s := &m.s
	s.Controls = s.Granted.Has(wire.View|wire.Control) && !s.Away
	if s.Zoom == Fit {
		m.pan = image.Point{}
		s.Out = fit(s.View, s.Picture)
	} else {
		m.pan = clampPan(m.pan, s.View, s.Picture)
		s.Out = actual(m.pan, s.View, s.Picture)
	}
	s.Ghost, s.GhostShown = m.ghost()
	s.Loose = m.loose
	hold := s.Controls && s.Focused && s.Capture && !m.loose
	if hold != s.Captured {
		s.Captured = hold
		m.out = append(m.out, Hold{On: hold})
	}
	m.bar(now)
	s.Ticking = m.bumping() != (image.Point{}) || !m.edgeFrom.IsZero() || !m.hideFrom.IsZero()
}

// ghost is where the customer's own pointer is to be painted: always when the
// rep only looks on, and in control when it is not where the rep's pointer is.
func (m *Model) ghost() (image.Point, bool) {
	if !m.pointed || m.pointer.Monitor != m.s.Monitor || m.s.Out.Empty() {
		return image.Point{}, false
	}
	p := m.s.toView(m.pointer.X, m.pointer.Y)
	if !m.s.Controls || !m.hovering {
		return p, true
	}
	d := p.Sub(m.hover)
	return p, max(d.X, -d.X, d.Y, -d.Y) > near
}

// near is how many pixels the two pointers may differ and still count as one.
const near = 3
