package bench

import (
	"flag"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/shared/frame"
)

// The flags of BenchmarkPicture.
var (
	flagWorkloads = flag.String("workloads", strings.Join(workloads(), ","), "desktops to measure on")
	flagColumns   = flag.String("columns", "vnc,wire,allocs,film,rest", "what to measure beside the codec: vnc (TigerVNC), wire (latency), allocs, film (x264 on the film), rest, video (x264, VP9, AV1), rdp (FreeRDP)")
	flagSeconds   = flag.Int("seconds", 12, "length of the recordings that are made")
	flagFrames    = flag.Int("frames", 60, "frames for video")
	flagDir       = flag.String("dir", "", "where recordings are kept (default handrail-bench in the user's cache)")
	flagOut       = flag.String("out", "", "also write the table to this file")
)

// BenchmarkPicture records what is not recorded yet, measures everything on the
// same frames, and prints the table. It runs once however long that takes:
//
//	go test ./shared/bench -run '^$' -bench Picture -benchtime 1x -timeout 0 -args -workloads type,term
func BenchmarkPicture(b *testing.B) {
	dir := *flagDir
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			b.Fatal(err)
		}
		dir = filepath.Join(cache, "handrail-bench")
	}
	begun := time.Now()
	say := func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%6.0fs  %s\n", time.Since(begun).Seconds(), fmt.Sprintf(format, args...))
	}
	bench := bench{b: b, say: say, columns: strings.Split(*flagColumns, ","), frames: *flagFrames}
	s := studio{dir: dir, long: time.Duration(*flagSeconds) * time.Second, say: say}
	names := strings.Split(*flagWorkloads, ",")
	files := map[string]string{}
	for _, name := range names { // all first, so that recording disturbs no measuring
		if !slices.Contains(workloads(), name) {
			b.Fatalf("no workload is called %q; there are %v", name, workloads())
		}
		files[name] = s.recording(b, name)
	}
	var results []*result
	for _, name := range names {
		results = append(results, bench.measure(name, files[name]))
	}
	for _, r := range results {
		if i := slices.IndexFunc(results, func(a *result) bool { return a.Name+"4k" == r.Name }); i >= 0 {
			r.Alike = results[i]
		}
	}
	text := machine() + "\n\n" + newReport(results).text(bench.rest(files[names[0]]))
	fmt.Print("\n", text)
	if *flagOut != "" {
		if err := os.WriteFile(*flagOut, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op") // the table says it all
}

// machine says what measured: figures of two of them can't be compared.
func machine() string {
	model := "unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(text), "model name\t: "); ok {
			model, _, _ = strings.Cut(rest, "\n")
		}
	}
	parts := []string{fmt.Sprintf("%d × %s", runtime.NumCPU(), model), runtime.Version()}
	for _, program := range [][]string{{"Xtigervnc", "-version"}, {"ffmpeg", "-version"}} {
		out, _ := exec.Command(program[0], program[1:]...).CombinedOutput() // one that is not there says nothing
		line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		line, _, _ = strings.Cut(line, " - ")
		line, _, _ = strings.Cut(line, " Copyright")
		if line != "" {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, ", ")
}

// bench measures one desktop after another.
type bench struct {
	b       *testing.B
	say     func(format string, args ...any)
	columns []string
	frames  int
}

func (m bench) wants(column string) bool { return slices.Contains(m.columns, column) }

// measure does everything wanted on one recording, the peers right beside each
// other.
func (m bench) measure(name, file string) *result {
	m.say("%s", name)
	r := &result{Name: name}
	var focus frame.Rect
	if name == "video" {
		focus = filmPlace
	}
	r.Exact = measure(m.b, file, manner{exact: true})
	large := sizeOf(m.b, file) != screenSize // only compared with Handrail on a smaller one
	if !large && (m.wants("vnc") || m.wants("wire")) {
		m.live(r, file)
	}
	r.Coarse = measure(m.b, file, manner{focus: focus})
	r.Refined = measure(m.b, file, manner{refine: true})
	r.Changed = len(r.Coarse.Sizes)
	if m.wants("allocs") {
		r.Allocs = measure(m.b, file, manner{refine: true, allocs: true})
	}
	if name == "video" {
		r.Parallel = measure(m.b, file, manner{parallel: true})
		if m.wants("film") {
			m.say("  x264 on the film")
			for _, q := range qualities {
				r.Curve = append(r.Curve, runFilm(m.b, file, filmPlace, 2*filmHalf, 0, "x264", x264(q)))
			}
		}
	}
	if !large && m.wants("video") {
		r.Short = measure(m.b, file, manner{frames: m.frames - 1})
		all := everywhere(m.b, file)
		base := reading(m.b, file, all, m.frames)
		for _, c := range videoCodecs {
			m.say("  %s", c.name)
			r.Films = append(r.Films, runFilm(m.b, file, all, m.frames, base, c.name, c.args))
		}
	}
	return r
}

// live is what needs an X server.
func (m bench) live(r *result, file string) {
	size := sizeOf(m.b, file)
	var without drawn
	within(m.b, func(t testing.TB) {
		v := startVNC(t, size)
		p := openPlayer(t, v.display, size.X, size.Y)
		without = v.drawing(p, file)
		if m.wants("vnc") {
			m.say("  TigerVNC")
			r.VNC = v.watch(p, file, encTight, without)
		}
	})
	if m.wants("wire") {
		m.say("  Handrail, end to end")
		within(m.b, func(t testing.TB) {
			v := startVNC(t, size)
			p := openPlayer(t, v.display, size.X, size.Y)
			r.Wire = openWire(t, v.display, size).play(p, v, file, without)
		})
	}
	if m.wants("rdp") {
		m.say("  FreeRDP")
		within(m.b, func(t testing.TB) {
			v := startVNC(t, size)
			r.RDP = runRDP(t, v, openPlayer(t, v.display, size.X, size.Y), file)
		})
	}
}

// restLength is how long a desktop at rest is watched.
const restLength = 10 * time.Second

// rest measures while nothing changes.
func (m bench) rest(file string) *restRun {
	if !m.wants("rest") {
		return nil
	}
	m.say("rest")
	var r restRun
	each(m.b, file, func(_ int, f Frame) bool {
		size := image.Pt(f.Image.W, f.Image.H)
		within(m.b, func(t testing.TB) {
			v := startVNC(t, size)
			p := openPlayer(t, v.display, size.X, size.Y)
			r.VNCCore, r.VNCBytes = v.rest(p, f, restLength)
		})
		within(m.b, func(t testing.TB) {
			v := startVNC(t, size)
			p := openPlayer(t, v.display, size.X, size.Y)
			r.Core, r.Pictures, r.Bytes = openWire(t, v.display, size).rest(p, v, f, restLength)
		})
		return false
	})
	return &r
}
