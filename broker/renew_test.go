package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/broker/certs"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// pair is a certificate and its key as files, which somebody renews.
type pair struct {
	t         *testing.T
	cert, key string
}

func newPair(t *testing.T) pair {
	dir := t.TempDir()
	return pair{t, filepath.Join(dir, "fullchain.pem"), filepath.Join(dir, "privkey.pem")}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// renew puts a certificate for the key in place, which ends then, and gives its
// bytes.
func (p pair) renew(key *ecdsa.PrivateKey, ends time.Time) []byte {
	p.t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: ends}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		p.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		p.t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{p.cert: {Type: "CERTIFICATE", Bytes: der}, p.key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	return der
}

// webCertificate is what a new connection to the web address gets.
func (r *running) webCertificate(protocols ...string) []byte {
	r.t.Helper()
	c, err := tls.Dial("tcp", r.control, &tls.Config{InsecureSkipVerify: true, NextProtos: protocols})
	if err != nil {
		r.t.Fatalf("%v\n%s", err, r.log)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].Raw
}

// programCertificate is what a program's new connection gets.
func (r *running) programCertificate() []byte {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	c, err := quic.DialAddr(ctx, r.control, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{wire.ALPNBroker}}, &quic.Config{EnableDatagrams: true, HandshakeIdleTimeout: patience})
	if err != nil {
		r.t.Fatalf("%v\n%s", err, r.log)
	}
	defer func() { _ = c.CloseWithError(0, "seen") }() // always nil
	return c.ConnectionState().TLS.PeerCertificates[0].Raw
}

// until waits for something to become true.
func (r *running) until(what string, is func() bool) {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(patience); !is(); {
		select {
		case <-tick.C:
		case <-end:
			r.t.Fatalf("never: %s\n%s", what, r.log)
		}
	}
}

// look asks the broker to look at its certificate, and waits until it says so.
func (r *running) look(said string) {
	r.t.Helper()
	before := strings.Count(r.log.String(), said)
	if err := r.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		r.t.Fatal(err)
	}
	r.until("it says "+said, func() bool { return strings.Count(r.log.String(), said) > before })
}

func TestA05TheCertificateIsRenewedWhileTheBrokerRuns(t *testing.T) {
	dir, files, key := t.TempDir(), newPair(t), newKey(t)
	day := time.Now().Add(24 * time.Hour)
	first := files.renew(key, day)
	b := start(t, dir, "127.0.0.1:0", "--cert", files.cert, "--key", files.key, "--status", "127.0.0.1:0")
	anna, _ := b.enrol(dir, "Anna Weber")
	if !bytes.Equal(b.webCertificate("h2"), first) || !bytes.Equal(b.programCertificate(), first) {
		t.Fatal("it begins with another certificate")
	}

	second := files.renew(key, day.Add(24*time.Hour))
	b.look("certificate renewed")
	if !bytes.Equal(b.webCertificate("h2"), second) || !bytes.Equal(b.webCertificate("http/1.1"), second) || !bytes.Equal(b.programCertificate(), second) {
		t.Error("new connections get the certificate of before")
	}
	anna.say(&wire.NewKey{Request: [16]byte{1}}) // the connection of before goes on
	hear[*wire.KeyMade](anna)
	b.dial(wire.RoleCustomer) // by the pin that the broker has told at the start

	// A half written one changes nothing.
	if err := os.WriteFile(files.cert, []byte("-----BEGIN CERTIFICATE-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.look("certificate not renewed")
	if !bytes.Equal(b.webCertificate("h2"), second) || !bytes.Equal(b.programCertificate(), second) {
		t.Error("what can't be read is taken")
	}

	// One with another key is for browsers, and no program is cut off.
	ends := day.Add(48 * time.Hour)
	third := files.renew(newKey(t), ends)
	b.look("another key")
	if !bytes.Equal(b.webCertificate("h2", "http/1.1"), third) || !bytes.Equal(b.webCertificate("http/1.1"), second) || !bytes.Equal(b.programCertificate(), second) {
		t.Error("browsers get the old certificate, or programs the new one")
	}
	b.dial(wire.RoleCustomer)
	if got := b.number("handrail_certificate_expires_timestamp_seconds"); got != float64(ends.Unix()) {
		t.Errorf("it ends at %v, want %v", got, ends.Unix())
	}
	if err := b.end(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v\n%s", err, b.log)
	}

	// Who starts the broker with it is told what follows.
	pin := b.pin
	b = start(t, dir, b.control, "--cert", files.cert, "--key", files.key)
	if b.pin == pin {
		t.Errorf("pin %s", b.pin)
	}
	b.until("it says that the pin is another one", func() bool { return strings.Contains(b.log.String(), "has another key than before") })
	if !bytes.Equal(b.programCertificate(), third) {
		t.Error("programs get another certificate than the pin tells")
	}
}

// A certificate that everybody trusts is for everybody.
func TestA05APublicCertificateWithAnotherKeyIsForProgramsInAWebSocketToo(t *testing.T) {
	files, key := newPair(t), newKey(t)
	ends := time.Now().Add(24 * time.Hour)
	first := files.renew(key, ends)
	trusted, other := newPair(t), newKey(t)
	second := trusted.renew(other, ends)
	t.Setenv("SSL_CERT_FILE", trusted.cert) // what the broker's system trusts
	t.Setenv("SSL_CERT_DIR", t.TempDir())
	b := start(t, t.TempDir(), "127.0.0.1:0", "--cert", files.cert, "--key", files.key)
	for from, to := range map[string]string{trusted.cert: files.cert, trusted.key: files.key} {
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b.look("another key")
	named := func() []byte {
		c, err := tls.Dial("tcp", b.control, &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", NextProtos: []string{"http/1.1"}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].Raw
	}
	if !bytes.Equal(named(), second) || !bytes.Equal(b.webCertificate("http/1.1"), first) || !bytes.Equal(b.programCertificate(), first) {
		t.Error("by its name everybody gets it who comes by TCP; by UDP, or by another name, nobody")
	}
}

// number reads one of the broker's numbers.
func (r *running) number(name string) float64 {
	r.t.Helper()
	at := regexp.MustCompile(`msg=watched status=(http://\S+)`).FindStringSubmatch(r.log.String())
	if at == nil {
		r.t.Fatalf("log\n%s", r.log)
	}
	a, err := http.Get(at[1] + "/metrics")
	if err != nil {
		r.t.Fatal(err)
	}
	defer a.Body.Close()
	for lines := bufio.NewScanner(a.Body); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil {
				r.t.Fatal(err)
			}
			return n
		}
	}
	r.t.Fatalf("there is no number %s", name)
	return 0
}

// Nobody has to ask: it looks each minute.
func TestA05TheCertificateIsLookedAtEachMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files, key := newPair(t), newKey(t)
		files.renew(key, time.Now().Add(24*time.Hour))
		fresh, err := certs.FreshFiles(files.cert, files.key)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- renew(ctx, fresh, nil, slog.New(slog.DiscardHandler), words.Speaker{}) }()
		for range 2 {
			second := files.renew(key, fresh.Ends().Add(24*time.Hour))
			time.Sleep(lookWait)
			synctest.Wait()
			if !bytes.Equal(fresh.Programs().Certificate[0], second) {
				t.Error("the certificate of before is still there after a minute")
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
