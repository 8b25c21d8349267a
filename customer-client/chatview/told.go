package chatview

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// toldList is what the organisation has said to who waits, with times, the
// newest at the bottom. It stays there while it is there, and otherwise where
// the customer reads.
type toldList struct {
	v      *View
	scroll *container.Scroll
	rows   *fyne.Container
	first  fyne.CanvasObject // above all
	cards  map[int]*toldCard // by ID
	last   int               // the newest ID that is shown
	leads  bool              // it was at the newest when left, at this offset
	left   float32
}

func newToldList(v *View, first fyne.CanvasObject) *toldList {
	l := &toldList{v: v, first: first, cards: map[int]*toldCard{}, rows: look.Rows(8, first)}
	l.scroll = container.NewVScroll(padded(l.rows))
	return l
}

// page leafs by so many times what is in view, upwards if negative.
func (l *toldList) page(pages float32) { leaf(l.scroll, pages) }

func (l *toldList) show(s chat.State) {
	told := s.Visit.Told
	newest := 0
	if len(told) > 0 {
		newest = told[len(told)-1].ID
	}
	if newest == l.last && len(told) == len(l.cards) {
		return
	}
	follow := l.last != 0 && l.follows()
	l.leads = follow || l.last == 0
	l.last = newest
	cards := map[int]*toldCard{}
	rows := []fyne.CanvasObject{l.first}
	for _, t := range told {
		c := l.cards[t.ID]
		if c == nil {
			c = newToldCard(l.v, t, s.Visit.Portal)
		}
		cards[t.ID] = c
		rows = append(rows, c.panel)
	}
	l.cards, l.rows.Objects = cards, rows
	l.grow()
	if follow {
		l.scroll.ScrollToBottom()
	}
	l.left = l.scroll.Offset.Y
}

// follows says whether the newest is to come into view: it was there, and the
// customer has not scrolled since. Larger text or a smaller window may have
// pushed it out.
func (l *toldList) follows() bool {
	s := l.scroll
	return s.Offset.Y >= s.Content.MinSize().Height-s.Size().Height-2 || l.leads && s.Offset.Y == l.left
}

// grow gives new cards their place. The toolkit's own Refresh would break the
// lines of all the others again, which takes long where they are many.
func (l *toldList) grow() {
	content, size := l.scroll.Content, l.scroll.Size()
	relayout(l.rows)
	content.Resize(fyne.NewSize(size.Width, max(content.MinSize().Height, size.Height)))
	relayout(l.rows)
	l.scroll.ScrollToOffset(l.scroll.Offset)
	canvas.Refresh(l.rows)
}

// toldCard is one text: who says it and when, what, a page to open, and for a
// notice the way out (W06).
type toldCard struct {
	panel *look.Panel
	leave *look.Button // nil: none
	link  *look.Link   // nil: none
	links []*look.Link // in the text
}

func newToldCard(v *View, t chat.Told, portal string) *toldCard {
	sp, c := v.speaker, &toldCard{}
	head := look.NewText(cmp.Or(sp.ToldTitle(t.What), portal)+"  "+sp.Clock(t.At), look.ColorMuted, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignLeading)
	rows := look.Rows(5, look.Flush(head))
	if t.Title != "" {
		title := label("")
		title.SetTheirs(t.Title)
		rows.Add(look.Flush(title))
	}
	text := look.Paragraph("")
	text.SetTheirs(t.Text)
	rows.Add(look.Flush(text))
	c.links = v.links(t.Text)
	for _, link := range c.links {
		rows.Add(link)
	}
	if t.Host != "" {
		c.link = look.NewLink(sp.Say(words.ButtonOpenPage, t.Host), assets.Link, func() { v.act.Open(t.URL) })
		rows.Add(c.link)
	}
	icon, in := assets.Chat, look.ColorMuted
	switch t.What {
	case wire.TellNotice:
		icon, in = assets.Warning, theme.ColorNameWarning
		head.SetColor(theme.ColorNameWarning)
		head.SetBold(true)
	case wire.TellNobody, wire.TellLost, wire.TellMoved:
		icon, in = assets.Info, theme.ColorNamePrimary
	}
	if t.Leave {
		c.leave = look.NewButton(sp.Say(words.NoticeLeave), look.Icon(assets.Leave), widget.MediumImportance, func() { v.act.Step(chat.LeaveFor{ID: t.ID}) })
		rows.Add(container.NewHBox(c.leave))
	}
	c.panel = look.NewPanel(look.Leading(look.NewPicture(look.IconIn(icon, in), 20), rows))
	if t.What == wire.TellNotice {
		c.panel.Edge = theme.ColorNameWarning
	}
	return c
}

// links are the addresses in a text of the organisation's; each opens on a click.
func (v *View) links(text string) (all []*look.Link) {
	for _, u := range look.Links(text) {
		all = append(all, look.NewLink(look.LinkLabel(u), assets.Link, func() { v.act.Open(u.String()) }))
	}
	return all
}

// recording says whether a question is about the recording.
func recording(q *chat.Question) bool { return q.What == wire.AskedRecording }

func orElse(text, other string) string { return cmp.Or(text, other) }
