package link

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/secret"
	"handrail/shared/sim"
	"handrail/shared/wire"
)

func TestWrongSecretIsWrongOnBothSides(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer, err, err2 := introduce(t, lossy, Meeting{Secret: "507264"}, Meeting{Secret: "507265"})
		if !errors.Is(err, ErrWrongSecret) || !errors.Is(err2, ErrWrongSecret) || rep != nil || customer != nil {
			t.Errorf("rep %v, customer %v", err, err2)
		}
	})
}

func TestLaterEpochResumesWithoutTheSecret(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer := acquainted(t, sim.Link{})
		one, two := rep.ResumeKey(), customer.ResumeKey()
		if len(one) != 32 || !bytes.Equal(one, two) {
			t.Fatalf("resume keys %x and %x", one, two)
		}
		_, rep2, customer2, err, err2 := introduce(t, lossy, Meeting{Epoch: 2, Resume: one}, Meeting{Epoch: 2, Resume: two})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if !bytes.Equal(rep2.ResumeKey(), one) {
			t.Error("the third epoch could not resume with the same key")
		}
		rep2.Close(wire.EndByRep)
		<-rep2.Done()
		<-customer2.Done()
	})
}

func TestProofsThatDoNotFitFail(t *testing.T) {
	key, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	for name, c := range map[string]struct {
		rep, customer Meeting
		wrong         bool // both see ErrWrongSecret
	}{
		"another session's resume key": {Meeting{Resume: key}, Meeting{Resume: other}, true},
		"resuming a new session":       {Meeting{Resume: key}, Meeting{Secret: "507264"}, false},
		"a secret instead of resuming": {Meeting{Secret: "507264"}, Meeting{Resume: key}, false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				_, rep, customer, err, err2 := introduce(t, sim.Link{}, c.rep, c.customer)
				if err == nil || err2 == nil || rep != nil || customer != nil {
					t.Fatalf("rep %v, customer %v", err, err2)
				}
				if errors.Is(err, ErrWrongSecret) != c.wrong || errors.Is(err2, ErrWrongSecret) != c.wrong {
					t.Errorf("rep %v, customer %v", err, err2)
				}
			})
		})
	}
}

// TestWhoeverStandsBetweenIsFoundOut has a broker answer the rep as if it were
// the customer, dial the customer as if it were the rep, and pass every byte on.
func TestWhoeverStandsBetweenIsFoundOut(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := sim.NewNetwork(7)
		ask := func(role wire.Role, at, to net.Addr) <-chan error {
			socket := n.Join(addrPort(at), sim.Link{})
			result := make(chan error, 1)
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), meetWait)
				defer cancel()
				_, err := greet(ctx, ctx, socket, to, Meeting{Role: role, Secret: "507264"}, plainly{socket})
				result <- err
			}()
			return result
		}
		udp := net.UDPAddrFromAddrPort
		toCustomer := &net.UDPAddr{IP: net.IPv4(10, 0, 0, 3), Port: 3001}
		middle1, middle2 := n.Join(brokerAt, sim.Link{}), n.Join(addrPort(toCustomer), sim.Link{})
		customer := ask(wire.RoleCustomer, udp(customerAt), toCustomer)
		rep := ask(wire.RoleRep, udp(repAt), udp(brokerAt))

		t1, t2 := &quic.Transport{Conn: middle1}, &quic.Transport{Conn: middle2}
		fromRep, err := shakeHands(t.Context(), t1, udp(repAt), wire.RoleCustomer)
		if err != nil {
			t.Fatal(err)
		}
		fromCustomer, err := shakeHands(t.Context(), t2, udp(customerAt), wire.RoleRep)
		if err != nil {
			t.Fatal(err)
		}
		one, err := fromRep.AcceptStream(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		two, err := fromCustomer.OpenStream()
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{}, 2)
		pass := func(to io.Writer, from io.Reader) { _, _ = io.Copy(to, from); done <- struct{}{} }
		go pass(one, two)
		go pass(two, one)
		if err := <-customer; !errors.Is(err, ErrWrongSecret) {
			t.Errorf("customer: %v", err)
		}
		if err := <-rep; !errors.Is(err, ErrWrongSecret) {
			t.Errorf("rep: %v", err)
		}
		_, _ = fromRep.CloseWithError(0, ""), fromCustomer.CloseWithError(0, "")
		<-done
		<-done
		_, _, _, _ = t1.Close(), t2.Close(), middle1.Close(), middle2.Close()
	})
}

func TestCustomerHearsNothingBeforeTheProof(t *testing.T) {
	control := wire.AppendStreamKind(nil, wire.StreamControl)
	for name, c := range map[string]struct {
		says  []byte // on the control stream
		early bool   // opens a stream for input
		code  quic.ApplicationErrorCode
	}{
		"stream too early":     {nil, true, codeOutOfPlace},
		"stream in the middle": {control, true, codeOutOfPlace},
		"another first stream": {wire.AppendStreamKind(nil, wire.StreamInput), false, codeDone},
		"a step too long":      {append(control, 100), false, codeDone},
		"a packet":             {append(control, appendBlock([]byte{0x84, 1, 0, 0, 0xa0})...), false, codeDone},
		"silence":              {control, false, codeDone},
		"not even a stream":    {nil, false, codeDone},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				conn, greeted := stranger(t)
				if c.says != nil {
					s, err := conn.OpenStream()
					if err != nil {
						t.Fatal(err)
					}
					if _, err := s.Write(c.says); err != nil {
						t.Fatal(err)
					}
				}
				if c.early {
					s, err := conn.OpenUniStream()
					if err != nil {
						t.Fatal(err)
					}
					if _, err := s.Write(wire.AppendStreamKind(nil, wire.StreamInput)); err != nil {
						t.Fatal(err)
					}
				}
				start := time.Now()
				if err := <-greeted; err == nil || errors.Is(err, ErrWrongSecret) {
					t.Errorf("customer: %v", err)
				}
				if took := time.Since(start); took > proveWait {
					t.Errorf("took %v", took)
				}
				<-conn.Context().Done()
				var app *quic.ApplicationError
				if cause := context.Cause(conn.Context()); !errors.As(cause, &app) || app.ErrorCode != c.code {
					t.Errorf("stranger saw %v, want code %d", cause, c.code)
				}
			})
		})
	}
}

// TestGuesserWhoStaysSilentSpendsATry plays a broker that guesses a secret and
// goes away when the rep's tag shows that the guess was wrong.
func TestGuesserWhoStaysSilentSpendsATry(t *testing.T) {
	for name, leave := range map[string]func(context.CancelFunc, io.Closer){
		"silent":             func(context.CancelFunc, io.Closer) {},
		"gone":               func(_ context.CancelFunc, c io.Closer) { _ = c.Close() },
		"has it called off":  func(cancel context.CancelFunc, _ io.Closer) { cancel() },
		"called off, silent": func(cancel context.CancelFunc, c io.Closer) { cancel(); _ = c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := sim.NewNetwork(7)
				reps, guessers := n.Join(repAt, sim.Link{}), n.Join(customerAt, sim.Link{})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				result := make(chan error, 1)
				go func() {
					deadline, end := context.WithTimeout(ctx, meetWait)
					defer end()
					_, err := greet(ctx, deadline, reps, net.UDPAddrFromAddrPort(customerAt),
						Meeting{Role: wire.RoleRep, Secret: "507264"}, plainly{reps})
					result <- neverMet(ctx, err)
				}()
				transport := &quic.Transport{Conn: guessers}
				conn, err := shakeHands(t.Context(), transport, net.UDPAddrFromAddrPort(repAt), wire.RoleCustomer)
				if err != nil {
					t.Fatal(err)
				}
				stream, r, err := openStream(t.Context(), wire.RoleCustomer, conn)
				if err != nil {
					t.Fatal(err)
				}
				sid, err := export(conn, secret.Exporter)
				if err != nil {
					t.Fatal(err)
				}
				g, err := secret.NewResponder("111111", sid, rand.Reader)
				if err != nil {
					t.Fatal(err)
				}
				p := proof{w: stream, r: r}
				first, err := p.hear()
				if err != nil {
					t.Fatal(err)
				}
				share, err := g.Share(first)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := p.ask(share); err != nil { // the rep's tag
					t.Fatal(err)
				}
				leave(cancel, closer{conn})
				if err := <-result; !errors.Is(err, ErrWrongSecret) {
					t.Errorf("rep: %v", err)
				}
				_, _, _ = conn.CloseWithError(0, ""), transport.Close(), guessers.Close()
			})
		})
	}
}

type closer struct{ conn *quic.Conn }

func (c closer) Close() error { return c.conn.CloseWithError(0, "") }

// FuzzProof plays a peer who knows no secret and sends whatever it likes: the
// proof must fail, end, and be counted only where somebody really guessed.
func FuzzProof(f *testing.F) {
	share := append([]byte{1}, bytes.Repeat([]byte{0xe2}, 32)...)
	f.Add(true, false, appendBlock(share))
	f.Add(false, false, appendBlock(share))
	f.Add(false, true, appendBlock(append([]byte{6}, make([]byte, 64)...)))
	f.Add(true, true, appendBlock(append([]byte{7}, make([]byte, 64)...)))
	f.Add(true, false, append(appendBlock(append([]byte{2}, share[1:]...)), appendBlock([]byte{5})...))
	f.Add(false, false, []byte{0xff, 0xff, 3})
	f.Fuzz(func(t *testing.T, isRep, resumes bool, heard []byte) {
		var said bytes.Buffer
		p := proof{
			m:   Meeting{Role: wire.RoleCustomer, Secret: "507264"},
			sid: make([]byte, secret.SID), exported: make([]byte, secret.SID),
			w: &said, r: bufio.NewReader(bytes.NewReader(heard)), proved: func() { t.Error("the rep was let in") },
		}
		if isRep {
			p.m.Role = wire.RoleRep
		}
		if resumes {
			p.m.Resume = bytes.Repeat([]byte{3}, 32)
		}
		_, err := p.run()
		if err == nil {
			t.Fatal("proved without a secret")
		}
		if errors.Is(err, ErrWrongSecret) && len(heard) < 1+secret.MaxStep && !isRep {
			t.Errorf("a try without a tag: %v", err)
		}
		for r := bufio.NewReader(&said); ; {
			if _, err := wire.ReadBlock(r, nil, secret.MaxStep); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("said %x: %v", said.Bytes(), err)
			}
		}
	})
}
