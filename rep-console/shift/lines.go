package shift

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/hotline"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// awayTime is how long the line home is lost until the broker that was there is
// called by its own address: the address that this console knows may lead to
// others.
const awayTime = 5 * time.Second

// news is what comes to Run: from a line, or else from the rep or a session.
type news struct {
	from    *line
	event   console.Event
	lost    bool     // the line is cut
	brokers []string // as in wire.Brokers
}

// hear takes in what came on a line.
func (s *Shift) hear(ctx context.Context, n news) {
	if s.lineAt(n.from.at) != n.from {
		return // it is not wanted any more
	}
	now := time.Now()
	var events []console.Event
	switch {
	case n.lost:
		events = s.board.lose(now, n.from.at)
	case n.brokers != nil:
		events = s.brokers(n.from, n.brokers)
	default:
		if n.from.at == home {
			s.heardHome(now, n.event)
		}
		events = s.board.hear(now, n.from.at, n.event)
	}
	s.passOn(ctx, events)
}

// heardHome notes since when the broker at home can't be reached.
func (s *Shift) heardHome(now time.Time, e console.Event) {
	switch e := e.(type) {
	case console.Unlinked:
		switch {
		case e.RetryAt.IsZero(): // it does not want us
			s.homeLost = time.Time{}
		case s.homeLost.IsZero():
			s.homeLost = now
		}
	case console.SignedIn, console.NeedLogin, console.NeedEnrolment:
		s.homeLost = time.Time{}
	}
}

// passOn hands on what became of news, and says what is to be said.
func (s *Shift) passOn(ctx context.Context, events []console.Event) {
	for _, e := range events {
		s.step(ctx, e)
	}
	s.sendPosts(ctx)
	if s.board.afresh {
		s.board.afresh = false
		for _, l := range s.allLines() {
			if l.at != home {
				l.tries.Store(0)
				l.hot.Stop(errAfresh)
				poke(l.again)
			}
		}
	}
}

// sendPosts says what the switchboard wants said. Who is not heard is told so.
func (s *Shift) sendPosts(ctx context.Context) {
	for len(s.board.posts) > 0 {
		p := s.board.posts[0]
		s.board.posts = s.board.posts[1:]
		err := hotline.ErrDown
		if l := s.lineAt(p.at); l != nil {
			err = l.hot.Send(p.m)
		}
		if e := unsent(p.m); err != nil && e != nil {
			s.passOn(ctx, s.board.hear(time.Now(), p.at, e))
		}
	}
}

// unsent is what becomes of a message that could not be said; nil: nothing.
func unsent(m wire.Message) console.Event {
	switch m := m.(type) {
	case *wire.NewKey:
		return console.KeyFailed{Request: m.Request, Problem: words.BrokerAway}
	case *wire.Take:
		return console.TakeFailed{Request: m.Request, Problem: words.BrokerAway}
	case *wire.PushNotice:
		return console.NoticeRefused{Request: m.Request, Problem: words.BrokerAway}
	case *wire.EndNotice:
		return console.NoticeRefused{Request: m.Request, Problem: words.BrokerAway}
	}
	return nil
}

// brokers takes in which brokers there are. The one that tells is the first.
func (s *Shift) brokers(from *line, addresses []string) []console.Event {
	if s.doors.DialAt == nil {
		return nil
	}
	s.addresses = addresses
	if from.at == home {
		s.mu.Lock()
		s.there = addresses[0]
		s.mu.Unlock()
	}
	if s.untended = time.Since(s.tended) < lookRest; s.untended { // they change their minds quickly
		return nil
	}
	return s.tend()
}

// tend has a line to each broker. The one at home needs no other, unless that
// one can't be reached.
func (s *Shift) tend() []console.Event {
	s.tended, s.untended = time.Now(), false
	var others []string
	away := !s.homeLost.IsZero() && time.Since(s.homeLost) >= awayTime
	for _, at := range s.addresses {
		if (at != s.there || away) && !slices.Contains(others, at) && len(others) < wire.MaxBrokers {
			others = append(others, at)
		}
	}
	for _, l := range s.allLines() {
		if l.at != home && !slices.Contains(others, l.at) {
			s.mu.Lock()
			delete(s.lines, l.at)
			s.mu.Unlock()
			l.stop()
			s.lose(l.at)
		}
	}
	events := s.board.set(time.Now(), others)
	s.several.Store(s.board.several())
	for _, at := range others {
		if s.lineAt(at) == nil {
			s.begin(newLine(s, at))
		}
	}
	return events
}

// begin runs a line.
func (s *Shift) begin(l *line) {
	ctx, stop := context.WithCancel(s.standing)
	l.stop = stop
	s.mu.Lock()
	s.lines[l.at] = l
	s.mu.Unlock()
	s.control.Go(func() {
		defer stop()
		l.stayConnected(ctx)
	})
}

func (s *Shift) lineAt(at string) *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines[at]
}

// lineTo is the line to the broker at an address, nil if there is none.
func (s *Shift) lineTo(address string) *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lines[address]; l != nil || address != s.there {
		return l
	}
	return s.lines[home]
}

func (s *Shift) allLines() []*line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.lines))
}

// tellAll tells all brokers something.
func (s *Shift) tellAll(m wire.Message) {
	for _, l := range s.allLines() {
		s.count(l.hot.Send(m))
	}
}

// say tells the broker of a line something that it learns by itself, later,
// when it can't be reached now: keys run out and sessions fall silent.
func (s *Shift) say(at string, m wire.Message) {
	if l := s.lineAt(at); l != nil {
		s.count(l.hot.Send(m))
	}
}

func (s *Shift) count(err error) {
	if err != nil && !errors.Is(err, hotline.ErrDown) {
		s.dropped.Add(1)
	}
}

// seatOf is where a session is at, one that goes on or one that is over; nil if
// it is neither.
func (s *Shift) seatOf(id wire.SessionID) *seat {
	if v := s.visitors.get(id); v != nil {
		return v.seat
	}
	p, _ := s.past.get(id)
	return p.seat
}

// lineOf is the line to the broker that has, or had last, a session; nil while
// there is none.
func (s *Shift) lineOf(id wire.SessionID) *line {
	if seat := s.seatOf(id); seat != nil {
		return s.lineAt(seat.place())
	}
	return nil
}

// sayAbout tells the broker that has a session something about it. Its error
// is hotline.ErrDown while that one can't be reached, or isn't known.
func (s *Shift) sayAbout(id wire.SessionID, m wire.Message) error {
	seat := s.seatOf(id)
	if seat == nil || seat.isLost() {
		return hotline.ErrDown
	}
	if l := s.lineAt(seat.place()); l != nil {
		return l.hot.Send(m)
	}
	return hotline.ErrDown
}

// signal is sayAbout for what is said again until it is heard.
func (s *Shift) signal(m wire.Signal) error {
	if l := s.lineOf(m.Session); l != nil {
		return l.hot.SendSoon(&m)
	}
	return hotline.ErrDown
}

// doubt has the line of a session be looked at.
func (s *Shift) doubt(v *visitor) {
	if l := s.lineAt(v.seat.place()); l != nil {
		l.hot.Doubt()
	}
}

// seats are where all sessions are at.
func (s *Shift) seats() map[wire.SessionID]call {
	all := map[wire.SessionID]call{}
	for _, p := range s.past.all(time.Now()) {
		if !p.quiet || s.records.open(p.start.Session) {
			all[p.start.Session] = call{p.seat, p.start.Ticket}
		}
	}
	for _, v := range s.visitors.all() {
		all[v.start.Session] = call{v.seat, v.start.Ticket}
	}
	return all
}

// call is what it takes to come back to a session.
type call struct {
	*seat
	ticket []byte
}

// lose has the sessions of a line be looked for on the others. With one broker
// they stay where they are.
func (s *Shift) lose(at string) {
	if at == home && !s.several.Load() {
		return
	}
	for _, c := range s.seats() {
		c.lose(time.Now(), at)
	}
}

// look asks for what a lost broker had, and calls the one that was at home by
// its address. It says whether there was anything to do.
func (s *Shift) look(ctx context.Context) bool {
	calls := s.seats()
	maps.DeleteFunc(calls, func(_ wire.SessionID, c call) bool { return !c.isLost() })
	called := s.untended || s.several.Load() && !s.homeLost.IsZero()
	if called {
		s.passOn(ctx, s.tend())
	}
	if len(calls) == 0 && !s.board.looking() {
		return called
	}
	s.passOn(ctx, s.board.look(time.Now()))
	for id, c := range calls {
		for _, l := range s.allLines() {
			s.ask(l, id, c)
		}
	}
	return true
}

// ask asks the broker of a line for a session that is looked for.
func (s *Shift) ask(l *line, id wire.SessionID, c call) {
	now := time.Now()
	if c.ask(now, l.at) && l.hot.Send(&wire.Rejoin{Session: id, Ticket: c.ticket}) != nil {
		c.answered(now, l.at) // it can't be reached
	}
}
