package admin

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"handrail/broker/locks"
	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

const (
	// stepCookie holds, sealed, what a browser must bring back from an
	// authenticator or an identity provider. So nothing is kept of those who
	// only begin.
	stepCookie = "__Host-step"
	stepLife   = 5 * time.Minute

	maxAnswer = 64 << 10 // bytes of an authenticator's answer
)

// step is what the cookie holds.
type step struct {
	Kind  string    `json:"kind"`
	Rep   uint64    `json:"rep,omitempty"` // whose it is, where that is known
	Until time.Time `json:"until"`
	State []byte    `json:"state"`
}

// begin seals a step into its cookie.
func (f *Frame) begin(w http.ResponseWriter, kind string, rep uint64, state []byte) error {
	plain, err := json.Marshal(step{kind, rep, f.Now().Add(stepLife), state})
	if err != nil {
		return fmt.Errorf("beginning a step: %w", err)
	}
	give(w, stepCookie, fmt.Sprintf("%x", f.Sealer.Seal(0, plain)), stepLife)
	return nil
}

// errStep: what the browser brought back is none of ours, too late, another
// one's, or was brought before.
var errStep = errors.New("admin: no such step")

// finish opens the cookie of a step and uses it up.
func (f *Frame) finish(w http.ResponseWriter, r *http.Request, kind string, rep uint64) ([]byte, error) {
	c, err := r.Cookie(stepCookie)
	if err != nil {
		return nil, errStep
	}
	forget(w, stepCookie)
	var sealed []byte
	if _, err := fmt.Sscanf(c.Value, "%x", &sealed); err != nil {
		return nil, errStep
	}
	plain, err := f.Sealer.Open(0, sealed)
	if err != nil {
		return nil, errStep
	}
	var s step
	if err := json.Unmarshal(plain, &s); err != nil || s.Kind != kind || s.Rep != rep || !f.Now().Before(s.Until) {
		return nil, errStep
	}
	if err := f.Store.Spend(r.Context(), sha256.Sum256(sealed), s.Until); errors.Is(err, people.ErrUsed) {
		return nil, errStep
	} else if err != nil {
		return nil, err
	}
	return s.State, nil
}

// readAnswer reads JSON that passkey.js sends. That it is JSON also means that
// no form of another site can send it.
func readAnswer(w http.ResponseWriter, r *http.Request, to any) bool {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		web.Fail(w, r, http.StatusUnsupportedMediaType, words.PageUnclear)
		return false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		web.Fail(w, r, http.StatusRequestEntityTooLarge, words.PageCrowded)
	case err != nil || json.NewDecoder(bytes.NewReader(body)).Decode(to) != nil:
		web.Fail(w, r, http.StatusBadRequest, words.PageUnclear)
	default:
		return true
	}
	return false
}

// tell answers passkey.js: where to go, or what went wrong.
func tell(w http.ResponseWriter, status int, to, problem string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"to": to, "problem": problem}) // who has gone doesn't read it
}

// passkeyOptions begins a sign-in with a passkey. It is the same for everybody.
func (f *Frame) passkeyOptions(w http.ResponseWriter, r *http.Request) {
	if f.Passkeys == nil {
		web.Missing(w, r)
		return
	}
	var nothing struct{}
	if !readAnswer(w, r, &nothing) {
		return
	}
	options, state, err := f.Passkeys.Login()
	if err == nil {
		err = f.begin(w, "passkey", 0, state)
	}
	if err != nil {
		f.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(options) // who has gone doesn't read it
}

// passkeyIn signs in with a passkey: it is possession and knowledge in one, and
// needs nothing beside it. As a second factor it must be the rep's whose
// password was right.
func (f *Frame) passkeyIn(w http.ResponseWriter, r *http.Request) {
	var got struct {
		Answer json.RawMessage `json:"answer"`
		Next   string          `json:"next"`
		Link   string          `json:"link"` // of a reset: nobody is signed in
		Factor bool            `json:"factor"`
	}
	if f.Passkeys == nil {
		web.Missing(w, r)
		return
	}
	if !readAnswer(w, r, &got) {
		return
	}
	ctx, now := r.Context(), f.Now()
	var t talk
	byAddress := f.addressOf(r)
	wait, err := f.Store.Try(ctx, byAddress, people.PerAddress(), now)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	if wait > 0 {
		f.counts.delayed.Add(1)
		tell(w, http.StatusTooManyRequests, "", t.say.Say(words.AdminWait, t.Life(wait)))
		return
	}
	all, err := f.Store.Organisation(ctx)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	proof, err := f.proof(w, r, all, got.Answer)
	switch {
	case errors.Is(err, locks.ErrCloned):
		f.Log.Warn("a passkey was copied, or its counter went back", "rep", proof.Rep)
		fallthrough
	case errors.Is(err, errStep), errors.Is(err, locks.ErrPasskey), errors.Is(err, people.ErrUsed):
		f.counts.refused.Add(1)
		tell(w, http.StatusUnprocessableEntity, "", t.say.Say(words.AdminWrongPasskey))
		return
	case err != nil:
		f.fail(w, r, err)
		return
	}
	if err := f.Store.Right(ctx, byAddress, false); err != nil {
		f.fail(w, r, err)
		return
	}
	if got.Link != "" {
		f.openByPasskey(w, r, proof.Rep, got.Link)
		return
	}
	f.enterByScript(w, r, all.Reps[proof.Rep], got.Factor, got.Next)
}

// openByPasskey opens a reset for the rep whose it is and whose passkey was
// right, and has the script look at the page of the link again.
func (f *Frame) openByPasskey(w http.ResponseWriter, r *http.Request, rep uint64, secret string) {
	var t talk
	link := locks.TokenHash(secret)
	reset, err := f.Store.Reset(r.Context(), link, f.Now())
	if err == nil && reset.Rep != rep {
		tell(w, http.StatusUnprocessableEntity, "", t.say.Say(words.AdminWrongPasskey))
		return
	}
	if err == nil {
		err = f.Store.OpenReset(r.Context(), link, f.Now())
	}
	if err != nil && !errors.Is(err, people.ErrResetOver) && !errors.Is(err, people.ErrNeedsApproval) { // which the page says
		f.fail(w, r, err)
		return
	}
	tell(w, http.StatusOK, "/login/reset/"+url.PathEscape(secret), "")
}

// proof looks at a passkey's answer, and keeps that it was used.
func (f *Frame) proof(w http.ResponseWriter, r *http.Request, all people.Organisation, answer []byte) (locks.Proof, error) {
	state, err := f.finish(w, r, "passkey", 0)
	if err != nil {
		return locks.Proof{}, err
	}
	proof, err := f.Passkeys.LoggedIn(func(rep uint64) (locks.Person, error) { return f.person(r, all, rep) }, state, answer)
	if err != nil {
		return proof, err
	}
	return proof, f.Store.UsePasskey(r.Context(), people.Passkey{ID: proof.ID, Rep: proof.Rep, Record: proof.Record}, f.Now())
}

// enterByScript signs a rep in whose passkey was right, or makes the login whole
// that waits for a second factor, and tells the script where to go on.
func (f *Frame) enterByScript(w http.ResponseWriter, r *http.Request, rep people.Rep, factor bool, next string) {
	var t talk
	inside := &redirected{header: w.Header()}
	if factor {
		l, halfRep, _, err := f.half(r)
		if err != nil || halfRep.ID != rep.ID {
			f.counts.refused.Add(1)
			tell(w, http.StatusUnprocessableEntity, "", t.say.Say(words.AdminWrongPasskey))
			return
		}
		f.whole(r.Context(), inside, r, l, rep, next)
	} else {
		f.enter(inside, r, rep, "passkey", true, next)
	}
	if to := inside.header.Get("Location"); inside.status == http.StatusSeeOther {
		w.Header().Del("Location")
		tell(w, http.StatusOK, to, "")
		return
	}
	tell(w, http.StatusInternalServerError, "", t.say.Say(words.PageBroken))
}

// redirected takes an answer that leads elsewhere, for a script.
type redirected struct {
	header http.Header
	status int
}

func (r *redirected) Header() http.Header         { return r.header }
func (r *redirected) Write(b []byte) (int, error) { return len(b), nil }
func (r *redirected) WriteHeader(status int)      { r.status = status }

// person is who has passkeys.
func (f *Frame) person(r *http.Request, all people.Organisation, rep uint64) (locks.Person, error) {
	who, ok := all.Reps[rep]
	if !ok || who.Disabled {
		return locks.Person{}, locks.ErrPasskey
	}
	has, err := f.Store.Credentials(r.Context(), rep)
	p := locks.Person{Rep: rep, Name: who.Mail, Display: who.Called()}
	if p.Name == "" {
		p.Name = p.Display
	}
	for _, k := range has.Passkeys {
		p.Records = append(p.Records, k.Record)
	}
	return p, err
}
