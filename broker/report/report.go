// Package report shows what happened, to people who ask (rows T01, T02, E02 and
// K09): sessions as a list and one by one, sums of them, and what customers
// answered; as pages, and as files (CSV, JSON, HTML, PDF). Everybody sees only
// the sessions that their permissions allow.
//
// Its handler answers below /login/reports, behind whoever signs reps in
// (web.WhoOf says who asks). It changes nothing but for one thing: those who
// decide how long sessions are kept can delete one.
package report

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"handrail/broker/people"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Root is the address that the pages are below.
const Root = "/login/reports"

// makers is how many files are made at a time. A PDF of the longest list takes a
// core for some seconds.
const makers = 2

//go:embed *.html
var templates embed.FS

//go:embed static
var static embed.FS

var (
	set   = web.Parse(templates, "*.html")
	files = web.NewFiles(Root+"/static/", static)
)

// Store is where sessions are read from.
type Store interface {
	Organisation(ctx context.Context) (people.Organisation, error)
	Settings(ctx context.Context) (settings.Settings, uint64, error)
	Records(ctx context.Context, f record.Filter, page record.Page) ([]record.Record, error)
	Record(ctx context.Context, id wire.SessionID, scope record.Scope) (record.Whole, error)
	Totals(ctx context.Context, f record.Filter, by record.By) ([]record.Total, error)
	Tallies(ctx context.Context, f record.Filter, asked record.Asked) ([]record.Tally, error)
	Texts(ctx context.Context, f record.Filter, asked record.Asked, page record.Page) ([]record.Text, error)
	Transcript(ctx context.Context, id wire.SessionID, scope record.Scope) ([]record.Part, error)
	Erase(ctx context.Context, by uint64, id wire.SessionID, scope record.Scope, now time.Time) error
}

// Config is what the pages need.
type Config struct {
	Store Store
	Now   func() time.Time // nil: the clock
	Log   *slog.Logger     // nil: none
}

// reports are the pages.
type reports struct {
	Config
	making chan struct{} // one for each file that is made

	rows, paper int // in a file at most, and in a PDF
}

// New gives the handler for Root and everything below it.
func New(c Config) http.Handler { return newReports(c).handler() }

func newReports(c Config) *reports {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &reports{Config: c, making: make(chan struct{}, makers), rows: maxRows, paper: maxPaper}
}

func (h *reports) handler() http.Handler {
	pages := http.NewServeMux()
	for path, show := range map[string]func(http.ResponseWriter, *http.Request, *viewer) error{
		Root:                          h.list,
		Root + "/{$}":                 h.list,
		Root + "/summary":             h.summary,
		Root + "/survey":              h.survey,
		Root + "/survey/{question}":   h.texts,
		Root + "/session/{id}":        h.detail,
		Root + "/session/{id}/{name}": h.detailFile,
		Root + "/session/{id}/erase":  h.erase,
		Root + "/file/{name}":         h.file,
	} {
		pages.HandleFunc(path, h.asked(show))
	}
	pages.Handle(files.Prefix(), files)
	pages.HandleFunc("/", web.Missing)
	return pages
}

// asked finds out who asks for a page.
func (h *reports) asked(show func(http.ResponseWriter, *http.Request, *viewer) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !erases(r) {
			if !web.Reads(w, r) {
				return
			}
		}
		v, err := h.viewer(r)
		switch {
		case err != nil:
		case !v.sees():
			web.Fail(w, r, http.StatusForbidden, words.ReportForbidden)
		default:
			err = show(w, r, v)
		}
		var bad unclear
		switch {
		case err == nil || r.Context().Err() != nil:
		case errors.As(err, &bad):
			web.Fail(w, r, http.StatusBadRequest, words.Sentence(bad))
		case errors.Is(err, record.ErrNone):
			web.Fail(w, r, http.StatusNotFound, words.ReportMissing)
		case errors.Is(err, errBusy):
			web.Fail(w, r, http.StatusServiceUnavailable, words.ReportBusy)
		default:
			h.Log.Error("a report failed", "page", r.Pattern, "why", err)
			if errors.Is(err, errUnderWay) {
				panic(http.ErrAbortHandler) // half a file must not look like a whole one
			}
			web.Fail(w, r, http.StatusInternalServerError, words.PageBroken)
		}
	}
}

// erases says whether a request is for the one page that changes something.
func erases(r *http.Request) bool { return r.Pattern == Root+"/session/{id}/erase" }

// unclear is what is wrong with what was asked for.
type unclear words.Sentence

func (u unclear) Error() string { return string(u) }

var (
	errBusy     = errors.New("report: enough files are being made")
	errUnderWay = errors.New("report: the answer is under way")
)

// viewer is somebody who asks, and what there is to know for an answer.
type viewer struct {
	who   web.Who
	scope record.Scope
	org   people.Organisation
	set   settings.Settings
	zone  *time.Location
	now   time.Time
	say   words.Speaker
}

func (h *reports) viewer(r *http.Request) (*viewer, error) {
	v := &viewer{who: web.WhoOf(r.Context()), now: h.Now(), zone: time.UTC}
	var err error
	if v.org, err = h.Store.Organisation(r.Context()); err != nil {
		return nil, err
	}
	if v.set, _, err = h.Store.Settings(r.Context()); err != nil {
		return nil, err
	}
	// The days of the roll-up are this zone's, and two zones on one page would
	// only confuse.
	if zone, err := time.LoadLocation(v.set.Portals[settings.Main].Hours.Zone); err == nil {
		v.zone = zone
	}
	v.scope = scope(v.who, v.org)
	return v, nil
}

func (v *viewer) sees() bool {
	return v.scope.All || len(v.scope.Teams)+len(v.scope.Reps) > 0
}

// scope is whose sessions somebody may see.
func scope(who web.Who, o people.Organisation) record.Scope {
	if who.May[people.AllReports] {
		return record.Scope{All: true}
	}
	var s record.Scope
	reps := map[uint64]bool{}
	if who.May[people.OwnSessions] && who.Rep != 0 {
		reps[who.Rep] = true
	}
	if who.May[people.TeamReports] {
		for id, t := range o.Teams {
			if leads(o, t, who.Rep) {
				s.Teams = append(s.Teams, id)
				for rep := range t.Members {
					reps[rep] = true
				}
			}
		}
	}
	s.Teams, s.Reps = sorted(s.Teams), keys(reps)
	return s
}

// leads says whether a rep leads or manages a team, or manages one above it.
func leads(o people.Organisation, t people.Team, rep uint64) bool {
	if t.Members[rep] >= people.Lead {
		return true
	}
	for range o.Teams { // no further than there are teams, whatever was kept
		above, ok := o.Teams[t.Above]
		if !ok {
			return false
		}
		if above.Members[rep] == people.Manager {
			return true
		}
		t = above
	}
	return false
}
