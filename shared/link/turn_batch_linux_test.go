package link

import (
	"bytes"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestWhatCannotBeCutIsSentPacketByPacket(t *testing.T) {
	for name, c := range map[string]struct {
		refusal unix.Errno
		cuts    bool // afterwards
	}{
		"the card can't":       {unix.EIO, false},
		"too long for the way": {unix.EINVAL, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, to := batches(t, "udp4", "127.0.0.1:0", 1)
			s.cut = true
			at := addrPort(to[0].LocalAddr())
			for n := range 3 {
				s.carry(bytes.Repeat([]byte{byte(n)}, 1204), at)
			}
			if len(s.groups) != 1 || s.groups[0].count != 3 {
				t.Fatalf("groups %+v", s.groups)
			}
			s.done = 0
			s.refused(c.refusal)
			if s.done != 1 || s.cut != c.cuts {
				t.Errorf("passed %d, cuts: %v", s.done, s.cut)
			}
			for n := range 3 {
				b := make([]byte, 2000)
				if err := to[0].SetReadDeadline(time.Now().Add(patience)); err != nil {
					t.Fatal(err)
				}
				if size, err := to[0].Read(b); err != nil || size != 1204 || b[0] != byte(n) {
					t.Fatalf("packet %d: %d bytes, %v", n, size, err)
				}
			}
		})
	}
}

func TestLostPacketDoesNotHoldUpTheOthers(t *testing.T) {
	s, to := batches(t, "udp4", "127.0.0.1:0", 1)
	lost := 0
	s.lost = func() { lost++ }
	at := addrPort(to[0].LocalAddr())
	s.carry([]byte("before it"), at)
	s.carry(make([]byte, 70_000), at) // no datagram is so long
	s.carry([]byte("after it"), at)
	s.flush()
	if lost != 1 {
		t.Errorf("%d lost", lost)
	}
	for _, want := range []string{"before it", "after it"} {
		b := make([]byte, 100)
		if err := to[0].SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		if n, err := to[0].Read(b); err != nil || string(b[:n]) != want {
			t.Errorf("%q, %v; want %q", b[:n], err, want)
		}
	}
}
