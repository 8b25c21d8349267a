package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"handrail/assets"
	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/transcript"
	"handrail/shared/wire"
)

// tell keeps what a rep's console told of a session: the timeline's part of it.
func (o *office) tell(t testing.TB, id wire.SessionID, rep uint64, at time.Time) {
	t.Helper()
	var facts []lobby.Fact
	for i, f := range []struct {
		what   lobby.What
		detail map[string]string
	}{
		{lobby.FactAsked, map[string]string{"what": "view,control"}},
		{lobby.FactAnswered, map[string]string{"what": "view,control", "said": "yes"}},
		{lobby.FactSharing, map[string]string{"what": "view,control", "why": "granted"}},
		{lobby.FactAsked, map[string]string{"what": "copy-out"}},
		{lobby.FactAnswered, map[string]string{"what": "copy-out", "said": "silence"}},
		{lobby.FactFileOffered, map[string]string{"by": "customer", "offer": "1", "size": "81920", "items": "1", "name": "report\n" + nasty + "\u202Egpj.exe"}},
		{lobby.FactFileArrived, map[string]string{"by": "customer", "offer": "1", "size": "81920", "items": "1", "name": "report\n" + nasty + "\u202Egpj.exe"}},
		{lobby.FactFileOffered, map[string]string{"by": "rep", "offer": "1", "size": "3000000", "items": "12"}},
		{lobby.FactFileRefused, map[string]string{"by": "rep", "offer": "1", "size": "3000000", "items": "12"}},
		{lobby.FactSharing, map[string]string{"why": "stopped"}},
		{lobby.FactNote, map[string]string{"text": "First thought", "outcome": "follow-up"}},
		{lobby.FactNote, map[string]string{"text": "Changed the roller.\n" + nasty, "outcome": "solved"}},
	} {
		facts = append(facts, lobby.Fact{Session: id, At: at.Add(time.Duration(i) * 5 * time.Second), What: f.what, Rep: rep, Detail: f.detail})
	}
	if err := o.Keep(t.Context(), node, lobby.Batch{Facts: facts}); err != nil {
		t.Fatal(err)
	}
}

// conclude keeps what a rep says became of a session.
func (o *office) conclude(t testing.TB, id wire.SessionID, rep uint64, at time.Time, result string) {
	t.Helper()
	f := lobby.Fact{Session: id, At: at, What: lobby.FactNote, Rep: rep, Detail: map[string]string{"outcome": result}}
	if err := o.Keep(t.Context(), node, lobby.Batch{Facts: []lobby.Fact{f}}); err != nil {
		t.Fatal(err)
	}
}

// line is something that was said, so long after a session came.
func line(after time.Duration, by wire.Role, text string) wire.Entry {
	return wire.Entry{At: now.Add(-time.Hour + after).UnixMilli(), Happened: wire.HappenedSaid, By: by, Text: text}
}

// keep keeps parts of what was said.
func (o *office) keep(t testing.TB, parts ...lobby.LogPart) {
	t.Helper()
	for i := range parts {
		parts[i].At = now
	}
	if err := o.Keep(t.Context(), node, lobby.Batch{Logs: parts}); err != nil {
		t.Fatal(err)
	}
}

const url1 = "https://evil.example/?a=1&b=2"

// said is a session in which two reps talked with a customer.
func (o *office) said(t testing.TB) wire.SessionID {
	t.Helper()
	id := o.come(t, 1, now.Add(-time.Hour), 2, 3, nil)
	o.tell(t, id, 2, now.Add(-time.Hour+2*time.Minute))
	o.keep(
		t,
		lobby.LogPart{Session: id, Rep: 2, Part: 1, Entries: []wire.Entry{line(2*time.Minute, wire.RoleRep, "Hello, how can I help?"), line(3*time.Minute, wire.RoleCustomer, nasty+"\nsee "+url1)}},
		lobby.LogPart{Session: id, Rep: 2, Part: 3, Entries: []wire.Entry{line(4*time.Minute, wire.RoleCustomer, "مرحبا، الطابعة لا تعمل"), line(5*time.Minute, wire.RoleRep, "=1+1")}},
		lobby.LogPart{Session: id, Rep: 1, Part: 1, Entries: []wire.Entry{line(9*time.Hour, wire.RoleRep, "Next day's rep"), line(9*time.Hour+time.Second, wire.RoleCustomer, "שלום "+strings.Repeat("long", 500))}},
	)
	return id
}

func sealedOf(n int) []byte { return []byte(strings.Repeat("s", n)) }

// sealed is a session whose talk is sealed.
func (o *office) sealed(t testing.TB, number int) wire.SessionID {
	t.Helper()
	id := o.come(t, number, now.Add(-time.Hour), 2, 3, map[string]string{"name": "Máŕtin \u202E" + nasty})
	o.keep(t, lobby.LogPart{Session: id, Rep: 2, Part: 1, Sealed: sealedOf(900)}, lobby.LogPart{Session: id, Rep: 2, Part: 2, Sealed: sealedOf(70)}, lobby.LogPart{Session: id, Rep: 1, Part: 1, Sealed: sealedOf(80)})
	return id
}

var tags = regexp.MustCompile(`<[^>]*>`)

func plainText(body string) string { return html.UnescapeString(tags.ReplaceAllString(body, "|")) }

func TestK07NotesAndWhatWasDoneStandInTheReport(t *testing.T) {
	o := newOffice(t)
	id := o.said(t)
	h := desk(o).handler()
	body := page(t, h, admin(), sessionPath(id))
	text := plainText(body)
	for _, want := range []string{
		"Customer 001 allowed Bert Øst to ", "Bert Øst asked to ", "Customer 001 did not answer", "Customer 001 stopped sharing",
		"Customer 001 offered “report\ufffd" + nasty, "81.9 KB", "arrived|", "Bert Øst offered a folder (3.0 MB", "did not accept a folder", "Bert Øst wrote a note: Solved", "Changed the roller.\n" + nasty, "|Solved|", "|The rep says||Solved|",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("does not say %q", want)
		}
	}
	if strings.Contains(text, "First thought") {
		t.Error("an older note is there beside the newer one")
	}
	if strings.Contains(body, "<script>alert") || strings.ContainsRune(body, '\u202E') {
		t.Error("somebody's words became part of the page")
	}
	if got := shown(page(t, h, admin(), Root+"?result=solved")); len(got) != 1 || len(shown(page(t, h, admin(), Root+"?result=follow-up"))) != 0 {
		t.Errorf("the filter finds %v", got)
	}
	if w := ask(t, h, admin(), http.MethodGet, Root+"?result=perhaps"); w.Code != http.StatusBadRequest {
		t.Errorf("another outcome: %d", w.Code)
	}
	if body := page(t, h, admin(), Root); !strings.Contains(body, `<span class="sub">Solved</span>`) {
		t.Error("the list does not say what the rep says")
	}
}

func TestT01WhatWasSaidIsReadAsAConversation(t *testing.T) {
	o := newOffice(t)
	body := page(t, desk(o).handler(), admin(), sessionPath(o.said(t)))
	text := plainText(body)
	at := 0
	for _, want := range []string{
		"2026-03-31", "Bert Øst", "Hello, how can I help?", "15:02", "Customer 001", nasty + "\nsee " + url1, "مرحبا", "=1+1", "2026-04-01", "Anna", "Next day's rep", "שלום longlong",
	} {
		found := strings.Index(text[at:], "|"+want)
		if found < 0 {
			t.Fatalf("does not say %q then", want)
		}
		at += found
	}
	talk := body[strings.Index(body, `<ol class="talk">`):]
	talk = talk[:strings.Index(talk, "</ol>")]
	if strings.Contains(talk, "<a") || strings.Contains(talk, "<script") || strings.Count(talk, `class="day"`) != 2 || strings.Count(talk, `class="rep"`) != 3 || strings.Count(talk, `<p dir="auto">`) != 6 {
		t.Errorf("not as a conversation: %s", talk)
	}
}

func TestT01LongConversationsAreCutOnThePageAlone(t *testing.T) {
	o := newOffice(t)
	id := o.come(t, 1, now.Add(-time.Hour), 2, 3, nil)
	for n := range 12 {
		var entries []wire.Entry
		for i := range 100 {
			entries = append(entries, line(time.Duration(n*100+i)*time.Second, wire.RoleCustomer, fmt.Sprintf("remark %d", n*100+i)))
		}
		o.keep(t, lobby.LogPart{Session: id, Rep: 2, Part: uint32(n + 1), Entries: entries})
	}
	h := desk(o)
	h.paper = 600
	if body := page(t, h.handler(), admin(), sessionPath(id)); strings.Count(body, ">remark ") != maxTalk || !strings.Contains(body, "200 lines more were said") {
		t.Errorf("%d lines on the page", strings.Count(body, ">remark "))
	}
	if body := page(t, h.handler(), admin(), sessionPath(id)+"/session.html"); strings.Count(body, ">remark ") != 1200 || strings.Contains(body, "more were said") {
		t.Errorf("%d lines in the file", strings.Count(body, ">remark "))
	}
	if body := page(t, h.handler(), admin(), sessionPath(id)+"/session.pdf"); !strings.HasPrefix(body, "%PDF") || strings.Count(body, "/Type /Page\n") < 8 {
		t.Errorf("a PDF of %d pages", strings.Count(body, "/Type /Page\n"))
	}
}

func TestT01WhatIsSealedIsHandedOutSealed(t *testing.T) {
	o := newOffice(t)
	id := o.sealed(t, 1)
	h := desk(o).handler()
	path := sessionPath(id) + "/session.handrail-transcript"
	if body := page(t, h, admin(), sessionPath(id)); !strings.Contains(body, `href="`+path+`" download`) || !strings.Contains(plainText(body), "Sealed by the console of Anna, Bert Øst.") {
		t.Error("the page does not lead to the file")
	}
	w := ask(t, h, admin(), http.MethodGet, path)
	if got := w.Header().Get("Content-Disposition"); w.Code != http.StatusOK || got != `attachment; filename="session-0001fe00.handrail-transcript"` {
		t.Fatalf("%d %s", w.Code, got)
	}
	f, err := transcript.Read(w.Body.Bytes())
	if err != nil || f.Session != id || len(f.Parts) != 3 || f.Parts[0].Name != "Anna" || f.Parts[2].Number != 2 || len(f.Parts[1].Sealed) != 900 || f.Ended-f.Began != 10*60*1000 {
		t.Errorf("%+v %v", f, err)
	}
	if w := ask(t, h, admin(), http.MethodHead, path); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := ask(t, h, own(3), http.MethodGet, path); w.Code != http.StatusNotFound {
		t.Errorf("somebody who may not see the session gets %d", w.Code)
	}
	readable := o.come(t, 2, now.Add(-time.Hour), 2, 3, nil)
	for name, path := range map[string]string{
		"nothing is sealed": sessionPath(readable) + "/session.handrail-transcript", "another name": sessionPath(id) + "/x.handrail-transcript",
		"none": sessionPath(wire.SessionID{9}) + "/session.handrail-transcript",
	} {
		if w := ask(t, h, admin(), http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestT01WhereNothingIsKeptThePageSaysSo(t *testing.T) {
	o := newOffice(t)
	h := desk(o).handler()
	const says = "Nothing that was said in this session is kept."
	if body := page(t, h, admin(), sessionPath(o.come(t, 1, now.Add(-time.Hour), 2, 3, nil))); !strings.Contains(body, says) {
		t.Error("with a rep: does not say so")
	}
	if body := page(t, h, admin(), sessionPath(o.come(t, 2, now.Add(-time.Hour), 0, 3, nil))); strings.Contains(body, says) || strings.Contains(body, "What was said") {
		t.Error("nobody was there to say something")
	}
	going := wire.SessionID{7}
	if err := o.Keep(t.Context(), node, lobby.Batch{Facts: []lobby.Fact{
		{Session: going, At: now.Add(-time.Minute), What: lobby.FactCame, Detail: map[string]string{"portal": "main"}}, {Session: going, At: now, What: lobby.FactTaken, Rep: 2},
	}}); err != nil {
		t.Fatal(err)
	}
	if body := page(t, h, admin(), sessionPath(going)); strings.Contains(body, says) {
		t.Error("something may still be said")
	}
}

func TestT02EveryFileHasWhatWasSaidOrThatItIsSealed(t *testing.T) {
	o := newOffice(t)
	said, sealed := o.said(t), o.sealed(t, 2)
	h := desk(o).handler()
	rows := func(id wire.SessionID) (all [][]string) {
		for table := range strings.SplitSeq(strings.TrimPrefix(page(t, h, admin(), sessionPath(id)+"/session.csv"), "\uFEFF"), "\n\n") {
			in := csv.NewReader(strings.NewReader(table))
			in.FieldsPerRecord = -1
			lines, err := in.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, lines...)
		}
		return all
	}
	all := fmt.Sprintf("%q", rows(said))
	for _, want := range []string{
		`["What was said"] ["Time" "Who" "What was said"] ["2026-03-31 15:02:00" "Bert Øst" "Hello, how can I help?"]`, `"Customer 001" "مرحبا، الطابعة لا تعمل"`, `"Bert Øst" "'=1+1"`, `["Notes"] ["Bert Øst, 2026-03-31 15:02:55" "Solved\nChanged the roller.`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("CSV does not hold %s: %s", want, all)
		}
	}
	if all := fmt.Sprintf("%q", rows(sealed)); !strings.Contains(all, `["What was said"] ["What was said is sealed and not in this file.`) || strings.Contains(all, "sssss") {
		t.Errorf("CSV of a sealed one: %s", all)
	}
	var whole wholeData
	if err := json.Unmarshal([]byte(page(t, h, admin(), sessionPath(said)+"/session.json")), &whole); err != nil || len(whole.Said) != 6 || whole.Said[1].By != "customer" || whole.Said[4].Rep.Name != "Anna" ||
		len(whole.Notes) != 1 || whole.Notes[0].Result != "solved" || whole.Result != "solved" || len(whole.Sealed) != 0 {
		t.Errorf("JSON: %+v %v", whole, err)
	}
	whole = wholeData{}
	if err := json.Unmarshal([]byte(page(t, h, admin(), sessionPath(sealed)+"/session.json")), &whole); err != nil || len(whole.Said) != 0 || len(whole.Sealed) != 3 || string(whole.Sealed[2].Sealed) != string(sealedOf(70)) {
		t.Errorf("JSON of a sealed one: %+v %v", whole, err)
	}
	for id, want := range map[wire.SessionID]string{said: html.EscapeString(nasty) + "<br>see " + html.EscapeString(url1), sealed: "<h2>What was said</h2>\n<p class=\"lead\">What was said is sealed and not in this file."} {
		if body := page(t, h, admin(), sessionPath(id)+"/session.html"); !strings.Contains(body, want) || strings.Contains(body, "<script") || strings.Contains(body, "href=") {
			t.Errorf("HTML does not hold %q", want)
		}
		if body := page(t, h, admin(), sessionPath(id)+"/session.pdf"); !strings.HasSuffix(strings.TrimSpace(body), "%%EOF") {
			t.Error("no PDF")
		}
	}
}

func TestK09RepsSeeAllOfTheirOwnSessionsAndNothingOfOthers(t *testing.T) {
	o := newOffice(t)
	said, sealed := o.said(t), o.sealed(t, 2)
	h := desk(o).handler()
	none := ask(t, h, own(2), http.MethodGet, sessionPath(wire.SessionID{9}))
	for _, id := range []wire.SessionID{said, sealed} {
		for _, path := range []string{"", "/session.csv", "/session.json", "/session.html", "/session.pdf"} {
			mine := ask(t, h, own(2), http.MethodGet, sessionPath(id)+path)
			if mine.Code != http.StatusOK || path == "" && (!strings.Contains(mine.Body.String(), "What was said") || strings.Contains(mine.Body.String(), "/erase")) {
				t.Errorf("an own session%s: %d", path, mine.Code)
			}
			theirs := ask(t, h, own(3), http.MethodGet, sessionPath(id)+path)
			if theirs.Code != none.Code || theirs.Body.String() != none.Body.String() {
				t.Errorf("another's session%s is not answered as none: %d", path, theirs.Code)
			}
		}
	}
}

// eraseIt sends the form that deletes a session, from our own page or another.
func eraseIt(t testing.TB, h http.Handler, who web.Who, site string, id wire.SessionID) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(web.WithWho(t.Context(), who), http.MethodPost, sessionPath(id)+"/erase", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", site)
	w := httptest.NewRecorder()
	web.Guard(h).ServeHTTP(w, r)
	return w.Result()
}

func TestT01OnlyAdministratorsDeleteASessionAndAreAskedOnceMore(t *testing.T) {
	o := newOffice(t)
	id := o.said(t)
	h := desk(o).handler()
	eraser := admin()
	eraser.May = people.Of(people.AllReports, people.ImportSettings)
	if body := page(t, h, eraser, sessionPath(id)); !strings.Contains(body, `href="`+sessionPath(id)+`/erase"`) {
		t.Error("no way to delete it")
	}
	if body := page(t, h, admin(), sessionPath(id)); strings.Contains(body, "/erase") {
		t.Error("a way to delete it for who may not")
	}
	if body := page(t, h, eraser, sessionPath(id)+"/erase"); !strings.Contains(body, "Delete for good") || !strings.Contains(body, id.String()) {
		t.Error("does not ask")
	}
	page(t, h, eraser, sessionPath(id)) // to look at the question deletes nothing
	for name, c := range map[string]struct {
		who  web.Who
		site string
		id   wire.SessionID
		want int
	}{
		"who may not":           {admin(), "same-origin", id, http.StatusForbidden},
		"a rep, an own session": {own(2), "same-origin", id, http.StatusForbidden},
		"a rep, another's":      {own(3), "same-origin", id, http.StatusNotFound},
		"from another site":     {eraser, "cross-site", id, http.StatusForbidden},
		"none":                  {eraser, "same-origin", wire.SessionID{9}, http.StatusNotFound},
	} {
		if got := eraseIt(t, h, c.who, c.site, c.id); got.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, got.StatusCode, c.want)
		}
	}
	page(t, h, eraser, sessionPath(id))
	if got := eraseIt(t, h, eraser, "same-origin", id); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != Root+"?did=erased" {
		t.Errorf("deleting it: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if w := ask(t, h, eraser, http.MethodGet, sessionPath(id)); w.Code != http.StatusNotFound {
		t.Errorf("it is there afterwards: %d", w.Code)
	}
	if body := page(t, h, eraser, Root+"?did=erased"); !strings.Contains(body, "The session is deleted.") || len(shown(body)) != 0 {
		t.Error("the list does not say so")
	}
}

func TestT01ASessionThatGoesOnIsNotDeleted(t *testing.T) {
	o := newOffice(t)
	id := o.come(t, 1, now.Add(-20*time.Minute), 2, 3, nil)
	came := now.Add(-20 * time.Minute)
	visit := lobby.Visit{ID: id, State: lobby.Over, Came: came, Over: came.Add(10 * time.Minute)} // a broker still has it
	if err := o.Keep(t.Context(), node, lobby.Batch{Visits: []lobby.Visit{visit}}); err != nil {
		t.Fatal(err)
	}
	eraser := admin()
	eraser.May = people.Of(people.AllReports, people.ImportSettings)
	h := desk(o).handler()
	if got := eraseIt(t, h, eraser, "same-origin", id); got.StatusCode != http.StatusConflict {
		t.Errorf("%d", got.StatusCode)
	}
	page(t, h, eraser, sessionPath(id))
}

func TestT02FontsTellWhichLettersTheyHave(t *testing.T) {
	p := newPaper("P", &viewer{zone: time.UTC, now: now})
	for text, want := range map[string]string{
		"Ünal Øst, Ελένη, Анна – 5 €": "Ünal Øst, Ελένη, Анна – 5 €", "": "", "a\tb\r\nc": "a b\nc", "日本語": leftOut, "see مرحبا بك now": "see " + leftOut + " now",
		"😀👩‍👩‍👧 ok\u202E\u200b": leftOut + " ok", "שלום\nשלום": leftOut + "\n" + leftOut, "a\u0301": "a\u0301",
	} {
		if got := p.plain(text); got != want {
			t.Errorf("%q is set as %q, want %q", text, got, want)
		}
	}
	for _, bad := range [][]byte{nil, []byte("OTTO"), make([]byte, 64), append([]byte("\x00\x01\x00\x00\xff\xff"), make([]byte, 30)...)} {
		if glyphs(bad)('a') {
			t.Errorf("%q has letters", bad)
		}
	}
}

// FuzzGlyphs holds that no font makes its reader look outside of it.
func FuzzGlyphs(f *testing.F) {
	f.Add([]byte("OTTO"), 'a')
	f.Add(assets.Font()[:8<<10], 'b')
	f.Fuzz(func(t *testing.T, font []byte, r rune) {
		if glyphs(font)(r) && (r < 0 || r > 0xFFFF) {
			t.Fatalf("%q is a letter of it", r)
		}
	})
}

func TestK07SummariesCountWhatRepsSay(t *testing.T) {
	o := newOffice(t)
	for i, what := range []string{"solved", "solved", "unsolved", "follow-up", ""} {
		at := now.Add(-time.Duration(i+1) * time.Hour)
		id := o.come(t, i, at, uint64(1+i%2), 3, nil)
		if what != "" {
			o.conclude(t, id, uint64(1+i%2), at.Add(5*time.Minute), "unsolved")
			o.conclude(t, id, uint64(1+i%2), at.Add(6*time.Minute), what) // the last word counts
		}
	}
	h := desk(o).handler()
	for query, want := range map[string]string{"by=rep": "2 1 1", "by=day": "2 1 1", "by=team&team=3": "2 1 1", "rep=1": "1 1 0", "result=unsolved": "2 1 1"} {
		var data struct{ Total countData }
		if err := json.Unmarshal([]byte(page(t, h, admin(), Root+"/file/summary.json?"+query)), &data); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(data.Total.Solved, data.Total.Unsolved, data.Total.FollowUp); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	text := plainText(page(t, h, admin(), Root+"/summary"))
	for _, want := range []string{"50 %|Solved", "|2 of 4|", "What is solved is what reps say"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if text := plainText(page(t, h, admin(), Root+"/summary?from=2026-01-01&until=2026-01-02")); strings.Contains(text, "Solved") {
		t.Error("says what is solved where there is nothing")
	}
	if got := page(t, h, admin(), Root+"/file/summary.csv?by=team"); !strings.Contains(got, "Solved,Not solved,More to do") || !strings.Contains(got, "First line,5,5,0,0,88,510,2,1,1,") {
		t.Errorf("CSV: %s", got)
	}
}
