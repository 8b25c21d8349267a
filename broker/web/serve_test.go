package web

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"
)

// hello is a page.
var hello = Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))

// served starts a server of one page on a free port of this machine.
func served(t *testing.T) string {
	t.Helper()
	return servedWith(t, hello)
}

func servedWith(t *testing.T, site http.Handler) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(ctx, l, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
			site, slog.New(slog.NewTextHandler(io.Discard, nil)))
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error("ended with", err)
		}
	})
	return l.Addr().String()
}

func dialTLS(addr string, newest uint16) (*tls.Conn, error) {
	return tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: newest})
}

func get(t *testing.T, addr string) {
	t.Helper()
	c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, ForceAttemptHTTP2: true,
	}}
	r, err := c.Get("https://" + addr + "/482913")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != 200 || r.ProtoMajor != 2 {
		t.Errorf("status %d, HTTP/%d", r.StatusCode, r.ProtoMajor)
	}
}

func TestServerSpeaksTLS13Alone(t *testing.T) {
	addr := served(t)
	get(t, addr)
	if c, err := dialTLS(addr, tls.VersionTLS12); err == nil {
		c.Close()
		t.Error("TLS 1.2 taken")
	}
}

func TestGarbageHurtsNoVisitor(t *testing.T) {
	addr := served(t)
	for _, text := range []string{"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\xff\xff", "\x00\x00\x00\x00", ""} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		if text == "" { // leaves in the middle of the handshake
			c.Close()
			continue
		}
		defer c.Close()
	}
	c, err := dialTLS(addr, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "NONSENSE\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusBadRequest {
		t.Errorf("nonsense is answered with %d", r.StatusCode)
	}
	get(t, addr)
}

func TestTooManyVisitorsOfOneAddressAreTurnedAwayAtTheDoor(t *testing.T) {
	addr := served(t)
	var open []net.Conn
	for range perAddress { // who says nothing counts, too, and keeps nobody busy
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	if c, err := dialTLS(addr, 0); err == nil {
		c.Close()
		t.Error("one too many got in")
	}
	for _, c := range open {
		c.Close()
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		c, err := dialTLS(addr, 0)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody gets in after the others left:", err)
		}
	}
}

func TestTakenOverConnectionsAreNoVisitors(t *testing.T) {
	taken := make(chan net.Conn, 2*perAddress)
	mux := http.NewServeMux()
	mux.Handle("/", hello)
	mux.HandleFunc("/take", func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		taken <- c
	})
	addr := servedWith(t, mux)
	for range perAddress + 1 {
		c, err := dialTLS(addr, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET /take HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		defer (<-taken).Close()
	}
	get(t, addr)
}
