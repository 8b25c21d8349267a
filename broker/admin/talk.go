package admin

import (
	"fmt"
	"html/template"
	"net/http"
	"time"

	"handrail/broker/web"
	"handrail/shared/words"
)

// texts are the sentences of the templates, by the names used there.
var texts = words.Admin()

var (
	done = words.AdminDone() // what was done just before, by the word in the address
	acts = words.AdminActs() // of the audit log
)

// talk lets a template say things: every page's data has one.
type talk struct{ say words.Speaker }

// T says a sentence of texts. A template that names one that isn't there fails,
// which the test that shows every page would notice.
func (t talk) T(name string, args ...any) (string, error) {
	s, ok := texts[name]
	if !ok {
		return "", fmt.Errorf("no text %q", name)
	}
	return t.say.Say(s, args...), nil
}

// Say says a sentence that the page's data holds.
func (t talk) Say(s words.Sentence) string { return t.say.Say(s) }

// When shows a moment; none is a dash.
func (t talk) When(at time.Time) template.HTML {
	if at.IsZero() {
		return "–"
	}
	at = at.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, at.Format(time.RFC3339), at.Format("2 Jan 2006, 15:04 UTC"))) // digits and names of months
}

// Life says how long something takes, rounded up.
func (t talk) Life(d time.Duration) string {
	switch seconds := int((d + time.Second - 1) / time.Second); {
	case seconds <= 1:
		return t.say.Say(words.AdminOneSecond)
	case seconds < 90:
		return t.say.Say(words.AdminSeconds, seconds)
	case seconds < 90*60:
		return t.say.Say(words.AdminMinutes, (seconds+59)/60)
	default:
		return t.say.Say(words.AdminHours, (seconds+3599)/3600)
	}
}

// sheet answers with a page for those who are not signed in.
func (f *Frame) sheet(w http.ResponseWriter, r *http.Request, status int, title words.Sentence, name string, data any) {
	var say words.Speaker
	s := web.Sheet{
		Title: say.Say(words.ShellTab, say.Say(title), f.Organisation()), Template: name, Data: data,
		Scripts: []string{web.Static.URL("once.js")},
	}
	if name == "in" || name == "factor" || name == "reset" {
		s.Scripts = append(s.Scripts, files.URL("passkey.js"))
	}
	pages.Show(w, r, status, s)
}
