package visit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/hotline"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// Limits of what the broker has told and the model has not seen yet. What is
// beyond is dropped and counted: a broker that floods must not keep the
// customer's own clicks waiting.
const (
	maxTellings = 64  // texts and questions
	maxNews     = 256 // of anything
)

// departed ends a visit because the customer wants to go, and says why.
type departed struct{ why wire.EndWhy }

func (departed) Error() string { return "visit: the customer left" }

// note has the model know what the broker says, in its order.
func (w *way) note(e chat.Event) {
	w.mu.Lock()
	w.noteLocked(e)
	w.mu.Unlock()
	w.v.hasNews()
}

func (w *way) noteLocked(e chat.Event) {
	most := maxNews
	switch e.(type) {
	case chat.Stands:
		if n := len(w.news); n > 0 {
			if _, ok := w.news[n-1].(chat.Stands); ok {
				w.news = w.news[:n-1] // only the newest counts
			}
		}
		most = maxTellings
	case chat.Asks, chat.Tells:
		most = maxTellings
	}
	if len(w.news) >= most {
		w.lost++
		return
	}
	w.news = append(w.news, e)
}

// unseen is what the model has not seen: what was said, then the newest state
// of the session.
func (w *way) unseen() []chat.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.news
	if w.state != nil {
		all = append(all, chat.Session{State: *w.state})
	}
	w.news, w.state = nil, nil
	return all
}

// welcome takes the broker's clock.
func (w *way) welcome(m *wire.Welcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slow = time.Until(time.UnixMilli(m.Now))
}

// enter takes the place that the portal has given.
func (w *way) enter(ctx context.Context, c hotline.Conn) error {
	m, err := hotline.Ask(ctx, c, &wire.Enter{Code: w.ask.Place, Name: wire.Name(w.ask.Name), Locale: locale(w.v.doors.Locale)})
	if err != nil {
		return err
	}
	a, ok := m.(*wire.Admitted)
	if !ok {
		return fmt.Errorf("entering: kind %d instead of Admitted", m.Kind())
	}
	w.admitted(a)
	return nil
}

// admitted has the customer wait: for a rep, or for what is asked before the rep
// of a key comes.
func (w *way) admitted(a *wire.Admitted) {
	w.mu.Lock()
	w.id, w.ticket, w.waits = a.Session, a.Ticket, true
	w.mu.Unlock()
	w.note(chat.Admitted{Portal: a.Portal})
}

// waitHeard takes what the broker says about the wait for a rep.
func (w *way) waitHeard(id wire.SessionID, m wire.Message) {
	switch m := m.(type) {
	case *wire.Admitted:
		if m.Session == id {
			w.lostRep(wire.EndLost) // if there was one
			w.note(chat.Admitted{Portal: m.Portal})
		}
	case *wire.Question:
		if m.Session == id {
			w.mu.Lock()
			until := time.UnixMilli(m.Until).Add(-w.slow)
			w.mu.Unlock()
			w.note(chat.Asks{ID: m.ID, What: m.What, Title: m.Title, Text: m.Text, Until: until})
		}
	case *wire.Waiting:
		if m.Session == id {
			w.note(chat.Stands{Position: int(m.Position), Estimate: time.Duration(m.Estimate) * time.Second, Queue: m.Queue})
		}
	case *wire.Told:
		if m.Session == id {
			w.told(m)
		}
	case *wire.Start:
		if m.Session == id {
			w.taken(m)
		}
	case *wire.Survey:
		if m.Session == id {
			w.surveyed(m)
		}
	case *wire.Noted:
		if m.Session == id {
			w.noted()
		}
	}
}

func (w *way) told(m *wire.Told) {
	switch m.What {
	case wire.TellLost:
		w.lostRep(wire.EndLost)
	case wire.TellMoved:
		w.lostRep(wire.EndMoved)
	}
	w.note(chat.Tells{What: m.What, Title: m.Title, Text: m.Text, URL: m.URL, Leave: m.Leave})
}

// lostRep hears that the broker has the customer in the queue again. A rep who
// was only lost to the broker stays as long as the two are connected.
func (w *way) lostRep(why wire.EndWhy) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.start == nil || w.over {
		return
	}
	if w.fresh && w.room == nil { // nobody has begun to look for the rep
		w.start, w.fresh, w.waits = nil, false, true
		w.noteLocked(chat.Returned{Why: why})
		w.v.hasNews()
		return
	}
	w.back = why
	if w.room != nil && (why == wire.EndMoved || !w.linked) {
		w.room.Do(session.Closed{Why: why})
	}
}

// taken hears that a rep has taken the customer. The same again, after a return
// to the broker, only brings other relays.
func (w *way) taken(start *wire.Start) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.over:
	case w.start != nil && w.back == 0:
		w.meets.SetRelays(start.Relays)
	default:
		if w.room != nil {
			w.room.Do(session.Closed{Why: w.back})
		}
		w.beginLocked(start)
		if w.room == nil {
			w.noteLocked(chat.Taken{Rep: start.Peer})
			w.v.hasNews()
		}
		poke(w.begun)
	}
}

// beginLocked has a session followed, in place of the last.
func (w *way) beginLocked(start *wire.Start) {
	w.start, w.fresh, w.waits = start, true, false
	w.ticket, w.meets = start.Ticket, room.NewMeetings(start.Relays)
}

// next is the session to be followed now, nil if there is none.
func (w *way) next() (*wire.Start, *room.Meetings) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.fresh {
		return nil, nil
	}
	w.fresh, w.back = false, 0
	return w.start, w.meets
}

// goesBack says whether a session that ended so leads back into the queue.
func (w *way) goesBack(why wire.EndWhy) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return why == wire.EndMoved || w.back != 0 && (why == wire.EndLost || !w.met)
}

// follows shows a session's new state to the model, unless the customer waits
// again after it. A rep who is lost to the broker, too, is waited for no longer.
func (w *way) follows(s session.State) {
	w.mu.Lock()
	w.linked = s.Linked
	w.sayLinkedLocked()
	if s.Stage != session.Over {
		w.cutLocked()
	}
	met := w.met
	w.mu.Unlock()
	if met && (s.Stage != session.Over || !w.goesBack(s.Why)) {
		w.tellState(s)
	}
}

// sayLinkedLocked tells the broker, unless it knows, whether the rep is there
// without it: it must not give the customer to another one then. What can't be
// heard now is told with the return.
func (w *way) sayLinkedLocked() {
	if w.linked != w.knows && w.line.Send(&wire.Linked{Session: w.id, Yes: w.linked}) == nil {
		w.knows = w.linked
	}
}

func (w *way) isBack() wire.EndWhy {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.back
}

// goBack has the customer wait again. States of the session that is over are
// old news. If there is another one already, it is next.
func (w *way) goBack(why wire.EndWhy) {
	w.mu.Lock()
	w.state, w.met = nil, false
	w.noteLocked(chat.Returned{Why: why})
	if w.fresh {
		w.noteLocked(chat.Taken{Rep: w.start.Peer})
		poke(w.begun)
	} else {
		w.start, w.waits = nil, true
	}
	w.mu.Unlock()
	w.v.hasNews()
}

// ended hears that the session, or the wait for one, is over for the broker. Two
// who are connected with each other need not mind, unless the organisation wants
// it so (row A06); two who are not would need the broker to find each other
// again.
func (w *way) ended(why wire.EndWhy) {
	w.mu.Lock()
	w.finish = why
	w.cutLocked()
	w.mu.Unlock()
	w.quit(room.ErrNeverMet)
}

// cutLocked ends a session that has neither a connection nor a broker who would
// help to make one, and one that the organisation has ended.
func (w *way) cutLocked() {
	why := cmp.Or(w.back, w.finish)
	if w.finish == wire.EndByBroker {
		why = w.finish
	}
	if why != 0 && w.met && w.room != nil && (!w.linked || why == wire.EndByBroker) {
		w.room.Do(session.Closed{Why: why})
	}
}

func (w *way) isFinished() wire.EndWhy {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.finish
}

// depart leaves the wait.
func (w *way) depart(why wire.EndWhy) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.leave(departed{why})
}

// decide answers a question of the broker's. If it can't be heard now, it is
// asked again.
func (w *way) decide(d chat.Decide) {
	w.mu.Lock()
	id := w.id
	w.mu.Unlock()
	_ = w.line.Send(&wire.Decision{Session: id, ID: d.ID, Yes: d.Yes})
}

// gone ends a wait: because the customer, the broker or this program wants so.
func (w *way) gone(ctx context.Context, cause error) error {
	var left departed
	finish := w.isFinished()
	w.mu.Lock()
	in := w.ticket != nil
	w.mu.Unlock()
	switch {
	case errors.As(cause, &left):
		w.bye(left.why)
		return nil
	case ctx.Err() != nil:
		if in {
			w.bye(wire.EndByCustomer)
		}
		return cause
	case finish != 0 && (w.ask.Place != "" || finish == wire.EndNotAgreed):
		w.note(chat.Finished{Why: finish})
		w.after(ctx)
		return nil
	case in:
		w.bye(wire.EndByCustomer)
	}
	return cause
}

// bye tells the broker why the session is over, or it finds out by itself.
func (w *way) bye(why wire.EndWhy) {
	w.mu.Lock()
	id := w.id
	w.mu.Unlock()
	_ = w.line.Send(&wire.Leave{Session: id, Why: why})
}
