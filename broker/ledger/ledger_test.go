package ledger

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// lines is a store in memory.
type lines struct {
	mu      sync.Mutex // guards the following
	now     time.Time
	waiting map[string][]record.Line
	state   map[string]*record.Recipient
	leases  map[string]string
	denied  bool // somebody else has every lease
}

func newLines() *lines {
	return &lines{now: start, waiting: map[string][]record.Line{}, state: map[string]*record.Recipient{}, leases: map[string]string{}}
}

func (l *lines) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *lines) pass(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

// add puts facts in a line, named by numbers.
func (l *lines) add(recipient string, numbers ...int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state[recipient] == nil {
		l.state[recipient] = &record.Recipient{ID: recipient}
	}
	for _, n := range numbers {
		l.waiting[recipient] = append(l.waiting[recipient], record.Line{
			Number: int64(n), Mark: [16]byte{byte(n)}, Made: l.now, Portal: "main",
			Fact: lobby.Fact{
				Session: wire.SessionID{1}, At: l.now, What: lobby.FactCame, Rep: 7, Queue: "team:3",
				Detail: map[string]string{"n": fmt.Sprint(n), "portal": "main", "name": `Maria "]\ Ünal` + "\n"},
			},
		})
	}
}

func (l *lines) left(recipient string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting[recipient])
}

func (l *lines) about(recipient string) record.Recipient {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *l.state[recipient]
}

func (l *lines) Due(_ context.Context, now time.Time) (due []record.Recipient, _ error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, r := range l.state {
		if len(l.waiting[id]) > 0 && !r.Due.After(now) {
			due = append(due, *r)
		}
	}
	return due, nil
}

func (l *lines) Line(_ context.Context, recipient string, limit int) ([]record.Line, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.waiting[recipient]
	return slices.Clone(all[:min(len(all), limit)]), nil
}

func (l *lines) Told(_ context.Context, recipient string, numbers []int64, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	had := len(l.waiting[recipient])
	l.waiting[recipient] = slices.DeleteFunc(l.waiting[recipient], func(x record.Line) bool { return slices.Contains(numbers, x.Number) })
	r := l.state[recipient]
	r.Told += int64(had - len(l.waiting[recipient]))
	r.Tries, r.Due, r.Problem, r.Last = 0, time.Time{}, "", now
	return nil
}

func (l *lines) NotTold(_ context.Context, recipient, problem string, due time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.state[recipient]
	r.Tries, r.Due, r.Problem = r.Tries+1, due, problem
	return nil
}

func (l *lines) GiveUp(_ context.Context, recipient string, before time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	had := len(l.waiting[recipient])
	l.waiting[recipient] = slices.DeleteFunc(l.waiting[recipient], func(x record.Line) bool { return x.Made.Before(before) })
	l.state[recipient].GivenUp += int64(had - len(l.waiting[recipient]))
	return nil
}

func (l *lines) Lease(_ context.Context, name string, owner []byte, _ time.Duration) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.denied || l.leases[name] != "" && l.leases[name] != string(owner) {
		return false, nil
	}
	l.leases[name] = string(owner)
	return true, nil
}

func (l *lines) EndLease(_ context.Context, name string, owner []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leases[name] == string(owner) {
		delete(l.leases, name)
	}
	return nil
}

// program is a web hook that remembers what it was told.
type program struct {
	*httptest.Server
	mu     sync.Mutex // guards the following
	told   []*http.Request
	bodies []string
	answer func(http.ResponseWriter, *http.Request)
}

func newProgram(t *testing.T) *program {
	p := &program{}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // it went
		}
		p.mu.Lock()
		p.told, p.bodies = append(p.told, r), append(p.bodies, string(body))
		answer := p.answer
		p.mu.Unlock()
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *program) answers(with func(http.ResponseWriter, *http.Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = with
}

// heard is which facts it was told, in order.
func (p *program) heard(t *testing.T) (numbers []string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.bodies {
		var e event
		if err := json.Unmarshal([]byte(b), &e); err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, e.Detail["n"])
	}
	return numbers
}

// office is a ledger with hooks at programs.
func office(t *testing.T, l *lines, hooks ...settings.Hook) *Ledger {
	t.Helper()
	roots := x509.NewCertPool()
	server := httptest.NewTLSServer(nil) // all of them have the same certificate
	roots.AddCert(server.Certificate())
	server.Close()
	for i := range hooks {
		if hooks[i].Secret == nil {
			hooks[i].Secret = []byte("sealed")
		}
	}
	s := settings.Settings{Hooks: hooks}
	return New(Config{
		Store: l, Settings: func(context.Context) (settings.Settings, error) { return s, nil },
		Open:  func(sealed []byte) ([]byte, error) { return append([]byte("opened "), sealed...), nil },
		Roots: roots, Now: l.clock, Host: "help.example.org",
	})
}

// round tells everybody once and waits for it.
func round(t *testing.T, l *Ledger) {
	t.Helper()
	l.begin(t.Context())
	l.telling.Wait()
}

func TestT03HooksAreToldInOrderAndSigned(t *testing.T) {
	store, p := newLines(), newProgram(t)
	l := office(t, store, settings.Hook{ID: "a", URL: p.URL + "/in?x=1", Private: true})
	store.add("hook:a", 1, 2, 3)
	round(t, l)
	if got := p.heard(t); !slices.Equal(got, []string{"1", "2", "3"}) || store.left("hook:a") != 0 {
		t.Fatalf("told %v, %d left", got, store.left("hook:a"))
	}
	r := p.told[0]
	if want := Sign([]byte("opened sealed"), []byte(p.bodies[0]), start); r.Header.Get("Handrail-Signature") != want {
		t.Errorf("signed %q, want %q", r.Header.Get("Handrail-Signature"), want)
	}
	if r.Method != http.MethodPost || r.Header.Get("Handrail-Id") != "01000000000000000000000000000000" || r.Header.Get("Handrail-Event") != "session.came" ||
		r.Header.Get("Content-Type") != "application/json" || r.URL.String() != "/in?x=1" {
		t.Errorf("asked %s %s with %v", r.Method, r.URL, r.Header)
	}
	const want = `{"id":"01000000000000000000000000000000","event":"session.came","time":"2026-03-01T09:00:00Z",` +
		`"session":"01000000000000000000000000000000","portal":"main","rep":7,"queue":"team:3","detail":{"n":"1","name":"Maria \"]\\ Ünal\n","portal":"main"}}`
	if p.bodies[0] != want {
		t.Errorf("told\n%s\nwant\n%s", p.bodies[0], want)
	}
}

// The figure is of openssl: printf '1772355600.{}' | openssl dgst -sha256 -hmac secret
func TestT03TheSignatureIsTheOneDescribed(t *testing.T) {
	const want = "t=1772355600,v1=990710d0741a41eb2c26c060f0f432a5a3112a6f3bbe31f4c26f365154b5811a"
	if got := Sign([]byte("secret"), []byte("{}"), start); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestT03WhatFailsIsTriedAgainEverLaterAndGivenUpAfterThreeDays(t *testing.T) {
	store, p := newLines(), newProgram(t)
	l := office(t, store, settings.Hook{ID: "a", URL: p.URL, Private: true})
	p.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	store.add("hook:a", 1, 2)
	last := time.Duration(0)
	for tries := 1; tries <= 12; tries++ {
		round(t, l)
		round(t, l) // too early: nothing happens
		about := store.about("hook:a")
		wait := about.Due.Sub(store.clock())
		if about.Tries != tries || about.Problem != "status 500" || len(p.heard(t)) != tries {
			t.Fatalf("after %d tries: %+v, told %d times", tries, about, len(p.heard(t)))
		}
		if wait < firstRest*4/5 || wait > lastRest*6/5 || tries < 10 && wait < last*4/3 {
			t.Fatalf("waits %v after %v", wait, last)
		}
		last = wait
		store.pass(wait)
	}
	store.pass(keptFor - last)
	store.add("hook:a", 3)
	p.answers(nil)
	store.pass(last + time.Hour)
	round(t, l)
	if got := p.heard(t); got[len(got)-1] != "3" || slices.Contains(got, "2") {
		t.Errorf("told %v", got)
	}
	if about := store.about("hook:a"); about.GivenUp != 2 || about.Told != 1 || about.Problem != "" || about.Tries != 0 {
		t.Errorf("in the end %+v", about)
	}
	if got := l.Counts(); got != (Counts{Told: 1, Failed: 12}) {
		t.Errorf("counted %+v", got)
	}
}

func TestT03AFailedOneKeepsTheOrder(t *testing.T) {
	store, p := newLines(), newProgram(t)
	l := office(t, store, settings.Hook{ID: "a", URL: p.URL, Private: true})
	n := 0
	p.answers(func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 2 || n == 3 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	store.add("hook:a", 1, 2, 3)
	for range 3 {
		round(t, l)
		store.pass(time.Hour)
	}
	if got := p.heard(t); !slices.Equal(got, []string{"1", "2", "2", "2", "3"}) {
		t.Errorf("told %v", got)
	}
}

func TestT03AHangingRecipientHoldsUpNobody(t *testing.T) {
	store, hangs, p := newLines(), newProgram(t), newProgram(t)
	l := office(t, store, settings.Hook{ID: "a", URL: hangs.URL, Private: true}, settings.Hook{ID: "b", URL: p.URL, Private: true})
	here, heard := make(chan struct{}), make(chan struct{})
	hangs.answers(func(_ http.ResponseWriter, r *http.Request) {
		close(here)
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // to return is to answer 200, which may still be heard
	})
	p.answers(func(http.ResponseWriter, *http.Request) { close(heard) })
	store.add("hook:a", 1)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	<-here
	store.add("hook:b", 2)
	l.Wake()
	<-heard
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if about := store.about("hook:a"); about.Tries != 0 || store.left("hook:a") != 1 {
		t.Errorf("stopping counts as a failure: %+v", about)
	}
	if len(store.leases) != 0 {
		t.Errorf("leases kept: %v", store.leases)
	}
	again := office(t, store, settings.Hook{ID: "a", URL: hangs.URL, Private: true})
	hangs.answers(nil)
	round(t, again)
	if got := hangs.heard(t); !slices.Equal(got, []string{"1", "1"}) || hangs.told[0].Header.Get("Handrail-Id") != hangs.told[1].Header.Get("Handrail-Id") {
		t.Errorf("after a restart told %v", got)
	}
}

func TestT03WhatAnAnswerMayNotDo(t *testing.T) {
	elsewhere := newProgram(t)
	for name, c := range map[string]struct {
		answer  func(http.ResponseWriter, *http.Request)
		problem string
	}{
		"a redirect is not followed": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, "status 307"},
		"an endless answer is not read": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}, ""},
		"endless headers are not read": {func(w http.ResponseWriter, _ *http.Request) {
			for i := range 100 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 1<<10))
			}
		}, "unreachable"},
		"a broken answer is none": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			store, p := newLines(), newProgram(t)
			l := office(t, store, settings.Hook{ID: "a", URL: p.URL, Private: true})
			p.answers(c.answer)
			store.add("hook:a", 1)
			round(t, l)
			if about := store.about("hook:a"); about.Problem != c.problem || (c.problem == "") != (store.left("hook:a") == 0) {
				t.Errorf("%+v, want problem %q", about, c.problem)
			}
			l.hooks.close()
		})
	}
	if len(elsewhere.told) != 0 {
		t.Error("the redirect was followed")
	}
}

func TestT03WhereHooksMayNotLead(t *testing.T) {
	p := newProgram(t)
	for name, c := range map[string]struct {
		hook    settings.Hook
		problem string
	}{
		"inside, not allowed":        {settings.Hook{URL: p.URL}, "private"},
		"inside by a name":           {settings.Hook{URL: strings.Replace(p.URL, "127.0.0.1", "localhost", 1)}, "private"},
		"inside in other spelling":   {settings.Hook{URL: strings.Replace(p.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)}, "private"},
		"the cloud's data, allowed":  {settings.Hook{URL: "https://169.254.169.254/", Private: true}, "private"},
		"no address at all":          {settings.Hook{URL: "https://a b/"}, "unreachable"},
		"without a secret":           {settings.Hook{URL: p.URL, Private: true, Secret: []byte{}}, "unsigned"},
		"off while something waited": {settings.Hook{URL: p.URL, Private: true, Off: true}, "unknown"},
	} {
		store := newLines()
		c.hook.ID = "a"
		l := office(t, store, c.hook)
		l.Open = func(sealed []byte) ([]byte, error) { return sealed, nil }
		store.add("hook:a", 1)
		round(t, l)
		if about := store.about("hook:a"); about.Problem != c.problem {
			t.Errorf("%s: %+v, want %q", name, about, c.problem)
		}
	}
	if len(p.told) != 0 {
		t.Errorf("told %v", p.heard(t))
	}
}

func TestT03OnlyPublicAddressesArePublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "9.9.9.9": true,
		"10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "127.0.0.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "::1": false, "::": false, "fe80::1": false, "fc00::1": false,
		"fe80::1%eth0": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::127.0.0.1": false, "ff02::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestT03ALeaseOfAnotherBrokerIsRespected(t *testing.T) {
	store, p := newLines(), newProgram(t)
	l := office(t, store, settings.Hook{ID: "a", URL: p.URL, Private: true})
	store.add("hook:a", 1)
	store.denied = true
	round(t, l)
	if len(p.heard(t)) != 0 || store.left("hook:a") != 1 {
		t.Error("told although another broker does")
	}
}

// sink is a syslog server over TLS.
type sink struct {
	net.Listener
	ca      string
	read    chan string // everything of a connection
	closeAt int         // bytes after which it breaks off, 0: never
}

func newSink(t *testing.T, closeAt int) *sink {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sink"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{Listener: l, ca: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), read: make(chan string, 10), closeAt: closeAt}
	var done sync.WaitGroup
	done.Go(s.serve)
	t.Cleanup(func() { _ = l.Close(); done.Wait() })
	return s
}

func (s *sink) serve() {
	for {
		c, err := s.Accept()
		if err != nil {
			return
		}
		limit := int64(1 << 30)
		if s.closeAt > 0 {
			limit = int64(s.closeAt)
		}
		all, err := io.ReadAll(io.LimitReader(c, limit))
		if err == nil {
			s.read <- string(all)
		}
		if s.closeAt > 0 {
			_ = c.(*tls.Conn).NetConn().(*net.TCPConn).SetLinger(0) // breaks off
			_ = c.(*tls.Conn).NetConn().Close()
		}
		_ = c.Close()
	}
}

func logOffice(t *testing.T, l *lines, s settings.Syslog) *Ledger {
	t.Helper()
	o := office(t, l)
	o.Settings = func(context.Context) (settings.Settings, error) { return settings.Settings{Syslog: &s}, nil }
	return o
}

func TestT03SyslogIsFramedAndStructured(t *testing.T) {
	const frame = `<134>1 2026-03-01T09:00:00.000000Z help.example.org handrail - session.came [handrail@32473 ` +
		`id="0%d000000000000000000000000000000" session="01000000000000000000000000000000" rep="7" queue="team:3" %sportal="main"] session.came`
	for name, c := range map[string]struct {
		personal bool
		more     string
	}{
		"without personal data": {false, ""},
		"with it":               {true, `n="%d" name="Maria \"\]\\ Ünal " `},
	} {
		t.Run(name, func(t *testing.T) {
			store, sink := newLines(), newSink(t, 0)
			store.add("syslog", 1, 2)
			round(t, logOffice(t, store, settings.Syslog{Address: sink.Addr().String(), CA: sink.ca, Personal: c.personal}))
			var want strings.Builder
			for n := 1; n <= 2; n++ {
				more := c.more
				if more != "" {
					more = fmt.Sprintf(more, n)
				}
				m := fmt.Sprintf(frame, n, more)
				fmt.Fprintf(&want, "%d %s", len(m), m)
			}
			if got := <-sink.read; got != want.String() {
				t.Errorf("read\n%s\nwant\n%s", got, want.String())
			}
			if about := store.about("syslog"); about.Told != 2 || about.Problem != "" {
				t.Errorf("%+v", about)
			}
		})
	}
}

func TestT03SyslogThatBreaksOffHearsItAgain(t *testing.T) {
	store, sink := newLines(), newSink(t, 100)
	store.add("syslog", 1, 2)
	l := logOffice(t, store, settings.Syslog{Address: sink.Addr().String(), CA: sink.ca})
	round(t, l)
	if about := store.about("syslog"); about.Told != 0 || about.Problem != "unreachable" {
		t.Errorf("%+v", about)
	}
}

func TestT03SyslogOfAnotherNameIsNotTrusted(t *testing.T) {
	store, sink := newLines(), newSink(t, 0)
	store.add("syslog", 1)
	round(t, logOffice(t, store, settings.Syslog{Address: sink.Addr().String()}))
	if about := store.about("syslog"); about.Problem != "untrusted" {
		t.Errorf("%+v", about)
	}
	store.pass(time.Hour)
	round(t, logOffice(t, store, settings.Syslog{Address: sink.Addr().String(), CA: "nonsense"}))
	if about := store.about("syslog"); about.Problem != "untrusted" || about.Tries != 2 {
		t.Errorf("%+v", about)
	}
}

func TestT03NoFactMakesAnOverlongOrBrokenMessage(t *testing.T) {
	s := &syslog{Syslog: settings.Syslog{Personal: true}, host: "héłp \n"}
	detail := map[string]string{}
	for i := range 40 {
		detail[fmt.Sprint("field.ä=\"] \n", i, strings.Repeat("x", 60))] = strings.Repeat(`é"]\`+"\x00\n\xff", 300)
	}
	m := s.message(record.Line{Fact: lobby.Fact{At: start, What: "a b]\n", Detail: detail}})
	if len(m) > longestMessage || strings.ContainsAny(m, "\n\x00") || !strings.HasSuffix(m, "] a_b__") || !strings.HasPrefix(m, "<134>1 2026-03-01T09:00:00.000000Z h__p__ handrail - a_b__ [") {
		t.Errorf("%d bytes: %.200q", len(m), m)
	}
}

func TestT03NotesAndNamesOfFilesStayHere(t *testing.T) {
	detail := map[string]string{"outcome": "solved", "text": "She was upset.", "name": "salaries.xlsx", "size": "12", "by": "customer"}
	for what, want := range map[lobby.What][2]string{ // of a hook, and of a syslog server that hears nothing personal
		lobby.FactNote:        {"by name outcome size", `by="customer" outcome="solved" size="12"`},
		lobby.FactFileArrived: {"by outcome size text", `by="customer" outcome="solved" size="12"`},
		lobby.FactCame:        {"by name outcome size text", `by="customer" outcome="solved" size="12"`},
	} {
		line := record.Line{Fact: lobby.Fact{At: start, What: what, Detail: detail}}
		if got := strings.Join(slices.Sorted(maps.Keys(newEvent(line).Detail)), " "); got != want[0] {
			t.Errorf("of %s a hook hears %s", what, got)
		}
		if got := (&syslog{host: "h"}).message(line); !strings.Contains(got, want[1]) || strings.Contains(got, "upset") || strings.Contains(got, "salaries") {
			t.Errorf("of %s a server hears %s", what, got)
		}
	}
	if len(detail) != 5 {
		t.Errorf("the fact itself is now %v", detail)
	}
}
