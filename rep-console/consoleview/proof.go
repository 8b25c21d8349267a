package consoleview

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// proofs are the three words that rep and customer compare by voice (Z03), as
// long as they have not.
type proofs struct {
	look.Panel
	v      *View
	code   *bigCode
	differ *tool
	ask    *ask
}

func newProofs(v *View, to hinter, id wire.SessionID) *proofs {
	p := &proofs{v: v, code: newBigCode(22, look.ColorOnSharing)}
	p.differ = newTool(to, v.say(words.WordsDifferent), nil, widget.MediumImportance, v.say(words.WordsDifferHint),
		func() { v.act.Do(console.Differ{ID: id}) })
	p.ask = newAsk(v.say(words.RepEndYes), v.say(words.RepEndNo), v.act.Do)
	head := look.NewText(v.say(words.WordsAsk), look.ColorOnSharing, "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	why := look.NewText(v.say(words.WordsWhy), look.ColorOnSharing, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignLeading)
	icon := look.NewPicture(look.IconIn(assets.Shield, look.ColorOnSharing), 22)
	said := container.NewBorder(nil, nil, nil, container.NewCenter(p.differ), container.NewHBox(p.code))
	p.Content = look.Rows(4, look.Leading(icon, look.Flush(head)), said, look.Flush(why), p.ask)
	p.Fill, p.Pad = look.ColorSharing, fyne.NewSize(12, 8)
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

func (p *proofs) show(x console.Session, s console.State) {
	on := unverified(x) && x.State.Stage == session.Talking && x.State.Words != [3]string{}
	show(p, on)
	if !on {
		return
	}
	p.code.set(strings.Join(x.State.Words[:], "   "))
	p.ask.set(p.v.say(words.WordsDifferAsk), s.Question.Ask == console.WordsDiffer && s.Question.ID == x.ID)
}

// unverified says that it is not certain yet who is at the other end.
func unverified(x console.Session) bool {
	return x.State.Proof == wire.ProofCompare && !x.State.Verified
}

// proof says how the two ends know each other.
func (v *View) proof(x console.Session) string {
	switch {
	case x.State.Proof == wire.ProofKey:
		return v.say(words.RepVerified, secret.Group(x.Number))
	case x.State.Verified:
		return v.say(words.WordsVerified)
	}
	return v.say(words.WordsUnverified)
}

// barred says why something can't be asked for in a session; "" if it can.
func (v *View) barred(x console.Session, what wire.Permission) string {
	switch {
	case x.State.Denied.What&what != 0:
		return v.say(words.DeniedByOrganisation)
	case unverified(x) && what&^wire.View != 0:
		return v.say(words.HeldBack)
	}
	return ""
}

// bar greys a button where there is a reason, which its hint tells.
func bar(t *tool, hint, reason string, enabled bool) {
	t.Hint = hint
	if reason != "" {
		t.Hint = reason
	}
	t.setEnabled(enabled && reason == "")
}
