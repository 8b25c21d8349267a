package codec

import "encoding/binary"

// prelude writes what comes before the tiles.
func (e *Encoder) prelude(s *scribe, moves []move) {
	c := &e.control
	s.w.Bit(&c.any[0], len(moves) > 0)
	if len(moves) > 0 {
		c.moves.write(&s.w.Encoder, moves)
	}
	another := e.taste.photo > 0 && e.taste.photo != c.step
	s.w.Bit(&c.any[2], another)
	if another {
		c.step = e.taste.photo
		s.w.Raw(uint32(c.step-1), stepBits)
	}
	s.w.Bit(&c.any[1], len(e.keep) > 0)
	if len(e.keep) > 0 {
		last := -1
		s.w.Number(&c.gap, uint32(len(e.keep)-1))
		for _, i := range e.keep {
			s.w.Number(&c.gap, uint32(i-last-1))
			last = i
		}
	}
}

// assemble puts the parts of the slice together.
func (e *Encoder) assemble(dst []byte) []byte {
	flags := byte(log2(e.stripes) << stripesShift)
	next := e.down
	for _, s := range e.strands[:e.stripes] {
		for _, p := range s.puts {
			e.shelf.put(e.shown, e.rect(p.tile%e.across, p.tile/e.across), p.key)
		}
		s.buf = s.w.Close()
		e.left -= s.done
		e.rough += s.rough
		next = min(next, s.next)
	}
	if e.turn != urgentTiles {
		e.from = next % e.down
	}
	if e.refine {
		e.putOff()
	}
	e.since++
	checked := e.since >= checkEvery
	if checked {
		flags |= flagCheck
	}
	if e.key {
		flags |= flagKey
	}
	if e.count > 0 {
		flags |= flagFilm
	}
	start := len(dst)
	dst = append(dst, flags)
	if e.key {
		e.key = false
		dst = append(dst, version)
		dst = binary.AppendUvarint(dst, uint64(e.w))
		dst = binary.AppendUvarint(dst, uint64(e.h))
	}
	if checked {
		e.since = 0
		e.check = (e.check + 1) % e.down
		dst = binary.LittleEndian.AppendUint32(dst, sum(e.shown, e.check))
	}
	if e.count > 0 {
		dst = append(dst, byte(e.count))
		dst = append(dst, e.events...)
	}
	for _, s := range e.strands[:e.stripes-1] {
		dst = binary.AppendUvarint(dst, uint64(s.w.Len()))
	}
	for _, s := range e.strands[:e.stripes] {
		dst = append(dst, s.w.Bytes()...)
	}
	if dst[start] == 0 && len(dst) == start+1 {
		dst = append(dst, 0) // alone, that byte means nothing at all
	}
	return dst
}
