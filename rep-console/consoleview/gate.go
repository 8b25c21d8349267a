package consoleview

import (
	"strings"
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

// gate is what the window shows until the rep is signed in for the first time.
type gate struct {
	v       *View
	object  fyne.CanvasObject
	title   *look.Text
	text    *look.Text
	problem *look.Problem
	login   *tool // in the browser
	pairing *pairing
	code    *look.Field
	enrol   *tool
	form    *fyne.Container // the other way
	about   *fyne.Container // round text
	stage   console.SignIn
}

func newGate(v *View) *gate {
	g := &gate{
		v: v, title: look.Heading(""), text: look.Paragraph(""), problem: look.NewProblem(),
		code: look.NewField(""), stage: -1,
	}
	g.code.PlaceHolder = v.say(words.RepEnrolHint)
	g.code.TextStyle.Monospace = true
	g.code.OnSubmitted = func(string) { g.submit() }
	g.code.OnChanged = func(string) { g.enable() }
	g.enrol = newTool(v.foot, v.say(words.RepEnrol), nil, widget.MediumImportance, "", g.submit)
	g.login = newTool(v.foot, v.say(words.LoginButton), look.IconIn(assets.Link, theme.ColorNameForegroundOnPrimary), widget.HighImportance, "",
		func() { v.act.Do(console.LogIn{}) })
	g.pairing = newPairing(v, false)
	g.form = look.Rows(4, look.Flush(look.NewText(v.say(words.LoginOther), "", "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)),
		look.Flush(look.Caption(v.say(words.LoginOtherText))), container.NewBorder(nil, nil, nil, g.enrol, g.code))
	g.about = look.Flush(g.text)
	card := look.NewPanel(look.Rows(16,
		container.NewHBox(look.NewPicture(look.AppIcon(), 56)),
		look.Flush(g.title), g.about, g.problem, container.NewHBox(g.login), g.pairing.object, g.form))
	card.Pad = fyne.NewSize(28, 24)
	g.object = container.New(middle{}, look.Wide(card, 560))
	return g
}

func (g *gate) submit() {
	if code := strings.TrimSpace(g.code.Text); code != "" {
		g.v.act.Do(console.EnterCode{Code: code})
	}
}

func (g *gate) enable() {
	g.enrol.setEnabled(g.stage == console.Unknown && strings.TrimSpace(g.code.Text) != "")
}

// stands says whether the gate is in front. Sessions are never hidden behind
// it.
func (g *gate) stands(s console.State) bool {
	return s.SignIn != console.In && s.SignIn != console.Away && len(s.Sessions) == 0
}

// show draws the gate if it stands.
func (g *gate) show(s console.State) bool {
	if !g.stands(s) {
		return false
	}
	before := g.stage
	g.stage = s.SignIn
	say := g.v.say
	title, text := say(words.RepConnecting), say(words.RepConnectingHint)
	if s.Organisation != "" {
		title = say(words.RepConnectingTo, s.Organisation)
	}
	switch s.SignIn {
	case console.Homeless:
		title, text = say(words.RepWindow), ""
	case console.Unknown:
		title, text = say(words.RepEnrolTitle), say(words.LoginNewText)
	case console.LoggedOut:
		title, text = say(words.LoginTitle), say(words.LoginText)
	case console.LoggingIn:
		title, text = say(words.LoginTitle), ""
	case console.Enrolling:
		title, text = say(words.RepEnrolTitle), say(words.RepEnrolling)
	case console.Connecting:
		if s.Problem != words.NoProblem {
			text = ""
		}
	}
	g.title.SetText(title)
	g.text.SetText(text)
	show(g.about, text != "")
	g.v.problem(g.problem, s)
	g.pairing.show(s)
	show(g.login, out(s))
	asks := s.SignIn == console.Unknown || s.SignIn == console.Enrolling
	show(g.form, asks)
	g.enable()
	if before != s.SignIn && g.v.window != nil {
		g.focus(s.SignIn)
	}
	return true
}

// focus puts the keyboard where the rep goes on.
func (g *gate) focus(stage console.SignIn) {
	g.v.fill(g.object)
	switch stage {
	case console.Unknown, console.LoggedOut:
		g.v.window.Canvas().Focus(g.login)
	case console.LoggingIn:
		g.v.window.Canvas().Focus(g.pairing.again)
	}
}

// problem fills a card with what keeps the console from its broker.
func (v *View) problem(card *look.Problem, s console.State) {
	if s.Problem == words.NoProblem {
		card.Set("", "", "", nil)
		return
	}
	what, advice := v.speak.Problem(s.Problem)
	if s.SignIn == console.Away {
		advice += " " + v.say(words.RepGoOn)
	}
	if left := s.RetryAt.Sub(s.Now); !s.RetryAt.IsZero() && left > 0 {
		advice += " " + v.say(words.RepTryingIn, v.speak.Seconds(left.Round(100*time.Millisecond)))
	}
	label := ""
	if s.SignIn == console.Connecting || s.SignIn == console.Away {
		label = v.say(words.RepTryNow)
	}
	card.Set(what, advice, label, func() { v.act.Do(console.TryAgain{}) })
}

// loginCard fills a card with the way back in, for who is not at the gate
// because sessions go on.
func (v *View) loginCard(card *look.Problem, s console.State) {
	if !out(s) {
		card.Set("", "", "", nil)
		return
	}
	what, advice := v.say(words.LoginState), v.say(words.LoginOutText)
	if s.SignIn == console.Unknown { // it was known when the sessions began
		what = v.say(words.LoginGoneState)
	}
	if s.Problem != words.NoProblem {
		what, advice = v.speak.Problem(s.Problem)
	}
	card.Set(what, advice, v.say(words.LoginButton), func() { v.act.Do(console.LogIn{}) })
}

// out says whether the rep has to log in.
func out(s console.State) bool {
	return s.SignIn == console.LoggedOut || s.SignIn == console.Unknown
}

// middle puts an object in the middle, somewhat above it, as high as it wants
// to be at the width there is.
type middle struct{}

func (middle) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	return m.AddWidthHeight(2*theme.Padding(), 2*theme.Padding())
}

func (middle) Layout(o []fyne.CanvasObject, s fyne.Size) {
	width := s.Width - 32
	o[0].Resize(fyne.NewSize(width, o[0].Size().Height))
	h := min(o[0].MinSize().Height, s.Height)
	o[0].Move(fyne.NewPos(16, (s.Height-h)*0.42))
	o[0].Resize(fyne.NewSize(width, h))
}
