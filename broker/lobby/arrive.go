package lobby

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

// maxWritten is how much of what a customer wrote is kept in all (row P05), so
// that a Visitor is always one message.
const maxWritten = 16 << 10 // bytes

// come gives an arrival its place. The same page always has the same one.
func (l *Lobby) come(now time.Time, e Come) {
	a := e.Arrival
	if v := l.pages[a.Page]; v != nil && v.Over.IsZero() {
		l.do(Placed{Ask: e.Ask, Place: v.place()})
		return
	}
	place, err := l.newPlace(now, a)
	l.do(Placed{Ask: e.Ask, Place: place, Err: err})
}

func (v *visit) place() Place { return Place{Session: v.ID, Code: v.Code, Expires: v.Expires} }

func (l *Lobby) newPlace(now time.Time, a Arrival) (Place, error) {
	if !l.choosable(now, a.Queue) {
		return Place{}, ErrNoQueue
	}
	if l.crowded(a.From) {
		return Place{}, ErrBusy
	}
	v := &visit{Visit: Visit{
		Arrival: a.clipped(), State: Expected, Start: startIssue, Came: now, Expires: now.Add(CodeLife),
	}}
	if _, rep, _ := settings.ParseQueue(a.Queue); rep != 0 {
		v.Start = startRep
	}
	code, err := l.freeCode()
	if err == nil {
		err = l.draw(v.ID[:])
	}
	if err != nil {
		return Place{}, fmt.Errorf("lobby: drawing a place: %w", err)
	}
	v.Code = code
	l.rememberVisit(v)
	l.saveVisit(v)
	l.cameFact(now, v)
	return v.place(), nil
}

// crowded says whether there are as many customers as can be, or as many behind
// one address who have not begun: none has entered, or answered what a key asks.
func (l *Lobby) crowded(from string) bool {
	expected, going := 0, 0
	for _, v := range l.visits {
		if v.Over.IsZero() {
			going++
		}
		if v.From == from && (v.State == Expected || v.State == Asked && v.Number != "") {
			expected++
		}
	}
	return going >= MaxVisits || expected >= maxExpected
}

// choosable says whether a customer can ask for a queue: it is somebody's, and
// a rep's only while the rep is here.
func (l *Lobby) choosable(now time.Time, queue string) bool {
	if _, rep, _ := settings.ParseQueue(queue); rep != 0 && l.reps[rep] == 0 &&
		!l.settings.Queues.IsPersistent(queue) && !now.Before(l.gone(rep).Add(awayGrace)) {
		return false
	}
	return l.isQueue(queue)
}

// freeCode draws nine digits that nobody else has.
func (l *Lobby) freeCode() (string, error) {
	return l.freeDigits(9, func(code string) bool { return l.codes[code] == nil })
}

// enter brings the program of an expected customer in. Wrong, used and expired
// codes look the same from outside and cost a try, like wrong numbers.
//
// A code can be used once more from the same address while the program that
// used it is gone and has never come back with its ticket: its answer was lost,
// or somebody closed it and started it again from the page.
//
// sought says that no other broker has the visit.
func (l *Lobby) enter(now time.Time, c *client, e *wire.Enter, sought bool) {
	if c.busy() {
		l.refuse(c.Conn, wire.CodeOutOfPlace, wire.KindEnter, [16]byte{})
		return
	}
	if !l.budget.allows(now, c.From) {
		l.refuse(c.Conn, wire.CodeTooManyTries, wire.KindEnter, [16]byte{})
		return
	}
	v := l.codes[e.Code]
	if v == nil && !sought && l.seek(now, c, e, Sought{Code: e.Code}) {
		return
	}
	if v == nil || !now.Before(v.Expires) || !v.entrance(c) {
		l.budget.charge(now, c.From)
		l.refuse(c.Conn, wire.CodeBadKey, wire.KindEnter, [16]byte{})
		return
	}
	var ticket [32]byte
	if l.draw(ticket[:]) != nil {
		l.refuse(c.Conn, wire.CodeInternal, wire.KindEnter, [16]byte{})
		return
	}
	v.Ticket = sha256.Sum256(ticket[:])
	v.come(c, ticket[:])
	first := v.State == Expected
	if first {
		v.State, v.From, v.System = Asked, c.From, c.System
		if v.Name == "" {
			v.Name = e.Name
		}
		if v.Locale == "" {
			v.Locale = e.Locale
		}
	}
	l.admit(v)
	if first {
		l.fact(now, v, FactEntered, 0, "", "system", v.System)
		l.ask(now, v)
	} else {
		l.again(now, v)
	}
	l.saveVisit(v)
}

// entrance says whether c may be the program of v.
func (v *visit) entrance(c *client) bool {
	if v.State == Expected {
		return true
	}
	return (v.State == Asked || v.State == Waits) && v.c == nil && !v.Spoken && v.From == c.From
}

func (l *Lobby) admit(v *visit) {
	l.say(v, &wire.Admitted{
		Session: v.ID, Ticket: v.ticket, Portal: clip(l.portal(v).Name, wire.MaxName), Name: v.Name,
	})
}

// again tells a customer who came back what is still to be known.
func (l *Lobby) again(now time.Time, v *visit) {
	if v.State == Asked {
		l.question(v)
		l.stand(v)
		return
	}
	v.told = wire.Waiting{}
	l.tellPlace(v, l.position(v))
	l.tellNotices(now, v, true)
	if v.nobody {
		l.tellNobody(v)
	}
	l.changed(v) // reps see that the customer is here
}

// comeBack answers Rejoin from a customer whom no rep has at the moment.
func (l *Lobby) comeBack(now time.Time, c *client, v *visit, ticket []byte) {
	if c.busy() && c.visit != v {
		l.refuse(c.Conn, wire.CodeOutOfPlace, wire.KindRejoin, v.ID)
		return
	}
	v.come(c, ticket)
	if v.State == Over {
		l.say(v, &wire.Ended{Session: v.ID, Why: v.Why})
		l.survey(v)
		return
	}
	if !v.Spoken {
		v.Spoken = true
		l.forgetCode(v)
		l.saveVisit(v)
	}
	l.admit(v)
	l.again(now, v)
}

// clipped is the arrival within the limits of the messages that will carry it.
// The portal has said to the customer what is too long; this is for whoever
// goes round it.
func (a Arrival) clipped() Arrival {
	left := maxWritten
	cut := func(s string, most int) string {
		s = clip(s, min(most, left))
		left -= len(s)
		return s
	}
	line := func(s string, most int) string { return cut(oneLine(s), most) }
	a.Name, a.Locale, a.System = line(a.Name, wire.MaxName), line(a.Locale, wire.MaxCap), line(a.System, wire.MaxName)
	a.Company, a.CompanyCode = line(a.Company, wire.MaxLine), line(a.CompanyCode, wire.MaxLine)
	a.Issue, a.Description = line(a.Issue, wire.MaxLine), cut(someLines(a.Description), wire.MaxPlain)
	var fields []wire.VisitorField
	for _, f := range a.Fields[:min(len(a.Fields), wire.MaxFields)] {
		if name := line(f.Name, wire.MaxLine); name != "" {
			fields = append(fields, wire.VisitorField{Name: name, Value: line(f.Value, wire.MaxLine)})
		}
	}
	a.Fields = fields
	return a
}

// oneLine is s as text that forges no second line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// someLines is s as text.
func someLines(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", " ")
}

// clip is as much of s as fits into most bytes, in whole characters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
