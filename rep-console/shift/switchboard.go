package shift

import (
	"slices"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/wire"
)

// home is the place of the line to the broker that this console knows. The
// places of others are their addresses.
const home = ""

const (
	// lookTime is how long what a lost broker had is looked for at the others:
	// some seconds pass until one of them has taken it over.
	lookTime = 12 * time.Second
	lookRest = time.Second // between two looks

	// What is remembered of what brokers say.
	maxWaiting = 10_000
	maxKeys    = 1_000
)

// switchboard makes one of what several brokers tell, and knows which of them is
// told what. It is plain: events of lines in; events for the console, and posts,
// out.
type switchboard struct {
	lines    []string // places, home first
	told     map[string]*told
	visitors map[wire.SessionID]waiting
	keys     map[string]key
	takes    map[[16]byte]*take
	making   *making
	notices  map[[16]byte]asked // to push or to end, not answered yet
	boarded  []console.Board    // as the console knows them

	out    bool              // the rep is not logged in, says the broker at home
	away   *console.Unlinked // why there is no line home; nil: there is one
	afresh bool              // the other lines are to sign in again
	posts  []post
}

// told is what the broker of one line has said.
type told struct {
	in      bool // the rep is signed in there
	queues  []wire.Queue
	targets []wire.Target
	boards  []console.Board // where the rep may push notices
}

// waiting is a customer in a queue.
type waiting struct {
	at    string
	queue string
	since time.Time
	here  bool
}

// post is a message for a line.
type post struct {
	at string
	m  wire.Message
}

func newSwitchboard() *switchboard {
	return &switchboard{
		lines: []string{home}, told: map[string]*told{home: {}}, visitors: map[wire.SessionID]waiting{},
		keys: map[string]key{}, takes: map[[16]byte]*take{}, notices: map[[16]byte]asked{},
	}
}

func (b *switchboard) several() bool { return len(b.lines) > 1 }

// set says which lines there are besides the one home.
func (b *switchboard) set(now time.Time, others []string) []console.Event {
	was := b.lines
	b.lines = append([]string{home}, others...)
	for _, at := range others {
		if b.told[at] == nil {
			b.told[at] = &told{}
		}
	}
	var events []console.Event
	for _, at := range was {
		if !slices.Contains(b.lines, at) {
			delete(b.told, at)
			b.unsay(at)
			events = append(events, b.without(now, at)...)
			b.loosen(now, at, nil)
		}
	}
	return events
}

func (b *switchboard) in(at string) bool {
	t := b.told[at]
	return t != nil && t.in
}

// signedIn gives the lines on which the rep is signed in, home first.
func (b *switchboard) signedIn() []string {
	return slices.DeleteFunc(slices.Clone(b.lines), func(at string) bool { return !b.in(at) })
}

// lose hears that a line is cut. Where there are no others, all stays until it
// is back.
func (b *switchboard) lose(now time.Time, at string) []console.Event {
	t := b.told[at]
	if t == nil {
		return nil
	}
	t.in = false
	b.unsay(at)
	if !b.several() {
		return nil
	}
	*t = told{}
	return b.without(now, at)
}

// without goes on without a line. Who waits there is not seen until another
// broker tells of it, and what was asked there is asked elsewhere.
func (b *switchboard) without(now time.Time, at string) []console.Event {
	events := b.hide(at)
	if len(b.signedIn()) > 0 {
		events = append(append(events, b.queues(), b.targets()), b.boards()...)
	}
	b.askElsewhere(now, at)
	b.tellElsewhere(now, at)
	return events
}

// hide gives up whom a line told of.
func (b *switchboard) hide(at string) []console.Event {
	var lost console.VisitorsLost
	for id, v := range b.visitors {
		if v.at == at {
			lost.IDs = append(lost.IDs, id)
			delete(b.visitors, id)
		}
	}
	if len(lost.IDs) == 0 {
		return nil
	}
	return []console.Event{lost}
}

// hear takes what a line tells, and gives what of it is the console's.
func (b *switchboard) hear(now time.Time, at string, e console.Event) []console.Event {
	if b.told[at] == nil {
		return nil
	}
	switch e := e.(type) {
	case console.Site, console.Linked, console.Paired, console.PairFailed:
		return only(at == home, e)
	case console.Unlinked, console.NeedLogin, console.NeedEnrolment:
		return b.notIn(at, e)
	case console.SignedIn:
		return b.nowIn(now, at, e)
	case console.Queues, console.Targets, console.Visitor, console.VisitorGone:
		return b.waits(at, e)
	case console.KeyMade, console.KeyFailed, console.KeyGone, console.KeyEntered:
		return b.ofKeys(at, e)
	case console.Given, console.TakeFailed:
		return b.ofTakes(at, e)
	case console.Noticeboards, console.NoticeKept, console.NoticeRefused:
		return b.ofNotices(at, e)
	}
	return []console.Event{e}
}

func only(on bool, e console.Event) []console.Event {
	if !on {
		return nil
	}
	return []console.Event{e}
}

// notIn hears why a rep is not signed in on a line. Whether the rep is logged in
// at all is for the broker at home to say. While that one can't be reached the
// others serve.
func (b *switchboard) notIn(at string, e console.Event) []console.Event {
	b.told[at].in = false
	unlinked, cut := e.(console.Unlinked)
	switch {
	case at == home && !cut:
		b.leave()
		return []console.Event{e}
	case at == home:
		b.away = &unlinked
	}
	switch {
	case len(b.signedIn()) > 0:
		return nil
	case at == home:
		return []console.Event{e}
	case b.out || b.away == nil:
		return nil
	}
	return []console.Event{*b.away}
}

// leave notes that the rep is not logged in any more.
func (b *switchboard) leave() {
	b.out, b.away, b.boarded = true, nil, nil
	for _, t := range b.told {
		*t = told{}
	}
	clear(b.visitors)
	clear(b.takes)
	clear(b.notices)
}

// nowIn hears that the rep is signed in on a line.
func (b *switchboard) nowIn(now time.Time, at string, e console.SignedIn) []console.Event {
	if b.out && at != home {
		return nil
	}
	if at == home {
		b.out, b.afresh, b.away = false, b.afresh || b.out, nil
	}
	b.told[at].in = false
	e.More = len(b.signedIn()) > 0
	*b.told[at] = told{in: true}
	for id, v := range b.visitors {
		if v.at == at {
			delete(b.visitors, id) // it is told again
		}
	}
	e.Keys = b.holds(now, at, e.Keys)
	return []console.Event{e}
}

// waits takes what a line tells of queues. Who is in one is of the broker that
// has told it last.
func (b *switchboard) waits(at string, e console.Event) []console.Event {
	t := b.told[at]
	if !t.in {
		return nil
	}
	switch e := e.(type) {
	case console.Queues:
		t.queues = e.Queues
		return append(b.boards(), b.queues())
	case console.Targets:
		t.targets = e.Targets
		return []console.Event{b.targets()}
	case console.Visitor:
		_, known := b.visitors[e.Session]
		if (!known && len(b.visitors) >= maxWaiting) || !slices.ContainsFunc(t.queues, func(q wire.Queue) bool { return q.ID == e.Queue }) {
			return nil
		}
		b.visitors[e.Session] = waiting{at: at, queue: e.Queue, since: e.Since, here: e.Here}
		return []console.Event{e}
	case console.VisitorGone:
		if b.visitors[e.ID].at != at {
			return nil
		}
		delete(b.visitors, e.ID)
		return []console.Event{e}
	}
	return nil
}

// queues are those of all lines, each once.
func (b *switchboard) queues() console.Queues {
	var all console.Queues
	for _, at := range b.lines {
		all.Queues = join(all.Queues, b.told[at].queues, wire.MaxQueues, func(q wire.Queue) string { return q.ID },
			func(*wire.Queue, wire.Queue) {}) // the first one's name
	}
	return all
}

// targets are those of all lines, each once. Somebody is there who is there for
// one of them.
func (b *switchboard) targets() console.Targets {
	var all console.Targets
	for _, at := range b.lines {
		all.Targets = join(all.Targets, b.told[at].targets, wire.MaxTargets, func(t wire.Target) string { return t.Queue },
			func(t *wire.Target, again wire.Target) { t.Here = t.Here || again.Here })
	}
	return all
}

// join adds what another list has to one, up to the most there may be. A thing
// that is there already takes in what is said of it again.
func join[T any, K comparable](all, more []T, most int, id func(T) K, again func(*T, T)) []T {
	place := map[K]int{}
	for i, x := range all {
		place[id(x)] = i
	}
	for _, x := range more {
		i, there := place[id(x)]
		switch {
		case there:
			again(&all[i], x)
		case len(all) < most:
			place[id(x)] = len(all)
			all = append(all, x)
		}
	}
	return all
}
