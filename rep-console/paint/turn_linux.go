package paint

import (
	"image"
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
)

// turn brings the screen up to date once, and says since when what it painted
// had been waiting; zero if nothing was drawn.
func (w *Window) turn() (since time.Time) {
	w.mu.Lock()
	want, exposed := w.want, w.exposed
	w.exposed = nil
	size := image.Pt(w.picture.W, w.picture.H)
	if len(w.dirty) > 0 {
		since = w.drawn
	}
	w.mu.Unlock()

	all := want.Out != w.is.Out || want.Place.Size() != w.is.Place.Size() || want.Shown && !w.is.Shown || size != w.size
	if all {
		since = time.Time{} // it has been waiting for its place
	}
	w.size = size
	w.configure(want)
	w.reshape()
	if !want.Shown || size == (image.Point{}) {
		return time.Time{}
	}
	view := image.Rectangle{Max: want.Place.Size()}
	if all {
		w.zoom(size, want.Out.Size())
		exposed = spots{view}
		for _, r := range without(view, want.Out) {
			xproto.ClearArea(w.x, false, w.id, int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()))
		}
	}
	for _, r := range w.refresh(all) {
		exposed.add(r.Add(want.Out.Min).Intersect(view))
	}
	w.show(exposed, w.ghostNow())
	return since
}

// configure moves, maps and unmaps the window and sets its pointer.
func (w *Window) configure(want remote.Scene) {
	if want.Place != w.is.Place && !want.Place.Empty() {
		xproto.ConfigureWindow(w.x, w.id,
			xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
			[]uint32{uint32(want.Place.Min.X), uint32(want.Place.Min.Y), uint32(want.Place.Dx()), uint32(want.Place.Dy())})
	}
	if want.Follow != w.is.Follow || want.Follow && w.cursor == 0 {
		w.follow(want.Follow)
	}
	switch {
	case want.Shown && !w.is.Shown:
		xproto.MapWindow(w.x, w.id)
	case !want.Shown && w.is.Shown:
		xproto.UnmapWindow(w.x, w.id)
	}
	w.is = want
}

// reshape gives the pointer a shape that has come, at once: also between the
// bands of a picture that is being scaled.
func (w *Window) reshape() {
	w.mu.Lock()
	shaped := w.shaped
	w.shape, w.shaped = w.pointer, false
	w.mu.Unlock()
	if shaped && w.is.Follow {
		w.follow(true)
	}
}

// follow gives the local pointer the customer's shape, or back its own.
func (w *Window) follow(on bool) {
	w.drop()
	if on {
		shape := w.shape
		if shape.ID == 0 || !whole(shape) {
			shape = dot()
		}
		// Without it the pointer keeps the arrow: no reason to stop painting.
		w.cursor, _ = w.visual.make(shape)
	}
	xproto.ChangeWindowAttributes(w.x, w.id, xproto.CwCursor, []uint32{uint32(w.cursor)})
}

// drop frees the X cursor. A window that still shows it keeps it alive.
func (w *Window) drop() {
	if w.cursor != 0 {
		xproto.FreeCursor(w.x, w.cursor)
		w.cursor = 0
	}
}

// zoom prepares for showing a picture at a size.
func (w *Window) zoom(from, to image.Point) {
	if from == to {
		w.scaler = nil
		w.scaled.free(w.x)
		return
	}
	if w.scaler != nil && w.scaler.From() == from && w.scaler.To() == to {
		return
	}
	w.scaler = remote.NewScaler(from, to)
	w.scaled.free(w.x)
	w.scaled = newStore(w.x, to.X, to.Y, w.sharing)
}

// refresh brings the scaled picture up to date and says which parts of the
// shown picture have changed, counted from its own corner. It scales in bands
// and lets Draw in between them.
func (w *Window) refresh(all bool) []frame.Rect {
	w.mu.Lock()
	defer w.mu.Unlock()
	dirty := w.dirty
	w.dirty = nil
	if all {
		dirty = spots{w.picture.Bounds()}
	}
	if w.scaler == nil {
		return dirty
	}
	var changed spots
	for _, r := range dirty {
		r = w.scaler.Reach(r)
		changed.add(r)
		rows := max(1, band/max(1, r.Dx()))
		for y := r.Min.Y; y < r.Max.Y; y += rows {
			if w.scaler.From() != image.Pt(w.picture.W, w.picture.H) {
				return nil // replaced by Draw, which has called for another turn
			}
			w.scaler.Scale(w.scaled.Image, w.picture.Image, image.Rect(r.Min.X, y, r.Max.X, min(y+rows, r.Max.Y)))
			w.mu.Unlock()
			w.reshape()
			w.mu.Lock()
		}
	}
	return changed
}

// ghostNow is where the ghost pointer is to be painted.
func (w *Window) ghostNow() frame.Rect {
	if !w.is.GhostShown || w.shape.ID == 0 || !whole(w.shape) {
		return frame.Rect{}
	}
	at := w.is.Ghost.Sub(image.Pt(w.shape.HotX, w.shape.HotY))
	r := image.Rect(0, 0, w.shape.W, w.shape.H).Add(at)
	return r
}

// show paints parts of the window, and the ghost over them. No place is
// painted without the ghost first: it would flicker.
func (w *Window) show(parts spots, ghost frame.Rect) {
	w.mu.Lock()
	defer w.mu.Unlock()
	front := &w.picture
	if w.scaler != nil {
		front = &w.scaled
	}
	out := w.is.Out
	if out.Size() != image.Pt(front.W, front.H) {
		return // replaced by Draw, which has called for another turn
	}
	picture := out.Intersect(image.Rectangle{Max: w.is.Place.Size()})
	if ghost != w.ghost {
		parts.add(w.ghost)
		parts.add(ghost)
	}
	for _, r := range parts {
		for _, piece := range without(r.Intersect(picture), ghost) {
			front.put(w.canvas, piece.Sub(out.Min), piece.Min.X, piece.Min.Y)
		}
	}
	w.ghost = ghost
	patch := ghost.Intersect(picture)
	if patch.Empty() {
		return
	}
	m := frame.New(patch.Dx(), patch.Dy())
	for y := range m.H {
		line := patch.Min.Y - out.Min.Y + y
		copy(m.Row(y, 0, m.W), front.Row(line, patch.Min.X-out.Min.X, patch.Max.X-out.Min.X))
	}
	blend(m, w.shape, ghost.Min.Sub(patch.Min))
	w.send(m, m.Bounds(), patch.Min.X, patch.Min.Y)
}
