package web

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/words"
)

// inMemory serves a site in a bubble of synctest, and reaches it with HTTP/1.1
// and HTTP/2.
func inMemory(t *testing.T, site http.Handler, ask func(dial func() net.Conn, two *http.Client)) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(100 * 365 * 24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() {
			ended <- Serve(ctx, l, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, site, slog.New(slog.DiscardHandler))
		}()
		two := &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
			DialContext: l.dial,
		}
		ask(func() net.Conn {
			c, _ := l.dial(ctx, "", "") // never fails
			return tls.Client(c, &tls.Config{InsecureSkipVerify: true})
		}, &http.Client{Transport: two})
		two.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error("ended with", err)
		}
	})
}

// slow sends so many bytes, each second some of them, and then nothing more.
type slow struct {
	size, each, until int
	sent              int
	shut              chan struct{} // who waits for more waits until then
}

func (s *slow) Read(b []byte) (int, error) {
	switch {
	case s.sent == s.size:
		return 0, io.EOF
	case s.sent >= s.until:
		<-s.shut
		return 0, io.ErrUnexpectedEOF
	}
	n := min(len(b), s.each, s.size-s.sent)
	time.Sleep(time.Duration(n) * time.Second / time.Duration(s.each))
	for i := range b[:n] {
		b[i] = '+'
	}
	s.sent += n
	return n, nil
}

// took is what a page got, and how long it read.
type took struct {
	bytes int
	after time.Duration
}

// taking is a page that takes a form: of somebody who is known, or not.
func taking(known bool, told chan<- took) http.Handler {
	return Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		if known {
			w, r = Patiently(w, r)
		}
		form, ok := ReadForm(w, r, maxBody)
		told <- took{len(form.Encode()), time.Since(began)}
		if ok {
			_, _ = io.WriteString(w, "taken")
		}
	}))
}

func TestWhatASlowLineSendsIsTakenOfWhoIsKnown(t *testing.T) {
	const size = 3 << 20
	for name, row := range map[string]struct {
		each, until int
		known       bool
		taken       bool
		longest     time.Duration
	}{
		"slow":                {10 << 10, size, true, true, 400 * time.Second},
		"too slow":            {4 << 10, size, true, false, 30 * time.Second},
		"a byte each second":  {1, size, true, false, 12 * time.Second},
		"stopped in between":  {64 << 10, size / 2, true, false, 220 * time.Second},
		"stopped at once":     {1, 0, true, false, 12 * time.Second},
		"slow, of a stranger": {10 << 10, size, false, false, 12 * time.Second},
	} {
		for _, two := range []bool{false, true} {
			t.Run(fmt.Sprint(name, map[bool]string{false: ", HTTP/1.1", true: ", HTTP/2"}[two]), func(t *testing.T) {
				told := make(chan took, 1)
				inMemory(t, taking(row.known, told), func(dial func() net.Conn, client *http.Client) {
					body := &slow{size: size, each: row.each, until: row.until, shut: make(chan struct{})}
					answer, err := sends(t, dial, client, two, body)
					if got := <-told; (got.bytes > size) != row.taken || got.after > row.longest {
						t.Errorf("%d bytes are taken after %v", got.bytes, got.after)
					}
					if want := map[bool]string{true: "taken", false: string(words.AdminSlow)}[row.taken]; row.known && !strings.Contains(answer, want) {
						t.Errorf("the answer is %q, %v", answer, err)
					}
				})
			})
		}
	}
}

// sends is what the answer says.
func sends(t *testing.T, dial func() net.Conn, client *http.Client, two bool, body *slow) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://help.test/known", body)
	if err != nil {
		t.Fatal(err)
	}
	const kind = "application/x-www-form-urlencoded"
	r.Header.Set("Content-Type", kind)
	r.ContentLength = int64(body.size)
	var got *http.Response
	if two {
		got, err = client.Do(r)
	} else {
		c := dial()
		defer c.Close()
		wrote := make(chan error, 1)
		go func() {
			_, err := fmt.Fprintf(c, "POST /known HTTP/1.1\r\nHost: help.test\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", kind, body.size)
			if err == nil {
				_, err = io.Copy(c, body)
			}
			wrote <- err
		}()
		got, err = http.ReadResponse(bufio.NewReader(c), r)
		defer func() { c.Close(); <-wrote }()
	}
	var text []byte
	if err == nil {
		text, err = io.ReadAll(got.Body)
	}
	close(body.shut)
	if got != nil {
		got.Body.Close()
	}
	return string(text), err
}

func TestAnAnswerThatTakesTheBrokerLongComesToWhoIsKnown(t *testing.T) {
	site := Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, r = Patiently(w, r)
		for range 3 { // a query, then a part of the file
			time.Sleep(workWait - time.Second)
			_, _ = io.WriteString(w, strings.Repeat("row\n", 10_000))
		}
		if err := r.Context().Err(); err != nil {
			t.Error("nobody waits any more:", err)
		}
	}))
	inMemory(t, site, func(dial func() net.Conn, two *http.Client) {
		c := dial()
		defer c.Close()
		one := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return c, nil }}}
		for _, client := range []*http.Client{one, two} {
			r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://help.test/", nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := client.Do(r)
			if err != nil {
				t.Error(err)
				continue
			}
			text, err := io.ReadAll(got.Body)
			got.Body.Close()
			if err != nil || len(text) != 3*40_000 {
				t.Errorf("%s: %d bytes, %v", got.Proto, len(text), err)
			}
		}
	})
}

func TestWhatASlowLineGetsIsWholeForWhoIsKnown(t *testing.T) {
	const size = 3 << 20
	for name, row := range map[string]struct {
		each  int
		known bool
		whole bool
	}{
		"slow": {10 << 10, true, true}, "too slow": {4 << 10, true, false}, "slow, of a stranger": {10 << 10, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			wrote := make(chan error, 1)
			site := Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if row.known {
					w, r = Patiently(w, r)
				}
				_, err := w.Write(make([]byte, size))
				wrote <- errors.Join(err, r.Context().Err())
			}))
			inMemory(t, site, func(dial func() net.Conn, _ *http.Client) {
				c := dial()
				defer c.Close()
				if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: help.test\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
				in, n := bufio.NewReader(c), 0
				for n < size {
					time.Sleep(time.Second)
					m, err := io.ReadFull(in, make([]byte, row.each))
					if n += m; err != nil {
						break
					}
				}
				if err := <-wrote; (err == nil) != row.whole || (n >= size) != row.whole {
					t.Errorf("%d bytes are there, %v", n, err)
				}
			})
		})
	}
}
