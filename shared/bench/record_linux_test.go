package bench

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"handrail/shared/frame"
	"handrail/shared/xdisplay"
)

// rate is the frames a second of a recording.
const rate = 30

// workloads are the desktops that are recorded, in the table's order.
func workloads() []string {
	return []string{"type", "term", "web", "doc", "drag", "sheet", "ide", "idle", "photo", "video", "type4k"}
}

// largeScreen is the size of the desktop of type4k; others have screenSize.
var (
	screenSize  = image.Pt(1920, 1080)
	largeScreen = image.Pt(3840, 2160)
)

// studio makes recordings and keeps them in a directory.
type studio struct {
	dir  string
	long time.Duration
	say  func(format string, args ...any)
}

// recording is the file of a workload, which is made if it is not there.
func (s studio) recording(t testing.TB, name string) string {
	t.Helper()
	file := filepath.Join(s.dir, name+".seq")
	if _, err := os.Stat(file); err == nil {
		return file
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	half := file + ".half"
	if name == "video" {
		idle := s.recording(t, "idle")
		s.say("making video")
		s.overlay(t, idle, half)
	} else {
		s.prepare(t)
		s.say("recording %s for %v", name, s.long)
		within(t, func(t testing.TB) { s.record(t, name, half) })
	}
	if err := os.Rename(half, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// within runs do with a TB whose cleanups are done when do is.
func within(t testing.TB, do func(testing.TB)) {
	s := &scope{TB: t}
	defer func() {
		for i := len(s.ends) - 1; i >= 0; i-- {
			s.ends[i]()
		}
	}()
	do(s)
}

type scope struct {
	testing.TB
	ends []func()
}

func (s *scope) Cleanup(f func()) { s.ends = append(s.ends, f) }

// data is where the programs' documents and settings are.
func (s studio) data() string { return filepath.Join(s.dir, "data") }

//go:embed workloads.sh
var workloadsScript string

// script prepares a call of workloads.sh.
func script(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "bash", append([]string{"-c", workloadsScript, "workloads.sh"}, args...)...)
}

// prepare makes the documents, once.
func (s studio) prepare(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(s.data(), "prepared")); err == nil {
		return
	}
	s.say("preparing documents")
	if err := os.MkdirAll(s.data(), 0o755); err != nil {
		t.Fatal(err)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := script(t.Context(), "prepare", s.data())
	cmd.Env = append(os.Environ(), "SOURCE="+filepath.Join(strings.TrimSpace(string(root)), "src/net/http/server.go"))
	finish(t, cmd)
}

// finish runs cmd to its end.
func finish(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

// record plays a workload and records it.
func (s studio) record(t testing.TB, name, file string) {
	size := screenSize
	if name == "type4k" {
		size = largeScreen
	}
	memory, err := os.MkdirTemp("/dev/shm", "handrail-bench-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(memory) })
	d := xdisplay.Start(t, fmt.Sprintf("%dx%d", size.X, size.Y), "-fbdir", memory)
	start := script(t.Context(), "start", name, s.data())
	start.Env = d.Env()
	t.Cleanup(func() {
		_ = script(context.Background(), "stop", s.data()).Run() // what is gone already is no trouble
	})
	finish(t, start)

	play := script(t.Context(), "play", name, s.data(), fmt.Sprint(int(s.long.Seconds())-1))
	play.Env = d.Env()
	played := make(chan error, 1)
	go func() { played <- play.Run() }()
	changed := film(t, openBuffer(t, filepath.Join(memory, "Xvfb_screen0")), file, s.long)
	if err := <-played; err != nil {
		t.Fatalf("playing %s: %v", name, err)
	}
	if changed < 5 {
		t.Fatalf("%s: only %d frames changed; did its program start?", name, changed)
	}
	s.say("%s: %d frames changed", name, changed)
}

// buffer is an Xvfb's frame buffer. Reading it costs the X server nothing.
type buffer struct {
	frame.Image
}

// openBuffer maps the file of an Xvfb with -fbdir. It is in the format of xwd:
// a header of big-endian numbers, colours of 12 bytes, pixels.
func openBuffer(t testing.TB, file string) buffer {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	b, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(b) })
	field := func(i int) int { return int(binary.BigEndian.Uint32(b[4*i:])) }
	const headSize, width, height, stride, colours = 0, 4, 5, 12, 19
	m := frame.Image{W: field(width), H: field(height), Stride: field(stride), Pix: b[field(headSize)+12*field(colours):]}
	return buffer{m}
}

// film records a frame buffer for so long, and counts the frames that differ
// from the one before.
func film(t testing.TB, b buffer, file string, long time.Duration) (changed int) {
	type still struct {
		at  time.Duration
		pic frame.Image // none if nothing changed
	}
	stills, free := make(chan still, 16), make(chan frame.Image, 16)
	go func() { // ends by itself: it is bound by long
		defer close(stills)
		var last frame.Image
		begun := time.Now()
		tick := time.NewTicker(time.Second / rate)
		defer tick.Stop()
		for range int(long.Seconds() * rate) {
			at := time.Since(begun)
			if last.W > 0 && same(last, b.Image, b.Bounds()) {
				stills <- still{at: at}
			} else {
				var pic frame.Image
				select {
				case pic = <-free:
				default:
					pic = frame.New(b.W, b.H)
				}
				frame.Copy(pic, b.Image, b.Bounds())
				if last.W == 0 {
					last = frame.New(b.W, b.H)
				}
				frame.Copy(last, pic, b.Bounds())
				stills <- still{at, pic}
			}
			<-tick.C
		}
	}()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(out, b.W, b.H)
	if err != nil {
		t.Fatal(err)
	}
	last := frame.New(b.W, b.H)
	for s := range stills {
		if s.pic.W > 0 {
			clearFourth(s.pic)
			frame.Copy(last, s.pic, b.Bounds())
			select {
			case free <- s.pic:
			default: // enough of them
			}
		}
		n, err := w.Add(s.at, last)
		if err != nil {
			t.Fatal(err)
		}
		changed += min(n, 1)
	}
	if err := errors.Join(w.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}
	return changed
}

// clearFourth makes the undefined bytes 0, so that equal pixels are equal.
func clearFourth(m frame.Image) {
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 0
	}
}

// filmPlace is where the film lies on the desktop of video.
var filmPlace = image.Rect(200, 120, 1480, 840)

// filmHalf is the frames of either half of the film.
const filmHalf = 75

// overlay lays a film over a recording: half of it real, half a noisy ride over
// a wallpaper.
func (s studio) overlay(t testing.TB, idle, file string) {
	const clip = "/usr/share/doc/opencv-doc/examples/data/Megamind.avi"
	const wallpaper = "/usr/share/wallpapers/Kite/contents/images/2560x1600.jpg"
	halves := [][]string{
		{"-i", clip, "-vf", "scale=1280:720:flags=lanczos"},
		{"-loop", "1", "-i", wallpaper, "-vf", "zoompan=z='1.2+0.002*on':x='on*6':y='on*3':d=75:s=1280x720:fps=30,noise=alls=6:allf=t"},
	}
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var w *Writer
	var ff *pipe
	each(t, idle, func(i int, f Frame) bool {
		if i == 2*filmHalf {
			return false
		}
		if i == 0 {
			if w, err = NewWriter(out, f.Image.W, f.Image.H); err != nil {
				t.Fatal(err)
			}
		}
		if i%filmHalf == 0 {
			if ff != nil {
				ff.stop()
			}
			ff = openPipe(t, append(halves[i/filmHalf], "-frames:v", fmt.Sprint(filmHalf), "-f", "rawvideo", "-pix_fmt", "bgr0", "-")...)
		}
		m := f.Image.Clone()
		part := m.Sub(filmPlace)
		for y := range part.H {
			ff.read(part.Row(y, 0, part.W))
		}
		clearFourth(m)
		if _, err := w.Add(time.Duration(i)*time.Second/rate, m); err != nil {
			t.Fatal(err)
		}
		return true
	})
	if w == nil || ff == nil {
		t.Fatal("the recording to lay a film over is empty")
	}
	ff.stop()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// startTied starts cmd so that it ends with this process at the latest.
func startTied(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting %s (go tool task bench-picture installs it): %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait() // says that it was killed
	})
}
