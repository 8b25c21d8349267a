package chatview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/words"
)

// compare is the card with the three words (Z03), as large as three words can
// be: each has a line of its own, to be read out.
type compare struct {
	v            *View
	card         *look.Panel
	title, why   *look.Text
	whyRow       *fyne.Container
	words        [3]*look.Text
	same, differ *look.Button
	armed        bool
}

func newCompare(v *View) *compare {
	c := &compare{v: v, why: look.Caption("")}
	c.title = look.NewText("", "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	c.same, c.differ = v.answers(words.ButtonSame, words.ButtonDiffer, func(same bool) { v.act.Step(chat.Compared{Same: same}) })
	spoken := look.Rows(0)
	for i := range c.words {
		c.words[i] = look.NewText("", theme.ColorNamePrimary, look.Times(theme.SizeNameHeadingText, 1.25), fyne.TextStyle{Bold: true}, fyne.TextAlignCenter)
		spoken.Add(look.Flush(c.words[i]))
	}
	c.whyRow = look.Flush(c.why)
	text := look.Scrolling(look.Rows(8, look.Flush(c.title), spoken, c.whyRow))
	c.same.OnPage = func(pages float32) { leaf(text.Objects[0].(*container.Scroll), pages) }
	c.differ.OnPage = c.same.OnPage
	c.card = question(look.Column(10, text, nil, text, look.Pair(c.differ, c.same)))
	return c
}

// trim takes the pictures from the buttons where their words need the room.
func (c *compare) trim() {
	width := c.card.Size().Width - 4*edge
	for _, b := range []*look.Button{c.same, c.differ} {
		size := theme.TextSize()
		if fyne.MeasureText(b.Text, size, fyne.TextStyle{Bold: true}).Width+3*size > width && width > 0 {
			b.Set(b.Text, nil)
		}
	}
}

// show shows the words while nothing else is asked.
func (c *compare) show(s chat.State) {
	on := s.Compare != nil && s.Prompt == nil && s.Drop == nil
	if !on {
		if c.card.Visible() && s.Prompt == nil && s.Drop == nil {
			c.v.focus(c.v.talk.compose)
		}
		setVisible(c.card, false)
		c.armed = false
		return
	}
	c.title.SetText(c.v.speaker.Compare(s.Session))
	why, in := words.CompareText, look.ColorMuted
	if s.Compare.Cut {
		why, in = words.CompareCut, theme.ColorNameForeground
	}
	c.why.SetText(c.v.speaker.Say(why))
	c.why.SetColor(in)
	for i, w := range c.words {
		w.SetText(s.Compare.Words[i])
	}
	setVisible(c.card, true)
	c.trim()
	c.same.SetEnabled(s.Compare.Armed && !s.Compare.Cut)
	c.differ.SetEnabled(s.Compare.Armed)
	if s.Compare.Armed && !c.armed && c.v.talk.compose.Text == "" {
		c.v.focus(c.differ) // the safe one; who is writing goes on writing
	}
	c.armed = s.Compare.Armed
}
