package manage

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/store"
	"handrail/broker/web"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// office is an organisation with its pages, on a store of its own.
type office struct {
	t       testing.TB
	s       *store.Store
	m       *Manage
	h       http.Handler
	who     web.Who
	owner   uint64
	admin   uint64
	rep     uint64
	changed int
}

func opened(t testing.TB) *office {
	t.Helper()
	s, err := store.Open(context.Background(), store.Place{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	o := &office{t: t, s: s}
	if err := s.SetSetting(t.Context(), "organisation", []byte("Green Branch")); err != nil {
		t.Fatal(err)
	}
	old := noon.Add(-100 * 24 * time.Hour)
	if err := s.AddFirst(t.Context(), people.Hash{1}, old, old.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if o.owner, err = s.TakeFirst(t.Context(), people.Hash{1}, people.Rep{PublicName: "Olga", Mail: "olga@example.org"}, "x", old); err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]*uint64{"Anna": &o.admin, "Rudi": &o.rep} {
		if *id, err = s.Change(t.Context(), o.owner, people.SetRep{Rep: people.Rep{PublicName: name}}, old); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []people.Change{
		people.GiveRole{Rep: o.admin, Role: people.AdministratorRole},
		people.SetTeam{Team: people.Team{Name: "Printers", Members: map[uint64]people.Rank{o.rep: people.Member}}},
		people.SetTeam{Team: people.Team{Name: "Mail", Members: map[uint64]people.Rank{o.rep: people.Member}}},
	} {
		if _, err := s.Change(t.Context(), o.owner, c, old); err != nil {
			t.Fatal(err)
		}
	}
	o.m = New(Config{
		Store: s, Seal: func(b []byte) []byte { return append([]byte("sealed "), b...) }, Changed: func() { o.changed++ },
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
	})
	o.h = o.broker(o.m)
	o.as(o.owner)
	return o
}

// broker is what one broker answers.
func (o *office) broker(m *Manage) http.Handler {
	protect := func(p people.Permission, h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if o.who.Rep == 0 || p != "" && !o.who.May[p] {
				web.Fail(w, r, http.StatusForbidden, "No.")
				return
			}
			w, r = web.Patiently(w, r)
			h.ServeHTTP(w, r.WithContext(web.WithWho(r.Context(), o.who)))
		})
	}
	mux := http.NewServeMux()
	mux.Handle("/login/", m.Handler(protect))
	mux.Handle("/static/", web.Static)
	mux.Handle("/api/v1/", m.API())
	return web.Guard(mux)
}

// as says who is logged in from now on.
func (o *office) as(rep uint64) {
	o.t.Helper()
	all, err := o.s.Organisation(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	o.who = web.Who{Rep: rep, Name: all.Reps[rep].PublicName, May: all.May(rep), Organisation: "Green Branch", Idle: time.Hour}
}

func (o *office) settings() (settings.Settings, uint64) {
	o.t.Helper()
	s, version, err := o.s.Settings(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	return s, version
}

func (o *office) main() settings.Portal {
	s, _ := o.settings()
	return s.Portals[settings.Main]
}

func (o *office) do(r *http.Request) (int, string, http.Header) {
	o.t.Helper()
	w := httptest.NewRecorder()
	o.h.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	if strings.Contains(string(body), "goroutine ") || strings.Contains(string(body), ".go:") {
		o.t.Errorf("%s %s shows a stack trace", r.Method, r.URL)
	}
	return w.Code, string(body), w.Header()
}

func (o *office) get(path string) (int, string) {
	o.t.Helper()
	code, body, _ := o.do(httptest.NewRequest(http.MethodGet, path, nil))
	return code, body
}

// post sends a form from our own page: unless it says otherwise, from one that
// was opened just now.
func (o *office) post(path string, form url.Values) (int, string, http.Header) {
	o.t.Helper()
	if !form.Has(web.FieldOnce) {
		form = maps.Clone(form)
		form.Set(web.FieldOnce, web.NewOnce())
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return o.do(r)
}

var (
	inputs    = regexp.MustCompile(`<input ([^>]*)>`)
	areas     = regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>`)
	selects   = regexp.MustCompile(`(?s)<select [^>]*name="([^"]*)".*?</select>`)
	chosen    = regexp.MustCompile(`<option value="([^"]*)" selected>`)
	first     = regexp.MustCompile(`<option value="([^"]*)"`)
	attribute = regexp.MustCompile(`(\w+)="([^"]*)"`)
)

// form is what a browser would send of a page, as it is.
func (o *office) form(path string) url.Values {
	o.t.Helper()
	code, body := o.get(path)
	if code != http.StatusOK {
		o.t.Fatalf("%s: %d %s", path, code, body)
	}
	return formOf(body)
}

func formOf(body string) url.Values {
	plain := strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&#43;", "+", "&amp;", "&")
	v := url.Values{}
	for _, m := range inputs.FindAllStringSubmatch(body, -1) {
		a := map[string]string{}
		for _, x := range attribute.FindAllStringSubmatch(m[1], -1) {
			a[x[1]] = plain.Replace(x[2])
		}
		if a["name"] == "" || (a["type"] == "checkbox" || a["type"] == "radio") && !strings.Contains(m[1], " checked") || a["type"] == "file" {
			continue
		}
		v.Add(a["name"], a["value"])
	}
	for _, m := range areas.FindAllStringSubmatch(body, -1) {
		v.Set(m[1], plain.Replace(m[2]))
	}
	for _, m := range selects.FindAllStringSubmatch(body, -1) {
		if c := chosen.FindStringSubmatch(m[0]); c != nil {
			v.Set(m[1], c[1])
		} else if c := first.FindStringSubmatch(m[0]); c != nil {
			v.Set(m[1], c[1])
		}
	}
	v.Set("do", "save")
	return v
}

// save changes some fields of a page's form and sends it.
func (o *office) save(path string, change map[string]string) (int, string) {
	o.t.Helper()
	v := o.form(path)
	for name, value := range change {
		if value == "" {
			v.Del(name)
		} else {
			v.Set(name, value)
		}
	}
	code, body, _ := o.post(path, v)
	return code, body
}

func (o *office) saved(path string, change map[string]string) {
	o.t.Helper()
	before := o.changed
	if code, body := o.save(path, change); code != http.StatusSeeOther || o.changed != before+1 {
		o.t.Fatalf("%s: %d %s", path, code, problems(body))
	}
}

// problems are what a page complains about.
func problems(body string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`<p class="problem"[^>]*>([^<]*)`).FindAllStringSubmatch(body, -1) {
		all = append(all, m[1])
	}
	return all
}
