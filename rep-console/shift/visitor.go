package shift

import (
	"context"
	"sync"

	"handrail/rep-console/console"
	"handrail/shared/courier"
	"handrail/shared/flow"
	"handrail/shared/paste"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// maxVisitors bounds how many sessions one console holds: far more than a
// person can serve, few enough for a machine.
const maxVisitors = 64

// visitor is a customer at one of this rep's keys: first somebody who typed
// its number, then, proven, the other side of a session.
type visitor struct {
	start *wire.Start
	seat  *seat
	meets *room.Meetings
	clip  *paste.Session   // for the shift's Run alone
	files *courier.Courier // like clip

	mu     sync.Mutex
	room   *room.Room         // once its key is being tried
	cancel context.CancelFunc // ends the room
	met    bool
	gone   bool        // the customer has left before the two met
	why    wire.EndWhy // and why
}

func newVisitor(m *wire.Start, at *seat) *visitor {
	return &visitor{start: m, seat: at, meets: room.NewMeetings(m.Relays)}
}

// rejoined takes in that the broker, which may have been restarted, has this
// side back.
func (v *visitor) rejoined(relays []wire.Relay) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.meets.SetRelays(relays)
	if v.room != nil {
		v.room.Hurry()
	}
}

// newNetwork hears that this machine's network has changed or that it slept.
func (v *visitor) newNetwork() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.room != nil {
		v.room.NewNetwork()
	}
}

// do hands an event to the session, if there is one yet.
func (v *visitor) do(e session.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.room != nil {
		v.room.Do(e)
	}
}

// ended is the broker's word that the session is over. Once the two have met it
// counts only where it is the organisation's will (row A06): that the customer
// has left, each hears from the other.
func (v *visitor) ended(why wire.EndWhy) (met bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.met {
		if why == wire.EndByBroker && v.room != nil {
			v.room.Do(session.Closed{Why: why})
		}
		return true
	}
	v.gone, v.why = true, why
	if v.cancel != nil {
		v.cancel()
	}
	return false
}

// left is why the two never met, as far as this side knows.
func (v *visitor) left() wire.EndWhy {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.gone {
		return v.why
	}
	return wire.EndNeverMet
}

// begin gives the visitor its room. A customer who has left meanwhile ends it.
func (v *visitor) begin(r *room.Room, cancel context.CancelFunc) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.room, v.cancel = r, cancel
	if v.gone {
		cancel()
	}
}

func (v *visitor) begun() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.room != nil
}

// connected notes that the two have met; first is true once.
func (v *visitor) connected() (first bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	first, v.met = !v.met, true
	return first
}

// visitors are the customers at this console's keys.
type visitors struct {
	mu   sync.Mutex
	byID map[wire.SessionID]*visitor
}

func (vs *visitors) add(v *visitor) bool {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.byID == nil {
		vs.byID = map[wire.SessionID]*visitor{}
	}
	if len(vs.byID) >= maxVisitors || vs.byID[v.start.Session] != nil {
		return false
	}
	vs.byID[v.start.Session] = v
	return true
}

func (vs *visitors) get(id wire.SessionID) *visitor {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	return vs.byID[id]
}

func (vs *visitors) remove(id wire.SessionID) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	delete(vs.byID, id)
}

func (vs *visitors) all() []*visitor {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	var all []*visitor
	for _, v := range vs.byID {
		all = append(all, v)
	}
	return all
}

// meet tries a key with the customer who typed its number, or meets one out of
// a queue without, and runs the session that comes of it.
func (s *Shift) meet(ctx context.Context, f console.Meet) {
	v := s.visitors.get(f.ID)
	h := &host{s: s, v: v, id: f.ID, number: f.Code.Number, compare: f.Compare}
	if v == nil {
		s.follow = append(s.follow, h.unmet(wire.EndNeverMet))
		return
	}
	h.clip = s.desk.Join(wire.RoleRep)
	v.clip = h.clip
	var r *room.Room
	h.files = courier.New(courier.Config{
		Disk: s.doors.Disk, Clip: h.clip.Piece,
		Do:         func(e session.Event) bool { return r.Do(e) },
		NotOffered: func(name string, why wire.HaltWhy) { s.must(console.NotOffered{ID: f.ID, Name: name, Why: why}) },
	})
	h.clip.By(h.files.SendClip)
	v.files = h.files
	stay, cancel := context.WithCancel(ctx)
	r = room.New(room.Config{
		Session: session.Config{
			Role: wire.RoleRep, Me: s.model.State().Rep, System: s.doors.Hello.System,
			Organisation: s.model.State().Organisation, Peer: v.start.Peer, Proof: f.Proof(),
			Denied: v.start.Denied,
		},
		Meet: v.meets.By(s.door(v, f)), Host: h, Mailbox: v.meets.Mailbox,
	})
	v.begin(r, cancel)
	s.rooms.Go(func() { h.clip.Run(stay) })
	s.rooms.Go(func() { h.files.Run(stay) })
	s.rooms.Go(func() {
		defer cancel()
		h.after(r.Run(stay))
		late, enough := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer enough()
		v.meets.SeeOff(late)
	})
}

// door is where a session's connections to the customer come from.
func (s *Shift) door(v *visitor, f console.Meet) room.Door {
	return room.Door{
		Meeting: room.Meeting{
			Role: wire.RoleRep, Session: f.ID, Secret: f.Code.Secret, Proof: f.Proof(), Signal: s.signal,
		},
		Meet: func(ctx context.Context, m room.Meeting) (room.Peer, error) {
			m.Certificate = s.certified() // a newer one may have come
			return s.doors.Meet(ctx, m)
		},
		Fatal: func(err error) bool { return s.doors.WrongSecret(err) || s.doors.NotVerified(err) },
		Doubt: func() { s.doubt(v) },
	}
}

// host carries out what a session decides on the rep's side.
type host struct {
	s       *Shift
	v       *visitor
	id      wire.SessionID
	number  string       // of the key; "" with compare
	compare bool         // met without a key
	screen  Screen       // once they have met
	flow    *flow.Shared // of the peer
	clip    *paste.Session
	files   *courier.Courier
	last    session.State
	lose    context.CancelFunc // of what looks at the peer's path
	paths   sync.WaitGroup
}

// Share and Gate are the customer's side's affair.
func (*host) Share(session.Share) {}
func (*host) Look(wire.Profile)   {}
func (*host) Gate(bool)           {}
func (*host) Nudged()             {}
func (*host) Notice()             {}
func (*host) Presented(uint64)    {}
func (*host) Refresh()            {}

// Move begins and ends the moving of a file's bytes.
func (h *host) Move(f session.Effect) { h.files.Move(f) }

func (h *host) Connected(p room.Peer) {
	if h.v.connected() {
		h.screen = h.s.doors.Screen(h.id)
		h.s.must(console.SessionArrived{ID: h.id, Number: h.number, Denied: h.v.start.Denied, Recording: h.v.start.Recording})
	}
	peer := p.(Peer)
	h.flow = flow.New(peer)
	h.screen.Connected(peer)
	h.clip.Connected(peer)
	h.files.Connected(peer, h.flow.Bulk())
	h.follow(peer)
}

// Pace shows how the customer's part of the way goes.
func (h *host) Pace(p wire.Pace) {
	if h.screen != nil {
		h.screen.Pace(p)
	}
}

func (h *host) Disconnected() {
	h.unfollow()
	h.screen.Disconnected()
	h.clip.Disconnected()
	h.files.Disconnected()
	h.flow = nil
}

// Seen is the newest slice of the picture that the screen has.
func (h *host) Seen() uint64 { return h.screen.Seen() }

// Heard takes what the customer's side says about bytes that are moved.
func (h *host) Heard(m wire.Message) {
	h.flow.Heard(m)
	h.files.Heard(m)
	h.clip.Heard(m)
}

func (h *host) Changed(st session.State) {
	h.s.happened(h.v.start, st)
	h.last = st
	h.clip.Changed(st)
	h.files.Changed(st)
	if h.screen == nil {
		return
	}
	h.screen.Changed(st)
	if st.Stage == session.Over { // before the rep is asked, and can answer
		h.s.ended(h.v.start, h.v.seat, st.Why)
	}
	h.s.must(console.SessionChanged{ID: h.id, State: st})
}

// after tells the console and the broker how it ended.
func (h *host) after(err error) {
	why := h.last.Why
	switch {
	case h.screen != nil:
		h.screen.Close()
		if why == 0 {
			why = wire.EndByRep
		}
		h.s.ended(h.v.start, h.v.seat, why)
		h.s.must(console.SessionGone{ID: h.id})
	case h.compare && h.s.doors.NotVerified(err):
		why = wire.EndNotVerified
		h.s.must(h.unmet(why))
	case !h.compare && h.s.doors.WrongSecret(err):
		why = wire.EndWrongSecret
		h.s.must(console.KeyTried{Number: h.number})
	default:
		why = wire.EndNeverMet
		h.s.must(h.unmet(h.v.left()))
	}
	h.s.count(h.s.sayAbout(h.id, &wire.Leave{Session: h.id, Why: why}))
	h.s.visitors.remove(h.id)
}

// unmet says that the two never met.
func (h *host) unmet(why wire.EndWhy) console.Event {
	if h.compare {
		return console.NotMet{ID: h.id, Why: why}
	}
	return console.KeyFree{Number: h.number}
}
