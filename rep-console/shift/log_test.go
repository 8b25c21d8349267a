package shift

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/rep-console/console"
	"handrail/rep-console/record"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// archive is a broker's part of records: it keeps parts in order.
type archive struct {
	deaf bool      // it keeps nothing, and says nothing
	code wire.Code // how it refuses all, if set
	last uint32
	kept []*wire.Log
}

// archived has the office's broker keep records.
func (o *office) archived() *archive {
	a := &archive{}
	o.reply = func(_ string, m wire.Message) ([]wire.Message, bool) {
		log, ok := m.(*wire.Log)
		if !ok {
			return nil, false
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		switch {
		case a.deaf:
			return nil, true
		case a.code != 0:
			return []wire.Message{&wire.Problem{Code: a.code, About: wire.KindLog, Key: log.Session}}, true
		case log.Part > a.last+1:
			return []wire.Message{&wire.Problem{Code: wire.CodeMalformed, About: wire.KindLog, Key: log.Session}}, true
		case log.Part == a.last+1:
			a.last++
			a.kept = append(a.kept, log)
		}
		return []wire.Message{&wire.Logged{Session: log.Session, Part: a.last}}, true
	}
	return a
}

// texts are those of all entries that were kept, of one sort.
func (a *archive) texts(o *office, of wire.Happened) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []string
	for _, log := range a.kept {
		for _, e := range log.Entries {
			if e.Happened == of {
				all = append(all, e.Text)
			}
		}
	}
	return all
}

func TestT01WhatHappensIsSaidUntilItIsKept(t *testing.T) {
	inOffice(t, func(o *office) {
		a := o.archived()
		o.open()
		o.tell(&wire.Keeping{Keep: wire.KeepReadable})
		c := o.serve(1)
		c.do(session.Say{Text: "hello"})
		o.do(console.Say{ID: c.id, Text: "good morning"})
		o.pass(record.Every)
		if got := a.texts(o, wire.HappenedSaid); !slices.Equal(got, []string{"hello", "good morning"}) {
			t.Errorf("kept %q", got)
		}
		if at := a.kept[0].Entries[0].At; (time.Now().Add(aheadOf).UnixMilli() - at) > 10_000 {
			t.Errorf("it happened at %v by the broker's clock", time.UnixMilli(at))
		}
		if got := c.sees().Keep; got != wire.KeepReadable {
			t.Errorf("the customer is told %d", got)
		}
		o.set(func() { o.down = true })
		o.lose()
		c.do(session.Say{Text: "while the broker is away"})
		o.pass(20 * time.Second)
		o.set(func() { o.down = false })
		o.pass(time.Minute)
		o.set(func() { a.deaf = true })
		c.do(session.Say{Text: "and not heard at first"})
		o.pass(record.Every)
		o.lose()
		o.set(func() { a.deaf = false })
		o.pass(time.Minute)
		c.do(session.Leave{})
		o.pass(time.Second)
		want := []string{"hello", "good morning", "while the broker is away", "and not heard at first"}
		if got := a.texts(o, wire.HappenedSaid); !slices.Equal(got, want) {
			t.Errorf("kept %q", got)
		}
		if o.shift.records.open(c.id) {
			t.Error("something is not kept")
		}
		n := len(heard[*wire.Log](o))
		o.lose()
		o.pass(time.Minute)
		if more := len(heard[*wire.Log](o)) - n; more != 0 {
			t.Errorf("%d parts are said again", more)
		}
	})
}

// sealing has the console seal with what is in key, and mark what it sealed.
func (o *office) sealing(whole *[]wire.Log) {
	o.shift.doors.Seal = func(key []byte) (Seal, error) {
		switch string(key) {
		case "ours":
			return func(certificate []byte, log wire.Log) ([]byte, error) {
				if string(certificate) != "ours" {
					return nil, errors.New("no certificate")
				}
				o.mu.Lock()
				defer o.mu.Unlock()
				*whole = append(*whole, log)
				return []byte("sealed"), nil
			}, nil
		case "":
			return nil, ErrNoOrganisation
		}
		return nil, errors.New("not signed")
	}
}

func TestT01WhatIsSaidGoesOutSealed(t *testing.T) {
	inOffice(t, func(o *office) {
		a := o.archived()
		var whole []wire.Log
		o.sealing(&whole)
		o.open()
		o.tell(&wire.Certified{Certificate: []byte("ours")})
		o.do(console.Certified{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour), Checked: true})
		o.tell(&wire.Keeping{Keep: wire.KeepSealed, Key: []byte("ours")})
		c := o.serve(1)
		c.do(session.Say{Text: "swordfish"})
		o.pass(record.Every)
		if got := a.texts(o, wire.HappenedSaid); len(got) != 0 {
			t.Errorf("the broker reads %q", got)
		}
		o.set(func() {
			if len(whole) == 0 || string(a.kept[0].Sealed) != "sealed" || whole[0].Entries[len(whole[0].Entries)-1].Text != "swordfish" {
				t.Errorf("sealed %+v", whole)
			}
		})
		o.tell(&wire.Certified{Certificate: []byte("ours")})
		o.shift.mu.Lock()
		o.shift.certificate = nil
		o.shift.mu.Unlock()
		c.do(session.Say{Text: "swordfish again"})
		o.pass(record.Every)
		if got := o.session(c).Trouble; got != console.NotCertified {
			t.Errorf("the rep is told %d", got)
		}
		for _, log := range heard[*wire.Log](o) {
			for _, e := range log.Entries {
				if strings.Contains(e.Text, "swordfish") {
					t.Errorf("the broker hears %q", e.Text)
				}
			}
		}
	})
}

// What the broker says about the key decides nothing by itself.
func TestT01AKeyThatIsNotTheOrganisationsSealsNothing(t *testing.T) {
	for key, want := range map[string]console.Trouble{"": console.NoOrganisation, "theirs": console.WrongKey} {
		inOffice(t, func(o *office) {
			var whole []wire.Log
			o.sealing(&whole)
			o.archived()
			o.open()
			o.do(console.Certified{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour), Checked: true})
			o.tell(&wire.Keeping{Keep: wire.KeepSealed, Key: []byte(key)})
			c := o.serve(1)
			if got := o.session(c).Trouble; got != want || c.sees().Keep != wire.KeepNothing {
				t.Errorf("%q: the rep is told %d, the customer %d", key, got, c.sees().Keep)
			}
			c.do(session.Say{Text: "swordfish"})
			o.tell(&wire.Keeping{Keep: wire.KeepReadable}) // later: what was agreed on stays
			o.pass(time.Minute)
			for _, log := range heard[*wire.Log](o) {
				if len(log.Sealed) > 0 || slices.ContainsFunc(log.Entries, func(e wire.Entry) bool { return e.Text != "" }) {
					t.Errorf("%q: said %+v", key, log)
				}
			}
		})
	}
}

func TestK07ANoteIsKeptWhateverHappens(t *testing.T) {
	for name, meanwhile := range map[string]func(*office, *customer){
		"nothing":          func(*office, *customer) {},
		"the session ends": func(o *office, c *customer) { c.do(session.Leave{}); o.pass(2 * time.Second) },
		"the survey is over": func(o *office, c *customer) {
			c.do(session.Leave{})
			o.pass(2 * time.Second)
			o.asks(c)
			o.do(console.SkipSurvey{ID: c.id})
		},
		"the login ends": func(o *office, c *customer) {
			c.do(session.Leave{})
			o.pass(2 * time.Second)
			o.set(func() { o.lapsed = true })
			o.tell(&wire.Problem{Code: wire.CodeIdle})
			o.pass(time.Minute)
			if !o.now().isClosed() {
				o.t.Error("the line is not hung up")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				a := o.archived()
				o.open()
				c := o.serve(1)
				meanwhile(o, c)
				o.set(func() { a.deaf = true })
				o.do(console.Jot{ID: c.id, Text: "Driver renewed"})
				o.do(console.Conclude{ID: c.id, Outcome: wire.OutcomeSolved})
				o.pass(2 * record.Every)
				if x := o.session(c); x.Notes.Stage != console.NoteSaid {
					t.Errorf("stage %d", x.Notes.Stage)
				}
				o.set(func() { a.deaf = false })
				o.lose()
				o.pass(time.Minute)
				if x := o.session(c); x.Notes.Stage != console.NoteKept {
					t.Errorf("then stage %d", x.Notes.Stage)
				}
				if got := a.texts(o, wire.HappenedNote); len(got) != 1 || got[0] != "Driver renewed" {
					t.Errorf("kept %q", got)
				}
			})
		})
	}
}

func TestK07ANoteOfAClosedTabIsStillSaid(t *testing.T) {
	inOffice(t, func(o *office) {
		a := o.archived()
		o.open()
		c := o.served(1)
		o.set(func() { a.deaf = true })
		o.do(console.Jot{ID: c.id, Text: "note"})
		o.do(console.End{ID: c.id})
		o.pass(5 * time.Second)
		o.do(console.Yes{})
		if n := len(o.shown().Sessions); n != 0 {
			t.Fatalf("%d sessions", n)
		}
		o.set(func() { a.deaf = false })
		o.lose()
		o.pass(time.Minute)
		if got := a.texts(o, wire.HappenedNote); len(got) != 1 {
			t.Errorf("kept %q", got)
		}
	})
}

func TestK07ANoteIsSaidBeforeTheProgramEnds(t *testing.T) {
	var a *archive
	inOffice(t, func(o *office) {
		a = o.archived()
		o.open()
		c := o.serve(1)
		o.do(console.Jot{ID: c.id, Text: "note"})
		o.do(console.Quit{})
		o.do(console.Yes{})
		o.pass(10 * time.Second)
		if got := a.texts(o, wire.HappenedNote); len(got) != 1 {
			t.Errorf("kept %q", got)
		}
	})
}

func TestT01WhatABrokerSaysToParts(t *testing.T) {
	for _, row := range []struct {
		code wire.Code
		want console.NoteStage
	}{
		{wire.CodeGone, console.NoteRefused},
		{wire.CodeMalformed, console.NoteRefused},
		{wire.CodeBusy, console.NoteSaid},
		{wire.CodeInternal, console.NoteSaid},
	} {
		inOffice(t, func(o *office) {
			a := o.archived()
			o.open()
			c := o.serve(1)
			o.set(func() { a.code = row.code })
			o.do(console.Jot{ID: c.id, Text: "note"})
			o.pass(time.Minute)
			if x := o.session(c); x.Notes.Stage != row.want {
				t.Errorf("code %d: stage %d", row.code, x.Notes.Stage)
			}
			if n := len(heard[*wire.Log](o)); n > 20 {
				t.Errorf("code %d: said %d times in a minute", row.code, n)
			}
			o.set(func() { a.code = 0 })
			o.pass(time.Minute)
			if x := o.session(c); row.want == console.NoteSaid && x.Notes.Stage != console.NoteKept {
				t.Errorf("code %d: then stage %d", row.code, x.Notes.Stage)
			}
		})
	}
}

// A program that was started anew counts on from what the broker has.
func TestT01PartsCountOnAfterAnEarlierTime(t *testing.T) {
	inOffice(t, func(o *office) {
		a := o.archived()
		a.last = 7
		o.open()
		c := o.serve(1)
		o.tell(&wire.Logged{Session: c.id, Part: 7})
		o.do(console.Jot{ID: c.id, Text: "note"})
		o.pass(time.Minute)
		if x := o.session(c); x.Notes.Stage != console.NoteKept || a.kept[0].Part != 8 {
			t.Errorf("stage %d, %+v", x.Notes.Stage, a.kept)
		}
	})
}

func TestT01NothingIsSaidHalfAnHourAfterTheEnd(t *testing.T) {
	inOffice(t, func(o *office) {
		a := o.archived()
		a.deaf = true
		o.open()
		c := o.served(1)
		o.do(console.Jot{ID: c.id, Text: "note"})
		o.pass(record.Life + time.Second)
		if x := o.session(c); x.Notes.Stage != console.NoteRefused || o.shift.records.has(c.id) {
			t.Errorf("stage %d", x.Notes.Stage)
		}
	})
}

func TestT01TranscriptsAreReadWithWhatWasGranted(t *testing.T) {
	inOffice(t, func(o *office) {
		var with [][]byte
		o.shift.doors.Transcript = func(path string, grants [][]byte) console.TranscriptRead {
			o.set(func() { with = grants })
			return console.TranscriptRead{Path: path, Name: path}
		}
		o.open()
		o.tell(&wire.Keeping{Grants: [][]byte{[]byte("grant")}})
		o.do(console.OpenTranscript{Path: "session"})
		s := o.shown()
		if s.Transcript == nil || s.Transcript.Name != "session" || len(with) != 1 || string(with[0]) != "grant" {
			t.Errorf("%+v with %q", s.Transcript, with)
		}
	})
}

func TestP04ThePortalsOfTheBrokerAreShown(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		o.tell(&wire.Portal{ID: "main", Name: "Alpine", Page: "https://alpine.example"})
		if s := o.shown(); len(s.Portals) != 1 || s.Inviting().ID != "main" {
			t.Errorf("%+v", s.Portals)
		}
	})
}
