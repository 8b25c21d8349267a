//go:build linux

package e2e

import (
	"image"
	"math"
	"testing"

	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
)

// put shows a picture in the canvas, and has returned when that is done.
func (e *eye) put(m frame.Image) {
	e.t.Helper()
	const most = 200 << 10 // bytes of a request; X takes 256 KB
	for y, rows := 0, most/(4*m.W); y < m.H; y += rows {
		rows = min(rows, m.H-y)
		xproto.PutImage(e.conn, xproto.ImageFormatZPixmap, xproto.Drawable(e.window), e.gc,
			uint16(m.W), uint16(rows), 0, int16(y), 0, xproto.Setup(e.conn).DefaultScreen(e.conn).RootDepth,
			m.Pix[y*m.Stride:(y+rows)*m.Stride])
	}
	e.sync()
}

// photograph is a picture of soft shapes with grain, which no palette holds.
func photograph(w, h, number int) frame.Image {
	m := frame.New(w, h)
	grain := uint32(number + 1)
	for y := range h {
		row := m.Row(y, 0, w)
		for x := range w {
			fx, fy, n := float64(x), float64(y), float64(number)
			v := 128 + 60*math.Sin(fx/50+n) + 40*math.Sin(fy/35-n+fx/90) + 15*math.Sin((fx+fy)/11)
			for c, k := range [3]float64{0.8, 0.95, 1.05} {
				grain = grain*1664525 + 1013904223
				row[4*x+c] = byte(min(max(v*k+float64(grain>>29), 0), 255))
			}
		}
	}
	return m
}

// TestS06APhotographBecomesExact turns the pages of an album on the customer's
// screen. The rep, who looks at it in actual size, has every pixel of the last
// page as it is there, and of the text below it too. How soon is proven in
// package share; here it has to come at all, by itself.
func TestS06APhotographBecomesExact(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	h.grant("view")
	h.rep.click("zoom")
	h.rep.click("full")
	// The picture has its size before the window manager has the window where
	// it fills the screen, so the wait is for its place.
	at := image.Pt((1400-1280)/2, (900-800)/2)
	h.rep.wait("the picture in actual size, in the middle of the screen", func() bool {
		v := h.rep.read().Things["viewer"]
		return v.W == 1280 && v.H == 800 && h.rep.origin(v) == at
	})
	h.customer.xdo("mousemove", "1270", "790") // or it is painted into the picture
	there, here := openEye(t, h.customer.screen), openEye(t, h.rep.screen)
	album := image.Rect(150, 120, 790, 600)
	there.canvas(album)
	seen := album.Add(at)
	equal := func() bool { return frame.Equal(here.whole(seen), there.whole(album)) }
	here.until("the empty album", equal)
	for page := range 5 {
		mid := seen.Min.Add(seen.Max).Div(2)
		before := here.colour(mid)
		there.put(photograph(album.Dx(), album.Dy(), page))
		here.until("the next page, as good as it can be at once", func() bool { return here.colour(mid) != before })
	}
	t.Logf("exact %v after the last page could be seen", here.until("every pixel of the last page", equal))
	h.rep.photo("exact")
	if whole := here.whole(seen); frame.Equal(whole, frame.New(whole.W, whole.H)) {
		t.Error("the rep's screen is black, and so is the customer's")
	}
}
