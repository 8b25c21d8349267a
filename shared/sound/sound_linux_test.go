package sound

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestC05NoSoundServerIsNoAudio(t *testing.T) {
	t.Setenv("PULSE_SERVER", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if err := Chime(t.Context(), tone(8000, 1, 10, 440)); !errors.Is(err, ErrNoAudio) {
		t.Errorf("err = %v", err)
	}
}

// fake is a sound server that does with each connection what serve says.
func fake(t *testing.T, serve func(net.Conn)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "native")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	t.Setenv("PULSE_SERVER", "unix:"+path)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
		}
	}()
}

func TestAServerThatHangsUpIsNoAudio(t *testing.T) {
	fake(t, func(c net.Conn) { c.Close() })
	if err := Chime(t.Context(), tone(8000, 1, 10, 440)); !errors.Is(err, ErrNoAudio) {
		t.Errorf("err = %v", err)
	}
}

func TestChimeEndsWithItsContext(t *testing.T) {
	met := make(chan struct{})
	fake(t, func(net.Conn) { close(met) }) // and never answers
	why := errors.New("the program ends")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-met
		cancel(why)
	}()
	if err := Chime(ctx, tone(8000, 1, 10, 440)); !errors.Is(err, why) {
		t.Errorf("err = %v", err)
	}
}

// server starts a PulseAudio of its own without a device, whose output can be
// recorded.
func server(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	socket := filepath.Join(dir, "native")
	cmd := exec.Command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm=yes",
		"-L", "module-null-sink sink_name=handrail rate=44100 channels=1",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+socket)
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "PULSE_RUNTIME_PATH="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting pulseaudio (is its package installed?): %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // says that it was killed
	})
	t.Setenv("PULSE_SERVER", "unix:"+socket)
	t.Setenv("PULSE_COOKIE", filepath.Join(dir, "none"))
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); ; <-tick.C {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("pulseaudio does not listen")
		}
	}
}

func TestC05ChimeIsHeard(t *testing.T) {
	server(t)
	for _, channels := range []int{1, 2} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		heard := make(chan struct{}, 1)
		ear := &ear{heard: heard}
		rec := exec.CommandContext(ctx, "parec", "--device=handrail.monitor", "--format=s16le", "--rate=44100", "--channels=1", "--latency-msec=20")
		rec.Stdout = ear
		if err := rec.Start(); err != nil {
			t.Fatalf("starting parec (is pulseaudio-utils installed?): %v", err)
		}
		ear.listening(t)
		if err := Chime(ctx, tone(44100, channels, 400, 880)); err != nil {
			t.Fatal(err)
		}
		select {
		case <-heard:
		case <-ctx.Done():
			t.Errorf("%d channels: nobody heard it", channels)
		}
		cancel()
		_ = rec.Wait() // says that it was killed
	}
}

// ear listens for 880 Hz in 44,100 samples a second.
type ear struct {
	buf   bytes.Buffer
	heard chan struct{}
}

// listening gives the recorder's first sound, silence, time to come: a tone
// played before would be missed.
func (e *ear) listening(t *testing.T) {
	t.Helper()
	select {
	case <-e.heard:
	case <-time.After(30 * time.Second):
		t.Fatal("the recorder hears nothing, not even silence")
	}
}

// Write takes recorded samples. It says heard once for the first sound at all
// and again when it finds the tone: a window of 50 ms in which most of the
// energy is at 880 Hz, by Goertzel's algorithm.
func (e *ear) Write(p []byte) (int, error) {
	if e.buf.Len() == 0 {
		e.heard <- struct{}{}
	}
	e.buf.Write(p)
	const window = 2205
	all := e.buf.Bytes()
	for from := 0; from+2*window <= len(all); from += 2 * window {
		var s1, s2, energy float64
		k := 2 * math.Cos(2*math.Pi*880/44100)
		for i := range window {
			v := float64(int16(binary.LittleEndian.Uint16(all[from+2*i:])))
			s1, s2 = v+k*s1-s2, s1
			energy += v * v
		}
		power := (s1*s1 + s2*s2 - k*s1*s2) * 2 / window
		if energy > 1e6*window && power > energy*0.8 {
			select {
			case e.heard <- struct{}{}:
			default: // it has been said
			}
		}
	}
	return len(p), nil
}
