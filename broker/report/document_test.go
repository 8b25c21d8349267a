package report

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/web"
	"handrail/shared/wire"
)

func TestT02CSVIsReadByProgramsAndCalculatesNothing(t *testing.T) {
	o := newOffice(t)
	id := o.come(t, 1, now.Add(-time.Hour), 2, 3, map[string]string{"name": "=HYPERLINK(\"x\")", "company": "@SUM, \"A\"\nB", "companyCode": "\t=1"})
	w := ask(t, desk(o).handler(), admin(), http.MethodGet, Root+"/file/sessions.csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\uFEFF"))).ReadAll()
	want := [][]string{
		{"Came", "Customer's name", "Company", "Issue", "Team", "Rep", "Waited", "Lasted", "Outcome", "The rep says", "Rating", "Portal", "Company code", "Session number"},
		{
			"2026-03-31T15:00:00+02:00", "'=HYPERLINK(\"x\")", "'@SUM, \"A\"\nB", "Printer does not print", "First line", "Bert Øst", "88", "510", "Helped", "", "2",
			"Help Desk", "'\t'=1", id.String(),
		},
	}
	if err != nil || fmt.Sprintf("%q", rows) != fmt.Sprintf("%q", want) {
		t.Errorf("read %q, %v\nwant %q", rows, err, want)
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="handrail-sessions.csv"` {
		t.Errorf("called %s", got)
	}
	for cell, want := range map[string]string{
		"": "", "abc": "abc", "a=1": "a=1", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx", " =1": "' =1", "\n=1": "'\n'=1", "a;=1": "a;'=1", "a; @x;b": "a;' @x;b", "a\r\n+1": "a\r\n'+1", "a\t-1": "a\t'-1", "=1;=1": "'=1;'=1", ";;": ";;", "＝1": "'＝1", "'=1": "'=1",
	} {
		if got := guarded(cell); got != want {
			t.Errorf("%q became %q, want %q", cell, got, want)
		}
	}
}

func TestT02SumsWithoutARatingHaveNone(t *testing.T) {
	o := newOffice(t)
	o.come(t, 1, now.Add(-time.Hour), 0, 3, nil)
	o.come(t, 2, now.Add(-time.Hour), 2, 3, nil)
	rows, err := csv.NewReader(strings.NewReader(page(t, desk(o).handler(), admin(), Root+"/file/summary.csv?by=rep"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	ratings := map[string]string{}
	for _, row := range rows {
		ratings[row[0]] = row[len(row)-1]
	}
	if ratings["Nobody"] != "" || ratings["Bert Øst"] != "3" || len(rows) != 4 {
		t.Errorf("%q", rows)
	}
}

func TestT02JSONHoldsWhatThereIs(t *testing.T) {
	o := newOffice(t)
	h := desk(o)
	if got := page(t, h.handler(), admin(), Root+"/file/sessions.json?from=&until="); got != "{\n\"from\": \"\",\n\"until\": \"\",\n\"zone\": \"Europe/Vienna\",\n\"sessions\": [\n],\n\"more\": false\n}\n" {
		t.Errorf("an empty one: %q", got)
	}
	id := o.come(t, 1, now.Add(-time.Hour), 2, 3, nil)
	o.come(t, 2, now.Add(-2*time.Hour), 2, 3, nil)
	h.rows = 1
	const session = `{"session":"0001fe00000000000000000000000000","portal":"main","start":"issue","outcome":"helped","came":"2026-03-31T15:00:00+02:00",` +
		`"taken":"2026-03-31T15:01:30+02:00","ended":"2026-03-31T15:10:00+02:00","why":"rep","name":"Customer 001","company":"Bakery Süß","companyCode":"B-7",` +
		`"issue":"Printer does not print","description":"It says\npaper jam","system":"Windows 11","locale":"de","address":"192.0.2.7","fields":{"Room":"12"},` +
		`"firstQueue":"team:3","queue":"team:3","team":{"id":3,"name":"First line"},"rep":{"id":2,"name":"Bert Øst"},"waitedSeconds":88,"lastedSeconds":510,` +
		`"recording":true,"rating":2}`
	want := "{\n\"from\": \"2026-03-02\",\n\"until\": \"2026-03-31\",\n\"zone\": \"Europe/Vienna\",\n\"sessions\": [\n" + session + "\n],\n\"more\": true\n}\n"
	if got := page(t, h.handler(), admin(), Root+"/file/sessions.json"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var whole wholeData
	if err := json.Unmarshal([]byte(page(t, h.handler(), admin(), Root+"/session/"+id.String()+"/session.json")), &whole); err != nil ||
		len(whole.Facts) != 9 || len(whole.Answers) != 5 || !whole.Answers[3].Rep || len(whole.People) != 1 || whole.Facts[0].Event != lobby.FactCame {
		t.Errorf("%+v, %v", whole, err)
	}
}

func TestT02HTMLIsOneFileAndHostileTextStaysText(t *testing.T) {
	o := newOffice(t)
	id := o.come(t, 1, now.Add(-time.Hour), 3, 4, map[string]string{"name": nasty, "company": nasty, "description": nasty, "issue": "Mail " + nasty})
	h := desk(o)
	for _, path := range []string{"/file/sessions.html", "/file/summary.html?by=rep", "/file/survey.html", "/session/" + id.String() + "/session.html"} {
		body := page(t, h.handler(), admin(), Root+path)
		if !strings.HasPrefix(body, "<!doctype html>") || !strings.HasSuffix(body, "</html>\n") || strings.Contains(body, "<script") ||
			regexp.MustCompile(`(src|href)=`).MatchString(body) || strings.Contains(body, "url(") {
			t.Errorf("%s is not one harmless file", path)
		}
		if !strings.Contains(body, html.EscapeString(nasty)) {
			t.Errorf("%s does not hold the text", path)
		}
		for _, tag := range []string{"table", "tr", "dl", "svg", "h2", "td"} {
			if strings.Count(body, "<"+tag+" ")+strings.Count(body, "<"+tag+">") != strings.Count(body, "</"+tag+">") {
				t.Errorf("%s: %s is not closed", path, tag)
			}
		}
	}
}

func TestT02PDFOpensWhateverIsInIt(t *testing.T) {
	o := newOffice(t)
	var id wire.SessionID
	for i, name := range []string{"Ünal Øst", "Ελένη", "Анна", "日本語", "عربى", "😀👩‍👩‍👧 \u202E", strings.Repeat("Donaudampfschiff", 30), nasty, "a\tb\r\nc"} {
		id = o.come(t, i, now.Add(-time.Hour), uint64(i%3), 4, map[string]string{"name": name, "description": strings.Repeat(name+"\n", 40)})
	}
	for i := range 60 {
		o.come(t, 100+i, now.Add(-time.Duration(i)*24*time.Hour), uint64(i%3), 3, nil)
	}
	h := desk(o)
	h.paper = 50
	for _, path := range []string{"/file/sessions.pdf", "/file/summary.pdf?by=day", "/file/summary.pdf?by=team&from=&until=", "/file/survey.pdf", "/session/" + id.String() + "/session.pdf"} {
		body := page(t, h.handler(), admin(), Root+path)
		if !strings.HasPrefix(body, "%PDF-1.") || !strings.HasSuffix(strings.TrimSpace(body), "%%EOF") || !strings.Contains(body, "/ToUnicode") {
			t.Errorf("%s is no PDF: %.80q", path, body)
		}
	}
}

func TestT02LongListsAreCutAndSaySo(t *testing.T) {
	o := newOffice(t)
	for i := range 5 {
		o.come(t, i, now.Add(-time.Hour), 1, 3, nil)
	}
	h := desk(o)
	h.rows = 4
	if body := page(t, h.handler(), admin(), Root+"/file/sessions.html"); len(shown(body)) != 4 || !strings.Contains(body, "There are more sessions") {
		t.Errorf("shows %v", shown(body))
	}
	h.rows = 5
	if body := page(t, h.handler(), admin(), Root+"/file/sessions.html"); len(shown(body)) != 5 || strings.Contains(body, "There are more sessions") {
		t.Errorf("shows %v", shown(body))
	}
}

func TestT02AFileThatBreaksOffLooksBroken(t *testing.T) {
	o := newOffice(t)
	for i := range chunk + 1 {
		o.come(t, i, now.Add(-time.Hour), 0, 3, nil)
	}
	o.err, o.n = errors.New("the disk is gone"), 1
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		desk(o).handler().ServeHTTP(w, r.WithContext(web.WithWho(r.Context(), admin())))
	}))
	defer s.Close()
	answer, err := s.Client().Get(s.URL + Root + "/file/sessions.csv")
	if err == nil {
		defer answer.Body.Close()
		_, err = io.Copy(io.Discard, answer.Body)
	}
	if err == nil {
		t.Error("half a file looks like a whole one")
	}
	o.n = 0
	if w := ask(t, desk(o).handler(), admin(), http.MethodGet, Root); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("a page: %d %s", w.Code, w.Body)
	}
}

func TestT02OnlySoManyFilesAreMadeAtATime(t *testing.T) {
	h := desk(newOffice(t))
	for range makers {
		h.making <- struct{}{}
	}
	if w := ask(t, h.handler(), admin(), http.MethodGet, Root+"/file/sessions.csv"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("one more: %d", w.Code)
	}
	<-h.making
	page(t, h.handler(), admin(), Root+"/file/sessions.csv")
	page(t, h.handler(), admin(), Root+"/file/sessions.csv")
}
