package link

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/secret"
	"handrail/shared/sim"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// compare are the two sides of a session without a key.
var compare = Meeting{Proof: wire.ProofCompare}

// part ends both ends of a connection.
func part(peers ...*Peer) {
	for _, p := range peers {
		if p != nil {
			p.Close(wire.EndByRep)
			<-p.Done()
		}
	}
}

func TestZ03BothSidesGetTheSameThreeWords(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, customer, err, err2 := introduce(t, lossy, compare, compare)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		one, certified := rep.Compared()
		two, certified2 := customer.Compared()
		if one != two || one[0] == "" || certified+certified2 != "" {
			t.Errorf("%v %q and %v %q", one, certified, two, certified2)
		}
		part(rep, customer)
		key := rep.ResumeKey()
		if len(key) != 32 || !bytes.Equal(key, customer.ResumeKey()) {
			t.Fatalf("resume keys %x and %x", key, customer.ResumeKey())
		}
		again := Meeting{Proof: wire.ProofCompare, Epoch: 2, Resume: key}
		_, rep, customer, err, err2 = introduce(t, lossy, again, again)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if words, _ := customer.Compared(); words != [3]string{} || !bytes.Equal(rep.ResumeKey(), key) {
			t.Errorf("a later connection has words %v and resumes by %x", words, rep.ResumeKey())
		}
		part(rep, customer)
	})
}

// TestZ03WhoStandsBetweenMakesTheWordsDiffer has a broker take both sides'
// connections and go through the whole exchange with each.
func TestZ03WhoStandsBetweenMakesTheWordsDiffer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, falseCustomer, err, err2 := introduce(t, sim.Link{}, compare, compare)
		_, falseRep, customer, err3, err4 := introduce(t, sim.Link{}, compare, compare)
		if err := errors.Join(err, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
		one, _ := rep.Compared()
		two, _ := customer.Compared()
		if one == two {
			t.Errorf("both read %v", one)
		}
		part(rep, falseCustomer, falseRep, customer)
	})
}

// TestZ03PassingTheExchangeOnFails has the broker hand each side's steps to the
// other, over two connections: they are made for one.
func TestZ03PassingTheExchangeOnFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		toRep, rep := meetMiddle(t, wire.RoleRep, compare)
		toCustomer, customer := meetMiddle(t, wire.RoleCustomer, compare)
		done := make(chan struct{}, 2)
		pass := func(to io.Writer, from io.Reader) { _, _ = io.Copy(to, from); done <- struct{}{} }
		go pass(toCustomer.stream, toRep.heard)
		go pass(toRep.stream, toCustomer.heard)
		if err := <-customer; !errors.Is(err, ErrNotVerified) {
			t.Errorf("customer: %v", err)
		}
		toRep.close()
		if err := <-rep; !errors.Is(err, ErrNotVerified) {
			t.Errorf("rep: %v", err)
		}
		toCustomer.close()
		<-done
		<-done
	})
}

// middle is the end of a connection to one side that somebody else than the
// other side holds.
type middle struct {
	conn      *quic.Conn
	stream    *quic.Stream
	heard     *bufio.Reader // of stream
	transport *quic.Transport
	socket    net.PacketConn
}

func (m *middle) close() {
	_, _, _ = m.conn.CloseWithError(0, ""), m.transport.Close(), m.socket.Close()
}

// meetMiddle connects a side to somebody else, up to the control stream. What
// becomes of the side's proof comes on the channel.
func meetMiddle(t *testing.T, role wire.Role, m Meeting) (*middle, <-chan error) {
	t.Helper()
	n := sim.NewNetwork(7)
	own, theirs := n.Join(repAt, sim.Link{}), n.Join(customerAt, sim.Link{})
	m.Role = role
	result := make(chan error, 1)
	go func() {
		deadline, cancel := context.WithTimeout(t.Context(), meetWait)
		defer cancel()
		p, err := greet(t.Context(), deadline, own, net.UDPAddrFromAddrPort(customerAt), m, plainly{own})
		if p != nil {
			go part(p)
		}
		result <- neverMet(t.Context(), err)
	}()
	mid := &middle{transport: &quic.Transport{Conn: theirs}, socket: theirs}
	other := wire.RoleRep + wire.RoleCustomer - role
	var err error
	if mid.conn, err = shakeHands(t.Context(), mid.transport, net.UDPAddrFromAddrPort(repAt), other); err != nil {
		t.Fatal(err)
	}
	if mid.stream, mid.heard, err = openStream(t.Context(), other, mid.conn); err != nil {
		t.Fatal(err)
	}
	return mid, result
}

// TestZ03BreakingOffEndsTheSession plays one in the middle who does not like the
// words, and would like to try again.
func TestZ03BreakingOffEndsTheSession(t *testing.T) {
	for name, c := range map[string]struct {
		role wire.Role // of the one who is robbed
		more bool      // silent for the whole time instead of going away
	}{
		"the customer, by going":   {wire.RoleCustomer, false},
		"the customer, by waiting": {wire.RoleCustomer, true},
		"the rep, by going":        {wire.RoleRep, false},
		"the rep, by waiting":      {wire.RoleRep, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				mid, robbed := meetMiddle(t, c.role, compare)
				sid, err := export(mid.conn, secret.Exporter)
				if err != nil {
					t.Fatal(err)
				}
				eve, err := secret.NewComparer(sid, nil, nil, rand.Reader)
				if err != nil {
					t.Fatal(err)
				}
				p := proof{w: mid.stream, r: mid.heard}
				if c.role == wire.RoleCustomer {
					_, err = p.ask(eve.Commit()) // now eve knows the words
				} else {
					first, err := p.hear()
					if err != nil {
						t.Fatal(err)
					}
					nonce, err := eve.Nonce(first)
					if err != nil {
						t.Fatal(err)
					}
					if err := p.say(nonce); err != nil {
						t.Fatal(err)
					}
					if _, err = wire.ReadBlock(p.r, nil, secret.MaxOpen); err != nil {
						t.Fatal(err)
					}
				}
				if err != nil {
					t.Fatal(err)
				}
				if !c.more {
					_ = mid.conn.CloseWithError(0, "")
				}
				if err := <-robbed; !errors.Is(err, ErrNotVerified) {
					t.Errorf("ends with %v", err)
				}
				mid.close()
			})
		})
	}
}

// certified is a console's key with a certificate for somebody's.
func certified(t *testing.T, organisation ed25519.PrivateKey, console ed25519.PrivateKey, from, to time.Time) []byte {
	t.Helper()
	c, err := secret.Certify(organisation, secret.Certificate{
		Serial: 7, Key: console.Public().(ed25519.PublicKey), Name: "Anna Weber", From: from, To: to,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestZ04ACustomerWhoKnowsTheOrganisationObeysCertifiedRepsAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		public, ours, _ := ed25519.GenerateKey(rand.Reader)
		_, another, _ := ed25519.GenerateKey(rand.Reader)
		_, console, _ := ed25519.GenerateKey(rand.Reader)
		_, stranger, _ := ed25519.GenerateKey(rand.Reader)
		day, now := 24*time.Hour, time.Now().Truncate(time.Second)
		good := certified(t, ours, console, now.Add(-day), now.Add(day))
		for _, c := range []struct {
			name        string
			certificate []byte
			key         ed25519.PrivateKey
			knows       ed25519.PublicKey
			want        string
			refused     bool
		}{
			{"a certificate", good, console, public, "Anna Weber", false},
			{"none", nil, nil, public, "", true},
			{"another organisation's", certified(t, another, console, now.Add(-day), now.Add(day)), console, public, "", true},
			{"one that is over", certified(t, ours, console, now.Add(-2*day), now.Add(-day)), console, public, "", true},
			{"one that is not valid yet", certified(t, ours, console, now.Add(day), now.Add(2*day)), console, public, "", true},
			{"somebody else's", good, stranger, public, "", true},
			{"nonsense", []byte("trust me"), stranger, public, "", true},
			{"one, and nobody to check it", good, console, nil, "", false},
			{"nonsense, and nobody to check it", []byte("trust me"), stranger, nil, "", false},
		} {
			rep, customer := compare, compare
			rep.Certificate, rep.Key, customer.Organisation = c.certificate, c.key, c.knows
			_, r, cust, err, err2 := introduce(t, sim.Link{}, rep, customer)
			if c.refused {
				if !errors.Is(err, ErrNotVerified) || !errors.Is(err2, ErrNotVerified) || r != nil || cust != nil {
					t.Errorf("%s: rep %v, customer %v", c.name, err, err2)
				}
				continue
			}
			if err != nil || err2 != nil {
				t.Errorf("%s: rep %v, customer %v", c.name, err, err2)
				continue
			}
			words, name := cust.Compared()
			if name != c.want || words == [3]string{} {
				t.Errorf("%s: %v %q", c.name, words, name)
			}
			part(r, cust)
		}
	})
}

// TestZ04AKeyNeedsNoCertificate: its secret has come from the rep to the
// customer without the broker.
func TestZ04AKeyNeedsNoCertificate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		public, _, _ := ed25519.GenerateKey(rand.Reader)
		_, rep, customer, err, err2 := introduce(t, sim.Link{}, Meeting{Secret: "507264"}, Meeting{Secret: "507264", Organisation: public})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		part(rep, customer)
	})
}

// TestZ04AConsoleShowsNoForgedCertificate: the broker that hands one out can't
// make the customer doubt the rep, only leave the two with words.
func TestZ04AConsoleShowsNoForgedCertificate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		public, ours, _ := ed25519.GenerateKey(rand.Reader)
		_, forger, _ := ed25519.GenerateKey(rand.Reader)
		_, console, _ := ed25519.GenerateKey(rand.Reader)
		_, another, _ := ed25519.GenerateKey(rand.Reader)
		day, now := 24*time.Hour, time.Now().Truncate(time.Second)
		for name, c := range map[string]struct {
			certificate []byte
			shown       bool
		}{
			"a good one":         {certified(t, ours, console, now.Add(-day), now.Add(day)), true},
			"a forged one":       {certified(t, forger, console, now.Add(-day), now.Add(day)), false},
			"another console's":  {certified(t, ours, another, now.Add(-day), now.Add(day)), false},
			"one that is over":   {certified(t, ours, console, now.Add(-2*day), now.Add(-day)), false},
			"more than can be":   {make([]byte, 10_000), false},
			"nothing to be read": {[]byte{}, false},
		} {
			p := proof{m: Meeting{Certificate: c.certificate, Key: console, Organisation: public}}
			if got, key := p.own(time.Now()); (got != nil) != c.shown || (key != nil) != c.shown {
				t.Errorf("%s: shown is %v", name, got != nil)
			}
		}
	})
}

func TestNoProofGivesWayToAnother(t *testing.T) {
	bubble(t, func(t *testing.T) {
		key := bytes.Repeat([]byte{1}, 32)
		resumed := Meeting{Proof: wire.ProofCompare, Resume: key}
		withKey := Meeting{Secret: "507264"}
		for name, c := range map[string]struct{ rep, customer Meeting }{
			"words instead of a key":      {compare, withKey},
			"a key instead of words":      {withKey, compare},
			"words instead of resuming":   {compare, resumed},
			"resuming instead of words":   {resumed, compare},
			"a key instead of resuming":   {withKey, resumed},
			"words after a key's session": {compare, Meeting{Secret: "507264", Resume: key}},
			"an empty secret":             {Meeting{}, Meeting{}},
		} {
			_, rep, customer, err, err2 := introduce(t, sim.Link{}, c.rep, c.customer)
			if err == nil || err2 == nil || rep != nil || customer != nil || errors.Is(err2, ErrNotVerified) || errors.Is(err2, ErrWrongSecret) {
				t.Errorf("%s: rep %v, customer %v", name, err, err2)
			}
		}
	})
}

// FuzzCompare plays a peer who sends whatever it likes: who knows the
// organisation's key is never persuaded, and nobody is before the other side
// has shown what it committed to.
func FuzzCompare(f *testing.F) {
	sid := make([]byte, secret.SID)
	eve, err := secret.NewComparer(sid, nil, nil, bytes.NewReader(make([]byte, 64)))
	if err != nil {
		f.Fatal(err)
	}
	commit := eve.Commit()
	opened, err := eve.Open(append([]byte{9}, make([]byte, 32)...))
	if err != nil {
		f.Fatal(err)
	}
	public, _, _ := ed25519.GenerateKey(rand.Reader)
	f.Add(false, false, append(appendBlock(commit), appendBlock(opened)...))
	f.Add(false, true, append(appendBlock(commit), appendBlock(opened)...))
	f.Add(true, false, append(appendBlock(append([]byte{9}, make([]byte, 32)...)), appendBlock([]byte{11})...))
	f.Add(false, true, append(appendBlock(commit), appendBlock(append(opened, "nonsense"...))...))
	f.Add(false, false, appendBlock(append([]byte{6}, make([]byte, 64)...)))
	f.Add(false, false, append(appendBlock(commit), 0xff, 0xff, 3))
	f.Fuzz(func(t *testing.T, isRep, knows bool, heard []byte) {
		var said bytes.Buffer
		r := bufio.NewReader(bytes.NewReader(heard))
		admitted := false
		p := proof{m: compare, sid: sid, exported: sid, w: &said, r: r, proved: func() { admitted = true }}
		p.m.Role = wire.RoleCustomer
		if isRep {
			p.m.Role = wire.RoleRep
		} else if knows {
			p.m.Organisation = public
		}
		found, err := p.run()
		switch {
		case !isRep && knows && (err == nil || admitted):
			t.Fatal("persuaded without a certificate")
		case err == nil && (found.words == [3]string{} || len(found.resume) != 32 || found.certified != ""):
			t.Fatalf("proved with %+v", found)
		case err == nil && !isRep:
			blocks := bufio.NewReader(bytes.NewReader(heard))
			first, _ := wire.ReadBlock(blocks, nil, secret.MaxStep)
			second, _ := wire.ReadBlock(blocks, nil, secret.MaxOpen)
			if len(first) != 1+sha256.Size || len(second) < 97 {
				t.Fatalf("proved by %x and %x", first, second)
			}
		case errors.Is(err, ErrNotVerified) && said.Len() == 0:
			t.Fatalf("nobody can know any words, and it ends with %v", err)
		}
	})
}

func TestZ04TheTwoMeetWithACertificateAndTalk(t *testing.T) {
	nothingLeft(t)
	public, ours, _ := ed25519.GenerateKey(rand.Reader)
	_, console, _ := ed25519.GenerateKey(rand.Reader)
	now := time.Now().Truncate(time.Second)
	good := certified(t, ours, console, now.Add(-time.Hour), now.Add(time.Hour))
	for _, shown := range [][]byte{good, nil} {
		rep, customer, err, err2 := meet(t, func(r, c *Meeting) {
			r.Proof, r.Secret, r.Certificate, r.Key, r.Organisation = wire.ProofCompare, "", shown, console, public
			c.Proof, c.Secret, c.Organisation = wire.ProofCompare, "", public
		})
		if shown == nil {
			if !errors.Is(err, ErrNotVerified) || !errors.Is(err2, ErrNotVerified) || Problem(err2) != words.NotVerified {
				t.Errorf("without one: rep %v, customer %v", err, err2)
			}
			continue
		}
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		chat(t, rep, customer)
		if _, name := customer.Compared(); name != "Anna Weber" {
			t.Errorf("certified %q", name)
		}
	}
}
