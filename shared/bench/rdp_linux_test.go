package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail/shared/xdisplay"
)

// rdpCalm is how long FreeRDP gets to begin, and to end with the last frame.
const rdpCalm = 4 * time.Second

// program is the first of the names that is installed: they change with
// FreeRDP's version.
func program(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("none of %v is installed", names)
	return ""
}

// runRDP plays a recording on a display that FreeRDP shares with its own
// client, H.264 in RDP's graphics pipeline.
func runRDP(t testing.TB, v *vnc, p *player, file string) *rdpRun {
	home := t.TempDir()
	port := freePort(t)
	server := exec.Command(program(t, "freerdp-shadow-cli3", "freerdp-shadow-cli"), fmt.Sprintf("/port:%d", port), "/bind-address:127.0.0.1", "-auth", "-sec-nla")
	server.Env = append(os.Environ(), "DISPLAY="+v.display, "HOME="+home)
	startTied(t, server)
	xdisplay.WaitFor(t, "FreeRDP's server", func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	proxy, count := countTCP(t, fmt.Sprintf("127.0.0.1:%d", port))
	d := xdisplay.Start(t, "1920x1080")
	client := exec.Command(program(t, "xfreerdp3", "xfreerdp"), "/v:"+proxy, "/cert:ignore", "/u:a", "/p:b", "/sec:tls", "/gfx:AVC420", "/size:1920x1080", "/network:lan")
	client.Env = append(d.Env(), "HOME="+home)
	startTied(t, client)
	before, cost := int64(0), time.Duration(0)
	frames := 0
	var begun time.Time
	each(t, file, func(i int, f Frame) bool {
		if i == 0 {
			p.show(whole(f))
			time.Sleep(rdpCalm)
			before, cost, begun = count.Load(), serverTime(t, server.Process.Pid), time.Now()
			return true
		}
		time.Sleep(time.Until(begun.Add(f.At)))
		if len(f.Damage) > 0 {
			frames++
			p.show(f)
		}
		return true
	})
	time.Sleep(rdpCalm)
	if before == 0 || frames == 0 {
		t.Fatal("FreeRDP's client did not get a picture")
	}
	return &rdpRun{Bytes: count.Load() - before, CPU: (serverTime(t, server.Process.Pid) - cost) / time.Duration(frames)}
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// countTCP passes connections on to an address and counts the bytes that come
// from there.
func countTCP(t testing.TB, to string) (addr string, count *atomic.Int64) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	count = new(atomic.Int64)
	var all sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range open {
			c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	all.Go(func() {
		for {
			here, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			there, err := net.Dial("tcp", to)
			if err != nil {
				here.Close()
				continue
			}
			mu.Lock()
			open = append(open, here, there)
			mu.Unlock()
			all.Go(func() {
				_, _ = io.Copy(there, here) // either end may go first
				there.Close()
			})
			all.Go(func() {
				_, _ = io.Copy(io.MultiWriter(here, counting{count}), there)
				here.Close()
			})
		}
	})
	return l.Addr().String(), count
}

type counting struct{ n *atomic.Int64 }

func (c counting) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b)))
	return len(b), nil
}
