package report

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"handrail/broker/chromium"
	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/wire"
)

// busy is an office with a month of work.
func busy(t *testing.T) (*office, wire.SessionID) {
	t.Helper()
	o := newOffice(t)
	random := rand.New(rand.NewPCG(3, 1))
	companies := []string{"Bäckerei Süß", "Northwind Traders", "", "Ministry of Very Long Names and Even Longer Abbreviations", "Øresund A/S"}
	names := []string{"Maria Huber", "Jonas Lindqvist", "", "Ελένη Παπαδοπούλου", "Анна Петрова", "Tom"}
	for i := range 260 {
		at := now.Add(-time.Duration(random.IntN(30*24*60)) * time.Minute)
		id := o.come(t, i, at, uint64(random.IntN(4)), uint64(3+random.IntN(2)), map[string]string{
			"name": names[random.IntN(len(names))], "company": companies[random.IntN(len(companies))],
			"issue": []string{printing, ""}[random.IntN(2)], "start": []string{"issue", "key", "rep"}[random.IntN(3)],
		})
		if what := []string{"solved", "solved", "unsolved", "follow-up", ""}[random.IntN(5)]; what != "" {
			o.conclude(t, id, 1, at.Add(10*time.Minute), what)
		}
	}
	return o, o.come(t, 1600, now.Add(-20*time.Minute), 2, 3, map[string]string{
		"name": "Maria Huber", "description": "The printer in the hall says “paper jam”, but there is no paper in it.\nI opened all three doors.",
	})
}

func TestPagesOfReportsCanBeReadAndUsed(t *testing.T) {
	o, id := busy(t)
	o.org.Reps[3] = people.Rep{ID: 3, PublicName: "Clara Montgomery-Fotheringham"}
	said, sealed := o.said(t), o.sealed(t, 1601)
	pages := http.NewServeMux()
	pages.Handle("/static/", web.Static)
	pages.Handle("/", desk(o).handler())
	who := admin()
	who.May = people.Of(people.AllReports, people.OwnSessions, people.ImportSettings)
	site := web.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages.ServeHTTP(w, r.WithContext(web.WithWho(r.Context(), who)))
	}))
	w := chromium.Open(t, chromium.Serve(t, site))
	for name, path := range map[string]string{
		"list": Root, "list-filters": Root + "?from=x&rating=5&team=3&from=2026-13-01", "list-empty": Root + "?name=zzz",
		"detail": sessionPath(id), "said": sessionPath(said), "sealed": sessionPath(sealed), "erase": sessionPath(said) + "/erase",
		"erased": Root + "?did=erased&name=zzz", "summary": Root + "/summary", "summary-week": Root + "/summary?by=week&from=&until=",
		"survey": Root + "/survey", "survey-none": Root + "/survey?portal=shop", "texts": Root + "/survey/3",
	} {
		w.Go(path)
		if name == "list-filters" {
			w.Said() // that it is answered with 400
		}
		w.Looks("report-" + name)
	}
}

func TestT01ALongNameHidesNoColumn(t *testing.T) {
	o := newOffice(t)
	o.come(t, 1, now.Add(-time.Hour), 2, 3, map[string]string{"name": strings.Repeat("x", 100), "company": strings.Repeat("y", 100), "issue": printing})
	pages := http.NewServeMux()
	pages.Handle("/static/", web.Static)
	pages.Handle("/", desk(o).handler())
	w := chromium.Open(t, chromium.Serve(t, web.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages.ServeHTTP(w, r.WithContext(web.WithWho(r.Context(), admin())))
	}))))
	w.Go(Root)
	if hidden := chromium.Eval[float64](w, `(p => p.scrollWidth - p.clientWidth)(document.querySelector(".panel.flush"))`); hidden > 0 {
		t.Errorf("%v pixels of the list are out of sight", hidden)
	}
	w.Looks("report-list-long")
}

func TestT01APersonFindsASession(t *testing.T) {
	o, id := busy(t)
	pages := http.NewServeMux()
	pages.Handle("/static/", web.Static)
	pages.Handle("/", desk(o).handler())
	w := chromium.Open(t, chromium.Serve(t, web.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages.ServeHTTP(w, r.WithContext(web.WithWho(r.Context(), admin())))
	}))))
	w.Scripts(false)
	w.Go(Root)
	w.Type("#f-name", "maria")
	w.Follow(".sift button")
	w.WaitText("Maria Huber")
	w.Follow("tbody tr:first-child a")
	w.WaitText("What happened")
	w.WaitText(id.String())
	w.Follow(".crumbs a")
	w.Follow(".tabs li:nth-child(2) a")
	w.WaitText("Taken by a rep")
}

func TestT01AnAdministratorDeletesASession(t *testing.T) {
	o := newOffice(t)
	id := o.said(t)
	who := admin()
	who.May = people.Of(people.AllReports, people.ImportSettings)
	pages := http.NewServeMux()
	pages.Handle("/static/", web.Static)
	pages.Handle("/", desk(o).handler())
	w := chromium.Open(t, chromium.Serve(t, web.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages.ServeHTTP(w, r.WithContext(web.WithWho(r.Context(), who)))
	}))))
	w.Scripts(false)
	w.Go(sessionPath(id))
	w.Follow(".apart .danger")
	w.WaitText("Delete for good")
	w.Follow("main form a") // no
	w.WaitText("What was said")
	w.Follow(".apart .danger")
	w.Follow("main form button")
	w.WaitText("The session is deleted.")
	w.Go(sessionPath(id))
	w.WaitText("There is no such session")
	w.Said() // that it is answered with 404
}
