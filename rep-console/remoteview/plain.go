package remoteview

import (
	"image"
	"image/color"
	"image/draw"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
)

// plain paints the picture with Fyne's own means: for systems without a native
// painter, and beneath pop-ups where there is one.
type plain struct {
	raster *canvas.Raster
	queued atomic.Bool // update will be called on Fyne's goroutine

	mu      sync.Mutex // guards the following
	picture frame.Image
	scene   remote.Scene // its Place is not used
	pointer frame.Cursor
	scaler  *remote.Scaler
	scaled  frame.Image
	stale   frame.Rect // part of picture that scaled doesn't show yet
	canvas  *image.RGBA
}

// newRaster makes what Fyne shows. The old one, if any, shows nothing any more.
func (p *plain) newRaster() {
	p.raster = canvas.NewRaster(p.paint)
	p.raster.ScaleMode = canvas.ImageScalePixels
	p.raster.Hide()
}

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
	case shown:
		p.raster.Show()
		p.raster.Refresh()
	case p.raster.Visible():
		p.raster.Hide()
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
		p.picture = frame.Image{}
		return p.scene.Shown
	}
	if p.picture.W != m.W || p.picture.H != m.H {
		p.picture = frame.New(m.W, m.H)
		damage = nil
	}
	if damage == nil {
		damage = []frame.Rect{m.Bounds()}
	}
	for _, r := range damage {
		r = r.Intersect(m.Bounds())
		for y := r.Min.Y; y < r.Max.Y; y++ {
			copy(p.picture.Row(y, r.Min.X, r.Max.X), m.Row(y, r.Min.X, r.Max.X))
		}
		p.stale = p.stale.Union(r)
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
	m := p.picture
	m.Pix = append([]byte(nil), m.Pix...)
	return m
}

// paint makes the picture for Fyne, w by h device pixels.
func (p *plain) paint(w, h int) image.Image {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.canvas == nil || p.canvas.Rect.Max != image.Pt(w, h) {
		p.canvas = image.NewRGBA(image.Rect(0, 0, w, h))
	}
	draw.Draw(p.canvas, p.canvas.Rect, image.NewUniform(backdrop()), image.Point{}, draw.Src)
	out := p.scene.Out
	if p.picture.W == 0 || out.Empty() {
		return p.canvas
	}
	front := p.picture
	if out.Size() != image.Pt(front.W, front.H) {
		front = p.scaleTo(out.Size())
	}
	seen := out.Intersect(p.canvas.Rect)
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		from := front.Row(y-out.Min.Y, seen.Min.X-out.Min.X, seen.Max.X-out.Min.X)
		to := p.canvas.Pix[p.canvas.PixOffset(seen.Min.X, y):][:len(from)]
		for i := 0; i < len(from); i += 4 {
			to[i], to[i+1], to[i+2], to[i+3] = from[i+2], from[i+1], from[i], 255
		}
	}
	if ghost := picture(p.pointer); p.scene.GhostShown && ghost != nil {
		at := p.scene.Ghost.Sub(image.Pt(p.pointer.HotX, p.pointer.HotY))
		part := ghost.Rect.Add(at).Intersect(seen)
		draw.Draw(p.canvas, part, ghost, part.Min.Sub(at), draw.Over)
	}
	return p.canvas
}

// scaleTo brings the scaled picture up to date.
func (p *plain) scaleTo(size image.Point) frame.Image {
	from := image.Pt(p.picture.W, p.picture.H)
	if p.scaler == nil || p.scaler.From() != from || p.scaler.To() != size {
		p.scaler, p.scaled = remote.NewScaler(from, size), frame.New(size.X, size.Y)
		p.stale = p.picture.Bounds()
	}
	p.scaler.Scale(p.scaled, p.picture, p.scaler.Reach(p.stale))
	p.stale = frame.Rect{}
	return p.scaled
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
