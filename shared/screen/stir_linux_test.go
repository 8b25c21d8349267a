package screen

import (
	"encoding/binary"
	"image"
	"maps"
	"strconv"
	"testing"
	"time"

	"handrail/shared/xdisplay"
)

// A pointer that was still is looked at once a second. That its move is
// seen earlier can only come from the server's telling.
func TestAPointersStirIsToldByTheServer(t *testing.T) {
	d := xdisplay.Start(t, "640x480")
	s := openHere(t, d.Name())
	next(t, s)
	x := s.back.(*xserver)
	if x.stirs == 0 {
		t.Fatal("the server told of no alarm")
	}
	for i := range 3 {
		at := image.Pt(10+i, 20)
		// As if it had not moved for long, and had just been looked at.
		x.pointer.last, x.pointer.looked = time.Time{}, time.Now().Add(time.Hour)
		xdisplay.WaitFor(t, "the end of the last stir", func() bool { return !x.news.take(&x.news.stir) })
		d.Run("xdotool", "sleep", "0.1", "mousemove", "10", "20", "mousemove", strconv.Itoa(at.X), "20")
		xdisplay.WaitFor(t, "word of the stir", func() bool { return x.news.peek(&x.news.stir) })
		x.pointer.looked = time.Time{}
		until(t, s, "the pointer's place", func(u Update) bool { return u.Pointer == at })
	}
	d.Run("xdotool", "sleep", "0.1")
	x.news.take(&x.news.stir)
	d.Run("xdotool", "sleep", "0.1", "key", "a", "sleep", "0.1", "key", "b")
	if x.news.peek(&x.news.stir) {
		t.Error("typing counts as a stir of the pointer")
	}
}

func TestCountersOfSurvivesAnyReply(t *testing.T) {
	entry := func(id uint32, name string) []byte {
		b := binary.LittleEndian.AppendUint32(nil, id)
		b = append(b, make([]byte, 8)...)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
		b = append(b, name...)
		return append(b, make([]byte, (4-len(b)%4)%4)...)
	}
	reply := make([]byte, 32)
	binary.LittleEndian.PutUint32(reply[8:], 2)
	reply = append(reply, entry(7, "IDLETIME")...)
	reply = append(reply, entry(9, "DEVICEIDLETIME 2")...)
	want := map[string]uint32{"IDLETIME": 7, "DEVICEIDLETIME 2": 9}
	if got := countersOf(reply); !maps.Equal(got, want) {
		t.Fatalf("got %v", got)
	}
	for n := range reply {
		for name, id := range countersOf(reply[:n]) {
			if want[name] != id {
				t.Fatalf("%d bytes: %q is %d", n, name, id)
			}
		}
	}
}
