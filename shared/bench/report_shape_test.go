package bench

import (
	"flag"
	"math"
	"os"
	"testing"
	"time"

	"handrail/shared/frame"
)

var update = flag.Bool("update", false, "write testdata/table.txt anew")

// made is a result that nobody measured.
func made(name string, bytes int64, each time.Duration) *result {
	times := spread{each, 2 * each, 9 * each}
	run := func(bytes int64, share int) *codecRun {
		return &codecRun{
			First: 99_000, Bytes: bytes, Sizes: []int{12, 30, 1300}, PSNR: math.Inf(1),
			Encode: spread{times[0] / time.Duration(share), times[1] / 4, times[2] / 4}, Decode: spread{each / 10},
			Wall: times,
		}
	}
	r := &result{
		Name: name, Changed: 3,
		VNC:   &vncRun{First: 500_000, Bytes: 20 * bytes, CPU: times, Latency: spread{8 * time.Millisecond, 15 * time.Millisecond}},
		Exact: run(bytes, 4), Coarse: run(bytes*3/4, 1), Refined: run(bytes*2, 1), Allocs: &codecRun{DecodeAllocs: 1.25},
		Wire: &wireRun{CPU: times, Latency: spread{time.Millisecond, 30 * time.Millisecond}, Lossy: 1},
	}
	r.Refined.Oldest = 700 * time.Millisecond
	return r
}

func TestTheTableIsAsItShouldLook(t *testing.T) {
	typed, web, film, large := made("type", 20_000, time.Millisecond), made("web", 3_000_000, 30*time.Millisecond), made("video", 1_000_000, 20*time.Millisecond), made("type4k", 21_000, time.Millisecond)
	web.Coarse.PSNR, web.Coarse.Inexact = 38.51, 2
	web.Films = []filmRun{{Codec: "x264 ultrafast", Bytes: 900_000, CPU: 23 * time.Millisecond, PSNR: 42}, {Codec: av1, Bytes: 300_000, CPU: 60 * time.Millisecond, PSNR: 40}}
	web.Short = &codecRun{Bytes: 600_000, Encode: spread{12 * time.Millisecond}, PSNR: 40.2}
	web.RDP = &rdpRun{Bytes: 846_000, CPU: 7 * time.Millisecond}
	film.Parallel = film.Coarse
	film.Curve = []filmRun{{Bytes: 4_000_000, PSNR: 39}, {Bytes: 1_000_000, PSNR: 37}}
	film.Coarse.PSNR = 38
	large.VNC, large.Wire, large.Alike = nil, nil, typed
	got := newReport([]*result{typed, web, film, large}).text(&restRun{Core: 0.0005, VNCCore: 0.001, Pictures: 1, Bytes: 30})
	const golden = "testdata/table.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("go test ./shared/bench -update writes it anew:\n%s", got)
	}
}

func TestPercentilesAreOfTheSortedTimes(t *testing.T) {
	var s spread
	for i := range 100 {
		s = append(s, time.Duration((i*37)%100))
	}
	if p50, p95 := s.at(50), s.at(95); p50 != 50 || p95 != 95 {
		t.Errorf("median %d, p95 %d", p50, p95)
	}
	if none := (spread{}); none.at(95) != 0 || none.mean() != 0 {
		t.Error("nothing measured takes time")
	}
}

func TestBytesForAnErrorLieBetweenTheMeasuredOnes(t *testing.T) {
	curve := []filmRun{{PSNR: 40, Bytes: 4000}, {PSNR: 36, Bytes: 1000}, {PSNR: 38, Bytes: 2000}}
	for _, c := range []struct {
		decibels float64
		want     int64
	}{{30, 1000}, {36, 1000}, {37, 1414}, {38, 2000}, {39, 2828}, {45, 4000}, {math.Inf(1), 4000}} {
		if got := bytesFor(curve, c.decibels); got < c.want-1 || got > c.want+1 {
			t.Errorf("for %v dB: %d bytes, want %d", c.decibels, got, c.want)
		}
	}
}

func TestTheErrorCountsColoursAndNotTheFourthByte(t *testing.T) {
	a, b := frame.New(3, 2), frame.New(3, 2)
	b.Pix[3], b.Pix[4], b.Pix[9] = 200, 3, 4
	if e, err := squareError(a, b); err != nil || e != 3*3+4*4 {
		t.Errorf("error %v, %v", e, err)
	}
	if _, err := squareError(a, frame.New(2, 3)); err == nil {
		t.Error("pictures of different sizes were compared")
	}
}

func TestNumbersFitTheirColumns(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{amount(0), "0"},
		{amount(9999), "9999"},
		{amount(18_359), "18.4k"},
		{amount(2_540_842), "2541k"},
		{amount(141_600_000), "141.6M"},
		{ms(340 * time.Microsecond), "0.34"},
		{ms(39600 * time.Microsecond), "39.6"},
		{ms(120 * time.Millisecond), "120"},
		{times(0.59), "0.59"},
		{times(107.3), "107"},
		{times(ratio(1, 0)), "–"},
		{decibels(math.Inf(1)), "exact"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
