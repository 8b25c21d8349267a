package transcript

import (
	"cmp"
	"slices"

	"handrail/shared/wire"
)

// Sort says what a line of a transcript is.
type Sort uint8

const (
	Happened Sort = iota // its Entry
	Missing              // parts First to Last of this rep's, which were sealed, are not in the file
	Closed               // they are sealed, and the reader can't open them
	Forged               // they are not by a console of the organisation, or not of this session
)

// Line is one line of a transcript.
type Line struct {
	At       int64 // Unix milliseconds
	Sort     Sort
	Rep      string // whose console tells it
	Customer string // the name, empty if none was given
	Entry    wire.Entry

	First, Last uint32 // numbers of parts

	place int64 // where it stands: At, but never before what the same console has told earlier
}

// Opened is what is in a part that was sealed: who was at the console, as the
// organisation's certificate says, and what that console told.
type Opened struct {
	By   string
	Log  wire.Log
	Sort Sort // Happened, or why it could not be opened
}

// Lines gives everything that happened, in order of time. Sealed parts are
// opened with open; nil opens none. A file is named in all lines about it; of a
// rep's notes only the last are there.
func (f File) Lines(open func(sealed []byte) Opened) []Line {
	var all []Line
	for parts := f.sorted(); len(parts) > 0; {
		n := slices.IndexFunc(parts, func(p Part) bool { return p.Rep != parts[0].Rep })
		if n < 0 {
			n = len(parts)
		}
		all = append(all, f.told(parts[:n], open)...)
		parts = parts[n:]
	}
	slices.SortStableFunc(all, func(a, b Line) int { return cmp.Compare(a.place, b.place) })
	return all
}

// told are the lines of one rep's parts, in the order in which they were told.
func (f File) told(parts []Part, open func(sealed []byte) Opened) []Line {
	t := teller{offers: map[offer]wire.Entry{}, now: f.Began, customer: f.Customer}
	// Whether a session is sealed is settled when it begins: one that is has all
	// its parts, unless somebody took some away.
	whole := slices.ContainsFunc(parts, func(p Part) bool { return len(p.Sealed) > 0 })
	next := uint32(1)
	for _, p := range parts {
		o := p.open(f.Session, open)
		t.rep = cmp.Or(o.By, p.Name)
		if len(o.Log.Entries) > 0 {
			t.now = max(t.now, o.Log.Entries[0].At)
		}
		if whole && p.Number > next {
			t.lacks(Missing, next, p.Number-1)
		}
		if o.Sort != Happened {
			t.lacks(o.Sort, p.Number, p.Number)
		}
		for _, e := range o.Log.Entries {
			t.tell(e)
		}
		next = p.Number + 1
	}
	return t.lines
}

// open opens a part, if it has to be. What was sealed for another session, or
// another place in this one, counts as forged.
func (p Part) open(session wire.SessionID, open func(sealed []byte) Opened) Opened {
	switch {
	case len(p.Sealed) == 0:
		return Opened{Log: wire.Log{Entries: p.Entries}}
	case open == nil:
		return Opened{Sort: Closed}
	}
	o := open(p.Sealed)
	switch {
	case o.Sort != Happened:
		return Opened{Sort: o.Sort}
	case o.Log.Session != session || o.Log.Part != p.Number:
		return Opened{Sort: Forged}
	}
	return o
}

// offer is what a file is known by at one console.
type offer struct {
	by wire.Role
	id uint32
}

// teller makes the lines of one rep.
type teller struct {
	lines         []Line
	now           int64 // the latest that was told of: no console's clock runs back
	rep, customer string
	offers        map[offer]wire.Entry
}

// lacks says that parts can't be shown. Several in a row are one line.
func (t *teller) lacks(why Sort, first, last uint32) {
	if n := len(t.lines) - 1; n >= 0 && t.lines[n].Sort == why && t.lines[n].Last+1 == first && t.lines[n].Rep == t.rep {
		t.lines[n].Last = last
		return
	}
	t.say(Line{At: t.now, Sort: why, First: first, Last: last})
}

// tell adds what happened.
func (t *teller) tell(e wire.Entry) {
	switch e.Happened {
	case wire.HappenedFile:
		this := offer{e.By, e.ID}
		before := t.offers[this]
		e.Text, e.Size, e.Items = cmp.Or(e.Text, before.Text), cmp.Or(e.Size, before.Size), cmp.Or(e.Items, before.Items)
		t.offers[this] = e
	case wire.HappenedNote:
		t.lines = slices.DeleteFunc(t.lines, func(l Line) bool { return l.Sort == Happened && l.Entry.Happened == wire.HappenedNote })
	}
	t.now = max(t.now, e.At)
	t.say(Line{At: e.At, Entry: e})
}

func (t *teller) say(l Line) {
	l.place, l.Rep, l.Customer = t.now, t.rep, t.customer
	t.lines = append(t.lines, l)
}
