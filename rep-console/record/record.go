// Package record is what a console tells its broker of one session: it makes
// entries of what happened, groups them into parts and says a part again until
// the broker has kept it (PROTOCOL.md, section 4b).
//
//	r := record.New(id, keep)
//	r.Changed(now, skew, state)     // whenever the session is different
//	r.Note(now, skew, 1, "Driver renewed.", wire.OutcomeSolved)
//	log, err := r.Cut(now, keep, seal) // when Due has come: to be said
//	note := r.Logged(part)          // the broker has it: notes up to this one are kept
//	for _, log := range r.Unkept()  // on a new connection
//
// What was said and what files are called leaves a Record only in the way that
// its Keep allows, which can become stricter and never looser.
package record

import (
	"slices"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// Every is the least time between two parts, but for the last one. A session
// whose parts run low is told in longer ones.
const (
	Every  = 3 * time.Second
	slowly = time.Minute
)

// Life is how long parts are said again after the end of a session (PROTOCOL.md,
// section 4b).
const Life = 30 * time.Minute

const (
	// maxPart is how many bytes of entries one part has: sealed, with its
	// certificate and signature, it stays below wire.MaxSealed, and twice of it
	// below wire.MaxMessage.
	maxPart   = 24 << 10
	entrySize = 64 // bytes of an entry without its text, at most
	maxAhead  = 16 // parts that the broker has not kept, before there are more
	// Limits of what waits for a part, as long as the broker is away: those of a
	// session's list.
	maxWaiting = 5000
	maxBytes   = 4 << 20
)

// Seal seals a part for those whom the organisation has let in.
type Seal func(*wire.Log) ([]byte, error)

// Record is the record of one session. Only its owner may call it.
type Record struct {
	id   wire.SessionID
	keep wire.Keep

	lines  int             // of the session's list that are in
	shared wire.Permission // as the last entry about it says
	files  map[fileID]session.TransferStage
	over   bool

	waiting []wire.Entry // not in a part yet
	bytes   int          // of them
	noted   uint64       // which note is among them; 0 is none
	dropped int          // entries there was no room for

	parts []part // that the broker has not kept
	last  uint32 // number of the newest
	asks  bool   // whether the broker has others is not known yet
	cut   time.Time
}

type part struct {
	log     *wire.Log
	entries []wire.Entry
	noted   uint64
}

// fileID names a transfer: each side counts its own.
type fileID struct {
	by wire.Role
	id uint32
}

// New begins the record of a session of which this is kept.
func New(id wire.SessionID, keep wire.Keep) *Record {
	return &Record{id: id, keep: keep, files: map[fileID]session.TransferStage{}}
}

// After has the parts count on from an earlier record of the same session, and
// takes over what of it the broker has not kept: under no looser a Keep.
func (r *Record) After(before *Record) {
	if before.recall(); !before.Done() {
		r.keep = min(r.keep, before.keep)
	}
	r.last, r.waiting, r.bytes, r.noted = before.last, before.waiting, before.bytes, before.noted
}

// Behind has the parts count on from those that the broker has of an earlier
// time with the same session.
func (r *Record) Behind(number uint32) { r.last = max(r.last, number) }

// Anew begins to count anew, with all that was not kept, because the broker
// misses a part. It says by Logged what it has; until then there is one part.
func (r *Record) Anew() {
	r.last, r.asks = 0, true
	r.recall()
}

// Dropped is how many things happened that there was no room for.
func (r *Record) Dropped() int { return r.dropped }

// Done says whether the broker has kept all there is.
func (r *Record) Done() bool { return len(r.waiting)+len(r.parts) == 0 }

// Over says whether the session has ended.
func (r *Record) Over() bool { return r.over }

// Changed enters what is new in a session. skew is how far this machine's clock
// is before the broker's.
func (r *Record) Changed(now time.Time, skew time.Duration, st session.State) {
	for _, l := range st.Lines[min(max(0, r.lines-st.Dropped), len(st.Lines)):] {
		r.line(l, l.At.Add(-skew).UnixMilli())
	}
	r.lines = st.Dropped + len(st.Lines)
	r.over = r.over || st.Stage == session.Over
	for _, t := range st.Transfers {
		r.transfer(t, t.At.Add(-skew).UnixMilli(), now.Add(-skew).UnixMilli())
	}
}

// line enters a line of the session's list.
func (r *Record) line(l session.Line, at int64) {
	e := wire.Entry{At: at}
	switch l.Kind {
	case session.LineChat:
		e.Happened, e.By, e.Text = wire.HappenedSaid, side(l.Mine), l.Text
		if r.keep == wire.KeepNothing {
			return
		}
	case session.LineAsked:
		e.Happened, e.What = wire.HappenedAsked, l.What
	case session.LineAnswered:
		e.Happened, e.What, e.Verdict = wire.HappenedAnswered, l.What, l.Verdict
	case session.LineSharing:
		r.shared = l.What
		e.Happened, e.What, e.Why = wire.HappenedSharing, l.What, l.Sharing
	case session.LineWithdrawn:
		r.shared &^= l.What
		e.Happened, e.What, e.Why = wire.HappenedSharing, r.shared, wire.SharingWithdrawn
	default:
		return // the broker knows of beginning and end, and the rest leads to nothing
	}
	r.add(e, 0)
}

// side is who did something, from a rep's list.
func side(mine bool) wire.Role {
	if mine {
		return wire.RoleRep
	}
	return wire.RoleCustomer
}

// transfer enters how far a file has come. What is on its way when the session
// ends goes nowhere.
func (r *Record) transfer(t session.Transfer, offered, now int64) {
	key := fileID{side(t.Mine), t.ID}
	e := wire.Entry{
		At: now, Happened: wire.HappenedFile, By: key.by, ID: t.ID, Size: t.Size, Items: t.Items, Text: t.Name,
	}
	if r.keep == wire.KeepNothing {
		e.Text = ""
	}
	stage := t.Stage
	if r.over {
		switch stage {
		case session.TransferOffered:
			stage = session.TransferRefused
		case session.TransferGoing:
			stage = session.TransferHalted
		}
	}
	was, known := r.files[key]
	if !known {
		first := e
		first.At, first.State = offered, wire.FileOffered
		r.add(first, 0)
	}
	if r.files[key] = stage; stage == was {
		return
	}
	if was == session.TransferOffered && stage != session.TransferRefused {
		e.State = wire.FileAllowed
		r.add(e, 0)
	}
	switch stage {
	case session.TransferArrived:
		e.State = wire.FileArrived
	case session.TransferRefused:
		e.State = wire.FileRefused
	case session.TransferHalted:
		e.State = wire.FileStopped
	default:
		return
	}
	r.add(e, 0)
}

// Note enters the rep's notes, in place of those before. Serial is told by
// Logged once they are kept; it counts up from 1.
func (r *Record) Note(now time.Time, skew time.Duration, serial uint64, text string, outcome wire.Outcome) {
	r.add(wire.Entry{At: now.Add(-skew).UnixMilli(), Happened: wire.HappenedNote, Text: text, Outcome: outcome}, serial)
}

// add has an entry wait for a part. A note takes the place of one that waits,
// and is never dropped: there is one at most.
func (r *Record) add(e wire.Entry, note uint64) {
	if note != 0 {
		r.waiting = slices.DeleteFunc(r.waiting, func(e wire.Entry) bool {
			if e.Happened == wire.HappenedNote {
				r.bytes -= entrySize + len(e.Text)
			}
			return e.Happened == wire.HappenedNote
		})
		r.noted = note
	} else if len(r.waiting) >= maxWaiting || r.bytes+len(e.Text) > maxBytes {
		r.dropped++
		return
	}
	r.waiting = append(r.waiting, e)
	r.bytes += entrySize + len(e.Text)
}

// Due is when the next part can be cut, if anything waits for it.
func (r *Record) Due() (at time.Time, ok bool) {
	switch {
	case len(r.waiting) == 0, len(r.parts) >= maxAhead, r.last >= wire.MaxParts, r.asks && len(r.parts) > 0:
		return time.Time{}, false
	case r.over, r.bytes >= maxPart:
		return r.cut, true
	case r.last >= wire.MaxParts/2:
		return r.cut.Add(slowly), true
	}
	return r.cut.Add(Every), true
}

// Cut makes a part of what waits if it is due, nil if it is not. Where it can't
// be sealed nothing of what was said is in it, and there is an error, too. keep
// is what the organisation wants now: of the two wishes the stricter counts.
func (r *Record) Cut(now time.Time, keep wire.Keep, seal Seal) (*wire.Log, error) {
	for {
		if at, ok := r.Due(); !ok || now.Before(at) {
			return nil, nil
		}
		p := r.take()
		log, err := r.log(p, min(r.keep, keep), seal)
		if log == nil && err == nil {
			continue // there was nothing in it but what nobody keeps
		}
		if log != nil {
			r.last, r.cut, p.log = log.Part, now, log
			r.parts = append(r.parts, p)
		}
		return log, err
	}
}

// take takes as much of what waits as a part has room for.
func (r *Record) take() part {
	n, bytes, noted := 0, 0, uint64(0)
	for _, e := range r.waiting {
		size := entrySize + len(e.Text)
		if n == wire.MaxEntries || n > 0 && bytes+size > maxPart {
			break
		}
		n, bytes = n+1, bytes+size
		if e.Happened == wire.HappenedNote {
			noted = r.noted
		}
	}
	p := part{entries: r.waiting[:n:n], noted: noted}
	if r.waiting, r.bytes = r.waiting[n:], r.bytes-bytes; len(r.waiting) == 0 {
		r.waiting = nil
	}
	if noted != 0 {
		r.noted = 0
	}
	return p
}

// log is a part as it goes out.
func (r *Record) log(p part, keep wire.Keep, seal Seal) (*wire.Log, error) {
	whole := wire.Log{Session: r.id, Part: r.last + 1, Entries: p.entries}
	var sealed []byte
	var err error
	if keep == wire.KeepSealed {
		if sealed, err = seal(&whole); err != nil {
			sealed, keep = nil, wire.KeepNothing
		}
	}
	log := &wire.Log{Session: r.id, Part: whole.Part, Entries: readable(p.entries, keep), Sealed: sealed}
	if len(log.Entries)+len(log.Sealed) == 0 {
		return nil, err
	}
	return log, err
}

// readable is what the broker may read of entries: all of it, or neither lines
// of chat nor names. Notes are for its reports.
func readable(all []wire.Entry, keep wire.Keep) []wire.Entry {
	if keep == wire.KeepReadable {
		return all
	}
	var some []wire.Entry
	for _, e := range all {
		switch e.Happened {
		case wire.HappenedSaid:
			continue
		case wire.HappenedNote:
		default:
			e.Text = ""
		}
		some = append(some, e)
	}
	return some
}

// Logged hears that the broker has kept all parts up to one. It gives the
// newest note among them, 0 without one.
//
// A number that was never said here is that of an earlier time with this very
// session, so what was said since was taken for something old: it is said
// again, behind it.
func (r *Record) Logged(number uint32) (note uint64) {
	r.asks = false
	if number > r.last {
		r.last = number
		r.recall()
		return 0
	}
	kept := 0
	for _, p := range r.parts {
		if p.log.Part > number {
			break
		}
		note = max(note, p.noted)
		kept++
	}
	r.parts = slices.Clone(r.parts[kept:])
	return note
}

// recall has everything that the broker has not kept wait for new parts.
func (r *Record) recall() {
	waiting, noted := r.waiting, r.noted
	parts := r.parts
	r.waiting, r.bytes, r.noted, r.parts, r.cut = nil, 0, 0, nil, time.Time{}
	again := func(all []wire.Entry, note uint64) {
		for _, e := range all {
			if e.Happened == wire.HappenedNote {
				r.add(e, note)
			} else {
				r.add(e, 0)
			}
		}
	}
	for _, p := range parts {
		again(p.entries, p.noted)
	}
	again(waiting, noted)
}

// Unkept are the parts that the broker has not kept, to be said on a new
// connection.
func (r *Record) Unkept() []*wire.Log {
	var all []*wire.Log
	for _, p := range r.parts {
		all = append(all, p.log)
	}
	return all
}
