package nets

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// machine is one whose network and clock a test changes.
type machine struct {
	notices chan struct{}

	mu     sync.Mutex
	net    string
	asleep time.Duration
	looks  int
	news   []time.Duration // after the beginning
}

func (m *machine) look() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looks++
	return m.net
}

func (m *machine) wall() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Round(0).Add(m.asleep)
}

func (m *machine) set(net string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.net = net
}

func (m *machine) sleep(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asleep += d
}

func (m *machine) told() []time.Duration {
	synctest.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.news
}

func watching(t *testing.T, tells bool, story func(m *machine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := &machine{net: "eth0 192.0.2.7/24"}
		e := eye{look: m.look, wall: m.wall}
		if tells {
			m.notices = make(chan struct{}, 1)
			e.notices = m.notices
		}
		ctx, cancel := context.WithCancel(t.Context())
		begin := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			e.watch(ctx, func() {
				m.mu.Lock()
				defer m.mu.Unlock()
				m.news = append(m.news, time.Since(begin))
			})
		}()
		synctest.Wait()
		story(m)
		cancel()
		<-done
	})
}

func TestZ06ChangeIsToldOnceAndSoon(t *testing.T) {
	watching(t, true, func(m *machine) {
		m.set("wlan0 198.51.100.9/24")
		for range 5 { // link, addresses, routes
			poke(m.notices)
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(time.Second)
		got := m.told()
		if len(got) != 1 || got[0] > 100*time.Millisecond+settle {
			t.Errorf("told %v", got)
		}
	})
}

func TestNoiseIsNoNews(t *testing.T) {
	watching(t, true, func(m *machine) {
		for range 100 {
			poke(m.notices)
			time.Sleep(time.Second)
		}
		if got := m.told(); len(got) > 0 {
			t.Errorf("told %v", got)
		}
	})
}

func TestZ06WithoutASystemThatTellsSomebodyLooks(t *testing.T) {
	for name, notices := range map[string]func(m *machine){
		"never told":     func(*machine) {},
		"told no longer": func(m *machine) { close(m.notices) },
	} {
		t.Run(name, func(t *testing.T) {
			watching(t, name != "never told", func(m *machine) {
				notices(m)
				time.Sleep(time.Minute)
				m.set("")
				time.Sleep(lookEvery)
				if got := m.told(); len(got) != 1 {
					t.Errorf("told %v", got)
				}
			})
		})
	}
}

func TestZ06SleepIsNoticed(t *testing.T) {
	watching(t, true, func(m *machine) {
		m.sleep(slept - time.Second) // somebody set the clock
		time.Sleep(2 * lookEvery)
		if got := m.told(); len(got) > 0 {
			t.Errorf("told %v", got)
		}
		m.sleep(10 * time.Minute)
		time.Sleep(2 * lookEvery)
		if got := m.told(); len(got) != 1 {
			t.Errorf("told %v", got)
		}
	})
}

// TestNothingIsLeftOfAWatchThatEnded is about this machine: whoever looks at it
// stops, and so does what the system tells.
func TestNothingIsLeftOfAWatchThatEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	heard, err := listen(ctx)
	news := Watch(ctx)
	if before, after := look(), look(); before != after {
		t.Errorf("two looks at the same network differ: %q, %q", before, after)
	}
	cancel()
	for range news {
		t.Error("told of a change there was not")
	}
	if runtime.GOOS != "linux" {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for range heard { // until it is closed
	}
}
