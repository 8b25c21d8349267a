package link

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/sim"
	"handrail/shared/wire"
)

var hello = &wire.Hello{Version: 1, Role: wire.RoleRep, Program: "test 1", System: "linux"}

func TestControlCarriesMessagesBothWays(t *testing.T) {
	nothingLeft(t)
	l, a := listen(t, nil)
	client, broker := connect(t, l, a)
	if err := client.Send(hello); err != nil {
		t.Fatal(err)
	}
	m, err := broker.Receive(wait(t))
	if got, ok := m.(*wire.Hello); err != nil || !ok || got.Program != hello.Program {
		t.Fatalf("got %v, %v", m, err)
	}
	if err := broker.Send(&wire.Welcome{Version: 1, Organisation: "Example"}); err != nil {
		t.Fatal(err)
	}
	m, err = client.Receive(wait(t))
	if got, ok := m.(*wire.Welcome); err != nil || !ok || got.Organisation != "Example" {
		t.Fatalf("got %v, %v", m, err)
	}
	one, err := client.Exporter(wire.SignInExporter)
	two, err2 := broker.Exporter(wire.SignInExporter)
	if err != nil || err2 != nil || len(one) != 32 || string(one) != string(two) {
		t.Errorf("exporters %x, %x, %v, %v", one, two, err, err2)
	}
	if client.RemoteAddr() != l.Addr() {
		t.Errorf("client talks to %v, broker is %v", client.RemoteAddr(), l.Addr())
	}
}

func TestDialTellsWhyItFailed(t *testing.T) {
	nothingLeft(t)
	_, right := listen(t, nil)
	_, other := certificate(t)
	cert, pin := certificate(t)
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	stranger := &quic.Transport{Conn: socket}
	if _, err = stranger.Listen(&tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"handrail/99"}}, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = stranger.Close(), socket.Close() })
	for name, c := range map[string]struct {
		a    Address
		want error
	}{
		"another key":       {Address{right.Host, other}, ErrWrongBroker},
		"no authority":      {Address{right.Host, ""}, ErrWrongBroker},
		"another version":   {Address{socket.LocalAddr().String(), pin}, ErrVersion},
		"no such name":      {Address{"handrail.invalid:443", pin}, ErrUnreachable},
		"no port in host":   {Address{"127.0.0.1", pin}, ErrUnreachable},
		"the right address": {right, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Dialer{Address: c.a}.Dial(wait(t))
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if got != nil {
				got.Close("test over")
				<-got.Done()
			}
		})
	}
}

// TestZ05AnotherBrokerOfTheOrganisationHasThePin: a client that is sent on takes
// no other broker for it.
func TestZ05AnotherBrokerOfTheOrganisationHasThePin(t *testing.T) {
	nothingLeft(t)
	_, there := listen(t, nil)
	_, stranger := listen(t, nil)
	home := Dialer{Address: Address{Host: "127.0.0.1:1", Pin: there.Pin}}
	c, err := home.DialAt(wait(t), there.Host)
	if err != nil {
		t.Fatal(err)
	}
	c.Close("test over")
	<-c.Done()
	if _, err := home.DialAt(wait(t), stranger.Host); !errors.Is(err, ErrWrongBroker) {
		t.Errorf("a stranger: %v", err)
	}
	if home.Address.Host != "127.0.0.1:1" {
		t.Error("the dialer is not for the broker at home any more")
	}
}

func TestPinsAreWrittenOneWay(t *testing.T) {
	_, pin := certificate(t)
	if err := CheckPin(pin); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"sha256:", pin[1:], pin + "00", pin[:len(pin)-2], strings.ToUpper(pin), "sha256:" + strings.Repeat("x", 64)} {
		if CheckPin(bad) == nil {
			t.Errorf("accepted %q", bad)
		}
		if _, err := (Dialer{Address: Address{Host: "127.0.0.1:1", Pin: bad}}).Dial(wait(t)); err == nil {
			t.Errorf("dialled with pin %q", bad)
		}
	}
}

func TestNobodyThereIsUnreachable(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := sim.NewNetwork(1)
		_, pin := certificate(t)
		nobody := net.UDPAddrFromAddrPort(brokerAt)
		_, err := dialOver(t.Context(), n.Join(repAt, sim.Link{}), []net.Addr{nobody, nobody}, Address{"broker:3000", pin})
		if !errors.Is(err, ErrUnreachable) {
			t.Errorf("got %v", err)
		}
	})
}

// simListen starts a broker on a simulated network.
func simListen(t *testing.T, n *sim.Network) (*Listener, Address) {
	return listen(t, func(c *ListenConfig) { c.Socket = n.Join(brokerAt, sim.Link{}) })
}

func simDial(t *testing.T, n *sim.Network, remotes []net.Addr, a Address) *Control {
	t.Helper()
	c, err := dialOver(t.Context(), n.Join(repAt, sim.Link{Delay: 20 * time.Millisecond}), remotes, a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close("test over")
		<-c.Done()
	})
	return c
}

func TestDeadAddressOfABrokerDoesNotHoldUpTheOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := sim.NewNetwork(1)
		_, a := simListen(t, n)
		start := time.Now()
		dead := &net.UDPAddr{IP: net.IPv4(10, 9, 9, 9), Port: 1}
		simDial(t, n, []net.Addr{dead, net.UDPAddrFromAddrPort(brokerAt)}, a)
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestRestartedBrokerIsNoticed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := sim.NewNetwork(1)
		cert, pin := certificate(t)
		start := func() *Listener {
			l, err := Listen(ListenConfig{Socket: n.Join(brokerAt, sim.Link{}), Certificate: always(cert), ResetKey: [32]byte{9}})
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		old := start()
		c := simDial(t, n, []net.Addr{net.UDPAddrFromAddrPort(brokerAt)}, Address{"broker:3000", pin})
		if err := c.Send(hello); err != nil {
			t.Fatal(err)
		}
		b, err := old.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
		n.Change(repAt, sim.Link{Loss: 1}) // it dies without a goodbye
		old.Close()
		n.Change(repAt, sim.Link{})
		defer start().Close()
		begin := time.Now()
		<-c.Done()
		if took := time.Since(begin); !errors.Is(c.Err(), ErrLost) || took > controlAlive+time.Second {
			t.Errorf("noticed after %v: %v", took, c.Err())
		}
	})
}

func TestNetworkAwayForAWhileHarmsNoControl(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := sim.NewNetwork(1)
		l, a := simListen(t, n)
		c := simDial(t, n, []net.Addr{net.UDPAddrFromAddrPort(brokerAt)}, a)
		b, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n.Change(brokerAt, sim.Link{Loss: 1})
		if err := c.Send(hello); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		n.Change(brokerAt, sim.Link{})
		if _, err := b.Receive(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestClientThatSaysNothingIsCut(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := sim.NewNetwork(1)
		l, a := simListen(t, n)
		c := simDial(t, n, []net.Addr{net.UDPAddrFromAddrPort(brokerAt)}, a)
		b, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		<-b.Done()
		<-c.Done()
		if took := time.Since(start); took < helloWait || took > helloWait+time.Second {
			t.Errorf("cut after %v", took)
		}
	})
}

func TestLastMessageIsNotLostInTheGoodbye(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := sim.NewNetwork(1)
		l, a := simListen(t, n)
		c := simDial(t, n, []net.Addr{net.UDPAddrFromAddrPort(brokerAt)}, a)
		if err := c.Send(hello); err != nil {
			t.Fatal(err)
		}
		b, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			if err := b.Send(&wire.Problem{Code: wire.CodeVersion}); err != nil {
				t.Fatal(err)
			}
		}
		b.Close("wrong version")
		b.Close("twice is nothing")
		<-b.Done()
		for i := range 100 {
			if _, err := c.Receive(t.Context()); err != nil {
				t.Fatalf("message %d: %v", i, err)
			}
		}
		if _, err := c.Receive(t.Context()); !errors.Is(err, ErrClosed) || !strings.Contains(err.Error(), "wrong version") {
			t.Errorf("then %v", err)
		}
		if err := b.Send(hello); !errors.Is(err, ErrClosed) {
			t.Errorf("sent after Close: %v", err)
		}
	})
}

func TestSlowReaderLosesItsConnection(t *testing.T) {
	nothingLeft(t)
	l, a := listen(t, nil)
	client, broker := connect(t, l, a)
	big := &wire.Hello{Version: 1, Role: wire.RoleRep, Program: strings.Repeat("x", wire.MaxName)}
	var err error
	eventually(t, "the queue is full", func() bool {
		err = client.Send(big)
		return err != nil
	})
	if !errors.Is(err, ErrCrowded) {
		t.Errorf("got %v", err)
	}
	<-client.Done()
	<-broker.Done()
	var app *quic.ApplicationError
	if cause := context.Cause(broker.conn.Context()); !errors.As(cause, &app) || app.ErrorCode != codeCrowded {
		t.Errorf("broker saw %v", cause)
	}
}

// rawClient is a client that sends bytes of its own.
func rawClient(t *testing.T, a Address) (*quic.Conn, *quic.Stream) {
	t.Helper()
	socket, err := net.ListenUDP("udp", nil)
	if err != nil {
		t.Fatal(err)
	}
	to, err := net.ResolveUDPAddr("udp", a.Host)
	if err != nil {
		t.Fatal(err)
	}
	transport := &quic.Transport{Conn: socket}
	conn, err := transport.Dial(wait(t), to, brokerTLS("", a.Pin), controlConfig(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.CloseWithError(codeDone, "test over")
		_, _ = transport.Close(), socket.Close()
	})
	stream, err := conn.OpenStream()
	if err != nil {
		t.Fatal(err)
	}
	return conn, stream
}

func TestBrokenClientLosesOnlyItsOwnConnection(t *testing.T) {
	nothingLeft(t)
	l, a := listen(t, nil)
	good, goodBroker := connect(t, l, a)
	welcome, err := wire.Append(nil, wire.Packet{Body: &wire.Welcome{Version: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		kind  wire.StreamKind
		sends []byte
		code  quic.ApplicationErrorCode
	}{
		"message longer than allowed": {wire.StreamControl, binary.AppendUvarint(nil, wire.MaxMessage+1), codeMalformed},
		"absurd length":               {wire.StreamControl, binary.AppendUvarint(nil, 1<<62), codeMalformed},
		"length never ending":         {wire.StreamControl, []byte(strings.Repeat("\xff", 20)), codeMalformed},
		"no CBOR":                     {wire.StreamControl, appendBlock([]byte("hello")), codeMalformed},
		"what only brokers say":       {wire.StreamControl, appendBlock(welcome), codeOutOfPlace},
		"a stream of pictures":        {wire.StreamPictures, nil, codeOutOfPlace},
	} {
		t.Run(name, func(t *testing.T) {
			conn, stream := rawClient(t, a)
			if _, err := stream.Write(append(wire.AppendStreamKind(nil, c.kind), c.sends...)); err != nil {
				t.Fatal(err)
			}
			b, err := l.Accept(wait(t))
			if err != nil {
				t.Fatal(err)
			}
			if m, err := b.Receive(wait(t)); err == nil {
				t.Errorf("received %v", m)
			}
			<-conn.Context().Done()
			var app *quic.ApplicationError
			if cause := context.Cause(conn.Context()); !errors.As(cause, &app) || app.ErrorCode != c.code {
				t.Errorf("client saw %v, want code %d", cause, c.code)
			}
		})
	}
	if err := good.Send(hello); err != nil {
		t.Fatal(err)
	}
	if _, err := goodBroker.Receive(wait(t)); err != nil {
		t.Error(err)
	}
}

func TestUnknownKindIsNoEnd(t *testing.T) {
	nothingLeft(t)
	l, a := listen(t, nil)
	_, stream := rawClient(t, a)
	// [9999, 0, 0, {}], then a Hello.
	if _, err := stream.Write(wire.AppendStreamKind(nil, wire.StreamControl)); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Write(appendBlock([]byte{0x84, 0x19, 0x27, 0x0f, 0, 0, 0xa0})); err != nil {
		t.Fatal(err)
	}
	h, err := wire.Append(nil, wire.Packet{Body: hello})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Write(appendBlock(h)); err != nil {
		t.Fatal(err)
	}
	b, err := l.Accept(wait(t))
	if err != nil {
		t.Fatal(err)
	}
	var unknown wire.UnknownKind
	if m, err := b.Receive(wait(t)); !errors.As(err, &unknown) || unknown.Number != 9999 || m != nil {
		t.Errorf("got %v, %v", m, err)
	}
	if m, err := b.Receive(wait(t)); err != nil || m.Kind() != wire.KindHello {
		t.Errorf("then %v, %v", m, err)
	}
}

func TestOneAddressHasOnlyItsShare(t *testing.T) {
	nothingLeft(t)
	l, a := listen(t, func(c *ListenConfig) { c.PerAddress = 2 })
	first, _ := connect(t, l, a)
	connect(t, l, a)
	if _, err := (Dialer{Address: a}).Dial(wait(t)); !errors.Is(err, ErrUnreachable) || l.Refused() == 0 {
		t.Errorf("third connection: %v, refused %d", err, l.Refused())
	}
	first.Close("making room")
	<-first.Done()
	eventually(t, "room for another", func() bool { return l.controls.Open() < 2 })
	connect(t, l, a)
}

func TestGarbageHarmsNobody(t *testing.T) {
	nothingLeft(t)
	l, a := listen(t, nil)
	client, broker := connect(t, l, a)
	relay := startTURN(t, nil)
	socket, err := net.ListenUDP("udp", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	dice := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		b := make([]byte, dice.IntN(1500))
		for i := range b {
			b[i] = byte(dice.Uint32())
		}
		if len(b) > 8 && dice.IntN(2) == 0 { // looks like QUIC, looks like STUN
			copy(b, [][]byte{{0xc0, 0, 0, 0, 1, 8}, {0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42}, {0x40, 0}}[dice.IntN(3)])
		}
		for _, to := range []net.Addr{net.UDPAddrFromAddrPort(l.Addr()), net.UDPAddrFromAddrPort(relay.Addr()), client.conn.LocalAddr()} {
			to := net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(addrPort(to).Port())}
			if _, err := socket.WriteToUDP(b, &to); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := client.Send(hello); err != nil {
		t.Fatal(err)
	}
	if _, err := broker.Receive(wait(t)); err != nil {
		t.Error(err)
	}
	connect(t, l, a)
}

func TestClosedListenerSaysGoodbye(t *testing.T) {
	nothingLeft(t)
	l, a := listen(t, nil)
	client, broker := connect(t, l, a)
	l.Close()
	<-broker.Done()
	<-client.Done()
	if !errors.Is(client.Err(), ErrClosed) {
		t.Errorf("client: %v", client.Err())
	}
	if _, err := l.Accept(wait(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("Accept: %v", err)
	}
}
