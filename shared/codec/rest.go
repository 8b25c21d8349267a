package codec

// refineMost is how many tiles are looked at for a slice; more would hardly go
// into it.
const refineMost = 64

// chooseRough marks the photographs that have rested, to be made exact.
func (e *Encoder) chooseRough() {
	if !e.taste.exact || e.rough == 0 {
		return
	}
	chosen := 0
	for i := 0; i < len(e.state) && chosen < refineMost; i++ {
		t := &e.state[i]
		if !t.lossy || !e.rested(i) {
			continue
		}
		t.boxed = true
		// What was learnt since may know it by heart, as it does icons; and
		// a shade that was drawn follows from itself.
		t.photo = e.first().model.isPhoto(e.pic, t.box) && !smooth(e.pic, e.shown, t.box)
		chosen++
		e.soil(i)
	}
}

// rested finds what of lossy tile i has rested and isn't exact, and makes it
// what there is to send.
func (e *Encoder) rested(i int) bool {
	t, tile := &e.state[i], e.rect(i%e.across, i/e.across)
	t.part = 0
	if t.filmed && e.now.Sub(t.changed) >= quiet && differs(e.pic, e.seen, tile) {
		t.changed = e.now // its film will tell
	}
	if e.now.Sub(t.changed) < quiet {
		return e.restless(i)
	}
	if t.box = difference(e.pic, e.shown, tile); t.box.Empty() {
		e.rough += t.exact()
		return false
	}
	return true
}

// putOff leaves what did not go into this slice for another one: it is not
// damage.
func (e *Encoder) putOff() {
	for i, dirty := range e.dirty {
		if dirty {
			e.state[i].boxed = false
			e.wash(i)
		}
	}
}
