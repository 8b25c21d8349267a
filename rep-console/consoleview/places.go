package consoleview

import (
	"fmt"
	"maps"
	"strings"

	"fyne.io/fyne/v2"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/words"
)

// Places tells where the things are that can be seen now, for tests that use
// the program as a rep does, through the screen. Those of a detached session
// are in its own window.
func (v *View) Places() map[string]look.Place {
	objects := map[string]fyne.CanvasObject{}
	if v.gate.stands(v.s) {
		objects["enrol-code"], objects["enrol"] = v.gate.code, v.gate.enrol
	} else {
		objects["new-key"] = v.rail.newKey
		v.keyPlaces(objects)
		v.sessionPlaces(objects)
	}
	places := look.Places(objects)
	for name, p := range places {
		switch o := objects[name].(type) {
		case *tool:
			p.Text = o.Text
		case *way:
			p.Text = o.text.Text
		}
		places[name] = p
	}
	v.tell(places)
	return places
}

func (v *View) keyPlaces(objects map[string]fyne.CanvasObject) {
	for _, k := range v.s.Keys {
		c := v.rail.cards[k.Number]
		if c == nil || c.large == nil || !k.Mine {
			continue
		}
		objects["copy-key"], objects["copy-link"], objects["revoke"] = c.copyKey, c.buttons[0], c.revoke
		if c.yes != nil && c.open == drawerRevoke {
			objects["yes"], objects["no"] = c.yes, c.no
		}
	}
}

func (v *View) sessionPlaces(objects map[string]fyne.CanvasObject) {
	if _, ok := v.panes[v.shown]; !ok {
		objects["accept"], objects["decline"] = v.start.accept, v.start.decline
	}
	if v.quit.Visible() {
		objects["yes"], objects["no"] = v.quit.yes, v.quit.no
	}
	p := v.panes[v.shown]
	for _, a := range v.asides {
		p = a.pane
	}
	if p == nil {
		return
	}
	objects["peer"], objects["nudge"], objects["detach"], objects["end"] = p.name, p.nudge, p.move, p.end
	objects["entry"], objects["viewer"] = p.entry, p.viewer
	objects["ask-control"], objects["ask-view"], objects["retract"] = p.stage.both, p.stage.view, p.stage.asking
	objects["take-control"], objects["give-back"] = p.stage.ask, p.stage.back
	objects["stop-viewing"], objects["full"], objects["monitors"] = p.stage.stop, p.stage.full, p.stage.monitors
	objects["send-file"], objects["way"] = p.clip, p.way
	maps.Copy(objects, p.chat.FilePlaces())
	if p.ask.Visible() {
		objects["yes"], objects["no"] = p.ask.yes, p.ask.no
	}
}

// tell adds what is not a place but can be read.
func (v *View) tell(places map[string]look.Place) {
	s := v.s
	places["sign-in"] = look.Place{Text: [...]string{"homeless", "connecting", "unknown", "enrolling", "in", "away"}[s.SignIn]}
	for name, problem := range map[string]words.Problem{"problem": s.Problem, "key-problem": s.KeyProblem} {
		if problem != words.NoProblem {
			what, _ := v.speak.Problem(problem)
			places[name] = look.Place{Text: what}
		}
	}
	for i, id := range s.Tabs {
		b := v.tabs.all[id]
		if b == nil {
			continue
		}
		tab, _ := look.Seen(b.press)
		tab.Text = b.name.Text
		if b.badge.Visible() { // what nobody has read
			tab.Text += " " + b.badge.text.Text
		}
		places[fmt.Sprintf("tab-%d", i+1)] = tab
	}
	var waits []string
	for _, x := range s.Sessions {
		if x.State.Stage == session.Waiting {
			waits = append(waits, x.Name)
		}
	}
	places["waits"] = look.Place{Text: strings.Join(waits, ", ")}
	if x, ok := s.Session(s.Selected); ok {
		places["lines"] = look.Place{Text: v.linesOf(x)}
		places["status"] = look.Place{Text: v.status(x, s)}
	}
}

// linesOf is the list of a session as text.
func (v *View) linesOf(x console.Session) string {
	var all strings.Builder
	for _, l := range x.State.Lines {
		all.WriteString(v.speak.Line(l, x.State))
		all.WriteByte('\n')
	}
	return all.String()
}
