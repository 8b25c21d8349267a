package film

// edge is how far a plane goes on beyond the picture, repeating its last
// pixels, so that motion may come from a little outside. It must be at least
// far+3, see motion.go.
const edge = 24

// plane is one component of a picture: brightness, or one of the colours.
type plane struct {
	pix    []byte
	stride int
	w, h   int
}

// resize makes it w by h pixels, all of them undefined.
func (p *plane) resize(w, h int) {
	p.w, p.h, p.stride = w, h, w+2*edge
	// Eight more, because eight bytes are read at once.
	n := p.stride*(h+2*edge) + 8
	if cap(p.pix) < n {
		p.pix = make([]byte, n)
	}
	p.pix = p.pix[:n]
}

// at is where in pix the pixel (x, y) lies.
func (p *plane) at(x, y int) int { return (y+edge)*p.stride + x + edge }

// extend repeats the outermost pixels of rows y0 to y1 into the edge; the
// first and the last row also upwards and downwards.
func (p *plane) extend(y0, y1 int) {
	for y := y0; y < y1; y++ {
		row := p.pix[p.at(-edge, y):][:p.stride]
		fill(row[:edge], row[edge])
		fill(row[edge+p.w:], row[edge+p.w-1])
	}
	if y0 == 0 {
		p.repeat(0, -edge, 0)
	}
	if y1 == p.h {
		p.repeat(p.h-1, p.h, p.h+edge)
	}
}

// repeat copies row y, edges and all, to the rows from y0 to y1.
func (p *plane) repeat(y, y0, y1 int) {
	row := p.pix[p.at(-edge, y):][:p.stride]
	for i := y0; i < y1; i++ {
		copy(p.pix[p.at(-edge, i):][:p.stride], row)
	}
}

func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

// picture is brightness and two colours of half the size, in whole
// macroblocks.
type picture [3]plane

func (p *picture) resize(mw, mh int) {
	p[0].resize(16*mw, 16*mh)
	p[1].resize(8*mw, 8*mh)
	p[2].resize(8*mw, 8*mh)
}

// put writes a macroblock.
func (p *picture) put(t *patch, mx, my int) {
	l := &p[0]
	o := l.at(16*mx, 16*my)
	for i := range 16 {
		*(*[16]byte)(l.pix[o:]) = *(*[16]byte)(t[16*i:])
		o += l.stride
	}
	p.putBlock(t, 4, mx, my)
	p.putBlock(t, 5, mx, my)
}

// putBlock writes one block of a macroblock.
func (p *picture) putBlock(t *patch, b, mx, my int) {
	from, step := place(b)
	l, x, y := &p[0], 16*mx+b&1*8, 16*my+b>>1*8
	if b >= 4 {
		l, x, y = &p[b-3], 8*mx, 8*my
	}
	o := l.at(x, y)
	for range 8 {
		*(*[8]byte)(l.pix[o:]) = *(*[8]byte)(t[from:])
		from += step
		o += l.stride
	}
}

// keep copies a macroblock from another picture of the same size.
func (p *picture) keep(from *picture, mx, my int) {
	l, k := &p[0], &from[0]
	o := l.at(16*mx, 16*my)
	for range 16 {
		*(*[16]byte)(l.pix[o:]) = *(*[16]byte)(k.pix[o:])
		o += l.stride
	}
	o = p[1].at(8*mx, 8*my)
	for range 8 {
		*(*[8]byte)(p[1].pix[o:]) = *(*[8]byte)(from[1].pix[o:])
		*(*[8]byte)(p[2].pix[o:]) = *(*[8]byte)(from[2].pix[o:])
		o += p[1].stride
	}
}

// frame repeats the outermost colours of rows y0 to y1 once, for show.
func (p *picture) frame(y0, y1 int) {
	for c := 1; c < 3; c++ {
		l := &p[c]
		for y := y0; y < y1; y++ {
			o := l.at(0, y)
			l.pix[o-1], l.pix[o+l.w] = l.pix[o], l.pix[o+l.w-1]
		}
	}
}
