package portal

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"handrail/broker/web"
	"handrail/shared/words"
)

// maxNumber is what the form of a number may send, in bytes: six digits with
// room for much white space.
const maxNumber = 1 << 10

// link is the page of one number, or of one code: it is the same for each.
type link struct {
	Heading, Intro, Open string
	Secret, Another      string   // of a number alone
	Groups               []string // of its digits
	Address              template.URL
	Elsewhere            *elsewhere // instead of Open and what follows
	Missing, MissingWhy  string
	Steps                []string
	Get                  string // to the program, where there is one
}

// number takes the form to the page of the number in it. It is a POST, so that
// what a person types by mistake, the secret half above all, stays out of
// addresses, histories and logs.
func (v *visitor) number(w http.ResponseWriter, r *http.Request) {
	if !v.posted(w, r) {
		return
	}
	form, ok := web.ReadForm(w, r, maxNumber)
	if !ok {
		return
	}
	if !v.portal.Starts.Key { // the page is an old one
		v.showStart(w, r, http.StatusConflict, v.startPage())
		return
	}
	number, problem := readNumber(form.Get("number"))
	if problem != "" {
		s := v.startPage()
		s.numberProblem(v, problem)
		v.showStart(w, r, http.StatusUnprocessableEntity, s)
		return
	}
	http.Redirect(w, r, "/"+number, http.StatusSeeOther)
}

// readNumber reads six digits as people type them: in groups, with spaces,
// hyphens or dots.
func readNumber(typed string) (number string, problem words.Sentence) {
	digits := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n', '-', '.', '·', '\u00a0', '\u2007', '\u2009', '\u202f', '\u2010', '\u2011', '\u2013':
			return -1
		}
		return r
	}, typed)
	switch {
	case digits == "":
		return "", words.PortalNoNumber
	case isNumber(digits):
		return digits, ""
	case len(digits) > 6 && strings.Trim(digits, "0123456789") == "":
		return "", words.PortalTooMany
	}
	return "", words.PortalNotSix
}

// isNumber says whether s is the number of a session key.
func isNumber(s string) bool { return isDigits(s, 6) }

// isPlace says whether s is the code of a visit. In an address it is as good as
// the secret of the visit's own page, for one use within minutes; it stands there
// so that a person can carry it to another computer by typing.
func isPlace(s string) bool { return isDigits(s, 9) }

func isDigits(s string, n int) bool { return len(s) == n && strings.Trim(s, "0123456789") == "" }

// other is the page of a number or of a code, or none.
func (v *visitor) other(w http.ResponseWriter, r *http.Request) {
	digits, on := strings.TrimPrefix(r.URL.Path, "/"), v.portal.Starts
	if !(isNumber(digits) && on.Key || isPlace(digits) && (on.Reps || on.Issues)) {
		web.Missing(w, r)
		return
	}
	if !web.Reads(w, r) {
		return
	}
	page := link{
		Intro: v.say.Say(words.LinkIntro), Open: v.say.Say(words.LinkOpen),
		Address: template.URL("handrail:" + digits), // nothing but digits
		Missing: v.say.Say(words.LinkMissing), MissingWhy: v.say.Say(words.LinkMissingWhy),
		Elsewhere: v.elsewhere(r, "/"+digits),
	}
	for g := range slices.Chunk([]byte(digits), 3) {
		page.Groups = append(page.Groups, string(g))
	}
	if _, ok := v.file(); ok {
		page.Get = v.say.Say(words.ProgramPageTitle)
	} else {
		page.Steps = append(page.Steps, v.say.Say(words.LinkMissingAsk, v.portal.Name))
	}
	spaced := strings.Join(page.Groups, "\u00a0")
	title, last := words.LinkTitle, words.LinkMissingType
	if isPlace(digits) {
		page.Heading = v.say.Say(words.PlaceHeading)
		title, last = words.PlaceTitle, words.PlaceType
	} else {
		page.Heading, page.Secret = v.say.Say(words.LinkHeading), v.say.Say(words.LinkSecret)
		page.Another = v.say.Say(words.LinkAnother)
	}
	page.Steps = append(page.Steps, v.say.Say(last, spaced))
	v.show(w, r, http.StatusOK, web.Sheet{Title: v.say.Say(title, spaced), Template: "link", Data: page})
}
