package bench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// result is all that was measured on one desktop.
type result struct {
	Name    string
	Changed int // frames that change, the first not counted

	VNC                    *vncRun
	Exact, Coarse, Refined *codecRun
	Allocs                 *codecRun
	Parallel               *codecRun
	Wire                   *wireRun

	Films []filmRun // of video codecs, on the first frames
	Curve []filmRun // of x264 on the film alone, at several qualities
	Short *codecRun // Handrail on the same ones
	RDP   *rdpRun

	Alike *result // the same done on a smaller screen
}

// vncRun is what TigerVNC did.
type vncRun struct {
	First, Bytes int64  // of the first frame; of all after it
	CPU          spread // of the server for a frame, net of drawing
	Latency      spread // from drawn to decoded
}

// codecRun is what the codec did. The first frame counts only where it is
// named.
type codecRun struct {
	First, Bytes   int64
	Sizes          []int  // of each frame that changes
	Encode, Decode spread // processor time of each
	Wall           spread // time for encoding each

	Inexact int           // frames that were not exact at once
	PSNR    float64       // in dB over red, green and blue; +Inf if all was exact
	Settled time.Duration // from the last change until all was exact; for a run that refines
	Oldest  time.Duration // age of the oldest change that was seen not to be exact yet; for a run that refines

	EncodeAllocs, DecodeAllocs float64 // per frame, in the second half
}

// wireRun is what Handrail did from one end to the other.
type wireRun struct {
	CPU     spread // of capture, encoding, sending, and the X server for it, net of drawing; the mean alone
	Latency spread // from drawn to decoded, exact or all but
	Lossy   int    // of these, not exact yet
	Lost    int    // frames that did not arrive within lostAfter
	Bytes   int64
}

// filmRun is what a video codec of ffmpeg did with the frames that change.
type filmRun struct {
	Codec        string
	First, Bytes int64         // of the first frame; of all after it
	CPU          time.Duration // of encoding a frame, net of reading it
	PSNR         float64       // dB, as codecRun has it
}

// av1 is the codec that has a target.
const av1 = "AV1 screen"

// rdpRun is what FreeRDP's shadow server did, at recorded speed. It leaves
// frames out when it is late, and its quality is not measured.
type rdpRun struct {
	Bytes int64
	CPU   time.Duration // of the server, capture included, for a frame that changes
}

// restRun is what happens while nothing changes.
type restRun struct {
	Core, VNCCore   float64 // share of a core
	Pictures        int
	Bytes, VNCBytes int64
}

// The targets of the picture; what is not named has none. Bytes are how many
// times fewer than TigerVNC's, Tight lossless.
var (
	fewerExact  = map[string]float64{"type": 15, "sheet": 15, "term": 80, "doc": 60, "drag": 25, "ide": 10}
	fewerCoarse = map[string]float64{"web": 100, "photo": 40}
	moreThanAV1 = map[string]float64{"type": 1, "term": 1, "doc": 1, "sheet": 1, "ide": 1, "web": 1.5, "photo": 1.5, "idle": 1.5}
)

// The targets that are the same everywhere. Times are shares of TigerVNC's
// where there is no unit.
const (
	encodeShare  = 0.5
	encodeWorst  = 1 // above this the target is not only missed
	encodeP95    = 10 * time.Millisecond
	decodeShare  = 0.5 // of encoding
	latencyP50   = 0.3
	latencyP95   = 1
	datagram     = 1200 // bytes
	datagramPart = 0.99
	keyMedian    = 40 // bytes
	largerScreen = 1.2
	exactAfter   = 500 * time.Millisecond // S06
	filmCPU      = 25 * time.Millisecond
	filmWall     = 16 * time.Millisecond
	restCore     = 0.001
)

// report makes the table.
type report struct {
	table
	results []*result
}

// each adds a row with one cell per desktop.
func (r *report) each(label string, cell func(*result) string) {
	var cells []string
	for _, res := range r.results {
		cells = append(cells, cell(res))
	}
	r.row(label, cells)
}

// ofVNC adds a row about TigerVNC, and ofRun and ofWire such about Handrail.
func (r *report) ofVNC(label string, cell func(*vncRun) string) {
	r.each(label, func(res *result) string {
		if res.VNC == nil {
			return ""
		}
		return cell(res.VNC)
	})
}

func (r *report) ofRun(label string, which func(*result) *codecRun, cell func(*result, *codecRun) string) {
	r.each(label, func(res *result) string {
		if which(res) == nil {
			return ""
		}
		return cell(res, which(res))
	})
}

// ofWire is left empty where the other side was not measured.
func (r *report) ofWire(label string, cell func(*wireRun, *vncRun) string) {
	r.each(label, func(res *result) string {
		if res.Wire == nil {
			return ""
		}
		return cell(res.Wire, res.VNC)
	})
}

func exact(r *result) *codecRun    { return r.Exact }
func coarse(r *result) *codecRun   { return r.Coarse }
func refined(r *result) *codecRun  { return r.Refined }
func allocs(r *result) *codecRun   { return r.Allocs }
func parallel(r *result) *codecRun { return r.Parallel }

// manners are the three ways in which the codec is run.
var manners = []struct {
	name  string
	which func(*result) *codecRun
}{
	{"Handrail, exact", exact},
	{"Handrail, photographs lossy", coarse},
	{"Handrail, and refined at rest", refined},
}

func newReport(results []*result) *report {
	r := &report{results: results}
	for _, res := range results {
		r.columns = append(r.columns, res.Name)
	}
	r.each("frames that change", func(res *result) string { return fmt.Sprint(res.Changed) })
	r.bytes()
	r.encode()
	r.decode()
	r.latency()
	r.exactness()
	r.special()
	r.films()
	return r
}

func (r *report) bytes() {
	r.heading("bytes after the first frame")
	r.ofVNC("TigerVNC", func(v *vncRun) string { return amount(v.Bytes) })
	for _, m := range manners {
		r.ofRun(m.name, m.which, func(_ *result, c *codecRun) string { return amount(c.Bytes) })
	}
	r.heading("times fewer than TigerVNC")
	for _, m := range manners {
		limits := fewerExact
		if m.name != manners[0].name {
			limits = fewerCoarse
		}
		if m.name == manners[2].name {
			limits = nil
		}
		r.ofRun(m.name, m.which, func(res *result, c *codecRun) string {
			if res.VNC == nil {
				return ""
			}
			fewer := ratio(res.VNC.Bytes, c.Bytes)
			return times(fewer) + atLeast(fewer, limits[res.Name])
		})
	}
	r.each("target, at least", func(res *result) string {
		if limit := max(fewerExact[res.Name], fewerCoarse[res.Name]); limit > 0 && res.VNC != nil {
			return fmt.Sprint(limit)
		}
		return ""
	})
	r.heading("first frame, bytes")
	r.ofVNC("TigerVNC", func(v *vncRun) string { return amount(v.First) })
	for _, m := range manners[:2] {
		r.ofRun(m.name, m.which, func(_ *result, c *codecRun) string { return amount(c.First) })
	}
}

func (r *report) encode() {
	r.heading("processor time of encoding a frame that changes, ms")
	for _, p := range []struct {
		name string
		of   func(spread) time.Duration
	}{
		{"median", func(s spread) time.Duration { return s.at(50) }},
		{"mean", spread.mean},
		{"p95", func(s spread) time.Duration { return s.at(95) }},
	} {
		r.ofVNC("TigerVNC, "+p.name, func(v *vncRun) string { return ms(p.of(v.CPU)) })
		for _, m := range manners {
			r.ofRun(m.name+", "+p.name, m.which, func(_ *result, c *codecRun) string {
				if p.name == "p95" {
					return ms(p.of(c.Encode)) + atMost(float64(p.of(c.Encode)), float64(encodeP95))
				}
				return ms(p.of(c.Encode))
			})
		}
	}
	r.heading("its mean as a share of TigerVNC's; target at most 0.5, ✗✗ above 1")
	for _, m := range manners {
		r.ofRun(m.name, m.which, func(res *result, c *codecRun) string {
			if res.VNC == nil {
				return ""
			}
			return shareOf(c.Encode.mean(), res.VNC.CPU.mean())
		})
	}
	r.heading("the whole sending side: capture, encode, send, X server net of drawing, ms")
	r.ofVNC("TigerVNC", func(v *vncRun) string { return ms(v.CPU.mean()) })
	r.ofWire("Handrail", func(w *wireRun, _ *vncRun) string { return ms(w.CPU.mean()) })
	r.ofWire("share of TigerVNC's", func(w *wireRun, v *vncRun) string {
		if v == nil {
			return ""
		}
		return times(ratio(w.CPU.mean(), v.CPU.mean()))
	})
}

// shareOf writes a share of TigerVNC's time for encoding.
func shareOf(ours, theirs time.Duration) string {
	share := ratio(ours, theirs)
	if math.IsNaN(share) {
		return "–"
	}
	mark := atMost(share, encodeShare)
	if share > encodeWorst {
		mark += missed
	}
	return times(share) + mark
}

func (r *report) decode() {
	r.heading("processor time of decoding a frame that changes, ms")
	for _, m := range manners {
		r.ofRun(m.name, m.which, func(_ *result, c *codecRun) string { return ms(c.Decode.mean()) })
		r.ofRun("  share of encoding, at most 0.5", m.which, func(_ *result, c *codecRun) string {
			share := ratio(c.Decode.mean(), c.Encode.mean())
			return times(share) + atMost(share, decodeShare)
		})
	}
	r.heading("allocations a frame; target 0")
	r.ofRun("encoding", allocs, func(_ *result, c *codecRun) string {
		return fmt.Sprintf("%.1f", c.EncodeAllocs) + atMost(c.EncodeAllocs, 0.05)
	})
	r.ofRun("decoding", allocs, func(_ *result, c *codecRun) string {
		return fmt.Sprintf("%.1f", c.DecodeAllocs) + atMost(c.DecodeAllocs, 0.05)
	})
}

func (r *report) latency() {
	r.heading("from drawn to decoded pixels, in lockstep over loopback, ms")
	for _, percent := range []int{50, 95} {
		limit := latencyP50
		if percent == 95 {
			limit = latencyP95
		}
		r.ofVNC(fmt.Sprintf("TigerVNC, p%d", percent), func(v *vncRun) string { return ms(v.Latency.at(percent)) })
		r.ofWire(fmt.Sprintf("Handrail, p%d", percent), func(w *wireRun, _ *vncRun) string { return ms(w.Latency.at(percent)) })
		r.ofWire(fmt.Sprintf("  share of TigerVNC's, at most %v", limit), func(w *wireRun, v *vncRun) string {
			if v == nil {
				return ""
			}
			share := ratio(w.Latency.at(percent), v.Latency.at(percent))
			return times(share) + atMost(share, limit)
		})
	}
	r.ofWire("frames that were lossy then", func(w *wireRun, _ *vncRun) string { return fmt.Sprint(w.Lossy) })
	r.ofWire("frames that did not arrive", func(w *wireRun, _ *vncRun) string { return fmt.Sprint(w.Lost) + atMost(float64(w.Lost), 0.5) })
}

func (r *report) exactness() {
	r.heading("how exact")
	r.ofRun("exact: frames that were not", exact, func(_ *result, c *codecRun) string {
		return fmt.Sprint(c.Inexact) + atMost(float64(c.Inexact), 0.5)
	})
	r.ofRun("photographs lossy: frames that were", coarse, func(_ *result, c *codecRun) string { return fmt.Sprint(c.Inexact) })
	r.ofRun("  PSNR over all, dB", coarse, func(_ *result, c *codecRun) string { return decibels(c.PSNR) })
	r.ofRun("refined: all exact after the last change, ms; at most 500", refined, func(_ *result, c *codecRun) string {
		return fmt.Sprint(c.Settled.Milliseconds()) + atMost(float64(c.Settled), float64(exactAfter))
	})
	r.ofRun("refined: a part was not exact yet after, ms; at most 500", refined, func(_ *result, c *codecRun) string {
		return fmt.Sprint(c.Oldest.Milliseconds()) + atMost(float64(c.Oldest), float64(exactAfter))
	})
}

func decibels(d float64) string {
	if math.IsInf(d, 1) {
		return "exact"
	}
	return fmt.Sprintf("%.1f", d)
}

// special is about desktops that have a target of their own.
func (r *report) special() {
	r.heading("a key's picture (photographs lossy)")
	typed := func(res *result) *codecRun {
		if res.Name != "type" {
			return nil
		}
		return res.Coarse
	}
	r.ofRun("fits one datagram, %, at least 99", typed, func(_ *result, c *codecRun) string {
		fits := 0
		for _, n := range c.Sizes {
			if n <= datagram {
				fits++
			}
		}
		part := ratio(fits, len(c.Sizes))
		return fmt.Sprintf("%.2f", 100*part) + atLeast(part, datagramPart)
	})
	r.ofRun("median, bytes, at most 40", typed, func(_ *result, c *codecRun) string {
		if len(c.Sizes) == 0 {
			return ""
		}
		median := slices.Sorted(slices.Values(c.Sizes))[len(c.Sizes)/2]
		return fmt.Sprint(median) + atMost(float64(median), keyMedian)
	})
	r.heading("a screen of four times the size, share of the smaller's, at most 1.2")
	larger := func(label string, of func(*codecRun) float64) {
		r.each(label, func(res *result) string {
			if res.Alike == nil || res.Alike.Coarse == nil || res.Coarse == nil {
				return ""
			}
			share := ratio(of(res.Coarse), of(res.Alike.Coarse))
			return times(share) + atMost(share, largerScreen)
		})
	}
	larger("bytes a frame", func(c *codecRun) float64 { return ratio(c.Bytes, int64(len(c.Sizes))) })
	larger("processor time of encoding", func(c *codecRun) float64 { return float64(c.Encode.mean()) })
	r.heading("film, photographs lossy")
	r.ofRun("processor time of encoding, ms, at most 25", parallel, func(res *result, _ *codecRun) string {
		return ms(res.Coarse.Encode.mean()) + atMost(float64(res.Coarse.Encode.mean()), float64(filmCPU))
	})
	r.ofRun("time of encoding with all processors, ms, at most 16", parallel, func(_ *result, c *codecRun) string {
		return ms(c.Wall.mean()) + atMost(float64(c.Wall.mean()), float64(filmWall))
	})
}

// text is the table, what happens at rest, and how many targets are met.
func (r *report) text(rest *restRun) string {
	text := r.table.String()
	good, bad := r.marks()
	if rest != nil {
		limits := []string{atMost(float64(rest.Bytes), 0.5), atMost(float64(rest.Pictures), 0.5), atMost(rest.Core, restCore)}
		text += fmt.Sprintf("\nwhile nothing changes: Handrail %d bytes%s, %d pictures%s, %.2f %% of a core%s; TigerVNC %d bytes, %.2f %%\n",
			rest.Bytes, limits[0], rest.Pictures, limits[1], 100*rest.Core, limits[2], rest.VNCBytes, 100*rest.VNCCore)
		for _, mark := range limits {
			if mark == met {
				good++
			} else {
				bad++
			}
		}
	}
	return text + fmt.Sprintf("targets: %d met, %d missed\n", good, bad)
}

// marks counts the cells that meet and miss their target.
func (r *report) marks() (good, bad int) {
	for _, row := range r.rows {
		for _, c := range row.cells {
			switch {
			case strings.HasSuffix(c, met):
				good++
			case strings.HasSuffix(c, missed):
				bad++
			}
		}
	}
	return good, bad
}

// films compares with video codecs.
func (r *report) films() {
	r.heading("video codecs on the first frames: bytes after the first; ms a frame; dB")
	var names []string
	for _, res := range r.results {
		for _, f := range res.Films {
			if !slices.Contains(names, f.Codec) {
				names = append(names, f.Codec)
			}
		}
	}
	for _, name := range names {
		of := func(label string, cell func(*result, filmRun) string) {
			r.each(name+label, func(res *result) string {
				i := slices.IndexFunc(res.Films, func(f filmRun) bool { return f.Codec == name })
				if i < 0 {
					return ""
				}
				return cell(res, res.Films[i])
			})
		}
		of("", func(_ *result, f filmRun) string { return amount(f.Bytes) })
		of(", ms", func(_ *result, f filmRun) string { return ms(f.CPU) })
		of(", dB", func(_ *result, f filmRun) string { return decibels(f.PSNR) })
		of(", Handrail's bytes as a share", func(res *result, f filmRun) string {
			if res.Short == nil {
				return ""
			}
			share := ratio(res.Short.Bytes, f.Bytes)
			if name != av1 {
				return times(share)
			}
			return times(share) + atMost(share, moreThanAV1[res.Name])
		})
	}
	short := func(res *result) *codecRun { return res.Short }
	r.ofRun("Handrail, photographs lossy", short, func(_ *result, c *codecRun) string { return amount(c.Bytes) })
	r.ofRun("Handrail, ms", short, func(_ *result, c *codecRun) string { return ms(c.Encode.mean()) })
	r.ofRun("Handrail, dB", short, func(_ *result, c *codecRun) string { return decibels(c.PSNR) })
	r.heading("the film alone")
	curved := func(res *result) *codecRun {
		if len(res.Curve) == 0 {
			return nil
		}
		return res.Coarse
	}
	r.ofRun("Handrail, dB", curved, func(_ *result, c *codecRun) string { return decibels(c.PSNR) })
	r.ofRun("x264 ultrafast for that, bytes", curved, func(res *result, c *codecRun) string { return amount(bytesFor(res.Curve, c.PSNR)) })
	r.ofRun("Handrail's as a share, at most 1", curved, func(res *result, c *codecRun) string {
		share := ratio(c.Bytes, bytesFor(res.Curve, c.PSNR))
		return times(share) + atMost(share, 1)
	})
	r.heading("FreeRDP's shadow server, H.264, at recorded speed")
	rdp := func(label string, cell func(*rdpRun) string) {
		r.each(label, func(res *result) string {
			if res.RDP == nil {
				return ""
			}
			return cell(res.RDP)
		})
	}
	rdp("bytes", func(d *rdpRun) string { return amount(d.Bytes) })
	rdp("processor time of the server, ms a frame", func(d *rdpRun) string { return ms(d.CPU) })
}

// bytesFor is what a codec needs for a picture of so many dB, from what it
// needed for others: between two of them, the logarithm of bytes grows evenly.
// Beyond the best it is the best's: more it can't do.
func bytesFor(curve []filmRun, decibels float64) int64 {
	curve = slices.SortedFunc(slices.Values(curve), func(a, b filmRun) int { return cmp.Compare(a.PSNR, b.PSNR) })
	for i, f := range curve {
		switch {
		case decibels > f.PSNR:
			continue
		case i == 0:
			return f.Bytes
		}
		below := curve[i-1]
		part := (decibels - below.PSNR) / (f.PSNR - below.PSNR)
		return int64(math.Exp(math.Log(float64(below.Bytes))*(1-part) + math.Log(float64(f.Bytes))*part))
	}
	return curve[len(curve)-1].Bytes
}
