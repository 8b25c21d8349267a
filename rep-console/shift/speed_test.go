package shift

import (
	"testing"
	"testing/synctest"
	"time"

	"handrail/rep-console/remote"
	"handrail/shared/wire"
)

func TestS13FiguresOfBothSidesBecomeOne(t *testing.T) {
	watching(t, func(w *Watched, v *stubViewer) {
		_, peer := newPipe()
		w.Connected(peer)
		w.Changed(sharing)
		w.Pace(wire.Pace{}) // what is before does not count
		peer.slices <- shows(picture(10), 5)
		synctest.Wait()
		w.Pace(wire.Pace{Capture: 900, Encode: 5000, Send: 100, Shown: 40_000, Frames: 24, Bytes: 70_000, Strain: 1})
		// The clock of the test stands still, so decoding and copying take no
		// time, painting 4 ms and the network 20: 11 are not accounted for.
		want := remote.Speed{
			Capture: 900 * time.Microsecond, Encode: 5 * time.Millisecond, Queue: 11 * time.Millisecond,
			Network: 20 * time.Millisecond, Present: 4 * time.Millisecond,
			Strained: true, Pictures: 24, Bits: 560_000,
		}
		if got := v.shown().Speed; got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		w.Pace(wire.Pace{Encode: 5000, Send: 100, Frames: 1})
		want = remote.Speed{
			Encode: 5 * time.Millisecond, Queue: 100 * time.Microsecond, Network: 20 * time.Millisecond, Pictures: 1,
		}
		if got := v.shown().Speed; got != want {
			t.Errorf("without a picture here:\ngot  %+v\nwant %+v", got, want)
		}
		w.Disconnected()
	})
}
