package bench

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/klauspost/compress/zlib"

	"handrail/shared/frame"
)

// packer makes the pieces of a zlib stream.
type packer struct {
	out bytes.Buffer
	zip *zlib.Writer
}

func (p *packer) pack(b []byte) []byte {
	if p.zip == nil {
		p.zip = zlib.NewWriter(&p.out)
	}
	p.out.Reset()
	_, _ = p.zip.Write(b) // a buffer takes everything
	_ = p.zip.Flush()
	return bytes.Clone(p.out.Bytes())
}

// rfbServer says what a VNC server would.
type rfbServer struct {
	pic   frame.Image
	tight [4]packer
	zrle  packer
}

// greet plays a server's side until it was told the encodings.
func (s *rfbServer) greet(conn net.Conn) error {
	name := "a desktop"
	hello := binary.BigEndian.AppendUint16([]byte{0, 0, 0, 0}, uint16(s.pic.W))
	hello = binary.BigEndian.AppendUint16(hello, uint16(s.pic.H))
	hello = append(hello, make([]byte, 16)...)
	hello = append(binary.BigEndian.AppendUint32(hello, uint32(len(name))), name...)
	for _, turn := range []struct {
		say  []byte
		hear int // bytes
	}{
		{[]byte("RFB 003.008\n"), 12},
		{[]byte{2, 1, 2}, 1},
		{hello[:4], 1},
		{hello[4:], 20 + 4 + 4*3},
	} {
		if _, err := conn.Write(turn.say); err != nil {
			return err
		}
		if _, err := io.ReadFull(conn, make([]byte, turn.hear)); err != nil {
			return err
		}
	}
	return nil
}

// head is a rectangle's place and encoding.
func head(b []byte, r frame.Rect, encoding int32) []byte {
	for _, v := range []int{r.Min.X, r.Min.Y, r.Dx(), r.Dy()} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return binary.BigEndian.AppendUint32(b, uint32(encoding))
}

// colours are the different ones in r, and which of them each pixel is.
func (s *rfbServer) colours(r frame.Rect) (palette []pixel, each []int) {
	number := map[pixel]int{}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := pixel(s.pic.Row(y, x, x+1)[:3])
			i, ok := number[c]
			if !ok {
				i = len(palette)
				palette = append(palette, c)
				number[c] = i
			}
			each = append(each, i)
		}
	}
	return palette, each
}

// bits packs numbers of so many bits into rows of whole bytes.
func bits(each []int, width, depth int) (packed []byte) {
	for ; len(each) > 0; each = each[width:] {
		b, left := 0, 8
		for x, v := range each[:width] {
			left -= depth
			b |= v << left
			if left == 0 || x == width-1 {
				packed = append(packed, byte(b))
				b, left = 0, 8
			}
		}
	}
	return packed
}

// tightBody is r in Tight.
func (s *rfbServer) tightBody(b []byte, r frame.Rect, stream int) []byte {
	palette, each := s.colours(r)
	var data []byte
	switch {
	case len(palette) == 1:
		c := palette[0]
		return append(b, 0x80, c[2], c[1], c[0])
	case len(palette) <= 256:
		b = append(b, byte(stream<<4|0x40), 1, byte(len(palette)-1))
		for _, c := range palette {
			b = append(b, c[2], c[1], c[0])
		}
		if len(palette) == 2 {
			data = bits(each, r.Dx(), 1)
			break
		}
		for _, i := range each {
			data = append(data, byte(i))
		}
	default:
		b = append(b, byte(stream<<4))
		for _, i := range each {
			data = append(data, palette[i][2], palette[i][1], palette[i][0])
		}
	}
	if len(data) < tightSmall {
		return append(b, data...)
	}
	data = s.tight[stream].pack(data)
	n := len(data)
	switch {
	case n < 1<<7:
		b = append(b, byte(n))
	case n < 1<<14:
		b = append(b, byte(n|0x80), byte(n>>7))
	default:
		b = append(b, byte(n|0x80), byte(n>>7|0x80), byte(n>>14))
	}
	return append(b, data...)
}

// zrleBody is r in ZRLE, its tiles in all the kinds in turn.
func (s *rfbServer) zrleBody(b []byte, r frame.Rect, turn int) []byte {
	var data []byte
	for y := r.Min.Y; y < r.Max.Y; y += zrleTile {
		for x := r.Min.X; x < r.Max.X; x += zrleTile {
			t := image.Rect(x, y, x+zrleTile, y+zrleTile).Intersect(r)
			data = s.zrleTile(data, t, turn)
			turn++
		}
	}
	data = s.zrle.pack(data)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(data))), data...)
}

func (s *rfbServer) zrleTile(b []byte, t frame.Rect, turn int) []byte {
	palette, each := s.colours(t)
	colours := func() {
		for _, c := range palette {
			b = append(b, c[:]...)
		}
	}
	switch {
	case turn%3 == 0 || len(palette) > 127:
		b = append(b, 0)
		for _, i := range each {
			b = append(b, palette[i][:]...)
		}
	case turn%3 == 1 && len(palette) == 1:
		b = append(b, 1)
		colours()
	case turn%3 == 1 && len(palette) <= 16:
		depth := 4
		if len(palette) == 2 {
			depth = 1
		} else if len(palette) <= 4 {
			depth = 2
		}
		b = append(b, byte(len(palette)))
		colours()
		b = append(b, bits(each, t.Dx(), depth)...)
	default: // runs, with a palette or without
		own := len(palette) > 1 && turn%2 == 0
		b = append(b, 128)
		if own {
			b[len(b)-1] = byte(128 + len(palette))
			colours()
		}
		for len(each) > 0 {
			n := 1
			for n < len(each) && each[n] == each[0] {
				n++
			}
			switch {
			case own && n == 1:
				b = append(b, byte(each[0]))
			case own:
				b = append(b, byte(128+each[0]))
			default:
				b = append(b, palette[each[0]][:]...)
			}
			if !own || n > 1 {
				b = append(b, bytes.Repeat([]byte{255}, (n-1)/255)...)
				b = append(b, byte((n-1)%255))
			}
			each = each[n:]
		}
	}
	return b
}

// paintSome draws one colour, a few or many into a random part.
func paintSome(rng *rand.Rand, m frame.Image) frame.Rect {
	x, y := rng.IntN(m.W), rng.IntN(m.H)
	r := image.Rect(x, y, x+1+rng.IntN(m.W), y+1+rng.IntN(m.H)).Intersect(m.Bounds())
	n := []int{1, 2, 3, 9, 100, 1 << 20}[rng.IntN(6)]
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			v := rng.IntN(n)
			if rng.IntN(4) > 0 { // so that there are runs
				v = 0
			}
			copy(m.Row(y, x, x+1), []byte{byte(v), byte(v * 7 >> 4), byte(v >> 12)})
		}
	}
	return r
}

func TestTheViewerShowsWhatTheServerHas(t *testing.T) {
	for _, c := range []struct {
		name     string
		encoding int32
	}{{"raw", encRaw}, {"tight", encTight}, {"zrle", encZRLE}} {
		t.Run(c.name, func(t *testing.T) {
			here, there := net.Pipe()
			defer here.Close()
			defer there.Close()
			rng := rand.New(rand.NewPCG(1, uint64(c.encoding)))
			s := &rfbServer{pic: frame.New(300, 200)}
			served := make(chan error, 1)
			go func() { served <- s.greet(there) }()
			v, err := dialVNC(here, c.encoding)
			if err = errors.Join(err, <-served); err != nil {
				t.Fatal(err)
			}
			for turn := range 60 {
				update := []byte{2, 3, 0, 0, 0, 0, 0, 0, 2, 'h', 'i', 0, 0, 0xff, 0xff} // a bell and a clipboard first
				for range 1 + rng.IntN(3) {
					r := paintSome(rng, s.pic)
					update = head(update, r, c.encoding)
					switch c.encoding {
					case encRaw:
						for y := r.Min.Y; y < r.Max.Y; y++ {
							update = append(update, s.pic.Row(y, r.Min.X, r.Max.X)...)
						}
					case encTight:
						update = s.tightBody(update, r, turn%4)
					case encZRLE:
						update = s.zrleBody(update, r, turn)
					}
				}
				from := image.Rect(0, 0, 200, 150).Add(image.Pt(rng.IntN(100), rng.IntN(50)))
				to := image.Rect(0, 0, 200, 150).Add(image.Pt(rng.IntN(100), rng.IntN(50)))
				frame.Copy(s.pic, moved(s.pic.Clone(), from, to), to)
				update = head(update, to, encCopyRect)
				update = binary.BigEndian.AppendUint16(update, uint16(from.Min.X))
				update = binary.BigEndian.AppendUint16(update, uint16(from.Min.Y))
				update = head(update, frame.Rect{}, encLastRect)
				go func() {
					if _, err := io.ReadFull(there, make([]byte, 10)); err != nil {
						served <- err
						return
					}
					_, err := there.Write(update)
					served <- err
				}()
				before := v.received()
				v.ask(turn > 0)
				if err := errors.Join(v.update(time.Now().Add(time.Minute)), <-served); err != nil {
					t.Fatal(err)
				}
				if n := v.received() - before; n != int64(len(update)) {
					t.Fatalf("counted %d of %d bytes", n, len(update))
				}
				if !frame.Equal(v.pic, s.pic) {
					t.Fatalf("turn %d: another picture", turn)
				}
			}
		})
	}
}

// moved is m with the part from at the place to.
func moved(m frame.Image, from, to frame.Rect) frame.Image {
	part := m.Sub(from).Clone()
	for y := range part.H {
		copy(m.Row(to.Min.Y+y, to.Min.X, to.Max.X), part.Row(y, 0, part.W))
	}
	return m
}

func TestTheViewerRefusesWhatIsNoRFB(t *testing.T) {
	for _, c := range []struct {
		name   string
		update []byte
	}{
		{"outside", head([]byte{0, 0, 1}, image.Rect(90, 90, 101, 100), encRaw)},
		{"unknown encoding", head([]byte{0, 0, 1}, image.Rect(0, 0, 9, 9), 99)},
		{"copy from outside", append(head([]byte{0, 0, 1}, image.Rect(0, 0, 50, 50), encCopyRect), 0, 60, 0, 0)},
		{"JPEG", append(head([]byte{0, 0, 1}, image.Rect(0, 0, 50, 50), encTight), 0x90, 1, 1)},
		{"gradient", append(head([]byte{0, 0, 1}, image.Rect(0, 0, 50, 50), encTight), 0x40, 2)},
		{"colour not in the palette", append(head([]byte{0, 0, 1}, image.Rect(0, 0, 1, 1), encTight), 0x40, 1, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3)},
		{"not zlib", append(head([]byte{0, 0, 1}, image.Rect(0, 0, 9, 9), encTight), 0, 3, 1, 2, 3)},
		{"too long", append(head([]byte{0, 0, 1}, image.Rect(0, 0, 9, 9), encZRLE), 0x40, 0, 0, 0)},
		{"empty ZRLE", append(head([]byte{0, 0, 1}, image.Rect(0, 0, 9, 9), encZRLE), 0, 0, 0, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := newPainter(100, 100, c.update).paint(); !errors.Is(err, errRFB) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func newPainter(w, h int, update []byte) *painter {
	return &painter{in: source{Reader: bufio.NewReader(bytes.NewReader(update))}, pic: frame.New(w, h)}
}

// fuzzRect gives the fuzzer's bytes as one rectangle: whatever they are,
// nothing outside it is painted, nothing much is allocated, and the same bytes
// give the same picture again.
func fuzzRect(f *testing.F, encoding int32) {
	inside := image.Rect(20, 10, 90, 80)
	f.Fuzz(func(t *testing.T, body []byte) {
		a, b := newPainter(100, 100, body), newPainter(100, 100, body)
		err := a.rect(inside, encoding)
		if errB := b.rect(inside, encoding); (err == nil) != (errB == nil) || !frame.Equal(a.pic, b.pic) {
			t.Fatal("twice the same bytes gave two pictures")
		}
		if cap(a.buf) > 4*a.pic.W*a.pic.H {
			t.Fatalf("%d bytes of memory", cap(a.buf))
		}
		outside := a.pic
		frame.Copy(outside, frame.New(100, 100), inside)
		if !frame.Equal(outside, frame.New(100, 100)) {
			t.Fatal("painted outside the rectangle")
		}
	})
}

func FuzzTight(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 12 {
		s := &rfbServer{pic: frame.New(100, 100)}
		paintSome(rng, s.pic)
		f.Add(s.tightBody(nil, image.Rect(20, 10, 90, 80), 1))
	}
	fuzzRect(f, encTight)
}

func FuzzZRLE(f *testing.F) {
	rng := rand.New(rand.NewPCG(4, 4))
	for turn := range 12 {
		s := &rfbServer{pic: frame.New(100, 100)}
		paintSome(rng, s.pic)
		f.Add(s.zrleBody(nil, image.Rect(20, 10, 90, 80), turn))
	}
	fuzzRect(f, encZRLE)
}
