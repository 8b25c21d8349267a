package chatview

import (
	"maps"
	"strings"

	"fyne.io/fyne/v2"

	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/session"
)

// Places tells where the things are that can be seen now, for tests that use
// the window as a person does.
func (v *View) Places() map[string]look.Place {
	objects := map[string]fyne.CanvasObject{}
	switch v.shown.Screen {
	case chat.KeyForm:
		objects["code"], objects["name"], objects["connect"] = v.form.code, v.form.name, v.form.connect
	case chat.Connecting:
		objects["cancel"] = v.way.cancel
	case chat.InSession:
		objects["entry"], objects["stop"], objects["peer"] = v.talk.compose, v.talk.banner.stop, v.talk.name
		objects["cut"], objects["send-file"] = v.talk.cut, v.talk.clip
		maps.Copy(objects, v.talk.list.FilePlaces())
		if v.talk.drop.card.Visible() {
			objects["send-drop"], objects["keep-drop"] = v.talk.drop.send, v.talk.drop.keep
		}
		if v.shown.Prompt != nil {
			objects["allow"], objects["refuse"], objects["more"] = v.talk.prompt.allow, v.talk.prompt.refuse, v.talk.prompt.more
		}
	case chat.Ended:
		objects["close"], objects["again"], objects["why"] = v.end.close, v.end.again, v.end.why
	}
	if v.closing.pop != nil {
		objects = map[string]fyne.CanvasObject{"stay": v.closing.stay, "leave": v.closing.leave}
	}
	places := look.Places(objects)
	places["screen"] = look.Place{Text: [...]string{"form", "connecting", "session", "ended"}[v.shown.Screen]}
	places["problem"] = look.Place{Text: v.problemText()}
	places["lines"] = look.Place{Text: v.lineText()}
	if s := v.shown.Session; v.shown.Screen == chat.InSession {
		what, _ := v.speaker.Banner(s)
		places["banner"] = look.Place{Text: what}
	}
	return places
}

func (v *View) problemText() string {
	if v.shown.Screen != chat.KeyForm || v.shown.Problem == 0 {
		return string(v.shown.Form.CodeHint)
	}
	what, _ := v.speaker.CustomerProblem(v.shown.Problem)
	return what
}

// lineText is the list of the session as text.
func (v *View) lineText() string {
	var all strings.Builder
	for _, l := range v.shown.Session.Lines {
		text := l.Text
		if l.Kind != session.LineChat {
			text = v.speaker.Line(l, v.shown.Session)
		}
		all.WriteString(text + "\n")
	}
	return all.String()
}
