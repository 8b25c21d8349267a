package codec

import (
	"testing"
	"time"

	"handrail/shared/frame"
)

// soon is within which every part of the picture is exact once it is still
// (PRODUCT.md S06), when the link allows.
const soon = 500 * time.Millisecond

// S06: whatever was going on, at any strain.
func TestS06WhatIsStillIsExactWithinHalfASecond(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		m := newDesk(seed, 300, 200)
		p := newPair(t, Automatic)
		p.e.Tune(Automatic, int(seed%4))
		last := p.now
		for range 25 {
			p.now = p.now.Add(33 * time.Millisecond)
			before := m.Clone()
			m.step()
			if !frame.Equal(before, m.Image) {
				last = p.now
			}
			p.e.Damage(m.damage...)
			p.all(m.Image)
		}
		p.rests(m.Image)
		if !frame.Equal(m.Image, p.d.Image()) {
			t.Fatalf("seed %d: not exact and nothing is due", seed)
		}
		if took := p.now.Sub(last); took > soon {
			t.Errorf("seed %d: exact only after %v", seed, took)
		}
	}
}

// Damage of what did not change must not put off that it becomes exact.
func TestS06DamageWithoutChangePutsNothingOff(t *testing.T) {
	m := newDesk(7, 300, 270)
	p := newPair(t, Automatic)
	play(p, m, m.Bounds().Inset(30), 10)
	last := p.now
	for p.now.Sub(last) < soon {
		p.now = p.now.Add(20 * time.Millisecond)
		p.e.Damage(m.Bounds())
		p.all(m.Image)
	}
	if !frame.Equal(m.Image, p.d.Image()) {
		t.Fatalf("not exact after %v", soon)
	}
	if p.owed() {
		t.Fatal("still something to do")
	}
}

// Something that never rests must not keep the rest of the screen from it.
func TestS06AClockDoesNotKeepPhotographsFromBecomingExact(t *testing.T) {
	m := newDesk(8, 400, 330)
	p := newPair(t, Automatic)
	p.all(m.Image)
	photo := m.Bounds().Inset(100)
	clock := frame.Rect{Max: photo.Min.Div(3)}
	p.now = p.now.Add(time.Second)
	m.photo(photo, 3)
	p.e.Damage(photo)
	p.all(m.Image)
	if p.e.rough == 0 {
		t.Fatal("the photograph was exact at once: nothing is tested")
	}
	for range soon / (20 * time.Millisecond) {
		p.now = p.now.Add(20 * time.Millisecond)
		m.text(clock, m.rng.IntN(1000))
		p.e.Damage(clock)
		p.all(m.Image)
	}
	if got := p.d.Image(); !frame.Equal(got.Sub(photo), m.Sub(photo)) {
		t.Fatal("not exact")
	}
}

// Due is a promise: before that time there is nothing to do.
func TestNothingIsEncodedBeforeItIsDue(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		m := newDesk(seed, 300, 200)
		p := newPair(t, Automatic)
		play(p, m, m.Bounds().Inset(30), 5+int(seed))
		for {
			at, ok := p.e.Due()
			if !ok {
				break
			}
			now := p.now
			for p.now = now; p.now.Before(at); p.now = p.now.Add(time.Millisecond) {
				if s := p.e.Encode(nil, m.Image, p.limit, p.now); len(s) > 0 {
					t.Fatalf("%d bytes %v before they were due", len(s), at.Sub(p.now))
				}
			}
			p.now = at
			p.all(m.Image)
		}
	}
}

// play shows n pictures of a film in r, and sends them.
func play(p *pair, m *desk, r frame.Rect, n int) {
	p.t.Helper()
	for range n {
		p.now = p.now.Add(33 * time.Millisecond)
		m.shot++
		m.photo(r, m.shot)
		p.e.Damage(r)
		p.all(m.Image)
	}
}
