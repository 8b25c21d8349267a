package portal

import (
	"net/http"
	"sync"

	"handrail/broker/settings"
	"handrail/broker/web"
)

const lookPrefix = "/look/"

// looks remembers the files of portals' looks: their logos and colours.
type looks struct {
	mu   sync.Mutex      // guards the following
	held map[string]look // by portal
}

// look is how one portal looks.
type look struct {
	from        settings.Look
	style, logo string // addresses, empty: none
	css, image  []byte
	kind        string // of image
}

// same says whether l is still what the settings say. Logos that are the same
// piece of memory are the same, without reading them each time.
func (l look) same(s settings.Look) bool {
	a, b := l.from.Logo, s.Logo
	return l.from.Colour == s.Colour && len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// of gives the addresses of a portal's stylesheet and logo.
func (l *looks) of(p settings.Portal) (style, logo string) {
	one := l.get(p)
	return one.style, one.logo
}

func (l *looks) get(p settings.Portal) look {
	l.mu.Lock()
	defer l.mu.Unlock()
	one, ok := l.held[p.ID]
	if ok && one.same(p.Look) {
		return one
	}
	one = look{from: p.Look}
	if c, ok := web.Colour(p.Look.Colour); ok {
		one.css = web.Themed(c)
		one.style = lookPrefix + web.Sum(one.css) + ".css"
	}
	switch kind := http.DetectContentType(p.Look.Logo); kind {
	case "image/png", "image/jpeg":
		one.image, one.kind = p.Look.Logo, kind
		one.logo = lookPrefix + web.Sum(one.image) + "." + kind[len("image/"):]
	}
	if l.held == nil {
		l.held = map[string]look{}
	}
	l.held[p.ID] = one
	return one
}

// look serves a portal's stylesheet and its logo.
func (v *visitor) look(w http.ResponseWriter, r *http.Request) {
	one := v.looks.get(v.portal)
	switch r.URL.Path {
	case one.style:
		web.Keep(w, r, "text/css; charset=utf-8", one.css)
	case one.logo:
		web.Keep(w, r, one.kind, one.image)
	default:
		web.Missing(w, r)
	}
}
