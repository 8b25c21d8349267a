package report

import (
	"math/rand/v2"
	"net/http"
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
		o.come(t, i, at, uint64(random.IntN(4)), uint64(3+random.IntN(2)), map[string]string{
			"name": names[random.IntN(len(names))], "company": companies[random.IntN(len(companies))],
			"issue": []string{"printer", ""}[random.IntN(2)], "start": []string{"issue", "key", "rep"}[random.IntN(3)],
		})
	}
	return o, o.come(t, 1600, now.Add(-20*time.Minute), 2, 3, map[string]string{
		"name": "Maria Huber", "description": "The printer in the hall says “paper jam”, but there is no paper in it.\nI opened all three doors.",
	})
}

func TestPagesOfReportsCanBeReadAndUsed(t *testing.T) {
	o, id := busy(t)
	o.org.Reps[3] = people.Rep{ID: 3, PublicName: "Clara Montgomery-Fotheringham"}
	pages := http.NewServeMux()
	pages.Handle("/static/", web.Static)
	pages.Handle("/", desk(o).handler())
	who := admin()
	site := web.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages.ServeHTTP(w, r.WithContext(web.WithWho(r.Context(), who)))
	}))
	w := chromium.Open(t, chromium.Serve(t, site))
	for name, path := range map[string]string{
		"list": Root, "list-filters": Root + "?from=x&rating=5&team=3&from=2026-13-01", "list-empty": Root + "?name=zzz",
		"detail": Root + "/session/" + id.String(), "summary": Root + "/summary", "summary-week": Root + "/summary?by=week&from=&until=",
		"survey": Root + "/survey", "survey-none": Root + "/survey?portal=shop", "texts": Root + "/survey/3",
	} {
		w.Go(path)
		if name == "list-filters" {
			w.Said() // that it is answered with 400
		}
		w.Looks("report-" + name)
	}
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
