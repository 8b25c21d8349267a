package lobby

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handrail/shared/wire"
)

// hear writes what somebody was told.
func (st *stage) hear(to Conn, m wire.Message) {
	who := st.conns[to]
	switch m := m.(type) {
	case *wire.SignedIn:
		st.tell("%s is signed in", who)
	case *wire.Queues:
		var names []string
		for _, q := range m.Queues {
			names = append(names, st.named(q.ID))
		}
		st.tell("%s sees the queues: %s", who, list(names, "none"))
	case *wire.Targets:
		if st.show["targets"] {
			st.targets(who, m)
		}
	case *wire.Visitor:
		more := ""
		if !m.Here {
			more += ", not connected"
		}
		if m.Issue != "" {
			more += ", about " + m.Issue
		}
		if m.From != "" {
			more += ", from " + m.From
		}
		if m.Note != "" {
			more += fmt.Sprintf(" who wrote %q", m.Note)
		}
		if m.Recording != 0 {
			more += map[wire.Consent]string{wire.ConsentGiven: ", may be recorded", wire.ConsentDeclined: ", declined recording"}[m.Recording]
		}
		st.tell("%s sees %s waiting for %s%s", who, m.Name, st.named(m.Queue), more)
	case *wire.VisitorGone:
		why := map[wire.Gone]string{wire.GoneTaken: "taken by " + m.By, wire.GoneLeft: "gone", wire.GoneMoved: "moved out of sight"}[m.Why]
		st.tell("%s sees that %s is %s", who, st.who(m.Session).name, why)
	case *wire.KeyMade:
		st.key = m.Number
		st.tell("%s has a key", who)
	case *wire.KeyGone:
		why := map[wire.KeyEnd]string{wire.KeyRevoked: "taken back", wire.KeyBurnt: "burnt", wire.KeyExpired: "too old", wire.KeyUsed: "used"}[m.Why]
		st.tell("%s hears that the key is %s", who, why)
	case *wire.Start:
		st.start(who, m)
	case *wire.Ended:
		with := ""
		if st.repOf(who) != 99 {
			with = " with " + st.who(m.Session).name
		}
		st.tell("%s's session%s is over: %s", who, with, whyNames[m.Why])
	case *wire.Portal:
		if st.show["portals"] {
			st.portal(who, m)
		}
	case *wire.Noticeboard:
		if st.show["noticeboard"] {
			st.noticeboard(who, m)
		}
	case *wire.Logged:
		st.tell("%s hears that the record of %s is kept up to part %d", who, st.who(m.Session).name, m.Part)
	case *wire.Signal: // what the two programs need to connect
	case *wire.Rejoined:
		st.tell("%s is back in the session", who)
	case *wire.Problem:
		st.tell("%s is refused: %s", who, refusals[m.Code])
	case *wire.Survey, *wire.Noted:
		st.hearGuest(&guest{name: who}, m)
	default:
		st.hearGuest(st.guest(who), m)
	}
}

var refusals = map[wire.Code]string{
	wire.CodeBadKey: "wrong, used or expired", wire.CodeTooManyTries: "too many tries", wire.CodeGone: "no such session",
	wire.CodeOutOfPlace: "not now", wire.CodeMalformed: "that does not fit", wire.CodeTaken: "another rep was quicker, or the customer went",
	wire.CodeNobodyWaits: "nobody waits", wire.CodeNotAllowed: "not allowed", wire.CodeNoTarget: "nobody is there to take over",
	wire.CodeNotEnrolled: "nobody signs in with that key", wire.CodeBusy: "too much at once",
}

// hearGuest writes what a customer was told.
func (st *stage) hearGuest(g *guest, m wire.Message) {
	switch m := m.(type) {
	case *wire.Admitted:
		g.id, g.ticket = m.Session, m.Ticket
		st.tell("%s is let in by %s", g.name, m.Portal)
	case *wire.Question:
		g.asked = m.ID
		what := "to accept the agreement"
		if m.What == wire.AskedRecording {
			what = "whether the session may be recorded"
		}
		st.tell("%s is asked %s, until %s: %q", g.name, what, time.UnixMilli(m.Until).UTC().Format(time.TimeOnly), m.Text)
	case *wire.Waiting:
		st.tell("%s waits%s", g.name, standingOf(m.Position, m.Estimate, m.Queue))
	case *wire.Told:
		what := map[wire.Telling]string{
			wire.TellGreeting: "is greeted", wire.TellHold: "hears the hold message", wire.TellNotice: "reads the notice " + m.Title,
			wire.TellNobody: "hears that nobody is there", wire.TellLost: "hears that the rep is lost", wire.TellMoved: "hears of being handed on",
		}[m.What]
		more := ""
		if m.URL != "" {
			more = "; the browser opens " + m.URL
		}
		if m.Leave {
			more += "; may leave because of it"
		}
		st.tell("%s %s: %q%s", g.name, what, m.Text, more)
	case *wire.Survey:
		var asked []string
		for _, q := range m.Questions {
			asked = append(asked, q.Text)
		}
		if m.URL != "" {
			asked = append(asked, "and the browser opens "+m.URL)
		}
		st.tell("%s is asked how it was: %s", g.name, strings.Join(asked, " "))
	case *wire.Noted:
		st.tell("%s's answers are kept", g.name)
	default:
		st.t.Fatalf("%s hears %#v", g.name, m)
	}
}

func (st *stage) portal(who string, m *wire.Portal) {
	if m.Name == "" {
		st.tell("%s hears that the portal %s takes no keys any more", who, m.ID)
		return
	}
	var languages []string
	for _, i := range m.Invitations {
		languages = append(languages, fmt.Sprintf("%s %q", i.Language, i.Subject))
	}
	st.tell("%s can invite to %s at %s: %s", who, m.Name, m.Page, strings.Join(languages, ", "))
}

func (st *stage) noticeboard(who string, m *wire.Noticeboard) {
	if m.Name == "" {
		st.tell("%s may push nothing any more in %s", who, m.Portal)
		return
	}
	var more strings.Builder
	for _, n := range m.Notices {
		fmt.Fprintf(&more, "; %s counts", n.Title)
		if n.Until != 0 {
			more.WriteString(" until " + time.UnixMilli(n.Until).UTC().Format(time.TimeOnly))
		}
		if n.Told > 0 {
			fmt.Fprintf(&more, ", told to %d", n.Told)
		}
	}
	st.tell("%s may push to %d who wait in %s%s", who, m.Waiting, m.Name, more.String())
}

func standingOf(position, estimate uint32, queue string) string {
	s := ""
	if position > 0 {
		s = fmt.Sprintf(", number %d", position)
	}
	if estimate > 0 {
		s += fmt.Sprintf(", about %v", time.Duration(estimate)*time.Second)
	}
	if queue != "" {
		s += ", for " + queue
	}
	return s
}

func (st *stage) start(who string, m *wire.Start) {
	g := st.who(m.Session)
	how := ""
	if m.Number != "" {
		how = " by the key"
	}
	if st.repOf(who) == 99 {
		st.guest(who).id, st.guest(who).ticket = m.Session, m.Ticket
		st.tell("%s meets %s%s", who, m.Peer, how)
		return
	}
	if g.repsOf != nil {
		g.repsOf[who] = m.Ticket
	}
	may := ""
	if len(m.Denied) > 0 {
		may = ", and may not: " + strings.Join(m.Denied, ", ")
	}
	if m.Recording == wire.ConsentDeclined {
		may += ", who declined recording"
	}
	st.tell("%s meets %s%s%s", who, m.Peer, how, may)
}

func (st *stage) targets(who string, m *wire.Targets) {
	var names []string
	for _, t := range m.Targets {
		name := st.named(t.Queue)
		if !t.Here {
			name += " (nobody there)"
		}
		names = append(names, name)
	}
	st.tell("%s can hand on to: %s", who, strings.Join(names, ", "))
}

func (st *stage) placed(p Placed) {
	if p.Err != nil {
		st.tell("the portal says: %v", p.Err)
		return
	}
	for _, g := range st.guests {
		if v := st.l.pages[g.page]; v != nil && v.ID == p.Place.Session {
			g.code, g.id = p.Place.Code, p.Place.Session
			st.tell("%s's page shows a code of %d digits", g.name, len(g.code))
		}
	}
}

// stands writes what a customer's page shows.
func (st *stage) stands(s Stands) {
	if !st.show["pages"] || s.Standing.State == 0 {
		return
	}
	for _, g := range st.guests {
		if g.page != s.Page {
			continue
		}
		x := s.Standing
		text := map[State]string{
			Expected: "start the program", Asked: "answer in the program", InSession: "connected", Over: "over: " + whyNames[x.Why],
			Waits: "waiting" + standingOf(uint32(x.Position), uint32(x.Estimate/time.Second), x.Queue),
		}[x.State]
		if x.Away {
			text += ", program gone"
			if x.Code != "" {
				text += ", may come in again"
			}
		}
		if x.Message != "" {
			text += fmt.Sprintf(", %q", x.Message)
		}
		if x.URL != "" {
			text += ", " + x.URL
		}
		st.tell("%s's page says: %s", g.name, text)
	}
}

// record writes what records have of it.
func (st *stage) record(f Fact) {
	if !st.show["records"] {
		return
	}
	var text strings.Builder
	text.WriteString(string(f.What))
	if f.Rep != 0 {
		text.WriteString(" rep " + st.people.Reps[f.Rep].PublicName)
	}
	if f.Queue != "" {
		text.WriteString(" queue " + f.Queue)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Detail)) {
		text.WriteString(fmt.Sprintf(" %s=%q", name, f.Detail[name]))
	}
	if f.At.Before(st.now) {
		text.WriteString(" at " + f.At.Format(time.TimeOnly))
	}
	st.tell("record: %s", text.String())
}

// part writes what is kept of what was said.
func (st *stage) part(p LogPart) {
	st.tell("kept: part %d of %s's words with %s", p.Part, st.people.Reps[p.Rep].PublicName, st.who(p.Session).name)
	for _, e := range p.Entries {
		st.tell("  at %s %q", time.UnixMilli(e.At).UTC().Format(time.TimeOnly), e.Text)
	}
	if len(p.Sealed) > 0 {
		st.tell("  sealed %d bytes", len(p.Sealed))
	}
}
