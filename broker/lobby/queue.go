package lobby

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"handrail/shared/wire"
)

// flushEvery is how often a customer or a rep hears of changes in a queue, at
// most. A take in a queue of a thousand changes a thousand positions; two
// takes within this time change them once.
const flushEvery = 250 * time.Millisecond

// queue puts v at its place in a queue. why is for the record: "start",
// "lost" or "moved".
func (l *Lobby) queue(now time.Time, v *visit, name, why string) {
	l.unqueue(v)
	if v.State == InSession && v.c == nil {
		v.away = now // without a broker a session goes on, but nobody waits for ever
	}
	v.State, v.Queue, v.Queued = Waits, name, now
	if v.First == "" {
		v.First = name
	}
	if v.Since.IsZero() {
		v.Since = now
		v.told = wire.Waiting{}
	}
	if v.Turn.IsZero() {
		l.order++
		v.Turn, v.Order = now, l.order
	}
	l.line(v)
	v.Place = l.position(v)
	v.nobody = false
	l.fact(now, v, FactQueued, 0, name, "why", why)
	v.seen = nil // who saw the customer go has to hear, though all may be as it was before
	l.changed(v)
	l.tellPlace(v, v.Place)
	l.hold(now, v)
	l.saveVisit(v)
	l.care(now, v)
}

// line lets v stand in its queue, by how long it has waited.
func (l *Lobby) line(v *visit) {
	line := l.lines[v.Queue]
	at, _ := slices.BinarySearchFunc(line, v, before)
	l.lines[v.Queue] = slices.Insert(line, at, v)
}

// before orders those who wait.
func before(a, b *visit) int {
	if c := a.Turn.Compare(b.Turn); c != 0 {
		return c
	}
	switch {
	case a.Order < b.Order:
		return -1
	case a.Order > b.Order:
		return 1
	}
	return 0
}

// position counts from 1; 0 is nowhere.
func (l *Lobby) position(v *visit) int {
	if v.State != Waits {
		return 0
	}
	at, found := slices.BinarySearchFunc(l.lines[v.Queue], v, before)
	if !found {
		return 0
	}
	return at + 1
}

// unqueue takes v out of its queue.
func (l *Lobby) unqueue(v *visit) {
	at := l.position(v) - 1
	if at < 0 {
		return
	}
	line := slices.Delete(l.lines[v.Queue], at, at+1)
	l.lines[v.Queue] = line
	if len(line) == 0 {
		delete(l.lines, v.Queue)
	}
	l.dirty[v.Queue] = true
	l.showAll(v)
	l.wake()
}

// changed has the reps hear of v who see it, if what they see is news, and the
// customers of its queue how they stand.
func (l *Lobby) changed(v *visit) {
	if m := l.visitor(v); v.seen == nil || !reflect.DeepEqual(m, v.seen) {
		v.seen = m
		v.version++
		l.showAll(v)
		l.wake()
	}
	if v.State == Waits {
		l.dirty[v.Queue] = true
		l.wake()
	}
}

// wake has what is dirty told, at once or when its time has come.
func (l *Lobby) wake() {
	if l.due.IsZero() {
		l.due = l.flushed.Add(flushEvery)
		if l.due.Before(l.now) {
			l.due = l.now
		}
		l.do(Wake{At: l.due})
	}
}

// flush tells what has changed.
func (l *Lobby) flush(now time.Time) {
	if l.due.IsZero() || now.Before(l.due) {
		return
	}
	l.due, l.flushed = time.Time{}, now
	for _, name := range slices.Sorted(maps.Keys(l.dirty)) {
		for i, v := range l.lines[name] {
			l.tellPlace(v, i+1)
		}
	}
	clear(l.dirty)
	if l.pending {
		l.pending = false
		for _, v := range l.sortedVisits(func(*visit) bool { return true }) {
			l.stand(v)
		}
	}
	if l.staff {
		l.staff = false
		l.list()
		for _, c := range l.here {
			l.tellTargets(c)
		}
	}
	for _, c := range l.here {
		l.tellVisitors(c)
	}
}

// tellPlace says how the customer stands, if that is news.
func (l *Lobby) tellPlace(v *visit, position int) {
	p := l.portal(v).Waiting
	w := wire.Waiting{Session: v.ID, Queue: l.customerQueue(v.Queue)}
	if p.Position {
		w.Position = uint32(position)
	}
	if p.Estimate {
		w.Estimate = uint32(l.estimate(v.Queue, position) / time.Second)
	}
	if w != v.told {
		v.told = w
		l.say(v, &w)
		l.stand(v)
	}
}

// sweepQueues lets time pass for those who wait in queues.
func (l *Lobby) sweepQueues(now time.Time) {
	for _, name := range slices.Sorted(maps.Keys(l.lines)) {
		for _, v := range slices.Clone(l.lines[name]) {
			if l.fallBack(now, v) {
				continue
			}
			l.care(now, v)
			if v.State == Waits {
				l.hold(now, v)
			}
		}
	}
}
