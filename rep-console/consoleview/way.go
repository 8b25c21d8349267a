package consoleview

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/words"
)

// way says how the session's bytes travel, and how long there and back takes.
// The hint and a press explain it.
type way struct {
	press
	icon  *widget.Icon
	text  *widget.Label
	drawn assets.Icon
	in    fyne.ThemeColorName
}

func newWay(to hinter) *way {
	w := &way{icon: widget.NewIcon(nil), text: widget.NewLabel("")}
	w.text.SizeName = theme.SizeNameCaptionText
	content := container.NewHBox(container.NewCenter(look.Sized(w.icon, fyne.NewSquareSize(15))), tight(w.text))
	w.init(to, content, "", w.explain)
	w.pad = fyne.NewSize(4, 0)
	w.ExtendBaseWidget(w)
	w.Hide()
	return w
}

// explain says what it means beside it, too: the hint is at the other end of
// the window.
func (w *way) explain() {
	c := fyne.CurrentApp().Driver().CanvasForObject(w)
	if c == nil {
		return
	}
	text := look.Caption(w.hintOf)
	text.SetColor(theme.ColorNameForeground)
	const width = 320
	text.Resize(fyne.NewSize(width, 0))
	box := look.Sized(text, fyne.NewSize(width, text.MinSize().Height))
	widget.ShowPopUpAtRelativePosition(box, c, fyne.NewPos(0, w.Size().Height+2), w)
}

func (w *way) show(v *View, x console.Session, s console.State) {
	icon, in, text, hint := assets.Direct, theme.ColorNameSuccess, "", ""
	ms := int((x.Path.RTT + time.Millisecond/2).Milliseconds())
	if x.Path.RTT > 0 {
		ms = max(ms, 1)
	}
	switch {
	case over(x):
	case !x.State.Linked:
		icon, in = assets.Unlinked, theme.ColorNameWarning
		text = v.say(words.RepAgain, v.speak.Long(s.Now.Sub(x.State.CutSince)))
		hint = v.say(words.RepAgainHint, v.speak.Clock(x.State.CutSince))
	case !x.Path.Known:
	case x.Path.Direct:
		text, hint = v.say(words.RepDirectNow), v.say(words.RepDirectHint)
		if ms > 0 {
			text, hint = v.say(words.RepDirect, ms), v.say(words.RepRoundHint, hint, ms)
		}
	default:
		icon, in = assets.Relayed, theme.ColorNamePrimary
		text, hint = v.say(words.RepRelayedNow), v.say(words.RepRelayedHint)
		if ms > 0 {
			text, hint = v.say(words.RepRelayed, ms), v.say(words.RepRoundHint, hint, ms)
		}
	}
	show(w, text != "")
	if w.hintOf != hint {
		w.hintOf = hint
		if w.hovered || w.ring.Visible() {
			w.to.hint(hint)
		}
	}
	if w.drawn != icon || w.in != in {
		w.drawn, w.in = icon, in
		w.icon.SetResource(look.IconIn(icon, in))
	}
	if w.text.Text != text {
		w.text.SetText(text)
	}
}
