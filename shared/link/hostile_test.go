package link

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/secret"
	"handrail/shared/sim"
	"handrail/shared/wire"
)

// foe is a program on the other side that knows the secret, proves itself and
// then does as it likes.
type foe struct {
	t       *testing.T
	conn    *quic.Conn
	control *quic.Stream
	r       *bufio.Reader
}

// meetFoe has an honest peer meet a foe of the given role. Both have parted
// when the test ends.
func meetFoe(t *testing.T, role wire.Role) (*foe, *Peer) {
	t.Helper()
	n := sim.NewNetwork(7)
	places := map[wire.Role]net.PacketConn{
		wire.RoleRep: n.Join(repAt, sim.Link{}), wire.RoleCustomer: n.Join(customerAt, sim.Link{}),
	}
	at := map[wire.Role]net.Addr{
		wire.RoleRep: net.UDPAddrFromAddrPort(repAt), wire.RoleCustomer: net.UDPAddrFromAddrPort(customerAt),
	}
	honest := wire.RoleRep + wire.RoleCustomer - role
	theirs, m := Meeting{Role: honest, Secret: "507264"}, Meeting{Role: role, Secret: "507264"}
	met := make(chan *Peer, 1)
	go func() {
		deadline, cancel := context.WithTimeout(t.Context(), meetWait)
		defer cancel()
		p, err := greet(t.Context(), deadline, places[honest], at[role], theirs, plainly{places[honest]})
		if err != nil {
			t.Error(err)
		}
		met <- p
	}()
	transport := &quic.Transport{Conn: places[role]}
	conn, err := shakeHands(t.Context(), transport, at[honest], role)
	if err != nil {
		t.Fatal(err)
	}
	stream, r, _, err := prove(t.Context(), conn, m)
	if err != nil {
		t.Fatal(err)
	}
	p := <-met
	if p == nil {
		t.FailNow()
	}
	t.Cleanup(func() {
		_ = conn.CloseWithError(codeDone, "test over")
		<-p.Done()
		_, _ = transport.Close(), places[role].Close()
	})
	return &foe{t: t, conn: conn, control: stream, r: r}, p
}

// say writes to the control stream; the connection may have ended meanwhile.
func (f *foe) say(b ...[]byte) { _, _ = f.control.Write(bytes.Join(b, nil)) }

// packet is a packet as a block.
func packet(t *testing.T, p wire.Packet) []byte {
	t.Helper()
	b, err := wire.Append(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	return appendBlock(b)
}

// open opens a stream of a kind and writes to it.
func (f *foe) open(kind wire.StreamKind, b ...[]byte) *quic.SendStream {
	s, err := f.conn.OpenUniStreamSync(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	_, _ = s.Write(append(wire.AppendStreamKind(nil, kind), bytes.Join(b, nil)...)) // see say
	return s
}

// flood writes to a stream until it has taken nothing for a second, or most
// bytes, and gives how many it has taken.
func (f *foe) flood(s *quic.SendStream, block []byte, most int) int {
	sent := 0
	for sent < most {
		_ = s.SetWriteDeadline(time.Now().Add(time.Second)) // never fails
		n, err := s.Write(block)
		if sent += n; err != nil {
			break
		}
	}
	return sent
}

// alive sees that the honest side still says what it has to say, and hears.
func (f *foe) alive(p *Peer) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 5*time.Second)
	defer cancel()
	f.say(packet(f.t, wire.Packet{Seq: 1, Body: &wire.Chat{Text: "hello"}}))
	for {
		q, err := p.Receive(ctx)
		if err != nil {
			f.t.Fatalf("the honest side hears nothing: %v", err)
		}
		if c, ok := q.Body.(*wire.Chat); ok && c.Text == "hello" {
			break
		}
	}
	if err := p.Send(wire.Packet{Seq: 1, Body: &wire.Chat{Text: "hello"}}); err != nil {
		f.t.Fatalf("the honest side says nothing: %v", err)
	}
	if _, err := wire.ReadBlock(f.r, nil, wire.MaxMessage); err != nil {
		f.t.Fatalf("the honest side says nothing: %v", err)
	}
}

// cut sees that the honest side has ended the connection, with a code.
func (f *foe) cut(code quic.ApplicationErrorCode) {
	f.t.Helper()
	select {
	case <-f.conn.Context().Done():
	case <-time.After(5 * time.Second):
		f.t.Fatal("the connection goes on")
	}
	var app *quic.ApplicationError
	if cause := context.Cause(f.conn.Context()); !errors.As(cause, &app) || app.ErrorCode != code {
		f.t.Errorf("the connection ended with %v, want code %d", cause, code)
	}
}

// bystanders are a session that has nothing to do with it: it must go on.
func bystanders(t *testing.T) (check func()) {
	t.Helper()
	_, rep, customer := acquainted(t, sim.Link{Delay: 10 * time.Millisecond})
	seq := uint64(0)
	return func() {
		t.Helper()
		for range 3 {
			seq++
			start := time.Now()
			if err := customer.Send(wire.Packet{Seq: seq, Body: &wire.Chat{Text: "all well?"}}); err != nil {
				t.Fatal(err)
			}
			if p, err := rep.Receive(t.Context()); err != nil || p.Seq != seq {
				t.Fatalf("a bystander heard %v, %v", p, err)
			}
			if took := time.Since(start); took > 100*time.Millisecond { // of simulated time: 20 are the way's
				t.Errorf("a bystander's word took %v", took)
			}
		}
	}
}

// TestHostilePeerHurtsOnlyItsOwnSession has somebody who was let in do what
// no program of ours does.
func TestHostilePeerHurtsOnlyItsOwnSession(t *testing.T) {
	const ( // instead of a code
		alive  = -1 // the session goes on
		silent = -2 // it is for the room to give it up: nothing is heard any more
	)
	slice := appendBlock(wire.AppendSlice(nil, wire.Slice{Seq: 1, Frame: 1, Data: make([]byte, 200<<10)}))
	piece := appendBlock(wire.AppendBulk(nil, wire.Piece{ID: 1, Data: make([]byte, 8<<10)}))
	shape := appendBlock(wire.AppendCursor(nil, wire.Cursor{ID: 1, W: wire.MaxSide, H: wire.MaxSide, Pix: make([]byte, 4*wire.MaxSide*wire.MaxSide)}))
	rep, customer := wire.RoleRep, wire.RoleCustomer
	bounded := func(f *foe, kind wire.StreamKind, block []byte, most int) {
		if n := f.flood(f.open(kind), block, 2*most); n > most {
			f.t.Errorf("%d bytes were taken that nobody reads", n)
		}
	}
	for name, c := range map[string]struct {
		foe  wire.Role
		does func(*foe, *Peer)
		code int
	}{
		"a block that is too long": {rep, func(f *foe, _ *Peer) { f.say([]byte{0x81, 0x80, 0x04}) }, int(codeMalformed)},
		"a length that never ends": {rep, func(f *foe, _ *Peer) { f.say(bytes.Repeat([]byte{0xff}, 20)) }, int(codeMalformed)},
		"a block that never ends":  {rep, func(f *foe, _ *Peer) { f.say([]byte{0x80, 0x80, 0x04, 1, 2, 3}) }, silent},
		"nothing but noughts":      {rep, func(f *foe, _ *Peer) { f.say(make([]byte, 1000)) }, int(codeMalformed)},
		"the customer's words, by the rep": {rep, func(f *foe, _ *Peer) {
			f.say(packet(f.t, wire.Packet{Seq: 1, Body: &wire.Sharing{Why: wire.SharingGranted}}))
		}, int(codeOutOfPlace)},
		"the rep's words, by the customer": {customer, func(f *foe, _ *Peer) {
			f.say(packet(f.t, wire.Packet{Seq: 1, Body: &wire.Ask{ID: 1, What: wire.Control}}))
		}, int(codeOutOfPlace)},
		"the broker's words": {customer, func(f *foe, _ *Peer) { f.say(packet(f.t, wire.Packet{Body: &wire.Ended{Why: wire.EndByRep}})) }, int(codeOutOfPlace)},
		"the rep's stream, by the customer": {customer, func(f *foe, _ *Peer) {
			f.open(wire.StreamInput, appendBlock(wire.AppendInput(nil, wire.Release{Seq: 1})))
		}, int(codeOutOfPlace)},
		"a second stream of pictures": {customer, func(f *foe, _ *Peer) { f.open(wire.StreamPictures); f.open(wire.StreamPictures) }, int(codeOutOfPlace)},
		"a control stream of its own": {customer, func(f *foe, _ *Peer) { f.open(wire.StreamControl) }, int(codeOutOfPlace)},
		"pictures that nobody reads":  {customer, func(f *foe, _ *Peer) { bounded(f, wire.StreamPictures, slice, peerWindow+(heardSlices+2)*len(slice)) }, alive},
		"shapes that nobody reads":    {customer, func(f *foe, _ *Peer) { bounded(f, wire.StreamCursor, shape, peerWindow+(heardCursors+2)*len(shape)) }, alive},
		"bulk that nobody reads":      {rep, func(f *foe, _ *Peer) { bounded(f, wire.StreamBulk, piece, peerWindow+(heardBulk+2)*len(piece)) }, alive},
		"input that nobody takes": {rep, func(f *foe, _ *Peer) {
			s, sent := f.open(wire.StreamInput), 0
			for seq := uint64(1); sent < 4*peerWindow; seq++ {
				b := appendBlock(wire.AppendInput(nil, wire.Typed{Seq: seq, Text: strings.Repeat("a", wire.MaxTypedText)}))
				n := f.flood(s, b, len(b))
				if sent += n; n < len(b) {
					return
				}
			}
			f.t.Errorf("%d bytes were taken that nobody reads", sent)
		}, alive},
		"streams opened and reset, on and on": {rep, func(f *foe, _ *Peer) {
			for range 2000 {
				f.open(wire.StreamKind(77)).CancelWrite(1)
			}
		}, alive},
		"streams opened and closed, on and on": {customer, func(f *foe, _ *Peer) {
			for range 2000 {
				_ = f.open(wire.StreamKind(77)).Close()
			}
		}, alive},
		"streams with nothing in them": {rep, func(f *foe, _ *Peer) {
			for {
				ctx, cancel := context.WithTimeout(f.t.Context(), time.Second)
				_, err := f.conn.OpenUniStreamSync(ctx)
				cancel()
				if err != nil {
					return
				}
			}
		}, alive},
		"a flood of datagrams": {rep, func(f *foe, p *Peer) {
			for i := range 20_000 {
				_ = f.conn.SendDatagram([]byte{byte(i), 1, 2, 3})
			}
			if p.Stats().DatagramsDropped == 0 {
				f.t.Error("none of them was counted")
			}
		}, alive},
		"moves after clicks to come": {rep, func(f *foe, _ *Peer) {
			for i := range uint64(10_000) {
				_ = f.conn.SendDatagram(wire.AppendInput([]byte{wire.DatagramMove}, wire.Move{After: 1<<63 + i}))
			}
		}, alive},
		"places that were told before": {customer, func(f *foe, p *Peer) {
			_ = f.conn.SendDatagram(wire.AppendPointer([]byte{wire.DatagramPointer}, wire.Pointer{Seq: 1 << 62}))
			if at, err := p.ReceivePointer(f.t.Context()); err != nil || at.Seq != 1<<62 {
				f.t.Errorf("got %v, %v", at, err)
			}
			for i := range uint64(100) {
				_ = f.conn.SendDatagram(wire.AppendPointer([]byte{wire.DatagramPointer}, wire.Pointer{Seq: i}))
			}
			synctestWait(p, 100)
		}, alive},
		"never reads what is said": {rep, func(f *foe, p *Peer) {
			long := &wire.Chat{Text: strings.Repeat("a", wire.MaxText)}
			for i := range 10_000 {
				if err := p.Send(wire.Packet{Seq: uint64(i + 1), Body: long}); errors.Is(err, ErrCrowded) {
					return
				}
			}
			f.t.Error("endless queue")
		}, int(codeCrowded)},
		"never reads the pictures": {rep, func(f *foe, p *Peer) {
			ctx, cancel := context.WithTimeout(f.t.Context(), 3*time.Second)
			defer cancel()
			sent := 0
			for p.SendSlice(ctx, wire.Slice{Seq: 1, Frame: 1, Data: make([]byte, 8<<10)}) == nil {
				sent += 8 << 10
			}
			if sent > 2*peerWindow {
				f.t.Errorf("%d bytes of picture were sent to who doesn't read", sent)
			}
		}, alive},
		"wants to hear no words":     {rep, func(f *foe, p *Peer) { f.control.CancelRead(1); f.mute(p) }, int(codeDone)},
		"breaks off its own words":   {rep, func(f *foe, _ *Peer) { f.control.CancelWrite(1) }, int(codeDone)},
		"says goodbye and stays":     {customer, func(f *foe, _ *Peer) { _ = f.control.Close() }, int(codeDone)},
		"wants to see no pictures":   {rep, func(f *foe, p *Peer) { f.blind(p) }, alive},
		"half a block, then the end": {rep, func(f *foe, _ *Peer) { f.say([]byte{9, 1}); _ = f.control.Close() }, int(codeMalformed)},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				others := bystanders(t)
				f, p := meetFoe(t, c.foe)
				c.does(f, p)
				others()
				switch c.code {
				case alive:
					f.alive(p)
				case silent:
					time.Sleep(10 * time.Second) // of simulated time
					if quiet := p.Silent(time.Now()); quiet < 9*time.Second {
						t.Errorf("silent for %v only", quiet)
					}
				default:
					f.cut(quic.ApplicationErrorCode(c.code))
				}
				others()
			})
		})
	}
}

// mute has the honest side talk to who doesn't want to hear.
func (f *foe) mute(p *Peer) {
	for p.Send(wire.Packet{Body: &wire.Ack{}}) == nil {
		select {
		case <-p.conn.Context().Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// blind refuses each stream of pictures.
func (f *foe) blind(p *Peer) {
	refused := make(chan struct{})
	go func() {
		defer close(refused)
		if s, err := f.conn.AcceptUniStream(f.t.Context()); err == nil {
			s.CancelRead(1)
		}
	}()
	var err error
	for err == nil {
		err = p.SendSlice(f.t.Context(), wire.Slice{Seq: 1, Frame: 1, Data: make([]byte, 100)})
		time.Sleep(time.Millisecond)
	}
	<-refused
}

// TestNobodyElsesProofOpensASession sends what proved another connection of
// the same session, or what the honest side has just said itself.
func TestNobodyElsesProofOpensASession(t *testing.T) {
	key := bytes.Repeat([]byte{7}, 32)
	other := bytes.Repeat([]byte{9}, secret.SID) // what the exporter was on the connection before
	share := append([]byte{1}, bytes.Repeat([]byte{0xe2}, 32)...)
	for name, c := range map[string]struct {
		honest Meeting
		says   func(heard []byte) []byte // heard is what the honest side said first, nil from a customer
		wrong  bool                      // it counts as a wrong secret
	}{
		"the rep's proof of an earlier connection": {
			Meeting{Role: wire.RoleCustomer, Resume: key},
			func([]byte) []byte { return secret.Resume(key, other, secret.Rep) }, true,
		},
		"the customer's proof of an earlier connection": {
			Meeting{Role: wire.RoleRep, Resume: key},
			func([]byte) []byte { return secret.Resume(key, other, secret.Customer) }, true,
		},
		"the rep's own proof, sent back": {
			Meeting{Role: wire.RoleRep, Resume: key},
			func(heard []byte) []byte { return heard }, false,
		},
		"the customer's proof, as the rep": {
			Meeting{Role: wire.RoleCustomer, Resume: key},
			func([]byte) []byte { return secret.Resume(key, other, secret.Customer) }, false,
		},
		"the rep's own share, sent back": {
			Meeting{Role: wire.RoleRep, Secret: "507264"},
			func(heard []byte) []byte { return heard }, false,
		},
		"a new proof, where one resumes": {
			Meeting{Role: wire.RoleCustomer, Resume: key}, func([]byte) []byte { return share }, false,
		},
		"a message instead of the customer's share": {
			Meeting{Role: wire.RoleRep, Secret: "507264"},
			func([]byte) []byte { return []byte{0x84, 0x18, 0x42, 1, 0, 0xa0} }, false,
		},
		"a proof that never ends": {
			Meeting{Role: wire.RoleRep, Secret: "507264"}, func([]byte) []byte { return make([]byte, 64<<10) }, false,
		},
		"nothing": {
			Meeting{Role: wire.RoleRep, Secret: "507264"}, func([]byte) []byte { return nil }, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				others := bystanders(t)
				err := liar(t, c.honest, c.says)
				if err == nil || errors.Is(err, ErrWrongSecret) != c.wrong {
					t.Errorf("got %v", err)
				}
				others()
			})
		})
	}
}

// liar answers an honest side's proof, and gives what that made of it.
func liar(t *testing.T, honest Meeting, says func([]byte) []byte) error {
	t.Helper()
	n := sim.NewNetwork(7)
	reps, customers := n.Join(repAt, sim.Link{}), n.Join(customerAt, sim.Link{})
	mine, theirs := reps, customers
	to, role := net.UDPAddrFromAddrPort(customerAt), wire.RoleRep
	back := net.UDPAddrFromAddrPort(repAt)
	if honest.Role == wire.RoleRep {
		mine, theirs, to, back, role = customers, reps, back, to, wire.RoleCustomer
	}
	result := make(chan error, 1)
	go func() {
		deadline, cancel := context.WithTimeout(t.Context(), meetWait)
		defer cancel()
		_, err := greet(t.Context(), deadline, theirs, back, honest, plainly{theirs})
		result <- err
	}()
	transport := &quic.Transport{Conn: mine}
	conn, err := shakeHands(t.Context(), transport, to, role)
	if err != nil {
		t.Fatal(err)
	}
	stream, r, err := openStream(t.Context(), role, conn)
	if err != nil {
		t.Fatal(err)
	}
	var heard []byte
	if role == wire.RoleCustomer {
		if heard, err = wire.ReadBlock(r, nil, secret.MaxStep); err != nil {
			t.Fatal(err)
		}
	}
	if b := says(heard); b != nil {
		_, _ = stream.Write(appendBlock(b)) // the other may have hung up in the middle
	}
	err = <-result
	_, _, _ = conn.CloseWithError(codeDone, ""), transport.Close(), mine.Close()
	return err
}

// TestHostileBrokerCostsOnlyTheConnection has a client dial somebody with the
// broker's certificate and bad manners.
func TestHostileBrokerCostsOnlyTheConnection(t *testing.T) {
	for name, c := range map[string]struct {
		says func(*quic.Stream)
		code quic.ApplicationErrorCode
	}{
		"a block that is too long":  {func(s *quic.Stream) { _, _ = s.Write([]byte{0x81, 0x80, 0x04}) }, codeMalformed},
		"a client's message":        {func(s *quic.Stream) { _, _ = s.Write(mustPacket(&wire.Join{Number: "123456"})) }, codeOutOfPlace},
		"a message of the sessions": {func(s *quic.Stream) { _, _ = s.Write(mustPacket(&wire.Refresh{})) }, codeOutOfPlace},
		"nothing that is a message": {func(s *quic.Stream) { _, _ = s.Write(appendBlock([]byte("GET / HTTP/1.1"))) }, codeMalformed},
		"half a message, then none": {func(s *quic.Stream) { _, _ = s.Write([]byte{9, 1}); _ = s.Close() }, codeMalformed},
		"a stream that breaks off":  {func(s *quic.Stream) { s.CancelWrite(1) }, codeDone},
		"ears that are shut":        {func(s *quic.Stream) { s.CancelRead(1) }, codeDone},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := sim.NewNetwork(3)
				clients, brokers := n.Join(customerAt, sim.Link{}), n.Join(brokerAt, sim.Link{})
				cert, pin := certificate(t)
				transport := &quic.Transport{Conn: brokers}
				tls, err := peerTLS()
				if err != nil {
					t.Fatal(err)
				}
				tls.Certificates, tls.NextProtos = tls.Certificates[:0], []string{wire.ALPNBroker}
				tls.Certificates = append(tls.Certificates, cert)
				l, err := transport.Listen(tls, controlConfig(1))
				if err != nil {
					t.Fatal(err)
				}
				dialled := make(chan *Control, 1)
				go func() {
					c, err := dialOver(t.Context(), clients, []net.Addr{net.UDPAddrFromAddrPort(brokerAt)}, Address{Host: "broker:1", Pin: pin})
					if err != nil {
						t.Error(err)
					}
					dialled <- c
				}()
				conn, err := l.Accept(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				client := <-dialled
				stream, err := conn.AcceptStream(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				c.says(stream)
				for client.Send(&wire.Leave{Why: wire.EndLost}) == nil && conn.Context().Err() == nil {
					time.Sleep(10 * time.Millisecond) // of simulated time
				}
				<-client.Done()
				<-conn.Context().Done()
				var app *quic.ApplicationError
				if cause := context.Cause(conn.Context()); !errors.As(cause, &app) || app.ErrorCode != c.code {
					t.Errorf("ended with %v, want code %d", cause, c.code)
				}
				_, _, _ = l.Close(), transport.Close(), brokers.Close()
			})
		})
	}
}

func mustPacket(m wire.Message) []byte {
	b, err := wire.Append(nil, wire.Packet{Body: m})
	if err != nil {
		panic(err) // a mistake in the test
	}
	return appendBlock(b)
}

// TestSomebodyElsesFloodEndsNoConnection: what the broker passes on is lost
// when it is too much; what it has to say itself still finds room.
func TestSomebodyElsesFloodEndsNoConnection(t *testing.T) {
	out := newOutbox()
	body := make([]byte, 16<<10)
	passed := 0
	for out.offer(body) == nil {
		passed++
	}
	if passed == 0 || passed*len(body) > queuedBytes/2 {
		t.Errorf("%d bytes passed on", passed*len(body))
	}
	for range 100 {
		if err := out.offer(body); !errors.Is(err, ErrCrowded) {
			t.Fatalf("got %v", err)
		}
	}
	for range queuedPackets / 4 {
		if err := out.put([]byte("own words")); err != nil {
			t.Fatal(err)
		}
	}
}
