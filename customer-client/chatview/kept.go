package chatview

import (
	"fyne.io/fyne/v2"

	"handrail/assets"
	"handrail/shared/look"
	"handrail/shared/session"
)

// kept says what becomes of what is said (T01), for as long as there is
// something to be said: the line in the list scrolls away. Where nothing is kept
// there is nothing to read.
type kept struct {
	row  *fyne.Container
	text *look.Text
}

func newKept() *kept {
	k := &kept{text: look.Caption("")}
	k.row = look.Leading(look.NewPicture(look.IconIn(assets.Note, look.ColorMuted), 16), look.Flush(k.text))
	k.row.Hide()
	return k
}

func (k *kept) show(v *View, s session.State) {
	text := v.speaker.Kept(s.Keep, s)
	k.text.SetText(text)
	setVisible(k.row, text != "")
}
