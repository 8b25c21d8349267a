package consoleview

import (
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

// Widths of the bar on the left.
const (
	wideRail = 348
	thinRail = 64
)

// rail is the bar on the left: who is signed in, keys, sessions. Narrow, it
// keeps the button for a new key and the faces of the sessions.
type rail struct {
	v      *View
	object *fyne.Container
	wide   fyne.CanvasObject
	thin   fyne.CanvasObject
	chosen bool // the rep wants it narrow
	small  bool // the window is too small to keep it wide
	peek   bool // in a small window: wide for the moment

	organisation *widget.Label
	avatar       *look.Avatar
	rep          *widget.Label
	dot          *dot
	status       *widget.Label
	problem      *look.Problem
	login        *look.Problem
	pairing      *pairing
	account      *account
	menu         *press // pulls it out
	newKey       *tool
	life         *widget.Select
	lives        []string
	keyProblem   *look.Problem
	first        *fyne.Container // the newest key, always in view

	list         *fyne.Container
	top          *fyne.Container // all above the list
	need         fyne.Size       // of top and list together, when they were laid out last
	waitingHead  fyne.CanvasObject
	sessionsHead fyne.CanvasObject
	keysHead     fyne.CanvasObject
	none         fyne.CanvasObject // says that there is nothing
	nothing      *look.Text
	cards        map[string]*keyCard
	seats        map[wire.SessionID]*seat
	unfolded     string // number of the key that was unfolded in the list

	thinKey  *tool
	thinDot  *dot
	thinList *fyne.Container
	faces    map[wire.SessionID]*face
}

func newRail(v *View) *rail {
	r := &rail{
		v: v, cards: map[string]*keyCard{}, seats: map[wire.SessionID]*seat{}, faces: map[wire.SessionID]*face{},
		organisation: line("", theme.SizeNameSubHeadingText, widget.MediumImportance, true),
		avatar:       look.NewAvatar("", 34), rep: line("", theme.SizeNameText, widget.MediumImportance, false),
		dot: newDot(), status: line("", theme.SizeNameCaptionText, widget.MediumImportance, false),
		problem: look.NewProblem(), keyProblem: look.NewProblem(), login: look.NewProblem(),
		pairing: newPairing(v, true), account: newAccount(v),
		first: container.NewStack(), nothing: look.Caption(""),
	}
	r.none = look.Flush(r.nothing)
	r.wide = r.makeWide()
	r.thin = r.makeThin()
	r.object = container.NewStack(r.wide, r.thin)
	r.thin.Hide()
	return r
}

func (r *rail) makeWide() fyne.CanvasObject {
	v := r.v
	fold := newTool(v.foot, "", look.Icon(assets.Menu), widget.LowImportance,
		v.withKeys(words.RepFoldRail, keysFold), r.toggle)
	who := look.Rows(1, tight(r.organisation), tight(r.rep),
		container.NewBorder(nil, nil, container.NewCenter(r.dot), nil, tight(r.status)))
	r.menu = newPress(v.foot, container.NewBorder(nil, nil, container.NewVBox(r.avatar),
		container.NewVBox(container.New(inset{top: 10}, look.NewPicture(look.IconIn(assets.Settings, look.ColorMuted), 16))), container.New(inset{left: 6}, who)),
		v.say(words.LoginMenu), func() {
			show(r.account.object, !r.account.object.Visible())
			v.relay()
		})
	r.menu.pad = fyne.NewSize(4, 4)
	head := container.NewBorder(nil, nil, nil, container.NewVBox(fold), container.New(inset{top: -4, right: -4, bottom: -4, left: -4}, r.menu))

	r.newKey = newTool(v.foot, v.say(words.RepNewKey), look.IconIn(assets.Plus, theme.ColorNameForegroundOnPrimary),
		widget.HighImportance, v.withKeys(words.RepNewKey, keysNewKey), func() { v.act.Do(console.NewKey{}) })
	for _, d := range console.Lives() {
		r.lives = append(r.lives, v.speak.Life(d))
	}
	r.life = widget.NewSelect(r.lives, nil)
	r.life.OnChanged = func(string) {
		if i := r.life.SelectedIndex(); i >= 0 {
			v.act.Do(console.ChooseLife{Life: console.Lives()[i]})
		}
	}
	maker := container.NewBorder(nil, nil, nil, look.Sized(r.life, fyne.NewSize(98, 38)), r.newKey)

	r.waitingHead = heading(v.say(words.RepWaitingHead))
	r.sessionsHead = heading(v.say(words.RepSessionsHead))
	r.keysHead = heading(v.say(words.RepKeys))
	r.list = look.Rows(6)
	r.top = look.Rows(10, head, r.account.object, r.problem, r.login, r.pairing.object, maker, r.keyProblem, r.first)
	scroll := container.NewVScroll(container.New(inset{top: 4, right: 10, bottom: 8, left: 0}, r.list))
	body := container.NewBorder(container.New(inset{right: 10, bottom: 4}, r.top), nil, nil, nil, scroll)
	p := look.NewStripe(body, theme.ColorNameHeaderBackground)
	p.Pad = fyne.NewSize(12, 12)
	p.Content = container.New(inset{right: -10}, body)
	return p
}

func heading(text string) fyne.CanvasObject {
	l := line(text, theme.SizeNameCaptionText, widget.MediumImportance, true)
	return container.New(inset{top: 6}, tight(l))
}

func (r *rail) makeThin() fyne.CanvasObject {
	v := r.v
	unfold := newTool(v.foot, "", look.Icon(assets.Menu), widget.LowImportance,
		v.withKeys(words.RepUnfoldRail, keysFold), r.toggle)
	r.thinKey = newTool(v.foot, "", look.IconIn(assets.Plus, theme.ColorNameForegroundOnPrimary),
		widget.HighImportance, v.withKeys(words.RepNewKey, keysNewKey), func() {
			r.toggle() // the new key wants to be read
			v.act.Do(console.NewKey{})
		})
	r.thinDot = newDot()
	r.thinList = container.NewVBox()
	top := container.NewVBox(unfold, container.NewCenter(r.thinDot), r.thinKey)
	p := look.NewStripe(container.NewBorder(top, nil, nil, nil, container.NewVScroll(r.thinList)), theme.ColorNameHeaderBackground)
	p.Pad = fyne.NewSize(8, 10)
	return p
}

// fit chooses the wide or the narrow bar for a window that is small or not,
// and gives its width.
func (r *rail) fit(small bool) float32 {
	r.small = small
	thin := r.chosen
	if small {
		thin = !r.peek
	}
	show(r.wide, !thin)
	show(r.thin, thin)
	if thin {
		return thinRail
	}
	return wideRail
}

// toggle makes the bar wide or narrow. In a small window that is for the
// moment and no setting.
func (r *rail) toggle() {
	if r.small {
		r.peekAt(!r.peek)
		return
	}
	r.v.act.Do(console.Thin{On: !r.chosen})
}

func (r *rail) peekAt(on bool) {
	if r.peek != on {
		r.peek = on
		r.v.desk.Refresh()
	}
}

func (r *rail) show(s console.State) {
	if r.chosen != s.Settings.Thin {
		r.chosen = s.Settings.Thin
		r.v.desk.Refresh()
	}
	r.showHead(s)
	r.showKeys(s)
	r.showSessions(s)
	// Fyne lays out anew what has grown, but forgets one of two that grow at
	// once: then a new key would not be seen.
	if need := r.top.MinSize().Add(r.list.MinSize()); need != r.need {
		r.need = need
		r.v.relay()
	}
}

func (r *rail) showHead(s console.State) {
	say := r.v.say
	setLine(r.organisation, s.Organisation)
	setLine(r.rep, s.Rep)
	r.avatar.SetName(s.Rep)
	colour, text := theme.ColorNameSuccess, say(words.RepSignedIn)
	switch s.SignIn {
	case console.In:
	case console.LoggedOut, console.Unknown:
		colour, text = theme.ColorNameError, say(words.LoginState)
	case console.LoggingIn:
		colour, text = theme.ColorNameWarning, say(words.LoginGoing)
	default:
		colour, text = theme.ColorNameError, say(words.RepOffline)
	}
	r.dot.set(colour)
	r.thinDot.set(colour)
	setLine(r.status, text)
	r.v.problem(r.problem, s)
	r.v.loginCard(r.login, s)
	if out(s) {
		r.problem.Hide() // the other card says it
	}
	r.pairing.show(s)
	r.account.show(s)
	can := s.SignIn == console.In && !s.Making
	r.newKey.setEnabled(can)
	r.thinKey.setEnabled(can)
	text = say(words.RepNewKey)
	if s.Making {
		text = say(words.RepMakingKey)
	}
	r.newKey.set(text, r.newKey.Icon, widget.HighImportance)
	for i, d := range console.Lives() {
		if d == s.Settings.Life && r.life.Selected != r.lives[i] {
			r.life.Selected = r.lives[i] // not SetSelected: that would count as the rep's choice
			r.life.Refresh()
		}
	}
	if s.KeyProblem == words.NoProblem {
		r.keyProblem.Set("", "", "", nil)
		return
	}
	what, advice := r.v.speak.Problem(s.KeyProblem)
	r.keyProblem.Set(what, advice, "", nil)
}

// unfold shows one key of the list whole, or none.
// The focus goes along.
func (r *rail) unfold(number string) {
	before := r.unfolded
	r.unfolded = number
	r.show(r.v.s)
	r.v.relay()
	if r.v.window == nil {
		return
	}
	if c := r.cards[number]; c != nil && c.fold != nil {
		r.v.window.Canvas().Focus(c.fold)
	} else if c := r.cards[before]; c != nil {
		r.v.window.Canvas().Focus(c.unfold)
	}
}

// showKeys keeps one card a key: the newest in the place of honour, the others
// folded in the list.
func (r *rail) showKeys(s console.State) {
	known := map[string]bool{}
	var first []fyne.CanvasObject
	for _, k := range s.Keys {
		known[k.Number] = true
		c := r.cards[k.Number]
		if c == nil {
			c = newKeyCard(r.v, k.Number)
			r.cards[k.Number] = c
		}
		honoured := k.Mine && k.Stage.Live()
		c.show(k, s, honoured, r.unfolded == k.Number && k.Stage.Live())
		if honoured {
			first = append(first, c.object)
		}
	}
	for number := range r.cards {
		if !known[number] {
			delete(r.cards, number)
		}
	}
	swap(r.first, first)
	show(r.first, len(first) > 0)
}

// showSessions fills the list: who waits, sessions, the other keys.
func (r *rail) showSessions(s console.State) {
	known := map[wire.SessionID]bool{}
	var waiting, others, keys, faces []fyne.CanvasObject
	for _, x := range s.Sessions {
		known[x.ID] = true
		c, f := r.seats[x.ID], r.faces[x.ID]
		if c == nil {
			c, f = newSeat(r.v, x.ID), newFace(r.v, x.ID)
			r.seats[x.ID], r.faces[x.ID] = c, f
		}
		c.show(x, s)
		f.show(x, s)
		faces = append(faces, f.press)
		if x.Waits() {
			waiting = append(waiting, c.object)
		} else {
			others = append(others, c.object)
		}
	}
	for id := range r.seats {
		if !known[id] {
			delete(r.seats, id)
			delete(r.faces, id)
		}
	}
	for _, k := range s.Keys {
		if !k.Mine || !k.Stage.Live() {
			keys = append(keys, r.cards[k.Number].object)
		}
	}
	var all []fyne.CanvasObject
	group := func(head fyne.CanvasObject, rows []fyne.CanvasObject) {
		if len(rows) > 0 {
			all = append(append(all, head), rows...)
		}
	}
	group(r.waitingHead, waiting)
	group(r.sessionsHead, others)
	group(r.keysHead, keys)
	if len(waiting)+len(others) == 0 {
		text := words.RepNoSessions
		if len(s.Queues) > 0 {
			text = words.QueueNoSessions
		}
		r.nothing.SetText(r.v.say(text))
		all = append(all, r.none)
	}
	swap(r.list, all)
	swap(r.thinList, faces)
}

// inset keeps room round its one object; negative room lets it stick out.
type inset struct{ top, right, bottom, left float32 }

func (i inset) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(i.left+i.right, i.top+i.bottom)
}

func (i inset) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.NewPos(i.left, i.top))
	o[0].Resize(s.SubtractWidthHeight(i.left+i.right, i.top+i.bottom))
}
