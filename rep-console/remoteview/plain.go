package remoteview

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
)

// Card changes a part of what Fyne's graphics card shows; package card has it.
// Its methods are called while Fyne paints.
type Card interface {
	// Fast says whether there is a graphics card. If there is none, painting
	// without Fyne is quicker.
	Fast() bool
	// Update gives parts of m to what was painted last and paints it again. It
	// says false, and has done nothing, if that can't be m.
	Update(m *image.RGBA, parts []image.Rectangle) bool
}

// plain paints the picture with Fyne: where there is a graphics card, on
// systems without a native painter, and beneath pop-ups where there is one.
type plain struct {
	card   Card           // nil for none
	raster *canvas.Raster // the picture
	hook   *canvas.Raster // painted right behind it, unseen, so that the card can be told what changed
	queued atomic.Bool    // update will be called on Fyne's goroutine
	asked  atomic.Bool    // the card was asked whether it is fast
	fast   atomic.Bool

	// The following belong to Fyne's goroutine.
	made *canvas.Raster // whose texture exists

	mu      sync.Mutex // guards the following
	picture frame.Image
	scene   remote.Scene // its Place is not used
	pointer frame.Cursor
	scaler  *remote.Scaler
	scaled  frame.Image
	stale   []frame.Rect // of picture, not in canvas yet
	canvas  *image.RGBA
	is      remote.Scene // that canvas shows
	ghost   frame.Rect   // where canvas has the ghost
	drawn   time.Time    // when stale became no longer empty
	painted time.Duration
	paints  int
}

// staleMost bounds how finely damage is kept.
const staleMost = 64

// newRaster makes what Fyne shows. The old one, if any, shows nothing any more.
func (p *plain) newRaster() {
	var r *canvas.Raster
	r = canvas.NewRaster(func(w, h int) image.Image {
		if r != p.raster {
			return nothing()
		}
		p.made = r
		return p.paint(w, h)
	})
	r.ScaleMode = canvas.ImageScalePixels
	r.Hide()
	p.raster = r
	p.hook = canvas.NewRaster(func(int, int) image.Image {
		p.touch()
		return nothing()
	})
}

// nothing is what can't be seen.
func nothing() image.Image { return image.NewRGBA(image.Rect(0, 0, 1, 1)) }

// refresh has Fyne paint again. It is called without the lock: when Fyne has
// ended, it does at once and here what it is asked to do.
func (p *plain) refresh() {
	if p.queued.CompareAndSwap(false, true) {
		fyne.Do(p.update)
	}
}

// update shows what is new, on Fyne's goroutine.
func (p *plain) update() {
	p.queued.Store(false)
	p.mu.Lock()
	shown := p.scene.Shown
	p.mu.Unlock()
	switch {
	case shown && p.raster.Visible() && p.fast.Load() && p.made == p.raster:
		p.hook.Refresh()
	case shown:
		p.raster.Show()
		p.raster.Refresh()
	case p.raster.Visible():
		p.raster.Hide()
	}
}

// touch gives the card what has changed. Fyne calls it while it paints, right
// behind the picture.
func (p *plain) touch() {
	if p.card == nil {
		return
	}
	if !p.asked.Load() {
		p.fast.Store(p.card.Fast())
		p.asked.Store(true)
	}
	if !p.fast.Load() || p.made != p.raster || !p.raster.Visible() {
		return
	}
	if !p.give() {
		p.made = nil // all of it, then
		p.refresh()
	}
}

// give gives the card what has changed; false says that it is needed whole.
func (p *plain) give() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.canvas == nil {
		return true // there is no picture any more
	}
	parts := p.freshen(p.canvas.Rect.Max)
	p.noteLocked()
	return len(parts) == 0 || p.card.Update(p.canvas, parts)
}

// paint makes the picture for Fyne, w by h device pixels.
func (p *plain) paint(w, h int) image.Image {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.freshen(image.Pt(w, h))
	p.noteLocked()
	return p.canvas
}

// noteLocked counts a painting.
func (p *plain) noteLocked() {
	if !p.drawn.IsZero() {
		p.painted += time.Since(p.drawn)
		p.paints++
		p.drawn = time.Time{}
	}
}

// set says what to show. Shown is meant for this painter here.
func (p *plain) set(s remote.Scene) {
	p.mu.Lock()
	same := s == p.scene
	p.scene = s
	p.mu.Unlock()
	if !same {
		p.refresh()
	}
}

// draw takes over damaged parts; all of a picture if its size is new or damage
// is nil; none of an empty one.
func (p *plain) draw(m frame.Image, damage []frame.Rect) {
	if p.take(m, damage) {
		p.refresh()
	}
}

// take copies what draw gets and says whether it can be seen.
func (p *plain) take(m frame.Image, damage []frame.Rect) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.W <= 0 || m.H <= 0 {
		p.picture, p.stale, p.canvas = frame.Image{}, nil, nil
		return p.scene.Shown
	}
	if p.picture.W != m.W || p.picture.H != m.H {
		p.picture = frame.New(m.W, m.H)
		p.stale, p.is = nil, remote.Scene{}
		damage = nil
	}
	if damage == nil {
		damage = []frame.Rect{m.Bounds()}
	}
	for _, r := range damage {
		if r = r.Intersect(m.Bounds()); r.Empty() {
			continue
		}
		frame.Copy(p.picture, m, r)
		p.stale = frame.Join(p.stale, r, staleMost)
	}
	if p.drawn.IsZero() && p.scene.Shown {
		p.drawn = time.Now()
	}
	return p.scene.Shown
}

// cursor takes the shape of the customer's pointer.
func (p *plain) cursor(c frame.Cursor) {
	p.mu.Lock()
	p.pointer = c
	shown := p.scene.Shown && p.scene.GhostShown
	p.mu.Unlock()
	if shown {
		p.refresh()
	}
}

// snapshot is a copy of the picture.
func (p *plain) snapshot() frame.Image {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.picture.Clone()
}

// spent is how long the paintings took from draw on, and how many there were.
func (p *plain) spent() (time.Duration, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.painted, p.paints
}

// freshen brings the canvas up to date, at a size, and says which parts of it
// have changed.
func (p *plain) freshen(size image.Point) []frame.Rect {
	scene := dense(p.scene, size)
	out := scene.Out
	all := p.canvas == nil || p.canvas.Rect.Max != size || out != p.is.Out
	if p.canvas == nil || p.canvas.Rect.Max != size {
		p.canvas = image.NewRGBA(image.Rectangle{Max: size})
	}
	p.is = scene
	if p.picture.W == 0 || out.Empty() {
		draw.Draw(p.canvas, p.canvas.Rect, image.NewUniform(backdrop()), image.Point{}, draw.Src)
		p.stale, p.is = nil, remote.Scene{}
		return []frame.Rect{p.canvas.Rect}
	}
	front, parts := p.front(out.Size())
	for i, r := range parts {
		parts[i] = r.Add(out.Min)
	}
	if all {
		draw.Draw(p.canvas, p.canvas.Rect, image.NewUniform(backdrop()), image.Point{}, draw.Src)
		parts, p.ghost = []frame.Rect{p.canvas.Rect}, frame.Rect{}
	}
	ghost, shape, at := frame.Rect{}, picture(p.pointer), image.Point{}
	if scene.GhostShown && shape != nil {
		at = scene.Ghost.Sub(image.Pt(p.pointer.HotX, p.pointer.HotY))
		ghost = shape.Rect.Add(at)
	}
	seen := out.Intersect(p.canvas.Rect)
	var changed []frame.Rect
	for _, r := range append(parts, p.ghost, ghost) {
		part := r.Intersect(seen)
		if !part.Empty() {
			p.turnOver(front, out.Min, part)
			changed = append(changed, part)
		}
		if over := part.Intersect(ghost); !over.Empty() {
			draw.Draw(p.canvas, over, shape, over.Min.Sub(at), draw.Over)
		}
	}
	p.ghost = ghost
	if all {
		return []frame.Rect{p.canvas.Rect}
	}
	return changed
}

// dense is a scene on a screen of which each pixel of the view is two or more
// either way, as on a Mac: Fyne asks for all of them.
func dense(s remote.Scene, size image.Point) remote.Scene {
	view := s.Place.Size()
	if view.X <= 0 || view.Y <= 0 || size.X/view.X < 2 || size.Y/view.Y < 2 {
		return s
	}
	k := (size.X + view.X/2) / view.X
	s.Out, s.Ghost = image.Rectangle{Min: s.Out.Min.Mul(k), Max: s.Out.Max.Mul(k)}, s.Ghost.Mul(k)
	return s
}

// front is the picture at the size at which it is shown, and what has changed
// in it.
func (p *plain) front(size image.Point) (frame.Image, []frame.Rect) {
	stale := p.stale
	p.stale = nil
	from := image.Pt(p.picture.W, p.picture.H)
	if size == from {
		p.scaler, p.scaled = nil, frame.Image{}
		return p.picture, stale
	}
	if p.scaler == nil || p.scaler.From() != from || p.scaler.To() != size {
		p.scaler, p.scaled = remote.NewScaler(from, size), frame.New(size.X, size.Y)
		stale = []frame.Rect{p.picture.Bounds()}
	}
	var changed []frame.Rect
	for _, r := range stale {
		r = p.scaler.Reach(r)
		p.scaler.Scale(p.scaled, p.picture, r)
		changed = append(changed, r)
	}
	return p.scaled, changed
}

// turnOver copies a part of the canvas from a picture that lies at at, from
// BGRX to RGBA.
func (p *plain) turnOver(front frame.Image, at image.Point, part frame.Rect) {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		from := front.Row(y-at.Y, part.Min.X-at.X, part.Max.X-at.X)
		to := p.canvas.Pix[p.canvas.PixOffset(part.Min.X, y):][:len(from)]
		i := 0
		for ; i+8 <= len(from); i += 8 { // two pixels at once
			const low, green, full = 0x000000ff_000000ff, 0x0000ff00_0000ff00, 0xff000000_ff000000
			v := binary.LittleEndian.Uint64(from[i : i+8])
			binary.LittleEndian.PutUint64(to[i:i+8], v&green|v&low<<16|v>>16&low|full)
		}
		if i < len(from) {
			to[i], to[i+1], to[i+2], to[i+3] = from[i+2], from[i+1], from[i], 255
		}
	}
}

// backdrop is what surrounds a picture smaller than the view: the native
// painter's, in both themes.
func backdrop() color.NRGBA { return color.NRGBA{R: 0x1b, G: 0x1f, B: 0x24, A: 255} }

// picture is a pointer as an image; nil if there is nothing to see.
func picture(c frame.Cursor) *image.RGBA {
	if c.ID == 0 || c.W <= 0 || c.H <= 0 || c.W > maxPointer || c.H > maxPointer || len(c.Pix) < 4*c.W*c.H {
		return nil
	}
	return &image.RGBA{Pix: c.Pix[:4*c.W*c.H], Stride: 4 * c.W, Rect: image.Rect(0, 0, c.W, c.H)}
}

// maxPointer is wire.MaxSide.
const maxPointer = 256

// shape is a pointer's picture for Fyne.
type shape struct {
	image      *image.RGBA
	hotX, hotY int
}

func (s *shape) Image() (image.Image, int, int) { return s.image, s.hotX, s.hotY }
