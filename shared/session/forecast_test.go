package session

import (
	"testing"
	"time"
)

func TestC03WhatIsLeftIsToldFromHowItWent(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	var f Forecast
	s := State{Linked: true, Transfers: []Transfer{{ID: 2, Size: 100e6, Stage: TransferGoing}}}
	step := func(bytes uint64) {
		at = at.Add(200 * time.Millisecond)
		list := []Transfer{s.Transfers[0]}
		list[0].Done += bytes
		s.Transfers = list
		f.Note(at, s)
	}
	step(0)
	step(1e6)
	if left := f.Left(s); left != nil {
		t.Errorf("foretold from almost nothing: %v", left)
	}
	for range 30 {
		step(1e6) // 5 MB a second
	}
	if left := f.Left(s)[2]; left < 13*time.Second || left > 15*time.Second {
		t.Errorf("%v left of 69 MB at 5 MB/s", left)
	}
	for range 100 {
		step(1e5) // the line has become ten times slower
	}
	if left := f.Left(s)[2]; left < 100*time.Second || left > 130*time.Second {
		t.Errorf("%v left of 59 MB at 0.5 MB/s", left)
	}
	s.Linked = false
	step(0)
	if left := f.Left(s); left != nil {
		t.Errorf("foretold without a connection: %v", left)
	}
	s.Linked = true
	s.Transfers = []Transfer{{ID: 2, Size: 100e6, Done: 100e6, Stage: TransferArrived}}
	f.Note(at, s)
	if left := f.Left(s); left != nil {
		t.Errorf("foretold of what has arrived: %v", left)
	}
}
