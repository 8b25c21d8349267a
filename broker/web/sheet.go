package web

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"handrail/assets"
	"handrail/shared/words"
)

//go:embed layout.html parts.html
var layouts embed.FS

// Set is a package's templates, with those of all pages: "field" and "summary"
// of forms, and the frame around a page.
type Set struct{ t *template.Template }

// Parse reads templates. They are built in, so it panics when they are broken.
func Parse(from fs.FS, patterns ...string) *Set {
	t := template.Must(template.New("").Funcs(template.FuncMap{"icon": icon, "asset": Static.URL, "once": onceField}).
		ParseFS(layouts, "*.html"))
	if from != nil {
		template.Must(t.ParseFS(from, patterns...))
	}
	return &Set{t}
}

// icon is a picture in the colour of the text around it.
func icon(name assets.Icon) template.HTML {
	svg := string(name.SVG())
	svg = strings.Replace(svg, "<svg ", `<svg class="icon" aria-hidden="true" focusable="false" `, 1)
	return template.HTML(strings.ReplaceAll(svg, "#000000", "currentColor")) // built in
}

// Sheet is a page for the public.
type Sheet struct {
	Title    string
	Template string // of the Set, given Data
	Data     any
	Scripts  []string // addresses
	Refresh  int      // seconds after which a browser without scripts asks again; 0: never
}

// framed is what the frame shows.
type framed struct {
	Site                          Site
	Dir, Title                    string
	Body                          template.HTML
	Scripts                       []string
	Refresh                       int
	Skip, Footer, Product, Choose string
	Languages                     []choice
	HomeLabel                     string
}

// choice is a language.
type choice struct {
	Tag, Name, URL string
	Dir            string
	Current        bool
}

// Render writes a template alone, for a part of a page.
func (s *Set) Render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	err := s.t.ExecuteTemplate(&b, name, data)
	return b.Bytes(), err
}

// Show answers with a page.
func (s *Set) Show(w http.ResponseWriter, r *http.Request, status int, p Sheet) {
	body, err := s.Render(p.Template, p.Data)
	if err != nil {
		broken(w, r, err)
		return
	}
	site := SiteOf(r.Context())
	f := framed{
		Site: site, Dir: Direction(site.Lang), Title: p.Title, Body: template.HTML(body), // of a template
		Scripts: p.Scripts, Refresh: p.Refresh,
		Skip: site.Say.Say(words.PageSkip), Choose: site.Say.Say(words.PageLanguage),
		Footer: site.Foot, Product: site.Say.Say(words.PageFooterProduct),
		HomeLabel: site.Say.Say(words.PageHome, site.Name),
	}
	if len(site.Languages) > 1 {
		for _, tag := range site.Languages {
			f.Languages = append(f.Languages, choice{tag, words.LanguageName(tag), languageURL(r, site, tag), Direction(tag), tag == site.Lang})
		}
	}
	page, err := s.Render("layout", f)
	if err != nil {
		broken(w, r, err)
		return
	}
	remember(w, r, site.Languages)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(page) // a visitor who went doesn't matter
	}
}

// languageURL is this page in another language. What a form has sent is not
// sent again for it.
func languageURL(r *http.Request, site Site, tag string) string {
	path := r.URL.EscapedPath()
	if r.Method != http.MethodGet || strings.HasPrefix(path, "//") {
		path = site.Home
	}
	return path + "?lang=" + tag
}

// broken answers where a template fails: the tests show every page, so this is
// a fault of ours.
func broken(w http.ResponseWriter, r *http.Request, err error) {
	logOf(r.Context()).Error("a template failed", "page", r.Pattern, "why", err)
	http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}

// own are the templates of this package's pages.
var own = Parse(nil)

// failed is what the page of a failure shows.
type failed struct{ Heading, Text, Home, Back string }

// Fail answers with a page that says what went wrong and what to do.
func Fail(w http.ResponseWriter, r *http.Request, status int, text words.Sentence) {
	site := SiteOf(r.Context())
	heading := site.Say.Say(headings(status))
	own.Show(w, r, status, Sheet{Title: heading, Template: "failed", Data: failed{
		heading, site.Say.Say(text), site.Home, site.Say.Say(words.PageBackToStart),
	}})
}

// Missing answers where there is no page.
func Missing(w http.ResponseWriter, r *http.Request) {
	Fail(w, r, http.StatusNotFound, words.PageMissing)
}

func headings(status int) words.Sentence {
	switch status {
	case http.StatusNotFound:
		return words.PageMissingTitle
	case http.StatusMethodNotAllowed, http.StatusForbidden:
		return words.PageRefusedTitle
	case http.StatusRequestEntityTooLarge:
		return words.PageCrowdedTitle
	case http.StatusTooManyRequests:
		return words.PageTooOftenTitle
	case http.StatusServiceUnavailable:
		return words.PageBusyTitle
	case http.StatusInternalServerError:
		return words.PageBrokenTitle
	}
	return words.PageUnclearTitle
}
