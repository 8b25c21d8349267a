package courier_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/files"
	"handrail/shared/session"
	"handrail/shared/sim"
	"handrail/shared/wire"
)

// dsl is the line of most of these tests.
var dsl = sim.Link{Rate: 20_000_000, Delay: 15 * time.Millisecond}

func TestC03FilesAndFoldersCrossBothWaysAtOnce(t *testing.T) {
	inWorld(t, dsl, func(w *world) {
		t := w.t
		w.rep.write("report.pdf", 3_000_000)
		for i, size := range []int{0, 1, wire.MaxChunk, 700_000} {
			w.cust.write(fmt.Sprintf("Photos/2026/%d.jpg", i), size)
		}
		if err := os.Mkdir(filepath.Join(w.cust.home, "Photos", "empty"), 0o755); err != nil {
			t.Fatal(err)
		}
		a, b := w.rep.offer("report.pdf"), w.cust.offer("Photos")
		w.cust.accept(a)
		w.rep.accept(b)
		w.arrives(a)
		w.arrives(b)
		w.same(filepath.Join(w.rep.home, "report.pdf"), w.cust.transfer(a).Place)
		w.same(filepath.Join(w.cust.home, "Photos"), w.rep.transfer(b).Place)
		if got := w.cust.there() + " " + w.rep.there(); got != "report.pdf Photos" {
			t.Errorf("there are %s", got)
		}
	})
}

func TestC03NothingCrossesWithoutAYes(t *testing.T) {
	inWorld(t, dsl, func(w *world) {
		t := w.t
		w.rep.write("setup.exe", 100_000)
		id := w.rep.offer("setup.exe")
		w.until("the question", func() bool { return w.cust.now().Request != nil })
		w.rep.courier.Move(session.Begin{Transfer: w.rep.transfer(id)}) // a rep's program that doesn't wait
		time.Sleep(5 * time.Second)
		if got := w.cust.there(); got != "" {
			t.Errorf("there is %s", got)
		}
		w.cust.do(session.Reply{ID: w.cust.now().Request.ID})
		time.Sleep(5 * time.Second)
		if got := w.cust.there(); got != "" || w.rep.transfer(id).Stage != session.TransferRefused {
			t.Errorf("there is %s", got)
		}
	})
}

func TestC03ATakenNameGetsANumber(t *testing.T) {
	inWorld(t, dsl, func(w *world) {
		t := w.t
		w.rep.write("report.pdf", 10_000)
		for range 3 {
			id := w.rep.offer("report.pdf")
			w.cust.accept(id)
			w.arrives(id)
		}
		if got := w.cust.there(); got != "report (2).pdf report (3).pdf report.pdf" {
			t.Errorf("there are %s", got)
		}
	})
}

// TestC03ATransferGoesOnAfterEachBreak: whatever the connection does, each byte
// is written once, and only what was on its way is sent again.
func TestC03ATransferGoesOnAfterEachBreak(t *testing.T) {
	for name, path := range map[string]sim.Link{
		"clean":    dsl,
		"3 % loss": {Rate: 20_000_000, Delay: 15 * time.Millisecond, Loss: 0.03},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, path, func(w *world) {
				w.rep.write("big", 6_000_000)
				for i := range 30 {
					w.cust.write(fmt.Sprintf("many/%d", i), 100_000)
				}
				a, b := w.rep.offer("big"), w.cust.offer("many")
				w.cust.accept(a)
				w.rep.accept(b)
				for i := range 4 {
					had := w.cust.transfer(a).Done
					w.until("it goes on", func() bool { return w.cust.transfer(a).Done > had })
					w.part()
					if i == 2 {
						time.Sleep(30 * time.Second)
					}
					w.meet()
				}
				w.arrives(a)
				w.arrives(b)
				w.same(filepath.Join(w.rep.home, "big"), w.cust.transfer(a).Place)
				w.same(filepath.Join(w.cust.home, "many"), w.rep.transfer(b).Place)
			})
		})
	}
}

// TestC03ATransferGoesOnInAnotherSession: both programs are new; only their
// disks remember.
func TestC03ATransferGoesOnInAnotherSession(t *testing.T) {
	tests := []struct {
		name  string
		write func(w *world)
		bytes uint64
	}{
		{"big", func(w *world) { w.rep.write("big", 6_000_000) }, 6_000_000},
		{"many", func(w *world) {
			for i := range 60 {
				w.rep.write(fmt.Sprintf("many/%02d", i), 100_000)
			}
		}, 6_000_000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, dsl, func(w *world) {
				t := w.t
				tt.write(w)
				id := w.rep.offer(tt.name)
				w.cust.accept(id)
				w.until("half is there", func() bool { return w.cust.transfer(id).Done > tt.bytes/2 })
				half := w.cust.transfer(id).Done
				w.restart()
				if w.cust.lie() != 1 {
					t.Fatalf("%d parts are kept", w.cust.lie())
				}
				id = w.rep.offer(tt.name)
				w.cust.accept(id)
				w.until("it goes on", func() bool { return w.rep.transfer(id).Done > 0 })
				if got := w.rep.transfer(id).Done; got < half {
					t.Errorf("goes on at %d, had %d", got, half)
				}
				w.arrives(id)
				w.same(filepath.Join(w.rep.home, tt.name), w.cust.transfer(id).Place)
				if w.cust.there() != tt.name {
					t.Errorf("there are %s", w.cust.there())
				}
			})
		})
	}
}

func TestC03AnotherFileOfTheSameNameBeginsAnew(t *testing.T) {
	inWorld(t, dsl, func(w *world) {
		t := w.t
		w.rep.write("big", 6_000_000)
		id := w.rep.offer("big")
		w.cust.accept(id)
		w.until("half is there", func() bool { return w.cust.transfer(id).Done > 3_000_000 })
		w.restart()
		b := noise("other bytes", 6_000_000)
		if err := os.WriteFile(filepath.Join(w.rep.home, "big"), b, 0o644); err != nil {
			t.Fatal(err)
		}
		id = w.rep.offer("big")
		w.cust.accept(id)
		w.arrives(id)
		w.same(filepath.Join(w.rep.home, "big"), w.cust.transfer(id).Place)
	})
}

func TestC03CancelEndsATransferAtOnce(t *testing.T) {
	for name, who := range map[string]func(w *world) *side{
		"the sender":   func(w *world) *side { return w.rep },
		"the receiver": func(w *world) *side { return w.cust },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, dsl, func(w *world) {
				t := w.t
				w.rep.write("big", 20_000_000)
				w.rep.write("small", 10_000)
				id := w.rep.offer("big")
				w.cust.accept(id)
				w.until("some is there", func() bool { return w.cust.transfer(id).Done > 1_000_000 })
				who(w).do(session.Cancel{ID: id})
				w.ends(id, wire.HaltCancelled)
				w.until("the part is gone", func() bool { return w.cust.there() == "" })
				next := w.rep.offer("small") // the way is free
				w.cust.accept(next)
				before := time.Now()
				w.arrives(next)
				if took := time.Since(before); took > time.Second {
					t.Errorf("the next one took %v", took)
				}
			})
		})
	}
}

func TestC03WhatTheMachineCannotDoIsToldToBoth(t *testing.T) {
	tests := []struct {
		name string
		fail error
		hurt func(w *world) // in the middle
		why  wire.HaltWhy
		left bool // a part is kept
	}{
		{"no space", files.ErrFull, nil, wire.HaltFull, false},
		{"can't be written", files.ErrUnwritable, nil, wire.HaltUnwritable, true},
		{"it grew", nil, func(w *world) {
			f, err := os.OpenFile(filepath.Join(w.rep.home, "big"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				w.t.Fatal(err)
			}
			_, _ = f.Write([]byte("more"))
			_ = f.Close()
		}, wire.HaltChanged, false},
		{"it became shorter", nil, func(w *world) {
			_ = os.Truncate(filepath.Join(w.rep.home, "big"), 100)
		}, wire.HaltChanged, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, dsl, func(w *world) {
				t := w.t
				w.rep.write("big", 6_000_000)
				w.fail = func(written int) error {
					if written > 2_000_000 {
						return tt.fail
					}
					return nil
				}
				w.restart()
				id := w.rep.offer("big")
				w.cust.accept(id)
				w.until("some is there", func() bool { return w.cust.transfer(id).Done > 1_000_000 })
				if tt.hurt != nil {
					tt.hurt(w)
				}
				w.ends(id, tt.why)
				synctest.Wait()
				if left := w.cust.lie() > 0; left != tt.left {
					t.Errorf("a part is left: %v", left)
				}
			})
		})
	}
}

func TestC03AThingThatIsGoneByThenIsUnreadable(t *testing.T) {
	inWorld(t, dsl, func(w *world) {
		t := w.t
		w.cust.write("gone", 1000)
		id := w.cust.offer("gone")
		if err := os.Remove(filepath.Join(w.cust.home, "gone")); err != nil {
			t.Fatal(err)
		}
		w.rep.accept(id)
		w.ends(id, wire.HaltUnreadable)
	})
}

func TestC03AHugeFileThatFitsNowhereIsHaltedAtOnce(t *testing.T) {
	inWorld(t, dsl, func(w *world) {
		t := w.t
		f, err := os.Create(filepath.Join(w.rep.home, "huge"))
		if err != nil {
			t.Fatal(err)
		}
		err = f.Truncate(1 << 43) // 8 TiB of nothing
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		id := w.rep.offer("huge")
		w.cust.accept(id)
		w.ends(id, wire.HaltFull)
		if w.cust.there() != "" {
			t.Errorf("there is %s", w.cust.there())
		}
	})
}

// TestC03ASmallFileDoesNotWaitForALargeOne, nor what is pasted for either.
func TestC03ASmallFileDoesNotWaitForALargeOne(t *testing.T) {
	inWorld(t, dsl, func(w *world) {
		t := w.t
		w.rep.write("large", 40_000_000)
		w.rep.write("small", 100_000)
		large := w.rep.offer("large")
		w.cust.accept(large)
		w.until("it is on its way", func() bool { return w.cust.transfer(large).Done > 0 })
		small := w.rep.offer("small")
		w.cust.accept(small)
		before := time.Now()
		w.arrives(small)
		if took := time.Since(before); took > time.Second {
			t.Errorf("the small one took %v", took)
		}
		before = time.Now()
		w.rep.courier.SendClip(1, noise("clip", 20_000), false)
		w.rep.courier.SendClip(2, nil, true)
		w.rep.courier.SendClip(3, nil, false)
		w.until("the clipboard is there", func() bool {
			w.cust.mu.Lock()
			defer w.cust.mu.Unlock()
			n := len(w.cust.clips)
			return n > 0 && w.cust.clips[n-1].ID == 3
		})
		if took := time.Since(before); took > 200*time.Millisecond {
			t.Errorf("the clipboard took %v", took)
		}
		var got []byte
		for _, p := range w.cust.clips {
			if p.ID == 1 {
				got = append(got, p.Data...)
			}
			if last := p.ID != 1 || len(got) == 20_000; p.Last != last || p.Failed != (p.ID == 2) {
				t.Errorf("a piece %d of %d bytes: last %v, failed %v", p.ID, len(p.Data), p.Last, p.Failed)
			}
		}
		if sha256.Sum256(got) != sha256.Sum256(noise("clip", 20_000)) {
			t.Error("the clipboard differs")
		}
		if w.cust.transfer(large).Stage != session.TransferGoing {
			t.Error("the large one doesn't go on")
		}
	})
}

func TestC03ProgressIsToldFourTimesASecondAndIsTrue(t *testing.T) {
	inWorld(t, dsl, func(w *world) {
		t := w.t
		w.rep.write("big", 10_000_000)
		id := w.rep.offer("big")
		w.cust.accept(id)
		for w.cust.transfer(id).Stage != session.TransferArrived {
			synctest.Wait()
			a, b := w.rep.transfer(id).Done, w.cust.transfer(id).Done
			// The sender learns of it one trip later, and both are told in steps.
			if a > b+2_000_000 || b > a+2_000_000 {
				t.Fatalf("the sender says %d, the receiver %d", a, b)
			}
			time.Sleep(50 * time.Millisecond)
		}
		w.arrives(id)
		for _, s := range []*side{w.rep, w.cust} {
			s.mu.Lock()
			tells := s.tells[id]
			s.mu.Unlock()
			for i := 1; i < len(tells); i++ {
				if d := tells[i].Sub(tells[i-1]); d < 250*time.Millisecond {
					t.Errorf("told again after %v", d)
				}
			}
			if len(tells) < 8 {
				t.Errorf("told %d times", len(tells))
			}
		}
	})
}

// TestC03AHostileSenderHurtsOnlyItsTransfer: what comes on the stream besides
// what was offered ends that transfer and nothing else.
func TestC03AHostileSenderHurtsOnlyItsTransfer(t *testing.T) {
	data := make([]byte, 1000)
	sum := sha256.Sum256(data)
	begin := []wire.Bulk{wire.Item{ID: 1, Size: 1000, Path: "x"}}
	tests := map[string][]wire.Bulk{
		"a path up":             {wire.Item{ID: 1, Size: 1000, Path: "../x"}},
		"a path from the root":  {wire.Item{ID: 1, Size: 1000, Path: "/x"}},
		"more bytes":            {wire.Item{ID: 1, Size: 1001, Path: "x"}},
		"a wrong sum":           append(begin[:1:1], wire.Chunk{ID: 1, Size: 1000}, wire.Piece{ID: 1, Data: data}),
		"a piece too much":      append(begin[:1:1], wire.Chunk{ID: 1, Size: 1000, Sum: sum}, wire.Piece{ID: 1, Data: data}, wire.Piece{ID: 1, Data: data}),
		"an item out of order":  {wire.Item{ID: 1, Index: 1, Size: 1000, Path: "x"}},
		"an end without a file": {wire.ItemEnd{ID: 1, Sum: sum}},
	}
	for name, blocks := range tests {
		t.Run(name, func(t *testing.T) {
			inWorld(t, dsl, func(w *world) {
				t := w.t
				w.rep.write("x", 1000)
				w.cust.write("y", 300_000)
				w.rep.do(session.Offer{Place: "/nowhere", Name: "x", Size: 1000, Items: 1})
				w.cust.accept(1)
				// The rep's own courier gives up at once: there is nothing at that place.
				// What it says is not what counts here.
				conn := make(chan peer, 1)
				w.rep.do(func() { conn <- w.rep.peer })
				p := <-conn
				other := w.cust.offer("y")
				w.rep.accept(other)
				for _, b := range append(blocks, wire.Piece{ID: 77, Data: data}, wire.ItemEnd{ID: 3}) {
					if err := p.SendBulk(w.t.Context(), b); err != nil {
						t.Fatal(err)
					}
				}
				w.until("it has ended", func() bool { return w.cust.transfer(1).Stage == session.TransferHalted })
				w.arrives(other)
				if w.cust.there() != "" {
					t.Errorf("there is %s", w.cust.there())
				}
			})
		})
	}
}
