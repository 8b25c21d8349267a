package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"handrail/shared/link"
	"handrail/shared/postgres"
	"handrail/shared/wire"
)

// program is the broker as it is shipped, built once.
var program string

// children are what the test binary can be instead of running tests.
var children = map[string]func(place string) error{killPlace: serveUntilKilled}

func TestMain(m *testing.M) {
	for name, be := range children {
		if place := os.Getenv(name); place != "" {
			fmt.Fprintln(os.Stderr, be(place))
			os.Exit(1)
		}
	}
	code, err := withProgram(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withProgram(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "handrail-broker")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "broker")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("building the broker: %w\n%s", err, out)
	}
	return postgres.Main(m, func(s *postgres.Server) { server = s }), nil
}

// patience is for a loaded machine; nothing waits that long in vain.
const patience = 2 * time.Minute

// running is a broker's process.
type running struct {
	t                        testing.TB
	cmd                      *exec.Cmd
	log                      *output
	ended                    chan error
	control, turn, site, pin string
}

// output is what a process writes, readable meanwhile.
type output struct {
	mu sync.Mutex // guards the following
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// start runs the broker until it is ready. more are settings besides the usual.
func start(t testing.TB, dir, listen string, more ...string) *running {
	t.Helper()
	args := append([]string{
		"run", "--data", dir, "--listen", listen, "--turn", "127.0.0.1:0", "--public", "127.0.0.1", "--verbose",
	}, more...)
	r := &running{t: t, cmd: exec.Command(program, args...), log: &output{}, ended: make(chan error, 1)}
	r.cmd.Stderr = r.log
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		ready <- line
		_, _ = io.Copy(io.Discard, out)
		r.ended <- r.cmd.Wait()
	}()
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	select {
	case line := <-ready:
		if n, err := fmt.Sscanf(line, "ready control=%s turn=%s https=%s pin=%s\n",
			&r.control, &r.turn, &r.site, &r.pin); n != 4 || err != nil {
			t.Fatalf("ready line %q: %v\n%s", line, err, r.log)
		}
	case <-time.After(patience):
		t.Fatalf("not ready\n%s", r.log)
	}
	return r
}

// end sends a signal and waits for the process.
func (r *running) end(s os.Signal) error {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
	select {
	case err := <-r.ended:
		return err
	case <-time.After(patience):
		r.t.Fatalf("still there after %v\n%s", s, r.log)
		return nil
	}
}

// broker runs another verb and gives what it says.
func broker(t testing.TB, args ...string) (out, notice string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if strings.Contains(o.String()+e.String(), "%!") { // of fmt, about its arguments
		t.Errorf("%q says\n%s%s", args, &o, &e)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// client is a real control connection.
type client struct {
	t testing.TB
	c *link.Control
}

func (r *running) dial(role wire.Role) *client {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	c, err := link.Dialer{Address: link.Address{Host: r.control, Pin: r.pin}}.Dial(ctx)
	if err != nil {
		r.t.Fatalf("dialling: %v\n%s", err, r.log)
	}
	r.t.Cleanup(func() { c.Close("test over") })
	x := &client{t: r.t, c: c}
	x.say(&wire.Hello{Version: wire.Version, Role: role, Program: "test 1", System: "linux"})
	if w := hear[*wire.Welcome](x); w.Site != r.site {
		r.t.Errorf("site %q, want %q", w.Site, r.site)
	}
	return x
}

func (x *client) say(m wire.Message) {
	x.t.Helper()
	if err := x.c.Send(m); err != nil {
		x.t.Fatal(err)
	}
}

func hear[M wire.Message](x *client) M {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), patience)
	defer cancel()
	for {
		got, err := x.c.Receive(ctx)
		if err != nil {
			x.t.Fatalf("waiting for %T: %v", *new(M), err)
		}
		if m, ok := got.(M); ok {
			return m
		}
		switch got.(type) {
		case *wire.Queues, *wire.Targets, *wire.Visitor, *wire.VisitorGone, *wire.Portal, *wire.Keeping, *wire.Noticeboard: // keep a rep's lists up to date
		default:
			x.t.Fatalf("heard %#v, want %T", got, *new(M))
		}
	}
}

// over waits until the broker has closed the connection.
func (x *client) over() {
	x.t.Helper()
	select {
	case <-x.c.Done():
	case <-time.After(patience):
		x.t.Fatal("connection still open")
	}
}

func (x *client) prove(key ed25519.PrivateKey) ([]byte, []byte) {
	x.t.Helper()
	exporter, err := x.c.Exporter(wire.SignInExporter)
	if err != nil {
		x.t.Fatal(err)
	}
	return key.Public().(ed25519.PublicKey), ed25519.Sign(key, append([]byte(wire.SignInContext), exporter...))
}

func (r *running) signIn(key ed25519.PrivateKey) (*client, *wire.SignedIn) {
	r.t.Helper()
	x := r.dial(wire.RoleRep)
	public, signature := x.prove(key)
	x.say(&wire.SignIn{PublicKey: public, Signature: signature})
	return x, hear[*wire.SignedIn](x)
}

// enrol makes a rep by the administrator's command and a console's first
// sign-in.
func (r *running) enrol(dir, name string, more ...string) (*client, ed25519.PrivateKey) {
	r.t.Helper()
	code, notice, exit := broker(r.t, append([]string{"enrol", "--data", dir, "--name", name}, more...)...)
	if exit != 0 {
		r.t.Fatalf("enrol: %s", notice)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		r.t.Fatal(err)
	}
	x := r.dial(wire.RoleRep)
	public, signature := x.prove(key)
	x.say(&wire.Enrol{Code: strings.TrimSpace(code), PublicKey: public, Signature: signature})
	if in := hear[*wire.SignedIn](x); in.Name != name {
		r.t.Errorf("signed in as %q", in.Name)
	}
	return x, key
}

func TestP03WholeWayAndBackAfterKill(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0", "--name", "Nordlicht")
	anna, key := b.enrol(dir, "Anna Weber")
	anna.say(&wire.NewKey{Request: [16]byte{1}})
	number := hear[*wire.KeyMade](anna).Number
	anna.say(&wire.NewKey{Request: [16]byte{2}, Life: 3600})
	spare := hear[*wire.KeyMade](anna)

	maria := b.dial(wire.RoleCustomer)
	maria.say(&wire.Join{Number: number, Name: "Maria"})
	reps, customers := hear[*wire.Start](anna), hear[*wire.Start](maria)
	if customers.Peer != "Anna Weber" || reps.Peer != "Maria" || reps.Session != customers.Session {
		t.Errorf("started with %+v and %+v", reps, customers)
	}
	if len(reps.Relays) != 2 || reps.Relays[0].URL != "turn:"+b.turn+"?transport=udp" ||
		reps.Relays[1].URL != "wss://"+b.control+"/handrail/turn" {
		t.Errorf("relays %+v, want %s and %s", reps.Relays, b.turn, b.control)
	}
	maria.say(&wire.Signal{Session: reps.Session, Epoch: 1, User: "u", Password: "p"})
	hear[*wire.Signal](anna)

	if err := b.end(syscall.SIGKILL); err == nil {
		t.Error("a killed broker ended well")
	}
	b = start(t, dir, b.control)
	// The reset key, kept over the kill, tells the old connections as soon as
	// they say something.
	for _, x := range []*client{anna, maria} {
		x.say(&wire.Signal{Session: reps.Session, Epoch: 1})
		x.over()
	}

	anna, in := b.signIn(key)
	if len(in.Keys) != 1 || in.Keys[0] != *spare {
		t.Errorf("keys after the kill %+v, want %+v", in.Keys, spare)
	}
	maria = b.dial(wire.RoleCustomer)
	anna.say(&wire.Rejoin{Session: reps.Session, Ticket: reps.Ticket})
	hear[*wire.Rejoined](anna)
	maria.say(&wire.Rejoin{Session: reps.Session, Ticket: customers.Ticket})
	hear[*wire.Rejoined](maria)
	anna.say(&wire.Signal{Session: reps.Session, Epoch: 2, User: "u", Password: "p"})
	if g := hear[*wire.Signal](maria); g.Epoch != 2 {
		t.Errorf("signal of epoch %d", g.Epoch)
	}
	anna.say(&wire.Leave{Session: reps.Session, Why: wire.EndByRep})
	if e := hear[*wire.Ended](maria); e.Why != wire.EndByRep {
		t.Errorf("ended by %d", e.Why)
	}
	maria.say(&wire.Join{Number: number})
	if p := hear[*wire.Problem](maria); p.Code != wire.CodeBadKey {
		t.Errorf("used key: code %d", p.Code)
	}
	if err := b.end(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v\n%s", err, b.log)
	}
}

func TestStopTellsClientsAndEndsWell(t *testing.T) {
	b := start(t, t.TempDir(), "127.0.0.1:0")
	maria := b.dial(wire.RoleCustomer)
	if err := b.end(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v\n%s", err, b.log)
	}
	maria.over()
	if !strings.Contains(b.log.String(), "msg=stopped") {
		t.Errorf("log\n%s", b.log)
	}
}

func TestRevokedRepIsSignedOutWhileTheBrokerRuns(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	anna, key := b.enrol(dir, "Anna Weber")
	out, _, _ := broker(t, "reps", "--data", dir)
	if !strings.Contains(out, "1       Anna Weber") || !strings.Contains(out, "active") {
		t.Errorf("reps:\n%s", out)
	}
	if _, notice, code := broker(t, "revoke-rep", "--data", dir, "1"); code != 0 {
		t.Fatal(notice)
	}
	if p := hear[*wire.Problem](anna); p.Code != wire.CodeNotEnrolled {
		t.Errorf("told code %d", p.Code)
	}
	anna.over()
	x := b.dial(wire.RoleRep)
	public, signature := x.prove(key)
	x.say(&wire.SignIn{PublicKey: public, Signature: signature})
	if p := hear[*wire.Problem](x); p.Code != wire.CodeNotEnrolled {
		t.Errorf("told code %d", p.Code)
	}
	if out, _, _ := broker(t, "reps", "--data", dir); !strings.Contains(out, "revoked") {
		t.Errorf("reps:\n%s", out)
	}
}

func TestSiteTellsWhereTheBrokerIs(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0", "--name", "Müller & Söhne")
	out, notice, code := broker(t, "site", "--data", dir)
	if code != 0 {
		t.Fatal(notice)
	}
	var told map[string]string
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"broker": b.control, "pin": b.pin, "organisation": "Müller & Söhne"}
	for name, value := range want {
		if told[name] != value {
			t.Errorf("%s is %q, want %q", name, told[name], value)
		}
	}
	if err := link.CheckPin(told["pin"]); err != nil {
		t.Error(err)
	}
}

func TestGarbageOnEveryPortHurtsNobody(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	anna, _ := b.enrol(dir, "Anna Weber")
	throwGarbage(t, "udp", b.control)
	throwGarbage(t, "udp", b.turn)
	throwGarbage(t, "tcp", b.control)
	anna.say(&wire.NewKey{Request: [16]byte{1}})
	hear[*wire.KeyMade](anna)
	b.dial(wire.RoleCustomer)
	get(t, b.site+"/482913")
	if err := b.end(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v\n%s", err, b.log)
	}
	if strings.Contains(b.log.String(), "panic") {
		t.Errorf("log\n%s", b.log)
	}
}

func get(t *testing.T, url string) {
	t.Helper()
	c := &http.Client{Timeout: patience, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true,
	}}
	r, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != 200 {
		t.Errorf("%s: %d", url, r.StatusCode)
	}
}

func TestLogHoldsNoSecretAndNothingPersonal(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0", "--name", "Nordlicht")
	anna, _ := b.enrol(dir, "Anna Weber")
	anna.say(&wire.NewKey{Request: [16]byte{1}})
	number := hear[*wire.KeyMade](anna).Number
	maria := b.dial(wire.RoleCustomer)
	maria.say(&wire.Join{Number: number, Name: "Maria Kallas"})
	s := hear[*wire.Start](maria)
	get(t, b.site+"/"+number)
	if err := b.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	log := b.log.String()
	for _, secret := range []string{
		number, "Anna", "Maria", s.Relays[0].Password, fmt.Sprintf("%x", s.Ticket), s.Session.String(),
	} {
		if strings.Contains(log, secret) {
			t.Errorf("log holds %q:\n%s", secret, log)
		}
	}
}
