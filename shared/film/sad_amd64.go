package film

// Every amd64 processor has SSE2, which knows this sum as one instruction. It
// is half of what a sender of films does.

// sad is how far the brightness of p is from the pixels from pix. It may stop
// when it is at least best.
func (p *patch) sad(pix []byte, stride, _ int) int {
	_ = pix[15*stride+15]
	return sad16((*[256]byte)(p[:]), &pix[0], stride)
}

// sadMean is how far the brightness of p is from the means of a and b. It may
// stop when it is at least best.
func (p *patch) sadMean(a, b []byte, sa, sb, _ int) int {
	_, _ = a[15*sa+15], b[15*sb+15]
	return sadMean16((*[256]byte)(p[:]), &a[0], &b[0], sa, sb)
}

//go:noescape
func sad16(p *[256]byte, pix *byte, stride int) int

//go:noescape
func sadMean16(p *[256]byte, a, b *byte, sa, sb int) int
