package chatview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/words"
)

// listLeast is how many times the size of text the list is high at least, before
// something below it gives way.
const listLeast = 6

// talk is the page of a session: the banner that says what is shared (C06), who
// is there, what is asked, the list, and the field to write in.
type talk struct {
	v    *View
	page *fyne.Container

	banner  *banner
	avatar  *look.Avatar
	name    *widget.Label
	site    *widget.Label
	siteRow *fyne.Container
	proved  *fyne.Container // that the organisation has proved who it is
	by      *look.Text      // in it
	font    *fontButtons
	cut     *look.Panel
	cutText *look.Text // in it
	cutRow  fyne.CanvasObject
	prompt  *prompt
	words   *compare
	drop    *drop
	asks    *fyne.Container   // the card that asks something, if there is one
	head    fyne.CanvasObject // who is there, and the size of text
	foot    fyne.CanvasObject // where to write

	list    *look.Timeline
	chooser *look.Chooser
	clip    *look.Button
	compose *look.Compose
	back    int // Back.N that was put back last
	why     *look.Text
	whyRow  *fyne.Container
	kept    *kept // below it
}

func newTalk(v *View) *talk {
	say := v.speaker.Say
	t := &talk{v: v, banner: newBanner(v), prompt: newPrompt(v), words: newCompare(v), drop: newDrop(v)}
	t.list = look.NewTimeline(v.speaker, v.open)
	t.list.OnFile = t.onFile
	t.compose = look.NewCompose(say(words.WriteHere))
	t.compose.OnSend = func(text string) bool {
		v.act.Step(chat.Say{Text: text})
		t.list.ToNewest()
		return true
	}
	t.list.Home = t.compose
	t.compose.OnPage, t.compose.OnShortcut = t.list.Page, v.shortcut
	t.why = look.NewText("", theme.ColorNameError, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignLeading)
	t.whyRow = look.Flush(t.why)
	t.whyRow.Hide()
	send := look.NewButton("", look.Icon(assets.Send), widget.HighImportance, t.compose.Send)
	t.chooser = look.NewChooser(v.speaker, func(paths []string) { v.act.Step(chat.Files{Paths: paths}) })
	t.chooser.After = func() { v.focus(t.compose) }
	t.clip = look.NewButton("", look.Icon(assets.Clip), widget.LowImportance, func() { t.chooser.Menu(t.clip) })
	send.Label, t.clip.Label = say(words.SendMessage), say(words.SendFiles)
	t.cutText = look.Caption("")
	t.cut, t.cutRow = interrupted(say(words.CutTitle), t.cutText)
	t.asks = container.NewStack(t.prompt.card, t.words.card)
	t.head = t.header()
	t.kept = newKept()
	t.foot = padded(look.Rows(4, t.whyRow, container.NewBorder(nil, nil, container.NewCenter(t.clip), container.NewPadded(send), t.compose), t.kept.row))
	t.page = look.Column(0, t.list, t.asks, t.banner.stripe, t.head, widget.NewSeparator(), t.cut, t.asks, t.drop.card, t.list, t.foot)
	return t
}

// header says who is there, and changes the size of text.
func (t *talk) header() fyne.CanvasObject {
	t.font = newFontButtons(t.v)
	leave := look.NewButton("", look.Icon(assets.Leave), widget.LowImportance, func() { t.v.act.Step(chat.CloseAsked{}) })
	leave.Label = t.v.speaker.Say(words.ButtonLeave)
	t.avatar = look.NewAvatar("", 34)
	t.name = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	t.name.Truncation = fyne.TextTruncateEllipsis
	t.site = widget.NewLabel("")
	t.site.Truncation, t.site.SizeName = fyne.TextTruncateEllipsis, theme.SizeNameCaptionText
	t.siteRow = look.Flush(t.site)
	t.by = look.NewText("", theme.ColorNameSuccess, theme.SizeNameCaptionText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	t.proved = look.Leading(look.NewPicture(look.IconIn(assets.Check, theme.ColorNameSuccess), 16), look.Flush(t.by))
	t.proved.Hide()
	who := look.Leading(t.avatar, look.Rows(2, look.Flush(t.name), t.proved, t.siteRow))
	return look.NewStripe(look.Beside(who, container.New(tight{}, t.font.row, leave), 7.5), look.ColorSurface)
}

func (t *talk) show(s chat.State) {
	t.banner.show(s)
	t.avatar.SetName(s.Session.Peer)
	setLabel(t.name, t.v.speaker.Peer(s.Session))
	setLabel(t.site, s.Session.Organisation)
	proved := s.Session.Certified != ""
	t.by.SetText(t.v.speaker.Proved(s.Site))
	setVisible(t.proved, proved)
	setVisible(t.siteRow, s.Session.Organisation != "" && !proved)
	t.font.show(s)
	cut := words.CutText
	if s.Visit != nil {
		cut = words.CutWaits
	}
	t.cutText.SetText(t.v.speaker.Say(cut))
	setVisible(t.cut, !s.Session.Linked)
	t.prompt.show(s)
	t.words.show(s)
	if s.Back.N != t.back {
		t.back = s.Back.N
		t.compose.PutBack(s.Back.Text)
	}
	t.drop.show(s)
	why := t.v.speaker.Say(s.Back.Why)
	if s.Unsent.Name != "" {
		why = t.v.speaker.NotOffered(s.Unsent.Name, s.Unsent.Why)
	}
	if why != "" {
		t.why.SetText(why)
	}
	setVisible(t.whyRow, why != "")
	t.kept.show(t.v, s.Session)
	t.makeRoom()
	t.list.Set(s.Session, s.Left)
}

// first is what gets the focus on this page: the safe answer to what is asked,
// as soon as answers count, unless somebody is writing.
func (t *talk) first() fyne.Focusable {
	if t.compose.Text == "" {
		switch {
		case t.prompt.armed:
			return t.prompt.refuse
		case t.drop.armed:
			return t.drop.keep
		case t.words.armed:
			return t.words.differ
		}
	}
	return t.compose
}

// onFile takes what the customer does on a file's card. What the rep wants to
// send is answered in a prompt alone.
func (t *talk) onFile(id uint32, act look.FileAct) {
	switch act {
	case look.CancelFile:
		t.v.act.Step(chat.Halt{ID: id})
	case look.ShowFile:
		if x, ok := words.Transfer(id, t.v.shown.Session); ok {
			t.v.act.Show(x.Place)
		}
	}
}

// makeRoom lays the page out. Nobody should have to scroll to read what they
// are asked: while a prompt has too little room, what is not needed to answer
// it goes away.
func (t *talk) makeRoom() {
	for _, o := range t.spare() {
		o.Show()
	}
	relayout(t.page)
	if t.kept.row.Visible() && t.list.Size().Height < listLeast*theme.TextSize() {
		t.kept.row.Hide() // the list has it, too
		relayout(t.page)
	}
	for _, o := range t.spare() {
		if t.asks.Size().Height >= t.asks.MinSize().Height {
			return
		}
		o.Hide()
		relayout(t.page)
	}
}

// spare is what nobody needs to answer what is asked, the least needed first.
func (t *talk) spare() []fyne.CanvasObject {
	return []fyne.CanvasObject{t.head, t.foot, t.cutRow, t.words.whyRow, t.banner.moreRow}
}

func setLabel(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

func setVisible(o fyne.CanvasObject, yes bool) {
	switch {
	case yes && !o.Visible():
		o.Show()
	case !yes && o.Visible():
		o.Hide()
	}
}

// tight puts buttons side by side without room between them.
type tight struct{}

func (tight) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		s := o.MinSize()
		m.Width += s.Width
		m.Height = max(m.Height, s.Height)
	}
	return m
}

func (tight) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	x := float32(0)
	for _, o := range objects {
		m := o.MinSize()
		o.Move(fyne.NewPos(x, (s.Height-m.Height)/2))
		o.Resize(m)
		x += m.Width
	}
}

// banner says what is shared with whom, and stops it.
type banner struct {
	v          *View
	stripe     *look.Panel
	row        *fyne.Container
	icon       *widget.Icon
	what, more *look.Text
	moreRow    *fyne.Container
	stop       *look.Button
	sharing    bool
}

func newBanner(v *View) *banner {
	b := &banner{
		v: v, icon: widget.NewIcon(nil),
		what: look.NewText("", "", "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading),
		more: look.NewText("", "", theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignLeading),
	}
	b.moreRow = look.Flush(b.more)
	b.stop = look.NewButton(v.speaker.Say(words.StopSharing), look.Icon(assets.Stop), widget.DangerImportance, func() { v.act.Step(chat.StopSharing{}) })
	text := look.Leading(look.Sized(b.icon, fyne.NewSquareSize(26)), look.Rows(2, look.Flush(b.what), b.moreRow))
	b.row = look.Beside(text, b.stop, 9)
	b.stripe = look.NewStripe(b.row, look.ColorCalm)
	b.paint()
	return b
}

func (b *banner) show(s chat.State) {
	what, more := b.v.speaker.Banner(s.Session)
	b.what.SetText(what)
	b.more.SetText(more)
	if sharing := s.Session.Granted != 0; sharing != b.sharing {
		b.sharing = sharing
		b.paint()
	}
}

// paint gives the banner the colours of sharing or of calm.
func (b *banner) paint() {
	text, fill, icon := theme.ColorNameForeground, look.ColorCalm, look.IconIn(assets.Shield, theme.ColorNameSuccess)
	if b.sharing {
		text, fill, icon = look.ColorOnSharing, look.ColorSharing, look.IconIn(assets.Screen, look.ColorOnSharing)
	}
	b.what.SetColor(text)
	b.more.SetColor(text)
	b.icon.SetResource(icon)
	setVisible(b.stop, b.sharing)
	b.stripe.SetFill(fill)
}
