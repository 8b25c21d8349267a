// Package portal is the organisation's public web site: it tells a customer how
// to get help and takes the six-digit number of a session key to the Handrail
// program.
//
// It knows nothing about sessions. The page of a number looks the same for
// every number, so it can't be used to find live ones, and nothing a visitor
// does here changes anything. No page needs a script.
package portal

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"

	"handrail/assets"
	"handrail/shared/words"
)

//go:embed page.html
var pages embed.FS

//go:embed style.css
var style []byte

var page = template.Must(template.ParseFS(pages, "page.html"))

// policy lets a page use what this server itself gives, without scripts,
// frames and other sites.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm is what the form may send, in bytes: a number with room for much
// white space.
const maxForm = 1 << 10

// shown is what the template shows. Which part is not empty decides the page.
type shown struct {
	Title, Organisation          string
	Footer, Product, BackToStart string

	Start *start
	Link  *link
	Plain *plain
}

// start is the organisation's page.
type start struct {
	Welcome, Intro, Field, Continue string
	Problem                         string // why the number typed can't be read
	HowTitle                        string
	How                             []string
	WarnTitle, Warn                 string
}

// link is the page of one number.
type link struct {
	Heading, Intro, Open, Secret, Another string
	First, Second                         string // the number's two groups
	Address                               template.URL
	Missing, MissingWhy                   string
	Steps                                 []string
}

// plain is a page that has only something to say.
type plain struct{ Heading, Text string }

// site answers requests for one organisation.
type site struct {
	organisation string
	say          words.Speaker
}

// New makes the web site of an organisation.
func New(organisation string) http.Handler {
	s := site{organisation: organisation}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", s.start)
	mux.HandleFunc("/number", s.number)
	mux.HandleFunc("/style.css", fixed("text/css; charset=utf-8", style))
	mux.HandleFunc("/icon.svg", fixed("image/svg+xml", assets.Handrail.SVG()))
	mux.HandleFunc("/", s.other)
	return guarded(mux)
}

// guarded sets what holds for every answer.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

func (s site) start(w http.ResponseWriter, r *http.Request) {
	if s.reads(w, r) {
		s.showStart(w, http.StatusOK, "")
	}
}

func (s site) showStart(w http.ResponseWriter, status int, problem words.Sentence) {
	p := &start{
		Welcome: s.say.Say(words.PortalWelcome, s.organisation),
		Intro:   s.say.Say(words.PortalIntro), Field: s.say.Say(words.PortalField),
		Continue: s.say.Say(words.PortalContinue),
		HowTitle: s.say.Say(words.PortalHowTitle),
		How: []string{
			s.say.Say(words.PortalHowOpen), s.say.Say(words.PortalHowSecret), s.say.Say(words.PortalHowAsk),
		},
		WarnTitle: s.say.Say(words.PortalWarnTitle),
		Warn:      s.say.Say(words.PortalWarn, s.organisation),
	}
	title := s.say.Say(words.PortalTitle, s.organisation)
	if problem != "" {
		p.Problem = s.say.Say(problem)
		title = s.say.Say(words.PortalOops, title)
	}
	s.show(w, status, shown{Title: title, Start: p})
}

// number takes the form to the page of the number in it. It is a POST, so that
// what a person types by mistake, the secret half above all, stays out of
// addresses, histories and logs.
func (s site) number(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
	case http.MethodGet, http.MethodHead:
		http.Redirect(w, r, "/", http.StatusSeeOther) // somebody reloaded
		return
	default:
		s.refuse(w, "GET, HEAD, POST")
		return
	}
	if err := r.ParseForm(); err != nil {
		s.showPlain(w, http.StatusBadRequest, words.PageCrowdedTitle, words.PageCrowded)
		return
	}
	number, problem := readNumber(r.PostForm.Get("number"))
	if problem != "" {
		s.showStart(w, http.StatusUnprocessableEntity, problem)
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

func isNumber(s string) bool {
	return len(s) == 6 && strings.Trim(s, "0123456789") == ""
}

// other is the page of a number, or none.
func (s site) other(w http.ResponseWriter, r *http.Request) {
	number := strings.TrimPrefix(r.URL.Path, "/")
	if !isNumber(number) {
		s.showPlain(w, http.StatusNotFound, words.PageMissingTitle, words.PageMissing)
		return
	}
	if !s.reads(w, r) {
		return
	}
	first, second := number[:3], number[3:]
	spaced := first + "\u00a0" + second
	s.show(w, http.StatusOK, shown{
		Title: s.say.Say(words.LinkTitle, spaced),
		Link: &link{
			Heading: s.say.Say(words.LinkHeading), Intro: s.say.Say(words.LinkIntro),
			Open: s.say.Say(words.LinkOpen), Secret: s.say.Say(words.LinkSecret),
			Another: s.say.Say(words.LinkAnother),
			First:   first, Second: second,
			Address: template.URL("handrail:" + number), // six digits, see above
			Missing: s.say.Say(words.LinkMissing), MissingWhy: s.say.Say(words.LinkMissingWhy),
			Steps: []string{
				s.say.Say(words.LinkMissingAsk, s.organisation), s.say.Say(words.LinkMissingType, spaced),
			},
		},
	})
}

// reads says whether r only reads, and answers it if not.
func (s site) reads(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	s.refuse(w, "GET, HEAD")
	return false
}

func (s site) refuse(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	s.showPlain(w, http.StatusMethodNotAllowed, words.PageRefusedTitle, words.PageRefused)
}

func (s site) showPlain(w http.ResponseWriter, status int, heading, text words.Sentence) {
	s.show(w, status, shown{
		Title: s.say.Say(heading), Plain: &plain{Heading: s.say.Say(heading), Text: s.say.Say(text)},
	})
}

func (s site) show(w http.ResponseWriter, status int, p shown) {
	p.Organisation = s.organisation
	p.Footer, p.Product = s.say.Say(words.PageFooter), s.say.Say(words.PageFooterProduct)
	p.BackToStart = s.say.Say(words.PageBackToStart)
	var b bytes.Buffer
	if err := page.Execute(&b, p); err != nil {
		// The tests show every page, so this is a broken template.
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a visitor who went doesn't matter
}

// fixed serves one file.
func fixed(kind string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = w.Write(content)
	}
}
