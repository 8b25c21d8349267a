package consoleview

import (
	"fmt"
	"maps"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Places tells where the things are that can be seen now, for tests that use
// the program as a rep does, through the screen. Those of a detached session
// are in its own window.
func (v *View) Places() map[string]look.Place {
	objects := map[string]fyne.CanvasObject{}
	if v.gate.stands(v.s) {
		objects["enrol-code"], objects["enrol"], objects["log-in"] = v.gate.code, v.gate.enrol, v.gate.login
		objects["login-code"], objects["login-open"], objects["login-cancel"] = v.gate.pairing.code, v.gate.pairing.again, v.gate.pairing.cancel
	} else {
		objects["new-key"] = v.rail.newKey
		v.keyPlaces(objects)
		v.sessionPlaces(objects)
		v.queuePlaces(objects)
		v.readerPlaces(objects)
	}
	places := look.Places(objects)
	for name, p := range places {
		switch o := objects[name].(type) {
		case *tool:
			p.Text = o.Text
		case *way:
			p.Text = o.text.Text
		case *bigCode:
			p.Text = o.text.Text
		case *rosterRow:
			p.Text = o.name.Text
		case *press:
			p.Text = o.hintOf
		case *widget.Select:
			p.Text = o.Selected
		case *noteEntry:
			p.Text = o.Text
		}
		places[name] = p
	}
	v.tell(places)
	return places
}

// inFront is the session that is seen: one in a window of its own, if there is
// one; nil if none is.
func (v *View) inFront() *pane {
	for _, a := range v.asides {
		return a.pane
	}
	return v.panes[v.shown]
}

// queuePlaces are those of the queues and of handing on.
func (v *View) queuePlaces(objects map[string]fyne.CanvasObject) {
	objects["account"], objects["start"] = v.rail.menu, v.tabs.home
	if v.rail.account.object.Visible() {
		objects["sign-out"], objects["transcript-open"] = v.rail.account.out, v.rail.account.read
	}
	objects["stay"] = v.idle.stay
	m := v.queues.mover
	if p := v.inFront(); p != nil {
		if p.proofs.ask.Visible() {
			objects["yes"], objects["no"] = p.proofs.ask.yes, p.proofs.ask.no
		}
		objects["details"], objects["hand-on"], objects["words"], objects["words-differ"] = p.info, p.hand, p.proofs.code, p.proofs.differ
		m = p.mover
	}
	if (v.s.Move.ID != wire.SessionID{}) {
		objects["move-find"], objects["move-note"], objects["move-go"], objects["move-cancel"] = m.find, m.note, m.goes, m.shut
		for i, t := range v.s.Move.Targets {
			if r := m.rows[t.Queue]; r != nil {
				objects[fmt.Sprintf("target-%d", i+1)] = r.press
			}
		}
	}
	if len(v.s.Queues) == 0 || v.shown != (wire.SessionID{}) {
		return
	}
	q := v.queues
	objects["queue-next"], objects["queue-mute"], objects["queue-accept"], objects["queue-move"] = q.next, q.mute, q.accept, q.move
	objects["tell"] = q.tell
	if v.s.Tell.Open {
		q.teller.places(v.s, objects)
	}
	for i, row := range q.roster.rows {
		if row.Visible() {
			objects[fmt.Sprintf("waiter-%d", i+1)] = row
		}
	}
}

func (v *View) keyPlaces(objects map[string]fyne.CanvasObject) {
	for _, k := range v.s.Keys {
		c := v.rail.cards[k.Number]
		if c == nil || c.large == nil || !k.Mine {
			continue
		}
		objects["copy-key"], objects["copy-link"], objects["revoke"] = c.copyKey, c.buttons[0], c.revoke
		objects["invite"] = c.inviteB
		if i := c.invite; i != nil && c.open == drawerInvite {
			objects["invite-portal"], objects["invite-language"] = i.portal.list, i.language.list
			objects["invite-mail"], objects["invite-copy"] = i.mail, i.text
		}
		if c.yes != nil && c.open == drawerRevoke {
			objects["yes"], objects["no"] = c.yes, c.no
		}
	}
}

func (v *View) sessionPlaces(objects map[string]fyne.CanvasObject) {
	if _, ok := v.panes[v.shown]; !ok {
		objects["accept"], objects["decline"] = v.start.accept, v.start.decline
		if c := v.start.caller; len(v.s.Queues) > 0 && c.object.Visible() {
			objects["accept"], objects["decline"] = c.accept, c.decline
		}
	}
	if v.quit.Visible() {
		objects["yes"], objects["no"] = v.quit.yes, v.quit.no
	}
	p := v.inFront()
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
	maps.Copy(objects, p.stage.survey.Places())
	for _, a := range []*ask{p.ask, p.shut} {
		if a.Visible() {
			objects["yes"], objects["no"] = a.yes, a.no
		}
	}
	objects["notes"], objects["note-text"], objects["note-state"], objects["keeps"] = p.jot, p.notes.text, p.notes.state, p.keeps
	for i, o := range p.notes.outcomes {
		objects[fmt.Sprintf("note-outcome-%d", i+1)] = o
	}
}

// readerPlaces are those of the transcript that is read.
func (v *View) readerPlaces(objects map[string]fyne.CanvasObject) {
	r := v.reader
	if r == nil {
		return
	}
	objects["transcript-find"], objects["transcript-copy"], objects["transcript-problem"] = r.find, r.copies, r.problem
	objects["transcript-signed"] = r.signed
	for i, row := range r.rows[:min(len(r.rows), 60)] {
		objects[fmt.Sprintf("transcript-line-%d", i+1)] = row.text
	}
}

// tell adds what is not a place but can be read.
func (v *View) tell(places map[string]look.Place) {
	s := v.s
	places["sign-in"] = look.Place{Text: [...]string{"homeless", "connecting", "unknown", "enrolling", "in", "away", "logged-out", "logging-in"}[s.SignIn]}
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
		if x.Waits() {
			waits = append(waits, x.Name)
		}
	}
	places["waits"], places["note"] = look.Place{Text: strings.Join(waits, ", ")}, look.Place{Text: s.Note}
	places["certificate"] = look.Place{Text: v.certificate(s)}
	if s.Pairing.URL != "" {
		places["login-url"] = look.Place{Text: s.Pairing.URL}
	}
	if w := s.Waiter(); w != nil {
		places["picked"] = look.Place{Text: strings.Join([]string{w.Name, v.queues.state.String(), w.Issue, w.From, w.Note}, "\n")}
	}
	if len(s.Queues) > 0 {
		var names []string
		for _, w := range s.Waiters {
			names = append(names, v.speak.Visitor(w.Name))
		}
		places["queue"] = look.Place{Text: strings.Join(names[:min(len(names), 50)], ", ")}
	}
	if x, ok := s.Session(s.Selected); ok {
		places["proof"] = look.Place{Text: v.proof(x)}
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
