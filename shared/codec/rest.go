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
		if !t.lossy || e.now.Sub(t.changed) < quiet {
			continue
		}
		if t.filmed && differs(e.pic, e.seen, e.rect(i%e.across, i/e.across)) {
			t.changed = e.now // its film will tell
			continue
		}
		t.box, t.boxed = difference(e.pic, e.shown, e.rect(i%e.across, i/e.across)), true
		if t.box.Empty() {
			e.rough += t.setLossy(false)
			continue
		}
		// What was learnt since may know it by heart, as it does icons.
		t.photo = e.first().model.isPhoto(e.pic, t.box)
		chosen++
		e.soil(i)
	}
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
