package people

import (
	"errors"
	"time"
)

// Word is what an identity provider says of somebody. Issuer and Subject
// together are the only thing by which it always means the same person (OpenID
// Connect Core 1.0, section 5.7); a mail address may be another's tomorrow.
type Word struct {
	Issuer, Subject string
	Mail            string // empty unless the provider has confirmed it
}

// Known is whom a rep is at an identity provider.
type Known struct {
	Rep             uint64
	Issuer, Subject string
	Since           time.Time
}

// Limits of what is kept of a provider's word, in bytes. A subject has at most
// 255 ASCII characters (OpenID Connect Core 1.0, section 2).
const (
	MaxIssuer  = 2000
	MaxSubject = 255
)

// Why an identity provider's word signs nobody in.
var (
	// ErrOthersSubject: the account there is known to be another rep's.
	ErrOthersSubject = errors.New("people: another rep's account at the identity provider")
	// ErrOtherSubject: the rep is known by another account there.
	ErrOtherSubject = errors.New("people: another account at the identity provider is known")
	// ErrOwnWay: who has a password or a passkey says who they are there.
	ErrOwnWay = errors.New("people: signs in the own way first")
	// ErrGivenMail: the mail address came from somebody else.
	ErrGivenMail = errors.New("people: somebody else gave the mail address")
)

// Fit says whether who is meant can be kept: ErrBad.
func (w Word) Fit() error {
	if w.Issuer == "" || len(w.Issuer) > MaxIssuer || !printable(w.Issuer) || w.Subject == "" || len(w.Subject) > MaxSubject || !printable(w.Subject) {
		return ErrBad
	}
	return nil
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Meeting is what is known when a provider speaks of somebody.
type Meeting struct {
	Known  uint64 // whose the account there is known to be; 0: nobody's
	Other  bool   // the rep who has the mail address is known by another account there
	Has    Account
	OwnWay bool   // that rep has a password or a passkey
	MailBy uint64 // who gave that rep the mail address, if another one did and no provider has confirmed it since; 0: nobody, or the local command
}

// Meet gives the rep of whom an identity provider speaks, and whether it is the
// first time, which is to be kept: from then on the account there decides,
// whatever the mail address.
//
// The first time a mail address is all there is, and an administrator can give
// a rep one that is their own at the provider. So it is enough only for an
// account that holds nothing, as for an invitation (see Reset), and for one whose
// address no other rep has given. Whoever has a password or a passkey signs in
// with that and says who they are at the provider (Join): else one who has made
// an account, and knows its password, would share it with whoever comes in by
// the provider.
func (o Organisation) Meet(w Word, m Meeting) (rep uint64, first bool, err error) {
	if err := w.Fit(); err != nil {
		return 0, false, err
	}
	if m.Known != 0 {
		if r, ok := o.Reps[m.Known]; !ok || r.Disabled {
			return 0, false, ErrNobody
		}
		return m.Known, false, nil
	}
	r, ok := o.ByMail(w.Mail)
	switch {
	case !ok || r.Disabled:
		return 0, false, ErrNobody
	case m.Other:
		return r.ID, false, ErrOtherSubject
	case m.OwnWay:
		return r.ID, false, ErrOwnWay
	case m.MailBy != 0 && !(m.Has.Unused && o.simple(r.ID)):
		return r.ID, false, ErrGivenMail
	}
	return r.ID, true, nil
}

// Join says whether a rep who is signed in may be known by an account at an
// identity provider from now on. It is the rep's own to say, once for each
// provider; two administrators can have it forgotten (Reset).
func (o Organisation) Join(rep uint64, w Word, known uint64, other bool) error {
	r, ok := o.Reps[rep]
	switch {
	case w.Fit() != nil:
		return ErrBad
	case !ok || r.Disabled:
		return ErrNobody
	case known != 0 && known != rep:
		return ErrOthersSubject
	case other:
		return ErrOtherSubject
	}
	return nil
}

// ByMail finds the rep who has a mail address.
func (o Organisation) ByMail(mail string) (Rep, bool) {
	m, ok := Mail(mail)
	for _, r := range o.Reps {
		if ok && r.Mail == m {
			return r, true
		}
	}
	return Rep{}, false
}
