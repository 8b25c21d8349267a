package certs

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

// shelf is a Shelf in memory. Leases go by the clock of the test.
type shelf struct {
	mu     sync.Mutex
	files  map[string][]byte
	leases map[string]string
	until  map[string]time.Time
}

func newShelf() *shelf {
	return &shelf{files: map[string][]byte{}, leases: map[string]string{}, until: map[string]time.Time{}}
}

func (s *shelf) KeepFile(_ context.Context, name string, content []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = bytes.Clone(content)
	return nil
}

func (s *shelf) FileContent(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.files[name]; ok {
		return b, nil
	}
	return nil, fs.ErrNotExist
}

func (s *shelf) Files(_ context.Context, name string) (found []ShelfFile, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, b := range s.files {
		if n == name || strings.HasPrefix(n, name+"/") {
			found = append(found, ShelfFile{Name: n, Size: len(b), Modified: time.Unix(1, 0)})
		}
	}
	slices.SortFunc(found, func(a, b ShelfFile) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

func (s *shelf) DropFiles(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range s.files {
		if n == name || strings.HasPrefix(n, name+"/") {
			delete(s.files, n)
		}
	}
	return nil
}

func (s *shelf) Lease(_ context.Context, name string, owner []byte, life time.Duration) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.leases[name]; o != "" && o != string(owner) && time.Now().Before(s.until[name]) {
		return false, nil
	}
	s.leases[name], s.until[name] = string(owner), time.Now().Add(life)
	return true, nil
}

func (s *shelf) EndLease(_ context.Context, name string, owner []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leases[name] == string(owner) {
		delete(s.leases, name)
	}
	return nil
}

// authority starts Pebble, Let's Encrypt's authority for tests, whose proofs
// go to a port of this machine whatever name is asked for. It gives the address
// of its directory, whom to believe that it is it, and who signs. end ends it.
func authority(t *testing.T, port int) (directory string, roots, signers *x509.CertPool, end func()) {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	quiet := log.New(io.Discard, "", 0)
	records := db.NewMemoryStore()
	issuer := ca.New(quiet, records, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {}})
	checker := va.New(quiet, 1, port, false, names(t), records)
	front := wfe.New(quiet, records, checker, issuer, nil, false, false, 0, 0)
	server := httptest.NewTLSServer(front.Handler())
	t.Cleanup(server.Close)
	roots = x509.NewCertPool()
	roots.AddCert(server.Certificate())
	signers = x509.NewCertPool()
	signers.AppendCertsFromPEM(issuer.GetRootCert(0).PEM())
	return server.URL + wfe.DirectoryPath, roots, signers, server.Close
}

// names is a name server that has every name on this machine.
func names(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{Listener: l, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		a := new(dns.Msg).SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			a.Answer = []dns.RR{&dns.A{
				Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(127, 0, 0, 1),
			}}
		}
		_ = w.WriteMsg(a)
	})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.ActivateAndServe() // ends with the listener
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// served is a broker's web address with certificates of a directory.
func served(t *testing.T, s *shelf) (port int, begin func(directory string, roots *x509.CertPool) *ACME) {
	t.Helper()
	own, err := Own(t.TempDir(), "help.example", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = l.Addr().(*net.TCPAddr).Port
	return port, func(directory string, roots *x509.CertPool) *ACME {
		a := NewACME(ACMEConfig{
			Directory: directory, Roots: roots, Shelf: s, Owner: []byte(t.Name()), Port: port, Log: slog.New(slog.DiscardHandler),
		})
		server := &http.Server{ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = server.Serve(tls.NewListener(l, a.TLS(func(*tls.ClientHelloInfo) *tls.Certificate { return &own })))
		}()
		t.Cleanup(func() {
			a.Close()
			_ = server.Close()
			<-done
		})
		return a
	}
}

// trusted says whether a client that believes only signers believes the
// address, under a name.
func trusted(t *testing.T, port int, name string, signers *x509.CertPool) bool {
	t.Helper()
	c, err := tls.Dial("tcp", (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}).String(), &tls.Config{RootCAs: signers, ServerName: name})
	if err != nil {
		var wrong *tls.CertificateVerificationError
		if !errors.As(err, &wrong) {
			t.Fatalf("no certificate at all: %v", err)
		}
		return false
	}
	defer c.Close()
	return c.ConnectionState().Version == tls.VersionTLS13
}

func TestA05ACertificateComesByACME(t *testing.T) {
	s := newShelf()
	port, begin := served(t, s)
	directory, roots, signers, end := authority(t, port)
	a := begin(directory, roots)
	if trusted(t, port, "help.example", signers) {
		t.Fatal("a certificate before one was asked for")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	hosts := []string{"help.example"}
	if ends := a.Ends(hosts); !ends.IsZero() {
		t.Errorf("what isn't there ends at %v", ends)
	}
	if err := a.Manage(ctx, hosts); err != nil {
		t.Fatal(err)
	}
	becomesTrusted := func(port int) bool {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for !trusted(t, port, "help.example", signers) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return false
			}
		}
		return true
	}
	if !becomesTrusted(port) {
		t.Fatal("no certificate came")
	}
	if trusted(t, port, "other.example", signers) {
		t.Error("a name that nobody manages is served as trusted")
	}
	if !a.Ends(hosts).After(time.Now()) || !a.Ends([]string{"help.example", "other.example"}).IsZero() {
		t.Errorf("they end at %v, with one that isn't there at %v", a.Ends(hosts), a.Ends([]string{"help.example", "other.example"}))
	}

	// Another broker, or this one after a restart, has it from the shelf: the
	// authority is gone.
	end()
	port2, begin2 := served(t, s)
	if err := begin2("https://127.0.0.1:1/none", roots).Manage(ctx, []string{"help.example"}); err == nil {
		if trusted(t, port2, "help.example", signers) {
			t.Error("another authority's certificate counts")
		}
	}
	port3, begin3 := served(t, s)
	b := begin3(directory, roots)
	if err := b.Manage(ctx, []string{"help.example"}); err != nil {
		t.Fatal(err)
	}
	if !becomesTrusted(port3) {
		t.Error("what is on the shelf is not used")
	}
}

func TestTheShelfIsAFolderToTheLibrary(t *testing.T) {
	s := shelved{newShelf(), []byte("one")}
	for _, key := range []string{"a/b/one", "a/b/two", "a/c/d/three", "z"} {
		if err := s.Store(t.Context(), key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		path      string
		recursive bool
		want      []string
	}{
		{"", true, []string{"a/b/one", "a/b/two", "a/c/d/three", "z"}},
		{"a", true, []string{"a/b/one", "a/b/two", "a/c/d/three"}},
		{"a", false, []string{"a/b", "a/c"}},
		{"a/b", false, []string{"a/b/one", "a/b/two"}},
		{"", false, []string{"a", "z"}},
	} {
		if got, err := s.List(t.Context(), c.path, c.recursive); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q (%v) holds %q, %v, want %q", c.path, c.recursive, got, err, c.want)
		}
	}
	if _, err := s.List(t.Context(), "none", true); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("listing what is not there: %v", err)
	}
	file, err := s.Stat(t.Context(), "a/b/one")
	folder, err2 := s.Stat(t.Context(), "a/b")
	if err != nil || err2 != nil || !file.IsTerminal || file.Size != 7 || folder.IsTerminal {
		t.Errorf("%+v, %v; %+v, %v", file, err, folder, err2)
	}
	if _, err := s.Stat(t.Context(), "none"); !errors.Is(err, fs.ErrNotExist) || s.Exists(t.Context(), "none") || !s.Exists(t.Context(), "a/c") {
		t.Errorf("what is not there: %v", err)
	}
}

func TestOneBrokerAtATimeGetsACertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := newShelf()
		one, two := shelved{shared, []byte("one")}, shelved{shared, []byte("two")}
		if err := one.Lock(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := two.Lock(impatient, "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the other had it, too: %v", err)
		}
		start := time.Now()
		if err := two.Lock(t.Context(), "x"); err != nil || time.Since(start) < 50*time.Second { // one has died
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if err := one.Unlock(t.Context(), "x"); err != nil { // too late
			t.Fatal(err)
		}
		if got := shared.leases["acme/x"]; got != "two" {
			t.Errorf("%q has it", got)
		}
	})
}
