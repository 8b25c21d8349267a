package shift

import (
	"time"

	"handrail/rep-console/console"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// key is a session key.
type key struct {
	console.KeyMade
	at      string
	entered bool      // somebody came by it: what becomes of it is seen here
	loose   time.Time // since when its broker doesn't have it any more; zero: it has
}

// making is a key that was asked for.
type making struct {
	console.MakeKey
	at   string
	said bool // to at, which may still answer
}

// take is a customer, or the next one of a queue, that was asked for.
type take struct {
	console.Fetch
	at    string
	said  bool            // to at, which may still answer
	tried map[string]bool // where nobody waits, for the next one
	lost  time.Time       // since when the broker that had the customer is lost
	began time.Time
}

func (t *take) next() bool { return t.Session == wire.SessionID{} }

func (t *take) message() wire.Message {
	return &wire.Take{Request: t.Request, Session: t.Session, Queue: t.Queue}
}

// unsay notes that a line won't answer any more.
func (b *switchboard) unsay(at string) {
	if b.making != nil && b.making.at == at {
		b.making.said = false
	}
	for _, t := range b.takes {
		if t.at == at {
			t.said = false
		}
	}
}

// askElsewhere asks others for what was asked of a line that is lost. Who
// waited there is given away when another broker has taken over.
func (b *switchboard) askElsewhere(now time.Time, at string) {
	if m := b.making; m != nil && m.at == at {
		b.make(m.MakeKey)
	}
	for _, t := range b.takes {
		switch {
		case t.at != at:
		case t.next():
			b.takeNext(t)
		case t.lost.IsZero():
			t.lost = now
		}
	}
}

// make asks for a key, and says false where there is nobody to ask. Who has been
// asked already is not asked again.
func (b *switchboard) make(f console.MakeKey) bool {
	if m := b.making; m != nil && m.Request == f.Request && m.said {
		return true
	}
	in := b.signedIn()
	if len(in) == 0 {
		return false
	}
	b.making = &making{MakeKey: f, at: in[0], said: true}
	b.post(in[0], &wire.NewKey{Request: f.Request, Life: uint32(f.Life / time.Second)})
	return true
}

// holds takes in which keys a broker has, and gives those that any may have.
func (b *switchboard) holds(now time.Time, at string, keys []console.KeyMade) []console.KeyMade {
	has := map[string]bool{}
	for _, k := range keys {
		has[k.Number] = true
		b.keep(at, k)
	}
	b.loosen(now, at, has)
	for number, k := range b.keys {
		if !has[number] {
			keys = append(keys, k.KeyMade)
		}
	}
	return keys
}

// loosen takes in which keys a broker doesn't have any more. Another may have
// them by now, if there are others.
func (b *switchboard) loosen(now time.Time, at string, has map[string]bool) {
	for number, k := range b.keys {
		switch {
		case k.at != at || has[number] || k.entered || !k.loose.IsZero():
		case at == home && !b.several():
			delete(b.keys, number)
		default:
			k.loose = now
			b.keys[number] = k
		}
	}
}

// keep notes where a key is.
func (b *switchboard) keep(at string, k console.KeyMade) {
	if _, known := b.keys[k.Number]; known || len(b.keys) < maxKeys {
		b.keys[k.Number] = key{KeyMade: k, at: at}
	}
	if b.making != nil && b.making.Request == k.Request {
		b.making = nil
	}
}

// ofKeys takes what a line tells of keys. A key is at the broker that has told
// of it last.
func (b *switchboard) ofKeys(at string, e console.Event) []console.Event {
	switch e := e.(type) {
	case console.KeyMade:
		b.keep(at, e)
	case console.KeyFailed:
		if b.making == nil || b.making.Request != e.Request || b.making.at != at {
			return nil
		}
		b.making = nil
	case console.KeyGone:
		if k, ok := b.keys[e.Number]; ok && k.at != at {
			return nil
		}
		delete(b.keys, e.Number)
	case console.KeyEntered:
		if k, ok := b.keys[e.Number]; ok {
			k.at, k.entered, k.loose = at, true, time.Time{}
			b.keys[e.Number] = k
		}
	}
	return []console.Event{e}
}

// fetch asks for a customer, and says false where there is nobody to ask. Who
// has been asked already is not asked again.
func (b *switchboard) fetch(now time.Time, f console.Fetch) bool {
	for id, t := range b.takes {
		if now.Sub(t.began) > 2*console.AnswerTime { // the console has given that up
			delete(b.takes, id)
		}
	}
	t := b.takes[f.Request]
	if t == nil {
		t = &take{Fetch: f, began: now}
		b.takes[f.Request] = t
	}
	switch {
	case t.said, !t.lost.IsZero():
		return true
	case t.next():
		clear(t.tried)
		return b.takeNext(t)
	}
	at := b.visitors[t.Session].at
	if !b.in(at) {
		in := b.signedIn()
		if len(in) == 0 {
			return false
		}
		at = in[0]
	}
	b.takeAt(t, at)
	return true
}

func (b *switchboard) takeAt(t *take, at string) {
	t.at, t.said = at, true
	b.post(at, t.message())
}

// takeNext asks for the next one where the one waits who has waited longest, of
// those that have not been asked. False: there is nobody more to ask.
func (b *switchboard) takeNext(t *take) bool {
	first := map[string]time.Time{} // since when the first one of a line waits
	for _, v := range b.visitors {
		if v.here && (t.Queue == "" || t.Queue == v.queue) {
			if at, ok := first[v.at]; !ok || v.since.Before(at) {
				first[v.at] = v.since
			}
		}
	}
	best, found := "", false
	for _, at := range b.signedIn() {
		since, waits := first[at]
		sooner, any := first[best]
		if !t.tried[at] && (!found || waits && (!any || since.Before(sooner))) {
			best, found = at, true
		}
	}
	if found {
		b.takeAt(t, best)
	}
	return found
}

// ofTakes takes what became of customers who were asked for.
func (b *switchboard) ofTakes(at string, e console.Event) []console.Event {
	switch e := e.(type) {
	case console.Given:
		b.given(at, e.ID)
	case console.TakeFailed:
		t := b.takes[e.Request]
		switch {
		case t == nil:
			return []console.Event{e}
		case !t.lost.IsZero(), t.at != at: // somebody else may still take over
			return nil
		case e.Problem != words.Taken && e.Problem != words.NobodyWaits && e.Problem != words.BrokerAway:
		case t.next():
			if t.tried == nil {
				t.tried = map[string]bool{}
			}
			t.tried[at] = true
			if b.takeNext(t) {
				return nil
			}
		default:
			if v, ok := b.visitors[t.Session]; ok && v.at != at && b.in(v.at) { // it has moved meanwhile
				b.takeAt(t, v.at)
				return nil
			}
		}
		delete(b.takes, e.Request)
	}
	return []console.Event{e}
}

// given forgets what was asked for when it is there.
func (b *switchboard) given(at string, id wire.SessionID) {
	delete(b.visitors, id)
	for request, t := range b.takes {
		if t.Session == id {
			delete(b.takes, request)
			return
		}
	}
	for request, t := range b.takes {
		if t.next() && t.at == at {
			delete(b.takes, request)
			return
		}
	}
}

// looking says whether anything of a lost broker's is looked for.
func (b *switchboard) looking() bool {
	for _, k := range b.keys {
		if !k.loose.IsZero() {
			return true
		}
	}
	for _, t := range b.takes {
		if !t.lost.IsZero() {
			return true
		}
	}
	return false
}

// look asks again for what a lost broker had, and gives up what nobody has
// taken over in time.
func (b *switchboard) look(now time.Time) []console.Event {
	var events []console.Event
	for number, k := range b.keys {
		if !k.loose.IsZero() && now.Sub(k.loose) >= lookTime {
			delete(b.keys, number)
			events = append(events, console.KeyGone{Number: number, Why: wire.KeyExpired})
		}
	}
	for request, t := range b.takes {
		switch {
		case t.lost.IsZero():
		case now.Sub(t.lost) >= lookTime:
			delete(b.takes, request)
			events = append(events, console.TakeFailed{Request: request, Problem: words.BrokerAway})
		default:
			for _, at := range b.signedIn() {
				b.post(at, t.message())
			}
		}
	}
	return events
}

// keyAt is the line that knows of a key.
func (b *switchboard) keyAt(number string) string { return b.keys[number].at }

// waitsAt is the line that knows of a customer in a queue.
func (b *switchboard) waitsAt(id wire.SessionID) string { return b.visitors[id].at }

func (b *switchboard) post(at string, m wire.Message) {
	b.posts = append(b.posts, post{at, m})
}
