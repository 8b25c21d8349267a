package lobby

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/people"
	"handrail/broker/policy"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// decide reads what the organisation has decided.
func (st *stage) decide(words []string) {
	p := st.set.Portals[settings.Main]
	text := func(name settings.TextName, from int) { p.Texts["en"][name] = quoted(words[from:]) }
	switch strings.Join(words[:min(2, len(words))], " ") {
	case "show records", "show pages", "show targets", "show portals", "show noticeboard":
		st.show[words[1]] = true
	case "reps listed":
		p.Starts.Reps = true
		for i, name := range strings.Split(strings.Join(words[2:], " "), ", ") {
			r := st.people.Reps[st.repOf(name)]
			r.Order = 1 + i // before those who are not named
			st.people.Reps[r.ID] = r
		}
	case "no place": // in the list
		r := st.people.Reps[st.repOf(words[2])]
		r.Order = 0
		st.people.Reps[r.ID] = r
	case "not listed":
		r := st.people.Reps[st.repOf(words[2])]
		r.Listed = false
		st.people.Reps[r.ID] = r
	case "agreement within":
		p.Agreement = settings.Agreement{On: true, Minutes: number(words[2])}
		p.Texts["en"][settings.AgreementText] = quoted(words[3:])
	case "recording asked":
		p.Recording = true
		text(settings.RecordingText, 2)
	case "greeting says":
		text(settings.Greeting, 2)
		p.Texts["en"][settings.Greeting] = strings.ReplaceAll(quoted(words[2:]), " / ", "\n")
	case "lost says":
		text(settings.RepLost, 2)
	case "moved says":
		text(settings.RepMoved, 2)
	case "estimate told":
		p.Waiting.Estimate = true
	case "position not-told":
		p.Waiting.Position = false
	case "hold every":
		p.Waiting.HoldEvery = number(words[2])
		text(settings.Hold, 4)
	case "in German":
		p.Languages = []string{"en", "de"}
		p.Texts["de"] = map[settings.TextName]string{settings.TextName(words[2]): quoted(words[3:])}
	case "nobody page":
		p.Nobody.URL = words[2]
	case "nobody after":
		p.Nobody.Minutes = number(words[2])
	case "nobody stay":
		p.Nobody.Stay = true
	case "persistent queue":
		st.set.Queues.Persistent = append(st.set.Queues.Persistent, st.queueOf(words[2:]))
	case "lost after":
		p.Lost.After = number(words[2])
	case "no last-queue":
		p.Lost.NoLastQueue = true
	case "no first-queue":
		p.Lost.NoFirstQueue = true
	case "fallback is":
		p.Lost.Fallback = st.queueOf(words[2:])
	case "survey asks":
		p.Survey = []settings.Question{
			{ID: 1, Form: wire.FormRating, Texts: map[string]string{"en": "How was it?"}, Required: true},
			{ID: 2, Form: wire.FormText, Texts: map[string]string{"en": "Anything else?"}},
		}
	case "rep survey":
		p.RepSurvey = []settings.Question{{ID: 1, Form: wire.FormRating, Texts: map[string]string{"en": "How did it go?"}, Required: true}}
	case "exit page":
		p.ExitURL = words[2]
	case "notice reads":
		p.Notices = append(p.Notices, st.notice(words[2:], len(p.Notices)+1))
	case "kept sealed", "kept readable":
		st.set.Records.Keep = map[string]wire.Keep{"sealed": wire.KeepSealed, "readable": wire.KeepReadable}[words[1]]
	case "may not":
		id := st.repOf(words[2])
		st.set.RepPolicies = map[uint64]policy.Policy{id: {policy.Permission(words[3]): policy.Deny}}
	default:
		if words[0] != "team" {
			st.t.Fatalf("cannot read %q", words)
		}
		st.team(words)
	}
	st.set.Portals = maps.Clone(st.set.Portals)
	st.set.Portals[settings.Main] = p
}

// team reads "team Network has Anna, Bert as lead".
func (st *stage) team(words []string) {
	t := people.Team{ID: uint64(len(st.people.Teams) + 1), Name: words[1], Members: map[uint64]people.Rank{}}
	for m := range strings.SplitSeq(strings.Join(words[3:], " "), ", ") {
		name, rank, _ := strings.Cut(m, " as ")
		t.Members[st.repOf(name)] = map[string]people.Rank{"": people.Member, "lead": people.Lead, "manager": people.Manager}[rank]
	}
	st.people.Teams[t.ID] = t
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("a story's number: %q", s))
	}
	return n
}

func quoted(words []string) string {
	return strings.Trim(strings.Join(words, " "), `"`)
}

// notice reads `"Title: text"`, and "to leave" and "until 09:30:00" before it.
func (st *stage) notice(words []string, id int) settings.Notice {
	n := settings.Notice{ID: uint64(id)}
	if words[0] == "until" {
		clock, err := time.Parse(time.TimeOnly, words[1])
		if err != nil {
			st.t.Fatal(err)
		}
		n.Until = time.Date(st.now.Year(), st.now.Month(), st.now.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, time.UTC)
		words = words[2:]
	}
	if words[0] == "to" {
		n.Leave = true
		words = words[2:]
	}
	n.Title, n.Text, _ = strings.Cut(quoted(words), ": ")
	return n
}

// act does what a line says. The first word is who does it.
func (st *stage) act(line string) {
	words := strings.Fields(line)
	switch {
	case words[0] == "the":
		st.house(words)
	case st.repOf(words[0]) != 99:
		st.repActs(words[0], words[1], words[2:])
	default:
		st.guestActs(st.guest(words[0]), words[1], words[2:])
	}
}

// house is what the broker and its administrator do.
func (st *stage) house(words []string) {
	switch strings.Join(words[1:3], " ") {
	case "broker restarts":
		st.l = New(st.rules)
		st.l.Restore(st.now, st.kept.batch())
		st.wake = time.Time{}
		st.staff = map[string]Conn{}
		for _, g := range st.guests {
			g.conn = 0
		}
		st.step(Settled{Settings: st.set, Organisation: st.people})
		st.step(Tick{})
	case "administrator pushes":
		p := st.set.Portals[settings.Main]
		n := st.notice(words[3:], len(p.Notices)+1)
		n.Pushed = true
		p.Notices = append(slices.Clone(p.Notices), n)
		st.set.Portals = map[string]settings.Portal{settings.Main: p}
		st.step(Settled{Settings: st.set, Organisation: st.people})
	case "administrator ends": // the last notice
		p := st.set.Portals[settings.Main]
		p.Notices = slices.Clone(p.Notices)
		p.Notices[len(p.Notices)-1].Until = st.now
		st.set.Portals = map[string]settings.Portal{settings.Main: p}
		st.step(Settled{Settings: st.set, Organisation: st.people})
	case "administrator demotes": // to a member of the first team
		st.people = st.people.Clone()
		st.people.Teams[1].Members[st.repOf(words[3])] = people.Member
		st.step(Settled{Settings: st.set, Organisation: st.people})
	case "administrator revokes":
		st.step(EverythingRevoked{Before: st.now})
	case "administrator closes": // the portal to keys
		p := st.set.Portals[settings.Main]
		p.Starts.Key = false
		st.set.Portals = map[string]settings.Portal{settings.Main: p}
		st.step(Settled{Settings: st.set, Organisation: st.people})
	case "administrator disables":
		id := st.repOf(words[3])
		st.people = st.people.Clone()
		r := st.people.Reps[id]
		r.Disabled = true
		st.people.Reps[id] = r
		st.step(Settled{Settings: st.set, Organisation: st.people})
		st.step(Struck{Rep: id})
	default:
		st.t.Fatalf("cannot do %q", words)
	}
}

func (st *stage) repActs(name, verb string, rest []string) {
	conn := st.staff[name]
	say := func(m wire.Message) { st.step(Said{Conn: conn, Message: m}) }
	switch verb {
	case "signs":
		if rest[0] == "out" {
			st.step(SignedOut{Conn: conn})
			return
		}
		st.staff[name] = st.open(name, wire.RoleRep, "rep")
		st.step(SignedIn{Conn: st.staff[name], Rep: Rep{ID: st.repOf(name), Name: name}})
	case "loses":
		st.step(Closed{Conn: conn})
	case "comes": // back to a session with NAME
		g := st.guest(rest[2])
		say(&wire.Rejoin{Session: g.id, Ticket: g.repsOf[name]})
	case "takes":
		st.taken++
		st.take(conn, rest)
	case "makes": // a key
		st.taken++
		say(&wire.NewKey{Request: [16]byte{st.taken}})
	case "revokes": // the key
		say(&wire.RevokeKey{Number: st.key, Why: wire.KeyRevoked})
	case "repeats": // the same Take: its answer was lost
		st.take(conn, rest)
	case "ends":
		say(&wire.Leave{Session: st.guest(rest[1]).id, Why: wire.EndByRep})
	case "answers": // about NAME: 5
		rating := uint8(number(rest[2]))
		say(&wire.Answers{Session: st.guest(strings.TrimSuffix(rest[1], ":")).id, Answers: []wire.SurveyAnswer{{ID: 1, Rating: rating}}})
	case "tells": // part N of NAME: …
		st.log(say, rest)
	case "connects": // without being signed in
		st.staff[name] = st.open(name, wire.RoleRep, "rep")
	case "hands": // NAME on to QUEUE: "note"
		to, note, _ := strings.Cut(strings.Join(rest[3:], " "), ": ")
		say(&wire.HandOn{Session: st.guest(rest[0]).id, Queue: st.queueOf(strings.Fields(to)), Note: quoted(strings.Fields(note))})
	default:
		st.t.Fatalf("%s cannot do %q", name, verb)
	}
}

// log reads "part 2 of Maria: asked view; answered view yes; shared nothing;
// file 1 offered report.pdf; said Hello; noted solved All well; sealed everything".
// Times of day may stand before what happened.
func (st *stage) log(say func(wire.Message), rest []string) {
	m := &wire.Log{Part: uint32(number(rest[1])), Session: st.guest(strings.TrimSuffix(rest[3], ":")).id}
	for what := range strings.SplitSeq(strings.Join(rest[4:], " "), "; ") {
		words := strings.Fields(what)
		at := st.now
		if clock, err := time.Parse(time.TimeOnly, words[0]); err == nil {
			at = storyDay.Add(clock.Sub(clock.Truncate(24 * time.Hour)))
			words = words[1:]
		}
		if words[0] == "sealed" {
			m.Sealed = []byte(strings.Join(words[1:], " "))
			continue
		}
		e := entry(words)
		e.At = at.UnixMilli()
		m.Entries = append(m.Entries, e)
	}
	say(m)
}

func entry(words []string) wire.Entry {
	may := map[string]wire.Permission{"view": wire.View, "control": wire.View | wire.Control, "nothing": 0}
	switch words[0] {
	case "asked":
		return wire.Entry{Happened: wire.HappenedAsked, What: may[words[1]]}
	case "answered":
		return wire.Entry{Happened: wire.HappenedAnswered, What: may[words[1]], Verdict: map[string]wire.Verdict{"yes": wire.Allowed, "no": wire.Refused}[words[2]]}
	case "shared":
		why := wire.SharingGranted
		if may[words[1]] == 0 {
			why = wire.SharingStopped
		}
		return wire.Entry{Happened: wire.HappenedSharing, What: may[words[1]], Why: why}
	case "file":
		state := map[string]wire.FileState{"offered": wire.FileOffered, "allowed": wire.FileAllowed, "arrived": wire.FileArrived}[words[2]]
		return wire.Entry{
			Happened: wire.HappenedFile, By: wire.RoleRep, ID: uint32(number(words[1])), Size: 1000, Items: 1, State: state, Text: strings.Join(words[3:], " "),
		}
	case "noted":
		return wire.Entry{Happened: wire.HappenedNote, Outcome: OutcomeNamed(words[1]), Text: strings.Join(words[2:], " ")}
	}
	return wire.Entry{Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: strings.Join(words[1:], " ")}
}

// take reads "NAME", "the next", "the next of QUEUE".
func (st *stage) take(conn Conn, rest []string) {
	t := &wire.Take{Request: [16]byte{st.taken}}
	switch {
	case rest[0] != "the":
		t.Session = st.guest(rest[0]).id
	case len(rest) > 3:
		t.Queue = st.queueOf(rest[3:])
	}
	st.step(Said{Conn: conn, Message: t})
}

func (st *stage) guestActs(g *guest, verb string, rest []string) {
	what := strings.Join(append([]string{verb}, rest...), " ")
	say := func(m wire.Message) { st.step(Said{Conn: g.conn, Message: m}) }
	decide := func(yes bool) { say(&wire.Decision{Session: g.id, ID: g.asked, Yes: yes}) }
	leave := func(why wire.EndWhy) { say(&wire.Leave{Session: g.id, Why: why}) }
	switch {
	case verb == "comes" && (rest[0] == "for" || rest[0] == "nameless"):
		name := g.name
		if rest[0] == "nameless" {
			name, rest = "", rest[1:]
		}
		what, issue, _ := strings.Cut(strings.Join(rest[1:], " "), " about ")
		language := ""
		if who, german := strings.CutSuffix(what, " in German"); german {
			what, language = who, "de-DE"
		}
		st.step(Come{Ask: 1, Arrival: Arrival{
			Portal: settings.Main, Page: g.page, Queue: st.queueOf(strings.Fields(what)), Name: name,
			Issue: quoted(strings.Fields(issue)), Locale: language, From: "page of " + g.name,
		}})
	case what == "enters":
		g.conn = st.open(g.name, wire.RoleCustomer, g.name)
		say(&wire.Enter{Code: g.code})
	case what == "types the key":
		g.conn = st.open(g.name, wire.RoleCustomer, g.name)
		say(&wire.Join{Number: st.key, Name: g.name})
	case what == "enters from another computer":
		st.step(Said{Conn: st.open(g.name, wire.RoleCustomer, "elsewhere"), Message: &wire.Enter{Code: g.code}})
	case what == "enters with a wrong code":
		st.step(Said{Conn: st.open(g.name, wire.RoleCustomer, g.name), Message: &wire.Enter{Code: "000000000"}})
	case what == "accepts" || what == "allows recording":
		decide(true)
	case what == "does not accept" || what == "refuses recording":
		decide(false)
	case what == "loses the line":
		st.step(Closed{Conn: g.conn})
	case what == "comes back":
		g.conn = st.open(g.name, wire.RoleCustomer, g.name)
		say(&wire.Rejoin{Session: g.id, Ticket: g.ticket})
	case what == "leaves":
		leave(wire.EndByCustomer)
	case what == "leaves because of the notice":
		leave(wire.EndForNotice)
	case what == "is reached": // the two have begun to connect
		say(&wire.Signal{Session: g.id, Epoch: 1})
	case what == "is connected with the rep":
		say(&wire.Linked{Session: g.id, Yes: true})
	case what == "is not connected with the rep":
		say(&wire.Linked{Session: g.id})
	case what == "comes back, connected with the rep":
		g.conn = st.open(g.name, wire.RoleCustomer, g.name)
		say(&wire.Rejoin{Session: g.id, Ticket: g.ticket, Linked: true})
	case verb == "answers":
		a := &wire.Answers{Session: g.id}
		for i, value := range strings.Split(strings.Join(rest, " "), ", ") {
			one := wire.SurveyAnswer{ID: uint32(i + 1)}
			if i == 0 {
				one.Rating = uint8(number(value))
			} else {
				one.Text = quoted([]string{value})
			}
			a.Answers = append(a.Answers, one)
		}
		if rest[0] == "0" {
			a.Answers = nil
		}
		say(a)
	default:
		st.t.Fatalf("%s cannot do %q", g.name, what)
	}
}
