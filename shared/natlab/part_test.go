//go:build linux

package natlab

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"handrail/shared/link"
	"handrail/shared/site"
	"handrail/shared/wire"
)

// The test binary plays one of these parts when the environment says so.
const (
	labRole    = "HANDRAIL_LAB"
	labProxy   = "HANDRAIL_LAB_PROXY"
	asRep      = "rep"
	asCustomer = "customer"
	asProxy    = "proxy"
)

// order is what a test tells an end to do, a line of JSON on its standard input.
type order struct {
	Do   string
	Site site.Site // of the first one
	Data string    // folder for what is remembered
	Code string    // to enrol or to connect with
}

// Orders, and the reports that answer them.
const (
	doBegin = "begin" // the first order
	doTalk  = "talk"  // write a line of chat every now and then
	doHush  = "hush"  // no more
	doWatch = "watch" // measure gaps from now on
	doGaps  = "gaps"  // tell the longest ones
	doLines = "lines" // tell what was said and heard
	doHold  = "hold"  // the rep: press a key and keep it down
	doLift  = "lift"  // the rep: type a letter and let go of all keys
	doKeys  = "keys"  // the customer: tell what the rep's keys have done
)

// Reports that come by themselves.
const (
	toldKey     = "key"     // the rep has a session key: Text
	toldMet     = "met"     // an epoch has connected: Way, Took
	toldTalking = "talking" // the session has begun
	toldPicture = "picture" // the rep has the first picture
	toldProblem = "problem" // Text
	toldOver    = "over"    // the session is over
)

// report is what an end tells, a line of JSON on its standard output.
type report struct {
	At           time.Time
	What         string
	Text         string        `json:",omitempty"`
	Way          string        `json:",omitempty"`
	Epoch        uint32        `json:",omitempty"`
	Took         time.Duration `json:",omitempty"`
	Held, Typed  int           `json:",omitempty"` // keys that are down, and that ever went down
	Said, Asked  int           `json:",omitempty"` // lines said; requests that were put to the customer
	Heard        []int         `json:",omitempty"` // numbers of the other side's lines, as they stand in the window
	Gap, Picture time.Duration `json:",omitempty"` // the longest time without a packet, and without a piece of picture
	Still        time.Duration `json:",omitempty"` // since the last piece of picture
}

// How a session's packets travel.
const (
	direct  = "direct"
	relayed = "relayed"
)

// teller writes reports.
type teller struct {
	mu  sync.Mutex // guards the following
	out *json.Encoder
}

func newTeller() *teller { return &teller{out: json.NewEncoder(os.Stdout)} }

func (t *teller) tell(r report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r.At = time.Now()
	_ = t.out.Encode(r) // nobody listens any more: the end of standard input comes, too
}

// orders hands the orders on until there are no more.
func orders(do func(order)) error {
	for d := json.NewDecoder(os.Stdin); ; {
		var o order
		if err := d.Decode(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		do(o)
	}
}

// ear notes when something was heard.
type ear struct {
	mu            sync.Mutex // guards the following
	last, picture time.Time
	gap, hole     time.Duration
}

func (e *ear) heard(picture bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	e.gap, e.last = max(e.gap, now.Sub(e.last)), now
	if picture {
		e.hole, e.picture = max(e.hole, now.Sub(e.picture)), now
	}
}

// watch begins anew.
func (e *ear) watch() {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	e.last, e.picture, e.gap, e.hole = now, now, 0, 0
}

// gaps are the longest ones, those that go on included, and the time since the
// last piece of picture.
func (e *ear) gaps() (all, picture, still time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	still = now.Sub(e.picture)
	return max(e.gap, now.Sub(e.last)), max(e.hole, still), still
}

// listening is a connection with an ear at it.
type listening struct {
	*link.Peer
	ear *ear
}

func (l listening) Receive(ctx context.Context) (wire.Packet, error) {
	p, err := l.Peer.Receive(ctx)
	if err == nil {
		l.ear.heard(false)
	}
	return p, err
}

func (l listening) ReceiveSlice(ctx context.Context) (wire.Slice, error) {
	s, err := l.Peer.ReceiveSlice(ctx)
	if err == nil {
		l.ear.heard(true)
	}
	return s, err
}

// wayOf says how a connection's packets travel.
func wayOf(p *link.Peer) string {
	if ok, _ := p.Travels(); ok {
		return direct
	}
	return relayed
}

// proxy is an HTTP proxy that only knows CONNECT (RFC 9110, section 9.3.6), to
// port 443.
func proxy(at string) error {
	l, err := net.Listen("tcp", at)
	if err != nil {
		return err
	}
	fmt.Println("there")
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go tunnel(c) // ends with its connections; the process is killed in the end
	}
}

func tunnel(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	req, err := http.ReadRequest(r)
	if err != nil {
		return
	}
	_, port, _ := net.SplitHostPort(req.Host)
	if req.Method != http.MethodConnect || port != "443" {
		fmt.Fprint(c, "HTTP/1.1 403 Forbidden\r\n\r\n")
		return
	}
	to, err := net.Dial("tcp", req.Host)
	if err != nil {
		fmt.Fprint(c, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
		return
	}
	defer to.Close()
	fmt.Fprint(c, "HTTP/1.1 200 Connection established\r\n\r\n")
	var both sync.WaitGroup
	pass := func(to net.Conn, from io.Reader) {
		_, _ = io.Copy(to, from)
		_ = to.(*net.TCPConn).CloseWrite()
	}
	both.Go(func() { pass(to, r) })
	both.Go(func() { pass(c, to) })
	both.Wait()
}
