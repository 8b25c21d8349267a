package link

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/secret"
	"handrail/shared/wire"
)

// proveWait is how long the proof may take: a few round trips.
const proveWait = 5 * time.Second

// proof is one side's part in showing that both ends of a connection know the
// same secret and that nobody stands between them: the TLS exporter, which is
// different on either side of a middleman, goes into every step.
type proof struct {
	role   wire.Role
	key    string // of the session key
	resume []byte // or this, from an earlier connection of the session
	sid    []byte

	w      io.Writer
	r      wire.BlockReader
	proved func() // called by the customer before the step that lets the rep begin
}

// openStream gives the control stream, which the rep opens.
func openStream(ctx context.Context, role wire.Role, conn *quic.Conn) (stream *quic.Stream, r *bufio.Reader, err error) {
	if role == wire.RoleRep {
		if stream, err = conn.OpenStream(); err != nil {
			return nil, nil, err
		}
		if _, err = stream.Write(wire.AppendStreamKind(nil, wire.StreamControl)); err != nil {
			return nil, nil, err
		}
		return stream, bufio.NewReaderSize(stream, 4<<10), nil
	}
	if stream, err = conn.AcceptStream(ctx); err != nil {
		return nil, nil, err
	}
	defer deadline(ctx, stream.SetReadDeadline)()
	r = bufio.NewReaderSize(stream, 4<<10)
	kind, err := wire.ReadStreamKind(r)
	if err == nil && kind != wire.StreamControl {
		err = fmt.Errorf("first stream is of kind %d", kind)
	}
	return stream, r, err
}

// prove runs the exchange and gives the key that later epochs resume with.
// ErrWrongSecret counts as a try; other errors don't.
func prove(ctx context.Context, role wire.Role, conn *quic.Conn, m Meeting) (*quic.Stream, *bufio.Reader, []byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, proveWait, errors.New("proof took too long"))
	defer cancel()
	admit := func() {}
	if role == wire.RoleCustomer {
		admit = refuseEarly(ctx, conn)
		defer admit()
	}
	sid, err := export(conn, secret.Exporter)
	if err != nil {
		return nil, nil, nil, err
	}
	stream, r, err := openStream(ctx, role, conn)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("opening the control stream: %w", err)
	}
	defer deadline(ctx, stream.SetDeadline)()
	p := proof{role: role, key: m.Secret, resume: m.Resume, sid: sid, w: stream, r: r, proved: admit}
	resume, err := p.run()
	if err != nil && ctx.Err() != nil && !errors.Is(err, ErrWrongSecret) {
		err = context.Cause(ctx)
	}
	return stream, r, resume, err
}

// refuseEarly ends the connection if the rep opens a stream before the proof
// is over. The customer stops looking before it sends the step that lets the
// rep begin, so an honest rep is never too early. (The other way round streams
// just wait unread until the proof is over, because the customer's first
// picture may overtake its last step.)
func refuseEarly(ctx context.Context, conn *quic.Conn) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if _, err := conn.AcceptUniStream(ctx); err == nil {
			_ = conn.CloseWithError(codeOutOfPlace, "stream before proof")
		}
	}()
	return func() { // harmless when repeated
		cancel()
		<-gone
	}
}

func (p *proof) run() ([]byte, error) {
	switch {
	case p.role == wire.RoleRep && p.resume != nil:
		return p.resume, p.resumeRep()
	case p.role == wire.RoleRep:
		return p.beginRep()
	}
	first, err := p.hear()
	if err != nil {
		return nil, err
	}
	if secret.Resumes(first) != (p.resume != nil) {
		return nil, errors.New("the other side wants another kind of proof")
	}
	if p.resume != nil {
		return p.resume, p.resumeCustomer(first)
	}
	return p.beginCustomer(first)
}

func (p *proof) beginRep() ([]byte, error) {
	i, err := secret.NewInitiator(p.key, p.sid, rand.Reader)
	if err != nil {
		return nil, err
	}
	share, err := p.ask(i.Share())
	if err != nil {
		return nil, err
	}
	tag, err := i.Tag(share)
	if err != nil {
		return nil, err
	}
	// The tag tells the other side whether its guess was right. From here on
	// everything but the right answer is a try, silence and a cancelled ctx
	// included: otherwise a guesser would just never answer.
	answer, err := p.ask(tag)
	if err == nil {
		err = i.Finish(answer)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWrongSecret, err)
	}
	return i.ResumeKey(), nil
}

func (p *proof) beginCustomer(first []byte) ([]byte, error) {
	r, err := secret.NewResponder(p.key, p.sid, rand.Reader)
	if err != nil {
		return nil, err
	}
	share, err := r.Share(first)
	if err != nil {
		return nil, err
	}
	tag, err := p.ask(share)
	if err != nil {
		return nil, err
	}
	answer, err := r.Finish(tag)
	switch {
	case errors.Is(err, secret.ErrWrongSecret):
		_ = p.say(answer) // a refusal; closing says the same
		return nil, fmt.Errorf("%w: %w", ErrWrongSecret, err)
	case err != nil:
		return nil, err
	}
	p.proved()
	return r.ResumeKey(), p.say(answer)
}

func (p *proof) resumeRep() error {
	answer, err := p.ask(secret.Resume(p.resume, p.sid, secret.Rep))
	var app *quic.ApplicationError
	if errors.As(err, &app) && app.ErrorCode == codeWrongSecret {
		return ended(err) // there is nothing to guess here: the customer may say so
	}
	if err != nil {
		return err
	}
	return resumed(secret.CheckResume(p.resume, p.sid, secret.Customer, answer))
}

func (p *proof) resumeCustomer(first []byte) error {
	if err := resumed(secret.CheckResume(p.resume, p.sid, secret.Rep, first)); err != nil {
		return err
	}
	p.proved()
	return p.say(secret.Resume(p.resume, p.sid, secret.Customer))
}

func resumed(err error) error {
	if errors.Is(err, secret.ErrWrongSecret) {
		return fmt.Errorf("%w: %w", ErrWrongSecret, err)
	}
	return err
}

func (p *proof) say(step []byte) error { return wire.WriteBlock(p.w, step) }

func (p *proof) hear() ([]byte, error) { return wire.ReadBlock(p.r, nil, secret.MaxStep) }

func (p *proof) ask(step []byte) ([]byte, error) {
	if err := p.say(step); err != nil {
		return nil, err
	}
	return p.hear()
}
