package lobby

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

// arrive gives a customer a place.
func (h *hall) arrive(n int, queue string) Place {
	h.t.Helper()
	a := Arrival{Portal: settings.Main, Queue: queue, Name: fmt.Sprint("Customer ", n), From: fmt.Sprint("page ", n)}
	a.Page[0], a.Page[1] = byte(n), byte(n>>8)+1
	for _, f := range h.l.Step(h.now, Come{Arrival: a}) {
		if p, is := f.(Placed); is {
			if p.Err != nil {
				h.t.Fatal(p.Err)
			}
			return p.Place
		}
	}
	h.t.Fatal("nobody answered")
	return Place{}
}

// waiting has a customer wait in the general queue.
func (h *hall) waiting(n int) (Conn, Place) {
	h.t.Helper()
	place := h.arrive(n, settings.General)
	c := h.customer(fmt.Sprint("program ", n))
	h.say(c, &wire.Enter{Code: place.Code})
	if !slices.ContainsFunc(h.told[c], func(m wire.Message) bool { return m.Kind() == wire.KindWaiting }) {
		h.t.Fatalf("customer %d was told %v", n, h.told[c])
	}
	return c, place
}

func heardOf[M wire.Message](h *hall, c Conn) (all []M) {
	for _, m := range h.told[c] {
		if m, is := m.(M); is {
			all = append(all, m)
		}
	}
	return all
}

func TestP05WrongCodesCostTheAddressItsBudget(t *testing.T) {
	h := newHall(t)
	h.rep(1)
	place := h.arrive(1, settings.General)
	wrong := "000000000"
	for range addressTries {
		c := h.customer("bad")
		h.say(c, &wire.Enter{Code: wrong})
		h.refused(c, wire.CodeBadKey)
	}
	c := h.customer("bad")
	h.say(c, &wire.Enter{Code: place.Code}) // even the right one
	h.refused(c, wire.CodeTooManyTries)
	h.join(c, "000000") // numbers and codes have one budget
	h.refused(c, wire.CodeTooManyTries)
	h.pass(addressEvery)
	h.say(c, &wire.Enter{Code: place.Code})
	if len(heardOf[*wire.Admitted](h, c)) != 1 {
		t.Error("a try that came back let nobody in")
	}
}

func TestK02ManyVisitorsReachARepInParts(t *testing.T) {
	h := newHall(t)
	h.rep(1)
	const many = 300
	for n := range many {
		h.waiting(n)
	}
	bert := h.rep(2)
	var most, rounds int
	for ; len(heardOf[*wire.Visitor](h, bert)) < many && rounds < 20; rounds++ {
		before := len(h.told[bert])
		h.pass(flushEvery)
		most = max(most, len(h.told[bert])-before)
	}
	seen := heardOf[*wire.Visitor](h, bert)
	if len(seen) != many || most > visitorsAtOnce+1 { // and the Targets
		t.Errorf("told %d visitors in %d rounds, at most %d things in one", len(seen), rounds, most)
	}
	for n, v := range seen {
		if v.Name != fmt.Sprint("Customer ", n) {
			t.Fatalf("visitor %d is %s: who has waited longest comes first", n, v.Name)
		}
	}
}

func TestW03EstimateIsTheMiddleAndSurvivesARestart(t *testing.T) {
	l := New(testRules())
	l.now = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	var kept []Wait
	for n, each := range []time.Duration{3, 3, 4, 3, 180, 2, 3} { // one forgotten over lunch
		w := Wait{Queue: settings.General, Slot: n, At: l.now, Each: each * time.Minute}
		l.rememberWait(w)
		kept = append(kept, w)
	}
	after := New(testRules())
	after.Restore(l.now, Batch{Waits: kept})
	for position, want := range map[int]time.Duration{1: 3 * time.Minute, 3: 9 * time.Minute, 5: 15 * time.Minute, 40: 2 * time.Hour} {
		if got := l.estimate(settings.General, position); got != want {
			t.Errorf("number %d waits %v, want %v", position, got, want)
		}
		if got := after.estimate(settings.General, position); got != want {
			t.Errorf("after a restart number %d waits %v, want %v", position, got, want)
		}
	}
	if got := l.estimate(settings.TeamQueue(1), 1); got != 0 {
		t.Errorf("where nobody has waited yet the estimate is %v", got)
	}
	l.now = l.now.Add(WaitMemory + time.Second)
	if got := l.estimate(settings.General, 1); got != 0 {
		t.Errorf("a month later the estimate is %v", got)
	}
}

func TestW03NoMoreWaitsAreKeptThanAreRemembered(t *testing.T) {
	h := newHall(t)
	anna := h.rep(1)
	slots := map[int]bool{}
	for n := range 2*rememberedWaits + 3 {
		h.waiting(n)
		h.now = h.now.Add(time.Minute)
		for _, f := range h.l.Step(h.now, Said{Conn: anna, Message: &wire.Take{Request: [16]byte{byte(n), 1}}}) {
			if w, is := f.(SaveWait); is {
				slots[w.Wait.Slot] = true
			}
		}
	}
	if len(slots) != rememberedWaits {
		t.Errorf("waits are kept in %d places, want %d", len(slots), rememberedWaits)
	}
}

func TestK01SignedOutRepKeepsTheSessionAndNothingElse(t *testing.T) {
	h := newHall(t)
	anna := h.rep(1)
	maria, place := h.waiting(1)
	h.say(anna, &wire.Take{Request: [16]byte{1}})
	h.step(SignedOut{Conn: anna, Code: wire.CodeIdle})
	h.refused(anna, wire.CodeIdle)
	h.say(anna, &wire.NewKey{})
	h.refused(anna, wire.CodeOutOfPlace)
	h.waiting(2)
	h.say(anna, &wire.Take{Request: [16]byte{2}})
	h.refused(anna, wire.CodeOutOfPlace)
	h.pass(2 * time.Minute) // longer than a rep may be lost
	h.say(anna, &wire.Signal{Session: place.Session, Epoch: 2})
	if g := last[*wire.Signal](h, maria); g.Epoch != 2 {
		t.Errorf("the customer heard of epoch %d", g.Epoch)
	}
	// The console's line breaks; its ticket is enough to come back.
	ticket := heardOf[*wire.Start](h, anna)[0].Ticket
	h.step(Closed{Conn: anna})
	h.next++
	h.step(Opened{Conn: h.next, Role: wire.RoleRep})
	h.say(h.next, &wire.Rejoin{Session: place.Session, Ticket: ticket})
	if r := last[*wire.Rejoined](h, h.next); r.Session != place.Session {
		t.Errorf("came back to %v", r.Session)
	}
}

func TestP03SessionsFromKeysAreOnRecordAndAskedAbout(t *testing.T) {
	for why, asked := range map[wire.EndWhy]bool{wire.EndByRep: true, wire.EndByCustomer: true, wire.EndWrongSecret: false, wire.EndNeverMet: false} {
		h := newHall(t)
		set := settings.Default("Example Ltd")
		main := set.Portals[settings.Main]
		main.ExitURL = "https://example.org/thanks"
		set.Portals[settings.Main] = main
		h.step(Settled{Settings: set})
		anna, maria := h.rep(1), h.customer("a")
		s, _ := h.meet(anna, maria)
		h.say(maria, &wire.Leave{Session: s.Session, Why: wire.EndByCustomer})
		if n := len(heardOf[*wire.Survey](h, maria)); n != 0 {
			t.Errorf("asked %d times before the rep's console has said whether the two met", n)
		}
		h.say(anna, &wire.Leave{Session: s.Session, Why: why})
		if got := len(heardOf[*wire.Survey](h, maria)) == 1; got != asked {
			t.Errorf("end %d: asked %v, want %v", why, got, asked)
		}
		if v := h.l.visits[s.Session]; v.Start != startKey || v.Over.IsZero() {
			t.Errorf("end %d: kept as %+v", why, v.Visit)
		}
	}
}

func TestP03WhoDoesNotHearFromTheConsoleIsAskedAllTheSame(t *testing.T) {
	h := newHall(t)
	set := settings.Default("Example Ltd")
	main := set.Portals[settings.Main]
	main.ExitURL = "https://example.org/thanks"
	set.Portals[settings.Main] = main
	h.step(Settled{Settings: set})
	anna, maria := h.rep(1), h.customer("a")
	s, _ := h.meet(anna, maria)
	h.say(maria, &wire.Leave{Session: s.Session, Why: wire.EndByCustomer})
	h.pass(joinPatience)
	last[*wire.Survey](h, maria)
	h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndByRep})
	if n := len(heardOf[*wire.Survey](h, maria)); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// TestP03AfterARestartTheConsoleIsHeardFirst: it alone knows that the customer
// only mistyped the secret.
func TestP03AfterARestartTheConsoleIsHeardFirst(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, _ := h.meet(anna, maria)
	h.say(maria, &wire.Leave{Session: s.Session, Why: wire.EndByCustomer})
	h.restart()
	h.pass(time.Second)
	anna = h.rep(1)
	h.say(anna, &wire.Rejoin{Session: s.Session, Ticket: s.Ticket})
	h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndWrongSecret})
	if why := h.l.visits[s.Session].Why; why != wire.EndWrongSecret {
		t.Errorf("it ended with %d", why)
	}
}

func TestE02AnswersMustFitTheirQuestions(t *testing.T) {
	questions := []settings.Question{
		{ID: 1, Form: wire.FormRating, Required: true},
		{ID: 2, Form: wire.FormOne, Options: make([]map[string]string, 3)},
		{ID: 3, Form: wire.FormSome, Options: make([]map[string]string, 3)},
		{ID: 4, Form: wire.FormText},
	}
	rated := wire.SurveyAnswer{ID: 1, Rating: 4}
	for name, c := range map[string]struct {
		given []wire.SurveyAnswer
		want  map[string]string // nil: refused
	}{
		"all": {
			[]wire.SurveyAnswer{rated, {ID: 2, Options: []uint8{2}}, {ID: 3, Options: []uint8{2, 0}}, {ID: 4, Text: " good "}},
			map[string]string{"answer.1": "4", "answer.2": "2", "answer.3": "0,2", "answer.4": "good", "rating": "4"},
		},
		"what must be":               {[]wire.SurveyAnswer{rated}, map[string]string{"answer.1": "4", "rating": "4"}},
		"nothing":                    {nil, nil},
		"no rating":                  {[]wire.SurveyAnswer{{ID: 1}}, nil},
		"a question twice":           {[]wire.SurveyAnswer{rated, rated}, nil},
		"no such question":           {[]wire.SurveyAnswer{rated, {ID: 9, Text: "x"}}, nil},
		"no such option":             {[]wire.SurveyAnswer{rated, {ID: 2, Options: []uint8{3}}}, nil},
		"two where one is asked":     {[]wire.SurveyAnswer{rated, {ID: 2, Options: []uint8{0, 1}}}, nil},
		"an option twice":            {[]wire.SurveyAnswer{rated, {ID: 3, Options: []uint8{1, 1}}}, nil},
		"text for a rating":          {[]wire.SurveyAnswer{{ID: 1, Rating: 4, Text: "x"}}, nil},
		"a rating for an option":     {[]wire.SurveyAnswer{rated, {ID: 2, Rating: 1}}, nil},
		"options for text":           {[]wire.SurveyAnswer{rated, {ID: 4, Options: []uint8{0}}}, nil},
		"an empty text is no answer": {[]wire.SurveyAnswer{rated, {ID: 4, Text: " "}}, map[string]string{"answer.1": "4", "rating": "4"}},
	} {
		details, ok := answered(questions, c.given)
		got := map[string]string{}
		for i := 0; i+1 < len(details); i += 2 {
			got[details[i]] = details[i+1]
		}
		if ok != (c.want != nil) || ok && !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, ok, c.want)
		}
	}
}

// FuzzArrival holds that whatever a portal lets through, reps are told of it in
// one message that can be sent.
func FuzzArrival(f *testing.F) {
	f.Add("Maria", "Example\nLtd", strings.Repeat("ä", 9000), "Room", "\x00\xff", uint8(40))
	f.Fuzz(func(t *testing.T, name, company, description, field, value string, fields uint8) {
		a := Arrival{
			Portal: settings.Main, Queue: settings.General, Name: name, Company: company, CompanyCode: value,
			Issue: field, Description: description, Locale: field, System: name,
		}
		for range fields {
			a.Fields = append(a.Fields, wire.VisitorField{Name: field, Value: value})
		}
		l := New(testRules())
		l.Step(time.Unix(0, 0), Come{Arrival: a})
		for _, v := range l.visits {
			m := l.visitor(v)
			m.Since = 0 // it does not wait yet
			b, err := wire.Append(nil, wire.Packet{Body: m})
			if err != nil {
				t.Fatalf("%+v can't be sent: %v", m, err)
			}
			if len(b) > wire.MaxMessage {
				t.Errorf("%d bytes", len(b))
			}
		}
		if len(l.visits) != 1 {
			t.Errorf("%d visits", len(l.visits))
		}
	})
}
