package lobby

import (
	"time"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

const (
	// awayGrace is how long who has lost the connection counts as here: programs
	// come back by themselves, and nobody is sent away for it.
	awayGrace = 15 * time.Second

	// restartGrace is the same after a restart of the broker, when all of them
	// come back at once.
	restartGrace = 30 * time.Second
)

// isQueue says whether a queue is somebody's.
func (l *Lobby) isQueue(name string) bool {
	team, rep, ok := settings.ParseQueue(name)
	switch {
	case !ok:
		return false
	case rep != 0 && l.settled:
		r, is := l.people.Reps[rep]
		return is && !r.Disabled
	case team != 0 && l.settled:
		_, is := l.people.Teams[team]
		return is
	}
	return true
}

// gone is since when a rep is not here. It is for whoever isn't.
func (l *Lobby) gone(rep uint64) time.Time {
	if at, ok := l.went[rep]; ok {
		return at
	}
	return l.born
}

// unseen says whether nobody sees a queue, and since when.
func (l *Lobby) unseen(now time.Time, queue string) (since time.Time, unseen bool) {
	e := l.eyes[queue]
	if e.now > 0 || now.Before(e.grace) || !l.born.IsZero() && now.Before(l.born.Add(restartGrace)) {
		return time.Time{}, false
	}
	if e.last.Before(l.born) { // who saw it before a restart is not known
		return l.born, true
	}
	return e.last, true
}

// care looks after a customer in a queue that nobody sees (row W05): it is told
// so, and does not wait in vain unless the organisation wants that.
func (l *Lobby) care(now time.Time, v *visit) {
	since, unseen := l.unseen(now, v.Queue)
	if v.Queued.After(since) {
		since = v.Queued
	}
	p := l.portal(v).Nobody
	if !unseen || v.State != Waits || l.fallsBack(v) || now.Sub(since) < p.Patience() {
		return
	}
	if !v.nobody {
		v.nobody = true
		l.tellNobody(v)
	}
	if p.Stay || l.settings.Queues.IsPersistent(v.Queue) {
		l.stand(v)
		return
	}
	l.end(now, v, wire.EndNobody, false)
}

func (l *Lobby) tellNobody(v *visit) {
	text := l.text(v, settings.NobodyHere, nil)
	if text != "" {
		l.say(v, &wire.Told{Session: v.ID, What: wire.TellNobody, Text: text, URL: l.portal(v).Nobody.URL})
	}
}

// fallsBack says whether a customer's queue is nobody's any more, or one of a
// rep who is not here, and there is another one to go to.
func (l *Lobby) fallsBack(v *visit) bool {
	if !l.isQueue(v.Queue) {
		return true
	}
	_, rep, _ := settings.ParseQueue(v.Queue)
	return rep != 0 && l.reps[rep] == 0 && !l.settings.Queues.IsPersistent(v.Queue) && l.isQueue(l.portal(v).Lost.Fallback)
}

// fallBack moves such a customer, once the rep has been away long enough, and
// says whether it did. Where there is no fallback the rep may come back, and
// row W05 says what if not.
func (l *Lobby) fallBack(now time.Time, v *visit) bool {
	if !l.fallsBack(v) {
		return false
	}
	lost := l.portal(v).Lost
	_, rep, _ := settings.ParseQueue(v.Queue)
	if l.isQueue(v.Queue) && now.Before(l.gone(rep).Add(lost.Patience())) {
		return false
	}
	to := lost.Fallback
	if !l.isQueue(to) {
		to = settings.General
	}
	l.queue(now, v, to, "lost")
	return true
}

// sweepLost takes customers from reps who have been away too long (row W07). A
// rep who is connected with the customer is lost to nobody but us.
func (l *Lobby) sweepLost(now time.Time) {
	for _, m := range l.sortedMeetings(func(m *meeting) bool {
		return !m.alone.IsZero() && now.Sub(m.alone) >= l.portal(m.visit).Lost.Patience()
	}) {
		l.loseRep(now, m)
	}
}

// loseRep has the customer of a lost rep wait again. Whoever has waited once
// does not stand behind those who came since.
//
// A session from a key has no queue to go back to. Unless there is a fallback
// queue it goes on for as long as the two ends hold it: they need the broker
// only to find each other again.
func (l *Lobby) loseRep(now time.Time, m *meeting) {
	v := m.visit
	to, ok := l.refuge(v, m.Rep)
	if !ok && v.First == "" {
		return
	}
	v.Former, v.Note = l.colleague(m.Rep), ""
	name := l.customerName(m.Rep)
	l.part(now, m, wire.EndLost)
	if !ok {
		l.end(now, v, wire.EndLost, false)
		return
	}
	l.sayText(v, wire.TellLost, settings.RepLost, map[string]string{"rep": name, "queue": l.customerQueue(to)})
	l.queue(now, v, to, "lost")
	l.tellNotices(now, v, false)
}

// refuge is where the customer of a lost rep goes: to the last queue, the
// first, or the fallback, whichever somebody sees; where nobody is anywhere, to
// the first of them in which the organisation lets customers wait all the same.
func (l *Lobby) refuge(v *visit, lost uint64) (string, bool) {
	p := l.portal(v)
	var ways []string
	add := func(name string, off bool) {
		if _, rep, _ := settings.ParseQueue(name); !off && l.isQueue(name) && rep != lost {
			ways = append(ways, name)
		}
	}
	add(v.Queue, p.Lost.NoLastQueue || v.First == "")
	add(v.First, p.Lost.NoFirstQueue)
	add(p.Lost.Fallback, false)
	for _, name := range ways {
		if l.eyes[name].now > 0 || l.settings.Queues.IsPersistent(name) {
			return name, true
		}
	}
	if len(ways) > 0 && (p.Nobody.Stay || p.Nobody.Patience() > 0) {
		return ways[0], true
	}
	return "", false
}
