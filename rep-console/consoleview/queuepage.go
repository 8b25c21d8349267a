package consoleview

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// queuePage is the start page of a rep who has queues (K02): the queues, who
// waits in the chosen one, and what is known of the one that is picked.
type queuePage struct {
	v      *View
	object fyne.CanvasObject

	queues  *fyne.Container
	chips   map[string]*chip
	title   *widget.Label
	next    *tool
	mute    *tool
	problem *look.Problem
	sorts   map[console.Sorting]*tool

	roster  *roster
	empty   *fyne.Container
	nobody  *look.Text
	nobodys *look.Text

	side    *fyne.Container
	unpick  fyne.CanvasObject
	card    fyne.CanvasObject
	avatar  *look.Avatar
	name    *widget.Label
	state   *look.Text
	details *details
	accept  *tool
	move    *tool
	mover   *mover
	moving  fyne.CanvasObject

	tell   *press
	teller *teller
}

// chip is a queue to choose.
type chip struct {
	press *press
	name  *widget.Label
	count *widget.Label
	dot   *dot
}

func newQueuePage(v *View) *queuePage {
	p := &queuePage{v: v, chips: map[string]*chip{}, sorts: map[console.Sorting]*tool{}, queues: look.Rows(2)}
	word := line(v.say(words.TellOpen), theme.SizeNameText, widget.MediumImportance, false)
	p.tell = newPress(v.foot, container.NewBorder(nil, nil, container.NewCenter(look.NewPicture(look.Icon(assets.Info), 18)), nil,
		container.New(inset{left: 6}, tight(word))), v.say(words.TellHint), func() { v.act.Do(console.TellOn{}) })
	p.tell.Hide()
	left := look.NewStripe(container.NewBorder(heading(v.say(words.QueuesHead)), p.tell, nil, nil, container.NewVScroll(p.queues)),
		theme.ColorNameBackground)
	left.Pad = fyne.NewSize(8, 6)
	p.object = container.New(columns{}, left, p.makeList(), p.makeSide())
	return p
}

// makeList is the middle: what can be done with a queue, and who is in it.
func (p *queuePage) makeList() fyne.CanvasObject {
	v, do := p.v, p.v.act.Do
	p.title = line("", theme.SizeNameSubHeadingText, widget.MediumImportance, true)
	p.next = newTool(v.foot, v.say(words.QueueNext), look.IconIn(assets.Next, theme.ColorNameForegroundOnPrimary),
		widget.HighImportance, "", func() { do(console.TakeNext{}) })
	p.mute = newTool(v.foot, "", look.Icon(assets.Sound), widget.LowImportance, "", func() {
		do(console.Mute{On: !v.s.Settings.Mute})
	})
	head := container.NewBorder(nil, nil, nil, container.NewHBox(p.mute, p.next), container.New(centred{}, tight(p.title)))
	sort := func(by console.Sorting, text words.Sentence) *tool {
		t := newTool(v.foot, v.say(text), nil, widget.LowImportance, v.say(words.QueueSort), func() { do(console.SortBy{By: by}) })
		p.sorts[by] = t
		return t
	}
	order := container.NewBorder(nil, nil,
		container.NewHBox(sort(console.SortName, words.QueueName), sort(console.SortIssue, words.QueueIssue)),
		sort(console.SortWait, words.QueueWait))
	p.problem = look.NewProblem()
	p.roster = newRoster(v)
	p.nobody = look.NewText("", "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignCenter)
	p.nobodys = look.NewText("", look.ColorMuted, "", fyne.TextStyle{}, fyne.TextAlignCenter)
	p.empty = container.New(middle{}, look.Wide(look.Rows(0,
		container.NewCenter(look.NewPicture(look.IconIn(assets.Clock, look.ColorMuted), 44)), p.nobody, p.nobodys), 360))
	top := look.Rows(2, head, p.problem, order)
	body := container.New(inset{top: 8, right: 4, left: 8, bottom: 4},
		container.NewBorder(top, nil, nil, nil, container.NewStack(p.roster, p.empty)))
	return body
}

// makeSide is the right: the one that is picked.
func (p *queuePage) makeSide() fyne.CanvasObject {
	v, do := p.v, p.v.act.Do
	p.avatar = look.NewAvatar("", 44)
	p.name = line("", theme.SizeNameSubHeadingText, widget.MediumImportance, true)
	p.state = look.Caption("")
	p.details = newDetails(v)
	p.accept = newTool(v.foot, v.say(words.QueueAccept), look.IconIn(assets.Check, theme.ColorNameForegroundOnPrimary), widget.HighImportance,
		v.withKeys(words.QueueAcceptHint, "Enter"), func() { do(console.TakeWaiter{}) })
	p.move = newTool(v.foot, v.say(words.QueueMove), nil, widget.MediumImportance, v.say(words.QueueMoveHint), func() { do(console.MoveOn{}) })
	who := container.NewBorder(nil, nil, container.NewVBox(p.avatar), nil, container.New(inset{left: 8}, look.Rows(2, tight(p.name), look.Flush(p.state))))
	buttons := container.NewGridWithColumns(2, p.accept, p.move)
	p.card = container.NewBorder(look.Rows(10, who, buttons), nil, nil, nil, container.New(inset{top: 10}, p.details.sheet()))
	none := look.Rows(0, look.NewText(v.say(words.QueueNoneTitle), look.ColorMuted, "", fyne.TextStyle{Bold: true}, fyne.TextAlignCenter),
		look.NewText(v.say(words.QueueNoneText), look.ColorMuted, "", fyne.TextStyle{}, fyne.TextAlignCenter))
	p.unpick = container.New(middle{}, look.Wide(none, 300))
	p.mover = newMover(v, v.foot)
	p.moving = container.NewVScroll(p.mover.object)
	p.teller = newTeller(v)
	p.side = container.NewStack(p.unpick)
	panel := look.NewStripe(p.side, look.ColorSurface)
	panel.Pad = fyne.NewSize(14, 12)
	return panel
}

func (p *queuePage) show(s console.State) {
	p.showQueues(s)
	p.showList(s)
	w, before := s.Waiter(), p.side.Objects[0]
	defer func() { p.follow(before) }()
	show(p.tell, len(s.Boards) > 0)
	tells := p.teller.show(s)
	p.tell.choose(tells)
	switch {
	case tells:
		swap(p.side, []fyne.CanvasObject{p.teller.object})
	case w == nil:
		p.mover.show(wire.SessionID{}, s)
		show(p.unpick, len(s.Waiters) > 0)
		swap(p.side, []fyne.CanvasObject{p.unpick})
	case p.mover.show(w.Session, s):
		swap(p.side, []fyne.CanvasObject{p.moving})
	default:
		p.showPicked(w, s)
		swap(p.side, []fyne.CanvasObject{p.card})
	}
}

// follow takes the keyboard along when what is on the right changes.
func (p *queuePage) follow(before fyne.CanvasObject) {
	now := p.side.Objects[0]
	switch c := fyne.CurrentApp().Driver().CanvasForObject(p.next); {
	case now == before || c == nil:
	case now == p.moving:
		p.mover.enter(p.next)
	case now == p.teller.object:
		p.teller.enter(p.next)
	case before == p.moving, before == p.teller.object:
		c.Focus(p.roster)
	}
}

func (p *queuePage) showQueues(s console.State) {
	var rows []fyne.CanvasObject
	known := map[string]bool{}
	for _, q := range s.Queues {
		if q.ID == "" && len(s.Queues) == 2 {
			continue // all is the only one there is
		}
		known[q.ID] = true
		c := p.chips[q.ID]
		if c == nil {
			c = p.newChip(q.ID)
			p.chips[q.ID] = c
		}
		setLine(c.name, q.Name)
		count := ""
		if q.Waits > 0 {
			count = fmt.Sprint(q.Waits)
		}
		if c.count.Text != count {
			c.count.SetText(count)
		}
		c.press.hintOf = joined([]string{q.Name, count})
		show(c.dot, q.News > 0)
		c.press.choose(s.Queue == q.ID || len(s.Queues) == 2)
		rows = append(rows, c.press)
	}
	for id := range p.chips {
		if !known[id] {
			delete(p.chips, id)
		}
	}
	swap(p.queues, rows)
}

func (p *queuePage) newChip(id string) *chip {
	c := &chip{
		name: line("", theme.SizeNameText, widget.MediumImportance, false), count: widget.NewLabel(""), dot: newDot(),
	}
	c.count.TextStyle.Bold = true
	c.dot.set(theme.ColorNamePrimary)
	c.press = newPress(p.v.foot, container.NewBorder(nil, nil, nil, container.NewHBox(container.NewCenter(c.dot), tight(c.count)), tight(c.name)), "",
		func() { p.v.act.Do(console.ChooseQueue{ID: id}) })
	return c
}

func (p *queuePage) showList(s console.State) {
	say := p.v.say
	title := queueName(s, s.Queue)
	if len(s.Queues) == 2 {
		title = s.Queues[1].Name
	}
	setLine(p.title, title)
	text, hint := say(words.QueueNext), words.QueueNextHint
	if s.Queue == "" {
		hint = words.QueueNextAny
	}
	p.next.Hint = p.v.withKeys(hint, keysAccept)
	if s.Nexting {
		text = say(words.QueueNexting)
	}
	p.next.set(text, p.next.Icon, widget.HighImportance)
	p.next.setEnabled(s.SignIn == console.In && !s.Nexting && anybody(s))
	icon := assets.Sound
	p.mute.Hint = say(words.QueueUnmute)
	if s.Settings.Mute {
		icon, p.mute.Hint = assets.Silent, say(words.QueueMute)
	}
	if p.mute.Icon == nil || p.mute.Icon.Name() != look.Icon(icon).Name() {
		p.mute.set("", look.Icon(icon), widget.LowImportance)
	}
	what, advice := "", ""
	if s.QueueProblem != words.NoProblem {
		what, advice = p.v.speak.Problem(s.QueueProblem)
	}
	p.problem.Set(what, advice, "", nil)
	p.showOrder(s.Settings.Order)
	p.roster.show(s)
	show(p.roster, len(s.Waiters) > 0)
	show(p.empty, len(s.Waiters) == 0)
	nobody, nobodys := words.QueueEmptyTitle, words.QueueEmptyText
	if s.Queue != "" && len(s.Queues) > 2 {
		nobody = words.QueueEmptyHere
	}
	switch {
	case s.SignIn != console.In: // nobody knows who waits
		nobody, nobodys = words.QueueAwayTitle, words.QueueAwayText
	case s.Settings.Mute:
		nobodys = words.QueueEmptyQuiet
	}
	p.nobody.SetText(say(nobody))
	p.nobodys.SetText(say(nobodys))
}

// anybody says whether somebody can be taken in the chosen queue.
func anybody(s console.State) bool {
	for _, w := range s.Waiters {
		if w.Stage == console.WaiterThere && w.Here {
			return true
		}
	}
	return false
}

func (p *queuePage) showOrder(o console.Order) {
	by := o.By
	if by == "" {
		by = console.SortWait
	}
	for this, text := range map[console.Sorting]words.Sentence{
		console.SortWait: words.QueueWait, console.SortName: words.QueueName, console.SortIssue: words.QueueIssue,
	} {
		label := p.v.say(text)
		switch {
		case this == by && o.Down:
			label += " ↑"
		case this == by:
			label += " ↓"
		}
		p.sorts[this].set(label, nil, widget.LowImportance)
	}
}

func (p *queuePage) showPicked(w *console.Waiter, s console.State) {
	say := p.v.say
	name := p.v.speak.Visitor(w.Name)
	p.avatar.SetName(name)
	setLine(p.name, name)
	state := say(words.RepWaits, p.v.speak.Wait(s.Now.Sub(w.Since)))
	switch {
	case w.Stage == console.WaiterGone:
		state = p.v.speak.Gone(w.Gone, w.By)
	case !w.Here:
		state = say(words.DetailNotHere)
	}
	p.state.SetText(state)
	text := say(words.QueueAccept)
	if w.Stage == console.WaiterAsked {
		text = say(words.QueueAsked)
	}
	p.accept.set(text, p.accept.Icon, widget.HighImportance)
	there := s.SignIn == console.In && w.Stage == console.WaiterThere
	p.accept.setEnabled(there && w.Here)
	p.move.setEnabled(there)
	p.details.show(w, queueName(s, w.Queue))
}

// columns shares the width between queues, list and side.
type columns struct{}

func (columns) MinSize(o []fyne.CanvasObject) fyne.Size {
	high := float32(0)
	for _, c := range o {
		high = max(high, c.MinSize().Height)
	}
	return fyne.NewSize(560, high)
}

func (columns) Layout(o []fyne.CanvasObject, s fyne.Size) {
	queues := min(max(s.Width*0.19, 132), 210)
	side := min(max((s.Width-queues)*0.46, 220), 460)
	x := float32(0)
	for i, w := range []float32{queues, s.Width - queues - side, side} {
		o[i].Move(fyne.NewPos(x, 0))
		o[i].Resize(fyne.NewSize(w, s.Height))
		x += w
	}
}
