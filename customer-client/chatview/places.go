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
	case chat.Waiting:
		maps.Copy(objects, v.wait.places())
	case chat.InSession:
		objects["entry"], objects["stop"], objects["peer"] = v.talk.compose, v.talk.banner.stop, v.talk.name
		objects["cut"], objects["send-file"], objects["certified"] = v.talk.cut, v.talk.clip, v.talk.by
		objects["kept"] = v.talk.kept.text
		maps.Copy(objects, v.talk.list.FilePlaces())
		if v.talk.drop.card.Visible() {
			objects["send-drop"], objects["keep-drop"] = v.talk.drop.send, v.talk.drop.keep
		}
		if v.talk.words.card.Visible() {
			objects["words-same"], objects["words-different"] = v.talk.words.same, v.talk.words.differ
		}
		if v.shown.Prompt != nil {
			objects["allow"], objects["refuse"], objects["more"] = v.talk.prompt.allow, v.talk.prompt.refuse, v.talk.prompt.more
		}
	case chat.Ended:
		objects["close"], objects["again"], objects["why"] = v.end.close, v.end.again, v.end.why
		maps.Copy(objects, v.end.survey.Places())
	}
	if v.closing.pop != nil {
		objects = map[string]fyne.CanvasObject{"stay": v.closing.stay, "leave": v.closing.leave}
	}
	places := look.Places(objects)
	places["screen"] = look.Place{Text: [...]string{"form", "connecting", "waiting", "session", "ended"}[v.shown.Screen]}
	places["problem"] = look.Place{Text: v.problemText()}
	places["lines"] = look.Place{Text: v.lineText()}
	if s := v.shown.Session; v.shown.Screen == chat.InSession {
		what, _ := v.speaker.Banner(s)
		places["banner"] = look.Place{Text: what}
	}
	if visit := v.shown.Visit; visit != nil && v.shown.Screen == chat.Waiting {
		place, wait := v.speaker.Queue(visit.Position, visit.Estimate)
		places["queue"] = look.Place{Text: strings.TrimSpace(place + " " + wait)}
	}
	if v.shown.Screen == chat.Ended {
		n := v.end.noted
		places["told"] = look.Place{Text: strings.TrimSpace(n.nobody.Text + " " + n.nobody.Host + " " + n.thanks)}
	}
	if c := v.shown.Compare; c != nil {
		places["words"] = look.Place{Text: strings.Join(c.Words[:], " ")}
	}
	return places
}

// places are those of the page of the queue.
func (w *waiting) places() map[string]fyne.CanvasObject {
	objects := map[string]fyne.CanvasObject{"stop-waiting": w.stop}
	if q := w.v.shown.Visit.Question; q != nil && recording(q) {
		objects["recording-yes"], objects["recording-no"], objects["question"] = w.ask.yes, w.ask.no, w.ask.title
	} else if q != nil {
		objects["agreement-accept"], objects["agreement-refuse"], objects["question"] = w.ask.yes, w.ask.no, w.ask.title
	}
	for _, c := range w.told.cards {
		if c.leave != nil {
			objects["notice-leave"] = c.leave
		}
		if len(c.links) > 0 {
			objects["told-link"] = c.links[0]
		}
	}
	if len(w.ask.links) > 0 {
		objects["question-link"] = w.ask.links[0]
	}
	return objects
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
	if v.shown.Visit != nil && v.shown.Screen == chat.Waiting {
		for _, t := range v.shown.Visit.Told {
			all.WriteString(strings.TrimSpace(t.Title+" "+t.Text) + "\n")
		}
	}
	for _, l := range v.shown.Session.Lines {
		text := l.Text
		if l.Kind != session.LineChat {
			text = v.speaker.Line(l, v.shown.Session)
		}
		all.WriteString(text + "\n")
	}
	return all.String()
}
