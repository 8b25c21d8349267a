package film

import (
	"handrail/shared/frame"
	"handrail/shared/odds"
)

// Block is the largest side of a photograph.
const Block = 64

// Photo is what both ends have learnt about photographs.
type Photo struct {
	learnt learnt
	rest   rest
	cur    picture
	above  [Block / 16]beside
	job    job
}

// NewPhoto is a Photo that has seen none yet.
func NewPhoto() *Photo {
	p := &Photo{}
	p.Reset()
	return p
}

// Reset makes it forget.
func (p *Photo) Reset() {
	p.learnt.init()
	p.rest.init()
}

// Encode tells the rectangle r of src, at most Block pixels a side and not
// empty, with the quantiser q, and writes to dst what the decoder will show
// there.
func (p *Photo) Encode(e *odds.Encoder, src, dst frame.Image, r frame.Rect, q int) {
	p.begin(r, q)
	p.job.enc = e
	p.run(src, dst)
	p.job.enc = nil
}

// Decode reads what Encode wrote.
func (p *Photo) Decode(d *odds.Decoder, dst frame.Image, r frame.Rect, q int) {
	p.begin(r, q)
	p.job.dec = d
	p.run(frame.Image{}, dst)
	p.job.dec = nil
}

func (p *Photo) begin(r frame.Rect, q int) {
	j := &p.job
	j.set(q)
	j.learnt, j.cur, j.r, j.above = &p.learnt, &p.cur, r, p.above[:]
	clear(j.above)
	p.cur.resize((r.Dx()+15)/16, (r.Dy()+15)/16)
}

func (p *Photo) run(src, dst frame.Image) {
	j := &p.job
	mw, mh := (j.r.Dx()+15)/16, (j.r.Dy()+15)/16
	for my := range mh {
		j.left = beside{}
		for mx := range mw {
			if j.enc != nil {
				j.src.take(src, j.r, mx, my)
			}
			j.still(mx, my)
		}
		j.cur.frame(8*my, 8*my+8)
	}
	for my := range mh {
		for mx := range mw {
			j.cur.show(dst, j.r, mx, my, 0, mh)
		}
	}
}
