//go:build linux

package e2e

import (
	"image"
	"net/url"
	"strings"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/x11"
)

// drag is what a file manager is while files are dragged out of it, by the
// rules of XDND version 5 (freedesktop.org).
type drag struct {
	p      *person
	conn   *xgb.Conn
	window xproto.Window // the source
	target xproto.Window
	atoms  map[string]xproto.Atom
	paths  []string
}

// drops drags files onto a place in a thing of the person's program, as from a
// file manager, and lets go there.
func (p *person) drops(name string, fx, fy float64, paths ...string) {
	p.t.Helper()
	x := p.see(name)
	if x.Window == 0 {
		x.Window = p.read().Window
	}
	c, err := x11.Dial(p.screen.Name())
	if err != nil {
		p.t.Fatal(err)
	}
	defer c.Close()
	d := &drag{p: p, conn: c, target: xproto.Window(x.Window), atoms: map[string]xproto.Atom{}, paths: paths}
	d.begin()
	origin := p.origin(x)
	at := origin.Add(image.Pt(int(fx*float64(x.W)), int(fy*float64(x.H))))
	p.xdo("mousemove", itoa(at.X), itoa(at.Y))
	d.tell("XdndEnter", 5<<24, uint32(d.atom("text/uri-list")), 0, 0)
	d.tell("XdndPosition", 0, uint32(at.X)<<16|uint32(at.Y), 0, uint32(d.atom("XdndActionCopy")))
	status := d.hear("XdndStatus")
	if status[1]&1 == 0 {
		p.t.Fatalf("%s's window takes no files", p.who)
	}
	d.tell("XdndDrop", 0, 0, 0, 0)
	d.hear("XdndFinished")
}

// begin makes the source, which owns what is dragged.
func (d *drag) begin() {
	d.p.t.Helper()
	if !d.aware() {
		d.p.t.Fatalf("%s's window knows nothing of drag and drop", d.p.who)
	}
	var err error
	if d.window, err = xproto.NewWindowId(d.conn); err != nil {
		d.p.t.Fatal(err)
	}
	root := xproto.Setup(d.conn).DefaultScreen(d.conn).Root
	xproto.CreateWindow(d.conn, 0, d.window, root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil)
	xproto.SetSelectionOwner(d.conn, d.window, d.atom("XdndSelection"), xproto.TimeCurrentTime)
}

// aware says whether the target can be dropped on.
func (d *drag) aware() bool {
	r, err := xproto.GetProperty(d.conn, false, d.target, d.atom("XdndAware"), xproto.AtomAtom, 0, 1).Reply()
	return err == nil && r.ValueLen == 1
}

func (d *drag) atom(name string) xproto.Atom {
	d.p.t.Helper()
	if d.atoms[name] == 0 {
		r, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			d.p.t.Fatal(err)
		}
		d.atoms[name] = r.Atom
	}
	return d.atoms[name]
}

// tell says something to the target; the first word is always the source.
func (d *drag) tell(what string, words ...uint32) {
	d.p.t.Helper()
	e := xproto.ClientMessageEvent{
		Format: 32, Window: d.target, Type: d.atom(what),
		Data: xproto.ClientMessageDataUnionData32New(append([]uint32{uint32(d.window)}, words...)),
	}
	if err := xproto.SendEventChecked(d.conn, false, d.target, 0, string(e.Bytes())).Check(); err != nil {
		d.p.t.Fatal(err)
	}
}

// hear waits for the target's word, and hands over what is dragged when the
// target asks for it.
func (d *drag) hear(what string) []uint32 {
	d.p.t.Helper()
	late := time.AfterFunc(30*time.Second, d.conn.Close)
	defer late.Stop()
	for {
		e, err := d.conn.WaitForEvent()
		if e == nil && err == nil {
			d.p.t.Fatalf("%s's window never says %s", d.p.who, what)
		}
		switch e := e.(type) {
		case xproto.ClientMessageEvent:
			if e.Type == d.atom(what) {
				return e.Data.Data32
			}
		case xproto.SelectionRequestEvent:
			d.give(e)
		}
	}
}

// give hands the list of files over.
func (d *drag) give(e xproto.SelectionRequestEvent) {
	var list strings.Builder
	for _, path := range d.paths {
		list.WriteString((&url.URL{Scheme: "file", Path: path}).String() + "\r\n")
	}
	text := list.String()
	xproto.ChangeProperty(d.conn, xproto.PropModeReplace, e.Requestor, e.Property, e.Target, 8, uint32(len(text)), []byte(text))
	done := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: e.Property}
	xproto.SendEvent(d.conn, false, e.Requestor, 0, string(done.Bytes()))
}
