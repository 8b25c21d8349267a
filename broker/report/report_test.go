package report

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/hours"
	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/broker/store"
	"handrail/broker/web"
	"handrail/shared/wire"
)

// now is the afternoon of a Tuesday in Vienna.
var now = time.Date(2026, 3, 31, 14, 0, 0, 0, time.UTC)

// printing is an issue's name, as the portal keeps it with a session.
const printing = "Printer does not print"

const nasty = `<script>alert(1)</script>"'&`

// office is a store with people and settings that tests choose.
type office struct {
	*store.Store
	org people.Organisation
	set settings.Settings
	err error // of reading records
	n   int   // after so many reads
}

func (o *office) Organisation(context.Context) (people.Organisation, error) { return o.org, nil }
func (o *office) Settings(context.Context) (settings.Settings, uint64, error) {
	return o.set, 1, nil
}

func (o *office) Records(ctx context.Context, f record.Filter, p record.Page) ([]record.Record, error) {
	if o.n--; o.n < 0 && o.err != nil {
		return nil, o.err
	}
	return o.Store.Records(ctx, f, p)
}

// node is the broker that keeps what happens.
var node = lobby.NodeID{1}

func newOffice(t testing.TB) *office {
	t.Helper()
	s, err := store.Open(t.Context(), store.Place{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, _, err := s.Join(t.Context(), lobby.Node{ID: node}, true); err != nil {
		t.Fatal(err)
	}
	english := func(text string) map[string]string { return map[string]string{"en": text} }
	main := settings.NewPortal(settings.Main, "Help Desk")
	main.Hours = hours.Schedule{Zone: "Europe/Vienna"}
	main.Issues = []settings.Issue{{ID: "printer", Names: english(printing), Team: 3}, {ID: "mail", Names: english("Mail " + nasty), Team: 4}}
	main.Form.Fields = []settings.Field{{ID: "room", Names: english("Room")}}
	main.Survey = []settings.Question{
		{ID: 1, Form: wire.FormRating, Texts: english("How was it?")},
		{ID: 2, Form: wire.FormSome, Texts: english("What was good?"), Options: []map[string]string{english("Speed"), english("Kindness")}},
		{ID: 3, Form: wire.FormText, Texts: english("What can we do better?")},
	}
	main.RepSurvey = []settings.Question{
		{ID: 1, Form: wire.FormOne, Texts: english("Is it solved?"), Options: []map[string]string{english("Solved"), english("Not yet")}},
		{ID: 3, Form: wire.FormText, Texts: english("Anything for colleagues?")},
	}
	shop := settings.NewPortal("shop", "Shop "+nasty)
	return &office{
		Store: s,
		set:   settings.Settings{Portals: map[string]settings.Portal{settings.Main: main, "shop": shop}},
		org: people.Organisation{
			Reps: map[uint64]people.Rep{
				1: {ID: 1, PublicName: "Anna"}, 2: {ID: 2, PublicName: "Bert", PrivateName: "Bert Øst"}, 3: {ID: 3, PublicName: "Clara " + nasty},
			},
			Teams: map[uint64]people.Team{
				3: {ID: 3, Name: "First line", Members: map[uint64]people.Rank{1: people.Lead, 2: people.Member}},
				4: {ID: 4, Name: "Second line", Members: map[uint64]people.Rank{3: people.Member}},
			},
		},
	}
}

// come keeps the facts of a session that rep took, or nobody if 0.
func (o *office) come(t testing.TB, number int, at time.Time, rep, team uint64, more map[string]string) wire.SessionID {
	t.Helper()
	id := wire.SessionID{byte(number >> 8), byte(number), 0xfe}
	fact := func(after time.Duration, what lobby.What, rep uint64, queue string, detail map[string]string) lobby.Fact {
		return lobby.Fact{Session: id, At: at.Add(after), What: what, Rep: rep, Queue: queue, Detail: detail}
	}
	detail := map[string]string{
		"portal": "main", "start": "issue", "name": fmt.Sprintf("Customer %03d", number), "company": "Bakery Süß", "companyCode": "B-7",
		"issue": printing, "description": "It says\npaper jam", "system": "Windows 11", "locale": "de", "address": "192.0.2.7", "field.Room": "12",
	}
	maps.Copy(detail, more)
	queue := settings.TeamQueue(team)
	facts := []lobby.Fact{fact(0, lobby.FactCame, 0, "", detail), fact(2*time.Second, lobby.FactQueued, 0, queue, map[string]string{"why": "start"})}
	if rep == 0 {
		facts = append(facts, fact(time.Minute, lobby.FactAbandoned, 0, queue, map[string]string{"waited": "58"}), fact(time.Minute, lobby.FactEnded, 0, "", map[string]string{"why": "customer"}))
	} else {
		facts = append(
			facts, fact(time.Second, lobby.FactRecording, 0, "", map[string]string{"said": "yes"}),
			fact(90*time.Second, lobby.FactTaken, rep, queue, map[string]string{"waited": "88"}), fact(91*time.Second, lobby.FactJoined, rep, "", nil),
			fact(10*time.Minute, lobby.FactLeft, rep, "", nil), fact(10*time.Minute, lobby.FactEnded, rep, "", map[string]string{"why": "rep"}),
			fact(11*time.Minute, lobby.FactSurvey, 0, "", map[string]string{
				"rating": fmt.Sprint(1 + number%5), "answer.1": fmt.Sprint(1 + number%5), "answer.2": []string{"0", "0,1"}[number%2],
				"answer.3": fmt.Sprintf("Words %03d %s", number, nasty),
			}),
			fact(12*time.Minute, lobby.FactSurvey, rep, "", map[string]string{"answer.1": "0", "answer.3": fmt.Sprintf("Remark %03d", number)}),
		)
	}
	if err := o.Keep(t.Context(), node, lobby.Batch{Facts: facts}); err != nil {
		t.Fatal(err)
	}
	return id
}

// staff are who may ask.
func admin() web.Who {
	return web.Who{Rep: 9, Name: "Ada", May: people.Of(people.AllReports, people.OwnSessions), Organisation: "Example & Co"}
}

func lead() web.Who {
	return web.Who{Rep: 1, Name: "Anna", May: people.Of(people.TeamReports, people.OwnSessions), Organisation: "Example"}
}

func own(rep uint64) web.Who {
	return web.Who{Rep: rep, Name: "Somebody", May: people.Of(people.OwnSessions), Organisation: "Example"}
}

// ask asks for an address.
func ask(t testing.TB, h http.Handler, who web.Who, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(web.WithWho(t.Context(), who), method, path, nil)
	w := httptest.NewRecorder()
	web.Guard(h).ServeHTTP(w, r)
	return w
}

// page asks for a page that must be there.
func page(t testing.TB, h http.Handler, who web.Who, path string) string {
	t.Helper()
	w := ask(t, h, who, http.MethodGet, path)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

func desk(o *office) *reports {
	return newReports(Config{Store: o, Now: func() time.Time { return now }})
}

var customers = regexp.MustCompile(`Customer \d\d\d`)

func shown(body string) []string { return customers.FindAllString(body, -1) }

func numbered(numbers ...int) (names []string) {
	for _, n := range numbers {
		names = append(names, fmt.Sprintf("Customer %03d", n))
	}
	return names
}

func TestT01EverybodySeesWhatTheirPermissionsAllow(t *testing.T) {
	o := newOffice(t)
	at := now.Add(-24 * time.Hour)
	var ids []wire.SessionID
	for i, c := range []struct{ rep, team uint64 }{{1, 3}, {2, 3}, {3, 4}, {0, 3}, {2, 4}} {
		ids = append(ids, o.come(t, i, at.Add(time.Duration(i)*time.Minute), c.rep, c.team, nil))
	}
	h := desk(o).handler()
	for name, c := range map[string]struct {
		who  web.Who
		sees []int // the newest first
	}{
		"all reports":                   {admin(), []int{4, 3, 2, 1, 0}},
		"a lead: the team and its reps": {lead(), []int{4, 3, 1, 0}},
		"one's own":                     {own(2), []int{4, 1}},
		"one's own, none":               {own(7), nil},
	} {
		body := page(t, h, c.who, Root)
		if got := shown(body); !slices.Equal(got, numbered(c.sees...)) {
			t.Errorf("%s: sees %v, want %v", name, got, c.sees)
		}
		if (len(c.sees) == 0) != strings.Contains(body, "No sessions here") {
			t.Errorf("%s: the page says that there are none, or does not: %v", name, c.sees)
		}
		for i, id := range ids {
			for _, path := range []string{"", "/session.csv", "/session.json", "/session.html", "/session.pdf"} {
				want := http.StatusNotFound
				if slices.Contains(c.sees, i) {
					want = http.StatusOK
				}
				if w := ask(t, h, c.who, http.MethodGet, Root+"/session/"+id.String()+path); w.Code != want {
					t.Errorf("%s: session %d%s answers %d, want %d", name, i, path, w.Code, want)
				}
			}
		}
		var list struct{ Sessions []sessionData }
		if err := json.Unmarshal([]byte(page(t, h, c.who, Root+"/file/sessions.json")), &list); err != nil || len(list.Sessions) != len(c.sees) {
			t.Errorf("%s: the file holds %d sessions, %v", name, len(list.Sessions), err)
		}
		var sums struct{ Total countData }
		if err := json.Unmarshal([]byte(page(t, h, c.who, Root+"/file/summary.json")), &sums); err != nil {
			t.Errorf("%s: the summary: %v", name, err)
		}
		want := len(c.sees)
		if got := sums.Total.Sessions; got != int64(want) {
			t.Errorf("%s: the summary counts %d, want %d", name, got, want)
		}
	}
	if w := ask(t, h, web.Who{}, http.MethodGet, Root); w.Code != http.StatusForbidden {
		t.Errorf("nobody: %d", w.Code)
	}
	if w := ask(t, h, web.Who{Rep: 1, May: people.Of(people.ManagePeople)}, http.MethodGet, Root+"/file/sessions.csv"); w.Code != http.StatusForbidden {
		t.Errorf("without a permission for reports: %d", w.Code)
	}
}

func TestT01ALeadCannotAskForARepOfOthers(t *testing.T) {
	o := newOffice(t)
	o.come(t, 1, now.Add(-time.Hour), 3, 4, nil)
	h := desk(o).handler()
	if w := ask(t, h, lead(), http.MethodGet, Root+"?rep=3"); w.Code != http.StatusBadRequest || len(shown(w.Body.String())) != 0 {
		t.Errorf("answers %d with %v", w.Code, shown(w.Body.String()))
	}
}

func TestT01FiltersOfThePage(t *testing.T) {
	o := newOffice(t)
	// In Vienna the clocks went to summer time on the 29th at 2:00.
	for i, at := range []time.Time{
		time.Date(2026, 3, 28, 22, 59, 0, 0, time.UTC), time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), time.Date(2026, 3, 29, 21, 59, 0, 0, time.UTC),
		time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
	} {
		o.come(t, i, at, uint64(i%2)+1, 3, map[string]string{"company": fmt.Sprint("Company ", i), "portal": []string{"main", "shop"}[i%2]})
	}
	o.come(t, 9, now.Add(-time.Minute), 0, 4, map[string]string{"issue": "Mail " + nasty, "companyCode": "=1+1"})
	h := desk(o).handler()
	for query, want := range map[string][]int{
		"":                                  {9, 3, 2, 1, 0},
		"?from=2026-03-29&until=2026-03-29": {2, 1},
		"?from=&until=2026-02-28":           {4},
		"?from=&until=":                     {9, 3, 2, 1, 0, 4},
		"?name=customer+00":                 {9, 3, 2, 1, 0},
		"?name=%25":                         {},
		"?company=ANY%202":                  {2},
		"?code=%3D1%2B1":                    {9},
		"?portal=shop":                      {3, 1},
		"?team=4":                           {9},
		"?rep=2":                            {3, 1},
		"?issue=" + url.QueryEscape("Mail "+nasty): {9},
		"?outcome=abandoned":                       {9},
		"?rating=4":                                {3},
		"?rating=4&rep=1":                          {},
		"?nonsense=1&name=":                        {9, 3, 2, 1, 0},
	} {
		if got := shown(page(t, h, admin(), Root+query)); !slices.Equal(got, numbered(want...)) {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
	}
	for query, problem := range map[string]string{
		"?from=31.3.2026": "Write a date", "?until=2026-02-30": "Write a date", "?from=2026-03-02&until=2026-03-01": "before the day",
		"?name=" + strings.Repeat("x", 101): "At most 100", "?portal=none": "Choose one", "?team=99999999999999999999": "Choose one", "?rep=-1": "Choose one",
		"?outcome=" + "%3Cb%3E": "Choose one", "?rating=6": "Choose one", "?name=%ff": "At most 100", "?name=a&name=b": "At most 100", "?from=99999-01-01": "Write a date",
	} {
		w := ask(t, h, admin(), http.MethodGet, Root+query)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), problem) {
			t.Errorf("%.40q: %d, and nothing about %q", query, w.Code, problem)
		}
		if w := ask(t, h, admin(), http.MethodGet, Root+"/file/sessions.csv"+query); w.Code != http.StatusBadRequest {
			t.Errorf("a file of %.40q: %d", query, w.Code)
		}
	}
}

// TestT01TheIssueOfASessionCanBeChosen: the portal keeps an issue's name with a
// session, in its first language. Two portals may well number their issues alike.
func TestT01TheIssueOfASessionCanBeChosen(t *testing.T) {
	o := newOffice(t)
	main, shop := o.set.Portals[settings.Main], o.set.Portals["shop"]
	main.Languages = []string{"de", "en"}
	main.Issues = []settings.Issue{{ID: "issue-1", Names: map[string]string{"de": "Drucker", "en": "Printer"}, Team: 3}}
	shop.Issues = []settings.Issue{{ID: "issue-1", Names: map[string]string{"en": "Invoice"}, Team: 3}}
	o.set.Portals = map[string]settings.Portal{settings.Main: main, "shop": shop}
	for i, p := range []settings.Portal{main, shop} {
		o.come(t, i, now.Add(-time.Hour), 1, 3, map[string]string{"portal": p.ID, "issue": p.Called(p.Issues[0].Names)})
	}
	h := desk(o).handler()
	list := page(t, h, admin(), Root)
	for i, name := range []string{"Drucker", "Invoice"} {
		if !strings.Contains(list, `<option value="`+name+`">`+name+`</option>`) {
			t.Errorf("%s can't be chosen", name)
		}
		if got := shown(page(t, h, admin(), Root+"?issue="+name)); !slices.Equal(got, numbered(i)) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

var next, back = regexp.MustCompile(`rel="next" href="([^"]*)"`), regexp.MustCompile(`rel="prev" href="([^"]*)"`)

func TestT01PagesLeadThroughTheWholeListAndBack(t *testing.T) {
	o := newOffice(t)
	for i := range 120 {
		o.come(t, i, now.Add(time.Duration(i/3-60)*time.Hour), 1, 3, nil) // three at the same moment
	}
	h := desk(o).handler()
	follow := func(path string, link *regexp.Regexp) (seen []string, last string) {
		for path != "" {
			body := page(t, h, admin(), path)
			seen, last = append(seen, shown(body)...), path
			if path = ""; link.MatchString(body) {
				path = html.UnescapeString(link.FindStringSubmatch(body)[1])
			}
		}
		return seen, last
	}
	forth, last := follow(Root+"?team=3", next)
	if slices.Sort(forth); len(forth) != 120 || len(slices.Compact(forth)) != 120 {
		t.Errorf("saw %d, %d different ones", len(forth), len(slices.Compact(forth)))
	}
	again, first := follow(last, back)
	if len(again) < 120 || !strings.Contains(first, "before=") {
		t.Errorf("back: saw %d, ended with %s", len(again), first)
	}
	for _, bad := range []string{"after=x", "after=1.2", "before=zzzzzzzzzzzzzzzzzzzzzz." + strings.Repeat("0", 32), "after=" + strings.Repeat("1", 5000)} {
		if w := ask(t, h, admin(), http.MethodGet, Root+"?"+bad); w.Code != http.StatusBadRequest {
			t.Errorf("%.40s: %d", bad, w.Code)
		}
	}
}

func TestT01DetailTellsWhatHappened(t *testing.T) {
	o := newOffice(t)
	id := o.come(t, 1, now.Add(-time.Hour), 2, 3, map[string]string{"name": nasty, "description": nasty, "field.x": nasty, "issue": "gone"})
	body := page(t, desk(o).handler(), admin(), Root+"/session/"+id.String())
	text := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, "|"))
	for _, want := range []string{
		"Session of " + nasty, "Helped", "2026-03-31 15:00:00", "Times are those of Europe/Vienna.", "|Issue||gone|", "|Room||12|", "|x||" + nasty,
		"Taken by Bert Øst after 1 min 28 s", "Bert Øst is in the session", "Ended: The rep ended it", "Waits in: Queue of First line", "Allowed a recording",
		"|How was it?||2 of 5|", "|What was good?||Speed, Kindness|", "|Is it solved?||Solved|", "Bert Øst answered the survey for reps", "|Waited||1 min 28 s|", "|Lasted||8 min 30 s|", "192.0.2.7",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("does not say %q", want)
		}
	}
	if strings.Contains(body, "<script>alert") {
		t.Error("text of a customer became part of the page")
	}
}

func TestT01NothingOddIsAnswered(t *testing.T) {
	o := newOffice(t)
	id := o.come(t, 1, now.Add(-time.Hour), 2, 3, nil).String()
	h := desk(o).handler()
	for path, want := range map[string]int{
		"/": 200, "/summary": 200, "/summary?by=none": 400, "/summary?by=week&name=x": 200, "/survey": 200, "/survey?portal=shop": 200, "/survey?portal=x": 400,
		"/survey/3": 200, "/survey/rep-3": 200, "/survey/rep-1": 404, "/survey/rep-": 404, "/survey/rep-rep-3": 404, "/survey/1": 404, "/survey/99": 404, "/survey/-1": 404, "/survey/4294967299": 404, "/survey/3?from=x": 400, "/survey/3?after=x": 400,
		"/session/" + id: 200, "/session/" + id[1:]: 404, "/session/" + strings.ToUpper(id): 200, "/session/x": 404, "/session/" + id + "/session.exe": 404,
		"/session/" + id + "/other.pdf": 404, "/session/" + id + "/session": 404, "/session": 404, "/file/sessions.txt": 404, "/file/sessions": 404, "/file/x.csv": 404,
		"/file/summary.csv?by=x": 400, "/file/.csv": 404, "/x": 404, "/static/report.css": 404, "/session/" + strings.Repeat("0", 32): 404,
	} {
		w := ask(t, h, admin(), http.MethodGet, Root+path)
		if w.Code != want {
			t.Errorf("%.60s: %d, want %d", path, w.Code, want)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "TRACE"} {
		if w := ask(t, h, admin(), method, Root); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
	if w := ask(t, h, admin(), http.MethodHead, Root+"/file/sessions.pdf"); w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "application/pdf" {
		t.Errorf("HEAD: %d %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
	if w := ask(t, h, admin(), http.MethodGet, files.URL("report.css")); w.Code != http.StatusOK {
		t.Errorf("the style: %d", w.Code)
	}
}

func TestT01SummariesAddUp(t *testing.T) {
	o := newOffice(t)
	for i := range 30 {
		o.come(t, i, now.Add(-time.Duration(i)*24*time.Hour), uint64(i%3), uint64(3+i%2), nil)
	}
	h := desk(o).handler()
	for by, rows := range map[string]int{"rep": 3, "team": 2, "portal": 1, "day": 30, "week": 5, "month": 1} {
		var data struct {
			Rows  []countData
			Total countData
		}
		if err := json.Unmarshal([]byte(page(t, h, admin(), Root+"/file/summary.json?by="+by)), &data); err != nil {
			t.Fatal(err)
		}
		var sum int64
		for _, r := range data.Rows {
			sum += r.Sessions
		}
		if sum != 30 || data.Total.Sessions != 30 || data.Total.Taken != 20 || data.Total.Unhelped != 10 || data.Total.Wait != 88 || data.Total.Length != 510 || len(data.Rows) != rows {
			t.Errorf("by %s: %d rows, together %+v", by, len(data.Rows), data.Total)
		}
		body := page(t, h, admin(), Root+"/summary?by="+by)
		if n := strings.Count(body, `class="share"><svg`); n != rows || !strings.Contains(body, `role="group" aria-label="Sessions by `+map[string]string{"week": "week", "month": "month"}[by]) {
			t.Errorf("by %s: the table has %d rows", by, n)
		}
	}
	if body := page(t, h, admin(), Root+"/summary?team=3&from=2026-01-01&until=2026-01-31"); !strings.Contains(body, "Nothing to add up") {
		t.Error("an empty summary does not say so")
	}
}

func TestE02SurveyResultsAreCounted(t *testing.T) {
	o := newOffice(t)
	for i := range 12 {
		o.come(t, i, now.Add(-time.Hour), uint64(1+i%2), 3, nil)
	}
	h := desk(o).handler()
	text := func(path string) string {
		return regexp.MustCompile(`\s*<[^>]*>\s*`).ReplaceAllString(page(t, h, admin(), path), "|")
	}
	all := text(Root + "/survey")
	for _, want := range []string{"12 answers", "On average 2.8 of 5", "5 of 5||2||17 %", "Speed||12||100 %", "Kindness||6||50 %", "Asked of reps||Is it solved?", "Solved||12||100 %"} {
		if !strings.Contains(all, want) {
			t.Errorf("does not say %q: %s", want, all)
		}
	}
	if n := strings.Count(all, "Words 0"); n != fewTexts || !strings.Contains(all, "All answers") {
		t.Errorf("shows %d texts", n)
	}
	if n := strings.Count(text(Root+"/survey/rep-3?rep=1"), "Remark 0"); n != 6 {
		t.Errorf("shows %d remarks of a rep's", n)
	}
	if n := strings.Count(text(Root+"/survey/3"), "Words 0"); n != 12 {
		t.Errorf("shows %d texts of all", n)
	}
	if n := strings.Count(text(Root+"/survey/3?rep=1"), "Words 0"); n != 6 {
		t.Errorf("shows %d texts of a rep's", n)
	}
	if body := text(Root + "/survey?portal=shop"); !strings.Contains(body, "No questions yet") {
		t.Error("a portal without a survey does not say so")
	}
	var data struct{ Questions []resultData }
	if err := json.Unmarshal([]byte(page(t, h, admin(), Root+"/file/survey.json")), &data); err != nil || len(data.Questions) != 5 || !data.Questions[3].Rep || data.Questions[3].Answers["0"] != 12 || data.Questions[1].Answers["0,1"] != 6 || len(data.Questions[2].Texts) != 12 {
		t.Errorf("%+v, %v", data, err)
	}
}

// TestEveryWordOfATemplateIsThere looks for names of words that a page does not
// fill in: a template would leave them out without a sound.
func TestEveryWordOfATemplateIsThere(t *testing.T) {
	o := newOffice(t)
	id, said := o.come(t, 2, now.Add(-time.Hour), 2, 3, nil), o.said(t)
	h := desk(o).handler()
	eraser := admin()
	eraser.May = people.Of(people.AllReports, people.ImportSettings)
	for _, path := range []string{Root, Root + "?rating=5", Root + "/summary", Root + "/survey", Root + "/survey/3", sessionPath(id), sessionPath(said), sessionPath(o.sealed(t, 3)), sessionPath(said) + "/erase"} {
		body := page(t, h, eraser, path)
		for _, empty := range []string{`data-name=""`, `<h2></h2>`, `aria-label=""`, `<th scope="col"></th>`, `<button></button>`, "<no value>", `<summary></summary>`} {
			if strings.Contains(body, empty) {
				t.Errorf("%s holds %s", path, empty)
			}
		}
	}
}

func TestChartsAxesAreRound(t *testing.T) {
	for most, want := range map[int64]string{
		0: "1 [0 1]", 1: "1 [0 1]", 4: "4 [0 1 2 3 4]", 6: "6 [0 2 4 6]", 13: "15 [0 5 10 15]", 60: "60 [0 20 40 60]", 51: "60 [0 20 40 60]",
		1001: "1500 [0 500 1000 1500]", 999_999: "1000000 [0 200000 400000 600000 800000 1000000]",
	} {
		top, lines := (&chart{bars: []bar{{taken: most}}}).top()
		if got := fmt.Sprint(top, " ", lines); got != want {
			t.Errorf("%d: %s, want %s", most, got, want)
		}
	}
}
