package link

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/sim"
	"handrail/shared/wire"
)

// lossy is a bad mobile network.
var lossy = sim.Link{Rate: 10_000_000, Delay: 20 * time.Millisecond, Loss: 0.03}

func TestPacketsArriveWholeAndInOrderWhateverGetsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer := acquainted(t, lossy)
		for i := range uint64(200) {
			if err := rep.Send(wire.Packet{Seq: i + 1, Body: &wire.Chat{Text: "line", At: int64(i)}}); err != nil {
				t.Fatal(err)
			}
			if i%100 == 50 { // room for the network
				time.Sleep(time.Second)
			}
		}
		for i := range uint64(200) {
			p, err := customer.Receive(t.Context())
			if err != nil || p.Seq != i+1 {
				t.Fatalf("packet %d: %v, %v", i+1, p, err)
			}
		}
		if err := customer.Send(wire.Packet{Seq: 1, Ack: 200, Body: &wire.Answer{ID: 1, Verdict: wire.Allowed}}); err != nil {
			t.Fatal(err)
		}
		if p, err := rep.Receive(t.Context()); err != nil || p.Ack != 200 {
			t.Errorf("answer %v, %v", p, err)
		}
	})
}

func TestInputKeepsItsOrderWhateverGetsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer := acquainted(t, lossy)
		const edges, movesEach = 100, 5
		var hand sync.WaitGroup
		defer hand.Wait()
		hand.Go(func() {
			for e := range uint64(edges) {
				for x := range uint16(movesEach) {
					if err := rep.SendInput(wire.Move{X: uint16(e)<<8 | x}); err != nil {
						t.Error(err)
					}
					time.Sleep(2 * time.Millisecond)
				}
				if err := rep.SendInput(wire.Button{Seq: e + 1, Button: 1, Down: e%2 == 0}); err != nil {
					t.Error(err)
				}
			}
		})
		var last uint64
		moves := 0
		for last < edges {
			in, err := customer.ReceiveInput(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			switch v := in.(type) {
			case wire.Button:
				if v.Seq != last+1 {
					t.Fatalf("edge %d after %d", v.Seq, last)
				}
				last = v.Seq
			case wire.Move:
				moves++
				if v.After != last || uint64(v.X>>8) != last {
					t.Fatalf("move %v after edge %d", v, last)
				}
			}
		}
		if moves < edges*movesEach/2 {
			t.Errorf("only %d moves came", moves)
		}
		t.Logf("%d of %d moves, %d dropped here", moves, edges*movesEach, customer.Stats().InputsDropped)
	})
}

func TestPictureCursorAndPointerReachTheRep(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer := acquainted(t, lossy)
		go func() {
			for f := range uint64(50) {
				s := wire.Slice{Seq: 1, Frame: f + 1, Last: true, Data: bytes.Repeat([]byte{byte(f)}, 8<<10)}
				if err := customer.SendSlice(t.Context(), s); err != nil {
					t.Error(err)
				}
			}
		}()
		for f := range uint64(50) {
			s, err := rep.ReceiveSlice(t.Context())
			if err != nil || s.Frame != f+1 || !bytes.Equal(s.Data, bytes.Repeat([]byte{byte(f)}, 8<<10)) {
				t.Fatalf("slice %d: %v", f+1, err)
			}
		}
		shape := wire.Cursor{ID: 1, W: 2, H: 2, Pix: make([]byte, 16)}
		if err := customer.SendCursor(t.Context(), shape); err != nil {
			t.Fatal(err)
		}
		if c, err := rep.ReceiveCursor(t.Context()); err != nil || len(c.Pix) != 16 {
			t.Errorf("cursor %v, %v", c, err)
		}
		var sender sync.WaitGroup
		defer sender.Wait()
		sender.Go(func() {
			for i := range uint64(20) {
				if err := customer.SendPointer(wire.Pointer{Seq: i + 1, X: uint16(i)}); err != nil {
					t.Error(err)
				}
				time.Sleep(50 * time.Millisecond)
			}
		})
		var last uint64
		for last < 15 {
			p, err := rep.ReceivePointer(t.Context())
			if err != nil || p.Seq <= last {
				t.Fatalf("pointer %v after %d, %v", p, last, err)
			}
			last = p.Seq
		}
		if s := customer.Stats(); s.MinRTT < 40*time.Millisecond || s.Sent < 50*8<<10 || s.Window == 0 {
			t.Errorf("stats %+v", s)
		}
		if rtt := rep.Path().RTT; rtt < 40*time.Millisecond {
			t.Errorf("round trip of %v", rtt)
		}
	})
}

func TestWordsDoNotWaitBehindPictures(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer := acquainted(t, sim.Link{Rate: 10_000_000, Delay: 20 * time.Millisecond, Queue: 60_000})
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		flood := make(chan error, 2)
		go func() {
			var err error
			for f := uint64(1); err == nil; f++ {
				err = customer.SendSlice(ctx, wire.Slice{Seq: 1, Frame: f, Data: make([]byte, 200<<10)})
			}
			flood <- err
		}()
		go func() {
			var err error
			for err == nil {
				_, err = rep.ReceiveSlice(ctx)
			}
			flood <- err
		}()
		time.Sleep(2 * time.Second)
		for i := range uint64(20) {
			start := time.Now()
			if err := customer.Send(wire.Packet{Seq: i + 1, Body: &wire.Chat{Text: "still here"}}); err != nil {
				t.Fatal(err)
			}
			if _, err := rep.Receive(t.Context()); err != nil {
				t.Fatal(err)
			}
			// 20 ms of way, up to 48 ms of the router's queue, one loss.
			if took := time.Since(start); took > 250*time.Millisecond {
				t.Errorf("took %v", took)
			}
		}
		stop()
		for range 2 {
			if err := <-flood; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	})
}

func TestSliceCutShortIsFinishedBeforeTheNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer := acquainted(t, sim.Link{Rate: 1_000_000, Delay: 20 * time.Millisecond})
		big := wire.Slice{Seq: 1, Frame: 1, Data: bytes.Repeat([]byte{1}, 200<<10)}
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if err := customer.SendSlice(ctx, big); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("1.6 s of data in half a second: %v", err)
		}
		if err := customer.SendSlice(t.Context(), wire.Slice{Seq: 1, Frame: 2, Data: []byte{2}}); err != nil {
			t.Fatal(err)
		}
		for want := uint64(1); want <= 2; want++ {
			if s, err := rep.ReceiveSlice(t.Context()); err != nil || s.Frame != want {
				t.Errorf("frame %d, %v; want %d", s.Frame, err, want)
			}
		}
	})
}

func TestRolesSendOnlyWhatIsTheirs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer := acquainted(t, sim.Link{})
		ctx := t.Context()
		for name, err := range map[string]error{
			"input from customer":    customer.SendInput(wire.Release{Seq: 1}),
			"picture from rep":       rep.SendSlice(ctx, wire.Slice{Seq: 1, Frame: 1}),
			"cursor from rep":        rep.SendCursor(ctx, wire.Cursor{}),
			"pointer from rep":       rep.SendPointer(wire.Pointer{}),
			"rep reads input":        second(rep.ReceiveInput(ctx)),
			"customer reads picture": second(customer.ReceiveSlice(ctx)),
			"customer reads cursor":  second(customer.ReceiveCursor(ctx)),
			"customer reads pointer": second(customer.ReceivePointer(ctx)),
		} {
			if !errors.Is(err, ErrWrongRole) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, err := range map[string]error{
			"edge without number": rep.SendInput(wire.Release{}),
			"button 9":            rep.SendInput(wire.Button{Seq: 1, Button: 9}),
			"cursor of no size":   customer.SendCursor(ctx, wire.Cursor{ID: 1, Pix: []byte{1}}),
		} {
			if !errors.Is(err, wire.ErrMalformed) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := customer.SendSlice(ctx, wire.Slice{Seq: 1, Frame: 1, Data: make([]byte, wire.MaxSlice)}); !errors.Is(err, wire.ErrTooLong) {
			t.Errorf("slice of %d bytes: %v", wire.MaxSlice, err)
		}
	})
}

func TestBulkGoesBothWaysInOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer := acquainted(t, sim.Link{Rate: 2_000_000, Delay: 20 * time.Millisecond, Loss: 0.02})
		const many = 40
		var all sync.WaitGroup
		for _, ends := range [][2]*Peer{{rep, customer}, {customer, rep}} {
			all.Go(func() {
				for i := range many {
					if err := ends[0].SendBulk(t.Context(), wire.Piece{ID: uint32(i + 1), Data: make([]byte, 8<<10)}); err != nil {
						t.Error(err)
					}
				}
			})
			all.Go(func() {
				for i := range many {
					v, err := ends[1].ReceiveBulk(t.Context())
					if p, ok := v.(wire.Piece); err != nil || !ok || p.ID != uint32(i+1) || len(p.Data) != 8<<10 {
						t.Errorf("part %d is %T, %v", i+1, v, err)
						return
					}
				}
			})
		}
		all.Wait()
		if err := rep.SendBulk(t.Context(), wire.Piece{ID: 1}); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("an empty piece: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestClosingTellsTheOtherWhyAfterTheLastWord(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer := acquainted(t, lossy)
		if err := customer.Send(wire.Packet{Seq: 1, Body: &wire.End{Why: wire.EndByCustomer}}); err != nil {
			t.Fatal(err)
		}
		customer.Close(wire.EndByCustomer)
		if p, err := rep.Receive(t.Context()); err != nil || p.Seq != 1 {
			t.Errorf("got %v, %v", p, err)
		}
		_, err := rep.Receive(t.Context())
		var closed *PeerClosed
		if !errors.As(err, &closed) || closed.Why != wire.EndByCustomer || !errors.Is(err, ErrClosed) {
			t.Errorf("then %v", err)
		}
		<-customer.Done()
		if !errors.Is(customer.Err(), ErrClosed) {
			t.Errorf("customer's own: %v", customer.Err())
		}
		for name, err := range map[string]error{
			"Send":           customer.Send(wire.Packet{Body: &wire.Ack{}}),
			"SendSlice":      customer.SendSlice(t.Context(), wire.Slice{Seq: 1, Frame: 1}),
			"ReceiveInput":   second(customer.ReceiveInput(t.Context())),
			"SendInput":      rep.SendInput(wire.Release{Seq: 1}),
			"SendInput move": rep.SendInput(wire.Move{}),
			"ReceiveSlice":   second(rep.ReceiveSlice(t.Context())),
		} {
			if !errors.Is(err, ErrClosed) {
				t.Errorf("%s after the end: %v", name, err)
			}
		}
	})
}

func TestSilenceGrowsUntilTheConnectionIsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n, rep, customer := acquainted(t, sim.Link{Delay: 20 * time.Millisecond})
		for range 20 {
			time.Sleep(time.Second)
			for _, p := range []*Peer{rep, customer} {
				if quiet := p.Silent(time.Now()); quiet > heartbeat+50*time.Millisecond {
					t.Fatalf("silent for %v although all is well", quiet)
				}
			}
		}
		n.Change(customerAt, sim.Link{Loss: 1})
		n.Change(repAt, sim.Link{Loss: 1})
		time.Sleep(2 * time.Second)
		if quiet := rep.Silent(time.Now()); quiet < 1500*time.Millisecond {
			t.Errorf("silent for %v", quiet)
		}
		<-rep.Done()
		<-customer.Done()
		if !errors.Is(rep.Err(), ErrLost) || !errors.Is(customer.Err(), ErrLost) {
			t.Errorf("%v, %v", rep.Err(), customer.Err())
		}
	})
}

func TestShortOutageIsForgiven(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n, rep, customer := acquainted(t, sim.Link{Delay: 20 * time.Millisecond})
		n.Change(customerAt, sim.Link{Loss: 1})
		if err := rep.Send(wire.Packet{Seq: 1, Body: &wire.Nudge{}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		n.Change(customerAt, sim.Link{Delay: 20 * time.Millisecond})
		if p, err := customer.Receive(t.Context()); err != nil || p.Seq != 1 {
			t.Errorf("got %v, %v", p, err)
		}
	})
}

func TestRepWhoBreaksTheRulesIsCut(t *testing.T) {
	slice := appendBlock(wire.AppendSlice(nil, wire.Slice{Seq: 1, Frame: 1}))
	edge := appendBlock(wire.AppendInput(nil, wire.Release{Seq: 5}))
	move := appendBlock(wire.AppendInput(nil, wire.Move{}))
	answer, err := wire.Append(nil, wire.Packet{Seq: 1, Body: &wire.Answer{ID: 1, Verdict: wire.Allowed}})
	if err != nil {
		t.Fatal(err)
	}
	stream := func(kind wire.StreamKind, blocks ...[]byte) []byte {
		return append(wire.AppendStreamKind(nil, kind), bytes.Join(blocks, nil)...)
	}
	for name, c := range map[string]struct {
		opens   [][]byte // streams
		control []byte
		code    quic.ApplicationErrorCode
	}{
		"pictures":                {[][]byte{stream(wire.StreamPictures, slice)}, nil, codeOutOfPlace},
		"a second control stream": {[][]byte{stream(wire.StreamControl)}, nil, codeOutOfPlace},
		"input twice":             {[][]byte{stream(wire.StreamInput, edge), stream(wire.StreamInput, edge)}, nil, codeOutOfPlace},
		"edges backwards":         {[][]byte{stream(wire.StreamInput, edge, edge)}, nil, codeMalformed},
		"a move among edges":      {[][]byte{stream(wire.StreamInput, move)}, nil, codeMalformed},
		"an endless block":        {[][]byte{stream(wire.StreamInput, []byte{0xff, 0xff, 0xff, 0x7f})}, nil, codeMalformed},
		"a customer's answer":     {nil, appendBlock(answer), codeOutOfPlace},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				_, rep, customer := acquainted(t, sim.Link{})
				for _, b := range c.opens {
					s, err := rep.conn.OpenUniStream()
					if err != nil {
						t.Fatal(err)
					}
					if _, err := s.Write(b); err != nil {
						t.Fatal(err)
					}
				}
				if c.control != nil {
					rep.talk.out.mu.Lock()
					rep.talk.out.blocks = append(rep.talk.out.blocks, c.control)
					rep.talk.out.mu.Unlock()
					signal(rep.talk.out.wake)
				}
				<-rep.Done()
				<-customer.Done()
				var app *quic.ApplicationError
				if cause := context.Cause(rep.conn.Context()); !errors.As(cause, &app) || app.ErrorCode != c.code {
					t.Errorf("rep saw %v, want code %d", cause, c.code)
				}
			})
		})
	}
}

func TestStreamsAndDatagramsOfNewerVersionsAreRefusedOneByOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer := acquainted(t, sim.Link{})
		for i := range 3 * spareStreams { // more than may be open at a time
			s, err := rep.conn.OpenUniStreamSync(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Write([]byte{byte(100 + i%20), 1, 2, 3}); err != nil && i == 0 {
				t.Fatal(err)
			}
			<-s.Context().Done()
			s.CancelWrite(0)
		}
		for _, b := range [][]byte{{}, {99}, {wire.DatagramPointer, 1, 0, 0, 0}, {wire.DatagramMove}, {wire.DatagramMove, 0xff}} {
			if err := rep.conn.SendDatagram(b); err != nil {
				t.Fatal(err)
			}
		}
		if err := rep.SendInput(wire.Release{Seq: 1}); err != nil {
			t.Fatal(err)
		}
		if in, err := customer.ReceiveInput(t.Context()); err != nil || in != (wire.Release{Seq: 1}) {
			t.Errorf("got %v, %v", in, err)
		}
		synctestWait(customer, 5)
		if n := customer.Stats().DatagramsDropped; n != 5 {
			t.Errorf("%d datagrams dropped, want 5", n)
		}
	})
}

// synctestWait lets simulated time pass until the datagrams are counted.
func synctestWait(p *Peer, n uint64) {
	for end := time.Now().Add(time.Minute); p.Stats().DatagramsDropped < n && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

func TestInputNobodyTakesEndsTheConnection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n, rep, _ := acquainted(t, sim.Link{})
		n.Change(customerAt, sim.Link{Loss: 1})
		text := make([]byte, wire.MaxTypedText)
		copy(text, bytes.Repeat([]byte("a"), len(text)))
		var err error
		for seq := uint64(1); err == nil; seq++ {
			if err = rep.SendInput(wire.Typed{Seq: seq, Text: string(text)}); seq > 10_000 {
				t.Fatal("endless queue, " + strconv.Itoa(int(seq)))
			}
		}
		if !errors.Is(err, ErrCrowded) {
			t.Errorf("got %v", err)
		}
		<-rep.Done()
	})
}
