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

// proof is one side's part in showing that nobody stands between the two ends
// of a connection: by a secret that both know, or by words that people compare.
// The TLS exporter, which is different on either side of a middleman, goes into
// every step.
type proof struct {
	m        Meeting // what is to be proved, and by what
	sid      []byte
	exported []byte // of secret.CompareExporter

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

// prove runs the exchange. ErrWrongSecret counts as a try and ErrNotVerified
// ends the session; other errors do neither.
func prove(ctx context.Context, conn *quic.Conn, m Meeting) (*quic.Stream, *bufio.Reader, proven, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, proveWait, errors.New("proof took too long"))
	defer cancel()
	admit := func() {}
	if m.Role == wire.RoleCustomer {
		admit = refuseEarly(ctx, conn)
		defer admit()
	}
	p := proof{m: m, proved: admit}
	var err error
	if p.sid, err = export(conn, secret.Exporter); err != nil {
		return nil, nil, proven{}, err
	}
	if p.exported, err = export(conn, secret.CompareExporter); err != nil {
		return nil, nil, proven{}, err
	}
	stream, r, err := openStream(ctx, m.Role, conn)
	if err != nil {
		return nil, nil, proven{}, fmt.Errorf("opening the control stream: %w", err)
	}
	defer deadline(ctx, stream.SetDeadline)()
	p.w, p.r = stream, r
	found, err := p.run()
	if err != nil && ctx.Err() != nil && !final(err) {
		err = context.Cause(ctx)
	}
	return stream, r, found, err
}

// final says whether an error of a proof counts whatever else happened.
func final(err error) bool { return errors.Is(err, ErrWrongSecret) || errors.Is(err, ErrNotVerified) }

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

// run runs the one kind of proof that is due. The other side has no choice: a
// first step of another kind is an error. An empty secret is none: everybody
// would have it.
func (p *proof) run() (proven, error) {
	if p.m.Resume == nil && p.m.Proof == wire.ProofKey && p.m.Secret == "" {
		return proven{}, errors.New("there is nothing to prove the connection by")
	}
	if p.m.Role == wire.RoleRep {
		switch {
		case p.m.Resume != nil:
			return proven{resume: p.m.Resume}, p.resumeRep()
		case p.m.Proof == wire.ProofCompare:
			return p.compareRep()
		}
		return p.beginRep()
	}
	first, err := p.hear()
	switch {
	case err != nil:
		return proven{}, err
	case p.m.Resume != nil:
		return proven{resume: p.m.Resume}, p.resumeCustomer(first)
	case p.m.Proof == wire.ProofCompare:
		return p.compareCustomer(first)
	}
	return p.beginCustomer(first)
}

func (p *proof) beginRep() (proven, error) {
	i, err := secret.NewInitiator(p.m.Secret, p.sid, rand.Reader)
	if err != nil {
		return proven{}, err
	}
	share, err := p.ask(i.Share())
	if err != nil {
		return proven{}, err
	}
	tag, err := i.Tag(share)
	if err != nil {
		return proven{}, err
	}
	// The tag tells the other side whether its guess was right. From here on
	// everything but the right answer is a try, silence and a cancelled ctx
	// included: otherwise a guesser would just never answer.
	answer, err := p.ask(tag)
	if err == nil {
		err = i.Finish(answer)
	}
	if err != nil {
		return proven{}, fmt.Errorf("%w: %w", ErrWrongSecret, err)
	}
	return proven{resume: i.ResumeKey()}, nil
}

func (p *proof) beginCustomer(first []byte) (proven, error) {
	r, err := secret.NewResponder(p.m.Secret, p.sid, rand.Reader)
	if err != nil {
		return proven{}, err
	}
	share, err := r.Share(first)
	if err != nil {
		return proven{}, err
	}
	tag, err := p.ask(share)
	if err != nil {
		return proven{}, err
	}
	answer, err := r.Finish(tag)
	switch {
	case errors.Is(err, secret.ErrWrongSecret):
		_ = p.say(answer) // a refusal; closing says the same
		return proven{}, fmt.Errorf("%w: %w", ErrWrongSecret, err)
	case err != nil:
		return proven{}, err
	}
	p.proved()
	return proven{resume: r.ResumeKey()}, p.say(answer)
}

func (p *proof) resumeRep() error {
	answer, err := p.ask(secret.Resume(p.m.Resume, p.sid, secret.Rep))
	var app *quic.ApplicationError
	if errors.As(err, &app) && app.ErrorCode == codeWrongSecret {
		return ended(err) // there is nothing to guess here: the customer may say so
	}
	if err != nil {
		return err
	}
	return resumed(secret.CheckResume(p.m.Resume, p.sid, secret.Customer, answer))
}

func (p *proof) resumeCustomer(first []byte) error {
	if err := resumed(secret.CheckResume(p.m.Resume, p.sid, secret.Rep, first)); err != nil {
		return err
	}
	p.proved()
	return p.say(secret.Resume(p.m.Resume, p.sid, secret.Customer))
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
