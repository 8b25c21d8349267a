package lobby

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/policy"
	"handrail/shared/wire"
)

// A rep's console tells what happens in its sessions (row T01), part by part.
// The lobby counts the parts, so that each is kept once, and turns what is not
// said in confidence into facts of the timeline.

const (
	// maxLog is how much one rep can have kept of one session: a day's worth of
	// chat, and a hundred times what a session needs.
	maxLog = 8 << 20

	// entryWeight is what keeping a fact costs beside its text.
	entryWeight = 512

	// What one rep can have kept of all sessions, so that a console gone wild
	// can't fill the disk: 16 MiB in one go, and then as much in two hours.
	logGrain = 4 << 10 // bytes, is one token
	logSize  = 16 << 20 / logGrain
	logEvery = 2 * time.Second
)

// RepLog is how far a rep's console has told what happened in a session.
type RepLog struct {
	Rep  uint64
	Part uint32    `json:",omitempty"` // the last that is kept
	Size int       `json:",omitempty"` // of all of them, as weight has it
	Cut  bool      `json:",omitempty"` // more was told than is kept
	At   time.Time `json:",omitzero"`  // of the last thing that was told

	// Of a rep who has the session no more: SHA-256 of the ticket, and why.
	Ticket []byte      `json:",omitempty"`
	Why    wire.EndWhy `json:",omitempty"`
}

// LogPart is what is kept of a part beside its facts. Entries are lines of
// chat.
type LogPart struct {
	Session wire.SessionID
	Rep     uint64
	Part    uint32
	At      time.Time
	Entries []wire.Entry
	Sealed  []byte
}

// log keeps a part that is next, and answers with what is kept so far.
func (l *Lobby) log(now time.Time, c *client, m *wire.Log) {
	refuse := func(code wire.Code) { l.refuse(c.Conn, code, wire.KindLog, m.Session) }
	v := l.visits[m.Session]
	if v == nil {
		refuse(wire.CodeGone)
		return
	}
	g, is := v.logOf(l.speaksFor(c, v))
	switch {
	case !is:
		refuse(wire.CodeGone)
		return
	case m.Part > g.Part+1:
		refuse(wire.CodeMalformed)
		return
	case m.Part == g.Part+1:
		if !l.affords(now, g.Rep, l.weight(m)) {
			refuse(wire.CodeBusy)
			return
		}
		g = l.keepLog(now, v, g, m)
	}
	l.send(c.Conn, &wire.Logged{Session: v.ID, Part: g.Part})
}

// speaksFor is the rep whom a connection speaks for about a visit: who is signed
// in there, or has had it there, or whose ticket it has shown; 0 for none.
func (l *Lobby) speaksFor(c *client, v *visit) uint64 {
	if c.rep != 0 {
		return c.rep
	}
	return c.proved[v.ID]
}

// prove notes for whom a connection speaks about a visit, signed in or not.
func (c *client) prove(id wire.SessionID, rep uint64) {
	if c.proved == nil {
		c.proved = map[wire.SessionID]uint64{}
	}
	c.proved[id] = rep
}

// logOf is the log of a rep who has the visit, or had it.
func (v *visit) logOf(rep uint64) (g RepLog, is bool) {
	if i := v.logAt(rep); i >= 0 {
		return v.Logs[i], true
	}
	return RepLog{Rep: rep}, rep != 0 && rep == v.Last
}

func (v *visit) logAt(rep uint64) int {
	return slices.IndexFunc(v.Logs, func(g RepLog) bool { return g.Rep == rep })
}

// setLog puts g in the place of the rep's log. What was saved before stays as
// it is.
func (v *visit) setLog(g RepLog) {
	v.Logs = slices.Clone(v.Logs)
	if i := v.logAt(g.Rep); i >= 0 {
		v.Logs[i] = g
		return
	}
	v.Logs = append(v.Logs, g)
}

// closeLog notes that the rep of m has it no more, and may come back with the
// ticket to tell the rest. After the broker's own end nobody may.
func (v *visit) closeLog(m *meeting, why wire.EndWhy) {
	g, is := v.logOf(m.Rep)
	if !is {
		return
	}
	g.Why, g.Ticket = why, bytes.Clone(m.Tickets[rep][:])
	if why == wire.EndByBroker {
		g.Ticket = nil
	}
	v.setLog(g)
}

// formerly finds the rep who had a visit by the ticket.
func (v *visit) formerly(ticket []byte) (g RepLog, is bool) {
	i := slices.IndexFunc(v.Logs, func(g RepLog) bool { return isTicket(ticket, g.Ticket) })
	if i < 0 {
		return RepLog{}, false
	}
	return v.Logs[i], true
}

// distrust takes from reps what they could come back with after the end, where
// such a rep of such a visit is meant.
func (l *Lobby) distrust(meant func(v *visit, rep uint64) bool) {
	for _, v := range l.sortedVisits(func(v *visit) bool {
		return v.RepTicket != nil && meant(v, v.Last) ||
			slices.ContainsFunc(v.Logs, func(g RepLog) bool { return g.Ticket != nil && meant(v, g.Rep) })
	}) {
		v.Logs = slices.Clone(v.Logs)
		for i := range v.Logs {
			if meant(v, v.Logs[i].Rep) {
				v.Logs[i].Ticket = nil
			}
		}
		if meant(v, v.Last) {
			v.RepTicket, v.rep = nil, 0
		}
		l.saveVisit(v)
	}
	for _, c := range l.clients {
		for id, whose := range c.proved {
			if v := l.visits[id]; v == nil || meant(v, whose) {
				delete(c.proved, id)
			}
		}
	}
}

// tellLogged says how far a rep's log is kept, to a console that may have lost
// count.
func (l *Lobby) tellLogged(to Conn, v *visit, rep uint64) {
	for _, g := range v.Logs {
		if g.Rep == rep && g.Part > 0 {
			l.send(to, &wire.Logged{Session: v.ID, Part: g.Part})
		}
	}
}

// keepLog keeps the next part, and gives what the log is then.
func (l *Lobby) keepLog(now time.Time, v *visit, g RepLog, m *wire.Log) RepLog {
	weight := l.weight(m)
	g.Part = m.Part
	if g.Cut || g.Size+weight > maxLog {
		if !g.Cut {
			g.Cut = true
			l.fact(now, v, FactCutOff, g.Rep, "")
		}
		v.setLog(g)
		l.saveVisit(v)
		return g
	}
	g.Size += weight
	part := LogPart{Session: v.ID, Rep: g.Rep, Part: m.Part, At: now}
	for i := range m.Entries {
		e := &m.Entries[i]
		at := g.moment(now, v, e)
		switch {
		case e.Happened != wire.HappenedSaid:
			l.happened(at, v, g.Rep, e)
		case l.settings.Records.Keep == wire.KeepReadable && e.Text != "":
			part.Entries = append(part.Entries, wire.Entry{At: at.UnixMilli(), Happened: e.Happened, By: e.By, Text: e.Text})
		}
	}
	if l.settings.Records.Keep != wire.KeepNothing {
		part.Sealed = m.Sealed
	}
	if len(part.Entries)+len(part.Sealed) > 0 {
		l.do(SaveLog{part})
	}
	v.setLog(g)
	l.saveVisit(v)
	return g
}

// weight is what keeping a part costs.
func (l *Lobby) weight(m *wire.Log) int {
	n := entryWeight * (1 + len(m.Entries))
	for _, e := range m.Entries {
		if e.Happened == wire.HappenedNote || l.settings.Records.Keep == wire.KeepReadable {
			n += len(e.Text)
		}
	}
	if l.settings.Records.Keep != wire.KeepNothing {
		n += len(m.Sealed)
	}
	return n
}

// affords charges a rep's budget of all that is kept, if there is anything in
// it.
func (l *Lobby) affords(now time.Time, rep uint64, weight int) bool {
	b := l.logged[rep]
	if b == nil {
		b = &Bucket{Size: logSize, Every: logEvery}
		l.logged[rep] = b
	}
	if b.Wait(now) > 0 {
		return false
	}
	b.spend(now, float64(weight)/logGrain)
	return true
}

// moment is when something happened, as far as that can be: a console's clock
// may be wrong. Nothing is before the customer came, after now, or, but for
// notes, after the end; and all of it is in order, a microsecond apart so that
// nothing is taken for what was told before.
func (g *RepLog) moment(now time.Time, v *visit, e *wire.Entry) time.Time {
	at, latest := time.UnixMilli(e.At), now
	if !v.Over.IsZero() && e.Happened != wire.HappenedNote {
		latest = v.Over
	}
	for _, least := range []time.Time{v.Came, g.At.Add(time.Microsecond)} {
		if at.Before(least) {
			at = least
		}
	}
	if at.After(latest) {
		at = latest
	}
	if !at.After(g.At) {
		at = g.At.Add(time.Microsecond)
	}
	g.At = at.UTC().Truncate(time.Microsecond)
	return g.At
}

// happened makes a fact of what happened, unless it says nothing.
func (l *Lobby) happened(at time.Time, v *visit, rep uint64, e *wire.Entry) {
	switch e.Happened {
	case wire.HappenedAsked:
		if e.What != 0 {
			l.fact(at, v, FactAsked, rep, "", "what", permissions(e.What))
		}
	case wire.HappenedAnswered:
		if said := saidNames[e.Verdict]; said != "" && e.What != 0 {
			l.fact(at, v, FactAnswered, rep, "", "what", permissions(e.What), "said", said)
		}
	case wire.HappenedSharing:
		l.fact(at, v, FactSharing, rep, "", "what", permissions(e.What), "why", sharingNames[e.Why])
	case wire.HappenedFile:
		if what := fileFacts[e.State]; what != "" {
			l.fact(at, v, what, rep, "", l.file(e)...)
		}
	case wire.HappenedNote:
		l.fact(at, v, FactNote, rep, "", "outcome", OutcomeName(e.Outcome), "text", someLines(e.Text))
	}
}

// file is a file's details. Its name is somebody's own words.
func (l *Lobby) file(e *wire.Entry) []string {
	by := map[wire.Role]string{wire.RoleCustomer: "customer", wire.RoleRep: "rep"}[e.By]
	details := []string{
		"by", by, "offer", strconv.FormatUint(uint64(e.ID), 10),
		"size", strconv.FormatUint(e.Size, 10), "items", strconv.FormatUint(uint64(e.Items), 10),
	}
	if l.settings.Records.Keep == wire.KeepReadable {
		details = append(details, "name", oneLine(e.Text))
	}
	return details
}

// permissionNames are what records call what a rep may do, in their order there.
var permissionNames = []struct {
	is   wire.Permission
	name policy.Permission
}{{wire.View, policy.View}, {wire.Control, policy.Control}, {wire.ClipOut, policy.CopyOut}, {wire.ClipIn, policy.CopyIn}}

// permissions are the names of what a rep may do.
func permissions(p wire.Permission) string {
	var names []string
	for _, one := range permissionNames {
		if p.Has(one.is) {
			names = append(names, string(one.name))
		}
	}
	return strings.Join(names, ",")
}

// permitted is permissions' way back.
func permitted(names string) (p wire.Permission) {
	for name := range strings.SplitSeq(names, ",") {
		for _, one := range permissionNames {
			if string(one.name) == name {
				p |= one.is
			}
		}
	}
	return p
}

// sweepLogged forgets budgets that are full again.
func (l *Lobby) sweepLogged(now time.Time) {
	for rep, b := range l.logged {
		if b.full(now) {
			delete(l.logged, rep)
		}
	}
}
