package bench

import (
	"bufio"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"handrail/shared/frame"
)

// videoCodecs are their settings: for live pictures, constant quality, no key
// frame after the first.
var videoCodecs = []struct {
	name string
	args []string
}{
	{"x264 ultrafast", x264(23)},
	{"VP9 screen", []string{
		"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-tune-content", "screen", "-crf", "30", "-b:v", "0",
		"-lag-in-frames", "0", "-row-mt", "1", "-threads", "2", "-g", "9999", "-pix_fmt", "yuv420p",
	}},
	{av1, []string{
		"-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-crf", "32", "-b:v", "0",
		"-lag-in-frames", "0", "-row-mt", "1", "-threads", "2", "-g", "9999", "-aom-params", "tune-content=screen:cpu-used=10", "-pix_fmt", "yuv420p",
	}},
}

func x264(quality int) []string {
	return []string{"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-crf", fmt.Sprint(quality), "-g", "9999", "-pix_fmt", "yuv420p"}
}

// qualities are those at which x264 is asked for its bytes, to find what it
// needs for our error.
var qualities = []int{18, 23, 28, 33, 38}

// pipe is an ffmpeg whose output is read.
type pipe struct {
	t   testing.TB
	cmd *exec.Cmd
	out io.Reader
	err strings.Builder
}

func ffmpeg(args ...string) *exec.Cmd {
	return exec.Command("ffmpeg", append([]string{"-v", "error", "-nostdin", "-y"}, args...)...)
}

func openPipe(t testing.TB, args ...string) *pipe {
	t.Helper()
	p := &pipe{t: t, cmd: ffmpeg(args...)}
	p.cmd.Stderr = &p.err
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	p.out = bufio.NewReaderSize(out, 1<<20)
	return p
}

// read reads exactly len(b) bytes.
func (p *pipe) read(b []byte) {
	if _, err := io.ReadFull(p.out, b); err != nil {
		p.t.Fatalf("reading from ffmpeg: %v\n%s", err, p.err.String())
	}
}

// stop ends it, read to the end or not.
func (p *pipe) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// some gives the part focus of a recording's first frames that change.
func some(t testing.TB, file string, focus frame.Rect, frames int, do func(frame.Image)) {
	n := 0
	each(t, file, func(i int, f Frame) bool {
		if i > 0 && len(f.Damage) == 0 {
			return true
		}
		do(f.Image.Sub(focus))
		n++
		return n < frames
	})
}

// feed runs ffmpeg on the frames and returns its processor time and how many
// frames there were.
func feed(t testing.TB, file string, focus frame.Rect, frames int, args ...string) (cost time.Duration, n int) {
	t.Helper()
	size := fmt.Sprintf("%dx%d", focus.Dx(), focus.Dy())
	cmd := exec.Command("ffmpeg", append([]string{
		"-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr0", "-s", size, "-r", fmt.Sprint(rate), "-i", "-",
	}, args...)...)
	var problem strings.Builder
	cmd.Stderr = &problem
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	some(t, file, focus, frames, func(m frame.Image) {
		n++
		for y := range m.H {
			if _, err := in.Write(m.Row(y, 0, m.W)); err != nil {
				t.Fatalf("feeding ffmpeg: %v\n%s", err, problem.String())
			}
		}
	})
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, problem.String())
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), n
}

// reading is the processor time that ffmpeg needs for reading the frames alone.
func reading(t testing.TB, file string, focus frame.Rect, frames int) time.Duration {
	cost, _ := feed(t, file, focus, frames, "-f", "null", "-")
	return cost
}

// runFilm encodes the first frames with a codec of ffmpeg, decodes and compares
// them. The time of reading them is taken off.
func runFilm(t testing.TB, file string, focus frame.Rect, frames int, reading time.Duration, name string, args []string) filmRun {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.mkv")
	cost, n := feed(t, file, focus, frames, append(slices.Clone(args), out)...)
	f := filmRun{Codec: name, CPU: max(cost-reading, 0) / time.Duration(max(n, 1))}
	for i, size := range packets(t, out) {
		if i == 0 {
			f.First = size
		} else {
			f.Bytes += size
		}
	}
	back := openPipe(t, "-i", out, "-f", "rawvideo", "-pix_fmt", "bgr0", "-")
	got := frame.New(focus.Dx(), focus.Dy())
	squares, pixels, first := 0.0, 0.0, true
	some(t, file, focus, frames, func(want frame.Image) {
		back.read(got.Pix)
		if first { // codecRun leaves the first frame out too
			first = false
			return
		}
		e, err := squareError(got, want)
		if err != nil {
			t.Fatal(err)
		}
		squares += e
		pixels += 3 * float64(got.W*got.H)
	})
	back.stop()
	if f.PSNR = math.Inf(1); squares > 0 {
		f.PSNR = 10 * math.Log10(255*255*pixels/squares)
	}
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	return f
}

// packets are the sizes of a file's frames.
func packets(t testing.TB, file string) (sizes []int64) {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "packet=size", "-of", "csv=p=0", file).Output()
	if err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	for line := range strings.FieldsSeq(string(out)) {
		n, err := strconv.ParseInt(strings.Trim(line, ","), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, n)
	}
	return sizes
}

// everywhere is the whole of a recording's desktop.
func everywhere(t testing.TB, file string) frame.Rect {
	return image.Rectangle{Max: sizeOf(t, file)}
}
