//go:build !amd64

package film

// sad is how far the brightness of p is from the pixels from pix. It may stop
// when it is at least best.
func (p *patch) sad(pix []byte, stride, best int) int { return p.sadPlain(pix, stride, best) }

// sadMean is how far the brightness of p is from the means of a and b. It may
// stop when it is at least best.
func (p *patch) sadMean(a, b []byte, sa, sb, best int) int {
	return p.sadMeanPlain(a, b, sa, sb, best)
}
