// Package portal is the organisation's public web site: it tells customers what
// they should know, lets them begin in the ways that are on, and follows a visit
// until its session is over.
//
// There may be several portals, told apart by the host name that a visitor
// asked for. No page needs a script. The page of a number looks the same for
// every number, so it can't be used to find live ones; reading changes nothing.
package portal

import (
	"context"
	"crypto/sha256"
	"embed"
	"io/fs"
	"maps"
	"net/http"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/place"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Lobby is where visitors go from here. Its methods may be called from any
// goroutine.
type Lobby interface {
	// Come gives a customer a place. The same Arrival.Page once more is given
	// the same place. Its errors are lobby.ErrBusy and lobby.ErrNoQueue, or
	// something that a visitor can't help.
	Come(ctx context.Context, a lobby.Arrival) (lobby.Place, error)
	// Standing tells how a visit stands, if there is one. Its error means that
	// this is not known at the moment.
	Standing(page [sha256.Size]byte) (lobby.Standing, bool, error)
	// Watch tells that a visit's Standing has changed, until stop is called.
	Watch(page [sha256.Size]byte) (changes <-chan struct{}, stop func())
	// Present are the reps whom a portal may list, in their order.
	Present(portal string) []lobby.Present
}

// Config is what the portals are made of.
type Config struct {
	// Settings gives them as they are at this moment. It is asked at each
	// request.
	Settings func() settings.Settings
	Lobby    Lobby
	// Programs is the folder of what customers download, see program; nil is
	// none.
	Programs fs.FS
	Now      func() time.Time
}

//go:embed *.html
var templates embed.FS

var pages = web.Parse(templates, "*.html")

// What one address may begin. An office behind one router, in which something
// is out of order, sends many people at once.
const (
	startsAtOnce = 20
	startEvery   = 15 * time.Second
	startsWide   = 25 // times as many in all

	// loads are downloads at the same time: of one place, and in all.
	loadsPerPlace = 8
	loadsInAll    = 200
)

// portals answers all requests.
type portals struct {
	Config
	starts *web.Buckets
	looks  looks
	loads  *place.Crowd
}

// New makes the public web sites.
func New(c Config) http.Handler {
	p := &portals{
		Config: c,
		starts: web.NewBuckets(startsAtOnce, startEvery, startsWide),
		loads:  place.NewCrowd(loadsPerPlace, loadsInAll),
	}
	mux := http.NewServeMux()
	mux.Handle(web.Static.Prefix(), web.Static)
	for pattern, show := range map[string]func(*visitor, http.ResponseWriter, *http.Request){
		"/{$}":                 (*visitor).start,
		"/number":              (*visitor).number,
		"/rep":                 (*visitor).rep,
		"/issue":               (*visitor).issue,
		"/visit/{secret}":      (*visitor).visit,
		"/visit/{secret}/live": (*visitor).live,
		"/download":            (*visitor).download,
		"/download/{file}":     (*visitor).program,
		lookPrefix + "{file}":  (*visitor).look,
		"/":                    (*visitor).other,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			show(visitorOf(r.Context()), w, r)
		})
	}
	guarded := web.Guard(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guarded.ServeHTTP(w, r.WithContext(p.receive(r)))
	})
}

// visitor is one request of somebody, and whose site it is for.
type visitor struct {
	*portals
	portal settings.Portal
	lang   string
	say    words.Speaker
	now    time.Time
	system system
}

type visitorKey struct{}

func visitorOf(ctx context.Context) *visitor { return ctx.Value(visitorKey{}).(*visitor) }

// receive finds out who asks for whose site, in which language.
func (p *portals) receive(r *http.Request) context.Context {
	all := p.Settings()
	portal := all.PortalFor(r.Host)
	lang := web.Language(r, portal.Offered())
	v := &visitor{portals: p, portal: portal, lang: lang, say: words.In(lang), now: p.Now(), system: systemOf(r.Header)}
	style, logo := p.looks.of(portal)
	ctx := web.WithSite(r.Context(), web.Site{
		Name: portal.Name, Home: "/", Logo: logo, Style: style,
		Lang: lang, Languages: portal.Offered(), Say: v.say, Foot: v.promise(all.Records.Keep),
	})
	return context.WithValue(ctx, visitorKey{}, v)
}

// promise is what every page says about what this server sees. It must stay true
// where the organisation has its broker keep what is said so that it can be read.
func (v *visitor) promise(keep wire.Keep) string {
	if keep == wire.KeepReadable {
		return v.say.Say(words.PageFooterKept, v.portal.Name)
	}
	return v.say.Say(words.PageFooter)
}

// show answers with a page.
func (v *visitor) show(w http.ResponseWriter, r *http.Request, status int, s web.Sheet) {
	pages.Show(w, r, status, s)
}

// posted says whether a form was sent. Who reloads its page is taken to the
// start.
func (v *visitor) posted(w http.ResponseWriter, r *http.Request) bool {
	switch r.Method {
	case http.MethodPost:
		return true
	case http.MethodGet, http.MethodHead:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	default:
		web.Refuse(w, r, "GET, HEAD, POST")
	}
	return false
}

// text is one of the portal's own texts, in the simple formatting.
func (v *visitor) text(name settings.TextName, macros map[string]string) string {
	return v.portal.Plain(v.lang, name, v.macros(macros))
}

func (v *visitor) macros(more map[string]string) map[string]string {
	all := map[string]string{"portal": v.portal.Name}
	maps.Copy(all, more)
	return all
}
