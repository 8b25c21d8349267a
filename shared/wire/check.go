package wire

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// String is the session's ID in hexadecimal, for the log.
func (id SessionID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText makes the ID hexadecimal in JSON too.
func (id SessionID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *SessionID) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(id)) {
		return fmt.Errorf("%w: session", ErrMalformed)
	}
	if _, err := hex.Decode(id[:], text); err != nil {
		return fmt.Errorf("%w: session: %w", ErrMalformed, err)
	}
	return nil
}

// Name makes s fit to be sent as a name: one line, valid UTF-8, at most
// MaxName bytes.
func Name(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	for len(s) > MaxName {
		_, last := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-last]
	}
	return strings.TrimSpace(s)
}

// Every check returns the first rule that a message breaks.

func (m *Hello) check() error {
	return errors.Join(version(m.Version), caps(m.Caps),
		within("role", int(m.Role), int(RoleCustomer), int(RoleRep)),
		name("program", m.Program), name("system", m.System))
}

func (m *Welcome) check() error {
	return errors.Join(version(m.Version), caps(m.Caps), name("organisation", m.Organisation),
		moment("now", m.Now), line("site", m.Site, MaxCandidate))
}

func (m *Enrol) check() error {
	return errors.Join(filled("code", len(m.Code)), name("code", m.Code),
		exactly("public key", len(m.PublicKey), 32), exactly("signature", len(m.Signature), 64))
}

func (m *SignIn) check() error {
	return errors.Join(exactly("public key", len(m.PublicKey), 32), exactly("signature", len(m.Signature), 64))
}

func (m *SignedIn) check() error {
	return errors.Join(name("name", m.Name), atMost("keys", len(m.Keys), MaxKeys),
		each(m.Keys, (*KeyMade).check))
}

func (m *NewKey) check() error { return atMost("life", int(m.Life), MaxLife) }

func (m *KeyMade) check() error { return errors.Join(number(m.Number), moment("expires", m.Expires)) }

func (m *RevokeKey) check() error {
	return errors.Join(number(m.Number), within("why", int(m.Why), int(KeyRevoked), int(KeyBurnt)))
}

func (m *KeyGone) check() error {
	return errors.Join(number(m.Number), within("why", int(m.Why), int(KeyRevoked), int(KeyUsed)))
}

func (m *Join) check() error {
	return errors.Join(number(m.Number), name("name", m.Name), line("locale", m.Locale, MaxCap))
}

func (m *Start) check() error {
	if m.Number != "" || m.Proof == ProofKey {
		if err := number(m.Number); err != nil {
			return err
		}
	}
	return errors.Join(ticket(m.Ticket), name("peer", m.Peer), name("system", m.System), relays(m.Relays),
		atMost("proof", int(m.Proof), int(ProofCompare)), caps(m.Denied), atMost("recording", int(m.Recording), int(ConsentDeclined)))
}

func (m *Relay) check() error {
	return errors.Join(filled("relay", len(m.URL)), line("relay", m.URL, MaxCandidate),
		name("user", m.User), name("password", m.Password))
}

func (m *Signal) check() error {
	return errors.Join(within("epoch", int(min(m.Epoch, 1)), 1, 1), name("user", m.User), name("password", m.Password),
		atMost("candidates", len(m.Candidates), MaxCandidates),
		each(m.Candidates, func(s *string) error {
			return errors.Join(filled("candidate", len(*s)), line("candidate", *s, MaxCandidate))
		}))
}

func (m *Leave) check() error  { return endWhy(m.Why) }
func (m *Ended) check() error  { return endWhy(m.Why) }
func (m *Rejoin) check() error { return ticket(m.Ticket) }
func (*Linked) check() error   { return nil }

func (m *Rejoined) check() error { return relays(m.Relays) }

// A code of a newer broker is let through: the reader shows its general
// sentence instead of dropping a connection that was about to explain itself.
func (m *Problem) check() error { return filled("code", int(m.Code)) }

func (m *Attach) check() error {
	return errors.Join(version(m.Version), caps(m.Caps), name("name", m.Name), name("system", m.System))
}

func (m *Accepted) check() error {
	return errors.Join(name("name", m.Name), name("organisation", m.Organisation), atMost("keep", int(m.Keep), int(KeepReadable)))
}

func (m *Chat) check() error {
	return errors.Join(filled("text", len(m.Text)), text("text", m.Text, MaxText), moment("at", m.At))
}

func (*Nudge) check() error { return nil }

func (m *Ask) check() error {
	return errors.Join(filled("id", int(m.ID)), filled("what", int(m.What)), permission(m.What))
}

func (m *Answer) check() error {
	return errors.Join(filled("id", int(m.ID)), within("verdict", int(m.Verdict), int(Allowed), int(TakenBack)))
}

func (m *Withdraw) check() error {
	return errors.Join(filled("what", int(m.What)), permission(m.What))
}

func (m *Sharing) check() error {
	seen, shown := uint32(1), m.Monitor == 0 // bit 0: no monitor may have ID 0
	unique := func(v *Monitor) error {
		if err := v.check(); err != nil {
			return err
		}
		if seen>>v.ID&1 == 1 {
			return fmt.Errorf("monitor %d twice", v.ID)
		}
		seen |= 1 << v.ID
		shown = shown || v.ID == m.Monitor
		return nil
	}
	err := errors.Join(permission(m.What), within("why", int(m.Why), int(SharingGranted), int(SharingFailed)),
		atMost("monitors", len(m.Monitors), MaxMonitors), each(m.Monitors, unique))
	if err == nil && !shown {
		return fmt.Errorf("shows monitor %d, which it doesn't name", m.Monitor)
	}
	return err
}

func (m *Monitor) check() error {
	return errors.Join(within("monitor", int(m.ID), 1, MaxMonitors), name("monitor", m.Name),
		within("x", int(m.X), -MaxOffset, MaxOffset), within("y", int(m.Y), -MaxOffset, MaxOffset),
		within("width", int(m.W), 1, MaxPixels), within("height", int(m.H), 1, MaxPixels))
}

func (m *PickMonitor) check() error { return atMost("monitor", int(m.Monitor), MaxMonitors) }
func (m *End) check() error         { return endWhy(m.Why) }
func (*Ack) check() error           { return nil }

func (m *Presented) check() error {
	if m.Frame == 0 {
		return errors.New("frames count from 1")
	}
	return nil
}

func (*Refresh) check() error     { return nil }
func (*Quality) check() error     { return nil } // a newer version has more profiles
func (*Pace) check() error        { return nil } // figures to be shown, not believed
func (*Unsupported) check() error { return nil }

func (*Taken) check() error { return nil }

func (m *Offer) check() error {
	err := errors.Join(filled("id", int(m.ID)), filled("name", len(m.Name)), name("name", m.Name),
		within("items", int(m.Items), 1, MaxItems), size(m.Size, MaxSize))
	if err == nil && m.Items > 1 && !m.Folder {
		return errors.New("a file with items in it")
	}
	return err
}

func (m *Reply) check() error {
	return errors.Join(filled("id", int(m.ID)), within("verdict", int(m.Verdict), int(Allowed), int(TakenBack)))
}

func (m *Halt) check() error {
	return errors.Join(filled("id", int(m.ID)), within("why", int(m.Why), int(HaltCancelled), int(HaltWrong)))
}

func (m *GoOn) check() error {
	sum := 32
	if m.Item == 0 && m.Chunks == 0 {
		sum = 0
	}
	return errors.Join(filled("id", int(m.ID)), atMost("item", int(m.Item), MaxItems), exactly("sum", len(m.Sum), sum))
}

func (m *Arrived) check() error { return filled("id", int(m.ID)) }

func (m *Clip) check() error {
	var seen [256]bool
	return errors.Join(filled("serial", int(min(m.Serial, 1))), atMost("forms", len(m.Forms), MaxForms),
		each(m.Forms, func(f *ClipForm) error {
			if seen[f.Format] {
				return fmt.Errorf("format %d twice", f.Format)
			}
			seen[f.Format] = true
			return errors.Join(filled("format", int(f.Format)), size(f.Size, MaxClip))
		}))
}

func (m *ClipWant) check() error {
	return errors.Join(filled("id", int(m.ID)), filled("serial", int(min(m.Serial, 1))), filled("format", int(m.Format)))
}

func size(v, high uint64) error {
	if v > high {
		return fmt.Errorf("size is %d, more than %d", v, high)
	}
	return nil
}

func within(what string, v, low, high int) error {
	if v < low || v > high {
		return fmt.Errorf("%s is %d, not %d to %d", what, v, low, high)
	}
	return nil
}

func atMost(what string, v, high int) error { return within(what, v, 0, high) }

func exactly(what string, v, want int) error { return within(what, v, want, want) }

func filled(what string, v int) error {
	if v == 0 {
		return fmt.Errorf("no %s", what)
	}
	return nil
}

func version(v uint) error {
	if v == 0 || v > 1<<16 {
		return fmt.Errorf("version is %d", v)
	}
	return nil
}

// moment checks a time in Unix milliseconds; the last is in the year 10889.
func moment(what string, ms int64) error {
	if ms < 0 || ms > 1<<48 {
		return fmt.Errorf("%s is %d ms", what, ms)
	}
	return nil
}

// line checks text that has to fit on one line: what it says may be a lie, but
// it can't forge a second line in a log or on a screen.
func line(what, s string, high int) error {
	if err := atMost(what, len(s), high); err != nil {
		return err
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("%s is not a line of text", what)
	}
	return nil
}

// text checks text of several lines.
func text(what, s string, high int) error {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return fmt.Errorf("%s is not text", what)
	}
	return atMost(what, len(s), high)
}

func name(what, s string) error { return line(what, s, MaxName) }

func number(s string) error {
	if len(s) != 6 || strings.Trim(s, "0123456789") != "" {
		return errors.New("number is not six digits")
	}
	return nil
}

func caps(list []string) error {
	return errors.Join(atMost("caps", len(list), MaxCaps), each(list, func(s *string) error {
		return errors.Join(filled("cap", len(*s)), line("cap", *s, MaxCap))
	}))
}

func ticket(b []byte) error { return within("ticket", len(b), MinTicket, MaxTicket) }

func relays(list []Relay) error {
	return errors.Join(atMost("relays", len(list), MaxRelays), each(list, (*Relay).check))
}

func endWhy(w EndWhy) error { return within("why", int(w), int(EndByCustomer), int(EndNotVerified)) }

func permission(p Permission) error { return atMost("what", int(p), int(AllPermissions)) }

func each[T any](list []T, check func(*T) error) error {
	for i := range list {
		if err := check(&list[i]); err != nil {
			return err
		}
	}
	return nil
}
