package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"handrail/shared/codec"
	"handrail/shared/frame"
	"handrail/shared/many"
	"handrail/shared/screen"
)

// lostAfter is when a frame counts as lost.
const lostAfter = 2 * time.Second

// closeEnough is the mean square error of a tile that may count as seen although
// it is not exact: 24 dB. A tile in which a letter is missing has more.
const closeEnough = 250

// wire is a screen's way from its X server through package screen, the codec
// and TCP to decoded pixels, in one process: what the product does but for the
// sealing of packets.
type wire struct {
	t       testing.TB
	size    image.Point
	source  *screen.Source
	out, in net.Conn
	arrived chan arrival

	before frame.Image // the frame before; of play alone

	mu       sync.Mutex
	dec      *codec.Decoder
	receiver time.Duration // processor time of receiving and decoding
}

// arrival is a slice after which nothing is pending.
type arrival struct {
	at    time.Time
	bytes int64 // of all slices so far
}

// openWire begins a way that ends with t.
func openWire(t testing.TB, display string, size image.Point) *wire {
	t.Helper()
	source, err := screen.Open(display)
	if err != nil {
		t.Fatal(err)
	}
	out, in := loopback(t)
	w := &wire{
		t: t, size: size, source: source, out: out, in: in, arrived: make(chan arrival, 1024),
		dec: codec.NewDecoder(codec.DefaultLimits(), many.Do),
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	ended := make(chan error, 2)
	all.Go(func() { ended <- w.send(ctx) })
	all.Go(func() { ended <- w.receive() })
	t.Cleanup(func() {
		cancel()
		out.Close()
		in.Close()
		all.Wait()
		source.Close()
		for range 2 {
			if err := <-ended; err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		}
	})
	return w
}

// loopback is a TCP connection of this machine to itself.
func loopback(t testing.TB) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return a, b
}

// send sends what changes, and what is due while nothing does.
func (w *wire) send(ctx context.Context) error {
	enc := codec.NewEncoder(many.Do)
	var pic frame.Image
	var buf []byte
	for {
		wait, cancel := ctx, context.CancelFunc(func() {})
		if at, ok := enc.Due(); ok {
			wait, cancel = context.WithDeadline(ctx, at)
		}
		u, err := w.source.Next(wait)
		cancel()
		switch {
		case err == nil && u.Image.W > 0:
			pic = u.Image
			enc.Damage(u.Damage...)
		case err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)):
			return err
		}
		for first := true; enc.Pending() || first && pic.W > 0; first = false {
			buf = enc.Encode(append(buf[:0], 0, 0, 0, 0, 0), pic, sliceAim, time.Now())
			if len(buf) == 5 {
				continue
			}
			binary.LittleEndian.PutUint32(buf, uint32(len(buf)-5))
			if !enc.Pending() {
				buf[4] = 1 // the last of a picture
			}
			if _, err := w.out.Write(buf); err != nil {
				return fmt.Errorf("sending a slice: %w", err)
			}
		}
	}
}

// receive decodes what comes.
func (w *wire) receive() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	in := bufio.NewReaderSize(w.in, 64<<10)
	var head [5]byte
	var slice []byte
	var sum int64
	for {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return err
		}
		n := int(binary.LittleEndian.Uint32(head[:]))
		if cap(slice) < n {
			slice = make([]byte, n)
		}
		if _, err := io.ReadFull(in, slice[:n]); err != nil {
			return err
		}
		w.mu.Lock()
		_, err := w.dec.Decode(slice[:n])
		w.receiver = threadTime(w.t)
		w.mu.Unlock()
		if err != nil {
			return err
		}
		sum += int64(n)
		if head[4] == 0 {
			continue
		}
		select {
		case w.arrived <- arrival{time.Now(), sum}:
		default: // nobody waits; the next one will say the same
		}
	}
}

// seen says whether what f changed has arrived: exactly, or lossy. That is so
// if every tile is close enough or closer to f than to the frame before, and all
// of them together are closer.
func (w *wire) seen(f Frame) (exact, lossy bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.dec.Image()
	if got.W != f.Image.W || got.H != f.Image.H {
		return false, false
	}
	if sameIn(got, f.Image, f.Damage) {
		return true, false
	}
	g := gridOf(got.W, got.H)
	fresh, old := 0.0, 0.0
	for i := range g.tiles() {
		r := g.rect(i)
		if !slices.ContainsFunc(f.Damage, r.Overlaps) {
			continue
		}
		e, err := squareError(got.Sub(r), f.Image.Sub(r))
		e2, err2 := squareError(got.Sub(r), w.before.Sub(r))
		if errors.Join(err, err2) != nil || e >= e2 && e > closeEnough*3*float64(r.Dx()*r.Dy()) {
			return false, false
		}
		fresh, old = fresh+e, old+e2
	}
	return false, fresh < old
}

// receiverTime is the processor time of receiving so far.
func (w *wire) receiverTime() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.receiver
}

// play shows the frames in lockstep: the next one is drawn when the last one
// was seen.
func (w *wire) play(p *player, v *vnc, file string, without drawn) *wireRun {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	wr := &wireRun{}
	var process, thread, server, receiver time.Duration
	var sum, first int64
	each(w.t, file, func(i int, f Frame) bool {
		if i == 0 {
			w.before = frame.New(f.Image.W, f.Image.H)
			w.arrive(p, whole(f), &sum)
			process, thread = processorTime(w.t, unix.CLOCK_PROCESS_CPUTIME_ID), threadTime(w.t)
			server, receiver, first = serverTime(w.t, v.pid), w.receiverTime(), sum
			return true
		}
		if len(f.Damage) == 0 {
			return true
		}
		took, exact, ok := w.arrive(p, f, &sum)
		if !ok {
			wr.Lost++
			return true
		}
		if !exact {
			wr.Lossy++
		}
		wr.Latency = append(wr.Latency, took)
		return true
	})
	n := len(wr.Latency) + wr.Lost
	if n == 0 {
		return wr
	}
	// This thread draws and compares, the receiver's decodes; the rest of the
	// process captures, encodes and sends, but for what it did without that.
	cost := processorTime(w.t, unix.CLOCK_PROCESS_CPUTIME_ID) - process
	cost -= threadTime(w.t) - thread + without.beside
	cost -= w.receiverTime() - receiver
	cost += serverTime(w.t, v.pid) - server - without.server.sum()
	wr.CPU = spread{max(cost, 0) / time.Duration(n)}
	wr.Bytes = sum - first
	return wr
}

// arrive shows f and waits until it was seen. sum becomes the bytes of all
// slices so far.
func (w *wire) arrive(p *player, f Frame, sum *int64) (took time.Duration, exact, ok bool) {
	p.prepare(f)
	for len(w.arrived) > 0 {
		<-w.arrived
	}
	p.draw(f.Damage)
	done := time.Now()
	defer func() {
		for _, r := range f.Damage {
			frame.Copy(w.before, f.Image, r)
		}
	}()
	late := time.NewTimer(lostAfter)
	defer late.Stop()
	for {
		select {
		case a := <-w.arrived:
			*sum = a.bytes
			if exact, lossy := w.seen(f); exact || lossy {
				return max(a.at.Sub(done), 0), exact, true
			}
		case <-late.C:
			return lostAfter, false, false
		}
	}
}

// rest counts, while nothing changes, the share of a core that capturing needs,
// the X server's with it, and the pictures and bytes that are sent.
func (w *wire) rest(p *player, v *vnc, f Frame, long time.Duration) (core float64, pictures int, bytes int64) {
	w.before = frame.New(f.Image.W, f.Image.H)
	var sum int64
	w.arrive(p, whole(f), &sum)
	for settled := time.After(lostAfter); settled != nil; {
		select {
		case a := <-w.arrived:
			sum = a.bytes
		case <-settled:
			settled = nil
		}
	}
	debug.FreeOSMemory() // or the runtime gives back meanwhile what earlier measuring left
	before, begun := processorTime(w.t, unix.CLOCK_PROCESS_CPUTIME_ID)+serverTime(w.t, v.pid), time.Now()
	time.Sleep(long)
	cost := processorTime(w.t, unix.CLOCK_PROCESS_CPUTIME_ID) + serverTime(w.t, v.pid) - before
	core = float64(cost) / float64(time.Since(begun))
	for len(w.arrived) > 0 {
		a := <-w.arrived
		pictures++
		bytes = a.bytes - sum
	}
	return core, pictures, bytes
}
