package portal

import (
	"context"
	"crypto/sha256"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/broker/hours"
	"handrail/broker/lobby"
	"handrail/broker/settings"
)

const organisation = `Müller & <b>Söhne</b> "100 %s"`

// noon is a Wednesday.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func noonNow() time.Time { return noon }

// fake is a lobby that does what a test tells it.
type fake struct {
	mu     sync.Mutex // guards the following
	came   []lobby.Arrival
	visits map[[sha256.Size]byte]lobby.Standing
	watch  map[[sha256.Size]byte][]chan struct{}
	reps   []lobby.Present
	err    error
	blind  error // why nobody knows how visits stand
}

func newFake(reps ...lobby.Present) *fake {
	return &fake{
		visits: map[[sha256.Size]byte]lobby.Standing{}, watch: map[[sha256.Size]byte][]chan struct{}{}, reps: reps,
	}
}

func (f *fake) Come(_ context.Context, a lobby.Arrival) (lobby.Place, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return lobby.Place{}, f.err
	}
	f.came = append(f.came, a)
	s := lobby.Standing{State: lobby.Expected, Portal: a.Portal, Name: a.Name, Code: "482913507", Expires: noon.Add(10 * time.Minute), Queue: a.Queue}
	f.visits[a.Page] = s
	return lobby.Place{Code: s.Code, Expires: s.Expires}, nil
}

func (f *fake) Standing(page [sha256.Size]byte) (lobby.Standing, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.blind != nil {
		return lobby.Standing{}, false, f.blind
	}
	s, ok := f.visits[page]
	return s, ok, nil
}

// blinds has nobody know how visits stand, or everybody again.
func (f *fake) blinds(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.blind = why
}

func (f *fake) Watch(page [sha256.Size]byte) (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watch[page] = append(f.watch[page], c)
	return c, func() {}
}

func (f *fake) Present(string) []lobby.Present { return f.reps }

// now makes a visit stand so, or forgets it.
func (f *fake) now(page [sha256.Size]byte, s *lobby.Standing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.visits, page)
	if s != nil {
		f.visits[page] = *s
	}
	for _, c := range f.watch[page] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// arrivals are those who came.
func (f *fake) arrivals() []lobby.Arrival {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]lobby.Arrival(nil), f.came...)
}

// plain is a portal as it begins, with a difficult name.
func plain() settings.Portal { return settings.NewPortal(settings.Main, organisation) }

// full is a portal with everything on.
func full() settings.Portal {
	p := plain()
	p.Starts = settings.Starts{Key: true, Reps: true, Issues: true}
	p.Issues = []settings.Issue{
		{ID: "mail", Names: map[string]string{"en": "E-mail", "de": "E-Mail-Programm"}, Team: 3},
		{ID: "other", Names: map[string]string{"en": "Something else"}},
	}
	p.Form = settings.Form{CompanyCode: true, Fields: []settings.Field{
		{ID: "asset", Names: map[string]string{"en": "Number on the sticker"}, Required: true},
		{ID: "room", Names: map[string]string{"en": "Room"}},
	}}
	p.Notices = []settings.Notice{
		{ID: 1, Title: "Mail is **slow**", Text: "We know, and **work on it**. [More](https://status.test/)"},
		{ID: 2, Title: "Old news", Text: "Gone.", Until: noon.Add(-time.Hour)},
	}
	return p
}

// closed makes p closed at noon, until nine the next day.
func closed(p settings.Portal) settings.Portal {
	p.Hours = hours.Schedule{Limited: true, Zone: "Europe/Berlin"}
	p.Hours.Week[time.Thursday] = []hours.Span{{From: 9 * 60, To: 17 * 60}}
	return p
}

var anna, ben = lobby.Present{Rep: 12, Name: "Anna"}, lobby.Present{Rep: 7, Name: "Ben <i>"}

// site serves portals: the main one first.
func site(l Lobby, all ...settings.Portal) http.Handler {
	s := settings.Settings{Portals: map[string]settings.Portal{}}
	for _, p := range all {
		s.Portals[p.ID] = p
	}
	return New(Config{Settings: func() settings.Settings { return s }, Lobby: l, Now: func() time.Time { return noon }})
}

const agentLinux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"

// ask sends one request.
func ask(t testing.TB, h http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "https://help.test"+target, strings.NewReader(body))
	r.Header.Set("User-Agent", agentLinux)
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// with is a form, changed.
func with(form map[string]string, changes ...string) map[string]string {
	form = maps.Clone(form)
	for i := 0; i+1 < len(changes); i += 2 {
		form[changes[i]] = changes[i+1]
	}
	return form
}
