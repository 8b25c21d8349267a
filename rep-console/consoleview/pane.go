package consoleview

import (
	"maps"
	"slices"
	"strings"
	"time"

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

// pane is one session in a tab or in a window of its own: who it is on top,
// the customer's screen on the left, the chat on the right.
type pane struct {
	v      *View
	to     hinter
	id     wire.SessionID
	x      console.Session
	object *fyne.Container

	avatar *look.Avatar
	name   *widget.Label
	proof  *widget.Label
	shield *widget.Icon
	sure   bool // as drawn
	facts  *widget.Label
	way    *way
	nudge  *tool
	info   *tool
	drawer fyne.CanvasObject
	about  *details
	hand   *tool
	mover  *mover
	talk   fyne.CanvasObject // the chat, in whose place the mover comes
	moving fyne.CanvasObject
	proofs *proofs
	move   *tool
	out    fyne.Resource // the picture for moving to a window of its own
	in     fyne.Resource // and back
	end    *tool
	ask    *ask
	shut   *ask // may the tab be closed, although its note is not kept?
	jot    *tool
	notes  *notes
	keeps  *look.Text      // why less is kept than the organisation wants
	foot   *fyne.Container // round it
	cut    *look.Panel
	divide *divide

	stage  *stage
	viewer fyne.CanvasObject
	lent   bool // the viewer fills a window by itself

	chat     *look.Timeline
	known    shape
	files    []session.Transfer // as drawn
	left     map[uint32]time.Duration
	chooser  *look.Chooser
	clip     *tool
	entry    *entry
	entryBox *container.ThemeOverride
	compose  fyne.CanvasObject
}

// shape tells whether the list of lines has to be drawn anew.
type shape struct {
	lines, dropped int
	acked          uint64
	peer           string
	linked         bool
	stage          session.Stage
}

func newPane(v *View, to hinter, x console.Session) *pane {
	p := &pane{v: v, to: to, id: x.ID, x: x}
	p.viewer = v.act.Viewer(x.ID)
	p.viewer.Hide()
	p.stage = newStage(p)
	p.ask = newAsk(v.say(words.RepEndYes), v.say(words.RepEndNo), v.act.Do)
	cutText := look.NewText(v.say(words.RepCutFor), look.ColorOnSharing, "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	cutIcon := container.NewCenter(look.NewPicture(look.IconIn(assets.Unlinked, look.ColorOnSharing), 22))
	p.cut = look.NewStripe(container.NewBorder(nil, nil, cutIcon, nil, cutText), look.ColorSharing)
	p.cut.Pad = fyne.NewSize(12, 2)
	p.cut.Hide()
	p.divide = newDivide(p.stage.object, p.makeChat(), v.s.Settings.Split, to, v.say(words.RepSplitHint), func(share float64) {
		v.act.Do(console.Split{Share: share})
	})
	p.proofs = newProofs(v, to, x.ID)
	p.shut = newAsk(v.say(words.CloseUnkeptYes), v.say(words.CloseUnkeptNo), v.act.Do)
	p.notes = newNotes(v, to, x)
	p.notes.wanted = over(x)
	top := look.Rows(0, p.makeHead(), p.ask, p.shut, p.cut, p.proofs, p.drawer, p.notes.object)
	for _, t := range []*tool{p.nudge, p.stage.both, p.stage.view, p.stage.asking, p.stage.ask, p.stage.retract, p.stage.back} {
		t.after = p.toEntry
	}
	p.object = container.NewBorder(top, nil, nil, nil, p.divide)
	return p
}

func (p *pane) makeHead() fyne.CanvasObject {
	v, do := p.v, p.v.act.Do
	p.avatar = look.NewAvatar("", 40)
	p.name = line("", theme.SizeNameSubHeadingText, widget.MediumImportance, true)
	p.proof = widget.NewLabel("")
	p.proof.SizeName, p.proof.Importance = theme.SizeNameCaptionText, widget.SuccessImportance
	p.facts = line("", theme.SizeNameCaptionText, widget.MediumImportance, false)
	p.shield, p.sure = widget.NewIcon(look.IconIn(assets.Shield, theme.ColorNameSuccess)), true
	shield := container.NewCenter(look.Sized(p.shield, fyne.NewSquareSize(15)))
	p.way = newWay(p.to)
	under := container.NewBorder(nil, nil, container.NewHBox(shield, tight(p.proof), p.way), nil, container.New(inset{left: 4}, tight(p.facts)))
	who := container.NewVBox(tight(p.name), under)

	p.nudge = newTool(p.to, v.say(words.RepNudge), look.Icon(assets.Bell), widget.MediumImportance,
		v.withKeys(words.RepNudgeHint, keysNudge), func() { do(console.Nudge{ID: p.id}) })
	p.out, p.in = look.Icon(assets.Link), look.Icon(assets.Window)
	p.move = newTool(p.to, "", p.out, widget.MediumImportance, "", func() {
		do(console.Detach{ID: p.id, On: !p.x.Detached})
	})
	p.end = newTool(p.to, v.say(words.RepEnd), look.IconIn(assets.Leave, theme.ColorNameForegroundOnError),
		widget.DangerImportance, v.withKeys(words.RepEndHint, keysClose), func() { do(console.End{ID: p.id}) })
	p.makeDrawers()
	right := container.NewCenter(container.NewHBox(p.info, p.hand, p.nudge, p.move, p.end))
	head := look.NewStripe(container.NewBorder(nil, nil, container.NewCenter(p.avatar), right,
		container.New(inset{left: 6, right: 6}, who)), look.ColorSurface)
	head.Pad = fyne.NewSize(12, 7)
	return head
}

// makeDrawers makes what can be pulled out below the head, what is known of the
// customer, and the buttons for that and for handing the customer on.
func (p *pane) makeDrawers() {
	v := p.v
	p.about = newDetails(v)
	drawer := look.NewStripe(container.New(tall{min: 60, most: 150}, p.about.sheet()), look.ColorSurface)
	drawer.Hide()
	p.drawer = drawer
	p.info = newTool(p.to, "", look.Icon(assets.Info), widget.MediumImportance, v.say(words.DetailHint), func() {
		show(p.drawer, !p.drawer.Visible())
		p.object.Refresh()
	})
	p.hand = newTool(p.to, "", look.Icon(assets.Next), widget.MediumImportance, v.say(words.MoveHint), func() {
		if v.s.Move.ID == p.id {
			v.act.Do(console.MoveShut{})
			return
		}
		v.act.Do(console.MoveOn{ID: p.id})
	})
}

// note pulls the notes out, with the cursor in them, or puts them away.
func (p *pane) note() {
	if !p.jot.Visible() {
		return
	}
	on := p.notes.pull(!p.notes.object.Visible())
	p.object.Refresh()
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.end); c != nil && on {
		c.Focus(p.notes.text)
	} else {
		p.toEntry()
	}
}

// toEntry puts the cursor back to where the rep writes: a click on a button is
// no reason to lose it. Where the end button is the entry is, too, which may
// have come just now: then Fyne doesn't know it yet.
func (p *pane) toEntry() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.end); c != nil && p.entry.Visible() && !over(p.x) {
		c.Focus(p.entry)
	}
}

// enter puts the cursor to where the rep goes on: to what is asked about the
// session, or to where the rep writes.
func (p *pane) enter(c fyne.Canvas) {
	switch {
	case p.stage.survey.Visible():
		c.Focus(p.stage.survey.First())
	case p.compose.Visible():
		c.Focus(p.entry)
	case p.notes.object.Visible() && !p.notes.text.Disabled():
		c.Focus(p.notes.text)
	default:
		c.Unfocus()
	}
}

func (p *pane) makeChat() fyne.CanvasObject {
	v := p.v
	p.chat = look.NewTimeline(v.speak, v.act.Open)
	p.entry = newEntry(v.say(words.WriteHere), v.shortcuts(func() wire.SessionID { return p.id }), func() {
		focus := console.Focus{}
		if p.x.Detached {
			focus.ID = p.id
		}
		v.act.Do(focus)
	})
	p.entry.SetText(p.x.Draft)
	p.entry.OnChanged = func(text string) { v.act.Do(console.Draft{ID: p.id, Text: text}) }
	p.entry.OnPage = p.chat.Page
	p.entry.OnSend = func(text string) bool {
		v.act.Do(console.Say{ID: p.id, Text: text})
		if p.x.State.Full {
			return false
		}
		p.chat.ToNewest()
		return true
	}
	send := newTool(p.to, "", look.IconIn(assets.Send, theme.ColorNameForegroundOnPrimary), widget.HighImportance,
		v.withKeys(words.SendMessage, "Enter"), p.entry.Send)
	p.chat.OnFile, p.chat.Home = p.onFile, p.entry
	p.chooser = look.NewChooser(v.speak, func(paths []string) { v.act.Do(console.Files{ID: p.id, Paths: paths}) })
	p.chooser.After = p.toEntry
	p.clip = newTool(p.to, "", look.Icon(assets.Clip), widget.LowImportance, v.say(words.RepDropFilesHint), func() { p.chooser.Menu(p.clip) })
	p.entryBox = container.NewThemeOverride(p.entry, look.Theme{})
	p.compose = container.New(inset{top: 4, right: 8, bottom: 8, left: 4},
		container.NewBorder(nil, nil, container.NewVBox(look.Sized(p.clip, fyne.NewSize(38, 38))), container.NewVBox(look.Sized(send, fyne.NewSize(42, 38))), p.entryBox))
	size := func(icon assets.Icon, text words.Sentence, keys string, by int) *tool {
		return newTool(p.to, "", look.Icon(icon), widget.LowImportance, v.withKeys(text, keys), func() { v.act.Do(console.Font{By: by}) })
	}
	p.jot = newTool(p.to, v.say(words.NotesButton), look.Icon(assets.Note), widget.LowImportance, v.withKeys(words.NotesHint, keysNotes), p.note)
	head := container.NewBorder(nil, nil, nil, container.NewHBox(p.jot,
		size(assets.Smaller, words.TextSmaller, keysSmall, -1), size(assets.Larger, words.TextLarger, keysLarger, 1)),
		line(v.say(words.RepChat), theme.SizeNameText, widget.MediumImportance, true))
	p.mover = newMover(v, p.to)
	p.moving = container.New(inset{top: 4, right: 8, bottom: 8, left: 4}, container.NewVScroll(p.mover.object))
	p.moving.Hide()
	p.keeps = look.NewText("", theme.ColorNameWarning, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignLeading)
	p.foot = container.New(inset{right: 8, bottom: 8, left: 8},
		look.Leading(look.NewPicture(look.IconIn(assets.Warning, theme.ColorNameWarning), 16), look.Flush(p.keeps)))
	p.foot.Hide()
	p.talk = look.Column(4, p.chat, nil, head, p.chat, p.compose, p.foot)
	return container.NewStack(p.talk, p.moving)
}

// asked is the question that is asked, nil if there is none.
func (p *pane) asked() *ask {
	for _, a := range []*ask{p.ask, p.shut, p.proofs.ask} {
		if a.Visible() && (a != p.proofs.ask || p.proofs.Visible()) {
			return a
		}
	}
	return nil
}

// answerable takes the keyboard to the safe answer of a question that has come,
// and from one that is gone back to where the rep goes on.
func (p *pane) answerable(before *ask) {
	now, c := p.asked(), fyne.CurrentApp().Driver().CanvasForObject(p.end)
	switch {
	case c == nil || now == before:
	case now != nil:
		c.Focus(now.no)
	case before.focused(c):
		p.enter(c)
	}
}

// show draws the session.
func (p *pane) show(x console.Session, s console.State) {
	defer p.answerable(p.asked())
	met, asked, ends := p.x.Meeting && !x.Meeting, p.x.Asked(), !over(p.x) && over(x)
	p.x = x
	if met {
		p.see()
	}
	p.showHead(s)
	p.ask.set(p.v.say(words.RepEndAsk, x.Name), s.Question.Ask == console.EndSession && s.Question.ID == x.ID)
	p.shut.set(p.v.say(words.CloseUnkeptAsk), s.Question.Ask == console.CloseUnkept && s.Question.ID == x.ID)
	show(p.cut, !over(x) && !x.State.Linked)
	p.showNotes(s, ends)
	p.proofs.show(x, s)
	p.showDrawers(s)
	p.stage.show(x, s)
	p.divide.set(s.Settings.Split)
	p.showChat(s)
	show(p.viewer, x.State.Granted.Has(wire.View))
	if met {
		p.toEntry()
	}
	writes := p.entry.focused || p.notes.text.focused && p.notes.text.Text == ""
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.end); c != nil &&
		(asked != x.Asked() && (asked || writes) || ends && writes) {
		p.enter(c)
	}
}

// showNotes draws the rep's notes, which come out when the session ends, and
// what is wrong with what is kept.
func (p *pane) showNotes(s console.State, ends bool) {
	show(p.jot, !p.x.State.Began.IsZero())
	if ends {
		p.notes.pull(true)
	}
	p.notes.show(p.x, s)
	text := p.v.trouble(p.x.Trouble)
	p.keeps.SetText(text)
	show(p.foot, text != "")
}

func (p *pane) showHead(s console.State) {
	v, x := p.v, p.x
	p.avatar.SetName(x.Name)
	setLine(p.name, x.Name)
	p.showProof()
	setLine(p.facts, strings.Join(p.facing(s), " · "))
	p.way.show(v, x, s)
	left := x.State.NudgeFrom.Sub(s.Now)
	text := v.say(words.RepNudge)
	if left > 0 {
		text = v.say(words.RepNudgeIn, v.speak.Seconds(left))
	}
	p.nudge.set(text, p.nudge.Icon, widget.MediumImportance)
	reason := ""
	if x.State.Denied.Nudge {
		reason = v.say(words.DeniedByOrganisation)
	}
	bar(p.nudge, v.withKeys(words.RepNudgeHint, keysNudge), reason, left <= 0 && !x.Meeting)
	show(p.nudge, !over(x))
	p.move.Hint = v.withKeys(words.RepDetach, keysDetach)
	icon := p.out
	if x.Detached {
		p.move.Hint, icon = v.withKeys(words.RepAttach, keysDetach), p.in
	}
	p.move.set("", icon, widget.MediumImportance)
	if over(x) {
		p.end.Hint = v.withKeys(words.RepCloseHint, keysClose)
		p.end.set(v.say(words.RepClose), look.Icon(assets.Cross), widget.MediumImportance)
	}
}

// showProof says whether it is certain who is at the other end.
func (p *pane) showProof() {
	proof, sure := p.v.proof(p.x), !unverified(p.x)
	if p.proof.Text == proof && p.sure == sure {
		return
	}
	p.sure = sure
	importance, icon, colour := widget.SuccessImportance, assets.Shield, theme.ColorNameSuccess
	if !sure {
		importance, icon, colour = widget.WarningImportance, assets.Warning, theme.ColorNameWarning
	} else if p.x.State.Proof == wire.ProofCompare {
		icon = assets.Check
	}
	p.shield.SetResource(look.IconIn(icon, colour))
	p.proof.Importance = importance
	p.proof.SetText(proof)
}

// showDrawers draws what is pulled out.
func (p *pane) showDrawers(s console.State) {
	x := p.x
	show(p.info, x.Visitor != nil)
	p.about.show(x.Visitor, "")
	reason := ""
	if !x.MayMove() {
		reason = p.v.say(words.DeniedByOrganisation)
	}
	bar(p.hand, p.v.say(words.MoveHint), reason, s.SignIn == console.In && !x.Meeting)
	show(p.hand, !over(x) && len(s.Queues) > 0)
	if moves := p.mover.show(x.ID, s); moves != p.moving.Visible() {
		show(p.moving, moves)
		show(p.talk, !moves)
		if moves {
			p.mover.enter(p.hand)
		} else {
			p.toEntry()
		}
	}
}

// facing is what is known of the session besides the name.
func (p *pane) facing(s console.State) []string {
	v, x := p.v, p.x
	var facts []string
	if system := v.speak.System(x.State.PeerSystem); system != "" {
		facts = append(facts, system)
	}
	if over(x) {
		return append(facts, v.speak.Ending(x.State.Why, x.State))
	}
	if x.Meeting {
		return append(facts, v.say(words.RepMeeting))
	}
	return append(facts, v.lasts(x, s))
}

func (p *pane) showChat(s console.State) {
	scale := 1 + 0.1*float32(s.Settings.Font)
	p.chat.SetScale(scale)
	if now := (look.Theme{Scale: scale}); p.entryBox.Theme != now {
		p.entryBox.Theme = now
		p.entryBox.Refresh()
	}
	st := p.x.State
	now := shape{len(st.Lines), st.Dropped, st.Acked, st.Peer, st.Linked, st.Stage}
	if now != p.known || !slices.Equal(st.Transfers, p.files) || !maps.Equal(p.x.Left, p.left) {
		p.known, p.files, p.left = now, st.Transfers, p.x.Left
		p.chat.Set(st, p.x.Left)
	}
	show(p.compose, !over(p.x) && !p.x.Meeting)
	reason := ""
	switch {
	case st.Denied.Send:
		reason = p.v.say(words.DeniedByOrganisation)
	case unverified(p.x):
		reason = p.v.say(words.HeldBack)
	}
	bar(p.clip, p.v.say(words.RepDropFilesHint), reason, true)
	if over(p.x) {
		p.chooser.Shut()
	}
}

// onFile takes what the rep does on a file's card.
func (p *pane) onFile(id uint32, act look.FileAct) {
	switch act {
	case look.TakeFile, look.RefuseFile:
		p.v.act.Do(console.Take{ID: p.id, Transfer: id, Allow: act == look.TakeFile})
	case look.CancelFile:
		p.v.act.Do(console.Halt{ID: p.id, Transfer: id})
	case look.ShowFile:
		if x, ok := words.Transfer(id, p.x.State); ok {
			p.v.act.Show(x.Place)
		}
	}
}

// see takes the viewer of a session whose two ends have just met: before that
// there was none.
func (p *pane) see() {
	p.viewer = p.v.act.Viewer(p.id)
	p.viewer.Hide()
	if !p.lent {
		p.takeBack()
	}
}

// away says that nothing of the pane is seen.
func (p *pane) away() { show(p.viewer, false) }

// lend gives the viewer away, to fill a window.
func (p *pane) lend() {
	if !p.lent {
		p.lent = true
		swap(p.stage.place, nil)
	}
}

// takeBack puts the viewer back where it belongs.
func (p *pane) takeBack() {
	p.lent = false
	swap(p.stage.place, []fyne.CanvasObject{p.viewer})
}
