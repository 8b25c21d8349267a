package bench

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"

	"handrail/shared/frame"
)

// A recording begins with magic and the desktop's width and height, then one
// zstd stream follows. In it each frame is: microseconds since the first frame
// (8 bytes), the number of tiles that changed (4), their numbers (4 each,
// ascending), and their pixels in BGRX, row by row, the fourth byte 0. All
// numbers are little-endian. Before the first frame everything is black.
const magic = "DESKSEQ1"

// window is how far back zstd looks: a desktop of 1080p.
const window = 8 << 20

// MaxPixels is the largest desktop that is recorded: 5120×2880 fits.
const MaxPixels = 16 << 20

// ErrRecording is what Next and NewReader return for what is no recording.
var ErrRecording = errors.New("bench: not a recording")

// Writer makes a recording.
type Writer struct {
	grid
	zip  *zstd.Encoder
	prev frame.Image
	ids  []uint32
	head []byte
	last time.Duration
}

// NewWriter begins a recording of a desktop of w by h pixels.
func NewWriter(out io.Writer, w, h int) (*Writer, error) {
	if w <= 0 || h <= 0 || w > MaxPixels/h {
		return nil, fmt.Errorf("bench: can't record a desktop of %d×%d", w, h)
	}
	head := binary.LittleEndian.AppendUint32([]byte(magic), uint32(w))
	if _, err := out.Write(binary.LittleEndian.AppendUint32(head, uint32(h))); err != nil {
		return nil, fmt.Errorf("bench: beginning a recording: %w", err)
	}
	zip, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(window))
	if err != nil {
		return nil, fmt.Errorf("bench: beginning a recording: %w", err)
	}
	return &Writer{grid: gridOf(w, h), zip: zip, prev: frame.New(w, h)}, nil
}

// Add records how the desktop looks, at a time that does not go back. The
// fourth bytes of m must be 0. It returns how many tiles changed.
func (w *Writer) Add(at time.Duration, m frame.Image) (changed int, err error) {
	if m.W != w.w || m.H != w.h || at < w.last {
		return 0, fmt.Errorf("bench: a frame of %d×%d at %v does not belong here", m.W, m.H, at)
	}
	w.last = at
	w.ids = w.differ(w.ids[:0], w.prev, m)
	w.head = binary.LittleEndian.AppendUint64(w.head[:0], uint64(at.Microseconds()))
	w.head = binary.LittleEndian.AppendUint32(w.head, uint32(len(w.ids)))
	for _, id := range w.ids {
		w.head = binary.LittleEndian.AppendUint32(w.head, id)
	}
	if _, err := w.zip.Write(w.head); err != nil {
		return 0, fmt.Errorf("bench: recording: %w", err)
	}
	for _, id := range w.ids {
		r := w.rect(int(id))
		frame.Copy(w.prev, m, r)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			if _, err := w.zip.Write(w.prev.Row(y, r.Min.X, r.Max.X)); err != nil {
				return 0, fmt.Errorf("bench: recording: %w", err)
			}
		}
	}
	return len(w.ids), nil
}

// Close ends the recording; what it was written to stays open.
func (w *Writer) Close() error {
	if err := w.zip.Close(); err != nil {
		return fmt.Errorf("bench: ending a recording: %w", err)
	}
	return nil
}

// Reader plays a recording.
type Reader struct {
	grid
	zip    *zstd.Decoder
	pic    frame.Image
	ids    []uint32
	raw    []byte
	damage []frame.Rect
	last   time.Duration
	begun  bool
}

// NewReader begins to play a recording of a desktop of at most so many pixels.
// Errors: ErrRecording, and those of in.
func NewReader(in io.Reader, pixels int) (*Reader, error) {
	in = bufio.NewReaderSize(in, 256<<10)
	var head [len(magic) + 8]byte
	if _, err := io.ReadFull(in, head[:]); err != nil || string(head[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: no header", ErrRecording)
	}
	w, h := binary.LittleEndian.Uint32(head[len(magic):]), binary.LittleEndian.Uint32(head[len(magic)+4:])
	if w == 0 || h == 0 || uint64(w)*uint64(h) > uint64(min(pixels, MaxPixels)) {
		return nil, fmt.Errorf("%w: %d×%d pixels", ErrRecording, w, h)
	}
	zip, err := zstd.NewReader(in, zstd.WithDecoderMaxWindow(window), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("bench: playing a recording: %w", err)
	}
	g := gridOf(int(w), int(h))
	return &Reader{grid: g, zip: zip, pic: frame.New(g.w, g.h), raw: make([]byte, 4*g.tiles())}, nil
}

// Size is the desktop's width and height in pixels.
func (r *Reader) Size() (w, h int) { return r.w, r.h }

// Next is the next frame; io.EOF after the last one. Errors: ErrRecording, and
// those of what is read from. After an error there is no further frame.
func (r *Reader) Next() (Frame, error) {
	var head [12]byte
	if _, err := io.ReadFull(r.zip, head[:]); errors.Is(err, io.EOF) {
		return Frame{}, io.EOF
	} else if err != nil {
		return Frame{}, fmt.Errorf("%w: %w", ErrRecording, err)
	}
	micros, n := binary.LittleEndian.Uint64(head[:]), binary.LittleEndian.Uint32(head[8:])
	if micros > uint64((24*time.Hour).Microseconds()) || time.Duration(micros)*time.Microsecond < r.last || uint64(n) > uint64(r.tiles()) {
		return Frame{}, fmt.Errorf("%w: a frame at %d µs with %d tiles", ErrRecording, micros, n)
	}
	r.last = time.Duration(micros) * time.Microsecond
	if err := r.readTiles(int(n)); err != nil {
		return Frame{}, err
	}
	r.damage = r.join(r.damage[:0], r.ids)
	if !r.begun {
		r.begun = true
		r.damage = append(r.damage[:0], r.pic.Bounds())
	}
	return Frame{Image: r.pic, Damage: r.damage, At: r.last}, nil
}

// readTiles reads n numbers of tiles and their pixels.
func (r *Reader) readTiles(n int) error {
	raw := r.raw[:4*n]
	if _, err := io.ReadFull(r.zip, raw); err != nil {
		return fmt.Errorf("%w: %w", ErrRecording, err)
	}
	r.ids = r.ids[:0]
	for ; len(raw) > 0; raw = raw[4:] {
		id := binary.LittleEndian.Uint32(raw)
		if uint64(id) >= uint64(r.tiles()) || len(r.ids) > 0 && id <= r.ids[len(r.ids)-1] {
			return fmt.Errorf("%w: tile %d", ErrRecording, id)
		}
		r.ids = append(r.ids, id)
	}
	for _, id := range r.ids {
		q := r.rect(int(id))
		for y := q.Min.Y; y < q.Max.Y; y++ {
			if _, err := io.ReadFull(r.zip, r.pic.Row(y, q.Min.X, q.Max.X)); err != nil {
				return fmt.Errorf("%w: %w", ErrRecording, err)
			}
		}
	}
	return nil
}

// Close gives the reader's memory back; what it read from stays open.
func (r *Reader) Close() { r.zip.Close() }
