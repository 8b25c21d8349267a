package chatview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/words"
)

// drop is the card that asks whether files that fell on the window shall be
// sent: somebody else may have moved the pointer.
type drop struct {
	v          *View
	card       *look.Panel
	title      *look.Text
	send, keep *look.Button
	armed      bool
}

func newDrop(v *View) *drop {
	say := v.speaker.Say
	d := &drop{v: v, title: look.NewText("", "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)}
	d.send, d.keep = v.answers(words.ButtonSend, words.ButtonNoSend, func(allow bool) { v.act.Step(chat.DropReply{Allow: allow}) })
	d.send.OnEscape, d.keep.OnEscape = d.keep.OnTapped, d.keep.OnTapped
	d.card = question(look.Rows(10, look.Flush(d.title), look.Flush(look.Paragraph(say(words.DropWhy))), look.Pair(d.keep, d.send)))
	return d
}

// show shows the question, after the rep's own ones.
func (d *drop) show(s chat.State) {
	on := s.Drop != nil && s.Prompt == nil
	if !on {
		if d.card.Visible() && s.Prompt == nil {
			d.v.focus(d.v.talk.compose)
		}
		setVisible(d.card, false)
		d.armed = false
		return
	}
	d.title.SetText(d.v.speaker.Dropped(s.Session, s.Drop.Names))
	setVisible(d.card, true)
	d.send.SetEnabled(s.Drop.Armed)
	d.keep.SetEnabled(s.Drop.Armed)
	if s.Drop.Armed && !d.armed && d.v.talk.compose.Text == "" {
		d.v.focus(d.keep) // who is writing goes on writing
	}
	d.armed = s.Drop.Armed
}
