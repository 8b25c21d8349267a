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

// waiting is the page of the queue: how the customer stands (W03), what the
// organisation says meanwhile (W04 to W07), and what it asks before a rep comes
// (W01, W02).
type waiting struct {
	v    *View
	page *fyne.Container

	head      *look.Panel
	portal    *widget.Label
	since     *widget.Label
	font      *fontButtons
	cut       *look.Panel
	cutText   fyne.CanvasObject // in it, where there is room
	stands    *look.Panel
	place     *look.Text
	time      *look.Text
	timeRow   *fyne.Container
	why       *look.Text
	told      *toldList
	ask       *ask
	stop      *look.Button
	foot      fyne.CanvasObject
	middle    *fyne.Container
	wasAsking bool
}

func newWaiting(v *View) *waiting {
	say := v.speaker.Say
	w := &waiting{v: v, portal: widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), since: widget.NewLabel("")}
	w.portal.Truncation, w.since.Truncation, w.since.SizeName = fyne.TextTruncateEllipsis, fyne.TextTruncateEllipsis, theme.SizeNameCaptionText
	w.font = newFontButtons(v)
	who := look.Leading(look.NewPicture(look.AppIcon(), 34), look.Rows(2, look.Flush(w.portal), look.Flush(w.since)))
	w.head = look.NewStripe(look.Beside(who, w.font.row, 7.5), look.ColorSurface)
	w.cut, w.cutText = interrupted(say(words.WaitCutTitle), look.Caption(say(words.WaitCutText)))
	w.place = look.Heading("")
	w.time = look.NewText("", "", theme.SizeNameSubHeadingText, fyne.TextStyle{}, fyne.TextAlignLeading)
	w.timeRow = look.Flush(w.time)
	w.stands = look.NewStripe(look.Leading(look.NewPicture(look.IconIn(assets.Clock, theme.ColorNameSuccess), 30),
		look.Rows(2, look.Flush(w.place), w.timeRow)), look.ColorCalm)
	w.why = look.Paragraph("")
	w.why.SetColor(look.ColorMuted)
	w.told = newToldList(v, look.Flush(w.why))
	w.ask = newAsk(v)
	w.stop = look.NewButton(say(words.ButtonStopWaiting), look.Icon(assets.Leave), widget.MediumImportance, func() { v.act.Step(chat.CloseAsked{}) })
	w.stop.OnPage = w.told.page
	w.foot = padded(w.stop)
	w.middle = container.NewStack(w.told.scroll, w.ask.page)
	w.page = look.Column(0, w.middle, nil, w.head, widget.NewSeparator(), w.cut, w.stands, w.middle, w.foot)
	return w
}

// interrupted is the stripe that says that a connection is missing.
func interrupted(title string, text *look.Text) (stripe *look.Panel, more fyne.CanvasObject) {
	more = look.Flush(text)
	stripe = look.NewStripe(look.Leading(look.NewPicture(look.IconIn(assets.Unlinked, theme.ColorNameWarning), 22),
		look.Rows(2, look.Flush(label(title)), more)), look.ColorSurface)
	stripe.Hide()
	return stripe, more
}

func (w *waiting) show(s chat.State) {
	if s.Visit == nil {
		return
	}
	sp, visit := w.v.speaker, s.Visit
	setLabel(w.portal, visit.Portal)
	setLabel(w.since, sp.Waits(visit.Queue, visit.Since))
	w.font.show(s)
	place, time := sp.Queue(visit.Position, visit.Estimate)
	w.place.SetText(place)
	w.time.SetText(time)
	setVisible(w.timeRow, time != "")
	w.why.SetText(sp.WaitWhy(visit.Back))
	asking := visit.Question != nil
	setVisible(w.ask.page, asking)
	setVisible(w.told.scroll, !asking)
	setVisible(w.stands, !asking)
	setVisible(w.foot, !asking)
	setVisible(w.cut, visit.Cut)
	w.ask.show(visit.Question)
	w.makeRoom(asking)
	if brief := !w.head.Visible(); brief != w.ask.brief {
		w.ask.brief = brief
		w.ask.show(visit.Question)
		relayout(w.page)
	}
	w.told.show(s)
	if w.wasAsking != asking {
		w.wasAsking = asking
		w.v.focusFirst()
	}
}

// makeRoom lays the page out. What is read should not have to be scrolled line
// by line: where there is too little room for it, what can be known without goes
// away. The name is on the window, too.
func (w *waiting) makeRoom(asking bool) {
	w.head.Show()
	w.cutText.Show()
	relayout(w.page)
	for _, o := range []fyne.CanvasObject{w.head, w.cutText} {
		if w.roomy(asking) {
			return
		}
		o.Hide()
		relayout(w.page)
	}
}

// roomy says whether enough of what is read is seen at once: of what is asked
// what the buttons below it leave.
func (w *waiting) roomy(asking bool) bool {
	line := 1.4 * theme.TextSize()
	if asking {
		return w.ask.scroll.Size().Height >= min(5*line, w.ask.rows.MinSize().Height)
	}
	return w.middle.Size().Height >= 7*line
}

// first is what gets the focus on this page.
func (w *waiting) first() fyne.Focusable {
	if w.ask.page.Visible() {
		return w.ask.no
	}
	return w.stop
}

// fontButtons change the size of text (C04).
type fontButtons struct {
	row                  *fyne.Container
	small, usual, larger *look.Button
}

func newFontButtons(v *View) *fontButtons {
	font := func(icon assets.Icon, step int, label words.Sentence) *look.Button {
		b := look.NewButton("", look.Icon(icon), widget.LowImportance, func() { v.act.Step(chat.Font{Step: step}) })
		b.Label = v.speaker.Say(label)
		return b
	}
	f := &fontButtons{
		small: font(assets.Smaller, -1, words.TextSmaller), usual: font(assets.Text, 0, words.TextUsual),
		larger: font(assets.Larger, 1, words.TextLarger),
	}
	f.row = container.New(tight{}, f.small, f.usual, f.larger)
	return f
}

func (f *fontButtons) show(s chat.State) {
	f.larger.SetEnabled(s.CanLarger)
	f.small.SetEnabled(s.CanSmall)
	f.usual.SetEnabled(s.Settings.Font != 0)
}

// ask is what is asked before a rep comes: a text as long as the organisation
// likes, and two buttons that are always there.
type ask struct {
	v       *View
	page    *look.Panel
	scroll  *container.Scroll
	title   *look.Text
	text    *look.Text
	rows    *fyne.Container // title and text, then links
	links   []*look.Link
	silence *look.Text
	yes, no *look.Button
	id      uint32
	shown   string // the text that is shown, to begin at its top
	armed   bool
	brief   bool // there is no room for what silence means
}

func newAsk(v *View) *ask {
	a := &ask{v: v, text: look.Paragraph(""), silence: look.Caption("")}
	a.title = look.NewText("", "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	a.yes, a.no = v.answers(words.ButtonAccept, words.ButtonNotAccept, func(yes bool) { v.act.Step(chat.Decision{ID: a.id, Yes: yes}) })
	a.rows = look.Rows(10, look.Flush(a.title), look.Flush(a.text))
	a.scroll = container.NewVScroll(a.rows)
	a.yes.OnPage, a.no.OnPage = a.leaf, a.leaf
	a.page = question(look.Column(10, a.scroll, nil, a.scroll, look.Flush(a.silence), look.Pair(a.no, a.yes)))
	return a
}

func (a *ask) leaf(pages float32) { leaf(a.scroll, pages) }

// leaf scrolls by so many times what is in view, upwards if negative.
func leaf(s *container.Scroll, pages float32) {
	s.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: -pages * s.Size().Height}})
}

func (a *ask) show(q *chat.Question) {
	if q == nil {
		a.id, a.armed = 0, false
		return
	}
	sp := a.v.speaker
	a.id = q.ID
	title, text, yes, no := words.AgreementTitle, q.Text, words.ButtonAccept, words.ButtonNotAccept
	if recording(q) {
		title, text, yes, no = words.RecordingTitle, q.Text+"\n\n"+sp.Say(words.RecordingEither), words.ButtonRecord, words.ButtonNotRecord
	}
	a.title.SetTheirs(orElse(q.Title, sp.Say(title)))
	a.text.SetTheirs(text)
	a.yes.Set(sp.Say(yes), a.yes.Icon)
	a.no.Set(sp.Say(no), a.no.Icon)
	clock, meaning := sp.Silence(q.What, q.Left)
	if !a.brief && meaning != "" {
		clock += " " + meaning
	}
	a.silence.SetText(clock)
	a.yes.SetEnabled(q.Armed)
	a.no.SetEnabled(q.Armed)
	if text != a.shown {
		a.shown = text
		a.rows.Objects = a.rows.Objects[:2:2]
		a.links = a.v.links(text)
		for _, link := range a.links {
			a.rows.Add(link)
		}
		a.rows.Refresh()
		a.scroll.ScrollToTop()
	}
	if q.Armed && !a.armed {
		a.v.focus(a.no)
	}
	a.armed = q.Armed
}
