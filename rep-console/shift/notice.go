package shift

import (
	"reflect"
	"slices"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Notices that the rep pushes (row P07) are the organisation's: one broker is
// told, any of them, and all push it.

// What is remembered of what brokers say.
const (
	maxBoards = 128 // portals
	// maxNotices is for one of them: while a broker has not heard yet what another
	// one has ended, they have more together than each may.
	maxNotices = 2 * wire.MaxNotices
)

// asked is a notice to be pushed or ended. Said again, it is harmless.
type asked struct {
	post
	began time.Time
}

// doNotices asks a broker to push a notice or to end one.
func (s *Shift) doNotices(f console.Effect) {
	var request [16]byte
	var m wire.Message
	switch f := f.(type) {
	case console.PushNotice:
		request = f.Request
		m = &wire.PushNotice{Request: f.Request, Portal: f.Portal, Title: f.Title, Text: f.Text, Life: uint32(f.Life / time.Second), Leave: f.Leave}
	case console.EndNotice:
		request, m = f.Request, &wire.EndNotice{Request: f.Request, Portal: f.Portal, ID: f.ID}
	}
	if !s.board.tell(time.Now(), request, m) {
		s.follow = append(s.follow, console.NoticeRefused{Request: request, Problem: words.BrokerAway})
	}
}

// heardNotices takes what the broker says about notices, on the line's
// goroutine.
func (l *line) heardNotices(m wire.Message) {
	switch m := m.(type) {
	case *wire.NoticeKept:
		l.must(console.NoticeKept{Request: m.Request})
	case *wire.Noticeboard:
		b := console.Board{Portal: m.Portal, Name: m.Name, Waiting: int(m.Waiting)}
		for _, n := range m.Notices {
			one := console.Notice{ID: n.ID, Title: n.Title, Text: n.Text, Told: int(n.Told)}
			if n.Until != 0 {
				one.Until = time.UnixMilli(n.Until).Add(l.skew)
			}
			b.Notices = append(b.Notices, one)
		}
		l.must(console.Noticeboards{Boards: []console.Board{b}})
	}
}

// tell has one broker told something about a notice, and says false where there
// is nobody to tell.
func (b *switchboard) tell(now time.Time, request [16]byte, m wire.Message) bool {
	in := b.signedIn()
	if len(in) == 0 {
		return false
	}
	b.notices[request] = asked{post{in[0], m}, now}
	b.post(in[0], m)
	return true
}

// tellElsewhere tells others what was said on a line that is lost, and was not
// answered.
func (b *switchboard) tellElsewhere(now time.Time, at string) {
	for request, a := range b.notices {
		switch {
		case now.Sub(a.began) >= console.AnswerTime: // the console has given that up
			delete(b.notices, request)
		case a.at == at:
			_ = b.tell(a.began, request, a.m) // where there is nobody the console hears no answer
		}
	}
}

// ofNotices takes what a line tells of notices: its own view of one portal at a
// time, or an answer. The console is given the view of all.
func (b *switchboard) ofNotices(at string, e console.Event) []console.Event {
	switch e := e.(type) {
	case console.Noticeboards:
		t := b.told[at]
		if !t.in {
			return nil
		}
		for _, one := range e.Boards {
			i := slices.IndexFunc(t.boards, func(o console.Board) bool { return o.Portal == one.Portal })
			switch {
			case i >= 0 && one.Name == "":
				t.boards = slices.Delete(t.boards, i, i+1)
			case i >= 0:
				t.boards[i] = one
			case one.Name != "" && len(t.boards) < maxBoards:
				t.boards = append(t.boards, one)
			}
		}
		if t.queues == nil { // after signing in, what comes before the queues is not all yet
			return nil
		}
		return b.boards()
	case console.NoticeKept:
		delete(b.notices, e.Request)
	case console.NoticeRefused:
		delete(b.notices, e.Request)
	}
	return []console.Event{e}
}

// boards are those of all lines together, if they are others than before: who
// waits at one broker waits at no other.
func (b *switchboard) boards() []console.Event {
	var all []console.Board
	for _, at := range b.lines {
		all = join(all, b.told[at].boards, maxBoards, func(one console.Board) string { return one.Portal },
			func(one *console.Board, again console.Board) {
				one.Waiting += again.Waiting
				one.Notices = join(slices.Clone(one.Notices), again.Notices, maxNotices, func(n console.Notice) uint64 { return n.ID },
					func(n *console.Notice, again console.Notice) { n.Told += again.Told })
			})
	}
	if reflect.DeepEqual(all, b.boarded) {
		return nil
	}
	b.boarded = all
	return []console.Event{console.Noticeboards{Boards: slices.Clone(all)}}
}
