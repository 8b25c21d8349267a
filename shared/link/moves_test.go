package link

import (
	"context"
	"slices"
	"testing"

	"handrail/shared/wire"
)

func TestMovesStayBetweenTheirEdges(t *testing.T) {
	edge := func(seq uint64) wire.Input { return wire.Release{Seq: seq} }
	move := func(after uint64, x uint16) wire.Input { return wire.Move{After: after, X: x} }
	for name, c := range map[string]struct {
		come, want []wire.Input
		dropped    uint64
	}{
		"in order":                   {[]wire.Input{move(0, 1), edge(1), move(1, 2)}, []wire.Input{move(0, 1), edge(1), move(1, 2)}, 0},
		"late move is dropped":       {[]wire.Input{edge(1), move(0, 1)}, []wire.Input{edge(1)}, 1},
		"early move waits":           {[]wire.Input{move(1, 1), edge(1)}, []wire.Input{edge(1), move(1, 1)}, 0},
		"newest early move wins":     {[]wire.Input{move(1, 1), move(1, 2), edge(1)}, []wire.Input{edge(1), move(1, 2)}, 1},
		"edge passes its move":       {[]wire.Input{move(1, 1), edge(1), edge(2)}, []wire.Input{edge(1), move(1, 1), edge(2)}, 0},
		"move of a later edge waits": {[]wire.Input{move(2, 1), edge(1), edge(2)}, []wire.Input{edge(1), edge(2), move(2, 1)}, 0},
		"skipped edge drops a move":  {[]wire.Input{move(1, 1), edge(2)}, []wire.Input{edge(2)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newInputBox()
			for _, in := range c.come {
				if m, ok := in.(wire.Move); ok {
					b.move(m)
				} else if !b.edge(t.Context(), in) {
					t.Fatal("edge refused")
				}
			}
			if !slices.Equal(b.queue, c.want) || b.dropped() != c.dropped {
				t.Errorf("got %v, dropped %d; want %v, %d", b.queue, b.dropped(), c.want, c.dropped)
			}
		})
	}
}

func TestEdgesNeverRunBackwards(t *testing.T) {
	b := newInputBox()
	if !b.edge(t.Context(), wire.Release{Seq: 2}) {
		t.Fatal("first edge refused")
	}
	for _, seq := range []uint64{2, 1} {
		if b.edge(t.Context(), wire.Release{Seq: seq}) {
			t.Errorf("edge %d accepted after 2", seq)
		}
	}
}

func TestEarlyMovesAreBounded(t *testing.T) {
	var g moveGate
	for after := uint64(1); after <= 10*maxEarly; after++ {
		if g.moveCame(wire.Move{After: after}) {
			t.Fatalf("move after unknown edge %d let through", after)
		}
	}
	if len(g.early) != maxEarly || g.dropped != 9*maxEarly {
		t.Fatalf("%d waiting, %d dropped", len(g.early), g.dropped)
	}
	for _, m := range g.early {
		if m.After <= 9*maxEarly {
			t.Errorf("kept the old move after %d", m.After)
		}
	}
}

func TestFullInputQueueKeepsEdgesAndTheNewestMove(t *testing.T) {
	b := newInputBox()
	for i := range queuedInputs {
		b.move(wire.Move{X: uint16(i)})
	}
	b.move(wire.Move{X: 9999})
	if got := b.queue[queuedInputs-1]; len(b.queue) != queuedInputs || got != (wire.Move{X: 9999}) {
		t.Errorf("%d queued, last %v", len(b.queue), got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if b.edge(ctx, wire.Release{Seq: 1}) {
		t.Error("edge found room in a full queue")
	}
	if in, err := b.next(t.Context(), nil); in == nil || err != nil || !b.edge(t.Context(), wire.Release{Seq: 1}) {
		t.Error("edge found no room after one was taken")
	}
}

func TestWaitingDatagramsAreFewAndNew(t *testing.T) {
	f := newFlyers()
	for i := range 100 {
		f.addMove(wire.Move{After: 1, X: uint16(i)})
		f.addPointer(wire.Pointer{Seq: uint64(i)})
	}
	f.addBeat()
	f.addBeat()
	if b := f.take(); !slices.Equal(b, []byte{wire.DatagramHeartbeat}) {
		t.Fatalf("first came %v", b)
	}
	var last wire.Move
	for range flyingMoves {
		in, err := wire.ParseInput(f.take()[1:])
		if err != nil {
			t.Fatal(err)
		}
		last = in.(wire.Move)
	}
	p, err := wire.ParsePointer(f.take()[1:])
	if err != nil || last.X != 99 || p.Seq != 99 || f.take() != nil {
		t.Errorf("last move %v, pointer %v, %v", last, p, err)
	}
	if want := uint64(100 - flyingMoves + 99); f.dropped() != want {
		t.Errorf("dropped %d, want %d", f.dropped(), want)
	}
}

func TestMovesAfterNewEdgesPushOutTheOldest(t *testing.T) {
	f := newFlyers()
	for i := range uint64(flyingMoves + 3) {
		f.addMove(wire.Move{After: i})
	}
	if f.moves[0].After != 3 || f.moves[flyingMoves-1].After != flyingMoves+2 {
		t.Errorf("kept %v", f.moves)
	}
}
