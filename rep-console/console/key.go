package console

import (
	"io"
	"slices"
	"strconv"
	"time"

	"handrail/shared/secret"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// keyStays is how long a card of an ended key stays.
func keyStays(k KeyStage) time.Duration {
	if k == KeyBurnt || k == KeyExpired {
		return EndedTime
	}
	return UsedTime
}

// end is the only way out of a live stage.
func (k *Key) end(now time.Time, why KeyStage) {
	if k.Stage.Live() {
		k.Stage, k.Ended, k.Mine = why, now, false
	}
}

func (m *Model) key(number string) *Key {
	for i := range m.s.Keys {
		if m.s.Keys[i].Number == number {
			return &m.s.Keys[i]
		}
	}
	return nil
}

// keyDid takes what happened to keys.
func (m *Model) keyDid(now time.Time, e Event) {
	switch e := e.(type) {
	case KeyMade:
		m.keyMade(now, e)
	case KeyFailed:
		if m.making != nil && m.making.Request == e.Request {
			m.making, m.s.KeyProblem = nil, e.Problem
		}
	case KeyGone:
		m.keyGone(now, e)
	case KeyEntered:
		if k := m.key(e.Number); k != nil && k.Stage == KeyOpen {
			k.Stage = KeyEntering
			m.do(Meet{ID: e.ID, Code: k.Code})
			return
		}
		m.do(TurnAway{ID: e.ID})
	case KeyTried:
		m.keyTried(now, e.Number)
	case KeyFree:
		if k := m.key(e.Number); k != nil && k.Stage == KeyEntering {
			k.Stage = KeyOpen
		}
	}
}

// keyMade gives a number its secret.
func (m *Model) keyMade(now time.Time, e KeyMade) {
	if m.making == nil || m.making.Request != e.Request {
		if m.live(e.Number) == nil { // nobody knows its secret, or it has ended and moved to another broker
			m.do(TakeKeyBack{Number: e.Number, Why: m.whyEnded(e.Number)})
		}
		return
	}
	m.making = nil
	half, err := secret.NewSecret(m.cfg.Rand)
	if err != nil {
		m.s.KeyProblem = words.Unexpected
		m.do(TakeKeyBack{Number: e.Number, Why: wire.KeyRevoked})
		return
	}
	m.s.Keys = slices.DeleteFunc(m.s.Keys, func(k Key) bool { return k.Number == e.Number })
	for i := range m.s.Keys {
		m.s.Keys[i].Mine = false
	}
	m.s.Keys = slices.Insert(m.s.Keys, 0, Key{
		Number: e.Number, Code: secret.Code{Number: e.Number, Secret: half},
		Link: m.link(e.Number), Expires: e.Expires, Mine: true,
	})
}

// keyGone hears from the broker that a key ended. One that is being entered
// and was "used" stays as it is until the session arrives or doesn't.
func (m *Model) keyGone(now time.Time, e KeyGone) {
	k := m.key(e.Number)
	if k == nil {
		return
	}
	switch e.Why {
	case wire.KeyUsed:
		if k.Stage == KeyOpen {
			k.end(now, KeyUsed)
		}
	case wire.KeyBurnt:
		k.end(now, KeyBurnt)
	case wire.KeyExpired:
		k.end(now, KeyExpired)
	default:
		k.end(now, KeyRevoked)
	}
}

// keyTried counts a wrong secret. The third burns the key (P03).
func (m *Model) keyTried(now time.Time, number string) {
	k := m.key(number)
	if k == nil {
		return
	}
	k.Tried++
	if k.Stage == KeyEntering {
		k.Stage = KeyOpen
	}
	if k.Tried < secret.MaxTries || !k.Stage.Live() {
		return
	}
	k.end(now, KeyBurnt)
	m.do(TakeKeyBack{Number: number, Why: wire.KeyBurnt})
	m.do(Chime{})
	m.do(Notify{
		Title: m.cfg.Words.Say(words.RepKeyBurntTitle, secret.Group(number)),
		Text:  m.cfg.Words.Say(words.RepKeyBurntText),
	})
}

// keyAsked takes what the rep does with keys.
func (m *Model) keyAsked(now time.Time, e Event) {
	switch e := e.(type) {
	case NewKey:
		m.newKey(e.Life)
	case ChooseLife:
		m.chooseLife(e.Life)
	case CopyKey:
		if k := m.live(e.Number); k != nil {
			m.do(Copy{Text: k.Code.String()})
			m.note(now, words.RepKeyCopied)
		}
	case CopyLink:
		if k := m.live(e.Number); k != nil && k.Link != "" {
			m.do(Copy{Text: k.Link})
			m.note(now, words.RepLinkCopied)
		}
	case CopyInvitation:
		if k := m.live(e.Number); k != nil {
			m.do(Copy{Text: m.invitation(k)})
			m.note(now, words.RepInvitationCopied)
		}
	case MailInvitation:
		if k := m.live(e.Number); k != nil {
			m.do(OpenMail{URL: m.mailto(k)})
		}
	case Revoke:
		if m.live(e.Number) != nil {
			m.s.Question = Question{Ask: RevokeKey, Number: e.Number}
		}
	case PutAway:
		m.s.Keys = slices.DeleteFunc(m.s.Keys, func(k Key) bool {
			return k.Number == e.Number && !k.Stage.Live()
		})
	}
}

func (m *Model) live(number string) *Key {
	if k := m.key(number); k != nil && k.Stage.Live() {
		return k
	}
	return nil
}

func (m *Model) chooseLife(life time.Duration) {
	was := m.s.Settings
	if slices.Contains(Lives(), life) {
		m.s.Settings.Life = life
	}
	m.remember(was)
}

// newKey asks the broker for a number; zero life is the one chosen last.
func (m *Model) newKey(life time.Duration) {
	if m.s.SignIn != In || m.making != nil {
		return
	}
	if life != 0 {
		m.chooseLife(life)
	}
	m.s.KeyProblem = words.NoProblem
	ask := MakeKey{Life: m.s.Settings.Life}
	if _, err := io.ReadFull(m.cfg.Rand, ask.Request[:]); err != nil {
		m.s.KeyProblem = words.Unexpected
		return
	}
	m.making = &ask
	m.do(ask)
}

// revoke takes a key back. Without a connection the broker hears of it at the
// next sign-in.
func (m *Model) revoke(now time.Time, number string) {
	if k := m.live(number); k != nil {
		k.end(now, KeyRevoked)
		m.do(TakeKeyBack{Number: number, Why: wire.KeyRevoked})
	}
}

// signedIn brings the two lists of keys together: what the broker does not
// hold any more has ended, what it holds and nobody can prove is taken back.
func (m *Model) signedIn(now time.Time, e SignedIn) {
	again := m.s.SignIn == Away || m.s.SignIn == In // as another line to the brokers is
	m.s.SignIn, m.s.Problem, m.s.RetryAt, m.s.Pairing = In, words.NoProblem, time.Time{}, Pairing{}
	m.mine = "rep:" + strconv.FormatUint(e.Rep, 10)
	if !again {
		m.making = nil // who logs in anew wants no key that was asked for before
	}
	m.loggedIn(now, again, e.Idle)
	m.recount(now, e.More)
	if e.Name != "" {
		m.s.Rep = e.Name
	}
	held := map[string]time.Time{}
	for _, k := range e.Keys {
		if m.making != nil && m.making.Request == k.Request {
			m.keyMade(now, k)
		}
		held[k.Number] = k.Expires
		if m.live(k.Number) == nil {
			m.do(TakeKeyBack{Number: k.Number, Why: m.whyEnded(k.Number)})
		}
	}
	for i := range m.s.Keys {
		k := &m.s.Keys[i]
		if expires, ok := held[k.Number]; ok {
			k.Expires = expires
		} else if k.Stage == KeyOpen {
			k.end(now, KeyExpired)
		}
	}
	if m.making != nil {
		m.do(*m.making) // the answer was lost with the connection
	}
}

// whyEnded is what the broker is told of a key that is no use any more.
func (m *Model) whyEnded(number string) wire.KeyEnd {
	if k := m.key(number); k != nil && k.Stage == KeyBurnt {
		return wire.KeyBurnt
	}
	return wire.KeyRevoked
}
