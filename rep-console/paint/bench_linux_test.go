package paint

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
)

// BenchmarkDraw is a frame from the decoder's call until it is on the screen:
// how long it takes, and how much processor time this side (cpu-ms) and the X
// server (server-ms) use for it.
func BenchmarkDraw(b *testing.B) {
	hd, uhd := image.Rect(0, 0, 1920, 1080), image.Rect(0, 0, 3840, 2160)
	spot := image.Rect(700, 400, 900, 600)
	for _, bb := range []struct {
		name    string
		picture frame.Rect
		out     image.Rectangle
		damage  []frame.Rect
	}{
		{"actual, whole", hd, hd, []frame.Rect{hd}},
		{"actual, 200x200", hd, hd, []frame.Rect{spot}},
		{"actual, 20 lines of a page", hd, hd, lines(20)},
		{"fit 1600x900, whole", hd, image.Rect(0, 0, 1600, 900), []frame.Rect{hd}},
		{"fit 1600x900, 200x200", hd, image.Rect(0, 0, 1600, 900), []frame.Rect{spot}},
		{"fit 1280x720, whole", hd, image.Rect(0, 0, 1280, 720), []frame.Rect{hd}},
		{"fit 1280x720, 200x200", hd, image.Rect(0, 0, 1280, 720), []frame.Rect{spot}},
		{"fit 1277x718, whole", hd, image.Rect(0, 0, 1277, 718), []frame.Rect{hd}},
		{"fit 1280x720, 20 lines of a page", hd, image.Rect(0, 0, 1280, 720), lines(20)},
		{"fit 800x450, whole", hd, image.Rect(0, 0, 800, 450), []frame.Rect{hd}},
		{"4K fit 1920x1080, whole", uhd, hd, []frame.Rect{uhd}},
		{"4K fit 1920x1080, 200x200", uhd, hd, []frame.Rect{spot}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			w, err := connect(uint32(newParent(b).id), false)
			if err != nil {
				b.Fatal(err)
			}
			defer w.end()
			m := noise(bb.picture.Dx(), bb.picture.Dy(), 1)
			w.Set(remote.Scene{Place: image.Rectangle{Max: bb.out.Max}, Out: bb.out, Shown: true})
			w.Draw(m, []frame.Rect{m.Bounds()})
			w.turn()
			here, there := own(b), server(b)
			for b.Loop() {
				w.Draw(m, bb.damage)
				w.turn()
				if _, err := xproto.GetInputFocus(w.x).Reply(); err != nil {
					b.Fatal(err)
				}
			}
			per := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
			b.ReportMetric(per(own(b)-here), "cpu-ms/op")
			b.ReportMetric(per(server(b)-there), "server-ms/op")
		})
	}
}

// lines is what scrolling by a line damages where moves are not told: the
// letters of each line of a page.
func lines(n int) []frame.Rect {
	var all []frame.Rect
	for i := range n {
		all = append(all, image.Rect(300, 100+40*i, 1500, 116+40*i))
	}
	return all
}

// own is the processor time this process has used.
func own(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// server is the processor time that the X servers have used that this process
// started and that still run, to a hundredth of a second.
func server(b *testing.B) time.Duration {
	b.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	var sum int
	for _, file := range files {
		text, err := os.ReadFile(file)
		name, rest, ok := bytes.Cut(text, []byte(") "))
		if f := strings.Fields(string(rest)); err == nil && ok && bytes.HasSuffix(name, []byte("(Xvfb")) && f[1] == fmt.Sprint(os.Getpid()) {
			user, _ := strconv.Atoi(f[11])
			system, _ := strconv.Atoi(f[12])
			sum += user + system
		}
	}
	return time.Duration(sum) * 10 * time.Millisecond
}
