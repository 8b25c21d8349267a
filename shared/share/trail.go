package share

import (
	"image"
	"sync"
	"time"

	"handrail/shared/frame"
)

// trail is what the picture has to do with the viewer's input: which pixel is
// meant, who put the pointer there, which edges show already. It has a lock of
// its own, held for moments: to type a text takes Hands a while, and the
// picture must not stand still meanwhile.
type trail struct {
	mu     sync.Mutex
	layout []frame.Monitor
	at     image.Point // where the viewer last put the pointer
	placed bool
	moved  time.Time // when
	edges  [64]edge  // when the last edges had reached Hands, a ring
	newest int
	hands  uint64 // the edge Hands are at, or 0
}

type edge struct {
	seq uint64
	at  time.Time
}

func (t *trail) setLayout(layout []frame.Monitor) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.layout = layout
}

// place is the pixel of the desktop that the viewer means, unless it is on a
// monitor that is not there.
func (t *trail) place(monitor uint8, x, y uint16) (image.Point, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	area := frame.Desktop(t.layout)
	if monitor != 0 {
		m, _ := frame.Find(t.layout, monitor)
		area = m.Bounds
	}
	if area.Empty() {
		return image.Point{}, false
	}
	t.at, t.placed, t.moved = frame.Point(area, x, y), true, time.Now()
	return t.at, true
}

// put says whether it was the viewer who put the pointer there.
func (t *trail) put(p image.Point) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.placed && p == t.at
}

// reaches notes that an edge is on its way to Hands. To type a text takes them
// a while, in which its first letters show already.
func (t *trail) reaches(seq uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hands = seq
}

// reached notes that an edge has reached Hands.
func (t *trail) reached(seq uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hands = 0
	t.newest = (t.newest + 1) % len(t.edges)
	t.edges[t.newest] = edge{seq, time.Now()}
}

// seen is the last edge that had reached Hands at that time.
func (t *trail) seen(at time.Time) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	var seq uint64
	for _, e := range t.edges {
		if e.seq > seq && !e.at.IsZero() && !e.at.After(at) {
			seq = e.seq
		}
	}
	return seq
}

// cause is what the viewer's hand did last, as the screen at this time knows
// it, with the pointer counted from corner.
func (t *trail) cause(at time.Time, corner image.Point) cause {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := cause{edge: t.hands, since: at, moved: t.moved, pointer: t.at.Sub(corner)}
	if e := t.edges[t.newest]; c.edge == 0 && !e.at.IsZero() {
		c.edge, c.since = e.seq, e.at
	}
	return c
}
