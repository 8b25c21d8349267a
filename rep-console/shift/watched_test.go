package shift

import (
	"bytes"
	"context"
	"image"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/rep-console/remote"
	"handrail/shared/codec"
	"handrail/shared/frame"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// stubViewer keeps what it is shown.
type stubViewer struct {
	mu     sync.Mutex
	state  remote.State
	drawn  int
	closed int
}

func (v *stubViewer) Draw(frame.Image, []frame.Rect) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.drawn++
}

func (v *stubViewer) Show(s remote.State) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.state = s
}

func (v *stubViewer) Close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed++
}

func (*stubViewer) Cursor(frame.Cursor) {}
func (*stubViewer) Hold(bool)           {}

// Painted says that each picture took 4 ms.
func (v *stubViewer) Painted() (time.Duration, int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return time.Duration(v.drawn) * 4 * time.Millisecond, v.drawn
}

func (v *stubViewer) shown() remote.State {
	synctest.Wait()
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.state
}

// watching plays a story with a watched screen and sees that nothing is left.
func watching(t *testing.T, story func(w *Watched, v *stubViewer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := &stubViewer{}
		w := NewWatched(v)
		story(w, v)
		w.Close()
		w.Close()
		if v.closed != 1 {
			t.Errorf("the viewer was closed %d times", v.closed)
		}
	})
}

// picture is a screen of one colour.
func picture(grey byte) frame.Image {
	m := frame.New(40, 30)
	for i := range m.Pix {
		if i%4 != 3 { // what is fourth is not part of the picture
			m.Pix[i] = grey
		}
	}
	return m
}

// shows gives the whole picture as a key frame.
func shows(m frame.Image, number uint64) wire.Slice {
	e := codec.NewEncoder(nil)
	e.Resize(m.W, m.H)
	return wire.Slice{Seq: number, Frame: number, Last: true, Data: e.Encode(nil, m, 1<<20, time.Time{})}
}

// presented gives the frames a customer was told are on the screen.
func presented(e *end) []uint64 {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	var all []uint64
	for {
		p, err := e.Receive(now)
		if err != nil {
			return all
		}
		if m, ok := p.Body.(*wire.Presented); ok {
			all = append(all, m.Frame)
		}
	}
}

var sharing = session.State{
	Stage: session.Talking, Linked: true, Granted: wire.View | wire.Control,
	Monitors: []wire.Monitor{{ID: 1, W: 40, H: 30}},
}

func TestZ06PictureGoesOnWithTheNextConnection(t *testing.T) {
	watching(t, func(w *Watched, v *stubViewer) {
		one, first := newPipe()
		w.Connected(first)
		w.Changed(sharing)
		first.slices <- shows(picture(10), 5)
		synctest.Wait()
		w.Disconnected()
		if got := w.Snapshot(); !bytes.Equal(got.Pix, picture(10).Pix) {
			t.Error("the last picture is gone with its connection")
		}
		two, second := newPipe()
		w.Connected(second)
		w.Changed(sharing)
		if got := w.Seen(); got != 5 {
			t.Errorf("slice %d is said to be the newest", got)
		}
		second.slices <- wire.Slice{Seq: 6, Frame: 6, Last: true, Data: []byte{0}} // nothing more than the next slice
		second.slices <- shows(picture(200), 90)
		synctest.Wait()
		if got := w.Snapshot(); !bytes.Equal(got.Pix, picture(200).Pix) {
			t.Error("the new connection's picture is not shown")
		}
		if got := w.Seen(); got != 90 {
			t.Errorf("slice %d is said to be the newest", got)
		}
		if a, b := presented(one), presented(two); !slices.Equal(a, []uint64{5}) || len(b) == 0 || b[len(b)-1] != 90 {
			t.Errorf("the customer's side was told %v, then %v", a, b)
		}
		w.Disconnected()
	})
}

// lateSlice gives one slice after its reader was called off.
type lateSlice struct {
	*end
	slice wire.Slice
}

func (l lateSlice) ReceiveSlice(ctx context.Context) (wire.Slice, error) {
	<-ctx.Done()
	if l.given() {
		return wire.Slice{}, context.Cause(ctx)
	}
	return l.slice, nil
}

func (l lateSlice) given() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.taken
	l.taken = true
	return was
}

// TestLateSliceStaysOutOfTheNewPicture: the old connection's last slice, on its
// way through here when the new one comes, is not decoded into the new one's
// picture.
func TestLateSliceStaysOutOfTheNewPicture(t *testing.T) {
	for range 50 {
		watching(t, func(w *Watched, v *stubViewer) {
			_, first := newPipe()
			w.Connected(lateSlice{first, shows(picture(10), 5)})
			synctest.Wait()
			two, second := newPipe()
			w.Connected(second)
			w.Changed(sharing)
			synctest.Wait()
			if got := presented(two); len(got) != 0 {
				t.Errorf("the new connection was told that %v is on the screen", got)
			}
		})
	}
}

func TestS01PictureComesBackWhenSharedAgain(t *testing.T) {
	watching(t, func(w *Watched, v *stubViewer) {
		_, peer := newPipe()
		w.Connected(peer)
		w.Changed(sharing)
		peer.slices <- shows(picture(10), 1)
		if got := v.shown().Picture; got != image.Pt(40, 30) {
			t.Fatalf("the picture is %v", got)
		}
		stopped := sharing
		stopped.Granted = 0
		w.Changed(stopped)
		if got := v.shown().Picture; got != (image.Point{}) {
			t.Fatalf("after STOP SHARING the picture is %v", got)
		}
		w.Changed(sharing)
		peer.slices <- shows(picture(20), 1)
		if got := v.shown().Picture; got != image.Pt(40, 30) {
			t.Errorf("shared again, the picture is %v", got)
		}
	})
}

// TestS07HandsReachOnlyTheConnectionInUse and none while there is none.
func TestS07HandsReachOnlyTheConnectionInUse(t *testing.T) {
	watching(t, func(w *Watched, v *stubViewer) {
		_, first := newPipe()
		w.Connected(first)
		w.Changed(sharing)
		first.slices <- shows(picture(10), 1)
		synctest.Wait()
		w.Do(remote.Resize{Size: image.Pt(400, 300)})
		w.Do(remote.Focus{On: true})
		press := remote.Press{Button: 1, Down: true, At: image.Pt(200, 150)}
		w.Do(press)
		before := len(first.hands())
		if before == 0 {
			t.Fatal("nothing reaches the customer")
		}
		w.Disconnected()
		cut := sharing
		cut.Linked = false
		w.Changed(cut)
		w.Do(press)
		_, second := newPipe()
		w.Connected(second)
		w.Changed(sharing)
		if n := len(first.hands()); n != before {
			t.Errorf("%d events went to a connection that is gone", n-before)
		}
		if got := second.hands(); len(got) != 1 {
			t.Errorf("the new connection got %v, want all keys and buttons released", got)
		} else if _, ok := got[0].(wire.Release); !ok {
			t.Errorf("the new connection got %v first", got)
		}
	})
}
