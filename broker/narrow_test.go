package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/shared/link"
	"handrail/shared/wire"
)

// byTCPAlone is an address that leads to the broker's TCP port and swallows
// UDP, as the firewalls of some networks do.
func (r *running) byTCPAlone() string {
	r.t.Helper()
	l, silence := emptyPair(r.t)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { forward(c, r.control) })
		}
	})
	r.t.Cleanup(func() {
		l.Close()
		silence.Close()
		all.Wait() // connections end with the clients and the broker
	})
	return l.Addr().String()
}

// emptyPair is one port for TCP and for UDP at which nobody answers yet.
func emptyPair(t testing.TB) (l net.Listener, silence net.PacketConn) {
	t.Helper()
	for range portTries { // until one is free for both
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if silence, err = net.ListenPacket("udp", l.Addr().String()); err == nil {
			return l, silence
		}
		l.Close()
	}
	t.Fatal("no port is free for both")
	return nil, nil
}

func forward(c net.Conn, addr string) {
	defer c.Close()
	to, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer to.Close()
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(c, to)
		c.Close()
	})
	_, _ = io.Copy(to, c)
	to.Close()
	back.Wait()
}

// session has a rep and a customer begin one.
func session(anna, maria *client) (reps, customers *wire.Start) {
	anna.t.Helper()
	var request [16]byte
	rand.Read(request[:]) // never fails
	anna.say(&wire.NewKey{Request: request})
	maria.say(&wire.Join{Number: hear[*wire.KeyMade](anna).Number})
	return hear[*wire.Start](anna), hear[*wire.Start](maria)
}

// talk has both sides meet and say one sentence.
func talk(t *testing.T, log *output, meet ...func() (*link.Peer, error)) {
	t.Helper()
	var both sync.WaitGroup
	peers, failed := make([]*link.Peer, len(meet)), make([]error, len(meet))
	for i, f := range meet {
		both.Go(func() { peers[i], failed[i] = f() })
	}
	both.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatalf("not met: %v\n%s", err, log)
	}
	if err := peers[0].Send(wire.Packet{Seq: 1, Body: &wire.Chat{Text: "hello", At: 1}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p, err := peers[1].Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := p.Body.(*wire.Chat); !ok || c.Text != "hello" {
		t.Errorf("heard %#v", p.Body)
	}
	for _, peer := range peers {
		if path := peer.Path(); path.Direct {
			t.Errorf("path %+v", path)
		}
		peer.Close(wire.EndByRep)
	}
	for _, peer := range peers {
		<-peer.Done()
	}
}

func TestZ01OneTCPPortIsEnough(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	narrow := *b
	narrow.control = b.byTCPAlone()
	anna, _ := narrow.enrol(dir, "Anna Weber")
	maria := narrow.dial(wire.RoleCustomer)
	if !anna.c.OverTCP() || !maria.c.OverTCP() {
		t.Fatal("UDP got through")
	}
	reps, customers := session(anna, maria)
	for _, s := range []*wire.Start{reps, customers} {
		s.Relays = slices.DeleteFunc(s.Relays, func(r wire.Relay) bool { return !strings.HasPrefix(r.URL, "wss:") })
		if len(s.Relays) != 1 {
			t.Fatalf("relays by WebSocket: %d", len(s.Relays))
		}
	}
	talk(t, b.log,
		func() (*link.Peer, error) { return anna.meet(wire.RoleRep, reps, b.pin) },
		func() (*link.Peer, error) { return maria.meet(wire.RoleCustomer, customers, b.pin) })
}

// coturn starts a relay of another make and gives its address and process.
// settings are lines of its file besides the usual.
func coturn(t testing.TB, secret string, settings ...string) (addr string, pid int) {
	t.Helper()
	const name = "turnserver"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = l.Addr().String()
	l.Close()
	host, port, _ := net.SplitHostPort(addr)
	dir := t.TempDir()
	config := filepath.Join(dir, "turnserver.conf")
	if err := os.WriteFile(config, []byte(strings.Join(append([]string{
		"listening-ip=" + host, "listening-port=" + port, "relay-ip=" + host,
		"use-auth-secret", "static-auth-secret=" + secret, "realm=relay.example.org",
		"allow-loopback-peers", "no-cli", "no-dtls", "no-rfc5780", "fingerprint",
		"log-file=stdout", "pidfile=" + filepath.Join(dir, "pid"), "userdb=" + filepath.Join(dir, "db"),
	}, settings...), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, "-c", config)
	log := &output{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; it is in Debian's package coturn", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // says that it was killed
	})
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
			return addr, cmd.Process.Pid
		}
		if time.Now().After(end) {
			t.Fatalf("coturn doesn't answer: %v\n%s", err, log)
		}
	}
}

func TestZ01ExternalRelayCarriesASession(t *testing.T) {
	const secret = "shared with coturn"
	relay, _ := coturn(t, secret, "no-tls")
	file := filepath.Join(t.TempDir(), "relay-secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	udp, tcp := "turn:"+relay+"?transport=udp", "turn:"+relay+"?transport=tcp"
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0", "--turn", "off", "--relay-url", udp+", "+tcp, "--relay-secret-file", file)
	if b.turn != "off" {
		t.Errorf("the broker's own relay is at %s", b.turn)
	}
	anna, _ := b.enrol(dir, "Anna Weber")
	for _, way := range []string{udp, tcp} {
		t.Run(way[strings.Index(way, "=")+1:], func(t *testing.T) {
			maria := b.dial(wire.RoleCustomer)
			reps, customers := session(anna, maria)
			for _, s := range []*wire.Start{reps, customers} {
				if len(s.Relays) != 2 {
					t.Fatalf("relays %d, want 2", len(s.Relays))
				}
				s.Relays = slices.DeleteFunc(s.Relays, func(r wire.Relay) bool { return r.URL != way })
			}
			talk(t, b.log,
				func() (*link.Peer, error) { return anna.meet(wire.RoleRep, reps, b.pin) },
				func() (*link.Peer, error) { return maria.meet(wire.RoleCustomer, customers, b.pin) })
		})
	}
}
