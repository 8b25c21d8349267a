package consoleview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// seat is a session in the list.
type seat struct {
	v       *View
	object  *fyne.Container
	press   *press
	waiting *look.Panel // the same with Accept and Decline
	avatar  *look.Avatar
	name    *widget.Label
	status  *widget.Label
	badge   *badge
}

func newSeat(v *View, id wire.SessionID) *seat {
	c := &seat{
		v: v, avatar: look.NewAvatar("", 32), badge: newBadge(besideName()),
		name:   line("", theme.SizeNameText, widget.MediumImportance, true),
		status: line("", theme.SizeNameCaptionText, widget.MediumImportance, false),
	}
	row := container.NewBorder(nil, nil, container.NewCenter(c.avatar), c.badge,
		container.New(inset{left: 4}, look.Rows(1, tight(c.name), tight(c.status))))
	c.press = newPress(v.foot, row, "", func() { v.act.Do(console.Select{ID: id}) })
	c.object = container.NewStack(c.press)
	return c
}

// offer is the row with the buttons of a session that waits.
func (c *seat) offer(id wire.SessionID) *look.Panel {
	if c.waiting == nil {
		accept, decline := c.v.decide(id)
		c.waiting = look.NewPanel(look.Rows(4, c.press, container.NewGridWithColumns(2, accept, decline)))
		c.waiting.Edge, c.waiting.Fill, c.waiting.Pad = theme.ColorNamePrimary, look.ColorCalm, fyne.NewSize(6, 6)
	}
	return c.waiting
}

// decide makes the two buttons for a session that waits.
func (v *View) decide(id wire.SessionID) (accept, decline *tool) {
	accept = newTool(v.foot, v.say(words.RepAccept), look.IconIn(assets.Check, theme.ColorNameForegroundOnPrimary), widget.HighImportance,
		v.withKeys(words.RepAcceptHint, keysAccept), func() { v.act.Do(console.Accept{ID: id}) })
	decline = newTool(v.foot, v.say(words.RepDecline), nil, widget.MediumImportance,
		v.say(words.RepDeclineHint), func() { v.act.Do(console.Decline{ID: id}) })
	return accept, decline
}

func (c *seat) show(x console.Session, s console.State) {
	c.avatar.SetName(x.Name)
	setLine(c.name, x.Name)
	setLine(c.status, c.v.status(x, s))
	c.press.hintOf = x.Name
	c.press.choose(s.Selected == x.ID)
	c.badge.set(x.Unread)
	if x.Waits() {
		swap(c.object, []fyne.CanvasObject{c.offer(x.ID)})
	} else {
		swap(c.object, []fyne.CanvasObject{c.press})
	}
}

// status says in a few words how a session is.
func (v *View) status(x console.Session, s console.State) string {
	switch {
	case x.Waits():
		return v.waits(x, s)
	case x.Meeting:
		return v.say(words.RepMeeting)
	case x.State.Stage == session.Over && x.Taken:
		return v.say(words.RepEnded)
	case x.State.Stage == session.Over:
		return v.say(words.RepLeft)
	case !x.State.Linked:
		return v.say(words.RepCut)
	case x.State.Granted.Has(wire.Control):
		return v.say(words.RepControls)
	case x.State.Granted != 0:
		return v.say(words.RepSees)
	}
	return v.lasts(x, s)
}

func (v *View) waits(x console.Session, s console.State) string {
	if d := s.Now.Sub(x.Since); d >= oneMinute {
		return v.say(words.RepWaits, v.speak.Long(d))
	}
	return v.say(words.RepWaitsNow)
}

func (v *View) lasts(x console.Session, s console.State) string {
	if d := s.Now.Sub(x.State.Began); d >= oneMinute {
		return v.say(words.RepActive, v.speak.Long(d))
	}
	return v.say(words.RepActiveNow)
}

// face is a session in the narrow bar.
type face struct {
	v      *View
	press  *press
	avatar *look.Avatar
	badge  *badge
}

func newFace(v *View, id wire.SessionID) *face {
	f := &face{v: v, avatar: look.NewAvatar("", 34), badge: newBadge(onFace())}
	corner := container.New(inset{bottom: 24, left: 22}, f.badge)
	f.press = newPress(v.foot, container.NewStack(container.NewCenter(f.avatar), corner), "", func() {
		v.act.Do(console.Select{ID: id})
	})
	f.press.pad = fyne.NewSize(2, 4) // as wide as the bar has room for
	return f
}

func (f *face) show(x console.Session, s console.State) {
	f.avatar.SetName(x.Name)
	f.press.hintOf = x.Name + " · " + f.v.status(x, s)
	f.press.choose(s.Selected == x.ID)
	plain := fyne.ThemeColorName("")
	if x.Waits() {
		plain = look.ColorSharing
	}
	if f.press.plain != plain {
		f.press.plain = plain
		f.press.Refresh()
	}
	f.badge.set(x.Unread)
}
