package link

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/wire"
)

// FuzzDatagram: no datagram blocks its reader or grows what waits, a move that
// goes through is one that wire takes, and the place of the pointer only gets
// newer.
func FuzzDatagram(f *testing.F) {
	f.Add([]byte{wire.DatagramHeartbeat}, true)
	f.Add(wire.AppendInput([]byte{wire.DatagramMove}, wire.Move{After: 3, Monitor: 1, X: 9}), true)
	f.Add(wire.AppendInput([]byte{wire.DatagramMove}, wire.Release{Seq: 1}), true)
	f.Add(wire.AppendPointer([]byte{wire.DatagramPointer}, wire.Pointer{Seq: 1 << 40, X: 7}), false)
	f.Add([]byte{99, 1, 2}, false)
	f.Fuzz(func(t *testing.T, b []byte, customer bool) {
		p := &Peer{}
		if customer {
			p.inputs = newInputBox()
		} else {
			p.pointer = make(chan wire.Pointer, pointerPlaces)
		}
		var newest uint64
		for range 3 { // again and again changes nothing
			before := newest
			ok := p.catchOne(b, &newest)
			if newest < before {
				t.Fatalf("the pointer went back from %d to %d", before, newest)
			}
			if ok && customer && (b[0] != wire.DatagramMove || !isMove(b[1:])) {
				t.Fatalf("took %x for a move", b)
			}
			if ok && !customer && newest == before {
				t.Fatalf("took %x, which is no newer than %d", b, before)
			}
		}
		if customer && (len(p.inputs.queue) > 3 || len(p.inputs.gate.early) > 1) {
			t.Fatalf("%d moves of one wait, %d for their edges", len(p.inputs.queue), len(p.inputs.gate.early))
		}
	})
}

func isMove(b []byte) bool {
	in, err := wire.ParseInput(b)
	_, ok := in.(wire.Move)
	return err == nil && ok
}

// FuzzMoves: in whatever order edges and moves come, what goes through keeps
// the order of the edges, each move stands behind the edge it was made after,
// and few wait. Each byte is an edge so many further on, or a move.
func FuzzMoves(f *testing.F) {
	f.Add([]byte{1, 0x80, 0x81, 1, 1, 0x82})
	f.Add([]byte{0xff, 0xfe, 5, 0, 3})
	f.Fuzz(func(t *testing.T, script []byte) {
		var g moveGate
		last, sent, through := uint64(0), uint64(0), uint64(0)
		pass := func(m wire.Move) {
			if m.After != last {
				t.Fatalf("a move after edge %d went through behind edge %d", m.After, last)
			}
			through++
		}
		for i, c := range script {
			if c < 0x80 {
				next, waited, ok := g.edgeCame(last + uint64(c))
				if ok != (c > 0) {
					t.Fatalf("edge %d after %d: %v", last+uint64(c), last, ok)
				}
				last += uint64(c)
				if waited {
					pass(next)
				}
				continue
			}
			sent++
			m := wire.Move{After: last + uint64(c-0x80) - min(last, 0x20), X: uint16(i)}
			if g.moveCame(m) {
				pass(m)
			}
			if len(g.early) > maxEarly {
				t.Fatalf("%d moves wait", len(g.early))
			}
		}
		if through+g.dropped+uint64(len(g.early)) != sent {
			t.Fatalf("of %d moves %d went through, %d were dropped and %d wait", sent, through, g.dropped, len(g.early))
		}
	})
}

// FuzzSignal: whatever the other side signals, what is kept of it is bounded,
// each address is one to try, and none is tried twice.
func FuzzSignal(f *testing.F) {
	f.Add("1 1 udp 2130706431 192.168.1.5 5000 typ host", "1 1 udp 16777215 203.0.113.9 5000 typ relay raddr 0.0.0.0 rport 5000", uint8(3), false)
	f.Add("candidate:1 1 udp 1 ::1 9 typ host", "", uint8(200), true)
	f.Fuzz(func(t *testing.T, one, two string, times uint8, direct bool) {
		r := &rendezvous{m: Meeting{Role: wire.RoleRep, Epoch: 1, Direct: direct}, known: map[string]bool{}}
		for i := range int(times) {
			s := &wire.Signal{Epoch: 1, Candidates: []string{one, two, one + string(rune('a'+i%26)), two}}
			if began, err := r.hear(s); began || err != nil {
				t.Fatalf("began %v, %v", began, err)
			}
		}
		if len(r.known) > wire.MaxCandidates || len(r.early) > len(r.known) {
			t.Fatalf("%d addresses known, %d kept", len(r.known), len(r.early))
		}
		for _, c := range r.early {
			at := placeOfCandidate(c)
			if !mayTry(at.Addr(), false) || at.Port() == 0 || direct && c.Type().String() == "relay" {
				t.Fatalf("would try %v", c)
			}
		}
	})
}

// FuzzHostilePeer has somebody who was let in do things in any order: the
// other side either goes on or has ended the connection, it believes nothing
// that its role may not say, and leaves nothing behind.
func FuzzHostilePeer(f *testing.F) {
	edge := appendBlock(wire.AppendInput(nil, wire.Button{Seq: 1, Button: 1, Down: true}))
	f.Add(true, []byte{2, byte(wire.StreamInput), byte(len(edge)), 1}, edge)
	f.Add(true, []byte{0, 0, 5, 1, 3, 0, 9, 9}, []byte{4, 0x84, 0x18, 0x43, 0})
	f.Add(false, []byte{2, byte(wire.StreamPictures), 7, 1, 2, byte(wire.StreamCursor), 7, 1}, appendBlock(wire.AppendSlice(nil, wire.Slice{Seq: 1, Frame: 1})))
	f.Add(false, []byte{2, byte(wire.StreamBulk), 40, 2, 4, 0, 0, 0}, appendBlock(wire.AppendBulk(nil, wire.Piece{ID: 1, Data: []byte("x")})))
	f.Fuzz(func(t *testing.T, rep bool, script, data []byte) {
		synctest.Test(t, func(t *testing.T) {
			role, other := wire.RoleCustomer, wire.RoleRep
			if rep {
				role, other = other, role
			}
			foe, p := meetFoe(t, role)
			read := make(chan struct{})
			go func() {
				defer close(read)
				believe(t, p, role)
			}()
			foe.play(script[:min(len(script), 64)], data)
			time.Sleep(2 * time.Second) // of simulated time
			err := p.Send(wire.Packet{Body: &wire.Ack{}})
			if err != nil && !errors.Is(err, ErrClosed) {
				t.Errorf("as %d: %v", other, err)
			}
			p.Close(wire.EndLost)
			<-p.Done()
			<-read
		})
	})
}

// play does what a script says, four bytes a step: what, with which kind of
// stream, how much of data, and how often.
func (f *foe) play(script, data []byte) {
	ctx, cancel := context.WithTimeout(f.t.Context(), time.Second)
	defer cancel()
	for len(script) >= 4 {
		what, kind, much, often := script[0]%6, script[1], script[2], script[3]%8
		script = script[4:]
		b := data[:min(len(data), int(much))]
		for range often {
			switch what {
			case 0:
				_ = f.control.SetWriteDeadline(time.Now().Add(time.Second))
				f.say(b)
			case 1:
				_ = f.conn.SendDatagram(append([]byte{kind}, b...)) // too long is an error here
			case 2, 3:
				s, err := f.conn.OpenUniStreamSync(ctx)
				if err != nil {
					return
				}
				_ = s.SetWriteDeadline(time.Now().Add(time.Second))
				_, _ = s.Write(append([]byte{kind}, b...))
				if what == 3 {
					_ = s.Close()
				}
			case 4:
				f.control.CancelRead(quic.StreamErrorCode(kind))
			case 5:
				f.control.CancelWrite(quic.StreamErrorCode(kind))
			}
		}
	}
}

// believe reads all an honest side can read, and looks whether it may.
func believe(t *testing.T, p *Peer, from wire.Role) {
	ctx := t.Context()
	done := make(chan struct{}, 5)
	each := func(next func() error) {
		for next() == nil {
		}
		done <- struct{}{}
	}
	edge := uint64(0)
	go each(func() error {
		q, err := p.Receive(ctx)
		if err == nil && !wire.MayCome(q.Body.Kind(), wire.SessionPlane, from) {
			t.Errorf("believed %v of %d", q.Body.Kind(), from)
		}
		if errors.Is(err, wire.ErrUnknownKind) {
			err = nil
		}
		return err
	})
	go each(func() error {
		in, err := p.ReceiveInput(ctx)
		if err != nil {
			return err
		}
		m, isMove := in.(wire.Move)
		if seq := wire.Edge(in); isMove && m.After != edge || !isMove && seq <= edge {
			t.Errorf("input %+v after edge %d", in, edge)
		} else if !isMove {
			edge = seq
		}
		return nil
	})
	go each(func() error { return second(p.ReceiveSlice(ctx)) })
	go each(func() error { return second(p.ReceiveCursor(ctx)) })
	go each(func() error { return second(p.ReceiveBulk(ctx)) })
	for range cap(done) {
		<-done
	}
}
