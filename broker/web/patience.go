package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"handrail/shared/words"
)

const (
	// leastSpeed is how fast bytes must come and go, in bytes a second, of somebody
	// to whom the time limits of pages don't apply: a bad line of a phone. The most
	// that a page takes is here within nine minutes then.
	leastSpeed = 8 << 10
	// workWait is what the broker itself may take for an answer, or from one part
	// of it to the next: a report of a whole year takes some seconds.
	workWait = time.Minute
)

// ErrSlow: what was sent came more slowly than anybody waits for it.
var ErrSlow = errors.New("web: it came too slowly")

// Patiently gives a request the time that what it sends and gets takes on a slow
// line: the server's own limits are those of a page that a stranger asks for. Who
// is slower still is cut off. It is for those who have proved who they are.
func Patiently(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, *http.Request) {
	c := http.NewResponseController(w)
	_ = c.SetWriteDeadline(time.Now().Add(workWait))
	patient := *r
	if r.Body == nil || r.Body == http.NoBody {
		_ = c.SetReadDeadline(time.Time{}) // else it ends the request whose answer takes longer
	} else {
		patient.Body = &patientBody{ReadCloser: r.Body, limits: c}
	}
	return &patientAnswer{w, c}, &patient
}

// TooSlow answers where ErrSlow came. Its status is not that of a request that
// timed out: some browsers send such a one again by themselves.
func TooSlow(w http.ResponseWriter, r *http.Request) {
	Fail(w, r, http.StatusBadRequest, words.AdminSlow)
}

// patientBody is what a request sends.
type patientBody struct {
	io.ReadCloser
	limits *http.ResponseController
	began  time.Time
	got    int
}

// Read is io.Reader's. Whatever is behind it in a test may know no deadlines;
// then it has none.
func (p *patientBody) Read(b []byte) (int, error) {
	if p.began.IsZero() {
		p.began = time.Now()
	}
	until := p.began.Add(requestWait + time.Duration(p.got)*time.Second/leastSpeed)
	_ = p.limits.SetReadDeadline(until)
	_ = p.limits.SetWriteDeadline(until.Add(answerWait))
	n, err := p.ReadCloser.Read(b)
	p.got += n
	if err != nil {
		_ = p.limits.SetWriteDeadline(time.Now().Add(workWait))
	}
	switch {
	case errors.Is(err, io.EOF):
		_ = p.limits.SetReadDeadline(time.Time{})
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("%w: %w", ErrSlow, err)
	}
	return n, err
}

// patientAnswer is what a request gets.
type patientAnswer struct {
	http.ResponseWriter
	limits *http.ResponseController
}

// Unwrap is for http.ResponseController.
func (p *patientAnswer) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// Write is io.Writer's: each part has its time.
func (p *patientAnswer) Write(b []byte) (n int, err error) {
	defer func() { _ = p.limits.SetWriteDeadline(time.Now().Add(workWait)) }()
	const part = leastSpeed * int(answerWait/time.Second)
	for first := true; err == nil && (first || n < len(b)); first = false {
		_ = p.limits.SetWriteDeadline(time.Now().Add(answerWait))
		var m int
		m, err = p.ResponseWriter.Write(b[n:min(len(b), n+part)])
		n += m
	}
	return n, err
}
